#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *file, int line, const char *cond)
{
	/* The one output of base/: the program is about to die and nobody else can say why. */
	fprintf(stderr, "tiphys: %s:%d: check failed: %s\n", file, line, cond);
	abort();
}
