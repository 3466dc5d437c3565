#pragma once
/*
 * shell_words: a text cut into words as a shell would, and nothing expanded: single quotes keep
 * everything, double quotes all but a backslash before $ ` " \ and the end of a line, a backslash
 * outside keeps the next character.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct shell_words VEC_OF(struct str);

/* Appends to `words`; texts live in the arena. Error: E_USAGE for a quote that does not end. */
[[nodiscard]] int shell_words_split(struct str text, struct arena *arena, struct shell_words *words,
				    struct err *err);
