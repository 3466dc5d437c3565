#pragma once
/*
 * header_list: the value of a --header flag, which may hold several: "A: 1,B: 2". As in the argocd
 * CLI a comma separates them, and double quotes around one keep its commas together: "\"A: 1,2\"".
 * Beyond that, a piece without a colon belongs to the one before, so that "Accept: a, b" is what it
 * looks like.
 */
#include "base/arena.h"
#include "base/err.h"
#include "cmd/options.h"

/* Appends "Name: value" for each; texts are views or in the arena. E_USAGE */
[[nodiscard]] int header_list_parse(struct str text, struct arena *arena, struct text_list *ret,
				    struct err *err);
