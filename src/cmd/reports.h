#pragma once
/*
 * reports: the files that `tiphys promote` leaves at its end: the same that `tiphys show` makes,
 * as JUnit's XML and as a page.
 *
 *	reports_check(&flags)			before anything is sent
 *	... the promotion ...
 *	code = reports_write(&flags, &reach, &submitted, code)
 *
 * No test of its own: tests/sim goes through it.
 */
#include "cmd/reach.h"

struct report_flags {
	struct str junit, html;
};
extern const struct option report_options[];
enum { REPORT_OPTIONS = 2 };

/* That each can be written where it is to be. EXIT_DONE, or the exit code of what was said. */
int reports_check(const struct report_flags *flags);

bool reports_are_wanted(const struct report_flags *flags);

/*
 * However it ended, with `code`. If it goes on, the reports are of what there is so far, and that
 * is said; if nothing was begun, there are none, and that is said. Answers `code`; if that is
 * EXIT_DONE and a report could not be written, EXIT_INTERNAL.
 */
int reports_write(const struct report_flags *flags, const struct reach_flags *reach,
		  const struct submitted *submitted, int code);
