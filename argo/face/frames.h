#pragma once
/*
 * frames: the stream that a watch is: one JSON object a line, or server-sent events; projected by
 * `fields`; and a frame that is equal to the last one of the same name is not sent again.
 */
#include "argo/face/fields.h"
#include "argo/server.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

enum { FRAMES_KEEPALIVE_MS = 15'000 };

struct frames {
	const struct fields *fields;
	bool is_events;
	struct map names; /* name -> index into hashes */
	VEC(uint64_t) hashes;
};

void frames_init(struct frames *frames, const struct fields *fields, bool is_events);
void frames_release(struct frames *frames);

struct str frames_content_type(const struct frames *frames);

/* Appends a frame; false: it is equal to the last one of its name. */
bool frames_write(struct frames *frames, enum change_type change, const struct app *app,
		  struct buf *out);
/* The last frame of a stream that failed. */
void frames_write_error(struct frames *frames, const struct api_refusal *refusal, struct buf *out);
