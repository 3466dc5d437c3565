#pragma once
/*
 * sim_client: one request to a simulator that runs, and its answer; for the verbs of `tiphys sim`.
 *
 * No test of its own: it decides nothing; tests/sim goes through it.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct sim_place {
	struct str address, token;
};

/* From the control file at the path: two lines, the address and the token. */
[[nodiscard]] int sim_place_read(const char *path, struct arena *arena, struct sim_place *ret_place,
				 struct err *err);

/*
 * "GET" or "POST". The body of the answer is appended. E_IO if there is nobody; E_MISSING with the
 * simulator's own words if it refuses.
 */
[[nodiscard]] int sim_ask(const struct sim_place *place, const char *method, struct str target,
			  struct str body, struct buf *ret_body, struct err *err);
