#include "io/local_stream.h"

#include "testing.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct local_stream stream;
static int other; /* the other end */
static struct str line;
static struct err err;

static void open_stream(size_t line_bytes_max, size_t backlog_bytes_max)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	local_stream_init(&stream, ends[0], line_bytes_max, backlog_bytes_max);
	other = ends[1];
}

static void close_stream(void)
{
	local_stream_release(&stream);
	close(other);
}

static void write_other(const char *text)
{
	assert_int_equal(send(other, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void lines_come_whole_however_they_were_cut(void **state)
{
	const char *text = "one\n\ntwo three\nfour\n";
	const char *lines[] = {"one", "", "two three", "four"};
	size_t next = 0;

	open_stream(16, 16);
	for (const char *c = text; *c; c++) {
		char byte[] = {*c, '\0'};
		write_other(byte);
		assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_SOME);
		while (local_stream_take(&stream, &line))
			assert_str(line, lines[next++]);
	}
	assert_int_equal(next, 4);
	write_other(text);
	while (local_stream_read(&stream) == LOCAL_STREAM_SOME) {
		while (local_stream_take(&stream, &line))
			assert_str(line, lines[next++ - 4]);
	}
	assert_int_equal(next, 8);
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_NOTHING);
	close_stream();
}

static void what_has_no_end_is_no_line(void **state)
{
	open_stream(16, 16);
	write_other("one\ntwo");
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_SOME);
	assert_true(local_stream_take(&stream, &line));
	assert_false(local_stream_take(&stream, &line));
	shutdown(other, SHUT_WR);
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_ENDED);
	assert_false(local_stream_take(&stream, &line));
	close_stream();
}

static void a_line_of_exactly_the_limit_fits(void **state)
{
	open_stream(4, 16);
	write_other("1234\n1\n");
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_SOME);
	assert_true(local_stream_take(&stream, &line));
	assert_str(line, "1234");
	assert_false(local_stream_take(&stream, &line));
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_SOME);
	assert_true(local_stream_take(&stream, &line));
	assert_str(line, "1");
	write_other("12345");
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_TOO_LONG);
	assert_false(local_stream_take(&stream, &line));
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_TOO_LONG);
	close_stream();
}

static void what_nobody_takes_is_bounded(void **state)
{
	char bytes[16];

	open_stream(16, 8);
	assert_true(local_stream_put(&stream, STR("123")));
	assert_true(local_stream_put(&stream, STR("567")));
	assert_int_equal(local_stream_backlog(&stream), 8);
	assert_false(local_stream_put(&stream, STR("")));
	assert_int_equal(local_stream_backlog(&stream), 8);
	assert_true(local_stream_flush(&stream));
	assert_int_equal(local_stream_backlog(&stream), 0);
	assert_true(local_stream_put(&stream, STR("9")));
	assert_true(local_stream_flush(&stream));
	assert_int_equal(recv(other, bytes, sizeof bytes, 0), 10);
	assert_memory_equal(bytes, "123\n567\n9\n", 10);
	close_stream();
}

/* More than the system's buffer: it goes in portions, and in order. */
static void much_goes_in_the_order_that_it_was_put(void **state)
{
	enum { LINES = 40 };
	static char text[100'000];
	size_t got = 0;
	int lines = 0;

	open_stream(16, sizeof text * LINES + LINES);
	for (int i = 0; i < LINES; i++) {
		memset(text, 'a' + i % 26, sizeof text);
		assert_true(local_stream_put(&stream, str_make(text, sizeof text)));
	}
	while (lines < LINES) {
		static char bytes[65'536];
		assert_true(local_stream_flush(&stream));
		ssize_t n = recv(other, bytes, sizeof bytes, 0);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++) {
			bool is_end = got == sizeof text;
			assert_int_equal(bytes[i], is_end ? '\n' : 'a' + lines % 26);
			got = is_end ? 0 : got + 1;
			lines += is_end;
		}
	}
	assert_int_equal(local_stream_backlog(&stream), 0);
	close_stream();
}

static void a_reader_who_left_is_noticed(void **state)
{
	open_stream(16, 16);
	assert_true(local_stream_put(&stream, STR("1")));
	close(other);
	assert_false(local_stream_flush(&stream));
	assert_int_equal(local_stream_read(&stream), LOCAL_STREAM_ENDED);
	local_stream_release(&stream);
}

static void a_line_break_inside_of_a_line_is_our_fault(void **state)
{
	open_stream(16, 16);
	assert_dies("'\\n'", (void)local_stream_put(&stream, STR("1\n2")));
	close_stream();
}

static void a_path_is_as_long_as_the_system_allows(void **state)
{
	struct sockaddr_un address;
	char path[200] = {0};

	memset(path, 'a', 107);
	assert_works(local_address(path, &address, &err), &err);
	assert_string_equal(address.sun_path, path);
	path[107] = 'a';
	assert_fails(local_address(path, &address, &err), &err, E_LIMIT,
		     "the path of the socket has 108 bytes and the system allows 107: choose a "
		     "state directory with a shorter path (--state-dir)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_whole_however_they_were_cut),
		cmocka_unit_test(what_has_no_end_is_no_line),
		cmocka_unit_test(a_line_of_exactly_the_limit_fits),
		cmocka_unit_test(what_nobody_takes_is_bounded),
		cmocka_unit_test(much_goes_in_the_order_that_it_was_put),
		cmocka_unit_test(a_reader_who_left_is_noticed),
		cmocka_unit_test(a_line_break_inside_of_a_line_is_our_fault),
		cmocka_unit_test(a_path_is_as_long_as_the_system_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
