#include "argo/generate.h"

#include "argo/template.h"

struct making {
	struct argo *argo;
	const struct generate_world *world;
	const struct params *params;
	struct str error;
};

struct pair_list *pair_list_set(struct pair_list *list, struct str key, const struct str *value)
{
	uint32_t n = list ? list->n : 0, kept = 0;
	struct pair_list *next = pair_list_new(n + 1);
	bool is_set = false;

	for (uint32_t i = 0; i < n; i++) {
		if (!str_eq(list->v[i].key, key)) {
			next->v[kept++] = list->v[i];
		} else if (value) {
			next->v[kept++] = (struct pair){key, *value};
			is_set = true;
		}
	}
	if (value && !is_set)
		next->v[kept++] = (struct pair){key, *value};
	next->n = kept;
	pair_list_drop(list);
	return next;
}

/* ---- from the template ---- */

static bool make_text(struct making *making, struct str *text)
{
	struct template_language language = {making->world->set->go_template,
					     making->world->set->missing_key_is_error};
	struct str made;

	if (!template_render(language, *text, making->params, making->world->arena, &made,
			     &making->error))
		return false;
	if (made.p != text->p)
		*text = argo_intern(making->argo, made);
	return true;
}

static bool make_source(struct making *making, struct source *source)
{
	return make_text(making, &source->repo_url) && make_text(making, &source->path) &&
	       make_text(making, &source->chart) && make_text(making, &source->target_revision) &&
	       make_text(making, &source->ref) && make_text(making, &source->name) &&
	       make_text(making, &source->tool_json);
}

static bool make_sources(struct making *making, struct source_list **list)
{
	struct source_list *old = *list;

	if (!old)
		return true;
	/* First of all a list of its own, so that a failure leaves one that can be dropped. */
	*list = source_list_new(old->n);
	for (uint32_t i = 0; i < old->n; i++)
		(*list)->v[i] = old->v[i];
	source_list_drop(old);
	for (uint32_t i = 0; i < (*list)->n; i++)
		if (!make_source(making, &(*list)->v[i]))
			return false;
	return true;
}

/* In the order of the fields in Argo CD's type, so that of several errors the first is the same. */
static bool make_spec(struct making *making, struct app_spec *spec)
{
	return make_source(making, &spec->sources.source) &&
	       make_text(making, &spec->destination.server) &&
	       make_text(making, &spec->destination.namespace) &&
	       make_text(making, &spec->destination.name) && make_text(making, &spec->project) &&
	       make_text(making, &spec->sync_options_json) &&
	       make_text(making, &spec->retry.duration) &&
	       make_text(making, &spec->retry.max_duration) &&
	       make_text(making, &spec->ignore_differences_json) &&
	       make_sources(making, &spec->sources.sources);
}

static bool make_pairs(struct making *making, const struct pair_list *old, struct pair_list **ret)
{
	*ret = pair_list_new(old ? old->n : 0);
	for (uint32_t i = 0; old && i < old->n; i++) {
		(*ret)->v[i] = old->v[i];
		if (!make_text(making, &(*ret)->v[i].key) ||
		    !make_text(making, &(*ret)->v[i].value))
			return false;
	}
	return true;
}

/* The two annotations that this model keeps beside the others (object.h). */
static void take_own_annotations(struct app *app)
{
	struct str refresh = pair_get(app->annotations, STR(ANNOTATION_REFRESH));

	app->is_paused = str_eq(pair_get(app->annotations, STR(ANNOTATION_SKIP_RECONCILE)),
				STR("true"));
	if (refresh.p)
		app->refresh = str_eq(refresh, STR("hard")) ? REFRESH_HARD : REFRESH_NORMAL;
	app->annotations = pair_list_set(app->annotations, STR(ANNOTATION_REFRESH), NULL);
	app->annotations = pair_list_set(app->annotations, STR(ANNOTATION_SKIP_RECONCILE), NULL);
}

static struct app *make_app(struct making *making)
{
	const struct appset *set = making->world->set;
	const struct app_template *template = &set->template;
	struct app *app = app_new();

	app->name = template->name;
	app->finalizers_json = template->finalizers_json;
	app->spec = template->spec;
	source_list_keep(app->spec.sources.sources);
	if (making->params->n == 0) {
		app->labels = pair_list_keep(template->labels);
		app->annotations = pair_list_keep(template->annotations);
	} else {
		if (!make_text(making, &app->name) ||
		    !make_pairs(making, template->labels, &app->labels) ||
		    !make_pairs(making, template->annotations, &app->annotations) ||
		    !make_text(making, &app->finalizers_json) || !make_spec(making, &app->spec)) {
			app_drop(app);
			return NULL;
		}
		if (str_empty(app->finalizers_json) && !set->preserve_resources_on_deletion)
			app->finalizers_json = STR(FINALIZERS_DEFAULT);
	}
	app->namespace = set->namespace;
	take_own_annotations(app);
	return app;
}

/* ---- all of them ---- */

static void note_error(struct generated *generated, struct argo *argo, struct str error,
		       struct str reason)
{
	if (!str_empty(generated->error))
		return;
	generated->error = argo_intern(argo, error);
	generated->reason = reason;
}

void generate_apps(struct argo *argo, const struct generate_world *world,
		   struct generated *ret_generated)
{
	const struct generator_list *generators = world->set->generators;

	*ret_generated = (struct generated){0};
	for (uint32_t i = 0; generators && i < generators->n; i++) {
		struct param_sets sets = {0};
		struct str error = {0};

		if (!generator_params(world, &generators->v[i], &sets, &error)) {
			note_error(ret_generated, argo, error,
				   STR("ApplicationGenerationFromParamsError"));
			continue;
		}
		for (size_t j = 0; j < sets.n; j++) {
			struct making making = {argo, world, &sets.v[j], {0}};
			struct app *app = make_app(&making);

			if (app)
				vec_push(&ret_generated->apps, app);
			else
				note_error(ret_generated, argo, making.error,
					   STR("RenderTemplateParamsError"));
		}
	}
}

void generated_release(struct generated *generated)
{
	vec_each(app, &generated->apps)
		app_drop(*app);
	vec_release(&generated->apps);
}
