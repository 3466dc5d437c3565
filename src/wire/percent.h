#pragma once
/* percent: the percent-encoding of URLs. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

/* Appends the text with everything but letters, digits and "-._~" encoded: fit for one segment of a
 * path, for the name or for the value of a query parameter. */
void percent_encode(struct buf *out, struct str text);

/* What was encoded; in a query "+" is a blank. False if a "%" is followed by something else than
 * two hexadecimal digits. */
[[nodiscard]] bool percent_decode(struct str text, bool is_query, struct arena *arena,
				  struct str *ret_text);
