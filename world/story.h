#pragma once
/*
 * story: a script as it is being played: what its commands share. scenario.h says what a script is.
 *
 * A command is a function of the story and its words. It answers 0, or -1 by story_wrong(), and
 * then the story is over.
 *
 * No test of its own: every scenario is one.
 */
#include "base/err.h"
#include "world/little_fleet.h"
#include "world/scenario.h"
#include "world/words.h"
#include "world/world.h"

struct moment;

enum { TRIGGER_JOURNAL = REQUEST_ANY + 1 };

/* What a run is made of; it lives as long as the story. */
struct story_run {
	struct plan plan;
	struct order order;
};

/* What is to happen as the runs send the `left`-th request of a kind from now on. */
struct trigger {
	uint32_t type; /* enum request_type, or REQUEST_ANY, or TRIGGER_JOURNAL + journal_event */
	uint64_t left; /* 0: it has happened */
	int64_t after_ms;
	struct moment *moment;
};

struct story {
	const struct scenario_options *options;
	struct world_config config;
	uint64_t seed;
	struct world *world; /* NULL until the first moment */
	struct arena arena;
	struct little_fleet fleet;
	VEC(struct pair) revisions; /* name -> SHA */
	VEC(struct selector *) selectors;
	VEC(struct str) left_out;
	uint32_t shows;
	bool goes_wrong; /* a promise is to be broken */
	bool is_lenient; /* what can't be done when its time comes is passed over */
	VEC(struct trigger) triggers;
	bool is_attended, is_attending; /* somebody sees to promotions; and one goes on */
	uint32_t line;
	int64_t until_ms;      /* 0: until every run has exited */
	uint64_t requests_max; /* 0: as many as they like */
	struct err *err;
};

struct command {
	const char *name;
	size_t words_min; /* beside its name */
	int (*run)(struct story *story, const struct words *words);
};

/* NULL: there is none of that name. */
const struct command *command_find(const struct command *commands, size_t n, struct str name);

/* By the command's name; NULL: there is none. What stands before the first moment; what people and
 * faults do to the fleet at a time; what runs of tiphys, and its rivals, do; what will happen to
 * requests. */
const struct command *settings_find(struct str name);
const struct command *deeds_find(struct str name);
const struct command *runs_find(struct str name);
const struct command *spells_find(struct str name);
const struct command *promotions_find(struct str name);

/* This line has struck, for who asks. */
void story_struck(struct story *story, uint32_t line);

/* -1, and what is wrong with this line. */
int story_wrong(struct story *story, const char *what, struct str word);
int story_duration(struct story *story, struct str text, int64_t *ret_ms);
/* "KEY=DURATION" among the words: *ret_ms stays as it is if there is none. */
int story_duration_of(struct story *story, const struct words *words, const char *key,
		      int64_t *ret_ms);
int story_number_of(struct story *story, const struct words *words, const char *key, int64_t min,
		    int64_t max, int64_t *ret_number);

/* A revision by the name that a push gave it; anything else is a branch, a tag or a SHA. */
struct str story_sha(const struct story *story, struct str name);
void story_name_revision(struct story *story, struct str name, struct str sha);

struct argo *story_argo(const struct story *story);
/* The text as the model keeps it. */
struct str story_kept(const struct story *story, struct str text);
struct str story_joined(struct story *story, const struct words *words, size_t from);
/* The stage that a selector means. */
int story_stage(struct story *story, struct str text, struct plan_stage *ret_stage);
/* "env=test then env=prd", from the i-th word on: *ret_stages lives as long as the story. */
int story_stages(struct story *story, const struct words *words, size_t i,
		 struct plan_stage **ret_stages, uint32_t *ret_count);

/* What is said of a run beside its stages: its revision, its flags and timeouts. */
int story_run_of(struct story *story, const struct words *words, struct plan_stage *stages,
		 uint32_t count, struct story_run **ret_run);
