#include "wire/argocd.h"

#include "base/check.h"
#include "base/json_write.h"
#include "wire/percent.h"

/* Selectors come from the command line, whose arguments the system keeps below this. */
#define TARGET_BYTES_MAX (1 * MIB)
#define BODY_BYTES_MAX (2 * ARGOCD_ELEMENT_BYTES_MAX)

/*
 * What a row of the projected List is made of. For a List the server knows a fixed set of names
 * (all of these are in it) and leaves out any other without a word.
 */
#define LIST_FIELDS                                                                                \
	"items.metadata.name,items.metadata.namespace,items.metadata.deletionTimestamp,"           \
	"items.spec,items.operation.sync,items.status.sync.status,items.status.health,"            \
	"items.status.operationState.phase,items.status.operationState.startedAt,"                 \
	"items.status.operationState.finishedAt"

/*
 * What a watched Application is made of: all that struct application has but the objects, in
 * status.resources and operationState.syncResult.resources, which are most of the bytes. For a
 * watch the names are any paths. "error" is there because the server filters its own last words
 * too.
 */
#define APP "result.application."
#define OP APP "status.operationState."
#define WATCH_FIELDS                                                                               \
	"error,result.type," APP "metadata.name," APP "metadata.namespace," APP                    \
	"metadata.uid," APP "metadata.resourceVersion," APP "metadata.deletionTimestamp," APP      \
	"metadata.ownerReferences," APP "metadata.annotations.argocd.argoproj.io/refresh," APP     \
	"metadata.annotations.argocd.argoproj.io/skip-reconcile," APP "spec," APP "operation," APP \
	"status.sync," APP "status.health," APP "status.reconciledAt," APP "status.conditions," OP \
	"phase," OP "message," OP "startedAt," OP "finishedAt," OP "retryCount," OP                \
	"operation," OP "syncResult.revision," OP "syncResult.revisions"

struct target {
	struct buf text;
	bool has_query;
};

static void segment(struct target *target, struct str text)
{
	buf_char(&target->text, '/');
	percent_encode(&target->text, text);
}

/* A parameter with an empty value is left out: all of ours mean the same empty and absent. */
static void parameter(struct target *target, const char *name, struct str value)
{
	if (str_empty(value))
		return;
	buf_char(&target->text, target->has_query ? '&' : '?');
	target->has_query = true;
	buf_str(&target->text, str_of(name));
	buf_char(&target->text, '=');
	percent_encode(&target->text, value);
}

/* `fields` is ours and has nothing in it that must be encoded; so it can be read in a log. */
static void fields(struct target *target, struct str names)
{
	buf_str(&target->text, target->has_query ? STR("&fields=") : STR("?fields="));
	target->has_query = true;
	buf_str(&target->text, names);
}

static void path(struct target *target, struct str text)
{
	buf_str(&target->text, text);
}

/* Without the project an Application that is not there would be a 403, not a 404. */
static void application_path(struct target *target, const struct request *request)
{
	path(target, STR("/api/v1/applications"));
	segment(target, request->name);
}

/* Labels are asked for where the selecting is ours: they may be most of a row's bytes. */
static void selection(struct target *target, const struct request *request, struct str names,
		      struct str labels)
{
	parameter(target, "projects", request->project);
	parameter(target, "selector", request->selector);
	fields(target, names);
	if (request->has_labels)
		path(target, labels);
}

/*
 * The server waits for the controller as long as we let it, and goes on waiting when we have hung
 * up: it is told to stop just before we do, so that its answer says what happened.
 */
int64_t argocd_server_timeout_s(const struct request *request)
{
	enum { EARLIER_MS = 2000 };

	if (request->type != REQUEST_REFRESH || request->timeout_ms == 0)
		return 0;
	return MAX(1, (request->timeout_ms - EARLIER_MS) / 1000);
}

/*
 * Everything that the spec could say differently a moment later is said here: the retry strategy,
 * whether to prune. No strategy means "hook", the one that runs hooks.
 */
static struct str sync_body(const struct request *request, struct arena *arena)
{
	auto_buf struct buf body = BUF_INIT(BODY_BYTES_MAX);
	struct json_write w = JSON_WRITE(&body);

	json_write_object_begin(&w);
	if (!str_empty(request->namespace))
		json_write_field_str(&w, STR("appNamespace"), request->namespace);
	json_write_field_str(&w, STR("project"), request->project);
	json_write_field_str(&w, STR("revision"), request->revision);
	json_write_field_bool(&w, STR("prune"), request->prune);
	json_write_key(&w, STR("infos"));
	json_write_array_begin(&w);
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("name"), STR("tiphys"));
	json_write_field_str(&w, STR("value"), request->token);
	json_write_object_end(&w);
	if (!str_empty(request->chain)) {
		json_write_object_begin(&w);
		json_write_field_str(&w, STR("name"), STR("tiphys-journal"));
		json_write_field_str(&w, STR("value"), request->chain);
		json_write_object_end(&w);
	}
	json_write_array_end(&w);
	json_write_key(&w, STR("retryStrategy"));
	json_write_raw(&w,
		       str_empty(request->retry_json) ? STR("{\"limit\":0}") : request->retry_json);
	json_write_object_end(&w);
	json_write_finish(&w);
	check(!buf_overflowed(&body));
	return arena_copy(arena, buf_view(&body));
}

static void encode_target(struct target *target, const struct request *request)
{
	switch (request->type) {
	case REQUEST_VERSION:
		path(target, STR("/api/version"));
		return;
	case REQUEST_SETTINGS:
		path(target, STR("/api/v1/settings"));
		return;
	case REQUEST_LIST:
		path(target, STR("/api/v1/applications"));
		selection(target, request, STR(LIST_FIELDS), STR(",items.metadata.labels"));
		return;
	case REQUEST_HISTORY:
		/* Whole: of a List with `fields` the server leaves out what this is about. */
		path(target, STR("/api/v1/applications"));
		parameter(target, "projects", request->project);
		parameter(target, "selector", request->selector);
		return;
	case REQUEST_WATCH:
		path(target, STR("/api/v1/stream/applications"));
		selection(target, request, STR(WATCH_FIELDS), STR("," APP "metadata.labels"));
		return;
	case REQUEST_GET:
	case REQUEST_REFRESH:
		application_path(target, request);
		parameter(target, "project", request->project);
		parameter(target, "appNamespace", request->namespace);
		if (request->type == REQUEST_REFRESH)
			parameter(target, "refresh",
				  request->is_hard ? STR("hard") : STR("normal"));
		return;
	case REQUEST_SYNC:
		application_path(target, request);
		path(target, STR("/sync"));
		return;
	case REQUEST_TERMINATE:
		application_path(target, request);
		path(target, STR("/operation"));
		parameter(target, "project", request->project);
		parameter(target, "appNamespace", request->namespace);
		return;
	case REQUEST_OWNER:
		path(target, STR("/api/v1/applicationsets"));
		segment(target, request->name);
		parameter(target, "appsetNamespace", request->namespace);
		return;
	case REQUEST_OWNERS:
		path(target, STR("/api/v1/applicationsets"));
		parameter(target, "projects", request->project);
		return;
	case REQUEST_GENERATE:
		path(target, STR("/api/v1/applicationsets/generate"));
		return;
	case REQUEST_PROJECT:
		path(target, STR("/api/v1/projects"));
		segment(target, request->name);
		return;
	}
}

void argocd_encode(const struct request *request, struct http_request *ret, struct arena *arena)
{
	struct target target = {.text = BUF_INIT(TARGET_BYTES_MAX)};

	encode_target(&target, request);
	check(!buf_overflowed(&target.text));
	bool is_post = request->type == REQUEST_SYNC || request->type == REQUEST_GENERATE;
	bool is_delete = request->type == REQUEST_TERMINATE;
	*ret = (struct http_request){
		.method = is_post     ? "POST"
			  : is_delete ? "DELETE"
				      : "GET",
		.target = arena_copy(arena, buf_view(&target.text)),
		.is_anonymous = request->type == REQUEST_VERSION,
		.is_stream = request->type == REQUEST_WATCH,
		.server_timeout_s = argocd_server_timeout_s(request),
		.timeout_ms = request->type == REQUEST_WATCH ? 0 : request->timeout_ms,
	};
	if (request->type == REQUEST_SYNC)
		ret->body = sync_body(request, arena);
	if (request->type == REQUEST_GENERATE)
		ret->body = request->owner_json;
	buf_release(&target.text);
}
