#include "engine/engine.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/mutant.h"
#include "machine/run.h"

/* What one turn brought out: kept whole until all that was decided up to it is saved. */
struct turn {
	struct turn *next;
	struct out out;
	uint64_t saved; /* its effects leave when this much is saved */
};

struct engine {
	struct run run;
	struct ports ports;
	uint64_t turns;
	uint64_t handed; /* entries given to ports.save so far */
	uint64_t saved;	 /* of them, on disk */
	struct turn *first, *last;
	bool is_releasing;
};

struct engine *engine_new(const struct plan *plan, uint64_t seed, struct ports ports)
{
	struct engine *engine = mem_zalloc(sizeof *engine);
	engine->ports = ports;
	run_init(&engine->run, plan, seed);
	return engine;
}

void engine_restore(struct engine *engine, const struct entry *entries, size_t count)
{
	check(engine->turns == 0);
	run_restore(&engine->run, entries, count);
}

struct run *engine_run(struct engine *engine)
{
	return &engine->run;
}

static void turn_free(struct turn *turn)
{
	arena_release(&turn->out.arena);
	vec_release(&turn->out.entries);
	vec_release(&turn->out.effects);
	mem_free(turn);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	while (engine->first) {
		struct turn *turn = engine->first;
		engine->first = turn->next;
		turn_free(turn);
	}
	run_release(&engine->run);
	mem_free(engine);
}

static void release_effect(struct engine *engine, const struct effect *effect)
{
	switch (effect->type) {
	case FX_REQUEST:
		engine->ports.request(engine->ports.self, &effect->request);
		return;
	case FX_NOTE:
		engine->ports.note(engine->ports.self, &effect->note);
		return;
	case FX_ANSWER:
		engine->ports.answer(engine->ports.self, &effect->answer);
		return;
	case FX_EXIT:
		engine->ports.exit(engine->ports.self, effect->code);
		return;
	}
}

/* Lets out, in order, the effects of every turn whose entries are saved. */
static void release(struct engine *engine)
{
	if (engine->is_releasing)
		return;
	engine->is_releasing = true;
	while (engine->first && HOLDS(engine->first->saved <= engine->saved, ACTS_BEFORE_SAVED)) {
		struct turn *turn = engine->first;
		vec_each(effect, &turn->out.effects)
			release_effect(engine, effect);
		engine->first = turn->next;
		if (!engine->first)
			engine->last = NULL;
		turn_free(turn);
	}
	engine->is_releasing = false;
}

static void save(struct engine *engine, const struct turn *turn)
{
	if (turn->out.entries.n == 0)
		return;
	if (!engine->ports.save)
		engine->saved = engine->handed;
	else
		engine->ports.save(engine->ports.self, turn->out.entries.v, turn->out.entries.n,
				   engine->handed);
}

void engine_event(struct engine *engine, const struct event *ev)
{
	if (ev->type == EV_SAVED) {
		check(ev->saved >= engine->saved && ev->saved <= engine->handed);
		engine->saved = ev->saved;
		release(engine);
		return;
	}
	check(!engine->is_releasing);
	struct turn *turn = mem_zalloc(sizeof *turn);
	struct event timed = *ev;
	timed.now.turn = ++engine->turns;
	run_step(&engine->run, &timed, &turn->out);
	engine->handed += turn->out.entries.n;
	turn->saved = engine->handed;
	if (engine->last)
		engine->last->next = turn;
	else
		engine->first = turn;
	engine->last = turn;
	save(engine, turn);
	release(engine);
}

instant engine_deadline(const struct engine *engine)
{
	return run_deadline(&engine->run);
}
