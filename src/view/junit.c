#include "view/junit.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "view/markup.h"
#include "view/overview_words.h"
#include "view/repeats.h"
#include "view/story.h"
#include "view/words.h"

#include <inttypes.h>

enum { MESSAGE_BYTES_MAX = 400 };

enum verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_SKIPPED, VERDICT_ERROR };

struct tally {
	uint32_t by_verdict[VERDICT_ERROR + 1];
	uint32_t tests;
};

struct report {
	const struct overview *overview;
	struct story story;
	struct buf *out;
};

static void add(struct tally *tally, enum verdict verdict)
{
	tally->by_verdict[verdict]++;
	tally->tests++;
}

/* ---- verdicts ---- */

static enum verdict judge_app(const struct overview_app *app)
{
	bool has_failed = app->phase == PHASE_FAILED || app->phase == PHASE_REFUSED;

	if (app->is_skipped)
		return VERDICT_SKIPPED;
	if (has_failed)
		return VERDICT_FAILED;
	return overview_app_is_done(app) ? VERDICT_PASSED : VERDICT_SKIPPED;
}

static enum verdict judge_gate(const struct overview_stage *stage)
{
	if (stage->is_declined)
		return VERDICT_FAILED;
	return overview_gate_is_passed(stage) ? VERDICT_PASSED : VERDICT_SKIPPED;
}

static struct tally tally_of_stage(const struct overview *overview, uint32_t stage)
{
	struct tally tally = {0};

	if (overview->plan->stages[stage].gate.is_asked)
		add(&tally, judge_gate(&overview->stages[stage]));
	for (size_t i = 0; i < overview->app_count; i++)
		if (overview->apps[i].stage == stage)
			add(&tally, judge_app(&overview->apps[i]));
	return tally;
}

static struct tally tally_of_all(const struct overview *overview)
{
	struct tally all = {0};

	for (uint32_t i = 0; i < overview->plan->stage_count; i++) {
		struct tally tally = tally_of_stage(overview, i);
		for (size_t j = 0; j < COUNTOF(all.by_verdict); j++)
			all.by_verdict[j] += tally.by_verdict[j];
		all.tests += tally.tests;
	}
	return all;
}

/* It did not end well, and none of the testcases says so. */
static bool has_error(const struct overview *overview, const struct tally *all)
{
	return overview->is_over && overview->code != EXIT_DONE && overview->code != EXIT_PARTLY &&
	       all->by_verdict[VERDICT_FAILED] == 0;
}

/* ---- pieces ---- */

static void attribute(const char *key, struct str value, struct buf *out)
{
	buf_printf(out, " %s=\"", key);
	markup_text(value, MESSAGE_BYTES_MAX, out);
	buf_char(out, '"');
}

/* "33.000"; none if it is not known. */
static void say_time(int64_t ms, struct buf *out)
{
	if (ms > 0)
		buf_printf(out, " time=\"%" PRId64 ".%03" PRId64 "\"", ms / 1000, ms % 1000);
}

static int64_t since(wall till, wall from)
{
	return till.ms != 0 && from.ms != 0 ? MAX(wall_since(till, from), INT64_C(0)) : 0;
}

static void say_tally(const struct tally *tally, struct buf *out)
{
	buf_printf(out,
		   " tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%" PRIu32
		   "\" skipped=\"%" PRIu32 "\"",
		   tally->tests, tally->by_verdict[VERDICT_FAILED],
		   tally->by_verdict[VERDICT_ERROR], tally->by_verdict[VERDICT_SKIPPED]);
}

static void property(const char *name, struct str value, struct buf *out)
{
	if (str_empty(value))
		return;
	buf_printf(out, "<property name=\"%s\"", name);
	attribute("value", value, out);
	buf_str(out, STR("/>\n"));
}

static void say_properties(const struct report *report)
{
	const struct plan *plan = report->overview->plan;

	buf_str(report->out, STR("<properties>\n"));
	property("run", plan->run, report->out);
	property("application", plan->app, report->out);
	property("project", plan->project, report->out);
	property("revision", plan->revision, report->out);
	property("submitter", plan->submitter, report->out);
	buf_str(report->out, STR("</properties>\n"));
}

static void begin_suite(const struct report *report, uint32_t id, struct str name,
			const struct tally *tally, wall at, int64_t ms)
{
	struct buf *out = report->out;

	buf_printf(out, "<testsuite id=\"%" PRIu32 "\"", id);
	attribute("name", name, out);
	say_tally(tally, out);
	/* JUnit's has no zone. */
	if (at.ms != 0) {
		struct str stamp = str_of(overview_words_wall(at).s);
		attribute("timestamp", str_first(stamp, stamp.n - 1), out);
	}
	say_time(ms, out);
	buf_str(out, STR(">\n"));
	say_properties(report);
}

static void begin_case(const struct report *report, struct str suite, struct str name, int64_t ms)
{
	auto_buf struct buf class = BUF_INIT(2 * KIB);

	words_clean(report->overview->plan->app, WORDS_NAME_BYTES_MAX, &class);
	buf_char(&class, '.');
	words_clean(suite, WORDS_NAME_BYTES_MAX, &class);
	buf_str(report->out, STR("<testcase"));
	attribute("classname", buf_view(&class), report->out);
	attribute("name", name, report->out);
	say_time(ms, report->out);
}

/* ---- testcases ---- */

/* "failed: Job smoke failed: 503", or the phase alone. */
static void say_state(const struct overview_app *app, struct buf *out)
{
	struct str phase = overview_words_phase(app);
	size_t before;

	buf_str(out, phase);
	before = out->n;
	buf_str(out, STR(": "));
	overview_words_cause(app, out);
	if (out->n == before + 2)
		buf_truncate(out, before);
}

static void line(const char *word, struct str text, struct buf *out)
{
	if (str_empty(text))
		return;
	buf_str(out, str_of(word));
	markup_text(text, WORDS_TEXT_BYTES_MAX, out);
	buf_char(out, '\n');
}

static void say_failure(const struct report *report, const struct overview_app *app)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	struct buf *out = report->out;

	buf_str(out, STR("<failure"));
	attribute("type", str_of(cause_name(app->cause.type)), out);
	words_cause(&app->cause, WORDS_TEXT_BYTES_MAX, &text);
	attribute("message", buf_view(&text), out);
	buf_char(out, '>');
	line("", buf_view(&text), out);
	buf_clear(&text);
	overview_words_app_next(report->overview, app, &text);
	line("next: ", buf_view(&text), out);
	buf_clear(&text);
	overview_words_link(report->overview, app, &text);
	line("", buf_view(&text), out);
	buf_str(out, STR("</failure>"));
}

static void say_skip(struct str why, struct buf *out)
{
	buf_str(out, STR("<skipped"));
	attribute("message", why, out);
	buf_str(out, STR("/>"));
}

/* Passed or not. */
static void say_repeat(const struct report *report, size_t i)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	if (!repeats_words_of(report->overview, i, &text))
		return;
	buf_str(report->out, STR("<system-out>"));
	markup_text(buf_view(&text), WORDS_TEXT_BYTES_MAX, report->out);
	buf_str(report->out, STR("</system-out>"));
}

static void say_app(const struct report *report, struct str suite, size_t i)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview_app *app = &report->overview->apps[i];
	enum verdict verdict = judge_app(app);

	overview_words_app(report->overview, app, &text);
	begin_case(report, suite, buf_view(&text), story_app_ms(&report->story.apps[i]));
	buf_clear(&text);
	if (verdict == VERDICT_PASSED && repeat_of(report->overview, i) == REPEAT_ONCE) {
		buf_str(report->out, STR("/>\n"));
		return;
	}
	buf_char(report->out, '>');
	if (verdict == VERDICT_FAILED) {
		say_failure(report, app);
	} else if (verdict != VERDICT_PASSED) {
		say_state(app, &text);
		say_skip(buf_view(&text), report->out);
	}
	say_repeat(report, i);
	buf_str(report->out, STR("</testcase>\n"));
}

static void say_gate(const struct report *report, uint32_t number)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview_stage *stage = &report->overview->stages[number];
	const struct story_stage *told = &report->story.stages[number];
	enum verdict verdict = judge_gate(stage);
	struct buf *out = report->out;

	if (!overview_words_gate(report->overview, stage, &text))
		return;
	begin_case(report, stage->name, STR("gate"), since(told->gate_closed_at, told->gate_at));
	if (verdict == VERDICT_PASSED) {
		buf_str(out, STR("/>\n"));
		return;
	}
	buf_char(out, '>');
	if (verdict == VERDICT_FAILED) {
		buf_str(out, STR("<failure type=\"rejected\""));
		attribute("message", buf_view(&text), out);
		buf_char(out, '>');
		line("", report->overview->end_text, out);
		buf_str(out, STR("</failure>"));
	} else {
		say_skip(buf_view(&text), out);
	}
	buf_str(out, STR("</testcase>\n"));
}

/* ---- the document ---- */

static void say_stage(const struct report *report, uint32_t number)
{
	const struct overview_stage *stage = &report->overview->stages[number];
	const struct story_stage *told = &report->story.stages[number];
	struct tally tally = tally_of_stage(report->overview, number);

	begin_suite(report, number, stage->name, &tally, stage->begun_at,
		    since(told->ended_at, told->begun_at));
	say_gate(report, number);
	for (size_t i = 0; i < report->overview->app_count; i++)
		if (report->overview->apps[i].stage == number)
			say_app(report, stage->name, i);
	buf_str(report->out, STR("</testsuite>\n"));
}

static void say_error(const struct report *report)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview *overview = report->overview;
	struct tally tally = {0};

	add(&tally, VERDICT_ERROR);
	begin_suite(report, overview->plan->stage_count, STR("run"), &tally, overview->submitted_at,
		    0);
	begin_case(report, STR("run"), STR("end"), 0);
	buf_str(report->out, STR("><error"));
	attribute("type", str_of(words_result(overview->code)), report->out);
	overview_words_why(overview, &overview->whys[0], &text);
	attribute("message", buf_view(&text), report->out);
	buf_str(report->out, STR("/></testcase>\n</testsuite>\n"));
}

void junit_write(const struct overview *overview, const struct record *records, size_t count,
		 struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct report report = {.overview = overview, .out = out};
	struct tally all = tally_of_all(overview);
	bool is_error = has_error(overview, &all);
	size_t before = out->n;

	story_tell(overview, records, count, &arena, &report.story);
	if (is_error)
		add(&all, VERDICT_ERROR);
	buf_str(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"));
	attribute("name", overview->plan->app, out);
	say_tally(&all, out);
	say_time(since(report.story.over_at, overview->submitted_at), out);
	buf_str(out, STR(">\n"));
	for (uint32_t i = 0; i < overview->plan->stage_count; i++)
		say_stage(&report, i);
	if (is_error)
		say_error(&report);
	buf_str(out, STR("</testsuites>\n"));
	if (buf_overflowed(out))
		buf_truncate(out, before);
}
