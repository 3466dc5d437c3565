#include "argo/glob.h"

#include "testing.h"

static void a_star_of_directories_stops_at_a_slash(void **state)
{
	assert_true(glob_directory(STR("apps/*"), STR("apps/web")));
	assert_false(glob_directory(STR("apps/*"), STR("apps/web/base")));
	assert_false(glob_directory(STR("apps/*"), STR("apps")));
	assert_true(glob_directory(STR("*/*/base"), STR("apps/web/base")));
	assert_true(glob_directory(STR("a*b*c"), STR("aXbYbZc")));
	assert_false(glob_directory(STR("?"), STR("/")));
}

static void classes_and_escapes_are_known(void **state)
{
	assert_true(glob_directory(STR("web-[0-9]"), STR("web-7")));
	assert_false(glob_directory(STR("web-[^0-9]"), STR("web-7")));
	assert_true(glob_directory(STR("\\*"), STR("*")));
	assert_false(glob_directory(STR("\\*"), STR("a")));
	assert_false(glob_directory(STR("web-[0"), STR("web-0")));
	assert_false(glob_directory(STR("web-[!0-9]"), STR("web-a")));
	assert_true(glob_file(STR("web-[!0-9]"), STR("web-a")));
	assert_false(glob_directory(STR("[]a]"), STR("a")));
	assert_true(glob_file(STR("[]a]"), STR("a")));
}

static void a_star_of_files_crosses_slashes(void **state)
{
	assert_true(glob_file(STR("apps/*.json"), STR("apps/web/base/a.json")));
	assert_true(glob_file(STR("**/a.json"), STR("apps/web/a.json")));
	assert_false(glob_file(STR("apps/*.json"), STR("apps/a.yaml")));
}

static void a_folder_means_all_that_is_in_it(void **state)
{
	assert_true(glob_file(STR("apps"), STR("apps/web/a.json")));
	assert_true(glob_file(STR("apps/"), STR("apps/web/a.json")));
	assert_false(glob_file(STR("app"), STR("apps/web/a.json")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_star_of_directories_stops_at_a_slash),
		cmocka_unit_test(classes_and_escapes_are_known),
		cmocka_unit_test(a_star_of_files_crosses_slashes),
		cmocka_unit_test(a_folder_means_all_that_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
