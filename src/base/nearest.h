#pragma once
/*
 * nearest: which of the names that exist was probably meant by one that does not.
 *
 *	struct nearest nearest = nearest_to(text);
 *	nearest_try(&nearest, "sync");
 *	nearest_try(&nearest, "version");
 *	if (nearest.best)			NULL if none is near enough to be offered
 */
#include "base/str.h"

struct nearest {
	struct str text;
	const char *best;
	size_t distance; /* of the best, or one more than is still near */
};

struct nearest nearest_to(struct str text);
void nearest_try(struct nearest *nearest, const char *name);
