#include "argo/agenda.h"

#include "base/prng.h"
#include "testing.h"

static void nothing(void *self, uint64_t number, uint64_t epoch)
{
}

static void plan(struct agenda *agenda, int64_t at_ms, uint64_t number)
{
	agenda_add(agenda, (wall){at_ms}, (struct task){.run = nothing, .number = number});
}

static void tasks_come_in_the_order_of_their_times(void **state)
{
	struct agenda *agenda = agenda_new();
	struct prng prng;
	struct task task;
	wall at, last = {0};

	prng_seed(&prng, 7);
	for (uint64_t i = 0; i < 500; i++)
		plan(agenda, (int64_t)prng_below(&prng, 100), i);
	uint64_t last_number = 0;
	for (int i = 0; i < 500; i++) {
		assert_true(agenda_take(agenda, (wall){100}, &at, &task));
		assert_true(at.ms >= last.ms);
		assert_true(at.ms > last.ms || i == 0 || task.number > last_number);
		last = at;
		last_number = task.number;
	}
	assert_false(agenda_take(agenda, (wall){100}, &at, &task));
	agenda_free(agenda);
}

static void what_is_not_due_stays(void **state)
{
	struct agenda *agenda = agenda_new();
	struct task task;
	wall at;

	assert_false(agenda_due(agenda, &at));
	plan(agenda, 50, 1);
	assert_true(agenda_due(agenda, &at));
	assert_int_equal(at.ms, 50);
	assert_false(agenda_take(agenda, (wall){49}, &at, &task));
	assert_true(agenda_take(agenda, (wall){50}, &at, &task));
	agenda_free(agenda);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_come_in_the_order_of_their_times),
		cmocka_unit_test(what_is_not_due_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
