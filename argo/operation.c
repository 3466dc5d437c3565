/*
 * The operation loop: starts what is requested, goes on with what runs, tries again what has
 * failed, and ends it: in one write that takes `operation` away and says how it came out.
 */
#include "argo/compare.h"
#include "argo/condition.h"
#include "argo/controller.h"
#include "argo/finalizers.h"
#include "argo/inside.h"
#include "argo/spec_check.h"
#include "argo/sync.h"
#include "argo/window.h"
#include "base/alloc.h"

#include <stdio.h>

enum {
	RETRY_MS = 5000,
	RETRY_FACTOR = 2,
	RETRY_MOST_MS = 3 * 60 * 1000,
	HISTORY_MAX = 10,
	DELETE_MS = 500,
};

struct operation_run {
	const struct app *app; /* as it was read when this turn began */
	struct op_state state;
	bool is_terminating;
	struct render *render;
};

void operation_forget(struct work *work)
{
	struct operation_run *run = work->operation;

	if (run == NULL)
		return;
	render_end(run->render);
	app_drop(run->app);
	op_state_drop(&run->state);
	mem_free(run);
	work->operation = NULL;
}

static void end(struct controller *ctrl, struct work *work)
{
	operation_forget(work);
	operation_is_done(ctrl, work);
}

const struct app *set_operation(struct argo *argo, struct str name,
				const struct op_request *request)
{
	const struct app *live = store_app(argo->store, name);

	if (live == NULL || live->operation.is_set)
		return NULL;
	struct app *next = app_copy(live);
	next->operation = op_request_keep(request);
	next->operation.is_set = true;
	op_state_drop(&next->status.operation);
	(void)store_write_app(argo->store, next, 0, argo->now);
	return store_app(argo->store, name);
}

/* ---- writing ---- */

/* What a merge patch leaves out stays: a retry does not take the last result away. */
static void merge_state(struct op_state *live, const struct op_state *state)
{
	struct op_state merged = op_state_keep(state);

	if (!merged.has_result && live->has_result) {
		merged.has_result = true;
		merged.result_revisions = live->result_revisions;
		merged.result_sources = sources_keep(&live->result_sources);
		merged.results = result_list_keep(live->results);
	}
	if (str_empty(merged.message))
		merged.message = live->message;
	op_state_drop(live);
	*live = merged;
}

/* False: there was nothing to write. */
static bool set_state(struct controller *ctrl, struct work *work,
		      void (*then)(struct controller *ctrl, struct work *work))
{
	struct argo *argo = controller_argo(ctrl);
	struct op_state *state = &work->operation->state;
	const struct app *live = store_app(argo->store, work->name);
	bool is_completed = phase_is_completed(state->phase);

	if (live == NULL)
		return false;
	if (is_completed)
		state->finished_at = argo_stamp(argo, argo->now);
	struct app *next = app_copy(live);
	merge_state(&next->status.operation, state);
	bool is_other = !has_quirk(argo, QUIRK_OVERWRITTEN_STATE_RESUMED) &&
			!pair_list_same(live->operation.infos, state->operation.infos);
	if (is_completed && !is_other)
		op_request_drop(&next->operation);
	return controller_write(ctrl, work, next, then);
}

/* Written on its own, before the end of the operation is. */
static void add_history(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	const struct op_state *state = &work->operation->state;
	const struct app *live = store_app(argo->store, work->name);

	if (live == NULL)
		return;
	const struct history_list *old = live->status.history;
	uint32_t most = live->spec.history_limit > 0 ? (uint32_t)live->spec.history_limit
						     : HISTORY_MAX;
	uint32_t kept = MIN(old == NULL ? 0 : old->n, most - 1);
	uint32_t from = old == NULL ? 0 : old->n - kept;
	struct history_list *list = history_list_new(kept + 1);
	for (uint32_t i = 0; i < kept; i++) {
		list->v[i] = old->v[from + i];
		source_list_keep(list->v[i].sources.sources);
	}
	list->v[kept] = (struct history_entry){
		.id = old == NULL || old->n == 0 ? 0 : old->v[old->n - 1].id + 1,
		.revisions = state->result_revisions,
		.sources = sources_keep(&state->result_sources),
		.deploy_started_at = state->started_at,
		.deployed_at = argo_stamp(argo, argo->now),
		.username = state->operation.username,
		.is_automated = state->operation.is_automated,
	};
	struct app *next = app_copy(live);
	history_list_drop(next->status.history);
	next->status.history = list;
	(void)store_write_app(argo->store, next, 0, argo->now);
}

/* ---- retries ---- */

static int64_t duration_or(struct str text, int64_t fallback_ms)
{
	int64_t ms, seconds;
	struct err err;

	if (str_empty(text))
		return fallback_ms;
	if (str_to_i64(text, &seconds))
		return seconds * 1000;
	return duration_parse(text, &ms, &err) < 0 ? fallback_ms : ms;
}

static wall next_retry_at(const struct retry *retry, wall since, int64_t count)
{
	int64_t wait_ms = duration_or(retry->duration, RETRY_MS);
	int64_t most_ms = duration_or(retry->max_duration, RETRY_MOST_MS);
	int64_t factor = retry->factor != 0 ? retry->factor : RETRY_FACTOR;

	for (int64_t i = 0; i < count && wait_ms < most_ms; i++)
		wait_ms *= factor;
	return wall_add(since, most_ms > 0 ? MIN(wait_ms, most_ms) : wait_ms);
}

/* As Go's time.Kitchen: 3:04PM. */
static struct str kitchen(struct argo *argo, wall at)
{
	int64_t minutes = at.ms / 60000 % (24 * 60);
	int64_t hour = minutes / 60;

	return argo_text(argo, "%lld:%02lld%s", (long long)((hour + 11) % 12 + 1),
			 (long long)(minutes % 60), hour < 12 ? "AM" : "PM");
}

static void try_again_later(struct argo *argo, struct work *work)
{
	struct op_state *state = &work->operation->state;
	wall at = next_retry_at(&state->operation.retry, argo->now, state->retry_count);

	state->phase = OP_RUNNING;
	state->retry_count++;
	/* What waits is told by `finishedAt` beside Running, and found again by it. */
	work->retry_at = next_retry_at(&state->operation.retry, argo->now, state->retry_count);
	if (has_quirk(argo, QUIRK_RETRY_SHOWS_FINISHED))
		state->finished_at = argo_stamp(argo, argo->now);
	state->message = argo_text(argo, STR_FMT ". Retrying attempt #%lld at " STR_FMT ".",
				   STR_ARG(state->message), (long long)state->retry_count,
				   STR_ARG(kitchen(argo, at)));
}

/* ---- the end of a turn ---- */

static void judge(struct argo *argo, struct work *work)
{
	struct operation_run *run = work->operation;
	struct op_state *state = &run->state;
	const struct app *live = store_app(argo->store, work->name);
	const struct retry *retry = &state->operation.retry;

	switch (state->phase) {
	case OP_RUNNING:
		if (live != NULL && live->status.operation.phase == OP_TERMINATING) {
			state->phase = OP_TERMINATING;
			state->message = STR("operation is terminating");
		}
		break;
	case OP_FAILED:
	case OP_ERROR:
		if (!run->is_terminating && (state->retry_count < retry->limit || retry->limit < 0))
			try_again_later(argo, work);
		else if (state->retry_count > 0)
			state->message = argo_text(argo, STR_FMT " (retried %lld times).",
						   STR_ARG(state->message),
						   (long long)state->retry_count);
		break;
	case OP_NONE:
	case OP_TERMINATING:
	case OP_SUCCEEDED:
		break;
	}
}

/* The turn is over, and what came of it is written. */
static void finish(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct operation_run *run = work->operation;
	const struct op_request *request = &run->state.operation;
	bool is_over = phase_is_completed(run->state.phase) && !request->dry_run;
	enum level level = request->is_automated ? LEVEL_LATEST : LEVEL_RESOLVE;

	/* A retry that waits without a stamp is not brought to mind by one. */
	if (run->state.phase == OP_RUNNING && work->retry_at.ms > argo->now.ms)
		controller_request(ctrl, work, LEVEL_LATEST, work->retry_at.ms - argo->now.ms);
	end(ctrl, work);
	if (is_over)
		controller_request(ctrl, work, level, 0);
}

static void settle(struct controller *ctrl, struct work *work)
{
	struct operation_run *run = work->operation;
	const struct op_request *request = &run->state.operation;
	bool is_full = !request->dry_run &&
		       (request->resources == NULL || request->resources->n == 0);

	if (run->state.phase == OP_SUCCEEDED && is_full)
		add_history(ctrl, work);
	judge(controller_argo(ctrl), work);
	if (!set_state(ctrl, work, finish))
		finish(ctrl, work);
}

static void settles(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;

	if (epoch == controller_epoch(ctrl))
		settle(ctrl, controller_work(ctrl, number));
}

static void settle_after(struct controller *ctrl, struct work *work, int64_t ms)
{
	argo_later(controller_argo(ctrl), ms, settles, ctrl, controller_number(ctrl, work),
		   controller_epoch(ctrl));
}

static void fails(struct controller *ctrl, struct work *work, struct str why)
{
	work->operation->state.phase = OP_ERROR;
	work->operation->state.message = why;
	settle_after(ctrl, work, 5);
}

/* ---- syncing ---- */

static void sync_with(struct controller *ctrl, struct work *work, const struct manifest *manifest)
{
	struct argo *argo = controller_argo(ctrl);
	struct operation_run *run = work->operation;
	int64_t ms = argo_some_ms(argo, 10, 20);

	if (run->state.phase == OP_TERMINATING)
		sync_terminate(argo, run->app, &run->state);
	else
		ms += sync_step(argo, run->app, &run->state, manifest);
	settle_after(ctrl, work, ms);
}

static void is_rendered(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;
	struct work *work = controller_work(ctrl, number);
	struct argo *argo = controller_argo(ctrl);

	if (epoch != controller_epoch(ctrl))
		return;
	struct operation_run *run = work->operation;
	const struct condition *invalid = condition_of(run->app->status.conditions,
						       CONDITION_INVALID_SPEC_ERROR);
	struct str error = render_error(run->render);
	if (!str_empty(error)) {
		fails(ctrl, work,
		      argo_text(argo, "ComparisonError: Failed to load target state: " STR_FMT,
				STR_ARG(error)));
		return;
	}
	run->state.result_revisions = render_manifest(run->render)->revisions;
	if (invalid != NULL) {
		fails(ctrl, work,
		      argo_text(argo, "InvalidSpecError: " STR_FMT, STR_ARG(invalid->message)));
		return;
	}
	sync_with(ctrl, work, render_manifest(run->render));
}

static void make_result(struct operation_run *run)
{
	struct op_state *state = &run->state;
	const struct sources *pinned = &state->operation.sources;
	bool is_pinned = pinned->has_source || (pinned->sources != NULL && pinned->sources->n > 0);

	if (state->has_result)
		return;
	state->has_result = true;
	state->result_sources = sources_keep(is_pinned ? pinned : &run->app->spec.sources);
	state->result_revisions = state->operation.revisions;
}

/* Before its first state is written an operation is not known to be somebody's own. */
static bool is_blocked(const struct argo *argo, const struct operation_run *run,
		       const struct project *project)
{
	const struct op_state *shown = &run->app->status.operation;
	bool is_manual = shown->phase != OP_NONE && !shown->operation.is_automated;

	return has_quirk(argo, QUIRK_WINDOW_PARKS_OPERATION) &&
	       !windows_can_sync(project->windows, run->app->name, is_manual, argo->now);
}

static void sync_app(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct operation_run *run = work->operation;
	struct op_state *state = &run->state;
	const struct project *project = store_project(argo->store, run->app->spec.project);
	struct str why = destination_error(argo, &run->app->spec.destination);

	if (project == NULL) {
		fails(ctrl, work,
		      argo_text(argo,
				"Failed to load application project: error getting app project "
				"\"" STR_FMT "\": appproject.argoproj.io \"" STR_FMT "\" not found",
				STR_ARG(run->app->spec.project), STR_ARG(run->app->spec.project)));
		return;
	}
	make_result(run);
	if (is_blocked(argo, run, project)) {
		if (state->phase == OP_RUNNING)
			state->message = STR("Sync operation blocked by sync window");
		settle_after(ctrl, work, 2);
		return;
	}
	if (!str_empty(why)) {
		fails(ctrl, work, why);
		return;
	}
	if (!str_empty(state->operation.manifests_json)) {
		struct manifest manifest = manifest_local(work->name,
							  fleet_seen(argo->fleet, work->name),
							  state->operation.manifests_json);
		sync_with(ctrl, work, &manifest);
		return;
	}
	run->render = render_begin(
		argo->repos, &(struct render_request){
				     .app = run->app,
				     .sources = state->result_sources,
				     .revisions = state->result_revisions,
				     .no_reference_cache = true,
				     .done = {is_rendered, ctrl, controller_number(ctrl, work),
					      controller_epoch(ctrl)},
			     });
}

/* ---- the beginning of a turn ---- */

static bool is_in_progress(const struct argo *argo, const struct app *app)
{
	const struct op_state *state = &app->status.operation;
	bool is_other = !pair_list_same(app->operation.infos, state->operation.infos) ||
			!str_eq(app->operation.revisions.revision,
				state->operation.revisions.revision);

	if (state->phase != OP_RUNNING && state->phase != OP_TERMINATING)
		return false;
	return has_quirk(argo, QUIRK_OVERWRITTEN_STATE_RESUMED) || !is_other;
}

static void retry_now(struct argo *argo, struct op_state *state)
{
	bool is_latest = state->operation.retry.refresh;

	if (is_latest)
		state->operation.revisions = (struct revisions){0};
	state->message = argo_text(argo, "Retrying operation%s. Attempt #%lld",
				   is_latest ? " with latest revisions" : "",
				   (long long)state->retry_count);
	state->finished_at.ms = 0;
	state->has_result = false;
	state->result_revisions = (struct revisions){0};
	sources_drop(&state->result_sources);
	result_list_drop(state->results);
	state->results = NULL;
}

/* Goes on with what runs, if it isn't for its next retry to wait for. */
static void resume(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct op_state *state = &work->operation->state;
	wall at = work->retry_at;

	*state = op_state_keep(&work->operation->app->status.operation);
	bool waits = state->phase == OP_RUNNING &&
		     (state->finished_at.ms != 0 ||
		      (work->retry_at.ms != 0 && !has_quirk(argo, QUIRK_RETRY_SHOWS_FINISHED)));
	work->operation->is_terminating = state->phase == OP_TERMINATING;
	if (!waits) {
		sync_app(ctrl, work);
		return;
	}
	if (state->finished_at.ms != 0)
		at = next_retry_at(&state->operation.retry, state->finished_at, state->retry_count);
	if (at.ms > argo->now.ms) {
		controller_request(ctrl, work, LEVEL_LATEST, at.ms - argo->now.ms);
		end(ctrl, work);
		return;
	}
	work->retry_at.ms = 0;
	retry_now(argo, state);
	if (!set_state(ctrl, work, sync_app))
		sync_app(ctrl, work);
}

static void process(struct controller *ctrl, struct work *work, const struct app *app)
{
	struct argo *argo = controller_argo(ctrl);
	struct operation_run *run = mem_zalloc(sizeof(*run));

	work->operation = run;
	run->app = app_keep(app);
	if (is_in_progress(argo, app)) {
		resume(ctrl, work);
		return;
	}
	work->retry_at.ms = 0;
	run->state.phase = OP_RUNNING;
	run->state.operation = op_request_keep(&app->operation);
	run->state.started_at = argo_stamp(argo, argo->now);
	if (!set_state(ctrl, work, sync_app))
		sync_app(ctrl, work);
}

/* ---- deletion ---- */

/* It waits for its own finalizers alone: who put another one there takes it away. */
static bool has_own(const struct app *app)
{
	return finalizers_have(app->finalizers_json, STR(FINALIZER_RESOURCES)) ||
	       finalizers_have(app->finalizers_json, STR(FINALIZER_POST_DELETE));
}

static struct str without_own(struct argo *argo, struct str json)
{
	return finalizers_without(argo, finalizers_without(argo, json, STR(FINALIZER_RESOURCES)),
				  STR(FINALIZER_POST_DELETE));
}

static void is_deleted(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;
	struct work *work = controller_work(ctrl, number);
	const struct app *live = store_app(controller_argo(ctrl)->store, work->name);

	if (epoch != controller_epoch(ctrl))
		return;
	if (live != NULL && live->deleting_at.ms != 0) {
		struct app *next = app_copy(live);
		next->finalizers_json = without_own(controller_argo(ctrl), live->finalizers_json);
		(void)store_write_app(controller_argo(ctrl)->store, next, 0,
				      controller_argo(ctrl)->now);
	}
	operation_is_done(ctrl, work);
}

static void finalize(struct controller *ctrl, struct work *work, const struct app *app)
{
	struct argo *argo = controller_argo(ctrl);

	fleet_delete_all(argo->fleet, app);
	argo_later(argo, argo_fleet_ms(argo, DELETE_MS), is_deleted, ctrl,
		   controller_number(ctrl, work), controller_epoch(ctrl));
}

void operation_begin(struct controller *ctrl, struct work *work)
{
	const struct app *app = informer_app(controller_informer(ctrl), work->name);

	/* The informer may be behind, so what is requested is read anew. */
	if (app != NULL && app->operation.is_set)
		app = store_app(controller_argo(ctrl)->store, work->name);
	if (app != NULL && app->operation.is_set)
		process(ctrl, work, app);
	else if (app != NULL && app->deleting_at.ms != 0 && has_own(app))
		finalize(ctrl, work, app);
	else
		operation_is_done(ctrl, work);
}
