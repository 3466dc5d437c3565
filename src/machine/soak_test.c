#include "machine/soak.h"

#include "testing.h"

static instant at(int64_t s)
{
	return (instant){s * 1000};
}

static void what_counts_is_the_way_between_two_good_looks(void **state)
{
	struct soak soak = {0};

	soak_look(&soak, at(100), true);
	assert_int_equal(soak.counted_ms, 0);
	soak_look(&soak, at(115), true);
	soak_look(&soak, at(130), true);
	assert_int_equal(soak_take(&soak), 30'000);
	assert_int_equal(soak_take(&soak), 0);
}

static void a_bad_look_ends_a_way_and_begins_none(void **state)
{
	struct soak soak = {0};

	soak_look(&soak, at(100), true);
	soak_look(&soak, at(115), true);
	soak_look(&soak, at(130), false);
	soak_look(&soak, at(145), true);
	soak_look(&soak, at(160), true);
	assert_int_equal(soak_take(&soak), 30'000);
}

static void what_nobody_watched_does_not_count(void **state)
{
	struct soak soak = {0};

	soak_look(&soak, at(100), true);
	soak_look(&soak, at(3'700), true); /* an hour later */
	soak_look(&soak, at(3'710), true);
	assert_int_equal(soak_take(&soak), 10'000);
}

static void an_older_look_takes_nothing_away(void **state)
{
	struct soak soak = {0};

	soak_look(&soak, at(100), true);
	soak_look(&soak, at(110), true);
	soak_look(&soak, at(105), true);
	assert_int_equal(soak_take(&soak), 10'000);
}

static void it_is_due_when_a_good_look_would_end_it(void **state)
{
	struct soak soak = {0};

	assert_true(instant_is_never(soak_due(&soak, 60'000)));
	soak_look(&soak, at(100), true);
	assert_int_equal(soak_due(&soak, 60'000).ms, 160'000);
	soak_look(&soak, at(115), true);
	assert_int_equal(soak_due(&soak, 60'000).ms, 160'000);
	soak_take(&soak);
	assert_int_equal(soak_due(&soak, 45'000).ms, 160'000);
	soak_look(&soak, at(120), false);
	assert_true(instant_is_never(soak_due(&soak, 45'000)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counts_is_the_way_between_two_good_looks),
		cmocka_unit_test(a_bad_look_ends_a_way_and_begins_none),
		cmocka_unit_test(what_nobody_watched_does_not_count),
		cmocka_unit_test(an_older_look_takes_nothing_away),
		cmocka_unit_test(it_is_due_when_a_good_look_would_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
