#include "io/background.h"

#include "base/check.h"
#include "base/when.h"
#include "model/exit_code.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the runner says, once, from the same binary to itself: so a plain struct. */
struct word {
	bool is_ready;
	int64_t process;
	int exit_code;
	struct err err;
};

/* A descriptor above those that the runner's own will have. */
enum { HIGH_FD = 10 };

/* ---- the runner's side, before it is this program ---- */

/*
 * Between fork and exec only what a signal handler may call: the starter may have had threads, and
 * their locks are held for ever here.
 */

static _Noreturn void say_and_exit(int ready_fd, enum err_code code, const char *what)
{
	struct word word = {.exit_code = EXIT_INTERNAL, .err.code = code};
	size_t n = MIN(strlen(what), sizeof word.err.text - 1);

	memcpy(word.err.text, what, n);
	(void)!send(ready_fd, &word, sizeof word, MSG_NOSIGNAL);
	_exit(EXIT_INTERNAL);
}

static void reset_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	/* SIGKILL and SIGSTOP can't be, and a few belong to the C library: let them say so. */
	for (int signum = 1; signum <= SIGRTMAX; signum++)
		sigaction(signum, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGHUP, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(unsigned first)
{
	if (close_range(first, ~0U, 0) == 0)
		return;
	/* A kernel before 5.9 doesn't know it. */
	long max = sysconf(_SC_OPEN_MAX);
	for (int fd = (int)first; fd < (max > 0 ? max : 1024); fd++)
		close(fd);
}

/* Each descriptor to its place. First all of them out of the way of the others. */
static bool place_descriptors(int stdin_fd, int log_fd, int *ready_fd)
{
	int in = fcntl(stdin_fd, F_DUPFD, HIGH_FD), log = fcntl(log_fd, F_DUPFD, HIGH_FD);
	int ready = fcntl(*ready_fd, F_DUPFD, HIGH_FD);

	if (in < 0 || log < 0 || ready < 0)
		return false;
	*ready_fd = ready;
	if (dup2(in, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0 || dup2(ready, BACKGROUND_READY_FD) < 0)
		return false;
	*ready_fd = BACKGROUND_READY_FD;
	close_from(BACKGROUND_READY_FD + 1);
	return true;
}

static _Noreturn void become_runner(char *const *arguments, int stdin_fd, int log_fd, int ready_fd)
{
	if (!place_descriptors(stdin_fd, log_fd, &ready_fd))
		say_and_exit(ready_fd, E_IO, "start the runner: no descriptor left");
	reset_signals();
	umask(077);
	if (chdir("/") < 0)
		say_and_exit(ready_fd, E_IO, "start the runner: its folder can't be /");
	execv("/proc/self/exe", arguments);
	say_and_exit(ready_fd, E_IO, "start the runner: /proc/self/exe can't be executed");
}

/* The process between: it leads the new session, and ends, so that nobody leads it. */
static _Noreturn void become_starter_of_runner(char *const *arguments, int stdin_fd, int log_fd,
					       int ready_fd)
{
	setsid();
	pid_t pid = fork();
	if (pid == 0)
		become_runner(arguments, stdin_fd, log_fd, ready_fd);
	if (pid < 0)
		say_and_exit(ready_fd, E_IO, "start the runner: no more processes");
	_exit(0);
}

/* ---- the starter's side ---- */

static int fail(struct err *err, const char *what)
{
	return err_set(err, errno == EACCES || errno == EPERM ? E_DENIED : E_IO, "%s: %s", what,
		       strerror(errno));
}

static int open_log(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return fail(err, "open the runner's log");
	/* One that was there before, too: names of applications and messages are not for all. */
	if (fchmod(fd, 0600) < 0) {
		fail(err, "chmod of the runner's log");
		close(fd);
		return -1;
	}
	return fd;
}

static int fork_runner(const struct background *background, int stdin_fd, int log_fd, int ready_fd,
		       struct err *err)
{
	/* execv takes what it never writes to as if it might. */
	char *arguments[BACKGROUND_ARGUMENTS_MAX + 1] = {0};
	int status;

	for (size_t i = 0; background->arguments[i]; i++) {
		check(i < BACKGROUND_ARGUMENTS_MAX);
		arguments[i] = (char *)(uintptr_t)background->arguments[i];
	}
	pid_t pid = fork();
	if (pid == 0)
		become_starter_of_runner(arguments, stdin_fd, log_fd, ready_fd);
	if (pid < 0)
		return fail(err, "start the runner");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1'000'000;
}

/* True: there is something to read, if only the end. */
static bool wait_for_word(int fd, int64_t timeout_ms)
{
	int64_t end_ms = now_ms() + timeout_ms;
	struct pollfd one = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left_ms = MAX(end_ms - now_ms(), 0);
		int result = poll(&one, 1, (int)MIN(left_ms, INT32_MAX));
		if (result > 0)
			return true;
		if (result == 0 && left_ms <= INT32_MAX)
			return false;
		check(result == 0 || errno == EINTR);
	}
}

static int hear(const struct background *background, int fd, int64_t *ret_process,
		int *ret_exit_code, struct err *err)
{
	struct word word;
	ssize_t n;

	*ret_exit_code = EXIT_TIMEOUT;
	if (!wait_for_word(fd, background->timeout_ms))
		return err_set(err, E_IO, "the runner is not ready after %s; its log is %s",
			       duration_format(background->timeout_ms).s, background->log_path);
	do {
		n = recv(fd, &word, sizeof word, MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	*ret_exit_code = EXIT_INTERNAL;
	if (n != sizeof word)
		return err_set(err, E_INTERNAL,
			       "the runner ended before it was ready; its log is %s",
			       background->log_path);
	*ret_exit_code = word.exit_code;
	*ret_process = word.process;
	if (word.is_ready)
		return 0;
	*err = word.err;
	return -1;
}

/* Everything is opened before the fork, so that what fails there fails in words. */
static int start(const struct background *background, const int ends[2], struct err *err)
{
	int stdin_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (stdin_fd < 0)
		return fail(err, "open /dev/null");
	int log_fd = open_log(background->log_path, err), result = -1;
	if (log_fd >= 0) {
		result = fork_runner(background, stdin_fd, log_fd, ends[1], err);
		close(log_fd);
	}
	close(stdin_fd);
	return result;
}

int background_start(const struct background *background, int64_t *ret_process, int *ret_exit_code,
		     struct err *err)
{
	/* A socket, since who writes into a pipe that nobody reads is ended by a signal. */
	int ends[2];

	*ret_exit_code = EXIT_INTERNAL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(err, "socketpair");
	int result = start(background, ends, err);
	/* Now the runner alone has it, and its end is the socket's end. */
	close(ends[1]);
	if (result == 0)
		result = hear(background, ends[0], ret_process, ret_exit_code, err);
	close(ends[0]);
	return result;
}

/* ---- the runner's side ---- */

static bool is_background;

void background_begin(void)
{
	struct stat st;

	if (fstat(BACKGROUND_READY_FD, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	is_background = fcntl(BACKGROUND_READY_FD, F_SETFD, FD_CLOEXEC) == 0;
	/* Executed by that path it would be "exe" in lists of processes. */
	prctl(PR_SET_NAME, "tiphys");
}

static void say(const struct word *word)
{
	if (!is_background)
		return;
	is_background = false;
	(void)!send(BACKGROUND_READY_FD, word, sizeof *word, MSG_NOSIGNAL);
	close(BACKGROUND_READY_FD);
}

void background_ready(void)
{
	say(&(struct word){.is_ready = true, .process = getpid()});
}

void background_failed(int exit_code, const struct err *err)
{
	say(&(struct word){.process = getpid(), .exit_code = exit_code, .err = *err});
}
