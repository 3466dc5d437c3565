#pragma once
/*
 * Checks that stay on, also in the release build.
 *
 * check() is for what cannot happen if the program is right. It prints the place and the condition
 * to stderr and aborts: Tiphys survives kill -9, so a crash is a safe answer, and going on with a
 * broken invariant is not. It is not for what the world can do to us: that is a `struct err`.
 *
 *	check(stage < plan->stages.n);
 *
 * Check one fact at a time: check(a && b) does not say which of the two was wrong.
 */

#include <assert.h> /* static_assert, which is no keyword yet in gcc 12 */

#define check(cond) ((cond) ? (void)0 : check_failed(__FILE__, __LINE__, #cond))

/* Number of items of an array; -Wsizeof-pointer-div, part of -Wall, stops a pointer. */
#define COUNTOF(array) (sizeof(array) / sizeof((array)[0]))

/* One of the arguments is evaluated twice: no side effects in them. */
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

/* What check() calls; also for the branch of a switch that cannot be reached. */
_Noreturn void check_failed(const char *file, int line, const char *cond);
