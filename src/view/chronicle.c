#include "view/chronicle.h"

#include "base/check.h"
#include "view/line.h"
#include "view/overview_words.h"
#include "view/promotion_words.h"
#include "view/words.h"

static void begin_line(wall at, struct buf *out)
{
	buf_printf(out, "  %s  ", overview_words_wall(at).s);
}

static void say_beginning(const struct overview *overview, struct buf *out)
{
	begin_line(overview->submitted_at, out);
	buf_str(out, STR("begun"));
	if (!str_empty(overview->plan->submitter)) {
		buf_str(out, STR(" by "));
		words_clean(overview->plan->submitter, WORDS_NAME_BYTES_MAX, out);
	}
	line_end(out);
}

/* The gates that were opened until then, of those that are not told yet. */
static void say_gates(const struct overview_lines *lines, wall until, uint32_t *told,
		      struct buf *out)
{
	const struct plan *plan = lines->overview->plan;

	for (; *told < plan->stage_count; ++*told) {
		wall at = lines->story->stages[*told].gate_at;
		if (at.ms == 0 && plan->stages[*told].gate.is_asked)
			return; /* it was not opened, and no later one can have been */
		if (at.ms == 0)
			continue;
		if (wall_cmp(at, until) > 0)
			return;
		begin_line(at, out);
		words_clean(lines->overview->stages[*told].name, WORDS_NAME_BYTES_MAX, out);
		buf_str(out, STR(" asks for approval by "));
		promotion_words_approvers(&plan->stages[*told].gate, out);
		line_end(out);
	}
}

static void say_said(const struct overview_lines *lines, struct buf *out)
{
	uint32_t gates_told = 0;

	for (const struct story_said *said = lines->story->said; said; said = said->next) {
		say_gates(lines, said->at, &gates_told, out);
		begin_line(said->at, out);
		promotion_words(lines->overview->plan, &said->note, out);
		line_end(out);
	}
	say_gates(lines, lines->story->till, &gates_told, out);
}

static void say_how_long(const struct overview *overview, wall until, const char *before,
			 struct buf *out)
{
	int64_t ms = MAX(wall_since(until, overview->submitted_at), INT64_C(0));

	if (ms >= 1000)
		buf_printf(out, " %s %s", before, duration_format(ms - ms % 1000).s);
}

/* How it ended, or how it stands. */
static void say_end(const struct overview_lines *lines, struct buf *out)
{
	const struct overview *overview = lines->overview;
	bool is_told = overview->is_over && lines->story->over_at.ms != 0;
	wall at = is_told ? lines->story->over_at : overview->now;

	begin_line(at, out);
	buf_str(out, str_of(overview_words_state(&overview->whys[0])));
	say_how_long(overview, at, overview->is_over ? "after" : "for", out);
	buf_str(out, STR(": "));
	overview_words_why(overview, &overview->whys[0], out);
	line_end(out);
}

void chronicle_write(const struct overview_lines *lines, struct buf *out)
{
	check(lines->story && lines->overview->why_count > 0);
	overview_title(lines, out);
	say_beginning(lines->overview, out);
	say_said(lines, out);
	say_end(lines, out);
	buf_char(out, '\n');
}
