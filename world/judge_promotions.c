/*
 * S2, S3, S7, S10 and L2, and what S8 asks of promotions: what a promotion does, held against its
 * journal and against what people have told it.
 */
#include "model/exit_code.h"
#include "world/judge_inside.h"

enum {
	READS_WITHIN_MS = 2'000,
	/* Between two looks that follow one another, as the product has it. */
	GAP_MAX_MS = 50'000,
	TROUBLE_MS = 10'000,
	/* Then who is Degraded has been seen to be, and his time of grace is over. */
	ILL_MS = 90'000,
};

bool subject_is_promotion(const struct subject *subject)
{
	return subject->plan && subject->plan->is_promotion;
}

/* ---- S2 ---- */

static bool is_in(const struct person *person, struct str group)
{
	for (size_t i = 0; i < person->group_count; i++)
		if (str_eq(person->groups[i], group))
			return true;
	return false;
}

static bool may_approve(const struct plan *plan, const struct gate_rule *rule,
			const struct person *person)
{
	bool is_named = rule->approver_count == 0 && person->is_owner;

	for (uint32_t i = 0; i < rule->approver_count; i++) {
		struct str name = rule->approvers[i].name;
		is_named = is_named || (rule->approvers[i].is_group ? is_in(person, name)
								    : str_eq(person->name, name));
	}
	return is_named && !(rule->not_submitter && person->uid == plan->submitter_uid);
}

/* Somebody with this uid, who may, has said yes to this opening and this plan. */
static bool has_said_yes(const struct subject *subject, uint32_t stage, uint32_t uid)
{
	const struct plan *plan = subject->plan;
	const struct ledger_stage *at = &subject->ledger.stages[stage];

	vec_each(said, &subject->ledger.said)
		if (said->type == INSTRUCTION_APPROVE && said->who.uid == uid &&
		    str_eq(said->nonce, at->nonce) && str_eq(said->plan_hash, plan->hash) &&
		    may_approve(plan, &plan->stages[stage].gate, &said->who))
			return true;
	return false;
}

static uint32_t approvals_of(const struct subject *subject, uint32_t stage)
{
	const struct ledger_stage *at = &subject->ledger.stages[stage];
	uint32_t n = 0;

	for (uint32_t i = 0; i < at->approvals; i++)
		n += has_said_yes(subject, stage, at->approved_by[i]);
	return n;
}

static void judge_gate(struct judge *judge, const struct subject *subject, uint32_t stage)
{
	const struct gate_rule *rule = &subject->plan->stages[stage].gate;
	uint32_t n = approvals_of(subject, stage);

	if (rule->is_asked && n < rule->count)
		judge_accuse(judge, PROPERTY_S2,
			     "stage %u is at work, and of %u approvals of its gate the journal "
			     "holds %u",
			     stage + 1, rule->count, n);
}

/* ---- S3 ---- */

static void judge_soaks(struct judge *judge, const struct subject *subject, uint32_t stage)
{
	for (uint32_t i = 0; i < stage; i++)
		if (subject->plan->stages[i].soak.for_ms > 0 &&
		    !subject->ledger.stages[i].is_soaked)
			judge_accuse(judge, PROPERTY_S3,
				     "stage %u is at work, and the soak of stage %u is not over",
				     stage + 1, i + 1);
}

static void begin_soak(struct judge *judge, struct subject *subject, uint32_t stage, wall now)
{
	struct ledger_stage *at = &subject->ledger.stages[stage];

	at->is_soaking = true;
	at->soaking_since = now;
	at->watched_ms = 0;
	wall decided_at = wall_add(now, -SAVED_WITHIN_MS);
	vec_each(judged, &subject->apps)
		if (judged->stage <= stage && judged_is_known(judge, subject, judged, decided_at) &&
		    !judged_may_be_done(judge, judged, now))
			judge_accuse(judge, PROPERTY_S3,
				     "the soak of stage %u begins, and " STR_FMT " was never done",
				     stage + 1, STR_ARG(judged->name));
}

/* It is over where all of its time is written down, by a breach that only stops it, too: then the
 * barrier waits for who is ill. */
static void write_soaked(struct judge *judge, struct subject *subject, const struct entry *entry,
			 wall now)
{
	struct ledger_stage *at = &subject->ledger.stages[entry->stage];
	int64_t for_ms = subject->plan->stages[entry->stage].soak.for_ms;

	if (!at->is_soaking)
		begin_soak(judge, subject, entry->stage, now);
	if (entry->soaked_ms < for_ms || at->is_soaked)
		return;
	at->is_soaked = true;
	int64_t passed_ms = wall_since(now, at->soaking_since);
	if (passed_ms + SAVED_WITHIN_MS < for_ms)
		judge_accuse(judge, PROPERTY_S3, "the soak of stage %u is over after %s",
			     entry->stage + 1, duration_format(passed_ms).s);
	else if (at->watched_ms + SAVED_WITHIN_MS < for_ms)
		judge_accuse(judge, PROPERTY_S3,
			     "the soak of stage %u is over, and it was watched for %s only",
			     entry->stage + 1, duration_format(at->watched_ms).s);
}

static void write_breach(struct judge *judge, struct subject *subject, const struct entry *entry,
			 wall now)
{
	struct ledger_stage *at = &subject->ledger.stages[entry->stage];

	write_soaked(judge, subject, entry, now);
	if (subject->plan->stages[entry->stage].soak.on_breach != BREACH_RESTART)
		return;
	at->soaking_since = now;
	at->watched_ms = 0;
}

/* Of the servers of this stage and those before it: when the one was asked that was asked longest
 * ago; zero: one was not asked. */
static wall all_listed_at(const struct subject *subject, uint32_t stage)
{
	uint32_t servers = plan_servers_until(subject->plan, stage + 1);
	wall oldest = {INT64_MAX};

	for (uint32_t i = 0; i < SERVERS_MAX; i++)
		if (servers >> i & 1 && wall_cmp(subject->ledger.listed_at[i], oldest) < 0)
			oldest = subject->ledger.listed_at[i];
	return oldest;
}

static bool has_undone(const struct subject *subject, uint32_t stage)
{
	vec_each(judged, &subject->apps)
		if (judged->is_undone && !judged->is_skipped && judged->stage <= stage)
			return true;
	return false;
}

/* One that was done no more is done again: before that nobody saw that all were well. */
static void see_done_again(struct subject *subject, const struct judged *judged, wall now)
{
	for (uint32_t i = judged->stage; i < subject->plan->stage_count; i++) {
		struct ledger_stage *at = &subject->ledger.stages[i];
		at->undone_until = now;
		if (subject->plan->stages[i].soak.on_breach != BREACH_RESTART || at->is_soaked)
			continue;
		at->soaking_since = now;
		at->watched_ms = 0;
	}
}

/* What lies between two Lists is watched if they follow each other soon: at the most from where
 * the first was sent to where the second was heard. With several servers it is what lies between
 * one List of all of them and the next. */
static void watch(struct subject *subject, const struct open_request *request, wall now)
{
	struct ledger *ledger = &subject->ledger;
	int64_t way_ms = wall_since(now, request->sent_at);
	wall before[STAGES_MAX];

	for (uint32_t i = 0; i < subject->plan->stage_count; i++)
		before[i] = all_listed_at(subject, i);
	ledger->listed_at[request->server] = request->sent_at;
	for (uint32_t i = 0; i < subject->plan->stage_count; i++) {
		struct ledger_stage *at = &ledger->stages[i];
		wall after = all_listed_at(subject, i);
		wall since = wall_cmp(before[i], at->soaking_since) > 0 ? before[i]
									: at->soaking_since;
		if (wall_cmp(at->undone_until, since) > 0)
			since = at->undone_until;
		bool is_next = before[i].ms > 0 && wall_cmp(after, before[i]) > 0 &&
			       wall_since(after, before[i]) <= GAP_MAX_MS &&
			       !has_undone(subject, i);
		if (at->is_soaking && !at->is_soaked && is_next)
			at->watched_ms += MAX(wall_since(after, since) + way_ms, INT64_C(0));
	}
}

static void forget_ills(struct subject *subject)
{
	vec_each(judged, &subject->apps)
		judged->ill_since = (wall){0};
}

/* Who is Degraded for so long, as Argo CD shows it, has broken the soaks of his stage and after. */
static void watch_ill(const struct judge *judge, struct subject *subject, struct judged *judged,
		      wall now)
{
	const struct app *app = store_app(argo_store(judge->argo), judged->name);
	struct ledger *ledger = &subject->ledger;

	if (!app || app->status.health != HEALTH_DEGRADED) {
		judged->ill_since = (wall){0};
		return;
	}
	if (judged->ill_since.ms == 0)
		judged->ill_since = now;
	if (wall_since(now, judged->ill_since) < ILL_MS || judged->is_left_out || judged->is_ended)
		return;
	for (uint32_t i = judged->stage; i < subject->plan->stage_count; i++)
		if (subject->plan->stages[i].soak.on_breach == BREACH_RESTART)
			ledger->stages[i].watched_ms = 0;
}

/* ---- L2 ---- */

static void disturb(struct ledger *ledger)
{
	ledger->is_disturbed = true;
	ledger->reads_by = (wall){0};
}

void promotions_hear_reply(const struct judge *judge, struct subject *subject,
			   const struct open_request *request, enum outcome outcome, wall now)
{
	struct ledger *ledger = &subject->ledger;

	if (!subject_is_promotion(subject))
		return;
	if (outcome != OUTCOME_OK || wall_since(now, request->sent_at) > TROUBLE_MS) {
		disturb(ledger);
		forget_ills(subject);
	}
	if (outcome != OUTCOME_OK || request->type != REQUEST_LIST)
		return;
	watch(subject, request, now);
	vec_each(judged, &subject->apps)
		if (!str_empty(judged->name) &&
		    subject->plan->stages[judged->stage].server == request->server)
			watch_ill(judge, subject, judged, now);
}

void promotions_follow(struct judge *judge, struct subject *subject, wall now)
{
	struct ledger *ledger = &subject->ledger;

	if (ledger->reads_by.ms == 0 || wall_cmp(now, ledger->reads_by) <= 0)
		return;
	ledger->reads_by = (wall){0};
	judge_accuse(judge, PROPERTY_L2,
		     "its gate was passed %s ago, and nothing is read once more",
		     duration_format(READS_WITHIN_MS).s);
}

/* ---- the journal ---- */

void judge_handed(struct judge *judge, size_t run, size_t count)
{
	judge_subject(judge, run)->ledger.handed += count;
}

static struct judged *judged_of(const struct judge *judge, struct subject *subject,
				const struct entry *entry)
{
	if (entry->app >= subject->ledger.members.n)
		return NULL;
	return judged_find(judge, subject, subject->ledger.members.v[entry->app]);
}

static void write_member(struct judge *judge, struct ledger *ledger, const struct entry *entry)
{
	if (entry->app != ledger->members.n)
		judge_accuse(judge, PROPERTY_S10,
			     STR_FMT " is written down as member %u, and %zu there are",
			     STR_ARG(entry->name), entry->app, ledger->members.n);
	vec_push(&ledger->members, arena_copy(&ledger->arena, entry->name));
}

static void write_gate(struct judge *judge, struct ledger *ledger, const struct entry *entry)
{
	struct ledger_stage *at = &ledger->stages[entry->stage];

	if (!str_empty(at->nonce))
		judge_accuse(judge, PROPERTY_S10, "the gate of stage %u is opened twice",
			     entry->stage + 1);
	at->nonce = arena_copy(&ledger->arena, entry->nonce);
	ledger->is_disturbed = false;
}

static void write_approval(struct subject *subject, const struct entry *entry, wall now)
{
	struct ledger *ledger = &subject->ledger;
	struct ledger_stage *at = &ledger->stages[entry->stage];
	const struct gate_rule *rule = &subject->plan->stages[entry->stage].gate;

	if (!str_eq(entry->nonce, at->nonce) || at->approvals == GATE_COUNT_MAX)
		return;
	for (uint32_t i = 0; i < at->approvals; i++)
		if (at->approved_by[i] == entry->uid_of_who)
			return;
	at->approved_by[at->approvals++] = entry->uid_of_who;
	if (approvals_of(subject, entry->stage) == rule->count && entry->stage > 0 &&
	    !ledger->is_disturbed)
		ledger->reads_by = wall_add(now, READS_WITHIN_MS);
}

static void write_post(struct judge *judge, struct judged *judged, const struct entry *entry)
{
	if (entry->attempt != judged->posts_written + 1)
		judge_accuse(judge, PROPERTY_S10,
			     STR_FMT ": POST %u is written down, and %u were before",
			     STR_ARG(judged->name), entry->attempt, judged->posts_written);
	judged->posts_written = entry->attempt;
}

static void write_done(struct subject *subject, struct judged *judged, const struct entry *entry,
		       wall now)
{
	if (judged->is_undone)
		see_done_again(subject, judged, now);
	judged->is_undone = false;
	judged->done_written++;
	judged->evidence.done = subject->turn;
	judged->evidence.done_operation = entry->operation;
	judged->evidence.done_finished_at = entry->finished_at;
}

/* Who had ended is read as if for the first time. */
static void write_retry(struct subject *subject)
{
	struct ledger *ledger = &subject->ledger;

	ledger->retried++;
	ledger->is_over = subject->is_over = subject->has_failed = false;
	vec_each(judged, &subject->apps) {
		if (!judged->is_ended)
			continue;
		if (str_eq(judged->name, subject->strangers_name))
			subject->strangers_at = (wall){0};
		judged->is_ended = judged->is_reading_written = judged->is_given_up = false;
		judged->is_reopened = false;
		judged->is_retried = true;
		judged->accepted = 0;
		judged->evidence = (struct evidence){.version = judged->evidence.version};
	}
}

static void write_of_app(struct judge *judge, struct subject *subject, struct judged *judged,
			 const struct entry *entry, wall now)
{
	repeats_written(judged, entry);
	if (entry->type == ENTRY_POST)
		write_post(judge, judged, entry);
	if (entry->type == ENTRY_READ)
		judged->is_reading_written = true;
	if (entry->type == ENTRY_DONE)
		write_done(subject, judged, entry, now);
	if (entry->type == ENTRY_REOPENED)
		judged->is_reopened = judged->is_undone = true;
	if (entry->type == ENTRY_CONFIRMED)
		judged->is_reopened = false;
	if (entry->type == ENTRY_ENDED)
		judged->is_ended = judged->is_given_up = true;
	if (entry->type != ENTRY_SKIPPED)
		return;
	judged->is_skipped = judged->is_left_out = judged->is_given_up = true;
	/* Nobody waits for it, so it holds nobody. */
	if (str_eq(judged->name, subject->strangers_name))
		subject->strangers_at = (wall){0};
}

static void write_stage(struct judge *judge, struct subject *subject, const struct entry *entry)
{
	if (entry->stage != subject->ledger.begun)
		judge_accuse(judge, PROPERTY_S10,
			     "stage %u begins, and %u have begun: it was forgotten",
			     entry->stage + 1, subject->ledger.begun);
	subject->ledger.begun = entry->stage + 1;
	claims_begin_stage(subject, entry->stage);
}

void judge_saved(struct judge *judge, size_t run, const struct entry *entry, wall now)
{
	struct subject *subject = judge_subject(judge, run);
	struct ledger *ledger = &subject->ledger;

	judge_follow(judge, now);
	switch (entry->type) {
	case ENTRY_MEMBER:
		write_member(judge, ledger, entry);
		disturb(ledger);
		return;
	case ENTRY_STAGE:
		write_stage(judge, subject, entry);
		return;
	case ENTRY_GATE:
		write_gate(judge, ledger, entry);
		return;
	case ENTRY_APPROVED:
		write_approval(subject, entry, now);
		return;
	case ENTRY_DECLINED:
		ledger->stages[entry->stage].is_declined = true;
		return;
	case ENTRY_SOAKED:
		write_soaked(judge, subject, entry, now);
		return;
	case ENTRY_BREACH:
		write_breach(judge, subject, entry, now);
		disturb(ledger);
		return;
	case ENTRY_PAUSED:
	case ENTRY_HELD:
		ledger->is_paused = ledger->is_paused || entry->type == ENTRY_PAUSED;
		disturb(ledger);
		return;
	case ENTRY_RESUMED:
		ledger->is_paused = false;
		ledger->resumed_at = now;
		subject->strangers_at = (wall){0};
		return;
	case ENTRY_TERMINATED:
	case ENTRY_TERMINATED_ALL:
		ledger->is_terminated = true;
		ledger->ends_operations = entry->type == ENTRY_TERMINATED_ALL;
		disturb(ledger);
		return;
	case ENTRY_RETRIED:
		write_retry(subject);
		return;
	case ENTRY_OVER:
		ledger->is_over = true;
		disturb(ledger);
		return;
	case ENTRY_STOPPED:
		disturb(ledger);
		return;
	case ENTRY_BARRIER:
		ledger->reads_by = (wall){0};
		return;
	case ENTRY_PASSED:
		return;
	case ENTRY_READ:
	case ENTRY_POST:
	case ENTRY_ACCEPTED:
	case ENTRY_REJECTED:
	case ENTRY_UNSEEN:
	case ENTRY_SEEN:
	case ENTRY_ADOPTED:
	case ENTRY_DONE:
	case ENTRY_REOPENED:
	case ENTRY_CONFIRMED:
	case ENTRY_ENDED:
	case ENTRY_STRANGER:
	case ENTRY_SKIPPED:
		break;
	}
	struct judged *judged = judged_of(judge, subject, entry);
	if (judged)
		write_of_app(judge, subject, judged, entry, now);
	if (entry->type != ENTRY_READ)
		disturb(ledger);
}

/* A new process knows what is written, and of Argo CD it has read nothing. */
static void forget(struct judged *judged)
{
	repeats_fell(judged);
	struct evidence before = judged->evidence;

	judged->evidence = (struct evidence){
		.done = before.done,
		.done_operation = before.done_operation,
		.done_finished_at = before.done_finished_at,
	};
	if (judged->is_reading_written) {
		judged->evidence.read = before.read;
		judged->evidence.first_operation = before.first_operation;
		judged->evidence.first_finished_at = before.first_finished_at;
	}
	if (judged->is_awaited) {
		judged->is_awaited = false;
		judged->is_unsure = judged->owes_reading = true;
	}
	judged->owes_after = 0;
	judged->done_told = judged->done_written;
}

void judge_fell(struct judge *judge, size_t run)
{
	struct subject *subject = judge_subject(judge, run);

	vec_each(judged, &subject->apps) {
		if (str_empty(judged->name))
			continue;
		forget(judged);
		/* What a stranger has begun before the first reading is as good as any. */
		if (!judged->is_reading_written && str_eq(judged->name, subject->strangers_name))
			subject->strangers_at = (wall){0};
	}
	subject->is_down = true;
	subject->open.n = 0;
	subject->last_request = 0;
	subject->deadline = INSTANT_NEVER;
	subject->ledger.handed = subject->ledger.told = 0;
	for (uint32_t i = 0; i < SERVERS_MAX; i++)
		subject->ledger.listed_at[i] = (wall){0};
	disturb(&subject->ledger);
	forget_ills(subject);
}

/* ---- what it does ---- */

void promotions_judge_stage(struct judge *judge, const struct subject *subject, uint32_t stage)
{
	const struct ledger *ledger = &subject->ledger;

	if (!subject_is_promotion(subject))
		return;
	judge_gate(judge, subject, stage);
	judge_soaks(judge, subject, stage);
	if (ledger->is_paused)
		judge_accuse(judge, PROPERTY_S7, "stage %u begins, and it is paused", stage + 1);
	if (stage > 0 && wall_cmp(subject->barrier_at, ledger->resumed_at) < 0)
		judge_accuse(judge, PROPERTY_S7,
			     "stage %u begins on what was read once more before somebody resumed",
			     stage + 1);
	if (ledger->is_terminated || ledger->stages[stage].is_declined)
		judge_accuse(judge, PROPERTY_S8, "stage %u begins, and somebody has said no",
			     stage + 1);
	if (stage >= ledger->begun)
		judge_accuse(judge, PROPERTY_S10,
			     "stage %u is said to begin, and the journal does not say so",
			     stage + 1);
}

void promotions_judge_sent(struct judge *judge, struct subject *subject, struct judged *judged)
{
	const struct ledger *ledger = &subject->ledger;

	if (!subject_is_promotion(subject))
		return;
	judged->posts_sent++;
	if (judged->posts_sent > judged->posts_written)
		judge_accuse(judge, PROPERTY_S10,
			     STR_FMT " is asked for, and the journal does not say so",
			     STR_ARG(judged->name));
	if (judged->has_moved)
		return;
	judge_gate(judge, subject, judged->stage);
	judge_soaks(judge, subject, judged->stage);
	if (ledger->is_paused)
		judge_accuse(judge, PROPERTY_S7, STR_FMT " is asked for, and it is paused",
			     STR_ARG(judged->name));
	if (judged->is_skipped)
		judge_accuse(judge, PROPERTY_S7, STR_FMT " is asked for, and it is skipped",
			     STR_ARG(judged->name));
	if (ledger->is_terminated || ledger->stages[judged->stage].is_declined)
		judge_accuse(judge, PROPERTY_S8, STR_FMT " is asked for, and somebody has said no",
			     STR_ARG(judged->name));
}

void promotions_judge_end(struct judge *judge, const struct subject *subject, int code)
{
	bool is_interrupted = code == EXIT_SIGINT || code == EXIT_SIGTERM;

	if (!subject_is_promotion(subject))
		return;
	if (!subject->ledger.is_over && !is_interrupted)
		judge_accuse(judge, PROPERTY_S10, "it ends %d, and the journal does not say so",
			     code);
	if (code == EXIT_DONE || code == EXIT_PARTLY)
		judge_soaks(judge, subject, subject->plan->stage_count);
}

/* ---- people ---- */

void judge_said(struct judge *judge, size_t run, const struct instruction *instruction)
{
	vec_push(&judge_subject(judge, run)->ledger.said, *instruction);
}

static const struct instruction *said_by_id(const struct ledger *ledger, uint64_t id)
{
	vec_each(said, &ledger->said)
		if (said->id == id)
			return said;
	return NULL;
}

static uint32_t stage_of_nonce(const struct ledger *ledger, struct str nonce)
{
	for (uint32_t i = 0; i < STAGES_MAX; i++)
		if (!str_empty(nonce) && str_eq(ledger->stages[i].nonce, nonce))
			return i;
	return STAGE_NONE;
}

static bool has_approved(const struct ledger_stage *at, uint32_t uid)
{
	for (uint32_t i = 0; i < at->approvals; i++)
		if (at->approved_by[i] == uid)
			return true;
	return false;
}

/* What was accepted is written down. */
static bool is_written(const struct judge *judge, struct subject *subject,
		       const struct instruction *said)
{
	struct ledger *ledger = &subject->ledger;
	uint32_t stage = stage_of_nonce(ledger, said->nonce);
	const struct judged *judged;

	switch (said->type) {
	case INSTRUCTION_APPROVE:
		return stage != STAGE_NONE && has_approved(&ledger->stages[stage], said->who.uid);
	case INSTRUCTION_REJECT:
		return stage != STAGE_NONE && ledger->stages[stage].is_declined;
	case INSTRUCTION_PAUSE:
		return ledger->is_paused;
	case INSTRUCTION_RESUME:
		return !ledger->is_paused;
	case INSTRUCTION_TERMINATE:
		return ledger->is_terminated;
	case INSTRUCTION_RETRY:
		return ++ledger->retries_accepted <= ledger->retried;
	case INSTRUCTION_SKIP:
		judged = judged_find(judge, subject, said->app);
		return !judged || judged->is_skipped;
	}
	return false;
}

void judge_answered(struct judge *judge, size_t run, const struct instruction_answer *answer,
		    wall now)
{
	struct subject *subject = judge_subject(judge, run);
	const struct instruction *said = said_by_id(&subject->ledger, answer->id);

	judge_follow(judge, now);
	if (!said)
		judge_accuse(judge, PROPERTY_S10, "it answers what nobody has said");
	else if (answer->code == EXIT_DONE && !is_written(judge, subject, said))
		judge_accuse(judge, PROPERTY_S10,
			     "'%s' by " STR_FMT " is accepted, and the journal does not say so",
			     instruction_name(said->type), STR_ARG(said->who.name));
}
