#include "argo/appset_object.h"

#include "testing.h"

static struct pair_list *one(const char *key, const char *value)
{
	struct pair_list *list = pair_list_new(1);

	list->v[0] = (struct pair){str_of(key), str_of(value)};
	return list;
}

static struct appset *some(void)
{
	struct appset *set = appset_new();

	set->name = STR("web");
	set->labels = one("team", "a");
	set->generators = generator_list_new(1);
	set->generators->v[0].type = GENERATOR_MATRIX;
	set->generators->v[0].children = generator_list_new(2);
	set->generators->v[0].children->v[0].clusters.values = one("x", "1");
	set->generators->v[0].children->v[1].type = GENERATOR_GIT;
	set->template.labels = one("env", "{{name}}");
	appset_set_steps(set, 1);
	rollout_step_set_expressions(&set->steps[0], 1);
	set->steps[0].expressions[0].key = STR("env");
	set->steps[0].expressions[0].values = one("test", "");
	set->rollout = rollout_status_list_new(3);
	set->rollout->v[0].application = STR("a");
	set->rollout->v[1].application = STR("b");
	set->rollout->v[2].application = STR("d");
	return set;
}

static void a_copy_outlives_what_it_was_copied_from(void **state)
{
	struct appset *set = some();
	struct appset *copy = appset_copy(set);

	assert_true(appset_spec_equal(set, copy));
	appset_drop(set);
	assert_str(copy->generators->v[0].children->v[0].clusters.values->v[0].key, "x");
	assert_str(copy->steps[0].expressions[0].values->v[0].key, "test");
	assert_ptr_equal(appset_keep(copy), copy);
	appset_drop(copy);
	appset_drop(copy);
	appset_drop(NULL);
}

static void what_a_user_writes_is_the_spec_and_nothing_else_is(void **state)
{
	struct appset *a = some(), *b = some();

	b->wants_refresh = true;
	pair_list_drop(b->labels);
	b->labels = NULL;
	assert_true(appset_spec_equal(a, b));
	b->template.spec.sources.has_source = true;
	assert_false(appset_spec_equal(a, b));
	b->template.spec.sources.has_source = false;
	b->generators->v[0].children->v[1].git_revision = STR("main");
	assert_false(appset_spec_equal(a, b));
	b->generators->v[0].children->v[1].git_revision = STR("");
	b->steps[0].expressions[0].is_not_in = true;
	assert_false(appset_spec_equal(a, b));
	b->steps[0].expressions[0].is_not_in = false;
	b->policy = STR("create-only");
	assert_false(appset_spec_equal(a, b));
	appset_drop(a);
	appset_drop(b);
}

static void pairs_are_a_map(void **state)
{
	struct pair_list *a = pair_list_new(2), *b = pair_list_new(2), *none = pair_list_new(0);

	a->v[0] = b->v[1] = (struct pair){STR("x"), STR("1")};
	a->v[1] = b->v[0] = (struct pair){STR("y"), STR("2")};
	assert_true(pair_lists_equal(a, b));
	assert_true(pair_lists_equal(none, NULL));
	b->v[0].value = STR("3");
	assert_false(pair_lists_equal(a, b));
	pair_list_drop(a);
	pair_list_drop(b);
	pair_list_drop(none);
}

static void a_record_is_found_by_its_name(void **state)
{
	struct appset *set = some();

	assert_ptr_equal(rollout_status_of(set->rollout, STR("a")), &set->rollout->v[0]);
	assert_ptr_equal(rollout_status_of(set->rollout, STR("d")), &set->rollout->v[2]);
	assert_null(rollout_status_of(set->rollout, STR("c")));
	assert_null(rollout_status_of(NULL, STR("c")));
	appset_drop(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_outlives_what_it_was_copied_from),
		cmocka_unit_test(what_a_user_writes_is_the_spec_and_nothing_else_is),
		cmocka_unit_test(pairs_are_a_map),
		cmocka_unit_test(a_record_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
