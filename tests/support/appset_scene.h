#pragma once
/*
 * appset_scene: what the stories of the ApplicationSet controller share: a fleet of clusters, an
 * ApplicationSet "web" over them, an application controller that the story plays by hand, and a
 * trace of everything that was written, which is what they compare.
 *
 *	+50 created web-prod v1
 *	+0 web-test Waiting
 *
 * Times are milliseconds since the scene began. For tests only.
 */
#include "argo/appset.h"
#include "argo/conditions.h"
#include "base/buf.h"

#include "testing.h"

#define SCENE_START_MS INT64_C(1'000'000)

struct scene {
	struct argo_config config;
	struct argo *argo;
	struct store *store;
	struct appsets *appsets;
	struct informer *trace;
	wall now;
	struct buf text;
	const struct appset *last; /* as the trace saw it */
};

static inline struct pair_list *scene_pairs(const char *first, ...)
{
	struct pair_list *list = pair_list_new(8);
	const char *key = first;
	va_list args;

	list->n = 0;
	va_start(args, first);
	while (key) {
		list->v[list->n++] = (struct pair){str_of(key), str_of(va_arg(args, const char *))};
		key = va_arg(args, const char *);
	}
	va_end(args);
	return list;
}

static inline void scene_cluster(struct scene *scene, const char *name, const char *env)
{
	struct str server = argo_intern(scene->argo, str_of(name));

	store_write_cluster(scene->store,
			    (struct cluster){server, server, scene_pairs("env", env, NULL)},
			    scene->now);
}

/* {{name}} of every cluster with a label env, at a revision. */
static inline struct appset *scene_set(const char *revision)
{
	struct appset *set = appset_new();

	set->name = STR("web");
	set->namespace = STR("argocd");
	set->generators = generator_list_new(1);
	set->generators->v[0].type = GENERATOR_CLUSTERS;
	set->generators->v[0].clusters.selector = STR("env");
	set->template.name = STR("web-{{name}}");
	set->template.labels = scene_pairs("env", "{{metadata.labels.env}}", NULL);
	set->template.spec.project = STR("default");
	set->template.spec.sources.has_source = true;
	set->template.spec.sources.source = (struct source){.repo_url = STR("https://git/web"),
							    .path = STR("chart"),
							    .target_revision = str_of(revision)};
	set->template.spec.destination = (struct destination){.server = STR("{{server}}"),
							      .namespace = STR("web")};
	return set;
}

static inline void scene_apply(struct scene *scene, struct appset *set)
{
	const struct appset *live = store_appset(scene->store, set->name);

	/* As kubectl does: status and what is not in the file stay. */
	if (live) {
		set->conditions = condition_list_keep(live->conditions);
		set->condition_states = pair_list_keep(live->condition_states);
		set->rollout = rollout_status_list_keep(live->rollout);
	}
	store_write_appset(scene->store, set, 0, scene->now);
}

static inline void scene_init(struct scene *scene, int64_t lag_ms, struct argo_config config)
{
	*scene = (struct scene){
		.config = config, .now = {SCENE_START_MS}, .text = BUF_INIT(256 * KIB)};
	scene->argo = argo_new(&scene->config, 1, scene->now);
	scene->store = argo_store(scene->argo);
	store_write_project(scene->store, (struct project){.name = STR("default")}, scene->now);
	scene_cluster(scene, "test", "test");
	scene_cluster(scene, "prod", "prod");
	scene->appsets = appsets_new(scene->argo, lag_ms);
	scene->trace = informer_new(scene->store, 0);
	appsets_advance(scene->appsets, scene->now);
}

static inline void scene_release(struct scene *scene)
{
	appset_drop(scene->last);
	informer_free(scene->trace);
	appsets_free(scene->appsets);
	argo_free(scene->argo);
	buf_release(&scene->text);
}

/* ---- the trace ---- */

static inline struct str scene_revision(const struct app *app)
{
	return app->spec.sources.source.target_revision;
}

static inline void scene_say(struct scene *scene, wall at, const char *what, struct str name,
			     struct str more)
{
	buf_printf(&scene->text, "+%lld %s" STR_FMT "%s" STR_FMT "\n",
		   (long long)(at.ms - SCENE_START_MS), what, STR_ARG(name), more.n ? " " : "",
		   STR_ARG(more));
}

static inline void scene_say_app(struct scene *scene, const struct change *change)
{
	const struct app *old = change->before, *app = change->app;

	if (change->type == CHANGE_ADDED)
		scene_say(scene, change->at, "created ", app->name, scene_revision(app));
	if (change->type == CHANGE_DELETED)
		scene_say(scene, change->at, "deleted ", app->name, STR(""));
	if (change->type != CHANGE_MODIFIED)
		return;
	if (!str_eq(scene_revision(old), scene_revision(app)))
		scene_say(scene, change->at, "spec ", app->name, scene_revision(app));
	if (!pair_lists_equal(old->labels, app->labels) ||
	    !pair_lists_equal(old->annotations, app->annotations) ||
	    old->is_paused != app->is_paused)
		scene_say(scene, change->at, "metadata ", app->name, STR(""));
	if (app->operation.is_set && !old->operation.is_set)
		scene_say(scene, change->at, "operation ", app->name,
			  app->operation.revisions.revision);
	if (app->refresh && !old->refresh)
		scene_say(scene, change->at, "refresh ", app->name, STR(""));
	if (app->deleting_at.ms && !old->deleting_at.ms)
		scene_say(scene, change->at, "deleting ", app->name, STR(""));
}

static inline void scene_say_set(struct scene *scene, const struct change *change)
{
	const struct appset *old = scene->last, *set = change->appset;

	for (uint32_t i = 0; set->rollout && i < set->rollout->n; i++) {
		const struct rollout_status *entry = &set->rollout->v[i];
		const struct rollout_status *was = old ? rollout_status_of(old->rollout,
									   entry->application)
						       : NULL;

		if (!was || !str_eq(was->status, entry->status))
			scene_say(scene, change->at, "", entry->application, entry->status);
	}
	if (old && old->wants_refresh && !set->wants_refresh)
		scene_say(scene, change->at, "refreshed ", set->name, STR(""));
	appset_drop(scene->last);
	scene->last = change->type == CHANGE_DELETED ? NULL : appset_keep(set);
}

static inline void scene_run(struct scene *scene, int64_t until_ms)
{
	wall until = {SCENE_START_MS + until_ms}, at;
	struct change change;

	while (appsets_deadline(scene->appsets, &at) && wall_cmp(at, until) <= 0)
		appsets_advance(scene->appsets, at);
	appsets_advance(scene->appsets, until);
	scene->now = until;
	while (informer_next(scene->trace, until, &change)) {
		if (change.kind == STORE_APP)
			scene_say_app(scene, &change);
		if (change.kind == STORE_APPSET)
			scene_say_set(scene, &change);
	}
}

/* Runs on, and compares what has been written since the last time. */
static inline void scene_tells(struct scene *scene, int64_t until_ms, const char *expected)
{
	scene_run(scene, until_ms);
	assert_str(buf_view(&scene->text), expected);
	buf_clear(&scene->text);
}

static inline void scene_runs_to(struct scene *scene, int64_t until_ms)
{
	scene_run(scene, until_ms);
	buf_clear(&scene->text);
}

/* ---- what others do ---- */

static inline const struct app *scene_app(struct scene *scene, const char *name)
{
	return store_app(scene->store, str_of(name));
}

static inline struct app *scene_edit(struct scene *scene, const char *name)
{
	const struct app *app = scene_app(scene, name);

	assert_non_null(app);
	return app_copy(app);
}

static inline void scene_write(struct scene *scene, struct app *app)
{
	store_write_app(scene->store, app, 0, scene->now);
}

/* The application controller's compare: of this revision, with the spec that is there now. */
static inline void scene_compared(struct scene *scene, const char *name, enum sync_status sync,
				  enum health health, const char *revision)
{
	struct app *app = scene_edit(scene, name);

	app->status.has_sync = app->status.has_health = true;
	app->status.sync = sync;
	app->status.health = health;
	app->status.sync_revisions.revision = str_of(revision);
	app->status.compared_to.is_set = true;
	app->status.compared_to.sources = app->spec.sources;
	app->status.compared_to.destination = app->spec.destination;
	app->status.reconciled_at = stamp(scene->now);
	app->refresh = REFRESH_NONE;
	scene_write(scene, app);
}

/* Its operation: begun, or over. */
static inline void scene_operates(struct scene *scene, const char *name, enum op_phase phase)
{
	struct app *app = scene_edit(scene, name);

	app->status.operation.phase = phase;
	if (phase == OP_RUNNING) {
		app->status.operation.started_at = stamp(scene->now);
	} else {
		pair_list_drop(app->operation.infos);
		app->operation = (struct op_request){0};
	}
	scene_write(scene, app);
}

/* "True/Reason: message" of a condition. */
static inline void scene_shows(struct scene *scene, const char *type, const char *expected)
{
	const struct appset *set = store_appset(scene->store, STR("web"));
	auto_buf struct buf text = BUF_INIT(4096);

	buf_str(&text, appset_condition_state(set, str_of(type)));
	for (uint32_t i = 0; set->conditions && i < set->conditions->n; i++)
		if (str_eq(set->conditions->v[i].type, str_of(type)))
			buf_printf(&text, ": " STR_FMT, STR_ARG(set->conditions->v[i].message));
	assert_str(buf_view(&text), expected);
}
