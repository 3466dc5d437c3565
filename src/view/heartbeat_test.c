#include "view/heartbeat.h"

#include "base/check.h"
#include "picture.h"
#include "testing.h"

static bool beat(const struct picture *picture, uint32_t count, struct buf *out)
{
	buf_clear(out);
	return heartbeat_of_wait(&(struct overview_lines){.overview = &picture->overview}, count,
				 out);
}

static void at_a_gate_it_says_who_is_asked_and_how_to_answer(void **state)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;

	picture_at_gate(&picture);
	assert_true(beat(&picture, 1, &out));
	assert_true(str_starts(buf_view(&out), STR("waiting: stage 3 (production) asks for ")));
	assert_true(str_ends(buf_view(&out),
			     STR("\n  next: `tiphys approve r1` or `tiphys reject r1`\n")));
}

static void the_longer_it_lasts_the_less_is_said(void **state)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;
	uint32_t told[16], n = 0;

	picture_at_gate(&picture);
	for (uint32_t i = 1; i <= 256; i++) {
		assert_true(beat(&picture, i, &out));
		if (out.n > 0)
			told[n++] = i;
	}
	static const uint32_t expected[] = {1, 2, 4, 8, 16, 32, 64, 128, 192, 256};
	assert_int_equal(n, COUNTOF(expected));
	assert_memory_equal(told, expected, sizeof expected);
}

static void while_applications_are_at_work_their_counts_are_said(void **state)
{
	static const struct {
		enum why_type why;
		bool is_long;
	} rows[] = {
		{WHY_OVER, false},	{WHY_SERVER, false}, {WHY_PAUSED, true},
		{WHY_HELD, true},	{WHY_GATE, true},    {WHY_SOAK, true},
		{WHY_UNWELL, false},	{WHY_APP, false},    {WHY_BARRIER, false},
		{WHY_BEGINNING, false}, {WHY_FAILED, false}, {WHY_ENDING, false},
	};
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;

	static_assert(COUNTOF(rows) == WHY_BEGINNING + 1);
	picture_at_gate(&picture);
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		picture.whys[0] = (struct why){.type = rows[i].why, .stage = 2};
		assert_int_equal(beat(&picture, 1, &out), rows[i].is_long);
		assert_int_equal(out.n > 0, rows[i].is_long);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_a_gate_it_says_who_is_asked_and_how_to_answer),
		cmocka_unit_test(the_longer_it_lasts_the_less_is_said),
		cmocka_unit_test(while_applications_are_at_work_their_counts_are_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
