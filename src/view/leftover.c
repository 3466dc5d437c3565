#include "view/leftover.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "model/revision.h"
#include "view/overview_words.h"
#include "view/words.h"

const char *leftover_name(enum leftover leftover)
{
	static const char *const names[] = {
		[LEFTOVER_NOT_DONE] = "not-done",   [LEFTOVER_RUNNING] = "running",
		[LEFTOVER_ONE_CLICK] = "one-click", [LEFTOVER_SKIPPED] = "skipped",
		[LEFTOVER_DONE] = "done",
	};
	static_assert(COUNTOF(names) == LEFTOVERS);
	return names[leftover];
}

/* ---- who is what ---- */

static bool is_operation(enum cause_type cause)
{
	return cause == CAUSE_OPERATION || cause == CAUSE_ADOPTED || cause == CAUSE_FOREIGN ||
	       cause == CAUSE_POSTING || cause == CAUSE_INTERRUPTED || cause == CAUSE_WEDGED;
}

bool leftover_is_running(const struct overview_app *app)
{
	bool is_timeout = app->cause.type == CAUSE_TIMED_OUT;

	return app->phase == PHASE_SYNCING || is_operation(app->cause.type) ||
	       (is_timeout && is_operation(cause_named(app->cause.subject)));
}

enum leftover leftover_of(const struct overview_app *app)
{
	if (overview_app_is_done(app))
		return LEFTOVER_DONE;
	if (leftover_is_running(app))
		return LEFTOVER_RUNNING;
	if (app->is_skipped)
		return LEFTOVER_SKIPPED;
	if (app->phase == PHASE_WAITING || app->phase == PHASE_LEFT)
		return LEFTOVER_ONE_CLICK;
	return LEFTOVER_NOT_DONE;
}

void leftover_words(const struct overview *overview, enum leftover leftover, struct buf *out)
{
	auto_buf struct buf revision = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	words_clean(revision_short(overview->plan->revision), WORDS_NAME_BYTES_MAX, &revision);
	switch (leftover) {
	case LEFTOVER_NOT_DONE:
		buf_str(out, STR("not done"));
		return;
	case LEFTOVER_RUNNING:
		buf_str(out, STR("still running in Argo CD, or not known to have ended"));
		return;
	case LEFTOVER_ONE_CLICK:
		buf_str(out, STR("not synced: where targetRevision is "));
		buf_str(out, buf_view(&revision));
		if (overview_is_rejected(overview))
			buf_str(out, STR(" (which was rejected)"));
		buf_str(out, STR(" they are OutOfSync, one click from it"));
		return;
	case LEFTOVER_SKIPPED:
		buf_str(out, STR("skipped, as they are"));
		return;
	case LEFTOVER_DONE:
		buf_str(out, STR("done at "));
		buf_str(out, buf_view(&revision));
		return;
	}
}

/* ---- how to go on ---- */

static void add(struct leftovers *left, struct str command, const char *purpose)
{
	check(left->step_count < LEFTOVER_STEPS_MAX);
	left->steps[left->step_count++] = (struct leftover_step){command, str_of(purpose)};
}

static struct str clean_name(struct str name, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	words_clean(name, WORDS_NAME_BYTES_MAX, &text);
	return arena_copy(arena, buf_view(&text));
}

/* The first one of those; NULL: there is none. */
static const struct overview_app *first_of(const struct overview *overview, enum leftover leftover)
{
	for (size_t i = 0; i < overview->app_count; i++)
		if (leftover_of(&overview->apps[i]) == leftover)
			return &overview->apps[i];
	return NULL;
}

/* As machine/steering has it: a run that failed by itself may be tried again. */
static bool may_be_retried(const struct overview *overview)
{
	bool has_failed = false;

	if (overview_is_rejected(overview) || overview->code == EXIT_TERMINATED ||
	    overview->code == EXIT_SUPERSEDED || overview->code == EXIT_DONE)
		return false;
	for (size_t i = 0; i < overview->app_count; i++)
		has_failed = has_failed ||
			     (!overview->apps[i].is_skipped && overview->apps[i].code != EXIT_DONE);
	return has_failed;
}

static bool has_failed(const struct overview_app *app)
{
	return app->phase == PHASE_FAILED && !app->is_skipped;
}

static void add_skip(const struct overview *overview, struct str run, struct arena *arena,
		     struct leftovers *left)
{
	auto_buf struct buf name = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	const struct overview_app *first = NULL;
	uint32_t failed = 0;

	for (size_t i = 0; i < overview->app_count; i++)
		if (has_failed(&overview->apps[i]) && failed++ == 0)
			first = &overview->apps[i];
	if (!first)
		return;
	overview_words_app(overview, first, &name);
	const char *purpose = failed == 1 ? "nobody waits for it any more; then retry"
					  : arena_printf(
						    arena,
						    "nobody waits for it any more; do so with each "
						    "of the %u that failed, then retry",
						    failed)
						    .p;
	add(left,
	    arena_printf(arena, "tiphys skip " STR_FMT " --run=" STR_FMT " --reason='WHY'",
			 STR_ARG(buf_view(&name)), STR_ARG(run)),
	    purpose);
}

static void add_retry(const struct overview *overview, struct arena *arena, struct leftovers *left)
{
	struct str run = clean_name(overview->plan->run, arena);

	add(left, arena_printf(arena, "tiphys retry " STR_FMT " --failed", STR_ARG(run)),
	    "goes on with what failed and what was left out");
	add_skip(overview, run, arena, left);
}

/* The promotion knows what its file said, not where it is. */
static void add_promote(const struct overview *overview, struct arena *arena,
			struct leftovers *left)
{
	bool is_rejected = overview_is_rejected(overview);
	bool is_other = is_rejected || overview->code == EXIT_SUPERSEDED;
	struct str revision = is_other ? STR("REVISION")
				       : clean_name(overview->plan->revision, arena);
	const char *with = is_rejected ? ", and a revision that is not rejected"
			   : is_other  ? ", and the revision that came after it"
				       : "; what is done is not synced again";

	add(left,
	    arena_printf(arena, "tiphys promote --file=FILE --revision=" STR_FMT,
			 STR_ARG(revision)),
	    arena_printf(arena, "begins anew with this promotion's file (FILE) and flags%s", with)
		    .p);
}

/* "argocd app get web" */
static void add_argocd(const struct overview *overview, const char *verb,
		       const struct overview_app *app, const char *flags, const char *purpose,
		       struct arena *arena, struct leftovers *left)
{
	auto_buf struct buf name = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	words_argocd_app(overview->plan, overview->plan->stages[app->stage].server, app->name,
			 &name);
	add(left,
	    arena_printf(arena, "argocd app %s " STR_FMT "%s", verb, STR_ARG(buf_view(&name)),
			 flags),
	    purpose);
}

void leftover_find(const struct overview *overview, struct arena *arena, struct leftovers *ret)
{
	*ret = (struct leftovers){0};
	if (!overview->is_over)
		return;
	for (size_t i = 0; i < overview->app_count; i++)
		ret->counts[leftover_of(&overview->apps[i])]++;
	const struct overview_app *not_done = first_of(overview, LEFTOVER_NOT_DONE);
	const struct overview_app *running = first_of(overview, LEFTOVER_RUNNING);
	const struct overview_app *skipped = first_of(overview, LEFTOVER_SKIPPED);
	if (may_be_retried(overview))
		add_retry(overview, arena, ret);
	else if (overview->code != EXIT_DONE)
		add_promote(overview, arena, ret);
	if (running) {
		add_argocd(overview, "get", running, " --show-operation", "what its operation does",
			   arena, ret);
		add_argocd(overview, "terminate-op", running, "", "ends it", arena, ret);
	}
	if (not_done || skipped)
		add_argocd(overview, "get", not_done ? not_done : skipped, "", "how it is now",
			   arena, ret);
}
