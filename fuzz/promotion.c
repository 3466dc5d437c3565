#include "wire/promotion_yaml.h"

#include "base/check.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "wire/json.h"
#include "wire/plan_json.h"

static void check_gate(const struct gate_rule *gate)
{
	bool has_group = false;

	check(gate->is_asked == (gate->count > 0));
	check(gate->timeout_ms >= 0);
	for (uint32_t i = 0; i < gate->approver_count; i++) {
		check(!str_empty(gate->approvers[i].name));
		has_group = has_group || gate->approvers[i].is_group;
	}
	check(has_group || gate->count <= MAX(gate->approver_count, 1));
}

/* What was written of a plan is read again, and is the same. */
static void check_plan(const struct plan *plan)
{
	auto_buf struct buf text = BUF_INIT(PLAN_JSON_BYTES_MAX);
	auto_arena struct arena arena = {0};
	struct plan again;
	struct err err = {0};

	if (plan_to_json(plan, &text, &err) < 0) {
		check(err.code == E_LIMIT);
		return;
	}
	check(plan_from_json(buf_view(&text), &arena, &again, &err) == 0);
	check(again.stage_count == plan->stage_count);
}

static void check_promotion(const struct promotion *promotion)
{
	struct plan plan = {
		.is_promotion = true,
		.app = promotion->app,
		.project = promotion->project,
		.stages = promotion->stages,
		.stage_count = promotion->stage_count,
	};

	check(promotion->stage_count > 0);
	check(promotion->stage_count <= STAGES_MAX);
	for (uint32_t i = 0; i < promotion->stage_count; i++) {
		const struct plan_stage *stage = &promotion->stages[i];
		const struct promotion_places *places = &promotion->places[i];
		check(stage->selector);
		check(!str_empty(stage->text));
		check(stage->concurrency <= CONCURRENCY_MAX);
		check(stage->expect <= EXPECT_MAX);
		check(stage->timeout_ms >= 0);
		check(stage->soak.for_ms >= 0);
		check(places->stage.line > 0);
		check(places->selector.line > 0);
		check(str_empty(promotion->contexts[i]) == (places->context.line == 0));
		check(!stage->gate.is_asked || places->gate.line > 0);
		check(stage->gate.approver_count == 0 || places->approvers[0].line > 0);
		check_gate(&stage->gate);
	}
	check_plan(&plan);
}

/* A line break ends the name of the profile; the rest is a promotion file, and then a plan. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = str_make((const char *)data, n), name = STR("");
	auto_arena struct arena arena = {0};
	struct promotion promotion;
	struct plan plan;
	struct err err = {0};

	json_init(1);
	str_cut(&rest, '\n', &name);
	if (promotion_from_yaml(rest, name, &arena, &promotion, &err) == 0)
		check_promotion(&promotion);
	else
		check(err.code == E_SYNTAX || err.code == E_LIMIT || err.code == E_MISSING);
	if (plan_from_json(rest, &arena, &plan, &err) == 0)
		check_plan(&plan);
	else
		check(err.code == E_SYNTAX || err.code == E_LIMIT || err.code == E_CONFLICT);
	return 0;
}
