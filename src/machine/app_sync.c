#include "machine/app_sync.h"

#include "base/check.h"
#include "base/mutant.h"
#include "machine/token.h"
#include "model/revision.h"

/* Kinds of clocks: what a wait is for. */
enum {
	CLOCK_NONE,
	CLOCK_OPERATION, /* key: the operation */
	CLOCK_WEDGED,
	CLOCK_COMPARE, /* unchanged so far, and not compared with the spec yet */
	CLOCK_SETTLE,  /* key: the operation that has ended */
	CLOCK_AUTO_SYNC,
	CLOCK_POST, /* Argo CD refuses our POST for now: window, busy, no connection */
	CLOCK_PAUSED,
	CLOCK_PROOF, /* key: the turn since which a refresh has to be served */
	/* of the grace clock: */
	CLOCK_UNWELL,
	CLOCK_DEGRADED,
	CLOCK_ERROR,
};

enum {
	/* After an operation Argo CD's stamps must differ by a whole second. */
	FRESH_AFTER_MS = 1050,
	/* Argo CD compares by itself when a spec changed or an operation ended; a nudge only after
	 * this. */
	NUDGE_AFTER_MS = 5'000,
	NUDGE_EVERY_MS = 20'000,
	/* Health and errors that come and go (an HPA, a repo-server that restarts) get this much
	 * grace. */
	DEGRADED_GRACE_MS = 30'000,
	ERROR_GRACE_MS = 20'000,
	DRIFT_AGAIN_MS = 3'000,
	WEDGED_AFTER_MS = 60'000,
	/* Argo CD's controller can overlook an operation that is asked for in the moment of a
	 * compare until its next compare, minutes later. A refresh has it look; one that is only
	 * busy takes a while too. */
	OVERLOOKED_AFTER_MS = 15'000,
	QUIET_AFTER_MS = 20'000, /* an operation without news */
	AUTO_SYNC_PATIENCE_MS = 30'000,
	WINDOW_AGAIN_MS = 30'000,
	POST_TRIES_MAX = 3,
};

struct judging {
	const struct circumstances *at;
	const struct plan *plan;
	const struct member *member;
	const struct sighting *sighting;
	const struct application *app;
	const struct now *now;
	struct arena *arena;
};

static struct judgement judge_wait(enum app_phase phase, enum cause_type cause, struct str subject,
				   struct str message)
{
	return (struct judgement){
		.type = JUDGE_WAIT,
		.phase = phase,
		.cause = {cause, subject, message},
		.wake = INSTANT_NEVER,
	};
}

static struct judgement judge_as(enum judgement_type type, enum app_phase phase,
				 enum cause_type cause)
{
	struct judgement judgement = judge_wait(phase, cause, STR(""), STR(""));
	judgement.type = type;
	return judgement;
}

static struct judgement judge_fail(int code, enum cause_type cause, struct str subject,
				   struct str message)
{
	struct judgement judgement = judge_wait(PHASE_FAILED, cause, subject, message);
	judgement.type = JUDGE_FAIL;
	judgement.code = code;
	return judgement;
}

/* Lets the wait clock run; true once it has run for `ms`. Until then the judgement wakes at that
 * time. */
static bool wait_is_over(const struct judging *j, struct judgement *judgement, uint8_t kind,
			 uint64_t key, int64_t ms)
{
	instant since = clock_since(&j->sighting->wait, kind, key, j->now->mono);
	judgement->wait = (struct clock){kind, key, since};
	instant end = instant_add(since, ms);
	if (instant_cmp(j->now->mono, end) >= 0)
		return true;
	judgement->wake = instant_min(judgement->wake, end);
	return false;
}

/* The same for the grace clock. */
static bool grace_is_over(const struct judging *j, struct judgement *judgement, uint8_t kind,
			  int64_t ms, instant *ret_since)
{
	instant since = clock_since(&j->sighting->grace, kind, 0, j->now->mono);
	judgement->grace = (struct clock){kind, 0, since};
	*ret_since = since;
	instant end = instant_add(since, ms);
	if (instant_cmp(j->now->mono, end) >= 0)
		return true;
	judgement->wake = instant_min(judgement->wake, end);
	return false;
}

struct judgement app_timeout(const struct cause *cause, int64_t ms, struct arena *arena)
{
	auto_buf struct buf sentence = BUF_INIT(2048);
	cause_say(cause, &sentence);
	return judge_fail(MUTANT(TIMEOUT_IS_DONE) ? EXIT_DONE : EXIT_TIMEOUT, CAUSE_TIMED_OUT,
			  str_of(cause_name(cause->type)),
			  arena_printf(arena, "after %s: " STR_FMT, duration_format(ms).s,
				       STR_ARG(buf_view(&sentence))));
}

static bool was_refreshed_within(const struct judging *j, int64_t ms)
{
	instant at = j->sighting->refreshed_at;
	return at.ms > 0 && instant_since(j->now->mono, at) < ms;
}

/* Turns a wait into a refresh, unless one was answered within `ms`; then it wakes for the next. */
static struct judgement with_refresh_every(const struct judging *j, struct judgement judgement,
					   int64_t ms)
{
	if (!was_refreshed_within(j, ms))
		judgement.type = JUDGE_REFRESH;
	else
		judgement.wake = instant_min(judgement.wake,
					     instant_add(j->sighting->refreshed_at, ms));
	return judgement;
}

/* A decision that must rest on a live reading: LOOK first if this version is not one. */
static struct judgement on_live(const struct judging *j, struct judgement judgement)
{
	if (!j->sighting->is_live) {
		judgement.type = JUDGE_LOOK;
		judgement.is_quiet = true;
	}
	return judgement;
}

/* Goes on as `judgement` says, but for no longer than `ms` by the wait clock. */
static struct judgement or_timeout(const struct judging *j, struct judgement judgement,
				   uint8_t kind, uint64_t key, int64_t ms)
{
	if (!MINDS(wait_is_over(j, &judgement, kind, key, ms), NO_TIMEOUT))
		return judgement;
	struct judgement timeout = app_timeout(&judgement.cause, ms, j->arena);
	timeout.wait = judgement.wait;
	return on_live(j, timeout);
}

/* Argo CD ignores the application: no operation starts, no refresh is answered. */
static struct judgement judge_paused(const struct judging *j, enum app_phase phase)
{
	return or_timeout(j, judge_as(JUDGE_WAIT, phase, CAUSE_PAUSED), CLOCK_PAUSED, 0,
			  j->plan->operation_timeout_ms);
}

/* What Argo CD says of a cluster that does not answer it, or not to all it asks for: to read the
 * objects there (controller/state.go) comes after the API's versions, which the render wants. */
static bool is_of_cluster(struct str error)
{
	static const struct str words[] = {
		STR("Failed to load live state"),
		STR("failed to get cluster version"),
		STR("failed to get cluster info"),
	};

	for (size_t i = 0; i < COUNTOF(words); i++)
		if (str_find(error, words[i], NULL))
			return true;
	return false;
}

/* Argo CD says that it cannot compare: believed once it stands after grace and a refresh. */
static struct judgement judge_error(const struct judging *j, enum app_phase phase, uint8_t clock,
				    uint64_t key)
{
	bool is_cluster = is_of_cluster(j->app->error);
	struct judgement wait = judge_wait(phase, is_cluster ? CAUSE_CLUSTER : CAUSE_COMPARE_ERROR,
					   STR(""), j->app->error);
	instant since;
	bool is_over = grace_is_over(j, &wait, CLOCK_ERROR, ERROR_GRACE_MS, &since);
	instant last = j->sighting->refreshed_at;

	wait = or_timeout(j, wait, clock, key, j->plan->health_timeout_ms);
	if (wait.type != JUDGE_WAIT)
		return wait;
	if (last.ms == 0 || instant_cmp(last, since) < 0) {
		wait.type = JUDGE_REFRESH; /* it may be a leftover */
		return wait;
	}
	if (!is_over)
		return wait;
	if (instant_cmp(last, instant_add(since, ERROR_GRACE_MS)) < 0) {
		wait.type = JUDGE_REFRESH;
		return wait;
	}
	return on_live(j, judge_fail(EXIT_FAILED,
				     is_cluster ? CAUSE_CLUSTER_LOST : CAUSE_CANNOT_RENDER, STR(""),
				     j->app->error));
}

static bool is_ours(const struct judging *j, const struct operation *op)
{
	return token_post(op->token, j->plan->run) > 0;
}

/* ---- our POST ---- */

/* The outcome of a POST is unknown: only a reading that was asked for after it tells. */
static struct judgement judge_unknown_post(const struct judging *j)
{
	const struct sighting *sighting = j->sighting;

	if (HOLDS(sighting->is_post_seen, LOST_POST_STANDS))
		return judge_as(JUDGE_ACCEPT, PHASE_SYNCING, CAUSE_POSTING);
	bool is_read = sighting->is_gone ||
		       (sighting->is_live && sighting->live_turn >= sighting->post_reply_turn);
	if (HOLDS(is_read, LOST_POST_FORGOTTEN))
		return judge_as(JUDGE_UNSEEN, PHASE_WAITING, CAUSE_POSTING);
	struct judgement look = judge_as(JUDGE_LOOK, PHASE_SYNCING, CAUSE_POSTING);
	look.cause.message = sighting->post_message;
	return look;
}

/* A POST is open: what its answer says. */
static struct judgement judge_post_reply(const struct judging *j)
{
	const struct sighting *sighting = j->sighting;
	struct str words = sighting->post_message;

	if (sighting->post_id) {
		struct judgement wait = judge_as(JUDGE_WAIT, PHASE_SYNCING, CAUSE_POSTING);
		/* A closed window is asked for again and again, for hours: that is no news. */
		wait.is_quiet = sighting->post_failures > 0 &&
				sighting->post_outcome == OUTCOME_WINDOW;
		return wait;
	}
	if (!sighting->has_post_reply)
		return judge_unknown_post(j); /* it was posted before a restart */
	switch (sighting->post_outcome) {
	case OUTCOME_OK:
		return judge_as(JUDGE_ACCEPT, PHASE_SYNCING, CAUSE_POSTING);
	case OUTCOME_CUT:
	case OUTCOME_TIMEOUT:
	case OUTCOME_BAD_ANSWER:
	case OUTCOME_SERVER_ERROR:
		return judge_unknown_post(j);
	case OUTCOME_DENIED:
		return judge_fail(j->at->is_anything_accepted ? EXIT_FAILED : EXIT_DENIED,
				  CAUSE_DENIED, STR(""), words);
	case OUTCOME_NOT_FOUND:
	case OUTCOME_DELETING:
		return judge_fail(EXIT_FAILED, CAUSE_DELETED, STR(""), words);
	case OUTCOME_INVALID:
		if (sighting->post_failures < POST_TRIES_MAX)
			return judge_as(JUDGE_REJECT, PHASE_WAITING, CAUSE_POSTING);
		return judge_fail(EXIT_FAILED, CAUSE_REJECTED, STR(""), words);
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_HOST:
	case OUTCOME_BAD_CERTIFICATE:
	case OUTCOME_WRONG_SCHEME:
	case OUTCOME_REDIRECT:
	case OUTCOME_UNAUTHENTICATED:
	case OUTCOME_WINDOW:
	case OUTCOME_BUSY:
	case OUTCOME_NO_REPO: /* before it has asked for anything */
	case OUTCOME_MOVED:
		return judge_as(JUDGE_REJECT, PHASE_WAITING, CAUSE_POSTING);
	}
	check(!"an outcome that is none");
	return judge_as(JUDGE_REJECT, PHASE_WAITING, CAUSE_POSTING);
}

/* However often Argo CD refuses, the time that POSTs have been refused for goes on. */
static struct judgement judge_open_post(const struct judging *j)
{
	struct judgement judgement = judge_post_reply(j);
	judgement.wait = j->sighting->wait;
	return judgement;
}

static bool is_outcome(enum judgement_type type)
{
	return type == JUDGE_ACCEPT || type == JUDGE_REJECT || type == JUDGE_UNSEEN;
}

static struct str initiator_of(const struct operation *op)
{
	return str_empty(op->initiator) ? STR("somebody") : op->initiator;
}

/* A POST is wanted; what may be in its way. */
static struct judgement judge_post(const struct judging *j)
{
	const struct sighting *sighting = j->sighting;
	struct str words = sighting->post_message;

	/* Whatever the first basis was: ours, adopted, or unchanged. */
	uint32_t bases = j->member->accepted + (j->member->adopted != 0) + j->member->was_skipped;
	if (bases > REPOSTS_MAX)
		return on_live(j, judge_fail(EXIT_FAILED, CAUSE_REGRESSED,
					     initiator_of(&j->app->shown), STR("")));
	if (j->app->is_paused)
		return judge_paused(j, PHASE_WAITING);
	if (!str_empty(j->app->error))
		return judge_error(j, PHASE_WAITING, CLOCK_COMPARE, 0);
	bool is_window = sighting->has_post_reply && sighting->post_outcome == OUTCOME_WINDOW;
	struct judgement hold = judge_wait(PHASE_WAITING, is_window ? CAUSE_WINDOW : CAUSE_POSTING,
					   STR(""), words);
	if (j->app->has_auto_sync && j->member->posts == 0) {
		struct judgement patience = judge_as(JUDGE_WAIT, PHASE_WAITING, CAUSE_AUTO_SYNC);
		if (!wait_is_over(j, &patience, CLOCK_AUTO_SYNC, 0, AUTO_SYNC_PATIENCE_MS))
			return patience;
		hold.wait = patience.wait; /* waited for once, not again for each reading */
	} else if (sighting->post_failures > 0) {
		hold = or_timeout(j, hold, CLOCK_POST, 0, j->plan->operation_timeout_ms);
		if (hold.type != JUDGE_WAIT)
			return hold;
	}
	if (instant_cmp(j->now->mono, sighting->post_again_at) < 0) {
		hold.wake = instant_min(hold.wake, sighting->post_again_at);
		return hold;
	}
	struct judgement post = judge_as(JUDGE_POST, PHASE_WAITING, CAUSE_SLOT);
	post.cause.subject = arena_printf(j->arena, "%u",
					  plan_concurrency(j->plan, j->member->stage));
	if (is_window)
		post.cause = hold.cause;
	post.wait = hold.wait;
	return post;
}

/* ---- an operation in progress ---- */

static struct str progress_of(const struct judging *j, const struct operation *op)
{
	if (op->finished_at.ms > 0 && op->phase == OP_RUNNING)
		return arena_printf(j->arena, "attempt %lld failed, Argo CD tries again: " STR_FMT,
				    (long long)op->retry_count, STR_ARG(op->message));
	return str_empty(op->trouble) ? op->message : op->trouble;
}

/* Its operation has ended and is still asked for: Argo CD writes both at once, unless it lost the
 * operation in a restart. An ended one that has a finishedAt is an earlier one, and the one asked
 * for is about to start. */
static bool is_wedged(const struct application *app)
{
	return app->requested.phase != OP_NONE && operation_is_over(&app->shown) &&
	       app->shown.finished_at.ms == 0;
}

/* Which object of an operation is not well, and how, only a reading shows: the watch has no
 * objects. It is asked for when there has been no news for a while. */
static struct judgement once_live(const struct judging *j, struct judgement wait)
{
	instant quiet = instant_add(j->sighting->changed_at, QUIET_AFTER_MS);

	if (j->sighting->is_live || j->app->health == HEALTH_HEALTHY)
		return wait;
	if (instant_cmp(j->now->mono, quiet) >= 0)
		wait.type = JUDGE_LOOK;
	else
		wait.wake = instant_min(wait.wake, quiet);
	return wait;
}

/* An operation is waited for; one that does not begin is brought to Argo CD's mind. */
static struct judgement until_over(const struct judging *j, struct judgement wait,
				   const struct operation *op)
{
	wait = or_timeout(j, wait, CLOCK_OPERATION, op->id, j->plan->operation_timeout_ms);
	if (wait.type != JUDGE_WAIT || j->app->is_paused)
		return wait;
	if (op != &j->app->requested)
		return once_live(j, wait);
	instant overlooked = instant_add(wait.wait.since, OVERLOOKED_AFTER_MS);
	if (instant_cmp(j->now->mono, overlooked) >= 0)
		return with_refresh_every(j, wait, NUDGE_EVERY_MS);
	wait.wake = instant_min(wait.wake, overlooked);
	return wait;
}

/* One of ours keeps its slot, also when the spec has changed since it was asked for: what it syncs
 * is not wanted any more, but it runs. */
static struct judgement judge_own(const struct judging *j, const struct operation *op)
{
	struct str progress = progress_of(j, op);

	if (op->has_other_source)
		progress = arena_printf(j->arena,
					"its spec has changed since, so it is synced once more "
					"after this%s" STR_FMT,
					str_empty(progress) ? "" : ": ", STR_ARG(progress));
	struct judgement own = judge_wait(PHASE_SYNCING, CAUSE_OPERATION, STR(""), progress);
	own.is_quiet = str_empty(progress); /* "asking Argo CD" was told, no news yet */
	return until_over(j, own, op);
}

static struct judgement judge_busy(const struct judging *j)
{
	const struct operation *op = application_operation(j->app);

	if (is_wedged(j->app)) {
		struct judgement owed = judge_wait(PHASE_SYNCING, CAUSE_OPERATION, STR(""),
						   STR("it has ended, and still stands"));
		if (!wait_is_over(j, &owed, CLOCK_WEDGED, j->app->shown.id, WEDGED_AFTER_MS))
			return owed;
		return on_live(j, judge_fail(EXIT_FAILED, CAUSE_WEDGED, STR(""), STR("")));
	}
	bool is_followed = operation_is_full(op) && operation_is_at(op, j->plan->revision);
	if (!is_followed && !str_empty(op->token) && !is_ours(j, op) &&
	    !operation_is_at(op, j->plan->revision))
		return on_live(j, judge_fail(EXIT_CONFLICT, CAUSE_OTHER_RUN, token_run(op->token),
					     op->revision));
	if (is_ours(j, op) && (is_followed || op->has_other_source))
		return judge_own(j, op);
	struct str progress = progress_of(j, op);
	if (!is_followed)
		return until_over(
			j, judge_wait(PHASE_WAITING, CAUSE_FOREIGN, initiator_of(op), progress),
			op);
	struct judgement adopted = judge_wait(PHASE_SYNCING, CAUSE_ADOPTED, initiator_of(op),
					      progress);
	/* It has an identity once it has begun. */
	if (op == &j->app->shown && j->member->adopted != op->id) {
		adopted.type = JUDGE_ADOPT;
		return on_live(j, adopted);
	}
	return until_over(j, adopted, op);
}

/* ---- idle, and something is missing ---- */

/* A basis is missing: either what we followed has failed, or it is time for an operation of
 * ours. */
static struct judgement judge_basis(const struct judging *j)
{
	const struct operation *shown = &j->app->shown;
	/* One that was over at the first reading is of an earlier try. */
	bool is_new = shown->id != j->member->first_operation || j->member->first_is_running;
	bool was_followed = (is_ours(j, shown) && is_new) ||
			    (shown->id == j->member->adopted && shown->id != 0);
	bool has_failed = shown->phase == OP_FAILED || shown->phase == OP_ERROR;

	if (!was_followed || !has_failed)
		return judge_post(j);
	struct str why = shown->trouble;
	struct str what = STR("");
	if (!str_cut(&why, ':', &what) || str_empty(what))
		why = shown->message;
	struct judgement failed = judge_fail(
		EXIT_FAILED, shown->is_hook_trouble ? CAUSE_HOOK_FAILED : CAUSE_SYNC_FAILED, what,
		str_trim(why));
	return on_live(j, failed);
}

/* The compare that Argo CD makes after an operation may bear the second in which it ended. */
static struct judgement judge_stale(const struct judging *j, enum app_phase phase, uint8_t clock,
				    uint64_t key)
{
	struct judgement wait = judge_as(JUDGE_WAIT, phase, CAUSE_COMPARE);
	instant since = clock_since(&j->sighting->wait, clock, key, j->now->mono);

	if (!wait_is_over(j, &wait, clock, key, FRESH_AFTER_MS))
		return wait;
	wait = or_timeout(j, wait, clock, key, j->plan->health_timeout_ms);
	if (wait.type != JUDGE_WAIT)
		return wait;
	bool is_slow = instant_since(j->now->mono, since) >= NUDGE_AFTER_MS;
	return with_refresh_every(j, wait, is_slow ? NUDGE_EVERY_MS : FRESH_AFTER_MS);
}

static struct judgement judge_compare(const struct judging *j, enum app_phase phase, uint8_t clock,
				      uint64_t key)
{
	struct judgement wait = judge_as(JUDGE_WAIT, phase, CAUSE_COMPARE);
	instant since = clock_since(&j->sighting->wait, clock, key, j->now->mono);

	wait = or_timeout(j, wait, clock, key, j->plan->health_timeout_ms);
	if (wait.type != JUDGE_WAIT)
		return wait;
	if (instant_since(j->now->mono, since) < NUDGE_AFTER_MS) {
		wait.wake = instant_min(wait.wake, instant_add(since, NUDGE_AFTER_MS));
		return wait;
	}
	return with_refresh_every(j, wait, NUDGE_EVERY_MS);
}

static struct judgement judge_drift(const struct judging *j, uint64_t key)
{
	const struct application *app = j->app;
	struct judgement wait = judge_wait(PHASE_SETTLING, CAUSE_OUT_OF_SYNC,
					   app->out_of_sync_names, STR(""));

	if (!j->sighting->is_live)
		return on_live(j, wait); /* the watch shows no objects */
	if (j->sighting->is_drift_lasting) {
		bool is_prune = app->prune_count > 0 && app->prune_count == app->out_of_sync_count;
		return judge_fail(EXIT_FAILED,
				  is_prune && !plan_prunes(j->plan, j->member->stage)
					  ? CAUSE_NEEDS_PRUNE
					  : CAUSE_STAYS_OUT_OF_SYNC,
				  app->out_of_sync_names, STR(""));
	}
	wait = or_timeout(j, wait, CLOCK_SETTLE, key, j->plan->health_timeout_ms);
	return wait.type != JUDGE_WAIT ? wait : with_refresh_every(j, wait, DRIFT_AGAIN_MS);
}

static struct judgement judge_health_of(const struct judging *j, enum app_phase phase)
{
	const struct application *app = j->app;
	struct str what = str_of(health_name(app->health));

	if (!str_empty(app->unhealthy_name))
		what = arena_printf(j->arena, STR_FMT ": " STR_FMT, STR_ARG(what),
				    STR_ARG(app->unhealthy_name));
	return judge_wait(phase, CAUSE_HEALTH, what, app->health_message);
}

static struct judgement judge_health(const struct judging *j, uint64_t key)
{
	const struct application *app = j->app;
	struct judgement wait = judge_health_of(j, PHASE_SETTLING);

	if (app->health == HEALTH_SUSPENDED)
		wait = judge_wait(PHASE_SETTLING, CAUSE_SUSPENDED, STR(""),
				  STR("--accept-suspended takes it for healthy"));
	if (app->health == HEALTH_DEGRADED) {
		instant since;
		if (grace_is_over(j, &wait, CLOCK_DEGRADED, DEGRADED_GRACE_MS, &since)) {
			struct str message = app->health_message;
			if (!str_empty(app->unhealthy_name))
				message = arena_printf(j->arena, STR_FMT ": " STR_FMT,
						       STR_ARG(app->unhealthy_name),
						       STR_ARG(app->health_message));
			struct judgement failed = judge_fail(EXIT_FAILED, CAUSE_DEGRADED, STR(""),
							     message);
			failed.wait = wait.wait;
			failed.grace = wait.grace;
			return on_live(j, failed);
		}
	}
	struct clock grace = wait.grace;
	wait = or_timeout(j, wait, CLOCK_SETTLE, key, j->plan->health_timeout_ms);
	wait.grace = grace;
	return wait;
}

/* A served refresh is wanted: a clean reading first, then the refresh. A standing annotation is a
 * stranger's: our own refresh, once answered, is clean, and the next one proves. A controller that
 * is down answers none. */
static struct judgement judge_proof(const struct judging *j, enum app_phase phase,
				    enum cause_type cause, uint64_t since)
{
	bool is_clean = j->sighting->clean_turn >= since;
	bool is_refresh = is_clean || j->app->has_refresh;
	struct judgement proof = judge_as(is_refresh ? JUDGE_REFRESH : JUDGE_LOOK, phase, cause);
	return or_timeout(j, proof, CLOCK_PROOF, since, j->plan->health_timeout_ms);
}

/* Unchanged so far. The refresh that proves it waits until Argo CD's cache of live objects can't be
 * behind the first reading any more, and then for a reading that is as young. */
static struct judgement judge_unchanged(const struct judging *j, enum app_phase phase)
{
	const struct sighting *sighting = j->sighting;
	struct judgement wait = judge_as(JUDGE_WAIT, phase, CAUSE_PROOF);

	if (sighting->proof_turn > 0)
		return judge_proof(j, phase, CAUSE_PROOF, sighting->proof_turn);
	wait.wake = instant_add(sighting->first_live_at, LIVE_CACHE_LAG_MS_MAX);
	bool is_early = instant_cmp(j->now->mono, wait.wake) < 0;
	return is_early ? wait : judge_proof(j, phase, CAUSE_PROOF, UINT64_MAX);
}

/* The flag that a word of "done" was widened by; empty: none. */
static struct str widened_by(const struct judging *j)
{
	if (j->app->sync == SYNC_OUT_OF_SYNC)
		return arena_printf(j->arena, "OutOfSync in " STR_FMT " (--allow-out-of-sync)",
				    STR_ARG(j->app->out_of_sync_names));
	if (j->app->health == HEALTH_SUSPENDED)
		return STR("Suspended counts as healthy (--accept-suspended)");
	return STR("");
}

static struct judgement judge_idle(const struct judging *j)
{
	enum basis basis = done_basis(j->plan, j->member, j->app);
	bool is_operated = basis == BASIS_OPERATED;
	enum app_phase phase = is_operated ? PHASE_SETTLING : PHASE_WAITING;
	uint8_t clock = is_operated ? CLOCK_SETTLE : CLOCK_COMPARE;
	uint64_t key = is_operated ? j->app->shown.id : 0;

	switch (done_gap(j->plan, j->member, j->sighting)) {
	case GAP_BUSY:
		return judge_busy(j);
	case GAP_BASIS:
		return judge_basis(j);
	case GAP_ERROR:
		return j->app->is_paused ? judge_paused(j, phase)
					 : judge_error(j, phase, clock, key);
	case GAP_STALE:
		return j->app->is_paused ? judge_paused(j, phase)
					 : judge_stale(j, phase, clock, key);
	case GAP_COMPARE:
		return j->app->is_paused ? judge_paused(j, phase)
					 : judge_compare(j, phase, clock, key);
	case GAP_OUT_OF_SYNC:
		return is_operated ? judge_drift(j, key) : judge_post(j);
	case GAP_HEALTH:
		return is_operated ? judge_health(j, key) : judge_post(j);
	case GAP_SERVED:
		if (j->app->is_paused)
			return judge_paused(j, phase);
		return judge_unchanged(j, phase);
	case GAP_NONE: {
		struct judgement done = judge_as(JUDGE_DONE, PHASE_DONE,
						 is_operated ? CAUSE_SYNCED : CAUSE_UNCHANGED);
		done.cause.message = widened_by(j);
		return on_live(j, done);
	}
	}
	check(!"a gap that is none");
	return judge_as(JUDGE_WAIT, phase, CAUSE_COMPARE);
}

/* ---- done ---- */

/* Waiting for the others, and being read again: "done" was told, and stays so until it is not
 * true. */
static struct judgement judge_quietly(struct judgement judgement)
{
	judgement.is_quiet = true;
	return judgement;
}

/* Not done any more. Whoever took its basis away is told of; what else is amiss, the next judgement
 * says. */
static struct judgement judge_reopen(const struct judging *j)
{
	struct judgement reopen = judge_as(JUDGE_REOPEN, PHASE_WAITING, CAUSE_REREAD);

	if (application_in_operation(j->app) ||
	    done_basis(j->plan, j->member, j->app) != BASIS_NONE)
		return judge_quietly(reopen);
	reopen.cause = (struct cause){CAUSE_REGRESSED, initiator_of(&j->app->shown), STR("")};
	return reopen;
}

static bool is_ill(enum health health)
{
	return health != HEALTH_HEALTHY && health != HEALTH_PROGRESSING &&
	       health != HEALTH_SUSPENDED;
}

/* Not healthy, for a while or for good: to sync it again would not help. */
static struct judgement watch_health(const struct judging *j)
{
	const struct application *app = j->app;
	struct judgement watch = judge_health_of(j, PHASE_DONE);
	instant since;

	watch.wellness = PASSING;
	if (!is_ill(app->health))
		return judge_quietly(watch);
	if (!grace_is_over(j, &watch, CLOCK_UNWELL, DEGRADED_GRACE_MS, &since))
		return judge_quietly(watch);
	watch.wellness = UNWELL;
	instant end = instant_add(since, DEGRADED_GRACE_MS + j->plan->health_timeout_ms);
	if (instant_cmp(j->now->mono, end) < 0) {
		watch.wake = instant_min(watch.wake, end);
		return on_live(j, watch);
	}
	struct judgement failed = judge_fail(EXIT_FAILED, CAUSE_DEGRADED, STR(""),
					     watch.cause.message);
	failed.grace = watch.grace;
	return on_live(j, failed);
}

/* A stranger's: what it leaves behind is seen when it is over; but not waited for for ever. */
static struct judgement watch_operation(const struct judging *j)
{
	const struct operation *op = application_operation(j->app);
	struct judgement watch = until_over(
		j, judge_wait(PHASE_DONE, CAUSE_FOREIGN, initiator_of(op), progress_of(j, op)), op);

	watch.wellness = PASSING;
	return watch.type == JUDGE_FAIL ? watch : judge_quietly(watch);
}

/* In a promotion hours may pass between "done" and the end: who is done is watched all the time. */
static struct judgement judge_watched(const struct judging *j)
{
	struct judgement watch = judge_quietly(judge_as(JUDGE_WAIT, PHASE_DONE, CAUSE_BARRIER));

	switch (done_gap(j->plan, j->member, j->sighting)) {
	case GAP_BASIS:
	case GAP_OUT_OF_SYNC:
		if (j->member->reopened >= REOPENS_MAX)
			return on_live(j, judge_fail(EXIT_FAILED, CAUSE_REGRESSED,
						     STR("itself, again and again"), STR("")));
		return on_live(j, judge_reopen(j));
	case GAP_HEALTH:
		return watch_health(j);
	case GAP_BUSY:
		return is_ill(j->app->health) ? watch_health(j) : watch_operation(j);
	case GAP_ERROR:
	case GAP_STALE:
	case GAP_COMPARE:
		/* However little the rest of it says: ill is ill. */
		if (is_ill(j->app->health))
			return watch_health(j);
		watch.wellness = PASSING;
		return with_refresh_every(j, watch, NUDGE_EVERY_MS);
	case GAP_SERVED: /* that was proved when it was done */
	case GAP_NONE:
		break;
	}
	return watch;
}

static struct judgement judge_done(const struct judging *j)
{
	if (j->plan->is_promotion && (!j->at->is_barrier || j->member->is_confirmed))
		return judge_watched(j);
	if (!j->at->is_barrier)
		return judge_quietly(judge_as(JUDGE_WAIT, PHASE_DONE, CAUSE_BARRIER));
	/* After a restart the turns count anew, and the first reading is the earliest of them. */
	uint64_t barrier = MUTANT(NO_SINCE) ? 0 : j->at->barrier_turn;
	uint64_t since = MAX(barrier, j->sighting->done_turn);
	since = MAX(since, j->sighting->read_turn);
	switch (done_reread(j->plan, j->member, j->sighting, since)) {
	case REREAD_HOLDS:
		return judge_as(JUDGE_CONFIRM, PHASE_CONFIRMED, CAUSE_SYNCED);
	case REREAD_FAILED:
		if (j->member->reopened >= REOPENS_MAX)
			return judge_fail(EXIT_FAILED, CAUSE_REGRESSED,
					  STR("itself, again and again"), j->app->health_message);
		return judge_reopen(j);
	case REREAD_OWED:
		break;
	}
	if (j->sighting->served_turn >= since)
		return judge_quietly(judge_as(JUDGE_LOOK, PHASE_DONE, CAUSE_REREAD));
	struct judgement proof = judge_proof(j, PHASE_DONE, CAUSE_REREAD, since);
	return proof.type == JUDGE_FAIL ? proof : judge_quietly(proof);
}

/* ---- not at R ---- */

static struct str revision_story(const struct judging *j)
{
	if (str_empty(j->app->owner) || str_empty(j->at->owner_says))
		return STR("");
	if (str_eq(j->at->owner_says, j->plan->revision))
		return arena_printf(j->arena,
				    "its ApplicationSet '" STR_FMT "' says this one: the "
				    "ApplicationSet controller has yet to pass it on",
				    STR_ARG(j->app->owner));
	return arena_printf(j->arena, "its ApplicationSet '" STR_FMT "' says " STR_FMT,
			    STR_ARG(j->app->owner), STR_ARG(j->at->owner_says));
}

/* Moved on; an operation that we follow is followed to its end all the same. */
static struct judgement judge_superseded(const struct judging *j, struct str target)
{
	const struct operation *op = application_operation(j->app);
	bool is_followed = application_in_operation(j->app) &&
			   (is_ours(j, op) || (j->member->adopted && op->id == j->member->adopted));

	if (is_followed)
		return until_over(
			j, judge_wait(PHASE_SYNCING, CAUSE_OPERATION, STR(""), progress_of(j, op)),
			op);
	return on_live(j, judge_fail(EXIT_SUPERSEDED, CAUSE_SUPERSEDED, target, STR("")));
}

/* It is not at R, and cannot come there any more. */
static bool is_lost(const struct judging *j, struct judgement *ret)
{
	struct str target = j->app->target_revision;
	bool was_there = j->sighting->was_at_revision || j->member->posts > 0 ||
			 j->member->adopted || j->member->is_done;

	if (str_eq(target, j->plan->revision))
		return false;
	if (revision_kind(target) != REVISION_SHA)
		*ret = on_live(j, judge_fail(j->at->is_anything_accepted ? EXIT_FAILED : EXIT_USAGE,
					     CAUSE_NEVER, str_empty(target) ? STR("HEAD") : target,
					     STR("")));
	else if (was_there)
		*ret = judge_superseded(j, target);
	return was_there || revision_kind(target) != REVISION_SHA;
}

static struct judgement judge_revision(const struct judging *j)
{
	struct str target = j->app->target_revision;
	struct judgement lost;

	if (is_lost(j, &lost))
		return lost;
	struct judgement wait = judge_wait(PHASE_WAITING, CAUSE_REVISION, target,
					   revision_story(j));
	/* One that joined late has its own start. */
	bool is_late = instant_cmp(j->sighting->read_at, j->at->started) > 0;
	instant end = instant_add(is_late ? j->sighting->read_at : j->at->started,
				  j->plan->revision_timeout_ms);
	if (instant_cmp(j->now->mono, end) >= 0)
		return on_live(j, app_timeout(&wait.cause, j->plan->revision_timeout_ms, j->arena));
	wait.wake = end;
	return wait;
}

/* ---- before its stage ---- */

/* An operation at R that this run did not post and that was not shown at the first reading. */
static bool is_stranger(const struct judging *j)
{
	const struct operation *shown = &j->app->shown;

	bool is_strange = shown->phase != OP_NONE && operation_is_at(shown, j->plan->revision) &&
			  !is_ours(j, shown) && shown->id != j->member->first_operation &&
			  shown->id != j->member->stranger;
	return MINDS(is_strange, STRANGER_UNNOTICED);
}

/* It came before its turn, and the run does not go on with it: it is followed to its end. */
static struct judgement judge_stranger(const struct judging *j)
{
	const struct operation *op = application_operation(j->app);
	struct str who = initiator_of(op);

	if (application_in_operation(j->app))
		return until_over(
			j, judge_wait(PHASE_SYNCING, CAUSE_ADOPTED, who, progress_of(j, op)), op);
	return on_live(j, judge_fail(EXIT_FAILED, CAUSE_AHEAD, who, STR("")));
}

static struct judgement judge_new_stranger(const struct judging *j)
{
	struct judgement stranger = judge_as(JUDGE_STRANGER, PHASE_WAITING, CAUSE_AHEAD);
	stranger.cause.subject = initiator_of(&j->app->shown);
	return on_live(j, stranger);
}

/* Deleted, or created again. */
static bool is_gone(const struct judging *j, struct judgement *ret)
{
	if (j->sighting->is_gone)
		*ret = judge_fail(EXIT_FAILED, CAUSE_DELETED, STR(""), STR(""));
	else if (!str_eq(j->app->uid, j->member->uid))
		*ret = judge_fail(EXIT_FAILED, CAUSE_RECREATED, STR(""), STR(""));
	else if (MINDS(j->app->is_deleting, NO_DELETING))
		*ret = on_live(j, judge_fail(EXIT_FAILED, CAUSE_DELETED, STR(""),
					     STR("its deletion is under way")));
	else
		return false;
	return true;
}

struct judgement app_judge_early(const struct circumstances *at, const struct member *member,
				 const struct sighting *sighting, const struct now *now,
				 struct arena *arena)
{
	const struct judging j = {at, at->plan, member, sighting, sighting->app, now, arena};
	struct judgement end;

	if (is_gone(&j, &end))
		return end;
	if (member->stranger && !plan_follows_strangers(at->plan))
		return judge_stranger(&j);
	if (is_stranger(&j))
		return judge_new_stranger(&j);
	if (is_lost(&j, &end))
		return end;
	return judge_wait(PHASE_WAITING, str_empty(at->after) ? CAUSE_GATE : CAUSE_STAGE, at->after,
			  STR(""));
}

/* ---- in its stage ---- */

/* Seen only now: it started before the stages before were shown to be done. Stamps of one clock. */
static bool started_too_early(const struct judging *j)
{
	wall started_at = j->app->shown.started_at;

	return started_at.ms > 0 && started_at.ms < j->at->passed_at.ms && is_stranger(j);
}

struct judgement app_judge(const struct circumstances *at, const struct member *member,
			   const struct sighting *sighting, const struct now *now,
			   struct arena *arena)
{
	const struct application *app = sighting->app;
	const struct judging j = {at, at->plan, member, sighting, app, now, arena};
	struct judgement end, post = {0};

	bool is_over = is_gone(&j, &end);
	if (member->post == POST_OPEN)
		post = judge_open_post(&j);
	/* What has come of a POST is written down first: it may tell of those before it. */
	if (is_over && !is_outcome(post.type))
		return end;
	if (member->post == POST_OPEN)
		return post;
	if (member->stranger && !plan_follows_strangers(at->plan))
		return judge_stranger(&j);
	if (started_too_early(&j))
		return judge_new_stranger(&j);
	if (!str_eq(app->target_revision, at->plan->revision))
		return judge_revision(&j);
	if (member->is_done)
		return judge_done(&j);
	return judge_idle(&j);
}

/* ---- before anything is posted ---- */

struct cause app_refusal(const struct plan *plan, const struct application *app, struct str home,
			 bool is_rolling)
{
	if (!str_eq(app->namespace, home))
		return (struct cause){CAUSE_OTHER_NAMESPACE, app->namespace, home};
	if (app->source_kind != SOURCE_GIT)
		return (struct cause){CAUSE_UNSUPPORTED, str_of(source_kind_name(app->source_kind)),
				      STR("")};
	if (revision_kind(app->target_revision) != REVISION_SHA)
		return (struct cause){CAUSE_NEVER,
				      str_empty(app->target_revision) ? STR("HEAD")
								      : app->target_revision,
				      STR("")};
	if (is_rolling)
		return (struct cause){CAUSE_ROLLING_SYNC, app->owner, STR("")};
	if (app->has_auto_sync && !plan->allow_auto_sync)
		return (struct cause){CAUSE_HAS_AUTO_SYNC, STR(""), STR("")};
	return (struct cause){.type = CAUSE_COUNT};
}

/* Why a POST is wanted, for people. */
static struct cause reason_to_post(const struct circumstances *at, const struct member *member,
				   const struct sighting *sighting, struct arena *arena)
{
	const struct application *app = sighting->app;
	const struct operation *shown = &app->shown;
	struct str why = STR("");

	switch (done_gap(at->plan, member, sighting)) {
	case GAP_OUT_OF_SYNC:
		why = STR("OutOfSync");
		break;
	case GAP_HEALTH:
		why = arena_printf(arena, "Synced, but %s", health_name(app->health));
		break;
	case GAP_BASIS:
		if (at->plan->skip == SKIP_NEVER)
			why = STR("--skip=never");
		else if (shown->phase != OP_SUCCEEDED)
			why = shown->phase == OP_NONE
				      ? STR("no operation yet")
				      : arena_printf(arena, "its last operation ended as %s",
						     op_phase_name(shown->phase));
		else if (shown->has_manifests)
			why = STR("its last operation synced local manifests");
		else if (!operation_is_full(shown))
			why = STR("its last operation was partial or ran no hooks");
		else
			why = STR("its last operation was not a sync of this revision");
		break;
	case GAP_NONE:
	case GAP_BUSY:
	case GAP_STALE:
	case GAP_ERROR:
	case GAP_COMPARE:
	case GAP_SERVED:
		break;
	}
	return (struct cause){CAUSE_TO_SYNC, why, STR("")};
}

enum preview app_preview(const struct circumstances *at, const struct member *member,
			 const struct sighting *sighting, const struct now *now,
			 struct arena *arena, struct cause *ret_cause)
{
	struct judgement judgement = app_judge(at, member, sighting, now, arena);

	*ret_cause = judgement.cause;
	switch (judgement.type) {
	case JUDGE_FAIL:
		return PREVIEW_FAIL;
	case JUDGE_ADOPT:
		return PREVIEW_ADOPT;
	case JUDGE_POST:
		*ret_cause = reason_to_post(at, member, sighting, arena);
		return PREVIEW_SYNC;
	case JUDGE_DONE:
		return PREVIEW_SKIP;
	case JUDGE_WAIT:
		if (judgement.cause.type == CAUSE_ADOPTED)
			return PREVIEW_ADOPT;
		[[fallthrough]];
	case JUDGE_LOOK:
	case JUDGE_REFRESH:
		if (judgement.cause.type != CAUSE_PROOF)
			return PREVIEW_WAIT;
		*ret_cause = (struct cause){.type = CAUSE_UNCHANGED};
		return PREVIEW_SKIP;
	case JUDGE_ACCEPT:
	case JUDGE_REJECT:
	case JUDGE_UNSEEN:
	case JUDGE_REOPEN:
	case JUDGE_CONFIRM:
	case JUDGE_STRANGER:
		return PREVIEW_WAIT;
	}
	return PREVIEW_WAIT;
}
