#include "world/network.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/heap.h"
#include "base/vec.h"
#include "world/by_bytes.h"
#include "world/by_structs.h"

/* A request of the product and its answer. */
struct exchange {
	struct network *network;
	uint64_t id;
	uint32_t server;      /* of the plan's: where it goes */
	struct hearer hearer; /* on_event is NULL: nobody waits for it any more */
	void *letter;	      /* the way's */
	uint64_t number;      /* at the model's server; 0: it is not there */
	struct fated fated;
	bool is_deaf; /* what is sent back is lost */
};

enum packet_type {
	PACKET_REQUEST,
	PACKET_ANSWER,	/* a piece of one */
	PACKET_TWIN,	/* a request that has arrived before */
	PACKET_ECHO,	/* of a watched event */
	PACKET_PATIENCE /* no packet: the client's patience ends */
};

struct packet {
	enum packet_type type;
	uint64_t exchange;
	struct piece piece;	    /* ANSWER */
	enum event_type event;	    /* ECHO */
	struct application *echoed; /* ECHO */
};

struct network {
	struct argo *argo;
	struct way way;
	wall beginning; /* the calendar's time at 0 */
	int64_t one_way_ms;
	VEC(struct exchange *) exchanges;
	/* By their numbers, which count up: of the same millisecond, as they were sent. */
	VEC(struct packet *) packets;
	struct heap due;
	uint64_t exchange_count;
	struct weather weather;
	bool is_shut[SERVERS_MAX];
	int64_t now_ms; /* of what arrives */
};

struct network *network_new(struct argo *argo, wall beginning, int64_t one_way_ms,
			    bool speaks_bytes)
{
	struct network *network = mem_zalloc(sizeof *network);
	struct str token = STR(NETWORK_TOKEN);

	network->argo = argo;
	network->way = speaks_bytes ? by_bytes_new(argo, token) : by_structs_new(argo, token);
	network->beginning = beginning;
	network->one_way_ms = one_way_ms;
	return network;
}

static void packet_free(const struct network *network, struct packet *packet)
{
	if (!packet)
		return;
	network->way.drop(packet->piece.content);
	application_drop(packet->echoed);
	mem_free(packet);
}

static void end_exchange(struct network *network, struct exchange *exchange)
{
	for (size_t i = 0; i < network->exchanges.n; i++)
		if (network->exchanges.v[i] == exchange) {
			vec_remove(&network->exchanges, i);
			break;
		}
	network->way.tear(exchange->letter);
	mem_free(exchange);
}

void network_free(struct network *network)
{
	while (network->exchanges.n > 0)
		end_exchange(network, network->exchanges.v[0]);
	vec_release(&network->exchanges);
	vec_each(packet, &network->packets)
		packet_free(network, *packet);
	vec_release(&network->packets);
	heap_release(&network->due);
	weather_release(&network->weather);
	network->way.end(network->way.self);
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

static void put_end(struct network *network, const struct exchange *exchange, int64_t at_ms,
		    struct piece piece)
{
	piece.is_end = true;
	put(network, at_ms,
	    (struct packet){.type = PACKET_ANSWER, .exchange = exchange->id, .piece = piece});
}

/* On its way, as the weather is. */
static void set_out(struct network *network, const struct exchange *exchange, int64_t now_ms)
{
	struct packet packet = {.type = PACKET_REQUEST, .exchange = exchange->id};
	int64_t there_ms = now_ms + network->one_way_ms;
	int64_t back_ms = there_ms + network->one_way_ms;

	switch (exchange->fated.fate) {
	case FATE_LOST:
		return;
	case FATE_REFUSED:
		put_end(network, exchange, back_ms, (struct piece){.failure = HTTP_UNREACHABLE});
		return;
	case FATE_STATUS:
		put_end(network, exchange, back_ms,
			(struct piece){.status = exchange->fated.status});
		return;
	case FATE_SLOW:
		there_ms += exchange->fated.ms;
		break;
	case FATE_TWICE:
		put(network, back_ms,
		    (struct packet){.type = PACKET_TWIN, .exchange = exchange->id});
		break;
	case FATE_NONE:
	case FATE_CUT:
	case FATE_UNANSWERED:
	case FATE_LATE:
	case FATE_SHORT:
	case FATE_ECHO:
		break;
	}
	put(network, there_ms, packet);
}

struct weather *network_weather(struct network *network)
{
	return &network->weather;
}

void network_send(struct network *network, const struct request *request, struct hearer hearer,
		  int64_t now_ms)
{
	struct exchange *exchange = mem_zalloc(sizeof *exchange);

	exchange->id = ++network->exchange_count;
	exchange->network = network;
	exchange->server = request->server;
	exchange->hearer = hearer;
	exchange->letter = network->way.write(network->way.self, request);
	vec_push(&network->exchanges, exchange);
	exchange->fated = network->is_shut[request->server]
				  ? (struct fated){.fate = FATE_REFUSED}
				  : weather_take(&network->weather, request->type);
	set_out(network, exchange, now_ms);
	if (request->type != REQUEST_WATCH && request->timeout_ms > 0)
		put(network, now_ms + request->timeout_ms,
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

static void hang_up(struct network *network, struct exchange *exchange)
{
	if (exchange->number)
		network->way.hang_up(network->way.self, exchange->number);
	exchange->number = 0;
}

static void cut(struct network *network, struct exchange *exchange, int64_t now_ms)
{
	hang_up(network, exchange);
	put_end(network, exchange, now_ms, (struct piece){.failure = HTTP_CUT});
}

void network_cut(struct network *network, int64_t now_ms)
{
	vec_each(exchange, &network->exchanges)
		cut(network, *exchange, now_ms);
}

void network_shut(struct network *network, uint32_t server, bool is_shut, int64_t now_ms)
{
	network->is_shut[server] = is_shut;
	vec_each(exchange, &network->exchanges)
		if (is_shut && (*exchange)->server == server)
			cut(network, *exchange, now_ms);
}

/* ---- there ---- */

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
	uint32_t replica;

	if (!choose_replica(network, exchange->id, &replica)) {
		put_end(network, exchange, now_ms + network->one_way_ms,
			(struct piece){.failure = HTTP_UNREACHABLE});
		return;
	}
	uint64_t number = network->way.hand_over(network->way.self, exchange->letter, replica,
						 wall_at(network, now_ms));
	/* The second time: nobody will hear that answer. */
	if (exchange->number)
		return;
	exchange->number = number;
	exchange->is_deaf = exchange->fated.fate == FATE_CUT ||
			    exchange->fated.fate == FATE_UNANSWERED;
	if (exchange->fated.fate == FATE_CUT)
		put_end(network, exchange, now_ms + network->one_way_ms,
			(struct piece){.failure = HTTP_CUT});
}

/* ---- back ---- */

static void tell_watched(const struct exchange *exchange, enum event_type type,
			 const struct application *app)
{
	if (exchange->hearer.on_event)
		exchange->hearer.on_event(
			exchange->hearer.self,
			&(struct event){.type = type, .server = exchange->server, .watched = app});
}

static void hear_watched(void *self, enum event_type type, const struct application *app)
{
	const struct exchange *exchange = self;

	tell_watched(exchange, type, app);
	if (exchange->fated.fate == FATE_ECHO)
		put(exchange->network, exchange->network->now_ms + exchange->fated.ms,
		    (struct packet){.type = PACKET_ECHO,
				    .exchange = exchange->id,
				    .event = type,
				    .echoed = application_keep(app)});
}

static void hear_reply(void *self, const struct reply *reply)
{
	const struct exchange *exchange = self;
	struct reply heard = *reply;

	if (!exchange->hearer.on_event)
		return;
	/* The first row, or the last one. */
	if (exchange->fated.fate == FATE_SHORT && heard.row_count > 0) {
		heard.row_count--;
		heard.rows += exchange->id % 2;
	}
	exchange->hearer.on_event(
		exchange->hearer.self,
		&(struct event){.type = EV_REPLY, .server = exchange->server, .reply = &heard});
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

static void receive(struct network *network, struct exchange *exchange, struct piece *piece)
{
	struct argocd_sink sink = {.self = exchange, .watched = hear_watched, .reply = hear_reply};

	piece->message = message_of(piece->failure);
	network->way.read(network->way.self, exchange->letter, piece, &sink);
	if (piece->is_end)
		end_exchange(network, exchange);
}

static struct exchange *find_by_number(const struct network *network, uint64_t number)
{
	vec_each(exchange, &network->exchanges)
		if ((*exchange)->number == number)
			return *exchange;
	return NULL;
}

void network_collect(struct network *network, int64_t now_ms)
{
	const struct way *way = &network->way;
	uint64_t number;

	while (way->next(way->self, wall_at(network, now_ms), &number)) {
		struct exchange *exchange = find_by_number(network, number);
		struct packet packet = {.type = PACKET_ANSWER};
		if (!exchange || !way->take(way->self, exchange->letter, &packet.piece))
			continue;
		packet.exchange = exchange->id;
		if (exchange->is_deaf) {
			way->drop(packet.piece.content);
			continue;
		}
		int64_t later_ms = exchange->fated.fate == FATE_LATE ? exchange->fated.ms : 0;
		put(network, now_ms + network->one_way_ms + later_ms, packet);
	}
}

/* ---- time ---- */

int64_t network_deadline(const struct network *network)
{
	const struct heap_item *first = heap_first(&network->due);
	int64_t at = first ? first->key : INT64_MAX;
	wall due;

	if (network->way.deadline(network->way.self, &due) &&
	    wall_since(due, network->beginning) < at)
		at = wall_since(due, network->beginning);
	return at;
}

static void lose_patience(struct network *network, struct exchange *exchange)
{
	struct piece piece = {.failure = HTTP_TIMEOUT, .is_end = true};

	hang_up(network, exchange);
	receive(network, exchange, &piece);
}

void network_step(struct network *network, int64_t now_ms)
{
	const struct heap_item *first = heap_first(&network->due);

	/* What was due may be a sign of life, which is sent when the network is next looked at. */
	if (!first || first->key > now_ms)
		return;
	network->now_ms = now_ms;
	uint32_t number = first->id;
	struct packet *packet = network->packets.v[number];
	heap_remove(&network->due, number);
	network->packets.v[number] = NULL;
	struct exchange *exchange = find(network, packet->exchange);
	if (exchange) {
		switch (packet->type) {
		case PACKET_REQUEST:
		case PACKET_TWIN:
			arrive(network, exchange, now_ms);
			break;
		case PACKET_ANSWER:
			receive(network, exchange, &packet->piece);
			break;
		case PACKET_ECHO:
			tell_watched(exchange, packet->event, packet->echoed);
			break;
		case PACKET_PATIENCE:
			lose_patience(network, exchange);
			break;
		}
	}
	packet_free(network, packet);
}
