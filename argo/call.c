/*
 * What argocd-server does with requests that ask for an operation, for a list, and with all others.
 */
#include "argo/controller.h"
#include "argo/server_inside.h"
#include "argo/window.h"
#include "base/alloc.h"
#include "base/json_write.h"

/* ---- the List ---- */

static bool is_listed(const struct call *call, const struct app *app,
		      const struct selector *selector)
{
	const struct api_request *request = &call->request;

	if (!call_wants_project(call, app->spec.project))
		return false;
	if (!str_empty(request->name) && !str_eq(request->name, app->name))
		return false;
	if (!str_empty(request->app_namespace) && !str_eq(request->app_namespace, app->namespace))
		return false;
	if (!str_empty(request->repo) && !str_eq(request->repo, app->spec.sources.source.repo_url))
		return false;
	return selector == NULL || app_matches(app, selector);
}

void call_list(struct server *server, struct call *call)
{
	struct argo *argo = server->argo;
	struct informer *informer = server->replicas[call->request.replica].informer;
	bool is_cached = has_quirk(argo, QUIRK_LIST_LAGS);
	struct ready ready = {0};
	struct app_names names = {0};
	struct selector selector;
	bool has_selector;

	if (!call_parse_selector(server, call, "error parsing the selector", &selector,
				 &has_selector))
		return;
	if (is_cached)
		informer_app_names(informer, &names);
	else
		store_app_names(argo->store, &names);
	ready.apps = mem_zalloc(names.n * sizeof(*ready.apps));
	vec_each(name, &names) {
		const struct app *app = is_cached ? informer_app(informer, *name)
						  : store_app(argo->store, *name);
		if (is_listed(call, app, has_selector ? &selector : NULL))
			ready.apps[ready.app_count++] = app_keep(app);
	}
	ready.answer.version = is_cached ? informer_version(informer) : store_version(argo->store);
	vec_release(&names);
	selector_release(&selector);
	call_answer(server, call, ready);
}

/* ---- operations ---- */

/* From the moment in which an operation is written to the answer that says so: the server records
 * an event meanwhile, and its answer is on its way. */
enum { ANSWER_MS = 4 };

static bool is_automated(const struct app *app)
{
	return app->spec.automated.is_set && !app->spec.automated.is_disabled;
}

static struct call *call_under_way(struct server *server, uint64_t id)
{
	vec_each(call, &server->calls) {
		if ((*call)->id == id)
			return *call;
	}
	return NULL;
}

static void operation_is_answered(void *self, uint64_t number, uint64_t epoch)
{
	struct server *server = self;
	struct call *call = call_under_way(server, number);

	(void)epoch;
	if (call != NULL)
		call_answer(server, call, (struct ready){.app = app_keep(call->accepted)});
}

static void start(struct server *server, struct call *call, const struct op_request *request)
{
	struct argo *argo = server->argo;
	const struct app *app = set_operation(argo, call->request.name, request);

	if (app != NULL) {
		call->accepted = app_keep(app);
		argo_later(argo, argo_some_ms(argo, ANSWER_MS, ANSWER_MS), operation_is_answered,
			   server, call->id, 0);
		return;
	}
	if (store_app(argo->store, call->request.name) == NULL)
		call_refuse(server, call, 5,
			    argo_text(argo,
				      "error getting application \"" STR_FMT
				      "\": applications.argoproj.io \"" STR_FMT "\" not found",
				      STR_ARG(call->request.name), STR_ARG(call->request.name)));
	else
		call_refuse(server, call, has_quirk(argo, QUIRK_BUSY_IS_400) ? 9 : 10,
			    STR("another operation is already in progress"));
}

/* The spec's own policy holds where the request says nothing. */
static void fill_in(const struct app *app, struct op_request *request)
{
	if (str_empty(request->sync_options_json))
		request->sync_options_json = app->spec.sync_options_json;
	if (!request->retry.is_set)
		request->retry = app->spec.retry;
}

static void sync_resolved(void *self, uint64_t number, uint64_t epoch)
{
	struct server *server = self;
	struct call *call = call_under_way(server, number);

	(void)epoch;
	if (call == NULL)
		return;
	const struct app *app = store_app(server->argo->store, call->request.name);
	struct op_request request = op_request_keep(&call->request.sync);
	request.username = call->account.name;
	request.is_automated = false;
	request.self_heal_attempts = 0;
	request.revisions = call->revisions;
	if (app != NULL) {
		fill_in(app, &request);
		sources_drop(&request.sources);
		request.sources = sources_keep(&app->spec.sources);
	}
	start(server, call, &request);
	op_request_drop(&request);
}

/* What each source was asked to be at, by the positions that the request names. False: refused. */
static bool asked_of_sources(struct server *server, struct call *call, const struct app *app,
			     struct revisions *ret_asked)
{
	const struct api_request *request = &call->request;
	const struct source_list *sources = app->spec.sources.sources;

	ret_asked->n = (uint32_t)MIN(sources->n, COUNTOF(ret_asked->v));
	for (uint32_t i = 0; i < ret_asked->n; i++) {
		bool follows = !has_quirk(server->argo, QUIRK_MULTI_REVISION_IGNORED) &&
			       !str_empty(request->sync_revision);
		ret_asked->v[i] = follows ? request->sync_revision : sources->v[i].target_revision;
	}
	for (uint32_t i = 0; i < request->source_position_count; i++) {
		int64_t position = request->source_positions[i];
		if (position <= 0 || position > ret_asked->n) {
			call_refuse(server, call, 2, STR("source position is out of range"));
			return false;
		}
		if (i >= request->sync_revision_count) {
			call_refuse(server, call, 13,
				    argo_text(server->argo,
					      "runtime error: index out of range [%u] with length "
					      "%u",
					      i, request->sync_revision_count));
			return false;
		}
		ret_asked->v[position - 1] = request->sync_revisions[i];
	}
	return true;
}

/* An Application that syncs by itself goes nowhere else than where its spec points. */
static bool is_refused_by_auto_sync(struct server *server, struct call *call, const struct app *app)
{
	struct str asked = call->request.sync_revision;
	struct str target = app->spec.sources.source.target_revision;

	if (!is_automated(app) || call->request.sync.dry_run || str_empty(asked) ||
	    str_eq(asked, str_empty(target) ? STR("HEAD") : target))
		return false;
	call_refuse(server, call, 9,
		    argo_text(server->argo,
			      "Cannot sync to " STR_FMT ": auto-sync currently set to " STR_FMT,
			      STR_ARG(asked), STR_ARG(target)));
	return true;
}

static bool resolve(struct server *server, struct call *call, const struct source *source,
		    struct str asked, struct str *ret_sha, int64_t *ret_ms)
{
	int64_t ms;
	bool is_known = repo_resolve(server->argo->repos, source, asked, false, ret_sha, &ms);

	*ret_ms += ms;
	if (!is_known)
		call_refuse(server, call, 9,
			    argo_text(server->argo, "error resolving repo revision: " STR_FMT,
				      STR_ARG(*ret_sha)));
	return is_known;
}

/* False: refused. */
static bool resolve_all(struct server *server, struct call *call, const struct app *app,
			int64_t *ret_ms)
{
	const struct source_list *sources = app->spec.sources.sources;
	struct revisions asked = {0};

	*ret_ms = 0;
	if (sources == NULL || sources->n == 0) {
		struct str wanted = call->request.sync_revision;
		if (is_refused_by_auto_sync(server, call, app))
			return false;
		if (!str_empty(call->request.sync.manifests_json))
			return true;
		if (str_empty(wanted))
			wanted = app->spec.sources.source.target_revision;
		return resolve(server, call, &app->spec.sources.source, wanted,
			       &call->revisions.revision, ret_ms);
	}
	if (!asked_of_sources(server, call, app, &asked))
		return false;
	call->revisions.n = asked.n;
	for (uint32_t i = 0; i < asked.n; i++) {
		if (!resolve(server, call, &sources->v[i], asked.v[i], &call->revisions.v[i],
			     ret_ms))
			return false;
	}
	return true;
}

static bool may_use_manifests(struct server *server, struct call *call, const struct app *app)
{
	if (str_empty(call->request.sync.manifests_json))
		return true;
	if (!call_may(server, call, RIGHT_OVERRIDE_APPS, app->spec.project, app->name))
		return false;
	if (!is_automated(app) || call->request.sync.dry_run)
		return true;
	call_refuse(
		server, call, 9,
		STR("cannot use local sync when Automatic Sync Policy is enabled unless for dry "
		    "run"));
	return false;
}

void call_sync(struct server *server, struct call *call)
{
	struct argo *argo = server->argo;
	const struct app *app = call_app(server, call, RIGHT_GET_APPS);
	int64_t ms;

	if (app == NULL)
		return;
	const struct project *project = store_project(argo->store, app->spec.project);
	if (!windows_can_sync(project->windows, app->name, true, argo->now)) {
		call_refuse(server, call, 7, STR("cannot sync: blocked by sync window"));
		return;
	}
	if (!call_may(server, call, RIGHT_SYNC_APPS, app->spec.project, app->name) ||
	    !may_use_manifests(server, call, app))
		return;
	if (app->deleting_at.ms != 0) {
		call_refuse(server, call, 9, STR("application is deleting"));
		return;
	}
	if (!resolve_all(server, call, app, &ms))
		return;
	if (ms == 0)
		sync_resolved(server, call->id, 0);
	else
		argo_later(argo, ms, sync_resolved, server, call->id, 0);
}

static const struct history_entry *history_of(const struct app *app, int64_t id)
{
	for (uint32_t i = 0; app->status.history != NULL && i < app->status.history->n; i++) {
		if (app->status.history->v[i].id == id)
			return &app->status.history->v[i];
	}
	return NULL;
}

void call_rollback(struct server *server, struct call *call)
{
	struct argo *argo = server->argo;
	const struct app *app = call_app(server, call, RIGHT_SYNC_APPS);

	if (app == NULL)
		return;
	if (app->deleting_at.ms != 0 || is_automated(app)) {
		call_refuse(
			server, call, 9,
			app->deleting_at.ms != 0
				? STR("application is deleting")
				: STR("rollback cannot be initiated when auto-sync is enabled"));
		return;
	}
	const struct history_entry *entry = history_of(app, call->request.rollback_id);
	if (entry == NULL) {
		call_refuse(server, call, 3,
			    argo_text(argo,
				      "application " STR_FMT "/" STR_FMT
				      " does not have deployment with id %lld",
				      STR_ARG(app->namespace), STR_ARG(app->name),
				      (long long)call->request.rollback_id));
		return;
	}
	struct op_request request = {
		.is_set = true,
		.username = call->account.name,
		.revisions = entry->revisions,
		.sources = sources_keep(&entry->sources),
		.dry_run = call->request.sync.dry_run,
		.prune = call->request.sync.prune,
		.sync_options_json = app->spec.sync_options_json,
		.strategy = has_quirk(argo, QUIRK_ROLLBACK_RUNS_NO_HOOKS) ? STRATEGY_APPLY
									  : STRATEGY_HOOK,
	};
	start(server, call, &request);
	op_request_drop(&request);
}

void call_terminate(struct server *server, struct call *call)
{
	struct argo *argo = server->argo;
	const struct app *app = call_app(server, call, RIGHT_SYNC_APPS);

	if (app == NULL)
		return;
	bool has_begun = app->status.operation.phase != OP_NONE;
	if (!app->operation.is_set ||
	    (!has_begun && has_quirk(argo, QUIRK_TERMINATE_BEFORE_START))) {
		call_refuse(server, call, 3,
			    STR("Unable to terminate operation. No operation is in progress"));
		return;
	}
	struct app *next = app_copy(app);
	if (has_begun)
		next->status.operation.phase = OP_TERMINATING;
	else
		op_request_drop(&next->operation);
	(void)store_write_app(argo->store, next, 0, argo->now);
	call_answer(server, call, (struct ready){0});
}

/* ---- manifests ---- */

static struct str manifest_json(struct argo *argo, const struct app *app,
				const struct target *target)
{
	auto_buf struct buf bytes = BUF_INIT(4 * KIB);
	struct json_write w = JSON_WRITE(&bytes);
	static const struct str versions[] = {STR("v1"), STR("apps/v1"), STR("batch/v1")};

	json_write_object_begin(&w);
	json_write_field_str(&w, STR("apiVersion"), versions[target->kind]);
	json_write_field_str(&w, STR("kind"), str_of(kind_name(target->kind)));
	json_write_key(&w, STR("metadata"));
	json_write_object_begin(&w);
	json_write_field_str(&w, target->is_hook ? STR("generateName") : STR("name"), target->name);
	json_write_field_str(&w, STR("namespace"), app->spec.destination.namespace);
	json_write_object_end(&w);
	if (target->kind == KIND_CONFIG_MAP && target->content != NULL) {
		json_write_key(&w, STR("data"));
		json_write_object_begin(&w);
		json_write_field_str(&w, STR("content"), target->content->text);
		json_write_object_end(&w);
	}
	json_write_object_end(&w);
	json_write_finish(&w);
	return texts_keep(argo->texts, buf_view(&bytes));
}

static void manifests_rendered(void *self, uint64_t number, uint64_t epoch)
{
	struct server *server = self;
	struct ready ready = {0};
	struct call *call = call_under_way(server, number);

	(void)epoch;
	if (call == NULL)
		return;
	struct str error = render_error(call->render);
	const struct app *app = store_app(server->argo->store, call->request.name);
	if (!str_empty(error) || app == NULL) {
		call_refuse(server, call, 2,
			    argo_text(server->argo, "error generating manifests: " STR_FMT,
				      STR_ARG(error)));
		return;
	}
	const struct manifest *manifest = render_manifest(call->render);
	ready.manifests = mem_zalloc(manifest->n * sizeof(*ready.manifests));
	ready.answer.manifest_count = manifest->n;
	for (uint32_t i = 0; i < manifest->n; i++)
		ready.manifests[i] = manifest_json(server->argo, app, &manifest->v[i]);
	ready.answer.manifests_revision = manifest->revisions.n > 0 ? manifest->revisions.v[0]
								    : manifest->revisions.revision;
	call_answer(server, call, ready);
}

void call_manifests(struct server *server, struct call *call)
{
	const struct app *app = call_app(server, call, RIGHT_GET_APPS);
	struct revisions asked = {0};

	if (app == NULL)
		return;
	const struct source_list *sources = app->spec.sources.sources;
	asked.revision = str_empty(call->request.revision)
				 ? app->spec.sources.source.target_revision
				 : call->request.revision;
	if (sources != NULL && sources->n > 0) {
		asked.revision = STR("");
		asked.n = (uint32_t)MIN(sources->n, COUNTOF(asked.v));
		for (uint32_t i = 0; i < asked.n; i++)
			asked.v[i] = sources->v[i].target_revision;
	}
	call->render = render_begin(
		server->argo->repos,
		&(struct render_request){.app = app,
					 .sources = app->spec.sources,
					 .revisions = asked,
					 .no_reference_cache = true,
					 .done = {manifests_rendered, server, call->id, 0}});
}

/* ---- the others ---- */

static void delete_app(struct server *server, struct call *call)
{
	struct argo *argo = server->argo;
	const struct app *app = call_app(server, call, RIGHT_GET_APPS);

	if (app == NULL || !call_may(server, call, RIGHT_DELETE_APPS, app->spec.project, app->name))
		return;
	bool keeps = call->request.keeps_objects;
	if (str_empty(app->finalizers_json) != keeps && app->deleting_at.ms == 0) {
		struct app *next = app_copy(app);
		next->finalizers_json = keeps ? STR("")
					      : STR("[\"resources-finalizer.argocd.argoproj.io\"]");
		(void)store_write_app(argo->store, next, 0, argo->now);
	}
	store_delete_app(argo->store, call->request.name, argo->now);
	call_answer(server, call, (struct ready){0});
}

static void create_session(struct server *server, struct call *call)
{
	const struct account *account = account_by_password(
		&server->accounts, call->request.username, call->request.password);
	struct ready ready = {0};

	if (account == NULL || account->is_expired) {
		call_refuse(server, call, 16, STR("Invalid username or password"));
		return;
	}
	struct account session = *account;
	session.password = STR("");
	session.token = argo_text(server->argo, "session." STR_FMT ".%llu", STR_ARG(account->name),
				  (unsigned long long)++server->sessions);
	ready.answer.token = session.token;
	account_add(&server->accounts, &session);
	call_answer(server, call, ready);
}

static void get_project(struct server *server, struct call *call)
{
	struct ready ready = {0};

	ready.answer.project = store_project(server->argo->store, call->request.name);
	if (ready.answer.project == NULL)
		call_refuse(server, call, 5,
			    argo_text(server->argo,
				      "appprojects.argoproj.io \"" STR_FMT "\" not found",
				      STR_ARG(call->request.name)));
	else
		call_answer(server, call, ready);
}

static void list_clusters(struct server *server, struct call *call)
{
	size_t n = store_cluster_count(server->argo->store);
	struct ready ready = {.clusters = mem_zalloc(n * sizeof(*ready.clusters))};

	ready.answer.cluster_count = n;
	for (size_t i = 0; i < n; i++)
		ready.clusters[i] = store_cluster_at(server->argo->store, i);
	call_answer(server, call, ready);
}

static void list_appsets(struct server *server, struct call *call)
{
	struct informer *informer = server->replicas[call->request.replica].informer;
	struct app_names names = {0};
	struct ready ready = {0};

	store_appset_names(server->argo->store, &names);
	ready.appsets = mem_zalloc((names.n + 1) * sizeof(*ready.appsets));
	vec_each(name, &names) {
		const struct appset *appset = informer_appset(informer, *name);
		if (appset != NULL && account_may(&call->account, RIGHT_GET_APPSETS) &&
		    call_wants_project(call, appset->template.spec.project))
			ready.appsets[ready.answer.appset_count++] = appset_keep(appset);
	}
	ready.answer.version = informer_version(informer);
	vec_release(&names);
	call_answer(server, call, ready);
}

static void get_appset(struct server *server, struct call *call)
{
	const struct appset *appset = store_appset(server->argo->store, call->request.name);
	struct ready ready = {0};

	if (appset == NULL) {
		call_refuse(server, call, 5,
			    argo_text(server->argo,
				      "error getting ApplicationSet: applicationset.argoproj.io "
				      "\"" STR_FMT "\" not found",
				      STR_ARG(call->request.name)));
		return;
	}
	if (!call_may(server, call, RIGHT_GET_APPSETS, appset->template.spec.project, appset->name))
		return;
	ready.appsets = mem_zalloc(sizeof(*ready.appsets));
	ready.appsets[0] = appset_keep(appset);
	ready.answer.appset_count = 1;
	call_answer(server, call, ready);
}

static void generate(struct server *server, struct call *call)
{
	const struct appset *appset = call->request.appset;
	const struct app **apps;
	struct ready ready = {0};
	struct str error;

	if (appset == NULL) {
		call_refuse(server, call, 3, STR("applicationset is nil in request"));
		return;
	}
	if (!call_may(server, call, RIGHT_CREATE_APPSETS, appset->template.spec.project,
		      appset->name))
		return;
	size_t n = appsets_generate(server->argo->appsets, appset, &apps, &error);
	if (!str_empty(error)) {
		call_refuse(server, call, 2, error);
		return;
	}
	ready.apps = mem_zalloc(n * sizeof(*ready.apps));
	ready.app_count = n;
	for (size_t i = 0; i < n; i++)
		ready.apps[i] = app_keep(apps[i]);
	call_answer(server, call, ready);
}

/* What comes with the Application as it is: the face makes more of it. */
static void show_app(struct server *server, struct call *call)
{
	const struct app *app = call_app(server, call, RIGHT_GET_APPS);
	struct ready ready = {0};

	if (app == NULL)
		return;
	ready.app = app_keep(app);
	ready.answer.project = store_project(server->argo->store, app->spec.project);
	call_answer(server, call, ready);
}

void call_other(struct server *server, struct call *call)
{
	struct ready ready = {0};

	ready.answer.username = call->is_known ? call->account.name : STR("");
	if (call->request.verb == API_SESSION_CREATE)
		create_session(server, call);
	else if (call->request.verb == API_APP_DELETE)
		delete_app(server, call);
	else if (call->request.verb == API_PROJECT_GET)
		get_project(server, call);
	else if (call->request.verb == API_CLUSTERS_LIST)
		list_clusters(server, call);
	else if (call->request.verb == API_APPSETS_LIST)
		list_appsets(server, call);
	else if (call->request.verb == API_APPSET_GET)
		get_appset(server, call);
	else if (call->request.verb == API_APPSET_GENERATE)
		generate(server, call);
	else if (call->request.verb == API_APP_RESOURCE_TREE ||
		 call->request.verb == API_APP_MANAGED_RESOURCES ||
		 call->request.verb == API_APP_SYNC_WINDOWS)
		show_app(server, call);
	else
		call_answer(server, call, ready);
}
