#pragma once
/*
 * ending: the operations of a promotion that was terminated together with them.
 *
 * Nothing is posted any more. Of each application whose operation of ours may be under way:
 *
 *   not read since       -> it is read live
 *   not begun            -> Argo CD can't terminate it yet: it is read again
 *   runs                 -> Argo CD is asked to terminate it, on a reading of just now; again if
 *                           it still runs a while after: the controller may have written over it
 *   being terminated     -> it is read again
 *   over                 -> ENTRY_ENDED: it was terminated, or ended by itself
 *
 * Only an operation with this run's token is ended. Anybody else's, one that was adopted too, is
 * nobody's to end but theirs. Argo CD takes no condition along, so another operation that begins
 * between our reading and our request would be hit: hence the reading of just now.
 *
 * What is not over in time is told as still running. Seen; after a restart all is read again, and
 * the time goes on by the calendar.
 *
 * No test of its own: run_test.c tells its stories through run.h, with a toy of Argo CD.
 */
#include "machine/group.h"

/* An answer to one of its requests. */
void ending_see(struct group *group, const struct reply *reply, const struct now *now);

/* True once nothing of ours is under way any more, or its time is up and that is written down.
 * `can_look`: all members have been read in this process, and judging them is nobody else's. */
bool ending_is_over(struct group *group, const struct run_facts *facts, bool can_look,
		    const struct now *now, struct out *out);

/* How it went, for the last line: "; operations: 2 terminated". */
struct str ending_words(const struct group *group, const struct run_facts *facts,
			struct arena *arena);
