#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "testing.h"

static int open_plan(struct err *err)
{
	return err_set(err, E_IO, "open: %s", "No such file or directory");
}

static int load_plan(struct err *err)
{
	if (open_plan(err) < 0)
		return err_wrap(err, "load plan '%s'", "p.yaml");
	return 0;
}

static void the_way_up_adds_context_in_front(void **state)
{
	struct err err;

	assert_int_equal(load_plan(&err), -1);
	assert_int_equal(err.code, E_IO);
	assert_string_equal(err.text, "load plan 'p.yaml': open: No such file or directory");
}

static void a_place_is_in_the_text_and_in_numbers(void **state)
{
	struct err err;

	err_at(&err, E_SYNTAX, 12, 7, "unknown key '%s'", "soka");
	assert_string_equal(err.text, "line 12, column 7: unknown key 'soka'");
	assert_int_equal(err.line, 12);
	assert_int_equal(err.column, 7);
	err_wrap(&err, "p.yaml");
	assert_string_equal(err.text, "p.yaml: line 12, column 7: unknown key 'soka'");
	assert_int_equal(err.line, 12);
	err_at(&err, E_SYNTAX, 12, 0, "x");
	assert_string_equal(err.text, "line 12: x");
	err_at(&err, E_SYNTAX, 0, 7, "x");
	assert_string_equal(err.text, "column 7: x");
	err_at(&err, E_SYNTAX, 0, 0, "x");
	assert_string_equal(err.text, "x");
}

static void setting_forgets_what_was_there(void **state)
{
	struct err err;

	err_at(&err, E_SYNTAX, 12, 7, "old");
	err_set(&err, E_LIMIT, "new");
	assert_int_equal(err.code, E_LIMIT);
	assert_int_equal(err.line + err.column, 0);
	assert_string_equal(err.text, "new");
	err_clear(&err);
	assert_int_equal(err.code, E_NONE);
	assert_string_equal(err.text, "");
}

static void the_old_text_can_be_part_of_the_new_one(void **state)
{
	struct err err, other;

	err_set(&err, E_IO, "refused");
	err_set(&other, E_IO, "two hosts: %s", err.text);
	assert_string_equal(other.text, "two hosts: refused");
}

static void a_place_inside_a_scalar_becomes_one_in_the_file(void **state)
{
	struct err err;

	/* soak: 10x		the scalar begins at line 4, column 7 */
	err_at(&err, E_SYNTAX, 0, 3, "unknown unit 'x'");
	assert_int_equal(err_move(&err, 4, 7), -1);
	assert_string_equal(err.text, "line 4, column 9: unknown unit 'x'");
	/* A block of text whose second line is wrong: its column counts from the line's start. */
	err_at(&err, E_SYNTAX, 2, 5, "x");
	err_move(&err, 10, 3);
	assert_string_equal(err.text, "line 11, column 5: x");
	/* Nothing known inside: then where it begins. */
	err_set(&err, E_SYNTAX, "x");
	err_move(&err, 4, 7);
	assert_string_equal(err.text, "line 4, column 7: x");
	assert_int_equal(err.line, 4);
}

static void a_wrapped_error_cannot_be_moved(void **state)
{
	struct err err;

	err_at(&err, E_SYNTAX, 1, 1, "x");
	err_wrap(&err, "context");
	assert_dies("check failed", err_move(&err, 2, 2));
}

static void a_long_text_ends_in_an_ellipsis(void **state)
{
	struct err err;

	err_set(&err, E_IO, "%0511d", 1);
	assert_int_equal(strlen(err.text), 511);
	assert_true(str_ends(str_of(err.text), STR("01")));
	err_set(&err, E_IO, "%0512d", 1);
	assert_int_equal(strlen(err.text), 511);
	assert_true(str_ends(str_of(err.text), STR("00…")));
}

static void truncation_does_not_cut_a_character(void **state)
{
	char umlauts[2 * ERR_TEXT_BYTES + 1] = "";
	struct err err;

	for (size_t i = 0; i < ERR_TEXT_BYTES; i++)
		memcpy(umlauts + 2 * i, "ü", 2);
	for (int shift = 0; shift < 4; shift++) {
		err_set(&err, E_IO, "%.*s%s", shift, "abc", umlauts);
		assert_true(utf8_valid(str_of(err.text)));
		assert_true(str_ends(str_of(err.text), STR("ü…")));
		assert_true(strlen(err.text) >= ERR_TEXT_BYTES - 2);
	}
}

static void wrapping_keeps_the_context_and_marks_what_is_lost(void **state)
{
	struct err err;

	err_at(&err, E_IO, 1, 2, "%0511d", 1);
	assert_true(str_ends(str_of(err.text), STR("00…")));
	for (int i = 0; i < 100; i++)
		err_wrap(&err, "context %d", i);
	assert_true(str_starts(str_of(err.text), STR("context 99: context 98: ")));
	assert_true(str_ends(str_of(err.text), STR("…")));
	assert_true(utf8_valid(str_of(err.text)));
	err_wrap(&err, "%0600d", 1);
	assert_true(str_starts(str_of(err.text), STR("0000")));
	assert_true(str_ends(str_of(err.text), STR("0…")));
}

static void success_is_no_error_to_report(void **state)
{
	struct err err = {0};

	assert_dies("code != E_NONE", err_set(&err, E_NONE, "x"));
	assert_dies("code != E_NONE", err_wrap(&err, "x"));
}

static void every_code_has_its_name(void **state)
{
	assert_string_equal(err_code_name(E_NONE), "E_NONE");
	assert_string_equal(err_code_name(E_INTERNAL), "E_INTERNAL");
	for (unsigned code = 0; code < ERR_CODE_COUNT; code++)
		assert_true(str_starts(str_of(err_code_name((enum err_code)code)), STR("E_")));
	assert_dies("check failed", err_code_name((enum err_code)ERR_CODE_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_up_adds_context_in_front),
		cmocka_unit_test(a_place_is_in_the_text_and_in_numbers),
		cmocka_unit_test(setting_forgets_what_was_there),
		cmocka_unit_test(the_old_text_can_be_part_of_the_new_one),
		cmocka_unit_test(a_place_inside_a_scalar_becomes_one_in_the_file),
		cmocka_unit_test(a_wrapped_error_cannot_be_moved),
		cmocka_unit_test(a_long_text_ends_in_an_ellipsis),
		cmocka_unit_test(truncation_does_not_cut_a_character),
		cmocka_unit_test(wrapping_keeps_the_context_and_marks_what_is_lost),
		cmocka_unit_test(success_is_no_error_to_report),
		cmocka_unit_test(every_code_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
