#pragma once
/*
 * appset_object: an ApplicationSet as it is stored: generators, a template whose texts hold
 * "{{...}}", a strategy, and the status that progressive syncs keep.
 */
#include "argo/object.h"

/* matchLabels and matchExpressions, as one text in the grammar of model/selector; empty: all. */
struct generator_cluster {
	struct str selector;
	struct pair_list *values;
};

struct generator;
struct generator_list {
	uint32_t refs, n;
	struct generator *v; /* n of them */
};

enum generator_type {
	GENERATOR_CLUSTERS,
	GENERATOR_LIST,	  /* `elements` */
	GENERATOR_GIT,	  /* directories or files of a repository */
	GENERATOR_MATRIX, /* `children`, two of them */
	GENERATOR_MERGE,  /* `children`, by `merge_keys` */
};

struct generator {
	enum generator_type type;
	struct generator_cluster clusters;
	struct pair_list **elements; /* LIST: element_count lists of pairs */
	uint32_t element_count;
	struct str git_repo_url, git_revision; /* GIT */
	struct pair_list *git_paths;	       /* GIT: path -> "" or "exclude" */
	bool git_is_files;
	struct pair_list *git_values;
	struct str git_path_prefix; /* pathParamPrefix */
	int64_t requeue_after_s;    /* GIT: requeueAfterSeconds; 0: the default, 3 minutes */
	struct generator_list *children;
	struct pair_list *merge_keys; /* MERGE: keys only */
	/* Which of its parameters pass, in the grammar of model/selector; empty: all. */
	struct str selector;
};

/* One rule of a RollingSync step. */
struct match_expression {
	struct str key;
	bool is_not_in;		  /* else In */
	struct pair_list *values; /* keys only */
};

struct rollout_step {
	struct match_expression *expressions;
	uint32_t expression_count;
	struct str max_update; /* "1", "25%", or empty: all */
};

/* The template: an Application whose texts may hold "{{...}}". */
struct app_template {
	struct str name, namespace;
	struct pair_list *labels, *annotations;
	struct str finalizers_json; /* empty: Argo CD's own, unless resources are preserved */
	struct app_spec spec;
};

/* status.applicationStatus[] */
struct rollout_status {
	struct str application, status, step, message;
	wall last_transition_at;
	struct revisions target_revisions;
};

/* In the order of names. */
struct rollout_status_list {
	uint32_t refs, n;
	struct rollout_status v[];
};

struct appset {
	uint32_t refs;
	struct str name, namespace, uid;
	uint64_t version, generation;
	wall created_at, deleting_at;
	struct pair_list *labels, *annotations;
	bool wants_refresh; /* argocd.argoproj.io/application-set-refresh: "true" */
	bool go_template;
	bool missing_key_is_error; /* goTemplateOptions: ["missingkey=error"] */
	bool preserve_resources_on_deletion;
	struct generator_list *generators;
	struct app_template template;
	bool is_rolling; /* strategy.type: RollingSync */
	struct rollout_step *steps;
	uint32_t step_count;
	/* syncPolicy.applicationsSync: "", sync, create-only, create-update, create-delete */
	struct str policy;
	struct pair_list *preserved_annotations, *preserved_labels; /* keys only */

	/* status */
	struct condition_list *conditions;  /* type, message; status and reason below */
	struct pair_list *condition_states; /* type -> "True/Reason" */
	struct rollout_status_list *rollout;
	struct resource_list *resources; /* its Applications, in the order of names */
};

/* A generator list has one reference; its generators are filled in and belong to it. */
struct generator_list *generator_list_new(uint32_t n);
struct generator_list *generator_list_keep(struct generator_list *list);
void generator_list_drop(struct generator_list *list);

struct rollout_status_list *rollout_status_list_new(uint32_t n);
struct rollout_status_list *rollout_status_list_keep(struct rollout_status_list *list);
void rollout_status_list_drop(struct rollout_status_list *list);
/* NULL: it has none. */
const struct rollout_status *rollout_status_of(const struct rollout_status_list *list,
					       struct str application);

/* A copy shares the lists and has steps of its own. */
struct appset *appset_new(void);
struct appset *appset_copy(const struct appset *set);
const struct appset *appset_keep(const struct appset *set);
void appset_drop(const struct appset *set);
/* `count` zeroed steps in place of those there are; and of one step, its expressions. */
void appset_set_steps(struct appset *set, uint32_t count);
void rollout_step_set_expressions(struct rollout_step *step, uint32_t count);

/* The same spec, whatever the metadata and the status are: what a generation counts. */
bool appset_spec_equal(const struct appset *a, const struct appset *b);
bool app_spec_equal(const struct app_spec *a, const struct app_spec *b);
bool pair_lists_equal(const struct pair_list *a, const struct pair_list *b);
bool generators_have(const struct generator_list *list, enum generator_type type);
/* In health, too, unlike resource_list_same(). */
bool appset_resources_equal(const struct resource_list *a, const struct resource_list *b);
bool rollout_status_lists_equal(const struct rollout_status_list *a,
				const struct rollout_status_list *b);
