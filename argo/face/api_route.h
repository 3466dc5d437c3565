#pragma once
/*
 * api_route: which verb of the API a request is, and what it asks for. Here are the rules of
 * grpc-gateway and of what stands before it: unknown paths, methods, content types, bodies that
 * are no JSON, deadlines in headers.
 */
#include "argo/face/face.h"
#include "argo/face/fields.h"
#include "argo/face/target.h"

struct api_route {
	const char *method, *pattern;
	enum api_verb verb;
	bool is_detailed; /* of a project */
	bool has_body;
};

/* An answer that is no grpc error: plain text. */
struct plain_refusal {
	int status; /* 0: none */
	const char *text;
};

struct api_call {
	const struct api_route *route;
	struct api_request request;
	struct fields fields;
	bool is_events;		    /* Accept: text/event-stream */
	struct plain_refusal plain; /* answered before grpc-gateway */
	struct api_refusal refusal; /* answered by grpc-gateway; its message lives in the arena */
};

/* Texts are interned or live in the arena. */
void api_route_read(struct argo *argo, const struct face_request *request,
		    const struct target *target, struct arena *arena, struct api_call *ret_call);

/* "5S", "100m", "1H": milliseconds; 0: it is none. */
int64_t api_route_timeout(struct str text);
