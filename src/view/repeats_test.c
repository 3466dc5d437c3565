#include "view/repeats.h"

#include "base/check.h"
#include "picture.h"
#include "testing.h"

#define MEANS                                                                                      \
	" (an answer was lost, so it was repeated; the order of stages holds, but hooks may have " \
	"run twice: look at what they did)"

static void only_what_was_repeated_is_named(void **state)
{
	static const struct overview_post once[] = {{0, 1, REPEAT_ONCE}, {3, 2, REPEAT_ONCE}};
	static const struct overview_post possibly[] = {{0, 1, REPEAT_ONCE},
							{3, 1, REPEAT_POSSIBLY_TWICE}};
	static const struct overview_post both[] = {{4, 1, REPEAT_POSSIBLY_TWICE},
						    {4, 2, REPEAT_POSSIBLY_TWICE},
						    {2, 1, REPEAT_POSSIBLY_TWICE},
						    {2, 2, REPEAT_TWICE},
						    {0, 1, REPEAT_ONCE}};
	static const struct {
		const struct overview_post *posts;
		size_t count;
		const char *words;
	} rows[] = {
		{NULL, 0, ""},
		{once, COUNTOF(once), ""},
		{possibly, COUNTOF(possibly), "possibly asked for twice: web-stg-2" MEANS},
		{both, COUNTOF(both),
		 "asked for twice: web-stg-1; possibly twice: web-prd-1" MEANS},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_buf struct buf out = BUF_INIT(4 * KIB);
		struct picture picture;
		picture_at_gate(&picture);
		picture.overview.posts = rows[i].posts;
		picture.overview.post_count = rows[i].count;
		assert_int_equal(repeats_words(&picture.overview, &out), rows[i].words[0] != '\0');
		assert_str(buf_view(&out), rows[i].words);
	}
}

static void one_application_has_words_of_its_own(void **state)
{
	static const struct overview_post posts[] = {{1, 1, REPEAT_TWICE},
						     {2, 1, REPEAT_POSSIBLY_TWICE}};
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct picture picture;

	picture_at_gate(&picture);
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	assert_false(repeats_words_of(&picture.overview, 0, &out));
	assert_true(repeats_words_of(&picture.overview, 1, &out));
	assert_str(buf_view(&out), "asked for twice" MEANS);
	buf_clear(&out);
	assert_true(repeats_words_of(&picture.overview, 2, &out));
	assert_str(buf_view(&out), "possibly asked for twice" MEANS);
}

static void many_are_counted(void **state)
{
	static struct overview_app apps[12];
	static struct overview_post posts[12];
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct picture picture;

	picture_at_gate(&picture);
	for (uint32_t i = 0; i < COUNTOF(apps); i++) {
		apps[i] = picture.apps[0];
		posts[i] = (struct overview_post){i, 1, REPEAT_TWICE};
	}
	picture.overview.apps = apps;
	picture.overview.app_count = COUNTOF(apps);
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	assert_true(repeats_words(&picture.overview, &out));
	assert_true(str_find(buf_view(&out), STR("web-test-1 and 2 more (an answer"), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_repeated_is_named),
		cmocka_unit_test(one_application_has_words_of_its_own),
		cmocka_unit_test(many_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
