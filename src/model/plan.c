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

uint32_t plan_stage_of(const struct plan *plan, struct str labels, uint32_t *ret_all)
{
	uint32_t first = STAGE_NONE, all = 0;

	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		if (!plan_selects(plan, stage, labels))
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

struct str plan_stage_name(const struct plan *plan, uint32_t stage, struct arena *arena)
{
	const struct plan_stage *of = &plan->stages[stage];
	struct str text = str_empty(of->name) ? of->text : of->name;

	if (str_empty(text))
		return arena_printf(arena, "stage %u", stage + 1);
	return arena_printf(arena, "stage %u (" STR_FMT ")", stage + 1, STR_ARG(text));
}
