#pragma once
/*
 * telling: what a run says, as text for somebody, and whether that is data or talk.
 *
 * With FORMAT_JSON every event is data. With FORMAT_TEXT data is the summary, or the plan that a
 * dry run shows. The lines of progress are talk, and so is the end of a run that did not come to
 * its applications: that is an error, not a result.
 *
 * No test of its own: view/ makes the text; the tests against an Argo CD go through it.
 */
#include "view/json.h"
#include "view/lines.h"

enum output_format { FORMAT_TEXT, FORMAT_JSON };
extern const char *const output_format_names[]; /* as on a command line; NULL behind the last */

struct telling {
	enum output_format format;
	bool is_quiet; /* no lines of progress; for FORMAT_JSON it changes nothing */
	struct view_lines lines;
	struct view_json json;
	struct buf out;
};

/* The plan outlives it. */
void telling_init(struct telling *telling, const struct plan *plan, enum output_format format,
		  bool is_quiet, bool use_color);
void telling_release(struct telling *telling);

/* The text is whole lines, or empty, and is borrowed until the next note. */
struct str telling_note(struct telling *telling, const struct note *note, bool *ret_is_data);
