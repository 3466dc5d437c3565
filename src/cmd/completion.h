#pragma once
/*
 * completion: scripts that teach a shell the commands and flags, made from the table of commands.
 */
#include "base/buf.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };
enum { SHELLS = SHELL_FISH + 1 };

void completion_write(enum shell shell, struct buf *out);
