#include "io/journal_chain.h"

#include "base/check.h"
#include "testing.h"

static const struct journal_run run = {
	.id = {"r1", 2},
	.project = {"platform", 8},
	.app = {"web", 3},
	.revision = {"4f2a", 4},
	.plan = {"{}", 2},
	.submitted_at = {1000},
	.submitter = {"ann", 3},
	.submitter_uid = 1001,
};

static const struct journal_event event = {.wall = {-3},
					   .mono = {4},
					   .boot_id = {"boot", 4},
					   .body = {"body", 4},
					   .seq = 1,
					   .epoch = 2};

/* Made outside by the words of the header. If one of these changes, journals on disk are lost. */
static void the_hashes_are_those_that_the_header_describes(void **state)
{
	struct sha256 origin = journal_origin(&run);
	struct journal_run over = {.count = 1, .is_over = true};

	assert_string_equal(sha256_hex(&origin).s,
			    "285af3ec7c0fae2d2a4a887cf771c70e95e2ff6f3e03236d9af5e62e7c675812");
	over.head = journal_link(&origin, &event);
	assert_string_equal(sha256_hex(&over.head).s,
			    "d60b8a9415351db3d905f3c7b98afc92b838327a2ad54210fa8b176e3ddba8b0");
	struct sha256 seal = journal_seal(&origin, &over);
	assert_string_equal(sha256_hex(&seal).s,
			    "735df018a560be8cd583fb97c3c05b7d6176415b438d38f354162cbf62f05f46");
}

static void assert_other_origin(struct journal_run changed)
{
	struct sha256 a = journal_origin(&run), b = journal_origin(&changed);

	assert_false(sha256_same(&a, &b));
}

static void each_word_of_a_run_counts(void **state)
{
	struct journal_run changed[8];

	for (size_t i = 0; i < COUNTOF(changed); i++)
		changed[i] = run;
	changed[0].id = STR("r2");
	changed[1].project = STR("platforn");
	changed[2].app = STR("wec");
	changed[3].revision = STR("4f2b");
	changed[4].plan = STR("{ }");
	changed[5].submitted_at.ms++;
	changed[6].submitter = STR("bob");
	changed[7].submitter_uid++;
	for (size_t i = 0; i < COUNTOF(changed); i++)
		assert_other_origin(changed[i]);
}

static void letters_cannot_wander_from_one_text_to_the_next(void **state)
{
	struct journal_run changed = run;

	changed.project = STR("platformw");
	changed.app = STR("eb");
	assert_other_origin(changed);
}

static void each_word_of_an_event_counts_and_so_does_what_was_before(void **state)
{
	struct sha256 origin = journal_origin(&run), hash = journal_link(&origin, &event);
	struct journal_event changed[6];

	for (size_t i = 0; i < COUNTOF(changed); i++)
		changed[i] = event;
	changed[0].wall.ms++;
	changed[1].mono.ms++;
	changed[2].boot_id = STR("bood");
	changed[3].body = STR("bodi");
	changed[4].seq++;
	changed[5].epoch++;
	for (size_t i = 0; i < COUNTOF(changed); i++) {
		struct sha256 other = journal_link(&origin, &changed[i]);
		assert_false(sha256_same(&hash, &other));
	}
	struct sha256 other = journal_link(&hash, &event);
	assert_false(sha256_same(&hash, &other));
}

static void the_seal_is_over_what_changes_in_a_row(void **state)
{
	struct sha256 origin = journal_origin(&run);
	struct journal_run row = {.count = 7, .head = origin};
	struct sha256 seal = journal_seal(&origin, &row);
	struct journal_run changed[3] = {row, row, row};

	changed[0].count++;
	changed[1].is_over = true;
	changed[2].head.b[31] ^= 1;
	for (size_t i = 0; i < COUNTOF(changed); i++) {
		struct sha256 other = journal_seal(&origin, &changed[i]);
		assert_false(sha256_same(&seal, &other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hashes_are_those_that_the_header_describes),
		cmocka_unit_test(each_word_of_a_run_counts),
		cmocka_unit_test(letters_cannot_wander_from_one_text_to_the_next),
		cmocka_unit_test(each_word_of_an_event_counts_and_so_does_what_was_before),
		cmocka_unit_test(the_seal_is_over_what_changes_in_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
