#include "machine/sighting.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/mutant.h"

enum { TEXT_BYTES_MAX = 299 };

/* What an earlier version said counts for nothing: only these mutants keep it. */
static void keep_of_earlier(struct application *kept, const struct application *before)
{
	if (MUTANT(NO_ONE_VERSION))
		kept->health = MIN(kept->health, before->health);
	if (MUTANT(OLD_SYNCED) && kept->shown.id == before->shown.id)
		kept->sync = before->sync == SYNC_SYNCED ? SYNC_SYNCED : kept->sync;
}

bool sighting_merge(struct sighting *sighting, const struct application *app, bool is_live,
		    const struct now *now)
{
	const struct application *known = sighting->app;
	if (known && str_eq(known->uid, app->uid)) {
		if (MINDS(app->resource_version < known->resource_version, STALE_MERGE))
			return false;
		/* The watch's copy of a version that was read live is poorer: it lacks the
		 * objects. */
		if (app->resource_version == known->resource_version && !is_live)
			return false;
	} else if (known && !is_live) {
		return false; /* another uid: believed only when it is read live */
	}
	/* What was there when we came has been there for a while. */
	if (known && known->resource_version != app->resource_version)
		sighting->changed_at = now->mono;
	struct application *kept = application_keep(app);
	if (known)
		keep_of_earlier(kept, known);
	application_drop(sighting->app);
	sighting->app = kept;
	sighting->is_live = is_live;
	sighting->is_gone = false;
	sighting->is_doubted = false;
	sighting->merged_at = now->mono;
	if (is_live)
		sighting->live_at = now->mono;
	if (is_live && !sighting->read_turn) {
		sighting->read_turn = now->turn;
		sighting->first_live_at = now->mono;
	}
	if (!known)
		sighting->read_at = now->mono;
	return true;
}

/* "Lasting": OutOfSync in the same objects in two compares, the second one served after the
 * operation had ended. The first of them is kept here; any other set or operation starts again. */
static void remember_drift(struct sighting *sighting, const struct application *app,
			   bool is_refresh, uint64_t turn)
{
	bool is_drift = app->sync == SYNC_OUT_OF_SYNC && !application_in_operation(app) &&
			app->reconciled_at.ms > app->shown.finished_at.ms;
	uint64_t id = app->out_of_sync_id ^ app->shown.id;
	if (!is_drift) {
		sighting->drift_id = 0;
		sighting->is_drift_lasting = false;
	} else if (sighting->drift_id != id) {
		sighting->drift_id = id;
		sighting->drift_turn = turn;
		sighting->drift_compared_at = app->reconciled_at;
		sighting->is_drift_lasting = false;
	} else if (is_refresh && sighting->asked_clean_turn >= sighting->drift_turn &&
		   app->reconciled_at.ms > sighting->drift_compared_at.ms) {
		sighting->is_drift_lasting = true;
	}
}

/* The cache that a compare reads shows by now what was true at the first reading. */
static bool is_late(const struct sighting *sighting)
{
	return sighting->read_turn > 0 &&
	       instant_since(sighting->asked_at, sighting->first_live_at) >= LIVE_CACHE_LAG_MS_MAX;
}

void sighting_answered(struct sighting *sighting, const struct application *app, bool is_refresh,
		       const struct now *now)
{
	uint64_t sent = sighting->asked_turn;
	sighting->asked = 0;
	sighting->failures = 0;
	sighting->is_failing = false;
	sighting->no = OUTCOME_OK;
	sighting->is_doubted = false;
	if (!app) {
		sighting->is_gone = true;
		return;
	}
	bool is_merged = sighting_merge(sighting, app, true, now);
	sighting->live_turn = sent;
	if (!sighting->proof_turn && is_late(sighting))
		sighting->proof_turn = sent;
	if (is_refresh) {
		sighting->refreshed_at = sighting->asked_at;
		sighting->refresh_answered_at = now->mono;
		sighting->unanswered_since = (instant){0};
		sighting->is_overlooked = false;
		uint64_t since = MUTANT(NO_CLEAN) ? sent : sighting->asked_clean_turn;
		sighting->served_turn = MAX(sighting->served_turn, since);
	}
	if (!app->has_refresh)
		sighting->clean_turn = sent;
	if (is_merged)
		remember_drift(sighting, app, is_refresh, now->turn);
}

void clock_keep(struct clock *clock, uint8_t kind, uint64_t key, instant now)
{
	if (clock->kind != kind || clock->key != key)
		*clock = (struct clock){kind, key, now};
}

instant clock_since(const struct clock *clock, uint8_t kind, uint64_t key, instant now)
{
	return clock->kind == kind && clock->key == key ? clock->since : now;
}

static void free_text(struct str text)
{
	mem_free((char *)(uintptr_t)text.p);
}

void sighting_keep_text(struct str *field, struct str text)
{
	text = str_first(text, MIN(text.n, (size_t)TEXT_BYTES_MAX));
	struct str kept = str_empty(text) ? (struct str){0} : str_make(mem_copy(text), text.n);
	free_text(*field);
	*field = kept;
}

void sighting_release(struct sighting *sighting)
{
	application_drop(sighting->app);
	free_text(sighting->no_message);
	free_text(sighting->post_message);
	*sighting = (struct sighting){0};
}
