#include "argo/argo.h"

#include "argo/cluster.h"
#include "argo/controller.h"
#include "argo/hold.h"
#include "argo/inside.h"
#include "argo/repo.h"
#include "argo/server_inside.h"
#include "argo/trees.h"
#include "base/alloc.h"

/* As they are on a machine that is not too busy. Had the cache of the clusters a longer way than an
 * operation needs to be over, each self-heal would follow on an automated sync. */
enum {
	CONTROLLER_LAG_MS = 5,
	ANSWER_LAG_MS = 4,
	REPLICA_LAG_MS = 10,
	LIVE_CACHE_LAG_MS = 20,
	APPSET_LAG_MS = 5
};

struct argo_config argo_config_default(void)
{
	struct argo_config config = {
		.replicas = 1,
		.controller_lag_ms = CONTROLLER_LAG_MS,
		.live_cache_lag_ms = LIVE_CACHE_LAG_MS,
		.answer_lag_ms = ANSWER_LAG_MS,
		.appset_lag_ms = APPSET_LAG_MS,
		.status_processors = 20,
		.operation_processors = 10,
		.speed = 1,
	};

	for (size_t i = 0; i < COUNTOF(config.replica_lag_ms); i++)
		config.replica_lag_ms[i] = REPLICA_LAG_MS;
	return config;
}

struct argo *argo_new(const struct argo_config *config, uint64_t seed, wall now)
{
	struct argo *argo = mem_zalloc(sizeof(*argo));

	argo->config = *config;
	argo->config.replicas = MAX(1u, MIN(config->replicas, (uint32_t)REPLICAS_MAX));
	argo->config.speed = MAX(1u, config->speed);
	argo->now = now;
	prng_seed(&argo->prng, seed);
	argo->texts = texts_new(prng_next(&argo->prng));
	argo->agenda = agenda_new();
	argo->holds = holds_new(argo->agenda);
	argo->store = store_new(prng_next(&argo->prng));
	store_set_forgets_status(argo->store, !has_quirk(argo, QUIRK_STALE_AFTER_SPEC));
	argo->repos = repos_new(argo);
	argo->fleet = fleet_new(argo, controller_object_changed);
	argo->controller = controller_new(argo);
	argo->server = server_new(argo);
	argo->appsets = appsets_new(argo, config->appset_lag_ms);
	argo->trees = trees_new(argo);
	appsets_set_git(argo->appsets, trees_port(argo->trees));
	argo->is_appsets_up = true;
	return argo;
}

void argo_free(struct argo *argo)
{
	if (argo == NULL)
		return;
	appsets_free(argo->appsets);
	trees_free(argo->trees);
	server_free(argo->server);
	controller_free(argo->controller);
	fleet_free(argo->fleet);
	repos_free(argo->repos);
	store_free(argo->store);
	holds_free(argo->holds);
	agenda_free(argo->agenda);
	texts_free(argo->texts);
	mem_free(argo);
}

/* ---- time ---- */

static void earliest(bool *has_one, wall *first, bool is_due, wall at)
{
	if (!is_due)
		return;
	if (!*has_one || at.ms < first->ms)
		*first = at;
	*has_one = true;
}

bool argo_deadline(const struct argo *argo, wall *ret_at)
{
	bool has_one = false, is_due;
	wall at = {0};

	is_due = agenda_due(argo->agenda, &at);
	earliest(&has_one, ret_at, is_due, at);
	is_due = controller_due(argo->controller, &at);
	earliest(&has_one, ret_at, is_due, at);
	is_due = server_due(argo->server, &at);
	earliest(&has_one, ret_at, is_due, at);
	is_due = argo->is_appsets_up && appsets_deadline(argo->appsets, &at);
	earliest(&has_one, ret_at, is_due, at);
	return has_one;
}

/* Everybody looks at what has come to him at this instant. */
static void look_around(struct argo *argo)
{
	controller_advance(argo->controller);
	if (argo->is_appsets_up)
		appsets_advance(argo->appsets, argo->now);
	server_advance(argo->server);
}

void argo_advance(struct argo *argo, wall now)
{
	struct task task;
	wall at;

	look_around(argo);
	while (argo_deadline(argo, &at) && at.ms <= now.ms) {
		argo->now.ms = MAX(argo->now.ms, at.ms);
		if (agenda_take(argo->agenda, argo->now, &at, &task))
			task.run(task.self, task.number, task.epoch);
		look_around(argo);
	}
	argo->now.ms = MAX(argo->now.ms, now.ms);
}
