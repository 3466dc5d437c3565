#pragma once
/*
 * draft: what a first promotion file of an application says, from the labels that its Applications
 * have. A guess, and it says what it was made of.
 *
 *	draft_make(&question, apps, count, seed, &arena, &draft);
 *	if (draft.result == DRAFT_MADE) ...
 *
 * Who belongs to it: whoever --selector selects; else whoever has the application's name in one of
 * the labels that people have for that (appName, app, app.kubernetes.io/name, ...; the one that
 * most of them have, or the first of these), or else in any label; else whatever the ApplicationSet
 * of that name makes, if a selector can select that: stages are selectors.
 *
 * What tells the stages apart: a label of few values, of which at least half are words for stages
 * (draft/vocabulary.h). Of several, one with more than one rank; then one whose values are such
 * words as a whole; then the one that most of the Applications have, that has more ranks, that is
 * called env, environment, stage, ...; else by its name.
 *
 * Stages come in the order of their words' ranks. A value that is no such word is put behind all
 * that is surely before production and before what users see: there it does the least harm.
 */
#include "base/arena.h"
#include "model/draft.h"
#include "model/history.h"

enum {
	DRAFT_LABELS_MAX = 10, /* that were looked at, named */
};

struct draft_question {
	struct str app, project;
	struct str selector; /* all of the Applications are by this, and belong to it; or empty */
};

/* The Applications are all of the project, or all that the selector selects. They outlive the
 * draft; what is made for it lives in the arena. */
void draft_make(const struct draft_question *question, const struct app_history *apps, size_t count,
		uint64_t seed, struct arena *arena, struct draft *ret);
