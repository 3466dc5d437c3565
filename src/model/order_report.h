#pragma once
/*
 * order_report: what the past says of the order of stages: each release, whether a later stage was
 * synced to it before an earlier one was, and who.
 *
 * A release is one revision of one group: of an ApplicationSet's Applications, or of those that
 * have the same value of a label. audit/order.h has what is judged and how; a report is made there
 * and read by the views. What it points at is the histories' and the arena's that it was made with.
 */
#include "model/history.h"
#include "model/plan.h"

/* What is asked. */
struct order_plan {
	struct str project;
	const struct plan_stage
		*stages; /* at least two, the first one first; each has a selector */
	uint32_t stage_count;
	struct str by;	/* the label whose values are the groups; empty: the ApplicationSets */
	wall since;	/* releases that began before are left out; 0: none is */
	uint32_t limit; /* so many of the newest; 0: all */
};

/* The worst last: a release has the worst of its findings. */
enum order_verdict {
	ORDER_KEPT,
	ORDER_SAME_SECOND, /* began in the second in which the earlier one was done */
	ORDER_UNKNOWN,
	ORDER_BROKEN,
};
enum { ORDER_VERDICTS = ORDER_BROKEN + 1 };

/* Why it is unknown. */
enum order_doubt {
	DOUBT_NONE,
	DOUBT_AHEAD_CUT,  /* its history begins with the release: it may have had it before */
	DOUBT_BEHIND_CUT, /* it may have had the release before its history begins */
	DOUBT_BEHIND_KEEPS_NONE,
	DOUBT_NO_START, /* when the one ahead began is not recorded */
	DOUBT_NEW,	/* the earlier stage's Applications were made later */
};

/* Of two stages, the one who was earliest and the one who was latest. */
struct order_finding {
	enum order_verdict verdict; /* all but ORDER_KEPT */
	enum order_doubt doubt;
	uint32_t later, earlier;	   /* stages, from 0 */
	const struct app_history *ahead;   /* of the later stage */
	const struct app_history *behind;  /* of the earlier one */
	const struct deployment *deployed; /* the one ahead's */
	wall ended_at;			   /* when the one behind had it; 0: it never had */
	uint32_t more;			   /* others of the later stage of whom the same is true */
};

struct order_release {
	struct str group, revision;
	wall began_at; /* by whoever was first */
	enum order_verdict verdict;
	const struct order_finding *findings;
	uint32_t finding_count;
};

struct order_report {
	const struct order_release *releases; /* the newest first */
	size_t release_count;
	uint32_t by_verdict[ORDER_VERDICTS];
	/* broken[later][earlier]: in so many releases */
	uint32_t broken[STAGES_MAX][STAGES_MAX];
	uint32_t older; /* releases left out by `since` and `limit` */
	/* releases that no stage but the group's first has seen: there is nothing to judge */
	uint32_t at_first_stage;

	uint32_t apps;
	uint32_t members[STAGES_MAX];
	uint32_t unstaged;  /* Applications that no stage selects */
	uint32_t ungrouped; /* of the others, without an owner, or without the label */
	uint32_t hydrated;
	uint32_t cut;	    /* of those that are judged, whose history has lost its beginning */
	uint32_t forgetful; /* of those that are judged, who keep no history at all */
	const struct app_history *an_unstaged, *an_ungrouped, *a_hydrated, *a_forgetful, *a_cut;
	uint32_t groups;
	uint32_t lone_groups; /* all of whose Applications are of one stage */
};

const char *order_verdict_name(enum order_verdict verdict);
const char *order_doubt_name(enum order_doubt doubt);
