#pragma once
/*
 * world: the product against the model of Argo CD, in virtual time, in one thread: what happens is
 * a function of the script and the seed, and a day passes in a moment.
 *
 * The product is the engine with its machines and views, as installed; between it and the model
 * stand the very bytes that go over the wire, or the structs that they mean (world/network).
 *
 *	struct world *world = world_new(&config, seed);
 *	world_at(world, 2'000, action, self);       something that people or faults do
 *	world_sync(world, &plan);                   `tiphys sync`, from now on
 *	world_run_until(world, 60'000);
 *	... world_text(world) ...
 *	world_free(world);
 *
 * What happened is told as a timeline (world/timeline). Each run of the product is held to what it
 * promises (world/judge), and to the order so is whoever world_watch_order() says: a breach is a
 * line of the timeline and counts.
 *
 * Of the same millisecond, the model comes first, then what people do, then what arrives, then the
 * product's deadlines.
 */
#include "argo/argo.h"
#include "model/plan.h"
#include "world/judge.h"
#include "world/timeline.h"
#include "world/weather.h"

struct world_config {
	struct argo_config argo;
	int64_t one_way_ms; /* of the network */
	bool speaks_bytes;  /* of it, too */
	/* Runs are ticked at each step, also when nothing is due: it must make no difference. */
	bool has_needless_ticks;
	/* judge.h; 0: as it says */
	int64_t known_after_ms, end_within_ms;
};

struct world;

struct world *world_new(const struct world_config *config, uint64_t seed);
void world_free(struct world *world);

struct argo *world_argo(struct world *world);
struct timeline *world_timeline(struct world *world);
/* Since the origin. */
int64_t world_now_ms(const struct world *world);
wall world_wall(const struct world *world);

/* From here on the timeline and world_at() count anew: what went before was the scene. */
void world_set_origin(struct world *world);

/* Does `action` so many milliseconds after the origin, now at the earliest. */
void world_at(struct world *world, int64_t at_ms, void (*action)(void *self, struct world *world),
	      void *self);

/* A run of the product starts; plan and order outlive it. Several at a time are different people's;
 * the first is 0. */
void world_sync(struct world *world, const struct plan *plan, const struct order *order);
/* Ctrl-C; SIGTERM; and kill -9: it is gone, and what it has sent may still arrive. */
void world_interrupt(struct world *world, size_t run);
void world_terminate(struct world *world, size_t run);
void world_kill(struct world *world, size_t run);

/*
 * A promotion starts: it has a journal, which outlives a world_kill(), and goes on from it after
 * world_restart(), at once or much later. What is killed or waits can be told something.
 */
void world_promote(struct world *world, const struct plan *plan, const struct order *order);
/* Nothing, if it is there. */
void world_restart(struct world *world, size_t run);
/* Somebody says something; its `id` is filled in, and its texts outlive the world. */
void world_say(struct world *world, size_t run, struct instruction instruction);
/* The nonce of the n-th gate that the journal says was opened, 1 is the first, 0 the newest; false:
 * there is none. */
bool world_nonce(const struct world *world, size_t run, size_t n, struct str *ret_nonce);
bool world_is_promotion(const struct world *world, size_t run);
/* It is a promotion and its process has died; and as its journal says, people are asked at a gate,
 * it is paused or held. */
bool world_is_down(const struct world *world, size_t run);
bool world_is_asking(const struct world *world, size_t run);
bool world_is_stopped(const struct world *world, size_t run);
/* As long as the disk is full a process that wants to save something ends instead. */
void world_fill_disk(struct world *world, bool is_full);

/* Hears what happens to the journals, as it happens. */
enum journal_event {
	JOURNAL_SAVE,  /* some entries are handed over */
	JOURNAL_SAVED, /* they are durable, and their effects have not left */
	JOURNAL_GATE,  /* there is one among them that opens a gate; */
	JOURNAL_SOAK,  /* that begins a soak; */
	JOURNAL_YES,   /* that is an approval */
};
void world_hear_journals(struct world *world,
			 void (*on_journal)(void *self, enum journal_event event), void *self);

/* Every connection breaks; and what else may happen to requests on their way. */
void world_cut(struct world *world);
struct weather *world_weather(struct world *world);
/* Of a promotion on two Argo CDs (world/doors.h): there is no way to one of them, or there is one
 * again; and the clock of the second one goes so far ahead of the first one's. */
void world_shut(struct world *world, uint32_t server, bool is_shut);
void world_set_clock_there(struct world *world, int64_t ahead_ms);
/* The clock of the runs' machines jumps, as it shows the time of day. */
void world_jump(struct world *world, int64_t ms);
size_t world_run_count(const struct world *world);
/* How many requests all runs together have sent. */
uint64_t world_requests(const struct world *world);
/* The exit code of a run; -1: it runs. */
int world_code(const struct world *world, size_t run);

/* Hears of every request that a run sends, before it is on its way. */
void world_hear_requests(struct world *world,
			 void (*on_request)(void *self, const struct request *request), void *self);

/* What the runs have done so far, for who counts. */
struct world_tally {
	uint32_t groups, syncs;	  /* stages that began; requests to sync */
	uint32_t saves;		  /* turns whose entries were handed to a journal */
	int64_t last_group_at_ms; /* the first of them for a last stage; INT64_MAX: none */
	int64_t over_at_ms;	  /* the newest end of a run */
	struct post_tally posts;
};
struct world_tally world_tally(const struct world *world);

/* From now on this order is asked of every operation at its revision, whoever asks for it. */
void world_watch_order(struct world *world, const struct order *order);
/* What the Jobs say of these orders, when all is over. */
void world_tell_jobs(struct world *world);
/* All faults are over: what runs has to end. */
void world_heal(struct world *world);
/* How often a property was broken; and how often any was. */
uint32_t world_breaches_of(const struct world *world, enum property property);
uint32_t world_breaches(const struct world *world);

/* Until then, however little happens; and until every run has exited, at the latest then: false if
 * one has not. */
void world_run_until(struct world *world, int64_t at_ms);
bool world_run_out(struct world *world, int64_t at_ms);

void world_tell(struct world *world, enum told told, const char *who, struct str what);
struct str world_text(const struct world *world);
