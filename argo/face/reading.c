#include "argo/face/reading.h"

#include "base/buf.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>

enum { SELECTOR_TEXT_MAX = 4096, TEXT_MAX = 1024 * 1024 };

struct at at_key(const struct at *up, const char *key)
{
	return (struct at){
		.up = up,
		.key = key,
		.value = up->value ? json_get(up->value, key) : NULL,
	};
}

struct at at_index(const struct at *up, size_t i)
{
	return (struct at){.up = up, .index = i, .value = json_at(up->value, i)};
}

static void write_path(const struct at *at, struct buf *out)
{
	if (!at || !at->up)
		return;
	write_path(at->up, out);
	if (!at->key) {
		buf_printf(out, "[%zu]", at->index);
		return;
	}
	if (out->n > 0)
		buf_char(out, '.');
	buf_str(out, str_of(at->key));
}

void reading_fail(struct reading *r, const struct at *at, const char *fmt, ...)
{
	auto_buf struct buf path = BUF_INIT(ERR_TEXT_BYTES);
	char words[ERR_TEXT_BYTES];
	va_list args;

	if (r->has_failed)
		return;
	va_start(args, fmt);
	vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	write_path(at, &path);
	if (path.n > 0)
		err_set(r->err, E_SYNTAX, "%s: %s", buf_cstr(&path), words);
	else
		err_set(r->err, E_SYNTAX, "%s", words);
	r->has_failed = true;
}

static const char *kind_name(enum json_kind kind)
{
	switch (kind) {
	case JSON_KIND_NULL:
		return "null";
	case JSON_KIND_BOOL:
		return "a boolean";
	case JSON_KIND_NUMBER:
		return "a number";
	case JSON_KIND_TEXT:
		return "a text";
	case JSON_KIND_LIST:
		return "a list";
	case JSON_KIND_MAP:
		return "an object";
	}
	check_failed(__FILE__, __LINE__, "a kind has a name");
}

/* False: there is none, or it is of another kind, which is an error. */
static bool has(struct reading *r, const struct at *at, enum json_kind kind)
{
	enum json_kind actual = json_kind(at->value);

	if (actual == kind)
		return true;
	if (actual != JSON_KIND_NULL)
		reading_fail(r, at, "%s is wanted, not %s", kind_name(kind), kind_name(actual));
	return false;
}

struct str read_text(struct reading *r, struct at at)
{
	if (!has(r, &at, JSON_KIND_TEXT))
		return STR("");
	return r->intern(r->self, json_text_of(at.value));
}

struct str read_required(struct reading *r, struct at at)
{
	struct str text = read_text(r, at);

	if (str_empty(text))
		reading_fail(r, &at, "it is missing");
	return text;
}

bool read_flag(struct reading *r, struct at at, bool otherwise)
{
	return has(r, &at, JSON_KIND_BOOL) ? json_flag_of(at.value) : otherwise;
}

int64_t read_number(struct reading *r, struct at at)
{
	return has(r, &at, JSON_KIND_NUMBER) ? json_int_of(at.value) : 0;
}

size_t read_count(struct reading *r, const struct at *at, enum json_kind kind)
{
	return has(r, at, kind) ? json_count(at->value) : 0;
}

struct str read_json(struct reading *r, struct at at, enum json_kind kind)
{
	auto_buf struct buf text = BUF_INIT(TEXT_MAX);

	if (!has(r, &at, kind) || json_count(at.value) == 0)
		return STR("");
	json_canonical(at.value, &text);
	if (buf_overflowed(&text)) {
		reading_fail(r, &at, "it is too long");
		return STR("");
	}
	return r->intern(r->self, buf_view(&text));
}

struct pair_list *read_pairs(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_MAP), used = 0;
	struct json_cursor cursor = {0};

	if (n == 0)
		return NULL;
	struct pair_list *list = pair_list_new((uint32_t)n);
	while (json_next(at.value, &cursor)) {
		size_t i = used++;
		if (json_kind(cursor.value) != JSON_KIND_TEXT)
			reading_fail(r, &at, "the value of '" STR_FMT "' is %s, not a text",
				     STR_ARG(cursor.key), kind_name(json_kind(cursor.value)));
		for (; i > 0 && str_cmp(list->v[i - 1].key, cursor.key) > 0; i--)
			list->v[i] = list->v[i - 1];
		list->v[i] = (struct pair){r->intern(r->self, cursor.key),
					   r->intern(r->self, json_text_of(cursor.value))};
	}
	return list;
}

struct pair_list *read_names_and_values(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_LIST);

	if (n == 0)
		return NULL;
	struct pair_list *list = pair_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		struct at item = at_index(&at, i);
		list->v[i] = (struct pair){read_text(r, at_key(&item, "name")),
					   read_text(r, at_key(&item, "value"))};
	}
	return list;
}

struct pair_list *read_texts(struct reading *r, struct at at)
{
	size_t n = read_count(r, &at, JSON_KIND_LIST);

	if (n == 0)
		return NULL;
	struct pair_list *list = pair_list_new((uint32_t)n);
	for (size_t i = 0; i < n; i++)
		list->v[i].key = read_text(r, at_index(&at, i));
	return list;
}

static void write_values(struct reading *r, struct at values, struct buf *out)
{
	struct pair_list *list = read_texts(r, values);

	if (!list)
		reading_fail(r, &values, "it is missing");
	buf_char(out, '(');
	for (uint32_t i = 0; list && i < list->n; i++)
		buf_printf(out, "%s" STR_FMT, i ? "," : "", STR_ARG(list->v[i].key));
	buf_char(out, ')');
	pair_list_drop(list);
}

static void write_expression(struct reading *r, const struct at *at, struct buf *out)
{
	struct str key = read_required(r, at_key(at, "key"));
	struct str op = read_required(r, at_key(at, "operator"));
	bool is_in = str_eq(op, STR("In"));

	if (is_in || str_eq(op, STR("NotIn"))) {
		buf_printf(out, STR_FMT " %s ", STR_ARG(key), is_in ? "in" : "notin");
		write_values(r, at_key(at, "values"), out);
	} else if (str_eq(op, STR("Exists"))) {
		buf_str(out, key);
	} else if (str_eq(op, STR("DoesNotExist"))) {
		buf_printf(out, "!" STR_FMT, STR_ARG(key));
	} else {
		reading_fail(r, at, "operator is In, NotIn, Exists or DoesNotExist");
	}
}

struct str read_selector(struct reading *r, struct at at)
{
	auto_buf struct buf out = BUF_INIT(SELECTOR_TEXT_MAX);
	struct pair_list *labels = read_pairs(r, at_key(&at, "matchLabels"));
	struct at expressions = at_key(&at, "matchExpressions");
	size_t n = read_count(r, &expressions, JSON_KIND_LIST);

	for (uint32_t i = 0; labels && i < labels->n; i++)
		buf_printf(&out, "%s" STR_FMT "=" STR_FMT, out.n ? "," : "",
			   STR_ARG(labels->v[i].key), STR_ARG(labels->v[i].value));
	for (size_t i = 0; i < n; i++) {
		struct at expression = at_index(&expressions, i);
		if (out.n)
			buf_char(&out, ',');
		write_expression(r, &expression, &out);
	}
	pair_list_drop(labels);
	if (buf_overflowed(&out))
		reading_fail(r, &at, "it is too long");
	return r->intern(r->self, buf_view(&out));
}
