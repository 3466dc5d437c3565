#include "argo/face/app_read.h"

#include "argo/face/tool_json.h"

/* ---- spec ---- */

static struct source read_source(struct reading *r, struct at at)
{
	return (struct source){
		.repo_url = read_required(r, at_key(&at, "repoURL")),
		.path = read_text(r, at_key(&at, "path")),
		.chart = read_text(r, at_key(&at, "chart")),
		.target_revision = read_text(r, at_key(&at, "targetRevision")),
		.ref = read_text(r, at_key(&at, "ref")),
		.name = read_text(r, at_key(&at, "name")),
		.tool_json = tool_json_read(r, &at),
	};
}

static void read_sources(struct reading *r, const struct at *at, struct sources *ret)
{
	struct at one = at_key(at, "source"), several = at_key(at, "sources");
	size_t n = read_count(r, &several, JSON_KIND_LIST);

	*ret = (struct sources){0};
	if (n > 0) {
		ret->sources = source_list_new((uint32_t)n);
		for (size_t i = 0; i < n; i++)
			ret->sources->v[i] = read_source(r, at_index(&several, i));
	} else if (read_count(r, &one, JSON_KIND_MAP) > 0) {
		ret->has_source = true;
		ret->source = read_source(r, one);
	}
}

/* The model has no words of its own for the hydrator: see app_json.c. */
static bool read_hydrator(struct reading *r, struct at at, struct sources *ret)
{
	struct at dry = at_key(&at, "drySource"), wet = at_key(&at, "syncSource");

	if (read_count(r, &at, JSON_KIND_MAP) == 0)
		return false;
	*ret = (struct sources){
		.has_source = true,
		.source = {.repo_url = read_required(r, at_key(&dry, "repoURL")),
			   .path = read_text(r, at_key(&dry, "path")),
			   .target_revision = read_text(r, at_key(&dry, "targetRevision")),
			   .ref = read_text(r, at_key(&wet, "targetBranch")),
			   .name = read_text(r, at_key(&wet, "path"))},
	};
	return true;
}

struct retry app_read_retry(struct reading *r, struct at at)
{
	struct at backoff = at_key(&at, "backoff");

	if (json_kind(at.value) == JSON_KIND_NULL)
		return (struct retry){0};
	read_count(r, &at, JSON_KIND_MAP);
	return (struct retry){
		.is_set = true,
		.limit = read_number(r, at_key(&at, "limit")),
		.refresh = read_flag(r, at_key(&at, "refresh"), false),
		.duration = read_text(r, at_key(&backoff, "duration")),
		.max_duration = read_text(r, at_key(&backoff, "maxDuration")),
		.factor = read_number(r, at_key(&backoff, "factor")),
	};
}

static void read_sync_policy(struct reading *r, struct at at, struct app_spec *spec)
{
	struct at automated = at_key(&at, "automated");

	read_count(r, &at, JSON_KIND_MAP);
	spec->sync_options_json = read_json(r, at_key(&at, "syncOptions"), JSON_KIND_LIST);
	spec->retry = app_read_retry(r, at_key(&at, "retry"));
	if (json_kind(automated.value) == JSON_KIND_NULL)
		return;
	read_count(r, &automated, JSON_KIND_MAP);
	spec->automated.is_set = true;
	spec->automated.is_disabled = !read_flag(r, at_key(&automated, "enabled"), true);
	spec->automated.prune = read_flag(r, at_key(&automated, "prune"), false);
	spec->automated.self_heal = read_flag(r, at_key(&automated, "selfHeal"), false);
	spec->automated.allow_empty = read_flag(r, at_key(&automated, "allowEmpty"), false);
}

static struct destination read_destination(struct reading *r, struct at at)
{
	read_count(r, &at, JSON_KIND_MAP);
	return (struct destination){
		.server = read_text(r, at_key(&at, "server")),
		.name = read_text(r, at_key(&at, "name")),
		.namespace = read_text(r, at_key(&at, "namespace")),
	};
}

void app_read_spec(struct reading *r, struct at at, struct app_spec *ret_spec)
{
	if (read_count(r, &at, JSON_KIND_MAP) == 0)
		reading_fail(r, &at, "it is missing");
	*ret_spec = (struct app_spec){
		.project = read_text(r, at_key(&at, "project")),
		.destination = read_destination(r, at_key(&at, "destination")),
		.ignore_differences_json = read_json(r, at_key(&at, "ignoreDifferences"),
						     JSON_KIND_LIST),
		.history_limit = read_number(r, at_key(&at, "revisionHistoryLimit")),
	};
	if (str_empty(ret_spec->project))
		ret_spec->project = STR("default");
	ret_spec->has_hydrator = read_hydrator(r, at_key(&at, "sourceHydrator"),
					       &ret_spec->sources);
	if (!ret_spec->has_hydrator)
		read_sources(r, &at, &ret_spec->sources);
	read_sync_policy(r, at_key(&at, "syncPolicy"), ret_spec);
}

/* ---- operations ---- */

static struct op_resource_list *read_chosen(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_LIST);

	if (n == 0)
		return NULL;
	struct op_resource_list *list = op_resource_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i);
		list->v[i] = (struct op_resource){
			.group = read_text(r, at_key(&item, "group")),
			.kind = read_text(r, at_key(&item, "kind")),
			.namespace = read_text(r, at_key(&item, "namespace")),
			.name = read_text(r, at_key(&item, "name")),
		};
	}
	return list;
}

static void read_strategy(struct reading *r, struct at at, struct op_request *ret)
{
	struct at hook = at_key(&at, "hook"), apply = at_key(&at, "apply");

	if (json_kind(apply.value) == JSON_KIND_MAP)
		ret->strategy = STRATEGY_APPLY;
	else if (json_kind(hook.value) == JSON_KIND_MAP)
		ret->strategy = STRATEGY_HOOK;
	ret->force = read_flag(r, at_key(&hook, "force"), false) ||
		     read_flag(r, at_key(&apply, "force"), false);
}

static void read_revisions(struct reading *r, const struct at *at, struct revisions *ret)
{
	struct pair_list *several = read_texts(r, at_key(at, "revisions"));

	ret->revision = read_text(r, at_key(at, "revision"));
	if (several && several->n > COUNTOF(ret->v))
		reading_fail(r, at, "revisions: %u of them, more than %zu", several->n,
			     COUNTOF(ret->v));
	for (uint32_t i = 0; several && !r->has_failed && i < several->n; i++)
		ret->v[ret->n++] = several->v[i].key;
	pair_list_drop(several);
}

void app_read_operation(struct reading *r, struct at at, struct op_request *ret)
{
	struct at sync = at_key(&at, "sync"), by = at_key(&at, "initiatedBy");

	*ret = (struct op_request){
		.is_set = read_count(r, &at, JSON_KIND_MAP) > 0,
		.username = read_text(r, at_key(&by, "username")),
		.is_automated = read_flag(r, at_key(&by, "automated"), false),
		.infos = read_names_and_values(r, at_key(&at, "info")),
		.prune = read_flag(r, at_key(&sync, "prune"), false),
		.dry_run = read_flag(r, at_key(&sync, "dryRun"), false),
		.resources = read_chosen(r, at_key(&sync, "resources")),
		.manifests_json = read_json(r, at_key(&sync, "manifests"), JSON_KIND_LIST),
		.sync_options_json = read_json(r, at_key(&sync, "syncOptions"), JSON_KIND_LIST),
		.retry = app_read_retry(r, at_key(&at, "retry")),
	};
	read_revisions(r, &sync, &ret->revisions);
	read_sources(r, &sync, &ret->sources);
	read_strategy(r, at_key(&sync, "syncStrategy"), ret);
}

/* ---- Application ---- */

/* The annotations that the model keeps as flags are taken out. */
static void read_annotations(struct reading *r, struct at at, struct app *app)
{
	struct pair_list *all = read_pairs(r, at);
	uint32_t n = 0;

	for (uint32_t i = 0; all && i < all->n; i++) {
		struct pair pair = all->v[i];
		if (str_eq(pair.key, STR("argocd.argoproj.io/refresh")))
			app->refresh = str_eq(pair.value, STR("hard")) ? REFRESH_HARD
								       : REFRESH_NORMAL;
		else if (str_eq(pair.key, STR("argocd.argoproj.io/skip-reconcile")))
			app->is_paused = str_eq(pair.value, STR("true"));
		else if (!str_eq(pair.key, STR("argocd.argoproj.io/hydrate")))
			all->v[n++] = pair;
	}
	if (all)
		all->n = n;
	app->annotations = all;
}

int app_read(struct reading *r, const struct json *object, struct app **ret_app)
{
	struct at root = {.value = object}, metadata = at_key(&root, "metadata");
	struct app *app = app_new();

	app->name = read_required(r, at_key(&metadata, "name"));
	app->namespace = read_text(r, at_key(&metadata, "namespace"));
	if (str_empty(app->namespace))
		app->namespace = STR("argocd");
	app->labels = read_pairs(r, at_key(&metadata, "labels"));
	read_annotations(r, at_key(&metadata, "annotations"), app);
	app->finalizers_json = read_json(r, at_key(&metadata, "finalizers"), JSON_KIND_LIST);
	app_read_spec(r, at_key(&root, "spec"), &app->spec);
	app_read_operation(r, at_key(&root, "operation"), &app->operation);
	if (r->has_failed) {
		app_drop(app);
		return -1;
	}
	*ret_app = app;
	return 0;
}

/* ---- projects ---- */

static wall read_time(struct reading *r, struct at at, wall otherwise)
{
	struct str text = read_text(r, at);
	wall time = otherwise;

	if (!str_empty(text) && !wall_parse(text, &time))
		reading_fail(r, &at, "a time is wanted, like 2026-11-23T21:47:27Z");
	return time;
}

static struct sync_window read_window(struct reading *r, struct at at)
{
	struct at applications = at_key(&at, "applications");
	struct str kind = read_required(r, at_key(&at, "kind"));
	struct str schedule = read_text(r, at_key(&at, "schedule"));

	if (!str_eq(kind, STR("allow")) && !str_eq(kind, STR("deny")))
		reading_fail(r, &at, "kind is allow or deny");
	if (!str_empty(schedule) && !str_eq(schedule, STR("* * * * *")))
		reading_fail(r, &at,
			     "schedule is '* * * * *' here; for anything else give from and "
			     "until");
	read_count(r, &applications, JSON_KIND_LIST);
	struct str glob = read_text(r, at_index(&applications, 0));
	return (struct sync_window){
		.is_deny = str_eq(kind, STR("deny")),
		.manual_sync = read_flag(r, at_key(&at, "manualSync"), false),
		.applications = str_empty(glob) ? STR("*") : glob,
		.from = read_time(r, at_key(&at, "from"), (wall){0}),
		.until = read_time(r, at_key(&at, "until"), (wall){INT64_MAX}),
	};
}

int project_read(struct reading *r, const struct json *object, struct project *ret_project)
{
	struct at root = {.value = object}, metadata = at_key(&root, "metadata");
	struct at spec = at_key(&root, "spec"), windows = at_key(&spec, "syncWindows");
	size_t n = read_count(r, &windows, JSON_KIND_LIST);
	struct project project = {.name = read_required(r, at_key(&metadata, "name"))};

	if (n > 0)
		project.windows = window_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++)
		project.windows->v[i] = read_window(r, at_index(&windows, i));
	project.source_repos = read_texts(r, at_key(&spec, "sourceRepos"));
	if (r->has_failed) {
		window_list_drop(project.windows);
		pair_list_drop(project.source_repos);
		return -1;
	}
	*ret_project = project;
	return 0;
}

/* ---- the API's bodies ---- */

static void read_requested_revisions(struct reading *r, const struct at *at, struct arena *arena,
				     struct api_request *request)
{
	struct at revisions = at_key(at, "revisions"), positions = at_key(at, "sourcePositions");
	size_t n = read_count(r, &revisions, JSON_KIND_LIST);
	size_t m = read_count(r, &positions, JSON_KIND_LIST);

	request->sync_revision = read_text(r, at_key(at, "revision"));
	request->sync_revisions = arena_array(arena, struct str, n);
	request->sync_revision_count = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		request->sync_revisions[i] = read_text(r, at_index(&revisions, i));
	request->source_positions = arena_array(arena, int64_t, m);
	request->source_position_count = (uint32_t)m;
	for (size_t i = 0; i < m; i++)
		request->source_positions[i] = read_number(r, at_index(&positions, i));
}

static void read_project(struct reading *r, const struct at *at, struct arena *arena,
			 struct api_request *request)
{
	struct str project = read_text(r, at_key(at, "project"));

	if (str_empty(project))
		return;
	request->projects = arena_array(arena, struct str, 1);
	request->projects[0] = project;
	request->project_count = 1;
}

int sync_read(struct reading *r, const struct json *body, struct arena *arena,
	      struct api_request *request)
{
	struct at root = {.value = body}, options = at_key(&root, "syncOptions");

	request->app_namespace = read_text(r, at_key(&root, "appNamespace"));
	read_project(r, &root, arena, request);
	read_requested_revisions(r, &root, arena, request);
	request->sync = (struct op_request){
		.is_set = true,
		.dry_run = read_flag(r, at_key(&root, "dryRun"), false),
		.prune = read_flag(r, at_key(&root, "prune"), false),
		.infos = read_names_and_values(r, at_key(&root, "infos")),
		.resources = read_chosen(r, at_key(&root, "resources")),
		.manifests_json = read_json(r, at_key(&root, "manifests"), JSON_KIND_LIST),
		.sync_options_json = read_json(r, at_key(&options, "items"), JSON_KIND_LIST),
		.retry = app_read_retry(r, at_key(&root, "retryStrategy")),
	};
	read_strategy(r, at_key(&root, "strategy"), &request->sync);
	if (!r->has_failed)
		return 0;
	pair_list_drop(request->sync.infos);
	op_resource_list_drop(request->sync.resources);
	return -1;
}

int rollback_read(struct reading *r, const struct json *body, struct api_request *request)
{
	struct at root = {.value = body};

	request->app_namespace = read_text(r, at_key(&root, "appNamespace"));
	request->rollback_id = read_number(r, at_key(&root, "id"));
	request->sync.is_set = true;
	request->sync.dry_run = read_flag(r, at_key(&root, "dryRun"), false);
	request->sync.prune = read_flag(r, at_key(&root, "prune"), false);
	return r->has_failed ? -1 : 0;
}
