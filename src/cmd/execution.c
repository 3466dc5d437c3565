#include "cmd/execution.h"

#include "base/check.h"
#include "cmd/say.h"
#include "engine/engine.h"
#include "io/argocd_client.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"

/* The way to one of the plan's Argo CDs. */
struct way {
	struct execution *execution;
	uint32_t server;
	struct target *target;
	struct argocd_client *client;
};

struct execution {
	struct execution_options options;
	struct way ways[SERVERS_MAX];
	uint32_t way_count;
	struct loop loop;
	struct engine *engine;
	struct telling telling;
	bool is_over;
	int code;
};

static void deliver(struct execution *execution, const struct event *ev)
{
	/* In the turn of the loop in which the run ended more may still come. */
	if (execution->is_over)
		return;
	engine_event(execution->engine, ev);
	if (!execution->is_over)
		loop_set_deadline(&execution->loop, engine_deadline(execution->engine));
}

static void on_event(void *self, const struct event *ev)
{
	const struct way *way = self;
	struct event from = *ev;

	from.server = way->server;
	deliver(way->execution, &from);
}

static void on_deadline(void *self)
{
	struct execution *execution = self;
	deliver(execution, &(struct event){.type = EV_TICK, .now = loop_now(&execution->loop)});
}

static void on_interrupt(void *self, int exit_code)
{
	struct execution *execution = self;
	deliver(execution, &(struct event){
				   .type = EV_INTERRUPT,
				   .now = loop_now(&execution->loop),
				   .code = exit_code,
			   });
}

static bool find_token(void *self, struct buf *ret)
{
	const struct way *way = self;
	return target_find_token(way->target, ret);
}

static void send_request(void *self, const struct request *request)
{
	struct execution *execution = self;
	argocd_client_request(execution->ways[request->server].client, request);
}

static void end_run(void *self, int code)
{
	struct execution *execution = self;
	execution->is_over = true;
	execution->code = code;
	loop_stop(&execution->loop);
}

static void keep_app(const struct plan *plan, const struct note *note, struct buf *out)
{
	if (note->type == NOTE_PREVIEW)
		buf_printf(out, STR_FMT " " STR_FMT "/" STR_FMT "\n",
			   STR_ARG(plan->servers[note->server].address), STR_ARG(note->namespace),
			   STR_ARG(note->name));
}

static void show_note(void *self, const struct note *note)
{
	struct execution *execution = self;
	bool is_data;

	if (execution->options.apps)
		keep_app(execution->telling.lines.plan, note, execution->options.apps);
	struct str text = telling_note(&execution->telling, note, &is_data);
	output_write(is_data ? OUTPUT_DATA : OUTPUT_TALK, text);
}

static void open_way(struct execution *execution, uint32_t server, struct target *target)
{
	struct way *way = &execution->ways[server];

	*way = (struct way){execution, server, target, NULL};
	way->client = argocd_client_new(&execution->loop, &target->server,
					(struct argocd_handler){
						.self = way,
						.on_event = on_event,
						.find_token = find_token,
					});
}

static void open_execution(struct execution *execution, const struct plan *plan,
			   struct target *targets)
{
	loop_init(&execution->loop, (struct loop_handler){
					    .self = execution,
					    .on_deadline = on_deadline,
					    .on_interrupt = on_interrupt,
				    });
	execution->way_count = plan_server_count(plan);
	for (uint32_t i = 0; i < execution->way_count; i++)
		open_way(execution, i, &targets[i]);
	execution->engine = engine_new(plan, random_u64(),
				       (struct ports){
					       .self = execution,
					       .request = send_request,
					       .note = show_note,
					       .exit = end_run,
				       });
	telling_init(&execution->telling, plan, execution->options.format,
		     execution->options.is_quiet, say_wants_color());
}

static void close_execution(struct execution *execution)
{
	for (uint32_t i = 0; i < execution->way_count; i++)
		argocd_client_free(execution->ways[i].client);
	engine_free(execution->engine);
	loop_release(&execution->loop);
	telling_release(&execution->telling);
}

int execution_run(const struct plan *plan, struct target *targets, struct execution_options options)
{
	struct execution execution = {
		.options = options,
		.code = EXIT_INTERNAL,
	};
	open_execution(&execution, plan, targets);
	deliver(&execution, &(struct event){.type = EV_START, .now = loop_now(&execution.loop)});
	if (!execution.is_over)
		loop_run(&execution.loop);
	/* The loop ends by itself only if nothing is under way and no deadline is set. */
	check(execution.is_over);
	close_execution(&execution);
	return execution.code;
}
