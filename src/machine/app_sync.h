#pragma once
/*
 * app_sync: what is to be done about one application now, and why.
 *
 * A pure function of what is known: the plan, the member (durable) and the sighting (seen). It
 * keeps no state of its own and remembers no phase, so it gives the same answer after a restart,
 * and every answer can be tested from a table. The group acts on the judgement.
 *
 *   not at R ------> WAIT (revision)                      superseded, if it was at R before: FAIL
 *   at R, idle ----> done_gap() says what is missing:
 *      nothing           -> LOOK (a live reading), then DONE
 *      a basis           -> POST
 *      a compare         -> WAIT, REFRESH where none would come by itself
 *      Synced, Healthy   -> unchanged so far: POST; operated: WAIT, until lasting or timeout
 *      a served refresh  -> LOOK, REFRESH
 *   at R, busy ----> full and at R: ADOPT, WAIT (operation); else WAIT (foreign operation)
 *   done ----------> WAIT until all are, then the re-read: CONFIRM or REOPEN; in a promotion it
 *                    is watched all the time (`wellness`), and REOPENed when it is done no more
 *
 * That is in its own stage. Before, app_judge_early() says what cannot wait for its turn.
 */
#include "base/arena.h"
#include "machine/done.h"
#include "model/exit_code.h"
#include "model/note.h"

enum judgement_type {
	JUDGE_WAIT,
	JUDGE_LOOK,    /* read it live */
	JUDGE_REFRESH, /* have Argo CD compare it, and read the answer */
	JUDGE_POST,
	JUDGE_ACCEPT, /* our operation stands */
	JUDGE_REJECT, /* our POST came to nothing */
	JUDGE_UNSEEN, /* nothing is to be seen of it, and no answer says why */
	JUDGE_ADOPT,
	JUDGE_DONE,
	JUDGE_REOPEN,
	JUDGE_CONFIRM,
	JUDGE_STRANGER, /* somebody's operation at R began before its stage did */
	JUDGE_FAIL,
};

/* How one that was done is now. */
enum wellness {
	WELL,
	PASSING, /* it will be well again, or is believed to be ill only after some grace */
	UNWELL,	 /* its health is not what it was; only time or people help */
};

struct judgement {
	enum judgement_type type;
	enum app_phase phase;
	struct cause cause;
	bool is_quiet; /* on the way to another judgement: phase and cause are not told */
	int code;      /* FAIL */
	instant wake;  /* judge again then, if nothing happens before */
	struct clock wait, grace; /* the clocks to keep running; kind 0: none, it stops */
	enum wellness wellness;	  /* of one that is done */
};

/* What the group knows and a member does not. */
struct circumstances {
	const struct plan *plan;
	struct str owner_says; /* the ApplicationSet's targetRevision, or empty */
	struct str after;      /* the stage before its own: "stage 1 (env=test)" */
	instant started;       /* its stage */
	/* when the compares began by which the stages before its own were done: what started before
	 * that came too early. By its own Argo CD's clock: of those that are elsewhere this says
	 * nothing. 0: there is none */
	wall passed_at;
	bool is_barrier;
	uint64_t barrier_turn;
	bool is_anything_accepted;
};

/* Texts that the judgement makes up live in `arena`. The member has a reading. */
struct judgement app_judge(const struct circumstances *at, const struct member *member,
			   const struct sighting *sighting, const struct now *now,
			   struct arena *arena);

/* The same for an application whose stage has not begun: it waits, unless somebody's operation at R
 * starts, or it can never be done any more. */
struct judgement app_judge_early(const struct circumstances *at, const struct member *member,
				 const struct sighting *sighting, const struct now *now,
				 struct arena *arena);

/* What a wait ends as that has lasted for too long. */
struct judgement app_timeout(const struct cause *cause, int64_t ms, struct arena *arena);

/* Why this application may not be in the plan at all; CAUSE_COUNT: it may. `home` is Argo CD's own
 * namespace. `is_rolling`: its ApplicationSet has strategy RollingSync. */
struct cause app_refusal(const struct plan *plan, const struct application *app, struct str home,
			 bool is_rolling);

/* --dry-run: what a run would do with what is shown. */
enum preview app_preview(const struct circumstances *at, const struct member *member,
			 const struct sighting *sighting, const struct now *now,
			 struct arena *arena, struct cause *ret_cause);
