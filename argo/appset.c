#include "argo/appset.h"

#include "argo/appset_pass.h"
#include "base/alloc.h"

/* ARGOCD_APPLICATIONSET_CONTROLLER_CONCURRENT_RECONCILIATIONS */
enum { PASSES_MAX = 10 };

/* controller-runtime's rate limiter */
enum { RETRY_MS = 5, RETRY_MS_MAX = 1'000'000 };

#define NEVER ((wall){INT64_MAX})

/* What the controller has to do with one ApplicationSet. */
struct work {
	struct str name;
	const struct appset *seen; /* the last version that an event told of */
	bool is_queued;
	uint64_t turn;	 /* queued in this order */
	wall timer_at;	 /* to be queued then */
	uint32_t errors; /* in a row */
	bool is_held;	 /* no pass of it gets beyond generating, */
	bool is_let_go;	 /* but for the one that stands there */
	struct pass pass;
};

struct appsets {
	struct argo *argo;
	int64_t lag_ms;
	bool is_up;
	wall now;
	uint64_t turns;
	struct informer *garbage; /* Kubernetes' own */
	struct pass_world world;  /* its informer is NULL while the controller is down */
	struct work_list VEC_OF(struct work) works;
	struct generated asked; /* for appsets_generate */
	const struct app **asked_apps;
};

/* ---- the queue ---- */

static struct work *work_of(struct appsets *appsets, struct str name)
{
	vec_each(work, &appsets->works)
		if (str_eq(work->name, name))
			return work;
	vec_push(&appsets->works,
		 (struct work){.name = argo_intern(appsets->argo, name), .timer_at = NEVER});
	return &vec_last(&appsets->works);
}

static void enqueue(struct appsets *appsets, struct work *work)
{
	if (work->is_queued)
		return;
	work->is_queued = true;
	work->turn = appsets->turns++;
}

/* The earlier of two timers stands. */
static void enqueue_at(struct work *work, wall at)
{
	if (wall_cmp(at, work->timer_at) < 0)
		work->timer_at = at;
}

static void forget(struct work *work)
{
	pass_release(&work->pass);
	work->is_queued = false;
	work->timer_at = NEVER;
	work->errors = 0;
}

/* ---- clusters ---- */

static void see_cluster(struct appsets *appsets, struct str name)
{
	const struct cluster *cluster = store_cluster(argo_store(appsets->argo), name);
	struct cluster_list *list = &appsets->world.clusters;
	size_t at = 0;

	while (at < list->n && str_cmp(list->v[at].name, name) < 0)
		at++;
	if (at < list->n && str_eq(list->v[at].name, name)) {
		pair_list_drop(list->v[at].labels);
		vec_remove(list, at);
	}
	if (!cluster)
		return;
	vec_push(list, *cluster);
	for (size_t i = list->n - 1; i > at; i--)
		list->v[i] = list->v[i - 1];
	list->v[at] = *cluster;
	pair_list_keep(cluster->labels);
}

static void forget_clusters(struct appsets *appsets)
{
	vec_each(cluster, &appsets->world.clusters)
		pair_list_drop(cluster->labels);
	vec_release(&appsets->world.clusters);
}

/* ---- events ---- */

static void on_appset(struct appsets *appsets, const struct change *change)
{
	struct work *work = work_of(appsets, change->name);
	bool has_rolling = argo_config_of(appsets->argo)->has_progressive_syncs;
	bool counts = change->type != CHANGE_MODIFIED || !work->seen ||
		      appset_change_counts(work->seen, change->appset, has_rolling);

	appset_drop(work->seen);
	work->seen = change->type == CHANGE_DELETED ? NULL : appset_keep(change->appset);
	if (counts)
		enqueue(appsets, work);
}

/* One that it has created itself is no news. */
static void on_app(struct appsets *appsets, const struct change *change)
{
	bool has_rolling = argo_config_of(appsets->argo)->has_progressive_syncs;

	if (change->type == CHANGE_ADDED)
		return;
	if (change->type == CHANGE_MODIFIED &&
	    !appset_app_change_counts(change->before, change->app, has_rolling))
		return;
	if (!str_empty(change->app->owner))
		enqueue(appsets, work_of(appsets, change->app->owner));
	if (change->before && !str_empty(change->before->owner))
		enqueue(appsets, work_of(appsets, change->before->owner));
}

static void on_cluster(struct appsets *appsets, const struct change *change)
{
	see_cluster(appsets, change->name);
	vec_each(work, &appsets->works)
		if (work->seen && generators_have(work->seen->generators, GENERATOR_CLUSTERS))
			enqueue(appsets, work);
}

static bool see_next(struct appsets *appsets)
{
	struct change change;

	if (!appsets->is_up || !informer_next(appsets->world.informer, appsets->now, &change))
		return false;
	switch (change.kind) {
	case STORE_APPSET:
		on_appset(appsets, &change);
		break;
	case STORE_APP:
		on_app(appsets, &change);
		break;
	case STORE_CLUSTER:
		on_cluster(appsets, &change);
		break;
	case STORE_PROJECT:
		break;
	}
	return true;
}

static bool collect_next(struct appsets *appsets)
{
	struct store *store = argo_store(appsets->argo);
	struct app_names names = {0};
	struct change change;

	if (!informer_next(appsets->garbage, appsets->now, &change))
		return false;
	if (change.kind != STORE_APPSET || change.type != CHANGE_DELETED)
		return true;
	store_app_names(store, &names);
	vec_each(name, &names)
		if (str_eq(store_app(store, *name)->owner_uid, change.appset->uid))
			store_delete_app(store, *name, appsets->now);
	vec_release(&names);
	return true;
}

/* ---- passes ---- */

static void after_pass(struct appsets *appsets, struct work *work, enum pass_end end,
		       int64_t requeue_ms)
{
	int64_t wait_ms = RETRY_MS;

	pass_release(&work->pass);
	if (end == PASS_SUCCEEDED) {
		work->errors = 0;
		if (requeue_ms)
			enqueue_at(work, wall_add(appsets->now, requeue_ms));
		return;
	}
	for (uint32_t i = 0; i < work->errors && wait_ms < RETRY_MS_MAX; i++)
		wait_ms *= 2;
	work->errors++;
	enqueue_at(work, wall_add(appsets->now, MIN(wait_ms, (int64_t)RETRY_MS_MAX)));
}

static size_t passes(const struct appsets *appsets)
{
	size_t n = 0;

	vec_each(work, &appsets->works)
		n += work->pass.phase != PASS_NONE;
	return n;
}

/* The first in the queue that may begin. */
static struct work *next_in_queue(const struct appsets *appsets)
{
	struct work *next = NULL;

	if (passes(appsets) >= PASSES_MAX)
		return NULL;
	vec_each(work, &appsets->works)
		if (work->is_queued && work->pass.phase == PASS_NONE &&
		    (!next || work->turn < next->turn))
			next = work;
	return next;
}

static bool run_timer(struct appsets *appsets)
{
	vec_each(work, &appsets->works) {
		if (wall_cmp(work->timer_at, appsets->now) > 0)
			continue;
		work->timer_at = NEVER;
		enqueue(appsets, work);
		return true;
	}
	return false;
}

static bool stands(const struct work *work)
{
	return work->is_held && !work->is_let_go && work->pass.phase == PASS_GENERATING;
}

static bool may_go_on(const struct work *work)
{
	return work->pass.phase != PASS_NONE && !stands(work);
}

static bool run_pass(struct appsets *appsets)
{
	struct work *next = NULL;
	enum pass_end end;
	int64_t requeue_ms;

	vec_each(work, &appsets->works)
		if (may_go_on(work) && wall_cmp(work->pass.next_at, appsets->now) <= 0 &&
		    (!next || wall_cmp(work->pass.next_at, next->pass.next_at) < 0))
			next = work;
	if (!next)
		return false;
	next->is_let_go = false;
	end = pass_step(&next->pass, &appsets->world, appsets->now, &requeue_ms);
	if (end != PASS_GOES_ON)
		after_pass(appsets, next, end, requeue_ms);
	return true;
}

static bool begin_pass(struct appsets *appsets)
{
	struct work *work = next_in_queue(appsets);
	enum pass_end end;

	if (!work)
		return false;
	work->is_queued = false;
	end = pass_begin(&work->pass, &appsets->world, work->name, appsets->now);
	if (end != PASS_GOES_ON)
		after_pass(appsets, work, end, 0);
	return true;
}

/* ---- time ---- */

bool appsets_deadline(const struct appsets *appsets, wall *ret_at)
{
	wall least = NEVER, at;

	if (informer_due(appsets->garbage, &at) && wall_cmp(at, least) < 0)
		least = at;
	if (appsets->is_up && informer_due(appsets->world.informer, &at) && wall_cmp(at, least) < 0)
		least = at;
	vec_each(work, &appsets->works) {
		if (wall_cmp(work->timer_at, least) < 0)
			least = work->timer_at;
		if (may_go_on(work) && wall_cmp(work->pass.next_at, least) < 0)
			least = work->pass.next_at;
	}
	if (next_in_queue(appsets) && wall_cmp(appsets->now, least) < 0)
		least = appsets->now;
	*ret_at = least;
	return least.ms != NEVER.ms;
}

void appsets_advance(struct appsets *appsets, wall now)
{
	wall at;

	/* Born without a clock: what waits since then begins now. */
	if (!appsets->now.ms)
		appsets->now = now;
	while (appsets_deadline(appsets, &at) && wall_cmp(at, now) <= 0) {
		if (wall_cmp(at, appsets->now) > 0)
			appsets->now = at;
		/* What is seen comes before what is done with it. */
		if (collect_next(appsets) || see_next(appsets) || run_timer(appsets) ||
		    run_pass(appsets))
			continue;
		begin_pass(appsets);
	}
	if (wall_cmp(now, appsets->now) > 0)
		appsets->now = now;
}

/* ---- life ---- */

static void go_up(struct appsets *appsets)
{
	struct store *store = argo_store(appsets->argo);
	struct app_names names = {0};

	appsets->is_up = true;
	appsets->world.informer = informer_new(store, appsets->lag_ms);
	store_cluster_names(store, &names);
	vec_each(name, &names)
		see_cluster(appsets, *name);
	store_appset_names(store, &names);
	vec_each(name, &names) {
		struct work *work = work_of(appsets, *name);

		work->seen = appset_keep(informer_appset(appsets->world.informer, *name));
		enqueue(appsets, work);
	}
	vec_release(&names);
}

static void go_down(struct appsets *appsets)
{
	appsets->is_up = false;
	informer_free(appsets->world.informer);
	appsets->world.informer = NULL;
	forget_clusters(appsets);
	vec_each(work, &appsets->works) {
		forget(work);
		appset_drop(work->seen);
		work->seen = NULL;
	}
}

void appsets_set_up(struct appsets *appsets, bool is_up, wall now)
{
	if (wall_cmp(now, appsets->now) > 0)
		appsets->now = now;
	if (is_up && !appsets->is_up)
		go_up(appsets);
	else if (!is_up && appsets->is_up)
		go_down(appsets);
}

struct appsets *appsets_new(struct argo *argo, int64_t lag_ms)
{
	struct appsets *appsets = mem_zalloc(sizeof(*appsets));

	appsets->argo = appsets->world.argo = argo;
	appsets->lag_ms = lag_ms;
	appsets->garbage = informer_new(argo_store(argo), APPSET_GARBAGE_MS);
	go_up(appsets);
	return appsets;
}

static void release_asked(struct appsets *appsets)
{
	generated_release(&appsets->asked);
	mem_free(appsets->asked_apps);
	appsets->asked_apps = NULL;
}

void appsets_free(struct appsets *appsets)
{
	if (appsets->is_up)
		go_down(appsets);
	informer_free(appsets->garbage);
	vec_release(&appsets->works);
	release_asked(appsets);
	mem_free(appsets);
}

void appsets_set_git(struct appsets *appsets, struct git_port git)
{
	appsets->world.git = git;
}

void appsets_set_lag(struct appsets *appsets, int64_t lag_ms)
{
	appsets->lag_ms = lag_ms;
	if (appsets->is_up)
		informer_set_lag(appsets->world.informer, lag_ms);
}

void appsets_hold(struct appsets *appsets, struct str name, bool is_held)
{
	work_of(appsets, name)->is_held = is_held;
}

void appsets_step(struct appsets *appsets, struct str name)
{
	struct work *work = work_of(appsets, name);

	work->is_let_go = stands(work);
}

bool appsets_reached(const struct appsets *appsets, struct str name)
{
	vec_each(work, &appsets->works)
		if (str_eq(work->name, name))
			return stands(work) && wall_cmp(work->pass.next_at, appsets->now) <= 0;
	return false;
}

/* argocd-server does this itself, so it works while the controller is down, and sees every cluster.
 * */
size_t appsets_generate(struct appsets *appsets, const struct appset *set,
			const struct app ***ret_apps, struct str *ret_error)
{
	struct store *store = argo_store(appsets->argo);
	struct pass_world world = {.argo = appsets->argo, .git = appsets->world.git};
	struct app_names names = {0};

	release_asked(appsets);
	store_cluster_names(store, &names);
	vec_each(name, &names)
		vec_push(&world.clusters, *store_cluster(store, *name));
	pass_generate(&world, set, &appsets->asked);
	vec_release(&world.clusters);
	vec_release(&names);
	if (!str_empty(appsets->asked.error)) {
		*ret_error = appsets->asked.error;
		return 0;
	}
	appsets->asked_apps = mem_zalloc(appsets->asked.apps.n * sizeof(*appsets->asked_apps));
	for (size_t i = 0; i < appsets->asked.apps.n; i++)
		appsets->asked_apps[i] = appsets->asked.apps.v[i];
	*ret_apps = appsets->asked_apps;
	*ret_error = (struct str){0};
	return appsets->asked.apps.n;
}
