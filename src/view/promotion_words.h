#pragma once
/*
 * promotion_words: a sentence for each note that only promotions have: restarts, gates, what people
 * say, the soak and who breaks it. view/lines and view/json show the same one.
 */
#include "base/buf.h"
#include "model/note.h"

/* True, and the sentence is in `out` without a full stop, if it is one of those notes. */
bool promotion_words(const struct plan *plan, const struct note *note, struct buf *out);

/* What becomes of a soak when something is not well: "who is not well starts it anew". */
void promotion_words_breach(const struct soak_rule *rule, struct buf *out);

/* Whom a gate is asked of: "2 of group:sre, user:alice, but not who began it". */
void promotion_words_approvers(const struct gate_rule *rule, struct buf *out);
