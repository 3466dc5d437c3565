#include "argo/store.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/prng.h"

#include <stdio.h>
#include <string.h>

/* How many changes that everybody has seen are kept before the log is cut. */
enum { LOG_SLACK = 256 };

struct app_slots VEC_OF(const struct app *);
struct appset_slots VEC_OF(const struct appset *);

struct store {
	struct map app_index, appset_index;	  /* name -> slot, for ever */
	struct app_names app_names, appset_names; /* by slot */
	VEC(uint32_t) app_order;		  /* slots in the order of names */
	VEC(uint32_t) appset_order;
	struct app_slots apps;
	struct appset_slots appsets;
	VEC(struct cluster *) clusters; /* each its own block: pointers to them stay */
	VEC(struct project *) projects;
	VEC(struct change) log;
	uint64_t log_start; /* the number of the first change in the log */
	VEC(struct informer *) informers;
	uint64_t version;
	struct prng prng;
	bool forgets_status;
	VEC(char *) uids;
};

struct informer {
	struct store *store;
	int64_t lag_ms;
	uint64_t next; /* the number of the change that it has not seen */
	uint64_t version;
	uint32_t to_lose;
	struct app_slots apps;
	struct appset_slots appsets;
};

struct store *store_new(uint64_t seed)
{
	struct store *store = mem_zalloc(sizeof(*store));

	prng_seed(&store->prng, seed);
	store->app_index = MAP_INIT(prng_next(&store->prng));
	store->appset_index = MAP_INIT(prng_next(&store->prng));
	store->version = 1000;
	return store;
}

static void change_drop(struct change *change)
{
	app_drop(change->before);
	app_drop(change->app);
	appset_drop(change->appset);
}

void store_free(struct store *store)
{
	if (store == NULL)
		return;
	check(store->informers.n == 0);
	vec_each(app, &store->apps)
		app_drop(*app);
	vec_each(appset, &store->appsets)
		appset_drop(*appset);
	vec_each(change, &store->log)
		change_drop(change);
	vec_each(cluster, &store->clusters) {
		pair_list_drop((*cluster)->labels);
		mem_free(*cluster);
	}
	vec_each(project, &store->projects) {
		window_list_drop((*project)->windows);
		pair_list_drop((*project)->source_repos);
		mem_free(*project);
	}
	vec_each(uid, &store->uids)
		mem_free(*uid);
	map_release(&store->app_index);
	map_release(&store->appset_index);
	vec_release(&store->app_names);
	vec_release(&store->appset_names);
	vec_release(&store->app_order);
	vec_release(&store->appset_order);
	vec_release(&store->apps);
	vec_release(&store->appsets);
	vec_release(&store->clusters);
	vec_release(&store->projects);
	vec_release(&store->log);
	vec_release(&store->informers);
	vec_release(&store->uids);
	mem_free(store);
}

/* ---- live ---- */

uint32_t store_app_index(const struct store *store, struct str name)
{
	uint32_t index;

	return map_get(&store->app_index, name, &index) ? index : STORE_NO_INDEX;
}

const struct app *store_app(const struct store *store, struct str name)
{
	uint32_t index = store_app_index(store, name);

	return index == STORE_NO_INDEX ? NULL : vec_at(&store->apps, index);
}

const struct appset *store_appset(const struct store *store, struct str name)
{
	uint32_t index;

	return map_get(&store->appset_index, name, &index) ? vec_at(&store->appsets, index) : NULL;
}

const struct cluster *store_cluster(const struct store *store, struct str server_or_name)
{
	vec_each(cluster, &store->clusters) {
		if (str_eq((*cluster)->server, server_or_name) ||
		    str_eq((*cluster)->name, server_or_name))
			return *cluster;
	}
	return NULL;
}

size_t store_cluster_count(const struct store *store)
{
	return store->clusters.n;
}

const struct cluster *store_cluster_at(const struct store *store, size_t index)
{
	return vec_at(&store->clusters, index);
}

const struct project *store_project(const struct store *store, struct str name)
{
	vec_each(project, &store->projects) {
		if (str_eq((*project)->name, name))
			return *project;
	}
	return NULL;
}

uint64_t store_version(const struct store *store)
{
	return store->version;
}

void store_app_names(const struct store *store, struct app_names *ret_names)
{
	vec_clear(ret_names);
	vec_each(slot, &store->app_order) {
		if (store->apps.v[*slot] != NULL)
			vec_push(ret_names, store->app_names.v[*slot]);
	}
}

void store_appset_names(const struct store *store, struct app_names *ret_names)
{
	vec_clear(ret_names);
	vec_each(slot, &store->appset_order) {
		if (store->appsets.v[*slot] != NULL)
			vec_push(ret_names, store->appset_names.v[*slot]);
	}
}

void store_cluster_names(const struct store *store, struct app_names *ret_names)
{
	vec_clear(ret_names);
	vec_each(cluster, &store->clusters) {
		vec_push(ret_names, (*cluster)->name);
		for (size_t i = ret_names->n - 1;
		     i > 0 && str_cmp(ret_names->v[i - 1], ret_names->v[i]) > 0; i--) {
			struct str later = ret_names->v[i - 1];
			ret_names->v[i - 1] = ret_names->v[i];
			ret_names->v[i] = later;
		}
	}
}

void store_set_forgets_status(struct store *store, bool forgets)
{
	store->forgets_status = forgets;
}

/* ---- the log ---- */

static void log_trim(struct store *store)
{
	uint64_t seen = store->log_start + store->log.n;

	vec_each(informer, &store->informers)
		seen = MIN(seen, (*informer)->next);
	size_t n = (size_t)(seen - store->log_start);
	/* Cutting half of it at least keeps what one change costs the same, however many wait. */
	if (n < LOG_SLACK || n < store->log.n / 2)
		return;
	for (size_t i = 0; i < n; i++)
		change_drop(&store->log.v[i]);
	memmove(store->log.v, store->log.v + n, (store->log.n - n) * sizeof(store->log.v[0]));
	store->log.n -= n;
	store->log_start = seen;
}

static void tell(struct store *store, struct change change)
{
	change.version = store->version;
	app_keep(change.before);
	app_keep(change.app);
	appset_keep(change.appset);
	vec_push(&store->log, change);
	log_trim(store);
}

/* ---- writing ---- */

/* As Kubernetes makes them: 8-4-4-4-12 hexadecimal digits. */
static struct str new_uid(struct store *store)
{
	char text[40];
	uint64_t a = prng_next(&store->prng), b = prng_next(&store->prng);
	int n = snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
			 (unsigned)(a >> 16) & 0xffff, ((unsigned)a & 0x0fff) | 0x4000,
			 ((unsigned)(b >> 48) & 0x3fff) | 0x8000,
			 (unsigned long long)(b & 0xffffffffffff));
	char *kept = mem_copy(str_make(text, (size_t)n));

	vec_push(&store->uids, kept);
	return str_make(kept, (size_t)n);
}

/* Where a name belongs among the sorted slots. */
static size_t place_of(const uint32_t *order, size_t n, const struct app_names *names,
		       struct str name)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t middle = (from + to) / 2;
		if (str_cmp(names->v[order[middle]], name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static uint32_t app_slot(struct store *store, struct str name)
{
	uint32_t slot;

	if (map_get(&store->app_index, name, &slot))
		return slot;
	slot = (uint32_t)store->apps.n;
	map_put(&store->app_index, name, slot);
	vec_push(&store->apps, NULL);
	vec_push(&store->app_names, name);
	size_t at = place_of(store->app_order.v, store->app_order.n, &store->app_names, name);
	vec_push(&store->app_order, slot);
	for (size_t i = store->app_order.n - 1; i > at; i--)
		store->app_order.v[i] = store->app_order.v[i - 1];
	store->app_order.v[at] = slot;
	vec_each(informer, &store->informers)
		vec_push(&(*informer)->apps, NULL);
	return slot;
}

static uint32_t appset_slot(struct store *store, struct str name)
{
	uint32_t slot;

	if (map_get(&store->appset_index, name, &slot))
		return slot;
	slot = (uint32_t)store->appsets.n;
	map_put(&store->appset_index, name, slot);
	vec_push(&store->appsets, NULL);
	vec_push(&store->appset_names, name);
	size_t at = place_of(store->appset_order.v, store->appset_order.n, &store->appset_names,
			     name);
	vec_push(&store->appset_order, slot);
	for (size_t i = store->appset_order.n - 1; i > at; i--)
		store->appset_order.v[i] = store->appset_order.v[i - 1];
	store->appset_order.v[at] = slot;
	vec_each(informer, &store->informers)
		vec_push(&(*informer)->appsets, NULL);
	return slot;
}

static bool has_finalizers(const struct app *app)
{
	return !str_empty(app->finalizers_json) && !str_eq(app->finalizers_json, STR("[]"));
}

static void remove_app(struct store *store, uint32_t slot, const struct app *last, wall now)
{
	const struct app *before = store->apps.v[slot];

	store->version++;
	tell(store, (struct change){.at = now,
				    .type = CHANGE_DELETED,
				    .kind = STORE_APP,
				    .name = before->name,
				    .before = before,
				    .app = last});
	store->apps.v[slot] = NULL;
	app_drop(before);
}

/* What the API server fills in. */
static void fill_in(struct store *store, struct app *next, const struct app *before, wall now)
{
	if (before == NULL) {
		next->uid = new_uid(store);
		next->created_at = stamp(now);
		next->generation = 1;
		return;
	}
	next->uid = before->uid;
	next->created_at = before->created_at;
	next->generation = before->generation;
	app_share(next, before);
	if (store->forgets_status && next->status.has_sync &&
	    !sources_equal(&next->spec.sources, &before->spec.sources)) {
		next->status.sync = SYNC_UNKNOWN;
		next->status.health = HEALTH_UNKNOWN;
	}
	/* The CRD has no status subresource: a write of the status counts, one of labels not. */
	if (!app_spec_same(&next->spec, &before->spec) ||
	    !app_status_same(&next->status, &before->status) ||
	    !op_request_same(&next->operation, &before->operation))
		next->generation++;
}

bool store_write_app(struct store *store, struct app *next, uint64_t expected, wall now)
{
	uint32_t slot = app_slot(store, next->name);
	const struct app *before = store->apps.v[slot];

	if (expected != 0 && (before == NULL || before->version != expected)) {
		app_drop(next);
		return false;
	}
	fill_in(store, next, before, now);
	if (before != NULL && app_same(next, before)) {
		app_drop(next);
		return true;
	}
	if (before != NULL && before->deleting_at.ms != 0 && !has_finalizers(next)) {
		next->version = before->version;
		remove_app(store, slot, next, now);
		app_drop(next);
		return true;
	}
	next->version = ++store->version;
	store->apps.v[slot] = next;
	tell(store, (struct change){.at = now,
				    .type = before == NULL ? CHANGE_ADDED : CHANGE_MODIFIED,
				    .kind = STORE_APP,
				    .name = next->name,
				    .before = before,
				    .app = next});
	app_drop(before);
	return true;
}

void store_delete_app(struct store *store, struct str name, wall now)
{
	const struct app *before = store_app(store, name);

	if (before == NULL)
		return;
	if (!has_finalizers(before)) {
		struct app *last = app_copy(before);
		remove_app(store, store_app_index(store, name), last, now);
		app_drop(last);
		return;
	}
	if (before->deleting_at.ms != 0)
		return;
	struct app *next = app_copy(before);
	next->deleting_at = stamp(now);
	(void)store_write_app(store, next, 0, now);
}

void store_show_resources(struct store *store, struct str name, struct resource_list *resources)
{
	struct app *app = (struct app *)(uintptr_t)store_app(store, name);

	if (app == NULL || app->status.resources == resources ||
	    !resource_list_same(app->status.resources, resources))
		return;
	resource_list_drop(app->status.resources);
	app->status.resources = resource_list_keep(resources);
}

static bool appset_same(const struct appset *a, const struct appset *b)
{
	return appset_spec_equal(a, b) && a->deleting_at.ms == b->deleting_at.ms &&
	       a->wants_refresh == b->wants_refresh && pair_list_same(a->labels, b->labels) &&
	       pair_list_same(a->annotations, b->annotations) &&
	       condition_list_same(a->conditions, b->conditions) &&
	       pair_list_same(a->condition_states, b->condition_states) &&
	       rollout_status_lists_equal(a->rollout, b->rollout) &&
	       appset_resources_equal(a->resources, b->resources);
}

bool store_write_appset(struct store *store, struct appset *next, uint64_t expected, wall now)
{
	uint32_t slot = appset_slot(store, next->name);
	const struct appset *before = store->appsets.v[slot];

	if (expected != 0 && (before == NULL || before->version != expected)) {
		appset_drop(next);
		return false;
	}
	if (before == NULL) {
		next->uid = new_uid(store);
		next->created_at = stamp(now);
		next->generation = 1;
	} else {
		next->uid = before->uid;
		next->created_at = before->created_at;
		next->generation = before->generation + !appset_spec_equal(before, next);
	}
	if (before != NULL && appset_same(next, before)) {
		appset_drop(next);
		return true;
	}
	next->version = ++store->version;
	store->appsets.v[slot] = next;
	tell(store, (struct change){.at = now,
				    .type = before == NULL ? CHANGE_ADDED : CHANGE_MODIFIED,
				    .kind = STORE_APPSET,
				    .name = next->name,
				    .appset = next});
	appset_drop(before);
	return true;
}

void store_delete_appset(struct store *store, struct str name, wall now)
{
	const struct appset *before = store_appset(store, name);
	uint32_t slot;

	if (before == NULL || !map_get(&store->appset_index, name, &slot))
		return;
	store->version++;
	tell(store, (struct change){.at = now,
				    .type = CHANGE_DELETED,
				    .kind = STORE_APPSET,
				    .name = before->name,
				    .appset = before});
	store->appsets.v[slot] = NULL;
	appset_drop(before);
}

void store_write_cluster(struct store *store, struct cluster cluster, wall now)
{
	struct cluster *there = NULL;

	vec_each(each, &store->clusters) {
		if (str_eq((*each)->name, cluster.name))
			there = *each;
	}
	if (there == NULL) {
		there = mem_zalloc(sizeof(*there));
		vec_push(&store->clusters, there);
	}
	pair_list_drop(there->labels);
	*there = cluster;
	store->version++;
	tell(store, (struct change){.at = now,
				    .type = CHANGE_MODIFIED,
				    .kind = STORE_CLUSTER,
				    .name = cluster.name});
}

void store_write_project(struct store *store, struct project project, wall now)
{
	struct project *there = NULL;

	vec_each(each, &store->projects) {
		if (str_eq((*each)->name, project.name))
			there = *each;
	}
	if (there == NULL) {
		there = mem_zalloc(sizeof(*there));
		vec_push(&store->projects, there);
	}
	window_list_drop(there->windows);
	pair_list_drop(there->source_repos);
	*there = project;
	store->version++;
	tell(store, (struct change){.at = now,
				    .type = CHANGE_MODIFIED,
				    .kind = STORE_PROJECT,
				    .name = project.name});
}

/* ---- informers ---- */

struct informer *informer_new(struct store *store, int64_t lag_ms)
{
	struct informer *informer = mem_zalloc(sizeof(*informer));

	informer->store = store;
	informer->lag_ms = lag_ms;
	vec_push(&store->informers, informer);
	vec_each(app, &store->apps)
		vec_push(&informer->apps, NULL);
	vec_each(appset, &store->appsets)
		vec_push(&informer->appsets, NULL);
	informer_relist(informer);
	return informer;
}

static void forget_views(struct informer *informer)
{
	vec_each(app, &informer->apps)
		app_drop(*app);
	vec_each(appset, &informer->appsets)
		appset_drop(*appset);
}

void informer_free(struct informer *informer)
{
	if (informer == NULL)
		return;
	for (size_t i = 0; i < informer->store->informers.n; i++) {
		if (informer->store->informers.v[i] == informer) {
			vec_remove(&informer->store->informers, i);
			break;
		}
	}
	forget_views(informer);
	vec_release(&informer->apps);
	vec_release(&informer->appsets);
	mem_free(informer);
}

void informer_relist(struct informer *informer)
{
	struct store *store = informer->store;

	forget_views(informer);
	for (size_t i = 0; i < store->apps.n; i++)
		informer->apps.v[i] = app_keep(store->apps.v[i]);
	for (size_t i = 0; i < store->appsets.n; i++)
		informer->appsets.v[i] = appset_keep(store->appsets.v[i]);
	informer->next = store->log_start + store->log.n;
	informer->version = store->version;
}

void informer_set_lag(struct informer *informer, int64_t lag_ms)
{
	informer->lag_ms = lag_ms;
}

int64_t informer_lag(const struct informer *informer)
{
	return informer->lag_ms;
}

void informer_lose(struct informer *informer, uint32_t count)
{
	informer->to_lose += count;
}

void informer_write_back(struct informer *informer, const struct app *app)
{
	uint32_t slot = store_app_index(informer->store, app->name);

	app_keep(app);
	app_drop(vec_at(&informer->apps, slot));
	informer->apps.v[slot] = app;
}

static const struct change *upcoming(const struct informer *informer)
{
	const struct store *store = informer->store;
	size_t at = (size_t)(informer->next - store->log_start);

	return at < store->log.n ? &store->log.v[at] : NULL;
}

bool informer_due(const struct informer *informer, wall *ret_at)
{
	const struct change *change = upcoming(informer);

	if (change == NULL)
		return false;
	*ret_at = wall_add(change->at, informer->lag_ms);
	return true;
}

static void see(struct informer *informer, const struct change *change)
{
	uint32_t slot;

	informer->version = change->version;
	if (change->kind == STORE_APP) {
		slot = store_app_index(informer->store, change->name);
		app_drop(vec_at(&informer->apps, slot));
		informer->apps.v[slot] = change->type == CHANGE_DELETED ? NULL
									: app_keep(change->app);
	} else if (change->kind == STORE_APPSET &&
		   map_get(&informer->store->appset_index, change->name, &slot)) {
		appset_drop(vec_at(&informer->appsets, slot));
		informer->appsets.v[slot] = change->type == CHANGE_DELETED
						    ? NULL
						    : appset_keep(change->appset);
	}
}

bool informer_next(struct informer *informer, wall now, struct change *ret_change)
{
	const struct change *change;

	while ((change = upcoming(informer)) != NULL &&
	       change->at.ms + informer->lag_ms <= now.ms) {
		informer->next++;
		if (informer->to_lose > 0) {
			informer->to_lose--;
			continue;
		}
		*ret_change = *change;
		see(informer, change);
		return true;
	}
	return false;
}

const struct app *informer_app(const struct informer *informer, struct str name)
{
	uint32_t slot = store_app_index(informer->store, name);

	return slot == STORE_NO_INDEX ? NULL : vec_at(&informer->apps, slot);
}

const struct appset *informer_appset(const struct informer *informer, struct str name)
{
	uint32_t slot;

	if (!map_get(&informer->store->appset_index, name, &slot))
		return NULL;
	return vec_at(&informer->appsets, slot);
}

void informer_app_names(const struct informer *informer, struct app_names *ret_names)
{
	vec_clear(ret_names);
	vec_each(slot, &informer->store->app_order) {
		if (informer->apps.v[*slot] != NULL)
			vec_push(ret_names, informer->store->app_names.v[*slot]);
	}
}

uint64_t informer_version(const struct informer *informer)
{
	return informer->version;
}
