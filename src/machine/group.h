#pragma once
/*
 * group: several applications that are synced together, and the barrier behind them.
 *
 * It judges each application that something has happened to, and acts on the judgement: asks for
 * readings, grants one of `concurrency` slots between POST and done (adopted operations take one
 * too), writes down what was decided. After the first failure nothing new is posted, what runs is
 * followed to its end (unless --keep-going). Once each member was done at an instant of its own the
 * barrier opens, and each is read once more.
 *
 * `facts` are durable: the fold of entries, changed by group_apply() alone. `group` is seen.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "machine/app_sync.h"
#include "machine/observer.h"

struct group_facts {
	struct arena arena; /* names; for the whole run */
	VEC(struct member) members;
	uint32_t accepted; /* operations of ours that came to be, over all members */
	int code;	   /* the exit code so far: of the ends that were not well */
	bool is_stopped;
	uint32_t stopped_by;
	bool is_barrier;
};

/* What an ApplicationSet says; looked up by name. */
struct owner {
	struct str name; /* in the group's arena */
	uint32_t asked;	 /* request id; 0: none under way */
	bool is_known, is_denied;
	bool is_failing;       /* it is not answered by Argo CD, */
	instant failing_since; /* since then */
	bool is_rolling;
	char target_revision[256];
	instant asked_at;
};

struct group {
	const struct plan *plan;
	struct observer observer;
	struct arena arena; /* names of owners */
	VEC(struct owner) owners;
	struct fifo ready; /* want a slot */
	uint32_t slots;	   /* taken */
	struct str home;   /* Argo CD's own namespace, or empty */
	instant started;
	uint64_t barrier_turn;
	bool is_posting_on; /* the plan was accepted: judge and act */
	instant told_at;    /* when the last line was told */
};

void group_init(struct group *group, const struct plan *plan, uint64_t seed);
void group_release(struct group *group, struct group_facts *facts);

void group_apply(struct group_facts *facts, const struct entry *entry);

/* Takes in what was seen and is no member yet, and the first readings. */
void group_admit(struct group *group, const struct group_facts *facts, const struct now *now,
		 struct out *out);
/* True once every member has a first reading and its ApplicationSet is known (or denied). */
bool group_is_read(struct group *group, const struct group_facts *facts, const struct now *now,
		   struct out *out);
/* Tells every member that may not be in the plan; how many. `ret_code`: the exit code, if any. */
uint32_t group_refuse(struct group *group, const struct group_facts *facts, const struct now *now,
		      struct out *out, int *ret_code);
/* Tells what would be done to each member; the exit code that this gives. */
int group_preview(struct group *group, const struct group_facts *facts, const struct now *now,
		  struct out *out);

/* Puts an application's name, phase and cause into a note about the whole group. */
void group_describe(struct group *group, const struct group_facts *facts, uint32_t app,
		    const struct now *now, struct note *note, struct out *out);

/* Judges all marked members and acts. */
void group_decide(struct group *group, const struct group_facts *facts, const struct now *now,
		  struct out *out);

/* An ApplicationSet's answer. */
void group_see_owner(struct group *group, const struct reply *reply, const struct now *now);

/* True once nothing will happen any more; `ret_code` is the group's exit code. */
bool group_is_over(const struct group *group, const struct group_facts *facts, int *ret_code);

struct counts group_counts(const struct group *group, const struct group_facts *facts);
/* The application of which the heartbeat speaks: the one that is farthest from done. */
uint32_t group_worst(const struct group *group, const struct group_facts *facts);
