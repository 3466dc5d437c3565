#include "argo/quirk.h"

#include "base/check.h"

/* What people write; the test holds it to the table. */
static const char *const names[] = {
	[QUIRK_LOST_EVENT_GAP] = "lost-event-gap",
	[QUIRK_SILENT_WATCH] = "silent-watch",
	[QUIRK_LEAVES_IN_SILENCE] = "leaves-in-silence",
	[QUIRK_NO_REPLAY] = "no-replay",
	[QUIRK_NULL_ITEMS] = "null-items",
	[QUIRK_LIST_FIELDS_FIXED] = "list-fields-fixed",
	[QUIRK_EXACT_CONTENT_TYPE] = "exact-content-type",
	[QUIRK_DENIED_FOR_ABSENT] = "denied-for-absent",
	[QUIRK_SELECTOR_ERROR_IS_500] = "selector-error-is-500",
	[QUIRK_BUSY_IS_400] = "busy-is-400",
	[QUIRK_MULTI_REVISION_IGNORED] = "multi-revision-ignored",
	[QUIRK_TERMINATE_BEFORE_START] = "terminate-before-start",
	[QUIRK_LIST_LAGS] = "list-lags",
	[QUIRK_REFRESH_OUTLIVES_CLIENT] = "refresh-outlives-client",
	[QUIRK_POST_OUTLIVES_CLIENT] = "post-outlives-client",
	[QUIRK_SECOND_STAMPS] = "second-stamps",
	[QUIRK_STALE_AFTER_SPEC] = "stale-after-spec",
	[QUIRK_HEALTHY_BEFORE_HOOKS] = "healthy-before-hooks",
	[QUIRK_SAME_SECOND_COMPARE] = "same-second-compare",
	[QUIRK_RECONCILED_BEFORE_COMPARE] = "reconciled-before-compare",
	[QUIRK_LATE_WRITER] = "late-writer",
	[QUIRK_STATUS_IS_A_DIFFERENCE] = "status-is-a-difference",
	[QUIRK_ANNOTATION_BY_ITS_COMPARE] = "annotation-by-its-compare",
	[QUIRK_LIVE_CACHE_LAGS] = "live-cache-lags",
	[QUIRK_HEALTH_ALONE_MOVES] = "health-alone-moves",
	[QUIRK_FAILED_HOOK_LOOKS_WELL] = "failed-hook-looks-well",
	[QUIRK_PARTIAL_RUNS_NO_HOOKS] = "partial-runs-no-hooks",
	[QUIRK_ROLLBACK_RUNS_NO_HOOKS] = "rollback-runs-no-hooks",
	[QUIRK_HOOK_CHANGE_IS_NO_DRIFT] = "hook-change-is-no-drift",
	[QUIRK_RETRY_SHOWS_FINISHED] = "retry-shows-finished",
	[QUIRK_NO_AUTO_RETRY] = "no-auto-retry",
	[QUIRK_SPEC_ERROR_WITHOUT_STAMP] = "spec-error-without-stamp",
	[QUIRK_WINDOW_PARKS_OPERATION] = "window-parks-operation",
	[QUIRK_PAUSED_IGNORES_ALL] = "paused-ignores-all",
	[QUIRK_OVERWRITTEN_STATE_RESUMED] = "overwritten-state-resumed",
	[QUIRK_WRITE_BACK] = "write-back",
	[QUIRK_ANNOTATIONS_TAKEN_AWAY] = "annotations-taken-away",
	[QUIRK_WRITES_ALL_AT_ONCE] = "writes-all-at-once",
	[QUIRK_ROLLS_ON_OLD_STATUS] = "rolls-on-old-status",
	[QUIRK_ASKS_THE_STEP_BEFORE] = "asks-the-step-before",
	[QUIRK_SYNCS_THE_DELETED] = "syncs-the-deleted",
	[QUIRK_REFRESH_ENDS_EARLY] = "refresh-ends-early",
};

static const struct {
	const char *contract_case, *what;
} rows[] = {
#define QUIRK(name, contract_case, what) {contract_case, what},
#include "argo/quirk.def"
#undef QUIRK
};
static_assert(COUNTOF(names) == QUIRK_COUNT, "a quirk has no name");

const char *quirk_name(enum quirk quirk)
{
	check((size_t)quirk < COUNTOF(names));
	return names[quirk];
}

const char *quirk_story(enum quirk quirk)
{
	check((size_t)quirk < COUNTOF(rows));
	return rows[quirk].what;
}

const char *quirk_case(enum quirk quirk)
{
	check((size_t)quirk < COUNTOF(rows));
	return rows[quirk].contract_case;
}

bool quirk_find(struct str name, enum quirk *ret_quirk)
{
	for (size_t i = 0; i < COUNTOF(names); i++) {
		if (str_eq(name, str_of(names[i]))) {
			*ret_quirk = (enum quirk)i;
			return true;
		}
	}
	return false;
}
