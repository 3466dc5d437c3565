#include "machine/between.h"

#include "base/check.h"
#include "base/mutant.h"

/* So much of a soak may be lost in a crash. */
enum { SAVE_EVERY_MS = 60'000, LOOK_AGAIN_MS = 1'000 };

static struct note note_of(const struct group *group, enum note_type type, uint32_t stage,
			   const struct now *now)
{
	return (struct note){
		.type = type,
		.now = *now,
		.stage = stage + 1,
		.selector = group->plan->stages[stage].text,
	};
}

static void tell(struct group *group, struct note note, struct out *out)
{
	group->told_at = note.now.mono;
	out_note(out, note);
}

/* ---- the soak ---- */

static void save_soak(uint32_t stage, int64_t soaked_ms, const struct now *now, struct out *out)
{
	vec_push(&out->entries, (struct entry){
					.type = ENTRY_SOAKED,
					.app = APP_NONE,
					.stage = stage,
					.soaked_ms = soaked_ms,
					.at = now->wall,
				});
}

static void begin_soak(struct group *group, uint32_t stage, const struct now *now, struct out *out)
{
	struct note note = note_of(group, NOTE_SOAK, stage, now);

	note.soak_ms = group->plan->stages[stage].soak.for_ms;
	tell(group, note, out);
	/* What was seen before is no look of this soak. */
	group->soak = (struct soak){.looked_at = instant_add(now->mono, -1)};
	save_soak(stage, 0, now, out);
}

/* The newest List of each Argo CD has been answered, and all that it hinted at is known. */
static void look(struct group *group, const struct run_facts *facts)
{
	instant at = observer_listed_at(&group->observer,
					plan_servers_until(group->plan, facts->begun));

	if (instant_cmp(at, group->soak.looked_at) > 0 && !group_is_doubtful(group, facts))
		soak_look(&group->soak, at, HOLDS(group->unwell == 0, SOAK_OF_THE_ILL));
}

static bool soak_is_over(struct group *group, const struct run_facts *facts, uint32_t stage,
			 const struct now *now, struct out *out)
{
	const struct soak_rule *rule = &group->plan->stages[stage].soak;
	const struct stage_facts *at = &facts->stages[stage];
	int64_t owed = rule->for_ms - at->soaked_ms;

	if (owed <= 0)
		return true;
	if (!at->is_soaking) {
		begin_soak(group, stage, now, out);
		return false;
	}
	look(group, facts);
	struct soak *soak = &group->soak;
	if (MUTANT(SOAK_BY_CALENDAR))
		soak->counted_ms = wall_since(now->wall, at->begun_at) - at->soaked_ms;
	bool is_enough = soak->counted_ms >= owed;
	/* Progressing breaks no soak, but it does not end on it either. Who is ill broke it. */
	bool is_over = is_enough && group->passing == 0;
	if (is_over || (!is_enough && soak->counted_ms >= SAVE_EVERY_MS))
		save_soak(stage, at->soaked_ms + soak_take(soak), now, out);
	if (is_enough)
		return false;
	instant due = soak_due(soak, rule->for_ms - at->soaked_ms);
	if (!soak->is_well && group->unwell == 0) /* the first look, or the first good one again */
		due = instant_add(
			observer_list_asked_at(&group->observer,
					       plan_servers_until(group->plan, facts->begun)),
			LOOK_AGAIN_MS);
	if (instant_cmp(now->mono, due) >= 0)
		observer_list_now(&group->observer, now->mono);
	else
		group->wake = instant_min(group->wake, due);
	return false;
}

void between_see_ill(struct group *group, const struct run_facts *facts, const struct now *now,
		     struct out *out)
{
	uint32_t ill = group->ill, stage = facts->begun - 1;

	group->ill = APP_NONE;
	if (ill == APP_NONE || member_is_out(&facts->members.v[ill]))
		return;
	check(facts->begun > 0); /* it was done */
	const struct soak_rule *rule = &group->plan->stages[stage].soak;
	const struct stage_facts *at = &facts->stages[stage];
	if (!at->is_soaking || at->soaked_ms >= rule->for_ms || MUTANT(SOAK_OF_THE_ILL))
		return;
	soak_look(&group->soak, now->mono, false);
	int64_t kept = at->soaked_ms + soak_take(&group->soak);
	/* It has to end on Healthy: one that was watched for long enough has a moment left. */
	kept = MIN(kept, rule->for_ms - 1);
	if (rule->on_breach == BREACH_RESTART)
		kept = 0;
	const struct sighting *sighting = &group->observer.apps.v[ill];
	struct note note = note_of(group, NOTE_BREACH, stage, now);
	note.name = sighting->name;
	note.namespace = sighting->namespace;
	note.server = observer_server(&group->observer, ill);
	note.cause = (struct cause){.type = group->ill_of};
	note.soak_ms = rule->for_ms - kept;
	tell(group, note, out);
	vec_push(&out->entries, (struct entry){
					.type = ENTRY_BREACH,
					.app = ill,
					.stage = stage,
					.cause = group->ill_of,
					.soaked_ms = kept,
					.at = now->wall,
				});
	if (rule->on_breach == BREACH_STOP)
		group_fail(group, facts, ill, CAUSE_BREACH, now, out);
}

/* ---- the gate ---- */

static struct str make_nonce(struct group *group, struct arena *arena)
{
	return arena_printf(arena, "%012llx", (unsigned long long)(prng_next(&group->prng) >> 16));
}

static void open_gate(struct group *group, uint32_t stage, const struct now *now, struct out *out)
{
	struct str nonce = make_nonce(group, &out->arena);
	struct note note = note_of(group, NOTE_GATE, stage, now);

	note.nonce = nonce;
	note.wanted = group->plan->stages[stage].gate.count;
	tell(group, note, out);
	group->gate_until = (instant){0};
	vec_push(&out->entries, (struct entry){
					.type = ENTRY_GATE,
					.app = APP_NONE,
					.stage = stage,
					.nonce = nonce,
					.at = now->wall,
				});
}

/* While this process lives its own clock counts; what was before a restart, the calendar's. */
static bool is_too_late(struct group *group, const struct gate_rule *rule,
			const struct gate_facts *gate, const struct now *now)
{
	if (rule->timeout_ms == 0)
		return false;
	if (group->gate_until.ms == 0) {
		int64_t gone = MAX(wall_since(now->wall, gate->opened_at), INT64_C(0));
		group->gate_until = instant_add(now->mono,
						MAX(rule->timeout_ms - gone, INT64_C(0)));
	}
	group->wake = instant_min(group->wake, group->gate_until);
	return instant_cmp(now->mono, group->gate_until) >= 0;
}

static void close_gate(struct group *group, uint32_t stage, const struct now *now, struct out *out)
{
	const struct gate_rule *rule = &group->plan->stages[stage].gate;
	struct str why = arena_printf(&out->arena, "not approved within %s",
				      duration_format(rule->timeout_ms).s);
	struct note note = note_of(group, NOTE_SAID, stage, now);

	note.instruction = INSTRUCTION_REJECT;
	note.reason = why;
	tell(group, note, out);
	vec_push(&out->entries, (struct entry){
					.type = ENTRY_DECLINED,
					.app = APP_NONE,
					.stage = stage,
					.reason = why,
					.at = now->wall,
				});
}

static bool gate_is_passed(struct group *group, const struct run_facts *facts, uint32_t stage,
			   const struct now *now, struct out *out)
{
	const struct gate_rule *rule = &group->plan->stages[stage].gate;
	const struct stage_facts *at = &facts->stages[stage];

	if (stage_is_allowed(at, rule))
		return true;
	if (at->gate.is_declined)
		return false;
	if (str_empty(at->gate.nonce))
		open_gate(group, stage, now, out);
	else if (is_too_late(group, rule, &at->gate, now))
		close_gate(group, stage, now, out);
	return false;
}

bool between_is_over(struct group *group, const struct run_facts *facts, uint32_t stage,
		     const struct now *now, struct out *out)
{
	uint32_t next = stage == STAGE_NONE ? 0 : stage + 1;

	if (facts->is_halted)
		return true; /* no further one begins, so there is nothing to wait for */
	if (stage != STAGE_NONE && !soak_is_over(group, facts, stage, now, out))
		return false;
	return next >= group->plan->stage_count || gate_is_passed(group, facts, next, now, out);
}
