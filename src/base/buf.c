#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

enum { CAP_FIRST = 128 };

/* Makes room for n bytes in all and the NUL. n is at most max, so this ends. */
static void grow_to(struct buf *buf, size_t n)
{
	size_t cap = buf->cap ? buf->cap : CAP_FIRST;

	check(n <= buf->max);
	check(buf->max < SIZE_MAX / 2);
	if (n < buf->cap)
		return;
	while (cap <= n)
		cap *= 2;
	buf->cap = MIN(cap, buf->max + 1);
	buf->p = mem_realloc(buf->p, buf->cap);
}

/* Room for n more bytes, or the sticky flag. */
static bool reserve(struct buf *buf, size_t n)
{
	if (buf->has_overflowed || n > buf->max - buf->n) {
		buf->has_overflowed = true;
		return false;
	}
	grow_to(buf, buf->n + n);
	return true;
}

void buf_append(struct buf *buf, const void *p, size_t n)
{
	if (n == 0 || !reserve(buf, n))
		return;
	memcpy(buf->p + buf->n, p, n);
	buf->n += n;
}

void buf_str(struct buf *buf, struct str s)
{
	buf_append(buf, s.p, s.n);
}

void buf_char(struct buf *buf, char c)
{
	buf_append(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args, again;
	char small[128];
	int length;

	va_start(args, fmt);
	va_copy(again, args);
	/* Most texts fit here; the others are now known in length and are printed once more. */
	length = vsnprintf(small, sizeof(small), fmt, args);
	check(length >= 0);
	if ((size_t)length < sizeof(small)) {
		buf_append(buf, small, (size_t)length);
	} else if (reserve(buf, (size_t)length)) {
		vsnprintf(buf->p + buf->n, (size_t)length + 1, fmt, again);
		buf->n += (size_t)length;
	}
	va_end(again);
	va_end(args);
}

struct str buf_view(const struct buf *buf)
{
	return buf->n ? str_make(buf->p, buf->n) : STR("");
}

const char *buf_cstr(const struct buf *buf)
{
	if (!buf->cap)
		return "";
	/* The byte behind the content is ours and not part of the value: const stays true. */
	buf->p[buf->n] = '\0';
	return buf->p;
}

char *buf_space(struct buf *buf, size_t want, size_t *ret_n)
{
	size_t n = buf->has_overflowed ? 0 : MIN(want, buf->max - buf->n);

	grow_to(buf, buf->n + n);
	*ret_n = n;
	return buf->p + buf->n;
}

void buf_commit(struct buf *buf, size_t n)
{
	check(n < buf->cap - buf->n);
	buf->n += n;
}

void buf_truncate(struct buf *buf, size_t n)
{
	check(n <= buf->n);
	buf->n = n;
}

void buf_consume(struct buf *buf, size_t n)
{
	check(n <= buf->n);
	if (n == 0)
		return;
	memmove(buf->p, buf->p + n, buf->n - n);
	buf->n -= n;
}

void buf_clear(struct buf *buf)
{
	buf->n = 0;
	buf->has_overflowed = false;
}

void buf_release(struct buf *buf)
{
	mem_free(buf->p);
	*buf = BUF_INIT(buf->max);
}
