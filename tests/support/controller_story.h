#pragma once
/*
 * controller_story: what the stories of the application controller have in common: quirks that are
 * switched off, conditions to wait for, what is asked for in many of them.
 */
#include "argo/controller.h"
#include "story.h"

static const struct str WEB = STR("web");

/* Switches one quirk off in the model that is made next. */
#define WITHOUT(name)                                                                              \
	static void without_##name(struct argo_config *config)                                     \
	{                                                                                          \
		config->quirks.is_off[QUIRK_##name] = true;                                        \
	}

/* ---- conditions ---- */

static inline bool has_failed(const struct app *app)
{
	return is_over(app) && app->status.operation.phase != OP_SUCCEEDED;
}

static inline bool has_no_refresh(const struct app *app)
{
	return app->refresh == REFRESH_NONE;
}

static inline bool is_degraded(const struct app *app)
{
	return app->status.health == HEALTH_DEGRADED;
}

static inline bool is_out_of_sync(const struct app *app)
{
	return is_compared(app) && app->status.sync == SYNC_OUT_OF_SYNC;
}

static inline bool waits_for_hooks(const struct app *app)
{
	return is_running(app) &&
	       str_starts(app->status.operation.message, STR("waiting for completion of hook"));
}

static inline bool waits_for_a_retry(const struct app *app)
{
	return is_running(app) && app->status.operation.retry_count > 0 &&
	       str_find(app->status.operation.message, STR("Retrying attempt"), NULL);
}

static inline bool has_conditions(const struct app *app)
{
	return app->status.conditions != NULL;
}

static inline bool is_blocked(const struct app *app)
{
	return str_eq(app->status.operation.message, STR("Sync operation blocked by sync window"));
}

static inline size_t jobs(const struct story *story)
{
	const struct hook_job *all;

	return argo_jobs(story->argo, &all);
}

/* ---- asking ---- */

static inline void refresh(struct story *story, enum refresh kind)
{
	story_ask(story, (struct api_request){.verb = API_APP_GET, .name = WEB, .refresh = kind});
}

static inline void automate(struct story *story, const char *name, struct str revision, bool heals)
{
	struct app *app = story_made(story, name, revision);

	app->spec.automated.is_set = true;
	app->spec.automated.self_heal = heals;
	argo_apply_app(story->argo, app);
}
