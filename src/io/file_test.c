#include "io/file.h"

#include "testing.h"

#include "base/alloc.h"
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/file_test.XXXXXX";
static const char path[] = "f";

static int make_folder(void **state)
{
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *text, mode_t mode)
{
	unlink(path);
	FILE *file = fopen(path, "w");
	check(file);
	fputs(text, file);
	fclose(file);
	check(chmod(path, mode) == 0);
}

static void a_file_is_read_whole(void **state)
{
	auto_buf struct buf buf = BUF_INIT(MIB);
	struct err err = {0};
	write_file("one\ntwo", 0644);
	assert_works(file_read(path, &buf, &err), &err);
	assert_str(buf_view(&buf), "one\ntwo");
	assert_true(file_exists(path));
}

static void a_file_of_exactly_the_limit_fits(void **state)
{
	auto_buf struct buf buf = BUF_INIT(4);
	struct err err = {0};
	write_file("1234", 0644);
	assert_works(file_read(path, &buf, &err), &err);
	assert_str(buf_view(&buf), "1234");
	buf_clear(&buf);
	write_file("12345", 0644);
	assert_fails(file_read(path, &buf, &err), &err, E_LIMIT, "larger than 4 bytes");
}

static void what_is_not_a_file_is_said(void **state)
{
	auto_buf struct buf buf = BUF_INIT(4);
	struct err err = {0};
	assert_false(file_exists("none"));
	assert_fails(file_read("none", &buf, &err), &err, E_MISSING, "No such file or directory");
	assert_fails(file_read(".", &buf, &err), &err, E_IO, "it is a folder");
}

static void secrets_are_for_their_owner_alone(void **state)
{
	auto_buf struct buf buf = BUF_INIT(MIB);
	struct err err = {0};
	write_file("x", 0640);
	assert_fails(file_read_secret(path, &buf, &err), &err, E_DENIED,
		     "its mode is 0640, so others may read it; run chmod 600");
	write_file("x", 0600);
	assert_works(file_read_secret(path, &buf, &err), &err);
	write_file("x", 0400);
	assert_works(file_read_secret(path, &buf, &err), &err);
}

static void a_file_in_memory_is_read_by_its_path(void **state)
{
	auto_buf struct buf buf = BUF_INIT(MIB);
	struct err err = {0};
	int fd;
	char *memory_path = file_in_memory(STR("text"), &fd);
	assert_non_null(memory_path);
	assert_works(file_read(memory_path, &buf, &err), &err);
	assert_str(buf_view(&buf), "text");
	close(fd);
	assert_false(file_exists(memory_path));
	mem_free(memory_path);
}

static void a_file_is_made_or_replaced_as_it_is_wanted(void **state)
{
	auto_buf struct buf buf = BUF_INIT(MIB);
	struct err err = {0};

	unlink(path);
	assert_works(file_may_write(path, FILE_NEW, &err), &err);
	assert_false(file_exists(path));
	assert_works(file_write(path, STR("a longer text"), FILE_NEW, &err), &err);
	assert_fails(file_may_write(path, FILE_NEW, &err), &err, E_CONFLICT, "File exists");
	assert_fails(file_write(path, STR("other"), FILE_NEW, &err), &err, E_CONFLICT,
		     "File exists");
	assert_works(file_may_write(path, FILE_OVER, &err), &err);
	assert_works(file_write(path, STR("short"), FILE_OVER, &err), &err);
	assert_works(file_read(path, &buf, &err), &err);
	assert_str(buf_view(&buf), "short");
}

static void what_cannot_be_written_is_known_before(void **state)
{
	static const char *const paths[] = {"none/f", ".", "f/f", "/dev/full/f", "none/", ""};
	struct err err = {0}, same = {0};

	write_file("x", 0644);
	for (size_t i = 0; i < COUNTOF(paths); i++) {
		assert_true(file_may_write(paths[i], FILE_OVER, &err) < 0);
		assert_true(file_write(paths[i], STR("x"), FILE_OVER, &same) < 0);
		assert_int_equal(err.code, same.code);
	}
	/* What is full shows only when it is written to. */
	assert_works(file_may_write("/dev/full", FILE_OVER, &err), &err);
	assert_fails(file_write("/dev/full", STR("x"), FILE_OVER, &err), &err, E_IO,
		     "No space left on device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(a_file_of_exactly_the_limit_fits),
		cmocka_unit_test(a_file_is_made_or_replaced_as_it_is_wanted),
		cmocka_unit_test(what_cannot_be_written_is_known_before),
		cmocka_unit_test(what_is_not_a_file_is_said),
		cmocka_unit_test(a_file_in_memory_is_read_by_its_path),
		cmocka_unit_test(secrets_are_for_their_owner_alone),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
