#pragma once
/*
 * names: a few of many, for a sentence: "api, web and 4 more".
 *
 *	struct names names = {.most = 5};
 *	names_add(&names, STR("api"), &arena);		for each of them, as many as there are
 *	names_text(&names, &arena)			empty: there was none
 *
 * `n` counts all that were added. Texts live in the arena.
 */
#include "base/arena.h"

#include <stdint.h>

struct names {
	uint32_t most; /* so many are named */
	uint32_t n;
	struct str text; /* of those */
};

void names_add(struct names *names, struct str name, struct arena *arena);
struct str names_text(const struct names *names, struct arena *arena);
