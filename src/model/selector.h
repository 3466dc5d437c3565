#pragma once
/*
 * selector: which Applications are meant, by their labels: the grammar of Kubernetes, all of it.
 *
 *	env=test, env==test        the label env is test
 *	env!=test                  it is not test, or there is none
 *	env in (test, stg)         it is one of these
 *	env notin (test, stg)      it is none of these, or there is none
 *	env, !env                  there is such a label; there is none
 *	tier>2, tier<5             it is an integer, and greater or less
 *
 * Requirements are joined by commas and all of them must hold. Blanks, tabs and line ends may stand
 * between the parts. A value may be empty: "env=", "env in ()", "env in (test,)". What is accepted
 * is what Argo CD's API server accepts, oddities included, so a selector that was parsed here is
 * not refused there. One thing differs on purpose: an empty selector is an error.
 *
 *	struct selector selector = {0};
 *
 *	if (selector_parse(text, &selector, err) < 0)
 *		return err_wrap(err, "--selector '" STR_FMT "'", STR_ARG(text));
 *	if (selector_matches(&selector, labels, label_count))
 *		...
 *	selector_release(&selector);
 *
 * Keys and values are views of the text that was parsed: it must outlive the selector.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SELECTOR_BYTES_MAX = 4096, /* it travels in a URL */
	LABEL_NAME_BYTES_MAX = 63, /* of a key, behind its prefix */
	LABEL_PREFIX_BYTES_MAX = 253,
	LABEL_VALUE_BYTES_MAX = 63,
};

enum selector_op {
	SELECTOR_IN,	 /* "=", "==" and "in" */
	SELECTOR_NOT_IN, /* "!=" and "notin" */
	SELECTOR_EXISTS,
	SELECTOR_NOT_EXISTS,
	SELECTOR_GREATER,
	SELECTOR_LESS,
};

struct requirement {
	struct str key;
	enum selector_op op;
	size_t first_value, value_count; /* in the selector's `values` */
	int64_t bound;			 /* GREATER, LESS */
};

struct selector {
	VEC(struct requirement) requirements;
	VEC(struct str) values;
};

struct label {
	struct str key, value;
};

/*
 * Errors: E_USAGE if the text is empty or blank; E_SYNTAX with the column, in bytes from 1; E_LIMIT
 * if it is longer than SELECTOR_BYTES_MAX.
 */
[[nodiscard]] int selector_parse(struct str text, struct selector *ret_selector, struct err *err);

/* The same, in an arena: it lives as long as that and the text do, and is not released. */
[[nodiscard]] int selector_parse_in(struct arena *arena, struct str text,
				    const struct selector **ret_selector, struct err *err);

/* True if every requirement holds. The labels have different keys. */
bool selector_matches(const struct selector *selector, const struct label *labels, size_t count);

/*
 * The same for labels as one text, "env=test,tier=web": a label has no '=' and no ',' of its own.
 */
bool selector_selects(const struct selector *selector, struct str labels);

/* What a label's value is; false if there is no such label. */
bool selector_label(struct str labels, struct str key, struct str *ret_value);

/*
 * False if no labels of this kind can match: the value "*" stands for any value, and a key "*" for
 * any further labels. So says a template what will be made of it.
 */
bool selector_may_select(const struct selector *selector, struct str labels);

/* True if no labels at all can match: "env=test,env=prd". */
bool selector_is_void(const struct selector *selector);

/* Appends the requirements that all of them have, as a selector; nothing if there are none. */
void selector_shared(const struct selector *const *selectors, size_t count, struct buf *out);

void selector_release(struct selector *selector);
