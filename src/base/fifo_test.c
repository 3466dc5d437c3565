#include "base/fifo.h"

#include "testing.h"

static void what_came_first_is_taken_first(void **state)
{
	struct fifo fifo = {0};
	uint32_t number, next = 0, taken = 0;

	assert_false(fifo_take(&fifo, &number));
	for (int round = 0; round < 1'000; round++) {
		for (int i = 0; i < round % 7; i++)
			fifo_push(&fifo, next++);
		for (int i = 0; i < round % 5 && fifo_take(&fifo, &number); i++)
			assert_int_equal(number, taken++);
	}
	while (fifo_take(&fifo, &number))
		assert_int_equal(number, taken++);
	assert_int_equal(taken, next);
	fifo_release(&fifo);
}

static void its_room_is_used_again(void **state)
{
	struct fifo fifo = {0};
	uint32_t number;

	for (uint32_t i = 0; i < 10'000; i++) {
		fifo_push(&fifo, i);
		assert_true(fifo_take(&fifo, &number));
	}
	assert_true(fifo.items.cap < 100);
	fifo_release(&fifo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_first_is_taken_first),
		cmocka_unit_test(its_room_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
