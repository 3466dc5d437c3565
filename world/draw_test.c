#include "world/draw.h"

#include "testing.h"
#include "world/census.h"
#include "world/shrink.h"

enum { SEEDS = 25 };

static struct str drawn_text(struct choice choice, enum subject subject, struct buf *script)
{
	struct drawn drawn;

	draw_story(&choice, subject, script, &drawn);
	return buf_view(script);
}

static void the_same_seed_draws_the_same_story(void **state)
{
	auto_buf struct buf one = BUF_INIT(DRAWN_BYTES_MAX), same = BUF_INIT(DRAWN_BYTES_MAX);
	auto_buf struct buf other = BUF_INIT(DRAWN_BYTES_MAX);

	drawn_text(choice_of_seed(7), SUBJECT_TIPHYS, &one);
	drawn_text(choice_of_seed(7), SUBJECT_TIPHYS, &same);
	drawn_text(choice_of_seed(8), SUBJECT_TIPHYS, &other);
	assert_true(str_eq(buf_view(&one), buf_view(&same)));
	assert_false(str_eq(buf_view(&one), buf_view(&other)));
}

static void bytes_that_have_run_out_draw_a_story_without_faults(void **state)
{
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
	struct choice choice = choice_of_bytes(STR(""));
	struct drawn drawn;

	draw_story(&choice, SUBJECT_TIPHYS, &script, &drawn);
	assert_int_equal(drawn.fault_count, 0);
	assert_int_equal(drawn.stage_count, 3);
	assert_int_equal(drawn.app_count, 3);
}

/* The lines about clusters, which every subject has. */
static void keep_clusters(struct str script, struct buf *out)
{
	struct str line;

	while (str_cut(&script, '\n', &line))
		if (str_starts(line, STR("cluster ")))
			buf_str(out, line);
}

static void every_subject_has_the_same_fleet(void **state)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		auto_buf struct buf one = BUF_INIT(DRAWN_BYTES_MAX);
		auto_buf struct buf clusters = BUF_INIT(DRAWN_BYTES_MAX);
		drawn_text(choice_of_seed(seed), SUBJECT_TIPHYS, &one);
		keep_clusters(buf_view(&one), &clusters);
		for (enum subject other = SUBJECT_ROLLING; other <= SUBJECT_PROMOTION; other++) {
			auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
			auto_buf struct buf same = BUF_INIT(DRAWN_BYTES_MAX);
			drawn_text(choice_of_seed(seed), other, &script);
			keep_clusters(buf_view(&script), &same);
			assert_true(str_eq(buf_view(&clusters), buf_view(&same)));
		}
	}
}

/* With the sanitizers on; the many are played without them. */
static void whatever_is_drawn_can_be_played(void **state)
{
	for (enum subject subject = SUBJECT_TIPHYS; subject <= SUBJECT_PROMOTION; subject++) {
		static struct census census;
		census = (struct census){0};
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			auto_buf struct buf timeline = BUF_INIT(64 * MIB);
			struct play_options options = {.subject = subject};
			struct played played;
			struct err err = {0};
			assert_int_equal(play_seed(seed, &options, &played, &timeline, &err), 0);
			census_count(&census, seed, &played);
		}
		assert_int_equal(census.seeds, SEEDS);
		/* The others are there to be wrong. */
		if (subject == SUBJECT_TIPHYS || subject == SUBJECT_PROMOTION)
			assert_int_equal(census.broken, 0);
		else
			assert_true(census.broken > 0);
	}
}

struct judged {
	struct drawn drawn;
	enum subject subject;
};

static bool is_broken(void *self, struct str script)
{
	struct judged *judged = self;
	auto_buf struct buf timeline = BUF_INIT(64 * MIB);
	struct play_options options = {.subject = judged->subject};
	struct played played;
	struct err err = {0};

	return play_script(script, &judged->drawn, &options, &played, &timeline, &err) == 0 &&
	       played.is_broken;
}

static void a_story_that_goes_wrong_is_made_short(void **state)
{
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
	auto_buf struct buf shorter = BUF_INIT(DRAWN_BYTES_MAX);
	struct judged judged = {.subject = SUBJECT_NAIVE};
	uint64_t seed = 1;

	do {
		struct choice choice = choice_of_seed(seed++);
		buf_clear(&script);
		draw_story(&choice, SUBJECT_NAIVE, &script, &judged.drawn);
	} while (!is_broken(&judged, buf_view(&script)));
	shrink(buf_view(&script), is_broken, &judged, &shorter);
	assert_true(is_broken(&judged, buf_view(&shorter)));
	assert_true(shorter.n < script.n / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_draws_the_same_story),
		cmocka_unit_test(bytes_that_have_run_out_draw_a_story_without_faults),
		cmocka_unit_test(every_subject_has_the_same_fleet),
		cmocka_unit_test(whatever_is_drawn_can_be_played),
		cmocka_unit_test(a_story_that_goes_wrong_is_made_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
