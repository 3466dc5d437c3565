#pragma once
/*
 * trees: which files a commit has besides the chart: what Git generators read.
 *
 *	trees_put(trees, url, sha, path, fields);       one file after the other
 *	appsets_set_git(appsets, trees_port(trees));
 *
 * A commit that no file was put into has none. A tree is answered in the order in which its files
 * were put.
 */
#include "argo/generators.h"

struct argo;
struct trees;

struct trees *trees_new(struct argo *argo);
void trees_free(struct trees *trees);

/* The texts are interned; `fields` is owned, NULL if the file is neither JSON nor YAML. */
void trees_put(struct trees *trees, struct str repo_url, struct str sha, struct str path,
	       struct pair_list *fields);
struct git_port trees_port(struct trees *trees);
