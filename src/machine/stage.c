#include "machine/stage.h"

#include "base/check.h"
#include "base/mutant.h"
#include "base/names.h"
#include "machine/between.h"

/* ---- the plan ---- */

/* Of what a stage selects: how much earlier stages own, and how much is not there yet. */
struct share {
	uint32_t shared, to_come;
};

static struct share share_of(const struct group *group, uint32_t stage)
{
	struct share share = {0};

	vec_each(sighting, &group->observer.apps) {
		bool is_selected = sighting->selected_by >> stage & 1;
		share.shared += is_selected && sighting->stage < stage;
		share.to_come += sighting->is_awaited && sighting->stage == stage;
	}
	return share;
}

static struct note note_of(const struct group *group, const struct run_facts *facts,
			   enum note_type type, uint32_t stage, const struct now *now)
{
	return (struct note){
		.type = type,
		.now = *now,
		.stage = stage + 1,
		.selector = group->plan->stages[stage].text,
		.counts = group_counts(group, facts, stage),
	};
}

static void tell_shared(const struct group *group, const struct now *now, struct out *out)
{
	vec_each(sighting, &group->observer.apps) {
		uint32_t also = sighting->selected_by & ~(UINT32_C(1) << sighting->stage);
		if (also == 0)
			continue;
		out_note(out, (struct note){
				      .type = NOTE_SHARED,
				      .now = *now,
				      .name = sighting->name,
				      .namespace = sighting->namespace,
				      .server = group->plan->stages[sighting->stage].server,
				      .stage = sighting->stage + 1,
				      .also = also,
			      });
	}
}

static void tell_unselected(const struct group *group, const struct now *now, struct out *out)
{
	map_each(entry, &group->observer.unselected) {
		struct str namespace, name = entry->key;
		str_cut(&name, '/', &namespace); /* the server's number */
		str_cut(&name, '/', &namespace);
		out_note(out, (struct note){
				      .type = NOTE_UNSELECTED,
				      .now = *now,
				      .name = name,
				      .namespace = namespace,
				      .server = entry->value,
			      });
	}
}

/* Its members were found done at the barriers of the stages that own them. */
static struct str verify_only(const struct plan *plan, uint32_t stage, struct arena *arena)
{
	return arena_printf(arena,
			    STR_FMT " has nothing to sync: earlier stages own all that it selects",
			    STR_ARG(plan_stage_name(plan, stage, arena)));
}

void stage_tell_plan(struct group *group, const struct run_facts *facts, const struct now *now,
		     struct out *out)
{
	out_note(out, (struct note){
			      .type = NOTE_PLAN,
			      .now = *now,
			      .counts = group_counts(group, facts, STAGE_NONE),
			      .best_effort = group_best_effort(group),
		      });
	for (uint32_t stage = 0; stage < group->plan->stage_count; stage++) {
		struct note note = note_of(group, facts, NOTE_PLAN_STAGE, stage, now);
		struct share share = share_of(group, stage);
		note.shared = share.shared;
		note.to_come = share.to_come;
		out_note(out, note);
		if (note.counts.total == 0 && share.shared > 0)
			group_warn(group, verify_only(group->plan, stage, &out->arena), now, out);
	}
	tell_shared(group, now, out);
	tell_unselected(group, now, out);
}

uint32_t stage_find_short(const struct group *group, const struct run_facts *facts)
{
	for (uint32_t stage = 0; stage < group->plan->stage_count; stage++)
		if (facts->stages[stage].members < group->plan->stages[stage].expect)
			return stage;
	return STAGE_NONE;
}

static struct str names_of(const struct plan *plan, const struct run_facts *facts, uint32_t stage,
			   struct arena *arena)
{
	enum { NAMES_MAX = 20 };
	struct names names = {.most = NAMES_MAX};

	vec_each(member, &facts->members)
		if (member->stage == stage)
			names_add(&names,
				  plan_app_name(plan, plan->stages[stage].server, member->name,
						arena),
				  arena);
	return names_text(&names, arena);
}

struct str stage_find_fault(const struct group *group, const struct run_facts *facts,
			    struct arena *arena, int *ret_code)
{
	const struct plan *plan = group->plan;

	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		uint32_t members = facts->stages[stage].members;
		uint32_t expect = plan->stages[stage].expect;
		struct str name = plan_stage_name(plan, stage, arena);
		bool is_empty = members == 0 && expect == 0 && share_of(group, stage).shared == 0;
		if (MINDS(is_empty, EMPTY_IS_DONE)) {
			*ret_code = EXIT_USAGE;
			return arena_printf(arena,
					    STR_FMT " selects no Application of project '" STR_FMT
						    "'; look at the labels with `argocd app list`, "
						    "or have some waited for with %s",
					    STR_ARG(name), STR_ARG(plan->project),
					    plan->is_promotion ? "`expect` in its file"
							       : "--expect");
		}
		if (expect > 0 && members > expect) {
			*ret_code = EXIT_FAILED;
			struct str names = names_of(plan, facts, stage, arena);
			return arena_printf(
				arena,
				STR_FMT " has %u applications, more than the %u expected: " STR_FMT,
				STR_ARG(name), members, expect, STR_ARG(names));
		}
	}
	return STR("");
}

/* ---- the order ---- */

static void write_down(enum entry_type type, uint32_t stage, const struct now *now, struct out *out)
{
	vec_push(&out->entries, (struct entry){
					.type = type,
					.app = APP_NONE,
					.stage = stage,
					.at = now->wall,
				});
}

static void tell(struct group *group, const struct run_facts *facts, enum note_type type,
		 uint32_t stage, const struct now *now, struct out *out)
{
	group->told_at = now->mono;
	out_note(out, note_of(group, facts, type, stage, now));
}

/* People have nothing against it. */
static bool may_begin(const struct run_facts *facts)
{
	return !facts->is_paused && !MINDS(facts->is_held, HOLD_IGNORED);
}

static void begin(struct group *group, const struct run_facts *facts, uint32_t stage,
		  const struct now *now, struct out *out)
{
	write_down(ENTRY_STAGE, stage, now, out);
	group->stage_started = now->mono;
	group->concurrency = plan_concurrency(group->plan, stage);
	group->gate_until = (instant){0};
	tell(group, facts, NOTE_STAGE, stage, now, out);
	group_mark(group, stage);
}

/* In a promotion of all earlier stages, too, since hours may have passed since they were read. */
static void open_barrier(struct group *group, const struct run_facts *facts, uint32_t stage,
			 const struct now *now, struct out *out)
{
	bool is_all = MINDS(group->plan->is_promotion, NO_REREAD_EARLIER);

	write_down(ENTRY_BARRIER, stage, now, out);
	vec_last(&out->entries).is_all = is_all;
	group->barrier_turn = now->turn;
	observer_list_since(&group->observer, now->mono);
	tell(group, facts, NOTE_BARRIER, stage, now, out);
	group_mark(group, is_all ? STAGE_NONE : stage);
}

/* A stage has a time of its own, until it was first done. */
static bool is_out_of_time(struct group *group, const struct run_facts *facts, uint32_t stage,
			   const struct now *now)
{
	int64_t timeout = group->plan->stages[stage].timeout_ms;
	const struct stage_facts *at = &facts->stages[stage];
	bool is_gate_open = facts->begun < group->plan->stage_count &&
			    !str_empty(facts->stages[facts->begun].gate.nonce);
	bool was_done = at->is_soaking || is_gate_open;

	if (timeout == 0 || was_done || facts->is_halted)
		return false;
	instant end = instant_add(group->stage_started, timeout);
	group->wake = instant_min(group->wake, end);
	return instant_cmp(now->mono, end) >= 0;
}

void stage_restore(struct group *group, const struct run_facts *facts, const struct now *now,
		   struct out *out)
{
	uint32_t stage = facts->begun - 1;

	if (facts->begun == 0)
		return;
	int64_t gone = MAX(wall_since(now->wall, facts->stages[stage].begun_at), INT64_C(0));
	group->stage_started = instant_add(now->mono, -gone);
	group->concurrency = plan_concurrency(group->plan, stage);
	/* What was read once more is as old as the process that read it. */
	if (facts->stages[stage].is_barrier)
		open_barrier(group, facts, stage, now, out);
}

/* All of the stage at work are; and in a promotion that is to go on, all of the stages before. */
static bool is_ready(const struct group *group, const struct run_facts *facts,
		     const struct stage_facts *stage, uint32_t n, bool are_all)
{
	bool is_own = !group->plan->is_promotion || facts->is_halted;

	return is_own ? stage_has_all(stage, n) : are_all;
}

/* Who has appeared before the barrier is known: the watch may have lost it, and while the server
 * was away nobody could have told. */
static bool is_listed(const struct group *group, const struct run_facts *facts)
{
	uint32_t servers = plan_servers_until(group->plan, facts->begun);

	return instant_cmp(observer_listed_at(&group->observer, servers),
			   group->observer.list_wanted_at) >= 0;
}

void stage_decide(struct group *group, const struct run_facts *facts, const struct now *now,
		  struct out *out)
{
	check(facts->members.n == group->observer.apps.n); /* who has just appeared is admitted */
	group->wake = INSTANT_NEVER;
	/* What was done there cannot be seen. Of the next one, group_find_open() knows. */
	if (group_is_blind(group, MAX(facts->begun, UINT32_C(1))))
		return;
	between_see_ill(group, facts, now, out);
	if (out->entries.n > 0)
		return;
	if (facts->begun == 0) {
		/* One of a later stage may have failed while people were asked. */
		if (!facts->is_halted && between_is_over(group, facts, STAGE_NONE, now, out) &&
		    may_begin(facts))
			begin(group, facts, 0, now, out);
		return;
	}
	uint32_t number = facts->begun - 1;
	const struct stage_facts *stage = &facts->stages[number];
	bool has_barrier = stage->members > 0 || group->plan->is_promotion;
	if (!stage->is_barrier && has_barrier) {
		if (!is_ready(group, facts, stage, stage->done, facts_all_done(facts))) {
			if (is_out_of_time(group, facts, number, now))
				group_give_up(group, facts, number, now, out);
		} else if (between_is_over(group, facts, number, now, out)) {
			open_barrier(group, facts, number, now, out);
		}
	} else if (!stage->is_passed) {
		if (!is_ready(group, facts, stage, stage->confirmed, facts_all_confirmed(facts)) ||
		    (has_barrier && !is_listed(group, facts)))
			return;
		write_down(ENTRY_PASSED, number, now, out);
		group->passed_turn = now->turn;
		tell(group, facts, NOTE_PASSED, number, now, out);
		if (group->plan->more_servers > 0) /* who is read once more before it begins */
			group_mark(group, number + 1);
	} else if (facts->begun < group->plan->stage_count && !facts->is_halted &&
		   facts_order_holds(facts, facts->begun) && may_begin(facts) &&
		   group_find_open(group, facts, now, &out->arena) == APP_NONE) {
		begin(group, facts, facts->begun, now, out);
	}
}

uint32_t stages_passed(const struct run_facts *facts)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < facts->begun; i++) {
		const struct stage_facts *stage = &facts->stages[i];
		n += stage->is_passed && stage_has_all(stage, stage->confirmed);
	}
	return n;
}

/* All of the stage at work are done, and each is being read once more: that is told to its end. */
static bool is_rereading(const struct run_facts *facts)
{
	if (facts->begun == 0)
		return false; /* it ended while people were asked whether it may begin */
	const struct stage_facts *stage = &facts->stages[facts->begun - 1];

	return stage_has_all(stage, stage->done) && !stage->is_passed;
}

bool stages_are_over(const struct group *group, const struct run_facts *facts, int *ret_code)
{
	uint32_t count = group->plan->stage_count, open = 0;

	*ret_code = MUTANT(PARTIAL_IS_SUCCESS) ? EXIT_DONE : facts->code;
	if (facts->is_halted && facts->code == EXIT_DONE)
		*ret_code = EXIT_FAILED; /* a stranger's, whose end nobody saw */
	if (facts->code == EXIT_DENIED && facts->accepted > 0)
		*ret_code = EXIT_FAILED;
	if (!facts->is_halted)
		return facts_order_holds(facts, count);
	if (is_rereading(facts))
		return false;
	for (uint32_t i = 0; i < count; i++)
		open += facts->stages[i].members - facts->stages[i].ended - facts->stages[i].done;
	return open == 0;
}
