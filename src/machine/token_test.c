#include "machine/token.h"

#include "base/check.h"
#include "testing.h"

static void a_token_names_its_run_and_its_post(void **state)
{
	auto_arena struct arena arena = {0};
	struct str token = token_make(&arena, STR("r1"), STR("5d0c"), 12);

	assert_str(token, "v1/r1/5d0c/12");
	assert_str(token_run(token), "r1");
	assert_int_equal(token_post(token, STR("r1")), 12);
	assert_int_equal(token_post(token, STR("r")), 0);
	assert_int_equal(token_post(token, STR("r12")), 0);
	/* A later version's is nobody's that we know, but its run has a name. */
	assert_str(token_run(STR("v2/r1/whatever")), "r1");
	assert_str(token_run(STR("nonsense")), "");
	assert_str(token_run((struct str){0}), "");
}

static void what_is_no_token_has_no_post(void **state)
{
	static const struct str texts[] = {
		STR(""),	STR("v1"),	    STR("v1/r1"),      STR("v1/r1/"),
		STR("v1/r1/u"), STR("v1/r1/u/"),    STR("v1/r1/u/x"),  STR("v2/r1/u/1"),
		STR("r1/u/1"),	STR("v1/r1/u/1/2"), STR("v1/r1/u/-1"), STR("v1/r1/u/4294967296"),
	};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		assert_int_equal(token_post(texts[i], STR("r1")), 0);
	assert_int_equal(token_post(STR("v1//u/1"), STR("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_names_its_run_and_its_post),
		cmocka_unit_test(what_is_no_token_has_no_post),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
