#pragma once
/*
 * words: one line of a script, cut into words at blanks; a word that begins with # ends it.
 *
 *	sync R2 env=test then env=prd concurrency=1     word 0 is the command
 *
 * Words are views of the script, which outlives them.
 *
 * No test of its own: every scenario is one.
 */
#include "base/str.h"

enum { WORDS_MAX = 64 };

struct words {
	struct str v[WORDS_MAX];
	size_t n;
};

/* False: there are more than WORDS_MAX. */
bool words_split(struct str line, struct words *ret_words);
/* All words but the first n. */
struct words words_after(const struct words *words, size_t n);

/* Empty if there is no such word. */
struct str word(const struct words *words, size_t i);
/* "KEY=VALUE" behind the command: the value; false if no word has this key. */
bool word_value(const struct words *words, const char *key, struct str *ret_value);
/* Whether this very word stands behind the command. */
bool word_flag(const struct words *words, const char *flag);
