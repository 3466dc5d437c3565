#pragma once
/*
 * vocabulary: the words that people have for stages, and how far along each is.
 *
 *	vocabulary_find(STR("Pre-Prod"), &rank)		VOCABULARY_WHOLE, RANK_STAGING
 *	vocabulary_find(STR("prod-eu-1"), &rank)	VOCABULARY_PART, RANK_PRODUCTION
 *	vocabulary_find(STR("blue"), &rank)		VOCABULARY_NONE
 *
 * Case, '-', '_', '.' and numbers at the end of a word make no difference. A value in which words
 * of different ranks stand ("test-of-prod") is not known: it could be either.
 */
#include "base/str.h"

enum stage_rank {
	RANK_DEV,
	RANK_TEST,
	RANK_QA,
	RANK_STAGING,
	RANK_UNKNOWN, /* behind what is surely before production, and before what users see */
	RANK_CANARY,
	RANK_PRODUCTION,
	RANK_RECOVERY, /* what takes over when production is gone */
};

enum vocabulary_fit {
	VOCABULARY_NONE,
	VOCABULARY_PART,  /* a part of it is such a word */
	VOCABULARY_WHOLE, /* the value is one */
};

/* *ret is RANK_UNKNOWN where the answer is VOCABULARY_NONE. */
enum vocabulary_fit vocabulary_find(struct str value, enum stage_rank *ret);
