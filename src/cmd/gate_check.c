#include "cmd/gate_check.h"

#include "cmd/say.h"
#include "io/people.h"
#include "machine/gate.h"
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

/* Who may connect: the owner, root, and the socket's group. False: not all of them are known. */
static bool find_people(const struct checking *checking, struct people_list *list)
{
	vec_push(list, (uint32_t)geteuid());
	if (geteuid() != 0)
		vec_push(list, UINT32_C(0));
	return str_empty(checking->socket_group) ||
	       people_members(checking->socket_group, list) == PEOPLE_YES;
}

/* How many of them may approve, as the gate itself judges. */
static uint32_t count_able(struct checking *checking, uint32_t stage,
			   const struct people_list *list)
{
	const struct plan plan = {
		.stages = checking->promotion->stages,
		.stage_count = checking->promotion->stage_count,
		.submitter_uid = (uint32_t)geteuid(),
	};
	const struct gate_facts gate = {0};
	uint32_t able = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct person person;
		struct instruction_answer answer;
		people_find(list->v[i], &checking->arena, &person);
		person.is_owner = list->v[i] == geteuid();
		able += gate_admits(&plan, stage, &gate, &person, true, &checking->arena, &answer);
	}
	return able;
}

static int check_reach(struct checking *checking, uint32_t stage)
{
	const struct plan_stage *of = &checking->promotion->stages[stage];
	struct people_list list = {0};
	uint32_t able = of->gate.count;

	if (find_people(checking, &list))
		able = count_able(checking, stage, &list);
	vec_release(&list);
	if (able >= of->gate.count)
		return EXIT_DONE;
	const char *who =
		str_empty(checking->socket_group)
			? "only the owner of the state directory can connect: let others, "
			  "with --socket-group=GROUP, or ask less in the file"
			: "the owner and the members of the socket's group can connect, "
			  "and too few of them may approve: take another "
			  "--socket-group, or ask less in the file";
	return complain(checking, &checking->promotion->places[stage].gate,
			"nobody who can connect could satisfy the gate before", of->text, who);
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
			code = check_reach(&checking, i);
	}
	arena_release(&checking.arena);
	return code;
}
