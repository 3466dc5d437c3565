#pragma once
/*
 * compare: what ought to be there against what is: the resources, Synced or not, Healthy or not.
 *
 * No test of its own: the stories of argo_test.c and refresh_test.c are about it.
 */
#include "argo/cluster.h"
#include "argo/object.h"
#include "argo/repo.h"

struct comparison {
	enum sync_status sync;
	enum health health;
	struct resource_list *resources; /* one reference, the caller's */
};

/* `manifest` NULL: what ought to be there could not be made, so nothing is known of it. */
struct comparison compare(struct argo *argo, const struct app *app, const struct manifest *manifest,
			  const struct live *live);

/* `argocd app sync --local`: the objects that are there, with another content in the ConfigMap. */
struct manifest manifest_local(struct str app, const struct live *live, struct str manifests_json);
