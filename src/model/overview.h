#pragma once
/*
 * overview: where a promotion stands, as one picture: for `show`, `runs`, `why`, for whoever comes
 * to watch in the middle, and for reports. Made from facts and from what was seen last; strings are
 * borrowed from there.
 *
 * No test of its own: structs.
 */
#include "model/entry.h"
#include "model/note.h"

enum stage_state {
	STAGE_TO_COME,
	STAGE_AT_GATE, /* people are asked whether it may begin */
	STAGE_AT_WORK,
	STAGE_SOAKING,
	STAGE_AT_BARRIER, /* each is read once more */
	STAGE_DONE,
};

struct overview_server {
	struct str version; /* Argo CD's; empty: it was not asked yet */
	struct str url;	    /* its UI's */
};

struct overview_stage {
	struct str name; /* "stage 2 (env=stg)" */
	const struct plan_stage *plan;
	enum stage_state state;
	struct counts counts;
	wall begun_at; /* 0: not yet */
	/* The gate before it. */
	struct str nonce; /* empty: not open yet */
	wall gate_opened_at;
	uint32_t approvals;
	bool is_declined;
	int64_t soaked_ms;
	uint32_t breaches;    /* so often somebody was not well in it, */
	struct str broken_by; /* this one last */
};

/* How often a POST that was not answered went out, as far as can be known: machine/doubts.h. */
enum repeat {
	REPEAT_ONCE,
	REPEAT_POSSIBLY_TWICE, /* it was repeated, and no version that was read has shown it */
	REPEAT_TWICE,
};
enum { REPEATS = REPEAT_TWICE + 1 };

struct overview_post {
	uint32_t app; /* its place in `apps` */
	uint32_t attempt;
	enum repeat repeat;
};

struct overview_app {
	struct str name, namespace;
	uint32_t stage; /* 0, 1, ... */
	enum app_phase phase;
	struct cause cause;
	int64_t still_ms; /* for so long there has been no news of it */
	bool is_stuck;	  /* nothing tells that it goes on by itself */
	bool is_skipped;  /* somebody said that nobody is to wait for it */
	bool is_unchanged;
	int code; /* if it failed */
};

/*
 * Why it stands where it stands, the first reason first: what keeps anything from being known (the
 * server), who has failed, what people have ordered or have to clear up, who is ill or stuck,
 * people who are asked; and behind all that stands, what goes on by itself.
 */
enum why_type {
	WHY_OVER,      /* `code`, `text`; `app` was the first that ended not well, by `cause` */
	WHY_SERVER,    /* Argo CD does not answer, or not to us: `cause` */
	WHY_FAILED,    /* `app` ended not well, by `cause`; what runs is followed to its end */
	WHY_ENDING,    /* terminated by `who`, for `text`; its operations are to end, too */
	WHY_PAUSED,    /* by `who`, for `text` */
	WHY_HELD,      /* `app` was synced before its stage, by `who` if that is known */
	WHY_GATE,      /* people are asked about `stage` */
	WHY_SOAK,      /* `stage` is watched; `left_ms` */
	WHY_UNWELL,    /* the same, and `app` is not well: `cause` */
	WHY_APP,       /* `app` is waited for: `cause`, `still_ms`, `is_stuck` */
	WHY_BARRIER,   /* each is read once more */
	WHY_BEGINNING, /* it looks for its applications */
};

struct why {
	enum why_type type;
	int code;
	struct str text, who;
	struct str app;
	uint32_t server; /* where `app` is: of the plan's */
	struct cause cause;
	uint32_t stage; /* 0, 1, ... */
	int64_t left_ms;
	int64_t still_ms;
	bool is_stuck;
};

struct overview {
	const struct plan *plan;
	const struct overview_server *servers; /* as the plan has them */
	wall submitted_at;
	wall now;
	bool is_over;
	int code;
	struct str end_text;
	const struct overview_stage *stages; /* plan->stage_count of them */
	const struct overview_app *apps;
	size_t app_count;
	/* Those of which no answer and no reading told at once what became of them. */
	const struct overview_post *posts;
	size_t post_count;
	const struct why *whys; /* at least one */
	size_t why_count;
};

/* What was saved, and when: a report tells a run's story from these. */
struct record {
	wall at;
	struct entry entry;
};
