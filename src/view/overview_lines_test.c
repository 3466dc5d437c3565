#include "view/overview_lines.h"

#include "base/check.h"
#include "picture.h"
#include "testing.h"

#include <string.h>

static void show(const struct picture *picture, bool shows_all, struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct story story;
	struct overview_lines lines = {
		.overview = &picture->overview, .story = &story, .shows_all = shows_all};

	story_tell(&picture->overview, picture->records, picture->record_count, &arena, &story);

	*out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	overview_show(&lines, out);
	assert_false(buf_overflowed(out));
	assert_false(str_find(buf_view(out), STR(" \n"), NULL));
}

#define APPROVERS "2 of group:sre, user:alice, but not who began it"

static void a_run_that_waits_says_so_first_and_how_to_go_on(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	show(&picture, false, &out);
	assert_str(
		buf_view(&out),
		"run r1: web at 3f2a91c, project platform\n"
		"  begun by ann 2h ago (2026-11-23T12:00:00Z) on https://argocd.corp (v3.2.11)\n"
		"waiting: stage 3 (production) asks for approval by " APPROVERS
		"; 1 so far; asked 35m ago (2026-11-23T13:25:00Z); closes in 71h25m "
		"(2026-11-26T13:25:00Z)\n"
		"  next: `tiphys approve r1` or `tiphys reject r1`\n"
		"\n"
		"stage 1 (env=test)    done            2 applications: 2 confirmed\n"
		"  soak  1h of 1h watched; who is not well starts it anew\n"
		"stage 2 (env=stg)     done            2 applications: 2 done\n"
		"stage 3 (production)  at its gate     3 applications: 3 waiting\n"
		"  gate  1 of 2 approvals, asked of " APPROVERS
		"; opened 35m ago (2026-11-23T13:25:00Z); closes in 71h25m "
		"(2026-11-26T13:25:00Z)\n"
		"        bob approved stage 3 (production) (1 of 2): dashboards look good; 10m ago "
		"(2026-11-23T13:50:00Z)\n");
}

static void one_that_failed_says_what_it_leaves_behind(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;
	size_t end;

	picture_failed(&picture);
	show(&picture, false, &out);
	assert_true(str_find(buf_view(&out), STR("\n\n"), &end));
	assert_str(
		str_after(buf_view(&out), end + 2),
		"stage 1 (env=test)    done            2 applications: 2 confirmed\n"
		"  soak  1h of 1h watched; who is not well starts it anew\n"
		"stage 2 (env=stg)     not done        2 applications: 2 failed\n"
		"    web-stg-1  failed     Job smoke failed: 3 of 5 checks: /healthz 503\n"
		"               next: read its log or events, in Argo CD or with kubectl in its "
		"namespace; syncing again runs the hooks again\n"
		"    web-stg-2  failed     timed out after 30m: syncing\n"
		"               next: `argocd app get web-stg-2 --show-operation` tells what it "
		"hangs on, `argocd app terminate-op web-stg-2` ends it\n"
		"stage 3 (production)  not begun       3 applications: 3 left out\n"
		"  gate  0 of 2 approvals, asked of " APPROVERS "; it was not opened\n"
		"said  ann skipped web-prd-3: its cluster is away; 1m1s ago "
		"(2026-11-23T13:23:20Z)\n"
		"\n"
		"result: failed (exit code 1)\n"
		"left behind:\n"
		"  1 not done: web-stg-1\n"
		"  1 still running in Argo CD, or not known to have ended: web-stg-2\n"
		"  2 not synced: where targetRevision is 3f2a91c they are OutOfSync, one click "
		"from it: web-prd-1, web-prd-2\n"
		"  1 skipped, as they are: web-prd-3\n"
		"  2 done at 3f2a91c: web-test-1, web-test-2\n"
		"  next: `tiphys retry r1 --failed`: goes on with what failed and what was left "
		"out\n"
		"  or:   `tiphys skip web-stg-1 --run=r1 --reason='WHY'`: nobody waits for it any "
		"more; do so with each of the 2 that failed, then retry\n"
		"  or:   `argocd app get web-stg-2 --show-operation`: what its operation does\n"
		"  or:   `argocd app terminate-op web-stg-2`: ends it\n"
		"  or:   `argocd app get web-stg-1`: how it is now\n");
}

static void of_what_people_said_the_last_is_shown(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;
	struct story story;
	struct story_said extra[OVERVIEW_SAID_MAX + 1] = {0};
	struct overview_lines lines = {.overview = &picture.overview, .story = &story};

	picture_failed(&picture);
	story_tell(&picture.overview, picture.records, picture.record_count, &arena, &story);
	for (size_t i = 0; i < COUNTOF(extra); i++)
		extra[i] = (struct story_said){
			.at = picture.overview.now,
			.note = {.type = NOTE_SAID,
				 .instruction = INSTRUCTION_PAUSE,
				 .who = i == 0 ? STR("bob") : STR("ann")},
			.next = i + 1 < COUNTOF(extra) ? &extra[i + 1] : NULL,
		};
	story.said = extra;
	overview_show(&lines, &out);
	assert_true(str_find(buf_view(&out), STR("\nsaid  ann paused it; just now"), NULL));
	assert_false(str_find(buf_view(&out), STR("bob"), NULL));
}

static void where_there_are_several_argo_cds_each_application_says_its_own(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	picture_on_two(&picture);
	picture.stages[1].server = 1;
	show(&picture, false, &out);
	assert_true(str_find(buf_view(&out),
			     STR(" on https://argocd.corp (v3.2.11), https://prod.corp (v3.3.0)\n"),
			     NULL));
	assert_true(
		str_find(buf_view(&out), STR("\n    prod/web-stg-1  failed     Job smoke"), NULL));
	assert_true(str_find(buf_view(&out), STR("  1 not done: prod/web-stg-1\n"), NULL));
	assert_true(str_find(buf_view(&out), STR("`tiphys skip prod/web-stg-1 --run=r1"), NULL));
	assert_true(str_find(
		buf_view(&out),
		STR("`argocd app get web-stg-2 --argocd-context prod --show-operation`"), NULL));
	assert_true(str_find(buf_view(&out), STR("main/web-test-1, main/web-test-2"), NULL));
}

static void one_that_was_rejected_says_who_is_one_click_from_it(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_rejected(&picture);
	show(&picture, false, &out);
	assert_true(str_find(
		buf_view(&out),
		STR("failed: stage 3 (production) was rejected by alice: error rate is up\n"),
		NULL));
	assert_true(str_find(buf_view(&out),
			     STR("  3 not synced: where targetRevision is 3f2a91c (which was "
				 "rejected) they are OutOfSync, one click from it: web-prd-1, "
				 "web-prd-2, web-prd-3\n"),
			     NULL));
	/* It can't be tried again: steering refuses that. */
	assert_false(str_find(buf_view(&out), STR("tiphys retry"), NULL));
}

static void one_that_is_done_leaves_nothing_behind(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_done(&picture);
	show(&picture, false, &out);
	assert_true(str_find(buf_view(&out), STR("done: 7 applications at 3f2a91c\n"), NULL));
	assert_true(str_ends(buf_view(&out), STR("\n\nresult: done (exit code 0)\n")));
}

static void all_of_them_are_shown_when_that_is_wanted(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	show(&picture, true, &out);
	assert_true(str_find(buf_view(&out),
			     STR("    web-test-1  confirmed\n"
				 "    web-test-2  confirmed  synced and healthy already\n"),
			     NULL));
	assert_true(str_find(buf_view(&out),
			     STR("    web-prd-1   waiting    its stage comes after stage 2 "
				 "(env=stg)\n"),
			     NULL));
}

/* So many of the stage at work, all but the first one waiting. */
static void make_many(struct picture *picture, struct overview_app *apps, size_t n)
{
	picture_at_gate(picture);
	picture->seen[1].state = STAGE_AT_WORK;
	for (size_t i = 0; i < n; i++)
		apps[i] = (struct overview_app){.name = STR("web"),
						.stage = 1,
						.phase = PHASE_WAITING,
						.cause = {.type = CAUSE_SLOT}};
	picture->overview.apps = apps;
	picture->overview.app_count = n;
}

static void the_worst_come_first_and_the_rest_is_counted(void **state)
{
	static struct overview_app apps[22];
	auto_buf struct buf out = {0};
	struct picture picture;

	make_many(&picture, apps, COUNTOF(apps));
	apps[21] = (struct overview_app){.name = STR("ill"),
					 .stage = 1,
					 .phase = PHASE_FAILED,
					 .code = 1,
					 .cause = {.type = CAUSE_DEGRADED}};
	show(&picture, false, &out);
	assert_true(str_find(buf_view(&out), STR("    ill  failed     Degraded\n"), NULL));
	assert_true(str_find(buf_view(&out), STR("    and 12 more\n"), NULL));
}

static void who_is_skipped_is_named_while_it_is_under_way(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_at_gate(&picture);
	picture.apps[4].is_skipped = true;
	show(&picture, false, &out);
	assert_true(str_ends(buf_view(&out), STR("skipped, nobody waits for it: web-prd-1\n")));
}

static void each_why_has_its_next_step(void **state)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;

	picture_at_gate(&picture);
	picture.whys[0] = (struct why){.type = WHY_PAUSED,
				       .who = STR("ann"),
				       .text = STR("a freeze"),
				       .stage = STAGE_NONE};
	picture.whys[1] = (struct why){.type = WHY_APP,
				       .app = STR("web-prd-1"),
				       .stage = 2,
				       .cause = {.type = CAUSE_WINDOW}};
	picture.overview.why_count = 2;
	overview_why(&(struct overview_lines){.overview = &picture.overview}, &out);
	assert_str(buf_view(&out),
		   "paused: by ann: a freeze; nothing new is started, what runs is followed\n"
		   "  next: `tiphys resume r1`\n"
		   "running: web-prd-1 is waited for: its sync window is closed\n"
		   "  next: `argocd proj windows list platform` tells when it opens\n");
}

static void too_many_whys_are_counted(void **state)
{
	static struct why whys[OVERVIEW_WHYS_MAX + 2];
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;

	picture_at_gate(&picture);
	for (size_t i = 0; i < COUNTOF(whys); i++)
		whys[i] = (struct why){
			.type = WHY_APP, .app = STR("web"), .cause = {.type = CAUSE_OPERATION}};
	picture.overview.whys = whys;
	picture.overview.why_count = COUNTOF(whys);
	overview_why(&(struct overview_lines){.overview = &picture.overview}, &out);
	assert_true(str_ends(buf_view(&out), STR("syncing\nand 2 more\n")));
}

static void runs_stand_in_a_table(void **state)
{
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture waiting, done;
	struct overview_columns columns = {0};

	picture_failed(&waiting);
	picture_done(&done);
	done.plan.app = STR("a-longer-name");
	overview_columns_fit(&columns, &waiting.overview);
	overview_columns_fit(&columns, &done.overview);
	overview_row_head(&columns, &out);
	overview_row(&columns, &waiting.overview, false, &out);
	overview_row(&columns, &done.overview, true, &out);
	assert_str(buf_view(&out),
		   "RUN  APPLICATION    REVISION  STATE   SINCE  WHY\n"
		   "r1   web            3f2a91c   failed  1h24m  2 of 7 applications failed at "
		   "3f2a91c\n"
		   "r1   a-longer-name  3f2a91c   \x1b[32mdone\x1b[0m    2h4m   7 applications at "
		   "3f2a91c\n");
}

static void nothing_from_outside_reaches_the_terminal(void **state)
{
	auto_buf struct buf out = {0};
	struct picture picture;

	picture_failed(&picture);
	picture_rename(&picture, STR("a\x1b[2J\nb\xff"));
	show(&picture, true, &out);
	assert_false(str_find_char(buf_view(&out), '\x1b', NULL));
	assert_false(str_find_char(buf_view(&out), '\xff', NULL));
	assert_true(str_find(buf_view(&out), STR("run a\uFFFD[2J b\uFFFD: "), NULL));
}

static void all_of_two_thousand_stay_in_their_bounds(void **state)
{
	enum { N = 2000 };
	static struct overview_app apps[N];
	static char name[5000];
	auto_buf struct buf out = {0};
	struct picture picture;

	make_many(&picture, apps, N);
	memset(name, 'x', sizeof name);
	for (size_t i = 0; i < N; i++) {
		apps[i].name = str_make(name, sizeof name);
		apps[i].phase = PHASE_FAILED;
		apps[i].cause = (struct cause){CAUSE_SYNC_FAILED, apps[i].name, apps[i].name};
	}
	out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX + N * (size_t)OVERVIEW_LINES_APP_BYTES_MAX);
	overview_show(&(struct overview_lines){.overview = &picture.overview, .shows_all = true},
		      &out);
	assert_false(buf_overflowed(&out));
}

static void of_many_the_first_are_named(void **state)
{
	static struct overview_app apps[12];
	auto_buf struct buf out = {0}, failed = {0};
	struct picture picture;

	make_many(&picture, apps, COUNTOF(apps));
	for (size_t i = 0; i < COUNTOF(apps); i++)
		apps[i].is_skipped = true;
	show(&picture, false, &out);
	assert_true(
		str_find(buf_view(&out), STR("skipped, nobody waits for them: web, web,"), NULL));
	assert_true(str_ends(buf_view(&out), STR(", web and 2 more\n")));
	picture.overview.is_over = true;
	picture.overview.code = 1;
	show(&picture, false, &failed);
	assert_true(str_find(buf_view(&failed), STR("  12 skipped, as they are: web, web,"), NULL));
	assert_true(str_find(buf_view(&failed), STR(", web and 2 more\n"), NULL));
}

static void what_was_repeated_is_named_in_one_line(void **state)
{
	static const struct overview_post posts[] = {{0, 1, REPEAT_POSSIBLY_TWICE},
						     {1, 1, REPEAT_ONCE}};
	auto_buf struct buf out = BUF_INIT(OVERVIEW_LINES_BYTES_MAX);
	struct picture picture;

	picture_done(&picture);
	picture.overview.posts = posts;
	picture.overview.post_count = COUNTOF(posts);
	overview_show(&(struct overview_lines){.overview = &picture.overview}, &out);
	assert_true(
		str_find(buf_view(&out), STR("\npossibly asked for twice: web-test-1 (an "), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_waits_says_so_first_and_how_to_go_on),
		cmocka_unit_test(one_that_failed_says_what_it_leaves_behind),
		cmocka_unit_test(of_what_people_said_the_last_is_shown),
		cmocka_unit_test(where_there_are_several_argo_cds_each_application_says_its_own),
		cmocka_unit_test(one_that_was_rejected_says_who_is_one_click_from_it),
		cmocka_unit_test(one_that_is_done_leaves_nothing_behind),
		cmocka_unit_test(all_of_them_are_shown_when_that_is_wanted),
		cmocka_unit_test(the_worst_come_first_and_the_rest_is_counted),
		cmocka_unit_test(who_is_skipped_is_named_while_it_is_under_way),
		cmocka_unit_test(each_why_has_its_next_step),
		cmocka_unit_test(too_many_whys_are_counted),
		cmocka_unit_test(runs_stand_in_a_table),
		cmocka_unit_test(nothing_from_outside_reaches_the_terminal),
		cmocka_unit_test(all_of_two_thousand_stay_in_their_bounds),
		cmocka_unit_test(of_many_the_first_are_named),
		cmocka_unit_test(what_was_repeated_is_named_in_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
