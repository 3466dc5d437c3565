#include "world/network.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/heap.h"
#include "base/vec.h"
#include "wire/argocd.h"

#include <string.h>

enum { ANSWER_MAX = 256 * 1024 * 1024 };

/* A request of the product and its answer. */
struct exchange {
	uint64_t id;
	struct hearer hearer; /* on_event is NULL: nobody waits for it any more */
	struct http_request http;
	struct arena arena; /* what `http` points to, and the headers */
	struct argocd_reader *reader;
	uint64_t face_id; /* 0: it has not arrived */
	int status;
	struct str content_type;
};

enum packet_type {
	PACKET_REQUEST,
	PACKET_ANSWER,	/* a piece of one */
	PACKET_PATIENCE /* no packet: the client's patience ends */
};

struct packet {
	enum packet_type type;
	uint64_t exchange;
	struct buf bytes;
	enum http_failure failure;
	bool is_end;
};

struct network {
	struct argo *argo;
	struct face *face;
	wall beginning; /* the calendar's time at 0 */
	int64_t one_way_ms;
	VEC(struct exchange *) exchanges;
	/* By their numbers, which count up: of the same millisecond, as they were sent. */
	VEC(struct packet *) packets;
	struct heap due;
	uint64_t exchange_count;
};

struct network *network_new(struct argo *argo, wall beginning, int64_t one_way_ms)
{
	struct network *network = mem_zalloc(sizeof *network);

	network->argo = argo;
	network->face = face_new(argo, &(struct face_config){.content = content_default()});
	network->beginning = beginning;
	network->one_way_ms = one_way_ms;
	return network;
}

static void packet_free(struct packet *packet)
{
	if (!packet)
		return;
	buf_release(&packet->bytes);
	mem_free(packet);
}

static void end_exchange(struct network *network, struct exchange *exchange)
{
	for (size_t i = 0; i < network->exchanges.n; i++)
		if (network->exchanges.v[i] == exchange) {
			vec_remove(&network->exchanges, i);
			break;
		}
	argocd_reader_free(exchange->reader);
	arena_release(&exchange->arena);
	mem_free(exchange);
}

void network_free(struct network *network)
{
	while (network->exchanges.n > 0)
		end_exchange(network, network->exchanges.v[0]);
	vec_release(&network->exchanges);
	vec_each(packet, &network->packets)
		packet_free(*packet);
	vec_release(&network->packets);
	heap_release(&network->due);
	face_free(network->face);
	mem_free(network);
}

static wall wall_at(const struct network *network, int64_t now_ms)
{
	return wall_add(network->beginning, now_ms);
}

static struct exchange *find(const struct network *network, uint64_t id)
{
	vec_each(exchange, &network->exchanges)
		if ((*exchange)->id == id)
			return *exchange;
	return NULL;
}

static void put(struct network *network, int64_t at_ms, struct packet packet)
{
	struct packet *kept = mem_alloc(sizeof *kept);

	*kept = packet;
	heap_put(&network->due, (uint32_t)network->packets.n, at_ms);
	vec_push(&network->packets, kept);
}

void network_send(struct network *network, const struct request *request, struct hearer hearer,
		  int64_t now_ms)
{
	struct exchange *exchange = mem_zalloc(sizeof *exchange);
	struct http_request http;

	exchange->id = ++network->exchange_count;
	exchange->hearer = hearer;
	exchange->reader = argocd_reader_new(request);
	argocd_encode(request, &http, &exchange->arena);
	/* What it shares with the request does not outlive the call. */
	http.target = arena_copy(&exchange->arena, http.target);
	http.body = arena_copy(&exchange->arena, http.body);
	exchange->http = http;
	vec_push(&network->exchanges, exchange);
	put(network, now_ms + network->one_way_ms,
	    (struct packet){.type = PACKET_REQUEST, .exchange = exchange->id});
	if (http.timeout_ms > 0)
		put(network, now_ms + http.timeout_ms,
		    (struct packet){.type = PACKET_PATIENCE, .exchange = exchange->id});
}

uint64_t network_sent(const struct network *network)
{
	return network->exchange_count;
}

void network_forget(struct network *network, const void *self)
{
	vec_each(exchange, &network->exchanges)
		if ((*exchange)->hearer.self == self)
			(*exchange)->hearer.on_event = NULL;
}

void network_cut(struct network *network, int64_t now_ms)
{
	vec_each(exchange, &network->exchanges) {
		if ((*exchange)->face_id)
			face_cancel(network->face, (*exchange)->face_id);
		put(network, now_ms,
		    (struct packet){.type = PACKET_ANSWER,
				    .exchange = (*exchange)->id,
				    .failure = HTTP_CUT,
				    .is_end = true});
	}
}

/* ---- there ---- */

static struct str header_of(void *self, const char *name)
{
	struct exchange *exchange = self;
	const struct http_request *http = &exchange->http;
	struct str key = str_of(name);

	if (str_eq_nocase(key, STR("authorization")))
		return http->is_anonymous ? STR("") : STR("Bearer " NETWORK_TOKEN);
	if (str_eq_nocase(key, STR("content-type")))
		return str_empty(http->body) ? STR("") : STR("application/json");
	if (str_eq_nocase(key, STR("accept")))
		return http->is_stream ? STR("text/event-stream") : STR("application/json");
	if (str_eq_nocase(key, STR("grpc-timeout")) && http->server_timeout_s > 0)
		return arena_printf(&exchange->arena, "%lldS", (long long)http->server_timeout_s);
	return STR("");
}

/* The next server in turn that is up; false: none is. */
static bool choose_replica(const struct network *network, uint64_t turn, uint32_t *ret_replica)
{
	uint32_t count = argo_config_of(network->argo)->replicas;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t replica = (uint32_t)((turn + i) % count);
		if (argo_is_up(network->argo, COMPONENT_SERVER, replica)) {
			*ret_replica = replica;
			return true;
		}
	}
	return false;
}

static void arrive(struct network *network, struct exchange *exchange, int64_t now_ms)
{
	struct face_request request = {
		.method = str_of(exchange->http.method),
		.target = exchange->http.target,
		.body = exchange->http.body,
		.header = header_of,
		.self = exchange,
	};

	if (choose_replica(network, exchange->id, &request.replica)) {
		exchange->face_id = face_begin(network->face, &request, wall_at(network, now_ms));
		return;
	}
	put(network, now_ms + network->one_way_ms,
	    (struct packet){.type = PACKET_ANSWER,
			    .exchange = exchange->id,
			    .failure = HTTP_UNREACHABLE,
			    .is_end = true});
}

/* ---- back ---- */

static void hear_watched(void *self, enum event_type type, const struct application *app)
{
	const struct exchange *exchange = self;

	if (exchange->hearer.on_event)
		exchange->hearer.on_event(exchange->hearer.self,
					  &(struct event){.type = type, .watched = app});
}

static void hear_reply(void *self, const struct reply *reply)
{
	const struct exchange *exchange = self;

	if (exchange->hearer.on_event)
		exchange->hearer.on_event(exchange->hearer.self,
					  &(struct event){.type = EV_REPLY, .reply = reply});
}

/* In the transport's own words. */
static struct str message_of(enum http_failure failure)
{
	switch (failure) {
	case HTTP_UNREACHABLE:
		return STR("connection refused");
	case HTTP_CUT:
		return STR("the connection broke");
	case HTTP_TIMEOUT:
		return STR("no answer in time");
	case HTTP_OK:
	case HTTP_NO_HOST:
	case HTTP_TOO_LARGE:
	case HTTP_BAD_CERTIFICATE:
	case HTTP_WRONG_SCHEME:
		return STR("");
	}
	return STR("");
}

static void receive(struct network *network, struct exchange *exchange, const struct packet *packet)
{
	struct argocd_sink sink = {.self = exchange, .watched = hear_watched, .reply = hear_reply};

	if (packet->bytes.n > 0)
		argocd_reader_feed(exchange->reader, buf_view(&packet->bytes), &sink);
	if (!packet->is_end)
		return;
	struct http_end end = {
		.failure = packet->failure,
		.status = exchange->status,
		.content_type = exchange->content_type,
		.message = message_of(packet->failure),
	};
	argocd_reader_end(exchange->reader, &end, &sink);
	end_exchange(network, exchange);
}

static struct exchange *find_by_face(const struct network *network, uint64_t face_id)
{
	vec_each(exchange, &network->exchanges)
		if ((*exchange)->face_id == face_id)
			return *exchange;
	return NULL;
}

void network_collect(struct network *network, int64_t now_ms)
{
	struct face_chunk chunk;

	face_advance(network->face, wall_at(network, now_ms));
	while (face_next(network->face, &chunk)) {
		struct exchange *exchange = find_by_face(network, chunk.exchange);
		if (!exchange)
			continue;
		if (chunk.has_head) {
			exchange->status = chunk.status;
			exchange->content_type = arena_copy(&exchange->arena, chunk.content_type);
		}
		struct packet packet = {
			.type = PACKET_ANSWER,
			.exchange = exchange->id,
			.bytes = BUF_INIT(ANSWER_MAX),
			.failure = chunk.is_cut ? HTTP_CUT : HTTP_OK,
			.is_end = chunk.is_end || chunk.is_cut,
		};
		buf_str(&packet.bytes, chunk.bytes);
		put(network, now_ms + network->one_way_ms, packet);
	}
}

/* ---- time ---- */

int64_t network_deadline(const struct network *network)
{
	const struct heap_item *first = heap_first(&network->due);
	int64_t at = first ? first->key : INT64_MAX;
	wall due;

	if (face_deadline(network->face, &due) && wall_since(due, network->beginning) < at)
		at = wall_since(due, network->beginning);
	return at;
}

static void lose_patience(struct network *network, struct exchange *exchange)
{
	struct packet packet = {.failure = HTTP_TIMEOUT, .is_end = true};

	if (exchange->face_id)
		face_cancel(network->face, exchange->face_id);
	exchange->status = 0;
	receive(network, exchange, &packet);
}

void network_step(struct network *network, int64_t now_ms)
{
	const struct heap_item *first = heap_first(&network->due);

	/* What was due may be a sign of life, which is sent when the network is next looked at. */
	if (!first || first->key > now_ms)
		return;
	uint32_t number = first->id;
	struct packet *packet = network->packets.v[number];
	heap_remove(&network->due, number);
	network->packets.v[number] = NULL;
	struct exchange *exchange = find(network, packet->exchange);
	if (exchange) {
		switch (packet->type) {
		case PACKET_REQUEST:
			arrive(network, exchange, now_ms);
			break;
		case PACKET_ANSWER:
			receive(network, exchange, packet);
			break;
		case PACKET_PATIENCE:
			lose_patience(network, exchange);
			break;
		}
	}
	packet_free(packet);
}
