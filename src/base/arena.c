#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

struct arena_chunk {
	struct arena_chunk *older;
	size_t n; /* bytes handed out */
	size_t cap;
	alignas(max_align_t) char bytes[];
};

enum {
	ALIGN = alignof(max_align_t),
	FIRST_CHUNK_BYTES = 1024,
	/* A byte between pieces that nobody may touch, so that ASan sees an overrun. */
	GUARD_BYTES = 1,
};

static size_t room_for(size_t n)
{
	size_t padded;

	if (__builtin_add_overflow(n, (size_t)GUARD_BYTES + ALIGN - 1, &padded))
		mem_exhausted(n);
	return padded / ALIGN * ALIGN;
}

static struct arena_chunk *chunk_new(size_t cap)
{
	struct arena_chunk *chunk;
	size_t bytes;

	if (__builtin_add_overflow(sizeof(*chunk), cap, &bytes))
		mem_exhausted(cap);
	chunk = mem_alloc(bytes);
	*chunk = (struct arena_chunk){.cap = cap};
	ASAN_POISON_MEMORY_REGION(chunk->bytes, cap);
	return chunk;
}

static void chunk_free(struct arena_chunk *chunk)
{
	ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->cap);
	mem_free(chunk);
}

/* An arena that never holds much stays small; one that grows soon has few chunks. */
static size_t next_cap(const struct arena_chunk *newest)
{
	if (!newest)
		return FIRST_CHUNK_BYTES;
	return MIN(2 * newest->cap, (size_t)ARENA_CHUNK_BYTES);
}

/* The chunk with that much free room. */
static struct arena_chunk *chunk_with(struct arena *arena, size_t room)
{
	struct arena_chunk *newest = arena->newest, *chunk;

	if (newest && room <= newest->cap - newest->n)
		return newest;
	chunk = chunk_new(MAX(room, next_cap(newest)));
	if (newest && room > ARENA_CHUNK_BYTES) {
		/* A big piece has a chunk of its own behind the newest, whose rest stays in use. */
		chunk->older = newest->older;
		newest->older = chunk;
	} else {
		chunk->older = newest;
		arena->newest = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t room = room_for(n);
	struct arena_chunk *chunk = chunk_with(arena, room);
	char *p = chunk->bytes + chunk->n;

	chunk->n += room;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *arena_zalloc(struct arena *arena, size_t n)
{
	return memset(arena_alloc(arena, n), 0, n);
}

void *arena_zarray(struct arena *arena, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		mem_exhausted(count);
	return arena_zalloc(arena, n);
}

struct str arena_copy(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return str_make(copy, s.n);
}

struct str arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args, again;
	int length;
	char *text;

	va_start(args, fmt);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, fmt, args);
	check(length >= 0);
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, fmt, again);
	va_end(again);
	va_end(args);
	return str_make(text, (size_t)length);
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *kept = NULL, *older;

	for (struct arena_chunk *chunk = arena->newest; chunk; chunk = older) {
		older = chunk->older;
		/* A chunk for one big piece is not kept: one big turn is no reason for ever. */
		if (kept || chunk->cap > ARENA_CHUNK_BYTES)
			chunk_free(chunk);
		else
			kept = chunk;
	}
	if (kept) {
		kept->older = NULL;
		kept->n = 0;
		ASAN_POISON_MEMORY_REGION(kept->bytes, kept->cap);
	}
	arena->newest = kept;
}

void arena_release(struct arena *arena)
{
	struct arena_chunk *older;

	for (struct arena_chunk *chunk = arena->newest; chunk; chunk = older) {
		older = chunk->older;
		chunk_free(chunk);
	}
	arena->newest = NULL;
}
