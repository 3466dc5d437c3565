#include "model/plan.h"

#include "base/check.h"

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

struct str plan_stage_name(const struct plan *plan, uint32_t stage, struct arena *arena)
{
	const struct plan_stage *of = &plan->stages[stage];
	struct str text = str_empty(of->name) ? of->text : of->name;

	if (str_empty(text))
		return arena_printf(arena, "stage %u", stage + 1);
	return arena_printf(arena, "stage %u (" STR_FMT ")", stage + 1, STR_ARG(text));
}
