#pragma once
/*
 * auto_sync: should the controller sync this Application by itself?
 *
 * No test of its own: the stories of controller_test.c are about it.
 */
#include "argo/compare.h"
#include "argo/controller.h"

/* Starts an operation if that is due. True: it is not, and *ret_error, a SyncError, says why.
 * `status` is what the compare will write; its sync and sync_revisions are new already. */
bool auto_sync(struct controller *ctrl, struct work *work, const struct app *app,
	       const struct app_status *status, const struct comparison *comparison,
	       struct str *ret_error);
