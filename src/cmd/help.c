#include "cmd/help.h"

#include "base/check.h"
#include "cmd/say.h"
#include "cmd/version.h"
#include "io/output.h"
#include "model/exit_code.h"

#include <string.h>

enum {
	HELP_BYTES_MAX = 64 * 1024,
	WIDTH = 80,
	FLAG_WIDTH = 30, /* the column in which explanations begin */
	CODE_WIDTH = 7,
};

static const char about[] =
	"Tiphys steers releases over a fleet of Kubernetes clusters run by Argo CD.";

static void blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_char(out, ' ');
}

/* One paragraph in lines of WIDTH, each indented; the first line is already `column` wide. */
static void wrap(struct str text, size_t indent, size_t column, struct buf *out)
{
	struct str word;
	bool is_first = true;
	while (str_cut(&text, ' ', &word)) {
		if (column + !is_first + word.n > WIDTH) {
			buf_char(out, '\n');
			column = 0;
		} else if (!is_first) {
			buf_char(out, ' ');
			column++;
		}
		if (column < indent) {
			blanks(out, indent - column);
			column = indent;
		}
		buf_str(out, word);
		column += word.n;
		is_first = false;
	}
	buf_char(out, '\n');
}

/* Paragraphs are separated by an empty line, and may be broken into lines anywhere. */
static void paragraphs(const char *text, struct buf *out)
{
	struct str rest = str_of(text);
	while (!str_empty(rest)) {
		size_t at;
		struct str paragraph = rest;
		if (str_find(rest, STR("\n\n"), &at)) {
			paragraph = str_first(rest, at);
			rest = str_after(rest, at + 2);
		} else {
			rest = str_after(rest, rest.n);
		}
		wrap(paragraph, 0, 0, out);
		buf_char(out, '\n');
	}
}

void help_flag(const struct option *option, struct buf *out)
{
	if (option->letter)
		buf_printf(out, "-%c, ", option->letter);
	else
		buf_str(out, STR("    "));
	buf_printf(out, "--%s", option->name);
	if (option->value)
		buf_printf(out, "=%s", option->value);
}

static void option_text(const struct option *option, struct buf *out)
{
	size_t start = out->n;
	buf_str(out, STR("  "));
	help_flag(option, out);
	size_t column = out->n - start;
	if (column + 2 > FLAG_WIDTH) {
		buf_char(out, '\n');
		column = 0;
	}
	auto_buf struct buf help = BUF_INIT(HELP_BYTES_MAX);
	buf_str(&help, str_of(option->help));
	if (option->fallback)
		buf_printf(&help, " (default %s)", option->fallback);
	if (option->is_required)
		buf_str(&help, STR(" (required)"));
	blanks(out, FLAG_WIDTH - column);
	wrap(buf_view(&help), FLAG_WIDTH, FLAG_WIDTH, out);
}

static void table_text(const struct option_table *table, struct buf *out)
{
	buf_printf(out, "%s:\n", table->title);
	for (size_t i = 0; i < table->count; i++)
		if (!table->options[i].is_ignored)
			option_text(&table->options[i], out);
	buf_char(out, '\n');
}

static void verbs_text(const struct command *command, struct buf *out)
{
	if (!command->verbs)
		return;
	buf_str(out, STR("Verbs:\n"));
	for (size_t i = 0; i < *command->verb_count; i++)
		buf_printf(out, "  %-12s %s\n", command->verbs[i]->name,
			   command->verbs[i]->summary);
	buf_str(out, STR("\nEach has --help with its flags and two examples.\n\n"));
}

static void command_text(const struct command *command, struct buf *out)
{
	buf_printf(out, "Usage: tiphys %s%s%s%s\n\n", command->name,
		   command->table_count > 1 ? " FLAGS" : "", command->operands ? " " : "",
		   command->operands ? command->operands : "");
	paragraphs(command->description, out);
	buf_str(out, STR("Examples:\n"));
	for (size_t i = 0; i < COUNTOF(command->examples); i++)
		buf_printf(out, "  # %s\n  %s\n\n", command->examples[i].what,
			   command->examples[i].line);
	verbs_text(command, out);
	for (size_t i = 0; i < command->table_count; i++)
		table_text(&command->tables[i], out);
	buf_str(out, STR("Exit codes:\n"));
	for (const struct exit_row *row = command->exit_codes; row->code >= 0; row++) {
		size_t start = out->n;
		buf_printf(out, "  %d", row->code);
		blanks(out, CODE_WIDTH - (out->n - start));
		wrap(str_of(row->meaning), CODE_WIDTH, CODE_WIDTH, out);
	}
}

static void program_text(struct buf *out)
{
	buf_printf(out, "%s\n\nUsage: tiphys COMMAND [FLAGS]\n\nCommands:\n", about);
	for (size_t i = 0; i < command_count; i++)
		buf_printf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	buf_str(out, STR("\n`tiphys COMMAND --help` shows its flags and two examples.\n"));
}

void help_text(const struct command *command, struct buf *out)
{
	if (command)
		command_text(command, out);
	else
		program_text(out);
}

void help_show(const struct command *command)
{
	auto_buf struct buf out = BUF_INIT(HELP_BYTES_MAX);
	help_text(command, &out);
	output_write(OUTPUT_DATA, buf_view(&out));
}

/* ---- man ---- */

/* scdoc gives _ and * a meaning at the beginning of words; a backslash takes it away. */
static void man_str(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (strchr("_*\\", *text))
			buf_char(out, '\\');
		buf_char(out, *text);
	}
}

static void man_head(const char *name, const char *dash_name, const char *summary, struct buf *out)
{
	buf_printf(out, "tiphys%s%s(1) \"\" \"tiphys %s\"\n\n# NAME\n\ntiphys%s%s - ", dash_name,
		   name, tiphys_version, dash_name, name);
	man_str(summary, out);
	buf_str(out, STR("\n\n# SYNOPSIS\n\n"));
}

static void man_option(const struct option *option, struct buf *out)
{
	if (option->letter)
		buf_printf(out, "*-%c*, ", option->letter);
	buf_printf(out, "*--%s*", option->name);
	if (option->value)
		buf_printf(out, "=_%s_", option->value);
	buf_str(out, STR("\n\t"));
	man_str(option->help, out);
	if (option->fallback)
		buf_printf(out, " (default %s)", option->fallback);
	if (option->is_required)
		buf_str(out, STR(" (required)"));
	buf_str(out, STR("\n\n"));
}

static void man_options(const struct option_table *table, struct buf *out)
{
	for (size_t i = 0; i < table->count; i++)
		man_option(&table->options[i], out);
}

/* How many of the last tables are the same for all verbs. */
static size_t shared_tables(const struct command *command)
{
	const struct command *first = command->verbs[0];
	size_t shared = first->table_count;

	for (size_t i = 1; i < *command->verb_count; i++) {
		const struct command *verb = command->verbs[i];
		size_t n = 0;
		while (n < shared && n < verb->table_count &&
		       verb->tables[verb->table_count - 1 - n].options ==
			       first->tables[first->table_count - 1 - n].options)
			n++;
		shared = n;
	}
	return shared;
}

/* Verbs have no page of their own: each with its flags, then the flags that all of them have. */
static void man_verbs(const struct command *command, struct buf *out)
{
	if (!command->verbs)
		return;
	size_t shared = shared_tables(command);
	buf_str(out, STR("# VERBS\n\n"));
	for (size_t i = 0; i < *command->verb_count; i++) {
		const struct command *verb = command->verbs[i];
		buf_printf(out, "## tiphys %s", verb->name);
		if (verb->operands) {
			buf_char(out, ' ');
			man_str(verb->operands, out);
		}
		buf_str(out, STR("\n\n"));
		man_str(verb->description, out);
		buf_str(out, STR("\n\n"));
		for (size_t t = 0; t + shared < verb->table_count; t++)
			man_options(&verb->tables[t], out);
	}
	const struct command *last = command->verbs[*command->verb_count - 1];
	buf_str(out, STR("# FLAGS OF ALL VERBS\n\n"));
	for (size_t t = last->table_count - shared; t < last->table_count; t++)
		man_options(&last->tables[t], out);
}

static void man_command(const struct command *command, struct buf *out)
{
	man_head(command->name, "-", command->summary, out);
	buf_printf(out, "*tiphys %s*%s", command->name, command->table_count > 1 ? " _FLAGS_" : "");
	if (command->operands) {
		buf_str(out, STR(" "));
		man_str(command->operands, out);
	}
	buf_str(out, STR("\n\n# DESCRIPTION\n\n"));
	man_str(command->description, out);
	buf_str(out, STR("\n\n"));
	for (size_t t = 0; t < command->table_count; t++) {
		buf_str(out, STR("# "));
		for (const char *p = command->tables[t].title; *p; p++)
			buf_char(out, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
		buf_str(out, STR("\n\n"));
		man_options(&command->tables[t], out);
	}
	man_verbs(command, out);
	buf_str(out, STR("# EXAMPLES\n\n"));
	for (size_t i = 0; i < COUNTOF(command->examples); i++) {
		man_str(command->examples[i].what, out);
		buf_printf(out, ":\n\n```\n%s\n```\n\n", command->examples[i].line);
	}
	buf_str(out, STR("# EXIT STATUS\n\n"));
	for (const struct exit_row *row = command->exit_codes; row->code >= 0; row++) {
		buf_printf(out, "*%d*\n\t", row->code);
		man_str(row->meaning, out);
		buf_str(out, STR("\n\n"));
	}
	buf_str(out, STR("# SEE ALSO\n\n*tiphys*(1)\n"));
}

static void man_program(struct buf *out)
{
	man_head("", "", "steers releases over clusters run by Argo CD", out);
	buf_printf(out, "*tiphys* _COMMAND_ [_FLAGS_]\n\n# DESCRIPTION\n\n%s\n\n# COMMANDS\n\n",
		   about);
	for (size_t i = 0; i < command_count; i++) {
		buf_printf(out, "*tiphys-%s*(1)\n\t", commands[i]->name);
		man_str(commands[i]->summary, out);
		buf_str(out, STR("\n\n"));
	}
}

void help_man(const struct command *command, struct buf *out)
{
	if (command)
		man_command(command, out);
	else
		man_program(out);
}

/* ---- the verb ---- */

struct help_flags {
	bool man;
	struct general_flags general;
};

static const struct option help_options[] = {
	{"man", 0, OPTION_FLAG, OPTION_IN(struct help_flags, man, bool),
	 .help = "write the man page, in the language of scdoc", .is_ignored = true},
};

static const struct option_table help_tables[] = {
	{"Flags", help_options, COUNTOF(help_options), 0},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct help_flags, general)},
};

static int run(const struct command *self, const struct invocation *invocation)
{
	struct help_flags flags;
	struct text_list operands = {0};
	int code;
	bool is_understood = command_parse(self, invocation, &flags, &operands, &code);
	auto_buf struct buf text = BUF_INIT(HELP_BYTES_MAX);
	for (size_t i = 0; i < operands.n; i++)
		buf_printf(&text, "%s" STR_FMT, i ? " " : "", STR_ARG(operands.v[i]));
	struct str name = buf_view(&text); /* "sim push" */
	vec_release(&operands);
	if (!is_understood)
		return code;
	const struct command *command = command_find(name);
	if (!command && !str_empty(name)) {
		struct err err = {0};
		command_unknown(name, &err);
		say_error(&err, "`tiphys help` lists the commands");
		return EXIT_USAGE;
	}
	if (!flags.man) {
		help_show(command);
		return EXIT_DONE;
	}
	auto_buf struct buf out = BUF_INIT(HELP_BYTES_MAX);
	help_man(command, &out);
	output_write(OUTPUT_DATA, buf_view(&out));
	return EXIT_DONE;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, MEANS_DONE}, {EXIT_USAGE, MEANS_USAGE}, {-1, NULL}};

const struct command command_help = {
	.name = "help",
	.summary = "what the commands are, and what one of them does",
	.operands = "[COMMAND]",
	.description =
		"Without a COMMAND, lists all of them. With one, or a verb of one as in `help sim "
		"push`, shows its flags, two examples and its exit codes, as COMMAND --help does.",
	.tables = help_tables,
	.table_count = COUNTOF(help_tables),
	.examples = {{"List the commands", "tiphys help"},
		     {"Show the flags of one", "tiphys help sync"}},
	.exit_codes = exit_codes,
	.run = run,
};
