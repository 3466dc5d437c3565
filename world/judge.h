#pragma once
/*
 * judge: what a run has promised, held against what the model's clusters hold: never against what
 * the run believed, nor against what Argo CD shows. An honest run is never accused, whatever the
 * faults; where the judge can't know, it lets pass, and says so below.
 *
 *   S1   No sync of a later stage is asked for unless, of each earlier stage, there is an instant
 *        by which each Application had been done since the run began, and since which each was
 *        done at some instant (world/truth). That is the promise, with its barrier's re-read.
 *        Of a promotion, whom somebody has skipped is excepted, each of them was done at an instant
 *        since its last barrier began, but for the lag of Argo CD's cache of live objects, and what
 *        was reopened was confirmed since.
 *   S2   No stage whose gate is asked begins, and nothing of it is asked for, unless the journal
 *        holds so many approvals as the rule wants: of this opening's nonce and this plan, by
 *        different people who may, and who have said so.
 *   S3   Nothing of a stage is asked for before the soaks of all before it are over; and a soak is
 *        over at the earliest when so much time has passed since all of its stage and before were
 *        done, and when the run has looked at them for so long: by Lists, one after the other; not
 *        counting what was before one of them was Degraded for a minute and a half, unless the plan
 *        lets that count.
 *   S4   An operation with the run's token asks for exactly its revision, in full: and that is what
 *        is synced.
 *   S6   The run has one operation of an Application at a time; it asks for none of what is done by
 *        its own; after an outcome that is unknown it reads before it asks again; and it asks
 *        three times at the most.
 *   S7   While the journal says that it is paused it asks for no sync, and begins no stage. After
 *        somebody has resumed, all is read once more before one begins.
 *   S8   After it has said that an Application failed it asks for nothing more, unless the plan
 *        says to keep going, or somebody to retry; and nothing after it was terminated, nor of a
 *        stage that was rejected.
 *   S9   No more Applications at a time than the plan says, from the POST to the operation's end.
 *   S10  What was acknowledged is in the journal: an instruction that was accepted, a POST, an end.
 *        And the journal has nothing twice: what was saved is known after a restart.
 *   S11  A run that ends 0 has selected something, and S1 holds of all its stages at its end.
 *   S12  No secret is in what a run tells or asks for, nor in the model's Applications.
 *   S13  After a stranger's full operation at its revision has begun in a later stage, it asks for
 *        nothing of later stages, unless the plan accepts that: once two Lists must have shown it.
 *        What was asked for and written over before it began has synced nothing, and is none.
 *        A promotion begins no later stage until somebody resumes it.
 *   S14  Of each POST that was not answered it says rightly how often it went out, when it ends.
 *        None that the model's API server accepted, and one of the same need beside it, is said to
 *        have gone out once; "twice" is said of no other; and "possibly twice" only of one that was
 *        repeated and whose token was in no version that it has heard of: since it was started
 *        anew, if it was, and from whatever server.
 *   S15  It asks Argo CD to terminate an operation only after somebody has said so of its
 *        operations, too; and only if what it read last, just now, shows one of its own.
 *   C1   Who is said to be done was done at an instant since the run began: that is the first half
 *        of the promise by itself. Who is said to be deleted was. While the controller's informer
 *        is seconds behind, Argo CD may show a status that was of no time: then this is asked of
 *        the barrier's re-read only, and so S3's beginning of a soak.
 *   C2   What it says rests on what it has read live: "done" on a version that shows a success, a
 *        later compare with R, and no deletion; "unchanged" on the operation that was there and on
 *        a refresh that was served since the first reading; "done still" on one since all were
 *        done, and on the same operation. A POST rests on a reading of just now.
 *   L1   Once all faults are over a run ends within `end_within_ms` and its own timeouts, all four
 *        of them; with --keep-going, of as many Applications as come after one another. A process
 *        that is started anew has all that time.
 *   L2   When the last approval that was missing is saved, all is read once more within 2 s, unless
 *        something else has come between since the gate was opened, or Argo CD did not answer.
 *   L3   A run that is not over awaits an answer, or a time; it does not turn for ever; and a tick
 *        before its time makes it ask for no sync: what was to be done was done by then.
 *   L4   An interrupted run is over at once, with the signal's exit code.
 *
 *	struct judge *judge = judge_new(argo, &config, now);
 *	size_t run = judge_begin(judge, plan, &order, now);
 *	judge_sent(judge, run, &request, now);	each request, just before it leaves
 *	judge_heard(judge, run, &event, now);	each event, just before it is delivered
 *	judge_turned(judge, run, deadline, now);	and after it
 *	judge_saved(judge, run, &entry, now);	of a promotion: each entry that is durable now
 *	judge_ended(judge, run, code, now);
 *	...
 *	judge_follow(judge, now);		whenever the model has moved
 *
 * S1 looks at the clusters at each of their changes, also at several in one millisecond; of what is
 * asked for it knows the millisecond.
 *
 * What is assumed, as the product assumes it: Argo CD's cache of live objects lags by no more than
 * half a second, for which a run waits from its first reading to the refresh that proves unchanged
 * (LIVE_CACHE_LAG_MS_MAX). Worlds keep live_cache_lag_ms there. And who runs can't know at once
 * that an Application has come or gone: one that is there for less than `known_after_ms` is not
 * asked about before a List or a watch has told of it, nor one whose labels move it to another
 * stage within that time.
 *
 * What is not seen: an Application that an ApplicationSet owes and has not made; a later change of
 * labels, which moves nothing to another stage here, nor in the product; a hook that is owed to a
 * sync, where an older Job of the same revision has succeeded. S6 and S9 let pass what follows from
 * a POST whose outcome the run could not know; S9 also what the run has told, or written down, to
 * be given up. S14 knows nothing of a proxy that brings a POST a second time under its own token;
 * what comes after a run has ended is held against what was said of it then.
 * Whom a promotion hears of while its decision is saved, up to a tenth of a second before the POST
 * leaves, it did not know of; nor whom Lists left out.
 */
#include "argo/argo.h"
#include "model/entry.h"
#include "model/note.h"
#include "model/overview.h"
#include "world/order.h"

enum property {
	PROPERTY_S1,
	PROPERTY_S2,
	PROPERTY_S3,
	PROPERTY_S4,
	PROPERTY_S6,
	PROPERTY_S7,
	PROPERTY_S8,
	PROPERTY_S9,
	PROPERTY_S10,
	PROPERTY_S11,
	PROPERTY_S12,
	PROPERTY_S13,
	PROPERTY_S14,
	PROPERTY_S15,
	PROPERTY_C1,
	PROPERTY_C2,
	PROPERTY_L1,
	PROPERTY_L2,
	PROPERTY_L3,
	PROPERTY_L4,
};
enum { PROPERTY_COUNT = PROPERTY_L4 + 1 };
const char *property_name(enum property property);

struct judge_config {
	int64_t known_after_ms; /* 0: a minute */
	int64_t end_within_ms;	/* 0: half an hour */
	int64_t cache_lag_ms;	/* of Argo CD's cache of live objects */
	/* A breach, in a sentence. */
	void (*on_breach)(void *self, enum property property, struct str what);
	void *self;
};

struct judge;

/* The model outlives the judge, who is its onlooker. */
struct judge *judge_new(struct argo *argo, const struct judge_config *config, wall now);
void judge_free(struct judge *judge);

uint32_t judge_breaches(const struct judge *judge, enum property property);
/* A text that nobody may say. It outlives the judge. */
void judge_keep_secret(struct judge *judge, struct str secret);

/* A run of the product: answers its number. Plan and order outlive the judge. */
size_t judge_begin(struct judge *judge, const struct plan *plan, const struct order *order,
		   wall now);
void judge_sent(struct judge *judge, size_t run, const struct request *request, wall now);
/* Before that: it has decided on its end, and what it hears until that is saved is lost on it. */
void judge_deafen(struct judge *judge, size_t run, bool is_deaf);
void judge_heard(struct judge *judge, size_t run, const struct event *ev, wall now);
void judge_told(struct judge *judge, size_t run, const struct note *note, struct str text,
		wall now);
/* False: it turns for ever, and the world had better end it. */
bool judge_turned(struct judge *judge, size_t run, instant deadline, wall now);
/* After the turn of a signal: how the run has ended, or -1. */
void judge_interrupted(struct judge *judge, int code, int signal_code);
/* What people are shown of it as it ends. */
void judge_pictured(struct judge *judge, size_t run, const struct overview *overview, wall now);
void judge_ended(struct judge *judge, size_t run, int code, wall now);
void judge_killed(struct judge *judge, size_t run);

/* A promotion hands over so many entries to be saved; one of them is durable; its process has died,
 * and what it had not saved is gone. */
void judge_handed(struct judge *judge, size_t run, size_t count);
void judge_saved(struct judge *judge, size_t run, const struct entry *entry, wall now);
void judge_fell(struct judge *judge, size_t run);
/* Somebody tells it something, whose texts outlive the judge; and what it answers. */
void judge_said(struct judge *judge, size_t run, const struct instruction *instruction);
void judge_answered(struct judge *judge, size_t run, const struct instruction_answer *answer,
		    wall now);

/* From now on S1 is asked of every operation at the order's revision, whoever asks for it. */
void judge_watch(struct judge *judge, const struct order *order, wall now);

/* The POSTs that a promotion's process had made when it died, and of which it had not written down
 * what became of them: how many, what was told of each in the end, of how many no more than
 * "possibly twice" could be known; of how many Argo CD had a version that would have told more, at
 * some moment while the run was there; and those that went out twice, by the model's log at the end
 * of the world, and were said to have gone out once. */
struct post_tally {
	uint32_t unanswered, told[REPEATS], allowed_possibly, shown, twice_unreported;
};
struct post_tally judge_posts(const struct judge *judge);

void judge_follow(struct judge *judge, wall now);
/* All faults are over. */
void judge_heal(struct judge *judge, wall now);
