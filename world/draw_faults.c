#include "world/draw_inside.h"

#include "base/check.h"

#include <stdio.h>

/* What a fault is about. */
struct target {
	uint32_t stage;
	char app[64];
};

/* When it comes: at a time, or so much after the n-th request of a kind is sent. */
struct moment {
	const char *type; /* NULL: at a time */
	uint32_t number;
	int64_t ms;
	char text[48];
};

/* When it comes, and about whom it is. */
struct strike {
	struct moment moment;
	struct target target;
};

static struct target draw_target(struct draw *draw)
{
	const struct draw_cluster *cluster =
		&draw->clusters[choice_below(draw->choice, draw->cluster_count)];
	struct target target = {.stage = cluster->stage};

	snprintf(target.app, sizeof target.app, "%s-%s-%u",
		 draw_component_name(choice_below(draw->choice, draw->component_count)),
		 draw_stage_name(draw, cluster->stage), cluster->number);
	return target;
}

/* While the run goes on, most likely at its beginning; some before it. */
static int64_t draw_time(struct draw *draw)
{
	int64_t from = choice_chance(draw->choice, 20) ? 0 : draw->drawn->begins_ms;
	int64_t till = choice_chance(draw->choice, 50) ? draw->drawn->begins_ms + 8'000
						       : draw->ends_ms;

	return choice_between(draw->choice, (uint32_t)from, (uint32_t)till);
}

/* Mostly short. */
static int64_t draw_span(struct draw *draw)
{
	uint32_t most = choice_chance(draw->choice, 25) ? 400 : 60;
	return (int64_t)choice_between(draw->choice, 1, most) * 100;
}

/* "at 1234ms", or "with 3 sync+20ms", and so much later. */
static const char *say_moment(struct moment *moment, int64_t later_ms)
{
	long long ms = moment->ms + later_ms;

	if (moment->type)
		snprintf(moment->text, sizeof moment->text, "with %u %s+%lldms", moment->number,
			 moment->type, ms);
	else
		snprintf(moment->text, sizeof moment->text, "at %lldms", ms);
	return moment->text;
}

static struct moment draw_moment(struct draw *draw)
{
	static const char *const types[] = {"sync", "sync", "get", "refresh", "refresh", "refresh"};
	struct moment moment = {.number = choice_between(draw->choice, 1, 40)};
	uint32_t after_ms = choice_chance(draw->choice, 40) ? 0 : choice_below(draw->choice, 900);
	int64_t at_ms = draw_time(draw);
	const char *type = types[choice_below(draw->choice, COUNTOF(types))];
	bool is_triggered = choice_chance(draw->choice, 50);

	moment.type = is_triggered ? type : NULL;
	moment.ms = is_triggered ? after_ms : at_ms;
	return moment;
}

/* Often it strikes the very Application that a request is about. */
static struct strike draw_strike(struct draw *draw)
{
	struct strike strike = {.target = draw_target(draw), .moment = draw_moment(draw)};

	if (strike.moment.type && choice_chance(draw->choice, 65))
		strike.target = (struct target){.stage = DRAWN_STAGE_UNKNOWN, .app = "it"};
	return strike;
}

static void healed_at(struct draw *draw, int64_t ms)
{
	if (ms > draw->drawn->healed_ms)
		draw->drawn->healed_ms = ms;
}

/* The next line strikes. */
static void strikes(struct draw *draw, enum fault fault, uint32_t stage)
{
	struct drawn *drawn = draw->drawn;

	if (drawn->fault_count < DRAWN_FAULTS_MAX)
		drawn->faults[drawn->fault_count++] = (struct drawn_fault){fault, draw->lines + 1,
									   stage};
}

/* ---- Argo CD's components ---- */

static void draw_outage(struct draw *draw, enum fault fault)
{
	static const char *const names[FAULT_COUNT] = {
		[FAULT_SERVER_RESTART] = "server",
		[FAULT_CONTROLLER_RESTART] = "controller",
		[FAULT_APPSETS_DOWN] = "appsets",
		[FAULT_REPO_DOWN] = "repo-server",
	};
	int64_t at = draw_time(draw), till = at + draw_span(draw);
	uint32_t replica = choice_below(draw->choice, draw->replicas);

	if (fault != FAULT_SERVER_RESTART)
		replica = 0;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms stop %s %u", (long long)at, names[fault], replica);
	draw_say(draw, "at %lldms start %s %u", (long long)till, names[fault], replica);
	healed_at(draw, till);
}

static void draw_lag(struct draw *draw, enum fault fault)
{
	const char *name = fault == FAULT_SERVER_LAG ? "server" : "controller";
	int64_t at = draw_time(draw), till = at + draw_span(draw);
	uint32_t lag_ms = choice_between(draw->choice, 5, 50) * 100;
	uint32_t replica = choice_below(draw->choice, draw->replicas);

	if (fault == FAULT_CONTROLLER_LAG)
		replica = 0;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms lag %s %u %ums", (long long)at, name, replica, lag_ms);
	draw_say(draw, "at %lldms lag %s %u 10ms", (long long)till, name, replica);
	healed_at(draw, till);
}

static void draw_events_lost(struct draw *draw, enum fault fault)
{
	struct moment moment = draw_moment(draw);

	uint32_t replica = choice_below(draw->choice, draw->replicas);
	uint32_t count = choice_between(draw->choice, 1, 20);
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "%s lose server %u %u", say_moment(&moment, 0), replica, count);
}

/* ---- the way ---- */

static void draw_cut(struct draw *draw, enum fault fault)
{
	struct moment moment = draw_moment(draw);

	if (!draw_is_tiphys(draw))
		return;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "%s cut", say_moment(&moment, 0));
}

/* "refuse", "get": a spell of the network's weather. */
static void draw_weather(struct draw *draw, enum fault fault)
{
	static const char *const types[] = {"any",     "any",  "sync",	"sync",	    "refresh",
					    "refresh", "list", "watch", "generate", "get"};
	static const uint32_t statuses[] = {429, 500, 502, 503, 504};
	static const char *const words[FAULT_COUNT] = {
		[FAULT_REFUSED] = "refuse",	  [FAULT_LOST] = "lose-request",
		[FAULT_CUT_AFTER] = "cut-answer", [FAULT_UNANSWERED] = "lose-answer",
		[FAULT_STATUS] = "answer-with",	  [FAULT_SLOW] = "slow-request",
		[FAULT_LATE] = "slow-answer",	  [FAULT_TWICE] = "twice",
		[FAULT_SHORT_LIST] = "short",	  [FAULT_ECHO] = "echo",
	};
	const char *type = types[choice_below(draw->choice, COUNTOF(types))];
	uint32_t status = statuses[choice_below(draw->choice, COUNTOF(statuses))];
	int64_t ms = draw_span(draw), at = draw_time(draw);
	uint32_t count = choice_between(draw->choice, 1, 8);
	char with[32] = "";

	if (!draw_is_tiphys(draw))
		return;
	if (fault == FAULT_SHORT_LIST)
		type = "list";
	/* A watch is asked for when the run begins, and seldom again. */
	if (fault == FAULT_ECHO) {
		type = "watch";
		at = choice_chance(draw->choice, 70) ? 0 : at;
	}
	if (fault == FAULT_STATUS)
		snprintf(with, sizeof with, " %u", status);
	if (fault == FAULT_SLOW || fault == FAULT_LATE || fault == FAULT_ECHO)
		snprintf(with, sizeof with, " %lldms", (long long)ms);
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms %s %s %u%s", (long long)at, words[fault], type, count, with);
}

/* ---- tiphys ---- */

static void draw_end(struct draw *draw, enum fault fault)
{
	struct moment moment = draw_moment(draw);

	/* Some seconds later. */
	int64_t again_ms = 1'000 + draw_time(draw) % 15'000;
	bool is_again = !choice_chance(draw->choice, 5);
	if (!draw_is_tiphys(draw))
		return;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	if (draw->subject == SUBJECT_PROMOTION) {
		draw_say(draw, "%s kill 1", say_moment(&moment, 0));
		draw_say(draw, "%s restart run=1", say_moment(&moment, again_ms));
		return;
	}
	draw_say(draw, "%s %s", say_moment(&moment, 0), fault == FAULT_KILL ? "kill" : "interrupt");
	if (!is_again)
		return;
	draw_say(draw, "%s again " STR_FMT, say_moment(&moment, again_ms), STR_ARG(draw->run));
}

static void draw_another(struct draw *draw, enum fault fault)
{
	int64_t at = draw_time(draw) + 1'000;

	if (!draw_is_tiphys(draw))
		return;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	/* There is one promotion at a time. */
	if (fault == FAULT_SECOND_RUN && draw->subject == SUBJECT_PROMOTION)
		draw_say(draw, "at %lldms " STR_FMT, (long long)at, STR_ARG(draw->sync));
	else if (fault == FAULT_SECOND_RUN)
		draw_say(draw, "at %lldms " STR_FMT, (long long)at, STR_ARG(draw->run));
	else
		draw_say(draw, "at %lldms sync R1 env=%s then env=%s revision-timeout=20s",
			 (long long)at, draw_stage_name(draw, 0), draw_stage_name(draw, 1));
}

static void draw_clock(struct draw *draw, enum fault fault)
{
	int64_t at = draw_time(draw);
	uint32_t s = choice_between(draw->choice, 1, 7'200);
	bool is_back = choice_chance(draw->choice, 50);

	if (!draw_is_tiphys(draw))
		return;
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms clock %s%us", (long long)at, is_back ? "-" : "+", s);
}

/* ---- people ---- */

static void draw_newer_commit(struct draw *draw, enum fault fault)
{
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms push R3 only", (long long)draw_time(draw));
}

static void draw_moved_on(struct draw *draw, enum fault fault)
{
	int64_t at = draw_time(draw), till = at + draw_span(draw);

	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "at %lldms push R4", (long long)at);
	draw_say(draw, "at %lldms move R2", (long long)till);
	healed_at(draw, till);
}

static void draw_retargeted(struct draw *draw, enum fault fault)
{
	struct target target = draw_target(draw);
	int64_t at = draw_time(draw), till = at + draw_span(draw);

	strikes(draw, fault, target.stage);
	draw_say(draw, "at %lldms retarget %s R1", (long long)at, target.app);
	draw_say(draw, "at %lldms retarget %s R2", (long long)till, target.app);
	healed_at(draw, till);
}

static void draw_stranger(struct draw *draw, enum fault fault)
{
	static const char *const hows[FAULT_COUNT] = {
		[FAULT_SYNCED_SAME] = "R2",
		[FAULT_SYNCED_OTHER] = "R1",
		[FAULT_SYNCED_PARTIAL] = "R2 partial",
		[FAULT_SYNCED_APPLY] = "R2 apply",
		[FAULT_SYNCED_DRY] = "R2 dry-run",
		[FAULT_SYNCED_LOCAL] = "R2 local",
		[FAULT_SYNCED_SOURCE] = "R2 other-source",
		[FAULT_OVERWRITTEN] = "R1",
	};
	static const char *const kinds[] = {"", "", " partial", " apply", " dry-run"};
	const char *kind = kinds[choice_below(draw->choice, COUNTOF(kinds))];
	bool is_other = choice_chance(draw->choice, 30);
	bool is_unseen = choice_chance(draw->choice, 35);
	struct strike strike = draw_strike(draw);

	/* Then no watch tells of it. */
	for (uint32_t i = 0; is_unseen && i < draw->replicas; i++)
		draw_say(draw, "%s lose server %u 30", say_moment(&strike.moment, 0), i);
	strikes(draw, fault, strike.target.stage);
	if (fault == FAULT_OVERWRITTEN)
		draw_say(draw, "%s overwrite-by careless %s %s%s", say_moment(&strike.moment, 0),
			 strike.target.app, is_other ? "R1" : "R2", kind);
	else
		draw_say(draw, "%s sync-by alice %s %s", say_moment(&strike.moment, 0),
			 strike.target.app, hows[fault]);
}

static void draw_terminated(struct draw *draw, enum fault fault)
{
	struct moment moment = draw_moment(draw);

	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "%s terminate any", say_moment(&moment, 0));
}

/* Of every Application, as by a commit to the values that the ApplicationSets read. */
static void draw_other_values(struct draw *draw, enum fault fault)
{
	struct moment moment = draw_moment(draw);
	uint32_t lag_ms = choice_between(draw->choice, 1, 60) * 100;
	uint32_t later_ms = choice_below(draw->choice, 4'000);
	bool is_seen_late = choice_chance(draw->choice, 60);

	/* Then the controller comes to know of it late. */
	if (is_seen_late) {
		draw_say(draw, "%s lag controller 0 %ums", say_moment(&moment, 0), lag_ms);
		draw_say(draw, "%s lag controller 0 10ms",
			 say_moment(&moment, (int64_t)later_ms + 15'000));
	}
	strikes(draw, fault, DRAWN_STAGES_MAX);
	draw_say(draw, "%s move R2 values=others", say_moment(&moment, later_ms));
}

/* What is forbidden, and then allowed again. */
static void draw_forbidden(struct draw *draw, enum fault fault)
{
	struct target target = draw_target(draw);
	int64_t at = draw_time(draw), till = at + draw_span(draw);

	strikes(draw, fault, target.stage);
	if (fault == FAULT_PAUSED) {
		draw_say(draw, "at %lldms pause %s", (long long)at, target.app);
		draw_say(draw, "at %lldms unpause %s", (long long)till, target.app);
	} else {
		draw_say(draw, "at %lldms close-window %s", (long long)at, target.app);
		draw_say(draw, "at %lldms open-window", (long long)till);
	}
	healed_at(draw, till);
}

static void draw_relabelled(struct draw *draw, enum fault fault)
{
	const struct draw_cluster *cluster =
		&draw->clusters[choice_below(draw->choice, draw->cluster_count)];
	uint32_t other = choice_below(draw->choice, draw->drawn->stage_count);
	const char *name = draw_stage_name(draw, cluster->stage);
	int64_t at = draw_time(draw), till = at + draw_span(draw);

	strikes(draw, fault, cluster->stage);
	draw_say(draw, "at %lldms label-cluster %s-%u env=%s", (long long)at, name, cluster->number,
		 draw_stage_name(draw, other));
	draw_say(draw, "at %lldms label-cluster %s-%u env=%s", (long long)till, name,
		 cluster->number, name);
	healed_at(draw, till);
}

static void draw_refreshed(struct draw *draw, enum fault fault)
{
	struct target target = draw_target(draw);
	int64_t at = draw_time(draw);
	uint32_t count = choice_between(draw->choice, 1, 4);

	strikes(draw, fault, target.stage);
	for (uint32_t i = 0; i < count; i++) {
		draw_say(draw, "at %lldms refresh %s%s", (long long)at, target.app,
			 choice_chance(draw->choice, 20) ? " hard" : "");
		at += choice_between(draw->choice, 1, 3'000);
	}
}

static void draw_deleted(struct draw *draw, enum fault fault)
{
	struct strike strike = draw_strike(draw);

	if (choice_chance(draw->choice, 50))
		draw_say(draw, "%s finalizer %s", say_moment(&strike.moment, 0), strike.target.app);
	strikes(draw, fault, strike.target.stage);
	draw_say(draw, "%s delete %s", say_moment(&strike.moment, 0), strike.target.app);
}

/* ---- the clusters ---- */

static void draw_late_cluster(struct draw *draw, enum fault fault)
{
	uint32_t stage = choice_below(draw->choice, draw->drawn->stage_count);
	const char *name = draw_stage_name(draw, stage);
	int64_t at = draw_time(draw);

	strikes(draw, fault, stage);
	draw_say(draw, "at %lldms new-cluster %s-late-%u env=%s", (long long)at, name, draw->lines,
		 name);
	healed_at(draw, at);
}

static void draw_drift(struct draw *draw, enum fault fault)
{
	struct strike strike = draw_strike(draw);

	strikes(draw, fault, strike.target.stage);
	draw_say(draw, "%s drift %s", say_moment(&strike.moment, 0), strike.target.app);
}

static void draw_degraded(struct draw *draw, enum fault fault)
{
	struct strike strike = draw_strike(draw);
	int64_t span_ms = draw_span(draw);

	strikes(draw, fault, strike.target.stage);
	draw_say(draw, "%s health %s Degraded", say_moment(&strike.moment, 0), strike.target.app);
	draw_say(draw, "%s health %s Healthy", say_moment(&strike.moment, span_ms),
		 strike.target.app);
	if (!strike.moment.type)
		healed_at(draw, strike.moment.ms + span_ms);
}

static void draw_flap(struct draw *draw, enum fault fault)
{
	struct strike strike = draw_strike(draw);
	uint32_t count = choice_between(draw->choice, 1, 4);
	int64_t later_ms = 0;

	strikes(draw, fault, strike.target.stage);
	for (uint32_t i = 0; i < count; i++) {
		draw_say(draw, "%s health %s Progressing", say_moment(&strike.moment, later_ms),
			 strike.target.app);
		later_ms += choice_between(draw->choice, 50, 3'000);
		draw_say(draw, "%s health %s Healthy", say_moment(&strike.moment, later_ms),
			 strike.target.app);
		later_ms += choice_between(draw->choice, 50, 3'000);
	}
	if (!strike.moment.type)
		healed_at(draw, strike.moment.ms + later_ms);
}

/* A failure or a hold of one Application, or of a whole stage. */
static void draw_trouble(struct draw *draw, enum fault fault)
{
	static const char *const begin[FAULT_COUNT] = {
		[FAULT_HOOK_FAILS] = "fail hook",
		[FAULT_HOOK_HELD] = "hold hook",
		[FAULT_POD_HELD] = "hold pod",
		[FAULT_RENDER_FAILS] = "fail helm",
	};
	static const char *const end[FAULT_COUNT] = {
		[FAULT_HOOK_FAILS] = "mend hook",
		[FAULT_HOOK_HELD] = "release hook",
		[FAULT_POD_HELD] = "release pod",
		[FAULT_RENDER_FAILS] = "mend helm",
	};
	struct target target = draw_target(draw);
	int64_t at = draw_time(draw), till = at + draw_span(draw);
	bool is_of_stage = choice_chance(draw->choice, 25);

	if (is_of_stage)
		snprintf(target.app, sizeof target.app, "env=%s",
			 draw_stage_name(draw, target.stage));
	strikes(draw, fault, target.stage);
	draw_say(draw, "at %lldms %s %s", (long long)at, begin[fault], target.app);
	draw_say(draw, "at %lldms %s %s", (long long)till, end[fault], target.app);
	healed_at(draw, till);
}

static void draw_hook_stuck(struct draw *draw, enum fault fault)
{
	struct target target = draw_target(draw);

	strikes(draw, fault, target.stage);
	draw_say(draw, "at %lldms hold hook %s", (long long)draw_time(draw), target.app);
}

static void draw_render_slow(struct draw *draw, enum fault fault)
{
	struct target target = draw_target(draw);
	int64_t at = draw_time(draw);
	uint32_t ms = choice_between(draw->choice, 5, 120) * 100;

	strikes(draw, fault, target.stage);
	draw_say(draw, "at %lldms delay env=%s %ums",
		 (long long)(choice_chance(draw->choice, 50) ? 0 : at),
		 draw_stage_name(draw, target.stage), ms);
	draw_say(draw, "at %lldms delay env=%s 0s", (long long)at + 2 * ms,
		 draw_stage_name(draw, target.stage));
	healed_at(draw, at + 2 * ms);
}

void draw_fault(struct draw *draw, enum fault fault)
{
	static void (*const draws[FAULT_COUNT])(struct draw *, enum fault) = {
#define FAULT(name, weight, after, how, text) [FAULT_##name] = draw_##how,
#include "world/fault.def"
#undef FAULT
	};

	draws[fault](draw, fault);
}
