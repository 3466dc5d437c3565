#include "view/line.h"

#include "testing.h"

static void colours_are_written_only_where_they_are_asked_for(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	line_paint(false, COLOR_RED, STR("failed"), &out);
	assert_str(buf_view(&out), "failed");
	buf_clear(&out);
	line_paint(true, COLOR_RED, STR("failed"), &out);
	line_paint(true, COLOR_NONE, STR("."), &out);
	assert_str(buf_view(&out), "\x1b[1;31mfailed\x1b[0m.");
}

static void a_column_is_as_wide_as_its_characters(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_int_equal(line_columns(STR("é…")), 2);
	buf_str(&out, STR("é"));
	line_pad(STR("é"), 3, &out);
	buf_str(&out, STR("too long"));
	line_pad(STR("too long"), 3, &out);
	line_end(&out);
	assert_str(buf_view(&out), "é    too long\n");
}

static void counts_tell_what_there_is(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);
	struct counts counts = {
		.total = 6, .by_phase = {[PHASE_LEFT] = 2, [PHASE_DONE] = 3, [PHASE_FAILED] = 1}};

	line_counts(&counts, true, &out);
	assert_str(buf_view(&out), "3 done, 1 failed, 2 left out");
	buf_clear(&out);
	line_counts(&counts, false, &out);
	assert_str(buf_view(&out), "3 done, 2 left out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_are_written_only_where_they_are_asked_for),
		cmocka_unit_test(a_column_is_as_wide_as_its_characters),
		cmocka_unit_test(counts_tell_what_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
