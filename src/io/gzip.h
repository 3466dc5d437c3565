#pragma once
/* gzip: the compression that HTTP clients ask for. */
#include "base/buf.h"

/* Puts the compressed bytes in the place of the bytes. False: it would not help, they are as they
 * were. */
bool gzip_in_place(struct buf *bytes);
