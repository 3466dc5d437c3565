#include "machine/done.h"

#include "base/check.h"
#include "base/mutant.h"

bool operation_is_at(const struct operation *op, struct str revision)
{
	return str_empty(op->revision) || str_eq(op->revision, revision);
}

static bool has_succeeded(const struct operation *op)
{
	return HOLDS(op->phase == OP_SUCCEEDED, COUNTS_FAILED) ||
	       (MUTANT(COUNTS_TERMINATED) && str_eq(op->message, STR("Operation terminated")));
}

/* The operation shown was shown, and had ended, at the first reading. */
static bool was_there(const struct member *member, const struct operation *shown)
{
	return !member->first_is_running &&
	       operation_same(shown->id, shown->finished_at, member->first_operation,
			      member->first_finished_at);
}

/* What an unchanged operation must be, so that being Synced and Healthy may pass for done. */
static bool may_skip(const struct plan *plan, const struct operation *shown)
{
	/* One that is not full may hide one at R whose hooks had failed. */
	bool is_good = HOLDS(has_succeeded(shown), NO_UNCHANGED_SUCCEEDED) &&
		       HOLDS(operation_is_full(shown), NO_UNCHANGED_FULL);
	switch (plan->skip) {
	case SKIP_NEVER:
		return false;
	case SKIP_HOOKED:
		return is_good && str_eq(shown->revision, plan->revision);
	case SKIP_SYNCED:
		break;
	}
	return shown->phase == OP_NONE || (is_good && !str_empty(shown->revision));
}

enum basis done_basis(const struct plan *plan, const struct member *member,
		      const struct application *app)
{
	const struct operation *shown = &app->shown;
	bool is_old = was_there(member, shown);
	bool is_at = HOLDS(str_eq(shown->revision, plan->revision), COUNTS_OTHER_REVISION);

	if (HOLDS(!is_old, NO_OPERATED_SINCE) && operation_is_full(shown) && has_succeeded(shown) &&
	    is_at)
		return BASIS_OPERATED;
	if (HOLDS(is_old, NO_UNCHANGED_FIRST) && may_skip(plan, shown))
		return BASIS_UNCHANGED;
	return BASIS_NONE;
}

static bool is_idle(const struct application *app, enum basis basis)
{
	/* Who forgets this word waits all the same for what may become a basis. */
	return (!application_in_operation(app) || (MUTANT(NO_IDLE) && basis != BASIS_NONE)) &&
	       HOLDS(!app->is_deleting, NO_DELETING);
}

/* Stamps of whole seconds: equal is not later. */
static bool is_fresh(const struct application *app)
{
	wall compared = app->reconciled_at, ended = app->shown.finished_at;
	bool is_later = compared.ms > ended.ms || (MUTANT(NO_STRICTLY) && compared.ms == ended.ms);

	return app->shown.phase == OP_NONE || HOLDS(is_later, NO_FRESH);
}

static bool is_synced(const struct plan *plan, const struct sighting *sighting, enum basis basis)
{
	/* Drift may be allowed after an operation of this run, never instead of one. */
	bool is_drift_allowed = plan->allow_out_of_sync && basis == BASIS_OPERATED &&
				sighting->is_drift_lasting;

	return sighting->app->sync != SYNC_OUT_OF_SYNC || is_drift_allowed;
}

static bool is_healthy(const struct plan *plan, enum health health)
{
	return health == HEALTH_HEALTHY || (health == HEALTH_SUSPENDED && plan->accept_suspended);
}

static bool is_proven(const struct sighting *sighting, enum basis basis)
{
	bool is_served = sighting->proof_turn > 0 && sighting->served_turn >= sighting->proof_turn;

	return basis != BASIS_UNCHANGED || HOLDS(is_served, NO_UNCHANGED_SERVED);
}

enum done_gap done_gap(const struct plan *plan, const struct member *member,
		       const struct sighting *sighting)
{
	const struct application *app = sighting->app;
	enum basis basis = done_basis(plan, member, app);
	bool is_at = str_eq(app->sync_revision, plan->revision);
	/* done(app, R), word by word, in the order in which they can be mended. */
	const struct {
		enum done_gap gap;
		bool holds;
	} words[] = {
		{GAP_BUSY, is_idle(app, basis)},
		{GAP_BASIS, HOLDS(basis != BASIS_NONE, NO_BASIS)},
		{GAP_ERROR, str_empty(app->error)},
		{GAP_STALE, is_fresh(app)},
		{GAP_COMPARE, HOLDS(app->is_compared, NO_COMPARED)},
		{GAP_COMPARE, HOLDS(is_at, NO_COMPARED)},
		{GAP_COMPARE, HOLDS(app->sync != SYNC_UNKNOWN, NO_SYNCED)},
		{GAP_OUT_OF_SYNC, HOLDS(is_synced(plan, sighting, basis), NO_SYNCED)},
		{GAP_HEALTH, HOLDS(is_healthy(plan, app->health), NO_HEALTHY)},
		{GAP_SERVED, is_proven(sighting, basis)},
	};

	/* The rule that scripts and Progressive Syncs go by; it is wrong. */
	if (MUTANT(AS_REPORTED) && !application_in_operation(app) && app->sync == SYNC_SYNCED &&
	    is_healthy(plan, app->health))
		return GAP_NONE;
	for (size_t i = 0; i < COUNTOF(words); i++)
		if (!words[i].holds)
			return words[i].gap;
	return GAP_NONE;
}

enum reread done_reread(const struct plan *plan, const struct member *member,
			const struct sighting *sighting, uint64_t since)
{
	const struct operation *shown = &sighting->app->shown;
	bool is_served = sighting->served_turn >= since ||
			 (MUTANT(NO_REREAD_SERVED) && sighting->live_turn >= since);
	bool is_same = operation_same(shown->id, shown->finished_at, member->done_operation,
				      member->done_finished_at);

	if (MUTANT(NO_REREAD) || MUTANT(AS_REPORTED))
		return REREAD_HOLDS;
	if (!is_served || !sighting->is_live)
		return REREAD_OWED;
	if (done_gap(plan, member, sighting) != GAP_NONE)
		return REREAD_FAILED;
	return HOLDS(is_same, NO_REREAD_SAME) ? REREAD_HOLDS : REREAD_FAILED;
}
