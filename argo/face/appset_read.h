#pragma once
/*
 * appset_read: an ApplicationSet as people send it to `kubectl apply` and to `generate`. Generators
 * are clusters, list, git, matrix and merge; another one is an error that names it.
 */
#include "argo/appset_object.h"
#include "argo/face/reading.h"

/* metadata and spec; a status is left alone. */
[[nodiscard]] int appset_read(struct reading *r, const struct json *object,
			      struct appset **ret_appset);
