#pragma once
/*
 * overview_words: where a promotion stands, in words, for every view of it alike: lines, JSON, the
 * page. What comes from outside is cleaned (view/words.h), each text is one line.
 */
#include "base/buf.h"
#include "model/overview.h"

enum {
	OVERVIEW_CAUSE_BYTES_MAX = 300,	     /* of one application's cause */
	OVERVIEW_TEXT_BYTES_MAX = 16 * 1024, /* of any text of these */
};

/* So long ago, or so far ahead, and what the calendar says: "2h5m ago (2026-11-23T12:02:11Z)". */
void overview_words_time(wall at, wall now, struct buf *out);

/* As wall_format(), without the milliseconds: for people. */
struct when_text overview_words_wall(wall at);

/*
 * A why in one word: "waiting", "failing", "paused", "held", "soaking", "unwell", "running",
 * "beginning"; of a run that is over, words_result(). Stable: JSON has it, too.
 */
const char *overview_words_state(const struct why *why);

/* The rest of it, without that word: "stage 3 (production) asks for approval by …". */
void overview_words_why(const struct overview *overview, const struct why *why, struct buf *out);

/* What a person can do about it; false, and nothing is appended: it goes on by itself, or is over
 * (view/leftover). */
bool overview_words_next(const struct overview *overview, const struct why *why, struct buf *out);

/* The application as people name it, and its page in Argo CD (words_link). */
void overview_words_app(const struct overview *overview, const struct overview_app *app,
			struct buf *out);
bool overview_words_link(const struct overview *overview, const struct overview_app *app,
			 struct buf *out);

/* Where it goes on: "https://argocd.corp (v3.2.11)", all of them. */
void overview_words_servers(const struct overview *overview, struct buf *out);

/* The same of one application, for what it waits for and for how it ended. */
bool overview_words_app_next(const struct overview *overview, const struct overview_app *app,
			     struct buf *out);

/* An application's phase and cause, neither of them twice: "failed", "Job smoke failed: 503". */
struct str overview_words_phase(const struct overview_app *app);
void overview_words_cause(const struct overview_app *app, struct buf *out);

/* "at work", and in a run that is over "not done"; and the name for JSON, of the state alone. */
const char *overview_words_stage(const struct overview *overview,
				 const struct overview_stage *stage);
const char *overview_words_stage_name(enum stage_state state);

/* All of it are done, and it waits for people to let the next one begin: then each is read once
 * more. */
bool overview_stage_is_ahead(const struct overview *overview, const struct overview_stage *stage);

/* The gate before a stage and the soak after it; false, and nothing is appended: it has none. */
bool overview_words_gate(const struct overview *overview, const struct overview_stage *stage,
			 struct buf *out);
bool overview_words_soak(const struct overview_stage *stage, struct buf *out);

/* Until when people have time to answer; 0: for ever. */
wall overview_gate_until(const struct overview_stage *stage);
/* It has as many approvals as it needs. */
bool overview_gate_is_passed(const struct overview_stage *stage);

/* Who is farthest from done comes first: 0, 1, ... */
int overview_app_rank(const struct overview_app *app);
bool overview_app_is_done(const struct overview_app *app);

/* It ended before any stage began and before anybody was asked, and nobody ended it: there is
 * nothing to remember of it. */
bool overview_is_refused(const struct overview *overview);

/* Somebody has said no at one of the gates. */
bool overview_is_rejected(const struct overview *overview);
