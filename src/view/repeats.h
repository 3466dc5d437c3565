#pragma once
/*
 * repeats: which Applications of a promotion were asked for a sync twice, or possibly twice, since
 * the answer to a POST was lost (machine/doubts.h). Of one where all went out once nothing is said.
 */
#include "base/buf.h"
#include "model/overview.h"

/* "twice", "possibly-twice"; NULL for once. */
const char *repeat_name(enum repeat repeat);

/* The worst of an application's POSTs; `app` is its place in `apps`. */
enum repeat repeat_of(const struct overview *overview, size_t app);

/* One sentence about all of them, or about one; false, and nothing is appended: there is none. */
bool repeats_words(const struct overview *overview, struct buf *out);
bool repeats_words_of(const struct overview *overview, size_t app, struct buf *out);
