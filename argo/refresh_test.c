#include "controller_story.h"

WITHOUT(SECOND_STAMPS)
WITHOUT(STALE_AFTER_SPEC)
WITHOUT(SAME_SECOND_COMPARE)
WITHOUT(RECONCILED_BEFORE_COMPARE)
WITHOUT(LATE_WRITER)
WITHOUT(STATUS_IS_A_DIFFERENCE)
WITHOUT(ANNOTATION_BY_ITS_COMPARE)
WITHOUT(HEALTH_ALONE_MOVES)
WITHOUT(HOOK_CHANGE_IS_NO_DRIFT)
WITHOUT(SPEC_ERROR_WITHOUT_STAMP)
WITHOUT(PAUSED_IGNORES_ALL)

static void with_a_slow_cache(struct argo_config *config)
{
	config->live_cache_lag_ms = 5000;
}

static void with_a_slow_cache_that_does_not_count(struct argo_config *config)
{
	with_a_slow_cache(config);
	config->quirks.is_off[QUIRK_LIVE_CACHE_LAGS] = true;
}

/* ---- compares ---- */

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

/* The annotation is answered by an error; a look that nobody asked for isn't, for three minutes. */
static void an_error_of_a_periodic_look_is_kept_quiet_for_three_minutes(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	argo_stop(story.argo, COMPONENT_REPO_SERVER, 0);
	wall before = story_now(&story, "web")->status.reconciled_at;
	story_wait(&story, 310 * 1000);
	assert_false(has_conditions(story_now(&story, "web")));
	assert_int_equal(story_now(&story, "web")->status.reconciled_at.ms, before.ms);
	story_until(&story, "web", has_conditions);
	assert_int_equal(story_now(&story, "web")->status.sync, SYNC_UNKNOWN);
	argo_start(story.argo, COMPONENT_REPO_SERVER, 0);
	story_until(&story, "web", is_well);
	assert_false(has_conditions(story_now(&story, "web")));
	story_end(&story);
}

static void an_object_that_is_missing_counts_if_its_kind_has_a_health(void **state)
{
	struct story story;

	for (int has_deployment = 0; has_deployment < 2; has_deployment++) {
		story_begin(&story, NULL);
		story.content.has_deployment = has_deployment;
		story_app(&story, "web", story_push(&story, "one"));
		story_until(&story, "web", is_out_of_sync);
		assert_int_equal(story_now(&story, "web")->status.health,
				 has_deployment ? HEALTH_MISSING : HEALTH_HEALTHY);
		story_end(&story);
	}
}

static void a_compare_that_is_stopped_in_the_middle_writes_nothing(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_settled(&story, "web", one);
	argo_hold(story.argo, STEER_HELM, WEB);
	story_move(&story, "web", story_push(&story, "two"));
	story_wait(&story, 2000);
	assert_true(argo_reached(story.argo, STEER_HELM, WEB));
	argo_stop(story.argo, COMPONENT_CONTROLLER, 0);
	argo_release(story.argo, STEER_HELM, WEB);
	story_wait(&story, 5000);
	assert_str_eq(story_now(&story, "web")->status.sync_revisions.revision, one);
	argo_start(story.argo, COMPONENT_CONTROLLER, 0);
	story_until(&story, "web", is_out_of_sync);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(an_error_of_a_periodic_look_is_kept_quiet_for_three_minutes),
		cmocka_unit_test(an_object_that_is_missing_counts_if_its_kind_has_a_health),
		cmocka_unit_test(a_compare_that_is_stopped_in_the_middle_writes_nothing),
		cmocka_unit_test(a_render_that_is_held_too_long_is_given_up),
		cmocka_unit_test(an_invalid_spec_moves_no_reconciled_at),
		cmocka_unit_test(who_is_paused_is_left_alone),
		cmocka_unit_test(what_nobody_asks_for_is_compared_within_three_minutes),
		cmocka_unit_test(a_branch_is_cached_for_three_minutes_unless_asked),
		cmocka_unit_test(a_status_is_written_as_a_difference_from_an_old_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
