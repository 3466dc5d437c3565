/*
 * audit verify: is the journal of the promotions what was written?
 */
#include "base/check.h"
#include "cmd/command.h"
#include "cmd/reach.h"
#include "cmd/say.h"
#include "cmd/state_dir.h"
#include "io/journal.h"
#include "io/output.h"
#include "model/exit_code.h"

struct verify_flags {
	struct reach_flags reach;
	struct general_flags general;
};

static const struct option_table tables[] = {
	{"Where", reach_options, 1, offsetof(struct verify_flags, reach)}, /* --state-dir alone */
	{"General flags", general_options, GENERAL_OPTIONS, offsetof(struct verify_flags, general)},
};

struct verifying {
	struct arena arena;
	size_t runs, bad;
	uint64_t events;
};

static void see(void *self, const struct journal_verdict *verdict)
{
	struct verifying *verifying = self;
	const struct journal_run *run = verdict->run;

	verifying->runs++;
	verifying->events += run->count;
	verifying->bad += !verdict->is_good;
	struct str line = verdict->is_good
				  ? arena_printf(&verifying->arena,
						 STR_FMT "  good  %llu events, head %s\n",
						 STR_ARG(run->id), (unsigned long long)run->count,
						 sha256_hex(&run->head).s)
				  : arena_printf(
					    &verifying->arena, STR_FMT "  BAD   event %llu: %s\n",
					    STR_ARG(run->id), (unsigned long long)verdict->bad_seq,
					    verdict->why);
	output_write(OUTPUT_DATA, line);
}

static int verify(const struct verify_flags *flags)
{
	struct verifying verifying = {0};
	struct state_surroundings around = state_surroundings_read(&verifying.arena);
	struct str folder;
	struct err err = {0};
	int code = EXIT_DONE;

	if (state_dir_find(flags->reach.state_dir, &around, &verifying.arena, &folder, &err) < 0) {
		say_error(&err, "give it with --state-dir=FOLDER");
		code = EXIT_USAGE;
	} else if (journal_verify(folder.p, see, &verifying, &err) < 0) {
		if (err.code == E_MISSING)
			say_error(&err, "name the folder of a runner with --state-dir=FOLDER");
		else
			say_error(&err,
				  "keep the folder " STR_FMT
				  " as it is and find out who wrote to it",
				  STR_ARG(folder));
		code = err.code == E_CONFLICT || verifying.bad > 0 ? EXIT_FAILED
								   : exit_code_of_runner(&err);
	} else {
		output_write(
			OUTPUT_DATA,
			arena_printf(&verifying.arena,
				     "%zu promotion%s, %llu event%s: all as they were written\n",
				     verifying.runs, verifying.runs == 1 ? "" : "s",
				     (unsigned long long)verifying.events,
				     verifying.events == 1 ? "" : "s"));
	}
	arena_release(&verifying.arena);
	return code;
}

static int run(const struct command *self, const struct invocation *invocation)
{
	struct verify_flags flags = {0};
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code))
		code = verify(&flags);
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "all is as it was written"},
	{EXIT_FAILED, "something was changed or is lost: the first such event is named"},
	{EXIT_USAGE, "not started: an argument that cannot be used, or there is no journal"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, "the journal could not be read"},
	{-1, NULL},
};

const struct command command_audit_verify = {
	.name = "audit verify",
	.summary = "whether the journal of the promotions is what was written",
	.description =
		"Reads the whole journal of a state directory, beside a runner that may be at "
		"work, and checks the chain of each promotion: each event's hash covers the one "
		"before it, so nothing can have been changed, taken out or put in without being "
		"seen. "
		"That the end was cut off shows against the head that went along in each "
		"operation: Argo CD has it in the operation's infos, as tiphys-journal.",
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"Of this account's promotions", "tiphys audit verify"},
		     {"Of a team's", "tiphys audit verify --state-dir=/var/lib/tiphys"}},
	.exit_codes = exit_codes,
	.run = run,
};
