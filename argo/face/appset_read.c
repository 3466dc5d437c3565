#include "argo/face/appset_read.h"

#include "argo/face/app_read.h"
#include "base/alloc.h"

enum { GENERATOR_DEPTH_MAX = 3 };

/* ---- generators ---- */

/* A list's element is a map of texts; numbers and booleans are taken as their texts. */
static struct pair_list *read_element(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_MAP), used = 0;
	struct json_cursor cursor = {0};

	if (n == 0)
		return NULL;
	struct pair_list *list = pair_list_new((uint32_t)n);
	while (json_next(at.value, &cursor)) {
		auto_buf struct buf text = BUF_INIT(64 * KIB);
		struct str value = json_text_of(cursor.value);
		enum json_kind kind = json_kind(cursor.value);
		if (kind == JSON_KIND_MAP || kind == JSON_KIND_LIST)
			reading_fail(r, &at, "'" STR_FMT "' is no plain value",
				     STR_ARG(cursor.key));
		if (kind != JSON_KIND_TEXT) {
			json_canonical(cursor.value, &text);
			value = buf_view(&text);
		}
		size_t i = used++;
		for (; i > 0 && str_cmp(list->v[i - 1].key, cursor.key) > 0; i--)
			list->v[i] = list->v[i - 1];
		list->v[i] = (struct pair){r->intern(r->self, cursor.key),
					   r->intern(r->self, value)};
	}
	return list;
}

static void read_list(struct reading *r, struct at at, struct generator *ret)
{
	struct at elements = at_key(&at, "elements");
	size_t n = read_count(r, &elements, JSON_KIND_LIST);

	ret->type = GENERATOR_LIST;
	if (json_kind(elements.value) == JSON_KIND_NULL)
		reading_fail(r, &elements, "it is missing");
	ret->elements = mem_zalloc(n * sizeof(ret->elements[0]));
	ret->element_count = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		ret->elements[i] = read_element(r, at_index(&elements, i));
}

/* Paths of directories or of files; only directories may be excluded. */
static struct pair_list *read_git_paths(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_LIST);
	struct pair_list *list = pair_list_new((uint32_t)n);

	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i);
		bool is_excluded = read_flag(r, at_key(&item, "exclude"), false);
		list->v[i] = (struct pair){read_required(r, at_key(&item, "path")),
					   is_excluded ? STR("exclude") : STR("")};
	}
	return list;
}

static void read_git(struct reading *r, struct at at, struct generator *ret)
{
	struct at files = at_key(&at, "files"), directories = at_key(&at, "directories");

	ret->type = GENERATOR_GIT;
	ret->git_repo_url = read_required(r, at_key(&at, "repoURL"));
	ret->git_revision = read_text(r, at_key(&at, "revision"));
	ret->git_values = read_pairs(r, at_key(&at, "values"));
	ret->git_path_prefix = read_text(r, at_key(&at, "pathParamPrefix"));
	ret->requeue_after_s = read_number(r, at_key(&at, "requeueAfterSeconds"));
	ret->git_is_files = read_count(r, &files, JSON_KIND_LIST) > 0;
	ret->git_paths = read_git_paths(r, ret->git_is_files ? files : directories);
	if (ret->git_paths->n == 0)
		reading_fail(r, &at, "directories or files are missing");
}

static struct generator_list *read_generators(struct reading *r, struct at at, unsigned depth);

static void read_children(struct reading *r, struct at at, unsigned depth, struct generator *ret)
{
	struct at children = at_key(&at, "generators");

	ret->children = read_generators(r, children, depth + 1);
	if (ret->type == GENERATOR_MATRIX && ret->children->n != 2)
		reading_fail(r, &children, "a matrix has two generators, not %u", ret->children->n);
	if (ret->type == GENERATOR_MERGE)
		ret->merge_keys = read_texts(r, at_key(&at, "mergeKeys"));
	if (ret->type == GENERATOR_MERGE && !ret->merge_keys)
		reading_fail(r, &at, "mergeKeys are missing");
}

static void read_generator(struct reading *r, struct at at, unsigned depth, struct generator *ret)
{
	struct at clusters = at_key(&at, "clusters"), list = at_key(&at, "list");
	struct at git = at_key(&at, "git"), matrix = at_key(&at, "matrix");
	struct at merge = at_key(&at, "merge");

	ret->selector = read_selector(r, at_key(&at, "selector"));
	if (clusters.value) {
		ret->type = GENERATOR_CLUSTERS;
		read_count(r, &clusters, JSON_KIND_MAP);
		ret->clusters.selector = read_selector(r, at_key(&clusters, "selector"));
		ret->clusters.values = read_pairs(r, at_key(&clusters, "values"));
	} else if (list.value) {
		read_list(r, list, ret);
	} else if (git.value) {
		read_git(r, git, ret);
	} else if (matrix.value || merge.value) {
		ret->type = matrix.value ? GENERATOR_MATRIX : GENERATOR_MERGE;
		read_children(r, matrix.value ? matrix : merge, depth, ret);
	} else {
		reading_fail(r, &at, "it is none of clusters, list, git, matrix, merge");
	}
}

static struct generator_list *read_generators(struct reading *r, struct at at, unsigned depth)
{
	size_t n = read_count(r, &at, JSON_KIND_LIST);

	if (depth >= GENERATOR_DEPTH_MAX) {
		reading_fail(r, &at, "generators are nested too deep");
		n = 0;
	}
	struct generator_list *generators = generator_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++)
		read_generator(r, at_index(&at, i), depth, &generators->v[i]);
	return generators;
}

/* ---- strategy ---- */

static struct str read_max_update(struct reading *r, struct at at)
{
	auto_buf struct buf text = BUF_INIT(64);

	if (json_kind(at.value) != JSON_KIND_NUMBER)
		return read_text(r, at);
	buf_printf(&text, "%lld", (long long)json_int_of(at.value));
	return r->intern(r->self, buf_view(&text));
}

static void read_step(struct reading *r, struct at at, struct rollout_step *step)
{
	struct at expressions = at_key(&at, "matchExpressions");
	size_t n = read_count(r, &expressions, JSON_KIND_LIST);

	step->max_update = read_max_update(r, at_key(&at, "maxUpdate"));
	rollout_step_set_expressions(step, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at one = at_index(&expressions, i);
		struct str op = read_required(r, at_key(&one, "operator"));
		step->expressions[i].key = read_required(r, at_key(&one, "key"));
		step->expressions[i].is_not_in = str_eq(op, STR("NotIn"));
		step->expressions[i].values = read_texts(r, at_key(&one, "values"));
		if (!str_eq(op, STR("In")) && !str_eq(op, STR("NotIn")))
			reading_fail(r, &one, "operator is In or NotIn");
	}
}

static void read_strategy(struct reading *r, struct at at, struct appset *set)
{
	struct at rolling = at_key(&at, "rollingSync"), steps = at_key(&rolling, "steps");
	size_t n = read_count(r, &steps, JSON_KIND_LIST);

	set->is_rolling = str_eq(read_text(r, at_key(&at, "type")), STR("RollingSync"));
	if (!set->is_rolling)
		return;
	appset_set_steps(set, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		read_step(r, at_index(&steps, i), &set->steps[i]);
}

/* ---- the whole ---- */

static void read_template(struct reading *r, struct at at, struct app_template *ret)
{
	struct at metadata = at_key(&at, "metadata");

	ret->name = read_required(r, at_key(&metadata, "name"));
	ret->namespace = read_text(r, at_key(&metadata, "namespace"));
	ret->labels = read_pairs(r, at_key(&metadata, "labels"));
	ret->annotations = read_pairs(r, at_key(&metadata, "annotations"));
	ret->finalizers_json = read_json(r, at_key(&metadata, "finalizers"), JSON_KIND_LIST);
	app_read_spec(r, at_key(&at, "spec"), &ret->spec);
}

static void read_metadata(struct reading *r, struct at at, struct appset *set)
{
	static const char refresh[] = "argocd.argoproj.io/application-set-refresh";
	struct pair_list *annotations = read_pairs(r, at_key(&at, "annotations"));
	uint32_t n = 0;

	set->name = read_required(r, at_key(&at, "name"));
	set->namespace = read_text(r, at_key(&at, "namespace"));
	if (str_empty(set->namespace))
		set->namespace = STR("argocd");
	set->labels = read_pairs(r, at_key(&at, "labels"));
	for (uint32_t i = 0; annotations && i < annotations->n; i++)
		if (str_eq(annotations->v[i].key, str_of(refresh)))
			set->wants_refresh = str_eq(annotations->v[i].value, STR("true"));
		else
			annotations->v[n++] = annotations->v[i];
	if (annotations)
		annotations->n = n;
	set->annotations = annotations;
}

static void read_options(struct reading *r, const struct at *spec, struct appset *set)
{
	struct at policy = at_key(spec, "syncPolicy"), kept = at_key(spec, "preservedFields");
	struct pair_list *options = read_texts(r, at_key(spec, "goTemplateOptions"));

	set->go_template = read_flag(r, at_key(spec, "goTemplate"), false);
	for (uint32_t i = 0; options && i < options->n; i++)
		if (str_eq(options->v[i].key, STR("missingkey=error")))
			set->missing_key_is_error = true;
	pair_list_drop(options);
	set->preserve_resources_on_deletion = read_flag(
		r, at_key(&policy, "preserveResourcesOnDeletion"), false);
	set->policy = read_text(r, at_key(&policy, "applicationsSync"));
	set->preserved_annotations = read_texts(r, at_key(&kept, "annotations"));
	set->preserved_labels = read_texts(r, at_key(&kept, "labels"));
}

int appset_read(struct reading *r, const struct json *object, struct appset **ret_appset)
{
	struct at root = {.value = object}, spec = at_key(&root, "spec");
	struct appset *set = appset_new();

	read_metadata(r, at_key(&root, "metadata"), set);
	read_options(r, &spec, set);
	if (set->generators)
		generator_list_drop(set->generators);
	set->generators = read_generators(r, at_key(&spec, "generators"), 0);
	if (set->generators->n == 0)
		reading_fail(r, &spec, "generators are missing");
	read_template(r, at_key(&spec, "template"), &set->template);
	read_strategy(r, at_key(&spec, "strategy"), set);
	if (r->has_failed) {
		appset_drop(set);
		return -1;
	}
	*ret_appset = set;
	return 0;
}
