#pragma once
/*
 * network: what lies between the product and the model: requests there, answers back. Each
 * direction takes `one_way_ms`, and a client gives up when its time is over. With `speaks_bytes`
 * the very bytes travel that wire/ writes and reads and argo/face reads and writes; without, the
 * structs that they mean, which is much faster and otherwise the same (world/way.h).
 *
 *	struct network *network = network_new(argo, beginning, 5, true);
 *	network_send(network, &request, hearer, now_ms);
 *	...
 *	network_collect(network, now_ms);	what the model's servers have sent by now
 *	while (network_deadline(network) <= now_ms)
 *		network_step(network, now_ms);	at most one packet arrives
 *
 * Requests are spread over the servers that are up, in turn, as a load balancer does it; where none
 * is up there is no connection. Of two Argo CDs either may be shut off: then nobody reaches it.
 * Times are the world's, in milliseconds.
 *
 * No test of its own: every scenario is one.
 */
#include "argo/argo.h"
#include "model/event.h"
#include "model/plan.h"
#include "world/weather.h"

/* Who sent a request hears what comes of it. */
struct hearer {
	void *self;
	/* Borrowed for the call; its `now` is not filled in. */
	void (*on_event)(void *self, const struct event *ev);
};

#define NETWORK_TOKEN "tiphys.world.token"

struct network;

/* `beginning` is the calendar's time at 0. */
struct network *network_new(struct argo *argo, wall beginning, int64_t one_way_ms,
			    bool speaks_bytes);
void network_free(struct network *network);

/* Borrowed for the call. */
void network_send(struct network *network, const struct request *request, struct hearer hearer,
		  int64_t now_ms);
/* How many were sent so far. */
uint64_t network_sent(const struct network *network);
/* Nothing is heard by this one any more; what it sent goes on its way all the same. */
void network_forget(struct network *network, const void *self);
/* What happens to requests on their way; the network's. */
struct weather *network_weather(struct network *network);
/* Every connection on which an answer is awaited breaks, as with a load balancer that restarts. */
void network_cut(struct network *network, int64_t now_ms);

/* From now on there is no way to this one of a plan's servers, and what was awaited from there
 * breaks; or there is one again. */
void network_shut(struct network *network, uint32_t server, bool is_shut, int64_t now_ms);

void network_collect(struct network *network, int64_t now_ms);
/* When something is next to be done; INT64_MAX: nothing is under way. */
int64_t network_deadline(const struct network *network);
void network_step(struct network *network, int64_t now_ms);
