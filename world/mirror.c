#include "world/mirror.h"

#include "base/json_write.h"
#include "world/mirror_operation.h"
#include "world/mirror_parts.h"

enum {
	JSON_BYTES_MAX = 4 * 1024,
	NAMES_SHOWN_MAX = 3, /* in out_of_sync_names */
};

/* ---- metadata ---- */

/* What may stand for anything: it is made with the generators' parameters. */
static struct str made(struct str text, bool is_template)
{
	return is_template && str_find(text, STR("{{"), NULL) ? STR("*") : text;
}

static struct str labels_of(const struct pair_list *labels, bool is_template, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(MIB);

	for (const struct pair *at = pair_next(labels, NULL); at; at = pair_next(labels, at)) {
		struct str key = made(at->key, is_template), value = made(at->value, is_template);
		if (is_template && str_eq(key, STR("*")))
			value = key;
		if (text.n > 0)
			buf_char(&text, ',');
		buf_str(&text, key);
		buf_char(&text, '=');
		buf_str(&text, value);
	}
	return arena_copy(arena, buf_view(&text));
}

static void show_metadata(const struct app *app, bool has_labels, struct arena *arena,
			  struct application *ret)
{
	ret->name = app->name;
	ret->namespace = app->namespace;
	ret->uid = app->uid;
	ret->resource_version = app->version;
	ret->owner = app->owner;
	ret->labels = has_labels ? labels_of(app->labels, false, arena) : STR("");
	ret->is_deleting = app->deleting_at.ms != 0;
	ret->has_refresh = app->refresh != REFRESH_NONE;
	ret->is_paused = app->is_paused;
}

/* ---- spec ---- */

static struct str project_of(const struct app_spec *spec)
{
	return str_empty(spec->project) ? STR("default") : spec->project;
}

static void write_number(struct json_write *w, struct str key, int64_t value)
{
	if (value != 0)
		json_write_field_int(w, key, value);
}

static void write_text(struct json_write *w, struct str key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, key, value);
}

/* With `refresh`, a retry would forget the revision that it was asked to sync. */
static struct str retry_json_of(const struct retry *retry, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(JSON_BYTES_MAX);
	struct json_write w = JSON_WRITE(&text);

	if (!retry->is_set)
		return STR("");
	json_write_object_begin(&w);
	if (!str_empty(retry->duration) || !str_empty(retry->max_duration) || retry->factor) {
		json_write_key(&w, STR("backoff"));
		json_write_object_begin(&w);
		write_text(&w, STR("duration"), retry->duration);
		write_number(&w, STR("factor"), retry->factor);
		write_text(&w, STR("maxDuration"), retry->max_duration);
		json_write_object_end(&w);
	}
	write_number(&w, STR("limit"), retry->limit);
	json_write_field_bool(&w, STR("refresh"), false);
	json_write_object_end(&w);
	json_write_finish(&w);
	return arena_copy(arena, buf_view(&text));
}

static struct str destination_of(const struct destination *at, struct arena *arena)
{
	struct str cluster = str_empty(at->name) ? at->server : at->name;

	return str_empty(at->namespace) ? cluster : mirror_join(cluster, '/', at->namespace, arena);
}

static void show_spec(const struct app_spec *spec, struct arena *arena, struct application *ret)
{
	const struct source *source = mirror_first_source(spec);

	ret->project = project_of(spec);
	ret->source_kind = mirror_source_kind(spec);
	ret->repo_url = source ? source->repo_url : STR("");
	ret->target_revision = mirror_target_revision(spec);
	ret->destination = destination_of(&spec->destination, arena);
	ret->retry_json = retry_json_of(&spec->retry, arena);
	ret->has_auto_sync = spec->automated.is_set && !spec->automated.is_disabled;
	ret->auto_sync_prunes = ret->has_auto_sync && spec->automated.prune;
}

/* ---- status ---- */

static bool is_compared(const struct app_spec *spec, const struct compared_to *to)
{
	return mirror_source_kind(spec) != SOURCE_NONE &&
	       destination_equal(&spec->destination, &to->destination) &&
	       str_eq(spec->ignore_differences_json, to->ignore_differences_json) &&
	       mirror_is_spec_source(spec, &to->sources, true);
}

static bool is_error(struct str type)
{
	return str_eq(type, STR("InvalidSpecError")) || str_eq(type, STR("ComparisonError")) ||
	       str_eq(type, STR("UnknownError"));
}

static struct str error_of(const struct condition_list *conditions, struct arena *arena)
{
	for (uint32_t i = 0; conditions && i < conditions->n; i++) {
		const struct condition *condition = &conditions->v[i];
		if (is_error(condition->type))
			return mirror_clean(arena_printf(arena, STR_FMT ": " STR_FMT,
							 STR_ARG(condition->type),
							 STR_ARG(condition->message)),
					    arena);
	}
	return STR("");
}

/* Independent of the order in which the objects are listed: the hashes are added up. */
static uint64_t object_id(const struct resource *object)
{
	uint64_t hash = MIRROR_HASH_BEGIN;

	hash = mirror_hash(hash, object->group, '/');
	hash = mirror_hash(hash, object->kind, '/');
	hash = mirror_hash(hash, object->namespace, '/');
	return mirror_hash(hash, object->name, '/');
}

static void show_out_of_sync(const struct resource_list *objects, struct arena *arena,
			     struct application *ret)
{
	struct str names = STR("");

	for (uint32_t i = 0; objects && i < objects->n; i++) {
		const struct resource *object = &objects->v[i];
		if (object->is_hook || object->sync != RESOURCE_OUT_OF_SYNC)
			continue;
		if (ret->out_of_sync_count < NAMES_SHOWN_MAX) {
			struct str name = mirror_object_name(object->kind, object->name, arena);
			names = str_empty(names) ? name
						 : arena_printf(arena, STR_FMT ", " STR_FMT,
								STR_ARG(names), STR_ARG(name));
		}
		ret->out_of_sync_count++;
		ret->prune_count += object->requires_pruning;
		ret->out_of_sync_id += object_id(object);
	}
	if (ret->out_of_sync_count > 0 && ret->out_of_sync_id == 0)
		ret->out_of_sync_id = 1;
	if (ret->out_of_sync_count > NAMES_SHOWN_MAX)
		names = arena_printf(arena, STR_FMT ", %u more", STR_ARG(names),
				     ret->out_of_sync_count - NAMES_SHOWN_MAX);
	ret->out_of_sync_names = names;
}

void mirror_objects(const struct app *app, struct arena *arena, struct application *ret)
{
	const struct resource_list *objects = app->status.resources;
	uint32_t named = 0;

	ret->changed_objects = ret->pruned_objects = STR("");
	for (uint32_t i = 0; objects && i < objects->n && named < OBJECTS_NAMED_MAX; i++) {
		const struct resource *object = &objects->v[i];
		if (object->is_hook || object->sync != RESOURCE_OUT_OF_SYNC)
			continue;
		struct str *names = object->requires_pruning ? &ret->pruned_objects
							     : &ret->changed_objects;
		struct str name = str_empty(object->namespace) ? object->name
							       : mirror_join(object->namespace, '/',
									     object->name, arena);
		name = mirror_object_name(object->kind, name, arena);
		*names = str_empty(*names) ? name : mirror_join(*names, '\n', name, arena);
		named++;
	}
}

/* The object that explains the Application's health: the first one that is as unwell as the whole;
 * else the worst. */
static const struct resource *unhealthy_object(const struct resource_list *objects,
					       enum health health)
{
	const struct resource *found = NULL;
	enum health worst = HEALTH_HEALTHY;

	for (uint32_t i = 0; objects && i < objects->n; i++) {
		const struct resource *object = &objects->v[i];
		if (!object->has_health || object->health == HEALTH_HEALTHY)
			continue;
		if (object->health == health)
			return object;
		if (object->health > worst) {
			worst = object->health;
			found = object;
		}
	}
	return found;
}

static void show_health(const struct app_status *status, struct arena *arena,
			struct application *ret)
{
	const struct resource *cause = NULL;
	struct str message = STR("");

	ret->health = status->has_health ? status->health : HEALTH_UNKNOWN;
	if (ret->health != HEALTH_HEALTHY && ret->has_resources)
		cause = unhealthy_object(status->resources, ret->health);
	if (cause) {
		ret->unhealthy_name = mirror_object_name(cause->kind, cause->name, arena);
		message = cause->health_message;
	}
	ret->health_message = mirror_clean(str_empty(message) ? status->health_message : message,
					   arena);
}

static void show_status(const struct app *app, struct arena *arena, struct application *ret)
{
	const struct app_status *status = &app->status;

	ret->is_compared = is_compared(&app->spec, &status->compared_to);
	ret->sync = status->has_sync ? status->sync : SYNC_UNKNOWN;
	ret->sync_revision = mirror_revision(&status->sync_revisions, arena);
	ret->error = error_of(status->conditions, arena);
	ret->reconciled_at = status->reconciled_at;
	if (ret->has_resources)
		show_out_of_sync(status->resources, arena, ret);
	show_health(status, arena, ret);
}

/* ---- the whole ---- */

struct application mirror_application(const struct app *app, enum mirror_kind kind,
				      struct arena *arena)
{
	struct application shown = {.has_resources = kind == MIRROR_WHOLE};

	show_metadata(app, kind != MIRROR_FRAME, arena, &shown);
	show_spec(&app->spec, arena, &shown);
	show_status(app, arena, &shown);
	shown.requested = mirror_requested(app, arena);
	shown.shown = mirror_shown(app, shown.has_resources, arena);
	return shown;
}

struct application mirror_gone(const struct app *app)
{
	return (struct application){
		.name = app->name,
		.namespace = app->namespace,
		.uid = app->uid,
		.resource_version = app->version,
		.project = project_of(&app->spec),
	};
}

struct app_row mirror_row(const struct app *app, bool has_labels, struct arena *arena)
{
	const struct app_status *status = &app->status;
	const struct op_state *state = &status->operation;
	bool has_state = state->phase != OP_NONE;

	return (struct app_row){
		.name = app->name,
		.namespace = app->namespace,
		.project = project_of(&app->spec),
		.target_revision = mirror_target_revision(&app->spec),
		.labels = has_labels ? labels_of(app->labels, false, arena) : STR(""),
		.sync = status->has_sync ? status->sync : SYNC_UNKNOWN,
		.health = status->has_health ? status->health : HEALTH_UNKNOWN,
		.phase = state->phase,
		.started_at = has_state ? state->started_at : (wall){0},
		.finished_at = has_state ? state->finished_at : (wall){0},
		.is_requested = app->operation.is_set,
		.is_deleting = app->deleting_at.ms != 0,
	};
}

/* Of a hydrator's source the JSON has no `source` at all. */
static struct str template_revision(const struct app_spec *spec)
{
	if (!spec->has_hydrator && spec->sources.has_source)
		return spec->sources.source.target_revision;
	return spec->sources.sources && spec->sources.sources->n > 0
		       ? spec->sources.sources->v[0].target_revision
		       : STR("");
}

struct owner_row mirror_owner(const struct appset *set, struct str handle, struct arena *arena)
{
	return (struct owner_row){
		.name = set->name,
		.is_rolling = set->is_rolling,
		.target_revision = template_revision(&set->template.spec),
		.labels = labels_of(set->template.labels, true, arena),
		.json = handle,
	};
}
