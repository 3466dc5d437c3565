#include "cmd/session.h"

#include "base/check.h"
#include "cmd/say.h"
#include "engine/engine.h"
#include "io/argocd_client.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"
#include "view/json.h"
#include "view/lines.h"

#include <stdlib.h>
#include <string.h>

struct session {
	struct session_options options;
	struct target *target;
	struct loop loop;
	struct argocd_client *client;
	struct engine *engine;
	struct view_lines lines;
	struct view_json json;
	struct buf out;
	bool is_over;
	int code;
};

static_assert((int)VIEW_JSON_BYTES_MAX <= (int)VIEW_LINES_BYTES_MAX);

static void deliver(struct session *session, const struct event *ev)
{
	/* In the turn of the loop in which the run ended more may still come. */
	if (session->is_over)
		return;
	engine_event(session->engine, ev);
	if (!session->is_over)
		loop_set_deadline(&session->loop, engine_deadline(session->engine));
}

static void on_event(void *self, const struct event *ev)
{
	deliver(self, ev);
}

static void on_deadline(void *self)
{
	struct session *session = self;
	deliver(session, &(struct event){.type = EV_TICK, .now = loop_now(&session->loop)});
}

static void on_interrupt(void *self, int exit_code)
{
	struct session *session = self;
	deliver(session, &(struct event){
				 .type = EV_INTERRUPT,
				 .now = loop_now(&session->loop),
				 .code = exit_code,
			 });
}

static bool find_token(void *self, struct buf *ret)
{
	struct session *session = self;
	return target_find_token(session->target, ret);
}

static void send_request(void *self, const struct request *request)
{
	struct session *session = self;
	argocd_client_request(session->client, request);
}

static void end_run(void *self, int code)
{
	struct session *session = self;
	session->is_over = true;
	session->code = code;
	loop_stop(&session->loop);
}

/* What remains when the talk is left out: results, and what somebody should know anyway. */
static bool is_talk(const struct note *note)
{
	switch (note->type) {
	case NOTE_CONNECTED:
	case NOTE_PLAN:
	case NOTE_APP:
	case NOTE_HEARTBEAT:
	case NOTE_BARRIER:
	case NOTE_WARNING:
		return true;
	case NOTE_PREVIEW:
		return false;
	case NOTE_END:
		/* A run that did not come to its applications has an error, not a result. */
		return note->counts.total == 0;
	}
	return true;
}

static void show_note(void *self, const struct note *note)
{
	struct session *session = self;
	buf_clear(&session->out);
	if (session->options.format == FORMAT_JSON) {
		view_json_note(&session->json, note, &session->out);
		check(!buf_overflowed(&session->out));
		output_write(OUTPUT_DATA, buf_view(&session->out));
		return;
	}
	view_lines_note(&session->lines, note, &session->out);
	if (!is_talk(note))
		output_write(OUTPUT_DATA, buf_view(&session->out));
	else if (!session->options.is_quiet || note->type == NOTE_WARNING || note->type == NOTE_END)
		output_write(OUTPUT_TALK, buf_view(&session->out));
}

/* Both, because one file may have what goes to either. */
static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	if (no_color && *no_color)
		return false;
	if (!term || strcmp(term, "dumb") == 0)
		return false;
	return output_is_terminal(OUTPUT_DATA) && output_is_terminal(OUTPUT_TALK);
}

static void open_session(struct session *session, const struct plan *plan)
{
	loop_init(&session->loop, (struct loop_handler){
					  .self = session,
					  .on_deadline = on_deadline,
					  .on_interrupt = on_interrupt,
				  });
	session->client = argocd_client_new(&session->loop, &session->target->server,
					    (struct argocd_handler){
						    .self = session,
						    .on_event = on_event,
						    .find_token = find_token,
					    });
	session->engine = engine_new(plan, random_u64(),
				     (struct ports){
					     .self = session,
					     .request = send_request,
					     .note = show_note,
					     .exit = end_run,
				     });
	view_lines_init(&session->lines, plan, wants_color());
	view_json_init(&session->json, plan);
}

static void close_session(struct session *session)
{
	argocd_client_free(session->client);
	engine_free(session->engine);
	loop_release(&session->loop);
	view_lines_release(&session->lines);
	view_json_release(&session->json);
	buf_release(&session->out);
}

int session_run(const struct plan *plan, struct target *target, struct session_options options)
{
	struct session session = {
		.options = options,
		.target = target,
		.out = BUF_INIT(VIEW_LINES_BYTES_MAX),
		.code = EXIT_INTERNAL,
	};
	open_session(&session, plan);
	deliver(&session, &(struct event){.type = EV_START, .now = loop_now(&session.loop)});
	if (!session.is_over)
		loop_run(&session.loop);
	/* The loop ends by itself only if nothing is under way and no deadline is set. */
	check(session.is_over);
	close_session(&session);
	return session.code;
}
