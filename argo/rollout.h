#pragma once
/*
 * rollout: RollingSync, as Argo CD 3.2.11 does it: what is recorded of each Application, which of
 * them may be synced, and with which operation. Decisions only; argo/appset reads and writes.
 *
 * In one pass, in this order:
 *
 *	rollout_observe()    Waiting, Pending, Progressing, Healthy, by what the Application shows
 *	rollout_may_sync()   the first step, and each that comes behind one whose are all Healthy
 *	rollout_promote()    Waiting ones of these to Pending, at most maxUpdate of a step
 *	(the pass writes every spec)
 *	rollout_operation()  for those that were Pending when the pass began: so in the next pass
 *
 * Nothing asks for which spec an Application is Synced and Healthy: a step whose Applications have
 * not been compared yet counts as done (quirk ROLLS_ON_OLD_STATUS). An Application that no step
 * chooses is of step "-1", and counts for maxUpdate in the first step all the same.
 *
 * 3.6's refresh barrier (rollout_is_held) and its pinned revisions are there too, off by default:
 * `struct argo_config`.
 */
#include "argo/argo.h"
#include "base/map.h"

#define PENDING_CHANGES "Application has pending changes, setting status to Waiting."

struct rollout_world {
	struct argo *argo;		  /* its configuration, and its texts */
	const struct appset *set;	  /* its `rollout` is what was recorded */
	const struct app *const *current; /* those it owns, in the order of names */
	size_t current_count;
	struct app *const *desired; /* those generated, in their order */
	size_t desired_count;
	const struct map *by_name; /* their names, to their places */
	wall now;
};

struct rollout_status_list *rollout_observe(const struct rollout_world *world);

/* One for each desired Application. */
void rollout_may_sync(const struct rollout_world *world, bool *ret_may_sync);

struct rollout_status_list *rollout_promote(const struct rollout_world *world,
					    const bool *may_sync);

/* The real one writes a list only if a status, a step or a message changed. */
bool rollout_is_news(const struct rollout_status_list *old, const struct rollout_status_list *new);

/* Which step is in progress, from 1; 0: the rollout is complete. */
uint32_t rollout_progressing_step(const struct appset *set);

/* 3.6: nothing may be promoted before each Application was compared after the last one became
 * Waiting for its changes; `ret_since` is when that was. From ROLLOUT_GRACE_MS later on they are
 * asked for a refresh. */
#define ROLLOUT_GRACE_MS 30'000
bool rollout_is_held(const struct rollout_world *world, wall *ret_since);

/* True if the desired Application is to be synced in this pass; its automated sync is taken away in
 * any case. `infos` is the operation's, of which it takes a reference. */
bool rollout_operation(const struct rollout_world *world, struct app *desired, bool may_sync,
		       struct pair_list *infos);
