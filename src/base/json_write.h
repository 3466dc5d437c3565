#pragma once
/*
 * Writes JSON text into a buf, piece by piece, in the order of the calls. Compact, one line.
 *
 *	struct json_write w = JSON_WRITE(&body);
 *
 *	json_write_object_begin(&w);
 *	json_write_key(&w, STR("revision"));
 *	json_write_str(&w, revision);
 *	json_write_object_end(&w);
 *	json_write_finish(&w);			{"revision":"4f2a…"}
 *
 * What the calls promise is checked: keys only and always in objects, ends that fit their begins,
 * one value at the top, and no end before json_write_finish. So the text is JSON, unless the buf
 * overflowed: ask it. Bytes that are not UTF-8 are written as U+FFFD. That no key comes twice is
 * the caller's care. Reading JSON is wire/json.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { JSON_WRITE_DEPTH_MAX = 32 };

struct json_write {
	struct buf *out;
	unsigned depth;
	bool has_key;			      /* a key was written, its value not yet */
	bool is_done;			      /* the value at the top is complete */
	bool is_object[JSON_WRITE_DEPTH_MAX]; /* else an array */
	bool has_items[JSON_WRITE_DEPTH_MAX]; /* the next one needs a comma */
};

#define JSON_WRITE(buf) ((struct json_write){.out = (buf)})

void json_write_object_begin(struct json_write *w);
void json_write_object_end(struct json_write *w);
void json_write_array_begin(struct json_write *w);
void json_write_array_end(struct json_write *w);

void json_write_key(struct json_write *w, struct str key);

void json_write_str(struct json_write *w, struct str value);
void json_write_int(struct json_write *w, int64_t value);
void json_write_uint(struct json_write *w, uint64_t value);
void json_write_bool(struct json_write *w, bool value);
void json_write_null(struct json_write *w);
/* A value that is JSON text already, one line. It is not looked into. */
void json_write_raw(struct json_write *w, struct str json);

/* Key and value in one call. */
void json_write_field_str(struct json_write *w, struct str key, struct str value);
void json_write_field_int(struct json_write *w, struct str key, int64_t value);
void json_write_field_bool(struct json_write *w, struct str key, bool value);

/* Checks that the one value is complete. */
void json_write_finish(const struct json_write *w);
