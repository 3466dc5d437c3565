#pragma once
/*
 * answer_json: what the API server answers with besides Applications and ApplicationSets: projects,
 * clusters, settings, sessions, the tree of an Application's objects, errors.
 */
#include "argo/server.h"
#include "base/buf.h"
#include "base/json_write.h"

/* {"error":"…","code":5,"message":"…"}; and the last frame of a watch. */
void answer_json_error(struct buf *out, int code, struct str message);
void answer_json_stream_error(struct buf *out, const struct api_refusal *refusal);

void answer_json_version(struct buf *out, bool is_known);
void answer_json_settings(struct buf *out);
void answer_json_user(struct buf *out, struct str username);
void answer_json_token(struct buf *out, struct str token);
void answer_json_clusters(struct buf *out, const struct cluster *const *clusters, size_t count);
/* `detailed` wraps it in {"globalProjects", "project", …}. */
void answer_json_project(struct buf *out, const struct project *project, bool is_detailed);
void answer_json_project_object(struct json_write *w, const struct project *project);
void answer_json_tree(struct buf *out, const struct app *app);
void answer_json_managed(struct buf *out, const struct app *app);
void answer_json_windows(struct buf *out, const struct project *project, const struct app *app,
			 wall now);
void answer_json_manifests(struct buf *out, const struct api_answer *answer);
