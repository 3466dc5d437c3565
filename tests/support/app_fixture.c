#include "app_fixture.h"

#include "argo/face/app_json.h"
#include "argo/face/app_read.h"
#include "testing.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static struct arena texts;

static struct str intern(void *self, struct str text)
{
	(void)self;
	return arena_copy(&texts, text);
}

/* ---- a status, as the controller would have written it ---- */

static wall time_at(struct at at)
{
	struct str text = json_text_of(at.value);
	wall time = {0};

	if (!str_empty(text))
		assert_true(wall_parse(text, &time));
	return time;
}

static enum health health_of(struct str name)
{
	for (enum health health = HEALTH_HEALTHY; health <= HEALTH_UNKNOWN; health++)
		if (str_eq(name, str_of(health_name(health))))
			return health;
	fail_msg("health '" STR_FMT "'", STR_ARG(name));
	return HEALTH_UNKNOWN;
}

static enum sync_status sync_of(struct str name)
{
	for (enum sync_status sync = SYNC_UNKNOWN; sync <= SYNC_OUT_OF_SYNC; sync++)
		if (str_eq(name, str_of(sync_status_name(sync))))
			return sync;
	fail_msg("sync status '" STR_FMT "'", STR_ARG(name));
	return SYNC_UNKNOWN;
}

static enum op_phase phase_of(struct str name)
{
	for (enum op_phase phase = OP_NONE; phase <= OP_ERROR; phase++)
		if (str_eq(name, str_of(app_json_phase(phase))))
			return phase;
	fail_msg("phase '" STR_FMT "'", STR_ARG(name));
	return OP_NONE;
}

static struct resource resource_at(struct reading *r, struct at at)
{
	struct at health = at_key(&at, "health");
	struct str sync = read_text(r, at_key(&at, "status"));

	return (struct resource){
		.group = read_text(r, at_key(&at, "group")),
		.version = read_text(r, at_key(&at, "version")),
		.kind = read_text(r, at_key(&at, "kind")),
		.namespace = read_text(r, at_key(&at, "namespace")),
		.name = read_text(r, at_key(&at, "name")),
		.sync = str_empty(sync) ? RESOURCE_UNKNOWN : (enum resource_sync)sync_of(sync),
		.has_health = health.value,
		.health = health.value ? health_of(read_text(r, at_key(&health, "status"))) : 0,
		.health_message = read_text(r, at_key(&health, "message")),
		.requires_pruning = read_flag(r, at_key(&at, "requiresPruning"), false),
		.is_hook = read_flag(r, at_key(&at, "hook"), false),
		.wave = read_number(r, at_key(&at, "syncWave")),
	};
}

static void resources_at(struct reading *r, struct at at, struct app_status *status)
{
	size_t n = json_count(at.value);

	status->resources = resource_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++)
		status->resources->v[i] = resource_at(r, at_index(&at, i));
}

/* `source` and `revision`, `sources` and `revisions`, as in an operation. */
static void sources_at(struct reading *r, struct at at, struct sources *sources,
		       struct revisions *revisions)
{
	auto_json struct json *empty = NULL;
	struct op_request operation;
	auto_buf struct buf text = BUF_INIT(1 * MIB);
	struct err err = {0};

	buf_str(&text, STR("{\"sync\":"));
	json_canonical(at.value, &text);
	buf_char(&text, '}');
	assert_works(json_parse(buf_view(&text), &JSON_LIMIT, &empty, &err), &err);
	/* {"repoURL": ""} stands for none. */
	if (str_empty(json_text(empty, "sync", "source", "repoURL"))) {
		struct json *sync = json_clone(json_get(empty, "sync"));
		json_remove(sync, "source");
		json_put(empty, "sync", sync);
		app_read_operation(r, (struct at){.value = empty}, &operation);
		json_free(sync);
	} else {
		app_read_operation(r, (struct at){.value = empty}, &operation);
	}
	*sources = operation.sources;
	if (revisions)
		*revisions = operation.revisions;
	op_resource_list_drop(operation.resources);
	pair_list_drop(operation.infos);
}

static void results_at(struct reading *r, struct at at, struct op_state *state)
{
	size_t n = json_count(at.value);

	state->results = result_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i);
		state->results->v[i] = (struct result){
			.group = read_text(r, at_key(&item, "group")),
			.version = read_text(r, at_key(&item, "version")),
			.kind = read_text(r, at_key(&item, "kind")),
			.namespace = read_text(r, at_key(&item, "namespace")),
			.name = read_text(r, at_key(&item, "name")),
			.status = read_text(r, at_key(&item, "status")),
			.message = read_text(r, at_key(&item, "message")),
			.hook_type = read_text(r, at_key(&item, "hookType")),
			.hook_phase = read_text(r, at_key(&item, "hookPhase")),
			.sync_phase = read_text(r, at_key(&item, "syncPhase")),
		};
	}
}

static void operation_at(struct reading *r, struct at at, struct op_state *state)
{
	struct at result = at_key(&at, "syncResult");

	if (!at.value)
		return;
	state->phase = phase_of(read_text(r, at_key(&at, "phase")));
	app_read_operation(r, at_key(&at, "operation"), &state->operation);
	state->message = read_text(r, at_key(&at, "message"));
	state->started_at = time_at(at_key(&at, "startedAt"));
	state->finished_at = time_at(at_key(&at, "finishedAt"));
	state->retry_count = read_number(r, at_key(&at, "retryCount"));
	state->has_result = result.value;
	if (!result.value)
		return;
	sources_at(r, result, &state->result_sources, &state->result_revisions);
	results_at(r, at_key(&result, "resources"), state);
}

static void history_at(struct reading *r, struct at at, struct app_status *status)
{
	size_t n = json_count(at.value);

	status->history = history_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i), by = at_key(&item, "initiatedBy");
		struct history_entry *entry = &status->history->v[i];
		entry->id = read_number(r, at_key(&item, "id"));
		sources_at(r, item, &entry->sources, &entry->revisions);
		entry->deploy_started_at = time_at(at_key(&item, "deployStartedAt"));
		entry->deployed_at = time_at(at_key(&item, "deployedAt"));
		entry->username = read_text(r, at_key(&by, "username"));
		entry->is_automated = read_flag(r, at_key(&by, "automated"), false);
	}
}

static void conditions_at(struct reading *r, struct at at, struct app_status *status)
{
	size_t n = json_count(at.value);

	status->conditions = condition_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i);
		status->conditions->v[i] = (struct condition){
			.type = read_text(r, at_key(&item, "type")),
			.message = read_text(r, at_key(&item, "message")),
			.last_transition_at = time_at(at_key(&item, "lastTransitionTime")),
		};
	}
}

static void status_at(struct reading *r, struct at at, struct app_status *status)
{
	struct at sync = at_key(&at, "sync"), compared = at_key(&sync, "comparedTo");
	struct at destination = at_key(&compared, "destination"), health = at_key(&at, "health");
	struct at types = at_key(&at, "sourceTypes");
	struct revisions none;

	resources_at(r, at_key(&at, "resources"), status);
	status->has_sync = !str_empty(read_text(r, at_key(&sync, "status")));
	if (status->has_sync)
		status->sync = sync_of(read_text(r, at_key(&sync, "status")));
	sources_at(r, sync, &status->compared_to.sources, &status->sync_revisions);
	sources_at(r, compared, &status->compared_to.sources, &none);
	status->compared_to.destination = (struct destination){
		.server = read_text(r, at_key(&destination, "server")),
		.namespace = read_text(r, at_key(&destination, "namespace")),
	};
	status->has_health = !str_empty(read_text(r, at_key(&health, "status")));
	if (status->has_health)
		status->health = health_of(read_text(r, at_key(&health, "status")));
	status->health_changed_at = time_at(at_key(&health, "lastTransitionTime"));
	status->health_message = read_text(r, at_key(&health, "message"));
	status->reconciled_at = time_at(at_key(&at, "reconciledAt"));
	history_at(r, at_key(&at, "history"), status);
	conditions_at(r, at_key(&at, "conditions"), status);
	operation_at(r, at_key(&at, "operationState"), &status->operation);
	status->source_type = read_text(r, at_key(&at, "sourceType"));
	if (types.value)
		status->source_type = read_text(r, at_index(&types, 0));
}

struct app *fixture_app(const struct json *object)
{
	struct err err = {0};
	struct reading r = {.intern = intern, .err = &err};
	struct at root = {.value = object}, metadata = at_key(&root, "metadata");
	struct at owners = at_key(&metadata, "ownerReferences"), owner = at_index(&owners, 0);
	struct app *app = NULL;

	assert_works(app_read(&r, object, &app), &err);
	app->uid = read_text(&r, at_key(&metadata, "uid"));
	assert_true(str_to_u64(read_text(&r, at_key(&metadata, "resourceVersion")), &app->version));
	app->generation = (uint64_t)read_number(&r, at_key(&metadata, "generation"));
	app->created_at = time_at(at_key(&metadata, "creationTimestamp"));
	app->deleting_at = time_at(at_key(&metadata, "deletionTimestamp"));
	app->owner = read_text(&r, at_key(&owner, "name"));
	app->owner_uid = read_text(&r, at_key(&owner, "uid"));
	status_at(&r, at_key(&root, "status"), &app->status);
	assert_false(r.has_failed);
	return app;
}

/* ---- the fixtures ---- */

const char *fixtures_folder(void)
{
	static const char *const folders[] = {"../../tests/fixtures/argocd-3.2.11",
					      "../tests/fixtures/argocd-3.2.11",
					      "tests/fixtures/argocd-3.2.11"};

	for (size_t i = 0; i < COUNTOF(folders); i++) {
		DIR *folder = opendir(folders[i]);
		if (folder) {
			closedir(folder);
			return folders[i];
		}
	}
	fail_msg("no fixtures");
	return NULL;
}

struct json *fixture_json(const char *name, struct buf *text)
{
	char path[300], chunk[4096];
	size_t n, at;
	struct json *object = NULL;
	struct err err = {0};

	snprintf(path, sizeof path, "%s/%s", fixtures_folder(), name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	buf_clear(text);
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		buf_append(text, chunk, n);
	fclose(file);
	assert_true(str_find(buf_view(text), STR("\n\n"), &at));
	buf_consume(text, at + 2);
	assert_works(json_parse(buf_view(text), &JSON_LIMIT, &object, &err), &err);
	return object;
}

/* Some hold an error, in the words of one. */
static bool is_whole_app(struct str name)
{
	static const char *const others[] = {"app-denied.http", "app-missing.http",
					     "app-other-project.http"};

	for (size_t i = 0; i < COUNTOF(others); i++)
		if (str_eq(name, str_of(others[i])))
			return false;
	return str_starts(name, STR("app-")) || str_eq(name, STR("refresh.http")) ||
	       str_eq(name, STR("sync-accepted.http"));
}

size_t fixtures_each_app(void (*visit)(const char *name))
{
	DIR *folder = opendir(fixtures_folder());
	size_t checked = 0;

	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (!is_whole_app(str_of(entry->d_name)))
			continue;
		visit(entry->d_name);
		checked++;
	}
	closedir(folder);
	return checked;
}

void fixture_release(void)
{
	arena_release(&texts);
}
