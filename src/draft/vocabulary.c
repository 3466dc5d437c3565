#include "draft/vocabulary.h"

#include "base/buf.h"
#include "base/check.h"

enum { WORD_BYTES_MAX = 63 }; /* of a label's value */

static const struct {
	const char *word;
	enum stage_rank rank;
} words[] = {
	{"dev", RANK_DEV},
	{"devel", RANK_DEV},
	{"develop", RANK_DEV},
	{"development", RANK_DEV},
	{"lab", RANK_DEV},
	{"sandbox", RANK_DEV},
	{"sbx", RANK_DEV},
	{"ci", RANK_TEST},
	{"int", RANK_TEST},
	{"integration", RANK_TEST},
	{"sit", RANK_TEST},
	{"test", RANK_TEST},
	{"testing", RANK_TEST},
	{"tst", RANK_TEST},
	{"acc", RANK_QA},
	{"acceptance", RANK_QA},
	{"e2e", RANK_QA},
	{"qa", RANK_QA},
	{"uat", RANK_QA},
	{"beta", RANK_STAGING},
	{"nonprd", RANK_STAGING},
	{"nonprod", RANK_STAGING},
	{"nonproduction", RANK_STAGING},
	{"pre", RANK_STAGING},
	{"prelive", RANK_STAGING},
	{"preprd", RANK_STAGING},
	{"preprod", RANK_STAGING},
	{"preproduction", RANK_STAGING},
	{"stage", RANK_STAGING},
	{"staging", RANK_STAGING},
	{"stg", RANK_STAGING},
	{"canary", RANK_CANARY},
	{"live", RANK_PRODUCTION},
	{"prd", RANK_PRODUCTION},
	{"prod", RANK_PRODUCTION},
	{"production", RANK_PRODUCTION},
	{"dr", RANK_RECOVERY},
	{"drp", RANK_RECOVERY},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

static bool find_exactly(struct str word, enum stage_rank *ret)
{
	for (size_t i = 0; i < COUNTOF(words); i++)
		if (str_eq_nocase(word, str_of(words[i].word))) {
			*ret = words[i].rank;
			return true;
		}
	return false;
}

/* "test2" is test. */
static bool find_word(struct str word, enum stage_rank *ret)
{
	if (find_exactly(word, ret))
		return true;
	while (word.n > 0 && is_digit(word.p[word.n - 1]))
		word.n--;
	return word.n > 0 && find_exactly(word, ret);
}

/* "pre-prod-1" becomes "preprod1". */
static bool find_joined(struct str value, enum stage_rank *ret)
{
	auto_buf struct buf joined = BUF_INIT(WORD_BYTES_MAX);

	for (size_t i = 0; i < value.n; i++)
		if (!is_separator(value.p[i]))
			buf_char(&joined, value.p[i]);
	return !buf_overflowed(&joined) && find_word(buf_view(&joined), ret);
}

/* The next piece between separators; false when there was none left. */
static bool cut_piece(struct str *rest, struct str *ret)
{
	while (rest->n > 0 && is_separator(rest->p[0]))
		*rest = str_after(*rest, 1);
	if (rest->n == 0)
		return false;
	size_t n = 0;
	while (n < rest->n && !is_separator(rest->p[n]))
		n++;
	*ret = str_first(*rest, n);
	*rest = str_after(*rest, n);
	return true;
}

/* "non-prod-eu" has the words "nonprod" and then "eu": what two pieces make comes first. */
static enum vocabulary_fit find_inside(struct str value, enum stage_rank *ret)
{
	struct str rest = value, piece, next;
	enum vocabulary_fit fit = VOCABULARY_NONE;
	enum stage_rank rank;

	while (cut_piece(&rest, &piece)) {
		struct str behind = rest;
		bool has_next = cut_piece(&behind, &next);
		struct str both = has_next ? str_make(piece.p, (size_t)(next.p - piece.p) + next.n)
					   : piece;
		if (has_next && find_joined(both, &rank))
			rest = behind;
		else if (!find_word(piece, &rank))
			continue;
		if (fit == VOCABULARY_PART && rank != *ret)
			return VOCABULARY_NONE;
		fit = VOCABULARY_PART;
		*ret = rank;
	}
	return fit;
}

enum vocabulary_fit vocabulary_find(struct str value, enum stage_rank *ret)
{
	if (find_joined(value, ret))
		return VOCABULARY_WHOLE;
	enum vocabulary_fit fit = find_inside(value, ret);
	if (fit == VOCABULARY_NONE)
		*ret = RANK_UNKNOWN;
	return fit;
}
