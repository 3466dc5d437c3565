#include "argo/sync.h"
#include "controller_story.h"

#include <stdio.h>

WITHOUT(HEALTHY_BEFORE_HOOKS)
WITHOUT(FAILED_HOOK_LOOKS_WELL)
WITHOUT(PARTIAL_RUNS_NO_HOOKS)
WITHOUT(ROLLBACK_RUNS_NO_HOOKS)
WITHOUT(RETRY_SHOWS_FINISHED)
WITHOUT(WINDOW_PARKS_OPERATION)
WITHOUT(OVERWRITTEN_STATE_RESUMED)

/* ---- operations ---- */

static void healthy_and_synced_come_before_the_hooks_are_over(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_hold(story.argo, STEER_HOOK, WEB);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", waits_for_hooks);
	story_until(&story, "web", is_well);
	assert_true(is_running(story_now(&story, "web")));
	story_wait(&story, 5000);
	assert_true(argo_reached(story.argo, STEER_HOOK, WEB));
	argo_release(story.argo, STEER_HOOK, WEB);
	story_until(&story, "web", is_over);
	story_end(&story);

	story_begin(&story, without_HEALTHY_BEFORE_HOOKS);
	one = story_push(&story, "one");
	argo_hold(story.argo, STEER_HOOK, WEB);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	assert_false(story_comes(&story, "web", is_well));
	story_end(&story);
}

static void a_failed_hook_leaves_all_well(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_fail(story.argo, STEER_HOOK, WEB, STR("no"));
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", has_failed);
	const struct app *app = story_now(&story, "web");
	assert_str(app->status.operation.message,
		   "one or more synchronization tasks completed unsuccessfully");
	assert_null(app->status.history);
	story_until(&story, "web", is_well);
	story_end(&story);

	story_begin(&story, without_FAILED_HOOK_LOOKS_WELL);
	one = story_push(&story, "one");
	argo_fail(story.argo, STEER_HOOK, WEB, STR("no"));
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", has_failed);
	story_wait(&story, 5000);
	assert_int_equal(story_now(&story, "web")->status.health, HEALTH_DEGRADED);
	story_end(&story);
}

static void try_twice(struct story *story, void (*change)(struct argo_config *config))
{
	struct str project = STR("demo");

	story_begin(story, change);
	struct str one = story_push(story, "one");
	argo_fail(story->argo, STEER_HOOK, WEB, STR("no"));
	story_app(story, "web", one);
	story_until(story, "web", is_compared);
	struct api_request request = {.verb = API_APP_SYNC,
				      .name = WEB,
				      .projects = &project,
				      .project_count = 1,
				      .sync_revision = one};
	request.sync.retry = (struct retry){.is_set = true, .limit = 2};
	assert_int_equal(story_ask(story, request)->refusal.status, 200);
	story_until(story, "web", waits_for_a_retry);
}

/* It waits ten seconds, and says that it waits five. The result of the first try stays. */
static void says_a_time_that_is_one_step_too_early(const struct app *app)
{
	const struct op_state *shown = &app->status.operation;
	int64_t minute = wall_add(shown->finished_at, 5000).ms / 60'000;
	int64_t hour = minute / 60 % 24;
	char told[96];

	(void)snprintf(told, sizeof(told),
		       "one or more synchronization tasks completed unsuccessfully. Retrying "
		       "attempt #1 at %lld:%02lld%s.",
		       (long long)((hour + 11) % 12 + 1), (long long)(minute % 60),
		       hour < 12 ? "AM" : "PM");
	assert_str_eq(shown->message, str_of(told));
	assert_true(shown->has_result);
	assert_non_null(shown->results);
}

static void a_retry_is_running_with_a_finished_stamp(void **state)
{
	struct story story;

	try_twice(&story, NULL);
	assert_true(story_now(&story, "web")->status.operation.finished_at.ms > 0);
	says_a_time_that_is_one_step_too_early(story_now(&story, "web"));
	argo_mend(story.argo, STEER_HOOK, WEB);
	story_until(&story, "web", is_over);
	assert_int_equal(story_now(&story, "web")->status.operation.phase, OP_SUCCEEDED);
	assert_int_equal(story_now(&story, "web")->status.operation.retry_count, 1);
	story_end(&story);

	try_twice(&story, NULL);
	story_until(&story, "web", is_over);
	const struct op_state *shown = &story_now(&story, "web")->status.operation;
	assert_int_equal(shown->phase, OP_FAILED);
	assert_true(str_ends(shown->message, STR("(retried 2 times).")));
	assert_int_equal(jobs(&story), 1);
	story_end(&story);

	try_twice(&story, without_RETRY_SHOWS_FINISHED);
	assert_int_equal(story_now(&story, "web")->status.operation.finished_at.ms, 0);
	argo_mend(story.argo, STEER_HOOK, WEB);
	story_until(&story, "web", is_over);
	assert_int_equal(story_now(&story, "web")->status.operation.phase, OP_SUCCEEDED);
	story_end(&story);
}

/* A sync of the ConfigMap alone. */
static void sync_partly(struct story *story)
{
	struct op_resource_list *chosen = op_resource_list_new(1);

	chosen->v[0] = (struct op_resource){.kind = STR("ConfigMap"), .name = WEB};
	struct api_request request = {.verb = API_APP_SYNC, .name = WEB};
	request.sync.resources = chosen;
	assert_int_equal(story_ask(story, request)->refusal.status, 200);
	op_resource_list_drop(chosen);
	story_until(story, "web", is_over);
}

static void a_partial_sync_runs_no_hooks(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	size_t before = jobs(&story);
	sync_partly(&story);
	assert_int_equal(jobs(&story), before);
	assert_int_equal(story_now(&story, "web")->status.history->n, 1);
	story_end(&story);

	story_begin(&story, without_PARTIAL_RUNS_NO_HOOKS);
	story_settled(&story, "web", story_push(&story, "one"));
	sync_partly(&story);
	assert_int_equal(jobs(&story), before + 1);
	story_end(&story);
}

static void roll_back(struct story *story)
{
	story_settled(story, "web", story_push(story, "one"));
	struct str two = story_push(story, "two");
	story_move(story, "web", two);
	story_sync(story, "web", two);
	story_until(story, "web", is_settled);
	assert_int_equal(jobs(story), 2);
	assert_int_equal(
		story_ask(story, (struct api_request){.verb = API_APP_ROLLBACK, .name = WEB})
			->refusal.status,
		200);
	story_until(story, "web", is_over);
	assert_int_equal(story_now(story, "web")->status.operation.phase, OP_SUCCEEDED);
	story_until(story, "web", is_out_of_sync);
}

static void a_rollback_runs_no_hooks(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	roll_back(&story);
	assert_int_equal(jobs(&story), 2);
	story_end(&story);

	story_begin(&story, without_ROLLBACK_RUNS_NO_HOOKS);
	roll_back(&story);
	assert_int_equal(jobs(&story), 3);
	story_end(&story);
}

static void what_runs_can_be_terminated(void **state)
{
	struct story story;
	const struct hook_job *all;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_hold(story.argo, STEER_HOOK, WEB);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", waits_for_hooks);
	story_wait(&story, 3000);
	assert_true(argo_reached(story.argo, STEER_HOOK, WEB));
	assert_int_equal(
		story_ask(&story, (struct api_request){.verb = API_APP_TERMINATE, .name = WEB})
			->refusal.status,
		200);
	story_until(&story, "web", is_over);
	const struct op_state *shown = &story_now(&story, "web")->status.operation;
	assert_int_equal(shown->phase, OP_FAILED);
	assert_str(shown->message, "Operation terminated");
	assert_int_equal(argo_jobs(story.argo, &all), 1);
	assert_true(all[0].finished_at.ms > 0 && !all[0].succeeded);
	story_end(&story);
}

static void what_is_left_over_is_pruned_if_asked(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story.content.extra[0] = STR("extra");
	story_settled(&story, "web", story_push(&story, "one"));
	story.content.extra[0] = STR("");
	struct str two = story_push(&story, "two");
	story_move(&story, "web", two);
	story_sync(&story, "web", two);
	story_until(&story, "web", is_over);
	story_until(&story, "web", is_out_of_sync);
	const struct app *app = story_now(&story, "web");
	assert_str(app->status.resources->v[0].name, "extra");
	assert_true(app->status.resources->v[0].requires_pruning);
	struct api_request request = {.verb = API_APP_SYNC, .name = WEB, .sync_revision = two};
	request.sync.prune = true;
	story_ask(&story, request);
	story_until(&story, "web", is_settled);
	story_end(&story);
}

static void what_is_left_over_of_the_bulk_keeps_no_operation_from_ending(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story.content.bulk = 2;
	story_settled(&story, "web", story_push(&story, "one"));
	story.content.bulk = 0;
	struct str two = story_push(&story, "two");
	story_move(&story, "web", two);
	story_sync(&story, "web", two);
	story_until(&story, "web", is_over);
	story_until(&story, "web", is_out_of_sync);
	struct api_request request = {.verb = API_APP_SYNC, .name = WEB, .sync_revision = two};
	request.sync.prune = true;
	story_ask(&story, request);
	story_until(&story, "web", is_settled);
	story_end(&story);
}

static void a_dry_run_changes_nothing(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	struct api_request request = {.verb = API_APP_SYNC, .name = WEB, .sync_revision = one};
	request.sync.dry_run = true;
	story_ask(&story, request);
	story_until(&story, "web", is_over);
	const struct op_state *shown = &story_now(&story, "web")->status.operation;
	assert_int_equal(shown->phase, OP_SUCCEEDED);
	assert_str(shown->message, "successfully synced (no more tasks)");
	assert_str(shown->results->v[0].message, "configmap/web created (dry run)");
	assert_int_equal(argo_first_applied(story.argo, WEB, one).ms, 0);
	assert_int_equal(jobs(&story), 0);
	story_end(&story);
}

static void local_manifests_are_compared_instead_of_git(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", one);
	struct api_request request = {.verb = API_APP_SYNC, .name = WEB};
	request.sync.manifests_json = STR("[\"{}\"]");
	assert_int_equal(story_ask(&story, request)->refusal.status, 200);
	story_until(&story, "web", is_settled);
	assert_str_eq(story_now(&story, "web")->status.operation.operation.manifests_json,
		      STR("[\"{}\"]"));
	story_sync(&story, "web", one);
	story_until(&story, "web", is_settled);
	assert_true(str_empty(story_now(&story, "web")->status.operation.operation.manifests_json));
	story_end(&story);
}

static void shut_in_ten_seconds(struct story *story)
{
	struct window_list *windows = window_list_new(1);

	windows->v[0] = (struct sync_window){.is_deny = true,
					     .applications = STR("*"),
					     .from = wall_add(story->now, 500),
					     .until = wall_add(story->now, 60 * 1000)};
	argo_apply_project(story->argo, (struct project){.name = STR("demo"), .windows = windows});
}

static void a_window_that_closes_parks_the_operation(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	shut_in_ten_seconds(&story);
	assert_int_equal(story_sync(&story, "web", one)->refusal.status, 200);
	story_until(&story, "web", is_blocked);
	assert_true(is_running(story_now(&story, "web")));
	wall shut = story.now;
	story_until(&story, "web", is_over);
	assert_true(story.now.ms - shut.ms > 50 * 1000);
	story_end(&story);

	story_begin(&story, without_WINDOW_PARKS_OPERATION);
	one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	shut_in_ten_seconds(&story);
	story_sync(&story, "web", one);
	shut = story.now;
	story_until(&story, "web", is_over);
	assert_true(story.now.ms - shut.ms < 20 * 1000);
	story_end(&story);
}

/* Its first turn has no state to tell who asked, so it counts as nobody's own. */
static void a_window_that_lets_people_through_holds_the_first_turn(void **state)
{
	struct window_list *windows = window_list_new(1);
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	windows->v[0] = (struct sync_window){
		.is_deny = true, .manual_sync = true, .applications = STR("*"), .from = story.now};
	argo_apply_project(story.argo, (struct project){.name = STR("demo"), .windows = windows});
	assert_int_equal(story_sync(&story, "web", one)->refusal.status, 200);
	story_until(&story, "web", is_blocked);
	assert_null(story_now(&story, "web")->status.operation.results);
	story_until(&story, "web", is_settled);
	story_end(&story);
}

static bool is_terminating(const struct app *app)
{
	return app->status.operation.phase == OP_TERMINATING;
}

static void a_closed_window_holds_what_is_terminated_too(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_hold(story.argo, STEER_HOOK, WEB);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_wait(&story, 5000);
	assert_true(argo_reached(story.argo, STEER_HOOK, WEB));
	shut_in_ten_seconds(&story);
	story_wait(&story, 1000);
	story_ask(&story, (struct api_request){.verb = API_APP_TERMINATE, .name = WEB});
	story_wait(&story, 30 * 1000);
	assert_true(is_terminating(story_now(&story, "web")));
	story_until(&story, "web", is_over);
	assert_str(story_now(&story, "web")->status.operation.message, "Operation terminated");
	story_end(&story);
}

/* From the objects to the hook as well: each wave but the last one holds its processor so long. */
static void two_seconds_lie_between_the_objects_and_the_hooks(void **state)
{
	struct story story;
	const struct hook_job *all;

	story_begin(&story, NULL);
	story.content.has_deployment = false;
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", is_over);
	assert_str(story_now(&story, "web")->status.operation.message,
		   "successfully synced (no more tasks)");
	assert_int_equal(argo_jobs(story.argo, &all), 1);
	assert_true(all[0].started_at.ms >=
		    stamp(argo_first_applied(story.argo, WEB, one)).ms + WAVE_DELAY_MS);
	story_end(&story);
}

static void an_operation_starts_when_a_running_compare_has_ended(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", one);
	argo_hold(story.argo, STEER_HELM, WEB);
	story_move(&story, "web", story_push(&story, "two"));
	story_wait(&story, 2000);
	assert_true(argo_reached(story.argo, STEER_HELM, WEB));
	story_sync(&story, "web", one);
	story_wait(&story, 10 * 1000);
	assert_int_equal(story_now(&story, "web")->status.operation.phase, OP_NONE);
	argo_release(story.argo, STEER_HELM, WEB);
	story_until(&story, "web", is_over);
	story_end(&story);
}

static void overwrite(struct story *story, void (*change)(struct argo_config *config))
{
	struct pair_list *infos = pairs_of(STR("who=me"));
	struct op_request mine = {.is_set = true, .infos = infos};

	story_begin(story, change);
	struct str one = story_push(story, "one");
	argo_hold(story->argo, STEER_HOOK, WEB);
	story_app(story, "web", one);
	story_until(story, "web", is_compared);
	story_sync(story, "web", one);
	story_until(story, "web", waits_for_hooks);
	argo_patch_operation(story->argo, WEB, &mine);
	argo_release(story->argo, STEER_HOOK, WEB);
	pair_list_drop(infos);
	story_until(story, "web", is_over);
}

static void an_operation_written_over_a_running_one_is_lost(void **state)
{
	struct story story;

	overwrite(&story, NULL);
	assert_null(story_now(&story, "web")->status.operation.operation.infos);
	story_end(&story);

	overwrite(&story, without_OVERWRITTEN_STATE_RESUMED);
	assert_non_null(story_now(&story, "web")->status.operation.operation.infos);
	story_end(&story);
}

static void a_revision_that_is_not_said_is_the_specs(void **state)
{
	struct op_request request = {.is_set = true};
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_push(&story, "two");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	argo_patch_operation(story.argo, WEB, &request);
	story_until(&story, "web", is_settled);
	assert_str_eq(story_now(&story, "web")->status.operation.result_revisions.revision, one);
	story_end(&story);
}

static void a_namespace_that_is_not_there_fails_the_sync(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_add_namespace(story.argo, STR("https://127.0.0.11:16443"), STR("another"));
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", has_failed);
	const struct op_state *shown = &story_now(&story, "web")->status.operation;
	assert_str(shown->message, "one or more objects failed to apply, reason: namespaces "
				   "\"demo\" not found,namespaces \"demo\" not found");
	assert_int_equal(shown->results->n, 2);
	assert_str(shown->results->v[0].status, "SyncFailed");
	assert_str(shown->results->v[0].hook_phase, "Failed");
	assert_int_equal(jobs(&story), 0);

	struct api_request request = {.verb = API_APP_SYNC, .name = WEB, .sync_revision = one};
	request.sync.sync_options_json = STR("[\"CreateNamespace=true\"]");
	story_ask(&story, request);
	story_until(&story, "web", is_settled);
	story_end(&story);
}

static void an_operation_goes_on_after_a_restart(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_hold(story.argo, STEER_HOOK, WEB);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", waits_for_hooks);
	argo_stop(story.argo, COMPONENT_CONTROLLER, 0);
	argo_release(story.argo, STEER_HOOK, WEB);
	story_wait(&story, 60 * 1000);
	assert_true(is_running(story_now(&story, "web")));
	argo_start(story.argo, COMPONENT_CONTROLLER, 0);
	story_until(&story, "web", is_over);
	assert_int_equal(story_now(&story, "web")->status.operation.phase, OP_SUCCEEDED);
	assert_int_equal(jobs(&story), 1);
	story_end(&story);
}

/* What is asked for in Kubernetes leaves the last result standing. A controller that is started
 * anew before its first turn is over takes that for what it was to sync. */
static void a_restart_gives_an_operation_the_result_of_the_one_before(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", one);
	struct str two = story_push(&story, "two");
	story_move(&story, "web", two);
	story_until(&story, "web", is_out_of_sync);
	argo_patch_operation(story.argo, WEB,
			     &(struct op_request){.is_set = true, .revisions.revision = two});
	story_until(&story, "web", is_running);
	story_wait(&story, 1000);
	argo_stop(story.argo, COMPONENT_CONTROLLER, 0);
	argo_start(story.argo, COMPONENT_CONTROLLER, 0);
	story_until(&story, "web", is_over);

	const struct op_state *shown = &story_now(&story, "web")->status.operation;
	const struct hook_job *all;
	assert_int_equal(shown->phase, OP_SUCCEEDED);
	assert_str_eq(shown->operation.revisions.revision, two);
	assert_str_eq(shown->result_revisions.revision, one);
	assert_int_equal(argo_jobs(story.argo, &all), 2);
	assert_str_eq(all[1].revision, one);
	/* The objects are the new ones. */
	story_until(&story, "web", is_compared);
	assert_int_equal(story_now(&story, "web")->status.sync, SYNC_SYNCED);
	story_end(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_and_synced_come_before_the_hooks_are_over),
		cmocka_unit_test(a_failed_hook_leaves_all_well),
		cmocka_unit_test(a_retry_is_running_with_a_finished_stamp),
		cmocka_unit_test(a_partial_sync_runs_no_hooks),
		cmocka_unit_test(a_rollback_runs_no_hooks),
		cmocka_unit_test(what_runs_can_be_terminated),
		cmocka_unit_test(what_is_left_over_is_pruned_if_asked),
		cmocka_unit_test(what_is_left_over_of_the_bulk_keeps_no_operation_from_ending),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(local_manifests_are_compared_instead_of_git),
		cmocka_unit_test(a_window_that_closes_parks_the_operation),
		cmocka_unit_test(a_window_that_lets_people_through_holds_the_first_turn),
		cmocka_unit_test(a_closed_window_holds_what_is_terminated_too),
		cmocka_unit_test(two_seconds_lie_between_the_objects_and_the_hooks),
		cmocka_unit_test(an_operation_starts_when_a_running_compare_has_ended),
		cmocka_unit_test(an_operation_written_over_a_running_one_is_lost),
		cmocka_unit_test(a_revision_that_is_not_said_is_the_specs),
		cmocka_unit_test(a_namespace_that_is_not_there_fails_the_sync),
		cmocka_unit_test(an_operation_goes_on_after_a_restart),
		cmocka_unit_test(a_restart_gives_an_operation_the_result_of_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
