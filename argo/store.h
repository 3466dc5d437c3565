#pragma once
/*
 * store: the Kubernetes API of the model, and the informers that its components read it through.
 *
 * A write makes a new version with the next resourceVersion and tells every informer. A component
 * that reads an informer sees the past: an informer is behind by its own lag, and what it shows is
 * whole versions, in order. Reading the store itself is a live read.
 *
 *	struct app *next = app_copy(store_app(store, name));
 *	next->operation = ...;
 *	if (!store_write(store, next, seen_version, now))
 *		... conflict: somebody wrote since `seen_version`
 *
 * Written objects belong to the store from then on. Pointers to versions are good until the next
 * write of the same object, or for as long as app_keep() says.
 */
#include "argo/appset_object.h"
#include "argo/object.h"
#include "base/map.h"
#include "base/vec.h"

enum store_kind { STORE_APP, STORE_APPSET, STORE_CLUSTER, STORE_PROJECT };
enum change_type { CHANGE_ADDED, CHANGE_MODIFIED, CHANGE_DELETED };

/* What a write did. `app` and `appset` are the version written, or the last one of a deleted
 * object; each change keeps a reference. */
struct change {
	uint64_t version;
	wall at;
	enum change_type type;
	enum store_kind kind;
	struct str name;
	const struct app *before, *app; /* STORE_APP */
	const struct appset *appset;	/* STORE_APPSET */
};

struct store;

struct store *store_new(uint64_t seed);
void store_free(struct store *store);

/* ---- live ---- */

const struct app *store_app(const struct store *store, struct str name); /* NULL: there is none */
const struct appset *store_appset(const struct store *store, struct str name);
const struct cluster *store_cluster(const struct store *store, struct str server_or_name);
const struct project *store_project(const struct store *store, struct str name);

/* Creates, or replaces what is there. `expected` is the resourceVersion that the writer has read, 0
 * for no precondition; false: conflict, and `next` is dropped. uid, creation stamp, generation and
 * resourceVersion are filled in here. A write that changes nothing makes no version. */
bool store_write_app(struct store *store, struct app *next, uint64_t expected, wall now);
bool store_write_appset(struct store *store, struct appset *next, uint64_t expected, wall now);
void store_write_cluster(struct store *store, struct cluster cluster, wall now);
void store_write_project(struct store *store, struct project project, wall now);
/* With finalizers it only gets its deletionTimestamp. */
void store_delete_app(struct store *store, struct str name, wall now);
void store_delete_appset(struct store *store, struct str name, wall now);

/* In the order of names. */
struct app_names VEC_OF(struct str);
void store_app_names(const struct store *store, struct app_names *ret_names);
void store_appset_names(const struct store *store, struct app_names *ret_names);
void store_cluster_names(const struct store *store, struct app_names *ret_names);
size_t store_cluster_count(const struct store *store);
const struct cluster *store_cluster_at(const struct store *store, size_t index);

/*
 * The health of single resources is no part of an Application in the Kubernetes API: argocd-server
 * adds what the controller has left in its cache. This replaces it in the present version, which
 * stays the same version, if the lists have the same content otherwise. Keeps a reference.
 */
void store_show_resources(struct store *store, struct str name, struct resource_list *resources);

/* With QUIRK(STALE_AFTER_SPEC) off: who changes a source takes what was compared away. */
void store_set_forgets_status(struct store *store, bool forgets);

/* A small number for each name that an Application ever had; it stays when that one goes. */
enum { STORE_NO_INDEX = UINT32_MAX };
uint32_t store_app_index(const struct store *store, struct str name);
uint64_t store_version(const struct store *store);

/* ---- informers ---- */

struct informer;

/* `lag_ms` may be changed at any time; what was seen is never taken back. */
struct informer *informer_new(struct store *store, int64_t lag_ms);
/* Reads everything anew, as a component that starts: it shows the present, without events. */
void informer_relist(struct informer *informer);
/* The next `count` changes are not told and not shown. */
void informer_lose(struct informer *informer, uint32_t count);
/* A component that wrote this version shows it at once; older changes that are on their way still
 * come, and set it back for a while. */
void informer_write_back(struct informer *informer, const struct app *app);
void informer_free(struct informer *informer);
void informer_set_lag(struct informer *informer, int64_t lag_ms);
int64_t informer_lag(const struct informer *informer);

/* The next change that this informer has come to see by `now`, in order; false: none. Until it is
 * asked for the views below do not move. */
bool informer_next(struct informer *informer, wall now, struct change *ret_change);
/* When the next change will be seen. */
bool informer_due(const struct informer *informer, wall *ret_at);

/* What it shows. */
const struct app *informer_app(const struct informer *informer, struct str name);
const struct appset *informer_appset(const struct informer *informer, struct str name);
void informer_app_names(const struct informer *informer, struct app_names *ret_names);
uint64_t informer_version(const struct informer *informer); /* LastSyncResourceVersion */
