#pragma once
/*
 * plan_hash: what an approval is of: the hash of all that was asked for, in wire/plan_json's bytes,
 * but for who asked and under which id. So the same file, flags and revision against the same Argo
 * CD have the same hash, before they are submitted (`promote --plan`) as well as at a gate.
 *
 * The journal's own hash of a plan is another one: of the bytes that it keeps.
 */
#include "base/arena.h"
#include "base/err.h"
#include "model/plan.h"

/* In hexadecimal, in the arena. Errors are plan_to_json()'s. */
[[nodiscard]] int plan_hash_make(const struct plan *plan, struct arena *arena, struct str *ret,
				 struct err *err);
