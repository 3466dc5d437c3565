#pragma once
/*
 * history: what an Application remembers of its syncs (status.history): one deployment for each
 * full operation that succeeded, the oldest first.
 *
 * It is short: spec.revisionHistoryLimit of them, 10 as a rule. Argo CD numbers them from 0 and
 * drops the oldest, so a history that begins with another number has lost some.
 *
 * Stamps have a resolution of one second. An operation that failed, a partial one and a dry run
 * leave no deployment.
 */
#include "base/str.h"
#include "base/when.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deployment {
	struct str revision; /* of several sources: their revisions, "a,b" */
	wall started_at;     /* 0: not recorded, as by Argo CD before 1.8 */
	wall ended_at;
	struct str initiator; /* the user's name; "auto-sync"; may be empty */
};

struct app_history {
	struct str name, namespace;
	struct str owner;  /* the controlling ApplicationSet's name, or empty */
	struct str labels; /* "env=test,tier=web" */
	wall created_at;
	const struct deployment *deployments;
	uint32_t count;
	bool is_cut;	  /* there were older ones */
	bool keeps_none;  /* revisionHistoryLimit is 0 */
	bool is_hydrated; /* what it syncs is written for it alone: its revision is nobody else's */
};
