/*
 * runs, show, watch, why: how promotions stand.
 */
#include "base/check.h"
#include "cmd/command.h"
#include "cmd/reach.h"
#include "cmd/say.h"
#include "cmd/telling.h"
#include "model/exit_code.h"

struct look_flags {
	int output;
	bool quiet, all, html, junit;
	struct reach_flags reach;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct look_flags, field, T)

#define OUTPUT                                                                                     \
	{                                                                                          \
		"output", 'o', OPTION_CHOICE, IN(output, int),                                     \
			.value = "text|json", .help = "text for people, or JSON",                  \
			.fallback = "text", .choices = output_format_names                         \
	}

static const struct option runs_options[] = {
	OUTPUT,
	{"all", 'a', OPTION_FLAG, IN(all, bool), .help = "also those that are over"},
};
static const struct option show_options[] = {
	OUTPUT,
	{"all", 'a', OPTION_FLAG, IN(all, bool), .help = "each application, also who is done"},
	{"html", 0, OPTION_FLAG, IN(html, bool),
	 .help = "all that happened, as one page that needs no server and no network"},
	{"junit", 0, OPTION_FLAG, IN(junit, bool), .help = "as JUnit's XML, for a CI system"},
};
static const struct option watch_options[] = {
	OUTPUT,
	{"all", 'a', OPTION_FLAG, IN(all, bool), .help = "each application, also who is done"},
	{"quiet", 'q', OPTION_FLAG, IN(quiet, bool),
	 .help = "no lines of progress, only warnings, gates and the summary"},
};
static const struct option why_options[] = {OUTPUT};

#define TABLES(options)                                                                            \
	{                                                                                          \
		{"What to show", options, COUNTOF(options), 0},                                    \
			{"Where", reach_options, REACH_OPTIONS,                                    \
			 offsetof(struct look_flags, reach)},                                      \
			{"General flags", general_options, GENERAL_OPTIONS,                        \
			 offsetof(struct look_flags, general)},                                    \
	}

static const struct option_table runs_tables[] = TABLES(runs_options);
static const struct option_table show_tables[] = TABLES(show_options);
static const struct option_table watch_tables[] = TABLES(watch_options);
static const struct option_table why_tables[] = TABLES(why_options);

static int look(const struct command *self, const struct invocation *invocation,
		enum wish_type type)
{
	struct look_flags flags = {0}; /* not every verb has all of them */
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code)) {
		struct wish wish = {
			.type = type,
			.run = operands.n > 0 ? operands.v[0] : STR(""),
			.is_json = flags.output == FORMAT_JSON,
			.has_color = say_wants_color(),
			.is_quiet = flags.quiet,
			.is_all = flags.all,
		};
		if (flags.html || flags.junit)
			wish.type = flags.html ? WISH_PAGE : WISH_JUNIT;
		code = reach_wish(&flags.reach, &wish);
	}
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static int run_runs(const struct command *self, const struct invocation *invocation)
{
	return look(self, invocation, WISH_RUNS);
}

static int run_show(const struct command *self, const struct invocation *invocation)
{
	return look(self, invocation, WISH_SHOW);
}

static int run_watch(const struct command *self, const struct invocation *invocation)
{
	return look(self, invocation, WISH_WATCH);
}

static int run_why(const struct command *self, const struct invocation *invocation)
{
	return look(self, invocation, WISH_WHY);
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "shown; of watch: the promotion is done"},
	{EXIT_USAGE, "an argument that cannot be used, or there is no such promotion"},
	{EXIT_DENIED, MEANS_NOT_OWN},
	{EXIT_CONFLICT,
	 "more than one is meant, the journal is damaged, or the runner is another version"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, "the runner has left; run it again"},
	{-1, NULL},
};

static const struct exit_row watch_codes[] = {
	{EXIT_DONE, "the promotion is done"},
	{EXIT_FAILED, "it has failed, or was rejected"},
	{EXIT_USAGE, "an argument that cannot be used, or there is no such promotion"},
	{EXIT_DENIED, MEANS_NOT_OWN},
	{EXIT_TIMEOUT, "a timeout was reached"},
	{EXIT_TERMINATED, "it was terminated"},
	{EXIT_SUPERSEDED, "its applications moved on to another revision"},
	{EXIT_PARTLY, "it is done, but for what was skipped"},
	{EXIT_CONFLICT,
	 "more than one is meant, another run is in the way, or the journal is damaged"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, "the runner was asked to end, dies again and again, or its disk failed"},
	{EXIT_SIGINT, "left by Ctrl-C; the promotion goes on"},
	{EXIT_SIGTERM, "left by SIGTERM; the promotion goes on"},
	{-1, NULL},
};

const struct command command_runs = {
	.name = "runs",
	.summary = "list the promotions of this machine",
	.description = "A line for each promotion that is under way: its application, its "
		       "revision, how it stands and why. With --all also those that are over, but "
		       "for those that were refused at their start and began nothing. `tiphys "
		       "history` tells who decided what.",
	.tables = runs_tables,
	.table_count = COUNTOF(runs_tables),
	.examples = {{"What is under way", "tiphys runs"},
		     {"Also what is over, for a program", "tiphys runs --all --output=json"}},
	.exit_codes = exit_codes,
	.run = run_runs,
};

const struct command command_show = {
	.name = "show",
	.summary = "show how a promotion stands",
	.operands = "[RUN]",
	.description = "Its stages, gates and soaks, the applications that are not done and what "
		       "they wait for; of one that is over, what it leaves behind and how to go "
		       "on." REACH_ABOUT_RUN_TO_LOOK,
	.tables = show_tables,
	.table_count = COUNTOF(show_tables),
	.examples = {{"The only one under way", "tiphys show"},
		     {"As a page to keep, of the newest one of an application",
		      "tiphys show web --html > release.html"}},
	.exit_codes = exit_codes,
	.run = run_show,
};

const struct command command_watch = {
	.name = "watch",
	.summary = "follow a promotion to its end",
	.operands = "[RUN]",
	.description = "Shows how it stands and then what happens, and ends with its exit code. "
		       "Ctrl-C leaves; the promotion goes on. A runner that is killed is started "
		       "again." REACH_ABOUT_RUN_TO_LOOK,
	.tables = watch_tables,
	.table_count = COUNTOF(watch_tables),
	.examples = {{"The only one under way", "tiphys watch"},
		     {"As events, for a program", "tiphys watch web --output=json"}},
	.exit_codes = watch_codes,
	.run = run_watch,
};

const struct command command_why = {
	.name = "why",
	.summary = "tell why a promotion stands where it stands",
	.operands = "[RUN]",
	.description = "The reasons, the first one first, each with what can be done about "
		       "it." REACH_ABOUT_RUN_TO_LOOK,
	.tables = why_tables,
	.table_count = COUNTOF(why_tables),
	.examples = {{"The only one under way", "tiphys why"},
		     {"For a program", "tiphys why web --output=json"}},
	.exit_codes = exit_codes,
	.run = run_why,
};
