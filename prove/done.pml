/*
 * done: one Application, from the run's first reading of it to the barrier's re-read, over an Argo CD
 * whose controllers and caches lag. Searched to the end: whenever the re-read holds, the clusters had
 * been at R, healthy, with R's hooks run, at an instant since the operation shown ended, and at one
 * since the barrier began.
 *
 *	prove/run          builds and searches it; docs/prove.md says what it shows and what it doesn't
 *
 * One process: every step of everybody is a branch of one loop, so a step is atomic and the order of
 * steps is free. Nobody has to take a step ever: so each lag is as long as it likes, unless an
 * assumption bounds it. What Argo CD does within one step it does within one write to etcd.
 *
 * What nobody will read again is set to one value, so that states which differ in it alone are one:
 * without that this search has thirty times the states. Each such place says why nobody will.
 *
 * Knobs, -DNAME when spin makes the verifier.
 *   how much happens   OPERATIONS=N at most, ours and strangers' together, else any number;
 *                      REFRESHES by strangers, any number; CRASHES, any number; LOCALS, `--local` syncs
 *                      among the operations; SPEC_MOVES, to R and away from it, any number of times;
 *                      DRIFTS, objects are changed behind Argo CD's back, any number of times
 *   what is claimed    STILL: also of an instant since the barrier began; DONE_ITSELF: of done(R)
 *                      without any re-read, if CACHE_WITHIN_A_SECOND: the cache of live objects lags
 *                      the end of an operation by less than a compare that is stamped later
 *   assumptions        switched off by ANY_LAG_OF_REFRESH, INFORMER_GOES_BACK, NO_WRITE_BACK,
 *                      CLOCK_STEPS_BACK
 *   mutants            NO_WORD drops the word
 */

/* ---- a version of the Application object: bits, so that to copy one is to copy a number ---- */

#define SYNCED 1       /* status.sync.status */
#define HEALTHY 2      /* status.health.status */
#define COMPARED 4     /* status.sync.comparedTo is the spec at R, and sync.revision is R */
#define SPEC_AT_R 8    /* spec.source.targetRevision */
#define ASKED 16       /* the refresh annotation stands */
#define LOCAL 32       /* the operation shown or asked for carries manifests */
#define BUSY 64	       /* `operation` is set: asked for or running */
#define SHOWN 128      /* status.operationState is there */
#define SUCCEEDED 256  /* its phase */
#define FULL 512       /* no dry run, not partial, not `apply`; it is full if it isn't LOCAL too */
#define OF_R 1024      /* its syncResult.revision */
#define FIRST 2048     /* it is the operation that the first reading showed (or none, then and now) */
#define DONE_WITH 4096 /* it is the operation that the Application was last done with */
/* reconciledAt, by whole seconds, against the finishedAt shown; without it, it is not later. */
#define LATER 8192
#ifdef NO_STRICTLY /* nobody else asks whether it is earlier */
#define SAME_SECOND 16384
#else
#define SAME_SECOND 0
#endif
#define OPERATION (LOCAL | SHOWN | SUCCEEDED | FULL | OF_R)

/* What the loop that compares reads from its snapshot, hence what an informer's copy must keep. */
#define STATUS (SYNCED | HEALTHY | COMPARED)
#define CONTROLLER_READS (STATUS | SPEC_AT_R | ASKED | LOCAL)

#define has(version, bits) (((version) & (bits)) == (bits))
#define lacks(version, bits) (((version) & (bits)) == 0)

/* ---- Argo CD and the cluster ---- */

short api; /* etcd: the newest version, what a live GET reads */
/* The informer's version when a compare began; LOOKED: which bits of the status it found changed, and
 * ASKED; WRITTEN: the answer to its patch. */
short snapshot;
/* What the controller's informer shows. The answer to the controller's patch goes there at once
 * (3.2's PatchAppWithWriteBack), and it is read when a compare begins alone: so it has no place of its
 * own while one is under way. INFORMER_GOES_BACK, as in 3.2.11: the answer comes on a way of its own,
 * and a version of the watch too, so either may come when a newer one is there already, which then is
 * gone until somebody writes again. */
#if defined(INFORMER_GOES_BACK) || defined(NO_WRITE_BACK)
short informer;
short late; /* on its way there */
bool is_late;
#else
#define informer snapshot
#endif

#define OLD 0	/* what another revision asks for */
#define AT_R 1	/* what R asks for */
#define OTHER 2 /* neither: `--local`, half a sync */
unsigned live : 2;   /* the objects */
unsigned cached : 2; /* in the controller's cache, as of its last look at the cluster */
#ifdef DRIFTS /* what they are is chosen when the cache looks, so nothing needs to hold it */
#define set_live(content) skip
#define drop_live() live = OLD
#else
#define set_live(content) live = content
#define drop_live() skip
#endif
/* The objects may be healthy and not at any time, so nothing holds that: it is chosen when the cache
 * looks. An instant at which nobody looks can only help the promise. */
bool is_cached_up;
bool is_cached_since_asked = true; /* the annotation was set, and the cache has looked */

#ifdef ANY_LAG_OF_REFRESH
#define CACHE_KEEPS_UP_WITH_REFRESHES true
#else
#define CACHE_KEEPS_UP_WITH_REFRESHES (lacks(snapshot, ASKED) || is_cached_since_asked)
#endif

#ifdef CACHE_WITHIN_A_SECOND
bool is_cached_since_end = true; /* the operation shown ended, and the cache has looked */
#define CACHE_KEEPS_UP_WITH_STAMPS (stamp != LATER || is_cached_since_end)
#define set_cached_since_end(value) is_cached_since_end = value
#else
#define CACHE_KEEPS_UP_WITH_STAMPS true
#define set_cached_since_end(value) skip
#endif

/* What became of R's hooks: a full sync of R runs them, a sync of another content ends their
 * meaning. */
mtype = { NEVER, FAILED, PASSED };
mtype hooks = NEVER;
#define IS_SYNC_OF_R (has(api, FULL | OF_R) && lacks(api, LOCAL))

/* The loop that operates. */
mtype = { NONE, REQUESTED, APPLIED };
mtype operation = NONE;
bool is_failing;	    /* it stopped half-way */
bool is_second_over = true; /* since the operation shown ended, a whole second has begun */

/* The loop that compares: at most one at a time for each Application. */
mtype = { IDLE, BEGUN, LOOKED, WRITTEN };
mtype compare = IDLE;
short result;	  /* the bits of the status that it found; LOOKED: of those that it changes */
short stamp;	  /* LATER, SAME_SECOND, 0: earlier */
bool is_stamping; /* a compare for a changed object alone moves no reconciledAt */

/* ---- the run ---- */

mtype = { UNREAD, OPEN, DONE, BARRIER, CONFIRMED };
mtype phase = UNREAD;
bool is_none_first; /* the first reading showed no operation */
/* Since the first reading, or since the barrier began: CLEAN, a live reading showed no annotation;
 * SENT, a refresh was sent after that; SERVED, it was answered. */
mtype = { NOTHING, CLEAN, SENT, SERVED };
mtype proof = NOTHING;
#ifdef OPERATIONS
byte operations;
#define MAY_OPERATE &&operations < OPERATIONS
#define COUNT_OPERATION operations++
#else
#define MAY_OPERATE
#define COUNT_OPERATION skip
#endif
#ifdef NO_ONE_VERSION
bool was_healthy; /* by a reading of this run */
#define keep_healthy() was_healthy = was_healthy || has(api, HEALTHY)
#else
#define keep_healthy() skip
#endif
#ifdef NO_LIVE
short watched; /* what the run's watch last told */
#endif

/* ---- the truth, which nobody in the model reads ---- */

bool was_good;	 /* since the operation shown began, and since the first reading */
#ifdef STILL
bool still_good; /* and since the barrier began */
#define STILL_GOOD still_good
#define set_still_good(value) still_good = value
#else
#define STILL_GOOD true
#define set_still_good(value) skip
#endif

/* Without an operation in this run that R's hooks ran here is nobody's claim; that none failed is. */
#define IS_GOOD                                                                                    \
	(live == AT_R && operation == NONE && phase != UNREAD &&                                   \
	 (hooks == PASSED || (hooks != FAILED && has(api, FIRST))))

/* ---- done(app, R): src/machine/done.c in the model's words, and a mutant for each ---- */

#ifdef NO_IDLE
#define IS_IDLE(v) true
#else
#define IS_IDLE(v) lacks(v, BUSY)
#endif
#ifdef NO_COMPARED
#define IS_COMPARED(v) true
#else
#define IS_COMPARED(v) has(v, COMPARED | SPEC_AT_R)
#endif
#ifdef NO_SYNCED
#define IS_SYNCED(v) true
#else
#define IS_SYNCED(v) has(v, SYNCED)
#endif
#if defined(NO_HEALTHY)
#define IS_HEALTHY(v) true
#elif defined(NO_ONE_VERSION) /* an earlier reading's will do */
#define IS_HEALTHY(v) (has(v, HEALTHY) || was_healthy)
#else
#define IS_HEALTHY(v) has(v, HEALTHY)
#endif
#if defined(NO_FRESH)
#define IS_FRESH(v) true
#elif defined(NO_STRICTLY)
#define IS_FRESH(v) (lacks(v, SHOWN) || ((v) & (LATER | SAME_SECOND)) != 0)
#else
#define IS_FRESH(v) (lacks(v, SHOWN) || has(v, LATER))
#endif

#ifdef NO_OPERATED_SUCCEEDED
#define O_SUCCEEDED 0
#else
#define O_SUCCEEDED SUCCEEDED
#endif
#ifdef NO_OPERATED_FULL
#define O_FULL 0
#else
#define O_FULL FULL
#endif
#ifdef NO_OPERATED_MANIFESTS
#define O_MANIFESTS(v) true
#else
#define O_MANIFESTS(v) lacks(v, LOCAL)
#endif
#ifdef NO_OPERATED_AT_R
#define O_OF_R 0
#else
#define O_OF_R OF_R
#endif
#ifdef NO_OPERATED_SINCE
#define O_SINCE(v) true
#else
#define O_SINCE(v) lacks(v, FIRST)
#endif
#define IS_OPERATED(v)                                                                             \
	(O_SINCE(v) && O_MANIFESTS(v) && has(v, SHOWN | O_SUCCEEDED | O_FULL | O_OF_R))

#ifdef NO_UNCHANGED_FIRST
#define U_FIRST(v) true
#else
#define U_FIRST(v) has(v, FIRST)
#endif
#ifdef NO_UNCHANGED_SUCCEEDED
#define U_SUCCEEDED(v) true
#else
#define U_SUCCEEDED(v) has(v, SUCCEEDED)
#endif
#ifdef NO_UNCHANGED_MANIFESTS
#define U_MANIFESTS(v) true
#else
#define U_MANIFESTS(v) lacks(v, LOCAL)
#endif
#ifdef NO_UNCHANGED_FULL
#define U_FULL(v) true
#else
#define U_FULL(v) has(v, FULL)
#endif
#ifdef NO_UNCHANGED_SERVED
#define U_SERVED true
#else
#define U_SERVED (proof == SERVED)
#endif
#define MAY_SKIP(v) (lacks(v, SHOWN) || (U_SUCCEEDED(v) && U_MANIFESTS(v) && U_FULL(v)))
#define IS_UNCHANGED(v) (U_FIRST(v) && MAY_SKIP(v))

#ifdef NO_BASIS
#define HAS_BASIS(v) true
#else
#define HAS_BASIS(v) (IS_OPERATED(v) || IS_UNCHANGED(v))
#endif
/* The barrier's re-read asks for a served refresh of its own: `unchanged` needs none in it. */
#define IS_SERVED_IF_UNCHANGED(v) (IS_OPERATED(v) || phase == BARRIER || U_SERVED)

#define IS_DONE(v)                                                                                 \
	(IS_IDLE(v) && HAS_BASIS(v) && IS_FRESH(v) && IS_COMPARED(v) && IS_SYNCED(v) &&            \
	 IS_HEALTHY(v) && IS_SERVED_IF_UNCHANGED(v))

#ifdef NO_REREAD_SERVED
#define IS_REREAD true
#else
#define IS_REREAD (proof == SERVED)
#endif
#ifdef NO_REREAD_SAME
#define IS_SAME(v) true
#else
#define IS_SAME(v) has(v, DONE_WITH)
#endif

/* Where a proof may be asked for: in the barrier, and while the basis is `unchanged`, which, once it
 * is lost, is lost to this run. */
#define IS_PROVING                                                                                 \
	(phase == BARRIER || (phase == OPEN && HAS_BASIS(api) && !IS_OPERATED(api)))

inline drop_idle_proof()
{
	proof = (IS_PROVING -> proof : NOTHING)
}

inline see_annotation()
{
	proof = (IS_PROVING && proof == NOTHING && lacks(api, ASKED) -> CLEAN : proof)
}

/* The first reading: which operation is shown is written down. */
inline read_first()
{
	phase = OPEN;
	was_good = false;
	is_none_first = lacks(api, SHOWN);
	api = (api & ~(FIRST | DONE_WITH)) | (lacks(api, BUSY) -> FIRST : 0)
}

inline reopen()
{
	phase = OPEN;
	set_still_good(false);
	api = api & ~DONE_WITH;
	drop_idle_proof()
}

/* A version was read: api. */
inline judge(version)
{
	keep_healthy();
	if
	:: phase == OPEN && IS_DONE(version) ->
#if defined(NO_REREAD) || defined(DONE_ITSELF)
		assert(was_good);
#endif
#ifdef DONE_ITSELF
		phase = CONFIRMED;
#else
		phase = DONE;
#endif
		proof = NOTHING;
		api = api | DONE_WITH
	:: phase == BARRIER && IS_DONE(version) && IS_REREAD ->
		if
		:: IS_SAME(version) ->
			assert(was_good);
			assert(STILL_GOOD);
			phase = CONFIRMED
		:: else -> reopen()
		fi
	:: (phase == BARRIER && proof == SERVED && !IS_DONE(version)) ||
		    (phase == DONE && !HAS_BASIS(version)) ->
		reopen()
	:: else
	fi
}

/* ---- what may happen to the object ---- */

/* POST sync, the server's side of it: operationState is cleared in the same write. Stamps that were
 * later than the finishedAt then shown are earlier than the one to come. */
inline request(what)
{
	api = (api & ~(OPERATION | LATER | (has(api, SHOWN) -> FIRST | DONE_WITH : 0) |
		       (is_second_over -> SAME_SECOND : 0))) |
	      BUSY | what | (is_none_first -> FIRST : 0);
	stamp = (is_second_over -> 0 : stamp & ~LATER);
	operation = REQUESTED;
	is_second_over = true;
	set_cached_since_end(true);
	/* A full one decides of them when it ends, and what is not R's ends their meaning. */
	hooks = (lacks(what, FULL) -> hooks : NEVER);
	was_good = false;
	set_still_good(false);
	drop_idle_proof()
}

inline ask_for_refresh()
{
	/* A merge patch that changes nothing makes no version. */
	is_cached_since_asked = is_cached_since_asked && has(api, ASKED);
	api = api | ASKED
}

inline begin_with_any()
{
	/* The status is that of an old compare, whatever that saw. */
	if :: live = OLD :: live = AT_R fi;
	cached = live;
#ifdef SPEC_MOVES
	if :: api = SPEC_AT_R :: skip fi;
	if :: api = api | COMPARED :: skip fi;
#else
	api = SPEC_AT_R | COMPARED;
#endif
	if :: api = api | HEALTHY :: skip fi;
	if :: api = api | SYNCED :: skip fi;
	/* No operation, or one that ended long ago. */
	if
	:: skip
	:: api = api | LATER | SHOWN | SUCCEEDED | FULL /* of another revision */
	:: api = api | LATER | SHOWN | OF_R | SUCCEEDED | FULL; hooks = PASSED
	:: api = api | LATER | SHOWN | OF_R | FULL; hooks = FAILED
	:: api = api | LATER | SHOWN | OF_R | SUCCEEDED; /* a partial one, after one that failed */
		if :: hooks = NEVER :: hooks = FAILED fi
#ifdef LOCALS
	:: api = api | LATER | SHOWN | OF_R | SUCCEEDED | FULL | LOCAL; live = OTHER; cached = OTHER
#endif
	/* A partial or dry one of another revision, after R's hooks had failed. */
	:: api = api | LATER | SHOWN | SUCCEEDED; hooks = FAILED
	fi;
	drop_live();
	informer = api & CONTROLLER_READS
}

active proctype world() provided (phase != CONFIRMED)
{
	short bits;

	atomic { begin_with_any() }
end:	do

	/* ---- the cluster ---- */
	:: atomic {
#ifdef DRIFTS
		if :: live = OLD :: live = AT_R :: live = OTHER fi;
#endif
		cached = live;
		set_cached_since_end(true);
		is_cached_since_asked = true;
		if
		:: is_cached_up = false
		:: is_cached_up = true;
			was_good = was_good || IS_GOOD;
			set_still_good(still_good || (IS_GOOD && phase == BARRIER))
		fi;
		drop_live()
	}

	/* ---- the clock ---- */
	:: atomic { operation == NONE && !is_second_over -> is_second_over = true }
	:: atomic {
		operation != NONE && ((api | stamp) & SAME_SECOND) != 0 ->
		api = api & ~SAME_SECOND;
		stamp = stamp & ~SAME_SECOND
	}

	/* ---- who writes the specs ---- */
#ifdef SPEC_MOVES
	:: atomic { api = api ^ SPEC_AT_R }
#endif

	/* ---- the informer ---- */
#if defined(INFORMER_GOES_BACK) || defined(NO_WRITE_BACK)
	:: atomic {
		!is_late && informer != (api & CONTROLLER_READS) ->
		late = api & CONTROLLER_READS;
		is_late = true
	}
	:: atomic { is_late -> informer = late; late = 0; is_late = false }
#else
	:: atomic { compare == IDLE -> informer = api & CONTROLLER_READS }
#endif

	/* ---- the loop that operates: it looks at the live object before it begins ---- */
	:: atomic {
		operation == REQUESTED ->
		operation = APPLIED;
		api = (api | SHOWN) & ~(FIRST | DONE_WITH);
		/* From now on none is shown only while one is asked for: then the run is not idle. */
		is_none_first = false;
		drop_idle_proof();
		if
		:: lacks(api, FULL) /* a dry run */
		:: lacks(api, FULL | OF_R) || has(api, LOCAL) -> set_live(OTHER); hooks = NEVER
		:: has(api, FULL) && lacks(api, OF_R) -> set_live(OLD)
		:: has(api, FULL) && lacks(api, OF_R) -> set_live(AT_R) /* the same content */
		:: has(api, OF_R) && lacks(api, LOCAL) -> set_live(AT_R)
		:: has(api, FULL) -> is_failing = true
		fi
	}
	:: atomic {
		operation == APPLIED ->
		operation = NONE;
		api = api & ~BUSY;
		is_second_over = false;
		set_cached_since_end(false);
		if
		:: !is_failing ->
			api = api | SUCCEEDED;
			hooks = (IS_SYNC_OF_R -> PASSED : hooks)
		:: true -> /* an apply, or a hook after all of them */
			hooks = (IS_SYNC_OF_R -> FAILED : hooks)
		fi;
		is_failing = false
#ifdef CLOCK_STEPS_BACK
		;
		/* finishedAt is earlier than a reconciledAt that was taken before. */
		if
		:: api = (api & ~SAME_SECOND) | LATER; is_second_over = true
		:: is_stamping -> stamp = LATER; is_second_over = true
		:: skip
		fi
#endif
	}

	/* ---- the loop that compares ---- */
	:: atomic {
		compare == IDLE ->
		compare = BEGUN;
		snapshot = informer;
		if
		:: is_stamping = true;
			stamp = (operation == NONE && is_second_over -> LATER : SAME_SECOND)
		:: lacks(snapshot, ASKED) /* an object has changed, nobody asked */
		fi
	}
	:: atomic {
		compare == BEGUN && CACHE_KEEPS_UP_WITH_REFRESHES && CACHE_KEEPS_UP_WITH_STAMPS ->
		result = (cached == (has(snapshot, LOCAL) ->
						OTHER :
						(has(snapshot, SPEC_AT_R) -> AT_R : OLD)) ->
				  SYNCED :
				  0) |
			 (is_cached_up -> HEALTHY : 0) | (has(snapshot, SPEC_AT_R) -> COMPARED : 0);
#if !defined(INFORMER_GOES_BACK) && !defined(NO_WRITE_BACK)
		/* A comparison error: Unknown, and any health. Where a difference may leave the Synced of
		 * an older compare standing, the error's own condition would tell, which isn't here. */
		if
		:: true
		:: result = result & COMPARED
		:: result = (result & COMPARED) | HEALTHY
		fi;
#endif
		/* What differs from the snapshot is written, and nothing else. */
		bits = (result ^ snapshot) & STATUS;
		if
		:: bits == 0 && !is_stamping -> compare = IDLE; result = 0
		:: else ->
			compare = LOOKED;
			snapshot = bits | (snapshot & ASKED);
			result = result & bits
		fi;
		bits = 0
	}
	:: atomic {
		compare == LOOKED ->
		api = (api & ~(snapshot | (is_stamping -> LATER | SAME_SECOND : 0))) | result |
		      stamp;
#ifdef INFORMER_GOES_BACK
		compare = WRITTEN;
		snapshot = api & CONTROLLER_READS;
#elif defined(NO_WRITE_BACK)
		compare = IDLE;
		snapshot = 0;
#else
		compare = IDLE;
		informer = api & CONTROLLER_READS;
#endif
		result = 0;
		stamp = 0;
		is_stamping = false
	}
#ifdef INFORMER_GOES_BACK
	:: atomic { compare == WRITTEN -> informer = snapshot; snapshot = 0; compare = IDLE }
#endif

	/* ---- syncs and refreshes, whoever asks for them: we, other runs, people, auto-sync ---- */
	:: atomic {
		lacks(api, BUSY) MAY_OPERATE ->
		COUNT_OPERATION;
		if
		:: bits = OF_R | FULL
		:: bits = OF_R
		:: bits = FULL
		:: bits = 0
#ifdef LOCALS
		:: bits = LOCAL
		:: bits = LOCAL | FULL | OF_R
#endif
		fi;
		request(bits);
		bits = 0
	}
#ifdef REFRESHES
	:: atomic { lacks(api, ASKED) -> ask_for_refresh() }
#endif

	/* ---- the run ---- */
	:: atomic { phase == UNREAD -> read_first(); see_annotation() }
#ifdef NO_LIVE /* it judges what the watch tells, when that comes */
	:: atomic { watched != api -> watched = api }
	:: atomic { phase != UNREAD && watched != 0 -> judge(watched) }
#endif
	:: atomic { phase != UNREAD -> see_annotation(); judge(api) }
	/* It may wait for ever: not answered in time, or with an error, is no proof. */
	:: atomic {
		phase != UNREAD ->
#ifdef NO_CLEAN
		proof = (IS_PROVING && proof == NOTHING -> SENT : proof);
#endif
		proof = (proof == CLEAN -> SENT : proof);
		ask_for_refresh()
	}
	/* Answered 200, with a version newer than the patch and without the annotation: one that a live
	 * reading would have shown now, so that judges it, or it is never judged, as a newer one is. */
	:: atomic { proof == SENT && lacks(api, ASKED) -> proof = SERVED }
	/* The last Application of the group is done: the barrier's re-read of this one begins. */
	:: atomic {
		phase == DONE ->
		phase = BARRIER;
		set_still_good(false)
	}
	/* What was seen is lost; what was durable is not, or all of it is, if there is no journal. */
#ifdef CRASHES
	:: atomic {
		phase != UNREAD ->
		proof = NOTHING;
		set_still_good(false);
		if
		:: phase = (phase == BARRIER -> DONE : phase)
		:: phase = UNREAD;
			is_none_first = false;
			was_good = false;
			api = api & ~(FIRST | DONE_WITH)
		fi
	}
#endif
	od
}
