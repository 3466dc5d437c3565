#pragma once
/*
 * help: the texts about a command, made from its table: for the terminal, for man (scdoc), for
 * shells. `command` NULL stands for the program as a whole.
 */
#include "base/buf.h"
#include "cmd/command.h"

void help_text(const struct command *command, struct buf *out);

/* The man page in the language of scdoc(5): tiphys(1) or tiphys-COMMAND(1). */
void help_man(const struct command *command, struct buf *out);

/* Writes help_text to stdout. */
void help_show(const struct command *command);

/* "-l, --selector=SELECTOR" or "    --prune". */
void help_flag(const struct option *option, struct buf *out);
