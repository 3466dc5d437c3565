#pragma once
/*
 * entry: one durable fact of a run. The durable state of a run is the fold of its entries, made by
 * run_apply() alone; what the cluster looks like is never in here, it is read again.
 *
 * An entry names its application by index; ENTRY_MEMBER gives that index its key
 * (Argo CD context, namespace, name), so a journal can be read without the run.
 *
 * No test of its own: structs, and a table of names.
 */
#include "base/arena.h"
#include "model/cause.h"
#include "model/event.h"

enum entry_type {
	ENTRY_MEMBER,	 /* an application belongs to the run, in `stage` */
	ENTRY_READ,	 /* its first reading: which operation was shown, if any */
	ENTRY_POST,	 /* a sync is about to be posted; written before it leaves */
	ENTRY_ACCEPTED,	 /* our operation stands, by its answer or by its token */
	ENTRY_REJECTED,	 /* it did not come to be, as its answer says */
	ENTRY_ADOPTED,	 /* somebody else's full operation at R is followed as if it were ours */
	ENTRY_DONE,	 /* done at R in one version of the object */
	ENTRY_REOPENED,	 /* the barrier's re-read found it not done any more */
	ENTRY_CONFIRMED, /* the barrier's re-read found it done still */
	ENTRY_ENDED,	 /* failed, refused, left out: `code` and `cause` */
	ENTRY_STOPPED,	 /* nothing new is posted from here on */
	ENTRY_BARRIER,	 /* each of the stage was done at an instant of its own */
	ENTRY_PASSED,	 /* the barrier of the stage is behind: each was found done once more */
	ENTRY_STAGE,	 /* the stage begins */
	ENTRY_STRANGER,	 /* somebody's operation at R began before its stage did */
	ENTRY_UNSEEN,	 /* our POST was not answered, and no reading shows it: it may come still */
	ENTRY_SEEN,	 /* and such a one has come: its token is shown, that of POST `attempt` */

	/* Of promotions. */
	ENTRY_GATE,	  /* people are asked whether `stage` may begin; the opening has a nonce */
	ENTRY_APPROVED,	  /* one of them says yes */
	ENTRY_DECLINED,	  /* one of them says no; nobody (`who` is empty): it took too long */
	ENTRY_SOAKED,	  /* so long has all that is done been watched, and was well: `soaked_ms` */
	ENTRY_BREACH,	  /* an application was not well in the soak: `app`, `cause`, `soaked_ms` */
	ENTRY_HELD,	  /* because of `app`, synced before its stage, no further stage begins, */
	ENTRY_PAUSED,	  /* nothing new is issued at all, */
	ENTRY_RESUMED,	  /* until this */
	ENTRY_TERMINATED, /* nothing new is issued any more */
	ENTRY_TERMINATED_ALL, /* the same, and its operations that run are to end, too */
	ENTRY_RETRIED,	      /* who ended not well is at work again */
	ENTRY_SKIPPED,	      /* nobody waits for `app` any more */
	ENTRY_OVER,	      /* the run has ended: `code` */
};
enum { ENTRY_TYPES = ENTRY_OVER + 1 };

/* "member", "post": what it is called in a journal. */
const char *entry_name(enum entry_type type);

struct entry {
	enum entry_type type;
	uint32_t app;
	/* MEMBER, BARRIER, PASSED, STAGE, GATE, APPROVED, DECLINED, SOAKED, BREACH: 0, 1, ... */
	uint32_t stage;
	struct str context, namespace, name, uid; /* MEMBER; READ: uid */
	/* READ, ADOPTED, DONE, STRANGER: the operation shown; 0 none */
	uint64_t operation;
	wall finished_at; /* READ, DONE: of that operation */
	/* CONFIRMED: when the compare began that found it done still */
	wall compared_at;
	bool is_running; /* READ: it had not ended yet */
	/* DONE: by an unchanged basis, nothing was posted */
	bool is_skipped;
	bool is_accepted;	     /* STRANGER: the run goes on all the same */
	bool is_all;		     /* BARRIER: those of earlier stages are read once more, too */
	uint32_t attempt;	     /* POST, SEEN: 1, 2, ... */
	int code;		     /* ENDED, OVER */
	enum cause_type cause;	     /* ENDED, BREACH */
	struct str nonce;	     /* GATE, APPROVED, DECLINED */
	struct str subject, message; /* ENDED: the cause's; OVER: `message` */
	/* APPROVED to SKIPPED: by whom, as the kernel knows them, and why, in their words */
	struct str who, reason;
	uint32_t uid_of_who;
	/* STAGE, GATE to OVER: for people, and for what has to come within a time of days */
	wall at;
	int64_t soaked_ms; /* SOAKED, BREACH: by the monotonic clock, over all restarts */
};

/* With all of its texts. */
struct entry entry_copy(struct arena *arena, const struct entry *entry);
