#pragma once
/*
 * targets: the Argo CDs of a promotion: the command's own (cmd/target), and those that stages name
 * by `context`. What a stage names is found by the argocd command's configuration alone: the
 * command's flags, ARGOCD_SERVER and ARGOCD_AUTH_TOKEN are of its own Argo CD, and go nowhere else.
 *
 *	struct targets targets;
 *	int code = targets_open(&flags, &promotion, file, &targets);
 *	if (code == EXIT_DONE)
 *		targets_plan(&targets, &promotion, &plan);
 *	targets_release(&targets);
 *
 * No test of its own: tests/sim goes through it.
 */
#include "cmd/target.h"
#include "model/promotion.h"

struct targets {
	struct target v[SERVERS_MAX]; /* the command's own first, if a stage is there */
	uint32_t count;
	uint32_t of_stage[STAGES_MAX];
	struct arena arena; /* what was made for the plan */
};

/* EXIT_DONE, or the exit code: what is wrong was said, with its place in the file. The command's
 * own is looked for only if a stage is there. targets_release() follows in any case. */
int targets_open(const struct target_flags *flags, const struct promotion *promotion,
		 struct str file, struct targets *ret);
void targets_release(struct targets *targets);

/* Sets the plan's servers and stages; the targets outlive it. */
void targets_plan(struct targets *targets, const struct promotion *promotion, struct plan *plan);
