#include "model/instruction.h"

const char *instruction_name(enum instruction_type type)
{
	static const char *const names[INSTRUCTION_TYPES] = {
		[INSTRUCTION_APPROVE] = "approve",     [INSTRUCTION_REJECT] = "reject",
		[INSTRUCTION_PAUSE] = "pause",	       [INSTRUCTION_RESUME] = "resume",
		[INSTRUCTION_TERMINATE] = "terminate", [INSTRUCTION_RETRY] = "retry",
		[INSTRUCTION_SKIP] = "skip",
	};
	return names[type];
}
