/*
 * S8, S13 and C1: what a run tells, and whether it acts on it.
 */
#include "world/judge_inside.h"

/* So far a server's cache may be behind; and how many Lists it takes, as one may miss a row. */
enum { CACHE_LAG_MS = 8'000, LISTS = 2 };

/* ---- C1 ---- */

static void judge_done(struct judge *judge, const struct subject *subject,
		       const struct judged *judged, bool is_confirmed, wall now)
{
	if (is_confirmed ? !judged->truth.has_been : !judged_may_be_done(judge, judged, now))
		judge_accuse(judge, PROPERTY_C1,
			     STR_FMT " is said to be done at " STR_FMT
				     ", and was not since the run began",
			     STR_ARG(judged->name), STR_ARG(subject->order->revision));
}

static void judge_deleted(struct judge *judge, const struct judged *judged)
{
	const struct app *app = store_app(argo_store(judge->argo), judged->name);

	if (app && app->deleting_at.ms == 0 && !judged->has_been_gone)
		judge_accuse(judge, PROPERTY_C1, STR_FMT " is said to be deleted, and never was",
			     STR_ARG(judged->name));
}

static void hear_app(struct judge *judge, struct subject *subject, struct judged *judged,
		     const struct note *note, wall now)
{
	bool is_over = note->phase == PHASE_FAILED || note->phase == PHASE_LEFT;
	/* Of a promotion's that was done it is also said that it is not well, and that it is again:
	 * that is no claim of its own. */
	bool is_done = note->phase == PHASE_DONE && note->cause.type != CAUSE_HEALTH;
	bool is_news = judged->done_written == 0 || judged->done_told < judged->done_written;

	judged->is_given_up = is_over;
	if (note->phase == PHASE_FAILED && !subject->plan->keep_going)
		subject->has_failed = true;
	if (is_done || note->phase == PHASE_CONFIRMED)
		judge_done(judge, subject, judged, !is_done, now);
	if (is_done && is_news)
		evidence_judge_done(judge, subject, judged, note->is_skipped);
	if (is_done && !subject_is_promotion(subject))
		repeats_done(judged);
	if (is_done)
		judged->done_told = judged->done_written;
	if (note->phase == PHASE_CONFIRMED)
		evidence_judge_confirmed(judge, subject, judged);
	if (is_over && note->cause.type == CAUSE_DELETED)
		judge_deleted(judge, judged);
}

/* What began just before its stage did is followed as what began in time: nobody can have seen it
 * yet. */
void claims_begin_stage(struct subject *subject, uint32_t stage)
{
	subject->stage = stage;
	if (subject->strangers_lists < LISTS)
		subject->strangers_at = (wall){0};
}

void claims_hear(struct judge *judge, struct subject *subject, const struct note *note, wall now)
{
	struct judged *judged = judged_find(judge, subject, note->name);

	subject->turn++;
	if (note->type == NOTE_BARRIER) {
		/* What is asked for in the same turn is asked for by who knows it. */
		subject->barrier = subject->heard;
		subject->barrier_at = now;
	}
	if (note->type == NOTE_STAGE) {
		claims_begin_stage(subject, note->stage - 1);
		promotions_judge_stage(judge, subject, note->stage - 1);
	}
	if (note->type == NOTE_APP && judged)
		hear_app(judge, subject, judged, note, now);
}

/* ---- S13 ---- */

void claims_follow(struct subject *subject, struct judged *judged, const struct op_request *request,
		   wall now)
{
	/* What another one has replaced can't be shown by a List. */
	if (str_eq(judged->name, subject->strangers_name) && subject->strangers_lists < LISTS)
		subject->strangers_at = (wall){0};
	if (subject->is_over || subject->plan->accept_foreign || judged->evidence.read == 0 ||
	    judged->is_skipped || judged->stage <= subject->stage || subject->strangers_at.ms > 0 ||
	    !str_eq(request->revisions.revision, subject->order->revision) || request->dry_run ||
	    request->resources)
		return;
	subject->strangers_at = now;
	subject->strangers_lists = 0;
	subject->strangers_name = judged->name;
	subject->strangers_server = subject->plan->stages[judged->stage].server;
	subject->strangers_stage = subject->stage;
}

/* Who is labelled as no stage selects is in none of them. */
void claims_hear_list(struct subject *subject, const struct open_request *list,
		      const struct reply *reply)
{
	if (subject->strangers_at.ms == 0 || subject->strangers_server != list->server ||
	    wall_since(list->sent_at, subject->strangers_at) <= CACHE_LAG_MS)
		return;
	for (size_t i = 0; i < reply->row_count; i++)
		subject->strangers_lists += str_eq(reply->rows[i].name, subject->strangers_name);
}

/* ---- at each POST ---- */

void claims_judge_sent(struct judge *judge, const struct subject *subject,
		       const struct judged *judged)
{
	if (subject->has_failed)
		judge_accuse(judge, PROPERTY_S8,
			     STR_FMT " is asked for, and the run has said that it has failed",
			     STR_ARG(judged->name));
	if (subject->strangers_at.ms > 0 && judged->stage > subject->strangers_stage &&
	    subject->strangers_lists >= LISTS)
		judge_accuse(judge, PROPERTY_S13,
			     STR_FMT " of stage %u is asked for, and somebody had synced " STR_FMT
				     " while stage %u was at work",
			     STR_ARG(judged->name), judged->stage + 1,
			     STR_ARG(subject->strangers_name), subject->strangers_stage + 1);
}
