#pragma once
/*
 * mirror_operation: what the product would read of an Application's operations: mirror.h.
 *
 * No test of its own: mirror_test.c is about whole Applications.
 */
#include "argo/object.h"
#include "base/arena.h"

/* `operation`, and status.operationState, whose objects a frame of the watch does not show. */
struct operation mirror_requested(const struct app *app, struct arena *arena);
struct operation mirror_shown(const struct app *app, bool has_resources, struct arena *arena);
