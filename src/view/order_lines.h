#pragma once
/*
 * order_lines: an audit of the order in lines for people.
 *
 *	platform, env=test > env=prd: 24 applications on argocd.corp (v3.2.11)
 *	2026-11-23T14:02:11Z  web  3f2a91c  out of order
 *	  web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, 3m5s before web-test …
 *	2026-11-22T09:00:00Z  web  0a1b2c3  in order
 *	2026-11-21T09:00:00Z  web  99aabbc  unknown
 *	  the history of web-prd (env=prd) begins with it: it may have had it before …
 *	1 of 3 releases reached env=prd before env=test had them
 *	1 of 3 releases can't be judged
 *	not judged: 2 applications that no stage selects (tools, …)
 *
 * The last lines are the summary. What is appended is whole lines, free of anything that a terminal
 * would obey but our own colours; one call appends no more than ORDER_LINES_BYTES_MAX.
 */
#include "view/order_words.h"

/* A release has at most a finding for each two stages. */
enum { ORDER_LINES_BYTES_MAX = STAGES_MAX * STAGES_MAX * ORDER_WORDS_BYTES_MAX };

struct order_lines {
	const struct order_plan *plan;
	const struct order_report *report;
	struct str address, version;
	bool use_color;
};

void order_lines_begin(const struct order_lines *lines, struct buf *out);
void order_lines_release(const struct order_lines *lines, const struct order_release *release,
			 struct buf *out);
void order_lines_end(const struct order_lines *lines, struct buf *out);
