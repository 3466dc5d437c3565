#pragma once
/*
 * census: what many played seeds have in common: how many ended how, how far they came, what had
 * struck them, and what was wrong. Plain data: two are added up, and one is shared between
 * processes.
 *
 * No test of its own: draw_test.c counts some.
 */
#include "world/play.h"

enum { CENSUS_APPS_MAX = 128, CENSUS_CODES = 256, CENSUS_BROKEN_KEPT = 10 };

struct census {
	uint64_t seeds;
	uint64_t by_code[CENSUS_CODES];
	uint64_t never_ended, verdicts, last_groups, last_groups_after_fault;
	uint64_t by_apps[CENSUS_APPS_MAX]; /* how many had so many Applications */
	uint64_t by_stages[DRAWN_STAGES_MAX + 1];
	uint64_t struck[FAULT_COUNT];
	uint64_t groups, syncs;
	int64_t ms; /* of virtual time */
	/* POSTs that were unanswered at a kill: world/judge.h */
	uint64_t posts, posts_told[REPEATS], posts_allowed, posts_shown, posts_unreported;
	uint64_t by_property[PROPERTY_COUNT];
	uint64_t broken; /* seeds in which something was wrong, and the first of them */
	uint64_t broken_seeds[CENSUS_BROKEN_KEPT];
};

void census_count(struct census *census, uint64_t seed, const struct played *played);
void census_add(struct census *census, const struct census *other);
/* Something went so wrong that there is nothing to count. */
void census_broke(struct census *census, uint64_t seed);

double census_percent(const struct census *census, uint64_t count);
double census_years(const struct census *census);
uint64_t census_median_apps(const struct census *census);
uint64_t census_median_stages(const struct census *census);
double census_rarest_fault_percent(const struct census *census);
uint32_t census_fault_kinds(const struct census *census);

/* Of the POSTs that were unanswered at a kill. */
double census_percent_of_posts(const struct census *census, uint64_t count);

/* In words, for people. */
void census_tell(const struct census *census, struct buf *out);
