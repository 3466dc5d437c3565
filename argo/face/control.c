#include "argo/face/control.h"

#include "argo/face/answer_json.h"
#include "argo/face/app_json.h"
#include "argo/face/app_read.h"
#include "argo/face/control_call.h"
#include "base/vec.h"

#include <stdarg.h>
#include <stdio.h>

enum { HEALTHS = HEALTH_UNKNOWN + 1 };

void control_refuse(struct control_call *call, int status, const char *fmt, ...)
{
	va_list args;

	if (call->status != 200 || call->r->has_failed)
		return;
	call->status = status;
	call->r->has_failed = true;
	char words[ERR_TEXT_BYTES];
	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	err_set(call->r->err, E_MISSING, "%s", words);
}

void control_check_keys(struct control_call *call, const struct at *at, const char *const *keys)
{
	struct json_cursor cursor = {0};

	while (json_kind(at->value) == JSON_KIND_MAP && json_next(at->value, &cursor)) {
		bool is_known = false;
		for (size_t i = 0; keys[i]; i++)
			is_known |= str_eq(cursor.key, str_of(keys[i]));
		if (!is_known)
			reading_fail(call->r, at, "unknown key '" STR_FMT "'", STR_ARG(cursor.key));
	}
}

/* ---- words ---- */

/* The index of a text in a list of names that ends with NULL; an error if it is none of them. */
static int choice(struct control_call *call, struct at at, const char *const *names)
{
	struct str text = read_required(call->r, at);

	for (int i = 0; names[i]; i++)
		if (str_eq(text, str_of(names[i])))
			return i;
	reading_fail(call->r, &at, "unknown '" STR_FMT "'", STR_ARG(text));
	return 0;
}

static const char *const what_names[] = {[STEER_HELM] = "helm",
					 [STEER_POD] = "pod",
					 [STEER_HOOK] = "hook",
					 [STEER_PASS] = "pass",
					 NULL};

static const char *const component_names[] = {
	[COMPONENT_SERVER] = "server",
	[COMPONENT_CONTROLLER] = "controller",
	[COMPONENT_APPSETS] = "appsets",
	[COMPONENT_REPO_SERVER] = "repo-server",
	NULL,
};

static const char *const rights_names[] = {
	[RIGHTS_ADMIN] = "admin",	  [RIGHTS_TIPHYS] = "tiphys",
	[RIGHTS_GENERATOR] = "generator", [RIGHTS_NO_APPSETS] = "norollout",
	[RIGHTS_READ_ONLY] = "readonly",  NULL,
};

struct at control_body(const struct control_call *call)
{
	return (struct at){.value = call->body};
}

struct str control_text(struct control_call *call, const char *key)
{
	struct at body = control_body(call);

	return read_required(call->r, at_key(&body, key));
}

static int64_t body_number(struct control_call *call, const char *key)
{
	struct at body = control_body(call);
	int64_t number = read_number(call->r, at_key(&body, key));

	if (number < 0)
		reading_fail(call->r, &body, "%s is negative", key);
	return number;
}

uint32_t control_small(struct control_call *call, struct at at, int64_t max)
{
	int64_t number = read_number(call->r, at);

	if (number < 0 || number > max)
		reading_fail(call->r, &at, "it is from 0 to %lld", (long long)max);
	return call->r->has_failed ? 0 : (uint32_t)number;
}

static bool is_known_app(struct control_call *call, struct str name)
{
	if (call->r->has_failed)
		return false;
	if (store_app(argo_store(call->argo), name))
		return true;
	control_refuse(call, 404, "there is no Application '" STR_FMT "'", STR_ARG(name));
	return false;
}

/* ---- holds, delays, failures ---- */

static enum steer_what body_what(struct control_call *call)
{
	struct at body = control_body(call);

	return (enum steer_what)choice(call, at_key(&body, "what"), what_names);
}

static void hold(struct control_call *call)
{
	enum steer_what what = body_what(call);
	struct str token = control_text(call, "token");

	if (!call->r->has_failed)
		argo_hold(call->argo, what, token);
}

static void release(struct control_call *call)
{
	enum steer_what what = body_what(call);
	struct str token = control_text(call, "token");

	if (!call->r->has_failed)
		argo_release(call->argo, what, token);
}

static void step_pass(struct control_call *call)
{
	struct str token = control_text(call, "token");

	if (!call->r->has_failed)
		argo_step_pass(call->argo, token);
}

static void mend(struct control_call *call)
{
	enum steer_what what = body_what(call);
	struct str token = control_text(call, "token");

	if (!call->r->has_failed)
		argo_mend(call->argo, what, token);
}

static void fail(struct control_call *call)
{
	struct at body = control_body(call);
	enum steer_what what = body_what(call);
	struct str token = control_text(call, "token");
	struct str text = read_text(call->r, at_key(&body, "text"));

	if (!call->r->has_failed)
		argo_fail(call->argo, what, token,
			  str_empty(text) ? STR("failing, as it was told to") : text);
}

static void delay(struct control_call *call)
{
	struct str token = control_text(call, "token");
	int64_t ms = body_number(call, "ms");

	if (!call->r->has_failed)
		argo_delay(call->argo, token, ms);
}

static void reached(struct control_call *call)
{
	struct str name = target_get(call->target, STR("what"));
	struct str token = target_get(call->target, STR("token"));

	for (int what = 0; what_names[what]; what++) {
		if (!str_eq(name, str_of(what_names[what])))
			continue;
		json_write_object_begin(call->w);
		json_write_field_bool(call->w, STR("reached"),
				      argo_reached(call->argo, (enum steer_what)what, token));
		json_write_object_end(call->w);
		return;
	}
	control_refuse(call, 400, "what is helm, pod, hook or pass");
}

/* ---- components ---- */

static bool body_component(struct control_call *call, enum component *ret, uint32_t *ret_replica)
{
	struct at body = control_body(call);
	int64_t replicas = argo_config_of(call->argo)->replicas;

	*ret = (enum component)choice(call, at_key(&body, "component"), component_names);
	*ret_replica = control_small(call, at_key(&body, "replica"),
				     *ret == COMPONENT_SERVER ? MAX(replicas, 1) - 1 : 0);
	return !call->r->has_failed;
}

static void stop(struct control_call *call)
{
	enum component component;
	uint32_t replica;

	if (body_component(call, &component, &replica))
		argo_stop(call->argo, component, replica);
}

static void start(struct control_call *call)
{
	enum component component;
	uint32_t replica;

	if (body_component(call, &component, &replica))
		argo_start(call->argo, component, replica);
}

static void lag(struct control_call *call)
{
	int64_t ms = body_number(call, "ms");
	enum component component;
	uint32_t replica;

	if (body_component(call, &component, &replica))
		argo_set_lag(call->argo, component, replica, ms);
}

static void live_cache_lag(struct control_call *call)
{
	int64_t ms = body_number(call, "ms");

	if (!call->r->has_failed)
		argo_set_live_cache_lag(call->argo, ms);
}

static void answer_lag(struct control_call *call)
{
	int64_t ms = body_number(call, "ms");

	if (!call->r->has_failed)
		argo_set_answer_lag(call->argo, ms);
}

static void lose_events(struct control_call *call)
{
	struct at body = control_body(call);
	uint32_t count = control_small(call, at_key(&body, "count"), 1'000'000);
	enum component component;
	uint32_t replica;

	if (body_component(call, &component, &replica))
		argo_lose_events(call->argo, component, replica, count);
}

static void components(struct control_call *call)
{
	uint32_t replicas = argo_config_of(call->argo)->replicas;

	json_write_object_begin(call->w);
	json_write_key(call->w, STR("items"));
	json_write_array_begin(call->w);
	for (int i = 0; component_names[i]; i++)
		for (uint32_t k = 0; k < (i == COMPONENT_SERVER ? replicas : 1); k++) {
			bool is_up = argo_is_up(call->argo, (enum component)i, k);
			json_write_object_begin(call->w);
			json_write_field_str(call->w, STR("component"), str_of(component_names[i]));
			json_write_field_int(call->w, STR("replica"), k);
			json_write_field_bool(call->w, STR("isUp"), is_up);
			json_write_object_end(call->w);
		}
	json_write_array_end(call->w);
	json_write_object_end(call->w);
}

/* ---- the clusters ---- */

static void drift(struct control_call *call)
{
	struct str app = control_text(call, "app");

	if (is_known_app(call, app))
		argo_drift(call->argo, app);
}

static void live_health(struct control_call *call)
{
	struct at body = control_body(call);
	struct str app = control_text(call, "app");
	const char *names[HEALTHS + 1] = {0};

	for (int i = 0; i < HEALTHS; i++)
		names[i] = health_name((enum health)i);
	int health = choice(call, at_key(&body, "health"), names);
	if (is_known_app(call, app))
		argo_set_live_health(call->argo, app, (enum health)health);
}

static void add_namespace(struct control_call *call)
{
	struct str name = control_text(call, "cluster"), namespace = control_text(call, "name");
	const struct cluster *cluster = store_cluster(argo_store(call->argo), name);

	if (!call->r->has_failed && !cluster)
		control_refuse(call, 404, "there is no cluster '" STR_FMT "'", STR_ARG(name));
	if (!call->r->has_failed)
		argo_add_namespace(call->argo, cluster->server, namespace);
}

static void label_cluster(struct control_call *call)
{
	struct at body = control_body(call);
	struct str name = control_text(call, "name");
	struct pair_list *labels = read_pairs(call->r, at_key(&body, "labels"));

	if (!call->r->has_failed && !store_cluster(argo_store(call->argo), name))
		control_refuse(call, 404, "there is no cluster '" STR_FMT "'", STR_ARG(name));
	if (call->r->has_failed)
		pair_list_drop(labels);
	else
		argo_label_cluster(call->argo, name, labels);
}

/* It is a commit's text, or what somebody brought with `--local`: a list of manifests. */
static void live_content(struct control_call *call)
{
	struct str app = target_get(call->target, STR("app"));
	struct str text = argo_live_text(call->argo, app);
	auto_json struct json *brought = NULL, *manifest = NULL;
	struct err err = {0};

	json_write_object_begin(call->w);
	json_write_key(call->w, STR("content"));
	if (!text.p)
		json_write_null(call->w);
	else if (json_parse(text, &JSON_LIMIT, &brought, &err) == 0 &&
		 json_parse(json_text_of(json_at(brought, 0)), &JSON_LIMIT, &manifest, &err) == 0)
		json_write_str(call->w, json_text(manifest, "data", "content"));
	else
		json_write_str(call->w, text);
	json_write_object_end(call->w);
}

static void write_time(struct json_write *w, const char *key, wall at)
{
	json_write_key(w, str_of(key));
	app_json_time(w, at);
}

static void jobs(struct control_call *call)
{
	const struct hook_job *list;
	size_t n = argo_jobs(call->argo, &list);

	json_write_object_begin(call->w);
	json_write_key(call->w, STR("items"));
	json_write_array_begin(call->w);
	for (size_t i = 0; i < n; i++) {
		json_write_object_begin(call->w);
		json_write_field_str(call->w, STR("app"), list[i].app);
		json_write_field_str(call->w, STR("cluster"), list[i].cluster);
		json_write_field_str(call->w, STR("revision"), list[i].revision);
		json_write_field_str(call->w, STR("hookType"), list[i].hook_type);
		write_time(call->w, "startedAt", list[i].started_at);
		write_time(call->w, "finishedAt", list[i].finished_at);
		json_write_field_bool(call->w, STR("succeeded"), list[i].succeeded);
		json_write_object_end(call->w);
	}
	json_write_array_end(call->w);
	json_write_object_end(call->w);
}

static void first_applied(struct control_call *call)
{
	struct str app = target_get(call->target, STR("app"));
	struct str at = target_get(call->target, STR("revision"));

	json_write_object_begin(call->w);
	write_time(call->w, "at", argo_first_applied(call->argo, app, at));
	json_write_object_end(call->w);
}

/* ---- others ---- */

static void accounts(struct control_call *call)
{
	static const char *const keys[] = {"name",   "password",  "token",
					   "rights", "isExpired", NULL};
	struct at body = control_body(call);
	struct str name = control_text(call, "name"), token = control_text(call, "token");
	struct str password = read_text(call->r, at_key(&body, "password"));
	bool is_expired = read_flag(call->r, at_key(&body, "isExpired"), false);
	int rights = choice(call, at_key(&body, "rights"), rights_names);

	control_check_keys(call, &body, keys);
	if (call->r->has_failed)
		return;
	argo_add_account(call->argo, name, password, token, (enum account_rights)rights,
			 is_expired);
	json_write_object_begin(call->w);
	json_write_field_str(call->w, STR("token"), token);
	json_write_object_end(call->w);
}

static void operation(struct control_call *call)
{
	struct at body = control_body(call), asked = at_key(&body, "operation");
	struct str app = control_text(call, "app");
	struct op_request request;

	app_read_operation(call->r, asked, &request);
	if (is_known_app(call, app)) {
		argo_patch_operation(call->argo, app, request.is_set ? &request : NULL);
		return;
	}
	pair_list_drop(request.infos);
	op_resource_list_drop(request.resources);
	source_list_drop(request.sources.sources);
}

static void quirks(struct control_call *call)
{
	json_write_object_begin(call->w);
	json_write_key(call->w, STR("items"));
	json_write_array_begin(call->w);
	for (int i = 0; i < QUIRK_COUNT; i++) {
		enum quirk quirk = (enum quirk)i;
		json_write_object_begin(call->w);
		json_write_field_str(call->w, STR("name"), str_of(quirk_name(quirk)));
		json_write_field_str(call->w, STR("story"), str_of(quirk_story(quirk)));
		json_write_field_str(call->w, STR("case"), str_of(quirk_case(quirk)));
		json_write_object_end(call->w);
	}
	json_write_array_end(call->w);
	json_write_object_end(call->w);
}

/* ---- which of them ---- */

static const struct {
	const char *method, *pattern;
	void (*handle)(struct control_call *call);
} verbs[] = {
	{"POST", "/sim/v1/push", control_push},
	{"POST", "/sim/v1/tag", control_tag},
	{"POST", "/sim/v1/revision", control_revision},
	{"POST", "/sim/v1/hold", hold},
	{"POST", "/sim/v1/release", release},
	{"POST", "/sim/v1/step-pass", step_pass},
	{"GET", "/sim/v1/reached", reached},
	{"POST", "/sim/v1/fail", fail},
	{"POST", "/sim/v1/mend", mend},
	{"POST", "/sim/v1/delay", delay},
	{"POST", "/sim/v1/stop", stop},
	{"POST", "/sim/v1/start", start},
	{"POST", "/sim/v1/lag", lag},
	{"POST", "/sim/v1/live-cache-lag", live_cache_lag},
	{"POST", "/sim/v1/answer-lag", answer_lag},
	{"POST", "/sim/v1/lose-events", lose_events},
	{"GET", "/sim/v1/components", components},
	{"POST", "/sim/v1/drift", drift},
	{"POST", "/sim/v1/live-health", live_health},
	{"POST", "/sim/v1/label-cluster", label_cluster},
	{"POST", "/sim/v1/namespaces", add_namespace},
	{"GET", "/sim/v1/live-content", live_content},
	{"GET", "/sim/v1/jobs", jobs},
	{"GET", "/sim/v1/first-applied", first_applied},
	{"POST", "/sim/v1/accounts", accounts},
	{"POST", "/sim/v1/operation", operation},
	{"GET", "/sim/v1/quirks", quirks},
};

static void dispatch(struct control_call *call)
{
	bool has_path = false;

	if (control_objects(call))
		return;
	for (size_t i = 0; i < COUNTOF(verbs); i++) {
		if (!target_matches(call->target, verbs[i].pattern, NULL, 0))
			continue;
		has_path = true;
		if (!str_eq(call->method, str_of(verbs[i].method)))
			continue;
		verbs[i].handle(call);
		return;
	}
	if (has_path)
		control_refuse(call, 405, "another method is wanted here");
	else
		control_refuse(call, 404, "there is no such path");
}

static struct str intern(void *self, struct str text)
{
	return argo_intern(self, text);
}

int control_handle(struct argo *argo, struct str method, const struct target *target,
		   struct str body, const struct content *content, struct buf *out)
{
	auto_json struct json *json = NULL;
	struct err err = {0};
	struct reading r = {.intern = intern, .self = argo, .err = &err};
	struct json_write w = JSON_WRITE(out);
	struct control_call call = {
		.argo = argo,
		.method = method,
		.target = target,
		.r = &r,
		.content = content,
		.w = &w,
		.status = 200,
	};

	if (!str_empty(str_trim(body)) && json_parse(body, &JSON_LIMIT, &json, &err) < 0) {
		answer_json_error(out, 3, str_of(err.text));
		return 400;
	}
	call.body = json;
	dispatch(&call);
	if (r.has_failed) {
		buf_clear(out);
		answer_json_error(out, 3, str_of(err.text));
		return call.status == 200 ? 400 : call.status;
	}
	if (out->n == 0)
		buf_str(out, STR("{}"));
	return 200;
}
