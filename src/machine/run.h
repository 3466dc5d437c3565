#pragma once
/*
 * run: one `tiphys sync` from the first request to the exit code. A run has stages, a stage a
 * group of applications.
 *
 *   CONNECT   GET /api/version without credentials: is it an Argo CD? Then its settings: which
 *             namespace is its own. Where there are several, each goes on by itself from here to
 *             its List, and the run once all have
 *   SELECT    the List; the watch starts beside it, and the ApplicationSets are asked what they
 *             make. Nothing selected: exit 2, and why
 *   READ      the first reading of every member, and its ApplicationSet
 *             refused members, of whatever stage: all of them by name, exit 2, before anything is
 *             posted. --expect: until so many are there
 *             --dry-run: the preview, exit 0
 *   SYNC      the stages in their order, each with its group at work and its barrier
 *   OVER
 *
 * Calling sequence, for the engine (or a test):
 *
 *	run_init(&run, &plan, seed);
 *	run_step(&run, &event, &out);     entries to save, then effects to release
 *	run_deadline(&run)                when to send EV_TICK at the latest
 *	run_release(&run);
 *
 * Inside, deciding reads the facts as const; run_apply() alone writes them, entry by entry, and is
 * all that a replay needs.
 */
#include "machine/stage.h"

enum run_phase { RUN_CONNECT, RUN_SELECT, RUN_READ, RUN_SYNC, RUN_OVER };

/* How far it is with one of its Argo CDs. */
struct run_server {
	enum { SERVER_VERSION, SERVER_SETTINGS, SERVER_KNOWN } step;
	uint32_t asked; /* the step's own request; 0: none */
	instant ask_again_at;
	bool is_trouble_told;
	enum outcome told_trouble;
};

struct run {
	const struct plan *plan;
	struct run_facts facts; /* durable */

	/* Seen. */
	struct group group;
	enum run_phase phase;
	VEC(struct run_server) servers; /* as the plan has them */
	bool is_restored;		/* it goes on after a restart, or after a retry */
	bool is_shortage_told;		/* members that are expected are waited for */
};

void run_init(struct run *run, const struct plan *plan, uint64_t seed);

/* Before the first event: the run goes on from these entries, all that were saved. One that is over
 * takes commands only. */
void run_restore(struct run *run, const struct entry *entries, size_t count);
void run_release(struct run *run);

void run_step(struct run *run, const struct event *ev, struct out *out);
void run_apply(struct run_facts *facts, const struct entry *entry);
instant run_deadline(const struct run *run);
