#include "world/truth.h"

/* The last Job of this revision, or of one that makes the same; NULL: there was none. */
static const struct hook_job *last_job(const struct argo *argo, struct str app, struct str revision)
{
	const struct hook_job *jobs;

	for (size_t i = argo_jobs(argo, &jobs); i-- > 0;)
		if (str_eq(jobs[i].app, app) &&
		    argo_makes_same(argo, app, revision, jobs[i].revision))
			return &jobs[i];
	return NULL;
}

static bool has_hook_spoken(const struct argo *argo, struct str app, struct str revision,
			    bool is_as_made)
{
	const struct hook_job *job = last_job(argo, app, revision);

	if (!job)
		return is_as_made && argo_first_applied(argo, app, revision).ms == 0;
	return job->succeeded && job->finished_at.ms > 0;
}

bool truth_holds(const struct argo *argo, struct str app, const struct wanted *wanted)
{
	struct live_check live = argo_check_live(argo, app, wanted->revision);
	bool is_well = live.health == HEALTH_HEALTHY ||
		       (live.health == HEALTH_SUSPENDED && wanted->may_be_suspended);

	return live.is_known && (live.is_as_made || wanted->may_be_out_of_sync) &&
	       (is_well || !live.has_deployment) &&
	       (!live.has_hook || has_hook_spoken(argo, app, wanted->revision, live.is_as_made));
}

void truth_see(struct truth *truth, bool holds, wall now)
{
	if (holds && !truth->has_been) {
		truth->has_been = true;
		truth->first = now;
	}
	if (!holds && truth->is_now)
		truth->until = now;
	truth->is_now = holds;
}

wall truth_last(const struct truth *truth, wall now)
{
	return truth->is_now ? now : truth->until;
}
