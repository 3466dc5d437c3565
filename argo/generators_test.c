#include "argo/generators.h"

#include "base/buf.h"
#include "testing.h"

/* ---- a fleet of three clusters, and a repository ---- */

struct scene {
	struct arena arena;
	struct appset set;
	struct cluster clusters[3];
	struct generate_world world;
	struct buf text;
	const struct git_file *files;
	size_t file_count;
	bool was_fresh;
};

static struct pair_list *pairs(struct scene *scene, ...)
{
	struct pair_list *list = arena_zalloc(&scene->arena,
					      sizeof(*list) + 8 * sizeof(list->v[0]));
	const char *key;
	va_list args;

	va_start(args, scene);
	while ((key = va_arg(args, const char *)))
		list->v[list->n++] = (struct pair){str_of(key), str_of(va_arg(args, const char *))};
	va_end(args);
	return list;
}

static bool read_tree(void *user, struct str repo_url, struct str revision, bool is_fresh,
		      struct git_tree *ret_tree, struct str *ret_error)
{
	struct scene *scene = user;

	if (!str_eq(repo_url, STR("https://git/fleet"))) {
		*ret_error = STR("repository not found");
		return false;
	}
	assert_str(revision, "main");
	scene->was_fresh = is_fresh;
	*ret_tree = (struct git_tree){scene->files, scene->file_count};
	return true;
}

static void scene_init(struct scene *scene)
{
	*scene = (struct scene){.text = BUF_INIT(64 * KIB)};
	scene->clusters[0] = (struct cluster){STR("prod_eu"), STR("https://1"),
					      pairs(scene, "env", "prod", "region", "eu", NULL)};
	scene->clusters[1] = (struct cluster){STR("prod-us"), STR("https://2"),
					      pairs(scene, "env", "prod", "region", "us", NULL)};
	scene->clusters[2] = (struct cluster){STR("test"), STR("https://3"),
					      pairs(scene, "env", "test", NULL)};
	scene->world = (struct generate_world){.set = &scene->set,
					       .clusters = scene->clusters,
					       .cluster_count = 3,
					       .git = {read_tree, scene},
					       .arena = &scene->arena};
}

static void scene_release(struct scene *scene)
{
	buf_release(&scene->text);
	arena_release(&scene->arena);
}

/* What comes out, one line for each Application: the values of these keys. */
static void gives(struct scene *scene, const struct generator *generator, const char *keys,
		  const char *expected)
{
	struct param_sets sets = {0};
	struct str error = {0};

	if (!generator_params(&scene->world, generator, &sets, &error))
		fail_msg(STR_FMT, STR_ARG(error));
	buf_clear(&scene->text);
	for (size_t i = 0; i < sets.n; i++) {
		struct str rest = str_of(keys), key, value;
		const char *blank = "";

		while (str_cut(&rest, ' ', &key)) {
			buf_printf(&scene->text, "%s", blank);
			blank = " ";
			if (params_get(&sets.v[i], key, &value))
				buf_str(&scene->text, value);
			else
				buf_char(&scene->text, '-');
		}
		buf_char(&scene->text, '\n');
	}
	assert_str(buf_view(&scene->text), expected);
}

static void fails(struct scene *scene, const struct generator *generator, const char *expected)
{
	struct param_sets sets = {0};
	struct str error = {0};

	assert_false(generator_params(&scene->world, generator, &sets, &error));
	assert_str(error, expected);
}

static struct generator clusters(const char *selector)
{
	return (struct generator){.type = GENERATOR_CLUSTERS,
				  .clusters = {.selector = str_of(selector)}};
}

static struct generator list(struct scene *scene, uint32_t n, struct pair_list *a,
			     struct pair_list *b)
{
	struct pair_list **elements = arena_array(&scene->arena, struct pair_list *, 2);

	elements[0] = a;
	elements[1] = b;
	return (struct generator){.type = GENERATOR_LIST, .elements = elements, .element_count = n};
}

static struct generator git(bool is_files, struct pair_list *paths)
{
	return (struct generator){.type = GENERATOR_GIT,
				  .git_repo_url = STR("https://git/fleet"),
				  .git_revision = STR("main"),
				  .git_paths = paths,
				  .git_is_files = is_files};
}

static struct generator both(struct scene *scene, enum generator_type type, struct generator a,
			     struct generator b)
{
	struct generator_list *children = arena_new(&scene->arena, struct generator_list);

	children->n = 2;
	children->v = arena_array(&scene->arena, struct generator, 2);
	children->v[0] = a;
	children->v[1] = b;
	return (struct generator){.type = type, .children = children};
}

/* ---- clusters ---- */

static void every_cluster_comes_in_order_and_the_local_one_last(void **state)
{
	struct scene scene;
	struct generator all = clusters("");

	scene_init(&scene);
	gives(&scene, &all, "name nameNormalized server metadata.labels.region",
	      "prod_eu prod-eu https://1 eu\nprod-us prod-us https://2 us\ntest test https://3 -\n"
	      "in-cluster in-cluster https://kubernetes.default.svc -\n");
	scene_release(&scene);
}

static void a_selector_chooses_by_label_and_leaves_the_local_one_out(void **state)
{
	struct scene scene;
	struct generator prod = clusters("env=prod,region in (eu)");
	struct generator none = clusters("env=none"), wrong = clusters("env in (");

	scene_init(&scene);
	gives(&scene, &prod, "name", "prod_eu\n");
	gives(&scene, &none, "name", "");
	fails(&scene, &wrong,
	      "error getting cluster secrets: error converting label selector: column 9: "
	      "expected a value, ',' or ')', found the end");
	scene_release(&scene);
}

static void values_are_made_of_parameters_but_not_of_each_other(void **state)
{
	struct scene scene;
	struct generator test = clusters("env=test");

	scene_init(&scene);
	test.clusters.values = pairs(&scene, "host", "{{name}}.example.com", "url",
				     "https://{{values.host}}", NULL);
	gives(&scene, &test, "values.host values.url",
	      "test.example.com https://{{values.host}}\n");
	scene_release(&scene);
}

/* ---- list, selector ---- */

static void a_list_is_taken_as_written_and_may_be_filtered(void **state)
{
	struct scene scene;
	struct generator two;

	scene_init(&scene);
	two = list(&scene, 2, pairs(&scene, "name", "b", NULL), pairs(&scene, "name", "a", NULL));
	gives(&scene, &two, "name", "b\na\n");
	two.selector = STR("name!=b");
	gives(&scene, &two, "name", "a\n");
	scene_release(&scene);
}

/* ---- git ---- */

static void directories_come_as_one_walks_them(void **state)
{
	struct scene scene;
	struct generator apps;

	scene_init(&scene);
	scene.files = (struct git_file[]){{STR("apps/web-2/x.yaml"), NULL},
					  {STR("README"), NULL},
					  {STR("apps/web/base/y.yaml"), NULL},
					  {STR("apps/.old/y.yaml"), NULL},
					  {STR("apps/exclude/y.yaml"), NULL}};
	scene.file_count = 5;
	apps = git(false, pairs(&scene, "apps/*", "", "apps/ex*", "exclude", NULL));
	gives(&scene, &apps, "path path.basename path[0] path[1]",
	      "apps/web web apps web\napps/web-2 web-2 apps web-2\n");
	assert_false(scene.was_fresh);

	scene.set.go_template = scene.set.wants_refresh = true;
	gives(&scene, &apps, "path.path path.segments.1", "apps/web web\napps/web-2 web-2\n");
	assert_true(scene.was_fresh);
	scene_release(&scene);
}

static void files_give_their_content_and_their_path(void **state)
{
	struct scene scene;
	struct generator files;

	scene_init(&scene);
	scene.files = (struct git_file[]){
		{STR("clusters/us/config.json"), pairs(&scene, "cluster.name", "us-1", NULL)},
		{STR("clusters/eu/Config.json"), pairs(&scene, "cluster.name", "eu-1", NULL)},
		{STR("top.json"), NULL}};
	scene.file_count = 3;
	files = git(true, pairs(&scene, "clusters/*.json", "", NULL));
	files.git_values = pairs(&scene, "id", "{{cluster.name}}-x", NULL);
	gives(&scene, &files, "cluster.name path path.filename path.filenameNormalized values.id",
	      "eu-1 clusters/eu Config.json config.json eu-1-x\n"
	      "us-1 clusters/us config.json config.json us-1-x\n");
	files = git(true, pairs(&scene, "clusters", "", "clusters/us", "exclude", NULL));
	gives(&scene, &files, "path", "clusters/eu\n");
	files = git(true, pairs(&scene, "top.json", "", NULL));
	files.git_path_prefix = STR("at");
	gives(&scene, &files, "at.path at.path.basename", ". .\n");
	scene_release(&scene);
}

static void a_repository_that_is_not_there_is_an_error(void **state)
{
	struct scene scene;
	struct generator apps;

	scene_init(&scene);
	apps = git(false, pairs(&scene, "*", "", NULL));
	apps.git_repo_url = STR("https://git/none");
	fails(&scene, &apps,
	      "error generating params from git: error getting directories from repo: repository "
	      "not found");
	scene_release(&scene);
}

static void git_is_asked_again_every_three_minutes(void **state)
{
	struct scene scene;
	struct generator_list *top = generator_list_new(2);

	scene_init(&scene);
	assert_int_equal(generators_requeue_after_ms(top), 0);
	top->v[0] = clusters("");
	assert_int_equal(generators_requeue_after_ms(top), 0);
	top->v[1] = (struct generator){.type = GENERATOR_GIT};
	assert_int_equal(generators_requeue_after_ms(top), 180'000);
	top->v[0] = (struct generator){.type = GENERATOR_MATRIX, .children = generator_list_new(1)};
	top->v[0].children->v[0] = (struct generator){.type = GENERATOR_GIT, .requeue_after_s = 30};
	assert_int_equal(generators_requeue_after_ms(top), 30'000);
	assert_true(generators_have(top, GENERATOR_MATRIX));
	assert_false(generators_have(top, GENERATOR_MERGE));
	generator_list_drop(top);
	scene_release(&scene);
}

/* ---- matrix ---- */

static void a_matrix_pairs_each_with_each(void **state)
{
	struct scene scene;
	struct generator matrix;

	scene_init(&scene);
	matrix = both(&scene, GENERATOR_MATRIX, clusters("env=prod"),
		      list(&scene, 2, pairs(&scene, "app", "web", NULL),
			   pairs(&scene, "app", "db", NULL)));
	gives(&scene, &matrix, "name app", "prod_eu web\nprod_eu db\nprod-us web\nprod-us db\n");
	scene_release(&scene);
}

static void the_second_of_a_matrix_may_name_what_the_first_knows(void **state)
{
	struct scene scene;
	struct generator matrix;

	scene_init(&scene);
	matrix = both(&scene, GENERATOR_MATRIX,
		      list(&scene, 2, pairs(&scene, "app", "web", "where", "eu", NULL),
			   pairs(&scene, "app", "db", "where", "us", NULL)),
		      clusters("region={{where}}"));
	gives(&scene, &matrix, "app name", "web prod_eu\ndb prod-us\n");

	scene.set.go_template = scene.set.missing_key_is_error = true;
	matrix.children->v[1] = clusters("region={{.where}}");
	gives(&scene, &matrix, "app name", "web prod_eu\ndb prod-us\n");
	matrix.children->v[1] = clusters("region={{.zone}}");
	fails(&scene, &matrix,
	      "failed to get params for second generator in the matrix generator: child generator "
	      "returned an error on parameter generation: failed to replace parameters in "
	      "generator: failed to execute go template region={{.zone}}: template: :1:9: "
	      "executing \"\" at <.zone>: map has no entry for key \"zone\"");
	scene_release(&scene);
}

static void both_of_a_matrix_may_not_say_different_things(void **state)
{
	struct scene scene;
	struct generator matrix;

	scene_init(&scene);
	matrix = both(&scene, GENERATOR_MATRIX, clusters("env=test"),
		      list(&scene, 1, pairs(&scene, "name", "web", NULL), NULL));
	fails(&scene, &matrix,
	      "failed to combine string maps with merging params for the matrix generator: found "
	      "duplicate key name with different value, a: test ,b: web");
	/* In Go's language the first one wins. */
	scene.set.go_template = true;
	gives(&scene, &matrix, "name", "test\n");
	scene_release(&scene);
}

static void a_matrix_has_two_generators(void **state)
{
	struct scene scene;
	struct generator matrix;

	scene_init(&scene);
	matrix = both(&scene, GENERATOR_MATRIX, clusters(""), clusters(""));
	matrix.children->n = 1;
	fails(&scene, &matrix, "found less than two generators, Matrix support only two");
	scene_release(&scene);
}

/* ---- merge ---- */

static void a_merge_overrides_by_its_keys(void **state)
{
	struct scene scene;
	struct generator merge;

	scene_init(&scene);
	merge = both(&scene, GENERATOR_MERGE, clusters("env=prod"),
		     list(&scene, 2, pairs(&scene, "server", "https://2", "values.x", "two", NULL),
			  pairs(&scene, "server", "https://9", "values.x", "nine", NULL)));
	merge.children->v[0].clusters.values = pairs(&scene, "x", "one", NULL);
	merge.merge_keys = pairs(&scene, "server", "", NULL);
	gives(&scene, &merge, "name values.x", "prod_eu one\nprod-us two\n");
	scene_release(&scene);
}

static void a_merge_key_must_be_unique(void **state)
{
	struct scene scene;
	struct generator merge;

	scene_init(&scene);
	merge = both(&scene, GENERATOR_MERGE, clusters("env=prod"), clusters("env=test"));
	fails(&scene, &merge,
	      "error getting param sets by merge key: no merge keys were specified, Merge requires "
	      "at least one");
	merge.merge_keys = pairs(&scene, "metadata.labels.env", "", "a", "", NULL);
	fails(&scene, &merge,
	      "error getting param sets by merge key: the parameters from a generator were not "
	      "unique by the given mergeKeys, Merge requires all param sets to be unique. "
	      "Duplicate key was {\"a\":null,\"metadata.labels.env\":\"prod\"}");
	scene_release(&scene);
}

static void a_matrix_of_a_merge_works(void **state)
{
	struct scene scene;
	struct generator merge, matrix;

	scene_init(&scene);
	merge = both(&scene, GENERATOR_MERGE, clusters("env=prod"),
		     list(&scene, 1, pairs(&scene, "name", "prod-us", "tier", "gold", NULL), NULL));
	merge.merge_keys = pairs(&scene, "name", "", NULL);
	matrix = both(&scene, GENERATOR_MATRIX, merge,
		      list(&scene, 1, pairs(&scene, "app", "web", NULL), NULL));
	gives(&scene, &matrix, "app name tier", "web prod_eu -\nweb prod-us gold\n");
	scene_release(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cluster_comes_in_order_and_the_local_one_last),
		cmocka_unit_test(a_selector_chooses_by_label_and_leaves_the_local_one_out),
		cmocka_unit_test(values_are_made_of_parameters_but_not_of_each_other),
		cmocka_unit_test(a_list_is_taken_as_written_and_may_be_filtered),
		cmocka_unit_test(directories_come_as_one_walks_them),
		cmocka_unit_test(files_give_their_content_and_their_path),
		cmocka_unit_test(a_repository_that_is_not_there_is_an_error),
		cmocka_unit_test(git_is_asked_again_every_three_minutes),
		cmocka_unit_test(a_matrix_pairs_each_with_each),
		cmocka_unit_test(the_second_of_a_matrix_may_name_what_the_first_knows),
		cmocka_unit_test(both_of_a_matrix_may_not_say_different_things),
		cmocka_unit_test(a_matrix_has_two_generators),
		cmocka_unit_test(a_merge_overrides_by_its_keys),
		cmocka_unit_test(a_merge_key_must_be_unique),
		cmocka_unit_test(a_matrix_of_a_merge_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
