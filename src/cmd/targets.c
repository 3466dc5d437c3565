#include "cmd/targets.h"

#include "cmd/say.h"
#include "model/exit_code.h"

struct opening {
	const struct target_flags *flags;
	const struct promotion *promotion;
	struct str file;
	struct targets *targets;
};

static int complain(const struct opening *opening, uint32_t stage, const struct err *what,
		    struct str next)
{
	const struct place *place = &opening->promotion->places[stage].context;
	struct err err = {0};

	err_at(&err, what->code, place->line, place->column, "context '" STR_FMT "': %s",
	       STR_ARG(opening->promotion->contexts[stage]), what->text);
	err_wrap(&err, STR_FMT, STR_ARG(opening->file));
	say_error(&err, STR_FMT, STR_ARG(next));
	return exit_code_of(&err);
}

/* The command's own, before any other: it is the first. */
static int open_own(struct opening *opening, uint32_t stage)
{
	struct targets *targets = opening->targets;

	targets->of_stage[stage] = 0;
	return targets->count > 0 ? EXIT_DONE
				  : target_open(opening->flags, &targets->v[targets->count++]);
}

static bool is_same_place(const struct target *a, const struct target *b)
{
	return str_eq_nocase(a->server.address, b->server.address) &&
	       str_eq(a->server.root_path, b->server.root_path);
}

/* One account, one Argo CD, one name: else an Application would be in the promotion twice, or two
 * would be told by one name. */
static int check_other(const struct opening *opening, uint32_t stage, const struct target *found,
		       const struct target *other)
{
	struct err err = {0};

	if (str_eq(found->context, other->context)) {
		err_set(&err, E_USAGE,
			"it is at " STR_FMT ", and the command's own Argo CD at " STR_FMT
			" has its name",
			STR_ARG(found->server.address), STR_ARG(other->server.address));
		return complain(opening, stage, &err,
				STR("give no --server beside it, and no ARGOCD_SERVER"));
	}
	if (!is_same_place(found, other))
		return EXIT_DONE;
	err_set(&err, E_USAGE, "it is the same Argo CD as '" STR_FMT "' (" STR_FMT ")",
		STR_ARG(other->context), STR_ARG(other->server.address));
	return complain(
		opening, stage, &err,
		STR("give all stages of one Argo CD the same context, or none and choose it "
		    "with --argocd-context"));
}

static int open_named(struct opening *opening, uint32_t stage)
{
	struct targets *targets = opening->targets;
	struct target *found = &targets->v[targets->count++];
	struct str name = opening->promotion->contexts[stage];
	struct err err = {0};

	if (target_open_context(opening->flags, name, found, &err) < 0)
		return complain(opening, stage, &err, found->next);
	for (uint32_t i = 0; i + 1 < targets->count; i++) {
		const struct target *other = &targets->v[i];
		if (str_eq(found->context, other->context) && is_same_place(found, other)) {
			target_release(found);
			targets->count--;
			targets->of_stage[stage] = i;
			return EXIT_DONE;
		}
		int code = check_other(opening, stage, found, other);
		if (code != EXIT_DONE)
			return code;
	}
	if (str_empty(found->server.token))
		say_warning("context '" STR_FMT "' has no credentials; `argocd login " STR_FMT
			    " --name " STR_FMT "` gives it some",
			    STR_ARG(name), STR_ARG(found->server.address), STR_ARG(name));
	targets->of_stage[stage] = targets->count - 1;
	return EXIT_DONE;
}

int targets_open(const struct target_flags *flags, const struct promotion *promotion,
		 struct str file, struct targets *ret)
{
	struct opening opening = {flags, promotion, file, ret};
	int code = EXIT_DONE;

	*ret = (struct targets){0};
	/* The command's own first: what it was given is wiped, and its name stands. */
	for (uint32_t i = 0; i < promotion->stage_count && code == EXIT_DONE; i++)
		if (str_empty(promotion->contexts[i]))
			code = open_own(&opening, i);
	for (uint32_t i = 0; i < promotion->stage_count && code == EXIT_DONE; i++)
		if (!str_empty(promotion->contexts[i]))
			code = open_named(&opening, i);
	return code;
}

void targets_release(struct targets *targets)
{
	for (uint32_t i = 0; i < targets->count; i++)
		target_release(&targets->v[i]);
	arena_release(&targets->arena);
}

void targets_plan(struct targets *targets, const struct promotion *promotion, struct plan *plan)
{
	struct plan_stage *stages = arena_array(&targets->arena, struct plan_stage,
						promotion->stage_count);

	for (uint32_t i = 0; i < promotion->stage_count; i++) {
		stages[i] = promotion->stages[i];
		stages[i].server = targets->of_stage[i];
	}
	for (uint32_t i = 0; i < targets->count; i++)
		plan->servers[i] = (struct plan_server){
			.context = targets->v[i].context,
			.address = target_address(&targets->v[i]),
		};
	plan->more_servers = targets->count - 1;
	plan->stages = stages;
	plan->stage_count = promotion->stage_count;
	plan_set_selectors(plan, &targets->arena);
}
