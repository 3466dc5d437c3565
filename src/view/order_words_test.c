#include "view/order_words.h"

#include "base/check.h"
#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"

static const struct plan_stage stages[] = {{.text = STR("env=test")}, {.text = STR("env=prd")}};
static const struct order_plan plan = {.stages = stages, .stage_count = 2};
/* 2026-11-23T14:02:11Z */
#define BEGAN ((wall){1795442531000})
static const struct deployment by_ann = {STR(SHA), {1795442531000}, {1795442540000}, STR("ann")};
static const struct deployment oldest = {STR(SHA), {1795442600000}, {1795442603000}, STR("")};
static const struct app_history production = {.name = STR("web-prd"), .deployments = &by_ann};
static const struct app_history test = {.name = STR("web-test"), .deployments = &oldest};

static void assert_finding(struct order_finding finding, const char *expected)
{
	auto_buf struct buf out = BUF_INIT(ORDER_WORDS_BYTES_MAX);

	finding.later = 1;
	finding.ahead = &production;
	finding.deployed = finding.deployed ? finding.deployed : &by_ann;
	order_words_finding(&plan, &finding, &out);
	assert_str(buf_view(&out), expected);
}

static void a_finding_is_a_sentence(void **state)
{
	struct deployment no_start = by_ann;
	no_start.started_at = (wall){0};

	assert_finding((struct order_finding){.verdict = ORDER_BROKEN,
					      .behind = &test,
					      .ended_at = wall_add(BEGAN, 185'000)},
		       "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, 3m5s before "
		       "web-test (env=test) had it");
	assert_finding((struct order_finding){.verdict = ORDER_BROKEN, .behind = &test, .more = 2},
		       "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann; web-test "
		       "(env=test) never had it; so with 2 more of env=prd");
	assert_finding((struct order_finding){.verdict = ORDER_BROKEN,
					      .behind = &test,
					      .deployed = &no_start,
					      .ended_at = wall_add(BEGAN, 10'000)},
		       "web-prd (env=prd) was done at 2026-11-23T14:02:20Z, by ann, 1s before "
		       "web-test (env=test) had it");
	assert_finding((struct order_finding){.verdict = ORDER_SAME_SECOND,
					      .behind = &test,
					      .ended_at = BEGAN},
		       "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, in the second in "
		       "which web-test (env=test) had it");
}

static void each_doubt_has_its_sentence(void **state)
{
	static const char *const words[] = {
		[DOUBT_AHEAD_CUT] = "the history of web-prd (env=prd) begins with it: it may have "
				    "had it before web-test (env=test)",
		[DOUBT_BEHIND_CUT] =
			"web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann; the history of "
			"web-test (env=test) begins at 2026-11-23T14:03:23Z, and it may have had "
			"it before",
		[DOUBT_BEHIND_KEEPS_NONE] = "web-test (env=test) keeps no history: its "
					    "revisionHistoryLimit is 0",
		[DOUBT_NO_START] = "when web-prd (env=prd) began is not recorded",
		[DOUBT_NEW] = "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, when "
			      "env=test had none of its applications yet",
	};

	for (enum order_doubt doubt = DOUBT_AHEAD_CUT; doubt <= DOUBT_NEW; doubt++)
		assert_finding((struct order_finding){.verdict = ORDER_UNKNOWN,
						      .doubt = doubt,
						      .behind = doubt == DOUBT_NEW ? NULL : &test},
			       words[doubt]);
}

static void revisions_are_short(void **state)
{
	auto_buf struct buf out = BUF_INIT(KIB);

	order_words_revision(STR(SHA ",1.2.3"), &out);
	assert_str(buf_view(&out), "3f2a91c,1.2.3");
}

static void what_comes_from_outside_is_cleaned(void **state)
{
	static const struct app_history nasty = {.name = STR("a\033[31mb\nc")};
	auto_buf struct buf out = BUF_INIT(ORDER_WORDS_BYTES_MAX);
	struct order_finding finding = {.verdict = ORDER_BROKEN,
					.later = 1,
					.ahead = &nasty,
					.behind = &nasty,
					.deployed = &by_ann};

	order_words_finding(&plan, &finding, &out);
	assert_false(str_find_char(buf_view(&out), '\033', NULL));
	assert_false(str_find_char(buf_view(&out), '\n', NULL));
}

static void assert_nothing(struct order_report report, struct str by, const char *why,
			   const char *next)
{
	auto_buf struct buf found_why = BUF_INIT(ORDER_WORDS_BYTES_MAX),
			    found_next = BUF_INIT(ORDER_WORDS_BYTES_MAX);
	struct order_plan asked = plan;

	asked.by = by;
	assert_int_equal(order_words_nothing(&asked, &report, &found_why, &found_next),
			 why != NULL);
	assert_str(buf_view(&found_why), why ? why : "");
	assert_true(str_find(buf_view(&found_next), str_of(next), NULL));
}

static void where_nothing_can_be_judged_the_next_step_is_said(void **state)
{
	struct order_report none = {.apps = 7};
	struct order_report one = {.apps = 7, .members = {0, 3}, .groups = 1, .lone_groups = 1};
	struct order_report lone = {.apps = 7, .members = {2, 3}, .groups = 2, .lone_groups = 2};
	struct order_report good = {.apps = 7, .members = {2, 3}, .groups = 2, .lone_groups = 1};

	assert_nothing(none, STR(""), "none of 7 applications is selected by any stage", "labels");
	assert_nothing(one, STR(""), "env=prd is the only stage that selects applications",
		       "labels");
	assert_nothing(lone, STR(""), "no ApplicationSet has applications of more than one stage",
		       "--by=LABEL");
	assert_nothing(lone, STR("app"),
		       "no value of the label app has applications of more than one stage",
		       "choose the label");
	assert_nothing(good, STR(""), NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_a_sentence),
		cmocka_unit_test(each_doubt_has_its_sentence),
		cmocka_unit_test(revisions_are_short),
		cmocka_unit_test(what_comes_from_outside_is_cleaned),
		cmocka_unit_test(where_nothing_can_be_judged_the_next_step_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
