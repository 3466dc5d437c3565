#include "argo/server.h"

#include "argo/controller.h"
#include "argo/server_inside.h"
#include "base/alloc.h"

#include <string.h>

/* ---- calls ---- */

static void keep_texts(struct server *server, struct api_request *request)
{
	struct texts *texts = server->argo->texts;
	struct str *const kept[] = {
		&request->token,	 &request->name,     &request->namespace,
		&request->app_namespace, &request->selector, &request->repo,
		&request->sync_revision, &request->username, &request->password,
		&request->revision,
	};

	for (size_t i = 0; i < COUNTOF(kept); i++)
		*kept[i] = texts_keep(texts, *kept[i]);
}

static struct str *copy_strs(struct server *server, const struct str *strs, uint32_t n)
{
	struct str *copy = mem_zalloc(n * sizeof(*copy));

	for (uint32_t i = 0; i < n; i++)
		copy[i] = texts_keep(server->argo->texts, strs[i]);
	return copy;
}

static struct call *call_new(struct server *server, const struct api_request *request)
{
	struct call *call = mem_zalloc(sizeof(*call));
	struct api_request *own = &call->request;

	call->id = ++server->last_id;
	*own = *request;
	keep_texts(server, own);
	own->projects = copy_strs(server, request->projects, request->project_count);
	own->sync_revisions = copy_strs(server, request->sync_revisions,
					request->sync_revision_count);
	own->source_positions = mem_zalloc(request->source_position_count *
					   sizeof(*own->source_positions));
	for (uint32_t i = 0; i < request->source_position_count; i++)
		own->source_positions[i] = request->source_positions[i];
	own->sync = op_request_keep(&request->sync);
	appset_keep(request->appset);
	own->replica = MIN(request->replica, server->argo->config.replicas - 1);
	return call;
}

void call_free(struct call *call)
{
	if (call == NULL)
		return;
	mem_free(call->request.projects);
	mem_free(call->request.sync_revisions);
	mem_free(call->request.source_positions);
	op_request_drop(&call->request.sync);
	appset_drop(call->request.appset);
	render_end(call->render);
	app_drop(call->accepted);
	mem_free(call);
}

static void ready_release(struct ready *ready)
{
	app_drop(ready->app);
	for (size_t i = 0; i < ready->app_count; i++)
		app_drop(ready->apps[i]);
	mem_free(ready->apps);
	for (size_t i = 0; ready->appsets != NULL && i < ready->answer.appset_count; i++)
		appset_drop(ready->appsets[i]);
	mem_free(ready->appsets);
	mem_free(ready->clusters);
	mem_free(ready->manifests);
	*ready = (struct ready){0};
}

static void forget_call(struct server *server, const struct call *call)
{
	for (size_t i = 0; i < server->calls.n; i++) {
		if (server->calls.v[i] == call) {
			vec_remove(&server->calls, i);
			return;
		}
	}
}

void call_answer(struct server *server, struct call *call, struct ready ready)
{
	ready.answer.id = call->id;
	ready.answer.is_end = true;
	ready.answer.app = ready.app;
	ready.answer.apps = ready.apps;
	ready.answer.app_count = ready.app_count;
	ready.answer.appsets = ready.appsets;
	ready.answer.clusters = ready.clusters;
	ready.answer.manifests = ready.manifests;
	if (ready.answer.refusal.message.p == NULL && ready.answer.refusal.code == 0)
		ready.answer.refusal.status = 200;
	if (call->is_cancelled)
		ready_release(&ready);
	else
		vec_push(&server->ready, ready);
	forget_call(server, call);
	call_free(call);
}

void call_refuse(struct server *server, struct call *call, int code, struct str message)
{
	/* grpc-gateway's table: of 16 codes those that the model uses. */
	static const int statuses[17] = {[2] = 500, [3] = 400,	[4] = 504,  [5] = 404,	[7] = 403,
					 [9] = 400, [10] = 409, [13] = 500, [14] = 503, [16] = 401};
	struct ready ready = {0};

	ready.answer.refusal = (struct api_refusal){statuses[code], code, message};
	call_answer(server, call, ready);
}

static void call_cut(struct server *server, struct call *call)
{
	vec_push(&server->ready, (struct ready){.answer = {.id = call->id, .is_end = true}});
	forget_call(server, call);
	call_free(call);
}

/* ---- who may ---- */

static struct str session_error(struct argo *argo, const struct account *account, struct str token)
{
	size_t byte;

	if (str_empty(token))
		return STR("no session information");
	if (account != NULL)
		return STR("invalid session: token has invalid claims: token is expired");
	if (token_is_malformed(token, &byte))
		return argo_text(argo,
				 "invalid session: token is malformed: could not base64 decode "
				 "header: illegal base64 data at input byte %zu",
				 byte);
	return STR("invalid session: token signature is invalid: signature is invalid");
}

/* False: refused already. */
static bool authenticate(struct server *server, struct call *call)
{
	const struct account *account = account_by_token(&server->accounts, call->request.token);
	enum api_verb verb = call->request.verb;
	bool is_public = verb == API_VERSION || verb == API_SESSION_CREATE ||
			 verb == API_SETTINGS || verb == API_USERINFO || verb == API_SESSION_DELETE;

	if (account != NULL && !account->is_expired) {
		call->account = *account;
		call->is_known = true;
		return true;
	}
	if (is_public)
		return true;
	call_refuse(server, call, 16, session_error(server->argo, account, call->request.token));
	return false;
}

bool call_may(struct server *server, struct call *call, enum account_right right,
	      struct str project, struct str name)
{
	if (account_may(&call->account, right))
		return true;
	call_refuse(server, call, 7,
		    argo_text(server->argo,
			      "permission denied: %s, " STR_FMT "/" STR_FMT ", sub: " STR_FMT
			      ", iat: %s",
			      account_right_name(right), STR_ARG(project), STR_ARG(name),
			      STR_ARG(call->account.name),
			      wall_format(stamp(call->account.created_at)).s));
	return false;
}

static const struct app *no_app(struct server *server, struct call *call, bool is_project_sent)
{
	if (!is_project_sent && has_quirk(server->argo, QUIRK_DENIED_FOR_ABSENT))
		call_refuse(server, call, 7, STR("permission denied"));
	else
		call_refuse(server, call, 5,
			    argo_text(server->argo,
				      "applications.argoproj.io \"" STR_FMT "\" not found",
				      STR_ARG(call->request.name)));
	return NULL;
}

/* Who does not say the project learns nothing of an Application that he may not see, not even that
 * there is none. */
const struct app *call_app(struct server *server, struct call *call, enum account_right right)
{
	bool is_project_sent = call->request.project_count > 0;
	const struct app *app = store_app(server->argo->store, call->request.name);

	if (!account_may(&call->account, right)) {
		call_refuse(server, call, 7, STR("permission denied"));
		return NULL;
	}
	if (app == NULL)
		return no_app(server, call, is_project_sent);
	struct str project = str_empty(app->spec.project) ? STR("default") : app->spec.project;
	if (is_project_sent && !str_eq(call->request.projects[0], project))
		return no_app(server, call, true);
	if (store_project(server->argo->store, project) == NULL) {
		call_refuse(server, call, 3,
			    argo_text(server->argo,
				      "app is not allowed in project \"" STR_FMT
				      "\", or the project does not exist",
				      STR_ARG(project)));
		return NULL;
	}
	return app;
}

bool call_wants_project(const struct call *call, struct str project)
{
	struct str wanted = str_empty(project) ? STR("default") : project;

	for (uint32_t i = 0; i < call->request.project_count; i++) {
		if (str_eq(call->request.projects[i], wanted))
			return true;
	}
	return call->request.project_count == 0;
}

/* Our parser says "column 5: expected a value, found 'x'"; Go's says "found 'x', expected: value",
 * and has other names for some of it. What comes in no such form is passed on. */
static struct str selector_words(struct argo *argo, struct str ours)
{
	static const struct {
		struct str ours, gos;
		bool is_inside; /* of a requirement, which Go's says first */
	} names[] = {
		{STR("a key or '!'"), STR("identifier after ','"), false},
		{STR("',' or the end"), STR("',' or 'end of string'"), false},
		{STR("a value, ',' or the end"), STR("identifier"), true},
		{STR("a value, ',' or ')'"), STR("',', ')' or identifier"), true},
		{STR("a value or ','"), STR("',', or identifier"), true},
		{STR("'('"), STR("'('"), true},
		{STR("'=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end"),
		 STR("in, notin, =, ==, !=, gt, lt"), true},
	};
	struct str text = ours, expected;
	const char *where = "";
	size_t at, found;

	if (str_starts(text, STR("column ")) && str_find(text, STR(": "), &at))
		text = str_after(text, at + 2);
	if (!str_starts(text, STR("expected ")) || !str_find(text, STR(", found "), &found))
		return text;
	expected = str_after(str_first(text, found), 9);
	text = str_after(text, found + 8);
	if (str_eq(text, STR("the end")))
		text = STR("''");
	for (size_t i = 0; i < COUNTOF(names); i++) {
		if (!str_eq(expected, names[i].ours))
			continue;
		expected = names[i].gos;
		if (names[i].is_inside)
			where = "unable to parse requirement: ";
		break;
	}
	if (str_starts(ours, STR("column 1:")) && str_eq(expected, names[0].gos))
		expected = STR("!, identifier, or 'end of string'");
	return argo_text(argo, "%sfound " STR_FMT ", expected: " STR_FMT, where, STR_ARG(text),
			 STR_ARG(expected));
}

bool call_parse_selector(struct server *server, struct call *call, const char *what,
			 struct selector *ret_selector, bool *ret_has_selector)
{
	bool is_internal = has_quirk(server->argo, QUIRK_SELECTOR_ERROR_IS_500);
	struct err err;

	*ret_selector = (struct selector){0};
	*ret_has_selector = !str_empty(str_trim(call->request.selector));
	if (!*ret_has_selector)
		return true;
	if (selector_parse(call->request.selector, ret_selector, &err) == 0)
		return true;
	struct str words = selector_words(server->argo, str_of(err.text));
	call_refuse(server, call, is_internal ? 2 : 3,
		    argo_text(server->argo, "%s: " STR_FMT, what, STR_ARG(words)));
	return false;
}

/* ---- a refresh ---- */

static struct call *call_of(struct server *server, uint64_t id)
{
	vec_each(call, &server->calls) {
		if ((*call)->id == id)
			return *call;
	}
	return NULL;
}

static void write_refresh(struct server *server, struct str name, enum refresh refresh)
{
	const struct app *live = store_app(server->argo->store, name);

	if (live == NULL)
		return;
	struct app *next = app_copy(live);
	next->refresh = refresh;
	(void)store_write_app(server->argo->store, next, 0, server->argo->now);
}

static void refresh_times_out(void *self, uint64_t number, uint64_t epoch)
{
	struct server *server = self;
	struct call *call = call_of(server, number);

	(void)epoch;
	if (call == NULL || !call->is_waiting)
		return;
	if (!has_quirk(server->argo, QUIRK_REFRESH_OUTLIVES_CLIENT))
		write_refresh(server, call->request.name, REFRESH_NONE);
	call_refuse(server, call, 4, STR("context deadline exceeded"));
}

static void call_get(struct server *server, struct call *call)
{
	const struct api_request *request = &call->request;

	if (request->project_count > 1) {
		call_refuse(server, call, 3,
			    STR("multiple projects specified - the get endpoint accepts either "
				"zero or one project"));
		return;
	}
	const struct app *app = call_app(server, call, RIGHT_GET_APPS);
	if (app == NULL)
		return;
	if (request->refresh == REFRESH_NONE) {
		call_answer(server, call, (struct ready){.app = app_keep(app)});
		return;
	}
	write_refresh(server, app->name, request->refresh);
	call->min_version = store_app(server->argo->store, request->name)->version;
	call->is_waiting = true;
	if (request->deadline_ms > 0)
		argo_later(server->argo, request->deadline_ms, refresh_times_out, server, call->id,
			   0);
}

/* A version that this replica has come to see: is it what a refresh waits for? */
static void tell_refreshes(struct server *server, uint32_t replica, const struct change *change)
{
	for (size_t i = 0; i < server->calls.n;) {
		struct call *call = server->calls.v[i];
		bool is_meant = call->is_waiting && call->request.replica == replica &&
				call->request.verb == API_APP_GET &&
				str_eq(call->request.name, change->name);
		if (!is_meant || change->app->version <= call->min_version ||
		    change->app->refresh != REFRESH_NONE) {
			i++;
			continue;
		}
		call_answer(server, call, (struct ready){.app = app_keep(change->app)});
	}
}

/* ---- requests ---- */

static void call_run(void *self, uint64_t number, uint64_t epoch)
{
	struct server *server = self;
	struct call *call = call_of(server, number);

	(void)epoch;
	if (call == NULL)
		return;
	if (!server->replicas[call->request.replica].is_up) {
		call_cut(server, call);
		return;
	}
	if (!authenticate(server, call))
		return;
	switch (call->request.verb) {
	case API_APPS_LIST:
		call_list(server, call);
		return;
	case API_APPS_WATCH:
		watch_begin(server, call);
		return;
	case API_APP_GET:
		call_get(server, call);
		return;
	case API_APP_SYNC:
		call_sync(server, call);
		return;
	case API_APP_TERMINATE:
		call_terminate(server, call);
		return;
	case API_APP_ROLLBACK:
		call_rollback(server, call);
		return;
	case API_APP_MANIFESTS:
		call_manifests(server, call);
		return;
	case API_VERSION:
	case API_SETTINGS:
	case API_SESSION_CREATE:
	case API_SESSION_DELETE:
	case API_USERINFO:
	case API_APP_DELETE:
	case API_APP_RESOURCE_TREE:
	case API_APP_MANAGED_RESOURCES:
	case API_APP_SYNC_WINDOWS:
	case API_CLUSTERS_LIST:
	case API_PROJECT_GET:
	case API_APPSETS_LIST:
	case API_APPSET_GET:
	case API_APPSET_GENERATE:
		call_other(server, call);
		return;
	}
}

uint64_t server_begin(struct server *server, const struct api_request *request, wall now)
{
	struct call *call = call_new(server, request);
	wall at = {MAX(now.ms, server->argo->now.ms)};
	uint64_t id = call->id;

	vec_push(&server->calls, call);
	agenda_add(server->argo->agenda, at,
		   (struct task){.run = call_run, .self = server, .number = id});
	return id;
}

bool server_next(struct server *server, struct api_answer *ret_answer)
{
	if (server->last.answer.id)
		ready_release(&server->last);
	if (server->ready_taken < server->ready.n) {
		server->last = server->ready.v[server->ready_taken++];
		if (server->ready_taken == server->ready.n) {
			vec_clear(&server->ready);
			server->ready_taken = 0;
		}
		*ret_answer = server->last.answer;
		return true;
	}
	if (!watch_next(server, ret_answer))
		return false;
	server->last = (struct ready){.answer.id = ret_answer->id, .app = ret_answer->app};
	return true;
}

/* Without its quirk nothing is left of what nobody waits for any more. */
static void withdraw(struct server *server, const struct call *call)
{
	const struct app *live = store_app(server->argo->store, call->request.name);

	if (call->accepted == NULL || live == NULL || live->version != call->accepted->version)
		return;
	struct app *next = app_copy(live);
	op_request_drop(&next->operation);
	(void)store_write_app(server->argo->store, next, 0, server->argo->now);
}

void server_cancel(struct server *server, uint64_t id)
{
	struct call *call = call_of(server, id);
	const struct argo *argo = server->argo;

	watch_remove(server, id);
	if (call == NULL)
		return;
	if (call->is_waiting && call->request.verb == API_APP_GET) {
		if (!has_quirk(argo, QUIRK_REFRESH_OUTLIVES_CLIENT))
			write_refresh(server, call->request.name, REFRESH_NONE);
		forget_call(server, call);
		call_free(call);
		return;
	}
	bool asks = call->request.verb == API_APP_SYNC || call->request.verb == API_APP_ROLLBACK;
	if (asks && has_quirk(argo, QUIRK_POST_OUTLIVES_CLIENT)) {
		call->is_cancelled = true;
		return;
	}
	withdraw(server, call);
	forget_call(server, call);
	call_free(call);
}

void server_set_reading(struct server *server, uint64_t id, bool is_reading)
{
	struct watch *watch = watch_of(server, id);

	if (watch != NULL)
		watch->is_reading = is_reading;
}

/* ---- the whole ---- */

struct server *server_new(struct argo *argo)
{
	struct server *server = mem_zalloc(sizeof(*server));

	server->argo = argo;
	for (uint32_t i = 0; i < argo->config.replicas; i++) {
		server->replicas[i].informer = informer_new(argo->store,
							    argo->config.replica_lag_ms[i]);
		server->replicas[i].is_up = true;
	}
	return server;
}

void server_free(struct server *server)
{
	if (server == NULL)
		return;
	ready_release(&server->last);
	for (size_t i = server->ready_taken; i < server->ready.n; i++)
		ready_release(&server->ready.v[i]);
	vec_each(call, &server->calls)
		call_free(*call);
	vec_each(watch, &server->watches)
		watch_free(*watch);
	for (uint32_t i = 0; i < server->argo->config.replicas; i++)
		informer_free(server->replicas[i].informer);
	vec_release(&server->accounts);
	vec_release(&server->calls);
	vec_release(&server->watches);
	vec_release(&server->ready);
	mem_free(server);
}

void server_advance(struct server *server)
{
	struct change change;

	for (uint32_t i = 0; i < server->argo->config.replicas; i++) {
		struct replica *replica = &server->replicas[i];
		while (informer_next(replica->informer, server->argo->now, &change)) {
			if (!replica->is_up || change.kind != STORE_APP)
				continue;
			tell_refreshes(server, i, &change);
			watch_tell(server, i, &change);
		}
	}
}

bool server_due(const struct server *server, wall *ret_at)
{
	bool has_one = false;
	wall at;

	for (uint32_t i = 0; i < server->argo->config.replicas; i++) {
		if (!informer_due(server->replicas[i].informer, &at))
			continue;
		if (!has_one || at.ms < ret_at->ms)
			*ret_at = at;
		has_one = true;
	}
	return has_one;
}

void server_set_up(struct server *server, uint32_t number, bool is_up)
{
	struct replica *replica = &server->replicas[number];

	if (replica->is_up == is_up)
		return;
	replica->is_up = is_up;
	if (is_up) {
		informer_relist(replica->informer);
		return;
	}
	for (size_t i = server->calls.n; i-- > 0;) {
		if (server->calls.v[i]->request.replica == number)
			call_cut(server, server->calls.v[i]);
	}
	watch_cut(server, number);
}

void server_set_lag(struct server *server, uint32_t replica, int64_t ms)
{
	informer_set_lag(server->replicas[replica].informer, ms);
}

void server_add_account(struct server *server, const struct account *account)
{
	account_add(&server->accounts, account);
}
