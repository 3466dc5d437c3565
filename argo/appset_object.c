#include "argo/appset_object.h"

#include "base/alloc.h"
#include "base/check.h"

#include <string.h>

/* ---- generators ---- */

static void generator_release(struct generator *generator)
{
	pair_list_drop(generator->clusters.values);
	for (uint32_t i = 0; i < generator->element_count; i++)
		pair_list_drop(generator->elements[i]);
	mem_free(generator->elements);
	pair_list_drop(generator->git_paths);
	pair_list_drop(generator->git_values);
	generator_list_drop(generator->children);
	pair_list_drop(generator->merge_keys);
}

struct generator_list *generator_list_new(uint32_t n)
{
	struct generator_list *list = mem_zalloc(sizeof(*list));

	list->refs = 1;
	list->n = n;
	list->v = mem_zalloc(n * sizeof(*list->v));
	return list;
}

struct generator_list *generator_list_keep(struct generator_list *list)
{
	if (list)
		list->refs++;
	return list;
}

void generator_list_drop(struct generator_list *list)
{
	if (!list || --list->refs > 0)
		return;
	for (uint32_t i = 0; i < list->n; i++)
		generator_release(&list->v[i]);
	mem_free(list->v);
	mem_free(list);
}

bool generators_have(const struct generator_list *list, enum generator_type type)
{
	for (uint32_t i = 0; list && i < list->n; i++)
		if (list->v[i].type == type || generators_have(list->v[i].children, type))
			return true;
	return false;
}

/* ---- what progressive syncs keep ---- */

struct rollout_status_list *rollout_status_list_new(uint32_t n)
{
	struct rollout_status_list *list = mem_zalloc(sizeof(*list) + n * sizeof(list->v[0]));

	list->refs = 1;
	list->n = n;
	return list;
}

struct rollout_status_list *rollout_status_list_keep(struct rollout_status_list *list)
{
	if (list)
		list->refs++;
	return list;
}

void rollout_status_list_drop(struct rollout_status_list *list)
{
	if (list && --list->refs == 0)
		mem_free(list);
}

const struct rollout_status *rollout_status_of(const struct rollout_status_list *list,
					       struct str application)
{
	uint32_t low = 0, high = list ? list->n : 0;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = str_cmp(list->v[middle].application, application);

		if (order == 0)
			return &list->v[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- the ApplicationSet ---- */

static void steps_release(struct rollout_step *steps, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < steps[i].expression_count; j++)
			pair_list_drop(steps[i].expressions[j].values);
		mem_free(steps[i].expressions);
	}
	mem_free(steps);
}

void appset_set_steps(struct appset *set, uint32_t count)
{
	steps_release(set->steps, set->step_count);
	set->steps = mem_zalloc(count * sizeof(*set->steps));
	set->step_count = count;
}

void rollout_step_set_expressions(struct rollout_step *step, uint32_t count)
{
	check(step->expression_count == 0);
	step->expressions = mem_zalloc(count * sizeof(*step->expressions));
	step->expression_count = count;
}

static void copy_steps(struct appset *copy, const struct appset *set)
{
	copy->steps = NULL;
	copy->step_count = 0;
	appset_set_steps(copy, set->step_count);
	for (uint32_t i = 0; i < set->step_count; i++) {
		const struct rollout_step *step = &set->steps[i];

		copy->steps[i].max_update = step->max_update;
		rollout_step_set_expressions(&copy->steps[i], step->expression_count);
		for (uint32_t j = 0; j < step->expression_count; j++) {
			copy->steps[i].expressions[j] = step->expressions[j];
			pair_list_keep(step->expressions[j].values);
		}
	}
}

struct appset *appset_new(void)
{
	struct appset *set = mem_zalloc(sizeof(*set));

	set->refs = 1;
	return set;
}

struct appset *appset_copy(const struct appset *set)
{
	struct appset *copy = mem_alloc(sizeof(*copy));

	*copy = *set;
	copy->refs = 1;
	copy_steps(copy, set);
	pair_list_keep(copy->labels);
	pair_list_keep(copy->annotations);
	generator_list_keep(copy->generators);
	pair_list_keep(copy->template.labels);
	pair_list_keep(copy->template.annotations);
	source_list_keep(copy->template.spec.sources.sources);
	pair_list_keep(copy->preserved_annotations);
	pair_list_keep(copy->preserved_labels);
	condition_list_keep(copy->conditions);
	pair_list_keep(copy->condition_states);
	rollout_status_list_keep(copy->rollout);
	resource_list_keep(copy->resources);
	return copy;
}

/* The count is no part of the value: a const version is shared by counting. */
static struct appset *counted(const struct appset *set)
{
	struct appset *result;

	memcpy(&result, &set, sizeof(result));
	return result;
}

const struct appset *appset_keep(const struct appset *set)
{
	if (set)
		counted(set)->refs++;
	return set;
}

void appset_drop(const struct appset *dropped)
{
	struct appset *set = counted(dropped);

	if (!set || --set->refs > 0)
		return;
	steps_release(set->steps, set->step_count);
	pair_list_drop(set->labels);
	pair_list_drop(set->annotations);
	generator_list_drop(set->generators);
	pair_list_drop(set->template.labels);
	pair_list_drop(set->template.annotations);
	source_list_drop(set->template.spec.sources.sources);
	pair_list_drop(set->preserved_annotations);
	pair_list_drop(set->preserved_labels);
	condition_list_drop(set->conditions);
	pair_list_drop(set->condition_states);
	rollout_status_list_drop(set->rollout);
	resource_list_drop(set->resources);
	mem_free(set);
}

/* ---- comparing ---- */

/* As maps: the order of the keys does not count. */
bool pair_lists_equal(const struct pair_list *a, const struct pair_list *b)
{
	uint32_t n = a ? a->n : 0;

	if (a == b)
		return true;
	if (n != (b ? b->n : 0))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		bool is_found = false;

		for (uint32_t j = 0; j < n && !is_found; j++)
			is_found = str_eq(a->v[i].key, b->v[j].key) &&
				   str_eq(a->v[i].value, b->v[j].value);
		if (!is_found)
			return false;
	}
	return true;
}

static bool retries_equal(const struct retry *a, const struct retry *b)
{
	return a->is_set == b->is_set && a->limit == b->limit && a->refresh == b->refresh &&
	       str_eq(a->duration, b->duration) && str_eq(a->max_duration, b->max_duration) &&
	       a->factor == b->factor;
}

bool app_spec_equal(const struct app_spec *a, const struct app_spec *b)
{
	return str_eq(a->project, b->project) && sources_equal(&a->sources, &b->sources) &&
	       a->has_hydrator == b->has_hydrator &&
	       destination_equal(&a->destination, &b->destination) &&
	       str_eq(a->ignore_differences_json, b->ignore_differences_json) &&
	       a->automated.is_set == b->automated.is_set &&
	       a->automated.is_disabled == b->automated.is_disabled &&
	       a->automated.prune == b->automated.prune &&
	       a->automated.self_heal == b->automated.self_heal &&
	       a->automated.allow_empty == b->automated.allow_empty &&
	       retries_equal(&a->retry, &b->retry) &&
	       str_eq(a->sync_options_json, b->sync_options_json) &&
	       a->history_limit == b->history_limit;
}

static bool generator_lists_equal(const struct generator_list *a, const struct generator_list *b);

static bool generators_equal(const struct generator *a, const struct generator *b)
{
	if (a->type != b->type || !str_eq(a->clusters.selector, b->clusters.selector) ||
	    !pair_lists_equal(a->clusters.values, b->clusters.values) ||
	    a->element_count != b->element_count)
		return false;
	for (uint32_t i = 0; i < a->element_count; i++)
		if (!pair_lists_equal(a->elements[i], b->elements[i]))
			return false;
	return str_eq(a->git_repo_url, b->git_repo_url) &&
	       str_eq(a->git_revision, b->git_revision) &&
	       pair_lists_equal(a->git_paths, b->git_paths) && a->git_is_files == b->git_is_files &&
	       pair_lists_equal(a->git_values, b->git_values) &&
	       str_eq(a->git_path_prefix, b->git_path_prefix) &&
	       a->requeue_after_s == b->requeue_after_s &&
	       generator_lists_equal(a->children, b->children) &&
	       pair_lists_equal(a->merge_keys, b->merge_keys) && str_eq(a->selector, b->selector);
}

static bool generator_lists_equal(const struct generator_list *a, const struct generator_list *b)
{
	uint32_t n = a ? a->n : 0;

	if (n != (b ? b->n : 0))
		return false;
	for (uint32_t i = 0; a != b && i < n; i++)
		if (!generators_equal(&a->v[i], &b->v[i]))
			return false;
	return true;
}

static bool steps_equal(const struct appset *a, const struct appset *b)
{
	if (a->is_rolling != b->is_rolling || a->step_count != b->step_count)
		return false;
	for (uint32_t i = 0; i < a->step_count; i++) {
		const struct rollout_step *s = &a->steps[i], *t = &b->steps[i];

		if (!str_eq(s->max_update, t->max_update) ||
		    s->expression_count != t->expression_count)
			return false;
		for (uint32_t j = 0; j < s->expression_count; j++)
			if (!str_eq(s->expressions[j].key, t->expressions[j].key) ||
			    s->expressions[j].is_not_in != t->expressions[j].is_not_in ||
			    !pair_lists_equal(s->expressions[j].values, t->expressions[j].values))
				return false;
	}
	return true;
}

static bool templates_equal(const struct app_template *a, const struct app_template *b)
{
	return str_eq(a->name, b->name) && str_eq(a->namespace, b->namespace) &&
	       pair_lists_equal(a->labels, b->labels) &&
	       pair_lists_equal(a->annotations, b->annotations) &&
	       str_eq(a->finalizers_json, b->finalizers_json) && app_spec_equal(&a->spec, &b->spec);
}

bool appset_spec_equal(const struct appset *a, const struct appset *b)
{
	return a->go_template == b->go_template &&
	       a->missing_key_is_error == b->missing_key_is_error &&
	       a->preserve_resources_on_deletion == b->preserve_resources_on_deletion &&
	       generator_lists_equal(a->generators, b->generators) &&
	       templates_equal(&a->template, &b->template) && steps_equal(a, b) &&
	       str_eq(a->policy, b->policy) &&
	       pair_lists_equal(a->preserved_annotations, b->preserved_annotations) &&
	       pair_lists_equal(a->preserved_labels, b->preserved_labels);
}

bool appset_resources_equal(const struct resource_list *a, const struct resource_list *b)
{
	if (!resource_list_same(a, b))
		return false;
	for (uint32_t i = 0; a && a != b && i < a->n; i++)
		if (a->v[i].has_health != b->v[i].has_health || a->v[i].health != b->v[i].health)
			return false;
	return true;
}

bool rollout_status_lists_equal(const struct rollout_status_list *a,
				const struct rollout_status_list *b)
{
	uint32_t n = a ? a->n : 0;

	if (n != (b ? b->n : 0))
		return false;
	for (uint32_t i = 0; a != b && i < n; i++) {
		const struct rollout_status *s = &a->v[i], *t = &b->v[i];

		if (!str_eq(s->application, t->application) || !str_eq(s->status, t->status) ||
		    !str_eq(s->step, t->step) || !str_eq(s->message, t->message) ||
		    wall_cmp(s->last_transition_at, t->last_transition_at) != 0 ||
		    !revisions_equal(&s->target_revisions, &t->target_revisions))
			return false;
	}
	return true;
}
