#include "run_story.h"

#include "testing.h"

#include <string.h>

static void keep_answer(struct story *story, const struct instruction_answer *answer)
{
	story->answer = *answer;
	story->answer.text = arena_copy(&story->arena, answer->text);
}

static void story_event(void *self, const struct event *ev)
{
	struct story *story = self;
	struct event timed = *ev;
	struct out out = {0};

	timed.now.turn = ++story->turns;
	run_step(&story->run, &timed, &out);
	vec_each(entry, &out.entries) {
		run_apply(&story->replayed, entry);
		vec_push(&story->entries, entry_copy(&story->arena, entry));
	}
	vec_each(effect, &out.effects) {
		story->has_pruned |= effect->type == FX_REQUEST && effect->request.prune;
		if (effect->type == FX_REQUEST)
			toy_request(&story->toy, &effect->request);
		else if (effect->type == FX_NOTE)
			toy_note(&story->toy, &effect->note);
		else if (effect->type == FX_ANSWER)
			keep_answer(story, &effect->answer);
		else
			toy_exit(&story->toy, effect->code);
	}
	arena_release(&out.arena);
	vec_release(&out.entries);
	vec_release(&out.effects);
}

static instant story_deadline(void *self)
{
	struct story *story = self;
	return run_deadline(&story->run);
}

struct story *story_new(void)
{
	struct story *story = test_calloc(1, sizeof *story);
	story->plan = toy_plan();
	toy_init(&story->toy, &story->plan, 1);
	story->toy.driver = (struct toy_driver){story, story_event, story_deadline};
	return story;
}

int story_run(struct story *story)
{
	run_init(&story->run, &story->plan, 7);
	return toy_run(&story->toy);
}

void story_begin(struct story *story)
{
	run_init(&story->run, &story->plan, 7);
	toy_start(&story->toy);
}

static void assert_same_member(const struct member *a, const struct member *b)
{
	assert_str_eq(a->name, b->name);
	assert_str_eq(a->namespace, b->namespace);
	assert_str_eq(a->uid, b->uid);
	assert_int_equal(a->is_read, b->is_read);
	assert_int_equal(a->first_operation, b->first_operation);
	assert_int_equal(a->post, b->post);
	assert_int_equal(a->posts, b->posts);
	assert_int_equal(a->accepted, b->accepted);
	assert_int_equal(a->adopted, b->adopted);
	assert_int_equal(a->is_done, b->is_done);
	assert_int_equal(a->is_skipped, b->is_skipped);
	assert_int_equal(a->is_confirmed, b->is_confirmed);
	assert_int_equal(a->done_operation, b->done_operation);
	assert_int_equal(a->stage, b->stage);
	assert_int_equal(a->stranger, b->stranger);
	assert_int_equal(a->reopened, b->reopened);
	assert_int_equal(a->is_ended, b->is_ended);
	assert_int_equal(a->code, b->code);
}

/* And its numbers are those of its members. */
static void assert_same_stage(const struct run_facts *a, const struct run_facts *b, uint32_t i)
{
	const struct stage_facts *stage = &a->stages[i], *other = &b->stages[i];
	struct stage_facts counted = {0};

	vec_each(member, &a->members) {
		if (member->is_skipped_by_order)
			continue;
		counted.members += member->stage == i;
		counted.ended += member->stage == i && member->is_ended;
		counted.done += member->stage == i && member->is_done && !member->is_ended;
		counted.confirmed += member->stage == i && member->is_confirmed &&
				     !member->is_ended;
	}
	assert_int_equal(stage->members, counted.members);
	assert_int_equal(stage->ended, counted.ended);
	assert_int_equal(stage->done, counted.done);
	assert_int_equal(stage->confirmed, counted.confirmed);
	assert_int_equal(stage->is_barrier, other->is_barrier);
	assert_int_equal(stage->is_passed, other->is_passed);
	assert_int_equal(stage->compared_at.ms, other->compared_at.ms);
	assert_int_equal(stage->confirmed, other->confirmed);
}

/* At the end of every story: the entries alone give the same facts, and whoever took a slot has it
 * still or has given it back. */
static void story_check(const struct story *story)
{
	const struct run_facts *facts = &story->run.facts, *replayed = &story->replayed;
	uint32_t taken = 0;

	assert_int_equal(facts->members.n, replayed->members.n);
	for (size_t i = 0; i < facts->members.n; i++)
		assert_same_member(&facts->members.v[i], &replayed->members.v[i]);
	assert_int_equal(facts->accepted, replayed->accepted);
	assert_int_equal(facts->is_stopped, replayed->is_stopped);
	assert_int_equal(facts->stopped_by, replayed->stopped_by);
	assert_int_equal(facts->begun, replayed->begun);
	assert_int_equal(facts->is_halted, replayed->is_halted);
	assert_int_equal(facts->halted_by, replayed->halted_by);
	for (uint32_t i = 0; i < STAGES_MAX; i++)
		assert_same_stage(facts, replayed, i);
	vec_each(sighting, &story->run.group.observer.apps) {
		taken += sighting->has_slot;
		assert_in_range(sighting->phase, 0, APP_PHASES - 1);
	}
	assert_int_equal(story->run.group.slots, taken);
	for (size_t i = 0; i < facts->members.n; i++)
		if (member_is_settled(&facts->members.v[i]))
			assert_false(story->run.group.observer.apps.v[i].has_slot);
}

void story_free(struct story *story)
{
	story_check(story);
	facts_release(&story->replayed);
	run_release(&story->run);
	toy_release(&story->toy);
	vec_release(&story->entries);
	arena_release(&story->arena);
	test_free(story);
}

void assert_told(const struct story *story, uint32_t app, enum cause_type type, const char *subject,
		 const char *message)
{
	const struct cause *told = &story->toy.apps.v[app].told;
	assert_string_equal(cause_name(told->type), cause_name(type));
	assert_str(told->subject, subject);
	assert_str(told->message, message);
}

void assert_timed_out(const struct story *story, uint32_t app, const char *start)
{
	const struct cause *told = &story->toy.apps.v[app].told;
	assert_string_equal(cause_name(told->type), cause_name(CAUSE_TIMED_OUT));
	assert_int_not_equal(cause_named(told->subject), CAUSE_COUNT);
	assert_true(str_starts(told->message, str_of(start)));
}

/* ---- promotions ---- */

void story_promotion(struct story *story, uint32_t stages)
{
	toy_stages(&story->plan, stages);
	for (uint32_t i = 0; i < stages; i++) {
		story->stages[i] = story->plan.stages[i];
		story->stages[i].gate.count = 1;
	}
	story->plan.stages = story->stages;
	story->plan.is_promotion = true;
	story->plan.app = STR("web");
	story->plan.submitter = STR("owner");
	story->plan.submitter_uid = 1;
	story->plan.hash = STR("9f2c");
	story->plan.skip = SKIP_HOOKED;
}

void story_restart(struct story *story)
{
	run_release(&story->run);
	toy_kill(&story->toy);
	run_init(&story->run, &story->plan, 8 + story->turns);
	run_restore(&story->run, story->entries.v, story->entries.n);
	story->turns = 0;
	toy_start(&story->toy);
}

int story_instruct(struct story *story, struct instruction instruction)
{
	story->answer = (struct instruction_answer){.code = -1};
	instruction.id = 7;
	toy_deliver(&story->toy,
		    (struct event){.type = EV_INSTRUCTION, .instruction = &instruction});
	assert_int_equal(story->answer.id, 7);
	return story->answer.code;
}

int story_say(struct story *story, const char *who, enum instruction_type type)
{
	static const struct str sre = STR("sre");
	bool is_owner = strcmp(who, "owner") == 0;
	uint32_t uid = is_owner ? 1 : (uint32_t)(str_hash(str_of(who)) % 1000) + 2;

	return story_instruct(story, (struct instruction){
					     .type = type,
					     .who = {.uid = uid,
						     .name = str_of(who),
						     .groups = &sre,
						     .group_count = strcmp(who, "eve") != 0,
						     .is_owner = is_owner},
					     .reason = STR("because"),
					     .nonce = story->toy.gate_note.nonce,
					     .plan_hash = story->plan.hash,
				     });
}
