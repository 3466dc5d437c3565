#include "io/local_client.h"

#include "base/alloc.h"
#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of what the runner has not taken: the one command, or a few. */
#define BACKLOG_BYTES_MAX (8 * MIB)

struct local_client {
	struct local_client_handler handler;
	struct local_stream stream;
	uv_poll_t poll;
	bool is_ended; /* on_end was called */
	bool is_freed;
};

static int fail_to_connect(struct err *err)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return err_set(err, E_MISSING, "no runner listens there");
	case EACCES:
	case EPERM:
		return err_set(err, E_DENIED,
			       "the runner is not yours: ask as its account, or as a member of "
			       "the group that its socket is for");
	case EAGAIN:
		return err_set(err, E_IO, "the runner has too much to do: try again");
	default:
		return err_set(err, E_IO, "connect to the runner: %s", strerror(errno));
	}
}

static int open_connection(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un address;

	if (local_address(path, &address, err) < 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, E_IO, "socket: %s", strerror(errno));
	/* A unix socket connects at once or not at all. */
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		fail_to_connect(err);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

static void on_gone(uv_handle_t *handle)
{
	struct local_client *client = handle->data;

	local_stream_release(&client->stream);
	mem_free(client);
}

static void end(struct local_client *client, enum err_code code, const char *text)
{
	struct err err;

	uv_poll_stop(&client->poll);
	client->is_ended = true;
	err_set(&err, code, "%s", text);
	client->handler.on_end(client->handler.self, &err);
}

/*
 * A runner that refuses us writes why and closes, and our own writing fails first: so what is left
 * to read is read to its end.
 */
static void read_runner(struct local_client *client, bool is_broken)
{
	enum local_stream_state state;
	struct str line;

	do {
		state = local_stream_read(&client->stream);
		while (!client->is_freed && local_stream_take(&client->stream, &line))
			client->handler.on_line(client->handler.self, line);
		if (client->is_freed)
			return;
	} while (is_broken && state == LOCAL_STREAM_SOME);
	if (state == LOCAL_STREAM_TOO_LONG)
		end(client, E_PROTOCOL, "the runner sent a line that is too long");
	else if (is_broken || state == LOCAL_STREAM_ENDED)
		end(client, E_IO, "the runner closed the connection");
}

static void on_runner(uv_poll_t *poll, int status, int events);

static void watch(struct local_client *client)
{
	int events = UV_READABLE | (local_stream_backlog(&client->stream) > 0 ? UV_WRITABLE : 0);

	if (!client->is_ended && !client->is_freed)
		check(uv_poll_start(&client->poll, events, on_runner) == 0);
}

static void on_runner(uv_poll_t *poll, int status, int events)
{
	struct local_client *client = poll->data;
	bool is_broken = status < 0;

	if (!is_broken && (events & UV_WRITABLE))
		is_broken = !local_stream_flush(&client->stream);
	if (is_broken || (events & UV_READABLE))
		read_runner(client, is_broken);
	watch(client);
}

bool local_client_is_there(const char *path)
{
	struct err err;
	int fd;

	if (open_connection(path, &fd, &err) < 0)
		return false;
	close(fd);
	return true;
}

int local_client_connect(struct loop *loop, const char *path, struct local_client_handler handler,
			 struct local_client **ret, struct err *err)
{
	int fd = -1;

	if (open_connection(path, &fd, err) < 0)
		return -1;
	struct local_client *client = mem_zalloc(sizeof *client);
	client->handler = handler;
	local_stream_init(&client->stream, fd, LOCAL_LINE_BYTES_MAX, BACKLOG_BYTES_MAX);
	check(uv_poll_init(&loop->uv, &client->poll, fd) == 0);
	client->poll.data = client;
	watch(client);
	*ret = client;
	return 0;
}

void local_client_free(struct local_client *client)
{
	client->is_freed = true;
	uv_close((uv_handle_t *)&client->poll, on_gone);
}

void local_client_send(struct local_client *client, struct str line)
{
	check(!client->is_freed);
	if (client->is_ended)
		return;
	/* Eight times the longest line: who sends more does not wait for answers. */
	check(local_stream_put(&client->stream, line));
	watch(client);
}

/* ---- one question, one answer ---- */

struct asking {
	struct loop loop;
	const struct local_question *question;
	bool is_answered;
	int signal_code;
	struct err err;
};

#define UNKNOWN "whether it was done is not known: look before you ask again"

static void take_line(void *self, struct str line)
{
	struct asking *asking = self;

	if (asking->is_answered || !asking->question->is_answer(asking->question->self, line))
		return;
	asking->is_answered = true;
	loop_stop(&asking->loop);
}

static void take_end(void *self, const struct err *err)
{
	struct asking *asking = self;

	err_set(&asking->err, err->code, "%s before it answered; " UNKNOWN, err->text);
	loop_stop(&asking->loop);
}

static void take_deadline(void *self)
{
	struct asking *asking = self;

	err_set(&asking->err, E_IO, "no answer within %s; " UNKNOWN,
		duration_format(asking->question->timeout_ms).s);
	loop_stop(&asking->loop);
}

static void take_interrupt(void *self, int exit_code)
{
	struct asking *asking = self;

	asking->signal_code = exit_code;
	err_set(&asking->err, E_IO, "interrupted before the answer; " UNKNOWN);
	loop_stop(&asking->loop);
}

static int ask(struct asking *asking, struct err *err)
{
	const struct local_question *question = asking->question;
	struct local_client_handler handler = {
		.self = asking, .on_line = take_line, .on_end = take_end};
	struct local_client *client;

	if (local_client_connect(&asking->loop, question->path, handler, &client, err) < 0)
		return -1;
	local_client_send(client, question->line);
	loop_set_deadline(&asking->loop,
			  instant_add(loop_now(&asking->loop).mono, question->timeout_ms));
	loop_run(&asking->loop);
	local_client_free(client);
	if (asking->is_answered)
		return 0;
	*err = asking->err;
	return -1;
}

int local_client_ask(const struct local_question *question, int *ret_signal_code, struct err *err)
{
	struct asking asking = {.question = question};

	loop_init(&asking.loop, (struct loop_handler){.self = &asking,
						      .on_deadline = take_deadline,
						      .on_interrupt = take_interrupt});
	int result = ask(&asking, err);
	/* A deadline that is still set would be waited for. */
	loop_set_deadline(&asking.loop, INSTANT_NEVER);
	loop_release(&asking.loop);
	*ret_signal_code = result < 0 ? asking.signal_code : 0;
	return result;
}
