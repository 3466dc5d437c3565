#include "model/plan.h"

#include "base/check.h"

const char *const skip_policy_names[SKIP_NEVER + 2] = {
	[SKIP_SYNCED] = "synced",
	[SKIP_HOOKED] = "hooked",
	[SKIP_NEVER] = "never",
	NULL,
};

const char *const breach_policy_names[BREACH_STOP + 1] = {
	[BREACH_RESTART] = "restart",
	[BREACH_EXTEND] = "extend",
	[BREACH_STOP] = "stop",
};

bool plan_follows_strangers(const struct plan *plan)
{
	return plan->accept_foreign || plan->is_promotion;
}

uint32_t plan_concurrency(const struct plan *plan, uint32_t stage)
{
	uint32_t own = plan->stages[stage].concurrency;

	return own > 0 ? own : plan->concurrency;
}

bool plan_prunes(const struct plan *plan, uint32_t stage)
{
	return plan->prune || plan->stages[stage].prune;
}

bool plan_selects(const struct plan *plan, uint32_t stage, struct str labels)
{
	check(stage < plan->stage_count);
	const struct selector *selector = plan->stages[stage].selector;
	return !selector || selector_selects(selector, labels);
}

uint32_t plan_stage_of(const struct plan *plan, uint32_t server, struct str labels,
		       uint32_t *ret_all)
{
	uint32_t first = STAGE_NONE, all = 0;

	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		if (plan->stages[stage].server != server || !plan_selects(plan, stage, labels))
			continue;
		first = first == STAGE_NONE ? stage : first;
		all |= UINT32_C(1) << stage;
	}
	*ret_all = all;
	return first;
}

void plan_server_selector(const struct plan_stage *stages, uint32_t count, struct buf *out)
{
	const struct selector *selectors[STAGES_MAX];
	size_t begin = out->n;

	check(count > 0);
	check(count <= STAGES_MAX);
	check(!buf_overflowed(out));
	for (uint32_t i = 0; i < count; i++) {
		if (!stages[i].selector)
			return;
		selectors[i] = stages[i].selector;
	}
	if (count == 1)
		buf_str(out, stages[0].text);
	else
		selector_shared(selectors, count, out);
	/* Too long for a URL: then it is selected here alone. */
	if (buf_overflowed(out) || out->n - begin > SELECTOR_BYTES_MAX) {
		out->has_overflowed = false;
		buf_truncate(out, begin);
	}
}

/* Of the stages on one Argo CD. */
static void server_selector(const struct plan *plan, uint32_t server, struct buf *out)
{
	struct plan_stage stages[STAGES_MAX];
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (plan->stages[i].server == server)
			stages[count++] = plan->stages[i];
	if (count > 0)
		plan_server_selector(stages, count, out);
}

void plan_set_selectors(struct plan *plan, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(2 * SELECTOR_BYTES_MAX);

	for (uint32_t i = 0; i < plan_server_count(plan); i++) {
		buf_clear(&text);
		server_selector(plan, i, &text);
		plan->servers[i].selector = arena_copy(arena, buf_view(&text));
	}
}

uint32_t plan_server_count(const struct plan *plan)
{
	return 1 + plan->more_servers;
}

uint32_t plan_servers_until(const struct plan *plan, uint32_t stages)
{
	uint32_t servers = 0;

	for (uint32_t i = 0; i < stages; i++)
		servers |= UINT32_C(1) << plan->stages[i].server;
	return servers;
}

struct str plan_app_name(const struct plan *plan, uint32_t server, struct str name,
			 struct arena *arena)
{
	if (plan->more_servers == 0)
		return name;
	return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(plan->servers[server].context),
			    STR_ARG(name));
}

struct str plan_hash_short(const struct plan *plan)
{
	enum { DIGITS = 12 };

	return str_first(plan->hash, MIN(plan->hash.n, (size_t)DIGITS));
}

struct str plan_stage_name(const struct plan *plan, uint32_t stage, struct arena *arena)
{
	const struct plan_stage *of = &plan->stages[stage];
	struct str text = str_empty(of->name) ? of->text : of->name;

	struct str on = plan->more_servers == 0 ? STR("") : plan->servers[of->server].context;

	if (!str_empty(on))
		return arena_printf(arena, "stage %u (" STR_FMT " on " STR_FMT ")", stage + 1,
				    STR_ARG(text), STR_ARG(on));
	if (str_empty(text))
		return arena_printf(arena, "stage %u", stage + 1);
	return arena_printf(arena, "stage %u (" STR_FMT ")", stage + 1, STR_ARG(text));
}
