/*
 * stages: two Applications of an earlier stage and one of a later one, a run that is killed, and
 * strangers. Searched to the end: whenever the later one is posted, each earlier one had been at R at
 * an instant of its own, and at another one after all of them had been found done; and no stranger
 * had begun to sync the later one, as far as a live reading before the POST can know.
 *
 * What done.pml shows of one Application stands here as a contract: who asks may be told "not done" at
 * any time, and "done" if the Application was fine at an instant since the run began; in a re-read, if
 * it was since the barrier began (or since it was done, if that was later). Who isn't sure to be asking
 * for a re-read is told no more than that it was fine since the asking. Fine comes and goes as it
 * likes: that is everything that strangers, flapping objects and Argo CD can do to it.
 *
 * Entries are saved before their effects leave; a kill loses what was not saved and all that was seen.
 * Mutants: NO_WORD drops the word.
 */
#define N 2
#define STRANGERS 2 /* operations of theirs on the later Application */

/* ---- the world ---- */

bool is_fine[N];
unsigned later_shown : 2; /* the later Application's operation: what was there, then strangers' */
bool is_later_ours;	  /* the run has posted it: the end */

/* ---- the run: durable, once it is saved ---- */

bool is_done[N], is_confirmed[N];
bool is_later_unsaved, is_later_read; /* the first reading of the later Application is written down: */
unsigned later_first : 2;	      /* what it showed */
bool is_stopped;		      /* a stranger was seen there */
bool is_stage_unsaved, is_stage_saved; /* the barrier held */

/* ---- seen: lost with a kill ---- */

bool is_barrier;  /* it has begun in this process */
bool is_asked[N]; /* a compare has been asked for, */
bool is_for_barrier[N];
bool was_fine_since_asked[N], was_fine_in_barrier[N]; /* what Argo CD may answer by */
bool is_later_warm; /* a live reading of the later one, */
unsigned later_seen : 2; /* what it showed */

/* ---- the truth ---- */

bool was_fine[N];	  /* since the run began */
bool was_found[N];	  /* done, by a reading of this run */
bool was_fine_after[N];	  /* all had been found */
bool has_begun;		   /* the run has acted: */
unsigned later_then : 2; /* what the later Application showed then */

#define ALL(list) (list[0] && list[1])

inline witness(a)
{
	if
	:: is_fine[a] ->
		was_fine[a] = true;
		was_fine_since_asked[a] = was_fine_since_asked[a] || is_asked[a];
		was_fine_in_barrier[a] = was_fine_in_barrier[a] || (is_barrier && is_done[a]);
		was_fine_after[a] = was_fine_after[a] || ALL(was_found)
	:: else
	fi
}

#ifdef NO_BARRIER
#define IS_STAGE_DONE ALL(is_done)
#else
#define IS_STAGE_DONE (ALL(is_done) && ALL(is_confirmed))
#endif
#ifdef NO_SINCE /* a compare that was asked for before the barrier began counts */
#define COUNTS_FOR_BARRIER(a) true
#else
#define COUNTS_FOR_BARRIER(a) is_for_barrier[a]
#endif
#ifdef NO_WAIT_FOR_ALL /* each is read again when it is done itself */
#define MAY_REREAD(a) is_done[a]
#else
#define MAY_REREAD(a) is_barrier
#endif
#if defined(NO_EARLY_READING) /* the later stage is read when it begins */
#define MAY_READ_LATER is_stage_saved
#define MAY_BEGIN true
#elif defined(NO_SAVING) /* effects leave before the entries are saved */
#define MAY_READ_LATER true
#define MAY_BEGIN (is_later_read || is_later_unsaved)
#else
#define MAY_READ_LATER true
#define MAY_BEGIN is_later_read
#endif
#ifdef NO_STOPPING
#define MAY_POST_LATER true
#else
#define MAY_POST_LATER !is_stopped
#endif

active proctype world() provided (!is_later_ours)
{
	byte a;
	bool is_told_done;

end:	do
	/* ---- strangers, Argo CD, objects ---- */
	:: atomic { is_fine[0] = !is_fine[0]; witness(0) }
	:: atomic { is_fine[1] = !is_fine[1]; witness(1) }
	:: atomic { later_shown < STRANGERS -> later_shown++ }

	/* ---- the run asks for a compare ---- */
	:: atomic {
		if :: a = 0 :: a = 1 fi;
		if
		:: MAY_BEGIN && !is_asked[a] && !is_stage_saved && !is_stopped ->
			if
			:: !has_begun -> has_begun = true; later_then = later_shown
			:: else
			fi;
			is_asked[a] = true;
			is_for_barrier[a] = is_done[a] && MAY_REREAD(a);
			was_fine_since_asked[a] = false;
			witness(a)
		:: else
		fi;
		a = 0
	}
	/* ... and judges the answer, or gets none. */
	:: atomic {
		if :: a = 0 :: a = 1 fi;
		if
		:: is_asked[a] ->
			is_asked[a] = false;
			if
			:: is_told_done = was_fine_since_asked[a] || (!is_done[a] && was_fine[a]) ||
					  (is_for_barrier[a] && was_fine_in_barrier[a])
			:: is_told_done = false
			fi;
			was_fine_since_asked[a] = false;
			if
			:: is_told_done && !is_done[a] ->
				is_done[a] = true;
				was_found[a] = true;
				witness(a)
			:: is_told_done && is_done[a] && COUNTS_FOR_BARRIER(a) ->
				is_confirmed[a] = true
			:: !is_told_done && is_done[a] ->
				is_done[a] = false;
				is_confirmed[a] = false;
				was_fine_in_barrier[a] = false
			:: else
			fi;
			is_for_barrier[a] = false;
			is_told_done = false
		:: else
		fi;
		a = 0
	}
	:: atomic { ALL(is_done) && !is_barrier -> is_barrier = true; witness(0); witness(1) }
	/* ---- the stage is done: written down, saved, and only then is anything posted ---- */
	:: atomic { IS_STAGE_DONE && !is_stage_unsaved && !is_stage_saved -> is_stage_unsaved = true }
	:: atomic { is_stage_unsaved -> is_stage_unsaved = false; is_stage_saved = true }

	/* ---- the later Application ---- */
	:: atomic {
		MAY_READ_LATER ->
		is_later_warm = true;
		later_seen = later_shown;
		if
		:: !is_later_read && !is_later_unsaved ->
			is_later_unsaved = true;
			later_first = later_seen
		:: else
		fi;
		is_stopped = is_stopped || later_seen != later_first
	}
	:: atomic { is_later_unsaved -> is_later_unsaved = false; is_later_read = true }
	:: atomic {
		is_stage_saved && is_later_warm && is_later_read && MAY_POST_LATER ->
		assert(ALL(was_fine));
		assert(ALL(was_fine_after));
		/* What begins after the reading that the POST rests on is nobody's to know. */
		assert(later_seen <= later_then);
		is_later_ours = true
	}

	/* ---- a kill, and a start from the journal; or one without, which is another run ---- */
	:: atomic {
		is_barrier = false;
		is_asked[0] = false;
		is_asked[1] = false;
		is_for_barrier[0] = false;
		is_for_barrier[1] = false;
		was_fine_since_asked[0] = false;
		was_fine_since_asked[1] = false;
		was_fine_in_barrier[0] = false;
		was_fine_in_barrier[1] = false;
		is_later_warm = false;
		later_seen = 0;
		later_first = (is_later_unsaved -> 0 : later_first);
		is_later_unsaved = false;
		is_stage_unsaved = false;
		if
		:: true
		:: true ->
			is_done[0] = false;
			is_done[1] = false;
			is_confirmed[0] = false;
			is_confirmed[1] = false;
			is_later_read = false;
			later_first = 0;
			is_stopped = false;
			is_stage_saved = false;
			was_fine[0] = false;
			was_fine[1] = false;
			was_found[0] = false;
			was_found[1] = false;
			was_fine_after[0] = false;
			was_fine_after[1] = false;
			has_begun = false;
			later_then = 0
		fi
	}
	od
}
