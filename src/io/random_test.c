#include "io/random.h"

#include "testing.h"

static void two_numbers_differ(void **state)
{
	assert_true(random_u64() != random_u64());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_numbers_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
