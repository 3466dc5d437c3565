#pragma once
/*
 * desk: where the commands of this machine are answered: each line that comes over the socket is a
 * wish or an instruction; each wish gets lines and then one TOLD_END, each instruction its answer.
 * Who watches when the runner is about to end gets TOLD_LEFT; nothing at all means that it died.
 *
 * The owner may do everything; others who may connect (a group, by the socket's mode) may read, and
 * answer at gates: machine/gate says whether they may.
 *
 * A second promotion of an application waits a little before it is refused: the one that is in the
 * way looks at its applications, and ends by itself if they have moved on.
 *
 * No test of its own: tests/sim plays it, in a runner.
 */
#include "cmd/host.h"
#include "io/local_server.h"

struct desk;

/* The host outlives it. Its handlers are what host_new() is given. */
struct desk *desk_new(struct loop *loop);
void desk_free(struct desk *desk);
struct host_handler desk_handler(struct desk *desk, void (*on_failure)(void *, const struct err *),
				 void *self);
void desk_open(struct desk *desk, struct host *host);

/* For local_server. */
void desk_hear(struct desk *desk, struct local_peer *peer, struct str line);
void desk_part(struct desk *desk, struct local_peer *peer);

/* The runner ends, though its promotions have not: tells all who watch why. They are gone then. */
void desk_leave(struct desk *desk, int code, struct str why);

/* Somebody watches, or waits for an answer. */
bool desk_is_busy(const struct desk *desk);
/* When desk_tick() is wanted. */
instant desk_deadline(const struct desk *desk);
void desk_tick(struct desk *desk);
