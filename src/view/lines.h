#pragma once
/*
 * lines: a run in lines for people, on a terminal and in the log of a CI job.
 *
 *	tiphys: platform at 3f2a91c, env=test: 12 applications on https://argocd.corp (v3.2.11)
 *	   0.4s  web-test-1   waiting    targetRevision is 0a1b2c3; its ApplicationSet 'web' says …
 *	   4.1s  web-test-1   syncing
 *	  12.9s  web-test-1   settling   Progressing: Deployment web: 1 of 3 updated replicas …
 *	  16.0s  web-test-1   done
 *	  16.1s  all 12 are done; reading each once more
 *	  17.0s  web-test-1   confirmed
 *	done: 12 applications at 3f2a91c in 17s
 *
 * Of several stages, the plan, and where each begins and ends:
 *
 *	tiphys: platform at 3f2a91c, 2 stages: 12 applications on https://argocd.corp (v3.2.11)
 *	  stage 1 of 2, env=test: 4 applications
 *	  stage 2 of 2, env in (test,prd): 8 applications, 4 more are owned by earlier stages
 *	  web-test-1: also selected by stage 2: owned by stage 1
 *	   0.4s  stage 1 of 2, env=test begins
 *	  17.0s  stage 1 of 2, env=test: done, each was found so once more
 *
 * One line for each note, and beneath a failure what can be done about it. The end repeats the
 * failures, because the lines that told of them may be far up by then. A dry run is the plan: a
 * table for each stage, with the objects that a sync would change (~) or prune (-), then who is
 * selected by none and what is in the way:
 *
 *	APPLICATION  ACTION  WHY
 *	web-test-1   sync    needs a sync: OutOfSync
 *	  ~ Deployment web/web
 *	  - ConfigMap web/old (only with --prune)
 *
 *	struct view_lines view;
 *
 *	view_lines_init(&view, &plan, use_color);
 *	view_lines_note(&view, &note, &out);		appends what is to be written now
 *	view_lines_release(&view);
 *
 * What is appended is whole lines, free of anything that a terminal would obey but our own colours.
 * It may be nothing. No note makes more than VIEW_LINES_BYTES_MAX. The memory that the view keeps
 * is bounded, however long the run and however many its applications.
 */
#include "base/buf.h"
#include "model/note.h"

enum {
	VIEW_LINES_BYTES_MAX = 1024 * 1024,
	VIEW_FAILURES_MAX = 10, /* repeated at the end; the others were told as they happened */
	VIEW_NAMES_MAX = 20,	/* named at the end, for each cause */
	VIEW_NAME_WIDTH_MAX = 40,
	VIEW_OBJECTS_MAX = 20, /* named beneath an application in a dry run's table */
};

/* Of many the first few. */
struct view_names {
	uint32_t count;
	struct buf names; /* "web-prd-1, web-prd-2" */
};

struct view_server {
	bool is_connected;
	struct buf url, version;
};

struct view_lines {
	const struct plan *plan;
	bool use_color;
	uint32_t connected; /* so many of the plan's Argo CDs */
	bool is_headed;	    /* the first line was written: what is done, and where */
	size_t name_width;
	struct view_server servers[SERVERS_MAX];

	struct buf failures; /* as the end will repeat them */
	uint32_t failures_told, failures_kept;
	struct view_names in_the_way[CAUSE_COUNT]; /* refused, or stuck in a dry run */

	bool is_planned;
	struct view_names unselected;
	bool has_table_head;
	uint32_t table_stage; /* whose table it is */
	uint32_t previewed[PREVIEW_FAIL + 1];
};

/* The plan outlives the view. Colours are the caller's decision: a terminal, and no NO_COLOR. */
void view_lines_init(struct view_lines *view, const struct plan *plan, bool use_color);
void view_lines_release(struct view_lines *view);

void view_lines_note(struct view_lines *view, const struct note *note, struct buf *out);
