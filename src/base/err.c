#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

static const char ellipsis[] = "…";

/* A text of `length` bytes was printed into err->text, which may have been too small for it. */
static void mark_truncation(struct err *err, int length)
{
	size_t end = sizeof(err->text) - sizeof(ellipsis);

	check(length >= 0);
	if ((size_t)length < sizeof(err->text))
		return;
	/* Back to where a character begins: the ellipsis must not stand behind half of one. */
	while (end > 0 && ((unsigned char)err->text[end] & 0xC0) == 0x80)
		end--;
	memcpy(err->text + end, ellipsis, sizeof(ellipsis));
}

/* The prefix that says where. */
static void place_print(unsigned line, unsigned column, char *text, size_t size)
{
	if (line && column)
		snprintf(text, size, "line %u, column %u: ", line, column);
	else if (line)
		snprintf(text, size, "line %u: ", line);
	else if (column)
		snprintf(text, size, "column %u: ", column);
	else
		text[0] = '\0';
}

/* Gives err the text, with what says where in front. `text` may be a part of err->text. */
static void set_text(struct err *err, const char *text)
{
	char place[64], old[ERR_TEXT_BYTES];

	snprintf(old, sizeof(old), "%s", text);
	place_print(err->line, err->column, place, sizeof(place));
	mark_truncation(err, snprintf(err->text, sizeof(err->text), "%s%s", place, old));
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list args;

	check(code != E_NONE);
	err_clear(err);
	err->code = code;
	va_start(args, fmt);
	mark_truncation(err, vsnprintf(err->text, sizeof(err->text), fmt, args));
	va_end(args);
	return -1;
}

int err_at(struct err *err, enum err_code code, unsigned line, unsigned column, const char *fmt,
	   ...)
{
	va_list args;

	check(code != E_NONE);
	err_clear(err);
	err->code = code;
	err->line = line;
	err->column = column;
	va_start(args, fmt);
	mark_truncation(err, vsnprintf(err->text, sizeof(err->text), fmt, args));
	va_end(args);
	set_text(err, err->text);
	return -1;
}

int err_move(struct err *err, unsigned line, unsigned column)
{
	char place[64];

	check(err->code != E_NONE);
	place_print(err->line, err->column, place, sizeof(place));
	/* A wrapped text has context in front of the place, which then cannot be exchanged. */
	check(strncmp(err->text, place, strlen(place)) == 0);
	/* Only the first line of the inner text begins in the middle of an outer one. */
	if (err->line <= 1)
		err->column = column + (err->column ? err->column - 1 : 0);
	err->line = line + (err->line ? err->line - 1 : 0);
	set_text(err, err->text + strlen(place));
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char context[ERR_TEXT_BYTES], old[ERR_TEXT_BYTES];
	va_list args;

	check(err->code != E_NONE);
	va_start(args, fmt);
	vsnprintf(context, sizeof(context), fmt, args);
	va_end(args);
	memcpy(old, err->text, sizeof(old));
	mark_truncation(err, snprintf(err->text, sizeof(err->text), "%s: %s", context, old));
	return -1;
}

void err_clear(struct err *err)
{
	err->code = E_NONE;
	err->line = 0;
	err->column = 0;
	err->text[0] = '\0';
}

const char *err_code_name(enum err_code code)
{
	static const char *const names[] = {
		[E_NONE] = "E_NONE",	     [E_USAGE] = "E_USAGE",	  [E_SYNTAX] = "E_SYNTAX",
		[E_LIMIT] = "E_LIMIT",	     [E_DENIED] = "E_DENIED",	  [E_MISSING] = "E_MISSING",
		[E_CONFLICT] = "E_CONFLICT", [E_PROTOCOL] = "E_PROTOCOL", [E_IO] = "E_IO",
		[E_INTERNAL] = "E_INTERNAL",
	};
	static_assert(COUNTOF(names) == ERR_CODE_COUNT);

	check((unsigned)code < ERR_CODE_COUNT);
	return names[code];
}
