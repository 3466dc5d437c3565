#pragma once
/*
 * memory_journal: where the promotions of a world save their entries: what is durable outlives a
 * kill -9, what was only handed over does not. Saving takes time, and goes in order.
 *
 *	memory_journal_put(&journal, entries, count, saved, now_ms + 3);
 *	...
 *	if (memory_journal_settle(&journal, now_ms, &batch))	it is durable now,
 *		...
 *	if (memory_journal_tell(&journal, &saved))		and then who saved it hears of it
 *		... EV_SAVED ...
 *	memory_journal_lose(&journal);				the process has died
 *
 * Between the two steps is where a kill comes after a save and before its effects.
 *
 * No test of its own: every promotion in scenarios/ is one.
 */
#include "base/arena.h"
#include "base/vec.h"
#include "model/entry.h"

/* Of one turn. */
struct batch {
	size_t first, count; /* in `entries` */
	uint64_t saved;	     /* as EV_SAVED says it */
	int64_t due_ms;
	bool is_durable;
};

struct memory_journal {
	struct arena arena;
	VEC(struct entry) entries;
	size_t durable;		   /* so many of them */
	VEC(struct batch) batches; /* under way, the oldest first */
};

void memory_journal_release(struct memory_journal *journal);

/* The entries are copied. */
void memory_journal_put(struct memory_journal *journal, const struct entry *entries, size_t count,
			uint64_t saved, int64_t due_ms);
/* True: the oldest batch has just become durable. */
bool memory_journal_settle(struct memory_journal *journal, int64_t now_ms, struct batch *ret_batch);
/* True: the oldest batch is durable, and that is told now. */
bool memory_journal_tell(struct memory_journal *journal, uint64_t *ret_saved);
/* When either is next due; INT64_MAX: nothing is under way. */
int64_t memory_journal_deadline(const struct memory_journal *journal);
/* What is not durable is gone. */
void memory_journal_lose(struct memory_journal *journal);
