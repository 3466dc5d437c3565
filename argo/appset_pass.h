#pragma once
/*
 * appset_pass: one reconcile of one ApplicationSet, as it goes in time:
 *
 *	generate        from the version that the informer shows          PASS_GENERATE_MS
 *	begin to write  validate; the informer's version again, which must be the newest, else it
 *	                tries anew five times and fails; RollingSync's bookkeeping
 *	write           one Application after the other, in the order generated, those that differ;
 *	                an error does not keep it from the rest           PASS_WRITE_MS each
 *	delete          what it owns and was not generated                PASS_WRITE_MS each
 *	end             the refresh annotation is taken away, conditions
 *
 * So a set is half written for a while, and what is changed while it is being generated is found by
 * the next pass only, though this one takes the refresh annotation away.
 */
#include "argo/appset_write.h"
#include "argo/generate.h"
#include "argo/rollout.h"

/* A generation with its repositories cached; and a write, of which a controller does 50 in a second
 * (ARGOCD_K8S_CLIENT_QPS). */
enum { PASS_GENERATE_MS = 50, PASS_WRITE_MS = 20 };

/* ReconcileRequeueOnValidationError */
enum { PASS_INVALID_RETRY_MS = 180'000 };

struct pass_world {
	struct argo *argo;
	struct informer *informer;
	struct cluster_list VEC_OF(struct cluster) clusters; /* in the order of names */
	struct git_port git;
};

enum pass_phase { PASS_NONE, PASS_GENERATING, PASS_BEGINNING, PASS_WRITING, PASS_DELETING };

struct pass {
	enum pass_phase phase;
	wall next_at; /* when it goes on */
	struct appset *set;
	struct generated generated;
	struct map by_name;	     /* of the generated, to their places */
	bool saw_refresh;	     /* the refresh annotation was there at the beginning */
	bool *is_invalid, *may_sync; /* one for each generated */
	uint32_t invalid_count;
	bool is_rolling; /* RollingSync rules this pass */
	int64_t hold_ms; /* the refresh barrier wants to be asked again; 0: no */
	struct app_names doomed;
	size_t at;	/* in the generated, or in the doomed */
	unsigned tries; /* of a status write */
	struct str error;
};

enum pass_end { PASS_GOES_ON, PASS_SUCCEEDED, PASS_FAILED };

/* What an ApplicationSet generates: for a pass, and for who asks. */
void pass_generate(const struct pass_world *world, const struct appset *set,
		   struct generated *ret_generated);

/* PASS_GOES_ON: pass_step() at `next_at`. Else it is over; `ret_requeue_ms` is when the controller
 * comes back by itself, 0: never. */
enum pass_end pass_begin(struct pass *pass, const struct pass_world *world, struct str name,
			 wall now);
enum pass_end pass_step(struct pass *pass, const struct pass_world *world, wall now,
			int64_t *ret_requeue_ms);

/* Over, or dropped in the middle. */
void pass_release(struct pass *pass);
