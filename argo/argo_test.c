#include "argo/argo.h"

#include "story.h"

static void a_commit_is_synced_and_its_hook_runs(void **state)
{
	struct story story;
	const struct hook_job *jobs;

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	assert_int_equal(one.n, 40);
	story_app(&story, "web", one);
	story_until(&story, "web", is_compared);
	const struct app *app = story_now(&story, "web");
	assert_int_equal(app->status.sync, SYNC_OUT_OF_SYNC);
	assert_int_equal(app->status.health, HEALTH_MISSING);

	const struct api_answer *answer = story_sync(&story, "web", one);
	assert_int_equal(answer->refusal.status, 200);
	assert_true(answer->app->operation.is_set);
	assert_int_equal(answer->app->status.operation.phase, OP_NONE);
	story_until(&story, "web", is_running);
	story_until(&story, "web", is_over);
	app = story_now(&story, "web");
	assert_int_equal(app->status.operation.phase, OP_SUCCEEDED);
	assert_str(app->status.operation.message, "successfully synced (no more tasks)");
	assert_str_eq(app->status.operation.result_revisions.revision, one);
	assert_int_equal(app->status.operation.results->n, 3);
	assert_int_equal(app->status.history->n, 1);
	story_until(&story, "web", is_settled);
	assert_int_equal(argo_jobs(story.argo, &jobs), 1);
	assert_true(jobs[0].succeeded);
	assert_str_eq(jobs[0].revision, one);
	assert_true(argo_first_applied(story.argo, STR("web"), one).ms > 0);
	assert_int_equal(argo_live_health(story.argo, STR("web")), HEALTH_HEALTHY);
	story_end(&story);
}

static bool has_condition(const struct app *app)
{
	return app->status.conditions != NULL && app->status.conditions->n > 0;
}

static void a_repo_server_that_goes_away_in_a_render_is_a_comparison_error(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	argo_delay(story.argo, STR("web"), 8'000);
	story_app(&story, "web", story_push(&story, "one"));
	story_wait(&story, 2'000);
	argo_stop(story.argo, COMPONENT_REPO_SERVER, 0);
	story_until(&story, "web", has_condition);
	assert_str(story_now(&story, "web")->status.conditions->v[0].type, "ComparisonError");
	story_end(&story);
}

static void make_regular(struct argo_config *config)
{
	config->is_regular = true;
}

static int64_t ends_after_ms(struct story *story)
{
	story_begin(story, make_regular);
	wall began = story->now;
	story_app(story, "web", story_push(story, "one"));
	story_until(story, "web", is_compared);
	return wall_since(story->now, began);
}

static void without_dice_what_was_asked_before_moves_nothing(void **state)
{
	struct story story, other;

	int64_t ms = ends_after_ms(&story);
	story_begin(&other, make_regular);
	/* Dice that were cast for another one. */
	story_app(&other, "api", story_push(&other, "two"));
	story_until(&other, "api", is_compared);
	wall began = other.now;
	story_app(&other, "web", story_push(&other, "three"));
	story_until(&other, "web", is_compared);
	assert_int_equal(wall_since(other.now, began), ms);
	story_end(&story);
	story_end(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_is_synced_and_its_hook_runs),
		cmocka_unit_test(a_repo_server_that_goes_away_in_a_render_is_a_comparison_error),
		cmocka_unit_test(without_dice_what_was_asked_before_moves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
