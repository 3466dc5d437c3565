#include "sim/sim.h"

#include "base/check.h"
#include "cmd/command.h"
#include "cmd/say.h"
#include "cmd/sim_control.h"
#include "io/file.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLEET_BYTES_MAX = 1024 * 1024, SPEED_MAX = 1000, SEED_MAX = 1'000'000'000 };

struct sim_flags {
	struct str fleet, listen, control, quirk_off;
	uint32_t speed, seed, replicas;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct sim_flags, field, T)

static const struct option sim_options[] = {
	{"fleet", 0, OPTION_TEXT, IN(fleet, struct str), .value = "FILE",
	 .help = "what it looks after, in YAML (default: a small fleet of three environments)"},
	{"listen", 0, OPTION_TEXT, IN(listen, struct str), .value = "HOST:PORT",
	 .help = "where it answers, on this machine only; port 0: one that is free",
	 .fallback = SIM_ADDRESS},
	{"control", 0, OPTION_TEXT, IN(control, struct str), .value = "FILE",
	 .help = "where the token of those who may steer it is put (default: the runtime folder)"},
	{"speed", 0, OPTION_COUNT, IN(speed, uint32_t), .value = "N",
	 .help = "renders, rollouts and hooks take an Nth of their time", .fallback = "1",
	 .max = SPEED_MAX},
	{"seed", 0, OPTION_COUNT, IN(seed, uint32_t), .value = "N",
	 .help = "the same seed, the same chances", .fallback = "1", .max = SEED_MAX},
	{"replicas", 0, OPTION_COUNT, IN(replicas, uint32_t), .value = "N",
	 .help = "how many API servers it has; connections go to them in turn", .max = 8},
	{"quirk-off", 0, OPTION_TEXT, IN(quirk_off, struct str), .value = "QUIRK",
	 .help = "do better than the real one in this: docs/contract.md has their names"},
};

static const struct option_table tables[] = {
	{"Simulator", sim_options, COUNTOF(sim_options), 0},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct sim_flags, general)},
};

/* ---- the fleet ---- */

static int read_fleet(const struct sim_flags *flags, struct arena *arena, struct fleet *ret_fleet,
		      struct err *err)
{
	auto_buf struct buf text = BUF_INIT(FLEET_BYTES_MAX);

	if (!flags->fleet.p)
		return fleet_parse(str_of(fleet_built_in), arena, ret_fleet, err);
	const char *path = arena_copy(arena, flags->fleet).p;
	if (file_read(path, &text, err) < 0 ||
	    fleet_parse(arena_copy(arena, buf_view(&text)), arena, ret_fleet, err) < 0)
		return err_wrap(err, "--fleet '" STR_FMT "'", STR_ARG(flags->fleet));
	return 0;
}

/* ---- the control file ---- */

static struct str make_token(struct arena *arena)
{
	return arena_printf(arena, "%016llx%016llx", (unsigned long long)random_u64(),
			    (unsigned long long)random_u64());
}

/* Two lines, the address and the token; for its owner alone. */
static int write_control(struct str path, struct str address, struct str token, struct err *err)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	const char *name = path.p;

	buf_printf(&text, STR_FMT "\n" STR_FMT "\n", STR_ARG(address), STR_ARG(token));
	unlink(name);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool is_written = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n;
	int cause = errno;
	if (fd >= 0)
		close(fd);
	if (is_written)
		return 0;
	return err_set(err, E_IO, "cannot write '%s': %s", name, strerror(cause));
}

/* ---- running ---- */

struct running {
	struct loop loop;
	struct sim *sim;
	int exit_code;
};

static void on_deadline(void *self)
{
	struct running *running = self;

	sim_on_deadline(running->sim);
}

/* A simulator that is told to end has done what it was for. */
static void on_interrupt(void *self, int exit_code)
{
	struct running *running = self;

	(void)exit_code;
	running->exit_code = EXIT_DONE;
	loop_stop(&running->loop);
}

static void say_begin(const struct sim *sim, const struct sim_flags *flags,
		      const struct fleet *fleet, struct str control)
{
	auto_buf struct buf out = BUF_INIT(8 * KIB);
	struct str address = sim_address(sim), token = sim_api_token(sim);
	struct str revision = sim_revision(sim);

	buf_printf(&out, "server    " STR_FMT "\n", STR_ARG(address));
	buf_printf(&out, "token     " STR_FMT "\n", STR_ARG(token));
	buf_printf(&out, "control   " STR_FMT "\n", STR_ARG(control));
	buf_printf(&out, "revision  " STR_FMT "\n", STR_ARG(revision));
	/* The verbs find it by themselves where they look first. */
	buf_str(&out, STR("steer     tiphys sim push --content=two"));
	if (flags->control.p)
		buf_printf(&out, " --control=" STR_FMT, STR_ARG(control));
	else if (!str_eq(address, STR(SIM_ADDRESS)))
		buf_printf(&out, " --server=" STR_FMT, STR_ARG(address));
	buf_char(&out, '\n');
	buf_printf(
		&out,
		"try       ARGOCD_AUTH_TOKEN=" STR_FMT " tiphys sync --server=" STR_FMT
		" --plaintext --project=" STR_FMT " --revision=" STR_FMT " --selector=env=test\n",
		STR_ARG(token), STR_ARG(address), STR_ARG(fleet_project(fleet)), STR_ARG(revision));
	output_write(OUTPUT_DATA, buf_view(&out));
}

static int serve(const struct sim_flags *flags, const struct fleet *fleet, struct arena *arena)
{
	struct running running = {.exit_code = EXIT_INTERNAL};
	struct err err = {0};
	struct sim_options options = {
		.fleet = fleet,
		.listen = flags->listen,
		.token = make_token(arena),
		.speed = flags->speed,
		.replicas = flags->replicas,
		.seed = flags->seed,
	};
	enum quirk quirk;

	if (flags->quirk_off.p) {
		if (!quirk_find(flags->quirk_off, &quirk)) {
			err_set(&err, E_USAGE, "--quirk-off: there is no '" STR_FMT "'",
				STR_ARG(flags->quirk_off));
			say_error(&err, "docs/contract.md has the names of all quirks");
			return EXIT_USAGE;
		}
		options.quirks.is_off[quirk] = true;
	}

	loop_init(&running.loop, (struct loop_handler){.self = &running,
						       .on_deadline = on_deadline,
						       .on_interrupt = on_interrupt});
	running.sim = sim_new(&running.loop, &options, &err);
	struct str control = {0};
	if (running.sim) {
		control = flags->control.p ? arena_copy(arena, flags->control)
					   : sim_control_path(sim_address(running.sim), arena);
		if (write_control(control, sim_address(running.sim), options.token, &err) < 0) {
			sim_free(running.sim);
			running.sim = NULL;
		}
	}
	if (!running.sim) {
		say_error(&err, "`tiphys sim --help` shows the flags and two examples");
		loop_release(&running.loop);
		return exit_code_of(&err);
	}
	say_begin(running.sim, flags, fleet, control);
	loop_run(&running.loop);
	sim_free(running.sim);
	loop_release(&running.loop);
	unlink(control.p);
	return running.exit_code;
}

static int run_sim(const struct sim_flags *flags)
{
	auto_arena struct arena arena = {0};
	struct fleet fleet;
	struct err err = {0};

	if (read_fleet(flags, &arena, &fleet, &err) < 0) {
		say_error(&err, "docs/examples/fleet.yaml shows what a fleet file may say");
		return EXIT_USAGE;
	}
	return serve(flags, &fleet, &arena);
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct sim_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_run_verb(self, invocation, &code))
		return code;
	if (command_parse(self, invocation, &flags, &operands, &code))
		code = run_sim(&flags);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {{EXIT_DONE, MEANS_DONE},
					     {EXIT_USAGE, MEANS_USAGE},
					     {EXIT_INTERNAL, MEANS_INTERNAL},
					     {-1, NULL}};

static const char description[] =
	"Runs an Argo CD that is not there: a model of its API server, its controllers and of the "
	"clusters they rule, in one process, behind the REST API that Argo CD 3.2.11 has. What "
	"tiphys, curl or a script of yours does to it is what it would do to the real one, "
	"surprises included.\n\n"
	"It prints where it answers, the token of an account that may do everything, and a "
	"command to try, and runs until Ctrl-C. While it runs, `tiphys sim push` makes a new "
	"revision and moves the ApplicationSets to it, `tiphys sim fail`, `hold`, `delay`, `stop` "
	"and `drift` make trouble, `mend`, `release` and `start` end it, and `tiphys sim status` "
	"shows the Applications. The verbs look for it at " SIM_ADDRESS ": after --listen or "
	"--control they need --server or --control, as the line `steer` has it.\n\n"
	"It speaks REST over HTTP/1.1. The `argocd` command speaks gRPC, so it does not work "
	"against it.";

const struct command command_sim = {
	.name = "sim",
	.summary = "an Argo CD to try things on: a model of it, behind its API",
	.description = description,
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"Run the built-in fleet, ten times as fast", "tiphys sim --speed=10"},
		     {"Run a fleet of your own, with two API servers",
		      "tiphys sim --fleet=docs/examples/fleet.yaml --replicas=2"}},
	.verbs = sim_verbs,
	.verb_count = &sim_verb_count,
	.exit_codes = exit_codes,
	.run = run,
};
