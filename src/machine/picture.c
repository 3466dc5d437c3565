#include "machine/picture.h"

#include "machine/steering.h"

/* ---- applications ---- */

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

static void take_app(struct run *run, uint32_t app, const struct now *now, struct arena *arena,
		     struct overview_app *ret)
{
	const struct member *member = &run->facts.members.v[app];
	const struct sighting *sighting = &run->group.observer.apps.v[app];
	struct out out = {.arena = *arena};
	struct note note = {0};

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
	if (member->is_ended && !member->is_skipped_by_order) {
		ret->cause = (struct cause){member->cause, member->cause_subject,
					    member->cause_message};
		return;
	}
	if (member->is_done && sighting->wellness == WELL)
		return;
	group_describe(&run->group, &run->facts, app, now, &note, &out);
	*arena = out.arena;
	ret->cause = note.cause;
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
	};
}

static void count(const struct overview_app *app, struct counts *counts)
{
	counts->total++;
	counts->by_phase[app->phase]++;
	counts->skipped += app->is_unchanged;
}

/* ---- why ---- */

/* The first Argo CD that is away; false: none is. */
static bool find_trouble(const struct run *run, struct arena *arena, struct str *ret)
{
	for (uint32_t i = 0; i < plan_server_count(run->plan); i++) {
		const struct trouble *trouble = &run->group.observer.servers.v[i].trouble;
		if (!trouble->is_on)
			continue;
		*ret = observer_words(&run->group.observer, i, trouble->outcome,
				      str_of(trouble->message), arena);
		return true;
	}
	return false;
}

/* What holds all of it; false: nothing does. */
static bool find_whole(const struct run *run, struct arena *arena, struct why *ret)
{
	const struct run_facts *facts = &run->facts;
	uint32_t gate = steering_gate(run->plan, facts);
	struct str trouble;

	*ret = (struct why){
		.stage = STAGE_NONE, .who = facts->last_who, .text = facts->last_reason};
	if (facts->is_over) {
		ret->type = WHY_OVER;
		ret->code = facts->end_code;
	} else if (find_trouble(run, arena, &trouble)) {
		ret->type = WHY_SERVER;
		ret->text = trouble;
	} else if (facts->is_paused) {
		ret->type = WHY_PAUSED;
	} else if (gate != STAGE_NONE) {
		ret->type = WHY_GATE;
		ret->stage = gate;
	} else if (run->phase < RUN_SYNC) {
		ret->type = WHY_BEGINNING;
	} else {
		return false;
	}
	return true;
}

/* The stage at work, once all of it are done. */
static void find_stage(const struct run *run, struct why *ret)
{
	const struct run_facts *facts = &run->facts;
	uint32_t number = facts->begun > 0 ? facts->begun - 1 : 0;
	const struct soak_rule *rule = &run->plan->stages[number].soak;

	*ret = (struct why){.type = WHY_BARRIER, .stage = number};
	if (facts->is_held) {
		ret->type = WHY_HELD;
		ret->app = facts->members.v[facts->held_by].name;
		ret->server = observer_server(&run->group.observer, facts->held_by);
	} else if (facts->begun > 0 && state_of(run, number) == STAGE_SOAKING) {
		ret->type = WHY_SOAK;
		ret->left_ms = rule->for_ms - facts->stages[number].soaked_ms -
			       run->group.soak.counted_ms;
	}
}

/* Who is farthest from done comes first. */
static int how_far(const struct overview_app *app)
{
	static const int ranks[APP_PHASES] = {
		[PHASE_FAILED] = 0,  [PHASE_REFUSED] = 0,  [PHASE_SETTLING] = 1,
		[PHASE_SYNCING] = 2, [PHASE_WAITING] = 3,  [PHASE_DONE] = 4,
		[PHASE_LEFT] = 5,    [PHASE_CONFIRMED] = 6};
	/* Its turn is not its own affair. */
	return app->cause.type == CAUSE_SLOT ? 4 : ranks[app->phase];
}

static bool is_waited_for(const struct run *run, uint32_t app, const struct overview_app *seen)
{
	const struct member *member = &run->facts.members.v[app];
	bool is_well = member->is_done && seen->phase != PHASE_SETTLING;

	return !member_is_out(member) && !is_well && !facts_is_later(&run->facts, member->stage);
}

static size_t find_apps(const struct run *run, const struct overview *overview, struct why *whys)
{
	size_t n = 0;

	for (int far = 0; far <= 6; far++)
		for (uint32_t i = 0; i < overview->app_count; i++) {
			const struct overview_app *app = &overview->apps[i];
			if (how_far(app) != far || !is_waited_for(run, i, app))
				continue;
			whys[n++] = (struct why){
				.type = run->facts.members.v[i].is_done ? WHY_UNWELL : WHY_APP,
				.app = app->name,
				.server = observer_server(&run->group.observer, i),
				.cause = app->cause,
				.stage = app->stage,
			};
		}
	return n;
}

static void find_whys(const struct run *run, struct arena *arena, struct overview *ret)
{
	struct why *whys = arena_array(arena, struct why, ret->app_count + 2);
	size_t n = 0;

	n += find_whole(run, arena, &whys[n]);
	/* With one of several Argo CDs away, something goes on elsewhere. */
	bool is_part = n > 0 && whys[0].type == WHY_SERVER && run->plan->more_servers > 0;
	if (n == 0 || is_part || whys[0].type == WHY_PAUSED || whys[0].type == WHY_GATE)
		n += find_apps(run, ret, &whys[n]);
	if (n == 0 || (n == 1 && whys[0].type == WHY_UNWELL))
		find_stage(run, &whys[n++]);
	ret->whys = whys;
	ret->why_count = n;
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
