#pragma once
/*
 * template: a text with "{{...}}" in it, as an ApplicationSet has them, in both of its languages.
 *
 * The plain one (fasttemplate): {{name}}, {{metadata.labels.env}}, {{values.x}}, with blanks at
 * will. What it doesn't know stays as it is, braces and all; that is no error.
 *
 * The Go one: {{.name}}, {{ .metadata.labels.env }}, {{index .metadata.labels "env"}},
 * {{index .path.segments 0}}, {{"text"}}, comments, and the trimming {{- -}}. A key that is not
 * there is "<no value>", or an error if missingkey=error was asked for; `index` of a label that is
 * not there is the empty text whatever was asked for. Pipes, functions, variables and blocks are
 * more than this model knows: they are an error that names the expression, where the real one would
 * evaluate them.
 *
 * Errors have the words of Go's text/template, with its idea of a position: the line from 1, the
 * column from 0, of a path with several names that of the second one.
 */
#include "argo/params.h"

struct template_language {
	bool is_go;
	bool missing_key_is_error;
};

/* False: *ret_error says why. Both live in the arena; of a text with nothing to be made in it comes
 * that very text. */
bool template_render(struct template_language language, struct str text,
		     const struct params *params, struct arena *arena, struct str *ret_text,
		     struct str *ret_error);

/* A text as the name of a Kubernetes object: what `nameNormalized` and its like are. */
struct str template_normalize(struct str name, struct arena *arena);
