#include "argo/appset.h"

#include "argo/appset_write.h"
#include "argo/generate.h"

#include "appset_scene.h"

static void init(struct scene *scene)
{
	scene_init(scene, 0, argo_config_default());
}

/* A scene whose two Applications are there, at v1, and nothing is due. */
static void init_written(struct scene *scene)
{
	init(scene);
	scene_apply(scene, scene_set("v1"));
	scene_runs_to(scene, 1000);
}

/* ---- writing, in time ---- */

static void each_cluster_gets_its_application_one_after_the_other(void **state)
{
	struct scene scene;
	const struct app *app;

	init(&scene);
	scene_apply(&scene, scene_set("v1"));
	scene_tells(&scene, 1000, "+50 created web-prod v1\n+70 created web-test v1\n");
	app = scene_app(&scene, "web-prod");
	assert_str(app->owner, "web");
	assert_str(app->namespace, "argocd");
	assert_str(pair_get(app->labels, STR("env")), "prod");
	assert_str(app->spec.destination.server, "prod");
	assert_str(app->finalizers_json, "[\"resources-finalizer.argocd.argoproj.io\"]");
	scene_shows(&scene, "ResourcesUpToDate",
		    "True/ApplicationSetUpToDate: All applications have been generated "
		    "successfully");
	scene_shows(&scene, "ErrorOccurred",
		    "False/ApplicationSetUpToDate: All applications have been generated "
		    "successfully");
	scene_release(&scene);
}

/* It is not being looked at: a pass would have something to do before long. */
static void rests_at(struct scene *scene, int64_t at_ms)
{
	wall at;

	scene_run(scene, at_ms);
	assert_false(appsets_deadline(scene->appsets, &at) && wall_since(at, scene->now) < 100);
}

static void what_it_creates_itself_does_not_make_it_look_again(void **state)
{
	struct scene scene;

	init(&scene);
	scene_apply(&scene, scene_set("v1"));
	rests_at(&scene, 90);
	scene_release(&scene);
}

static void a_new_revision_reaches_one_before_the_other(void **state)
{
	struct scene scene;

	init_written(&scene);
	scene_apply(&scene, scene_set("v2"));
	scene_tells(&scene, 1060, "+1050 spec web-prod v2\n");
	assert_str(scene_revision(scene_app(&scene, "web-test")), "v1");
	scene_tells(&scene, 2000, "+1070 spec web-test v2\n");
	scene_tells(&scene, 400'000, "");
	scene_release(&scene);
}

static void a_spec_that_comes_while_one_is_written_waits_for_the_next_pass(void **state)
{
	struct scene scene;

	init_written(&scene);
	scene_apply(&scene, scene_set("v2"));
	scene_run(&scene, 1055);
	scene_apply(&scene, scene_set("v3"));
	scene_tells(&scene, 2000,
		    "+1050 spec web-prod v2\n+1070 spec web-test v2\n+1140 spec web-prod v3\n"
		    "+1160 spec web-test v3\n");
	scene_release(&scene);
}

static void a_controller_that_stops_leaves_a_set_half_written(void **state)
{
	struct scene scene;

	init_written(&scene);
	scene_apply(&scene, scene_set("v2"));
	scene_tells(&scene, 1060, "+1050 spec web-prod v2\n");
	appsets_set_up(scene.appsets, false, scene.now);
	scene_tells(&scene, 50'000, "");
	appsets_set_up(scene.appsets, true, scene.now);
	scene_tells(&scene, 60'000, "+50050 spec web-test v2\n");
	scene_release(&scene);
}

static void an_informer_that_lags_shows_the_change_later(void **state)
{
	struct scene scene;

	scene_init(&scene, 3000, argo_config_default());
	scene_apply(&scene, scene_set("v1"));
	/* When it has the set, it doesn't have its own writes yet; that does no harm. */
	scene_tells(&scene, 20'000, "+3050 created web-prod v1\n+3070 created web-test v1\n");
	scene_shows(&scene, "ErrorOccurred",
		    "False/ApplicationSetUpToDate: All applications have been generated "
		    "successfully");
	scene_release(&scene);
}

static void a_lagging_informer_makes_a_pass_fail_and_its_retry_write_what_is_old(void **state)
{
	struct scene scene;

	scene_init(&scene, 200, argo_config_default());
	scene_apply(&scene, scene_set("v1"));
	scene_runs_to(&scene, 2000);
	scene_apply(&scene, scene_set("v2"));
	scene_run(&scene, 2150);
	scene_apply(&scene, scene_set("v3"));
	/* The pass of v2 begins at 2200 and finds at 2250 that v2 is not the newest; tried five
	 * times, it fails. Its retry generates v2 once more, at 2295, waits for v3 to be seen, at
	 * 2350, and writes v2, and at 2355 into the status what Applications there are: for v3 that
	 * is to be seen first, at 2555. */
	scene_tells(&scene, 10'000,
		    "+2355 spec web-prod v2\n+2375 spec web-test v2\n+2560 spec web-prod v3\n"
		    "+2580 spec web-test v3\n");
	scene_release(&scene);
}

/* ---- what makes it look again ---- */

static void a_spec_edited_by_hand_is_written_back(void **state)
{
	struct scene scene;
	struct app *app;

	init_written(&scene);
	app = scene_edit(&scene, "web-test");
	app->spec.sources.source.target_revision = STR("mine");
	scene_write(&scene, app);
	scene_tells(&scene, 2000, "+1000 spec web-test mine\n+1050 spec web-test v1\n");
	scene_release(&scene);
}

static void a_status_makes_it_look_again_only_under_progressive_syncs(void **state)
{
	const struct app *app;
	struct app *before, *after;

	before = app_new();
	after = app_copy(before);
	after->status.reconciled_at = (wall){5000};
	after->deleting_at = (wall){5000};
	assert_false(appset_app_change_counts(before, after, true));
	after->status.has_health = true;
	assert_true(appset_app_change_counts(before, after, true));
	assert_false(appset_app_change_counts(before, after, false));
	app_drop(before);
	/* A first operation is no change; a second one is. */
	before = app_copy(after);
	after->status.operation.phase = OP_RUNNING;
	assert_false(appset_app_change_counts(before, after, true));
	app = app_keep(after);
	app_drop(before);
	before = app_copy(app);
	after->status.operation.phase = OP_SUCCEEDED;
	assert_true(appset_app_change_counts(before, after, true));
	app_drop(app);
	app_drop(before);
	app_drop(after);
}

static void a_cluster_that_is_labelled_joins_and_one_that_is_not_leaves(void **state)
{
	struct scene scene;

	init_written(&scene);
	scene_cluster(&scene, "eu", "prod");
	scene_tells(&scene, 2000, "+1050 created web-eu v1\n");
	store_write_cluster(scene.store, (struct cluster){STR("test"), STR("test"), NULL},
			    scene.now);
	scene_tells(&scene, 3000, "+2050 deleting web-test\n");
	scene_release(&scene);
}

static bool read_tree(void *user, struct str repo_url, struct str revision, bool is_fresh,
		      struct git_tree *ret_tree, struct str *ret_error)
{
	*ret_tree = *(struct git_tree *)user;
	return true;
}

static void git_is_read_again_after_three_minutes(void **state)
{
	struct git_file files[] = {{STR("apps/a/x.yaml"), NULL}, {STR("apps/b/x.yaml"), NULL}};
	struct git_tree tree = {files, 1};
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	appsets_set_git(scene.appsets, (struct git_port){read_tree, &tree});
	pair_list_drop(set->template.labels);
	set->template.labels = NULL;
	set->template.name = STR("web-{{path.basename}}");
	set->template.spec.destination.server = STR("test");
	set->generators->v[0] = (struct generator){.type = GENERATOR_GIT,
						   .git_paths = scene_pairs("apps/*", "", NULL)};
	scene_apply(&scene, set);
	scene_tells(&scene, 10'000, "+50 created web-a v1\n");
	tree.n = 2;
	scene_tells(&scene, 300'000, "+180120 created web-b v1\n");
	scene_release(&scene);
}

/* ---- the refresh annotation ---- */

static void a_refresh_is_over_when_everything_is_written(void **state)
{
	struct appset *set = scene_set("v2");
	struct scene scene;

	init_written(&scene);
	set->wants_refresh = true;
	scene_apply(&scene, set);
	scene_tells(&scene, 2000,
		    "+1050 spec web-prod v2\n+1070 spec web-test v2\n+1090 refreshed web\n");
	scene_release(&scene);
}

static void the_end_of_a_refresh_does_not_make_it_look_again(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init_written(&scene);
	set->wants_refresh = true;
	scene_apply(&scene, set);
	scene_tells(&scene, 1050, "+1050 refreshed web\n");
	rests_at(&scene, 1051);
	scene_release(&scene);
}

static void a_refresh_asked_for_in_the_middle_may_end_before_the_spec_is_written(void **state)
{
	struct appset *set = scene_set("v3");
	struct scene scene;

	init_written(&scene);
	scene_apply(&scene, scene_set("v2"));
	scene_run(&scene, 1030);
	/* v2 is generated already. The pass reads the set again, with v3 and the annotation, and
	 * takes the annotation away when v2 is written. */
	set->wants_refresh = true;
	scene_apply(&scene, set);
	scene_tells(&scene, 2000,
		    "+1050 spec web-prod v2\n+1070 spec web-test v2\n+1090 refreshed web\n"
		    "+1140 spec web-prod v3\n+1160 spec web-test v3\n");
	scene_release(&scene);
}

static void a_pass_that_is_held_has_generated_and_writes_when_it_is_let_go(void **state)
{
	struct scene scene;

	init_written(&scene);
	appsets_hold(scene.appsets, STR("web"), true);
	scene_apply(&scene, scene_set("v2"));
	scene_tells(&scene, 2000, "");
	assert_true(appsets_reached(scene.appsets, STR("web")));
	scene_apply(&scene, scene_set("v3"));
	appsets_step(scene.appsets, STR("web"));
	assert_false(appsets_reached(scene.appsets, STR("web")));
	/* The next one, which has generated v3, stands where it stood. */
	scene_tells(&scene, 3000, "+2000 spec web-prod v2\n+2020 spec web-test v2\n");
	assert_true(appsets_reached(scene.appsets, STR("web")));
	appsets_hold(scene.appsets, STR("web"), false);
	scene_tells(&scene, 4000, "+3000 spec web-prod v3\n+3020 spec web-test v3\n");
	scene_release(&scene);
}

static void with_the_quirk_off_a_refresh_ends_with_a_pass_that_knows_of_it(void **state)
{
	struct argo_config config = argo_config_default();
	struct appset *set = scene_set("v3");
	struct scene scene;

	config.quirks.is_off[QUIRK_REFRESH_ENDS_EARLY] = true;
	scene_init(&scene, 0, config);
	scene_apply(&scene, scene_set("v2"));
	scene_run(&scene, 30);
	set->wants_refresh = true;
	scene_apply(&scene, set);
	scene_tells(&scene, 2000,
		    "+50 created web-prod v2\n+70 created web-test v2\n"
		    "+140 spec web-prod v3\n+160 spec web-test v3\n+180 refreshed web\n");
	scene_release(&scene);
}

/* ---- policies ---- */

static void try_policy(const char *policy, const char *expected)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->policy = str_of(policy);
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	set = scene_set("v2");
	set->policy = str_of(policy);
	set->generators->v[0].clusters.selector = STR("env=prod");
	scene_apply(&scene, set);
	scene_tells(&scene, 2000, expected);
	scene_release(&scene);
}

static void a_policy_says_what_may_be_done_to_what_is_there(void **state)
{
	try_policy("", "+1050 spec web-prod v2\n+1070 deleting web-test\n");
	try_policy("sync", "+1050 spec web-prod v2\n+1070 deleting web-test\n");
	try_policy("create-update", "+1050 spec web-prod v2\n");
	try_policy("create-delete", "+1050 deleting web-test\n");
	try_policy("create-only", "");
}

/* ---- what is not its own ---- */

static void foreign_labels_annotations_and_finalizers_are_taken_away(void **state)
{
	struct scene scene;
	struct app *app;

	init_written(&scene);
	app = scene_edit(&scene, "web-test");
	app->annotations = pair_list_set(app->annotations, STR("mine"), &STR("1"));
	app->annotations = pair_list_set(app->annotations,
					 STR("notified.notifications.argoproj.io"), &STR("{}"));
	app->labels = pair_list_set(app->labels, STR("mine"), &STR("1"));
	app->is_paused = true;
	app->refresh = REFRESH_NORMAL;
	app->finalizers_json = STR("[\"mine\",\"post-delete-finalizer.argocd.argoproj.io/x\"]");
	scene_write(&scene, app);
	scene_run(&scene, 2000);
	assert_null(pair_get(scene_app(&scene, "web-test")->annotations, STR("mine")).p);
	assert_null(pair_get(scene_app(&scene, "web-test")->labels, STR("mine")).p);
	assert_false(scene_app(&scene, "web-test")->is_paused);
	assert_str(scene_app(&scene, "web-test")->finalizers_json,
		   "[\"resources-finalizer.argocd.argoproj.io\","
		   "\"post-delete-finalizer.argocd.argoproj.io/x\"]");
	/* Argo CD's own stay. */
	assert_str(pair_get(scene_app(&scene, "web-test")->annotations,
			    STR("notified.notifications.argoproj.io")),
		   "{}");
	assert_int_equal(scene_app(&scene, "web-test")->refresh, REFRESH_NORMAL);
	scene_release(&scene);
}

static void what_preserved_fields_name_stays(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;
	struct app *app;

	init(&scene);
	set->preserved_annotations = scene_pairs("mine", "", NULL);
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	app = scene_edit(&scene, "web-test");
	app->annotations = pair_list_set(app->annotations, STR("mine"), &STR("1"));
	scene_write(&scene, app);
	scene_tells(&scene, 2000, "+1000 metadata web-test\n");
	scene_release(&scene);
}

static void with_the_quirk_off_foreign_annotations_stay(void **state)
{
	struct argo_config config = argo_config_default();
	struct scene scene;
	struct app *app;

	config.quirks.is_off[QUIRK_ANNOTATIONS_TAKEN_AWAY] = true;
	scene_init(&scene, 0, config);
	scene_apply(&scene, scene_set("v1"));
	scene_runs_to(&scene, 1000);
	app = scene_edit(&scene, "web-test");
	app->annotations = pair_list_set(app->annotations, STR("mine"), &STR("1"));
	app->is_paused = true;
	scene_write(&scene, app);
	scene_tells(&scene, 2000, "+1000 metadata web-test\n");
	scene_release(&scene);
}

static void what_others_wrote_since_it_read_stays(void **state)
{
	struct scene scene;

	scene_init(&scene, 500, argo_config_default());
	scene_apply(&scene, scene_set("v1"));
	scene_runs_to(&scene, 3000);
	scene_apply(&scene, scene_set("v2"));
	scene_run(&scene, 3540);
	/* The informer does not show this yet when the spec is patched. */
	scene_compared(&scene, "web-prod", SYNC_SYNCED, HEALTH_HEALTHY, "v1");
	scene_run(&scene, 5000);
	assert_str(scene_app(&scene, "web-prod")->status.sync_revisions.revision, "v1");
	assert_str(scene_revision(scene_app(&scene, "web-prod")), "v2");
	scene_release(&scene);
}

static void only_what_differs_from_what_it_saw_is_patched(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;
	struct app *app;

	scene_init(&scene, 500, argo_config_default());
	scene_apply(&scene, scene_set("v1"));
	scene_runs_to(&scene, 3000);
	pair_list_drop(set->template.labels);
	set->template.labels = scene_pairs("env", "{{name}}", "team", "a", NULL);
	scene_apply(&scene, set);
	scene_run(&scene, 3540);
	app = scene_edit(&scene, "web-prod");
	app->spec.sources.source.target_revision = STR("mine");
	scene_write(&scene, app);
	/* The labels are written at 3550; the revision, when it is seen that it was changed. */
	scene_tells(&scene, 6000,
		    "+3540 spec web-prod mine\n+3550 metadata web-prod\n+3570 metadata web-test\n"
		    "+4090 spec web-prod v1\n");
	scene_release(&scene);
}

/* ---- errors ---- */

static void a_template_error_stops_all_and_is_tried_again_after_three_minutes(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->go_template = set->missing_key_is_error = true;
	set->template.name = STR("web-{{.name}}");
	set->template.spec.destination.server = STR("{{.server}}");
	pair_list_drop(set->template.labels);
	set->template.labels = scene_pairs("zone", "{{.zone}}", NULL);
	scene_apply(&scene, set);
	scene_tells(&scene, 10'000, "");
	scene_shows(&scene, "ErrorOccurred",
		    "True/RenderTemplateParamsError: failed to execute go template {{.zone}}: "
		    "template: :1:2: executing \"\" at <.zone>: map has no entry for key \"zone\"");
	scene_shows(&scene, "ParametersGenerated",
		    "False/ErrorOccurred: failed to execute go template {{.zone}}: template: "
		    ":1:2: executing \"\" at <.zone>: map has no entry for key \"zone\"");
	assert_str(appset_condition_state(store_appset(scene.store, STR("web")),
					  STR("ResourcesUpToDate")),
		   "False/ErrorOccurred");
	assert_true(appsets_deadline(scene.appsets, &scene.now));
	assert_int_equal(scene.now.ms, SCENE_START_MS + 50 + 180'000);
	scene_release(&scene);
}

static void one_that_is_invalid_is_left_out_and_the_rest_is_written(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->template.spec.project = STR("{{metadata.labels.env}}");
	store_write_project(scene.store, (struct project){.name = STR("prod")}, scene.now);
	scene_apply(&scene, set);
	scene_tells(&scene, 10'000, "+50 created web-prod v1\n");
	scene_shows(&scene, "ErrorOccurred",
		    "True/ApplicationValidationError: application references project test which "
		    "does not exist");
	store_write_project(scene.store, (struct project){.name = STR("test")}, scene.now);
	scene_tells(&scene, 200'000, "+180120 created web-test v1\n");
	scene_shows(&scene, "ErrorOccurred",
		    "False/ApplicationSetUpToDate: All applications have been generated "
		    "successfully");
	scene_release(&scene);
}

static void of_two_with_one_name_neither_is_written(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->template.name = STR("web");
	scene_apply(&scene, set);
	scene_tells(&scene, 10'000, "");
	scene_shows(&scene, "ErrorOccurred",
		    "True/ApplicationValidationError: ApplicationSet web contains applications "
		    "with duplicate name: web");
	scene_release(&scene);
}

static void a_destination_that_is_no_cluster_is_invalid(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->template.spec.destination = (struct destination){.name = STR("{{name}}-x")};
	scene_apply(&scene, set);
	scene_tells(&scene, 10'000, "");
	scene_shows(&scene, "ErrorOccurred",
		    "True/ApplicationValidationError: application destination spec is invalid: "
		    "there are no clusters with this name: test-x (and 1 more)");
	scene_release(&scene);
}

static void an_application_of_another_set_is_an_error_that_stops_only_itself(void **state)
{
	struct scene scene;
	struct app *app = app_new();
	wall at;

	init(&scene);
	app->name = STR("web-prod");
	app->namespace = STR("argocd");
	app->owner = app->owner_uid = STR("other");
	scene_write(&scene, app);
	scene_apply(&scene, scene_set("v1"));
	scene_tells(&scene, 60, "+0 created web-prod\n");
	scene_tells(&scene, 70, "+70 created web-test v1\n");
	scene_run(&scene, 100);
	scene_shows(&scene, "ErrorOccurred",
		    "True/UpdateApplicationError: error while wrapping using MutateFn: Object "
		    "argocd/web-prod is already owned by another ApplicationSet controller other");
	/* It is tried again, ever more slowly. */
	assert_true(appsets_deadline(scene.appsets, &at));
	assert_true(wall_since(at, scene.now) < 1000);
	rests_at(&scene, 60'000);
	assert_true(appsets_deadline(scene.appsets, &at));
	scene_release(&scene);
}

static void conditions_that_say_the_same_keep_their_stamp(void **state)
{
	struct scene scene;
	uint64_t version;

	init_written(&scene);
	version = store_appset(scene.store, STR("web"))->version;
	scene_apply(&scene, scene_set("v2"));
	scene_runs_to(&scene, 10'000);
	/* v2 is all over the fleet, and nothing in the status says so: it has come to list the
	 * Applications, which were not there yet when the first pass read. */
	assert_int_equal(store_appset(scene.store, STR("web"))->version, version + 2);
	assert_int_equal(store_appset(scene.store, STR("web"))->resources->n, 2);
	assert_int_equal(
		store_appset(scene.store, STR("web"))->conditions->v[0].last_transition_at.ms,
		SCENE_START_MS);
	scene_release(&scene);
}

/* ---- deletion ---- */

static void what_a_deleted_set_owned_is_deleted(void **state)
{
	struct scene scene;

	init_written(&scene);
	store_delete_appset(scene.store, STR("web"), scene.now);
	scene_tells(&scene, 3000, "+1500 deleting web-prod\n+1500 deleting web-test\n");
	scene_release(&scene);
}

static void without_a_destination_it_goes_without_its_finalizer(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;
	struct app *app;

	init_written(&scene);
	set->generators->v[0].clusters.selector = STR("env=prod");
	app = scene_edit(&scene, "web-test");
	app->spec.destination.server = STR("gone");
	scene_write(&scene, app);
	scene_apply(&scene, set);
	scene_tells(&scene, 2000, "+1050 deleted web-test\n");
	scene_release(&scene);
}

static void preserved_resources_mean_no_finalizer(void **state)
{
	struct appset *set = scene_set("v1");
	struct scene scene;

	init(&scene);
	set->preserve_resources_on_deletion = true;
	scene_apply(&scene, set);
	scene_runs_to(&scene, 1000);
	assert_str(scene_app(&scene, "web-prod")->finalizers_json, "");
	store_delete_appset(scene.store, STR("web"), scene.now);
	scene_tells(&scene, 3000, "+1500 deleted web-prod\n+1500 deleted web-test\n");
	scene_release(&scene);
}

/* ---- generate ---- */

static void what_a_set_generates_can_be_asked_without_writing(void **state)
{
	struct appset *set = scene_set("v9");
	const struct app **apps;
	struct str error;
	struct scene scene;

	init(&scene);
	assert_int_equal(appsets_generate(scene.appsets, set, &apps, &error), 2);
	assert_str(apps[0]->name, "web-prod");
	assert_str(scene_revision(apps[1]), "v9");
	set->go_template = true;
	set->template.name = STR("{{.name | lower}}");
	assert_int_equal(appsets_generate(scene.appsets, set, &apps, &error), 0);
	assert_str(
		error,
		"failed to execute go template {{.name | lower}}: template: :1:2: executing \"\" "
		"at <.name | lower>: an expression that this model does not know");
	appset_drop(set);
	scene_tells(&scene, 1000, "");
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cluster_gets_its_application_one_after_the_other),
		cmocka_unit_test(what_it_creates_itself_does_not_make_it_look_again),
		cmocka_unit_test(a_new_revision_reaches_one_before_the_other),
		cmocka_unit_test(a_spec_that_comes_while_one_is_written_waits_for_the_next_pass),
		cmocka_unit_test(a_controller_that_stops_leaves_a_set_half_written),
		cmocka_unit_test(an_informer_that_lags_shows_the_change_later),
		cmocka_unit_test(
			a_lagging_informer_makes_a_pass_fail_and_its_retry_write_what_is_old),
		cmocka_unit_test(a_spec_edited_by_hand_is_written_back),
		cmocka_unit_test(a_status_makes_it_look_again_only_under_progressive_syncs),
		cmocka_unit_test(a_cluster_that_is_labelled_joins_and_one_that_is_not_leaves),
		cmocka_unit_test(git_is_read_again_after_three_minutes),
		cmocka_unit_test(a_refresh_is_over_when_everything_is_written),
		cmocka_unit_test(the_end_of_a_refresh_does_not_make_it_look_again),
		cmocka_unit_test(
			a_refresh_asked_for_in_the_middle_may_end_before_the_spec_is_written),
		cmocka_unit_test(a_pass_that_is_held_has_generated_and_writes_when_it_is_let_go),
		cmocka_unit_test(with_the_quirk_off_a_refresh_ends_with_a_pass_that_knows_of_it),
		cmocka_unit_test(a_policy_says_what_may_be_done_to_what_is_there),
		cmocka_unit_test(foreign_labels_annotations_and_finalizers_are_taken_away),
		cmocka_unit_test(what_preserved_fields_name_stays),
		cmocka_unit_test(with_the_quirk_off_foreign_annotations_stay),
		cmocka_unit_test(what_others_wrote_since_it_read_stays),
		cmocka_unit_test(only_what_differs_from_what_it_saw_is_patched),
		cmocka_unit_test(a_template_error_stops_all_and_is_tried_again_after_three_minutes),
		cmocka_unit_test(one_that_is_invalid_is_left_out_and_the_rest_is_written),
		cmocka_unit_test(of_two_with_one_name_neither_is_written),
		cmocka_unit_test(a_destination_that_is_no_cluster_is_invalid),
		cmocka_unit_test(an_application_of_another_set_is_an_error_that_stops_only_itself),
		cmocka_unit_test(conditions_that_say_the_same_keep_their_stamp),
		cmocka_unit_test(what_a_deleted_set_owned_is_deleted),
		cmocka_unit_test(without_a_destination_it_goes_without_its_finalizer),
		cmocka_unit_test(preserved_resources_mean_no_finalizer),
		cmocka_unit_test(what_a_set_generates_can_be_asked_without_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
