/*
 * C2: what a run says rests on what it has read: the promise's words about readings, which leave no
 * trace in the clusters.
 */
#include "world/judge_inside.h"

/* A POST rests on a reading that is no older. */
enum { READ_WITHIN_MS = 10'000 };

void evidence_hear(struct evidence *evidence, const struct open_request *request,
		   const struct application *app, struct str revision, wall now)
{
	if (request->type == REQUEST_REFRESH)
		evidence->served = MAX(evidence->served, request->clean);
	if (!app->has_refresh)
		evidence->clean = MAX(evidence->clean, request->turn);
	evidence->read_at = now;
	/* Of an answer that was long on its way, what it shows is of no interest any more. */
	if (app->resource_version < evidence->version)
		return;
	evidence->version = app->resource_version;
	if (evidence->read == 0) {
		evidence->read = request->turn;
		evidence->first_operation = app->shown.id;
		evidence->first_finished_at = app->shown.finished_at;
	}
	if (!operation_same(evidence->operation, evidence->finished_at, app->shown.id,
			    app->shown.finished_at))
		evidence->shown = request->turn;
	evidence->operation = app->shown.id;
	evidence->finished_at = app->shown.finished_at;
	evidence->phase = app->shown.phase;
	evidence->is_deleting = app->is_deleting;
	evidence->has_other_source = app->shown.has_other_source;
	evidence->is_compared = app->is_compared && str_eq(app->sync_revision, revision);
	evidence->is_fresh = app->shown.phase == OP_NONE ||
			     wall_cmp(app->reconciled_at, app->shown.finished_at) > 0;
}

/* Of the newest version alone: an older one says nothing any more. */
void evidence_hear_own(struct evidence *evidence, const struct application *app, struct str run)
{
	struct str rest = application_operation(app)->token, version, name;
	bool is_own = str_cut(&rest, '/', &version) && str_cut(&rest, '/', &name) &&
		      str_eq(name, run);

	if (app->resource_version >= evidence->version)
		evidence->is_own_running = is_own && application_in_operation(app);
}

void evidence_hear_of(struct evidence *evidence, const struct application *app)
{
	evidence->version = MAX(evidence->version, app->resource_version);
}

static void demand(struct judge *judge, const struct judged *judged, bool holds, const char *fault)
{
	if (!holds)
		judge_accuse(judge, PROPERTY_C2, STR_FMT " is said to be %s", STR_ARG(judged->name),
			     fault);
}

/* The operation shown at the first reading still is, and Argo CD has compared since. */
static void judge_unchanged(struct judge *judge, const struct judged *judged)
{
	const struct evidence *evidence = &judged->evidence;

	demand(judge, judged,
	       operation_same(evidence->operation, evidence->finished_at, evidence->first_operation,
			      evidence->first_finished_at),
	       "unchanged, and another operation is shown");
	demand(judge, judged, evidence->served > 0 && evidence->served >= evidence->read,
	       "unchanged, and no refresh was served");
}

void evidence_judge_done(struct judge *judge, struct subject *subject, struct judged *judged,
			 bool is_unchanged)
{
	struct evidence *evidence = &judged->evidence;

	demand(judge, judged,
	       evidence->phase == OP_SUCCEEDED || (is_unchanged && evidence->phase == OP_NONE),
	       "done, and what was read last shows no success");
	demand(judge, judged, evidence->is_compared,
	       "done, and what was read last was compared with something else");
	demand(judge, judged, evidence->is_fresh,
	       "done, and what was read last was compared before its operation had ended");
	demand(judge, judged, !evidence->has_other_source, "done, and another source was synced");
	demand(judge, judged, !evidence->is_deleting, "done, and is being deleted");
	if (is_unchanged)
		judge_unchanged(judge, judged);
	else
		demand(judge, judged, wall_cmp(judged->operated_at, subject->began_at) >= 0,
		       "synced, and no operation has ended since the run began");
	evidence->done = subject->turn;
	evidence->done_operation = evidence->operation;
	evidence->done_finished_at = evidence->finished_at;
}

/* Another operation than it was done with makes it done anew at the earliest by the reading that
 * first shows it; and the re-read begins after that. */
void evidence_judge_confirmed(struct judge *judge, const struct subject *subject,
			      const struct judged *judged)
{
	const struct evidence *evidence = &judged->evidence;
	bool is_same = operation_same(evidence->operation, evidence->finished_at,
				      evidence->done_operation, evidence->done_finished_at);

	demand(judge, judged, evidence->served >= MAX(subject->barrier, evidence->done),
	       "done still, and no refresh was served since all were done");
	demand(judge, judged, is_same || evidence->served > evidence->shown,
	       "done still, and another operation is shown");
}

void evidence_judge_ending(struct judge *judge, const struct subject *subject,
			   const struct judged *judged, wall now)
{
	enum { JUST_NOW_MS = 1'500 };
	int64_t ms = wall_since(now, judged->evidence.read_at);

	if (!subject->ledger.ends_operations)
		judge_accuse(judge, PROPERTY_S15,
			     STR_FMT ": its operation is to end, and nobody has said so",
			     STR_ARG(judged->name));
	if (!judged->evidence.is_own_running || ms > JUST_NOW_MS)
		judge_accuse(judge, PROPERTY_S15,
			     STR_FMT ": an operation is to end of which it is not known that it is "
				     "the run's",
			     STR_ARG(judged->name));
}

void evidence_judge_sent(struct judge *judge, const struct judged *judged, wall now)
{
	int64_t ms = wall_since(now, judged->evidence.read_at);

	if (judged->evidence.read == 0 || ms > READ_WITHIN_MS)
		judge_accuse(judge, PROPERTY_C2, STR_FMT " is asked for, and was not read for %s",
			     STR_ARG(judged->name), duration_format(ms).s);
}
