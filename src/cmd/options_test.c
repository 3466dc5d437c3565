#include "cmd/options.h"

#include "testing.h"

#include "base/check.h"

struct inner {
	struct str text;
	struct text_list list;
};

struct flags {
	bool flag;
	int choice;
	uint32_t count;
	int64_t time_ms;
	struct inner inner;
};

static const char *const choices[] = {"one", "two", NULL};

static const struct option own[] = {
	{"flag", 'f', OPTION_FLAG, OPTION_IN(struct flags, flag, bool), .help = "h"},
	{"choice", 0, OPTION_CHOICE, OPTION_IN(struct flags, choice, int), .value = "one|two",
	 .help = "h", .fallback = "two", .choices = choices},
	{"count", 'c', OPTION_COUNT, OPTION_IN(struct flags, count, uint32_t), .value = "N",
	 .help = "h", .fallback = "7", .max = 10},
	{"health-timeout", 0, OPTION_DURATION, OPTION_IN(struct flags, time_ms, int64_t),
	 .value = "TIME", .help = "h", .fallback = "10m"},
};

static const struct option shared[] = {
	{"text", 't', OPTION_TEXT, OPTION_IN(struct inner, text, struct str), .value = "TEXT",
	 .help = "h"},
	{"list", 'l', OPTION_LIST, OPTION_IN(struct inner, list, struct text_list), .value = "TEXT",
	 .help = "h"},
};

static const struct option_table tables[] = {
	{"Own", own, COUNTOF(own), 0},
	{"Shared", shared, COUNTOF(shared), offsetof(struct flags, inner)},
};

struct parsed {
	struct flags flags;
	struct text_list operands;
	struct err err;
	int result;
};

static void parse_words(struct parsed *parsed, int argc, const char *const *argv)
{
	*parsed = (struct parsed){0};
	options_init(tables, COUNTOF(tables), &parsed->flags);
	parsed->result = options_parse(tables, COUNTOF(tables), argc,
				       (char *const *)(uintptr_t)argv, &parsed->flags,
				       &parsed->operands, &parsed->err);
}

static void release(struct parsed *parsed)
{
	options_release(tables, COUNTOF(tables), &parsed->flags);
	vec_release(&parsed->operands);
}

/* parse(&parsed, "--flag", "-c", "3") */
#define parse(parsed, ...)                                                                         \
	parse_words((parsed), (int)COUNTOF(((const char *const[]){__VA_ARGS__})),                  \
		    (const char *const[]){__VA_ARGS__})

#define assert_refused(text, ...)                                                                  \
	do {                                                                                       \
		struct parsed refused_;                                                            \
		parse(&refused_, __VA_ARGS__);                                                     \
		assert_fails(refused_.result, &refused_.err, E_USAGE, text);                       \
		release(&refused_);                                                                \
	} while (0)

static void what_is_not_given_has_its_default(void **state)
{
	struct parsed p;
	parse_words(&p, 0, NULL);
	assert_int_equal(p.result, 0);
	assert_false(p.flags.flag);
	assert_int_equal(p.flags.choice, 1);
	assert_int_equal(p.flags.count, 7);
	assert_int_equal(p.flags.time_ms, 600'000);
	assert_null(p.flags.inner.text.p);
	assert_int_equal(p.flags.inner.list.n, 0);
	release(&p);
}

static void every_way_to_write_a_value_is_understood(void **state)
{
	struct parsed p;
	parse(&p, "--text=a=b", "--count", "3", "-f", "--health-timeout=1h30m", "--choice=one");
	assert_works(p.result, &p.err);
	assert_str(p.flags.inner.text, "a=b");
	assert_int_equal(p.flags.count, 3);
	assert_true(p.flags.flag);
	assert_int_equal(p.flags.time_ms, 5'400'000);
	assert_int_equal(p.flags.choice, 0);
	release(&p);

	parse(&p, "-c3", "-t=x", "--flag=false");
	assert_works(p.result, &p.err);
	assert_int_equal(p.flags.count, 3);
	assert_str(p.flags.inner.text, "x");
	assert_false(p.flags.flag);
	release(&p);

	parse(&p, "-c", "3", "--text=");
	assert_works(p.result, &p.err);
	assert_non_null(p.flags.inner.text.p);
	assert_int_equal(p.flags.inner.text.n, 0);
	release(&p);
}

static void a_list_takes_all_it_is_given(void **state)
{
	struct parsed p;
	parse(&p, "--list=a", "-l", "b", "-lc");
	assert_works(p.result, &p.err);
	assert_int_equal(p.flags.inner.list.n, 3);
	assert_str(p.flags.inner.list.v[0], "a");
	assert_str(p.flags.inner.list.v[2], "c");
	release(&p);
}

static void what_is_no_flag_is_an_operand(void **state)
{
	struct parsed p;
	parse(&p, "a", "-f", "-", "--", "--flag", "--");
	assert_works(p.result, &p.err);
	assert_int_equal(p.operands.n, 4);
	assert_str(p.operands.v[0], "a");
	assert_str(p.operands.v[1], "-");
	assert_str(p.operands.v[2], "--flag");
	assert_str(p.operands.v[3], "--");
	release(&p);
}

static void an_unknown_flag_is_told_with_the_nearest(void **state)
{
	assert_refused("unknown flag --helth-timeout; did you mean --health-timeout?",
		       "--helth-timeout=1m");
	assert_refused("unknown flag --nonsense", "--nonsense");
	assert_refused("unknown flag -x", "-x");
	assert_refused("unknown flag --", "--=x");
}

static void a_missing_value_is_told(void **state)
{
	assert_refused("--text needs a value: --text=TEXT", "--text");
	assert_refused("--text needs a value; if it is '--flag', write --text='--flag'", "--text",
		       "--flag");
	assert_refused("--count needs a value: --count=N", "-c");
}

static void a_wrong_value_is_told(void **state)
{
	assert_refused("--count is a number from 1 to 10, not '0'", "--count=0");
	assert_refused("--count is a number from 1 to 10, not '11'", "--count=11");
	assert_refused("--count is a number from 1 to 10, not 'x'", "-cx");
	assert_refused("--choice is one of one|two, not 'three'", "--choice=three");
	assert_refused("--flag is true or false, not 'yes'", "--flag=yes");
	assert_refused("-fx: write flags one by one", "-fx");
}

static void a_wrong_duration_is_told_with_its_column(void **state)
{
	struct parsed p;
	parse(&p, "--health-timeout=10x");
	assert_int_equal(p.result, -1);
	assert_int_equal(p.err.code, E_USAGE);
	assert_int_equal(p.err.column, 3);
	assert_true(str_starts(
		str_of(p.err.text),
		STR("--health-timeout '10x' (a time is written like 90s or 1h30m): column 3:")));
	release(&p);
	parse(&p, "--health-timeout=-5s");
	assert_int_equal(p.result, -1);
	release(&p);
}

static void nothing_but_a_list_is_given_twice(void **state)
{
	assert_refused("--text is given twice", "--text=a", "--text=a");
	assert_refused("--flag is given twice", "-f", "--flag");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_default),
		cmocka_unit_test(every_way_to_write_a_value_is_understood),
		cmocka_unit_test(a_list_takes_all_it_is_given),
		cmocka_unit_test(what_is_no_flag_is_an_operand),
		cmocka_unit_test(an_unknown_flag_is_told_with_the_nearest),
		cmocka_unit_test(a_missing_value_is_told),
		cmocka_unit_test(a_wrong_value_is_told),
		cmocka_unit_test(a_wrong_duration_is_told_with_its_column),
		cmocka_unit_test(nothing_but_a_list_is_given_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
