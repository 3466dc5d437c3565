#include "cmd/options.h"

#include "base/check.h"
#include "base/nearest.h"
#include "base/when.h"

#include <string.h>

struct parser {
	const struct option_table *tables;
	size_t table_count;
	int argc;
	char *const *argv;
	int at; /* the argument that comes next */
	char *values;
	struct text_list seen; /* names of options that were given */
};

static void *field_of(const struct option_table *table, const struct option *option, void *values)
{
	return (char *)values + table->base + option->offset;
}

static int set_flag(struct str text, bool *field, const struct option *option, struct err *err)
{
	bool is_true = str_eq(text, STR("true"));
	if (!is_true && !str_eq(text, STR("false")))
		return err_set(err, E_USAGE, "--%s is true or false, not '" STR_FMT "'",
			       option->name, STR_ARG(text));
	*field = is_true;
	return 0;
}

static int set_count(struct str text, uint32_t *field, const struct option *option, struct err *err)
{
	uint64_t value;
	if (!str_to_u64(text, &value) || value < 1 || value > option->max)
		return err_set(err, E_USAGE, "--%s is a number from 1 to %u, not '" STR_FMT "'",
			       option->name, option->max, STR_ARG(text));
	*field = (uint32_t)value;
	return 0;
}

static int set_duration(struct str text, int64_t *field, const struct option *option,
			struct err *err)
{
	if (duration_parse(text, field, err) < 0) {
		err->code = E_USAGE;
		return err_wrap(err, "--%s '" STR_FMT "' (a time is written like 90s or 1h30m)",
				option->name, STR_ARG(text));
	}
	return 0;
}

static int set_choice(struct str text, int *field, const struct option *option, struct err *err)
{
	for (int i = 0; option->choices[i]; i++)
		if (str_eq(text, str_of(option->choices[i]))) {
			*field = i;
			return 0;
		}
	return err_set(err, E_USAGE, "--%s is one of %s, not '" STR_FMT "'", option->name,
		       option->value, STR_ARG(text));
}

int option_set(const struct option *option, struct str text, void *field, struct err *err)
{
	switch (option->type) {
	case OPTION_FLAG:
		return set_flag(text, field, option, err);
	case OPTION_TEXT:
		*(struct str *)field = text;
		return 0;
	case OPTION_LIST:
		vec_push((struct text_list *)field, text);
		return 0;
	case OPTION_COUNT:
		return set_count(text, field, option, err);
	case OPTION_DURATION:
		return set_duration(text, field, option, err);
	case OPTION_CHOICE:
		return set_choice(text, field, option, err);
	}
	check_failed(__FILE__, __LINE__, "an option has a type");
}

static void zero_field(const struct option *option, void *field)
{
	static const size_t bytes[] = {
		[OPTION_FLAG] = sizeof(bool),
		[OPTION_TEXT] = sizeof(struct str),
		[OPTION_LIST] = sizeof(struct text_list),
		[OPTION_COUNT] = sizeof(uint32_t),
		[OPTION_DURATION] = sizeof(int64_t),
		[OPTION_CHOICE] = sizeof(int),
	};
	static_assert(COUNTOF(bytes) == OPTION_TYPES);
	memset(field, 0, bytes[option->type]);
}

void options_init(const struct option_table *tables, size_t table_count, void *values)
{
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count; i++) {
			const struct option *option = &tables[t].options[i];
			void *field = field_of(&tables[t], option, values);
			struct err err = {0};
			zero_field(option, field);
			if (option->fallback)
				check(option_set(option, str_of(option->fallback), field, &err) ==
				      0);
		}
}

void options_release(const struct option_table *tables, size_t table_count, void *values)
{
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count; i++)
			if (tables[t].options[i].type == OPTION_LIST)
				vec_release((struct text_list *)field_of(
					&tables[t], &tables[t].options[i], values));
}

/* By its name, or by its letter if the name is empty. NULL: there is none. */
static const struct option *find(const struct parser *parser, struct str name, char letter,
				 void **ret_field)
{
	for (size_t t = 0; t < parser->table_count; t++)
		for (size_t i = 0; i < parser->tables[t].count; i++) {
			const struct option *option = &parser->tables[t].options[i];
			bool fits = str_empty(name) ? option->letter == letter
						    : str_eq(name, str_of(option->name));
			if (!fits)
				continue;
			*ret_field = field_of(&parser->tables[t], option, parser->values);
			return option;
		}
	return NULL;
}

static int unknown(const struct parser *parser, struct str name, struct err *err)
{
	struct nearest nearest = nearest_to(name);
	for (size_t t = 0; t < parser->table_count; t++)
		for (size_t i = 0; i < parser->tables[t].count; i++)
			nearest_try(&nearest, parser->tables[t].options[i].name);
	if (nearest.best)
		return err_set(err, E_USAGE, "unknown flag --" STR_FMT "; did you mean --%s?",
			       STR_ARG(name), nearest.best);
	return err_set(err, E_USAGE, "unknown flag --" STR_FMT, STR_ARG(name));
}

/* Not twice, unless it is a list. */
static int mark_seen(struct parser *parser, const struct option *option, struct err *err)
{
	if (option->type == OPTION_LIST)
		return 0;
	struct str name = str_of(option->name);
	vec_each(seen, &parser->seen)
		if (str_eq(*seen, name))
			return err_set(err, E_USAGE, "--%s is given twice", option->name);
	vec_push(&parser->seen, name);
	return 0;
}

/* `attached` is what came with the flag, after "=" or the letter; p == NULL: nothing. */
static int take(struct parser *parser, const struct option *option, struct str attached,
		void *field, struct err *err)
{
	if (mark_seen(parser, option, err) < 0)
		return -1;
	if (attached.p)
		return option_set(option, attached, field, err);
	if (option->type == OPTION_FLAG)
		return option_set(option, STR("true"), field, err);
	const char *next = parser->at < parser->argc ? parser->argv[parser->at] : NULL;
	if (!next)
		return err_set(err, E_USAGE, "--%s needs a value: --%s=%s", option->name,
			       option->name, option->value);
	if (next[0] == '-' && next[1])
		return err_set(err, E_USAGE, "--%s needs a value; if it is '%s', write --%s='%s'",
			       option->name, next, option->name, next);
	parser->at++;
	return option_set(option, str_of(next), field, err);
}

static int take_long(struct parser *parser, struct str text, struct err *err)
{
	struct str name = text, value = {0};
	size_t at;
	if (str_find_char(text, '=', &at)) {
		name = str_first(text, at);
		value = str_after(text, at + 1);
	}
	void *field;
	const struct option *option = str_empty(name) ? NULL : find(parser, name, 0, &field);
	if (!option)
		return unknown(parser, name, err);
	return take(parser, option, value, field, err);
}

static int take_short(struct parser *parser, struct str text, struct err *err)
{
	void *field;
	const struct option *option = find(parser, STR(""), text.p[0], &field);
	if (!option)
		return err_set(err, E_USAGE, "unknown flag -%c", text.p[0]);
	struct str value = str_after(text, 1);
	if (str_empty(value))
		value = (struct str){0};
	else if (value.p[0] == '=')
		value = str_after(value, 1);
	else if (option->type == OPTION_FLAG)
		return err_set(err, E_USAGE, "-" STR_FMT ": write flags one by one", STR_ARG(text));
	return take(parser, option, value, field, err);
}

static int parse(struct parser *parser, struct text_list *operands, struct err *err)
{
	bool is_all_operands = false;
	while (parser->at < parser->argc) {
		struct str arg = str_of(parser->argv[parser->at++]);
		int result = 0;
		if (is_all_operands || arg.n < 2 || arg.p[0] != '-')
			vec_push(operands, arg);
		else if (str_eq(arg, STR("--")))
			is_all_operands = true;
		else if (arg.p[1] == '-')
			result = take_long(parser, str_after(arg, 2), err);
		else
			result = take_short(parser, str_after(arg, 1), err);
		if (result < 0)
			return -1;
	}
	return 0;
}

int options_parse(const struct option_table *tables, size_t table_count, int argc,
		  char *const *argv, void *values, struct text_list *operands, struct err *err)
{
	struct parser parser = {
		.tables = tables,
		.table_count = table_count,
		.argc = argc,
		.argv = argv,
		.values = values,
	};
	int result = parse(&parser, operands, err);
	vec_release(&parser.seen);
	return result;
}
