#include "io/local_stream.h"

#include "base/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* The first time; most lines are short. A long one is read in ever bigger pieces. */
	READ_BYTES = 4 * 1024,
	/* Bytes that were sent are thrown away when they are so many. */
	SENT_BYTES = 256 * 1024,
};

int local_address(const char *path, struct sockaddr_un *ret_address, struct err *err)
{
	size_t n = strlen(path), max = sizeof ret_address->sun_path - 1;

	if (n > max)
		return err_set(err, E_LIMIT,
			       "the path of the socket has %zu bytes and the system allows %zu: "
			       "choose a state directory with a shorter path (--state-dir)",
			       n, max);
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, path, n);
	return 0;
}

void local_stream_init(struct local_stream *stream, int fd, size_t line_bytes_max,
		       size_t backlog_bytes_max)
{
	*stream = (struct local_stream){
		.fd = fd,
		.in = BUF_INIT(line_bytes_max + 1),
		.out = BUF_INIT(backlog_bytes_max + SENT_BYTES),
	};
}

void local_stream_release(struct local_stream *stream)
{
	close(stream->fd);
	buf_release(&stream->in);
	buf_release(&stream->out);
}

static bool has_line(struct local_stream *stream, size_t *ret_at)
{
	struct str rest = str_after(buf_view(&stream->in), stream->looked_at);
	size_t at;

	if (!str_find_char(rest, '\n', &at)) {
		stream->looked_at = stream->in.n;
		return false;
	}
	*ret_at = stream->looked_at + at;
	return true;
}

enum local_stream_state local_stream_read(struct local_stream *stream)
{
	struct buf *in = &stream->in;
	size_t room, at;

	buf_consume(in, stream->taken);
	stream->looked_at -= stream->taken;
	stream->taken = 0;
	check(!has_line(stream, &at));

	char *p = buf_space(in, MAX(in->n, (size_t)READ_BYTES), &room);
	if (room == 0)
		return LOCAL_STREAM_TOO_LONG;
	ssize_t n = recv(stream->fd, p, room, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return LOCAL_STREAM_NOTHING;
	if (n <= 0)
		return LOCAL_STREAM_ENDED;
	buf_commit(in, (size_t)n);
	if (in->n == in->max && !has_line(stream, &at))
		return LOCAL_STREAM_TOO_LONG;
	return LOCAL_STREAM_SOME;
}

bool local_stream_take(struct local_stream *stream, struct str *ret_line)
{
	size_t at;

	if (!has_line(stream, &at))
		return false;
	*ret_line = str_make(stream->in.p + stream->taken, at - stream->taken);
	stream->taken = stream->looked_at = at + 1;
	return true;
}

bool local_stream_put(struct local_stream *stream, struct str line)
{
	struct buf *out = &stream->out;

	check(line.n <= LOCAL_LINE_BYTES_MAX);
	check(!str_find_char(line, '\n', NULL));
	if (local_stream_backlog(stream) + line.n + 1 > out->max - SENT_BYTES)
		return false;
	buf_str(out, line);
	buf_char(out, '\n');
	check(!buf_overflowed(out));
	return true;
}

bool local_stream_flush(struct local_stream *stream)
{
	struct buf *out = &stream->out;

	while (stream->sent < out->n) {
		ssize_t n = send(stream->fd, out->p + stream->sent, out->n - stream->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return false;
		stream->sent += (size_t)n;
	}
	if (stream->sent == out->n || stream->sent >= SENT_BYTES) {
		buf_consume(out, stream->sent);
		stream->sent = 0;
	}
	return true;
}

size_t local_stream_backlog(const struct local_stream *stream)
{
	return stream->out.n - stream->sent;
}
