#include "argo/params.h"

#include <string.h>

/* Room for one more; what is in the arena can't grow in its place. */
static void *grow(struct arena *arena, void *v, size_t n, size_t *cap, size_t size)
{
	void *grown;

	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 8;
	grown = arena_zarray(arena, *cap, size);
	if (n)
		memcpy(grown, v, n * size);
	return grown;
}

void params_set(struct arena *arena, struct params *params, struct str key, struct str value)
{
	for (size_t i = 0; i < params->n; i++) {
		if (str_eq(params->v[i].key, key)) {
			params->v[i].value = value;
			return;
		}
	}
	params->v = grow(arena, params->v, params->n, &params->cap, sizeof(*params->v));
	params->v[params->n++] = (struct param){key, value};
}

bool params_get(const struct params *params, struct str key, struct str *ret_value)
{
	for (size_t i = 0; i < params->n; i++) {
		if (str_eq(params->v[i].key, key)) {
			*ret_value = params->v[i].value;
			return true;
		}
	}
	return false;
}

bool params_have_below(const struct params *params, struct str key)
{
	for (size_t i = 0; i < params->n; i++) {
		struct str k = params->v[i].key;

		if (str_empty(key) || (k.n > key.n && str_starts(k, key) && k.p[key.n] == '.'))
			return true;
	}
	return false;
}

void param_sets_add(struct arena *arena, struct param_sets *sets, struct params params)
{
	sets->v = grow(arena, sets->v, sets->n, &sets->cap, sizeof(*sets->v));
	sets->v[sets->n++] = params;
}
