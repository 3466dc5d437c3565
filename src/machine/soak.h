#pragma once
/*
 * soak: the time for which all that was done has been seen to be well. It is watched, not slept:
 * what counts is the way from one look at all of them to the next, by the monotonic clock, if all
 * were well in both and the second came soon. So no clock that jumps, no outage of Argo CD, no
 * laptop that slept and no restart can make it shorter than it is said to be; they make it longer.
 *
 *	soak_look(&soak, at, true);	all of them were well at that time
 *	soak_look(&soak, at, false);	or one of them wasn't: what was counted so far stays
 *	soak_take(&soak)		what was counted since this was last called, to be saved
 */
#include "base/when.h"

#include <stdbool.h>

enum {
	/* Lists come every 15 s; one may be lost, and the next one. */
	SOAK_GAP_MAX_MS = 50'000,
};

struct soak {
	bool is_well;
	instant looked_at;
	int64_t counted_ms;
};

void soak_look(struct soak *soak, instant at, bool is_well);
int64_t soak_take(struct soak *soak);

/* When the next look would bring `owed_ms` more than was counted; INSTANT_NEVER: not well. */
instant soak_due(const struct soak *soak, int64_t owed_ms);
