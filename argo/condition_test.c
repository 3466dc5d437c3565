#include "argo/condition.h"

#include "testing.h"

static const struct condition BROKEN = {.type = STR("ComparisonError"), .message = STR("no chart")};

static void what_is_said_again_keeps_its_stamp(void **state)
{
	struct condition_list *first = conditions_set(NULL, CONDITION_COMPARISON_ERROR, &BROKEN, 1,
						      (wall){1000});
	struct condition_list *again = conditions_set(first, CONDITION_COMPARISON_ERROR, &BROKEN, 1,
						      (wall){9000});

	assert_int_equal(again->n, 1);
	assert_int_equal(again->v[0].last_transition_at.ms, 1000);
	condition_list_drop(first);
	condition_list_drop(again);
}

static void only_what_was_evaluated_goes(void **state)
{
	struct condition_list *first = conditions_set(NULL, CONDITION_COMPARISON_ERROR, &BROKEN, 1,
						      (wall){1000});
	struct condition_list *kept = conditions_set(first, CONDITION_SYNC_ERROR, NULL, 0,
						     (wall){9000});

	assert_true(conditions_have(kept, CONDITION_COMPARISON_ERROR));
	assert_null(conditions_set(first, CONDITION_COMPARISON_ERROR, NULL, 0, (wall){9000}));
	condition_list_drop(first);
	condition_list_drop(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_again_keeps_its_stamp),
		cmocka_unit_test(only_what_was_evaluated_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
