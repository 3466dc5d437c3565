#include "audit/order.h"

#include "base/check.h"
#include "model/selector.h"
#include "testing.h"

#include <stdio.h>

enum { APPS_MAX = 10, DEPLOYMENTS_MAX = 10 };

/* A fleet and its past; times are seconds. */
struct story {
	struct arena arena;
	struct selector selectors[3];
	struct plan_stage stages[3];
	struct order_plan plan;
	struct app_history apps[APPS_MAX];
	struct deployment deployments[APPS_MAX][DEPLOYMENTS_MAX];
	uint32_t count;
	struct order_report report;
};

static wall at(int64_t seconds)
{
	return (wall){seconds * 1000};
}

static int begin(void **state)
{
	static const struct str texts[] = {STR("env=test"), STR("env=stg"), STR("env=prd")};
	static struct story story;
	struct err err;

	story = (struct story){0};
	for (size_t i = 0; i < COUNTOF(texts); i++) {
		assert_works(selector_parse(texts[i], &story.selectors[i], &err), &err);
		story.stages[i] = (struct plan_stage){.text = texts[i],
						      .selector = &story.selectors[i]};
	}
	story.plan = (struct order_plan){.stages = story.stages, .stage_count = 3};
	*state = &story;
	return 0;
}

static int end(void **state)
{
	struct story *story = *state;

	for (size_t i = 0; i < COUNTOF(story->selectors); i++)
		selector_release(&story->selectors[i]);
	arena_release(&story->arena);
	return 0;
}

/* "R1 10-12, R2 20-25": revisions, and from when to when they were deployed. */
static struct app_history *app(struct story *story, const char *name, const char *env,
			       const char *deployments)
{
	struct deployment *into = story->deployments[story->count];
	struct app_history *history = &story->apps[story->count++];
	struct str rest = str_of(deployments), piece;

	*history = (struct app_history){
		.name = str_of(name),
		.owner = STR("web"),
		.labels = arena_printf(&story->arena, "env=%s,app=web", env),
		.created_at = at(1),
		.deployments = into,
	};
	while (!str_empty(rest) && str_cut(&rest, ',', &piece)) {
		struct str revision, from;
		int64_t started, ended;
		piece = str_trim(piece);
		str_cut(&piece, ' ', &revision);
		str_cut(&piece, '-', &from);
		assert_true(str_to_i64(from, &started) && str_to_i64(piece, &ended));
		into[history->count++] = (struct deployment){revision, at(started), at(ended),
							     STR("ann")};
	}
	return history;
}

static void judge(struct story *story)
{
	order_judge(&story->plan, story->apps, story->count, 7, &story->arena, &story->report);
}

static const struct order_release *release(const struct story *story, const char *revision)
{
	for (size_t i = 0; i < story->report.release_count; i++)
		if (str_eq(story->report.releases[i].revision, str_of(revision)))
			return &story->report.releases[i];
	fail_msg("there is no release %s", revision);
	return NULL;
}

static void assert_verdict(const struct story *story, const char *revision, const char *verdict)
{
	assert_string_equal(order_verdict_name(release(story, revision)->verdict), verdict);
}

static const struct order_finding *only_finding(const struct story *story, const char *revision)
{
	const struct order_release *one = release(story, revision);

	assert_int_equal(one->finding_count, 1);
	return &one->findings[0];
}

static void assert_doubt(const struct story *story, const char *revision, const char *doubt)
{
	assert_verdict(story, revision, "unknown");
	assert_string_equal(order_doubt_name(only_finding(story, revision)->doubt), doubt);
}

/* ---- the order ---- */

static void production_after_test_is_in_order(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12");
	app(story, "web-prd", "prd", "R1 13-14");
	judge(story);
	assert_verdict(story, "R1", "in-order");
	assert_int_equal(release(story, "R1")->finding_count, 0);
	assert_int_equal(release(story, "R1")->began_at.ms, 10'000);
	assert_int_equal(story->report.by_verdict[ORDER_KEPT], 1);
}

static void production_while_test_still_runs_is_too_early(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-30");
	app(story, "web-prd", "prd", "R1 13-14");
	judge(story);
	assert_verdict(story, "R1", "out-of-order");
	const struct order_finding *finding = only_finding(story, "R1");
	assert_int_equal(finding->later, 2);
	assert_int_equal(finding->earlier, 0);
	assert_str(finding->ahead->name, "web-prd");
	assert_str(finding->behind->name, "web-test");
	assert_int_equal(finding->deployed->started_at.ms, 13'000);
	assert_int_equal(finding->ended_at.ms, 30'000);
	assert_int_equal(finding->more, 0);
	assert_int_equal(story->report.broken[2][0], 1);
	assert_int_equal(story->report.broken[2][1], 0);
}

static void the_earliest_and_the_latest_are_named_and_the_others_counted(void **state)
{
	struct story *story = *state;

	app(story, "web-test-1", "test", "R1 10-20");
	app(story, "web-test-2", "test", "R1 10-90");
	app(story, "web-prd-1", "prd", "R1 80-81");
	app(story, "web-prd-2", "prd", "R1 70-71");
	app(story, "web-prd-3", "prd", "R1 95-96");
	judge(story);
	const struct order_finding *finding = only_finding(story, "R1");
	assert_str(finding->ahead->name, "web-prd-2");
	assert_str(finding->behind->name, "web-test-2");
	assert_int_equal(finding->more, 1);
}

static void production_without_test_is_worse_than_early(void **state)
{
	struct story *story = *state;

	app(story, "web-test-1", "test", "R1 10-90");
	app(story, "web-test-2", "test", "R0 1-2");
	app(story, "web-prd", "prd", "R1 20-21");
	judge(story);
	const struct order_finding *finding = only_finding(story, "R1");
	assert_str(finding->behind->name, "web-test-2");
	assert_int_equal(finding->ended_at.ms, 0);
}

static void each_two_stages_are_told_apart(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-50");
	app(story, "web-stg", "stg", "R1 20-60");
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_int_equal(release(story, "R1")->finding_count, 3);
	assert_int_equal(story->report.broken[1][0], 1);
	assert_int_equal(story->report.broken[2][0], 1);
	assert_int_equal(story->report.broken[2][1], 1);
	assert_int_equal(story->report.by_verdict[ORDER_BROKEN], 1);
}

static void the_same_second_is_told_as_that(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12");
	app(story, "web-prd", "prd", "R1 12-14");
	judge(story);
	assert_verdict(story, "R1", "same-second");
	assert_int_equal(story->report.by_verdict[ORDER_BROKEN], 0);
}

static void to_sync_again_and_to_go_back_do_not_count(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R1 40-45, R2 50-51, R1 60-99");
	app(story, "web-prd", "prd", "R1 20-21, R2 55-56, R1 58-59");
	judge(story);
	assert_verdict(story, "R1", "in-order");
	assert_verdict(story, "R2", "in-order");
}

/* ---- who is asked ---- */

static void a_release_that_only_test_has_seen_is_not_judged(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R2 20-22");
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_int_equal(story->report.release_count, 1);
	assert_int_equal(story->report.at_first_stage, 1);
}

static void who_was_created_later_is_not_waited_for(void **state)
{
	struct story *story = *state;

	app(story, "web-test-1", "test", "R1 10-12");
	app(story, "web-test-2", "test", "R1 40-42")->created_at = at(35);
	app(story, "web-test-3", "test", "")->created_at = at(35);
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_verdict(story, "R1", "in-order");
}

static void a_stage_that_was_made_later_can_tell_nothing(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 40-42")->created_at = at(35);
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_doubt(story, "R1", "earlier-stage-is-newer");
}

static void of_two_components_each_has_its_own_release(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12");
	app(story, "web-prd", "prd", "R1 30-31");
	app(story, "api-test", "test", "R1 50-52")->owner = STR("api");
	app(story, "api-prd", "prd", "R1 40-41")->owner = STR("api");
	judge(story);
	assert_int_equal(story->report.release_count, 2);
	assert_str(story->report.releases[0].group, "api");
	assert_int_equal(story->report.releases[0].verdict, ORDER_BROKEN);
	assert_str(story->report.releases[1].group, "web");
	assert_int_equal(story->report.releases[1].verdict, ORDER_KEPT);
	assert_int_equal(story->report.groups, 2);
}

static void a_label_can_say_what_belongs_together(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 40-42")->owner = STR("test-set");
	app(story, "web-prd", "prd", "R1 30-31")->owner = STR("prd-set");
	judge(story);
	assert_int_equal(story->report.release_count, 0);
	assert_int_equal(story->report.lone_groups, 2);
	story->plan.by = STR("app");
	judge(story);
	assert_verdict(story, "R1", "out-of-order");
	assert_str(release(story, "R1")->group, "web");
}

static void who_is_not_judged_is_counted(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12");
	app(story, "web-prd", "prd", "R1 30-31");
	app(story, "tools", "tools", "R1 5-6");
	app(story, "alone", "prd", "R1 5-6")->owner = STR("");
	app(story, "dry", "prd", "R1 5-6")->is_hydrated = true;
	judge(story);
	assert_verdict(story, "R1", "in-order");
	assert_int_equal(story->report.apps, 5);
	assert_int_equal(story->report.unstaged, 1);
	assert_str(story->report.an_unstaged->name, "tools");
	assert_int_equal(story->report.ungrouped, 1);
	assert_str(story->report.an_ungrouped->name, "alone");
	assert_int_equal(story->report.hydrated, 1);
	assert_str(story->report.a_hydrated->name, "dry");
	assert_int_equal(story->report.members[2], 3);
}

/* ---- what is forgotten ---- */

static void a_release_that_test_has_forgotten_is_unknown(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R7 20-22, R8 24-26")->is_cut = true;
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_doubt(story, "R1", "behind-history-cut");
	assert_int_equal(story->report.cut, 1);
}

/* A hotfix that went straight to production. */
static void who_remembers_the_release_before_would_remember_this_one(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R7 20-22, R8 24-26")->is_cut = true;
	app(story, "web-prd", "prd", "R7 27-28, R8 30-31, R9 40-41");
	judge(story);
	assert_verdict(story, "R8", "in-order");
	assert_verdict(story, "R9", "out-of-order");
	assert_int_equal(only_finding(story, "R9")->ended_at.ms, 0);
}

static void the_oldest_that_test_remembers_can_acquit_but_not_convict(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R2 20-22")->is_cut = true;
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_verdict(story, "R1", "in-order");
	story->deployments[1][0].started_at = at(11);
	judge(story);
	assert_doubt(story, "R1", "behind-history-cut");
	story->deployments[1][0].started_at = at(12);
	judge(story);
	assert_doubt(story, "R1", "behind-history-cut");
}

static void the_oldest_that_production_remembers_can_convict_but_not_acquit(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12");
	app(story, "web-prd", "prd", "R1 30-31")->is_cut = true;
	judge(story);
	assert_doubt(story, "R1", "ahead-history-cut");
	story->deployments[1][0].started_at = at(11);
	judge(story);
	assert_verdict(story, "R1", "out-of-order");
}

static void what_is_seen_to_come_is_taken_for_the_first(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R2 20-40")->is_cut = true;
	app(story, "web-prd", "prd", "R1 13-14, R2 30-31")->is_cut = true;
	judge(story);
	assert_verdict(story, "R2", "out-of-order");
}

static void who_keeps_no_history_can_tell_nothing(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "")->keeps_none = true;
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_doubt(story, "R1", "behind-keeps-no-history");
	assert_int_equal(story->report.forgetful, 1);
	assert_str(story->report.a_forgetful->name, "web-test");
}

static void a_start_that_was_not_recorded_can_convict_but_not_acquit(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R2 40-90");
	app(story, "web-prd", "prd", "R1 13-14, R2 41-42");
	story->deployments[1][0].started_at = story->deployments[1][1].started_at = (wall){0};
	judge(story);
	assert_doubt(story, "R1", "start-not-recorded");
	assert_verdict(story, "R2", "out-of-order");
}

/* One that is unknown does not hide one that is known. */
static void the_worst_is_the_verdict(void **state)
{
	struct story *story = *state;

	app(story, "web-test-1", "test", "R9 10-12")->is_cut = true;
	app(story, "web-test-2", "test", "R1 10-50");
	app(story, "web-prd", "prd", "R1 30-31");
	judge(story);
	assert_verdict(story, "R1", "out-of-order");
	assert_str(only_finding(story, "R1")->behind->name, "web-test-2");
}

/* ---- which are told ---- */

static void the_newest_come_first_and_no_more_than_asked_for(void **state)
{
	struct story *story = *state;

	app(story, "web-test", "test", "R1 10-12, R2 20-22, R3 30-32");
	app(story, "web-prd", "prd", "R1 13-14, R2 23-24, R3 33-34");
	judge(story);
	assert_int_equal(story->report.release_count, 3);
	assert_str(story->report.releases[0].revision, "R3");
	assert_str(story->report.releases[1].revision, "R2");
	assert_str(story->report.releases[2].revision, "R1");
	story->plan.limit = 1;
	judge(story);
	assert_int_equal(story->report.release_count, 1);
	assert_str(story->report.releases[0].revision, "R3");
	assert_int_equal(story->report.older, 2);
	story->plan.limit = 0;
	story->plan.since = at(20);
	judge(story);
	assert_int_equal(story->report.release_count, 2);
	assert_int_equal(story->report.older, 1);
}

static void an_empty_fleet_has_no_release(void **state)
{
	struct story *story = *state;

	judge(story);
	assert_int_equal(story->report.release_count, 0);
	assert_int_equal(story->report.apps, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(production_after_test_is_in_order),
		STORY(production_while_test_still_runs_is_too_early),
		STORY(the_earliest_and_the_latest_are_named_and_the_others_counted),
		STORY(production_without_test_is_worse_than_early),
		STORY(each_two_stages_are_told_apart),
		STORY(the_same_second_is_told_as_that),
		STORY(to_sync_again_and_to_go_back_do_not_count),
		STORY(a_release_that_only_test_has_seen_is_not_judged),
		STORY(who_was_created_later_is_not_waited_for),
		STORY(a_stage_that_was_made_later_can_tell_nothing),
		STORY(of_two_components_each_has_its_own_release),
		STORY(a_label_can_say_what_belongs_together),
		STORY(who_is_not_judged_is_counted),
		STORY(a_release_that_test_has_forgotten_is_unknown),
		STORY(who_remembers_the_release_before_would_remember_this_one),
		STORY(the_oldest_that_test_remembers_can_acquit_but_not_convict),
		STORY(the_oldest_that_production_remembers_can_convict_but_not_acquit),
		STORY(what_is_seen_to_come_is_taken_for_the_first),
		STORY(who_keeps_no_history_can_tell_nothing),
		STORY(a_start_that_was_not_recorded_can_convict_but_not_acquit),
		STORY(the_worst_is_the_verdict),
		STORY(the_newest_come_first_and_no_more_than_asked_for),
		STORY(an_empty_fleet_has_no_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
