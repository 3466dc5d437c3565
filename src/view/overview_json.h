#pragma once
/*
 * overview_json: where a promotion stands, as one JSON object on one line.
 *
 *	{"v":1,"type":"run","time":"2026-11-23T14:00:00Z","run":"r1","application":"web",…,
 *	 "state":"waiting","whys":[{"type":"gate","stage":3,"text":"…","next":"…"}],"stages":[…]}
 *
 * What view/json.h promises of version 1 holds here, too; so does what it says of cause, subject,
 * message, text, next, link, phase and counts. A field that would be an empty string, or does not
 * apply, is left out. Numbers of stages begin with 1. `tiphys history` leaves out whys,
 * applications and next; `runs` and `why` leave out what takes all of the journal: marked [j].
 *
 *   v, type        1, "run"
 *   time           when it was looked at
 *   run, application, project, revision
 *   submitter, submittedAt         who began it, and when
 *   server, address, version       of Argo CD: its UI, its API; of several, of the first
 *   servers        where there are several: each with context, server, address, version; and
 *                  then `context` says where a stage, an application or a why's application is
 *   state          waiting failing terminating paused held soaking unwell running beginning; or
 *                  else the result
 *   over           true: it is over; and then
 *     code, result                 as of view/json.h's end
 *     endText                      why, where it is not the applications that say it
 *     endedAt, durationMs          [j]
 *   whys           why it stands where it stands, the first reason first
 *     type         over server failed terminating paused held gate soak unwell app barrier
 *                  beginning
 *     text, next   the reason as a sentence, and what a person can do; the wording may change
 *     who, application, stage, cause, subject, message, leftMs, code
 *     stuck        of type app: nothing tells that it goes on by itself
 *     stillMs      of type app: for so long there has been no news of it
 *   whysLeftOut    so many more
 *   stages
 *     stage, name, selector, counts
 *     state        to-come at-gate at-work soaking at-barrier done
 *     beganAt
 *     gate         the one before it: approvals, wanted, approvers (["group:sre","user:alice"];
 *                  none: the owner), notSubmitter, openedAt, until, nonce, declined, passed,
 *                  answers [j]: each with time, command (approve reject), who (none:
 *                  nobody answered in time), reason
 *     soak         the one after it: forMs, soakedMs, onBreach (restart extend stop); and where it
 *                  was broken: breaches (how often), brokenBy (by whom, last)
 *   said           what people said beside the gates [j]: each with time, command
 *                  (pause resume terminate retry skip), who, reason, application
 *   applications   in the order of the run
 *     application, namespace, stage, phase, cause, subject, message, text, next, link
 *     skipped      true: somebody said that nobody is to wait for it
 *     unchanged    true: done without an operation of its own
 *     asked        twice possibly-twice: for a sync, since an answer was lost (machine/doubts.h);
 *                  left out where all went out once
 *     code         of one that failed
 *     left         of a run that is over, where that leaves it: done not-done running one-click
 *                  skipped (view/leftover.h)
 *   next           of a run that is over: ways to go on, each with command and text
 */
#include "base/buf.h"
#include "model/overview.h"
#include "view/story.h"

enum {
	OVERVIEW_JSON_VERSION = 1,
	OVERVIEW_JSON_WHYS_MAX = 20,
	/* What it takes at most, and what each application adds to that. */
	OVERVIEW_JSON_BYTES_MAX = 4 * 1024 * 1024,
	OVERVIEW_JSON_APP_BYTES_MAX = 256 * 1024,
};

/* Appends the object and a line end; nothing if it does not fit, and then `out` overflowed. Without
 * a story there are no answers. */
void overview_json(const struct overview *overview, const struct story *story, struct buf *out);

/* For the record: what happened, and not how things are. */
void overview_json_record(const struct overview *overview, const struct story *story,
			  struct buf *out);
