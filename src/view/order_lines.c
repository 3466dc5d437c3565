#include "view/order_lines.h"

#include "base/check.h"
#include "view/words.h"

#include <inttypes.h>

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

void order_lines_begin(const struct order_lines *lines, struct buf *out)
{
	words_clean(lines->plan->project, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR(", "));
	order_words_stages(lines->plan, out);
	buf_printf(out, ": %" PRIu32 " application%s on ", lines->report->apps,
		   plural(lines->report->apps));
	words_clean(lines->address, WORDS_TEXT_BYTES_MAX, out);
	buf_str(out, STR(" ("));
	words_clean(lines->version, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR(")\n"));
}

/* ---- a release ---- */

static const char *verdict_words(enum order_verdict verdict)
{
	static const char *const words[] = {
		[ORDER_KEPT] = "in order",
		[ORDER_SAME_SECOND] = "same second",
		[ORDER_UNKNOWN] = "unknown",
		[ORDER_BROKEN] = "out of order",
	};
	static_assert(COUNTOF(words) == ORDER_VERDICTS);
	return words[verdict];
}

static void say_verdict(const struct order_lines *lines, enum order_verdict verdict,
			struct buf *out)
{
	static const char *const colors[] = {
		[ORDER_KEPT] = "\x1b[32m",
		[ORDER_SAME_SECOND] = "\x1b[33m",
		[ORDER_UNKNOWN] = "\x1b[33m",
		[ORDER_BROKEN] = "\x1b[1;31m",
	};
	static_assert(COUNTOF(colors) == ORDER_VERDICTS);

	buf_printf(out, "%s%s%s", lines->use_color ? colors[verdict] : "", verdict_words(verdict),
		   lines->use_color ? "\x1b[0m" : "");
}

void order_lines_release(const struct order_lines *lines, const struct order_release *release,
			 struct buf *out)
{
	buf_printf(out, "%s  ", wall_format(release->began_at).s);
	words_clean(release->group, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, STR("  "));
	order_words_revision(release->revision, out);
	buf_str(out, STR("  "));
	say_verdict(lines, release->verdict, out);
	buf_char(out, '\n');
	for (uint32_t i = 0; i < release->finding_count; i++) {
		buf_str(out, STR("  "));
		order_words_finding(lines->plan, &release->findings[i], out);
		buf_char(out, '\n');
	}
}

/* ---- the end ---- */

static void say_broken(const struct order_lines *lines, struct buf *out)
{
	const struct order_report *report = lines->report;
	const struct order_plan *plan = lines->plan;

	for (uint32_t later = 0; later < plan->stage_count; later++)
		for (uint32_t earlier = 0; earlier < later; earlier++) {
			uint32_t n = report->broken[later][earlier];
			if (n == 0)
				continue;
			buf_printf(out, "%" PRIu32 " of %zu release%s reached ", n,
				   report->release_count, plural((uint32_t)report->release_count));
			words_clean(plan->stages[later].text, WORDS_NAME_BYTES_MAX, out);
			buf_str(out, STR(" before "));
			words_clean(plan->stages[earlier].text, WORDS_NAME_BYTES_MAX, out);
			buf_printf(out, " had %s\n", n == 1 ? "it" : "them");
		}
}

static void say_releases(const struct order_lines *lines, struct buf *out)
{
	const struct order_report *report = lines->report;
	uint32_t unknown = report->by_verdict[ORDER_UNKNOWN];
	uint32_t all = (uint32_t)report->release_count;

	if (all == 0)
		buf_str(out, STR("no release has come to a later stage\n"));
	else if (report->by_verdict[ORDER_BROKEN] == 0)
		buf_printf(out, "none of %" PRIu32 " release%s is known to be out of order\n", all,
			   plural(all));
	say_broken(lines, out);
	if (unknown > 0)
		buf_printf(out, "%" PRIu32 " of %" PRIu32 " release%s can't be judged%s\n", unknown,
			   all, plural(all),
			   report->cut + report->forgetful > 0
				   ? "; a higher revisionHistoryLimit would have remembered"
				   : "");
	if (report->at_first_stage > 0)
		buf_printf(out, "%" PRIu32 " more never left the first stage\n",
			   report->at_first_stage);
	if (report->older > 0)
		buf_printf(out, "%" PRIu32 " older one%s left out\n", report->older,
			   report->older == 1 ? " is" : "s are");
}

static void say_left_out(uint32_t n, const struct app_history *example, const char *singular,
			 const char *several, struct buf *out)
{
	if (n == 0)
		return;
	buf_printf(out, "not judged: %" PRIu32 " application%s that %s (", n, plural(n),
		   n == 1 ? singular : several);
	words_clean(example->name, WORDS_NAME_BYTES_MAX, out);
	buf_str(out, n > 1 ? STR(", …)\n") : STR(")\n"));
}

void order_lines_end(const struct order_lines *lines, struct buf *out)
{
	const struct order_report *report = lines->report;
	bool is_by_label = !str_empty(lines->plan->by);

	say_releases(lines, out);
	say_left_out(report->unstaged, report->an_unstaged, "no stage selects", "no stage selects",
		     out);
	say_left_out(report->ungrouped, report->an_ungrouped,
		     is_by_label ? "has no such label" : "no ApplicationSet owns",
		     is_by_label ? "have no such label" : "no ApplicationSet owns", out);
	say_left_out(report->hydrated, report->a_hydrated, "is hydrated", "are hydrated", out);
	say_left_out(report->forgetful, report->a_forgetful, "keeps no history", "keep no history",
		     out);
	if (report->lone_groups > 0)
		buf_printf(out,
			   "not judged: %" PRIu32 " of %" PRIu32 " %s%s, whose applications are "
			   "all of one stage%s\n",
			   report->lone_groups, report->groups,
			   is_by_label ? "label value" : "ApplicationSet", plural(report->groups),
			   is_by_label ? "" : " (--by=LABEL says what belongs together)");
}
