#include "base/map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

enum { SLOTS_FIRST = 16 };

/*
 * SipHash would be the careful choice; names of Applications come from people who can do worse than
 * slow us down, so a seeded mix of words (wyhash's) is enough and is shorter.
 */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 u128;
	u128 product = (u128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_of(const struct map *map, struct str key)
{
	uint64_t hash = mix(map->seed ^ UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db));
	const uint64_t odd = UINT64_C(0x8ebc6af09c88c6e3);
	const char *p = key.p;
	size_t n = key.n;
	uint64_t word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash ^ word, odd ^ sizeof(word));
	}
	if (n > 0) {
		word = 0;
		memcpy(&word, p, n);
		hash = mix(hash ^ word, odd ^ n);
	}
	return (uint32_t)(mix(hash ^ key.n, UINT64_C(0x589965cc75374cc3)) >> 32);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t slot_of(const struct map *map, struct str key, uint32_t hash)
{
	size_t mask = map->slots_n - 1;
	size_t at = hash & mask;

	while (map->slots[at]) {
		const struct map_entry *entry = &vec_at(&map->entries, map->slots[at] - 1);

		if (entry->hash == hash && str_eq(entry->key, key))
			break;
		at = (at + 1) & mask;
	}
	return at;
}

/* Twice the slots; the entries stay where they are. */
static void grow(struct map *map)
{
	size_t slots_n = map->slots_n ? map->slots_n * 2 : SLOTS_FIRST;

	map->slots = mem_realloc_array(map->slots, slots_n, sizeof(*map->slots));
	map->slots_n = slots_n;
	memset(map->slots, 0, slots_n * sizeof(*map->slots));
	for (size_t i = 0; i < map->entries.n; i++) {
		const struct map_entry *entry = &map->entries.v[i];

		map->slots[slot_of(map, entry->key, entry->hash)] = (uint32_t)(i + 1);
	}
}

bool map_put(struct map *map, struct str key, uint32_t value)
{
	uint32_t hash = hash_of(map, key);
	size_t slot;

	/* At most three quarters full, so that a search always meets a free slot. */
	if ((map->entries.n + 1) * 4 > map->slots_n * 3)
		grow(map);
	slot = slot_of(map, key, hash);
	if (map->slots[slot]) {
		vec_at(&map->entries, map->slots[slot] - 1).value = value;
		return false;
	}
	check(map->entries.n < UINT32_MAX);
	vec_push(&map->entries, (struct map_entry){
					.key = arena_copy(&map->keys, key),
					.value = value,
					.hash = hash,
				});
	map->slots[slot] = (uint32_t)map->entries.n;
	return true;
}

bool map_get(const struct map *map, struct str key, uint32_t *ret_value)
{
	size_t slot;

	if (map->entries.n == 0)
		return false;
	slot = slot_of(map, key, hash_of(map, key));
	if (!map->slots[slot])
		return false;
	if (ret_value)
		*ret_value = vec_at(&map->entries, map->slots[slot] - 1).value;
	return true;
}

void map_clear(struct map *map)
{
	vec_clear(&map->entries);
	arena_reset(&map->keys);
	if (map->slots_n)
		memset(map->slots, 0, map->slots_n * sizeof(*map->slots));
}

void map_release(struct map *map)
{
	vec_release(&map->entries);
	arena_release(&map->keys);
	mem_free(map->slots);
	*map = MAP_INIT(map->seed);
}
