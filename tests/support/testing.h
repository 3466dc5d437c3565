#pragma once
/*
 * What every unit test includes instead of cmocka.h, which wants four other headers first and knows
 * neither struct str nor check().
 *
 *	static void an_empty_text_has_one_piece(void **state)
 *	{
 *		...
 *		assert_str(piece, "");
 *		assert_dies("n <= s.n", str_first(STR("abc"), 4));
 *	}
 *
 *	int main(void)
 *	{
 *		const struct CMUnitTest tests[] = {
 *			cmocka_unit_test(an_empty_text_has_one_piece),
 *		};
 *
 *		return cmocka_run_group_tests(tests, NULL, NULL);
 *	}
 *
 * A test's name is a sentence about what it shows. `state` is unused almost always; the tests are
 * built without -Wunused-parameter.
 *
 * With TIPHYS_MUTANT=NAME in the environment the test runs with that fault of base/mutant.def.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

/* The view holds exactly this C string, or this other view. */
#define assert_str(actual, expected) testing_str((actual), str_of(expected), __FILE__, __LINE__)
#define assert_str_eq(actual, expected) testing_str((actual), (expected), __FILE__, __LINE__)

/* The statement fails a check() or otherwise aborts, and stderr then contains the text. */
#define assert_dies(expected, ...)                                                                 \
	do {                                                                                       \
		struct testing_child testing_child_ = testing_fork();                              \
		if (testing_child_.pid == 0) {                                                     \
			__VA_ARGS__;                                                               \
			testing_survived();                                                        \
		}                                                                                  \
		testing_died(&testing_child_, (expected), __FILE__, __LINE__);                     \
	} while (0)

/* The call failed with this code and exactly this text. */
#define assert_fails(call, err, expected_code, expected_text)                                      \
	do {                                                                                       \
		assert_true((call) < 0);                                                           \
		assert_string_equal(err_code_name((err)->code), err_code_name(expected_code));     \
		assert_string_equal((err)->text, (expected_text));                                 \
	} while (0)

/* The call succeeded; else the error is shown. */
#define assert_works(call, err)                                                                    \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			fail_msg("%s", (err)->text);                                               \
	} while (0)

/* What the macros are made of. */
struct testing_child {
	int pid;
	int stderr_fd;
};

void testing_str(struct str actual, struct str expected, const char *file, int line);
struct testing_child testing_fork(void);
_Noreturn void testing_survived(void);
void testing_died(const struct testing_child *child, const char *expected, const char *file,
		  int line);
