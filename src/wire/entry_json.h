#pragma once
/*
 * entry_json: a durable fact as the bytes that a journal keeps, and back.
 *
 *	{"app":3,"attempt":1,"type":"post","v":1}
 *
 * Canonical: one line, keys sorted, and exactly the fields that this type of entry has
 * (model/entry.h), each of them always. So equal facts have equal bytes, and their hash says
 * something. Times are whole milliseconds since 1970, because an entry is compared and folded, not
 * read; ids of operations are 16 hex digits, because a JSON number loses some of 64 bits in many
 * readers; a cause has its stable name.
 *
 * Text that is not UTF-8 is written with U+FFFD in its place; everything else comes back exactly.
 * Fields that the type has not are not written and come back as 0.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/entry.h"

enum { ENTRY_JSON_VERSION = 1, ENTRY_JSON_BYTES_MAX = 256 * 1024 };

/* Appends. An entry of 256 KiB would not be read back: whoever takes words from outside bounds
 * them. */
void entry_to_json(const struct entry *entry, struct buf *out);

/*
 * Strict: only what entry_to_json writes. Texts live in the arena. Errors: E_CONFLICT if a newer
 * tiphys has written it (another version, an unknown type or cause), E_LIMIT if it is too long,
 * else E_SYNTAX. json_init() must have been called once.
 */
[[nodiscard]] int entry_from_json(struct str bytes, struct arena *arena, struct entry *ret_entry,
				  struct err *err);
