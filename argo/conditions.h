#pragma once
/*
 * conditions: what an ApplicationSet says of itself: ErrorOccurred, ParametersGenerated,
 * ResourcesUpToDate, RolloutProgressing.
 *
 * One is told, others follow: an error makes ResourcesUpToDate false, being up to date takes the
 * error back. What stays the same in status, reason and words keeps its stamp, so a condition says
 * nothing of the generation or the commit that it was last found true for.
 */
#include "argo/appset_object.h"

struct appset_condition {
	struct str type, reason, message;
	bool is_true;
};

/* False: nothing that is shown has changed. `has_params`: the generators had no error. The list is
 * in the order of types. */
bool appset_set_condition(struct appset *set, const struct appset_condition *condition,
			  bool has_params, wall now);
/* "True/Reason", or empty. */
struct str appset_condition_state(const struct appset *set, struct str type);
