#include "argo/generators.h"

#include "argo/template.h"
#include "base/buf.h"
#include "base/json_write.h"
#include "model/selector.h"

#define IN_CLUSTER "https://kubernetes.default.svc"

/* ARGOCD_APPLICATIONSET_CONTROLLER_REQUEUE_AFTER */
enum { REQUEUE_AFTER_MS = 180'000 };

static bool fail(const struct generate_world *world, struct str *ret_error, const char *context)
{
	*ret_error = arena_printf(world->arena, "%s: " STR_FMT, context, STR_ARG(*ret_error));
	return false;
}

static bool render(const struct generate_world *world, struct str text, const struct params *params,
		   struct str *ret_text, struct str *ret_error)
{
	struct template_language language = {world->set->go_template,
					     world->set->missing_key_is_error};

	return template_render(language, text, params, world->arena, ret_text, ret_error);
}

bool generator_add_values(const struct generate_world *world, const struct pair_list *values,
			  struct params *params, struct str *ret_error)
{
	/* A value sees no other value, so all of them are made before one is added. */
	uint32_t n = values ? values->n : 0;
	struct str *texts = arena_array(world->arena, struct str, n);

	for (uint32_t i = 0; i < n; i++)
		if (!render(world, values->v[i].value, params, &texts[i], ret_error))
			return fail(world, ret_error,
				    "failed to replace templated string: failed to replace "
				    "templated string with rendered values");
	for (uint32_t i = 0; i < n; i++)
		params_set(world->arena, params,
			   arena_printf(world->arena, "values." STR_FMT, STR_ARG(values->v[i].key)),
			   texts[i]);
	return true;
}

/* ---- clusters ---- */

static struct params cluster_params(const struct generate_world *world,
				    const struct cluster *cluster)
{
	struct arena *arena = world->arena;
	struct params params = {0};

	params_set(arena, &params, STR("name"), cluster->name);
	params_set(arena, &params, STR("nameNormalized"), template_normalize(cluster->name, arena));
	params_set(arena, &params, STR("server"), cluster->server);
	params_set(arena, &params, STR("project"), STR(""));
	for (uint32_t i = 0; cluster->labels && i < cluster->labels->n; i++)
		params_set(arena, &params,
			   arena_printf(arena, "metadata.labels." STR_FMT,
					STR_ARG(cluster->labels->v[i].key)),
			   cluster->labels->v[i].value);
	return params;
}

static bool cluster_matches(const struct cluster *cluster, const struct selector *selector,
			    struct arena *arena)
{
	uint32_t n = cluster->labels ? cluster->labels->n : 0;
	struct label *labels = arena_array(arena, struct label, n);

	for (uint32_t i = 0; i < n; i++)
		labels[i] = (struct label){cluster->labels->v[i].key, cluster->labels->v[i].value};
	return selector_matches(selector, labels, n);
}

static bool add_cluster(const struct generate_world *world, const struct generator *generator,
			const struct cluster *cluster, struct param_sets *ret_sets,
			struct str *ret_error)
{
	struct params params = cluster_params(world, cluster);

	if (!generator_add_values(world, generator->clusters.values, &params, ret_error))
		return fail(world, ret_error, "error appending templated values for cluster");
	param_sets_add(world->arena, ret_sets, params);
	return true;
}

static bool of_clusters(const struct generate_world *world, const struct generator *generator,
			struct param_sets *ret_sets, struct str *ret_error)
{
	struct selector selector = {0};
	struct err err = {0};
	bool has_selector = !str_empty(generator->clusters.selector), has_local = false;
	bool is_done = true;

	if (has_selector && selector_parse(generator->clusters.selector, &selector, &err) < 0) {
		*ret_error = arena_printf(world->arena,
					  "error getting cluster secrets: error converting label "
					  "selector: %s",
					  err.text);
		return false;
	}
	for (size_t i = 0; is_done && i < world->cluster_count; i++) {
		const struct cluster *cluster = &world->clusters[i];

		has_local = has_local || str_eq(cluster->server, STR(IN_CLUSTER));
		if (!has_selector || cluster_matches(cluster, &selector, world->arena))
			is_done = add_cluster(world, generator, cluster, ret_sets, ret_error);
	}
	selector_release(&selector);
	if (is_done && !has_selector && !has_local) {
		const struct cluster local = {.name = STR("in-cluster"), .server = STR(IN_CLUSTER)};

		is_done = add_cluster(world, generator, &local, ret_sets, ret_error);
	}
	return is_done;
}

/* ---- list ---- */

static void of_list(const struct generate_world *world, const struct generator *generator,
		    struct param_sets *ret_sets)
{
	for (uint32_t i = 0; i < generator->element_count; i++) {
		const struct pair_list *element = generator->elements[i];
		struct params params = {0};

		for (uint32_t j = 0; element && j < element->n; j++)
			params_set(world->arena, &params, element->v[j].key, element->v[j].value);
		param_sets_add(world->arena, ret_sets, params);
	}
}

/* ---- matrix ---- */

struct interpolation {
	const struct generate_world *world;
	const struct params *params;
	struct str *error;
};

static bool interpolate_text(const struct interpolation *with, struct str *text)
{
	return render(with->world, *text, with->params, text, with->error);
}

static bool interpolate_pairs(const struct interpolation *with, struct pair_list **list)
{
	const struct pair_list *old = *list;
	struct pair_list *new;

	if (!old)
		return true;
	/* In the arena, so nobody counts references to it. */
	new = arena_zalloc(with->world->arena, sizeof(*new) + old->n * sizeof(old->v[0]));
	new->n = old->n;
	for (uint32_t i = 0; i < old->n; i++) {
		new->v[i] = old->v[i];
		if (!interpolate_text(with, &new->v[i].key) ||
		    !interpolate_text(with, &new->v[i].value))
			return false;
	}
	*list = new;
	return true;
}

/* A generator of the second kind, its texts made with the parameters of the first. */
static bool interpolate(const struct interpolation *with, struct generator *generator)
{
	struct arena *arena = with->world->arena;
	struct pair_list **elements = arena_array(arena, struct pair_list *,
						  generator->element_count);

	for (uint32_t i = 0; i < generator->element_count; i++) {
		elements[i] = generator->elements[i];
		if (!interpolate_pairs(with, &elements[i]))
			return false;
	}
	generator->elements = elements;
	if (generator->children) {
		struct generator_list *children = arena_new(arena, struct generator_list);

		children->n = generator->children->n;
		children->v = arena_array(arena, struct generator, children->n);
		for (uint32_t i = 0; i < children->n; i++) {
			children->v[i] = generator->children->v[i];
			if (!interpolate(with, &children->v[i]))
				return false;
		}
		generator->children = children;
	}
	return interpolate_text(with, &generator->clusters.selector) &&
	       interpolate_pairs(with, &generator->clusters.values) &&
	       interpolate_text(with, &generator->git_repo_url) &&
	       interpolate_text(with, &generator->git_revision) &&
	       interpolate_pairs(with, &generator->git_paths) &&
	       interpolate_pairs(with, &generator->git_values);
}

/* Both in one. In the plain language a key that both have must say the same; in Go's the first
 * generator wins, unless it says nothing. */
static bool combine(const struct generate_world *world, const struct params *a,
		    const struct params *b, struct params *ret, struct str *ret_error)
{
	struct str other;

	for (size_t i = 0; i < a->n; i++)
		params_set(world->arena, ret, a->v[i].key, a->v[i].value);
	for (size_t i = 0; i < b->n; i++) {
		struct str key = b->v[i].key, value = b->v[i].value;

		if (world->set->go_template) {
			if (!params_get(a, key, &other) || str_empty(other))
				params_set(world->arena, ret, key, value);
			continue;
		}
		if (params_get(a, key, &other) && !str_eq(other, value)) {
			*ret_error = arena_printf(
				world->arena,
				"failed to combine string maps with merging params for "
				"the matrix generator: found duplicate key " STR_FMT
				" with different value, a: " STR_FMT " ,b: " STR_FMT,
				STR_ARG(key), STR_ARG(other), STR_ARG(value));
			return false;
		}
		params_set(world->arena, ret, key, value);
	}
	return true;
}

static bool child_params(const struct generate_world *world, const struct generator *child,
			 const struct params *with, struct param_sets *ret_sets,
			 struct str *ret_error)
{
	struct generator made = *child;
	struct interpolation interpolation = {world, with, ret_error};

	if (with && with->n && !interpolate(&interpolation, &made)) {
		fail(world, ret_error, "failed to replace parameters in generator");
		return fail(world, ret_error,
			    "child generator returned an error on parameter generation");
	}
	if (!generator_params(world, &made, ret_sets, ret_error))
		return fail(world, ret_error,
			    "child generator returned an error on parameter generation");
	return true;
}

static bool of_matrix(const struct generate_world *world, const struct generator *generator,
		      struct param_sets *ret_sets, struct str *ret_error)
{
	const struct generator_list *children = generator->children;
	struct param_sets first = {0};

	if (!children || children->n != 2) {
		*ret_error =
			children && children->n > 2
				? STR("found more than two generators, Matrix support only two")
				: STR("found less than two generators, Matrix support only two");
		return false;
	}
	if (!child_params(world, &children->v[0], NULL, &first, ret_error))
		return fail(world, ret_error,
			    "error failed to get params for first generator in matrix generator");
	for (size_t i = 0; i < first.n; i++) {
		struct param_sets second = {0};

		if (!child_params(world, &children->v[1], &first.v[i], &second, ret_error))
			return fail(world, ret_error,
				    "failed to get params for second generator in the matrix "
				    "generator");
		for (size_t j = 0; j < second.n; j++) {
			struct params params = {0};

			if (!combine(world, &first.v[i], &second.v[j], &params, ret_error))
				return false;
			param_sets_add(world->arena, ret_sets, params);
		}
	}
	return true;
}

/* ---- merge ---- */

/* What a set of parameters says of the merge keys, as JSON with sorted keys: it is compared, and
 * shown in an error. In Go's tree only what stands at the top is a key. */
static struct str merge_key_of(const struct generate_world *world,
			       const struct pair_list *merge_keys, const struct params *params)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB);
	struct json_write w = JSON_WRITE(&text);
	struct str last = {0}, next, value;

	json_write_object_begin(&w);
	for (uint32_t i = 0; i < merge_keys->n; i++) {
		next = (struct str){0};
		for (uint32_t j = 0; j < merge_keys->n; j++) {
			struct str key = merge_keys->v[j].key;

			if ((i == 0 || str_cmp(key, last) > 0) &&
			    (!next.p || str_cmp(key, next) < 0))
				next = key;
		}
		if (!next.p)
			break; /* the rest are repetitions */
		last = next;
		json_write_key(&w, next);
		if (params_get(params, next, &value) &&
		    !(world->set->go_template && str_find_char(next, '.', NULL)))
			json_write_str(&w, value);
		else
			json_write_null(&w);
	}
	json_write_object_end(&w);
	return arena_copy(world->arena, buf_view(&text));
}

static bool merge_keys_of(const struct generate_world *world, const struct pair_list *merge_keys,
			  const struct param_sets *sets, struct str **ret_keys,
			  struct str *ret_error)
{
	struct str *keys = arena_array(world->arena, struct str, sets->n);

	if (!merge_keys || merge_keys->n == 0) {
		*ret_error = STR("error getting param sets by merge key: no merge keys were "
				 "specified, Merge requires at least one");
		return false;
	}
	for (size_t i = 0; i < sets->n; i++) {
		keys[i] = merge_key_of(world, merge_keys, &sets->v[i]);
		for (size_t j = 0; j < i; j++) {
			if (!str_eq(keys[i], keys[j]))
				continue;
			*ret_error = arena_printf(
				world->arena,
				"error getting param sets by merge key: the parameters from a "
				"generator were not unique by the given mergeKeys, Merge requires "
				"all param sets to be unique. Duplicate key was " STR_FMT,
				STR_ARG(keys[i]));
			return false;
		}
	}
	*ret_keys = keys;
	return true;
}

static void override(const struct generate_world *world, struct params *base,
		     const struct params *with)
{
	for (size_t i = 0; i < with->n; i++)
		/* In Go's language an empty value overrides nothing. */
		if (!world->set->go_template || !str_empty(with->v[i].value))
			params_set(world->arena, base, with->v[i].key, with->v[i].value);
}

static bool of_merge(const struct generate_world *world, const struct generator *generator,
		     struct param_sets *ret_sets, struct str *ret_error)
{
	const struct generator_list *children = generator->children;
	struct param_sets *sets;
	struct str *base_keys, *keys;

	if (!children || children->n < 2) {
		*ret_error = STR("found less than two generators, Merge requires two or more");
		return false;
	}
	sets = arena_array(world->arena, struct param_sets, children->n);
	for (uint32_t i = 0; i < children->n; i++)
		if (!child_params(world, &children->v[i], NULL, &sets[i], ret_error)) {
			*ret_error = arena_printf(
				world->arena,
				"error getting param sets from generators: error "
				"getting params from generator %u of %u: " STR_FMT,
				i + 1, children->n, STR_ARG(*ret_error));
			return false;
		}
	if (!merge_keys_of(world, generator->merge_keys, &sets[0], &base_keys, ret_error))
		return false;
	for (uint32_t i = 1; i < children->n; i++) {
		if (!merge_keys_of(world, generator->merge_keys, &sets[i], &keys, ret_error))
			return false;
		for (size_t j = 0; j < sets[0].n; j++)
			for (size_t k = 0; k < sets[i].n; k++)
				if (str_eq(base_keys[j], keys[k]))
					override(world, &sets[0].v[j], &sets[i].v[k]);
	}
	*ret_sets = sets[0];
	return true;
}

/* ---- all ---- */

/* The generator's own selector, over the parameters as if they were labels. */
static bool filter(const struct generate_world *world, struct str text, struct param_sets *sets,
		   struct str *ret_error)
{
	struct selector selector = {0};
	struct err err = {0};
	size_t n = 0;

	if (str_empty(text))
		return true;
	if (selector_parse(text, &selector, &err) < 0) {
		*ret_error = arena_printf(world->arena, "error parsing label selector: %s",
					  err.text);
		return false;
	}
	for (size_t i = 0; i < sets->n; i++) {
		const struct params *params = &sets->v[i];
		struct label *labels = arena_array(world->arena, struct label, params->n);

		for (size_t j = 0; j < params->n; j++)
			labels[j] = (struct label){params->v[j].key, params->v[j].value};
		if (selector_matches(&selector, labels, params->n))
			sets->v[n++] = *params;
	}
	sets->n = n;
	selector_release(&selector);
	return true;
}

bool generator_params(const struct generate_world *world, const struct generator *generator,
		      struct param_sets *ret_sets, struct str *ret_error)
{
	struct param_sets sets = {0};
	bool is_done = false;

	switch (generator->type) {
	case GENERATOR_CLUSTERS:
		is_done = of_clusters(world, generator, &sets, ret_error);
		break;
	case GENERATOR_LIST:
		of_list(world, generator, &sets);
		is_done = true;
		break;
	case GENERATOR_GIT:
		is_done = generator_git_params(world, generator, &sets, ret_error);
		break;
	case GENERATOR_MATRIX:
		is_done = of_matrix(world, generator, &sets, ret_error);
		break;
	case GENERATOR_MERGE:
		is_done = of_merge(world, generator, &sets, ret_error);
		break;
	}
	if (!is_done || !filter(world, generator->selector, &sets, ret_error))
		return false;
	*ret_sets = sets;
	return true;
}

int64_t generators_requeue_after_ms(const struct generator_list *list)
{
	int64_t least = 0;

	for (uint32_t i = 0; list && i < list->n; i++) {
		const struct generator *generator = &list->v[i];
		int64_t ms = generators_requeue_after_ms(generator->children);

		if (generator->type == GENERATOR_GIT)
			ms = generator->requeue_after_s ? generator->requeue_after_s * 1000
							: REQUEUE_AFTER_MS;
		if (ms && (!least || ms < least))
			least = ms;
	}
	return least;
}
