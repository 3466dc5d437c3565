#pragma once
/*
 * draw_inside: what the parts of draw share while a story is being drawn.
 *
 * No test of its own: draw_test.c draws whole stories.
 */
#include "world/draw.h"

#include "base/arena.h"
#include "base/when.h"

struct draw_cluster {
	uint32_t stage, number; /* test-1, test-2 */
};

struct draw {
	struct choice *choice;
	enum subject subject;
	struct buf *script;
	struct drawn *drawn;
	uint32_t lines;
	struct draw_cluster clusters[DRAWN_CLUSTERS_MAX];
	uint32_t cluster_count, component_count, replicas;
	bool has_hooks;
	/* The run would be over about then, if nothing went wrong. */
	int64_t ends_ms;
	struct str run; /* the words that start it: "sync R2 env=test then …" */

	struct str sync; /* the same as a sync, without flags */

	/* Of a promotion, from a stream of its own. */
	struct choice people;
	uint32_t gates;			      /* so many gates it has, */
	uint32_t gate_asks[DRAWN_STAGES_MAX]; /* and whom each asks */
	uint32_t soaks;
	uint32_t there; /* its stages that are on another Argo CD, as bits */
};

/* The fleet is asked for something, and faults of its run come and go, as of tiphys's. */
static inline bool draw_is_tiphys(const struct draw *draw)
{
	return draw->subject == SUBJECT_TIPHYS || draw->subject == SUBJECT_PROMOTION;
}

/* One line of the script. */
void draw_say(struct draw *draw, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *draw_stage_name(const struct draw *draw, uint32_t stage);
const char *draw_component_name(uint32_t component);

/* "promote R2 env=test soak 20s then gate …", without flags. */
struct str draw_promotion_words(struct draw *draw, struct arena *arena);
/* What people tell it, and what its machine does to it. */
void draw_people(struct draw *draw);

/* Draws one fault of this kind, with its end. */
void draw_fault(struct draw *draw, enum fault fault);
