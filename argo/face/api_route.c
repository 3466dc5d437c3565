#include "argo/face/api_route.h"

#include "argo/face/app_read.h"
#include "argo/face/appset_read.h"

static const struct api_route routes[] = {
	{"GET", "/api/version", API_VERSION, false, false},
	{"GET", "/api/v1/settings", API_SETTINGS, false, false},
	{"POST", "/api/v1/session", API_SESSION_CREATE, false, true},
	{"DELETE", "/api/v1/session", API_SESSION_DELETE, false, false},
	{"GET", "/api/v1/session/userinfo", API_USERINFO, false, false},
	{"GET", "/api/v1/applications", API_APPS_LIST, false, false},
	{"GET", "/api/v1/stream/applications", API_APPS_WATCH, false, false},
	{"GET", "/api/v1/applications/{}", API_APP_GET, false, false},
	{"DELETE", "/api/v1/applications/{}", API_APP_DELETE, false, false},
	{"POST", "/api/v1/applications/{}/sync", API_APP_SYNC, false, true},
	{"DELETE", "/api/v1/applications/{}/operation", API_APP_TERMINATE, false, false},
	{"POST", "/api/v1/applications/{}/rollback", API_APP_ROLLBACK, false, true},
	{"GET", "/api/v1/applications/{}/manifests", API_APP_MANIFESTS, false, false},
	{"GET", "/api/v1/applications/{}/resource-tree", API_APP_RESOURCE_TREE, false, false},
	{"GET", "/api/v1/applications/{}/managed-resources", API_APP_MANAGED_RESOURCES, false,
	 false},
	{"GET", "/api/v1/applications/{}/syncwindows", API_APP_SYNC_WINDOWS, false, false},
	{"GET", "/api/v1/clusters", API_CLUSTERS_LIST, false, false},
	{"GET", "/api/v1/projects/{}", API_PROJECT_GET, false, false},
	{"GET", "/api/v1/projects/{}/detailed", API_PROJECT_GET, true, false},
	{"GET", "/api/v1/applicationsets", API_APPSETS_LIST, false, false},
	{"GET", "/api/v1/applicationsets/{}", API_APPSET_GET, false, false},
	{"POST", "/api/v1/applicationsets/generate", API_APPSET_GENERATE, false, true},
};

static const struct api_route *find_route(const struct target *target, struct str method,
					  struct str *ret_name, bool *ret_has_path)
{
	*ret_has_path = false;
	for (size_t i = 0; i < COUNTOF(routes); i++) {
		if (!target_matches(target, routes[i].pattern, ret_name, 1))
			continue;
		*ret_has_path = true;
		if (str_eq(method, str_of(routes[i].method)))
			return &routes[i];
	}
	return NULL;
}

/* ---- headers ---- */

int64_t api_route_timeout(struct str text)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {{'H', 3600'000}, {'M', 60'000}, {'S', 1000}, {'m', 1}};
	uint64_t number;

	if (text.n < 2 || text.n > 9 || !str_to_u64(str_first(text, text.n - 1), &number))
		return 0;
	for (size_t i = 0; i < COUNTOF(units); i++)
		if (units[i].unit == text.p[text.n - 1])
			return (int64_t)number * units[i].ms;
	/* Micro- and nanoseconds: less than anything takes. */
	return 1;
}

/* Of `Authorization`, or else of the cookie that a browser sends. */
static struct str token_of(const struct face_request *request)
{
	static const struct str scheme = STR("Bearer "), cookie = STR("argocd.token=");
	struct str value = request->header(request->self, "Authorization");
	struct str cookies = request->header(request->self, "Cookie"), piece;

	if (str_starts(value, scheme))
		return str_trim(str_after(value, scheme.n));
	while (!str_empty(cookies) && str_cut(&cookies, ';', &piece)) {
		piece = str_trim(piece);
		if (str_starts(piece, cookie))
			return str_after(piece, cookie.n);
	}
	return STR("");
}

static bool accepts_content_type(const struct argo *argo, const struct face_request *request)
{
	static const struct str wanted = STR("application/json");
	struct str type = request->header(request->self, "Content-Type");
	bool is_exact = !argo_config_of(argo)->quirks.is_off[QUIRK_EXACT_CONTENT_TYPE];

	if (str_eq(request->method, STR("GET")) || str_eq_nocase(type, wanted))
		return true;
	return !is_exact && str_starts(type, wanted);
}

/* ---- what is asked for ---- */

static struct str intern(void *self, struct str text)
{
	return argo_intern(self, text);
}

static void read_projects(struct argo *argo, const struct target *target, struct arena *arena,
			  struct api_request *request)
{
	request->projects = arena_array(arena, struct str, target->query_count);
	for (uint32_t i = 0; i < target->query_count; i++) {
		const struct target_pair *pair = &target->query[i];
		bool is_project = str_eq(pair->name, STR("project")) ||
				  str_eq(pair->name, STR("projects"));
		if (is_project && !str_empty(pair->value))
			request->projects[request->project_count++] = argo_intern(argo,
										  pair->value);
	}
}

static struct str query_text(struct argo *argo, const struct target *target, const char *name)
{
	struct str text = target_get(target, str_of(name));

	return str_empty(text) ? STR("") : argo_intern(argo, text);
}

static void read_query(struct argo *argo, const struct target *target, struct arena *arena,
		       struct api_request *request)
{
	struct str refresh = target_get(target, STR("refresh"));
	struct str version = target_get(target, STR("resourceVersion"));
	uint64_t number;

	read_projects(argo, target, arena, request);
	if (str_empty(request->name))
		request->name = query_text(argo, target, "name");
	request->selector = query_text(argo, target, "selector");
	request->repo = query_text(argo, target, "repo");
	request->app_namespace = query_text(argo, target, "appNamespace");
	request->revision = query_text(argo, target, "revision");
	/* Anything but "hard" is a normal one. */
	if (!str_empty(refresh))
		request->refresh = str_eq(refresh, STR("hard")) ? REFRESH_HARD : REFRESH_NORMAL;
	request->has_resource_version = str_to_u64(version, &number);
	if (request->has_resource_version)
		request->resource_version = number;
}

/* As Go's strconv.ParseBool reads it. */
static bool is_flag(struct str text, bool *ret_flag)
{
	static const char *const words[2][6] = {{"0", "f", "F", "false", "FALSE", "False"},
						{"1", "t", "T", "true", "TRUE", "True"}};

	for (size_t i = 0; i < COUNTOF(words); i++)
		for (size_t k = 0; k < COUNTOF(words[i]); k++)
			if (str_eq(text, str_of(words[i][k]))) {
				*ret_flag = i == 1;
				return true;
			}
	return false;
}

static void read_cascade(const struct target *target, struct arena *arena, struct api_call *call)
{
	struct str text = target_get(target, STR("cascade"));
	bool is_cascading = true;

	if (!str_empty(text) && !is_flag(text, &is_cascading))
		call->refusal = (struct api_refusal){
			.status = 400,
			.code = 3,
			.message = arena_printf(arena,
						"type mismatch, parameter: cascade, error: "
						"strconv.ParseBool: parsing \"" STR_FMT
						"\": invalid syntax",
						STR_ARG(text)),
		};
	call->request.keeps_objects = !is_cascading;
}

static int read_body(struct reading *r, const struct json *body, struct arena *arena,
		     struct api_call *call)
{
	struct at root = {.value = body}, set = at_key(&root, "applicationSet");
	struct api_request *request = &call->request;

	switch (request->verb) {
	case API_APP_SYNC:
		return sync_read(r, body, arena, request);
	case API_APP_ROLLBACK:
		return rollback_read(r, body, request);
	case API_SESSION_CREATE:
		request->username = read_text(r, at_key(&root, "username"));
		request->password = read_text(r, at_key(&root, "password"));
		return r->has_failed ? -1 : 0;
	case API_APPSET_GENERATE:
		return appset_read(r, set.value, &request->appset);
	case API_VERSION:
	case API_SETTINGS:
	case API_SESSION_DELETE:
	case API_USERINFO:
	case API_APPS_LIST:
	case API_APPS_WATCH:
	case API_APP_GET:
	case API_APP_TERMINATE:
	case API_APP_DELETE:
	case API_APP_MANIFESTS:
	case API_APP_RESOURCE_TREE:
	case API_APP_MANAGED_RESOURCES:
	case API_APP_SYNC_WINDOWS:
	case API_CLUSTERS_LIST:
	case API_PROJECT_GET:
	case API_APPSETS_LIST:
	case API_APPSET_GET:
		return 0;
	}
	return 0;
}

/* An empty body is an empty object, as to Go's decoder at the end of its input. */
static void parse_body(struct argo *argo, struct str text, struct arena *arena,
		       struct api_call *call)
{
	auto_json struct json *body = NULL;
	struct err err = {0};
	struct reading r = {.intern = intern, .self = argo, .err = &err};

	if (str_empty(str_trim(text)))
		text = STR("{}");
	if (json_parse(text, &JSON_LIMIT, &body, &err) == 0) {
		if (json_kind(body) != JSON_KIND_MAP)
			err_set(&err, E_SYNTAX, "an object is wanted");
		else if (read_body(&r, body, arena, call) == 0)
			return;
	}
	call->refusal = (struct api_refusal){
		.status = 400,
		.code = 3,
		.message = arena_copy(arena, str_of(err.text)),
	};
}

static bool is_known_name_route(const struct api_route *route)
{
	return str_find(str_of(route->pattern), STR("{}"), NULL);
}

void api_route_read(struct argo *argo, const struct face_request *request,
		    const struct target *target, struct arena *arena, struct api_call *ret_call)
{
	struct str name = {0};
	bool has_path;

	*ret_call = (struct api_call){0};
	if (!str_starts(target->path, STR("/api/"))) {
		ret_call->plain = (struct plain_refusal){404, "404 page not found\n"};
		return;
	}
	if (!accepts_content_type(argo, request)) {
		ret_call->plain = (struct plain_refusal){415, "Invalid content type\n"};
		return;
	}
	const struct api_route *route = find_route(target, request->method, &name, &has_path);
	if (!route) {
		ret_call->plain = has_path ? (struct plain_refusal){405, "Method Not Allowed\n"}
					   : (struct plain_refusal){404, "Not Found\n"};
		return;
	}
	ret_call->route = route;
	ret_call->request = (struct api_request){
		.verb = route->verb,
		.replica = request->replica,
		.token = argo_intern(argo, token_of(request)),
		.name = is_known_name_route(route) ? argo_intern(argo, name) : STR(""),
		.deadline_ms = api_route_timeout(request->header(request->self, "Grpc-Timeout")),
	};
	ret_call->is_events = str_eq(request->header(request->self, "Accept"),
				     STR("text/event-stream"));
	read_query(argo, target, arena, &ret_call->request);
	if (!fields_parse(arena_copy(arena, target_get(target, STR("fields"))), arena,
			  &ret_call->fields))
		ret_call->refusal = (struct api_refusal){400, 3, STR("too many fields")};
	if (route->verb == API_APP_DELETE)
		read_cascade(target, arena, ret_call);
	if (route->has_body)
		parse_body(argo, request->body, arena, ret_call);
}
