#include "base/check.h"
#include "cmd/command.h"
#include "cmd/execution.h"
#include "cmd/gate_check.h"
#include "cmd/plan_hash.h"
#include "cmd/reach.h"
#include "cmd/reports.h"
#include "cmd/run_id.h"
#include "cmd/runner.h"
#include "cmd/say.h"
#include "cmd/target_json.h"
#include "cmd/targets.h"
#include "io/file.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "wire/plan_json.h"
#include "wire/promotion_yaml.h"

#include <limits.h>
#include <unistd.h>

enum { WISH_PART_BYTES_MAX = 512 * 1024 };

struct promote_flags {
	struct str file, app, project, revision, profile;
	bool plan, detach;

	bool prune, keep_going;
	bool accept_suspended, allow_out_of_sync, allow_auto_sync;
	int skip;
	uint32_t concurrency;
	int64_t revision_timeout_ms, operation_timeout_ms, health_timeout_ms;

	int output;
	bool quiet;
	struct report_flags reports;

	struct reach_flags reach;
	struct target_flags target;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct promote_flags, field, T)

static const struct option what_options[] = {
	{"file", 'f', OPTION_TEXT, IN(file, struct str), .value = "FILE",
	 .help = "the promotion file: the stages, who is asked, what is soaked",
	 .fallback = "promotion.yaml"},
	{"revision", 0, OPTION_TEXT, IN(revision, struct str), .value = "SHA",
	 .help = "the commit to promote, all 40 digits of it", .is_required = true},
	{"app", 0, OPTION_TEXT, IN(app, struct str), .value = "NAME",
	 .help = "what is promoted, if the file does not say"},
	{"project", 0, OPTION_TEXT, IN(project, struct str), .value = "NAME",
	 .help = "the Argo CD project of the applications, if the file does not say"},
	{"profile", 0, OPTION_TEXT, IN(profile, struct str), .value = "NAME",
	 .help = "which of the file's profiles, instead of its promotions"},
	{"plan", 0, OPTION_FLAG, IN(plan, bool),
	 .help = "show what would be done, who would be asked, what is in the way, and the plan's "
		 "hash; change nothing"},
	{"detach", 'd', OPTION_FLAG, IN(detach, bool),
	 .help = "leave once its first stage has begun (exit code 0), or it waits for people "
		 "(exit code 3); `tiphys watch` waits for its end"},
};

static const struct option how_options[] = {
	{"prune", 0, OPTION_FLAG, IN(prune, bool),
	 .help = "delete objects that the revision no longer has, in every stage"},
	{"skip", 0, OPTION_CHOICE, IN(skip, int), .value = "synced|hooked|never",
	 .help = "what needs no sync: what is synced and healthy already; only what has run the "
		 "revision's hooks too; nothing",
	 .fallback = "hooked", .choices = skip_policy_names},
	{"concurrency", 0, OPTION_COUNT, IN(concurrency, uint32_t), .value = "N",
	 .help = "how many applications are synced at the same time, where the file does not say",
	 .fallback = "20", .max = CONCURRENCY_MAX},
	{"keep-going", 0, OPTION_FLAG, IN(keep_going, bool),
	 .help = "after a failure, sync the others of the stage all the same"},
	{"accept-suspended", 0, OPTION_FLAG, IN(accept_suspended, bool),
	 .help = "an application that is Suspended counts as healthy"},
	{"allow-out-of-sync", 0, OPTION_FLAG, IN(allow_out_of_sync, bool),
	 .help = "an application may stay OutOfSync, if the same objects are so in two compares"},
	{"allow-auto-sync", 0, OPTION_FLAG, IN(allow_auto_sync, bool),
	 .help = "work with applications that Argo CD syncs by itself"},
};

static const struct option timeout_options[] = {
	{"revision-timeout", 0, OPTION_DURATION, IN(revision_timeout_ms, int64_t), .value = "TIME",
	 .help = "for the revision to reach the applications' targetRevision", .fallback = "10m"},
	{"operation-timeout", 0, OPTION_DURATION, IN(operation_timeout_ms, int64_t),
	 .value = "TIME", .help = "for one sync operation", .fallback = "30m"},
	{"health-timeout", 0, OPTION_DURATION, IN(health_timeout_ms, int64_t), .value = "TIME",
	 .help = "for an application to be Synced and Healthy after its sync", .fallback = "10m"},
};

static const struct option output_options[] = {
	{"output", 'o', OPTION_CHOICE, IN(output, int), .value = "text|json",
	 .help = "lines for people, or one JSON object for each event on stdout",
	 .fallback = "text", .choices = output_format_names},
	{"quiet", 'q', OPTION_FLAG, IN(quiet, bool),
	 .help = "no lines of progress, only warnings, gates and the summary"},
};

static const struct option_table tables[] = {
	{"What to promote", what_options, COUNTOF(what_options), 0},
	{"How to sync it", how_options, COUNTOF(how_options), 0},
	{"Timeouts", timeout_options, COUNTOF(timeout_options), 0},
	{"Output", output_options, COUNTOF(output_options), 0},
	{"Reports", report_options, REPORT_OPTIONS, offsetof(struct promote_flags, reports)},
	{"Where", reach_options, REACH_OPTIONS, offsetof(struct promote_flags, reach)},
	{"Argo CD", target_options, TARGET_OPTIONS, offsetof(struct promote_flags, target)},
	{"General flags", general_options, GENERAL_OPTIONS,
	 offsetof(struct promote_flags, general)},
};

/* ---- the file ---- */

static int read_file(const struct promote_flags *flags, struct arena *arena, struct promotion *ret)
{
	auto_buf struct buf text = BUF_INIT(PROMOTION_BYTES_MAX + 1);
	struct str path = arena_copy(arena, flags->file);
	struct err err = {0};

	if (file_read(path.p, &text, &err) < 0) {
		err_wrap(&err, "%s", path.p);
		say_error(&err, "name the promotion file with --file=FILE");
		return EXIT_USAGE;
	}
	if (promotion_from_yaml(arena_copy(arena, buf_view(&text)), flags->profile, arena, ret,
				&err) < 0) {
		err_wrap(&err, "%s", path.p);
		say_error(&err, "the file's keys are in docs/promotion-file.md; editors complete "
				"them with promotion.schema.json");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int say_lacking(const char *what, const char *flag)
{
	struct err err = {0};

	err_set(&err, E_USAGE, "it is not known %s", what);
	say_error(&err, "write it into the promotion file, or give --%s=NAME", flag);
	return EXIT_USAGE;
}

/* What the file says, or else the flag; both only if they agree. */
static int choose(struct str in_file, struct str in_flag, const char *flag, struct str *ret)
{
	struct err err = {0};

	if (in_file.p && in_flag.p && !str_empty(in_file) && !str_eq(in_file, in_flag)) {
		err_set(&err, E_USAGE,
			"--%s=" STR_FMT ", and the promotion file says '" STR_FMT "'", flag,
			STR_ARG(in_flag), STR_ARG(in_file));
		say_error(&err, "leave out one of them");
		return EXIT_USAGE;
	}
	*ret = str_empty(in_flag) ? in_file : in_flag;
	return EXIT_DONE;
}

static int make_plan(const struct promote_flags *flags, const struct promotion *promotion,
		     struct targets *targets, struct plan *ret)
{
	struct plan plan = {
		.run = run_id_make(&targets->arena),
		.revision = flags->revision,
		.concurrency = flags->concurrency,
		.is_promotion = true,
		.skip = (enum skip_policy)flags->skip,
		.prune = flags->prune,
		.keep_going = flags->keep_going,
		.accept_suspended = flags->accept_suspended,
		.allow_out_of_sync = flags->allow_out_of_sync,
		.allow_auto_sync = flags->allow_auto_sync,
		.revision_timeout_ms = flags->revision_timeout_ms,
		.operation_timeout_ms = flags->operation_timeout_ms,
		.health_timeout_ms = flags->health_timeout_ms,
		.server_timeout_ms = 300'000,
	};
	int code = choose(promotion->app, flags->app, "app", &plan.app);

	if (code == EXIT_DONE)
		code = choose(promotion->project, flags->project, "project", &plan.project);
	if (code != EXIT_DONE)
		return code;
	if (str_empty(plan.project))
		return say_lacking("which Argo CD project the applications belong to", "project");
	if (str_empty(plan.app))
		return say_lacking("what is promoted", "app");
	targets_plan(targets, promotion, &plan);
	*ret = plan;
	return EXIT_DONE;
}

/* ---- what is done with it ---- */

/* The runner's folder is another one. */
static void make_absolute(struct str *path, struct arena *arena)
{
	char folder[PATH_MAX];

	if (!str_empty(*path) && path->p[0] != '/' && getcwd(folder, sizeof folder))
		*path = arena_printf(arena, "%s/" STR_FMT, folder, STR_ARG(*path));
}

static int submit(const struct promote_flags *flags, const struct plan *plan,
		  struct targets *targets)
{
	auto_buf struct buf plan_text = BUF_INIT(WISH_PART_BYTES_MAX);
	auto_buf struct buf target_text = BUF_INIT(WISH_PART_BYTES_MAX);
	struct err err = {0};

	for (uint32_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->v[i];
		make_absolute(&target->token_path, &target->arena);
		make_absolute(&target->config_path, &target->arena);
	}
	targets_to_json(targets->v, targets->count, true, &target_text);
	if (plan_to_json(plan, &plan_text, &err) < 0) {
		say_error(&err, "names are short and in UTF-8");
		return EXIT_USAGE;
	}
	struct wish wish = {
		.type = WISH_SUBMIT,
		.plan = buf_view(&plan_text),
		.target = buf_view(&target_text),
		.is_json = flags->output == FORMAT_JSON,
		.has_color = say_wants_color(),
		.is_quiet = flags->quiet,
		.leaves = flags->detach,
	};
	struct submitted submitted;
	int code = reach_submit(&flags->reach, &wish, &targets->arena, &submitted);
	return reports_write(&flags->reports, &flags->reach, &submitted, code);
}

/* A dry run of all stages, under the hash of what would be submitted. */
static int show_plan(const struct promote_flags *flags, struct plan *plan, struct targets *targets)
{
	auto_buf struct buf apps = BUF_INIT(WISH_PART_BYTES_MAX);
	struct err err = {0};
	struct execution_options options = {
		.format = (enum output_format)flags->output,
		.is_quiet = flags->quiet,
		.apps = &apps,
	};

	if (plan_hash_make(plan, &targets->arena, &plan->hash, &err) < 0) {
		say_error(&err, "names are short and in UTF-8");
		return EXIT_USAGE;
	}
	plan->is_dry_run = true;
	int code = execution_run(plan, targets->v, options);
	/* Of very many there is no room to ask; then the promotion itself says it. */
	if (apps.n > 0 && !buf_overflowed(&apps))
		(void)reach_wish(&flags->reach,
				 &(struct wish){.type = WISH_OVERLAPS, .apps = buf_view(&apps)});
	return code;
}

static int promote_at(const struct promote_flags *flags, const struct promotion *promotion,
		      struct targets *targets)
{
	struct plan plan;
	int code = make_plan(flags, promotion, targets, &plan);

	if (code == EXIT_DONE)
		code = gate_check(promotion, flags->file,
				  runner_socket_group(flags->reach.socket_group));
	if (code != EXIT_DONE)
		return code;
	return flags->plan ? show_plan(flags, &plan, targets) : submit(flags, &plan, targets);
}

static int check_reports(const struct promote_flags *flags)
{
	struct err err = {0};

	if (!flags->plan || !reports_are_wanted(&flags->reports))
		return reports_check(&flags->reports);
	err_set(&err, E_USAGE, "--plan begins nothing that a report could be of");
	say_error(&err, "leave out --junit and --html; --output=json has the plan for programs");
	return EXIT_USAGE;
}

static int promote(const struct promote_flags *flags)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion = {0};
	struct targets targets;
	struct err err = {0};

	if (revision_check(flags->revision, &err) < 0) {
		err_wrap(&err, "--revision");
		say_error(
			&err,
			"only a commit's full SHA names the same content everywhere and for ever");
		return EXIT_USAGE;
	}
	int code = read_file(flags, &arena, &promotion);
	if (code == EXIT_DONE)
		code = check_reports(flags);
	if (code != EXIT_DONE)
		return code;
	code = targets_open(&flags->target, &promotion, flags->file, &targets);
	if (code == EXIT_DONE)
		code = promote_at(flags, &promotion, &targets);
	targets_release(&targets);
	return code;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct promote_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code))
		code = promote(&flags);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE,
	 "done; with --detach: its first stage has begun, and nothing is known of its end"},
	{EXIT_FAILED, "it has failed, or was rejected at a gate"},
	{EXIT_USAGE, "not started: flags, the promotion file, an empty selection, or applications "
		     "that this command refuses"},
	{EXIT_WAITING, "with --detach: it waits for people at a gate"},
	{EXIT_DENIED, MEANS_DENIED "; or " MEANS_NOT_OWN},
	{EXIT_TIMEOUT, "a timeout was reached"},
	{EXIT_TERMINATED, "it was terminated"},
	{EXIT_SUPERSEDED, "the applications moved on to another revision"},
	{EXIT_PARTLY, "done, but for what was skipped"},
	{EXIT_CONFLICT, "another promotion of the same application is under way"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, MEANS_TRY_AGAIN
	 "; or the runner was asked to end, dies again and again, or its disk failed: "
	 "`tiphys watch`"},
	{EXIT_SIGINT, "left by Ctrl-C; the promotion goes on"},
	{EXIT_SIGTERM, "left by SIGTERM; the promotion goes on"},
	{-1, NULL},
};

static const char description[] =
	"Brings an application to a revision stage by stage, as its promotion file says: test, "
	"staging, production, with people who are asked before a stage, and time in which what is "
	"done is watched.\n\n"
	"Nothing of a stage is synced before each application of every stage before it was done, "
	"was well for as long as the file says, people have approved, and a last reading has found "
	"all of them done still.\n\n"
	"A runner in the background carries it; all that it decides is in a journal first. So it "
	"survives everything: leave with Ctrl-C and come back with `tiphys watch`, kill the "
	"runner (this starts it again), restart the machine. It waits for an Argo CD that is away. "
	"If somebody else syncs an application of a later stage meanwhile, it holds until `tiphys "
	"resume`.\n\n"
	"A stage may be on another Argo CD: its `context` in the file is one of the argocd "
	"command's configuration. What flags and environment say is of the command's own.\n\n"
	"Server and credentials are found as by the argocd command. A restarted runner reads the "
	"token again from where it came from; one from ARGOCD_AUTH_TOKEN it has only if the "
	"command that starts it has it, too.";

const struct command command_promote = {
	.name = "promote",
	.summary = "bring an application to a revision stage by stage, with people in between",
	.description = description,
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples =
		{
			{"As the file says, and stay to watch",
			 "tiphys promote --file=promotion.yaml --revision=$(git rev-parse HEAD)"},
			{"Show first what would be done, and who would be asked",
			 "tiphys promote --revision=$(git rev-parse HEAD) --plan"},
		},
	.exit_codes = exit_codes,
	.run = run,
};
