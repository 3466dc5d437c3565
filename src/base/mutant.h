#pragma once
/*
 * mutant: faults that the test build can switch on, one at a time, at run time. Each is a bug that
 * somebody could make; a checker of the product is worth what it notices of them. mutant.def is
 * the list.
 *
 *	return HOLDS(health == HEALTH_HEALTHY, NO_HEALTHY);  a rule, and the fault of forgetting it
 *	if (MINDS(facts->is_stopped, KEEPS_POSTING))	      a danger, and that of not minding it
 *
 * Read the code as if the names were not there: the first argument is what is meant. As installed,
 * without -DTIPHYS_MUTANTS, nothing of them is left, neither code nor symbol.
 *
 * What checks must not call what is switched, or it would be wrong in the same way.
 */
#include "base/str.h"

#include <stdbool.h>

enum mutant {
	MUTANT_NONE,
#define X(name, text) MUTANT_##name,
#include "base/mutant.def"
#undef X
	MUTANT_COUNT, /* NONE included */
};

#ifdef TIPHYS_MUTANTS

extern enum mutant mutant_on;
#define MUTANT(name) (mutant_on == MUTANT_##name)

#else

/* The compiler knows the name all the same. */
#define MUTANT(name) (false && MUTANT_##name != MUTANT_NONE)

#endif

#define HOLDS(rule, name) ((rule) || MUTANT(name))
#define MINDS(danger, name) ((danger) && !MUTANT(name))

/* The test build has these. */
const char *mutant_name(enum mutant mutant);	     /* "NO_HEALTHY" */
const char *mutant_text(enum mutant mutant);	     /* what it does wrong */
bool mutant_find(struct str name, enum mutant *ret); /* false: there is none of that name */
