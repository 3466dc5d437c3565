#pragma once
/* percent: the percent-encoding of URLs. */
#include "base/buf.h"
#include "base/str.h"

/* Appends the text with everything but letters, digits and "-._~" encoded: fit for one segment of a
 * path, for the name or for the value of a query parameter. */
void percent_encode(struct buf *out, struct str text);
