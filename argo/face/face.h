#pragma once
/*
 * face: the model's HTTP: a request in, the bytes of an answer or the frames of a watch out,
 * shaped as Argo CD 3.2.11 shapes them. No socket, no clock: sim/ has those.
 *
 *	struct face *face = face_new(argo, &config);
 *	uint64_t exchange = face_begin(face, &request, now);
 *	...
 *	argo_advance(argo, now);
 *	face_advance(face, now);
 *	while (face_next(face, &chunk))
 *		... send chunk.bytes of chunk.exchange
 *	wait until argo_deadline() or face_deadline()
 *
 * Below /api/v1 it is what an external client of Argo CD sees: REST, as grpc-gateway makes it.
 * gRPC and gRPC-web are not there, so the `argocd` command does not work against it.
 *
 * Below /sim/v1 is what moves the world: see control.h. It is open only to a request with the
 * control token, or one that came from this machine's user alone (a unix socket).
 */
#include "argo/argo.h"
#include "argo/steer.h"
#include "base/buf.h"

struct face_request {
	struct str method, target; /* path?query */
	struct str body;
	/* A header's value by its name in any case; empty: there is none. */
	struct str (*header)(void *self, const char *name);
	void *self;
	uint32_t replica; /* the argocd-server that it comes to */
	bool is_trusted;  /* came over a unix socket */
};

/* One piece of an answer. The first of an exchange has its head. Borrowed until the next call of
 * face_next(). */
struct face_chunk {
	uint64_t exchange;
	int status;		 /* has_head */
	struct str content_type; /* has_head */
	struct str bytes;
	bool has_head;
	bool is_end;
	bool is_cut; /* the connection breaks off here: a server that went away */
	bool is_stream;
};

struct face_config {
	struct str control_token; /* empty: nobody has it */
	struct content content;	  /* what a push is made of unless it says so */
};

struct face;

struct face *face_new(struct argo *argo, const struct face_config *config);
void face_free(struct face *face);

/* The request is borrowed for the call. The answer may be there at once. */
uint64_t face_begin(struct face *face, const struct face_request *request, wall now);
/* What the face sends by itself: signs of life of a watch. */
void face_advance(struct face *face, wall now);
/* When something is due that does not come from the model. */
bool face_deadline(const struct face *face, wall *ret_at);
/* The next piece of what the model's server has answered by now. Frames of a watch are taken one by
 * one: face_set_reading() counts from the next on. */
bool face_next(struct face *face, struct face_chunk *ret_chunk);
/* The bytes of the chunk that face_next() gave last, to keep: they may be many. */
struct buf face_take_bytes(struct face *face);
/* Whether the client of a watch takes what it is sent: see server_set_reading(). */
void face_set_reading(struct face *face, uint64_t exchange, bool is_reading);
/* The client went away: no more chunks of this exchange. */
void face_cancel(struct face *face, uint64_t exchange);

/* How many requests below /api were taken. */
uint64_t face_request_count(const struct face *face);
