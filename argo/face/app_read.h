#pragma once
/*
 * app_read: what people send: an Application as for `kubectl apply`, a project, the body of a sync
 * or rollback. JSON becomes the model's structs; what Argo CD does not look at is not looked at
 * here either.
 *
 * Errors name the path: "spec.source.repoURL: it is missing". They are in reading->err.
 */
#include "argo/face/reading.h"
#include "argo/server.h"

/* metadata, spec and `operation`; a status is left alone. */
[[nodiscard]] int app_read(struct reading *r, const struct json *object, struct app **ret_app);

/* Parts, for templates. */
void app_read_spec(struct reading *r, struct at at, struct app_spec *ret_spec);
void app_read_operation(struct reading *r, struct at at, struct op_request *ret_operation);
struct retry app_read_retry(struct reading *r, struct at at);

/*
 * An AppProject: its name and spec.syncWindows. A window is always open with the schedule
 * "* * * * *", or has `from` and `until`, which only this model knows: "2026-11-23T21:47:27Z".
 */
[[nodiscard]] int project_read(struct reading *r, const struct json *object,
			       struct project *ret_project);

/* The body of POST …/sync and …/rollback. Its arrays live in the arena. */
[[nodiscard]] int sync_read(struct reading *r, const struct json *body, struct arena *arena,
			    struct api_request *ret_request);
[[nodiscard]] int rollback_read(struct reading *r, const struct json *body,
				struct api_request *ret_request);
