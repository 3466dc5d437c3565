#pragma once
/*
 * draft: a first promotion file, as it was made out of the labels that a fleet has; or why none
 * could be made. Made by src/draft, written by wire/promotion_write, told by view/draft_words.
 *
 * No test of its own: structs.
 */
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* What it was told by which Applications belong to the application. */
enum draft_mark {
	DRAFT_MARK_SELECTOR, /* somebody says it */
	DRAFT_MARK_LABEL,    /* a label of theirs has its name */
	DRAFT_MARK_SET,	     /* their ApplicationSet has its name, and a label all of them alone */
	DRAFT_MARK_ALL,	     /* the same, and there are no others in the project */
};

enum draft_result {
	DRAFT_MADE,
	DRAFT_NOBODY,	 /* none belongs to it */
	DRAFT_UNMARKED,	 /* an ApplicationSet has its name; no selector selects what that makes */
	DRAFT_UNORDERED, /* no label tells its stages apart */
};

/* A label that was looked at. */
struct draft_label {
	struct str key;
	const struct str *values; /* different ones, not empty, in their order */
	uint32_t value_count;
	uint32_t known; /* values that are words for stages */
	uint32_t apps;	/* that have it */
};

/* Another label that has the application's name, and how many have that. */
struct draft_other {
	struct str key;
	uint32_t apps;
};

struct draft_stage {
	struct str value;	/* of the label that tells the stages apart */
	struct str selector;	/* of the stage */
	bool is_known;		/* else it is a guess where it belongs */
	bool is_level;		/* as far along, by its word, as the stage before it */
	bool asks;		/* people, before it begins: the first one that users see */
	bool soaks;		/* after it something nearer to the users begins */
	const struct str *apps; /* names, in their order */
	uint32_t app_count;
};

struct draft {
	enum draft_result result;
	struct str app, project;
	enum draft_mark mark;
	struct str selector; /* of all that belongs to it; empty: of the whole project */
	const struct draft_other *others; /* MARK_LABEL */
	uint32_t other_count;
	uint32_t member_count;
	uint32_t unmarked_count; /* of the ApplicationSet of its name, and without the label */
	struct str key;		 /* the label that tells the stages apart */
	const struct draft_stage *stages; /* in their order */
	uint32_t stage_count;
	const struct str *unselected; /* members that no stage selects: they have no such label */
	uint32_t unselected_count;
	/* The labels of its Applications, the likeliest first, `key` included; of all of the
	 * project if none belongs to it. */
	const struct draft_label *labels;
	uint32_t label_count;
	struct str nearest; /* NOBODY: what was probably meant; or empty */
};
