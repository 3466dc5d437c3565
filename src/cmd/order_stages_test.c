#include "cmd/order_stages.h"

#include "base/check.h"
#include "testing.h"

#include <string.h>

/* The stages with a bar between them. */
static void assert_stages(const char *text, const char *expected)
{
	auto_buf struct buf found = BUF_INIT(4 * KIB);
	struct order_stages stages;
	struct str wrong;
	struct err err = {0};

	assert_works(order_stages_parse(str_of(text), &stages, &wrong, &err), &err);
	for (uint32_t i = 0; i < stages.count; i++) {
		buf_str(&found, i > 0 ? STR("|") : STR(""));
		buf_str(&found, stages.stages[i].text);
	}
	assert_str(buf_view(&found), expected);
	order_stages_release(&stages);
}

static void stages_stand_in_a_row(void **state)
{
	assert_stages("env=test > env=stg > env=prd", "env=test|env=stg|env=prd");
	assert_stages("env=test>env=prd", "env=test|env=prd");
	assert_stages(" env in (test, dev) >\tenv=prd,!canary ",
		      "env in (test, dev)|env=prd,!canary");
}

static void a_greater_value_is_no_next_stage(void **state)
{
	assert_stages("tier>2 > tier<1", "tier>2|tier<1");
	assert_stages("tier > 2,env=test>env=prd", "tier > 2,env=test|env=prd");
	assert_stages("tier>1>tier>7", "tier>1|tier>7");
}

static void what_is_wrong_is_said_with_its_stage(void **state)
{
	static const struct {
		const char *text, *wrong, *words;
	} rows[] = {
		{"env=test", "", "--order has one stage, and an order needs two"},
		{"env=test > env==", NULL, NULL},
		{"env=test > > env=prd", "", NULL},
		{"env=a>b=c=d", "b=c=d", NULL},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct order_stages stages;
		struct str wrong;
		struct err err = {0};
		int result = order_stages_parse(str_of(rows[i].text), &stages, &wrong, &err);
		if (result == 0 && rows[i].wrong)
			fail_msg("'%s' is taken", rows[i].text);
		if (rows[i].words)
			assert_string_equal(err.text, rows[i].words);
		if (rows[i].wrong)
			assert_str(wrong, rows[i].wrong);
		order_stages_release(&stages);
	}
}

static void there_is_an_end_to_stages(void **state)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	struct order_stages stages;
	struct str wrong;
	struct err err = {0};

	for (int i = 0; i <= STAGES_MAX; i++)
		buf_printf(&text, "%senv=e%d", i > 0 ? ">" : "", i);
	assert_fails(order_stages_parse(buf_view(&text), &stages, &wrong, &err), &err, E_LIMIT,
		     "there are more than 20 stages");
	order_stages_release(&stages);
}

static void what_all_require_is_the_servers_to_select(void **state)
{
	struct order_stages stages;
	struct str wrong;
	struct err err = {0};

	assert_works(order_stages_parse(STR("app=web,env=test > env=prd,app=web"), &stages, &wrong,
					&err),
		     &err);
	assert_str(buf_view(&stages.shared), "app in (web)");
	order_stages_release(&stages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_stand_in_a_row),
		cmocka_unit_test(a_greater_value_is_no_next_stage),
		cmocka_unit_test(what_is_wrong_is_said_with_its_stage),
		cmocka_unit_test(there_is_an_end_to_stages),
		cmocka_unit_test(what_all_require_is_the_servers_to_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
