#include "view/draft_words.h"

#include "base/check.h"
#include "testing.h"

static const struct str envs[] = {STR("prd"), STR("test")};
static const struct str regions[] = {STR("a"), STR("b"), STR("c"), STR("d"), STR("e"),
				     STR("f"), STR("g"), STR("h"), STR("i"), STR("j")};
static const struct draft_label labels[] = {
	{.key = STR("env"), .values = envs, .value_count = 2, .known = 2, .apps = 6},
	{.key = STR("region"), .values = regions, .value_count = 10, .apps = 6},
};
static const struct draft_stage stages[] = {{.value = STR("test"), .is_known = true},
					    {.value = STR("prd"), .is_known = true}};
static const struct draft_stage doubtful[] = {{.value = STR("test"), .is_known = true},
					      {.value = STR("blue")}};
static const struct draft_other others[] = {{STR("app"), 2}, {STR("x"), 1}};

static struct draft made(void)
{
	return (struct draft){
		.app = STR("web"),
		.project = STR("platform"),
		.mark = DRAFT_MARK_LABEL,
		.selector = STR("appName=web"),
		.member_count = 6,
		.key = STR("env"),
		.stages = stages,
		.stage_count = 2,
		.labels = labels,
		.label_count = 2,
	};
}

static void it_says_what_was_chosen_and_why(void **state)
{
	auto_buf struct buf out = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	struct draft draft = made();

	draft_words(&draft, &out);
	assert_str(
		buf_view(&out),
		"web: 6 Applications of project platform have the label appName=web\n"
		"stages by the label env: test, prd (all of the 6 have it, and all of its values "
		"are words for stages)\n"
		"  also looked at: region (a, b, c, d, e, f, g, h and 2 more)\n");
	buf_clear(&out);
	draft.unmarked_count = 2;
	draft.unselected_count = 1;
	draft.label_count = 1;
	draft.stages = doubtful;
	draft.others = others;
	draft.other_count = 2;
	draft_words(&draft, &out);
	assert_str(buf_view(&out),
		   "web: 6 Applications of project platform have the label appName=web (not taken: "
		   "app=web, which 2 have, x=web, which 1 has)\n"
		   "  the ApplicationSet of that name makes 2 more without that label: no stage "
		   "selects them\n"
		   "stages by the label env: test, blue (5 of the 6 have it, and 1 of its 2 values "
		   "are words for stages)\n");
}

static void each_way_to_know_who_belongs_to_it_is_told(void **state)
{
	static const struct {
		enum draft_mark mark;
		const char *first;
	} rows[] = {
		{DRAFT_MARK_SELECTOR, "are selected by appName=web\n"},
		{DRAFT_MARK_LABEL, "have the label appName=web\n"},
		{DRAFT_MARK_SET,
		 "are made by the ApplicationSet of that name; they alone have appName=web\n"},
		{DRAFT_MARK_ALL,
		 "are made by the ApplicationSet of that name, and there are no others\n"},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_buf struct buf out = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
		struct draft draft = made();
		draft.mark = rows[i].mark;
		draft_words(&draft, &out);
		assert_true(str_find(buf_view(&out), str_of(rows[i].first), NULL));
	}
}

static void where_there_is_none_it_says_what_was_tried_and_what_to_do(void **state)
{
	static const struct {
		enum draft_result result;
		const char *why, *next;
	} rows[] = {
		{DRAFT_NOBODY,
		 "no Application of project 'platform' belongs to 'web'; did you mean 'webb'?",
		 "looked for was a label with that value, and an ApplicationSet of that name\n"
		 "the labels that there are: env (prd, test), region (a, b, c, d, e, f, g, h and 2 "
		 "more)\n"
		 "--selector says what belongs to it: --selector=app=web"},
		{DRAFT_UNMARKED,
		 "ApplicationSet 'web' makes 6 Applications, and no label tells them from the "
		 "others of project 'platform'",
		 "give its template a label of its own (metadata.labels, appName: web), or say "
		 "with --selector what belongs to it"},
		{DRAFT_UNORDERED, "no label of the 6 Applications of 'web' tells its stages apart",
		 "looked for was one of few values, at least half of which are words such as dev, "
		 "test, qa, stg, prd\n"
		 "there are: env (prd, test), region (a, b, c, d, e, f, g, h and 2 more)\n"
		 "add such a label to the ApplicationSet's template, or write the file by hand:\n"
		 "  app: web\n"
		 "  project: platform\n"
		 "  promotions:\n"
		 "  - selector: appName=web,LABEL=VALUE\n"
		 "and so on, a selector for each stage; all keys are in docs/promotion-file.md"},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_buf struct buf why = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
		auto_buf struct buf next = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
		struct draft draft = made();
		draft.result = rows[i].result;
		draft.nearest = STR("webb");
		draft_words_why_not(&draft, &why, &next);
		assert_str(buf_view(&why), rows[i].why);
		assert_str(buf_view(&next), rows[i].next);
	}
}

static void a_fleet_without_labels_is_told_to_have_some(void **state)
{
	auto_buf struct buf why = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	auto_buf struct buf next = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	struct draft draft = made();

	draft.result = DRAFT_NOBODY;
	draft.label_count = 0;
	draft_words_why_not(&draft, &why, &next);
	assert_str(buf_view(&why), "no Application of project 'platform' belongs to 'web'");
	assert_true(str_starts(buf_view(&next), STR("none of them has a label")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_was_chosen_and_why),
		cmocka_unit_test(each_way_to_know_who_belongs_to_it_is_told),
		cmocka_unit_test(where_there_is_none_it_says_what_was_tried_and_what_to_do),
		cmocka_unit_test(a_fleet_without_labels_is_told_to_have_some),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
