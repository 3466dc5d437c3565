#include "argo/face/fields.h"

#include "base/check.h"
#include "base/json_write.h"
#include "base/vec.h"

bool fields_parse(struct str text, struct arena *arena, struct fields *ret_fields)
{
	struct str rest = text, piece;

	*ret_fields = (struct fields){.is_set = !str_empty(text)};
	if (str_empty(text))
		return true;
	if (str_starts(rest, STR("-"))) {
		ret_fields->is_exclusion = true;
		rest = str_after(rest, 1);
	}
	ret_fields->paths = arena_array(arena, struct str, FIELDS_MAX);
	while (str_cut(&rest, ',', &piece)) {
		if (ret_fields->count == FIELDS_MAX)
			return false;
		ret_fields->paths[ret_fields->count++] = piece;
	}
	return true;
}

bool fields_name(const struct fields *fields, struct str path)
{
	for (uint32_t i = 0; i < fields->count; i++)
		if (str_eq(fields->paths[i], path))
			return true;
	return false;
}

/* How a path stands to those that are named. */
enum relation { APART, ABOVE, BENEATH };

static bool leads_to(struct str upper, struct str lower)
{
	return str_starts(lower, upper) && (lower.n == upper.n || lower.p[upper.n] == '.');
}

static enum relation relation_of(const struct fields *fields, struct str path)
{
	enum relation relation = APART;

	for (uint32_t i = 0; i < fields->count; i++) {
		if (leads_to(fields->paths[i], path))
			return BENEATH;
		if (leads_to(path, fields->paths[i]))
			relation = ABOVE;
	}
	return relation;
}

struct projection {
	const struct fields *fields;
	struct buf path;
	struct buf *out;
};

static void project(struct projection *projection, const struct json *value);

/* The members that are wanted: whole, or what is wanted of them. */
static void member(struct projection *projection, struct str key, const struct json *value,
		   bool *has_items)
{
	size_t length = projection->path.n;
	if (length)
		buf_char(&projection->path, '.');
	buf_str(&projection->path, key);
	enum relation relation = relation_of(projection->fields, buf_view(&projection->path));
	bool is_wanted = (relation == BENEATH) != projection->fields->is_exclusion;
	bool is_container = json_kind(value) == JSON_KIND_MAP || json_kind(value) == JSON_KIND_LIST;
	if (is_wanted || (relation == ABOVE && is_container)) {
		if (*has_items)
			buf_char(projection->out, ',');
		*has_items = true;
		struct json_write w = JSON_WRITE(projection->out);
		json_write_str(&w, key);
		buf_char(projection->out, ':');
		if (relation == ABOVE && is_container)
			project(projection, value);
		else
			json_canonical(value, projection->out);
	}
	buf_truncate(&projection->path, length);
}

static void project_map(struct projection *projection, const struct json *map)
{
	VEC(struct json_cursor) members = {0};
	struct json_cursor at = {0};
	bool has_items = false;

	while (json_next(map, &at)) {
		size_t i = members.n;
		vec_push(&members, at);
		for (; i > 0 && str_cmp(members.v[i - 1].key, at.key) > 0; i--)
			members.v[i] = members.v[i - 1];
		members.v[i] = at;
	}
	buf_char(projection->out, '{');
	vec_each(one, &members)
		member(projection, one->key, one->value, &has_items);
	buf_char(projection->out, '}');
	vec_release(&members);
}

static void project(struct projection *projection, const struct json *value)
{
	if (json_kind(value) == JSON_KIND_MAP) {
		project_map(projection, value);
		return;
	}
	buf_char(projection->out, '[');
	for (size_t i = 0; i < json_count(value); i++) {
		if (i > 0)
			buf_char(projection->out, ',');
		const struct json *item = json_at(value, i);
		if (json_kind(item) == JSON_KIND_MAP)
			project_map(projection, item);
		else
			json_canonical(item, projection->out);
	}
	buf_char(projection->out, ']');
}

void fields_project(const struct fields *fields, const struct json *value, struct buf *out)
{
	struct projection projection = {
		.fields = fields,
		.path = BUF_INIT(64 * KIB),
		.out = out,
	};

	check(fields->is_set);
	project_map(&projection, value);
	buf_release(&projection.path);
}
