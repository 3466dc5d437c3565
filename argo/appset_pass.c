#include "argo/appset_pass.h"

#include "argo/conditions.h"
#include "base/alloc.h"

/* retry.DefaultRetry of client-go */
enum { CONFLICT_TRIES = 5, CONFLICT_WAIT_MS = 10 };

static struct store *store_of(const struct pass_world *world)
{
	return argo_store(world->argo);
}

/* ---- status ---- */

static enum resource_sync resource_sync_of(const struct app_status *status)
{
	if (!status->has_sync)
		return RESOURCE_UNKNOWN;
	switch (status->sync) {
	case SYNC_UNKNOWN:
		return RESOURCE_UNKNOWN;
	case SYNC_SYNCED:
		return RESOURCE_SYNCED;
	case SYNC_OUT_OF_SYNC:
		return RESOURCE_OUT_OF_SYNC;
	}
	check_failed(__FILE__, __LINE__, "a sync status");
}

static void set_rollout(struct appset *set, struct rollout_status_list *list)
{
	rollout_status_list_keep(list);
	rollout_status_list_drop(set->rollout);
	set->rollout = list;
}

/* Takes a status into the copy at hand and into what is alive; the copy becomes what was written.
 * */
static void write_rollout(const struct pass_world *world, struct appset **set,
			  struct rollout_status_list *list, wall now)
{
	const struct appset *live = store_appset(store_of(world), (*set)->name);
	struct appset *next;

	if (!live || !rollout_is_news((*set)->rollout, list))
		return;
	next = appset_copy(live);
	set_rollout(next, list);
	store_write_appset(store_of(world), next, 0, now);
	appset_drop(*set);
	*set = appset_copy(store_appset(store_of(world), live->name));
}

static void write_resources(const struct pass_world *world, struct appset **set,
			    const struct app *const *apps, size_t n, wall now)
{
	const struct appset *live = store_appset(store_of(world), (*set)->name);
	struct resource_list *list = resource_list_new((uint32_t)n);

	for (size_t i = 0; i < n; i++) {
		const struct app_status *status = &apps[i]->status;
		list->v[i] = (struct resource){
			.group = STR("argoproj.io"),
			.version = STR("v1alpha1"),
			.kind = STR("Application"),
			.namespace = apps[i]->namespace,
			.name = apps[i]->name,
			.sync = resource_sync_of(status),
			.has_health = status->has_health,
			.health = status->health,
			.health_message = status->health_message,
		};
	}
	if (live && !appset_resources_equal((*set)->resources, list)) {
		struct appset *next = appset_copy(live);

		resource_list_drop(next->resources);
		next->resources = resource_list_keep(list);
		store_write_appset(store_of(world), next, 0, now);
		appset_drop(*set);
		*set = appset_copy(store_appset(store_of(world), live->name));
	}
	resource_list_drop(list);
}

static void write_condition(const struct pass_world *world, struct appset **set,
			    const struct appset_condition *condition, bool has_params, wall now)
{
	const struct appset *live = store_appset(store_of(world), (*set)->name);
	struct appset *next;

	if (!appset_set_condition(*set, condition, has_params, now) || !live)
		return;
	next = appset_copy(live);
	appset_set_condition(next, condition, has_params, now);
	store_write_appset(store_of(world), next, 0, now);
	appset_drop(*set);
	*set = appset_copy(store_appset(store_of(world), live->name));
}

static void write_error(struct pass *pass, const struct pass_world *world, struct str reason,
			struct str message, bool has_params, wall now)
{
	const struct appset_condition condition = {STR("ErrorOccurred"), reason, message, true};

	write_condition(world, &pass->set, &condition, has_params, now);
}

/* ---- what it owns ---- */

struct current {
	const struct app **v;
	size_t n;
};

/* As the informer shows it, in the order of names (the real one's is that of a Go map). */
static struct current current_of(const struct pass_world *world, struct str owner)
{
	struct app_names names = {0};
	struct current current;

	informer_app_names(world->informer, &names);
	current = (struct current){mem_zalloc(names.n * sizeof(*current.v)), 0};
	vec_each(name, &names) {
		const struct app *app = informer_app(world->informer, *name);

		if (str_eq(app->owner, owner))
			current.v[current.n++] = app;
	}
	vec_release(&names);
	return current;
}

/* ---- generate, validate ---- */

void pass_generate(const struct pass_world *world, const struct appset *set,
		   struct generated *ret_generated)
{
	auto_arena struct arena arena = {0};
	const struct generate_world generate = {
		.set = set,
		.clusters = world->clusters.v,
		.cluster_count = world->clusters.n,
		.git = world->git,
		.arena = &arena,
	};

	generate_apps(world->argo, &generate, ret_generated);
}

static bool allows(const struct appset *set, const char *policy)
{
	return str_empty(set->policy) || str_eq(set->policy, STR("sync")) ||
	       str_eq(set->policy, str_of(policy));
}

static struct str intern(const struct pass_world *world, struct arena *arena, const char *before,
			 struct str name)
{
	return argo_intern(world->argo, arena_printf(arena, "%s" STR_FMT, before, STR_ARG(name)));
}

/* Why the i-th may not be written; empty: it may. Of two with one name the second one's error
 * counts for both: the real one keeps errors by name. */
static struct str why_invalid(const struct pass *pass, const struct pass_world *world, size_t i)
{
	auto_arena struct arena arena = {0};
	const struct app *app = pass->generated.apps.v[i];
	uint32_t first;

	check(map_get(&pass->by_name, app->name, &first));
	if (first != i)
		return intern(world, &arena,
			      arena_printf(&arena,
					   "ApplicationSet " STR_FMT
					   " contains applications with duplicate name: ",
					   STR_ARG(pass->set->name))
				      .p,
			      app->name);
	if (!store_project(store_of(world), app->spec.project))
		return argo_intern(world->argo,
				   arena_printf(&arena,
						"application references project " STR_FMT
						" which does not exist",
						STR_ARG(app->spec.project)));
	struct str error = appset_destination_error(world->argo, &app->spec.destination);
	return str_empty(error)
		       ? error
		       : intern(world, &arena, "application destination spec is invalid: ", error);
}

/* The message of the last name in order, as the real one shows it. */
static void validate(struct pass *pass, const struct pass_world *world)
{
	auto_arena struct arena arena = {0};
	size_t n = pass->generated.apps.n;
	struct str last = {0};

	pass->is_invalid = mem_zalloc(n * sizeof(*pass->is_invalid));
	for (uint32_t i = 0; i < n; i++)
		if (!map_get(&pass->by_name, pass->generated.apps.v[i]->name, NULL))
			map_put(&pass->by_name, pass->generated.apps.v[i]->name, i);
	for (size_t i = 0; i < n; i++) {
		struct str name = pass->generated.apps.v[i]->name;
		struct str error = why_invalid(pass, world, i);
		bool is_new = true;

		if (str_empty(error))
			continue;
		for (size_t j = 0; j < n; j++) {
			if (!str_eq(pass->generated.apps.v[j]->name, name))
				continue;
			is_new = is_new && !pass->is_invalid[j];
			pass->is_invalid[j] = true;
		}
		pass->invalid_count += is_new;
		if (str_empty(last) || str_cmp(name, last) >= 0) {
			last = name;
			pass->error = error;
		}
	}
	if (pass->invalid_count > 1)
		pass->error = argo_intern(
			world->argo, arena_printf(&arena, STR_FMT " (and %u more)",
						  STR_ARG(pass->error), pass->invalid_count - 1));
}

/* ---- RollingSync ---- */

static void ask_for_refreshes(const struct pass_world *world, const struct current *current,
			      wall since, wall now)
{
	for (size_t i = 0; i < current->n; i++) {
		const struct app *live = store_app(store_of(world), current->v[i]->name);

		if (!live || live->refresh != REFRESH_NONE ||
		    wall_cmp(live->status.reconciled_at, since) >= 0)
			continue;
		struct app *next = app_copy(live);
		next->refresh = REFRESH_NORMAL;
		store_write_app(store_of(world), next, 0, now);
	}
}

static void write_progress(const struct pass_world *world, struct appset **set, wall now)
{
	auto_arena struct arena arena = {0};
	uint32_t step = rollout_progressing_step(*set);
	struct appset_condition condition = {STR("RolloutProgressing"),
					     STR("ApplicationSetRolloutComplete"),
					     STR("ApplicationSet Rollout has completed"), false};

	if (step) {
		condition.is_true = true;
		condition.reason = STR("ApplicationSetModified");
		condition.message = argo_intern(
			world->argo,
			arena_printf(&arena, "ApplicationSet is performing rollout of step %u",
				     step));
	}
	write_condition(world, set, &condition, true, now);
}

/* The bookkeeping is done on a copy that the rest of the pass does not see: what becomes Pending
 * here gets its operation in the next pass, and a refresh annotation can't be taken away in this
 * one. */
static void keep_books(struct pass *pass, const struct pass_world *world,
		       struct rollout_world rollout)
{
	struct appset *set = appset_copy(pass->set);
	struct rollout_status_list *list;
	wall now = rollout.now, since;

	rollout.set = set;
	list = rollout_observe(&rollout);
	write_rollout(world, &set, list, now);
	rollout_status_list_drop(list);

	rollout.set = set;
	rollout_may_sync(&rollout, pass->may_sync);
	if (rollout_is_held(&rollout, &since)) {
		int64_t left_ms = ROLLOUT_GRACE_MS - wall_since(now, since);

		if (left_ms > 0) {
			pass->hold_ms = left_ms;
		} else {
			struct current current = {
				.v = mem_zalloc(rollout.current_count * sizeof(*current.v))};

			for (; current.n < rollout.current_count; current.n++)
				current.v[current.n] = rollout.current[current.n];
			ask_for_refreshes(world, &current, since, now);
			mem_free(current.v);
		}
	} else {
		list = rollout_promote(&rollout, pass->may_sync);
		write_rollout(world, &set, list, now);
		rollout_status_list_drop(list);
	}
	write_progress(world, &set, now);
	appset_drop(set);
}

static void request_operations(struct pass *pass, const struct rollout_world *rollout)
{
	struct pair_list *infos = pair_list_new(1);

	infos->v[0] = (struct pair){STR("Reason"),
				    STR("ApplicationSet RollingSync triggered a sync of this "
					"Application resource")};
	for (size_t i = 0; i < pass->generated.apps.n; i++)
		if (!pass->is_invalid[i])
			rollout_operation(rollout, pass->generated.apps.v[i], pass->may_sync[i],
					  infos);
	pair_list_drop(infos);
}

static void forget_rollout(struct pass *pass, const struct pass_world *world, wall now)
{
	struct rollout_status_list *none = rollout_status_list_new(0);

	write_rollout(world, &pass->set, none, now);
	rollout_status_list_drop(none);
}

static void roll(struct pass *pass, const struct pass_world *world, wall now)
{
	struct current current = current_of(world, pass->set->name);
	struct rollout_world rollout = {
		.argo = world->argo,
		.set = pass->set,
		.current = current.v,
		.current_count = current.n,
		.desired = pass->generated.apps.v,
		.desired_count = pass->generated.apps.n,
		.by_name = &pass->by_name,
		.now = now,
	};

	write_resources(world, &pass->set, current.v, current.n, now);
	rollout.set = pass->set;
	pass->may_sync = mem_zalloc(pass->generated.apps.n * sizeof(*pass->may_sync));
	if (argo_config_of(world->argo)->has_progressive_syncs && pass->set->is_rolling) {
		keep_books(pass, world, rollout);
		pass->is_rolling = pass->set->step_count > 0;
	} else {
		forget_rollout(pass, world, now);
	}
	if (pass->invalid_count)
		write_error(pass, world, STR("ApplicationValidationError"), pass->error, true, now);
	rollout.set = pass->set;
	if (pass->is_rolling)
		request_operations(pass, &rollout);
	mem_free(current.v);
}

/* ---- the phases ---- */

static void go_on(struct pass *pass, enum pass_phase phase, wall at)
{
	pass->phase = phase;
	pass->next_at = at;
}

/* Its Applications are left to themselves, if it may not delete them. */
static void leave_apps(const struct pass_world *world, const struct appset *set, wall now)
{
	struct current current = current_of(world, set->name);

	for (size_t i = 0; i < current.n; i++) {
		const struct app *live = store_app(store_of(world), current.v[i]->name);

		if (!live)
			continue;
		struct app *next = app_copy(live);
		next->owner = next->owner_uid = (struct str){0};
		store_write_app(store_of(world), next, 0, now);
	}
	mem_free(current.v);
}

enum pass_end pass_begin(struct pass *pass, const struct pass_world *world, struct str name,
			 wall now)
{
	const struct appset *seen = informer_appset(world->informer, name);

	*pass = (struct pass){0};
	if (!seen)
		return PASS_SUCCEEDED;
	if (seen->deleting_at.ms) {
		if (!allows(seen, "create-delete"))
			leave_apps(world, seen, now);
		return PASS_SUCCEEDED;
	}
	pass->set = appset_copy(seen);
	pass->saw_refresh = seen->wants_refresh;
	pass_generate(world, seen, &pass->generated);
	go_on(pass, PASS_GENERATING, wall_add(now, PASS_GENERATE_MS));
	return PASS_GOES_ON;
}

/* The first write of a status meets a conflict for as long as the informer is behind. */
static enum pass_end begin_to_write(struct pass *pass, const struct pass_world *world, wall now)
{
	const struct appset *seen = informer_appset(world->informer, pass->set->name);
	const struct appset *live = store_appset(store_of(world), pass->set->name);

	if (!seen || !live)
		return PASS_FAILED;
	if (seen->version != live->version) {
		if (++pass->tries == CONFLICT_TRIES)
			return PASS_FAILED;
		go_on(pass, PASS_BEGINNING, wall_add(now, CONFLICT_WAIT_MS));
		return PASS_GOES_ON;
	}
	appset_drop(pass->set);
	pass->set = appset_copy(seen);
	roll(pass, world, now);
	pass->error = (struct str){0};
	go_on(pass, PASS_WRITING, now);
	return PASS_GOES_ON;
}

static enum pass_end on_generated(struct pass *pass, const struct pass_world *world, wall now,
				  int64_t *ret_requeue_ms)
{
	if (!str_empty(pass->generated.error)) {
		write_error(pass, world, pass->generated.reason, pass->generated.error, false, now);
		*ret_requeue_ms = PASS_INVALID_RETRY_MS;
		return PASS_SUCCEEDED;
	}
	validate(pass, world);
	return begin_to_write(pass, world, now);
}

/* With the quirk off, who may not be synced yet keeps its old spec. */
static bool is_held_back(const struct pass *pass, const struct pass_world *world, size_t i)
{
	return pass->is_rolling && !pass->may_sync[i] &&
	       argo_config_of(world->argo)->quirks.is_off[QUIRK_WRITES_ALL_AT_ONCE];
}

/* One write a turn. */
static enum pass_end write_next(struct pass *pass, const struct pass_world *world, wall now)
{
	bool updates = allows(pass->set, "create-update");

	while (pass->at < pass->generated.apps.n) {
		size_t i = pass->at++;
		const struct app *app = pass->generated.apps.v[i];
		const struct app *seen = informer_app(world->informer, app->name);
		struct str error;

		if (pass->is_invalid[i] || (seen && is_held_back(pass, world, i)))
			continue;
		if (!updates && seen && str_eq(seen->owner, pass->set->name))
			continue;
		switch (appset_write_app(world->argo, pass->set, seen, app, now, &error)) {
		case WROTE_NOTHING:
			continue;
		case WROTE_FAILED:
			if (str_empty(pass->error))
				pass->error = error;
			break;
		case WROTE_CREATED:
		case WROTE_UPDATED:
			break;
		}
		go_on(pass, PASS_WRITING, wall_add(now, PASS_WRITE_MS));
		return PASS_GOES_ON;
	}
	if (!str_empty(pass->error)) {
		write_error(pass, world,
			    updates ? STR("UpdateApplicationError") : STR("CreateApplicationError"),
			    pass->error, true, now);
		return PASS_FAILED;
	}
	go_on(pass, PASS_DELETING, now);
	return PASS_GOES_ON;
}

static void find_doomed(struct pass *pass, const struct pass_world *world)
{
	struct current current = current_of(world, pass->set->name);

	for (size_t i = 0; i < current.n; i++)
		if (!map_get(&pass->by_name, current.v[i]->name, NULL))
			vec_push(&pass->doomed, current.v[i]->name);
	mem_free(current.v);
}

static bool ends_refresh(const struct pass *pass, const struct pass_world *world)
{
	bool is_off = argo_config_of(world->argo)->quirks.is_off[QUIRK_REFRESH_ENDS_EARLY];

	return pass->set->wants_refresh && (pass->saw_refresh || !is_off);
}

/* The refresh annotation goes with a precondition: the version that this pass has last read or
 * written. Who wrote since lets it fail, and its retry begins with what was written. */
static enum pass_end end(struct pass *pass, const struct pass_world *world, wall now,
			 int64_t *ret_requeue_ms)
{
	const struct appset_condition up_to_date = {
		STR("ResourcesUpToDate"), STR("ApplicationSetUpToDate"),
		STR("All applications have been generated successfully"), true};

	if (ends_refresh(pass, world)) {
		const struct appset *live = store_appset(store_of(world), pass->set->name);
		struct appset *next = appset_copy(pass->set);

		next->wants_refresh = false;
		if (!live || !store_write_appset(store_of(world), next, pass->set->version, now)) {
			auto_arena struct arena arena = {0};
			struct str message = arena_printf(
				&arena,
				"Operation cannot be fulfilled on applicationsets.argoproj.io "
				"\"" STR_FMT "\": the object has been modified; please apply your "
				"changes to the latest version and try again",
				STR_ARG(pass->set->name));

			write_error(pass, world, STR("RefreshApplicationError"),
				    argo_intern(world->argo, message), true, now);
			return PASS_FAILED;
		}
		appset_drop(pass->set);
		pass->set = appset_copy(store_appset(store_of(world), live->name));
	}
	*ret_requeue_ms = generators_requeue_after_ms(pass->set->generators);
	if (pass->invalid_count == 0)
		write_condition(world, &pass->set, &up_to_date, true, now);
	else if (*ret_requeue_ms == 0)
		*ret_requeue_ms = PASS_INVALID_RETRY_MS;
	if (pass->hold_ms && (!*ret_requeue_ms || pass->hold_ms < *ret_requeue_ms))
		*ret_requeue_ms = pass->hold_ms;
	return PASS_SUCCEEDED;
}

/* An error of a deletion is swallowed: the real one keeps it only if there was one before. */
static enum pass_end delete_next(struct pass *pass, const struct pass_world *world, wall now,
				 int64_t *ret_requeue_ms)
{
	if (pass->at == pass->generated.apps.n && pass->doomed.n == 0 &&
	    allows(pass->set, "create-delete"))
		find_doomed(pass, world);
	if (pass->doomed.n == 0)
		return end(pass, world, now, ret_requeue_ms);
	appset_delete_app(world->argo, pass->doomed.v[0], now);
	vec_remove(&pass->doomed, 0);
	pass->at = SIZE_MAX;
	go_on(pass, PASS_DELETING, wall_add(now, PASS_WRITE_MS));
	return PASS_GOES_ON;
}

enum pass_end pass_step(struct pass *pass, const struct pass_world *world, wall now,
			int64_t *ret_requeue_ms)
{
	*ret_requeue_ms = 0;
	switch (pass->phase) {
	case PASS_NONE:
		break;
	case PASS_GENERATING:
		return on_generated(pass, world, now, ret_requeue_ms);
	case PASS_BEGINNING:
		return begin_to_write(pass, world, now);
	case PASS_WRITING:
		return write_next(pass, world, now);
	case PASS_DELETING:
		return delete_next(pass, world, now, ret_requeue_ms);
	}
	check_failed(__FILE__, __LINE__, "a pass that is under way");
}

void pass_release(struct pass *pass)
{
	appset_drop(pass->set);
	generated_release(&pass->generated);
	map_release(&pass->by_name);
	mem_free(pass->is_invalid);
	mem_free(pass->may_sync);
	vec_release(&pass->doomed);
	*pass = (struct pass){0};
}
