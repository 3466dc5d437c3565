#include "argo/rollout.h"

#include "base/alloc.h"

#include <stdio.h>

#define WAITING STR("Waiting")
#define PENDING STR("Pending")
#define PROGRESSING STR("Progressing")
#define HEALTHY STR("Healthy")

/* ---- steps ---- */

static const struct str *label_of(const struct app *app, struct str key)
{
	for (uint32_t i = 0; app->labels && i < app->labels->n; i++)
		if (str_eq(app->labels->v[i].key, key))
			return &app->labels->v[i].value;
	return NULL;
}

static bool expression_matches(const struct match_expression *expression, const struct app *app)
{
	const struct str *value = label_of(app, expression->key);

	if (!value)
		return expression->is_not_in;
	for (uint32_t i = 0; expression->values && i < expression->values->n; i++)
		if (str_eq(expression->values->v[i].key, *value))
			return !expression->is_not_in;
	return expression->is_not_in;
}

/* A step without expressions chooses all. */
static bool step_chooses(const struct rollout_step *step, const struct app *app)
{
	for (uint32_t i = 0; i < step->expression_count; i++)
		if (!expression_matches(&step->expressions[i], app))
			return false;
	return true;
}

static const struct app *desired_of(const struct rollout_world *world, struct str name)
{
	uint32_t at;

	return map_get(world->by_name, name, &at) ? world->desired[at] : NULL;
}

static const struct app *current_of(const struct rollout_world *world, struct str name)
{
	size_t low = 0, high = world->current_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(world->current[middle]->name, name);

		if (order == 0)
			return world->current[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The first that chooses it, from 0. False: none does, or it is not generated any more. */
static bool step_of(const struct rollout_world *world, struct str name, uint32_t *ret_step)
{
	const struct app *app = desired_of(world, name);

	for (uint32_t i = 0; app && i < world->set->step_count; i++) {
		if (step_chooses(&world->set->steps[i], app)) {
			*ret_step = i;
			return true;
		}
	}
	return false;
}

static struct str step_name(const struct rollout_world *world, struct str name)
{
	char text[16];
	uint32_t step;

	if (!step_of(world, name, &step))
		return STR("-1");
	snprintf(text, sizeof(text), "%u", step + 1);
	return argo_intern(world->argo, str_of(text));
}

/* ---- what an Application shows ---- */

/* What a naive reader takes for granted: its status is that of the spec which it shall have. */
static bool is_of_new_spec(const struct rollout_world *world, const struct app *app)
{
	const struct app *desired = desired_of(world, app->name);

	if (!argo_config_of(world->argo)->quirks.is_off[QUIRK_ROLLS_ON_OLD_STATUS] || !desired)
		return true;
	return app->status.compared_to.is_set &&
	       sources_equal(&app->status.compared_to.sources, &desired->spec.sources) &&
	       destination_equal(&app->status.compared_to.destination, &desired->spec.destination);
}

/* Unknown is as good as Synced here. */
static bool is_well(const struct rollout_world *world, const struct app *app)
{
	const struct app_status *status = &app->status;

	return status->has_health && status->health == HEALTH_HEALTHY &&
	       !(status->has_sync && status->sync == SYNC_OUT_OF_SYNC) &&
	       (status->operation.phase == OP_SUCCEEDED || status->operation.phase == OP_NONE) &&
	       is_of_new_spec(world, app);
}

static bool is_outdated(const struct rollout_world *world, const struct app *app)
{
	return world->set->step_count > 0 &&
	       ((app->status.has_sync && app->status.sync == SYNC_OUT_OF_SYNC) ||
		!is_of_new_spec(world, app));
}

/* ---- what is recorded ---- */

static bool is_in(const struct rollout_status *entry, struct str status)
{
	return str_eq(entry->status, status);
}

static void move(const struct rollout_world *world, struct rollout_status *entry, struct str status,
		 struct str message)
{
	entry->status = status;
	entry->message = message;
	entry->last_transition_at = stamp(world->now);
	entry->step = step_name(world, entry->application);
}

static struct rollout_status observe(const struct rollout_world *world, const struct app *app)
{
	const struct rollout_status *old = rollout_status_of(world->set->rollout, app->name);
	const struct revisions *revisions = &app->status.sync_revisions;
	enum op_phase phase = app->status.operation.phase;
	bool is_old = is_outdated(world, app), is_running = phase == OP_RUNNING;
	struct rollout_status entry = {.application = app->name};

	if (old)
		entry = *old;
	else
		move(world, &entry, WAITING,
		     STR("No Application status found, defaulting status to Waiting."));
	if (!revisions_equal(&entry.target_revisions, revisions)) {
		entry.target_revisions = *revisions;
		move(world, &entry, WAITING, old ? STR(PENDING_CHANGES) : entry.message);
	}
	if (is_old && !is_in(&entry, WAITING) && !is_in(&entry, PENDING))
		move(world, &entry, WAITING, STR(PENDING_CHANGES));
	if (is_in(&entry, PENDING) && !is_old && phase == OP_SUCCEEDED)
		move(world, &entry, PROGRESSING,
		     STR("Application resource completed a sync successfully, updating status from "
			 "Pending to Progressing."));
	else if (is_in(&entry, PENDING) &&
		 (is_running ||
		  (app->status.has_health && app->status.health == HEALTH_PROGRESSING)))
		move(world, &entry, PROGRESSING,
		     STR("Application resource became Progressing, updating status from Pending to "
			 "Progressing."));
	if (is_in(&entry, WAITING) && is_well(world, app))
		move(world, &entry, HEALTHY,
		     STR("Application resource is already Healthy, updating status from Waiting to "
			 "Healthy."));
	if (is_in(&entry, PROGRESSING) && is_well(world, app))
		move(world, &entry, HEALTHY,
		     STR("Application resource became Healthy, updating status from Progressing to "
			 "Healthy."));
	return entry;
}

struct rollout_status_list *rollout_observe(const struct rollout_world *world)
{
	struct rollout_status_list *list = rollout_status_list_new((uint32_t)world->current_count);

	for (uint32_t i = 0; i < list->n; i++)
		list->v[i] = observe(world, world->current[i]);
	return list;
}

bool rollout_is_news(const struct rollout_status_list *old, const struct rollout_status_list *new)
{
	uint32_t n = old ? old->n : 0;

	if (n != (new ? new->n : 0))
		return true;
	for (uint32_t i = 0; i < n; i++) {
		const struct rollout_status *now = &new->v[i];
		const struct rollout_status *was = rollout_status_of(old, now->application);

		if (!was || !str_eq(was->status, now->status) || !str_eq(was->step, now->step) ||
		    !str_eq(was->message, now->message))
			return true;
	}
	return false;
}

/* ---- who may be synced ---- */

static bool is_step_done(const struct rollout_world *world, const struct rollout_step *step)
{
	for (size_t i = 0; i < world->desired_count; i++) {
		const struct app *desired = world->desired[i], *current;
		const struct rollout_status *entry;

		if (!step_chooses(step, desired))
			continue;
		entry = rollout_status_of(world->set->rollout, desired->name);
		current = current_of(world, desired->name);
		if (!entry || !current || !is_in(entry, HEALTHY) || !is_well(world, current))
			return false;
	}
	return true;
}

static bool asks_only_the_step_before(const struct rollout_world *world)
{
	return !argo_config_of(world->argo)->quirks.is_off[QUIRK_ASKS_THE_STEP_BEFORE];
}

void rollout_may_sync(const struct rollout_world *world, bool *ret_may_sync)
{
	bool is_open = true;

	for (size_t i = 0; i < world->desired_count; i++)
		ret_may_sync[i] = false;
	for (uint32_t i = 0; i < world->set->step_count; i++) {
		const struct rollout_step *step = &world->set->steps[i];
		bool is_empty = true;

		/* One that several steps choose has the word of the last of them. */
		for (size_t j = 0; j < world->desired_count; j++) {
			if (step_chooses(step, world->desired[j])) {
				ret_may_sync[j] = is_open;
				is_empty = false;
			}
		}
		/* Only the step before is asked, not those before it: the third one is open if
		 * the second is done, whatever the first is. */
		if (!is_empty)
			is_open = is_step_done(world, step) &&
				  (is_open || asks_only_the_step_before(world));
	}
}

/* How many of a step may be updated at once. False: all. */
static bool max_update(const struct rollout_step *step, uint32_t total, uint32_t *ret_max)
{
	struct str text = step->max_update, number = text;
	uint64_t value;

	if (str_empty(text))
		return false;
	if (!str_ends(text, STR("%"))) {
		/* What is no number is 0, and a text: at least one. */
		*ret_max = str_to_u64(text, &value) ? (uint32_t)MIN(value, UINT32_MAX) : 1;
		return true;
	}
	number.n--;
	if (!str_to_u64(number, &value))
		value = 0;
	*ret_max = (uint32_t)(MIN(value, (uint64_t)1000) * total / 100);
	if (*ret_max == 0 && !str_eq(text, STR("0%")))
		*ret_max = 1;
	return true;
}

static bool may_be_promoted(const struct rollout_world *world, struct str name,
			    const bool *may_sync)
{
	uint32_t at;

	return map_get(world->by_name, name, &at) && may_sync[at];
}

struct rollout_status_list *rollout_promote(const struct rollout_world *world, const bool *may_sync)
{
	const struct rollout_status_list *old = world->set->rollout;
	uint32_t n = old && world->set->step_count ? old->n : 0,
		 step_count = world->set->step_count;
	struct rollout_status_list *list = rollout_status_list_new(n);
	uint32_t *updating = mem_zalloc(step_count * sizeof(*updating));
	uint32_t *total = mem_zalloc(step_count * sizeof(*total)), max;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t step = 0; /* also of one that is in no step */

		step_of(world, old->v[i].application, &step);
		total[step]++;
		updating[step] += is_in(&old->v[i], PENDING) || is_in(&old->v[i], PROGRESSING);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct rollout_status *entry = &list->v[i];
		uint32_t step = 0;

		*entry = old->v[i];
		step_of(world, entry->application, &step);
		if (!is_in(entry, WAITING) ||
		    !may_be_promoted(world, entry->application, may_sync) ||
		    (max_update(&world->set->steps[step], total[step], &max) &&
		     updating[step] >= max))
			continue;
		move(world, entry, PENDING,
		     STR("Application moved to Pending status, watching for the Application "
			 "resource to start Progressing."));
		updating[step]++;
	}
	mem_free(updating);
	mem_free(total);
	return list;
}

uint32_t rollout_progressing_step(const struct appset *set)
{
	uint32_t least = 0;

	for (uint32_t i = 0; set->rollout && i < set->rollout->n; i++) {
		const struct rollout_status *entry = &set->rollout->v[i];
		uint64_t step;

		if (!is_in(entry, HEALTHY) && str_to_u64(entry->step, &step) &&
		    step <= set->step_count && (!least || step < least))
			least = (uint32_t)step;
	}
	return least;
}

bool rollout_is_held(const struct rollout_world *world, wall *ret_since)
{
	wall since = {0};

	if (!argo_config_of(world->argo)->has_refresh_barrier)
		return false;
	for (uint32_t i = 0; world->set->rollout && i < world->set->rollout->n; i++) {
		const struct rollout_status *entry = &world->set->rollout->v[i];

		if (is_in(entry, WAITING) && str_eq(entry->message, STR(PENDING_CHANGES)) &&
		    wall_cmp(entry->last_transition_at, since) > 0)
			since = entry->last_transition_at;
	}
	*ret_since = since;
	for (size_t i = 0; since.ms && i < world->current_count; i++)
		if (wall_cmp(world->current[i]->status.reconciled_at, since) < 0)
			return true;
	return since.ms && wall_since(world->now, since) < ROLLOUT_GRACE_MS;
}

/* ---- operations ---- */

bool rollout_operation(const struct rollout_world *world, struct app *desired, bool may_sync,
		       struct pair_list *infos)
{
	const struct app *current = current_of(world, desired->name);
	const struct rollout_status *entry = rollout_status_of(world->set->rollout, desired->name);
	bool prune = false;

	if (desired->spec.automated.is_set && !desired->spec.automated.is_disabled) {
		prune = desired->spec.automated.prune;
		desired->spec.automated = (typeof(desired->spec.automated)){0};
	}
	if (!may_sync || !current || !current->status.has_sync ||
	    current->status.sync != SYNC_OUT_OF_SYNC || !entry || !is_in(entry, PENDING))
		return false;
	if (current->deleting_at.ms &&
	    argo_config_of(world->argo)->quirks.is_off[QUIRK_SYNCS_THE_DELETED])
		return false;
	desired->operation = (struct op_request){
		.is_set = true,
		.username = STR("applicationset-controller"),
		.is_automated = true,
		.infos = pair_list_keep(infos),
		.prune = prune,
		.sync_options_json = desired->spec.sync_options_json,
		.retry = desired->spec.retry.is_set ? desired->spec.retry
						    : (struct retry){.is_set = true, .limit = 5},
	};
	if (argo_config_of(world->argo)->pins_revisions)
		desired->operation.revisions = entry->target_revisions;
	return true;
}
