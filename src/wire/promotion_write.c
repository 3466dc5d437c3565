#include "wire/promotion_write.h"

#include "base/check.h"
#include "wire/plain.h"
#include "wire/yaml_write.h"

#include <inttypes.h>

enum { COMMENT_NAME_BYTES_MAX = 100 };

/* No name ends a comment. */
static void say_name(struct str name, struct buf *out)
{
	auto_arena struct arena arena = {0};

	buf_str(out, plain_text(name, COMMENT_NAME_BYTES_MAX, &arena));
}

static const char *applications(uint32_t n)
{
	return n == 1 ? "Application" : "Applications";
}

static void write_field(const char *indent, const char *key, struct str value, struct buf *out)
{
	buf_printf(out, "%s%s: ", indent, key);
	yaml_write_text(value, out);
	buf_char(out, '\n');
}

static void write_head(const struct draft *draft, struct buf *out)
{
	buf_str(out, STR("# A first promotion file, made by `tiphys init` from the labels that the "
			 "fleet has now.\n"
			 "# It is a guess: check the order of the stages, and what is asked and "
			 "watched before\n"
			 "# production. All keys are in docs/promotion-file.md.\n"));
	write_field("", "app", draft->app, out);
	write_field("", "project", draft->project, out);
}

static void write_names(const struct str *names, uint32_t count, struct buf *out)
{
	for (uint32_t i = 0; i < MIN(count, (uint32_t)PROMOTION_WRITE_NAMES_MAX); i++) {
		buf_str(out, i == 0 ? STR("") : STR(", "));
		say_name(names[i], out);
	}
	if (count > PROMOTION_WRITE_NAMES_MAX)
		buf_printf(out, " and %" PRIu32 " more", count - PROMOTION_WRITE_NAMES_MAX);
}

static void write_doubts(const struct draft *draft, const struct draft_stage *stage,
			 struct buf *out)
{
	if (!stage->is_known) {
		buf_str(out, STR("  # CHECK: '"));
		say_name(stage->value, out);
		buf_str(out, STR("' is no word that says how far along it is. Is this its "
				 "place?\n"));
	}
	if (stage->is_level) {
		buf_str(out,
			STR("  # CHECK: by its name it is as far along as the stage before. One "
			    "stage can have both:\n  # "));
		say_name(draft->key, out);
		buf_str(out, STR(" in ("));
		say_name(stage[-1].value, out);
		buf_char(out, ',');
		say_name(stage->value, out);
		buf_str(out, STR(")\n"));
	}
}

static void write_stage(const struct draft *draft, uint32_t i, struct buf *out)
{
	const struct draft_stage *stage = &draft->stages[i];

	buf_printf(out, "  # %" PRIu32 " %s today: ", stage->app_count,
		   applications(stage->app_count));
	write_names(stage->apps, stage->app_count, out);
	buf_char(out, '\n');
	write_doubts(draft, stage, out);
	write_field("  - ", "name", stage->value, out);
	write_field("    ", "selector", stage->selector, out);
	if (stage->asks)
		buf_str(out, STR("    # Somebody has to approve before this stage is synced. "
				 "Without it a revision that the\n"
				 "    # stages before are well with goes on by itself.\n"
				 "    manualJudgement: true\n"));
	if (stage->soaks)
		buf_str(out, STR("    # Watches all that is done for so long before the next "
				 "stage. As long as it takes for\n"
				 "    # trouble to show; to have it, take away the '#'.\n"
				 "    #soak: 30m\n"));
}

static void write_unselected(const struct draft *draft, struct buf *out)
{
	if (draft->unselected_count == 0)
		return;
	buf_printf(out, "# CHECK: no stage selects %" PRIu32 " %s of it: without the label ",
		   draft->unselected_count, applications(draft->unselected_count));
	say_name(draft->key, out);
	buf_str(out, draft->unselected_count == 1 ? STR(" is\n#   ") : STR(" are\n#   "));
	write_names(draft->unselected, draft->unselected_count, out);
	buf_char(out, '\n');
}

void promotion_write(const struct draft *draft, struct buf *out)
{
	check(draft->result == DRAFT_MADE && draft->stage_count > 0);
	write_head(draft, out);
	buf_str(out, STR("promotions:\n"));
	for (uint32_t i = 0; i < draft->stage_count; i++)
		write_stage(draft, i, out);
	write_unselected(draft, out);
}
