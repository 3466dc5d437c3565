#include "io/local_server.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/vec.h"
#include "io/people.h"
#include "model/exit_code.h"
#include "wire/instruction_json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LISTEN_BACKLOG = 64,
	/* So many may connect in one turn of the loop; the others come in the next. */
	ACCEPTS_PER_TURN = 16,
};

struct local_peer {
	struct local_server *server;
	struct local_stream stream;
	uv_poll_t poll;
	struct ucred identity;
	instant cut_at; /* when it is ending */
	bool is_ending; /* nothing more is read */
	bool is_closed; /* its handle is on its way out; on_close follows */
	void *user;
};

struct local_server {
	struct loop *loop;
	struct local_server_handler handler;
	struct local_server_limits limits;
	struct sockaddr_un address;
	struct stat socket; /* at that path, to know it again */
	int fd;
	int spare_fd; /* see turn_away_unseen() */
	uv_poll_t poll;
	uv_timer_t timer; /* for those who are ending */
	VEC(struct local_peer *) peers;
	unsigned handle_count; /* of the loop, the peers' not counted */
	bool is_listening, is_closing, is_told_closed, is_freed;
};

/* ---- one peer ---- */

static void forget_if_over(struct local_server *server)
{
	if (!server->is_freed || server->handle_count > 0 || server->peers.n > 0)
		return;
	vec_release(&server->peers);
	mem_free(server);
}

/* Called where a handle has just gone, so from the loop. */
static void tell_if_closed(struct local_server *server)
{
	bool is_over = server->is_closing && !server->is_listening && server->peers.n == 0;

	if (!is_over || server->is_told_closed || server->is_freed)
		return;
	server->is_told_closed = true;
	if (server->handler.on_closed)
		server->handler.on_closed(server->handler.self);
}

static void on_peer_gone(uv_handle_t *handle)
{
	struct local_peer *peer = handle->data;
	struct local_server *server = peer->server;

	if (!server->is_freed && server->handler.on_close)
		server->handler.on_close(server->handler.self, peer);
	for (size_t i = 0; i < server->peers.n; i++) {
		if (server->peers.v[i] == peer) {
			vec_remove(&server->peers, i);
			break;
		}
	}
	local_stream_release(&peer->stream);
	mem_free(peer);
	/* It must not hold up a loop that waits for nothing else. */
	if (server->peers.n == 0)
		uv_timer_stop(&server->timer);
	tell_if_closed(server);
	forget_if_over(server);
}

static void close_peer(struct local_peer *peer)
{
	if (peer->is_closed)
		return;
	peer->is_closed = true;
	uv_close((uv_handle_t *)&peer->poll, on_peer_gone);
}

static void on_peer(uv_poll_t *poll, int status, int events);

/* Waits for what is to be waited for; if there is nothing, the peer has ended. */
static void watch_peer(struct local_peer *peer)
{
	int events = (peer->is_ending ? 0 : UV_READABLE) |
		     (local_stream_backlog(&peer->stream) > 0 ? UV_WRITABLE : 0);

	if (peer->is_closed)
		return;
	if (events == 0)
		close_peer(peer);
	else
		check(uv_poll_start(&peer->poll, events, on_peer) == 0);
}

static struct buf refusal(int code, const char *text)
{
	struct buf line = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);

	answer_to_json(&(struct instruction_answer){.code = code, .text = str_of(text)}, &line);
	return line;
}

static void refuse_long_line(struct local_peer *peer)
{
	struct buf line = refusal(EXIT_USAGE, "a line that is too long");

	local_peer_send(peer, buf_view(&line));
	buf_release(&line);
	local_peer_end(peer);
}

/* Who is broken is read to its end at once: what it had asked for before counts. */
static void read_peer(struct local_peer *peer, bool is_broken)
{
	const struct local_server_handler *handler = &peer->server->handler;
	enum local_stream_state state;
	struct str line;

	do {
		state = local_stream_read(&peer->stream);
		while (!peer->is_ending && !peer->is_closed &&
		       local_stream_take(&peer->stream, &line))
			handler->on_line(handler->self, peer, line);
		if (peer->is_ending || peer->is_closed)
			return;
	} while (is_broken && state == LOCAL_STREAM_SOME);
	if (is_broken || state == LOCAL_STREAM_ENDED)
		close_peer(peer);
	else if (state == LOCAL_STREAM_TOO_LONG)
		refuse_long_line(peer);
}

/* Only what has a backlog waits to be writable. */
static void write_peer(struct local_peer *peer)
{
	const struct local_server_handler *handler = &peer->server->handler;

	if (!local_stream_flush(&peer->stream))
		close_peer(peer);
	else if (local_stream_backlog(&peer->stream) == 0 && !peer->is_ending &&
		 handler->on_drained)
		handler->on_drained(handler->self, peer);
}

static void on_peer(uv_poll_t *poll, int status, int events)
{
	struct local_peer *peer = poll->data;

	if ((status < 0 || (events & UV_READABLE)) && !peer->is_ending)
		read_peer(peer, status < 0);
	if (status < 0)
		close_peer(peer);
	if ((events & UV_WRITABLE) && !peer->is_closed)
		write_peer(peer);
	watch_peer(peer);
}

void local_peer_send(struct local_peer *peer, struct str line)
{
	if (peer->is_ending || peer->is_closed)
		return;
	if (!local_stream_put(&peer->stream, line))
		close_peer(peer);
	else
		watch_peer(peer);
}

size_t local_peer_backlog(const struct local_peer *peer)
{
	return local_stream_backlog(&peer->stream);
}

static void on_timer(uv_timer_t *timer);

/* To the moment when the first of those who are ending is cut. */
static void set_timer(struct local_server *server)
{
	instant now = loop_now(server->loop).mono, first = INSTANT_NEVER;

	vec_each(place, &server->peers) {
		struct local_peer *peer = *place;
		if (peer->is_ending && !peer->is_closed && instant_cmp(peer->cut_at, first) < 0)
			first = peer->cut_at;
	}
	if (instant_is_never(first))
		return;
	int64_t wait_ms = MAX(instant_since(first, now), 0);
	check(uv_timer_start(&server->timer, on_timer, (uint64_t)wait_ms, 0) == 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct local_server *server = timer->data;
	instant now = loop_now(server->loop).mono;

	vec_each(place, &server->peers) {
		struct local_peer *peer = *place;
		if (peer->is_ending && instant_cmp(peer->cut_at, now) <= 0)
			close_peer(peer);
	}
	set_timer(server);
}

void local_peer_end(struct local_peer *peer)
{
	struct local_server *server = peer->server;

	if (peer->is_ending || peer->is_closed)
		return;
	peer->is_ending = true;
	peer->cut_at = instant_add(loop_now(server->loop).mono, server->limits.linger_ms);
	/* What the system takes now needs no time. */
	if (!local_stream_flush(&peer->stream))
		close_peer(peer);
	watch_peer(peer);
	if (!peer->is_closed)
		set_timer(server);
}

static bool is_owner(uid_t uid)
{
	return uid == geteuid() || uid == 0;
}

void local_peer_person(const struct local_peer *peer, struct arena *arena,
		       struct person *ret_person)
{
	uid_t uid = peer->identity.uid;

	people_find(uid, arena, ret_person);
	ret_person->is_owner = is_owner(uid);
}

int64_t local_peer_process(const struct local_peer *peer)
{
	return peer->identity.pid;
}

void local_peer_set_user(struct local_peer *peer, void *user)
{
	peer->user = user;
}

void *local_peer_user(const struct local_peer *peer)
{
	return peer->user;
}

/* ---- who connects ---- */

static void turn_away(int fd)
{
	struct buf line = refusal(EXIT_TRY_AGAIN, "too many commands at once: try again");

	buf_char(&line, '\n');
	/* A socket that is new takes it at once. */
	(void)!send(fd, line.p, line.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_release(&line);
	close(fd);
}

static int accept_one(const struct local_server *server)
{
	return accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * There is no descriptor left for who waits, and the loop would call for it again and again: so the
 * spare one is lent for turning it away. False if that did not work.
 */
static bool turn_away_unseen(struct local_server *server)
{
	if (server->spare_fd < 0)
		server->spare_fd = open_spare();
	if (server->spare_fd < 0)
		return false;
	close(server->spare_fd);
	int fd = accept_one(server);
	if (fd >= 0)
		turn_away(fd);
	server->spare_fd = open_spare();
	return fd >= 0;
}

static bool has_place(const struct local_server *server, uid_t uid)
{
	unsigned clients = server->limits.clients;

	return server->peers.n < (is_owner(uid) ? clients : clients - clients / 4);
}

static void take(struct local_server *server, int fd)
{
	struct ucred identity;
	socklen_t n = sizeof identity;

	/* Of a connected unix socket the kernel always knows it. */
	check(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &identity, &n) == 0);
	if (!has_place(server, identity.uid)) {
		turn_away(fd);
		return;
	}
	struct local_peer *peer = mem_zalloc(sizeof *peer);
	peer->server = server;
	peer->identity = identity;
	local_stream_init(&peer->stream, fd, server->limits.line_bytes,
			  server->limits.backlog_bytes);
	check(uv_poll_init(&server->loop->uv, &peer->poll, fd) == 0);
	peer->poll.data = peer;
	vec_push(&server->peers, peer);
	watch_peer(peer);
	if (server->handler.on_open)
		server->handler.on_open(server->handler.self, peer);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct local_server *server = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN && !server->is_closing; i++) {
		int fd = accept_one(server);
		if (fd >= 0)
			take(server, fd);
		else if (errno == EINTR || errno == ECONNABORTED)
			continue;
		else if ((errno != EMFILE && errno != ENFILE) || !turn_away_unseen(server))
			return;
	}
}

/* ---- the socket ---- */

static int fail(struct err *err, const char *what)
{
	return err_set(err, errno == EACCES || errno == EPERM ? E_DENIED : E_IO, "%s: %s", what,
		       strerror(errno));
}

/* Nobody answers there, or there is nothing any more. */
static int check_is_left(const struct sockaddr_un *address, struct err *err)
{
	struct stat st;

	if (lstat(address->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_set(err, E_CONFLICT,
			       "something that is no socket is there: move it away");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(err, "socket");
	int result = connect(fd, (const struct sockaddr *)address, sizeof *address);
	int error = errno;
	close(fd);
	if (result == 0 || error == EAGAIN)
		return err_set(err, E_CONFLICT, "a runner listens there already");
	errno = error;
	if (errno != ECONNREFUSED && errno != ENOENT)
		return fail(err, "look for a runner");
	return 0;
}

static int try_bind(int fd, const struct sockaddr_un *address)
{
	/* The file is made with the mode that the socket has: at no time may others write to it. */
	if (fchmod(fd, S_IRUSR | S_IWUSR) < 0)
		return -1;
	return bind(fd, (const struct sockaddr *)address, sizeof *address);
}

static int bind_at(int fd, const struct sockaddr_un *address, struct err *err)
{
	if (try_bind(fd, address) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return fail(err, "make the socket");
	if (check_is_left(address, err) < 0)
		return -1;
	if (unlink(address->sun_path) < 0 && errno != ENOENT)
		return fail(err, "remove the socket of a runner that is dead");
	if (try_bind(fd, address) < 0)
		return fail(err, "make the socket");
	return 0;
}

static int share(const char *path, const uint32_t *group, struct err *err)
{
	/* First the group, then its rights: never those of another one. */
	if (group && chown(path, (uid_t)-1, *group) < 0)
		return err_set(
			err, E_DENIED,
			"give the socket to group %u: %s: the runner's account must be in it",
			*group, strerror(errno));
	/* Not left to the umask, which can only take away. */
	if (chmod(path, group ? 0660 : 0600) < 0)
		return fail(err, "chmod of the socket");
	return 0;
}

static int open_socket(int fd, const struct sockaddr_un *address, const uint32_t *group,
		       struct stat *ret_socket, struct err *err)
{
	if (bind_at(fd, address, err) < 0)
		return -1;
	if (share(address->sun_path, group, err) < 0 ||
	    (lstat(address->sun_path, ret_socket) < 0 && fail(err, "stat of the socket") < 0) ||
	    (listen(fd, LISTEN_BACKLOG) < 0 && fail(err, "listen") < 0)) {
		unlink(address->sun_path);
		return -1;
	}
	return 0;
}

int local_server_listen(struct local_server *server, const char *path, const uint32_t *group,
			struct err *err)
{
	struct sockaddr_un address;
	struct stat socket_st;

	check(!server->is_listening);
	check(!server->is_closing);
	if (local_address(path, &address, err) < 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(err, "socket");
	if (open_socket(fd, &address, group, &socket_st, err) < 0) {
		close(fd);
		return -1;
	}
	server->address = address;
	server->socket = socket_st;
	server->fd = fd;
	server->spare_fd = open_spare();
	check(uv_poll_init(&server->loop->uv, &server->poll, fd) == 0);
	server->poll.data = server;
	check(uv_poll_start(&server->poll, UV_READABLE, on_connection) == 0);
	server->handle_count++;
	server->is_listening = true;
	return 0;
}

static void on_handle_gone(uv_handle_t *handle)
{
	struct local_server *server = handle->data;

	server->handle_count--;
	if (handle == (uv_handle_t *)&server->poll) {
		close(server->fd);
		if (server->spare_fd >= 0)
			close(server->spare_fd);
		server->is_listening = false;
		tell_if_closed(server);
	}
	forget_if_over(server);
}

/* Begun once: the rest is on_handle_gone(). */
static void stop_listening(struct local_server *server)
{
	struct stat st;
	const char *path = server->address.sun_path;

	if (!server->is_listening || uv_is_closing((uv_handle_t *)&server->poll))
		return;
	if (lstat(path, &st) == 0 && st.st_dev == server->socket.st_dev &&
	    st.st_ino == server->socket.st_ino)
		unlink(path);
	uv_close((uv_handle_t *)&server->poll, on_handle_gone);
}

struct local_server *local_server_new(struct loop *loop, struct local_server_handler handler,
				      struct local_server_limits limits)
{
	struct local_server *server = mem_zalloc(sizeof *server);

	check(limits.line_bytes <= LOCAL_LINE_BYTES_MAX);
	server->loop = loop;
	server->handler = handler;
	server->limits = limits;
	server->fd = server->spare_fd = -1;
	check(uv_timer_init(&loop->uv, &server->timer) == 0);
	server->timer.data = server;
	server->handle_count = 1;
	return server;
}

void local_server_close(struct local_server *server)
{
	check(server->is_listening);
	server->is_closing = true;
	stop_listening(server);
	vec_each(peer, &server->peers)
		local_peer_end(*peer);
}

void local_server_free(struct local_server *server)
{
	server->is_freed = true;
	stop_listening(server);
	vec_each(peer, &server->peers)
		close_peer(*peer);
	uv_close((uv_handle_t *)&server->timer, on_handle_gone);
}
