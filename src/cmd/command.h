#pragma once
/*
 * command: the verbs of the program, as a table. A verb is one file with its options, its texts and
 * what it does; a row in command.c makes it known. Help, man pages and shell completion are
 * generated from the table.
 */
#include "cmd/options.h"

struct invocation {
	int argc;    /* of the arguments behind the verb */
	char **argv; /* may be written to: secrets are wiped */
};

struct example {
	const char *what; /* a sentence without a full stop */
	const char *line;
};

/* How a command may end: model/exit_code.h, and what that means here. */
struct exit_row {
	int code;
	const char *meaning;
};

/* What is the same for several of them. */
#define MEANS_DONE "done"
#define MEANS_USAGE "not started: an argument or a file that cannot be used"
#define MEANS_INTERNAL "a fault of this program"
#define MEANS_DENIED "Argo CD does not accept the credentials, or they do not allow it"
#define MEANS_NOT_OWN "no runner is up, and the state directory is another account's"
#define MEANS_TRY_AGAIN "the server could not be reached or did not answer like Argo CD; try again"
#define MEANS_SIGINT "interrupted by Ctrl-C"
#define MEANS_SIGTERM "ended by SIGTERM"

struct command {
	const char *name;
	const char *summary;  /* begins in lower case, fits a line, no full stop */
	const char *operands; /* "[COMMAND]"; NULL: there are none */
	/* what the first of them may be, ends with NULL; NULL: anything */
	const char *const *words;
	const char *description; /* paragraphs, separated by an empty line */
	const struct option_table *tables;
	size_t table_count;
	struct example examples[2];
	/* of its own, named "sim push"; or NULL. What the last tables of all share is told once */
	const struct command *const *verbs;
	const size_t *verb_count;
	const struct exit_row *exit_codes; /* ends with a code of -1 */
	int (*run)(const struct command *command, const struct invocation *invocation);
};

extern const struct command command_sync, command_init, command_promote, command_runs, command_show,
	command_watch, command_why, command_history, command_approve, command_reject, command_pause,
	command_resume, command_terminate, command_retry, command_skip, command_runner,
	command_audit, command_audit_verify, command_sim, command_completion, command_help,
	command_version;

extern const struct command *const commands[];
extern const size_t command_count;

/* All of them, each before its verbs; NULL behind the last. */
const struct command *command_at(size_t i);

/* NULL: there is none of this name. "sim push" is one. */
const struct command *command_find(struct str name);

/* Runs the verb that a command's first argument names, or says that there is none of that name.
 * False: the first argument is a flag, or there is none: the command itself is meant. */
bool command_run_verb(const struct command *command, const struct invocation *invocation,
		      int *ret_code);

/* "unknown command 'snyc'; did you mean 'sync'?" Returns -1. */
int command_unknown(struct str name, struct err *err);

/* The same for a verb of a command that has some, as an error. Returns the exit code. */
int command_unknown_verb(const struct command *command, struct str name);

/*
 * What every verb does with its arguments: defaults, parsing, `--help` (the last table is
 * general_table, whose values begin with a bool for it), no operand more than it has, the first one
 * of its words. When the
 * answer is false the verb ends with *ret_code; help or an error has been written.
 */
bool command_parse(const struct command *command, const struct invocation *invocation, void *values,
		   struct text_list *operands, int *ret_code);

/* Values of the last table of every command. */
struct general_flags {
	bool help;
};
extern const struct option general_options[];
enum { GENERAL_OPTIONS = 1 };
