/*
 * history: what was promoted, and who decided what.
 */
#include "base/check.h"
#include "cmd/command.h"
#include "cmd/reach.h"
#include "cmd/say.h"
#include "cmd/telling.h"
#include "model/exit_code.h"

enum { LIMIT_MAX = 1'000'000 };

struct history_flags {
	int output;
	uint32_t limit;
	bool all;
	struct reach_flags reach;
	struct general_flags general;
};

#define IN(field, T) OPTION_IN(struct history_flags, field, T)

static const struct option what_options[] = {
	{"output", 'o', OPTION_CHOICE, IN(output, int), .value = "text|json",
	 .help = "text for people, or one JSON object for each promotion", .fallback = "text",
	 .choices = output_format_names},
	{"limit", 'n', OPTION_COUNT, IN(limit, uint32_t), .value = "N",
	 .help = "only the newest so many", .fallback = "20", .max = LIMIT_MAX},
	{"all", 'a', OPTION_FLAG, IN(all, bool),
	 .help = "also those that were refused at their start and began nothing"},
};

static const struct option_table tables[] = {
	{"What to show", what_options, COUNTOF(what_options), 0},
	{"Where", reach_options, REACH_OPTIONS, offsetof(struct history_flags, reach)},
	{"General flags", general_options, GENERAL_OPTIONS,
	 offsetof(struct history_flags, general)},
};

static int run(const struct command *self, const struct invocation *invocation)
{
	struct history_flags flags;
	struct text_list operands = {0};
	int code;

	if (command_parse(self, invocation, &flags, &operands, &code))
		code = reach_wish(&flags.reach,
				  &(struct wish){
					  .type = WISH_HISTORY,
					  .run = operands.n > 0 ? operands.v[0] : STR(""),
					  .is_json = flags.output == FORMAT_JSON,
					  .has_color = say_wants_color(),
					  .is_all = flags.all,
					  .limit = flags.limit,
				  });
	options_release(self->tables, self->table_count, &flags);
	vec_release(&operands);
	return code;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, "shown"},
	{EXIT_USAGE, "an argument that cannot be used, or there is no such promotion"},
	{EXIT_DENIED, MEANS_NOT_OWN},
	{EXIT_CONFLICT, "the journal is damaged, or the runner is another version"},
	{EXIT_INTERNAL, MEANS_INTERNAL},
	{EXIT_TRY_AGAIN, "the runner has left; run it again"},
	{-1, NULL},
};

const struct command command_history = {
	.name = "history",
	.summary = "show what was promoted, and who decided what",
	.operands = "[APP]",
	.description =
		"The promotions of this machine from their journal, the newest first: who began "
		"each, who approved or rejected at which gate, when and why, who paused, skipped "
		"or terminated, how it ended and how long it took. With APP those of that "
		"application; a run's id is understood, too.\n\n"
		"It is the record; `tiphys runs` is the short table of what is under way, `tiphys "
		"show` has all of one, `tiphys audit verify` proves that nobody has changed it.",
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"Who let the last release into production, and why",
		      "tiphys history web --limit=1"},
		     {"All of them, for a program",
		      "tiphys history --limit=1000000 --output=json"}},
	.exit_codes = exit_codes,
	.run = run,
};
