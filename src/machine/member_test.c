#include "machine/member.h"

#include "testing.h"

static void apply(struct member *member, enum entry_type type)
{
	member_apply(member, &(struct entry){.type = type, .attempt = member->posts + 1});
}

static void the_facts_of_a_rollout_follow_from_its_entries(void **state)
{
	struct member member = {0};

	member_apply(&member, &(struct entry){.type = ENTRY_READ,
					      .operation = 7,
					      .finished_at = {100},
					      .is_running = true});
	assert_true(member.is_read);
	assert_true(member.first_is_running);
	assert_int_equal(member.first_operation, 7);
	assert_int_equal(member.first_finished_at.ms, 100);
	apply(&member, ENTRY_POST);
	assert_int_equal(member.post, POST_OPEN);
	apply(&member, ENTRY_REJECTED);
	assert_int_equal(member.post, POST_REJECTED);
	apply(&member, ENTRY_POST);
	apply(&member, ENTRY_ACCEPTED);
	assert_int_equal(member.posts, 2);
	assert_int_equal(member.accepted, 1);
	member_apply(&member, &(struct entry){.type = ENTRY_ADOPTED, .operation = 8});
	assert_int_equal(member.adopted, 8);
	member_apply(&member, &(struct entry){.type = ENTRY_DONE,
					      .operation = 9,
					      .finished_at = {200},
					      .is_skipped = true});
	assert_true(member.is_done);
	assert_true(member.is_skipped);
	assert_false(member_is_settled(&member));
	apply(&member, ENTRY_REOPENED);
	assert_false(member.is_done);
	assert_false(member.is_skipped);
	assert_int_equal(member.reopened, 1);
	apply(&member, ENTRY_DONE);
	apply(&member, ENTRY_CONFIRMED);
	assert_true(member_is_settled(&member));
}

static void a_post_that_nobody_saw_may_come_to_be_after_all(void **state)
{
	struct member member = {0};

	apply(&member, ENTRY_POST);
	apply(&member, ENTRY_UNSEEN);
	assert_int_equal(member.post, POST_REJECTED);
	member_apply(&member, &(struct entry){.type = ENTRY_SEEN, .attempt = 1});
	assert_int_equal(member.post, POST_ACCEPTED);
	assert_int_equal(member.accepted, 1);
	/* An older one says nothing of the newest. */
	apply(&member, ENTRY_POST);
	member_apply(&member, &(struct entry){.type = ENTRY_SEEN, .attempt = 1});
	assert_int_equal(member.post, POST_OPEN);
	assert_int_equal(member.accepted, 1);
}

static void an_end_keeps_its_code_and_cause(void **state)
{
	struct member member = {0};
	const struct entry end = {.type = ENTRY_ENDED, .code = 5, .cause = CAUSE_TIMED_OUT};

	member_apply(&member, &end);
	assert_true(member_is_settled(&member));
	assert_int_equal(member.code, 5);
	assert_int_equal(member.cause, CAUSE_TIMED_OUT);
	assert_dies("!member->is_ended", member_apply(&member, &end));
}

static void entries_that_cannot_follow_each_other_are_a_mistake(void **state)
{
	struct member member = {0};

	assert_dies("POST_OPEN", apply(&member, ENTRY_ACCEPTED));
	assert_dies("POST_OPEN", apply(&member, ENTRY_REJECTED));
	assert_dies("is_done", apply(&member, ENTRY_REOPENED));
	assert_dies("is_done", apply(&member, ENTRY_CONFIRMED));
	apply(&member, ENTRY_READ);
	assert_dies("is_read", apply(&member, ENTRY_READ));
	apply(&member, ENTRY_POST);
	assert_dies("POST_OPEN", apply(&member, ENTRY_POST));
	apply(&member, ENTRY_ACCEPTED);
	apply(&member, ENTRY_DONE);
	assert_dies("is_done", apply(&member, ENTRY_DONE));
}

static void one_that_was_confirmed_can_be_done_no_more(void **state)
{
	struct member member = {0};

	apply(&member, ENTRY_DONE);
	apply(&member, ENTRY_CONFIRMED);
	assert_true(member_is_settled(&member));
	apply(&member, ENTRY_REOPENED);
	assert_false(member.is_done || member.is_confirmed);
	assert_false(member_is_settled(&member));
}

static void a_retry_begins_anew_for_who_had_ended(void **state)
{
	struct member member = {0};

	apply(&member, ENTRY_READ);
	apply(&member, ENTRY_POST);
	apply(&member, ENTRY_ACCEPTED);
	apply(&member, ENTRY_ENDED);
	member_retry(&member);
	assert_false(member.is_ended || member.is_read);
	assert_int_equal(member.accepted, 0);
	/* Its tokens go on: each POST of the run has its own. */
	assert_int_equal(member.posts, 1);
}

static void a_retry_leaves_alone_who_is_done_or_skipped(void **state)
{
	struct member done = {0}, skipped = {0};

	apply(&done, ENTRY_READ);
	apply(&done, ENTRY_DONE);
	member_retry(&done);
	assert_true(done.is_done && done.is_read);
	apply(&skipped, ENTRY_ENDED);
	apply(&skipped, ENTRY_SKIPPED);
	assert_true(member_is_out(&skipped));
	member_retry(&skipped);
	assert_true(member_is_out(&skipped));
}

static void an_entry_of_the_group_belongs_to_no_member(void **state)
{
	struct member member = {0};

	assert_dies("no member", apply(&member, ENTRY_BARRIER));
	assert_dies("no member", apply(&member, ENTRY_STOPPED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_facts_of_a_rollout_follow_from_its_entries),
		cmocka_unit_test(a_post_that_nobody_saw_may_come_to_be_after_all),
		cmocka_unit_test(an_end_keeps_its_code_and_cause),
		cmocka_unit_test(entries_that_cannot_follow_each_other_are_a_mistake),
		cmocka_unit_test(one_that_was_confirmed_can_be_done_no_more),
		cmocka_unit_test(a_retry_begins_anew_for_who_had_ended),
		cmocka_unit_test(a_retry_leaves_alone_who_is_done_or_skipped),
		cmocka_unit_test(an_entry_of_the_group_belongs_to_no_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
