#include "view/promotion_words.h"

#include "base/check.h"
#include "view/words.h"

static void say(struct str text, struct buf *out)
{
	words_clean(text, WORDS_TEXT_BYTES_MAX, out);
}

/* "stage 2 (env=stg)" */
static void say_stage(const struct plan *plan, uint32_t number, struct buf *out)
{
	auto_arena struct arena arena = {0};

	if (number > 0 && number <= plan->stage_count)
		say(plan_stage_name(plan, number - 1, &arena), out);
}

void promotion_words_approvers(const struct gate_rule *rule, struct buf *out)
{
	if (rule->count > 1)
		buf_printf(out, "%u of ", rule->count);
	if (rule->approver_count == 0)
		buf_str(out, STR("the owner"));
	for (uint32_t i = 0; i < rule->approver_count; i++) {
		buf_printf(out, "%s%s:", i > 0 ? ", " : "",
			   rule->approvers[i].is_group ? "group" : "user");
		words_clean(rule->approvers[i].name, WORDS_NAME_BYTES_MAX, out);
	}
	if (rule->not_submitter)
		buf_str(out, STR(", but not who began it"));
}

void promotion_words_breach(const struct soak_rule *rule, struct buf *out)
{
	static const char *const breaches[] = {
		[BREACH_RESTART] = "starts it anew",
		[BREACH_EXTEND] = "stops its clock",
		[BREACH_STOP] = "ends the promotion",
	};
	static_assert(COUNTOF(breaches) == BREACH_STOP + 1);

	buf_printf(out, "who is not well %s", breaches[rule->on_breach]);
}

static void say_gate(const struct plan *plan, const struct note *note, struct buf *out)
{
	static const struct gate_rule none = {0};
	bool is_there = note->stage > 0 && note->stage <= plan->stage_count;
	const struct gate_rule *rule = is_there ? &plan->stages[note->stage - 1].gate : &none;

	say_stage(plan, note->stage, out);
	buf_str(out, STR(" waits for approval by "));
	promotion_words_approvers(rule, out);
	if (rule->timeout_ms > 0)
		buf_printf(out, ", for %s", duration_format(rule->timeout_ms).s);
	if (!str_empty(plan->hash)) {
		buf_str(out, STR(", of plan "));
		say(plan_hash_short(plan), out);
	}
	buf_str(out, STR(": `tiphys approve "));
	say(plan->run, out);
	buf_str(out, STR("`"));
}

/* What was done to what: "approved", then the stage. */
static const char *deed(enum instruction_type instruction)
{
	static const char *const deeds[INSTRUCTION_TYPES] = {
		[INSTRUCTION_APPROVE] = "approved",
		[INSTRUCTION_REJECT] = "rejected",
		[INSTRUCTION_PAUSE] = "paused it",
		[INSTRUCTION_RESUME] = "resumed it",
		[INSTRUCTION_TERMINATE] = "terminated it",
		[INSTRUCTION_RETRY] = "retried what failed",
		[INSTRUCTION_SKIP] = "skipped",
	};
	return deeds[instruction];
}

static void say_said(const struct plan *plan, const struct note *note, struct buf *out)
{
	if (str_empty(note->who)) {
		say_stage(plan, note->stage, out);
		buf_str(out, STR(" is rejected: "));
		say(note->reason, out);
		return;
	}
	say(note->who, out);
	buf_printf(out, " %s", deed(note->instruction));
	if (note->with_operations)
		buf_str(out, STR(", and its operations that run"));
	if (note->instruction == INSTRUCTION_SKIP) {
		buf_char(out, ' ');
		words_app(plan, note->server, note->name, out);
	}
	if (note->instruction == INSTRUCTION_APPROVE || note->instruction == INSTRUCTION_REJECT) {
		buf_char(out, ' ');
		say_stage(plan, note->stage, out);
	}
	if (note->instruction == INSTRUCTION_APPROVE && note->wanted > 1)
		buf_printf(out, " (%u of %u)", note->approvals, note->wanted);
	if (str_empty(note->reason))
		return;
	buf_str(out, STR(": "));
	say(note->reason, out);
}

static void say_restarted(const struct plan *plan, const struct note *note, struct buf *out)
{
	buf_str(out, STR("it goes on: "));
	if (note->stage == 0) {
		buf_str(out, STR("no stage has begun yet"));
		return;
	}
	say_stage(plan, note->stage, out);
	buf_str(out, STR(" is at work"));
}

bool promotion_words(const struct plan *plan, const struct note *note, struct buf *out)
{
	switch (note->type) {
	case NOTE_RESTARTED:
		say_restarted(plan, note, out);
		return true;
	case NOTE_GATE:
		say_gate(plan, note, out);
		return true;
	case NOTE_SAID:
		say_said(plan, note, out);
		return true;
	case NOTE_SOAK:
		say_stage(plan, note->stage, out);
		buf_printf(out, " is done; all so far is watched for %s",
			   duration_format(note->soak_ms).s);
		return true;
	case NOTE_BREACH:
		words_app(plan, note->server, note->name, out);
		buf_str(out, STR(" broke the soak of "));
		say_stage(plan, note->stage, out);
		buf_printf(out, " (%s): %s to go", cause_name(note->cause.type),
			   duration_format(note->soak_ms).s);
		return true;
	case NOTE_CONNECTED:
	case NOTE_PLAN:
	case NOTE_PLAN_STAGE:
	case NOTE_SHARED:
	case NOTE_UNSELECTED:
	case NOTE_APP:
	case NOTE_PREVIEW:
	case NOTE_WARNING:
	case NOTE_HEARTBEAT:
	case NOTE_STAGE:
	case NOTE_BARRIER:
	case NOTE_PASSED:
	case NOTE_END:
		return false;
	}
	return false;
}
