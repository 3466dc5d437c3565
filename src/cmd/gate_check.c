#include "cmd/gate_check.h"

#include "cmd/say.h"
#include "io/people.h"
#include "model/exit_code.h"

#include <unistd.h>

struct checking {
	const struct promotion *promotion;
	struct str file, socket_group;
	struct arena arena;
};

static int complain(const struct checking *checking, const struct place *place, const char *what,
		    struct str name, const char *next)
{
	struct err err = {0};

	err_at(&err, E_USAGE, place->line, place->column, "%s '" STR_FMT "'", what, STR_ARG(name));
	err_wrap(&err, STR_FMT, STR_ARG(checking->file));
	say_error(&err, "%s", next);
	return EXIT_USAGE;
}

/* People who could never be found. */
static int check_approver(const struct checking *checking, const struct approver *approver,
			  const struct place *place)
{
	if (!approver->is_group && people_has_user(approver->name) == PEOPLE_NO)
		return complain(checking, place, "this machine has no user", approver->name,
				"approvers are users and groups of the machine that runs the "
				"promotion");
	if (approver->is_group && people_has_group(approver->name, NULL) == PEOPLE_NO)
		return complain(checking, place, "this machine has no group", approver->name,
				"approvers are users and groups of the machine that runs the "
				"promotion");
	return EXIT_DONE;
}

/* Who may connect: the owner, and the socket's group. */
static bool can_connect(struct checking *checking, const struct approver *approver)
{
	struct person owner;

	if (!str_empty(checking->socket_group))
		return true;
	people_find((uint32_t)geteuid(), &checking->arena, &owner);
	if (!approver->is_group)
		return str_eq(approver->name, owner.name);
	for (size_t i = 0; i < owner.group_count; i++)
		if (str_eq(owner.groups[i], approver->name))
			return true;
	return false;
}

static int check_reach(struct checking *checking, const struct plan_stage *stage,
		       const struct promotion_places *places)
{
	const struct gate_rule *gate = &stage->gate;
	uint32_t able = 0;

	for (uint32_t i = 0; i < gate->approver_count; i++)
		able += can_connect(checking, &gate->approvers[i]);
	bool is_alone = str_empty(checking->socket_group);
	bool is_self = gate->not_submitter && is_alone;
	bool is_many = gate->count > 1 && is_alone;
	if (gate->approver_count == 0 && !is_self)
		return EXIT_DONE;
	if (able > 0 && !is_self && !is_many)
		return EXIT_DONE;
	return complain(checking, &places->gate,
			"nobody who can connect could satisfy the gate before", stage->text,
			"only the owner of the state directory can: let others connect with "
			"--socket-group=GROUP, or ask less in the file");
}

int gate_check(const struct promotion *promotion, struct str file, struct str socket_group)
{
	struct checking checking = {
		.promotion = promotion, .file = file, .socket_group = socket_group};
	int code = EXIT_DONE;

	for (uint32_t i = 0; i < promotion->stage_count && code == EXIT_DONE; i++) {
		const struct plan_stage *stage = &promotion->stages[i];
		const struct promotion_places *places = &promotion->places[i];
		if (!stage->gate.is_asked)
			continue;
		for (uint32_t a = 0; a < stage->gate.approver_count && code == EXIT_DONE; a++)
			code = check_approver(&checking, &stage->gate.approvers[a],
					      &places->approvers[a]);
		if (code == EXIT_DONE)
			code = check_reach(&checking, stage, places);
	}
	arena_release(&checking.arena);
	return code;
}
