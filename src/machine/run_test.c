#include "machine/run.h"

#include "chaos.h"
#include "run_story.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t requests_of(const struct story *story, uint32_t app)
{
	return toy_count(&story->toy, app, REQUEST_GET) +
	       toy_count(&story->toy, app, REQUEST_REFRESH) +
	       toy_count(&story->toy, app, REQUEST_SYNC);
}

/* ---- the ordinary ---- */

static void three_moved_apps_are_each_posted_once(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t job = toy_add_moved(&story->toy, "job");

	assert_int_equal(story_run(story), EXIT_DONE);
	for (uint32_t app = web; app <= job; app++) {
		assert_int_equal(toy_count(&story->toy, app, REQUEST_SYNC), 1);
		assert_in_range(requests_of(story, app), 1, 6);
		assert_int_equal(story->toy.apps.v[app].told_as, PHASE_CONFIRMED);
	}
	assert_int_equal(api, 1);
	assert_int_equal(story->toy.barriers, 1);
	assert_int_equal(story->toy.plan_note.counts.total, 3);
	assert_int_equal(story->toy.end_note.counts.by_phase[PHASE_CONFIRMED], 3);
	assert_int_equal(story->toy.requests[REQUEST_OWNERS], 1);
	assert_int_equal(story->toy.requests[REQUEST_OWNER], 0);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 1);
	assert_int_equal(story->run.group.slots, 0);
	story_free(story);
}

static void a_second_run_posts_nothing(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);
	uint32_t api = toy_add(&story->toy, "api", NEW);

	assert_int_equal(story_run(story), EXIT_DONE);
	for (uint32_t app = web; app <= api; app++) {
		assert_int_equal(toy_count(&story->toy, app, REQUEST_SYNC), 0);
		assert_in_range(toy_count(&story->toy, app, REQUEST_REFRESH), 1, 2);
		assert_true(story->toy.apps.v[app].is_told_skipped);
	}
	assert_int_equal(story->toy.end_note.counts.skipped, 2);
	story_free(story);
}

static void a_run_that_never_skips_posts_what_is_synced(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);

	story->plan.skip = SKIP_NEVER;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void an_operation_that_failed_before_is_posted_again(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);

	/* Synced and Healthy, but a PostSync hook failed. */
	story->toy.apps.v[web].now.shown.phase = OP_FAILED;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

/* ---- the revision ---- */

static void the_revision_arrives_while_it_is_waited_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);
	uint32_t api = toy_add(&story->toy, "api", OLD);

	toy_later(&story->toy, 20'000, web, toy_move_to_new);
	toy_later(&story->toy, 60'000, api, toy_move_to_new);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_revision_that_never_comes_ends_as_a_timeout(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->toy.owner_says = OLD;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 5m: ");
	story_free(story);
}

static void one_that_moves_on_before_its_turn_is_superseded(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->plan.concurrency = 1;
	toy_later(&story->toy, 2'000, api, toy_move_to_other);
	assert_int_equal(story_run(story), EXIT_SUPERSEDED);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 0);
	story_free(story);
}

static void one_that_moves_on_after_it_was_done_is_superseded(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 60'000;
	toy_later(&story->toy, 30'000, web, toy_move_to_other);
	assert_int_equal(story_run(story), EXIT_SUPERSEDED);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_SUPERSEDED);
	/* The other one's operation was followed to its end. */
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	assert_int_equal(story->toy.barriers, 0);
	story_free(story);
}

/* ---- failures ---- */

static void a_failing_hook_stops_what_has_not_started(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t job = toy_add_moved(&story->toy, "job");

	story->plan.concurrency = 2;
	story->toy.apps.v[web].ends_as = OP_FAILED;
	story->toy.apps.v[web].trouble = STR("Job smoke: BackoffLimitExceeded");
	story->toy.apps.v[api].operation_ms = 30'000;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, web, CAUSE_HOOK_FAILED, "Job smoke", "BackoffLimitExceeded");
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	assert_told(story, job, CAUSE_HELD_BACK, "web", "");
	assert_int_equal(story->toy.apps.v[job].told_as, PHASE_LEFT);
	assert_int_equal(toy_count(&story->toy, job, REQUEST_SYNC), 0);
	story_free(story);
}

static void with_keep_going_the_others_are_posted_all_the_same(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t job = toy_add_moved(&story->toy, "job");

	story->plan.concurrency = 1;
	story->plan.keep_going = true;
	story->toy.apps.v[web].ends_as = OP_FAILED;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	assert_int_equal(story->toy.apps.v[job].told_as, PHASE_DONE);
	assert_int_equal(story->toy.running_max, 1);
	story_free(story);
}

static void nothing_is_posted_in_the_turn_of_a_failure(void **state)
{
	/* Two wait for the same deadline; the one that comes first fails by it. */
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->plan.revision_timeout_ms = 30'000;
	story->plan.allow_auto_sync = true;
	story->toy.apps.v[api].now.has_auto_sync = true; /* it is waited for, for 30 s too */
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_FAILED);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 0);
	story_free(story);
}

static void a_degraded_app_fails_after_some_grace(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].settles_as = HEALTH_DEGRADED;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_DEGRADED);
	assert_true(story->toy.over_ms > 30'000);
	story_free(story);
}

static void an_app_that_is_degraded_for_a_moment_is_forgiven(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].settles_as = HEALTH_DEGRADED;
	toy_later(&story->toy, 25'000, web, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	story_free(story);
}

static void an_app_that_stays_progressing_times_out(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].settles_as = HEALTH_PROGRESSING;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 5m: ");
	story_free(story);
}

static void drift_that_only_pruning_ends_is_named(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].needs_prune = true;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, web, CAUSE_NEEDS_PRUNE, "Deployment web", "");
	assert_in_range(toy_count(&story->toy, web, REQUEST_REFRESH), 2, 6);
	story_free(story);
}

static void drift_may_be_allowed(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->plan.allow_out_of_sync = true;
	story->toy.apps.v[web].needs_prune = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

/* ---- concurrency ---- */

static void never_more_than_the_concurrency_run(void **state)
{
	struct story *story = story_new();

	story->plan.concurrency = 3;
	for (int i = 0; i < 20; i++) {
		char name[16];
		snprintf(name, sizeof name, "app-%02d", i);
		uint32_t app = toy_add_moved(&story->toy, name);
		story->toy.apps.v[app].operation_ms = 1'000 + 700 * (i % 5);
	}
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.running_max, 3);
	for (uint32_t app = 0; app < 20; app++)
		assert_int_equal(toy_count(&story->toy, app, REQUEST_SYNC), 1);
	assert_int_equal(story->run.group.slots, 0);
	story_free(story);
}

static void an_adopted_operation_takes_a_slot(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->plan.concurrency = 1;
	story->toy.apps.v[web].operation_ms = 30'000;
	toy_sync_by_stranger(&story->toy, web);
	story_begin(story);
	toy_go_on_until(&story->toy, 20'000);
	assert_told(story, web, CAUSE_ADOPTED, "alice", "");
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 0);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 0);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_slot_taken_by_following_is_no_licence_to_post(void **state)
{
	/* Both are followed, though there is one slot; then web needs an operation of ours. */
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->plan.concurrency = 1;
	story->toy.apps.v[api].operation_ms = 60'000;
	toy_sync_by_stranger(&story->toy, web);
	toy_sync_by_stranger(&story->toy, api);
	/* Nobody sees this one run: the next reading shows that web needs a POST. */
	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 5'000, web, toy_sync_partly_by_stranger);
	story_begin(story);
	toy_go_on_until(&story->toy, 50'000);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 0);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 0);
	story_free(story);
}

static void a_slot_goes_on_if_the_first_in_the_queue_has_lost_interest(void **state)
{
	/* api waits for the slot; a stranger's operation starts on it; then the slot comes free. */
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t job = toy_add_moved(&story->toy, "job");

	story->plan.concurrency = 1;
	story->toy.apps.v[web].operation_ms = 10'000;
	story->toy.apps.v[api].operation_ms = 300'000;
	toy_later(&story->toy, 8'000, api, toy_sync_old_by_stranger);
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, job, REQUEST_SYNC), 1);
	story->toy.apps.v[api].operation_ms = 2'000;
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void a_hundred_apps_keep_the_requests_in_flight_few(void **state)
{
	struct story *story = story_new();

	story->plan.concurrency = 1000;
	story->toy.is_watch_dead = true;
	story->toy.net_ms = 200;
	for (int i = 0; i < 200; i++) {
		char name[16];
		snprintf(name, sizeof name, "app-%03d", i);
		toy_add_moved(&story->toy, name);
	}
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(story->toy.in_flight_max, 40, REQUESTS_IN_FLIGHT_MAX + 5);
	story_free(story);
}

static void who_waits_for_room_to_post_posts_once_though_all_are_judged_again(void **state)
{
	struct story *story = story_new();

	story->plan.concurrency = 100;
	story->plan.keep_going = true;
	toy_stages(&story->plan, 2);
	for (int i = 0; i < 70; i++) {
		char name[16];
		snprintf(name, sizeof name, "app-%03d", i);
		toy_add_in(&story->toy, name, "env=test");
	}
	toy_add_in(&story->toy, "web-stg", "env=stg");
	/* The first answer has everybody looked at. */
	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = 0, .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 70);
	assert_in_range(story->toy.in_flight_max, 40, REQUESTS_IN_FLIGHT_MAX);
	story_free(story);
}

/* ---- strangers ---- */

static void a_strangers_operation_at_another_revision_is_waited_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_sync_old_by_stranger(&story->toy, web);
	story_begin(story);
	toy_go_on_until(&story->toy, 2'000);
	assert_told(story, web, CAUSE_FOREIGN, "alice", "");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void another_run_at_another_revision_is_a_conflict(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	struct operation *requested = &story->toy.apps.v[web].now.requested;

	*requested = (struct operation){.phase = OP_RUNNING,
					.id = 99,
					.revision = OTHER,
					.token = STR("v1/run-9/uid-web-1/1")};
	assert_int_equal(story_run(story), EXIT_CONFLICT);
	assert_told(story, web, CAUSE_OTHER_RUN, "run-9",
		    "3333333333333333333333333333333333333333");
	story_free(story);
}

static void a_partial_sync_after_ours_takes_its_basis_away(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 60'000;
	toy_later(&story->toy, 30'000, web, toy_sync_partly_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 2);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 1);
	assert_int_equal(story->toy.barriers, 1);
	story_free(story);
}

static void take_basis_away_again(struct toy *toy, uint32_t app)
{
	const struct application *now = &toy->apps.v[app].now;
	if (!application_in_operation(now) && !str_empty(now->shown.token))
		toy_sync_partly_by_stranger(toy, app);
	if (!toy->is_over)
		toy_later(toy, 200, app, take_basis_away_again);
}

static void a_basis_that_is_lost_again_and_again_fails_by_name(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_later(&story->toy, 100, web, take_basis_away_again);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 3);
	assert_told(story, web, CAUSE_REGRESSED, "alice", "");
	story_free(story);
}

static void auto_sync_is_refused_unless_it_is_allowed(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].now.has_auto_sync = true;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_REFUSED);
	assert_int_equal(story->toy.apps.v[api].told.type, CAUSE_HAS_AUTO_SYNC);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_WAITING);
	assert_str(story->toy.end_note.text,
		   "refused before anything was posted: 1 of 2 applications");
	story_free(story);
}

static void auto_sync_that_is_allowed_is_adopted(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->plan.allow_auto_sync = true;
	story->toy.apps.v[web].now.has_auto_sync = true;
	toy_later(&story->toy, 5'000, web, toy_move_to_new);
	toy_later(&story->toy, 8'000, web, toy_sync_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 0);
	story_free(story);
}

static void auto_sync_that_never_comes_is_not_waited_for_long(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->plan.allow_auto_sync = true;
	story->toy.apps.v[web].now.has_auto_sync = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_in_range(story->toy.over_ms, 30'000, 60'000);
	story_free(story);
}

static void what_auto_sync_would_prune_our_post_prunes_too(void **state)
{
	for (int prunes = 0; prunes < 2; prunes++) {
		struct story *story = story_new();
		uint32_t web = toy_add_moved(&story->toy, "web");

		story->plan.allow_auto_sync = true;
		story->toy.apps.v[web].now.has_auto_sync = true;
		story->toy.apps.v[web].now.auto_sync_prunes = prunes;
		assert_int_equal(story_run(story), EXIT_DONE);
		assert_int_equal(story->has_pruned, prunes);
		story_free(story);
	}
}

static void a_refresh_that_is_overlooked_is_asked_for_in_other_words(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].settle_ms = 0;
	story->toy.apps.v[web].overlooks = 1;
	story->toy.apps.v[web].is_compared_late = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	/* Argo CD's own next compare would come minutes later. */
	assert_in_range(story->toy.over_ms, 15'000, 30'000);
	story_free(story);
}

static void a_refresh_that_a_younger_one_overtakes_is_not_waited_for_long(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	for (uint32_t app = 0; app < 2; app++) {
		story->toy.apps.v[app].is_compared_late = true;
		story->toy.apps.v[app].settle_ms = 0;
	}
	story->toy.apps.v[web].overlooks = 1;
	story->toy.apps.v[api].operation_ms += 3'000;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(story->toy.over_ms, 10'000, 16'000);
	story_free(story);
}

static void a_slow_render_is_not_asked_for_twice(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);
	uint32_t api = toy_add(&story->toy, "api", OLD);

	story->toy.apps.v[web].render_ms = 25'000;
	toy_later(&story->toy, 1'000, web, toy_move_to_new);
	/* It is refreshed meanwhile, and answered before the slow one is. */
	toy_later(&story->toy, 10'000, api, toy_move_to_new);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(story->toy.over_ms, 26'000, 40'000);
	story_free(story);
}

static void rolling_sync_is_refused(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.owner_is_rolling = true;
	story->plan.allow_auto_sync = true;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_ROLLING_SYNC);
	story_free(story);
}

static void an_app_that_is_being_refreshed_all_the_time_ends_all_the_same(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);

	for (int64_t ms = 0; ms < 60'000; ms += 100)
		toy_later(&story->toy, ms, web, toy_refresh_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(toy_count(&story->toy, web, REQUEST_REFRESH), 2, 6);
	story_free(story);
}

/* ---- the barrier ---- */

static void an_app_that_regresses_is_reopened_alone(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 400'000;
	/* Long after web was done; its waits start anew. */
	toy_later(&story->toy, 403'000, web, toy_progress);
	toy_later(&story->toy, 420'000, web, toy_heal);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, api, REQUEST_SYNC), 1);
	assert_true(story->toy.over_ms > 420'000);
	story_free(story);
}

static void the_re_read_begins_after_the_last_was_done(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 60'000;
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	uint32_t before = toy_count(&story->toy, web, REQUEST_REFRESH);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_DONE);
	assert_int_equal(story->toy.barriers, 0);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_true(toy_count(&story->toy, web, REQUEST_REFRESH) > before);
	story_free(story);
}

static void a_latecomer_joins_and_all_are_read_again_after_it(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[api].operation_ms = 20'000;
	toy_later(&story->toy, 10'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_in_range(story->toy.warnings, 1, 1);
	story_free(story);
}

static void a_latecomer_that_only_the_list_shows_joins_too(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.is_watch_dead = true;
	story->toy.apps.v[web].operation_ms = 30'000;
	story->toy.apps.v[late].is_there = false;
	toy_later(&story->toy, 10'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_latecomer_during_the_barrier_closes_it_again(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[api].compare_ms = 10'000; /* so the barrier lasts that long */
	story_begin(story);
	while (story->toy.barriers == 0)
		toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + 100);
	toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + 2'000);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_CONFIRMED);
	toy_later(&story->toy, 1, late, toy_appear);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(story->toy.barriers, 2);
	story_free(story);
}

static void a_latecomer_with_auto_sync_is_refused(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].now.has_auto_sync = true;
	toy_later(&story->toy, 3'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[late].told.type, CAUSE_HAS_AUTO_SYNC);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 0);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_DONE);
	story_free(story);
}

static void a_latecomer_whose_application_set_fails_once_is_not_forgotten(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[web].operation_ms = 60'000;
	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].now.owner = STR("another");
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .times = 1,
						 .from_ms = 4'000});
	toy_later(&story->toy, 5'000, late, toy_appear);
	story_begin(story);
	toy_go_on_until(&story->toy, 15'000);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

/* ---- deleted, created again ---- */

static void a_latecomer_that_nobody_may_read_fails(void **state)
{
	for (int is_first = 0; is_first < 2; is_first++) {
		struct story *story = story_new();
		uint32_t web = is_first ? toy_add(&story->toy, "web", OLD)
					: toy_add_moved(&story->toy, "web");
		uint32_t late = toy_add_moved(&story->toy, "late");

		story->toy.is_watch_dead = true;
		story->toy.apps.v[late].is_there = false;
		toy_later(&story->toy, 3'000, late, toy_appear);
		toy_later(&story->toy, 40'000, web, toy_move_to_new);
		toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
							 .app = late,
							 .outcome = OUTCOME_DENIED});
		story->toy.apps.v[web].operation_ms = 30'000;
		/* 4 promises that nothing was accepted. */
		assert_int_equal(story_run(story), is_first ? EXIT_DENIED : EXIT_FAILED);
		assert_told(story, late, CAUSE_DENIED, "", "as the test wants it");
		story_free(story);
	}
}

static void a_latecomer_that_is_gone_before_it_is_read_fails(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.is_watch_dead = true;
	story->toy.apps.v[web].operation_ms = 30'000;
	toy_later(&story->toy, 3'000, late, toy_appear);
	toy_fail(
		&story->toy,
		(struct toy_fault){.type = REQUEST_GET, .app = late, .outcome = OUTCOME_NOT_FOUND});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, late, CAUSE_DELETED, "", "");
	story_free(story);
}

static void a_latecomer_of_another_namespace_is_refused(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].now.namespace = STR("team-a");
	toy_later(&story->toy, 3'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, late, CAUSE_OTHER_NAMESPACE, "team-a", "argocd");
	assert_int_equal(requests_of(story, late), 0);
	story_free(story);
}

static void one_that_is_deleted_half_way_fails(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	toy_later(&story->toy, 3'000, web, toy_delete);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, web, CAUSE_DELETED, "", "");
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	story_free(story);
}

static void one_that_is_created_again_fails(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_later(&story->toy, 3'000, web, toy_recreate);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_RECREATED);
	assert_true(story->toy.over_ms < 10'000);
	story_free(story);
}

static void one_that_is_created_again_unseen_by_the_watch_fails_too(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 3'000, web, toy_recreate);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_RECREATED);
	story_free(story);
}

/* ---- before anything is posted ---- */

static void a_selection_that_is_empty_is_a_usage_error(void **state)
{
	struct story *story = story_new();

	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_str(
		story->toy.end_note.text,
		"no Application of project 'platform' matches 'env=test'; look at the labels with "
		"`argocd app list`, and mind that an Application that you may not read is "
		"not listed");
	story_free(story);
}

static void a_project_that_is_not_there_is_named(void **state)
{
	struct story *story = story_new();

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_PROJECT,
						 .app = APP_NONE,
						 .outcome = OUTCOME_NOT_FOUND});
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_str(story->toy.end_note.text,
		   "no Application of project 'platform' matches 'env=test': there is no project "
		   "'platform'");
	story_free(story);
}

static void a_project_that_may_not_be_read_is_named(void **state)
{
	struct story *story = story_new();

	story->plan.servers[0].selector = STR("");
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_PROJECT,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_str(story->toy.end_note.text,
		   "project 'platform' has no Application: project 'platform' does not exist, or "
		   "these credentials may not read it");
	story_free(story);
}

static void why_there_is_none_is_asked_once_it_is_known_that_none_is_to_come(void **state)
{
	struct story *story = story_new();

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNERS,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .times = 3});
	story_begin(story);
	toy_go_on_until(&story->toy, 2'000);
	assert_int_equal(story->toy.requests[REQUEST_PROJECT], 0);
	toy_go_on_until(&story->toy, 10'000);
	assert_int_equal(story->toy.code, EXIT_USAGE);
	story_free(story);
}

static void why_there_is_none_is_asked_again_only_after_a_while(void **state)
{
	struct story *story = story_new();

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_PROJECT,
						 .app = APP_NONE,
						 .outcome = OUTCOME_UNREACHABLE,
						 .times = 1});
	for (int64_t ms = 50; ms < 1'000; ms += 50)
		toy_later(&story->toy, ms, 0, toy_cut_watch);
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.requests[REQUEST_PROJECT], 2);
	assert_in_range(story->toy.over_ms, 2'000, 3'000);
	story_free(story);
}

static void where_the_settings_name_no_namespace_it_is_argocd(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->toy.home = STR("");
	assert_int_equal(story_run(story), EXIT_DONE);
	story_free(story);
}

static void an_app_that_appears_while_we_ask_why_there_is_none_is_taken(void **state)
{
	struct story *story = story_new();
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_PROJECT,
						 .app = APP_NONE,
						 .outcome = OUTCOME_TIMEOUT,
						 .times = 1});
	toy_later(&story->toy, 1'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	story_free(story);
}

/* It was known that it is to come, so nobody had to read it; and then it is there. */
static void one_that_comes_while_the_others_are_read_is_read_too(void **state)
{
	struct story *story = story_new();

	story_promotion(story, 2);
	uint32_t web = toy_add_in(&story->toy, "web", "env=test");
	uint32_t late = toy_add_in(&story->toy, "late", "env=stg");
	story->toy.apps.v[late].is_generated = true;
	story->toy.apps.v[late].is_there = false;
	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_GET, .app = web, .outcome = OUTCOME_CUT, .times = 6});
	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 3'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	story_free(story);
}

static void an_answer_about_the_project_that_comes_late_changes_nothing(void **state)
{
	struct story *story = story_new();
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.net_ms = 300;
	toy_later(&story->toy, 2'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_PROJECT], 1);
	story_free(story);
}

static void an_app_in_another_namespace_is_refused(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.home = STR("gitops");
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_OTHER_NAMESPACE);
	story_free(story);
}

static void one_that_tracks_a_branch_is_refused_and_all_the_others_are_named(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);
	uint32_t api = toy_add(&story->toy, "api", OLD);
	uint32_t job = toy_add_moved(&story->toy, "job");

	story->toy.apps.v[web].now.target_revision = STR("main");
	story->toy.apps.v[api].now.source_kind = SOURCE_MULTI;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_told(story, web, CAUSE_NEVER, "main", "");
	assert_int_equal(story->toy.apps.v[api].told.type, CAUSE_UNSUPPORTED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.apps.v[job].told_as, PHASE_WAITING);
	story_free(story);
}

static void a_dry_run_only_reads(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");
	toy_add(&story->toy, "api", NEW);

	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.requests[REQUEST_REFRESH], 0);
	assert_int_equal(story->toy.requests[REQUEST_WATCH], 0);
	assert_int_equal(story->toy.previews, 2);
	assert_int_equal(story->toy.preview, PREVIEW_SKIP);
	assert_true(story->toy.preview_is_compared);
	story_free(story);
}

static void what_differs_from_another_revision_is_not_previewed(void **state)
{
	struct story *story = story_new();
	toy_add(&story->toy, "web", OLD);

	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.preview, PREVIEW_WAIT);
	assert_false(story->toy.preview_is_compared);
	story_free(story);
}

static void a_dry_run_of_what_cannot_be_done_fails(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	toy_add_moved(&story->toy, "api");

	story->plan.is_dry_run = true;
	story->toy.apps.v[web].now.requested = (struct operation){
		.phase = OP_RUNNING,
		.id = 99,
		.revision = OTHER,
		.token = STR("v1/run-9/uid-web-1/1")};
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, web, CAUSE_OTHER_RUN, "run-9",
		    "3333333333333333333333333333333333333333");
	assert_int_equal(story->toy.previews, 2);
	story_free(story);
}

static void what_was_not_compared_with_its_spec_is_not_previewed(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->plan.is_dry_run = true;
	story->toy.apps.v[web].now.is_compared = false;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_false(story->toy.preview_is_compared);
	story_free(story);
}

static void what_cannot_be_compared_is_not_previewed(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->plan.is_dry_run = true;
	story->toy.apps.v[web].now.error = STR("cannot render");
	story_run(story);
	assert_int_equal(story->toy.previews, 1);
	assert_false(story->toy.preview_is_compared);
	story_free(story);
}

/* ---- stages ---- */

/* Test, staging, production: one Application each, in a run of three stages. */
struct fleet {
	uint32_t test, stg, prd;
};

static struct fleet fleet_new(struct story *story)
{
	toy_stages(&story->plan, 3);
	return (struct fleet){
		.test = toy_add_in(&story->toy, "web-test", "env=test"),
		.stg = toy_add_in(&story->toy, "web-stg", "tier=web,env=stg"),
		.prd = toy_add_in(&story->toy, "web-prd", "env=prd"),
	};
}

static void assert_warned(const struct story *story, const char *words)
{
	if (!str_find(story->toy.last_warning, str_of(words), NULL))
		fail_msg("'" STR_FMT "' does not say '%s'", STR_ARG(story->toy.last_warning),
			 words);
}

static void three_stages_come_one_after_the_other(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	toy_add_in(&story->toy, "web-moon", "env=moon");

	assert_int_equal(story_run(story), EXIT_DONE);
	for (uint32_t app = fleet.test; app <= fleet.prd; app++)
		assert_int_equal(toy_count(&story->toy, app, REQUEST_SYNC), 1);
	for (uint32_t i = 1; i < 3; i++)
		assert_true(story->toy.begun_ms[i] >= story->toy.passed_ms[i - 1]);
	assert_int_equal(story->toy.end_note.stage, 3);
	assert_int_equal(story->toy.plan_note.counts.total, 3);
	assert_int_equal(story->toy.requests[REQUEST_WATCH], 1);
	assert_int_equal(story->toy.warnings, 0);
	story_free(story);
}

static void every_member_is_read_live_before_the_first_post(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.net_ms = 400;
	assert_int_equal(story_run(story), EXIT_DONE);
	for (uint32_t app = fleet.test; app <= fleet.prd; app++)
		assert_true(story->toy.apps.v[app].seen_ms <= story->toy.begun_ms[0]);
	story_free(story);
}

static void who_waits_for_his_stage_says_so(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story_begin(story);
	toy_go_on_until(&story->toy, 3'000);
	assert_told(story, fleet.stg, CAUSE_STAGE, "stage 1 (env=test)", "");
	assert_told(story, fleet.prd, CAUSE_STAGE, "stage 2 (env=stg)", "");
	/* And asks for nothing meanwhile. */
	assert_int_equal(requests_of(story, fleet.prd), 1);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void a_stage_that_owns_nobody_has_nothing_to_do(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_stages(&story->plan, 4);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 1);
	assert_int_equal(story->toy.stage_notes[3].counts.total, 0);
	assert_int_equal(story->toy.stage_notes[3].shared, 2);
	assert_int_equal(story->toy.shared, 2);
	assert_int_equal(story->toy.end_note.stage, 4);
	assert_int_equal(story->toy.warnings, 1);
	assert_warned(story, "stage 4 (env in (test, prd)) has nothing to sync");
	story_free(story);
}

static void a_stage_that_selects_nothing_is_a_usage_error(void **state)
{
	struct story *story = story_new();
	toy_add_in(&story->toy, "web-test", "env=test");

	toy_stages(&story->plan, 2);
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_str(story->toy.end_note.text,
		   "stage 2 (env=stg) selects no Application of project 'platform'; look at the "
		   "labels with `argocd app list`, or have some waited for with --expect");
	story_free(story);
	story = story_new();
	toy_add_in(&story->toy, "web-test", "env=test");
	story_promotion(story, 2);
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_true(str_ends(story->toy.end_note.text,
			     STR("or have some waited for with `expect` in its file")));
	story_free(story);
}

static void stages_that_select_nothing_at_all_are_one_error(void **state)
{
	struct story *story = story_new();

	toy_stages(&story->plan, 2);
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_true(str_starts(
		story->toy.end_note.text,
		STR("no Application of project 'platform' is selected by any of the 2 stages")));
	story_free(story);
}

static void one_that_is_refused_in_the_last_stage_refuses_the_whole_run(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.prd].now.has_auto_sync = true;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.apps.v[fleet.prd].told_as, PHASE_REFUSED);
	story_free(story);
}

static void while_one_regresses_at_the_barrier_no_later_stage_is_posted(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	story->toy.apps.v[api].operation_ms = 60'000;
	toy_later(&story->toy, 63'000, fleet.test, toy_progress);
	toy_later(&story->toy, 90'000, fleet.test, toy_heal);
	story_begin(story);
	toy_go_on_until(&story->toy, 89'000);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_failure_holds_back_the_stages_behind_it(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.stg].ends_as = OP_FAILED;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, fleet.test, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	assert_told(story, fleet.prd, CAUSE_HELD_BACK, "web-stg", "");
	assert_int_equal(story->toy.end_note.stage, 1);
	story_free(story);
}

static void keep_going_ends_with_its_stage(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	story->plan.keep_going = true;
	story->plan.concurrency = 1;
	story->toy.apps.v[fleet.test].ends_as = OP_FAILED;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	assert_int_equal(story->toy.apps.v[fleet.stg].told_as, PHASE_LEFT);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	story_free(story);
}

static void keep_going_forgets_nobody_who_is_judged_in_the_turn_of_a_failure(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	/* All are judged in the turn in which the stages begin, the one that fails before the last
	 * stage's; and nothing else happens to that one. */
	story->plan.keep_going = true;
	story->toy.apps.v[fleet.stg].now.is_deleting = true;
	story->toy.is_watch_dead = true;
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, fleet.prd, CAUSE_HELD_BACK, "web-stg", "");
	assert_int_equal(story->toy.apps.v[fleet.prd].told_as, PHASE_LEFT);
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_true(story->toy.over_ms < 60'000);
	story_free(story);
}

static void one_of_a_later_stage_that_can_never_be_done_ends_the_run_at_once(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 60'000;
	toy_later(&story->toy, 10'000, fleet.prd, toy_move_to_other);
	assert_int_equal(story_run(story), EXIT_SUPERSEDED);
	assert_int_equal(story->toy.apps.v[fleet.prd].told.type, CAUSE_SUPERSEDED);
	/* What runs was followed to its end, and so was its stage. */
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.end_note.stage, 1);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	story_free(story);
}

/* ---- strangers in later stages ---- */

static void a_strangers_sync_of_a_later_stage_stops_what_is_ahead(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.apps.v[fleet.test].operation_ms = 30'000;
	story->toy.apps.v[fleet.prd].operation_ms = 60'000;
	toy_later(&story->toy, 10'000, fleet.prd, toy_sync_by_stranger);
	story_begin(story);
	toy_go_on_until(&story->toy, 12'000);
	assert_int_equal(story->toy.warnings, 1);
	assert_warned(story, "web-prd: a sync of this revision, started by alice, began before "
			     "its stage did, stage 3 (env=prd)");
	assert_told(story, fleet.stg, CAUSE_HELD_BACK_STRANGER, "web-prd", "");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_told(story, fleet.prd, CAUSE_AHEAD, "alice", "");
	/* Both operations were followed to their ends. */
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_true(story->toy.over_ms > 70'000);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 1);
	assert_int_equal(story->toy.warnings, 1);
	story_free(story);
}

static void the_stage_before_a_strangers_is_read_once_more_all_the_same(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	/* The stranger's is over before the stage at work is done. */
	story->toy.apps.v[fleet.test].operation_ms = 60'000;
	toy_later(&story->toy, 10'000, fleet.prd, toy_sync_by_stranger);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.barriers, 1);
	assert_int_equal(story->toy.end_note.stage, 1);
	story_free(story);
}

static void a_strangers_sync_may_be_accepted(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->plan.accept_foreign = true;
	toy_later(&story->toy, 3'000, fleet.prd, toy_sync_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 1);
	assert_warned(story, "going on (--accept-foreign)");
	/* It is a basis like any other. */
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 1);
	story_free(story);
}

static void what_ran_at_the_first_reading_is_no_move(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add(&story->toy, "api-prd", NEW);

	toy_label(&story->toy, api, "env=prd");
	story->toy.apps.v[fleet.prd].start_ms = 1;
	story->toy.apps.v[fleet.prd].operation_ms = 20'000;
	toy_sync_by_stranger(&story->toy, fleet.prd);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 0);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	assert_true(story->toy.apps.v[api].is_told_skipped);
	story_free(story);
}

static void a_sync_of_another_revision_is_no_move(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_later(&story->toy, 3'000, fleet.prd, toy_sync_old_by_stranger);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 0);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_stranger_that_nothing_has_shown_is_found_by_the_barriers_list(void **state)
{
	/* The watch is dead, and a List has just been. */
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_stages(&story->plan, 2);
	story->toy.is_watch_dead = true;
	story->toy.apps.v[fleet.test].operation_ms = 1'000;
	story->toy.apps.v[fleet.test].settle_ms = 100;
	story->toy.apps.v[fleet.stg].start_ms = 1;
	story->toy.apps.v[fleet.stg].operation_ms = 100'000;
	toy_later(&story->toy, 15'100, fleet.stg, toy_sync_by_stranger);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.begun_ms[1], -1);
	assert_told(story, fleet.stg, CAUSE_AHEAD, "alice", "");
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	story_free(story);
}

static void who_appears_unseen_before_a_barrier_is_known_by_its_list(void **state)
{
	/* The watch is dead, and Lists fail for a while. */
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-test", "env=test");

	toy_stages(&story->plan, 2);
	story->toy.is_watch_dead = true;
	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[fleet.test].operation_ms = 1'000;
	story->toy.apps.v[fleet.test].settle_ms = 100;
	toy_later(&story->toy, 15'100, late, toy_appear);
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_LIST,
						 .app = APP_NONE,
						 .outcome = OUTCOME_UNREACHABLE,
						 .times = 100,
						 .from_ms = 15'000,
						 .until_ms = 25'000});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 1);
	story_free(story);
}

/* Something shows that production has changed, and for two minutes nobody can read it. */
static void hint_at_a_stranger(bool is_watch_dead)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->toy.is_watch_dead = is_watch_dead;
	story->toy.apps.v[fleet.test].operation_ms = 20'000;
	toy_later(&story->toy, 5'000, fleet.prd, toy_sync_by_stranger);
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
						 .app = fleet.prd,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .from_ms = 5'000,
						 .until_ms = 120'000});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[fleet.test].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.begun_ms[1], -1);
	assert_true(story->toy.over_ms > 120'000);
	assert_told(story, fleet.prd, CAUSE_AHEAD, "alice", "");
	/* Meanwhile it is said what is waited for. */
	assert_str_eq(story->toy.last_heartbeat.name, STR("web-prd"));
	assert_int_equal(story->toy.last_heartbeat.cause.type, CAUSE_READING);
	story_free(story);
}

static void no_stage_begins_while_what_a_list_hints_at_is_not_read(void **state)
{
	hint_at_a_stranger(true);
}

static void no_stage_begins_while_what_the_watch_hints_at_is_not_read(void **state)
{
	hint_at_a_stranger(false);
}

static void no_stage_begins_while_a_newcomer_of_a_later_stage_is_not_read(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-prd", "env=prd");

	story->toy.apps.v[late].is_there = false;
	toy_later(&story->toy, 5'000, late, toy_appear);
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
						 .app = late,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .until_ms = 120'000});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_true(story->toy.passed_ms[0] < 120'000);
	assert_true(story->toy.begun_ms[1] >= 120'000);
	assert_str_eq(story->toy.last_heartbeat.name, STR("late-prd"));
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 1);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	story_free(story);
}

/* ---- who comes and goes ---- */

static void one_that_appears_in_a_later_stage_is_a_member_of_it(void **state)
{
	struct story *story = story_new();
	fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-prd", "env=prd");

	story->toy.apps.v[late].is_there = false;
	toy_later(&story->toy, 5'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_warned(story, "late-prd appeared while the run goes on; it joins stage 3 (env=prd)");
	assert_int_equal(story->toy.end_note.counts.total, 4);
	story_free(story);
}

static void one_that_appears_in_a_stage_that_is_done_stops_what_is_ahead(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-test", "env=test");

	story->plan.keep_going = true; /* that is no help */
	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[fleet.stg].operation_ms = 60'000;
	toy_later(&story->toy, 50'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, late, CAUSE_LATE, "stage 1 (env=test)", "");
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 0);
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	/* What was at work is done; the stage that was done is not any more. */
	assert_int_equal(story->toy.apps.v[fleet.stg].told_as, PHASE_CONFIRMED);
	assert_int_equal(story->toy.end_note.stage, 1);
	story_free(story);
}

static void one_that_leaves_the_selection_stays_and_that_is_said_once(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t api = toy_add_in(&story->toy, "api-test", "env=test");

	toy_stages(&story->plan, 1);
	story->plan.servers[0].selector = STR("env=test");
	story->toy.apps.v[api].operation_ms = 200'000;
	toy_later(&story->toy, 20'000, fleet.test, toy_unlabel);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 1);
	assert_warned(story, "web-test left the selection");
	assert_int_equal(story->toy.end_note.counts.total, 2);
	/* No List asks after it again. */
	assert_in_range(requests_of(story, fleet.test), 3, 9);
	story_free(story);
}

static void come_back(struct toy *toy, uint32_t app)
{
	toy_label(toy, app, "env=prd");
	toy_touch(toy, app);
}

static void one_that_came_back_to_the_selection_is_seen_by_lists_again(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	story->plan.servers[0].selector = STR("env!=none");
	story->toy.apps.v[fleet.test].operation_ms = 200'000;
	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 20'000, fleet.prd, toy_unlabel);
	toy_later(&story->toy, 60'000, fleet.prd, come_back);
	toy_later(&story->toy, 100'000, fleet.prd, toy_sync_by_stranger);
	story_begin(story);
	toy_go_on_until(&story->toy, 60'000);
	assert_warned(story, "web-prd left the selection");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_told(story, fleet.prd, CAUSE_AHEAD, "alice", "");
	assert_int_equal(toy_count(&story->toy, fleet.stg, REQUEST_SYNC), 0);
	story_free(story);
}

/* ---- are these all? ---- */

static void one_that_appears_in_a_later_stage_while_it_is_deleted_is_no_member(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-prd", "env=prd");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].now.is_deleting = true;
	toy_later(&story->toy, 3'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, late, CAUSE_DELETED, "", "its deletion is under way");
	assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
	story_free(story);
}

/* It is known of, and its first reading takes long, while the stage at work comes to its end. */
static void one_that_appears_too_late_keeps_the_next_stage_back_before_it_is_read(void **state)
{
	for (uint32_t stages = 2; stages <= 3; stages++) {
		struct story *story = story_new();
		struct fleet fleet = fleet_new(story);
		uint32_t late = toy_add_in(&story->toy, "late-test", "env=test");

		toy_stages(&story->plan, stages);
		story->toy.apps.v[late].is_there = false;
		toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
							 .app = late,
							 .outcome = OUTCOME_TIMEOUT,
							 .times = 1});
		story_begin(story);
		while (story->toy.begun < 2)
			toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + 100);
		toy_later(&story->toy, 2'000, late, toy_appear);
		toy_go_on_until(&story->toy, 600'000);
		assert_int_equal(story->toy.code, EXIT_FAILED);
		assert_told(story, late, CAUSE_LATE, "stage 1 (env=test)", "");
		assert_true(story->toy.passed_ms[1] > 0);
		assert_int_equal(toy_count(&story->toy, fleet.prd, REQUEST_SYNC), 0);
		story_free(story);
	}
}

static void one_that_no_application_set_makes_is_a_member_like_others(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->toy.apps.v[web].now.owner = STR("");
	toy_later(&story->toy, 20'000, web, toy_move_to_new);
	story_begin(story);
	toy_go_on_until(&story->toy, 10'000);
	assert_told(story, web, CAUSE_REVISION, "1111111111111111111111111111111111111111", "");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_OWNER], 0);
	story_free(story);
}

static void one_that_its_application_set_will_make_is_waited_for(void **state)
{
	struct story *story = story_new();
	fleet_new(story);
	uint32_t late = toy_add_in(&story->toy, "late-test", "env=test");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].is_generated = true;
	toy_later(&story->toy, 60'000, late, toy_appear);
	story_begin(story);
	toy_go_on_until(&story->toy, 50'000);
	assert_told(story, late, CAUSE_TO_COME, "", "");
	assert_int_equal(story->toy.stage_notes[0].to_come, 1);
	assert_int_equal(story->toy.begun, 1);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_int_equal(story->toy.warnings, 0);
	assert_int_equal(story->toy.plan_note.best_effort, BEST_EFFORT_NOT);
	story_free(story);
}

static void one_that_is_never_made_is_a_timeout_by_name(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].is_generated = true;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, late, "after 5m: it is not there yet");
	story_free(story);
}

static void a_stage_that_is_still_to_be_made_is_not_empty(void **state)
{
	struct story *story = story_new();
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].is_generated = true;
	toy_later(&story->toy, 20'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_PROJECT], 0);
	story_free(story);
}

static void without_the_right_to_ask_it_is_best_effort(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GENERATE,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.plan_note.best_effort, BEST_EFFORT_NO_CREATE);
	assert_int_equal(story->toy.end_note.best_effort, BEST_EFFORT_NO_CREATE);
	assert_int_equal(story->toy.warnings, 0);
	story_free(story);
}

static void a_generator_that_fails_is_no_trouble_with_the_server(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GENERATE,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.plan_note.best_effort, BEST_EFFORT_FAILED);
	assert_int_equal(story->toy.warnings, 0);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 1);
	story_free(story);
}

static void expect(struct story *story, uint32_t test, uint32_t stg)
{
	static struct plan_stage stages[2];

	stages[0] = story->plan.stages[0];
	stages[1] = story->plan.stages[1];
	stages[0].expect = test;
	stages[1].expect = stg;
	story->plan.stages = stages;
	story->plan.stage_count = stg > 0 ? 2 : 1;
	story->plan.servers[0].selector = stg > 0 ? STR("") : story->plan.servers[0].selector;
}

static void what_is_generated_for_another_project_is_no_member(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");
	uint32_t foreign = toy_add_moved(&story->toy, "foreign");

	story->toy.apps.v[foreign].is_there = false;
	story->toy.apps.v[foreign].is_generated = true;
	story->toy.apps.v[foreign].now.project = STR("payments");
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.plan_note.counts.total, 1);
	story_free(story);
}

static void appear_at_home(struct toy *toy, uint32_t app)
{
	vec_at(&toy->apps, app).now.namespace = STR("argocd");
	toy_appear(toy, app);
}

static void what_is_generated_without_a_namespace_will_be_in_argo_cds_own(void **state)
{
	struct story *story = story_new();
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].is_generated = true;
	story->toy.apps.v[late].now.namespace = STR("");
	toy_later(&story->toy, 20'000, late, appear_at_home);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->run.facts.members.n, 1);
	story_free(story);
}

static void an_application_set_whose_applications_no_stage_selects_is_not_asked(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->toy.owner_labels = STR("env=moon");
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 0);
	assert_int_equal(story->toy.plan_note.best_effort, BEST_EFFORT_NOT);
	story_free(story);
}

static void a_run_without_a_selector_asks_every_application_set(void **state)
{
	static const struct plan_stage all = {0};
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->plan.stages = &all;
	story->plan.servers[0].selector = STR("");
	story->toy.owner_labels = STR("env=moon");
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 1);
	story_free(story);
}

static void application_sets_are_asked_a_few_at_a_time(void **state)
{
	static const char *const sets[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct story *story = story_new();

	for (size_t i = 0; i < COUNTOF(sets); i++) {
		uint32_t app = toy_add_moved(&story->toy, sets[i]);
		story->toy.apps.v[app].now.owner = str_of(sets[i]);
	}
	story->toy.net_ms = 100;
	story_begin(story);
	while (story->toy.requests[REQUEST_GENERATE] == 0)
		toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + 50);
	toy_go_on_until(&story->toy, story->toy.now_ms - 1'000 + 50);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 5);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], COUNTOF(sets));
	story_free(story);
}

static void application_sets_wait_for_room_like_others(void **state)
{
	for (int is_hidden = 0; is_hidden < 2; is_hidden++) {
		struct story *story = story_new();

		toy_stages(&story->plan, 2);
		for (uint32_t i = 0; i < 200; i++) {
			uint32_t app = toy_add(&story->toy, "", NEW);
			story->toy.apps.v[app].now.name = arena_printf(&story->toy.arena, "web-%u",
								       i);
			story->toy.apps.v[app].now.owner = i % 3 ? STR("blue") : STR("green");
			toy_label(&story->toy, app, i % 2 ? "env=test" : "env=stg");
		}
		story->toy.net_ms = 300;
		story->toy.are_owners_hidden = is_hidden;
		/* Its answer comes while all are being read. */
		toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNERS,
							 .app = APP_NONE,
							 .outcome = OUTCOME_SERVER_ERROR,
							 .times = 1});
		assert_int_equal(story_run(story), EXIT_DONE);
		assert_int_equal(story->toy.requests[is_hidden ? REQUEST_OWNER : REQUEST_GENERATE],
				 2);
		assert_in_range(story->toy.in_flight_max, 1, REQUESTS_IN_FLIGHT_MAX);
		story_free(story);
	}
}

static void where_application_sets_may_not_be_listed_it_is_best_effort(void **state)
{
	for (uint32_t expected = 0; expected < 2; expected++) {
		struct story *story = story_new();
		toy_add_moved(&story->toy, "web");

		toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNERS,
							 .app = APP_NONE,
							 .outcome = OUTCOME_DENIED});
		expect(story, expected, 0);
		assert_int_equal(story_run(story), EXIT_DONE);
		/* Who has said how many there are misses nothing. */
		assert_int_equal(story->toy.end_note.best_effort,
				 expected ? BEST_EFFORT_NOT : BEST_EFFORT_NO_GET);
		assert_int_equal(story->toy.requests[REQUEST_OWNERS], 1);
		story_free(story);
	}
}

static void a_list_of_application_sets_that_never_comes_is_given_up(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNERS,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR});
	story->plan.server_timeout_ms = 60'000;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.end_note.best_effort, BEST_EFFORT_FAILED);
	assert_in_range(story->toy.requests[REQUEST_OWNERS], 5, 15);
	story_free(story);
}

static void an_application_set_that_can_never_be_read_is_given_up(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	story->toy.apps.v[web].operation_ms = 30'000;
	story->toy.apps.v[late].is_there = false;
	story->toy.apps.v[late].now.owner = STR("late-fleet");
	toy_later(&story->toy, 3'000, late, toy_appear);
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.end_note.best_effort, BEST_EFFORT_FAILED);
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 1);
	assert_in_range(story->toy.requests[REQUEST_OWNER], 5, 15);
	story_free(story);
}

static void an_answer_that_names_no_application_set_is_asked_for_again(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->toy.are_owners_hidden = true;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_OK,
						 .times = 1});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_OWNER], 2);
	assert_int_equal(story->toy.warnings, 0);
	story_free(story);
}

static void what_is_known_of_an_application_set_stays_known(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->toy.owner_says = OLD;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED});
	toy_later(&story->toy, 100'000, web, toy_move_to_new);
	story_begin(story);
	for (int64_t ms = 1'000; ms < 90'000; ms += 1'000) {
		toy_later(&story->toy, 1, web, toy_touch);
		toy_go_on_until(&story->toy, ms);
	}
	assert_in_range(story->toy.requests[REQUEST_OWNER], 2, 10);
	assert_told(story, web, CAUSE_REVISION, "1111111111111111111111111111111111111111",
		    "its ApplicationSet 'fleet' says 1111111111111111111111111111111111111111");
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	story_free(story);
}

static void begin_to_roll(struct toy *toy, uint32_t app)
{
	(void)app;
	toy->owner_is_rolling = true;
}

static void an_application_set_that_begins_to_roll_half_way_ends_no_run(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	toy_later(&story->toy, 10'000, web, begin_to_roll);
	for (int64_t ms = 1'000; ms < 90'000; ms += 1'000)
		toy_later(&story->toy, ms, web, toy_touch);
	toy_later(&story->toy, 100'000, web, toy_move_to_new);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_true(story->run.group.owners.v[0].all.v[0].is_rolling);
	story_free(story);
}

static void an_application_set_that_answers_slowly_is_asked_once_at_a_time(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->toy.are_owners_hidden = true;
	story->toy.net_ms = 2'500;
	for (int64_t ms = 1'000; ms < 20'000; ms += 300)
		toy_later(&story->toy, ms, web, toy_touch);
	story_begin(story);
	toy_go_on_until(&story->toy, 25'000);
	assert_int_equal(story->toy.requests[REQUEST_OWNER], 1);
	toy_later(&story->toy, 1, web, toy_interrupt);
	toy_go_on_until(&story->toy, 26'000);
	story_free(story);
}

static void so_many_as_are_expected_are_waited_for(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	expect(story, 1, 1);
	story->toy.apps.v[fleet.stg].is_there = false;
	toy_later(&story->toy, 30'000, fleet.stg, toy_appear);
	story_begin(story);
	toy_go_on_until(&story->toy, 20'000);
	assert_warned(story, "stage 2 (env=stg) has 0 of 1 expected applications");
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	/* Who has said how many there are need not ask. */
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 0);
	assert_int_equal(story->toy.plan_note.best_effort, BEST_EFFORT_NOT);
	story_free(story);
}

static void fewer_than_expected_are_a_timeout(void **state)
{
	struct story *story = story_new();

	expect(story, 1, 0);
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_str(story->toy.end_note.text, "stage 1 (env=test) has 0 of 1 expected applications");
	assert_in_range(story->toy.over_ms, 300'000, 310'000);
	story_free(story);
}

static void more_than_expected_are_a_failure_by_name(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");
	toy_add_moved(&story->toy, "api");

	expect(story, 1, 0);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_str(story->toy.end_note.text,
		   "stage 1 (env=test) has 2 applications, more than the 1 expected: web, api");
	assert_int_equal(story->toy.end_note.cause.type, CAUSE_UNEXPECTED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	story_free(story);
}

static void one_that_appears_though_nobody_expects_it_fails(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t late = toy_add_moved(&story->toy, "late");

	expect(story, 1, 0);
	story->toy.apps.v[late].is_there = false;
	toy_later(&story->toy, 5'000, late, toy_appear);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_told(story, late, CAUSE_UNEXPECTED, "stage 1 (env=test)", "");
	assert_int_equal(toy_count(&story->toy, late, REQUEST_SYNC), 0);
	assert_int_equal(story->toy.apps.v[web].told_as, PHASE_DONE);
	story_free(story);
}

static void a_dry_run_of_several_stages_only_reads(void **state)
{
	struct story *story = story_new();
	fleet_new(story);

	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.previews, 3);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	assert_int_equal(story->toy.requests[REQUEST_REFRESH], 0);
	assert_int_equal(story->toy.requests[REQUEST_GENERATE], 0);
	assert_int_equal(story->toy.end_note.best_effort, BEST_EFFORT_DRY_RUN);
	story_free(story);
}

static void a_dry_run_shows_who_is_refused_and_who_is_left_out_and_goes_on(void **state)
{
	struct story *story = story_new();
	struct fleet fleet = fleet_new(story);

	toy_add_in(&story->toy, "web-moon", "env=moon");
	story->toy.apps.v[fleet.stg].now.has_auto_sync = true;
	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.apps.v[fleet.stg].told_as, PHASE_REFUSED);
	assert_int_equal(story->toy.previews, 2);
	assert_int_equal(story->toy.unselected, 1);
	assert_str(story->toy.end_note.text,
		   "dry run: nothing was posted; refused: 1 of 3 applications");
	story_free(story);
}

static void a_dry_run_shows_what_there_is_of_what_is_expected(void **state)
{
	struct story *story = story_new();
	fleet_new(story);

	expect(story, 1, 2);
	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_warned(story, "stage 2 (env=stg) has 1 of 2 expected applications");
	assert_int_equal(story->toy.previews, 2);
	story_free(story);
}

static void a_dry_run_waits_for_nobody_in_an_empty_stage(void **state)
{
	struct story *story = story_new();
	toy_add_in(&story->toy, "web-test", "env=test");

	toy_stages(&story->plan, 2);
	expect(story, 1, 1);
	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_warned(story, "stage 2 (env=stg) has 0 of 1 expected applications");
	assert_int_equal(story->toy.previews, 1);
	story_free(story);
}

static void a_dry_run_of_nothing_says_why_whatever_is_expected(void **state)
{
	struct story *story = story_new();

	expect(story, 1, 0);
	story->plan.is_dry_run = true;
	assert_int_equal(story_run(story), EXIT_USAGE);
	assert_int_equal(story->toy.requests[REQUEST_PROJECT], 1);
	story_free(story);
}

static void of_many_that_are_too_many_some_are_named(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h",
					    "i", "j", "k", "l", "m", "n", "o", "p",
					    "q", "r", "s", "t", "u", "v", "w"};
	struct story *story = story_new();

	toy_stages(&story->plan, 2);
	toy_add_in(&story->toy, "stg", "env=stg");
	for (size_t i = 0; i < COUNTOF(names); i++)
		toy_add_in(&story->toy, names[i], "env=test");
	expect(story, 1, 1);
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_str(story->toy.end_note.text,
		   "stage 1 (env=test) has 23 applications, more than the 1 expected: a, b, c, d, "
		   "e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t and 3 more");
	story_free(story);
}

/* ---- the server ---- */

static void no_server_at_the_start_ends_soon(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_VERSION,
						 .app = APP_NONE,
						 .outcome = OUTCOME_UNREACHABLE});
	assert_int_equal(story_run(story), EXIT_TRY_AGAIN);
	assert_in_range(story->toy.over_ms, 9'000, 15'000);
	assert_int_equal(story->toy.end_note.outcome, OUTCOME_UNREACHABLE);
	story_free(story);
}

static void no_server_at_the_start_ends_sooner_if_that_is_asked_for(void **state)
{
	struct story *story = story_new();

	story->plan.server_timeout_ms = 1'000;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_VERSION,
						 .app = APP_NONE,
						 .outcome = OUTCOME_TIMEOUT});
	assert_int_equal(story_run(story), EXIT_TRY_AGAIN);
	assert_in_range(story->toy.over_ms, 900, 3'500);
	story_free(story);
}

static void wrong_credentials_at_the_start_end_at_once(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_LIST,
						 .app = APP_NONE,
						 .outcome = OUTCOME_UNAUTHENTICATED});
	assert_int_equal(story_run(story), EXIT_DENIED);
	story_free(story);
}

static void wrong_credentials_end_a_start_whatever_they_are_asked_for(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNERS,
						 .app = APP_NONE,
						 .outcome = OUTCOME_UNAUTHENTICATED});
	assert_int_equal(story_run(story), EXIT_DENIED);
	assert_in_range(story->toy.over_ms, 1'000, 2'000);
	story_free(story);
}

static void what_is_no_argo_cd_ends_at_once(void **state)
{
	struct story *story = story_new();

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_VERSION,
						 .app = APP_NONE,
						 .outcome = OUTCOME_NOT_FOUND});
	story_run(story);
	assert_int_equal(story->toy.end_note.outcome, OUTCOME_NOT_FOUND);
	assert_int_equal(story->toy.requests[REQUEST_VERSION], 1);
	story_free(story);
}

static void what_argo_cd_says_itself_is_said_once(void **state)
{
	struct story *story = story_new();

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_LIST,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED,
						 .message = STR("permission denied: projects")});
	assert_int_equal(story_run(story), EXIT_DENIED);
	assert_str(story->toy.end_note.text, "permission denied: projects");
	story_free(story);
}

static void who_may_not_read_is_told_so_before_anything_is_posted(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.is_watch_dead = true;
	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_GET, .app = web, .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_DENIED);
	assert_int_equal(story->toy.requests[REQUEST_SYNC], 0);
	story_free(story);
}

static void who_may_not_sync_is_denied(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_DENIED);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_denial_after_something_was_accepted_is_a_failure(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->plan.concurrency = 1;
	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = api, .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(story->toy.apps.v[api].told.type, CAUSE_DENIED);
	story_free(story);
}

static void every_request_fails(struct story *story, enum outcome outcome, int64_t from_ms,
				int64_t until_ms)
{
	toy_fail_all(
		&story->toy,
		(struct toy_fault){.outcome = outcome, .from_ms = from_ms, .until_ms = until_ms});
}

static void a_server_that_goes_away_for_a_while_is_waited_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	every_request_fails(story, OUTCOME_UNREACHABLE, 3'000, 63'000);
	toy_later(&story->toy, 2'000, web, toy_cut_watch);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.apps.v[web].posts_accepted, 1);
	assert_int_equal(story->toy.warnings, 2);
	story_free(story);
}

static void a_server_that_stays_away_ends_the_run(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	every_request_fails(story, OUTCOME_UNREACHABLE, 3'000, 0);
	toy_later(&story->toy, 2'000, web, toy_cut_watch);
	assert_int_equal(story_run(story), EXIT_TRY_AGAIN);
	assert_in_range(story->toy.over_ms, 120'000, 160'000);
	story_free(story);
}

static void who_stands_between_us_and_argo_cd_ends_the_run(void **state)
{
	static const enum outcome outcomes[] = {OUTCOME_REDIRECT, OUTCOME_BAD_CERTIFICATE,
						OUTCOME_WRONG_SCHEME};

	for (size_t i = 0; i < COUNTOF(outcomes); i++) {
		struct story *story = story_new();
		toy_add_moved(&story->toy, "web");

		every_request_fails(story, outcomes[i], 3'000, 0);
		assert_int_equal(story_run(story), EXIT_USAGE);
		assert_int_equal(story->toy.end_note.outcome, outcomes[i]);
		assert_in_range(story->toy.over_ms, 120'000, 160'000);
		story_free(story);
	}
}

static void credentials_that_expire_half_way_end_the_run_after_a_while(void **state)
{
	for (int is_accepted = 0; is_accepted < 2; is_accepted++) {
		struct story *story = story_new();
		uint32_t web = is_accepted ? toy_add_moved(&story->toy, "web")
					   : toy_add(&story->toy, "web", OLD);

		every_request_fails(story, OUTCOME_UNAUTHENTICATED, 5'000, 0);
		/* 4 promises that nothing was accepted. */
		assert_int_equal(story_run(story), is_accepted ? EXIT_TIMEOUT : EXIT_DENIED);
		assert_int_equal(story->toy.apps.v[web].posts_accepted, is_accepted);
		assert_in_range(story->toy.over_ms, 120'000, 160'000);
		story_free(story);
	}
}

static void a_denial_is_a_failure_though_another_is_accepted_only_later(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_DENIED});
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
						 .app = api,
						 .outcome = OUTCOME_TIMEOUT,
						 .times = 1,
						 .is_done_anyway = true});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_DENIED);
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	story_free(story);
}

static void one_app_that_cannot_be_read_does_not_hang_the_run(void **state)
{
	/* All other requests are answered; only this object is too much for the server. */
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_GET,
						 .app = web,
						 .outcome = OUTCOME_SERVER_ERROR});
	assert_int_equal(story_run(story), EXIT_TRY_AGAIN);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_SERVER);
	assert_int_equal(story->toy.apps.v[api].told_as, PHASE_DONE);
	assert_in_range(requests_of(story, web), 10, 60);
	story_free(story);
}

static void an_application_set_that_fails_once_does_not_end_the_run(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->toy.are_owners_hidden = true;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_SERVER_ERROR,
						 .times = 1});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.requests[REQUEST_OWNER], 2);
	story_free(story);
}

static void an_application_set_that_may_not_be_read_is_warned_of(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	story->toy.are_owners_hidden = true;
	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_OWNER,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 1);
	story_free(story);
}

static void a_watch_that_never_says_anything_costs_time_but_no_truth(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 20'000, web, toy_move_to_new);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(story->toy.over_ms, 30'000, 150'000);
	assert_in_range(requests_of(story, web), 5, 15);
	assert_in_range(requests_of(story, api), 5, 15);
	story_free(story);
}

static void a_watch_that_is_cut_is_started_again(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	for (int64_t ms = 500; ms < 60'000; ms += 50)
		toy_later(&story->toy, ms, web, toy_cut_watch);
	story->toy.apps.v[web].operation_ms = 30'000;
	assert_int_equal(story_run(story), EXIT_DONE);
	/* And not in a hurry, though each of them shows the application at once. */
	assert_in_range(story->toy.requests[REQUEST_WATCH], 3, 12);
	story_free(story);
}

static void a_watch_that_is_not_allowed_costs_time_but_no_truth(void **state)
{
	struct story *story = story_new();
	toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_WATCH,
						 .app = APP_NONE,
						 .outcome = OUTCOME_DENIED});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(story->toy.warnings, 0);
	story_free(story);
}

/* ---- our POST ---- */

/* That the connection broke, and that Argo CD answers again. */
enum { CUT_WARNINGS = 2 };

static void a_post_without_an_answer_is_found_by_its_token(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
						 .app = web,
						 .outcome = OUTCOME_TIMEOUT,
						 .times = 1,
						 .is_done_anyway = true});
	story->toy.apps.v[web].operation_ms = 90'000;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_post_whose_answer_shows_no_object_is_followed_all_the_same(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
						 .app = web,
						 .outcome = OUTCOME_OK,
						 .times = 1,
						 .is_done_anyway = true});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_post_on_which_the_spec_has_moved_is_made_again_at_once(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_MOVED, .times = 1});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 2);
	story_free(story);
}

static void a_post_without_an_answer_whose_operation_is_over_is_found_too(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy, (struct toy_fault){.type = REQUEST_SYNC,
						 .app = web,
						 .outcome = OUTCOME_TIMEOUT,
						 .times = 1,
						 .is_done_anyway = true});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	story_free(story);
}

static void a_post_that_never_arrived_is_posted_again_under_a_new_token(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_CUT, .times = 1});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 2);
	assert_str(story->toy.apps.v[web].now.shown.token, "v1/run-1/uid-web-1/2");
	/* Whether it had come and gone unseen nobody knows. */
	assert_int_equal(story->toy.warnings, CUT_WARNINGS + 1);
	assert_str(story->toy.last_warning,
		   "web: its sync was possibly asked for twice: POST 1 was not answered and was "
		   "never seen, so it was repeated; the order of stages holds, but its hooks may "
		   "have run twice: look at what they did");
	story_free(story);
}

static void begin_to_delete(struct toy *toy, uint32_t app)
{
	toy->apps.v[app].now.is_deleting = true;
	toy_touch(toy, app);
}

/* Two POSTs are cut off; then its application goes, or begins to. */
static void delete_after_two_posts(void (*deletes)(struct toy *, uint32_t), const char *words)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_CUT, .times = 2});
	story_begin(story);
	for (int64_t ms = 1; toy_count(&story->toy, web, REQUEST_SYNC) < 2; ms++)
		toy_go_on_until(&story->toy, ms);
	deletes(&story->toy, web);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_FAILED);
	assert_told(story, web, CAUSE_DELETED, "", words);
	assert_warned(story, "web: its sync was possibly asked for twice");
	story_free(story);
}

static void what_became_of_a_post_is_told_though_its_application_is_deleted(void **state)
{
	delete_after_two_posts(begin_to_delete, "its deletion is under way");
	delete_after_two_posts(toy_delete, "");
}

static void land_late(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &toy->apps.v[app];
	if (it->now.requested.phase != OP_NONE)
		return;
	it->now.shown = (struct operation){0};
	it->now.requested = (struct operation){.phase = OP_RUNNING,
					       .id = 1000,
					       .revision = NEW,
					       .token = STR("v1/run-1/uid-web-1/1")};
	it->now.resource_version++;
	it->now.shown = it->now.requested;
	it->now.shown.id++;
	toy_touch(toy, app);
}

static void take_it_away(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &toy->apps.v[app];
	it->now.requested = (struct operation){0};
	it->now.shown.phase = OP_SUCCEEDED;
	it->now.shown.finished_at = (wall){INT64_C(1'795'000'100'000)};
	it->deployed = NEW;
	toy_touch(toy, app);
	toy_later(toy, 2'000, app, toy_heal);
}

static void a_post_that_lands_late_is_followed_and_takes_a_slot(void **state)
{
	/*
	 * The connection broke, the reading showed nothing, another one has the slot; then the
	 * first POST lands after all. Now both run, and the third has to wait for both.
	 */
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	toy_add_moved(&story->toy, "api");
	uint32_t job = toy_add_moved(&story->toy, "job");

	story->plan.concurrency = 1;
	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_CUT, .times = 1});
	toy_later(&story->toy, 250, web, land_late);
	story_begin(story);
	toy_go_on_until(&story->toy, 20'000);
	assert_int_equal(toy_count(&story->toy, job, REQUEST_SYNC), 0);
	toy_later(&story->toy, 1, web, take_it_away);
	toy_go_on_until(&story->toy, 600'000);
	assert_int_equal(story->toy.code, EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 1);
	assert_int_equal(story->toy.apps.v[job].posts_accepted, 1);
	assert_int_equal(story->toy.warnings, CUT_WARNINGS); /* it went out once */
	story_free(story);
}

static void a_post_that_lands_after_its_repeat_makes_it_twice(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 90'000;
	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_CUT, .times = 1});
	toy_later(&story->toy, 60'000, web, land_late);
	toy_later(&story->toy, 62'000, web, take_it_away);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 2);
	/* It had been possible, and is certain now. */
	assert_int_equal(story->toy.warnings, CUT_WARNINGS + 2);
	assert_true(str_starts(story->toy.last_warning,
			       STR("web: its sync was asked for twice: POST 1 was not answered or "
				   "seen in time, so it was repeated, and both came to be; ")));
	story_free(story);
}

static void a_busy_application_is_read_and_waited_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){
			 .type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_BUSY, .times = 1});
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 2);
	story_free(story);
}

static void an_application_that_is_always_busy_is_not_posted_in_a_storm(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_BUSY});
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_in_range(toy_count(&story->toy, web, REQUEST_SYNC), 5, 60);
	story_free(story);
}

static void posts_that_no_connection_carries_do_not_go_on_for_ever(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_REDIRECT});
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_in_range(toy_count(&story->toy, web, REQUEST_SYNC), 5, 60);
	story_free(story);
}

static void a_refusal_that_may_pass_is_tried_three_times(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	toy_fail(&story->toy,
		 (struct toy_fault){.type = REQUEST_SYNC, .app = web, .outcome = OUTCOME_INVALID});
	assert_int_equal(story_run(story), EXIT_FAILED);
	assert_int_equal(toy_count(&story->toy, web, REQUEST_SYNC), 3);
	assert_int_equal(story->toy.apps.v[web].told.type, CAUSE_REJECTED);
	story_free(story);
}

static void a_closed_window_is_waited_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].is_window_closed = true;
	toy_later(&story->toy, 100'000, web, toy_open_window);
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(toy_count(&story->toy, web, REQUEST_SYNC), 4, 6);
	story_free(story);
}

static void a_window_that_stays_closed_is_a_timeout(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].is_window_closed = true;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 10m: ");
	story_free(story);
}

/* ---- a controller that is down ---- */

static void without_a_controller_an_operation_times_out(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].is_controller_down = true;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 10m: ");
	story_free(story);
}

static void without_a_controller_the_proof_times_out(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", NEW);

	story->toy.apps.v[web].is_controller_down = true;
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 5m: ");
	assert_in_range(toy_count(&story->toy, web, REQUEST_REFRESH), 3, 12);
	story_free(story);
}

static void without_a_controller_the_re_read_times_out(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	uint32_t api = toy_add_moved(&story->toy, "api");

	story->toy.apps.v[api].operation_ms = 30'000;
	toy_later(&story->toy, 20'000, web, toy_stop_controller);
	assert_int_equal(story_run(story), EXIT_TIMEOUT);
	assert_timed_out(story, web, "after 5m: ");
	story_free(story);
}

static void no_compare_follows_the_operation_so_it_is_asked_for(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.apps.v[web].is_compared_late = true;
	assert_int_equal(story_run(story), EXIT_DONE);
	assert_in_range(requests_of(story, web), 5, 7);
	story_free(story);
}

/* ---- the user ---- */

static void an_interrupt_says_what_is_still_running(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");
	toy_add(&story->toy, "api", OLD);

	story->toy.apps.v[web].operation_ms = 60'000;
	toy_later(&story->toy, 10'000, web, toy_interrupt);
	assert_int_equal(story_run(story), 130);
	assert_str(story->toy.end_note.text, "interrupted; still running in Argo CD: web");
	story_free(story);
}

static void an_interrupt_before_anything_runs_says_so(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	toy_later(&story->toy, 10'000, web, toy_interrupt);
	assert_int_equal(story_run(story), 130);
	assert_str(story->toy.end_note.text, "interrupted; nothing is running");
	story_free(story);
}

static void an_interrupt_before_anything_is_read_says_so(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add_moved(&story->toy, "web");

	story->toy.is_watch_dead = true;
	toy_later(&story->toy, 1'000, web, toy_interrupt);
	assert_int_equal(story_run(story), 130);
	assert_int_equal(story->run.facts.members.n, 1);
	assert_str(story->toy.end_note.text, "interrupted; nothing is running");
	story_free(story);
}

static void an_interrupt_waits_for_no_answer(void **state)
{
	struct story *story = story_new();
	uint32_t web = toy_add(&story->toy, "web", OLD);

	story->toy.net_ms = 4'000;
	toy_later(&story->toy, 10'000, web, toy_interrupt);
	assert_int_equal(story_run(story), 130);
	assert_str(story->toy.end_note.text, "interrupted; nothing is running");
	story_free(story);
}

/* ---- chaos ---- */

enum { CHAOS_STORIES = 2'000 };

static uint64_t chaos_seed;

static uint64_t chaos_story(uint64_t seed, bool is_trace_printed)
{
	struct story *story = story_new();
	chaos_seed = seed;
	prng_seed(&story->toy.prng, seed);
	story->toy.is_trace_printed = is_trace_printed;
	chaos_make(&story->toy, &story->plan);
	story_run(story);
	chaos_check(&story->toy);
	uint64_t trace = story->toy.trace;
	story_free(story);
	chaos_seed = 0;
	return trace;
}

static int tell_the_seed(void **state)
{
	if (chaos_seed != 0)
		print_error("TIPHYS_SEED=%llu shows it\n", (unsigned long long)chaos_seed);
	return 0;
}

static void stories_of_chaos_keep_the_promise_and_end(void **state)
{
	uint64_t seed, stories = CHAOS_STORIES;

	if (str_to_u64(str_of(getenv("TIPHYS_SEED")), &seed)) {
		chaos_story(seed, true);
		return;
	}
	(void)str_to_u64(str_of(getenv("TIPHYS_STORIES")), &stories);
	for (uint64_t i = 1; i <= stories; i++)
		chaos_story(i, false);
}

static void the_same_seed_tells_the_same_story(void **state)
{
	for (uint64_t i = 1; i <= 50; i++)
		assert_int_equal(chaos_story(i, false), chaos_story(i, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_moved_apps_are_each_posted_once),
		cmocka_unit_test(a_second_run_posts_nothing),
		cmocka_unit_test(a_run_that_never_skips_posts_what_is_synced),
		cmocka_unit_test(an_operation_that_failed_before_is_posted_again),
		cmocka_unit_test(the_revision_arrives_while_it_is_waited_for),
		cmocka_unit_test(a_revision_that_never_comes_ends_as_a_timeout),
		cmocka_unit_test(one_that_moves_on_before_its_turn_is_superseded),
		cmocka_unit_test(one_that_moves_on_after_it_was_done_is_superseded),
		cmocka_unit_test(a_failing_hook_stops_what_has_not_started),
		cmocka_unit_test(with_keep_going_the_others_are_posted_all_the_same),
		cmocka_unit_test(nothing_is_posted_in_the_turn_of_a_failure),
		cmocka_unit_test(a_degraded_app_fails_after_some_grace),
		cmocka_unit_test(an_app_that_is_degraded_for_a_moment_is_forgiven),
		cmocka_unit_test(an_app_that_stays_progressing_times_out),
		cmocka_unit_test(drift_that_only_pruning_ends_is_named),
		cmocka_unit_test(drift_may_be_allowed),
		cmocka_unit_test(never_more_than_the_concurrency_run),
		cmocka_unit_test(an_adopted_operation_takes_a_slot),
		cmocka_unit_test(a_slot_taken_by_following_is_no_licence_to_post),
		cmocka_unit_test(a_slot_goes_on_if_the_first_in_the_queue_has_lost_interest),
		cmocka_unit_test(a_hundred_apps_keep_the_requests_in_flight_few),
		cmocka_unit_test(a_strangers_operation_at_another_revision_is_waited_for),
		cmocka_unit_test(another_run_at_another_revision_is_a_conflict),
		cmocka_unit_test(a_partial_sync_after_ours_takes_its_basis_away),
		cmocka_unit_test(a_basis_that_is_lost_again_and_again_fails_by_name),
		cmocka_unit_test(auto_sync_is_refused_unless_it_is_allowed),
		cmocka_unit_test(a_refresh_that_is_overlooked_is_asked_for_in_other_words),
		cmocka_unit_test(a_slow_render_is_not_asked_for_twice),
		cmocka_unit_test(a_refresh_that_a_younger_one_overtakes_is_not_waited_for_long),
		cmocka_unit_test(auto_sync_that_is_allowed_is_adopted),
		cmocka_unit_test(auto_sync_that_never_comes_is_not_waited_for_long),
		cmocka_unit_test(rolling_sync_is_refused),
		cmocka_unit_test(an_app_that_is_being_refreshed_all_the_time_ends_all_the_same),
		cmocka_unit_test(an_app_that_regresses_is_reopened_alone),
		cmocka_unit_test(the_re_read_begins_after_the_last_was_done),
		cmocka_unit_test(a_latecomer_joins_and_all_are_read_again_after_it),
		cmocka_unit_test(a_latecomer_that_only_the_list_shows_joins_too),
		cmocka_unit_test(a_latecomer_during_the_barrier_closes_it_again),
		cmocka_unit_test(a_latecomer_with_auto_sync_is_refused),
		cmocka_unit_test(a_latecomer_whose_application_set_fails_once_is_not_forgotten),
		cmocka_unit_test(one_that_is_deleted_half_way_fails),
		cmocka_unit_test(one_that_is_created_again_fails),
		cmocka_unit_test(one_that_is_created_again_unseen_by_the_watch_fails_too),
		cmocka_unit_test(a_selection_that_is_empty_is_a_usage_error),
		cmocka_unit_test(a_project_that_is_not_there_is_named),
		cmocka_unit_test(an_app_that_appears_while_we_ask_why_there_is_none_is_taken),
		cmocka_unit_test(one_that_comes_while_the_others_are_read_is_read_too),
		cmocka_unit_test(an_answer_about_the_project_that_comes_late_changes_nothing),
		cmocka_unit_test(an_app_in_another_namespace_is_refused),
		cmocka_unit_test(one_that_tracks_a_branch_is_refused_and_all_the_others_are_named),
		cmocka_unit_test(a_dry_run_only_reads),
		cmocka_unit_test(what_differs_from_another_revision_is_not_previewed),
		cmocka_unit_test(three_stages_come_one_after_the_other),
		cmocka_unit_test(every_member_is_read_live_before_the_first_post),
		cmocka_unit_test(who_waits_for_his_stage_says_so),
		cmocka_unit_test(a_stage_that_owns_nobody_has_nothing_to_do),
		cmocka_unit_test(a_stage_that_selects_nothing_is_a_usage_error),
		cmocka_unit_test(stages_that_select_nothing_at_all_are_one_error),
		cmocka_unit_test(one_that_is_refused_in_the_last_stage_refuses_the_whole_run),
		cmocka_unit_test(while_one_regresses_at_the_barrier_no_later_stage_is_posted),
		cmocka_unit_test(a_failure_holds_back_the_stages_behind_it),
		cmocka_unit_test(keep_going_ends_with_its_stage),
		cmocka_unit_test(keep_going_forgets_nobody_who_is_judged_in_the_turn_of_a_failure),
		cmocka_unit_test(one_of_a_later_stage_that_can_never_be_done_ends_the_run_at_once),
		cmocka_unit_test(a_strangers_sync_of_a_later_stage_stops_what_is_ahead),
		cmocka_unit_test(the_stage_before_a_strangers_is_read_once_more_all_the_same),
		cmocka_unit_test(a_strangers_sync_may_be_accepted),
		cmocka_unit_test(what_ran_at_the_first_reading_is_no_move),
		cmocka_unit_test(a_sync_of_another_revision_is_no_move),
		cmocka_unit_test(a_stranger_that_nothing_has_shown_is_found_by_the_barriers_list),
		cmocka_unit_test(who_appears_unseen_before_a_barrier_is_known_by_its_list),
		cmocka_unit_test(no_stage_begins_while_what_a_list_hints_at_is_not_read),
		cmocka_unit_test(no_stage_begins_while_what_the_watch_hints_at_is_not_read),
		cmocka_unit_test(no_stage_begins_while_a_newcomer_of_a_later_stage_is_not_read),
		cmocka_unit_test(one_that_appears_in_a_later_stage_is_a_member_of_it),
		cmocka_unit_test(one_that_appears_in_a_stage_that_is_done_stops_what_is_ahead),
		cmocka_unit_test(one_that_leaves_the_selection_stays_and_that_is_said_once),
		cmocka_unit_test(one_that_came_back_to_the_selection_is_seen_by_lists_again),
		cmocka_unit_test(one_that_its_application_set_will_make_is_waited_for),
		cmocka_unit_test(one_that_is_never_made_is_a_timeout_by_name),
		cmocka_unit_test(a_stage_that_is_still_to_be_made_is_not_empty),
		cmocka_unit_test(without_the_right_to_ask_it_is_best_effort),
		cmocka_unit_test(a_generator_that_fails_is_no_trouble_with_the_server),
		cmocka_unit_test(so_many_as_are_expected_are_waited_for),
		cmocka_unit_test(fewer_than_expected_are_a_timeout),
		cmocka_unit_test(more_than_expected_are_a_failure_by_name),
		cmocka_unit_test(one_that_appears_though_nobody_expects_it_fails),
		cmocka_unit_test(a_dry_run_of_several_stages_only_reads),
		cmocka_unit_test(no_server_at_the_start_ends_soon),
		cmocka_unit_test(no_server_at_the_start_ends_sooner_if_that_is_asked_for),
		cmocka_unit_test(wrong_credentials_at_the_start_end_at_once),
		cmocka_unit_test(what_argo_cd_says_itself_is_said_once),
		cmocka_unit_test(who_may_not_read_is_told_so_before_anything_is_posted),
		cmocka_unit_test(who_may_not_sync_is_denied),
		cmocka_unit_test(a_denial_after_something_was_accepted_is_a_failure),
		cmocka_unit_test(a_server_that_goes_away_for_a_while_is_waited_for),
		cmocka_unit_test(a_server_that_stays_away_ends_the_run),
		cmocka_unit_test(one_app_that_cannot_be_read_does_not_hang_the_run),
		cmocka_unit_test(an_application_set_that_fails_once_does_not_end_the_run),
		cmocka_unit_test(an_application_set_that_may_not_be_read_is_warned_of),
		cmocka_unit_test(a_watch_that_never_says_anything_costs_time_but_no_truth),
		cmocka_unit_test(a_watch_that_is_cut_is_started_again),
		cmocka_unit_test(a_watch_that_is_not_allowed_costs_time_but_no_truth),
		cmocka_unit_test(a_post_without_an_answer_is_found_by_its_token),
		cmocka_unit_test(a_post_without_an_answer_whose_operation_is_over_is_found_too),
		cmocka_unit_test(a_post_that_lands_after_its_repeat_makes_it_twice),
		cmocka_unit_test(a_post_that_never_arrived_is_posted_again_under_a_new_token),
		cmocka_unit_test(what_became_of_a_post_is_told_though_its_application_is_deleted),
		cmocka_unit_test(a_post_that_lands_late_is_followed_and_takes_a_slot),
		cmocka_unit_test(a_busy_application_is_read_and_waited_for),
		cmocka_unit_test(an_application_that_is_always_busy_is_not_posted_in_a_storm),
		cmocka_unit_test(posts_that_no_connection_carries_do_not_go_on_for_ever),
		cmocka_unit_test(a_refusal_that_may_pass_is_tried_three_times),
		cmocka_unit_test(a_closed_window_is_waited_for),
		cmocka_unit_test(a_window_that_stays_closed_is_a_timeout),
		cmocka_unit_test(without_a_controller_an_operation_times_out),
		cmocka_unit_test(without_a_controller_the_proof_times_out),
		cmocka_unit_test(without_a_controller_the_re_read_times_out),
		cmocka_unit_test(no_compare_follows_the_operation_so_it_is_asked_for),
		cmocka_unit_test(an_interrupt_says_what_is_still_running),
		cmocka_unit_test(an_interrupt_before_anything_runs_says_so),
		cmocka_unit_test(an_interrupt_waits_for_no_answer),
		cmocka_unit_test(what_auto_sync_would_prune_our_post_prunes_too),
		cmocka_unit_test(a_dry_run_of_what_cannot_be_done_fails),
		cmocka_unit_test(what_was_not_compared_with_its_spec_is_not_previewed),
		cmocka_unit_test(what_cannot_be_compared_is_not_previewed),
		cmocka_unit_test(a_latecomer_that_nobody_may_read_fails),
		cmocka_unit_test(a_latecomer_that_is_gone_before_it_is_read_fails),
		cmocka_unit_test(a_latecomer_of_another_namespace_is_refused),
		cmocka_unit_test(a_project_that_may_not_be_read_is_named),
		cmocka_unit_test(why_there_is_none_is_asked_once_it_is_known_that_none_is_to_come),
		cmocka_unit_test(where_the_settings_name_no_namespace_it_is_argocd),
		cmocka_unit_test(
			one_that_appears_in_a_later_stage_while_it_is_deleted_is_no_member),
		cmocka_unit_test(
			one_that_appears_too_late_keeps_the_next_stage_back_before_it_is_read),
		cmocka_unit_test(one_that_no_application_set_makes_is_a_member_like_others),
		cmocka_unit_test(what_is_generated_for_another_project_is_no_member),
		cmocka_unit_test(what_is_generated_without_a_namespace_will_be_in_argo_cds_own),
		cmocka_unit_test(
			an_application_set_whose_applications_no_stage_selects_is_not_asked),
		cmocka_unit_test(a_run_without_a_selector_asks_every_application_set),
		cmocka_unit_test(application_sets_are_asked_a_few_at_a_time),
		cmocka_unit_test(where_application_sets_may_not_be_listed_it_is_best_effort),
		cmocka_unit_test(a_list_of_application_sets_that_never_comes_is_given_up),
		cmocka_unit_test(an_application_set_that_can_never_be_read_is_given_up),
		cmocka_unit_test(an_answer_that_names_no_application_set_is_asked_for_again),
		cmocka_unit_test(what_is_known_of_an_application_set_stays_known),
		cmocka_unit_test(an_application_set_that_begins_to_roll_half_way_ends_no_run),
		cmocka_unit_test(an_application_set_that_answers_slowly_is_asked_once_at_a_time),
		cmocka_unit_test(a_dry_run_shows_who_is_refused_and_who_is_left_out_and_goes_on),
		cmocka_unit_test(a_dry_run_shows_what_there_is_of_what_is_expected),
		cmocka_unit_test(a_dry_run_waits_for_nobody_in_an_empty_stage),
		cmocka_unit_test(a_dry_run_of_nothing_says_why_whatever_is_expected),
		cmocka_unit_test(of_many_that_are_too_many_some_are_named),
		cmocka_unit_test(what_is_no_argo_cd_ends_at_once),
		cmocka_unit_test(who_stands_between_us_and_argo_cd_ends_the_run),
		cmocka_unit_test(credentials_that_expire_half_way_end_the_run_after_a_while),
		cmocka_unit_test(a_denial_is_a_failure_though_another_is_accepted_only_later),
		cmocka_unit_test(a_post_whose_answer_shows_no_object_is_followed_all_the_same),
		cmocka_unit_test(a_post_on_which_the_spec_has_moved_is_made_again_at_once),
		cmocka_unit_test(an_interrupt_before_anything_is_read_says_so),
		cmocka_unit_test(wrong_credentials_end_a_start_whatever_they_are_asked_for),
		cmocka_unit_test(why_there_is_none_is_asked_again_only_after_a_while),
		cmocka_unit_test(application_sets_wait_for_room_like_others),
		cmocka_unit_test(who_waits_for_room_to_post_posts_once_though_all_are_judged_again),
		cmocka_unit_test_teardown(stories_of_chaos_keep_the_promise_and_end, tell_the_seed),
		cmocka_unit_test_teardown(the_same_seed_tells_the_same_story, tell_the_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
