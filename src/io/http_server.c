#include "io/http_server.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/vec.h"
#include "io/gzip.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * libmicrohttpd speaks HTTP; each listener is one of its daemons, which runs in our loop: its epoll
 * descriptor and its next deadline say when. It never calls us but from inside MHD_run().
 *
 * While there is nothing to send, a connection is suspended: for the library it does not exist
 * then. Otherwise it waits for edges, and misses that of a client that leaves right behind its last
 * words. So each descriptor is in our own poll, too, which sees the client leave.
 */

enum { GZIP_BYTES_MIN = 1400, BACKLOG = 128, ADDRESS_BYTES = 128, TYPE_BYTES = 128 };
/* For a stream to who knows no chunks; others get their bytes from the connection's memory. */
enum { BLOCK_BYTES = 4 * 1024 };

struct listener {
	struct http_server *server;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t prepare;
	int open_handles;
	bool is_local;
	bool has_more; /* to do at once, of which the library says nothing */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct connection {
	struct listener *listener;
	struct http_exchange *exchange; /* NULL between two requests */
	uv_poll_t poll;			/* until the client leaves */
	int fd;
	bool has_left;
	uint64_t number;
};

struct http_exchange {
	struct connection *connection;
	struct MHD_Connection *mhd;
	const char *method;
	char *target;
	struct buf body;
	uint64_t user;
	struct MHD_Response *response; /* given, and not yet the library's */
	unsigned status;
	struct buf out; /* of a stream */
	size_t taken;	/* of `out`, by the library */
	size_t on_way;	/* of those, not yet sent */
	bool was_handed_over, is_held /* by our user */, is_stream, is_ended, is_broken;
	bool is_suspended;
};

struct http_server {
	struct loop *loop;
	struct http_server_handler handler;
	struct http_server_limits limits;
	VEC(struct listener *) listeners;
	VEC(struct connection *) connections;
	uint64_t connection_count;
	char address[ADDRESS_BYTES];
};

/* ---- waiting ---- */

static void resume(struct http_exchange *exchange)
{
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	exchange->connection->listener->has_more = true;
	MHD_resume_connection(exchange->mhd);
}

/* The library finds a socket that is shut, or one of the callbacks says so. */
static void break_off(struct http_exchange *exchange)
{
	exchange->is_held = false;
	exchange->is_broken = true;
	shutdown(exchange->connection->fd, SHUT_RDWR);
	resume(exchange);
}

static void tell_gone(struct http_exchange *exchange)
{
	struct http_server_handler *handler = &exchange->connection->listener->server->handler;

	if (!exchange->is_held)
		return;
	exchange->is_held = false;
	handler->on_gone(handler->self, exchange);
}

static void on_disconnect(uv_poll_t *poll, int status, int events)
{
	struct connection *connection = poll->data;
	struct http_exchange *exchange = connection->exchange;
	bool is_read = exchange && exchange->was_handed_over;
	int unread = 0;

	(void)events;
	/* What it said before it left is read first; this comes again until then. */
	if (status == 0 && !is_read && ioctl(connection->fd, FIONREAD, &unread) == 0 && unread > 0)
		return;
	uv_poll_stop(poll);
	connection->has_left = true;
	if (!is_read) {
		shutdown(connection->fd, SHUT_RDWR);
	} else if (exchange->is_held) {
		tell_gone(exchange);
		break_off(exchange);
	}
}

/* From inside a callback of the library only, as it demands. */
static void suspend(struct http_exchange *exchange)
{
	exchange->is_suspended = true;
	MHD_suspend_connection(exchange->mhd);
}

/* ---- answers ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	check(MHD_add_response_header(response, name, value) == MHD_YES);
}

/* The library has a reference of its own once the response is queued. */
static void give(struct http_exchange *exchange, int status, struct str content_type,
		 struct MHD_Response *response)
{
	char type[TYPE_BYTES];

	check(response);
	check(exchange->is_held);
	snprintf(type, sizeof type, STR_FMT, STR_ARG(content_type));
	if (type[0])
		add_header(response, "Content-Type", type);
	exchange->status = (unsigned)status;
	exchange->response = response;
	resume(exchange);
}

static enum MHD_Result queue(struct http_exchange *exchange)
{
	struct MHD_Response *response = exchange->response;
	enum MHD_Result result = MHD_queue_response(exchange->mhd, exchange->status, response);

	exchange->response = NULL;
	MHD_destroy_response(response);
	return result;
}

static bool accepts_gzip(const struct http_exchange *exchange)
{
	struct str rest = http_exchange_header(exchange, "Accept-Encoding"), item, name;

	while (!str_empty(rest) && str_cut(&rest, ',', &item)) {
		str_cut(&item, ';', &name);
		if (!str_eq_nocase(str_trim(name), STR("gzip")))
			continue;
		item = str_trim(item);
		return !str_eq(item, STR("q=0")) && !str_starts(item, STR("q=0.0"));
	}
	return false;
}

void http_exchange_answer(struct http_exchange *exchange, int status, struct str content_type,
			  struct buf bytes)
{
	bool is_zipped = bytes.n >= GZIP_BYTES_MIN && accepts_gzip(exchange) &&
			 gzip_in_place(&bytes);
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
		bytes.n, bytes.p, mem_free);

	check(response);
	if (is_zipped)
		add_header(response, "Content-Encoding", "gzip");
	add_header(response, "Vary", "Accept-Encoding");
	give(exchange, status, content_type, response);
	exchange->is_held = false;
}

/* ---- streams ---- */

static size_t left(const struct http_exchange *exchange)
{
	return exchange->out.n - exchange->taken;
}

/* The library asks for more: what it took before is sent. */
static void settle(struct http_exchange *exchange)
{
	struct http_server_handler *handler = &exchange->connection->listener->server->handler;
	bool was_on_way = exchange->on_way > 0;

	exchange->on_way = 0;
	if (left(exchange) > 0)
		return;
	buf_clear(&exchange->out);
	exchange->taken = 0;
	if (was_on_way && exchange->is_held && handler->on_drained)
		handler->on_drained(handler->self, exchange);
}

static ssize_t read_stream(void *self, uint64_t position, char *room, size_t room_bytes)
{
	struct http_exchange *exchange = self;

	(void)position;
	settle(exchange);
	if (exchange->is_broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	size_t n = MIN(left(exchange), room_bytes);
	if (n == 0 && exchange->is_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		suspend(exchange);
		return 0;
	}
	memcpy(room, exchange->out.p + exchange->taken, n);
	exchange->taken += n;
	exchange->on_way = n;
	return (ssize_t)n;
}

void http_exchange_begin(struct http_exchange *exchange, int status, struct str content_type)
{
	exchange->is_stream = true;
	exchange->out = BUF_INIT(2 * HTTP_SERVER_BACKLOG_BYTES_MAX);
	give(exchange, status, content_type,
	     MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, exchange,
					       NULL));
}

bool http_exchange_write(struct http_exchange *exchange, struct str bytes)
{
	check(exchange->is_stream);
	if (http_exchange_backlog(exchange) + bytes.n > HTTP_SERVER_BACKLOG_BYTES_MAX) {
		break_off(exchange);
		return false;
	}
	if (exchange->taken > exchange->out.n / 2) {
		buf_consume(&exchange->out, exchange->taken);
		exchange->taken = 0;
	}
	buf_str(&exchange->out, bytes);
	resume(exchange);
	return true;
}

size_t http_exchange_backlog(const struct http_exchange *exchange)
{
	return left(exchange) + exchange->on_way;
}

void http_exchange_end(struct http_exchange *exchange)
{
	check(exchange->is_stream);
	exchange->is_ended = true;
	exchange->is_held = false;
	resume(exchange);
}

void http_exchange_cut(struct http_exchange *exchange)
{
	break_off(exchange);
}

/* ---- what a request is ---- */

struct str http_exchange_method(const struct http_exchange *exchange)
{
	return str_of(exchange->method);
}

struct str http_exchange_target(const struct http_exchange *exchange)
{
	return str_of(exchange->target);
}

struct str http_exchange_body(const struct http_exchange *exchange)
{
	return buf_view(&exchange->body);
}

struct str http_exchange_header(const struct http_exchange *exchange, const char *name)
{
	return str_of(MHD_lookup_connection_value(exchange->mhd, MHD_HEADER_KIND, name));
}

bool http_exchange_is_local(const struct http_exchange *exchange)
{
	return exchange->connection->listener->is_local;
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

/* ---- what the library calls ---- */

static struct connection *connection_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The request's first line is there; the library takes its target to pieces after this. */
static void *on_target(void *self, const char *target, struct MHD_Connection *mhd)
{
	struct http_exchange *exchange = mem_zalloc(sizeof(*exchange));

	(void)self;
	exchange->connection = connection_of(mhd);
	exchange->connection->exchange = exchange;
	exchange->mhd = mhd;
	exchange->target = mem_copy(str_of(target));
	exchange->body = BUF_INIT(HTTP_SERVER_BODY_BYTES_MAX);
	return exchange;
}

static enum MHD_Result take_head(struct http_exchange *exchange, const char *method)
{
	static char text[] = "Content Too Large\n";
	uint64_t n;

	exchange->method = method;
	if (!str_to_u64(http_exchange_header(exchange, "Content-Length"), &n) ||
	    n <= HTTP_SERVER_BODY_BYTES_MAX)
		return MHD_YES;
	exchange->status = MHD_HTTP_CONTENT_TOO_LARGE;
	exchange->response = MHD_create_response_from_buffer(sizeof text - 1, text,
							     MHD_RESPMEM_PERSISTENT);
	check(exchange->response);
	exchange->was_handed_over = true; /* to nobody */
	return queue(exchange);
}

static enum MHD_Result take_body(struct http_exchange *exchange, const char *bytes, size_t *n)
{
	buf_append(&exchange->body, bytes, *n);
	*n = 0;
	return buf_overflowed(&exchange->body) ? MHD_NO : MHD_YES;
}

/* Comes once with the head, then with each piece of the body, then at its end, and once more after
 * the connection was suspended there. */
static enum MHD_Result on_step(void *self, struct MHD_Connection *mhd, const char *url,
			       const char *method, const char *version, const char *bytes,
			       size_t *n, void **context)
{
	struct listener *listener = self;
	struct http_server_handler *handler = &listener->server->handler;
	struct http_exchange *exchange = *context;

	(void)mhd;
	(void)url;
	(void)version;
	if (!exchange->method)
		return take_head(exchange, method);
	if (*n > 0)
		return take_body(exchange, bytes, n);
	if (!exchange->was_handed_over) {
		exchange->was_handed_over = exchange->is_held = true;
		handler->on_request(handler->self, exchange);
	}
	if (exchange->is_broken)
		return MHD_NO;
	if (exchange->response)
		return queue(exchange);
	suspend(exchange);
	return MHD_YES;
}

static void on_completed(void *self, struct MHD_Connection *mhd, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http_exchange *exchange = *context;

	(void)self;
	(void)mhd;
	(void)code;
	tell_gone(exchange);
	if (exchange->connection->has_left)
		shutdown(exchange->connection->fd, SHUT_RDWR);
	exchange->connection->exchange = NULL;
	if (exchange->response)
		MHD_destroy_response(exchange->response);
	buf_release(&exchange->out);
	buf_release(&exchange->body);
	mem_free(exchange->target);
	mem_free(exchange);
}

static void on_connection_closed(uv_handle_t *handle)
{
	mem_free(handle->data);
}

static void close_connection(struct http_server *server, struct connection *connection)
{
	for (size_t i = 0; i < server->connections.n; i++)
		if (server->connections.v[i] == connection) {
			vec_remove(&server->connections, i);
			break;
		}
	/* If there were too many, the library listens again when it runs, and not before. */
	connection->listener->has_more = true;
	uv_close((uv_handle_t *)&connection->poll, on_connection_closed);
}

static void on_connection(void *self, struct MHD_Connection *mhd, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = self;
	struct http_server *server = listener->server;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		close_connection(server, *context);
		return;
	}
	struct connection *connection = mem_zalloc(sizeof(*connection));
	connection->listener = listener;
	connection->number = server->connection_count++;
	connection->fd =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	check(uv_poll_init(&server->loop->uv, &connection->poll, connection->fd) == 0);
	connection->poll.data = connection;
	check(uv_poll_start(&connection->poll, UV_DISCONNECT, on_disconnect) == 0);
	vec_push(&server->connections, connection);
	*context = connection;
}

/* ---- the library in our loop ---- */

static void run(struct listener *listener)
{
	listener->has_more = false;
	check(MHD_run(listener->daemon) == MHD_YES);
}

static void on_time(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

/* Before each wait of the loop. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct listener *listener = prepare->data;
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;

	if (listener->has_more || MHD_get_timeout(listener->daemon, &wait_ms) == MHD_YES)
		check(uv_timer_start(&listener->timer, on_time, wait_ms, 0) == 0);
	else
		uv_timer_stop(&listener->timer);
}

static struct MHD_Daemon *start(struct listener *listener, int fd)
{
	const struct http_server_limits *limits = &listener->server->limits;

	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_step, listener,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, limits->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HTTP_SERVER_HEAD_BYTES_MAX, MHD_OPTION_URI_LOG_CALLBACK, on_target,
		listener, MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener, MHD_OPTION_END);
}

/* ---- listening ---- */

/* A socket, or a negative error number. */
static int bound(const void *at, socklen_t n)
{
	const struct sockaddr *address = at;
	int one = 1;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (address->sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, address, n) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int result = -errno;
	close(fd);
	return result;
}

/* From a socket that bound() gave; the path is that of a unix socket, or empty. */
static int listen_at(struct http_server *server, int fd, struct str address, struct str path,
		     struct err *err)
{
	if (fd < 0)
		return err_set(err, fd == -EADDRINUSE ? E_CONFLICT : E_IO,
			       "cannot listen at " STR_FMT ": %s", STR_ARG(address),
			       uv_strerror(fd));
	struct listener *listener = mem_zalloc(sizeof(*listener));
	listener->server = server;
	listener->is_local = !str_empty(path);
	snprintf(listener->path, sizeof listener->path, STR_FMT, STR_ARG(path));
	listener->daemon = start(listener, fd);
	if (!listener->daemon) {
		close(fd);
		mem_free(listener);
		return err_set(err, E_IO, "cannot listen at " STR_FMT, STR_ARG(address));
	}
	int epoll = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	check(uv_poll_init(&server->loop->uv, &listener->poll, epoll) == 0);
	check(uv_timer_init(&server->loop->uv, &listener->timer) == 0);
	check(uv_prepare_init(&server->loop->uv, &listener->prepare) == 0);
	listener->poll.data = listener->timer.data = listener->prepare.data = listener;
	listener->open_handles = 3;
	check(uv_poll_start(&listener->poll, UV_READABLE, on_ready) == 0);
	check(uv_prepare_start(&listener->prepare, on_prepare) == 0);
	vec_push(&server->listeners, listener);
	return 0;
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

static void keep_address(struct http_server *server, int fd)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof at;
	char host[64];

	if (server->address[0] || fd < 0 || getsockname(fd, (struct sockaddr *)&at, &n) < 0)
		return;
	bool is_v6 = at.ss_family == AF_INET6;
	unsigned port = is_v6 ? ntohs(((struct sockaddr_in6 *)&at)->sin6_port)
			      : ntohs(((struct sockaddr_in *)&at)->sin_port);
	uv_ip_name((struct sockaddr *)&at, host, sizeof host);
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
	int fd = bound(&at, at.ss_family == AF_INET ? sizeof(struct sockaddr_in)
						    : sizeof(struct sockaddr_in6));
	keep_address(server, fd);
	return listen_at(server, fd, address, STR(""), err);
}

/* A socket that a dead one left is taken away; one that answers is in use. */
static bool is_in_use(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	if (fd >= 0)
		close(fd);
	return answers;
}

static int listen_local(struct http_server *server, struct str path, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (path.n >= sizeof at.sun_path)
		return listen_at(server, -ENAMETOOLONG, path, path, err);
	snprintf(at.sun_path, sizeof at.sun_path, STR_FMT, STR_ARG(path));
	if (is_in_use(&at))
		return listen_at(server, -EADDRINUSE, path, path, err);
	unlink(at.sun_path);
	/* Its owner's alone, from the first moment on. */
	mode_t others = umask(0077);
	int fd = bound(&at, sizeof at);
	umask(others);
	return listen_at(server, fd, path, path, err);
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

struct http_server *http_server_new(struct loop *loop, struct http_server_handler handler,
				    struct http_server_limits limits)
{
	struct http_server *server = mem_zalloc(sizeof(*server));

	server->loop = loop;
	server->handler = handler;
	server->limits = limits;
	return server;
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	if (--listener->open_handles == 0)
		mem_free(listener);
}

void http_server_free(struct http_server *server)
{
	vec_each(connection, &server->connections)
		if ((*connection)->exchange)
			break_off((*connection)->exchange);
	vec_each(at, &server->listeners) {
		struct listener *listener = *at;
		uv_close((uv_handle_t *)&listener->poll, on_listener_closed);
		uv_close((uv_handle_t *)&listener->timer, on_listener_closed);
		uv_close((uv_handle_t *)&listener->prepare, on_listener_closed);
		MHD_stop_daemon(listener->daemon);
		if (listener->is_local)
			unlink(listener->path);
	}
	vec_release(&server->connections);
	vec_release(&server->listeners);
	mem_free(server);
}
