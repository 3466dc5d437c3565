#include "argo/face/face.h"

#include "argo/face/answer_json.h"
#include "argo/face/api_answer.h"
#include "argo/face/control.h"
#include "argo/face/frames.h"
#include "argo/face/go_json.h"
#include "base/alloc.h"
#include "base/vec.h"

#define ANSWER_BYTES_MAX (1024 * MIB)

/* A request that is not answered yet, or a watch that runs. */
struct exchange {
	uint64_t id, server_id;
	struct arena arena; /* what the call points to */
	struct api_call call;
	struct frames frames;
	bool is_watch, has_begun;
	wall keepalive_at;
};

struct piece {
	struct face_chunk chunk;
	struct buf bytes;
};

struct face {
	struct argo *argo;
	struct str control_token;
	struct content content;
	VEC(struct exchange *) exchanges;
	VEC(struct piece) pieces; /* from `taken` on they are to be taken */
	size_t taken;
	struct buf current; /* what face_next() lent out */
	uint64_t last_id, request_count;
	wall now;
};

struct face *face_new(struct argo *argo, const struct face_config *config)
{
	struct face *face = mem_zalloc(sizeof(*face));

	face->argo = argo;
	face->content = config->content;
	face->control_token = str_empty(config->control_token)
				      ? STR("")
				      : argo_intern(argo, config->control_token);
	return face;
}

static void exchange_free(struct exchange *exchange)
{
	struct api_request *request = &exchange->call.request;

	if (exchange->is_watch)
		frames_release(&exchange->frames);
	if (request->appset)
		appset_drop(request->appset);
	pair_list_drop(request->sync.infos);
	op_resource_list_drop(request->sync.resources);
	arena_release(&exchange->arena);
	mem_free(exchange);
}

void face_free(struct face *face)
{
	vec_each(exchange, &face->exchanges)
		exchange_free(*exchange);
	vec_release(&face->exchanges);
	for (size_t i = face->taken; i < face->pieces.n; i++)
		buf_release(&face->pieces.v[i].bytes);
	vec_release(&face->pieces);
	buf_release(&face->current);
	mem_free(face);
}

uint64_t face_request_count(const struct face *face)
{
	return face->request_count;
}

/* ---- what goes out ---- */

/* The bytes are the face's from here on. */
static void put(struct face *face, struct face_chunk chunk, struct buf bytes)
{
	vec_push(&face->pieces, (struct piece){chunk, bytes});
}

static void put_text(struct face *face, uint64_t exchange, int status, const char *text)
{
	struct buf bytes = BUF_INIT(4 * KIB);

	buf_str(&bytes, str_of(text));
	put(face,
	    (struct face_chunk){
		    .exchange = exchange,
		    .status = status,
		    .content_type = STR("text/plain; charset=utf-8"),
		    .has_head = true,
		    .is_end = true,
	    },
	    bytes);
}

static void escape(struct buf *bytes)
{
	if (!go_json_wants_escapes(buf_view(bytes)))
		return;
	struct buf escaped = BUF_INIT(bytes->max);
	go_json_escape(buf_view(bytes), &escaped);
	buf_release(bytes);
	*bytes = escaped;
}

static void put_json(struct face *face, uint64_t exchange, int status, struct buf bytes)
{
	escape(&bytes);
	put(face,
	    (struct face_chunk){
		    .exchange = exchange,
		    .status = status,
		    .content_type = STR("application/json"),
		    .has_head = true,
		    .is_end = true,
	    },
	    bytes);
}

static void put_cut(struct face *face, uint64_t exchange)
{
	put(face, (struct face_chunk){.exchange = exchange, .is_end = true, .is_cut = true},
	    BUF_INIT(1));
}

static void put_refusal(struct face *face, uint64_t exchange, const struct api_refusal *refusal)
{
	struct buf bytes = BUF_INIT(1 * MIB);

	answer_json_error(&bytes, refusal->code, refusal->message);
	put_json(face, exchange, refusal->status, bytes);
}

/* A part of a stream. The head goes with the first one, as the real one's gateway does it. */
static void put_frames(struct face *face, struct exchange *exchange, int status, struct buf bytes,
		       bool is_end)
{
	escape(&bytes);
	put(face,
	    (struct face_chunk){
		    .exchange = exchange->id,
		    .status = status,
		    .content_type = frames_content_type(&exchange->frames),
		    .has_head = !exchange->has_begun,
		    .is_end = is_end,
		    .is_stream = true,
	    },
	    bytes);
	exchange->has_begun = true;
}

struct buf face_take_bytes(struct face *face)
{
	struct buf bytes = face->current;

	face->current = (struct buf){0};
	return bytes;
}

/* ---- what comes in ---- */

/* SILENT_WATCH off: the head comes at once, as of a server that knows no grpc-gateway. */
static void begin_watch(struct face *face, struct exchange *exchange)
{
	exchange->is_watch = true;
	frames_init(&exchange->frames, &exchange->call.fields, exchange->call.is_events);
	if (argo_config_of(face->argo)->quirks.is_off[QUIRK_SILENT_WATCH])
		put_frames(face, exchange, 200, BUF_INIT(1), false);
}

static void begin_api(struct face *face, struct exchange *exchange,
		      const struct face_request *request, const struct target *target)
{
	struct api_call *call = &exchange->call;

	face->request_count++;
	api_route_read(face->argo, request, target, &exchange->arena, call);
	if (call->plain.status) {
		put_text(face, exchange->id, call->plain.status, call->plain.text);
		exchange_free(exchange);
		return;
	}
	if (call->refusal.status) {
		put_refusal(face, exchange->id, &call->refusal);
		exchange_free(exchange);
		return;
	}
	if (call->request.verb == API_APPS_WATCH)
		begin_watch(face, exchange);
	exchange->server_id = server_begin(argo_server(face->argo), &call->request, face->now);
	vec_push(&face->exchanges, exchange);
}

static void begin_control(struct face *face, struct exchange *exchange,
			  const struct face_request *request, const struct target *target)
{
	struct buf bytes = BUF_INIT(ANSWER_BYTES_MAX);
	struct str token = request->header(request->self, "X-Tiphys-Sim-Control");
	bool is_allowed = request->is_trusted ||
			  (!str_empty(face->control_token) && str_eq(token, face->control_token));
	int status = 404;

	if (is_allowed)
		status = control_handle(face->argo, request->method, target, request->body,
					&face->content, &bytes);
	else
		answer_json_error(&bytes, 5, STR("Not Found"));
	put_json(face, exchange->id, status, bytes);
	exchange_free(exchange);
}

uint64_t face_begin(struct face *face, const struct face_request *request, wall now)
{
	struct exchange *exchange = mem_zalloc(sizeof(*exchange));
	uint64_t id = exchange->id = ++face->last_id;
	struct target target;

	face->now = now;
	if (!target_parse(request->target, &exchange->arena, &target)) {
		put_text(face, id, 400, "400 Bad Request");
		exchange_free(exchange);
	} else if (str_starts(target.path, STR("/sim/v1/"))) {
		begin_control(face, exchange, request, &target);
	} else if (!argo_is_up(face->argo, COMPONENT_SERVER, request->replica)) {
		put_cut(face, id);
		exchange_free(exchange);
	} else if (str_eq(target.path, STR("/healthz"))) {
		put_text(face, id, 200, "ok\n");
		exchange_free(exchange);
	} else {
		begin_api(face, exchange, request, &target);
	}
	return id;
}

/* ---- what the server says ---- */

static void remove_exchange(struct face *face, size_t i)
{
	exchange_free(face->exchanges.v[i]);
	vec_remove(&face->exchanges, i);
}

/* True: the stream is over. */
static bool take_frame(struct face *face, struct exchange *exchange,
		       const struct api_answer *answer)
{
	struct buf bytes = BUF_INIT(ANSWER_BYTES_MAX);
	bool was_silent = !exchange->has_begun;

	if (answer->refusal.status != 200 && answer->refusal.status != 0) {
		frames_write_error(&exchange->frames, &answer->refusal, &bytes);
		put_frames(face, exchange, answer->refusal.status, bytes, true);
		return true;
	}
	if (answer->app && frames_write(&exchange->frames, answer->change, answer->app, &bytes)) {
		put_frames(face, exchange, 200, bytes, false);
		if (was_silent)
			exchange->keepalive_at = wall_add(face->now, FRAMES_KEEPALIVE_MS);
	} else {
		buf_release(&bytes);
	}
	if (answer->is_end)
		put_cut(face, exchange->id);
	return answer->is_end;
}

/* Status 0: the server went away in the middle of it. */
static void take_answer(struct face *face, struct exchange *exchange,
			const struct api_answer *answer)
{
	if (answer->refusal.status == 0) {
		put_cut(face, exchange->id);
		return;
	}
	if (answer->refusal.status != 200) {
		put_refusal(face, exchange->id, &answer->refusal);
		return;
	}
	struct buf bytes = BUF_INIT(ANSWER_BYTES_MAX);
	api_answer_write(face->argo, &exchange->call, answer, face->now, &bytes);
	put_json(face, exchange->id, 200, bytes);
}

static void take(struct face *face, const struct api_answer *answer)
{
	for (size_t i = 0; i < face->exchanges.n; i++) {
		struct exchange *exchange = face->exchanges.v[i];
		if (exchange->server_id != answer->id)
			continue;
		bool is_over = true;
		if (exchange->is_watch)
			is_over = take_frame(face, exchange, answer);
		else
			take_answer(face, exchange, answer);
		if (is_over)
			remove_exchange(face, i);
		return;
	}
}

static bool has_keepalive(const struct exchange *exchange)
{
	return exchange->is_watch && exchange->has_begun && exchange->frames.is_events &&
	       exchange->keepalive_at.ms != 0;
}

static void keep_alive(struct face *face)
{
	vec_each(at, &face->exchanges) {
		struct exchange *exchange = *at;
		if (!has_keepalive(exchange) || wall_cmp(exchange->keepalive_at, face->now) > 0)
			continue;
		struct buf bytes = BUF_INIT(KIB);
		buf_str(&bytes, STR(":\n"));
		put_frames(face, exchange, 200, bytes, false);
		exchange->keepalive_at = wall_add(face->now, FRAMES_KEEPALIVE_MS);
	}
}

void face_advance(struct face *face, wall now)
{
	face->now = now;
	keep_alive(face);
}

/* What the server has to say is taken when it is asked for, so that a watch whose client does not
 * read keeps its frames, and they go on being what the server has not sent. */
bool face_next(struct face *face, struct face_chunk *ret_chunk)
{
	struct api_answer answer;

	buf_release(&face->current);
	for (;;) {
		/* Over those of exchanges that were cancelled. */
		while (face->taken < face->pieces.n &&
		       face->pieces.v[face->taken].chunk.exchange == 0)
			face->taken++;
		if (face->taken < face->pieces.n)
			break;
		vec_clear(&face->pieces);
		face->taken = 0;
		if (!server_next(argo_server(face->argo), &answer))
			return false;
		take(face, &answer);
	}
	struct piece *piece = &face->pieces.v[face->taken++];
	face->current = piece->bytes;
	*ret_chunk = piece->chunk;
	ret_chunk->bytes = buf_view(&face->current);
	return true;
}

bool face_deadline(const struct face *face, wall *ret_at)
{
	bool has_one = false;

	vec_each(at, &face->exchanges) {
		if (!has_keepalive(*at))
			continue;
		if (!has_one || wall_cmp((*at)->keepalive_at, *ret_at) < 0)
			*ret_at = (*at)->keepalive_at;
		has_one = true;
	}
	return has_one;
}

void face_set_reading(struct face *face, uint64_t id, bool is_reading)
{
	struct server *server = argo_server(face->argo);

	vec_each(exchange, &face->exchanges)
		if ((*exchange)->id == id && (*exchange)->is_watch)
			server_set_reading(server, (*exchange)->server_id, is_reading);
}

void face_cancel(struct face *face, uint64_t id)
{
	for (size_t i = 0; i < face->exchanges.n; i++) {
		if (face->exchanges.v[i]->id != id)
			continue;
		server_cancel(argo_server(face->argo), face->exchanges.v[i]->server_id);
		remove_exchange(face, i);
		break;
	}
	for (size_t i = face->taken; i < face->pieces.n; i++) {
		struct piece *piece = &face->pieces.v[i];
		if (piece->chunk.exchange != id)
			continue;
		buf_release(&piece->bytes);
		piece->chunk = (struct face_chunk){0};
	}
}
