#pragma once
/*
 * cause: why an application waits, or how it ended. A closed list (cause.def): there is no bare
 * "waiting". A cause has up to two texts, the subject and the message, which its sentence uses.
 */
#include "base/buf.h"
#include "base/str.h"

enum cause_type {
#define CAUSE(name, json, sentence) CAUSE_##name,
#include "model/cause.def"
#undef CAUSE
	CAUSE_COUNT
};

struct cause {
	enum cause_type type;
	struct str subject, message; /* borrowed */
};

/* The stable name for machines: JSON, JUnit. */
const char *cause_name(enum cause_type type);
/* CAUSE_COUNT: there is none of this name. */
enum cause_type cause_named(struct str name);

/* The sentence for people. */
void cause_say(const struct cause *cause, struct buf *out);

/* A wait that as a rule ends by itself; the others wait for somebody from the first moment on. */
bool cause_passes(enum cause_type type);

bool cause_same(const struct cause *a, const struct cause *b);
