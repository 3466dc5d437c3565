#include "model/selector.h"

#include "base/check.h"

/*
 * A parser with one token of lookahead. It follows the one of Kubernetes (apimachinery 0.34,
 * labels/selector.go) step by step, also where that is odd: "a in (x,)" and "a in (x,,y)" are
 * accepted, "a in (x,,)" is not. (Later versions accept it too; a server may be older.)
 */

/* ---- tokens ---- */

enum token_type {
	TOKEN_END,
	TOKEN_WORD, /* a key, a value, "in", "notin": what is meant depends on the place */
	TOKEN_COMMA,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_NOT,
	TOKEN_EQUALS,
	TOKEN_NOT_EQUALS,
	TOKEN_GREATER,
	TOKEN_LESS,
};

struct token {
	enum token_type type;
	struct str text;
	size_t at; /* its first byte, from 0 */
};

struct parser {
	struct str text;
	size_t at; /* behind `next` */
	struct token next;
	struct selector *selector;
	struct err *err;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum token_type symbol_type(char c)
{
	switch (c) {
	case ',':
		return TOKEN_COMMA;
	case '(':
		return TOKEN_OPEN;
	case ')':
		return TOKEN_CLOSE;
	case '!':
		return TOKEN_NOT;
	case '=':
		return TOKEN_EQUALS;
	case '>':
		return TOKEN_GREATER;
	case '<':
		return TOKEN_LESS;
	default:
		return TOKEN_WORD;
	}
}

static void scan(struct parser *p)
{
	while (p->at < p->text.n && is_blank(p->text.p[p->at]))
		p->at++;
	size_t begin = p->at;
	p->next = (struct token){.type = TOKEN_END, .at = begin};
	if (begin == p->text.n)
		return;
	char first = p->text.p[p->at++];
	enum token_type type = symbol_type(first);
	bool is_equals_next = p->at < p->text.n && p->text.p[p->at] == '=';
	if ((type == TOKEN_EQUALS || type == TOKEN_NOT) && is_equals_next) {
		p->at++;
		type = type == TOKEN_NOT ? TOKEN_NOT_EQUALS : TOKEN_EQUALS;
	}
	while (type == TOKEN_WORD && p->at < p->text.n && !is_blank(p->text.p[p->at]) &&
	       symbol_type(p->text.p[p->at]) == TOKEN_WORD)
		p->at++;
	p->next.type = type;
	p->next.text = str_make(p->text.p + begin, p->at - begin);
}

static struct token take(struct parser *p)
{
	struct token token = p->next;

	scan(p);
	return token;
}

/* ---- errors ---- */

static unsigned column_of(size_t at)
{
	return (unsigned)(at + 1);
}

static int expected(struct parser *p, const struct token *found, const char *what)
{
	if (found->type == TOKEN_END)
		return err_at(p->err, E_SYNTAX, 0, column_of(found->at),
			      "expected %s, found the end", what);
	return err_at(p->err, E_SYNTAX, 0, column_of(found->at), "expected %s, found '" STR_FMT "'",
		      what, STR_ARG(found->text));
}

/* A byte as an error names it. */
struct byte_text {
	char s[16];
};

static struct byte_text byte_text(char c)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char byte = (unsigned char)c;

	if (byte > ' ' && byte < 0x7f)
		return (struct byte_text){{'\'', c, '\'', '\0'}};
	return (struct byte_text){
		{'b', 'y', 't', 'e', ' ', '0', 'x', digits[byte >> 4], digits[byte & 15], '\0'}};
}

/* ---- the syntax of keys and values ---- */

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static bool is_name_byte(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* Letters, digits, '-', '_', '.', the first and the last one a letter or digit. Not empty. */
static int check_name(struct parser *p, struct str name, size_t at, size_t bytes_max,
		      const char *what)
{
	for (size_t i = 0; i < name.n; i++)
		if (!is_name_byte(name.p[i]))
			return err_at(p->err, E_SYNTAX, 0, column_of(at + i),
				      "%s may have letters, digits, '-', '_' and '.', not %s", what,
				      byte_text(name.p[i]).s);
	if (!is_alnum(name.p[0]))
		return err_at(p->err, E_SYNTAX, 0, column_of(at),
			      "%s must begin with a letter or a digit, not %s", what,
			      byte_text(name.p[0]).s);
	if (!is_alnum(name.p[name.n - 1]))
		return err_at(p->err, E_SYNTAX, 0, column_of(at + name.n - 1),
			      "%s must end with a letter or a digit, not %s", what,
			      byte_text(name.p[name.n - 1]).s);
	if (name.n > bytes_max)
		return err_at(p->err, E_SYNTAX, 0, column_of(at + bytes_max),
			      "%s has at most %zu characters, this one has %zu", what, bytes_max,
			      name.n);
	return 0;
}

/* One part of a DNS name. */
static int check_prefix_part(struct parser *p, struct str part, size_t at)
{
	if (part.n == 0)
		return err_at(p->err, E_SYNTAX, 0, column_of(at),
			      "a key's prefix is a DNS name: expected a lower-case letter or a "
			      "digit");
	for (size_t i = 0; i < part.n; i++) {
		bool is_inside = i > 0 && i + 1 < part.n;
		if (is_lower_alnum(part.p[i]) || (is_inside && part.p[i] == '-'))
			continue;
		return err_at(p->err, E_SYNTAX, 0, column_of(at + i),
			      "a key's prefix is a DNS name: %s may not stand here",
			      byte_text(part.p[i]).s);
	}
	return 0;
}

static int check_prefix(struct parser *p, struct str prefix, size_t at)
{
	struct str rest = prefix, part;

	if (prefix.n == 0)
		return err_at(p->err, E_SYNTAX, 0, column_of(at),
			      "expected a key's prefix before '/'");
	while (str_cut(&rest, '.', &part))
		if (check_prefix_part(p, part, at + (size_t)(part.p - prefix.p)) < 0)
			return -1;
	if (prefix.n > LABEL_PREFIX_BYTES_MAX)
		return err_at(p->err, E_SYNTAX, 0, column_of(at + LABEL_PREFIX_BYTES_MAX),
			      "a key's prefix has at most %d characters, this one has %zu",
			      LABEL_PREFIX_BYTES_MAX, prefix.n);
	return 0;
}

static int check_key(struct parser *p, const struct token *token)
{
	struct str name = token->text;
	size_t at = token->at, slash;

	if (str_find_char(name, '/', &slash)) {
		if (check_prefix(p, str_first(name, slash), at) < 0)
			return -1;
		name = str_after(name, slash + 1);
		at += slash + 1;
		if (name.n == 0)
			return err_at(p->err, E_SYNTAX, 0, column_of(at),
				      "expected a key's name behind '/'");
		if (str_find_char(name, '/', &slash))
			return err_at(p->err, E_SYNTAX, 0, column_of(at + slash),
				      "a key has at most one '/'");
	}
	return check_name(p, name, at, LABEL_NAME_BYTES_MAX, "a key's name");
}

static int add_value(struct parser *p, struct str value, size_t at)
{
	if (value.n > 0 && check_name(p, value, at, LABEL_VALUE_BYTES_MAX, "a value") < 0)
		return -1;
	vec_push(&p->selector->values, value);
	return 0;
}

static int add_word(struct parser *p, const struct token *word)
{
	return add_value(p, word->text, word->at);
}

/* ---- requirements ---- */

/* Behind '(': values and commas up to, not including, the ')'. At least one of them is there. */
static int parse_value_list(struct parser *p)
{
	size_t first = p->selector->values.n;

	for (;;) {
		struct token token = take(p);
		if (token.type == TOKEN_WORD) {
			if (add_word(p, &token) < 0)
				return -1;
			if (p->next.type == TOKEN_CLOSE)
				return 0;
			if (p->next.type != TOKEN_COMMA)
				return expected(p, &p->next, "',' or ')'");
			continue;
		}
		if (token.type != TOKEN_COMMA)
			return expected(p, &token, "a value or ','");
		/* An empty value: before the first comma, between two, behind the last one. */
		bool is_first = p->selector->values.n == first;
		bool is_doubled = p->next.type == TOKEN_COMMA;
		bool is_last = p->next.type == TOKEN_CLOSE;
		if ((is_first || is_doubled || is_last) && add_value(p, STR(""), token.at) < 0)
			return -1;
		if (is_last)
			return 0;
		if (is_doubled)
			take(p);
	}
}

static int parse_values(struct parser *p)
{
	struct token open = take(p);

	if (open.type != TOKEN_OPEN)
		return expected(p, &open, "'('");
	if (p->next.type == TOKEN_CLOSE) {
		take(p);
		return add_value(p, STR(""), open.at);
	}
	if (p->next.type != TOKEN_WORD && p->next.type != TOKEN_COMMA)
		return expected(p, &p->next, "a value, ',' or ')'");
	if (parse_value_list(p) < 0)
		return -1;
	struct token close = take(p);
	check(close.type == TOKEN_CLOSE);
	return 0;
}

static int parse_exact_value(struct parser *p)
{
	if (p->next.type == TOKEN_END || p->next.type == TOKEN_COMMA)
		return add_value(p, STR(""), p->next.at);
	struct token value = take(p);
	if (value.type != TOKEN_WORD)
		return expected(p, &value, "a value, ',' or the end");
	return add_word(p, &value);
}

static int parse_bound(struct parser *p, int64_t *ret_bound)
{
	struct token value = p->next;

	if (parse_exact_value(p) < 0)
		return -1;
	if (!str_to_i64(value.type == TOKEN_WORD ? value.text : STR(""), ret_bound))
		return expected(p, &value, "an integer");
	return 0;
}

/* Behind a key: an operator and what it compares with. */
static int parse_comparison(struct parser *p, struct requirement *requirement)
{
	struct token op = take(p);

	switch (op.type) {
	case TOKEN_EQUALS:
		requirement->op = SELECTOR_IN;
		return parse_exact_value(p);
	case TOKEN_NOT_EQUALS:
		requirement->op = SELECTOR_NOT_IN;
		return parse_exact_value(p);
	case TOKEN_GREATER:
		requirement->op = SELECTOR_GREATER;
		return parse_bound(p, &requirement->bound);
	case TOKEN_LESS:
		requirement->op = SELECTOR_LESS;
		return parse_bound(p, &requirement->bound);
	case TOKEN_WORD:
		if (!str_eq(op.text, STR("in")) && !str_eq(op.text, STR("notin")))
			break;
		requirement->op = op.text.n == 2 ? SELECTOR_IN : SELECTOR_NOT_IN;
		return parse_values(p);
	case TOKEN_END:
	case TOKEN_COMMA:
	case TOKEN_OPEN:
	case TOKEN_CLOSE:
	case TOKEN_NOT:
		break;
	}
	return expected(p, &op, "'=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end");
}

static int parse_requirement(struct parser *p)
{
	struct requirement requirement = {.op = SELECTOR_EXISTS};
	struct token key = take(p);

	requirement.first_value = p->selector->values.n;
	if (key.type == TOKEN_NOT) {
		requirement.op = SELECTOR_NOT_EXISTS;
		key = take(p);
	}
	if (key.type != TOKEN_WORD)
		return expected(p, &key, "a key");
	if (check_key(p, &key) < 0)
		return -1;
	requirement.key = key.text;
	bool is_over = p->next.type == TOKEN_END || p->next.type == TOKEN_COMMA;
	if (requirement.op == SELECTOR_EXISTS && !is_over && parse_comparison(p, &requirement) < 0)
		return -1;
	requirement.value_count = p->selector->values.n - requirement.first_value;
	vec_push(&p->selector->requirements, requirement);
	return 0;
}

static int parse_requirements(struct parser *p)
{
	for (;;) {
		if (p->next.type != TOKEN_WORD && p->next.type != TOKEN_NOT)
			return expected(p, &p->next, "a key or '!'");
		if (parse_requirement(p) < 0)
			return -1;
		struct token behind = take(p);
		if (behind.type == TOKEN_END)
			return 0;
		if (behind.type != TOKEN_COMMA)
			return expected(p, &behind, "',' or the end");
	}
}

int selector_parse(struct str text, struct selector *ret_selector, struct err *err)
{
	struct selector selector = {0};
	struct parser p = {.text = text, .selector = &selector, .err = err};

	if (str_empty(str_trim(text)))
		return err_set(err, E_USAGE,
			       "an empty selector would select everything; use --all");
	if (text.n > SELECTOR_BYTES_MAX)
		return err_set(err, E_LIMIT, "the selector has %zu bytes; at most %d are taken",
			       text.n, SELECTOR_BYTES_MAX);
	scan(&p);
	if (parse_requirements(&p) < 0) {
		selector_release(&selector);
		return -1;
	}
	*ret_selector = selector;
	return 0;
}

int selector_parse_in(struct arena *arena, struct str text, const struct selector **ret_selector,
		      struct err *err)
{
	struct selector parsed = {0};

	if (selector_parse(text, &parsed, err) < 0)
		return -1;
	struct selector *kept = arena_new(arena, struct selector);
	kept->requirements.n = parsed.requirements.n;
	kept->requirements.v = arena_array(arena, struct requirement, parsed.requirements.n);
	vec_each(requirement, &parsed.requirements)
		kept->requirements.v[requirement - parsed.requirements.v] = *requirement;
	kept->values.n = parsed.values.n;
	kept->values.v = arena_array(arena, struct str, parsed.values.n);
	vec_each(value, &parsed.values)
		kept->values.v[value - parsed.values.v] = *value;
	selector_release(&parsed);
	*ret_selector = kept;
	return 0;
}

void selector_release(struct selector *selector)
{
	vec_release(&selector->requirements);
	vec_release(&selector->values);
}

/* ---- matching ---- */

static const struct label *label_find(const struct label *labels, size_t count, struct str key)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(labels[i].key, key))
			return &labels[i];
	return NULL;
}

static bool has_value(const struct selector *selector, const struct requirement *requirement,
		      struct str value)
{
	for (size_t i = 0; i < requirement->value_count; i++)
		if (str_eq(vec_at(&selector->values, requirement->first_value + i), value))
			return true;
	return false;
}

static bool is_beyond(const struct requirement *requirement, struct str value)
{
	int64_t number;

	if (!str_to_i64(value, &number))
		return false;
	return requirement->op == SELECTOR_GREATER ? number > requirement->bound
						   : number < requirement->bound;
}

static bool requirement_holds(const struct selector *selector,
			      const struct requirement *requirement, const struct label *label)
{
	switch (requirement->op) {
	case SELECTOR_IN:
		return label && has_value(selector, requirement, label->value);
	case SELECTOR_NOT_IN:
		return !label || !has_value(selector, requirement, label->value);
	case SELECTOR_EXISTS:
		return label != NULL;
	case SELECTOR_NOT_EXISTS:
		return label == NULL;
	case SELECTOR_GREATER:
	case SELECTOR_LESS:
		return label && is_beyond(requirement, label->value);
	}
	check_failed(__FILE__, __LINE__, "an operator that is none");
}

bool selector_matches(const struct selector *selector, const struct label *labels, size_t count)
{
	vec_each(requirement, &selector->requirements) {
		const struct label *label = label_find(labels, count, requirement->key);
		if (!requirement_holds(selector, requirement, label))
			return false;
	}
	return true;
}

/* Would a label of this kind satisfy all that is required of its key? */
static bool label_fits(const struct selector *selector, const struct label *label)
{
	vec_each(requirement, &selector->requirements)
		if (str_eq(requirement->key, label->key) &&
		    !requirement_holds(selector, requirement, label))
			return false;
	return true;
}

bool selector_is_void(const struct selector *selector)
{
	vec_each(in, &selector->requirements) {
		bool is_possible = in->op != SELECTOR_IN;
		for (size_t i = 0; i < in->value_count && !is_possible; i++)
			is_possible = label_fits(
				selector, &(struct label){in->key, vec_at(&selector->values,
									  in->first_value + i)});
		if (!is_possible)
			return true;
	}
	return false;
}

/* ---- labels as one text ---- */

/* False if there is no such label. */
static bool label_in(struct str labels, struct str key, struct label *ret)
{
	struct str piece;

	while (!str_empty(labels)) {
		str_cut(&labels, ',', &piece);
		struct str found = {0};
		str_cut(&piece, '=', &found);
		if (str_eq(found, key)) {
			*ret = (struct label){key, piece};
			return true;
		}
	}
	return false;
}

bool selector_label(struct str labels, struct str key, struct str *ret_value)
{
	struct label label;

	if (!label_in(labels, key, &label))
		return false;
	*ret_value = label.value;
	return true;
}

bool selector_selects(const struct selector *selector, struct str labels)
{
	vec_each(requirement, &selector->requirements) {
		struct label label;
		bool is_there = label_in(labels, requirement->key, &label);
		if (!requirement_holds(selector, requirement, is_there ? &label : NULL))
			return false;
	}
	return true;
}

bool selector_may_select(const struct selector *selector, struct str labels)
{
	struct str any = STR("*");
	struct label label;
	bool is_open = label_in(labels, any, &label);

	vec_each(requirement, &selector->requirements) {
		bool is_there = label_in(labels, requirement->key, &label);
		if ((is_there && str_eq(label.value, any)) || (!is_there && is_open))
			continue;
		if (!requirement_holds(selector, requirement, is_there ? &label : NULL))
			return false;
	}
	return true;
}

/* ---- what several have in common ---- */

static bool requirement_same(const struct selector *a, const struct requirement *of_a,
			     const struct selector *b, const struct requirement *of_b)
{
	if (!str_eq(of_a->key, of_b->key) || of_a->op != of_b->op || of_a->bound != of_b->bound ||
	    of_a->value_count != of_b->value_count)
		return false;
	for (size_t i = 0; i < of_a->value_count; i++)
		if (!str_eq(vec_at(&a->values, of_a->first_value + i),
			    vec_at(&b->values, of_b->first_value + i)))
			return false;
	return true;
}

static bool has_requirement(const struct selector *selector, const struct selector *other,
			    const struct requirement *of_other)
{
	vec_each(requirement, &selector->requirements)
		if (requirement_same(selector, requirement, other, of_other))
			return true;
	return false;
}

static void say_values(const struct selector *selector, const struct requirement *requirement,
		       const char *op, struct buf *out)
{
	buf_printf(out, STR_FMT " %s (", STR_ARG(requirement->key), op);
	for (size_t i = 0; i < requirement->value_count; i++)
		buf_printf(out, "%s" STR_FMT, i > 0 ? "," : "",
			   STR_ARG(vec_at(&selector->values, requirement->first_value + i)));
	buf_char(out, ')');
}

static void say_requirement(const struct selector *selector, const struct requirement *requirement,
			    struct buf *out)
{
	switch (requirement->op) {
	case SELECTOR_IN:
		say_values(selector, requirement, "in", out);
		return;
	case SELECTOR_NOT_IN:
		say_values(selector, requirement, "notin", out);
		return;
	case SELECTOR_EXISTS:
		buf_str(out, requirement->key);
		return;
	case SELECTOR_NOT_EXISTS:
		buf_printf(out, "!" STR_FMT, STR_ARG(requirement->key));
		return;
	case SELECTOR_GREATER:
	case SELECTOR_LESS:
		buf_printf(out, STR_FMT "%c%lld", STR_ARG(requirement->key),
			   requirement->op == SELECTOR_GREATER ? '>' : '<',
			   (long long)requirement->bound);
		return;
	}
}

void selector_shared(const struct selector *const *selectors, size_t count, struct buf *out)
{
	size_t begin = out->n;

	vec_each(requirement, &selectors[0]->requirements) {
		bool is_shared = true;
		for (size_t i = 1; i < count; i++)
			is_shared = is_shared &&
				    has_requirement(selectors[i], selectors[0], requirement);
		if (!is_shared)
			continue;
		if (out->n > begin)
			buf_char(out, ',');
		say_requirement(selectors[0], requirement, out);
	}
}
