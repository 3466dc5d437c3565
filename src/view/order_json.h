#pragma once
/*
 * order_json: an audit of the order as JSON, one object on each line. Each has `v` (1, and what
 * view/json.h says of it), `seq`, `time` and `type`; an empty field is left out.
 *
 *   connected  project, order (the stages' selectors, the first one first), by, address (where
 *              its API is asked: host, port, path), version
 *   release    group (an ApplicationSet, or a label's value), revision (of several sources: "a,b"),
 *              beganAt, verdict, findings; the newest first
 *   end        code, result, text; if releases were judged: releases, inOrder, sameSecond, unknown,
 *              outOfOrder, atFirstStage, older, applications, groups, broken (of each two stages:
 *              later, earlier, releases), notJudged (unstaged, ungrouped, hydrated, withoutHistory,
 *              groupsOfOneStage), historiesCut
 *
 * A finding is about two stages:
 *
 *   verdict             out-of-order, unknown, same-second; of a release also in-order
 *   doubt               why it is unknown: order_doubt_name()
 *   later, earlier      the stages' selectors
 *   ahead               the Application of the later stage that was earliest
 *   startedAt, by       when it began, and who began it
 *   behind              the one of the earlier stage that was latest
 *   endedAt             when it had the release; without, it never had it, or that is not known
 *   aheadByMs           by how much
 *   more                so many others of the later stage of whom the same is true
 *   text                all of it in a sentence, for people
 *
 * The result is done, out-of-order (code 1) or what words_result() says of the code.
 */
#include "view/order_words.h"

enum { ORDER_JSON_BYTES_MAX = 2 * STAGES_MAX * STAGES_MAX * ORDER_WORDS_BYTES_MAX };

struct order_json {
	const struct order_plan *plan;
	wall now;
	uint64_t seq;
};

void order_json_begin(struct order_json *json, struct str address, struct str version,
		      struct buf *out);
void order_json_release(struct order_json *json, const struct order_release *release,
			struct buf *out);

/* `report` is NULL if it did not come so far; `text` says why. */
void order_json_end(struct order_json *json, const struct order_report *report, int code,
		    struct str text, struct buf *out);
