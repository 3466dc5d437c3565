#include "cmd/telling.h"

#include "base/check.h"
#include "model/exit_code.h"

static_assert((int)VIEW_JSON_BYTES_MAX <= (int)VIEW_LINES_BYTES_MAX);

const char *const output_format_names[] = {
	[FORMAT_TEXT] = "text",
	[FORMAT_JSON] = "json",
	NULL,
};

void telling_init(struct telling *telling, const struct plan *plan, enum output_format format,
		  bool is_quiet, bool use_color)
{
	*telling = (struct telling){
		.format = format,
		.is_quiet = is_quiet,
		.out = BUF_INIT(VIEW_LINES_BYTES_MAX),
	};
	view_lines_init(&telling->lines, plan, use_color);
	view_json_init(&telling->json, plan);
}

void telling_release(struct telling *telling)
{
	view_lines_release(&telling->lines);
	view_json_release(&telling->json);
	buf_release(&telling->out);
}

/* What remains when the talk is left out: results, and what somebody should know anyway. */
static bool is_talk(const struct note *note, bool is_dry_run)
{
	switch (note->type) {
	case NOTE_CONNECTED:
	case NOTE_STAGE:
	case NOTE_PASSED:
	case NOTE_HEARTBEAT:
	case NOTE_BARRIER:
	case NOTE_RESTARTED:
	case NOTE_GATE:
	case NOTE_SAID:
	case NOTE_SOAK:
	case NOTE_BREACH:
	case NOTE_WARNING:
		return true;
	case NOTE_PLAN:
	case NOTE_PLAN_STAGE:
	case NOTE_SHARED:
	case NOTE_UNSELECTED:
	case NOTE_APP:
	case NOTE_PREVIEW:
		return !is_dry_run;
	case NOTE_END:
		/* A run that did not come to its applications has an error, not a result. */
		return note->counts.total == 0;
	}
	return true;
}

/* Also for who wants to hear little. */
static bool is_important(const struct note *note)
{
	return note->type == NOTE_WARNING || note->type == NOTE_GATE || note->type == NOTE_END;
}

struct str telling_note(struct telling *telling, const struct note *note, bool *ret_is_data)
{
	buf_clear(&telling->out);
	if (telling->format == FORMAT_JSON) {
		view_json_note(&telling->json, note, &telling->out);
		check(!buf_overflowed(&telling->out));
		*ret_is_data = true;
		return buf_view(&telling->out);
	}
	view_lines_note(&telling->lines, note, &telling->out);
	*ret_is_data = !is_talk(note, telling->lines.plan->is_dry_run);
	if (!*ret_is_data && telling->is_quiet && !is_important(note))
		return STR("");
	return buf_view(&telling->out);
}
