#pragma once
/*
 * list_json: the answer to a List, written item by item into one buffer, so that a list of ten
 * thousand Applications costs no more than its bytes.
 */
#include "argo/face/fields.h"
#include "argo/object.h"
#include "base/buf.h"

/*
 * With `fields` each item has the paths asked for of the fixed set that Argo CD's List knows, with
 * sorted keys; whatever else is asked for is left out in silence. `is_null_if_empty`: no items are
 * `null`, as they are in the real one.
 */
void list_json_write(struct buf *out, const struct app *const *apps, size_t count, uint64_t version,
		     const struct fields *fields, bool is_null_if_empty);
