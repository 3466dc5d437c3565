#include "base/heap.h"

#include "base/prng.h"
#include "testing.h"

enum { IDS = 50 };

static void the_smallest_key_is_first_and_equal_ones_come_by_id(void **state)
{
	struct heap heap = {0};

	assert_null(heap_first(&heap));
	heap_put(&heap, 7, 20);
	heap_put(&heap, 3, 10);
	heap_put(&heap, 2, 10);
	assert_int_equal(heap_first(&heap)->id, 2);
	heap_put(&heap, 2, 30);
	assert_int_equal(heap_first(&heap)->id, 3);
	heap_remove(&heap, 3);
	heap_remove(&heap, 3);
	heap_remove(&heap, 1'000);
	assert_int_equal(heap_first(&heap)->id, 7);
	assert_int_equal(heap_first(&heap)->key, 20);
	heap_release(&heap);
}

static uint32_t first_of(const int64_t *keys)
{
	uint32_t first = IDS;
	for (uint32_t i = 0; i < IDS; i++)
		if (keys[i] >= 0 && (first == IDS || keys[i] < keys[first]))
			first = i;
	return first;
}

static void it_agrees_with_a_list_that_is_searched(void **state)
{
	struct heap heap = {0};
	struct prng prng;
	int64_t keys[IDS];

	prng_seed(&prng, 1);
	for (size_t i = 0; i < IDS; i++)
		keys[i] = -1;
	for (int i = 0; i < 20'000; i++) {
		uint32_t id = (uint32_t)prng_below(&prng, IDS);
		if (prng_chance(&prng, 1, 3)) {
			heap_remove(&heap, id);
			keys[id] = -1;
		} else {
			keys[id] = (int64_t)prng_below(&prng, 40);
			heap_put(&heap, id, keys[id]);
		}
		uint32_t first = first_of(keys);
		if (first == IDS) {
			assert_null(heap_first(&heap));
			continue;
		}
		assert_int_equal(heap_first(&heap)->id, first);
		assert_int_equal(heap_first(&heap)->key, keys[first]);
	}
	heap_release(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_key_is_first_and_equal_ones_come_by_id),
		cmocka_unit_test(it_agrees_with_a_list_that_is_searched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
