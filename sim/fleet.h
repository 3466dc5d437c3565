#pragma once
/*
 * fleet: the file that says what a simulated Argo CD looks after: clusters, projects,
 * ApplicationSets, how long things take. YAML; an unknown key is an error, and errors have line
 * and column.
 *
 *	repository: https://git.example.com/platform.git    # of the short form below
 *	clusters:
 *	- {name: test-eu, labels: {env: test, region: eu}}   # server: https://NAME.example
 *	projects: [platform]                                # a name, or an AppProject
 *	applicationSets:
 *	- {name: platform, project: platform, components: [web, api], selector: env in (test, prd)}
 *	- {metadata: {…}, spec: {…}}                        # as for kubectl apply
 *	applications: [{metadata: {…}, spec: {…}}]
 *	accounts:
 *	- {name: tiphys, rights: tiphys, password: secret}  # argo/steer.h
 *	durations: {render: 1s, rollout: 10s, hook: 5s}
 *	content: {hook: true, replicas: 3, bulk: 0}         # of every revision that is pushed
 *	replicas: 1                                         # of argocd-server
 *	progressiveSyncs: false
 *	bulk: 0                                             # so many Applications more
 */
#include "argo/argo.h"
#include "base/arena.h"
#include "base/err.h"
#include "wire/yaml.h"

struct fleet {
	struct str repository;
	const struct yaml *root;
	struct content content; /* of the first revision, and of what is pushed later */
	int64_t render_ms, rollout_ms, hook_ms;
	uint32_t replicas, bulk;
	bool has_progressive_syncs;
};

/* The one without --fleet. */
extern const char fleet_built_in[];

/* Texts and nodes live in the arena. */
[[nodiscard]] int fleet_parse(struct str text, struct arena *arena, struct fleet *ret_fleet,
			      struct err *err);

/* Pushes a first revision and makes all of it; *ret_revision is the model's. */
[[nodiscard]] int fleet_make(const struct fleet *fleet, struct argo *argo, struct str *ret_revision,
			     struct err *err);

/* Renders of Applications with the label `cluster`, as those of the short form have it, take the
 * file's time, divided by the speed. Before, they take what the model lets them take. */
void fleet_delay_renders(const struct fleet *fleet, struct argo *argo, uint32_t speed);

/* What a push makes of the file's `content` and durations. */
struct content fleet_content(const struct fleet *fleet);

/* The first project that is named; empty: none. */
struct str fleet_project(const struct fleet *fleet);
