#include "wire/wish_json.h"

#include "base/json_write.h"
#include "wire/json.h"

static const char *const wish_names[WISH_TYPES] = {
	[WISH_SUBMIT] = "submit",     [WISH_WATCH] = "watch", [WISH_RUNS] = "runs",
	[WISH_SHOW] = "show",	      [WISH_WHY] = "why",     [WISH_PAGE] = "page",
	[WISH_HISTORY] = "history",   [WISH_JUNIT] = "junit", [WISH_GATE] = "gate?",
	[WISH_OVERLAPS] = "overlaps",
};

static const char *const told_names[TOLD_TYPES] = {
	[TOLD_LINE] = "line", [TOLD_RUN] = "run",   [TOLD_GATE] = "gate",
	[TOLD_END] = "end",   [TOLD_LEFT] = "left",
};

static void begin(struct json_write *w, const char *type)
{
	json_write_object_begin(w);
	json_write_field_int(w, STR("v"), WISH_VERSION);
	json_write_field_str(w, STR("type"), str_of(type));
}

void wish_to_json(const struct wish *wish, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	begin(&w, wish_names[wish->type]);
	json_write_field_str(&w, STR("run"), wish->run);
	json_write_field_str(&w, STR("plan"), wish->plan);
	json_write_field_str(&w, STR("target"), wish->target);
	json_write_field_str(&w, STR("apps"), wish->apps);
	json_write_field_bool(&w, STR("json"), wish->is_json);
	json_write_field_bool(&w, STR("color"), wish->has_color);
	json_write_field_bool(&w, STR("quiet"), wish->is_quiet);
	json_write_field_bool(&w, STR("all"), wish->is_all);
	json_write_field_bool(&w, STR("leaves"), wish->leaves);
	json_write_field_int(&w, STR("limit"), wish->limit);
	json_write_object_end(&w);
	json_write_finish(&w);
}

void told_to_json(const struct told *told, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);

	begin(&w, told_names[told->type]);
	json_write_field_str(&w, STR("text"), told->text);
	json_write_field_str(&w, STR("run"), told->run);
	json_write_field_str(&w, STR("nonce"), told->nonce);
	json_write_field_str(&w, STR("plan"), told->plan_hash);
	json_write_field_bool(&w, STR("data"), told->is_data);
	json_write_field_int(&w, STR("code"), told->code);
	json_write_object_end(&w);
	json_write_finish(&w);
}

/* ---- reading ---- */

static int parse(struct str line, struct json **ret, struct err *err)
{
	struct json_limit limit = {.bytes = line.n, .depth = 3};

	if (json_parse(line, &limit, ret, err) < 0)
		return err_wrap(err, "a frame");
	if (json_int(*ret, "v") == WISH_VERSION)
		return 0;
	json_free(*ret);
	*ret = NULL;
	return err_set(err, E_CONFLICT, "a frame of another version of tiphys");
}

/* The index of the name, or -1. */
static int named(struct str type, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (str_eq(type, str_of(names[i])))
			return i;
	return -1;
}

static int read_type(const struct json *root, const char *const *names, int count, struct err *err)
{
	int type = named(json_text(root, "type"), names, count);

	if (type < 0)
		return err_set(err, E_CONFLICT, "a frame of a type that this tiphys does not know");
	return type;
}

/* Each field is there, of its kind, and no other one. */
static int check_fields(const struct json *root, const char *const *texts, const char *const *flags,
			size_t count, struct err *err)
{
	for (; *texts; texts++)
		if (json_kind(json_get_path(root, JSON_PATH(*texts))) != JSON_KIND_TEXT)
			return err_set(err, E_SYNTAX, "a frame without the text '%s'", *texts);
	for (; *flags; flags++)
		if (json_kind(json_get_path(root, JSON_PATH(*flags))) != JSON_KIND_BOOL)
			return err_set(err, E_SYNTAX, "a frame without the flag '%s'", *flags);
	if (json_count(root) != count)
		return err_set(err, E_SYNTAX, "a frame with a field that is not known");
	return 0;
}

bool wish_is_one(struct str line)
{
	auto_json struct json *root = NULL;
	struct err err;

	if (parse(line, &root, &err) < 0)
		return false;
	return named(json_text(root, "type"), wish_names, WISH_TYPES) >= 0;
}

int wish_from_json(struct str line, struct arena *arena, struct wish *ret, struct err *err)
{
	static const char *const texts[] = {"run", "plan", "target", "apps", NULL};
	static const char *const flags[] = {"json", "color", "quiet", "all", "leaves", NULL};
	auto_json struct json *root = NULL;

	if (parse(line, &root, err) < 0)
		return -1;
	int type = read_type(root, wish_names, WISH_TYPES, err);
	if (type < 0 || check_fields(root, texts, flags, 12, err) < 0)
		return -1;
	int64_t limit = json_int(root, "limit");
	if (limit < 0 || limit > UINT32_MAX)
		return err_set(err, E_SYNTAX, "a frame with a limit that is none");
	*ret = (struct wish){
		.type = (enum wish_type)type,
		.run = arena_copy(arena, json_text(root, "run")),
		.plan = arena_copy(arena, json_text(root, "plan")),
		.target = arena_copy(arena, json_text(root, "target")),
		.apps = arena_copy(arena, json_text(root, "apps")),
		.is_json = json_flag(root, "json"),
		.has_color = json_flag(root, "color"),
		.is_quiet = json_flag(root, "quiet"),
		.is_all = json_flag(root, "all"),
		.leaves = json_flag(root, "leaves"),
		.limit = (uint32_t)limit,
	};
	return 0;
}

int told_from_json(struct str line, struct arena *arena, struct told *ret, struct err *err)
{
	static const char *const texts[] = {"text", "run", "nonce", "plan", NULL};
	static const char *const flags[] = {"data", NULL};
	auto_json struct json *root = NULL;

	if (parse(line, &root, err) < 0)
		return -1;
	int type = read_type(root, told_names, TOLD_TYPES, err);
	if (type < 0 || check_fields(root, texts, flags, 8, err) < 0)
		return -1;
	int64_t code = json_int(root, "code");
	if (code < 0 || code > 255)
		return err_set(err, E_SYNTAX, "a frame with an exit code that is none");
	*ret = (struct told){
		.type = (enum told_type)type,
		.text = arena_copy(arena, json_text(root, "text")),
		.run = arena_copy(arena, json_text(root, "run")),
		.nonce = arena_copy(arena, json_text(root, "nonce")),
		.plan_hash = arena_copy(arena, json_text(root, "plan")),
		.is_data = json_flag(root, "data"),
		.code = (int)code,
	};
	return 0;
}
