#include "world/order.h"

#include "argo/hold.h"

/* By the cluster's own records. */
static bool is_done(const struct order *order, const struct argo *argo, struct str name)
{
	const struct hook_job *jobs;
	size_t n = argo_jobs(argo, &jobs);
	bool has_succeeded = false;

	if (!order->has_hooks)
		return argo_first_applied(argo, name, order->revision).ms > 0 &&
		       argo_live_health(argo, name) == HEALTH_HEALTHY;
	for (size_t i = 0; i < n; i++)
		if (str_eq(jobs[i].app, name) && str_eq(jobs[i].revision, order->revision))
			has_succeeded = jobs[i].succeeded && jobs[i].finished_at.ms > 0;
	return has_succeeded;
}

static uint32_t stage_of(const struct order *order, const struct app *app)
{
	for (uint32_t i = 0; i < order->stage_count; i++)
		if (!order->stages[i].selector || app_matches(app, order->stages[i].selector))
			return i;
	return STAGE_NONE;
}

static bool is_left_out(const struct order *order, const struct app *app)
{
	for (size_t i = 0; i < order->left_out_count; i++)
		if (hold_means(order->left_out[i], app))
			return true;
	return false;
}

/* The first Application of the stages before `stage` that is not done, or NULL. */
static const struct app *first_undone(const struct order *order, struct argo *argo, uint32_t stage)
{
	struct store *store = argo_store(argo);
	struct app_names names = {0};
	const struct app *undone = NULL;

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		uint32_t its = stage_of(order, app);
		if (undone || its == STAGE_NONE || its >= stage || is_left_out(order, app))
			continue;
		if (!is_done(order, argo, app->name))
			undone = app;
	}
	vec_release(&names);
	return undone;
}

struct str order_check(const struct order *order, struct argo *argo, struct str name,
		       struct arena *arena)
{
	const struct app *app = store_app(argo_store(argo), name);
	uint32_t stage = app ? stage_of(order, app) : STAGE_NONE;

	if (stage == STAGE_NONE)
		return STR("");
	const struct app *undone = first_undone(order, argo, stage);
	if (!undone)
		return STR("");
	return arena_printf(
		arena,
		STR_FMT " of stage %u is to be synced, and " STR_FMT " of stage %u is not done",
		STR_ARG(name), stage + 1, STR_ARG(undone->name), stage_of(order, undone) + 1);
}

/* When the first Job of a stage began, and when the last of its Applications had one that
 * succeeded; zero: never. */
struct stage_jobs {
	wall began, succeeded;
};

static struct stage_jobs jobs_of_app(const struct order *order, const struct argo *argo,
				     struct str name)
{
	const struct hook_job *jobs;
	size_t n = argo_jobs(argo, &jobs);
	struct stage_jobs found = {0};

	for (size_t i = n; i-- > 0;) {
		if (!str_eq(jobs[i].app, name) || !str_eq(jobs[i].revision, order->revision))
			continue;
		found.began = jobs[i].started_at;
		if (jobs[i].succeeded)
			found.succeeded = jobs[i].finished_at;
	}
	return found;
}

static struct stage_jobs jobs_of_stage(const struct order *order, struct argo *argo, uint32_t stage)
{
	struct store *store = argo_store(argo);
	struct app_names names = {0};
	struct stage_jobs all = {0};
	bool is_whole = true;

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		if (stage_of(order, app) != stage || is_left_out(order, app))
			continue;
		struct stage_jobs one = jobs_of_app(order, argo, app->name);
		is_whole = is_whole && one.succeeded.ms > 0;
		if (one.began.ms > 0 && (all.began.ms == 0 || wall_cmp(one.began, all.began) < 0))
			all.began = one.began;
		if (wall_cmp(one.succeeded, all.succeeded) > 0)
			all.succeeded = one.succeeded;
	}
	vec_release(&names);
	if (!is_whole)
		all.succeeded = (wall){0};
	return all;
}

struct str order_check_jobs(const struct order *order, struct argo *argo, struct arena *arena,
			    bool *ret_is_broken)
{
	struct str text = STR("no stage came after another");

	*ret_is_broken = false;
	for (uint32_t i = 1; i < order->stage_count && !*ret_is_broken; i++) {
		struct stage_jobs before = jobs_of_stage(order, argo, i - 1);
		struct stage_jobs after = jobs_of_stage(order, argo, i);
		if (after.began.ms == 0)
			break;
		int64_t ms = wall_since(after.began, before.succeeded);
		*ret_is_broken = before.succeeded.ms == 0 || ms < 0;
		text = before.succeeded.ms == 0
			       ? arena_printf(arena, "stage %u began, stage %u was never done",
					      i + 1, i)
			       : arena_printf(arena, "stage %u began %s %s stage %u was done",
					      i + 1, duration_format(ms < 0 ? -ms : ms).s,
					      ms < 0 ? "BEFORE" : "after", i);
	}
	return text;
}

struct str order_check_end(const struct order *order, struct argo *argo, struct arena *arena)
{
	const struct app *undone = first_undone(order, argo, order->stage_count);

	if (!undone)
		return STR("");
	return arena_printf(arena, "it ends 0, and " STR_FMT " is not done", STR_ARG(undone->name));
}
