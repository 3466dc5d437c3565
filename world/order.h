#pragma once
/*
 * order: the stages that a run, or whoever syncs, is held to: what is asked of whom. judge.h says
 * what the promise asks.
 *
 * No test of its own: judge_test.c, and every scenario.
 */
#include "argo/argo.h"
#include "base/arena.h"
#include "model/plan.h"

struct order {
	struct str revision; /* a whole SHA */
	const struct plan_stage *stages;
	uint32_t stage_count;
	/* Applications that the script says are left out, by tokens of argo/steer. */
	const struct str *left_out;
	size_t left_out_count;
};

/* The first stage that selects it, or STAGE_NONE. */
uint32_t order_stage_of(const struct order *order, const struct app *app);
bool order_leaves_out(const struct order *order, const struct app *app);

/*
 * By the Jobs alone, when all is over, and for people: how long after each Application of a stage
 * had one that succeeded the first one of the next stage began. Stricter than the promise: who is
 * unchanged has no Job.
 */
struct str order_tell_jobs(const struct order *order, struct argo *argo, struct arena *arena);
