#pragma once
/*
 * reading: walks a JSON object that somebody sent, and says where in it something is wrong:
 * "spec.generators[0].list.elements: a list is wanted, not a text".
 *
 *	struct reading r = {.intern = ..., .self = ..., .err = err};
 *	struct at root = {.value = object}, spec = at_key(&root, "spec");
 *	app->spec.project = read_required(&r, at_key(&spec, "project"));
 *	...
 *	if (r.has_failed)
 *		return -1;
 *
 * What is absent reads as empty. The first error stays; what is read after it is of no use. Texts
 * are interned, so they outlive the object.
 */
#include "argo/object.h"
#include "base/err.h"
#include "wire/json.h"

struct reading {
	struct str (*intern)(void *self, struct str text);
	void *self;
	struct err *err;
	bool has_failed;
};

/* A place in the object. Its upper one must live as long. */
struct at {
	const struct at *up;
	const char *key; /* NULL: the index of a list, or the root */
	size_t index;
	const struct json *value; /* NULL: there is nothing */
};

struct at at_key(const struct at *up, const char *key);
struct at at_index(const struct at *up, size_t i);

/* Keeps the first error. E_SYNTAX. */
void reading_fail(struct reading *r, const struct at *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct str read_text(struct reading *r, struct at at);
struct str read_required(struct reading *r, struct at at); /* not empty */
bool read_flag(struct reading *r, struct at at, bool otherwise);
int64_t read_number(struct reading *r, struct at at);
/* How many items or members it has; it must be of this kind, or absent. */
size_t read_count(struct reading *r, const struct at *at, enum json_kind kind);
/* A value of this kind as canonical text; empty: there is none. */
struct str read_json(struct reading *r, struct at at, enum json_kind kind);

/* {"a":"b"}, with sorted keys; [{"name":"a","value":"b"}]; ["a"], keys only. NULL: none. */
struct pair_list *read_pairs(struct reading *r, struct at at);
struct pair_list *read_names_and_values(struct reading *r, struct at at);
struct pair_list *read_texts(struct reading *r, struct at at);

/* A label selector, {"matchLabels": …, "matchExpressions": …}, in the grammar of model/selector:
 * "a=b,c in (d,e)". */
struct str read_selector(struct reading *r, struct at at);
