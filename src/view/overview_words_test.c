#include "view/overview_words.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "picture.h"
#include "testing.h"

static void a_time_is_told_from_now_and_by_the_calendar(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	overview_words_time(picture_at(0), picture_at(7500), &out);
	assert_str(buf_view(&out), "2h5m ago (2026-11-23T12:00:00Z)");
	buf_clear(&out);
	overview_words_time(picture_at(90), picture_at(30), &out);
	assert_str(buf_view(&out), "in 1m (2026-11-23T12:01:30Z)");
	buf_clear(&out);
	overview_words_time(wall_add(picture_at(0), 1), wall_add(picture_at(0), 999), &out);
	assert_str(buf_view(&out), "just now (2026-11-23T12:00:00Z)");
	buf_clear(&out);
	overview_words_time(picture_at(0), wall_add(picture_at(4), 100), &out);
	assert_str(buf_view(&out), "4s ago (2026-11-23T12:00:00Z)");
}

/* state, why, next */
static void assert_why(const struct picture *picture, struct why why, const char *words,
		       const char *next)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);

	buf_printf(&out, "%s: ", overview_words_state(&why));
	overview_words_why(&picture->overview, &why, &out);
	assert_str(buf_view(&out), words);
	buf_clear(&out);
	assert_int_equal(overview_words_next(&picture->overview, &why, &out), *next != '\0');
	assert_str(buf_view(&out), next);
}

static void who_was_skipped_is_not_counted_as_there(void **state)
{
	struct picture picture;

	picture_done(&picture);
	picture.apps[6].is_skipped = true;
	assert_why(&picture, (struct why){.type = WHY_OVER, .code = EXIT_PARTLY},
		   "partly: 6 of 7 applications at 3f2a91c, 1 skipped", "");
}

static void every_why_has_words_and_what_to_do_about_it(void **state)
{
	struct picture picture;

	picture_at_gate(&picture);
	assert_why(&picture,
		   (struct why){.type = WHY_SERVER,
				.cause = {CAUSE_SERVER, STR("argocd.corp"), STR("refused")}},
		   "waiting: Argo CD at argocd.corp does not answer: refused",
		   "see that Argo CD answers again: then it goes on by itself");
	assert_why(&picture,
		   (struct why){.type = WHY_SERVER,
				.cause = {CAUSE_CREDENTIALS, STR(""), STR("token is expired")}},
		   "waiting: Argo CD does not accept the credentials: token is expired",
		   "give it credentials that Argo CD accepts, where it has them from: then it goes "
		   "on by itself; those of ARGOCD_AUTH_TOKEN by a new runner: `kill $(cat "
		   "FOLDER/lock)` (FOLDER is --state-dir), then any command with it set");
	assert_why(&picture,
		   (struct why){.type = WHY_FAILED,
				.app = STR("web-test-1"),
				.cause = {CAUSE_HOOK_FAILED, STR("Job smoke"), STR("503")}},
		   "failing: web-test-1: Job smoke failed: 503; no further stage begins, what runs "
		   "is followed to its end",
		   "read its log or events, in Argo CD or with kubectl in its namespace; syncing "
		   "again runs the hooks again");
	assert_why(&picture, (struct why){.type = WHY_PAUSED, .who = STR("ann")},
		   "paused: by ann; nothing new is started, what runs is followed",
		   "`tiphys resume r1`");
	assert_why(&picture, (struct why){.type = WHY_HELD, .app = STR("web-prd-1")},
		   "held: web-prd-1 was synced by somebody before its stage: no further one begins",
		   "find out who syncs ahead of the order (`argocd app history web-prd-1`), then "
		   "`tiphys resume r1`");
	assert_why(&picture,
		   (struct why){.type = WHY_HELD, .app = STR("web-prd-1"), .who = STR("kim")},
		   "held: web-prd-1 was synced by kim before its stage: no further one begins",
		   "find out who syncs ahead of the order (`argocd app history web-prd-1`), then "
		   "`tiphys resume r1`");
	assert_why(&picture, (struct why){.type = WHY_SOAK, .stage = 0, .left_ms = 1'500'000},
		   "soaking: all up to stage 1 (env=test) is watched: 25m of 1h to go", "");
	assert_why(&picture,
		   (struct why){.type = WHY_UNWELL,
				.app = STR("web-test-1"),
				.cause = {CAUSE_HEALTH, STR("Degraded"), STR("")}},
		   "unwell: web-test-1 was done and is not well: Degraded",
		   "look at the events and logs of what is not healthy, in Argo CD or with kubectl "
		   "in its namespace");
	assert_why(&picture,
		   (struct why){.type = WHY_APP,
				.app = STR("web-test-1"),
				.cause = {.type = CAUSE_OPERATION}},
		   "running: web-test-1 is waited for: syncing", "");
	assert_why(&picture,
		   (struct why){.type = WHY_APP,
				.app = STR("web-test-1"),
				.still_ms = 65'432,
				.is_stuck = true,
				.cause = {CAUSE_OPERATION, STR(""), STR("waiting for Job smoke")}},
		   "waiting: web-test-1 is waited for: syncing: waiting for Job smoke; no news for "
		   "1m5s",
		   "`argocd app get web-test-1 --show-operation` tells what it hangs on, `argocd "
		   "app terminate-op web-test-1` ends it");
	assert_why(&picture,
		   (struct why){.type = WHY_APP,
				.app = STR("web-test-1"),
				.is_stuck = true,
				.cause = {.type = CAUSE_WINDOW}},
		   "waiting: web-test-1 is waited for: its sync window is closed",
		   "`argocd proj windows list platform` tells when it opens");
	assert_why(&picture, (struct why){.type = WHY_BARRIER, .stage = 1},
		   "running: stage 2 (env=stg) is done; each is read once more", "");
	assert_why(&picture, (struct why){.type = WHY_BEGINNING},
		   "beginning: the runner was started again, and reads all anew", "");
	picture.seen[0].state = STAGE_TO_COME;
	assert_why(&picture, (struct why){.type = WHY_BEGINNING},
		   "beginning: it looks for its applications", "");
}

static void an_end_is_not_said_twice(void **state)
{
	struct picture picture;

	picture_failed(&picture);
	picture.overview.end_text = STR("terminated by ann: not today");
	assert_why(&picture, (struct why){.type = WHY_OVER, .code = EXIT_TERMINATED},
		   "terminated: by ann: not today", "");
}

static void who_terminates_it_with_its_operations_may_leave_them(void **state)
{
	struct picture picture;

	picture_failed(&picture);
	assert_why(&picture,
		   (struct why){.type = WHY_ENDING, .who = STR("ann"), .text = STR("it hangs")},
		   "terminating: by ann: it hangs; nothing new is started, its operations that run "
		   "in Argo CD are ended",
		   "wait; or `tiphys terminate r1` leaves what runs as it is");
}

static void the_first_that_syncs_says_what_to_do_if_it_hangs(void **state)
{
	struct why whys[2] = {
		{.type = WHY_APP, .app = STR("a"), .cause = {.type = CAUSE_OPERATION}},
		{.type = WHY_APP, .app = STR("b"), .cause = {.type = CAUSE_OPERATION}},
	};
	auto_buf struct buf out = BUF_INIT(OVERVIEW_TEXT_BYTES_MAX);
	struct picture picture;

	picture_failed(&picture);
	picture.overview.whys = whys;
	assert_true(overview_words_next(&picture.overview, &whys[0], &out));
	assert_str(buf_view(&out),
		   "if it hangs, `tiphys terminate r1 --operations` ends it, and the promotion");
	buf_clear(&out);
	whys[0].is_stuck = true;
	assert_true(overview_words_next(&picture.overview, &whys[0], &out));
	assert_str(buf_view(&out),
		   "if it hangs, `tiphys terminate r1 --operations` ends it, and the promotion; if "
		   "all of it is done in the cluster, Argo CD's application controller is slow or "
		   "down: look at its log");
	assert_false(overview_words_next(&picture.overview, &whys[1], &out));
}

static void who_ended_it_is_named_even_if_nothing_else_is_known(void **state)
{
	struct why by_ann = {.type = WHY_OVER,
			     .code = EXIT_TERMINATED,
			     .who = STR("ann"),
			     .text = STR("not today")};
	struct picture picture;

	picture_failed(&picture);
	assert_why(&picture, by_ann, "terminated: by ann: not today", "");
	by_ann.who = STR("");
	assert_why(&picture, by_ann, "terminated: not today", "");
	by_ann.code = EXIT_TRY_AGAIN;
	assert_why(&picture, by_ann, "try-again: not today", "");
	/* They paused it, once: that is not why it failed. */
	by_ann.code = EXIT_FAILED;
	by_ann.who = STR("ann");
	assert_why(&picture, by_ann, "failed: 2 of 7 applications failed at 3f2a91c", "");
	picture_rejected(&picture);
	picture.overview.end_text = STR("");
	assert_why(&picture, by_ann, "failed: stage 3 (production) was rejected by ann: not today",
		   "");
}

static void what_superseded_it_is_said_and_not_called_a_failure(void **state)
{
	struct why over = {.type = WHY_OVER,
			   .code = EXIT_SUPERSEDED,
			   .app = STR("web-stg-2"),
			   .cause = {CAUSE_SUPERSEDED,
				     STR("9c578df27063c2bb331f0032dd4a21f90c2f1581"), STR("")}};
	struct picture picture;

	picture_failed(&picture);
	assert_why(&picture, over, "superseded: web-stg-2: its targetRevision moved on to 9c578df",
		   "");
}

static void the_first_that_failed_speaks_for_the_others(void **state)
{
	struct why over = {.type = WHY_OVER,
			   .code = EXIT_FAILED,
			   .app = STR("web-stg-1"),
			   .cause = {CAUSE_HOOK_FAILED, STR("Job smoke"), STR("503")}};
	struct picture picture;

	picture_failed(&picture);
	assert_why(&picture, over,
		   "failed: web-stg-1: Job smoke failed: 503; 2 of 7 applications failed at "
		   "3f2a91c",
		   "");
}

static void a_soak_that_was_broken_says_how_often_and_by_whom(void **state)
{
	struct why soak = {.type = WHY_SOAK, .stage = 0, .left_ms = 3'600'000};
	auto_buf struct buf out = BUF_INIT(1 * KIB);
	struct picture picture;

	picture_at_gate(&picture);
	picture.seen[0].breaches = 3;
	picture.seen[0].broken_by = STR("web-test-2");
	assert_why(&picture, soak,
		   "soaking: all up to stage 1 (env=test) is watched: 1h of 1h to go; broken 3 "
		   "times, last by web-test-2",
		   "");
	assert_true(overview_words_soak(&picture.overview.stages[0], &out));
	assert_true(str_ends(buf_view(&out), STR("; broken 3 times, last by web-test-2")));
}

static void a_stage_that_never_came_is_told_from_one_that_was_rejected(void **state)
{
	struct picture picture;

	picture_at_gate(&picture);
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[1]), "done");
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[2]),
			    "at its gate");
	picture_rejected(&picture);
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[1]), "done once");
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[2]), "rejected");
	picture_failed(&picture);
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[1]), "not done");
	assert_string_equal(overview_words_stage(&picture.overview, &picture.seen[2]), "not begun");
}

static void a_cause_does_not_repeat_the_phase(void **state)
{
	const struct {
		struct overview_app app;
		const char *words;
	} rows[] = {
		{{.phase = PHASE_SYNCING, .cause = {CAUSE_OPERATION, STR(""), STR("Job smoke")}},
		 "Job smoke"},
		{{.phase = PHASE_SYNCING, .cause = {.type = CAUSE_OPERATION}}, ""},
		{{.phase = PHASE_DONE, .cause = {.type = CAUSE_SYNCED}}, ""},
		{{.phase = PHASE_DONE, .is_unchanged = true, .cause = {.type = CAUSE_SYNCED}},
		 "synced and healthy already"},
		{{.phase = PHASE_LEFT, .is_skipped = true, .cause = {.type = CAUSE_SYNCED}},
		 "nobody waits for it"},
		{{.phase = PHASE_LEFT, .is_skipped = true, .cause = {.type = CAUSE_OPERATION}},
		 "nobody waits for it; its operation goes on, or is not known to have ended"},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_buf struct buf out = BUF_INIT(4 * KIB);
		overview_words_cause(&rows[i].app, &out);
		assert_str(buf_view(&out), rows[i].words);
	}
}

static void a_gate_tells_how_it_stands(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct picture picture;

	picture_at_gate(&picture);
	assert_false(overview_words_gate(&picture.overview, &picture.seen[0], &out));
	picture.seen[2].nonce = STR("");
	assert_true(overview_words_gate(&picture.overview, &picture.seen[2], &out));
	assert_str(buf_view(&out), "1 of 2 approvals, asked of 2 of group:sre, user:alice, but not "
				   "who began it; it opens when all before it is done");
	buf_clear(&out);
	picture_done(&picture);
	assert_true(overview_gate_is_passed(&picture.seen[2]));
	overview_words_gate(&picture.overview, &picture.seen[2], &out);
	assert_true(str_starts(buf_view(&out), STR("approved; 2 of 2 approvals")));
}

static void who_is_skipped_is_no_bad_case_any_more(void **state)
{
	struct overview_app failed = {.phase = PHASE_FAILED}, skipped = failed;
	struct overview_app done = {.phase = PHASE_DONE}, left = {.phase = PHASE_LEFT};

	skipped.is_skipped = true;
	assert_true(overview_app_rank(&failed) < overview_app_rank(&left));
	assert_true(overview_app_rank(&left) < overview_app_rank(&skipped));
	assert_true(overview_app_rank(&skipped) < overview_app_rank(&done));
}

static void who_was_refused_at_the_start_has_nothing_to_remember(void **state)
{
	struct picture picture;

	picture_failed(&picture);
	assert_false(overview_is_refused(&picture.overview));
	for (uint32_t i = 0; i < PICTURE_STAGES; i++)
		picture.seen[i].begun_at = picture.seen[i].gate_opened_at = (wall){0};
	assert_true(overview_is_refused(&picture.overview));
	picture.overview.code = EXIT_TERMINATED; /* somebody decided that */
	assert_false(overview_is_refused(&picture.overview));
	picture.overview.code = EXIT_USAGE;
	picture.overview.is_over = false;
	assert_false(overview_is_refused(&picture.overview));
	picture.overview.is_over = true;
	picture.seen[0].gate_opened_at = picture_at(1); /* somebody was asked */
	assert_false(overview_is_refused(&picture.overview));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_refused_at_the_start_has_nothing_to_remember),
		cmocka_unit_test(a_time_is_told_from_now_and_by_the_calendar),
		cmocka_unit_test(who_was_skipped_is_not_counted_as_there),
		cmocka_unit_test(every_why_has_words_and_what_to_do_about_it),
		cmocka_unit_test(an_end_is_not_said_twice),
		cmocka_unit_test(who_terminates_it_with_its_operations_may_leave_them),
		cmocka_unit_test(the_first_that_syncs_says_what_to_do_if_it_hangs),
		cmocka_unit_test(who_ended_it_is_named_even_if_nothing_else_is_known),
		cmocka_unit_test(what_superseded_it_is_said_and_not_called_a_failure),
		cmocka_unit_test(the_first_that_failed_speaks_for_the_others),
		cmocka_unit_test(a_soak_that_was_broken_says_how_often_and_by_whom),
		cmocka_unit_test(a_stage_that_never_came_is_told_from_one_that_was_rejected),
		cmocka_unit_test(a_cause_does_not_repeat_the_phase),
		cmocka_unit_test(a_gate_tells_how_it_stands),
		cmocka_unit_test(who_is_skipped_is_no_bad_case_any_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
