#pragma once
/*
 * http: the seam between wire/ and io/: an HTTP request as plain data, and how its answer ended.
 *
 * wire/ makes requests and reads answers, it never sees a socket; io/ carries bytes, it never reads
 * them. io/ adds what belongs to the connection: server, root path, credentials, extra headers,
 * TLS.
 */
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct http_request {
	const char *method; /* "GET", "POST" or "DELETE" */
	/* path and query, percent-encoded, without the server's root path */
	struct str target;
	struct str
		body; /* empty: none. What is no GET has Content-Type: application/json exactly */
	bool is_anonymous; /* sent without credentials */
	/* Accept: text/event-stream; no time limit on the whole, no gzip */
	bool is_stream;
	int64_t server_timeout_s; /* > 0: sent as Grpc-Timeout, so that the server gives up first */
	int64_t timeout_ms;	  /* from the start to the last byte; 0: none */
};

enum http_failure {
	HTTP_OK,	  /* a whole answer came, whatever its status */
	HTTP_UNREACHABLE, /* no connection */
	HTTP_NO_HOST,
	HTTP_CUT, /* the connection ended before the answer did */
	HTTP_TIMEOUT,
	HTTP_TOO_LARGE,
	HTTP_BAD_CERTIFICATE,
	HTTP_WRONG_SCHEME, /* TLS to a port that speaks plain HTTP, or the other way round */
};

/* How one request ended: after all of its bytes, exactly once. */
struct http_end {
	enum http_failure failure;
	int status; /* 0 unless an answer's head was read */
	struct str content_type;
	struct str location; /* of a redirect, which is never followed */
	struct str message;  /* the transport's own words when it failed; no secrets */
};
