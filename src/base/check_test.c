#include "base/check.h"

#include "testing.h"

static void a_true_condition_goes_on(void **state)
{
	int evaluated = 0;

	check(++evaluated == 1);
	assert_int_equal(evaluated, 1);
}

static void a_false_condition_says_where_and_what(void **state)
{
	int stage = 3;

	assert_dies("src/base/check_test.c:", check(stage < 3));
	assert_dies("check failed: stage < 3", check(stage < 3));
}

static void a_check_is_an_expression(void **state)
{
	/* So it can stand in a macro or an if without braces. */
	if (COUNTOF("abc") == 4)
		check(true);
	else
		check(false);
}

static void min_and_max_take_either_side(void **state)
{
	assert_int_equal(MIN(1, 2), 1);
	assert_int_equal(MIN(2, 1), 1);
	assert_int_equal(MAX(1, 2), 2);
	assert_int_equal(MAX(2, 1), 2);
	assert_int_equal(MAX(1 ? 7 : 0, 2) * 2, 14);
}

static void countof_counts_items(void **state)
{
	static const char *const names[] = {"test", "staging", "production"};

	static_assert(COUNTOF(names) == 3);
	assert_int_equal(COUNTOF(names), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_condition_goes_on),
		cmocka_unit_test(a_false_condition_says_where_and_what),
		cmocka_unit_test(a_check_is_an_expression),
		cmocka_unit_test(min_and_max_take_either_side),
		cmocka_unit_test(countof_counts_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
