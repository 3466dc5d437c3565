#include "testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mutant.h"

enum { STATUS_SURVIVED = 123 };

/* The sanitizer asks for this by name. Here malloc may fail, as it may in the release build. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:detect_stack_use_after_return=1";
}

#ifdef TIPHYS_MUTANTS

/* TIPHYS_MUTANT=NAME: the test is to find it. */
__attribute__((constructor)) static void switch_mutant_on(void)
{
	const char *name = getenv("TIPHYS_MUTANT");

	if (!name || mutant_find(str_of(name), &mutant_on))
		return;
	fprintf(stderr, "TIPHYS_MUTANT: base/mutant.def has no %s\n", name);
	abort();
}

#endif

void testing_str(struct str actual, struct str expected, const char *file, int line)
{
	if (str_eq(actual, expected))
		return;
	print_error("expected: '" STR_FMT "' (%zu bytes)\n", STR_ARG(expected), expected.n);
	print_error("     got: '" STR_FMT "' (%zu bytes)\n", STR_ARG(actual), actual.n);
	_fail(file, line);
}

struct testing_child testing_fork(void)
{
	struct testing_child child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	/* What waits in our buffers must not be written by both. */
	fflush(NULL);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		/* It is to abort: no core file, and no handler of cmocka's in the way. */
		setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
	}
	close(ends[1]);
	child.stderr_fd = ends[0];
	return child;
}

void testing_survived(void)
{
	_exit(STATUS_SURVIVED);
}

void testing_died(const struct testing_child *child, const char *expected, const char *file,
		  int line)
{
	auto_buf struct buf said = BUF_INIT(64 * KIB);
	char chunk[1024];
	ssize_t got;
	int status;

	/* To the end, even past what fits, or the child could wait for us for ever. */
	while ((got = read(child->stderr_fd, chunk, sizeof(chunk))) > 0)
		buf_append(&said, chunk, (size_t)got);
	close(child->stderr_fd);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SURVIVED)
		print_error("expected an abort with '%s', but it went on\n", expected);
	else if (!str_find(buf_view(&said), str_of(expected), NULL))
		print_error("expected an abort with '%s', but it said: %s\n", expected,
			    buf_cstr(&said));
	else
		return;
	_fail(file, line);
}
