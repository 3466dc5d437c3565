#include "cmd/say.h"

#include "base/buf.h"
#include "io/output.h"
#include "model/exit_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEXT_BYTES_MAX = 1024 };

void say_error(const struct err *err, const char *next, ...)
{
	auto_buf struct buf out = BUF_INIT(ERR_TEXT_BYTES + 2 * NEXT_BYTES_MAX);
	char text[NEXT_BYTES_MAX];
	va_list args;
	va_start(args, next);
	vsnprintf(text, sizeof text, next, args);
	va_end(args);
	buf_printf(&out, "tiphys: %s\n", err->text);
	struct str rest = str_of(text), line;
	while (!str_empty(rest) && str_cut(&rest, '\n', &line))
		buf_printf(&out, "  " STR_FMT "\n", STR_ARG(line));
	output_write(OUTPUT_TALK, buf_view(&out));
}

void say_warning(const char *format, ...)
{
	auto_buf struct buf out = BUF_INIT(2 * NEXT_BYTES_MAX);
	char text[NEXT_BYTES_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_printf(&out, "tiphys: warning: %s\n", text);
	output_write(OUTPUT_TALK, buf_view(&out));
}

bool say_wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	if (!term || strcmp(term, "dumb") == 0)
		return false;
	return output_is_terminal(OUTPUT_DATA) && output_is_terminal(OUTPUT_TALK);
}

int exit_code_of(const struct err *err)
{
	switch (err->code) {
	case E_NONE:
		return EXIT_DONE;
	case E_USAGE:
	case E_SYNTAX:
	case E_LIMIT:
	case E_DENIED:
	case E_MISSING:
	case E_CONFLICT:
	case E_IO: /* a file that we are configured with */
		return EXIT_USAGE;
	case E_PROTOCOL:
		return EXIT_TRY_AGAIN;
	case E_INTERNAL:
		return EXIT_INTERNAL;
	}
	return EXIT_INTERNAL;
}

int exit_code_of_runner(const struct err *err)
{
	if (err->code == E_CONFLICT)
		return EXIT_CONFLICT;
	if (err->code == E_DENIED)
		return EXIT_DENIED;
	if (err->code == E_IO)
		return EXIT_TRY_AGAIN;
	return exit_code_of(err);
}
