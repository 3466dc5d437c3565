#pragma once
/*
 * window: may an Application be synced now, by the sync windows of its project?
 */
#include "argo/object.h"

/* `*` stands for anything; all else for itself. */
bool glob_matches(struct str pattern, struct str text);
bool window_is_open(const struct sync_window *window, wall now);
bool windows_can_sync(const struct window_list *windows, struct str app, bool is_manual, wall now);
