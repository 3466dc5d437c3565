#include "draft/draft.h"

#include "base/check.h"
#include "model/plan.h"
#include "model/selector.h"
#include "testing.h"

#include <stdio.h>

enum { APPS_MAX = 200 };

/* "name labels; name@owner labels": a fleet. */
static size_t read_fleet(const char *text, struct app_history *apps)
{
	struct str rest = str_of(text), line;
	size_t n = 0, at;

	while (str_cut(&rest, ';', &line)) {
		line = str_trim(line);
		if (str_empty(line))
			continue;
		check(n < APPS_MAX);
		struct app_history *app = &apps[n++];
		*app = (struct app_history){.name = line};
		if (str_find_char(line, ' ', &at)) {
			app->name = str_first(line, at);
			app->labels = str_after(line, at + 1);
		}
		if (str_find_char(app->name, '@', &at)) {
			app->owner = str_after(app->name, at + 1);
			app->name = str_first(app->name, at);
		}
	}
	return n;
}

/* "label appName=web (4), env: test 2, stg 1 ~, prd 1 !; left out: x": '?' not known, '=' as far
 * along as the one before, '~' it soaks, '!' people are asked before it. */
static void describe(const struct draft *draft, struct buf *out)
{
	static const char *const results[] = {"", "nobody", "unmarked", "unordered"};
	static const char *const marks[] = {"selector", "label", "set", "all"};

	if (draft->result != DRAFT_MADE) {
		buf_str(out, str_of(results[draft->result]));
		return;
	}
	buf_printf(out, "%s " STR_FMT " (%u), " STR_FMT ":", marks[draft->mark],
		   STR_ARG(draft->selector), draft->member_count, STR_ARG(draft->key));
	for (uint32_t i = 0; i < draft->stage_count; i++) {
		const struct draft_stage *stage = &draft->stages[i];
		buf_printf(out, "%s " STR_FMT " %u%s%s%s%s", i > 0 ? "," : "",
			   STR_ARG(stage->value), stage->app_count, stage->is_known ? "" : " ?",
			   stage->is_level ? " =" : "", stage->soaks ? " ~" : "",
			   stage->asks ? " !" : "");
	}
	for (uint32_t i = 0; i < draft->unselected_count; i++)
		buf_printf(out, "%s" STR_FMT,
			   i > 0 ? ", " : "; left out: ", STR_ARG(draft->unselected[i]));
}

/* Each stage's selector selects who is said to be in it, and nobody else. */
static void assert_selects(const struct draft *draft, const struct app_history *apps, size_t count)
{
	for (uint32_t i = 0; i < draft->stage_count; i++) {
		const struct draft_stage *stage = &draft->stages[i];
		struct selector selector;
		struct err err;
		uint32_t n = 0;

		assert_works(selector_parse(stage->selector, &selector, &err), &err);
		for (size_t j = 0; j < count; j++)
			n += selector_selects(&selector, apps[j].labels);
		assert_int_equal(n, stage->app_count);
		selector_release(&selector);
	}
}

struct row {
	const char *app, *fleet, *expected;
};

static void assert_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct app_history apps[APPS_MAX];
		size_t n = read_fleet(rows[i].fleet, apps);
		auto_arena struct arena arena = {0};
		auto_buf struct buf out = BUF_INIT(64 * KIB);
		struct draft draft;

		draft_make(&(struct draft_question){.app = str_of(rows[i].app)}, apps, n, 7, &arena,
			   &draft);
		describe(&draft, &out);
		assert_str(buf_view(&out), rows[i].expected);
		assert_selects(&draft, apps, n);
	}
}

static void who_belongs_to_it_is_told_by_a_label_or_by_the_set(void **state)
{
	static const struct row rows[] = {
		{"web", "a appName=web,env=test; b appName=web,env=prd; c appName=api,env=prd",
		 "label appName=web (2), env: test 1 ~, prd 1 !"},
		/* The one that most have; of two that as many have, the clearer one. */
		{"web", "a appName=web,app=web,env=test; b app=web,env=prd; c app=api,env=prd",
		 "label app=web (2), env: test 1 ~, prd 1 !"},
		{"web", "a component=web,app=web,env=test; b component=web,app=web,env=prd",
		 "label app=web (2), env: test 1 ~, prd 1 !"},
		{"web",
		 "a app.kubernetes.io/instance=web,env=test; "
		 "b app.kubernetes.io/instance=web,env=prd",
		 "label app.kubernetes.io/instance=web (2), env: test 1 ~, prd 1 !"},
		/* Any other label, but none that tells stages apart. */
		{"web", "a team.corp/thing=web,env=test; b team.corp/thing=web,env=prd",
		 "label team.corp/thing=web (2), env: test 1 ~, prd 1 !"},
		{"prd", "a app=web,env=test; b app=web,env=prd", "nobody"},
		/* A label beats the ApplicationSet. */
		{"web", "a@web app=web,env=test; b@web app=web,env=prd; c@web env=prd",
		 "label app=web (2), env: test 1 ~, prd 1 !"},
		/* The ApplicationSet, and what it shares with nobody else; or all there is. */
		{"web", "a@web app=site,env=test; b@web app=site,env=prd; c@api app=api,env=prd",
		 "set app=site (2), env: test 1 ~, prd 1 !"},
		{"web", "a@web team=x,env=test; b@web team=x,env=prd; c@api team=y,env=prd",
		 "set team=x (2), env: test 1 ~, prd 1 !"},
		{"web", "a@web team=x,env=test; b@web team=x,env=prd",
		 "all  (2), env: test 1 ~, prd 1 !"},
		{"web", "a@web team=x,env=test; b@web team=x,env=prd; c@api team=x,env=prd",
		 "unmarked"},
		{"web", "a@web env=prd; b@web env=prd; c@api env=test", "unmarked"},
		{"web", "a app=api,env=test; b env=prd; c", "nobody"},
		{"web", "", "nobody"},
	};

	assert_rows(rows, COUNTOF(rows));
}

static void the_stages_are_told_apart_by_the_label_that_says_so(void **state)
{
	static const struct row rows[] = {
		/* Whatever it is called. */
		{"w", "a app=w,ring=dev; b app=w,ring=qa; c app=w,ring=live",
		 "label app=w (3), ring: dev 1, qa 1 ~, live 1 !"},
		/* env before stage where both say the same. */
		{"w", "a app=w,stage=test,env=test; b app=w,stage=prd,env=prd",
		 "label app=w (2), env: test 1 ~, prd 1 !"},
		{"w",
		 "a app=w,x.corp/zone=test,x.corp/env=test; b app=w,x.corp/zone=prd,x.corp/env=prd",
		 "label app=w (2), x.corp/env: test 1 ~, prd 1 !"},
		/* A tier of another kind, and a region, tell nothing. */
		{"w", "a app=w,tier=front,region=eu,e=test; b app=w,tier=front,region=us,e=prod",
		 "label app=w (2), e: test 1 ~, prod 1 !"},
		/* Finer before coarser; words as a whole before clusters' names. */
		{"w",
		 "a app=w,tier=nonprod,e=test; b app=w,tier=nonprod,e=stg; c app=w,tier=prod,e=prd",
		 "label app=w (3), e: test 1, stg 1 ~, prd 1 !"},
		{"w",
		 "a app=w,cluster=test-eu,e=test; b app=w,cluster=prd-eu,e=prd; "
		 "c app=w,cluster=prd-us",
		 "label app=w (3), e: test 1 ~, prd 1 !; left out: c"},
		{"w", "a app=w,cluster=test-eu; b app=w,cluster=prd-eu; c app=w,cluster=prd-us",
		 "label app=w (3), cluster: test-eu 1 ~, prd-eu 1 !, prd-us 1 ="},
		/* One rank only is the last resort. */
		{"w", "a app=w,tier=prod,cluster=test-1; b app=w,tier=prod,cluster=prod-1",
		 "label app=w (2), cluster: test-1 1 ~, prod-1 1 !"},
		{"w", "a app=w,env=prd; b app=w,env=prd", "label app=w (2), env: prd 2 !"},
		{"w", "a app=w,region=eu; b app=w,region=us", "unordered"},
		{"w", "a app=w; b app=w", "unordered"},
		/* Half of the values have to be words for stages. */
		{"w", "a app=w,g=prod; b app=w,g=x; c app=w,g=y", "unordered"},
		/* An empty value is none. */
		{"w", "a app=w,env=; b app=w,env=test; c app=w,env=prd",
		 "label app=w (3), env: test 1 ~, prd 1 !; left out: a"},
	};

	assert_rows(rows, COUNTOF(rows));
}

static void they_come_in_the_order_that_their_words_have(void **state)
{
	static const struct row rows[] = {
		{"w",
		 "a app=w,env=live; b app=w,env=canary; c app=w,env=dr; d app=w,env=staging; "
		 "e app=w,env=uat; f app=w,env=int; g app=w,env=dev",
		 "label app=w (7), env: dev 1, int 1, uat 1, staging 1 ~, canary 1 ~ !, live 1, "
		 "dr 1"},
		/* What is not known comes before what users see, and is marked. */
		{"w", "a app=w,env=test; b app=w,env=blue; c app=w,env=prd",
		 "label app=w (3), env: test 1, blue 1 ? ~, prd 1 !"},
		{"w", "a app=w,env=test; b app=w,env=demo; c app=w,env=dev",
		 "label app=w (3), env: dev 1, test 1, demo 1 ?"},
		/* Two that are as far along by their names. */
		{"w", "a app=w,env=test2; b app=w,env=test1; c app=w,env=prd",
		 "label app=w (3), env: test1 1, test2 1 = ~, prd 1 !"},
		{"w", "a app=w,env=dev; b app=w,env=qa", "label app=w (2), env: dev 1, qa 1"},
	};

	assert_rows(rows, COUNTOF(rows));
}

static void somebody_may_say_what_belongs_to_it(void **state)
{
	struct app_history apps[APPS_MAX];
	size_t n = read_fleet("a team=x,env=test; b team=x,env=prd", apps);
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(64 * KIB);
	struct draft_question question = {.app = STR("web"), .selector = STR(" team in (x) ")};
	struct draft draft;

	draft_make(&question, apps, n, 7, &arena, &draft);
	describe(&draft, &out);
	assert_str(buf_view(&out), "selector team in (x) (2), env: test 1 ~, prd 1 !");
	assert_str_eq(draft.stages[1].selector, STR("team in (x),env=prd"));
	draft_make(&question, NULL, 0, 7, &arena, &draft);
	assert_int_equal(draft.result, DRAFT_NOBODY);
}

static void what_was_looked_at_is_named_the_likeliest_first(void **state)
{
	struct app_history apps[APPS_MAX];
	size_t n = read_fleet("a appName=web,region=eu,cluster=test-eu,env=test; "
			      "b appName=web,region=us,cluster=prd-us,env=prd; "
			      "c@web appName=other,env=qa",
			      apps);
	auto_arena struct arena arena = {0};
	struct draft draft;

	draft_make(&(struct draft_question){.app = STR("web")}, apps, n, 7, &arena, &draft);
	assert_int_equal(draft.label_count, 3);
	assert_str(draft.labels[0].key, "env");
	assert_int_equal(draft.labels[0].value_count, 2); /* of its own alone */
	assert_str(draft.labels[0].values[0], "prd");
	assert_str(draft.labels[1].key, "cluster");
	assert_str(draft.labels[2].key, "region");
	assert_int_equal(draft.labels[2].known, 0);
	assert_int_equal(draft.unmarked_count, 1);

	draft_make(&(struct draft_question){.app = STR("wbe")}, apps, n, 7, &arena, &draft);
	assert_int_equal(draft.result, DRAFT_NOBODY);
	assert_str(draft.nearest, "web");
	assert_str(draft.labels[0].key, "appName");
	assert_int_equal(draft.labels[0].apps, 3);
}

static void other_labels_with_its_name_are_told(void **state)
{
	struct app_history apps[APPS_MAX];
	size_t n = read_fleet("a app=web,component=web,env=test; b app=web,env=prd; "
			      "c x=web,component=web,env=prd",
			      apps);
	auto_arena struct arena arena = {0};
	struct draft draft;

	draft_make(&(struct draft_question){.app = STR("web")}, apps, n, 7, &arena, &draft);
	assert_str(draft.selector, "app=web");
	assert_int_equal(draft.other_count, 2);
	assert_str(draft.others[0].key, "component");
	assert_int_equal(draft.others[0].apps, 2);
	assert_str(draft.others[1].key, "x");
	assert_int_equal(draft.others[1].apps, 1);
}

static void names_come_in_their_order(void **state)
{
	struct app_history apps[APPS_MAX];
	char text[APPS_MAX * 32];
	size_t used = 0;

	for (unsigned i = 0; i < APPS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "w-%03u app=w,env=%s;",
					 i * 7 % APPS_MAX, i % 2 ? "test" : "prd");
	size_t n = read_fleet(text, apps);
	auto_arena struct arena arena = {0};
	struct draft draft;

	draft_make(&(struct draft_question){.app = STR("w")}, apps, n, 7, &arena, &draft);
	assert_int_equal(draft.stage_count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(draft.stages[i].app_count, APPS_MAX / 2);
		for (uint32_t j = 1; j < draft.stages[i].app_count; j++)
			assert_true(str_cmp(draft.stages[i].apps[j - 1], draft.stages[i].apps[j]) <
				    0);
	}
}

/* A label with more values than there may be stages cannot tell them apart. */
static void more_values_than_stages_are_too_many(void **state)
{
	struct app_history apps[APPS_MAX];
	auto_buf struct buf text = BUF_INIT(64 * KIB);
	auto_arena struct arena arena = {0};
	struct draft draft;

	for (unsigned i = 0; i <= STAGES_MAX; i++)
		buf_printf(&text, "w-%u app=w,env=test%u;", i, i);
	size_t n = read_fleet(buf_cstr(&text), apps);
	draft_make(&(struct draft_question){.app = STR("w")}, apps, n, 7, &arena, &draft);
	assert_int_equal(draft.result, DRAFT_UNORDERED);
	draft_make(&(struct draft_question){.app = STR("w")}, apps, n - 1, 7, &arena, &draft);
	assert_int_equal(draft.stage_count, STAGES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_belongs_to_it_is_told_by_a_label_or_by_the_set),
		cmocka_unit_test(the_stages_are_told_apart_by_the_label_that_says_so),
		cmocka_unit_test(they_come_in_the_order_that_their_words_have),
		cmocka_unit_test(somebody_may_say_what_belongs_to_it),
		cmocka_unit_test(what_was_looked_at_is_named_the_likeliest_first),
		cmocka_unit_test(other_labels_with_its_name_are_told),
		cmocka_unit_test(names_come_in_their_order),
		cmocka_unit_test(more_values_than_stages_are_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
