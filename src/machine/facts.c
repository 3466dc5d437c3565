#include "machine/facts.h"

#include "base/check.h"
#include "base/mutant.h"
#include "model/exit_code.h"

void facts_release(struct run_facts *facts)
{
	arena_release(&facts->arena);
	vec_release(&facts->members);
	vec_release(&facts->doubts);
}

static struct stage_facts *stage_at(struct run_facts *facts, uint32_t stage)
{
	check(stage < STAGES_MAX);
	return &facts->stages[stage];
}

/* Takes a member into its stage's numbers, or out of them while it changes. */
static void count(struct run_facts *facts, const struct member *member, bool is_in)
{
	struct stage_facts *stage = stage_at(facts, member->stage);
	uint32_t one = is_in ? 1 : UINT32_MAX;

	if (MUTANT(TIMEOUT_IS_DONE) && member->is_ended)
		return;
	if (member->is_skipped_by_order)
		return;
	stage->members += one;
	stage->ended += member->is_ended ? one : 0;
	stage->done += member->is_done && !member->is_ended ? one : 0;
	stage->confirmed += member->is_confirmed && !member->is_ended ? one : 0;
}

/* What was read once more of the stages from..to is to be read once more again. */
static void unconfirm(struct run_facts *facts, uint32_t from, uint32_t to)
{
	vec_each(member, &facts->members) {
		if (member->stage < from || member->stage > to)
			continue;
		count(facts, member, false);
		member->is_confirmed = false;
		count(facts, member, true);
	}
}

/* What was read once more at the end of this stage is to be read once more again. */
static void close_barrier(struct run_facts *facts, uint32_t number)
{
	struct stage_facts *stage = stage_at(facts, number);

	stage->is_barrier = stage->is_barrier_of_all = stage->is_passed = false;
	unconfirm(facts, number, number);
}

/* The newest barrier, if each of the stages before is read once more at it, too. */
static bool has_barrier_of_all(const struct run_facts *facts)
{
	return facts->begun > 0 && facts->stages[facts->begun - 1].is_barrier_of_all;
}

/* A re-read begins after the last one was first done: with a latecomer, all anew. A barrier that is
 * behind stays there, if it is of one stage; that somebody came too late is a fact of its own. */
static void admit_latecomer(struct run_facts *facts, uint32_t number)
{
	const struct stage_facts *own = stage_at(facts, number);

	if (own->is_barrier && !own->is_passed)
		close_barrier(facts, number);
	if (has_barrier_of_all(facts) && number < facts->begun)
		close_barrier(facts, facts->begun - 1);
}

static void begin_barrier(struct run_facts *facts, const struct entry *entry)
{
	struct stage_facts *stage = stage_at(facts, entry->stage);

	stage->is_barrier = true;
	stage->is_barrier_of_all = entry->is_all;
	if (!entry->is_all)
		return;
	stage->is_passed = false;
	unconfirm(facts, 0, entry->stage);
}

static void add_member(struct run_facts *facts, const struct entry *entry)
{
	check(entry->app == facts->members.n);
	admit_latecomer(facts, entry->stage);
	struct member member = {
		.name = arena_copy(&facts->arena, entry->name),
		.namespace = arena_copy(&facts->arena, entry->namespace),
		.stage = entry->stage,
	};
	vec_push(&facts->members, member);
	count(facts, &member, true);
}

static void halt(struct run_facts *facts, uint32_t by)
{
	if (facts->is_halted || MUTANT(GOES_ON))
		return;
	facts->is_halted = true;
	facts->halted_by = by;
}

/* The first end that is not well counts; but a failure says more than a timeout. */
static void note_end(struct run_facts *facts, const struct entry *entry)
{
	if (entry->code == EXIT_DONE)
		return;
	halt(facts, entry->app);
	if (facts->code == EXIT_DONE || (facts->code == EXIT_TIMEOUT && entry->code == EXIT_FAILED))
		facts->code = entry->code;
}

static void change_member(struct run_facts *facts, const struct entry *entry)
{
	struct member *member = &vec_at(&facts->members, entry->app);

	uint32_t accepted = member->accepted;
	bool is_late = entry->type == ENTRY_DONE && facts_is_latecomer(facts, member);

	count(facts, member, false);
	doubts_apply(&facts->doubts, member, entry);
	member_apply(member, entry);
	count(facts, member, true);
	facts->accepted += member->accepted - accepted;
	if (is_late)
		unconfirm(facts, 0, facts->begun - 2);
	if (entry->type == ENTRY_READ)
		member->uid = arena_copy(&facts->arena, entry->uid);
	if (entry->type == ENTRY_ENDED) {
		member->cause_subject = arena_copy(&facts->arena, entry->subject);
		member->cause_message = arena_copy(&facts->arena, entry->message);
		note_end(facts, entry);
	}
	if (entry->type == ENTRY_STRANGER && !entry->is_accepted)
		halt(facts, entry->app);
	struct stage_facts *stage = stage_at(facts, member->stage);
	if (entry->type == ENTRY_CONFIRMED && wall_cmp(entry->compared_at, stage->compared_at) > 0)
		stage->compared_at = entry->compared_at;
}

static void change_gate(struct run_facts *facts, const struct entry *entry)
{
	struct gate_facts *gate = &stage_at(facts, entry->stage)->gate;

	if (entry->type == ENTRY_GATE) {
		gate->nonce = arena_copy(&facts->arena, entry->nonce);
		gate->opened_at = entry->at;
	} else if (entry->type == ENTRY_DECLINED) {
		gate->is_declined = true;
		facts->last_who = arena_copy(&facts->arena, entry->who);
		facts->last_reason = arena_copy(&facts->arena, entry->reason);
	} else {
		check(gate->approvals < GATE_COUNT_MAX);
		gate->approved_by[gate->approvals++] = entry->uid_of_who;
	}
}

static void resume(struct run_facts *facts)
{
	facts->is_paused = facts->is_held = false;
	if (MUTANT(RESUME_APPROVES) && facts->begun < STAGES_MAX)
		facts->stages[facts->begun].gate.approvals = GATE_COUNT_MAX;
	/* Hours may have passed since. */
	if (MINDS(has_barrier_of_all(facts), RESUME_KEEPS_REREAD))
		close_barrier(facts, facts->begun - 1);
}

/* Said once more without its operations, they are waited for no more. */
static void terminate(struct run_facts *facts, const struct entry *entry)
{
	facts->is_terminated = true;
	facts->ends_operations = entry->type == ENTRY_TERMINATED_ALL;
	facts->terminated_at = entry->at;
}

static void steer(struct run_facts *facts, const struct entry *entry)
{
	facts->last_who = arena_copy(&facts->arena, entry->who);
	facts->last_reason = arena_copy(&facts->arena, entry->reason);
	if (entry->type == ENTRY_PAUSED)
		facts->is_paused = true;
	else if (entry->type == ENTRY_RESUMED)
		resume(facts);
	else
		terminate(facts, entry);
}

static void retry(struct run_facts *facts)
{
	vec_each(member, &facts->members) {
		count(facts, member, false);
		member_retry(member);
		count(facts, member, true);
	}
	doubts_resume(&facts->doubts);
	facts->is_over = facts->is_halted = facts->is_stopped = false;
	facts->code = EXIT_DONE;
	/* The last barrier may have come without soak and gate: no further stage was to begin. */
	if (facts->begun == 0 || MUTANT(RETRY_APPROVES))
		return;
	close_barrier(facts, facts->begun - 1);
}

static void end(struct run_facts *facts, const struct entry *entry)
{
	facts->is_over = true;
	facts->end_code = entry->code;
	facts->end_text = arena_copy(&facts->arena, entry->message);
	for (uint32_t i = 0; i < facts->members.n; i++)
		if (facts->members.v[i].post == POST_OPEN)
			doubts_leave(&facts->doubts, i, facts->members.v[i].posts);
}

static void soak(struct stage_facts *stage, const struct entry *entry)
{
	stage->is_soaking = true;
	stage->soaked_ms = entry->soaked_ms;
	if (entry->type != ENTRY_BREACH)
		return;
	stage->breaches++;
	stage->broken_by = entry->app;
}

/* What had ended because of it is another matter: that takes a retry. */
static void skip(struct run_facts *facts, const struct entry *entry)
{
	struct member *member = &vec_at(&facts->members, entry->app);

	count(facts, member, false);
	member_apply(member, entry);
	facts->skipped++;
}

void facts_apply(struct run_facts *facts, const struct entry *entry)
{
	switch (entry->type) {
	case ENTRY_MEMBER:
		add_member(facts, entry);
		return;
	case ENTRY_STOPPED:
		facts->is_stopped = true;
		facts->stopped_by = entry->app;
		return;
	case ENTRY_BARRIER:
		begin_barrier(facts, entry);
		return;
	case ENTRY_PASSED:
		stage_at(facts, entry->stage)->is_passed = true;
		return;
	case ENTRY_STAGE:
		check(entry->stage == facts->begun && facts_order_holds(facts, entry->stage));
		stage_at(facts, facts->begun++)->begun_at = entry->at;
		return;
	case ENTRY_READ:
	case ENTRY_POST:
	case ENTRY_ACCEPTED:
	case ENTRY_REJECTED:
	case ENTRY_ADOPTED:
	case ENTRY_DONE:
	case ENTRY_REOPENED:
	case ENTRY_CONFIRMED:
	case ENTRY_ENDED:
	case ENTRY_STRANGER:
	case ENTRY_UNSEEN:
	case ENTRY_SEEN:
		change_member(facts, entry);
		return;
	case ENTRY_GATE:
	case ENTRY_APPROVED:
	case ENTRY_DECLINED:
		change_gate(facts, entry);
		return;
	case ENTRY_SOAKED:
	case ENTRY_BREACH:
		soak(stage_at(facts, entry->stage), entry);
		return;
	case ENTRY_HELD:
		facts->is_held = true;
		facts->held_by = entry->app;
		return;
	case ENTRY_PAUSED:
	case ENTRY_RESUMED:
	case ENTRY_TERMINATED:
	case ENTRY_TERMINATED_ALL:
		steer(facts, entry);
		return;
	case ENTRY_RETRIED:
		retry(facts);
		return;
	case ENTRY_SKIPPED:
		skip(facts, entry);
		return;
	case ENTRY_OVER:
		end(facts, entry);
		return;
	}
}

bool facts_is_later(const struct run_facts *facts, uint32_t stage)
{
	return stage >= facts->begun;
}

bool facts_is_earlier(const struct run_facts *facts, uint32_t stage)
{
	return stage + 1 < facts->begun;
}

bool facts_is_latecomer(const struct run_facts *facts, const struct member *member)
{
	const struct stage_facts *stage = &facts->stages[member->stage];

	return facts_is_earlier(facts, member->stage) && stage->is_barrier_of_all &&
	       !member->is_done && member->reopened == 0;
}

bool facts_all_done(const struct run_facts *facts)
{
	for (uint32_t i = 0; i < facts->begun; i++)
		if (!stage_has_all(&facts->stages[i], facts->stages[i].done))
			return false;
	return true;
}

bool facts_all_confirmed(const struct run_facts *facts)
{
	for (uint32_t i = 0; i < facts->begun; i++)
		if (!stage_has_all(&facts->stages[i], facts->stages[i].confirmed))
			return false;
	return true;
}

bool stage_is_allowed(const struct stage_facts *stage, const struct gate_rule *rule)
{
	return !rule->is_asked || stage->gate.approvals >= rule->count;
}

bool stage_has_all(const struct stage_facts *stage, uint32_t n)
{
	uint32_t excused = MUTANT(ALL_BUT_ONE) ? 1 : MUTANT(GOES_ON) ? stage->ended : 0;

	return n + excused >= stage->members;
}

bool facts_order_holds(const struct run_facts *facts, uint32_t stage)
{
	for (uint32_t i = 0; i < stage; i++) {
		const struct stage_facts *before = &facts->stages[i];
		if (!before->is_passed || !stage_has_all(before, before->confirmed))
			return false;
	}
	return true;
}
