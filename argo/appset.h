#pragma once
/*
 * appset: the ApplicationSet controller of Argo CD 3.2.11.
 *
 * It sees the store through an informer of its own, that far behind. An ApplicationSet is looked at
 * again when its spec, labels, deletion or annotations change (the refresh annotation's removal
 * excepted), when RollingSync's records do, when an Application of its changes in what the
 * controller owns (and under progressive syncs in health, sync or operation), or goes; when any
 * cluster's Secret changes, if it asks for clusters; three minutes after a pass that read Git or
 * met an error of generating; and after any other error, 5 ms at first, twice as long each time.
 *
 * Up to ten sets are looked at at once, one at a time each; appset_pass.h tells how.
 *
 *	struct appsets *appsets = appsets_new(argo, lag_ms);
 *	appsets_set_git(appsets, git);
 *	for (;;) {
 *		appsets_advance(appsets, now);
 *		... until appsets_deadline()
 *	}
 *
 * What an ApplicationSet that was deleted owned is deleted too: by Kubernetes, so also while the
 * controller is down.
 */
#include "argo/argo.h"
#include "argo/generators.h"

struct appsets;

/* How far Kubernetes' garbage collector is behind. */
#define APPSET_GARBAGE_MS 500

struct appsets *appsets_new(struct argo *argo, int64_t lag_ms);
void appsets_free(struct appsets *appsets);

/* Until it is told, there are no repositories. */
void appsets_set_git(struct appsets *appsets, struct git_port git);
void appsets_set_lag(struct appsets *appsets, int64_t lag_ms);

/* Everything that is due until then happens. */
void appsets_advance(struct appsets *appsets, wall now);
/* False: nothing, until somebody writes. It changes with every write to the store. */
bool appsets_deadline(const struct appsets *appsets, wall *ret_at);

/* Down, it forgets its queue and leaves what it was at half done; up again, it reads everything and
 * looks at every ApplicationSet. */
void appsets_set_up(struct appsets *appsets, bool is_up, wall now);

/* Holds the passes of an ApplicationSet when they have generated and have not begun to write;
 * lets the one that stands there go on, and no other; whether one stands there. */
void appsets_hold(struct appsets *appsets, struct str name, bool is_held);
void appsets_step(struct appsets *appsets, struct str name);
bool appsets_reached(const struct appsets *appsets, struct str name);

/* What `set`, which need not be stored, generates now; 0 and *ret_error if that fails. The
 * Applications are borrowed until the next call. */
size_t appsets_generate(struct appsets *appsets, const struct appset *set,
			const struct app ***ret_apps, struct str *ret_error);
