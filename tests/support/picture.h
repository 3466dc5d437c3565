#pragma once
/*
 * A promotion as views are shown it: web, in three stages, with what was saved of it.
 *
 *	struct picture picture;
 *
 *	picture_at_gate(&picture);	test has soaked, staging is done, production is asked about
 *	picture_rejected(&picture);	and somebody says no
 *	picture_failed(&picture);	a hook fails in staging, an operation goes on
 *	picture_done(&picture);
 *
 *	picture_on_two(&picture);	and production is on a second Argo CD, "prod"
 *
 * The picture must not be moved: it points into itself.
 */
#include "model/overview.h"

enum { PICTURE_STAGES = 3, PICTURE_APPS = 7, PICTURE_RECORDS_MAX = 96, PICTURE_WHYS_MAX = 4 };

struct picture {
	struct plan plan;
	struct plan_stage stages[PICTURE_STAGES];
	struct approver approvers[2];
	struct overview overview;
	struct overview_server servers[2];
	struct overview_stage seen[PICTURE_STAGES];
	struct overview_app apps[PICTURE_APPS];
	struct why whys[PICTURE_WHYS_MAX];
	struct record records[PICTURE_RECORDS_MAX];
	size_t record_count;
};

#define PICTURE_SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"

/* So many seconds after 2026-11-23T12:00:00Z, when it began. */
wall picture_at(int64_t seconds);

void picture_at_gate(struct picture *picture);
void picture_rejected(struct picture *picture);
void picture_failed(struct picture *picture);
void picture_done(struct picture *picture);
void picture_on_two(struct picture *picture);

/* Every text that comes from outside becomes this one. */
void picture_rename(struct picture *picture, struct str text);
