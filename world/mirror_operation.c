#include "world/mirror_operation.h"

#include "model/revision.h"
#include "world/mirror_parts.h"

enum { LOOKED_AT_MAX = 100 }; /* of the objects that an operation may wait for; as in src/wire */

/* ---- which one it is ---- */

static uint64_t hash_number(uint64_t hash, int64_t number)
{
	return mirror_hash(hash, str_make((const char *)&number, sizeof number), 'n');
}

static uint64_t hash_source(uint64_t hash, const struct source *source)
{
	const struct str *const texts[] = {&source->repo_url,	     &source->path, &source->chart,
					   &source->target_revision, &source->ref,  &source->name,
					   &source->tool_json};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		hash = mirror_hash(hash, *texts[i], ',');
	return hash;
}

static uint64_t hash_sources(uint64_t hash, const struct sources *sources)
{
	if (sources->has_source)
		hash = hash_source(hash, &sources->source);
	for (uint32_t i = 0; sources->sources && i < sources->sources->n; i++)
		hash = hash_source(hash, &sources->sources->v[i]);
	return mirror_hash(hash, STR("sources"), ';');
}

static uint64_t hash_revisions(uint64_t hash, const struct revisions *revisions)
{
	hash = mirror_hash(hash, revisions->revision, ',');
	for (uint32_t i = 0; i < revisions->n; i++)
		hash = mirror_hash(hash, revisions->v[i], ',');
	return mirror_hash(hash, STR("revisions"), ';');
}

static uint64_t hash_chosen(uint64_t hash, const struct op_resource_list *list)
{
	for (uint32_t i = 0; list && i < list->n; i++) {
		hash = mirror_hash(hash, list->v[i].group, '/');
		hash = mirror_hash(hash, list->v[i].kind, '/');
		hash = mirror_hash(hash, list->v[i].namespace, '/');
		hash = mirror_hash(hash, list->v[i].name, ',');
	}
	return mirror_hash(hash, STR("resources"), ';');
}

static uint64_t hash_sync(uint64_t hash, const struct op_request *operation)
{
	bool has_strategy = operation->strategy != STRATEGY_NONE;

	/* Argo CD itself changes one thing of what was asked: with `retry.refresh` it blanks the
	 * revision for each retry. */
	if (!operation->retry.refresh)
		hash = hash_revisions(hash, &operation->revisions);
	hash = hash_number(hash, operation->prune | operation->dry_run << 1);
	hash = hash_number(hash, operation->strategy);
	hash = hash_number(hash, has_strategy && operation->force);
	hash = hash_chosen(hash, operation->resources);
	hash = hash_sources(hash, &operation->sources);
	hash = mirror_hash(hash, operation->manifests_json, ';');
	hash = mirror_hash(hash, operation->sync_options_json, ';');
	return hash_number(hash, operation->self_heal_attempts);
}

static uint64_t hash_retry(uint64_t hash, const struct retry *retry)
{
	hash = hash_number(hash, retry->limit);
	hash = hash_number(hash, retry->refresh);
	hash = hash_number(hash, retry->factor);
	hash = mirror_hash(hash, retry->duration, ';');
	return mirror_hash(hash, retry->max_duration, ';');
}

/* Of all that its JSON shows. 0 is none. */
static uint64_t id_of(const struct op_request *operation, wall started_at)
{
	uint64_t hash = hash_number(MIRROR_HASH_BEGIN, started_at.ms);

	hash = hash_sync(hash, operation);
	hash = mirror_hash(hash, operation->username, ';');
	hash = hash_number(hash, operation->is_automated);
	for (uint32_t i = 0; operation->infos && i < operation->infos->n; i++) {
		hash = mirror_hash(hash, operation->infos->v[i].key, '=');
		hash = mirror_hash(hash, operation->infos->v[i].value, ',');
	}
	hash = hash_retry(hash, &operation->retry);
	return hash == 0 ? 1 : hash;
}

/* ---- what was asked for ---- */

static bool is_other_source(const struct app_spec *spec, const struct sources *sources)
{
	bool has_one = sources->has_source && !mirror_is_nothing(&sources->source);
	bool has_several = sources->sources && sources->sources->n > 0;

	return (has_one || has_several) && !mirror_is_spec_source(spec, sources, false);
}

static struct str token_of(const struct op_request *request)
{
	return pair_get(request->infos, STR("tiphys"));
}

/* The same in a requested operation and in the copy that a shown one keeps. */
static void show_asked(const struct app_spec *spec, const struct op_request *request,
		       struct operation *ret)
{
	ret->token = token_of(request);
	ret->initiator = str_empty(request->username) && request->is_automated ? STR("auto-sync")
									       : request->username;
	ret->is_automated = request->is_automated;
	ret->is_dry_run = request->dry_run;
	ret->is_partial = request->resources && request->resources->n > 0;
	ret->is_apply = request->strategy == STRATEGY_APPLY;
	ret->has_manifests = !str_empty(request->manifests_json) &&
			     !str_eq(request->manifests_json, STR("[]"));
	ret->has_other_source = is_other_source(spec, &request->sources);
}

struct operation mirror_requested(const struct app *app, struct arena *arena)
{
	const struct op_request *request = &app->operation;
	struct operation op = {0};

	if (!request->is_set)
		return op;
	show_asked(&app->spec, request, &op);
	op.phase = OP_RUNNING;
	op.id = id_of(request, (wall){0});
	op.revision = mirror_revision(&request->revisions, arena);
	return op;
}

/* ---- its objects ---- */

enum trouble { TROUBLE_NONE, TROUBLE_UNWELL, TROUBLE_REFUSED, TROUBLE_HOOK };

static bool is_hook(const struct result *object)
{
	return !str_empty(object->hook_type);
}

static enum trouble trouble_of(const struct result *object)
{
	bool has_failed = str_eq(object->hook_phase, STR("Failed")) ||
			  str_eq(object->hook_phase, STR("Error"));

	if (is_hook(object) && has_failed)
		return TROUBLE_HOOK;
	if (str_eq(object->status, STR("SyncFailed")))
		return TROUBLE_REFUSED;
	return has_failed ? TROUBLE_UNWELL : TROUBLE_NONE;
}

/* A phase that has no name here counts as running. */
static bool is_running(const struct result *object)
{
	static const struct str others[] = {STR(""), STR("Terminating"), STR("Succeeded"),
					    STR("Failed"), STR("Error")};

	for (size_t i = 0; i < COUNTOF(others); i++)
		if (str_eq(object->hook_phase, others[i]))
			return false;
	return true;
}

static const struct resource *find_object(const struct resource_list *objects,
					  const struct result *object)
{
	for (uint32_t i = 0; objects && i < objects->n; i++) {
		const struct resource *one = &objects->v[i];
		if (str_eq(one->name, object->name) && str_eq(one->kind, object->kind) &&
		    str_eq(one->namespace, object->namespace) && str_eq(one->group, object->group))
			return one;
	}
	return NULL;
}

static void set_trouble(struct operation *op, const struct result *object, struct str words,
			struct arena *arena)
{
	struct str name = mirror_object_name(object->kind, object->name, arena);

	op->trouble = mirror_clean(
		arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(words)), arena);
	op->is_hook_trouble = is_hook(object);
}

/* What has failed, the worst. */
static void find_failure(const struct result_list *objects, struct arena *arena,
			 struct operation *op)
{
	enum trouble worst = TROUBLE_NONE;
	const struct result *found = NULL;

	for (uint32_t i = 0; objects && i < objects->n; i++) {
		enum trouble one = trouble_of(&objects->v[i]);
		if (one > worst) {
			worst = one;
			found = &objects->v[i];
		}
	}
	if (found)
		set_trouble(op, found, found->message, arena);
}

/* What is waited for: a hook that runs, or an object that is not well yet. */
static void find_wait(const struct result_list *objects, const struct resource_list *known,
		      struct arena *arena, struct operation *op)
{
	unsigned looked_at = 0;

	for (uint32_t i = 0; objects && i < objects->n && looked_at < LOOKED_AT_MAX; i++) {
		const struct result *object = &objects->v[i];
		if (!is_running(object))
			continue;
		const struct resource *found = find_object(known, object);
		bool has_health = found && found->has_health;
		looked_at++;
		if (!is_hook(object) && (!has_health || found->health == HEALTH_HEALTHY))
			continue;
		bool is_told = has_health && !str_empty(found->health_message);
		set_trouble(op, object, is_told ? found->health_message : STR("running"), arena);
		return;
	}
}

/* ---- what is shown ---- */

/* While it goes on, the SHA that was asked for comes first: the result of the one before may stand
 * there still. Once it is over, two SHAs are none: wire/application_json.c. */
static struct str synced_revision(const struct op_state *state, bool goes_on, struct arena *arena)
{
	struct str asked = mirror_revision(&state->operation.revisions, arena);
	struct str found = state->has_result ? mirror_revision(&state->result_revisions, arena)
					     : STR("");

	if (str_empty(found) || str_eq(asked, found))
		return asked;
	if (revision_kind(asked) != REVISION_SHA)
		return found;
	return goes_on ? asked : STR("");
}

struct operation mirror_shown(const struct app *app, bool has_resources, struct arena *arena)
{
	const struct op_state *state = &app->status.operation;
	const struct result_list *objects = state->has_result && has_resources ? state->results
									       : NULL;
	struct operation op = {.phase = state->phase};

	if (op.phase == OP_NONE)
		return op;
	show_asked(&app->spec, &state->operation, &op);
	op.id = id_of(&state->operation, state->started_at);
	op.revision = synced_revision(state, !operation_is_over(&op), arena);
	op.message = mirror_clean(state->message, arena);
	find_failure(objects, arena, &op);
	if (str_empty(op.trouble) && !operation_is_over(&op))
		find_wait(objects, app->status.resources, arena, &op);
	op.started_at = state->started_at;
	op.finished_at = state->finished_at;
	op.retry_count = state->retry_count;
	return op;
}
