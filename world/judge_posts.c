/*
 * S4, S6 and S9: what a run asks for, and how often, and how much at a time.
 */
#include "world/judge_inside.h"

bool posts_are_own(const struct subject *subject, const struct op_request *request)
{
	struct str rest = pair_get(request->infos, STR("tiphys")), version, run;

	return str_cut(&rest, '/', &version) && str_cut(&rest, '/', &run) &&
	       str_eq(run, subject->plan->run);
}

/* ---- S9 ---- */

static bool is_in_flight(const struct judged *judged)
{
	bool is_known = judged->is_standing && !judged->is_unsure;

	return !str_empty(judged->name) && !judged->is_given_up && (judged->is_awaited || is_known);
}

static void judge_concurrency(struct judge *judge, const struct subject *subject)
{
	uint32_t n = 0;

	vec_each(judged, &subject->apps)
		n += is_in_flight(judged);
	if (n > subject->plan->concurrency)
		judge_accuse(judge, PROPERTY_S9, "%u Applications are synced at a time, of %u", n,
			     subject->plan->concurrency);
}

/* ---- S6 ---- */

/* Its own operation has succeeded, and since that ended it has been done without a break: as far as
 * that can be said where it may be out of sync. What had failed by its health alone, and is tried
 * again, may have become well since, and Argo CD need not show that yet. */
static bool is_done_by_own(const struct subject *subject, const struct judged *judged)
{
	return judged->ended_at.ms > 0 && !subject->wanted.may_be_out_of_sync &&
	       !judged->is_unsure && !judged->is_retried && judged->truth.is_now &&
	       wall_cmp(judged->truth.until, judged->ended_at) <= 0;
}

void posts_judge_sent(struct judge *judge, struct subject *subject, struct judged *judged)
{
	if (judged->is_awaited)
		judge_accuse(judge, PROPERTY_S6,
			     STR_FMT " is asked for again, and the answer is still to come",
			     STR_ARG(judged->name));
	if (judged->owes_reading)
		judge_accuse(judge, PROPERTY_S6,
			     STR_FMT " is asked for again, and nobody has looked what became of "
				     "the last time",
			     STR_ARG(judged->name));
	if (is_done_by_own(subject, judged))
		judge_accuse(judge, PROPERTY_S6,
			     STR_FMT " is asked for again, and its own operation has made it done",
			     STR_ARG(judged->name));
	judged->is_awaited = true;
	judge_concurrency(judge, subject);
}

static bool is_unknown(enum outcome outcome)
{
	return outcome == OUTCOME_CUT || outcome == OUTCOME_TIMEOUT ||
	       outcome == OUTCOME_BAD_ANSWER || outcome == OUTCOME_SERVER_ERROR;
}

void posts_judge_answer(struct judge *judge, const struct subject *subject, struct judged *judged,
			enum outcome outcome)
{
	repeats_answered(subject, judged, outcome, is_unknown(outcome));
	judged->is_awaited = false;
	judged->accepted += outcome == OUTCOME_OK;
	if (outcome == OUTCOME_OK && judged->accepted > 1 + REPOSTS_MAX)
		judge_accuse(judge, PROPERTY_S6, STR_FMT " was asked for %u times",
			     STR_ARG(judged->name), judged->accepted);
	if (!is_unknown(outcome))
		return;
	judged->is_unsure = judged->owes_reading = true;
	judged->owes_after = subject->last_request;
}

/* ---- S4, and what the model makes of it ---- */

static bool is_full(const struct op_request *request)
{
	return !request->dry_run && !request->resources && str_empty(request->manifests_json) &&
	       request->strategy != STRATEGY_APPLY;
}

static void judge_request(struct judge *judge, const struct subject *subject, struct str name,
			  const struct op_request *request)
{
	struct str revision = request->revisions.revision;

	if (request->revisions.n > 0 || !str_eq(revision, subject->order->revision))
		judge_accuse(judge, PROPERTY_S4,
			     STR_FMT ": the run's operation is at " STR_FMT ", and not at " STR_FMT,
			     STR_ARG(name), STR_ARG(revision), STR_ARG(subject->order->revision));
	if (!is_full(request))
		judge_accuse(judge, PROPERTY_S4, STR_FMT ": the run's operation is not full",
			     STR_ARG(name));
}

static void judge_result(struct judge *judge, const struct subject *subject, struct str name,
			 const struct op_state *state)
{
	struct str revision = state->result_revisions.revision;

	if (state->phase == OP_SUCCEEDED && !str_empty(revision) &&
	    !str_eq(revision, subject->order->revision))
		judge_accuse(judge, PROPERTY_S4,
			     STR_FMT ": the run's operation has synced " STR_FMT, STR_ARG(name),
			     STR_ARG(revision));
}

void posts_follow(struct judge *judge, struct subject *subject, struct judged *judged,
		  const struct change *change)
{
	const struct app *app = change->app, *before = change->before;
	const struct op_state *shown = &app->status.operation;
	bool is_there = change->type != CHANGE_DELETED;
	bool is_own = is_there && posts_are_own(subject, &shown->operation);

	if (is_there && before && phase_is_completed(shown->phase) &&
	    !phase_is_completed(before->status.operation.phase))
		judged->operated_at = change->at;
	judged->is_standing = is_there && app->operation.is_set &&
			      posts_are_own(subject, &app->operation);
	if (judged->is_standing &&
	    (!before || !op_request_same(&app->operation, &before->operation))) {
		judged->is_retried = false;
		judge_request(judge, subject, app->name, &app->operation);
		repeats_accepted(subject, judged, &app->operation);
	}
	if (is_there)
		repeats_shown(subject, judged, app);
	if (is_own && (!before || before->status.operation.phase != shown->phase))
		judge_result(judge, subject, app->name, shown);
	if (!is_own || app->operation.is_set || shown->phase != OP_SUCCEEDED)
		judged->ended_at = (wall){0};
	else if (judged->ended_at.ms == 0)
		judged->ended_at = change->at;
}
