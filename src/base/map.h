#pragma once
/*
 * From a text to a number, usually the index of something in a vec.
 *
 *	struct map by_name = MAP_INIT(seed);
 *
 *	map_put(&by_name, name, index);
 *	if (map_get(&by_name, name, &index))
 *		...
 *	map_release(&by_name);
 *
 * The map copies its keys. Iteration is in the order of the first insertion, whatever the seed:
 * runs are repeatable. The seed is there so that nobody outside can choose names that all collide;
 * it comes from the caller, as all randomness does. A zeroed map is valid (seed 0). Nothing can be
 * removed, only everything cleared.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

struct map_entry {
	struct str key; /* the map's own copy, NUL-terminated */
	uint32_t value;
	uint32_t hash;
};

struct map {
	struct map_list VEC_OF(struct map_entry) entries; /* in the order of insertion */
	uint32_t *slots;				  /* index of an entry plus 1; 0 is free */
	size_t slots_n;					  /* a power of two, or 0 */
	struct arena keys;
	uint64_t seed;
};

#define MAP_INIT(seed_value) ((struct map){.seed = (seed_value)})

/* Releases the map where its scope ends. */
#define auto_map __attribute__((cleanup(map_release)))

/* True if the key is new; else the value of the key it had is replaced. */
bool map_put(struct map *map, struct str key, uint32_t value);

/* ret_value may be NULL; it is set only when the answer is true. */
bool map_get(const struct map *map, struct str key, uint32_t *ret_value);

static inline size_t map_count(const struct map *map)
{
	return map->entries.n;
}

/* A loop over all entries: `entry` is a struct map_entry *. Nothing may be put meanwhile. */
#define map_each(entry, map) vec_each(entry, &(map)->entries)

void map_clear(struct map *map);
void map_release(struct map *map);
