#pragma once
/*
 * output: stdout is data, stderr is talk.
 *
 * A reader that has gone (`| head`) is no reason to stop; any other failure is kept, so that the
 * program can say at its end that the data is not complete.
 */
#include "base/str.h"

enum output { OUTPUT_DATA, OUTPUT_TALK };

/* Writes all of it at once, unbuffered. */
void output_write(enum output output, struct str text);

/* Why data was lost: a text of the system's, or NULL if none was. */
const char *output_failure(void);

bool output_is_terminal(enum output output);
