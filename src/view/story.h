#pragma once
/*
 * story: when what happened in a promotion, from what was saved of it: for the reports. A picture
 * has where a run stands; this has how it came there.
 *
 *	struct story story;
 *	story_tell(&overview, records, count, &arena, &story);
 *
 * Records come in the order in which they were saved. An entry's `app` is the index in
 * overview->apps. What the records don't tell is 0: a report without any is poorer, not wrong.
 */
#include "base/arena.h"
#include "model/overview.h"

enum span_end {
	SPAN_OPEN, /* it goes on, or it is not known how it ended */
	SPAN_DONE,
	SPAN_FAILED,
	SPAN_LEFT, /* it did not come to be, or nobody waits for it any more */
};

/* One try: from the post (or from when it was followed, or found not done any more) to its end. */
struct story_span {
	wall from, till;
	enum span_end end;
	bool is_reopened; /* it was done before */
	struct story_span *next;
};

enum { STORY_SPANS_MAX = 8 }; /* for each application; what comes after lengthens the last one */

struct story_app {
	struct story_span *first, *last;
	uint32_t span_count;
	wall done_at, confirmed_at, ended_at; /* the last ones */
	uint32_t posts, reopened;
};

struct story_breach {
	wall at;
	uint32_t app, stage;
	enum cause_type cause;
	struct story_breach *next;
};

struct story_stage {
	wall begun_at, barrier_at, passed_at;
	/* Its own work ended: people were asked about the next stage, or it was passed, or the run
	 * is over. While people think, it has nothing to do. */
	wall ended_at;
	wall gate_at, gate_closed_at; /* people were asked; had answered */
	wall soak_at, soaked_at;      /* the soak began; was last seen */
	struct story_breach *breaches;
	uint32_t breach_count;
};

/* What people said, and what stands for it: nobody answered at a gate in time. */
struct story_said {
	wall at;
	struct note note; /* NOTE_SAID */
	struct story_said *next;
};

struct story {
	wall from, till; /* all of it lies between; from < till */
	struct story_app *apps;
	struct story_stage stages[STAGES_MAX];
	struct story_said *said;
	uint32_t said_count;
	wall over_at;
};

/* Lives in the arena; texts are borrowed from the records. */
void story_tell(const struct overview *overview, const struct record *records, size_t count,
		struct arena *arena, struct story *ret);

/* So long it was at work, all its spans together; 0: not known. */
int64_t story_app_ms(const struct story_app *app);
