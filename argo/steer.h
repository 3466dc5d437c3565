#pragma once
/*
 * steer: what people and faults do to the model from outside: Git pushes, kubectl, accounts, holds,
 * delays and failures, components that stop. The simulator's commands, the stories and the contract
 * suite steer through these functions alone. All take effect at once, at the model's present time.
 *
 * A *token* names whom a hold, delay or failure concerns, as in the testbed: an Application's name,
 * "app=NAME", "case=NAME", "env=test", or "at=CASE.ENV": any "KEY=VALUE" that is a label of the
 * Application, and "at=" + label case + "." + label env.
 *
 * No test of its own: the stories of argo_test.c and operation_test.c are about it.
 */
#include "argo/appset_object.h"
#include "argo/object.h"

struct argo;

/* ---- git ---- */

/* What a revision of a repository's chart makes of an Application: a ConfigMap, a Deployment and a
 * PostSync Job, as the testbed's chart does, and more ConfigMaps. */
struct content {
	struct str text; /* in the ConfigMap; the Deployment rolls with it if `roll` */
	bool has_deployment, roll;
	int64_t replicas;
	bool has_hook, hook_fails, web_fails;
	int64_t hook_ms, rollout_ms; /* how long they take */
	int64_t hook_wave;
	struct str extra[8]; /* names of more ConfigMaps; "" ends */
	uint32_t bulk;	     /* so many more ConfigMaps: size */
	/* helm makes the ConfigMap differently each time it runs: OutOfSync after a hard
	 * refresh; until then the manifest cache has what was synced */
	bool is_random;
};
struct content content_default(void);

/* Commits to a branch ("main" if empty; the repository is made if it is new); answers the SHA, 40
 * hexadecimal digits, the same for the same history. */
struct str argo_push(struct argo *argo, struct str repo_url, struct str branch,
		     const struct content *content);
/* The same of a repository with a chart in each of some folders: one commit for all of them. */
enum { CHARTS_MAX = 8 };
struct chart {
	struct str path; /* empty: whatever a source says */
	struct content content;
};
struct str argo_push_charts(struct argo *argo, struct str repo_url, struct str branch,
			    const struct chart *charts, uint32_t count);
void argo_tag(struct argo *argo, struct str repo_url, struct str tag, struct str sha);
/* One more file of a commit, for Git generators: what is in it, flat ("cluster.name" -> "eu"), or
 * NULL if it is neither JSON nor YAML. Owned. */
void argo_put_file(struct argo *argo, struct str repo_url, struct str sha, struct str path,
		   struct pair_list *fields);

/* ---- kubectl ---- */

void argo_add_cluster(struct argo *argo, struct str name, struct str server,
		      struct pair_list *labels);
void argo_add_namespace(struct argo *argo, struct str server, struct str name);
void argo_apply_project(struct argo *argo, struct project project);
/* Server-side apply of what a user owns (labels, annotations, spec); status stays. Owned. */
void argo_apply_app(struct argo *argo, struct app *app);
void argo_apply_appset(struct argo *argo, struct appset *appset);
void argo_delete_app(struct argo *argo, struct str name);
void argo_delete_appset(struct argo *argo, struct str name);
/* Writes `operation` over whatever is there, as a careless controller does; NULL clears it. */
void argo_patch_operation(struct argo *argo, struct str name, const struct op_request *operation);
/* Somebody edits the live ConfigMap, or makes a live object Degraded, in the cluster. */
void argo_drift(struct argo *argo, struct str app);
void argo_set_live_health(struct argo *argo, struct str app, enum health health);
/* What the live ConfigMap of an Application holds: the commit's text, what a hand wrote into it, or
 * all the manifests of `argocd app sync --local`, as a JSON array of texts. NULL in `p`: there is
 * no such object. */
struct str argo_live_text(const struct argo *argo, struct str app);
/* Somebody patches an Application's status: what is set in `patch` replaces what is there. */
struct status_patch {
	bool has_health, has_sync;
	enum health health;
	enum sync_status sync;
};
void argo_patch_status(struct argo *argo, struct str name, const struct status_patch *patch);
/* Changes the labels of a cluster's Secret. */
void argo_label_cluster(struct argo *argo, struct str name, struct pair_list *labels);

/* ---- accounts ---- */

enum account_rights {
	RIGHTS_ADMIN,
	RIGHTS_TIPHYS,
	RIGHTS_GENERATOR,
	RIGHTS_NO_APPSETS,
	RIGHTS_READ_ONLY
};
void argo_add_account(struct argo *argo, struct str name, struct str password, struct str token,
		      enum account_rights rights, bool is_expired);

/* ---- holds, delays, failures ---- */

/* STEER_PASS: a pass of the ApplicationSet controller, between what it has generated and what it
 * writes; its token is the ApplicationSet's name, and it can be held only. */
enum steer_what { STEER_HELM, STEER_POD, STEER_HOOK, STEER_PASS };
void argo_hold(struct argo *argo, enum steer_what what, struct str token);
void argo_release(struct argo *argo, enum steer_what what, struct str token);
bool argo_reached(const struct argo *argo, enum steer_what what, struct str token);
/* The pass that stands at the hold goes on; the next one stands. */
void argo_step_pass(struct argo *argo, struct str token);
void argo_delay(struct argo *argo, struct str token, int64_t ms); /* renders; 0 ends it */
void argo_fail(struct argo *argo, enum steer_what what, struct str token, struct str text);
void argo_mend(struct argo *argo, enum steer_what what, struct str token);

/* ---- components ---- */

enum component { COMPONENT_SERVER, COMPONENT_CONTROLLER, COMPONENT_APPSETS, COMPONENT_REPO_SERVER };
/* Stopped, a server takes no request and cuts its streams; a controller does nothing and forgets
 * its queues. `replica` counts from 0. */
void argo_stop(struct argo *argo, enum component component, uint32_t replica);
void argo_start(struct argo *argo, enum component component, uint32_t replica);
bool argo_is_up(const struct argo *argo, enum component component, uint32_t replica);
void argo_set_lag(struct argo *argo, enum component component, uint32_t replica, int64_t ms);
/* Of the application controller's informer. */
int64_t argo_controller_lag(const struct argo *argo);
/* The application controller's cache of live objects; the answers to what it writes. */
void argo_set_live_cache_lag(struct argo *argo, int64_t ms);
void argo_set_answer_lag(struct argo *argo, int64_t ms);
/* The next `count` events of an informer or of the server's watches are lost. */
void argo_lose_events(struct argo *argo, enum component component, uint32_t replica,
		      uint32_t count);

/* ---- what the clusters themselves remember ---- */

/* How an Application's Deployment is now, whatever Argo CD shows of it. */
enum health argo_live_health(const struct argo *argo, struct str app);

/* One run of a hook's Job, as the cluster recorded it. */
struct hook_job {
	struct str app, cluster, revision, hook_type;
	wall started_at, finished_at; /* 0: it runs */
	bool succeeded;
};
size_t argo_jobs(const struct argo *argo, const struct hook_job **ret_jobs);
/* The first change of a live object of an Application by a sync at a revision; zero: never. */
wall argo_first_applied(const struct argo *argo, struct str app, struct str revision);

/* An Application's live objects, held against what a commit makes of it. */
struct live_check {
	bool is_known;	 /* there are such an Application and such a commit */
	bool is_as_made; /* these objects, and no others */
	bool has_hook, has_deployment;
	enum health health; /* of the Deployment */
};
struct live_check argo_check_live(const struct argo *argo, struct str app, struct str revision);
/* Two commits make the same objects of an Application, hooks aside: a sync from one to the other
 * changes nothing. */
bool argo_makes_same(const struct argo *argo, struct str app, struct str revision,
		     struct str other);
/* One onlooker is told of each change of an Application's live objects, Jobs included, when it has
 * happened: of several in a millisecond, too. It may look, and not steer. */
void argo_look_on(struct argo *argo, void (*told)(void *self, struct str app, wall at), void *self);
