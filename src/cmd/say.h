#pragma once
/*
 * say: how the program talks to people: on stderr, what happened and why, and then what to do next.
 *
 *	tiphys: no Argo CD server is known
 *	  name one with --server=HOST, ...
 *
 * No test of its own: its texts are seen in the tests of the commands.
 */
#include "base/err.h"

#include <stdbool.h>

/* The next step is a sentence without a full stop; its lines are indented. */
void say_error(const struct err *err, const char *next, ...) __attribute__((format(printf, 2, 3)));

void say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A terminal that can, and nobody who doesn't want it. Both outputs, because one file may have what
 * goes to either.
 */
bool say_wants_color(void);

/* The exit code for a failure before anything was sent. */
int exit_code_of(const struct err *err);

/* The same for what concerns a runner and its promotions: there a conflict is one of promotions,
 * and what fails may work later. */
int exit_code_of_runner(const struct err *err);
