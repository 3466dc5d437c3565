#pragma once
/*
 * ledger: the histories of all Applications, turned around: for each release, who had it, and by
 * which of its deployments first.
 *
 *	struct ledger ledger;
 *
 *	ledger_make(&ledger, &plan, apps, count, seed);
 *	...					ledger.releases, ledger.groups, ledger.stage_of
 *	ledger_release(&ledger);
 *
 * Whoever is of no stage, of no group or hydrated is not in it; `report` counts them. A group whose
 * members are all of one stage has no releases: there is nothing in it to compare.
 */
#include "base/map.h"
#include "model/order_report.h"

/* What belongs together. */
struct ledger_group {
	struct str name;
	VEC(uint32_t) members[STAGES_MAX]; /* indices into the histories */
	uint32_t first_stage;		   /* the first one that has members */
	uint32_t stages;		   /* how many have */
};

/* The first deployment at the release's revision that the Application remembers. */
struct arrival {
	uint32_t app, deployment;
};

/* A release. */
struct ledger_line {
	uint32_t group;
	struct str revision;
	wall began_at; /* of the first arrival */
	VEC(struct arrival) arrivals;
};

struct ledger {
	const struct app_history *apps;
	size_t count;
	VEC(uint32_t) stage_of; /* by Application; STAGE_NONE: it is not in here */
	VEC(uint32_t) group_of;
	VEC(struct ledger_group) groups;
	VEC(struct ledger_line) releases;
	/* The release of each deployment, Application by Application from its first_line_of: an
	 * index, so that histories are compared without comparing texts. */
	VEC(uint32_t) lines;
	VEC(uint32_t) first_line_of;
	struct map by_group, by_release;
	struct order_report report; /* the counts of Applications and groups */
};

/* What ledger.lines has for a deployment without a revision. */
#define LEDGER_NO_LINE UINT32_MAX

/* The plan and the histories outlive the ledger. */
void ledger_make(struct ledger *ledger, const struct order_plan *plan,
		 const struct app_history *apps, size_t count, uint64_t seed);
void ledger_release(struct ledger *ledger);

/* When it began; where that is not recorded, when it ended. */
wall deployment_began_at(const struct deployment *deployment);
