#pragma once
/*
 * doubts: the POSTs whose outcome neither answer nor reading told, and how they are told apart.
 *
 * After a timeout, a broken connection or a restart the Application is read. If a version shows the
 * POST's token, it came to be: there is no doubt. If none does, ENTRY_UNSEEN says so, and the sync
 * is asked for once more if it is needed still. The first POST may have been lost; it may have come
 * and gone between two readings; or a server works on it still, and it comes later. So each is one
 * of these, by what is known so far:
 *
 *   once            no other POST of the same need came to be or may have, or only this may not
 *   possibly twice  its token was never seen, and one that was made after it came to be (or was not
 *                   seen either, or not answered when the run ended, and may have)
 *   twice           its token was seen after all, and so did another one come to be
 *
 * POSTs are of the same need if one was made while the other was in doubt, and the Application was
 * not done meanwhile. A POST that was refused, or that could not be sent, is none of them.
 *
 * A fold of entries like all facts: doubts_apply() decides nothing.
 */
#include "base/vec.h"
#include "machine/member.h"
#include "model/overview.h"

struct doubt {
	uint32_t app, attempt;
	uint32_t until; /* later POSTs than this one are of another need; 0: that is open */
	bool is_seen;
	bool has_other; /* another one of its need is known to have come to be, */
	bool has_later; /* or a later one was not seen either, */
	bool has_left;	/* or the newest one was not answered when the run ended, */
	bool is_left;	/* and is this one */
};

struct doubts VEC_OF(struct doubt);

/* `member` as it was before this entry of its own. */
void doubts_apply(struct doubts *doubts, const struct member *member, const struct entry *entry);

/* The run has ended, and this POST is not answered: what becomes of it nobody will know. Once is
 * enough. */
void doubts_leave(struct doubts *doubts, uint32_t app, uint32_t post);
/* It goes on: they will be known after all. */
void doubts_resume(struct doubts *doubts);

/* An entry of this type may change what a POST has come out as. */
bool doubts_may_change(enum entry_type type);

enum repeat doubt_verdict(const struct doubt *doubt);

/* How many of an application's have come out as `repeat`. */
uint32_t doubts_count(const struct doubts *doubts, uint32_t app, enum repeat repeat);

/* There is such a one, and its token was not seen yet. */
bool doubts_ask(const struct doubts *doubts, uint32_t app, uint32_t attempt);
