#pragma once
/* sim_table: Applications as a table for people. */
#include "base/buf.h"
#include "wire/json.h"

/* `items` is a list of Applications as Argo CD writes them. */
void sim_table_write(const struct json *items, struct buf *out);
