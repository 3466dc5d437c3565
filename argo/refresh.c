/*
 * The refresh loop: a compare begins with a snapshot of the informer and the time, takes as long as
 * the render does, and is written as a difference against that snapshot, whatever has happened
 * meanwhile.
 */
#include "argo/auto_sync.h"
#include "argo/compare.h"
#include "argo/condition.h"
#include "argo/controller.h"
#include "argo/inside.h"
#include "argo/spec_check.h"
#include "argo/window.h"
#include "base/alloc.h"

enum {
	EXPIRES_MS = 120 * 1000,
	REPO_ERROR_GRACE_MS = 180 * 1000,
};

struct refresh_run {
	const struct app *snapshot;
	enum level level;
	bool is_hard;
	wall began_at;
	struct render *render;
	struct app_status status; /* borrows the snapshot's lists but for those below */
	struct resource_list *resources;
	struct condition_list *conditions;
	bool is_stamped; /* reconciledAt moves with it */
};

void refresh_forget(struct work *work)
{
	struct refresh_run *run = work->refresh;

	if (run == NULL)
		return;
	render_end(run->render);
	app_drop(run->snapshot);
	resource_list_drop(run->resources);
	condition_list_drop(run->conditions);
	mem_free(run);
	work->refresh = NULL;
}

static void end(struct controller *ctrl, struct work *work)
{
	refresh_forget(work);
	refresh_is_done(ctrl, work);
}

/* ---- is it necessary? ---- */

static bool needs(struct controller *ctrl, struct work *work, const struct app *app,
		  enum level *ret_level)
{
	const struct compared_to *compared = &app->status.compared_to;
	wall now = controller_argo(ctrl)->now;

	*ret_level = LEVEL_LATEST;
	if (app->refresh != REFRESH_NONE ||
	    !sources_equal(&app->spec.sources, &compared->sources)) {
		*ret_level = LEVEL_RESOLVE;
		return true;
	}
	if (app->status.reconciled_at.ms == 0 ||
	    app->status.reconciled_at.ms + EXPIRES_MS < now.ms ||
	    !destination_equal(&app->spec.destination, &compared->destination) ||
	    !str_eq(app->spec.ignore_differences_json, compared->ignore_differences_json))
		return true;
	if (work->requested == LEVEL_NONE)
		return false;
	*ret_level = work->requested;
	work->requested = LEVEL_NONE;
	return true;
}

/* ---- writing ---- */

#define DIFFERS(field, is_same) (!is_same(&now->field, &then->field))
#define COPY_STR(field)                                                                            \
	do {                                                                                       \
		if (!str_eq(now->field, then->field))                                              \
			live->field = now->field;                                                  \
	} while (0)

static void patch_source(struct source *live, const struct source *then, const struct source *now)
{
	COPY_STR(repo_url);
	COPY_STR(path);
	COPY_STR(chart);
	COPY_STR(target_revision);
	COPY_STR(ref);
	COPY_STR(name);
	COPY_STR(tool_json);
}

static void patch_compared_to(struct compared_to *live, const struct compared_to *then,
			      const struct compared_to *now)
{
	if (now->is_set != then->is_set)
		live->is_set = now->is_set;
	if (now->sources.has_source != then->sources.has_source)
		live->sources.has_source = now->sources.has_source;
	patch_source(&live->sources.source, &then->sources.source, &now->sources.source);
	if (!source_list_same(now->sources.sources, then->sources.sources)) {
		source_list_drop(live->sources.sources);
		live->sources.sources = source_list_keep(now->sources.sources);
	}
	COPY_STR(destination.server);
	COPY_STR(destination.name);
	COPY_STR(destination.namespace);
	COPY_STR(ignore_differences_json);
}

/* A merge patch of each field that this compare found to be different from the snapshot's. */
static void patch_status(struct app_status *live, const struct app_status *then,
			 const struct app_status *now)
{
	if (now->has_sync != then->has_sync || now->sync != then->sync) {
		live->has_sync = now->has_sync;
		live->sync = now->sync;
	}
	if (DIFFERS(sync_revisions, revisions_equal))
		live->sync_revisions = now->sync_revisions;
	patch_compared_to(&live->compared_to, &then->compared_to, &now->compared_to);
	if (now->has_health != then->has_health || now->health != then->health) {
		live->has_health = now->has_health;
		live->health = now->health;
	}
	if (now->health_changed_at.ms != then->health_changed_at.ms)
		live->health_changed_at = now->health_changed_at;
	if (now->reconciled_at.ms != then->reconciled_at.ms)
		live->reconciled_at = now->reconciled_at;
	COPY_STR(source_type);
	if (!resource_list_same(now->resources, then->resources)) {
		resource_list_drop(live->resources);
		live->resources = resource_list_keep(now->resources);
	}
	if (!condition_list_same(now->conditions, then->conditions)) {
		condition_list_drop(live->conditions);
		live->conditions = condition_list_keep(now->conditions);
	}
}

/* The compare that a newer spec has overtaken is thrown away, if that is how it is to be. */
static bool is_overtaken(struct argo *argo, const struct app *live, const struct app *snapshot)
{
	return !has_quirk(argo, QUIRK_LATE_WRITER) &&
	       !sources_equal(&live->spec.sources, &snapshot->spec.sources);
}

/* False: there was nothing to write. */
static bool persist(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct refresh_run *run = work->refresh;
	const struct app *live = store_app(argo->store, work->name);
	static const struct app_status never = {0};
	bool is_difference = has_quirk(argo, QUIRK_STATUS_IS_A_DIFFERENCE);

	if (live == NULL || is_overtaken(argo, live, run->snapshot))
		return false;
	struct app *next = app_copy(live);
	bool is_changed = run->status.has_health != run->snapshot->status.has_health ||
			  run->status.health != run->snapshot->status.health;
	run->status.health_changed_at = is_changed ? argo_stamp(argo, argo->now)
						   : run->snapshot->status.health_changed_at;
	patch_status(&next->status, is_difference ? &run->snapshot->status : &never, &run->status);
	if (!is_difference) {
		condition_list_drop(next->status.conditions);
		next->status.conditions = condition_list_keep(run->status.conditions);
	}
	if (run->snapshot->refresh != REFRESH_NONE ||
	    !has_quirk(argo, QUIRK_ANNOTATION_BY_ITS_COMPARE))
		next->refresh = REFRESH_NONE;
	bool is_written = controller_write(ctrl, work, next, end);
	store_show_resources(argo->store, work->name, run->status.resources);
	return is_written;
}

/* ---- comparing ---- */

static void is_over(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;
	struct work *work = controller_work(ctrl, number);

	if (epoch != controller_epoch(ctrl))
		return;
	struct argo *argo = controller_argo(ctrl);
	if (!has_quirk(argo, QUIRK_RECONCILED_BEFORE_COMPARE) && work->refresh->is_stamped)
		work->refresh->status.reconciled_at = argo_stamp(argo, argo->now);
	if (!persist(ctrl, work))
		end(ctrl, work);
}

static void write_soon(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);

	argo_later(argo, argo_some_ms(argo, 8, 24), is_over, ctrl, controller_number(ctrl, work),
		   controller_epoch(ctrl));
}

static void set_conditions(struct refresh_run *run, unsigned evaluated,
			   const struct condition *found, uint32_t count, wall now)
{
	struct condition_list *list = conditions_set(run->status.conditions, evaluated, found,
						     count, now);

	condition_list_drop(run->conditions);
	run->conditions = list;
	run->status.conditions = list;
}

static void spec_is_wrong(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct refresh_run *run = work->refresh;

	run->status.has_sync = run->status.has_health = true;
	run->status.sync = SYNC_UNKNOWN;
	run->status.health = HEALTH_UNKNOWN;
	if (!has_quirk(argo, QUIRK_SPEC_ERROR_WITHOUT_STAMP)) {
		run->status.reconciled_at = argo_stamp(argo, run->began_at);
		run->status.compared_to.is_set = true;
		run->status.compared_to.sources = run->snapshot->spec.sources;
		run->status.compared_to.destination = run->snapshot->spec.destination;
	}
	write_soon(ctrl, work);
}

/* A repository that can't be read is passed over for three minutes, if nobody asked. */
static bool is_passed_over(struct controller *ctrl, struct work *work)
{
	wall now = controller_argo(ctrl)->now;

	if (work->refresh->level >= LEVEL_RESOLVE)
		return false;
	if (work->repo_error_at.ms == 0) {
		work->repo_error_at = now;
		return true;
	}
	return now.ms - work->repo_error_at.ms <= REPO_ERROR_GRACE_MS;
}

static struct revisions asked_revisions(const struct refresh_run *run)
{
	const struct app *app = run->snapshot;
	const struct source_list *sources = app->spec.sources.sources;
	struct revisions revisions = {0};
	bool is_several = sources != NULL && sources->n > 0;

	if (run->level == LEVEL_RECENT &&
	    (is_several ? app->status.sync_revisions.n == sources->n
			: !str_empty(app->status.sync_revisions.revision)))
		return app->status.sync_revisions;
	if (!is_several) {
		revisions.revision = app->spec.sources.source.target_revision;
		return revisions;
	}
	revisions.n = (uint32_t)MIN(sources->n, COUNTOF(revisions.v));
	for (uint32_t i = 0; i < revisions.n; i++)
		revisions.v[i] = sources->v[i].target_revision;
	return revisions;
}

static void stamp_compare(struct argo *argo, struct refresh_run *run)
{
	bool moves = run->level >= LEVEL_LATEST || run->status.reconciled_at.ms == 0 ||
		     !has_quirk(argo, QUIRK_HEALTH_ALONE_MOVES);

	if (moves)
		run->status.reconciled_at = argo_stamp(argo, run->began_at);
	run->is_stamped = moves;
}

static void sync_automatically(struct controller *ctrl, struct work *work,
			       const struct comparison *comparison)
{
	struct argo *argo = controller_argo(ctrl);
	struct refresh_run *run = work->refresh;
	const struct project *project = store_project(argo->store, run->snapshot->spec.project);
	struct condition found = {condition_name(CONDITION_SYNC_ERROR), {0}, {0}};

	if (project == NULL ||
	    !windows_can_sync(project->windows, run->snapshot->name, false, argo->now))
		return;
	bool has_error = auto_sync(ctrl, work, run->snapshot, &run->status, comparison,
				   &found.message);
	set_conditions(run, CONDITION_SYNC_ERROR, &found, has_error ? 1 : 0,
		       argo_stamp(argo, argo->now));
}

/* The render is there, or has failed: look into the cache of the cluster and compare. */
static void compare_now(struct controller *ctrl, struct work *work, const struct manifest *manifest,
			struct str error, const struct revisions *revisions)
{
	struct argo *argo = controller_argo(ctrl);
	struct refresh_run *run = work->refresh;
	const struct app *app = run->snapshot;
	struct app_status *status = &run->status;
	struct condition condition = {condition_name(CONDITION_COMPARISON_ERROR), {0}, {0}};
	bool has_failed = !str_empty(error);

	if (has_failed)
		condition.message = argo_text(argo, "Failed to load target state: " STR_FMT,
					      STR_ARG(error));
	set_conditions(run, CONDITION_COMPARISON_ERROR, &condition, has_failed ? 1 : 0,
		       argo_stamp(argo, argo->now));
	struct comparison comparison = compare(argo, app, has_failed ? NULL : manifest,
					       fleet_seen(argo->fleet, app->name));
	status->sync_revisions = *revisions;
	status->compared_to = (struct compared_to){
		.is_set = true,
		.sources = app->spec.sources,
		.destination = app->spec.destination,
		.ignore_differences_json = app->spec.ignore_differences_json,
	};
	status->has_sync = status->has_health = true;
	status->sync = comparison.sync;
	run->resources = status->resources = comparison.resources;
	sync_automatically(ctrl, work, &comparison);
	status->health = comparison.health;
	stamp_compare(argo, run);
	if (!has_failed && manifest != NULL && !str_empty(manifest->source_type))
		status->source_type = manifest->source_type;
	write_soon(ctrl, work);
}

static void is_rendered(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;
	struct work *work = controller_work(ctrl, number);
	struct refresh_run *run = work->refresh;

	if (epoch != controller_epoch(ctrl))
		return;
	struct str error = render_error(run->render);
	if (str_empty(error)) {
		const struct manifest *manifest = render_manifest(run->render);
		work->repo_error_at.ms = 0;
		compare_now(ctrl, work, manifest, error, &manifest->revisions);
		return;
	}
	if (is_passed_over(ctrl, work)) {
		end(ctrl, work);
		return;
	}
	struct revisions asked = asked_revisions(run);
	compare_now(ctrl, work, NULL, error, &asked);
}

/* The manifests of `argocd app sync --local` are what is compared with, as long as that operation
 * is the one shown. */
static void compare_local(struct controller *ctrl, struct work *work, struct str manifests_json)
{
	struct argo *argo = controller_argo(ctrl);
	struct revisions asked = asked_revisions(work->refresh);
	struct manifest manifest = manifest_local(work->name, fleet_seen(argo->fleet, work->name),
						  manifests_json);

	compare_now(ctrl, work, &manifest, STR(""), &asked);
}

static void start(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	struct refresh_run *run = work->refresh;
	const struct app *app = run->snapshot;
	struct str errors[SPEC_ERRORS_MAX];
	struct condition found[SPEC_ERRORS_MAX];
	uint32_t n = spec_errors(argo, app, errors);

	for (uint32_t i = 0; i < n; i++)
		found[i] = (struct condition){
			condition_name(CONDITION_INVALID_SPEC_ERROR), errors[i], {0}};
	set_conditions(run, CONDITION_INVALID_SPEC_ERROR | CONDITION_UNKNOWN_ERROR, found, n,
		       argo_stamp(argo, argo->now));
	if (n > 0) {
		spec_is_wrong(ctrl, work);
		return;
	}
	if (!str_empty(app->status.operation.operation.manifests_json)) {
		compare_local(ctrl, work, app->status.operation.operation.manifests_json);
		return;
	}
	run->render = render_begin(
		argo->repos, &(struct render_request){
				     .app = app,
				     .sources = app->spec.sources,
				     .revisions = asked_revisions(run),
				     .no_cache = run->is_hard,
				     .no_reference_cache = run->level == LEVEL_RESOLVE,
				     .done = {is_rendered, ctrl, controller_number(ctrl, work),
					      controller_epoch(ctrl)},
			     });
}

static void starts_later(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;

	if (epoch == controller_epoch(ctrl)) {
		controller_work(ctrl, number)->refresh->began_at = controller_argo(ctrl)->now;
		start(ctrl, controller_work(ctrl, number));
	}
}

/* Without its quirk the compare that follows an operation keeps away from that one's second. */
static bool waits_for_the_next_second(const struct argo *argo, const struct app *app)
{
	return !has_quirk(argo, QUIRK_SAME_SECOND_COMPARE) &&
	       app->status.operation.finished_at.ms >= stamp(argo->now).ms;
}

void refresh_begin(struct controller *ctrl, struct work *work)
{
	struct argo *argo = controller_argo(ctrl);
	const struct app *app = informer_app(controller_informer(ctrl), work->name);
	enum level level;

	if (app == NULL || !needs(ctrl, work, app, &level)) {
		refresh_is_done(ctrl, work);
		return;
	}
	struct refresh_run *run = mem_zalloc(sizeof(*run));
	work->refresh = run;
	run->snapshot = app_keep(app);
	run->status = app->status;
	run->level = level;
	run->is_hard = app->refresh == REFRESH_HARD;
	run->began_at = argo->now;
	if (waits_for_the_next_second(argo, app)) {
		argo_later(argo, 1000 - argo->now.ms % 1000 + 1, starts_later, ctrl,
			   controller_number(ctrl, work), controller_epoch(ctrl));
		return;
	}
	start(ctrl, work);
}
