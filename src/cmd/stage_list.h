#pragma once
/*
 * stage_list: the stages of a run as they stand on the command line: --selector, every --then, and
 * the numbers of --expect.
 *
 *	struct stage_list list = {0};
 *
 *	if (stage_list_make(&list, &stage_texts, &wrong, err) < 0)
 *		the error names the flag; `wrong` is the selector that its column is about, or empty
 *	stage_list_plan(&list, &plan);		the plan points into the list
 *	stage_list_release(&list);		also after a failure
 */
#include "base/err.h"
#include "cmd/options.h"
#include "model/plan.h"

struct stage_texts {
	struct str selector; /* p == NULL: it was not given */
	bool all;
	const struct text_list *then;
	struct str expect; /* p == NULL: it was not given */
};

struct stage_list {
	struct plan_stage stages[STAGES_MAX];
	struct selector selectors[STAGES_MAX];
	uint32_t count;
	struct buf shared; /* what the server selects by */
};

/* E_USAGE, E_SYNTAX with a column in `ret_wrong`, E_LIMIT. The texts outlive the list. */
[[nodiscard]] int stage_list_make(struct stage_list *list, const struct stage_texts *texts,
				  struct str *ret_wrong, struct err *err);

void stage_list_plan(const struct stage_list *list, struct plan *plan);

void stage_list_release(struct stage_list *list);
