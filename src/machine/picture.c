#include "machine/picture.h"

#include "machine/steering.h"

/* No news for so long is worth a word: a rollout that moves on has some. */
enum { STUCK_AFTER_MS = 60'000 };

/* ---- applications ---- */

/* All that is known is that its operation had begun: the run is over and was read from its journal,
 * or nobody waits for it any more and it has not been seen to end. */
static bool was_left_running(const struct run *run, uint32_t app)
{
	const struct member *member = &run->facts.members.v[app];
	const struct application *seen = run->group.observer.apps.v[app].app;

	if (member_leaves_operation(member))
		return !seen || application_in_operation(seen);
	return run->facts.is_over && !seen && member_has_operation(member);
}

static enum app_phase phase_of(const struct member *member, const struct sighting *sighting)
{
	if (member->is_ended)
		return member->code == EXIT_DONE ? PHASE_LEFT : PHASE_FAILED;
	if (member->is_skipped_by_order)
		return PHASE_LEFT;
	if (member->is_done && sighting->wellness == UNWELL)
		return PHASE_SETTLING;
	if (member->is_confirmed)
		return PHASE_CONFIRMED;
	if (member->is_done)
		return PHASE_DONE;
	return (enum app_phase)sighting->phase;
}

/* What is waited for; of a controller that answers nothing, its symptoms say little. */
static struct cause cause_of(struct run *run, uint32_t app, const struct now *now,
			     struct arena *arena)
{
	int64_t silent_ms = observer_silent_ms(&run->group.observer, app, now);
	struct out out = {.arena = *arena};
	struct note note = {0};

	group_describe(&run->group, &run->facts, app, now, &note, &out);
	*arena = out.arena;
	if (silent_ms > 0 && cause_passes(note.cause.type))
		return (struct cause){
			CAUSE_CONTROLLER, STR(""),
			arena_copy(arena, str_of(duration_format(silent_ms - silent_ms % 1000).s))};
	return note.cause;
}

static bool is_silent(const struct run *run, uint32_t app, const struct now *now)
{
	return observer_silent_ms(&run->group.observer, app, now) > 0;
}

static void take_app(struct run *run, uint32_t app, const struct now *now, struct arena *arena,
		     struct overview_app *ret)
{
	const struct member *member = &run->facts.members.v[app];
	const struct sighting *sighting = &run->group.observer.apps.v[app];

	*ret = (struct overview_app){
		.name = member->name,
		.namespace = member->namespace,
		.stage = member->stage,
		.phase = phase_of(member, sighting),
		.cause = {.type = CAUSE_SYNCED},
		.is_skipped = member->is_skipped_by_order,
		.is_unchanged = member->is_done && member->is_skipped,
		.code = member->code,
	};
	if (member->is_ended) {
		ret->cause = (struct cause){member->cause, member->cause_subject,
					    member->cause_message};
		return;
	}
	if (member->is_done && sighting->wellness == WELL && !is_silent(run, app, now))
		return;
	if (was_left_running(run, app)) {
		ret->phase = member->is_skipped_by_order ? PHASE_LEFT : PHASE_SYNCING;
		ret->cause = (struct cause){.type = CAUSE_OPERATION};
		return;
	}
	ret->cause = cause_of(run, app, now, arena);
	if (sighting->told_at.ms > 0)
		ret->still_ms = instant_since(now->mono, sighting->told_at);
	ret->is_stuck = !cause_passes(ret->cause.type) || ret->still_ms >= STUCK_AFTER_MS;
}

static void take_posts(const struct run *run, struct arena *arena, struct overview *ret)
{
	const struct doubts *doubts = &run->facts.doubts;
	struct overview_post *posts = arena_array(arena, struct overview_post, doubts->n);

	for (size_t i = 0; i < doubts->n; i++)
		posts[i] = (struct overview_post){
			.app = doubts->v[i].app,
			.attempt = doubts->v[i].attempt,
			.repeat = doubt_verdict(&doubts->v[i]),
		};
	ret->posts = posts;
	ret->post_count = doubts->n;
}

/* ---- stages ---- */

static enum stage_state state_of(const struct run *run, uint32_t number)
{
	const struct run_facts *facts = &run->facts;
	const struct stage_facts *stage = &facts->stages[number];

	if (number >= facts->begun)
		return steering_gate(run->plan, facts) == number ? STAGE_AT_GATE : STAGE_TO_COME;
	if (stage->is_passed && stage_has_all(stage, stage->confirmed))
		return STAGE_DONE;
	if (stage->is_barrier)
		return STAGE_AT_BARRIER;
	bool is_owed = stage->soaked_ms < run->plan->stages[number].soak.for_ms;
	if (stage_has_all(stage, stage->done))
		return stage->is_soaking && is_owed ? STAGE_SOAKING : STAGE_AT_BARRIER;
	return STAGE_AT_WORK;
}

static void take_stage(const struct run *run, uint32_t number, struct arena *arena,
		       struct overview_stage *ret)
{
	const struct stage_facts *stage = &run->facts.stages[number];
	bool is_at_work = number + 1 == run->facts.begun;

	*ret = (struct overview_stage){
		.name = plan_stage_name(run->plan, number, arena),
		.plan = &run->plan->stages[number],
		.state = state_of(run, number),
		.begun_at = stage->begun_at,
		.nonce = stage->gate.nonce,
		.gate_opened_at = stage->gate.opened_at,
		.approvals = stage->gate.approvals,
		.is_declined = stage->gate.is_declined,
		.soaked_ms = stage->soaked_ms + (is_at_work ? run->group.soak.counted_ms : 0),
		.breaches = stage->breaches,
	};
	if (stage->breaches > 0)
		ret->broken_by = run->facts.members.v[stage->broken_by].name;
}

static void count(const struct overview_app *app, struct counts *counts)
{
	counts->total++;
	counts->by_phase[app->phase]++;
	counts->skipped += app->is_unchanged;
}

/* ---- why ---- */

/* Of the stage at work. */
static int64_t soak_left_ms(const struct run *run, uint32_t number)
{
	return run->plan->stages[number].soak.for_ms - run->facts.stages[number].soaked_ms -
	       run->group.soak.counted_ms;
}

static struct cause trouble_of(const struct run *run, uint32_t server, struct arena *arena)
{
	const struct trouble *trouble = &run->group.observer.servers.v[server].trouble;
	const struct plan_server *at = &run->plan->servers[server];
	bool is_login = trouble->outcome == OUTCOME_UNAUTHENTICATED;

	return (struct cause){is_login ? CAUSE_CREDENTIALS : CAUSE_SERVER,
			      run->plan->more_servers > 0 ? at->context : at->address,
			      outcome_words(trouble->outcome, str_of(trouble->message), arena)};
}

/* By whom, as long as Argo CD still shows that operation. */
static struct str stranger_at(const struct run *run, uint32_t app)
{
	const struct application *seen = run->group.observer.apps.v[app].app;
	uint64_t stranger = run->facts.members.v[app].stranger;

	return seen && seen->shown.id == stranger ? seen->shown.initiator : STR("");
}

/* Who of those that are waited for is farthest from done. */
static int how_far(const struct overview_app *app)
{
	static const int ranks[APP_PHASES] = {
		[PHASE_FAILED] = 0,  [PHASE_REFUSED] = 0,  [PHASE_SETTLING] = 1,
		[PHASE_SYNCING] = 2, [PHASE_WAITING] = 3,  [PHASE_DONE] = 4,
		[PHASE_LEFT] = 5,    [PHASE_CONFIRMED] = 6};
	/* Its turn is not its own affair. */
	return app->cause.type == CAUSE_SLOT ? 4 : ranks[app->phase];
}
enum { FARNESSES = 7 };

/* A soak has lasted for as long as it has to, and ends only when all are Healthy. Asked of who is
 * done, so a stage has begun. */
static bool is_soak_owing(const struct run *run)
{
	uint32_t number = run->facts.begun - 1;

	return state_of(run, number) == STAGE_SOAKING && soak_left_ms(run, number) <= 0;
}

static bool is_unwell(const struct run *run, uint32_t app)
{
	enum wellness wellness = (enum wellness)run->group.observer.apps.v[app].wellness;

	if (!run->facts.members.v[app].is_done)
		return false;
	return wellness == UNWELL || (wellness == PASSING && is_soak_owing(run));
}

static bool is_waited_for(const struct run *run, uint32_t app, const struct overview_app *seen)
{
	const struct member *member = &run->facts.members.v[app];
	bool is_well = member->is_done && !is_unwell(run, app) &&
		       seen->cause.type != CAUSE_CONTROLLER;

	return !member_is_out(member) && !is_well && !facts_is_later(&run->facts, member->stage);
}

struct whys {
	const struct run *run;
	const struct overview *overview;
	struct why *v;
	size_t n;
};

static void add(struct whys *whys, struct why why)
{
	whys->v[whys->n++] = why;
}

static struct why why_of_app(const struct run *run, uint32_t i, const struct overview_app *app)
{
	return (struct why){
		.type = is_unwell(run, i) ? WHY_UNWELL : WHY_APP,
		.app = app->name,
		.server = observer_server(&run->group.observer, i),
		.cause = app->cause,
		.stage = app->stage,
		.still_ms = app->still_ms,
		/* Its turn comes when another one is done: it is not the one that is stuck. */
		.is_stuck = app->is_stuck && app->cause.type != CAUSE_SLOT,
	};
}

/* Who is ill comes before who is stuck. */
static void add_apps(struct whys *whys, enum why_type type, bool is_stuck)
{
	for (int far = 0; far < FARNESSES; far++)
		for (uint32_t i = 0; i < whys->overview->app_count; i++) {
			const struct overview_app *app = &whys->overview->apps[i];
			if (how_far(app) != far || !is_waited_for(whys->run, i, app))
				continue;
			struct why why = why_of_app(whys->run, i, app);
			if (why.type == type && (type == WHY_UNWELL || why.is_stuck == is_stuck))
				add(whys, why);
		}
}

/* What stands until somebody does something. */
static void add_standing(struct whys *whys, struct arena *arena)
{
	const struct run *run = whys->run;
	const struct run_facts *facts = &run->facts;
	uint32_t gate = steering_gate(run->plan, facts);

	for (uint32_t i = 0; i < plan_server_count(run->plan); i++)
		if (run->group.observer.servers.v[i].trouble.is_on)
			add(whys, (struct why){.type = WHY_SERVER,
					       .server = i,
					       .cause = trouble_of(run, i, arena)});
	if (facts->is_terminated)
		add(whys, (struct why){.type = WHY_ENDING,
				       .who = facts->last_who,
				       .text = facts->last_reason});
	if (facts->is_halted)
		add(whys,
		    (struct why){.type = WHY_FAILED,
				 .app = facts->members.v[facts->halted_by].name,
				 .server = observer_server(&run->group.observer, facts->halted_by),
				 .cause = whys->overview->apps[facts->halted_by].cause,
				 .stage = facts->members.v[facts->halted_by].stage});
	if (facts->is_paused)
		add(whys, (struct why){.type = WHY_PAUSED,
				       .who = facts->last_who,
				       .text = facts->last_reason});
	if (facts->is_held)
		add(whys,
		    (struct why){.type = WHY_HELD,
				 .app = facts->members.v[facts->held_by].name,
				 .server = observer_server(&run->group.observer, facts->held_by),
				 .who = stranger_at(run, facts->held_by)});
	add_apps(whys, WHY_UNWELL, true);
	add_apps(whys, WHY_APP, true);
	if (gate != STAGE_NONE)
		add(whys, (struct why){.type = WHY_GATE, .stage = gate});
}

/* The stage at work, once all of it are done. */
static struct why why_of_stage(const struct run *run)
{
	const struct run_facts *facts = &run->facts;
	uint32_t number = facts->begun - 1;

	if (state_of(run, number) != STAGE_SOAKING)
		return (struct why){.type = WHY_BARRIER, .stage = number};
	return (struct why){
		.type = WHY_SOAK,
		.stage = number,
		.left_ms = soak_left_ms(run, number),
	};
}

static void add_going_on(struct whys *whys)
{
	add_apps(whys, WHY_APP, false);
	for (size_t i = 0; i < whys->n; i++)
		if (whys->v[i].type == WHY_APP || whys->v[i].type == WHY_GATE)
			return;
	add(whys, why_of_stage(whys->run));
}

/* The first one that ended not well is why the others did not go on. */
static struct why why_of_end(const struct run *run, const struct overview *overview)
{
	const struct run_facts *facts = &run->facts;
	struct why why = {.type = WHY_OVER,
			  .code = facts->end_code,
			  .who = facts->last_who,
			  .text = facts->last_reason,
			  .stage = STAGE_NONE};

	if (facts->is_halted) {
		why.app = overview->apps[facts->halted_by].name;
		why.server = observer_server(&run->group.observer, facts->halted_by);
		why.cause = overview->apps[facts->halted_by].cause;
	}
	return why;
}

static void find_whys(const struct run *run, struct arena *arena, struct overview *ret)
{
	enum { BESIDE_APPS = 6 };
	size_t max = ret->app_count + plan_server_count(run->plan) + BESIDE_APPS;
	struct whys whys = {run, ret, arena_array(arena, struct why, max), 0};

	if (run->facts.is_over) {
		add(&whys, why_of_end(run, ret));
	} else {
		add_standing(&whys, arena);
		if (run->phase == RUN_SYNC && run->facts.begun > 0)
			add_going_on(&whys);
		else if (steering_gate(run->plan, &run->facts) == STAGE_NONE)
			add(&whys, (struct why){.type = WHY_BEGINNING});
	}
	ret->whys = whys.v;
	ret->why_count = whys.n;
}

void picture_make(struct run *run, const struct now *now, struct arena *arena, struct overview *ret)
{
	size_t count_apps = run->facts.members.n;
	struct overview_app *apps = arena_array(arena, struct overview_app, count_apps);
	struct overview_stage *stages = arena_array(arena, struct overview_stage,
						    run->plan->stage_count);
	struct overview_server *servers = arena_array(arena, struct overview_server,
						      plan_server_count(run->plan));

	*ret = (struct overview){
		.plan = run->plan,
		.servers = servers,
		.now = now->wall,
		.is_over = run->facts.is_over,
		.code = run->facts.end_code,
		.end_text = run->facts.end_text,
		.stages = stages,
		.apps = apps,
		.app_count = count_apps,
	};
	for (uint32_t i = 0; i < plan_server_count(run->plan); i++)
		servers[i] = (struct overview_server){
			.version = str_of(run->group.observer.servers.v[i].version),
			.url = str_of(run->group.observer.servers.v[i].url),
		};
	for (uint32_t i = 0; i < run->plan->stage_count; i++)
		take_stage(run, i, arena, &stages[i]);
	for (uint32_t i = 0; i < count_apps; i++) {
		take_app(run, i, now, arena, &apps[i]);
		count(&apps[i], &stages[apps[i].stage].counts);
	}
	take_posts(run, arena, ret);
	find_whys(run, arena, ret);
}
