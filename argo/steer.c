#include "argo/steer.h"

#include "argo/cluster.h"
#include "argo/controller.h"
#include "argo/hold.h"
#include "argo/inside.h"
#include "argo/repo.h"
#include "argo/server_inside.h"
#include "argo/trees.h"

enum { HOOK_MS = 300 };

struct content content_default(void)
{
	return (struct content){
		.text = STR("one"),
		.has_deployment = true,
		.roll = true,
		.replicas = 1,
		.has_hook = true,
		.hook_ms = HOOK_MS,
		.rollout_ms = POD_START_MS,
	};
}

/* ---- git ---- */

struct str argo_push_charts(struct argo *argo, struct str repo_url, struct str branch,
			    const struct chart *charts, uint32_t count)
{
	return repo_push(argo->repos, repo_url, branch, charts, count);
}

struct str argo_push(struct argo *argo, struct str repo_url, struct str branch,
		     const struct content *content)
{
	return argo_push_charts(argo, repo_url, branch, &(struct chart){.content = *content}, 1);
}

void argo_tag(struct argo *argo, struct str repo_url, struct str tag, struct str sha)
{
	repo_tag(argo->repos, repo_url, tag, sha);
}

void argo_put_file(struct argo *argo, struct str repo_url, struct str sha, struct str path,
		   struct pair_list *fields)
{
	trees_put(argo->trees, argo_intern(argo, repo_url), argo_intern(argo, sha),
		  argo_intern(argo, path), fields);
}

/* ---- kubectl ---- */

void argo_add_cluster(struct argo *argo, struct str name, struct str server,
		      struct pair_list *labels)
{
	store_write_cluster(
		argo->store,
		(struct cluster){argo_intern(argo, name), argo_intern(argo, server), labels},
		argo->now);
}

void argo_add_namespace(struct argo *argo, struct str server, struct str name)
{
	fleet_add_namespace(argo->fleet, server, name);
}

void argo_label_cluster(struct argo *argo, struct str name, struct pair_list *labels)
{
	const struct cluster *cluster = store_cluster(argo->store, name);

	if (cluster != NULL)
		store_write_cluster(argo->store,
				    (struct cluster){cluster->name, cluster->server, labels},
				    argo->now);
	else
		pair_list_drop(labels);
}

void argo_apply_project(struct argo *argo, struct project project)
{
	store_write_project(argo->store, project, argo->now);
}

/* What a user's manifest does not say stays: the status, the operation, a refresh that was asked
 * for, the owner. */
void argo_apply_app(struct argo *argo, struct app *app)
{
	const struct app *live = store_app(argo->store, app->name);

	if (str_empty(app->namespace))
		app->namespace = STR("argocd");
	if (live != NULL) {
		struct app *next = app_copy(live);
		pair_list_drop(next->labels);
		pair_list_drop(next->annotations);
		sources_drop(&next->spec.sources);
		next->labels = pair_list_keep(app->labels);
		next->annotations = pair_list_keep(app->annotations);
		next->spec = app->spec;
		next->spec.sources = sources_keep(&app->spec.sources);
		next->is_paused = app->is_paused;
		next->refresh = app->refresh != REFRESH_NONE ? app->refresh : live->refresh;
		if (!str_empty(app->finalizers_json))
			next->finalizers_json = app->finalizers_json;
		app_drop(app);
		app = next;
	}
	(void)store_write_app(argo->store, app, 0, argo->now);
}

void argo_apply_appset(struct argo *argo, struct appset *appset)
{
	const struct appset *live = store_appset(argo->store, appset->name);

	if (str_empty(appset->namespace))
		appset->namespace = STR("argocd");
	if (live != NULL) {
		condition_list_drop(appset->conditions);
		pair_list_drop(appset->condition_states);
		rollout_status_list_drop(appset->rollout);
		resource_list_drop(appset->resources);
		appset->conditions = condition_list_keep(live->conditions);
		appset->condition_states = pair_list_keep(live->condition_states);
		appset->rollout = rollout_status_list_keep(live->rollout);
		appset->resources = resource_list_keep(live->resources);
	}
	(void)store_write_appset(argo->store, appset, 0, argo->now);
}

void argo_delete_app(struct argo *argo, struct str name)
{
	store_delete_app(argo->store, name, argo->now);
}

void argo_delete_appset(struct argo *argo, struct str name)
{
	store_delete_appset(argo->store, name, argo->now);
}

void argo_patch_operation(struct argo *argo, struct str name, const struct op_request *operation)
{
	const struct app *live = store_app(argo->store, name);

	if (live == NULL)
		return;
	struct app *next = app_copy(live);
	op_request_drop(&next->operation);
	if (operation != NULL) {
		next->operation = op_request_keep(operation);
		next->operation.is_set = true;
	}
	(void)store_write_app(argo->store, next, 0, argo->now);
}

void argo_drift(struct argo *argo, struct str app)
{
	fleet_drift(argo->fleet, argo_intern(argo, app));
}

void argo_set_live_health(struct argo *argo, struct str app, enum health health)
{
	fleet_set_health(argo->fleet, argo_intern(argo, app), health);
}

struct str argo_live_text(const struct argo *argo, struct str app)
{
	const struct live_object *object = live_find(fleet_live(argo->fleet, app), KIND_CONFIG_MAP,
						     app);

	if (object == NULL)
		return (struct str){0};
	return object->text.p == NULL ? STR("") : object->text;
}

void argo_patch_status(struct argo *argo, struct str name, const struct status_patch *patch)
{
	const struct app *live = store_app(argo->store, name);

	if (live == NULL)
		return;
	struct app *next = app_copy(live);
	if (patch->has_health) {
		next->status.has_health = true;
		next->status.health = patch->health;
	}
	if (patch->has_sync) {
		next->status.has_sync = true;
		next->status.sync = patch->sync;
	}
	(void)store_write_app(argo->store, next, 0, argo->now);
}

/* ---- accounts ---- */

void argo_add_account(struct argo *argo, struct str name, struct str password, struct str token,
		      enum account_rights rights, bool is_expired)
{
	server_add_account(argo->server, &(struct account){
						 .name = argo_intern(argo, name),
						 .password = argo_intern(argo, password),
						 .token = argo_intern(argo, token),
						 .rights = rights,
						 .is_expired = is_expired,
						 .created_at = argo->now,
					 });
}

/* ---- holds, delays, failures ---- */

void argo_hold(struct argo *argo, enum steer_what what, struct str token)
{
	if (what == STEER_PASS)
		appsets_hold(argo->appsets, argo_intern(argo, token), true);
	else
		hold_add(argo->holds, what, argo_intern(argo, token));
}

void argo_release(struct argo *argo, enum steer_what what, struct str token)
{
	if (what == STEER_PASS)
		appsets_hold(argo->appsets, token, false);
	else
		hold_release(argo->holds, what, token, argo->now);
}

bool argo_reached(const struct argo *argo, enum steer_what what, struct str token)
{
	return what == STEER_PASS ? appsets_reached(argo->appsets, token)
				  : hold_reached(argo->holds, what, token);
}

void argo_step_pass(struct argo *argo, struct str token)
{
	appsets_step(argo->appsets, token);
}

void argo_delay(struct argo *argo, struct str token, int64_t ms)
{
	hold_set_delay(argo->holds, argo_intern(argo, token), ms);
}

void argo_fail(struct argo *argo, enum steer_what what, struct str token, struct str text)
{
	hold_set_failure(argo->holds, what, argo_intern(argo, token), argo_intern(argo, text),
			 true);
}

void argo_mend(struct argo *argo, enum steer_what what, struct str token)
{
	hold_set_failure(argo->holds, what, token, (struct str){0}, false);
}

/* ---- components ---- */

static void set_up(struct argo *argo, enum component component, uint32_t replica, bool is_up)
{
	switch (component) {
	case COMPONENT_SERVER:
		if (replica < argo->config.replicas)
			server_set_up(argo->server, replica, is_up);
		return;
	case COMPONENT_CONTROLLER:
		controller_set_up(argo->controller, is_up);
		return;
	case COMPONENT_APPSETS:
		argo->is_appsets_up = is_up;
		appsets_set_up(argo->appsets, is_up, argo->now);
		return;
	case COMPONENT_REPO_SERVER:
		repos_set_up(argo->repos, is_up);
		return;
	}
}

void argo_stop(struct argo *argo, enum component component, uint32_t replica)
{
	set_up(argo, component, replica, false);
}

void argo_start(struct argo *argo, enum component component, uint32_t replica)
{
	set_up(argo, component, replica, true);
}

bool argo_is_up(const struct argo *argo, enum component component, uint32_t replica)
{
	switch (component) {
	case COMPONENT_SERVER:
		return replica < argo->config.replicas && argo->server->replicas[replica].is_up;
	case COMPONENT_CONTROLLER:
		return controller_is_up(argo->controller);
	case COMPONENT_APPSETS:
		return argo->is_appsets_up;
	case COMPONENT_REPO_SERVER:
		return repos_is_up(argo->repos);
	}
	return false;
}

void argo_set_lag(struct argo *argo, enum component component, uint32_t replica, int64_t ms)
{
	switch (component) {
	case COMPONENT_SERVER:
		if (replica < argo->config.replicas)
			server_set_lag(argo->server, replica, ms);
		return;
	case COMPONENT_CONTROLLER:
		informer_set_lag(controller_informer(argo->controller), ms);
		return;
	case COMPONENT_APPSETS:
	case COMPONENT_REPO_SERVER:
		return;
	}
}

int64_t argo_controller_lag(const struct argo *argo)
{
	return informer_lag(controller_informer(argo->controller));
}

void argo_set_live_cache_lag(struct argo *argo, int64_t ms)
{
	argo->config.live_cache_lag_ms = ms;
}

void argo_set_answer_lag(struct argo *argo, int64_t ms)
{
	argo->config.answer_lag_ms = ms;
}

void argo_lose_events(struct argo *argo, enum component component, uint32_t replica, uint32_t count)
{
	switch (component) {
	case COMPONENT_SERVER:
		server_lose(argo->server, replica, count);
		return;
	case COMPONENT_CONTROLLER:
		informer_lose(controller_informer(argo->controller), count);
		return;
	case COMPONENT_APPSETS:
	case COMPONENT_REPO_SERVER:
		return;
	}
}

/* ---- what the clusters remember ---- */

enum health argo_live_health(const struct argo *argo, struct str app)
{
	return fleet_live(argo->fleet, app)->web;
}

size_t argo_jobs(const struct argo *argo, const struct hook_job **ret_jobs)
{
	return fleet_jobs(argo->fleet, ret_jobs);
}

wall argo_first_applied(const struct argo *argo, struct str app, struct str revision)
{
	return fleet_first_applied(argo->fleet, app, revision);
}

static bool manifest_of(const struct argo *argo, struct str name, struct str revision,
			struct manifest *ret_manifest)
{
	const struct app *app = store_app(argo->store, name);

	return app != NULL && repo_manifest(argo->repos, app, revision, ret_manifest);
}

struct live_check argo_check_live(const struct argo *argo, struct str app, struct str revision)
{
	const struct live *live = fleet_live(argo->fleet, app);
	struct manifest manifest;
	struct live_check check = {.health = live->web};

	if (!manifest_of(argo, app, revision, &manifest))
		return check;
	check.is_known = true;
	check.is_as_made = live_is_made_by(live, &manifest);
	for (uint32_t i = 0; i < manifest.n; i++) {
		check.has_hook = check.has_hook || manifest.v[i].is_hook;
		check.has_deployment = check.has_deployment ||
				       manifest.v[i].kind == KIND_DEPLOYMENT;
	}
	return check;
}

static bool has_same_target(const struct manifest *manifest, const struct target *target)
{
	for (uint32_t i = 0; i < manifest->n; i++) {
		const struct target *other = &manifest->v[i];
		if (!other->is_hook && other->kind == target->kind && other->hash == target->hash &&
		    str_eq(other->name, target->name))
			return true;
	}
	return false;
}

static bool has_all_of(const struct manifest *manifest, const struct manifest *other)
{
	for (uint32_t i = 0; i < other->n; i++) {
		if (!other->v[i].is_hook && !has_same_target(manifest, &other->v[i]))
			return false;
	}
	return true;
}

bool argo_makes_same(const struct argo *argo, struct str app, struct str revision, struct str other)
{
	struct manifest a, b;

	if (str_eq(revision, other))
		return true;
	return manifest_of(argo, app, revision, &a) && manifest_of(argo, app, other, &b) &&
	       a.bulk == b.bulk && has_all_of(&a, &b) && has_all_of(&b, &a);
}

void argo_look_on(struct argo *argo, void (*told)(void *self, struct str app, wall at), void *self)
{
	fleet_look_on(argo->fleet, told, self);
}
