#pragma once
/*
 * argocd: the language of Argo CD's API server. A request of the model becomes an HTTP request; the
 * bytes of the answer become exactly one reply. No I/O, no clock: io/ carries the bytes.
 *
 *	argocd_encode(request, &http, &arena);
 *	struct argocd_reader *reader = argocd_reader_new(request);
 *	...                                             io/ sends it, and as bytes come:
 *	argocd_reader_feed(reader, bytes, &sink);       a watch delivers its events from in here
 *	...                                             when the answer has ended, however it did:
 *	argocd_reader_end(reader, &end, &sink);         delivers the one reply
 *	argocd_reader_free(reader);
 *
 * A request may be given up at any time with argocd_reader_free alone; then there is no reply.
 *
 * What the sink gets is borrowed for the call; it must not free the reader from inside.
 *
 * Memory: a List is read element by element (ARGOCD_ELEMENT_BYTES_MAX each) and kept as rows; a
 * watch keeps one frame; any other answer is collected up to ARGOCD_ANSWER_BYTES_MAX.
 *
 * Messages in replies are for people: one line, no control characters, at most
 * ARGOCD_MESSAGE_BYTES, and what looks like a credential is taken out.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "model/event.h"
#include "model/request.h"
#include "wire/http.h"

enum { ARGOCD_MESSAGE_BYTES = 300 };
#define ARGOCD_ELEMENT_BYTES_MAX (16 * MIB)
#define ARGOCD_ANSWER_BYTES_MAX (64 * MIB)

/*
 * The HTTP request for a request of any type. Its strings live in the arena or are the request's.
 * Every name, selector and revision is percent-encoded or written as JSON, whatever it contains.
 */
void argocd_encode(const struct request *request, struct http_request *ret, struct arena *arena);

/* So long the server is told to work on this request; 0: as long as it likes. */
int64_t argocd_server_timeout_s(const struct request *request);

struct argocd_sink {
	void *self;
	/* A frame of the watch: EV_WATCHED, or EV_WATCH_LOST when the Application was deleted. */
	void (*watched)(void *self, enum event_type type, const struct application *app);
	/* The one reply. */
	void (*reply)(void *self, const struct reply *reply);
};

struct argocd_reader;

/* Reads the answer to this request. What it needs of the request it copies. */
struct argocd_reader *argocd_reader_new(const struct request *request);

void argocd_reader_feed(struct argocd_reader *reader, struct str bytes,
			const struct argocd_sink *sink);

/* Once, after all bytes. */
void argocd_reader_end(struct argocd_reader *reader, const struct http_end *end,
		       const struct argocd_sink *sink);

/* reader may be NULL. */
void argocd_reader_free(struct argocd_reader *reader);
