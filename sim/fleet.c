#include "sim/fleet.h"

#include "argo/face/app_read.h"
#include "argo/face/appset_read.h"
#include "base/json_write.h"
#include "base/vec.h"
#include "sim/yaml_json.h"

enum { REPLICAS_MAX = 8, BULK_MAX = 100'000 };
#define OBJECT_BYTES_MAX (32 * MIB)

const char fleet_built_in[] = "repository: https://git.example.com/platform.git\n"
			      "projects: [platform]\n"
			      "clusters:\n"
			      "- {name: test-eu, labels: {env: test, stage: test, region: eu}}\n"
			      "- {name: test-us, labels: {env: test, stage: test, region: us}}\n"
			      "- {name: stg-eu, labels: {env: stg, stage: stg, region: eu}}\n"
			      "- {name: stg-us, labels: {env: stg, stage: stg, region: us}}\n"
			      "- {name: prd-eu, labels: {env: prd, stage: prd, region: eu}}\n"
			      "- {name: prd-us, labels: {env: prd, stage: prd, region: us}}\n"
			      "applicationSets:\n"
			      "- {name: platform, project: platform, components: [web, api]}\n"
			      "durations: {render: 1s, rollout: 20s, hook: 10s}\n";

/* ---- reading ---- */

static int check_keys(const struct yaml *map, const char *const *keys, struct err *err)
{
	if (map->kind != YAML_MAP)
		return yaml_err(map, err, "a map is wanted, not %s", yaml_kind_name(map));
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_member *member = &map->members[i];
		bool is_known = false;
		for (size_t k = 0; keys[k]; k++)
			is_known |= str_eq(member->key, str_of(keys[k]));
		if (!is_known)
			return err_at(err, E_SYNTAX, member->line, member->column,
				      "unknown key '" STR_FMT "'", STR_ARG(member->key));
	}
	return 0;
}

static int take_duration(const struct yaml *map, const char *key, int64_t *ret_ms, struct err *err)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	if (duration_parse(yaml_text(node), ret_ms, err) == 0)
		return 0;
	return yaml_err(node, err, "%s is a time, like 500ms, 20s or 2m", key);
}

static int take_number(const struct yaml *map, const char *key, int64_t min, int64_t max,
		       int64_t *ret, struct err *err)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	if (node->kind != YAML_INT || node->number < min || node->number > max)
		return yaml_err(node, err, "%s is a number from %lld to %lld", key, (long long)min,
				(long long)max);
	*ret = node->number;
	return 0;
}

static int take_flag(const struct yaml *map, const char *key, bool *ret, struct err *err)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	if (!node)
		return 0;
	if (node->kind != YAML_BOOL)
		return yaml_err(node, err, "%s is true or false", key);
	*ret = node->flag;
	return 0;
}

static int read_durations(const struct yaml *map, struct fleet *fleet, struct err *err)
{
	static const char *const keys[] = {"render", "rollout", "hook", NULL};

	if (!map)
		return 0;
	if (check_keys(map, keys, err) < 0 ||
	    take_duration(map, "render", &fleet->render_ms, err) < 0 ||
	    take_duration(map, "rollout", &fleet->rollout_ms, err) < 0)
		return -1;
	return take_duration(map, "hook", &fleet->hook_ms, err);
}

static int read_content(const struct yaml *map, struct content *content, struct err *err)
{
	static const char *const keys[] = {"text", "deployment", "hook", "replicas",
					   "bulk", "roll",	 NULL};
	int64_t bulk = 0;

	if (!map)
		return 0;
	const struct yaml *text = yaml_get(map, STR("text"));
	if (text)
		content->text = yaml_text(text);
	if (check_keys(map, keys, err) < 0 ||
	    take_flag(map, "deployment", &content->has_deployment, err) < 0 ||
	    take_flag(map, "roll", &content->roll, err) < 0 ||
	    take_flag(map, "hook", &content->has_hook, err) < 0 ||
	    take_number(map, "replicas", 0, 1000, &content->replicas, err) < 0 ||
	    take_number(map, "bulk", 0, 10'000, &bulk, err) < 0)
		return -1;
	content->bulk = (uint32_t)bulk;
	return 0;
}

static int read_settings(struct fleet *fleet, struct err *err)
{
	static const char *const keys[] = {"repository",       "clusters",     "projects",
					   "applicationSets",  "applications", "accounts",
					   "durations",	       "content",      "replicas",
					   "progressiveSyncs", "bulk",	       NULL};
	const struct yaml *root = fleet->root;
	int64_t replicas = 1, bulk = 0;

	if (check_keys(root, keys, err) < 0 ||
	    take_number(root, "replicas", 1, REPLICAS_MAX, &replicas, err) < 0 ||
	    take_number(root, "bulk", 0, BULK_MAX, &bulk, err) < 0 ||
	    take_flag(root, "progressiveSyncs", &fleet->has_progressive_syncs, err) < 0 ||
	    read_durations(yaml_get(root, STR("durations")), fleet, err) < 0 ||
	    read_content(yaml_get(root, STR("content")), &fleet->content, err) < 0)
		return -1;
	fleet->replicas = (uint32_t)replicas;
	fleet->bulk = (uint32_t)bulk;
	const struct yaml *repository = yaml_get(root, STR("repository"));
	if (repository)
		fleet->repository = yaml_text(repository);
	return 0;
}

int fleet_parse(struct str text, struct arena *arena, struct fleet *ret_fleet, struct err *err)
{
	struct fleet fleet = {
		.repository = STR("https://git.example.com/platform.git"),
		.content = content_default(),
		.render_ms = 1000,
		.rollout_ms = 20'000,
		.hook_ms = 10'000,
	};

	fleet.content.text = STR("first");
	if (yaml_parse(text, &YAML_LIMIT, arena, &fleet.root, err) < 0)
		return -1;
	if (read_settings(&fleet, err) < 0)
		return -1;
	*ret_fleet = fleet;
	return 0;
}

struct content fleet_content(const struct fleet *fleet)
{
	struct content content = fleet->content;

	content.rollout_ms = fleet->rollout_ms;
	content.hook_ms = fleet->hook_ms;
	return content;
}

static const struct yaml *section(const struct fleet *fleet, const char *name)
{
	return yaml_get(fleet->root, str_of(name));
}

/* A project is a name, or an object with one. */
static struct str project_name(const struct yaml *node)
{
	if (node->kind != YAML_MAP)
		return yaml_text(node);
	const struct yaml *metadata = yaml_get(node, STR("metadata"));
	const struct yaml *name = metadata ? yaml_get(metadata, STR("name")) : NULL;
	return name ? yaml_text(name) : STR("");
}

struct str fleet_project(const struct fleet *fleet)
{
	const struct yaml *projects = section(fleet, "projects");

	if (!projects || projects->kind != YAML_LIST || projects->count == 0)
		return STR("");
	return project_name(projects->items[0]);
}

/* ---- making ---- */

struct making {
	const struct fleet *fleet;
	struct argo *argo;
	struct str revision;
	struct err *err;
};

static struct str intern(void *self, struct str text)
{
	return argo_intern(self, text);
}

/* An error of the reading is one at the node. */
static int parse_object(struct making *making, const struct yaml *node, struct str text,
			struct json **ret_object)
{
	if (json_parse(text, &JSON_LIMIT, ret_object, making->err) == 0)
		return 0;
	return err_move(making->err, node->line, node->column);
}

static int move_error(struct making *making, const struct yaml *node)
{
	struct err inner = *making->err;

	return yaml_err(node, making->err, "%s", inner.text);
}

static int apply_appset_text(struct making *making, const struct yaml *node, struct str text)
{
	struct reading r = {.intern = intern, .self = making->argo, .err = making->err};
	auto_json struct json *object = NULL;
	struct appset *set = NULL;

	if (parse_object(making, node, text, &object) < 0)
		return -1;
	if (appset_read(&r, object, &set) < 0)
		return move_error(making, node);
	argo_apply_appset(making->argo, set);
	return 0;
}

static int apply_app_text(struct making *making, const struct yaml *node, struct str text)
{
	struct reading r = {.intern = intern, .self = making->argo, .err = making->err};
	auto_json struct json *object = NULL;
	struct app *app = NULL;

	if (parse_object(making, node, text, &object) < 0)
		return -1;
	if (app_read(&r, object, &app) < 0)
		return move_error(making, node);
	argo_apply_app(making->argo, app);
	return 0;
}

static int apply_project_text(struct making *making, const struct yaml *node, struct str text)
{
	struct reading r = {.intern = intern, .self = making->argo, .err = making->err};
	auto_json struct json *object = NULL;
	struct project project;

	if (parse_object(making, node, text, &object) < 0)
		return -1;
	if (project_read(&r, object, &project) < 0)
		return move_error(making, node);
	argo_apply_project(making->argo, project);
	return 0;
}

static int make_project(struct making *making, const struct yaml *node)
{
	auto_buf struct buf text = BUF_INIT(OBJECT_BYTES_MAX);

	if (node->kind == YAML_MAP) {
		yaml_json_write(node, &text);
		return apply_project_text(making, node, buf_view(&text));
	}
	if (str_empty(yaml_text(node)))
		return yaml_err(node, making->err, "a project has a name");
	argo_apply_project(making->argo, (struct project){
						 .name = argo_intern(making->argo, yaml_text(node)),
					 });
	return 0;
}

static struct str text_of(const struct yaml *map, const char *key)
{
	const struct yaml *node = yaml_get(map, str_of(key));

	return node ? yaml_text(node) : STR("");
}

/* Each cluster has its name as the label `cluster`: so the short form tells those of the file from
 * the one that Argo CD runs in. */
static int make_labels(struct making *making, const struct yaml *map, struct str name,
		       struct pair_list **ret)
{
	size_t n = map ? map->count : 0, used = 0;

	if (map && map->kind != YAML_MAP)
		return yaml_err(map, making->err, "labels are a map");
	struct pair_list *labels = pair_list_new((uint32_t)n + 1);
	labels->v[used++] = (struct pair){STR("cluster"), argo_intern(making->argo, name)};
	for (size_t i = 0; i < n; i++) {
		struct pair pair = {
			argo_intern(making->argo, map->members[i].key),
			argo_intern(making->argo, yaml_text(map->members[i].value)),
		};
		labels->v[str_eq(pair.key, STR("cluster")) ? 0 : used++] = pair;
	}
	labels->n = (uint32_t)used;
	*ret = labels;
	return 0;
}

static int make_cluster(struct making *making, const struct yaml *node)
{
	static const char *const keys[] = {"name", "server", "labels", NULL};
	auto_buf struct buf server = BUF_INIT(1 * KIB);
	struct pair_list *labels = NULL;

	if (check_keys(node, keys, making->err) < 0)
		return -1;
	struct str name = text_of(node, "name");
	if (str_empty(name))
		return yaml_err(node, making->err, "a cluster has a name");
	buf_str(&server, text_of(node, "server"));
	if (server.n == 0)
		buf_printf(&server, "https://" STR_FMT ".example", STR_ARG(name));
	if (make_labels(making, yaml_get(node, STR("labels")), name, &labels) < 0)
		return -1;
	argo_add_cluster(making->argo, argo_intern(making->argo, name),
			 argo_intern(making->argo, buf_view(&server)), labels);
	return 0;
}

/* ---- ApplicationSets ---- */

/* The Applications that the short form makes are called COMPONENT-CLUSTER. */
static void write_template(struct json_write *w, const struct making *making, struct str project)
{
	json_write_key(w, STR("template"));
	json_write_object_begin(w);
	json_write_key(w, STR("metadata"));
	json_write_raw(w, STR("{\"name\":\"{{.component}}-{{.name}}\",\"labels\":{"
			      "\"appName\":\"{{.component}}\",\"cluster\":\"{{.name}}\","
			      "\"env\":\"{{.metadata.labels.env}}\","
			      "\"stage\":\"{{.metadata.labels.stage}}\","
			      "\"region\":\"{{.metadata.labels.region}}\"}}"));
	json_write_key(w, STR("spec"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("project"), project);
	json_write_key(w, STR("source"));
	json_write_object_begin(w);
	json_write_field_str(w, STR("repoURL"), making->fleet->repository);
	json_write_field_str(w, STR("path"), STR("chart"));
	json_write_field_str(w, STR("targetRevision"), making->revision);
	json_write_object_end(w);
	json_write_key(w, STR("destination"));
	json_write_raw(w, STR("{\"server\":\"{{.server}}\",\"namespace\":\"{{.component}}\"}"));
	json_write_object_end(w);
	json_write_object_end(w);
}

/* "env in (test, stg)" and "a=b" as what a cluster generator takes. */
static int write_selector(struct json_write *w, const struct yaml *node, struct making *making)
{
	struct selector selector = {0};

	json_write_key(w, STR("selector"));
	json_write_object_begin(w);
	json_write_key(w, STR("matchExpressions"));
	json_write_array_begin(w);
	if (!node)
		json_write_raw(w, STR("{\"key\":\"cluster\",\"operator\":\"Exists\"}"));
	if (node && selector_parse(yaml_text(node), &selector, making->err) < 0)
		return move_error(making, node);
	vec_each(requirement, &selector.requirements) {
		static const char *const names[] = {
			[SELECTOR_IN] = "In",	       [SELECTOR_NOT_IN] = "NotIn",
			[SELECTOR_EXISTS] = "Exists",  [SELECTOR_NOT_EXISTS] = "DoesNotExist",
			[SELECTOR_GREATER] = "Exists", [SELECTOR_LESS] = "Exists"};
		json_write_object_begin(w);
		json_write_field_str(w, STR("key"), requirement->key);
		json_write_field_str(w, STR("operator"), str_of(names[requirement->op]));
		json_write_key(w, STR("values"));
		json_write_array_begin(w);
		for (size_t i = 0; i < requirement->value_count; i++)
			json_write_str(w, selector.values.v[requirement->first_value + i]);
		json_write_array_end(w);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
	selector_release(&selector);
	return 0;
}

static int write_generators(struct json_write *w, const struct yaml *node, struct making *making)
{
	const struct yaml *components = yaml_get(node, STR("components"));

	if (!components || components->kind != YAML_LIST || components->count == 0)
		return yaml_err(node, making->err, "components are missing: a list of names");
	json_write_key(w, STR("generators"));
	json_write_array_begin(w);
	json_write_object_begin(w);
	json_write_key(w, STR("matrix"));
	json_write_object_begin(w);
	json_write_key(w, STR("generators"));
	json_write_array_begin(w);
	json_write_object_begin(w);
	json_write_key(w, STR("clusters"));
	json_write_object_begin(w);
	if (write_selector(w, yaml_get(node, STR("selector")), making) < 0)
		return -1;
	json_write_object_end(w);
	json_write_object_end(w);
	json_write_object_begin(w);
	json_write_key(w, STR("list"));
	json_write_object_begin(w);
	json_write_key(w, STR("elements"));
	json_write_array_begin(w);
	for (size_t i = 0; i < components->count; i++) {
		json_write_object_begin(w);
		json_write_field_str(w, STR("component"), yaml_text(components->items[i]));
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
	json_write_object_end(w);
	json_write_array_end(w);
	json_write_object_end(w);
	json_write_object_end(w);
	json_write_array_end(w);
	return 0;
}

/* The short form becomes what one would have applied. */
static int make_short_appset(struct making *making, const struct yaml *node)
{
	static const char *const keys[] = {"name", "project", "components", "selector", NULL};
	auto_buf struct buf text = BUF_INIT(OBJECT_BYTES_MAX);
	struct json_write w = JSON_WRITE(&text);

	if (check_keys(node, keys, making->err) < 0)
		return -1;
	struct str project = text_of(node, "project");
	if (str_empty(project))
		project = fleet_project(making->fleet);
	json_write_object_begin(&w);
	json_write_key(&w, STR("metadata"));
	json_write_object_begin(&w);
	json_write_field_str(&w, STR("name"), text_of(node, "name"));
	json_write_object_end(&w);
	json_write_key(&w, STR("spec"));
	json_write_object_begin(&w);
	json_write_field_bool(&w, STR("goTemplate"), true);
	if (write_generators(&w, node, making) < 0)
		return -1;
	write_template(&w, making, project);
	json_write_key(&w, STR("syncPolicy"));
	json_write_raw(&w, STR("{\"preserveResourcesOnDeletion\":true}"));
	json_write_object_end(&w);
	json_write_object_end(&w);
	return apply_appset_text(making, node, buf_view(&text));
}

static int make_appset(struct making *making, const struct yaml *node)
{
	auto_buf struct buf text = BUF_INIT(OBJECT_BYTES_MAX);

	if (!yaml_get(node, STR("spec")))
		return make_short_appset(making, node);
	yaml_json_write(node, &text);
	return apply_appset_text(making, node, buf_view(&text));
}

static int make_app(struct making *making, const struct yaml *node)
{
	auto_buf struct buf text = BUF_INIT(OBJECT_BYTES_MAX);

	yaml_json_write(node, &text);
	return apply_app_text(making, node, buf_view(&text));
}

/* ---- accounts ---- */

static int make_account(struct making *making, const struct yaml *node)
{
	static const char *const keys[] = {"name", "rights", "password", "token", NULL};
	static const char *const rights[] = {
		[RIGHTS_ADMIN] = "admin",	  [RIGHTS_TIPHYS] = "tiphys",
		[RIGHTS_GENERATOR] = "generator", [RIGHTS_NO_APPSETS] = "norollout",
		[RIGHTS_READ_ONLY] = "readonly",  NULL};
	auto_buf struct buf token = BUF_INIT(4 * KIB);

	if (check_keys(node, keys, making->err) < 0)
		return -1;
	struct str name = text_of(node, "name"), wanted = text_of(node, "rights");
	if (str_empty(name))
		return yaml_err(node, making->err, "an account has a name");
	buf_str(&token, text_of(node, "token"));
	if (token.n == 0)
		buf_printf(&token, "sim." STR_FMT ".token", STR_ARG(name));
	for (int i = 0; rights[i]; i++) {
		if (!str_eq(wanted, str_of(rights[i])))
			continue;
		argo_add_account(making->argo, argo_intern(making->argo, name),
				 argo_intern(making->argo, text_of(node, "password")),
				 argo_intern(making->argo, buf_view(&token)),
				 (enum account_rights)i, false);
		return 0;
	}
	return yaml_err(node, making->err,
			"rights are admin, tiphys, generator, norollout or readonly");
}

/* ---- the whole ---- */

static int make_each(struct making *making, const char *name,
		     int (*make)(struct making *making, const struct yaml *node))
{
	const struct yaml *list = section(making->fleet, name);

	if (!list || list->kind == YAML_NULL)
		return 0;
	if (list->kind != YAML_LIST)
		return yaml_err(list, making->err, "%s are a list", name);
	for (size_t i = 0; i < list->count; i++)
		if (make(making, list->items[i]) < 0)
			return -1;
	return 0;
}

/* Many Applications from one list, for measuring. */
static int make_bulk(struct making *making)
{
	auto_buf struct buf text = BUF_INIT(OBJECT_BYTES_MAX);
	const struct fleet *fleet = making->fleet;

	if (fleet->bulk == 0)
		return 0;
	argo_add_cluster(making->argo, STR("bulk"), STR("https://bulk.example"), NULL);
	buf_str(&text, STR("{\"metadata\":{\"name\":\"bulk\"},\"spec\":{\"goTemplate\":true,"
			   "\"generators\":[{\"list\":{\"elements\":["));
	for (uint32_t i = 0; i < fleet->bulk; i++)
		buf_printf(&text, "%s{\"component\":\"bulk-%05u\"}", i ? "," : "", i);
	buf_printf(&text,
		   "]}}],\"template\":{\"metadata\":{\"name\":\"{{.component}}\",\"labels\":{"
		   "\"appName\":\"bulk\",\"env\":\"bulk\"}},\"spec\":{\"project\":\"" STR_FMT
		   "\",\"source\":{\"repoURL\":\"" STR_FMT
		   "\",\"path\":\"chart\",\"targetRevision\":\"" STR_FMT
		   "\"},\"destination\":{\"server\":\"https://bulk.example\","
		   "\"namespace\":\"bulk\"}}}}}",
		   STR_ARG(fleet_project(fleet)), STR_ARG(fleet->repository),
		   STR_ARG(making->revision));
	return apply_appset_text(making, fleet->root, buf_view(&text));
}

int fleet_make(const struct fleet *fleet, struct argo *argo, struct str *ret_revision,
	       struct err *err)
{
	struct content content = fleet_content(fleet);
	struct making making = {.fleet = fleet, .argo = argo, .err = err};

	making.revision = argo_push(argo, argo_intern(argo, fleet->repository), STR("main"),
				    &content);
	if (make_each(&making, "projects", make_project) < 0 ||
	    make_each(&making, "clusters", make_cluster) < 0 ||
	    make_each(&making, "accounts", make_account) < 0 ||
	    make_each(&making, "applicationSets", make_appset) < 0 ||
	    make_each(&making, "applications", make_app) < 0 || make_bulk(&making) < 0)
		return -1;
	*ret_revision = making.revision;
	return 0;
}

void fleet_delay_renders(const struct fleet *fleet, struct argo *argo, uint32_t speed)
{
	const struct yaml *clusters = section(fleet, "clusters");
	int64_t ms = fleet->render_ms / speed;

	for (size_t i = 0; ms > 0 && clusters && i < clusters->count; i++) {
		auto_buf struct buf token = BUF_INIT(4 * KIB);
		buf_printf(&token, "cluster=" STR_FMT,
			   STR_ARG(text_of(clusters->items[i], "name")));
		argo_delay(argo, argo_intern(argo, buf_view(&token)), ms);
	}
}
