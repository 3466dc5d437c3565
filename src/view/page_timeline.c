#include "view/page_timeline.h"

#include "base/check.h"
#include "view/line.h"
#include "view/overview_words.h"
#include "view/words.h"

#include <inttypes.h>

enum {
	TICKS_MAX = 6,
	LAST_TICK = 9500,   /* 95 % */
	OPEN_APPS_MAX = 40, /* more are folded away */
};

/* ---- the axis ---- */

/* Of the whole axis, in hundredths of a percent. */
static int64_t place_of(const struct story *story, wall at)
{
	int64_t span = wall_since(story->till, story->from);
	int64_t way = MIN(MAX(wall_since(at, story->from), INT64_C(0)), span);

	/* Ten thousand parts of more than this do not fit. */
	return span > INT64_MAX / 10'000 ? 0 : way * 10'000 / span;
}

static void say_percent(int64_t place, struct buf *out)
{
	buf_printf(out, "%" PRId64 ".%02" PRId64 "%%", place / 100, place % 100);
}

static int64_t step_of(int64_t span_ms)
{
	static const int64_t steps_s[] = {1,	 2,	5,     10,    15,     30,    60,
					  120,	 300,	600,   900,   1800,   3600,  7200,
					  10800, 21600, 43200, 86400, 172800, 604800};
	int64_t step_ms = 0;

	for (size_t i = 0; i < COUNTOF(steps_s); i++) {
		step_ms = steps_s[i] * 1000;
		if (span_ms / step_ms < TICKS_MAX)
			return step_ms;
	}
	while (span_ms / step_ms >= TICKS_MAX)
		step_ms *= 2;
	return step_ms;
}

/* "13:00", "13:00:05" where seconds matter, "11-24" at midnight. */
static void say_tick(wall at, int64_t step_ms, struct buf *out)
{
	struct when_text text = overview_words_wall(at);
	struct str stamp = str_of(text.s);
	bool is_midnight = at.ms % (INT64_C(24) * 3'600'000) == 0;

	if (is_midnight)
		buf_str(out, str_first(str_after(stamp, 5), 5));
	else
		buf_str(out, str_first(str_after(stamp, 11), step_ms < 60'000 ? 8 : 5));
}

static void say_axis(const struct page *page)
{
	const struct story *story = &page->story;
	struct buf *out = page->out;
	int64_t step_ms = step_of(wall_since(story->till, story->from));
	wall first = {story->from.ms - story->from.ms % step_ms};

	buf_str(out, STR("<div class=\"row axis\"><span>UTC</span><span class=\"track\">"));
	for (int i = 0; i <= TICKS_MAX; i++) {
		wall at = wall_add(first, i * step_ms);
		/* One at the very end would have no room. */
		if (wall_cmp(at, story->from) < 0 || wall_cmp(at, story->till) > 0 ||
		    place_of(story, at) > LAST_TICK)
			continue;
		buf_str(out, STR("<b style=\"left:"));
		say_percent(place_of(story, at), out);
		buf_str(out, STR("\">"));
		say_tick(at, step_ms, out);
		buf_str(out, STR("</b>"));
	}
	buf_str(out, STR("</span></div>\n"));
}

/* ---- bars ---- */

static void say_bar(const struct page *page, const char *class, const char *more, wall from,
		    wall till)
{
	int64_t left = place_of(&page->story, from), right = place_of(&page->story, till);

	buf_printf(page->out, "<i class=\"bar %s%s\" style=\"left:", class, more);
	say_percent(left, page->out);
	buf_str(page->out, STR(";width:"));
	say_percent(MAX(right - left, INT64_C(0)), page->out);
	buf_str(page->out, STR("\"></i>"));
}

static void begin_row(const struct page *page, const char *class, struct str name)
{
	buf_printf(page->out, "<div class=\"row%s\"><span>", class);
	page_text(page, words_cut(name, WORDS_NAME_BYTES_MAX));
	buf_str(page->out, STR("</span><span class=\"track\">"));
}

static void end_row(const struct page *page)
{
	buf_str(page->out, STR("</span></div>\n"));
}

static void say_whole(const struct page *page, struct str name, const char *class, wall from,
		      wall till)
{
	if (from.ms == 0)
		return;
	begin_row(page, " whole", name);
	say_bar(page, class, "", from, till.ms != 0 ? till : page->story.till);
	end_row(page);
}

static void say_soak_row(const struct page *page, const struct story_stage *told)
{
	const struct story_breach *breach = told->breaches;

	if (told->soak_at.ms == 0)
		return;
	begin_row(page, " whole", STR("soak"));
	say_bar(page, "good", "", told->soak_at,
		told->barrier_at.ms != 0 ? told->barrier_at : told->soaked_at);
	for (int i = 0; breach && i < PAGE_BREACHES_MAX; i++, breach = breach->next) {
		buf_str(page->out, STR("<b class=\"breach\" style=\"left:"));
		say_percent(place_of(&page->story, breach->at), page->out);
		buf_str(page->out, STR("\">✗</b>"));
	}
	end_row(page);
}

static const char *span_class(enum span_end end)
{
	static const char *const names[] = {
		[SPAN_OPEN] = "work",
		[SPAN_DONE] = "good",
		[SPAN_FAILED] = "bad",
		[SPAN_LEFT] = "dim",
	};
	static_assert(COUNTOF(names) == SPAN_LEFT + 1);
	return names[end];
}

static void say_app_row(const struct page *page, size_t i)
{
	const struct plan *plan = page->overview->plan;
	const struct overview_app *app = &page->overview->apps[i];
	auto_arena struct arena arena = {0};

	begin_row(page, "",
		  plan_app_name(plan, plan->stages[app->stage].server, app->name, &arena));
	for (const struct story_span *span = page->story.apps[i].first; span; span = span->next)
		say_bar(page, span_class(span->end), span->is_reopened ? " again" : "", span->from,
			span->till);
	end_row(page);
}

/* ---- the timeline ---- */

/* Those of the stage that are shown, worst first, or only how many. */
static size_t each_app(const struct page *page, uint32_t stage,
		       void (*say)(const struct page *page, size_t i))
{
	enum { RANKS = 7 };
	const struct overview *overview = page->overview;
	size_t n = 0;

	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < overview->app_count; i++) {
			const struct overview_app *app = &overview->apps[i];
			if (app->stage != stage || !page->is_shown[i] ||
			    overview_app_rank(app) != rank)
				continue;
			if (say)
				say(page, i);
			n++;
		}
	return n;
}

static void begin_line(const struct page *page, struct str name)
{
	buf_str(page->out, STR("<div class=\"line\" role=\"img\" aria-label=\"Timeline of "));
	page_text(page, name);
	buf_str(page->out, STR("; the table of applications has the same in words\">\n"));
	say_axis(page);
}

static void say_timeline(const struct page *page, uint32_t number)
{
	const struct overview_stage *stage = &page->overview->stages[number];
	const struct story_stage *told = &page->story.stages[number];
	size_t n = told->begun_at.ms != 0 ? each_app(page, number, NULL) : 0;
	bool is_folded = n > OPEN_APPS_MAX;

	/* Nothing has happened in it yet. */
	if (n == 0 && told->gate_at.ms == 0)
		return;
	begin_line(page, stage->name);
	say_whole(page, STR("gate"), stage->is_declined ? "bad" : "wait", told->gate_at,
		  told->gate_closed_at);
	say_whole(page, STR("stage"), "work", told->begun_at, told->ended_at);
	say_soak_row(page, told);
	if (is_folded) {
		buf_printf(page->out, "</div>\n<details><summary>%zu applications</summary>\n", n);
		begin_line(page, stage->name);
	}
	if (n > 0)
		each_app(page, number, say_app_row);
	buf_str(page->out, is_folded ? STR("</div></details>\n") : STR("</div>\n"));
}

/* ---- the stage in words ---- */

static void say_answers(const struct page *page, uint32_t number)
{
	const char *begin = "<ul>\n", *end = "";
	uint32_t shown = 0;

	for (const struct story_said *said = page->story.said; said; said = said->next) {
		if (said->note.stage != number + 1 || shown++ >= GATE_COUNT_MAX + 1)
			continue;
		buf_str(page->out, str_of(begin));
		page_said(page, said);
		begin = "";
		end = "</ul>\n";
	}
	buf_str(page->out, str_of(end));
}

static void say_gate(const struct page *page, uint32_t number)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct story_stage *told = &page->story.stages[number];

	if (!overview_words_gate(page->overview, &page->overview->stages[number], &text))
		return;
	buf_str(page->out, STR("<p><strong>Gate</strong> "));
	page_text(page, buf_view(&text));
	if (told->gate_closed_at.ms != 0)
		buf_printf(page->out, "; it was open for %s",
			   duration_format(wall_since(told->gate_closed_at, told->gate_at)).s);
	buf_str(page->out, STR("</p>\n"));
	say_answers(page, number);
}

static void say_breaches(const struct page *page, const struct story_stage *told)
{
	const struct overview *overview = page->overview;
	const struct story_breach *breach = told->breaches;

	if (!breach)
		return;
	buf_str(page->out, STR("<ul>\n"));
	for (int i = 0; breach && i < PAGE_BREACHES_MAX; i++, breach = breach->next) {
		buf_str(page->out, STR("<li>"));
		page_time(page, breach->at);
		buf_char(page->out, ' ');
		if (breach->app < overview->app_count)
			page_app(page, &overview->apps[breach->app]);
		buf_printf(page->out, " was not well: %s</li>\n", cause_name(breach->cause));
	}
	if (breach)
		buf_printf(page->out, "<li>and %" PRIu32 " more</li>\n",
			   told->breach_count - PAGE_BREACHES_MAX);
	buf_str(page->out, STR("</ul>\n"));
}

static void say_soak(const struct page *page, uint32_t number)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct story_stage *told = &page->story.stages[number];
	struct when_text room;

	if (!overview_words_soak(&page->overview->stages[number], &text))
		return;
	buf_str(page->out, STR("<p><strong>Soak</strong> "));
	page_text(page, buf_view(&text));
	if (told->breach_count > 0)
		buf_printf(page->out, "; broken %s", page_times(told->breach_count, &room));
	buf_str(page->out, STR("</p>\n"));
	say_breaches(page, told);
}

static void say_times(const struct page *page, uint32_t number)
{
	const struct story_stage *told = &page->story.stages[number];
	const struct overview_stage *stage = &page->overview->stages[number];

	buf_printf(page->out, "<p class=\"soft\">%" PRIu32 " application%s", stage->counts.total,
		   stage->counts.total == 1 ? "" : "s");
	if (stage->counts.total > 0)
		buf_str(page->out, STR(": "));
	line_counts(&stage->counts, true, page->out);
	if (told->begun_at.ms != 0) {
		buf_str(page->out, STR("; begun "));
		page_time(page, told->begun_at);
	}
	bool is_done = stage->state == STAGE_DONE || overview_stage_is_ahead(page->overview, stage);
	if (is_done && told->ended_at.ms != 0) {
		buf_str(page->out, STR(", done "));
		page_time(page, told->ended_at);
		buf_printf(page->out, " after %s",
			   duration_format(wall_since(told->ended_at, told->begun_at)).s);
	}
	buf_str(page->out, STR("</p>\n"));
}

void page_stage(const struct page *page, uint32_t number)
{
	const struct overview_stage *stage = &page->overview->stages[number];

	buf_str(page->out, STR("<h3>"));
	page_text(page, stage->name);
	buf_char(page->out, ' ');
	page_pill(page, page_look_of_stage(page->overview, stage),
		  str_of(overview_words_stage(page->overview, stage)));
	buf_str(page->out, STR("</h3>\n"));
	say_times(page, number);
	say_gate(page, number);
	say_soak(page, number);
	say_timeline(page, number);
}
