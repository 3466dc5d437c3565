#include "io/output.h"

#include "testing.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Runs the writing with another stdout, and puts the old one back. */
static void write_to(int fd, struct str text)
{
	int saved = dup(STDOUT_FILENO);
	check(dup2(fd, STDOUT_FILENO) >= 0);
	output_write(OUTPUT_DATA, text);
	check(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
}

static void all_of_it_is_written(void **state)
{
	int ends[2];
	char read_back[16] = {0};
	check(pipe(ends) == 0);
	write_to(ends[1], STR("text"));
	assert_int_equal(read(ends[0], read_back, sizeof read_back), 4);
	assert_string_equal(read_back, "text");
	assert_null(output_failure());
	close(ends[0]);
	close(ends[1]);
}

static void a_reader_that_has_gone_is_no_failure(void **state)
{
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	check(pipe(ends) == 0);
	close(ends[0]);
	write_to(ends[1], STR("text"));
	assert_null(output_failure());
	close(ends[1]);
}

static void a_full_disk_is_remembered(void **state)
{
	int full = open("/dev/full", O_WRONLY);
	check(full >= 0);
	write_to(full, STR("text"));
	close(full);
	assert_string_equal(output_failure(), strerror(ENOSPC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_written),
		cmocka_unit_test(a_reader_that_has_gone_is_no_failure),
		cmocka_unit_test(a_full_disk_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
