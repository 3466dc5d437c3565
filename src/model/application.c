#include "model/application.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/mutant.h"

#include <string.h>

struct application *application_keep(const struct application *app)
{
	if (!app)
		return NULL;
	size_t bytes = sizeof *app;
#define COUNT(field) bytes += app->field.n;
	APPLICATION_STRINGS(COUNT)
#undef COUNT
	struct application *kept = mem_alloc(bytes);
	char *at = (char *)(kept + 1);
	*kept = *app;
#define MOVE(field)                                                                                \
	if (app->field.n > 0)                                                                      \
		memcpy(at, app->field.p, app->field.n);                                            \
	kept->field.p = at;                                                                        \
	at += app->field.n;
	APPLICATION_STRINGS(MOVE)
#undef MOVE
	return kept;
}

void application_drop(struct application *app)
{
	mem_free(app);
}

bool operation_is_over(const struct operation *op)
{
	return op->phase == OP_SUCCEEDED || op->phase == OP_FAILED || op->phase == OP_ERROR;
}

bool application_in_operation(const struct application *app)
{
	return app->requested.phase != OP_NONE || app->shown.phase == OP_RUNNING ||
	       app->shown.phase == OP_TERMINATING;
}

const struct operation *application_operation(const struct application *app)
{
	bool shown_runs = app->shown.phase == OP_RUNNING || app->shown.phase == OP_TERMINATING;
	if (app->requested.phase != OP_NONE && !shown_runs)
		return &app->requested;
	return &app->shown;
}

bool operation_is_full(const struct operation *op)
{
	return HOLDS(!op->is_dry_run, COUNTS_DRY_RUN) && HOLDS(!op->is_partial, COUNTS_PARTIAL) &&
	       HOLDS(!op->is_apply, COUNTS_APPLY) && HOLDS(!op->has_manifests, COUNTS_MANIFESTS) &&
	       HOLDS(!op->has_other_source, COUNTS_OTHER_SOURCE);
}

bool operation_same(uint64_t id_a, wall finished_a, uint64_t id_b, wall finished_b)
{
	return id_a == id_b && finished_a.ms == finished_b.ms;
}

bool app_row_differs(const struct app_row *row, const struct application *app)
{
	return !str_eq(row->target_revision, app->target_revision) || row->sync != app->sync ||
	       row->health != app->health || row->phase != app->shown.phase ||
	       row->started_at.ms != app->shown.started_at.ms ||
	       row->finished_at.ms != app->shown.finished_at.ms ||
	       row->is_requested != (app->requested.phase != OP_NONE) ||
	       row->is_deleting != app->is_deleting;
}

const char *health_name(enum health health)
{
	static const char *const names[] = {
		[HEALTH_HEALTHY] = "Healthy",	      [HEALTH_SUSPENDED] = "Suspended",
		[HEALTH_PROGRESSING] = "Progressing", [HEALTH_MISSING] = "Missing",
		[HEALTH_DEGRADED] = "Degraded",	      [HEALTH_UNKNOWN] = "Unknown",
	};
	static_assert(COUNTOF(names) == HEALTH_UNKNOWN + 1);
	return names[health];
}

const char *sync_status_name(enum sync_status sync)
{
	static const char *const names[] = {
		[SYNC_UNKNOWN] = "Unknown",
		[SYNC_SYNCED] = "Synced",
		[SYNC_OUT_OF_SYNC] = "OutOfSync",
	};
	static_assert(COUNTOF(names) == SYNC_OUT_OF_SYNC + 1);
	return names[sync];
}

const char *op_phase_name(enum op_phase phase)
{
	static const char *const names[] = {
		[OP_NONE] = "none",
		[OP_RUNNING] = "Running",
		[OP_TERMINATING] = "Terminating",
		[OP_SUCCEEDED] = "Succeeded",
		[OP_FAILED] = "Failed",
		[OP_ERROR] = "Error",
	};
	static_assert(COUNTOF(names) == OP_ERROR + 1);
	return names[phase];
}

const char *source_kind_name(enum source_kind kind)
{
	static const char *const names[] = {
		[SOURCE_NONE] = "no source",
		[SOURCE_GIT] = "Git",
		[SOURCE_CHART] = "a Helm chart from a registry",
		[SOURCE_MULTI] = "several sources",
		[SOURCE_HYDRATOR] = "the source hydrator",
	};
	static_assert(COUNTOF(names) == SOURCE_HYDRATOR + 1);
	return names[kind];
}
