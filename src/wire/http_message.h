#pragma once
/*
 * http_message: requests of HTTP/1.1 as bytes, for a server: the head, and a body that comes in
 * chunks.
 *
 *	if (!http_head_length(bytes, &n))
 *		...                                     the head is not complete yet
 *	if (http_head_parse(str_first(bytes, n), &arena, &head, &status) < 0)
 *		...                                     answer the status and close
 *
 * It is strict where laxness lets two servers see two different requests in the same bytes: a blank
 * before a colon, a folded line, two lengths, a length beside chunks are 400.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_FIELDS_MAX = 100 };

struct http_field {
	struct str name, value;
};

struct http_head {
	struct str method, target;
	bool is_http_1_0;
	struct http_field *fields;
	uint32_t field_count;
	uint64_t content_length;
	bool is_chunked;
	bool wants_close;      /* no other request on this connection */
	bool expects_continue; /* it waits for a 100 before it sends the body */
};

/* True if the head is there as a whole; *ret_n is its length, the empty line included. */
bool http_head_length(struct str bytes, size_t *ret_n);

/* Texts are views of the bytes. On failure *ret_status is 400, 431, 501 or 505. */
[[nodiscard]] int http_head_parse(struct str head, struct arena *arena, struct http_head *ret_head,
				  int *ret_status);

/* By its name in any case; empty: there is none. */
struct str http_head_get(const struct http_head *head, struct str name);

/* True if a list like "gzip;q=1.0, br" has this word, and not with q=0. */
bool http_list_has(struct str list, struct str word);

/* A body in chunks; zeroed at its begin. */
struct http_chunks {
	enum {
		HTTP_CHUNK_SIZE,
		HTTP_CHUNK_EXTENSION,
		HTTP_CHUNK_SIZE_END,
		HTTP_CHUNK_BYTES,
		HTTP_CHUNK_BYTES_CR,
		HTTP_CHUNK_BYTES_LF,
		HTTP_CHUNK_TRAILER,
		HTTP_CHUNK_TRAILER_LINE,
		HTTP_CHUNK_TRAILER_END,
		HTTP_CHUNK_DONE,
	} state;
	uint64_t left; /* of this chunk; while its size is read, the size so far */
	uint32_t digits, trailer_bytes;
};

/*
 * Takes bytes off the front of *bytes until they, or the body, are at their end, and appends what
 * they carry. 1: the body is complete; 0: more is to come; -1: that is no body in chunks.
 */
int http_chunks_feed(struct http_chunks *chunks, struct str *bytes, struct buf *out);
