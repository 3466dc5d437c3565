#pragma once
/*
 * promotion_write: a draft (model/draft.h) as a promotion file, with comments that say what it was
 * made of and what is to be checked. What it writes, wire/promotion_yaml reads.
 *
 * Two things in it are decided here:
 * - Before the first stage that users see somebody is asked. A file that takes each revision that
 *   passed staging on to production by itself is what a team may come to; it is nothing to begin
 *   with unawares.
 * - The soak before it is a suggestion in a comment. How long is enough only the team knows, and a
 *   first try should not take an hour.
 */
#include "base/buf.h"
#include "model/draft.h"

enum { PROMOTION_WRITE_NAMES_MAX = 5 }; /* of a stage's Applications, in its comment */

/* The draft was made. */
void promotion_write(const struct draft *draft, struct buf *out);
