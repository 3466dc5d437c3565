#include "wire/json.h"

#include <jansson.h>

#include "base/alloc.h"
#include "base/check.h"

/* jansson counts its references in the value itself, so it has no const of its own. */
static json_t *native(const struct json *value)
{
	return (json_t *)(uintptr_t)value;
}

static struct json *wrap(json_t *value)
{
	return (struct json *)value;
}

static void *allocate(size_t n)
{
	return mem_alloc(n);
}

void json_init(uint64_t seed)
{
	json_set_alloc_funcs(allocate, mem_free);
	/* 0 would make jansson ask the system for one. */
	json_object_seed((size_t)(seed | 1));
}

/* How deep it nests, without looking at anything else: what is not JSON is jansson's to find. */
static unsigned depth_of(struct str text)
{
	unsigned depth = 0, deepest = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (is_quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				is_quoted = false;
		} else if (c == '"') {
			is_quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
			deepest = MAX(deepest, depth);
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

static int fail_syntax(const json_error_t *error, struct err *err)
{
	struct str words = str_of(error->text);
	size_t quote;
	/* "... near 'TEXT'": the text stays out of it. */
	if (str_find(words, STR(" near "), &quote))
		words = str_first(words, quote);
	unsigned line = error->line > 0 ? (unsigned)error->line : 0;
	unsigned column = error->column > 0 ? (unsigned)error->column : 0;
	return err_at(err, E_SYNTAX, line, column, STR_FMT, STR_ARG(words));
}

int json_parse(struct str text, const struct json_limit *limit, struct json **ret_root,
	       struct err *err)
{
	enum { FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };
	json_error_t error;
	json_t *root;

	check(limit->depth <= JSON_DEPTH_MAX);
	if (text.n > limit->bytes)
		return err_set(err, E_LIMIT, "%zu bytes of JSON, more than %zu", text.n,
			       limit->bytes);
	if (depth_of(text) > limit->depth)
		return err_set(err, E_LIMIT, "nested deeper than %u", limit->depth);
	if (text.n == 0)
		return err_at(err, E_SYNTAX, 1, 1, "empty, not JSON");
	root = json_loadb(text.p, text.n, FLAGS, &error);
	if (!root && json_error_code(&error) == json_error_numeric_overflow)
		root = json_loadb(text.p, text.n, FLAGS | JSON_DECODE_INT_AS_REAL, &error);
	if (!root)
		return fail_syntax(&error, err);
	*ret_root = wrap(root);
	return 0;
}

void json_free(struct json *root)
{
	json_decref(native(root));
}

void json_free_at(struct json **root)
{
	json_free(*root);
	*root = NULL;
}

enum json_kind json_kind(const struct json *value)
{
	if (!value)
		return JSON_KIND_NULL;
	switch (json_typeof(native(value))) {
	case JSON_OBJECT:
		return JSON_KIND_MAP;
	case JSON_ARRAY:
		return JSON_KIND_LIST;
	case JSON_STRING:
		return JSON_KIND_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return JSON_KIND_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_NULL:
		return JSON_KIND_NULL;
	}
	return JSON_KIND_NULL;
}

const struct json *json_get_path(const struct json *value, const char *const *path)
{
	for (; value && *path; path++)
		value = wrap(json_object_get(native(value), *path));
	return json_kind(value) == JSON_KIND_NULL ? NULL : value;
}

struct str json_text_of(const struct json *value)
{
	if (!json_is_string(native(value)))
		return (struct str){0};
	return str_make(json_string_value(native(value)), json_string_length(native(value)));
}

bool json_flag_of(const struct json *value)
{
	return json_is_true(native(value));
}

int64_t json_int_of(const struct json *value)
{
	return json_integer_value(native(value));
}

bool json_number_is_zero(const struct json *value)
{
	if (json_is_integer(native(value)))
		return json_integer_value(native(value)) == 0;
	double real = json_real_value(native(value));
	return json_is_real(native(value)) && !(real < 0) && !(real > 0);
}

size_t json_count(const struct json *value)
{
	return json_kind(value) == JSON_KIND_MAP ? json_object_size(native(value))
						 : json_array_size(native(value));
}

const struct json *json_at(const struct json *list, size_t i)
{
	return wrap(json_array_get(native(list), i));
}

bool json_next(const struct json *map, struct json_cursor *cursor)
{
	void *place = cursor->place ? json_object_iter_next(native(map), cursor->place)
				    : json_object_iter(native(map));
	if (!place)
		return false;
	cursor->place = place;
	cursor->key = str_make(json_object_iter_key(place), json_object_iter_key_len(place));
	cursor->value = wrap(json_object_iter_value(place));
	return true;
}

static int append(const char *text, size_t n, void *out)
{
	buf_append(out, text, n);
	return 0;
}

void json_canonical(const struct json *value, struct buf *out)
{
	enum { FLAGS = JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY };

	if (!value)
		buf_str(out, STR("null"));
	else
		check(json_dump_callback(native(value), append, out, FLAGS) == 0);
}

bool json_same(const struct json *a, const struct json *b)
{
	if (!a || !b)
		return json_kind(a) == JSON_KIND_NULL && json_kind(b) == JSON_KIND_NULL;
	return json_equal(native(a), native(b)) == 1;
}

struct json *json_clone(const struct json *map)
{
	check(json_kind(map) == JSON_KIND_MAP);
	return wrap(json_copy(native(map)));
}

void json_put(struct json *map, const char *key, const struct json *value)
{
	check(json_object_set(native(map), key, native(value)) == 0);
}

void json_put_flag(struct json *map, const char *key, bool value)
{
	check(json_object_set_new(native(map), key, json_boolean(value)) == 0);
}

void json_remove(struct json *map, const char *key)
{
	json_object_del(native(map), key);
}
