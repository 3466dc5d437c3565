#include "cmd/completion.h"

#include "base/check.h"
#include "cmd/command.h"
#include "cmd/say.h"
#include "io/output.h"
#include "model/exit_code.h"

#include <string.h>

enum { SCRIPT_BYTES_MAX = 128 * 1024 };

/* A loop over the options of a command that its help shows: `option` is each in turn. */
#define each_option(option, command)                                                               \
	for (size_t t_ = 0; t_ < (command)->table_count; t_++)                                     \
		for (const struct option *option = (command)->tables[t_].options;                  \
		     option < (command)->tables[t_].options + (command)->tables[t_].count;         \
		     option++)                                                                     \
			if (!option->is_ignored)

static bool takes_file(const struct option *option)
{
	return option->value && strcmp(option->value, "FILE") == 0;
}

static bool takes_command(const struct command *command)
{
	return command->operands && strcmp(command->operands, "[COMMAND]") == 0;
}

static void command_names(const char *separator, struct buf *out)
{
	for (size_t i = 0; i < command_count; i++)
		buf_printf(out, "%s%s", i ? separator : "", commands[i]->name);
}

static void choices(const struct option *option, const char *separator, struct buf *out)
{
	for (size_t i = 0; option->choices[i]; i++)
		buf_printf(out, "%s%s", i ? separator : "", option->choices[i]);
}

/* Text between single quotes, of a shell that ends them with a quote only. */
static void quoted(const char *text, const char *also_escape, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_str(out, STR("'\\''"));
		else if (strchr(also_escape, *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_char(out, *text);
	}
}

/* ---- bash ---- */

static void bash_values(const struct command *command, struct buf *out)
{
	each_option(option, command)
	{
		if (option->type != OPTION_CHOICE && !takes_file(option))
			continue;
		buf_printf(out, "\t%s:--%s", command->name, option->name);
		if (option->letter)
			buf_printf(out, "|%s:-%c", command->name, option->letter);
		if (takes_file(option)) {
			buf_str(out, STR(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"));
		} else {
			buf_str(out, STR(") COMPREPLY=($(compgen -W '"));
			choices(option, " ", out);
			buf_str(out, STR("' -- \"$cur\")); return ;;\n"));
		}
	}
}

/* "push" of "sim push". */
static const char *verb_word(const struct command *command, size_t i)
{
	return command->verbs[i]->name + strlen(command->name) + 1;
}

static void verb_words(const struct command *command, struct buf *out)
{
	for (size_t i = 0; command->verbs && i < *command->verb_count; i++)
		buf_printf(out, "%s%s", i ? " " : "", verb_word(command, i));
}

static void bash_words(const struct command *command, struct buf *out)
{
	buf_printf(out, "\t%s) words='", command->name);
	each_option(option, command)
		buf_printf(out, "--%s%s ", option->name, option->type == OPTION_FLAG ? "" : "=");
	if (command == &command_completion)
		buf_str(out, STR("bash zsh fish"));
	if (takes_command(command))
		command_names(" ", out);
	verb_words(command, out);
	buf_str(out, STR("' ;;\n"));
}

static void bash(struct buf *out)
{
	buf_str(out, STR("# bash completion for tiphys\n"
			 "_tiphys() {\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			 "\tlocal words\n"
			 "\tif ((COMP_CWORD == 1)); then\n"
			 "\t\tCOMPREPLY=($(compgen -W '"));
	command_names(" ", out);
	buf_str(out, STR(" --help --version' -- \"$cur\"))\n"
			 "\t\treturn\n"
			 "\tfi\n"
			 "\t# \"--name=value\" comes as three words.\n"
			 "\tif [[ $cur == = ]]; then cur=; fi\n"
			 "\tif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
			 "\tcase ${COMP_WORDS[1]}:$prev in\n"));
	for (size_t i = 0; i < command_count; i++)
		bash_values(commands[i], out);
	buf_str(out, STR("\tesac\n\tcase ${COMP_WORDS[1]} in\n"));
	for (size_t i = 0; i < command_count; i++)
		bash_words(commands[i], out);
	buf_str(out, STR("\tesac\n"
			 "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
			 "\tif [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi\n"
			 "}\n"
			 "complete -F _tiphys tiphys\n"));
}

/* ---- zsh ---- */

static void zsh_option(const struct option *option, struct buf *out)
{
	const char *repeated = option->type == OPTION_LIST ? "*" : "";
	const char *glue = option->type == OPTION_FLAG ? "" : "=";
	if (option->letter && option->type != OPTION_LIST)
		buf_printf(out, " \\\n\t\t\t'(-%c --%s)'{-%c%s,--%s%s}'[", option->letter,
			   option->name, option->letter, *glue ? "+" : "", option->name, glue);
	else
		buf_printf(out, " \\\n\t\t\t'%s--%s%s[", repeated, option->name, glue);
	quoted(option->help, "[]\\", out);
	buf_char(out, ']');
	if (option->value) {
		buf_char(out, ':');
		quoted(option->value, ":\\", out);
		buf_char(out, ':');
	}
	if (option->type == OPTION_CHOICE) {
		buf_char(out, '(');
		choices(option, " ", out);
		buf_char(out, ')');
	} else if (takes_file(option)) {
		buf_str(out, STR("_files"));
	}
	buf_char(out, '\'');
}

static void zsh(struct buf *out)
{
	buf_str(out, STR("#compdef tiphys\n\n"
			 "_tiphys() {\n"
			 "\tlocal -a commands=(\n"));
	for (size_t i = 0; i < command_count; i++) {
		buf_printf(out, "\t\t'%s:", commands[i]->name);
		quoted(commands[i]->summary, ":", out);
		buf_str(out, STR("'\n"));
	}
	buf_str(out, STR("\t)\n"
			 "\tif ((CURRENT == 2)); then\n"
			 "\t\t_describe command commands\n"
			 "\t\treturn\n"
			 "\tfi\n"
			 "\tlocal command=$words[2]\n"
			 "\tshift words\n"
			 "\t((CURRENT--))\n"
			 "\tcase $command in\n"));
	for (size_t i = 0; i < command_count; i++) {
		buf_printf(out, "\t%s)\n\t\t_arguments", commands[i]->name);
		each_option(option, commands[i]) zsh_option(option, out);
		if (commands[i] == &command_completion)
			buf_str(out, STR(" \\\n\t\t\t'1:shell:(bash zsh fish)'"));
		if (takes_command(commands[i])) {
			buf_str(out, STR(" \\\n\t\t\t'1:command:("));
			command_names(" ", out);
			buf_str(out, STR(")'"));
		}
		if (commands[i]->verbs) {
			buf_str(out, STR(" \\\n\t\t\t'1:verb:("));
			verb_words(commands[i], out);
			buf_str(out, STR(")'"));
		}
		buf_str(out, STR(" ;;\n"));
	}
	buf_str(out, STR("\tesac\n}\n\n"
			 "if [[ $funcstack[1] == _tiphys ]]; then\n"
			 "\t_tiphys \"$@\"\n"
			 "else\n"
			 "\tcompdef _tiphys tiphys\n"
			 "fi\n"));
}

/* ---- fish ---- */

static void fish_option(const struct command *command, const struct option *option, struct buf *out)
{
	buf_printf(out, "complete -c tiphys -n '__fish_seen_subcommand_from %s' -l %s",
		   command->name, option->name);
	if (option->letter)
		buf_printf(out, " -s %c", option->letter);
	if (option->type != OPTION_FLAG)
		buf_str(out, takes_file(option) ? STR(" -r -F") : STR(" -x"));
	if (option->type == OPTION_CHOICE) {
		buf_str(out, STR(" -a '"));
		choices(option, " ", out);
		buf_char(out, '\'');
	}
	buf_str(out, STR(" -d '"));
	/* In fish's single quotes a quote and a backslash are escaped by a backslash. */
	for (const char *p = option->help; *p; p++) {
		if (strchr("'\\", *p))
			buf_char(out, '\\');
		buf_char(out, *p);
	}
	buf_str(out, STR("'\n"));
}

static void fish(struct buf *out)
{
	buf_str(out, STR("# fish completion for tiphys\ncomplete -c tiphys -f\n"));
	for (size_t i = 0; i < command_count; i++)
		buf_printf(out, "complete -c tiphys -n __fish_use_subcommand -a %s -d '%s'\n",
			   commands[i]->name, commands[i]->summary);
	for (size_t i = 0; i < command_count; i++)
		each_option(option, commands[i]) fish_option(commands[i], option, out);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->verbs)
			continue;
		buf_printf(out, "complete -c tiphys -n '__fish_seen_subcommand_from %s' -a '",
			   commands[i]->name);
		verb_words(commands[i], out);
		buf_str(out, STR("'\n"));
	}
	buf_str(out, STR("complete -c tiphys -n '__fish_seen_subcommand_from completion' "
			 "-a 'bash zsh fish'\n"
			 "complete -c tiphys -n '__fish_seen_subcommand_from help' -a '"));
	command_names(" ", out);
	buf_str(out, STR("'\n"));
}

void completion_write(enum shell shell, struct buf *out)
{
	switch (shell) {
	case SHELL_BASH:
		bash(out);
		return;
	case SHELL_ZSH:
		zsh(out);
		return;
	case SHELL_FISH:
		fish(out);
		return;
	}
}

/* ---- the verb ---- */

static const char *const shell_names[] = {
	[SHELL_BASH] = "bash",
	[SHELL_ZSH] = "zsh",
	[SHELL_FISH] = "fish",
};
static_assert(COUNTOF(shell_names) == SHELLS);

static const struct option_table tables[] = {
	{"General flags", general_options, GENERAL_OPTIONS, 0},
};

static int fail(const struct err *err)
{
	say_error(err, "it is one of bash, zsh, fish: tiphys completion bash");
	return EXIT_USAGE;
}

static int write_script(const struct text_list *operands)
{
	struct err err = {0};
	if (operands->n == 0) {
		err_set(&err, E_USAGE, "the name of a shell is missing");
		return fail(&err);
	}
	if (operands->n > 1) {
		err_set(&err, E_USAGE, "unexpected argument '" STR_FMT "'",
			STR_ARG(operands->v[1]));
		return fail(&err);
	}
	for (size_t i = 0; i < SHELLS; i++) {
		if (!str_eq(operands->v[0], str_of(shell_names[i])))
			continue;
		auto_buf struct buf out = BUF_INIT(SCRIPT_BYTES_MAX);
		completion_write((enum shell)i, &out);
		check(!buf_overflowed(&out));
		output_write(OUTPUT_DATA, buf_view(&out));
		return EXIT_DONE;
	}
	err_set(&err, E_USAGE, "unknown shell '" STR_FMT "'", STR_ARG(operands->v[0]));
	return fail(&err);
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct general_flags flags;
	struct text_list operands = {0};
	int code;
	if (command_parse(self, invocation, &flags, &operands, &code))
		code = write_script(&operands);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, MEANS_DONE}, {EXIT_USAGE, MEANS_USAGE}, {-1, NULL}};

const struct command command_completion = {
	.name = "completion",
	.summary = "a script that completes commands and flags in your shell",
	.operands = "bash|zsh|fish",
	.description =
		"Writes a script for the shell that is named. Have the shell read it when it "
		"starts.",
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"In ~/.bashrc", "source <(tiphys completion bash)"},
		     {"For fish",
		      "tiphys completion fish >~/.config/fish/completions/tiphys.fish"}},
	.exit_codes = exit_codes,
	.run = run,
};
