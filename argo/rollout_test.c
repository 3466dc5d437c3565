#include "argo/rollout.h"

#include "argo/generate.h"

#include <stdio.h>

#include "appset_scene.h"

/* ---- a set that rolls over test, then over production ---- */

static void choose(struct rollout_step *step, const char *env)
{
	rollout_step_set_expressions(step, 1);
	step->expressions[0] = (struct match_expression){.key = STR("env"),
							 .values = scene_pairs(env, "", NULL)};
}

static struct appset *rolling(const char *revision)
{
	struct appset *set = scene_set(revision);

	set->is_rolling = true;
	appset_set_steps(set, 2);
	choose(&set->steps[0], "test");
	choose(&set->steps[1], "prod");
	return set;
}

static struct argo_config progressive(void)
{
	struct argo_config config = argo_config_default();

	config.has_progressive_syncs = true;
	return config;
}

/* Everything is there, Synced and Healthy at v1, and recorded so. */
static void init_with(struct scene *scene, struct argo_config config, struct appset *set)
{
	struct app_names names = {0};
	char name[64];

	scene_init(scene, 0, config);
	scene_apply(scene, set);
	scene_runs_to(scene, 1000);
	store_app_names(scene->store, &names);
	vec_each(each, &names) {
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(*each));
		scene_compared(scene, name, SYNC_SYNCED, HEALTH_HEALTHY, "v1");
	}
	vec_release(&names);
	scene_runs_to(scene, 10'000);
}

static void init(struct scene *scene, struct argo_config config)
{
	init_with(scene, config, rolling("v1"));
}

/* The operation that stands is done, at this revision, and all is well. */
static void sync_ends(struct scene *scene, const char *name, int64_t at_ms, const char *revision)
{
	assert_true(scene_app(scene, name)->operation.is_set);
	scene_operates(scene, name, OP_RUNNING);
	scene_run(scene, at_ms + 500);
	scene_operates(scene, name, OP_SUCCEEDED);
	scene_compared(scene, name, SYNC_SYNCED, HEALTH_HEALTHY, revision);
}

static const struct rollout_status *recorded(struct scene *scene, const char *name)
{
	return rollout_status_of(store_appset(scene->store, STR("web"))->rollout, str_of(name));
}

/* ---- in order ---- */

static void test_is_synced_and_then_production_if_all_were_compared_in_time(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_shows(&scene, "RolloutProgressing",
		    "False/ApplicationSetRolloutComplete: ApplicationSet Rollout has completed");
	scene_apply(&scene, rolling("v2"));
	/* The spec goes to all, whatever their step. */
	scene_tells(&scene, 11'000, "+10050 spec web-prod v2\n+10070 spec web-test v2\n");

	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_compared(&scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_tells(&scene, 12'000,
		    "+11050 web-prod Waiting\n+11050 web-test Waiting\n+11050 web-test Pending\n"
		    "+11100 operation web-test\n");
	scene_shows(&scene, "RolloutProgressing",
		    "True/ApplicationSetModified: ApplicationSet is performing rollout of step 1");
	sync_ends(&scene, "web-test", 12'000, "v2");
	/* Pending, Progressing and Healthy in one pass: a first operation's start was no change. */
	scene_tells(&scene, 14'000,
		    "+12550 web-test Healthy\n"
		    "+12550 web-prod Pending\n"
		    "+12600 operation web-prod\n");
	sync_ends(&scene, "web-prod", 14'000, "v2");
	scene_run(&scene, 20'000);
	assert_str(recorded(&scene, "web-prod")->status, "Healthy");
	assert_str(recorded(&scene, "web-prod")->step, "2");
	scene_shows(&scene, "RolloutProgressing",
		    "False/ApplicationSetRolloutComplete: ApplicationSet Rollout has completed");
	scene_release(&scene);
}

static void an_operation_is_automated_and_carries_no_revision(void **state)
{
	struct appset *set = rolling("v1");
	const struct op_request *op;
	struct scene scene;

	set->template.spec.automated.is_set = set->template.spec.automated.prune = true;
	set->template.spec.sync_options_json = STR("[\"ServerSideApply=true\"]");
	init_with(&scene, progressive(), set);
	/* Auto-sync is forced off. */
	assert_false(scene_app(&scene, "web-test")->spec.automated.is_set);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_run(&scene, 12'000);
	op = &scene_app(&scene, "web-test")->operation;
	assert_true(op->is_set);
	assert_true(op->is_automated);
	assert_true(op->prune);
	assert_str(op->username, "applicationset-controller");
	assert_str(op->revisions.revision, "");
	assert_str(op->sync_options_json, "[\"ServerSideApply=true\"]");
	assert_int_equal(op->retry.limit, 5);
	assert_str(pair_get(op->infos, STR("Reason")),
		   "ApplicationSet RollingSync triggered a sync of this Application resource");
	scene_release(&scene);
}

static void stamps_of_the_records_are_whole_seconds(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_run(&scene, 10'900);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_run(&scene, 12'000);
	assert_int_equal(recorded(&scene, "web-test")->last_transition_at.ms,
			 SCENE_START_MS + 10'000);
	scene_release(&scene);
}

/* ---- the race (argo-cd 22558) ---- */

/* Production's compare with v2 ends before test's begins. */
static void let_production_be_compared_first(struct scene *scene)
{
	scene_apply(scene, rolling("v2"));
	scene_runs_to(scene, 11'000);
	scene_compared(scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
}

static void production_goes_first_while_test_shows_the_old_revisions_health(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	let_production_be_compared_first(&scene);
	scene_tells(&scene, 12'000,
		    "+11050 web-prod Waiting\n+11050 web-prod Pending\n"
		    "+11100 operation web-prod\n");
	assert_str(recorded(&scene, "web-test")->status, "Healthy");
	assert_str(scene_app(&scene, "web-test")->status.sync_revisions.revision, "v1");
	scene_release(&scene);
}

static void with_the_quirk_off_production_waits_for_test(void **state)
{
	struct argo_config config = progressive();
	struct scene scene;

	config.quirks.is_off[QUIRK_ROLLS_ON_OLD_STATUS] = true;
	init(&scene, config);
	let_production_be_compared_first(&scene);
	scene_run(&scene, 60'000);
	assert_false(scene_app(&scene, "web-prod")->operation.is_set);
	assert_str(recorded(&scene, "web-prod")->status, "Waiting");
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_run(&scene, 61'000);
	assert_true(scene_app(&scene, "web-test")->operation.is_set);
	assert_false(scene_app(&scene, "web-prod")->operation.is_set);
	sync_ends(&scene, "web-test", 61'000, "v2");
	scene_run(&scene, 63'000);
	assert_true(scene_app(&scene, "web-prod")->operation.is_set);
	scene_release(&scene);
}

static void the_refresh_barrier_of_3_6_finds_test_out(void **state)
{
	struct argo_config config = progressive();
	struct scene scene;

	config.has_refresh_barrier = config.pins_revisions = true;
	init(&scene, config);
	let_production_be_compared_first(&scene);
	/* Production was compared in that very second; test was not, and is asked to be. */
	scene_tells(&scene, 60'000, "+11050 web-prod Waiting\n+41050 refresh web-test\n");
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_tells(&scene, 100'000, "+60050 web-test Waiting\n+90050 refresh web-prod\n");
	scene_compared(&scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_tells(&scene, 110'000, "+100050 web-test Pending\n+100100 operation web-test v2\n");
	scene_release(&scene);
}

/* test, then staging, which is well, then production. */
static void with_staging_well(struct argo_config config, bool expects_production)
{
	struct appset *set = rolling("v1");
	struct scene scene;

	appset_set_steps(set, 3);
	choose(&set->steps[0], "test");
	choose(&set->steps[1], "staging");
	choose(&set->steps[2], "prod");
	scene_init(&scene, 0, config);
	scene_cluster(&scene, "staging", "staging");
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_compared(&scene, "web-staging", SYNC_SYNCED, HEALTH_HEALTHY, "v1");
	scene_compared(&scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_run(&scene, 10'000);
	assert_str(recorded(&scene, "web-test")->status, "Pending");
	assert_int_equal(scene_app(&scene, "web-prod")->operation.is_set, expects_production);
	scene_release(&scene);
}

static void the_step_before_alone_is_asked(void **state)
{
	struct argo_config config = progressive();

	with_staging_well(config, true);
	config.quirks.is_off[QUIRK_ASKS_THE_STEP_BEFORE] = true;
	with_staging_well(config, false);
}

static void with_the_quirk_off_the_spec_waits_for_its_step(void **state)
{
	struct argo_config config = progressive();
	struct scene scene;

	config.quirks.is_off[QUIRK_WRITES_ALL_AT_ONCE] = true;
	config.quirks.is_off[QUIRK_ROLLS_ON_OLD_STATUS] = true;
	init(&scene, config);
	scene_apply(&scene, rolling("v2"));
	scene_run(&scene, 20'000);
	assert_str(scene_revision(scene_app(&scene, "web-test")), "v2");
	assert_str(scene_revision(scene_app(&scene, "web-prod")), "v1");
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_run(&scene, 21'000);
	sync_ends(&scene, "web-test", 21'000, "v2");
	scene_run(&scene, 30'000);
	assert_str(scene_revision(scene_app(&scene, "web-prod")), "v2");
	scene_release(&scene);
}

/* ---- how many at once ---- */

/* So many of four in the first step are synced at once. */
static void at_once(const char *max_update, uint32_t expected)
{
	struct appset *set = rolling("v1");
	struct app_names names = {0};
	struct scene scene;
	uint32_t n = 0;

	set->steps[0].max_update = str_of(max_update);
	scene_init(&scene, 0, progressive());
	scene_cluster(&scene, "test-2", "test");
	scene_cluster(&scene, "test-3", "test");
	scene_cluster(&scene, "test-4", "test");
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_compared(&scene, "web-test-2", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_compared(&scene, "web-test-3", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_compared(&scene, "web-test-4", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_run(&scene, 60'000);
	store_app_names(scene.store, &names);
	vec_each(name, &names)
		n += store_app(scene.store, *name)->operation.is_set;
	assert_int_equal(n, expected);
	vec_release(&names);
	scene_release(&scene);
}

static void max_update_says_how_many_of_a_step_at_once(void **state)
{
	at_once("", 4);
	at_once("1", 1);
	at_once("3", 3);
	at_once("0", 0);
	at_once("50%", 2);
	at_once("99%", 3);
	at_once("1%", 1);
	at_once("0%", 0);
	at_once("some%", 1);
}

static void what_no_step_chooses_is_not_synced_but_takes_a_place_in_the_first(void **state)
{
	struct appset *set = rolling("v1");
	struct scene scene;

	set->steps[0].max_update = STR("100%");
	scene_init(&scene, 0, progressive());
	scene_cluster(&scene, "lab", "lab");
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	scene_compared(&scene, "web-lab", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_run(&scene, 60'000);
	assert_false(scene_app(&scene, "web-lab")->operation.is_set);
	assert_str(recorded(&scene, "web-lab")->step, "-1");
	assert_str(recorded(&scene, "web-lab")->status, "Waiting");
	scene_release(&scene);
}

/* ---- coming and going ---- */

static void drift_of_one_that_was_healthy_begins_again(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v1");
	scene_tells(
		&scene, 11'000,
		"+10050 web-test Waiting\n+10050 web-test Pending\n+10100 operation web-test\n");
	scene_release(&scene);
}

static void health_that_is_lost_is_not_recorded(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_DEGRADED, "v1");
	scene_tells(&scene, 20'000, "");
	assert_str(recorded(&scene, "web-test")->status, "Healthy");
	scene_release(&scene);
}

static void a_step_that_was_healthy_and_is_degraded_opens_nothing(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_DEGRADED, "v1");
	scene_compared(&scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v1");
	scene_tells(&scene, 20'000, "+10050 web-prod Waiting\n");
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_HEALTHY, "v1");
	scene_tells(&scene, 30'000, "+20050 web-prod Pending\n+20100 operation web-prod\n");
	scene_release(&scene);
}

static void one_whose_operation_failed_is_not_done_though_synced_and_healthy(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_compared(&scene, "web-prod", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_runs_to(&scene, 11'000);
	scene_operates(&scene, "web-test", OP_FAILED);
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_HEALTHY, "v2");
	/* It stays Pending, and nobody ever comes to look at it. */
	scene_tells(&scene, 600'000, "");
	assert_str(recorded(&scene, "web-test")->status, "Pending");
	assert_str(recorded(&scene, "web-prod")->status, "Waiting");
	scene_release(&scene);
}

static void one_whose_operation_failed_stays_progressing_if_it_was_seen_to_progress(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_runs_to(&scene, 11'000);
	scene_operates(&scene, "web-test", OP_RUNNING);
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_PROGRESSING, "v2");
	scene_tells(&scene, 12'000, "+11050 web-test Progressing\n");
	scene_operates(&scene, "web-test", OP_FAILED);
	scene_compared(&scene, "web-test", SYNC_SYNCED, HEALTH_HEALTHY, "v2");
	scene_tells(&scene, 600'000, "");
	scene_release(&scene);
}

static void one_that_is_invalid_does_not_keep_the_rest_from_rolling(void **state)
{
	struct appset *set = rolling("v1");
	struct scene scene;

	scene_init(&scene, 0, progressive());
	set->template.spec.project = STR("{{metadata.labels.env}}");
	store_write_project(scene.store, (struct project){.name = STR("test")}, scene.now);
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_tells(&scene, 2000,
		    "+1050 web-test Waiting\n+1050 web-test Pending\n"
		    "+1100 operation web-test\n");
	scene_release(&scene);
}

/* argo-cd 28511: nobody looks at the deletion stamp. The operation comes before the deletion in the
 * application controller, so the Application never goes. */
static void one_that_is_being_deleted_is_synced_again(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	store_delete_app(scene.store, STR("web-test"), scene.now);
	scene_runs_to(&scene, 11'000);
	/* Its objects are being deleted. */
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_tells(
		&scene, 12'000,
		"+11050 web-test Waiting\n+11050 web-test Pending\n+11100 operation web-test\n");
	assert_true(scene_app(&scene, "web-test")->deleting_at.ms > 0);
	sync_ends(&scene, "web-test", 12'000, "v1");
	scene_runs_to(&scene, 14'000);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_tells(
		&scene, 15'000,
		"+14050 web-test Waiting\n+14050 web-test Pending\n+14100 operation web-test\n");
	scene_release(&scene);
}

static void with_the_quirk_off_one_that_is_being_deleted_is_let_go(void **state)
{
	struct argo_config config = progressive();
	struct scene scene;

	config.quirks.is_off[QUIRK_SYNCS_THE_DELETED] = true;
	init(&scene, config);
	store_delete_app(scene.store, STR("web-test"), scene.now);
	scene_runs_to(&scene, 11'000);
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_MISSING, "v1");
	scene_tells(&scene, 20'000, "+11050 web-test Waiting\n+11050 web-test Pending\n");
	scene_release(&scene);
}

static void an_operation_that_stands_is_not_written_twice(void **state)
{
	struct scene scene;
	struct app *app;
	uint64_t version;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	scene_run(&scene, 11'000);
	version = scene_app(&scene, "web-test")->version;
	app = scene_edit(&scene, "web-prod");
	app->labels = pair_list_set(app->labels, STR("mine"), &STR("1"));
	scene_write(&scene, app);
	scene_run(&scene, 12'000);
	assert_int_equal(scene_app(&scene, "web-test")->version, version);
	scene_release(&scene);
}

static void without_rolling_sync_the_records_are_taken_away(void **state)
{
	struct scene scene;

	init(&scene, progressive());
	assert_int_equal(store_appset(scene.store, STR("web"))->rollout->n, 2);
	scene_apply(&scene, scene_set("v1"));
	scene_run(&scene, 11'000);
	assert_int_equal(store_appset(scene.store, STR("web"))->rollout->n, 0);
	scene_shows(&scene, "RolloutProgressing", "");
	scene_release(&scene);
}

static void without_the_flag_rolling_sync_is_ignored(void **state)
{
	struct appset *set = rolling("v1");
	struct scene scene;

	set->template.spec.automated.is_set = true;
	init_with(&scene, argo_config_default(), set);
	assert_true(scene_app(&scene, "web-test")->spec.automated.is_set);
	assert_null(recorded(&scene, "web-test"));
	scene_release(&scene);
}

/* The records are written behind the back of the copy that the pass ends with, so the annotation's
 * removal meets a conflict; the retry finds no more to record. */
static void a_refresh_in_a_pass_that_records_something_fails_once(void **state)
{
	struct appset *set = rolling("v1");
	struct scene scene;

	init(&scene, progressive());
	scene_compared(&scene, "web-test", SYNC_OUT_OF_SYNC, HEALTH_HEALTHY, "v2");
	set->wants_refresh = true;
	scene_apply(&scene, set);
	scene_run(&scene, 10'050);
	scene_shows(&scene, "ErrorOccurred",
		    "True/RefreshApplicationError: Operation cannot be fulfilled on "
		    "applicationsets.argoproj.io \"web\": the object has been modified; please "
		    "apply your changes to the latest version and try again");
	scene_tells(&scene, 11'000,
		    "+10050 web-test Waiting\n+10050 web-test Pending\n"
		    "+10100 operation web-test\n+10120 refreshed web\n");
	scene_shows(&scene, "ErrorOccurred",
		    "False/ApplicationSetUpToDate: All applications have been generated "
		    "successfully");
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_synced_and_then_production_if_all_were_compared_in_time),
		cmocka_unit_test(an_operation_is_automated_and_carries_no_revision),
		cmocka_unit_test(stamps_of_the_records_are_whole_seconds),
		cmocka_unit_test(production_goes_first_while_test_shows_the_old_revisions_health),
		cmocka_unit_test(with_the_quirk_off_production_waits_for_test),
		cmocka_unit_test(the_refresh_barrier_of_3_6_finds_test_out),
		cmocka_unit_test(the_step_before_alone_is_asked),
		cmocka_unit_test(with_the_quirk_off_the_spec_waits_for_its_step),
		cmocka_unit_test(max_update_says_how_many_of_a_step_at_once),
		cmocka_unit_test(what_no_step_chooses_is_not_synced_but_takes_a_place_in_the_first),
		cmocka_unit_test(drift_of_one_that_was_healthy_begins_again),
		cmocka_unit_test(health_that_is_lost_is_not_recorded),
		cmocka_unit_test(a_step_that_was_healthy_and_is_degraded_opens_nothing),
		cmocka_unit_test(one_whose_operation_failed_is_not_done_though_synced_and_healthy),
		cmocka_unit_test(
			one_whose_operation_failed_stays_progressing_if_it_was_seen_to_progress),
		cmocka_unit_test(one_that_is_invalid_does_not_keep_the_rest_from_rolling),
		cmocka_unit_test(one_that_is_being_deleted_is_synced_again),
		cmocka_unit_test(with_the_quirk_off_one_that_is_being_deleted_is_let_go),
		cmocka_unit_test(an_operation_that_stands_is_not_written_twice),
		cmocka_unit_test(without_rolling_sync_the_records_are_taken_away),
		cmocka_unit_test(without_the_flag_rolling_sync_is_ignored),
		cmocka_unit_test(a_refresh_in_a_pass_that_records_something_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
