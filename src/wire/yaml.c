#include "wire/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

/* ---- what plain words mean ---- */

static bool is_one_of(struct str text, const char *words)
{
	struct str rest = str_of(words), word;

	while (str_cut(&rest, ' ', &word)) {
		if (str_eq(text, word))
			return true;
	}
	return false;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* 10, or what a beginning says that is then taken off: 0x 0b 0o, or 0 for octal. */
static int base_of(struct str *digits)
{
	char second = digits->n > 1 ? digits->p[1] : 0;
	int base = 10;

	if (digits->n < 2 || digits->p[0] != '0')
		return base;
	if (second == 'x' || second == 'X')
		base = 16;
	else if (second == 'b' || second == 'B')
		base = 2;
	else
		base = 8;
	*digits = str_after(*digits, base == 8 && digit_of(second) < 10 ? 1 : 2);
	return base == 8 && digit_of(second) > 9 && second != 'o' && second != 'O' ? 0 : base;
}

/* As Go reads it with base 0. */
static bool is_int(struct str text, int64_t *ret_number)
{
	bool is_negative = !str_empty(text) && text.p[0] == '-';
	uint64_t most = is_negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, value = 0;

	if (!str_empty(text) && (text.p[0] == '-' || text.p[0] == '+'))
		text = str_after(text, 1);
	int base = base_of(&text);
	if (base == 0 || str_empty(text))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = digit_of(text.p[i]);
		if (digit >= base || value > (most - (uint64_t)digit) / (uint64_t)base)
			return false;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	*ret_number = is_negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

static size_t digits_at(struct str text, size_t at)
{
	size_t n = 0;

	while (at + n < text.n && text.p[at + n] >= '0' && text.p[at + n] <= '9')
		n++;
	return n;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(struct str text)
{
	size_t at = 0, whole, part = 0;

	if (is_one_of(text, ".inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF .nan .NaN .NAN"))
		return true;
	if (!str_empty(text) && (text.p[0] == '-' || text.p[0] == '+'))
		at = 1;
	whole = digits_at(text, at);
	at += whole;
	if (at < text.n && text.p[at] == '.') {
		part = digits_at(text, at + 1);
		at += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
		at++;
		if (at < text.n && (text.p[at] == '-' || text.p[at] == '+'))
			at++;
		size_t exponent = digits_at(text, at);
		if (exponent == 0)
			return false;
		at += exponent;
	}
	return at == text.n;
}

/* Underscores in numbers are there for the eye: "1_000". */
static struct str without_underscores(struct str text, struct arena *arena)
{
	if (!str_find_char(text, '_', NULL))
		return text;
	char *digits = arena_alloc(arena, text.n);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '_')
			digits[n++] = text.p[i];
	}
	return str_make(digits, n);
}

/* Sets kind, flag and number by the text. */
static void resolve(struct yaml *node, struct arena *arena)
{
	struct str text = node->text;

	node->kind = YAML_TEXT;
	if (str_empty(text) || is_one_of(text, "~ null Null NULL")) {
		node->kind = YAML_NULL;
	} else if (is_one_of(text, "y Y yes Yes YES true True TRUE on On ON")) {
		node->kind = YAML_BOOL;
		node->flag = true;
	} else if (is_one_of(text, "n N no No NO false False FALSE off Off OFF")) {
		node->kind = YAML_BOOL;
	} else if (strchr("+-.0123456789", text.p[0])) {
		struct str digits = without_underscores(text, arena);
		if (is_int(digits, &node->number))
			node->kind = YAML_INT;
		else if (is_float(digits))
			node->kind = YAML_FLOAT;
	}
}

/* ---- from events to the tree ---- */

struct anchor {
	struct str name;
	const struct yaml *node; /* NULL while it is being read */
};

struct reading {
	yaml_parser_t parser;
	const struct yaml_limit *limit;
	struct str text;
	struct arena *arena;
	struct err *err;
	VEC(size_t) line_starts;
	VEC(struct anchor) anchors;
};

struct place {
	unsigned line, column;
};

/* libyaml's idea of a line's end: also NEL, LS and PS. */
static size_t break_length(struct str rest)
{
	if (str_starts(rest, STR("\r\n")))
		return 2;
	if (rest.p[0] == '\n' || rest.p[0] == '\r')
		return 1;
	if (str_starts(rest, STR("\xc2\x85")))
		return 2;
	if (str_starts(rest, STR("\xe2\x80\xa8")) || str_starts(rest, STR("\xe2\x80\xa9")))
		return 3;
	return 0;
}

static void find_lines(struct reading *reading)
{
	struct str text = reading->text;

	vec_push(&reading->line_starts, 0);
	for (size_t at = 0; at < text.n;) {
		size_t n = break_length(str_after(text, at));
		at += n > 0 ? n : 1;
		if (n > 0)
			vec_push(&reading->line_starts, at);
	}
}

/* libyaml counts a column in characters, we count it in bytes. */
static struct place place_of(const struct reading *reading, yaml_mark_t mark)
{
	size_t line = MIN(mark.line, reading->line_starts.n - 1);
	struct str rest = str_after(reading->text, vec_at(&reading->line_starts, line));
	size_t before = rest.n;

	for (size_t i = 0; i < mark.column && !str_empty(rest); i++)
		utf8_next(&rest, NULL);
	return (struct place){(unsigned)line + 1, (unsigned)(before - rest.n) + 1};
}

static int fail(struct reading *reading, enum err_code code, struct place place, const char *words)
{
	return err_at(reading->err, code, place.line, place.column, "%s", words);
}

static int fail_parser(struct reading *reading)
{
	const yaml_parser_t *parser = &reading->parser;
	struct place place = place_of(reading, parser->problem_mark);
	const char *words = parser->problem ? parser->problem : "cannot be read";

	if (parser->error == YAML_READER_ERROR) {
		struct str before = str_first(reading->text,
					      MIN(parser->problem_offset, reading->text.n));
		yaml_mark_t mark = {.line = 0};
		for (size_t i = 1; i < reading->line_starts.n; i++) {
			if (reading->line_starts.v[i] <= before.n)
				mark.line = i;
		}
		place = place_of(reading, mark);
		place.column += (unsigned)(before.n - reading->line_starts.v[mark.line]);
	}
	return fail(reading, E_SYNTAX, place, words);
}

static int next_event(struct reading *reading, yaml_event_t *ret_event)
{
	if (!yaml_parser_parse(&reading->parser, ret_event))
		return fail_parser(reading);
	return 0;
}

static struct str text_of(const yaml_char_t *text)
{
	return str_of((const char *)text);
}

static int read_node(struct reading *reading, const yaml_event_t *event, unsigned depth,
		     const struct yaml **ret_node);

/* Reads the next event's node; *ret_is_end if the event ends the collection instead. */
static int read_next(struct reading *reading, unsigned depth, bool *ret_is_end,
		     const struct yaml **ret_node)
{
	yaml_event_t event;
	int answer = 0;

	if (next_event(reading, &event) < 0)
		return -1;
	*ret_is_end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
	if (!*ret_is_end)
		answer = read_node(reading, &event, depth, ret_node);
	yaml_event_delete(&event);
	return answer;
}

/* A collection grows by this much. */
static int grow(struct reading *reading, struct yaml *node, size_t weight)
{
	node->weight += weight;
	if (node->weight <= reading->limit->nodes)
		return 0;
	return fail(reading, E_LIMIT, place_of(reading, reading->parser.mark),
		    "too much, aliases included");
}

struct yaml_list VEC_OF(const struct yaml *);

static int read_items(struct reading *reading, struct yaml *node, unsigned depth,
		      struct yaml_list *items)
{
	const struct yaml *item;
	bool is_end;

	for (;;) {
		if (read_next(reading, depth + 1, &is_end, &item) < 0)
			return -1;
		if (is_end)
			return 0;
		vec_push(items, item);
		if (grow(reading, node, item->weight) < 0)
			return -1;
	}
}

static int read_list(struct reading *reading, struct yaml *node, unsigned depth)
{
	struct yaml_list items = {0};
	int answer = read_items(reading, node, depth, &items);

	if (answer == 0 && items.n > 0) {
		const struct yaml **kept = arena_array(reading->arena, const struct yaml *,
						       items.n);
		memcpy(kept, items.v, items.n * sizeof(*kept));
		node->items = kept;
	}
	node->kind = YAML_LIST;
	node->count = items.n;
	vec_release(&items);
	return answer;
}

/* A map while it is read: what it has itself and, apart, what is to be merged into it. */
struct half_map {
	struct yaml *node;
	struct map by_key;
	VEC(struct yaml_member) members;
	VEC(const struct yaml *) merged;
};

static int add_member(struct reading *reading, struct half_map *half, struct yaml_member member)
{
	uint32_t first;

	if (map_get(&half->by_key, member.key, &first))
		return err_at(reading->err, E_SYNTAX, member.line, member.column,
			      "the key '" STR_FMT "' is in line %u already", STR_ARG(member.key),
			      vec_at(&half->members, first).line);
	map_put(&half->by_key, member.key, (uint32_t)half->members.n);
	vec_push(&half->members, member);
	return grow(reading, half->node, member.value->weight + 1);
}

static int add_merged(struct reading *reading, struct half_map *half, const struct yaml *value)
{
	struct place place = {value->line, value->column};

	if (value->kind == YAML_MAP) {
		vec_push(&half->merged, value);
		return 0;
	}
	for (size_t i = 0; value->kind == YAML_LIST && i < value->count; i++) {
		if (value->items[i]->kind != YAML_MAP)
			break;
		vec_push(&half->merged, value->items[i]);
		if (i + 1 == value->count)
			return 0;
	}
	return fail(reading, E_SYNTAX, place, "'<<' takes a map or a list of maps");
}

static int read_member(struct reading *reading, struct half_map *half, const yaml_event_t *event,
		       unsigned depth)
{
	bool is_merge = event->type == YAML_SCALAR_EVENT && event->data.scalar.plain_implicit &&
			str_eq(text_of(event->data.scalar.value), STR("<<"));
	struct place place = place_of(reading, event->start_mark);
	const struct yaml *key, *value;
	bool is_end;

	if (read_node(reading, event, depth + 1, &key) < 0)
		return -1;
	if (key->kind == YAML_LIST || key->kind == YAML_MAP || str_empty(key->text))
		return fail(reading, E_SYNTAX, place, "a key must be a text");
	if (read_next(reading, depth + 1, &is_end, &value) < 0)
		return -1;
	check(!is_end);
	if (is_merge)
		return add_merged(reading, half, value);
	return add_member(reading, half,
			  (struct yaml_member){key->text, place.line, place.column, value});
}

static int merge(struct reading *reading, struct half_map *half)
{
	for (size_t i = 0; i < half->merged.n; i++) {
		const struct yaml *from = half->merged.v[i];
		for (size_t k = 0; k < from->count; k++) {
			if (map_get(&half->by_key, from->members[k].key, NULL))
				continue;
			if (add_member(reading, half, from->members[k]) < 0)
				return -1;
		}
	}
	return 0;
}

static int read_members(struct reading *reading, struct half_map *half, unsigned depth)
{
	for (;;) {
		yaml_event_t event;
		int answer = 0;

		if (next_event(reading, &event) < 0)
			return -1;
		bool is_end = event.type == YAML_MAPPING_END_EVENT;
		if (!is_end)
			answer = read_member(reading, half, &event, depth);
		yaml_event_delete(&event);
		if (answer < 0)
			return -1;
		if (is_end)
			return merge(reading, half);
	}
}

static int read_map(struct reading *reading, struct yaml *node, unsigned depth)
{
	struct half_map half = {.node = node};
	int answer = read_members(reading, &half, depth);

	if (answer == 0 && half.members.n > 0) {
		struct yaml_member *kept = arena_array(reading->arena, struct yaml_member,
						       half.members.n);
		memcpy(kept, half.members.v, half.members.n * sizeof(*kept));
		node->members = kept;
	}
	node->kind = YAML_MAP;
	node->count = half.members.n;
	map_release(&half.by_key);
	vec_release(&half.members);
	vec_release(&half.merged);
	return answer;
}

/* Where the scalar's text stands in its line just as it is, behind a quote if it has one; or 0. */
static unsigned text_column(const struct reading *reading, const struct yaml *node,
			    const yaml_event_t *event)
{
	yaml_scalar_style_t style = event->data.scalar.style;
	bool is_quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
			 style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	size_t at = vec_at(&reading->line_starts, node->line - 1) + node->column - 1;
	struct str rest = str_after(reading->text, MIN(at, reading->text.n));

	if (is_quoted && !str_empty(rest) && (rest.p[0] == '"' || rest.p[0] == '\''))
		return str_starts(str_after(rest, 1), node->text) ? node->column + 1 : 0;
	bool is_plain = style == YAML_PLAIN_SCALAR_STYLE;
	return is_plain && str_starts(rest, node->text) ? node->column : 0;
}

/* A tag of YAML's own says what it must be; any other tag is not for us. */
static int read_scalar(struct reading *reading, struct yaml *node, const yaml_event_t *event)
{
	struct str tag = text_of(event->data.scalar.tag), core = STR("tag:yaml.org,2002:");
	bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct str wanted = str_starts(tag, core) ? str_after(tag, core.n) : STR("");
	bool is_fit = true;

	node->text = arena_copy(reading->arena, str_make((const char *)event->data.scalar.value,
							 event->data.scalar.length));
	node->text_column = text_column(reading, node, event);
	node->kind = YAML_TEXT;
	if ((str_empty(tag) && is_plain) || is_one_of(wanted, "null bool int float"))
		resolve(node, reading->arena);
	if (str_eq(wanted, STR("null")))
		is_fit = node->kind == YAML_NULL;
	else if (str_eq(wanted, STR("bool")))
		is_fit = node->kind == YAML_BOOL;
	else if (str_eq(wanted, STR("int")))
		is_fit = node->kind == YAML_INT;
	else if (str_eq(wanted, STR("float")))
		is_fit = node->kind == YAML_FLOAT || node->kind == YAML_INT;
	if (!is_fit)
		return fail(reading, E_SYNTAX, (struct place){node->line, node->column},
			    "the value does not fit its tag");
	return 0;
}

static int read_alias(struct reading *reading, const yaml_event_t *event,
		      const struct yaml **ret_node)
{
	struct str name = text_of(event->data.alias.anchor);

	/* The last one of that name counts. */
	for (size_t i = reading->anchors.n; i-- > 0;) {
		const struct anchor *anchor = &reading->anchors.v[i];
		if (!str_eq(anchor->name, name))
			continue;
		if (!anchor->node)
			return fail(reading, E_SYNTAX, place_of(reading, event->start_mark),
				    "an anchor that contains itself");
		*ret_node = anchor->node;
		return 0;
	}
	return fail(reading, E_SYNTAX, place_of(reading, event->start_mark),
		    "an alias without an anchor");
}

/* Anchors are few: a list is searched faster than a table is kept. */
enum { ANCHORS_MAX = 1000 };

static int begin_anchor(struct reading *reading, const yaml_char_t *name, struct place place)
{
	if (!name)
		return 0;
	if (reading->anchors.n >= ANCHORS_MAX)
		return fail(reading, E_LIMIT, place, "too many anchors");
	vec_push(&reading->anchors,
		 (struct anchor){.name = arena_copy(reading->arena, text_of(name))});
	return 0;
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor;
	return event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
							: event->data.mapping_start.anchor;
}

static int read_content(struct reading *reading, struct yaml *node, const yaml_event_t *event,
			unsigned depth)
{
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(reading, node, event);
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return read_list(reading, node, depth);
	check(event->type == YAML_MAPPING_START_EVENT);
	return read_map(reading, node, depth);
}

static int read_node(struct reading *reading, const yaml_event_t *event, unsigned depth,
		     const struct yaml **ret_node)
{
	struct place place = place_of(reading, event->start_mark);
	size_t anchor = reading->anchors.n;

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(reading, event, ret_node);
	if (depth > reading->limit->depth)
		return fail(reading, E_LIMIT, place, "nested too deep");
	struct yaml *node = arena_new(reading->arena, struct yaml);
	node->line = place.line;
	node->column = place.column;
	node->weight = 1;
	if (begin_anchor(reading, anchor_of(event), place) < 0 ||
	    read_content(reading, node, event, depth) < 0)
		return -1;
	if (anchor_of(event))
		vec_at(&reading->anchors, anchor).node = node;
	*ret_node = node;
	return 0;
}

/* From after the beginning of the document to the end of the stream. */
static int read_document(struct reading *reading, const struct yaml **ret_root)
{
	struct yaml *nothing = arena_new(reading->arena, struct yaml);
	const struct yaml *root = NULL;
	yaml_event_type_t type;

	*nothing = (struct yaml){.kind = YAML_NULL, .line = 1, .column = 1, .weight = 1};
	do {
		yaml_event_t event;
		int answer = 0;
		if (next_event(reading, &event) < 0)
			return -1;
		type = event.type;
		bool is_content = type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT ||
				  type == YAML_SEQUENCE_START_EVENT ||
				  type == YAML_MAPPING_START_EVENT;
		if (type == YAML_DOCUMENT_START_EVENT && root)
			answer = fail(reading, E_SYNTAX, place_of(reading, event.start_mark),
				      "a second document");
		else if (is_content)
			answer = read_node(reading, &event, 1, &root);
		yaml_event_delete(&event);
		if (answer < 0)
			return -1;
	} while (type != YAML_STREAM_END_EVENT);
	*ret_root = root ? root : nothing;
	return 0;
}

int yaml_parse(struct str text, const struct yaml_limit *limit, struct arena *arena,
	       const struct yaml **ret_root, struct err *err)
{
	struct reading reading = {.limit = limit, .text = text, .arena = arena, .err = err};

	check(limit->depth <= YAML_DEPTH_MAX);
	if (text.n > limit->bytes)
		return err_set(err, E_LIMIT, "%zu bytes of YAML, more than %zu", text.n,
			       limit->bytes);
	check(yaml_parser_initialize(&reading.parser) == 1);
	yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reading.parser,
				     (const unsigned char *)(text.n > 0 ? text.p : ""), text.n);
	find_lines(&reading);
	int answer = read_document(&reading, ret_root);
	yaml_parser_delete(&reading.parser);
	vec_release(&reading.line_starts);
	vec_release(&reading.anchors);
	return answer;
}

/* ---- looking at it ---- */

const struct yaml *yaml_get(const struct yaml *map, struct str key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++) {
		if (str_eq(map->members[i].key, key))
			return map->members[i].value;
	}
	return NULL;
}

struct str yaml_text(const struct yaml *node)
{
	return node && node->kind != YAML_NULL ? node->text : (struct str){0};
}

const char *yaml_kind_name(const struct yaml *node)
{
	static const char *const names[] = {
		[YAML_NULL] = "nothing",   [YAML_BOOL] = "true or false", [YAML_INT] = "a number",
		[YAML_FLOAT] = "a number", [YAML_TEXT] = "a text",	  [YAML_LIST] = "a list",
		[YAML_MAP] = "a map",
	};
	static_assert(COUNTOF(names) == YAML_MAP + 1);
	return names[node ? node->kind : YAML_NULL];
}

int yaml_err(const struct yaml *node, struct err *err, const char *fmt, ...)
{
	char words[ERR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	return err_at(err, E_SYNTAX, node->line, node->column, "%s", words);
}

int yaml_err_move(const struct yaml *node, struct err *err)
{
	struct err inner = *err;

	if (node->text_column && inner.line <= 1)
		return err_move(err, node->line, node->text_column);
	return err_at(err, inner.code, node->line, node->column, "%s", inner.text);
}
