#pragma once
/*
 * naive: what release scripts do: stage by stage, ask for a sync of what is OutOfSync, and take an
 * Application for done when its targetRevision is R and it is Synced and Healthy. It looks once a
 * second, at live objects: what it gets wrong is its rule's fault, not a cache's.
 *
 * It is here to be wrong: a world in which it were right could not show that tiphys is better.
 *
 * No test of its own: scenarios/the-naive-rule-starts-production-first.txt is one.
 */
#include "world/world.h"

struct naive {
	struct str revision;
	const struct plan_stage *stages;
	uint32_t stage_count;
	uint32_t stage; /* the present one */
};

/* From now on; `naive` outlives the world. */
void naive_start(struct naive *naive, struct world *world);
