#pragma once
/*
 * revision: what the user may pin a run to.
 *
 * Only a full commit SHA names the same content for ever and everywhere; it is the one kind that a
 * run takes today. The other kinds are told apart so that they can be refused by name.
 */
#include "base/err.h"
#include "base/str.h"

enum revision_kind {
	REVISION_SHA,	    /* 40 lower-case hexadecimal digits */
	REVISION_SHORT_SHA, /* 7 to 39 of them: may also be a branch */
	REVISION_RANGE,	    /* a version range: "1.*", ">=1.2", "^1" */
	REVISION_VERSION,   /* "v1.2.3", "1.2.3": a tag or a chart's version */
	REVISION_NAME,	    /* a branch or a tag */
};

enum revision_kind revision_kind(struct str text);

/* 0, or -1 and E_USAGE with the reason and the next step if it is not a full SHA. */
[[nodiscard]] int revision_check(struct str text, struct err *err);

/* The first seven digits of a SHA, anything else whole: for lines that people read. */
struct str revision_short(struct str text);
