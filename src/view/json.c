#include "view/json.h"

#include "base/check.h"
#include "view/fields.h"
#include "view/promotion_words.h"
#include "view/words.h"

enum { URL_BYTES_MAX = 2048, LIST_BYTES_MAX = 16 * 1024 };

void view_json_init(struct view_json *view, const struct plan *plan)
{
	*view = (struct view_json){.plan = plan};
	for (uint32_t i = 0; i < SERVERS_MAX; i++)
		view->urls[i] = BUF_INIT(URL_BYTES_MAX);
}

void view_json_release(struct view_json *view)
{
	for (uint32_t i = 0; i < SERVERS_MAX; i++)
		buf_release(&view->urls[i]);
}

/* ---- fields ---- */

static void field_selectors(struct json_write *w, const struct plan *plan)
{
	json_write_key(w, STR("selectors"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < plan->stage_count; i++)
		json_write_str(w, plan->stages[i].text);
	json_write_array_end(w);
}

/* Which of several Argo CDs it is about. */
static void field_server(const struct view_json *view, const struct note *note,
			 struct json_write *w)
{
	if (view->plan->more_servers > 0)
		field(w, "context", view->plan->servers[note->server].context);
}

static void field_app(const struct view_json *view, const struct note *note, struct json_write *w)
{
	field(w, "application", note->name);
	if (!str_empty(note->name))
		field_server(view, note, w);
}

/* Which one, and of how many. */
static void field_stage(const struct view_json *view, uint32_t stage, struct json_write *w)
{
	if (view->plan->stage_count <= 1)
		return;
	json_write_field_int(w, STR("stage"), stage);
	json_write_field_int(w, STR("stages"), view->plan->stage_count);
}

static void field_best_effort(const struct note *note, struct json_write *w)
{
	if (note->best_effort == BEST_EFFORT_NOT)
		return;
	json_write_field_bool(w, STR("bestEffort"), true);
	if (note->type == NOTE_PLAN)
		field(w, "text", words_best_effort(note->best_effort));
}

/* ---- events ---- */

/* Of promotions: who is asked before it, and how long it is watched after it. */
static void write_between(const struct plan *plan, uint32_t number, struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);

	if (number == 0 || number > plan->stage_count)
		return;
	const struct plan_stage *stage = &plan->stages[number - 1];
	field(w, "name", stage->name);
	if (stage->gate.is_asked) {
		json_write_field_int(w, STR("wanted"), stage->gate.count);
		promotion_words_approvers(&stage->gate, &text);
		field(w, "approvers", buf_view(&text));
	}
	if (stage->soak.for_ms > 0)
		json_write_field_int(w, STR("soakMs"), stage->soak.for_ms);
}

static void write_stage(const struct view_json *view, const struct note *note, struct json_write *w)
{
	field_stage(view, note->stage, w);
	field(w, "selector", note->selector);
	if (view->plan->more_servers > 0) /* a stage is on one of them */
		field(w, "context",
		      view->plan->servers[view->plan->stages[note->stage - 1].server].context);
	if (note->type == NOTE_PLAN_STAGE) {
		json_write_field_int(w, STR("shared"), note->shared);
		json_write_field_int(w, STR("toCome"), note->to_come);
		write_between(view->plan, note->stage, w);
	}
	field_counts(w, &note->counts);
}

static void write_shared(const struct view_json *view, const struct note *note,
			 struct json_write *w)
{
	field_app(view, note, w);
	field_stage(view, note->stage, w);
	json_write_key(w, STR("alsoSelectedBy"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < STAGES_MAX; i++)
		if (note->also >> i & 1)
			json_write_int(w, i + 1);
	json_write_array_end(w);
}

static void write_connected(struct view_json *view, const struct note *note, struct json_write *w)
{
	const struct plan *plan = view->plan;

	struct buf *url = &view->urls[note->server];

	buf_clear(url);
	buf_str(url, words_cut(note->name, URL_BYTES_MAX));
	field(w, "run", plan->run);
	field(w, "project", plan->project);
	field(w, "revision", plan->revision);
	if (plan->stage_count > 1)
		field_selectors(w, plan);
	else
		field(w, "selector", plan->servers[0].selector);
	json_write_field_bool(w, STR("dryRun"), plan->is_dry_run);
	field(w, "server", note->name);
	field_server(view, note, w);
	field(w, "address", plan->servers[note->server].address);
	field(w, "version", note->text);
}

static void write_app(const struct view_json *view, const struct note *note, struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(2 * WORDS_TEXT_BYTES_MAX);

	field_app(view, note, w);
	field(w, "destination", note->destination);
	field_stage(view, note->stage, w);
	field(w, "phase", str_of(app_phase_name(note->phase)));
	field_cause(w, &note->cause);
	if (note->phase == PHASE_DONE || note->phase == PHASE_CONFIRMED)
		json_write_field_bool(w, STR("skipped"), note->is_skipped);
	if (note->phase != PHASE_FAILED && note->phase != PHASE_REFUSED)
		return;
	json_write_field_int(w, STR("code"), note->code);
	words_next(view->plan, note, &text);
	field(w, "next", buf_view(&text));
	buf_clear(&text);
	words_link(buf_view(&view->urls[note->server]), note->namespace, note->name, &text);
	field(w, "link", buf_view(&text));
}

/* A list, of a text that has each in a line. */
static void field_lines(struct json_write *w, const char *key, struct str lines)
{
	struct str line;

	lines = words_cut(lines, LIST_BYTES_MAX);
	json_write_key(w, str_of(key));
	json_write_array_begin(w);
	while (!str_empty(lines) && str_cut(&lines, '\n', &line))
		json_write_str(w, line);
	json_write_array_end(w);
}

static void write_preview(const struct view_json *view, const struct note *note,
			  struct json_write *w)
{
	field_app(view, note, w);
	field(w, "destination", note->destination);
	field_stage(view, note->stage, w);
	field(w, "action", str_of(words_preview(note->preview)));
	field_cause(w, &note->cause);
	if (!note->is_compared)
		return;
	json_write_field_int(w, STR("outOfSync"), note->out_of_sync_count);
	json_write_field_int(w, STR("prune"), note->prune_count);
	field(w, "objects", note->objects);
	field_lines(w, "changed", note->changed);
	field_lines(w, "pruned", note->pruned);
}

static void write_heartbeat(const struct view_json *view, const struct note *note,
			    struct json_write *w)
{
	field_counts(w, &note->counts);
	if (str_empty(note->name))
		return;
	field_app(view, note, w);
	field_cause(w, &note->cause);
}

static void write_end(const struct view_json *view, const struct note *note, struct json_write *w)
{
	json_write_field_int(w, STR("code"), note->code);
	field(w, "result", str_of(words_result(note->code)));
	field(w, "text", note->text);
	field(w, "project", view->plan->project);
	field(w, "revision", view->plan->revision);
	if (view->plan->stage_count > 1) {
		json_write_field_int(w, STR("stagesDone"), note->stage);
		json_write_field_int(w, STR("stages"), view->plan->stage_count);
	}
	field_best_effort(note, w);
	field_counts(w, &note->counts);
}

static void write_promotion(const struct view_json *view, const struct note *note,
			    struct json_write *w)
{
	auto_buf struct buf text = BUF_INIT(4 * WORDS_TEXT_BYTES_MAX);

	field(w, "run", view->plan->run);
	if (note->stage > 0)
		field_stage(view, note->stage, w);
	field_app(view, note, w);
	if (note->type == NOTE_SAID)
		field(w, "command", str_of(instruction_name(note->instruction)));
	if (note->with_operations)
		json_write_field_bool(w, STR("operations"), true);
	field(w, "who", note->who);
	field(w, "reason", note->reason);
	field(w, "nonce", note->nonce);
	if (note->type == NOTE_GATE)
		field(w, "plan", view->plan->hash);
	if (note->type == NOTE_GATE || (note->type == NOTE_SAID && note->wanted > 0)) {
		json_write_field_int(w, STR("approvals"), note->approvals);
		json_write_field_int(w, STR("wanted"), note->wanted);
	}
	if (note->type == NOTE_SOAK || note->type == NOTE_BREACH)
		json_write_field_int(w, STR("leftMs"), note->soak_ms);
	if (note->type == NOTE_BREACH)
		field(w, "cause", str_of(cause_name(note->cause.type)));
	promotion_words(view->plan, note, &text);
	field(w, "text", buf_view(&text));
}

static void write_rest(struct view_json *view, const struct note *note, struct json_write *w)
{
	switch (note->type) {
	case NOTE_CONNECTED:
		write_connected(view, note, w);
		return;
	case NOTE_PLAN:
		field(w, "plan", view->plan->hash);
		field_best_effort(note, w);
		field_counts(w, &note->counts);
		return;
	case NOTE_BARRIER:
		field_stage(view, note->stage, w);
		field_counts(w, &note->counts);
		return;
	case NOTE_PLAN_STAGE:
	case NOTE_STAGE:
	case NOTE_PASSED:
		write_stage(view, note, w);
		return;
	case NOTE_SHARED:
		write_shared(view, note, w);
		return;
	case NOTE_UNSELECTED:
		field_app(view, note, w);
		return;
	case NOTE_APP:
		write_app(view, note, w);
		return;
	case NOTE_PREVIEW:
		write_preview(view, note, w);
		return;
	case NOTE_WARNING:
		field(w, "text", note->text);
		return;
	case NOTE_HEARTBEAT:
		write_heartbeat(view, note, w);
		return;
	case NOTE_RESTARTED:
	case NOTE_GATE:
	case NOTE_SAID:
	case NOTE_SOAK:
	case NOTE_BREACH:
		write_promotion(view, note, w);
		return;
	case NOTE_END:
		write_end(view, note, w);
		return;
	}
	check_failed(__FILE__, __LINE__, "a note that is none");
}

static struct str type_name(enum note_type type)
{
	static const char *const names[] = {
		[NOTE_CONNECTED] = "connected",
		[NOTE_PLAN] = "plan",
		[NOTE_PLAN_STAGE] = "plan-stage",
		[NOTE_SHARED] = "shared",
		[NOTE_UNSELECTED] = "unselected",
		[NOTE_APP] = "app",
		[NOTE_PREVIEW] = "preview",
		[NOTE_WARNING] = "warning",
		[NOTE_HEARTBEAT] = "heartbeat",
		[NOTE_STAGE] = "stage",
		[NOTE_BARRIER] = "barrier",
		[NOTE_PASSED] = "stage-done",
		[NOTE_RESTARTED] = "restarted",
		[NOTE_GATE] = "gate",
		[NOTE_SAID] = "said",
		[NOTE_SOAK] = "soak",
		[NOTE_BREACH] = "breach",
		[NOTE_END] = "end",
	};
	static_assert(COUNTOF(names) == NOTE_END + 1);
	return str_of(names[type]);
}

void view_json_note(struct view_json *view, const struct note *note, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);
	size_t before = out->n;

	json_write_object_begin(&w);
	json_write_field_int(&w, STR("v"), VIEW_JSON_VERSION);
	json_write_field_int(&w, STR("seq"), (int64_t)++view->seq);
	json_write_field_str(&w, STR("time"), str_of(wall_format(note->now.wall).s));
	json_write_field_int(&w, STR("elapsedMs"), note->elapsed_ms);
	json_write_field_str(&w, STR("type"), type_name(note->type));
	write_rest(view, note, &w);
	json_write_object_end(&w);
	json_write_finish(&w);
	buf_char(out, '\n');
	if (buf_overflowed(out))
		buf_truncate(out, before);
}
