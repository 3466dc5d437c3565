#include "argo/generate.h"

#include "base/alloc.h"

#include "testing.h"

/* One cluster, and a set that the story fills in. */
struct scene {
	struct argo_config config;
	struct argo *argo;
	struct arena arena;
	struct cluster cluster;
	struct appset *set;
	struct generated generated;
};

static void scene_init(struct scene *scene)
{
	*scene = (struct scene){.config = argo_config_default(),
				.cluster = {STR("eu"), STR("https://1"), NULL},
				.set = appset_new()};
	scene->argo = argo_new(&scene->config, 1, (wall){1000});
	scene->set->namespace = STR("argocd");
	scene->set->template.name = STR("web-{{name}}");
	scene->set->generators = generator_list_new(1);
	scene->set->generators->v[0].clusters.selector = STR("!none");
}

static void generate(struct scene *scene)
{
	const struct generate_world world = {.set = scene->set,
					     .clusters = &scene->cluster,
					     .cluster_count = 1,
					     .arena = &scene->arena};

	generated_release(&scene->generated);
	generate_apps(scene->argo, &world, &scene->generated);
}

static void scene_release(struct scene *scene)
{
	generated_release(&scene->generated);
	arena_release(&scene->arena);
	appset_drop(scene->set);
	argo_free(scene->argo);
}

static void every_text_of_the_template_is_made(void **state)
{
	struct scene scene;
	const struct app *app;

	scene_init(&scene);
	scene.set->template.labels = pair_list_set(NULL, STR("on-{{name}}"), &STR("{{server}}"));
	scene.set->template.spec.sources.sources = source_list_new(2);
	scene.set->template.spec.sources.sources->v[1] = (struct source){
		.ref = STR("{{name}}"), .tool_json = STR("{\"x\":\"{{name}}\"}")};
	generate(&scene);
	assert_int_equal(scene.generated.apps.n, 1);
	app = scene.generated.apps.v[0];
	assert_str(app->name, "web-eu");
	assert_str(app->namespace, "argocd");
	assert_str(pair_get(app->labels, STR("on-eu")), "https://1");
	assert_str(app->spec.sources.sources->v[1].ref, "eu");
	assert_str(app->spec.sources.sources->v[1].tool_json, "{\"x\":\"eu\"}");
	/* The template is as it was. */
	assert_str(scene.set->template.spec.sources.sources->v[1].ref, "{{name}}");
	scene_release(&scene);
}

static void argo_cds_finalizer_is_added_unless_there_is_one_or_resources_stay(void **state)
{
	struct scene scene;

	scene_init(&scene);
	generate(&scene);
	assert_str(scene.generated.apps.v[0]->finalizers_json, FINALIZERS_DEFAULT);
	scene.set->template.finalizers_json = STR("[\"mine\"]");
	generate(&scene);
	assert_str(scene.generated.apps.v[0]->finalizers_json, "[\"mine\"]");
	scene.set->template.finalizers_json = (struct str){0};
	scene.set->preserve_resources_on_deletion = true;
	generate(&scene);
	assert_str(scene.generated.apps.v[0]->finalizers_json, "");
	scene_release(&scene);
}

static void the_two_annotations_that_mean_something_are_no_annotations(void **state)
{
	struct pair_list **annotations;
	struct scene scene;

	scene_init(&scene);
	annotations = &scene.set->template.annotations;
	*annotations = pair_list_set(NULL, STR(ANNOTATION_REFRESH), &STR("hard"));
	*annotations = pair_list_set(*annotations, STR(ANNOTATION_SKIP_RECONCILE), &STR("true"));
	*annotations = pair_list_set(*annotations, STR("a"), &STR("b"));
	generate(&scene);
	assert_int_equal(scene.generated.apps.v[0]->refresh, REFRESH_HARD);
	assert_true(scene.generated.apps.v[0]->is_paused);
	assert_int_equal(scene.generated.apps.v[0]->annotations->n, 1);
	scene_release(&scene);
}

static void without_parameters_nothing_is_made_of_the_template(void **state)
{
	struct generator *list;
	struct scene scene;

	scene_init(&scene);
	list = &scene.set->generators->v[0];
	list->type = GENERATOR_LIST;
	list->elements = mem_zalloc(sizeof(*list->elements));
	list->element_count = 1;
	generate(&scene);
	assert_str(scene.generated.apps.v[0]->name, "web-{{name}}");
	assert_str(scene.generated.apps.v[0]->finalizers_json, "");
	scene_release(&scene);
}

static void an_error_of_a_generator_has_a_reason_of_its_own(void **state)
{
	struct scene scene;

	scene_init(&scene);
	scene.set->generators->v[0].type = GENERATOR_MERGE;
	generate(&scene);
	assert_str(scene.generated.error,
		   "found less than two generators, Merge requires two or more");
	assert_str(scene.generated.reason, "ApplicationGenerationFromParamsError");
	scene_release(&scene);
}

static void the_first_error_is_told_and_the_rest_is_made(void **state)
{
	struct scene scene;

	scene_init(&scene);
	scene.set->go_template = scene.set->missing_key_is_error = true;
	scene.set->template.name = STR("{{.name}}{{.a}}");
	scene.set->template.spec.project = STR("{{.b}}");
	generate(&scene);
	assert_int_equal(scene.generated.apps.n, 0);
	assert_str(scene.generated.reason, "RenderTemplateParamsError");
	assert_true(str_find(scene.generated.error, STR("no entry for key \"a\""), NULL));
	scene_release(&scene);
}

static void a_list_is_set_and_unset_by_key(void **state)
{
	struct pair_list *list = pair_list_set(NULL, STR("a"), &STR("1"));

	list = pair_list_set(list, STR("b"), &STR("2"));
	list = pair_list_set(list, STR("a"), &STR("3"));
	assert_int_equal(list->n, 2);
	assert_str(pair_get(list, STR("a")), "3");
	list = pair_list_set(list, STR("a"), NULL);
	assert_int_equal(list->n, 1);
	pair_list_drop(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_of_the_template_is_made),
		cmocka_unit_test(argo_cds_finalizer_is_added_unless_there_is_one_or_resources_stay),
		cmocka_unit_test(the_two_annotations_that_mean_something_are_no_annotations),
		cmocka_unit_test(without_parameters_nothing_is_made_of_the_template),
		cmocka_unit_test(an_error_of_a_generator_has_a_reason_of_its_own),
		cmocka_unit_test(the_first_error_is_told_and_the_rest_is_made),
		cmocka_unit_test(a_list_is_set_and_unset_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
