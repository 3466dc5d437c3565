#pragma once
/*
 * Chaos for the toy: from the toy's seed a plan, a few Applications in any state, an API server
 * that fails now and then, a watch that lags, loses and repeats, and strangers who do what they
 * like. The same seed gives the same story.
 */
#include "toy.h"

/* Changes the plan, which the toy has already, and fills the toy. */
void chaos_make(struct toy *toy, struct plan *plan);

/* Checks what must hold at the end of any story; the toy has checked the rest on the way. */
void chaos_check(const struct toy *toy);

/* Of a story that was made: its stages, which are copied to `stages`, are on two Argo CDs, whose
 * clocks differ by up to half an hour. Nothing, if there is one stage. */
void chaos_part(struct toy *toy, struct plan *plan, struct plan_stage *stages, uint64_t seed);
