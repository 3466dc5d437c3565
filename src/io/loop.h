#pragma once
/*
 * loop: the one thread in which everything happens, and the program's only clock.
 *
 * Time stands still within a turn of the loop: loop_now() gives every handler of one turn the same
 * pair of times, so no event can be older than the one before it. Nothing sleeps; who wants to be
 * called later sets the deadline.
 *
 *	struct loop loop;
 *	loop_init(&loop, (struct loop_handler){ .on_deadline = ..., .on_interrupt = ... });
 *	loop_set_deadline(&loop, engine_deadline(engine));
 *	loop_run(&loop);		until loop_stop() from a handler
 *	...				free whatever lives in the loop
 *	loop_release(&loop);
 *
 * Signals: the first SIGINT or SIGTERM is handed to on_interrupt with the exit code that stands for
 * it; a second one ends the program at once with that code. SIGPIPE is ignored from loop_init on:
 * a reader that went away is an error of a write, not the end of a run.
 */
#include "model/event.h"

#include <stdbool.h>
#include <uv.h>

struct loop_handler {
	void *self;
	void (*on_deadline)(void *self);
	void (*on_interrupt)(void *self, int exit_code);
	/* All that has happened was handled, and the loop is about to wait; NULL: of no interest.
	 * For what is to be done once for many events. */
	void (*on_turn_end)(void *self);
};

struct loop {
	uv_loop_t uv; /* for the other modules of io/ */
	uv_timer_t timer;
	uv_signal_t sigint, sigterm;
	uv_prepare_t turn_end;
	struct loop_handler handler;
	instant deadline; /* what the timer is set to */
	struct now now;	  /* of the turn that is running */
	bool is_interrupted;
};

void loop_init(struct loop *loop, struct loop_handler handler);

/*
 * Every handle that others opened in loop->uv must have been closed: the rest of them is waited
 * for.
 */
void loop_release(struct loop *loop);

/* `turn` is 0: counting events is the engine's. */
struct now loop_now(struct loop *loop);

/* Replaces the deadline before; INSTANT_NEVER: none. on_deadline comes once for each one set, never
 * from inside this call. */
void loop_set_deadline(struct loop *loop, instant deadline);

void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
