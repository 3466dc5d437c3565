#include "base/prng.h"

#include "testing.h"

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct prng one, two;

	prng_seed(&one, 7);
	prng_seed(&two, 7);
	for (int i = 0; i < 1000; i++)
		assert_true(prng_next(&one) == prng_next(&two));
	prng_seed(&two, 8);
	assert_false(prng_next(&one) == prng_next(&two));
}

static void the_numbers_are_the_published_ones(void **state)
{
	/* xoshiro256** from the state 1, 2, 3, 4, as its authors' C code gives them. */
	static const uint64_t expected[] = {
		UINT64_C(11520),
		UINT64_C(0),
		UINT64_C(1509978240),
		UINT64_C(1215971899390074240),
	};
	struct prng prng = {.s = {1, 2, 3, 4}};
	/* The first output of splitmix64 from 0. */
	struct prng seeded;

	for (int i = 0; i < 4; i++)
		assert_true(prng_next(&prng) == expected[i]);
	prng_seed(&seeded, 0);
	assert_true(seeded.s[0] == UINT64_C(0xe220a8397b1dcdaf));
}

static void below_reaches_all_numbers_about_equally(void **state)
{
	struct prng prng;
	unsigned counts[7] = {0};

	prng_seed(&prng, 1);
	for (int i = 0; i < 70'000; i++)
		counts[prng_below(&prng, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(counts[i], 9'500, 10'500);
}

static void below_is_even_for_the_largest_ranges(void **state)
{
	/* Two thirds of 2^64: a bare remainder would hit the lower half twice as often. */
	const uint64_t n = UINT64_MAX / 3 * 2;
	struct prng prng;
	unsigned lower = 0;

	prng_seed(&prng, 1);
	for (int i = 0; i < 10'000; i++) {
		uint64_t number = prng_below(&prng, n);

		assert_true(number < n);
		lower += number < n / 2;
	}
	assert_in_range(lower, 4'700, 5'300);
}

static void below_one_is_zero_and_below_zero_is_nothing(void **state)
{
	struct prng prng;

	prng_seed(&prng, 1);
	assert_int_equal(prng_below(&prng, 1), 0);
	assert_dies("n > 0", prng_below(&prng, 0));
}

static void chances_are_kept(void **state)
{
	struct prng prng;
	int hits = 0;

	prng_seed(&prng, 1);
	for (int i = 0; i < 1000; i++) {
		assert_false(prng_chance(&prng, 0, 10));
		assert_true(prng_chance(&prng, 10, 10));
		hits += prng_chance(&prng, 3, 10);
	}
	assert_in_range(hits, 250, 350);
	assert_dies("times <= out_of", prng_chance(&prng, 2, 1));
}

static void an_unseeded_generator_is_an_error(void **state)
{
	struct prng prng = {0};

	assert_dies("check failed", prng_next(&prng));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_numbers),
		cmocka_unit_test(the_numbers_are_the_published_ones),
		cmocka_unit_test(below_reaches_all_numbers_about_equally),
		cmocka_unit_test(below_is_even_for_the_largest_ranges),
		cmocka_unit_test(below_one_is_zero_and_below_zero_is_nothing),
		cmocka_unit_test(chances_are_kept),
		cmocka_unit_test(an_unseeded_generator_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
