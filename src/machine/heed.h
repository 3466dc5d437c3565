#pragma once
/*
 * heed: looks for the tokens of this run in every version of an Application that it hears of: in
 * answers to readings and to POSTs, and in frames of the watch, whatever becomes of them otherwise.
 * So what came of a POST that was not answered is known if it was ever shown; see doubts.h.
 *
 * No test of its own: run_test.c tells its stories.
 */
#include "machine/group.h"

/* Before anything is decided on this event. True: an entry ENTRY_SEEN was added. */
bool heed(struct group *group, const struct run_facts *facts, const struct event *ev,
	  struct out *out);

/* An entry has been applied, and more POSTs of its Application have turned out to be repeated than
 * the `twice` and `possibly` of before: that is told. */
void heed_tell(struct group *group, const struct run_facts *facts, uint32_t app, uint32_t twice,
	       uint32_t possibly, const struct now *now, struct out *out);
