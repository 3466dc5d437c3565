#pragma once
/*
 * order: the promise, held against what the clusters themselves recorded: whoever asks for a sync
 * of an Application of a later stage, each Application of all earlier stages was done at R.
 *
 * It believes neither Argo CD nor tiphys: an Application is done at R by the Jobs of its cluster,
 * the last of R having succeeded and none of R running; or, if it has no hook, by its live objects
 * having been changed by a sync at R and its Deployment being Healthy. So a script's commits must
 * change every Application.
 *
 *	struct order order = {.revision = sha, .stages = stages, .stage_count = 2};
 *	order_check(&order, argo, STR("web-prd-1"), &arena)	at the moment of asking
 *
 * No test of its own: the scenarios that are expected to go wrong show that it can find something.
 */
#include "argo/argo.h"
#include "base/arena.h"
#include "model/plan.h"

struct order {
	struct str revision;
	const struct plan_stage *stages;
	uint32_t stage_count;
	bool has_hooks; /* the charts have a PostSync hook */
	/* Applications that the script says are left out, by tokens of argo/steer. */
	const struct str *left_out;
	size_t left_out_count;
};

/* What is wrong with a sync of this Application now; empty: nothing. */
struct str order_check(const struct order *order, struct argo *argo, struct str name,
		       struct arena *arena);

/*
 * The same by the Jobs alone, when all is over: the first one of a later stage began after each
 * Application of all earlier stages had one that succeeded. Says how far apart they were.
 */
struct str order_check_jobs(const struct order *order, struct argo *argo, struct arena *arena,
			    bool *ret_is_broken);

/* What is wrong with a run that ends 0 now: an Application of any stage that is not done. */
struct str order_check_end(const struct order *order, struct argo *argo, struct arena *arena);
