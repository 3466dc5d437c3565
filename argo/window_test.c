#include "argo/window.h"

#include "testing.h"

static const wall NOON = {12 * 3600 * 1000};

static bool can_sync(struct sync_window window, bool is_manual)
{
	struct window_list *list = window_list_new(1);

	list->v[0] = window;
	bool can = windows_can_sync(list, STR("web-test"), is_manual, NOON);
	window_list_drop(list);
	return can;
}

static void without_windows_everything_is_allowed(void **state)
{
	assert_true(windows_can_sync(NULL, STR("web"), false, NOON));
}

static void an_open_window_that_denies_lets_pass_whom_it_says(void **state)
{
	struct sync_window deny = {.is_deny = true, .applications = STR("*")};

	assert_false(can_sync(deny, true));
	deny.manual_sync = true;
	assert_true(can_sync(deny, true));
	assert_false(can_sync(deny, false));
	deny.applications = STR("api-*");
	assert_true(can_sync(deny, false));
}

static void a_closed_window_that_allows_keeps_out(void **state)
{
	struct sync_window allow = {.applications = STR("web-*"), .until = {NOON.ms - 1}};

	assert_false(can_sync(allow, true));
	allow.until.ms = NOON.ms + 1;
	assert_true(can_sync(allow, false));
}

static void a_star_stands_for_anything(void **state)
{
	assert_true(glob_matches(STR("*"), STR("")));
	assert_true(glob_matches(STR("a*c"), STR("abbc")));
	assert_true(glob_matches(STR("*-test"), STR("web-test")));
	assert_false(glob_matches(STR("a*c"), STR("abbd")));
	assert_false(glob_matches(STR("a"), STR("ab")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_windows_everything_is_allowed),
		cmocka_unit_test(an_open_window_that_denies_lets_pass_whom_it_says),
		cmocka_unit_test(a_closed_window_that_allows_keeps_out),
		cmocka_unit_test(a_star_stands_for_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
