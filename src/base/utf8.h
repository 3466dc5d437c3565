#pragma once
/*
 * UTF-8: code points out of bytes and back.
 *
 * Text from outside may be anything. Each piece of bytes that is not UTF-8 reads as one U+FFFD, by
 * the rule of the Unicode standard (the longest beginning of a valid sequence counts as one piece),
 * so the result is what browsers and Go's and Python's decoders show.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { UTF8_REPLACEMENT = 0xFFFD };

/*
 * Takes one code point off the front of *rest, which must not be empty. ret_valid may be NULL; it
 * is false where U+FFFD stands for bytes that are not UTF-8.
 */
uint32_t utf8_next(struct str *rest, bool *ret_valid);

bool utf8_valid(struct str s);

/* Appends the bytes of a code point; what is none (a surrogate, too big) becomes U+FFFD. */
void utf8_append(struct buf *buf, uint32_t code_point);
