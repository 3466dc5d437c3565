#include "wire/splitter.h"

#include <string.h>

#include "base/check.h"

/* ---- a list ---- */

void list_splitter_init(struct list_splitter *splitter, size_t element_bytes_max)
{
	*splitter = (struct list_splitter){.element = BUF_INIT(element_bytes_max)};
}

void list_splitter_release(struct list_splitter *splitter)
{
	buf_release(&splitter->element);
	*splitter = (struct list_splitter){.state = LIST_FAILED};
}

/* One portion of bytes on its way through. */
struct portion {
	struct list_splitter *splitter;
	struct str bytes;
	size_t at;
	size_t element_at; /* where the element that we are inside of goes on in this portion */
	piece_fn element;
	void *self;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int fail(const struct portion *portion, struct err *err, const char *expected)
{
	struct list_splitter *splitter = portion->splitter;
	unsigned long long offset = splitter->offset + portion->at;

	splitter->state = LIST_FAILED;
	return err_set(err, E_SYNTAX, "%s expected at byte %llu", expected, offset);
}

/* A character inside a value: true if the value ends with it. Its first character has been seen. */
static bool ends_value(struct list_splitter *splitter, char c)
{
	if (splitter->is_escaped) {
		splitter->is_escaped = false;
	} else if (splitter->is_quoted) {
		if (c == '\\')
			splitter->is_escaped = true;
		else if (c == '"')
			splitter->is_quoted = false;
		return splitter->depth == 0 && !splitter->is_quoted;
	} else if (c == '"') {
		splitter->is_quoted = true;
	} else if (c == '{' || c == '[') {
		splitter->depth++;
	} else if (c == '}' || c == ']') {
		splitter->depth--;
		return splitter->depth == 0;
	}
	return false;
}

static int in_key(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	if (!splitter->is_key) {
		if (c == '"') {
			splitter->is_key = true;
			splitter->key_n = 0;
		} else if (c == '}' && !splitter->is_after_comma) {
			splitter->state = LIST_END;
		} else if (!is_space(c)) {
			return fail(portion, err, "a key");
		}
		return 0;
	}
	if (c == '"' && !splitter->is_escaped) {
		splitter->is_key = false;
		splitter->state = LIST_COLON;
		return 0;
	}
	splitter->is_escaped = c == '\\' && !splitter->is_escaped;
	if (splitter->key_n < sizeof(splitter->key))
		splitter->key[splitter->key_n] = c;
	splitter->key_n++;
	return 0;
}

static bool is_items(const struct list_splitter *splitter)
{
	return splitter->key_n <= sizeof(splitter->key) &&
	       str_eq(str_make(splitter->key, splitter->key_n), STR("items"));
}

static int begin_items(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	if (splitter->has_items)
		return fail(portion, err, "only one list of items");
	splitter->has_items = true;
	splitter->is_after_comma = false;
	if (c == '[') {
		splitter->state = LIST_ELEMENT;
	} else if (c == 'n') {
		splitter->state = LIST_NULL;
		splitter->null_n = 1;
	} else {
		return fail(portion, err, "a list of items");
	}
	return 0;
}

/* The end of the element that we are inside of: `at` is its last character. */
static int end_element(struct portion *portion, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;
	struct str part = str_make(portion->bytes.p + portion->element_at,
				   portion->at + 1 - portion->element_at);
	int answer;

	splitter->state = LIST_COMMA;
	splitter->count++;
	if (splitter->element.n == 0 && part.n <= splitter->element.max) {
		answer = portion->element(portion->self, part, err);
	} else {
		buf_str(&splitter->element, part);
		if (buf_overflowed(&splitter->element)) {
			splitter->state = LIST_FAILED;
			return err_set(err, E_LIMIT, "an element of more than %zu bytes",
				       splitter->element.max);
		}
		answer = portion->element(portion->self, buf_view(&splitter->element), err);
		buf_clear(&splitter->element);
	}
	if (answer < 0)
		splitter->state = LIST_FAILED;
	return answer;
}

static int in_list(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;
	bool wants_element = splitter->state == LIST_ELEMENT;

	if (is_space(c))
		return 0;
	if (wants_element && c == '{') {
		splitter->state = LIST_INSIDE;
		splitter->depth = 1;
		portion->element_at = portion->at;
	} else if (c == ']' && !(wants_element && splitter->is_after_comma)) {
		splitter->state = LIST_NEXT;
	} else if (!wants_element && c == ',') {
		splitter->state = LIST_ELEMENT;
		splitter->is_after_comma = true;
	} else {
		return fail(portion, err, wants_element ? "an object" : "',' or ']'");
	}
	return 0;
}

static int behind_member(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	if (is_space(c))
		return 0;
	if (c != ',' && c != '}')
		return fail(portion, err, "',' or '}'");
	splitter->state = c == '}' ? LIST_END : LIST_KEY;
	splitter->is_after_comma = true;
	return 0;
}

static int begin_value(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	if (is_space(c))
		return 0;
	if (is_items(splitter))
		return begin_items(portion, c, err);
	if (c == ',' || c == '}' || c == ']' || c == ':')
		return fail(portion, err, "a value");
	splitter->state = LIST_SKIP;
	splitter->depth = c == '{' || c == '[';
	splitter->is_quoted = c == '"';
	return 0;
}

/* A number or word has no end of its own: what follows it ends it. */
static int in_skipped(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;
	bool is_word = splitter->depth == 0 && !splitter->is_quoted;

	if (is_word && (c == ',' || c == '}' || is_space(c))) {
		splitter->state = LIST_NEXT;
		return behind_member(portion, c, err);
	}
	if (is_word && (c == '"' || c == '{' || c == '[' || c == ']'))
		return fail(portion, err, "',' or '}'");
	if (ends_value(splitter, c))
		splitter->state = LIST_NEXT;
	return 0;
}

static int in_null(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	if (c != "null"[splitter->null_n])
		return fail(portion, err, "a list of items");
	splitter->null_n++;
	if (splitter->null_n == strlen("null"))
		splitter->state = LIST_NEXT;
	return 0;
}

static int step(struct portion *portion, char c, struct err *err)
{
	struct list_splitter *splitter = portion->splitter;

	switch (splitter->state) {
	case LIST_START:
		if (c == '{')
			splitter->state = LIST_KEY;
		else if (!is_space(c))
			return fail(portion, err, "a JSON object");
		return 0;
	case LIST_KEY:
		return in_key(portion, c, err);
	case LIST_COLON:
		if (c == ':')
			splitter->state = LIST_VALUE;
		else if (!is_space(c))
			return fail(portion, err, "':'");
		return 0;
	case LIST_VALUE:
		return begin_value(portion, c, err);
	case LIST_SKIP:
		return in_skipped(portion, c, err);
	case LIST_NULL:
		return in_null(portion, c, err);
	case LIST_ELEMENT:
	case LIST_COMMA:
		return in_list(portion, c, err);
	case LIST_INSIDE:
		return ends_value(splitter, c) ? end_element(portion, err) : 0;
	case LIST_NEXT:
		return behind_member(portion, c, err);
	case LIST_END:
		return is_space(c) ? 0 : fail(portion, err, "the end");
	case LIST_FAILED:
		break;
	}
	return -1;
}

int list_splitter_feed(struct list_splitter *splitter, struct str bytes, piece_fn element,
		       void *self, struct err *err)
{
	struct portion portion = {
		.splitter = splitter, .bytes = bytes, .element = element, .self = self};

	if (splitter->state == LIST_FAILED)
		return -1;
	for (; portion.at < bytes.n; portion.at++) {
		if (step(&portion, bytes.p[portion.at], err) < 0)
			return -1;
	}
	if (splitter->state == LIST_INSIDE) {
		buf_str(&splitter->element, str_after(bytes, portion.element_at));
		if (buf_overflowed(&splitter->element)) {
			splitter->state = LIST_FAILED;
			return err_set(err, E_LIMIT, "an element of more than %zu bytes",
				       splitter->element.max);
		}
	}
	splitter->offset += bytes.n;
	return 0;
}

int list_splitter_end(const struct list_splitter *splitter, struct err *err)
{
	check(splitter->state != LIST_FAILED);
	if (splitter->state != LIST_END)
		return err_set(err, E_SYNTAX, "it ends in the middle, after %llu bytes",
			       (unsigned long long)splitter->offset);
	if (!splitter->has_items)
		return err_set(err, E_SYNTAX, "it has no list of items");
	return 0;
}

/* ---- frames ---- */

void frame_splitter_init(struct frame_splitter *splitter, size_t frame_bytes_max)
{
	*splitter = (struct frame_splitter){.line = BUF_INIT(frame_bytes_max)};
}

void frame_splitter_release(struct frame_splitter *splitter)
{
	buf_release(&splitter->line);
}

static bool is_other_field(struct str line)
{
	return str_starts(line, STR("event:")) || str_starts(line, STR("id:")) ||
	       str_starts(line, STR("retry:"));
}

static void take_line(struct frame_splitter *splitter, struct str line, piece_fn frame, void *self)
{
	struct err ignored = {0};

	line = str_trim(line);
	if (str_starts(line, STR("data:")))
		line = str_trim(str_after(line, strlen("data:")));
	if (str_empty(line) || line.p[0] == ':' || is_other_field(line))
		return;
	if (line.p[0] == '{')
		(void)frame(self, line, &ignored);
	else
		splitter->strange++;
}

static void end_line(struct frame_splitter *splitter, struct str rest, piece_fn frame, void *self)
{
	if (splitter->line.n == 0 && !splitter->is_too_long && rest.n <= splitter->line.max) {
		take_line(splitter, rest, frame, self);
		return;
	}
	buf_str(&splitter->line, rest);
	if (splitter->is_too_long || buf_overflowed(&splitter->line))
		splitter->dropped++;
	else
		take_line(splitter, buf_view(&splitter->line), frame, self);
	splitter->is_too_long = false;
	buf_clear(&splitter->line);
}

void frame_splitter_feed(struct frame_splitter *splitter, struct str bytes, piece_fn frame,
			 void *self)
{
	size_t newline;

	while (str_find_char(bytes, '\n', &newline)) {
		end_line(splitter, str_first(bytes, newline), frame, self);
		bytes = str_after(bytes, newline + 1);
	}
	if (splitter->is_too_long)
		return;
	buf_str(&splitter->line, bytes);
	if (buf_overflowed(&splitter->line)) {
		splitter->is_too_long = true;
		buf_clear(&splitter->line);
	}
}

void frame_splitter_end(struct frame_splitter *splitter, bool is_whole, piece_fn frame, void *self)
{
	if (is_whole)
		end_line(splitter, (struct str){0}, frame, self);
	buf_clear(&splitter->line);
}
