#include "machine/group.h"

#include "base/check.h"
#include "base/mutant.h"
#include "machine/admission.h"
#include "machine/group_inside.h"
#include "machine/token.h"

#include <string.h>

enum {
	/* A live reading that is older than this is read again before a POST rests on it. */
	POST_READING_MS = 1'000,
	POST_TIMEOUT_MS = 60'000,
	/* From a new version to a POST: on the heels of a controller's write, what we ask for can
	 * be overlooked (observer.h). */
	POST_PAUSE_MS = 300,
	POST_PAUSE_MAX_MS = 1'000, /* somebody may write all the time */
};

void group_init(struct group *group, const struct plan *plan, uint64_t seed)
{
	*group = (struct group){.plan = plan,
				.ill = APP_NONE,
				.concurrency = plan->concurrency,
				.wake = INSTANT_NEVER};
	observer_init(&group->observer, plan, seed);
	for (uint32_t i = 0; i < plan_server_count(plan); i++) {
		vec_push(&group->owners, (struct owners){0});
		owners_init(&vec_last(&group->owners), plan, i, seed);
	}
	prng_seed(&group->prng, seed);
}

void group_release(struct group *group)
{
	vec_release(&group->ending.apps);
	observer_release(&group->observer);
	vec_each(owners, &group->owners)
		owners_release(owners);
	vec_release(&group->owners);
	fifo_release(&group->ready);
}

void group_mark(struct group *group, uint32_t stage)
{
	for (uint32_t i = 0; i < group->observer.apps.n; i++)
		if (stage == STAGE_NONE || group->observer.apps.v[i].stage == stage)
			observer_mark(&group->observer, i);
}

/* ---- several Argo CDs ---- */

bool group_is_away(const struct group *group, uint32_t server)
{
	return group->plan->is_promotion && group->is_posting_on &&
	       group->observer.servers.v[server].trouble.is_on;
}

bool group_is_blind(const struct group *group, uint32_t stages)
{
	for (uint32_t i = 0; i < stages; i++)
		if (group_is_away(group, group->plan->stages[i].server))
			return true;
	return false;
}

/* That, or the first one that is away of those where the stages before one are. */
static struct cause away_cause(const struct group *group, uint32_t server, uint32_t stages,
			       struct arena *arena)
{
	for (uint32_t i = 0; i < stages && !group_is_away(group, server); i++)
		server = group->plan->stages[i].server;
	const struct trouble *trouble = &group->observer.servers.v[server].trouble;
	bool is_login = trouble->outcome == OUTCOME_UNAUTHENTICATED;

	return (struct cause){is_login ? CAUSE_CREDENTIALS : CAUSE_SERVER, STR(""),
			      observer_words(&group->observer, server, trouble->outcome,
					     str_of(trouble->message), arena)};
}

bool group_is_complete(const struct group *group)
{
	vec_each(owners, &group->owners)
		if (!owners_are_complete(owners))
			return false;
	return true;
}

enum best_effort group_best_effort(const struct group *group)
{
	enum best_effort worst = BEST_EFFORT_NOT;

	vec_each(owners, &group->owners)
		worst = MAX(worst, owners->best_effort);
	return worst;
}

struct owners *group_owners_at(const struct group *group, uint32_t app)
{
	return &group->owners.v[observer_server(&group->observer, app)];
}

bool group_is_at_home(const struct group *group, uint32_t app)
{
	return str_eq(str_of(observer_seen(&group->observer, app)->home),
		      group->observer.apps.v[app].namespace);
}

struct str group_name_of(const struct group *group, uint32_t app, struct arena *arena)
{
	return plan_app_name(group->plan, observer_server(&group->observer, app),
			     group->observer.apps.v[app].name, arena);
}

/* ---- telling ---- */

struct cause group_cause_copy(struct arena *arena, const struct cause *cause)
{
	return (struct cause){cause->type, arena_copy(arena, cause->subject),
			      arena_copy(arena, cause->message)};
}

struct note group_note_of(const struct group *group, uint32_t app, enum note_type type,
			  const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	return (struct note){
		.type = type,
		.now = *now,
		.stage = sighting->stage + 1,
		.name = sighting->name,
		.namespace = sighting->namespace,
		.server = observer_server(&group->observer, app),
		.names_width = group->names_width,
		.destination = sighting->app ? arena_copy(&out->arena, sighting->app->destination)
					     : STR(""),
	};
}

static uint64_t cause_hash(const struct cause *cause)
{
	return (str_hash(cause->subject) * 31 + str_hash(cause->message)) * 64 +
	       (uint64_t)cause->type + 1;
}

void group_tell(struct group *group, uint32_t app, const struct judgement *judgement,
		bool is_skipped, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	uint64_t hash = cause_hash(&judgement->cause);

	if (judgement->is_quiet ||
	    (sighting->told == hash && sighting->phase == (uint8_t)judgement->phase))
		return;
	sighting->told = hash;
	sighting->phase = (uint8_t)judgement->phase;
	sighting->told_at = group->told_at = now->mono;
	struct note note = group_note_of(group, app, NOTE_APP, now, out);
	note.phase = judgement->phase;
	note.cause = group_cause_copy(&out->arena, &judgement->cause);
	note.is_skipped = is_skipped;
	note.code = judgement->code;
	out_note(out, note);
}

void group_warn(struct group *group, struct str text, const struct now *now, struct out *out)
{
	group->told_at = now->mono;
	out_note(out, (struct note){
			      .type = NOTE_WARNING,
			      .now = *now,
			      .text = text,
		      });
}

void group_forget_dirty(struct observer *observer, size_t n)
{
	observer->dirty.n -= n;
	if (observer->dirty.n > 0)
		memmove(observer->dirty.v, observer->dirty.v + n,
			observer->dirty.n * sizeof observer->dirty.v[0]);
}

/* ---- judging ---- */

/* When the compares began by which all stages before this one were done, as far as they are on the
 * same Argo CD: stamps of another are of another clock. What those leave open, a reading tells:
 * owes_reading(). */
static wall passed_at(const struct group *group, const struct run_facts *facts, uint32_t stage)
{
	const struct plan_stage *stages = group->plan->stages;
	wall last = {0};

	for (uint32_t i = 0; i < stage; i++)
		if (stages[i].server == stages[stage].server &&
		    wall_cmp(facts->stages[i].compared_at, last) > 0)
			last = facts->stages[i].compared_at;
	return last;
}

struct circumstances group_circumstances(const struct group *group, const struct run_facts *facts,
					 uint32_t app, struct arena *arena)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	const struct owner *owner = owners_find(group_owners_at(group, app), sighting->app->owner);
	bool is_later = facts_is_later(facts, sighting->stage);

	return (struct circumstances){
		.plan = group->plan,
		.owner_says = owner ? owner->target_revision : STR(""),
		.after = is_later && sighting->stage > 0
				 ? plan_stage_name(group->plan, sighting->stage - 1, arena)
				 : STR(""),
		.started = group->stage_started,
		.passed_at = passed_at(group, facts, sighting->stage),
		.is_barrier = facts->stages[sighting->stage].is_barrier,
		.barrier_turn = group->barrier_turn,
		.is_anything_accepted = facts->accepted > 0,
	};
}

/*
 * The first reading is a live one: the watch's cache may lag, and an operation that ended before
 * the run would then count as one that ended in it. Until there is a live one, an application is
 * judged as if what the watch shows were it: enough to wait on, not to act on.
 */
static struct member as_if_read(const struct member *member, const struct application *app)
{
	struct member provisional = *member;

	provisional.is_read = true;
	provisional.uid = app->uid;
	provisional.first_is_running = app->shown.phase != OP_NONE &&
				       !operation_is_over(&app->shown);
	provisional.first_operation = app->shown.id;
	provisional.first_finished_at = app->shown.finished_at;
	return provisional;
}

/*
 * Its stage is the next one, and one before it is on another Argo CD. Whoever has stamps that can't
 * be compared is read once more after all of them have passed: an operation that this reading shows
 * came too early, one that it doesn't show did not.
 */
static bool owes_reading(const struct group *group, const struct run_facts *facts, uint32_t app)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	uint32_t stage = sighting->stage, own = UINT32_C(1)
						<< observer_server(&group->observer, app);

	if (stage == 0 || stage != facts->begun || !facts->stages[stage - 1].is_passed)
		return false;
	bool is_elsewhere = plan_servers_until(group->plan, stage) & ~own;
	return is_elsewhere && sighting->live_turn < group->passed_turn;
}

/* What is to be done about a member, its stage having begun or not. */
static struct judgement judge_member(const struct group *group, const struct run_facts *facts,
				     uint32_t app, const struct now *now, struct arena *arena)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct circumstances at = group_circumstances(group, facts, app, arena);
	struct member member = facts->members.v[app];
	bool is_read = member.is_read;

	if (!is_read)
		member = as_if_read(&member, sighting->app);
	if (facts_is_later(facts, member.stage)) {
		struct judgement early = app_judge_early(&at, &member, sighting, now, arena);
		if (early.type == JUDGE_WAIT && owes_reading(group, facts, app))
			early.type = JUDGE_LOOK;
		return early;
	}
	struct judgement judgement = app_judge(&at, &member, sighting, now, arena);
	if (!is_read && judgement.type == JUDGE_REFRESH)
		judgement.type = JUDGE_LOOK;
	return judgement;
}

/* Of a stage to come, and only a reading that is still to be answered tells whether a stranger has
 * synced it: a List or the watch hinted at something, or it has just appeared. */
static bool is_open(const struct group *group, const struct run_facts *facts, uint32_t app,
		    const struct now *now, struct arena *arena)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	const struct member *member = &facts->members.v[app];

	if (!facts_is_later(facts, member->stage) || member_is_settled(member) ||
	    sighting->is_awaited)
		return false;
	return sighting->is_doubted || !member->is_read ||
	       judge_member(group, facts, app, now, arena).type == JUDGE_LOOK;
}

uint32_t group_find_open(const struct group *group, const struct run_facts *facts,
			 const struct now *now, struct arena *arena)
{
	for (uint32_t i = 0; i < facts->members.n; i++)
		if (is_open(group, facts, i, now, arena))
			return i;
	return APP_NONE;
}

void group_describe(struct group *group, const struct run_facts *facts, uint32_t app,
		    const struct now *now, struct note *note, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];

	note->name = sighting->name;
	note->namespace = sighting->namespace;
	note->server = observer_server(&group->observer, app);
	note->phase = (enum app_phase)sighting->phase;
	note->cause = (struct cause){.type = sighting->is_awaited ? CAUSE_TO_COME : CAUSE_READING};
	if (group_is_away(group, note->server)) {
		note->cause = away_cause(group, note->server, 0, &out->arena);
	} else if (sighting->app && !is_open(group, facts, app, now, &out->arena)) {
		struct judgement judgement = judge_member(group, facts, app, now, &out->arena);
		bool has_turn = judgement.type == JUDGE_POST && !sighting->is_ready &&
				judgement.cause.type == CAUSE_SLOT;
		note->cause = has_turn ? (struct cause){.type = CAUSE_POSTING} : judgement.cause;
		if (judgement.type == JUDGE_POST && group_is_blind(group, sighting->stage))
			note->cause = away_cause(group, note->server, sighting->stage, &out->arena);
	}
	note->cause = group_cause_copy(&out->arena, &note->cause);
}

static uint32_t slots_max(const struct group *group)
{
	return group->concurrency + (MUTANT(SLOT_TOO_MANY) ? 1 : 0);
}

static void slot_take(struct group *group, struct sighting *sighting)
{
	if (sighting->has_slot)
		return;
	sighting->has_slot = true;
	group->slots++;
}

static void slot_give(struct group *group, struct sighting *sighting)
{
	if (!sighting->has_slot)
		return;
	sighting->has_slot = false;
	group->slots--;
}

void group_restore(struct group *group, const struct run_facts *facts)
{
	auto_arena struct arena arena = {0};

	vec_each(member, &facts->members) {
		observer_restore(&group->observer, member->namespace, member->name, member->stage,
				 !member->is_read);
		struct str name = group_name_of(group, (uint32_t)group->observer.apps.n - 1,
						&arena);
		group->names_width = MAX(group->names_width, (uint32_t)name.n);
		/* Or somebody else would take its place before it is judged. */
		if (member_has_operation(member))
			slot_take(group, &vec_last(&group->observer.apps));
	}
}

static void set_wellness(struct group *group, uint32_t app, enum wellness wellness)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	group->unwell = group->unwell + (wellness == UNWELL) - (sighting->wellness == UNWELL);
	group->passing = group->passing + (wellness == PASSING) - (sighting->wellness == PASSING);
	sighting->wellness = (uint8_t)wellness;
}

/* Judges again as many of those who wait as there are free slots. Who does not want one any more
 * takes none, so this is asked again until the slots or those who wait are used up. */
static void slots_offer(struct group *group)
{
	uint32_t next;
	for (uint32_t taken = group->slots;
	     taken < slots_max(group) && fifo_take(&group->ready, &next); taken++) {
		group->observer.apps.v[next].is_ready = false;
		observer_mark(&group->observer, next);
	}
}

void group_drop(struct group *group, uint32_t app)
{
	slot_give(group, &group->observer.apps.v[app]);
	set_wellness(group, app, WELL);
	observer_mark(&group->observer, app);
}

static void write_entry(struct group *group, uint32_t app, enum entry_type type, struct out *out,
			struct entry entry)
{
	entry.type = type;
	entry.app = app;
	vec_push(&out->entries, entry);
	observer_mark(&group->observer, app); /* the next judgement follows from the new fact */
}

/* What Argo CD says can be long; the journal needs the gist of it. */
static struct str cut(struct str text)
{
	enum { KEPT_BYTES_MAX = 1000 };
	return str_first(text, MIN(text.n, (size_t)KEPT_BYTES_MAX));
}

void group_end(struct group *group, const struct run_facts *facts, uint32_t app,
	       const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	slot_give(group, sighting);
	set_wellness(group, app, WELL);
	group_tell(group, app, judgement, false, now, out);
	struct cause cause = group_cause_copy(&out->arena, &judgement->cause);
	write_entry(group, app, ENTRY_ENDED, out,
		    (struct entry){.code = judgement->code,
				   .cause = cause.type,
				   .subject = cut(cause.subject),
				   .message = cut(cause.message)});
	if (judgement->code == 0 || facts->is_stopped)
		return;
	/* With --keep-going the stage at work goes on; what came too late stops it too. */
	bool is_earlier = facts_is_earlier(facts, sighting->stage);
	if (!group->plan->keep_going || is_earlier)
		write_entry(group, app, ENTRY_STOPPED, out, (struct entry){0});
	group_mark(group, STAGE_NONE);
}

void group_fail(struct group *group, const struct run_facts *facts, uint32_t app,
		enum cause_type cause, const struct now *now, struct out *out)
{
	struct judgement end = {
		.type = JUDGE_FAIL,
		.phase = PHASE_FAILED,
		.cause.type = cause,
		.code = EXIT_FAILED,
		.wake = INSTANT_NEVER,
	};

	group_end(group, facts, app, &end, now, out);
}

void group_give_up(struct group *group, const struct run_facts *facts, uint32_t stage,
		   const struct now *now, struct out *out)
{
	const struct plan_stage *at = &group->plan->stages[stage];

	/* First those that others waited for: who ends first is why the run does. */
	for (uint32_t n = 0; n < 2 * facts->members.n; n++) {
		uint32_t i = n % (uint32_t)facts->members.n;
		bool is_for_others = n >= facts->members.n;
		const struct member *member = &facts->members.v[i];
		if (member->stage != stage || member->is_done || member_is_out(member))
			continue;
		struct note last = {0};
		auto_buf struct buf sentence = BUF_INIT(2048);
		group_describe(group, facts, i, now, &last, out);
		if ((last.cause.type == CAUSE_SLOT) != is_for_others)
			continue;
		cause_say(&last.cause, &sentence);
		struct judgement end = {
			.type = JUDGE_FAIL,
			.phase = PHASE_FAILED,
			.cause = {CAUSE_STAGE_TIMEOUT,
				  arena_printf(&out->arena, "%s",
					       duration_format(at->timeout_ms).s),
				  arena_copy(&out->arena, buf_view(&sentence))},
			.code = EXIT_TIMEOUT,
			.wake = INSTANT_NEVER,
		};
		group_end(group, facts, i, &end, now, out);
	}
}

bool group_is_doubtful(const struct group *group, const struct run_facts *facts)
{
	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct member *member = &facts->members.v[i];
		if (group->observer.apps.v[i].is_doubted && !member_is_out(member) &&
		    !facts_is_later(facts, member->stage))
			return true;
	}
	return false;
}

/* What a stranger has done before its turn: said at once, and nothing is posted any more. */
static void write_stranger(struct group *group, uint32_t app, const struct judgement *judgement,
			   const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct str stage = plan_stage_name(group->plan, sighting->stage, &out->arena);
	bool is_accepted = plan_follows_strangers(group->plan);
	const char *what = "; later stages are not begun";

	if (group->plan->accept_foreign)
		what = "; going on (--accept-foreign)";
	else if (group->plan->is_promotion)
		what = "; no later stage begins until somebody resumes";
	group_warn(group,
		   arena_printf(&out->arena,
				STR_FMT ": a sync of this revision, started by " STR_FMT
					", began before its stage did, " STR_FMT "%s",
				STR_ARG(group_name_of(group, app, &out->arena)),
				STR_ARG(judgement->cause.subject), STR_ARG(stage), what),
		   now, out);
	write_entry(
		group, app, ENTRY_STRANGER, out,
		(struct entry){.operation = sighting->app->shown.id, .is_accepted = is_accepted});
	if (is_accepted && !group->plan->accept_foreign)
		write_entry(group, app, ENTRY_HELD, out, (struct entry){.at = now->wall});
	if (is_accepted)
		return;
	if (!group->plan->keep_going)
		write_entry(group, app, ENTRY_STOPPED, out, (struct entry){0});
	group_mark(group, STAGE_NONE);
}

static void post(struct group *group, const struct run_facts *facts, uint32_t app,
		 const struct now *now, struct out *out)
{
	const struct member *member = &facts->members.v[app];
	struct sighting *sighting = &group->observer.apps.v[app];
	const struct application *seen = sighting->app;
	struct request request = {
		.type = REQUEST_SYNC,
		.server = observer_server(&group->observer, app),
		.app = app,
		.name = member->name,
		.namespace = member->namespace,
		.revision = MUTANT(UNPINNED) ? STR("") : group->plan->revision,
		.token = token_make(&out->arena, group->plan->run, member->uid, member->posts + 1),
		.retry_json = arena_copy(&out->arena, seen->retry_json),
		.prune = plan_prunes(group->plan, member->stage) ||
			 (seen->has_auto_sync && seen->auto_sync_prunes),
		.timeout_ms = POST_TIMEOUT_MS,
	};
	write_entry(group, app, ENTRY_POST, out, (struct entry){.attempt = member->posts + 1});
	sighting->has_post_reply = sighting->is_post_seen = false;
	sighting->post_wanted_at = (instant){0};
	sighting->post_id = observer_send(&group->observer, request, now, out);
}

/* The newest version is too young to post on. */
static bool is_pausing(struct group *group, uint32_t app, const struct now *now)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	if (sighting->post_wanted_at.ms == 0)
		sighting->post_wanted_at = now->mono;
	instant free = instant_min(instant_add(sighting->changed_at, POST_PAUSE_MS),
				   instant_add(sighting->post_wanted_at, POST_PAUSE_MAX_MS));
	if (instant_cmp(now->mono, free) >= 0)
		return false;
	observer_wake_by(&group->observer, app, free);
	return true;
}

/* A POST is wanted: it takes a slot, and a live reading that is still warm. */
static void act_post(struct group *group, const struct run_facts *facts, uint32_t app,
		     const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	if (MINDS(facts->is_paused, PAUSES_BETWEEN)) {
		struct judgement paused = *judgement;
		paused.cause = (struct cause){CAUSE_RUN_PAUSED, facts->last_who,
					      facts->last_reason};
		slot_give(group, sighting);
		group_tell(group, app, &paused, false, now, out);
		return;
	}
	/* Somebody has appeared in an earlier stage; once that is read, nothing is posted here. */
	if (!HOLDS(facts_order_holds(facts, sighting->stage), WORKS_ON)) {
		slot_give(group, sighting);
		return;
	}
	/* Nor while nobody can see whether those before are well. */
	if (group_is_blind(group, sighting->stage)) {
		struct judgement blind = *judgement;
		blind.cause = away_cause(group, observer_server(&group->observer, app),
					 sighting->stage, &out->arena);
		slot_give(group, sighting);
		group_tell(group, app, &blind, false, now, out);
		return;
	}
	/*
	 * Following others' operations may have taken more slots than there are; a POST of ours
	 * waits until there are fewer, even if this one has such a slot.
	 */
	if (group->slots > slots_max(group))
		slot_give(group, sighting);
	if (!sighting->has_slot && group->slots >= slots_max(group)) {
		if (!sighting->is_ready) {
			sighting->is_ready = true;
			fifo_push(&group->ready, app);
		}
		group_tell(group, app, judgement, false, now, out);
		return;
	}
	slot_take(group, sighting);
	if (is_pausing(group, app, now))
		return;
	bool is_warm = sighting->is_live &&
		       instant_since(now->mono, sighting->live_at) <= POST_READING_MS;
	if (!HOLDS(is_warm, COLD_POST)) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		return;
	}
	if (!observer_has_room(&group->observer, app))
		return;
	struct judgement posting = *judgement;
	posting.phase = PHASE_SYNCING;
	posting.cause = (struct cause){.type = CAUSE_POSTING};
	posting.is_quiet = judgement->cause.type == CAUSE_WINDOW; /* until it is open */
	group_tell(group, app, &posting, false, now, out);
	post(group, facts, app, now, out);
}

static struct judgement held_back(const struct group *group, const struct run_facts *facts,
				  struct arena *arena)
{
	uint32_t by = facts->is_stopped ? facts->stopped_by : facts->halted_by;
	struct str name = group_name_of(group, by, arena);
	struct judgement held = {
		.type = JUDGE_FAIL,
		.phase = PHASE_LEFT,
		.cause = {CAUSE_HELD_BACK, name, STR("")},
		.wake = INSTANT_NEVER,
	};
	if (facts->members.v[by].stranger)
		held.cause = (struct cause){CAUSE_HELD_BACK_STRANGER, name, STR("")};
	return held;
}

/* After a failure only what runs is followed; the rest is left as it is. */
static bool is_held_back(const struct run_facts *facts, const struct member *member,
			 const struct judgement *judgement)
{
	bool is_held = MINDS(facts->is_stopped, KEEPS_POSTING) ||
		       (facts->is_halted && facts_is_later(facts, member->stage));
	return is_held && judgement->type != JUDGE_FAIL && !judgement->is_quiet &&
	       judgement->phase == PHASE_WAITING && judgement->type != JUDGE_REJECT &&
	       judgement->type != JUDGE_UNSEEN && judgement->type != JUDGE_REOPEN;
}

static void act(struct group *group, const struct run_facts *facts, uint32_t app,
		const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	bool is_waiting = judgement->phase == PHASE_WAITING && !judgement->is_quiet;
	/* What a stranger runs in a stage to come is followed, and takes nobody's slot. */
	bool is_followed = judgement->phase == PHASE_SYNCING &&
			   !facts_is_later(facts, sighting->stage);

	if (is_waiting && judgement->type != JUDGE_POST)
		slot_give(group, sighting);
	switch (judgement->type) {
	case JUDGE_LOOK:
	case JUDGE_REFRESH:
		if (is_followed)
			slot_take(group, sighting); /* to be adopted, once it is read live */
		group_tell(group, app, judgement, false, now, out);
		observer_ask(&group->observer, app,
			     judgement->type == JUDGE_LOOK ? REQUEST_GET : REQUEST_REFRESH, now,
			     out);
		return;
	case JUDGE_WAIT:
		/* Also an operation of ours that nobody had believed in any more. */
		if (is_followed)
			slot_take(group, sighting);
		group_tell(group, app, judgement, false, now, out);
		return;
	case JUDGE_POST:
		act_post(group, facts, app, judgement, now, out);
		return;
	case JUDGE_ADOPT:
		slot_take(group, sighting);
		group_tell(group, app, judgement, false, now, out);
		write_entry(group, app, ENTRY_ADOPTED, out,
			    (struct entry){.operation = application_operation(sighting->app)->id});
		return;
	case JUDGE_ACCEPT:
		slot_take(group, sighting);
		if (sighting->phase != PHASE_SYNCING)
			group_tell(group, app, judgement, false, now, out);
		write_entry(group, app, ENTRY_ACCEPTED, out, (struct entry){0});
		return;
	case JUDGE_REJECT:
		write_entry(group, app, ENTRY_REJECTED, out, (struct entry){0});
		return;
	case JUDGE_UNSEEN:
		write_entry(group, app, ENTRY_UNSEEN, out, (struct entry){0});
		return;
	case JUDGE_DONE:
		if (!MUTANT(SLOT_LOST))
			slot_give(group, sighting);
		sighting->done_turn = now->turn;
		/* Up to now not all were done: what was listed before says nothing of the time
		 * after it. */
		if (!MUTANT(SOAK_OF_THE_UNDONE))
			soak_look(&group->soak, now->mono, false);
		if (facts_is_latecomer(facts, &facts->members.v[app])) {
			group->barrier_turn = now->turn;
			group_mark(group, STAGE_NONE);
		}
		group_tell(group, app, judgement, judgement->cause.type == CAUSE_UNCHANGED, now,
			   out);
		write_entry(group, app, ENTRY_DONE, out,
			    (struct entry){.operation = sighting->app->shown.id,
					   .finished_at = sighting->app->shown.finished_at,
					   .is_skipped = judgement->cause.type == CAUSE_UNCHANGED});
		return;
	case JUDGE_REOPEN:
		set_wellness(group, app, WELL);
		group->ill = app;
		group->ill_of = judgement->cause.type;
		group_tell(group, app, judgement, false, now, out);
		write_entry(group, app, ENTRY_REOPENED, out, (struct entry){0});
		return;
	case JUDGE_CONFIRM:
		group_tell(group, app, judgement, facts->members.v[app].is_skipped, now, out);
		write_entry(group, app, ENTRY_CONFIRMED, out,
			    (struct entry){.compared_at = sighting->app->reconciled_at});
		/* Who is posted only once all before him are done has waited for that. */
		for (uint32_t next = sighting->stage + 1; next < facts->begun; next++)
			group_mark(group, next);
		return;
	case JUDGE_STRANGER:
		write_stranger(group, app, judgement, now, out);
		return;
	case JUDGE_FAIL:
		group_end(group, facts, app, judgement, now, out);
		return;
	}
}

/* Nobody has seen it yet. */
static struct judgement judge_awaited(const struct group *group, const struct run_facts *facts,
				      uint32_t app, const struct now *now, struct arena *arena)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	int64_t patience = group->plan->revision_timeout_ms;
	struct judgement wait = {
		.type = JUDGE_WAIT,
		.phase = PHASE_WAITING,
		.cause.type = CAUSE_TO_COME,
		.wake = instant_add(group->stage_started, patience),
	};

	if (is_held_back(facts, &facts->members.v[app], &wait))
		return held_back(group, facts, arena);
	if (facts_is_later(facts, sighting->stage))
		wait.wake = INSTANT_NEVER;
	return instant_cmp(now->mono, wait.wake) >= 0 ? app_timeout(&wait.cause, patience, arena)
						      : wait;
}

/* A member that cannot be read at all, or that joined late and may not be here. */
static bool judge_entrance(struct group *group, const struct run_facts *facts, uint32_t app,
			   const struct now *now, struct judgement *ret_judgement, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	struct owners *owners = group_owners_at(group, app);
	bool is_home = group_is_at_home(group, app);

	if (sighting->is_awaited) {
		*ret_judgement = judge_awaited(group, facts, app, now, &out->arena);
		return false;
	}
	*ret_judgement = (struct judgement){.type = JUDGE_FAIL,
					    .phase = PHASE_FAILED,
					    .wake = INSTANT_NEVER,
					    .code = facts->accepted > 0 ? EXIT_FAILED : EXIT_USAGE};
	if (sighting->is_failing && !group->plan->is_promotion &&
	    instant_since(now->mono, sighting->failing_since) >= group->plan->server_timeout_ms) {
		ret_judgement->cause = (struct cause){CAUSE_SERVER, STR(""), sighting->no_message};
		ret_judgement->code = EXIT_TRY_AGAIN;
		return false;
	}
	if (sighting->no != OUTCOME_OK) {
		ret_judgement->cause = (struct cause){CAUSE_DENIED, STR(""), sighting->no_message};
		ret_judgement->code = facts->accepted > 0 ? EXIT_FAILED : EXIT_DENIED;
		return false;
	}
	bool is_owner_open = owner_is_open(
		owners, &group->observer,
		owners_of(owners, &group->observer, sighting->app, now, out), app);
	if (is_home && !sighting->is_gone && (!sighting->app || is_owner_open)) {
		if (!sighting->app)
			observer_ask(&group->observer, app, REQUEST_GET, now, out);
		ret_judgement->type = JUDGE_WAIT;
		ret_judgement->phase = PHASE_WAITING;
		ret_judgement->cause.type = CAUSE_READING;
		return false;
	}
	/* One that has gone while nobody looked was never seen by this process. */
	if (sighting->app && (facts->members.v[app].posts > 0 || facts->members.v[app].is_done ||
			      sighting->is_admitted))
		return true;
	ret_judgement->cause = admission_refusal(group, app);
	sighting->is_admitted = ret_judgement->cause.type == CAUSE_COUNT;
	return sighting->is_admitted;
}

/* A member that came when its stage was done already, or that nobody expected: that rests on a live
 * reading too. */
static bool is_unwelcome(const struct group *group, const struct run_facts *facts, uint32_t app,
			 struct judgement *ret, struct arena *arena)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	bool is_late = facts_is_earlier(facts, sighting->stage);

	/* A promotion waits until it is done, or skipped. */
	is_late = is_late && !group->plan->is_promotion;
	if (!is_late && !sighting->is_extra)
		return false;
	*ret = (struct judgement){
		.type = facts->members.v[app].is_read ? JUDGE_FAIL : JUDGE_LOOK,
		.phase = facts->members.v[app].is_read ? PHASE_FAILED : PHASE_WAITING,
		.cause = {is_late ? CAUSE_LATE : CAUSE_UNEXPECTED,
			  plan_stage_name(group->plan, sighting->stage, arena), STR("")},
		.is_quiet = !facts->members.v[app].is_read,
		.code = EXIT_FAILED,
		.wake = INSTANT_NEVER,
	};
	return true;
}

/* Membership is frozen: who leaves the selection stays, and that is said. */
static void tell_leaving(struct group *group, uint32_t app, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	if (sighting->has_left || !sighting->is_live ||
	    plan_selects(group->plan, sighting->stage, sighting->app->labels))
		return;
	sighting->has_left = true;
	group_warn(group,
		   arena_printf(&out->arena,
				STR_FMT " left the selection: its labels have changed; it stays "
					"in the run",
				STR_ARG(group_name_of(group, app, &out->arena))),
		   now, out);
}

static void keep_clocks(struct sighting *sighting, const struct judgement *judgement, instant now)
{
	if (judgement->wait.kind)
		clock_keep(&sighting->wait, judgement->wait.kind, judgement->wait.key, now);
	else if (!judgement->is_quiet)
		sighting->wait = (struct clock){0};
	if (judgement->grace.kind)
		clock_keep(&sighting->grace, judgement->grace.kind, judgement->grace.key, now);
	else if (!judgement->is_quiet)
		sighting->grace = (struct clock){0};
}

static struct judgement judge_one(struct group *group, const struct run_facts *facts, uint32_t app,
				  const struct now *now, struct out *out)
{
	const struct member *member = &facts->members.v[app];
	const struct sighting *sighting = &group->observer.apps.v[app];
	bool is_later = facts_is_later(facts, member->stage);
	struct judgement judgement;

	if (is_unwelcome(group, facts, app, &judgement, &out->arena))
		return judgement;
	judgement = judge_member(group, facts, app, now, &out->arena);
	/* Whoever waits for his stage was read before: only so is a stranger known as one. */
	if (is_later && !member->is_read && judgement.type == JUDGE_WAIT)
		judgement.type = JUDGE_LOOK;
	group->observer.apps.v[app].is_resting = is_later || (member->is_done && !sighting->asked);
	return is_held_back(facts, member, &judgement) ? held_back(group, facts, &out->arena)
						       : judgement;
}

bool group_settle_post(struct group *group, const struct run_facts *facts, uint32_t app,
		       const struct now *now, struct out *out)
{
	if (facts->members.v[app].post != POST_OPEN)
		return false;
	enum judgement_type type = judge_member(group, facts, app, now, &out->arena).type;
	enum entry_type outcome = type == JUDGE_ACCEPT	 ? ENTRY_ACCEPTED
				  : type == JUDGE_REJECT ? ENTRY_REJECTED
							 : ENTRY_UNSEEN;
	if (outcome == ENTRY_UNSEEN && type != JUDGE_UNSEEN)
		return false;
	write_entry(group, app, outcome, out, (struct entry){0});
	return true;
}

/* One that was done and is watched; who falls ill, and who is well again, is told. */
static void see_wellness(struct group *group, uint32_t app, const struct judgement *judgement,
			 bool is_skipped, const struct now *now, struct out *out)
{
	enum wellness before = (enum wellness)group->observer.apps.v[app].wellness;

	if (judgement->type == JUDGE_LOOK)
		return; /* it is known in a moment */
	set_wellness(group, app, judgement->wellness);
	if (judgement->wellness == UNWELL && before != UNWELL) {
		group->ill = app;
		group->ill_of = CAUSE_DEGRADED;
	}
	if (before != UNWELL || judgement->wellness != WELL || judgement->type != JUDGE_WAIT)
		return;
	struct judgement well = *judgement;
	well.cause = (struct cause){.type = CAUSE_SYNCED};
	well.is_quiet = false;
	group_tell(group, app, &well, is_skipped, now, out);
}

/* Nothing will be done about it, whatever is seen. */
static bool is_at_rest(const struct group *group, const struct member *member)
{
	return member_is_out(member) || (member_is_settled(member) && !group->plan->is_promotion);
}

static void decide_one(struct group *group, const struct run_facts *facts, uint32_t app,
		       const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	struct judgement judgement;

	observer_wake(&group->observer, app, INSTANT_NEVER);
	if (!judge_entrance(group, facts, app, now, &judgement, out)) {
		observer_wake_by(&group->observer, app, judgement.wake);
		if (judgement.type == JUDGE_WAIT)
			group_tell(group, app, &judgement, false, now, out);
		else
			group_end(group, facts, app, &judgement, now, out);
		return;
	}
	if (admission_take_reading(group, facts, app, out))
		return; /* it is judged in the next pass */
	tell_leaving(group, app, now, out);
	if (sighting->is_doubted && !sighting->is_gone) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		if (sighting->asked || sighting->is_queued)
			return;
	}
	instant ask_again_at = sighting->wake;
	if (str_eq(sighting->app->target_revision, group->plan->revision))
		sighting->was_at_revision = true;
	judgement = judge_one(group, facts, app, now, out);
	keep_clocks(sighting, &judgement, now->mono);
	if (facts->members.v[app].is_done)
		see_wellness(group, app, &judgement, facts->members.v[app].is_skipped, now, out);
	observer_wake(&group->observer, app, instant_min(judgement.wake, ask_again_at));
	act(group, facts, app, &judgement, now, out);
}

/* In a promotion one of a stage before may be done no more: what is posted rests on that, so they
 * are judged first, stage by stage. */
static void put_earlier_first(struct group *group, const struct run_facts *facts)
{
	struct observer *observer = &group->observer;
	size_t front = 0;

	for (uint32_t stage = 0; group->plan->is_promotion && stage + 1 < facts->begun; stage++) {
		for (size_t i = front; i < observer->dirty.n; i++) {
			uint32_t app = observer->dirty.v[i];
			if (observer->apps.v[app].stage != stage)
				continue;
			observer->dirty.v[i] = observer->dirty.v[front];
			observer->dirty.v[front++] = app;
		}
	}
}

/* It changes what all others are judged by. Who is judged before it is applied is judged by the old
 * facts, and nothing might bring it up again. */
static bool concerns_all(const struct group *group, const struct run_facts *facts,
			 const struct entry *entry)
{
	bool is_halting = (entry->type == ENTRY_ENDED && entry->code != EXIT_DONE) ||
			  (entry->type == ENTRY_STRANGER && !entry->is_accepted);
	bool is_earlier = entry->type == ENTRY_REOPENED &&
			  facts_is_earlier(facts, group->observer.apps.v[entry->app].stage);

	return entry->type == ENTRY_STOPPED || is_earlier || (is_halting && !facts->is_halted);
}

void group_decide(struct group *group, const struct run_facts *facts, const struct now *now,
		  struct out *out)
{
	size_t n = 0;
	bool is_news_for_all = false;

	put_earlier_first(group, facts);
	for (size_t last = group->observer.dirty.n; n < last && !is_news_for_all; n++) {
		uint32_t app = group->observer.dirty.v[n];
		group->observer.apps.v[app].is_dirty = false;
		if (app >= facts->members.n)
			observer_mark(&group->observer, app); /* a member in a moment */
		else if (is_at_rest(group, &facts->members.v[app]))
			observer_wake(&group->observer, app, INSTANT_NEVER);
		else if (!group_is_away(group, observer_server(&group->observer, app)))
			decide_one(group, facts, app, now, out);
		is_news_for_all = out->entries.n > 0 &&
				  concerns_all(group, facts, &vec_last(&out->entries));
	}
	slots_offer(group);
	observer_offer_room(&group->observer);
	/* What was marked meanwhile is judged after the new entries are applied; after a failure or
	 * a stranger's sync, so is all the rest. */
	group_forget_dirty(&group->observer, n);
}

/* ---- the whole ---- */

struct counts group_counts(const struct group *group, const struct run_facts *facts, uint32_t stage)
{
	struct counts counts = {0};

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct member *member = &facts->members.v[i];
		if (stage != STAGE_NONE && member->stage != stage)
			continue;
		counts.total++;
		counts.by_phase[member->is_skipped_by_order ? PHASE_LEFT
							    : group->observer.apps.v[i].phase]++;
		counts.skipped += member->is_done && member->is_skipped;
	}
	return counts;
}

uint32_t group_worst(const struct group *group, const struct run_facts *facts,
		     const struct now *now, struct arena *arena)
{
	uint32_t worst = APP_NONE;

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct sighting *sighting = &group->observer.apps.v[i];
		const struct member *member = &facts->members.v[i];
		if (member_is_settled(member) || member->is_done ||
		    facts_is_later(facts, member->stage))
			continue;
		if (worst == APP_NONE || sighting->phase < group->observer.apps.v[worst].phase)
			worst = i;
	}
	return worst != APP_NONE ? worst : group_find_open(group, facts, now, arena);
}
