#include "view/promotion_words.h"

#include "testing.h"

static const struct approver sre[] = {{.is_group = true, .name = STR("sre")},
				      {.name = STR("alice")}};
static const struct plan_stage stages[] = {
	{.text = STR("env=test")},
	{.text = STR("env=prd"),
	 .name = STR("production"),
	 .gate = {.is_asked = true,
		  .approvers = sre,
		  .approver_count = 2,
		  .count = 2,
		  .not_submitter = true,
		  .timeout_ms = 72 * 3'600'000}},
};
static const struct plan plan = {
	.run = STR("r1"), .stages = stages, .stage_count = 2, .is_promotion = true};

static void assert_says(struct note note, const char *words)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);

	assert_true(promotion_words(&plan, &note, &out));
	assert_str(buf_view(&out), words);
}

static void a_gate_says_whom_it_is_asked_of_and_how_to_answer(void **state)
{
	assert_says((struct note){.type = NOTE_GATE, .stage = 2},
		    "stage 2 (production) waits for approval by 2 of group:sre, user:alice, but "
		    "not who began it, for 72h: `tiphys approve r1`");
	assert_says((struct note){.type = NOTE_GATE, .stage = 1},
		    "stage 1 (env=test) waits for approval by the owner: `tiphys approve r1`");
}

static void who_says_something_is_named_and_so_is_why(void **state)
{
	struct note note = {.type = NOTE_SAID,
			    .stage = 2,
			    .who = STR("bob"),
			    .instruction = INSTRUCTION_APPROVE,
			    .approvals = 1,
			    .wanted = 2};

	assert_says(note, "bob approved stage 2 (production) (1 of 2)");
	note.instruction = INSTRUCTION_REJECT;
	note.reason = STR("errors\nup");
	assert_says(note, "bob rejected stage 2 (production): errors up");
	note.instruction = INSTRUCTION_PAUSE;
	assert_says(note, "bob paused it: errors up");
	note.instruction = INSTRUCTION_SKIP;
	note.name = STR("web-prd");
	assert_says(note, "bob skipped web-prd: errors up");
}

static void a_gate_that_nobody_answered_is_rejected_by_nobody(void **state)
{
	assert_says((struct note){.type = NOTE_SAID,
				  .stage = 2,
				  .instruction = INSTRUCTION_REJECT,
				  .reason = STR("not approved within 72h")},
		    "stage 2 (production) is rejected: not approved within 72h");
}

static void a_soak_says_for_how_long_and_who_broke_it(void **state)
{
	assert_says((struct note){.type = NOTE_SOAK, .stage = 1, .soak_ms = 3'600'000},
		    "stage 1 (env=test) is done; all so far is watched for 1h");
	assert_says((struct note){.type = NOTE_BREACH,
				  .stage = 1,
				  .name = STR("web-test"),
				  .cause = {.type = CAUSE_DEGRADED},
				  .soak_ms = 1'800'000},
		    "web-test broke the soak of stage 1 (env=test) (degraded): 30m to go");
}

static void a_run_that_goes_on_says_where_it_stands(void **state)
{
	assert_says((struct note){.type = NOTE_RESTARTED}, "it goes on: no stage has begun yet");
	assert_says((struct note){.type = NOTE_RESTARTED, .stage = 1},
		    "it goes on: stage 1 (env=test) is at work");
}

static void other_notes_are_none_of_these(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_false(promotion_words(&plan, &(struct note){.type = NOTE_WARNING}, &out));
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_says_whom_it_is_asked_of_and_how_to_answer),
		cmocka_unit_test(who_says_something_is_named_and_so_is_why),
		cmocka_unit_test(a_gate_that_nobody_answered_is_rejected_by_nobody),
		cmocka_unit_test(a_soak_says_for_how_long_and_who_broke_it),
		cmocka_unit_test(a_run_that_goes_on_says_where_it_stands),
		cmocka_unit_test(other_notes_are_none_of_these),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
