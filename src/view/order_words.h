#pragma once
/*
 * order_words: what an audit of the order found, in sentences, for every view alike. What comes
 * from outside is cleaned (view/words.h).
 */
#include "base/buf.h"
#include "model/order_report.h"

enum { ORDER_WORDS_BYTES_MAX = 16 * 1024 };

/* "env=test > env=stg > env=prd" */
void order_words_stages(const struct order_plan *plan, struct buf *out);

/* The revision, or those of several sources, by their first digits. */
void order_words_revision(struct str revision, struct buf *out);

/*
 * "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, 3m5s before web-test (env=test) had it"
 */
void order_words_finding(const struct order_plan *plan, const struct order_finding *finding,
			 struct buf *out);

/*
 * Why nothing at all could be judged, and what to do about it. False, and nothing is appended, if
 * there was something: releases, or groups that may have some.
 */
bool order_words_nothing(const struct order_plan *plan, const struct order_report *report,
			 struct buf *ret_why, struct buf *ret_next);
