#pragma once
/*
 * run: one `tiphys sync` from the first request to the exit code.
 *
 *   CONNECT   GET /api/version without credentials: is it an Argo CD?
 *   SETTINGS  which namespace is its own
 *   SELECT    the List; the watch starts beside it. Nothing selected: exit 2, and why
 *   READ      the first reading of every member, and its ApplicationSet
 *             refused members: all of them by name, exit 2, before anything is posted
 *             --dry-run: the preview, exit 0
 *   SYNC      the group at work; its barrier
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
#include "machine/group.h"

enum stage { STAGE_CONNECT, STAGE_SETTINGS, STAGE_SELECT, STAGE_READ, STAGE_SYNC, STAGE_OVER };

struct run {
	const struct plan *plan;
	struct group_facts facts; /* durable */

	/* Seen. */
	struct group group;
	enum stage stage;
	uint32_t asked; /* the stage's own request; 0: none */
	instant ask_again_at;
	uint32_t failures;
	bool is_trouble_told;
	enum outcome told_trouble;
	char url[256], version[64], home[256];
};

void run_init(struct run *run, const struct plan *plan, uint64_t seed);
void run_release(struct run *run);

void run_step(struct run *run, const struct event *ev, struct out *out);
void run_apply(struct group_facts *facts, const struct entry *entry);
instant run_deadline(const struct run *run);
