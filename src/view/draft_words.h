#pragma once
/*
 * draft_words: what a first promotion file was made of and why, for people; or why there is none,
 * and what to do.
 *
 *	web: 6 Applications of project platform have the label appName=web
 *	stages by the label env: test, stg, prd (all of the 6 have it, and all of its values are …)
 *	  also looked at: stage (prd, stg, test), region (eu, us)
 */
#include "base/buf.h"
#include "model/draft.h"

enum { DRAFT_WORDS_BYTES_MAX = 64 * 1024 };

/* Whole lines, of a draft that was made. */
void draft_words(const struct draft *draft, struct buf *out);

/* Of one that was not: a sentence; and the next step, which may have several lines. */
void draft_words_why_not(const struct draft *draft, struct buf *why, struct buf *next);
