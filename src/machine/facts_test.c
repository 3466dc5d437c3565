#include "machine/facts.h"

#include "model/exit_code.h"
#include "testing.h"

static void apply(struct run_facts *facts, struct entry entry)
{
	facts_apply(facts, &entry);
}

static void join(struct run_facts *facts, uint32_t app, uint32_t stage)
{
	apply(facts, (struct entry){.type = ENTRY_MEMBER,
				    .app = app,
				    .stage = stage,
				    .namespace = STR("argocd"),
				    .name = STR("web")});
	apply(facts, (struct entry){.type = ENTRY_READ, .app = app, .uid = STR("uid")});
}

static void finish(struct run_facts *facts, uint32_t app, int64_t compared_at)
{
	apply(facts, (struct entry){.type = ENTRY_DONE, .app = app});
	apply(facts,
	      (struct entry){.type = ENTRY_CONFIRMED, .app = app, .compared_at = {compared_at}});
}

static void write_down(struct run_facts *facts, enum entry_type type, uint32_t stage)
{
	apply(facts, (struct entry){.type = type, .app = APP_NONE, .stage = stage});
}

static void the_order_holds_once_every_earlier_member_was_found_done_still(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	join(&facts, 1, 1);
	write_down(&facts, ENTRY_STAGE, 0);
	assert_true(facts_order_holds(&facts, 0));
	assert_false(facts_order_holds(&facts, 1));
	assert_true(facts_is_later(&facts, 1));
	finish(&facts, 0, 7'000);
	assert_false(facts_order_holds(&facts, 1));
	write_down(&facts, ENTRY_BARRIER, 0);
	write_down(&facts, ENTRY_PASSED, 0);
	assert_true(facts_order_holds(&facts, 1));
	assert_int_equal(facts.stages[0].compared_at.ms, 7'000);
	write_down(&facts, ENTRY_STAGE, 1);
	assert_true(facts_is_earlier(&facts, 0));
	assert_false(facts_is_later(&facts, 1));
	facts_release(&facts);
}

static void a_stage_does_not_begin_out_of_order(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	write_down(&facts, ENTRY_STAGE, 0);
	assert_dies("facts_order_holds", write_down(&facts, ENTRY_STAGE, 1));
	facts_release(&facts);
}

static void a_latecomer_closes_a_barrier_that_is_open(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	write_down(&facts, ENTRY_STAGE, 0);
	write_down(&facts, ENTRY_BARRIER, 0);
	finish(&facts, 0, 0);
	assert_int_equal(facts.stages[0].confirmed, 1);
	join(&facts, 1, 0);
	assert_false(facts.stages[0].is_barrier);
	assert_int_equal(facts.stages[0].confirmed, 0);
	assert_int_equal(facts.stages[0].done, 1);
	assert_false(facts.members.v[0].is_confirmed);
	facts_release(&facts);
}

/* The first of two stages is behind, the barrier of the second is open. */
static void open_second_barrier(struct run_facts *facts, bool is_all)
{
	*facts = (struct run_facts){0};
	join(facts, 0, 0);
	join(facts, 1, 1);
	write_down(facts, ENTRY_STAGE, 0);
	finish(facts, 0, 7'000);
	write_down(facts, ENTRY_BARRIER, 0);
	write_down(facts, ENTRY_PASSED, 0);
	write_down(facts, ENTRY_STAGE, 1);
	apply(facts, (struct entry){.type = ENTRY_DONE, .app = 1});
	apply(facts,
	      (struct entry){.type = ENTRY_BARRIER, .app = APP_NONE, .stage = 1, .is_all = is_all});
	apply(facts, (struct entry){.type = ENTRY_CONFIRMED, .app = 1, .compared_at = {8'000}});
}

static void a_latecomer_of_an_earlier_stage_closes_a_barrier_of_all(void **state)
{
	struct run_facts facts;

	open_second_barrier(&facts, true);
	join(&facts, 2, 0);
	assert_false(facts.stages[1].is_barrier);
	assert_int_equal(facts.stages[1].confirmed, 0);
	facts_release(&facts);

	/* One of a stage to come is no matter of it. */
	open_second_barrier(&facts, true);
	join(&facts, 2, 2);
	assert_true(facts.stages[1].is_barrier);
	facts_release(&facts);

	/* Also once it is behind, until the next stage begins. */
	open_second_barrier(&facts, true);
	write_down(&facts, ENTRY_PASSED, 1);
	join(&facts, 2, 0);
	assert_false(facts.stages[1].is_barrier || facts.stages[1].is_passed);
	facts_release(&facts);

	/* Where each stage is read once more by itself it is no matter of this one. */
	open_second_barrier(&facts, false);
	join(&facts, 2, 0);
	assert_true(facts.stages[1].is_barrier);
	assert_int_equal(facts.stages[1].confirmed, 1);
	assert_false(facts_is_latecomer(&facts, &facts.members.v[2]));
	facts_release(&facts);
}

static void a_latecomer_of_a_stage_that_is_behind_has_all_read_once_more(void **state)
{
	struct run_facts facts = {0};

	for (uint32_t i = 0; i < 3; i++)
		join(&facts, i, i);
	for (uint32_t i = 0; i < 2; i++) {
		write_down(&facts, ENTRY_STAGE, i);
		apply(&facts, (struct entry){.type = ENTRY_DONE, .app = i});
		apply(&facts,
		      (struct entry){
			      .type = ENTRY_BARRIER, .app = APP_NONE, .stage = i, .is_all = true});
		for (uint32_t j = 0; j <= i; j++)
			apply(&facts, (struct entry){.type = ENTRY_CONFIRMED, .app = j});
		write_down(&facts, ENTRY_PASSED, i);
	}
	write_down(&facts, ENTRY_STAGE, 2);
	join(&facts, 3, 0);
	assert_true(facts_is_latecomer(&facts, &facts.members.v[3]));
	assert_true(facts.members.v[0].is_confirmed && facts.members.v[1].is_confirmed);
	apply(&facts, (struct entry){.type = ENTRY_DONE, .app = 3});
	assert_false(facts.members.v[0].is_confirmed || facts.members.v[1].is_confirmed);
	assert_false(facts_order_holds(&facts, 2));
	/* One that was done before and is again is none. */
	assert_false(facts_is_latecomer(&facts, &facts.members.v[3]));
	apply(&facts, (struct entry){.type = ENTRY_CONFIRMED, .app = 3});
	apply(&facts, (struct entry){.type = ENTRY_REOPENED, .app = 3});
	assert_false(facts_is_latecomer(&facts, &facts.members.v[3]));
	facts_release(&facts);
}

static void who_resumes_has_all_read_once_more(void **state)
{
	struct run_facts facts;

	open_second_barrier(&facts, true);
	write_down(&facts, ENTRY_PASSED, 1);
	write_down(&facts, ENTRY_PAUSED, 0);
	assert_true(facts.stages[1].is_passed);
	write_down(&facts, ENTRY_RESUMED, 0);
	assert_false(facts.stages[1].is_barrier || facts.stages[1].is_passed);
	facts_release(&facts);
}

static void a_latecomer_behind_the_barrier_breaks_the_order(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	write_down(&facts, ENTRY_STAGE, 0);
	write_down(&facts, ENTRY_BARRIER, 0);
	finish(&facts, 0, 0);
	write_down(&facts, ENTRY_PASSED, 0);
	assert_true(facts_order_holds(&facts, 1));
	join(&facts, 1, 0);
	assert_true(facts.stages[0].is_passed);
	assert_true(facts.members.v[0].is_confirmed);
	assert_false(facts_order_holds(&facts, 1));
	facts_release(&facts);
}

static void a_bad_end_and_a_stranger_halt_what_is_ahead(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	join(&facts, 1, 1);
	apply(&facts, (struct entry){.type = ENTRY_STRANGER, .app = 1, .is_accepted = true});
	assert_false(facts.is_halted);
	apply(&facts, (struct entry){.type = ENTRY_STRANGER, .app = 1, .operation = 9});
	assert_true(facts.is_halted);
	assert_int_equal(facts.halted_by, 1);
	assert_int_equal(facts.members.v[1].stranger, 9);
	apply(&facts, (struct entry){.type = ENTRY_ENDED,
				     .app = 0,
				     .code = EXIT_TIMEOUT,
				     .cause = CAUSE_TIMED_OUT});
	assert_int_equal(facts.halted_by, 1);
	assert_int_equal(facts.code, EXIT_TIMEOUT);
	assert_int_equal(facts.stages[0].ended, 1);
	facts_release(&facts);
}

static void one_that_ends_after_all_counts_as_done_no_more(void **state)
{
	struct run_facts facts = {0};

	join(&facts, 0, 0);
	write_down(&facts, ENTRY_STAGE, 0);
	write_down(&facts, ENTRY_BARRIER, 0);
	finish(&facts, 0, 0);
	apply(&facts, (struct entry){.type = ENTRY_ENDED, .app = 0, .code = EXIT_FAILED});
	assert_int_equal(facts.stages[0].confirmed, 0);
	assert_int_equal(facts.stages[0].done, 0);
	assert_false(facts_order_holds(&facts, 1));
	facts_release(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_holds_once_every_earlier_member_was_found_done_still),
		cmocka_unit_test(a_stage_does_not_begin_out_of_order),
		cmocka_unit_test(a_latecomer_closes_a_barrier_that_is_open),
		cmocka_unit_test(a_latecomer_of_an_earlier_stage_closes_a_barrier_of_all),
		cmocka_unit_test(a_latecomer_of_a_stage_that_is_behind_has_all_read_once_more),
		cmocka_unit_test(who_resumes_has_all_read_once_more),
		cmocka_unit_test(a_latecomer_behind_the_barrier_breaks_the_order),
		cmocka_unit_test(a_bad_end_and_a_stranger_halt_what_is_ahead),
		cmocka_unit_test(one_that_ends_after_all_counts_as_done_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
