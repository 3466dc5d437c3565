#pragma once
/*
 * cluster: what really is in the clusters: of each Application the objects that were last applied,
 * its Deployment as it rolls out, the Jobs of its hooks; and the cache of it all that the
 * application controller reads, which lags behind.
 *
 * An object is no more than a hash of its content: enough to tell whether it is as a manifest says.
 *
 * No test of its own: the stories of argo_test.c and operation_test.c are about it.
 */
#include "argo/repo.h"
#include "base/vec.h"

struct live_object {
	enum object_kind kind;
	struct str name;
	uint64_t hash;
	struct str text; /* of a ConfigMap, for who looks: see argo_live_text() */
};

enum job_state { JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED };

/* The Job of a hook. `number` is its place in argo_jobs(). */
struct live_job {
	uint32_t number;
	struct str name;
	enum job_state state;
};

/* Of each Application; zeroed: nothing is there. */
struct live {
	VEC(struct live_object) objects;
	uint32_t bulk;
	enum health web; /* the Deployment's health, and why */
	struct str web_message;
	/* the last few, the newest last */
	struct live_job jobs[8];
	uint32_t job_count;
	uint64_t hook_hash; /* of the hook that ran last */
};
enum { LIVE_JOBS_MAX = 8 };

struct fleet;

/* A web server that fails makes its Deployment Degraded after this time (divided by `speed`). */
enum { PROGRESS_DEADLINE_MS = 30 * 1000, POD_START_MS = 500, JOB_START_MS = 400 };

/* `changed` is told when the controller's cache has seen a change of an Application's objects. */
struct fleet *fleet_new(struct argo *argo, void (*changed)(struct argo *argo, struct str app));
void fleet_free(struct fleet *fleet);

/* Who looks on is told of each change of an Application's live objects, when it has happened. */
void fleet_look_on(struct fleet *fleet, void (*told)(void *self, struct str app, wall at),
		   void *self);

/* A cluster has every namespace that is asked for, until one is made in it: then it has those that
 * were made. `CreateNamespace=true` makes the one that an Application is for. */
void fleet_add_namespace(struct fleet *fleet, struct str server, struct str name);
bool fleet_has_namespace(const struct fleet *fleet, const struct app *app);

/* What is there; what the controller's cache shows. */
const struct live *fleet_live(const struct fleet *fleet, struct str app);
const struct live *fleet_seen(const struct fleet *fleet, struct str app);
const struct live_object *live_find(const struct live *live, enum object_kind kind,
				    struct str name);
const struct live_job *live_job(const struct live *live, struct str name);
/* These are the manifest's objects, hooks aside: none is other, missing or too many. What helm
 * makes at random may be anything. */
bool live_is_made_by(const struct live *live, const struct manifest *manifest);

enum applied { APPLIED_CREATED, APPLIED_CONFIGURED, APPLIED_UNCHANGED };
enum applied fleet_apply(struct fleet *fleet, const struct app *app, const struct target *target,
			 struct str revision);
void fleet_apply_bulk(struct fleet *fleet, const struct app *app, uint32_t count);
void fleet_prune(struct fleet *fleet, const struct app *app, enum object_kind kind,
		 struct str name);
void fleet_delete_all(struct fleet *fleet, const struct app *app);

void fleet_start_job(struct fleet *fleet, const struct app *app, const struct target *hook,
		     struct str name, struct str revision);
void fleet_delete_job(struct fleet *fleet, const struct app *app, struct str name);

void fleet_drift(struct fleet *fleet, struct str app);
void fleet_set_health(struct fleet *fleet, struct str app, enum health health);
/* Pods whose failure was mended start again. */
size_t fleet_jobs(const struct fleet *fleet, const struct hook_job **ret_jobs);
wall fleet_first_applied(const struct fleet *fleet, struct str app, struct str revision);

const char *kind_name(enum object_kind kind);
struct str kind_group(enum object_kind kind);
