#include "world/weather.h"

void weather_add(struct weather *weather, const struct spell *spell)
{
	if (spell->left > 0)
		vec_push(&weather->spells, *spell);
}

static bool strikes(const struct spell *spell, enum request_type type)
{
	return spell->type == (uint32_t)type || spell->type == REQUEST_ANY;
}

struct fated weather_take(struct weather *weather, enum request_type type)
{
	for (size_t i = 0; i < weather->spells.n; i++) {
		struct spell *spell = &weather->spells.v[i];
		if (!strikes(spell, type))
			continue;
		struct fated fated = spell->fated;
		if (weather->on_strike)
			weather->on_strike(weather->self, spell->line);
		if (--spell->left == 0)
			vec_remove(&weather->spells, i);
		return fated;
	}
	return (struct fated){0};
}

void weather_clear(struct weather *weather)
{
	vec_clear(&weather->spells);
}

void weather_release(struct weather *weather)
{
	vec_release(&weather->spells);
}

bool weather_type(struct str name, uint32_t *ret_type)
{
	static const char *const names[] = {
		[REQUEST_VERSION] = "version", [REQUEST_SETTINGS] = "settings",
		[REQUEST_LIST] = "list",       [REQUEST_WATCH] = "watch",
		[REQUEST_GET] = "get",	       [REQUEST_REFRESH] = "refresh",
		[REQUEST_SYNC] = "sync",       [REQUEST_OWNER] = "owner",
		[REQUEST_OWNERS] = "owners",   [REQUEST_GENERATE] = "generate",
		[REQUEST_PROJECT] = "project", [REQUEST_HISTORY] = "history",
		[REQUEST_ANY] = "any",
	};

	for (uint32_t i = 0; i < COUNTOF(names); i++)
		if (str_eq(name, str_of(names[i]))) {
			*ret_type = i;
			return true;
		}
	return false;
}
