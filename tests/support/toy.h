#pragma once
/*
 * A toy of Argo CD, for the tests of the machines: a few Applications in virtual time, with an API
 * server in front and a controller behind, both as slow, deaf or broken as the test wants them.
 *
 *	struct toy toy;
 *	toy_init(&toy, seed, driver);
 *	uint32_t web = toy_add(&toy, "web", OLD);       an Application, synced to OLD
 *	toy_later(&toy, 2'000, web, toy_move_to_new);   its targetRevision becomes NEW after 2 s
 *	int code = toy_run(&toy);                       until the run under test exits
 *	assert_int_equal(toy_count(&toy, web, REQUEST_SYNC), 1);
 *	toy_release(&toy);
 *
 * The run under test hands its effects to toy_request, toy_note and toy_exit; the toy hands it
 * events and ticks. It is single-minded, not faithful: `argo/` is the model that is held to the
 * real one. But what the promise leans on is as in Argo CD: stamps of whole seconds; a compare that
 * looks when it begins, is seen when it ends, and takes away only an annotation that stood when it
 * began; an operation that ends in one write; a watch that may lag, lose and repeat; live GETs.
 *
 * There may be two of them (toy_stages_on): each with its own Applications, clock, watch and
 * faults, and what is called the same on both is two Applications.
 *
 * It watches over the run, whatever the test: nothing is posted while the newest live reading shows
 * an operation in progress; never more operations than the plan's concurrency; nothing is posted in
 * a stage unless each Application of every stage before it was truly done at NEW, operated and all,
 * after its barrier began; nothing after a stranger was told of; no exit 0 unless each Application
 * was truly done after its barrier; no hang; no deadline that stands still.
 */
#include "base/arena.h"
#include "base/prng.h"
#include "base/vec.h"
#include "model/effect.h"
#include "model/plan.h"

/* The two revisions of every story. */
#define OLD STR("1111111111111111111111111111111111111111")
#define NEW STR("2222222222222222222222222222222222222222")
#define OTHER STR("3333333333333333333333333333333333333333")

/* The plan of a story, to be changed at will: NEW, concurrency 20, one stage (env=test). */
struct plan toy_plan(void);
/* So many stages, from 1 to 4: env=test, env=stg, env=prd, and env in (test, prd), which has nobody
 * of its own. */
void toy_stages(struct plan *plan, uint32_t count);

/* Of each stage, on which of two Argo CDs it is: "0 1" would be `(uint32_t[]){0, 1}`. */
void toy_stages_on(struct plan *plan, struct plan_stage *stages, const uint32_t *servers);

/* The run under test. */
struct toy_driver {
	void *self;
	void (*event)(void *self, const struct event *ev);
	instant (*deadline)(void *self);
};

/* Something that the API server does wrong, so many times, from and until a time. */
struct toy_fault {
	enum request_type type;
	uint32_t app;	 /* APP_NONE: any */
	uint32_t server; /* with no app: there alone */
	enum outcome outcome;
	struct str message; /* p == NULL: any */
	uint32_t times;
	int64_t from_ms, until_ms;
	bool is_done_anyway; /* the request has its effect; only the answer is lost */
};

struct toy_app {
	struct application now; /* the object as it is stored */
	uint32_t server;	/* where */
	bool is_there;
	uint32_t births;
	uint32_t stage;	   /* that it belongs to; STAGE_NONE: to none */
	bool is_generated; /* its ApplicationSet makes it, though it may not be there yet */

	/* What is true in the cluster, whatever the object says. */
	struct str deployed;
	bool is_drifted;  /* someone changed an object by hand */
	bool needs_prune; /* an object is left that only pruning takes away */
	enum health health;
	bool is_rolling_unseen; /* applied, and nobody has seen yet that it rolls */
	int64_t settles_at_ms;

	/* How it behaves. */
	int64_t start_ms;      /* from the request to Running */
	int64_t operation_ms;  /* from Running to the end */
	bool terminates_never; /* its controller does not look */
	int64_t settle_ms;     /* Progressing for so long after an operation */
	int64_t compare_ms;
	int64_t render_ms; /* what the first compare with a revision takes more, and a hard one */
	struct str rendered;
	enum op_phase ends_as;
	struct str trouble; /* of an operation that fails */
	enum health settles_as;
	bool is_compared_late; /* no compare follows an operation by itself */
	bool is_controller_down;
	uint32_t
		overlooks; /* so many refreshes that are asked for, until they are asked for hard */
	bool is_window_closed;

	/* The controller's compare under way. */
	bool is_comparing, is_compare_owed, owed_is_full;
	bool compare_saw_refresh, compare_is_full;
	struct application compare_found;
	struct str compared_target;

	uint64_t operations; /* counts operations, ours and others' */
	bool is_known;	     /* a List or the watch has shown it, */
	int64_t known_ms;
	bool is_seen; /* and a live reading */
	int64_t seen_ms;
	uint64_t first_operation; /* shown at the run's first reading */
	int64_t ends_at_ms;	  /* the operation that runs */
	int64_t true_until_ms; /* the last instant at which it was truly done at NEW; -1: never */
	uint32_t index;	       /* the run's: it counts in the order in which it saw them */
	uint32_t requests[REQUEST_TYPES];
	uint32_t posts_accepted;
	bool is_post_open; /* a POST is on its way or its answer is */
	bool live_shows_operation;
	uint64_t live_version;
	/* A stranger's operation at NEW that began after the first reading, and before the stage
	 * before its own was at its barrier. */
	uint64_t ahead_id;
	int64_t ahead_ms;
	struct cause told; /* by the last NOTE_APP */
	enum app_phase told_as;
	bool is_told_skipped;
	bool is_excused; /* somebody said that nobody is to wait for it */
};

struct toy_event;

struct toy {
	struct prng prng;
	struct arena arena;
	struct toy_driver driver;
	const struct plan *plan;
	int64_t now_ms;
	uint64_t next_seq;
	VEC(struct toy_app) apps;
	VEC(struct toy_event *) events;
	VEC(struct toy_fault) faults;

	/* How it behaves. */
	int64_t clock_ms[2];   /* so far ahead of the first one's goes the clock of each */
	int64_t net_ms;	       /* one way */
	int64_t net_spread_ms; /* and at random so much more */
	int64_t watch_lag_ms, watch_spread_ms;
	uint32_t watch_lost_of_100, watch_stale_of_100;
	bool is_watch_dead; /* it connects and says nothing for ever */
	bool owner_is_rolling;
	bool are_owners_hidden; /* the List of ApplicationSets is empty */
	struct str owner_says, owner_labels;
	struct str home;
	int64_t hangs_after_ms; /* the run must have exited by then */

	/* Answers to a run that was killed go nowhere. */
	uint32_t life, handled_life;
	struct toy_watch {
		uint32_t id; /* its request; 0: none */
		struct request request;
	} watches[2];
	uint32_t requests[REQUEST_TYPES];
	uint32_t in_flight, in_flight_max;
	uint32_t saving;       /* writes under way: the test's own affair, but worth waiting for */
	int64_t saving_ms_max; /* what is asked for now may have been decided so long ago */
	uint64_t trace;	       /* a hash of all that the run has asked for and said */
	bool is_trace_printed;
	bool is_over;
	int code;
	int64_t over_ms;
	/* The stages as the run tells of them; -1: not yet. */
	int64_t begun_ms[STAGES_MAX], barrier_ms[STAGES_MAX], passed_ms[STAGES_MAX];
	uint32_t begun;
	uint32_t may_post_below; /* after a stranger: only in stages before this one */
	uint32_t barriers, warnings, previews, shared, unselected;
	struct note stage_notes[STAGES_MAX]; /* of the plan */
	struct str last_warning;
	struct note plan_note, last_heartbeat, gate_note, end_note;
	uint32_t soaks, breaches, said;
	int64_t first_soak_ms;
	uint32_t running_max; /* own operations at a time */
	enum preview preview; /* the last one */
	bool preview_is_compared;
};

void toy_init(struct toy *toy, const struct plan *plan, uint64_t seed);
void toy_release(struct toy *toy);

/* An Application at `revision`: synced, healthy, by a full operation long ago. */
uint32_t toy_add(struct toy *toy, const char *name, struct str revision);
/* The same, but its spec is at NEW already, and Argo CD has seen that it is OutOfSync. */
uint32_t toy_add_moved(struct toy *toy, const char *name);
/* That one, with these labels: "env=stg". */
uint32_t toy_add_in(struct toy *toy, const char *name, const char *labels);
void toy_label(struct toy *toy, uint32_t app, const char *labels);
/* It is on the second Argo CD, as if it had always been there. */
void toy_put_there(struct toy *toy, uint32_t app);
/* And that one on the second Argo CD. */
uint32_t toy_add_there(struct toy *toy, const char *name, const char *labels);

/* Does `action` after so many milliseconds. */
void toy_later(struct toy *toy, int64_t ms, uint32_t app, void (*action)(struct toy *, uint32_t));
/* Every type of request that this fault is about fails, until it is used up. */
void toy_fail(struct toy *toy, struct toy_fault fault);
/* Whatever is asked for, of any Application: the fault's type and app are not minded. */
void toy_fail_all(struct toy *toy, struct toy_fault fault);

/* Actions. */
void toy_move_to_new(struct toy *toy, uint32_t app);
void toy_move_to_other(struct toy *toy, uint32_t app);
void toy_sync_by_stranger(struct toy *toy, uint32_t app);	 /* full, at NEW */
void toy_sync_old_by_stranger(struct toy *toy, uint32_t app);	 /* full, at OLD */
void toy_sync_partly_by_stranger(struct toy *toy, uint32_t app); /* at NEW */
void toy_refresh_by_stranger(struct toy *toy, uint32_t app);
void toy_drift(struct toy *toy, uint32_t app);
void toy_degrade(struct toy *toy, uint32_t app);
void toy_progress(struct toy *toy, uint32_t app);
void toy_heal(struct toy *toy, uint32_t app);
void toy_delete(struct toy *toy, uint32_t app);
void toy_recreate(struct toy *toy, uint32_t app);
void toy_appear(struct toy *toy, uint32_t app);	 /* an Application whose is_there was false */
void toy_touch(struct toy *toy, uint32_t app);	 /* a new version that says nothing new */
void toy_unlabel(struct toy *toy, uint32_t app); /* it leaves every selection */
void toy_open_window(struct toy *toy, uint32_t app);
void toy_stop_controller(struct toy *toy, uint32_t app);
void toy_start_controller(struct toy *toy, uint32_t app);
void toy_cut_watch(struct toy *toy, uint32_t app);
void toy_interrupt(struct toy *toy, uint32_t app);

/* What the run under test hands over. */
void toy_request(struct toy *toy, const struct request *request);
void toy_note(struct toy *toy, const struct note *note);
void toy_exit(struct toy *toy, int code);

/* Delivers an event to the run, now. */
void toy_deliver(struct toy *toy, struct event ev);

/* The run is killed: what it had asked for is done all the same, and nobody hears of it. */
void toy_kill(struct toy *toy);

/* Starts the run and lets it go on until it exits; its exit code. */
int toy_run(struct toy *toy);
/* Until then, or its exit. */
void toy_start(struct toy *toy);
void toy_go_on_until(struct toy *toy, int64_t ms);

uint32_t toy_count(const struct toy *toy, uint32_t app, enum request_type type);
