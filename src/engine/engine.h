#pragma once
/*
 * engine: runs a machine against the world. It keeps three promises and knows nothing else:
 *
 *   one at a time   events are taken in order, one turn each. From inside a port's call only
 *                   EV_SAVED may come; all else comes from the loop;
 *   persist, then   an effect leaves only after every entry that was decided before it is saved:
 *   act             entries go to ports.save(), and their turn's effects leave at EV_SAVED;
 *   one `now`       the turn number is counted here; time comes with the event.
 *
 *	struct engine *engine = engine_new(&plan, seed, ports);
 *	engine_event(engine, &(struct event){ .type = EV_START, .now = ... });
 *	... engine_event() for everything that happens; EV_TICK at engine_deadline()
 *	engine_free(engine);
 */
#include "engine/ports.h"
#include "machine/run.h"
#include "model/plan.h"

struct engine;

/* The plan outlives the engine. `seed` is for hash tables. */
struct engine *engine_new(const struct plan *plan, uint64_t seed, struct ports ports);
void engine_free(struct engine *engine);

/* Before the first event: the run goes on from all that was saved of it. */
void engine_restore(struct engine *engine, const struct entry *entries, size_t count);

/* What it knows, for who wants to show it; to be read only. */
struct run *engine_run(struct engine *engine);

/* Borrowed for the call. `now.turn` is filled in here. */
void engine_event(struct engine *engine, const struct event *ev);

/* When EV_TICK is due at the latest; INSTANT_NEVER after the end. */
instant engine_deadline(const struct engine *engine);
