#include "view/order_words.h"

#include "base/check.h"
#include "model/revision.h"
#include "view/words.h"

#include <inttypes.h>

static void say_stage(const struct order_plan *plan, uint32_t stage, struct buf *out)
{
	check(stage < plan->stage_count);
	words_clean(plan->stages[stage].text, WORDS_NAME_BYTES_MAX, out);
}

/* "web-prd (env=prd)" */
static void say_app(const struct order_plan *plan, const struct app_history *app, uint32_t stage,
		    struct buf *out)
{
	words_clean(app->name, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR(" ("));
	say_stage(plan, stage, out);
	buf_char(out, ')');
}

void order_words_stages(const struct order_plan *plan, struct buf *out)
{
	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		buf_str(out, stage > 0 ? STR(" > ") : STR(""));
		say_stage(plan, stage, out);
	}
}

void order_words_revision(struct str revision, struct buf *out)
{
	struct str rest = revision, piece;
	bool is_first = true;

	while (!str_empty(revision) && str_cut(&rest, ',', &piece)) {
		buf_str(out, is_first ? STR("") : STR(","));
		words_clean(revision_short(piece), WORDS_NAME_BYTES_MAX, out);
		is_first = false;
	}
}

/* "web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann" */
static void say_begin(const struct order_plan *plan, const struct order_finding *finding,
		      struct buf *out)
{
	const struct deployment *deployed = finding->deployed;
	bool has_start = deployed->started_at.ms != 0;

	say_app(plan, finding->ahead, finding->later, out);
	buf_printf(out, " %s %s", has_start ? "began at" : "was done at",
		   wall_format(has_start ? deployed->started_at : deployed->ended_at).s);
	if (str_empty(deployed->initiator))
		return;
	buf_str(out, STR(", by "));
	words_clean(deployed->initiator, WORDS_NAME_BYTES_MAX, out);
}

static void say_broken(const struct order_plan *plan, const struct order_finding *finding,
		       struct buf *out)
{
	const struct deployment *deployed = finding->deployed;
	wall began_at = deployed->started_at.ms ? deployed->started_at : deployed->ended_at;
	bool is_never = finding->ended_at.ms == 0;

	say_begin(plan, finding, out);
	if (is_never)
		buf_str(out, STR("; "));
	else
		buf_printf(out, ", %s before ",
			   duration_format(wall_since(finding->ended_at, began_at)).s);
	say_app(plan, finding->behind, finding->earlier, out);
	buf_str(out, is_never ? STR(" never had it") : STR(" had it"));
}

static void say_doubt(const struct order_plan *plan, const struct order_finding *finding,
		      struct buf *out)
{
	switch (finding->doubt) {
	case DOUBT_NONE:
		check_failed(__FILE__, __LINE__, "an unknown without a doubt");
	case DOUBT_AHEAD_CUT:
		buf_str(out, STR("the history of "));
		say_app(plan, finding->ahead, finding->later, out);
		buf_str(out, STR(" begins with it: it may have had it before "));
		say_app(plan, finding->behind, finding->earlier, out);
		return;
	case DOUBT_BEHIND_CUT:
		say_begin(plan, finding, out);
		buf_str(out, STR("; the history of "));
		say_app(plan, finding->behind, finding->earlier, out);
		buf_printf(out, " begins at %s, and it may have had it before",
			   wall_format(finding->behind->deployments[0].ended_at).s);
		return;
	case DOUBT_BEHIND_KEEPS_NONE:
		say_app(plan, finding->behind, finding->earlier, out);
		buf_str(out, STR(" keeps no history: its revisionHistoryLimit is 0"));
		return;
	case DOUBT_NO_START:
		buf_str(out, STR("when "));
		say_app(plan, finding->ahead, finding->later, out);
		buf_str(out, STR(" began is not recorded"));
		return;
	case DOUBT_NEW:
		say_begin(plan, finding, out);
		buf_str(out, STR(", when "));
		say_stage(plan, finding->earlier, out);
		buf_str(out, STR(" had none of its applications yet"));
		return;
	}
}

void order_words_finding(const struct order_plan *plan, const struct order_finding *finding,
			 struct buf *out)
{
	switch (finding->verdict) {
	case ORDER_KEPT:
		check_failed(__FILE__, __LINE__, "there is nothing to find in what is in order");
	case ORDER_SAME_SECOND:
		say_begin(plan, finding, out);
		buf_str(out, STR(", in the second in which "));
		say_app(plan, finding->behind, finding->earlier, out);
		buf_str(out, STR(" had it"));
		break;
	case ORDER_UNKNOWN:
		say_doubt(plan, finding, out);
		break;
	case ORDER_BROKEN:
		say_broken(plan, finding, out);
		break;
	}
	if (finding->more == 0)
		return;
	buf_printf(out, "; so with %" PRIu32 " more of ", finding->more);
	say_stage(plan, finding->later, out);
}

static uint32_t stages_with_members(const struct order_report *report, uint32_t *ret_last)
{
	uint32_t n = 0;

	for (uint32_t stage = 0; stage < STAGES_MAX; stage++) {
		if (report->members[stage] == 0)
			continue;
		n++;
		*ret_last = stage;
	}
	return n;
}

bool order_words_nothing(const struct order_plan *plan, const struct order_report *report,
			 struct buf *ret_why, struct buf *ret_next)
{
	uint32_t stage = 0, n = stages_with_members(report, &stage);

	if (report->lone_groups < report->groups)
		return false;
	if (n == 0) {
		buf_printf(ret_why, "none of %" PRIu32 " applications is selected by any stage",
			   report->apps);
		buf_str(ret_next, STR("look at their labels with `argocd app list -o json`"));
	} else if (n == 1) {
		say_stage(plan, stage, ret_why);
		buf_str(ret_why, STR(" is the only stage that selects applications"));
		buf_str(ret_next, STR("look at their labels with `argocd app list -o json`"));
	} else if (!str_empty(plan->by)) {
		buf_str(ret_why, STR("no value of the label "));
		words_clean(plan->by, WORDS_NAME_BYTES_MAX, ret_why);
		buf_str(ret_why, STR(" has applications of more than one stage"));
		buf_str(ret_next, STR("choose the label that says which component an application "
				      "belongs to"));
	} else {
		buf_str(ret_why, STR("no ApplicationSet has applications of more than one stage"));
		buf_str(ret_next, STR("say what belongs together with --by=LABEL, the label that "
				      "has the component's name"));
	}
	return true;
}
