#include "view/page_parts.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "view/markup.h"
#include "view/overview_words.h"
#include "view/promotion_words.h"
#include "view/words.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- looks ---- */

const char *page_look_class(enum page_look look)
{
	static const char *const names[] = {
		[LOOK_GOOD] = "good", [LOOK_BAD] = "bad", [LOOK_WAIT] = "wait",
		[LOOK_WORK] = "work", [LOOK_DIM] = "dim",
	};
	static_assert(COUNTOF(names) == LOOK_DIM + 1);
	return names[look];
}

static const char *sign_of(enum page_look look)
{
	static const char *const signs[] = {
		[LOOK_GOOD] = "✓", [LOOK_BAD] = "✗", [LOOK_WAIT] = "◔",
		[LOOK_WORK] = "▸", [LOOK_DIM] = "–",
	};
	static_assert(COUNTOF(signs) == LOOK_DIM + 1);
	return signs[look];
}

enum page_look page_look_of_app(const struct overview_app *app)
{
	static const enum page_look looks[] = {
		[PHASE_WAITING] = LOOK_WAIT,   [PHASE_SYNCING] = LOOK_WORK,
		[PHASE_SETTLING] = LOOK_WORK,  [PHASE_DONE] = LOOK_GOOD,
		[PHASE_CONFIRMED] = LOOK_GOOD, [PHASE_FAILED] = LOOK_BAD,
		[PHASE_LEFT] = LOOK_DIM,       [PHASE_REFUSED] = LOOK_BAD,
	};
	static_assert(COUNTOF(looks) == APP_PHASES);
	return app->is_skipped ? LOOK_DIM : looks[app->phase];
}

enum page_look page_look_of_why(const struct why *why)
{
	switch (why->type) {
	case WHY_OVER:
		return why->code == EXIT_DONE	  ? LOOK_GOOD
		       : why->code == EXIT_PARTLY ? LOOK_WAIT
						  : LOOK_BAD;
	case WHY_FAILED:
		return LOOK_BAD;
	case WHY_SERVER:
	case WHY_ENDING:
	case WHY_PAUSED:
	case WHY_HELD:
	case WHY_GATE:
	case WHY_UNWELL:
		return LOOK_WAIT;
	case WHY_APP:
		return why->is_stuck ? LOOK_WAIT : LOOK_WORK;
	case WHY_SOAK:
	case WHY_BARRIER:
	case WHY_BEGINNING:
		return LOOK_WORK;
	}
	return LOOK_WORK;
}

enum page_look page_look_of_stage(const struct overview *overview,
				  const struct overview_stage *stage)
{
	if (stage->state == STAGE_DONE || overview_stage_is_ahead(overview, stage))
		return LOOK_GOOD;
	if (stage->is_declined)
		return LOOK_BAD;
	if (stage->state == STAGE_TO_COME || (overview->is_over && stage->begun_at.ms == 0))
		return LOOK_DIM;
	if (overview->is_over)
		return stage->state == STAGE_AT_BARRIER ? LOOK_WAIT : LOOK_BAD;
	return stage->state == STAGE_AT_GATE ? LOOK_WAIT : LOOK_WORK;
}

/* ---- pieces ---- */

const char *page_times(uint32_t n, struct when_text *room)
{
	if (n == 1)
		return "once";
	snprintf(room->s, sizeof room->s, "%" PRIu32 " times", n);
	return room->s;
}

void page_text(const struct page *page, struct str text)
{
	markup_text(text, PAGE_TEXT_BYTES_MAX, page->out);
}

void page_app(const struct page *page, const struct overview_app *app)
{
	const struct plan *plan = page->overview->plan;
	auto_arena struct arena arena = {0};

	page_text(page, plan_app_name(plan, plan->stages[app->stage].server,
				      words_cut(app->name, WORDS_NAME_BYTES_MAX), &arena));
}

void page_pill(const struct page *page, enum page_look look, struct str text)
{
	buf_printf(page->out, "<span class=\"pill %s\"><span aria-hidden=\"true\">%s</span> ",
		   page_look_class(look), sign_of(look));
	page_text(page, text);
	buf_str(page->out, STR("</span>"));
}

/* "2026-11-23T13:25:00Z" */
enum { DATE_BYTES = 10, TIME_BYTES = 8 };

static void say_time(const struct page *page, wall at, bool with_date)
{
	struct when_text text = overview_words_wall(at);
	struct str stamp = str_of(text.s);

	buf_printf(page->out, "<time datetime=\"%s\">", text.s);
	if (with_date) {
		buf_str(page->out, str_first(stamp, DATE_BYTES));
		buf_char(page->out, ' ');
	}
	buf_str(page->out, str_first(str_after(stamp, DATE_BYTES + 1), TIME_BYTES));
	buf_str(page->out, STR("</time>"));
}

void page_time(const struct page *page, wall at)
{
	struct when_text first = overview_words_wall(page->story.from);
	struct when_text now = overview_words_wall(at);

	say_time(page, at,
		 !str_eq(str_first(str_of(first.s), DATE_BYTES),
			 str_first(str_of(now.s), DATE_BYTES)));
}

void page_date(const struct page *page, wall at)
{
	say_time(page, at, true);
}

void page_said(const struct page *page, const struct story_said *said)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	buf_str(page->out, STR("<li>"));
	page_time(page, said->at);
	buf_char(page->out, ' ');
	promotion_words(page->overview->plan, &said->note, &text);
	page_text(page, buf_view(&text));
	buf_str(page->out, STR("</li>\n"));
}
