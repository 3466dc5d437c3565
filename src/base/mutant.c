#include "base/mutant.h"

#include "base/check.h"

/* tiphys-naive is built with one on. */
#ifndef TIPHYS_MUTANT_ON
#define TIPHYS_MUTANT_ON MUTANT_NONE
#endif

enum mutant mutant_on = TIPHYS_MUTANT_ON;

static const struct {
	const char *name, *text;
} mutants[] = {
	{"NONE", "nothing is wrong"},
#define X(name, text) {#name, text},
#include "base/mutant.def"
#undef X
};
static_assert(COUNTOF(mutants) == MUTANT_COUNT);

const char *mutant_name(enum mutant mutant)
{
	check(mutant < MUTANT_COUNT);
	return mutants[mutant].name;
}

const char *mutant_text(enum mutant mutant)
{
	check(mutant < MUTANT_COUNT);
	return mutants[mutant].text;
}

bool mutant_find(struct str name, enum mutant *ret)
{
	for (enum mutant mutant = MUTANT_NONE; mutant < MUTANT_COUNT; mutant++) {
		if (!str_eq(name, str_of(mutants[mutant].name)))
			continue;
		*ret = mutant;
		return true;
	}
	return false;
}
