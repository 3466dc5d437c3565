#include "world/by_bytes.h"

#include "argo/face/face.h"
#include "base/alloc.h"

struct by_bytes {
	struct face *face;
	struct str token;
	struct face_chunk chunk; /* what next() has found */
};

struct letter {
	struct http_request http;
	struct arena arena; /* what `http` points to, and the headers */
	struct argocd_reader *reader;
	struct str token;
	/* the answer's head */
	int status;
	struct str content_type;
};

/* ---- there ---- */

static void *write(void *self, const struct request *request)
{
	struct by_bytes *way = self;
	struct letter *letter = mem_zalloc(sizeof *letter);

	letter->token = way->token;
	letter->reader = argocd_reader_new(request);
	argocd_encode(request, &letter->http, &letter->arena);
	/* What it shares with the request does not outlive the call. */
	letter->http.target = arena_copy(&letter->arena, letter->http.target);
	letter->http.body = arena_copy(&letter->arena, letter->http.body);
	return letter;
}

static void tear(void *self)
{
	struct letter *letter = self;

	argocd_reader_free(letter->reader);
	arena_release(&letter->arena);
	mem_free(letter);
}

static struct str header_of(void *self, const char *name)
{
	struct letter *letter = self;
	const struct http_request *http = &letter->http;
	struct str key = str_of(name);

	if (str_eq_nocase(key, STR("authorization")))
		return http->is_anonymous ? STR("")
					  : arena_printf(&letter->arena, "Bearer " STR_FMT,
							 STR_ARG(letter->token));
	if (str_eq_nocase(key, STR("content-type")))
		return str_eq(str_of(http->method), STR("GET")) ? STR("") : STR("application/json");
	if (str_eq_nocase(key, STR("accept")))
		return http->is_stream ? STR("text/event-stream") : STR("application/json");
	if (str_eq_nocase(key, STR("grpc-timeout")) && http->server_timeout_s > 0)
		return arena_printf(&letter->arena, "%lldS", (long long)http->server_timeout_s);
	return STR("");
}

static uint64_t hand_over(void *self, void *one, uint32_t replica, wall now)
{
	struct by_bytes *way = self;
	struct letter *letter = one;
	struct face_request request = {
		.method = str_of(letter->http.method),
		.target = letter->http.target,
		.body = letter->http.body,
		.header = header_of,
		.self = letter,
		.replica = replica,
	};

	return face_begin(way->face, &request, now);
}

static void hang_up(void *self, uint64_t number)
{
	struct by_bytes *way = self;
	face_cancel(way->face, number);
}

/* ---- back ---- */

static bool next(void *self, wall now, uint64_t *ret_number)
{
	struct by_bytes *way = self;

	face_advance(way->face, now);
	if (!face_next(way->face, &way->chunk))
		return false;
	*ret_number = way->chunk.exchange;
	return true;
}

/* The content is bytes alone; the head stays with the letter. */
static bool take(void *self, void *one, struct piece *ret_piece)
{
	struct by_bytes *way = self;
	struct letter *letter = one;
	struct buf *bytes = mem_alloc(sizeof *bytes);

	if (way->chunk.has_head) {
		letter->status = way->chunk.status;
		letter->content_type = arena_copy(&letter->arena, way->chunk.content_type);
	}
	*bytes = face_take_bytes(way->face);
	*ret_piece = (struct piece){
		.content = bytes,
		.is_end = way->chunk.is_end || way->chunk.is_cut,
		.failure = way->chunk.is_cut ? HTTP_CUT : HTTP_OK,
	};
	return true;
}

static void read(void *self, void *one, const struct piece *piece, const struct argocd_sink *sink)
{
	struct letter *letter = one;
	const struct buf *bytes = piece->content;

	(void)self;
	if (bytes && bytes->n > 0)
		argocd_reader_feed(letter->reader, buf_view(bytes), sink);
	if (!piece->is_end)
		return;
	struct http_end end = {
		.failure = piece->failure,
		.status = piece->status ? piece->status : letter->status,
		.content_type = letter->content_type,
		.message = piece->message,
	};
	argocd_reader_end(letter->reader, &end, sink);
}

static void drop(void *content)
{
	struct buf *bytes = content;

	if (bytes)
		buf_release(bytes);
	mem_free(bytes);
}

/* ---- the whole ---- */

/* Signs of life of a watch. */
static bool deadline(const void *self, wall *ret_at)
{
	const struct by_bytes *way = self;
	return face_deadline(way->face, ret_at);
}

static void by_bytes_end(void *self)
{
	struct by_bytes *way = self;

	face_free(way->face);
	mem_free(way);
}

struct way by_bytes_new(struct argo *argo, struct str token)
{
	struct by_bytes *way = mem_zalloc(sizeof *way);

	way->face = face_new(argo, &(struct face_config){.content = content_default()});
	way->token = argo_intern(argo, token);
	return (struct way){
		.self = way,
		.write = write,
		.tear = tear,
		.hand_over = hand_over,
		.hang_up = hang_up,
		.next = next,
		.take = take,
		.read = read,
		.drop = drop,
		.deadline = deadline,
		.end = by_bytes_end,
	};
}
