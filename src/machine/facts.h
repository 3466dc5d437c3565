#pragma once
/*
 * facts: what a run has durably settled: its members, its stages, what stops it. They are the fold
 * of entries, made by facts_apply() alone, which decides nothing: a replay gives the same facts.
 *
 * A stage's numbers are kept as its members change, so that "are all of them done?" costs the same
 * for ten members and for ten thousand.
 */
#include "base/arena.h"
#include "base/vec.h"
#include "machine/doubts.h"
#include "machine/member.h"
#include "model/plan.h"

struct gate_facts {
	struct str nonce; /* of its opening; empty: it was not opened yet */
	wall opened_at;
	uint32_t approvals;
	uint32_t approved_by[GATE_COUNT_MAX]; /* uids */
	bool is_declined;
};

struct stage_facts {
	uint32_t members;
	uint32_t done, confirmed; /* of them, and not ended */
	uint32_t ended;
	bool is_barrier;	/* each was done; each is read once more, */
	bool is_barrier_of_all; /* and so is each of the stages before */
	bool is_passed;		/* the barrier is behind */
	/* Promotions: the gate before it; and after it, how long all was seen to be well. */
	struct gate_facts gate;
	wall begun_at;
	bool is_soaking; /* it has begun, */
	int64_t soaked_ms;
	uint32_t breaches, broken_by; /* so often, and the member of the last one */
	/* when the last of the compares began that found its members done still */
	wall compared_at;
};

struct run_facts {
	struct arena arena; /* names; for the whole run */
	VEC(struct member) members;
	struct doubts doubts; /* POSTs that were not answered */
	struct stage_facts stages[STAGES_MAX];
	uint32_t begun;	    /* so many stages: the last of them is at work */
	uint32_t accepted;  /* operations of ours that came to be, over all members */
	int code;	    /* the exit code so far: of the ends that were not well */
	bool is_halted;	    /* no further stage begins, */
	uint32_t halted_by; /* because of this member */
	bool is_stopped;    /* nothing new is posted, */
	uint32_t stopped_by;

	/* Promotions. */
	bool is_held; /* no further stage begins, because of this member; until somebody resumes */
	uint32_t held_by;
	bool is_paused; /* nothing is issued */
	bool is_terminated;
	bool ends_operations; /* and its operations that run are to end, too */
	wall terminated_at;
	uint32_t skipped;    /* members that nobody waits for */
	struct str last_who; /* did the last of these, for that reason */
	struct str last_reason;
	bool is_over;
	int end_code;
	struct str end_text;
};

void facts_apply(struct run_facts *facts, const struct entry *entry);
void facts_release(struct run_facts *facts);

/* Where a member's stage is. */
bool facts_is_later(const struct run_facts *facts, uint32_t stage);   /* it has not begun */
bool facts_is_earlier(const struct run_facts *facts, uint32_t stage); /* another one is at work */

/* It is not done yet, and all of its stage were: when it is, all before the stage at work is read
 * once more, as of then. */
bool facts_is_latecomer(const struct run_facts *facts, const struct member *member);

/* Each member of each stage that has begun is done. */
bool facts_all_done(const struct run_facts *facts);

/* And was found so once more at the barriers. */
bool facts_all_confirmed(const struct run_facts *facts);

/* People let it begin: its gate has as many approvals as the rule says, or there is none. */
bool stage_is_allowed(const struct stage_facts *stage, const struct gate_rule *rule);

/* So many of its members are all of them: nobody is excused. */
bool stage_has_all(const struct stage_facts *stage, uint32_t n);

/* The promise, as a condition: each member of each stage before this one was found done once more
 * at its stage's barrier. */
bool facts_order_holds(const struct run_facts *facts, uint32_t stage);
