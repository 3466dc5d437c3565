#include "world/little_fleet.h"

#include "base/check.h"

#include <string.h>

#define REPO_URL "https://git.example/platform.git"

void little_fleet_release(struct little_fleet *fleet)
{
	vec_release(&fleet->clusters);
	vec_release(&fleet->components);
}

/* What stands before and behind a name, as the model keeps it. */
static struct str text(struct argo *argo, const char *before, struct str name, const char *behind)
{
	auto_arena struct arena arena = {0};
	return argo_intern(argo,
			   arena_printf(&arena, "%s" STR_FMT "%s", before, STR_ARG(name), behind));
}

void little_fleet_add_cluster(struct argo *argo, const struct little_cluster *cluster)
{
	struct pair_list *labels = pair_list_new(cluster->label_count);

	for (uint32_t i = 0; i < cluster->label_count; i++)
		labels->v[i] = (struct pair){argo_intern(argo, cluster->labels[i].key),
					     argo_intern(argo, cluster->labels[i].value)};
	argo_add_cluster(argo, argo_intern(argo, cluster->name),
			 text(argo, "https://", cluster->name, ".example:6443"), labels);
}

/* appName, cluster, and every label that any cluster has, by the generator's template. */
static struct pair_list *labels_of(const struct little_fleet *fleet, struct argo *argo,
				   const struct little_component *component)
{
	struct pair labels[16] = {
		{STR("appName"), argo_intern(argo, component->name)},
		{STR("cluster"), STR("{{name}}")},
	};
	uint32_t n = 2;
	const struct little_cluster *first = &fleet->clusters.v[0];

	for (uint32_t i = 0; i < first->label_count; i++)
		labels[n++] = (struct pair){
			argo_intern(argo, first->labels[i].key),
			text(argo, "{{metadata.labels.", first->labels[i].key, "}}")};
	struct pair_list *list = pair_list_new(n);
	memcpy(list->v, labels, n * sizeof labels[0]);
	return list;
}

static void add_steps(struct appset *set, const struct little_component *component,
		      struct argo *argo)
{
	set->is_rolling = true;
	appset_set_steps(set, component->step_count);
	for (uint32_t i = 0; i < component->step_count; i++) {
		struct str value = component->steps[i], key;
		if (!str_cut(&value, '=', &key))
			continue;
		rollout_step_set_expressions(&set->steps[i], 1);
		struct match_expression *expression = &set->steps[i].expressions[0];
		expression->key = argo_intern(argo, key);
		expression->values = pair_list_new(1);
		expression->values->v[0].key = argo_intern(argo, value);
	}
}

void little_fleet_move(const struct little_fleet *fleet, struct argo *argo,
		       const struct little_component *component, struct str revision)
{
	struct appset *set = appset_new();
	struct app_template *template = &set->template;

	set->name = argo_intern(argo, component->name);
	set->namespace = STR("argocd");
	set->generators = generator_list_new(1);
	set->generators->v[0].type = GENERATOR_CLUSTERS;
	set->generators->v[0].clusters.selector = argo_intern(argo, component->clusters);
	template->name = text(argo, "", component->name, "-{{name}}");
	template->labels = labels_of(fleet, argo, component);
	template->spec.project = STR("platform");
	template->spec.sources.has_source = true;
	template->spec.sources.source.repo_url = STR(REPO_URL);
	template->spec.sources.source.path = argo_intern(argo, component->name);
	template->spec.sources.source.target_revision = argo_intern(argo, revision);
	template->spec.destination.server = STR("{{server}}");
	template->spec.destination.namespace = argo_intern(argo, component->name);
	if (!str_empty(component->values))
		template->spec.sources.source.tool_json = text(argo, "{\"helm\":{\"values\":\"",
							       component->values, "\"}}");
	template->spec.automated.is_set = component->has_auto_sync;
	template->spec.automated.is_disabled = component->is_auto_sync_off;
	template->spec.automated.self_heal = component->heals_itself;
	if (component->retry)
		template->spec.retry = (struct retry){.is_set = true,
						      .limit = component->retry,
						      .refresh = component->retries_latest};
	if (component->step_count)
		add_steps(set, component, argo);
	argo_apply_appset(argo, set);
}

/* One repository with a folder for each component. */
static struct str push_all(struct little_fleet *fleet, struct argo *argo)
{
	struct chart charts[CHARTS_MAX];

	check(fleet->components.n <= CHARTS_MAX);
	for (size_t i = 0; i < fleet->components.n; i++)
		charts[i] = (struct chart){fleet->components.v[i].name,
					   fleet->components.v[i].content};
	return argo_push_charts(argo, STR(REPO_URL), STR("main"), charts,
				(uint32_t)fleet->components.n);
}

struct str little_fleet_found(struct little_fleet *fleet, struct argo *argo)
{
	argo_apply_project(argo, (struct project){.name = STR("platform")});
	vec_each(cluster, &fleet->clusters)
		little_fleet_add_cluster(argo, cluster);
	struct str sha = push_all(fleet, argo);
	vec_each(component, &fleet->components)
		little_fleet_move(fleet, argo, component,
				  str_empty(component->branch) ? sha : component->branch);
	return sha;
}

struct str little_fleet_push_again(struct little_fleet *fleet, struct argo *argo)
{
	return push_all(fleet, argo);
}

struct str little_fleet_push(struct little_fleet *fleet, struct argo *argo, struct str content)
{
	vec_each(component, &fleet->components)
		component->content.text = argo_intern(argo, content);
	return push_all(fleet, argo);
}
