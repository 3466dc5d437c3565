#include "argo/object.h"

#include "testing.h"

static void copies_share_their_lists(void **state)
{
	struct app *app = app_new();

	app->labels = pairs_of(STR("env=test,case=demo"));
	struct app *copy = app_copy(app);
	assert_ptr_equal(copy->labels, app->labels);
	assert_int_equal(app->labels->refs, 2);
	app_drop(app);
	assert_str(pair_get(copy->labels, STR("case")), "demo");
	app_drop(copy);
}

static void equal_lists_become_one(void **state)
{
	struct app *a = app_new(), *b = app_new();

	a->labels = pairs_of(STR("env=test"));
	b->labels = pairs_of(STR("env=test"));
	app_share(a, b);
	assert_ptr_equal(a->labels, b->labels);
	app_drop(a);
	app_drop(b);
}

static void the_health_of_resources_is_no_content(void **state)
{
	struct app *a = app_new(), *b = app_new();

	a->status.resources = resource_list_new(1);
	b->status.resources = resource_list_new(1);
	a->status.resources->v[0].has_health = true;
	assert_true(app_same(a, b));
	a->status.resources->v[0].requires_pruning = true;
	assert_false(app_same(a, b));
	app_drop(a);
	app_drop(b);
}

static void selectors_look_at_labels(void **state)
{
	struct app *app = app_new();
	struct selector selector = {0};
	struct err err;

	app->labels = pairs_of(STR("env=test"));
	assert_works(selector_parse(STR("env in (test, prd)"), &selector, &err), &err);
	assert_true(app_matches(app, &selector));
	selector_release(&selector);
	assert_works(selector_parse(STR("!env"), &selector, &err), &err);
	assert_false(app_matches(app, &selector));
	selector_release(&selector);
	app_drop(app);
}

static void stamps_are_whole_seconds(void **state)
{
	assert_int_equal(stamp((wall){1999}).ms, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_share_their_lists),
		cmocka_unit_test(equal_lists_become_one),
		cmocka_unit_test(the_health_of_resources_is_no_content),
		cmocka_unit_test(selectors_look_at_labels),
		cmocka_unit_test(stamps_are_whole_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
