#include "machine/run.h"

#include "base/check.h"
#include "base/mutant.h"
#include "machine/admission.h"
#include "machine/ending.h"
#include "machine/heed.h"
#include "machine/steering.h"

enum {
	/* Before the group starts nothing is lost by giving up soon; sync's help says so. Nor has a
	 * single request more time. */
	START_PATIENCE_MS = 10'000,
	START_RETRY_MS = 1'000,
	HEARTBEAT_MS = 30'000,
};

void run_init(struct run *run, const struct plan *plan, uint64_t seed)
{
	*run = (struct run){.plan = plan};
	for (uint32_t i = 0; i < plan_server_count(plan); i++)
		vec_push(&run->servers, (struct run_server){.ask_again_at = INSTANT_NEVER});
	group_init(&run->group, plan, seed);
}

/* Of a promotion that was saved: a gate before the first stage opens when the plan is good. */
static bool was_accepted(const struct run_facts *facts)
{
	return facts->begun > 0 || !str_empty(facts->stages[0].gate.nonce);
}

void run_restore(struct run *run, const struct entry *entries, size_t count)
{
	if (MUTANT(FORGETS_LAST) && count > 0)
		count--;
	for (size_t i = 0; i < count; i++)
		facts_apply(&run->facts, &entries[i]);
	group_restore(&run->group, &run->facts);
	run->is_restored = was_accepted(&run->facts);
	if (run->facts.is_over)
		run->phase = RUN_OVER;
}

void run_release(struct run *run)
{
	vec_release(&run->servers);
	group_release(&run->group);
	facts_release(&run->facts);
}

void run_apply(struct run_facts *facts, const struct entry *entry)
{
	facts_apply(facts, entry);
}

/* ---- the end ---- */

/* Of POSTs that are not answered yet nobody will know what became of them. */
static void leave_posts(struct run *run, const struct now *now, struct out *out)
{
	struct doubts *doubts = &run->facts.doubts;

	for (uint32_t i = 0; i < run->facts.members.n; i++) {
		const struct member *member = &run->facts.members.v[i];
		uint32_t twice = doubts_count(doubts, i, REPEAT_TWICE);
		uint32_t possibly = doubts_count(doubts, i, REPEAT_POSSIBLY_TWICE);
		if (member->post != POST_OPEN)
			continue;
		doubts_leave(doubts, i, member->posts);
		heed_tell(&run->group, &run->facts, i, twice, possibly, now, out);
	}
}

/* `end` says why: code, text, outcome, cause. */
static void finish_for(struct run *run, struct note end, const struct now *now, struct out *out)
{
	leave_posts(run, now, out);
	if (run->plan->is_promotion)
		vec_push(&out->entries, (struct entry){
						.type = ENTRY_OVER,
						.app = APP_NONE,
						.stage = STAGE_NONE,
						.code = end.code,
						.message = end.text,
						.at = now->wall,
					});
	run->facts.end_code = end.code;
	run->facts.is_over = true; /* also where no more passes follow */
	end.type = NOTE_END;
	end.now = *now;
	end.counts = group_counts(&run->group, &run->facts, STAGE_NONE);
	end.stage = stages_passed(&run->facts);
	end.best_effort = group_best_effort(&run->group);
	out_note(out, end);
	vec_push(&out->effects, (struct effect){.type = FX_EXIT, .code = end.code});
	run->phase = RUN_OVER;
}

static void finish(struct run *run, int code, struct str text, const struct now *now,
		   struct out *out)
{
	finish_for(run, (struct note){.code = code, .text = text}, now, out);
}

/* The names of the applications whose operation goes on without us. */
static struct str still_running(const struct run *run, struct out *out)
{
	const struct observer *observer = &run->group.observer;
	struct str names = STR("");

	for (uint32_t i = 0; i < run->facts.members.n; i++) {
		const struct sighting *sighting = &observer->apps.v[i];
		const struct member *member = &run->facts.members.v[i];
		struct str name = plan_app_name(run->plan, observer_server(observer, i),
						sighting->name, &out->arena);
		bool is_running = sighting->app && application_in_operation(sighting->app);
		if (!member_is_settled(member) && (is_running || member->post == POST_OPEN))
			names = arena_printf(&out->arena, STR_FMT "%s" STR_FMT, STR_ARG(names),
					     str_empty(names) ? "" : ", ", STR_ARG(name));
	}
	return names;
}

static void interrupt(struct run *run, const struct event *ev, struct out *out)
{
	struct str names = still_running(run, out);
	struct str text = STR("interrupted; nothing is running");

	if (!str_empty(names))
		text = arena_printf(&out->arena, "interrupted; still running in Argo CD: " STR_FMT,
				    STR_ARG(names));
	finish(run, ev->code, text, &ev->now, out);
}

/* ---- the servers ---- */

static void finish_by(struct run *run, uint32_t server, enum outcome outcome, struct str message,
		      const struct now *now, struct out *out)
{
	finish_for(run,
		   (struct note){.code = outcome_exit_code(outcome),
				 .text = observer_words(&run->group.observer, server, outcome,
							message, &out->arena),
				 .outcome = outcome},
		   now, out);
}

/* How long a server that does not answer is waited for. */
static int64_t patience_ms(const struct run *run)
{
	int64_t given = run->plan->server_timeout_ms;

	return run->phase == RUN_SYNC ? given : MIN(given, (int64_t)START_PATIENCE_MS);
}

/* A promotion waits for its server however long that takes: it is durable, and its people are told.
 * Only its very start is like any other. */
static bool is_patient(const struct run *run)
{
	return run->plan->is_promotion && (run->phase == RUN_SYNC || run->is_restored);
}

/* All of them are away. It decides nothing meanwhile: the clocks of all waits stand still. */
static bool is_blind(const struct run *run)
{
	for (uint32_t i = 0; i < run->servers.n; i++)
		if (!group_is_away(&run->group, i))
			return false;
	return run->phase == RUN_SYNC;
}

/* What could not be seen has not lasted: whatever is waited for gets that time back. */
static void give_back(struct run *run, uint32_t server, int64_t outage_ms)
{
	struct observer *observer = &run->group.observer;
	uint32_t at_work = plan_servers_until(run->plan, MAX(run->facts.begun, UINT32_C(1)));

	if (!is_patient(run))
		return;
	/* Without those before it, the stage at work could not go on either. */
	if (at_work >> server & 1)
		run->group.stage_started = instant_add(run->group.stage_started, outage_ms);
	for (uint32_t i = 0; i < observer->apps.n; i++) {
		struct sighting *sighting = &observer->apps.v[i];
		if (observer_server(observer, i) != server)
			continue;
		sighting->wait.since = instant_add(sighting->wait.since, outage_ms);
		sighting->grace.since = instant_add(sighting->grace.since, outage_ms);
		sighting->told_at = instant_add(sighting->told_at, outage_ms);
	}
	group_mark(&run->group, STAGE_NONE);
}

static struct str again_words(const struct run *run, uint32_t server, struct arena *arena)
{
	if (run->plan->more_servers == 0)
		return STR("Argo CD answers again");
	return arena_printf(arena, STR_FMT ": Argo CD answers again",
			    STR_ARG(run->plan->servers[server].context));
}

static struct str trouble_words(const struct run *run, uint32_t number, struct arena *arena)
{
	const struct trouble *trouble = &run->group.observer.servers.v[number].trouble;

	return observer_words(&run->group.observer, number, trouble->outcome,
			      str_of(trouble->message), arena);
}

/* A server that does not answer is waited for: a little before the group starts, longer after. */
static void watch_trouble(struct run *run, uint32_t number, const struct now *now, struct out *out)
{
	const struct trouble *trouble = &run->group.observer.servers.v[number].trouble;
	struct run_server *server = &run->servers.v[number];
	bool is_started = run->phase == RUN_SYNC;
	int64_t patience = patience_ms(run);

	if (!trouble->is_on) {
		if (server->is_trouble_told) {
			struct note note = {
				.type = NOTE_WARNING,
				.now = *now,
				.text = again_words(run, number, &out->arena),
			};
			out_note(out, note);
			give_back(run, number, instant_since(now->mono, trouble->since));
		}
		server->is_trouble_told = false;
		return;
	}
	bool is_login = trouble->outcome == OUTCOME_UNAUTHENTICATED;
	bool is_over = instant_since(now->mono, trouble->since) >= patience ||
		       (is_login && !is_started);
	if (is_over && !is_patient(run)) {
		/* 4 promises that nothing was accepted. */
		if (is_login && run->facts.accepted > 0)
			finish(run, EXIT_TIMEOUT, trouble_words(run, number, &out->arena), now,
			       out);
		else
			finish_by(run, number, trouble->outcome, str_of(trouble->message), now,
				  out);
		return;
	}
	if (server->is_trouble_told && server->told_trouble == trouble->outcome)
		return;
	server->is_trouble_told = true;
	server->told_trouble = trouble->outcome;
	struct str words = trouble_words(run, number, &out->arena);
	struct note note = {
		.type = NOTE_WARNING,
		.now = *now,
		.text = is_patient(run)
				? arena_printf(&out->arena, STR_FMT "; trying again until it works",
					       STR_ARG(words))
				: arena_printf(&out->arena, STR_FMT "; trying again for %s",
					       STR_ARG(words), duration_format(patience).s),
	};
	out_note(out, note);
}

/* ---- the phases before the stages ---- */

static void ask_own(struct run *run, uint32_t number, const struct now *now, struct out *out)
{
	static const enum request_type types[] = {
		[SERVER_VERSION] = REQUEST_VERSION,
		[SERVER_SETTINGS] = REQUEST_SETTINGS,
		[SERVER_KNOWN] = REQUEST_PROJECT, /* only when all Lists were empty */
	};
	struct run_server *server = &run->servers.v[number];
	struct request request = {
		.type = types[server->step],
		.server = number,
		.app = APP_NONE,
		.name = run->plan->project,
		.timeout_ms = patience_ms(run),
	};
	server->ask_again_at = INSTANT_NEVER;
	server->asked = observer_send(&run->group.observer, request, now, out);
}

static bool are_known(const struct run *run)
{
	vec_each(server, &run->servers)
		if (server->step != SERVER_KNOWN)
			return false;
	return true;
}

static void meet(struct run *run, uint32_t number, const struct reply *reply, const struct now *now,
		 struct out *out)
{
	struct seen_server *seen = &run->group.observer.servers.v[number];

	str_keep(reply->url, seen->url, sizeof seen->url);
	str_keep(str_empty(reply->namespace) ? STR("argocd") : reply->namespace, seen->home,
		 sizeof seen->home);
	struct note note = {
		.type = NOTE_CONNECTED,
		.now = *now,
		.name = str_of(seen->url),
		.server = number,
		.text = str_of(seen->version),
	};
	out_note(out, note);
	run->servers.v[number].step = SERVER_KNOWN;
	observer_begin(&run->group.observer, number, now);
	owners_begin(&run->group.owners.v[number], now);
	if (are_known(run))
		run->phase = RUN_SELECT;
}

static struct str selection(const struct run *run, struct out *out)
{
	if (run->plan->stage_count > 1)
		return arena_printf(&out->arena,
				    "no Application of project '" STR_FMT
				    "' is selected by any of the %u stages",
				    STR_ARG(run->plan->project), run->plan->stage_count);
	if (str_empty(run->plan->servers[0].selector))
		return arena_printf(&out->arena, "project '" STR_FMT "' has no Application",
				    STR_ARG(run->plan->project));
	return arena_printf(&out->arena,
			    "no Application of project '" STR_FMT "' matches '" STR_FMT "'",
			    STR_ARG(run->plan->project), STR_ARG(run->plan->servers[0].selector));
}

/* Nothing was selected; the answer about the project says why. */
static void finish_empty(struct run *run, const struct reply *reply, const struct now *now,
			 struct out *out)
{
	struct str what = selection(run, out);
	struct str why = STR("; look at the labels with `argocd app list`, and mind that an "
			     "Application that you may not read is not listed");

	if (reply->outcome == OUTCOME_NOT_FOUND)
		why = arena_printf(&out->arena, ": there is no project '" STR_FMT "'",
				   STR_ARG(run->plan->project));
	else if (reply->outcome == OUTCOME_DENIED)
		why = arena_printf(&out->arena,
				   ": project '" STR_FMT
				   "' does not exist, or these credentials may not read it",
				   STR_ARG(run->plan->project));
	finish(run, EXIT_USAGE,
	       arena_printf(&out->arena, STR_FMT STR_FMT, STR_ARG(what), STR_ARG(why)), now, out);
}

/* An answer to a step's own request. */
static void see_own(struct run *run, uint32_t number, const struct reply *reply,
		    const struct now *now, struct out *out)
{
	struct run_server *server = &run->servers.v[number];
	struct seen_server *seen = &run->group.observer.servers.v[number];

	server->asked = 0;
	if (run->phase > RUN_SELECT)
		return; /* an Application appeared while we asked why there was none */
	bool is_passing = outcome_is_passing(reply->outcome) || is_patient(run);
	if (reply->outcome != OUTCOME_OK && is_passing) {
		server->ask_again_at = instant_add(now->mono, START_RETRY_MS);
		return;
	}
	if (server->step == SERVER_KNOWN) {
		finish_empty(run, reply, now, out);
		return;
	}
	if (reply->outcome != OUTCOME_OK) {
		finish_by(run, number, reply->outcome, reply->message, now, out);
		return;
	}
	if (server->step == SERVER_VERSION) {
		str_keep(reply->version, seen->version, sizeof seen->version);
		server->step = SERVER_SETTINGS;
		ask_own(run, number, now, out);
		return;
	}
	meet(run, number, reply, now, out);
}

static void start(struct run *run, const struct now *now, struct out *out)
{
	run->group.started = now->mono;
	run->group.told_at = now->mono;
	for (uint32_t i = 0; i < run->servers.n; i++) {
		run->servers.v[i].step = SERVER_VERSION;
		ask_own(run, i, now, out);
	}
}

/* What comes of it for POSTs that were not answered is told, too. */
static void take(struct run *run, const struct entry *entry, const struct now *now, struct out *out)
{
	const struct doubts *doubts = &run->facts.doubts;

	if (!doubts_may_change(entry->type)) {
		run_apply(&run->facts, entry);
		return;
	}
	uint32_t twice = doubts_count(doubts, entry->app, REPEAT_TWICE);
	uint32_t possibly = doubts_count(doubts, entry->app, REPEAT_POSSIBLY_TWICE);

	run_apply(&run->facts, entry);
	heed_tell(&run->group, &run->facts, entry->app, twice, possibly, now, out);
}

/* The entry is applied here: what is decided in this turn stands on it. */
static void see_instruction(struct run *run, const struct event *ev, struct out *out)
{
	if (!steering_take(run->plan, &run->facts, ev->instruction, &ev->now, out))
		return;
	const struct entry *entry = &vec_last(&out->entries);
	run_apply(&run->facts, entry);
	if (entry->type == ENTRY_SKIPPED)
		group_drop(&run->group, entry->app);
	if (entry->type == ENTRY_RETRIED) {
		run->phase = RUN_CONNECT;
		run->is_restored = true;
		start(run, &ev->now, out);
	}
	group_mark(&run->group, STAGE_NONE);
}

static void see(struct run *run, const struct event *ev, struct out *out)
{
	observer_see(&run->group.observer, ev);
	while (heed(&run->group, &run->facts, ev, out))
		take(run, &vec_last(&out->entries), &ev->now, out);
	if (ev->type == EV_START)
		start(run, &ev->now, out);
	if (ev->type == EV_LOOK)
		observer_list_now(&run->group.observer, ev->now.mono);
	if (ev->type == EV_INSTRUCTION)
		see_instruction(run, ev, out);
	if (ev->type != EV_REPLY)
		return;
	const struct reply *reply = ev->reply;
	const struct seen_server *from = &run->group.observer.servers.v[ev->server];
	ending_see(&run->group, reply, &ev->now);
	owners_see(&run->group.owners.v[ev->server], &run->group.observer, reply,
		   str_of(from->home), &ev->now);
	if (reply->id == run->servers.v[ev->server].asked)
		see_own(run, ev->server, reply, &ev->now, out);
	bool is_list_refused = reply->type == REQUEST_LIST && run->phase <= RUN_SELECT &&
			       !is_patient(run) && reply->outcome != OUTCOME_OK &&
			       !outcome_is_passing(reply->outcome);
	if (is_list_refused)
		finish_by(run, ev->server, reply->outcome, reply->message, &ev->now, out);
}

/* ---- deciding ---- */

static void tell_heartbeat(struct run *run, const struct now *now, struct out *out)
{
	struct note note = {
		.type = NOTE_HEARTBEAT,
		.now = *now,
		.counts = group_counts(&run->group, &run->facts, STAGE_NONE),
	};
	uint32_t worst = group_worst(&run->group, &run->facts, now, &out->arena);
	if (worst != APP_NONE)
		group_describe(&run->group, &run->facts, worst, now, &note, out);
	run->group.told_at = now->mono;
	out_note(out, note);
}

static void decide_select(struct run *run, const struct now *now, struct out *out)
{
	bool is_expected = run->plan->stages[0].expect > 0 && !run->plan->is_dry_run;
	struct run_server *first = &run->servers.v[0];

	vec_each(server, &run->group.observer.servers)
		if (!server->is_list_known)
			return;
	if (run->group.observer.apps.n == 0 && !is_expected) {
		bool is_empty = group_is_complete(&run->group);
		if (is_empty && !first->asked && instant_is_never(first->ask_again_at))
			ask_own(run, 0, now, out);
		return;
	}
	run->phase = RUN_READ;
	first->ask_again_at = INSTANT_NEVER;
	run->group.started = run->group.stage_started = now->mono;
}

static instant expect_until(const struct run *run)
{
	return instant_add(run->group.started, run->plan->revision_timeout_ms);
}

/* --expect: true while there are fewer members than that, and they are waited for. */
static bool is_short(struct run *run, const struct now *now, struct out *out)
{
	uint32_t stage = stage_find_short(&run->group, &run->facts);

	if (stage == STAGE_NONE)
		return false;
	struct str words = arena_printf(&out->arena, STR_FMT " has %u of %u expected applications",
					STR_ARG(plan_stage_name(run->plan, stage, &out->arena)),
					run->facts.stages[stage].members,
					run->plan->stages[stage].expect);
	if (run->plan->is_dry_run) {
		group_warn(&run->group, words, now, out);
		return false; /* it shows what there is */
	}
	if (instant_cmp(now->mono, expect_until(run)) >= 0) {
		finish_for(run,
			   (struct note){.code = EXIT_TIMEOUT,
					 .text = words,
					 .cause.type = CAUSE_UNEXPECTED},
			   now, out);
		return true;
	}
	if (!run->is_shortage_told)
		group_warn(&run->group,
			   arena_printf(&out->arena, STR_FMT "; waiting for the others",
					STR_ARG(words)),
			   now, out);
	run->is_shortage_told = true;
	return true;
}

/* A dry run: the plan, who may not be in it, and what would be done to the others. */
static void preview(struct run *run, const struct now *now, struct out *out)
{
	int code;

	stage_tell_plan(&run->group, &run->facts, now, out);
	uint32_t refused = admission_refuse(&run->group, &run->facts, now, out, &code);
	int shown = admission_preview(&run->group, &run->facts, now, out);
	struct str text = STR("dry run: nothing was posted");
	if (refused > 0)
		text = arena_printf(&out->arena, STR_FMT "; refused: %u of %zu applications",
				    STR_ARG(text), refused, run->facts.members.n);
	finish(run, refused > 0 ? code : shown, text, now, out);
}

/* True if the plan cannot be carried out, whoever is in it: the run is over then. */
static bool is_faulty(struct run *run, const struct now *now, struct out *out)
{
	int code;
	struct str fault = stage_find_fault(&run->group, &run->facts, &out->arena, &code);

	if (!str_empty(fault)) {
		struct note end = {.code = code, .text = fault};
		if (code != EXIT_USAGE)
			end.cause.type = CAUSE_UNEXPECTED;
		finish_for(run, end, now, out);
		return true;
	}
	return false;
}

/* True if somebody may not be in it. */
static bool is_refused(struct run *run, const struct now *now, struct out *out)
{
	int code;
	uint32_t refused = admission_refuse(&run->group, &run->facts, now, out, &code);
	if (refused == 0)
		return false;
	finish(run, code,
	       arena_printf(&out->arena,
			    "refused before anything was posted: %u of %zu applications", refused,
			    run->facts.members.n),
	       now, out);
	return true;
}

static void enter_sync(struct run *run)
{
	run->phase = RUN_SYNC;
	run->group.is_posting_on = true;
	group_mark(&run->group, STAGE_NONE);
}

/* The plan was accepted before; all of it has been read again. */
static void go_on(struct run *run, const struct now *now, struct out *out)
{
	struct note note = {
		.type = NOTE_RESTARTED,
		.now = *now,
		.stage = run->facts.begun,
		.counts = group_counts(&run->group, &run->facts, STAGE_NONE),
	};

	out_note(out, note);
	stage_restore(&run->group, &run->facts, now, out);
	enter_sync(run);
}

static void decide_read(struct run *run, const struct now *now, struct out *out)
{
	admission_take_in(&run->group, &run->facts, now, out);
	if (!admission_read(&run->group, &run->facts, now, out) || out->entries.n > 0)
		return;
	if (run->is_restored) {
		go_on(run, now, out);
		return;
	}
	if (is_short(run, now, out) || is_faulty(run, now, out))
		return;
	if (run->plan->is_dry_run) {
		preview(run, now, out);
		return;
	}
	if (is_refused(run, now, out))
		return;
	stage_tell_plan(&run->group, &run->facts, now, out);
	enter_sync(run);
}

/* People have ended it. */
static bool is_ended_by_people(struct run *run, const struct now *now, struct out *out)
{
	const struct run_facts *facts = &run->facts;
	uint32_t next = facts->begun;
	struct str why = str_empty(facts->last_reason) ? STR("")
						       : arena_printf(&out->arena, ": " STR_FMT,
								      STR_ARG(facts->last_reason));
	struct str who = str_empty(facts->last_who) ? STR("")
						    : arena_printf(&out->arena, " by " STR_FMT,
								   STR_ARG(facts->last_who));

	if (facts->is_terminated) {
		struct str end = arena_printf(&out->arena, "terminated" STR_FMT STR_FMT,
					      STR_ARG(who), STR_ARG(why));
		if (facts->ends_operations)
			end = arena_printf(&out->arena, STR_FMT "; " STR_FMT, STR_ARG(end),
					   STR_ARG(ending_words(&run->group, facts, &out->arena)));
		finish(run, EXIT_TERMINATED, end, now, out);
		return true;
	}
	if (next >= run->plan->stage_count || !facts->stages[next].gate.is_declined)
		return false;
	finish(run, EXIT_FAILED,
	       arena_printf(&out->arena, STR_FMT " was rejected" STR_FMT STR_FMT,
			    STR_ARG(plan_stage_name(run->plan, next, &out->arena)), STR_ARG(who),
			    STR_ARG(why)),
	       now, out);
	return true;
}

static void decide_sync(struct run *run, const struct now *now, struct out *out)
{
	bool has_begun = run->facts.begun > 0;
	int code;

	admission_take_in(&run->group, &run->facts, now, out);
	if (!has_begun && out->entries.n == 0)
		stage_decide(&run->group, &run->facts, now, out);
	/* People may hold back the first stage: then its members are watched meanwhile. */
	if (has_begun || out->entries.n == 0)
		group_decide(&run->group, &run->facts, now, out);
	if (out->entries.n > 0 || run->group.observer.dirty.n > 0)
		return; /* first the facts, then the next look at them */
	if (has_begun)
		stage_decide(&run->group, &run->facts, now, out);
	if (out->entries.n > 0)
		return;
	if (stages_are_over(&run->group, &run->facts, &code)) {
		if (code == EXIT_DONE && run->facts.skipped > 0)
			code = EXIT_PARTLY;
		finish(run, code, STR(""), now, out);
		return;
	}
	if (instant_since(now->mono, run->group.told_at) >= HEARTBEAT_MS)
		tell_heartbeat(run, now, out);
}

/* It is terminated, and its operations are still to end; until all is read again after a restart,
 * it reads. */
static bool is_ending(struct run *run, const struct now *now, struct out *out)
{
	return run->facts.ends_operations &&
	       !ending_is_over(&run->group, &run->facts, run->phase == RUN_SYNC, now, out);
}

static void decide(struct run *run, const struct now *now, struct out *out)
{
	bool ends = is_ending(run, now, out);

	if (ends && run->phase == RUN_SYNC)
		return;
	if (!ends && !MUTANT(NO_IS_IGNORED) && is_ended_by_people(run, now, out))
		return;
	for (uint32_t i = 0; i < run->servers.n; i++) {
		const struct run_server *server = &run->servers.v[i];
		if (run->phase <= RUN_SELECT && !server->asked &&
		    instant_cmp(now->mono, server->ask_again_at) >= 0)
			ask_own(run, i, now, out);
	}
	switch (run->phase) {
	case RUN_CONNECT:
	case RUN_OVER:
		return;
	case RUN_SELECT:
		decide_select(run, now, out);
		return;
	case RUN_READ:
		decide_read(run, now, out);
		return;
	case RUN_SYNC:
		if (!is_blind(run))
			decide_sync(run, now, out);
		return;
	}
}

/* Who writes a note says what happened; how long the run was under way then is known here. */
static void stamp_notes(const struct run *run, const struct now *now, struct out *out, size_t first)
{
	instant started = run->group.started;
	if (started.ms == 0) /* heard before the first turn: nothing was under way */
		return;
	for (size_t i = first; i < out->effects.n; i++)
		if (vec_at(&out->effects, i).type == FX_NOTE)
			vec_at(&out->effects, i).note.elapsed_ms = instant_since(now->mono,
										 started);
}

static void turn(struct run *run, const struct event *ev, struct out *out)
{
	see(run, ev, out);
	const struct seen_server *first = &run->group.observer.servers.v[0];
	if (run->phase != RUN_OVER && ev->type == EV_INTERRUPT &&
	    !(MUTANT(DEAF) && first->in_flight > first->is_watching))
		interrupt(run, ev, out);
	for (uint32_t i = 0; i < run->servers.n && run->phase != RUN_OVER; i++)
		watch_trouble(run, i, &ev->now, out);

	/* Entries are applied as they are decided, so that the next decision stands on them; the
	 * engine saves them all before any effect of this turn leaves. */
	bool is_more = true;
	while (is_more && run->phase != RUN_OVER) {
		size_t before = out->entries.n;
		enum run_phase phase = run->phase;
		struct out pass = {.arena = out->arena};
		decide(run, &ev->now, &pass);
		out->arena = pass.arena;
		vec_each(effect, &pass.effects)
			vec_push(&out->effects, *effect);
		vec_each(entry, &pass.entries) {
			take(run, entry, &ev->now, out);
			vec_push(&out->entries, *entry);
		}
		is_more = out->entries.n > before || run->phase != phase ||
			  (run->phase >= RUN_READ && run->group.observer.dirty.n > 0 &&
			   !is_blind(run));
		vec_release(&pass.entries);
		vec_release(&pass.effects);
	}
	if (run->phase == RUN_OVER)
		return;
	vec_each(owners, &run->group.owners)
		owners_keep(owners, &run->group.observer, &ev->now, out);
	observer_keep(&run->group.observer, &ev->now, out);
}

void run_step(struct run *run, const struct event *ev, struct out *out)
{
	if (run->phase == RUN_OVER && ev->type != EV_INSTRUCTION)
		return;
	size_t first = out->effects.n;
	turn(run, ev, out);
	stamp_notes(run, &ev->now, out, first);
}

static instant server_deadline(const struct run *run, uint32_t server)
{
	const struct trouble *trouble = &run->group.observer.servers.v[server].trouble;
	instant first = instant_min(run->servers.v[server].ask_again_at,
				    owners_deadline(&run->group.owners.v[server]));

	if (trouble->is_on && !is_patient(run))
		first = instant_min(first, instant_add(trouble->since, patience_ms(run)));
	return first;
}

instant run_deadline(const struct run *run)
{
	instant first = observer_deadline(&run->group.observer);

	if (run->phase == RUN_OVER)
		return INSTANT_NEVER;
	for (uint32_t i = 0; i < run->servers.n; i++)
		first = instant_min(first, server_deadline(run, i));
	if (run->group.ending.until.ms > 0)
		return instant_min(first, run->group.ending.until);
	if (run->is_shortage_told && run->phase == RUN_READ)
		first = instant_min(first, expect_until(run));
	if (run->phase == RUN_SYNC && !is_blind(run))
		first = instant_min(first,
				    instant_min(run->group.wake,
						instant_add(run->group.told_at, HEARTBEAT_MS)));
	return first;
}
