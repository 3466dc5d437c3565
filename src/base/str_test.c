#include "base/str.h"

#include <stdio.h>

#include "testing.h"

/* Views into the middle of something, so that reading past the end is noticed. */
static const struct str helms = {"helmsman", 5};

static void null_is_the_empty_text(void **state)
{
	assert_true(str_empty(str_of(NULL)));
	assert_true(str_empty(str_of("")));
	assert_true(str_eq(str_of(NULL), str_of("")));
	assert_false(str_empty(STR("x")));
}

static void a_literal_knows_its_length(void **state)
{
	static const struct str in_a_table[] = {STR("one"), STR("with\0nul")};

	assert_int_equal(in_a_table[0].n, 3);
	assert_int_equal(in_a_table[1].n, 8);
}

static void equal_means_every_byte(void **state)
{
	assert_true(str_eq(helms, STR("helms")));
	assert_false(str_eq(helms, STR("helm")));
	assert_false(str_eq(helms, STR("Helms")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
}

static void case_is_that_of_ascii(void **state)
{
	assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_eq_nocase(STR("content-type"), STR("content-typ")));
	/* '@' and '`' are 32 apart like letters, but are none. */
	assert_false(str_eq_nocase(STR("@"), STR("`")));
	assert_false(str_eq_nocase(STR("Ä"), STR("ä")));
}

static void order_is_that_of_bytes(void **state)
{
	assert_int_equal(str_cmp(STR("a"), STR("a")), 0);
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("b"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("aa")) < 0);
	assert_true(str_cmp(STR("aa"), STR("a")) > 0);
	assert_true(str_cmp((struct str){0}, STR("a")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_cmp((struct str){0}, STR("")), 0);
}

static void every_text_starts_and_ends_with_nothing(void **state)
{
	assert_true(str_starts(helms, STR("")));
	assert_true(str_ends(helms, (struct str){0}));
	assert_true(str_starts((struct str){0}, (struct str){0}));
	assert_true(str_ends((struct str){0}, STR("")));
	assert_true(str_starts(helms, STR("helm")));
	assert_true(str_ends(helms, STR("ms")));
	assert_false(str_ends(helms, STR("man")));
	assert_false(str_starts(helms, STR("helmsman")));
	assert_false(str_ends(STR("s"), STR("ss")));
}

static void finding_says_where_or_touches_nothing(void **state)
{
	size_t at = 99;

	assert_false(str_find_char(helms, 'n', &at));
	assert_false(str_find((struct str){0}, STR("x"), &at));
	assert_false(str_find(helms, STR("sm"), &at));
	assert_int_equal(at, 99);
	assert_true(str_find_char(helms, 'm', &at));
	assert_int_equal(at, 3);
	assert_true(str_find(STR("aab"), STR("ab"), &at));
	assert_int_equal(at, 1);
	assert_true(str_find((struct str){0}, STR(""), &at));
	assert_int_equal(at, 0);
	assert_true(str_find_char(helms, 'h', NULL));
}

static void parts_stay_inside(void **state)
{
	assert_str(str_after(helms, 4), "s");
	assert_str(str_after(helms, 5), "");
	assert_str(str_first(helms, 2), "he");
	assert_str(str_first((struct str){0}, 0), "");
	assert_str(str_after((struct str){0}, 0), "");
	assert_dies("n <= s.n", str_after(helms, 6));
	assert_dies("n <= s.n", str_first(helms, 6));
}

static void trimming_takes_white_space_off_both_ends(void **state)
{
	assert_str(str_trim(STR(" \t a b\r\n")), "a b");
	assert_str(str_trim(STR(" \n")), "");
	assert_str(str_trim((struct str){0}), "");
	/* U+00A0 is no ASCII white space: we do not cut into the bytes of a character. */
	assert_str(str_trim(STR("\u00a0")), "\u00a0");
}

static void cutting_gives_one_piece_more_than_separators(void **state)
{
	struct str rest = STR("test,,prod,"), piece;
	const char *expected[] = {"test", "", "prod", ""};
	size_t n = 0;

	while (str_cut(&rest, ',', &piece))
		assert_str(piece, expected[n++]);
	assert_int_equal(n, 4);
	assert_false(str_cut(&rest, ',', &piece));
}

static void the_empty_text_is_one_piece_and_nothing_is_none(void **state)
{
	struct str rest = STR(""), piece;

	assert_true(str_cut(&rest, ',', &piece));
	assert_str(piece, "");
	assert_false(str_cut(&rest, ',', &piece));
	rest = str_of(NULL);
	assert_false(str_cut(&rest, ',', &piece));
}

static void numbers_are_whole_texts_of_digits(void **state)
{
	static const char *const wrong[] = {"",	   "-",	  "+1",	 " 1",	"1 ", "1.0",
					    "0x1", "--1", "1_0", "1e3", "١٢", "12\n"};
	int64_t number = 7;
	uint64_t natural = 7;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(str_to_i64(str_of(wrong[i]), &number));
		assert_false(str_to_u64(str_of(wrong[i]), &natural));
	}
	assert_false(str_to_u64(STR("-1"), &natural));
	assert_false(str_to_u64(STR("1\0"), &natural));
	assert_int_equal(number, 7);
	assert_int_equal(natural, 7);
	assert_true(str_to_i64(str_first(STR("-0123"), 4), &number));
	assert_int_equal(number, -12);
}

static void numbers_reach_to_the_ends_of_the_type(void **state)
{
	int64_t number;
	uint64_t natural;

	assert_true(str_to_i64(STR("9223372036854775807"), &number));
	assert_true(number == INT64_MAX);
	assert_true(str_to_i64(STR("-9223372036854775808"), &number));
	assert_true(number == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &number));
	assert_false(str_to_i64(STR("-9223372036854775809"), &number));
	assert_true(str_to_u64(STR("18446744073709551615"), &natural));
	assert_true(natural == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &natural));
	assert_false(str_to_u64(STR("99999999999999999999"), &natural));
	assert_true(str_to_u64(STR("000000000000000000000000000001"), &natural));
	assert_int_equal(natural, 1);
}

static void the_hash_is_the_published_one(void **state)
{
	/* Test vectors of FNV-1a, 64 bits. */
	assert_true(str_hash(STR("")) == UINT64_C(0xcbf29ce484222325));
	assert_true(str_hash((struct str){0}) == UINT64_C(0xcbf29ce484222325));
	assert_true(str_hash(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(str_hash(STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void printf_prints_the_view_and_no_more(void **state)
{
	char text[32];

	snprintf(text, sizeof(text), "<" STR_FMT "|" STR_FMT ">", STR_ARG(helms),
		 STR_ARG(str_of(NULL)));
	assert_string_equal(text, "<helms|>");
	assert_int_equal(str_precision(str_make("", SIZE_MAX)), INT32_MAX);
}

static void what_fits_is_kept_and_ends(void **state)
{
	char into[6] = "before";

	str_keep(STR("helmsman"), into, sizeof(into));
	assert_string_equal(into, "helms");
	str_keep(STR("argo"), into, sizeof(into));
	assert_string_equal(into, "argo");
	str_keep(str_of(NULL), into, sizeof(into));
	assert_string_equal(into, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_the_empty_text),
		cmocka_unit_test(a_literal_knows_its_length),
		cmocka_unit_test(equal_means_every_byte),
		cmocka_unit_test(case_is_that_of_ascii),
		cmocka_unit_test(order_is_that_of_bytes),
		cmocka_unit_test(every_text_starts_and_ends_with_nothing),
		cmocka_unit_test(finding_says_where_or_touches_nothing),
		cmocka_unit_test(parts_stay_inside),
		cmocka_unit_test(trimming_takes_white_space_off_both_ends),
		cmocka_unit_test(cutting_gives_one_piece_more_than_separators),
		cmocka_unit_test(the_empty_text_is_one_piece_and_nothing_is_none),
		cmocka_unit_test(numbers_are_whole_texts_of_digits),
		cmocka_unit_test(numbers_reach_to_the_ends_of_the_type),
		cmocka_unit_test(the_hash_is_the_published_one),
		cmocka_unit_test(printf_prints_the_view_and_no_more),
		cmocka_unit_test(what_fits_is_kept_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
