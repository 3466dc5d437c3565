#include "argo/face/list_json.h"

#include "argo/face/app_json.h"
#include "base/json_write.h"

#include <stdio.h>

/* The paths that a List knows, in the order in which Go writes the maps that they make. */
enum path {
	PATH_ANNOTATIONS,
	PATH_CREATED,
	PATH_DELETED,
	PATH_LABELS,
	PATH_NAME,
	PATH_NAMESPACE,
	PATH_OPERATION,
	PATH_SPEC,
	PATH_HEALTH,
	PATH_FINISHED,
	PATH_RESULT,
	PATH_PHASE,
	PATH_STARTED,
	PATH_RESOURCES,
	PATH_HYDRATOR,
	PATH_SUMMARY,
	PATH_SYNC,
	PATH_COUNT
};

static const char *const path_names[PATH_COUNT] = {
	[PATH_ANNOTATIONS] = "items.metadata.annotations",
	[PATH_CREATED] = "items.metadata.creationTimestamp",
	[PATH_DELETED] = "items.metadata.deletionTimestamp",
	[PATH_LABELS] = "items.metadata.labels",
	[PATH_NAME] = "items.metadata.name",
	[PATH_NAMESPACE] = "items.metadata.namespace",
	[PATH_OPERATION] = "items.operation.sync",
	[PATH_SPEC] = "items.spec",
	[PATH_HEALTH] = "items.status.health",
	[PATH_FINISHED] = "items.status.operationState.finishedAt",
	[PATH_RESULT] = "items.status.operationState.operation.sync",
	[PATH_PHASE] = "items.status.operationState.phase",
	[PATH_STARTED] = "items.status.operationState.startedAt",
	[PATH_RESOURCES] = "items.status.resources",
	[PATH_HYDRATOR] = "items.status.sourceHydrator",
	[PATH_SUMMARY] = "items.status.summary",
	[PATH_SYNC] = "items.status.sync.status",
};

struct wanted {
	bool v[PATH_COUNT];
};

static bool any(const struct wanted *wanted, enum path from, enum path to)
{
	for (enum path path = from; path <= to; path++)
		if (wanted->v[path])
			return true;
	return false;
}

static void key(struct json_write *w, const char *name)
{
	json_write_key(w, str_of(name));
}

/* A map of Go's that is nil is written as null. */
static void metadata(struct json_write *w, const struct app *app, const struct wanted *wanted)
{
	key(w, "metadata");
	json_write_object_begin(w);
	if (wanted->v[PATH_ANNOTATIONS]) {
		key(w, "annotations");
		if (app_has_annotations(app))
			app_json_annotations(w, app);
		else
			json_write_null(w);
	}
	if (wanted->v[PATH_CREATED]) {
		key(w, "creationTimestamp");
		app_json_time(w, app->created_at);
	}
	if (wanted->v[PATH_DELETED]) {
		key(w, "deletionTimestamp");
		app_json_time(w, app->deleting_at);
	}
	if (wanted->v[PATH_LABELS]) {
		key(w, "labels");
		if (app->labels && app->labels->n > 0)
			app_json_pairs(w, app->labels);
		else
			json_write_null(w);
	}
	if (wanted->v[PATH_NAME])
		json_write_field_str(w, STR("name"), app->name);
	if (wanted->v[PATH_NAMESPACE])
		json_write_field_str(w, STR("namespace"), app->namespace);
	json_write_object_end(w);
}

static void operation_state(struct json_write *w, const struct op_state *state,
			    const struct wanted *wanted)
{
	if (state->phase == OP_NONE || !any(wanted, PATH_FINISHED, PATH_STARTED))
		return;
	key(w, "operationState");
	json_write_object_begin(w);
	if (wanted->v[PATH_FINISHED]) {
		key(w, "finishedAt");
		app_json_time(w, state->finished_at);
	}
	if (wanted->v[PATH_RESULT]) {
		key(w, "operation");
		json_write_object_begin(w);
		/* The real one's word for it, though it is the result that stands there. */
		key(w, "sync");
		if (state->has_result)
			app_json_sync_result(w, state);
		else
			json_write_null(w);
		json_write_object_end(w);
	}
	if (wanted->v[PATH_PHASE])
		json_write_field_str(w, STR("phase"), str_of(app_json_phase(state->phase)));
	if (wanted->v[PATH_STARTED]) {
		key(w, "startedAt");
		app_json_time(w, state->started_at);
	}
	json_write_object_end(w);
}

static bool has_status(const struct app *app, const struct wanted *wanted)
{
	const struct app_status *status = &app->status;

	if (status->operation.phase != OP_NONE && any(wanted, PATH_FINISHED, PATH_STARTED))
		return true;
	if (status->resources && status->resources->n > 0 && wanted->v[PATH_RESOURCES])
		return true;
	return wanted->v[PATH_HEALTH] || any(wanted, PATH_HYDRATOR, PATH_SYNC);
}

static void status(struct json_write *w, const struct app *app, const struct wanted *wanted)
{
	const struct app_status *shown = &app->status;

	key(w, "status");
	json_write_object_begin(w);
	if (wanted->v[PATH_HEALTH]) {
		key(w, "health");
		app_json_health(w, shown);
	}
	operation_state(w, &shown->operation, wanted);
	if (wanted->v[PATH_RESOURCES] && shown->resources && shown->resources->n > 0) {
		key(w, "resources");
		app_json_resources(w, shown->resources, APP_JSON_LISTED);
	}
	if (wanted->v[PATH_HYDRATOR]) {
		key(w, "sourceHydrator");
		json_write_raw(w, STR("{}"));
	}
	if (wanted->v[PATH_SUMMARY]) {
		key(w, "summary");
		json_write_raw(w, STR("{}"));
	}
	if (wanted->v[PATH_SYNC]) {
		key(w, "sync");
		json_write_object_begin(w);
		json_write_field_str(w, STR("status"),
				     str_of(shown->has_sync ? sync_status_name(shown->sync) : ""));
		json_write_object_end(w);
	}
	json_write_object_end(w);
}

static void projected(struct json_write *w, const struct app *app, const struct wanted *wanted)
{
	json_write_object_begin(w);
	if (any(wanted, PATH_ANNOTATIONS, PATH_NAMESPACE))
		metadata(w, app, wanted);
	if (wanted->v[PATH_OPERATION] && app->operation.is_set) {
		key(w, "operation");
		json_write_object_begin(w);
		key(w, "sync");
		app_json_sync(w, &app->operation);
		json_write_object_end(w);
	}
	if (wanted->v[PATH_SPEC]) {
		key(w, "spec");
		app_json_spec(w, &app->spec);
	}
	if (has_status(app, wanted))
		status(w, app, wanted);
	json_write_object_end(w);
}

static void list_metadata(struct json_write *w, uint64_t version)
{
	char text[24];

	snprintf(text, sizeof text, "%llu", (unsigned long long)version);
	key(w, "metadata");
	json_write_object_begin(w);
	json_write_field_str(w, STR("resourceVersion"), str_of(text));
	json_write_object_end(w);
}

static struct wanted wanted_of(const struct fields *fields)
{
	struct wanted wanted = {0};

	for (enum path path = 0; path < PATH_COUNT; path++)
		wanted.v[path] = fields_name(fields, str_of(path_names[path])) !=
				 fields->is_exclusion;
	return wanted;
}

void list_json_write(struct buf *out, const struct app *const *apps, size_t count, uint64_t version,
		     const struct fields *fields, bool is_null_if_empty)
{
	struct json_write w = JSON_WRITE(out);
	struct wanted wanted = wanted_of(fields);

	json_write_object_begin(&w);
	if (!fields->is_set)
		list_metadata(&w, version);
	key(&w, "items");
	if (count == 0 && is_null_if_empty) {
		json_write_null(&w);
	} else {
		json_write_array_begin(&w);
		for (size_t i = 0; i < count; i++)
			if (fields->is_set)
				projected(&w, apps[i], &wanted);
			else
				app_json_write(&w, apps[i], APP_JSON_LISTED);
		json_write_array_end(&w);
	}
	if (fields->is_set)
		list_metadata(&w, version);
	json_write_object_end(&w);
	json_write_finish(&w);
}
