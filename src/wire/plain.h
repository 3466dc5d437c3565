#pragma once
/*
 * plain: text from outside made fit to be shown to people: one line, no control characters,
 * bounded, without what looks like a credential, and without the noise that gRPC puts in front of
 * every error.
 */
#include "base/arena.h"
#include "base/str.h"

/*
 * A copy of at most bytes_max bytes, "…" included where something was cut off. Runs of white space
 * and control characters become one space; bytes that are not UTF-8 become U+FFFD; JSON Web Tokens
 * and what follows "Bearer" or "Basic" become "[hidden]"; "rpc error: code = X desc = " is left
 * out.
 */
struct str plain_text(struct str text, size_t bytes_max, struct arena *arena);
