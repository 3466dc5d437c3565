#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "testing.h"

static void an_empty_map_has_nothing(void **state)
{
	auto_map struct map map = {0};
	uint32_t value = 5;

	assert_false(map_get(&map, STR("web"), &value));
	assert_int_equal(value, 5);
	assert_int_equal(map_count(&map), 0);
	map_clear(&map);
}

static void a_second_put_replaces_the_value(void **state)
{
	auto_map struct map map = MAP_INIT(1);
	uint32_t value;

	assert_true(map_put(&map, STR("web"), 1));
	assert_false(map_put(&map, STR("web"), 2));
	assert_true(map_get(&map, STR("web"), &value));
	assert_int_equal(value, 2);
	assert_true(map_get(&map, STR("web"), NULL));
	assert_int_equal(map_count(&map), 1);
}

static void keys_are_copied(void **state)
{
	auto_map struct map map = MAP_INIT(1);
	char name[] = "web";

	map_put(&map, str_of(name), 1);
	memset(name, 'x', 3);
	assert_true(map_get(&map, STR("web"), NULL));
	assert_false(map_get(&map, STR("xxx"), NULL));
}

static void keys_are_bytes_of_any_kind_and_length(void **state)
{
	auto_map struct map map = MAP_INIT(1);
	static const char zeroes[40];
	uint32_t value;

	/* All of these look alike to a hash that forgets the length. */
	for (uint32_t n = 0; n <= sizeof(zeroes); n++)
		assert_true(map_put(&map, str_make(zeroes, n), n));
	for (uint32_t n = 0; n <= sizeof(zeroes); n++) {
		assert_true(map_get(&map, str_make(zeroes, n), &value));
		assert_int_equal(value, n);
	}
	assert_false(map_put(&map, (struct str){0}, 0));
}

static void many_keys_are_all_found(void **state)
{
	auto_map struct map map = MAP_INIT(99);
	char name[32];
	uint32_t value;

	for (uint32_t i = 0; i < 20'000; i++) {
		snprintf(name, sizeof(name), "app-%u-prod", i);
		assert_true(map_put(&map, str_of(name), i));
	}
	for (uint32_t i = 0; i < 20'000; i++) {
		snprintf(name, sizeof(name), "app-%u-prod", i);
		assert_true(map_get(&map, str_of(name), &value));
		assert_int_equal(value, i);
	}
	assert_false(map_get(&map, STR("app-20000-prod"), NULL));
}

static void the_order_is_that_of_insertion_for_every_seed(void **state)
{
	static const char *const names[] = {"test", "staging", "prod-eu", "prod-us", "dev"};

	for (uint64_t seed = 0; seed < 50; seed++) {
		auto_map struct map map = MAP_INIT(seed);
		uint32_t n = 0;

		for (uint32_t i = 0; i < 5; i++)
			map_put(&map, str_of(names[i]), i);
		map_put(&map, STR("test"), 0);
		map_each(entry, &map) {
			assert_str(entry->key, names[n]);
			assert_int_equal(entry->value, n++);
		}
		assert_int_equal(n, 5);
	}
}

static void the_seed_changes_where_keys_collide(void **state)
{
	auto_map struct map one = MAP_INIT(1), two = MAP_INIT(2);

	map_put(&one, STR("web"), 0);
	map_put(&two, STR("web"), 0);
	assert_int_not_equal(one.entries.v[0].hash, two.entries.v[0].hash);
}

static void a_cleared_map_can_be_filled_again(void **state)
{
	struct map map = MAP_INIT(3);

	for (int round = 0; round < 3; round++) {
		assert_true(map_put(&map, STR("a"), 1));
		assert_true(map_put(&map, STR("b"), 2));
		map_clear(&map);
		assert_false(map_get(&map, STR("a"), NULL));
		assert_int_equal(map_count(&map), 0);
	}
	map_release(&map);
	assert_true(map_put(&map, STR("a"), 1));
	assert_int_equal(map.seed, 3);
	map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(a_second_put_replaces_the_value),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(keys_are_bytes_of_any_kind_and_length),
		cmocka_unit_test(many_keys_are_all_found),
		cmocka_unit_test(the_order_is_that_of_insertion_for_every_seed),
		cmocka_unit_test(the_seed_changes_where_keys_collide),
		cmocka_unit_test(a_cleared_map_can_be_filled_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
