#pragma once
/*
 * run_story: a run without an engine, on a toy of Argo CD: what happens is a function of the test.
 * At its end every story is held to this: the entries alone give the same facts, and whoever took
 * a slot has it still or has given it back.
 *
 *	story_promotion(story, 3);		a promotion of three stages, to be changed as needed
 *	story->stages[1].gate.is_asked = true;
 *	toy_later(&story->toy, 60'000, 0, ...);
 *	story_begin(story);
 *	toy_go_on_until(&story->toy, 90'000);
 *	story_restart(story);			kill -9, and what was saved is all that is left
 *	story_say(story, "alice", INSTRUCTION_APPROVE);
 */
#include "machine/run.h"
#include "toy.h"

struct story {
	struct plan plan;
	struct toy toy;
	struct run run;
	uint64_t turns;
	struct run_facts replayed; /* from the entries alone */
	bool has_pruned;	   /* one of its POSTs asked for that */

	/* Promotions. */
	struct plan_stage stages[STAGES_MAX];
	struct arena arena;
	VEC(struct entry) entries;	  /* the journal */
	struct instruction_answer answer; /* the last one */
};

struct story *story_new(void);
/* To its end; the exit code. */
int story_run(struct story *story);
/* toy_go_on_until() goes on from there. */
void story_begin(struct story *story);
void story_free(struct story *story);

void story_promotion(struct story *story, uint32_t stages);
void story_restart(struct story *story);
/* Says it now, of the gate that is open; the answer's code. "owner" is the owner, who began it. */
int story_say(struct story *story, const char *who, enum instruction_type type);
int story_instruct(struct story *story, struct instruction instruction);

void assert_told(const struct story *story, uint32_t app, enum cause_type type, const char *subject,
		 const char *message);
void assert_timed_out(const struct story *story, uint32_t app, const char *start);
