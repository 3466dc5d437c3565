#include "world/timeline.h"

#include "base/arena.h"

enum { SHORT_SHA = 7, TEXT_MAX = 64 };

const char *told_name(enum told told)
{
	static const char *const names[] = {
		[TOLD_STAMPS] = "stamps",	 [TOLD_LIVE] = "live",	   [TOLD_SCRIPT] = "script",
		[TOLD_TIPHYS] = "tiphys",	 [TOLD_JOBS] = "jobs",	   [TOLD_ASKED] = "asked",
		[TOLD_OPERATION] = "operations", [TOLD_STATUS] = "status", [TOLD_SPEC] = "spec",
		[TOLD_ROLLOUT] = "rollout",	 [TOLD_ORDER] = "order",
	};
	static_assert(COUNTOF(names) == TOLD_COUNT);
	return names[told];
}

void timeline_init(struct timeline *timeline, struct argo *argo)
{
	*timeline = (struct timeline){
		.argo = argo,
		.informer = informer_new(argo_store(argo), 0),
		.text = BUF_INIT(TEXT_MAX * MIB),
		.shows = 1u << TOLD_SCRIPT | 1u << TOLD_TIPHYS | 1u << TOLD_JOBS | 1u << TOLD_ORDER,
	};
}

void timeline_release(struct timeline *timeline)
{
	informer_free(timeline->informer);
	buf_release(&timeline->text);
	arena_release(&timeline->arena);
	vec_release(&timeline->names);
	vec_release(&timeline->jobs);
	vec_release(&timeline->rollouts);
	vec_release(&timeline->lives);
}

void timeline_name(struct timeline *timeline, struct str name, struct str sha)
{
	struct pair pair = {arena_copy(&timeline->arena, sha), arena_copy(&timeline->arena, name)};
	vec_push(&timeline->names, pair);
}

void timeline_at(struct timeline *timeline, int64_t now_ms)
{
	timeline->now_ms = now_ms;
}

/* ---- words ---- */

/* The name of the revision that the text begins with, and how much of the text it was. */
static struct str name_at(const struct timeline *timeline, struct str text, size_t *ret_n)
{
	vec_each(pair, &timeline->names) {
		if (text.p[0] != pair->key.p[0])
			continue;
		if (str_starts(text, pair->key)) {
			*ret_n = pair->key.n;
			return pair->value;
		}
		if (str_starts(text, str_first(pair->key, SHORT_SHA))) {
			*ret_n = SHORT_SHA;
			return pair->value;
		}
	}
	*ret_n = 0;
	return STR("");
}

static void put_named(struct timeline *timeline, struct str text)
{
	for (size_t n; text.n > 0; text = str_after(text, n)) {
		struct str name = name_at(timeline, text, &n);
		if (n > 0) {
			buf_str(&timeline->text, name);
			continue;
		}
		n = 1;
		buf_char(&timeline->text, text.p[0]);
	}
}

static bool is_shown(const struct timeline *timeline, enum told told)
{
	return timeline->shows >> told & 1u;
}

bool timeline_is_heard(const struct timeline *timeline, enum told told)
{
	return is_shown(timeline, told) && !timeline->is_silent;
}

void timeline_tell(struct timeline *timeline, enum told told, const char *who, struct str what)
{
	int64_t ms = timeline->now_ms;

	if (!timeline_is_heard(timeline, told))
		return;
	buf_printf(&timeline->text, "[%02lld:%02lld.%03lld] %-8s ", (long long)(ms / 60'000),
		   (long long)(ms / 1'000 % 60), (long long)(ms % 1'000), who);
	put_named(timeline, what);
	buf_char(&timeline->text, '\n');
}

static void tell_app(struct timeline *timeline, enum told told, const struct app *app,
		     struct str what)
{
	auto_arena struct arena arena = {0};
	timeline_tell(
		timeline, told, "argo",
		arena_printf(&arena, STR_FMT ": " STR_FMT, STR_ARG(app->name), STR_ARG(what)));
}

static struct str target_of(const struct app *app)
{
	struct str target = app->spec.sources.source.target_revision;
	return str_empty(target) ? STR("HEAD") : target;
}

static struct str who_asked(const struct op_request *request)
{
	if (!str_empty(request->username))
		return request->username;
	return request->is_automated ? STR("auto-sync") : STR("somebody");
}

static const char *kind_of(const struct op_request *request)
{
	if (request->dry_run)
		return " (dry run)";
	if (request->resources)
		return " (partial)";
	if (!str_empty(request->manifests_json))
		return " (local manifests)";
	return request->strategy == STRATEGY_APPLY ? " (no hooks)" : "";
}

/* ---- what has changed ---- */

static void tell_request(struct timeline *timeline, const struct app *app, struct arena *arena)
{
	const struct op_request *request = &app->operation;
	struct str revision = request->revisions.revision;

	tell_app(timeline, TOLD_ASKED, app,
		 arena_printf(arena, "asked to sync " STR_FMT "%s, by " STR_FMT,
			      STR_ARG(str_empty(revision) ? target_of(app) : revision),
			      kind_of(request), STR_ARG(who_asked(request))));
}

static void follow_request(struct timeline *timeline, const struct app *before,
			   const struct app *app, struct arena *arena)
{
	const struct op_request *request = &app->operation;

	if (!request->is_set || (before && op_request_same(request, &before->operation)))
		return;
	if (timeline_is_heard(timeline, TOLD_ASKED))
		tell_request(timeline, app, arena);
}

static void follow_operation(struct timeline *timeline, const struct app *before,
			     const struct app *app, struct arena *arena)
{
	const struct op_state *now = &app->status.operation;
	enum op_phase was = before ? before->status.operation.phase : OP_NONE;

	if (now->phase == OP_NONE || now->phase == was)
		return;
	struct str revision = now->result_revisions.revision;
	if (str_empty(revision))
		revision = now->operation.revisions.revision;
	tell_app(timeline, TOLD_OPERATION, app,
		 arena_printf(arena, "operation at " STR_FMT " is %s%s" STR_FMT, STR_ARG(revision),
			      op_phase_name(now->phase),
			      now->phase == OP_RUNNING || str_empty(now->message) ? "" : ": ",
			      STR_ARG(now->phase == OP_RUNNING ? STR("") : now->message)));
}

static struct str shown(const struct app *app, struct arena *arena)
{
	const struct app_status *status = &app->status;

	if (!status->has_sync)
		return STR("nothing yet");
	return arena_printf(arena, "%s at " STR_FMT ", %s", sync_status_name(status->sync),
			    STR_ARG(status->sync_revisions.revision),
			    status->has_health ? health_name(status->health) : "no health");
}

static void follow_status(struct timeline *timeline, const struct app *before,
			  const struct app *app, struct arena *arena)
{
	struct str now = shown(app, arena);

	if (before ? !str_eq(now, shown(before, arena)) : app->status.has_sync)
		tell_app(timeline, TOLD_STATUS, app,
			 arena_printf(arena, "shows " STR_FMT, STR_ARG(now)));
}

/* Both stamps have whole seconds; the date is always the same. */
static void follow_stamps(struct timeline *timeline, const struct app *before,
			  const struct app *app, struct arena *arena)
{
	const struct app_status *now = &app->status;

	if (now->operation.finished_at.ms == 0 ||
	    (before && before->status.reconciled_at.ms == now->reconciled_at.ms &&
	     before->status.operation.finished_at.ms == now->operation.finished_at.ms))
		return;
	struct when_text compared = wall_format(now->reconciled_at);
	struct when_text finished = wall_format(now->operation.finished_at);
	tell_app(timeline, TOLD_STAMPS, app,
		 arena_printf(arena, "operation finished at %.8s, compared at %.8s",
			      finished.s + 11, compared.s + 11));
}

static void tell_live(struct timeline *timeline, struct live_line *line)
{
	auto_arena struct arena arena = {0};
	enum health now = argo_live_health(timeline->argo, line->app);

	if (now == line->health)
		return;
	line->health = now;
	timeline_tell(timeline, TOLD_LIVE, "cluster",
		      arena_printf(&arena, STR_FMT ": its Deployment is %s", STR_ARG(line->app),
				   health_name(now)));
}

/* One that is made again has its line already. */
static void add_live(struct timeline *timeline, struct str app)
{
	vec_each(line, &timeline->lives)
		if (str_eq(line->app, app))
			return;
	vec_push(&timeline->lives, (struct live_line){app, HEALTH_UNKNOWN});
}

static void follow_lives(struct timeline *timeline)
{
	if (!is_shown(timeline, TOLD_LIVE))
		return;
	vec_each(line, &timeline->lives)
		tell_live(timeline, line);
}

static void follow_app(struct timeline *timeline, const struct change *change)
{
	auto_arena struct arena arena = {0};
	const struct app *app = change->app, *before = change->before;

	if (change->type == CHANGE_DELETED) {
		tell_app(timeline, TOLD_SPEC, app, STR("is gone"));
		return;
	}
	if (change->type == CHANGE_ADDED) {
		before = NULL;
		add_live(timeline, app->name);
	}
	if (!before || !str_eq(target_of(before), target_of(app)))
		tell_app(timeline, TOLD_SPEC, app,
			 arena_printf(&arena, "targetRevision is " STR_FMT,
				      STR_ARG(target_of(app))));
	if (app->deleting_at.ms && before && !before->deleting_at.ms)
		tell_app(timeline, TOLD_SPEC, app, STR("its deletion began"));
	follow_request(timeline, before, app, &arena);
	if (timeline_is_heard(timeline, TOLD_OPERATION))
		follow_operation(timeline, before, app, &arena);
	if (timeline_is_heard(timeline, TOLD_STATUS))
		follow_status(timeline, before, app, &arena);
	if (timeline_is_heard(timeline, TOLD_STAMPS))
		follow_stamps(timeline, before, app, &arena);
}

static void tell_job(struct timeline *timeline, const struct hook_job *job, const char *what)
{
	auto_arena struct arena arena = {0};

	if (!timeline_is_heard(timeline, TOLD_JOBS))
		return;
	timeline_tell(timeline, TOLD_JOBS, "cluster",
		      arena_printf(&arena, STR_FMT ": " STR_FMT " hook of " STR_FMT " %s",
				   STR_ARG(job->app), STR_ARG(job->hook_type),
				   STR_ARG(job->revision), what));
}

/* A retry's Job takes the place, in the records too, of the one that it is named as. */
static void follow_jobs(struct timeline *timeline)
{
	const struct hook_job *jobs;
	size_t n = argo_jobs(timeline->argo, &jobs);

	while (timeline->jobs.n < n)
		vec_push(&timeline->jobs, (struct told_job){0});
	for (size_t i = 0; i < n; i++) {
		struct told_job *told = &timeline->jobs.v[i];
		if (wall_cmp(told->began, jobs[i].started_at) != 0) {
			*told = (struct told_job){.began = jobs[i].started_at};
			tell_job(timeline, &jobs[i], "began");
		}
		if (told->is_over || jobs[i].finished_at.ms == 0)
			continue;
		told->is_over = true;
		tell_job(timeline, &jobs[i], jobs[i].succeeded ? "succeeded" : "failed");
	}
}

/* What RollingSync has recorded anew of its Applications. */
static void follow_rollout(struct timeline *timeline, const struct appset *set)
{
	auto_arena struct arena arena = {0};
	struct str now = STR(""), before = {0};

	for (uint32_t i = 0; set->rollout && i < set->rollout->n; i++) {
		const struct rollout_status *status = &set->rollout->v[i];
		now = arena_printf(&arena, STR_FMT "%s" STR_FMT " " STR_FMT, STR_ARG(now),
				   i ? ", " : "", STR_ARG(status->application),
				   STR_ARG(status->status));
	}
	vec_each(pair, &timeline->rollouts)
		if (str_eq(pair->key, set->name)) {
			before = pair->value;
			pair->value = arena_copy(&timeline->arena, now);
		}
	if (!str_empty(now) && !before.p)
		vec_push(&timeline->rollouts,
			 (struct pair){set->name, arena_copy(&timeline->arena, now)});
	if (!str_eq(now, before))
		timeline_tell(timeline, TOLD_ROLLOUT, "argo",
			      arena_printf(&arena, STR_FMT " rolls: " STR_FMT, STR_ARG(set->name),
					   STR_ARG(now)));
}

void timeline_follow(struct timeline *timeline, wall now)
{
	struct change change;

	while (informer_next(timeline->informer, now, &change)) {
		if (change.kind == STORE_APP)
			follow_app(timeline, &change);
		else if (change.kind == STORE_APPSET && change.type != CHANGE_DELETED &&
			 is_shown(timeline, TOLD_ROLLOUT))
			follow_rollout(timeline, change.appset);
	}
	follow_lives(timeline);
	follow_jobs(timeline);
}
