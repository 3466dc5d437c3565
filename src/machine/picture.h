#pragma once
/*
 * picture: makes the overview of a run: where it stands, and why. What is known durably comes from
 * the facts; what an application waits for is judged as a decision would, but nothing is decided.
 */
#include "machine/run.h"
#include "model/overview.h"

/* Arrays and new texts live in the arena, the others belong to the run and to its plan. */
void picture_make(struct run *run, const struct now *now, struct arena *arena,
		  struct overview *ret);
