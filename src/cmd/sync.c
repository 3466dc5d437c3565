#include "base/check.h"
#include "base/when.h"
#include "cmd/command.h"
#include "cmd/execution.h"
#include "cmd/run_id.h"
#include "cmd/say.h"
#include "cmd/stage_list.h"
#include "cmd/target.h"
#include "io/output.h"
#include "model/exit_code.h"
#include "model/plan.h"
#include "model/revision.h"

struct sync_flags {
	struct str project, revision, selector, expect;
	struct text_list then;
	bool all;

	bool dry_run, prune, keep_going;
	bool accept_suspended, accept_foreign, allow_out_of_sync, allow_auto_sync;
	int skip;
	uint32_t concurrency;

	int64_t revision_timeout_ms, operation_timeout_ms, health_timeout_ms, server_timeout_ms;

	int output;
	bool quiet;

	struct target_flags target;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct sync_flags, field, T)

static const struct option what_options[] = {
	{"project", 0, OPTION_TEXT, IN(project, struct str), .value = "NAME",
	 .help = "the Argo CD project of the applications", .is_required = true},
	{"revision", 0, OPTION_TEXT, IN(revision, struct str), .value = "SHA",
	 .help = "the commit to bring them to, all 40 digits of it", .is_required = true},
	{"selector", 'l', OPTION_TEXT, IN(selector, struct str), .value = "SELECTOR",
	 .help = "which applications, by their labels, as in kubectl: "
		 "'appName=dummy,env in (test, stg)'"},
	{"then", 0, OPTION_LIST, IN(then, struct text_list), .value = "SELECTOR",
	 .help = "the next stage, begun only when the one before is done; may be given again, for "
		 "the stage after it"},
	{"all", 0, OPTION_FLAG, IN(all, bool), .help = "every application of the project"},
	{"expect", 0, OPTION_TEXT, IN(expect, struct str), .value = "N[,N...]",
	 .help = "how many applications there are, one number for each stage: wait until there are "
		 "so many, fail if there are more"},
};

static const struct option how_options[] = {
	{"dry-run", 0, OPTION_FLAG, IN(dry_run, bool),
	 .help = "show what would be done to each application and why; change nothing"},
	{"prune", 0, OPTION_FLAG, IN(prune, bool),
	 .help = "delete objects that the revision no longer has"},
	{"skip", 0, OPTION_CHOICE, IN(skip, int), .value = "synced|hooked|never",
	 .help = "what needs no sync: what is synced and healthy already; only what has run the "
		 "revision's hooks too; nothing",
	 .fallback = "synced", .choices = skip_policy_names},
	{"concurrency", 0, OPTION_COUNT, IN(concurrency, uint32_t), .value = "N",
	 .help = "how many applications are synced at the same time", .fallback = "20",
	 .max = CONCURRENCY_MAX},
	{"keep-going", 0, OPTION_FLAG, IN(keep_going, bool),
	 .help = "after a failure, sync the others all the same"},
	{"accept-foreign", 0, OPTION_FLAG, IN(accept_foreign, bool),
	 .help = "go on when somebody else syncs an application before its stage has begun"},
	{"accept-suspended", 0, OPTION_FLAG, IN(accept_suspended, bool),
	 .help = "an application that is Suspended counts as healthy"},
	{"allow-out-of-sync", 0, OPTION_FLAG, IN(allow_out_of_sync, bool),
	 .help = "an application may stay OutOfSync, if the same objects are so in two compares"},
	{"allow-auto-sync", 0, OPTION_FLAG, IN(allow_auto_sync, bool),
	 .help = "work with applications that Argo CD syncs by itself"},
};
static_assert(CONCURRENCY_DEFAULT == 20);

static const struct option timeout_options[] = {
	{"revision-timeout", 0, OPTION_DURATION, IN(revision_timeout_ms, int64_t), .value = "TIME",
	 .help = "for the revision to reach the applications' targetRevision", .fallback = "10m"},
	{"operation-timeout", 0, OPTION_DURATION, IN(operation_timeout_ms, int64_t),
	 .value = "TIME", .help = "for one sync operation", .fallback = "30m"},
	{"health-timeout", 0, OPTION_DURATION, IN(health_timeout_ms, int64_t), .value = "TIME",
	 .help = "for an application to be Synced and Healthy after its sync", .fallback = "10m"},
	{"server-timeout", 0, OPTION_DURATION, IN(server_timeout_ms, int64_t), .value = "TIME",
	 .help = "for a server, or credentials, that went away to come back; at the start no "
		 "more than 10s",
	 .fallback = "5m"},
};

static const struct option output_options[] = {
	{"output", 'o', OPTION_CHOICE, IN(output, int), .value = "text|json",
	 .help = "lines for people, or one JSON object for each event on stdout",
	 .fallback = "text", .choices = output_format_names},
	{"quiet", 'q', OPTION_FLAG, IN(quiet, bool),
	 .help = "no lines of progress, only warnings and the summary"},
};

static const struct option_table tables[] = {
	{"What to sync", what_options, COUNTOF(what_options), 0},
	{"How to sync it", how_options, COUNTOF(how_options), 0},
	{"Timeouts", timeout_options, COUNTOF(timeout_options), 0},
	{"Output", output_options, COUNTOF(output_options), 0},
	{"Argo CD", target_options, TARGET_OPTIONS, offsetof(struct sync_flags, target)},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct sync_flags, general)},
};

/* The text, and beneath it a caret at the column that the error is about. */
static void say_selector_error(struct str selector, const struct err *err)
{
	static const char how[] = "labels are selected as in kubectl: "
				  "--selector='appName=dummy,env in (test, stg)'";

	if (err->column == 0)
		say_error(err, "%s", how);
	else
		say_error(err, STR_FMT "\n%*s^\n%s", STR_ARG(selector), (int)err->column - 1, "",
			  how);
}

static int make_stages(const struct sync_flags *flags, struct stage_list *ret_list)
{
	struct stage_texts texts = {flags->selector, flags->all, &flags->then, flags->expect};
	struct str wrong;
	struct err err = {0};

	if (stage_list_make(ret_list, &texts, &wrong, &err) == 0)
		return EXIT_DONE;
	if (!str_empty(str_trim(wrong)))
		say_selector_error(wrong, &err);
	else if (flags->all)
		say_error(&err, "give the one that is meant");
	else if (!flags->expect.p || str_empty(str_trim(flags->selector)))
		say_error(&err, "give --selector='appName=dummy,env=test', or --all for every "
				"application of the project");
	else
		say_error(&err, "as in --selector=env=test --then env=prd --expect=2,8");
	return EXIT_USAGE;
}

/* Everything that can be known to be wrong without asking anybody. */
static int check_revision(const struct sync_flags *flags)
{
	struct err err = {0};

	if (revision_check(flags->revision, &err) == 0)
		return EXIT_DONE;
	err_wrap(&err, "--revision");
	say_error(&err, "only a commit's full SHA names the same content everywhere and for ever");
	return EXIT_USAGE;
}

static int sync_at(const struct sync_flags *flags, const struct stage_list *stages,
		   struct target *target)
{
	struct plan plan = {
		.run = run_id_make(&target->arena),
		.servers = {{.context = target->context, .address = target_address(target)}},
		.project = flags->project,
		.revision = flags->revision,
		.concurrency = flags->concurrency,
		.skip = (enum skip_policy)flags->skip,
		.is_dry_run = flags->dry_run,
		.prune = flags->prune,
		.keep_going = flags->keep_going,
		.accept_suspended = flags->accept_suspended,
		.allow_out_of_sync = flags->allow_out_of_sync,
		.allow_auto_sync = flags->allow_auto_sync,
		.accept_foreign = flags->accept_foreign,
		.revision_timeout_ms = flags->revision_timeout_ms,
		.operation_timeout_ms = flags->operation_timeout_ms,
		.health_timeout_ms = flags->health_timeout_ms,
		.server_timeout_ms = flags->server_timeout_ms,
	};
	stage_list_plan(stages, &plan);
	struct execution_options options = {
		.format = (enum output_format)flags->output,
		.is_quiet = flags->quiet,
	};
	if (options.format == FORMAT_TEXT && !options.is_quiet)
		output_write(OUTPUT_TALK,
			     arena_printf(&target->arena, "connecting to " STR_FMT "\n",
					  STR_ARG(plan.servers[0].address)));
	return execution_run(&plan, target, options);
}

static int run_at_target(const struct sync_flags *flags, const struct stage_list *stages)
{
	struct target target;
	int code = target_open(&flags->target, &target);

	if (code == EXIT_DONE)
		code = sync_at(flags, stages, &target);
	target_release(&target);
	return code;
}

static int run_sync(const struct sync_flags *flags)
{
	struct stage_list stages = {0};
	int code = check_revision(flags);

	if (code == EXIT_DONE)
		code = make_stages(flags, &stages);
	if (code == EXIT_DONE)
		code = run_at_target(flags, &stages);
	stage_list_release(&stages);
	return code;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct sync_flags flags;
	struct text_list operands = {0};
	int code;
	if (command_parse(self, invocation, &flags, &operands, &code))
		code = run_sync(&flags);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, MEANS_DONE},
	{EXIT_FAILED, "failed: a sync, a hook, the health of an application; one that was deleted "
		      "meanwhile, or synced before its stage; more of them than --expect says"},
	{EXIT_USAGE, "not started: flags, configuration, an empty selection, or applications that "
		     "this command refuses"},
	{EXIT_DENIED, MEANS_DENIED},
	{EXIT_TIMEOUT, "a timeout was reached"},
	{EXIT_SUPERSEDED, "the applications moved on to another revision"},
	{EXIT_CONFLICT, "another run brings the same applications to another revision"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, MEANS_TRY_AGAIN},
	{EXIT_SIGINT, MEANS_SIGINT},
	{EXIT_SIGTERM, MEANS_SIGTERM},
	{-1, NULL},
};

static const char description[] =
	"Syncs the applications of a project that a selector selects, all at the same time, and "
	"waits until each of them is done: its operation has succeeded, hooks included, and Argo "
	"CD, having compared after it, shows it Synced and Healthy at the revision. At the end "
	"each is read once more.\n\n"
	"An application is waited for until its targetRevision is the revision. One that is "
	"synced and healthy already is left alone, an operation that is running at the revision "
	"is followed, one at another revision is waited for. After a failure nothing new is "
	"started, and what runs is followed to its end.\n\n"
	"With --then there are several stages, one after the other: nothing of a stage is synced "
	"before each application of every stage before it was done, and was found so once more. "
	"An application belongs to the first stage that selects it. If somebody else syncs one of "
	"a later stage to the revision meanwhile, that is said, and later stages are not begun.\n\n"
	"Server and credentials are found as by the argocd command: flags, ARGOCD_OPTS, "
	"ARGOCD_SERVER and ARGOCD_AUTH_TOKEN, the context that `argocd login` wrote. Who can run "
	"`argocd app list` need not set up anything.";

const struct command command_sync = {
	.name = "sync",
	.summary = "bring a group of applications to a revision, and wait until each is done",
	.description = description,
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples =
		{
			{"Test first, then staging, then production, in one run",
			 "tiphys sync --project=platform --revision=$(git rev-parse HEAD) "
			 "--selector=env=test --then env=stg --then env=prd"},
			{"Show first what would be done in production, to what and why",
			 "tiphys sync --project=platform --revision=$(git rev-parse HEAD) "
			 "--selector='appName=dummy,env=prd' --dry-run"},
		},
	.exit_codes = exit_codes,
	.run = run,
};
