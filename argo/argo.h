#pragma once
/*
 * argo: a model of Argo CD 3.2.11 and of the clusters that it rules: pure, deterministic, with time
 * from outside. One model serves the simulator, the demo, the stories in virtual time and the
 * proof; the contract suite holds it to the real one.
 *
 *	struct argo *argo = argo_new(&config, seed, now);
 *	argo_add_cluster(...); argo_push(...); argo_apply_appset(...);
 *	for (;;) {
 *		argo_advance(argo, now);         everything that is due until then happens, in order
 *		... server_next(argo_server(argo), &answer) ...
 *		wait until argo_deadline(argo)
 *	}
 *
 * Inside, everything that takes time is an event with its own time; events of the same millisecond
 * happen in the order in which they were asked for. `speed` divides the durations of the fleet
 * (renders, rollouts, hooks); Argo CD's own clocks and the stamps stay real.
 */
#include "argo/quirk.h"
#include "argo/server.h"
#include "argo/steer.h"

#define ARGO_VERSION "v3.2.11"

struct argo_config {
	uint32_t replicas;	   /* of argocd-server, 1 to 8 */
	int64_t replica_lag_ms[8]; /* how far each one's informer is behind */
	int64_t controller_lag_ms; /* the application controller's informer */
	int64_t live_cache_lag_ms; /* its cache of the clusters' objects, behind the apply */
	/* How long the answer to a patch of its own is on its way. What its informer comes to see
	 * meanwhile is written over: nothing, as long as the informer is further behind. */
	int64_t answer_lag_ms;
	int64_t appset_lag_ms;	       /* the ApplicationSet controller's informer */
	uint32_t status_processors;    /* 20 */
	uint32_t operation_processors; /* 10 */
	bool has_progressive_syncs;
	uint32_t speed; /* 1: as the fleet says */
	/* What takes between so and so long takes the middle of it, whatever the seed. */
	bool is_regular;
	struct quirks quirks;
	/* What 3.6 does and 3.2.11 doesn't, in RollingSync (argo/rollout.h). */
	bool has_refresh_barrier, pins_revisions;
};

struct argo_config argo_config_default(void);

struct argo;

struct argo *argo_new(const struct argo_config *config, uint64_t seed, wall now);
void argo_free(struct argo *argo);

void argo_advance(struct argo *argo, wall now);
/* When something is due next; false: nothing, until somebody asks. */
bool argo_deadline(const struct argo *argo, wall *ret_at);

struct server *argo_server(struct argo *argo);
struct store *argo_store(struct argo *argo);
const struct argo_config *argo_config_of(const struct argo *argo);
struct str argo_intern(struct argo *argo, struct str text);
