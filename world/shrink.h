#pragma once
/*
 * shrink: makes a script in which something goes wrong as short as it can: lines are left out, many
 * at a time first, as long as it still goes wrong; then single words.
 *
 * No test of its own: draw_test.c shortens a story.
 */
#include "base/buf.h"

/* Whether it still goes wrong. */
typedef bool (*shrink_judge)(void *self, struct str script);

/* `script` goes wrong; what is left of it is appended to *ret_short. */
void shrink(struct str script, shrink_judge goes_wrong, void *self, struct buf *ret_short);
