#pragma once
/*
 * Memory that is given back all at once: for a turn, a request, a parsed document.
 *
 *	auto_arena struct arena turn = {0};
 *
 *	struct str name = arena_copy(&turn, view);
 *	struct effect *effects = arena_array(&turn, struct effect, n);
 *	...
 *	arena_reset(&turn);			all of it is gone
 *
 * Single pieces cannot be freed. In the sanitizer build, memory that was not handed out or has been
 * reset is poisoned, so using a thing after its turn is found.
 */

#include <stddef.h>

#include "base/str.h"

/* The first chunk is small and each next one has twice its size, up to this. A bigger piece has a
 * chunk of its own. */
enum { ARENA_CHUNK_BYTES = 16 * 1024 };

struct arena_chunk;

struct arena {
	struct arena_chunk *newest;
};

/* Releases the arena where its scope ends. */
#define auto_arena __attribute__((cleanup(arena_release)))

/* n bytes, aligned for any type; never NULL, also for n == 0. */
[[nodiscard]] void *arena_alloc(struct arena *arena, size_t n);
[[nodiscard]] void *arena_zalloc(struct arena *arena, size_t n);

/* Zeroed: one T; `count` T in a row. */
#define arena_new(arena, T) ((T *)arena_zalloc((arena), sizeof(T)))
#define arena_array(arena, T, count) ((T *)arena_zarray((arena), (count), sizeof(T)))
[[nodiscard]] void *arena_zarray(struct arena *arena, size_t count, size_t size);

/* A copy of the text, with a NUL behind it that the view does not count. */
[[nodiscard]] struct str arena_copy(struct arena *arena, struct str s);
[[nodiscard]] struct str arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets all pieces; keeps one chunk, so that a turn like the last one allocates nothing. */
void arena_reset(struct arena *arena);
/* Gives everything back; the arena is empty and may be used again. */
void arena_release(struct arena *arena);
