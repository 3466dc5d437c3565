#include "draft/vocabulary.h"

#include "base/check.h"
#include "testing.h"

static void words_have_their_place_however_they_are_written(void **state)
{
	static const struct {
		const char *value;
		enum vocabulary_fit fit;
		enum stage_rank rank;
	} rows[] = {
		{"dev", VOCABULARY_WHOLE, RANK_DEV},
		{"Test", VOCABULARY_WHOLE, RANK_TEST},
		{"int", VOCABULARY_WHOLE, RANK_TEST},
		{"test2", VOCABULARY_WHOLE, RANK_TEST},
		{"UAT", VOCABULARY_WHOLE, RANK_QA},
		{"e2e", VOCABULARY_WHOLE, RANK_QA},
		{"stg", VOCABULARY_WHOLE, RANK_STAGING},
		{"pre-prod", VOCABULARY_WHOLE, RANK_STAGING},
		{"pre_production", VOCABULARY_WHOLE, RANK_STAGING},
		{"non-prod", VOCABULARY_WHOLE, RANK_STAGING},
		{"canary", VOCABULARY_WHOLE, RANK_CANARY},
		{"PRD", VOCABULARY_WHOLE, RANK_PRODUCTION},
		{"prod-1", VOCABULARY_WHOLE, RANK_PRODUCTION},
		{"live", VOCABULARY_WHOLE, RANK_PRODUCTION},
		{"dr", VOCABULARY_WHOLE, RANK_RECOVERY},
		{"prod-eu", VOCABULARY_PART, RANK_PRODUCTION},
		{"eu.prod.2", VOCABULARY_PART, RANK_PRODUCTION},
		{"prod-eu-prod", VOCABULARY_PART, RANK_PRODUCTION},
		{"eu-pre-prod", VOCABULARY_PART, RANK_STAGING},
		{"non-prod-eu", VOCABULARY_PART, RANK_STAGING},
		{"eu-test1", VOCABULARY_PART, RANK_TEST},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		enum stage_rank rank;
		enum vocabulary_fit fit = vocabulary_find(str_of(rows[i].value), &rank);
		if (fit != rows[i].fit || rank != rows[i].rank)
			fail_msg("%s: fit %d, rank %d", rows[i].value, fit, rank);
	}
}

static void what_is_no_word_or_two_of_them_is_not_known(void **state)
{
	static const char *const values[] = {
		"",	"-",	  "1",	     "eu",	   "blue",	    "frontend",
		"demo", "tester", "product", "test-prod",  "prod-to-stg",   "reproduction",
		"1.0",	"on",	  "devops",  "livestream", "staging-canary"};

	for (size_t i = 0; i < COUNTOF(values); i++) {
		enum stage_rank rank;
		if (vocabulary_find(str_of(values[i]), &rank) != VOCABULARY_NONE)
			fail_msg("'%s' is known", values[i]);
		assert_int_equal(rank, RANK_UNKNOWN);
	}
}

static void a_value_longer_than_any_label_is_no_word(void **state)
{
	char value[200];
	enum stage_rank rank;

	for (size_t i = 0; i < sizeof value; i++)
		value[i] = 'x';
	assert_int_equal(vocabulary_find(str_make(value, sizeof value), &rank), VOCABULARY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_their_place_however_they_are_written),
		cmocka_unit_test(what_is_no_word_or_two_of_them_is_not_known),
		cmocka_unit_test(a_value_longer_than_any_label_is_no_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
