#include "wire/json.h"

#include "testing.h"

#include <string.h>

static struct json *parsed(const char *text)
{
	struct json *root = NULL;
	struct err err;

	assert_works(json_parse(str_of(text), &JSON_LIMIT, &root, &err), &err);
	return root;
}

static void getters_follow_a_path(void **state)
{
	auto_json struct json *root = parsed(
		"{\"a\":{\"b\":\"text\",\"n\":-5,\"yes\":true,\"list\":[1,\"two\"]}}");

	assert_str(json_text(root, "a", "b"), "text");
	assert_int_equal(json_int(root, "a", "n"), -5);
	assert_true(json_flag(root, "a", "yes"));
	assert_int_equal(json_count(json_get(root, "a", "list")), 2);
	assert_str(json_text_of(json_at(json_get(root, "a", "list"), 1)), "two");
	assert_int_equal(json_count(json_get(root, "a")), 4);
}

static void what_is_not_there_is_empty_and_so_is_another_type(void **state)
{
	auto_json struct json *root = parsed("{\"a\":{\"b\":\"text\",\"null\":null},\"list\":[]}");

	assert_null(json_get(root, "x"));
	assert_null(json_get(root, "a", "b", "c"));
	assert_null(json_get(root, "a", "null"));
	assert_null(json_get(root, "list", "a"));
	assert_null(json_get(NULL, "a"));
	assert_str(json_text(root, "a"), "");
	assert_int_equal(json_int(root, "a", "b"), 0);
	assert_false(json_flag(root, "a", "b"));
	assert_int_equal(json_count(json_get(root, "a", "b")), 0);
	assert_null(json_at(root, 0));
	assert_null(json_at(json_get(root, "list"), 0));
	assert_int_equal(json_kind(NULL), JSON_KIND_NULL);
}

static void texts_may_hold_any_character(void **state)
{
	auto_json struct json *root = parsed("{\"a\":\"x\\u0000y\\u00e9\"}");

	assert_str_eq(json_text(root, "a"), STR("x\0y\303\251"));
}

static void a_mistake_has_a_position_and_is_not_quoted(void **state)
{
	struct json *root = NULL;
	struct err err;

	assert_fails(json_parse(STR("{\n  \"token\": secret\n}"), &JSON_LIMIT, &root, &err), &err,
		     E_SYNTAX, "line 2, column 17: invalid token");
	assert_fails(json_parse(STR(""), &JSON_LIMIT, &root, &err), &err, E_SYNTAX,
		     "line 1, column 1: empty, not JSON");
	assert_true(json_parse(STR("{\"a\":1"), &JSON_LIMIT, &root, &err) < 0);
	assert_true(json_parse(STR("{} x"), &JSON_LIMIT, &root, &err) < 0);
	assert_true(json_parse(STR("{\"a\":\"\xff\"}"), &JSON_LIMIT, &root, &err) < 0);
	assert_null(root);
}

static void a_key_that_comes_twice_is_a_mistake(void **state)
{
	struct json *root = NULL;
	struct err err;

	assert_true(json_parse(STR("{\"a\":1,\"a\":2}"), &JSON_LIMIT, &root, &err) < 0);
	assert_int_equal(err.code, E_SYNTAX);
}

static void size_and_depth_are_limited(void **state)
{
	struct json_limit limit = {.bytes = 16, .depth = 2};
	struct json *root = NULL;
	struct err err;

	assert_fails(json_parse(STR("{\"a\":\"0123456789\"}"), &limit, &root, &err), &err, E_LIMIT,
		     "18 bytes of JSON, more than 16");
	assert_fails(json_parse(STR("[[[]]]"), &limit, &root, &err), &err, E_LIMIT,
		     "nested deeper than 2");
	assert_works(json_parse(STR("[[\"[[[[\\\"\"]]"), &limit, &root, &err), &err);
	json_free(root);
}

static void a_number_too_big_is_nearly_right(void **state)
{
	auto_json struct json *root = parsed("{\"a\":18446744073709551615,\"b\":-0.0,\"c\":0.1}");

	assert_int_equal(json_kind(json_get(root, "a")), JSON_KIND_NUMBER);
	assert_int_equal(json_int(root, "a"), 0);
	assert_false(json_number_is_zero(json_get(root, "a")));
	assert_true(json_number_is_zero(json_get(root, "b")));
	assert_false(json_number_is_zero(json_get(root, "c")));
	auto_json struct json *integers = parsed("{\"zero\":0,\"one\":1}");
	assert_true(json_number_is_zero(json_get(integers, "zero")));
	assert_false(json_number_is_zero(json_get(integers, "one")));
	assert_false(json_number_is_zero(NULL));
}

static void equal_values_have_equal_canonical_texts(void **state)
{
	auto_buf struct buf one = BUF_INIT(1 * KIB), two = BUF_INIT(1 * KIB);
	auto_json struct json *a = parsed("{\"b\": [1, null, {\"y\":2,\"x\":\"é\"}], \"a\": true}");
	auto_json struct json *b = parsed(
		"{\"a\":true,\"b\":[1,null,{\"x\":\"\\u00e9\",\"y\":2}]}");

	json_canonical(a, &one);
	json_canonical(b, &two);
	assert_str(buf_view(&one), "{\"a\":true,\"b\":[1,null,{\"x\":\"é\",\"y\":2}]}");
	assert_str_eq(buf_view(&one), buf_view(&two));
	assert_true(json_same(a, b));
	buf_clear(&one);
	json_canonical(NULL, &one);
	assert_str(buf_view(&one), "null");
}

static void different_values_differ(void **state)
{
	auto_json struct json *a = parsed("{\"a\":[1,2],\"n\":null}");
	auto_json struct json *b = parsed("{\"a\":[2,1],\"n\":null}");

	assert_false(json_same(a, b));
	assert_false(json_same(a, NULL));
	assert_true(json_same(NULL, NULL));
	assert_true(json_same(NULL, json_at(json_get(a, "x"), 0)));
}

static void the_members_of_an_object_can_be_walked(void **state)
{
	auto_json struct json *root = parsed("{\"a\":1,\"b\":2}");
	struct json_cursor at = {0};
	int64_t sum = 0;

	while (json_next(root, &at)) {
		assert_int_equal(at.key.n, 1);
		sum += json_int_of(at.value);
	}
	assert_int_equal(sum, 3);
	at = (struct json_cursor){0};
	assert_false(json_next(NULL, &at));
	assert_false(json_next(json_get(root, "a"), &at));
}

static void a_clone_can_be_changed_alone(void **state)
{
	auto_buf struct buf text = BUF_INIT(1 * KIB);
	auto_json struct json *root = parsed("{\"a\":1,\"b\":{\"c\":2},\"d\":3}");
	auto_json struct json *clone = json_clone(root);

	json_put(clone, "a", json_get(root, "b"));
	json_put_flag(clone, "b", false);
	json_remove(clone, "d");
	json_remove(clone, "x");
	json_canonical(clone, &text);
	assert_str(buf_view(&text), "{\"a\":{\"c\":2},\"b\":false}");
	assert_int_equal(json_int(root, "a"), 1);
	assert_int_equal(json_count(root), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(getters_follow_a_path),
		cmocka_unit_test(what_is_not_there_is_empty_and_so_is_another_type),
		cmocka_unit_test(texts_may_hold_any_character),
		cmocka_unit_test(a_mistake_has_a_position_and_is_not_quoted),
		cmocka_unit_test(a_key_that_comes_twice_is_a_mistake),
		cmocka_unit_test(size_and_depth_are_limited),
		cmocka_unit_test(a_number_too_big_is_nearly_right),
		cmocka_unit_test(equal_values_have_equal_canonical_texts),
		cmocka_unit_test(different_values_differ),
		cmocka_unit_test(the_members_of_an_object_can_be_walked),
		cmocka_unit_test(a_clone_can_be_changed_alone),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
