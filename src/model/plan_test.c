#include "model/plan.h"

#include "testing.h"

static const char *const texts[] = {"env=test", "env in (test, stg)", "env"};

/* A plan of these three stages. */
static struct plan plan_make(struct plan_stage stages[3], struct selector selectors[3])
{
	for (size_t i = 0; i < 3; i++) {
		struct err err = {0};
		assert_works(selector_parse(str_of(texts[i]), &selectors[i], &err), &err);
		stages[i] = (struct plan_stage){.text = str_of(texts[i]),
						.selector = &selectors[i]};
	}
	return (struct plan){.stages = stages, .stage_count = 3};
}

static void an_application_belongs_to_the_first_stage_that_selects_it(void **state)
{
	static const struct {
		const char *labels;
		uint32_t stage, all;
	} cases[] = {
		{"env=test,tier=web", 0, 7},	     {"tier=web,env=stg", 1, 6}, {"env=prd", 2, 4},
		{"environment=test", STAGE_NONE, 0}, {"", STAGE_NONE, 0},
	};
	struct plan_stage stages[3];
	struct selector selectors[3] = {0};
	struct plan plan = plan_make(stages, selectors);

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		uint32_t all;
		struct str labels = str_of(cases[i].labels);
		assert_int_equal(plan_stage_of(&plan, 0, labels, &all), cases[i].stage);
		assert_int_equal(all, cases[i].all);
	}
	for (size_t i = 0; i < 3; i++)
		selector_release(&selectors[i]);
}

static void a_stage_has_a_name_for_people(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan_stage stages[] = {{.text = STR("env=test")}, {.expect = 0}};
	struct plan plan = {.stages = stages, .stage_count = 2};

	assert_str(plan_stage_name(&plan, 0, &arena), "stage 1 (env=test)");
	assert_str(plan_stage_name(&plan, 1, &arena), "stage 2");
	assert_true(plan_selects(&plan, 1, STR("")));
}

static void the_server_selects_by_what_all_stages_require(void **state)
{
	struct plan_stage stages[] = {
		{.text = STR("a=1,b=2,!c")}, {.text = STR("!c,a=1")}, {.expect = 0}};
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(2 * SELECTOR_BYTES_MAX);
	struct err err = {0};

	for (size_t i = 0; i < 2; i++)
		assert_works(selector_parse_in(&arena, stages[i].text, &stages[i].selector, &err),
			     &err);
	plan_server_selector(stages, 1, &text);
	assert_str(buf_view(&text), "a=1,b=2,!c");
	buf_clear(&text);
	plan_server_selector(stages, 2, &text);
	assert_str(buf_view(&text), "a in (1),!c");
	/* one that is the whole project leaves nothing to select by */
	buf_clear(&text);
	plan_server_selector(stages, 3, &text);
	assert_str(buf_view(&text), "");
}

static void a_stage_selects_among_those_of_its_own_argo_cd(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan_stage stages[] = {
		{.text = STR("a=1,b=2")}, {.text = STR("a=1"), .server = 1}, {.text = STR("b=2")}};
	struct plan plan = {.servers = {{.context = STR("main")}, {.context = STR("prod")}},
			    .more_servers = 1,
			    .stages = stages,
			    .stage_count = 3};
	struct err err = {0};
	uint32_t all;

	for (size_t i = 0; i < 3; i++)
		assert_works(selector_parse_in(&arena, stages[i].text, &stages[i].selector, &err),
			     &err);
	assert_int_equal(plan_stage_of(&plan, 0, STR("a=1,b=2"), &all), 0);
	assert_int_equal(all, 5);
	assert_int_equal(plan_stage_of(&plan, 1, STR("a=1,b=2"), &all), 1);
	assert_int_equal(all, 2);
	plan_set_selectors(&plan, &arena);
	assert_str(plan.servers[0].selector, "b in (2)");
	assert_str(plan.servers[1].selector, "a=1");
	assert_int_equal(plan_servers_until(&plan, 1), 1);
	assert_int_equal(plan_servers_until(&plan, 3), 3);
	assert_str(plan_app_name(&plan, 1, STR("web"), &arena), "prod/web");
	assert_str(plan_stage_name(&plan, 1, &arena), "stage 2 (a=1 on prod)");
	plan.more_servers = 0;
	assert_str(plan_app_name(&plan, 0, STR("web"), &arena), "web");
}

static void what_is_too_long_to_select_by_is_not_cut_but_left_out(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf long_text = BUF_INIT(SELECTOR_BYTES_MAX), text = BUF_INIT(9 * KIB);
	struct err err = {0};

	/* "a=" is said as "a in ()" */
	while (long_text.n + 5 < SELECTOR_BYTES_MAX)
		buf_str(&long_text, STR("a=,"));
	buf_str(&long_text, STR("a="));
	struct plan_stage stages[2] = {{.text = buf_view(&long_text)}};
	assert_works(selector_parse_in(&arena, stages[0].text, &stages[0].selector, &err), &err);
	stages[1] = stages[0];
	plan_server_selector(stages, 2, &text);
	assert_str(buf_view(&text), "");
	assert_false(buf_overflowed(&text));
	plan_server_selector(stages, 1, &text);
	assert_str_eq(buf_view(&text), stages[0].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_application_belongs_to_the_first_stage_that_selects_it),
		cmocka_unit_test(a_stage_has_a_name_for_people),
		cmocka_unit_test(the_server_selects_by_what_all_stages_require),
		cmocka_unit_test(a_stage_selects_among_those_of_its_own_argo_cd),
		cmocka_unit_test(what_is_too_long_to_select_by_is_not_cut_but_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
