#pragma once
/*
 * fields: the parameter `fields`, "items.metadata.name,items.spec" or "-status": which parts of an
 * answer are wanted, or, behind a "-", which are not. A List knows a fixed set of paths
 * (list_json); a watch takes any path, and with it all that lies beneath.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "wire/json.h"

struct fields {
	struct str *paths;
	uint32_t count;
	bool is_set; /* false: everything is wanted */
	bool is_exclusion;
};

enum { FIELDS_MAX = 256 };

/* The paths are views of the text. False: there are too many. */
[[nodiscard]] bool fields_parse(struct str text, struct arena *arena, struct fields *ret_fields);

/* True if this very path is named. */
bool fields_name(const struct fields *fields, struct str path);

/* The parts of a value that are wanted, with sorted keys. */
void fields_project(const struct fields *fields, const struct json *value, struct buf *out);
