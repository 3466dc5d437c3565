#pragma once
/*
 * gate_check: can the gates of a promotion be satisfied at all, by people of this machine who can
 * connect to the runner?
 *
 * No test of its own: tests/sim goes through it.
 */
#include "base/arena.h"
#include "model/promotion.h"

/* EXIT_DONE, or the exit code: what is wrong was said, with its place in the file. */
int gate_check(const struct promotion *promotion, struct str file, struct str socket_group);
