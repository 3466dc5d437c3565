#pragma once
/*
 * appset_write: how the ApplicationSet controller writes one Application.
 *
 * It looks at the version that its informer shows, makes of it what was generated, and sends the
 * difference between the two as a merge patch without a precondition: what others have changed
 * since stays, unless it is in the difference. A status is never in it. What is not its own among
 * the labels, annotations and finalizers is taken away (quirk ANNOTATIONS_TAKEN_AWAY), but for the
 * annotations of refreshes and notifications, finalizers of post-delete hooks, and what
 * spec.preservedFields names.
 */
#include "argo/argo.h"

enum appset_wrote { WROTE_NOTHING, WROTE_CREATED, WROTE_UPDATED, WROTE_FAILED };

/* `seen` NULL: the informer shows none. `ret_error` (interned) is set with WROTE_FAILED. */
enum appset_wrote appset_write_app(struct argo *argo, const struct appset *set,
				   const struct app *seen, const struct app *generated, wall now,
				   struct str *ret_error);

/* Takes Argo CD's own finalizer off an Application whose destination is no cluster, and deletes it.
 * */
void appset_delete_app(struct argo *argo, struct str name, wall now);

/* Why a destination is none; empty: it is one. Interned. */
struct str appset_destination_error(struct argo *argo, const struct destination *destination);

/* What an update event must differ in to queue the owner: never a resourceVersion, a reconciledAt
 * or a deletion stamp alone. */
bool appset_app_change_counts(const struct app *before, const struct app *after,
			      bool has_progressive_syncs);
bool appset_change_counts(const struct appset *before, const struct appset *after,
			  bool has_progressive_syncs);
