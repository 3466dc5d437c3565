#include "cmd/stage_list.h"

#include "testing.h"

/* What was given, and what became of it. */
struct given {
	struct stage_list list;
	struct text_list then;
	struct str wrong;
	struct err err;
};

static int make(struct given *given, const char *selector, const char *expect)
{
	struct stage_texts texts = {
		.selector = selector ? str_of(selector) : (struct str){0},
		.then = &given->then,
		.expect = expect ? str_of(expect) : (struct str){0},
	};
	return stage_list_make(&given->list, &texts, &given->wrong, &given->err);
}

static void forget(struct given *given)
{
	stage_list_release(&given->list);
	vec_release(&given->then);
}

static void one_stage_leaves_the_selecting_to_the_server(void **state)
{
	struct given given = {0};
	struct plan plan = {0};

	assert_works(make(&given, "app=web,env=test", NULL), &given.err);
	stage_list_plan(&given.list, &plan);
	assert_int_equal(plan.stage_count, 1);
	assert_str(plan.servers[0].selector, "app=web,env=test");
	assert_int_equal(plan.stages[0].expect, 0);
	forget(&given);
}

static void several_send_what_they_have_in_common(void **state)
{
	struct given given = {0};
	struct plan plan = {0};

	vec_push(&given.then, STR("env=stg,app == web"));
	vec_push(&given.then, STR("env in (prd), app=web"));
	assert_works(make(&given, "app=web,env=test", "1,2, 3"), &given.err);
	stage_list_plan(&given.list, &plan);
	assert_int_equal(plan.stage_count, 3);
	assert_str(plan.servers[0].selector, "app in (web)");
	assert_str(plan.stages[2].text, "env in (prd), app=web");
	assert_int_equal(plan.stages[2].expect, 3);
	forget(&given);
}

static void what_has_nothing_in_common_sends_nothing(void **state)
{
	struct given given = {0};
	struct plan plan = {0};

	vec_push(&given.then, STR("env=prd"));
	assert_works(make(&given, "env=test", NULL), &given.err);
	stage_list_plan(&given.list, &plan);
	assert_str(plan.servers[0].selector, "");
	forget(&given);
}

static void a_mistake_is_told_with_its_flag_and_its_text(void **state)
{
	struct given given = {0};

	vec_push(&given.then, STR("env in (prd"));
	assert_true(make(&given, "env=test", NULL) < 0);
	assert_str(given.wrong, "env in (prd");
	assert_int_not_equal(given.err.column, 0);
	assert_true(str_starts(str_of(given.err.text), STR("--then: ")));
	forget(&given);
}

static void what_nothing_can_match_is_told(void **state)
{
	struct given given = {0};

	assert_fails(make(&given, "env=test,env=prd", NULL), &given.err, E_USAGE,
		     "--selector: nothing can match 'env=test,env=prd', its parts contradict each "
		     "other");
	assert_str(given.wrong, "env=test,env=prd");
	forget(&given);
}

static void numbers_are_one_for_each_stage(void **state)
{
	static const char *const bad[] = {"", "0", "-1", "two", "1,", "1,2,x", "1000001,1"};
	struct given given = {0};

	vec_push(&given.then, STR("env=prd"));
	assert_fails(make(&given, "env=test", "4"), &given.err, E_USAGE,
		     "--expect has 1 number, and there are 2 stages");
	stage_list_release(&given.list);
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		assert_true(make(&given, "env=test", bad[i]) < 0);
		stage_list_release(&given.list);
	}
	forget(&given);
}

static void there_are_not_too_many_of_them(void **state)
{
	struct given given = {0};

	for (int i = 0; i < STAGES_MAX - 1; i++)
		vec_push(&given.then, STR("env=prd"));
	assert_works(make(&given, "env=test", NULL), &given.err);
	stage_list_release(&given.list);
	vec_push(&given.then, STR("env=prd"));
	assert_fails(make(&given, "env=test", NULL), &given.err, E_LIMIT,
		     "there are more than 20 stages");
	forget(&given);
}

static void somebody_must_be_selected(void **state)
{
	struct given given = {0};

	assert_fails(make(&given, NULL, NULL), &given.err, E_USAGE,
		     "it is not said which applications: --selector is missing");
	stage_list_release(&given.list);
	vec_push(&given.then, STR("env=prd"));
	struct stage_texts all = {.all = true, .then = &given.then};
	assert_fails(stage_list_make(&given.list, &all, &given.wrong, &given.err), &given.err,
		     E_USAGE, "--all leaves nothing for --then");
	forget(&given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_stage_leaves_the_selecting_to_the_server),
		cmocka_unit_test(several_send_what_they_have_in_common),
		cmocka_unit_test(what_has_nothing_in_common_sends_nothing),
		cmocka_unit_test(a_mistake_is_told_with_its_flag_and_its_text),
		cmocka_unit_test(what_nothing_can_match_is_told),
		cmocka_unit_test(numbers_are_one_for_each_stage),
		cmocka_unit_test(there_are_not_too_many_of_them),
		cmocka_unit_test(somebody_must_be_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
