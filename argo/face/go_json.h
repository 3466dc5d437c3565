#pragma once
/*
 * go_json: JSON as Go writes it: "<", ">" and "&" are \u003c, \u003e and \u0026. They stand
 * nowhere in JSON but in texts, so a whole answer is done at its end.
 */
#include "base/buf.h"

#include <stdbool.h>

/* False: there is nothing to be done. */
bool go_json_wants_escapes(struct str json);
void go_json_escape(struct str json, struct buf *out);
