#include "argo/face/fields.h"

#include "testing.h"

static struct str projected(const char *fields_text, const char *value_text, struct buf *out)
{
	auto_arena struct arena arena = {0};
	auto_json struct json *value = NULL;
	struct fields fields;
	struct err err = {0};

	assert_true(fields_parse(str_of(fields_text), &arena, &fields));
	assert_works(json_parse(str_of(value_text), &JSON_LIMIT, &value, &err), &err);
	buf_clear(out);
	fields_project(&fields, value, out);
	return buf_view(out);
}

static void a_path_takes_what_lies_beneath_it(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_str(projected("result.app.spec",
			     "{\"result\":{\"type\":\"ADDED\",\"app\":{\"spec\":"
			     "{\"b\":1,\"a\":{}},\"specs\":2}}}",
			     &out),
		   "{\"result\":{\"app\":{\"spec\":{\"a\":{},\"b\":1}}}}");
}

static void a_key_may_have_dots_of_its_own(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_str(projected("a.argocd.argoproj.io/refresh,error",
			     "{\"a\":{\"argocd.argoproj.io/refresh\":\"normal\",\"b\":\"c\"}}",
			     &out),
		   "{\"a\":{\"argocd.argoproj.io/refresh\":\"normal\"}}");
}

static void nothing_that_was_asked_for_is_an_empty_object(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_str(projected("x", "{\"a\":1}", &out), "{}");
	assert_str(projected("a.b", "{\"a\":{\"c\":1},\"d\":2}", &out), "{\"a\":{}}");
}

static void items_of_a_list_are_projected_each(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_str(projected("items.name",
			     "{\"items\":[{\"name\":\"a\",\"x\":1},{\"name\":\"b\"}]}", &out),
		   "{\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
}

static void a_dash_leaves_out_what_is_named(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_str(projected("-a.b", "{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"e\":3}", &out),
		   "{\"a\":{\"c\":{\"d\":2}},\"e\":3}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_takes_what_lies_beneath_it),
		cmocka_unit_test(a_key_may_have_dots_of_its_own),
		cmocka_unit_test(nothing_that_was_asked_for_is_an_empty_object),
		cmocka_unit_test(items_of_a_list_are_projected_each),
		cmocka_unit_test(a_dash_leaves_out_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
