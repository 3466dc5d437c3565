#pragma once
/*
 * texts: one copy of each text of the model, for as long as the model lives, so that objects are
 * copied by assignment and equal texts mostly are the same bytes.
 *
 *	struct texts *texts = texts_new(seed);
 *	app->name = texts_keep(texts, STR("web"));
 *	app->status.message = texts_format(texts, "waiting for %s", ...);
 *	texts_free(texts);
 */
#include "base/str.h"

struct texts;

struct texts *texts_new(uint64_t seed);
void texts_free(struct texts *texts);

/* The model's copy, with a NUL behind it; the empty text stays empty. */
struct str texts_keep(struct texts *texts, struct str text);
/* At most TEXTS_FORMAT_MAX bytes; what is longer is cut. */
struct str texts_format(struct texts *texts, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
enum { TEXTS_FORMAT_MAX = 4096 };
