#pragma once
/*
 * generators: what an ApplicationSet's generators make: one set of parameters for each Application,
 * in the order of Argo CD 3.2.11.
 *
 *	clusters   the clusters in the order of their Secrets' names (here: of theirs), and behind
 *	           them `in-cluster`, which has no Secret, if there is no selector
 *	list       as written
 *	git        directories in the order in which one walks them, files in the order of paths
 *	matrix     for each of the first generator, all of the second, whose texts may hold
 *	           "{{...}}" of the first
 *	merge      as the first of its generators has them; the real one's order is a Go map's, so
 *	           chance
 *
 * The parameters and the errors live in the world's arena. Errors have the real ones' words.
 */
#include "argo/appset_object.h"
#include "argo/params.h"

/* What Git holds: for a file that is JSON or YAML, what is in it, flat: "cluster.name" -> "eu". */
struct git_file {
	struct str path;
	struct pair_list *fields;
};

struct git_tree {
	const struct git_file *files;
	size_t n;
};

/* Where repositories come from. `is_fresh`: the cache of a branch's revision is not good enough.
 * What is answered must live until the call that asked for it has returned. */
struct git_port {
	bool (*tree)(void *user, struct str repo_url, struct str revision, bool is_fresh,
		     struct git_tree *ret_tree, struct str *ret_error);
	void *user;
};

struct generate_world {
	const struct appset *set;
	const struct cluster *clusters; /* in the order of names */
	size_t cluster_count;
	struct git_port git; /* `tree` NULL: there are no repositories */
	struct arena *arena;
};

bool generator_params(const struct generate_world *world, const struct generator *generator,
		      struct param_sets *ret_sets, struct str *ret_error);

/* The directories, or the files, of a Git generator: generator_git.c. */
bool generator_git_params(const struct generate_world *world, const struct generator *generator,
			  struct param_sets *ret_sets, struct str *ret_error);

/* Adds a generator's `values`, whose texts may hold "{{...}}" of the parameters so far. */
bool generator_add_values(const struct generate_world *world, const struct pair_list *values,
			  struct params *params, struct str *ret_error);

/* When a generator wants to be asked again by itself: the least of those below it; 0: never. */
int64_t generators_requeue_after_ms(const struct generator_list *list);
