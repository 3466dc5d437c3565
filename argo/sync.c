#include "argo/sync.h"

#include "argo/inside.h"
#include "base/alloc.h"

#include <stdio.h>

enum { TASKS_MAX = 2 * TARGETS_MAX };
/* So many of the bulk are in the results; all of it in 10,000 Applications would be 300 MB. */
enum { BULK_RESULTS_MAX = 8 };

enum step_phase { STEP_SYNC, STEP_POST_SYNC };
enum progress { PROGRESS_PENDING, PROGRESS_RUNNING, PROGRESS_SUCCEEDED, PROGRESS_FAILED };

struct step {
	enum step_phase phase;
	int64_t wave;
	enum object_kind kind;
	struct str name;
	const struct target *target; /* NULL: to be pruned, or the bulk */
	bool is_hook, is_prune, is_bulk;
	bool remains; /* a hook, or of a later wave than the one that is run now */
	enum progress progress;
	struct result result; /* unless pending */
};

struct steps {
	struct argo *argo;
	const struct app *app;
	struct op_state *state;
	const struct manifest *manifest;
	const struct live *seen;
	bool has_namespace;
	struct step v[TASKS_MAX];
	uint32_t n;
};

/* ---- what there is to do ---- */

static bool is_chosen(const struct op_request *request, enum object_kind kind, struct str name)
{
	const struct op_resource_list *chosen = request->resources;

	if (chosen == NULL || chosen->n == 0)
		return true;
	for (uint32_t i = 0; i < chosen->n; i++) {
		if (str_eq(chosen->v[i].name, name) &&
		    str_eq(chosen->v[i].kind, str_of(kind_name(kind))) &&
		    str_eq(chosen->v[i].group, kind_group(kind)))
			return true;
	}
	return false;
}

static bool runs_hooks(const struct argo *argo, const struct op_request *request)
{
	bool is_partial = request->resources != NULL && request->resources->n > 0;

	return request->strategy != STRATEGY_APPLY &&
	       (!is_partial || !has_quirk(argo, QUIRK_PARTIAL_RUNS_NO_HOOKS));
}

/* NAME-SHORTSHA-postsync-SECONDS: the same for each step of one operation. */
static struct str hook_name(const struct steps *steps, const struct target *hook)
{
	struct str revision = steps->state->result_revisions.revision;

	return argo_text(steps->argo, STR_FMT STR_FMT "-postsync-%lld", STR_ARG(hook->name),
			 STR_ARG(str_first(revision, MIN(revision.n, 7u))),
			 (long long)(steps->state->started_at.ms / 1000));
}

/* Where the steps were left: what their results say. */
static void recall(const struct steps *steps, struct step *step)
{
	const struct result_list *results = steps->state->results;
	struct str kind = str_of(kind_name(step->kind));

	for (uint32_t i = 0; results != NULL && i < results->n; i++) {
		const struct result *result = &results->v[i];
		if (!str_eq(result->name, step->name) || !str_eq(result->kind, kind))
			continue;
		step->result = *result;
		if (str_eq(result->hook_phase, STR("Running")))
			step->progress = PROGRESS_RUNNING;
		else if (str_eq(result->hook_phase, STR("Succeeded")))
			step->progress = PROGRESS_SUCCEEDED;
		else
			step->progress = PROGRESS_FAILED;
		return;
	}
}

static void add(struct steps *steps, struct step step)
{
	if (steps->n == TASKS_MAX)
		return;
	recall(steps, &step);

	/* By phase and wave; what is added first is first among equals. */
	uint32_t at = steps->n++;
	while (at > 0 &&
	       (steps->v[at - 1].phase > step.phase ||
		(steps->v[at - 1].phase == step.phase && steps->v[at - 1].wave > step.wave))) {
		steps->v[at] = steps->v[at - 1];
		at--;
	}
	steps->v[at] = step;
}

static bool is_wanted(const struct manifest *manifest, const struct live_object *object)
{
	for (uint32_t i = 0; i < manifest->n; i++) {
		if (!manifest->v[i].is_hook && manifest->v[i].kind == object->kind &&
		    str_eq(manifest->v[i].name, object->name))
			return true;
	}
	return false;
}

static void add_targets(struct steps *steps)
{
	const struct op_request *request = &steps->state->operation;

	for (uint32_t i = 0; i < steps->manifest->n; i++) {
		const struct target *target = &steps->manifest->v[i];
		struct step step = {.phase = target->is_hook ? STEP_POST_SYNC : STEP_SYNC,
				    .wave = target->wave,
				    .kind = target->kind,
				    .name = target->name,
				    .target = target,
				    .is_hook = target->is_hook};
		if (target->is_hook) {
			step.name = hook_name(steps, target);
			if (runs_hooks(steps->argo, request))
				add(steps, step);
		} else if (is_chosen(request, target->kind, target->name)) {
			add(steps, step);
		}
	}
}

static void add_steps(struct steps *steps)
{
	const struct op_request *request = &steps->state->operation;
	struct str first = STR("bulk-00001");
	/* What is only left over leaves no result by which it would be known to have been done. */
	bool goes = steps->seen->bulk > 0 && request->prune && !request->dry_run;

	if ((steps->manifest->bulk > 0 || goes) && is_chosen(request, KIND_CONFIG_MAP, first))
		add(steps, (struct step){.kind = KIND_CONFIG_MAP, .name = first, .is_bulk = true});
	add_targets(steps);
	vec_each(object, &steps->seen->objects) {
		if (!is_wanted(steps->manifest, object) &&
		    is_chosen(request, object->kind, object->name))
			add(steps, (struct step){.kind = object->kind,
						 .name = object->name,
						 .is_prune = true});
	}
}

/* ---- what has become of it ---- */

static void set_progress(struct step *step, enum progress progress, struct str message)
{
	static const struct str phases[] = {STR(""), STR("Running"), STR("Succeeded"),
					    STR("Failed")};

	step->progress = progress;
	step->result.hook_phase = phases[progress];
	if (!str_empty(message))
		step->result.message = message;
}

static void look_at_job(const struct steps *steps, struct step *step)
{
	const struct live_job *job = live_job(steps->seen, step->name);

	if (job == NULL)
		return;
	switch (job->state) {
	case JOB_RUNNING:
		break;
	case JOB_SUCCEEDED:
		set_progress(step, PROGRESS_SUCCEEDED,
			     STR("Reached expected number of succeeded pods"));
		break;
	case JOB_FAILED:
		set_progress(step, PROGRESS_FAILED,
			     STR("Job has reached the specified backoff limit"));
		break;
	}
}

/* What runs is looked at in the controller's cache, which may not have seen the apply yet. */
static void look(const struct steps *steps, struct step *step)
{
	if (step->progress != PROGRESS_RUNNING)
		return;
	if (step->is_hook) {
		look_at_job(steps, step);
		return;
	}
	if (step->kind != KIND_DEPLOYMENT) {
		set_progress(step, PROGRESS_SUCCEEDED, STR(""));
		return;
	}
	if (live_find(steps->seen, step->kind, step->name) == NULL)
		return;
	if (steps->seen->web == HEALTH_HEALTHY)
		set_progress(step, PROGRESS_SUCCEEDED, STR(""));
	else if (steps->seen->web == HEALTH_DEGRADED)
		set_progress(step, PROGRESS_FAILED, steps->seen->web_message);
}

/* ---- doing ---- */

static struct str applied_message(const struct steps *steps, const struct step *step,
				  enum applied applied)
{
	static const struct str kinds[] = {STR("configmap"), STR("deployment.apps"),
					   STR("job.batch")};
	static const struct str words[] = {STR("created"), STR("configured"), STR("unchanged")};

	return argo_text(steps->argo, STR_FMT "/" STR_FMT " " STR_FMT "%s",
			 STR_ARG(kinds[step->kind]), STR_ARG(step->name), STR_ARG(words[applied]),
			 steps->state->operation.dry_run ? " (dry run)" : "");
}

static struct str revision_of(const struct op_state *state)
{
	return state->result_revisions.n > 0 ? state->result_revisions.v[0]
					     : state->result_revisions.revision;
}

static enum applied would_apply(const struct steps *steps, const struct step *step)
{
	const struct live_object *object = live_find(steps->seen, step->kind, step->name);

	if (step->is_bulk)
		return steps->seen->bulk > 0 ? APPLIED_UNCHANGED : APPLIED_CREATED;
	if (object == NULL)
		return APPLIED_CREATED;
	return object->hash == step->target->hash ? APPLIED_UNCHANGED : APPLIED_CONFIGURED;
}

static enum applied apply(const struct steps *steps, const struct step *step)
{
	struct fleet *fleet = steps->argo->fleet;
	struct str revision = revision_of(steps->state);

	if (steps->state->operation.dry_run)
		return would_apply(steps, step);
	if (step->is_hook) {
		fleet_start_job(fleet, steps->app, step->target, step->name, revision);
		return APPLIED_CREATED;
	}
	if (!step->is_bulk)
		return fleet_apply(fleet, steps->app, step->target, revision);
	bool may_shrink = steps->state->operation.prune;
	uint32_t count = steps->manifest->bulk;
	fleet_apply_bulk(fleet, steps->app, may_shrink ? count : MAX(count, steps->seen->bulk));
	return APPLIED_CONFIGURED;
}

static void prune(const struct steps *steps, struct step *step)
{
	const struct op_request *request = &steps->state->operation;

	if (!request->prune) {
		step->result.status = STR("PruneSkipped");
		set_progress(step, PROGRESS_SUCCEEDED, STR("ignored (requires pruning)"));
		return;
	}
	if (!request->dry_run)
		fleet_prune(steps->argo->fleet, steps->app, step->kind, step->name);
	step->result.status = STR("Pruned");
	set_progress(step, PROGRESS_SUCCEEDED,
		     request->dry_run ? STR("pruned (dry run)") : STR("pruned"));
}

static void run(const struct steps *steps, struct step *step)
{
	step->result.group = kind_group(step->kind);
	step->result.version = STR("v1");
	step->result.kind = str_of(kind_name(step->kind));
	step->result.namespace = steps->app->spec.destination.namespace;
	step->result.name = step->name;
	step->result.sync_phase = step->phase == STEP_SYNC ? STR("Sync") : STR("PostSync");
	if (step->is_hook)
		step->result.hook_type = STR("PostSync");
	if (step->is_prune) {
		prune(steps, step);
		return;
	}
	if (!steps->has_namespace) {
		step->result.status = STR("SyncFailed");
		set_progress(step, PROGRESS_FAILED,
			     argo_text(steps->argo, "namespaces \"" STR_FMT "\" not found",
				       STR_ARG(steps->app->spec.destination.namespace)));
		return;
	}
	enum applied applied = apply(steps, step);
	if (!step->is_hook || steps->state->operation.dry_run)
		step->result.status = STR("Synced");
	set_progress(step, steps->state->operation.dry_run ? PROGRESS_SUCCEEDED : PROGRESS_RUNNING,
		     applied_message(steps, step, applied));
}

/* ---- saying ---- */

static void put_bulk(struct steps *steps, struct result_list *list, const struct step *step)
{
	for (uint32_t i = 1; i <= MIN(steps->manifest->bulk, (uint32_t)BULK_RESULTS_MAX); i++) {
		struct result result = step->result;
		result.name = argo_text(steps->argo, "bulk-%05u", i);
		result.message = STR("configmap configured");
		list->v[list->n++] = result;
	}
}

static void put_results(struct steps *steps)
{
	uint32_t most = steps->n + BULK_RESULTS_MAX;
	struct result_list *list = result_list_new(most);

	list->n = 0;
	for (uint32_t i = 0; i < steps->n; i++) {
		const struct step *step = &steps->v[i];
		if (step->progress == PROGRESS_PENDING)
			continue;
		if (step->is_bulk)
			put_bulk(steps, list, step);
		else
			list->v[list->n++] = step->result;
	}
	result_list_drop(steps->state->results);
	steps->state->results = list;
}

static void say(struct steps *steps, enum op_phase phase, struct str message)
{
	steps->state->phase = phase;
	steps->state->message = message;
}

typedef bool step_filter(const struct steps *steps, const struct step *step);

/* "waiting for completion of hook batch/Job/x and 2 more hooks" */
static bool waits_for(struct steps *steps, step_filter *filter)
{
	const struct step *first = NULL;
	uint32_t more = 0;

	for (uint32_t i = 0; i < steps->n; i++) {
		if (!filter(steps, &steps->v[i]))
			continue;
		if (first == NULL)
			first = &steps->v[i];
		else
			more++;
	}
	if (first == NULL)
		return false;
	struct str message = argo_text(steps->argo, "waiting for %s " STR_FMT "/%s/" STR_FMT,
				       first->is_hook ? "completion of hook" : "healthy state of",
				       STR_ARG(kind_group(first->kind)), kind_name(first->kind),
				       STR_ARG(first->name));
	if (more > 0)
		message = argo_text(steps->argo, STR_FMT " and %u more %s", STR_ARG(message), more,
				    first->is_hook ? "hooks" : "resources");
	say(steps, OP_RUNNING, message);
	return true;
}

/* ---- one step ---- */

static bool has_several_waves(const struct steps *steps)
{
	for (uint32_t i = 1; i < steps->n; i++) {
		if (steps->v[i].phase != steps->v[0].phase || steps->v[i].wave != steps->v[0].wave)
			return true;
	}
	return false;
}

static bool is_awaited(const struct steps *steps, const struct step *step)
{
	return step->progress == PROGRESS_RUNNING && (step->is_hook || has_several_waves(steps));
}

static bool remains(const struct steps *steps, const struct step *step)
{
	(void)steps;
	return step->remains;
}

static bool has_failed(const struct steps *steps)
{
	for (uint32_t i = 0; i < steps->n; i++) {
		if (steps->v[i].progress == PROGRESS_FAILED)
			return true;
	}
	return false;
}

/* "one or more objects failed to apply, reason: …,…"; false: none did. */
static bool says_failures(struct steps *steps)
{
	struct str reasons = STR("");

	for (uint32_t i = 0; i < steps->n; i++) {
		const struct step *step = &steps->v[i];
		if (!str_eq(step->result.status, STR("SyncFailed")))
			continue;
		reasons = argo_text(steps->argo, STR_FMT "%s" STR_FMT, STR_ARG(reasons),
				    str_empty(reasons) ? "" : ",", STR_ARG(step->result.message));
	}
	if (str_empty(reasons))
		return false;
	say(steps, OP_FAILED,
	    argo_text(steps->argo, "one or more objects failed to apply, reason: " STR_FMT,
		      STR_ARG(reasons)));
	return true;
}

/* Runs the first wave of what is pending. Hooks of the last wave are waited for, objects not. */
static int64_t run_wave(struct steps *steps)
{
	const struct step *first = NULL;
	uint32_t done = 0;
	bool is_last;

	for (uint32_t i = 0; i < steps->n && first == NULL; i++) {
		if (steps->v[i].progress == PROGRESS_PENDING)
			first = &steps->v[i];
	}
	if (first == NULL) {
		say(steps, OP_SUCCEEDED, STR("successfully synced (no more tasks)"));
		return 0;
	}
	enum step_phase phase = first->phase;
	int64_t wave = first->wave;
	const struct step *last = &steps->v[steps->n - 1];
	is_last = last->phase == phase && last->wave == wave;
	for (uint32_t i = 0; i < steps->n; i++) {
		struct step *step = &steps->v[i];
		bool is_now = step->phase == phase && step->wave == wave;
		step->remains = step->progress == PROGRESS_PENDING && (!is_now || step->is_hook);
		if (step->progress != PROGRESS_PENDING || !is_now)
			continue;
		run(steps, step);
		done += step->is_bulk ? steps->manifest->bulk : 1;
	}
	if (says_failures(steps))
		return argo_some_ms(steps->argo, 30, 40);
	if (!waits_for(steps, remains))
		say(steps, OP_SUCCEEDED, STR("successfully synced (all tasks run)"));
	return argo_some_ms(steps->argo, 30, 40) + 2 * done + (is_last ? 0 : WAVE_DELAY_MS);
}

static bool may_use_namespace(struct argo *argo, const struct app *app,
			      const struct op_state *state)
{
	const struct destination *to = &app->spec.destination;
	const struct cluster *cluster = store_cluster(
		argo->store, str_empty(to->server) ? to->name : to->server);

	if (fleet_has_namespace(argo->fleet, app))
		return true;
	if (!str_find(state->operation.sync_options_json, STR("CreateNamespace=true"), NULL))
		return false;
	fleet_add_namespace(argo->fleet, cluster->server, to->namespace);
	return true;
}

int64_t sync_step(struct argo *argo, const struct app *app, struct op_state *state,
		  const struct manifest *manifest)
{
	struct steps *steps = mem_alloc(sizeof(*steps)); /* not zeroed: `v` is big */
	int64_t ms = 0;

	steps->n = 0;
	steps->argo = argo;
	steps->app = app;
	steps->state = state;
	steps->manifest = manifest;
	steps->seen = fleet_seen(argo->fleet, app->name);
	steps->has_namespace = state->operation.dry_run || may_use_namespace(argo, app, state);
	add_steps(steps);
	for (uint32_t i = 0; i < steps->n; i++)
		look(steps, &steps->v[i]);
	if (!waits_for(steps, is_awaited)) {
		if (has_failed(steps))
			say(steps, OP_FAILED,
			    STR("one or more synchronization tasks completed unsuccessfully"));
		else
			ms = run_wave(steps);
	}
	put_results(steps);
	mem_free(steps);
	return ms;
}

void sync_terminate(struct argo *argo, const struct app *app, struct op_state *state)
{
	uint32_t n = state->results == NULL ? 0 : state->results->n;
	struct result_list *list = result_list_new(n);

	for (uint32_t i = 0; i < n; i++) {
		struct result *result = &list->v[i];
		*result = state->results->v[i];
		if (str_empty(result->hook_type) || !str_eq(result->hook_phase, STR("Running")))
			continue;
		fleet_delete_job(argo->fleet, app, result->name);
		result->hook_phase = STR("Succeeded");
		result->message = STR("Deleted");
	}
	result_list_drop(state->results);
	state->results = list;
	state->phase = OP_FAILED;
	state->message = STR("Operation terminated");
}
