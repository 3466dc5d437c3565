#include "base/when.h"

#include "base/check.h"
#include "testing.h"

static void deadlines_saturate(void **state)
{
	instant t = {1000};

	assert_int_equal(instant_add(t, 500).ms, 1500);
	assert_int_equal(instant_add(t, -1500).ms, -500);
	assert_true(instant_is_never(instant_add(t, INT64_MAX)));
	assert_true(instant_is_never(instant_add(INSTANT_NEVER, 500)));
	assert_true(instant_is_never(instant_add(INSTANT_NEVER, -500)));
	assert_true(instant_add((instant){INT64_MIN}, -1).ms == INT64_MIN);
	assert_int_equal(instant_since((instant){1500}, t), 500);
	assert_int_equal(instant_since(t, (instant){1500}), -500);
	assert_true(instant_since(INSTANT_NEVER, (instant){-5}) == INT64_MAX);
	assert_true(instant_since((instant){-5}, (instant){INT64_MAX}) == INT64_MIN);
}

static void the_earlier_instant_is_the_smaller(void **state)
{
	instant early = {1}, late = {2};

	assert_true(instant_cmp(early, late) < 0);
	assert_true(instant_cmp(late, early) > 0);
	assert_int_equal(instant_cmp(late, late), 0);
	assert_int_equal(instant_min(early, late).ms, 1);
	assert_int_equal(instant_min(INSTANT_NEVER, late).ms, 2);
	assert_true(wall_cmp((wall){1}, (wall){2}) < 0);
	assert_int_equal(wall_since(wall_add((wall){1}, 9), (wall){1}), 9);
}

struct wall_case {
	const char *text;
	int64_t ms;
};

static void kubernetes_stamps_are_read(void **state)
{
	static const struct wall_case cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T21:47:27Z", 1795470447'000},
		{"2026-11-23T21:47:27.5Z", 1795470447'500},
		{"2026-11-23T21:47:27.123456789Z", 1795470447'123},
		{"2026-11-23T21:47:27.0009Z", 1795470447'000},
		{"2026-11-23T22:47:27+01:00", 1795470447'000},
		{"2026-11-23T16:17:27.25-05:30", 1795470447'250},
		{"2026-11-23t21:47:27z", 1795470447'000},
		{"2026-11-23T21:47:27-00:00", 1795470447'000},
		{"2024-02-29T12:00:00Z", 1709208000'000},
		{"2000-02-29T00:00:00Z", 951782400'000},
		{"1969-12-31T23:59:59.999Z", -1},
		{"0001-01-01T00:00:00Z", -62135596800'000},
		{"9999-12-31T23:59:59.999Z", 253402300799'999},
		/* A leap second is the second that follows it. */
		{"2016-12-31T23:59:60Z", 1483228800'000},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		wall t;

		if (!wall_parse(str_of(cases[i].text), &t))
			fail_msg("not read: %s", cases[i].text);
		if (t.ms != cases[i].ms)
			fail_msg("%s is %lld", cases[i].text, (long long)t.ms);
	}
}

static void other_stamps_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"now",
		"2026-11-23",
		"2026-11-23T21:47:27",
		"2026-11-23T21:47Z",
		"2026-11-23 21:47:27Z",
		"2026-11-23T21:47:27Z ",
		" 2026-11-23T21:47:27Z",
		"2026-11-23T21:47:27.Z",
		"2026-11-23T21:47:27,5Z",
		"2026-11-23T21:47:27+0100",
		"2026-11-23T21:47:27+01",
		"2026-11-23T21:47:27+24:00",
		"2026-11-23T21:47:61Z",
		"2026-11-23T21:60:00Z",
		"2026-11-23T24:00:00Z",
		"2026-11-31T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-00-10T00:00:00Z",
		"2026-13-10T00:00:00Z",
		"2026-10-00T00:00:00Z",
		"0000-10-01T00:00:00Z",
		"-026-11-23T21:47:27Z",
		"2026-1-23T21:47:27Z",
		"2026-11-23T-1:47:27Z",
		"12026-11-23T21:47:27Z",
	};

	for (size_t i = 0; i < COUNTOF(wrong); i++) {
		wall t = {42};

		if (wall_parse(str_of(wrong[i]), &t))
			fail_msg("read as %lld: %s", (long long)t.ms, wrong[i]);
		assert_int_equal(t.ms, 42);
	}
}

static void a_stamp_cut_short_is_refused(void **state)
{
	struct str whole = STR("2026-11-23T21:47:27.125+01:00");
	wall t;

	for (size_t n = 0; n < whole.n; n++)
		assert_false(wall_parse(str_first(whole, n), &t));
	assert_true(wall_parse(whole, &t));
}

static void walls_are_written_as_they_are_read(void **state)
{
	static const char *const stamps[] = {
		"2026-11-23T21:47:27Z",	    "2026-11-23T21:47:27.005Z", "1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59.999Z", "1600-02-29T01:02:03Z",	"0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999Z", "2100-03-01T00:00:00Z",
	};

	for (size_t i = 0; i < COUNTOF(stamps); i++) {
		wall t;

		assert_true(wall_parse(str_of(stamps[i]), &t));
		assert_string_equal(wall_format(t).s, stamps[i]);
	}
}

static void every_day_of_ten_thousand_years_comes_back(void **state)
{
	const int64_t day_ms = 24 * 3600 * 1000;
	wall t, back;

	assert_true(wall_parse(STR("0001-01-01T12:34:56Z"), &t));
	for (int64_t day = 0; day < 3'652'059; day += 13, t = wall_add(t, 13 * day_ms)) {
		assert_true(wall_parse(str_of(wall_format(t).s), &back));
		assert_int_equal(back.ms, t.ms);
	}
}

static void times_that_cannot_be_written_are_the_nearest(void **state)
{
	assert_string_equal(wall_format((wall){INT64_MIN}).s, "0001-01-01T00:00:00Z");
	assert_string_equal(wall_format((wall){INT64_MAX}).s, "9999-12-31T23:59:59.999Z");
}

struct duration_case {
	const char *text;
	int64_t ms;
};

static void durations_are_read_as_go_reads_them(void **state)
{
	static const struct duration_case cases[] = {
		{"0", 0},
		{"0s", 0},
		{"90s", 90'000},
		{"1h30m", 5'400'000},
		{"250ms", 250},
		{"1.5h", 5'400'000},
		{"1.s", 1000},
		{".5s", 500},
		{"1m1h", 3'660'000},
		{"2s2s", 4000},
		{"72h", 259'200'000},
		{"0.001s", 1},
		{"1.5000000000000s", 1500},
		{"0.00000250h", 9},
		{"876000h", DURATION_MS_MAX},
		{"00000000000000000000001s", 1000},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		int64_t ms = -1;
		struct err err;

		if (duration_parse(str_of(cases[i].text), &ms, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(ms, cases[i].ms);
	}
}

struct duration_failure {
	const char *text;
	enum err_code code;
	unsigned column;
	const char *message;
};

static void a_wrong_duration_says_what_and_where(void **state)
{
	static const struct duration_failure cases[] = {
		{"", E_SYNTAX, 1, "column 1: a duration is missing, such as 90s or 1h30m"},
		{"-5s", E_SYNTAX, 1, "column 1: a duration cannot be negative"},
		{"ten", E_SYNTAX, 1, "column 1: expected a number, as in 90s or 1h30m"},
		{".s", E_SYNTAX, 1, "column 1: expected a number, as in 90s or 1h30m"},
		{" 5s", E_SYNTAX, 1, "column 1: expected a number, as in 90s or 1h30m"},
		{"90", E_SYNTAX, 3, "column 3: the unit after '90' is missing (h, m, s or ms)"},
		{"1h30", E_SYNTAX, 5, "column 5: the unit after '30' is missing (h, m, s or ms)"},
		{"00", E_SYNTAX, 3, "column 3: the unit after '00' is missing (h, m, s or ms)"},
		{"1.2.3s", E_SYNTAX, 4,
		 "column 4: the unit after '1.2' is missing (h, m, s or ms)"},
		{"2d", E_SYNTAX, 2, "column 2: unknown unit 'd' (use h, m, s or ms)"},
		{"1h5x", E_SYNTAX, 4, "column 4: unknown unit 'x' (use h, m, s or ms)"},
		{"5 s", E_SYNTAX, 2, "column 2: unknown unit ' s' (use h, m, s or ms)"},
		{"5S", E_SYNTAX, 2, "column 2: unknown unit 'S' (use h, m, s or ms)"},
		{"5µs", E_SYNTAX, 2, "column 2: unknown unit 'µs' (use h, m, s or ms)"},
		{"1h0.5ms", E_SYNTAX, 3, "column 3: '0.5ms' is not a whole number of milliseconds"},
		{"0.1234567891s", E_SYNTAX, 1,
		 "column 1: '0.1234567891s' is not a whole number of milliseconds"},
		{"876000h1ms", E_LIMIT, 8, "column 8: a duration is at most 100 years"},
		{"876001h", E_LIMIT, 1, "column 1: a duration is at most 100 years"},
		{"99999999999999999999999h", E_LIMIT, 1,
		 "column 1: a duration is at most 100 years"},
		{"9223372036854775807h", E_LIMIT, 1, "column 1: a duration is at most 100 years"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		int64_t ms = 42;
		struct err err;

		assert_fails(duration_parse(str_of(cases[i].text), &ms, &err), &err, cases[i].code,
			     cases[i].message);
		assert_int_equal(err.column, cases[i].column);
		assert_int_equal(ms, 42);
	}
}

static void durations_are_written_short(void **state)
{
	static const struct duration_case cases[] = {
		{"0s", 0},	     {"1ms", 1},	{"999ms", 999},	     {"1s", 1000},
		{"1s", 1099},	     {"4.1s", 4120},	{"9.9s", 9999},	     {"10s", 10'900},
		{"59s", 59'999},     {"1m", 60'000},	{"1m30s", 90'000},   {"59m59s", 3'599'999},
		{"1h", 3'600'000},   {"1h", 3'659'000}, {"2h5m", 7'500'000}, {"72h", 259'200'000},
		{"-1m30s", -90'000},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++)
		assert_string_equal(duration_format(cases[i].ms).s, cases[i].text);
	assert_true(str_starts(str_of(duration_format(INT64_MIN).s), STR("-2562047788015h")));
	assert_true(str_starts(str_of(duration_format(INT64_MAX).s), STR("2562047788015h")));
}

static void what_is_written_can_be_read_and_is_never_more(void **state)
{
	for (int64_t ms = 0; ms < 10'000'000; ms += 1237) {
		struct when_text text = duration_format(ms);
		struct err err;
		int64_t back;

		assert_works(duration_parse(str_of(text.s), &back, &err), &err);
		assert_true(back <= ms);
		assert_true(ms - back < 60'000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_saturate),
		cmocka_unit_test(the_earlier_instant_is_the_smaller),
		cmocka_unit_test(kubernetes_stamps_are_read),
		cmocka_unit_test(other_stamps_are_refused),
		cmocka_unit_test(a_stamp_cut_short_is_refused),
		cmocka_unit_test(walls_are_written_as_they_are_read),
		cmocka_unit_test(every_day_of_ten_thousand_years_comes_back),
		cmocka_unit_test(times_that_cannot_be_written_are_the_nearest),
		cmocka_unit_test(durations_are_read_as_go_reads_them),
		cmocka_unit_test(a_wrong_duration_says_what_and_where),
		cmocka_unit_test(durations_are_written_short),
		cmocka_unit_test(what_is_written_can_be_read_and_is_never_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
