#include "argo/face/app_json.h"

#include "base/check.h"
#include <stdio.h>

/* ---- what Go's omitempty leaves out ---- */

static void text(struct json_write *w, struct str key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, key, value);
}

static void flag(struct json_write *w, struct str key, bool value)
{
	if (value)
		json_write_field_bool(w, key, true);
}

static void number(struct json_write *w, struct str key, int64_t value)
{
	if (value != 0)
		json_write_field_int(w, key, value);
}

static void raw(struct json_write *w, struct str key, struct str json)
{
	if (str_empty(json))
		return;
	json_write_key(w, key);
	json_write_raw(w, json);
}

static void time_of(struct json_write *w, struct str key, wall at)
{
	if (at.ms == 0)
		return;
	json_write_key(w, key);
	app_json_time(w, at);
}

void app_json_time(struct json_write *w, wall at)
{
	if (at.ms == 0)
		json_write_null(w);
	else
		json_write_str(w, str_of(wall_format(at).s));
}

/* Go writes maps in the order of their keys. */
void app_json_pairs(struct json_write *w, const struct pair_list *pairs)
{
	json_write_object_begin(w);
	for (const struct pair *at = pair_next(pairs, NULL); at; at = pair_next(pairs, at))
		json_write_field_str(w, at->key, at->value);
	json_write_object_end(w);
}

/* ---- sources and revisions ---- */

static void source_object(struct json_write *w, const struct source *source)
{
	struct str tools = source->tool_json;

	json_write_object_begin(w);
	json_write_field_str(w, STR("repoURL"), source->repo_url);
	text(w, STR("path"), source->path);
	text(w, STR("targetRevision"), source->target_revision);
	/* {"helm":{...}}: its members stand here, without the braces. */
	if (tools.n > 2) {
		struct json_write inner = *w;
		struct str key;
		size_t colon;
		check(str_find_char(tools, ':', &colon));
		key = str_after(str_first(tools, colon), 1);
		check(key.n > 2);
		json_write_key(&inner, str_make(key.p + 1, key.n - 2));
		json_write_raw(&inner, str_after(str_first(tools, tools.n - 1), colon + 1));
		*w = inner;
	}
	text(w, STR("chart"), source->chart);
	text(w, STR("ref"), source->ref);
	text(w, STR("name"), source->name);
	json_write_object_end(w);
}

static void source(struct json_write *w, const struct sources *sources)
{
	if (!sources->has_source)
		return;
	json_write_key(w, STR("source"));
	source_object(w, &sources->source);
}

/* Where the struct has a source and not a pointer to one, it is never left out. */
static void source_always(struct json_write *w, const struct sources *sources)
{
	json_write_key(w, STR("source"));
	source_object(w, sources->has_source ? &sources->source : &(struct source){0});
}

static void several_sources(struct json_write *w, const struct sources *sources)
{
	if (!sources->sources || sources->sources->n == 0)
		return;
	json_write_key(w, STR("sources"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < sources->sources->n; i++)
		source_object(w, &sources->sources->v[i]);
	json_write_array_end(w);
}

static void several_revisions(struct json_write *w, const struct revisions *revisions)
{
	if (revisions->n == 0)
		return;
	json_write_key(w, STR("revisions"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < revisions->n; i++)
		json_write_str(w, revisions->v[i]);
	json_write_array_end(w);
}

static void destination(struct json_write *w, const struct destination *at)
{
	json_write_key(w, STR("destination"));
	json_write_object_begin(w);
	text(w, STR("server"), at->server);
	text(w, STR("namespace"), at->namespace);
	text(w, STR("name"), at->name);
	json_write_object_end(w);
}

/* ---- spec ---- */

static void retry_object(struct json_write *w, const struct retry *retry)
{
	json_write_object_begin(w);
	number(w, STR("limit"), retry->limit);
	if (!str_empty(retry->duration) || !str_empty(retry->max_duration) || retry->factor) {
		json_write_key(w, STR("backoff"));
		json_write_object_begin(w);
		text(w, STR("duration"), retry->duration);
		number(w, STR("factor"), retry->factor);
		text(w, STR("maxDuration"), retry->max_duration);
		json_write_object_end(w);
	}
	flag(w, STR("refresh"), retry->refresh);
	json_write_object_end(w);
}

static void sync_policy(struct json_write *w, const struct app_spec *spec)
{
	if (!spec->automated.is_set && !spec->retry.is_set && str_empty(spec->sync_options_json))
		return;
	json_write_key(w, STR("syncPolicy"));
	json_write_object_begin(w);
	if (spec->automated.is_set) {
		json_write_key(w, STR("automated"));
		json_write_object_begin(w);
		flag(w, STR("prune"), spec->automated.prune);
		flag(w, STR("selfHeal"), spec->automated.self_heal);
		flag(w, STR("allowEmpty"), spec->automated.allow_empty);
		if (spec->automated.is_disabled)
			json_write_field_bool(w, STR("enabled"), false);
		json_write_object_end(w);
	}
	raw(w, STR("syncOptions"), spec->sync_options_json);
	if (spec->retry.is_set) {
		json_write_key(w, STR("retry"));
		retry_object(w, &spec->retry);
	}
	json_write_object_end(w);
}

/* The model knows that there is a hydrator, and from what; the rest is made up of it. */
static void hydrator(struct json_write *w, const struct source *from)
{
	json_write_key(w, STR("sourceHydrator"));
	json_write_object_begin(w);
	json_write_key(w, STR("drySource"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("repoURL"), from->repo_url);
	json_write_field_str(w, STR("targetRevision"), from->target_revision);
	json_write_field_str(w, STR("path"), from->path);
	json_write_object_end(w);
	json_write_key(w, STR("syncSource"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("targetBranch"), from->ref);
	json_write_field_str(w, STR("path"), from->name);
	json_write_object_end(w);
	json_write_object_end(w);
}

void app_json_spec(struct json_write *w, const struct app_spec *spec)
{
	json_write_object_begin(w);
	if (!spec->has_hydrator)
		source(w, &spec->sources);
	destination(w, &spec->destination);
	json_write_field_str(w, STR("project"), spec->project);
	sync_policy(w, spec);
	raw(w, STR("ignoreDifferences"), spec->ignore_differences_json);
	number(w, STR("revisionHistoryLimit"), spec->history_limit);
	several_sources(w, &spec->sources);
	if (spec->has_hydrator)
		hydrator(w, &spec->sources.source);
	json_write_object_end(w);
}

/* ---- operations ---- */

static void strategy(struct json_write *w, const struct op_request *operation)
{
	if (operation->strategy == STRATEGY_NONE)
		return;
	json_write_key(w, STR("syncStrategy"));
	json_write_object_begin(w);
	json_write_key(w, operation->strategy == STRATEGY_HOOK ? STR("hook") : STR("apply"));
	json_write_object_begin(w);
	flag(w, STR("force"), operation->force);
	json_write_object_end(w);
	json_write_object_end(w);
}

static void chosen(struct json_write *w, const struct op_resource_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("resources"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		json_write_object_begin(w);
		text(w, STR("group"), list->v[i].group);
		json_write_field_str(w, STR("kind"), list->v[i].kind);
		json_write_field_str(w, STR("name"), list->v[i].name);
		text(w, STR("namespace"), list->v[i].namespace);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

void app_json_sync(struct json_write *w, const struct op_request *operation)
{
	json_write_object_begin(w);
	text(w, STR("revision"), operation->revisions.revision);
	flag(w, STR("prune"), operation->prune);
	flag(w, STR("dryRun"), operation->dry_run);
	strategy(w, operation);
	chosen(w, operation->resources);
	source(w, &operation->sources);
	raw(w, STR("manifests"), operation->manifests_json);
	raw(w, STR("syncOptions"), operation->sync_options_json);
	several_sources(w, &operation->sources);
	several_revisions(w, &operation->revisions);
	number(w, STR("autoHealAttemptsCount"), operation->self_heal_attempts);
	json_write_object_end(w);
}

static void initiator(struct json_write *w, struct str username, bool is_automated)
{
	json_write_key(w, STR("initiatedBy"));
	json_write_object_begin(w);
	text(w, STR("username"), username);
	flag(w, STR("automated"), is_automated);
	json_write_object_end(w);
}

static void infos(struct json_write *w, const struct pair_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("info"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		json_write_object_begin(w);
		json_write_field_str(w, STR("name"), list->v[i].key);
		json_write_field_str(w, STR("value"), list->v[i].value);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void operation_object(struct json_write *w, const struct op_request *operation)
{
	json_write_object_begin(w);
	json_write_key(w, STR("sync"));
	app_json_sync(w, operation);
	initiator(w, operation->username, operation->is_automated);
	infos(w, operation->infos);
	json_write_key(w, STR("retry"));
	retry_object(w, &operation->retry);
	json_write_object_end(w);
}

const char *app_json_phase(enum op_phase phase)
{
	switch (phase) {
	case OP_NONE:
		return "";
	case OP_RUNNING:
		return "Running";
	case OP_TERMINATING:
		return "Terminating";
	case OP_SUCCEEDED:
		return "Succeeded";
	case OP_FAILED:
		return "Failed";
	case OP_ERROR:
		return "Error";
	}
	check_failed(__FILE__, __LINE__, "a phase has a name");
}

static void results(struct json_write *w, const struct result_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("resources"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct result *result = &list->v[i];
		json_write_object_begin(w);
		json_write_field_str(w, STR("group"), result->group);
		json_write_field_str(w, STR("version"), result->version);
		json_write_field_str(w, STR("kind"), result->kind);
		json_write_field_str(w, STR("namespace"), result->namespace);
		json_write_field_str(w, STR("name"), result->name);
		text(w, STR("status"), result->status);
		text(w, STR("message"), result->message);
		text(w, STR("hookType"), result->hook_type);
		text(w, STR("hookPhase"), result->hook_phase);
		text(w, STR("syncPhase"), result->sync_phase);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

void app_json_sync_result(struct json_write *w, const struct op_state *state)
{
	json_write_object_begin(w);
	results(w, state->results);
	json_write_field_str(w, STR("revision"), state->result_revisions.revision);
	source_always(w, &state->result_sources);
	several_sources(w, &state->result_sources);
	several_revisions(w, &state->result_revisions);
	json_write_object_end(w);
}

static void operation_state(struct json_write *w, const struct op_state *state)
{
	if (state->phase == OP_NONE)
		return;
	json_write_key(w, STR("operationState"));
	json_write_object_begin(w);
	json_write_key(w, STR("operation"));
	operation_object(w, &state->operation);
	json_write_field_str(w, STR("phase"), str_of(app_json_phase(state->phase)));
	text(w, STR("message"), state->message);
	if (state->has_result) {
		json_write_key(w, STR("syncResult"));
		app_json_sync_result(w, state);
	}
	json_write_key(w, STR("startedAt"));
	app_json_time(w, state->started_at);
	time_of(w, STR("finishedAt"), state->finished_at);
	number(w, STR("retryCount"), state->retry_count);
	json_write_object_end(w);
}

/* ---- status ---- */

static struct str sync_name(enum resource_sync sync)
{
	switch (sync) {
	case RESOURCE_UNKNOWN:
		return STR("Unknown");
	case RESOURCE_SYNCED:
		return STR("Synced");
	case RESOURCE_OUT_OF_SYNC:
		return STR("OutOfSync");
	}
	check_failed(__FILE__, __LINE__, "a resource's sync status has a name");
}

/* A hook is not compared, so it has no sync status. */
static void resource(struct json_write *w, const struct resource *one, enum app_json_kind kind)
{
	json_write_object_begin(w);
	text(w, STR("group"), one->group);
	text(w, STR("version"), one->version);
	text(w, STR("kind"), one->kind);
	text(w, STR("namespace"), one->namespace);
	text(w, STR("name"), one->name);
	if (!one->is_hook)
		json_write_field_str(w, STR("status"), sync_name(one->sync));
	if (one->has_health && kind == APP_JSON_WHOLE) {
		json_write_key(w, STR("health"));
		json_write_object_begin(w);
		json_write_field_str(w, STR("status"), str_of(health_name(one->health)));
		text(w, STR("message"), one->health_message);
		json_write_object_end(w);
	}
	flag(w, STR("hook"), one->is_hook);
	flag(w, STR("requiresPruning"), one->requires_pruning);
	number(w, STR("syncWave"), one->wave);
	json_write_object_end(w);
}

void app_json_resources(struct json_write *w, const struct resource_list *list,
			enum app_json_kind kind)
{
	json_write_array_begin(w);
	for (uint32_t i = 0; list && i < list->n; i++)
		resource(w, &list->v[i], kind);
	json_write_array_end(w);
}

static void sync_status(struct json_write *w, const struct app_status *status)
{
	const struct compared_to *compared = &status->compared_to;

	json_write_key(w, STR("sync"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("status"),
			     str_of(status->has_sync ? sync_status_name(status->sync) : ""));
	json_write_key(w, STR("comparedTo"));
	json_write_object_begin(w);
	source_always(w, &compared->sources);
	destination(w, &compared->destination);
	several_sources(w, &compared->sources);
	raw(w, STR("ignoreDifferences"), compared->ignore_differences_json);
	json_write_object_end(w);
	text(w, STR("revision"), status->sync_revisions.revision);
	several_revisions(w, &status->sync_revisions);
	json_write_object_end(w);
}

void app_json_health(struct json_write *w, const struct app_status *status)
{
	json_write_object_begin(w);
	if (status->has_health)
		json_write_field_str(w, STR("status"), str_of(health_name(status->health)));
	text(w, STR("message"), status->health_message);
	time_of(w, STR("lastTransitionTime"), status->health_changed_at);
	json_write_object_end(w);
}

static void history(struct json_write *w, const struct history_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("history"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct history_entry *entry = &list->v[i];
		json_write_object_begin(w);
		text(w, STR("revision"), entry->revisions.revision);
		json_write_key(w, STR("deployedAt"));
		app_json_time(w, entry->deployed_at);
		json_write_field_int(w, STR("id"), entry->id);
		source_always(w, &entry->sources);
		time_of(w, STR("deployStartedAt"), entry->deploy_started_at);
		several_sources(w, &entry->sources);
		several_revisions(w, &entry->revisions);
		initiator(w, entry->username, entry->is_automated);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void conditions(struct json_write *w, const struct condition_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("conditions"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		json_write_object_begin(w);
		json_write_field_str(w, STR("type"), list->v[i].type);
		json_write_field_str(w, STR("message"), list->v[i].message);
		time_of(w, STR("lastTransitionTime"), list->v[i].last_transition_at);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void source_types(struct json_write *w, const struct app *app)
{
	const struct source_list *several = app->spec.sources.sources;

	if (!several || several->n == 0 || str_empty(app->status.source_type))
		return;
	json_write_key(w, STR("sourceTypes"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < several->n; i++)
		json_write_str(w, app->status.source_type);
	json_write_array_end(w);
}

static void status_object(struct json_write *w, const struct app *app, enum app_json_kind kind)
{
	const struct app_status *status = &app->status;
	bool is_single = !app->spec.sources.sources || app->spec.sources.sources->n == 0;

	json_write_object_begin(w);
	if (status->resources && status->resources->n > 0) {
		json_write_key(w, STR("resources"));
		app_json_resources(w, status->resources, kind);
	}
	sync_status(w, status);
	json_write_key(w, STR("health"));
	app_json_health(w, status);
	history(w, status->history);
	conditions(w, status->conditions);
	time_of(w, STR("reconciledAt"), status->reconciled_at);
	operation_state(w, &status->operation);
	if (is_single)
		text(w, STR("sourceType"), status->source_type);
	json_write_key(w, STR("summary"));
	json_write_raw(w, STR("{}"));
	/* Both come with the first compare that worked. */
	if (status->reconciled_at.ms)
		json_write_field_str(w, STR("resourceHealthSource"), STR("appTree"));
	source_types(w, app);
	if (status->reconciled_at.ms)
		json_write_field_str(w, STR("controllerNamespace"), STR("argocd"));
	json_write_key(w, STR("sourceHydrator"));
	json_write_raw(w, STR("{}"));
	json_write_object_end(w);
}

/* ---- metadata ---- */

enum { OWN_ANNOTATIONS = 3 };

/* Those that the model keeps as flags, in the order of their names. */
static uint32_t own_annotations(const struct app *app, struct pair pairs[OWN_ANNOTATIONS])
{
	uint32_t n = 0;

	if (app->refresh != REFRESH_NONE) {
		struct str how = app->refresh == REFRESH_HARD ? STR("hard") : STR("normal");
		pairs[n++] = (struct pair){STR("argocd.argoproj.io/hydrate"), STR("normal")};
		pairs[n++] = (struct pair){STR("argocd.argoproj.io/refresh"), how};
	}
	if (app->is_paused)
		pairs[n++] = (struct pair){STR("argocd.argoproj.io/skip-reconcile"), STR("true")};
	return n;
}

bool app_has_annotations(const struct app *app)
{
	return (app->annotations && app->annotations->n > 0) || app->refresh != REFRESH_NONE ||
	       app->is_paused;
}

void app_json_annotations(struct json_write *w, const struct app *app)
{
	struct pair own[OWN_ANNOTATIONS];
	uint32_t n = own_annotations(app, own), i = 0;
	const struct pair *other = pair_next(app->annotations, NULL);

	json_write_object_begin(w);
	while (other || i < n) {
		if (i < n && (!other || str_cmp(own[i].key, other->key) <= 0)) {
			if (other && str_eq(own[i].key, other->key))
				other = pair_next(app->annotations, other);
			json_write_field_str(w, own[i].key, own[i].value);
			i++;
		} else {
			json_write_field_str(w, other->key, other->value);
			other = pair_next(app->annotations, other);
		}
	}
	json_write_object_end(w);
}

static void owner(struct json_write *w, const struct app *app)
{
	if (str_empty(app->owner))
		return;
	json_write_key(w, STR("ownerReferences"));
	json_write_array_begin(w);
	json_write_object_begin(w);
	json_write_field_str(w, STR("apiVersion"), STR("argoproj.io/v1alpha1"));
	json_write_field_str(w, STR("kind"), STR("ApplicationSet"));
	json_write_field_str(w, STR("name"), app->owner);
	json_write_field_str(w, STR("uid"), app->owner_uid);
	json_write_field_bool(w, STR("controller"), true);
	json_write_field_bool(w, STR("blockOwnerDeletion"), true);
	json_write_object_end(w);
	json_write_array_end(w);
}

static void metadata(struct json_write *w, const struct app *app)
{
	char version[24];

	snprintf(version, sizeof version, "%llu", (unsigned long long)app->version);
	json_write_object_begin(w);
	text(w, STR("name"), app->name);
	text(w, STR("namespace"), app->namespace);
	text(w, STR("uid"), app->uid);
	if (app->version)
		json_write_field_str(w, STR("resourceVersion"), str_of(version));
	number(w, STR("generation"), (int64_t)app->generation);
	time_of(w, STR("creationTimestamp"), app->created_at);
	if (app->deleting_at.ms) {
		time_of(w, STR("deletionTimestamp"), app->deleting_at);
		json_write_field_int(w, STR("deletionGracePeriodSeconds"), 0);
	}
	if (app->labels && app->labels->n > 0) {
		json_write_key(w, STR("labels"));
		app_json_pairs(w, app->labels);
	}
	if (app_has_annotations(app)) {
		json_write_key(w, STR("annotations"));
		app_json_annotations(w, app);
	}
	owner(w, app);
	raw(w, STR("finalizers"), app->finalizers_json);
	json_write_object_end(w);
}

void app_json_write(struct json_write *w, const struct app *app, enum app_json_kind kind)
{
	json_write_object_begin(w);
	json_write_key(w, STR("metadata"));
	metadata(w, app);
	json_write_key(w, STR("spec"));
	app_json_spec(w, &app->spec);
	json_write_key(w, STR("status"));
	status_object(w, app, kind);
	if (app->operation.is_set) {
		json_write_key(w, STR("operation"));
		operation_object(w, &app->operation);
	}
	json_write_object_end(w);
}
