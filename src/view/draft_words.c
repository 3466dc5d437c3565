#include "view/draft_words.h"

#include "base/check.h"
#include "view/words.h"

#include <inttypes.h>

enum { VALUES_SHOWN_MAX = 8 };

static void say(struct str text, struct buf *out)
{
	words_clean(text, WORDS_NAME_BYTES_MAX, out);
}

static const char *applications(uint32_t n)
{
	return n == 1 ? "Application" : "Applications";
}

/* "env (prd, stg, test)" */
static void say_label(const struct draft_label *label, struct buf *out)
{
	uint32_t shown = MIN(label->value_count, (uint32_t)VALUES_SHOWN_MAX);

	say(label->key, out);
	buf_str(out, STR(" ("));
	for (uint32_t i = 0; i < shown; i++) {
		buf_str(out, i == 0 ? STR("") : STR(", "));
		say(label->values[i], out);
	}
	if (shown < label->value_count)
		buf_printf(out, " and %" PRIu32 " more", label->value_count - shown);
	buf_char(out, ')');
}

/* All but the one. */
static bool say_labels(const struct draft *draft, struct str but, struct buf *out)
{
	bool has_said = false;

	for (uint32_t i = 0; i < draft->label_count; i++) {
		if (str_eq(draft->labels[i].key, but))
			continue;
		buf_str(out, has_said ? STR(", ") : STR(""));
		say_label(&draft->labels[i], out);
		has_said = true;
	}
	return has_said;
}

/* Why that one: it is the clearest of those that most have. */
static void say_others(const struct draft *draft, struct buf *out)
{
	for (uint32_t i = 0; i < draft->other_count; i++) {
		buf_str(out, i == 0 ? STR(" (not taken: ") : STR(", "));
		say(draft->others[i].key, out);
		buf_char(out, '=');
		say(draft->app, out);
		buf_printf(out, ", which %" PRIu32 " %s", draft->others[i].apps,
			   draft->others[i].apps == 1 ? "has" : "have");
	}
	if (draft->other_count > 0)
		buf_char(out, ')');
}

/* Why that one: who has it, and how many of its values are words for stages. */
static void say_fit(const struct draft *draft, struct buf *out)
{
	uint32_t with = draft->member_count - draft->unselected_count, known = 0;

	for (uint32_t i = 0; i < draft->stage_count; i++)
		known += draft->stages[i].is_known;
	if (draft->unselected_count == 0)
		buf_printf(out, " (all of the %" PRIu32 " have it, and ", with);
	else
		buf_printf(out, " (%" PRIu32 " of the %" PRIu32 " have it, and ", with,
			   draft->member_count);
	if (known == draft->stage_count)
		buf_str(out, STR("all of its values are words for stages)\n"));
	else
		buf_printf(out, "%" PRIu32 " of its %" PRIu32 " values are words for stages)\n",
			   known, draft->stage_count);
}

static void say_mark(const struct draft *draft, struct buf *out)
{
	const char *verb = draft->member_count == 1 ? "is" : "are";

	say(draft->app, out);
	buf_printf(out, ": %" PRIu32 " %s of project ", draft->member_count,
		   applications(draft->member_count));
	say(draft->project, out);
	switch (draft->mark) {
	case DRAFT_MARK_SELECTOR:
		buf_printf(out, " %s selected by ", verb);
		say(draft->selector, out);
		break;
	case DRAFT_MARK_LABEL:
		buf_str(out, draft->member_count == 1 ? STR(" has the label ")
						      : STR(" have the label "));
		say(draft->selector, out);
		break;
	case DRAFT_MARK_SET:
		buf_printf(out, " %s made by the ApplicationSet of that name; they alone have ",
			   verb);
		say(draft->selector, out);
		break;
	case DRAFT_MARK_ALL:
		buf_printf(out,
			   " %s made by the ApplicationSet of that name, and there are no "
			   "others",
			   verb);
		break;
	}
	say_others(draft, out);
	buf_char(out, '\n');
	if (draft->unmarked_count == 0)
		return;
	buf_printf(out,
		   "  the ApplicationSet of that name makes %" PRIu32
		   " more without that label: no stage selects them\n",
		   draft->unmarked_count);
}

void draft_words(const struct draft *draft, struct buf *out)
{
	check(draft->result == DRAFT_MADE);
	say_mark(draft, out);
	buf_str(out, STR("stages by the label "));
	say(draft->key, out);
	for (uint32_t i = 0; i < draft->stage_count; i++) {
		buf_str(out, i == 0 ? STR(": ") : STR(", "));
		say(draft->stages[i].value, out);
	}
	say_fit(draft, out);
	size_t before = out->n;
	buf_str(out, STR("  also looked at: "));
	if (say_labels(draft, draft->key, out))
		buf_char(out, '\n');
	else
		buf_truncate(out, before);
}

/* ---- why there is none ---- */

static void say_nobody(const struct draft *draft, struct buf *why, struct buf *next)
{
	buf_str(why, STR("no Application of project '"));
	say(draft->project, why);
	buf_str(why, STR("' belongs to '"));
	say(draft->app, why);
	buf_char(why, '\'');
	if (!str_empty(draft->nearest)) {
		buf_str(why, STR("; did you mean '"));
		say(draft->nearest, why);
		buf_str(why, STR("'?"));
	}
	if (draft->label_count == 0) {
		buf_str(next, STR("none of them has a label, and stages are selected by labels: "
				  "add some to the ApplicationSet's template"));
		return;
	}
	buf_str(next, STR("looked for was a label with that value, and an ApplicationSet of that "
			  "name\nthe labels that there are: "));
	say_labels(draft, STR(""), next);
	buf_str(next, STR("\n--selector says what belongs to it: --selector=app=web"));
}

static void say_unmarked(const struct draft *draft, struct buf *why, struct buf *next)
{
	buf_str(why, STR("ApplicationSet '"));
	say(draft->app, why);
	buf_printf(why,
		   "' makes %" PRIu32 " %s, and no label tells them from the others of project '",
		   draft->member_count, applications(draft->member_count));
	say(draft->project, why);
	buf_char(why, '\'');
	buf_str(next, STR("give its template a label of its own (metadata.labels, appName: "));
	say(draft->app, next);
	buf_str(next, STR("), or say with --selector what belongs to it"));
}

static void say_unordered(const struct draft *draft, struct buf *why, struct buf *next)
{
	buf_printf(why, "no label of the %" PRIu32 " %s of '", draft->member_count,
		   applications(draft->member_count));
	say(draft->app, why);
	buf_str(why, STR("' tells its stages apart"));
	buf_str(next, STR("looked for was one of few values, at least half of which are words such "
			  "as dev, test, qa, stg, prd\n"));
	if (draft->label_count > 0) {
		buf_str(next, STR("there are: "));
		say_labels(draft, STR(""), next);
		buf_char(next, '\n');
	}
	buf_str(next, STR("add such a label to the ApplicationSet's template, or write the file by "
			  "hand:\n  app: "));
	say(draft->app, next);
	buf_str(next, STR("\n  project: "));
	say(draft->project, next);
	buf_str(next, STR("\n  promotions:\n  - selector: "));
	if (!str_empty(draft->selector)) {
		say(draft->selector, next);
		buf_char(next, ',');
	}
	buf_str(next, STR("LABEL=VALUE\nand so on, a selector for each stage; all keys are in "
			  "docs/promotion-file.md"));
}

void draft_words_why_not(const struct draft *draft, struct buf *why, struct buf *next)
{
	switch (draft->result) {
	case DRAFT_MADE:
		break;
	case DRAFT_NOBODY:
		say_nobody(draft, why, next);
		return;
	case DRAFT_UNMARKED:
		say_unmarked(draft, why, next);
		return;
	case DRAFT_UNORDERED:
		say_unordered(draft, why, next);
		return;
	}
	check_failed(__FILE__, __LINE__, "a draft that was made has no reason");
}
