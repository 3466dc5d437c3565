#pragma once
/*
 * heartbeat: what somebody who watches a promotion is told when nothing has changed for a while.
 *
 * While applications are at work their counts are news. In a long wait (a gate, a soak, a pause, a
 * hold) they are the same for hours: then it is said what it waits for and what to do, as by
 * `tiphys why`, and the longer it lasts the less often: at the first, the second, the fourth, the
 * eighth heartbeat, and so on, and at least at one of HEARTBEATS_APART_MAX.
 */
#include "view/overview_lines.h"

enum { HEARTBEATS_APART_MAX = 64 }; /* there is one each 30 s */

/*
 * `count` is how many there were since anything else was said, this one included. True: it is a
 * long wait, and what is to be said of it, which may be nothing, was appended. False: the counts
 * are.
 */
bool heartbeat_of_wait(const struct overview_lines *lines, uint32_t count, struct buf *out);
