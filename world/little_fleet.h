#pragma once
/*
 * little_fleet: the fleet of a story: a few clusters with labels, and components, each an
 * ApplicationSet over the clusters. An Application is called COMPONENT-CLUSTER and labelled
 * appName, cluster and with the cluster's labels; its project is "platform".
 *
 * No test of its own: every scenario is one.
 */
#include "argo/argo.h"
#include "base/arena.h"
#include "base/vec.h"

enum { LITTLE_LABELS_MAX = 8, LITTLE_STEPS_MAX = 8 };

struct little_cluster {
	struct str name;
	struct pair labels[LITTLE_LABELS_MAX];
	uint32_t label_count;
};

struct little_component {
	struct str name;
	struct str clusters;		    /* a selector; empty: all */
	struct str branch;		    /* its targetRevision, or empty: a SHA */
	struct str steps[LITTLE_STEPS_MAX]; /* of a RollingSync: "env=test" */
	uint32_t step_count;
	bool has_auto_sync, is_auto_sync_off, heals_itself;
	int64_t retry;	     /* how often Argo CD tries a failed operation again */
	bool retries_latest; /* at what the branch says then: `refresh` of retry */
	struct str values;   /* Helm's, one text; empty: none */
	struct content content;
};

struct little_fleet {
	VEC(struct little_cluster) clusters;
	VEC(struct little_component) components;
};

void little_fleet_release(struct little_fleet *fleet);

/* Makes clusters, project, the repository and ApplicationSets; pushes the first revision of all
 * components and answers its SHA. */
struct str little_fleet_found(struct little_fleet *fleet, struct argo *argo);
/* Commits a change of all components, without moving anything to it. */
struct str little_fleet_push(struct little_fleet *fleet, struct argo *argo, struct str text);
/* The same without a change, but for what the components' contents say. */
struct str little_fleet_push_again(struct little_fleet *fleet, struct argo *argo);
/* A cluster more, that Argo CD hears of now. */
void little_fleet_add_cluster(struct argo *argo, const struct little_cluster *cluster);
/* Moves an ApplicationSet to a revision, by `kubectl apply`. */
void little_fleet_move(const struct little_fleet *fleet, struct argo *argo,
		       const struct little_component *component, struct str revision);
