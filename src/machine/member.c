#include "machine/member.h"

#include "base/check.h"

void member_apply(struct member *member, const struct entry *entry)
{
	switch (entry->type) {
	case ENTRY_READ:
		check(!member->is_read);
		member->is_read = true;
		member->first_is_running = entry->is_running;
		member->first_operation = entry->operation;
		member->first_finished_at = entry->finished_at;
		return;
	case ENTRY_POST:
		check(member->post != POST_OPEN && entry->attempt == member->posts + 1);
		member->post = POST_OPEN;
		member->posts = entry->attempt;
		return;
	case ENTRY_ACCEPTED:
		check(member->post == POST_OPEN);
		member->post = POST_ACCEPTED;
		member->accepted++;
		return;
	case ENTRY_REJECTED:
	case ENTRY_UNSEEN:
		check(member->post == POST_OPEN);
		member->post = POST_REJECTED;
		return;
	case ENTRY_SEEN:
		/* Of an older one there is nothing to be known here: machine/doubts.h. */
		if (entry->attempt != member->posts)
			return;
		check(member->post == POST_REJECTED);
		member->post = POST_ACCEPTED;
		member->accepted++;
		return;
	case ENTRY_ADOPTED:
		member->adopted = entry->operation;
		return;
	case ENTRY_DONE:
		check(!member->is_done && !member->is_ended);
		member->is_done = true;
		member->is_skipped = entry->is_skipped;
		member->was_skipped = member->was_skipped || entry->is_skipped;
		member->done_operation = entry->operation;
		member->done_finished_at = entry->finished_at;
		return;
	case ENTRY_REOPENED:
		check(member->is_done);
		member->is_done = member->is_confirmed = false;
		member->is_skipped = false;
		member->reopened++;
		return;
	case ENTRY_CONFIRMED:
		check(member->is_done);
		member->is_confirmed = true;
		return;
	case ENTRY_ENDED:
		check(!member->is_ended);
		member->is_ended = true;
		member->code = entry->code;
		member->cause = entry->cause;
		return;
	case ENTRY_STRANGER:
		member->stranger = entry->operation;
		return;
	case ENTRY_SKIPPED:
		check(!member->is_done);
		member->is_skipped_by_order = true;
		return;
	case ENTRY_MEMBER: /* makes the member */
	case ENTRY_STOPPED:
	case ENTRY_BARRIER:
	case ENTRY_PASSED:
	case ENTRY_STAGE:
	case ENTRY_GATE:
	case ENTRY_APPROVED:
	case ENTRY_DECLINED:
	case ENTRY_SOAKED:
	case ENTRY_BREACH:
	case ENTRY_HELD:
	case ENTRY_PAUSED:
	case ENTRY_RESUMED:
	case ENTRY_TERMINATED:
	case ENTRY_TERMINATED_ALL:
	case ENTRY_RETRIED:
	case ENTRY_OVER:
		break;
	}
	check(!"an entry that belongs to no member");
}

/* What was tried before counts no more, and what is there now is the beginning: a failed operation
 * of ours is one that was there. A POST that is still open is not forgotten. */
void member_retry(struct member *member)
{
	if (!member->is_ended || member->is_skipped_by_order)
		return;
	member->is_ended = false;
	member->code = 0;
	member->cause = CAUSE_COUNT;
	member->is_read = false;
	member->accepted = member->reopened = 0;
	member->adopted = 0;
	member->was_skipped = member->is_done = member->is_confirmed = false;
}

bool member_is_settled(const struct member *member)
{
	return member_is_out(member) || member->is_confirmed;
}

bool member_is_out(const struct member *member)
{
	return member->is_ended || member->is_skipped_by_order;
}

static bool has_begun_operation(const struct member *member)
{
	bool is_asked = member->post == POST_OPEN || member->post == POST_ACCEPTED;

	return member->is_read && !member->is_done && !member->is_ended &&
	       (is_asked || member->adopted);
}

bool member_has_operation(const struct member *member)
{
	return has_begun_operation(member) && !member->is_skipped_by_order;
}

bool member_leaves_operation(const struct member *member)
{
	return has_begun_operation(member) && member->is_skipped_by_order;
}
