#pragma once
/*
 * leftover: what a promotion that is over leaves behind in Argo CD, and how one goes on from there.
 *
 * All Applications are told of a revision at once, by what sets their targetRevision; a promotion
 * only decides who is synced to it, and when. So one that ends early leaves Applications that were
 * not synced and are OutOfSync at a revision that may have been rejected: one click from it.
 *
 *	struct leftovers left;
 *	leftover_find(&overview, &arena, &left);
 */
#include "base/arena.h"
#include "base/buf.h"
#include "model/overview.h"

enum leftover {
	LEFTOVER_NOT_DONE,  /* it was tried, and is not done */
	LEFTOVER_RUNNING,   /* an operation goes on in Argo CD, or may */
	LEFTOVER_ONE_CLICK, /* it was not synced */
	LEFTOVER_SKIPPED,   /* nobody was to wait for it */
	LEFTOVER_DONE,
};
enum { LEFTOVERS = LEFTOVER_DONE + 1, LEFTOVER_STEPS_MAX = 6 };

/* "not-done", "running", "one-click", "skipped", "done": for JSON. */
const char *leftover_name(enum leftover leftover);

enum leftover leftover_of(const struct overview_app *app);
/* Its operation is not known to have ended. */
bool leftover_is_running(const struct overview_app *app);

/* One way to go on. */
struct leftover_step {
	struct str command, purpose; /* "tiphys retry r1 --failed", "tries … once more" */
};

struct leftovers {
	uint32_t counts[LEFTOVERS];
	struct leftover_step steps[LEFTOVER_STEPS_MAX];
	uint32_t step_count;
};

/* Nothing at all while it is under way. Texts are clean and live in the arena. */
void leftover_find(const struct overview *overview, struct arena *arena, struct leftovers *ret);

/* What such a heap is, without its number: "not synced; where targetRevision is …". */
void leftover_words(const struct overview *overview, enum leftover leftover, struct buf *out);
