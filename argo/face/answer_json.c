#include "argo/face/answer_json.h"

#include "argo/argo.h"
#include "argo/face/app_json.h"
#include "base/json_write.h"

static void text(struct json_write *w, struct str key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, key, value);
}

/* ---- errors ---- */

void answer_json_error(struct buf *out, int code, struct str message)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	json_write_field_str(&w, STR("error"), message);
	json_write_field_int(&w, STR("code"), code);
	json_write_field_str(&w, STR("message"), message);
	json_write_object_end(&w);
}

static struct str status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{400, "Bad Request"},	    {401, "Unauthorized"},
		{403, "Forbidden"},	    {404, "Not Found"},
		{408, "Request Timeout"},   {409, "Conflict"},
		{429, "Too Many Requests"}, {500, "Internal Server Error"},
		{501, "Not Implemented"},   {503, "Service Unavailable"},
		{504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		if (texts[i].status == status)
			return str_of(texts[i].text);
	return STR("");
}

void answer_json_stream_error(struct buf *out, const struct api_refusal *refusal)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	json_write_key(&w, STR("error"));
	json_write_object_begin(&w);
	json_write_field_int(&w, STR("grpc_code"), refusal->code);
	json_write_field_int(&w, STR("http_code"), refusal->status);
	json_write_field_str(&w, STR("message"), refusal->message);
	json_write_field_str(&w, STR("http_status"), status_text(refusal->status));
	json_write_object_end(&w);
	json_write_object_end(&w);
}

/* ---- who and what ---- */

void answer_json_version(struct buf *out, bool is_known)
{
	if (!is_known)
		buf_str(out, STR("{\"Version\":\"" ARGO_VERSION "\"}"));
	else
		buf_str(out, STR("{\"Version\":\"" ARGO_VERSION
				 "\",\"BuildDate\":\"1970-01-01T00:00:00Z\","
				 "\"GitCommit\":\"\",\"GitTreeState\":\"clean\",\"GoVersion\":\"\","
				 "\"Compiler\":\"\",\"Platform\":\"linux/amd64\"}"));
}

/* As a fresh installation has them. */
void answer_json_settings(struct buf *out)
{
	static const char rules[] =
		"\"ignoreDifferences\":\"jqPathExpressions: null\\njsonPointers:\\n- /status\\n"
		"managedFieldsManagers: null\\n\",\"ignoreResourceUpdates\":"
		"\"jqPathExpressions: null\\njsonPointers: null\\nmanagedFieldsManagers: null\\n\"";

	buf_printf(out,
		   "{\"appLabelKey\":\"app.kubernetes.io/instance\","
		   "\"resourceOverrides\":{\"*/*\":{%s}},"
		   "\"googleAnalytics\":{\"anonymizeUsers\":true},\"kustomizeOptions\":"
		   "{\"BuildOptions\":\"\",\"BinaryPath\":\"\",\"Versions\":null},\"help\":{},"
		   "\"passwordPattern\":\"^.{8,32}$\",\"trackingMethod\":\"annotation\","
		   "\"controllerNamespace\":\"argocd\"}",
		   rules);
}

void answer_json_user(struct buf *out, struct str username)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (!str_empty(username)) {
		json_write_field_bool(&w, STR("loggedIn"), true);
		json_write_field_str(&w, STR("username"), username);
		json_write_field_str(&w, STR("iss"), STR("argocd"));
	}
	json_write_object_end(&w);
}

void answer_json_token(struct buf *out, struct str token)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	text(&w, STR("token"), token);
	json_write_object_end(&w);
}

/* ---- clusters ---- */

static void connection(struct json_write *w)
{
	json_write_key(w, STR("connectionState"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("status"), STR("Successful"));
	json_write_field_str(w, STR("message"), STR(""));
	json_write_field_str(w, STR("attemptedAt"), STR("1970-01-01T00:00:00Z"));
	json_write_object_end(w);
	json_write_field_str(w, STR("serverVersion"), STR("1.34"));
}

static void cluster_object(struct json_write *w, const struct cluster *cluster)
{
	json_write_object_begin(w);
	json_write_field_str(w, STR("server"), cluster->server);
	json_write_field_str(w, STR("name"), cluster->name);
	json_write_key(w, STR("config"));
	json_write_raw(w, STR("{\"tlsClientConfig\":{\"insecure\":false}}"));
	connection(w);
	json_write_key(w, STR("info"));
	json_write_object_begin(w);
	connection(w);
	json_write_key(w, STR("cacheInfo"));
	json_write_raw(w, STR("{}"));
	json_write_field_int(w, STR("applicationsCount"), 0);
	json_write_object_end(w);
	if (cluster->labels && cluster->labels->n > 0) {
		json_write_key(w, STR("labels"));
		app_json_pairs(w, cluster->labels);
	}
	json_write_object_end(w);
}

void answer_json_clusters(struct buf *out, const struct cluster *const *clusters, size_t count)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	json_write_key(&w, STR("metadata"));
	json_write_raw(&w, STR("{}"));
	json_write_key(&w, STR("items"));
	if (count == 0)
		json_write_null(&w);
	else
		json_write_array_begin(&w);
	for (size_t i = 0; i < count; i++)
		cluster_object(&w, clusters[i]);
	if (count > 0)
		json_write_array_end(&w);
	json_write_object_end(&w);
}

/* ---- projects ---- */

/* A window of the model has no schedule: it is written as one that is open all the time. */
static void windows(struct json_write *w, const struct window_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("syncWindows"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		json_write_object_begin(w);
		json_write_field_str(w, STR("kind"),
				     list->v[i].is_deny ? STR("deny") : STR("allow"));
		json_write_field_str(w, STR("schedule"), STR("* * * * *"));
		json_write_field_str(w, STR("duration"), STR("1h"));
		json_write_key(w, STR("applications"));
		json_write_array_begin(w);
		json_write_str(w, list->v[i].applications);
		json_write_array_end(w);
		if (list->v[i].manual_sync)
			json_write_field_bool(w, STR("manualSync"), true);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void source_repos(struct json_write *w, const struct pair_list *list)
{
	json_write_array_begin(w);
	if (!list)
		json_write_str(w, STR("*"));
	for (uint32_t i = 0; list && i < list->n; i++)
		json_write_str(w, list->v[i].key);
	json_write_array_end(w);
}

void answer_json_project_object(struct json_write *w, const struct project *project)
{
	json_write_object_begin(w);
	json_write_key(w, STR("metadata"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("name"), project->name);
	json_write_field_str(w, STR("namespace"), STR("argocd"));
	json_write_object_end(w);
	json_write_key(w, STR("spec"));
	json_write_object_begin(w);
	json_write_key(w, STR("sourceRepos"));
	source_repos(w, project->source_repos);
	json_write_key(w, STR("destinations"));
	json_write_raw(w, STR("[{\"server\":\"*\",\"namespace\":\"*\"}]"));
	json_write_key(w, STR("clusterResourceWhitelist"));
	json_write_raw(w, STR("[{\"group\":\"*\",\"kind\":\"*\"}]"));
	windows(w, project->windows);
	json_write_object_end(w);
	json_write_key(w, STR("status"));
	json_write_raw(w, STR("{}"));
	json_write_object_end(w);
}

void answer_json_project(struct buf *out, const struct project *project, bool is_detailed)
{
	struct json_write w = JSON_WRITE(out);

	if (!is_detailed) {
		answer_json_project_object(&w, project);
		return;
	}
	json_write_object_begin(&w);
	json_write_key(&w, STR("globalProjects"));
	json_write_raw(&w, STR("[]"));
	json_write_key(&w, STR("project"));
	answer_json_project_object(&w, project);
	json_write_key(&w, STR("repositories"));
	json_write_raw(&w, STR("[]"));
	json_write_key(&w, STR("clusters"));
	json_write_raw(&w, STR("[]"));
	json_write_object_end(&w);
}

/* "*" at the end is all that the model's globs have. */
static bool window_is_for(const struct sync_window *window, const struct app *app)
{
	struct str glob = window->applications;

	if (!str_ends(glob, STR("*")))
		return str_eq(glob, app->name);
	return str_starts(app->name, str_first(glob, glob.n - 1));
}

static void window_object(struct json_write *w, const struct sync_window *window)
{
	json_write_object_begin(w);
	json_write_field_str(w, STR("kind"), window->is_deny ? STR("deny") : STR("allow"));
	json_write_field_str(w, STR("schedule"), STR("* * * * *"));
	json_write_field_str(w, STR("duration"), STR("1h"));
	json_write_field_bool(w, STR("manualSync"), window->manual_sync);
	json_write_object_end(w);
}

static bool is_open(const struct sync_window *window, wall now)
{
	return wall_cmp(window->from, now) <= 0 && wall_cmp(now, window->until) < 0;
}

static void window_array(struct json_write *w, const struct window_list *list,
			 const struct app *app, const wall *open_at)
{
	json_write_array_begin(w);
	for (uint32_t i = 0; list && i < list->n; i++)
		if (window_is_for(&list->v[i], app) && (!open_at || is_open(&list->v[i], *open_at)))
			window_object(w, &list->v[i]);
	json_write_array_end(w);
}

static bool can_sync(const struct window_list *list, const struct app *app, wall now)
{
	bool has_allow = false, is_allowed = false;

	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct sync_window *window = &list->v[i];
		if (!window_is_for(window, app))
			continue;
		if (window->is_deny && is_open(window, now) && !window->manual_sync)
			return false;
		if (!window->is_deny) {
			has_allow = true;
			is_allowed |= is_open(window, now) || window->manual_sync;
		}
	}
	return is_allowed || !has_allow;
}

void answer_json_windows(struct buf *out, const struct project *project, const struct app *app,
			 wall now)
{
	const struct window_list *list = project ? project->windows : NULL;
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (list && list->n > 0) {
		json_write_key(&w, STR("activeWindows"));
		window_array(&w, list, app, &now);
		json_write_key(&w, STR("assignedWindows"));
		window_array(&w, list, app, NULL);
	}
	json_write_field_bool(&w, STR("canSync"), can_sync(list, app, now));
	json_write_object_end(&w);
}

/* ---- an Application's objects ---- */

static void reference(struct json_write *w, const struct resource *resource)
{
	text(w, STR("group"), resource->group);
	text(w, STR("version"), resource->version);
	text(w, STR("kind"), resource->kind);
	text(w, STR("namespace"), resource->namespace);
	text(w, STR("name"), resource->name);
}

void answer_json_tree(struct buf *out, const struct app *app)
{
	const struct resource_list *list = app->status.resources;
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (list && list->n > 0) {
		json_write_key(&w, STR("nodes"));
		json_write_array_begin(&w);
		for (uint32_t i = 0; i < list->n; i++) {
			json_write_object_begin(&w);
			reference(&w, &list->v[i]);
			if (list->v[i].has_health) {
				json_write_key(&w, STR("health"));
				json_write_object_begin(&w);
				json_write_field_str(&w, STR("status"),
						     str_of(health_name(list->v[i].health)));
				text(&w, STR("message"), list->v[i].health_message);
				json_write_object_end(&w);
			}
			json_write_object_end(&w);
		}
		json_write_array_end(&w);
	}
	json_write_object_end(&w);
}

static bool is_missing(const struct resource *resource)
{
	return resource->has_health && resource->health == HEALTH_MISSING;
}

/* Of an object the model knows what names it, and whether live and target are the same. The text
 * of one that is not there is a null. */
static void state(struct json_write *w, struct str key, const struct resource *resource,
		  bool is_there, struct str mark)
{
	auto_buf struct buf inner = BUF_INIT(4 * KIB);
	struct json_write object = JSON_WRITE(&inner);

	if (!is_there) {
		json_write_field_str(w, key, STR("null"));
		return;
	}
	json_write_object_begin(&object);
	reference(&object, resource);
	json_write_field_str(&object, STR("state"), mark);
	json_write_object_end(&object);
	json_write_field_str(w, key, buf_view(&inner));
}

void answer_json_managed(struct buf *out, const struct app *app)
{
	const struct resource_list *list = app->status.resources;
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (list && list->n > 0) {
		json_write_key(&w, STR("items"));
		json_write_array_begin(&w);
		for (uint32_t i = 0; i < list->n; i++) {
			const struct resource *one = &list->v[i];
			bool is_synced = one->sync == RESOURCE_SYNCED;
			json_write_object_begin(&w);
			text(&w, STR("group"), one->group);
			text(&w, STR("kind"), one->kind);
			text(&w, STR("namespace"), one->namespace);
			text(&w, STR("name"), one->name);
			state(&w, STR("targetState"), one, !one->requires_pruning, STR("target"));
			state(&w, STR("liveState"), one, !is_missing(one),
			      is_synced ? STR("target") : STR("live"));
			if (!is_synced)
				json_write_field_bool(&w, STR("modified"), true);
			json_write_object_end(&w);
		}
		json_write_array_end(&w);
	}
	json_write_object_end(&w);
}

void answer_json_manifests(struct buf *out, const struct api_answer *answer)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (answer->manifest_count > 0) {
		json_write_key(&w, STR("manifests"));
		json_write_array_begin(&w);
		for (size_t i = 0; i < answer->manifest_count; i++)
			json_write_str(&w, answer->manifests[i]);
		json_write_array_end(&w);
	}
	json_write_object_end(&w);
}
