#pragma once
/*
 * sim_control: the verbs that steer a simulator that runs: `tiphys sim push` and its like. They
 * find it by its address: at the same machine, in the runtime folder, stands a file of its owner's
 * alone with the token that lets them in.
 *
 * No test of its own: tests/sim uses the verbs, and help_test.c reads what they say.
 */
#include "base/arena.h"
#include "cmd/command.h"

/* Where a simulator answers, and its verbs look for it, if nothing else is said. */
#define SIM_ADDRESS "127.0.0.1:8080"

/* push, status, fail, … */
extern const struct command *const sim_verbs[];
extern const size_t sim_verb_count;

/* Where the simulator at an address puts that file; the folder is made. NUL-terminated. */
struct str sim_control_path(struct str address, struct arena *arena);
