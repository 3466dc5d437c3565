#include "machine/steering.h"

#include "base/check.h"
#include "base/mutant.h"
#include "base/names.h"
#include "machine/gate.h"

uint32_t steering_gate(const struct plan *plan, const struct run_facts *facts)
{
	uint32_t stage = facts->begun;

	if (stage >= plan->stage_count || facts->is_over)
		return STAGE_NONE;
	const struct stage_facts *at = &facts->stages[stage];
	bool is_open = !str_empty(at->gate.nonce) && !at->gate.is_declined &&
		       !stage_is_allowed(at, &plan->stages[stage].gate);
	return is_open ? stage : STAGE_NONE;
}

struct steering {
	const struct plan *plan;
	const struct run_facts *facts;
	const struct instruction *instruction;
	const struct now *now;
	struct out *out;
};

static void answer(const struct steering *s, int code, struct str text)
{
	vec_push(&s->out->effects, (struct effect){
					   .type = FX_ANSWER,
					   .answer = {s->instruction->id, code, text},
				   });
}

static bool refuse(const struct steering *s, int code, struct str text)
{
	answer(s, code, text);
	return false;
}

static void tell(const struct steering *s, uint32_t stage, uint32_t approvals, uint32_t wanted,
		 struct str name)
{
	struct note note = {
		.type = NOTE_SAID,
		.now = *s->now,
		.instruction = s->instruction->type,
		.stage = stage == STAGE_NONE ? 0 : stage + 1,
		.selector = stage == STAGE_NONE ? STR("") : s->plan->stages[stage].text,
		.name = name,
		.server = stage == STAGE_NONE ? 0 : s->plan->stages[stage].server,
		.who = arena_copy(&s->out->arena, s->instruction->who.name),
		.reason = arena_copy(&s->out->arena, s->instruction->reason),
		.with_operations = s->instruction->with_operations,
		.approvals = approvals,
		.wanted = wanted,
	};
	out_note(s->out, note);
}

static void write_down(const struct steering *s, struct entry entry)
{
	entry.who = arena_copy(&s->out->arena, s->instruction->who.name);
	entry.uid_of_who = s->instruction->who.uid;
	entry.reason = arena_copy(&s->out->arena, s->instruction->reason);
	entry.at = s->now->wall;
	vec_push(&s->out->entries, entry);
}

/* ---- at a gate ---- */

static bool take_judgement(const struct steering *s)
{
	uint32_t stage = steering_gate(s->plan, s->facts);
	bool is_approval = s->instruction->type == INSTRUCTION_APPROVE;
	struct arena *arena = &s->out->arena;

	if (stage == STAGE_NONE)
		return refuse(
			s, EXIT_CONFLICT,
			arena_printf(
				arena,
				"nobody is asked at a gate now; look with `tiphys show " STR_FMT
				"`",
				STR_ARG(s->plan->run)));
	const struct gate_facts *gate = &s->facts->stages[stage].gate;
	const struct gate_rule *rule = &s->plan->stages[stage].gate;
	bool is_this = str_eq(s->instruction->nonce, gate->nonce);
	if (MINDS(!is_this, ANY_NONCE))
		return refuse(s, EXIT_CONFLICT,
			      arena_printf(arena,
					   "that gate is over; now it is about " STR_FMT
					   ": look at it with `tiphys show " STR_FMT
					   "`, then say it again",
					   STR_ARG(plan_stage_name(s->plan, stage, arena)),
					   STR_ARG(s->plan->run)));
	if (MINDS(!str_eq(s->instruction->plan_hash, s->plan->hash), ANY_PLAN))
		return refuse(s, EXIT_CONFLICT,
			      arena_printf(arena,
					   "that was another plan: look at this one with `tiphys "
					   "show " STR_FMT "`, then say it again",
					   STR_ARG(s->plan->run)));
	struct instruction_answer no;
	if (!gate_admits(s->plan, stage, gate, &s->instruction->who, is_approval, arena, &no))
		return refuse(s, no.code, no.text);
	write_down(s, (struct entry){
			      .type = is_approval ? ENTRY_APPROVED : ENTRY_DECLINED,
			      .stage = stage,
			      .nonce = arena_copy(arena, gate->nonce),
		      });
	uint32_t approvals = gate->approvals + is_approval;
	tell(s, stage, approvals, rule->count, STR(""));
	struct str name = plan_stage_name(s->plan, stage, arena);
	if (!is_approval)
		answer(s, EXIT_DONE,
		       arena_printf(arena, "rejected: " STR_FMT " will not begin", STR_ARG(name)));
	else if (approvals < rule->count)
		answer(s, EXIT_DONE,
		       arena_printf(arena, "approved: %u of %u for " STR_FMT, approvals,
				    rule->count, STR_ARG(name)));
	else
		answer(s, EXIT_DONE,
		       arena_printf(arena, "approved: " STR_FMT " may begin", STR_ARG(name)));
	return true;
}

/* ---- the owner's ---- */

static bool take_pause(const struct steering *s)
{
	if (s->facts->is_paused)
		return refuse(s, EXIT_DONE, STR("it is paused already"));
	write_down(s, (struct entry){.type = ENTRY_PAUSED});
	tell(s, STAGE_NONE, 0, 0, STR(""));
	answer(s, EXIT_DONE,
	       STR("paused: nothing new is started; what runs is followed, and "
		   "`tiphys resume` goes on"));
	return true;
}

static bool take_resume(const struct steering *s)
{
	if (!s->facts->is_paused && !s->facts->is_held)
		return refuse(s, EXIT_CONFLICT, STR("it is not paused"));
	write_down(s, (struct entry){.type = ENTRY_RESUMED});
	tell(s, STAGE_NONE, 0, 0, STR(""));
	bool is_asked = steering_gate(s->plan, s->facts) != STAGE_NONE;
	answer(s, EXIT_DONE,
	       is_asked ? STR("resumed; it still waits for people at a gate") : STR("resumed"));
	return true;
}

/* As it is told to people, with its Argo CD where there are several. */
static struct str name_of(const struct steering *s, const struct member *member)
{
	return plan_app_name(s->plan, s->plan->stages[member->stage].server, member->name,
			     &s->out->arena);
}

static struct str names_at_work(const struct steering *s)
{
	enum { NAMES_MAX = 5 };
	struct names names = {.most = NAMES_MAX};

	vec_each(member, &s->facts->members)
		if (member_has_operation(member))
			names_add(&names, name_of(s, member), &s->out->arena);
	return names_text(&names, &s->out->arena);
}

static struct str terminated(const struct steering *s)
{
	struct str names = names_at_work(s);

	if (str_empty(names))
		return STR("terminated");
	return arena_printf(&s->out->arena,
			    "terminated; what runs in Argo CD goes on: " STR_FMT
			    " (`tiphys show " STR_FMT "` tells how to end it)",
			    STR_ARG(names), STR_ARG(s->plan->run));
}

static bool take_terminate(const struct steering *s)
{
	bool is_all = s->instruction->with_operations;

	if (is_all && s->facts->ends_operations)
		return refuse(s, EXIT_DONE, STR("it is being terminated; `tiphys watch` follows"));
	write_down(s, (struct entry){.type = is_all ? ENTRY_TERMINATED_ALL : ENTRY_TERMINATED});
	tell(s, STAGE_NONE, 0, 0, STR(""));
	answer(s, EXIT_DONE,
	       is_all ? STR("terminated: nothing new is started, and its operations that run in "
			    "Argo CD are ended; `tiphys watch` follows")
		      : terminated(s));
	return true;
}

/* By what it is told as, or by its bare name if only one has it. `ret_names`: those that do. */
static uint32_t find(const struct steering *s, struct str name, struct str *ret_names)
{
	uint32_t found = APP_NONE, n = 0;

	*ret_names = STR("");
	for (uint32_t i = 0; i < s->facts->members.n; i++) {
		const struct member *member = &s->facts->members.v[i];
		struct str full = name_of(s, member);
		if (str_eq(full, name))
			return i;
		if (!str_eq(member->name, name))
			continue;
		found = i;
		*ret_names = arena_printf(&s->out->arena, STR_FMT "%s" STR_FMT, STR_ARG(*ret_names),
					  n++ > 0 ? ", " : "", STR_ARG(full));
	}
	return n == 1 ? found : APP_NONE;
}

static struct str after_skip(const struct steering *s, const struct member *member)
{
	if (s->facts->is_over)
		return arena_printf(&s->out->arena,
				    "; `tiphys retry " STR_FMT " --failed` goes on without it",
				    STR_ARG(s->plan->run));
	return member_has_operation(member)
		       ? STR("; its operation in Argo CD goes on, if it has not ended")
		       : STR("");
}

/* Somebody has said no to it, or it is about another revision. */
static const char *why_never_again(const struct run_facts *facts, const struct plan *plan)
{
	if (facts->is_terminated)
		return "it was terminated";
	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (facts->stages[i].gate.is_declined)
			return "it was rejected";
	return facts->code == EXIT_SUPERSEDED ? "the applications have moved on to another revision"
					      : NULL;
}

static bool take_skip(const struct steering *s)
{
	struct str names;
	uint32_t app = find(s, s->instruction->app, &names);
	struct arena *arena = &s->out->arena;
	struct str name = arena_copy(arena, s->instruction->app);

	if (app == APP_NONE && !str_empty(names))
		return refuse(s, EXIT_USAGE,
			      arena_printf(arena,
					   "several are called '" STR_FMT "': name one of " STR_FMT,
					   STR_ARG(name), STR_ARG(names)));
	if (app == APP_NONE)
		return refuse(s, EXIT_USAGE,
			      arena_printf(arena, "'" STR_FMT "' is no application of this run",
					   STR_ARG(name)));
	const struct member *member = &s->facts->members.v[app];
	name = name_of(s, member);
	const char *why_not = why_never_again(s->facts, s->plan);
	if (why_not)
		return refuse(s, EXIT_CONFLICT,
			      arena_printf(arena, "%s, and nothing goes on without it", why_not));
	if (member->is_skipped_by_order)
		return refuse(s, EXIT_DONE,
			      arena_printf(arena, STR_FMT " is skipped already", STR_ARG(name)));
	if (member->is_done)
		return refuse(s, EXIT_CONFLICT,
			      arena_printf(arena, STR_FMT " is done, there is nothing to skip",
					   STR_ARG(name)));
	struct str more = after_skip(s, member);
	write_down(s, (struct entry){.type = ENTRY_SKIPPED, .app = app});
	tell(s, member->stage, 0, 0, member->name);
	answer(s, EXIT_DONE,
	       arena_printf(arena, STR_FMT " is skipped: nobody waits for it" STR_FMT,
			    STR_ARG(name), STR_ARG(more)));
	return true;
}

static bool take_retry(const struct steering *s)
{
	if (!s->facts->is_over)
		return refuse(s, EXIT_CONFLICT, STR("it is still under way"));
	const char *why_not = why_never_again(s->facts, s->plan);
	if (why_not)
		return refuse(s, EXIT_CONFLICT,
			      arena_printf(&s->out->arena, "%s; begin anew with `tiphys promote`",
					   why_not));
	if (s->facts->code == EXIT_DONE)
		return refuse(s, EXIT_CONFLICT, STR("nothing of it has failed"));
	write_down(s, (struct entry){.type = ENTRY_RETRIED});
	tell(s, STAGE_NONE, 0, 0, STR(""));
	answer(s, EXIT_DONE,
	       s->facts->is_paused
		       ? STR("it goes on with what failed and what was left out when it is "
			     "resumed: it is paused still")
		       : STR("it goes on with what failed and what was left out"));
	return true;
}

bool steering_take(const struct plan *plan, const struct run_facts *facts,
		   const struct instruction *instruction, const struct now *now, struct out *out)
{
	const struct steering s = {plan, facts, instruction, now, out};
	bool is_judgement = instruction->type == INSTRUCTION_APPROVE ||
			    instruction->type == INSTRUCTION_REJECT;

	if (!is_judgement && !instruction->who.is_owner)
		return refuse(&s, EXIT_DENIED,
			      arena_printf(&out->arena,
					   "only the owner of the state directory may %s it",
					   instruction_name(instruction->type)));
	if (facts->is_over && instruction->type != INSTRUCTION_RETRY &&
	    instruction->type != INSTRUCTION_SKIP)
		return refuse(&s, EXIT_CONFLICT, STR("it is over"));
	if (facts->is_terminated && !facts->is_over && instruction->type != INSTRUCTION_TERMINATE)
		return refuse(&s, EXIT_CONFLICT, STR("it is being terminated"));
	switch (instruction->type) {
	case INSTRUCTION_APPROVE:
	case INSTRUCTION_REJECT:
		return take_judgement(&s);
	case INSTRUCTION_PAUSE:
		return take_pause(&s);
	case INSTRUCTION_RESUME:
		return take_resume(&s);
	case INSTRUCTION_TERMINATE:
		return take_terminate(&s);
	case INSTRUCTION_RETRY:
		return take_retry(&s);
	case INSTRUCTION_SKIP:
		break;
	}
	return take_skip(&s);
}
