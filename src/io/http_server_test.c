#include "io/http_server.h"

#include "testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * A client in the same thread: what it sends waits in the kernel until the loop turns.
 */

static struct loop loop;
static struct http_server *server;
static struct http_exchange *held; /* the last request to /held or /stream */
static int gone, drained;

static void no_deadline(void *self)
{
}

static void no_interrupt(void *self, int code)
{
}

static void answer_text(struct http_exchange *exchange, const char *text)
{
	struct buf bytes = BUF_INIT(1 * MIB);

	buf_str(&bytes, str_of(text));
	http_exchange_answer(exchange, 200, STR("text/plain"), bytes);
}

enum { HUGE_BYTES = 32 * 1024 * 1024 };

/* /echo answers with what was sent, /big and /huge with much of the same, /cut not at all. */
static void on_request(void *self, struct http_exchange *exchange)
{
	struct str target = http_exchange_target(exchange);
	char text[300];

	if (str_eq(target, STR("/held"))) {
		held = exchange;
	} else if (str_eq(target, STR("/stream"))) {
		held = exchange;
		http_exchange_begin(exchange, 200, STR("text/event-stream"));
		assert_true(http_exchange_write(exchange, STR("one\n")));
	} else if (str_eq(target, STR("/cut"))) {
		http_exchange_cut(exchange);
	} else if (str_eq(target, STR("/empty"))) {
		http_exchange_answer(exchange, 200, STR(""), BUF_INIT(0));
	} else if (str_eq(target, STR("/big")) || str_eq(target, STR("/huge"))) {
		struct buf bytes = BUF_INIT(2 * HUGE_BYTES);
		size_t n = str_eq(target, STR("/big")) ? 16 * KIB : HUGE_BYTES;
		while (bytes.n < n)
			buf_str(&bytes, STR("much of the same "));
		http_exchange_answer(exchange, 200, STR("text/plain"), bytes);
	} else {
		snprintf(text, sizeof text, STR_FMT " " STR_FMT " " STR_FMT,
			 STR_ARG(http_exchange_method(exchange)), STR_ARG(target),
			 STR_ARG(http_exchange_body(exchange)));
		answer_text(exchange, text);
	}
}

static void on_gone(void *self, struct http_exchange *exchange)
{
	gone++;
	if (exchange == held)
		held = NULL;
}

static void on_drained(void *self, struct http_exchange *exchange)
{
	assert_int_equal(http_exchange_backlog(exchange), 0);
	drained++;
}

static void serve(struct http_server_limits limits)
{
	struct err err = {0};

	held = NULL;
	gone = drained = 0;
	server = http_server_new(&loop,
				 (struct http_server_handler){.on_request = on_request,
							      .on_gone = on_gone,
							      .on_drained = on_drained},
				 limits);
	assert_works(http_server_listen(server, STR("127.0.0.1:0"), &err), &err);
}

static int begin(void **state)
{
	loop_init(&loop,
		  (struct loop_handler){.on_deadline = no_deadline, .on_interrupt = no_interrupt});
	serve(HTTP_SERVER_LIMITS);
	return 0;
}

static int end(void **state)
{
	http_server_free(server);
	loop_release(&loop);
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 5; i++)
		uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static int connected(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct str address = http_server_address(server), rest = address, piece;
	uint64_t port;

	while (str_cut(&rest, ':', &piece))
		;
	assert_true(str_to_u64(piece, &port));
	at.sin_port = htons((uint16_t)port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn();
}

/* Takes what is there after a turn of the loop; false: that was the end. */
static bool take(int fd, struct buf *got)
{
	size_t room;
	char *p = buf_space(got, 64 * KIB, &room);

	turn();
	ssize_t n = recv(fd, p, room, MSG_DONTWAIT);
	if (n > 0)
		buf_commit(got, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

/* Waits for a text in what comes; false: it ended without. */
static bool comes(int fd, const char *text, struct buf *got)
{
	while (!str_find(buf_view(got), str_of(text), NULL))
		if (!take(fd, got))
			return false;
	return true;
}

static void a_request_is_answered_and_the_connection_kept(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /echo?a=b HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(comes(fd, "GET /echo?a=b ", &got));
	assert_true(str_find(buf_view(&got), STR("HTTP/1.1 200 OK\r\n"), NULL));
	assert_true(str_find(buf_view(&got), STR("Content-Length: 14\r\n"), NULL));
	buf_clear(&got);
	send_text(fd, "POST /echo HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");
	send_text(fd, "dy");
	assert_true(comes(fd, "POST /echo body", &got));
	buf_clear(&got);
	send_text(fd, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc");
	send_text(fd, "\r\n0\r\n\r\n");
	assert_true(comes(fd, "POST /echo abc", &got));
	close(fd);
}

static void requests_in_a_row_are_answered_in_their_order(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n"
		      "Connection: close\r\n\r\n");
	assert_true(comes(fd, "/3", &got));
	size_t first, second;
	assert_true(str_find(buf_view(&got), STR("/1"), &first));
	assert_true(str_find(buf_view(&got), STR("/2"), &second));
	assert_true(first < second);
	assert_false(comes(fd, "the end", &got));
	close(fd);
}

static void an_answer_to_head_has_no_body(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "HEAD /echo HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "Content-Length: 11\r\n", &got));
	send_text(fd, "GET /next HTTP/1.1\r\nConnection: close\r\n\r\n");
	assert_true(comes(fd, "GET /next", &got));
	assert_false(str_find(buf_view(&got), STR("HEAD /echo"), NULL));
	close(fd);
}

static void an_answer_may_be_empty(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /empty HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "Content-Length: 0\r\n\r\n", &got));
	close(fd);
}

static void a_huge_answer_comes_as_a_whole(void **state)
{
	auto_buf struct buf got = BUF_INIT(2 * HUGE_BYTES);
	int fd = connected();

	send_text(fd, "GET /huge HTTP/1.1\r\nConnection: close\r\n\r\n");
	while (take(fd, &got))
		;
	assert_true(got.n > HUGE_BYTES);
	assert_true(str_ends(buf_view(&got), STR("much of the same ")));
	close(fd);
}

static void an_answer_may_come_later(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /held HTTP/1.1\r\n\r\n");
	while (!held)
		turn();
	answer_text(held, "at last");
	assert_true(comes(fd, "at last", &got));
	close(fd);
}

static void who_leaves_before_the_answer_is_told_of(void **state)
{
	int fd = connected();

	send_text(fd, "GET /held HTTP/1.1\r\n\r\n");
	while (!held)
		turn();
	close(fd);
	while (!gone)
		turn();
	assert_null(held);
}

/* The server's end of it is closed, though the last words and the leave came at once. */
static void who_leaves_in_the_middle_of_a_head_takes_no_room(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);

	http_server_free(server);
	serve((struct http_server_limits){.connections = 1, .idle_s = 120});
	int fd = connected();
	const char words[] = "GET /held HT";
	assert_int_equal(send(fd, words, sizeof words - 1, MSG_NOSIGNAL), sizeof words - 1);
	close(fd);
	fd = connected();
	send_text(fd, "GET /next HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "/next", &got));
	close(fd);
}

static void who_says_that_it_was_all_is_answered(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();
	const char words[] = "GET /all HTTP/1.1\r\n\r\n";

	assert_int_equal(send(fd, words, sizeof words - 1, MSG_NOSIGNAL), sizeof words - 1);
	shutdown(fd, SHUT_WR);
	assert_true(comes(fd, "/all", &got));
	assert_false(comes(fd, "the end", &got));
	close(fd);
}

static void who_leaves_a_stream_is_told_of(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /stream HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "one", &got));
	close(fd);
	while (!gone)
		turn();
	assert_null(held);
}

static void a_stream_says_nothing_before_it_begins(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	char byte;
	int fd = connected();

	send_text(fd, "GET /held HTTP/1.1\r\n\r\n");
	while (!held)
		turn();
	turn();
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	http_exchange_begin(held, 200, STR("text/event-stream"));
	assert_true(comes(fd, "\r\n\r\n", &got));
	assert_true(str_ends(buf_view(&got), STR("\r\n\r\n")));
	assert_true(http_exchange_write(held, STR("one\n")));
	assert_true(comes(fd, "4\r\none\n\r\n", &got));
	close(fd);
}

static void who_knows_no_chunks_gets_a_stream_without(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /stream HTTP/1.0\r\n\r\n");
	assert_true(comes(fd, "\r\n\r\none\n", &got));
	http_exchange_end(held);
	assert_false(comes(fd, "the end", &got));
	assert_true(str_ends(buf_view(&got), STR("one\n")));
	close(fd);
}

static void a_stream_comes_piece_by_piece(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /stream HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n");
	assert_true(comes(fd, "\r\n4\r\none\n\r\n", &got));
	assert_true(http_exchange_write(held, STR("two\n")));
	assert_true(comes(fd, "4\r\ntwo\n\r\n", &got));
	assert_true(drained > 0);
	http_exchange_end(held);
	assert_true(comes(fd, "0\r\n\r\n", &got));
	assert_false(str_find(buf_view(&got), STR("gzip"), NULL));
	close(fd);
}

static void a_cut_stream_has_no_end(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /stream HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "one", &got));
	http_exchange_cut(held);
	assert_false(comes(fd, "0\r\n\r\n", &got));
	assert_int_equal(gone, 0);
	close(fd);
	buf_clear(&got);
	fd = connected();
	send_text(fd, "GET /cut HTTP/1.1\r\n\r\n");
	assert_false(comes(fd, "HTTP", &got));
	close(fd);
	fd = connected();
	held = NULL;
	send_text(fd, "GET /held HTTP/1.1\r\n\r\n");
	while (!held)
		turn();
	http_exchange_cut(held);
	assert_false(comes(fd, "HTTP", &got));
	assert_int_equal(gone, 0);
	close(fd);
}

static void who_asks_for_gzip_gets_it(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	int fd = connected();

	send_text(fd, "GET /big HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n");
	assert_true(comes(fd, "Content-Encoding: gzip\r\n", &got));
	close(fd);
	buf_clear(&got);
	fd = connected();
	send_text(fd, "GET /big HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "much of the same", &got));
	close(fd);
}

static void what_is_wrong_is_told_and_ends_the_connection(void **state)
{
	static const char *const cases[][2] = {
		{"GET / HTTP/2.0\r\n\r\n", "HTTP/1.1 505 "},
		{"GET / nonsense\r\n\r\n", "HTTP/1.1 400 "},
		{"GET / HTTP/1.1\r\nnonsense\r\n\r\n", "HTTP/1.1 400 "},
		{"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413 "},
		{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "HTTP/1.1 400 "},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		auto_buf struct buf got = BUF_INIT(1 * MIB);
		int fd = connected();
		send_text(fd, cases[i][0]);
		assert_true(comes(fd, cases[i][1], &got));
		assert_false(comes(fd, "the end", &got));
		close(fd);
	}
}

static void a_head_has_a_limit(void **state)
{
	auto_buf struct buf head = BUF_INIT(1 * MIB), got = BUF_INIT(1 * MIB);
	int fd = connected();

	buf_str(&head, STR("GET / HTTP/1.1\r\n"));
	while (head.n < HTTP_SERVER_HEAD_BYTES_MAX)
		buf_str(&head, STR("Header: much of the same\r\n"));
	send_text(fd, buf_cstr(&head));
	assert_true(comes(fd, "HTTP/1.1 431 ", &got));
	close(fd);
}

static void a_target_has_a_limit(void **state)
{
	auto_buf struct buf head = BUF_INIT(1 * MIB), got = BUF_INIT(1 * MIB);
	int fd = connected();

	buf_str(&head, STR("GET /"));
	while (head.n < HTTP_SERVER_HEAD_BYTES_MAX)
		buf_str(&head, STR("much/of/the/same/"));
	send_text(fd, buf_cstr(&head));
	assert_true(comes(fd, "HTTP/1.1 414 ", &got));
	close(fd);
}

static void a_body_in_chunks_has_a_limit(void **state)
{
	auto_buf struct buf chunk = BUF_INIT(1 * MIB), got = BUF_INIT(1 * MIB);
	int fd = connected();
	ssize_t n = 0;

	buf_str(&chunk, STR("10000\r\n"));
	for (int i = 0; i < 0x10000; i++)
		buf_char(&chunk, 'x');
	buf_str(&chunk, STR("\r\n"));
	send_text(fd, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t at = 0, sent = 0; n >= 0 || errno == EAGAIN; at %= chunk.n) {
		assert_true(sent < 2 * HTTP_SERVER_BODY_BYTES_MAX);
		n = send(fd, chunk.p + at, chunk.n - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		at += n > 0 ? (size_t)n : 0;
		sent += n > 0 ? (size_t)n : 0;
		turn();
	}
	close(fd);
}

/* Writes until the server has enough of a client that reads nothing. */
static void a_streams_backlog_has_a_limit(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB), piece = BUF_INIT(1 * MIB);
	int fd = connected();
	size_t written = 0;

	send_text(fd, "GET /stream HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "one", &got));
	while (piece.n < 512 * KIB)
		buf_str(&piece, STR("much of the same "));
	while (http_exchange_write(held, buf_view(&piece))) {
		written += piece.n;
		assert_true(written < 2 * HTTP_SERVER_BACKLOG_BYTES_MAX);
		assert_true(http_exchange_backlog(held) <= HTTP_SERVER_BACKLOG_BYTES_MAX);
		turn();
	}
	assert_true(written > HTTP_SERVER_BACKLOG_BYTES_MAX / 2);
	assert_int_equal(gone, 0);
	while (take(fd, &got))
		buf_clear(&got);
	close(fd);
}

static void one_too_many_waits_for_another_to_leave(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	char byte;

	http_server_free(server);
	serve((struct http_server_limits){.connections = 2, .idle_s = 120});
	int first = connected(), second = connected();
	send_text(first, "GET /held HTTP/1.1\r\n\r\n");
	send_text(second, "GET /second HTTP/1.1\r\n\r\n");
	assert_true(comes(second, "/second", &got));
	int third = connected();
	send_text(third, "GET /third HTTP/1.1\r\n\r\n");
	turn();
	assert_int_equal(recv(third, &byte, 1, MSG_DONTWAIT), -1);
	close(second);
	assert_true(comes(third, "/third", &got));
	close(first);
	close(third);
}

static void who_is_idle_is_cut_and_who_waits_for_an_answer_is_not(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);

	http_server_free(server);
	serve((struct http_server_limits){.connections = 4, .idle_s = 1});
	int patient = connected(), silent = connected(), slow = connected();
	send_text(patient, "GET /held HTTP/1.1\r\n\r\n");
	send_text(slow, "GET /slow HT");
	assert_false(comes(silent, "HTTP", &got));
	assert_false(comes(slow, "HTTP", &got));
	assert_int_equal(gone, 0);
	answer_text(held, "at last");
	assert_true(comes(patient, "at last", &got));
	close(patient);
	close(silent);
	close(slow);
}

static void a_unix_socket_is_its_owners_alone(void **state)
{
	auto_buf struct buf got = BUF_INIT(1 * MIB);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char address[150];
	struct err err = {0};

	snprintf(at.sun_path, sizeof at.sun_path, "/tmp/tiphys-test-%d.sock", (int)getpid());
	snprintf(address, sizeof address, "unix:%s", at.sun_path);
	assert_works(http_server_listen(server, str_of(address), &err), &err);
	assert_true(http_server_listen(server, str_of(address), &err) < 0);
	assert_int_equal(err.code, E_CONFLICT);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	send_text(fd, "GET /echo HTTP/1.1\r\n\r\n");
	assert_true(comes(fd, "GET /echo", &got));
	close(fd);
}

static void only_this_machine_is_listened_to(void **state)
{
	struct err err = {0};

	assert_fails(http_server_listen(server, STR("0.0.0.0:0"), &err), &err, E_USAGE,
		     "'0.0.0.0:0' is no address of this machine alone (127.0.0.1, ::1)");
	assert_fails(http_server_listen(server, STR("8080"), &err), &err, E_USAGE,
		     "'8080' is no address: host:port is wanted");
	assert_true(http_server_listen(server, http_server_address(server), &err) < 0);
	assert_int_equal(err.code, E_CONFLICT);
}

#define IN_LOOP(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_LOOP(a_request_is_answered_and_the_connection_kept),
		IN_LOOP(requests_in_a_row_are_answered_in_their_order),
		IN_LOOP(an_answer_to_head_has_no_body),
		IN_LOOP(an_answer_may_be_empty),
		IN_LOOP(a_huge_answer_comes_as_a_whole),
		IN_LOOP(an_answer_may_come_later),
		IN_LOOP(who_leaves_before_the_answer_is_told_of),
		IN_LOOP(who_leaves_in_the_middle_of_a_head_takes_no_room),
		IN_LOOP(who_says_that_it_was_all_is_answered),
		IN_LOOP(who_leaves_a_stream_is_told_of),
		IN_LOOP(a_stream_says_nothing_before_it_begins),
		IN_LOOP(who_knows_no_chunks_gets_a_stream_without),
		IN_LOOP(a_stream_comes_piece_by_piece),
		IN_LOOP(a_cut_stream_has_no_end),
		IN_LOOP(who_asks_for_gzip_gets_it),
		IN_LOOP(what_is_wrong_is_told_and_ends_the_connection),
		IN_LOOP(a_head_has_a_limit),
		IN_LOOP(a_target_has_a_limit),
		IN_LOOP(a_body_in_chunks_has_a_limit),
		IN_LOOP(a_streams_backlog_has_a_limit),
		IN_LOOP(one_too_many_waits_for_another_to_leave),
		IN_LOOP(who_is_idle_is_cut_and_who_waits_for_an_answer_is_not),
		IN_LOOP(a_unix_socket_is_its_owners_alone),
		IN_LOOP(only_this_machine_is_listened_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
