#include "view/leftover.h"

#include "model/exit_code.h"
#include "picture.h"
#include "testing.h"

static void what_is_under_way_leaves_nothing_behind_yet(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;
	struct leftovers left;

	picture_at_gate(&picture);
	leftover_find(&picture.overview, &arena, &left);
	assert_int_equal(left.step_count, 0);
	assert_int_equal(left.counts[LEFTOVER_DONE], 0);
}

static void each_application_is_on_one_heap(void **state)
{
	const struct {
		struct overview_app app;
		enum leftover leftover;
	} rows[] = {
		{{.phase = PHASE_CONFIRMED}, LEFTOVER_DONE},
		{{.phase = PHASE_DONE, .cause = {.type = CAUSE_BARRIER}}, LEFTOVER_DONE},
		{{.phase = PHASE_SYNCING, .cause = {.type = CAUSE_OPERATION}}, LEFTOVER_RUNNING},
		{{.phase = PHASE_WAITING, .cause = {.type = CAUSE_FOREIGN}}, LEFTOVER_RUNNING},
		{{.phase = PHASE_FAILED, .cause = {CAUSE_TIMED_OUT, STR("operation"), STR("")}},
		 LEFTOVER_RUNNING},
		{{.phase = PHASE_FAILED, .cause = {CAUSE_TIMED_OUT, STR("health"), STR("")}},
		 LEFTOVER_NOT_DONE},
		{{.phase = PHASE_FAILED, .cause = {.type = CAUSE_HOOK_FAILED}}, LEFTOVER_NOT_DONE},
		{{.phase = PHASE_SETTLING, .cause = {.type = CAUSE_HEALTH}}, LEFTOVER_NOT_DONE},
		{{.phase = PHASE_LEFT, .cause = {.type = CAUSE_HELD_BACK}}, LEFTOVER_ONE_CLICK},
		{{.phase = PHASE_WAITING, .cause = {.type = CAUSE_STAGE}}, LEFTOVER_ONE_CLICK},
		{{.phase = PHASE_LEFT, .is_skipped = true, .cause = {.type = CAUSE_STAGE}},
		 LEFTOVER_SKIPPED},
		{{.phase = PHASE_LEFT, .is_skipped = true, .cause = {.type = CAUSE_OPERATION}},
		 LEFTOVER_RUNNING},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(leftover_name(leftover_of(&rows[i].app)),
				    leftover_name(rows[i].leftover));
}

static void assert_first_step(const struct picture *picture, const char *command)
{
	auto_arena struct arena arena = {0};
	struct leftovers left;

	leftover_find(&picture->overview, &arena, &left);
	assert_true(left.step_count > 0);
	assert_str(left.steps[0].command, command);
}

static void how_it_ended_decides_how_to_go_on(void **state)
{
	struct picture picture;

	picture_failed(&picture);
	assert_first_step(&picture, "tiphys retry r1 --failed");
	picture.overview.code = EXIT_TERMINATED;
	assert_first_step(&picture, "tiphys promote --file=FILE --revision=" PICTURE_SHA);
	picture.overview.code = EXIT_SUPERSEDED;
	assert_first_step(&picture, "tiphys promote --file=FILE --revision=REVISION");
	picture_rejected(&picture);
	assert_first_step(&picture, "tiphys promote --file=FILE --revision=REVISION");
}

static void one_that_failed_by_nobodys_fault_is_begun_anew(void **state)
{
	struct picture picture;

	picture_rejected(&picture);
	picture.seen[2].is_declined = false;
	picture.overview.code = EXIT_TRY_AGAIN;
	assert_first_step(&picture, "tiphys promote --file=FILE --revision=" PICTURE_SHA);
}

static void what_is_done_needs_nothing(void **state)
{
	auto_arena struct arena arena = {0};
	struct picture picture;
	struct leftovers left;

	picture_done(&picture);
	leftover_find(&picture.overview, &arena, &left);
	assert_int_equal(left.step_count, 0);
	assert_int_equal(left.counts[LEFTOVER_DONE], PICTURE_APPS);
}

static void what_was_rejected_is_said_to_be(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct picture picture;

	picture_rejected(&picture);
	leftover_words(&picture.overview, LEFTOVER_ONE_CLICK, &out);
	assert_str(buf_view(&out),
		   "not synced: where targetRevision is 3f2a91c (which was rejected) "
		   "they are OutOfSync, one click from it");
	buf_clear(&out);
	leftover_words(&picture.overview, LEFTOVER_DONE, &out);
	assert_str(buf_view(&out), "done at 3f2a91c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_under_way_leaves_nothing_behind_yet),
		cmocka_unit_test(each_application_is_on_one_heap),
		cmocka_unit_test(how_it_ended_decides_how_to_go_on),
		cmocka_unit_test(one_that_failed_by_nobodys_fault_is_begun_anew),
		cmocka_unit_test(what_is_done_needs_nothing),
		cmocka_unit_test(what_was_rejected_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
