#include "cmd/fleet.h"

#include "base/check.h"
#include "cmd/say.h"
#include "io/argocd_client.h"
#include "model/exit_code.h"

enum {
	VERSION_BYTES_MAX = 100,
	TRIES_MAX = 5, /* of what may go away by itself */
	TRY_AGAIN_MS = 1'000,
	ASK_TIMEOUT_MS = 10'000,
	HISTORY_TIMEOUT_MS = 300'000, /* the whole List of a large fleet is many megabytes */
};

struct reading {
	const struct fleet_question *question;
	struct fleet_handler handler;
	struct target *target;
	struct loop loop;
	struct argocd_client *client;
	char version[VERSION_BYTES_MAX];
	enum request_type asked; /* what is asked, or will be again */
	uint32_t requests, tries;
	bool has_new_token; /* which the next request carries */
	bool is_over;
	int code;
};

static void stop(struct reading *reading, int code)
{
	reading->is_over = true;
	reading->code = code;
	loop_stop(&reading->loop);
}

static void fail(struct reading *reading, int code, struct str why, const char *next)
{
	struct fleet_failure failure = {loop_now(&reading->loop).wall, why, next};

	stop(reading, reading->handler.on_failure(reading->handler.self, code, &failure));
}

static void ask(struct reading *reading, enum request_type type)
{
	reading->asked = type;
	argocd_client_request(
		reading->client,
		&(struct request){
			.id = ++reading->requests,
			.type = type,
			.app = APP_NONE,
			.name = reading->question->project,
			.project = reading->question->project,
			.selector = reading->question->selector,
			.timeout_ms = type == REQUEST_HISTORY ? HISTORY_TIMEOUT_MS : ASK_TIMEOUT_MS,
		});
}

/* After a 401 it may, if the place where the token came from had another one by then. */
static bool may_try_again(struct reading *reading, enum outcome outcome)
{
	bool may_pass = outcome_is_passing(outcome) ||
			(outcome == OUTCOME_UNAUTHENTICATED && reading->has_new_token);

	reading->has_new_token = false;
	return may_pass && ++reading->tries < TRIES_MAX;
}

static void take_no(struct reading *reading, const struct reply *reply)
{
	auto_arena struct arena arena = {0};
	struct str why = str_of(outcome_name(reply->outcome));

	if (may_try_again(reading, reply->outcome)) {
		if (reading->tries == 1 && !reading->question->is_quiet)
			say_warning(STR_FMT "; trying again", STR_ARG(why));
		loop_set_deadline(&reading->loop,
				  instant_add(loop_now(&reading->loop).mono, TRY_AGAIN_MS));
		return;
	}
	why = outcome_words(reply->outcome, reply->message, &arena);
	fail(reading, outcome_exit_code(reply->outcome), why,
	     "nothing was read; `argocd app list` needs the same server and credentials");
}

/* Nobody was listed; the answer about the project says why. */
static void take_empty(struct reading *reading, const struct reply *reply)
{
	auto_arena struct arena arena = {0};
	struct str project = reading->question->project;
	struct str why = arena_printf(&arena, "no Application of project '" STR_FMT "' is listed",
				      STR_ARG(project));

	if (!str_empty(reading->question->selector))
		why = arena_printf(&arena,
				   "the selector '" STR_FMT
				   "' selects no Application of project '" STR_FMT "'",
				   STR_ARG(reading->question->selector), STR_ARG(project));
	if (reply->outcome == OUTCOME_NOT_FOUND)
		why = arena_printf(&arena, "there is no project '" STR_FMT "'", STR_ARG(project));
	else if (reply->outcome == OUTCOME_DENIED)
		why = arena_printf(&arena,
				   "project '" STR_FMT
				   "' does not exist, or these credentials may not read it",
				   STR_ARG(project));
	fail(reading, EXIT_USAGE, why,
	     "look at `argocd app list`; an Application that you may not read is not listed");
}

static void take_fleet(struct reading *reading, const struct reply *reply)
{
	struct fleet fleet = {
		.version = reading->version,
		.now = loop_now(&reading->loop).wall,
		.apps = reply->histories,
		.count = reply->history_count,
	};

	stop(reading, reading->handler.on_fleet(reading->handler.self, &fleet));
}

static void take_yes(struct reading *reading, const struct reply *reply)
{
	reading->tries = 0;
	if (reply->type == REQUEST_VERSION) {
		str_keep(reply->version, reading->version, sizeof reading->version);
		ask(reading, REQUEST_HISTORY);
	} else if (reply->history_count == 0) {
		ask(reading, REQUEST_PROJECT);
	} else {
		take_fleet(reading, reply);
	}
}

/* ---- the loop's ---- */

static void on_event(void *self, const struct event *ev)
{
	struct reading *reading = self;

	if (reading->is_over || ev->type != EV_REPLY)
		return;
	bool is_about_project = ev->reply->type == REQUEST_PROJECT;
	if (is_about_project && !outcome_is_passing(ev->reply->outcome))
		take_empty(reading, ev->reply);
	else if (ev->reply->outcome == OUTCOME_OK)
		take_yes(reading, ev->reply);
	else
		take_no(reading, ev->reply);
}

static bool find_token(void *self, struct buf *ret)
{
	struct reading *reading = self;

	reading->has_new_token = target_find_token(reading->target, ret);
	return reading->has_new_token;
}

static void on_deadline(void *self)
{
	struct reading *reading = self;

	if (!reading->is_over)
		ask(reading, reading->asked);
}

static void on_interrupt(void *self, int exit_code)
{
	struct reading *reading = self;

	if (!reading->is_over)
		fail(reading, exit_code, STR("interrupted"), "nothing was changed");
}

int fleet_read(const struct fleet_question *question, struct target *target,
	       struct fleet_handler handler)
{
	struct reading reading = {
		.question = question,
		.handler = handler,
		.target = target,
		.code = EXIT_INTERNAL,
	};

	loop_init(&reading.loop, (struct loop_handler){.self = &reading,
						       .on_deadline = on_deadline,
						       .on_interrupt = on_interrupt});
	reading.client = argocd_client_new(&reading.loop, &target->server,
					   (struct argocd_handler){.self = &reading,
								   .on_event = on_event,
								   .find_token = find_token});
	ask(&reading, REQUEST_VERSION);
	loop_run(&reading.loop);
	check(reading.is_over);
	argocd_client_free(reading.client);
	loop_release(&reading.loop);
	return reading.code;
}
