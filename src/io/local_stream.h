#pragma once
/*
 * local_stream: lines over a unix socket: what local_server and local_client have in common.
 *
 *	local_stream_init(&stream, fd, LOCAL_LINE_BYTES_MAX, backlog_bytes_max);
 *	...					the descriptor is readable:
 *	state = local_stream_read(&stream);
 *	while (local_stream_take(&stream, &line))
 *		...				borrowed until the next read
 *	...					and to write:
 *	if (!local_stream_put(&stream, line))
 *		...				its reader is too slow
 *	local_stream_flush(&stream);		as soon as the descriptor is writable
 *
 * A line is what stands before a line break; what has none at the end of the stream is no line.
 * Nothing here waits: the descriptor must be non-blocking.
 */
#include "base/buf.h"
#include "base/err.h"

#include <sys/un.h>

/* Without its line break. Who sends longer ones breaks a rule of ours. */
#define LOCAL_LINE_BYTES_MAX (1 * MIB)

/* E_LIMIT if the path is longer than the address of a socket can be. */
[[nodiscard]] int local_address(const char *path, struct sockaddr_un *ret_address, struct err *err);

struct local_stream {
	int fd;
	struct buf in, out;
	size_t taken;	  /* of `in`: handed over as lines */
	size_t looked_at; /* of `in`: searched for the end of the next line */
	size_t sent;	  /* of `out` */
};

/* The descriptor is the stream's from here on. */
void local_stream_init(struct local_stream *stream, int fd, size_t line_bytes_max,
		       size_t backlog_bytes_max);
/* Closes it. */
void local_stream_release(struct local_stream *stream);

enum local_stream_state {
	LOCAL_STREAM_SOME,     /* bytes came; there may be more */
	LOCAL_STREAM_NOTHING,  /* for now */
	LOCAL_STREAM_TOO_LONG, /* a line has more bytes than it may: nothing more can be read */
	LOCAL_STREAM_ENDED,    /* the other end is closed, or broken */
};

/* Once, and not before all lines have been taken. With each state there may be lines to take. */
[[nodiscard]] enum local_stream_state local_stream_read(struct local_stream *stream);
[[nodiscard]] bool local_stream_take(struct local_stream *stream, struct str *ret_line);

/* Adds the line and its break to what is to be written. False, and nothing is added, if more than
 * the backlog's maximum would wait for the reader. */
[[nodiscard]] bool local_stream_put(struct local_stream *stream, struct str line);
/* Writes what the system takes now. False: the other end is gone. */
[[nodiscard]] bool local_stream_flush(struct local_stream *stream);
size_t local_stream_backlog(const struct local_stream *stream);
