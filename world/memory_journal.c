#include "world/memory_journal.h"

#include "base/check.h"

void memory_journal_release(struct memory_journal *journal)
{
	arena_release(&journal->arena);
	vec_release(&journal->entries);
	vec_release(&journal->batches);
}

void memory_journal_put(struct memory_journal *journal, const struct entry *entries, size_t count,
			uint64_t saved, int64_t due_ms)
{
	struct batch batch = {
		.first = journal->entries.n, .count = count, .saved = saved, .due_ms = due_ms};

	if (journal->batches.n > 0)
		batch.due_ms = MAX(due_ms, vec_last(&journal->batches).due_ms);
	for (size_t i = 0; i < count; i++)
		vec_push(&journal->entries, entry_copy(&journal->arena, &entries[i]));
	vec_push(&journal->batches, batch);
}

bool memory_journal_settle(struct memory_journal *journal, int64_t now_ms, struct batch *ret_batch)
{
	if (journal->batches.n == 0)
		return false;
	struct batch *batch = &journal->batches.v[0];
	if (batch->is_durable || batch->due_ms > now_ms)
		return false;
	batch->is_durable = true;
	journal->durable = batch->first + batch->count;
	*ret_batch = *batch;
	return true;
}

bool memory_journal_tell(struct memory_journal *journal, uint64_t *ret_saved)
{
	if (journal->batches.n == 0 || !journal->batches.v[0].is_durable)
		return false;
	*ret_saved = journal->batches.v[0].saved;
	vec_remove(&journal->batches, 0);
	return true;
}

int64_t memory_journal_deadline(const struct memory_journal *journal)
{
	return journal->batches.n > 0 ? journal->batches.v[0].due_ms : INT64_MAX;
}

void memory_journal_lose(struct memory_journal *journal)
{
	journal->entries.n = journal->durable;
	journal->batches.n = 0;
}
