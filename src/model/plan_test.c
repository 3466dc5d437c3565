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
		assert_int_equal(plan_stage_of(&plan, labels, &all), cases[i].stage);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_application_belongs_to_the_first_stage_that_selects_it),
		cmocka_unit_test(a_stage_has_a_name_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
