#pragma once
/*
 * doors: how one model stands for the two Argo CDs of a promotion. Each Application is behind one
 * door, by the stage that selected it when it was first seen, and stays there. What comes through a
 * door tells of those behind it alone, and bears the stamps of that Argo CD's own clock.
 *
 * What the two share is more than two real ones would: one controller, one set of API servers, and
 * one name for each Application. That a door is shut is the network's affair.
 *
 * No test of its own: the stories of two Argo CDs are.
 */
#include "base/arena.h"
#include "base/map.h"
#include "model/event.h"
#include "model/plan.h"

enum { DOORS = 2 };

struct doors {
	struct map of; /* an Application's name -> its door */
	int64_t ahead_ms[DOORS];
};

void doors_init(struct doors *doors, uint64_t seed);
void doors_release(struct doors *doors);

/* What of an event comes through its door to a run of this plan; false: nothing. Texts and arrays
 * of `ret` are the event's, or live in the arena. */
bool doors_pass(struct doors *doors, const struct plan *plan, const struct event *ev,
		struct arena *arena, struct event *ret);
