#pragma once
/*
 * note: what a run has to say to people and to programs that follow it. Machines emit notes, view/
 * renders each as a line, as JSON, and later as other things: one source for all of them.
 *
 * No test of its own: a table of names; view/ tests what is made of notes.
 */
#include "model/cause.h"
#include "model/event.h"
#include "model/instruction.h"
#include "model/plan.h"

/* Where an application stands; the cause says why. */
enum app_phase {
	PHASE_WAITING,	/* for the revision, a compare, a stranger, its turn */
	PHASE_SYNCING,	/* an operation at R is asked for or runs */
	PHASE_SETTLING, /* the operation succeeded; not Synced, Healthy and compared yet */
	PHASE_DONE,	/* done once; the barrier's re-read is to come */
	PHASE_CONFIRMED,
	PHASE_FAILED,
	PHASE_LEFT, /* nothing was posted, nothing failed: held back or interrupted */
	PHASE_REFUSED,
};
enum { APP_PHASES = PHASE_REFUSED + 1 };

const char *app_phase_name(enum app_phase phase);

/* Why it could not be checked whether the applications are all; the last one that is true. */
enum best_effort {
	BEST_EFFORT_NOT,       /* it was */
	BEST_EFFORT_DRY_RUN,   /* only a GET may be sent, and to ask what is generated is none */
	BEST_EFFORT_FAILED,    /* the question was not answered */
	BEST_EFFORT_NO_CREATE, /* the right to ask it is missing */
	BEST_EFFORT_NO_GET,    /* the right to read the ApplicationSets is */
};

enum note_type {
	NOTE_CONNECTED, /* to `name` (its UI's address or empty), version in `text` */
	NOTE_PLAN,	/* the members are known: counts.total of them */
	/* one stage of it: `stage`, `selector`, counts.total members, `shared` that earlier stages
	 * own, `to_come` of the members that are not there yet */
	NOTE_PLAN_STAGE,
	NOTE_SHARED,	 /* an application that later stages select too, `also` as bits */
	NOTE_UNSELECTED, /* --dry-run: what the selectors have in common selects, and no stage */
	NOTE_APP,	 /* an application's phase or cause changed */
	NOTE_PREVIEW,	 /* --dry-run: what would be done to it, and why */
	NOTE_WARNING,	 /* `text` */
	NOTE_HEARTBEAT,	 /* nothing has changed for a while: counts, and the worst cause */
	NOTE_STAGE,	 /* a stage begins: counts.total members */
	NOTE_BARRIER,	 /* all of the stage are done; each is read once more */
	NOTE_PASSED,	 /* its barrier is behind */
	NOTE_RESTARTED,	 /* a run goes on after a restart; counts, `stage` is at work */
	NOTE_GATE,	 /* people are asked whether `stage` may begin */
	NOTE_SAID,	 /* somebody has said something: `command` */
	NOTE_SOAK,	 /* the soak of `stage` begins, or goes on after it was broken */
	NOTE_BREACH,	 /* an application was not well in it */
	NOTE_END,	 /* `code`, `text` says why if it is not 0 */
};

/* --dry-run */
enum preview {
	PREVIEW_WAIT, /* for the cause */
	PREVIEW_SKIP, /* synced and healthy by what is shown; a run would ask Argo CD once more */
	PREVIEW_ADOPT,
	PREVIEW_SYNC,
	PREVIEW_FAIL,
};

struct counts {
	uint32_t total;
	uint32_t by_phase[APP_PHASES];
	uint32_t skipped; /* of the done and confirmed ones */
};

struct note {
	enum note_type type;
	struct now now;
	struct str name, namespace; /* the application's */
	uint32_t server;	    /* where it is, or who was CONNECTED: of the plan's */
	uint32_t names_width;	    /* APP, PREVIEW: of the longest name in the run, in bytes */
	struct str destination;
	struct str text;
	uint32_t stage; /* 1, 2, ...; 0: it is about none. END: so many are done */
	struct str selector;
	uint32_t shared, to_come, also;
	enum best_effort best_effort; /* PLAN, END */
	enum app_phase phase;
	struct cause cause;
	enum preview preview;
	/* PREVIEW: its spec says the revision, and Argo CD has compared it with that; these are out
	 * of sync, of them prune_count to be pruned: the first few, and in a line each */
	bool is_at_revision, is_compared;
	struct str objects, changed, pruned;
	uint32_t out_of_sync_count, prune_count;
	bool is_skipped;
	struct counts counts;
	int code;
	enum outcome outcome; /* END: of the request for which it ended; OUTCOME_OK: of none */
	int64_t elapsed_ms;   /* END, APP: since the start */
	/* Promotions. */
	struct str nonce;		   /* GATE */
	enum instruction_type instruction; /* SAID */
	bool with_operations;		   /* SAID to terminate */
	struct str who, reason;		   /* SAID; `who` is empty: nobody in time */
	uint32_t approvals, wanted;	   /* GATE, SAID to approve */
	int64_t soak_ms;		   /* SOAK, BREACH: what is left of it */
};
