#include "wire/http_message.h"

#include "testing.h"

static struct arena arena;

static int parsed(const char *text, struct http_head *head)
{
	int status = 200;
	size_t n;

	if (!http_head_length(str_of(text), &n))
		return 0;
	if (http_head_parse(str_first(str_of(text), n), &arena, head, &status) < 0)
		return status;
	return 200;
}

static void a_head_is_read(void **state)
{
	struct http_head head;

	assert_int_equal(parsed("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length:  12 \r\n"
				"Expect: 100-continue\r\n\r\nrest",
				&head),
			 200);
	assert_str(head.method, "POST");
	assert_str(head.target, "/a?b=c");
	assert_int_equal(head.content_length, 12);
	assert_str(http_head_get(&head, STR("host")), "x");
	assert_true(head.expects_continue);
	assert_false(head.wants_close);
	assert_int_equal(parsed("GET / HTTP/1.0\r\n\r\n", &head), 200);
	assert_true(head.wants_close);
}

static void a_head_that_is_not_complete_is_waited_for(void **state)
{
	struct http_head head;

	assert_int_equal(parsed("GET / HTTP/1.1\r\nHost: x\r\n", &head), 0);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
		{"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{"GET / HTTP/2.0\r\n\r\n", 505},
		{"GET /a b HTTP/1.1\r\n\r\n", 400},
		{"GET\r\n\r\n", 400},
		{"G@T / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nA: b\001\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nA\r\n\r\n", 400},
		{"GET / HTTP/1.1\nA: b\r\n\r\n", 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_head head;
		assert_int_equal(parsed(cases[i].text, &head), cases[i].status);
	}
}

static int fed(const char *text, size_t at_a_time, struct buf *out)
{
	struct http_chunks chunks = {0};
	struct str rest = str_of(text);
	int result = 0;

	buf_clear(out);
	while (!str_empty(rest) && result == 0) {
		struct str piece = str_first(rest, rest.n < at_a_time ? rest.n : at_a_time);
		size_t before = piece.n;
		result = http_chunks_feed(&chunks, &piece, out);
		rest = str_after(rest, before - piece.n);
	}
	return result;
}

static void chunks_are_read_however_they_are_cut(void **state)
{
	static const char text[] = "4\r\nabcd\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (size_t n = 1; n < sizeof text; n++) {
		assert_int_equal(fed(text, n, &out), 1);
		assert_str(buf_view(&out), "abcd0123456789");
	}
}

static void what_is_no_chunk_is_refused(void **state)
{
	static const char *const texts[] = {"x\r\n",	   "\r\n",	"1\r\nab\r\n",
					    "1 \r\na\r\n", "1\na\r\n",	"111111111\r\n",
					    "-1\r\n",	   "1;a\nb\r\n"};
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(fed(texts[i], 100, &out), -1);
	assert_int_equal(fed("5\r\nabc", 100, &out), 0);
}

static void a_list_may_weigh_its_words(void **state)
{
	assert_true(http_list_has(STR("deflate, gzip;q=1.0, *;q=0.5"), STR("gzip")));
	assert_true(http_list_has(STR("GZIP"), STR("gzip")));
	assert_false(http_list_has(STR("gzip;q=0"), STR("gzip")));
	assert_false(http_list_has(STR("gzipped"), STR("gzip")));
	assert_false(http_list_has(STR(""), STR("gzip")));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_read),
		cmocka_unit_test(a_head_that_is_not_complete_is_waited_for),
		cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
		cmocka_unit_test(chunks_are_read_however_they_are_cut),
		cmocka_unit_test(what_is_no_chunk_is_refused),
		cmocka_unit_test(a_list_may_weigh_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
