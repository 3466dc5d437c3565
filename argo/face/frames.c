#include "argo/face/frames.h"

#include "argo/face/answer_json.h"
#include "argo/face/app_json.h"
#include "base/check.h"

enum { FRAME_BYTES_MAX = 64 * 1024 * 1024 };

void frames_init(struct frames *frames, const struct fields *fields, bool is_events)
{
	*frames = (struct frames){
		.fields = fields,
		.is_events = is_events,
		.names = MAP_INIT(1),
	};
}

void frames_release(struct frames *frames)
{
	map_release(&frames->names);
	vec_release(&frames->hashes);
}

struct str frames_content_type(const struct frames *frames)
{
	return frames->is_events ? STR("text/event-stream") : STR("application/json");
}

static struct str change_name(enum change_type change)
{
	switch (change) {
	case CHANGE_ADDED:
		return STR("ADDED");
	case CHANGE_MODIFIED:
		return STR("MODIFIED");
	case CHANGE_DELETED:
		return STR("DELETED");
	}
	check_failed(__FILE__, __LINE__, "a change has a name");
}

/* Puts what is wanted of a frame in its place. */
static void project(const struct frames *frames, struct buf *frame)
{
	auto_buf struct buf whole = *frame;
	auto_json struct json *root = NULL;
	struct err err = {0};

	*frame = BUF_INIT(FRAME_BYTES_MAX);
	check(json_parse(buf_view(&whole), &JSON_LIMIT, &root, &err) == 0);
	fields_project(frames->fields, root, frame);
}

/* True if the last frame of this name was another one. */
static bool is_news(struct frames *frames, struct str name, struct str frame)
{
	uint64_t hash = str_hash(frame);
	uint32_t index;

	if (!map_get(&frames->names, name, &index)) {
		map_put(&frames->names, name, (uint32_t)frames->hashes.n);
		vec_push(&frames->hashes, hash);
		return true;
	}
	bool is_other = frames->hashes.v[index] != hash;
	frames->hashes.v[index] = hash;
	return is_other;
}

static void send(const struct frames *frames, struct str frame, bool is_last, struct buf *out)
{
	if (frames->is_events) {
		buf_str(out, STR("data: "));
		buf_str(out, frame);
		buf_str(out, STR(" \n\n\n"));
		return;
	}
	buf_str(out, frame);
	if (!is_last)
		buf_char(out, '\n');
}

bool frames_write(struct frames *frames, enum change_type change, const struct app *app,
		  struct buf *out)
{
	auto_buf struct buf frame = BUF_INIT(FRAME_BYTES_MAX);
	struct json_write w = JSON_WRITE(&frame);

	json_write_object_begin(&w);
	json_write_key(&w, STR("result"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("type"), change_name(change));
	json_write_key(&w, STR("application"));
	app_json_write(&w, app, APP_JSON_WHOLE);
	json_write_object_end(&w);
	json_write_object_end(&w);
	if (frames->fields->is_set)
		project(frames, &frame);
	if (!is_news(frames, app->name, buf_view(&frame)))
		return false;
	send(frames, buf_view(&frame), false, out);
	return true;
}

void frames_write_error(struct frames *frames, const struct api_refusal *refusal, struct buf *out)
{
	auto_buf struct buf frame = BUF_INIT(FRAME_BYTES_MAX);

	answer_json_stream_error(&frame, refusal);
	if (frames->fields->is_set)
		project(frames, &frame);
	send(frames, buf_view(&frame), true, out);
}
