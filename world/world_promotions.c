/*
 * What promotions have beyond syncs: a journal that outlives their process, and people who tell
 * them something.
 *
 * No test of its own: every promotion in scenarios/ is one.
 */
#include "base/check.h"
#include "world/world_inside.h"

enum { SAVE_MS = 3, SAVE_MOST_MS = 25 };

/* ---- the journal ---- */

static void tell_journal(struct world *world, enum journal_event event)
{
	if (world->on_journal)
		world->on_journal(world->hearer, event);
}

void world_hear_journals(struct world *world,
			 void (*on_journal)(void *self, enum journal_event event), void *self)
{
	world->on_journal = on_journal;
	world->hearer = self;
}

void world_fill_disk(struct world *world, bool is_full)
{
	world->is_disk_full = is_full;
}

static int64_t saving_ms(struct world *world)
{
	if (world->config.argo.is_regular)
		return SAVE_MS;
	return 1 + (int64_t)prng_below(&world->prng, SAVE_MOST_MS);
}

void world_port_save(void *self, const struct entry *entries, size_t count, uint64_t saved)
{
	struct product *product = self;
	struct world *world = product->world;

	if (product->is_dying)
		return;
	world->tally.saves++;
	tell_journal(world, JOURNAL_SAVE);
	if (world->is_disk_full) {
		product->is_dying = true;
		world_tell(world, TOLD_TIPHYS, product->name, STR("the disk is full: it ends"));
		return;
	}
	judge_handed(world->judge, product->trial, count);
	memory_journal_put(&product->journal, entries, count, saved,
			   world->now_ms + saving_ms(world));
	for (size_t i = 0; i < count; i++)
		if (entries[i].type == ENTRY_RETRIED)
			product->is_over = false;
}

static void settle(struct product *product, const struct batch *batch)
{
	struct world *world = product->world;

	for (size_t i = batch->first; i < batch->first + batch->count; i++)
		judge_saved(world->judge, product->trial, &product->journal.entries.v[i],
			    world_wall(world));
	tell_journal(world, JOURNAL_SAVED);
	for (size_t i = batch->first; i < batch->first + batch->count; i++) {
		const struct entry *entry = &product->journal.entries.v[i];
		if (entry->type == ENTRY_GATE)
			tell_journal(world, JOURNAL_GATE);
		if (entry->type == ENTRY_SOAKED && entry->soaked_ms == 0)
			tell_journal(world, JOURNAL_SOAK);
		if (entry->type == ENTRY_APPROVED)
			tell_journal(world, JOURNAL_YES);
	}
}

static bool step(struct product *product)
{
	struct batch batch;
	uint64_t saved;

	if (memory_journal_settle(&product->journal, product->world->now_ms, &batch)) {
		settle(product, &batch);
		return true;
	}
	if (!memory_journal_tell(&product->journal, &saved))
		return false;
	world_deliver(product, (struct event){.type = EV_SAVED, .saved = saved});
	return true;
}

bool world_journal_step(struct world *world)
{
	vec_each(product, &world->products)
		if (step(*product))
			return true;
	return false;
}

int64_t world_journal_deadline(const struct world *world)
{
	int64_t first = INT64_MAX;

	vec_each(product, &world->products)
		first = MIN(first, memory_journal_deadline(&(*product)->journal));
	return first;
}

bool world_journal_is_over(const struct product *product, int *ret_code)
{
	const struct memory_journal *journal = &product->journal;
	bool is_over = false;

	for (size_t i = 0; i < journal->durable; i++) {
		const struct entry *entry = &journal->entries.v[i];
		if (entry->type != ENTRY_OVER && entry->type != ENTRY_RETRIED)
			continue;
		is_over = entry->type == ENTRY_OVER;
		*ret_code = entry->code;
	}
	return is_over;
}

/* ---- its lives ---- */

void world_drop(struct product *product)
{
	product->is_dying = product->has_exited = false;
	judge_fell(product->world->judge, product->trial);
	network_forget(product->world->network, product);
	engine_free(product->engine);
	product->engine = NULL;
	memory_journal_lose(&product->journal);
}

void world_restart(struct world *world, size_t run)
{
	struct product *product = vec_at(&world->products, run);

	if (product->plan->is_promotion && !product->engine)
		world_start(product);
}

bool world_is_promotion(const struct world *world, size_t run)
{
	return vec_at(&world->products, run)->plan->is_promotion;
}

bool world_is_down(const struct world *world, size_t run)
{
	return !vec_at(&world->products, run)->engine;
}

bool world_is_asking(const struct world *world, size_t run)
{
	const struct memory_journal *journal = &vec_at(&world->products, run)->journal;
	bool is_asking = false;

	for (size_t i = 0; i < journal->durable; i++) {
		enum entry_type type = journal->entries.v[i].type;
		if (type == ENTRY_GATE)
			is_asking = true;
		if (type == ENTRY_STAGE || type == ENTRY_DECLINED)
			is_asking = false;
	}
	return is_asking;
}

bool world_is_stopped(const struct world *world, size_t run)
{
	const struct memory_journal *journal = &vec_at(&world->products, run)->journal;
	bool is_stopped = false;

	for (size_t i = 0; i < journal->durable; i++) {
		enum entry_type type = journal->entries.v[i].type;
		if (type == ENTRY_PAUSED || type == ENTRY_HELD)
			is_stopped = true;
		if (type == ENTRY_RESUMED)
			is_stopped = false;
	}
	return is_stopped;
}

/* ---- people ---- */

bool world_nonce(const struct world *world, size_t run, size_t n, struct str *ret_nonce)
{
	const struct memory_journal *journal = &vec_at(&world->products, run)->journal;
	size_t seen = 0;

	for (size_t i = 0; i < journal->durable; i++) {
		if (journal->entries.v[i].type != ENTRY_GATE)
			continue;
		*ret_nonce = journal->entries.v[i].nonce;
		if (++seen == n)
			return true;
	}
	return seen > 0 && n == 0;
}

void world_say(struct world *world, size_t run, struct instruction instruction)
{
	struct product *product = vec_at(&world->products, run);

	/* What is over is told something by way of a process of its own. */
	if (product->has_exited && product->engine) {
		world_drop(product);
		world_start(product);
		product->has_exited = false;
	}
	if (!product->engine) {
		world_tell(world, TOLD_TIPHYS, product->name, STR("is not running"));
		return;
	}
	instruction.id = world->askers.n;
	vec_push(&world->askers, instruction.who.name);
	judge_said(world->judge, product->trial, &instruction);
	world_deliver(product, (struct event){.type = EV_INSTRUCTION, .instruction = &instruction});
}

void world_port_answer(void *self, const struct instruction_answer *answer)
{
	struct product *product = self;
	struct world *world = product->world;
	auto_arena struct arena arena = {0};

	judge_answered(world->judge, product->trial, answer, world_wall(world));
	struct str who = vec_at(&world->askers, answer->id);
	world_tell(world, TOLD_TIPHYS, product->name,
		   arena_printf(&arena, "to " STR_FMT ": " STR_FMT "%s", STR_ARG(who),
				STR_ARG(answer->text), answer->code ? " (refused)" : ""));
}
