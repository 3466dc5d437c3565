#pragma once
/*
 * overlap: promotions under way that have some of the same Applications under another name (`app`).
 * Nothing forbids that, but what the one syncs takes the other's basis away; so people are told.
 *
 *	struct overlap own = {0};
 *	overlap_add(&own, address, namespace, name);		each of its Applications; or
 *	overlap_add_run(&own, run);
 *	overlap_warning(&own, other_run, &arena, &text)		for each other one
 *	overlap_release(&own);
 *
 * An Application is one by its Argo CD's address, its namespace and its name.
 */
#include "base/map.h"
#include "machine/run.h"

struct overlap {
	struct map keys;
};

void overlap_add(struct overlap *own, struct str address, struct str namespace, struct str name);
void overlap_add_run(struct overlap *own, const struct run *run);
void overlap_release(struct overlap *own);

/* False: it shares none with the other run. The sentence names that one and the first few. */
bool overlap_warning(const struct overlap *own, const struct run *other, struct arena *arena,
		     struct str *ret);
