#include "argo/face/merge_patch.h"

#include "testing.h"

static void assert_merged(const char *base_text, const char *patch_text, const char *expected)
{
	auto_json struct json *base = NULL, *patch = NULL;
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct err err = {0};

	assert_works(json_parse(str_of(base_text), &JSON_LIMIT, &base, &err), &err);
	assert_works(json_parse(str_of(patch_text), &JSON_LIMIT, &patch, &err), &err);
	merge_patch(base, patch, &out);
	assert_str(buf_view(&out), expected);
}

static void a_patch_changes_adds_and_takes_away(void **state)
{
	assert_merged("{\"a\":1,\"b\":2}", "{\"a\":3,\"b\":null,\"c\":4}", "{\"a\":3,\"c\":4}");
	assert_merged("{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":null}}", "{\"a\":{\"c\":2}}");
	assert_merged("{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}");
}

static void a_null_that_takes_nothing_away_leaves_nothing(void **state)
{
	assert_merged("{}", "{\"a\":{\"b\":null}}", "{\"a\":{}}");
	assert_merged("{\"a\":1}", "{\"a\":{\"b\":null,\"c\":1}}", "{\"a\":{\"c\":1}}");
	assert_merged("{\"a\":1}", "{}", "{\"a\":1}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_changes_adds_and_takes_away),
		cmocka_unit_test(a_null_that_takes_nothing_away_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
