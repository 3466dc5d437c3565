#pragma once
/*
 * A growing buffer of bytes, born with a maximum.
 *
 *	auto_buf struct buf body = BUF_INIT(4 * MIB);
 *
 *	buf_str(&body, STR("GET "));
 *	buf_printf(&body, "%u", n);
 *	if (buf_overflowed(&body))
 *		return err_set(err, E_LIMIT, "...");
 *
 * An append that would pass the maximum adds nothing, and neither does any later one: the flag
 * sticks until buf_clear, so it is enough to ask once at the end, and what is in the buffer is
 * always a whole number of appends. A zeroed buffer is valid and has the maximum 0.
 *
 * Invariants: n <= max. If cap is not 0, p has cap bytes and n < cap, because there is always room
 * for the NUL that buf_cstr promises.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;
	bool has_overflowed;
};

#define BUF_INIT(max_bytes) ((struct buf){.max = (max_bytes)})

/* Releases the buffer where its scope ends. */
#define auto_buf __attribute__((cleanup(buf_release)))

void buf_append(struct buf *buf, const void *p, size_t n);
void buf_str(struct buf *buf, struct str s);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool buf_overflowed(const struct buf *buf)
{
	return buf->has_overflowed;
}

/* What is in it; p is never NULL. Both are good until the next change of the buffer. */
struct str buf_view(const struct buf *buf);
/* The same, NUL-terminated. Text that has a NUL inside seems shorter. */
const char *buf_cstr(const struct buf *buf);

/*
 * For reading straight into the buffer: buf_space makes room for at most `want` more bytes and says
 * in *ret_n how many there are (0 when the buffer is full; that is not yet an overflow);
 * buf_commit says how many of them were written.
 */
char *buf_space(struct buf *buf, size_t want, size_t *ret_n);
void buf_commit(struct buf *buf, size_t n);

/* Shortens it to the first n bytes; or takes n bytes away at the front. */
void buf_truncate(struct buf *buf, size_t n);
void buf_consume(struct buf *buf, size_t n);

/* Empty again, without overflow, keeping memory and maximum. */
void buf_clear(struct buf *buf);
/* Gives the memory back; the buffer is empty and may be used again. */
void buf_release(struct buf *buf);
