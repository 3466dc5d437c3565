#include "argo/face/api_answer.h"

#include "argo/face/answer_json.h"
#include "argo/face/app_json.h"
#include "argo/face/appset_json.h"
#include "argo/face/list_json.h"

#include <stdio.h>

static const struct quirks *quirks_of(struct argo *argo)
{
	return &argo_config_of(argo)->quirks;
}

static void one_app(struct buf *out, const struct app *app)
{
	struct json_write w = JSON_WRITE(out);

	app_json_write(&w, app, APP_JSON_WHOLE);
}

/* A whole List, and then what is wanted of it: what one would expect `fields` to do. */
static void project_generically(const struct api_call *call, struct buf *out)
{
	auto_buf struct buf whole = BUF_INIT(out->max);
	auto_json struct json *root = NULL;
	struct err err = {0};

	buf_str(&whole, buf_view(out));
	buf_clear(out);
	if (json_parse(buf_view(&whole), &JSON_LIMIT, &root, &err) == 0)
		fields_project(&call->fields, root, out);
}

static void list(struct argo *argo, const struct api_call *call, const struct api_answer *answer,
		 struct buf *out)
{
	const struct app *const *apps = (const struct app *const *)answer->apps;
	bool is_null = !quirks_of(argo)->is_off[QUIRK_NULL_ITEMS];
	bool is_fixed = !quirks_of(argo)->is_off[QUIRK_LIST_FIELDS_FIXED];
	const struct fields everything = {0};

	list_json_write(out, apps, answer->app_count, answer->version,
			is_fixed ? &call->fields : &everything, is_null);
	if (!is_fixed && call->fields.is_set)
		project_generically(call, out);
}

static void generated(const struct api_answer *answer, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	if (answer->app_count > 0) {
		json_write_key(&w, STR("applications"));
		json_write_array_begin(&w);
		for (size_t i = 0; i < answer->app_count; i++)
			app_json_write(&w, answer->apps[i], APP_JSON_WHOLE);
		json_write_array_end(&w);
	}
	json_write_object_end(&w);
}

static void appsets(const struct api_answer *answer, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);
	char version[24];

	snprintf(version, sizeof version, "%llu", (unsigned long long)answer->version);
	json_write_object_begin(&w);
	json_write_key(&w, STR("metadata"));
	json_write_object_begin(&w);
	if (answer->version)
		json_write_field_str(&w, STR("resourceVersion"), str_of(version));
	json_write_object_end(&w);
	json_write_key(&w, STR("items"));
	if (answer->appset_count == 0)
		json_write_null(&w);
	else
		json_write_array_begin(&w);
	for (size_t i = 0; i < answer->appset_count; i++)
		appset_json_write(&w, answer->appsets[i]);
	if (answer->appset_count > 0)
		json_write_array_end(&w);
	json_write_object_end(&w);
}

static void one_appset(const struct api_answer *answer, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	appset_json_write(&w, answer->appsets[0]);
}

static void windows(struct argo *argo, const struct api_answer *answer, wall now, struct buf *out)
{
	const struct project *project = answer->project ? answer->project
							: store_project(argo_store(argo),
									answer->app->spec.project);

	answer_json_windows(out, project, answer->app, now);
}

void api_answer_write(struct argo *argo, const struct api_call *call,
		      const struct api_answer *answer, wall now, struct buf *out)
{
	switch (call->request.verb) {
	case API_VERSION:
		answer_json_version(out, !str_empty(answer->username));
		return;
	case API_SETTINGS:
		answer_json_settings(out);
		return;
	case API_SESSION_CREATE:
		answer_json_token(out, answer->token);
		return;
	case API_USERINFO:
		answer_json_user(out, answer->username);
		return;
	case API_APPS_LIST:
		list(argo, call, answer, out);
		return;
	case API_APP_GET:
	case API_APP_SYNC:
	case API_APP_ROLLBACK:
		one_app(out, answer->app);
		return;
	case API_SESSION_DELETE:
	case API_APP_TERMINATE:
	case API_APP_DELETE:
	case API_APPS_WATCH:
		buf_str(out, STR("{}"));
		return;
	case API_APP_MANIFESTS:
		answer_json_manifests(out, answer);
		return;
	case API_APP_RESOURCE_TREE:
		answer_json_tree(out, answer->app);
		return;
	case API_APP_MANAGED_RESOURCES:
		answer_json_managed(out, answer->app);
		return;
	case API_APP_SYNC_WINDOWS:
		windows(argo, answer, now, out);
		return;
	case API_CLUSTERS_LIST:
		answer_json_clusters(out, (const struct cluster *const *)answer->clusters,
				     answer->cluster_count);
		return;
	case API_PROJECT_GET:
		answer_json_project(out, answer->project, call->route->is_detailed);
		return;
	case API_APPSETS_LIST:
		appsets(answer, out);
		return;
	case API_APPSET_GET:
		one_appset(answer, out);
		return;
	case API_APPSET_GENERATE:
		generated(answer, out);
		return;
	}
}
