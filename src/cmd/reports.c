#include "cmd/reports.h"

#include "base/check.h"
#include "cmd/say.h"
#include "io/file.h"
#include "io/output.h"

enum { REPORT_BYTES_MAX = 64 * 1024 * 1024 };

#define IN(field, T) OPTION_IN(struct report_flags, field, T)

const struct option report_options[] = {
	{"junit", 0, OPTION_TEXT, IN(junit, struct str), .value = "FILE",
	 .help = "write a report at the end, as JUnit's XML, however it ends"},
	{"html", 0, OPTION_TEXT, IN(html, struct str), .value = "FILE",
	 .help = "the same as a page, all that happened"},
};
static_assert(COUNTOF(report_options) == REPORT_OPTIONS);

struct report {
	const char *flag; /* of promote, and of show */
	struct str path;
	enum wish_type wish;
};

enum { REPORTS = REPORT_OPTIONS };

static void list(const struct report_flags *flags, struct report ret[REPORTS])
{
	ret[0] = (struct report){"--junit", flags->junit, WISH_JUNIT};
	ret[1] = (struct report){"--html", flags->html, WISH_PAGE};
}

bool reports_are_wanted(const struct report_flags *flags)
{
	return flags->junit.p || flags->html.p;
}

/* ---- before ---- */

static int check_one(const struct report *report, struct arena *arena)
{
	struct err err = {0};
	int result;

	if (str_empty(report->path))
		result = err_set(&err, E_USAGE, "it is empty");
	else
		result = file_may_write(arena_copy(arena, report->path).p, FILE_OVER, &err);
	if (result == 0)
		return EXIT_DONE;
	err_wrap(&err, "%s=" STR_FMT, report->flag, STR_ARG(report->path));
	say_error(&err, "nothing was begun; name a file that can be written");
	return EXIT_USAGE;
}

int reports_check(const struct report_flags *flags)
{
	auto_arena struct arena arena = {0};
	struct report reports[REPORTS];
	struct err err = {0};
	int code = EXIT_DONE;

	list(flags, reports);
	for (size_t i = 0; i < REPORTS && code == EXIT_DONE; i++)
		if (reports[i].path.p)
			code = check_one(&reports[i], &arena);
	if (code == EXIT_DONE && flags->junit.p && flags->html.p &&
	    str_eq(flags->junit, flags->html)) {
		err_set(&err, E_USAGE, "--junit and --html name the same file");
		say_error(&err, "nothing was begun; give each its own");
		code = EXIT_USAGE;
	}
	return code;
}

/* ---- after ---- */

static int write_one(const struct report *report, const struct reach_flags *reach, struct str run)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(REPORT_BYTES_MAX);
	struct err err = {0};
	/* What went wrong here was said. */
	int code = reach_document(reach, &(struct wish){.type = report->wish, .run = run}, &text);

	if (code != EXIT_DONE)
		return code;
	if (!buf_overflowed(&text) &&
	    file_write(arena_copy(&arena, report->path).p, buf_view(&text), FILE_OVER, &err) == 0)
		return EXIT_DONE;
	if (buf_overflowed(&text))
		err_set(&err, E_LIMIT, "it is longer than %d MiB", REPORT_BYTES_MAX >> 20);
	err_wrap(&err, "the report " STR_FMT " is not complete", STR_ARG(report->path));
	say_error(&err, "`tiphys show " STR_FMT " %s` writes it to stdout", STR_ARG(run),
		  report->flag);
	return EXIT_INTERNAL;
}

static void say_left(const struct report *report, struct str run)
{
	auto_arena struct arena arena = {0};

	output_write(OUTPUT_TALK,
		     arena_printf(&arena,
				  STR_FMT " is of what there is so far, and the promotion goes on; "
					  "at its end: `tiphys show " STR_FMT " %s >" STR_FMT "`\n",
				  STR_ARG(report->path), STR_ARG(run), report->flag,
				  STR_ARG(report->path)));
}

static void say_none(const struct report *report)
{
	auto_arena struct arena arena = {0};

	output_write(OUTPUT_TALK,
		     arena_printf(&arena, STR_FMT " was not written: nothing was begun\n",
				  STR_ARG(report->path)));
}

int reports_write(const struct report_flags *flags, const struct reach_flags *reach,
		  const struct submitted *submitted, int code)
{
	struct report reports[REPORTS];
	bool is_whole = true;

	list(flags, reports);
	for (size_t i = 0; i < REPORTS; i++) {
		const struct report *report = &reports[i];
		if (!report->path.p)
			continue;
		if (str_empty(submitted->run))
			say_none(report);
		else if (write_one(report, reach, submitted->run) != EXIT_DONE)
			is_whole = false;
		else if (submitted->goes_on)
			say_left(report, submitted->run);
	}
	return code == EXIT_DONE && !is_whole ? EXIT_INTERNAL : code;
}
