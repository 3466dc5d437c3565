#include "base/nearest.h"

#include "testing.h"

#include "base/check.h"

static const char *nearest_flag(const char *text)
{
	static const char *const names[] = {
		"project", "revision", "revision-timeout", "selector", "all", "prune", "server"};
	struct nearest nearest = nearest_to(str_of(text));
	for (size_t i = 0; i < COUNTOF(names); i++)
		nearest_try(&nearest, names[i]);
	return nearest.best ? nearest.best : "";
}

static void a_slip_of_the_fingers_is_near(void **state)
{
	assert_string_equal(nearest_flag("selctor"), "selector");
	assert_string_equal(nearest_flag("porject"), "project");
	assert_string_equal(nearest_flag("revisions"), "revision");
	assert_string_equal(nearest_flag("al"), "all");
	assert_string_equal(nearest_flag("prnue"), "prune");
}

static void a_beginning_is_near(void **state)
{
	assert_string_equal(nearest_flag("sel"), "selector");
	assert_string_equal(nearest_flag("revision-"), "revision");
	assert_string_equal(nearest_flag("revision-t"), "revision-timeout");
}

static void something_else_is_not(void **state)
{
	assert_string_equal(nearest_flag("verbose"), "");
	assert_string_equal(nearest_flag("x"), "");
	assert_string_equal(
		nearest_flag("projectprojectprojectprojectprojectprojectprojectproject"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_the_fingers_is_near),
		cmocka_unit_test(a_beginning_is_near),
		cmocka_unit_test(something_else_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
