/* Runs with two Argo CDs: the first has the stages of env=test, the second ("other") those of
 * env=stg. What both share is told in run_test.c. */
#include "machine/run.h"

#include "chaos.h"
#include "machine/picture.h"
#include "run_story.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR_MS = 3'600'000 };

/* A promotion of test here and stg there; each has a "web", and the clock there goes wrong by so
 * much. */
struct pair {
	struct story *story;
	uint32_t here, there;
};

static struct pair pair_new(int64_t clock_ms)
{
	struct pair pair = {.story = story_new()};

	story_promotion(pair.story, 2);
	toy_stages_on(&pair.story->plan, pair.story->stages, (uint32_t[]){0, 1});
	pair.story->toy.clock_ms[1] = clock_ms;
	pair.here = toy_add_in(&pair.story->toy, "web", "env=test");
	pair.there = toy_add_there(&pair.story->toy, "web", "env=stg");
	return pair;
}

static void is_away(struct story *story, uint32_t server, enum outcome outcome, int64_t from_ms,
		    int64_t until_ms)
{
	for (int type = 0; type < REQUEST_TYPES; type++)
		if (type != REQUEST_GET && type != REQUEST_REFRESH && type != REQUEST_SYNC)
			toy_fail(&story->toy, (struct toy_fault){.type = (enum request_type)type,
								 .app = APP_NONE,
								 .server = server,
								 .outcome = outcome,
								 .from_ms = from_ms,
								 .until_ms = until_ms});
	for (uint32_t app = 0; app < story->toy.apps.n; app++) {
		static const enum request_type types[] = {REQUEST_GET, REQUEST_REFRESH,
							  REQUEST_SYNC};
		for (size_t i = 0; i < COUNTOF(types) && story->toy.apps.v[app].server == server;
		     i++)
			toy_fail(&story->toy, (struct toy_fault){.type = types[i],
								 .app = app,
								 .outcome = outcome,
								 .from_ms = from_ms,
								 .until_ms = until_ms});
	}
}

static struct why first_why(struct story *story, struct arena *arena)
{
	const struct now now = {.mono = {story->toy.now_ms}, .wall = {1}};
	struct overview overview;

	picture_make(&story->run, &now, arena, &overview);
	return overview.whys[0];
}

/* ---- */

static void the_same_name_on_two_servers_is_two_applications_in_order(void **state)
{
	static const int64_t clocks[] = {0, HOUR_MS, -HOUR_MS};

	for (size_t i = 0; i < COUNTOF(clocks); i++) {
		struct pair pair = pair_new(clocks[i]);
		struct story *story = pair.story;
		assert_int_equal(story_run(story), EXIT_DONE);
		assert_int_equal(toy_count(&story->toy, pair.here, REQUEST_SYNC), 1);
		assert_int_equal(toy_count(&story->toy, pair.there, REQUEST_SYNC), 1);
		assert_int_equal(story->toy.plan_note.counts.total, 2);
		assert_true(story->toy.begun_ms[1] >= story->toy.passed_ms[0]);
		assert_str(story->entries.v[0].context, "main");
		assert_str(story->entries.v[1].context, "other");
		story_free(story);
	}
}

static void each_server_is_asked_for_what_its_own_stages_select(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;
	uint32_t stray = toy_add_there(&story->toy, "stray", "env=test");

	pair.story->plan.servers[0].selector = STR("env=test");
	pair.story->plan.servers[1].selector = STR("");
	assert_int_equal(story_run(story), EXIT_DONE);
	/* env=test is a stage of the first server, and this one is on the second */
	assert_int_equal(toy_count(&story->toy, stray, REQUEST_GET), 0);
	assert_int_equal(toy_count(&story->toy, stray, REQUEST_SYNC), 0);
	assert_int_equal(story->toy.plan_note.counts.total, 2);
	assert_int_equal(story->toy.requests[REQUEST_VERSION], 2);
	assert_int_equal(story->toy.requests[REQUEST_WATCH], 2);
	assert_int_equal(story->toy.requests[REQUEST_OWNERS], 2);
	story_free(story);
}

static void a_strangers_sync_that_nobody_saw_holds_it_whatever_the_clocks_say(void **state)
{
	static const int64_t clocks[] = {0, HOUR_MS, -HOUR_MS};

	for (size_t i = 0; i < COUNTOF(clocks); i++) {
		struct pair pair = pair_new(clocks[i]);
		struct story *story = pair.story;
		/* After the List has looked, and before the stage before has passed. */
		story->toy.is_watch_dead = true;
		toy_later(&story->toy, 16'500, pair.there, toy_sync_by_stranger);
		story_begin(story);
		toy_go_on_until(&story->toy, 60'000);
		assert_in_range(story->toy.passed_ms[0], 17'600, 30'000);
		assert_int_equal(story->toy.begun, 1);
		assert_true(story->run.facts.is_held);
		assert_true(str_starts(story->toy.last_warning,
				       STR("other/web: a sync of this revision, started by alice, "
					   "began before its stage did")));
		assert_int_equal(story_say(story, "owner", INSTRUCTION_RESUME), EXIT_DONE);
		toy_go_on_until(&story->toy, 200'000);
		assert_int_equal(story->toy.code, EXIT_DONE);
		story_free(story);
	}
}

static void a_sync_that_began_in_its_stage_is_no_stranger_whatever_the_clocks_say(void **state)
{
	static const int64_t clocks[] = {0, HOUR_MS, -HOUR_MS};

	for (size_t i = 0; i < COUNTOF(clocks); i++) {
		struct pair pair = pair_new(clocks[i]);
		struct story *story = pair.story;
		uint32_t late = toy_add_there(&story->toy, "late", "env=stg");
		story->plan.concurrency = 1;
		story->toy.apps.v[pair.there].operation_ms = 20'000;
		toy_later(&story->toy, 25'000, late, toy_sync_by_stranger);
		story_begin(story);
		toy_go_on_until(&story->toy, 24'000);
		assert_int_equal(story->toy.begun, 2);
		assert_int_equal(story->toy.apps.v[late].posts_accepted, 0);
		toy_go_on_until(&story->toy, 400'000);
		assert_int_equal(story->toy.code, EXIT_DONE);
		assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 0);
		assert_int_equal(story->toy.warnings, 0);
		story_free(story);
	}
}

static void one_that_is_away_is_named_and_holds_up_no_work_elsewhere(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;
	auto_arena struct arena arena = {0};

	is_away(story, 1, OUTCOME_UNAUTHENTICATED, 3'000, 200'000);
	story->toy.apps.v[pair.here].operation_ms = 60'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 120'000);
	assert_true(str_starts(story->toy.last_warning, STR("other: ")));
	struct why why = first_why(story, &arena);
	assert_int_equal(why.type, WHY_SERVER);
	assert_int_equal(why.server, 1);
	assert_str_eq(why.cause.subject, STR("other"));
	/* test is done, and read once more; the next stage is what waits */
	assert_int_not_equal(story->toy.passed_ms[0], -1);
	assert_int_equal(story->toy.begun, 1);
	assert_int_equal(toy_count(&story->toy, pair.there, REQUEST_SYNC), 0);
	toy_go_on_until(&story->toy, 400'000);
	assert_str(story->toy.last_warning, "other: Argo CD answers again");
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_true(story->toy.begun_ms[1] > 200'000);
	story_free(story);
}

static void nothing_is_posted_while_an_earlier_stages_server_is_away(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;
	uint32_t last = toy_add_there(&story->toy, "last", "env=stg");

	story->plan.concurrency = 1;
	story->toy.apps.v[pair.there].operation_ms = 60'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 40'000);
	assert_int_equal(story->toy.begun, 2);
	is_away(story, 0, OUTCOME_UNREACHABLE, 40'000, 300'000);
	toy_cut_watch(&story->toy, 0);
	toy_go_on_until(&story->toy, 290'000);
	/* what ran is followed to its end there */
	assert_int_equal(story->toy.apps.v[pair.there].told_as, PHASE_DONE);
	assert_told(story, last, CAUSE_SERVER, "",
		    "main: server unreachable: as the test wants it");
	assert_int_equal(toy_count(&story->toy, last, REQUEST_SYNC), 0);
	assert_int_equal(story->toy.barriers, 1);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, last, REQUEST_SYNC), 1);
	story_free(story);
}

static void the_one_that_is_away_is_named_though_others_come_between(void **state)
{
	struct story *story = story_new();

	story_promotion(story, 3);
	toy_stages_on(&story->plan, story->stages, (uint32_t[]){0, 1, 1});
	toy_add_in(&story->toy, "web", "env=test");
	toy_add_there(&story->toy, "web", "env=stg");
	uint32_t prd = toy_add_there(&story->toy, "web-prd", "env=prd");
	uint32_t last = toy_add_there(&story->toy, "last", "env=prd");
	story->plan.concurrency = 1;
	story->toy.apps.v[prd].operation_ms = 60'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_int_equal(story->toy.begun, 3);
	is_away(story, 0, OUTCOME_UNREACHABLE, 60'000, 300'000);
	toy_cut_watch(&story->toy, 0);
	toy_go_on_until(&story->toy, 290'000);
	assert_told(story, last, CAUSE_SERVER, "",
		    "main: server unreachable: as the test wants it");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void no_barrier_opens_while_an_earlier_stages_server_is_away(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;

	story->toy.apps.v[pair.there].operation_ms = 60'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 40'000);
	assert_int_equal(story->toy.begun, 2);
	is_away(story, 0, OUTCOME_UNREACHABLE, 40'000, 300'000);
	toy_cut_watch(&story->toy, 0);
	toy_go_on_until(&story->toy, 290'000);
	assert_int_equal(story->toy.apps.v[pair.there].told_as, PHASE_DONE);
	assert_int_equal(story->toy.barriers, 1);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void with_all_of_them_away_the_clocks_stand_still(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;

	is_away(story, 0, OUTCOME_UNREACHABLE, 3'000, 2'000'000);
	is_away(story, 1, OUTCOME_NO_HOST, 3'000, 2'400'000);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_true(story->toy.begun_ms[1] > 2'400'000);
	story_free(story);
}

static void one_that_is_away_at_the_start_ends_it_by_name(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;

	is_away(story, 1, OUTCOME_UNREACHABLE, 0, HOUR_MS);
	assert_int_equal(story_run(story), EXIT_TRY_AGAIN);
	assert_true(str_starts(story->toy.end_note.text, STR("other: ")));
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	story_free(story);
}

static void the_barrier_reads_earlier_stages_wherever_they_are(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;

	story->toy.apps.v[pair.there].operation_ms = 30'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 30'000);
	assert_int_equal(story->toy.begun, 2);
	uint32_t before = toy_count(&story->toy, pair.here, REQUEST_REFRESH);
	toy_go_on_until(&story->toy, 400'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_true(toy_count(&story->toy, pair.here, REQUEST_REFRESH) > before);
	story_free(story);
}

static void what_falls_ill_on_the_other_server_breaks_the_soak(void **state)
{
	struct pair pair = pair_new(HOUR_MS);
	struct story *story = pair.story;

	story->stages[1].soak.for_ms = 120'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_int_equal(story->toy.soaks, 1);
	toy_later(&story->toy, 0, pair.here, toy_degrade);
	toy_later(&story->toy, 60'000, pair.here, toy_heal);
	toy_go_on_until(&story->toy, 400'000);
	assert_int_equal(story->toy.breaches, 1);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_true(story->toy.over_ms > 240'000);
	story_free(story);
}

static void time_in_which_one_server_was_not_seen_is_no_soak(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;

	story->stages[1].soak.for_ms = 120'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_int_equal(story->toy.soaks, 1);
	is_away(story, 0, OUTCOME_CUT, 60'000, 600'000);
	toy_cut_watch(&story->toy, 0);
	assert_int_equal((toy_go_on_until(&story->toy, 600'000), story->toy.is_over), false);
	toy_go_on_until(&story->toy, 900'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void a_restarted_run_goes_on_with_both(void **state)
{
	for (int64_t ms = 500; ms < 30'000; ms += 500) {
		struct pair pair = pair_new(-HOUR_MS);
		struct story *story = pair.story;
		story_begin(story);
		toy_go_on_until(&story->toy, ms);
		bool was_over = story->toy.is_over;
		if (!was_over)
			story_restart(story);
		toy_go_on_until(&story->toy, 400'000);
		assert_int_equal(story->toy.code, EXIT_DONE);
		assert_in_range(story->toy.apps.v[pair.here].posts_accepted, 1, 1);
		assert_in_range(story->toy.apps.v[pair.there].posts_accepted, 1, 1);
		story_free(story);
		if (was_over)
			break;
	}
}

static void one_of_several_of_a_name_is_skipped_by_its_whole_name(void **state)
{
	struct pair pair = pair_new(0);
	struct story *story = pair.story;
	struct instruction skip = {.type = INSTRUCTION_SKIP,
				   .who = {.uid = 1, .name = STR("owner"), .is_owner = true},
				   .reason = STR("broken"),
				   .app = STR("web")};

	story->toy.apps.v[pair.there].operation_ms = 500'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_int_equal(story->toy.begun, 2);
	assert_int_equal(story_instruct(story, skip), EXIT_USAGE);
	assert_str(story->answer.text, "several are called 'web': name one of main/web, other/web");
	skip.app = STR("other/web");
	assert_int_equal(story_instruct(story, skip), EXIT_DONE);
	assert_str(story->answer.text,
		   "other/web is skipped: nobody waits for it; its operation in Argo CD goes "
		   "on, if it has not ended");
	story->toy.apps.v[pair.there].is_excused = true;
	toy_go_on_until(&story->toy, 100'000);
	assert_int_equal(story->toy.code, EXIT_PARTLY);
	story_free(story);
}

static void each_server_has_its_own_room_for_requests(void **state)
{
	enum { MANY = 2 * REQUESTS_IN_FLIGHT_MAX };
	struct pair pair = pair_new(0);
	struct story *story = pair.story;
	char name[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "app-%03d", i);
		toy_add_in(&story->toy, name, "env=test");
		toy_add_there(&story->toy, name, "env=stg");
	}
	story->plan.concurrency = MANY;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_true(story->toy.in_flight_max > REQUESTS_IN_FLIGHT_MAX);
	assert_true(story->toy.in_flight_max <= 2 * REQUESTS_IN_FLIGHT_MAX);
	story_free(story);
}

/* ---- chaos ---- */

enum { CHAOS_STORIES = 1'000 };

/* As in run_test.c; the toy watches over the order. */
static void stories_of_chaos_on_two_keep_the_promise_and_end(void **state)
{
	uint64_t one, first = 1, last = CHAOS_STORIES;
	bool is_one = str_to_u64(str_of(getenv("TIPHYS_SEED")), &one);

	(void)str_to_u64(str_of(getenv("TIPHYS_STORIES")), &last);
	if (is_one)
		first = last = one;
	for (uint64_t seed = first; seed <= last; seed++) {
		struct story *story = story_new();
		prng_seed(&story->toy.prng, seed);
		story->toy.is_trace_printed = is_one;
		chaos_make(&story->toy, &story->plan);
		chaos_part(&story->toy, &story->plan, story->stages, seed);
		story_run(story);
		chaos_check(&story->toy);
		story_free(story);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_name_on_two_servers_is_two_applications_in_order),
		cmocka_unit_test(each_server_is_asked_for_what_its_own_stages_select),
		cmocka_unit_test(a_strangers_sync_that_nobody_saw_holds_it_whatever_the_clocks_say),
		cmocka_unit_test(
			a_sync_that_began_in_its_stage_is_no_stranger_whatever_the_clocks_say),
		cmocka_unit_test(one_that_is_away_is_named_and_holds_up_no_work_elsewhere),
		cmocka_unit_test(nothing_is_posted_while_an_earlier_stages_server_is_away),
		cmocka_unit_test(the_one_that_is_away_is_named_though_others_come_between),
		cmocka_unit_test(no_barrier_opens_while_an_earlier_stages_server_is_away),
		cmocka_unit_test(with_all_of_them_away_the_clocks_stand_still),
		cmocka_unit_test(one_that_is_away_at_the_start_ends_it_by_name),
		cmocka_unit_test(the_barrier_reads_earlier_stages_wherever_they_are),
		cmocka_unit_test(what_falls_ill_on_the_other_server_breaks_the_soak),
		cmocka_unit_test(time_in_which_one_server_was_not_seen_is_no_soak),
		cmocka_unit_test(a_restarted_run_goes_on_with_both),
		cmocka_unit_test(one_of_several_of_a_name_is_skipped_by_its_whole_name),
		cmocka_unit_test(each_server_has_its_own_room_for_requests),
		cmocka_unit_test(stories_of_chaos_on_two_keep_the_promise_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
