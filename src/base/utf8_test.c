#include "base/utf8.h"

#include "testing.h"

static void code_points_come_back(void **state)
{
	auto_buf struct buf buf = BUF_INIT(16);
	uint32_t count = 0;

	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		struct str rest;
		bool is_valid;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		buf_clear(&buf);
		utf8_append(&buf, c);
		rest = buf_view(&buf);
		if (utf8_next(&rest, &is_valid) != c || !is_valid || rest.n)
			fail_msg("U+%04X", c);
		count++;
	}
	assert_int_equal(count, 0x110000 - 0x800);
}

static void what_is_no_code_point_is_written_as_replacement(void **state)
{
	auto_buf struct buf buf = BUF_INIT(16);

	utf8_append(&buf, 0xD800);
	utf8_append(&buf, 0xDFFF);
	utf8_append(&buf, 0x110000);
	utf8_append(&buf, UINT32_MAX);
	assert_str(buf_view(&buf), "\uFFFD\uFFFD\uFFFD\uFFFD");
}

/* The text with '?' for each piece that is not UTF-8, so that the pieces can be counted. */
static struct str marked(struct buf *buf, struct str s)
{
	buf_clear(buf);
	while (s.n) {
		bool is_valid;
		uint32_t c = utf8_next(&s, &is_valid);

		if (is_valid)
			utf8_append(buf, c);
		else
			buf_char(buf, '?');
	}
	return buf_view(buf);
}

static void wrong_bytes_are_replaced_as_unicode_recommends(void **state)
{
	auto_buf struct buf buf = BUF_INIT(64);

	/* Tables 3-8 to 3-11 of the Unicode standard, chapter 3.9. */
	assert_str(marked(&buf, STR("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41")), "????????A");
	assert_str(marked(&buf, STR("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41")), "????????A");
	assert_str(marked(&buf, STR("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42")), "?????A??B");
	assert_str(marked(&buf, STR("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41")), "????A");
}

static void a_sequence_cut_short_is_one_piece(void **state)
{
	auto_buf struct buf buf = BUF_INIT(64);

	assert_str(marked(&buf, STR("a\xF0\x9F\x9A")), "a?");
	assert_str(marked(&buf, str_first(STR("€"), 2)), "?");
	assert_str(marked(&buf, STR("\xC3")), "?");
	assert_str(marked(&buf, STR("⛵ \xE2\x9B ⛵")), "⛵ ? ⛵");
}

static void a_written_replacement_is_valid(void **state)
{
	struct str rest = STR("\uFFFD");
	bool is_valid;

	assert_int_equal(utf8_next(&rest, &is_valid), UTF8_REPLACEMENT);
	assert_true(is_valid);
}

static void validity_is_of_the_whole_text(void **state)
{
	assert_true(utf8_valid(STR("")));
	assert_true(utf8_valid((struct str){0}));
	assert_true(utf8_valid(STR("naïve ⛵ \0 𝄞")));
	assert_false(utf8_valid(STR("abc\x80")));
	assert_false(utf8_valid(STR("\xFF"
				    "abc")));
}

static void there_must_be_something_to_take(void **state)
{
	struct str rest = STR("");

	assert_dies("rest->n > 0", utf8_next(&rest, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_come_back),
		cmocka_unit_test(what_is_no_code_point_is_written_as_replacement),
		cmocka_unit_test(wrong_bytes_are_replaced_as_unicode_recommends),
		cmocka_unit_test(a_sequence_cut_short_is_one_piece),
		cmocka_unit_test(a_written_replacement_is_valid),
		cmocka_unit_test(validity_is_of_the_whole_text),
		cmocka_unit_test(there_must_be_something_to_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
