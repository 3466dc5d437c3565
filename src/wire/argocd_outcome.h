#pragma once
/*
 * argocd_outcome: how a request to Argo CD's API server came out, by how the transport ended, by
 * the status and by what the body says.
 *
 * Argo CD's own errors are JSON: {"error":…,"code":<gRPC>,"message":…}; those of a stream that
 * fails are {"error":{"grpc_code":…,"http_code":…,"message":…}}, also as a server-sent event.
 * Everything else was said by somebody in between (a proxy, a load balancer, a login page) and is
 * no answer: a 404 of theirs does not mean that an Application was deleted.
 *
 * Several of Argo CD's messages must be told apart by their text, since their codes are the same.
 */
#include "base/arena.h"
#include "model/request.h"
#include "wire/http.h"
#include "wire/json.h"

struct verdict {
	enum outcome outcome; /* OUTCOME_OK: a status of 200; the body has yet to be read */
	struct str message;
};

/*
 * `target` is that of the request, `body` the answer's first bytes: enough for any error. The
 * message lives in the arena.
 */
struct verdict argocd_outcome(struct str target, const struct http_end *end, struct str body,
			      struct arena *arena);

/* The verdict on an error of Argo CD's own, by its status, its gRPC code and its words. */
struct verdict argocd_error_outcome(int status, int64_t code, struct str message,
				    struct arena *arena);

/* The verdict on an error that Argo CD puts into a stream; `frame` is the whole frame. */
struct verdict argocd_stream_outcome(const struct json *frame, struct arena *arena);

/* A 200 that cannot be used: `why` if the body is JSON, as it should be; else what the body is. */
struct verdict argocd_bad_answer(struct str body, struct str why, struct arena *arena);
