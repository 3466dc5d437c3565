#include "view/junit.h"

#include "golden.h"
#include "model/exit_code.h"
#include "picture.h"
#include "testing.h"

#include <string.h>

static void write_down(const struct picture *picture, struct buf *out)
{
	*out = BUF_INIT(JUNIT_BYTES_MAX + picture->overview.app_count * JUNIT_APP_BYTES_MAX);
	junit_write(&picture->overview, picture->records, picture->record_count, out);
	assert_false(buf_overflowed(out));
}

static void who_failed_has_a_failure_and_who_was_left_out_is_skipped(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	write_down(&picture, &out);
	assert_golden(buf_view(&out), "junit-failed.xml");
}

static void a_gate_that_people_rejected_is_a_failure(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_rejected(&picture);
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out),
			     STR("name=\"gate\" time=\"2400.000\"><failure type=\"rejected\" "
				 "message=\"rejected; 1 of 2 approvals"),
			     NULL));
	assert_true(str_find(buf_view(&out),
			     STR("tests=\"8\" failures=\"1\" errors=\"0\" skipped=\"3\""), NULL));
}

/* Staging took 176 s, and then people took 35 minutes to say that production may begin. */
static void a_stages_time_is_its_own_and_not_that_of_the_people_behind_it(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	write_down(&picture, &out);
	assert_true(
		str_find(buf_view(&out),
			 STR("name=\"stage 2 (env=stg)\" tests=\"2\" failures=\"0\" errors=\"0\" "
			     "skipped=\"0\" timestamp=\"2026-11-23T13:22:04\" "
			     "time=\"176.000\">"),
			 NULL));
	assert_true(str_find(buf_view(&out), STR("name=\"gate\" time=\"2100.000\"/>"), NULL));
}

static void what_failed_by_nobodys_fault_is_an_error(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	picture.overview.code = EXIT_TRY_AGAIN;
	picture.overview.end_text = STR("server unreachable");
	write_down(&picture, &out);
	assert_true(str_find(
		buf_view(&out),
		STR("<testcase classname=\"web.run\" name=\"end\"><error type=\"try-again\" "
		    "message=\"server unreachable\"/></testcase>\n</testsuite>\n</testsuites>\n"),
		NULL));
	assert_true(str_find(buf_view(&out),
			     STR("tests=\"9\" failures=\"0\" errors=\"1\" skipped=\"0\""), NULL));
}

static void one_that_is_done_has_no_failure(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out),
			     STR("tests=\"8\" failures=\"0\" errors=\"0\" skipped=\"0\""), NULL));
	assert_false(str_find(buf_view(&out), STR("<error"), NULL));
}

static void without_records_there_are_no_times(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	picture.record_count = 0;
	write_down(&picture, &out);
	assert_false(str_find(buf_view(&out), STR(" time="), NULL));
}

/* What would end an attribute, an element, a comment or a CDATA section, and what is no text. */
static void no_name_breaks_out(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	picture_rename(&picture, STR("\"'/></testcase><x>&amp;]]>-->\x01\xff\0\xef\xbf\xbf"));
	write_down(&picture, &out);
	assert_golden(buf_view(&out), "junit-hostile.xml");
}

static void the_longest_texts_stay_in_their_bounds(void **state)
{
	static char text[10000];
	auto_buf struct buf out = {0};
	struct picture picture;

	memset(text, '"', sizeof text);
	picture_failed(&picture);
	picture_rename(&picture, str_make(text, sizeof text));
	write_down(&picture, &out);
}

static void what_does_not_fit_is_not_begun(void **state)
{
	auto_buf struct buf out = BUF_INIT(1000);
	struct picture picture;

	picture_failed(&picture);
	junit_write(&picture.overview, NULL, 0, &out);
	assert_true(buf_overflowed(&out));
	assert_int_equal(out.n, 0);
}

static void who_was_skipped_has_not_failed_whatever_it_was_before(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	picture.apps[2].is_skipped = picture.apps[3].is_skipped = true;
	picture.overview.code = EXIT_PARTLY;
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out),
			     STR("tests=\"8\" failures=\"0\" errors=\"0\" skipped=\"6\""), NULL));
}

static void one_that_was_repeated_has_passed_and_says_so(void **state)
{
	static const struct overview_post posts[] = {{0, 1, REPEAT_POSSIBLY_TWICE},
						     {1, 1, REPEAT_ONCE}};
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out),
			     STR("><system-out>possibly asked for twice (an answer"), NULL));
	assert_true(str_find(buf_view(&out),
			     STR("tests=\"8\" failures=\"0\" errors=\"0\" skipped=\"0\""), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_failed_has_a_failure_and_who_was_left_out_is_skipped),
		cmocka_unit_test(a_gate_that_people_rejected_is_a_failure),
		cmocka_unit_test(a_stages_time_is_its_own_and_not_that_of_the_people_behind_it),
		cmocka_unit_test(what_failed_by_nobodys_fault_is_an_error),
		cmocka_unit_test(one_that_is_done_has_no_failure),
		cmocka_unit_test(without_records_there_are_no_times),
		cmocka_unit_test(no_name_breaks_out),
		cmocka_unit_test(the_longest_texts_stay_in_their_bounds),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(who_was_skipped_has_not_failed_whatever_it_was_before),
		cmocka_unit_test(one_that_was_repeated_has_passed_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
