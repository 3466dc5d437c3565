#include "wire/splitter.h"

#include "testing.h"

#include <stdio.h>
#include <string.h>

/* ---- lists ---- */

/* What was handed over, each piece followed by a bar. */
static int note_piece(void *self, struct str piece, struct err *err)
{
	struct buf *seen = self;

	if (str_eq(piece, STR("{\"bad\":1}")))
		return err_set(err, E_PROTOCOL, "a bad one");
	buf_str(seen, piece);
	buf_char(seen, '|');
	return 0;
}

/* Splits a text fed in portions of this size; -1 with *err if it was bad, at whichever end. */
static int split(const char *text, size_t portion, size_t max, struct buf *seen, struct err *err)
{
	struct list_splitter splitter;
	struct str rest = str_of(text);
	int answer = 0;

	buf_clear(seen);
	list_splitter_init(&splitter, max);
	while (answer == 0 && rest.n > 0) {
		struct str now = str_first(rest, portion < rest.n ? portion : rest.n);
		answer = list_splitter_feed(&splitter, now, note_piece, seen, err);
		rest = str_after(rest, now.n);
	}
	if (answer == 0)
		answer = list_splitter_end(&splitter, err);
	list_splitter_release(&splitter);
	return answer;
}

static void assert_splits(const char *text, const char *expected)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct err err;

	for (size_t portion = 1; portion <= strlen(text); portion++) {
		assert_works(split(text, portion, 1 * KIB, &seen, &err), &err);
		assert_str(buf_view(&seen), expected);
	}
}

static void assert_refuses(const char *text, const char *expected)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct err err;

	for (size_t portion = 1; portion <= strlen(text); portion++)
		assert_fails(split(text, portion, 1 * KIB, &seen, &err), &err, E_SYNTAX, expected);
}

static void elements_come_one_by_one(void **state)
{
	assert_splits("{\"items\":[{\"a\":1},{\"b\":[{}]}],\"metadata\":{}}",
		      "{\"a\":1}|{\"b\":[{}]}|");
	assert_splits(" {\n\"items\" : [ { \"a\" : 1 } , {} ] } \n", "{ \"a\" : 1 }|{}|");
}

static void the_order_of_the_members_does_not_matter(void **state)
{
	assert_splits("{\"kind\":\"List\",\"n\":-1.5e3,\"metadata\":{\"items\":[{\"no\":1}]},"
		      "\"t\":true,\"items\":[{\"a\":1}],\"last\":[1,[2]]}",
		      "{\"a\":1}|");
}

static void brackets_and_quotes_in_texts_are_text(void **state)
{
	assert_splits("{\"x\":\"]}\\\"{\",\"items\":[{\"a\":\"}]\\\\\"},{\"b\":\"\\\"{[\"}]}",
		      "{\"a\":\"}]\\\\\"}|{\"b\":\"\\\"{[\"}|");
	assert_splits("{\"it\\\"ems\":[{}],\"items\":[]}", "");
	assert_splits("{\"a key longer than any that we are looking for\":1,\"items\":null}", "");
}

static void nothing_found_is_an_empty_list(void **state)
{
	assert_splits("{\"metadata\":{\"resourceVersion\":\"12\"},\"items\":null}", "");
	assert_splits("{\"items\":[]}", "");
}

static void a_truncated_list_is_noticed(void **state)
{
	const char *text = "{\"items\":[{\"a\":1},{\"b\":2}],\"metadata\":{\"x\":1}}";
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct err err;

	for (size_t n = 1; n < strlen(text); n++) {
		char cut[80];
		snprintf(cut, sizeof(cut), "%.*s", (int)n, text);
		assert_true(split(cut, 7, 1 * KIB, &seen, &err) < 0);
		assert_true(strstr(err.text, "ends in the middle") != NULL);
	}
}

static void what_is_no_list_is_refused_with_the_place(void **state)
{
	assert_refuses("<html>", "a JSON object expected at byte 0");
	assert_refuses("[{}]", "a JSON object expected at byte 0");
	assert_refuses("{\"error\":\"no\",\"code\":7}", "it has no list of items");
	assert_refuses("{}", "it has no list of items");
	assert_refuses("{\"items\":7}", "a list of items expected at byte 9");
	assert_refuses("{\"items\":nope}", "a list of items expected at byte 10");
	assert_refuses("{\"items\":[1]}", "an object expected at byte 10");
	assert_refuses("{\"items\":[{},]}", "an object expected at byte 13");
	assert_refuses("{\"items\":[{}{}]}", "',' or ']' expected at byte 12");
	assert_refuses("{\"items\":[]\"a\":1}", "',' or '}' expected at byte 11");
	assert_refuses("{\"items\":[],}", "a key expected at byte 12");
	assert_refuses("{\"items\":[]} x", "the end expected at byte 13");
	assert_refuses("{\"a\" 1}", "':' expected at byte 5");
	assert_refuses("{\"a\":,}", "a value expected at byte 5");
	assert_refuses("{\"a\":12[]}", "',' or '}' expected at byte 7");
	assert_refuses("{a:1}", "a key expected at byte 1");
	assert_refuses("{\"items\":[],\"items\":[]}", "only one list of items expected at byte 20");
}

static void an_element_that_is_too_big_ends_it(void **state)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct err err;

	for (size_t portion = 1; portion < 40; portion++)
		assert_fails(split("{\"items\":[{},{\"a\":\"0123456789\"},{}]}", portion, 10, &seen,
				   &err),
			     &err, E_LIMIT, "an element of more than 10 bytes");
	assert_str(buf_view(&seen), "{}|");
}

static void whoever_gets_an_element_may_end_it(void **state)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct list_splitter splitter;
	struct err err;

	list_splitter_init(&splitter, 1 * KIB);
	assert_fails(list_splitter_feed(&splitter, STR("{\"items\":[{},{\"bad\":1},{}]}"),
					note_piece, &seen, &err),
		     &err, E_PROTOCOL, "a bad one");
	assert_int_equal(splitter.count, 2);
	assert_true(list_splitter_feed(&splitter, STR("{}"), note_piece, &seen, &err) < 0);
	assert_str(buf_view(&seen), "{}|");
	list_splitter_release(&splitter);
}

/* ---- frames ---- */

static void follow(struct frame_splitter *splitter, const char *text, size_t portion,
		   struct buf *seen)
{
	for (struct str rest = str_of(text); rest.n > 0;) {
		struct str now = str_first(rest, portion < rest.n ? portion : rest.n);
		frame_splitter_feed(splitter, now, note_piece, seen);
		rest = str_after(rest, now.n);
	}
}

static void assert_frames(const char *text, const char *expected)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);

	for (size_t portion = 1; portion <= strlen(text); portion++) {
		struct frame_splitter splitter;
		buf_clear(&seen);
		frame_splitter_init(&splitter, 1 * KIB);
		follow(&splitter, text, portion, &seen);
		frame_splitter_end(&splitter, true, note_piece, &seen);
		assert_str(buf_view(&seen), expected);
		assert_int_equal(splitter.strange, 0);
		frame_splitter_release(&splitter);
	}
}

static void server_sent_events_are_frames_and_comments_keep_it_alive(void **state)
{
	assert_frames("data: {\"a\":1} \n\n\n:\n:\ndata: {\"b\":2} \n\n\n", "{\"a\":1}|{\"b\":2}|");
	assert_frames("event: x\r\nid: 7\r\nretry: 5\r\ndata:{\"a\":1}\r\n\r\n", "{\"a\":1}|");
}

static void so_are_plain_lines_of_json(void **state)
{
	assert_frames("{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}|");
}

static void a_last_error_without_a_newline_is_a_frame(void **state)
{
	assert_frames("{\"a\":1}\n{\"error\":{}}", "{\"a\":1}|{\"error\":{}}|");
}

static void a_frame_that_was_cut_off_is_none(void **state)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct frame_splitter splitter;

	frame_splitter_init(&splitter, 1 * KIB);
	follow(&splitter, "data: {\"a\":1}\ndata: {\"b\"", 5, &seen);
	frame_splitter_end(&splitter, false, note_piece, &seen);
	assert_str(buf_view(&seen), "{\"a\":1}|");
	frame_splitter_release(&splitter);
}

static void a_frame_that_is_too_long_is_dropped_alone(void **state)
{
	for (size_t portion = 1; portion < 60; portion++) {
		auto_buf struct buf seen = BUF_INIT(4 * KIB);
		struct frame_splitter splitter;
		frame_splitter_init(&splitter, 16);
		follow(&splitter, "data: {}\ndata: {\"a\":\"01234567890123\"}\ndata: {\"b\":1}\n",
		       portion, &seen);
		assert_str(buf_view(&seen), "{}|{\"b\":1}|");
		assert_int_equal(splitter.dropped, 1);
		frame_splitter_release(&splitter);
	}
}

static void what_is_no_frame_is_counted(void **state)
{
	auto_buf struct buf seen = BUF_INIT(4 * KIB);
	struct frame_splitter splitter;

	frame_splitter_init(&splitter, 1 * KIB);
	follow(&splitter, "<html>\nLog in\n</html>\n", 4, &seen);
	assert_int_equal(splitter.strange, 3);
	assert_int_equal(seen.n, 0);
	frame_splitter_release(&splitter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_one_by_one),
		cmocka_unit_test(the_order_of_the_members_does_not_matter),
		cmocka_unit_test(brackets_and_quotes_in_texts_are_text),
		cmocka_unit_test(nothing_found_is_an_empty_list),
		cmocka_unit_test(a_truncated_list_is_noticed),
		cmocka_unit_test(what_is_no_list_is_refused_with_the_place),
		cmocka_unit_test(an_element_that_is_too_big_ends_it),
		cmocka_unit_test(whoever_gets_an_element_may_end_it),
		cmocka_unit_test(server_sent_events_are_frames_and_comments_keep_it_alive),
		cmocka_unit_test(so_are_plain_lines_of_json),
		cmocka_unit_test(a_last_error_without_a_newline_is_a_frame),
		cmocka_unit_test(a_frame_that_was_cut_off_is_none),
		cmocka_unit_test(a_frame_that_is_too_long_is_dropped_alone),
		cmocka_unit_test(what_is_no_frame_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
