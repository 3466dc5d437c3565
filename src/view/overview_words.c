#include "view/overview_words.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "view/leftover.h"
#include "view/line.h"
#include "view/promotion_words.h"
#include "view/words.h"

#include <inttypes.h>

static void say(struct str text, struct buf *out)
{
	words_clean(text, WORDS_TEXT_BYTES_MAX, out);
}

static void say_name(struct str name, struct buf *out)
{
	words_clean(name, WORDS_NAME_BYTES_MAX, out);
}

/* ---- times ---- */

struct when_text overview_words_wall(wall at)
{
	return wall_format((wall){at.ms - at.ms % 1000});
}

void overview_words_time(wall at, wall now, struct buf *out)
{
	int64_t gone_ms = MAX(wall_since(now, at), -INT64_MAX);

	if (gone_ms < 0)
		buf_printf(out, "in %s", duration_format(-gone_ms).s);
	else if (gone_ms < 1000)
		buf_str(out, STR("just now"));
	else
		buf_printf(out, "%s ago", duration_format(gone_ms - gone_ms % 1000).s);
	buf_printf(out, " (%s)", overview_words_wall(at).s);
}

/* ---- why ---- */

const char *overview_words_state(const struct why *why)
{
	switch (why->type) {
	case WHY_OVER:
		return words_result(why->code);
	case WHY_SERVER:
	case WHY_GATE:
		return "waiting";
	case WHY_FAILED:
		return "failing";
	case WHY_ENDING:
		return "terminating";
	case WHY_PAUSED:
		return "paused";
	case WHY_HELD:
		return "held";
	case WHY_SOAK:
		return "soaking";
	case WHY_UNWELL:
		return "unwell";
	case WHY_APP:
		return why->is_stuck ? "waiting" : "running";
	case WHY_BARRIER:
		return "running";
	case WHY_BEGINNING:
		return "beginning";
	}
	return "running";
}

static const struct overview_stage *stage_of(const struct overview *overview, uint32_t stage)
{
	check(stage < overview->plan->stage_count);
	return &overview->stages[stage];
}

static uint32_t server_of(const struct overview *overview, const struct overview_app *app)
{
	return overview->plan->stages[app->stage].server;
}

void overview_words_app(const struct overview *overview, const struct overview_app *app,
			struct buf *out)
{
	words_app(overview->plan, server_of(overview, app), app->name, out);
}

bool overview_words_link(const struct overview *overview, const struct overview_app *app,
			 struct buf *out)
{
	return words_link(overview->servers[server_of(overview, app)].url, app->namespace,
			  app->name, out);
}

static void say_server(const struct overview *overview, uint32_t server, struct buf *out)
{
	const struct overview_server *seen = &overview->servers[server];
	struct str rest = seen->version, version = {0};
	struct str where = str_empty(seen->url) ? overview->plan->servers[server].address
						: seen->url;

	words_clean(where, WORDS_TEXT_BYTES_MAX, out);
	/* "v3.2.11+d4f1a2b": the build says nothing to people. */
	str_cut(&rest, '+', &version);
	if (str_empty(version))
		return;
	buf_str(out, STR(" ("));
	say_name(version, out);
	buf_char(out, ')');
}

void overview_words_servers(const struct overview *overview, struct buf *out)
{
	for (uint32_t i = 0; i < plan_server_count(overview->plan); i++) {
		if (i > 0)
			buf_str(out, STR(", "));
		say_server(overview, i, out);
	}
}

static uint32_t count_failed(const struct overview *overview)
{
	uint32_t n = 0;

	for (size_t i = 0; i < overview->app_count; i++) {
		const struct overview_app *app = &overview->apps[i];
		n += !app->is_skipped &&
		     (app->phase == PHASE_FAILED || app->phase == PHASE_REFUSED);
	}
	return n;
}

static uint32_t count_skipped(const struct overview *overview)
{
	uint32_t n = 0;

	for (size_t i = 0; i < overview->app_count; i++)
		n += overview->apps[i].is_skipped;
	return n;
}

/* "1 of 12 applications failed at 3f2a91c", "12 applications at 3f2a91c", "11 of 12 applications at
 * 3f2a91c, 1 skipped" */
static void say_sum(const struct overview *overview, struct buf *out)
{
	uint32_t failed = count_failed(overview), skipped = count_skipped(overview);

	if (failed > 0)
		buf_printf(out, "%" PRIu32 " of ", failed);
	else if (skipped > 0)
		buf_printf(out, "%zu of ", overview->app_count - skipped);
	buf_printf(out, "%zu application%s", overview->app_count,
		   overview->app_count == 1 ? "" : "s");
	buf_str(out, failed > 0 ? STR(" failed at ") : STR(" at "));
	say_name(revision_short(overview->plan->revision), out);
	if (failed == 0 && skipped > 0)
		buf_printf(out, ", %" PRIu32 " skipped", skipped);
}

/* " by ann: not today" */
static void say_who(const struct why *why, struct buf *out)
{
	if (!str_empty(why->who)) {
		buf_str(out, STR(" by "));
		say_name(why->who, out);
	}
	if (!str_empty(why->text)) {
		buf_str(out, STR(": "));
		say(why->text, out);
	}
}

/* The end in people's words, where they ended it; else they may have been about something else. */
static bool say_people(const struct overview *overview, const struct why *why, struct buf *out)
{
	for (uint32_t i = 0; i < overview->plan->stage_count; i++)
		if (overview->stages[i].is_declined) {
			say(overview->stages[i].name, out);
			buf_str(out, STR(" was rejected"));
			say_who(why, out);
			return true;
		}
	if (why->code != EXIT_TERMINATED || (str_empty(why->who) && str_empty(why->text)))
		return false;
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	say_who(why, &text);
	struct str words = buf_view(&text);
	buf_str(out, str_after(words, str_starts(words, STR(": ")) ? 2 : 1));
	return true;
}

/* "web-test-1: Job smoke failed: 503" */
static void say_cause(const struct overview *overview, const struct why *why, struct buf *out)
{
	words_app(overview->plan, why->server, why->app, out);
	buf_str(out, STR(": "));
	words_cause(&why->cause, OVERVIEW_CAUSE_BYTES_MAX, out);
}

/* "web-test-1: its targetRevision moved on to 4c1d2e3; 3 of 12 applications failed": the first one
 * speaks for the others. */
static bool say_first(const struct overview *overview, const struct why *why, struct buf *out)
{
	if (str_empty(why->app))
		return false;
	say_cause(overview, why, out);
	if (why->code != EXIT_SUPERSEDED && count_failed(overview) > 1) {
		buf_str(out, STR("; "));
		say_sum(overview, out);
	}
	return true;
}

/* "terminated by ann: …" needs no "terminated: " before it. */
static void say_end(const struct overview *overview, const struct why *why, struct buf *out)
{
	struct str word = str_of(overview_words_state(why)), text = overview->end_text;

	if (str_starts(text, word))
		text = str_after(text, word.n);
	if (str_starts(text, STR(": ")))
		text = str_after(text, 2);
	if (!str_empty(text))
		say(text, out);
	else if (say_people(overview, why, out) || say_first(overview, why, out))
		return;
	else if (str_empty(why->who) && !str_empty(why->text))
		say(why->text, out);
	else
		say_sum(overview, out);
}

/* "; broken 3 times, last by web-test-1" */
static void say_breaches(const struct overview_stage *stage, struct buf *out)
{
	if (stage->breaches == 0)
		return;
	buf_printf(out, "; broken %" PRIu32 " time%s, last by ", stage->breaches,
		   stage->breaches == 1 ? "" : "s");
	say_name(stage->broken_by, out);
}

/* "by ann: not today; nothing new is started" */
static void say_stopped(const struct why *why, const char *what, struct buf *out)
{
	if (!str_empty(why->who)) {
		buf_str(out, STR("by "));
		say_name(why->who, out);
		buf_str(out, str_empty(why->text) ? STR("; ") : STR(": "));
	}
	if (!str_empty(why->text)) {
		say(why->text, out);
		buf_str(out, STR("; "));
	}
	buf_printf(out, "nothing new is started, %s", what);
}

static void say_gate(const struct overview *overview, const struct why *why, struct buf *out)
{
	const struct overview_stage *stage = stage_of(overview, why->stage);
	wall until = overview_gate_until(stage);

	say(stage->name, out);
	buf_str(out, STR(" asks for approval by "));
	promotion_words_approvers(&stage->plan->gate, out);
	if (stage->plan->gate.count > 1)
		buf_printf(out, "; %" PRIu32 " so far", stage->approvals);
	if (stage->gate_opened_at.ms != 0) {
		buf_str(out, STR("; asked "));
		overview_words_time(stage->gate_opened_at, overview->now, out);
	}
	if (until.ms == 0)
		return;
	buf_str(out, STR("; closes "));
	overview_words_time(until, overview->now, out);
}

static void say_soak(const struct overview *overview, const struct why *why, struct buf *out)
{
	const struct overview_stage *stage = stage_of(overview, why->stage);

	buf_str(out, STR("all up to "));
	say(stage->name, out);
	buf_printf(out, " is watched: %s of ", duration_format(MAX(why->left_ms, INT64_C(0))).s);
	buf_printf(out, "%s to go", duration_format(stage->plan->soak.for_ms).s);
	say_breaches(stage, out);
}

static void say_app(const struct overview *overview, const struct why *why, const char *verb,
		    struct buf *out)
{
	words_app(overview->plan, why->server, why->app, out);
	buf_printf(out, " %s: ", verb);
	words_cause(&why->cause, OVERVIEW_CAUSE_BYTES_MAX, out);
}

/* How long that has been so is news where there is none else. */
static void say_wait(const struct overview *overview, const struct why *why, struct buf *out)
{
	int64_t still_ms = why->still_ms - why->still_ms % 1000;

	say_app(overview, why, "is waited for", out);
	if (why->is_stuck && cause_passes(why->cause.type))
		buf_printf(out, "; no news for %s", duration_format(still_ms).s);
}

static void say_held(const struct overview *overview, const struct why *why, struct buf *out)
{
	words_app(overview->plan, why->server, why->app, out);
	buf_str(out, STR(" was synced by "));
	say_name(str_empty(why->who) ? STR("somebody") : why->who, out);
	buf_str(out, STR(" before its stage: no further one begins"));
}

void overview_words_why(const struct overview *overview, const struct why *why, struct buf *out)
{
	switch (why->type) {
	case WHY_OVER:
		say_end(overview, why, out);
		return;
	case WHY_SERVER:
		words_cause(&why->cause, OVERVIEW_CAUSE_BYTES_MAX, out);
		return;
	case WHY_FAILED:
		say_cause(overview, why, out);
		buf_str(out, STR("; no further stage begins, what runs is followed to its end"));
		return;
	case WHY_PAUSED:
		say_stopped(why, "what runs is followed", out);
		return;
	case WHY_ENDING:
		say_stopped(why, "its operations that run in Argo CD are ended", out);
		return;
	case WHY_HELD:
		say_held(overview, why, out);
		return;
	case WHY_GATE:
		say_gate(overview, why, out);
		return;
	case WHY_SOAK:
		say_soak(overview, why, out);
		return;
	case WHY_UNWELL:
		say_app(overview, why, "was done and is not well", out);
		return;
	case WHY_APP:
		say_wait(overview, why, out);
		return;
	case WHY_BARRIER:
		say(stage_of(overview, why->stage)->name, out);
		buf_str(out, STR(" is done; each is read once more"));
		return;
	case WHY_BEGINNING:
		buf_str(out, overview->stages[0].state == STAGE_TO_COME
				     ? STR("it looks for its applications")
				     : STR("the runner was started again, and reads all anew"));
		return;
	}
	check_failed(__FILE__, __LINE__, "a why that is none");
}

/* ---- what to do ---- */

static bool say_step(const struct plan *plan, uint32_t server, struct str name,
		     const struct cause *cause, bool is_stuck, struct buf *out)
{
	return words_next_now(plan, &(struct note){.name = name, .server = server, .cause = *cause},
			      is_stuck, out);
}

bool overview_words_app_next(const struct overview *overview, const struct overview_app *app,
			     struct buf *out)
{
	return !app->is_skipped && say_step(overview->plan, server_of(overview, app), app->name,
					    &app->cause, app->is_stuck, out);
}

static void say_command(const struct overview *overview, const char *verb, struct buf *out)
{
	buf_printf(out, "`tiphys %s ", verb);
	say_name(overview->plan->run, out);
}

bool overview_words_next(const struct overview *overview, const struct why *why, struct buf *out)
{
	switch (why->type) {
	case WHY_SERVER:
		buf_str(out, why->cause.type == CAUSE_CREDENTIALS
				     ? STR("give it credentials that Argo CD accepts, where it has "
					   "them from: then it goes on by itself; those "
					   "of ARGOCD_AUTH_TOKEN by a new runner: `kill $(cat "
					   "FOLDER/lock)` (FOLDER is --state-dir), then any "
					   "command with it set")
				     : STR("see that Argo CD answers again: then it goes on by "
					   "itself"));
		return true;
	case WHY_PAUSED:
		say_command(overview, "resume", out);
		buf_char(out, '`');
		return true;
	case WHY_HELD:
		buf_str(out, STR("find out who syncs ahead of the order (`argocd app history "));
		words_argocd_app(overview->plan, why->server, why->app, out);
		buf_str(out, STR("`), then "));
		say_command(overview, "resume", out);
		buf_char(out, '`');
		return true;
	case WHY_GATE:
		say_command(overview, "approve", out);
		buf_str(out, STR("` or "));
		say_command(overview, "reject", out);
		buf_char(out, '`');
		return true;
	case WHY_FAILED:
	case WHY_UNWELL:
	case WHY_APP:
		/* The same for all that sync: the first one says it. */
		if (why->cause.type == CAUSE_OPERATION && why == overview->whys) {
			buf_str(out, STR("if it hangs, "));
			say_command(overview, "terminate", out);
			buf_str(out, STR(" --operations` ends it, and the promotion"));
			if (why->is_stuck)
				buf_str(out, STR("; if all of it is done in the cluster, Argo CD's "
						 "application controller is slow or down: look at "
						 "its log"));
			return true;
		}
		return say_step(overview->plan, why->server, why->app, &why->cause, why->is_stuck,
				out);
	case WHY_ENDING:
		buf_str(out, STR("wait; or "));
		say_command(overview, "terminate", out);
		buf_str(out, STR("` leaves what runs as it is"));
		return true;
	case WHY_OVER:
	case WHY_SOAK:
	case WHY_BARRIER:
	case WHY_BEGINNING:
		return false;
	}
	return false;
}

/* ---- stages ---- */

const char *overview_words_stage_name(enum stage_state state)
{
	static const char *const names[] = {
		[STAGE_TO_COME] = "to-come", [STAGE_AT_GATE] = "at-gate",
		[STAGE_AT_WORK] = "at-work", [STAGE_SOAKING] = "soaking",
		[STAGE_DONE] = "done",	     [STAGE_AT_BARRIER] = "at-barrier",
	};
	static_assert(COUNTOF(names) == STAGE_DONE + 1);
	return names[state];
}

bool overview_stage_is_ahead(const struct overview *overview, const struct overview_stage *stage)
{
	size_t next = (size_t)(stage - overview->stages) + 1;

	return stage->state == STAGE_AT_BARRIER && next < overview->plan->stage_count &&
	       overview->stages[next].state == STAGE_AT_GATE;
}

const char *overview_words_stage(const struct overview *overview,
				 const struct overview_stage *stage)
{
	static const char *const words[] = {
		[STAGE_TO_COME] = "to come", [STAGE_AT_GATE] = "at its gate",
		[STAGE_AT_WORK] = "at work", [STAGE_SOAKING] = "soaking",
		[STAGE_DONE] = "done",	     [STAGE_AT_BARRIER] = "read once more",
	};
	static_assert(COUNTOF(words) == STAGE_DONE + 1);
	bool has_begun = stage->state != STAGE_TO_COME && stage->state != STAGE_AT_GATE;

	if (stage->is_declined)
		return "rejected";
	if (overview_stage_is_ahead(overview, stage))
		return "done";
	if (!overview->is_over || stage->state == STAGE_DONE)
		return words[stage->state];
	if (stage->state == STAGE_AT_BARRIER)
		return "done once";
	return has_begun ? "not done" : "not begun";
}

wall overview_gate_until(const struct overview_stage *stage)
{
	const struct gate_rule *rule = &stage->plan->gate;
	bool has_end = stage->gate_opened_at.ms != 0 && rule->timeout_ms != 0;

	return has_end ? wall_add(stage->gate_opened_at, rule->timeout_ms) : (wall){0};
}

bool overview_gate_is_passed(const struct overview_stage *stage)
{
	const struct gate_rule *rule = &stage->plan->gate;

	return rule->is_asked && !stage->is_declined && stage->approvals >= rule->count;
}

bool overview_words_gate(const struct overview *overview, const struct overview_stage *stage,
			 struct buf *out)
{
	const struct gate_rule *rule = &stage->plan->gate;
	wall until = overview_gate_until(stage);

	if (!rule->is_asked)
		return false;
	if (stage->is_declined)
		buf_str(out, STR("rejected; "));
	else if (overview_gate_is_passed(stage))
		buf_str(out, STR("approved; "));
	buf_printf(out, "%" PRIu32 " of %" PRIu32 " approvals, asked of ", stage->approvals,
		   rule->count);
	promotion_words_approvers(rule, out);
	if (str_empty(stage->nonce)) {
		buf_str(out, overview->is_over ? STR("; it was not opened")
					       : STR("; it opens when all before it is done"));
		return true;
	}
	if (stage->gate_opened_at.ms != 0) {
		buf_str(out, STR("; opened "));
		overview_words_time(stage->gate_opened_at, overview->now, out);
	}
	if (until.ms == 0 || stage->state != STAGE_AT_GATE || overview->is_over)
		return true;
	buf_str(out, STR("; closes "));
	overview_words_time(until, overview->now, out);
	return true;
}

bool overview_words_soak(const struct overview_stage *stage, struct buf *out)
{
	const struct soak_rule *rule = &stage->plan->soak;

	if (rule->for_ms == 0)
		return false;
	buf_printf(out, "%s of ", duration_format(MIN(stage->soaked_ms, rule->for_ms)).s);
	buf_printf(out, "%s watched; ", duration_format(rule->for_ms).s);
	promotion_words_breach(rule, out);
	say_breaches(stage, out);
	return true;
}

/* ---- applications ---- */

struct str overview_words_phase(const struct overview_app *app)
{
	return app->is_skipped ? STR("skipped") : line_phase(app->phase);
}

void overview_words_cause(const struct overview_app *app, struct buf *out)
{
	auto_buf struct buf said = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	struct str phase = overview_words_phase(app);

	if (app->is_skipped) {
		buf_str(out, STR("nobody waits for it"));
		if (leftover_is_running(app))
			buf_str(out, STR("; its operation goes on, or is not known to have ended"));
		return;
	}
	if (app->is_unchanged) {
		words_cause(&(struct cause){.type = CAUSE_UNCHANGED}, OVERVIEW_CAUSE_BYTES_MAX,
			    out);
		return;
	}
	if (app->cause.type == CAUSE_SYNCED && str_empty(app->cause.message))
		return;
	words_cause(&app->cause, OVERVIEW_CAUSE_BYTES_MAX, &said);
	struct str text = buf_view(&said);
	if (str_eq(text, phase))
		return;
	if (str_starts(text, phase) && str_starts(str_after(text, phase.n), STR(": ")))
		text = str_after(text, phase.n + 2);
	buf_str(out, text);
}

bool overview_app_is_done(const struct overview_app *app)
{
	return app->phase == PHASE_DONE || app->phase == PHASE_CONFIRMED;
}

int overview_app_rank(const struct overview_app *app)
{
	static const int ranks[] = {
		[PHASE_FAILED] = 0,  [PHASE_REFUSED] = 0,   [PHASE_SETTLING] = 1,
		[PHASE_SYNCING] = 2, [PHASE_WAITING] = 3,   [PHASE_LEFT] = 4,
		[PHASE_DONE] = 6,    [PHASE_CONFIRMED] = 6,
	};
	static_assert(COUNTOF(ranks) == APP_PHASES);
	return app->is_skipped ? 5 : ranks[app->phase];
}

bool overview_is_rejected(const struct overview *overview)
{
	for (uint32_t i = 0; i < overview->plan->stage_count; i++)
		if (overview->stages[i].is_declined)
			return true;
	return false;
}

bool overview_is_refused(const struct overview *overview)
{
	if (!overview->is_over || overview->code == EXIT_DONE || overview->code == EXIT_TERMINATED)
		return false;
	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		const struct overview_stage *stage = &overview->stages[i];
		if (stage->begun_at.ms != 0 || stage->gate_opened_at.ms != 0)
			return false;
	}
	return true;
}
