#pragma once
/*
 * order_stages: the stages of --order, one line: 'env=test > env=stg > env=prd'.
 *
 * A '>' separates stages, unless a number follows: 'tier>2' is a selector (model/selector.h) that
 * asks for a greater value.
 *
 *	struct order_stages stages = {0};
 *
 *	if (order_stages_parse(text, &stages, &wrong, err) < 0)
 *		...			also then it is to be released
 *	order_stages_release(&stages);
 */
#include "model/plan.h"
#include "model/selector.h"

struct order_stages {
	struct plan_stage stages[STAGES_MAX];
	struct selector selectors[STAGES_MAX];
	uint32_t count;
	struct buf shared; /* what all stages require, as a selector; may be empty */
};

/*
 * E_USAGE; E_LIMIT; E_SYNTAX with a column in `ret_wrong`, which is the stage that is wrong. The
 * text outlives the stages.
 */
[[nodiscard]] int order_stages_parse(struct str text, struct order_stages *stages,
				     struct str *ret_wrong, struct err *err);

void order_stages_release(struct order_stages *stages);
