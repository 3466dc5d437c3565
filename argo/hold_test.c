#include "argo/hold.h"

#include "testing.h"

static const wall NOON = {1000};

static void runs(void *self, uint64_t number, uint64_t epoch)
{
}

static struct app *made(void)
{
	struct app *app = app_new();

	app->name = STR("web");
	app->labels = pairs_of(STR("case=demo-1,env=test"));
	return app;
}

static void a_token_names_by_name_label_or_stage(void **state)
{
	struct app *app = made();

	assert_true(hold_means(STR("web"), app));
	assert_true(hold_means(STR("app=web"), app));
	assert_true(hold_means(STR("env=test"), app));
	assert_true(hold_means(STR("case=demo-1"), app));
	assert_true(hold_means(STR("at=demo-1.test"), app));
	assert_false(hold_means(STR("at=demo-1.prd"), app));
	assert_false(hold_means(STR("at=demo.test"), app));
	assert_false(hold_means(STR("api"), app));
	assert_false(hold_means(STR("region="), app));
	app_drop(app);
}

static void who_is_held_goes_on_after_the_release(void **state)
{
	struct agenda *agenda = agenda_new();
	struct holds *holds = holds_new(agenda);
	struct app *app = made();
	struct task task = {.run = runs, .number = 5};
	wall at;

	assert_false(hold_stands(holds, STEER_HOOK, app, task));
	hold_add(holds, STEER_HOOK, STR("env=test"));
	assert_false(hold_reached(holds, STEER_HOOK, STR("env=test")));
	assert_false(hold_stands(holds, STEER_HELM, app, task));
	assert_true(hold_stands(holds, STEER_HOOK, app, task));
	assert_true(hold_reached(holds, STEER_HOOK, STR("env=test")));
	assert_false(agenda_due(agenda, &at));
	hold_release(holds, STEER_HOOK, STR("env=test"), NOON);
	assert_true(agenda_due(agenda, &at));
	assert_false(hold_reached(holds, STEER_HOOK, STR("env=test")));
	app_drop(app);
	holds_free(holds);
	agenda_free(agenda);
}

static void delays_and_failures_end_as_they_began(void **state)
{
	struct agenda *agenda = agenda_new();
	struct holds *holds = holds_new(agenda);
	struct app *app = made();
	struct str text;

	hold_set_delay(holds, STR("web"), 300);
	hold_set_delay(holds, STR("env=test"), 200);
	assert_int_equal(hold_delay(holds, app), 500);
	hold_set_delay(holds, STR("web"), 0);
	assert_int_equal(hold_delay(holds, app), 200);
	hold_set_failure(holds, STEER_POD, STR("web"), STR("no"), true);
	assert_true(hold_fails(holds, STEER_POD, app, &text));
	assert_str(text, "no");
	hold_set_failure(holds, STEER_POD, STR("web"), STR(""), false);
	assert_false(hold_fails(holds, STEER_POD, app, &text));
	app_drop(app);
	holds_free(holds);
	agenda_free(agenda);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_names_by_name_label_or_stage),
		cmocka_unit_test(who_is_held_goes_on_after_the_release),
		cmocka_unit_test(delays_and_failures_end_as_they_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
