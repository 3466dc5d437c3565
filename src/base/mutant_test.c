#include "base/mutant.h"

#include "testing.h"

static void each_is_found_by_its_name(void **state)
{
	for (enum mutant mutant = MUTANT_NONE; mutant < MUTANT_COUNT; mutant++) {
		enum mutant found = MUTANT_COUNT;
		assert_true(mutant_find(str_of(mutant_name(mutant)), &found));
		assert_int_equal(found, mutant);
		assert_false(str_empty(str_of(mutant_text(mutant))));
	}
}

static void a_name_of_none_is_not_found(void **state)
{
	enum mutant found = MUTANT_NO_FRESH;
	assert_false(mutant_find(STR("NO_FRES"), &found));
	assert_false(mutant_find(STR(""), &found));
	assert_int_equal(found, MUTANT_NO_FRESH);
	assert_dies("mutant < MUTANT_COUNT", mutant_name(MUTANT_COUNT));
}

static void it_is_wrong_only_while_it_is_on(void **state)
{
	enum mutant before = mutant_on;

	mutant_on = MUTANT_NONE;
	assert_false(HOLDS(false, NO_HEALTHY));
	assert_true(MINDS(true, NO_HEALTHY));
	mutant_on = MUTANT_NO_HEALTHY;
	assert_true(HOLDS(false, NO_HEALTHY));
	assert_false(HOLDS(false, NO_SYNCED));
	assert_false(MINDS(true, NO_HEALTHY));
	assert_true(MINDS(true, NO_SYNCED));
	mutant_on = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_name),
		cmocka_unit_test(a_name_of_none_is_not_found),
		cmocka_unit_test(it_is_wrong_only_while_it_is_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
