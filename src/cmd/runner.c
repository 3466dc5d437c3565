#include "cmd/runner.h"

#include "cmd/command.h"
#include "cmd/desk.h"
#include "cmd/host.h"
#include "cmd/say.h"
#include "cmd/state_dir.h"
#include "io/background.h"
#include "io/journal.h"
#include "io/local_server.h"
#include "io/memory.h"
#include "io/people.h"
#include "io/state_folder.h"
#include "model/exit_code.h"

#include <stdlib.h>

enum {
	/* With nothing to do it stays for so long: who comes next need not start another. */
	LINGER_MS = 5'000,
	/* What the reading of thousands of Applications took and freed is given back so often. */
	TRIM_EVERY_MS = 15'000,
};

struct runner {
	struct arena arena;
	struct loop loop;
	struct journal *journal;
	struct host *host;
	struct desk *desk;
	struct local_server *server;
	instant idle_since; /* INSTANT_NEVER: it has something to do */
	instant trimmed_at;
	int code;
};

struct str runner_socket_group(struct str flag)
{
	return str_empty(flag) ? str_of(getenv("TIPHYS_SOCKET_GROUP")) : flag;
}

struct str runner_socket(struct str folder, struct arena *arena)
{
	return arena_printf(arena, STR_FMT "/socket", STR_ARG(folder));
}

struct str runner_log(struct str folder, struct arena *arena)
{
	return arena_printf(arena, STR_FMT "/log", STR_ARG(folder));
}

/* ---- what happens ---- */

static void on_line(void *self, struct local_peer *peer, struct str line)
{
	struct runner *runner = self;
	desk_hear(runner->desk, peer, line);
}

static void on_close(void *self, struct local_peer *peer)
{
	struct runner *runner = self;
	desk_part(runner->desk, peer);
}

/* Nothing more may be done in the world: what the disk has is what counts. */
static void on_failure(void *self, const struct err *err)
{
	struct runner *runner = self;

	say_error(err, "the promotions go on from what was saved when any tiphys command runs");
	runner->code = EXIT_INTERNAL;
	desk_leave(runner->desk, exit_code_of_runner(err), str_of(err->text));
	loop_stop(&runner->loop);
}

static void on_interrupt(void *self, int exit_code)
{
	struct runner *runner = self;

	(void)exit_code;
	runner->code = EXIT_DONE;
	desk_leave(runner->desk, EXIT_TRY_AGAIN, STR("it was asked to end"));
	loop_stop(&runner->loop);
}

static void on_deadline(void *self)
{
	struct runner *runner = self;
	host_tick(runner->host);
	desk_tick(runner->desk);
}

static bool has_work(const struct runner *runner)
{
	return host_active(runner->host) > 0 || desk_is_busy(runner->desk);
}

/* Only where something happens anyway: it is no reason to wake. */
static void trim(struct runner *runner, instant now)
{
	if (instant_since(now, runner->trimmed_at) < TRIM_EVERY_MS)
		return;
	runner->trimmed_at = now;
	memory_trim();
}

/* All that the turn has decided is saved and leaves; then it is known what to wait for. */
static void on_turn_end(void *self)
{
	struct runner *runner = self;
	instant now = loop_now(&runner->loop).mono;

	host_turn_end(runner->host);
	trim(runner, now);
	if (has_work(runner))
		runner->idle_since = INSTANT_NEVER;
	else if (instant_is_never(runner->idle_since))
		runner->idle_since = now;
	instant end = instant_is_never(runner->idle_since)
			      ? INSTANT_NEVER
			      : instant_add(runner->idle_since, LINGER_MS);
	if (instant_cmp(end, now) <= 0) {
		loop_stop(&runner->loop);
		return;
	}
	instant first = instant_min(host_deadline(runner->host), desk_deadline(runner->desk));
	loop_set_deadline(&runner->loop, instant_min(first, end));
}

/* ---- its life ---- */

static int open_socket(struct runner *runner, const struct runner_options *options, struct err *err)
{
	struct str path = runner_socket(options->folder, &runner->arena);
	uint32_t group = 0;

	if (!str_empty(options->socket_group) &&
	    people_has_group(options->socket_group, &group) != PEOPLE_YES)
		return err_set(err, E_USAGE, "--socket-group: there is no group '" STR_FMT "'",
			       STR_ARG(options->socket_group));
	if (!str_empty(options->socket_group) &&
	    state_folder_share(arena_copy(&runner->arena, options->folder).p, group, err) < 0)
		return -1;
	runner->server = local_server_new(&runner->loop,
					  (struct local_server_handler){
						  .self = runner,
						  .on_line = on_line,
						  .on_close = on_close,
					  },
					  LOCAL_SERVER_LIMITS);
	return local_server_listen(runner->server, path.p,
				   str_empty(options->socket_group) ? NULL : &group, err);
}

static int open_runner(struct runner *runner, const struct runner_options *options, struct err *err)
{
	struct str folder = arena_copy(&runner->arena, options->folder);

	runner->desk = desk_new(&runner->loop);
	if (journal_open(folder.p, &runner->journal, err) < 0)
		return -1;
	runner->host = host_new(&runner->loop, runner->journal,
				desk_handler(runner->desk, on_failure, runner));
	desk_open(runner->desk, runner->host);
	if (open_socket(runner, options, err) < 0)
		return -1;
	return host_resume(runner->host, err);
}

static void close_runner(struct runner *runner)
{
	if (runner->server)
		local_server_free(runner->server);
	desk_free(runner->desk);
	host_free(runner->host);
	journal_close(runner->journal);
	loop_release(&runner->loop);
	arena_release(&runner->arena);
}

int runner_run(const struct runner_options *options)
{
	struct runner runner = {.idle_since = INSTANT_NEVER, .code = EXIT_DONE};
	struct err err = {0};

	loop_init(&runner.loop, (struct loop_handler){
					.self = &runner,
					.on_deadline = on_deadline,
					.on_interrupt = on_interrupt,
					.on_turn_end = on_turn_end,
				});
	if (open_runner(&runner, options, &err) < 0) {
		runner.code = exit_code_of_runner(&err);
		background_failed(runner.code, &err);
		say_error(&err,
			  "the state directory is " STR_FMT "; another one: --state-dir=FOLDER",
			  STR_ARG(options->folder));
	} else {
		background_ready();
		loop_run(&runner.loop);
	}
	close_runner(&runner);
	return runner.code;
}

/* ---- the command ---- */

struct runner_flags {
	struct str state_dir, socket_group;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct runner_flags, field, T)

static const struct option options[] = {
	{"state-dir", 0, OPTION_TEXT, IN(state_dir, struct str), .value = "FOLDER",
	 .help = "where promotions are kept (also TIPHYS_STATE_DIR)"},
	{"socket-group", 0, OPTION_TEXT, IN(socket_group, struct str), .value = "GROUP",
	 .help = "whose members may look, and answer at the gates that name them "
		 "(also TIPHYS_SOCKET_GROUP)"},
};

static const struct option_table tables[] = {
	{"Where", options, COUNTOF(options), 0},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct runner_flags, general)},
};

static int run(const struct command *self, const struct invocation *invocation)
{
	struct runner_flags flags;
	struct text_list operands = {0};
	auto_arena struct arena arena = {0};
	struct runner_options found = {0};
	struct err err = {0};
	int code;

	background_begin();
	if (command_parse(self, invocation, &flags, &operands, &code)) {
		struct state_surroundings around = state_surroundings_read(&arena);
		found.socket_group = runner_socket_group(flags.socket_group);
		if (state_dir_find(flags.state_dir, &around, &arena, &found.folder, &err) < 0) {
			say_error(&err, "give it with --state-dir=FOLDER");
			code = EXIT_USAGE;
		} else {
			code = runner_run(&found);
		}
	}
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "nothing is left to do, or it was asked to end; promotions go on when it is "
		    "started again"},
	{EXIT_USAGE, MEANS_USAGE},
	{EXIT_DENIED, "the state directory is another account's, or others may write to it"},
	{EXIT_CONFLICT,
	 "another runner has the state directory, or its journal is damaged or newer"},
	{EXIT_INTERNAL, "a fault of this program, or the disk failed"},
	{-1, NULL},
};

const struct command command_runner = {
	.name = "runner",
	.summary = "carry promotions; the other commands start it when it is needed",
	.description =
		"Carries all promotions of a state directory: there is one runner for each. "
		"`tiphys promote` and the other commands start it in the background when none "
		"runs, and it ends a few seconds after the last promotion is over and the last "
		"command has left. To run it oneself is of use under a service manager, so that "
		"promotions go on after the machine has started again.\n\n"
		"All that it decides is in a journal before it is done. So it may be killed at any "
		"time: the next one goes on from there.",
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples =
		{
			{"As a service, for a team that shares a machine",
			 "tiphys runner --state-dir=/var/lib/tiphys --socket-group=sre"},
			{"In a terminal, to see what goes wrong", "tiphys runner"},
		},
	.exit_codes = exit_codes,
	.run = run,
};
