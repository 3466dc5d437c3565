#include "argo/compare.h"

#include "argo/inside.h"

/* ---- the list of resources ---- */

static int resource_cmp(const struct resource *a, const struct resource *b)
{
	int order = str_cmp(a->group, b->group);

	order = order != 0 ? order : str_cmp(a->kind, b->kind);
	return order != 0 ? order : str_cmp(a->name, b->name);
}

/* In the order in which Argo CD shows them: by group, kind and name. */
static struct resource *add(struct resource_list *list, struct resource resource)
{
	uint32_t at = list->n++;

	while (at > 0 && resource_cmp(&list->v[at - 1], &resource) > 0) {
		list->v[at] = list->v[at - 1];
		at--;
	}
	list->v[at] = resource;
	return &list->v[at];
}

static struct resource resource_of(const struct app *app, enum object_kind kind, struct str name)
{
	return (struct resource){
		.group = kind_group(kind),
		.version = STR("v1"),
		.kind = str_of(kind_name(kind)),
		.namespace = app->spec.destination.namespace,
		.name = name,
		.sync = RESOURCE_SYNCED,
	};
}

static void set_health(struct resource *resource, enum health health, struct str message)
{
	resource->has_health = true;
	resource->health = health;
	resource->health_message = message;
}

static void add_target(struct resource_list *list, const struct app *app,
		       const struct target *target, const struct live *live)
{
	struct resource resource = resource_of(app, target->kind, target->name);
	const struct live_object *object = live_find(live, target->kind, target->name);

	resource.wave = target->wave;
	if (object == NULL || object->hash != target->hash)
		resource.sync = RESOURCE_OUT_OF_SYNC;
	if (object == NULL)
		set_health(&resource, HEALTH_MISSING, STR(""));
	else if (target->kind == KIND_DEPLOYMENT)
		set_health(&resource, live->web, live->web_message);
	add(list, resource);
}

static bool has_target(const struct manifest *manifest, const struct live_object *object)
{
	for (uint32_t i = 0; i < manifest->n; i++) {
		const struct target *target = &manifest->v[i];
		if (!target->is_hook && target->kind == object->kind &&
		    str_eq(target->name, object->name))
			return true;
	}
	return false;
}

static void add_extra(struct resource_list *list, const struct app *app,
		      const struct live_object *object, const struct live *live)
{
	struct resource resource = resource_of(app, object->kind, object->name);

	resource.sync = RESOURCE_OUT_OF_SYNC;
	resource.requires_pruning = true;
	if (object->kind == KIND_DEPLOYMENT)
		set_health(&resource, live->web, live->web_message);
	add(list, resource);
}

static void add_bulk(struct argo *argo, struct resource_list *list, const struct app *app,
		     uint32_t wanted, uint32_t there)
{
	for (uint32_t i = 1; i <= MAX(wanted, there); i++) {
		struct resource resource = resource_of(app, KIND_CONFIG_MAP,
						       argo_text(argo, "bulk-%05u", i));
		if (i > MIN(wanted, there))
			resource.sync = RESOURCE_OUT_OF_SYNC;
		resource.requires_pruning = i > wanted;
		if (i > there)
			set_health(&resource, HEALTH_MISSING, STR(""));
		list->v[list->n++] = resource;
	}
}

static void add_job(struct resource_list *list, const struct app *app, const struct live_job *job)
{
	struct resource resource = resource_of(app, KIND_JOB, job->name);

	resource.sync = RESOURCE_UNKNOWN;
	resource.is_hook = true;
	switch (job->state) {
	case JOB_RUNNING:
		set_health(&resource, HEALTH_PROGRESSING, STR(""));
		break;
	case JOB_SUCCEEDED:
		set_health(&resource, HEALTH_HEALTHY,
			   STR("Reached expected number of succeeded pods"));
		break;
	case JOB_FAILED:
		set_health(&resource, HEALTH_DEGRADED,
			   STR("Job has reached the specified backoff limit"));
		break;
	}
	add(list, resource);
}

static struct resource_list *list_resources(struct argo *argo, const struct app *app,
					    const struct manifest *manifest,
					    const struct live *live)
{
	uint32_t most = manifest->n + (uint32_t)live->objects.n + live->job_count +
			MAX(manifest->bulk, live->bulk);
	struct resource_list *list = resource_list_new(most);

	list->n = 0;
	add_bulk(argo, list, app, manifest->bulk, live->bulk);
	for (uint32_t i = 0; i < manifest->n; i++) {
		if (!manifest->v[i].is_hook)
			add_target(list, app, &manifest->v[i], live);
	}
	vec_each(object, &live->objects) {
		if (!has_target(manifest, object))
			add_extra(list, app, object, live);
	}
	for (uint32_t i = 0; i < live->job_count; i++)
		add_job(list, app, &live->jobs[i]);
	return list;
}

/* ---- the whole ---- */

static enum sync_status sync_of(const struct resource_list *list)
{
	for (uint32_t i = 0; i < list->n; i++) {
		if (list->v[i].sync == RESOURCE_OUT_OF_SYNC)
			return SYNC_OUT_OF_SYNC;
	}
	return SYNC_SYNCED;
}

/* The worst of all, hooks aside. A ConfigMap has no health, so that one is missing says nothing. */
static enum health health_of(const struct resource_list *list)
{
	enum health worst = HEALTH_HEALTHY;

	for (uint32_t i = 0; i < list->n; i++) {
		const struct resource *resource = &list->v[i];
		bool counts = resource->has_health && !resource->is_hook &&
			      !str_eq(resource->kind, STR("ConfigMap"));
		if (counts && resource->health > worst)
			worst = resource->health;
	}
	return worst;
}

/* What somebody would expect who does not know how hooks are treated. */
static void heed_hooks(const struct argo *argo, const struct app *app,
		       const struct manifest *manifest, const struct live *live,
		       struct comparison *comparison)
{
	const struct live_job *last = live->job_count > 0 ? &live->jobs[live->job_count - 1] : NULL;

	if (!has_quirk(argo, QUIRK_FAILED_HOOK_LOOKS_WELL) && last != NULL &&
	    last->state == JOB_FAILED)
		comparison->health = MAX(comparison->health, HEALTH_DEGRADED);
	if (!has_quirk(argo, QUIRK_HEALTHY_BEFORE_HOOKS) && app->operation.is_set)
		comparison->health = MAX(comparison->health, HEALTH_PROGRESSING);
	for (uint32_t i = 0; i < manifest->n; i++) {
		if (!has_quirk(argo, QUIRK_HOOK_CHANGE_IS_NO_DRIFT) && manifest->v[i].is_hook &&
		    manifest->v[i].hash != live->hook_hash)
			comparison->sync = SYNC_OUT_OF_SYNC;
	}
}

struct comparison compare(struct argo *argo, const struct app *app, const struct manifest *manifest,
			  const struct live *live)
{
	static const struct manifest nothing = {0};
	const struct manifest *wanted = manifest != NULL ? manifest : &nothing;
	struct comparison comparison = {
		.resources = list_resources(argo, app, wanted, live),
	};

	comparison.sync = sync_of(comparison.resources);
	comparison.health = health_of(comparison.resources);
	if (manifest != NULL) {
		heed_hooks(argo, app, manifest, live, &comparison);
		return comparison;
	}
	comparison.sync = SYNC_UNKNOWN;
	for (uint32_t i = 0; i < comparison.resources->n; i++)
		comparison.resources->v[i].sync = RESOURCE_UNKNOWN;
	return comparison;
}

struct manifest manifest_local(struct str app, const struct live *live, struct str manifests_json)
{
	struct manifest manifest = {.bulk = live->bulk};

	vec_each(object, &live->objects) {
		if (manifest.n == TARGETS_MAX)
			break;
		struct target *target = &manifest.v[manifest.n++];
		*target = (struct target){
			.kind = object->kind, .name = object->name, .hash = object->hash};
		if (object->kind == KIND_CONFIG_MAP)
			target->hash = str_hash(manifests_json);
	}
	if (live_find(live, KIND_CONFIG_MAP, app) == NULL && manifest.n < TARGETS_MAX)
		manifest.v[manifest.n++] = (struct target){
			.kind = KIND_CONFIG_MAP, .name = app, .hash = str_hash(manifests_json)};
	return manifest;
}
