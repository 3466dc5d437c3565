#pragma once
/*
 * runner: the one process of a state directory: journal, promotions and the socket. It is started
 * by the first command that needs it and ends when there is nothing to do any more; whatever ends
 * it, the next one goes on from the journal.
 *
 * No test of its own: tests/sim plays it as a process.
 */
#include "base/str.h"

struct runner_options {
	struct str folder;	 /* absolute */
	struct str socket_group; /* who else may connect; empty: nobody */
};

/* To its end; the exit code. */
int runner_run(const struct runner_options *options);

/* Whose members may connect: the flag's group, or else $TIPHYS_SOCKET_GROUP; empty: nobody's. */
struct str runner_socket_group(struct str flag);

/* "FOLDER/socket", "FOLDER/log". */
struct arena;
struct str runner_socket(struct str folder, struct arena *arena);
struct str runner_log(struct str folder, struct arena *arena);
