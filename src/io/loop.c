#include "io/loop.h"

#include "base/check.h"
#include "model/exit_code.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static void on_timer(uv_timer_t *timer)
{
	struct loop *loop = timer->data;
	loop->deadline = INSTANT_NEVER;
	loop->handler.on_deadline(loop->handler.self);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct loop *loop = handle->data;
	int code = signum == SIGTERM ? EXIT_SIGTERM : EXIT_SIGINT;
	if (loop->is_interrupted)
		_exit(code);
	loop->is_interrupted = true;
	loop->handler.on_interrupt(loop->handler.self, code);
}

static void watch_signal(struct loop *loop, uv_signal_t *handle, int signum)
{
	check(uv_signal_init(&loop->uv, handle) == 0);
	handle->data = loop;
	check(uv_signal_start(handle, on_signal, signum) == 0);
	uv_unref((uv_handle_t *)handle);
}

static void on_turn_end(uv_prepare_t *handle)
{
	struct loop *loop = handle->data;
	loop->handler.on_turn_end(loop->handler.self);
}

void loop_init(struct loop *loop, struct loop_handler handler)
{
	*loop = (struct loop){.handler = handler, .deadline = INSTANT_NEVER};
	check(uv_loop_init(&loop->uv) == 0);
	check(uv_timer_init(&loop->uv, &loop->timer) == 0);
	loop->timer.data = loop;
	check(uv_prepare_init(&loop->uv, &loop->turn_end) == 0);
	loop->turn_end.data = loop;
	if (handler.on_turn_end)
		check(uv_prepare_start(&loop->turn_end, on_turn_end) == 0);
	uv_unref((uv_handle_t *)&loop->turn_end);
	signal(SIGPIPE, SIG_IGN);
	watch_signal(loop, &loop->sigint, SIGINT);
	watch_signal(loop, &loop->sigterm, SIGTERM);
}

void loop_release(struct loop *loop)
{
	uv_close((uv_handle_t *)&loop->timer, NULL);
	uv_close((uv_handle_t *)&loop->turn_end, NULL);
	uv_close((uv_handle_t *)&loop->sigint, NULL);
	uv_close((uv_handle_t *)&loop->sigterm, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	check(uv_loop_close(&loop->uv) == 0);
}

struct now loop_now(struct loop *loop)
{
	int64_t ms = (int64_t)uv_now(&loop->uv);
	if (loop->now.mono.ms != ms) {
		struct timespec ts;
		clock_gettime(CLOCK_REALTIME, &ts);
		loop->now.mono.ms = ms;
		loop->now.wall.ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1'000'000;
	}
	return loop->now;
}

void loop_set_deadline(struct loop *loop, instant deadline)
{
	if (instant_cmp(loop->deadline, deadline) == 0)
		return;
	loop->deadline = deadline;
	if (instant_is_never(deadline)) {
		uv_timer_stop(&loop->timer);
		return;
	}
	int64_t wait_ms = instant_since(deadline, loop_now(loop).mono);
	check(uv_timer_start(&loop->timer, on_timer, (uint64_t)MAX(wait_ms, 0), 0) == 0);
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}
