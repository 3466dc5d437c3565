#pragma once
/*
 * story: a small fleet of the model of Argo CD for tests: two clusters, one repository,
 * Applications that deploy it, and one account that may do everything.
 *
 *	struct story story;
 *	story_begin(&story, NULL);
 *	struct str one = story_push(&story, "one");
 *	story_app(&story, "web", one);
 *	story_sync(&story, "web", one);
 *	story_until(&story, is_over, "web");
 *	story_end(&story);
 */
#include "argo/argo.h"
#include "base/check.h"
#include "testing.h"

#define REPO STR("https://git/demo")
#define ADMIN STR("admin.token.x")

struct story {
	struct argo *argo;
	struct argo_config config;
	wall now;
	struct content content;
	struct api_answer answer; /* the last one; borrowed until the next call */
};

typedef bool story_condition(const struct app *app);

static inline struct str story_text(struct story *story, const char *text)
{
	return argo_intern(story->argo, str_of(text));
}

static inline void story_wait(struct story *story, int64_t ms)
{
	story->now.ms += ms;
	argo_advance(story->argo, story->now);
}

/* `change` may set switches and lags before the model is made. */
static inline void story_begin(struct story *story, void (*change)(struct argo_config *config))
{
	*story = (struct story){.config = argo_config_default(), .content = content_default()};
	story->now = (wall){INT64_C(1795000000000)};
	if (change != NULL)
		change(&story->config);
	story->argo = argo_new(&story->config, 7, story->now);
	argo_add_cluster(story->argo, STR("test-1"), STR("https://127.0.0.11:16443"),
			 pairs_of(STR("env=test")));
	argo_add_cluster(story->argo, STR("prd-1"), STR("https://127.0.0.12:16443"),
			 pairs_of(STR("env=prd")));
	argo_apply_project(story->argo, (struct project){.name = STR("demo")});
	argo_add_account(story->argo, STR("admin"), STR("secret"), ADMIN, RIGHTS_ADMIN, false);
}

static inline void story_end(struct story *story)
{
	argo_free(story->argo);
}

static inline const struct app *story_now(const struct story *story, const char *name)
{
	return store_app(argo_store(story->argo), str_of(name));
}

/* A commit whose ConfigMap says so. */
static inline struct str story_push(struct story *story, const char *text)
{
	story->content.text = story_text(story, text);
	return argo_push(story->argo, REPO, STR("main"), &story->content);
}

static inline struct app *story_made(struct story *story, const char *name, struct str revision)
{
	struct app *app = app_new();

	app->name = story_text(story, name);
	app->namespace = STR("argocd");
	app->labels = pairs_of(STR("case=demo,env=test"));
	app->spec.project = STR("demo");
	app->spec.sources.has_source = true;
	app->spec.sources.source = (struct source){
		.repo_url = REPO, .path = STR("chart"), .target_revision = revision};
	app->spec.destination = (struct destination){.server = STR("https://127.0.0.11:16443"),
						     .namespace = STR("demo")};
	return app;
}

static inline void story_app(struct story *story, const char *name, struct str revision)
{
	argo_apply_app(story->argo, story_made(story, name, revision));
}

/* A copy of what is there, to be changed and applied. */
static inline struct app *story_edit(const struct story *story, const char *name)
{
	const struct app *live = story_now(story, name);

	assert_non_null(live);
	return app_copy(live);
}

static inline void story_move(struct story *story, const char *name, struct str revision)
{
	struct app *app = story_edit(story, name);

	app->spec.sources.source.target_revision = revision;
	argo_apply_app(story->argo, app);
}

/* Sends it as the administrator, or by the request's own token. */
static inline uint64_t story_send(struct story *story, struct api_request request)
{
	if (str_empty(request.token))
		request.token = ADMIN;
	return server_begin(argo_server(story->argo), &request, story->now);
}

/* The answer of an own request, at most `within_ms` from now; others are thrown away. */
static inline bool story_answered(struct story *story, uint64_t id, int64_t within_ms)
{
	wall end = {story->now.ms + within_ms}, at;

	for (;;) {
		argo_advance(story->argo, story->now);
		while (server_next(argo_server(story->argo), &story->answer)) {
			if (story->answer.id == id)
				return true;
		}
		if (!argo_deadline(story->argo, &at) || at.ms > end.ms)
			break;
		story->now.ms = MAX(story->now.ms, at.ms);
	}
	story->now = end;
	argo_advance(story->argo, story->now);
	return false;
}

static inline const struct api_answer *story_ask(struct story *story, struct api_request request)
{
	assert_true(story_answered(story, story_send(story, request), 60 * 1000));
	return &story->answer;
}

static inline const struct api_answer *story_sync(struct story *story, const char *name,
						  struct str revision)
{
	struct str project = STR("demo");

	return story_ask(story, (struct api_request){.verb = API_APP_SYNC,
						     .name = str_of(name),
						     .projects = &project,
						     .project_count = 1,
						     .sync_revision = revision});
}

/* Goes on until the condition is true of the live object; false: not within ten minutes. */
static inline bool story_comes(struct story *story, const char *name, story_condition *condition)
{
	wall end = {story->now.ms + 600 * 1000}, at;

	for (;;) {
		argo_advance(story->argo, story->now);
		const struct app *app = story_now(story, name);
		if (app != NULL && condition(app))
			return true;
		if (!argo_deadline(story->argo, &at) || at.ms > end.ms)
			return false;
		story->now.ms = MAX(story->now.ms, at.ms);
	}
}

static inline void story_until(struct story *story, const char *name, story_condition *condition)
{
	assert_true(story_comes(story, name, condition));
}

/* ---- conditions ---- */

static inline bool is_over(const struct app *app)
{
	return !app->operation.is_set && phase_is_completed(app->status.operation.phase);
}

static inline bool is_running(const struct app *app)
{
	return app->status.operation.phase == OP_RUNNING;
}

static inline bool is_compared(const struct app *app)
{
	return app->status.has_sync && app->refresh == REFRESH_NONE &&
	       sources_equal(&app->status.compared_to.sources, &app->spec.sources);
}

static inline bool is_synced(const struct app *app)
{
	return is_compared(app) && app->status.sync == SYNC_SYNCED;
}

static inline bool is_well(const struct app *app)
{
	return is_synced(app) && app->status.health == HEALTH_HEALTHY;
}

static inline bool is_settled(const struct app *app)
{
	return is_over(app) && is_well(app) &&
	       app->status.reconciled_at.ms >= app->status.operation.finished_at.ms;
}

/* An Application that was synced once and is well. */
static inline void story_settled(struct story *story, const char *name, struct str revision)
{
	story_app(story, name, revision);
	story_until(story, name, is_compared);
	assert_int_equal(story_sync(story, name, revision)->refusal.status, 200);
	story_until(story, name, is_settled);
}
