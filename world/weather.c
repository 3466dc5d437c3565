#include "world/weather.h"

void weather_add(struct weather *weather, const struct spell *spell)
{
	if (spell->left > 0)
		vec_push(&weather->spells, *spell);
}

bool weather_means(uint32_t kind, enum request_type type)
{
	return kind == (uint32_t)type || kind == (uint32_t)REQUEST_ANY;
}

struct fated weather_take(struct weather *weather, enum request_type type)
{
	for (size_t i = 0; i < weather->spells.n; i++) {
		struct spell *spell = &weather->spells.v[i];
		if (!weather_means(spell->type, type))
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
	for (uint32_t i = 0; i < REQUEST_TYPES; i++)
		if (str_eq(name, str_of(request_type_name((enum request_type)i)))) {
			*ret_type = i;
			return true;
		}
	*ret_type = REQUEST_ANY;
	return str_eq(name, STR("any"));
}
