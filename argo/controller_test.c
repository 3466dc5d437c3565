#include "argo/controller.h"

#include "story.h"

static const struct str WEB = STR("web");

/* Switches one quirk off in the model that is made next. */
#define WITHOUT(name)                                                                              \
	static void without_##name(struct argo_config *config)                                     \
	{                                                                                          \
		config->quirks.is_off[QUIRK_##name] = true;                                        \
	}
WITHOUT(SECOND_STAMPS)
WITHOUT(STALE_AFTER_SPEC)
WITHOUT(HEALTHY_BEFORE_HOOKS)
WITHOUT(SAME_SECOND_COMPARE)
WITHOUT(RECONCILED_BEFORE_COMPARE)
WITHOUT(LATE_WRITER)
WITHOUT(STATUS_IS_A_DIFFERENCE)
WITHOUT(ANNOTATION_BY_ITS_COMPARE)
WITHOUT(HEALTH_ALONE_MOVES)
WITHOUT(FAILED_HOOK_LOOKS_WELL)
WITHOUT(PARTIAL_RUNS_NO_HOOKS)
WITHOUT(ROLLBACK_RUNS_NO_HOOKS)
WITHOUT(HOOK_CHANGE_IS_NO_DRIFT)
WITHOUT(RETRY_SHOWS_FINISHED)
WITHOUT(NO_AUTO_RETRY)
WITHOUT(SPEC_ERROR_WITHOUT_STAMP)
WITHOUT(WINDOW_PARKS_OPERATION)
WITHOUT(PAUSED_IGNORES_ALL)
WITHOUT(OVERWRITTEN_STATE_RESUMED)

static void with_a_slow_cache(struct argo_config *config)
{
	config->live_cache_lag_ms = 5000;
}

static void with_a_slow_cache_that_does_not_count(struct argo_config *config)
{
	with_a_slow_cache(config);
	config->quirks.is_off[QUIRK_LIVE_CACHE_LAGS] = true;
}

/* ---- conditions ---- */

static bool has_failed(const struct app *app)
{
	return is_over(app) && app->status.operation.phase != OP_SUCCEEDED;
}

static bool has_no_refresh(const struct app *app)
{
	return app->refresh == REFRESH_NONE;
}

static bool is_degraded(const struct app *app)
{
	return app->status.health == HEALTH_DEGRADED;
}

static bool is_out_of_sync(const struct app *app)
{
	return is_compared(app) && app->status.sync == SYNC_OUT_OF_SYNC;
}

static bool waits_for_hooks(const struct app *app)
{
	return is_running(app) &&
	       str_starts(app->status.operation.message, STR("waiting for completion of hook"));
}

static bool waits_for_a_retry(const struct app *app)
{
	return is_running(app) && app->status.operation.retry_count > 0 &&
	       str_find(app->status.operation.message, STR("Retrying attempt"), NULL);
}

static bool has_conditions(const struct app *app)
{
	return app->status.conditions != NULL;
}

static bool is_blocked(const struct app *app)
{
	return str_eq(app->status.operation.message, STR("Sync operation blocked by sync window"));
}

static size_t jobs(const struct story *story)
{
	const struct hook_job *all;

	return argo_jobs(story->argo, &all);
}

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

static void a_retry_is_running_with_a_finished_stamp(void **state)
{
	struct story story;

	try_twice(&story, NULL);
	assert_true(story_now(&story, "web")->status.operation.finished_at.ms > 0);
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
	argo_apply_project(story->argo, (struct project){STR("demo"), windows});
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

/* ---- compares ---- */

static void refresh(struct story *story, enum refresh kind)
{
	story_ask(story, (struct api_request){.verb = API_APP_GET, .name = WEB, .refresh = kind});
}

static void the_old_status_stands_until_the_next_compare_ends(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", one);
	argo_delay(story.argo, WEB, 8000);
	struct str two = story_push(&story, "two");
	story_move(&story, "web", two);
	story_wait(&story, 5000);
	const struct app *app = story_now(&story, "web");
	assert_int_equal(app->status.sync, SYNC_SYNCED);
	assert_int_equal(app->status.health, HEALTH_HEALTHY);
	assert_str_eq(app->status.sync_revisions.revision, one);
	story_until(&story, "web", is_out_of_sync);
	story_end(&story);

	story_begin(&story, without_STALE_AFTER_SPEC);
	story_settled(&story, "web", story_push(&story, "one"));
	story_move(&story, "web", story_push(&story, "two"));
	assert_int_equal(story_now(&story, "web")->status.sync, SYNC_UNKNOWN);
	story_end(&story);
}

/* A compare of a revision is held while the spec moves on. */
static void overtake(struct story *story, void (*change)(struct argo_config *config))
{
	story_begin(story, change);
	story_settled(story, "web", story_push(story, "one"));
	argo_hold(story->argo, STEER_HELM, WEB);
	struct str two = story_push(story, "two");
	story_move(story, "web", two);
	story_wait(story, 2000);
	assert_true(argo_reached(story->argo, STEER_HELM, WEB));
	story_move(story, "web", story_push(story, "three"));
	argo_delay(story->argo, WEB, 5000);
	argo_release(story->argo, STEER_HELM, WEB);
	story_wait(story, 1000);
}

static void a_compare_is_written_though_the_spec_has_moved(void **state)
{
	struct story story;

	overtake(&story, NULL);
	const struct app *app = story_now(&story, "web");
	assert_int_equal(app->status.sync, SYNC_OUT_OF_SYNC);
	assert_false(sources_equal(&app->status.compared_to.sources, &app->spec.sources));
	story_until(&story, "web", is_compared);
	story_end(&story);

	overtake(&story, without_LATE_WRITER);
	assert_int_equal(story_now(&story, "web")->status.sync, SYNC_SYNCED);
	story_end(&story);
}

/* Whatever the annotation says. */
static bool is_status_new(const struct app *app)
{
	return sources_equal(&app->status.compared_to.sources, &app->spec.sources);
}

/* A refresh is asked for while a compare that began before is held. */
static void refresh_in_the_middle(struct story *story, void (*change)(struct argo_config *config))
{
	story_begin(story, change);
	story_settled(story, "web", story_push(story, "one"));
	argo_hold(story->argo, STEER_HELM, WEB);
	story_move(story, "web", story_push(story, "two"));
	story_wait(story, 2000);
	story_send(story, (struct api_request){
				  .verb = API_APP_GET, .name = WEB, .refresh = REFRESH_NORMAL});
	story_wait(story, 100);
	argo_release(story->argo, STEER_HELM, WEB);
	story_until(story, "web", is_status_new);
}

static void an_annotation_goes_with_a_compare_that_saw_it(void **state)
{
	struct story story;

	refresh_in_the_middle(&story, NULL);
	assert_int_equal(story_now(&story, "web")->refresh, REFRESH_NORMAL);
	story_until(&story, "web", has_no_refresh);
	story_end(&story);

	refresh_in_the_middle(&story, without_ANNOTATION_BY_ITS_COMPARE);
	assert_int_equal(story_now(&story, "web")->refresh, REFRESH_NONE);
	story_end(&story);
}

static void reconciled_at_is_when_the_compare_began(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_RECONCILED_BEFORE_COMPARE : NULL);
		story_settled(&story, "web", story_push(&story, "one"));
		argo_delay(story.argo, WEB, 5000);
		story_move(&story, "web", story_push(&story, "two"));
		wall moved = story.now;
		story_until(&story, "web", is_out_of_sync);
		wall reconciled = story_now(&story, "web")->status.reconciled_at;
		assert_int_equal(reconciled.ms > moved.ms + 2000, is_off);
		story_end(&story);
	}
}

static void stamps_have_whole_seconds(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	const struct app *app = story_now(&story, "web");
	assert_int_equal(app->status.reconciled_at.ms % 1000, 0);
	assert_int_equal(app->status.operation.finished_at.ms % 1000, 0);
	story_end(&story);

	story_begin(&story, without_SECOND_STAMPS);
	story_settled(&story, "web", story_push(&story, "one"));
	app = story_now(&story, "web");
	assert_true(app->status.operation.finished_at.ms % 1000 != 0 ||
		    app->status.operation.started_at.ms % 1000 != 0);
	story_end(&story);
}

static void the_compare_after_an_operation_bears_its_second(void **state)
{
	struct story story;
	int same[2] = {0};

	for (int is_off = 0; is_off < 2; is_off++) {
		for (int i = 0; i < 8; i++) {
			story_begin(&story, is_off ? without_SAME_SECOND_COMPARE : NULL);
			story_wait(&story, i * 111);
			story_settled(&story, "web", story_push(&story, "one"));
			const struct app_status *status = &story_now(&story, "web")->status;
			same[is_off] += status->reconciled_at.ms ==
					status->operation.finished_at.ms;
			story_end(&story);
		}
	}
	assert_true(same[0] >= 6);
	assert_int_equal(same[1], 0);
}

static void a_compare_reads_a_cache_that_lags_the_apply(void **state)
{
	struct story story;

	story_begin(&story, with_a_slow_cache);
	story.content.has_hook = false;
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", is_over);
	story_wait(&story, 1500);
	assert_true(is_out_of_sync(story_now(&story, "web")));
	story_until(&story, "web", is_well);
	story_end(&story);

	story_begin(&story, with_a_slow_cache_that_does_not_count);
	story.content.has_hook = false;
	one = story_push(&story, "one");
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	story_sync(&story, "web", one);
	story_until(&story, "web", is_over);
	story_wait(&story, 1500);
	assert_true(is_synced(story_now(&story, "web")));
	story_end(&story);
}

static void health_moves_without_reconciled_at(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_HEALTH_ALONE_MOVES : NULL);
		story_settled(&story, "web", story_push(&story, "one"));
		story_wait(&story, 3000);
		wall before = story_now(&story, "web")->status.reconciled_at;
		argo_set_live_health(story.argo, WEB, HEALTH_DEGRADED);
		story_until(&story, "web", is_degraded);
		assert_int_equal(story_now(&story, "web")->status.reconciled_at.ms > before.ms,
				 is_off);
		story_end(&story);
	}
}

static void a_changed_hook_alone_is_no_drift(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_HOOK_CHANGE_IS_NO_DRIFT : NULL);
		story_settled(&story, "web", story_push(&story, "one"));
		story.content.hook_ms = 777;
		story_move(&story, "web", story_push(&story, "one"));
		story_until(&story, "web", is_compared);
		assert_int_equal(is_out_of_sync(story_now(&story, "web")), is_off);
		story_end(&story);
	}
}

static void drift_is_seen_and_a_broken_web_server_degrades(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	argo_drift(story.argo, WEB);
	story_until(&story, "web", is_out_of_sync);
	story.content.web_fails = true;
	story.content.has_hook = false;
	struct str two = story_push(&story, "two");
	story_move(&story, "web", two);
	story_sync(&story, "web", two);
	story_until(&story, "web", is_degraded);
	assert_str(story_now(&story, "web")->status.operation.message,
		   "successfully synced (all tasks run)");
	story_end(&story);
}

static void a_render_that_fails_is_a_comparison_error(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	argo_fail(story.argo, STEER_HELM, WEB, STR("no, says helm"));
	story_app(&story, "web", one);
	story_until(&story, "web", has_conditions);
	const struct app *app = story_now(&story, "web");
	assert_str(app->status.conditions->v[0].type, "ComparisonError");
	assert_true(str_starts(app->status.conditions->v[0].message,
			       STR("Failed to load target state: failed to generate manifest for "
				   "source 1 of 1: rpc error: code = Unknown desc = ")));
	assert_int_equal(app->status.sync, SYNC_UNKNOWN);
	assert_true(app->status.reconciled_at.ms > 0);
	argo_mend(story.argo, STEER_HELM, WEB);
	refresh(&story, REFRESH_NORMAL);
	assert_null(story_now(&story, "web")->status.conditions);
	story_end(&story);
}

static void a_render_that_is_held_too_long_is_given_up(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	argo_hold(story.argo, STEER_HELM, WEB);
	story_app(&story, "web", story_push(&story, "one"));
	story_until(&story, "web", has_conditions);
	assert_true(str_ends(story_now(&story, "web")->status.conditions->v[0].message,
			     STR("code = DeadlineExceeded desc = context deadline exceeded")));
	story_end(&story);
}

static void an_invalid_spec_moves_no_reconciled_at(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_SPEC_ERROR_WITHOUT_STAMP : NULL);
		struct app *app = story_made(&story, "web", story_push(&story, "one"));
		app->spec.project = STR("nowhere");
		argo_apply_app(story.argo, app);
		story_until(&story, "web", has_conditions);
		const struct app_status *status = &story_now(&story, "web")->status;
		assert_str(status->conditions->v[0].type, "InvalidSpecError");
		assert_str(status->conditions->v[0].message,
			   "Application referencing project nowhere which does not exist");
		assert_int_equal(status->health, HEALTH_UNKNOWN);
		assert_int_equal(status->reconciled_at.ms > 0, is_off);
		assert_int_equal(status->compared_to.is_set, is_off);
		story_end(&story);
	}
}

static void who_is_paused_is_left_alone(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_PAUSED_IGNORES_ALL : NULL);
		struct str one = story_push(&story, "one");
		story_settled(&story, "web", one);
		story_wait(&story, 2000);
		struct app *app = story_edit(&story, "web");
		app->is_paused = true;
		argo_apply_app(story.argo, app);
		story_wait(&story, 2000);
		story_sync(&story, "web", one);
		assert_int_equal(story_comes(&story, "web", is_over), is_off);
		story_end(&story);
	}
}

static void what_nobody_asks_for_is_compared_within_three_minutes(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	wall before = story_now(&story, "web")->status.reconciled_at;
	story_wait(&story, 310 * 1000);
	assert_true(story_now(&story, "web")->status.reconciled_at.ms >= before.ms + 120 * 1000);
	story_end(&story);
}

static void a_branch_is_cached_for_three_minutes_unless_asked(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", STR("main"));
	assert_str_eq(story_now(&story, "web")->status.sync_revisions.revision, one);
	struct str two = story_push(&story, "two");
	argo_set_live_health(story.argo, WEB, HEALTH_SUSPENDED);
	story_wait(&story, 2000);
	assert_str_eq(story_now(&story, "web")->status.sync_revisions.revision, one);
	refresh(&story, REFRESH_NORMAL);
	assert_str_eq(story_now(&story, "web")->status.sync_revisions.revision, two);
	story_end(&story);
}

/* The informer is set back by an older event; the compare that follows finds what the old version
 * says, and so writes nothing: what it was set to meanwhile stands. */
static void a_status_is_written_as_a_difference_from_an_old_version(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_STATUS_IS_A_DIFFERENCE : NULL);
		story_settled(&story, "web", story_push(&story, "one"));
		argo_set_lag(story.argo, COMPONENT_CONTROLLER, 0, 3000);
		story_wait(&story, 10 * 1000);
		struct app *app = story_edit(&story, "web");
		pair_list_drop(app->labels);
		app->labels = pairs_of(STR("env=stg"));
		argo_apply_app(story.argo, app);
		story_wait(&story, 1000);
		argo_set_live_health(story.argo, WEB, HEALTH_DEGRADED);
		story_wait(&story, 500);
		assert_true(is_degraded(story_now(&story, "web")));
		story_wait(&story, 1600);
		argo_set_live_health(story.argo, WEB, HEALTH_HEALTHY);
		story_wait(&story, 300);
		assert_int_equal(is_degraded(story_now(&story, "web")), !is_off);
		story_end(&story);
	}
}

/* ---- auto-sync ---- */

static void automate(struct story *story, const char *name, struct str revision, bool heals)
{
	struct app *app = story_made(story, name, revision);

	app->spec.automated.is_set = true;
	app->spec.automated.self_heal = heals;
	argo_apply_app(story->argo, app);
}

static void auto_sync_syncs_by_itself(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	automate(&story, "web", story_push(&story, "one"), false);
	story_until(&story, "web", is_settled);
	assert_true(story_now(&story, "web")->status.operation.operation.is_automated);
	assert_int_equal(jobs(&story), 1);
	argo_drift(story.argo, WEB);
	story_wait(&story, 30 * 1000);
	assert_true(is_out_of_sync(story_now(&story, "web")));
	story_end(&story);
}

static void self_heal_mends_a_part(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	automate(&story, "web", story_push(&story, "one"), true);
	story_until(&story, "web", is_settled);
	story_wait(&story, 5000);
	argo_drift(story.argo, WEB);
	story_until(&story, "web", is_out_of_sync);
	story_until(&story, "web", is_settled);
	const struct op_request *healed = &story_now(&story, "web")->status.operation.operation;
	assert_int_equal(healed->resources->n, 1);
	assert_int_equal(healed->self_heal_attempts, 1);
	assert_int_equal(jobs(&story), 1);
	story_end(&story);
}

static void a_failed_auto_sync_is_not_tried_again(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		story_begin(&story, is_off ? without_NO_AUTO_RETRY : NULL);
		struct str one = story_push(&story, "one");
		argo_fail(story.argo, STEER_HOOK, WEB, STR("no"));
		struct app *app = story_made(&story, "web", one);
		app->spec.automated.is_set = true;
		app->spec.retry = (struct retry){.is_set = true};
		argo_apply_app(story.argo, app);
		story_until(&story, "web", has_failed);
		argo_drift(story.argo, WEB);
		story_wait(&story, 30 * 1000);
		assert_int_equal(jobs(&story) > 1, is_off);
		if (!is_off) {
			const struct condition_list *list =
				story_now(&story, "web")->status.conditions;
			assert_str(list->v[0].type, "SyncError");
			assert_true(str_starts(list->v[0].message,
					       STR("Failed last sync attempt to [")));
		}
		story_end(&story);
	}
}

/* ---- the whole ---- */

static uint64_t trace(uint64_t seed)
{
	struct story story;

	story_begin(&story, NULL);
	argo_free(story.argo);
	story.argo = argo_new(&story.config, seed, story.now);
	argo_add_cluster(story.argo, STR("test-1"), STR("https://127.0.0.11:16443"), NULL);
	argo_apply_project(story.argo, (struct project){.name = STR("demo")});
	argo_add_account(story.argo, STR("admin"), STR("x"), ADMIN, RIGHTS_ADMIN, false);
	struct str one = story_push(&story, "one");
	uint64_t hash = 0;
	for (int i = 0; i < 20; i++) {
		char name[8] = {'a', (char)('a' + i)};
		automate(&story, name, one, true);
	}
	wall end = wall_add(story.now, 60 * 1000), at;
	while (argo_deadline(story.argo, &at) && at.ms < end.ms) {
		argo_advance(story.argo, at);
		hash = hash * 31 + (uint64_t)at.ms;
	}
	hash = hash * 31 + store_version(argo_store(story.argo));
	story_end(&story);
	return hash;
}

static void the_same_seed_gives_the_same_trace(void **state)
{
	assert_int_equal(trace(3), trace(3));
	assert_true(trace(3) != trace(4));
}

static void what_is_random_differs_after_a_render(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story.content.is_random = true;
	story_settled(&story, "web", story_push(&story, "one"));
	refresh(&story, REFRESH_NORMAL);
	assert_true(is_synced(story_now(&story, "web")));
	refresh(&story, REFRESH_HARD);
	assert_true(is_out_of_sync(story_now(&story, "web")));
	story_end(&story);
}

static void deletion_leaves_the_objects_if_asked(void **state)
{
	struct story story;
	struct api_request request = {.verb = API_APP_DELETE, .name = WEB, .keeps_objects = true};

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	story_ask(&story, request);
	story_wait(&story, 5000);
	assert_null(story_now(&story, "web"));
	story_app(&story, "web", story_push(&story, "one"));
	story_until(&story, "web", is_well);
	story_end(&story);
}

static void deletion_takes_the_objects_along(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	story_ask(&story, (struct api_request){.verb = API_APP_DELETE, .name = WEB});
	story_wait(&story, 5000);
	assert_null(story_now(&story, "web"));
	story_app(&story, "web", story_push(&story, "one"));
	story_until(&story, "web", is_compared);
	assert_int_equal(story_now(&story, "web")->status.health, HEALTH_MISSING);
	story_end(&story);
}

static void ten_at_most_start_at_once(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	for (int i = 0; i < 15; i++) {
		char name[8] = {'a', (char)('a' + i)};
		automate(&story, name, one, false);
	}
	/* A wave's delay holds a processor: the others wait. */
	size_t most = 0;
	for (int i = 0; i < 40; i++) {
		size_t running = 0;
		story_wait(&story, 50);
		for (int k = 0; k < 15; k++) {
			char name[8] = {'a', (char)('a' + k)};
			running += is_running(story_now(&story, name));
		}
		most = MAX(most, running);
	}
	assert_int_equal(most, 10);
	story_wait(&story, 60 * 1000);
	for (int k = 0; k < 15; k++) {
		char name[8] = {'a', (char)('a' + k)};
		assert_true(is_settled(story_now(&story, name)));
	}
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
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(local_manifests_are_compared_instead_of_git),
		cmocka_unit_test(a_window_that_closes_parks_the_operation),
		cmocka_unit_test(an_operation_written_over_a_running_one_is_lost),
		cmocka_unit_test(an_operation_goes_on_after_a_restart),
		cmocka_unit_test(the_old_status_stands_until_the_next_compare_ends),
		cmocka_unit_test(a_compare_is_written_though_the_spec_has_moved),
		cmocka_unit_test(an_annotation_goes_with_a_compare_that_saw_it),
		cmocka_unit_test(reconciled_at_is_when_the_compare_began),
		cmocka_unit_test(stamps_have_whole_seconds),
		cmocka_unit_test(the_compare_after_an_operation_bears_its_second),
		cmocka_unit_test(a_compare_reads_a_cache_that_lags_the_apply),
		cmocka_unit_test(health_moves_without_reconciled_at),
		cmocka_unit_test(a_changed_hook_alone_is_no_drift),
		cmocka_unit_test(drift_is_seen_and_a_broken_web_server_degrades),
		cmocka_unit_test(a_render_that_fails_is_a_comparison_error),
		cmocka_unit_test(a_render_that_is_held_too_long_is_given_up),
		cmocka_unit_test(an_invalid_spec_moves_no_reconciled_at),
		cmocka_unit_test(who_is_paused_is_left_alone),
		cmocka_unit_test(what_nobody_asks_for_is_compared_within_three_minutes),
		cmocka_unit_test(a_branch_is_cached_for_three_minutes_unless_asked),
		cmocka_unit_test(a_status_is_written_as_a_difference_from_an_old_version),
		cmocka_unit_test(auto_sync_syncs_by_itself),
		cmocka_unit_test(self_heal_mends_a_part),
		cmocka_unit_test(a_failed_auto_sync_is_not_tried_again),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
		cmocka_unit_test(what_is_random_differs_after_a_render),
		cmocka_unit_test(deletion_leaves_the_objects_if_asked),
		cmocka_unit_test(deletion_takes_the_objects_along),
		cmocka_unit_test(ten_at_most_start_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
