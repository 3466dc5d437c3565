#include "wire/application_json.h"

#include <string.h>

#include "base/check.h"
#include "base/json_write.h"
#include "model/revision.h"
#include "wire/plain.h"
#include "wire/source_json.h"

enum {
	WORDS_BYTES_MAX = 2000,
	NAMES_SHOWN_MAX = 3, /* in out_of_sync_names */
	LOOKED_AT_MAX = 100, /* of the objects that an operation may wait for */
};

/* More than any text that an operation's JSON can become. What is beyond is not part of its id. */
#define OPERATION_BYTES_MAX (128 * MIB)

/* ---- words of Argo CD's ---- */

static enum sync_status sync_status_of(struct str text)
{
	if (str_eq(text, STR("Synced")))
		return SYNC_SYNCED;
	if (str_eq(text, STR("OutOfSync")))
		return SYNC_OUT_OF_SYNC;
	return SYNC_UNKNOWN;
}

/* What is absent or not known by name is Unknown, the worst. */
static enum health health_of(struct str text)
{
	for (unsigned i = HEALTH_HEALTHY; i < HEALTH_UNKNOWN; i++) {
		if (str_eq(text, str_of(health_name((enum health)i))))
			return (enum health)i;
	}
	return HEALTH_UNKNOWN;
}

/* A phase that has no name here counts as running: it is not known to be over. */
static enum op_phase phase_of(struct str text)
{
	if (str_empty(text))
		return OP_NONE;
	for (unsigned i = OP_RUNNING; i <= OP_ERROR; i++) {
		if (str_eq(text, str_of(op_phase_name((enum op_phase)i))))
			return (enum op_phase)i;
	}
	return OP_RUNNING;
}

static wall wall_of(struct str text)
{
	wall at = {0};

	if (!wall_parse(text, &at))
		return (wall){0};
	return at;
}

wall wall_from_json(const struct json *value)
{
	return wall_of(json_text_of(value));
}

/* As Go's strconv.ParseBool, which Argo CD uses for its annotations. */
static bool is_true(struct str text)
{
	static const struct str words[] = {STR("1"),	STR("t"),    STR("T"),
					   STR("true"), STR("True"), STR("TRUE")};

	for (size_t i = 0; i < COUNTOF(words); i++) {
		if (str_eq(text, words[i]))
			return true;
	}
	return false;
}

static struct str clean(struct str text, struct arena *arena)
{
	return str_empty(text) ? text : plain_text(text, WORDS_BYTES_MAX, arena);
}

/* "Deployment web" */
static struct str object_name(const struct json *object, struct arena *arena)
{
	struct str kind = json_text(object, "kind"), name = json_text(object, "name");

	return clean(arena_printf(arena, STR_FMT " " STR_FMT, STR_ARG(kind), STR_ARG(name)), arena);
}

/* The revision, or those of several sources in a row. */
struct str revision_from_json(const struct json *value, struct arena *arena)
{
	struct str revision = json_text(value, "revision");
	const struct json *several = json_get(value, "revisions");

	for (size_t i = 0; str_empty(json_text(value, "revision")) && i < json_count(several);
	     i++) {
		struct str next = json_text_of(json_at(several, i));
		revision = i == 0 ? next
				  : arena_printf(arena, STR_FMT "," STR_FMT, STR_ARG(revision),
						 STR_ARG(next));
	}
	return revision;
}

/* ---- operations ---- */

/*
 * The id of an operation: when it started and what was asked. Of what was asked, Argo CD itself
 * changes one thing: with `retry.refresh` it blanks the revision for each retry.
 */
static uint64_t operation_id(const struct json *operation, struct str started_at)
{
	auto_buf struct buf text = BUF_INIT(OPERATION_BYTES_MAX);
	auto_json struct json *sync = NULL, *asked = NULL;
	bool is_map = json_kind(json_get(operation, "sync")) == JSON_KIND_MAP;

	buf_str(&text, started_at);
	if (is_map && json_flag(operation, "retry", "refresh")) {
		sync = json_clone(json_get(operation, "sync"));
		json_remove(sync, "revision");
		json_remove(sync, "revisions");
		asked = json_clone(operation);
		json_put(asked, "sync", sync);
		json_canonical(asked, &text);
	} else {
		json_canonical(operation, &text);
	}
	uint64_t id = str_hash(buf_view(&text));
	return id == 0 ? 1 : id;
}

static struct str token_of(const struct json *operation)
{
	const struct json *infos = json_get(operation, "info");

	for (size_t i = 0; i < json_count(infos); i++) {
		const struct json *info = json_at(infos, i);
		if (str_eq(json_text(info, "name"), STR("tiphys")))
			return json_text(info, "value");
	}
	return (struct str){0};
}

struct str initiator_from_json(const struct json *operation)
{
	struct str user = json_text(operation, "initiatedBy", "username");
	bool is_automated = json_flag(operation, "initiatedBy", "automated");

	return str_empty(user) && is_automated ? STR("auto-sync") : user;
}

/* What of an operation's objects has failed, the worst last. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_UNWELL,	 /* an object that was applied and did not become healthy */
	TROUBLE_REFUSED, /* an object that could not be applied */
	TROUBLE_HOOK,
};

static bool is_hook(const struct json *object)
{
	return !str_empty(json_text(object, "hookType"));
}

static enum trouble trouble_of(const struct json *object)
{
	enum op_phase phase = phase_of(json_text(object, "hookPhase"));
	bool has_failed = phase == OP_FAILED || phase == OP_ERROR;

	if (is_hook(object) && has_failed)
		return TROUBLE_HOOK;
	if (str_eq(json_text(object, "status"), STR("SyncFailed")))
		return TROUBLE_REFUSED;
	return has_failed ? TROUBLE_UNWELL : TROUBLE_NONE;
}

static bool is_same_object(const struct json *a, const struct json *b)
{
	static const char *const keys[] = {"name", "kind", "namespace", "group"};

	for (size_t i = 0; i < COUNTOF(keys); i++) {
		if (!str_eq(json_text(a, keys[i]), json_text(b, keys[i])))
			return false;
	}
	return true;
}

/* What the Application's own list of objects (status.resources) says of an operation's object. */
static const struct json *find_object(const struct json *objects, const struct json *object)
{
	for (size_t i = 0; i < json_count(objects); i++) {
		if (is_same_object(json_at(objects, i), object))
			return json_at(objects, i);
	}
	return NULL;
}

static void set_trouble(struct operation *op, const struct json *object, struct str words,
			struct arena *arena)
{
	struct str name = object_name(object, arena);

	op->trouble = clean(
		arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(words)), arena);
	op->is_hook_trouble = is_hook(object);
}

static void find_failure(const struct json *objects, struct arena *arena, struct operation *op)
{
	enum trouble worst = TROUBLE_NONE;
	const struct json *found = NULL;

	for (size_t i = 0; i < json_count(objects); i++) {
		enum trouble one = trouble_of(json_at(objects, i));
		if (one > worst) {
			worst = one;
			found = json_at(objects, i);
		}
	}
	if (found)
		set_trouble(op, found, json_text(found, "message"), arena);
}

/*
 * What an operation that goes on waits for: a hook that runs, or an object that is not well yet.
 * Its own message in the operation says only that it was created; its health says more.
 */
static void find_wait(const struct json *objects, const struct json *known, struct arena *arena,
		      struct operation *op)
{
	unsigned looked_at = 0;

	for (size_t i = 0; i < json_count(objects) && looked_at < LOOKED_AT_MAX; i++) {
		const struct json *object = json_at(objects, i);
		if (phase_of(json_text(object, "hookPhase")) != OP_RUNNING)
			continue;
		const struct json *health = json_get(find_object(known, object), "health");
		struct str status = json_text(health, "status");
		looked_at++;
		if (!is_hook(object) && (str_empty(status) || health_of(status) == HEALTH_HEALTHY))
			continue;
		struct str words = json_text(health, "message");
		set_trouble(op, object, str_empty(words) ? STR("running") : words, arena);
		return;
	}
}

/* What was asked for: the same in a requested operation and in the copy that a shown one keeps. */
static void read_asked(const struct json *spec, const struct json *operation, struct operation *op)
{
	const struct json *sync = json_get(operation, "sync");

	op->token = token_of(operation);
	op->initiator = initiator_from_json(operation);
	op->is_automated = json_flag(operation, "initiatedBy", "automated");
	op->is_dry_run = json_flag(sync, "dryRun");
	op->is_partial = json_count(json_get(sync, "resources")) > 0;
	op->is_apply = json_get(sync, "syncStrategy", "apply") != NULL;
	op->has_manifests = json_count(json_get(sync, "manifests")) > 0;
	op->has_other_source = source_is_other(spec, sync);
}

static void read_requested(const struct json *object, struct arena *arena, struct operation *op)
{
	const struct json *operation = json_get(object, "operation");

	if (!operation)
		return;
	read_asked(json_get(object, "spec"), operation, op);
	op->phase = OP_RUNNING;
	op->id = operation_id(operation, (struct str){0});
	op->revision = revision_from_json(json_get(operation, "sync"), arena);
}

/*
 * What it syncs. Argo CD writes the begin of an operation as a difference, so the result of the one
 * before stands until it is replaced, if the operation was written into Kubernetes and not asked of
 * argocd-server. While it goes on, the SHA that was asked for comes first. A controller that is
 * started anew before it has replaced that result takes it for the operation's own, and ends with
 * the hooks of the one revision what began with the objects of the other: so one that is over, and
 * of which two SHAs are said, is at neither.
 */
static struct str synced_revision(const struct json *state, bool goes_on, struct arena *arena)
{
	struct str asked = revision_from_json(json_get(state, "operation", "sync"), arena);
	struct str found = revision_from_json(json_get(state, "syncResult"), arena);

	if (str_empty(found) || str_eq(asked, found))
		return asked;
	if (revision_kind(asked) != REVISION_SHA)
		return found;
	return goes_on ? asked : STR("");
}

static void read_shown(const struct json *object, struct arena *arena, struct operation *op)
{
	const struct json *state = json_get(object, "status", "operationState");
	const struct json *operation = json_get(state, "operation");
	const struct json *objects = json_get(state, "syncResult", "resources");
	struct str started_at = json_text(state, "startedAt");

	op->phase = phase_of(json_text(state, "phase"));
	if (op->phase == OP_NONE)
		return;
	read_asked(json_get(object, "spec"), operation, op);
	op->id = operation_id(operation, started_at);
	op->revision = synced_revision(state, !operation_is_over(op), arena);
	op->message = clean(json_text(state, "message"), arena);
	find_failure(objects, arena, op);
	if (str_empty(op->trouble) && !operation_is_over(op))
		find_wait(objects, json_get(object, "status", "resources"), arena, op);
	op->started_at = wall_of(started_at);
	op->finished_at = wall_of(json_text(state, "finishedAt"));
	op->retry_count = json_int(state, "retryCount");
}

/* ---- the objects ---- */

/* Independent of the order in which the objects are listed: the hashes are added up. */
static uint64_t object_id(const struct json *object)
{
	static const char *const keys[] = {"group", "kind", "namespace", "name"};
	auto_buf struct buf text = BUF_INIT(1 * MIB);

	for (size_t i = 0; i < COUNTOF(keys); i++) {
		buf_str(&text, json_text(object, keys[i]));
		buf_char(&text, '/');
	}
	return str_hash(buf_view(&text));
}

static void read_out_of_sync(const struct json *objects, struct arena *arena,
			     struct application *app)
{
	struct str names = {0};

	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *object = json_at(objects, i);
		if (sync_status_of(json_text(object, "status")) != SYNC_OUT_OF_SYNC)
			continue;
		if (app->out_of_sync_count < NAMES_SHOWN_MAX) {
			struct str name = object_name(object, arena);
			names = str_empty(names) ? name
						 : arena_printf(arena, STR_FMT ", " STR_FMT,
								STR_ARG(names), STR_ARG(name));
		}
		app->out_of_sync_count++;
		app->prune_count += json_flag(object, "requiresPruning");
		app->out_of_sync_id += object_id(object);
	}
	if (app->out_of_sync_count > 0 && app->out_of_sync_id == 0)
		app->out_of_sync_id = 1;
	if (app->out_of_sync_count > NAMES_SHOWN_MAX)
		names = arena_printf(arena, STR_FMT ", %u more", STR_ARG(names),
				     app->out_of_sync_count - NAMES_SHOWN_MAX);
	app->out_of_sync_names = names;
}

/* "Deployment web/web", or without a namespace where it has none. */
static void append_object(const struct json *object, struct arena *arena, struct buf *out)
{
	struct str kind = json_text(object, "kind"), name = json_text(object, "name");
	struct str namespace = json_text(object, "namespace");
	const char *slash = str_empty(namespace) ? "" : "/";

	if (out->n > 0)
		buf_char(out, '\n');
	buf_str(out, clean(arena_printf(arena, STR_FMT " " STR_FMT "%s" STR_FMT, STR_ARG(kind),
					STR_ARG(namespace), slash, STR_ARG(name)),
			   arena));
}

void application_objects_from_json(const struct json *object, struct arena *arena,
				   struct application *app)
{
	const struct json *objects = json_get(object, "status", "resources");
	auto_buf struct buf changed = BUF_INIT(1 * MIB), pruned = BUF_INIT(1 * MIB);
	size_t named = 0;

	for (size_t i = 0; i < json_count(objects) && named < OBJECTS_NAMED_MAX; i++) {
		const struct json *one = json_at(objects, i);
		if (sync_status_of(json_text(one, "status")) != SYNC_OUT_OF_SYNC)
			continue;
		append_object(one, arena, json_flag(one, "requiresPruning") ? &pruned : &changed);
		named++;
	}
	app->changed_objects = arena_copy(arena, buf_view(&changed));
	app->pruned_objects = arena_copy(arena, buf_view(&pruned));
}

/*
 * The object that explains the Application's health: the first one that is as unwell as the whole;
 * else (the whole may be unwell for another reason) the worst.
 */
static const struct json *unhealthy_object(const struct json *objects, enum health health)
{
	const struct json *found = NULL;
	enum health worst = HEALTH_HEALTHY;

	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *object = json_at(objects, i);
		struct str text = json_text(object, "health", "status");
		/* Many kinds have no health at all. */
		enum health one = str_empty(text) ? HEALTH_HEALTHY : health_of(text);
		if (one == HEALTH_HEALTHY)
			continue;
		if (one == health)
			return object;
		if (one > worst) {
			worst = one;
			found = object;
		}
	}
	return found;
}

static void read_health(const struct json *object, struct arena *arena, struct application *app)
{
	const struct json *status = json_get(object, "status");
	const struct json *cause = NULL;
	struct str message;

	app->health = health_of(json_text(status, "health", "status"));
	if (app->health != HEALTH_HEALTHY && app->has_resources)
		cause = unhealthy_object(json_get(status, "resources"), app->health);
	if (cause)
		app->unhealthy_name = object_name(cause, arena);
	message = json_text(cause, "health", "message");
	if (str_empty(message))
		message = json_text(status, "health", "message");
	app->health_message = clean(message, arena);
}

/* ---- the whole ---- */

struct str owner_of_json(const struct json *object)
{
	const struct json *owners = json_get(object, "metadata", "ownerReferences");

	for (size_t i = 0; i < json_count(owners); i++) {
		const struct json *owner = json_at(owners, i);
		if (str_eq(json_text(owner, "kind"), STR("ApplicationSet")) &&
		    json_flag(owner, "controller"))
			return json_text(owner, "name");
	}
	return (struct str){0};
}

static struct str project_of(const struct json *spec)
{
	struct str project = json_text(spec, "project");

	return str_empty(project) ? STR("default") : project;
}

/* With `refresh`, a retry would forget the revision that it was asked to sync. */
static struct str retry_of(const struct json *spec, struct arena *arena)
{
	const struct json *retry = json_get(spec, "syncPolicy", "retry");
	auto_buf struct buf text = BUF_INIT(1 * MIB);

	if (json_kind(retry) != JSON_KIND_MAP)
		return (struct str){0};
	auto_json struct json *ours = json_clone(retry);
	json_put_flag(ours, "refresh", false);
	json_canonical(ours, &text);
	return buf_overflowed(&text) ? (struct str){0} : arena_copy(arena, buf_view(&text));
}

/* "test-1/web": the cluster, by its name if it is given by that, and the namespace. */
static struct str destination_of(const struct json *spec, struct arena *arena)
{
	struct str cluster = json_text(spec, "destination", "name");
	struct str namespace = json_text(spec, "destination", "namespace");

	if (str_empty(cluster))
		cluster = json_text(spec, "destination", "server");
	return str_empty(namespace) ? cluster
				    : arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(cluster),
						   STR_ARG(namespace));
}

static void read_spec(const struct json *spec, struct arena *arena, struct application *app)
{
	const struct json *automated = json_get(spec, "syncPolicy", "automated");
	const struct json *enabled = json_get(automated, "enabled");
	const struct json *source = source_first(spec);

	app->project = project_of(spec);
	app->source_kind = source_kind_of(spec);
	app->repo_url = json_text(source, "repoURL");
	app->target_revision = source_target_revision(spec);
	app->destination = destination_of(spec, arena);
	app->retry_json = retry_of(spec, arena);
	app->has_auto_sync = automated && (!enabled || json_flag_of(enabled));
	app->auto_sync_prunes = app->has_auto_sync && json_flag(automated, "prune");
}

static bool is_error(struct str type)
{
	return str_eq(type, STR("InvalidSpecError")) || str_eq(type, STR("ComparisonError")) ||
	       str_eq(type, STR("UnknownError"));
}

static struct str error_of(const struct json *conditions, struct arena *arena)
{
	for (size_t i = 0; i < json_count(conditions); i++) {
		const struct json *condition = json_at(conditions, i);
		struct str type = json_text(condition, "type");
		struct str message = json_text(condition, "message");
		if (is_error(type))
			return clean(arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(type),
						  STR_ARG(message)),
				     arena);
	}
	return (struct str){0};
}

static void read_status(const struct json *object, struct arena *arena, struct application *app)
{
	const struct json *status = json_get(object, "status");
	const struct json *compared_to = json_get(status, "sync", "comparedTo");

	app->is_compared = source_is_compared(json_get(object, "spec"), compared_to);
	app->sync = sync_status_of(json_text(status, "sync", "status"));
	app->sync_revision = revision_from_json(json_get(status, "sync"), arena);
	app->error = error_of(json_get(status, "conditions"), arena);
	app->reconciled_at = wall_of(json_text(status, "reconciledAt"));
	if (app->has_resources)
		read_out_of_sync(json_get(status, "resources"), arena, app);
	read_health(object, arena, app);
}

/* What may stand for anything: it is made with the generators' parameters. */
static bool is_made(struct str text, bool is_template)
{
	return is_template && str_find(text, STR("{{"), NULL);
}

struct str labels_from_json(const struct json *labels, bool is_template, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB);
	struct json_cursor at = {0};

	while (json_next(labels, &at)) {
		struct str value = json_text_of(at.value);
		if (is_made(at.key, is_template))
			at.key = value = STR("*");
		if (is_made(value, is_template))
			value = STR("*");
		buf_printf(&text, "%s" STR_FMT "=" STR_FMT, text.n > 0 ? "," : "", STR_ARG(at.key),
			   STR_ARG(value));
	}
	return text.n > 0 && !buf_overflowed(&text) ? arena_copy(arena, buf_view(&text)) : STR("");
}

static void read_metadata(const struct json *object, struct arena *arena, struct application *app)
{
	const struct json *metadata = json_get(object, "metadata");
	const struct json *annotations = json_get(metadata, "annotations");

	app->name = json_text(metadata, "name");
	app->namespace = json_text(metadata, "namespace");
	app->uid = json_text(metadata, "uid");
	app->owner = owner_of_json(object);
	app->labels = labels_from_json(json_get(metadata, "labels"), false, arena);
	app->is_deleting = json_get(metadata, "deletionTimestamp") != NULL;
	app->has_refresh = json_get(annotations, "argocd.argoproj.io/refresh") != NULL;
	app->is_paused = is_true(json_text(annotations, "argocd.argoproj.io/skip-reconcile"));
}

int application_from_json(const struct json *object, bool has_resources, struct arena *arena,
			  struct application *ret_app, struct err *err)
{
	struct application app = {.has_resources = has_resources};
	struct str version = json_text(object, "metadata", "resourceVersion");

	read_metadata(object, arena, &app);
	if (str_empty(app.name))
		return err_set(err, E_PROTOCOL, "an Application without a name");
	if (str_empty(app.uid))
		return err_set(err, E_PROTOCOL, "an Application without a uid");
	if (!str_to_u64(version, &app.resource_version))
		return err_set(err, E_PROTOCOL, "an Application without a resourceVersion");
	if (json_kind(json_get(object, "spec")) != JSON_KIND_MAP)
		return err_set(err, E_PROTOCOL, "an Application without a spec");
	read_spec(json_get(object, "spec"), arena, &app);
	read_status(object, arena, &app);
	read_requested(object, arena, &app.requested);
	read_shown(object, arena, &app.shown);
	*ret_app = app;
	return 0;
}

int application_gone_from_json(const struct json *object, struct application *ret_app,
			       struct err *err)
{
	struct application app = {0};
	struct str version = json_text(object, "metadata", "resourceVersion");

	app.name = json_text(object, "metadata", "name");
	app.namespace = json_text(object, "metadata", "namespace");
	app.uid = json_text(object, "metadata", "uid");
	if (str_empty(app.name))
		return err_set(err, E_PROTOCOL, "an Application without a name");
	if (!str_to_u64(version, &app.resource_version))
		app.resource_version = 0;
	app.project = project_of(json_get(object, "spec"));
	*ret_app = app;
	return 0;
}

int app_row_from_json(const struct json *item, struct arena *arena, struct app_row *ret_row,
		      struct err *err)
{
	const struct json *spec = json_get(item, "spec"), *status = json_get(item, "status");
	const struct json *state = json_get(status, "operationState");
	struct str name = json_text(item, "metadata", "name");

	if (str_empty(name))
		return err_set(err, E_PROTOCOL, "an Application without a name");
	if (json_kind(spec) != JSON_KIND_MAP)
		return err_set(err, E_PROTOCOL, "an Application without a spec");
	*ret_row = (struct app_row){
		.name = name,
		.namespace = json_text(item, "metadata", "namespace"),
		.project = project_of(spec),
		.target_revision = source_target_revision(spec),
		.labels = labels_from_json(json_get(item, "metadata", "labels"), false, arena),
		.sync = sync_status_of(json_text(status, "sync", "status")),
		.health = health_of(json_text(status, "health", "status")),
		.phase = phase_of(json_text(state, "phase")),
		.started_at = wall_of(json_text(state, "startedAt")),
		.finished_at = wall_of(json_text(state, "finishedAt")),
		.is_requested = json_get(item, "operation") != NULL,
		.is_deleting = json_get(item, "metadata", "deletionTimestamp") != NULL,
	};
	return 0;
}

/* ---- ApplicationSets ---- */

/* Its generators or its patch may change the labels that its template says. */
static struct str template_labels(const struct json *spec, struct arena *arena)
{
	auto_buf struct buf generators = BUF_INIT(OPERATION_BYTES_MAX);
	const struct json *labels = json_get(spec, "template", "metadata", "labels");

	if (!str_empty(json_text(spec, "templatePatch")))
		return STR("*=*");
	json_canonical(json_get(spec, "generators"), &generators);
	/* Argo CD writes an empty template where a generator has none of its own. */
	if (str_find(buf_view(&generators), STR("\"template\":{\"metadata\":{\""), NULL))
		return STR("*=*");
	return labels_from_json(labels, true, arena);
}

/*
 * The annotation has the generators look anew, instead of into what Argo CD remembers; it is in
 * this copy alone.
 */
static struct str generate_body(const struct json *object, struct arena *arena)
{
	auto_buf struct buf body = BUF_INIT(OPERATION_BYTES_MAX),
			    spec = BUF_INIT(OPERATION_BYTES_MAX);
	struct json_write w = JSON_WRITE(&body);

	json_canonical(json_get(object, "spec"), &spec);
	json_write_object_begin(&w);
	json_write_key(&w, STR("applicationSet"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("apiVersion"), STR("argoproj.io/v1alpha1"));
	json_write_field_str(&w, STR("kind"), STR("ApplicationSet"));
	json_write_key(&w, STR("metadata"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("name"), json_text(object, "metadata", "name"));
	json_write_field_str(&w, STR("namespace"), json_text(object, "metadata", "namespace"));
	json_write_key(&w, STR("annotations"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("argocd.argoproj.io/application-set-refresh"), STR("true"));
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_key(&w, STR("spec"));
	json_write_raw(&w, buf_view(&spec));
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_finish(&w);
	return arena_copy(arena, buf_view(&body));
}

int owner_from_json(const struct json *object, struct arena *arena, struct owner_row *ret_row,
		    struct err *err)
{
	const struct json *spec = json_get(object, "spec");
	const struct json *source = json_get(spec, "template", "spec", "source");
	struct str name = json_text(object, "metadata", "name");

	if (str_empty(name))
		return err_set(err, E_PROTOCOL, "an ApplicationSet without a name");
	if (json_kind(spec) != JSON_KIND_MAP)
		return err_set(err, E_PROTOCOL, "an ApplicationSet without a spec");
	if (!source)
		source = json_at(json_get(spec, "template", "spec", "sources"), 0);
	*ret_row = (struct owner_row){
		.name = arena_copy(arena, name),
		.is_rolling = str_eq(json_text(spec, "strategy", "type"), STR("RollingSync")),
		.target_revision = arena_copy(arena, json_text(source, "targetRevision")),
		.labels = template_labels(spec, arena),
		.json = generate_body(object, arena),
	};
	return 0;
}
