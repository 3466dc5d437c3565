#pragma once
/*
 * http_client: HTTP requests to one server, many at a time, over a pool of kept connections. It
 * carries bytes and says how each request ended; what the bytes mean is wire/'s business.
 *
 *	struct http_client *client = http_client_new(&loop, &server);
 *	http_client_send(client, &request, (struct http_handler){ ... });
 *	...					on_bytes, on_bytes, ..., on_end: from the loop
 *	http_client_free(client);		before loop_release; cancels what is under way
 *
 * Promises:
 *   - a handler is never called from inside http_client_send(), and on_end exactly once, as the
 *     last call for its request; after http_client_free() none is called any more. A handler may
 *     send, but not free the client;
 *   - a redirect is an answer like another, it is never followed;
 *   - credentials go only to this server, and not on a request that is_anonymous;
 *   - HTTP_REQUESTS_MAX requests are under way at the same time, in the order in which they were
 *     sent, but POSTs come first; a request's time begins when it leaves. A stream has a connection
 *     of its own, however many there are, and waits for nobody;
 *   - a POST leaves at most once. (A GET whose kept connection turns out to be closed is sent again
 *     on a new one.)
 *   - a stream has no time limit before its first byte, because Argo CD sends not even a header
 *     before the first event; after it, 45 s without a byte mean that it was cut, because then a
 *     sign of life comes every 15 s.
 *
 * HTTP/1.1 is all that is offered: Argo CD serves its REST API over nothing else, and whatever
 * stands in front of it speaks HTTP/1.1 too.
 *
 * Who is trusted: the system's certificates (SSL_CERT_FILE and SSL_CERT_DIR as in Go, so as for the
 * argocd CLI) and, beside them, server->ca_pem. Proxies: HTTPS_PROXY and its kin, as in Go, so
 * never for this machine itself.
 *
 * If a header for every request is an Authorization, some proxy's, the token goes into Argo CD's
 * cookie instead.
 */
#include "base/buf.h"
#include "io/loop.h"
#include "wire/http.h"

enum {
	HTTP_CONNECT_TIMEOUT_MS = 10'000,
	HTTP_SILENCE_TIMEOUT_MS = 45'000,
	/* At the same time; more wait. A run has as many in flight at most, so only where several
	 * runs share a client they wait. Argo CD's controller compares 20 at a time, by default. */
	HTTP_REQUESTS_MAX = 50,
};

/* Of one answer, decompressed; Argo CD's own limit is 200 MiB. A stream has none. */
#define HTTP_BODY_BYTES_MAX (256 * MIB)

/* How to reach a server. Borrowed for http_client_new(). PEM texts and headers may be empty. */
struct server {
	struct str address;   /* host, host:port, [v6]:port */
	struct str root_path; /* "" or "/argo-cd": begins with a slash and does not end with one */
	struct str token;     /* sent as `Authorization: Bearer`; empty: none */
	struct str ca_pem;    /* trusted beside the system's certificates */
	struct str cert_pem, key_pem; /* the client's own */
	struct str user_agent;
	const struct str *headers; /* "Name: value" each */
	size_t header_count;
	int64_t silence_timeout_ms; /* of a stream; 0: HTTP_SILENCE_TIMEOUT_MS */
	bool is_plaintext;
	bool is_insecure; /* the server's certificate is not verified */
};

struct http_handler {
	void *self;
	void (*on_bytes)(void *self, struct str bytes); /* of the body, decompressed; borrowed */
	void (*on_end)(void *self, const struct http_end *end);
};

/* False if no URL can be made of the address and the root path. */
bool http_server_is_valid(const struct server *server);

struct http_client;

struct http_client *http_client_new(struct loop *loop, const struct server *server);
void http_client_free(struct http_client *client);

/* The request is borrowed for the call. */
void http_client_send(struct http_client *client, const struct http_request *request,
		      struct http_handler handler);

/* What was sent with this `self` in its handler is given up, and the handler not called any more.
 * Not from inside on_bytes. */
void http_client_cancel(struct http_client *client, const void *self);

/* For requests sent from now on; empty: none. */
void http_client_set_token(struct http_client *client, struct str token);

/* The token in use: the one given, or the newest that the server set in a cookie. */
struct str http_client_token(const struct http_client *client);

/* "https://host:port/root": for people. Good as long as the client. */
struct str http_client_url(const struct http_client *client);
