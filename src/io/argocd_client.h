#pragma once
/*
 * argocd_client: carries the machines' requests to an Argo CD and brings the answers back as
 * events: wire/argocd for the words, io/http_client for the bytes.
 *
 *	struct argocd_client *client = argocd_client_new(&loop, &server, handler);
 *	argocd_client_request(client, &request);	then EV_REPLY, once, from the loop; for
 *							a watch other events before it
 *	argocd_client_free(client);			what is under way gets no reply any more
 *
 * Many may share one http_client: then they share its connections, its limit of requests under way,
 * and the token; so it must be theirs by the same right.
 *
 * An answer of 401 lets the handler look for newer credentials before it hears of the answer, so
 * the next request already carries them. A handler may make requests from inside an event.
 */
#include "io/http_client.h"
#include "model/event.h"

struct argocd_handler {
	void *self;
	/* Borrowed for the call; `now` is filled in but for the turn. */
	void (*on_event)(void *self, const struct event *ev);
	/* True, and the token is in *ret, if the place where it came from has another one now. */
	bool (*find_token)(void *self, struct buf *ret);
};

struct argocd_client;

struct argocd_client *argocd_client_new(struct loop *loop, const struct server *server,
					struct argocd_handler handler);
/* The http_client is the caller's, and outlives this one. */
struct argocd_client *argocd_client_share(struct loop *loop, struct http_client *http,
					  struct argocd_handler handler);
void argocd_client_free(struct argocd_client *client);

/* Borrowed for the call. */
void argocd_client_request(struct argocd_client *client, const struct request *request);
