#include "io/argocd_client.h"

#include "base/alloc.h"
#include "wire/argocd.h"

enum { TOKEN_BYTES_MAX = 64 * 1024 };

/* One request and the reading of its answer. */
struct exchange {
	struct exchange *prev, *next;
	struct argocd_client *client;
	struct argocd_reader *reader;
};

struct argocd_client {
	struct loop *loop;
	struct http_client *http;
	bool is_shared; /* http: it is its user's */
	struct argocd_handler handler;
	struct exchange *first;
};

struct argocd_client *argocd_client_share(struct loop *loop, struct http_client *http,
					  struct argocd_handler handler)
{
	struct argocd_client *client = mem_zalloc(sizeof *client);
	client->loop = loop;
	client->handler = handler;
	client->http = http;
	client->is_shared = true;
	return client;
}

struct argocd_client *argocd_client_new(struct loop *loop, const struct server *server,
					struct argocd_handler handler)
{
	struct argocd_client *client = argocd_client_share(loop, http_client_new(loop, server),
							   handler);
	client->is_shared = false;
	return client;
}

static void end_exchange(struct exchange *exchange)
{
	if (exchange->prev)
		exchange->prev->next = exchange->next;
	else
		exchange->client->first = exchange->next;
	if (exchange->next)
		exchange->next->prev = exchange->prev;
	argocd_reader_free(exchange->reader);
	mem_free(exchange);
}

void argocd_client_free(struct argocd_client *client)
{
	if (!client)
		return;
	if (!client->is_shared)
		http_client_free(client->http);
	while (client->first) {
		if (client->is_shared)
			http_client_cancel(client->http, client->first);
		end_exchange(client->first);
	}
	mem_free(client);
}

static void deliver(struct argocd_client *client, struct event ev)
{
	ev.now = loop_now(client->loop);
	client->handler.on_event(client->handler.self, &ev);
}

static void on_watched(void *self, enum event_type type, const struct application *app)
{
	const struct exchange *exchange = self;
	deliver(exchange->client, (struct event){.type = type, .watched = app});
}

static void find_token(struct argocd_client *client)
{
	auto_buf struct buf token = BUF_INIT(TOKEN_BYTES_MAX);
	if (client->handler.find_token(client->handler.self, &token))
		http_client_set_token(client->http, buf_view(&token));
}

static void on_reply(void *self, const struct reply *reply)
{
	const struct exchange *exchange = self;
	if (reply->outcome == OUTCOME_UNAUTHENTICATED)
		find_token(exchange->client);
	deliver(exchange->client, (struct event){.type = EV_REPLY, .reply = reply});
}

static struct argocd_sink sink_of(struct exchange *exchange)
{
	return (struct argocd_sink){.self = exchange, .watched = on_watched, .reply = on_reply};
}

static void on_bytes(void *self, struct str bytes)
{
	struct exchange *exchange = self;
	struct argocd_sink sink = sink_of(exchange);
	argocd_reader_feed(exchange->reader, bytes, &sink);
}

static void on_end(void *self, const struct http_end *end)
{
	struct exchange *exchange = self;
	struct argocd_sink sink = sink_of(exchange);
	argocd_reader_end(exchange->reader, end, &sink);
	end_exchange(exchange);
}

void argocd_client_request(struct argocd_client *client, const struct request *request)
{
	struct exchange *exchange = mem_zalloc(sizeof *exchange);
	exchange->client = client;
	exchange->reader = argocd_reader_new(request);
	exchange->next = client->first;
	if (client->first)
		client->first->prev = exchange;
	client->first = exchange;

	auto_arena struct arena arena = {0};
	struct http_request http;
	argocd_encode(request, &http, &arena);
	http_client_send(client->http, &http,
			 (struct http_handler){
				 .self = exchange,
				 .on_bytes = on_bytes,
				 .on_end = on_end,
			 });
}
