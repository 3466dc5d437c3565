#pragma once
/*
 * stage: the order of the stages. One is at work at a time; its group of applications is synced,
 * and behind it stands its barrier:
 *
 *   at work   until each member was done at an instant of its own
 *   barrier   each is read once more; who is found not done goes back to work, alone
 *   passed    each was found done still: the next stage begins, unless something has failed
 *
 * So nothing of a stage is posted before each member of each stage before it was done, and was
 * found done by a re-read that began after the last of them was.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "machine/group.h"

/* Tells the plan: each stage, who is selected by several, and in a dry run who by none. */
void stage_tell_plan(struct group *group, const struct run_facts *facts, const struct now *now,
		     struct out *out);

/* Why the plan cannot be carried out, or empty: a stage that selects nothing, or has more members
 * than are expected. `ret_code`: the exit code. */
struct str stage_find_fault(const struct group *group, const struct run_facts *facts,
			    struct arena *arena, int *ret_code);
/* The first stage that has fewer members than are expected, or STAGE_NONE. */
uint32_t stage_find_short(const struct group *group, const struct run_facts *facts);

/* After a restart, once all is read again. */
void stage_restore(struct group *group, const struct run_facts *facts, const struct now *now,
		   struct out *out);

/* Writes down what follows from the facts: the first stage, a barrier, a stage that is passed, the
 * next one. Call it again once the entries are applied. */
void stage_decide(struct group *group, const struct run_facts *facts, const struct now *now,
		  struct out *out);

/* True once nothing will happen any more; `ret_code` is the run's exit code. */
bool stages_are_over(const struct group *group, const struct run_facts *facts, int *ret_code);
uint32_t stages_passed(const struct run_facts *facts);
