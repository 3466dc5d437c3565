#pragma once
/*
 * markup: text from outside in XML and HTML, as text and as the value of an attribute in double
 * quotes. Whatever it is, it can end neither: & < > " ' become references. What XML has no place
 * for (most control characters, bytes that are not UTF-8, U+FFFE and U+FFFF) becomes U+FFFD, and so
 * do marks that turn the direction of writing.
 */
#include "base/buf.h"

/* One line, as view/words cleans it: at most bytes_max, before & and its like become longer. */
void markup_text(struct str text, size_t bytes_max, struct buf *out);
