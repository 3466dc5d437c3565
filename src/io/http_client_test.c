#include "io/http_client.h"

#include "testing.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/check.h"
#include "io/file.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The other side: a child process that reads requests from each connection, one at a time, and
 * answers by the path. Its answers are written out byte for byte, because half of them are wrong.
 */

static struct shared {
	int posts; /* seen so far, on any connection */
	int connections;
} * shared;

static void say(int fd, const char *text)
{
	size_t n = strlen(text);
	while (n > 0) {
		ssize_t written = write(fd, text, n);
		if (written <= 0)
			_exit(0);
		text += written;
		n -= (size_t)written;
	}
}

static void say_body(int fd, const char *body)
{
	char head[128];
	snprintf(head, sizeof head,
		 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		 strlen(body));
	say(fd, head);
	say(fd, body);
}

static void say_compressed(int fd)
{
	/* printf hello | gzip -n9 */
	static const char gz[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
		"\x86\xa6\x10\x36\x05\x00\x00\x00";
	say(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n");
	if (write(fd, gz, 25) != 25)
		_exit(0);
}

static void say_stream(int fd, bool is_kept_alive)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
		"Transfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n");
	for (int i = 0; i < 5; i++) {
		usleep(100'000);
		if (is_kept_alive)
			say(fd, "2\r\n:\n\r\n");
	}
	if (is_kept_alive)
		say(fd, "8\r\ndata: 2\n\r\n0\r\n\r\n");
}

static const char redirect[] = "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://there/x\r\n"
			       "Content-Length: 0\r\n\r\n";
static const char html[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
			   "Content-Length: 6\r\n\r\n<html>";
static const char cookie[] =
	"HTTP/1.1 200 OK\r\nSet-Cookie: other=a.b.c\r\n"
	"Set-Cookie: argocd.token=new.jwt.token; path=/; SameSite=lax; httpOnly; Secure\r\n"
	"Content-Length: 0\r\n\r\n";

/* True: keep the connection. */
static bool answer(int fd, const char *request, const char *path)
{
	if (strcmp(path, "/root/echo") == 0)
		say_body(fd, request);
	else if (strcmp(path, "/root/gzip") == 0)
		say_compressed(fd);
	else if (strcmp(path, "/root/redirect") == 0)
		say(fd, redirect);
	else if (strcmp(path, "/root/html") == 0)
		say(fd, html);
	else if (strcmp(path, "/root/cookie") == 0)
		say(fd, cookie);
	else if (strcmp(path, "/root/stream") == 0)
		say_stream(fd, true);
	else if (strcmp(path, "/root/silent-stream") == 0)
		say_stream(fd, false);
	else if (strcmp(path, "/root/never") == 0)
		usleep(2'000'000);
	else if (strcmp(path, "/root/truncated") == 0)
		return say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), false;
	else if (strcmp(path, "/root/chunk") == 0)
		return say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"),
		       false;
	else if (strcmp(path, "/root/api/version") == 0)
		say_body(fd, "{\"Version\":\"v0\"}");
	else if (strcmp(path, "/root/garbage") == 0)
		return say(fd, "\x15\x03\x01\x00\x02\x02\x46"), false;
	else
		return false; /* closed without a word */
	return true;
}

static size_t content_length(struct str request)
{
	size_t at;
	uint64_t length = 0;
	if (str_find(request, STR("Content-Length: "), &at)) {
		struct str line;
		request = str_after(request, at + strlen("Content-Length: "));
		str_cut(&request, '\r', &line);
		check(str_to_u64(line, &length));
	}
	return (size_t)length;
}

/* A whole request or none. */
static bool read_request(int fd, char *request, size_t room)
{
	size_t n = 0;
	for (;;) {
		request[n] = '\0';
		const char *end = strstr(request, "\r\n\r\n");
		if (end && n >= (size_t)(end - request) + 4 + content_length(str_of(request)))
			return true;
		ssize_t got = read(fd, request + n, room - 1 - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
}

static void serve_connection(int fd)
{
	char request[16'384], first;
	if (recv(fd, &first, 1, MSG_PEEK) != 1 || first == 0x16)
		_exit(0); /* hangs up on TLS, as Argo CD does when it speaks plain HTTP */
	while (read_request(fd, request, sizeof request)) {
		struct str rest = str_of(request), method, path;
		str_cut(&rest, ' ', &method);
		str_cut(&rest, ' ', &path);
		shared->posts += str_eq(method, STR("POST"));
		char *path_text = mem_copy(path);
		bool is_kept = answer(fd, request, path_text);
		mem_free(path_text);
		if (!is_kept)
			break;
	}
	close(fd);
}

struct peer {
	pid_t pid;
	char address[64];
};

static struct peer plain, tls;
static char folder[] = "/tmp/http_client_test.XXXXXX";
static char ca_file[64];

static int listen_on_loopback(struct peer *peer)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t n = sizeof address;
	check(bind(fd, (struct sockaddr *)&address, n) == 0);
	check(listen(fd, 64) == 0);
	check(getsockname(fd, (struct sockaddr *)&address, &n) == 0);
	snprintf(peer->address, sizeof peer->address, "127.0.0.1:%u", ntohs(address.sin_port));
	return fd;
}

static void start_plain_server(void)
{
	int listener = listen_on_loopback(&plain);
	plain.pid = fork();
	if (plain.pid > 0) {
		close(listener);
		return;
	}
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(0);
		shared->connections++;
		if (fork() == 0) {
			close(listener);
			serve_connection(fd);
			_exit(0);
		}
		close(fd);
	}
}

static void run_program(const char *const *argv)
{
	pid_t pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	int status;
	check(waitpid(pid, &status, 0) == pid);
	check(status == 0);
}

static void make_certificate(void)
{
	static const char *const argv[] = {
		"openssl",
		"req",
		"-x509",
		"-newkey",
		"ec",
		"-pkeyopt",
		"ec_paramgen_curve:P-256",
		"-nodes",
		"-days",
		"2",
		"-keyout",
		"key.pem",
		"-out",
		"cert.pem",
		"-subj",
		"/CN=test",
		"-addext",
		"subjectAltName=IP:127.0.0.1",
		NULL,
	};
	run_program(argv);
}

/* openssl's own test server, on a port of its choice. */
static void start_tls_server(void)
{
	int out[2];
	check(pipe(out) == 0);
	tls.pid = fork();
	if (tls.pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(STDERR_FILENO);
		execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert",
		       "cert.pem", "-key", "key.pem", "-www", NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *lines = fdopen(out[0], "r");
	char text[256];
	while (fgets(text, sizeof text, lines)) {
		struct str line = str_trim(str_of(text)), prefix = STR("ACCEPT ");
		if (!str_starts(line, prefix))
			continue;
		snprintf(tls.address, sizeof tls.address, STR_FMT,
			 STR_ARG(str_after(line, prefix.n)));
		break;
	}
	check(*tls.address);
	fclose(lines);
}

static int start_servers(void **state)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	check(shared != MAP_FAILED);
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	snprintf(ca_file, sizeof ca_file, "%s/cert.pem", folder);
	make_certificate();
	start_plain_server();
	start_tls_server();
	return 0;
}

static int stop_servers(void **state)
{
	kill(plain.pid, SIGKILL);
	kill(tls.pid, SIGKILL);
	waitpid(plain.pid, NULL, 0);
	waitpid(tls.pid, NULL, 0);
	unlink("cert.pem");
	unlink("key.pem");
	return rmdir(folder);
}

/* Our side: one client in a loop of its own. */

struct got {
	struct loop *loop;
	struct buf body;
	struct http_end end;
	struct arena arena; /* holds the texts of `end` */
	int ends, place;    /* the first to end has 1 */
	int *still_open;    /* stops the loop at 0 */
	int *ended;
};

static void on_bytes(void *self, struct str bytes)
{
	struct got *got = self;
	buf_str(&got->body, bytes);
}

static void on_end(void *self, const struct http_end *end)
{
	struct got *got = self;
	got->ends++;
	got->place = ++*got->ended;
	got->end = *end;
	got->end.content_type = arena_copy(&got->arena, end->content_type);
	got->end.location = arena_copy(&got->arena, end->location);
	got->end.message = arena_copy(&got->arena, end->message);
	if (--*got->still_open == 0)
		loop_stop(got->loop);
}

static void never(void *self)
{
	fail();
}

static void never_interrupted(void *self, int code)
{
	fail();
}

struct client {
	struct loop loop;
	struct http_client *http;
	struct got got[64];
	int sent, still_open, ended;
};

static struct server server_at(const char *address)
{
	return (struct server){
		.address = str_of(address),
		.root_path = STR("/root"),
		.user_agent = STR("tiphys/0"),
		.is_plaintext = true,
	};
}

static struct client *open_client(const struct server *server)
{
	struct client *client = mem_zalloc(sizeof *client);
	loop_init(&client->loop,
		  (struct loop_handler){.on_deadline = never, .on_interrupt = never_interrupted});
	client->http = http_client_new(&client->loop, server);
	return client;
}

static struct got *send_request(struct client *client, const struct http_request *request)
{
	struct got *got = &client->got[client->sent++];
	*got = (struct got){
		.loop = &client->loop,
		.body = BUF_INIT(MIB),
		.still_open = &client->still_open,
		.ended = &client->ended,
	};
	client->still_open++;
	http_client_send(
		client->http, request,
		(struct http_handler){.self = got, .on_bytes = on_bytes, .on_end = on_end});
	assert_int_equal(got->ends, 0);
	return got;
}

static struct got *get(struct client *client, const char *path)
{
	struct got *got = send_request(client, &(struct http_request){.method = "GET",
								      .target = str_of(path),
								      .timeout_ms = 5'000});
	loop_run(&client->loop);
	assert_int_equal(got->ends, 1);
	return got;
}

static void close_client(struct client *client)
{
	http_client_free(client->http);
	loop_release(&client->loop);
	for (int i = 0; i < client->sent; i++) {
		buf_release(&client->got[i].body);
		arena_release(&client->got[i].arena);
	}
	mem_free(client);
}

/* One GET with a client of its own, and how it must end. */
static void expect(const struct server *server, const char *path, enum http_failure failure,
		   int status)
{
	struct client *client = open_client(server);
	const struct got *got = get(client, path);
	if (failure != got->end.failure)
		print_error("%s: " STR_FMT "\n", path, STR_ARG(got->end.message));
	assert_int_equal(got->end.failure, failure);
	assert_int_equal(got->end.status, status);
	assert_int_equal(str_empty(got->end.message), failure == HTTP_OK);
	close_client(client);
}

static void has_line(const struct got *got, const char *line)
{
	if (!str_find(buf_view(&got->body), str_of(line), NULL))
		fail_msg("no \"%s\" in:\n%s", line, buf_cstr(&got->body));
}

static void has_no(const struct got *got, const char *text)
{
	if (str_find(buf_view(&got->body), str_of(text), NULL))
		fail_msg("\"%s\" in:\n%s", text, buf_cstr(&got->body));
}

/* The tests. */

static void a_get_carries_what_belongs_to_the_connection(void **state)
{
	struct server server = server_at(plain.address);
	const struct str headers[] = {STR("X-Extra: 1"), STR("X-Empty:")};
	server.token = STR("a.b.c");
	server.headers = headers;
	server.header_count = COUNTOF(headers);
	struct client *client = open_client(&server);
	const struct got *got = get(client, "/echo");
	assert_int_equal(got->end.failure, HTTP_OK);
	assert_int_equal(got->end.status, 200);
	assert_str(got->end.content_type, "application/json");
	has_line(got, "GET /root/echo HTTP/1.1\r\n");
	has_line(got, "\r\nAuthorization: Bearer a.b.c\r\n");
	has_line(got, "\r\nX-Extra: 1\r\n");
	has_line(got, "\r\nX-Empty:");
	has_line(got, "\r\nUser-Agent: tiphys/0\r\n");
	has_line(got, "\r\nAccept: application/json\r\n");
	has_line(got, "\r\nAccept-Encoding: gzip\r\n");
	has_no(got, "Content-Type");
	has_no(got, "Grpc-Timeout");
	close_client(client);
}

static void an_anonymous_get_carries_no_credentials(void **state)
{
	struct server server = server_at(plain.address);
	const struct str headers[] = {STR("X-Extra: 1"), STR("authorization: Basic x"),
				      STR("Cookie:y=z")};
	server.token = STR("a.b.c");
	server.headers = headers;
	server.header_count = COUNTOF(headers);
	struct client *client = open_client(&server);
	const struct got *got = send_request(client, &(struct http_request){.method = "GET",
									    .target = STR("/echo"),
									    .is_anonymous = true});
	loop_run(&client->loop);
	has_line(got, "\r\nX-Extra: 1\r\n");
	has_no(got, "uthorization");
	has_no(got, "Cookie");
	close_client(client);
}

static void a_proxys_authorization_leaves_room_for_the_token(void **state)
{
	struct server server = server_at(plain.address);
	const struct str headers[] = {STR("Authorization: Basic x")};
	server.token = STR("a.b.c");
	server.headers = headers;
	server.header_count = COUNTOF(headers);
	struct client *client = open_client(&server);
	const struct got *got = get(client, "/echo");
	has_line(got, "\r\nAuthorization: Basic x\r\n");
	has_line(got, "\r\nCookie: argocd.token=a.b.c\r\n");
	has_no(got, "Bearer");
	close_client(client);
}

static void this_machine_is_reached_without_a_proxy(void **state)
{
	struct server server = server_at(plain.address);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	expect(&server, "/echo", HTTP_OK, 200);
	unsetenv("http_proxy");
}

static void what_no_url_can_be_made_of_is_not_valid(void **state)
{
	struct server server = server_at("host:80");
	assert_true(http_server_is_valid(&server));
	server.root_path = STR("/a b");
	assert_false(http_server_is_valid(&server));
	server.root_path = STR("/a?b");
	assert_false(http_server_is_valid(&server));
	server = server_at("ho st");
	assert_false(http_server_is_valid(&server));
	server = server_at("[::1]:99999");
	assert_false(http_server_is_valid(&server));
}

static void a_post_carries_its_body_and_its_deadline(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	const struct got *got = send_request(client,
					     &(struct http_request){.method = "POST",
								    .target = STR("/echo"),
								    .body = STR("{\"a\":1}"),
								    .server_timeout_s = 7});
	loop_run(&client->loop);
	has_line(got, "POST /root/echo HTTP/1.1\r\n");
	has_line(got, "\r\nContent-Type: application/json\r\n");
	has_line(got, "\r\nContent-Length: 7\r\n");
	has_line(got, "\r\nGrpc-Timeout: 7S\r\n");
	has_line(got, "\r\n\r\n{\"a\":1}");
	has_no(got, "Expect");
	has_no(got, "Authorization");
	close_client(client);
}

static void a_delete_says_what_it_would_carry(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	const struct got *got = send_request(
		client, &(struct http_request){.method = "DELETE", .target = STR("/echo")});
	loop_run(&client->loop);
	has_line(got, "DELETE /root/echo HTTP/1.1\r\n");
	has_line(got, "\r\nContent-Type: application/json\r\n");
	got = send_request(client, &(struct http_request){.method = "GET", .target = STR("/echo")});
	loop_run(&client->loop);
	has_line(got, "GET /root/echo HTTP/1.1\r\n");
	has_no(got, "Content-Type");
	close_client(client);
}

static void many_requests_share_a_few_connections(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	int before = shared->connections;
	for (int i = 0; i < 4; i++)
		assert_int_equal(get(client, "/echo")->end.failure, HTTP_OK);
	assert_int_equal(shared->connections - before, 1);
	struct http_request request = {.method = "GET", .target = STR("/echo")};
	for (int i = 0; i < 4; i++)
		send_request(client, &request);
	loop_run(&client->loop);
	for (int i = 4; i < 8; i++)
		assert_int_equal(client->got[i].end.failure, HTTP_OK);
	assert_int_equal(shared->connections - before, 4);
	close_client(client);
}

static const struct http_request never_answered = {
	.method = "GET",
	.target = STR("/never"),
	.timeout_ms = 30'000,
};

/* As many as may be under way, but `room`; they are given up with the client. */
static void fill_but(struct client *client, int room)
{
	for (int i = 0; i < HTTP_REQUESTS_MAX - room; i++)
		send_request(client, &never_answered);
	client->still_open = 0;
}

static void more_requests_wait_until_one_has_ended_and_posts_come_first(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	struct http_request soon = never_answered;
	soon.timeout_ms = 600;
	fill_but(client, 1);
	const struct got *first = send_request(client, &soon);
	/* Less time than it waits: its own begins when it leaves. */
	const struct got *third = send_request(
		client,
		&(struct http_request){.method = "GET", .target = STR("/echo"), .timeout_ms = 500});
	const struct got *second = send_request(client,
						&(struct http_request){.method = "POST",
								       .target = STR("/echo"),
								       .body = STR("{}"),
								       .timeout_ms = 500});
	loop_run(&client->loop);
	assert_int_equal(first->end.failure, HTTP_TIMEOUT);
	assert_int_equal(first->place, 1);
	assert_int_equal(second->end.failure, HTTP_OK);
	has_line(second, "{}");
	assert_int_equal(second->place, 2);
	assert_int_equal(third->end.failure, HTTP_OK);
	assert_int_equal(third->place, 3);
	close_client(client);
}

static void a_stream_waits_for_no_request(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	fill_but(client, 0);
	const struct got *got = send_request(
		client, &(struct http_request){
				.method = "GET", .target = STR("/stream"), .is_stream = true});
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_OK);
	assert_int_equal(got->place, 1);
	close_client(client);
}

static void what_is_given_up_is_not_heard_of_and_makes_room(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	struct http_request echo = {.method = "GET", .target = STR("/echo"), .timeout_ms = 5'000};
	fill_but(client, 0);
	const struct got *waiting = send_request(client, &echo),
			 *next = send_request(client, &echo);
	client->still_open = 1;
	http_client_cancel(client->http, waiting);
	http_client_cancel(client->http, &client->got[7]);
	loop_run(&client->loop);
	assert_int_equal(next->end.failure, HTTP_OK);
	assert_int_equal(waiting->ends, 0);
	assert_int_equal(client->got[7].ends, 0);
	close_client(client);
}

static void compressed_bytes_arrive_as_they_were(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	assert_str(buf_view(&get(client, "/gzip")->body), "hello");
	close_client(client);
}

static void an_answer_is_an_answer_whatever_it_says(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	const struct got *got = get(client, "/redirect");
	assert_int_equal(got->end.failure, HTTP_OK);
	assert_int_equal(got->end.status, 307);
	assert_str(got->end.location, "https://there/x");
	got = get(client, "/html");
	assert_int_equal(got->end.failure, HTTP_OK);
	assert_str(got->end.content_type, "text/html; charset=utf-8");
	assert_str(buf_view(&got->body), "<html>");
	close_client(client);
}

static void a_cookie_renews_the_token(void **state)
{
	struct server server = server_at(plain.address);
	server.token = STR("a.b.c");
	struct client *client = open_client(&server);
	get(client, "/cookie");
	assert_str(http_client_token(client->http), "new.jwt.token");
	has_line(get(client, "/echo"), "\r\nAuthorization: Bearer new.jwt.token\r\n");
	http_client_set_token(client->http, STR("d.e.f"));
	has_line(get(client, "/echo"), "\r\nAuthorization: Bearer d.e.f\r\n");
	close_client(client);
}

static void a_connection_that_ends_too_soon_is_cut(void **state)
{
	struct server server = server_at(plain.address);
	expect(&server, "/truncated", HTTP_CUT, 200);
	expect(&server, "/chunk", HTTP_CUT, 200);
	expect(&server, "/close", HTTP_CUT, 0);
}

static void a_post_is_never_sent_twice(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	get(client, "/echo"); /* so that there is a kept connection */
	int before = shared->posts;
	const struct got *got = send_request(client, &(struct http_request){.method = "POST",
									    .target = STR("/close"),
									    .body = STR("{}")});
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_CUT);
	assert_int_equal(shared->posts - before, 1);
	close_client(client);
}

static void no_answer_in_time_is_a_timeout(void **state)
{
	struct server server = server_at(plain.address);
	struct client *client = open_client(&server);
	const struct got *got = send_request(client, &(struct http_request){.method = "GET",
									    .target = STR("/never"),
									    .timeout_ms = 100});
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_TIMEOUT);
	assert_int_equal(got->end.status, 0);
	close_client(client);
}

static const struct http_request stream = {
	.method = "GET",
	.target = {"/stream", 7},
	.is_stream = true,
};

static void a_stream_lives_as_long_as_it_shows_signs_of_life(void **state)
{
	struct server server = server_at(plain.address);
	server.silence_timeout_ms = 300;
	struct client *client = open_client(&server);
	const struct got *got = send_request(client, &stream);
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_OK);
	assert_str(got->end.content_type, "text/event-stream");
	assert_str(buf_view(&got->body), "data: 1\n:\n:\n:\n:\n:\ndata: 2\n");
	close_client(client);
}

static void a_stream_that_goes_silent_is_cut(void **state)
{
	struct server server = server_at(plain.address);
	server.silence_timeout_ms = 200;
	struct client *client = open_client(&server);
	struct http_request silent = stream;
	silent.target = STR("/silent-stream");
	const struct got *got = send_request(client, &silent);
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_CUT);
	assert_str(got->end.message, "the stream has gone silent");
	assert_str(buf_view(&got->body), "data: 1\n");
	close_client(client);
}

static void a_stream_may_be_silent_before_its_first_byte(void **state)
{
	struct server server = server_at(plain.address);
	server.silence_timeout_ms = 100;
	struct client *client = open_client(&server);
	struct http_request silent = stream;
	silent.target = STR("/never");
	const struct got *late = send_request(client, &silent);
	const struct got *got = send_request(client, &(struct http_request){.method = "GET",
									    .target = STR("/never"),
									    .timeout_ms = 500});
	client->still_open--; /* the stream is given up with the client */
	loop_run(&client->loop);
	assert_int_equal(got->end.failure, HTTP_TIMEOUT);
	assert_int_equal(late->ends, 0);
	close_client(client);
	/* And after that its handler was not called, or this would be a use after free. */
}

static void nobody_there_is_unreachable(void **state)
{
	struct peer gone;
	close(listen_on_loopback(&gone));
	struct server server = server_at(gone.address);
	struct client *client = open_client(&server);
	const struct got *got = get(client, "/echo");
	assert_int_equal(got->end.failure, HTTP_UNREACHABLE);
	assert_true(str_ends(got->end.message, STR(": Connection refused")));
	close_client(client);
}

static void an_unknown_host_has_a_name_of_its_own(void **state)
{
	/* A label of 64 letters is refused before anybody is asked. */
	char name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid";
	struct server server = server_at(name);
	expect(&server, "/echo", HTTP_NO_HOST, 0);
}

static struct server tls_server(void)
{
	struct server server = server_at(tls.address);
	server.is_plaintext = false;
	server.root_path = STR("");
	return server;
}

static void a_certificate_must_be_trusted(void **state)
{
	struct server server = tls_server();
	expect(&server, "/", HTTP_BAD_CERTIFICATE, 0);

	auto_buf struct buf pem = BUF_INIT(MIB);
	struct err err = {0};
	assert_works(file_read(ca_file, &pem, &err), &err);
	server.ca_pem = buf_view(&pem);
	expect(&server, "/", HTTP_OK, 200);

	char other_name[64];
	snprintf(other_name, sizeof other_name, "localhost%s", strchr(tls.address, ':'));
	server.address = str_of(other_name);
	expect(&server, "/", HTTP_BAD_CERTIFICATE, 0);
	struct client *client = open_client(&server);
	assert_true(str_ends(get(client, "/")->end.message,
			     STR("; it is for IP Address:127.0.0.1: use such a --server")));
	close_client(client);

	server.ca_pem = STR("");
	server.is_insecure = true;
	expect(&server, "/", HTTP_OK, 200);
}

static void certificates_come_from_where_go_looks_too(void **state)
{
	struct server server = tls_server();
	setenv("SSL_CERT_FILE", ca_file, 1);
	expect(&server, "/", HTTP_OK, 200);
	/* A folder whose names are not hashed is as good as none. */
	setenv("SSL_CERT_DIR", folder, 1);
	expect(&server, "/", HTTP_OK, 200);
	setenv("SSL_CERT_FILE", "/dev/null", 1);
	expect(&server, "/", HTTP_BAD_CERTIFICATE, 0);

	/* A bundle and a certificate of the user's own become one. */
	auto_buf struct buf pem = BUF_INIT(MIB);
	struct err err = {0};
	assert_works(file_read(ca_file, &pem, &err), &err);
	server.ca_pem = buf_view(&pem);
	expect(&server, "/", HTTP_OK, 200);
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
}

static void tls_to_a_plain_port_is_the_wrong_scheme(void **state)
{
	struct server server = server_at(plain.address);
	server.is_plaintext = false;
	server.token = STR("a.b.c");
	struct client *client = open_client(&server);
	const struct got *got = get(client, "/echo");
	assert_int_equal(got->end.failure, HTTP_WRONG_SCHEME);
	assert_str(got->end.message, "it speaks plain HTTP, not TLS; connect with --plaintext");
	close_client(client);

	/* What hangs up on TLS but is no Argo CD that speaks plain HTTP may just be starting. */
	server.root_path = STR("");
	expect(&server, "/echo", HTTP_UNREACHABLE, 0);
}

static void plain_to_a_tls_port_is_the_wrong_scheme(void **state)
{
	struct server server = server_at(plain.address);
	expect(&server, "/garbage", HTTP_WRONG_SCHEME, 0);

	/* Some hang up without a word, which may mean anything. */
	server = tls_server();
	server.is_plaintext = true;
	expect(&server, "/", HTTP_CUT, 0);
}

/* on_bytes of a first request sends a second one, from inside of curl. */

struct chain {
	struct client *client;
	const struct got *second;
};

static void send_from_on_bytes(void *self, struct str bytes)
{
	struct chain *chain = self;
	if (!chain->second)
		chain->second = send_request(
			chain->client,
			&(struct http_request){.method = "GET", .target = STR("/echo")});
}

static void send_from_on_end(void *self, const struct http_end *end)
{
	struct chain *chain = self;
	send_request(chain->client,
		     &(struct http_request){.method = "GET", .target = STR("/html")});
}

static void a_handler_may_send_from_inside(void **state)
{
	struct server server = server_at(plain.address);
	struct chain chain = {.client = open_client(&server)};
	http_client_send(chain.client->http,
			 &(struct http_request){.method = "GET", .target = STR("/echo")},
			 (struct http_handler){.self = &chain,
					       .on_bytes = send_from_on_bytes,
					       .on_end = send_from_on_end});
	loop_run(&chain.client->loop);
	assert_int_equal(chain.client->sent, 2);
	assert_int_equal(chain.client->got[0].end.status, 200);
	assert_str(buf_view(&chain.client->got[1].body), "<html>");
	close_client(chain.client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_carries_what_belongs_to_the_connection),
		cmocka_unit_test(an_anonymous_get_carries_no_credentials),
		cmocka_unit_test(a_proxys_authorization_leaves_room_for_the_token),
		cmocka_unit_test(this_machine_is_reached_without_a_proxy),
		cmocka_unit_test(what_no_url_can_be_made_of_is_not_valid),
		cmocka_unit_test(a_post_carries_its_body_and_its_deadline),
		cmocka_unit_test(a_delete_says_what_it_would_carry),
		cmocka_unit_test(many_requests_share_a_few_connections),
		cmocka_unit_test(more_requests_wait_until_one_has_ended_and_posts_come_first),
		cmocka_unit_test(a_stream_waits_for_no_request),
		cmocka_unit_test(what_is_given_up_is_not_heard_of_and_makes_room),
		cmocka_unit_test(compressed_bytes_arrive_as_they_were),
		cmocka_unit_test(an_answer_is_an_answer_whatever_it_says),
		cmocka_unit_test(a_cookie_renews_the_token),
		cmocka_unit_test(a_connection_that_ends_too_soon_is_cut),
		cmocka_unit_test(a_post_is_never_sent_twice),
		cmocka_unit_test(no_answer_in_time_is_a_timeout),
		cmocka_unit_test(a_stream_lives_as_long_as_it_shows_signs_of_life),
		cmocka_unit_test(a_stream_that_goes_silent_is_cut),
		cmocka_unit_test(a_stream_may_be_silent_before_its_first_byte),
		cmocka_unit_test(a_handler_may_send_from_inside),
		cmocka_unit_test(nobody_there_is_unreachable),
		cmocka_unit_test(an_unknown_host_has_a_name_of_its_own),
		cmocka_unit_test(a_certificate_must_be_trusted),
		cmocka_unit_test(certificates_come_from_where_go_looks_too),
		cmocka_unit_test(tls_to_a_plain_port_is_the_wrong_scheme),
		cmocka_unit_test(plain_to_a_tls_port_is_the_wrong_scheme),
	};

	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
