#include "view/overview_json.h"

#include "base/check.h"
#include "view/fields.h"
#include "view/leftover.h"
#include "view/overview_words.h"
#include "view/repeats.h"
#include "view/words.h"

static void number(struct json_write *w, const char *key, int64_t value)
{
	json_write_field_int(w, str_of(key), value);
}

static void flag(struct json_write *w, const char *key, bool value)
{
	json_write_field_bool(w, str_of(key), value);
}

/* Those that are mostly false are there only if they are true. */
static void flag_if(struct json_write *w, const char *key, bool value)
{
	if (value)
		flag(w, key, true);
}

/* ---- the head ---- */

static void write_server(const struct overview *overview, uint32_t server, struct json_write *w)
{
	field(w, "server", overview->servers[server].url);
	field(w, "address", overview->plan->servers[server].address);
	field(w, "version", overview->servers[server].version);
}

/* Which of several Argo CDs something is about. */
static void field_context(const struct overview *overview, uint32_t server, struct json_write *w)
{
	if (overview->plan->more_servers > 0)
		field(w, "context", overview->plan->servers[server].context);
}

static void write_servers(const struct overview *overview, struct json_write *w)
{
	json_write_key(w, STR("servers"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < plan_server_count(overview->plan); i++) {
		json_write_object_begin(w);
		field_context(overview, i, w);
		write_server(overview, i, w);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void write_head(const struct overview *overview, struct json_write *w)
{
	const struct plan *plan = overview->plan;

	number(w, "v", OVERVIEW_JSON_VERSION);
	field(w, "type", STR("run"));
	field_time(w, "time", overview->now);
	field(w, "run", plan->run);
	field(w, "application", plan->app);
	field(w, "project", plan->project);
	field(w, "revision", plan->revision);
	field(w, "plan", plan->hash);
	field(w, "submitter", plan->submitter);
	field_time(w, "submittedAt", overview->submitted_at);
	write_server(overview, 0, w);
	if (plan->more_servers > 0)
		write_servers(overview, w);
	if (overview->why_count > 0)
		field(w, "state", str_of(overview_words_state(&overview->whys[0])));
	flag(w, "over", overview->is_over);
	if (!overview->is_over)
		return;
	number(w, "code", overview->code);
	field(w, "result", str_of(words_result(overview->code)));
	field(w, "endText", overview->end_text);
}

/* ---- whys ---- */

static struct str why_name(enum why_type type)
{
	static const char *const names[] = {
		[WHY_OVER] = "over",	   [WHY_SERVER] = "server",
		[WHY_FAILED] = "failed",   [WHY_ENDING] = "terminating",
		[WHY_PAUSED] = "paused",   [WHY_HELD] = "held",
		[WHY_GATE] = "gate",	   [WHY_SOAK] = "soak",
		[WHY_UNWELL] = "unwell",   [WHY_APP] = "app",
		[WHY_BARRIER] = "barrier", [WHY_BEGINNING] = "beginning",
	};
	static_assert(COUNTOF(names) == WHY_BEGINNING + 1);
	return str_of(names[type]);
}

static bool is_of_stage(enum why_type type)
{
	return type == WHY_FAILED || type == WHY_GATE || type == WHY_SOAK || type == WHY_UNWELL ||
	       type == WHY_APP || type == WHY_BARRIER;
}

static void write_why(const struct overview *overview, const struct why *why, struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	bool has_cause = why->type == WHY_SERVER || why->type == WHY_FAILED ||
			 why->type == WHY_UNWELL || why->type == WHY_APP ||
			 (why->type == WHY_OVER && !str_empty(why->app));

	json_write_object_begin(w);
	field(w, "type", why_name(why->type));
	if (is_of_stage(why->type))
		number(w, "stage", (int64_t)why->stage + 1);
	field(w, "who", why->who);
	field(w, "application", why->app);
	if (!str_empty(why->app))
		field_context(overview, why->server, w);
	if (has_cause) {
		field(w, "cause", str_of(cause_name(why->cause.type)));
		field(w, "subject", why->cause.subject);
		field(w, "message", why->cause.message);
	}
	if (why->type == WHY_SOAK)
		number(w, "leftMs", why->left_ms);
	if (why->type == WHY_APP) {
		flag(w, "stuck", why->is_stuck);
		number(w, "stillMs", why->still_ms);
	}
	if (why->type == WHY_OVER)
		number(w, "code", why->code);
	overview_words_why(overview, why, &text);
	field(w, "text", buf_view(&text));
	buf_clear(&text);
	overview_words_next(overview, why, &text);
	field(w, "next", buf_view(&text));
	json_write_object_end(w);
}

static void write_whys(const struct overview *overview, struct json_write *w)
{
	size_t count = MIN(overview->why_count, (size_t)OVERVIEW_JSON_WHYS_MAX);

	json_write_key(w, STR("whys"));
	json_write_array_begin(w);
	for (size_t i = 0; i < count; i++)
		write_why(overview, &overview->whys[i], w);
	json_write_array_end(w);
	if (count < overview->why_count)
		number(w, "whysLeftOut", (int64_t)(overview->why_count - count));
}

/* ---- stages ---- */

/* What was said at the gate of that stage (1, 2, ...); 0: what is about no gate. */
static void write_said(const struct story *story, const char *key, uint32_t stage,
		       struct json_write *w)
{
	json_write_key(w, str_of(key));
	json_write_array_begin(w);
	for (const struct story_said *said = story->said; said; said = said->next) {
		if (said->note.stage != stage)
			continue;
		json_write_object_begin(w);
		field_time(w, "time", said->at);
		field(w, "command", str_of(instruction_name(said->note.instruction)));
		field(w, "who", said->note.who);
		field(w, "reason", said->note.reason);
		field(w, "application", said->note.name);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void write_gate(const struct overview *overview, const struct story *story, uint32_t which,
		       struct json_write *w)
{
	const struct overview_stage *stage = &overview->stages[which];
	const struct gate_rule *rule = &stage->plan->gate;

	if (!rule->is_asked)
		return;
	json_write_key(w, STR("gate"));
	json_write_object_begin(w);
	number(w, "approvals", stage->approvals);
	number(w, "wanted", rule->count);
	json_write_key(w, STR("approvers"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < rule->approver_count; i++) {
		auto_arena struct arena arena = {0};
		struct str name = words_cut(rule->approvers[i].name, WORDS_NAME_BYTES_MAX);
		json_write_str(w, arena_printf(&arena, "%s:" STR_FMT,
					       rule->approvers[i].is_group ? "group" : "user",
					       STR_ARG(name)));
	}
	json_write_array_end(w);
	flag(w, "notSubmitter", rule->not_submitter);
	field_time(w, "openedAt", stage->gate_opened_at);
	field_time(w, "until", overview_gate_until(stage));
	field(w, "nonce", stage->nonce);
	flag(w, "declined", stage->is_declined);
	flag(w, "passed", overview_gate_is_passed(stage));
	if (story)
		write_said(story, "answers", which + 1, w);
	json_write_object_end(w);
}

static void write_soak(const struct overview_stage *stage, struct json_write *w)
{
	const struct soak_rule *rule = &stage->plan->soak;

	if (rule->for_ms == 0)
		return;
	json_write_key(w, STR("soak"));
	json_write_object_begin(w);
	number(w, "forMs", rule->for_ms);
	number(w, "soakedMs", stage->soaked_ms);
	field(w, "onBreach", str_of(breach_policy_names[rule->on_breach]));
	if (stage->breaches > 0) {
		number(w, "breaches", stage->breaches);
		field(w, "brokenBy", stage->broken_by);
	}
	json_write_object_end(w);
}

static void write_stages(const struct overview *overview, const struct story *story,
			 struct json_write *w)
{
	json_write_key(w, STR("stages"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		const struct overview_stage *stage = &overview->stages[i];
		json_write_object_begin(w);
		number(w, "stage", (int64_t)i + 1);
		field(w, "name", stage->plan->name);
		field(w, "selector", stage->plan->text);
		field_context(overview, stage->plan->server, w);
		field(w, "state", str_of(overview_words_stage_name(stage->state)));
		field_time(w, "beganAt", stage->begun_at);
		field_counts(w, &stage->counts);
		write_gate(overview, story, i, w);
		write_soak(stage, w);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* ---- applications ---- */

static void write_app(const struct overview *overview, size_t i, struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview_app *app = &overview->apps[i];
	const char *repeat = repeat_name(repeat_of(overview, i));

	json_write_object_begin(w);
	field(w, "application", app->name);
	field(w, "namespace", app->namespace);
	field_context(overview, overview->plan->stages[app->stage].server, w);
	number(w, "stage", (int64_t)app->stage + 1);
	field(w, "phase", str_of(app_phase_name(app->phase)));
	field_cause(w, &app->cause);
	flag_if(w, "skipped", app->is_skipped);
	flag_if(w, "unchanged", app->is_unchanged);
	if (repeat)
		field(w, "asked", str_of(repeat));
	if (app->code != 0)
		number(w, "code", app->code);
	if (overview->is_over)
		field(w, "left", str_of(leftover_name(leftover_of(app))));
	if (overview_words_app_next(overview, app, &text))
		field(w, "next", buf_view(&text));
	buf_clear(&text);
	overview_words_link(overview, app, &text);
	field(w, "link", buf_view(&text));
	json_write_object_end(w);
}

static void write_apps(const struct overview *overview, struct json_write *w)
{
	json_write_key(w, STR("applications"));
	json_write_array_begin(w);
	for (size_t i = 0; i < overview->app_count; i++)
		write_app(overview, i, w);
	json_write_array_end(w);
}

static void write_steps(const struct overview *overview, struct json_write *w)
{
	auto_arena struct arena arena = {0};
	struct leftovers left;

	leftover_find(overview, &arena, &left);
	json_write_key(w, STR("next"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < left.step_count; i++) {
		json_write_object_begin(w);
		field(w, "command", left.steps[i].command);
		field(w, "text", left.steps[i].purpose);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void write_end(const struct overview *overview, const struct story *story,
		      struct json_write *w)
{
	if (!overview->is_over || story->over_at.ms == 0)
		return;
	field_time(w, "endedAt", story->over_at);
	number(w, "durationMs",
	       MAX(wall_since(story->over_at, overview->submitted_at), INT64_C(0)));
}

static void write_run(const struct overview *overview, const struct story *story, bool is_record,
		      struct json_write *w)
{
	write_head(overview, w);
	if (story)
		write_end(overview, story, w);
	if (!is_record)
		write_whys(overview, w);
	write_stages(overview, story, w);
	if (story)
		write_said(story, "said", 0, w);
	if (is_record)
		return;
	write_apps(overview, w);
	if (overview->is_over)
		write_steps(overview, w);
}

static void write_line(const struct overview *overview, const struct story *story, bool is_record,
		       struct buf *out)
{
	struct json_write w = JSON_WRITE(out);
	size_t before = out->n;

	json_write_object_begin(&w);
	write_run(overview, story, is_record, &w);
	json_write_object_end(&w);
	json_write_finish(&w);
	buf_char(out, '\n');
	if (buf_overflowed(out))
		buf_truncate(out, before);
}

void overview_json(const struct overview *overview, const struct story *story, struct buf *out)
{
	write_line(overview, story, false, out);
}

void overview_json_record(const struct overview *overview, const struct story *story,
			  struct buf *out)
{
	write_line(overview, story, true, out);
}
