/*
 * S1 and S11: the order of stages, by what the clusters hold.
 */
#include "world/judge_inside.h"

/* Of one stage: the last to have been done, and the first to have been done no more. */
struct span {
	const struct judged *undone; /* never done; NULL: each was */
	const struct judged *last_to_come, *first_to_go;
	wall gone_at;
	const struct judged *reopened; /* and not confirmed since; NULL: nobody is */
};

static void add(struct span *span, const struct judged *judged, wall now)
{
	const struct truth *truth = &judged->truth;

	if (judged->is_reopened)
		span->reopened = judged;
	if (!truth->has_been) {
		span->undone = span->undone ? span->undone : judged;
		return;
	}
	wall last = truth_last(truth, now);
	if (!span->last_to_come || wall_cmp(truth->first, span->last_to_come->truth.first) > 0)
		span->last_to_come = judged;
	if (!span->first_to_go || wall_cmp(last, span->gone_at) < 0) {
		span->first_to_go = judged;
		span->gone_at = last;
	}
}

static struct span span_of(const struct judge *judge, const struct subject *subject, uint32_t stage,
			   wall now)
{
	bool is_saved = subject_is_promotion(subject);
	wall decided_at = is_saved ? wall_add(now, -SAVED_WITHIN_MS) : now;
	struct span span = {0};

	vec_each(judged, &subject->apps)
		if (judged->stage == stage && judged_is_known(judge, subject, judged, decided_at))
			add(&span, judged, now);
	return span;
}

/* Of a promotion: since its last barrier began each was done at some instant, and as its journal
 * says, whoever was not any more is again. */
static bool is_lost(const struct judge *judge, const struct subject *subject,
		    const struct span *span, struct arena *arena, struct str *ret_fault)
{
	wall began_at = wall_add(subject->barrier_at, -judge->config.cache_lag_ms);
	const struct judged *a = span->first_to_go;

	if (!subject_is_promotion(subject))
		return false;
	if (a && wall_cmp(span->gone_at, began_at) < 0) {
		*ret_fault = arena_printf(
			arena, STR_FMT " of stage %u was done no more when the barrier began",
			STR_ARG(a->name), a->stage + 1);
		return true;
	}
	if (span->reopened)
		*ret_fault = arena_printf(arena, STR_FMT " of stage %u is reopened",
					  STR_ARG(span->reopened->name), span->reopened->stage + 1);
	return span->reopened;
}

/* What is wrong with the stage, as the end of a sentence; false: nothing. */
static bool finds_fault(const struct span *span, struct arena *arena, struct str *ret_fault)
{
	const struct judged *a = span->first_to_go, *b = span->last_to_come;

	if (span->undone) {
		*ret_fault = arena_printf(arena, STR_FMT " of stage %u is not done",
					  STR_ARG(span->undone->name), span->undone->stage + 1);
		return true;
	}
	if (!a || !b || wall_cmp(span->gone_at, b->truth.first) >= 0)
		return false;
	*ret_fault = arena_printf(
		arena, STR_FMT " of stage %u was done no more when " STR_FMT " first was",
		STR_ARG(a->name), a->stage + 1, STR_ARG(b->name));
	return true;
}

/* The first fault of the stages before this one. */
static bool is_early(const struct judge *judge, const struct subject *subject, uint32_t stage,
		     wall now, struct arena *arena, struct str *ret_fault)
{
	for (uint32_t i = 0; i < stage; i++) {
		struct span span = span_of(judge, subject, i, now);
		if (finds_fault(&span, arena, ret_fault) ||
		    is_lost(judge, subject, &span, arena, ret_fault))
			return true;
	}
	return false;
}

void order_judge_sync(struct judge *judge, struct subject *subject, struct str name, wall now)
{
	auto_arena struct arena arena = {0};
	const struct judged *judged = judged_find(judge, subject, name);
	struct str fault;

	if (judged && !judged->has_moved &&
	    is_early(judge, subject, judged->stage, now, &arena, &fault))
		judge_accuse(judge, PROPERTY_S1,
			     STR_FMT " of stage %u is to be synced, and " STR_FMT, STR_ARG(name),
			     judged->stage + 1, STR_ARG(fault));
}

/* Somebody is of this stage, perhaps of an earlier one too, or may have been when the run began. */
static bool selects(const struct judge *judge, const struct subject *subject, uint32_t stage)
{
	const struct selector *selector = subject->order->stages[stage].selector;

	vec_each(judged, &subject->apps) {
		const struct app *app = store_app(argo_store(judge->argo), judged->name);
		if (!str_empty(judged->name) &&
		    (judged->stage == stage || judged->has_moved ||
		     (app && (!selector || app_matches(app, selector)))))
			return true;
	}
	return false;
}

static bool all_select(const struct judge *judge, const struct subject *subject)
{
	for (uint32_t i = 0; i < subject->order->stage_count; i++)
		if (!selects(judge, subject, i))
			return false;
	return true;
}

void order_judge_end(struct judge *judge, struct subject *subject, wall now)
{
	auto_arena struct arena arena = {0};
	struct str fault;

	if (!all_select(judge, subject))
		judge_accuse(judge, PROPERTY_S11, "it ends 0, and a stage selects nothing");
	else if (is_early(judge, subject, subject->order->stage_count, now, &arena, &fault))
		judge_accuse(judge, PROPERTY_S11, "it ends 0, and " STR_FMT, STR_ARG(fault));
}
