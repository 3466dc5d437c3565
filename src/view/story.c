#include "view/story.h"

#include "base/check.h"

struct telling {
	const struct overview *overview;
	struct story *story;
	struct arena *arena;
	struct story_said **said_end;
	struct story_breach **breach_ends[STAGES_MAX];
	uint32_t approvals[STAGES_MAX];
};

/* ---- applications ---- */

static struct story_app *app_of(const struct telling *t, const struct entry *entry)
{
	return entry->app < t->overview->app_count ? &t->story->apps[entry->app] : NULL;
}

static bool is_open(const struct story_app *app)
{
	return app->last && app->last->end == SPAN_OPEN;
}

static void open_span(struct telling *t, struct story_app *app, wall at, bool is_reopened)
{
	if (is_open(app))
		return;
	if (app->span_count == STORY_SPANS_MAX) {
		app->last->end = SPAN_OPEN;
		return;
	}
	struct story_span *span = arena_new(t->arena, struct story_span);
	*span = (struct story_span){.from = at, .till = at, .is_reopened = is_reopened};
	if (app->last)
		app->last->next = span;
	else
		app->first = span;
	app->last = span;
	app->span_count++;
}

/* What ends without having begun is a moment. */
static void close_span(struct telling *t, struct story_app *app, wall at, enum span_end end)
{
	open_span(t, app, at, false);
	app->last->till = at;
	app->last->end = end;
}

static void tell_app(struct telling *t, const struct record *record)
{
	const struct entry *entry = &record->entry;
	struct story_app *app = app_of(t, entry);
	wall at = record->at;

	if (!app)
		return;
	switch ((int)entry->type) {
	case ENTRY_POST:
		app->posts++;
		open_span(t, app, at, false);
		return;
	case ENTRY_ADOPTED:
		open_span(t, app, at, false);
		return;
	case ENTRY_REJECTED:
	case ENTRY_UNSEEN:
		close_span(t, app, at, SPAN_LEFT);
		return;
	case ENTRY_DONE:
		app->done_at = at;
		close_span(t, app, at, SPAN_DONE);
		return;
	case ENTRY_REOPENED:
		app->reopened++;
		open_span(t, app, at, true);
		return;
	case ENTRY_CONFIRMED:
		app->confirmed_at = at;
		return;
	case ENTRY_ENDED:
		app->ended_at = at;
		close_span(t, app, at, entry->code != 0 ? SPAN_FAILED : SPAN_LEFT);
		return;
	case ENTRY_SKIPPED:
		if (is_open(app))
			close_span(t, app, at, SPAN_LEFT);
		return;
	default:
		return;
	}
}

/* ---- stages ---- */

static void tell_breach(struct telling *t, const struct record *record)
{
	const struct entry *entry = &record->entry;
	struct story_stage *stage = &t->story->stages[entry->stage];
	struct story_breach *breach = arena_new(t->arena, struct story_breach);

	*breach = (struct story_breach){
		.at = record->at, .app = entry->app, .stage = entry->stage, .cause = entry->cause};
	*t->breach_ends[entry->stage] = breach;
	t->breach_ends[entry->stage] = &breach->next;
	stage->breach_count++;
}

static void tell_gate(struct telling *t, const struct record *record)
{
	const struct entry *entry = &record->entry;
	struct story_stage *stage = &t->story->stages[entry->stage];
	const struct gate_rule *rule = &t->overview->plan->stages[entry->stage].gate;

	if (entry->type == ENTRY_GATE)
		stage->gate_at = record->at;
	else if (entry->type == ENTRY_DECLINED)
		stage->gate_closed_at = record->at;
	else if (++t->approvals[entry->stage] == rule->count)
		stage->gate_closed_at = record->at;
}

static void tell_soak(struct story_stage *stage, wall at)
{
	if (stage->soak_at.ms == 0)
		stage->soak_at = at;
	stage->soaked_at = at;
}

static void tell_stage(struct telling *t, const struct record *record)
{
	const struct entry *entry = &record->entry;

	if (entry->stage >= t->overview->plan->stage_count)
		return;
	struct story_stage *stage = &t->story->stages[entry->stage];
	switch ((int)entry->type) {
	case ENTRY_STAGE:
		stage->begun_at = record->at;
		return;
	case ENTRY_BARRIER:
		stage->barrier_at = record->at;
		return;
	case ENTRY_PASSED:
		stage->passed_at = record->at;
		return;
	case ENTRY_SOAKED:
		tell_soak(stage, record->at);
		return;
	case ENTRY_BREACH:
		tell_soak(stage, record->at);
		tell_breach(t, record);
		return;
	case ENTRY_GATE:
	case ENTRY_APPROVED:
	case ENTRY_DECLINED:
		tell_gate(t, record);
		return;
	default:
		return;
	}
}

/* ---- people ---- */

/* False: nobody said it. */
static bool instruction_of(enum entry_type type, enum instruction_type *ret)
{
	static const struct {
		enum entry_type entry;
		enum instruction_type instruction;
	} rows[] = {
		{ENTRY_APPROVED, INSTRUCTION_APPROVE},
		{ENTRY_DECLINED, INSTRUCTION_REJECT},
		{ENTRY_PAUSED, INSTRUCTION_PAUSE},
		{ENTRY_RESUMED, INSTRUCTION_RESUME},
		{ENTRY_TERMINATED, INSTRUCTION_TERMINATE},
		{ENTRY_RETRIED, INSTRUCTION_RETRY},
		{ENTRY_SKIPPED, INSTRUCTION_SKIP},
		{ENTRY_TERMINATED_ALL, INSTRUCTION_TERMINATE},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (rows[i].entry == type) {
			*ret = rows[i].instruction;
			return true;
		}
	return false;
}

static void tell_said(struct telling *t, const struct record *record)
{
	const struct entry *entry = &record->entry;
	const struct plan *plan = t->overview->plan;
	enum instruction_type instruction;

	if (!instruction_of(entry->type, &instruction))
		return;
	bool is_at_gate = entry->type == ENTRY_APPROVED || entry->type == ENTRY_DECLINED;
	bool is_staged = is_at_gate && entry->stage < plan->stage_count;
	bool is_app = entry->type == ENTRY_SKIPPED && entry->app < t->overview->app_count;
	struct story_said *said = arena_new(t->arena, struct story_said);
	said->at = record->at;
	said->note = (struct note){
		.type = NOTE_SAID,
		.instruction = instruction,
		.who = entry->who,
		.reason = entry->reason,
		.with_operations = entry->type == ENTRY_TERMINATED_ALL,
		.name = is_app ? t->overview->apps[entry->app].name : STR(""),
		.server = is_app ? plan->stages[t->overview->apps[entry->app].stage].server : 0,
		.stage = is_staged ? entry->stage + 1 : 0,
		.approvals = is_staged ? t->approvals[entry->stage] : 0,
		.wanted = is_staged ? plan->stages[entry->stage].gate.count : 0,
	};
	*t->said_end = said;
	t->said_end = &said->next;
	t->story->said_count++;
}

/* ---- the whole ---- */

static void widen(struct story *story, wall at)
{
	if (at.ms == 0)
		return;
	if (story->from.ms == 0 || wall_cmp(at, story->from) < 0)
		story->from = at;
	if (wall_cmp(at, story->till) > 0)
		story->till = at;
}

static void end_stages(const struct telling *t)
{
	uint32_t count = t->overview->plan->stage_count;

	for (uint32_t i = 0; i < count; i++) {
		struct story_stage *stage = &t->story->stages[i];
		wall asked_at = i + 1 < count ? t->story->stages[i + 1].gate_at : (wall){0};
		if (stage->begun_at.ms == 0)
			continue;
		stage->ended_at = asked_at.ms != 0	     ? asked_at
				  : stage->passed_at.ms != 0 ? stage->passed_at
							     : t->story->over_at;
	}
}

/* What is open goes on until now, or until the end. */
static void close_all(const struct telling *t)
{
	struct story *story = t->story;
	wall end = story->over_at.ms != 0 ? story->over_at : t->overview->now;

	for (size_t i = 0; i < t->overview->app_count; i++) {
		struct story_app *app = &story->apps[i];
		if (is_open(app) && wall_cmp(end, app->last->till) > 0)
			app->last->till = end;
	}
	if (t->overview->is_over && story->over_at.ms != 0)
		return;
	widen(story, t->overview->now);
}

void story_tell(const struct overview *overview, const struct record *records, size_t count,
		struct arena *arena, struct story *ret)
{
	struct telling t = {
		.overview = overview, .story = ret, .arena = arena, .said_end = &ret->said};

	*ret = (struct story){.apps = arena_array(arena, struct story_app, overview->app_count)};
	for (uint32_t i = 0; i < STAGES_MAX; i++)
		t.breach_ends[i] = &ret->stages[i].breaches;
	widen(ret, overview->submitted_at);
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];
		widen(ret, record->at);
		ret->over_at = record->entry.type == ENTRY_OVER	     ? record->at
			       : record->entry.type == ENTRY_RETRIED ? (wall){0}
								     : ret->over_at;
		tell_app(&t, record);
		tell_stage(&t, record);
		tell_said(&t, record);
	}
	end_stages(&t);
	close_all(&t);
	if (wall_cmp(ret->till, ret->from) <= 0)
		ret->till = wall_add(ret->from, 1);
}

int64_t story_app_ms(const struct story_app *app)
{
	int64_t ms = 0;

	for (const struct story_span *span = app->first; span; span = span->next)
		ms += MAX(wall_since(span->till, span->from), INT64_C(0));
	return ms;
}
