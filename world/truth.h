#pragma once
/*
 * truth: whether an Application is done at a revision by what its cluster holds, since when, and
 * until when it last was. It believes neither Argo CD nor tiphys.
 *
 * It is done when its live objects are as the revision's manifests make them, its Deployment is
 * Healthy, and its hook has spoken: the last Job has succeeded and is over. A revision that makes
 * the same objects, hooks aside, counts as the same one, Jobs included: nothing in Argo CD tells
 * them apart. Where no sync at the revision has changed anything and no Job ran, none is wanted.
 *
 *	truth_see(&truth, truth_holds(argo, name, &wanted), at);	at each change
 *	...
 *	if (truth.has_been && truth_last(&truth, now).ms >= at.ms) ...
 *
 * No test of its own: judge_test.c.
 */
#include "argo/argo.h"

struct wanted {
	struct str revision; /* a whole SHA */
	bool may_be_suspended;
	bool may_be_out_of_sync;
};

bool truth_holds(const struct argo *argo, struct str app, const struct wanted *wanted);

/* The instants at which it held, so far. Zeroed: never. */
struct truth {
	bool is_now, has_been;
	wall first;
	wall until; /* when it last ceased to hold; zero: it did not */
};

void truth_see(struct truth *truth, bool holds, wall now);
/* The last instant until `now` at which it held, if it has been. */
wall truth_last(const struct truth *truth, wall now);
