#pragma once
/*
 * promotion_yaml: reads a promotion file (docs/promotion-file.md has it for people).
 *
 *	app: dummy
 *	project: platform
 *	promotions:
 *	- selector: appName=dummy,env=test
 *	  manualJudgement: true
 *	  soak: 1h
 *	- selector: appName=dummy,env=prd
 *	profiles:
 *	  quick: {promotions: [{selector: appName=dummy}]}
 *
 *	auto_arena struct arena arena = {0};
 *	struct promotion promotion;
 *
 *	if (promotion_from_yaml(text, STR(""), &arena, &promotion, err) < 0)
 *		return err_wrap(err, "%s", path);
 *
 *	p.yaml: line 5, column 3: unknown key 'soka', did you mean 'soak'?
 *
 * All profiles are read, whichever is asked for: a mistake in one that is used once a year is told
 * today. What is absent is what a zeroed struct says, but for two things: a gate that is asked
 * wants one approval, and without approvers it is the owner of the state directory who approves.
 *
 * What a file alone can't show is left to others: whether a group exists, whether the approvers
 * without the submitter are enough (`notSubmitter`), whether a stage selects anything. For them
 * promotion.places has the lines. Decided here:
 *
 * - A key without a value is a mistake, never a default.
 * - `soak: 0` is a stage without soak, so that a profile can say so; a timeout of 0 is refused,
 *   because it could mean "at once" as well as "never".
 * - A selector that nothing can match, and a key of a feature that is still to come (`LATER` in
 *   promotion.def), are mistakes: neither would do what was meant.
 * - `approvers` has each name once, so that `count` can be held to it.
 */
#include "base/arena.h"
#include "base/err.h"
#include "model/promotion.h"

enum {
	PROMOTION_BYTES_MAX = 256 * 1024,
	APPROVERS_MAX = 100,
	/* of an app, a project, a stage, a profile, an approver: longer than the world has them */
	PROMOTION_NAME_BYTES_MAX = 253,
};

/*
 * `profile` empty: the file's own `promotions`. Everything lives in the arena. Errors: E_SYNTAX
 * with line and column, E_LIMIT, also with them where one place is too much, and E_MISSING if there
 * is no such profile, with those that there are. What they quote is fit to be shown: wire/plain.
 */
[[nodiscard]] int promotion_from_yaml(struct str text, struct str profile, struct arena *arena,
				      struct promotion *ret_promotion, struct err *err);
