#include "wire/history_json.h"

#include "wire/application_json.h"
#include "wire/source_json.h"

static void read_deployments(const struct json *list, struct arena *arena,
			     struct app_history *history)
{
	size_t count = json_count(list);
	struct deployment *deployments = arena_array(arena, struct deployment, count);

	for (size_t i = 0; i < count; i++) {
		const struct json *entry = json_at(list, i);
		deployments[i] = (struct deployment){
			.revision = arena_copy(arena, revision_from_json(entry, arena)),
			.started_at = wall_from_json(json_get(entry, "deployStartedAt")),
			.ended_at = wall_from_json(json_get(entry, "deployedAt")),
			.initiator = arena_copy(arena, initiator_from_json(entry)),
		};
	}
	history->deployments = deployments;
	history->count = (uint32_t)count;
	history->is_cut = json_int(json_at(list, 0), "id") > 0;
}

int history_from_json(const struct json *object, struct arena *arena,
		      struct app_history *ret_history, struct err *err)
{
	const struct json *metadata = json_get(object, "metadata"),
			  *spec = json_get(object, "spec");
	const struct json *limit = json_get(spec, "revisionHistoryLimit");
	struct str name = json_text(metadata, "name");

	if (str_empty(name))
		return err_set(err, E_PROTOCOL, "an Application without a name");
	if (json_kind(spec) != JSON_KIND_MAP)
		return err_set(err, E_PROTOCOL, "an Application without a spec");
	struct app_history history = {
		.name = arena_copy(arena, name),
		.namespace = arena_copy(arena, json_text(metadata, "namespace")),
		.owner = arena_copy(arena, owner_of_json(object)),
		.labels = arena_copy(arena,
				     labels_from_json(json_get(metadata, "labels"), false, arena)),
		.created_at = wall_from_json(json_get(metadata, "creationTimestamp")),
		.keeps_none = json_number_is_zero(limit),
		.is_hydrated = source_kind_of(spec) == SOURCE_HYDRATOR,
	};
	read_deployments(json_get(object, "status", "history"), arena, &history);
	*ret_history = history;
	return 0;
}
