#pragma once
/*
 * quirk: each surprising thing that the real Argo CD 3.2.11 does and the model does too, with a
 * switch that turns it off. quirk.def is the table: name, what it is, and the contract case that
 * holds the model to the real one in it (and fails on the real side's terms when the quirk is
 * switched off).
 */
#include "base/str.h"

#include <stdbool.h>

enum quirk {
#define QUIRK(name, contract_case, what) QUIRK_##name,
#include "argo/quirk.def"
#undef QUIRK
	QUIRK_COUNT
};

struct quirks {
	bool is_off[QUIRK_COUNT];
};

const char *quirk_name(enum quirk quirk);  /* "lost-event-gap" */
const char *quirk_story(enum quirk quirk); /* what it is */
const char *quirk_case(enum quirk quirk);  /* the contract case's name */
bool quirk_find(struct str name, enum quirk *ret_quirk);
