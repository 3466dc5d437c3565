#include "base/json_write.h"

#include "base/check.h"
#include "base/utf8.h"

/* A value may stand here: at the top once, in an array, or behind a key. Writes the comma. */
static void before_value(struct json_write *w)
{
	check(!w->is_done);
	if (w->depth == 0)
		return;
	if (w->is_object[w->depth - 1]) {
		check(w->has_key);
		w->has_key = false;
		return;
	}
	if (w->has_items[w->depth - 1])
		buf_char(w->out, ',');
	w->has_items[w->depth - 1] = true;
}

static void after_value(struct json_write *w)
{
	w->is_done = w->depth == 0;
}

static void begin(struct json_write *w, bool is_object)
{
	before_value(w);
	check(w->depth < JSON_WRITE_DEPTH_MAX);
	w->is_object[w->depth] = is_object;
	w->has_items[w->depth] = false;
	w->depth++;
	buf_char(w->out, is_object ? '{' : '[');
}

static void end(struct json_write *w, bool is_object)
{
	check(w->depth > 0);
	check(w->is_object[w->depth - 1] == is_object);
	check(!w->has_key);
	w->depth--;
	buf_char(w->out, is_object ? '}' : ']');
	after_value(w);
}

void json_write_object_begin(struct json_write *w)
{
	begin(w, true);
}

void json_write_object_end(struct json_write *w)
{
	end(w, true);
}

void json_write_array_begin(struct json_write *w)
{
	begin(w, false);
}

void json_write_array_end(struct json_write *w)
{
	end(w, false);
}

/* Only what must be escaped is: the quote, the backslash and the control characters. */
static void write_code_point(struct buf *out, uint32_t c)
{
	switch (c) {
	case '"':
		buf_str(out, STR("\\\""));
		break;
	case '\\':
		buf_str(out, STR("\\\\"));
		break;
	case '\n':
		buf_str(out, STR("\\n"));
		break;
	case '\r':
		buf_str(out, STR("\\r"));
		break;
	case '\t':
		buf_str(out, STR("\\t"));
		break;
	default:
		if (c < 0x20)
			buf_printf(out, "\\u%04x", c);
		else
			utf8_append(out, c);
	}
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void write_text(struct buf *out, struct str s)
{
	buf_char(out, '"');
	while (s.n) {
		size_t n = 0;

		while (n < s.n && is_plain(s.p[n]))
			n++;
		buf_str(out, str_first(s, n));
		s = str_after(s, n);
		if (s.n)
			write_code_point(out, utf8_next(&s, NULL));
	}
	buf_char(out, '"');
}

void json_write_key(struct json_write *w, struct str key)
{
	check(w->depth > 0);
	check(w->is_object[w->depth - 1]);
	check(!w->has_key);
	if (w->has_items[w->depth - 1])
		buf_char(w->out, ',');
	w->has_items[w->depth - 1] = true;
	w->has_key = true;
	write_text(w->out, key);
	buf_char(w->out, ':');
}

void json_write_str(struct json_write *w, struct str value)
{
	before_value(w);
	write_text(w->out, value);
	after_value(w);
}

void json_write_int(struct json_write *w, int64_t value)
{
	before_value(w);
	buf_printf(w->out, "%lld", (long long)value);
	after_value(w);
}

void json_write_uint(struct json_write *w, uint64_t value)
{
	before_value(w);
	buf_printf(w->out, "%llu", (unsigned long long)value);
	after_value(w);
}

void json_write_bool(struct json_write *w, bool value)
{
	json_write_raw(w, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_write *w)
{
	json_write_raw(w, STR("null"));
}

void json_write_raw(struct json_write *w, struct str json)
{
	check(json.n > 0);
	before_value(w);
	buf_str(w->out, json);
	after_value(w);
}

void json_write_field_str(struct json_write *w, struct str key, struct str value)
{
	json_write_key(w, key);
	json_write_str(w, value);
}

void json_write_field_int(struct json_write *w, struct str key, int64_t value)
{
	json_write_key(w, key);
	json_write_int(w, value);
}

void json_write_field_bool(struct json_write *w, struct str key, bool value)
{
	json_write_key(w, key);
	json_write_bool(w, value);
}

void json_write_finish(const struct json_write *w)
{
	check(w->is_done);
	check(w->depth == 0);
}
