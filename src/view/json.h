#pragma once
/*
 * json: a run as newline-delimited JSON for programs, one object for each note.
 *
 *	{"v":1,"seq":7,"time":"2026-11-23T21:47:27.104Z","elapsedMs":4104,"type":"app",
 *	 "application":"web-test-1","phase":"syncing","cause":"operation","text":"syncing"}
 *
 * This is the contract; docs/output-json.md shows an example of each. Within version 1 a field
 * keeps its name, its type and its meaning. New fields, event types and causes may appear: a reader
 * skips what it does not know. A field that would be an empty string, or does not apply, is left
 * out.
 *
 *   every event
 *     v            1
 *     seq          1, 2, 3, … without a gap
 *     time         RFC 3339, UTC
 *     elapsedMs    since the run started
 *     type         one of the following
 *
 *   connected      the server has answered like an Argo CD; of several, each once
 *     run, project, revision, selector, dryRun     what is asked for; no selector: all of it
 *     selectors    of several stages, instead of selector
 *     server       the address of its UI, if it has one of its own
 *     address      where its API is asked: host, port, path
 *     version      its version
 *   plan           the applications are known and read
 *     plan         of a promotion: the hash of what is asked for, which an approval is of
 *     counts
 *     bestEffort   true: whether these are all could not be checked
 *     text         why not; the wording may change
 *   plan-stage     each stage of the plan
 *     selector, counts
 *     shared       how many more it selects, which belong to earlier stages
 *     toCome       how many of its members are not there yet
 *     name, wanted, approvers, soakMs   of a promotion: its name, how many of whom have to approve
 *                  before it, how long it is watched after it
 *   shared         an application that later stages select too: it belongs to the first
 *     application
 *     alsoSelectedBy          the numbers of those stages
 *   unselected     a dry run of several stages: what the selectors have in common selects it (or
 *                  the project has it, if that is nothing), and no stage does
 *     application
 *   stage          a stage begins
 *     selector, counts        of its members
 *   app            the phase or the cause of an application has changed
 *     application, destination
 *     phase        waiting syncing settling done confirmed failed left refused
 *     cause        why: a name of model/cause.def
 *     subject, message        what the cause is about, unabridged up to 4096 bytes each (subject
 *                  of a timeout: the name of the cause that was waited on)
 *     text         the cause as a sentence; the wording may change
 *     skipped      true: done without an operation of its own (in done and confirmed)
 *     code         the exit code that it stands for (in failed and refused)
 *     next         what a person can do; the wording may change (in failed and refused)
 *     link         its page in Argo CD (in failed and refused)
 *   preview        a dry run: what a run would do with it now
 *     application, destination, cause, subject, message, text
 *     action       wait skip adopt sync fail
 *     outOfSync, prune        how many objects differ; how many of them only pruning would end;
 *                  left out, as `objects`, while Argo CD has not compared it with the revision
 *     objects      the names of the first few
 *     changed, pruned         lists of "KIND NAMESPACE/NAME": what differs, and what only pruning
 *                  would end; where that is very many, the first of them
 *   warning
 *     text
 *   heartbeat      nothing has changed for a while
 *     counts
 *     application, cause, subject, message, text   the one that is farthest from done
 *   barrier        all of the stage were done; each is read once more
 *     counts
 *   stage-done     each was found done still; the next stage may begin
 *     selector, counts
 *   end            the last event
 *     code         the exit code
 *     result       done failed usage denied timeout superseded conflict internal try-again
 *                  interrupted
 *     text         why, where it is not the applications that say it
 *     project, revision, counts, bestEffort
 *     stagesDone   so many stages are done (of several)
 *
 *   stage, stages  with several stages, of what is about one of them or one of its applications:
 *                  its number, from 1, and how many there are
 *   context        with several Argo CDs, of what is about one of them, one of their stages or one
 *                  of their applications: its name
 *
 *   counts         {"total":12,"waiting":0,"syncing":0,"settling":0,"done":0,"confirmed":12,
 *                  "failed":0,"left":0,"refused":0,"skipped":3}: by phase; skipped ones are among
 *                  the done and the confirmed
 *
 * Texts from outside are not cleaned: they may have line ends and control characters, escaped as
 * JSON wants it.
 */
#include "base/buf.h"
#include "model/note.h"

enum {
	VIEW_JSON_VERSION = 1,
	VIEW_JSON_BYTES_MAX = 512 * 1024, /* no event is longer */
};

struct view_json {
	const struct plan *plan;
	uint64_t seq;		      /* of the last event */
	struct buf urls[SERVERS_MAX]; /* of their UIs */
};

/* The plan outlives the view. */
void view_json_init(struct view_json *view, const struct plan *plan);
void view_json_release(struct view_json *view);

/* Appends one event and a line end; nothing if that does not fit, and then `out` has overflowed. */
void view_json_note(struct view_json *view, const struct note *note, struct buf *out);
