#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"
#include "wire/json.h"

#include <string.h>

static int run(int argc, char **argv)
{
	if (argc < 2) {
		struct err err = {0};
		err_set(&err, E_USAGE, "a command is missing");
		say_error(&err, "`tiphys help` lists the commands");
		return EXIT_USAGE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *command = command_find(str_of(name));
	if (!command) {
		struct err err = {0};
		if (name[0] == '-')
			err_set(&err, E_USAGE, "flags come after the command: tiphys COMMAND %s",
				name);
		else
			command_unknown(str_of(name), &err);
		say_error(&err, "`tiphys help` lists the commands");
		return EXIT_USAGE;
	}
	return command->run(command, &(struct invocation){.argc = argc - 2, .argv = argv + 2});
}

int main(int argc, char **argv)
{
	json_init(random_u64());
	int code = run(argc, argv);
	const char *lost = output_failure();
	if (lost) {
		struct err err = {0};
		err_set(&err, E_IO, "the output is not complete: %s", lost);
		say_error(&err, "make room or choose another place, and run it again");
		return code == EXIT_DONE ? EXIT_INTERNAL : code;
	}
	return code;
}
