#include "cmd/version.h"

#include "base/buf.h"
#include "base/check.h"
#include "cmd/build_version.h" /* generated: TIPHYS_VERSION */
#include "cmd/command.h"
#include "io/output.h"
#include "model/exit_code.h"

const char tiphys_version[] = TIPHYS_VERSION;

static const struct option_table tables[] = {
	{"General flags", general_options, GENERAL_OPTIONS, 0},
};

static int run(const struct command *self, const struct invocation *invocation)
{
	struct general_flags flags;
	struct text_list operands = {0};
	int code = EXIT_DONE;
	bool is_understood = command_parse(self, invocation, &flags, &operands, &code);
	vec_release(&operands);
	if (!is_understood)
		return code;
	auto_buf struct buf out = BUF_INIT(KIB);
	buf_printf(&out, "tiphys %s\n", tiphys_version);
	output_write(OUTPUT_DATA, buf_view(&out));
	return EXIT_DONE;
}

static const struct exit_row exit_codes[] = {
	{EXIT_DONE, MEANS_DONE}, {EXIT_USAGE, MEANS_USAGE}, {-1, NULL}};

const struct command command_version = {
	.name = "version",
	.summary = "which version of Tiphys this is",
	.description = "Writes the name and the version on one line.",
	.tables = tables,
	.table_count = COUNTOF(tables),
	.examples = {{"Show the version", "tiphys version"}, {"The same", "tiphys --version"}},
	.exit_codes = exit_codes,
	.run = run,
};
