#include "base/json_write.h"

#include "testing.h"

static void a_request_body_reads_as_it_was_written(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_object_begin(&w);
	json_write_field_str(&w, STR("revision"), STR("v1.4"));
	json_write_field_bool(&w, STR("prune"), true);
	json_write_key(&w, STR("infos"));
	json_write_array_begin(&w);
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("name"), STR("tiphys"));
	json_write_object_end(&w);
	json_write_null(&w);
	json_write_array_end(&w);
	json_write_field_int(&w, STR("limit"), -1);
	json_write_object_end(&w);
	json_write_finish(&w);
	assert_str(buf_view(&buf), "{\"revision\":\"v1.4\",\"prune\":true,"
				   "\"infos\":[{\"name\":\"tiphys\"},null],\"limit\":-1}");
}

static void empty_things_are_empty(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_array_begin(&w);
	json_write_array_begin(&w);
	json_write_array_end(&w);
	json_write_object_begin(&w);
	json_write_object_end(&w);
	json_write_str(&w, (struct str){0});
	json_write_array_end(&w);
	json_write_finish(&w);
	assert_str(buf_view(&buf), "[[],{},\"\"]");
}

static void one_value_alone_is_a_document(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_bool(&w, false);
	json_write_finish(&w);
	assert_str(buf_view(&buf), "false");
}

static void numbers_reach_to_the_ends_of_their_type(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_array_begin(&w);
	json_write_int(&w, INT64_MIN);
	json_write_int(&w, INT64_MAX);
	json_write_uint(&w, UINT64_MAX);
	json_write_raw(&w, STR("1.5e3"));
	json_write_array_end(&w);
	assert_str(buf_view(&buf), "[-9223372036854775808,9223372036854775807,"
				   "18446744073709551615,1.5e3]");
}

/* The text of one string value; good until the buffer's next change. */
static struct str escaped(struct buf *buf, struct str value)
{
	struct json_write w = JSON_WRITE(buf);

	buf_clear(buf);
	json_write_str(&w, value);
	return buf_view(buf);
}

static void what_must_be_escaped_is(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);

	assert_str(escaped(&buf, STR("say \"hi\"")), "\"say \\\"hi\\\"\"");
	assert_str(escaped(&buf, STR("C:\\x")), "\"C:\\\\x\"");
	assert_str(escaped(&buf, STR("a\nb\rc\td")), "\"a\\nb\\rc\\td\"");
	assert_str(escaped(&buf, STR("\0\x01\x1f\x7f")), "\"\\u0000\\u0001\\u001f\x7f\"");
}

static void other_characters_stay_as_they_are(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);

	assert_str(escaped(&buf, STR("env/prod <&> ⛵ 𝄞 ü")), "\"env/prod <&> ⛵ 𝄞 ü\"");
}

static void bytes_that_are_no_utf8_become_replacements(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);

	assert_str(escaped(&buf, STR("a\xff\xfe"
				     "b\xe2\x9b")),
		   "\"a\uFFFD\uFFFDb\uFFFD\"");
}

static void keys_are_escaped_too(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_object_begin(&w);
	json_write_field_int(&w, STR("a\"\xff"), 1);
	json_write_object_end(&w);
	assert_str(buf_view(&buf), "{\"a\\\"\uFFFD\":1}");
}

static void a_value_in_an_object_needs_a_key(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	json_write_object_begin(&w);
	assert_dies("w->has_key", json_write_int(&w, 1));
	assert_dies("w->has_key", json_write_array_begin(&w));
	json_write_key(&w, STR("a"));
	assert_dies("!w->has_key", json_write_key(&w, STR("b")));
	assert_dies("!w->has_key", json_write_object_end(&w));
}

static void a_key_needs_an_object(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	assert_dies("w->depth > 0", json_write_key(&w, STR("a")));
	json_write_array_begin(&w);
	assert_dies("is_object", json_write_key(&w, STR("a")));
}

static void ends_fit_their_begins(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	assert_dies("w->depth > 0", json_write_object_end(&w));
	json_write_array_begin(&w);
	assert_dies("is_object", json_write_object_end(&w));
	assert_dies("w->is_done", json_write_finish(&w));
	json_write_array_end(&w);
	json_write_finish(&w);
	assert_dies("!w->is_done", json_write_null(&w));
	assert_dies("w->depth > 0", json_write_array_end(&w));
}

static void the_depth_has_a_limit(void **state)
{
	auto_buf struct buf buf = BUF_INIT(KIB);
	struct json_write w = JSON_WRITE(&buf);

	for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
		json_write_array_begin(&w);
	assert_dies("JSON_WRITE_DEPTH_MAX", json_write_array_begin(&w));
	json_write_null(&w);
	for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
		json_write_array_end(&w);
	json_write_finish(&w);
}

static void a_full_buffer_says_so(void **state)
{
	auto_buf struct buf buf = BUF_INIT(8);
	struct json_write w = JSON_WRITE(&buf);

	json_write_str(&w, STR("longer than eight"));
	json_write_finish(&w);
	assert_true(buf_overflowed(&buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_body_reads_as_it_was_written),
		cmocka_unit_test(empty_things_are_empty),
		cmocka_unit_test(one_value_alone_is_a_document),
		cmocka_unit_test(numbers_reach_to_the_ends_of_their_type),
		cmocka_unit_test(what_must_be_escaped_is),
		cmocka_unit_test(other_characters_stay_as_they_are),
		cmocka_unit_test(bytes_that_are_no_utf8_become_replacements),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(a_value_in_an_object_needs_a_key),
		cmocka_unit_test(a_key_needs_an_object),
		cmocka_unit_test(ends_fit_their_begins),
		cmocka_unit_test(the_depth_has_a_limit),
		cmocka_unit_test(a_full_buffer_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
