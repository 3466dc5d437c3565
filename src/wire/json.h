#pragma once
/*
 * json: reads JSON, with limits, and never crashes on what it finds. Writing is base/json_write.
 *
 *	struct json *root;
 *
 *	if (json_parse(bytes, &JSON_LIMIT, &root, err) < 0)
 *		return -1;
 *	struct str status = json_text(root, "status", "sync", "status");    empty if there is none
 *	json_free(root);
 *
 * Values are borrowed from their root and live as long as it does, texts included. Every getter
 * takes a path of keys, takes NULL for a value, and answers NULL, empty, 0 or false where there is
 * nothing or a thing of another type: an answer that lacks a field reads like one that has it
 * empty.
 *
 * A key that comes twice in an object is an error. Integers beyond 64 bits become the nearest
 * floating-point number.
 *
 * Behind it is jansson; no other file includes it. json_init() must have been called once.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct json;

struct json_limit {
	size_t bytes;
	unsigned depth; /* of nested objects and arrays; at most JSON_DEPTH_MAX */
};

enum { JSON_DEPTH_MAX = 500 };
#define JSON_LIMIT ((struct json_limit){.bytes = 64 * MIB, .depth = JSON_DEPTH_MAX})

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_NUMBER,
	JSON_KIND_TEXT,
	JSON_KIND_LIST,
	JSON_KIND_MAP,
};

/* Once for the process: memory comes from base/alloc, and the seed keeps strangers from choosing
 * keys that all collide. */
void json_init(uint64_t seed);

/*
 * The whole text is one object or array. Error: E_SYNTAX with line and column, or E_LIMIT. The
 * words never quote the text, which may hold secrets.
 */
[[nodiscard]] int json_parse(struct str text, const struct json_limit *limit,
			     struct json **ret_root, struct err *err);

/* root may be NULL. Only for what json_parse and json_clone gave. */
void json_free(struct json *root);
void json_free_at(struct json **root);

/* Frees the root where its scope ends. */
#define auto_json __attribute__((cleanup(json_free_at)))

/* NULL counts as null. */
enum json_kind json_kind(const struct json *value);

/* json_get(value, "a", "b"): the member b of the member a; NULL if there is none, or null. */
#define json_get(value, ...) json_get_path((value), JSON_PATH(__VA_ARGS__))
#define json_text(value, ...) json_text_of(json_get((value), __VA_ARGS__))
#define json_flag(value, ...) json_flag_of(json_get((value), __VA_ARGS__))
#define json_int(value, ...) json_int_of(json_get((value), __VA_ARGS__))

struct str json_text_of(const struct json *value);
bool json_flag_of(const struct json *value);
int64_t json_int_of(const struct json *value);

/* 0, 0.0 or -0.0; false for what is no number. */
bool json_number_is_zero(const struct json *value);

/* Of an array or object; 0 for anything else. */
size_t json_count(const struct json *value);
/* Of an array; NULL behind its end. */
const struct json *json_at(const struct json *list, size_t i);

/*
 * The members of an object, in no particular order:
 *
 *	struct json_cursor at = {0};
 *	while (json_next(map, &at))
 *		... at.key, at.value
 */
struct json_cursor {
	struct str key;
	const struct json *value;
	void *place;
};
bool json_next(const struct json *map, struct json_cursor *cursor);

/* Compact text with sorted keys: equal values have equal text. Appends to `out`. */
void json_canonical(const struct json *value, struct buf *out);

/* Equal in every member and element; 1 and 1.0 are not. NULL equals null. */
bool json_same(const struct json *a, const struct json *b);

/*
 * A copy of an object whose members may be replaced and removed; the members themselves are shared
 * with the original, which must live as long. Ended by json_free.
 */
[[nodiscard]] struct json *json_clone(const struct json *map);
void json_put(struct json *map, const char *key, const struct json *value);
void json_put_flag(struct json *map, const char *key, bool value);
void json_remove(struct json *map, const char *key);

/* What the macros are made of. */
#define JSON_PATH(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
const struct json *json_get_path(const struct json *value, const char *const *path);
