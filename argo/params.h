#pragma once
/*
 * params: what a generator knows of one Application: names and texts, flat, as "name", "server",
 * "metadata.labels.env", "values.x", "path.basename", "path[0]". For a goTemplate, which sees a
 * tree, the dots are the tree: `.metadata.labels.env` and `index .metadata.labels "env"` are this
 * same key.
 *
 * Everything lives in the arena that it was put in with. A zeroed struct is empty.
 */
#include "base/arena.h"
#include "base/str.h"

struct param {
	struct str key, value;
};

struct params {
	struct param *v;
	size_t n, cap;
};

struct param_sets {
	struct params *v;
	size_t n, cap;
};

/* Replaces what the key had. Key and value are not copied. */
void params_set(struct arena *arena, struct params *params, struct str key, struct str value);
bool params_get(const struct params *params, struct str key, struct str *ret_value);
/* True if there are keys below it: "metadata.labels" of "metadata.labels.env". */
bool params_have_below(const struct params *params, struct str key);

void param_sets_add(struct arena *arena, struct param_sets *sets, struct params params);
