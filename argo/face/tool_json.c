#include "argo/face/tool_json.h"

#include "base/json_write.h"
#include "base/vec.h"

enum { TOOL_BYTES_MAX = 1024 * 1024 };

/* The order of the members in ApplicationSourceHelm, …Kustomize, …Directory, …Plugin and in their
 * parameters. What is not here comes behind, by name. */
static const char *const order[] = {
	"name",
	"value",
	"forceString",
	"valueFiles",
	"env",
	"parameters",
	"releaseName",
	"values",
	"fileParameters",
	"namePrefix",
	"nameSuffix",
	"images",
	"commonLabels",
	"version",
	"passCredentials",
	"ignoreMissingValueFiles",
	"skipCrds",
	"valuesObject",
	"commonAnnotations",
	"forceCommonLabels",
	"forceCommonAnnotations",
	"namespace",
	"commonAnnotationsEnvsubst",
	"replicas",
	"patches",
	"components",
	"ignoreMissingComponents",
	"labelWithoutSelector",
	"kubeVersion",
	"apiVersions",
	"skipTests",
	"skipSchemaValidation",
	"labelIncludeTemplates",
	"recurse",
	"jsonnet",
	"exclude",
	"include",
	"path",
};

static size_t rank_of(struct str key)
{
	for (size_t i = 0; i < COUNTOF(order); i++)
		if (str_eq(key, str_of(order[i])))
			return i;
	return COUNTOF(order);
}

static bool comes_before(struct str a, struct str b)
{
	size_t rank_a = rank_of(a), rank_b = rank_of(b);

	return rank_a != rank_b ? rank_a < rank_b : str_cmp(a, b) < 0;
}

/* What `omitempty` leaves out. */
static bool is_empty(const struct json *value)
{
	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		return true;
	case JSON_KIND_BOOL:
		return !json_flag_of(value);
	case JSON_KIND_NUMBER:
		return false;
	case JSON_KIND_TEXT:
		return str_empty(json_text_of(value));
	case JSON_KIND_LIST:
	case JSON_KIND_MAP:
		return json_count(value) == 0;
	}
	return false;
}

static void write_canonical(struct json_write *w, const struct json *value)
{
	auto_buf struct buf text = BUF_INIT(TOOL_BYTES_MAX);

	json_canonical(value, &text);
	json_write_raw(w, buf_view(&text));
}

static void write_map(struct json_write *w, const struct json *map, unsigned depth);

static void write_member(struct json_write *w, const struct json *value, unsigned depth)
{
	bool is_list = json_kind(value) == JSON_KIND_LIST;

	if (!is_list || depth > 0) {
		write_canonical(w, value);
		return;
	}
	json_write_array_begin(w);
	for (size_t i = 0; i < json_count(value); i++)
		if (json_kind(json_at(value, i)) == JSON_KIND_MAP)
			write_map(w, json_at(value, i), depth + 1);
		else if (json_kind(json_at(value, i)) == JSON_KIND_TEXT)
			json_write_str(w, json_text_of(json_at(value, i)));
	json_write_array_end(w);
}

static void write_map(struct json_write *w, const struct json *map, unsigned depth)
{
	VEC(struct json_cursor) members = {0};
	struct json_cursor at = {0};

	while (json_next(map, &at)) {
		if (is_empty(at.value))
			continue;
		size_t i = members.n;
		vec_push(&members, at);
		for (; i > 0 && comes_before(at.key, members.v[i - 1].key); i--)
			members.v[i] = members.v[i - 1];
		members.v[i] = at;
	}
	json_write_object_begin(w);
	vec_each(member, &members) {
		json_write_key(w, member->key);
		if (json_kind(member->value) == JSON_KIND_TEXT)
			json_write_str(w, json_text_of(member->value));
		else if (json_kind(member->value) == JSON_KIND_BOOL)
			json_write_bool(w, true);
		else if (json_kind(member->value) == JSON_KIND_NUMBER)
			json_write_int(w, json_int_of(member->value));
		else
			write_member(w, member->value, depth);
	}
	json_write_object_end(w);
	vec_release(&members);
}

struct str tool_json_read(struct reading *r, const struct at *source)
{
	static const char *const tools[] = {"helm", "kustomize", "directory", "plugin"};
	auto_buf struct buf out = BUF_INIT(TOOL_BYTES_MAX);
	struct json_write w = JSON_WRITE(&out);
	size_t written = 0;

	json_write_object_begin(&w);
	for (size_t i = 0; i < COUNTOF(tools); i++) {
		struct at tool = at_key(source, tools[i]);
		if (read_count(r, &tool, JSON_KIND_MAP) == 0)
			continue;
		if (written++) {
			reading_fail(r, &tool,
				     "a source has one of helm, kustomize, directory, "
				     "plugin");
			continue;
		}
		json_write_key(&w, str_of(tools[i]));
		write_map(&w, tool.value, 0);
	}
	json_write_object_end(&w);
	if (buf_overflowed(&out))
		reading_fail(r, source, "it is too long");
	return written ? r->intern(r->self, buf_view(&out)) : STR("");
}
