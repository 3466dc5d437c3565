#include "model/request.h"

#include "base/check.h"

#include "testing.h"

static void every_outcome_has_a_name_of_its_own(void **state)
{
	for (enum outcome a = 0; a <= OUTCOME_INVALID; a++) {
		assert_non_null(outcome_name(a));
		assert_true(str_of(outcome_name(a)).n > 0);
		for (enum outcome b = 0; b < a; b++)
			assert_string_not_equal(outcome_name(a), outcome_name(b));
	}
	assert_string_equal(outcome_name(OUTCOME_OK), "ok");
	assert_string_equal(outcome_name(OUTCOME_DENIED), "permission denied");
}

/* Asked again after a pause is what says nothing about what was asked for. */
static void what_may_go_away_by_itself_is_passing(void **state)
{
	static const bool is_passing[] = {
		[OUTCOME_OK] = false,
		[OUTCOME_UNREACHABLE] = true,
		[OUTCOME_NO_HOST] = true,
		[OUTCOME_CUT] = true,
		[OUTCOME_TIMEOUT] = true,
		[OUTCOME_BAD_ANSWER] = true,
		[OUTCOME_SERVER_ERROR] = true,
		[OUTCOME_BAD_CERTIFICATE] = false,
		[OUTCOME_WRONG_SCHEME] = false,
		[OUTCOME_REDIRECT] = false,
		[OUTCOME_UNAUTHENTICATED] = false,
		[OUTCOME_DENIED] = false,
		[OUTCOME_WINDOW] = false,
		[OUTCOME_NOT_FOUND] = false,
		[OUTCOME_BUSY] = false,
		[OUTCOME_MOVED] = false,
		[OUTCOME_DELETING] = false,
		[OUTCOME_INVALID] = false,
	};

	static_assert(COUNTOF(is_passing) == OUTCOMES);
	for (enum outcome outcome = 0; outcome <= OUTCOME_INVALID; outcome++)
		assert_int_equal(outcome_is_passing(outcome), is_passing[outcome]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_a_name_of_its_own),
		cmocka_unit_test(what_may_go_away_by_itself_is_passing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
