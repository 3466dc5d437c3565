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

static void choices(const char *const *names, struct buf *out)
{
	for (size_t i = 0; names[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", names[i]);
}

/* Of a shell's `case`: "sim\ push". */
static void pattern(const char *name, struct buf *out)
{
	for (; *name; name++)
		buf_printf(out, "%s%c", *name == ' ' ? "\\" : "", *name);
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
		buf_char(out, '\t');
		pattern(command->name, out);
		buf_printf(out, ":--%s", option->name);
		if (option->letter) {
			buf_char(out, '|');
			pattern(command->name, out);
			buf_printf(out, ":-%c", option->letter);
		}
		if (takes_file(option)) {
			buf_str(out, STR(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"));
		} else {
			buf_str(out, STR(") COMPREPLY=($(compgen -W '"));
			choices(option->choices, out);
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

static bool has_operand_words(const struct command *command)
{
	return command->words || command->verbs || takes_command(command);
}

/* What the first operand may be. */
static void operand_words(const struct command *command, struct buf *out)
{
	if (command->words)
		choices(command->words, out);
	if (takes_command(command))
		command_names(" ", out);
	verb_words(command, out);
}

static void bash_words(const struct command *command, struct buf *out)
{
	buf_char(out, '\t');
	pattern(command->name, out);
	buf_str(out, STR(") words='"));
	each_option(option, command)
		buf_printf(out, "--%s%s ", option->name, option->type == OPTION_FLAG ? "" : "=");
	operand_words(command, out);
	buf_str(out, STR("' ;;\n"));
}

/* The word behind a command that has verbs belongs to its name. */
static void bash_verb(const struct command *command, struct buf *out)
{
	if (command->verbs)
		buf_printf(out,
			   "\tif [[ $command == %s && $COMP_CWORD -gt 2 && ${COMP_WORDS[2]} != -* "
			   "]]; then\n\t\tcommand+=\" ${COMP_WORDS[2]}\"\n\tfi\n",
			   command->name);
}

static void bash(struct buf *out)
{
	const struct command *command;

	buf_str(out, STR("# bash completion for tiphys\n"
			 "_tiphys() {\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			 "\tlocal words command=${COMP_WORDS[1]}\n"
			 "\tif ((COMP_CWORD == 1)); then\n"
			 "\t\tCOMPREPLY=($(compgen -W '"));
	command_names(" ", out);
	buf_str(out, STR(" --help --version' -- \"$cur\"))\n"
			 "\t\treturn\n"
			 "\tfi\n"
			 "\t# \"--name=value\" comes as three words.\n"
			 "\tif [[ $cur == = ]]; then cur=; fi\n"
			 "\tif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"));
	for (size_t i = 0; i < command_count; i++)
		bash_verb(commands[i], out);
	buf_str(out, STR("\tcase $command:$prev in\n"));
	for (size_t i = 0; (command = command_at(i)); i++)
		bash_values(command, out);
	buf_str(out, STR("\tesac\n\tcase $command in\n"));
	for (size_t i = 0; (command = command_at(i)); i++)
		bash_words(command, out);
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
		choices(option->choices, out);
		buf_char(out, ')');
	} else if (takes_file(option)) {
		buf_str(out, STR("_files"));
	}
	buf_char(out, '\'');
}

static void zsh_command(const struct command *command, struct buf *out)
{
	buf_char(out, '\t');
	pattern(command->name, out);
	buf_str(out, STR(")\n\t\t_arguments"));
	each_option(option, command) zsh_option(option, out);
	if (has_operand_words(command)) {
		buf_str(out, STR(" \\\n\t\t\t'1:which:("));
		operand_words(command, out);
		buf_str(out, STR(")'"));
	}
	buf_str(out, STR(" ;;\n"));
}

static void zsh(struct buf *out)
{
	const struct command *command;

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
			 "\tlocal command=$words[2]\n"));
	for (size_t i = 0; i < command_count; i++)
		if (commands[i]->verbs)
			buf_printf(
				out,
				"\tif [[ $command == %s && $CURRENT -gt 3 && $words[3] != -* ]]; "
				"then\n\t\tcommand+=\" $words[3]\"\n\t\tshift words\n"
				"\t\t((CURRENT--))\n\tfi\n",
				commands[i]->name);
	buf_str(out, STR("\tshift words\n"
			 "\t((CURRENT--))\n"
			 "\tcase $command in\n"));
	for (size_t i = 0; (command = command_at(i)); i++)
		zsh_command(command, out);
	buf_str(out, STR("\tesac\n}\n\n"
			 "if [[ $funcstack[1] == _tiphys ]]; then\n"
			 "\t_tiphys \"$@\"\n"
			 "else\n"
			 "\tcompdef _tiphys tiphys\n"
			 "fi\n"));
}

/* ---- fish ---- */

/* "complete -c tiphys -n '...'": when the command line is about this command. */
static void fish_when(const struct command *command, struct buf *out)
{
	struct str rest = str_of(command->name), word;

	buf_str(out, STR("complete -c tiphys -n '"));
	for (const char *and = ""; str_cut(&rest, ' ', &word); and = "; and ")
		buf_printf(out, "%s__fish_seen_subcommand_from " STR_FMT, and, STR_ARG(word));
	if (command->verbs) {
		buf_str(out, STR("; and not __fish_seen_subcommand_from "));
		verb_words(command, out);
	}
	buf_char(out, '\'');
}

static void fish_option(const struct command *command, const struct option *option, struct buf *out)
{
	fish_when(command, out);
	buf_printf(out, " -l %s", option->name);
	if (option->letter)
		buf_printf(out, " -s %c", option->letter);
	if (option->type != OPTION_FLAG)
		buf_str(out, takes_file(option) ? STR(" -r -F") : STR(" -x"));
	if (option->type == OPTION_CHOICE) {
		buf_str(out, STR(" -a '"));
		choices(option->choices, out);
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
	const struct command *command;

	buf_str(out, STR("# fish completion for tiphys\ncomplete -c tiphys -f\n"));
	for (size_t i = 0; i < command_count; i++)
		buf_printf(out, "complete -c tiphys -n __fish_use_subcommand -a %s -d '%s'\n",
			   commands[i]->name, commands[i]->summary);
	for (size_t i = 0; (command = command_at(i)); i++) {
		each_option(option, command) fish_option(command, option, out);
		if (!has_operand_words(command))
			continue;
		fish_when(command, out);
		buf_str(out, STR(" -a '"));
		operand_words(command, out);
		buf_str(out, STR("'\n"));
	}
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
	NULL,
};
static_assert(COUNTOF(shell_names) == SHELLS + 1);

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
	check_failed(__FILE__, __LINE__, "a word that is none");
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
	.words = shell_names,
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
