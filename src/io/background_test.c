#include "io/background.h"

#include "testing.h"

#include "base/check.h"
#include "io/file.h"
#include "model/exit_code.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The runner is this program, too: main() with an argument. It tells its log what it finds. */

static char folder[] = "/tmp/background_test.XXXXXX";
static char log_path[64];
static struct err err;

static int make_folder(void **state)
{
	check(mkdtemp(folder));
	snprintf(log_path, sizeof log_path, "%s/log", folder);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(log_path);
	return rmdir(folder);
}

static int forget_log(void **state)
{
	unlink(log_path);
	return 0;
}

static int start(const char *what, int64_t *ret_process, int *ret_exit_code)
{
	const char *arguments[] = {"tiphys-test", "--runner", what, NULL};
	struct background background = {
		.arguments = arguments, .log_path = log_path, .timeout_ms = 60'000};

	return background_start(&background, ret_process, ret_exit_code, &err);
}

static struct str log_text(void)
{
	static char text[64 * 1024];
	FILE *file = fopen(log_path, "r");

	assert_non_null(file);
	size_t n = fread(text, 1, sizeof text, file);
	fclose(file);
	return str_make(text, n);
}

/* What the runner wrote about itself, in one text. */
static struct str report(const char *what)
{
	int64_t process;
	int exit_code;

	assert_works(start(what, &process, &exit_code), &err);
	assert_true(process > 1);
	assert_int_not_equal(process, getpid());
	return log_text();
}

#define assert_says(text, words) assert_true(str_find((text), STR(words), NULL))

static void it_is_this_program_with_its_arguments(void **state)
{
	assert_str(report("arguments"), "tiphys-test --runner arguments; tiphys\n");
}

static void it_has_a_session_of_its_own_and_does_not_lead_it(void **state)
{
	char ours[64];

	snprintf(ours, sizeof ours, "in session %d\n", (int)getsid(0));
	struct str text = report("session");
	assert_says(text, "leads no session, terminal: none");
	assert_false(str_find(text, str_of(ours), NULL));
}

static void its_folder_is_the_root_and_its_files_are_its_own(void **state)
{
	assert_str(report("place"), "folder / umask 077\n");
}

static void it_keeps_the_environment(void **state)
{
	check(setenv("TIPHYS_TEST_WORD", "kept", 1) == 0);
	assert_str(report("environment"), "TIPHYS_TEST_WORD=kept\n");
}

static void it_has_no_descriptor_but_its_own(void **state)
{
	int fd = open("/dev/null", O_RDONLY), high = fcntl(fd, F_DUPFD, 200);
	assert_str(report("descriptors"), "0 1 2 3, stdin at its end\n");
	close(fd);
	close(high);
}

static void it_has_its_descriptors_even_where_the_starter_has_none(void **state)
{
	int saved[3], fds[3];

	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
		fds[fd] = close(fd);
	}
	int64_t process;
	int exit_code;
	int result = start("descriptors", &process, &exit_code);
	for (int fd = 0; fd < 3; fd++) {
		if (fds[fd] == 0)
			dup2(saved[fd], fd);
		close(saved[fd]);
	}
	assert_works(result, &err);
	assert_str(log_text(), "0 1 2 3, stdin at its end\n");
}

static void signals_are_as_in_a_new_program_but_for_the_terminal_s_end(void **state)
{
	sigset_t some, before;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	sigemptyset(&some);
	sigaddset(&some, SIGTERM);
	check(sigprocmask(SIG_BLOCK, &some, &before) == 0);
	struct str text = report("signals");
	check(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	assert_str(text, "ignored: 1; blocked:\n");
}

static void the_log_is_appended_to_and_nobody_else_s(void **state)
{
	struct stat st;

	FILE *file = fopen(log_path, "w");
	fputs("before\n", file);
	fclose(file);
	check(chmod(log_path, 0644) == 0);
	struct str text = report("place");
	assert_true(str_starts(text, STR("before\nfolder")));
	assert_int_equal(stat(log_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void why_it_failed_is_the_starter_s_failure(void **state)
{
	int64_t process;
	int exit_code;

	assert_fails(start("fail", &process, &exit_code), &err, E_CONFLICT,
		     "another runner has the state directory");
	assert_int_equal(exit_code, EXIT_CONFLICT);
	assert_int_equal(err.line, 7);
}

static void who_ends_without_a_word_has_a_log(void **state)
{
	char text[200];
	int64_t process;
	int exit_code;

	snprintf(text, sizeof text, "the runner ended before it was ready; its log is %s",
		 log_path);
	assert_fails(start("die", &process, &exit_code), &err, E_INTERNAL, text);
	assert_int_equal(exit_code, EXIT_INTERNAL);
	assert_str(log_text(), "something is wrong\n");
}

static void who_says_nothing_is_not_waited_for_for_ever(void **state)
{
	const char *arguments[] = {"tiphys-test", "--runner", "hang", NULL};
	struct background background = {.arguments = arguments, .log_path = log_path};
	char text[200];
	int64_t process;
	int exit_code;

	snprintf(text, sizeof text, "the runner is not ready after 0s; its log is %s", log_path);
	assert_fails(background_start(&background, &process, &exit_code, &err), &err, E_IO, text);
	assert_int_equal(exit_code, EXIT_TIMEOUT);
}

static void without_a_log_nothing_is_started(void **state)
{
	const char *arguments[] = {"tiphys-test", "--runner", "place", NULL};
	struct background background = {
		.arguments = arguments, .log_path = "/nowhere/log", .timeout_ms = 60'000};
	int64_t process;
	int exit_code;

	assert_fails(background_start(&background, &process, &exit_code, &err), &err, E_IO,
		     "open the runner's log: No such file or directory");
	assert_int_equal(exit_code, EXIT_INTERNAL);
}

static void in_the_foreground_nobody_is_told(void **state)
{
	/* What is at that number is somebody else's. */
	int ends[2];
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	int before = fcntl(BACKGROUND_READY_FD, F_DUPFD_CLOEXEC, 50);
	char byte;
	background_ready();
	background_failed(1, &(struct err){.code = E_IO});
	assert_int_equal(recv(ends[0], &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	if (before >= 0)
		assert_true(fcntl(BACKGROUND_READY_FD, F_GETFD) >= 0);
	close(before);
	close(ends[0]);
	close(ends[1]);
}

/* ---- the runner ---- */

static void print_session(void)
{
	int fd = open("/dev/tty", O_RDWR);

	printf("in session %d\nleads %s session, terminal: %s\n", (int)getsid(0),
	       getsid(0) == getpid() ? "a" : "no", fd < 0 ? "none" : "one");
}

static void print_place(void)
{
	char here[4096];
	mode_t mask = umask(0);

	printf("folder %s umask %03o\n", getcwd(here, sizeof here), mask);
}

static void print_descriptors(void)
{
	char byte;

	for (int fd = 0; fd < 1000; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%s%d", fd ? " " : "", fd);
	}
	printf(", stdin %s\n", read(0, &byte, 1) == 0 ? "at its end" : "strange");
}

static void print_signals(void)
{
	struct sigaction action;
	sigset_t blocked;

	printf("ignored:");
	for (int signum = 1; signum < 32; signum++) {
		if (sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			printf(" %d", signum);
	}
	printf("; blocked:");
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int signum = 1; signum < 32; signum++) {
		if (sigismember(&blocked, signum))
			printf(" %d", signum);
	}
	printf("\n");
}

static void print_name(char **argv)
{
	auto_buf struct buf name = BUF_INIT(KIB);

	check(file_read("/proc/self/comm", &name, &err) == 0);
	printf("%s %s %s; " STR_FMT, argv[0], argv[1], argv[2], STR_ARG(buf_view(&name)));
}

static int runner(char **argv)
{
	struct str what = str_of(argv[2]);

	background_begin();
	if (str_eq(what, STR("arguments")))
		print_name(argv);
	if (str_eq(what, STR("session")))
		print_session();
	if (str_eq(what, STR("place")))
		print_place();
	if (str_eq(what, STR("environment")))
		printf("TIPHYS_TEST_WORD=%s\n", getenv("TIPHYS_TEST_WORD"));
	if (str_eq(what, STR("descriptors")))
		print_descriptors();
	if (str_eq(what, STR("signals")))
		print_signals();
	fflush(stdout);
	if (str_eq(what, STR("fail"))) {
		err_set(&err, E_CONFLICT, "another runner has the state directory");
		err.line = 7;
		background_failed(EXIT_CONFLICT, &err);
		return EXIT_CONFLICT;
	}
	if (str_eq(what, STR("die"))) {
		fprintf(stderr, "something is wrong\n");
		return 1;
	}
	if (str_eq(what, STR("hang"))) {
		/* Until its starter is gone from the other end. */
		char byte;
		return (int)recv(BACKGROUND_READY_FD, &byte, 1, 0);
	}
	background_ready();
	background_ready();
	return 0;
}

#define LOG_TEST(name) cmocka_unit_test_teardown(name, forget_log)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(it_is_this_program_with_its_arguments),
		LOG_TEST(it_has_a_session_of_its_own_and_does_not_lead_it),
		LOG_TEST(its_folder_is_the_root_and_its_files_are_its_own),
		LOG_TEST(it_keeps_the_environment),
		LOG_TEST(it_has_no_descriptor_but_its_own),
		LOG_TEST(it_has_its_descriptors_even_where_the_starter_has_none),
		LOG_TEST(signals_are_as_in_a_new_program_but_for_the_terminal_s_end),
		LOG_TEST(the_log_is_appended_to_and_nobody_else_s),
		LOG_TEST(why_it_failed_is_the_starter_s_failure),
		LOG_TEST(who_ends_without_a_word_has_a_log),
		LOG_TEST(who_says_nothing_is_not_waited_for_for_ever),
		LOG_TEST(without_a_log_nothing_is_started),
		LOG_TEST(in_the_foreground_nobody_is_told),
	};

	if (argc == 3 && strcmp(argv[1], "--runner") == 0)
		return runner(argv);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
