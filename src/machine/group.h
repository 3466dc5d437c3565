#pragma once
/*
 * group: the applications of a run at work. Who they are is admission.h's.
 *
 * It judges each application that something has happened to, and acts on the judgement: asks for
 * readings, grants one of `concurrency` slots between POST and done (adopted operations take one
 * too), writes down what was decided. Those whose stage has not begun wait, and are watched for
 * what cannot wait. After the first failure nothing new is posted, what runs is followed to its end
 * (unless --keep-going: then the stage goes on, and no further one begins).
 *
 * `facts` are durable, `group` is seen. What an event costs depends on what has changed by it, not
 * on how many applications there are.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "base/fifo.h"
#include "base/prng.h"
#include "machine/app_sync.h"
#include "machine/facts.h"
#include "machine/observer.h"
#include "machine/owners.h"
#include "machine/soak.h"

/* Of one whose operation is to end: ending.h. */
struct ending_app {
	uint32_t asked;	     /* the request's id; 0: none */
	uint64_t since_turn; /* a reading counts that was sent since then */
	instant again_at;
	bool is_denied, is_refused, was_running;
};

struct ending {
	instant until; /* 0: that is to be found out */
	uint64_t since_turn;
	VEC(struct ending_app) apps; /* by member; empty: nothing is to end */
};

struct group {
	const struct plan *plan;
	struct observer observer;
	VEC(struct owners) owners; /* of each Argo CD, as the plan has them */
	struct fifo ready;	   /* want a slot */
	uint32_t concurrency;	   /* of the stage at work */
	uint32_t slots;		   /* taken */
	uint32_t planned;	   /* seen well enough for the plan */
	uint32_t names_width;	   /* of the longest name of a member */
	instant started, stage_started;
	uint64_t barrier_turn;	  /* of the stage at work */
	uint64_t passed_turn;	  /* when the last one was; 0: not by this process */
	bool is_posting_on;	  /* the plan was accepted: judge and act */
	uint32_t unwell, passing; /* members that were done, and how they are now */
	uint32_t ill;		  /* one that has just become so, or done no more; APP_NONE */
	enum cause_type ill_of;
	instant told_at; /* when the last line was told */

	/* Promotions. */
	struct soak soak;   /* of the stage at work */
	instant gate_until; /* people are asked until then; 0: that is to be found out */
	struct prng prng;   /* of gates' nonces */
	instant wake;	    /* the stage at work wants to be looked at again then */
	struct ending ending;
};

void group_init(struct group *group, const struct plan *plan, uint64_t seed);
void group_release(struct group *group);

/* After a restart: the members are known before anything is seen. */
void group_restore(struct group *group, const struct run_facts *facts);

/*
 * An Argo CD that does not answer, or not to us, is waited for by a promotion: nothing there is
 * judged meanwhile, and nothing rests on what was seen there before.
 */
bool group_is_away(const struct group *group, uint32_t server);
/* One of those is, where the first `stages` stages are. */
bool group_is_blind(const struct group *group, uint32_t stages);

/* It is known which Applications there will be, or known that it cannot be known. */
bool group_is_complete(const struct group *group);
enum best_effort group_best_effort(const struct group *group);

/* Nobody waits for it any more. */
void group_drop(struct group *group, uint32_t app);

/* Puts an application's name, phase and cause into a note about the whole group. */
void group_describe(struct group *group, const struct run_facts *facts, uint32_t app,
		    const struct now *now, struct note *note, struct out *out);

/* Judges all marked members and acts. */
void group_decide(struct group *group, const struct run_facts *facts, const struct now *now,
		  struct out *out);

/* Whoever of the stage is neither done nor out is waited for no more. */
void group_give_up(struct group *group, const struct run_facts *facts, uint32_t stage,
		   const struct now *now, struct out *out);

/* One ends as a judgement says that is JUDGE_FAIL. */
void group_end(struct group *group, const struct run_facts *facts, uint32_t app,
	       const struct judgement *judgement, const struct now *now, struct out *out);

/* One fails, and the run with it. */
void group_fail(struct group *group, const struct run_facts *facts, uint32_t app,
		enum cause_type cause, const struct now *now, struct out *out);

/* What has come of an open POST is written down, if answer or reading tells; false: nothing is. */
bool group_settle_post(struct group *group, const struct run_facts *facts, uint32_t app,
		       const struct now *now, struct out *out);

/* A List or a frame of the watch hinted at something about one whose stage has begun, and no
 * reading has told yet. */
bool group_is_doubtful(const struct group *group, const struct run_facts *facts);

/* Marks the members of a stage, or all: STAGE_NONE. */
void group_mark(struct group *group, uint32_t stage);
void group_warn(struct group *group, struct str text, const struct now *now, struct out *out);

/* How many stand where, of one stage or of all: STAGE_NONE. These look at all of them, and are for
 * what is rare. */
struct counts group_counts(const struct group *group, const struct run_facts *facts,
			   uint32_t stage);
/* One of a stage to come of which only a reading that is still to be answered tells whether a
 * stranger has synced it; or APP_NONE. No stage begins before that is known. */
uint32_t group_find_open(const struct group *group, const struct run_facts *facts,
			 const struct now *now, struct arena *arena);
/* The application of which the heartbeat speaks: the one that is farthest from done. */
uint32_t group_worst(const struct group *group, const struct run_facts *facts,
		     const struct now *now, struct arena *arena);
