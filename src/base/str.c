#include "base/str.h"

#include <limits.h>
#include <string.h>

#include "base/check.h"

struct str str_of(const char *s)
{
	return s ? str_make(s, strlen(s)) : (struct str){0};
}

/* memcmp must not see NULL, not even with n == 0. */
static bool bytes_equal(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && bytes_equal(a.p, b.p, a.n);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t common = MIN(a.n, b.n);
	int order = common ? memcmp(a.p, b.p, common) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && bytes_equal(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
	/* Without this, an s with a NULL pointer would be added to below. */
	if (suffix.n == 0)
		return true;
	return s.n >= suffix.n && bytes_equal(s.p + (s.n - suffix.n), suffix.p, suffix.n);
}

bool str_find_char(struct str s, char c, size_t *ret_at)
{
	const char *found = s.n ? memchr(s.p, c, s.n) : NULL;

	if (!found)
		return false;
	if (ret_at)
		*ret_at = (size_t)(found - s.p);
	return true;
}

bool str_find(struct str s, struct str needle, size_t *ret_at)
{
	size_t at = 0, skipped;

	while (needle.n > 0 && at < s.n && str_find_char(str_after(s, at), needle.p[0], &skipped)) {
		at += skipped;
		if (str_starts(str_after(s, at), needle)) {
			if (ret_at)
				*ret_at = at;
			return true;
		}
		at++;
	}
	if (needle.n == 0 && ret_at)
		*ret_at = 0;
	return needle.n == 0;
}

struct str str_after(struct str s, size_t n)
{
	check(n <= s.n);
	return n ? str_make(s.p + n, s.n - n) : s;
}

struct str str_first(struct str s, size_t n)
{
	check(n <= s.n);
	return str_make(s.p, n);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_space(s.p[0]))
		s = str_after(s, 1);
	return s;
}

bool str_cut(struct str *rest, char sep, struct str *ret_piece)
{
	size_t at;

	if (!rest->p)
		return false;
	if (str_find_char(*rest, sep, &at)) {
		*ret_piece = str_first(*rest, at);
		*rest = str_after(*rest, at + 1);
	} else {
		*ret_piece = *rest;
		*rest = (struct str){0};
	}
	return true;
}

bool str_to_u64(struct str s, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
			return false;
	}
	*ret_value = value;
	return true;
}

bool str_to_i64(struct str s, int64_t *ret_value)
{
	bool is_negative = str_starts(s, STR("-"));
	/* There is one more negative number than there are positive ones. */
	uint64_t limit = (uint64_t)INT64_MAX + is_negative;
	uint64_t magnitude;

	if (!str_to_u64(str_after(s, is_negative), &magnitude) || magnitude > limit)
		return false;
	*ret_value = (int64_t)(is_negative ? 0 - magnitude : magnitude);
	return true;
}

uint64_t str_hash(struct str s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < s.n; i++) {
		hash ^= (unsigned char)s.p[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

int str_precision(struct str s)
{
	return (int)MIN(s.n, (size_t)INT_MAX);
}

void str_keep(struct str s, char *into, size_t size)
{
	size_t n = MIN(s.n, size - 1);

	if (n > 0)
		memcpy(into, s.p, n);
	into[n] = '\0';
}
