#include "world/order.h"

#include "argo/hold.h"

uint32_t order_stage_of(const struct order *order, const struct app *app)
{
	for (uint32_t i = 0; i < order->stage_count; i++)
		if (!order->stages[i].selector || app_matches(app, order->stages[i].selector))
			return i;
	return STAGE_NONE;
}

bool order_leaves_out(const struct order *order, const struct app *app)
{
	for (size_t i = 0; i < order->left_out_count; i++)
		if (hold_means(order->left_out[i], app))
			return true;
	return false;
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
		if (order_stage_of(order, app) != stage || order_leaves_out(order, app))
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

struct str order_tell_jobs(const struct order *order, struct argo *argo, struct arena *arena)
{
	struct str text = STR("no stage came after another");

	for (uint32_t i = 1; i < order->stage_count; i++) {
		struct stage_jobs before = jobs_of_stage(order, argo, i - 1);
		struct stage_jobs after = jobs_of_stage(order, argo, i);
		if (after.began.ms == 0)
			break;
		if (before.succeeded.ms == 0)
			return arena_printf(arena, "stage %u began, stage %u was never done", i + 1,
					    i);
		int64_t ms = wall_since(after.began, before.succeeded);
		text = arena_printf(arena, "stage %u began %s %s stage %u was done", i + 1,
				    duration_format(ms < 0 ? -ms : ms).s,
				    ms < 0 ? "BEFORE" : "after", i);
		if (ms < 0)
			break;
	}
	return text;
}
