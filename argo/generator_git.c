#include "argo/generators.h"

#include "argo/glob.h"
#include "argo/template.h"

#include <string.h>

struct paths {
	struct str *v;
	size_t n;
};

static struct str path_dir(struct str path)
{
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path.n ? str_first(path, path.n - 1) : STR(".");
}

static struct str path_base(struct str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return str_after(path, at);
}

/* The order in which one walks a tree: name by name, so "a/b" is before "a-b". */
static int walk_cmp(struct str a, struct str b)
{
	struct str x, y;

	for (;;) {
		bool has_x = str_cut(&a, '/', &x), has_y = str_cut(&b, '/', &y);
		int order;

		if (!has_x || !has_y)
			return (int)has_x - (int)has_y;
		order = str_cmp(x, y);
		if (order != 0)
			return order;
	}
}

static void add_sorted(struct paths *paths, struct str path)
{
	size_t at = 0;

	while (at < paths->n && walk_cmp(paths->v[at], path) < 0)
		at++;
	if (at < paths->n && str_eq(paths->v[at], path))
		return;
	memmove(paths->v + at + 1, paths->v + at, (paths->n - at) * sizeof(*paths->v));
	paths->v[at] = path;
	paths->n++;
}

static bool is_hidden(struct str path)
{
	struct str name;

	while (str_cut(&path, '/', &name))
		if (str_starts(name, STR(".")))
			return true;
	return false;
}

/* All that a tree's files are in, without the root and what is hidden. */
static struct paths directories_of(const struct git_tree *tree, struct arena *arena)
{
	struct paths paths = {0};
	size_t most = 0;

	for (size_t i = 0; i < tree->n; i++)
		for (size_t j = 0; j < tree->files[i].path.n; j++)
			most += tree->files[i].path.p[j] == '/';
	paths.v = arena_array(arena, struct str, most + 1);
	for (size_t i = 0; i < tree->n; i++)
		for (struct str dir = path_dir(tree->files[i].path); !str_eq(dir, STR("."));
		     dir = path_dir(dir))
			if (!is_hidden(dir))
				add_sorted(&paths, dir);
	return paths;
}

/* An exclude wins over every include. */
static bool is_asked_for(const struct generator *generator, struct str path)
{
	bool is_included = false;

	for (uint32_t i = 0; generator->git_paths && i < generator->git_paths->n; i++) {
		const struct pair *asked = &generator->git_paths->v[i];
		bool is_match = generator->git_is_files ? glob_file(asked->key, path)
							: glob_directory(asked->key, path);

		if (is_match && str_eq(asked->value, STR("exclude")))
			return false;
		is_included = is_included || is_match;
	}
	return is_included;
}

static void set_below(struct arena *arena, struct params *params, struct str above,
		      const char *below, struct str value)
{
	params_set(arena, params, arena_printf(arena, STR_FMT "%s", STR_ARG(above), below), value);
}

/* path, path.basename, path[0]; in Go's tree path.path, path.basename, path.segments. */
static void add_path(const struct generate_world *world, const struct generator *generator,
		     struct str path, struct params *params)
{
	struct arena *arena = world->arena;
	bool is_go = world->set->go_template;
	struct str prefix = generator->git_path_prefix, key = STR("path"), rest = path, segment;
	unsigned i = 0;

	if (!str_empty(prefix))
		key = arena_printf(arena, STR_FMT ".path", STR_ARG(prefix));
	set_below(arena, params, key, is_go ? ".path" : "", path);
	set_below(arena, params, key, ".basename", path_base(path));
	set_below(arena, params, key, ".basenameNormalized",
		  template_normalize(path_base(path), arena));
	for (; str_cut(&rest, '/', &segment); i++)
		if (is_go || !str_empty(segment))
			params_set(arena, params,
				   arena_printf(arena,
						is_go ? STR_FMT ".segments.%u" : STR_FMT "[%u]",
						STR_ARG(key), i),
				   segment);
}

static bool of_directories(const struct generate_world *world, const struct generator *generator,
			   const struct git_tree *tree, struct param_sets *ret_sets,
			   struct str *ret_error)
{
	struct paths paths = directories_of(tree, world->arena);

	for (size_t i = 0; i < paths.n; i++) {
		struct params params = {0};

		if (!is_asked_for(generator, paths.v[i]))
			continue;
		add_path(world, generator, paths.v[i], &params);
		if (!generator_add_values(world, generator->git_values, &params, ret_error))
			return false;
		param_sets_add(world->arena, ret_sets, params);
	}
	return true;
}

static bool of_file(const struct generate_world *world, const struct generator *generator,
		    const struct git_file *file, struct param_sets *ret_sets, struct str *ret_error)
{
	struct arena *arena = world->arena;
	struct params params = {0};
	struct str key = str_empty(generator->git_path_prefix)
				 ? STR("path")
				 : arena_printf(arena, STR_FMT ".path",
						STR_ARG(generator->git_path_prefix));

	for (uint32_t i = 0; file->fields && i < file->fields->n; i++)
		params_set(arena, &params, file->fields->v[i].key, file->fields->v[i].value);
	add_path(world, generator, path_dir(file->path), &params);
	set_below(arena, &params, key, ".filename", path_base(file->path));
	set_below(arena, &params, key, ".filenameNormalized",
		  template_normalize(path_base(file->path), arena));
	if (!generator_add_values(world, generator->git_values, &params, ret_error)) {
		*ret_error = arena_printf(arena, "unable to process file '" STR_FMT "': " STR_FMT,
					  STR_ARG(file->path), STR_ARG(*ret_error));
		return false;
	}
	param_sets_add(arena, ret_sets, params);
	return true;
}

static bool of_files(const struct generate_world *world, const struct generator *generator,
		     const struct git_tree *tree, struct param_sets *ret_sets,
		     struct str *ret_error)
{
	const struct git_file **files = arena_array(world->arena, const struct git_file *, tree->n);
	size_t n = 0;

	for (size_t i = 0; i < tree->n; i++) {
		size_t at = n;

		if (!is_asked_for(generator, tree->files[i].path))
			continue;
		for (; at > 0 && str_cmp(files[at - 1]->path, tree->files[i].path) > 0; at--)
			files[at] = files[at - 1];
		files[at] = &tree->files[i];
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (!of_file(world, generator, files[i], ret_sets, ret_error))
			return false;
	return true;
}

bool generator_git_params(const struct generate_world *world, const struct generator *generator,
			  struct param_sets *ret_sets, struct str *ret_error)
{
	struct git_tree tree = {0};
	struct str cause = STR("repository not found");
	bool is_read = world->git.tree && world->git.tree(world->git.user, generator->git_repo_url,
							  generator->git_revision,
							  world->set->wants_refresh, &tree, &cause);

	if (is_read) {
		is_read = generator->git_is_files
				  ? of_files(world, generator, &tree, ret_sets, &cause)
				  : of_directories(world, generator, &tree, ret_sets, &cause);
	} else if (!generator->git_is_files) {
		cause = arena_printf(world->arena, "error getting directories from repo: " STR_FMT,
				     STR_ARG(cause));
	}
	if (!is_read)
		*ret_error = arena_printf(
			world->arena, "error generating params from git: " STR_FMT, STR_ARG(cause));
	return is_read;
}
