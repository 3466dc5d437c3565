#include "base/vec.h"

#include "testing.h"

struct stage {
	int number;
	const char *name;
};

struct stage_list VEC_OF(struct stage);

static int sum_of_numbers(const struct stage_list *stages)
{
	int sum = 0;

	vec_each(stage, stages)
		sum += stage->number;
	return sum;
}

static void pushed_items_come_in_order(void **state)
{
	VEC(int) numbers = {0};

	for (int i = 0; i < 1000; i++)
		vec_push(&numbers, i * i);
	assert_int_equal(numbers.n, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(numbers.v[i], i * i);
	vec_release(&numbers);
	assert_null(numbers.v);
	assert_int_equal(numbers.n + numbers.cap, 0);
}

static void structs_can_be_pushed_and_lists_passed(void **state)
{
	struct stage_list stages = {0};

	vec_push(&stages, (struct stage){.number = 1, .name = "test"});
	vec_push(&stages, (struct stage){.number = 2, .name = "prod"});
	assert_int_equal(sum_of_numbers(&stages), 3);
	assert_string_equal(vec_last(&stages).name, "prod");
	vec_release(&stages);
}

static void an_own_item_can_be_pushed_while_it_moves(void **state)
{
	VEC(int) numbers = {0};

	vec_push(&numbers, 42);
	while (numbers.n < numbers.cap)
		vec_push(&numbers, 0);
	vec_push(&numbers, numbers.v[0]);
	assert_int_equal(vec_last(&numbers), 42);
	vec_release(&numbers);
}

static void the_vector_is_evaluated_once(void **state)
{
	struct stage_list lists[2] = {0}, *next = lists;

	vec_push(next++, (struct stage){.number = 1});
	assert_ptr_equal(next, lists + 1);
	assert_int_equal(lists[0].n, 1);
	vec_release(&lists[0]);
}

static void reserved_room_does_not_move(void **state)
{
	VEC(int) numbers = {0};
	int *before;

	vec_reserve(&numbers, 100);
	before = numbers.v;
	for (int i = 0; i < 100; i++)
		vec_push(&numbers, i);
	assert_ptr_equal(numbers.v, before);
	vec_reserve(&numbers, 0);
	assert_ptr_equal(numbers.v, before);
	vec_release(&numbers);
}

static void indices_are_checked(void **state)
{
	VEC(int) numbers = {0};

	assert_dies("n > 0", (void)vec_pop(&numbers));
	assert_dies("n > 0", (void)vec_last(&numbers));
	vec_push(&numbers, 1);
	vec_at(&numbers, 0) = 7;
	assert_int_equal(vec_at(&numbers, 0), 7);
	assert_dies("i < n", vec_at(&numbers, 1) = 8);
	assert_dies("i < *n", vec_remove(&numbers, 1));
	vec_release(&numbers);
}

static void popping_takes_off_the_last(void **state)
{
	VEC(int) numbers = {0};

	vec_push(&numbers, 1);
	vec_push(&numbers, 2);
	assert_int_equal(vec_pop(&numbers), 2);
	assert_int_equal(vec_pop(&numbers), 1);
	assert_int_equal(numbers.n, 0);
	vec_release(&numbers);
}

static void removing_keeps_the_order(void **state)
{
	VEC(int) numbers = {0};

	for (int i = 0; i < 5; i++)
		vec_push(&numbers, i);
	vec_remove(&numbers, 0);
	vec_remove(&numbers, 3);
	vec_remove(&numbers, 1);
	assert_int_equal(numbers.n, 2);
	assert_int_equal(numbers.v[0], 1);
	assert_int_equal(numbers.v[1], 3);
	vec_release(&numbers);
}

static void a_loop_over_nothing_does_nothing(void **state)
{
	struct stage_list none = {0};

	vec_each(stage, &none)
		fail_msg("there is no item %p", (void *)stage);
	vec_push(&none, (struct stage){.number = 1});
	vec_clear(&none);
	assert_int_equal(sum_of_numbers(&none), 0);
	vec_release(&none);
	vec_release(&none);
}

static void loops_can_be_left_and_nested(void **state)
{
	VEC(int) numbers = {0};
	int pairs = 0;

	for (int i = 0; i < 4; i++)
		vec_push(&numbers, i);
	vec_each(a, &numbers) {
		if (*a == 3)
			break;
		vec_each(b, &numbers) {
			if (*b == 0)
				continue;
			pairs++;
		}
	}
	assert_int_equal(pairs, 9);
	vec_release(&numbers);
}

static void impossible_sizes_abort(void **state)
{
	VEC(int) numbers = {0};

	vec_push(&numbers, 1);
	assert_dies("memory for", vec_reserve(&numbers, SIZE_MAX));
	assert_dies("memory for", vec_reserve(&numbers, SIZE_MAX / 4));
	vec_release(&numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushed_items_come_in_order),
		cmocka_unit_test(structs_can_be_pushed_and_lists_passed),
		cmocka_unit_test(an_own_item_can_be_pushed_while_it_moves),
		cmocka_unit_test(the_vector_is_evaluated_once),
		cmocka_unit_test(reserved_room_does_not_move),
		cmocka_unit_test(indices_are_checked),
		cmocka_unit_test(popping_takes_off_the_last),
		cmocka_unit_test(removing_keeps_the_order),
		cmocka_unit_test(a_loop_over_nothing_does_nothing),
		cmocka_unit_test(loops_can_be_left_and_nested),
		cmocka_unit_test(impossible_sizes_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
