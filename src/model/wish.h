#pragma once
/*
 * wish: what a command asks the runner of a state directory for, other than an instruction to a
 * run; and what the runner tells it, line by line, until the end.
 *
 * No test of its own: structs; wire/wish_json tests them on their way.
 */
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum wish_type {
	WISH_SUBMIT,   /* begin a promotion; TOLD_RUN names it */
	WISH_WATCH,    /* show it as it goes on, to its end; TOLD_RUN names it */
	WISH_RUNS,     /* a line for each run */
	WISH_SHOW,     /* all of one */
	WISH_WHY,      /* why it stands where it stands */
	WISH_HISTORY,  /* what was promoted, the newest first, and who decided what */
	WISH_PAGE,     /* one of them as a page of HTML */
	WISH_JUNIT,    /* or as JUnit's XML */
	WISH_GATE,     /* what people are asked now: TOLD_GATE */
	WISH_OVERLAPS, /* who under way has some of these applications: a line for each */
};
enum { WISH_TYPES = WISH_OVERLAPS + 1 };

struct wish {
	enum wish_type type;
	/* all but SUBMIT and RUNS: a run, what it begins with, or an application; may be empty */
	struct str run;
	struct str plan; /* SUBMIT: wire/plan_json */
	/* SUBMIT: cmd/target_json, its Argo CDs with their secrets, one a line */
	struct str target;
	/* OVERLAPS: a line for each application, "address namespace/name" */
	struct str apps;
	bool is_json;
	bool has_color;
	bool is_quiet; /* WATCH: no lines of progress */
	bool leaves;   /* SUBMIT, WATCH: only until it has begun, or waits for people */
	/* RUNS: also those that are over; SHOW: also who is done; HISTORY: also those that were
	 * refused at their start */
	bool is_all;
	uint32_t limit; /* HISTORY: so many at most; 0: all */
};

enum told_type {
	TOLD_LINE, /* `text`, for people or programs, with its line break */
	TOLD_RUN,  /* `run` */
	TOLD_GATE, /* `run`, `nonce`, `plan_hash`; `text` says what it is about */
	TOLD_END,  /* `code`; `text` says why where it is an error */
	/* the runner leaves before its promotions are over; `code`, and `text` says why */
	TOLD_LEFT,
};
enum { TOLD_TYPES = TOLD_LEFT + 1 };

struct told {
	enum told_type type;
	struct str text, run, nonce, plan_hash;
	bool is_data; /* LINE: for stdout; else talk */
	int code;
};
