#include "argo/face/appset_json.h"

#include "argo/face/app_json.h"
#include "model/selector.h"

#include <stdio.h>

static void text(struct json_write *w, struct str key, struct str value)
{
	if (!str_empty(value))
		json_write_field_str(w, key, value);
}

static void texts(struct json_write *w, struct str key, const struct pair_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, key);
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++)
		json_write_str(w, list->v[i].key);
	json_write_array_end(w);
}

static void pairs(struct json_write *w, struct str key, const struct pair_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, key);
	app_json_pairs(w, list);
}

/* ---- selectors ---- */

/* "a=b" was a label, "a in (b)" an expression. */
static bool is_label(const struct requirement *requirement)
{
	const char *behind = requirement->key.p + requirement->key.n;

	return requirement->op == SELECTOR_IN && *behind == '=';
}

static struct str operator_name(enum selector_op op)
{
	switch (op) {
	case SELECTOR_IN:
		return STR("In");
	case SELECTOR_NOT_IN:
		return STR("NotIn");
	case SELECTOR_EXISTS:
		return STR("Exists");
	case SELECTOR_NOT_EXISTS:
		return STR("DoesNotExist");
	case SELECTOR_GREATER:
		return STR("Gt");
	case SELECTOR_LESS:
		return STR("Lt");
	}
	return STR("");
}

static void expression(struct json_write *w, const struct selector *selector,
		       const struct requirement *requirement)
{
	json_write_object_begin(w);
	json_write_field_str(w, STR("key"), requirement->key);
	json_write_field_str(w, STR("operator"), operator_name(requirement->op));
	if (requirement->value_count > 0) {
		json_write_key(w, STR("values"));
		json_write_array_begin(w);
		for (size_t i = 0; i < requirement->value_count; i++)
			json_write_str(w, selector->values.v[requirement->first_value + i]);
		json_write_array_end(w);
	}
	json_write_object_end(w);
}

static void selector_parts(struct json_write *w, const struct selector *selector, bool labels)
{
	bool has_begun = false;

	vec_each(requirement, &selector->requirements) {
		if (is_label(requirement) != labels)
			continue;
		if (!has_begun) {
			json_write_key(w, labels ? STR("matchLabels") : STR("matchExpressions"));
			if (labels)
				json_write_object_begin(w);
			else
				json_write_array_begin(w);
			has_begun = true;
		}
		if (labels)
			json_write_field_str(w, requirement->key,
					     selector->values.v[requirement->first_value]);
		else
			expression(w, selector, requirement);
	}
	if (has_begun && labels)
		json_write_object_end(w);
	else if (has_begun)
		json_write_array_end(w);
}

static void selector_object(struct json_write *w, struct str grammar)
{
	struct selector selector = {0};
	struct err err = {0};

	json_write_object_begin(w);
	if (!str_empty(grammar) && selector_parse(grammar, &selector, &err) == 0) {
		selector_parts(w, &selector, true);
		selector_parts(w, &selector, false);
		selector_release(&selector);
	}
	json_write_object_end(w);
}

/* ---- generators ---- */

/* Each generator may override the template; none here does, and Go writes what is not a pointer. */
static void no_template(struct json_write *w)
{
	json_write_key(w, STR("template"));
	json_write_raw(w, STR("{\"metadata\":{},\"spec\":{\"destination\":{},\"project\":\"\"}}"));
}

static void clusters(struct json_write *w, const struct generator *generator)
{
	json_write_key(w, STR("clusters"));
	json_write_object_begin(w);
	json_write_key(w, STR("selector"));
	selector_object(w, generator->clusters.selector);
	no_template(w);
	pairs(w, STR("values"), generator->clusters.values);
	json_write_object_end(w);
}

static void elements(struct json_write *w, const struct generator *generator)
{
	json_write_key(w, STR("list"));
	json_write_object_begin(w);
	json_write_key(w, STR("elements"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < generator->element_count; i++)
		app_json_pairs(w, generator->elements[i]);
	json_write_array_end(w);
	no_template(w);
	json_write_object_end(w);
}

static void git(struct json_write *w, const struct generator *generator)
{
	const struct pair_list *paths = generator->git_paths;

	json_write_key(w, STR("git"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("repoURL"), generator->git_repo_url);
	json_write_key(w, generator->git_is_files ? STR("files") : STR("directories"));
	json_write_array_begin(w);
	for (uint32_t i = 0; paths && i < paths->n; i++) {
		json_write_object_begin(w);
		json_write_field_str(w, STR("path"), paths->v[i].key);
		if (!str_empty(paths->v[i].value))
			json_write_field_bool(w, STR("exclude"), true);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_field_str(w, STR("revision"), generator->git_revision);
	if (generator->requeue_after_s)
		json_write_field_int(w, STR("requeueAfterSeconds"), generator->requeue_after_s);
	no_template(w);
	text(w, STR("pathParamPrefix"), generator->git_path_prefix);
	pairs(w, STR("values"), generator->git_values);
	json_write_object_end(w);
}

static void generator_array(struct json_write *w, const struct generator_list *list);

static void combined(struct json_write *w, const struct generator *generator, struct str name)
{
	json_write_key(w, name);
	json_write_object_begin(w);
	json_write_key(w, STR("generators"));
	generator_array(w, generator->children);
	texts(w, STR("mergeKeys"), generator->merge_keys);
	no_template(w);
	json_write_object_end(w);
}

static void generator_object(struct json_write *w, const struct generator *generator)
{
	json_write_object_begin(w);
	switch (generator->type) {
	case GENERATOR_CLUSTERS:
		clusters(w, generator);
		break;
	case GENERATOR_LIST:
		elements(w, generator);
		break;
	case GENERATOR_GIT:
		git(w, generator);
		break;
	case GENERATOR_MATRIX:
		combined(w, generator, STR("matrix"));
		break;
	case GENERATOR_MERGE:
		combined(w, generator, STR("merge"));
		break;
	}
	if (!str_empty(generator->selector)) {
		json_write_key(w, STR("selector"));
		selector_object(w, generator->selector);
	}
	json_write_object_end(w);
}

static void generator_array(struct json_write *w, const struct generator_list *list)
{
	json_write_array_begin(w);
	for (uint32_t i = 0; list && i < list->n; i++)
		generator_object(w, &list->v[i]);
	json_write_array_end(w);
}

/* ---- spec ---- */

static void template_object(struct json_write *w, const struct app_template *template)
{
	json_write_object_begin(w);
	json_write_key(w, STR("metadata"));
	json_write_object_begin(w);
	text(w, STR("name"), template->name);
	text(w, STR("namespace"), template->namespace);
	pairs(w, STR("labels"), template->labels);
	pairs(w, STR("annotations"), template->annotations);
	if (!str_empty(template->finalizers_json)) {
		json_write_key(w, STR("finalizers"));
		json_write_raw(w, template->finalizers_json);
	}
	json_write_object_end(w);
	json_write_key(w, STR("spec"));
	app_json_spec(w, &template->spec);
	json_write_object_end(w);
}

static void sync_policy(struct json_write *w, const struct appset *set)
{
	if (!set->preserve_resources_on_deletion && str_empty(set->policy))
		return;
	json_write_key(w, STR("syncPolicy"));
	json_write_object_begin(w);
	if (set->preserve_resources_on_deletion)
		json_write_field_bool(w, STR("preserveResourcesOnDeletion"), true);
	text(w, STR("applicationsSync"), set->policy);
	json_write_object_end(w);
}

/* A number is a number, "25%" is a text. */
static void max_update(struct json_write *w, struct str value)
{
	int64_t number;

	if (str_empty(value))
		return;
	json_write_key(w, STR("maxUpdate"));
	if (str_to_i64(value, &number))
		json_write_int(w, number);
	else
		json_write_str(w, value);
}

static void step(struct json_write *w, const struct rollout_step *one)
{
	json_write_object_begin(w);
	if (one->expression_count > 0) {
		json_write_key(w, STR("matchExpressions"));
		json_write_array_begin(w);
		for (uint32_t i = 0; i < one->expression_count; i++) {
			const struct match_expression *match = &one->expressions[i];
			json_write_object_begin(w);
			text(w, STR("key"), match->key);
			json_write_field_str(w, STR("operator"),
					     match->is_not_in ? STR("NotIn") : STR("In"));
			texts(w, STR("values"), match->values);
			json_write_object_end(w);
		}
		json_write_array_end(w);
	}
	max_update(w, one->max_update);
	json_write_object_end(w);
}

static void strategy(struct json_write *w, const struct appset *set)
{
	if (!set->is_rolling)
		return;
	json_write_key(w, STR("strategy"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("type"), STR("RollingSync"));
	json_write_key(w, STR("rollingSync"));
	json_write_object_begin(w);
	json_write_key(w, STR("steps"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < set->step_count; i++)
		step(w, &set->steps[i]);
	json_write_array_end(w);
	json_write_object_end(w);
	json_write_object_end(w);
}

static void preserved(struct json_write *w, const struct appset *set)
{
	if (!set->preserved_annotations && !set->preserved_labels)
		return;
	json_write_key(w, STR("preservedFields"));
	json_write_object_begin(w);
	texts(w, STR("annotations"), set->preserved_annotations);
	texts(w, STR("labels"), set->preserved_labels);
	json_write_object_end(w);
}

static void spec_object(struct json_write *w, const struct appset *set)
{
	json_write_object_begin(w);
	if (set->go_template)
		json_write_field_bool(w, STR("goTemplate"), true);
	json_write_key(w, STR("generators"));
	generator_array(w, set->generators);
	json_write_key(w, STR("template"));
	template_object(w, &set->template);
	sync_policy(w, set);
	strategy(w, set);
	preserved(w, set);
	if (set->missing_key_is_error) {
		json_write_key(w, STR("goTemplateOptions"));
		json_write_raw(w, STR("[\"missingkey=error\"]"));
	}
	json_write_object_end(w);
}

/* ---- status ---- */

static void conditions(struct json_write *w, const struct appset *set)
{
	const struct condition_list *list = set->conditions;

	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("conditions"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		/* "True/Reason" */
		struct str reason = pair_get(set->condition_states, list->v[i].type), state;
		str_cut(&reason, '/', &state);
		json_write_object_begin(w);
		json_write_field_str(w, STR("type"), list->v[i].type);
		json_write_field_str(w, STR("message"), list->v[i].message);
		json_write_key(w, STR("lastTransitionTime"));
		app_json_time(w, list->v[i].last_transition_at);
		json_write_field_str(w, STR("status"), state);
		json_write_field_str(w, STR("reason"), reason);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void resources(struct json_write *w, const struct resource_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("resources"));
	app_json_resources(w, list, APP_JSON_WHOLE);
	json_write_field_int(w, STR("resourcesCount"), list->n);
}

static void rollout(struct json_write *w, const struct rollout_status_list *list)
{
	if (!list || list->n == 0)
		return;
	json_write_key(w, STR("applicationStatus"));
	json_write_array_begin(w);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct rollout_status *one = &list->v[i];
		json_write_object_begin(w);
		json_write_field_str(w, STR("application"), one->application);
		json_write_key(w, STR("lastTransitionTime"));
		app_json_time(w, one->last_transition_at);
		json_write_field_str(w, STR("message"), one->message);
		json_write_field_str(w, STR("status"), one->status);
		json_write_field_str(w, STR("step"), one->step);
		json_write_key(w, STR("targetRevisions"));
		json_write_array_begin(w);
		if (one->target_revisions.n == 0)
			json_write_str(w, one->target_revisions.revision);
		for (uint32_t k = 0; k < one->target_revisions.n; k++)
			json_write_str(w, one->target_revisions.v[k]);
		json_write_array_end(w);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void metadata(struct json_write *w, const struct appset *set)
{
	static const char refresh[] = "argocd.argoproj.io/application-set-refresh";
	char version[24];

	snprintf(version, sizeof version, "%llu", (unsigned long long)set->version);
	json_write_object_begin(w);
	text(w, STR("name"), set->name);
	text(w, STR("namespace"), set->namespace);
	text(w, STR("uid"), set->uid);
	if (set->version)
		json_write_field_str(w, STR("resourceVersion"), str_of(version));
	if (set->generation)
		json_write_field_int(w, STR("generation"), (int64_t)set->generation);
	if (set->created_at.ms) {
		json_write_key(w, STR("creationTimestamp"));
		app_json_time(w, set->created_at);
	}
	if (set->deleting_at.ms) {
		json_write_key(w, STR("deletionTimestamp"));
		app_json_time(w, set->deleting_at);
	}
	pairs(w, STR("labels"), set->labels);
	if (set->wants_refresh) {
		json_write_key(w, STR("annotations"));
		json_write_object_begin(w);
		json_write_field_str(w, str_of(refresh), STR("true"));
		for (uint32_t i = 0; set->annotations && i < set->annotations->n; i++)
			json_write_field_str(w, set->annotations->v[i].key,
					     set->annotations->v[i].value);
		json_write_object_end(w);
	} else {
		pairs(w, STR("annotations"), set->annotations);
	}
	json_write_object_end(w);
}

void appset_json_write(struct json_write *w, const struct appset *set)
{
	json_write_object_begin(w);
	json_write_key(w, STR("metadata"));
	metadata(w, set);
	json_write_key(w, STR("spec"));
	spec_object(w, set);
	json_write_key(w, STR("status"));
	json_write_object_begin(w);
	conditions(w, set);
	rollout(w, set->rollout);
	resources(w, set->resources);
	json_write_object_end(w);
	json_write_object_end(w);
}
