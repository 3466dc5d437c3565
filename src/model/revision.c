#include "model/revision.h"

enum { SHA_DIGITS = 40, SHA_DIGITS_MIN = 7, SHA_DIGITS_SHOWN = 7 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_hex(struct str text, bool is_any_case)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = is_any_case ? lower(text.p[i]) : text.p[i];
		if (!is_digit(c) && (c < 'a' || c > 'f'))
			return false;
	}
	return text.n > 0;
}

static bool has_any(struct str text, const char *chars)
{
	for (; *chars; chars++)
		if (str_find_char(text, *chars, NULL))
			return true;
	return false;
}

static bool is_number(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_digit(text.p[i]))
			return false;
	return text.n > 0;
}

static bool is_wildcard(struct str text)
{
	return str_eq_nocase(text, STR("x"));
}

/*
 * "1.2.3", "v1.2.3-rc.1+build": a version. "1", "v1.2" and "1.2.x" leave numbers open, so Argo CD
 * reads them as ranges.
 */
static enum revision_kind version_kind(struct str text)
{
	struct str rest = text, part;
	size_t suffix;
	unsigned parts = 0;
	bool is_open = false;

	if (text.n > 1 && lower(text.p[0]) == 'v')
		rest = str_after(text, 1);
	for (suffix = 0; suffix < rest.n; suffix++)
		if (rest.p[suffix] == '-' || rest.p[suffix] == '+')
			break;
	bool has_suffix = suffix < rest.n;
	rest = str_first(rest, suffix);
	while (str_cut(&rest, '.', &part)) {
		if (!is_number(part) && !(parts > 0 && is_wildcard(part)))
			return REVISION_NAME;
		is_open = is_open || is_wildcard(part);
		parts++;
	}
	if (parts > 3)
		return REVISION_NAME;
	if (parts == 3 && !is_open)
		return REVISION_VERSION;
	/* "2024-stable" and "1-fix" are names that people give to branches. */
	return has_suffix ? REVISION_NAME : REVISION_RANGE;
}

enum revision_kind revision_kind(struct str text)
{
	if (is_hex(text, false) && text.n == SHA_DIGITS)
		return REVISION_SHA;
	if (is_hex(text, false) && text.n >= SHA_DIGITS_MIN && text.n < SHA_DIGITS)
		return REVISION_SHORT_SHA;
	struct str first = str_first(text, text.n > 0);
	bool is_pair = has_any(first, "0123456789") && has_any(text, " ");
	/* No name in Git has '*', '^' or '~', and comparisons begin with '<', '>', '=' or '!'. */
	if (has_any(text, "*^~|") || has_any(first, "<>=!") || is_pair)
		return REVISION_RANGE;
	return version_kind(text);
}

/* ---- refusing ---- */

/* What a shell passes on as it is, so that it can stand in a command that people copy. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!is_digit(c) && !is_letter(c) && c != '.' && c != '_' && c != '/' &&
		    (c != '-' || i == 0))
			return false;
	}
	return text.n > 0;
}

/*
 * Upper case is refused, not made lower: targetRevision, syncResult and our own POST are compared
 * as texts, here and in Argo CD, so a run at a SHA that the user did not write could wait for ever
 * for an Application that says it the user's way.
 */
static int refuse_digits(struct str text, struct err *err)
{
	char sha[SHA_DIGITS + 1] = {0};

	if (text.n != SHA_DIGITS)
		return err_set(err, E_USAGE,
			       "'" STR_FMT "' has %zu hexadecimal digits; the SHA of a commit has "
			       "%d",
			       STR_ARG(text), text.n, SHA_DIGITS);
	for (size_t i = 0; i < SHA_DIGITS; i++)
		sha[i] = lower(text.p[i]);
	return err_set(err, E_USAGE,
		       "'" STR_FMT "' has upper-case digits, and Argo CD compares revisions as "
		       "texts; give it as Git writes it: %s",
		       STR_ARG(text), sha);
}

static int refuse_name(struct str text, const char *reason, struct err *err)
{
	if (!is_plain(text))
		return err_set(err, E_USAGE,
			       "'" STR_FMT "' is %s; give the full SHA of a commit: git rev-parse "
			       "HEAD",
			       STR_ARG(text), reason);
	/* rev-parse of an annotated tag alone gives the tag's own SHA. */
	return err_set(err, E_USAGE,
		       "'" STR_FMT "' is %s; give the full SHA: git rev-parse '" STR_FMT
		       "^{commit}'",
		       STR_ARG(text), reason, STR_ARG(text));
}

int revision_check(struct str text, struct err *err)
{
	enum revision_kind kind = revision_kind(text);

	if (kind == REVISION_SHA)
		return 0;
	if (str_empty(str_trim(text)))
		return err_set(err, E_USAGE,
			       "the revision is empty; give the full SHA of a commit: git "
			       "rev-parse HEAD");
	if (str_trim(text).n != text.n)
		return err_set(err, E_USAGE, "'" STR_FMT "' has white space around it",
			       STR_ARG(text));
	bool is_short = kind == REVISION_SHORT_SHA ||
			(is_hex(text, true) && text.n >= SHA_DIGITS_MIN && text.n < SHA_DIGITS);
	if (is_short)
		return err_set(err, E_USAGE,
			       "'" STR_FMT "' is a short SHA, which may come to name something "
			       "else; give the full one: git rev-parse " STR_FMT,
			       STR_ARG(text), STR_ARG(text));
	if (is_hex(text, true) && text.n >= SHA_DIGITS)
		return refuse_digits(text, err);
	if (kind == REVISION_RANGE)
		return err_set(err, E_USAGE,
			       "'" STR_FMT "' is a version range, which moves with every release; "
			       "give the full SHA of a commit: git rev-parse HEAD",
			       STR_ARG(text));
	if (kind == REVISION_VERSION)
		return refuse_name(text, "a version, that is a tag or a chart, and may be moved",
				   err);
	return refuse_name(text, "a name, which may move", err);
}

struct str revision_short(struct str text)
{
	return revision_kind(text) == REVISION_SHA ? str_first(text, SHA_DIGITS_SHOWN) : text;
}
