#include "view/page.h"

#include "base/check.h"
#include "golden.h"
#include "picture.h"
#include "testing.h"

#include <string.h>

static void write_down(const struct picture *picture, struct buf *out)
{
	*out = BUF_INIT(PAGE_BYTES_MAX);
	page_write(&picture->overview, picture->records, picture->record_count, out);
	assert_false(buf_overflowed(out));
}

static bool has(const struct buf *out, const char *text)
{
	return str_find(buf_view(out), str_of(text), NULL);
}

static void a_run_that_waits_is_a_page(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	write_down(&picture, &out);
	assert_golden(buf_view(&out), "page-at-gate.html");
	assert_false(has(&out, "What is left behind"));
}

static void one_that_failed_shows_what_it_leaves_behind(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	write_down(&picture, &out);
	assert_golden(buf_view(&out), "page-failed.html");
}

/* What would end an element, an attribute, a comment or the style, and what is no text. */
static void no_name_breaks_out(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	picture_rename(&picture, STR("\"'></td></style><script>x()</script>&lt;-->\x01\xff\0`"));
	write_down(&picture, &out);
	assert_golden(buf_view(&out), "page-hostile.html");
	assert_false(has(&out, "<script"));
}

static void a_gate_says_who_said_what_and_how_long_it_was_open(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_rejected(&picture);
	write_down(&picture, &out);
	assert_true(has(&out, "</strong> rejected; 1 of 2 approvals, asked of 2 of group:sre, "
			      "user:alice, but not who began it; opened 41m ago "
			      "(2026-11-23T13:25:00Z); it was open for 40m</p>\n<ul>\n<li>"));
	assert_true(
		has(&out, "</time> alice rejected stage 3 (production): error rate is up</li>"));
	assert_true(has(&out, "<i class=\"bar bad\" style=\"left:68.00%;width:32.00%\"></i>"));
}

static void one_that_is_done_leaves_nothing_behind(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	write_down(&picture, &out);
	assert_true(has(&out, "<title>web at 3f2a91c: done</title>"));
	assert_true(has(&out, "<dt>Took</dt><dd>2h3m</dd>"));
	assert_false(has(&out, "What is left behind"));
}

static void one_that_has_just_begun_is_a_page_too(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.record_count = 0;
	picture.overview.app_count = 0;
	picture.overview.why_count = 0;
	write_down(&picture, &out);
	assert_true(has(&out, "<p>None is known yet.</p>"));
	assert_true(has(&out, "<p>Nothing so far.</p>"));
}

static void other_reasons_stand_below_the_first(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.whys[1] = (struct why){.type = WHY_APP,
				       .app = STR("web-stg-1"),
				       .stage = 1,
				       .cause = {.type = CAUSE_WINDOW}};
	picture.overview.why_count = 2;
	write_down(&picture, &out);
	assert_true(has(&out, "<h2>Waits for</h2>\n<ul>\n<li>"));
	assert_true(has(&out, "web-stg-1 is waited for: its sync window is closed<br/>"));
}

/* A fleet in one stage: each comes and goes, and fails in the end. */
enum { FLEET_ENTRIES = 22 };

struct fleet {
	struct picture picture;
	struct overview_app apps[PAGE_APPS_MAX + 100];
	struct record records[1 + FLEET_ENTRIES * (PAGE_APPS_MAX + 100)];
	char text[5000];
};

static void make_fleet(struct fleet *fleet, size_t n, char letter)
{
	size_t count = 0;

	picture_at_gate(&fleet->picture);
	memset(fleet->text, letter, sizeof fleet->text);
	fleet->records[count++] = (struct record){picture_at(1),
						  {.type = ENTRY_STAGE, .app = UINT32_MAX}};
	for (uint32_t i = 0; i < n; i++) {
		fleet->apps[i] = (struct overview_app){
			.name = str_make(fleet->text, 253),
			.phase = PHASE_FAILED,
			.cause = {CAUSE_SYNC_FAILED, STR(""), str_make(fleet->text, 5000)},
			.code = 1};
		for (uint32_t j = 0; j < FLEET_ENTRIES; j++)
			fleet->records[count++] = (struct record){picture_at(10 + i + j),
								  {.type = j == 0 ? ENTRY_POST
									   : j == FLEET_ENTRIES - 1
										   ? ENTRY_ENDED
									   : j % 2 ? ENTRY_DONE
										   : ENTRY_REOPENED,
								   .app = i,
								   .code = 1}};
	}
	fleet->picture.overview.apps = fleet->apps;
	fleet->picture.overview.app_count = n;
}

static void write_fleet(const struct fleet *fleet, struct buf *out)
{
	*out = BUF_INIT(PAGE_BYTES_MAX);
	page_write(&fleet->picture.overview, fleet->records,
		   1 + FLEET_ENTRIES * fleet->picture.overview.app_count, out);
	assert_false(buf_overflowed(out));
}

static void two_thousand_with_the_longest_names_stay_small(void **state)
{
	static struct fleet fleet;
	auto_buf struct buf out = {0};

	make_fleet(&fleet, PAGE_APPS_MAX, 'x');
	write_fleet(&fleet, &out);
	assert_true(out.n < 5'000'000);
	assert_true(out.n > 4'000'000); /* it is the worst case */
	assert_true(has(&out, "<details><summary>2000 applications</summary>"));
}

static void with_everything_to_be_escaped_they_still_fit(void **state)
{
	static struct fleet fleet;
	auto_buf struct buf out = {0};

	make_fleet(&fleet, PAGE_APPS_MAX, '"');
	write_fleet(&fleet, &out);
}

static void of_more_the_worst_are_shown(void **state)
{
	static struct fleet fleet;
	auto_buf struct buf out = {0};

	make_fleet(&fleet, PAGE_APPS_MAX + 100, 'x');
	for (size_t i = 0; i < PAGE_APPS_MAX; i++)
		fleet.apps[i] = (struct overview_app){.name = STR("fine"), .phase = PHASE_DONE};
	fleet.apps[PAGE_APPS_MAX + 99].name = STR("the-last-and-ill");
	write_fleet(&fleet, &out);
	assert_true(has(&out, "100 more are not shown, none worse than these"));
	assert_true(has(&out, ">the-last-and-ill</a></th>"));
}

static void many_sayings_are_shown_from_the_end(void **state)
{
	static struct record records[300];
	auto_buf struct buf out = BUF_INIT(PAGE_BYTES_MAX);
	struct picture picture;

	picture_at_gate(&picture);
	for (uint32_t i = 0; i < COUNTOF(records); i++)
		records[i] = (struct record){
			picture_at(i),
			{.type = i % 2 ? ENTRY_RESUMED : ENTRY_PAUSED, .who = STR("ann")}};
	page_write(&picture.overview, records, COUNTOF(records), &out);
	assert_true(has(&out, "<p>100 earlier ones are left out.</p>"));
	assert_true(has(&out, ">12:04:59</time> ann resumed it</li>\n</ol>"));
	assert_false(has(&out, ">12:01:39</time>"));
}

static void what_does_not_fit_is_not_begun(void **state)
{
	auto_buf struct buf out = BUF_INIT(5000);
	struct picture picture;

	picture_at_gate(&picture);
	page_write(&picture.overview, NULL, 0, &out);
	assert_true(buf_overflowed(&out));
	assert_int_equal(out.n, 0);
}

static void an_address_that_is_too_long_is_no_link(void **state)
{
	static char url[2000] = "https://";
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	memset(url + 8, 'x', sizeof url - 8);
	picture.servers[0].url = str_make(url, sizeof url);
	write_down(&picture, &out);
	assert_false(has(&out, "<a "));
	assert_true(has(&out, "<th scope=\"row\">web-test-1</th>"));
}

static void the_axis_tells_days_where_they_begin(void **state)
{
	auto_buf struct buf out = {0}, young = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.overview.now = picture_at(36 * 3600);
	write_down(&picture, &out);
	assert_true(has(&out, "<b style=\"left:0.00%\">12:00</b><b style=\"left:33.33%\">11-24</b>"
			      "<b style=\"left:66.66%\">12:00</b></span>"));
	/* Days are told there, too. */
	assert_true(has(&out, ">2026-11-25 00:00:00</time>; all times are UTC"));
	picture.overview.now = picture_at(4);
	picture.record_count = 3;
	picture.overview.submitted_at = picture_at(0);
	picture.records[0] = (struct record){picture_at(1), {.type = ENTRY_STAGE}};
	write_down(&picture, &young);
	assert_true(has(&young, ">12:00:01</b>"));
}

static void one_that_was_repeated_says_so_in_its_row(void **state)
{
	static const struct overview_post posts[] = {{0, 1, REPEAT_POSSIBLY_TWICE},
						     {1, 1, REPEAT_ONCE}};
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	write_down(&picture, &out);
	assert_true(str_find(buf_view(&out), STR("possibly asked for twice (an answer was lost"),
			     NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_waits_is_a_page),
		cmocka_unit_test(one_that_failed_shows_what_it_leaves_behind),
		cmocka_unit_test(no_name_breaks_out),
		cmocka_unit_test(a_gate_says_who_said_what_and_how_long_it_was_open),
		cmocka_unit_test(one_that_is_done_leaves_nothing_behind),
		cmocka_unit_test(one_that_has_just_begun_is_a_page_too),
		cmocka_unit_test(other_reasons_stand_below_the_first),
		cmocka_unit_test(two_thousand_with_the_longest_names_stay_small),
		cmocka_unit_test(with_everything_to_be_escaped_they_still_fit),
		cmocka_unit_test(of_more_the_worst_are_shown),
		cmocka_unit_test(many_sayings_are_shown_from_the_end),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(an_address_that_is_too_long_is_no_link),
		cmocka_unit_test(the_axis_tells_days_where_they_begin),
		cmocka_unit_test(one_that_was_repeated_says_so_in_its_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
