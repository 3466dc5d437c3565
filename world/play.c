#include "world/play.h"

#include "model/exit_code.h"

static bool is_verdict(int code)
{
	return code == EXIT_DONE || code == EXIT_FAILED || code == EXIT_TIMEOUT ||
	       code == EXIT_SUPERSEDED;
}

static const struct drawn_fault *fault_of_line(const struct drawn *drawn, uint32_t line)
{
	for (uint32_t i = 0; i < drawn->fault_count; i++)
		if (drawn->faults[i].line == line)
			return &drawn->faults[i];
	return NULL;
}

/* A fault of the last group's own is none of an earlier one, and what isn't known doesn't count. */
static bool is_of_earlier(const struct drawn *drawn, const struct drawn_fault *fault)
{
	return fault->stage != drawn->stage_count - 1 && fault->stage != DRAWN_STAGE_UNKNOWN;
}

static void count_strucks(const struct drawn *drawn, const struct scenario_outcome *outcome,
			  struct played *played)
{
	int64_t last_ms = outcome->tally.last_group_at_ms;

	vec_each(struck, &outcome->strucks) {
		const struct drawn_fault *fault = fault_of_line(drawn, struck->line);
		if (!fault || struck->at_ms > outcome->tally.over_at_ms)
			continue;
		played->has_struck[fault->fault] = true;
		if (played->has_last_group && struck->at_ms >= drawn->begins_ms &&
		    struck->at_ms < last_ms && is_of_earlier(drawn, fault))
			played->has_last_group_after_fault = true;
	}
}

/* L1, of a story whose faults all pass; a run that could not even begin says so. */
static bool must_end_well(const struct drawn *drawn)
{
	for (uint32_t i = 0; i < drawn->fault_count; i++)
		if (!fault_passes(drawn->faults[i].fault))
			return false;
	return !drawn->has_empty_stage && !drawn->has_no;
}

/* -1: it has not ended within the hour for which a story is played. */
static bool has_ended_right(const struct drawn *drawn, int code)
{
	bool is_well = code == EXIT_DONE || code == EXIT_TRY_AGAIN;
	return code >= 0 && (is_well || !must_end_well(drawn));
}

static struct played facts_of(const struct drawn *drawn, const struct scenario_outcome *outcome)
{
	struct played played = {
		.apps = drawn->app_count,
		.stages = drawn->stage_count,
		.groups = outcome->tally.groups,
		.syncs = outcome->tally.syncs,
		.saves = outcome->tally.saves,
		.code = outcome->code,
		.has_verdict = is_verdict(outcome->code),
		.has_last_group = outcome->tally.last_group_at_ms != INT64_MAX,
		.ms = outcome->ended_ms,
		.posts = outcome->tally.posts,
	};

	bool is_late = outcome->run_count > 0 && !has_ended_right(drawn, outcome->code);
	for (uint32_t i = 0; i < PROPERTY_COUNT; i++) {
		bool is_found_now = (i == PROPERTY_L1 && is_late) ||
				    (i == PROPERTY_S14 && played.posts.twice_unreported > 0);
		played.breaches[i] = outcome->breaches[i] + is_found_now;
		played.is_broken = played.is_broken || played.breaches[i] > 0;
	}
	count_strucks(drawn, outcome, &played);
	return played;
}

int play_script(struct str script, const struct drawn *drawn, const struct play_options *options,
		struct played *ret_played, struct buf *timeline, struct err *err)
{
	struct scenario_outcome outcome = {0};
	struct scenario_options how = {
		.is_drawn = true,
		.speaks_structs = !options->speaks_bytes,
		.is_quiet = !options->is_told,
		.shows_all = options->shows_all,
		.outcome = &outcome,
	};
	int result = scenario_run(script, &how, timeline, err);

	*ret_played = facts_of(drawn, &outcome);
	vec_release(&outcome.strucks);
	return result;
}

int play_seed(uint64_t seed, const struct play_options *options, struct played *ret_played,
	      struct buf *timeline, struct err *err)
{
	auto_buf struct buf script = BUF_INIT(DRAWN_BYTES_MAX);
	struct choice choice = choice_of_seed(seed);
	struct drawn drawn;

	draw_story(&choice, options->subject, &script, &drawn);
	return play_script(buf_view(&script), &drawn, options, ret_played, timeline, err);
}
