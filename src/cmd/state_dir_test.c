#include "cmd/state_dir.h"

#include "testing.h"

#include "base/check.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct err err;
static struct str path;

static int end(void **state)
{
	arena_release(&arena);
	return 0;
}

/* All of them are given; the tests take away. */
static const struct state_surroundings all = {
	.state_dir = STR("/var/lib/tiphys"),
	.xdg_state_home = STR("/home/ann/state"),
	.home = STR("/home/ann"),
	.folder = STR("/work"),
};

static int find(const char *flag, const struct state_surroundings *around)
{
	return state_dir_find(str_of(flag), around, &arena, &path, &err);
}

static void the_nearest_word_counts(void **state)
{
	struct state_surroundings around = all;

	assert_works(find("/srv/state", &around), &err);
	assert_str(path, "/srv/state");
	assert_works(find(NULL, &around), &err);
	assert_str(path, "/var/lib/tiphys");
	around.state_dir = STR("");
	assert_works(find(NULL, &around), &err);
	assert_str(path, "/home/ann/state/tiphys");
	around.xdg_state_home = STR("");
	assert_works(find(NULL, &around), &err);
	assert_str(path, "/home/ann/.local/state/tiphys");
	around.home = STR("");
	assert_fails(find(NULL, &around), &err, E_USAGE,
		     "no place for the state: there is no HOME; give --state-dir or "
		     "TIPHYS_STATE_DIR");
}

static void a_flag_may_be_relative(void **state)
{
	struct state_surroundings around = all;

	assert_works(find("state", &around), &err);
	assert_str(path, "/work/state");
	assert_works(find("./a/../b", &around), &err);
	assert_str(path, "/work/a/../b");
	around.folder = STR("");
	assert_works(find("/srv/state", &around), &err);
	assert_str(path, "/srv/state");
	assert_fails(find("state", &around), &err, E_USAGE,
		     "--state-dir 'state': the folder that it is relative to is gone: give an "
		     "absolute path");
}

static void a_variable_means_the_same_everywhere(void **state)
{
	struct state_surroundings around = all;

	around.state_dir = STR("state");
	assert_fails(find(NULL, &around), &err, E_USAGE,
		     "TIPHYS_STATE_DIR is 'state', which is another place in each folder: give an "
		     "absolute path");
	around.state_dir = STR("");
	around.xdg_state_home = STR("state");
	assert_works(find(NULL, &around), &err);
	assert_str(path, "/home/ann/.local/state/tiphys");
	around.home = STR("ann");
	assert_true(find(NULL, &around) < 0);
}

static void one_place_has_one_name(void **state)
{
	static const char *const names[] = {"/srv/state/", "//srv///state", "/srv/./state/.",
					    "/./srv/state//"};
	struct state_surroundings around = all;

	for (size_t i = 0; i < COUNTOF(names); i++) {
		assert_works(find(names[i], &around), &err);
		assert_str(path, "/srv/state");
	}
	assert_works(find("/", &around), &err);
	assert_str(path, "/");
	around.folder = STR("/");
	assert_works(find(".", &around), &err);
	assert_str(path, "/");
	assert_works(find("state", &around), &err);
	assert_str(path, "/state");
}

static void the_process_says_where_it_is(void **state)
{
	char folder[] = "/tmp/state_dir_test.XXXXXX";

	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	check(setenv("TIPHYS_STATE_DIR", "/a", 1) == 0);
	check(setenv("XDG_STATE_HOME", "", 1) == 0);
	check(unsetenv("HOME") == 0);
	struct state_surroundings around = state_surroundings_read(&arena);
	assert_str(around.state_dir, "/a");
	assert_str(around.xdg_state_home, "");
	assert_str(around.home, "");
	assert_str(around.folder, folder);
	check(rmdir(folder) == 0);
	around = state_surroundings_read(&arena);
	assert_str(around.folder, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_word_counts),
		cmocka_unit_test(a_flag_may_be_relative),
		cmocka_unit_test(a_variable_means_the_same_everywhere),
		cmocka_unit_test(one_place_has_one_name),
		cmocka_unit_test(the_process_says_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
