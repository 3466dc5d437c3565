#include "argo/cluster.h"

#include "argo/hold.h"
#include "argo/inside.h"
#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

/* A web server that fails is started again by the kubelet after so long. */
enum { RESTART_MS = 2000 };
/* Pods that are held or slow have what the testbed's chart gives them. */
enum { STUCK_DEADLINE_MS = 600 * 1000 };

/* One Application's objects, and what the controller knows of them. */
struct place {
	struct live live, seen;
	struct str app;
	uint64_t rollout; /* grows with each: an older one's tasks are void */
	wall rollout_began_at;
	const struct content *content;
};

struct job {
	struct str name;
	uint32_t place;
	const struct content *content;
	bool is_deleted;
};

struct fleet {
	struct argo *argo;
	void (*changed)(struct argo *argo, struct str app);
	struct map by_app;
	VEC(struct place *) places;
	VEC(struct hook_job) jobs;
	VEC(struct job) job_states;
	struct map firsts_by_key;
	VEC(wall) firsts;
	struct map namespaces; /* servers that were told of any, and "server name" */
	void (*told)(void *self, struct str app, wall at); /* NULL: nobody looks on */
	void *onlooker;
};

struct fleet *fleet_new(struct argo *argo, void (*changed)(struct argo *argo, struct str app))
{
	struct fleet *fleet = mem_zalloc(sizeof(*fleet));

	fleet->argo = argo;
	fleet->changed = changed;
	fleet->by_app = MAP_INIT(prng_next(&argo->prng));
	fleet->firsts_by_key = MAP_INIT(prng_next(&argo->prng));
	fleet->namespaces = MAP_INIT(prng_next(&argo->prng));
	return fleet;
}

void fleet_free(struct fleet *fleet)
{
	if (fleet == NULL)
		return;
	vec_each(place, &fleet->places) {
		vec_release(&(*place)->live.objects);
		vec_release(&(*place)->seen.objects);
		mem_free(*place);
	}
	vec_release(&fleet->places);
	vec_release(&fleet->jobs);
	vec_release(&fleet->job_states);
	vec_release(&fleet->firsts);
	map_release(&fleet->by_app);
	map_release(&fleet->firsts_by_key);
	map_release(&fleet->namespaces);
	mem_free(fleet);
}

void fleet_look_on(struct fleet *fleet, void (*told)(void *self, struct str app, wall at),
		   void *self)
{
	fleet->told = told;
	fleet->onlooker = self;
}

/* ---- finding ---- */

static const struct live NOTHING = {0};

static struct place *place_of(const struct fleet *fleet, struct str app)
{
	uint32_t index;

	return map_get(&fleet->by_app, app, &index) ? fleet->places.v[index] : NULL;
}

static struct place *place_made(struct fleet *fleet, struct str app)
{
	struct place *place = place_of(fleet, app);

	if (place != NULL)
		return place;
	place = mem_zalloc(sizeof(*place));
	place->app = app;
	map_put(&fleet->by_app, app, (uint32_t)fleet->places.n);
	vec_push(&fleet->places, place);
	return place;
}

const struct live *fleet_live(const struct fleet *fleet, struct str app)
{
	const struct place *place = place_of(fleet, app);

	return place == NULL ? &NOTHING : &place->live;
}

const struct live *fleet_seen(const struct fleet *fleet, struct str app)
{
	const struct place *place = place_of(fleet, app);

	return place == NULL ? &NOTHING : &place->seen;
}

/* ---- namespaces ---- */

static const struct cluster *cluster_of(const struct fleet *fleet, const struct app *app)
{
	const struct destination *to = &app->spec.destination;

	return store_cluster(fleet->argo->store, str_empty(to->server) ? to->name : to->server);
}

static struct str namespace_key(const struct fleet *fleet, struct str server, struct str name)
{
	return argo_text(fleet->argo, STR_FMT " " STR_FMT, STR_ARG(server), STR_ARG(name));
}

void fleet_add_namespace(struct fleet *fleet, struct str server, struct str name)
{
	map_put(&fleet->namespaces, texts_keep(fleet->argo->texts, server), 0);
	map_put(&fleet->namespaces, namespace_key(fleet, server, name), 0);
}

bool fleet_has_namespace(const struct fleet *fleet, const struct app *app)
{
	const struct cluster *cluster = cluster_of(fleet, app);

	if (cluster == NULL || !map_get(&fleet->namespaces, cluster->server, NULL))
		return true;
	return map_get(&fleet->namespaces,
		       namespace_key(fleet, cluster->server, app->spec.destination.namespace),
		       NULL);
}

/* ---- objects ---- */

static struct live_object *find(const struct live *live, enum object_kind kind, struct str name)
{
	vec_each(object, &live->objects) {
		if (object->kind == kind && str_eq(object->name, name))
			return object;
	}
	return NULL;
}

const struct live_object *live_find(const struct live *live, enum object_kind kind, struct str name)
{
	return find(live, kind, name);
}

const struct live_job *live_job(const struct live *live, struct str name)
{
	for (uint32_t i = 0; i < live->job_count; i++) {
		if (str_eq(live->jobs[i].name, name))
			return &live->jobs[i];
	}
	return NULL;
}

bool live_is_made_by(const struct live *live, const struct manifest *manifest)
{
	size_t wanted = 0;

	for (uint32_t i = 0; i < manifest->n; i++) {
		const struct target *target = &manifest->v[i];
		if (target->is_hook)
			continue;
		const struct live_object *object = find(live, target->kind, target->name);
		bool is_random = target->kind == KIND_CONFIG_MAP && target->content->is_random;
		if (object == NULL || (object->hash != target->hash && !is_random))
			return false;
		wanted++;
	}
	return wanted == live->objects.n && live->bulk == manifest->bulk;
}

const char *kind_name(enum object_kind kind)
{
	static const char *const names[] = {"ConfigMap", "Deployment", "Job"};

	return names[kind];
}

struct str kind_group(enum object_kind kind)
{
	static const struct str groups[] = {STR(""), STR("apps"), STR("batch")};

	return groups[kind];
}

/* ---- the controller's cache ---- */

static void copy_live(struct live *to, const struct live *from)
{
	typeof(to->objects) objects = to->objects;

	*to = *from;
	to->objects = objects;
	vec_clear(&to->objects);
	vec_each(object, &from->objects)
		vec_push(&to->objects, *object);
}

static void is_seen(void *self, uint64_t number, uint64_t epoch)
{
	struct fleet *fleet = self;
	struct place *place = vec_at(&fleet->places, number);

	(void)epoch;
	copy_live(&place->seen, &place->live);
	fleet->changed(fleet->argo, place->app);
}

static uint32_t index_of(const struct fleet *fleet, const struct place *place)
{
	uint32_t index = 0;

	(void)map_get(&fleet->by_app, place->app, &index);
	return index;
}

/* Something changed in the cluster: who looks on sees it at once, the cache later. */
static void touch(struct fleet *fleet, struct place *place)
{
	struct argo *argo = fleet->argo;

	if (fleet->told != NULL)
		fleet->told(fleet->onlooker, place->app, argo->now);
	int64_t lag_ms = has_quirk(argo, QUIRK_LIVE_CACHE_LAGS) ? argo->config.live_cache_lag_ms
								: 0;

	if (lag_ms == 0)
		copy_live(&place->seen, &place->live);
	argo_later(argo, lag_ms, is_seen, fleet, index_of(fleet, place), 0);
}

/* ---- Deployments ---- */

static void rolls(struct fleet *fleet, struct place *place, int64_t after_ms,
		  void (*run)(void *self, uint64_t number, uint64_t epoch))
{
	argo_later(fleet->argo, after_ms, run, fleet, index_of(fleet, place), place->rollout);
}

static void set_web(struct fleet *fleet, struct place *place, enum health health,
		    struct str message)
{
	if (place->live.web == health && str_eq(place->live.web_message, message))
		return;
	place->live.web = health;
	place->live.web_message = message;
	touch(fleet, place);
}

static void progress_deadline(void *self, uint64_t number, uint64_t epoch)
{
	struct fleet *fleet = self;
	struct place *place = vec_at(&fleet->places, number);

	if (place->rollout != epoch)
		return;
	set_web(fleet, place, HEALTH_DEGRADED,
		argo_text(fleet->argo, "Deployment \"" STR_FMT "\" exceeded its progress deadline",
			  STR_ARG(place->app)));
}

static void pod_starts(void *self, uint64_t number, uint64_t epoch)
{
	struct fleet *fleet = self;
	struct argo *argo = fleet->argo;
	struct place *place = vec_at(&fleet->places, number);
	const struct app *app = store_app(argo->store, place->app);
	struct str text;

	if (place->rollout != epoch || app == NULL)
		return;
	if (hold_stands(argo->holds, STEER_POD, app,
			(struct task){pod_starts, self, number, epoch}))
		return;
	bool fails_by_itself = place->content->web_fails;
	if (!fails_by_itself && !hold_fails(argo->holds, STEER_POD, app, &text)) {
		place->rollout++;
		set_web(fleet, place, HEALTH_HEALTHY, (struct str){0});
		return;
	}
	rolls(fleet, place, argo_fleet_ms(argo, PROGRESS_DEADLINE_MS), progress_deadline);
	if (!fails_by_itself)
		rolls(fleet, place, argo_fleet_ms(argo, RESTART_MS), pod_starts);
}

/* Manifests of somebody's own, which come without a commit, run as what was there before. */
static void roll_out(struct fleet *fleet, struct place *place, const struct content *committed)
{
	static const struct content plain = {.replicas = 1};
	const struct content *before = place->content ? place->content : &plain;
	const struct content *content = committed ? committed : before;
	struct argo *argo = fleet->argo;
	int64_t ms = content->rollout_ms > 0 ? content->rollout_ms : POD_START_MS;

	place->rollout++;
	place->content = content;
	place->live.web = HEALTH_PROGRESSING;
	place->live.web_message = argo_text(
		argo,
		"Waiting for rollout to finish: 0 of %lld updated replicas are "
		"available...",
		(long long)MAX(content->replicas, 1));
	rolls(fleet, place, argo_fleet_ms(argo, ms), pod_starts);
	rolls(fleet, place, argo_fleet_ms(argo, ms + STUCK_DEADLINE_MS), progress_deadline);
}

/* ---- applying ---- */

static void remember_first(struct fleet *fleet, struct str app, struct str revision)
{
	struct str key = argo_text(fleet->argo, STR_FMT "@" STR_FMT, STR_ARG(app),
				   STR_ARG(revision));

	if (map_get(&fleet->firsts_by_key, key, NULL))
		return;
	map_put(&fleet->firsts_by_key, key, (uint32_t)fleet->firsts.n);
	vec_push(&fleet->firsts, fleet->argo->now);
}

wall fleet_first_applied(const struct fleet *fleet, struct str app, struct str revision)
{
	struct str key = argo_text(fleet->argo, STR_FMT "@" STR_FMT, STR_ARG(app),
				   STR_ARG(revision));
	uint32_t index;

	return map_get(&fleet->firsts_by_key, key, &index) ? fleet->firsts.v[index] : (wall){0};
}

enum applied fleet_apply(struct fleet *fleet, const struct app *app, const struct target *target,
			 struct str revision)
{
	struct place *place = place_made(fleet, app->name);
	struct live_object *object = find(&place->live, target->kind, target->name);
	enum applied applied = object == NULL ? APPLIED_CREATED : APPLIED_CONFIGURED;
	/* Without a commit it comes from who synced with `--local`. */
	struct str text = target->content != NULL ? target->content->text
						  : app->operation.manifests_json;

	if (object != NULL && object->hash == target->hash)
		return APPLIED_UNCHANGED;
	if (object == NULL)
		vec_push(&place->live.objects,
			 (struct live_object){target->kind, target->name, target->hash, text});
	else
		*object = (struct live_object){target->kind, target->name, target->hash, text};
	if (target->kind == KIND_DEPLOYMENT)
		roll_out(fleet, place, target->content);
	remember_first(fleet, app->name, revision);
	touch(fleet, place);
	return applied;
}

void fleet_apply_bulk(struct fleet *fleet, const struct app *app, uint32_t count)
{
	struct place *place = place_made(fleet, app->name);

	if (place->live.bulk == count)
		return;
	place->live.bulk = count;
	touch(fleet, place);
}

void fleet_prune(struct fleet *fleet, const struct app *app, enum object_kind kind, struct str name)
{
	struct place *place = place_made(fleet, app->name);

	for (size_t i = 0; i < place->live.objects.n; i++) {
		const struct live_object *object = &place->live.objects.v[i];
		if (object->kind != kind || !str_eq(object->name, name))
			continue;
		vec_remove(&place->live.objects, i);
		place->rollout += kind == KIND_DEPLOYMENT;
		touch(fleet, place);
		return;
	}
}

void fleet_delete_all(struct fleet *fleet, const struct app *app)
{
	struct place *place = place_made(fleet, app->name);

	vec_clear(&place->live.objects);
	place->live.bulk = place->live.job_count = 0;
	place->rollout++;
	touch(fleet, place);
}

void fleet_drift(struct fleet *fleet, struct str app)
{
	struct place *place = place_made(fleet, app);
	struct live_object *object = find(&place->live, KIND_CONFIG_MAP, app);

	if (object == NULL)
		return;
	object->hash++;
	object->text = STR("edited by hand");
	touch(fleet, place);
}

void fleet_set_health(struct fleet *fleet, struct str app, enum health health)
{
	struct place *place = place_made(fleet, app);
	struct str message = health == HEALTH_HEALTHY ? STR("") : STR("as somebody wished");

	if (find(&place->live, KIND_DEPLOYMENT, app) == NULL)
		return;
	place->rollout++;
	set_web(fleet, place, health, message);
}

/* ---- the Jobs of hooks ---- */

static void set_job(struct fleet *fleet, uint32_t number, enum job_state state)
{
	const struct job *job = &vec_at(&fleet->job_states, number);
	struct place *place = fleet->places.v[job->place];

	fleet->jobs.v[number].finished_at = argo_stamp(fleet->argo, fleet->argo->now);
	fleet->jobs.v[number].succeeded = state == JOB_SUCCEEDED;
	for (uint32_t i = 0; i < place->live.job_count; i++) {
		if (place->live.jobs[i].number == number)
			place->live.jobs[i].state = state;
	}
	touch(fleet, place);
}

static void job_ends(void *self, uint64_t number, uint64_t epoch)
{
	struct fleet *fleet = self;
	const struct job *job = &vec_at(&fleet->job_states, number);

	(void)epoch;
	if (!job->is_deleted)
		set_job(fleet, (uint32_t)number,
			job->content->hook_fails ? JOB_FAILED : JOB_SUCCEEDED);
}

static void job_runs(void *self, uint64_t number, uint64_t epoch)
{
	struct fleet *fleet = self;
	struct argo *argo = fleet->argo;
	const struct job *job = &vec_at(&fleet->job_states, number);
	const struct app *app = store_app(argo->store, fleet->places.v[job->place]->app);
	struct str text;

	(void)epoch;
	if (job->is_deleted || app == NULL)
		return;
	if (hold_stands(argo->holds, STEER_HOOK, app, (struct task){job_runs, self, number, 0}))
		return;
	if (hold_fails(argo->holds, STEER_HOOK, app, &text)) {
		set_job(fleet, (uint32_t)number, JOB_FAILED);
		return;
	}
	argo_later(argo, argo_fleet_ms(argo, job->content->hook_ms), job_ends, fleet, number, 0);
}

/* False: there is none. */
static bool take_job(struct live *live, struct str name, uint32_t *ret_number)
{
	for (uint32_t i = 0; i < live->job_count; i++) {
		if (!str_eq(live->jobs[i].name, name))
			continue;
		*ret_number = live->jobs[i].number;
		live->job_count--;
		memmove(&live->jobs[i], &live->jobs[i + 1],
			(live->job_count - i) * sizeof(live->jobs[0]));
		return true;
	}
	return false;
}

void fleet_start_job(struct fleet *fleet, const struct app *app, const struct target *hook,
		     struct str name, struct str revision)
{
	struct argo *argo = fleet->argo;
	struct place *place = place_made(fleet, app->name);
	struct live *live = &place->live;
	uint32_t number = (uint32_t)fleet->jobs.n;
	const struct cluster *cluster = cluster_of(fleet, app);

	/* A retry's hook has the name of the one before: that is deleted, and seen to be gone. */
	bool is_again = take_job(live, name, &number);
	(void)take_job(&place->seen, name, &number);
	if (live->job_count == LIVE_JOBS_MAX) {
		memmove(live->jobs, live->jobs + 1, sizeof(live->jobs) - sizeof(live->jobs[0]));
		live->job_count--;
	}
	live->jobs[live->job_count++] = (struct live_job){number, name, JOB_RUNNING};
	live->hook_hash = hook->hash;
	struct hook_job record = {
		.app = app->name,
		.cluster = cluster == NULL ? STR("") : cluster->name,
		.revision = revision,
		.hook_type = STR("PostSync"),
		.started_at = argo_stamp(argo, argo->now),
	};
	struct job job = {name, index_of(fleet, place), hook->content, false};
	if (is_again) {
		fleet->jobs.v[number] = record;
		fleet->job_states.v[number] = job;
	} else {
		vec_push(&fleet->jobs, record);
		vec_push(&fleet->job_states, job);
	}
	touch(fleet, place);
	argo_later(argo, argo_fleet_ms(argo, JOB_START_MS), job_runs, fleet, number, 0);
}

void fleet_delete_job(struct fleet *fleet, const struct app *app, struct str name)
{
	struct place *place = place_made(fleet, app->name);
	uint32_t number;

	if (!take_job(&place->live, name, &number))
		return;
	fleet->job_states.v[number].is_deleted = true;
	fleet->jobs.v[number].finished_at = argo_stamp(fleet->argo, fleet->argo->now);
	touch(fleet, place);
}

size_t fleet_jobs(const struct fleet *fleet, const struct hook_job **ret_jobs)
{
	*ret_jobs = fleet->jobs.v;
	return fleet->jobs.n;
}
