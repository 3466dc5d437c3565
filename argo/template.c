#include "argo/template.h"

#include "base/buf.h"
#include "base/check.h"

#include <string.h>

/* What one text may become; longer than etcd takes. */
#define RENDERED_MAX (2 * MIB)

struct rendering {
	struct template_language language;
	struct str text;
	const struct params *params;
	struct arena *arena;
	struct buf *out;
	struct str error;
};

/* ---- the plain language ---- */

/* The real one asks a regular expression whose dot stops at a line's end. */
static bool is_templated(struct str text)
{
	struct str rest = text, line;

	while (str_cut(&rest, '\n', &line)) {
		size_t at;

		if (str_find(line, STR("{{"), &at) &&
		    str_find(str_after(line, at + 2), STR("}}"), NULL))
			return true;
	}
	return false;
}

static bool render_plain(struct rendering *r)
{
	struct str rest = r->text, value;
	size_t begin, end;

	if (!is_templated(r->text)) {
		buf_str(r->out, r->text);
		return true;
	}
	while (str_find(rest, STR("{{"), &begin)) {
		struct str tag = str_after(rest, begin + 2);

		if (!str_find(tag, STR("}}"), &end)) {
			r->error = arena_printf(
				r->arena,
				"invalid template: Cannot find end tag=\"}}\" in the "
				"template=\"" STR_FMT "\" starting from \"" STR_FMT "\"",
				STR_ARG(r->text), STR_ARG(tag));
			return false;
		}
		tag = str_first(tag, end);
		buf_str(r->out, str_first(rest, begin));
		if (params_get(r->params, str_trim(tag), &value))
			buf_str(r->out, value);
		else
			buf_printf(r->out, "{{" STR_FMT "}}", STR_ARG(tag));
		rest = str_after(rest, begin + 2 + end + 2);
	}
	buf_str(r->out, rest);
	return true;
}

/* ---- Go's language ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* "template: :LINE:COLUMN: executing "" at <EXPRESSION>: WHAT" */
static bool go_fails(struct rendering *r, const char *at, struct str expression, struct str what)
{
	size_t offset = (size_t)(at - r->text.p), line = 1, column = offset;

	for (size_t i = 0; i < offset; i++) {
		if (r->text.p[i] == '\n') {
			line++;
			column = offset - i - 1;
		}
	}
	r->error = arena_printf(r->arena,
				"failed to execute go template " STR_FMT
				": template: :%zu:%zu: executing \"\" at <" STR_FMT ">: " STR_FMT,
				STR_ARG(r->text), line, column, STR_ARG(expression), STR_ARG(what));
	return false;
}

static bool go_unknown(struct rendering *r, struct str action)
{
	struct str expression = str_trim(action);

	return go_fails(r, expression.n ? expression.p : action.p, expression,
			STR("an expression that this model does not know"));
}

/* Takes a path of names, ".a.b", off *rest; "." is the empty one. False: there is none. */
static bool take_path(struct str *rest, struct str *ret_path)
{
	size_t n = 0;

	if (rest->n == 0 || rest->p[0] != '.')
		return false;
	while (n < rest->n && (rest->p[n] == '.' || is_word(rest->p[n])))
		n++;
	/* No names that are empty: "..", "a." */
	for (size_t i = 1; i <= n && n > 1; i++)
		if ((i == n || rest->p[i] == '.') && rest->p[i - 1] == '.')
			return false;
	*ret_path = str_first(*rest, n);
	*rest = str_after(*rest, n);
	return true;
}

/* Takes a text in quotes, without escapes. */
static bool take_literal(struct str *rest, struct str *ret_text)
{
	size_t end;

	if (rest->n == 0 || (rest->p[0] != '"' && rest->p[0] != '`') ||
	    !str_find_char(str_after(*rest, 1), rest->p[0], &end))
		return false;
	*ret_text = str_first(str_after(*rest, 1), end);
	*rest = str_after(*rest, end + 2);
	return !str_find_char(*ret_text, '\\', NULL);
}

/* Labels, annotations and values are maps of texts; all else may be anything. */
static const char *type_of(struct str key)
{
	static const struct str texts[] = {STR("metadata.labels."), STR("metadata.annotations."),
					   STR("values.")};

	for (size_t i = 0; i < COUNTOF(texts); i++)
		if (str_starts(key, texts[i]))
			return "string";
	return "interface {}";
}

/* Where a path leads to nothing: which name is the first that is not there, and below what. */
static bool go_missing(struct rendering *r, struct str path)
{
	struct str rest = str_after(path, 1), name, value, walked;
	size_t second;
	const char *at = path.p;

	if (str_find_char(str_after(path, 1), '.', &second))
		at = path.p + 1 + second;
	while (str_cut(&rest, '.', &name)) {
		walked = str_first(str_after(path, 1), (size_t)(name.p + name.n - path.p) - 1);
		if (params_have_below(r->params, walked))
			continue;
		if (params_get(r->params, walked, &value)) {
			str_cut(&rest, '.', &name);
			return go_fails(r, at, path,
					arena_printf(r->arena,
						     "can't evaluate field " STR_FMT " in type %s",
						     STR_ARG(name), type_of(walked)));
		}
		if (!r->language.missing_key_is_error)
			break;
		return go_fails(r, at, path,
				arena_printf(r->arena, "map has no entry for key \"" STR_FMT "\"",
					     STR_ARG(name)));
	}
	buf_str(r->out, STR("<no value>"));
	return true;
}

static bool go_field(struct rendering *r, struct str path, struct str action)
{
	struct str key = str_after(path, 1), value;

	if (params_get(r->params, key, &value)) {
		buf_str(r->out, value);
		return true;
	}
	/* The real one prints a map in Go's own way, which no name has ever been made of. */
	if (params_have_below(r->params, key))
		return go_unknown(r, action);
	return go_missing(r, path);
}

/* A key in quotes, or a place in a list: digits. */
static bool take_index(struct str *rest, struct str *ret_text)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9')
		n++;
	if (n == 0)
		return take_literal(rest, ret_text);
	*ret_text = str_first(*rest, n);
	*rest = str_after(*rest, n);
	return true;
}

/* The path itself is evaluated first, and may fail by itself. */
static bool go_index_of_nothing(struct rendering *r, struct str action, struct str path,
				struct str container)
{
	struct str value;

	if (params_get(r->params, container, &value))
		return go_unknown(r, action);
	if (r->language.missing_key_is_error && container.n == path.n - 1)
		return go_missing(r, path);
	return go_fails(r, action.p, action, STR("error calling index: index of untyped nil"));
}

/* index PATH "key" ... */
static bool go_index(struct rendering *r, struct str action)
{
	struct str rest = str_trim(str_after(action, 5)), path, key, name, value;

	if (!take_path(&rest, &path))
		return go_unknown(r, action);
	key = str_after(path, 1);
	rest = str_trim(rest);
	if (rest.n == 0)
		return go_unknown(r, action);
	while (rest.n) {
		struct str container = key;

		if (!take_index(&rest, &name))
			return go_unknown(r, action);
		rest = str_trim(rest);
		if (!params_have_below(r->params, container))
			return go_index_of_nothing(r, action, path, container);
		key = str_empty(key) ? name
				     : arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(key),
						    STR_ARG(name));
	}
	if (params_get(r->params, key, &value))
		buf_str(r->out, value);
	else if (params_have_below(r->params, key))
		return go_unknown(r, action);
	else if (path.n == 1)
		buf_str(r->out, STR("<no value>"));
	else if (str_ends(path, STR(".segments")))
		return go_fails(r, action.p, action,
				arena_printf(r->arena,
					     "error calling index: index out of range: " STR_FMT,
					     STR_ARG(name)));
	return true;
}

static bool go_action(struct rendering *r, struct str action)
{
	struct str rest = action, path, text;

	if (action.n == 0) {
		r->error = arena_printf(r->arena,
					"failed to parse template " STR_FMT
					": template: :1: missing value for command",
					STR_ARG(r->text));
		return false;
	}
	if (str_starts(action, STR("/*")) && str_ends(action, STR("*/")))
		return true;
	if (take_path(&rest, &path) && rest.n == 0 && path.n > 1)
		return go_field(r, path, action);
	rest = action;
	if (take_literal(&rest, &text) && rest.n == 0) {
		buf_str(r->out, text);
		return true;
	}
	if (str_starts(action, STR("index")) && action.n > 5 && is_blank(action.p[5]))
		return go_index(r, action);
	return go_unknown(r, action);
}

/* The end of an action, which a text in quotes may seem to have inside. */
static bool find_end(struct str text, size_t *ret_at)
{
	char quote = 0;

	for (size_t i = 0; i + 1 < text.n; i++) {
		if (quote)
			quote = text.p[i] == quote ? 0 : quote;
		else if (text.p[i] == '"' || text.p[i] == '`')
			quote = text.p[i];
		else if (text.p[i] == '}' && text.p[i + 1] == '}') {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

static bool render_go(struct rendering *r)
{
	struct str rest = r->text;
	size_t begin, end;

	while (str_find(rest, STR("{{"), &begin)) {
		struct str before = str_first(rest, begin), action = str_after(rest, begin + 2);
		bool trims_after = false;

		if (!find_end(action, &end)) {
			r->error = arena_printf(r->arena,
						"failed to parse template " STR_FMT
						": template: :1: unclosed action",
						STR_ARG(r->text));
			return false;
		}
		rest = str_after(action, end + 2);
		action = str_first(action, end);
		if (action.n > 1 && action.p[0] == '-' && is_blank(action.p[1])) {
			action = str_after(action, 1);
			while (before.n && is_blank(before.p[before.n - 1]))
				before.n--;
		}
		if (action.n > 1 && action.p[action.n - 1] == '-' &&
		    is_blank(action.p[action.n - 2])) {
			action.n--;
			trims_after = true;
		}
		buf_str(r->out, before);
		if (!go_action(r, str_trim(action)))
			return false;
		while (trims_after && rest.n && is_blank(rest.p[0]))
			rest = str_after(rest, 1);
	}
	buf_str(r->out, rest);
	return true;
}

/* ---- both ---- */

static bool render(struct template_language language, struct str text, const struct params *params,
		   struct arena *arena, struct str *ret_text, struct str *ret_error)
{
	auto_buf struct buf out = BUF_INIT(RENDERED_MAX);
	struct rendering r = {language, text, params, arena, &out, {0}};
	bool is_done = language.is_go ? render_go(&r) : render_plain(&r);

	if (!is_done)
		*ret_error = r.error;
	else
		*ret_text = arena_copy(arena, buf_view(&out));
	return is_done;
}

bool template_render(struct template_language language, struct str text,
		     const struct params *params, struct arena *arena, struct str *ret_text,
		     struct str *ret_error)
{
	if (str_find(text, STR("{{"), NULL))
		return render(language, text, params, arena, ret_text, ret_error);
	*ret_text = text;
	return true;
}

struct str template_normalize(struct str name, struct arena *arena)
{
	enum { DNS_NAME_MAX = 253 };
	struct str view = arena_copy(arena, name), result;
	char *p = arena_alloc(arena, view.n);

	for (size_t i = 0; i < view.n; i++) {
		char c = view.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		p[i] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'
			       ? c
			       : '-';
	}
	result = str_make(p, MIN(view.n, (size_t)DNS_NAME_MAX));
	while (result.n && (result.p[0] == '-' || result.p[0] == '.'))
		result = str_after(result, 1);
	while (result.n && (result.p[result.n - 1] == '-' || result.p[result.n - 1] == '.'))
		result.n--;
	return result;
}
