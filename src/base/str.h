#pragma once
/*
 * A view of text: where it starts and how many bytes it has.
 *
 * It owns nothing and need not end with a NUL, so cutting a text into parts copies nothing. The one
 * who makes a view sees to it that the bytes live long enough; base/arena and base/buf hold bytes.
 * Nothing here knows about locales: case and white space are those of ASCII.
 *
 * Invariant: if n is not 0, p is not NULL. The zeroed struct is the empty text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p;
	size_t n;
};

/* The view of a string literal; a constant, so it may stand in static tables. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* For printf: printf("no stage '" STR_FMT "'\n", STR_ARG(name)). Evaluates its argument twice. */
#define STR_FMT "%.*s"
#define STR_ARG(s) str_precision(s), (s).p

/* The view of a NUL-terminated string; NULL gives the empty text. */
struct str str_of(const char *s);

static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){p, n};
}

static inline bool str_empty(struct str s)
{
	return s.n == 0;
}

bool str_eq(struct str a, struct str b);
/* Equal but for the case of ASCII letters: HTTP header names, host names. */
bool str_eq_nocase(struct str a, struct str b);
/* Order of bytes, a prefix before what it begins: negative, 0 or positive. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Where it is found first. ret_at may be NULL; it is set only when the answer is true. */
bool str_find_char(struct str s, char c, size_t *ret_at);
bool str_find(struct str s, struct str needle, size_t *ret_at);

/* What is left after the first n bytes, and those bytes. n must not exceed s.n. */
struct str str_after(struct str s, size_t n);
struct str str_first(struct str s, size_t n);

/* Without the white space (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/*
 * Takes the next piece off *rest, up to sep or the end; false when there was none left.
 *
 *	struct str rest = STR("a,,b"), piece;
 *	while (str_cut(&rest, ',', &piece))
 *		...					"a", "", "b"
 *
 * n separators give n + 1 pieces, empty ones included; so the text "" has one piece, which is
 * empty. "Nothing left" is p == NULL: a zeroed view has no piece at all.
 */
bool str_cut(struct str *rest, char sep, struct str *ret_piece);

/*
 * The whole text as a decimal number: an optional '-' (i64 only), digits, nothing else. False
 * when it is anything else or does not fit; *ret_value is set only on success.
 */
bool str_to_i64(struct str s, int64_t *ret_value);
bool str_to_u64(struct str s, uint64_t *ret_value);

/* FNV-1a, 64 bits: the same on every machine and in every run, so it may be stored and printed. */
uint64_t str_hash(struct str s);

/* Keeps what fits of it, and the NUL behind it, in `into`. */
void str_keep(struct str s, char *into, size_t size);

/* n as the int that printf wants for "%.*s"; a longer text is shown in part. */
int str_precision(struct str s);
