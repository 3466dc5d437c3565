#include "world/naive.h"

enum { LOOKS_EVERY_MS = 1'000 };

static bool is_done(const struct naive *naive, const struct app *app)
{
	return str_eq(app->spec.sources.source.target_revision, naive->revision) &&
	       app->status.sync == SYNC_SYNCED && app->status.health == HEALTH_HEALTHY;
}

static bool wants_sync(const struct naive *naive, const struct app *app)
{
	return str_eq(app->spec.sources.source.target_revision, naive->revision) &&
	       app->status.sync == SYNC_OUT_OF_SYNC && !app->operation.is_set;
}

static void ask(const struct naive *naive, struct world *world, struct str name)
{
	struct op_request request = {
		.is_set = true,
		.username = STR("the script"),
		.revisions.revision = naive->revision,
	};
	argo_patch_operation(world_argo(world), name, &request);
}

/* Whether all of the stage are done; asks for a sync of those that want one. */
static bool look_at_stage(const struct naive *naive, struct world *world)
{
	const struct selector *selector = naive->stages[naive->stage].selector;
	struct store *store = argo_store(world_argo(world));
	struct app_names names = {0};
	bool are_done = true;

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		if (selector && !app_matches(app, selector))
			continue;
		are_done = are_done && is_done(naive, app);
		if (wants_sync(naive, app))
			ask(naive, world, *name);
	}
	vec_release(&names);
	return are_done;
}

static void look(void *self, struct world *world)
{
	struct naive *naive = self;
	auto_arena struct arena arena = {0};

	while (look_at_stage(naive, world)) {
		naive->stage++;
		world_tell(world, TOLD_TIPHYS, "naive",
			   arena_printf(&arena, "stage %u of %u is done", naive->stage,
					naive->stage_count));
		if (naive->stage == naive->stage_count)
			return;
	}
	world_at(world, world_now_ms(world) + LOOKS_EVERY_MS, look, naive);
}

void naive_start(struct naive *naive, struct world *world)
{
	look(naive, world);
}
