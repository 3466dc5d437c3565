#pragma once
/*
 * world_inside: what the parts of the world share: runs of the product, and what they stand on.
 * Nobody but world*.c looks in here.
 *
 * No test of its own: every scenario is one.
 */
#include "base/heap.h"
#include "base/prng.h"
#include "engine/engine.h"
#include "view/json.h"
#include "view/lines.h"
#include "world/doors.h"
#include "world/memory_journal.h"
#include "world/network.h"
#include "world/world.h"

/* Something that somebody does at its time. */
struct action {
	void (*call)(void *self, struct world *world);
	void *self;
};

/* One `tiphys sync`, or one promotion: over all of its lives. */
struct product {
	struct world *world;
	char name[16]; /* "tiphys", the second one "tiphys 2" */
	const struct plan *plan;
	struct engine *engine; /* NULL: it is down, and may be started again */
	struct view_lines lines;
	struct view_json json;
	size_t trial;	/* its number before the judge */
	uint32_t stage; /* at work */
	bool is_over;
	int code;

	/* Of promotions. */
	struct memory_journal journal;
	uint32_t lives;	 /* how often it was started */
	bool is_dying;	 /* when this turn is over, it is down */
	bool has_exited; /* this life of it */
};

struct world {
	struct world_config config;
	uint64_t seed;
	struct argo *argo;
	struct network *network;
	struct doors doors;
	struct timeline timeline;
	int64_t now_ms, origin_ms;
	/* By its number, which counts up: of the same millisecond, in the order of asking. */
	VEC(struct action) actions;
	struct heap due;
	VEC(struct product *) products;
	struct judge *judge;
	VEC(const struct order *) orders; /* that are watched */
	struct world_tally tally;
	int64_t clock_ahead_ms; /* of the runs' machines, against Argo CD's */
	void (*on_request)(void *self, const struct request *request);
	void *hearer;

	/* Of promotions. */
	struct prng prng;	/* how long saving takes */
	VEC(struct str) askers; /* who waits for an answer, by the instruction's id */
	bool is_disk_full;
	void (*on_journal)(void *self, enum journal_event event);
};

void world_deliver(struct product *product, struct event ev);
void world_start(struct product *product);

/* Of all promotions. */
int64_t world_journal_deadline(const struct world *world);
/* True: one thing of what is due was done. */
bool world_journal_step(struct world *world);
/* Its journal says that it is over. */
bool world_journal_is_over(const struct product *product, int *ret_code);
/* The process is gone. */
void world_drop(struct product *product);

/* The engine's ports that syncs have none of. */
void world_port_save(void *self, const struct entry *entries, size_t count, uint64_t saved);
void world_port_answer(void *self, const struct instruction_answer *answer);
