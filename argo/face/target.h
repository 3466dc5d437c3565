#pragma once
/*
 * target: what a request is about: its path in segments and its query, decoded.
 *
 *	struct target target;
 *	if (!target_parse(STR("/api/v1/applications/web?refresh=normal"), &arena, &target))
 *		...                                    400
 *	target_get(&target, STR("refresh"))            "normal"
 */
#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { TARGET_SEGMENTS_MAX = 8, TARGET_QUERY_MAX = 256 };

struct target_pair {
	struct str name, value;
};

struct target {
	struct str path; /* as it was sent */
	struct str segments[TARGET_SEGMENTS_MAX];
	uint32_t segment_count; /* more than there is room for: TARGET_SEGMENTS_MAX + 1 */
	struct target_pair *query;
	uint32_t query_count;
};

/* Texts are views of the target or live in the arena. False: it is no target, or has too many
 * parameters. */
[[nodiscard]] bool target_parse(struct str text, struct arena *arena, struct target *ret_target);

/* The first of this name; empty: there is none. */
struct str target_get(const struct target *target, struct str name);
bool target_has(const struct target *target, struct str name);

/* True if the path is this pattern: "/api/v1/applications/{}/sync", where "{}" is any segment that
 * is not empty. Those are put into ret_names, as many as there is room for. */
bool target_matches(const struct target *target, const char *pattern, struct str *ret_names,
		    uint32_t max);
