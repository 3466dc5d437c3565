#pragma once
/*
 * promotion: a promotion file as it was understood: the stages of one application's way through its
 * clusters. The revision always comes from outside.
 *
 * Made by wire/promotion_yaml. Where a thing stood is kept, so that what turns out to be wrong
 * about it later (a gate that nobody can satisfy) is told with its line.
 *
 * No test of its own: structs.
 */
#include "model/plan.h"

struct place {
	unsigned line, column; /* from 1; 0: it is not in the file */
};

struct promotion_places {
	struct place stage, selector, context, gate;
	const struct place *approvers; /* one for each */
};

struct promotion {
	struct str app, project; /* empty: the file does not say */
	struct str profile;	 /* which of its `profiles` this is; empty: its `promotions` */
	const struct plan_stage *stages; /* `server` is set by who finds it */
	const struct str *contexts;	 /* for each: its Argo CD's; empty: the command's own */
	const struct promotion_places *places; /* one for each stage */
	uint32_t stage_count;		       /* from 1 to STAGES_MAX */
};
