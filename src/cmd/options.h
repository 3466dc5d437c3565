#pragma once
/*
 * options: flags on a command line, described by tables. The same tables make the help, the man
 * pages and the shell completion, so none of them can say something else.
 *
 *	struct sync_flags { struct str project; bool prune; int64_t revision_timeout_ms; };
 *	static const struct option sync_options[] = {
 *		{"prune", 0, OPTION_FLAG, OPTION_IN(struct sync_flags, prune, bool), ...},
 *		...
 *	};
 *
 *	struct sync_flags flags;
 *	options_init(tables, count, &flags);		the defaults
 *	if (options_parse(tables, count, argc, argv, &flags, &operands, err) < 0)
 *
 * Understood are `--name=value`, `--name value`, `--name` and `--name=false` of a flag, `-n value`,
 * `-nvalue`, `-n=value` and `--`, after which everything is an operand. Names are never shortened.
 * What is given twice is an error, except for lists: which one was meant cannot be known, and a
 * selector that is silently dropped is the wrong fleet.
 */
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_list VEC_OF(struct str);

enum option_type {
	OPTION_FLAG,	 /* bool */
	OPTION_TEXT,	 /* struct str, p == NULL if it was not given */
	OPTION_LIST,	 /* struct text_list: every one that was given */
	OPTION_COUNT,	 /* uint32_t, from 1 to `max` */
	OPTION_DURATION, /* int64_t, milliseconds */
	OPTION_CHOICE,	 /* int: an index into `choices` */
};
enum { OPTION_TYPES = OPTION_CHOICE + 1 };

/* Where the value goes. Does not compile if the field has another type. */
#define OPTION_IN(container, field, T)                                                             \
	(offsetof(container, field) + _Generic(((container *)0)->field, T : (size_t)0))

struct option {
	const char *name; /* without its dashes */
	char letter;	  /* of the short form, or 0 */
	enum option_type type;
	size_t offset;
	const char *value;	    /* stands for the value in the help: "SHA"; NULL for a flag */
	const char *help;	    /* begins in lower case, no full stop */
	const char *fallback;	    /* the default, written as on the command line; NULL: zero */
	const char *const *choices; /* CHOICE: ends with NULL */
	uint32_t max;		    /* COUNT */
	bool is_required;
	bool is_ignored; /* understood for the sake of others; not in the short help */
};

/*
 * A group of options under a title. They are parts of one struct, `base` bytes into the command's.
 */
struct option_table {
	const char *title;
	const struct option *options;
	size_t count;
	size_t base;
};

/* Sets every value to its default. */
void options_init(const struct option_table *tables, size_t table_count, void *values);

/*
 * argv[0] is the first argument, not the command. Texts stay views of argv. E_USAGE; the text says
 * which flag, and has the nearest name if it is unknown. Lists and operands are to be released also
 * after a failure. That a required one is missing is for options_check().
 */
[[nodiscard]] int options_parse(const struct option_table *tables, size_t table_count, int argc,
				char *const *argv, void *values, struct text_list *operands,
				struct err *err);

/* Reads the text of one value as that option's. */
[[nodiscard]] int option_set(const struct option *option, struct str text, void *field,
			     struct err *err);

void options_release(const struct option_table *tables, size_t table_count, void *values);
