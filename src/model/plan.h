#pragma once
/*
 * plan: what one run is asked to do. Made once from the command line, then only read.
 * Its strings belong to whoever made it and outlive the run.
 */
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* What may pass without an operation of its own. */
enum skip_policy {
	SKIP_SYNCED, /* what is unchanged: Synced at R and Healthy; hooks of R may not have run */
	SKIP_HOOKED, /* only where a full operation at R succeeded before the run */
	SKIP_NEVER,
};

enum {
	CONCURRENCY_DEFAULT = 20,
	CONCURRENCY_MAX = 1000,
	REQUESTS_IN_FLIGHT_MAX = 50,
	REPOSTS_MAX = 2,  /* for a basis lost after done; then it failed */
	REOPENS_MAX = 10, /* by the barrier's re-read, without a lost basis: it comes and goes */
};

struct plan {
	struct str run;	    /* this run's id, in every token */
	struct str context; /* the Argo CD context's name */
	struct str project, revision;
	struct str selector; /* empty: the whole project */
	uint32_t concurrency;
	enum skip_policy skip;
	bool is_dry_run;
	bool prune;
	bool keep_going;
	bool accept_suspended;
	bool allow_out_of_sync;
	bool allow_auto_sync;
	int64_t revision_timeout_ms;  /* for targetRevision to become R, from the start */
	int64_t operation_timeout_ms; /* for an operation, a stranger's too, to end */
	int64_t health_timeout_ms;    /* for Synced and Healthy after it */
	int64_t server_timeout_ms;    /* for a server or credentials that went away to come back */
};
