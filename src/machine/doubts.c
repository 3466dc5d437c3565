#include "machine/doubts.h"

#include "base/check.h"
#include "base/mutant.h"

/* `later` was made while `doubt` was open, or is made next. */
static bool is_of_same_need(const struct doubt *doubt, uint32_t later)
{
	return doubt->attempt < later && (doubt->until == 0 || doubt->until >= later);
}

/* The newest POST has come to be: so all in doubt before it have another one. */
static void see_accepted(struct doubts *doubts, uint32_t app, uint32_t post)
{
	vec_each(doubt, doubts)
		if (doubt->app == app && is_of_same_need(doubt, post))
			doubt->has_other = true;
}

static void add(struct doubts *doubts, uint32_t app, uint32_t post)
{
	struct doubt added = {.app = app, .attempt = post};

	vec_each(doubt, doubts) {
		if (doubt->app != app || !is_of_same_need(doubt, post))
			continue;
		doubt->has_later = true;
		/* That one was seen when this one was made already, and not answered yet. */
		added.has_other |= doubt->is_seen;
	}
	vec_push(doubts, added);
}

static void see(struct doubts *doubts, uint32_t app, uint32_t post, uint32_t posts)
{
	struct doubt *seen = NULL;

	vec_each(doubt, doubts)
		if (doubt->app == app && doubt->attempt == post)
			seen = doubt;
	check(seen);
	seen->is_seen = true;
	if (seen->until == 0)
		seen->until = posts;
	vec_each(other, doubts)
		if (other->app == app &&
		    (is_of_same_need(other, post) || is_of_same_need(seen, other->attempt))) {
			seen->has_other |= other->is_seen;
			other->has_other = true;
		}
}

/* What is asked for from now on is asked for because of something else. */
static void close(struct doubts *doubts, uint32_t app, uint32_t posts)
{
	vec_each(doubt, doubts)
		if (doubt->app == app && doubt->until == 0)
			doubt->until = posts;
}

void doubts_leave(struct doubts *doubts, uint32_t app, uint32_t post)
{
	struct doubt left = {.app = app, .attempt = post, .is_left = true};
	bool is_repeat = false;

	vec_each(doubt, doubts) {
		if (doubt->app != app || !is_of_same_need(doubt, post))
			continue;
		is_repeat = !doubt->has_left;
		doubt->has_left = true;
		left.has_other |= doubt->is_seen;
	}
	if (is_repeat)
		vec_push(doubts, left);
}

void doubts_resume(struct doubts *doubts)
{
	while (doubts->n > 0 && vec_last(doubts).is_left)
		(void)vec_pop(doubts);
	vec_each(doubt, doubts)
		doubt->has_left = false;
}

void doubts_apply(struct doubts *doubts, const struct member *member, const struct entry *entry)
{
	if (entry->type == ENTRY_ACCEPTED)
		see_accepted(doubts, entry->app, member->posts);
	if (entry->type == ENTRY_UNSEEN)
		add(doubts, entry->app, member->posts);
	if (entry->type == ENTRY_SEEN)
		see(doubts, entry->app, entry->attempt, member->posts);
	if (entry->type == ENTRY_DONE)
		close(doubts, entry->app, member->posts);
}

bool doubts_may_change(enum entry_type type)
{
	return type == ENTRY_ACCEPTED || type == ENTRY_UNSEEN || type == ENTRY_SEEN;
}

enum repeat doubt_verdict(const struct doubt *doubt)
{
	bool may_have_other = doubt->has_later || doubt->has_left;
	bool is_repeated = doubt->has_other || (may_have_other && !doubt->is_seen);

	if (!MINDS(is_repeated, REPEAT_UNREPORTED))
		return REPEAT_ONCE;
	return MINDS(doubt->is_seen, REPEAT_IS_POSSIBLE) ? REPEAT_TWICE : REPEAT_POSSIBLY_TWICE;
}

uint32_t doubts_count(const struct doubts *doubts, uint32_t app, enum repeat repeat)
{
	uint32_t n = 0;

	vec_each(doubt, doubts)
		n += doubt->app == app && doubt_verdict(doubt) == repeat;
	return n;
}

bool doubts_ask(const struct doubts *doubts, uint32_t app, uint32_t attempt)
{
	vec_each(doubt, doubts)
		if (doubt->app == app && doubt->attempt == attempt)
			return !doubt->is_seen;
	return false;
}
