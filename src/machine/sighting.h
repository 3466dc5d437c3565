#pragma once
/*
 * sighting: what has been seen of one application, and how well it was seen. Never journaled: after
 * a restart it is read again.
 *
 * Only objects that carry uid and resourceVersion are merged (a GET, a refresh's answer, a frame of
 * the watch), never backwards. Beside the newest version it keeps the proofs that decisions need,
 * in turns of the logical clock, so that "after" is exact:
 *
 *   live    the version was read from Argo CD's live object (a GET, or a refresh's 200 answer),
 *           not pushed by the watch, whose cache may lag.
 *   clean   a live reading, sent in this turn, showed no refresh annotation.
 *   served a refresh was served since this turn: a clean reading was sent in it, and a refresh sent
 *           after that reading's answer was answered 200. Argo CD answers a refresh only with a
 *           version that is newer than our annotation and without it, and the controller takes the
 *           annotation away only with a compare that began after seeing it. Had a stranger's
 *           annotation stood already, ours would have changed nothing: hence the clean reading.
 *           Errors, timeouts and cut connections prove nothing. Once served, it stays served.
 *   proof   the first live reading that was sent LIVE_CACHE_LAG_MS_MAX after the first one, in this
 *           turn. A compare that is asked for on the heels of the first reading may look at what
 *           was before the run; a refresh that was served since this reading does not.
 */
#include "model/event.h"

/* How long something that a judgement waits for has lasted: starts anew when kind or key
 * changes. */
struct clock {
	uint8_t kind;
	uint64_t key;
	instant since;
};

/* Argo CD's cache of live objects is behind by no more than this. By default it takes what changes
 * in a cluster in batches, every 100 ms (controller/cache/cache.go:117 and 129). */
enum { LIVE_CACHE_LAG_MS_MAX = 500 };

struct sighting {
	struct str namespace, name; /* the observer's */
	struct application *app;    /* the newest version merged; NULL: none yet. Owned. */
	uint32_t stage;		    /* the first one that selects it, when it was first seen */
	uint32_t selected_by;	    /* all that do, as bits; 0: no labels were seen yet */
	bool is_awaited;	    /* nobody has seen it yet: an ApplicationSet will make it */
	bool has_left;		    /* its labels have changed: its stage selects it no more */
	bool is_resting; /* done, or a later stage's: nobody needs its news but the watch's */
	bool is_gone;	 /* a live reading said 404 */
	bool is_live;
	/* something was seen that this version does not explain: a GET tells */
	bool is_doubted;
	bool is_missed;	      /* while a List is read: no row of it agrees */
	bool was_at_revision; /* its spec has been at R */
	instant changed_at;   /* when a version first was another one than before */
	instant merged_at;    /* when the newest version was merged */
	instant live_at;      /* when the live reading was answered */
	uint64_t read_turn;   /* of the first reading */
	instant read_at;
	/* when the first live one was answered */
	instant first_live_at;
	uint64_t live_turn; /* in which the newest live reading was sent */
	uint64_t clean_turn, served_turn, proof_turn;

	/* The set of objects that were OutOfSync in an earlier compare of the operation shown. */
	uint64_t drift_id, drift_turn;
	wall drift_compared_at;
	bool is_drift_lasting;

	/* At most one reading is under way for each application. */
	uint32_t asked; /* the request's id; 0: none */
	enum request_type asked_type;
	uint64_t asked_turn, asked_clean_turn;
	instant asked_at;
	instant refresh_answered_at;
	instant unanswered_since; /* a refresh has been asked for; 0: none waits for an answer */
	bool is_overlooked;	  /* and Argo CD does not seem to know */
	instant refreshed_at;	  /* when the newest refresh that was answered had been sent */
	uint32_t failures;	  /* of readings in a row */
	instant ask_again_at;	  /* after a failure: not before this */
	bool is_failing;	  /* its readings are not answered by Argo CD, */
	instant failing_since;	  /* since then */
	enum outcome no;	  /* the last reading was answered with a no that will stay */
	struct str no_message;	  /* owned */

	/* The POST under way. */
	uint32_t post_id; /* 0: none */
	bool has_post_reply;
	bool is_post_seen; /* a version has shown its token, if it isn't this one any more */
	enum outcome post_outcome;
	uint64_t post_reply_turn;
	struct str post_message; /* owned */
	uint32_t post_failures;	 /* rejections in a row that may pass */
	instant post_again_at;
	instant post_wanted_at; /* since when one is wanted; 0: none is */

	/* Kept for the judgement and the notes. */
	struct clock wait, grace;
	uint64_t done_turn;
	instant wake;  /* judge again then */
	bool is_dirty; /* judge again now */
	bool has_slot;
	bool is_ready;		 /* waits for a slot */
	bool is_queued;		 /* waits for room for a request */
	bool is_admitted;	 /* nothing forbids it to be in the plan */
	bool is_planned;	 /* seen well enough for the plan, */
	bool is_planned_to_come; /* as one that was not there yet */
	uint8_t wellness;	 /* of one that is done: enum wellness */
	bool is_extra;		 /* it appeared in a stage that had as many as were expected */
	uint8_t phase;		 /* as last told */
	uint64_t told;		 /* a hash of the cause last told */
	instant told_at;	 /* and when */
};

/* Merges a version that was read; false if it is older than what is known and was dropped. */
bool sighting_merge(struct sighting *sighting, const struct application *app, bool is_live,
		    const struct now *now);

/* A live reading was answered (200, or 404 with `app` NULL): the proofs. `refresh` if it was
 * one. */
void sighting_answered(struct sighting *sighting, const struct application *app, bool is_refresh,
		       const struct now *now);

/* Keeps the beginning of a text in one of the fields, in place of what was there: most sightings
 * have none, and there are many of them. */
void sighting_keep_text(struct str *field, struct str text);

/* Starts `clock` anew unless it runs for this kind and key; says since when it runs. */
void clock_keep(struct clock *clock, uint8_t kind, uint64_t key, instant now);
instant clock_since(const struct clock *clock, uint8_t kind, uint64_t key, instant now);

void sighting_release(struct sighting *sighting);
