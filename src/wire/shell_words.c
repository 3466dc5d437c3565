#include "wire/shell_words.h"

#include <string.h>

#include "base/buf.h"

#define WORD_BYTES_MAX (1 * MIB)

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The rest after a backslash. The end of a line behind it is no character at all. */
static struct str take_escaped(struct str rest, struct buf *word)
{
	if (rest.p[0] != '\n')
		buf_char(word, rest.p[0]);
	return str_after(rest, 1);
}

static int take_single(struct str *rest, struct buf *word, struct err *err)
{
	size_t end;

	if (!str_find_char(*rest, '\'', &end))
		return err_set(err, E_USAGE, "a ' without its end");
	buf_str(word, str_first(*rest, end));
	*rest = str_after(*rest, end + 1);
	return 0;
}

static int take_double(struct str *rest, struct buf *word, struct err *err)
{
	while (!str_empty(*rest)) {
		char c = rest->p[0], next = rest->n > 1 ? rest->p[1] : 0;
		*rest = str_after(*rest, 1);
		if (c == '"')
			return 0;
		if (c == '\\' && next && strchr("$`\"\\\n", next))
			*rest = take_escaped(*rest, word);
		else
			buf_char(word, c);
	}
	return err_set(err, E_USAGE, "a \" without its end");
}

static int take_word(struct str *rest, struct buf *word, struct err *err)
{
	while (!str_empty(*rest) && !is_space(rest->p[0])) {
		char c = rest->p[0];
		int answer = 0;
		*rest = str_after(*rest, 1);
		if (c == '\\' && str_empty(*rest))
			return err_set(err, E_USAGE, "a \\ with nothing behind it");
		if (c == '\\')
			*rest = take_escaped(*rest, word);
		else if (c == '\'')
			answer = take_single(rest, word, err);
		else if (c == '"')
			answer = take_double(rest, word, err);
		else
			buf_char(word, c);
		if (answer < 0)
			return answer;
	}
	return 0;
}

int shell_words_split(struct str text, struct arena *arena, struct shell_words *words,
		      struct err *err)
{
	auto_buf struct buf word = BUF_INIT(WORD_BYTES_MAX);

	for (;;) {
		while (!str_empty(text) && (is_space(text.p[0]) || str_starts(text, STR("\\\n"))))
			text = str_after(text, is_space(text.p[0]) ? 1 : 2);
		if (str_empty(text))
			return 0;
		buf_clear(&word);
		if (take_word(&text, &word, err) < 0)
			return -1;
		if (buf_overflowed(&word))
			return err_set(err, E_LIMIT, "a word that is too long");
		vec_push(words, arena_copy(arena, buf_view(&word)));
	}
}
