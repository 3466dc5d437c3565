#include "controller_story.h"

WITHOUT(NO_AUTO_RETRY)
WITHOUT(WRITE_BACK)

/* ---- what is written back ---- */

static void without_a_lag(struct argo_config *config)
{
	config->controller_lag_ms = 0;
}

static void without_a_lag_and_WRITE_BACK(struct argo_config *config)
{
	without_a_lag(config);
	without_WRITE_BACK(config);
}

/* The controller has just patched an Application, and the answer is on its way. */
static void in_the_middle_of_a_write(struct story *story, void (*change)(struct argo_config *))
{
	story_begin(story, change);
	story_settled(story, "web", story_push(story, "one"));
	story_wait(story, 5000);
	story_send(story, (struct api_request){
				  .verb = API_APP_GET, .name = WEB, .refresh = REFRESH_NORMAL});
	story_wait(story, 1);
	assert_false(has_no_refresh(story_now(story, "web")));
	story_until(story, "web", has_no_refresh);
	story_wait(story, story->config.answer_lag_ms / 2);
}

static void what_is_asked_while_a_patch_is_answered_is_overlooked(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		in_the_middle_of_a_write(&story,
					 is_off ? without_a_lag_and_WRITE_BACK : without_a_lag);
		struct app *app = story_edit(&story, "web");
		app->refresh = REFRESH_NORMAL;
		argo_apply_app(story.argo, app);
		wall asked = story.now;
		story_wait(&story, 15 * 1000);
		assert_int_equal(has_no_refresh(story_now(&story, "web")), is_off);
		story_until(&story, "web", has_no_refresh);
		assert_true(story.now.ms - asked.ms <= 310 * 1000);
		story_end(&story);

		in_the_middle_of_a_write(&story,
					 is_off ? without_a_lag_and_WRITE_BACK : without_a_lag);
		struct op_request request = {.is_set = true};
		argo_patch_operation(story.argo, WEB, &request);
		asked = story.now;
		story_wait(&story, 15 * 1000);
		assert_int_equal(is_over(story_now(&story, "web")), is_off);
		story_until(&story, "web", is_over);
		assert_true(story.now.ms - asked.ms <= 310 * 1000);
		story_end(&story);
	}
}

/* An answer that comes before the informer has seen anything else does no harm. */
static void nothing_is_overlooked_by_an_informer_that_is_slower_than_a_patch(void **state)
{
	struct story story;

	in_the_middle_of_a_write(&story, NULL);
	struct app *app = story_edit(&story, "web");
	app->refresh = REFRESH_NORMAL;
	argo_apply_app(story.argo, app);
	story_wait(&story, 1000);
	assert_true(has_no_refresh(story_now(&story, "web")));
	story_end(&story);
}

/* ---- auto-sync ---- */

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
	/* What a hook has left is not Synced either, so it is in the list; no hook runs for it. */
	assert_int_equal(healed->resources->n, 2);
	assert_str(healed->resources->v[0].kind, "ConfigMap");
	assert_str(healed->resources->v[1].kind, "Job");
	assert_int_equal(healed->self_heal_attempts, 1);
	assert_int_equal(jobs(&story), 1);
	story_end(&story);
}

static bool is_healed_twice(const struct app *app)
{
	return is_settled(app) && app->status.operation.operation.self_heal_attempts == 2;
}

/* At once, then after two seconds, six, eighteen. */
static void self_heal_is_slower_each_time(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	automate(&story, "web", story_push(&story, "one"), true);
	story_until(&story, "web", is_settled);
	argo_drift(story.argo, WEB);
	story_until(&story, "web", is_out_of_sync);
	story_until(&story, "web", is_settled);
	assert_int_equal(story_now(&story, "web")->status.operation.operation.self_heal_attempts,
			 1);
	wall first = story_now(&story, "web")->status.operation.finished_at;
	argo_drift(story.argo, WEB);
	story_until(&story, "web", is_healed_twice);
	assert_true(story_now(&story, "web")->status.operation.started_at.ms >= first.ms + 2000);
	story_end(&story);
}

static void a_render_that_fails_makes_auto_sync_prune_nothing(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story.content.has_hook = false;
	story.content.has_deployment = false;
	struct str one = story_push(&story, "one");
	automate(&story, "web", one, false);
	story_until(&story, "web", is_settled);
	struct app *app = story_edit(&story, "web");
	app->spec.automated.prune = true;
	argo_apply_app(story.argo, app);
	argo_fail(story.argo, STEER_HELM, WEB, STR("no"));
	refresh(&story, REFRESH_HARD);
	assert_int_equal(story_now(&story, "web")->status.sync, SYNC_UNKNOWN);
	story_wait(&story, 10 * 1000);
	assert_int_equal(story_now(&story, "web")->status.history->n, 1);
	assert_true(argo_first_applied(story.argo, WEB, one).ms > 0);
	argo_mend(story.argo, STEER_HELM, WEB);
	refresh(&story, REFRESH_HARD);
	assert_true(is_well(story_now(&story, "web")));
	story_end(&story);
}

static void the_revision_after_a_failed_one_is_tried(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	argo_fail(story.argo, STEER_HOOK, WEB, STR("no"));
	struct app *app = story_made(&story, "web", story_push(&story, "one"));
	app->spec.automated.is_set = true;
	app->spec.retry = (struct retry){.is_set = true};
	argo_apply_app(story.argo, app);
	story_until(&story, "web", has_failed);
	argo_mend(story.argo, STEER_HOOK, WEB);
	story_wait(&story, 10 * 1000);
	assert_true(has_failed(story_now(&story, "web")));
	story_move(&story, "web", story_push(&story, "two"));
	story_until(&story, "web", is_settled);
	assert_int_equal(story_now(&story, "web")->status.operation.phase, OP_SUCCEEDED);
	assert_null(story_now(&story, "web")->status.conditions);
	story_end(&story);
}

static bool is_asked_to_be_synced_again(const struct app *app)
{
	return app->status.history != NULL && app->status.history->n == 2;
}

/* Git has an object no more, and nothing may be pruned. */
static void a_jobs_remains_make_auto_sync_sync_in_vain(void **state)
{
	struct story story;

	for (int has_hook = 0; has_hook < 2; has_hook++) {
		story_begin(&story, NULL);
		story.content.has_hook = has_hook;
		story.content.extra[0] = STR("extra");
		automate(&story, "web", story_push(&story, "one"), false);
		story_until(&story, "web", is_settled);
		story.content.extra[0] = STR("");
		story_move(&story, "web", story_push(&story, "one"));
		story_wait(&story, 60 * 1000);
		assert_true(is_out_of_sync(story_now(&story, "web")));
		assert_int_equal(is_asked_to_be_synced_again(story_now(&story, "web")), has_hook);
		story_end(&story);
	}
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

static void what_somebody_elses_finalizer_holds_stays(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	struct app *app = story_edit(&story, "web");
	app->finalizers_json = STR("[\"resources-finalizer.argocd.argoproj.io\",\"x/held\"]");
	argo_apply_app(story.argo, app);
	argo_delete_app(story.argo, WEB);
	story_wait(&story, 5000);
	assert_str(story_now(&story, "web")->finalizers_json, "[\"x/held\"]");
	story_wait(&story, 300 * 1000);
	assert_non_null(story_now(&story, "web"));
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
		cmocka_unit_test(what_is_asked_while_a_patch_is_answered_is_overlooked),
		cmocka_unit_test(nothing_is_overlooked_by_an_informer_that_is_slower_than_a_patch),
		cmocka_unit_test(auto_sync_syncs_by_itself),
		cmocka_unit_test(self_heal_mends_a_part),
		cmocka_unit_test(self_heal_is_slower_each_time),
		cmocka_unit_test(a_render_that_fails_makes_auto_sync_prune_nothing),
		cmocka_unit_test(the_revision_after_a_failed_one_is_tried),
		cmocka_unit_test(a_jobs_remains_make_auto_sync_sync_in_vain),
		cmocka_unit_test(a_failed_auto_sync_is_not_tried_again),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
		cmocka_unit_test(what_is_random_differs_after_a_render),
		cmocka_unit_test(deletion_leaves_the_objects_if_asked),
		cmocka_unit_test(deletion_takes_the_objects_along),
		cmocka_unit_test(what_somebody_elses_finalizer_holds_stays),
		cmocka_unit_test(ten_at_most_start_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
