#include "cmd/command.h"
#include "cmd/order_audit.h"
#include "cmd/order_stages.h"
#include "cmd/say.h"
#include "model/exit_code.h"

enum { LIMIT_MAX = 1'000'000 };

struct order_flags {
	struct str project, order, by;
	int64_t since_ms;
	uint32_t limit;
	int output;
	struct target_flags target;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct order_flags, field, T)

static const struct option what_options[] = {
	{"project", 'p', OPTION_TEXT, IN(project, struct str), .value = "NAME",
	 .help = "the Argo CD project of the applications", .is_required = true},
	{"order", 0, OPTION_TEXT, IN(order, struct str), .value = "'STAGE > STAGE...'",
	 .help = "the stages, the first one first; each is a selector of labels, as in kubectl: "
		 "'env=test > env in (prd, dr)'",
	 .is_required = true},
	{"by", 0, OPTION_TEXT, IN(by, struct str), .value = "LABEL",
	 .help = "what belongs together has the same value of this label (default: the same "
		 "ApplicationSet)"},
	{"since", 0, OPTION_DURATION, IN(since_ms, int64_t), .value = "TIME",
	 .help = "only releases that began so long ago at most, 720h"},
	{"limit", 0, OPTION_COUNT, IN(limit, uint32_t), .value = "N",
	 .help = "only the newest so many releases", .max = LIMIT_MAX},
};

static const struct option output_options[] = {
	{"output", 'o', OPTION_CHOICE, IN(output, int), .value = "text|json",
	 .help = "lines for people, or one JSON object for each release", .fallback = "text",
	 .choices = output_format_names},
};

static const struct option_table order_tables[] = {
	{"What to look into", what_options, COUNTOF(what_options), 0},
	{"Output", output_options, COUNTOF(output_options), 0},
	{"Argo CD", target_options, TARGET_OPTIONS, offsetof(struct order_flags, target)},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct order_flags, general)},
};

/* ---- tiphys audit order ---- */

/* The stage, and beneath it a caret at the column that the error is about. */
static int refuse_order(struct str wrong, const struct err *err)
{
	static const char next[] = "stages are selectors with a '>' between them: "
				   "--order='env=test > env=stg > env=prd'";

	if (err->column > 0 && !str_empty(wrong))
		say_error(err, STR_FMT "\n%*s^\n%s", STR_ARG(wrong), (int)err->column - 1, "",
			  next);
	else
		say_error(err, "%s", next);
	return EXIT_USAGE;
}

static int audit_at(const struct order_flags *flags, const struct order_stages *stages,
		    struct target *target)
{
	struct order_plan plan = {
		.project = flags->project,
		.stages = stages->stages,
		.stage_count = stages->count,
		.by = str_trim(flags->by),
		.limit = flags->limit,
	};
	struct order_audit_options options = {
		.selector = buf_view(&stages->shared),
		.since_ms = flags->since_ms,
		.format = (enum output_format)flags->output,
	};

	return order_audit_run(&plan, target, options);
}

static int audit_stages(const struct order_flags *flags, const struct order_stages *stages)
{
	struct target target;
	int code = target_open(&flags->target, &target);

	if (code == EXIT_DONE)
		code = audit_at(flags, stages, &target);
	target_release(&target);
	return code;
}

static int audit_order(const struct order_flags *flags)
{
	struct order_stages stages = {0};
	struct str wrong;
	struct err err = {0};
	int code;

	if (order_stages_parse(flags->order, &stages, &wrong, &err) < 0)
		code = refuse_order(wrong, &err);
	else
		code = audit_stages(flags, &stages);
	order_stages_release(&stages);
	return code;
}

static int run_order(const struct command *self, const struct invocation *invocation)
{
	struct order_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code))
		code = audit_order(&flags);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "no release is known to be out of order"},
	{EXIT_FAILED, "a release was out of order"},
	{EXIT_USAGE, "not judged: flags, configuration, or nothing that could be judged"},
	{EXIT_DENIED, MEANS_DENIED},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, MEANS_TRY_AGAIN},
	{EXIT_SIGINT, MEANS_SIGINT},
	{EXIT_SIGTERM, MEANS_SIGTERM},
	{-1, NULL},
};

static const char order_description[] =
	"Reads what Argo CD remembers of past syncs (status.history of every application) and "
	"shows each release, the newest first: whether an application of a later stage was synced "
	"to it before one of an earlier stage had it, which two, and by how much. It changes "
	"nothing, and sends nothing but GETs.\n\n"
	"A release is one revision of one ApplicationSet, or with --by of one value of a label. "
	"An application belongs to the first stage that selects it. What counts is the first time "
	"that it was synced to the revision, from the operation's start to its end: to sync the "
	"same again, or to go back to it, changes nothing. One that was created later is not "
	"waited for.\n\n"
	"Argo CD remembers the last ten syncs of an application, unless its spec says otherwise "
	"(revisionHistoryLimit), and only full ones that succeeded. What can't be known for that "
	"reason is said to be unknown. Its stamps are of one second: to begin in the second in "
	"which the earlier stage was done counts as in order, and is shown.";

static const struct command verb_order = {
	.name = "audit order",
	.summary = "which releases reached a later stage too early",
	.description = order_description,
	.tables = order_tables,
	.table_count = COUNTOF(order_tables),
	.examples =
		{
			{"Which releases reached production too early",
			 "tiphys audit order -p platform --order 'env=test > env=stg > env=prd'"},
			{"Of the last 30 days, components told apart by a label, for a script",
			 "tiphys audit order -p platform --order 'env=test > env=prd' --by=appName "
			 "--since=720h --output=json"},
		},
	.exit_codes = exit_codes,
	.run = run_order,
};

static const struct command *const audit_verbs[] = {&verb_order, &command_audit_verify};
static const size_t audit_verb_count = COUNTOF(audit_verbs);

/* ---- tiphys audit ---- */

struct audit_flags {
	struct general_flags general;
};

static const struct option_table audit_tables[] = {
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct audit_flags, general)},
};

static int refuse_none(void)
{
	struct err err = {0};

	err_set(&err, E_USAGE, "it is not said what to look into");
	say_error(&err, "tiphys audit order -p PROJECT --order 'env=test > env=prd'");
	return EXIT_USAGE;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct audit_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_run_verb(self, invocation, &code))
		return code;
	if (command_parse(self, invocation, &flags, &operands, &code))
		code = operands.n > 0 ? command_unknown_verb(self, operands.v[0]) : refuse_none();
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

const struct command command_audit = {
	.name = "audit",
	.summary = "what went wrong in the past; it reads, and changes nothing",
	.operands = "VERB",
	.description = "Looks into what Argo CD remembers: `tiphys audit order` shows which "
		       "releases reached a later stage before an earlier one was done: the first "
		       "thing to run on a fleet of one's own. And into what tiphys wrote itself: "
		       "`tiphys audit verify` tells whether the journal of promotions is what was "
		       "written.",
	.tables = audit_tables,
	.table_count = COUNTOF(audit_tables),
	.examples = {{"Which releases reached production too early",
		      "tiphys audit order -p platform --order 'env=test > env=stg > env=prd'"},
		     {"Of the last 30 days, components told apart by a label",
		      "tiphys audit order -p platform --order 'env=test > env=prd' --by=appName "
		      "--since=720h"}},
	.verbs = audit_verbs,
	.verb_count = &audit_verb_count,
	.exit_codes = exit_codes,
	.run = run,
};
