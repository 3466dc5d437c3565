#pragma once
/*
 * background: this very program once more, as a runner that outlives the terminal it was started
 * from. The one who starts it waits until it says that it is ready, or why not.
 *
 *	struct background background = {arguments, log_path, .timeout_ms = 30'000};
 *	if (background_start(&background, &process, &exit_code, err) < 0)
 *		...					err and exit code are the runner's own
 *
 * and in the runner, which has a flag of its own to know that it is one:
 *
 *	background_begin();				first of all
 *	...						lock, journal, socket
 *	background_ready();				the starter goes on
 *	or background_failed(EXIT_CONFLICT, &err);	and ends with that code
 *
 * What the runner has:
 *   - the program of the starter (/proc/self/exe), even if the file was replaced meanwhile: what
 *     was asked for is done by the version that understood it;
 *   - a session of its own without a terminal, and no way to get one: it is not the session's
 *     leader (two forks). Ctrl-C in the starter's terminal is not for it;
 *   - nothing on stdin, the log (mode 0600, appended to) as stdout and stderr, BACKGROUND_READY_FD,
 *     and no other descriptor;
 *   - "/" as its folder, so every path that it is given must be absolute; umask 077; the starter's
 *     environment;
 *   - signals as a new program has them, none blocked, but SIGHUP ignored: it means "your terminal
 *     is gone" to programs that have one, this one can't mean it, and a promotion of hours must not
 *     end because somebody sends it to all of their processes when they leave. SIGTERM ends it.
 */
#include "base/err.h"

#include <stdint.h>

struct background {
	const char *const *arguments; /* as for main(): the name first, NULL last */
	const char *log_path;
	int64_t timeout_ms;
};

enum {
	BACKGROUND_READY_FD = 3,
	BACKGROUND_ARGUMENTS_MAX = 1000,
};

/*
 * Blocks until the runner is ready, so not from inside a loop. *ret_process is its number.
 *
 * On failure *ret_exit_code is the exit code to end with: what the runner gave to
 * background_failed(); EXIT_INTERNAL if it ended without a word or could not be started;
 * EXIT_TIMEOUT if it says nothing for so long (it is left alone: it may still become ready).
 */
[[nodiscard]] int background_start(const struct background *background, int64_t *ret_process,
				   int *ret_exit_code, struct err *err);

/*
 * From here on the descriptor is not handed on to programs that the runner starts. In a program
 * that nobody started so, it does nothing, and neither do the other two: the same code runs in the
 * foreground.
 */
void background_begin(void);
/* Once. The starter may be gone by now, which is no failure. */
void background_ready(void);
void background_failed(int exit_code, const struct err *err);
