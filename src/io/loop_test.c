#include "io/loop.h"

#include "testing.h"

#include "base/check.h"
#include "model/exit_code.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen {
	struct loop loop;
	int deadlines, code, turn_ends;
	instant at;
	bool sets_another;
};

static void on_deadline(void *self)
{
	struct seen *seen = self;
	seen->deadlines++;
	seen->at = loop_now(&seen->loop).mono;
	if (seen->sets_another) {
		seen->sets_another = false;
		loop_set_deadline(&seen->loop, instant_add(seen->at, -1000));
	}
}

static void on_interrupt(void *self, int code)
{
	struct seen *seen = self;
	seen->code = code;
	loop_stop(&seen->loop);
}

static void on_turn_end(void *self)
{
	struct seen *seen = self;
	seen->turn_ends++;
	if (seen->deadlines == 1)
		loop_stop(&seen->loop);
}

static void open_loop(struct seen *seen)
{
	*seen = (struct seen){0};
	loop_init(&seen->loop, (struct loop_handler){.self = seen,
						     .on_deadline = on_deadline,
						     .on_interrupt = on_interrupt});
}

static void a_deadline_comes_once_and_not_too_early(void **state)
{
	struct seen seen;
	open_loop(&seen);
	instant deadline = instant_add(loop_now(&seen.loop).mono, 20);
	loop_set_deadline(&seen.loop, instant_add(deadline, 60'000));
	loop_set_deadline(&seen.loop, deadline);
	loop_set_deadline(&seen.loop, deadline);
	loop_run(&seen.loop);
	assert_int_equal(seen.deadlines, 1);
	assert_true(instant_cmp(seen.at, deadline) >= 0);
	loop_release(&seen.loop);
}

static void the_end_of_each_turn_is_told_to_who_wants_to_know(void **state)
{
	struct seen seen = {0};
	loop_init(&seen.loop, (struct loop_handler){.self = &seen,
						    .on_deadline = on_deadline,
						    .on_interrupt = on_interrupt,
						    .on_turn_end = on_turn_end});
	loop_set_deadline(&seen.loop, instant_add(loop_now(&seen.loop).mono, 5));
	loop_run(&seen.loop);
	assert_int_equal(seen.deadlines, 1);
	assert_in_range(seen.turn_ends, 1, 3);
	loop_release(&seen.loop);
}

static void a_deadline_in_the_past_comes_in_the_next_turn(void **state)
{
	struct seen seen;
	open_loop(&seen);
	seen.sets_another = true;
	loop_set_deadline(&seen.loop, (instant){0});
	assert_int_equal(seen.deadlines, 0);
	loop_run(&seen.loop);
	assert_int_equal(seen.deadlines, 2);
	loop_release(&seen.loop);
}

static void without_a_deadline_the_loop_ends(void **state)
{
	struct seen seen;
	open_loop(&seen);
	loop_set_deadline(&seen.loop, instant_add(loop_now(&seen.loop).mono, 60'000));
	loop_set_deadline(&seen.loop, INSTANT_NEVER);
	loop_run(&seen.loop);
	assert_int_equal(seen.deadlines, 0);
	loop_release(&seen.loop);
}

static void time_stands_still_within_a_turn(void **state)
{
	struct seen seen;
	open_loop(&seen);
	struct now before = loop_now(&seen.loop);
	usleep(5'000);
	struct now after = loop_now(&seen.loop);
	assert_int_equal(before.mono.ms, after.mono.ms);
	assert_int_equal(before.wall.ms, after.wall.ms);
	assert_true(before.wall.ms > 1'700'000'000'000);
	assert_int_equal(before.turn, 0);
	loop_release(&seen.loop);
}

static void a_signal_is_an_interrupt_with_its_code(int signum, int code)
{
	struct seen seen;
	open_loop(&seen);
	loop_set_deadline(&seen.loop, instant_add(loop_now(&seen.loop).mono, 60'000));
	kill(getpid(), signum);
	loop_run(&seen.loop);
	assert_int_equal(seen.code, code);
	loop_release(&seen.loop);
}

static void signals_are_interrupts(void **state)
{
	a_signal_is_an_interrupt_with_its_code(SIGINT, EXIT_SIGINT);
	a_signal_is_an_interrupt_with_its_code(SIGTERM, EXIT_SIGTERM);
}

static void on_interrupt_again(void *self, int code)
{
	kill(getpid(), SIGINT);
}

static void a_second_signal_ends_the_program_at_once(void **state)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct loop loop;
		loop_init(&loop, (struct loop_handler){.on_deadline = on_deadline,
						       .on_interrupt = on_interrupt_again});
		loop_set_deadline(&loop, instant_add(loop_now(&loop).mono, 60'000));
		kill(getpid(), SIGTERM);
		loop_run(&loop);
		_exit(0);
	}
	int status;
	check(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_SIGINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_comes_once_and_not_too_early),
		cmocka_unit_test(a_deadline_in_the_past_comes_in_the_next_turn),
		cmocka_unit_test(the_end_of_each_turn_is_told_to_who_wants_to_know),
		cmocka_unit_test(without_a_deadline_the_loop_ends),
		cmocka_unit_test(time_stands_still_within_a_turn),
		cmocka_unit_test(signals_are_interrupts),
		cmocka_unit_test(a_second_signal_ends_the_program_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
