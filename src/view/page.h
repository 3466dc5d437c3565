#pragma once
/*
 * page: a promotion as one page of HTML that needs nothing else: no network, no script. It can be
 * kept, sent, printed, and read on a telephone; it follows the reader's choice of light or dark.
 *
 *   head           what, where, who began it and when, and how it stands or ended
 *   why            each reason with its next step, while it is under way
 *   stages         one after the other: the gate with who said what and how long it was open, the
 *                  soak with those who broke it, and a timeline of its applications: each try is a
 *                  bar, from the post to the end
 *   applications   a table, the worst first
 *   people         what they said, and when
 *   left behind    of one that is over and did not end well, and how to go on
 *
 * It is HTML and well-formed XML alike. All that comes from outside goes through view/markup.
 * Times are UTC. PAGE_APPS_MAX applications are shown, the worst of each stage before the others;
 * the rest is counted. With the longest names and messages that is less than 5 MB, unless each of
 * their bytes has to be escaped.
 */
#include "base/buf.h"
#include "model/overview.h"

enum {
	PAGE_APPS_MAX = 2000,
	PAGE_BYTES_MAX = 32 * 1024 * 1024, /* with everything at its worst */
};

/* Appends the page; nothing if that does not fit, and then `out` has overflowed. */
void page_write(const struct overview *overview, const struct record *records, size_t count,
		struct buf *out);
