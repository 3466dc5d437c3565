#include "view/overview_lines.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "view/leftover.h"
#include "view/line.h"
#include "view/overview_words.h"
#include "view/promotion_words.h"
#include "view/repeats.h"
#include "view/words.h"

#include <inttypes.h>

enum { ROW_WHY_BYTES_MAX = 120 };

static void say_name(struct str name, struct buf *out)
{
	words_clean(name, WORDS_NAME_BYTES_MAX, out);
}

static void say_revision(const struct plan *plan, struct buf *out)
{
	say_name(revision_short(plan->revision), out);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- the head ---- */

static void say_servers(const struct overview *overview, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	overview_words_servers(overview, &text);
	if (text.n == 0)
		return;
	buf_str(out, STR(" on "));
	buf_str(out, buf_view(&text));
}

static void say_run(const struct plan *plan, struct buf *out)
{
	buf_str(out, STR("run "));
	say_name(plan->run, out);
	buf_str(out, STR(": "));
	say_name(plan->app, out);
	buf_str(out, STR(" at "));
	say_revision(plan, out);
	buf_str(out, STR(", project "));
	say_name(plan->project, out);
}

static void say_head(const struct overview *overview, struct buf *out)
{
	const struct plan *plan = overview->plan;

	say_run(plan, out);
	if (!str_empty(plan->hash)) {
		buf_str(out, STR(", plan "));
		say_name(plan_hash_short(plan), out);
	}
	line_end(out);
	buf_str(out, STR("  begun"));
	if (!str_empty(plan->submitter)) {
		buf_str(out, STR(" by "));
		say_name(plan->submitter, out);
	}
	if (overview->submitted_at.ms != 0) {
		buf_char(out, ' ');
		overview_words_time(overview->submitted_at, overview->now, out);
	}
	say_servers(overview, out);
	line_end(out);
}

/* ---- why ---- */

static enum color color_of(const struct why *why)
{
	switch (why->type) {
	case WHY_OVER:
		return why->code == EXIT_DONE	  ? COLOR_GREEN
		       : why->code == EXIT_PARTLY ? COLOR_YELLOW
						  : COLOR_RED;
	case WHY_FAILED:
		return COLOR_RED;
	case WHY_SERVER:
	case WHY_ENDING:
	case WHY_PAUSED:
	case WHY_HELD:
	case WHY_GATE:
	case WHY_UNWELL:
		return COLOR_YELLOW;
	case WHY_APP:
		return why->is_stuck ? COLOR_YELLOW : COLOR_CYAN;
	case WHY_SOAK:
	case WHY_BARRIER:
	case WHY_BEGINNING:
		return COLOR_CYAN;
	}
	return COLOR_NONE;
}

static void say_why(const struct overview_lines *lines, const struct why *why, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	line_paint(lines->use_color, color_of(why), str_of(overview_words_state(why)), out);
	buf_str(out, STR(": "));
	overview_words_why(lines->overview, why, &text);
	buf_str(out, buf_view(&text));
	line_end(out);
	buf_clear(&text);
	if (!overview_words_next(lines->overview, why, &text))
		return;
	buf_str(out, STR("  next: "));
	buf_str(out, buf_view(&text));
	line_end(out);
}

static void say_steps(const struct leftovers *left, struct buf *out)
{
	for (uint32_t i = 0; i < left->step_count; i++) {
		buf_printf(out, "  %s `" STR_FMT "`: " STR_FMT,
			   i == 0 ? "next:" : "or:  ", STR_ARG(left->steps[i].command),
			   STR_ARG(left->steps[i].purpose));
		line_end(out);
	}
}

void overview_title(const struct overview_lines *lines, struct buf *out)
{
	const struct why *why = &lines->overview->whys[0];

	say_run(lines->overview->plan, out);
	buf_str(out, STR(": "));
	line_paint(lines->use_color, color_of(why), str_of(overview_words_state(why)), out);
	line_end(out);
}

void overview_first_why(const struct overview_lines *lines, struct buf *out)
{
	if (lines->overview->why_count > 0)
		say_why(lines, &lines->overview->whys[0], out);
}

void overview_why(const struct overview_lines *lines, struct buf *out)
{
	auto_arena struct arena arena = {0};
	size_t count = lines->overview->why_count;
	size_t shown = lines->shows_all ? count : MIN(count, (size_t)OVERVIEW_WHYS_MAX);
	struct leftovers left;

	for (size_t i = 0; i < shown; i++)
		say_why(lines, &lines->overview->whys[i], out);
	if (shown < count)
		buf_printf(out, "and %zu more\n", count - shown);
	leftover_find(lines->overview, &arena, &left);
	say_steps(&left, out);
}

/* ---- applications ---- */

/* Who is shown beneath its stage. */
static bool is_shown(const struct overview_lines *lines, const struct overview_app *app)
{
	const struct overview_stage *stage = &lines->overview->stages[app->stage];
	bool is_to_come = stage->state == STAGE_TO_COME || stage->state == STAGE_AT_GATE;
	bool is_idle = app->phase == PHASE_WAITING || app->phase == PHASE_LEFT;

	if (lines->shows_all)
		return true;
	return !overview_app_is_done(app) && !app->is_skipped && !(is_to_come && is_idle);
}

static void say_next(const struct overview_lines *lines, const struct overview_app *app,
		     size_t indent, struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	if (!overview_words_app_next(lines->overview, app, &text))
		return;
	line_blanks(indent, out);
	buf_str(out, STR("next: "));
	buf_str(out, buf_view(&text));
	line_end(out);
}

static void say_app(const struct overview_lines *lines, const struct overview_app *app,
		    size_t width, struct buf *out)
{
	auto_buf struct buf name = BUF_INIT(4 * WORDS_NAME_BYTES_MAX);
	struct str phase = overview_words_phase(app);
	enum color color = app->is_skipped ? COLOR_DIM : line_phase_color(app->phase);

	overview_words_app(lines->overview, app, &name);
	line_blanks(4, out);
	buf_str(out, buf_view(&name));
	line_pad(buf_view(&name), width, out);
	line_paint(lines->use_color, color, phase, out);
	line_pad(phase, sizeof "confirmed" - 1, out);
	overview_words_cause(app, out);
	line_end(out);
	say_next(lines, app, 4 + width + 2, out);
}

/* The longest name of those that are shown. */
static size_t width_of(const struct overview_lines *lines)
{
	size_t width = 0;

	for (size_t i = 0; i < lines->overview->app_count; i++) {
		auto_buf struct buf name = BUF_INIT(4 * WORDS_NAME_BYTES_MAX);
		if (!is_shown(lines, &lines->overview->apps[i]))
			continue;
		overview_words_app(lines->overview, &lines->overview->apps[i], &name);
		width = MAX(width, line_columns(buf_view(&name)));
	}
	return MIN(width, (size_t)OVERVIEW_NAME_WIDTH_MAX);
}

static void say_apps(const struct overview_lines *lines, uint32_t stage, size_t width,
		     struct buf *out)
{
	enum { RANKS = 7 };
	const struct overview *overview = lines->overview;
	size_t max = lines->shows_all ? overview->app_count : OVERVIEW_APPS_MAX;
	size_t found = 0;

	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < overview->app_count; i++) {
			const struct overview_app *app = &overview->apps[i];
			if (app->stage != stage || overview_app_rank(app) != rank ||
			    !is_shown(lines, app))
				continue;
			if (found++ < max)
				say_app(lines, app, width, out);
		}
	if (found > max)
		buf_printf(out, "    and %zu more\n", found - max);
}

/* "web-prd-1, web-prd-2 and 3 more" */
static void say_names(const struct overview *overview, enum leftover leftover, struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < overview->app_count; i++) {
		if (leftover_of(&overview->apps[i]) != leftover || found++ >= OVERVIEW_APPS_MAX)
			continue;
		if (found > 1)
			buf_str(out, STR(", "));
		overview_words_app(overview, &overview->apps[i], out);
	}
	if (found > OVERVIEW_APPS_MAX)
		buf_printf(out, " and %zu more", found - OVERVIEW_APPS_MAX);
}

/* While it is under way; at its end they are one of the heaps. */
static void say_skipped(const struct overview *overview, struct buf *out)
{
	size_t n = 0, shown = 0;

	for (size_t i = 0; i < overview->app_count; i++)
		n += overview->apps[i].is_skipped;
	if (n == 0)
		return;
	buf_str(out, STR("skipped, nobody waits for "));
	buf_str(out, n == 1 ? STR("it: ") : STR("them: "));
	for (size_t i = 0; i < overview->app_count; i++) {
		if (!overview->apps[i].is_skipped || shown++ >= OVERVIEW_APPS_MAX)
			continue;
		if (shown > 1)
			buf_str(out, STR(", "));
		overview_words_app(overview, &overview->apps[i], out);
	}
	if (n > OVERVIEW_APPS_MAX)
		buf_printf(out, " and %zu more", n - OVERVIEW_APPS_MAX);
	line_end(out);
}

static void say_repeats(const struct overview *overview, struct buf *out)
{
	if (repeats_words(overview, out))
		line_end(out);
}

/* ---- stages ---- */

static enum color stage_color(const struct overview *overview, const struct overview_stage *stage)
{
	if (stage->state == STAGE_DONE)
		return COLOR_GREEN;
	if (stage->is_declined)
		return COLOR_RED;
	if (stage->state == STAGE_TO_COME)
		return COLOR_DIM;
	if (overview->is_over)
		return COLOR_RED;
	return stage->state == STAGE_AT_GATE ? COLOR_YELLOW : COLOR_CYAN;
}

static void say_clean_stage(const struct overview_stage *stage, struct buf *out)
{
	words_clean(stage->name, WORDS_NAME_BYTES_MAX, out);
}

static size_t stages_width(const struct overview *overview)
{
	auto_buf struct buf name = BUF_INIT(2 * WORDS_NAME_BYTES_MAX);
	size_t width = 0;

	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		buf_clear(&name);
		say_clean_stage(&overview->stages[i], &name);
		width = MAX(width, line_columns(buf_view(&name)));
	}
	return MIN(width, (size_t)OVERVIEW_NAME_WIDTH_MAX);
}

/* Who said what at the gate, when, and why. */
static void say_answers(const struct overview_lines *lines, uint32_t number, struct buf *out)
{
	const struct story_said *said = lines->story ? lines->story->said : NULL;

	for (; said; said = said->next) {
		if (said->note.stage != number + 1)
			continue;
		line_blanks(8, out);
		promotion_words(lines->overview->plan, &said->note, out);
		buf_str(out, STR("; "));
		overview_words_time(said->at, lines->overview->now, out);
		line_end(out);
	}
}

static void say_stage(const struct overview_lines *lines, uint32_t number, size_t width,
		      struct buf *out)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview *overview = lines->overview;
	const struct overview_stage *stage = &overview->stages[number];
	struct str state = str_of(overview_words_stage(overview, stage));

	say_clean_stage(stage, &text);
	buf_str(out, buf_view(&text));
	line_pad(buf_view(&text), width, out);
	line_paint(lines->use_color, stage_color(overview, stage), state, out);
	line_pad(state, sizeof "read once more" - 1, out);
	buf_printf(out, "%" PRIu32 " application%s", stage->counts.total,
		   plural(stage->counts.total));
	if (stage->counts.total > 0)
		buf_str(out, STR(": "));
	line_counts(&stage->counts, true, out);
	line_end(out);
	buf_clear(&text);
	if (overview_words_gate(overview, stage, &text)) {
		buf_printf(out, "  gate  " STR_FMT, STR_ARG(buf_view(&text)));
		line_end(out);
		say_answers(lines, number, out);
	}
	buf_clear(&text);
	if (overview_words_soak(stage, &text)) {
		buf_printf(out, "  soak  " STR_FMT, STR_ARG(buf_view(&text)));
		line_end(out);
	}
}

static void say_stages(const struct overview_lines *lines, struct buf *out)
{
	size_t stage_width = stages_width(lines->overview), app_width = width_of(lines);

	for (uint32_t i = 0; i < lines->overview->plan->stage_count; i++) {
		say_stage(lines, i, stage_width, out);
		say_apps(lines, i, app_width, out);
	}
}

/* ---- people ---- */

/* Answers at gates stand beneath these. */
static bool is_beside_gates(const struct story_said *said)
{
	return said->note.stage == 0;
}

/* The last ones: `tiphys history` has all. */
static void say_said(const struct overview_lines *lines, struct buf *out)
{
	const struct story_said *first = lines->story ? lines->story->said : NULL;
	size_t before = 0;

	for (const struct story_said *said = first; said; said = said->next)
		before += is_beside_gates(said);
	for (const struct story_said *said = first; said; said = said->next) {
		if (!is_beside_gates(said) || before-- > OVERVIEW_SAID_MAX)
			continue;
		buf_str(out, STR("said  "));
		promotion_words(lines->overview->plan, &said->note, out);
		buf_str(out, STR("; "));
		overview_words_time(said->at, lines->overview->now, out);
		line_end(out);
	}
}

/* ---- the end ---- */

static void say_left(const struct overview *overview, struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct leftovers left;

	leftover_find(overview, &arena, &left);
	buf_printf(out, "\nresult: %s (exit code %d)\n", words_result(overview->code),
		   overview->code);
	/* All are where they were to be. */
	if (overview->code == EXIT_DONE || overview->app_count == 0) {
		say_steps(&left, out);
		return;
	}
	buf_str(out, STR("left behind:\n"));
	for (enum leftover i = 0; i <= LEFTOVER_DONE; i++) {
		if (left.counts[i] == 0)
			continue;
		buf_printf(out, "  %" PRIu32 " ", left.counts[i]);
		leftover_words(overview, i, out);
		buf_str(out, STR(": "));
		say_names(overview, i, out);
		line_end(out);
	}
	say_steps(&left, out);
}

void overview_show(const struct overview_lines *lines, struct buf *out)
{
	const struct overview *overview = lines->overview;

	say_head(overview, out);
	overview_first_why(lines, out);
	buf_char(out, '\n');
	say_stages(lines, out);
	say_said(lines, out);
	say_repeats(overview, out);
	if (overview->is_over)
		say_left(overview, out);
	else
		say_skipped(overview, out);
}

/* ---- the table ---- */

struct row {
	struct str run, app, revision, state, since, why;
};

static struct str clean(struct str text, size_t bytes_max, struct arena *arena)
{
	auto_buf struct buf said = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	words_clean(text, bytes_max, &said);
	return arena_copy(arena, buf_view(&said));
}

static struct row row_of(const struct overview *overview, struct arena *arena)
{
	auto_buf struct buf why = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct plan *plan = overview->plan;
	int64_t gone_ms = MAX(wall_since(overview->now, overview->submitted_at), INT64_C(0));
	struct row row = {
		.run = clean(plan->run, WORDS_NAME_BYTES_MAX, arena),
		.app = clean(plan->app, WORDS_NAME_BYTES_MAX, arena),
		.revision = clean(revision_short(plan->revision), WORDS_NAME_BYTES_MAX, arena),
	};

	if (overview->submitted_at.ms != 0)
		row.since = arena_copy(arena, str_of(duration_format(gone_ms - gone_ms % 1000).s));
	if (overview->why_count == 0)
		return row;
	row.state = str_of(overview_words_state(&overview->whys[0]));
	overview_words_why(overview, &overview->whys[0], &why);
	row.why = clean(buf_view(&why), ROW_WHY_BYTES_MAX, arena);
	return row;
}

static void fit(size_t *width, struct str head, struct str text)
{
	*width = MAX(MAX(*width, line_columns(head)), line_columns(text));
}

void overview_columns_fit(struct overview_columns *columns, const struct overview *overview)
{
	auto_arena struct arena arena = {0};
	struct row row = row_of(overview, &arena);

	fit(&columns->run, STR("RUN"), row.run);
	fit(&columns->app, STR("APPLICATION"), row.app);
	fit(&columns->revision, STR("REVISION"), row.revision);
	fit(&columns->state, STR("STATE"), row.state);
	fit(&columns->since, STR("SINCE"), row.since);
}

static void cell(struct str text, size_t width, struct buf *out)
{
	buf_str(out, text);
	line_pad(text, MIN(width, (size_t)OVERVIEW_NAME_WIDTH_MAX), out);
}

void overview_row_head(const struct overview_columns *columns, struct buf *out)
{
	cell(STR("RUN"), columns->run, out);
	cell(STR("APPLICATION"), columns->app, out);
	cell(STR("REVISION"), columns->revision, out);
	cell(STR("STATE"), columns->state, out);
	cell(STR("SINCE"), columns->since, out);
	buf_str(out, STR("WHY\n"));
}

void overview_row(const struct overview_columns *columns, const struct overview *overview,
		  bool use_color, struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct row row = row_of(overview, &arena);
	enum color color = overview->why_count > 0 ? color_of(&overview->whys[0]) : COLOR_NONE;

	cell(row.run, columns->run, out);
	cell(row.app, columns->app, out);
	cell(row.revision, columns->revision, out);
	line_paint(use_color, color, row.state, out);
	line_pad(row.state, columns->state, out);
	cell(row.since, columns->since, out);
	buf_str(out, row.why);
	line_end(out);
}
