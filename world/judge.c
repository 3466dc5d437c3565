#include "world/judge.h"

#include "argo/repo.h"
#include "base/alloc.h"
#include "base/check.h"
#include "model/exit_code.h"
#include "world/judge_inside.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	KNOWN_AFTER_MS = 60'000,
	END_WITHIN_MS = 30 * 60'000,
	TICKS_MAX = 10'000, /* in one millisecond */
};

const char *property_name(enum property property)
{
	static const char *const names[] = {
		[PROPERTY_S1] = "S1",	[PROPERTY_S4] = "S4",	[PROPERTY_S6] = "S6",
		[PROPERTY_S8] = "S8",	[PROPERTY_S13] = "S13", [PROPERTY_C1] = "C1",
		[PROPERTY_C2] = "C2",	[PROPERTY_S9] = "S9",	[PROPERTY_S11] = "S11",
		[PROPERTY_S12] = "S12", [PROPERTY_L1] = "L1",	[PROPERTY_L3] = "L3",
		[PROPERTY_L4] = "L4",	[PROPERTY_S2] = "S2",	[PROPERTY_S3] = "S3",
		[PROPERTY_S7] = "S7",	[PROPERTY_S10] = "S10", [PROPERTY_L2] = "L2",
		[PROPERTY_S14] = "S14", [PROPERTY_S15] = "S15",
	};
	static_assert(COUNTOF(names) == PROPERTY_COUNT);
	return names[property];
}

void judge_accuse(struct judge *judge, enum property property, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	judge->breaches[property]++;
	if (judge->config.on_breach)
		judge->config.on_breach(judge->config.self, property, str_of(text));
}

uint32_t judge_breaches(const struct judge *judge, enum property property)
{
	return judge->breaches[property];
}

/* ---- who is judged of what ---- */

struct subject *judge_subject(const struct judge *judge, size_t run)
{
	return vec_at(&judge->subjects, run);
}

struct judged *judged_find(const struct judge *judge, struct subject *subject, struct str name)
{
	uint32_t index = store_app_index(argo_store(judge->argo), name);

	if (index == STORE_NO_INDEX || index >= subject->apps.n)
		return NULL;
	struct judged *judged = &subject->apps.v[index];
	return str_empty(judged->name) ? NULL : judged;
}

bool judged_is_known(const struct judge *judge, const struct subject *subject,
		     const struct judged *judged, wall now)
{
	int64_t after_ms = judge->config.known_after_ms;
	wall until = judged->gone_at.ms ? judged->gone_at : now;

	if (str_empty(judged->name) || judged->is_left_out || judged->has_moved)
		return false;
	/* It may have gone before the run could see it. */
	if (judged->gone_at.ms && wall_since(until, subject->began_at) < after_ms)
		return false;
	bool is_heard_of = judged->heard_of_at.ms && wall_cmp(judged->heard_of_at, now) <= 0;
	wall since = wall_cmp(judged->appeared_at, judged->unlisted_at) > 0 ? judged->appeared_at
									    : judged->unlisted_at;
	return is_heard_of || wall_since(until, since) >= after_ms;
}

/* Argo CD is to make it so, and not to take it away. */
static bool is_wanted(const struct app *app, struct str revision)
{
	struct str target = app->spec.sources.source.target_revision;

	return app->deleting_at.ms == 0 && (str_eq(target, revision) || !is_commit_sha(target));
}

static void look(const struct judge *judge, const struct subject *subject, struct judged *judged,
		 wall now)
{
	const struct app *app = store_app(argo_store(judge->argo), judged->name);

	truth_see(&judged->truth,
		  app && is_wanted(app, subject->order->revision) &&
			  truth_holds(judge->argo, judged->name, &subject->wanted),
		  now);
}

/* It is of the stage that selected it first. */
static void admit(const struct judge *judge, struct subject *subject, const struct app *app,
		  wall since)
{
	uint32_t index = store_app_index(argo_store(judge->argo), app->name);
	uint32_t stage = order_stage_of(subject->order, app);

	if (subject->plan && !str_eq(app->spec.project, subject->plan->project))
		return;
	while (subject->apps.n <= index)
		vec_push(&subject->apps, (struct judged){0});
	if (stage != STAGE_NONE && str_empty(subject->apps.v[index].name))
		subject->apps.v[index] = (struct judged){
			.name = app->name,
			.stage = stage,
			.is_left_out = order_leaves_out(subject->order, app),
			.appeared_at = since,
		};
}

/* A server's cache may still show the old ones. */
static bool was_just_relabelled(const struct judge *judge, const struct app *app, wall now)
{
	uint32_t index = store_app_index(argo_store(judge->argo), app->name);

	return index < judge->relabelled.n &&
	       wall_since(now, judge->relabelled.v[index]) < judge->config.known_after_ms;
}

static size_t begin(struct judge *judge, const struct plan *plan, const struct order *order,
		    wall now)
{
	struct subject *subject = mem_zalloc(sizeof *subject);
	struct app_names names = {0};

	*subject = (struct subject){
		.plan = plan,
		.order = order,
		.began_at = now,
		.started_at = now,
		.wanted.revision = order->revision,
		.wanted.may_be_suspended = plan && plan->accept_suspended,
		.wanted.may_be_out_of_sync = plan && plan->allow_out_of_sync,
	};
	judge_follow(judge, now);
	store_app_names(argo_store(judge->argo), &names);
	vec_each(name, &names) {
		const struct app *app = store_app(argo_store(judge->argo), *name);
		admit(judge, subject, app, app->created_at);
		struct judged *judged = judged_find(judge, subject, *name);
		if (!judged)
			continue;
		judged->has_moved = was_just_relabelled(judge, app, now);
		look(judge, subject, judged, now);
	}
	vec_release(&names);
	vec_push(&judge->subjects, subject);
	return judge->subjects.n - 1;
}

size_t judge_begin(struct judge *judge, const struct plan *plan, const struct order *order,
		   wall now)
{
	return begin(judge, plan, order, now);
}

void judge_watch(struct judge *judge, const struct order *order, wall now)
{
	(void)begin(judge, NULL, order, now);
}

/* ---- the model ---- */

/* A promotion that is over may be tried again. */
static bool is_looked_at(const struct subject *subject)
{
	return !subject->is_over || subject_is_promotion(subject);
}

/* In the model's own time, at each change of a cluster. */
static void on_live_change(void *self, struct str app, wall at)
{
	const struct judge *judge = self;

	vec_each(subject, &judge->subjects) {
		struct judged *judged = judged_find(judge, *subject, app);
		if (judged && is_looked_at(*subject))
			look(judge, *subject, judged, at);
	}
}

static bool is_asked(const struct change *change)
{
	const struct op_request *now = &change->app->operation;

	return change->type != CHANGE_DELETED && now->is_set &&
	       (!change->before || !op_request_same(now, &change->before->operation));
}

/* An operation: Argo CD shows that it runs. One that is asked for may be written over before. */
static bool has_begun(const struct change *change)
{
	const struct op_state *now = &change->app->status.operation;
	const struct op_state *before = change->before ? &change->before->status.operation : NULL;

	if (change->type == CHANGE_DELETED || now->phase == OP_NONE)
		return false;
	return !before || before->phase == OP_NONE ||
	       wall_cmp(before->started_at, now->started_at) != 0 ||
	       !op_request_same(&before->operation, &now->operation);
}

/* Whoever is watched is whoever asks for this revision. */
static void judge_asked(struct judge *judge, struct subject *subject, const struct app *app,
			wall now)
{
	struct str revision = app->operation.revisions.revision;

	if (str_empty(revision))
		revision = app->spec.sources.source.target_revision;
	if (str_eq(revision, subject->order->revision))
		order_judge_sync(judge, subject, app->name, now);
}

static void follow_app(struct judge *judge, struct subject *subject, const struct change *change)
{
	bool was_admitted = judged_find(judge, subject, change->app->name);
	admit(judge, subject, change->app, change->at);
	struct judged *judged = judged_find(judge, subject, change->app->name);

	if (!judged)
		return;
	judged->gone_at = change->type == CHANGE_DELETED ? change->at : (wall){0};
	judged->has_been_gone = judged->has_been_gone || change->type == CHANGE_DELETED;
	bool is_other = !was_admitted || change->type != CHANGE_MODIFIED ||
			change->app->deleting_at.ms != change->before->deleting_at.ms ||
			!app_spec_same(&change->app->spec, &change->before->spec);
	if (is_other && is_looked_at(subject))
		look(judge, subject, judged, change->at);
	bool is_early = wall_since(change->at, subject->began_at) < judge->config.known_after_ms;
	if (is_early && order_stage_of(subject->order, change->app) != judged->stage)
		judged->has_moved = true;
	if (is_asked(change) && !subject->plan)
		judge_asked(judge, subject, change->app, change->at);
	if (has_begun(change) && subject->plan &&
	    !posts_are_own(subject, &change->app->status.operation.operation))
		claims_follow(subject, judged, &change->app->status.operation.operation,
			      change->at);
	if (subject->plan)
		posts_follow(judge, subject, judged, change);
}

/* How often one Application can be waited for after another: with --keep-going a failure does not
 * end the run. */
static int64_t turns_of(const struct subject *subject)
{
	int64_t n = 0, concurrency = MAX(subject->plan->concurrency, 1u);

	vec_each(judged, &subject->apps)
		n += !str_empty(judged->name);
	return subject->plan->keep_going ? MAX((n + concurrency - 1) / concurrency, 1) : 1;
}

static int64_t patience_ms(const struct judge *judge, const struct subject *subject)
{
	const struct plan *plan = subject->plan;
	int64_t waits_ms = plan->revision_timeout_ms + plan->operation_timeout_ms +
			   plan->health_timeout_ms + plan->server_timeout_ms;

	return judge->config.end_within_ms + waits_ms * turns_of(subject);
}

static void judge_overdue(struct judge *judge, struct subject *subject, wall now)
{
	if (!judge->healed_at.ms || !subject->plan || subject->is_over || subject->is_overdue)
		return;
	/* A kill may be drawn for what a run does long after all other faults are over. */
	int64_t ms = MIN(wall_since(now, judge->healed_at), wall_since(now, subject->started_at));
	subject->is_overdue = ms > judge->config.end_within_ms && ms > patience_ms(judge, subject);
	if (subject->is_overdue)
		judge_accuse(judge, PROPERTY_L1,
			     "all faults have been over for %s, and it has not ended",
			     duration_format(ms).s);
}

static void note_labels(struct judge *judge, const struct change *change)
{
	uint32_t index = store_app_index(argo_store(judge->argo), change->app->name);

	if (change->type != CHANGE_MODIFIED ||
	    pair_list_same(change->app->labels, change->before->labels))
		return;
	while (judge->relabelled.n <= index)
		vec_push(&judge->relabelled, (wall){0});
	judge->relabelled.v[index] = change->at;
}

/* The controller writes a status as a difference against what its informer shows: while that is far
 * behind, the Synced of one compare may stand beside the Healthy of another, twice in a row. */
static void note_merging(struct judge *judge, wall now)
{
	enum { FAR_BEHIND_MS = 500, IN_USE_MS = 8'000 };

	if (argo_controller_lag(judge->argo) > FAR_BEHIND_MS)
		judge->merged_until = wall_add(now, IN_USE_MS);
}

bool judged_may_be_done(const struct judge *judge, const struct judged *judged, wall now)
{
	return judged->truth.has_been || wall_cmp(now, judge->merged_until) < 0;
}

void judge_follow(struct judge *judge, wall now)
{
	struct change change;

	note_merging(judge, now);

	while (informer_next(judge->informer, now, &change)) {
		if (change.kind != STORE_APP)
			continue;
		secrets_judge_app(judge, change.app);
		note_labels(judge, &change);
		vec_each(subject, &judge->subjects)
			follow_app(judge, *subject, &change);
	}
	vec_each(subject, &judge->subjects) {
		judge_overdue(judge, *subject, now);
		promotions_follow(judge, *subject, now);
	}
}

void judge_heal(struct judge *judge, wall now)
{
	judge->healed_at = now;
}

/* ---- a run ---- */

static uint32_t place_of(const struct subject *subject, const struct judged *judged)
{
	return judged ? (uint32_t)(judged - subject->apps.v) : APP_NONE;
}

void judge_sent(struct judge *judge, size_t run, const struct request *request, wall now)
{
	struct subject *subject = judge_subject(judge, run);

	judge_follow(judge, now);
	struct judged *judged = judged_find(judge, subject, request->name);
	vec_push(&subject->open, (struct open_request){
					 .id = request->id,
					 .type = request->type,
					 .server = request->server,
					 .app = place_of(subject, judged),
					 .sent_at = now,
					 .turn = ++subject->turn,
					 .clean = judged ? judged->evidence.clean : 0,
				 });
	subject->last_request = MAX(subject->last_request, request->id);
	secrets_judge(judge, request->name, "a request");
	secrets_judge(judge, request->token, "a request");
	secrets_judge(judge, request->selector, "a request");
	if (request->type == REQUEST_TERMINATE && judged)
		evidence_judge_ending(judge, subject, judged, now);
	if (request->type != REQUEST_SYNC)
		return;
	if (!str_eq(request->revision, subject->order->revision))
		judge_accuse(judge, PROPERTY_S4,
			     STR_FMT " is to be synced to " STR_FMT ", and the run is of " STR_FMT,
			     STR_ARG(request->name), STR_ARG(request->revision),
			     STR_ARG(subject->order->revision));
	if (subject->is_idle)
		judge_accuse(judge, PROPERTY_L3,
			     STR_FMT " is asked for at a tick before its time: that was due before",
			     STR_ARG(request->name));
	order_judge_sync(judge, subject, request->name, now);
	if (!judged)
		return;
	claims_judge_sent(judge, subject, judged);
	evidence_judge_sent(judge, judged, now);
	posts_judge_sent(judge, subject, judged);
	repeats_sent(subject, judged, request->token);
	promotions_judge_sent(judge, subject, judged);
}

static bool take_open(struct subject *subject, uint32_t id, struct open_request *ret_request)
{
	for (size_t i = 0; i < subject->open.n; i++) {
		if (subject->open.v[i].id != id)
			continue;
		*ret_request = subject->open.v[i];
		vec_remove(&subject->open, i);
		return true;
	}
	return false;
}

static struct judged *hear_of(const struct judge *judge, struct subject *subject, struct str name,
			      wall now)
{
	struct judged *judged = judged_find(judge, subject, name);

	if (judged && judged->heard_of_at.ms == 0)
		judged->heard_of_at = now;
	return judged;
}

static void hear_watched(const struct judge *judge, struct subject *subject,
			 const struct application *app, wall now)
{
	struct judged *judged = hear_of(judge, subject, app->name, now);

	if (!judged)
		return;
	evidence_hear_of(&judged->evidence, app);
	repeats_heard(subject, judged, app);
}

/* A List may lack somebody: a server's cache lags, or its answer is short. */
static void hear_list(const struct judge *judge, struct subject *subject, uint32_t server,
		      const struct reply *reply, wall now)
{
	for (size_t i = 0; i < reply->row_count; i++)
		(void)hear_of(judge, subject, reply->rows[i].name, now);
	vec_each(judged, &subject->apps)
		if (judged->heard_of_at.ms == 0 && judged->stage < subject->plan->stage_count &&
		    subject->plan->stages[judged->stage].server == server)
			judged->unlisted_at = now;
}

static void hear_reply(struct judge *judge, struct subject *subject, const struct reply *reply,
		       wall now)
{
	struct open_request request;

	if (!take_open(subject, reply->id, &request))
		return;
	if (request.type == REQUEST_LIST && reply->outcome == OUTCOME_OK) {
		hear_list(judge, subject, request.server, reply, now);
		claims_hear_list(subject, &request, reply);
	}
	promotions_hear_reply(judge, subject, &request, reply->outcome, now);
	if (request.app == APP_NONE)
		return;
	struct judged *judged = &vec_at(&subject->apps, request.app);
	bool is_reading = request.type == REQUEST_GET || request.type == REQUEST_REFRESH;
	if (request.type == REQUEST_SYNC)
		posts_judge_answer(judge, subject, judged, reply->outcome);
	if (reply->outcome == OUTCOME_OK && reply->application)
		repeats_heard(subject, judged, reply->application);
	if (!is_reading || reply->outcome != OUTCOME_OK)
		return;
	evidence_hear(&judged->evidence, &request, reply->application, subject->order->revision,
		      now);
	if (subject->plan)
		evidence_hear_own(&judged->evidence, reply->application, subject->plan->run);
	if (request.id > judged->owes_after)
		judged->owes_reading = false;
}

static void begin_life(const struct judge *judge, struct subject *subject, wall now)
{
	subject->is_down = false;
	subject->started_at = now;
	vec_each(judged, &subject->apps) {
		const struct app *app = store_app(argo_store(judge->argo), judged->name);
		if (app)
			repeats_shown(subject, judged, app);
	}
}

void judge_deafen(struct judge *judge, size_t run, bool is_deaf)
{
	judge_subject(judge, run)->is_deaf = is_deaf;
}

void judge_heard(struct judge *judge, size_t run, const struct event *ev, wall now)
{
	struct subject *subject = judge_subject(judge, run);

	judge_follow(judge, now);
	subject->heard = ++subject->turn;
	if (ev->type == EV_START)
		begin_life(judge, subject, now);
	if (ev->type == EV_REPLY)
		hear_reply(judge, subject, ev->reply, now);
	if (ev->type == EV_WATCHED)
		hear_watched(judge, subject, ev->watched, now);
	if (ev->type == EV_SAVED)
		subject->ledger.told = ev->saved;
	bool is_tick = ev->type == EV_TICK;
	subject->is_idle = is_tick && instant_cmp(ev->now.mono, subject->deadline) < 0;
	subject->ticks += is_tick && !subject->is_idle;
}

void judge_told(struct judge *judge, size_t run, const struct note *note, struct str text, wall now)
{
	judge_follow(judge, now);
	secrets_judge(judge, text, "what it tells");
	claims_hear(judge, judge_subject(judge, run), note, now);
}

bool judge_turned(struct judge *judge, size_t run, instant deadline, wall now)
{
	struct subject *subject = judge_subject(judge, run);

	subject->deadline = deadline;
	subject->is_idle = false;
	if (subject->is_over)
		return true;
	bool is_saving = subject->ledger.told < subject->ledger.handed;
	if (instant_is_never(deadline) && subject->open.n == 0 && !is_saving && !subject->is_lost) {
		subject->is_lost = true;
		judge_accuse(judge, PROPERTY_L3, "it has not ended, and awaits nothing");
	}
	if (wall_cmp(subject->ticked_at, now) != 0) {
		subject->ticked_at = now;
		subject->ticks = 0;
	}
	if (subject->ticks <= TICKS_MAX)
		return true;
	judge_accuse(judge, PROPERTY_L3, "it asks for the present time, again and again");
	return false;
}

void judge_interrupted(struct judge *judge, int code, int signal_code)
{
	if (code < 0)
		judge_accuse(judge, PROPERTY_L4, "it was interrupted, and goes on");
	else if (code != signal_code)
		judge_accuse(judge, PROPERTY_L4, "it was interrupted, and ends %d instead of %d",
			     code, signal_code);
}

void judge_ended(struct judge *judge, size_t run, int code, wall now)
{
	struct subject *subject = judge_subject(judge, run);

	judge_follow(judge, now);
	subject->is_over = true;
	promotions_judge_end(judge, subject, code);
	if ((code == EXIT_DONE || code == EXIT_PARTLY) && !subject->plan->is_dry_run)
		order_judge_end(judge, subject, now);
}

void judge_killed(struct judge *judge, size_t run)
{
	judge_subject(judge, run)->is_over = true;
}

/* ---- the whole ---- */

struct judge *judge_new(struct argo *argo, const struct judge_config *config, wall now)
{
	struct judge *judge = mem_zalloc(sizeof *judge);
	struct change change;

	judge->argo = argo;
	judge->config = *config;
	if (!judge->config.known_after_ms)
		judge->config.known_after_ms = KNOWN_AFTER_MS;
	if (!judge->config.end_within_ms)
		judge->config.end_within_ms = END_WITHIN_MS;
	judge->informer = informer_new(argo_store(argo), 0);
	while (informer_next(judge->informer, now, &change))
		;
	argo_look_on(argo, on_live_change, judge);
	return judge;
}

void judge_free(struct judge *judge)
{
	if (!judge)
		return;
	argo_look_on(judge->argo, NULL, NULL);
	vec_each(subject, &judge->subjects) {
		vec_each(judged, &(*subject)->apps)
			vec_release(&judged->posts);
		vec_release(&(*subject)->apps);
		vec_release(&(*subject)->open);
		vec_release(&(*subject)->ledger.members);
		vec_release(&(*subject)->ledger.said);
		arena_release(&(*subject)->ledger.arena);
		mem_free(*subject);
	}
	vec_release(&judge->subjects);
	vec_release(&judge->secrets);
	vec_release(&judge->relabelled);
	informer_free(judge->informer);
	mem_free(judge);
}
