#include "cmd/order_audit.h"

#include "audit/order.h"
#include "base/check.h"
#include "cmd/say.h"
#include "io/argocd_client.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"
#include "view/order_json.h"
#include "view/order_lines.h"

#include <string.h>

enum {
	VERSION_BYTES_MAX = 100,
	TRIES_MAX = 5, /* of what may go away by itself */
	TRY_AGAIN_MS = 1'000,
	ASK_TIMEOUT_MS = 10'000,
	HISTORY_TIMEOUT_MS = 300'000, /* the whole List of a large fleet is many megabytes */
};

struct order_audit {
	struct order_plan plan;
	struct order_audit_options options;
	struct target *target;
	struct loop loop;
	struct argocd_client *client;
	struct order_json json;
	struct buf out;
	char version[VERSION_BYTES_MAX];
	enum request_type asked; /* what is asked, or will be again */
	uint32_t requests, tries;
	bool has_new_token; /* which the next request carries */
	bool is_over;
	int code;
};

/* ---- telling ---- */

static void write_out(struct order_audit *audit)
{
	check(!buf_overflowed(&audit->out));
	output_write(OUTPUT_DATA, buf_view(&audit->out));
	buf_clear(&audit->out);
}

static void stop(struct order_audit *audit, int code)
{
	audit->is_over = true;
	audit->code = code;
	loop_stop(&audit->loop);
}

/* It ends without a report: why, and what to do next. */
static void fail(struct order_audit *audit, int code, struct str why, const char *next)
{
	struct err err = {0};

	if (audit->options.format == FORMAT_JSON) {
		audit->json.now = loop_now(&audit->loop).wall;
		order_json_end(&audit->json, NULL, code, why, &audit->out);
		write_out(audit);
	} else {
		err_set(&err, E_IO, STR_FMT, STR_ARG(why));
		say_error(&err, "%s", next);
	}
	stop(audit, code);
}

static void tell_lines(struct order_audit *audit, const struct order_report *report)
{
	struct order_lines lines = {
		.plan = &audit->plan,
		.report = report,
		.address = target_address(audit->target),
		.version = str_of(audit->version),
		.use_color = say_wants_color(),
	};

	order_lines_begin(&lines, &audit->out);
	write_out(audit);
	for (size_t i = 0; i < report->release_count; i++) {
		order_lines_release(&lines, &report->releases[i], &audit->out);
		write_out(audit);
	}
	order_lines_end(&lines, &audit->out);
	write_out(audit);
}

static void tell_json(struct order_audit *audit, const struct order_report *report, int code)
{
	audit->json.now = loop_now(&audit->loop).wall;
	order_json_begin(&audit->json, target_address(audit->target), str_of(audit->version),
			 &audit->out);
	write_out(audit);
	for (size_t i = 0; i < report->release_count; i++) {
		order_json_release(&audit->json, &report->releases[i], &audit->out);
		write_out(audit);
	}
	order_json_end(&audit->json, report, code, STR(""), &audit->out);
	write_out(audit);
}

/* ---- asking ---- */

static void ask(struct order_audit *audit, enum request_type type)
{
	audit->asked = type;
	argocd_client_request(
		audit->client,
		&(struct request){
			.id = ++audit->requests,
			.type = type,
			.app = APP_NONE,
			.name = audit->plan.project,
			.project = audit->plan.project,
			.selector = audit->options.selector,
			.timeout_ms = type == REQUEST_HISTORY ? HISTORY_TIMEOUT_MS : ASK_TIMEOUT_MS,
		});
}

/* After a 401 it may, if the place where the token came from had another one by then. */
static bool may_try_again(struct order_audit *audit, enum outcome outcome)
{
	bool may_pass = outcome_is_passing(outcome) ||
			(outcome == OUTCOME_UNAUTHENTICATED && audit->has_new_token);

	audit->has_new_token = false;
	return may_pass && ++audit->tries < TRIES_MAX;
}

static void take_no(struct order_audit *audit, const struct reply *reply)
{
	auto_arena struct arena arena = {0};
	struct str why = str_of(outcome_name(reply->outcome));

	if (may_try_again(audit, reply->outcome)) {
		if (audit->tries == 1 && audit->options.format == FORMAT_TEXT)
			say_warning(STR_FMT "; trying again", STR_ARG(why));
		loop_set_deadline(&audit->loop,
				  instant_add(loop_now(&audit->loop).mono, TRY_AGAIN_MS));
		return;
	}
	why = outcome_words(reply->outcome, reply->message, &arena);
	fail(audit, outcome_exit_code(reply->outcome), why,
	     "nothing was read; `argocd app list` needs the same server and credentials");
}

/* Nobody was listed; the answer about the project says why. */
static void take_empty(struct order_audit *audit, const struct reply *reply)
{
	auto_arena struct arena arena = {0};
	struct str project = audit->plan.project;
	struct str why = arena_printf(&arena, "no Application of project '" STR_FMT "' is listed",
				      STR_ARG(project));

	if (reply->outcome == OUTCOME_NOT_FOUND)
		why = arena_printf(&arena, "there is no project '" STR_FMT "'", STR_ARG(project));
	else if (reply->outcome == OUTCOME_DENIED)
		why = arena_printf(&arena,
				   "project '" STR_FMT
				   "' does not exist, or these credentials may not read it",
				   STR_ARG(project));
	fail(audit, EXIT_USAGE, why,
	     "look at `argocd app list`; an Application that you may not read is not listed");
}

static void judge(struct order_audit *audit, const struct reply *reply)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf why = BUF_INIT(ORDER_WORDS_BYTES_MAX),
			    next = BUF_INIT(ORDER_WORDS_BYTES_MAX);
	struct order_report report;

	if (audit->options.since_ms > 0)
		audit->plan.since = wall_add(loop_now(&audit->loop).wall, -audit->options.since_ms);
	order_judge(&audit->plan, reply->histories, reply->history_count, random_u64(), &arena,
		    &report);
	if (order_words_nothing(&audit->plan, &report, &why, &next)) {
		fail(audit, EXIT_USAGE, buf_view(&why), buf_cstr(&next));
		return;
	}
	int code = report.by_verdict[ORDER_BROKEN] > 0 ? EXIT_FAILED : EXIT_DONE;
	if (audit->options.format == FORMAT_JSON)
		tell_json(audit, &report, code);
	else
		tell_lines(audit, &report);
	stop(audit, code);
}

static void take_yes(struct order_audit *audit, const struct reply *reply)
{
	size_t n = MIN(reply->version.n, sizeof audit->version - 1);

	audit->tries = 0;
	if (reply->type == REQUEST_VERSION) {
		if (n > 0)
			memcpy(audit->version, reply->version.p, n);
		ask(audit, REQUEST_HISTORY);
	} else if (reply->history_count == 0) {
		ask(audit, REQUEST_PROJECT);
	} else {
		judge(audit, reply);
	}
}

/* ---- the loop's ---- */

static void on_event(void *self, const struct event *ev)
{
	struct order_audit *audit = self;

	if (audit->is_over || ev->type != EV_REPLY)
		return;
	bool is_about_project = ev->reply->type == REQUEST_PROJECT;
	if (is_about_project && !outcome_is_passing(ev->reply->outcome))
		take_empty(audit, ev->reply);
	else if (ev->reply->outcome == OUTCOME_OK)
		take_yes(audit, ev->reply);
	else
		take_no(audit, ev->reply);
}

static bool find_token(void *self, struct buf *ret)
{
	struct order_audit *audit = self;

	audit->has_new_token = target_find_token(audit->target, ret);
	return audit->has_new_token;
}

static void on_deadline(void *self)
{
	struct order_audit *audit = self;

	if (!audit->is_over)
		ask(audit, audit->asked);
}

static void on_interrupt(void *self, int exit_code)
{
	struct order_audit *audit = self;

	if (!audit->is_over)
		fail(audit, exit_code, STR("interrupted"), "nothing was changed");
}

int order_audit_run(const struct order_plan *plan, struct target *target,
		    struct order_audit_options options)
{
	struct order_audit audit = {
		.plan = *plan,
		.options = options,
		.target = target,
		.json = {.plan = &audit.plan},
		.out = BUF_INIT(ORDER_JSON_BYTES_MAX),
		.code = EXIT_INTERNAL,
	};

	static_assert((int)ORDER_LINES_BYTES_MAX <= (int)ORDER_JSON_BYTES_MAX);
	loop_init(&audit.loop, (struct loop_handler){.self = &audit,
						     .on_deadline = on_deadline,
						     .on_interrupt = on_interrupt});
	audit.client = argocd_client_new(&audit.loop, &target->server,
					 (struct argocd_handler){.self = &audit,
								 .on_event = on_event,
								 .find_token = find_token});
	ask(&audit, REQUEST_VERSION);
	loop_run(&audit.loop);
	check(audit.is_over);
	argocd_client_free(audit.client);
	loop_release(&audit.loop);
	buf_release(&audit.out);
	return audit.code;
}
