#pragma once
/*
 * yaml: reads one YAML document into a tree in which every node knows where it stands, so that an
 * error about its meaning can name line and column.
 *
 *	auto_arena struct arena arena = {0};
 *	const struct yaml *root;
 *
 *	if (yaml_parse(text, &YAML_LIMIT, &arena, &root, err) < 0)
 *		return -1;
 *	const struct yaml *soak = yaml_get(root, STR("soak"));
 *	if (soak && soak->kind != YAML_TEXT)
 *		return yaml_err(soak, err, "soak must be a duration");
 *
 * What plain words mean is as in the Go library that Argo CD, Helm and kubectl read YAML with (YAML
 * 1.1): "yes", "on", "n" are booleans, "0777" and "0o777" are octal, "~" is null. In quotes
 * everything is text. The text of a plain word is kept too: a version 1.10 is the text "1.10" to
 * whom asks for text.
 *
 * `<<` merges a map, or a list of maps of which an earlier one wins; the map's own keys win over
 * them. An alias is the very node of its anchor, and what a document grows to by aliases is
 * limited. Two equal keys are an error, as is a second document. JSON is YAML.
 *
 * Errors never quote a value of the document, which may be a secret.
 *
 * Behind it is libyaml's parser; no other file includes it. It allocates for itself while it
 * parses.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum yaml_kind {
	YAML_NULL,
	YAML_BOOL,
	YAML_INT,
	YAML_FLOAT,
	YAML_TEXT,
	YAML_LIST,
	YAML_MAP,
};

struct yaml_member;

struct yaml {
	enum yaml_kind kind;
	unsigned line, column; /* from 1; the column in bytes */
	struct str text;       /* a scalar's, as it is written (without quotes and escapes) */
	/* where that begins in the line; 0 if it does not stand there so: escapes, several lines */
	unsigned text_column;
	bool flag;			   /* BOOL */
	int64_t number;			   /* INT */
	size_t count;			   /* of a LIST or MAP */
	const struct yaml *const *items;   /* LIST */
	const struct yaml_member *members; /* MAP: its own in their order, then those merged in */
	size_t weight; /* nodes below it and itself, aliases counted each time */
};

struct yaml_member {
	struct str key;
	unsigned line, column; /* of the key */
	const struct yaml *value;
};

struct yaml_limit {
	size_t bytes;
	unsigned depth;
	size_t nodes; /* in the end, aliases counted each time */
};

enum { YAML_DEPTH_MAX = 200 };
#define YAML_LIMIT ((struct yaml_limit){.bytes = 1024 * 1024, .depth = 100, .nodes = 100'000})

/*
 * The tree lives in the arena; texts do too. An empty text is a null. Error: E_SYNTAX or
 * E_LIMIT.
 */
[[nodiscard]] int yaml_parse(struct str text, const struct yaml_limit *limit, struct arena *arena,
			     const struct yaml **ret_root, struct err *err);

/* The member of a map; NULL if there is none, or it is no map. */
const struct yaml *yaml_get(const struct yaml *map, struct str key);

/* A scalar's text, whatever it means; empty for null, for NULL, for a list or map. */
struct str yaml_text(const struct yaml *node);

/* "text", "a number", "a list": for errors. NULL is null. */
const char *yaml_kind_name(const struct yaml *node);

/* Describes an error at this node: E_SYNTAX with its line and column. Returns -1. */
int yaml_err(const struct yaml *node, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * What a parser said of a scalar's text, with a column in that, becomes an error about the
 * document: with the very place, or with the scalar's and both columns. The error has not been
 * wrapped yet. Returns -1.
 */
int yaml_err_move(const struct yaml *node, struct err *err);
