#include "argo/object.h"

#include "base/alloc.h"
#include "base/check.h"

#include <string.h>

/* Interned texts that are equal mostly are the same bytes. */
static bool same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n) == 0);
}

static bool same_wall(wall a, wall b)
{
	return a.ms == b.ms;
}

wall stamp(wall now)
{
	return (wall){now.ms - now.ms % 1000};
}

bool phase_is_completed(enum op_phase phase)
{
	return phase == OP_SUCCEEDED || phase == OP_FAILED || phase == OP_ERROR;
}

/* ---- items ---- */

static bool pair_same(const struct pair *a, const struct pair *b)
{
	return same(a->key, b->key) && same(a->value, b->value);
}

static bool source_same(const struct source *a, const struct source *b)
{
	return same(a->repo_url, b->repo_url) && same(a->path, b->path) &&
	       same(a->chart, b->chart) && same(a->target_revision, b->target_revision) &&
	       same(a->ref, b->ref) && same(a->name, b->name) && same(a->tool_json, b->tool_json);
}

static bool op_resource_same(const struct op_resource *a, const struct op_resource *b)
{
	return same(a->group, b->group) && same(a->kind, b->kind) &&
	       same(a->namespace, b->namespace) && same(a->name, b->name);
}

static bool resource_same(const struct resource *a, const struct resource *b)
{
	return a->sync == b->sync && same(a->name, b->name) && same(a->kind, b->kind) &&
	       same(a->group, b->group) && same(a->version, b->version) &&
	       same(a->namespace, b->namespace) && a->requires_pruning == b->requires_pruning &&
	       a->is_hook == b->is_hook && a->wave == b->wave;
}

static bool result_same(const struct result *a, const struct result *b)
{
	return same(a->group, b->group) && same(a->version, b->version) && same(a->kind, b->kind) &&
	       same(a->namespace, b->namespace) && same(a->name, b->name) &&
	       same(a->status, b->status) && same(a->message, b->message) &&
	       same(a->hook_type, b->hook_type) && same(a->hook_phase, b->hook_phase) &&
	       same(a->sync_phase, b->sync_phase);
}

static bool condition_same(const struct condition *a, const struct condition *b)
{
	return same(a->type, b->type) && same(a->message, b->message) &&
	       same_wall(a->last_transition_at, b->last_transition_at);
}

static bool history_entry_same(const struct history_entry *a, const struct history_entry *b)
{
	return a->id == b->id && revisions_equal(&a->revisions, &b->revisions) &&
	       sources_equal(&a->sources, &b->sources) &&
	       same_wall(a->deploy_started_at, b->deploy_started_at) &&
	       same_wall(a->deployed_at, b->deployed_at) && same(a->username, b->username) &&
	       a->is_automated == b->is_automated;
}

static bool sync_window_same(const struct sync_window *a, const struct sync_window *b)
{
	return a->is_deny == b->is_deny && a->manual_sync == b->manual_sync &&
	       same(a->applications, b->applications) && same_wall(a->from, b->from) &&
	       same_wall(a->until, b->until);
}

static void history_entry_drop(struct history_entry *entry)
{
	sources_drop(&entry->sources);
}

/* ---- lists ---- */

#define LIST(list, item, drop_item)                                                                \
	struct list *list##_new(uint32_t n)                                                        \
	{                                                                                          \
		struct list *made = mem_zalloc(sizeof(*made) + n * sizeof(made->v[0]));            \
		made->refs = 1;                                                                    \
		made->n = n;                                                                       \
		return made;                                                                       \
	}                                                                                          \
	struct list *list##_keep(struct list *kept)                                                \
	{                                                                                          \
		if (kept != NULL)                                                                  \
			kept->refs++;                                                              \
		return kept;                                                                       \
	}                                                                                          \
	void list##_drop(struct list *dropped)                                                     \
	{                                                                                          \
		if (dropped == NULL)                                                               \
			return;                                                                    \
		check(dropped->refs > 0);                                                          \
		if (--dropped->refs > 0)                                                           \
			return;                                                                    \
		drop_item;                                                                         \
		mem_free(dropped);                                                                 \
	}                                                                                          \
	bool list##_same(const struct list *a, const struct list *b)                               \
	{                                                                                          \
		uint32_t n = a == NULL ? 0 : a->n;                                                 \
		if (a == b)                                                                        \
			return true;                                                               \
		if (n != (b == NULL ? 0 : b->n))                                                   \
			return false;                                                              \
		for (uint32_t i = 0; i < n; i++) {                                                 \
			if (!item##_same(&a->v[i], &b->v[i]))                                      \
				return false;                                                      \
		}                                                                                  \
		return true;                                                                       \
	}

LIST(pair_list, pair, (void)0)
LIST(source_list, source, (void)0)
LIST(op_resource_list, op_resource, (void)0)
LIST(resource_list, resource, (void)0)
LIST(result_list, result, (void)0)
LIST(condition_list, condition, (void)0)
LIST(history_list, history_entry,
     for (uint32_t i = 0; i < dropped->n; i++) history_entry_drop(&dropped->v[i]))
LIST(window_list, sync_window, (void)0)

struct pair_list *pairs_of(struct str text)
{
	struct str rest = text, piece;
	uint32_t n = str_empty(text) ? 0 : 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ',';
	struct pair_list *pairs = pair_list_new(n);
	for (uint32_t i = 0; i < n && str_cut(&rest, ',', &piece); i++) {
		(void)str_cut(&piece, '=', &pairs->v[i].key);
		pairs->v[i].value = piece;
	}
	return pairs;
}

struct str pair_get(const struct pair_list *list, struct str key)
{
	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		if (same(list->v[i].key, key))
			return list->v[i].value;
	}
	return (struct str){0};
}

const struct pair *pair_next(const struct pair_list *list, const struct pair *last)
{
	const struct pair *next = NULL;

	for (uint32_t i = 0; list != NULL && i < list->n; i++) {
		const struct pair *pair = &list->v[i];
		if (last != NULL && str_cmp(pair->key, last->key) <= 0)
			continue;
		if (next == NULL || str_cmp(pair->key, next->key) < 0)
			next = pair;
	}
	return next;
}

/* ---- parts ---- */

bool sources_equal(const struct sources *a, const struct sources *b)
{
	return a->has_source == b->has_source && source_same(&a->source, &b->source) &&
	       source_list_same(a->sources, b->sources);
}

bool destination_equal(const struct destination *a, const struct destination *b)
{
	return same(a->server, b->server) && same(a->name, b->name) &&
	       same(a->namespace, b->namespace);
}

bool revisions_equal(const struct revisions *a, const struct revisions *b)
{
	if (!same(a->revision, b->revision) || a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		if (!same(a->v[i], b->v[i]))
			return false;
	}
	return true;
}

static bool retry_same(const struct retry *a, const struct retry *b)
{
	return a->is_set == b->is_set && a->limit == b->limit && a->refresh == b->refresh &&
	       same(a->duration, b->duration) && same(a->max_duration, b->max_duration) &&
	       a->factor == b->factor;
}

bool op_request_same(const struct op_request *a, const struct op_request *b)
{
	return a->is_set == b->is_set && same(a->username, b->username) &&
	       a->is_automated == b->is_automated && pair_list_same(a->infos, b->infos) &&
	       revisions_equal(&a->revisions, &b->revisions) &&
	       sources_equal(&a->sources, &b->sources) && a->prune == b->prune &&
	       a->dry_run == b->dry_run && a->strategy == b->strategy && a->force == b->force &&
	       op_resource_list_same(a->resources, b->resources) &&
	       same(a->manifests_json, b->manifests_json) &&
	       same(a->sync_options_json, b->sync_options_json) &&
	       a->self_heal_attempts == b->self_heal_attempts && retry_same(&a->retry, &b->retry);
}

bool op_state_same(const struct op_state *a, const struct op_state *b)
{
	return a->phase == b->phase && op_request_same(&a->operation, &b->operation) &&
	       same(a->message, b->message) && same_wall(a->started_at, b->started_at) &&
	       same_wall(a->finished_at, b->finished_at) && a->retry_count == b->retry_count &&
	       a->has_result == b->has_result &&
	       revisions_equal(&a->result_revisions, &b->result_revisions) &&
	       sources_equal(&a->result_sources, &b->result_sources) &&
	       result_list_same(a->results, b->results);
}

static bool compared_to_same(const struct compared_to *a, const struct compared_to *b)
{
	return a->is_set == b->is_set && sources_equal(&a->sources, &b->sources) &&
	       destination_equal(&a->destination, &b->destination) &&
	       same(a->ignore_differences_json, b->ignore_differences_json);
}

bool app_status_same(const struct app_status *a, const struct app_status *b)
{
	return a->sync == b->sync && a->has_sync == b->has_sync &&
	       revisions_equal(&a->sync_revisions, &b->sync_revisions) &&
	       compared_to_same(&a->compared_to, &b->compared_to) &&
	       a->has_health == b->has_health && a->health == b->health &&
	       same(a->health_message, b->health_message) &&
	       same_wall(a->health_changed_at, b->health_changed_at) &&
	       same_wall(a->reconciled_at, b->reconciled_at) &&
	       resource_list_same(a->resources, b->resources) &&
	       condition_list_same(a->conditions, b->conditions) &&
	       history_list_same(a->history, b->history) &&
	       op_state_same(&a->operation, &b->operation) && same(a->source_type, b->source_type);
}

bool app_spec_same(const struct app_spec *a, const struct app_spec *b)
{
	return same(a->project, b->project) && sources_equal(&a->sources, &b->sources) &&
	       a->has_hydrator == b->has_hydrator &&
	       destination_equal(&a->destination, &b->destination) &&
	       same(a->ignore_differences_json, b->ignore_differences_json) &&
	       a->automated.is_set == b->automated.is_set &&
	       a->automated.is_disabled == b->automated.is_disabled &&
	       a->automated.prune == b->automated.prune &&
	       a->automated.self_heal == b->automated.self_heal &&
	       a->automated.allow_empty == b->automated.allow_empty &&
	       retry_same(&a->retry, &b->retry) &&
	       same(a->sync_options_json, b->sync_options_json) &&
	       a->history_limit == b->history_limit;
}

bool app_same(const struct app *a, const struct app *b)
{
	return same(a->name, b->name) && same(a->namespace, b->namespace) && same(a->uid, b->uid) &&
	       same_wall(a->deleting_at, b->deleting_at) && pair_list_same(a->labels, b->labels) &&
	       pair_list_same(a->annotations, b->annotations) &&
	       same(a->finalizers_json, b->finalizers_json) && a->refresh == b->refresh &&
	       a->is_paused == b->is_paused && same(a->owner, b->owner) &&
	       same(a->owner_uid, b->owner_uid) && app_spec_same(&a->spec, &b->spec) &&
	       op_request_same(&a->operation, &b->operation) &&
	       app_status_same(&a->status, &b->status);
}

/* ---- references ---- */

struct sources sources_keep(const struct sources *sources)
{
	source_list_keep(sources->sources);
	return *sources;
}

void sources_drop(struct sources *sources)
{
	source_list_drop(sources->sources);
	*sources = (struct sources){0};
}

struct op_request op_request_keep(const struct op_request *request)
{
	pair_list_keep(request->infos);
	source_list_keep(request->sources.sources);
	op_resource_list_keep(request->resources);
	return *request;
}

void op_request_drop(struct op_request *request)
{
	pair_list_drop(request->infos);
	source_list_drop(request->sources.sources);
	op_resource_list_drop(request->resources);
	*request = (struct op_request){0};
}

struct op_state op_state_keep(const struct op_state *state)
{
	(void)op_request_keep(&state->operation);
	source_list_keep(state->result_sources.sources);
	result_list_keep(state->results);
	return *state;
}

void op_state_drop(struct op_state *state)
{
	op_request_drop(&state->operation);
	source_list_drop(state->result_sources.sources);
	result_list_drop(state->results);
	*state = (struct op_state){0};
}

struct app *app_new(void)
{
	struct app *app = mem_zalloc(sizeof(*app));

	app->refs = 1;
	return app;
}

/* What an Application holds beside its texts: an operation's parts, and these. */
#define APP_LISTS(X)                                                                               \
	X(pair_list, labels)                                                                       \
	X(pair_list, annotations)                                                                  \
	X(source_list, spec.sources.sources)                                                       \
	X(source_list, status.compared_to.sources.sources)                                         \
	X(resource_list, status.resources)                                                         \
	X(condition_list, status.conditions)                                                       \
	X(history_list, status.history)
/* The same, and what is inside its operations. */
#define APP_OPERATION_LISTS(X)                                                                     \
	X(pair_list, operation.infos)                                                              \
	X(source_list, operation.sources.sources)                                                  \
	X(op_resource_list, operation.resources)                                                   \
	X(pair_list, status.operation.operation.infos)                                             \
	X(source_list, status.operation.operation.sources.sources)                                 \
	X(op_resource_list, status.operation.operation.resources)                                  \
	X(source_list, status.operation.result_sources.sources)                                    \
	X(result_list, status.operation.results)

struct app *app_copy(const struct app *app)
{
	struct app *copy = mem_alloc(sizeof(*copy));

	*copy = *app;
	copy->refs = 1;
#define KEEP(list, field) list##_keep(copy->field);
	APP_LISTS(KEEP)
	APP_OPERATION_LISTS(KEEP)
#undef KEEP
	return copy;
}

const struct app *app_keep(const struct app *app)
{
	/* The count is no part of what a reader sees. */
	if (app != NULL)
		((struct app *)(uintptr_t)app)->refs++;
	return app;
}

void app_drop(const struct app *app)
{
	struct app *dropped = (struct app *)(uintptr_t)app;

	if (app == NULL)
		return;
	check(dropped->refs > 0);
	if (--dropped->refs > 0)
		return;
#define DROP(list, field) list##_drop(dropped->field);
	APP_LISTS(DROP)
	APP_OPERATION_LISTS(DROP)
#undef DROP
	mem_free(dropped);
}

void app_share(struct app *a, const struct app *b)
{
#define SHARE(list, field)                                                                         \
	if (a->field != b->field && a->field != NULL && b->field != NULL &&                        \
	    list##_same(a->field, b->field)) {                                                     \
		list##_drop(a->field);                                                             \
		a->field = list##_keep(b->field);                                                  \
	}
	APP_LISTS(SHARE)
	APP_OPERATION_LISTS(SHARE)
#undef SHARE
}

bool app_matches(const struct app *app, const struct selector *selector)
{
	enum { LABELS_MAX = 64 };
	struct label labels[LABELS_MAX];
	size_t n = 0;

	for (uint32_t i = 0; app->labels != NULL && i < app->labels->n && n < LABELS_MAX; i++) {
		const struct pair *pair = &app->labels->v[i];
		labels[n++] = (struct label){pair->key, pair->value};
	}
	return selector_matches(selector, labels, n);
}
