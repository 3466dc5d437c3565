#include "argo/face/control_call.h"

#include "argo/face/answer_json.h"
#include "argo/face/app_json.h"
#include "argo/face/app_read.h"
#include "argo/face/appset_json.h"
#include "argo/face/appset_read.h"
#include "argo/face/merge_patch.h"
#include "base/vec.h"

#define OBJECT_BYTES_MAX (64 * MIB)

/* One kind of object: how it is written, and made again from JSON. */
struct kind {
	const char *collection, *item; /* patterns */
	const char *name;
	bool (*write)(struct control_call *call, struct str name, struct json_write *w);
	void (*names)(struct control_call *call, struct app_names *ret_names);
	void (*apply)(struct control_call *call, const struct json *object);
	bool (*remove)(struct control_call *call, struct str name);
};

/* ---- Applications ---- */

static bool write_app(struct control_call *call, struct str name, struct json_write *w)
{
	const struct app *app = store_app(argo_store(call->argo), name);

	if (app)
		app_json_write(w, app, APP_JSON_WHOLE);
	return app;
}

/* Those that ?selector= selects. */
static void app_names(struct control_call *call, struct app_names *ret_names)
{
	struct str text = target_get(call->target, STR("selector"));
	struct selector selector = {0};
	size_t n = 0;

	store_app_names(argo_store(call->argo), ret_names);
	if (str_empty(text))
		return;
	if (selector_parse(text, &selector, call->r->err) < 0) {
		call->r->has_failed = true;
		vec_clear(ret_names);
		return;
	}
	vec_each(name, ret_names)
		if (app_matches(store_app(argo_store(call->argo), *name), &selector))
			ret_names->v[n++] = *name;
	ret_names->n = n;
	selector_release(&selector);
}

/* An operation in it is written over what is there, as a patch of kubectl's would. */
static void apply_app(struct control_call *call, const struct json *object)
{
	struct app *app = NULL;

	if (app_read(call->r, object, &app) < 0)
		return;
	struct str name = app->name;
	struct op_request operation = app->operation;
	app->operation = (struct op_request){0};
	argo_apply_app(call->argo, app);
	if (operation.is_set)
		argo_patch_operation(call->argo, name, &operation);
}

static bool remove_app(struct control_call *call, struct str name)
{
	if (!store_app(argo_store(call->argo), name))
		return false;
	argo_delete_app(call->argo, name);
	return true;
}

/* ---- ApplicationSets ---- */

static bool write_appset(struct control_call *call, struct str name, struct json_write *w)
{
	const struct appset *set = store_appset(argo_store(call->argo), name);

	if (set)
		appset_json_write(w, set);
	return set;
}

static void appset_names(struct control_call *call, struct app_names *ret_names)
{
	store_appset_names(argo_store(call->argo), ret_names);
}

static void apply_appset(struct control_call *call, const struct json *object)
{
	struct appset *set = NULL;

	if (appset_read(call->r, object, &set) == 0)
		argo_apply_appset(call->argo, set);
}

static bool remove_appset(struct control_call *call, struct str name)
{
	if (!store_appset(argo_store(call->argo), name))
		return false;
	argo_delete_appset(call->argo, name);
	return true;
}

/* ---- projects ---- */

static bool write_project(struct control_call *call, struct str name, struct json_write *w)
{
	const struct project *project = store_project(argo_store(call->argo), name);

	if (project)
		answer_json_project_object(w, project);
	return project;
}

static void apply_project(struct control_call *call, const struct json *object)
{
	struct project project;

	if (project_read(call->r, object, &project) == 0)
		argo_apply_project(call->argo, project);
}

/* ---- clusters ---- */

static bool write_cluster(struct control_call *call, struct str name, struct json_write *w)
{
	const struct cluster *cluster = store_cluster(argo_store(call->argo), name);

	if (!cluster)
		return false;
	json_write_object_begin(w);
	json_write_field_str(w, STR("name"), cluster->name);
	json_write_field_str(w, STR("server"), cluster->server);
	json_write_key(w, STR("labels"));
	app_json_pairs(w, cluster->labels);
	json_write_object_end(w);
	return true;
}

static void cluster_names(struct control_call *call, struct app_names *ret_names)
{
	store_cluster_names(argo_store(call->argo), ret_names);
}

static void apply_cluster(struct control_call *call, const struct json *object)
{
	static const char *const keys[] = {"name", "server", "labels", NULL};
	struct at root = {.value = object};
	struct str name = read_required(call->r, at_key(&root, "name"));
	struct str server = read_required(call->r, at_key(&root, "server"));
	struct pair_list *labels = read_pairs(call->r, at_key(&root, "labels"));

	control_check_keys(call, &root, keys);
	if (call->r->has_failed)
		pair_list_drop(labels);
	else if (store_cluster(argo_store(call->argo), name))
		argo_label_cluster(call->argo, name, labels);
	else
		argo_add_cluster(call->argo, name, server, labels);
}

/* ---- what can be done with each ---- */

static const struct kind kinds[] = {
	{"/sim/v1/applications", "/sim/v1/applications/{}", "Application", write_app, app_names,
	 apply_app, remove_app},
	{"/sim/v1/applicationsets", "/sim/v1/applicationsets/{}", "ApplicationSet", write_appset,
	 appset_names, apply_appset, remove_appset},
	{"/sim/v1/appprojects", "/sim/v1/appprojects/{}", "AppProject", write_project, NULL,
	 apply_project, NULL},
	{"/sim/v1/clusters", "/sim/v1/clusters/{}", "cluster", write_cluster, cluster_names,
	 apply_cluster, NULL},
};

static void list(struct control_call *call, const struct kind *kind)
{
	struct app_names names = {0};

	kind->names(call, &names);
	json_write_object_begin(call->w);
	json_write_key(call->w, STR("items"));
	json_write_array_begin(call->w);
	vec_each(name, &names)
		kind->write(call, *name, call->w);
	json_write_array_end(call->w);
	json_write_object_end(call->w);
	vec_release(&names);
}

static void missing(struct control_call *call, const struct kind *kind, struct str name)
{
	control_refuse(call, 404, "there is no %s '" STR_FMT "'", kind->name, STR_ARG(name));
}

/* Whether a patch says anything of an operation, be it that there is to be none. */
static bool names_operation(const struct json *patch)
{
	struct json_cursor at = {0};

	while (json_kind(patch) == JSON_KIND_MAP && json_next(patch, &at))
		if (str_eq(at.key, STR("operation")))
			return true;
	return false;
}

static enum health read_health(struct reading *r, const struct at *at, struct str name)
{
	for (int i = HEALTH_HEALTHY; i <= HEALTH_UNKNOWN; i++)
		if (str_eq(name, str_of(health_name((enum health)i))))
			return (enum health)i;
	reading_fail(r, at, "unknown '" STR_FMT "'", STR_ARG(name));
	return HEALTH_UNKNOWN;
}

static enum sync_status read_sync_status(struct reading *r, const struct at *at, struct str name)
{
	for (int i = SYNC_UNKNOWN; i <= SYNC_OUT_OF_SYNC; i++)
		if (str_eq(name, str_of(sync_status_name((enum sync_status)i))))
			return (enum sync_status)i;
	reading_fail(r, at, "unknown '" STR_FMT "'", STR_ARG(name));
	return SYNC_UNKNOWN;
}

/* The CRD has no status subresource: who patches an Application patches its status, too. */
static void patch_status(struct control_call *call, struct str name)
{
	static const char *const keys[] = {"health", "sync", NULL}, *const inner[] = {"status",
										      NULL};
	struct at root = {.value = call->body}, status = at_key(&root, "status");
	struct at health = at_key(&status, "health"), sync = at_key(&status, "sync");
	struct str wanted_health = read_text(call->r, at_key(&health, "status"));
	struct str wanted_sync = read_text(call->r, at_key(&sync, "status"));
	struct status_patch patch = {
		.has_health = !str_empty(wanted_health),
		.has_sync = !str_empty(wanted_sync),
	};

	control_check_keys(call, &status, keys);
	control_check_keys(call, &health, inner);
	control_check_keys(call, &sync, inner);
	if (patch.has_health)
		patch.health = read_health(call->r, &health, wanted_health);
	if (patch.has_sync)
		patch.sync = read_sync_status(call->r, &sync, wanted_sync);
	if (!call->r->has_failed)
		argo_patch_status(call->argo, name, &patch);
}

static void patch(struct control_call *call, const struct kind *kind, struct str name)
{
	auto_buf struct buf before = BUF_INIT(OBJECT_BYTES_MAX), after = BUF_INIT(OBJECT_BYTES_MAX);
	auto_json struct json *base = NULL, *patched = NULL;
	struct json_write w = JSON_WRITE(&before);

	if (!kind->write(call, name, &w)) {
		missing(call, kind, name);
		return;
	}
	if (json_parse(buf_view(&before), &JSON_LIMIT, &base, call->r->err) < 0) {
		call->r->has_failed = true;
		return;
	}
	merge_patch(base, call->body, &after);
	if (json_parse(buf_view(&after), &JSON_LIMIT, &patched, call->r->err) < 0) {
		call->r->has_failed = true;
		return;
	}
	bool had_operation = json_get(base, "operation");
	if (!names_operation(call->body))
		json_remove(patched, "operation");
	else if (had_operation && !json_get(patched, "operation"))
		argo_patch_operation(call->argo, name, NULL);
	kind->apply(call, patched);
	if (kind->apply == apply_app && json_get(call->body, "status"))
		patch_status(call, name);
}

static void one(struct control_call *call, const struct kind *kind, struct str name)
{
	if (str_eq(call->method, STR("GET"))) {
		if (!kind->write(call, name, call->w))
			missing(call, kind, name);
	} else if (str_eq(call->method, STR("PATCH"))) {
		patch(call, kind, name);
	} else if (str_eq(call->method, STR("DELETE")) && kind->remove) {
		if (!kind->remove(call, name))
			missing(call, kind, name);
	} else {
		control_refuse(call, 405, "a %s can't be asked for that", kind->name);
	}
}

bool control_objects(struct control_call *call)
{
	struct str name;

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		const struct kind *kind = &kinds[i];
		if (target_matches(call->target, kind->item, &name, 1)) {
			one(call, kind, name);
			return true;
		}
		if (!target_matches(call->target, kind->collection, NULL, 0))
			continue;
		if (str_eq(call->method, STR("GET")) && kind->names)
			list(call, kind);
		else if (str_eq(call->method, STR("POST")))
			kind->apply(call, call->body);
		else
			control_refuse(call, 405, "GET or POST is wanted here");
		return true;
	}
	return false;
}
