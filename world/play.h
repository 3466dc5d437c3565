#pragma once
/*
 * play: one seed: the story that is drawn from it is played, and what is worth counting is counted.
 *
 *	struct played played;
 *	auto_buf struct buf text = BUF_INIT(...);
 *	play_seed(7, &(struct play_options){.subject = SUBJECT_TIPHYS}, &played, &text);
 *
 * No test of its own: draw_test.c plays some.
 */
#include "world/draw.h"
#include "world/scenario.h"

struct play_options {
	enum subject subject;
	bool is_told; /* with the timeline */
	bool shows_all;
	bool speaks_bytes;
};

struct played {
	uint32_t apps, stages, groups, syncs;
	uint32_t saves; /* of promotions' journals */
	uint32_t breaches[PROPERTY_COUNT];
	bool is_broken;			 /* any of them */
	int code;			 /* of the newest run; -1: it has not ended */
	bool has_verdict;		 /* it has judged the Applications, and not only itself */
	bool has_last_group;		 /* a sync of the last group was asked for */
	bool has_last_group_after_fault; /* and a fault had struck an earlier one */
	bool has_struck[FAULT_COUNT];	 /* while a run went on */
	int64_t ms;			 /* of virtual time */
	struct post_tally posts;	 /* of promotions */
};

/* A script that was drawn, and what was drawn into it. Error: it can't be played. */
[[nodiscard]] int play_script(struct str script, const struct drawn *drawn,
			      const struct play_options *options, struct played *ret_played,
			      struct buf *timeline, struct err *err);
[[nodiscard]] int play_seed(uint64_t seed, const struct play_options *options,
			    struct played *ret_played, struct buf *timeline, struct err *err);
