#pragma once
/*
 * order: whether the past kept the order of the stages; made of what Applications remember.
 *
 * The words:
 *   - a *release* is one revision of one group (an ApplicationSet, or a label's value);
 *   - an Application *had* it when the first deployment of that revision that it remembers had
 *     ended. Syncing the same again, and going back to it later, don't count;
 *   - a release is *out of order* if the first deployment of an Application of a later stage began
 *     before an Application of an earlier stage of the same group had it, or though one never had
 *     it. An Application that was created after that beginning is not held to it;
 *   - beginning in the very second in which the other was done is told as that: stamps are of one
 *     second.
 *
 * What can't be known is said, not guessed. A history that was cut (struct app_history) may have
 * lost a deployment of the release:
 *   - if the release is the oldest that it remembers, it may have had it earlier: that can only
 *     acquit the Application of the earlier stage, and only convict the one of the later stage;
 *   - if it remembers none, it may have had it or not; unless it remembers a release that the one
 *     of the later stage had before this one: then it would remember this one, too.
 * Releases are taken to go forward: what is remembered behind another revision is taken for the
 * first, and what came later to be newer. (It could have been there before, and have come back.)
 */
#include "base/arena.h"
#include "model/order_report.h"

/* The plan and the histories outlive the report. */
void order_judge(const struct order_plan *plan, const struct app_history *apps, size_t count,
		 uint64_t seed, struct arena *arena, struct order_report *ret_report);
