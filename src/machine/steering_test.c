#include "machine/steering.h"

#include "machine/picture.h"

#include "run_story.h"
#include "testing.h"

#include <stdio.h>

/* Test, staging, production: one Application each. */
struct fleet {
	uint32_t test, stg, prd;
};

static struct fleet fleet_new(struct story *story)
{
	story_promotion(story, 3);
	return (struct fleet){
		.test = toy_add_in(&story->toy, "web-test", "env=test"),
		.stg = toy_add_in(&story->toy, "web-stg", "env=stg"),
		.prd = toy_add_in(&story->toy, "web-prd", "env=prd"),
	};
}

static void ask_before(struct story *story, uint32_t stage)
{
	static const struct approver sre[] = {{.is_group = true, .name = STR("sre")}};

	story->stages[stage].gate = (struct gate_rule){
		.is_asked = true, .approvers = sre, .approver_count = 1, .count = 1};
}

static int64_t go_on(struct story *story, int64_t ms)
{
	toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + ms);
	return story->toy.now_ms;
}

static void assert_answer(const struct story *story, const char *words)
{
	if (!str_find(story->answer.text, str_of(words), NULL))
		fail_msg("'" STR_FMT "' does not say '%s'", STR_ARG(story->answer.text), words);
}

/* ---- gates ---- */

static void nothing_of_a_stage_is_synced_before_its_gate_is_passed(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 1);
	story_begin(story);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	assert_int_equal(story->toy.gate_note.stage, 2);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	assert_answer(story, "approved: stage 2 (env=stg) may begin");
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 1);
	story_free(story);
}

static void the_first_stage_has_a_gate_like_the_others(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void all_earlier_stages_are_read_once_more_behind_a_gate(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 2);
	story_begin(story);
	go_on(story, 3'600'000);
	uint32_t refreshes = toy_count(&story->toy, fleet.test, REQUEST_REFRESH);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	/* Behind the gate, and at the end. */
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_REFRESH), refreshes + 2);
	story_free(story);
}

static void who_is_no_approver_changes_nothing(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 60'000);
	size_t entries = story->entries.n;
	assert_int_equal(story_say(story, "eve", INSTRUCTION_APPROVE), EXIT_DENIED);
	assert_answer(story, "eve is no approver of this gate; it is asked of group:sre");
	assert_int_equal(story_say(story, "eve", INSTRUCTION_REJECT), EXIT_DENIED);
	static const struct str others[] = {STR("dev"), STR("ops")};
	struct instruction other = {.type = INSTRUCTION_APPROVE,
				    .who = {.uid = 9,
					    .name = STR("mallory"),
					    .groups = others,
					    .group_count = COUNTOF(others)},
				    .nonce = story->toy.gate_note.nonce,
				    .plan_hash = story->plan.hash};
	assert_int_equal(story_instruct(story, other), EXIT_DENIED);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_PAUSE), EXIT_DENIED);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_TERMINATE), EXIT_DENIED);
	assert_int_equal(story->entries.n, entries);
	story_free(story);
}

static void two_have_to_be_two_and_none_of_them_the_submitter(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story->stages[0].gate.count = 2;
	story->stages[0].gate.not_submitter = true;
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_APPROVE), EXIT_DENIED);
	assert_answer(story, "notSubmitter");
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	assert_answer(story, "1 of 2");
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	assert_answer(story, "alice has approved already");
	go_on(story, 60'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story_say(story, "bob", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void a_no_ends_it(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 1);
	story_begin(story);
	go_on(story, 600'000);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_REJECT), EXIT_DONE);
	assert_true(story->toy.is_over);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_str_eq(story->toy.end_note.text,
		      STR("stage 2 (env=stg) was rejected by alice: because"));
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_CONFLICT);
	assert_answer(story, "it was rejected; begin anew");
	struct instruction skip = {.type = INSTRUCTION_SKIP,
				   .who = {.name = STR("owner"), .is_owner = true},
				   .app = STR("web-prd")};
	assert_int_equal(story_instruct(story, skip), EXIT_CONFLICT);
	assert_answer(story, "it was rejected, and nothing goes on without it");
	story_free(story);
}

static void a_no_outlives_a_crash_before_the_end_is_on_record(void **state)
{
	struct story *story = story_new();
	struct run_facts facts = {0};

	fleet_new(story);
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_REJECT), EXIT_DONE);
	assert_int_equal(vec_pop(&story->entries).type, ENTRY_OVER);
	vec_each(entry, &story->entries)
		facts_apply(&facts, entry);
	assert_int_equal(steering_gate(&story->plan, &facts), STAGE_NONE);
	facts_release(&facts);
	story_restart(story);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	story_free(story);
}

static void a_gate_that_nobody_answers_is_a_no(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story->stages[0].gate.timeout_ms = 600'000;
	story_begin(story);
	go_on(story, 590'000);
	assert_false(story->toy.is_over);
	go_on(story, 60'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_str_eq(story->toy.end_note.text,
		      STR("stage 1 (env=test) was rejected: not approved within 10m"));
	story_free(story);
}

static void an_approval_is_of_one_opening_of_one_gate(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	ask_before(story, 1);
	story_begin(story);
	go_on(story, 60'000);
	struct str first = story->toy.gate_note.nonce;
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 600'000);
	assert_int_equal(story->toy.gate_note.stage, 2);
	story->toy.gate_note.nonce = first;
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_CONFLICT);
	assert_answer(story, "that gate is over; now it is about stage 2 (env=stg)");
	go_on(story, 600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	story_free(story);
}

static void an_approval_of_another_plan_is_none(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 60'000);
	struct str hash = story->plan.hash;
	story->plan.hash = STR("other");
	struct instruction old = {.type = INSTRUCTION_APPROVE,
				  .who = {.uid = 5, .is_owner = true, .name = STR("owner")},
				  .nonce = story->toy.gate_note.nonce,
				  .plan_hash = hash};
	assert_int_equal(story_instruct(story, old), EXIT_CONFLICT);
	assert_answer(story, "that was another plan");
	story_free(story);
}

static void an_approval_outlives_a_crash(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story->stages[0].gate.count = 2;
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	story_restart(story);
	go_on(story, 60'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	assert_answer(story, "already");
	assert_int_equal(story_say(story, "bob", INSTRUCTION_APPROVE), EXIT_DONE);
	story_restart(story);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

/* Test, staging, and a stage that selects only what staging owns; people are asked first. */
static void stages_with_one_that_owns_nothing(struct story *story)
{
	story_promotion(story, 3);
	toy_add_in(&story->toy, "web-test", "env=test");
	toy_add_in(&story->toy, "web-stg", "env=stg");
	story->stages[2].selector = story->stages[1].selector;
	ask_before(story, 0);
	story_begin(story);
}

static void a_plan_that_was_approved_is_good_after_a_crash(void **state)
{
	struct story *story = story_new();

	stages_with_one_that_owns_nothing(story);
	go_on(story, 60'000);
	story_restart(story);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	story_restart(story);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void a_crash_while_its_applications_are_read_spoils_no_plan(void **state)
{
	uint32_t crashes_in_between = 0;
	bool is_asked = false;

	for (int64_t ms = 0; !is_asked; ms += 10) {
		struct story *story = story_new();
		stages_with_one_that_owns_nothing(story);
		go_on(story, ms);
		is_asked = !str_empty(story->toy.gate_note.nonce);
		crashes_in_between += story->entries.n > 0 && !is_asked;
		story_restart(story);
		go_on(story, 60'000);
		assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
		go_on(story, 3'600'000);
		assert_int_equal(story->toy.code, EXIT_DONE);
		story_free(story);
	}
	assert_true(crashes_in_between > 0);
}

static void a_gate_over_a_restart_has_the_time_that_was_left(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story->stages[0].gate.timeout_ms = 600'000;
	story_begin(story);
	go_on(story, 300'000);
	story_restart(story);
	go_on(story, 250'000);
	assert_false(story->toy.is_over);
	go_on(story, 60'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	story_free(story);
}

/* ---- the owner ---- */

static void nothing_new_is_issued_while_it_is_paused(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 30'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	go_on(story, 1'800'000);
	/* What ran was followed, and no more. */
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	assert_answer(story, "already");
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void what_was_read_once_more_before_a_pause_is_read_again_after_it(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 30'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	go_on(story, 3'600'000);
	assert_int_equal(story->toy.barriers, 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	while (story->toy.begun_ms[1] < 0)
		go_on(story, 100);
	assert_int_equal(story->toy.barriers, 2);
	story_free(story);
}

static void who_waits_for_a_post_in_a_pause_says_so(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 0);
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 60'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.begun_ms[0], -1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	go_on(story, 10'000);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_CONFLICT);
	story_free(story);
}

static void resume_approves_nothing(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	assert_answer(story, "still waits for people at a gate");
	go_on(story, 600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	story_free(story);
}

static void a_pause_outlives_a_crash(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story_begin(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	go_on(story, 60'000);
	story_restart(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_false(story->toy.is_over);
	story_free(story);
}

static void a_place_that_is_taken_is_so_after_a_restart(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t other = toy_add_in(&story->toy, "api-test", "env=test");

	story->plan.concurrency = 1;
	story->toy.apps.v[fleet.test].now.target_revision = OLD;
	story->toy.apps.v[other].operation_ms = 300'000;
	toy_later(&story->toy, 20'000, fleet.test, toy_move_to_new);
	story_begin(story);
	go_on(story, 60'000);
	assert_int_equal(toy_count(&story->toy, other, REQUEST_SYNC), 1);
	story_restart(story);
	go_on(story, 60'000);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 0);
	go_on(story, 600'000);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	story_free(story);
}

static void who_has_gone_meanwhile_is_found_so_by_a_restart(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 100'000;
	story_begin(story);
	go_on(story, 10'000);
	toy_delete(&story->toy, fleet.test);
	story_restart(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_told(story, fleet.test, CAUSE_DELETED, "", "");
	story_free(story);
}

static void terminate_ends_it_at_once(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 100'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_TERMINATE), EXIT_DONE);
	assert_true(story->toy.is_over);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_str_eq(story->toy.end_note.text, STR("terminated by owner: because"));
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_CONFLICT);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_CONFLICT);
	story_free(story);
}

static void what_a_terminate_leaves_running_is_named(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	auto_arena struct arena arena = {0};
	struct now now = {.wall = {1}, .mono = {1}};
	struct overview overview;
	struct run run;

	story->toy.apps.v[fleet.test].operation_ms = 100'000;
	for (int i = 0; i < 6; i++) {
		char name[] = "api-0";
		name[4] = (char)('0' + i);
		uint32_t app = toy_add_in(&story->toy, name, "env=test");
		story->toy.apps.v[app].operation_ms = 100'000;
	}
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_TERMINATE), EXIT_DONE);
	assert_answer(story, "terminated; what runs in Argo CD goes on: ");
	assert_answer(story, " and 2 more (`tiphys show run-1` tells how to end it)");

	/* And later, by who knows only the journal. */
	run_init(&run, &story->plan, 1);
	run_restore(&run, story->entries.v, story->entries.n);
	picture_make(&run, &now, &arena, &overview);
	for (size_t i = 0; i < overview.app_count; i++)
		assert_int_equal(overview.apps[i].phase,
				 overview.apps[i].stage == 0 ? PHASE_SYNCING : PHASE_WAITING);
	run_release(&run);
	story_free(story);
}

/* ---- terminated with its operations ---- */

static int terminate_all(struct story *story)
{
	return story_instruct(story,
			      (struct instruction){
				      .type = INSTRUCTION_TERMINATE,
				      .who = {.uid = 1, .name = STR("owner"), .is_owner = true},
				      .reason = STR("it hangs"),
				      .with_operations = true,
			      });
}

static void terminated_with_its_operations_it_ends_when_they_have(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[api].operation_ms = 10'500;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	assert_false(story->toy.is_over);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_CONFLICT);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 20'000);
	assert_true(story->toy.is_over);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 1);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_TERMINATE), 0);
	assert_told(story, fleet.test, CAUSE_OPERATION_TERMINATED, "", "");
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 2 terminated"));
	story_free(story);
}

static void what_others_have_started_is_left_alone(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	toy_sync_by_stranger(&story->toy, fleet.test);
	story_begin(story);
	go_on(story, 10'000);
	assert_told(story, fleet.test, CAUSE_ADOPTED, "alice", "");
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 10'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_int_equal(story->toy.requests[REQUEST_TERMINATE], 0);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 of others left alone"));
	story_free(story);
}

static void what_does_not_end_is_told_as_running_after_two_minutes(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[fleet.test].terminates_never = true;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 119'000);
	assert_false(story->toy.is_over);
	go_on(story, 2'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_told(story, fleet.test, CAUSE_INTERRUPTED, "", "");
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 not known to have ended"));
	story_free(story);
}

static void what_is_asked_for_in_vain_is_asked_for_again(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = fleet.test,
						 .outcome = OUTCOME_CUT,
						 .times = 2,
						 .until_ms = 1'000'000});
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 30'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 3);
	assert_told(story, fleet.test, CAUSE_OPERATION_TERMINATED, "", "");
	story_free(story);
}

static void who_may_not_terminate_waits_for_nothing(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = fleet.test,
						 .outcome = OUTCOME_DENIED,
						 .message = STR("permission denied"),
						 .times = 9,
						 .until_ms = 1'000'000});
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 5'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_told(story, fleet.test, CAUSE_INTERRUPTED, "", "permission denied");
	story_free(story);
}

static void said_without_its_operations_it_waits_no_longer(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[fleet.test].terminates_never = true;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 5'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_TERMINATE), EXIT_DONE);
	assert_true(story->toy.is_over);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	story_free(story);
}

static void what_ends_by_itself_meanwhile_is_told_so(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	story->toy.apps.v[fleet.test].operation_ms = 15'000;
	story->toy.apps.v[api].operation_ms = 15'000;
	story->toy.apps.v[api].ends_as = OP_FAILED;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = fleet.test,
						 .outcome = OUTCOME_SERVER_ERROR});
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = api,
						 .outcome = OUTCOME_SERVER_ERROR});
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 20'000);
	assert_told(story, fleet.test, CAUSE_OPERATION_OVER, "Succeeded", "");
	assert_told(story, api, CAUSE_OPERATION_OVER, "Failed", "");
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 2 ended by itself"));
	story_free(story);
}

static void a_post_that_is_under_way_is_waited_for_and_its_operation_ended(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[fleet.test].start_ms = 3'000;
	story_begin(story);
	while (story->toy.requests[REQUEST_SYNC] == 0)
		go_on(story, 1);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 20'000);
	/* And not before it has begun. */
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 1);
	assert_told(story, fleet.test, CAUSE_OPERATION_TERMINATED, "", "");
	story_free(story);
}

static void what_became_of_a_post_is_told_before_that_is_over(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
						 .app = fleet.test,
						 .outcome = OUTCOME_CUT,
						 .times = 2});
	story_begin(story);
	while (toy_count(&story->toy, fleet.test, REQUEST_SYNC) < 2)
		go_on(story, 1);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 20'000);
	assert_true(story->toy.is_over);
	if (!str_find(story->toy.last_warning,
		      STR("web-test: its sync was possibly asked for twice: POST 1"), NULL))
		fail_msg("the last warning is '" STR_FMT "'", STR_ARG(story->toy.last_warning));
	story_free(story);
}

static void a_post_that_is_refused_meanwhile_has_nothing_to_end(void **state)
{
	static const enum outcome outcomes[] = {OUTCOME_BUSY, OUTCOME_DENIED};

	for (size_t i = 0; i < COUNTOF(outcomes); i++) {
		struct story *story = story_new();
		struct fleet fleet = fleet_new(story);
		toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
							 .app = fleet.test,
							 .outcome = outcomes[i],
							 .times = 1});
		story_begin(story);
		while (toy_count(&story->toy, fleet.test, REQUEST_SYNC) == 0)
			go_on(story, 1);
		assert_int_equal(terminate_all(story), EXIT_DONE);
		go_on(story, 20'000);
		assert_int_equal(story->toy.code, EXIT_TERMINATED);
		assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
		assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 0);
		story_free(story);
	}
}

static void what_was_terminated_before_it_was_read_is_over_at_once(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story_begin(story);
	while (story->run.facts.members.n == 0)
		go_on(story, 1);
	assert_false(story->run.facts.members.v[0].is_read);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	story_free(story);
}

static void what_others_start_after_ours_is_left_alone_too(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].settle_ms = 1'000'000;
	story_begin(story);
	go_on(story, 10'000);
	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	toy_sync_by_stranger(&story->toy, fleet.test);
	go_on(story, 1'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 10'000);
	assert_int_equal(story->toy.requests[REQUEST_TERMINATE], 0);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 of others left alone"));
	story_free(story);
}

static void what_was_over_before_is_not_told_again(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].settle_ms = 1'000'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_told(story, fleet.test, CAUSE_HEALTH, "Progressing", "");
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 1'000);
	assert_told(story, fleet.test, CAUSE_HEALTH, "Progressing", "");
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; none of its operations was under way"));
	story_free(story);
}

static void what_is_deleted_meanwhile_is_not_waited_for(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[fleet.test].terminates_never = true;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	toy_later(&story->toy, 5'000, fleet.test, toy_delete);
	go_on(story, 10'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	story_free(story);
}

static void who_had_failed_before_is_told_as_that(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story->toy.apps.v[api].ends_as = OP_FAILED;
	story_begin(story);
	go_on(story, 20'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 20'000);
	assert_int_equal(story->toy.apps.v[api].told.type, CAUSE_SYNC_FAILED);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 terminated"));
	story_free(story);
}

static void what_is_asked_for_again_rests_on_a_reading_of_just_now(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story_begin(story);
	go_on(story, 10'000);
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = fleet.test,
						 .outcome = OUTCOME_CUT,
						 .times = 1});
	/* While it is time to ask again, it cannot be read. */
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
						 .app = fleet.test,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .from_ms = story->toy.now_ms + 500,
						 .until_ms = story->toy.now_ms + 20'000});
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 19'000);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 1);
	go_on(story, 20'000);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_TERMINATE), 2);
	assert_told(story, fleet.test, CAUSE_OPERATION_TERMINATED, "", "");
	story_free(story);
}

static void many_operations_are_ended_without_a_storm(void **state)
{
	enum { MANY = 2 * REQUESTS_IN_FLIGHT_MAX };
	struct story *story = story_new();
	char name[16];

	fleet_new(story);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "app-%03d", i);
		uint32_t app = toy_add_in(&story->toy, name, "env=test");
		story->toy.apps.v[app].operation_ms = 1'000'000;
	}
	story->plan.concurrency = MANY;
	story_begin(story);
	go_on(story, 20'000);
	story->toy.in_flight_max = 0;
	story->toy.net_ms = 400;
	/* Nor are they when all of them have to be asked for once more. */
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_TERMINATE,
						 .app = APP_NONE,
						 .outcome = OUTCOME_CUT,
						 .times = MANY});
	assert_int_equal(terminate_all(story), EXIT_DONE);
	go_on(story, 60'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_int_equal(story->toy.requests[REQUEST_TERMINATE], 2 * MANY);
	assert_true(story->toy.in_flight_max <= REQUESTS_IN_FLIGHT_MAX);
	story_free(story);
}

static void a_restart_goes_on_with_the_ending(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	story_restart(story);
	go_on(story, 20'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 terminated"));
	story_free(story);
}

static void after_a_restart_without_argo_cd_it_waits_no_longer(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 1'000'000;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	toy_fail_all(&story->toy, (struct toy_fault){.outcome = OUTCOME_UNREACHABLE});
	story_restart(story);
	go_on(story, 119'000);
	assert_false(story->toy.is_over);
	go_on(story, 2'000);
	assert_int_equal(story->toy.code, EXIT_TERMINATED);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; operations: 1 not known to have ended"));
	story_free(story);
}

static void with_nothing_under_way_it_is_over_at_once(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story->stages[0].gate.is_asked = true;
	story_begin(story);
	go_on(story, 10'000);
	assert_int_equal(terminate_all(story), EXIT_DONE);
	assert_true(story->toy.is_over);
	assert_str_eq(story->toy.end_note.text,
		      STR("terminated by owner: it hangs; none of its operations was under way"));
	story_free(story);
}

static void a_strangers_sync_holds_it_until_somebody_resumes(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 30'000;
	toy_later(&story->toy, 10'000, fleet.prd, toy_sync_by_stranger);
	story_begin(story);
	go_on(story, 1'800'000);
	assert_false(story->toy.is_over);
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.begun_ms[1], -1);
	story_restart(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.begun_ms[1], -1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void the_first_stage_is_not_said_to_come_after_none(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 0);
	story_begin(story);
	go_on(story, 600'000);
	assert_true(story->toy.apps.v[fleet.stg].told.type == CAUSE_STAGE);
	assert_false(story->toy.apps.v[fleet.test].told.type == CAUSE_STAGE);
	story_free(story);
}

static void who_fails_while_the_first_gate_is_open_ends_it(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 0);
	story_begin(story);
	toy_later(&story->toy, 10'000, fleet.prd, toy_delete);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_int_equal(story->toy.begun_ms[0], -1);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	/* Tried again, it begins where it was: at that gate. */
	toy_recreate(&story->toy, fleet.prd);
	story_restart(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	go_on(story, 600'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void who_appears_while_the_first_gate_is_open_is_a_member_like_others(void **state)
{
	struct story *story = story_new();
	uint32_t late;

	fleet_new(story);
	late = toy_add_in(&story->toy, "late-test", "env=test");
	story->toy.apps.v[late].is_there = false;
	ask_before(story, 0);
	toy_later(&story->toy, 60'000, late, toy_appear);
	story_begin(story);
	go_on(story, 120'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	story_free(story);
}

/* ---- retry and skip ---- */

static void mend_hook(struct toy *toy, uint32_t app)
{
	toy->apps.v[app].ends_as = OP_SUCCEEDED;
}

static void what_failed_is_tried_again(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.stg].ends_as = OP_FAILED;
	story_begin(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	mend_hook(&story->toy, fleet.stg);
	story_restart(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 2);
	story_free(story);
}

static void what_is_tried_again_while_it_is_paused_waits_for_the_resume(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.stg].ends_as = OP_FAILED;
	story_begin(story);
	while (toy_count(&story->toy, fleet.stg, REQUEST_SYNC) == 0)
		go_on(story, 1'000);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	mend_hook(&story->toy, fleet.stg);
	story_restart(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	assert_answer(story, "when it is resumed: it is paused still");
	go_on(story, 600'000);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 1);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void what_is_tried_again_waits_for_who_regressed_before_it(void **state)
{
	struct story *story = story_new();

	story_promotion(story, 3);
	uint32_t stg = toy_add_in(&story->toy, "api-stg", "env=stg");
	uint32_t test = toy_add_in(&story->toy, "web-test", "env=test");
	uint32_t prd = toy_add_in(&story->toy, "web-prd", "env=prd");
	story->toy.apps.v[prd].operation_ms = 60'000;
	story_begin(story);
	while (story->toy.begun_ms[2] < 0)
		go_on(story, 100);
	story->toy.apps.v[stg].ends_as = OP_FAILED;
	toy_drift(&story->toy, stg);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, stg, REQUEST_SYNC), 1);
	/* Now it wants a sync, and in the same moment the other one is seen to be done no more. */
	mend_hook(&story->toy, stg);
	toy_drift(&story->toy, test);
	story->toy.apps.v[test].now.sync = SYNC_OUT_OF_SYNC; /* and compared */
	story->toy.apps.v[test].now.out_of_sync_count = 1;
	story_restart(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, stg, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_retry_passes_no_gate_that_nobody_was_asked_at(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	ask_before(story, 1);
	story->toy.apps.v[fleet.test].operation_ms = 60'000;
	toy_later(&story->toy, 10'000, fleet.prd, toy_delete);
	toy_later(&story->toy, 20'000, fleet.prd, toy_recreate);
	story_begin(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	story_restart(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	go_on(story, 600'000);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	assert_int_equal(story->toy.gate_note.stage, 2);
	assert_int_equal(story_say(story, "alice", INSTRUCTION_APPROVE), EXIT_DONE);
	go_on(story, 600'000);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 1);
	story_free(story);
}

static void what_is_skipped_holds_nobody_up_and_is_not_forgotten(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.stg].ends_as = OP_FAILED;
	story_begin(story);
	go_on(story, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	story_restart(story);
	struct instruction skip = {.type = INSTRUCTION_SKIP,
				   .who = {.uid = 1, .name = STR("owner"), .is_owner = true},
				   .app = STR("web-stg")};
	assert_int_equal(story_instruct(story, skip), EXIT_DONE);
	assert_answer(story, "`tiphys retry run-1 --failed` goes on without it");
	assert_int_equal(story_instruct(story, skip), EXIT_DONE);
	assert_answer(story, "already");
	skip.app = STR("web-test");
	assert_int_equal(story_instruct(story, skip), EXIT_CONFLICT);
	skip.app = STR("nobody");
	assert_int_equal(story_instruct(story, skip), EXIT_USAGE);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_DONE);
	story->toy.apps.v[fleet.stg].is_excused = true;
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_PARTLY);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 1);
	story_free(story);
}

static void what_has_not_failed_is_not_retried(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story_begin(story);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_CONFLICT);
	assert_answer(story, "still under way");
	go_on(story, 1'800'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(story_say(story, "owner", INSTRUCTION_RETRY), EXIT_CONFLICT);
	assert_answer(story, "nothing of it has failed");
	story_free(story);
}

/* ---- all orders of what people say, and of crashes ---- */

enum deed { APPROVE, REJECT, PAUSE, RESUME, TERMINATE, CRASH, WAIT, DEEDS };

/* What must come of them, in a few lines. */
struct expected {
	bool is_passed, is_paused;
	int code; /* how it is over; -1: it is not */
};

static int expect(struct expected *e, enum deed deed)
{
	if (deed == CRASH || deed == WAIT)
		return EXIT_DONE;
	if (e->code >= 0)
		return EXIT_CONFLICT;
	switch (deed) {
	case APPROVE:
	case REJECT:
		if (e->is_passed)
			return EXIT_CONFLICT;
		e->is_passed = deed == APPROVE;
		e->code = deed == REJECT ? EXIT_FAILED : -1;
		return EXIT_DONE;
	case PAUSE:
		e->is_paused = true;
		return EXIT_DONE;
	case RESUME:
		if (!e->is_paused)
			return EXIT_CONFLICT;
		e->is_paused = false;
		return EXIT_DONE;
	case TERMINATE:
		e->code = EXIT_TERMINATED;
		return EXIT_DONE;
	case CRASH:
	case WAIT:
	case DEEDS:
		break;
	}
	return EXIT_DONE;
}

static int say_deed(struct story *story, enum deed deed)
{
	static const enum instruction_type types[] = {
		[APPROVE] = INSTRUCTION_APPROVE,     [REJECT] = INSTRUCTION_REJECT,
		[PAUSE] = INSTRUCTION_PAUSE,	     [RESUME] = INSTRUCTION_RESUME,
		[TERMINATE] = INSTRUCTION_TERMINATE,
	};
	bool is_judgement = deed == APPROVE || deed == REJECT;

	return story_say(story, is_judgement ? "alice" : "owner", types[deed]);
}

/* One deed, and what holds after it: nothing is posted from a pause's answer on. */
static void do_deed(struct story *story, struct expected *expected, enum deed deed,
		    uint32_t *posted)
{
	bool was_over = expected->code >= 0;
	int code = expect(expected, deed);

	if (deed == CRASH) {
		bool is_over = story->toy.is_over;
		story_restart(story);
		story->toy.is_over = is_over;
	} else if (deed == WAIT) {
		if (!was_over)
			go_on(story, 100);
	} else {
		assert_int_equal(say_deed(story, deed), code);
	}
	if (!expected->is_paused && expected->code < 0)
		*posted = story->toy.requests[REQUEST_SYNC];
	assert_int_equal(story->toy.requests[REQUEST_SYNC], *posted);
	assert_int_equal(story->toy.is_over, expected->code >= 0);
}

static void play_order(const enum deed *deeds, size_t count)
{
	struct story *story = story_new();
	struct expected expected = {.code = -1};
	uint32_t posted = 0;

	story_promotion(story, 1);
	toy_add_in(&story->toy, "web-test", "env=test");
	ask_before(story, 0);
	story_begin(story);
	go_on(story, 5'000);
	for (size_t i = 0; i < count; i++)
		do_deed(story, &expected, deeds[i], &posted);
	if (expected.code < 0)
		go_on(story, 600'000);
	/* What ran before a pause is followed to its end. */
	if (expected.code < 0 && expected.is_passed && (!expected.is_paused || posted > 0))
		expected.code = EXIT_DONE;
	assert_int_equal(story->toy.is_over, expected.code >= 0);
	if (expected.code >= 0)
		assert_int_equal(story->toy.code, expected.code);
	if (expected.code != EXIT_DONE)
		assert_int_equal(story->toy.requests[REQUEST_SYNC], posted);
	story_free(story);
}

static void in_whatever_order_people_speak_and_it_crashes_the_last_word_counts(void **state)
{
	enum { LENGTH = 4 };
	uint32_t tried = 0, orders = 1;

	for (int i = 0; i < LENGTH; i++)
		orders *= DEEDS;
	for (uint32_t order = 0; order < orders; order++) {
		enum deed deeds[LENGTH];
		uint32_t rest = order;
		for (int i = 0; i < LENGTH; i++, rest /= DEEDS)
			deeds[i] = (enum deed)(rest % DEEDS);
		play_order(deeds, LENGTH);
		tried++;
	}
	print_message("figure interleavings_tried %u\n", tried);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_a_stage_is_synced_before_its_gate_is_passed),
		cmocka_unit_test(the_first_stage_has_a_gate_like_the_others),
		cmocka_unit_test(all_earlier_stages_are_read_once_more_behind_a_gate),
		cmocka_unit_test(who_is_no_approver_changes_nothing),
		cmocka_unit_test(two_have_to_be_two_and_none_of_them_the_submitter),
		cmocka_unit_test(a_no_ends_it),
		cmocka_unit_test(a_no_outlives_a_crash_before_the_end_is_on_record),
		cmocka_unit_test(a_gate_that_nobody_answers_is_a_no),
		cmocka_unit_test(an_approval_is_of_one_opening_of_one_gate),
		cmocka_unit_test(an_approval_of_another_plan_is_none),
		cmocka_unit_test(an_approval_outlives_a_crash),
		cmocka_unit_test(a_plan_that_was_approved_is_good_after_a_crash),
		cmocka_unit_test(a_crash_while_its_applications_are_read_spoils_no_plan),
		cmocka_unit_test(a_gate_over_a_restart_has_the_time_that_was_left),
		cmocka_unit_test(nothing_new_is_issued_while_it_is_paused),
		cmocka_unit_test(what_was_read_once_more_before_a_pause_is_read_again_after_it),
		cmocka_unit_test(who_waits_for_a_post_in_a_pause_says_so),
		cmocka_unit_test(resume_approves_nothing),
		cmocka_unit_test(a_pause_outlives_a_crash),
		cmocka_unit_test(a_place_that_is_taken_is_so_after_a_restart),
		cmocka_unit_test(who_has_gone_meanwhile_is_found_so_by_a_restart),
		cmocka_unit_test(terminate_ends_it_at_once),
		cmocka_unit_test(what_a_terminate_leaves_running_is_named),
		cmocka_unit_test(terminated_with_its_operations_it_ends_when_they_have),
		cmocka_unit_test(what_others_have_started_is_left_alone),
		cmocka_unit_test(what_does_not_end_is_told_as_running_after_two_minutes),
		cmocka_unit_test(what_is_asked_for_in_vain_is_asked_for_again),
		cmocka_unit_test(who_may_not_terminate_waits_for_nothing),
		cmocka_unit_test(said_without_its_operations_it_waits_no_longer),
		cmocka_unit_test(what_ends_by_itself_meanwhile_is_told_so),
		cmocka_unit_test(a_post_that_is_under_way_is_waited_for_and_its_operation_ended),
		cmocka_unit_test(what_became_of_a_post_is_told_before_that_is_over),
		cmocka_unit_test(a_post_that_is_refused_meanwhile_has_nothing_to_end),
		cmocka_unit_test(what_was_terminated_before_it_was_read_is_over_at_once),
		cmocka_unit_test(what_others_start_after_ours_is_left_alone_too),
		cmocka_unit_test(what_was_over_before_is_not_told_again),
		cmocka_unit_test(what_is_deleted_meanwhile_is_not_waited_for),
		cmocka_unit_test(who_had_failed_before_is_told_as_that),
		cmocka_unit_test(what_is_asked_for_again_rests_on_a_reading_of_just_now),
		cmocka_unit_test(many_operations_are_ended_without_a_storm),
		cmocka_unit_test(a_restart_goes_on_with_the_ending),
		cmocka_unit_test(after_a_restart_without_argo_cd_it_waits_no_longer),
		cmocka_unit_test(with_nothing_under_way_it_is_over_at_once),
		cmocka_unit_test(a_strangers_sync_holds_it_until_somebody_resumes),
		cmocka_unit_test(the_first_stage_is_not_said_to_come_after_none),
		cmocka_unit_test(who_fails_while_the_first_gate_is_open_ends_it),
		cmocka_unit_test(who_appears_while_the_first_gate_is_open_is_a_member_like_others),
		cmocka_unit_test(what_failed_is_tried_again),
		cmocka_unit_test(what_is_tried_again_while_it_is_paused_waits_for_the_resume),
		cmocka_unit_test(what_is_tried_again_waits_for_who_regressed_before_it),
		cmocka_unit_test(a_retry_passes_no_gate_that_nobody_was_asked_at),
		cmocka_unit_test(what_is_skipped_holds_nobody_up_and_is_not_forgotten),
		cmocka_unit_test(what_has_not_failed_is_not_retried),
		cmocka_unit_test(
			in_whatever_order_people_speak_and_it_crashes_the_last_word_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
