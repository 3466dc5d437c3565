#include "machine/done.h"

bool operation_is_at(const struct operation *op, struct str revision)
{
	return str_empty(op->revision) || str_eq(op->revision, revision);
}

/* Succeeded, and it says at which revision. */
static bool succeeded_at(const struct operation *op, struct str revision)
{
	return op->phase == OP_SUCCEEDED && str_eq(op->revision, revision);
}

static bool is_unchanged(const struct member *member, const struct operation *shown)
{
	return !member->first_is_running &&
	       operation_same(shown->id, shown->finished_at, member->first_operation,
			      member->first_finished_at);
}

/* What an unchanged operation must be, so that being Synced and Healthy may pass for done. */
static bool may_skip(const struct plan *plan, const struct operation *shown)
{
	bool is_hooked = operation_is_full(shown) && succeeded_at(shown, plan->revision);
	switch (plan->skip) {
	case SKIP_NEVER:
		return false;
	case SKIP_HOOKED:
		return is_hooked;
	case SKIP_SYNCED:
		break;
	}
	if (shown->phase == OP_NONE)
		return true;
	if (operation_is_at(shown, plan->revision))
		return is_hooked;
	/* One that is not full may hide one at R whose hooks had failed. */
	return shown->phase == OP_SUCCEEDED && operation_is_full(shown);
}

enum basis done_basis(const struct plan *plan, const struct member *member,
		      const struct application *app)
{
	const struct operation *shown = &app->shown;

	if (is_unchanged(member, shown))
		return may_skip(plan, shown) ? BASIS_UNCHANGED : BASIS_NONE;
	if (operation_is_full(shown) && succeeded_at(shown, plan->revision))
		return BASIS_OPERATED;
	return BASIS_NONE;
}

static bool is_healthy_enough(const struct plan *plan, enum health health)
{
	return health == HEALTH_HEALTHY || (health == HEALTH_SUSPENDED && plan->accept_suspended);
}

#ifndef TIPHYS_NAIVE_DONE

enum done_gap done_gap(const struct plan *plan, const struct member *member,
		       const struct sighting *sighting)
{
	const struct application *app = sighting->app;
	enum basis basis = done_basis(plan, member, app);

	if (application_in_operation(app) || app->is_deleting)
		return GAP_BUSY;
	if (basis == BASIS_NONE)
		return GAP_BASIS;
	if (!str_empty(app->error))
		return GAP_ERROR;
	if (app->shown.phase != OP_NONE && app->reconciled_at.ms <= app->shown.finished_at.ms)
		return GAP_STALE;
	if (!app->is_compared || !str_eq(app->sync_revision, plan->revision))
		return GAP_COMPARE;
	if (app->sync == SYNC_UNKNOWN)
		return GAP_COMPARE;
	/* Drift may be allowed after an operation of this run, never instead of one. */
	bool is_drift_allowed = plan->allow_out_of_sync && basis == BASIS_OPERATED &&
				sighting->is_drift_lasting;
	if (app->sync == SYNC_OUT_OF_SYNC && !is_drift_allowed)
		return GAP_OUT_OF_SYNC;
	if (!is_healthy_enough(plan, app->health))
		return GAP_HEALTH;
	if (basis == BASIS_UNCHANGED && sighting->served_turn < sighting->read_turn)
		return GAP_SERVED;
	return GAP_NONE;
}

enum reread done_reread(const struct plan *plan, const struct member *member,
			const struct sighting *sighting, uint64_t since)
{
	const struct operation *shown = &sighting->app->shown;

	if (sighting->served_turn < since || !sighting->is_live)
		return REREAD_OWED;
	if (done_gap(plan, member, sighting) != GAP_NONE)
		return REREAD_FAILED;
	return operation_same(shown->id, shown->finished_at, member->done_operation,
			      member->done_finished_at)
		       ? REREAD_HOLDS
		       : REREAD_FAILED;
}

#else

/*
 * The rule that scripts use: targetRevision is R, Synced, Healthy. Built into a test binary alone
 * (tests/e2e), where the race of two clusters must show that it starts production first: so that
 * the check of the rule above is known to be able to fail.
 */
enum done_gap done_gap(const struct plan *plan, const struct member *member,
		       const struct sighting *sighting)
{
	const struct application *app = sighting->app;

	if (application_in_operation(app) || app->is_deleting)
		return GAP_BUSY;
	if (app->sync == SYNC_SYNCED && is_healthy_enough(plan, app->health))
		return GAP_NONE;
	return done_basis(plan, member, app) == BASIS_OPERATED ? GAP_HEALTH : GAP_BASIS;
}

enum reread done_reread(const struct plan *plan, const struct member *member,
			const struct sighting *sighting, uint64_t since)
{
	(void)plan, (void)member, (void)sighting, (void)since;
	return REREAD_HOLDS;
}

#endif
