#include "world/words.h"

bool words_split(struct str line, struct words *words)
{
	struct str word;

	words->n = 0;
	while (str_cut(&line, ' ', &word)) {
		if (str_empty(word))
			continue;
		if (str_starts(word, STR("#")))
			return true;
		if (words->n == WORDS_MAX)
			return false;
		words->v[words->n++] = word;
	}
	return true;
}

struct words words_after(const struct words *words, size_t n)
{
	struct words rest = {0};

	for (size_t i = n; i < words->n; i++)
		rest.v[rest.n++] = words->v[i];
	return rest;
}

struct str word(const struct words *words, size_t i)
{
	return i < words->n ? words->v[i] : STR("");
}

bool word_value(const struct words *words, const char *key, struct str *ret_value)
{
	for (size_t i = 1; i < words->n; i++) {
		struct str rest = words->v[i], name;
		if (str_cut(&rest, '=', &name) && str_eq(name, str_of(key)) && rest.p) {
			*ret_value = rest;
			return true;
		}
	}
	return false;
}

bool word_flag(const struct words *words, const char *flag)
{
	for (size_t i = 1; i < words->n; i++)
		if (str_eq(words->v[i], str_of(flag)))
			return true;
	return false;
}
