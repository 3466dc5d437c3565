#include "argo/face/control_call.h"

#include "base/vec.h"
#include "wire/yaml.h"

enum { CONTENT_EXTRAS = 8, FILE_DEPTH_MAX = 8 };

/* ---- what a commit makes ---- */

static int64_t number_or(struct control_call *call, const struct at *at, const char *key,
			 int64_t otherwise)
{
	struct at one = at_key(at, key);

	return one.value ? (int64_t)control_small(call, one, 24 * 3600 * 1000) : otherwise;
}

static struct content read_content(struct control_call *call, struct at at)
{
	static const char *const keys[] = {
		"text",	  "deployment", "roll",	    "replicas", "hook", "hookFails", "webFails",
		"hookMs", "rolloutMs",	"hookWave", "extra",	"bulk", "random",    NULL};
	struct reading *r = call->r;
	struct content content = *call->content;
	struct at extra = at_key(&at, "extra"), text = at_key(&at, "text");
	size_t n = read_count(r, &extra, JSON_KIND_LIST);

	read_count(r, &at, JSON_KIND_MAP);
	control_check_keys(call, &at, keys);
	if (text.value)
		content.text = read_text(r, text);
	content.has_deployment = read_flag(r, at_key(&at, "deployment"), content.has_deployment);
	content.roll = read_flag(r, at_key(&at, "roll"), content.roll);
	content.has_hook = read_flag(r, at_key(&at, "hook"), content.has_hook);
	content.hook_fails = read_flag(r, at_key(&at, "hookFails"), content.hook_fails);
	content.web_fails = read_flag(r, at_key(&at, "webFails"), content.web_fails);
	content.is_random = read_flag(r, at_key(&at, "random"), content.is_random);
	content.replicas = number_or(call, &at, "replicas", content.replicas);
	content.hook_ms = number_or(call, &at, "hookMs", content.hook_ms);
	content.rollout_ms = number_or(call, &at, "rolloutMs", content.rollout_ms);
	content.hook_wave = number_or(call, &at, "hookWave", content.hook_wave);
	content.bulk = control_small(call, at_key(&at, "bulk"), 100'000);
	if (n > CONTENT_EXTRAS)
		reading_fail(r, &extra, "more than %d", CONTENT_EXTRAS);
	for (size_t i = 0; i < MIN(n, (size_t)CONTENT_EXTRAS); i++)
		content.extra[i] = read_text(r, at_index(&extra, i));
	return content;
}

static struct str first_source(const struct sources *sources)
{
	if (sources->has_source)
		return sources->source.repo_url;
	if (sources->sources && sources->sources->n > 0)
		return sources->sources->v[0].repo_url;
	return STR("");
}

/* What the body names, or else what the first ApplicationSet is made from. */
static struct str repository(struct control_call *call)
{
	struct at body = control_body(call);
	struct str named = read_text(call->r, at_key(&body, "repoURL")), found = STR("");
	struct store *store = argo_store(call->argo);
	struct app_names names = {0};

	if (!str_empty(named))
		return named;
	store_appset_names(store, &names);
	if (names.n > 0)
		found = first_source(&store_appset(store, names.v[0])->template.spec.sources);
	vec_release(&names);
	if (str_empty(found))
		reading_fail(call->r, &body, "repoURL is missing");
	return found;
}

/* ---- files ---- */

/* A file that is one map, flat: {"cluster": {"name": "eu"}} is "cluster.name" -> "eu"; of a list
 * the places are keys. */
struct flat {
	struct control_call *call;
	struct arena *arena;
	struct pair_list *pairs;
};

static void flatten(struct flat *flat, const struct yaml *node, struct str key, unsigned depth);

static void flatten_below(struct flat *flat, const struct yaml *node, struct str above,
			  struct str name, unsigned depth)
{
	struct str key = str_empty(above) ? name
					  : arena_printf(flat->arena, STR_FMT "." STR_FMT,
							 STR_ARG(above), STR_ARG(name));

	flatten(flat, node, key, depth + 1);
}

static void flatten(struct flat *flat, const struct yaml *node, struct str key, unsigned depth)
{
	if (depth > FILE_DEPTH_MAX)
		return;
	for (size_t i = 0; node->kind == YAML_MAP && i < node->count; i++)
		flatten_below(flat, node->members[i].value, key, node->members[i].key, depth);
	for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++)
		flatten_below(flat, node->items[i], key, arena_printf(flat->arena, "%zu", i),
			      depth);
	if (node->kind == YAML_MAP || node->kind == YAML_LIST || node->kind == YAML_NULL)
		return;
	flat->pairs->v[flat->pairs->n++] = (struct pair){
		argo_intern(flat->call->argo, key),
		argo_intern(flat->call->argo, node->text),
	};
}

/* NULL: it is neither JSON nor YAML, or no map. */
static struct pair_list *fields_of(struct control_call *call, struct str text)
{
	auto_arena struct arena arena = {0};
	const struct yaml *root;
	struct err err = {0};

	if (yaml_parse(text, &YAML_LIMIT, &arena, &root, &err) < 0 || root->kind != YAML_MAP)
		return NULL;
	struct flat flat = {call, &arena, pair_list_new((uint32_t)root->weight)};
	flat.pairs->n = 0;
	flatten(&flat, root, STR(""), 0);
	return flat.pairs;
}

static void put_files(struct control_call *call, struct at files, struct str repo, struct str sha)
{
	struct json_cursor cursor = {0};

	while (json_next(files.value, &cursor))
		argo_put_file(call->argo, repo, sha, cursor.key,
			      fields_of(call, json_text_of(cursor.value)));
}

/* ---- pushing ---- */

void control_push(struct control_call *call)
{
	struct at body = control_body(call), files = at_key(&body, "files");
	struct str repo = repository(call);
	struct str branch = read_text(call->r, at_key(&body, "branch"));
	struct content content = read_content(call, at_key(&body, "content"));

	pair_list_drop(read_pairs(call->r, files)); /* texts, or an error */
	if (call->r->has_failed)
		return;
	struct str sha = argo_push(call->argo, repo, branch, &content);
	put_files(call, files, repo, sha);
	json_write_object_begin(call->w);
	json_write_field_str(call->w, STR("sha"), sha);
	json_write_object_end(call->w);
}

void control_tag(struct control_call *call)
{
	struct str repo = control_text(call, "repoURL"), name = control_text(call, "tag");
	struct str sha = control_text(call, "sha");

	if (!call->r->has_failed)
		argo_tag(call->argo, repo, name, sha);
}

/* ---- where all is to be ---- */

/* True if the repository is one of these sources'; it is then at this revision. */
static bool set_revision(struct sources *sources, struct str repo, struct str revision)
{
	bool is_there = false;

	if (sources->has_source && str_eq(sources->source.repo_url, repo)) {
		sources->source.target_revision = revision;
		is_there = true;
	}
	if (!sources->sources)
		return is_there;
	struct source_list *list = source_list_new(sources->sources->n);
	for (uint32_t i = 0; i < list->n; i++) {
		list->v[i] = sources->sources->v[i];
		if (!str_eq(list->v[i].repo_url, repo))
			continue;
		list->v[i].target_revision = revision;
		is_there = true;
	}
	source_list_drop(sources->sources);
	sources->sources = list;
	return is_there;
}

static size_t move_appsets(struct control_call *call, struct str repo, struct str revision)
{
	struct store *store = argo_store(call->argo);
	struct app_names names = {0};
	size_t moved = 0;

	store_appset_names(store, &names);
	vec_each(name, &names) {
		struct appset *set = appset_copy(store_appset(store, *name));
		if (set_revision(&set->template.spec.sources, repo, revision)) {
			argo_apply_appset(call->argo, set);
			moved++;
		} else {
			appset_drop(set);
		}
	}
	vec_release(&names);
	return moved;
}

static size_t move_apps(struct control_call *call, struct str repo, struct str revision)
{
	struct store *store = argo_store(call->argo);
	struct app_names names = {0};
	size_t moved = 0;

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		if (!str_empty(app->owner))
			continue;
		struct app *next = app_copy(app);
		if (set_revision(&next->spec.sources, repo, revision)) {
			argo_apply_app(call->argo, next);
			moved++;
		} else {
			app_drop(next);
		}
	}
	vec_release(&names);
	return moved;
}

void control_revision(struct control_call *call)
{
	struct str repo = repository(call), to = control_text(call, "revision");

	if (call->r->has_failed)
		return;
	size_t moved = move_appsets(call, repo, to) + move_apps(call, repo, to);
	json_write_object_begin(call->w);
	json_write_field_int(call->w, STR("moved"), (int64_t)moved);
	json_write_object_end(call->w);
}
