#include "cmd/header_list.h"

#include "testing.h"

static void expect(const char *text, size_t count, const char *first, const char *last)
{
	auto_arena struct arena arena = {0};
	struct text_list list = {0};
	struct err err = {0};
	assert_works(header_list_parse(str_of(text), &arena, &list, &err), &err);
	assert_int_equal(list.n, count);
	assert_str(list.v[0], first);
	assert_str(vec_last(&list), last);
	vec_release(&list);
}

static void expect_refused(struct str text, const char *message)
{
	auto_arena struct arena arena = {0};
	struct text_list list = {0};
	struct err err = {0};
	assert_fails(header_list_parse(text, &arena, &list, &err), &err, E_USAGE, message);
	vec_release(&list);
}

static void commas_separate_headers(void **state)
{
	expect("A: 1", 1, "A: 1", "A: 1");
	expect("A: 1,B:2", 2, "A: 1", "B:2");
	expect("A: x:y", 1, "A: x:y", "A: x:y");
}

static void a_piece_without_a_colon_belongs_to_the_one_before(void **state)
{
	expect("Accept: a, b", 1, "Accept: a, b", "Accept: a, b");
	expect("Accept: a,b,B: c", 2, "Accept: a,b", "B: c");
}

static void quotes_keep_commas_together(void **state)
{
	expect("\"A: 1,B: 2\"", 1, "A: 1,B: 2", "A: 1,B: 2");
	expect("\"A: \"\"1\"\"\",B: 2", 2, "A: \"1\"", "B: 2");
	expect("\"A: unfinished", 1, "A: unfinished", "A: unfinished");
}

static void what_is_no_header_is_refused(void **state)
{
	expect_refused(STR("secret"), "a header is written 'Name: value'");
	expect_refused(STR(""), "a header is written 'Name: value'");
	expect_refused(STR("a b: 1"), "'a b' is not a header's name");
	expect_refused(STR(": 1"), "'' is not a header's name");
	expect_refused(STR("A: 1\r\nB: 2"), "a header has a line break in it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_separate_headers),
		cmocka_unit_test(a_piece_without_a_colon_belongs_to_the_one_before),
		cmocka_unit_test(quotes_keep_commas_together),
		cmocka_unit_test(what_is_no_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
