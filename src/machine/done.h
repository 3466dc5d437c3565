#pragma once
/*
 * done: is an application done at R? The heart of the promise, in the words of the design.
 *
 * done(app, R) is read in ONE version of the object: a live GET's, or that of a 200 answer to our
 * refresh:
 *   idle      nothing runs or is asked for, and it is not being deleted;
 *   a basis   the operation shown decides.
 *             operated: it ended after the run's first reading, and is full, Succeeded, at R.
 *             unchanged: the operation shown at the first reading is still the one shown, or none
 *             then and none now; one that is shown Succeeded and is full; and a refresh was served
 *             since a reading half a second after the first one;
 *   fresh     reconciledAt is strictly later than the finishedAt of the operation shown;
 *   compared  comparedTo equals the spec; Synced with sync.revision = R; Healthy; no error.
 *
 * Why each word: a PostSync hook that failed leaves the Application Synced and Healthy, so a failed
 * operation is no basis, ever. A rollback in the UI runs no hooks; `--local` manifests are compared
 * instead of Git while that operation is shown; a partial sync is no sync of the whole, and one of
 * another revision, or a dry run, may hide an operation at R whose hooks failed before it; one that
 * says two revisions brought the objects of the one and ran the hooks of the other. Synced
 * alone may be computed from a cache that lags the apply, Healthy alone comes before the hooks; and
 * a compare in the moment of the first reading may show by that cache what was before the run.
 * reconciledAt is taken before the compare and has a resolution of one second, so equal is not
 * later.
 *
 * done_gap() says the first thing that is missing, in the order in which they can be mended.
 */
#include "machine/member.h"
#include "machine/sighting.h"
#include "model/plan.h"

enum done_gap {
	GAP_NONE,    /* done, if the version is live */
	GAP_BUSY,    /* not idle */
	GAP_BASIS,   /* only an operation of our own can give one */
	GAP_ERROR,   /* Argo CD could not compare; it need not write reconciledAt then */
	GAP_STALE,   /* not fresh: a compare is owed after the operation */
	GAP_COMPARE, /* not compared with this spec, or not at R */
	GAP_OUT_OF_SYNC,
	GAP_HEALTH,
	GAP_SERVED, /* unchanged so far, but no refresh was served that proves it */
};

enum basis { BASIS_NONE, BASIS_OPERATED, BASIS_UNCHANGED };

/* At R; an operation that says no revision counts as at R (and as not Succeeded). */
bool operation_is_at(const struct operation *op, struct str revision);

enum basis done_basis(const struct plan *plan, const struct member *member,
		      const struct application *app);

enum done_gap done_gap(const struct plan *plan, const struct member *member,
		       const struct sighting *sighting);

/* The barrier's re-read of a member that was done: begun in turn `since`. */
enum reread {
	REREAD_HOLDS,
	REREAD_OWED, /* a refresh was not served since, or the version is not live */
	REREAD_FAILED,
};
enum reread done_reread(const struct plan *plan, const struct member *member,
			const struct sighting *sighting, uint64_t since);
