#pragma once
/*
 * page_parts: what the parts of view/page have in common.
 *
 * No test of its own: page_test.c tells its stories.
 */
#include "base/buf.h"
#include "model/overview.h"
#include "view/story.h"

enum {
	PAGE_TEXT_BYTES_MAX = 600,
	PAGE_SAID_MAX = 200,	/* the last ones */
	PAGE_BREACHES_MAX = 20, /* of each stage, the first ones */
};

struct page {
	const struct overview *overview;
	struct story story;
	const bool *is_shown; /* for each application */
	size_t left_out;      /* so many are not */
	struct buf *out;
};

/* How a thing stands, for its colour and its sign: no colour says anything alone. */
enum page_look { LOOK_GOOD, LOOK_BAD, LOOK_WAIT, LOOK_WORK, LOOK_DIM };

const char *page_look_class(enum page_look look);
enum page_look page_look_of_app(const struct overview_app *app);
enum page_look page_look_of_why(const struct why *why);
enum page_look page_look_of_stage(const struct overview *overview,
				  const struct overview_stage *stage);

/* "once", "3 times"; `room` is where it may be. */
const char *page_times(uint32_t n, struct when_text *room);

void page_text(const struct page *page, struct str text);

/* As people name it: overview_words_app(). */
void page_app(const struct page *page, const struct overview_app *app);

/* `<span class="pill good">done</span>`, its sign before it. */
void page_pill(const struct page *page, enum page_look look, struct str text);

/* `<time …>13:25:00</time>`, with the date where it is not the day on which all began. */
void page_time(const struct page *page, wall at);
/* The same, always with the date. */
void page_date(const struct page *page, wall at);

/* One saying with its time, as an item of a list. */
void page_said(const struct page *page, const struct story_said *said);
