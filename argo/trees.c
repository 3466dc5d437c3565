#include "argo/trees.h"

#include "argo/inside.h"
#include "argo/repo.h"
#include "base/alloc.h"
#include "base/vec.h"

struct tree {
	struct str repo_url, sha;
	VEC(struct git_file) files;
};

struct trees {
	struct argo *argo;
	VEC(struct tree) trees;
};

struct trees *trees_new(struct argo *argo)
{
	struct trees *trees = mem_zalloc(sizeof(*trees));

	trees->argo = argo;
	return trees;
}

void trees_free(struct trees *trees)
{
	if (trees == NULL)
		return;
	vec_each(tree, &trees->trees) {
		vec_each(file, &tree->files)
			pair_list_drop(file->fields);
		vec_release(&tree->files);
	}
	vec_release(&trees->trees);
	mem_free(trees);
}

/* The newest first: that is what is asked for. A short SHA is the beginning of a whole one. */
static struct tree *tree_of(const struct trees *trees, struct str repo_url, struct str sha)
{
	for (size_t i = trees->trees.n; i-- > 0;) {
		struct tree *tree = &trees->trees.v[i];
		if (str_eq(tree->repo_url, repo_url) && str_starts(tree->sha, sha))
			return tree;
	}
	return NULL;
}

void trees_put(struct trees *trees, struct str repo_url, struct str sha, struct str path,
	       struct pair_list *fields)
{
	struct tree *tree = tree_of(trees, repo_url, sha);

	if (tree == NULL) {
		vec_push(&trees->trees, (struct tree){.repo_url = repo_url, .sha = sha});
		tree = &vec_last(&trees->trees);
	}
	vec_push(&tree->files, (struct git_file){path, fields});
}

static bool read_tree(void *user, struct str repo_url, struct str revision, bool is_fresh,
		      struct git_tree *ret_tree, struct str *ret_error)
{
	const struct trees *trees = user;
	const struct source source = {.repo_url = repo_url};
	const struct tree *tree;
	struct str resolved;
	int64_t ms;

	if (!repo_resolve(trees->argo->repos, &source, revision, !is_fresh, &resolved, &ms)) {
		*ret_error = resolved;
		return false;
	}
	tree = tree_of(trees, repo_url, resolved);
	*ret_tree = (struct git_tree){0};
	if (tree != NULL)
		*ret_tree = (struct git_tree){tree->files.v, tree->files.n};
	return true;
}

struct git_port trees_port(struct trees *trees)
{
	return (struct git_port){read_tree, trees};
}
