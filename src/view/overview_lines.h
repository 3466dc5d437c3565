#pragma once
/*
 * overview_lines: where a promotion stands, in lines for people.
 *
 * `tiphys show RUN`:
 *
 *	run r1: web at 3f2a91c, project platform
 *	  begun by ann 2h ago (2026-11-23T12:00:00Z) on https://argocd.corp (v3.2.11)
 *	waiting: stage 3 (production) asks for approval by 2 of group:sre, user:alice; 1 so far; …
 *	  next: `tiphys approve r1` or `tiphys reject r1`
 *
 *	stage 1 (env=test)    done            2 applications: 2 confirmed
 *	  soak  1h of 1h watched; who is not well starts it anew
 *	stage 3 (production)  at its gate     3 applications: 3 waiting
 *	  gate  1 of 2 approvals, asked of 2 of group:sre, user:alice; opened 35m ago (…); …
 *	        bob approved stage 3 (production) (1 of 2): looks good; 10m ago (…)
 *
 * Beneath a stage are its applications that are not done, the worst first; those that wait for
 * nothing but their stage are not worth a line. Of a run that is over, the end says what it leaves
 * behind (view/leftover.h) and how to go on.
 *
 * `tiphys why RUN` has each why with its next step, the first reason first. `tiphys runs` has a
 * line for each:
 *
 *	RUN  APPLICATION  REVISION  STATE    SINCE  WHY
 *	r1   web          3f2a91c   waiting  2h     stage 3 (production) asks for approval by …
 *
 *	struct overview_columns columns = {0};
 *	overview_columns_fit(&columns, &overview);	for each
 *	overview_row_head(&columns, &out);
 *	overview_row(&columns, &overview, use_color, &out);
 *
 * What is appended is whole lines, free of anything that a terminal would obey but our own colours.
 */
#include "base/buf.h"
#include "model/overview.h"
#include "view/story.h"

enum {
	OVERVIEW_APPS_MAX = 10, /* beneath a stage, and named at the end of each heap */
	OVERVIEW_WHYS_MAX = 20,
	OVERVIEW_SAID_MAX = 5, /* of what people said beside gates, the last ones */
	OVERVIEW_NAME_WIDTH_MAX = 40,
	/* Of what is shown without `all`. With it, so much more for each application. */
	OVERVIEW_LINES_BYTES_MAX = 2 * 1024 * 1024,
	OVERVIEW_LINES_APP_BYTES_MAX = 4096,
};

struct overview_lines {
	const struct overview *overview;
	const struct story *story; /* who answered at the gates; NULL: that is left out */
	bool use_color;
	bool shows_all; /* each application, also who is done */
};

void overview_show(const struct overview_lines *lines, struct buf *out);
void overview_why(const struct overview_lines *lines, struct buf *out);
/* "run r1: web at 3f2a91c, project platform: waiting" */
void overview_title(const struct overview_lines *lines, struct buf *out);
/* The first of them alone, with its next step. */
void overview_first_why(const struct overview_lines *lines, struct buf *out);

/* How wide the columns are; zeroed, of nothing yet. SINCE is how long ago it began. */
struct overview_columns {
	size_t run, app, revision, state, since;
};

void overview_columns_fit(struct overview_columns *columns, const struct overview *overview);
void overview_row_head(const struct overview_columns *columns, struct buf *out);
void overview_row(const struct overview_columns *columns, const struct overview *overview,
		  bool use_color, struct buf *out);
