#pragma once
/*
 * local_client: how a command reaches the runner of a state directory: lines to and from its
 * socket, in the loop. Most commands ask one thing and end: local_client_ask().
 *
 *	struct local_client *client;
 *	if (local_client_connect(&loop, path, handler, &client, err) < 0)
 *		...
 *	local_client_send(client, line);
 *	...					on_line for each line, and on_end at last
 *	local_client_free(client);		before loop_release
 *
 * No handler is called from inside a function of this module, and all of them, local_client_free()
 * too, may be called from inside a handler. There is no limit in time here: that is the loop's
 * deadline.
 *
 * What the runner is told, it may do, though the connection breaks: where an answer is lacking,
 * nothing is known of what was asked for.
 */
#include "io/local_stream.h"
#include "io/loop.h"

struct local_client;

struct local_client_handler {
	void *self;
	/* Borrowed for the call. */
	void (*on_line)(void *self, struct str line);
	/* Nothing comes any more: E_IO, or E_PROTOCOL for a line that has no end. */
	void (*on_end)(void *self, const struct err *err);
};

/*
 * E_MISSING: nobody listens there, so there is no runner. E_DENIED: it is somebody else's. E_IO:
 * it has too much to do; E_LIMIT: such a path can't be one.
 */
[[nodiscard]] int local_client_connect(struct loop *loop, const char *path,
				       struct local_client_handler handler,
				       struct local_client **ret, struct err *err);
/* No handler is called any more. What was sent and not yet taken is lost. */
void local_client_free(struct local_client *client);

/* Adds the line break. The line has none, and LOCAL_LINE_BYTES_MAX bytes at most. */
void local_client_send(struct local_client *client, struct str line);

/* Somebody listens there. */
bool local_client_is_there(const char *path);

/* ---- one question, one answer ---- */

struct local_question {
	const char *path;
	struct str line;
	int64_t timeout_ms;
	/* Called with each line that comes; true: that was it. */
	bool (*is_answer)(void *self, struct str line);
	void *self;
};

/*
 * In a loop of its own, so not while another one runs. Errors as above, and E_IO when the time is
 * over or a signal came: *ret_signal_code is 0, or the exit code that stands for the signal. After
 * each E_IO it is not known whether the runner did what it was asked for; the text says so.
 */
[[nodiscard]] int local_client_ask(const struct local_question *question, int *ret_signal_code,
				   struct err *err);
