#pragma once
/*
 * difference: two texts, line by line: what has gone begins with "-", what has come with "+", and a
 * few lines that both have stand around it.
 *
 * No test of its own: it is what is seen when a scenario fails.
 */
#include "base/buf.h"

void difference(struct str before, struct str after, struct buf *out);
