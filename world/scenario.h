#pragma once
/*
 * scenario: a story in a text file: a fleet, what people and faults do to it and when, and behind a
 * line "----" the timeline that must come of it.
 *
 *	# Test is slow to be compared, and shows the old revision's Synced and Healthy meanwhile.
 *	cluster test-1 env=test
 *	cluster prd-1 env=prd
 *	component web               an ApplicationSet "web" over all clusters, rolled out at R1
 *
 *	at 0s delay env=test 8s
 *	at 0s push R2               a commit, and every ApplicationSet is moved to it
 *	at 3s sync R2 env=test then env=prd
 *	----
 *	[00:00.000] …
 *
 * Lines that begin with # are the story's own words, and so is what follows a # within a line.
 *
 * Before the first "at":
 *
 *	cluster NAME LABEL=VALUE…
 *	component NAME [hook=2s] [rollout=1s] [no-hook] [branch=main] [clusters=SELECTOR]
 *		[auto-sync [self-heal]] [auto-sync-off]     off: `automated` says `enabled: false`
 *		[retry=2 [retry-refresh]]
 *		[step=LABEL=VALUE…]                         steps make it a RollingSync
 *	argo [replicas=2] [lag=…] [lag1=…] [controller-lag=…] [live-cache-lag=…] [answer-lag=…]
 *		[processors=20] [progressive] [3.6]
 *	quirk-off NAME          argo/quirk.def
 *	show WHAT…              more kinds of lines: asked, operations, status, stamps,
 *			        live, spec, rollout
 *	left-out TOKEN…         Applications that the order asks nothing of (tokens of argo/steer.h)
 *	requests-max COUNT      it fails if its runs send more
 *	goes-wrong              a promise is broken in this story, and it fails if none is
 *	until TIME              the end; else it is when every run has exited, within two hours
 *	dice N                  what varies in the model does so as by this seed, and does not take
 *	                        the middle
 *	needless-ticks          runs are ticked at each step, which must make no difference
 *	lenient                 what can't be done when its time comes is passed over
 *
 * "at TIME …", what people and faults do (deeds.c):
 *
 *	push R2 [only] [fails=hook|web] [extra=NAME]            a commit; extra: one ConfigMap more
 *	move R2 [values=TEXT]               retarget APP R2     all ApplicationSets; one Application
 *	sync-by WHO APP R2 [partial|apply|dry-run|local|other-source]
 *	overwrite-by WHO APP R2 [partial|apply|dry-run]         a patch, over whatever stands there
 *	terminate APP|any                   refresh APP [hard]
 *	new-cluster NAME LABEL=VALUE…       label-cluster NAME LABEL=VALUE…
 *	delete APP                          finalizer APP
 *	drift APP                           health APP Degraded
 *	close-window GLOB                   open-window         syncs of these are denied; of none
 *	pause APP                           unpause APP         the annotation skip-reconcile
 *	patch-synced APP                    wedge APP           its status; an operation that ended
 *	fight APP TIME                      its spec flips ten times a second
 *	hold|release helm|pod|hook TOKEN    fail|mend helm|pod|hook TOKEN [WORDS…]
 *	delay TOKEN TIME                    its renders; 0s ends it
 *	stop|start COMPONENT [REPLICA]      server, controller, appsets, repo-server
 *	lag COMPONENT REPLICA TIME          lose COMPONENT REPLICA COUNT        clock +90s
 *
 * what happens to the next COUNT requests of a kind (get, sync, …, any; weather.h), and to all
 * connections:
 *
 *	refuse KIND COUNT                   lose-request KIND COUNT         twice KIND COUNT
 *	cut-answer KIND COUNT               lose-answer KIND COUNT          short list COUNT
 *	slow-request KIND COUNT TIME        slow-answer KIND COUNT TIME
 *	echo watch COUNT TIME               answer-with KIND COUNT STATUS   cut   heal
 *
 * and what runs do (runs.c):
 *
 *	sync R2 SELECTOR [then SELECTOR…] [keep-going] [accept-foreign] [health-timeout=1m] …
 *	again sync R2 …                     unless a run still goes on
 *	interrupt [RUN]      sigterm [RUN]        kill [RUN]     the newest run, or the n-th
 *	naive R2 SELECTOR [then …]          what scripts do: world/naive.h
 *	watch-order R2 SELECTOR [then …]    holds everybody to the order; sync's own is always held
 *
 * and what promotions do (promotions.c): stages with gates before them and soaks after them; what
 * people tell the newest one, or run=N; and how its process dies and comes back:
 *
 *	promote R2 env=test soak 30s [extend|stop] then gate [asks=group:sre,alice] [count=2]
 *		[not-submitter] [within=10m] env=prd … [submitter=alice] and the flags of sync
 *	say approve|reject|pause|resume|terminate|retry|skip APP [by=NAME] [because=TEXT]
 *		terminate operations: and what it has started in Argo CD
 *		[gate=1] [other-plan]      who had looked at the first gate, or at another plan
 *	kill [RUN]   restart [run=N]       what was saved stays
 *	disk full    disk free             who wants to save something ends
 *	… then there env=prd               the stage is on a second Argo CD: doors.h
 *	shut|open here|there               one of the two is away; is back
 *	clock-there -90s                   the second one's clock, against the first one's
 *	attend                             from now on somebody restarts, resumes and approves
 *
 * People are the owner, alice and bob of group sre, carol and eve.
 *
 * "with 3 sync …" instead of "at TIME …" does it as the runs send their third request of a kind;
 * "with 3 sync+200ms …" so much later. There "it" is the Application that the request is about.
 * So does "with 2 gate+5s …" as the journals open their second gate; "soak" as they begin one,
 * "approval" as they hold one; "save" as they are to save something for that many times, "saved" as
 * that is durable. What is durable has had no effect yet.
 *
 * The first revision is R1; others are called as their push calls them. An Application is called
 * COMPONENT-CLUSTER. No run may break what it promises, whatever the expected part says: judge.h.
 * The expected part is written by `--update` and read by people in the diff.
 *
 * No test of its own: every file in scenarios/ is one.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "world/world.h"

/* A line of the script that was done, or whose weather struck. */
struct struck {
	uint32_t line;
	int64_t at_ms;
};

struct strucks VEC_OF(struct struck);

/* How it went, for who plays many. */
struct scenario_outcome {
	struct world_tally tally;
	uint32_t breaches[PROPERTY_COUNT];
	uint32_t run_count;
	int code; /* of the newest run; -1: it has not ended, or there was none */
	int64_t ended_ms;
	struct strucks strucks; /* in their order; to be released */
};

struct scenario_options {
	/* 0: everything takes the middle of what it may take, which no change of the model's dice
	 * moves: the expected parts are of this one */
	uint64_t seed;
	bool shows_all;			  /* all kinds of lines */
	bool is_quiet;			  /* no timeline: it is much faster */
	bool is_drawn;			  /* a broken order is in the outcome, and no error */
	struct scenario_outcome *outcome; /* NULL: nobody asks */
	/* no bytes between the product and the model: faster, and the same timeline */
	bool speaks_structs;
};

/* Plays the script (all of a file's text, the expected part may be missing) and appends the
 * timeline that came of it. Error: E_SYNTAX with the line,
 * for what is no command or can't be done; without a line, if a promise was broken, or was not
 * where it should be. The timeline is there in any case. */
[[nodiscard]] int scenario_run(struct str script, const struct scenario_options *options,
			       struct buf *ret_timeline, struct err *err);

/* Splits a file at its line "----"; false: there is none, and all of it is script. */
bool scenario_split(struct str text, struct str *ret_script, struct str *ret_expected);
