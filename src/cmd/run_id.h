#pragma once
/*
 * run_id: the name of a run: ten characters, short enough to be read out, and no two runs have the
 * same.
 *
 * No test of its own: every run has one.
 */
#include "base/arena.h"

struct str run_id_make(struct arena *arena);
