#pragma once
/*
 * heap: who comes first. Ids of 0, 1, 2, … each have at most one key; the smallest key is at hand,
 * equal keys come in the order of their ids. Putting and removing cost the logarithm of the count.
 *
 *	struct heap heap = {0};
 *
 *	heap_put(&heap, id, key);		or moves it, if it has a key already
 *	heap_remove(&heap, id);			or does nothing
 *	const struct heap_item *first = heap_first(&heap);
 *	heap_release(&heap);
 */
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct heap_item {
	int64_t key;
	uint32_t id;
};

struct heap {
	VEC(struct heap_item) items;
	VEC(uint32_t) places; /* by id: its index in `items` plus 1; 0: it is not in there */
};

void heap_put(struct heap *heap, uint32_t id, int64_t key);
void heap_remove(struct heap *heap, uint32_t id);

/* NULL if it is empty; good until the next change. */
const struct heap_item *heap_first(const struct heap *heap);

void heap_release(struct heap *heap);
