#pragma once
/*
 * chronicle: a promotion for the record, in lines for people: who began it, who decided what and
 * when, how it ended. `tiphys history` has one for each, the newest first.
 *
 *	run r1: web at 3f2a91c, project platform: failed
 *	  2026-11-23T12:00:00Z  begun by ann
 *	  2026-11-23T13:25:00Z  stage 3 (production) asks for approval by 2 of group:sre, …
 *	  2026-11-23T13:50:00Z  bob approved stage 3 (production) (1 of 2): dashboards look good
 *	  2026-11-23T14:05:00Z  alice rejected stage 3 (production): error rate is up
 *	  2026-11-23T14:05:00Z  failed after 2h5m: stage 3 (production) was rejected by alice: …
 *
 * The last line of one that is under way is how it stands now.
 */
#include "view/overview_lines.h"

enum { CHRONICLE_BYTES_MAX = 4 * 1024 * 1024 };

/* `lines` has the story. Whole lines, and an empty one behind them. */
void chronicle_write(const struct overview_lines *lines, struct buf *out);
