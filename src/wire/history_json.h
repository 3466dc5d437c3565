#pragma once
/*
 * history_json: what an Application remembers of its syncs, from the whole object: of a List with
 * `fields`, Argo CD leaves status.history and the owner out.
 */
#include "base/arena.h"
#include "base/err.h"
#include "model/history.h"
#include "wire/json.h"

/* Everything lives in the arena: the object may go. Error: E_PROTOCOL if it lacks name or spec. */
[[nodiscard]] int history_from_json(const struct json *object, struct arena *arena,
				    struct app_history *ret_history, struct err *err);
