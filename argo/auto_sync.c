#include "argo/auto_sync.h"

#include "argo/inside.h"

enum {
	SELF_HEAL_MS = 2000,
	SELF_HEAL_FACTOR = 3,
	SELF_HEAL_MOST_MS = 300 * 1000,
	SELF_HEAL_COOLDOWN_MS = 330 * 1000,
	AUTO_RETRIES = 5,
};

/* The Job of a hook is neither Synced nor to be pruned, and counts here as it does below. */
static bool needs_only_pruning(const struct resource_list *list)
{
	for (uint32_t i = 0; i < list->n; i++) {
		if (list->v[i].sync != RESOURCE_SYNCED && !list->v[i].requires_pruning)
			return false;
	}
	return true;
}

static bool would_wipe_out_all(const struct resource_list *list)
{
	for (uint32_t i = 0; i < list->n; i++) {
		if (!list->v[i].requires_pruning)
			return false;
	}
	return true;
}

static struct str revisions_text(struct argo *argo, const struct revisions *revisions)
{
	struct str text = revisions->n > 0 ? revisions->v[0] : revisions->revision;

	for (uint32_t i = 1; i < revisions->n; i++)
		text = argo_text(argo, STR_FMT " " STR_FMT, STR_ARG(text),
				 STR_ARG(revisions->v[i]));
	return argo_text(argo, "[" STR_FMT "]", STR_ARG(text));
}

/* The operation shown was one of this revision and these sources. */
static bool is_attempted(const struct app *app, const struct app_status *status)
{
	const struct op_state *shown = &app->status.operation;

	if (shown->phase == OP_NONE)
		return false;
	if (!shown->has_result)
		return phase_is_completed(shown->phase);
	return revisions_equal(&shown->result_revisions, &status->sync_revisions) &&
	       sources_equal(&shown->result_sources, &app->spec.sources);
}

static int64_t self_heal_wait_ms(const struct argo *argo, const struct op_state *shown,
				 int64_t attempts)
{
	int64_t wait_ms = 0;

	for (int64_t i = 0; i < attempts && wait_ms < SELF_HEAL_MOST_MS; i++)
		wait_ms = i == 0 ? SELF_HEAL_MS : wait_ms * SELF_HEAL_FACTOR;
	wait_ms = MIN(wait_ms, (int64_t)SELF_HEAL_MOST_MS);
	if (shown->finished_at.ms != 0)
		wait_ms -= argo->now.ms - shown->finished_at.ms;
	return wait_ms;
}

static struct op_resource_list *out_of_sync(const struct resource_list *list)
{
	struct op_resource_list *found = op_resource_list_new(list->n);

	found->n = 0;
	for (uint32_t i = 0; i < list->n; i++) {
		const struct resource *resource = &list->v[i];
		if (resource->sync != RESOURCE_SYNCED)
			found->v[found->n++] = (struct op_resource){
				.group = resource->group,
				.kind = resource->kind,
				.name = resource->name,
			};
	}
	return found;
}

static struct op_request request_of(const struct app *app, const struct app_status *status)
{
	return (struct op_request){
		.is_set = true,
		.is_automated = true,
		.revisions = status->sync_revisions,
		.sources = sources_keep(&app->spec.sources),
		.prune = app->spec.automated.prune,
		.sync_options_json = app->spec.sync_options_json,
		.retry = app->spec.retry.is_set
				 ? app->spec.retry
				 : (struct retry){.is_set = true, .limit = AUTO_RETRIES},
	};
}

/* What is the same revision as before is healed at most, part by part and ever more slowly. False:
 * not now. */
static bool heal(struct controller *ctrl, struct work *work, const struct app *app,
		 const struct comparison *comparison, struct op_request *request)
{
	struct argo *argo = controller_argo(ctrl);
	const struct op_state *shown = &app->status.operation;
	bool has_cooled_down = shown->finished_at.ms == 0 ||
			       (argo->now.ms - shown->finished_at.ms >= SELF_HEAL_COOLDOWN_MS &&
				shown->phase == OP_SUCCEEDED);

	if (!app->spec.automated.self_heal)
		return false;
	if (!has_cooled_down)
		request->self_heal_attempts = shown->operation.self_heal_attempts;
	int64_t wait_ms = self_heal_wait_ms(argo, shown, request->self_heal_attempts);
	if (wait_ms > 0) {
		controller_request(ctrl, work, LEVEL_LATEST, wait_ms);
		return false;
	}
	request->self_heal_attempts++;
	request->resources = out_of_sync(comparison->resources);
	return true;
}

bool auto_sync(struct controller *ctrl, struct work *work, const struct app *app,
	       const struct app_status *status, const struct comparison *comparison,
	       struct str *ret_error)
{
	struct argo *argo = controller_argo(ctrl);
	const struct op_state *shown = &app->status.operation;

	if (!app->spec.automated.is_set || app->spec.automated.is_disabled ||
	    app->operation.is_set || app->deleting_at.ms != 0 ||
	    comparison->sync != SYNC_OUT_OF_SYNC)
		return false;
	if (!app->spec.automated.prune && needs_only_pruning(comparison->resources))
		return false;
	struct op_request request = request_of(app, status);
	struct str text = revisions_text(argo, &status->sync_revisions);
	if (is_attempted(app, status)) {
		bool has_failed = shown->phase != OP_SUCCEEDED;
		if (has_failed && has_quirk(argo, QUIRK_NO_AUTO_RETRY)) {
			*ret_error = argo_text(
				argo, "Failed last sync attempt to " STR_FMT ": " STR_FMT,
				STR_ARG(revisions_text(argo, &shown->result_revisions)),
				STR_ARG(shown->message));
			op_request_drop(&request);
			return true;
		}
		if (!has_failed && !heal(ctrl, work, app, comparison, &request)) {
			op_request_drop(&request);
			return false;
		}
	}
	bool wipes_out = app->spec.automated.prune && !app->spec.automated.allow_empty &&
			 would_wipe_out_all(comparison->resources);
	if (wipes_out)
		*ret_error = argo_text(argo,
				       "Skipping sync attempt to " STR_FMT
				       ": auto-sync will wipe out all resources",
				       STR_ARG(text));
	else if (set_operation(argo, app->name, &request) != NULL)
		informer_write_back(controller_informer(ctrl), store_app(argo->store, app->name));
	op_request_drop(&request);
	return wipes_out;
}
