#include "model/order_report.h"

#include "base/check.h"
#include "testing.h"

/* Scripts decide by them. */
static void verdicts_and_doubts_have_names_of_their_own(void **state)
{
	for (enum order_verdict a = 0; a <= ORDER_BROKEN; a++)
		for (enum order_verdict b = 0; b < a; b++)
			assert_string_not_equal(order_verdict_name(a), order_verdict_name(b));
	for (enum order_doubt a = 0; a <= DOUBT_NEW; a++)
		for (enum order_doubt b = 0; b < a; b++)
			assert_string_not_equal(order_doubt_name(a), order_doubt_name(b));
	assert_string_equal(order_verdict_name(ORDER_BROKEN), "out-of-order");
	assert_string_equal(order_doubt_name(DOUBT_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_and_doubts_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
