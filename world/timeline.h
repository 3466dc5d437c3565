#pragma once
/*
 * timeline: what happens in the model, in lines: one for each change that a person would notice.
 *
 *	[00:03.000] script   sync R2 env=test then env=prd
 *	[00:04.120] argo     web-test-1: asked to sync R2, by tiphys
 *	[00:04.300] argo     web-test-1: operation at R2 is Running
 *	[00:06.900] cluster  web-test-1: PostSync hook of R2 began
 *	[00:08.900] cluster  web-test-1: PostSync hook of R2 succeeded
 *	[00:09.000] argo     web-test-1: shows Synced at R2, Healthy
 *
 * It looks through an informer without lag, and at the records of the clusters. Full SHAs and their
 * first seven digits are written by the names that they were given. What kinds of lines there are
 * is `shows`, a set of bits.
 *
 * No test of its own: every scenario is one.
 */
#include "argo/argo.h"
#include "base/buf.h"
#include "base/vec.h"

enum told {
	TOLD_SCRIPT,	/* what the script does */
	TOLD_TIPHYS,	/* what the runs say, and their exit codes */
	TOLD_JOBS,	/* hooks, as the clusters recorded them */
	TOLD_ASKED,	/* operations that somebody asks for */
	TOLD_OPERATION, /* their phases */
	TOLD_STATUS,	/* Synced at R2, Healthy */
	TOLD_STAMPS,	/* reconciledAt beside the operation's finishedAt */
	TOLD_LIVE,	/* how the Deployments are in the clusters */
	TOLD_SPEC,	/* targetRevision, deletion */
	TOLD_ROLLOUT,	/* what RollingSync records */
	TOLD_ORDER,	/* the promise, broken */
	TOLD_COUNT
};
const char *told_name(enum told told);

struct live_line {
	struct str app; /* interned */
	enum health health;
};

/* What was told of a Job. */
struct told_job {
	wall began;
	bool is_over;
};

struct timeline {
	struct argo *argo;
	struct informer *informer;
	struct buf text;
	int64_t now_ms;
	bool is_silent;
	uint32_t shows; /* 1 << TOLD_…; what is not in it is left out */
	struct arena arena;
	VEC(struct pair) names;	   /* SHA -> name */
	VEC(struct pair) rollouts; /* ApplicationSet -> what RollingSync had recorded */
	VEC(struct live_line) lives;
	VEC(struct told_job) jobs; /* by their places in argo_jobs() */
};

void timeline_init(struct timeline *timeline, struct argo *argo);
void timeline_release(struct timeline *timeline);
void timeline_name(struct timeline *timeline, struct str name, struct str sha);
void timeline_at(struct timeline *timeline, int64_t now_ms);
/* Tells what has changed since it was last asked. */
void timeline_follow(struct timeline *timeline, wall now);
/* Whether such a line is told now: who asks first formats nothing for nobody. */
bool timeline_is_heard(const struct timeline *timeline, enum told told);
void timeline_tell(struct timeline *timeline, enum told told, const char *who, struct str what);
