#include "model/command.h"

const char *command_name(enum command_type type)
{
	static const char *const names[COMMAND_TYPES] = {
		[COMMAND_APPROVE] = "approve",	   [COMMAND_REJECT] = "reject",
		[COMMAND_PAUSE] = "pause",	   [COMMAND_RESUME] = "resume",
		[COMMAND_TERMINATE] = "terminate", [COMMAND_RETRY] = "retry",
		[COMMAND_SKIP] = "skip",
	};
	return names[type];
}
