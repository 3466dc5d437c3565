#pragma once
/*
 * Times as values. Nothing here asks for the time: only io/clock does.
 *
 * instant is monotonic and of this boot: deadlines and waiting. wall is what the calendar says:
 * what Kubernetes stamps and people read. The two cannot be mixed, because they are different
 * structs. A span between two of the same kind is a plain int64_t in milliseconds whose name ends
 * in _ms.
 *
 * All arithmetic saturates: INSTANT_NEVER plus anything is INSTANT_NEVER.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

typedef struct {
	int64_t ms;
} instant;

typedef struct {
	int64_t ms; /* since 1970-01-01T00:00:00Z, without leap seconds */
} wall;

#define INSTANT_NEVER ((instant){INT64_MAX})

/* The longest span duration_parse takes: 100 years of 365 days. */
#define DURATION_MS_MAX (INT64_C(100) * 365 * 24 * 3600 * 1000)

/* Short texts are returned by value: printf("%s", wall_format(w).s). */
struct when_text {
	char s[40];
};

instant instant_add(instant t, int64_t ms);
/* How long t is after `since`, negative if before. */
int64_t instant_since(instant t, instant since);
/* Negative, 0 or positive, as in str_cmp. */
static inline int instant_cmp(instant a, instant b)
{
	return (a.ms > b.ms) - (a.ms < b.ms);
}

instant instant_min(instant a, instant b);

static inline bool instant_is_never(instant t)
{
	return t.ms == INT64_MAX;
}

wall wall_add(wall t, int64_t ms);
int64_t wall_since(wall t, wall since);
static inline int wall_cmp(wall a, wall b)
{
	return (a.ms > b.ms) - (a.ms < b.ms);
}

/*
 * RFC 3339, as Kubernetes and Go write it: "2026-11-23T21:47:27Z", with a fraction of any length
 * (finer than a millisecond is cut off) and with "Z" or "+01:00". A leap second becomes the second
 * after it. False if it is anything else; *ret_wall is set only on success.
 */
[[nodiscard]] bool wall_parse(struct str s, wall *ret_wall);

/*
 * "2026-11-23T21:47:27Z", with three decimals if there are milliseconds. wall_parse reads it back.
 * Before year 1 and after year 9999 the nearest time that can be written.
 */
struct when_text wall_format(wall t);

/*
 * A span as Go writes it: "90s", "1h30m", "1.5h", "250ms", "0". Not negative, at most
 * DURATION_MS_MAX, whole milliseconds, and the unit is h, m, s or ms. Error: E_SYNTAX or E_LIMIT,
 * with the column in s.
 */
[[nodiscard]] int duration_parse(struct str s, int64_t *ret_ms, struct err *err);

/*
 * Short, for people: "250ms", "4.1s", "42s", "1m30s", "2h5m". What is finer than it shows is cut
 * off, never rounded up: a wait that shows "1m" has lasted that long. duration_parse reads it
 * back.
 */
struct when_text duration_format(int64_t ms);
