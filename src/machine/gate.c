#include "machine/gate.h"

#include "base/mutant.h"

static bool is_in(const struct person *person, struct str group)
{
	for (size_t i = 0; i < person->group_count; i++)
		if (str_eq(person->groups[i], group))
			return true;
	return false;
}

static bool is_approver(const struct gate_rule *rule, const struct person *person)
{
	for (uint32_t i = 0; i < rule->approver_count; i++) {
		const struct approver *approver = &rule->approvers[i];
		if (approver->is_group ? is_in(person, approver->name)
				       : str_eq(person->name, approver->name))
			return true;
	}
	return rule->approver_count == 0 && person->is_owner;
}

/* "group:sre, user:alice" */
static struct str names_of(const struct gate_rule *rule, struct arena *arena)
{
	struct str names = STR("");

	for (uint32_t i = 0; i < rule->approver_count; i++)
		names = arena_printf(arena, STR_FMT "%s%s:" STR_FMT, STR_ARG(names),
				     i > 0 ? ", " : "",
				     rule->approvers[i].is_group ? "group" : "user",
				     STR_ARG(rule->approvers[i].name));
	return rule->approver_count > 0 ? names : STR("the owner of the state directory");
}

static bool has_approved(const struct gate_facts *gate, uint32_t uid)
{
	for (uint32_t i = 0; i < gate->approvals; i++)
		if (gate->approved_by[i] == uid)
			return true;
	return false;
}

bool gate_admits(const struct plan *plan, uint32_t stage, const struct gate_facts *gate,
		 const struct person *person, bool is_approval, struct arena *arena,
		 struct instruction_answer *ret_answer)
{
	const struct gate_rule *rule = &plan->stages[stage].gate;

	if (MINDS(!is_approver(rule, person), ANYBODY_APPROVES)) {
		ret_answer->code = EXIT_DENIED;
		ret_answer->text = arena_printf(
			arena, STR_FMT " is no approver of this gate; it is asked of " STR_FMT,
			STR_ARG(person->name), STR_ARG(names_of(rule, arena)));
		return false;
	}
	if (!is_approval)
		return true;
	bool is_own = rule->not_submitter && person->uid == plan->submitter_uid;
	if (MINDS(is_own, SUBMITTER_APPROVES)) {
		ret_answer->code = EXIT_DENIED;
		ret_answer->text = arena_printf(arena,
						STR_FMT " began this promotion, and this gate is "
							"for somebody else (notSubmitter)",
						STR_ARG(person->name));
		return false;
	}
	if (MINDS(has_approved(gate, person->uid), APPROVES_TWICE)) {
		ret_answer->code = EXIT_DONE;
		ret_answer->text = arena_printf(arena, STR_FMT " has approved already: %u of %u",
						STR_ARG(person->name), gate->approvals,
						rule->count);
		return false;
	}
	return true;
}
