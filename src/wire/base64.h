#pragma once
/* base64: decodes base64 with padding, as certificates are kept in configurations. */
#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

/* Line ends in between are skipped, as Go does. False if it is anything else than base64. */
[[nodiscard]] bool base64_decode(struct str text, struct arena *arena, struct str *ret_bytes);
