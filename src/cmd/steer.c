/*
 * approve, reject, pause, resume, terminate, retry, skip: what people say to a promotion.
 */
#include "base/check.h"
#include "cmd/command.h"
#include "cmd/reach.h"
#include "cmd/say.h"
#include "io/output.h"
#include "model/exit_code.h"
#include "wire/instruction_json.h"

struct steer_flags {
	struct str reason, run;
	bool failed, operations;
	struct reach_flags reach;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct steer_flags, field, T)
#define REASON(words)                                                                              \
	{                                                                                          \
		"reason", 0, OPTION_TEXT, IN(reason, struct str), .value = "TEXT", .help = words   \
	}

static const struct option reason_options[] = {REASON("why; it is kept with the promotion")};

static const struct option retry_options[] = {
	REASON("why; it is kept with the promotion"),
	{"failed", 0, OPTION_FLAG, IN(failed, bool),
	 .help = "what failed, and what was left out because of it; that is all there is to "
		 "retry"},
};

static const struct option terminate_options[] = {
	REASON("why; it is kept with the promotion"),
	{"operations", 0, OPTION_FLAG, IN(operations, bool),
	 .help = "have Argo CD terminate its operations that run, too, as one whose hook hangs"},
};

static const struct option skip_options[] = {
	REASON("why; it is kept with the promotion"),
	{"run", 0, OPTION_TEXT, IN(run, struct str), .value = "RUN",
	 .help = "of which promotion; if it is left out, of the only one"},
};

#define TABLES(options)                                                                            \
	{                                                                                          \
		{"What to say", options, COUNTOF(options), 0},                                     \
			{"Where", reach_options, REACH_OPTIONS,                                    \
			 offsetof(struct steer_flags, reach)},                                     \
			{"General flags", general_options, GENERAL_OPTIONS,                        \
			 offsetof(struct steer_flags, general)},                                   \
	}

static const struct option_table reason_tables[] = TABLES(reason_options);
static const struct option_table retry_tables[] = TABLES(retry_options);
static const struct option_table terminate_tables[] = TABLES(terminate_options);
static const struct option_table skip_tables[] = TABLES(skip_options);

/* Which promotion is meant, and what its people are asked now. */
static int say(const struct steer_flags *flags, struct str run, struct instruction *instruction)
{
	bool is_judgement = instruction->type == INSTRUCTION_APPROVE ||
			    instruction->type == INSTRUCTION_REJECT;
	auto_arena struct arena arena = {0};
	struct told gate;
	int code = reach_gate(&flags->reach, run, &arena, &gate);

	if (code != EXIT_DONE)
		return code;
	if (is_judgement && str_empty(gate.nonce)) {
		struct err err;
		err_set(&err, E_CONFLICT, "promotion " STR_FMT " asks nobody now",
			STR_ARG(gate.run));
		say_error(&err, "`tiphys show " STR_FMT "` tells how it stands", STR_ARG(gate.run));
		return EXIT_CONFLICT;
	}
	if (is_judgement) {
		instruction->nonce = gate.nonce;
		instruction->plan_hash = gate.plan_hash;
	}
	return reach_instruct(&flags->reach, gate.run, instruction);
}

static int check_reason(const struct steer_flags *flags)
{
	struct err err = {0};

	if (instruction_check_text("--reason", flags->reason, INSTRUCTION_REASON_BYTES_MAX, &err) ==
	    0)
		return EXIT_DONE;
	say_error(&err, "one line is best; more can be behind a link");
	return EXIT_USAGE;
}

static int steer(const struct command *self, const struct invocation *invocation,
		 enum instruction_type type)
{
	struct steer_flags flags = {0}; /* not every verb has all of them */
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code)) {
		struct str operand = operands.n > 0 ? operands.v[0] : STR("");
		bool is_skip = type == INSTRUCTION_SKIP;
		struct instruction instruction = {
			.id = 1,
			.type = type,
			.reason = flags.reason,
			.app = is_skip ? operand : STR(""),
			.with_operations = flags.operations,
		};
		code = check_reason(&flags);
		if (code == EXIT_DONE && is_skip && str_empty(operand)) {
			struct err err = {0};
			err_set(&err, E_USAGE, "which application is to be skipped?");
			say_error(&err, "name it: tiphys skip web-prd-1 --reason='...'");
			code = EXIT_USAGE;
		}
		if (code == EXIT_DONE)
			code = say(&flags, is_skip ? flags.run : operand, &instruction);
	}
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

#define RUN(verb, type)                                                                            \
	static int run_##verb(const struct command *self, const struct invocation *invocation)     \
	{                                                                                          \
		return steer(self, invocation, type);                                              \
	}

RUN(approve, INSTRUCTION_APPROVE)
RUN(reject, INSTRUCTION_REJECT)
RUN(pause, INSTRUCTION_PAUSE)
RUN(resume, INSTRUCTION_RESUME)
RUN(terminate, INSTRUCTION_TERMINATE)
RUN(retry, INSTRUCTION_RETRY)
RUN(skip, INSTRUCTION_SKIP)

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "it was said, and is saved"},
	{EXIT_USAGE, "an argument that cannot be used, or there is no such promotion"},
	{EXIT_DENIED, "whoever said it may not, or " MEANS_NOT_OWN},
	{EXIT_CONFLICT, "it is too late for that: the gate or the promotion is over, or it has "
			"another plan"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, "the runner did not answer; `tiphys show` tells whether it was done"},
	{-1, NULL},
};

const struct command command_approve = {
	.name = "approve",
	.summary = "let a promotion go on that waits at a gate",
	.operands = "[RUN]",
	.description =
		"Approves the next stage of a promotion that waits for people. Who approves is who "
		"the kernel says they are; whether they may is in the promotion file "
		"(`approvers`, `count`, `notSubmitter`). When it answers \"approved\", that is on "
		"disk. It is of the gate that is open now and of no other one." REACH_ABOUT_RUN,
	.tables = reason_tables,
	.table_count = COUNTOF(reason_tables),
	.examples = {{"Let it go on", "tiphys approve --reason='looked at the dashboards'"},
		     {"One of several", "tiphys approve web"}},
	.exit_codes = exit_codes,
	.run = run_approve,
};

const struct command command_reject = {
	.name = "reject",
	.summary = "end a promotion that waits at a gate",
	.operands = "[RUN]",
	.description = "Rejects the next stage of a promotion that waits for people: the promotion "
		       "is over, and nothing of later stages is synced. What is done stays as it "
		       "is." REACH_ABOUT_RUN,
	.tables = reason_tables,
	.table_count = COUNTOF(reason_tables),
	.examples = {{"Say no, and why", "tiphys reject --reason='errors are up in staging'"},
		     {"One of several", "tiphys reject web --reason='wrong commit'"}},
	.exit_codes = exit_codes,
	.run = run_reject,
};

const struct command command_pause = {
	.name = "pause",
	.summary = "start nothing new in a promotion until it is resumed",
	.operands = "[RUN]",
	.description =
		"After the answer no sync is issued and no stage begins. What runs in Argo CD is "
		"followed, soak and gates go on: people may approve meanwhile." REACH_ABOUT_RUN,
	.tables = reason_tables,
	.table_count = COUNTOF(reason_tables),
	.examples = {{"For a while", "tiphys pause --reason='incident 4711'"},
		     {"One of several", "tiphys pause web"}},
	.exit_codes = exit_codes,
	.run = run_pause,
};

const struct command command_resume = {
	.name = "resume",
	.summary = "go on with a promotion that was paused, or is held",
	.operands = "[RUN]",
	.description =
		"Ends a pause. It also ends a hold: when somebody else has synced an application "
		"of a later stage, no further stage begins until somebody has looked and says so. "
		"It approves nothing: a gate that is open stays open." REACH_ABOUT_RUN,
	.tables = reason_tables,
	.table_count = COUNTOF(reason_tables),
	.examples = {{"Go on", "tiphys resume --reason='incident is over'"},
		     {"One of several", "tiphys resume web"}},
	.exit_codes = exit_codes,
	.run = run_resume,
};

const struct command command_terminate = {
	.name = "terminate",
	.summary = "end a promotion now",
	.operands = "[RUN]",
	.description =
		"Nothing new is issued from here on, and the promotion is over. What runs in "
		"Argo CD runs on, and is named.\n\n"
		"With --operations Argo CD is asked to terminate those operations, and the "
		"promotion is over when they are; after two minutes it names what still runs. "
		"Their hooks are deleted. Only what this promotion has started is ended: what "
		"others have started is left alone." REACH_ABOUT_RUN,
	.tables = terminate_tables,
	.table_count = COUNTOF(terminate_tables),
	.examples = {{"End it", "tiphys terminate --reason='wrong commit'"},
		     {"One of several, and its hook that hangs",
		      "tiphys terminate web --operations --reason='wrong commit'"}},
	.exit_codes = exit_codes,
	.run = run_terminate,
};

const struct command command_retry = {
	.name = "retry",
	.summary = "go on with a promotion that has failed",
	.operands = "[RUN]",
	.description =
		"What failed, and what was left out because of it, is tried again; what is done is "
		"not synced again, and gates that were passed are not asked again." REACH_ABOUT_RUN,
	.tables = retry_tables,
	.table_count = COUNTOF(retry_tables),
	.examples = {{"Once the cause is mended", "tiphys retry web --failed"},
		     {"Say why", "tiphys retry web --failed --reason='quota was raised'"}},
	.exit_codes = exit_codes,
	.run = run_retry,
};

const struct command command_skip = {
	.name = "skip",
	.summary = "leave an application out of a promotion",
	.operands = "APPLICATION",
	.description =
		"Nobody waits for that application any more, and later stages may begin without "
		"it; it is named at the end, which is 8 then. One that has failed already has "
		"ended the promotion: skip it, then `tiphys retry`.",
	.tables = skip_tables,
	.table_count = COUNTOF(skip_tables),
	.examples = {{"A cluster that is being rebuilt",
		      "tiphys skip web-prd-7 --reason='cluster is being rebuilt'"},
		     {"Of one of several promotions",
		      "tiphys skip web-prd-7 --run=web --reason='cluster is being rebuilt'"}},
	.exit_codes = exit_codes,
	.run = run_skip,
};
