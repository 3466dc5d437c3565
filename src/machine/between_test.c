#include "machine/between.h"

#include "run_story.h"
#include "testing.h"

enum { MINUTE = 60'000, HOUR = 60 * MINUTE };

/* Test and production: one Application each, and a soak of ten minutes between them. */
struct fleet {
	uint32_t test, prd;
};

static struct fleet fleet_new(struct story *story)
{
	story_promotion(story, 2);
	story->stages[0].soak.for_ms = 10 * MINUTE;
	story->toy.hangs_after_ms = 24 * HOUR;
	return (struct fleet){
		.test = toy_add_in(&story->toy, "web-test", "env=test"),
		.prd = toy_add_in(&story->toy, "web-stg", "env=stg"),
	};
}

static void go_on(struct story *story, int64_t ms)
{
	toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + ms);
}

/* From where test was first done to where production begins. */
static int64_t soaked_ms(const struct story *story)
{
	return story->toy.begun_ms[1] - story->toy.first_soak_ms;
}

static void the_next_stage_comes_after_the_soak(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.soaks, 1);
	assert_in_range(soaked_ms(story), 10 * MINUTE, 10 * MINUTE + 30'000);
	story_free(story);
}

static void a_soak_after_the_last_stage_is_waited_for_too(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story->stages[0].soak.for_ms = 0;
	story->stages[1].soak.for_ms = 10 * MINUTE;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.soaks, 1);
	assert_true(story->toy.over_ms > 10 * MINUTE);
	story_free(story);
}

static void a_moment_of_degraded_breaks_no_soak(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_degrade);
	toy_later(&story->toy, 5 * MINUTE + 10'000, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 0);
	assert_in_range(soaked_ms(story), 10 * MINUTE, 10 * MINUTE + 30'000);
	story_free(story);
}

static void a_longer_one_makes_it_begin_anew(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_degrade);
	toy_later(&story->toy, 7 * MINUTE, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	assert_in_range(story->toy.begun_ms[1], 17 * MINUTE, 18 * MINUTE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	story_free(story);
}

static void who_is_ill_is_so_whatever_else_is_not_known_of_him(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	/* Somebody syncs the same, and no compare follows by itself. */
	story->toy.apps.v[fleet.test].is_compared_late = true;
	toy_later(&story->toy, 3 * MINUTE, fleet.test, toy_sync_by_stranger);
	toy_later(&story->toy, 3 * MINUTE + 10'000, fleet.test, toy_degrade);
	toy_later(&story->toy, 6 * MINUTE, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	story_free(story);
}

static void a_strangers_operation_that_never_ends_is_not_waited_for_for_ever(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story_begin(story);
	go_on(story, 3 * MINUTE);
	story->toy.apps.v[fleet.test].operation_ms = 24 * HOUR;
	toy_sync_by_stranger(&story->toy, fleet.test);
	go_on(story, HOUR);
	assert_int_equal(story->toy.code, EXIT_TIMEOUT);
	assert_timed_out(story, fleet.test, "after 10m: another operation is running");
	story_free(story);
}

static void or_only_longer_if_the_file_says_so(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.on_breach = BREACH_EXTEND;
	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_degrade);
	toy_later(&story->toy, 7 * MINUTE, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	assert_in_range(soaked_ms(story), 11 * MINUTE, 12 * MINUTE + 30'000);
	story_free(story);
}

static void also_one_that_was_long_enough_and_has_not_ended(void **state)
{
	/* All of its time is counted while one is Progressing; then that one becomes Degraded. */
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.on_breach = BREACH_EXTEND;
	toy_later(&story->toy, 8 * MINUTE, fleet.test, toy_progress);
	toy_later(&story->toy, 12 * MINUTE, fleet.test, toy_degrade);
	toy_later(&story->toy, 14 * MINUTE, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	assert_in_range(story->toy.begun_ms[1], 14 * MINUTE, 15 * MINUTE);
	story_free(story);
}

static void or_fail(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.on_breach = BREACH_STOP;
	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_degrade);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, fleet.test, CAUSE_BREACH, "", "");
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	story_free(story);
}

static void another_one_that_breaks_it_too_is_only_left_out(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.for_ms = 0;
	story->stages[1].soak = (struct soak_rule){10 * MINUTE, BREACH_STOP};
	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_sync_partly_by_stranger);
	toy_later(&story->toy, 5 * MINUTE + 100, fleet.prd, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, fleet.test, CAUSE_BREACH, "", "");
	assert_int_equal(story->toy.breaches, 1);
	story_free(story);
}

static void who_is_well_again_is_as_unchanged_as_before(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	uint32_t other = toy_add(&story->toy, "api-test", NEW);
	toy_label(&story->toy, other, "env=test");
	toy_later(&story->toy, 5 * MINUTE, other, toy_degrade);
	toy_later(&story->toy, 7 * MINUTE, other, toy_heal);
	story_begin(story);
	go_on(story, 9 * MINUTE);
	assert_int_equal(story->toy.breaches, 1);
	assert_true(story->toy.apps.v[other].is_told_skipped);
	story_free(story);
}

static void who_stays_degraded_fails_in_the_end(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_degrade);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_string_equal(cause_name(story->toy.apps.v[fleet.test].told.type),
			    cause_name(CAUSE_DEGRADED));
	assert_in_range(story->toy.over_ms, 10 * MINUTE, 12 * MINUTE);
	story_free(story);
}

static void progressing_breaks_no_soak_and_ends_none(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 8 * MINUTE, fleet.test, toy_progress);
	toy_later(&story->toy, 20 * MINUTE, fleet.test, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 0);
	assert_in_range(story->toy.begun_ms[1], 20 * MINUTE, 21 * MINUTE);
	story_free(story);
}

static void a_basis_that_is_lost_is_made_again_and_the_soak_begins_anew(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 2);
	assert_in_range(story->toy.begun_ms[1], 15 * MINUTE, 17 * MINUTE);
	story_free(story);
}

/* A basis is lost so long after the soak began, and made again. */
static void lose_a_basis(int64_t after_ms, enum breach_policy on_breach)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	const struct toy_app *test = &story->toy.apps.v[fleet.test];

	story->stages[0].soak.for_ms = 20'000;
	story->stages[0].soak.on_breach = on_breach;
	story_begin(story);
	while (story->toy.soaks == 0)
		go_on(story, 10);
	go_on(story, after_ms);
	toy_sync_partly_by_stranger(&story->toy, fleet.test);
	while (test->told_as == PHASE_DONE)
		go_on(story, 10);
	int64_t before_ms = story->toy.now_ms - story->toy.first_soak_ms;
	while (test->told_as != PHASE_DONE)
		go_on(story, 10);
	int64_t done_ms = story->toy.now_ms;
	while (story->toy.begun_ms[1] < 0)
		go_on(story, 10);
	int64_t soaked_ms = story->toy.begun_ms[1] - done_ms;
	if (on_breach == BREACH_EXTEND)
		soaked_ms += before_ms;
	assert_true(soaked_ms >= 20'000);
	story_free(story);
}

/* Wherever that lies between two Lists. */
static void what_was_not_done_was_not_seen_to_be_well(void **state)
{
	for (int64_t after_ms = 500; after_ms < 16'000; after_ms += 500) {
		lose_a_basis(after_ms, BREACH_RESTART);
		lose_a_basis(after_ms, BREACH_EXTEND);
	}
}

static void what_was_soaked_outlives_a_crash_but_for_a_minute(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story_begin(story);
	go_on(story, 8 * MINUTE);
	story_restart(story);
	go_on(story, 2 * HOUR);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_in_range(soaked_ms(story), 10 * MINUTE, 11 * MINUTE + 30'000);
	story_free(story);
}

static void time_in_which_nobody_watched_does_not_count(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_fail_all(&story->toy, (struct toy_fault){.outcome = OUTCOME_UNREACHABLE,
						     .from_ms = 5 * MINUTE,
						     .until_ms = 65 * MINUTE});
	toy_later(&story->toy, 5 * MINUTE, fleet.test, toy_cut_watch);
	assert_int_equal(story_run(story), EXIT_DONE);
	/* What the hour's outage took away is made up for; no more than a look is lost. */
	assert_in_range(soaked_ms(story), 70 * MINUTE, 72 * MINUTE);
	story_free(story);
}

static void an_hour_without_argo_cd_ends_nothing(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	/* While an operation runs, and it ends meanwhile. */
	story->toy.apps.v[fleet.test].operation_ms = 5 * MINUTE;
	toy_fail_all(&story->toy, (struct toy_fault){.outcome = OUTCOME_UNREACHABLE,
						     .from_ms = 1 * MINUTE,
						     .until_ms = 61 * MINUTE});
	toy_later(&story->toy, 1 * MINUTE, fleet.test, toy_cut_watch);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	story_free(story);
}

static void credentials_may_be_dead_for_an_hour_at_an_open_gate(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[1].gate.is_asked = true;
	story_begin(story);
	go_on(story, 30 * MINUTE);
	/* After it had not answered at all. */
	toy_fail_all(&story->toy,
		     (struct toy_fault){.outcome = OUTCOME_UNREACHABLE, .until_ms = 35 * MINUTE});
	toy_fail_all(&story->toy, (struct toy_fault){.outcome = OUTCOME_UNAUTHENTICATED,
						     .from_ms = 30 * MINUTE,
						     .until_ms = 90 * MINUTE});
	go_on(story, 30 * MINUTE);
	/* An approval is taken all the same. */
	assert_int_equal(story_say(story, "owner", INSTRUCTION_APPROVE), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	go_on(story, 60 * MINUTE);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void who_moves_on_while_people_are_asked_supersedes_it(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.for_ms = 0;
	story->stages[1].gate.is_asked = true;
	toy_later(&story->toy, 30 * MINUTE, fleet.prd, toy_move_to_other);
	toy_later(&story->toy, 30 * MINUTE, fleet.test, toy_move_to_other);
	assert_int_equal(story_run(story), EXIT_SUPERSEDED);
	assert_in_range(story->toy.over_ms, 30 * MINUTE, 32 * MINUTE);
	story_free(story);
}

static void who_moves_on_in_the_soak_supersedes_it(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 5 * MINUTE, fleet.prd, toy_move_to_other);
	assert_int_equal(story_run(story), EXIT_SUPERSEDED);
	assert_in_range(story->toy.over_ms, 5 * MINUTE, 7 * MINUTE);
	story_free(story);
}

static void a_stage_has_its_time_and_no_more(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = HOUR;
	story->stages[0].timeout_ms = 5 * MINUTE;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_told(story, fleet.test, CAUSE_STAGE_TIMEOUT, "5m", "syncing");
	assert_in_range(story->toy.over_ms, 5 * MINUTE, 6 * MINUTE);
	story_free(story);
}

static struct instruction skip_of(const char *name)
{
	return (struct instruction){.type = INSTRUCTION_SKIP,
				    .who = {.uid = 1, .name = STR("owner"), .is_owner = true},
				    .app = str_of(name)};
}

static void whoever_is_done_or_skipped_is_not_what_took_a_stage_too_long(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t done = toy_add_in(&story->toy, "done-test", "env=test");
	uint32_t skipped = toy_add_in(&story->toy, "skipped-test", "env=test");

	story->toy.apps.v[fleet.test].operation_ms = HOUR;
	story->toy.apps.v[skipped].operation_ms = HOUR;
	story->stages[0].timeout_ms = 5 * MINUTE;
	story_begin(story);
	go_on(story, MINUTE);
	assert_int_equal(story_instruct(story, skip_of("skipped-test")), EXIT_DONE);
	go_on(story, 10 * MINUTE);
	assert_int_equal(story->toy.code, EXIT_TIMEOUT);
	assert_told(story, fleet.test, CAUSE_STAGE_TIMEOUT, "5m", "syncing");
	assert_int_equal(story->toy.apps.v[done].told_as, PHASE_DONE);
	assert_int_not_equal(story->toy.apps.v[skipped].told.type, CAUSE_STAGE_TIMEOUT);
	story_free(story);
}

static void who_was_skipped_may_go_without_a_stop_to_the_soak(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	uint32_t skipped = toy_add_in(&story->toy, "skipped-test", "env=test");
	story->toy.apps.v[skipped].operation_ms = HOUR;
	story_begin(story);
	go_on(story, MINUTE);
	assert_int_equal(story_instruct(story, skip_of("skipped-test")), EXIT_DONE);
	story->toy.apps.v[skipped].is_excused = true;
	go_on(story, 3 * MINUTE);
	toy_delete(&story->toy, skipped);
	go_on(story, 30 * MINUTE);
	assert_int_equal(story->toy.code, EXIT_PARTLY);
	assert_in_range(soaked_ms(story), 10 * MINUTE, 10 * MINUTE + 30'000);
	story_free(story);
}

static void the_time_of_a_stage_is_not_for_who_regresses_in_its_soak(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].timeout_ms = 5 * MINUTE;
	toy_later(&story->toy, 8 * MINUTE, fleet.test, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.breaches, 1);
	story_free(story);
}

static void the_time_of_a_stage_is_not_for_its_soak(void **state)
{
	struct story *story = story_new();

	fleet_new(story);
	story->stages[0].timeout_ms = 5 * MINUTE;
	assert_int_equal(story_run(story), EXIT_DONE);
	story_free(story);
}

static void a_latecomer_of_a_stage_that_is_done_is_waited_for(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "api-test", "env=test");

	story->toy.apps.v[late].is_there = false;
	story->stages[0].soak.for_ms = 0;
	story->toy.apps.v[fleet.prd].operation_ms = 5 * MINUTE;
	toy_later(&story->toy, 2 * MINUTE, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_true(story->toy.begun_ms[1] < 2 * MINUTE);
	story_free(story);
}

static void after_a_latecomer_is_done_the_others_are_read_once_more(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "api-test", "env=test");
	uint32_t next = toy_add_in(&story->toy, "web-stg-2", "env=stg");
	enum { HEALED_MS = 3 * MINUTE + 25'000 };

	story->toy.apps.v[late].is_there = false;
	story->stages[0].soak.for_ms = 0;
	story->plan.concurrency = 1;
	story->toy.apps.v[fleet.prd].operation_ms = 3 * MINUTE;
	toy_later(&story->toy, MINUTE, late, toy_appear);
	toy_later(&story->toy, 3 * MINUTE + 5'000, fleet.test, toy_degrade);
	toy_later(&story->toy, HEALED_MS, fleet.test, toy_heal);
	story_begin(story);
	while (toy_count(&story->toy, next, REQUEST_SYNC) == 0)
		go_on(story, 100);
	assert_true(story->toy.now_ms > HEALED_MS);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	go_on(story, HOUR);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void who_regresses_while_a_later_stage_is_at_work_is_made_done_again(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->stages[0].soak.for_ms = 0;
	story->toy.apps.v[fleet.prd].operation_ms = 5 * MINUTE;
	toy_later(&story->toy, 3 * MINUTE, fleet.test, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 2);
	story_free(story);
}

static void and_who_waits_for_that_goes_on_at_once(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t next = toy_add_in(&story->toy, "api-stg", "env=stg");

	story->stages[0].soak.for_ms = 0;
	story->plan.concurrency = 1;
	story->toy.apps.v[fleet.prd].operation_ms = 5 * MINUTE;
	toy_later(&story->toy, 3 * MINUTE, fleet.test, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, next, REQUEST_SYNC), 1);
	assert_true(story->toy.over_ms < 6 * MINUTE);
	story_free(story);
}

static void of_two_that_regress_the_later_one_goes_on_at_once_too(void **state)
{
	struct story *story = story_new();

	story_promotion(story, 3);
	uint32_t test = toy_add_in(&story->toy, "web-test", "env=test");
	uint32_t stg = toy_add_in(&story->toy, "web-stg", "env=stg");
	uint32_t prd = toy_add_in(&story->toy, "web-prd", "env=prd");
	story->toy.apps.v[prd].operation_ms = 5 * MINUTE;
	toy_later(&story->toy, 3 * MINUTE, test, toy_sync_partly_by_stranger);
	toy_later(&story->toy, 3 * MINUTE, stg, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, stg, REQUEST_SYNC), 2);
	assert_true(story->toy.over_ms < 6 * MINUTE);
	story_free(story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_stage_comes_after_the_soak),
		cmocka_unit_test(a_soak_after_the_last_stage_is_waited_for_too),
		cmocka_unit_test(a_moment_of_degraded_breaks_no_soak),
		cmocka_unit_test(a_longer_one_makes_it_begin_anew),
		cmocka_unit_test(who_is_ill_is_so_whatever_else_is_not_known_of_him),
		cmocka_unit_test(a_strangers_operation_that_never_ends_is_not_waited_for_for_ever),
		cmocka_unit_test(or_only_longer_if_the_file_says_so),
		cmocka_unit_test(also_one_that_was_long_enough_and_has_not_ended),
		cmocka_unit_test(or_fail),
		cmocka_unit_test(another_one_that_breaks_it_too_is_only_left_out),
		cmocka_unit_test(who_is_well_again_is_as_unchanged_as_before),
		cmocka_unit_test(who_stays_degraded_fails_in_the_end),
		cmocka_unit_test(progressing_breaks_no_soak_and_ends_none),
		cmocka_unit_test(a_basis_that_is_lost_is_made_again_and_the_soak_begins_anew),
		cmocka_unit_test(what_was_not_done_was_not_seen_to_be_well),
		cmocka_unit_test(what_was_soaked_outlives_a_crash_but_for_a_minute),
		cmocka_unit_test(time_in_which_nobody_watched_does_not_count),
		cmocka_unit_test(an_hour_without_argo_cd_ends_nothing),
		cmocka_unit_test(credentials_may_be_dead_for_an_hour_at_an_open_gate),
		cmocka_unit_test(who_moves_on_while_people_are_asked_supersedes_it),
		cmocka_unit_test(who_moves_on_in_the_soak_supersedes_it),
		cmocka_unit_test(a_stage_has_its_time_and_no_more),
		cmocka_unit_test(whoever_is_done_or_skipped_is_not_what_took_a_stage_too_long),
		cmocka_unit_test(who_was_skipped_may_go_without_a_stop_to_the_soak),
		cmocka_unit_test(the_time_of_a_stage_is_not_for_who_regresses_in_its_soak),
		cmocka_unit_test(the_time_of_a_stage_is_not_for_its_soak),
		cmocka_unit_test(a_latecomer_of_a_stage_that_is_done_is_waited_for),
		cmocka_unit_test(after_a_latecomer_is_done_the_others_are_read_once_more),
		cmocka_unit_test(who_regresses_while_a_later_stage_is_at_work_is_made_done_again),
		cmocka_unit_test(and_who_waits_for_that_goes_on_at_once),
		cmocka_unit_test(of_two_that_regress_the_later_one_goes_on_at_once_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
