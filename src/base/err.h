#pragma once
/*
 * What went wrong in the world, as an object on the caller's stack. It allocates nothing.
 *
 * The convention of every function that can fail: `struct err *err` is the last argument, the
 * answer is 0 or negative, and on failure no ret_ argument was touched. The way up adds context,
 * the edge prints it once:
 *
 *	[[nodiscard]] int plan_load(const char *path, struct plan *ret_plan, struct err *err)
 *	{
 *		...
 *		return err_set(err, E_IO, "open: %s", strerror(errno));
 *		...
 *	if (plan_load(path, &plan, err) < 0)
 *		return err_wrap(err, "load plan '%s'", path);
 *
 *	load plan 'p.yaml': line 12, column 7: unknown key 'soka'
 *
 * The text is always NUL-terminated, one sentence without a full stop; where it did not fit it
 * ends in "…", never in the middle of a character. err_wrap keeps the context in front and lets
 * the end go.
 */

/*
 * What kind of failure, as far as it matters for what happens next. cmd/ turns it into an exit
 * code; the text is for people.
 */
enum err_code {
	E_NONE = 0,
	E_USAGE,    /* what was asked for cannot be meant: flags, configuration, names */
	E_SYNTAX,   /* a text is not what it should be; there is a position */
	E_LIMIT,    /* more than a named limit allows */
	E_DENIED,   /* somebody said that we may not */
	E_MISSING,  /* a thing that was named is not there */
	E_CONFLICT, /* the thing is not in the state that was expected, or another one holds it */
	E_PROTOCOL, /* the other side answered what its protocol does not know */
	E_IO,	    /* the system or the network failed; later it may work */
	E_INTERNAL, /* our own fault */
};

enum { ERR_CODE_COUNT = E_INTERNAL + 1, ERR_TEXT_BYTES = 512 };

struct err {
	enum err_code code;
	unsigned line;	 /* from 1; 0 if the failure has no place in a text */
	unsigned column; /* from 1, in bytes; 0 if unknown */
	char text[ERR_TEXT_BYTES];
};

/* Describes a failure; what was in *err before is gone. Returns -1, for `return err_set(…)`. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with a place: the text begins with "line 12, column 7: ", or what of it is not 0. */
int err_at(struct err *err, enum err_code code, unsigned line, unsigned column, const char *fmt,
	   ...) __attribute__((format(printf, 5, 6)));

/*
 * The text that err's place refers to begins at this line and column of a bigger text: the place
 * becomes one in the bigger text. For a parser that calls another one for a scalar. Only for an
 * error that has not been wrapped yet. Returns -1.
 */
int err_move(struct err *err, unsigned line, unsigned column);

/* Puts context in front, "context: text". Code and place stay. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* No failure, as if zeroed. */
void err_clear(struct err *err);

/* "E_SYNTAX"; for logs and tests. */
const char *err_code_name(enum err_code code);
