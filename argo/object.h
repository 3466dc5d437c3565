#pragma once
/*
 * object: what the Kubernetes API of this model holds: Applications, ApplicationSets, projects and
 * the clusters that Argo CD knows, as typed structs with the fields that Argo CD 3.2.11 gives them.
 *
 * Every text in an object is interned (texts.h) and lives as long as the model does, so an object
 * is copied by assignment. What varies in length and is no text is a list of its own:
 * reference-counted and never changed once it is shared (`struct resource_list` and its like;
 * object.c has _keep and _drop for each). An Application is written as a new version and read as a
 * `const struct app *` (store.h); whoever keeps a version keeps a reference.
 *
 * Stamps are whole seconds, as Kubernetes has them: stamp() cuts. A zero stamp is absent.
 */
#include "base/str.h"
#include "base/when.h"
#include "model/application.h"
#include "model/selector.h"

/* ---- what is reused in several objects ---- */

struct pair {
	struct str key, value;
};

struct pair_list {
	uint32_t refs, n;
	struct pair v[];
};

/* spec.source, and each of spec.sources. */
struct source {
	struct str repo_url, path, chart, target_revision, ref, name;
	/* helm, kustomize, directory, plugin: one JSON object with sorted keys, or empty */
	struct str tool_json;
};

struct source_list {
	uint32_t refs, n;
	struct source v[];
};

/* Either `source` or `sources`, never both. */
struct sources {
	bool has_source;
	struct source source;
	struct source_list *sources; /* NULL: none */
};

struct revisions {
	struct str revision; /* of a single source */
	uint32_t n;	     /* of several; 0: a single source */
	struct str v[4];
};

struct destination {
	struct str server, name, namespace;
};

struct retry {
	bool is_set;
	int64_t limit;
	bool refresh;
	struct str duration, max_duration; /* "5s", "3m0s", or empty */
	int64_t factor;			   /* 0: absent */
};

/* ---- Application: what was asked for ---- */

struct op_resource {
	struct str group, kind, namespace, name;
};

struct op_resource_list {
	uint32_t refs, n;
	struct op_resource v[];
};

enum sync_strategy { STRATEGY_NONE, STRATEGY_HOOK, STRATEGY_APPLY };

/* `operation`, and status.operationState.operation. */
struct op_request {
	bool is_set;
	struct str username;
	bool is_automated;
	struct pair_list *infos; /* NULL: none */
	struct revisions revisions;
	struct sources sources; /* pinned by the API server */
	bool prune, dry_run;
	enum sync_strategy strategy;
	bool force;
	struct op_resource_list *resources; /* NULL: all, hooks run; else a partial sync */
	struct str manifests_json;	    /* `--local`: an array of texts, or empty */
	struct str sync_options_json;	    /* an array of texts, or empty */
	int64_t self_heal_attempts;
	struct retry retry;
};

/* ---- Application: what is shown ---- */

enum resource_sync { RESOURCE_UNKNOWN, RESOURCE_SYNCED, RESOURCE_OUT_OF_SYNC };

/* One of status.resources. */
struct resource {
	struct str group, version, kind, namespace, name;
	enum resource_sync sync;
	bool has_health;
	enum health health; /* shown by GET and watch, not by List */
	struct str health_message;
	bool requires_pruning;
	bool is_hook;
	int64_t wave;
};

struct resource_list {
	uint32_t refs, n;
	struct resource v[];
};

/* One of status.operationState.syncResult.resources. */
struct result {
	struct str group, version, kind, namespace, name;
	struct str status, message;		      /* Synced, SyncFailed, Pruned, PruneSkipped */
	struct str hook_type, hook_phase, sync_phase; /* PostSync; Running, Succeeded, …; Sync */
};

struct result_list {
	uint32_t refs, n;
	struct result v[];
};

struct op_state {
	enum op_phase phase; /* OP_NONE: there is no operationState */
	struct op_request operation;
	struct str message;
	wall started_at, finished_at;
	int64_t retry_count;
	bool has_result;
	struct revisions result_revisions;
	struct sources result_sources;
	struct result_list *results; /* NULL: none */
};

struct condition {
	struct str type, message;
	wall last_transition_at;
};

struct condition_list {
	uint32_t refs, n;
	struct condition v[];
};

struct history_entry {
	int64_t id;
	struct revisions revisions;
	struct sources sources;
	wall deploy_started_at, deployed_at;
	struct str username;
	bool is_automated;
};

struct history_list {
	uint32_t refs, n;
	struct history_entry v[];
};

/* status.sync.comparedTo */
struct compared_to {
	bool is_set;
	struct sources sources;
	struct destination destination;
	struct str ignore_differences_json;
};

struct app_status {
	enum sync_status sync;
	bool has_sync; /* false: never compared, "" */
	struct revisions sync_revisions;
	struct compared_to compared_to;
	bool has_health;
	enum health health;
	struct str health_message;
	wall health_changed_at;
	wall reconciled_at;
	struct resource_list *resources;
	struct condition_list *conditions;
	struct history_list *history;
	struct op_state operation;
	struct str source_type; /* Helm, Directory, Kustomize, or empty */
};

enum refresh { REFRESH_NONE, REFRESH_NORMAL, REFRESH_HARD };

struct app_spec {
	struct str project;
	struct sources sources;
	bool has_hydrator;
	struct destination destination;
	struct str ignore_differences_json; /* an array, or empty */
	struct {
		bool is_set; /* `automated` is present */
		bool is_disabled, prune, self_heal, allow_empty;
	} automated;
	struct retry retry;
	struct str sync_options_json;
	int64_t history_limit; /* 0: absent, which means 10 */
};

/* One version of an Application. */
struct app {
	uint32_t refs;
	struct str name, namespace, uid;
	uint64_t version; /* resourceVersion */
	uint64_t generation;
	wall created_at, deleting_at;		/* deletionTimestamp */
	struct pair_list *labels, *annotations; /* but for the two below */
	struct str finalizers_json;
	enum refresh refresh;	     /* the annotation argocd.argoproj.io/refresh */
	bool is_paused;		     /* argocd.argoproj.io/skip-reconcile: "true" */
	struct str owner, owner_uid; /* the controlling ApplicationSet */
	struct app_spec spec;
	struct op_request operation;
	struct app_status status;
};

/* ---- the others ---- */

/* A cluster that Argo CD knows: a Secret with labels. */
struct cluster {
	struct str name, server;
	struct pair_list *labels;
};

struct sync_window {
	bool is_deny; /* else allow */
	bool manual_sync;
	struct str applications; /* a glob, "*" for all */
	/* Open from and until, in the model's time; a schedule is the fleet file's affair. */
	wall from, until;
};

struct window_list {
	uint32_t refs, n;
	struct sync_window v[];
};

struct project {
	struct str name;
	struct window_list *windows;
	struct pair_list *source_repos; /* patterns, as keys; NULL: all are permitted */
};

wall stamp(wall now);

/*
 * Of each kind of list: one of n zeroed items; one more reference, one less (NULL is the empty
 * list); the same content. What resources are said to be in health is no content of their list: the
 * API server adds it when it answers.
 */
#define LIST_FUNCTIONS(list)                                                                       \
	struct list *list##_new(uint32_t n);                                                       \
	struct list *list##_keep(struct list *kept);                                               \
	void list##_drop(struct list *dropped);                                                    \
	bool list##_same(const struct list *a, const struct list *b);
LIST_FUNCTIONS(pair_list)
LIST_FUNCTIONS(source_list)
LIST_FUNCTIONS(op_resource_list)
LIST_FUNCTIONS(resource_list)
LIST_FUNCTIONS(result_list)
LIST_FUNCTIONS(condition_list)
LIST_FUNCTIONS(history_list)
LIST_FUNCTIONS(window_list)

/* Pairs from "key=value,key=value". Texts are views of the text: intern it before. */
struct pair_list *pairs_of(struct str text);

/* Copies share the lists: one more reference each; and one less. */
struct app *app_new(void);
struct app *app_copy(const struct app *app);
const struct app *app_keep(const struct app *app);
void app_drop(const struct app *app);

/* Nothing differs but the version; and no field of the spec, status or operation. */
bool app_same(const struct app *a, const struct app *b);
bool app_spec_same(const struct app_spec *a, const struct app_spec *b);
bool app_status_same(const struct app_status *a, const struct app_status *b);
bool op_request_same(const struct op_request *a, const struct op_request *b);
bool op_state_same(const struct op_state *a, const struct op_state *b);
/* Where a's lists equal b's, they become b's, so that versions share them. */
void app_share(struct app *a, const struct app *b);

/* A request or a state of an operation with its lists; to be dropped. */
struct op_request op_request_keep(const struct op_request *request);
void op_request_drop(struct op_request *request);
struct op_state op_state_keep(const struct op_state *state);
void op_state_drop(struct op_state *state);
struct sources sources_keep(const struct sources *sources);
void sources_drop(struct sources *sources);

bool phase_is_completed(enum op_phase phase);

bool sources_equal(const struct sources *a, const struct sources *b);
bool destination_equal(const struct destination *a, const struct destination *b);
bool revisions_equal(const struct revisions *a, const struct revisions *b);
struct str pair_get(const struct pair_list *list, struct str key);
/* In the order of keys: the first one behind `last`, or of all if that is NULL; NULL: no more. The
 * lists are short, so it is looked for each time. */
const struct pair *pair_next(const struct pair_list *list, const struct pair *last);
bool app_matches(const struct app *app, const struct selector *selector);
