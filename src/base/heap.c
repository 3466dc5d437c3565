#include "base/heap.h"

static bool is_before(const struct heap_item *a, const struct heap_item *b)
{
	return a->key != b->key ? a->key < b->key : a->id < b->id;
}

static void place(struct heap *heap, size_t at, struct heap_item item)
{
	heap->items.v[at] = item;
	heap->places.v[item.id] = (uint32_t)at + 1;
}

/* Both carry `item` from the hole at `at` to where it belongs. */
static size_t rise(struct heap *heap, size_t at, struct heap_item item)
{
	while (at > 0 && is_before(&item, &heap->items.v[(at - 1) / 2])) {
		place(heap, at, heap->items.v[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	return at;
}

static size_t sink(struct heap *heap, size_t at, struct heap_item item)
{
	for (size_t child; (child = 2 * at + 1) < heap->items.n; at = child) {
		const struct heap_item *items = heap->items.v;
		if (child + 1 < heap->items.n && is_before(&items[child + 1], &items[child]))
			child++;
		if (!is_before(&items[child], &item))
			break;
		place(heap, at, items[child]);
	}
	return at;
}

static void settle(struct heap *heap, size_t at, struct heap_item item)
{
	at = rise(heap, at, item);
	place(heap, sink(heap, at, item), item);
}

void heap_put(struct heap *heap, uint32_t id, int64_t key)
{
	while (heap->places.n <= id)
		vec_push(&heap->places, 0);
	struct heap_item item = {key, id};
	if (heap->places.v[id] == 0) {
		vec_push(&heap->items, item);
		heap->places.v[id] = (uint32_t)heap->items.n;
	}
	settle(heap, heap->places.v[id] - 1, item);
}

void heap_remove(struct heap *heap, uint32_t id)
{
	if (id >= heap->places.n || heap->places.v[id] == 0)
		return;
	size_t at = heap->places.v[id] - 1;
	heap->places.v[id] = 0;
	struct heap_item last = vec_pop(&heap->items);
	if (at < heap->items.n)
		settle(heap, at, last);
}

const struct heap_item *heap_first(const struct heap *heap)
{
	return heap->items.n > 0 ? &heap->items.v[0] : NULL;
}

void heap_release(struct heap *heap)
{
	vec_release(&heap->items);
	vec_release(&heap->places);
}
