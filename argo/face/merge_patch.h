#pragma once
/* merge_patch: RFC 7386: what a patch makes of a JSON value. null takes a member away. */
#include "base/buf.h"
#include "wire/json.h"

/* Appends the result as JSON, keys sorted where nothing was patched. */
void merge_patch(const struct json *base, const struct json *patch, struct buf *out);
