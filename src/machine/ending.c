#include "machine/ending.h"

#include "base/check.h"
#include "base/mutant.h"
#include "machine/token.h"

enum {
	ENDING_PATIENCE_MS = 120'000,
	/* A request rests on a reading that is no older. */
	ENDING_READING_MS = 1'000,
	LOOK_AGAIN_MS = 1'000,
	ASK_AGAIN_MS = 5'000,
	ENDING_TIMEOUT_MS = 30'000,
};

/* What was asked for may run still, or be on its way. */
static bool may_run(const struct member *member)
{
	bool is_asked = member->post == POST_OPEN || member->post == POST_ACCEPTED;

	return member->is_read && HOLDS(is_asked, ENDS_STRANGERS) && !member->is_done &&
	       !member_is_out(member);
}

static bool is_ours(const struct plan *plan, const struct operation *op)
{
	return HOLDS(token_post(op->token, plan->run) > 0, ENDS_STRANGERS);
}

/* In Argo CD's words, of one that is over. */
static bool was_terminated(const struct operation *op)
{
	return op->phase != OP_SUCCEEDED && str_starts(op->message, STR("Operation terminated"));
}

/* ---- answers ---- */

void ending_see(struct group *group, const struct reply *reply, const struct now *now)
{
	struct ending *ending = &group->ending;

	if (reply->type != REQUEST_TERMINATE || reply->app >= ending->apps.n)
		return;
	struct ending_app *it = &vec_at(&ending->apps, reply->app);
	if (it->asked != reply->id)
		return;
	it->asked = 0;
	/* Whatever was known before is no ground for another one. */
	it->since_turn = now->turn;
	it->again_at = instant_add(now->mono, ASK_AGAIN_MS);
	it->is_denied = reply->outcome == OUTCOME_DENIED;
	it->is_refused = reply->outcome != OUTCOME_OK;
	sighting_keep_text(&group->observer.apps.v[reply->app].post_message, reply->message);
	observer_mark(&group->observer, reply->app);
}

/* ---- one application ---- */

static void end(struct group *group, const struct run_facts *facts, uint32_t app,
		struct cause cause, const struct now *now, struct out *out)
{
	struct judgement judgement = {
		.type = JUDGE_FAIL,
		.phase = PHASE_FAILED,
		.cause = cause,
		.code = EXIT_TERMINATED,
		.wake = INSTANT_NEVER,
	};

	group_end(group, facts, app, &judgement, now, out);
}

/* It is not waited for any more. */
static void interrupt(struct group *group, const struct run_facts *facts, uint32_t app,
		      const struct now *now, struct out *out)
{
	bool is_refused = vec_at(&group->ending.apps, app).is_refused;
	struct str words = is_refused ? group->observer.apps.v[app].post_message : STR("");

	end(group, facts, app, (struct cause){CAUSE_INTERRUPTED, STR(""), words}, now, out);
}

static void look(struct group *group, uint32_t app, instant not_before, const struct now *now,
		 struct out *out)
{
	if (instant_cmp(now->mono, not_before) < 0)
		observer_wake_by(&group->observer, app, not_before);
	else
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
}

static void ask(struct group *group, uint32_t app, const struct member *member,
		const struct now *now, struct out *out)
{
	struct ending_app *it = &vec_at(&group->ending.apps, app);
	const struct sighting *sighting = &group->observer.apps.v[app];

	if (it->asked || !observer_has_room(&group->observer, app))
		return;
	if (instant_cmp(now->mono, it->again_at) < 0) {
		look(group, app, instant_add(sighting->live_at, LOOK_AGAIN_MS), now, out);
		return;
	}
	if (instant_since(now->mono, sighting->live_at) > ENDING_READING_MS) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		return;
	}
	it->asked = observer_send(&group->observer,
				  (struct request){
					  .type = REQUEST_TERMINATE,
					  .app = app,
					  .server = observer_server(&group->observer, app),
					  .name = member->name,
					  .namespace = member->namespace,
					  .timeout_ms = ENDING_TIMEOUT_MS,
				  },
				  now, out);
}

/* It runs: what its reading says is to be done. */
static void go_on(struct group *group, const struct run_facts *facts, uint32_t app,
		  const struct now *now, struct out *out)
{
	const struct application *seen = group->observer.apps.v[app].app;
	const struct operation *op = application_operation(seen);
	struct ending_app *it = &vec_at(&group->ending.apps, app);

	it->was_running = true;
	if (it->is_denied)
		interrupt(group, facts, app, now, out);
	else if (op == &seen->requested || op->phase == OP_TERMINATING)
		look(group, app, instant_add(group->observer.apps.v[app].live_at, LOOK_AGAIN_MS),
		     now, out);
	else
		ask(group, app, &facts->members.v[app], now, out);
}

/* Its operation is over, or was none of ours. */
static bool is_settled(struct group *group, const struct run_facts *facts, uint32_t app,
		       const struct now *now, struct out *out)
{
	const struct application *seen = group->observer.apps.v[app].app;
	const struct ending_app *it = &vec_at(&group->ending.apps, app);

	if (application_in_operation(seen) && is_ours(group->plan, application_operation(seen))) {
		go_on(group, facts, app, now, out);
		return false;
	}
	if (!is_ours(group->plan, &seen->shown))
		return true;
	if (was_terminated(&seen->shown))
		end(group, facts, app, (struct cause){CAUSE_OPERATION_TERMINATED, STR(""), STR("")},
		    now, out);
	else if (it->was_running)
		end(group, facts, app,
		    (struct cause){CAUSE_OPERATION_OVER, str_of(op_phase_name(seen->shown.phase)),
				   STR("")},
		    now, out);
	return true;
}

static bool is_ended(struct group *group, const struct run_facts *facts, uint32_t app,
		     const struct now *now, struct out *out)
{
	const struct sighting *sighting = &group->observer.apps.v[app];
	const struct ending_app *it = &vec_at(&group->ending.apps, app);

	if (!may_run(&facts->members.v[app]) || sighting->is_gone)
		return true;
	if (instant_cmp(now->mono, group->ending.until) >= 0) {
		interrupt(group, facts, app, now, out);
		return false;
	}
	if (sighting->post_id)
		return false; /* whether there is one is known in a moment */
	uint64_t since = MAX(MAX(group->ending.since_turn, sighting->post_reply_turn),
			     it->since_turn);
	if (!sighting->is_live || sighting->live_turn < since) {
		observer_ask(&group->observer, app, REQUEST_GET, now, out);
		return false;
	}
	/* It may tell of the POSTs before it. */
	if (group_settle_post(group, facts, app, now, out))
		return false;
	return is_settled(group, facts, app, now, out);
}

/* ---- all of them ---- */

static void begin(struct group *group, const struct run_facts *facts, const struct now *now)
{
	int64_t gone = MAX(wall_since(now->wall, facts->terminated_at), INT64_C(0));
	struct ending *ending = &group->ending;

	if (ending->until.ms == 0)
		ending->until = instant_add(now->mono, MAX(ENDING_PATIENCE_MS - gone, INT64_C(0)));
}

/* Nobody else judges them any more. */
static void forget_dirty(struct observer *observer)
{
	vec_each(app, &observer->dirty)
		observer->apps.v[*app].is_dirty = false;
	vec_clear(&observer->dirty);
}

bool ending_is_over(struct group *group, const struct run_facts *facts, bool can_look,
		    const struct now *now, struct out *out)
{
	struct ending *ending = &group->ending;
	bool is_late;
	uint32_t open = 0;

	begin(group, facts, now);
	is_late = instant_cmp(now->mono, ending->until) >= 0;
	if (!can_look && !is_late) {
		vec_each(member, &facts->members)
			open += may_run(member);
		return open == 0;
	}
	if (ending->since_turn == 0)
		ending->since_turn = now->turn;
	while (ending->apps.n < facts->members.n)
		vec_push(&ending->apps, (struct ending_app){0});
	forget_dirty(&group->observer);
	for (uint32_t i = 0; i < facts->members.n; i++)
		open += !is_ended(group, facts, i, now, out);
	observer_offer_room(&group->observer);
	return open == 0 && out->entries.n == 0;
}

/* "2 terminated" */
static struct str counted(struct str words, uint32_t n, const char *what, struct arena *arena)
{
	return n == 0 ? words
		      : arena_printf(arena, STR_FMT "%s%u %s", STR_ARG(words),
				     str_empty(words) ? "" : ", ", n, what);
}

struct str ending_words(const struct group *group, const struct run_facts *facts,
			struct arena *arena)
{
	uint32_t terminated = 0, over = 0, running = 0, others = 0;
	struct str words = STR("");

	for (uint32_t i = 0; i < facts->members.n; i++) {
		const struct member *member = &facts->members.v[i];
		const struct application *seen = group->observer.apps.v[i].app;
		bool is_told = member->is_ended && member->code == EXIT_TERMINATED;
		terminated += is_told && member->cause == CAUSE_OPERATION_TERMINATED;
		over += is_told && member->cause == CAUSE_OPERATION_OVER;
		running += is_told && member->cause == CAUSE_INTERRUPTED;
		others += seen && application_in_operation(seen) &&
			  !is_ours(group->plan, application_operation(seen));
	}
	words = counted(words, terminated, "terminated", arena);
	words = counted(words, over, "ended by itself", arena);
	words = counted(words, running, "not known to have ended", arena);
	words = counted(words, others, "of others left alone", arena);
	return str_empty(words) ? STR("none of its operations was under way")
				: arena_printf(arena, "operations: " STR_FMT, STR_ARG(words));
}
