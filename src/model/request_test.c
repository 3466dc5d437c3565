#include "model/request.h"

#include "base/check.h"
#include "model/exit_code.h"

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
		[OUTCOME_NO_REPO] = true,
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

static void credentials_end_with_4_and_what_may_go_away_with_75(void **state)
{
	assert_int_equal(outcome_exit_code(OUTCOME_UNAUTHENTICATED), EXIT_DENIED);
	assert_int_equal(outcome_exit_code(OUTCOME_DENIED), EXIT_DENIED);
	assert_int_equal(outcome_exit_code(OUTCOME_BAD_CERTIFICATE), EXIT_USAGE);
	for (enum outcome outcome = 0; outcome <= OUTCOME_INVALID; outcome++)
		if (outcome_is_passing(outcome))
			assert_int_equal(outcome_exit_code(outcome), EXIT_TRY_AGAIN);
}

/* Argo CD's own "permission denied: ..." is not said twice. */
static void a_name_is_said_once(void **state)
{
	static const struct {
		const char *message, *words;
	} rows[] = {
		{"", "permission denied"},
		{"permission denied: applications, get", "permission denied: applications, get"},
		{"no such role", "permission denied: no such role"},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_arena struct arena arena = {0};
		struct str words = outcome_words(OUTCOME_DENIED, str_of(rows[i].message), &arena);
		assert_true(str_eq(words, str_of(rows[i].words)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_a_name_of_its_own),
		cmocka_unit_test(what_may_go_away_by_itself_is_passing),
		cmocka_unit_test(a_name_is_said_once),
		cmocka_unit_test(credentials_end_with_4_and_what_may_go_away_with_75),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
