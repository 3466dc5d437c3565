#include "chaos.h"

#include "testing.h"

enum {
	APPS_MAX = 5,
	TROUBLES_MAX = 8,
	BUSY_TROUBLES_MAX = 60,
	STORY_MS = 120'000,
	/* No story may ask more of one application than this many, and one more for each second. */
	REQUESTS_FREE = 30,
};

static uint64_t below(struct toy *toy, uint64_t n)
{
	return prng_below(&toy->prng, n);
}

static bool one_in(struct toy *toy, uint64_t n)
{
	return below(toy, n) == 0;
}

static int64_t ms_below(struct toy *toy, uint64_t n)
{
	return (int64_t)below(toy, n);
}

static void chaos_plan(struct toy *toy, struct plan *plan)
{
	plan->concurrency = 1 + (uint32_t)below(toy, 4);
	plan->skip = (enum skip_policy)below(toy, 3);
	plan->keep_going = one_in(toy, 3);
	plan->accept_foreign = one_in(toy, 3);
	toy_stages(plan, 1 + (uint32_t)below(toy, 3));
	plan->allow_auto_sync = true;
	plan->prune = one_in(toy, 2);
	plan->revision_timeout_ms = 60'000;
	plan->operation_timeout_ms = 60'000;
	plan->health_timeout_ms = 60'000;
	plan->server_timeout_ms = 30'000;
}

static void chaos_server(struct toy *toy)
{
	static const uint32_t lost[] = {0, 0, 0, 10, 50, 100};

	toy->net_ms = 1 + ms_below(toy, 100);
	toy->net_spread_ms = ms_below(toy, 500);
	toy->watch_lag_ms = ms_below(toy, 100);
	toy->watch_spread_ms = one_in(toy, 3) ? ms_below(toy, 5'000) : 0;
	toy->watch_lost_of_100 = lost[below(toy, COUNTOF(lost))];
	toy->watch_stale_of_100 = one_in(toy, 3) ? 30 : 0;
	toy->is_watch_dead = one_in(toy, 10);
}

static void chaos_app(struct toy *toy, uint32_t i)
{
	static const char *const names[APPS_MAX] = {"api", "cart", "job", "shop", "web"};
	uint64_t kind = below(toy, 10);
	uint32_t app = kind < 4 ? toy_add_moved(toy, names[i])
				: toy_add(toy, names[i], kind < 7 ? OLD : NEW);
	struct toy_app *it = &vec_at(&toy->apps, app);

	static const char *const labels[] = {"env=test", "env=stg", "env=prd"};
	/* The first ones see to it that few stages are empty. */
	uint64_t stage = i < toy->plan->stage_count ? i : below(toy, toy->plan->stage_count);
	toy_label(toy, app, labels[stage]);
	it->start_ms = 10 + ms_below(toy, 2'000);
	it->operation_ms = 10 + ms_below(toy, 15'000);
	it->settle_ms = ms_below(toy, 8'000);
	it->compare_ms = 10 + ms_below(toy, 3'000);
	it->is_compared_late = one_in(toy, 5);
	it->overlooks = one_in(toy, 6) ? 1 + (uint32_t)prng_below(&toy->prng, 2) : 0;
	it->needs_prune = one_in(toy, 40);
	it->now.has_auto_sync = one_in(toy, 10);
	if (one_in(toy, 15))
		it->ends_as = one_in(toy, 2) ? OP_FAILED : OP_ERROR;
	if (one_in(toy, 30))
		it->settles_as = HEALTH_DEGRADED;
	if (one_in(toy, 8))
		it->now.shown.phase = OP_FAILED;
	else if (one_in(toy, 8))
		it->now.shown.is_partial = true;
	else if (one_in(toy, 8))
		it->now.shown.is_dry_run = true;
	else if (one_in(toy, 8))
		it->now.shown.has_manifests = true;
	else if (one_in(toy, 8))
		it->now.shown = (struct operation){0};
	if (one_in(toy, 12)) {
		it->is_there = false;
		it->is_generated = one_in(toy, 3);
		toy_later(toy, ms_below(toy, 60'000), app, toy_appear);
	}
	if (kind >= 4 && kind < 7)
		toy_later(toy, ms_below(toy, 40'000), app, toy_move_to_new);
}

static void chaos_trouble(struct toy *toy)
{
	static void (*const actions[])(struct toy *, uint32_t) = {
		toy_sync_by_stranger,
		toy_sync_by_stranger,
		toy_sync_old_by_stranger,
		toy_sync_partly_by_stranger,
		toy_sync_partly_by_stranger,
		toy_refresh_by_stranger,
		toy_refresh_by_stranger,
		toy_drift,
		toy_degrade,
		toy_progress,
		toy_heal,
		toy_heal,
		toy_touch,
		toy_unlabel,
		toy_cut_watch,
		toy_cut_watch,
	};
	static void (*const ends[])(struct toy *, uint32_t) = {
		toy_delete,
		toy_recreate,
		toy_move_to_other,
		toy_stop_controller,
	};
	uint32_t app = (uint32_t)below(toy, toy->apps.n);
	int64_t ms = ms_below(toy, one_in(toy, 2) ? STORY_MS : STORY_MS / 4);

	if (one_in(toy, 25)) {
		toy_later(toy, ms, app, ends[below(toy, COUNTOF(ends))]);
		toy_later(toy, ms + ms_below(toy, 40'000), app, toy_start_controller);
	} else {
		toy_later(toy, ms, app, actions[below(toy, COUNTOF(actions))]);
	}
}

static void chaos_fault(struct toy *toy)
{
	static const enum outcome outcomes[] = {
		OUTCOME_UNREACHABLE,  OUTCOME_CUT,     OUTCOME_TIMEOUT,		OUTCOME_BAD_ANSWER,
		OUTCOME_SERVER_ERROR, OUTCOME_BUSY,    OUTCOME_UNAUTHENTICATED, OUTCOME_WINDOW,
		OUTCOME_INVALID,      OUTCOME_NO_REPO,
	};
	enum request_type type = (enum request_type)below(toy, REQUEST_TYPES);
	struct toy_fault fault = {
		.type = type,
		.app = APP_NONE,
		.outcome = outcomes[below(toy, type == REQUEST_SYNC ? COUNTOF(outcomes) : 5)],
		.times = 1 + (uint32_t)below(toy, 3),
		.from_ms = ms_below(toy, STORY_MS),
	};
	fault.is_done_anyway = one_in(toy, 2) && fault.outcome >= OUTCOME_CUT &&
			       fault.outcome <= OUTCOME_SERVER_ERROR;
	if (one_in(toy, 10)) {
		fault.times = 0;
		fault.until_ms = fault.from_ms + ms_below(toy, 40'000);
	}
	toy_fail(toy, fault);
}

void chaos_make(struct toy *toy, struct plan *plan)
{
	uint32_t apps;
	uint64_t troubles = below(toy, one_in(toy, 3) ? BUSY_TROUBLES_MAX : TROUBLES_MAX);
	uint64_t faults = one_in(toy, 2) ? 0 : below(toy, 6);

	chaos_plan(toy, plan);
	apps = plan->stage_count + (uint32_t)below(toy, APPS_MAX - plan->stage_count + 1);
	chaos_server(toy);
	for (uint32_t i = 0; i < apps; i++)
		chaos_app(toy, i);
	while (troubles-- > 0)
		chaos_trouble(toy);
	while (faults-- > 0)
		chaos_fault(toy);
}

void chaos_part(struct toy *toy, struct plan *plan, struct plan_stage *stages, uint64_t seed)
{
	uint32_t servers[STAGES_MAX] = {0};
	int64_t ahead_ms = (int64_t)(seed % 7) * 600'000 - 1'800'000;

	if (plan->stage_count == 1)
		return;
	/* Not none of them, and not all. */
	uint64_t there = 1 + seed % ((UINT64_C(1) << plan->stage_count) - 2);
	for (uint32_t i = 0; i < plan->stage_count; i++) {
		stages[i] = plan->stages[i];
		servers[i] = there >> i & 1;
	}
	plan->stages = stages;
	toy_stages_on(plan, stages, servers);
	toy->clock_ms[1] = ahead_ms;
	vec_each(it, &toy->apps)
		if (it->stage != STAGE_NONE && servers[it->stage])
			toy_put_there(toy, (uint32_t)(it - toy->apps.v));
	vec_each(fault, &toy->faults)
		fault->server = (seed + (uint64_t)fault->type) % 2;
}

void chaos_check(const struct toy *toy)
{
	uint32_t bound = REQUESTS_FREE + (uint32_t)(toy->over_ms / 1000);

	vec_each(it, &toy->apps) {
		uint32_t asked = it->requests[REQUEST_GET] + it->requests[REQUEST_REFRESH] +
				 it->requests[REQUEST_SYNC];
		if (asked > bound)
			fail_msg("%u requests about " STR_FMT " in %lld s", asked,
				 STR_ARG(it->now.name), (long long)(toy->over_ms / 1000));
		assert_true(it->posts_accepted <= 1 + REPOSTS_MAX + 1);
	}
	assert_true(toy->requests[REQUEST_LIST] < bound);
	assert_true(toy->requests[REQUEST_WATCH] < bound);
}
