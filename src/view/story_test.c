#include "view/story.h"

#include "base/check.h"
#include "picture.h"
#include "testing.h"

static struct story tell(const struct picture *picture, struct arena *arena)
{
	struct story story;

	story_tell(&picture->overview, picture->records, picture->record_count, arena, &story);
	return story;
}

static void an_application_is_told_from_post_to_done(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_at_gate(&picture);
	struct story story = tell(&picture, &arena);
	const struct story_app *app = &story.apps[2];
	assert_int_equal(app->first->from.ms, picture_at(4925).ms);
	assert_int_equal(app->first->till.ms, picture_at(4980).ms);
	assert_int_equal(app->first->end, SPAN_DONE);
	assert_null(app->first->next);
	assert_int_equal(story_app_ms(app), 55'000);
	assert_int_equal(app->posts, 1);
}

static void one_that_was_found_not_done_any_more_is_told_again(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_at_gate(&picture);
	struct story story = tell(&picture, &arena);
	const struct story_span *again = story.apps[0].first->next;
	assert_true(again->is_reopened);
	assert_int_equal(again->from.ms, picture_at(1200).ms);
	assert_int_equal(again->till.ms, picture_at(1320).ms);
	assert_int_equal(story.apps[0].reopened, 1);
	assert_int_equal(story_app_ms(&story.apps[0]), 33'000 + 120'000);
	assert_int_equal(story.apps[0].confirmed_at.ms, picture_at(4922).ms);
}

static void what_nobody_posted_is_a_moment(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_at_gate(&picture);
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.apps[1].first->from.ms, story.apps[1].first->till.ms);
	assert_int_equal(story_app_ms(&story.apps[1]), 0);
	assert_null(story.apps[4].first);
	assert_int_equal(story_app_ms(&story.apps[4]), 0);
}

static void what_is_open_goes_on_until_now_or_the_end(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.records[picture.record_count++] = (struct record){
		picture_at(7000), {.type = ENTRY_POST, .app = 4, .attempt = 1}};
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.apps[4].last->end, SPAN_OPEN);
	assert_int_equal(story.apps[4].last->till.ms, picture_at(7200).ms);
	assert_int_equal(story.till.ms, picture_at(7200).ms);
	picture_rejected(&picture);
	story = tell(&picture, &arena);
	assert_int_equal(story.till.ms, picture_at(7500).ms);
	assert_int_equal(story.over_at.ms, picture_at(7500).ms);
}

static void a_stage_has_its_gate_and_its_soak(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_done(&picture);
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.stages[0].begun_at.ms, picture_at(6).ms);
	assert_int_equal(story.stages[0].soak_at.ms, picture_at(41).ms);
	assert_int_equal(story.stages[0].soaked_at.ms, picture_at(4920).ms);
	assert_int_equal(story.stages[0].breach_count, 1);
	assert_int_equal(story.stages[0].breaches->cause, CAUSE_DEGRADED);
	assert_int_equal(story.stages[0].passed_at.ms, picture_at(4923).ms);
	assert_int_equal(story.stages[2].gate_at.ms, picture_at(5100).ms);
	assert_int_equal(story.stages[2].gate_closed_at.ms, picture_at(7200).ms);
}

static void a_stage_ends_when_it_has_no_more_to_do(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_done(&picture);
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.stages[0].ended_at.ms, story.stages[0].passed_at.ms);
	/* People are asked from then on; it is passed half an hour later. */
	assert_int_equal(story.stages[1].ended_at.ms, picture_at(5100).ms);
	assert_int_equal(story.stages[1].passed_at.ms, picture_at(7203).ms);
	assert_int_equal(story.stages[2].ended_at.ms, picture_at(7402).ms);
	picture_failed(&picture);
	story = tell(&picture, &arena);
	assert_int_equal(story.stages[1].ended_at.ms, picture_at(5001).ms);
	assert_int_equal(story.stages[2].ended_at.ms, 0);
}

static void what_people_said_is_kept_in_order(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_rejected(&picture);
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.said_count, 2);
	assert_int_equal(story.said->note.instruction, INSTRUCTION_APPROVE);
	assert_int_equal(story.said->note.approvals, 1);
	assert_int_equal(story.said->note.stage, 3);
	assert_str(story.said->next->note.who, "alice");
	assert_int_equal(story.said->next->note.instruction, INSTRUCTION_REJECT);
	picture_failed(&picture);
	story = tell(&picture, &arena);
	assert_str(story.said->note.name, "web-prd-3");
}

static void whether_its_operations_were_to_end_too_is_kept(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_rejected(&picture);
	picture.record_count = 1;
	picture.records[0] = (struct record){picture_at(1), {.type = ENTRY_TERMINATED_ALL}};
	assert_true(tell(&picture, &arena).said->note.with_operations);
	picture.records[0].entry.type = ENTRY_TERMINATED;
	assert_false(tell(&picture, &arena).said->note.with_operations);
}

static void one_that_comes_and_goes_is_told_in_few_spans(void **state)
{
	static struct record records[100];
	auto_arena struct arena arena = {0};
	struct picture picture;
	struct story story;

	picture_at_gate(&picture);
	for (uint32_t i = 0; i < COUNTOF(records); i++)
		records[i] = (struct record){
			picture_at(i + 1), {.type = i % 2 ? ENTRY_DONE : ENTRY_REOPENED, .app = 0}};
	story_tell(&picture.overview, records, COUNTOF(records), &arena, &story);
	assert_int_equal(story.apps[0].span_count, STORY_SPANS_MAX);
	assert_int_equal(story.apps[0].last->till.ms, picture_at(100).ms);
	assert_int_equal(story.apps[0].last->end, SPAN_DONE);
}

static void without_records_there_is_time_all_the_same(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;
	struct story story;

	picture_at_gate(&picture);
	picture.overview.submitted_at = picture.overview.now = (wall){0};
	story_tell(&picture.overview, NULL, 0, &arena, &story);
	assert_true(wall_cmp(story.till, story.from) > 0);
	assert_null(story.said);
}

static void assert_ends(struct entry entry, enum span_end end)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_at_gate(&picture);
	entry.app = 4;
	picture.records[picture.record_count++] = (struct record){
		picture_at(7000), {.type = ENTRY_POST, .app = 4, .attempt = 1}};
	picture.records[picture.record_count++] = (struct record){picture_at(7010), entry};
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.apps[4].last->end, end);
	assert_int_equal(story_app_ms(&story.apps[4]), 10'000);
}

static void what_did_not_come_to_be_has_not_failed(void **state)
{
	assert_ends((struct entry){.type = ENTRY_REJECTED}, SPAN_LEFT);
	assert_ends((struct entry){.type = ENTRY_SKIPPED}, SPAN_LEFT);
	assert_ends((struct entry){.type = ENTRY_ENDED}, SPAN_LEFT);
	assert_ends((struct entry){.type = ENTRY_ENDED, .code = 1}, SPAN_FAILED);
}

static void one_that_is_retried_is_not_over_any_more(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;

	picture_failed(&picture);
	picture.overview.is_over = false;
	picture.records[picture.record_count++] = (struct record){
		picture_at(5030), {.type = ENTRY_RETRIED, .who = STR("ann")}};
	picture.records[picture.record_count++] = (struct record){
		picture_at(5040), {.type = ENTRY_POST, .app = 2, .attempt = 2}};
	struct story story = tell(&picture, &arena);
	assert_int_equal(story.over_at.ms, 0);
	assert_int_equal(story.till.ms, picture.overview.now.ms);
	assert_int_equal(story.apps[2].first->end, SPAN_FAILED);
	assert_int_equal(story.apps[2].last->till.ms, picture.overview.now.ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_application_is_told_from_post_to_done),
		cmocka_unit_test(one_that_was_found_not_done_any_more_is_told_again),
		cmocka_unit_test(what_nobody_posted_is_a_moment),
		cmocka_unit_test(what_is_open_goes_on_until_now_or_the_end),
		cmocka_unit_test(a_stage_has_its_gate_and_its_soak),
		cmocka_unit_test(a_stage_ends_when_it_has_no_more_to_do),
		cmocka_unit_test(what_people_said_is_kept_in_order),
		cmocka_unit_test(whether_its_operations_were_to_end_too_is_kept),
		cmocka_unit_test(one_that_comes_and_goes_is_told_in_few_spans),
		cmocka_unit_test(without_records_there_is_time_all_the_same),
		cmocka_unit_test(what_did_not_come_to_be_has_not_failed),
		cmocka_unit_test(one_that_is_retried_is_not_over_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
