#include "io/state_folder.h"

#include "base/buf.h"
#include "testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/tiphys-state-XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static const char *inside(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void a_folder_is_made_with_those_above_it_for_its_owner_alone(void **state)
{
	struct err err = {0};

	make_folder();
	assert_works(state_folder_make(inside("a/b/c"), &err), &err);
	assert_int_equal(mode_of(inside("a/b/c")), 0700);
	assert_int_equal(mode_of(inside("a")), 0700);
	/* Again: it is there. */
	assert_works(state_folder_make(inside("a/b/c/"), &err), &err);
	assert_works(state_folder_file(inside("a/b/c"), "journal", &err), &err);
	assert_int_equal(mode_of(inside("a/b/c/journal")), 0600);
	rmdir(inside("a/b/c")); /* not empty: stays */
	unlink(inside("a/b/c/journal"));
	assert_int_equal(rmdir(inside("a/b/c")), 0);
	assert_int_equal(rmdir(inside("a/b")), 0);
	assert_int_equal(rmdir(inside("a")), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
	struct err err = {0};

	make_folder();
	assert_int_equal(chmod(folder, 0770), 0);
	assert_true(state_folder_make(folder, &err) < 0);
	assert_int_equal(err.code, E_DENIED);
	assert_non_null(strstr(err.text, "; run chmod 700 /tmp/tiphys-state-"));
	assert_int_equal(rmdir(folder), 0);
}

/* Only root can give one away, and then it is root who may not work there. */
static void a_folder_of_another_account_is_refused(void **state)
{
	enum { OTHER = 4'000'000'000U }; /* nobody has this number */
	struct err err = {0};

	make_folder();
	if (chown(folder, OTHER, (gid_t)-1) < 0) {
		assert_int_equal(rmdir(folder), 0);
		skip();
	}
	assert_true(state_folder_make(folder, &err) < 0);
	assert_int_equal(err.code, E_DENIED);
	assert_non_null(strstr(err.text, " belongs to uid 4000000000, this is root, "));
	assert_non_null(strstr(err.text, "`sudo -u '#4000000000' tiphys …`"));
	assert_int_equal(rmdir(folder), 0);
}

static void a_file_is_no_folder(void **state)
{
	struct err err = {0};

	make_folder();
	assert_works(state_folder_file(folder, "f", &err), &err);
	assert_true(state_folder_make(inside("f"), &err) < 0);
	assert_int_equal(err.code, E_CONFLICT);
	assert_true(state_folder_make(inside("f/g"), &err) < 0);
	assert_int_equal(err.code, E_IO);
	assert_true(state_folder_make("", &err) < 0);
	assert_int_equal(err.code, E_USAGE);
	unlink(inside("f"));
	assert_int_equal(rmdir(folder), 0);
}

static void a_file_that_is_there_keeps_its_content(void **state)
{
	struct err err = {0};
	char text[8] = {0};

	make_folder();
	int fd = open(inside("journal"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
	assert_works(state_folder_file(folder, "journal", &err), &err);
	state_folder_drop_cache(folder, "journal");
	state_folder_drop_cache(folder, "nothing");
	fd = open(inside("journal"), O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
	close(fd);
	unlink(inside("journal"));
	assert_int_equal(rmdir(folder), 0);
}

static void of_two_openers_the_second_is_told_the_first(void **state)
{
	struct err err = {0};
	char expected[256];
	int first = -1, second = -1;

	make_folder();
	assert_works(state_folder_lock(folder, &first, &err), &err);
	snprintf(expected, sizeof(expected),
		 "another tiphys, process %ld, works with %s; let it do this, or end it first",
		 (long)getpid(), folder);
	assert_fails(state_folder_lock(folder, &second, &err), &err, E_CONFLICT, expected);
	assert_int_equal(second, -1);
	/* A failed try takes nothing from who has it. */
	assert_fails(state_folder_lock(folder, &second, &err), &err, E_CONFLICT, expected);
	close(first);
	assert_works(state_folder_lock(folder, &second, &err), &err);
	close(second);
	unlink(inside("lock"));
	assert_int_equal(rmdir(folder), 0);
}

static void network_file_systems_are_known_by_name(void **state)
{
	assert_string_equal(state_folder_network(0x6969), "NFS");
	assert_string_equal(state_folder_network(0xff534d42), "CIFS");
	assert_string_equal(state_folder_network(0x65735546), "FUSE");
	assert_string_equal(state_folder_network(0x01021997), "9p");
	assert_null(state_folder_network(0xef53));     /* ext4 */
	assert_null(state_folder_network(0x58465342)); /* XFS */
	assert_null(state_folder_network(0x9123683e)); /* Btrfs */
	assert_null(state_folder_network(0x794c7630)); /* overlayfs */
	assert_null(state_folder_network(0x01021994)); /* tmpfs */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_made_with_those_above_it_for_its_owner_alone),
		cmocka_unit_test(a_folder_that_others_may_write_to_is_refused),
		cmocka_unit_test(a_folder_of_another_account_is_refused),
		cmocka_unit_test(a_file_is_no_folder),
		cmocka_unit_test(a_file_that_is_there_keeps_its_content),
		cmocka_unit_test(of_two_openers_the_second_is_told_the_first),
		cmocka_unit_test(network_file_systems_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
