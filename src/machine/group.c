#include "machine/group.h"

#include "base/check.h"

#include <string.h>

enum {
	/* The watch shows most applications at once; who is not seen by then is read. */
	FIRST_READING_MS = 1'500,
	OWNER_AGAIN_MS = 30'000,
	OWNER_RETRY_MS = 1'000,
	/* One that cannot be read for so long is taken for one that may not be read. */
	OWNER_PATIENCE_MS = 10'000,
	OWNER_TIMEOUT_MS = 30'000,
	/* A live reading that is older than this is read again before a POST rests on it. */
	POST_READING_MS = 1'000,
	POST_TIMEOUT_MS = 60'000,
};

void group_init(struct group *group, const struct plan *plan, uint64_t seed)
{
	*group = (struct group){.plan = plan};
	observer_init(&group->observer, plan, seed);
}

void group_release(struct group *group, struct group_facts *facts)
{
	observer_release(&group->observer);
	arena_release(&group->arena);
	vec_release(&group->owners);
	fifo_release(&group->ready);
	arena_release(&facts->arena);
	vec_release(&facts->members);
}

void group_apply(struct group_facts *facts, const struct entry *entry)
{
	if (entry->type == ENTRY_MEMBER) {
		check(entry->app == facts->members.n);
		/* A re-read begins after the last one was first done: with a latecomer, all
		 * anew. */
		facts->is_barrier = false;
		vec_each(earlier, &facts->members)
			earlier->is_confirmed = false;
		struct member member = {
			.name = arena_copy(&facts->arena, entry->name),
			.namespace = arena_copy(&facts->arena, entry->namespace),
		};
		vec_push(&facts->members, member);
		return;
	}
	if (entry->type == ENTRY_STOPPED) {
		facts->is_stopped = true;
		facts->stopped_by = entry->app;
		return;
	}
	if (entry->type == ENTRY_BARRIER) {
		facts->is_barrier = true;
		return;
	}
	struct member *member = &vec_at(&facts->members, entry->app);
	if (entry->type == ENTRY_READ)
		member->uid = arena_copy(&facts->arena, entry->uid);
	if (entry->type == ENTRY_ACCEPTED)
		facts->accepted++;
	/* The first end that is not well counts; but a failure says more than a timeout. */
	if (entry->type == ENTRY_ENDED && entry->code != EXIT_DONE &&
	    (facts->code == EXIT_DONE ||
	     (facts->code == EXIT_TIMEOUT && entry->code == EXIT_FAILED)))
		facts->code = entry->code;
	member_apply(member, entry);
}

/* ---- telling ---- */

static struct cause cause_copy(struct arena *arena, const struct cause *cause)
{
	return (struct cause){cause->type, arena_copy(arena, cause->subject),
			      arena_copy(arena, cause->message)};
}

static struct note note_of(const struct group *group, uint32_t app, enum note_type type,
			   const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	return (struct note){
		.type = type,
		.now = *now,
		.name = sighting->name,
		.namespace = sighting->namespace,
		.destination = sighting->app ? arena_copy(&out->arena, sighting->app->destination)
					     : STR(""),
		.elapsed_ms = instant_since(now->mono, group->started),
	};
}

static void emit(struct out *out, struct note note)
{
	vec_push(&out->effects, (struct effect){.type = FX_NOTE, .note = note});
}

static uint64_t cause_hash(const struct cause *cause)
{
	return (str_hash(cause->subject) * 31 + str_hash(cause->message)) * 64 +
	       (uint64_t)cause->type + 1;
}

/* One line for each change of phase or cause, none for what is the same. */
static void tell(struct group *group, uint32_t app, const struct judgement *judgement,
		 bool is_skipped, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	uint64_t hash = cause_hash(&judgement->cause);

	if (judgement->is_quiet ||
	    (sighting->told == hash && sighting->phase == (uint8_t)judgement->phase))
		return;
	sighting->told = hash;
	sighting->phase = (uint8_t)judgement->phase;
	group->told_at = now->mono;
	struct note note = note_of(group, app, NOTE_APP, now, out);
	note.phase = judgement->phase;
	note.cause = cause_copy(&out->arena, &judgement->cause);
	note.is_skipped = is_skipped;
	note.code = judgement->code;
	emit(out, note);
}

static void warn(struct group *group, struct str text, const struct now *now, struct out *out)
{
	group->told_at = now->mono;
	emit(out, (struct note){.type = NOTE_WARNING,
				.now = *now,
				.text = text,
				.elapsed_ms = instant_since(now->mono, group->started)});
}

/* ---- ApplicationSets ---- */

static struct owner *owner_find(struct group *group, struct str name)
{
	vec_each(owner, &group->owners)
		if (str_eq(owner->name, name))
			return owner;
	return NULL;
}

static void owner_ask(struct group *group, struct owner *owner, const struct now *now,
		      struct out *out)
{
	if (owner->asked || group->observer.in_flight >= REQUESTS_IN_FLIGHT_MAX)
		return;
	struct request request = {
		.type = REQUEST_OWNER,
		.app = APP_NONE,
		.name = owner->name,
		.timeout_ms = OWNER_TIMEOUT_MS,
	};
	owner->asked = observer_send(&group->observer, request, now, out);
	owner->asked_at = now->mono;
}

/* The ApplicationSet of an application: asked for at once, and again while somebody waits for
 * it. */
static struct owner *owner_of(struct group *group, const struct application *app,
			      const struct now *now, struct out *out)
{
	if (!app || str_empty(app->owner))
		return NULL;
	struct owner *owner = owner_find(group, app->owner);
	if (!owner) {
		vec_push(&group->owners,
			 (struct owner){.name = arena_copy(&group->arena, app->owner)});
		owner = &vec_last(&group->owners);
		owner_ask(group, owner, now, out);
	}
	bool is_waiting = !str_eq(app->target_revision, group->plan->revision);
	int64_t again = owner->is_known ? OWNER_AGAIN_MS : OWNER_RETRY_MS;
	bool is_owed = !owner->is_denied && (is_waiting || !owner->is_known);
	if (is_owed && instant_since(now->mono, owner->asked_at) >= again)
		owner_ask(group, owner, now, out);
	return owner;
}

/* Its answer is still to come: looks again when it may be asked again. */
static bool owner_is_open(struct group *group, const struct owner *owner, uint32_t app)
{
	if (!owner || owner->is_known || owner->is_denied)
		return false;
	if (!owner->asked)
		observer_wake_by(&group->observer, app,
				 instant_add(owner->asked_at, OWNER_RETRY_MS));
	return true;
}

void group_see_owner(struct group *group, const struct reply *reply, const struct now *now)
{
	vec_each(owner, &group->owners) {
		if (owner->asked != reply->id)
			continue;
		owner->asked = 0;
		if (!owner->is_failing)
			owner->failing_since = now->mono;
		owner->is_failing = reply->outcome != OUTCOME_OK;
		if (reply->outcome == OUTCOME_OK) {
			owner->is_known = true;
			owner->is_rolling = reply->owner.is_rolling;
			struct str says = reply->owner.target_revision;
			size_t n = MIN(says.n, sizeof owner->target_revision - 1);
			if (n > 0)
				memcpy(owner->target_revision, says.p, n);
			owner->target_revision[n] = '\0';
		} else if (reply->outcome > OUTCOME_UNAUTHENTICATED ||
			   instant_since(now->mono, owner->failing_since) >= OWNER_PATIENCE_MS) {
			owner->is_denied = !owner->is_known;
		}
	}
	for (uint32_t i = 0; i < group->observer.apps.n; i++)
		observer_mark(&group->observer, i);
}

/* ---- membership ---- */

static void admit_member(struct group *group, uint32_t app, const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct entry entry = {
		.type = ENTRY_MEMBER,
		.app = app,
		.context = group->plan->context,
		.namespace = sighting->namespace,
		.name = sighting->name,
	};
	vec_push(&out->entries, entry);
	if (group->is_posting_on)
		warn(group,
		     arena_printf(&out->arena,
				  STR_FMT " appeared while the group runs; it joins the group",
				  STR_ARG(sighting->name)),
		     now, out);
}

static void admit_reading(struct group *group, uint32_t app, struct out *out)
{
	const struct application *seen = group->observer.apps.v[app].app;
	struct entry entry = {
		.type = ENTRY_READ,
		.app = app,
		.uid = arena_copy(&out->arena, seen->uid),
		.operation = seen->shown.id,
		.finished_at = seen->shown.finished_at,
		.is_running = seen->shown.phase != OP_NONE && !operation_is_over(&seen->shown),
	};
	vec_push(&out->entries, entry);
	observer_mark(&group->observer, app);
}

void group_admit(struct group *group, const struct group_facts *facts, const struct now *now,
		 struct out *out)
{
	for (uint32_t i = 0; i < group->observer.apps.n; i++) {
		if (i >= facts->members.n)
			admit_member(group, i, now, out);
		else if (!facts->members.v[i].is_read && group->observer.apps.v[i].is_live)
			admit_reading(group, i, out);
	}
}

bool group_is_read(struct group *group, const struct group_facts *facts, const struct now *now,
		   struct out *out)
{
	bool is_read = facts->members.n == group->observer.apps.n;

	observer_offer_room(&group->observer);
	for (uint32_t i = 0; i < facts->members.n; i++) {
		struct sighting *sighting = &group->observer.apps.v[i];
		observer_wake(&group->observer, i, INSTANT_NEVER);
		if (!sighting->app && str_eq(group->home, sighting->namespace)) {
			instant due = instant_add(group->started, FIRST_READING_MS);
			bool is_due = group->plan->is_dry_run || instant_cmp(now->mono, due) >= 0;
			if (!is_due)
				observer_wake(&group->observer, i, due);
			if (is_due && !sighting->is_gone && sighting->no == OUTCOME_OK)
				observer_ask(&group->observer, i, REQUEST_GET, now, out);
			is_read = is_read && (sighting->is_gone || sighting->no != OUTCOME_OK);
			continue;
		}
		if (group->plan->is_dry_run && sighting->app && !sighting->is_live) {
			observer_ask(&group->observer, i, REQUEST_GET, now, out);
			is_read = false;
		}
		if (owner_is_open(group, owner_of(group, sighting->app, now, out), i))
			is_read = false;
		if (sighting->is_live && !facts->members.v[i].is_read)
			is_read = false; /* it is written down in this very turn */
	}
	return is_read;
}

static struct cause refusal_of(struct group *group, uint32_t app)
{
	const struct sighting *sighting = &group->observer.apps.v[app];

	if (!str_eq(group->home, sighting->namespace))
		return (struct cause){CAUSE_OTHER_NAMESPACE, sighting->namespace, group->home};
	if (sighting->is_gone)
		return (struct cause){CAUSE_DELETED, STR(""), STR("")};
	if (!sighting->app)
		return (struct cause){CAUSE_DENIED, STR(""), str_of(sighting->no_message)};
	struct owner *owner = owner_find(group, sighting->app->owner);
	return app_refusal(group->plan, sighting->app, group->home, owner && owner->is_rolling);
}

uint32_t group_refuse(struct group *group, const struct group_facts *facts, const struct now *now,
		      struct out *out, int *ret_code)
{
	uint32_t refused = 0;
	*ret_code = EXIT_DENIED;

	for (uint32_t i = 0; i < facts->members.n; i++) {
		struct cause cause = refusal_of(group, i);
		if (cause.type == CAUSE_COUNT)
			continue;
		struct judgement refusal = {
			.phase = PHASE_REFUSED,
			.cause = cause,
			.code = cause.type == CAUSE_DENIED ? EXIT_DENIED : EXIT_USAGE,
		};
		tell(group, i, &refusal, false, now, out);
		refused++;
		if (refusal.code != EXIT_DENIED)
			*ret_code = refusal.code;
	}
	vec_each(owner, &group->owners)
		if (owner->is_denied)
			warn(group,
			     arena_printf(&out->arena,
					  "ApplicationSet '" STR_FMT "' cannot be read: whether it "
					  "has strategy RollingSync could not be checked",
					  STR_ARG(owner->name)),
			     now, out);
	return refused;
}

/* ---- judging ---- */

static struct circumstances circumstances_of(struct group *group, const struct group_facts *facts,
					     const struct sighting *sighting)
{
	struct owner *owner = sighting->app ? owner_find(group, sighting->app->owner) : NULL;
	return (struct circumstances){
		.plan = group->plan,
		.owner_says = owner ? str_of(owner->target_revision) : STR(""),
		.started = group->started,
		.is_barrier = facts->is_barrier,
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

void group_describe(struct group *group, const struct group_facts *facts, uint32_t app,
		    const struct now *now, struct note *note, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	struct circumstances at = circumstances_of(group, facts, sighting);

	note->name = sighting->name;
	note->namespace = sighting->namespace;
	note->phase = (enum app_phase)sighting->phase;
	note->cause = (struct cause){.type = CAUSE_READING};
	if (sighting->app) {
		struct member member = facts->members.v[app];
		if (!member.is_read)
			member = as_if_read(&member, sighting->app);
		note->cause = app_judge(&at, &member, sighting, now, &out->arena).cause;
	}
	note->cause = cause_copy(&out->arena, &note->cause);
}

int group_preview(struct group *group, const struct group_facts *facts, const struct now *now,
		  struct out *out)
{
	int code = EXIT_DONE;

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct sighting *sighting = &group->observer.apps.v[i];
		struct circumstances at = circumstances_of(group, facts, sighting);
		struct note note = note_of(group, i, NOTE_PREVIEW, now, out);
		struct cause cause;
		note.preview = app_preview(&at, &facts->members.v[i], sighting, now, &out->arena,
					   &cause);
		note.cause = cause_copy(&out->arena, &cause);
		note.objects = arena_copy(&out->arena, sighting->app->out_of_sync_names);
		note.out_of_sync_count = sighting->app->out_of_sync_count;
		note.prune_count = sighting->app->prune_count;
		if (note.preview == PREVIEW_FAIL)
			code = EXIT_FAILED;
		emit(out, note);
	}
	return code;
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

/* Judges again as many of those who wait as there are free slots. Who does not want one any more
 * takes none, so this is asked again until the slots or those who wait are used up. */
static void slots_offer(struct group *group)
{
	uint32_t next;
	for (uint32_t taken = group->slots;
	     taken < group->plan->concurrency && fifo_take(&group->ready, &next); taken++) {
		group->observer.apps.v[next].is_ready = false;
		observer_mark(&group->observer, next);
	}
}

static void write_entry(struct group *group, uint32_t app, enum entry_type type, struct out *out,
			struct entry entry)
{
	entry.type = type;
	entry.app = app;
	vec_push(&out->entries, entry);
	observer_mark(&group->observer, app); /* the next judgement follows from the new fact */
}

static void write_end(struct group *group, const struct group_facts *facts, uint32_t app,
		      const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	slot_give(group, sighting);
	tell(group, app, judgement, false, now, out);
	write_entry(group, app, ENTRY_ENDED, out,
		    (struct entry){.code = judgement->code, .cause = judgement->cause.type});
	bool stops = judgement->code != 0 && !facts->is_stopped && !group->plan->keep_going;
	if (!stops)
		return;
	write_entry(group, app, ENTRY_STOPPED, out, (struct entry){0});
	for (uint32_t i = 0; i < group->observer.apps.n; i++)
		observer_mark(&group->observer, i);
}

static void post(struct group *group, const struct group_facts *facts, uint32_t app,
		 const struct now *now, struct out *out)
{
	const struct member *member = &facts->members.v[app];
	struct sighting *sighting = &group->observer.apps.v[app];
	const struct application *seen = sighting->app;
	struct request request = {
		.type = REQUEST_SYNC,
		.app = app,
		.name = member->name,
		.namespace = member->namespace,
		.revision = group->plan->revision,
		.token = arena_printf(&out->arena, "v1/" STR_FMT "/" STR_FMT "/%u",
				      STR_ARG(group->plan->run), STR_ARG(member->uid),
				      member->posts + 1),
		.retry_json = arena_copy(&out->arena, seen->retry_json),
		.prune = group->plan->prune || (seen->has_auto_sync && seen->auto_sync_prunes),
		.timeout_ms = POST_TIMEOUT_MS,
	};
	write_entry(group, app, ENTRY_POST, out, (struct entry){.attempt = member->posts + 1});
	sighting->has_post_reply = false;
	sighting->post_id = observer_send(&group->observer, request, now, out);
}

/* A POST is wanted: it takes a slot, and a live reading that is still warm. */
static void act_post(struct group *group, const struct group_facts *facts, uint32_t app,
		     const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];

	/*
	 * Following others' operations may have taken more slots than there are; a POST of ours
	 * waits until there are fewer, even if this one has such a slot.
	 */
	if (group->slots > group->plan->concurrency)
		slot_give(group, sighting);
	if (!sighting->has_slot && group->slots >= group->plan->concurrency) {
		if (!sighting->is_ready) {
			sighting->is_ready = true;
			fifo_push(&group->ready, app);
		}
		tell(group, app, judgement, false, now, out);
		return;
	}
	slot_take(group, sighting);
	bool is_warm = sighting->is_live &&
		       instant_since(now->mono, sighting->live_at) <= POST_READING_MS;
	if (!is_warm) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		return;
	}
	if (!observer_has_room(&group->observer, app))
		return;
	struct judgement posting = *judgement;
	posting.phase = PHASE_SYNCING;
	posting.cause = (struct cause){.type = CAUSE_POSTING};
	tell(group, app, &posting, false, now, out);
	post(group, facts, app, now, out);
}

static struct judgement held_back(const struct group *group, const struct group_facts *facts)
{
	return (struct judgement){
		.type = JUDGE_FAIL,
		.phase = PHASE_LEFT,
		.cause = {CAUSE_HELD_BACK, group->observer.apps.v[facts->stopped_by].name, STR("")},
		.wake = INSTANT_NEVER,
	};
}

/* After a failure only what runs is followed; the rest is left as it is. */
static bool is_held_back(const struct group_facts *facts, const struct judgement *judgement)
{
	return facts->is_stopped && judgement->type != JUDGE_FAIL && !judgement->is_quiet &&
	       judgement->phase == PHASE_WAITING && judgement->type != JUDGE_REJECT;
}

static void act(struct group *group, const struct group_facts *facts, uint32_t app,
		const struct judgement *judgement, const struct now *now, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	bool is_waiting = judgement->phase == PHASE_WAITING && !judgement->is_quiet;

	if (is_waiting && judgement->type != JUDGE_POST)
		slot_give(group, sighting);
	switch (judgement->type) {
	case JUDGE_LOOK:
	case JUDGE_REFRESH:
		if (judgement->phase == PHASE_SYNCING)
			slot_take(group, sighting); /* to be adopted, once it is read live */
		tell(group, app, judgement, false, now, out);
		observer_ask(&group->observer, app,
			     judgement->type == JUDGE_LOOK ? REQUEST_GET : REQUEST_REFRESH, now,
			     out);
		return;
	case JUDGE_WAIT:
		/* Also an operation of ours that nobody had believed in any more. */
		if (judgement->phase == PHASE_SYNCING)
			slot_take(group, sighting);
		tell(group, app, judgement, false, now, out);
		return;
	case JUDGE_POST:
		act_post(group, facts, app, judgement, now, out);
		return;
	case JUDGE_ADOPT:
		slot_take(group, sighting);
		tell(group, app, judgement, false, now, out);
		write_entry(group, app, ENTRY_ADOPTED, out,
			    (struct entry){.operation = application_operation(sighting->app)->id});
		return;
	case JUDGE_ACCEPT:
		slot_take(group, sighting);
		write_entry(group, app, ENTRY_ACCEPTED, out, (struct entry){0});
		return;
	case JUDGE_REJECT:
		write_entry(group, app, ENTRY_REJECTED, out, (struct entry){0});
		return;
	case JUDGE_DONE:
		slot_give(group, sighting);
		sighting->done_turn = now->turn;
		tell(group, app, judgement, judgement->cause.type == CAUSE_UNCHANGED, now, out);
		write_entry(group, app, ENTRY_DONE, out,
			    (struct entry){.operation = sighting->app->shown.id,
					   .finished_at = sighting->app->shown.finished_at,
					   .is_skipped = judgement->cause.type == CAUSE_UNCHANGED});
		return;
	case JUDGE_REOPEN:
		write_entry(group, app, ENTRY_REOPENED, out, (struct entry){0});
		return;
	case JUDGE_CONFIRM:
		tell(group, app, judgement, facts->members.v[app].is_skipped, now, out);
		write_entry(group, app, ENTRY_CONFIRMED, out, (struct entry){0});
		return;
	case JUDGE_FAIL:
		write_end(group, facts, app, judgement, now, out);
		return;
	}
}

/* A member that cannot be read at all, or that joined late and may not be here. */
static bool judge_entrance(struct group *group, const struct group_facts *facts, uint32_t app,
			   const struct now *now, struct judgement *ret_judgement, struct out *out)
{
	struct sighting *sighting = &group->observer.apps.v[app];
	bool is_home = str_eq(group->home, sighting->namespace);

	*ret_judgement = (struct judgement){.type = JUDGE_FAIL,
					    .phase = PHASE_FAILED,
					    .wake = INSTANT_NEVER,
					    .code = facts->accepted > 0 ? EXIT_FAILED : EXIT_USAGE};
	if (sighting->is_failing &&
	    instant_since(now->mono, sighting->failing_since) >= group->plan->server_timeout_ms) {
		ret_judgement->cause = (struct cause){CAUSE_SERVER, STR(""),
						      str_of(sighting->no_message)};
		ret_judgement->code = EXIT_TRY_AGAIN;
		return false;
	}
	if (sighting->no != OUTCOME_OK) {
		ret_judgement->cause = (struct cause){CAUSE_DENIED, STR(""),
						      str_of(sighting->no_message)};
		ret_judgement->code = facts->accepted > 0 ? EXIT_FAILED : EXIT_DENIED;
		return false;
	}
	bool is_owner_open = owner_is_open(group, owner_of(group, sighting->app, now, out), app);
	if (is_home && !sighting->is_gone && (!sighting->app || is_owner_open)) {
		if (!sighting->app)
			observer_ask(&group->observer, app, REQUEST_GET, now, out);
		ret_judgement->type = JUDGE_WAIT;
		ret_judgement->phase = PHASE_WAITING;
		ret_judgement->cause.type = CAUSE_READING;
		return false;
	}
	if (facts->members.v[app].posts > 0 || facts->members.v[app].is_done ||
	    sighting->is_admitted)
		return true;
	ret_judgement->cause = refusal_of(group, app);
	sighting->is_admitted = ret_judgement->cause.type == CAUSE_COUNT;
	return sighting->is_admitted;
}

static struct judgement judge_unread(const struct circumstances *at, const struct member *member,
				     const struct sighting *sighting, const struct now *now,
				     struct arena *arena)
{
	struct member provisional = as_if_read(member, sighting->app);
	struct judgement judgement = app_judge(at, &provisional, sighting, now, arena);

	if (judgement.type == JUDGE_REFRESH)
		judgement.type = JUDGE_LOOK;
	return judgement;
}

static void decide_one(struct group *group, const struct group_facts *facts, uint32_t app,
		       const struct now *now, struct out *out)
{
	const struct member *member = &facts->members.v[app];
	struct sighting *sighting = &group->observer.apps.v[app];
	struct judgement judgement;

	observer_wake(&group->observer, app, INSTANT_NEVER);
	if (!judge_entrance(group, facts, app, now, &judgement, out)) {
		if (judgement.type == JUDGE_WAIT)
			tell(group, app, &judgement, false, now, out);
		else
			write_end(group, facts, app, &judgement, now, out);
		return;
	}
	if (!member->is_read && sighting->is_live) {
		/* Its first reading is written down first, in this very pass. */
		observer_mark(&group->observer, app);
		return;
	}
	if (sighting->is_doubted && !sighting->is_gone) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		if (sighting->asked || sighting->is_queued)
			return;
	}
	instant ask_again_at = sighting->wake;
	struct circumstances at = circumstances_of(group, facts, sighting);
	if (str_eq(sighting->app->target_revision, group->plan->revision))
		sighting->was_at_revision = true;
	judgement = member->is_read ? app_judge(&at, member, sighting, now, &out->arena)
				    : judge_unread(&at, member, sighting, now, &out->arena);
	if (is_held_back(facts, &judgement))
		judgement = held_back(group, facts);
	if (judgement.wait.kind)
		clock_keep(&sighting->wait, judgement.wait.kind, judgement.wait.key, now->mono);
	else if (!judgement.is_quiet)
		sighting->wait = (struct clock){0};
	if (judgement.grace.kind)
		clock_keep(&sighting->grace, judgement.grace.kind, judgement.grace.key, now->mono);
	else if (!judgement.is_quiet)
		sighting->grace = (struct clock){0};
	observer_wake(&group->observer, app, instant_min(judgement.wake, ask_again_at));
	act(group, facts, app, &judgement, now, out);
}

void group_decide(struct group *group, const struct group_facts *facts, const struct now *now,
		  struct out *out)
{
	size_t n = 0;
	bool is_stopping = false;

	for (size_t last = group->observer.dirty.n; n < last && !is_stopping; n++) {
		uint32_t app = group->observer.dirty.v[n];
		group->observer.apps.v[app].is_dirty = false;
		if (app >= facts->members.n)
			observer_mark(&group->observer, app); /* a member in a moment */
		else if (member_is_settled(&facts->members.v[app]))
			observer_wake(&group->observer, app, INSTANT_NEVER);
		else
			decide_one(group, facts, app, now, out);
		is_stopping = out->entries.n > 0 && vec_last(&out->entries).type == ENTRY_STOPPED;
	}
	slots_offer(group);
	observer_offer_room(&group->observer);
	/* What was marked meanwhile is judged after the new entries are applied; after a failure,
	 * so is all the rest. */
	size_t rest = group->observer.dirty.n - n;
	memmove(group->observer.dirty.v, group->observer.dirty.v + n,
		rest * sizeof group->observer.dirty.v[0]);
	group->observer.dirty.n = rest;
}

/* ---- the whole ---- */

bool group_is_over(const struct group *group, const struct group_facts *facts, int *ret_code)
{
	bool is_any_open = facts->members.n != group->observer.apps.n;
	bool is_any_unconfirmed = false;
	int code = facts->code;

	vec_each(member, &facts->members) {
		if (member->is_ended)
			continue;
		is_any_unconfirmed = is_any_unconfirmed || !member->is_confirmed;
		is_any_open = is_any_open || !member->is_done;
	}
	if (code == EXIT_DENIED && facts->accepted > 0)
		code = EXIT_FAILED;
	*ret_code = code;
	return code == EXIT_DONE ? !is_any_open && !is_any_unconfirmed : !is_any_open;
}

struct counts group_counts(const struct group *group, const struct group_facts *facts)
{
	struct counts counts = {.total = (uint32_t)facts->members.n};

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct member *member = &facts->members.v[i];
		counts.by_phase[group->observer.apps.v[i].phase]++;
		counts.skipped += member->is_done && member->is_skipped;
	}
	return counts;
}

uint32_t group_worst(const struct group *group, const struct group_facts *facts)
{
	uint32_t worst = APP_NONE;

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct sighting *sighting = &group->observer.apps.v[i];
		if (member_is_settled(&facts->members.v[i]) || facts->members.v[i].is_done)
			continue;
		if (worst == APP_NONE || sighting->phase < group->observer.apps.v[worst].phase)
			worst = i;
	}
	return worst;
}
