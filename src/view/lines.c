#include "view/lines.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "view/line.h"
#include "view/promotion_words.h"
#include "view/words.h"

#include <inttypes.h>

enum {
	TIME_WIDTH = 7,
	PHASE_WIDTH = 9, /* "confirmed" */
	/* A wait is one of many lines; how it ended is read to the end. */
	WAIT_BYTES_MAX = 300,
	END_BYTES_MAX = 2000,
	FAILURES_BYTES_MAX = 64 * 1024,
	URL_BYTES_MAX = 2048,
};

void view_lines_init(struct view_lines *view, const struct plan *plan, bool use_color)
{
	*view = (struct view_lines){
		.plan = plan,
		.use_color = use_color,
		.name_width = 10,
		.failures = BUF_INIT(FAILURES_BYTES_MAX),
	};
	for (size_t i = 0; i < SERVERS_MAX; i++)
		view->servers[i] = (struct view_server){.url = BUF_INIT(URL_BYTES_MAX),
							.version = BUF_INIT(URL_BYTES_MAX)};
	view->unselected.names = BUF_INIT(FAILURES_BYTES_MAX);
	for (size_t i = 0; i < CAUSE_COUNT; i++)
		view->in_the_way[i].names = BUF_INIT(FAILURES_BYTES_MAX);
}

void view_lines_release(struct view_lines *view)
{
	for (size_t i = 0; i < SERVERS_MAX; i++) {
		buf_release(&view->servers[i].url);
		buf_release(&view->servers[i].version);
	}
	buf_release(&view->failures);
	buf_release(&view->unselected.names);
	for (size_t i = 0; i < CAUSE_COUNT; i++)
		buf_release(&view->in_the_way[i].names);
}

/* ---- pieces of a line ---- */

static void paint(const struct view_lines *view, enum color color, struct str text, struct buf *out)
{
	line_paint(view->use_color, color, text, out);
}

/* "0.4s", "12.9s", "1m05s", "2h05m": cut off, never rounded up. */
static void say_elapsed(const struct view_lines *view, int64_t ms, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(64);
	int64_t s = ms / 1000;

	if (ms < 0)
		buf_str(&text, STR("0.0s"));
	else if (s < 60)
		buf_printf(&text, "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
	else if (s < 3600)
		buf_printf(&text, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else
		buf_printf(&text, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	line_blanks(text.n < TIME_WIDTH ? TIME_WIDTH - text.n : 0, out);
	paint(view, COLOR_DIM, buf_view(&text), out);
	line_blanks(2, out);
}

static const char *applications(uint32_t n)
{
	return n == 1 ? "application" : "applications";
}

static void say_revision(const struct view_lines *view, struct buf *out)
{
	words_clean(revision_short(view->plan->revision), WORDS_NAME_BYTES_MAX, out);
}

/* One stage is what a run is as a rule, and nothing to talk of. */
static bool is_staged(const struct view_lines *view)
{
	return view->plan->stage_count > 1;
}

/* "stage 2 of 3, stg on prod"; where it has no name by what it selects. */
static void say_stage(const struct view_lines *view, uint32_t number, struct buf *out)
{
	const struct plan *plan = view->plan;
	const struct plan_stage *stage = &plan->stages[number - 1];

	buf_printf(out, "stage %" PRIu32 " of %" PRIu32 ", ", number, plan->stage_count);
	words_clean(str_empty(stage->name) ? stage->text : stage->name, WAIT_BYTES_MAX, out);
	if (plan->more_servers == 0)
		return;
	buf_str(out, STR(" on "));
	words_clean(plan->servers[stage->server].context, WORDS_NAME_BYTES_MAX, out);
}

/* The same, and what it selects. */
static void say_planned_stage(const struct view_lines *view, uint32_t number, struct buf *out)
{
	const struct plan_stage *stage = &view->plan->stages[number - 1];

	say_stage(view, number, out);
	if (str_empty(stage->name))
		return;
	buf_str(out, STR(" ("));
	words_clean(stage->text, WAIT_BYTES_MAX, out);
	buf_char(out, ')');
}

/* ---- the first line ---- */

/* "https://argocd.corp (v3.2.11)" */
static void say_server(const struct view_lines *view, uint32_t server, struct buf *out)
{
	const struct view_server *seen = &view->servers[server];
	struct str version = {0}, rest = buf_view(&seen->version);

	words_clean(seen->url.n > 0 ? buf_view(&seen->url) : view->plan->servers[server].address,
		    WAIT_BYTES_MAX, out);
	/* "v3.2.11+d4f1a2b": the build says nothing to people. */
	str_cut(&rest, '+', &version);
	if (str_empty(version))
		return;
	buf_str(out, STR(" ("));
	words_clean(version, WORDS_NAME_BYTES_MAX, out);
	buf_char(out, ')');
}

static void head(struct view_lines *view, uint32_t total, struct buf *out)
{
	const struct plan *plan = view->plan;

	if (view->is_headed || view->connected < plan_server_count(plan))
		return;
	view->is_headed = true;
	buf_str(out, STR("tiphys: "));
	words_clean(plan->project, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR(" at "));
	say_revision(view, out);
	buf_str(out, STR(", "));
	if (is_staged(view))
		buf_printf(out, "%" PRIu32 " stages", plan->stage_count);
	else
		words_clean(str_empty(plan->servers[0].selector) ? STR("all of it")
								 : plan->servers[0].selector,
			    WAIT_BYTES_MAX, out);
	if (plan->is_dry_run)
		buf_str(out, STR(" (dry run)"));
	if (total > 0)
		buf_printf(out, ": %" PRIu32 " %s", total, applications(total));
	buf_str(out, STR(" on "));
	say_server(view, 0, out);
	for (uint32_t i = 1; i < plan_server_count(plan); i++) {
		buf_str(out, STR(", "));
		say_server(view, i, out);
	}
	line_end(out);
}

static void connected(struct view_lines *view, const struct note *note)
{
	struct view_server *server = &view->servers[note->server];

	buf_clear(&server->url);
	buf_clear(&server->version);
	buf_str(&server->url, words_cut(note->name, URL_BYTES_MAX));
	buf_str(&server->version, words_cut(note->text, URL_BYTES_MAX));
	view->connected += !server->is_connected;
	server->is_connected = true;
}

/* ---- one application ---- */

/* As wide as the longest name that is known of, so that later ones shift nothing. */
static void widen(struct view_lines *view, struct str name, uint32_t names_width)
{
	size_t n = MAX(line_columns(name), (size_t)names_width);

	if (n > view->name_width)
		view->name_width = MIN(n, (size_t)VIEW_NAME_WIDTH_MAX);
}

/* The cause behind the word for the phase, without saying that word again. */
static void say_why(const struct view_lines *view, const struct note *note, size_t bytes_max,
		    struct buf *out)
{
	auto_buf struct buf said = BUF_INIT(2 * END_BYTES_MAX);
	struct str phase = line_phase(note->phase);

	words_cause(&note->cause, bytes_max, &said);
	struct str text = buf_view(&said);
	if (note->cause.type == CAUSE_SYNCED && str_empty(note->cause.message))
		return;
	if (str_starts(text, phase)) {
		struct str rest = str_after(text, phase.n);
		if (str_empty(rest))
			return;
		if (str_starts(rest, STR(": ")) || str_starts(rest, STR("; ")))
			text = str_after(rest, 2);
	}
	buf_str(out, text);
	if (note->cause.type == CAUSE_UNCHANGED && view->plan->skip != SKIP_HOOKED)
		buf_str(out, STR("; no hooks were run"));
}

static void say_link(const struct view_lines *view, const struct note *note, size_t indent,
		     struct buf *out)
{
	size_t begin = out->n;

	line_blanks(indent, out);
	if (words_link(buf_view(&view->servers[note->server].url), note->namespace, note->name,
		       out))
		line_end(out);
	else
		buf_truncate(out, begin);
}

/* "next: …" as a line of its own, if there is something to do; else nothing. */
static bool say_next(const struct view_lines *view, const struct note *note, size_t indent,
		     struct buf *out)
{
	size_t begin = out->n;

	line_blanks(indent, out);
	buf_str(out, STR("next: "));
	if (!words_next(view->plan, note, out)) {
		buf_truncate(out, begin);
		return false;
	}
	line_end(out);
	return true;
}

/* A failure as the end repeats it. */
static void keep_failure(struct view_lines *view, const struct note *note)
{
	auto_buf struct buf text = BUF_INIT(FAILURES_BYTES_MAX);
	struct buf *out = &text;

	view->failures_told++;
	if (view->failures_kept == VIEW_FAILURES_MAX)
		return;
	buf_str(out, STR("  "));
	words_app(view->plan, note->server, note->name, out);
	buf_str(out, STR(": "));
	words_cause(&note->cause, END_BYTES_MAX, out);
	line_end(out);
	say_link(view, note, 4, out);
	say_next(view, note, 4, out);
	if (buf_overflowed(out) || view->failures.n + text.n > view->failures.max)
		return;
	buf_str(&view->failures, buf_view(&text));
	view->failures_kept++;
}

/* What belongs to the line above it stands under its cause. */
static void beneath(const struct view_lines *view, const struct note *note, struct buf *out)
{
	size_t indent = TIME_WIDTH + 2 + view->name_width + 2 + PHASE_WIDTH + 2;

	say_link(view, note, indent, out);
	say_next(view, note, indent, out);
}

static void keep_name(const struct view_lines *view, struct view_names *kept,
		      const struct note *note)
{
	if (kept->count++ >= VIEW_NAMES_MAX)
		return;
	if (kept->count > 1)
		buf_str(&kept->names, STR(", "));
	words_app(view->plan, note->server, note->name, &kept->names);
}

static void say_kept(const struct view_names *kept, struct buf *out)
{
	buf_str(out, buf_view(&kept->names));
	if (kept->count > VIEW_NAMES_MAX)
		buf_printf(out, " and %" PRIu32 " more", kept->count - VIEW_NAMES_MAX);
}

/* A wait that does not end by itself. */
static bool is_in_the_way(enum cause_type cause)
{
	return cause == CAUSE_CLUSTER || cause == CAUSE_COMPARE_ERROR || cause == CAUSE_FOREIGN ||
	       cause == CAUSE_PAUSED;
}

static void tell_application(struct view_lines *view, const struct note *note, struct buf *out)
{
	auto_buf struct buf name = BUF_INIT(4 * WORDS_NAME_BYTES_MAX);
	bool is_end = note->phase == PHASE_FAILED || note->phase == PHASE_REFUSED;

	/* "done" was told, and the end says that all were read again: no second line for each. */
	if (note->phase == PHASE_CONFIRMED)
		return;
	head(view, 0, out);
	words_app(view->plan, note->server, note->name, &name);
	widen(view, buf_view(&name), note->names_width);
	say_elapsed(view, note->elapsed_ms, out);
	buf_str(out, buf_view(&name));
	line_pad(buf_view(&name), view->name_width, out);
	paint(view, line_phase_color(note->phase), line_phase(note->phase), out);
	line_pad(line_phase(note->phase), PHASE_WIDTH, out);
	say_why(view, note, is_end ? END_BYTES_MAX : WAIT_BYTES_MAX, out);
	line_end(out);
	if (note->phase == PHASE_REFUSED)
		keep_name(view, &view->in_the_way[note->cause.type], note);
	if (note->phase == PHASE_FAILED) {
		beneath(view, note, out);
		keep_failure(view, note);
	}
}

/* ---- the dry run's table ---- */

/* Each object in a line, as long as there is room for it. */
static uint32_t say_named(struct str names, const char *mark, const char *more, uint32_t room,
			  struct buf *out)
{
	struct str rest = names, name;
	uint32_t n = 0;

	while (n < room && !str_empty(rest) && str_cut(&rest, '\n', &name)) {
		buf_printf(out, "  %s ", mark);
		words_clean(name, WAIT_BYTES_MAX, out);
		buf_str(out, str_of(more));
		line_end(out);
		n++;
	}
	return n;
}

/* In the row: why it is not known what a sync would change. */
static void say_unknown(const struct view_lines *view, const struct note *note, struct buf *out)
{
	if (note->is_compared)
		return;
	buf_str(out, STR("; objects: not known before "));
	buf_str(out, note->is_at_revision ? STR("Argo CD has compared it with ")
					  : STR("its targetRevision is "));
	say_revision(view, out);
}

/* Beneath it: what would change. */
static void say_objects(const struct view_lines *view, const struct note *note, struct buf *out)
{
	bool prunes = plan_prunes(view->plan, MAX(note->stage, 1U) - 1);
	uint32_t n = 0;

	n += say_named(note->changed, "~", "", VIEW_OBJECTS_MAX, out);
	n += say_named(note->pruned, "-", prunes ? "" : " (only with --prune)",
		       VIEW_OBJECTS_MAX - n, out);
	if (n < note->out_of_sync_count)
		buf_printf(out, "  and %" PRIu32 " more\n", note->out_of_sync_count - n);
}

static void say_table_head(struct view_lines *view, struct buf *out)
{
	if (view->has_table_head)
		return;
	view->has_table_head = true;
	buf_str(out, STR("APPLICATION"));
	line_pad(STR("APPLICATION"), view->name_width, out);
	buf_str(out, STR("ACTION  WHY\n"));
}

/* Each stage has a table of its own. */
static void turn_to_stage(struct view_lines *view, uint32_t stage, struct buf *out)
{
	if (!is_staged(view) || stage == view->table_stage)
		return;
	view->table_stage = stage;
	view->has_table_head = false;
	say_stage(view, stage, out);
	line_end(out);
}

static void tell_preview(struct view_lines *view, const struct note *note, struct buf *out)
{
	static const enum color colors[] = {
		[PREVIEW_WAIT] = COLOR_YELLOW, [PREVIEW_SKIP] = COLOR_GREEN,
		[PREVIEW_ADOPT] = COLOR_CYAN,  [PREVIEW_SYNC] = COLOR_CYAN,
		[PREVIEW_FAIL] = COLOR_RED,
	};
	static_assert(COUNTOF(colors) == PREVIEW_FAIL + 1);
	auto_buf struct buf name = BUF_INIT(2 * WORDS_NAME_BYTES_MAX);
	struct str action = str_of(words_preview(note->preview));

	head(view, 0, out);
	words_app(view->plan, note->server, note->name, &name);
	widen(view, buf_view(&name), note->names_width);
	turn_to_stage(view, note->stage, out);
	say_table_head(view, out);
	buf_str(out, buf_view(&name));
	line_pad(buf_view(&name), MAX(view->name_width, sizeof "APPLICATION" - 1), out);
	paint(view, colors[note->preview], action, out);
	line_pad(action, sizeof "ACTION" - 1, out);
	words_cause(&note->cause, WAIT_BYTES_MAX, out);
	say_unknown(view, note, out);
	line_end(out);
	say_objects(view, note, out);
	view->previewed[note->preview]++;
	if (note->preview == PREVIEW_FAIL || is_in_the_way(note->cause.type))
		keep_name(view, &view->in_the_way[note->cause.type], note);
}

/* ---- the end ---- */

/* The last line says it too. */
static void end_best_effort(const struct note *note, struct buf *out)
{
	struct str words = words_best_effort(note->best_effort);

	if (!str_empty(words))
		buf_printf(out, "; " STR_FMT, STR_ARG(words));
}

static void end_dry_run(const struct view_lines *view, const struct note *note, struct buf *out)
{
	static const struct {
		enum preview action;
		const char *words;
	} order[] = {
		{PREVIEW_SYNC, "to sync"},     {PREVIEW_ADOPT, "to follow"},
		{PREVIEW_WAIT, "to wait for"}, {PREVIEW_SKIP, "to skip"},
		{PREVIEW_FAIL, "would fail"},
	};
	static_assert(COUNTOF(order) == PREVIEW_FAIL + 1);
	const char *comma = ": ";

	buf_printf(out, "dry run, nothing was posted: %" PRIu32 " %s at ", note->counts.total,
		   applications(note->counts.total));
	say_revision(view, out);
	for (size_t i = 0; i < COUNTOF(order); i++) {
		uint32_t n = view->previewed[order[i].action];
		if (n == 0)
			continue;
		buf_printf(out, "%s%" PRIu32 " %s", comma, n, order[i].words);
		comma = ", ";
	}
	if (note->counts.by_phase[PHASE_REFUSED] > 0)
		buf_printf(out, "%s%" PRIu32 " refused", comma,
			   note->counts.by_phase[PHASE_REFUSED]);
	end_best_effort(note, out);
	line_end(out);
	if (str_empty(view->plan->hash))
		return;
	buf_str(out, STR("plan "));
	words_clean(plan_hash_short(view->plan), WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR(": `tiphys show` and the gates of this promotion name the same one"));
	line_end(out);
}

static void end_done(const struct view_lines *view, const struct note *note, struct buf *out)
{
	const struct counts *counts = &note->counts;
	bool tells_hooks = view->plan->skip != SKIP_HOOKED;

	paint(view, COLOR_GREEN, STR("done"), out);
	buf_printf(out, ": %" PRIu32 " %s", counts->total, applications(counts->total));
	if (is_staged(view))
		buf_printf(out, " in %" PRIu32 " stages", note->stage);
	buf_str(out, STR(" at "));
	say_revision(view, out);
	buf_printf(out, " in %s", duration_format(note->elapsed_ms).s);
	if (counts->skipped > 0 && counts->skipped >= counts->total)
		buf_printf(out, " (all unchanged%s)", tells_hooks ? ": this run ran no hooks" : "");
	else if (counts->skipped > 0)
		buf_printf(out, " (%" PRIu32 " synced, %" PRIu32 " unchanged%s)",
			   counts->total - counts->skipped, counts->skipped,
			   tells_hooks ? ": this run ran no hooks there" : "");
	end_best_effort(note, out);
	line_end(out);
}

/* How it went, in the words that begin the last lines. */
static struct str end_word(const struct note *note)
{
	bool has_text = !str_empty(note->text);

	switch ((enum exit_code)note->code) {
	case EXIT_DONE:
		return STR("done");
	case EXIT_FAILED:
		return STR("failed");
	case EXIT_USAGE:
		return note->counts.by_phase[PHASE_REFUSED] > 0 ? STR("refused") : STR("error");
	case EXIT_WAITING:
		return STR("waiting");
	case EXIT_TERMINATED:
		return STR("terminated");
	case EXIT_PARTLY:
		return STR("done, but for what was skipped");
	case EXIT_DENIED:
		return has_text ? STR("error") : STR("denied");
	case EXIT_TIMEOUT:
		return STR("timed out");
	case EXIT_SUPERSEDED:
		return STR("superseded");
	case EXIT_CONFLICT:
		return STR("conflict");
	case EXIT_INTERNAL:
		return STR("internal error");
	case EXIT_TRY_AGAIN:
		return STR("error");
	case EXIT_SIGINT:
	case EXIT_SIGTERM:
		return STR("interrupted");
	}
	return STR("failed");
}

/* "failed: 1 of 12 applications at 3f2a91c after 1m2s (8 confirmed, 3 left out)" */
static void end_counts(const struct view_lines *view, const struct note *note, struct buf *out)
{
	const struct counts *counts = &note->counts;
	uint32_t failed = counts->by_phase[PHASE_FAILED];
	uint32_t parts = 0;

	if (failed > 0)
		buf_printf(out, "%" PRIu32 " of ", failed);
	buf_printf(out, "%" PRIu32 " %s at ", counts->total, applications(counts->total));
	say_revision(view, out);
	buf_printf(out, " after %s", duration_format(note->elapsed_ms).s);
	for (enum app_phase phase = 0; phase <= PHASE_REFUSED; phase++)
		parts += phase != PHASE_FAILED && counts->by_phase[phase] > 0;
	if (parts > 0) {
		buf_str(out, STR(" ("));
		line_counts(counts, false, out);
		buf_char(out, ')');
	}
	if (is_staged(view))
		buf_printf(out, "; %" PRIu32 " of %" PRIu32 " stages done", note->stage,
			   view->plan->stage_count);
	end_best_effort(note, out);
	line_end(out);
}

static void say_next_now(const struct view_lines *view, const struct note *note, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(2 * END_BYTES_MAX);

	if (!words_next_now(view->plan, note, false, &text))
		return;
	buf_printf(out, "    next: " STR_FMT, STR_ARG(buf_view(&text)));
	line_end(out);
}

/* Who was refused or is stuck, for each cause, and what can be done. */
static void end_in_the_way(const struct view_lines *view, struct buf *out)
{
	for (enum cause_type type = 0; type < CAUSE_COUNT; type++) {
		const struct view_names *kept = &view->in_the_way[type];
		struct note bare = {.name = STR("NAME"), .cause = {.type = type}};
		if (kept->count == 0)
			continue;
		buf_str(out, STR("  "));
		say_kept(kept, out);
		buf_str(out, STR(": "));
		words_cause(&bare.cause, END_BYTES_MAX, out);
		line_end(out);
		say_next_now(view, &bare, out);
	}
}

static void end_failures(const struct view_lines *view, struct buf *out)
{
	buf_str(out, buf_view(&view->failures));
	if (view->failures_told > view->failures_kept)
		buf_printf(out, "  and %" PRIu32 " more, in the lines above\n",
			   view->failures_told - view->failures_kept);
}

/* Nothing has answered like an Argo CD yet: it may be another address that is meant. */
static struct str next_address(enum outcome outcome)
{
	if (outcome == OUTCOME_BAD_ANSWER)
		return STR("next: check --server and --grpc-web-root-path: is it Argo CD that "
			   "answers there?");
	return STR("next: check --server; if it is right, run the same command again once Argo CD "
		   "answers");
}

/* What comes after this end, whatever the single applications need. */
static struct str end_next(const struct view_lines *view, const struct note *note,
			   struct arena *arena)
{
	switch ((enum exit_code)note->code) {
	case EXIT_FAILED:
	case EXIT_TIMEOUT:
		if (view->plan->is_promotion)
			return arena_printf(arena,
					    "next: `tiphys show " STR_FMT
					    "` tells what is left behind and how to go on",
					    STR_ARG(view->plan->run));
		return view->plan->skip == SKIP_NEVER
			       ? STR("then run the same command again")
			       : STR("then run the same command again; what is done is not synced "
				     "again");
	case EXIT_DENIED:
		if (view->failures_told > 0)
			return STR(""); /* which right is missing was said */
		return STR("next: log in (argocd login), or give a token that may do this "
			   "(--auth-token-file, ARGOCD_AUTH_TOKEN)");
	case EXIT_TRY_AGAIN:
		if (view->connected < plan_server_count(view->plan))
			return next_address(note->outcome);
		return STR("next: run the same command again once Argo CD answers: it takes up "
			   "what it finds running");
	case EXIT_SIGINT:
	case EXIT_SIGTERM:
		return STR("next: run the same command again to go on: it takes up what it finds "
			   "running");
	case EXIT_INTERNAL:
		return STR(
			"next: this is a fault of Tiphys itself: please report it with the lines "
			"above");
	case EXIT_DONE:
	case EXIT_USAGE:
	case EXIT_WAITING:
	case EXIT_TERMINATED:
	case EXIT_SUPERSEDED:
	case EXIT_PARTLY:
	case EXIT_CONFLICT:
		return STR("");
	}
	return STR("");
}

static void end_not_done(const struct view_lines *view, const struct note *note, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(2 * END_BYTES_MAX);
	auto_arena struct arena arena = {0};
	struct str word = end_word(note), next = end_next(view, note, &arena);
	const struct counts *counts = &note->counts;
	bool is_refused = counts->by_phase[PHASE_REFUSED] > 0;
	/* Or there is nothing to count. */
	bool has_begun = counts->by_phase[PHASE_WAITING] < counts->total;

	words_clean(note->text, END_BYTES_MAX, &text);
	struct str said = buf_view(&text);
	if (str_starts(said, word))
		said = str_after(said, word.n);
	paint(view, COLOR_RED, word, out);
	if (str_empty(note->text)) {
		buf_str(out, STR(": "));
		end_counts(view, note, out);
	} else {
		if (said.n == text.n)
			buf_str(out, STR(": "));
		buf_str(out, said);
		line_end(out);
	}
	if (!str_empty(note->text) && has_begun && !is_refused) {
		buf_str(out, STR("  "));
		end_counts(view, note, out);
	}
	end_in_the_way(view, out);
	end_failures(view, out);
	if (!say_next(view, note, 0, out) && !str_empty(next)) {
		buf_str(out, next);
		line_end(out);
	}
}

static void end_plan(const struct view_lines *view, const struct note *note, struct buf *out)
{
	auto_buf struct buf ways = BUF_INIT(FAILURES_BYTES_MAX);

	if (view->unselected.count > 0) {
		buf_printf(out, "selected by no stage, %" PRIu32 ": ", view->unselected.count);
		say_kept(&view->unselected, out);
		line_end(out);
	}
	end_in_the_way(view, &ways);
	if (ways.n > 0)
		buf_str(out, STR("in the way:\n"));
	buf_str(out, buf_view(&ways));
	end_dry_run(view, note, out);
}

static void tell_end(struct view_lines *view, const struct note *note, struct buf *out)
{
	head(view, note->counts.total, out);
	if (view->plan->is_dry_run && view->is_planned)
		end_plan(view, note, out);
	else if (note->code != EXIT_DONE)
		end_not_done(view, note, out);
	else
		end_done(view, note, out);
}

/* ---- the other lines ---- */

static void tell_warning(const struct view_lines *view, const struct note *note, struct buf *out)
{
	say_elapsed(view, note->elapsed_ms, out);
	paint(view, COLOR_YELLOW, STR("warning"), out);
	buf_str(out, STR(": "));
	words_clean(note->text, END_BYTES_MAX, out);
	line_end(out);
}

/* "12 applications: 3 done, 2 syncing, 7 waiting (web-prd-1: targetRevision is …)" */
static void tell_heartbeat(struct view_lines *view, const struct note *note, struct buf *out)
{
	head(view, note->counts.total, out);
	say_elapsed(view, note->elapsed_ms, out);
	buf_printf(out, "%" PRIu32 " %s: ", note->counts.total, applications(note->counts.total));
	line_counts(&note->counts, true, out);
	if (!str_empty(note->name)) {
		buf_str(out, STR(" ("));
		words_app(view->plan, note->server, note->name, out);
		buf_str(out, STR(": "));
		words_cause(&note->cause, WAIT_BYTES_MAX, out);
		buf_char(out, ')');
	}
	line_end(out);
}

static void tell_plan(struct view_lines *view, const struct note *note, struct buf *out)
{
	struct str words = words_best_effort(note->best_effort);

	head(view, note->counts.total, out);
	view->is_planned = true;
	if (!str_empty(view->plan->hash) && !view->plan->is_dry_run) {
		buf_str(out, STR("  plan "));
		words_clean(plan_hash_short(view->plan), WORDS_NAME_BYTES_MAX, out);
		line_end(out);
	}
	if (!str_empty(words))
		buf_printf(out, "  " STR_FMT "%s\n", STR_ARG(words),
			   view->plan->is_promotion
				   ? "; `expect` in its file says how many there are"
				   : "; --expect says how many there are");
}

/* Who is asked before a stage, and how long it is watched after it. */
static void say_between(const struct view_lines *view, uint32_t stage, struct buf *out)
{
	const struct plan_stage *at = &view->plan->stages[stage - 1];

	if (at->gate.is_asked) {
		buf_str(out, STR("    gate  approval by "));
		promotion_words_approvers(&at->gate, out);
		if (at->gate.timeout_ms > 0)
			buf_printf(out, ", within %s", duration_format(at->gate.timeout_ms).s);
		line_end(out);
	}
	if (at->soak.for_ms > 0) {
		buf_printf(out, "    soak  %s watched; ", duration_format(at->soak.for_ms).s);
		promotion_words_breach(&at->soak, out);
		line_end(out);
	}
}

static void tell_plan_stage(const struct view_lines *view, const struct note *note, struct buf *out)
{
	if (!is_staged(view) && note->to_come == 0 && !view->plan->is_promotion)
		return;
	buf_str(out, STR("  "));
	if (is_staged(view)) {
		say_planned_stage(view, note->stage, out);
		buf_str(out, STR(": "));
	}
	buf_printf(out, "%" PRIu32 " %s", note->counts.total, applications(note->counts.total));
	if (note->to_come > 0)
		buf_printf(out, ", %" PRIu32 " of them not there yet", note->to_come);
	if (note->shared > 0)
		buf_printf(out, ", %" PRIu32 " more %s owned by earlier stages", note->shared,
			   note->shared == 1 ? "is" : "are");
	line_end(out);
	say_between(view, note->stage, out);
}

/* "  web-test-1: also selected by stage 2, 3: owned by stage 1"; a promotion's barriers read it
 * once more there. */
static void tell_shared(const struct view_lines *view, const struct note *note, struct buf *out)
{
	const char *comma = " ";

	buf_str(out, STR("  "));
	words_app(view->plan, note->server, note->name, out);
	buf_str(out, STR(": also selected by stage"));
	for (uint32_t i = 0; i < STAGES_MAX; i++) {
		if (!(note->also >> i & 1))
			continue;
		buf_printf(out, "%s%" PRIu32, comma, i + 1);
		comma = ", ";
	}
	buf_printf(out, "%s: owned by stage %" PRIu32 "\n",
		   view->plan->is_promotion ? ", verified again there" : "", note->stage);
}

static void tell_stage(struct view_lines *view, const struct note *note, struct buf *out)
{
	if (!is_staged(view))
		return;
	say_elapsed(view, note->elapsed_ms, out);
	say_stage(view, note->stage, out);
	if (note->type == NOTE_STAGE)
		buf_str(out, STR(" begins"));
	else
		buf_str(out, note->counts.total == 0 ? STR(": done, it has nothing of its own")
						     : STR(": done, each was found so once more"));
	line_end(out);
}

static void tell_barrier(struct view_lines *view, const struct note *note, struct buf *out)
{
	head(view, note->counts.total, out);
	say_elapsed(view, note->elapsed_ms, out);
	if (note->counts.total == 1)
		buf_str(out, STR("it is done; reading it once more"));
	else
		buf_printf(out, "all %" PRIu32 " are done; reading each once more",
			   note->counts.total);
	line_end(out);
}

static void tell_promotion(struct view_lines *view, const struct note *note, struct buf *out)
{
	head(view, note->counts.total, out);
	say_elapsed(view, note->elapsed_ms, out);
	promotion_words(view->plan, note, out);
	line_end(out);
}

void view_lines_note(struct view_lines *view, const struct note *note, struct buf *out)
{
	switch (note->type) {
	case NOTE_CONNECTED:
		connected(view, note);
		return;
	case NOTE_PLAN:
		tell_plan(view, note, out);
		return;
	case NOTE_PLAN_STAGE:
		tell_plan_stage(view, note, out);
		return;
	case NOTE_SHARED:
		tell_shared(view, note, out);
		return;
	case NOTE_UNSELECTED:
		keep_name(view, &view->unselected, note);
		return;
	case NOTE_STAGE:
	case NOTE_PASSED:
		tell_stage(view, note, out);
		return;
	case NOTE_APP:
		tell_application(view, note, out);
		return;
	case NOTE_PREVIEW:
		tell_preview(view, note, out);
		return;
	case NOTE_WARNING:
		tell_warning(view, note, out);
		return;
	case NOTE_HEARTBEAT:
		tell_heartbeat(view, note, out);
		return;
	case NOTE_BARRIER:
		tell_barrier(view, note, out);
		return;
	case NOTE_RESTARTED:
	case NOTE_GATE:
	case NOTE_SAID:
	case NOTE_SOAK:
	case NOTE_BREACH:
		tell_promotion(view, note, out);
		return;
	case NOTE_END:
		tell_end(view, note, out);
		return;
	}
	check_failed(__FILE__, __LINE__, "a note that is none");
}
