#pragma once
/*
 * token: "v1/RUN/UID/N", which an operation that a run asks for carries: N is the number of its
 * POST among those of the run for this Application. It tells whose an operation is, and which.
 */
#include "base/arena.h"

struct str token_make(struct arena *arena, struct str run, struct str uid, uint32_t post);

/* The run in a token, of whatever version; empty: it is none. */
struct str token_run(struct str token);

/* The number of the POST, if the token is of that run; 0: it is not. */
uint32_t token_post(struct str token, struct str run);
