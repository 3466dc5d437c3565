#pragma once
/*
 * local_server: the socket at which the commands of this machine reach the one runner of a state
 * directory. It carries lines; what they mean is its user's business (wire/instruction_json). One
 * thread, the loop's; nothing in it waits.
 *
 *	struct local_server *server = local_server_new(&loop, handler, LOCAL_SERVER_LIMITS);
 *	if (local_server_listen(server, path, NULL, err) < 0)
 *		...
 *	...						on_open, on_line, on_close
 *	local_peer_send(peer, line);			at once, or any time before on_close
 *	...
 *	local_server_close(server);			on_closed: everybody has left
 *	local_server_free(server);			before loop_release
 *
 * Who may connect is the socket's mode: its owner, or a group, too. Who did is what the kernel says
 * of the process that connected, so nobody can give another name: local_peer_person().
 *
 * Promises:
 *   - no handler is called from inside a function of this module, and all of them but
 *     local_server_free() may be called from inside a handler;
 *   - after on_open comes on_close, once, whatever ended the connection; until it has returned, the
 *     peer may be sent to, which does nothing any more when the connection is closed;
 *   - what comes after the end of a peer was asked for is not read.
 *
 * Everything that comes from outside has a limit. Who sends a line that is too long, or is one
 * client too many, is told so in an answer to command 0 and cut; who doesn't take what it is sent
 * is cut. Who ends its sending has left. There is no limit in time: somebody may watch for hours.
 * A quarter of the places is the owner's: others can't keep it from ending what must be ended.
 */
#include "base/arena.h"
#include "io/local_stream.h"
#include "io/loop.h"
#include "model/instruction.h"

struct local_server_limits {
	unsigned clients;     /* a quarter of them, rounded down, for the owner alone */
	size_t line_bytes;    /* of one that comes in; LOCAL_LINE_BYTES_MAX at most */
	size_t backlog_bytes; /* that a peer was sent and has not taken */
	int64_t linger_ms;    /* that somebody who is to leave has for what was sent before */
};
#define LOCAL_SERVER_LIMITS                                                                        \
	((struct local_server_limits){.clients = 64,                                               \
				      .line_bytes = LOCAL_LINE_BYTES_MAX,                          \
				      .backlog_bytes = 8 * MIB,                                    \
				      .linger_ms = 2000})

struct local_server;
struct local_peer; /* a client, as the server sees it */

/* All but on_line may be NULL. */
struct local_server_handler {
	void *self;
	void (*on_open)(void *self, struct local_peer *peer);
	/* The line is borrowed for the call. */
	void (*on_line)(void *self, struct local_peer *peer, struct str line);
	/* All that the peer was sent has been taken by the system. */
	void (*on_drained)(void *self, struct local_peer *peer);
	/* The last word about the peer. */
	void (*on_close)(void *self, struct local_peer *peer);
	/* After local_server_close(): nobody is connected any more. */
	void (*on_closed)(void *self);
};

struct local_server *local_server_new(struct loop *loop, struct local_server_handler handler,
				      struct local_server_limits limits);
/* Cuts what is under way; no handler is called any more. Not from inside one. */
void local_server_free(struct local_server *server);

/*
 * With a group (its number; NULL: none) its members may connect, too. Once for each server.
 *
 * The socket of a runner that is dead is taken over: nobody answers there. That nobody else does so
 * at the same time is for the caller, who must hold the state directory's lock. E_CONFLICT if
 * somebody does answer, or the path is something else than a socket; E_LIMIT if it is too long.
 */
[[nodiscard]] int local_server_listen(struct local_server *server, const char *path,
				      const uint32_t *group, struct err *err);

/*
 * No more clients; the path is gone, unless somebody else has it by now. Who is connected has
 * `linger_ms` for what it was sent.
 */
void local_server_close(struct local_server *server);

/* Adds the line break. The line has none, and LOCAL_LINE_BYTES_MAX bytes at most. */
void local_peer_send(struct local_peer *peer, struct str line);
/* Bytes that were sent and that the system has not taken. Who has much to send waits for
 * on_drained now and then. */
size_t local_peer_backlog(const struct local_peer *peer);
/* No more lines from it; closed when it has what it was sent, or after `linger_ms`. */
void local_peer_end(struct local_peer *peer);

/*
 * Who it is, asked now: see io/people, which may block. The texts live in the arena. is_owner: it
 * is this process's account, or root, who can become it anyway and should act under its own name.
 */
void local_peer_person(const struct local_peer *peer, struct arena *arena,
		       struct person *ret_person);
/* The process that connected; by now it may be another one's number. */
int64_t local_peer_process(const struct local_peer *peer);

/* What its user wants to find again with it. */
void local_peer_set_user(struct local_peer *peer, void *user);
void *local_peer_user(const struct local_peer *peer);
