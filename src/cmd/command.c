#include "cmd/command.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/nearest.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "io/output.h"
#include "model/exit_code.h"

#include <string.h>

const struct command *const commands[] = {
	&command_sync,	  &command_init,   &command_promote,   &command_runs,	    &command_show,
	&command_watch,	  &command_why,	   &command_history,   &command_approve,    &command_reject,
	&command_pause,	  &command_resume, &command_terminate, &command_retry,	    &command_skip,
	&command_runner,  &command_audit,  &command_sim,       &command_completion, &command_help,
	&command_version,
};
const size_t command_count = COUNTOF(commands);

const struct option general_options[] = {
	{"help", 'h', OPTION_FLAG, OPTION_IN(struct general_flags, help, bool),
	 .help = "show this help"},
};
static_assert(COUNTOF(general_options) == GENERAL_OPTIONS);

const struct command *command_at(size_t i)
{
	for (size_t c = 0; c < command_count; c++) {
		size_t verbs = commands[c]->verbs ? *commands[c]->verb_count : 0;
		if (i == 0)
			return commands[c];
		if (i <= verbs)
			return commands[c]->verbs[i - 1];
		i -= 1 + verbs;
	}
	return NULL;
}

const struct command *command_find(struct str name)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (str_eq(name, str_of(command->name)))
			return command;
	return NULL;
}

int command_unknown(struct str name, struct err *err)
{
	struct nearest nearest = nearest_to(name);
	const struct command *command;
	for (size_t i = 0; (command = command_at(i)); i++)
		nearest_try(&nearest, command->name);
	if (nearest.best)
		return err_set(err, E_USAGE, "unknown command '" STR_FMT "'; did you mean '%s'?",
			       STR_ARG(name), nearest.best);
	return err_set(err, E_USAGE, "unknown command '" STR_FMT "'", STR_ARG(name));
}

int command_unknown_verb(const struct command *command, struct str name)
{
	struct nearest nearest = nearest_to(name);
	struct err err = {0};

	for (size_t i = 0; i < *command->verb_count; i++)
		nearest_try(&nearest, command->verbs[i]->name + strlen(command->name) + 1);
	if (nearest.best)
		err_set(&err, E_USAGE, "unknown verb '" STR_FMT "'; did you mean '%s'?",
			STR_ARG(name), nearest.best);
	else
		err_set(&err, E_USAGE, "unknown verb '" STR_FMT "'", STR_ARG(name));
	say_error(&err, "`tiphys %s --help` lists the verbs", command->name);
	return EXIT_USAGE;
}

bool command_run_verb(const struct command *command, const struct invocation *invocation,
		      int *ret_code)
{
	auto_buf struct buf name = BUF_INIT(KIB);

	if (invocation->argc == 0 || invocation->argv[0][0] == '-')
		return false;
	buf_printf(&name, "%s %s", command->name, invocation->argv[0]);
	const struct command *verb = command_find(buf_view(&name));
	if (!verb) {
		*ret_code = command_unknown_verb(command, str_of(invocation->argv[0]));
		return true;
	}
	struct invocation rest = {.argc = invocation->argc - 1, .argv = invocation->argv + 1};
	*ret_code = verb->run(verb, &rest);
	return true;
}

/* Is it asked for anywhere, whatever else is wrong with the arguments? */
static bool wants_help(const struct invocation *invocation)
{
	for (int i = 0; i < invocation->argc; i++) {
		struct str arg = str_of(invocation->argv[i]);
		if (str_eq(arg, STR("--")))
			return false;
		if (str_eq(arg, STR("--help")) || str_eq(arg, STR("-h")))
			return true;
	}
	return false;
}

static int check_required(const struct command *command, const void *values, struct err *err)
{
	for (size_t t = 0; t < command->table_count; t++)
		for (size_t i = 0; i < command->tables[t].count; i++) {
			const struct option_table *table = &command->tables[t];
			const struct option *option = &table->options[i];
			if (!option->is_required)
				continue;
			check(option->type == OPTION_TEXT);
			const struct str *text = (const void *)((const char *)values + table->base +
								option->offset);
			if (!text->p)
				return err_set(err, E_USAGE, "--%s=%s is missing", option->name,
					       option->value);
			if (str_empty(str_trim(*text)))
				return err_set(err, E_USAGE, "--%s is empty", option->name);
		}
	return 0;
}

/* "'csh' is none of bash, zsh, fish" */
static int check_word(const struct command *command, struct str word, struct err *err)
{
	auto_buf struct buf all = BUF_INIT(KIB);

	for (size_t i = 0; command->words[i]; i++) {
		if (str_eq(word, str_of(command->words[i])))
			return 0;
		buf_printf(&all, "%s%s", i ? ", " : "", command->words[i]);
	}
	return err_set(err, E_USAGE, "'" STR_FMT "' is none of %s", STR_ARG(word), buf_cstr(&all));
}

bool command_parse(const struct command *command, const struct invocation *invocation, void *values,
		   struct text_list *operands, int *ret_code)
{
	options_init(command->tables, command->table_count, values);
	if (wants_help(invocation)) {
		help_show(command);
		*ret_code = EXIT_DONE;
		return false;
	}
	struct err err = {0};
	int result = options_parse(command->tables, command->table_count, invocation->argc,
				   invocation->argv, values, operands, &err);
	if (result == 0 && operands->n > 0 && !command->operands)
		result = err_set(&err, E_USAGE, "unexpected argument '" STR_FMT "'",
				 STR_ARG(operands->v[0]));
	if (result == 0)
		result = check_required(command, values, &err);
	if (result == 0 && operands->n > 0 && command->words)
		result = check_word(command, operands->v[0], &err);
	if (result == 0)
		return true;
	say_error(&err, "`tiphys %s --help` shows the flags and two examples", command->name);
	*ret_code = EXIT_USAGE;
	return false;
}
