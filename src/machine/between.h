#pragma once
/*
 * between: what lies between the syncs of a stage and the barrier before the next one, in a
 * promotion: first the soak of the stage that is done, then the gate of the one that comes.
 *
 * Who falls ill in the soak breaks it, by the rule in the file: what was counted is lost, or only
 * stops, or the promotion fails. An Application that is done no more is reopened in any case, and
 * the stage is at work again; but a soak that is over and a gate that was passed are not asked for
 * again, as the barrier reads all of them once more.
 */
#include "machine/group.h"

/* True if the next stage may come, as far as time and people go. `stage` is at work, or STAGE_NONE
 * before the first one. Writes down what happens, and sets group->wake. */
bool between_is_over(struct group *group, const struct run_facts *facts, uint32_t stage,
		     const struct now *now, struct out *out);

/* Takes notice of who has just fallen ill. */
void between_see_ill(struct group *group, const struct run_facts *facts, const struct now *now,
		     struct out *out);
