#include "io/http_server.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/vec.h"
#include "io/gzip.h"
#include "wire/http_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, GZIP_BYTES_MIN = 1400, BACKLOG = 128, ADDRESS_BYTES = 128 };

struct listener {
	struct http_server *server;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	};
	bool is_local;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

enum phase { PHASE_IDLE, PHASE_HEAD, PHASE_BODY, PHASE_ANSWER, PHASE_CLOSED };

struct http_exchange {
	struct connection *connection;
	struct arena arena;
	struct http_head head;
	struct http_chunks chunks;
	struct buf body;
	uint64_t user;
	bool is_stream;
};

struct connection {
	struct http_server *server;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	};
	uv_timer_t timer; /* of the deadline */
	uv_timer_t next;  /* a request that came while another one was answered */
	int open_handles;
	uint64_t number;
	bool is_local;
	enum phase phase;
	bool ends_after_answer;
	struct buf input;
	size_t backlog; /* bytes written and not taken yet */
	struct http_exchange exchange;
};

struct http_server {
	struct loop *loop;
	struct http_server_handler handler;
	VEC(struct listener *) listeners;
	VEC(struct connection *) connections;
	uint64_t connection_count;
	char address[ADDRESS_BYTES];
};

/* ---- the end of a connection ---- */

static void on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	if (--connection->open_handles > 0)
		return;
	buf_release(&connection->input);
	buf_release(&connection->exchange.body);
	arena_release(&connection->exchange.arena);
	mem_free(connection);
}

static void forget(struct connection *connection)
{
	struct http_server *server = connection->server;

	for (size_t i = 0; i < server->connections.n; i++)
		if (server->connections.v[i] == connection) {
			vec_remove(&server->connections, i);
			return;
		}
}

/* `tells`: the user is told, if it has an exchange of this connection in its hands. */
static void close_connection(struct connection *connection, bool tells)
{
	struct http_server *server = connection->server;
	bool has_exchange = connection->phase == PHASE_ANSWER;

	if (connection->phase == PHASE_CLOSED)
		return;
	connection->phase = PHASE_CLOSED;
	if (tells && has_exchange)
		server->handler.on_gone(server->handler.self, &connection->exchange);
	forget(connection);
	uv_close(&connection->handle, on_closed);
	uv_close((uv_handle_t *)&connection->timer, on_closed);
	uv_close((uv_handle_t *)&connection->next, on_closed);
}

static void on_timeout(uv_timer_t *timer)
{
	close_connection(timer->data, true);
}

static void set_timeout(struct connection *connection, uint64_t ms)
{
	if (connection->phase == PHASE_CLOSED)
		return;
	if (ms == 0)
		uv_timer_stop(&connection->timer);
	else
		check(uv_timer_start(&connection->timer, on_timeout, ms, 0) == 0);
}

/* ---- output ---- */

/* While there is output it is to be taken; without any, an answer may take its time, and the next
 * request some. */
static void wait_for_client(struct connection *connection)
{
	if (connection->backlog > 0)
		set_timeout(connection, HTTP_SERVER_STUCK_MS);
	else
		set_timeout(connection,
			    connection->phase == PHASE_ANSWER ? 0 : HTTP_SERVER_IDLE_MS);
}

struct output_piece {
	uv_write_t request;
	struct connection *connection;
	struct buf bytes;
	bool is_last; /* of the connection */
};

static void tell_drained(struct connection *connection)
{
	struct http_server *server = connection->server;

	if (connection->exchange.is_stream && server->handler.on_drained)
		server->handler.on_drained(server->handler.self, &connection->exchange);
}

static void on_written(uv_write_t *request, int status)
{
	struct output_piece *piece = request->data;
	struct connection *connection = piece->connection;

	connection->backlog -= piece->bytes.n;
	bool is_over = status < 0 || piece->is_last;
	buf_release(&piece->bytes);
	mem_free(piece);
	if (connection->phase == PHASE_CLOSED)
		return;
	if (is_over)
		close_connection(connection, true);
	else if (connection->phase == PHASE_ANSWER || connection->phase == PHASE_IDLE)
		wait_for_client(connection);
	if (connection->phase == PHASE_ANSWER && connection->backlog == 0)
		tell_drained(connection);
}

/* The bytes are ours from here on. Never calls the user back. */
static void write_bytes(struct connection *connection, struct buf bytes, bool is_last)
{
	if (connection->phase == PHASE_CLOSED) {
		buf_release(&bytes);
		return;
	}
	struct output_piece *piece = mem_zalloc(sizeof(*piece));
	piece->connection = connection;
	piece->bytes = bytes;
	piece->is_last = is_last;
	piece->request.data = piece;
	connection->backlog += bytes.n;
	set_timeout(connection, HTTP_SERVER_STUCK_MS);
	/* A uv_buf_t counts in size_t on every Unix. */
	uv_buf_t part = {.base = piece->bytes.p, .len = piece->bytes.n};
	int result = uv_write(&piece->request, &connection->stream, &part, 1, on_written);
	if (result == 0)
		return;
	connection->backlog -= bytes.n;
	buf_release(&piece->bytes);
	mem_free(piece);
	/* The reading side finds out, and tells. */
	uv_timer_start(&connection->timer, on_timeout, 0, 0);
}

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < COUNTOF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Other";
}

/* What there is to say before a request could be read; and that is the end. */
static void refuse(struct connection *connection, int status)
{
	struct buf out = BUF_INIT(1 * KIB);
	const char *reason = reason_of(status);

	buf_printf(&out,
		   "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		   "Connection: close\r\nContent-Length: %zu\r\n\r\n%s\n",
		   status, reason, strlen(reason) + 1, reason);
	uv_read_stop(&connection->stream);
	/* The exchange is nobody's: nobody is told of its end. */
	connection->phase = PHASE_IDLE;
	write_bytes(connection, out, true);
}

/* ---- input ---- */

static void go_on(struct connection *connection);

/* The next request begins: what belonged to the last one goes. */
static void next_request(struct connection *connection)
{
	struct http_exchange *exchange = &connection->exchange;

	buf_release(&exchange->body);
	arena_reset(&exchange->arena);
	*exchange = (struct http_exchange){
		.connection = connection,
		.arena = exchange->arena,
		.body = BUF_INIT(HTTP_SERVER_BODY_BYTES_MAX),
	};
	connection->phase = PHASE_IDLE;
	wait_for_client(connection);
}

static void hand_over(struct connection *connection)
{
	struct http_server *server = connection->server;

	connection->phase = PHASE_ANSWER;
	connection->ends_after_answer = connection->exchange.head.wants_close;
	wait_for_client(connection);
	server->handler.on_request(server->handler.self, &connection->exchange);
}

/* False: more bytes are needed, or it is over. */
static bool take_head(struct connection *connection)
{
	struct http_exchange *exchange = &connection->exchange;
	struct str input = buf_view(&connection->input);
	size_t n;
	int status;

	if (!http_head_length(input, &n)) {
		if (input.n > HTTP_SERVER_HEAD_BYTES_MAX)
			refuse(connection, 431);
		return false;
	}
	struct str head = arena_copy(&exchange->arena, str_first(input, n));
	buf_consume(&connection->input, n);
	if (n > HTTP_SERVER_HEAD_BYTES_MAX) {
		refuse(connection, 431);
		return false;
	}
	if (http_head_parse(head, &exchange->arena, &exchange->head, &status) < 0) {
		refuse(connection, status);
		return false;
	}
	if (exchange->head.content_length > HTTP_SERVER_BODY_BYTES_MAX) {
		refuse(connection, 413);
		return false;
	}
	connection->phase = PHASE_BODY;
	set_timeout(connection, HTTP_SERVER_BODY_MS);
	if (exchange->head.expects_continue) {
		struct buf out = BUF_INIT(KIB);
		buf_str(&out, STR("HTTP/1.1 100 Continue\r\n\r\n"));
		write_bytes(connection, out, false);
	}
	return true;
}

/* True: the body is there. */
static bool take_body(struct connection *connection)
{
	struct http_exchange *exchange = &connection->exchange;
	struct str input = buf_view(&connection->input);

	if (!exchange->head.is_chunked) {
		size_t missing = (size_t)exchange->head.content_length - exchange->body.n;
		size_t n = MIN(missing, input.n);
		buf_str(&exchange->body, str_first(input, n));
		buf_consume(&connection->input, n);
		return n == missing;
	}
	struct str rest = input;
	int result = http_chunks_feed(&exchange->chunks, &rest, &exchange->body);
	buf_consume(&connection->input, input.n - rest.n);
	if (result < 0 || buf_overflowed(&exchange->body)) {
		refuse(connection, result < 0 ? 400 : 413);
		return false;
	}
	return result == 1;
}

/* As far as the bytes that are there lead. */
static void go_on(struct connection *connection)
{
	if (connection->phase == PHASE_IDLE && connection->input.n > 0) {
		connection->phase = PHASE_HEAD;
		set_timeout(connection, HTTP_SERVER_HEAD_MS);
	}
	if (connection->phase == PHASE_HEAD && !take_head(connection))
		return;
	if (connection->phase == PHASE_BODY && take_body(connection))
		hand_over(connection);
}

static void on_space(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	struct connection *connection = handle->data;
	size_t n;

	(void)suggested;
	ret->base = buf_space(&connection->input, READ_BYTES, &n);
	ret->len = n;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *unused)
{
	struct connection *connection = stream->data;

	(void)unused;
	if (n < 0) {
		/* UV_ENOBUFS: more requests at once than there is room for. */
		close_connection(connection, true);
		return;
	}
	buf_commit(&connection->input, (size_t)n);
	go_on(connection);
}

/* The answer is given: the next request may have come meanwhile. Its turn comes with the loop's
 * next, because a user must not be called from inside its own call. */
static void on_next(uv_timer_t *timer)
{
	go_on(timer->data);
}

static void finish(struct connection *connection)
{
	if (connection->phase == PHASE_CLOSED)
		return;
	next_request(connection);
	if (connection->input.n > 0)
		check(uv_timer_start(&connection->next, on_next, 0, 0) == 0);
}

/* ---- answers ---- */

static void write_head(struct http_exchange *exchange, int status, struct str type, struct buf *out)
{
	buf_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: " STR_FMT "\r\n", status,
		   reason_of(status), STR_ARG(type));
	if (exchange->connection->ends_after_answer)
		buf_str(out, STR("Connection: close\r\n"));
}

static bool wants_gzip(const struct http_exchange *exchange, size_t n)
{
	return n >= GZIP_BYTES_MIN &&
	       http_list_has(http_exchange_header(exchange, "Accept-Encoding"), STR("gzip"));
}

void http_exchange_answer(struct http_exchange *exchange, int status, struct str content_type,
			  struct buf bytes)
{
	struct connection *connection = exchange->connection;
	struct buf head = BUF_INIT(4 * KIB);
	bool is_last = connection->ends_after_answer;
	bool is_zipped = wants_gzip(exchange, bytes.n) && gzip_in_place(&bytes);

	write_head(exchange, status, content_type, &head);
	if (is_zipped)
		buf_str(&head, STR("Content-Encoding: gzip\r\n"));
	buf_printf(&head, "Vary: Accept-Encoding\r\nContent-Length: %zu\r\n\r\n", bytes.n);
	bool has_body = bytes.n > 0 && !str_eq(exchange->head.method, STR("HEAD"));
	write_bytes(connection, head, is_last && !has_body);
	if (has_body)
		write_bytes(connection, bytes, is_last);
	else
		buf_release(&bytes);
	finish(connection);
}

void http_exchange_begin(struct http_exchange *exchange, int status, struct str content_type)
{
	struct buf out = BUF_INIT(4 * KIB);

	exchange->is_stream = true;
	/* A client that knows no chunks is told the end by the end of the connection. */
	write_head(exchange, status, content_type, &out);
	if (!exchange->head.is_http_1_0)
		buf_str(&out, STR("Transfer-Encoding: chunked\r\n"));
	buf_str(&out, STR("\r\n"));
	write_bytes(exchange->connection, out, false);
}

bool http_exchange_write(struct http_exchange *exchange, struct str bytes)
{
	struct connection *connection = exchange->connection;
	struct buf out = BUF_INIT(bytes.n + KIB);

	check(exchange->is_stream);
	if (bytes.n == 0)
		return true;
	if (connection->backlog + bytes.n > HTTP_SERVER_BACKLOG_BYTES_MAX) {
		close_connection(connection, false);
		return false;
	}
	if (!exchange->head.is_http_1_0)
		buf_printf(&out, "%zx\r\n", bytes.n);
	buf_str(&out, bytes);
	if (!exchange->head.is_http_1_0)
		buf_str(&out, STR("\r\n"));
	write_bytes(connection, out, false);
	return true;
}

size_t http_exchange_backlog(const struct http_exchange *exchange)
{
	return exchange->connection->backlog;
}

void http_exchange_end(struct http_exchange *exchange)
{
	struct connection *connection = exchange->connection;
	struct buf out = BUF_INIT(KIB);

	check(exchange->is_stream);
	if (!exchange->head.is_http_1_0)
		buf_str(&out, STR("0\r\n\r\n"));
	else
		buf_str(&out, STR("\n"));
	write_bytes(connection, out, connection->ends_after_answer);
	finish(connection);
}

void http_exchange_cut(struct http_exchange *exchange)
{
	close_connection(exchange->connection, false);
}

/* ---- what a request is ---- */

struct str http_exchange_method(const struct http_exchange *exchange)
{
	return exchange->head.method;
}

struct str http_exchange_target(const struct http_exchange *exchange)
{
	return exchange->head.target;
}

struct str http_exchange_body(const struct http_exchange *exchange)
{
	return buf_view(&exchange->body);
}

struct str http_exchange_header(const struct http_exchange *exchange, const char *name)
{
	return http_head_get(&exchange->head, str_of(name));
}

bool http_exchange_is_local(const struct http_exchange *exchange)
{
	return exchange->connection->is_local;
}

uint64_t http_exchange_connection(const struct http_exchange *exchange)
{
	return exchange->connection->number;
}

void http_exchange_set_user(struct http_exchange *exchange, uint64_t user)
{
	exchange->user = user;
}

uint64_t http_exchange_user(const struct http_exchange *exchange)
{
	return exchange->user;
}

/* ---- connections ---- */

static struct connection *connection_new(struct listener *listener)
{
	struct http_server *server = listener->server;
	struct connection *connection = mem_zalloc(sizeof(*connection));

	connection->server = server;
	connection->is_local = listener->is_local;
	connection->number = server->connection_count++;
	connection->open_handles = 3;
	connection->input = BUF_INIT(HTTP_SERVER_HEAD_BYTES_MAX + 2 * READ_BYTES);
	check(uv_timer_init(&server->loop->uv, &connection->timer) == 0);
	check(uv_timer_init(&server->loop->uv, &connection->next) == 0);
	connection->timer.data = connection->next.data = connection;
	if (listener->is_local)
		check(uv_pipe_init(&server->loop->uv, &connection->pipe, 0) == 0);
	else
		check(uv_tcp_init(&server->loop->uv, &connection->tcp) == 0);
	connection->handle.data = connection;
	vec_push(&server->connections, connection);
	next_request(connection);
	return connection;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct listener *listener = stream->data;

	if (status < 0)
		return;
	struct connection *connection = connection_new(listener);
	if (uv_accept(stream, &connection->stream) < 0) {
		close_connection(connection, false);
		return;
	}
	if (listener->server->connections.n > HTTP_SERVER_CONNECTIONS_MAX) {
		refuse(connection, 503);
		return;
	}
	if (!listener->is_local)
		uv_tcp_nodelay(&connection->tcp, 1);
	check(uv_read_start(&connection->stream, on_space, on_read) == 0);
}

/* ---- listening ---- */

static struct listener *listener_new(struct http_server *server, bool is_local)
{
	struct listener *listener = mem_zalloc(sizeof(*listener));

	listener->server = server;
	listener->is_local = is_local;
	if (is_local)
		check(uv_pipe_init(&server->loop->uv, &listener->pipe, 0) == 0);
	else
		check(uv_tcp_init(&server->loop->uv, &listener->tcp) == 0);
	listener->handle.data = listener;
	return listener;
}

static void on_listener_closed(uv_handle_t *handle)
{
	mem_free(handle->data);
}

static int fail_listen(struct listener *listener, int result, struct str address, struct err *err)
{
	uv_close(&listener->handle, on_listener_closed);
	return err_set(err, result == UV_EADDRINUSE ? E_CONFLICT : E_IO,
		       "cannot listen at " STR_FMT ": %s", STR_ARG(address), uv_strerror(result));
}

static bool is_loopback(const struct sockaddr_storage *at)
{
	const struct sockaddr_in *v4 = (const void *)at;
	const struct sockaddr_in6 *v6 = (const void *)at;

	if (at->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static bool parse_address(struct str address, struct sockaddr_storage *ret)
{
	char host[ADDRESS_BYTES];
	uint64_t port;
	size_t colon = address.n;

	while (colon > 0 && address.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || colon > sizeof host || !str_to_u64(str_after(address, colon), &port) ||
	    port > 65535)
		return false;
	struct str name = str_first(address, colon - 1);
	if (str_eq(name, STR("localhost")))
		name = STR("127.0.0.1");
	if (str_starts(name, STR("[")) && str_ends(name, STR("]")))
		name = str_first(str_after(name, 1), name.n - 2);
	snprintf(host, sizeof host, STR_FMT, STR_ARG(name));
	return uv_ip4_addr(host, (int)port, (struct sockaddr_in *)ret) == 0 ||
	       uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)ret) == 0;
}

static void keep_address(struct http_server *server, const struct listener *listener)
{
	struct sockaddr_storage at;
	int n = sizeof at;
	char host[64];

	if (server->address[0] || uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&at, &n))
		return;
	bool is_v6 = at.ss_family == AF_INET6;
	unsigned port = is_v6 ? ntohs(((struct sockaddr_in6 *)&at)->sin6_port)
			      : ntohs(((struct sockaddr_in *)&at)->sin_port);
	if (is_v6)
		uv_ip6_name((struct sockaddr_in6 *)&at, host, sizeof host);
	else
		uv_ip4_name((struct sockaddr_in *)&at, host, sizeof host);
	snprintf(server->address, sizeof server->address, is_v6 ? "[%s]:%u" : "%s:%u", host, port);
}

static int listen_tcp(struct http_server *server, struct str address, struct err *err)
{
	struct sockaddr_storage at = {0};

	if (!parse_address(address, &at))
		return err_set(err, E_USAGE, "'" STR_FMT "' is no address: host:port is wanted",
			       STR_ARG(address));
	if (!is_loopback(&at))
		return err_set(err, E_USAGE,
			       "'" STR_FMT "' is no address of this machine alone (127.0.0.1, ::1)",
			       STR_ARG(address));
	struct listener *listener = listener_new(server, false);
	int result = uv_tcp_bind(&listener->tcp, (struct sockaddr *)&at, 0);
	if (result == 0)
		result = uv_listen(&listener->stream, BACKLOG, on_connection);
	if (result < 0)
		return fail_listen(listener, result, address, err);
	keep_address(server, listener);
	vec_push(&server->listeners, listener);
	return 0;
}

/* A socket that a dead one left is taken away; one that answers is in use. */
static bool is_in_use(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	bool answers = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
	if (fd >= 0)
		close(fd);
	return answers;
}

static int listen_local(struct http_server *server, struct str path, struct err *err)
{
	struct listener *listener = listener_new(server, true);

	if (path.n >= sizeof listener->path)
		return fail_listen(listener, UV_ENAMETOOLONG, path, err);
	snprintf(listener->path, sizeof listener->path, STR_FMT, STR_ARG(path));
	if (is_in_use(listener->path))
		return fail_listen(listener, UV_EADDRINUSE, path, err);
	unlink(listener->path);
	/* Its owner's alone, from the first moment on. */
	mode_t others = umask(0077);
	int result = uv_pipe_bind(&listener->pipe, listener->path);
	umask(others);
	if (result == 0)
		result = uv_listen(&listener->stream, BACKLOG, on_connection);
	if (result < 0)
		return fail_listen(listener, result, path, err);
	vec_push(&server->listeners, listener);
	return 0;
}

int http_server_listen(struct http_server *server, struct str address, struct err *err)
{
	static const struct str local = STR("unix:");

	if (str_starts(address, local))
		return listen_local(server, str_after(address, local.n), err);
	return listen_tcp(server, address, err);
}

struct str http_server_address(const struct http_server *server)
{
	return str_of(server->address);
}

struct http_server *http_server_new(struct loop *loop, struct http_server_handler handler)
{
	struct http_server *server = mem_zalloc(sizeof(*server));

	server->loop = loop;
	server->handler = handler;
	return server;
}

void http_server_free(struct http_server *server)
{
	while (server->connections.n > 0)
		close_connection(server->connections.v[0], false);
	vec_each(at, &server->listeners) {
		if ((*at)->is_local)
			unlink((*at)->path);
		uv_close(&(*at)->handle, on_listener_closed);
	}
	vec_release(&server->connections);
	vec_release(&server->listeners);
	mem_free(server);
}
