#include "view/order_lines.h"

#include "base/check.h"
#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"

static const struct plan_stage stages[] = {{.text = STR("env=test")}, {.text = STR("env=prd")}};
static const struct order_plan plan = {
	.project = STR("platform"), .stages = stages, .stage_count = 2};
static const struct deployment deployed = {STR(SHA), {1795442531000}, {1795442540000}, STR("ann")};
static const struct app_history production = {.name = STR("web-prd"), .deployments = &deployed};
static const struct app_history test = {.name = STR("web-test")};
static const struct app_history tools = {.name = STR("tools")};
static const struct order_finding finding = {.verdict = ORDER_BROKEN,
					     .later = 1,
					     .ahead = &production,
					     .behind = &test,
					     .deployed = &deployed};
static const struct order_release releases[] = {
	{STR("web"), STR(SHA), {1795442531000}, ORDER_BROKEN, &finding, 1},
	{STR("web"), STR("1.2.3"), {1795442431000}, ORDER_KEPT, NULL, 0},
};

static void tell(const struct order_report *report, bool use_color, struct buf *out)
{
	struct order_lines lines = {.plan = &plan,
				    .report = report,
				    .address = STR("argocd.corp"),
				    .version = STR("v3.2.11"),
				    .use_color = use_color};

	order_lines_begin(&lines, out);
	for (size_t i = 0; i < report->release_count; i++)
		order_lines_release(&lines, &report->releases[i], out);
	order_lines_end(&lines, out);
}

static void assert_lines(const struct order_report *report, const char *expected)
{
	auto_buf struct buf out = BUF_INIT(ORDER_LINES_BYTES_MAX);

	tell(report, false, &out);
	assert_str(buf_view(&out), expected);
}

static void releases_stand_one_below_the_other(void **state)
{
	struct order_report report = {
		.releases = releases,
		.release_count = 2,
		.by_verdict = {[ORDER_BROKEN] = 1, [ORDER_KEPT] = 1},
		.broken = {[1] = {1}},
		.apps = 3,
		.groups = 1,
	};

	assert_lines(&report,
		     "platform, env=test > env=prd: 3 applications on argocd.corp (v3.2.11)\n"
		     "2026-11-23T14:02:11Z  web  3f2a91c  out of order\n"
		     "  web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann; web-test "
		     "(env=test) never had it\n"
		     "2026-11-23T14:00:31Z  web  1.2.3  in order\n"
		     "1 of 2 releases reached env=prd before env=test had it\n");
}

static void what_was_not_judged_is_said(void **state)
{
	struct order_report report = {
		.releases = &releases[1],
		.release_count = 1,
		.by_verdict = {[ORDER_UNKNOWN] = 1},
		.apps = 12,
		.unstaged = 2,
		.an_unstaged = &tools,
		.ungrouped = 1,
		.an_ungrouped = &tools,
		.hydrated = 2,
		.a_hydrated = &tools,
		.forgetful = 1,
		.a_forgetful = &tools,
		.groups = 3,
		.lone_groups = 2,
		.older = 2,
		.at_first_stage = 4,
	};

	assert_lines(&report,
		     "platform, env=test > env=prd: 12 applications on argocd.corp (v3.2.11)\n"
		     "2026-11-23T14:00:31Z  web  1.2.3  in order\n"
		     "none of 1 release is known to be out of order\n"
		     "1 of 1 release can't be judged; a higher revisionHistoryLimit would have "
		     "remembered\n"
		     "4 more never left the first stage\n"
		     "2 older ones are left out\n"
		     "not judged: 2 applications that no stage selects (tools, …)\n"
		     "not judged: 1 application that no ApplicationSet owns (tools)\n"
		     "not judged: 2 applications that are hydrated (tools, …)\n"
		     "not judged: 1 application that keeps no history (tools)\n"
		     "not judged: 2 of 3 ApplicationSets, whose applications are all of one stage "
		     "(--by=LABEL says what belongs together)\n");
}

static void a_fleet_without_a_past_has_nothing_out_of_order(void **state)
{
	struct order_report report = {.apps = 1, .groups = 1};

	assert_lines(&report,
		     "platform, env=test > env=prd: 1 application on argocd.corp (v3.2.11)\n"
		     "no release has come to a later stage\n");
}

static void colours_are_only_the_verdicts(void **state)
{
	auto_buf struct buf out = BUF_INIT(ORDER_LINES_BYTES_MAX);
	struct order_report report = {.releases = releases, .release_count = 2};

	tell(&report, true, &out);
	assert_true(str_find(buf_view(&out), STR("\x1b[1;31mout of order\x1b[0m\n"), NULL));
	assert_true(str_find(buf_view(&out), STR("\x1b[32min order\x1b[0m\n"), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_stand_one_below_the_other),
		cmocka_unit_test(what_was_not_judged_is_said),
		cmocka_unit_test(a_fleet_without_a_past_has_nothing_out_of_order),
		cmocka_unit_test(colours_are_only_the_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
