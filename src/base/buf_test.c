#include "base/buf.h"

#include <string.h>

#include "testing.h"

static void a_zeroed_buffer_is_empty_and_full(void **state)
{
	auto_buf struct buf buf = {0};

	assert_str(buf_view(&buf), "");
	assert_non_null(buf_view(&buf).p);
	assert_string_equal(buf_cstr(&buf), "");
	buf_str(&buf, STR(""));
	assert_false(buf_overflowed(&buf));
	buf_char(&buf, 'x');
	assert_true(buf_overflowed(&buf));
}

static void appends_add_up(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);

	buf_str(&buf, STR("GET "));
	buf_char(&buf, '/');
	buf_append(&buf, "api\0v1", 6);
	buf_printf(&buf, "?n=%d", 20);
	assert_str_eq(buf_view(&buf), STR("GET /api\0v1?n=20"));
	assert_string_equal(buf_cstr(&buf), "GET /api");
}

static void it_grows_to_exactly_its_maximum(void **state)
{
	auto_buf struct buf buf = BUF_INIT(1000);

	for (int i = 0; i < 1000; i++)
		buf_char(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.n, 1000);
	assert_false(buf_overflowed(&buf));
	assert_int_equal(strlen(buf_cstr(&buf)), 1000);
	buf_char(&buf, 'x');
	assert_true(buf_overflowed(&buf));
	assert_int_equal(buf.n, 1000);
}

static void an_overflow_adds_nothing_and_sticks(void **state)
{
	auto_buf struct buf buf = BUF_INIT(8);

	buf_str(&buf, STR("12345"));
	buf_str(&buf, STR("6789"));
	assert_true(buf_overflowed(&buf));
	/* These would fit, but then a hole would be in front of them. */
	buf_char(&buf, '6');
	buf_printf(&buf, "%d", 7);
	assert_str(buf_view(&buf), "12345");
	buf_clear(&buf);
	assert_false(buf_overflowed(&buf));
	buf_str(&buf, STR("12345678"));
	assert_str(buf_view(&buf), "12345678");
}

static void long_prints_are_whole(void **state)
{
	auto_buf struct buf buf = BUF_INIT(4 * KIB);
	char digits[512];

	/* On both sides of the size up to which one pass is enough. */
	for (int width = 120; width <= 140; width++) {
		buf_clear(&buf);
		buf_char(&buf, '>');
		buf_printf(&buf, "%0*d", width, 7);
		memset(digits, '0', sizeof(digits));
		digits[0] = '>';
		digits[width] = '7';
		assert_str_eq(buf_view(&buf), str_make(digits, (size_t)width + 1));
	}
}

static void a_print_past_the_maximum_is_an_overflow(void **state)
{
	auto_buf struct buf buf = BUF_INIT(200);

	buf_printf(&buf, "%0200d", 1);
	assert_int_equal(buf.n, 200);
	assert_false(buf_overflowed(&buf));
	buf_clear(&buf);
	buf_printf(&buf, "%0201d", 1);
	assert_int_equal(buf.n, 0);
	assert_true(buf_overflowed(&buf));
}

static void space_ends_at_the_maximum_without_overflow(void **state)
{
	auto_buf struct buf buf = BUF_INIT(10);
	size_t n;
	char *to = buf_space(&buf, 6, &n);

	assert_int_equal(n, 6);
	memcpy(to, "abcdef", 6);
	buf_commit(&buf, 6);
	to = buf_space(&buf, 100, &n);
	assert_int_equal(n, 4);
	memcpy(to, "gh", 2);
	buf_commit(&buf, 2);
	assert_str(buf_view(&buf), "abcdefgh");
	buf_space(&buf, 2, &n);
	buf_commit(&buf, n);
	buf_space(&buf, 1, &n);
	assert_int_equal(n, 0);
	assert_false(buf_overflowed(&buf));
	buf_commit(&buf, 0);
	assert_dies("check failed", buf_commit(&buf, 1));
}

static void space_in_a_buffer_without_maximum(void **state)
{
	auto_buf struct buf buf = {0};
	size_t n = 1;

	assert_non_null(buf_space(&buf, 1, &n));
	assert_int_equal(n, 0);
}

static void consuming_and_truncating_leave_the_rest(void **state)
{
	auto_buf struct buf buf = BUF_INIT(32);

	buf_consume(&buf, 0);
	buf_str(&buf, STR("event: x\ndata"));
	buf_consume(&buf, 9);
	assert_str(buf_view(&buf), "data");
	buf_truncate(&buf, 3);
	assert_str(buf_view(&buf), "dat");
	assert_string_equal(buf_cstr(&buf), "dat");
	assert_dies("n <= buf->n", buf_consume(&buf, 4));
	assert_dies("n <= buf->n", buf_truncate(&buf, 4));
	buf_consume(&buf, 3);
	assert_str(buf_view(&buf), "");
}

static void a_released_buffer_can_be_used_again(void **state)
{
	struct buf buf = BUF_INIT(4);

	buf_str(&buf, STR("12345"));
	buf_release(&buf);
	assert_false(buf_overflowed(&buf));
	buf_str(&buf, STR("1234"));
	assert_str(buf_view(&buf), "1234");
	buf_release(&buf);
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_buffer_is_empty_and_full),
		cmocka_unit_test(appends_add_up),
		cmocka_unit_test(it_grows_to_exactly_its_maximum),
		cmocka_unit_test(an_overflow_adds_nothing_and_sticks),
		cmocka_unit_test(long_prints_are_whole),
		cmocka_unit_test(a_print_past_the_maximum_is_an_overflow),
		cmocka_unit_test(space_ends_at_the_maximum_without_overflow),
		cmocka_unit_test(space_in_a_buffer_without_maximum),
		cmocka_unit_test(consuming_and_truncating_leave_the_rest),
		cmocka_unit_test(a_released_buffer_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
