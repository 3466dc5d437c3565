#pragma once
/*
 * application: what one version of an Argo CD Application says, as far as a decision needs it.
 *
 * `wire/` makes it from the JSON of a live GET, of the answer to a sync or a refresh, or of a frame
 * of the watch; the machines read it and never see JSON. Only these sources carry `uid` and
 * `resource_version`, so only they are merged. A row of the projected List is poorer: `struct
 * app_row`.
 *
 * An application whose strings point elsewhere (an event's) is borrowed for the call;
 * application_keep() makes a copy in one block of memory that its keeper owns.
 *
 * Stamps of Argo CD have a resolution of one second: compare them with care (machine/done.h).
 */
#include "base/str.h"
#include "base/when.h"

#include <stdbool.h>
#include <stdint.h>

enum source_kind {
	SOURCE_NONE,
	SOURCE_GIT,	 /* spec.source with a path (or nothing but a repository) in Git */
	SOURCE_CHART,	 /* spec.source.chart: a Helm chart from a registry */
	SOURCE_MULTI,	 /* spec.sources */
	SOURCE_HYDRATOR, /* spec.sourceHydrator */
};

enum sync_status { SYNC_UNKNOWN, SYNC_SYNCED, SYNC_OUT_OF_SYNC };

/* In Argo CD's order, the worst last. */
enum health {
	HEALTH_HEALTHY,
	HEALTH_SUSPENDED,
	HEALTH_PROGRESSING,
	HEALTH_MISSING,
	HEALTH_DEGRADED,
	HEALTH_UNKNOWN,
};

enum { OBJECTS_NAMED_MAX = 200 };

enum op_phase { OP_NONE, OP_RUNNING, OP_TERMINATING, OP_SUCCEEDED, OP_FAILED, OP_ERROR };

/* One sync operation: the one requested (`operation`) or the one shown
 * (`status.operationState`). */
struct operation {
	enum op_phase phase; /* OP_NONE: there is none */
	/* tells two operations apart: their start and what was asked; 0: none */
	uint64_t id;
	/* syncResult.revision, or without one operation.sync.revision; while it goes on, a SHA in
	 * the latter comes first, and once it is over another SHA there makes it none; may be
	 * empty */
	struct str revision;
	struct str token;     /* our mark in `infos`, empty on a stranger's */
	struct str initiator; /* the user's name; "auto-sync" for the controller's own */
	struct str message;   /* Argo CD's last word on it */
	/* the hook or object that failed or is waited for: "Job smoke: ..." */
	struct str trouble;
	/* 0: not yet. Running with finished_at: waiting for a retry */
	wall started_at, finished_at;
	int64_t retry_count;
	bool is_dry_run;
	bool is_partial;       /* chosen `resources` only: no hooks ran */
	bool is_apply;	       /* strategy `apply`, as of a UI rollback: no hooks ran */
	bool has_manifests;    /* `argocd app sync --local`: not what Git says */
	bool has_other_source; /* its source is not the spec's, targetRevision aside */
	bool is_automated;
	bool is_hook_trouble; /* `trouble` is of a hook */
};

/* Every string of an application: keeping a copy walks this list. */
/* clang-format off */
#define APPLICATION_STRINGS(X)                                                                     \
	X(name) X(namespace) X(project) X(uid) X(owner) X(labels) X(repo_url) X(target_revision)   \
	X(destination) X(retry_json) X(sync_revision) X(health_message) X(error)                   \
	X(out_of_sync_names) X(changed_objects) X(pruned_objects) X(unhealthy_name)                \
	X(shown.revision) X(shown.token) X(shown.initiator) X(shown.message) X(shown.trouble)      \
	X(requested.revision) X(requested.token) X(requested.initiator) X(requested.message)       \
	X(requested.trouble)
/* clang-format on */

struct application {
	/* metadata */
	struct str name, namespace, project, uid;
	struct str owner;	   /* the controlling ApplicationSet's name, or empty */
	struct str labels;	   /* "env=test,tier=web"; a watch of one stage has none */
	uint64_t resource_version; /* orders the versions of one uid */
	bool is_deleting;
	/* the refresh annotation stands: a compare is asked for and not over */
	bool has_refresh;
	/* argocd.argoproj.io/skip-reconcile: the controller ignores it */
	bool is_paused;

	/* spec */
	enum source_kind source_kind;
	struct str repo_url, target_revision, destination;
	/* spec.syncPolicy.retry as JSON with "refresh":false, or empty */
	struct str retry_json;
	bool has_auto_sync; /* `automated` present and not `enabled: false` */
	bool auto_sync_prunes;

	/* status */
	/* comparedTo equals the spec's source, destination, ignoreDifferences */
	bool is_compared;
	enum sync_status sync;
	struct str sync_revision;
	enum health health;
	struct str health_message;
	/* "ComparisonError: ...", InvalidSpecError, UnknownError; or empty */
	struct str error;
	wall reconciled_at; /* 0: never */

	/* status.resources: a GET has it, a frame of the projected watch does not */
	bool has_resources;
	uint32_t out_of_sync_count, prune_count; /* prune_count of them only pruning would end */
	uint64_t out_of_sync_id;      /* tells two sets of objects apart; 0: the set is empty */
	struct str out_of_sync_names; /* the first few: "Deployment web, Service web, 3 more" */
	/* where they were asked for: each of them in a line of its own, "Deployment ns/web", up to
	 * OBJECTS_NAMED_MAX; first what differs, then what only pruning would end */
	struct str changed_objects, pruned_objects;
	struct str unhealthy_name; /* the worst object: "Deployment web" */

	/* top-level `operation`: asked for or running; phase OP_NONE or OP_RUNNING */
	struct operation requested;
	struct operation shown; /* status.operationState */
};

/* One row of the projected List: enough to see that something has changed, never to decide. */
struct app_row {
	struct str name, namespace, project, target_revision;
	struct str labels; /* as an application's; a List of one stage has none */
	enum sync_status sync;
	enum health health;
	enum op_phase phase;
	wall started_at, finished_at;
	bool is_requested; /* a top-level `operation` stands */
	bool is_deleting;
};

/* A copy in one block, all strings included; NULL stays NULL. */
struct application *application_keep(const struct application *app);
void application_drop(struct application *app);

/* True if an operation is asked for, runs or is being terminated. A completed phase beside a
 * standing `operation` counts too: Argo CD still owes the write that ends it. */
bool application_in_operation(const struct application *app);

/* The operation that is in progress, or else the one shown (its phase may be OP_NONE). */
const struct operation *application_operation(const struct application *app);

bool operation_is_over(const struct operation *op);

/* design: full = no dry run, no `resources`, no `manifests`, a strategy other than `apply`, and the
 * spec's source but for targetRevision. Only a full operation runs every hook. */
bool operation_is_full(const struct operation *op);

/* The same completed operation, or none both times. */
bool operation_same(uint64_t id_a, wall finished_a, uint64_t id_b, wall finished_b);

/* True if the row tells of something that this version does not know. */
bool app_row_differs(const struct app_row *row, const struct application *app);

const char *health_name(enum health health);
const char *sync_status_name(enum sync_status sync);
const char *op_phase_name(enum op_phase phase);
const char *source_kind_name(enum source_kind kind);
