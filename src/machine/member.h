#pragma once
/*
 * member: what a run has durably settled about one application. Only member_apply() changes it, one
 * journaled entry at a time, so that a replay gives the same member. What the cluster looks like
 * is not in here: see observer.h.
 */
#include "model/entry.h"

enum post_state {
	POST_NONE,
	POST_OPEN,     /* written down, maybe sent, outcome not known yet */
	POST_ACCEPTED, /* our operation came to be */
	POST_REJECTED, /* it did not, or no reading shows it: machine/doubts.h */
};

struct member {
	struct str name, namespace, uid; /* for the whole run, in the run's arena */
	uint32_t stage;			 /* 0, 1, ... */

	/* The first reading: which operation was shown. "Unchanged" and "operated" both rest on
	 * it. */
	bool is_read;
	bool first_is_running; /* the operation shown had not ended */
	uint64_t first_operation;
	wall first_finished_at;

	enum post_state post;
	uint32_t posts;	   /* tokens used: each POST has its own number */
	uint32_t accepted; /* operations of ours that came to be */
	uint64_t adopted;  /* the operation that is followed as if it were ours; 0: none */

	/* Somebody's operation at R that began before its stage did; 0: none. */
	uint64_t stranger;

	bool is_done, is_skipped, is_confirmed;
	bool was_skipped;	 /* done once without an operation of ours */
	uint64_t done_operation; /* shown when it was done */
	wall done_finished_at;
	uint32_t reopened;

	bool is_skipped_by_order; /* nobody waits for it any more */
	bool is_ended;		  /* failed, refused or left: `code`, `cause` */
	int code;
	enum cause_type cause;
	struct str cause_subject, cause_message; /* in the run's arena */
};

void member_apply(struct member *member, const struct entry *entry);

/* ENTRY_RETRIED: one that had ended is at work again, and is read anew. */
void member_retry(struct member *member);

/* Nothing more will happen to it in this run: but to one that is confirmed, if it is watched. */
bool member_is_settled(const struct member *member);

/* It belongs to the run no more: it failed or was left out, or is to be left out. */
bool member_is_out(const struct member *member);
/* What it was asked for, or what it was found doing, is not known to have ended. */
bool member_has_operation(const struct member *member);
/* The same of one that nobody waits for any more, so the run does not see it end. */
bool member_leaves_operation(const struct member *member);
