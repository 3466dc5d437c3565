/*
 * init: a first promotion file from the labels that the fleet has.
 */
#include "base/check.h"
#include "cmd/command.h"
#include "cmd/fleet.h"
#include "cmd/say.h"
#include "cmd/target.h"
#include "draft/draft.h"
#include "io/file.h"
#include "io/output.h"
#include "io/random.h"
#include "model/exit_code.h"
#include "view/draft_words.h"
#include "wire/promotion_write.h"
#include "wire/promotion_yaml.h"

struct init_flags {
	struct str project, selector, output;
	bool force;
	struct target_flags target;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct init_flags, field, T)

static const struct option what_options[] = {
	{"project", 'p', OPTION_TEXT, IN(project, struct str), .value = "NAME",
	 .help = "the Argo CD project of the applications", .is_required = true},
	{"selector", 'l', OPTION_TEXT, IN(selector, struct str), .value = "SELECTOR",
	 .help = "which of them belong to APP, by their labels (default: those with a label of "
		 "its name, or of the ApplicationSet of that name)"},
};

static const struct option where_options[] = {
	{"output", 'o', OPTION_TEXT, IN(output, struct str), .value = "FILE",
	 .help = "where to write it (default: stdout); a file that is there is left as it is"},
	{"force", 0, OPTION_FLAG, IN(force, bool), .help = "write over a file that is there"},
};

static const struct option_table tables[] = {
	{"What to look at", what_options, COUNTOF(what_options), 0},
	{"Where to write it", where_options, COUNTOF(where_options), 0},
	{"Argo CD", target_options, TARGET_OPTIONS, offsetof(struct init_flags, target)},
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct init_flags, general)},
};

struct init {
	const struct init_flags *flags;
	struct str app;
	struct arena arena;
};

static enum file_write how_to_write(const struct init *init)
{
	return init->flags->force ? FILE_OVER : FILE_NEW;
}

static int refuse_output(const struct init *init, struct err *err)
{
	bool is_there = err->code == E_CONFLICT;

	if (is_there)
		err_set(err, E_CONFLICT, "it is there already");
	err_wrap(err, "--output=" STR_FMT, STR_ARG(init->flags->output));
	say_error(err, is_there ? "name another file, or write over it with --force"
				: "name a file that can be written");
	return EXIT_USAGE;
}

/* Everything that can be known to be wrong without asking anybody. */
static int check_flags(struct init *init)
{
	const struct init_flags *flags = init->flags;
	struct selector selector = {0};
	struct err err = {0};

	if (str_empty(str_trim(init->app))) {
		err_set(&err, E_USAGE, "it is not said what is promoted");
		say_error(&err, "tiphys init web --project=platform");
		return EXIT_USAGE;
	}
	if (flags->selector.p && selector_parse(flags->selector, &selector, &err) < 0) {
		err_wrap(&err, "--selector='" STR_FMT "'", STR_ARG(flags->selector));
		say_error(&err, "labels are selected as in kubectl: --selector=appName=web");
		return EXIT_USAGE;
	}
	selector_release(&selector);
	if (flags->output.p &&
	    file_may_write(arena_copy(&init->arena, flags->output).p, how_to_write(init), &err) < 0)
		return refuse_output(init, &err);
	return EXIT_DONE;
}

/* ---- what was read ---- */

static int on_failure(void *self, int code, const struct fleet_failure *failure)
{
	struct err err = {0};

	(void)self;
	err_set(&err, E_IO, STR_FMT, STR_ARG(failure->why));
	say_error(&err, "%s", failure->next);
	return code;
}

static int say_why_not(const struct draft *draft)
{
	auto_buf struct buf why = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	auto_buf struct buf next = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	struct err err = {0};

	draft_words_why_not(draft, &why, &next);
	err_set(&err, E_MISSING, STR_FMT, STR_ARG(buf_view(&why)));
	say_error(&err, "%s", buf_cstr(&next));
	return EXIT_USAGE;
}

/* What is written is a file that `tiphys promote` takes. */
static int check_text(struct init *init, struct str text)
{
	struct promotion promotion;
	struct err err = {0};

	if (promotion_from_yaml(arena_copy(&init->arena, text), STR(""), &init->arena, &promotion,
				&err) == 0)
		return EXIT_DONE;
	err_wrap(&err, "what the labels make is no promotion file");
	say_error(&err, "write it by hand: docs/promotion-file.md");
	return EXIT_USAGE;
}

static void say_next(struct init *init, struct str file)
{
	const char *first = init->flags->output.p ? "written; read it, and then"
						  : "read it, put it into a file, and then";

	output_write(OUTPUT_TALK, arena_printf(&init->arena,
					       "%s\n  next: `tiphys promote --file=" STR_FMT
					       " --revision=$(git rev-parse HEAD) --plan`\n",
					       first, STR_ARG(file)));
}

static int write_file(struct init *init, const struct draft *draft, struct str text)
{
	auto_buf struct buf words = BUF_INIT(DRAFT_WORDS_BYTES_MAX);
	struct str file = init->flags->output;
	struct err err = {0};

	draft_words(draft, &words);
	output_write(OUTPUT_TALK, buf_view(&words));
	if (!file.p)
		output_write(OUTPUT_DATA, text);
	else if (file_write(arena_copy(&init->arena, file).p, text, how_to_write(init), &err) < 0)
		return refuse_output(init, &err);
	say_next(init, file.p ? file : STR("promotion.yaml"));
	return EXIT_DONE;
}

static int on_fleet(void *self, const struct fleet *fleet)
{
	struct init *init = self;
	auto_buf struct buf text = BUF_INIT(PROMOTION_BYTES_MAX);
	struct draft_question question = {
		.app = init->app,
		.project = init->flags->project,
		.selector = init->flags->selector,
	};
	struct draft draft;

	draft_make(&question, fleet->apps, fleet->count, random_u64(), &init->arena, &draft);
	if (draft.result != DRAFT_MADE)
		return say_why_not(&draft);
	promotion_write(&draft, &text);
	int code = check_text(init, buf_view(&text));
	return code == EXIT_DONE ? write_file(init, &draft, buf_view(&text)) : code;
}

static int init_app(struct init *init)
{
	struct fleet_question question = {
		.project = init->flags->project,
		.selector = init->flags->selector,
	};
	struct target target;
	int code = check_flags(init);

	if (code != EXIT_DONE)
		return code;
	code = target_open(&init->flags->target, &target);
	if (code == EXIT_DONE)
		code = fleet_read(&question, &target,
				  (struct fleet_handler){.self = init,
							 .on_fleet = on_fleet,
							 .on_failure = on_failure});
	target_release(&target);
	return code;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct init_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code)) {
		struct init init = {.flags = &flags,
				    .app = operands.n > 0 ? operands.v[0] : STR("")};
		code = init_app(&init);
		arena_release(&init.arena);
	}
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "written"},
	{EXIT_USAGE, "not written: flags, configuration, a file that is there; nothing belongs to "
		     "APP, or no label tells its stages apart"},
	{EXIT_DENIED, MEANS_DENIED},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, MEANS_TRY_AGAIN},
	{EXIT_SIGINT, MEANS_SIGINT},
	{EXIT_SIGTERM, MEANS_SIGTERM},
	{-1, NULL},
};

static const char description[] =
	"Writes a promotion file to begin with. It reads the applications of a project, finds "
	"those of APP and the label that tells their stages apart, and puts the stages into the "
	"order that their names have: dev, test, qa, staging, canary, production. It changes "
	"nothing in Argo CD, and sends nothing but GETs.\n\n"
	"To APP belongs what has its name in a label (appName, app, app.kubernetes.io/name and "
	"the like), or what the ApplicationSet of that name makes; --selector says it instead. "
	"What was chosen, and why, is said on stderr.\n\n"
	"Before production it has somebody asked, and it suggests a soak. It is a guess: where it "
	"does not know, a comment asks to check. `tiphys promote --plan` shows what the file would "
	"do.";

const struct command command_init = {
	.name = "init",
	.summary = "write a first promotion file from the labels that the fleet has",
	.operands = "APP",
	.description = description,
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"For the application that is called web",
		      "tiphys init web -p platform --output=promotion.yaml"},
		     {"For what a selector says, to look at it first",
		      "tiphys init web -p platform --selector='team=shop,part in (web, api)'"}},
	.exit_codes = exit_codes,
	.run = run,
};
