#include "view/lines.h"

#include "base/check.h"
#include "base/utf8.h"
#include "model/exit_code.h"

#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"
#define OTHER "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

/* A plan, a view of it, and what it has written so far. */
struct fixture {
	struct plan plan;
	struct view_lines view;
	struct buf out;
};

static int set_up(void **state)
{
	static const struct plan_stage stages[] = {{.text = STR("env=test")}};
	static struct fixture f;

	f = (struct fixture){
		.plan = {.servers = {{.address = STR("argocd.example.com:8443"),
				      .selector = STR("env=test")}},
			 .project = STR("platform"),
			 .revision = STR(SHA),
			 .stages = stages,
			 .stage_count = 1},
		.out = BUF_INIT(VIEW_LINES_BYTES_MAX),
	};
	view_lines_init(&f.view, &f.plan, false);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	view_lines_release(&f->view);
	buf_release(&f->out);
	return 0;
}

static void tell(struct fixture *f, struct note note)
{
	view_lines_note(&f->view, &note, &f->out);
	assert_false(buf_overflowed(&f->out));
	assert_true(f->out.n == 0 || f->out.p[f->out.n - 1] == '\n');
	assert_false(str_find(buf_view(&f->out), STR(" \n"), NULL));
}

/* Everything that was written since the last time. */
#define assert_written(f, expected)                                                                \
	do {                                                                                       \
		assert_str(buf_view(&(f)->out), (expected));                                       \
		buf_clear(&(f)->out);                                                              \
	} while (0)

static void connect(struct fixture *f)
{
	tell(f, (struct note){.type = NOTE_CONNECTED,
			      .name = STR("https://argocd.example.com"),
			      .text = STR("v3.2.11+d4f1a2b")});
	buf_clear(&f->out);
}

static struct note app(int64_t ms, const char *name, enum app_phase phase, enum cause_type cause,
		       const char *subject, const char *message)
{
	return (struct note){.type = NOTE_APP,
			     .elapsed_ms = ms,
			     .name = str_of(name),
			     .phase = phase,
			     .cause = {cause, str_of(subject), str_of(message)}};
}

/* ---- the story of a run ---- */

static void a_run_is_told_in_aligned_lines(void **state)
{
	struct fixture *f = *state;

	tell(f, (struct note){.type = NOTE_CONNECTED,
			      .name = STR("https://argocd.example.com"),
			      .text = STR("v3.2.11+d4f1a2b")});
	assert_written(f, "");
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 12});
	tell(f, app(400, "web-test-1", PHASE_WAITING, CAUSE_REVISION, OTHER,
		    "its ApplicationSet 'web' says " OTHER));
	tell(f, app(4100, "web-test-1", PHASE_SYNCING, CAUSE_POSTING, "", ""));
	tell(f, app(4300, "web-test-1", PHASE_SYNCING, CAUSE_OPERATION, "", ""));
	tell(f,
	     app(9990, "web-test-1", PHASE_SYNCING, CAUSE_OPERATION, "", "Job smoke is running"));
	tell(f, app(12900, "web-test-1", PHASE_SETTLING, CAUSE_HEALTH,
		    "Progressing: Deployment web", "1 of 3 updated replicas are available"));
	tell(f, app(16000, "web-test-1", PHASE_DONE, CAUSE_SYNCED, "", ""));
	tell(f, (struct note){.type = NOTE_BARRIER, .elapsed_ms = 16100, .counts.total = 12});
	tell(f, app(17000, "web-test-1", PHASE_CONFIRMED, CAUSE_SYNCED, "", ""));
	tell(f, (struct note){.type = NOTE_END,
			      .elapsed_ms = 41'300,
			      .counts = {.total = 12, .by_phase[PHASE_CONFIRMED] = 12}});
	assert_written(
		f, "tiphys: platform at 3f2a91c, env=test: 12 applications on "
		   "https://argocd.example.com (v3.2.11)\n"
		   "   0.4s  web-test-1  waiting    targetRevision is 0a1b2c3; its ApplicationSet "
		   "'web' says 0a1b2c3\n"
		   "   4.1s  web-test-1  syncing    asking Argo CD to sync it\n"
		   "   4.3s  web-test-1  syncing\n"
		   "   9.9s  web-test-1  syncing    Job smoke is running\n"
		   "  12.9s  web-test-1  settling   Progressing: Deployment web: 1 of 3 updated "
		   "replicas are available\n"
		   "  16.0s  web-test-1  done\n"
		   "  16.1s  all 12 are done; reading each once more\n"
		   "done: 12 applications at 3f2a91c in 41s\n");
}

static void the_first_line_says_what_is_done_and_where(void **state)
{
	struct fixture *f = *state;

	f->plan.servers[0].selector = STR("");
	f->plan.is_dry_run = true;
	tell(f, (struct note){.type = NOTE_CONNECTED});
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 1});
	assert_written(f, "tiphys: platform at 3f2a91c, all of it (dry run): 1 application on "
			  "argocd.example.com:8443\n");
	/* Once. */
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 2});
	assert_written(f, "");
}

static void columns_follow_the_longest_name(void **state)
{
	struct fixture *f = *state;

	tell(f, app(0, "a", PHASE_DONE, CAUSE_SYNCED, "", ""));
	tell(f, app(1'000, "payments-api-prd-1", PHASE_WAITING, CAUSE_PROOF, "", ""));
	tell(f, app(59'999, "a", PHASE_WAITING, CAUSE_PROOF, "", ""));
	tell(f, app(65'000, "an-application-with-a-name-of-more-than-forty-letters", PHASE_WAITING,
		    CAUSE_PROOF, "", ""));
	tell(f, app(7'500'000, "a", PHASE_WAITING, CAUSE_PROOF, "", ""));
	assert_written(
		f,
		"   0.0s  a           done\n"
		"   1.0s  payments-api-prd-1  waiting    asking Argo CD to compare it once more\n"
		"  59.9s  a                   waiting    asking Argo CD to compare it once more\n"
		"  1m05s  an-application-with-a-name-of-more-than-forty-letters  waiting    asking "
		"Argo CD to compare it once more\n"
		"  2h05m  a                                         waiting    asking Argo CD to "
		"compare it once more\n");
}

static void columns_leave_room_for_names_to_come(void **state)
{
	struct fixture *f = *state;
	struct note note = app(0, "a", PHASE_DONE, CAUSE_SYNCED, "", "");

	note.names_width = sizeof "payments-api-prd-1" - 1;
	tell(f, note);
	assert_written(f, "   0.0s  a                   done\n");
}

static void only_one_next_step_is_given_for_what_is_denied(void **state)
{
	struct fixture *f = *state;

	tell(f, app(0, "web", PHASE_FAILED, CAUSE_DENIED, "", "no"));
	buf_clear(&f->out);
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_DENIED,
			      .counts = {.total = 1, .by_phase[PHASE_FAILED] = 1}});
	assert_written(f,
		       "denied: 1 of 1 application at 3f2a91c after 0s\n"
		       "  web: Argo CD does not allow it: no\n"
		       "    next: the credentials need get and sync on it: `argocd account can-i "
		       "sync applications platform/web`\n");
}

static void a_phase_is_not_said_twice(void **state)
{
	struct fixture *f = *state;

	tell(f, app(0, "web", PHASE_SYNCING, CAUSE_OPERATION, "", "2 of 5 objects"));
	tell(f, app(0, "web", PHASE_DONE, CAUSE_BARRIER, "", ""));
	tell(f, app(0, "web", PHASE_FAILED, CAUSE_HOOK_FAILED, "", "no"));
	tell(f, app(0, "web", PHASE_LEFT, CAUSE_HELD_BACK, "web-1", ""));
	assert_written(f,
		       "   0.0s  web         syncing    2 of 5 objects\n"
		       "   0.0s  web         done       waiting for the others\n"
		       "   0.0s  web         failed     no\n"
		       "                                next: read its log or events, in Argo CD "
		       "or with kubectl in its namespace; syncing again runs the hooks again\n"
		       "   0.0s  web         left out   not started: web-1 failed before\n");
}

static void what_was_unchanged_says_that_no_hooks_were_run(void **state)
{
	struct fixture *f = *state;
	struct note note = app(0, "web", PHASE_DONE, CAUSE_UNCHANGED, "", "");

	note.is_skipped = true;
	tell(f, note);
	note.phase = PHASE_CONFIRMED;
	note.cause.type = CAUSE_SYNCED;
	tell(f, note);
	assert_written(f, "   0.0s  web         done       synced and healthy already; no hooks "
			  "were run\n");
	/* They ran before, or it would not have been skipped. */
	f->plan.skip = SKIP_HOOKED;
	tell(f, app(0, "web", PHASE_DONE, CAUSE_UNCHANGED, "", ""));
	assert_written(f, "   0.0s  web         done       synced and healthy already\n");
	f->plan.skip = SKIP_SYNCED;
	tell(f, app(0, "web", PHASE_DONE, CAUSE_UNCHANGED, "", "M"));
	assert_written(f, "   0.0s  web         done       synced and healthy already; M; no hooks "
			  "were run\n");
}

static void the_flag_that_let_one_pass_is_in_its_line(void **state)
{
	struct fixture *f = *state;

	tell(f, app(0, "web", PHASE_DONE, CAUSE_SYNCED, "", "OutOfSync in M"));
	assert_written(f, "   0.0s  web         done       OutOfSync in M\n");
}

static void warnings_and_heartbeats(void **state)
{
	struct fixture *f = *state;
	struct note beat = {
		.type = NOTE_HEARTBEAT,
		.elapsed_ms = 90'000,
		.counts =
			{.total = 12,
			 .by_phase = {[PHASE_DONE] = 3, [PHASE_SYNCING] = 2, [PHASE_WAITING] = 7}},
	};

	tell(f, (struct note){.type = NOTE_WARNING,
			      .elapsed_ms = 3000,
			      .text = STR("server unreachable:\nconnection refused; trying again "
					  "for 10s")});
	assert_written(f, "   3.0s  warning: server unreachable: connection refused; trying again "
			  "for 10s\n");
	connect(f);
	tell(f, beat);
	assert_written(f, "tiphys: platform at 3f2a91c, env=test: 12 applications on "
			  "https://argocd.example.com (v3.2.11)\n"
			  "  1m30s  12 applications: 3 done, 2 syncing, 7 waiting\n");
	beat.name = STR("web-prd-1");
	beat.cause = (struct cause){CAUSE_REVISION, STR(OTHER), STR("")};
	tell(f, beat);
	assert_written(f, "  1m30s  12 applications: 3 done, 2 syncing, 7 waiting (web-prd-1: "
			  "targetRevision is 0a1b2c3)\n");
}

static const struct plan_stage three_stages[] = {
	{.text = {"env=test", 8}}, {.text = {"env=stg", 7}}, {.text = {"env in (test,prd)", 17}}};

static void of_several_stages_each_is_told(void **state)
{
	struct fixture *f = *state;

	f->plan.stages = three_stages;
	f->plan.stage_count = 3;
	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN,
			      .counts.total = 7,
			      .best_effort = BEST_EFFORT_NO_CREATE});
	tell(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = 1, .counts.total = 4});
	tell(f,
	     (struct note){.type = NOTE_PLAN_STAGE, .stage = 2, .counts.total = 1, .to_come = 1});
	tell(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = 3, .counts.total = 2, .shared = 4});
	tell(f,
	     (struct note){.type = NOTE_SHARED, .stage = 1, .name = STR("web-test-1"), .also = 6});
	assert_written(
		f, "tiphys: platform at 3f2a91c, 3 stages: 7 applications on "
		   "https://argocd.example.com (v3.2.11)\n"
		   "  best effort: the credentials may not ask what ApplicationSets are still to "
		   "make (applicationsets, create); --expect says how many there are\n"
		   "  stage 1 of 3, env=test: 4 applications\n"
		   "  stage 2 of 3, env=stg: 1 application, 1 of them not there yet\n"
		   "  stage 3 of 3, env in (test,prd): 2 applications, 4 more are owned by "
		   "earlier stages\n"
		   "  web-test-1: also selected by stage 2, 3: owned by stage 1\n");
	tell(f, (struct note){.type = NOTE_STAGE, .stage = 1, .counts.total = 4});
	tell(f, (struct note){
			.type = NOTE_PASSED, .stage = 1, .counts.total = 4, .elapsed_ms = 17'000});
	tell(f, (struct note){.type = NOTE_PASSED, .stage = 2, .elapsed_ms = 18'000});
	assert_written(f, "   0.0s  stage 1 of 3, env=test begins\n"
			  "  17.0s  stage 1 of 3, env=test: done, each was found so once more\n"
			  "  18.0s  stage 2 of 3, env=stg: done, it has nothing of its own\n");
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_FAILED,
			      .stage = 2,
			      .elapsed_ms = 20'000,
			      .best_effort = BEST_EFFORT_NO_CREATE,
			      .counts = {.total = 7,
					 .by_phase = {[PHASE_CONFIRMED] = 5,
						      [PHASE_FAILED] = 1,
						      [PHASE_LEFT] = 1}}});
	assert_written(f, "failed: 1 of 7 applications at 3f2a91c after 20s (5 confirmed, 1 left "
			  "out); 2 of 3 stages done; best effort: the credentials may not ask what "
			  "ApplicationSets are still to make (applicationsets, create)\n"
			  "then run the same command again; what is done is not synced again\n");
	tell(f, (struct note){.type = NOTE_END,
			      .stage = 3,
			      .elapsed_ms = 20'000,
			      .counts = {.total = 7, .by_phase = {[PHASE_CONFIRMED] = 7}}});
	assert_written(f, "done: 7 applications in 3 stages at 3f2a91c in 20s\n");
}

static void of_one_stage_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = 1, .counts.total = 4});
	tell(f, (struct note){.type = NOTE_STAGE, .stage = 1, .counts.total = 4});
	tell(f, (struct note){.type = NOTE_PASSED, .stage = 1, .counts.total = 4});
	assert_written(f, "");
	tell(f,
	     (struct note){.type = NOTE_PLAN_STAGE, .stage = 1, .counts.total = 4, .to_come = 2});
	assert_written(f, "  4 applications, 2 of them not there yet\n");
}

static void one_application_is_not_many(void **state)
{
	struct fixture *f = *state;

	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 1});
	tell(f, (struct note){.type = NOTE_BARRIER, .counts.total = 1});
	tell(f, (struct note){.type = NOTE_END, .elapsed_ms = 900, .counts.total = 1});
	assert_written(f, "tiphys: platform at 3f2a91c, env=test: 1 application on "
			  "https://argocd.example.com (v3.2.11)\n"
			  "   0.0s  it is done; reading it once more\n"
			  "done: 1 application at 3f2a91c in 900ms\n");
}

/* ---- ends ---- */

static void the_end_tells_synced_from_unchanged(void **state)
{
	struct fixture *f = *state;
	struct note end = {.type = NOTE_END,
			   .elapsed_ms = 41'000,
			   .counts = {.total = 12, .by_phase[PHASE_CONFIRMED] = 12, .skipped = 3}};

	tell(f, end);
	assert_written(f, "done: 12 applications at 3f2a91c in 41s (9 synced, 3 unchanged: this "
			  "run ran no hooks there)\n");
	end.counts.skipped = 12;
	tell(f, end);
	assert_written(f, "done: 12 applications at 3f2a91c in 41s (all unchanged: this run ran no "
			  "hooks)\n");
	f->plan.skip = SKIP_HOOKED;
	tell(f, end);
	assert_written(f, "done: 12 applications at 3f2a91c in 41s (all unchanged)\n");
}

static void a_failure_comes_with_its_cause_link_and_next_step(void **state)
{
	struct fixture *f = *state;

	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 12});
	buf_clear(&f->out);
	tell(f, app(61'200, "web-test-2", PHASE_FAILED, CAUSE_HOOK_FAILED, "Job smoke",
		    "3 of 5 checks:\n/healthz 503"));
	assert_written(
		f, "  1m01s  web-test-2  failed     Job smoke failed: 3 of 5 checks: /healthz "
		   "503\n"
		   "                                "
		   "https://argocd.example.com/applications/web-test-2\n"
		   "                                next: read its log or events, in Argo CD or "
		   "with kubectl in its namespace; syncing again runs the hooks again\n");
	tell(f,
	     (struct note){
		     .type = NOTE_END,
		     .code = EXIT_FAILED,
		     .elapsed_ms = 62'000,
		     .counts = {.total = 12,
				.by_phase = {
					[PHASE_DONE] = 8, [PHASE_FAILED] = 1, [PHASE_LEFT] = 3}}});
	assert_written(
		f, "failed: 1 of 12 applications at 3f2a91c after 1m2s (8 done, 3 left "
		   "out)\n"
		   "  web-test-2: Job smoke failed: 3 of 5 checks: /healthz 503\n"
		   "    https://argocd.example.com/applications/web-test-2\n"
		   "    next: read its log or events, in Argo CD or with kubectl in its namespace; "
		   "syncing again runs the hooks again\n"
		   "then run the same command again; what is done is not synced again\n");
}

static void the_end_repeats_the_first_failures(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 25; i++) {
		char name[] = "web-00";
		name[4] = (char)('0' + i / 10);
		name[5] = (char)('0' + i % 10);
		tell(f, app(0, name, PHASE_FAILED, CAUSE_RECREATED, "", ""));
	}
	buf_clear(&f->out);
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_FAILED,
			      .counts = {.total = 25, .by_phase[PHASE_FAILED] = 25}});
	struct str said = buf_view(&f->out);
	assert_true(str_starts(said, STR("failed: 25 of 25 applications at 3f2a91c after 0")));
	assert_true(str_find(said, STR("\n  web-09: it was deleted and created"), NULL));
	assert_false(str_find(said, STR("\n  web-10:"), NULL));
	assert_true(str_find(said, STR("\n  and 15 more, in the lines above\n"), NULL));
}

static void refused_applications_are_listed_once_and_explained_by_kind(void **state)
{
	struct fixture *f = *state;

	connect(f);
	tell(f, app(900, "web-prd-1", PHASE_REFUSED, CAUSE_HAS_AUTO_SYNC, "", ""));
	tell(f, app(900, "web-prd-2", PHASE_REFUSED, CAUSE_HAS_AUTO_SYNC, "", ""));
	tell(f, app(900, "web-prd-3", PHASE_REFUSED, CAUSE_NEVER, "main", ""));
	tell(f,
	     (struct note){.type = NOTE_END,
			   .code = EXIT_USAGE,
			   .text = STR("refused before anything was posted: 3 of 12 applications"),
			   .elapsed_ms = 900,
			   .counts = {.total = 12, .by_phase[PHASE_REFUSED] = 3}});
	assert_written(
		f,
		"tiphys: platform at 3f2a91c, env=test on https://argocd.example.com (v3.2.11)\n"
		"   0.9s  web-prd-1   refused    auto-sync is on\n"
		"   0.9s  web-prd-2   refused    auto-sync is on\n"
		"   0.9s  web-prd-3   refused    its targetRevision 'main' is not the full SHA of "
		"a commit: it can never come to this revision\n"
		"refused before anything was posted: 3 of 12 applications\n"
		"  web-prd-3: its targetRevision is not the full SHA of a commit: it can never "
		"come to this revision\n"
		"    next: set its targetRevision to the commit (in its ApplicationSet), or leave "
		"it out of the selection\n"
		"  web-prd-1, web-prd-2: auto-sync is on\n"
		"    next: turn auto-sync off, or allow it with --allow-auto-sync: what it starts "
		"is then followed\n");
}

static void of_many_that_are_refused_the_first_are_named(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < VIEW_NAMES_MAX + 5; i++)
		tell(f, app(0, "web", PHASE_REFUSED, CAUSE_HAS_AUTO_SYNC, "", ""));
	buf_clear(&f->out);
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_USAGE,
			      .text = STR("refused before anything was posted")});
	assert_true(str_find(buf_view(&f->out), STR(", web and 5 more: auto-sync is on\n"), NULL));
}

static void too_many_are_not_mended_by_the_same_command(void **state)
{
	struct fixture *f = *state;
	struct note end = {.type = NOTE_END,
			   .code = EXIT_FAILED,
			   .cause.type = CAUSE_UNEXPECTED,
			   .text = STR("stage 1 has 2 applications, more than the 1 expected")};

	tell(f, end);
	assert_written(f, "failed: stage 1 has 2 applications, more than the 1 expected\n"
			  "next: run this again with another --expect if that is right, else with "
			  "another selector\n");
	f->plan.is_promotion = true;
	tell(f, end);
	assert_written(f,
		       "failed: stage 1 has 2 applications, more than the 1 expected\n"
		       "next: begin it again with another `expect` in its file if that is right, "
		       "else with another `selector`\n");
}

static void an_end_with_a_text_of_its_own(void **state)
{
	struct fixture *f = *state;

	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_TRY_AGAIN,
			      .outcome = OUTCOME_UNREACHABLE,
			      .text = STR("server unreachable: connection refused")});
	assert_written(f, "error: server unreachable: connection refused\n"
			  "next: check --server; if it is right, run the same command again once "
			  "Argo CD answers\n");
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_TRY_AGAIN,
			      .outcome = OUTCOME_BAD_ANSWER,
			      .text = STR("not an answer of Argo CD's: HTTP 404 with nothing")});
	assert_written(f, "error: not an answer of Argo CD's: HTTP 404 with nothing\n"
			  "next: check --server and --grpc-web-root-path: is it Argo CD that "
			  "answers there?\n");
	tell(f,
	     (struct note){.type = NOTE_END,
			   .code = EXIT_USAGE,
			   .text = STR("no Application of project 'platform' matches 'env=tst'")});
	assert_written(f, "error: no Application of project 'platform' matches 'env=tst'\n");
	/* Of what has not begun there is nothing to count. */
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_USAGE,
			      .text = STR("stage 2 selects no Application"),
			      .counts = {.total = 2, .by_phase = {[PHASE_WAITING] = 2}}});
	assert_written(f, "error: stage 2 selects no Application\n");
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_SIGINT,
			      .elapsed_ms = 5000,
			      .text = STR("interrupted; still running in Argo CD: web-1"),
			      .counts = {.total = 2,
					 .by_phase = {[PHASE_SYNCING] = 1, [PHASE_WAITING] = 1}}});
	assert_written(f, "interrupted; still running in Argo CD: web-1\n"
			  "  2 applications at 3f2a91c after 5s (1 syncing, 1 waiting)\n"
			  "next: run the same command again to go on: it takes up what it finds "
			  "running\n");
}

static void every_exit_code_has_an_end(void **state)
{
	static const struct {
		int code;
		const char *first, *last;
	} cases[] = {
		{EXIT_FAILED,
		 "failed: ", "then run the same command again; what is done is not synced again\n"},
		{EXIT_USAGE, "error: ", ""},
		{EXIT_DENIED, "denied: ",
		 "next: log in (argocd login), or give a token that may do this "
		 "(--auth-token-file, ARGOCD_AUTH_TOKEN)\n"},
		{EXIT_TIMEOUT, "timed out: ",
		 "then run the same command again; what is done is not synced again\n"},
		{EXIT_SUPERSEDED, "superseded: ", ""},
		{EXIT_CONFLICT, "conflict: ", ""},
		{EXIT_INTERNAL, "internal error: ",
		 "next: this is a fault of Tiphys itself: please report it with the lines above\n"},
		{EXIT_TRY_AGAIN, "error: ",
		 "next: run the same command again once Argo CD answers: it takes up what it finds "
		 "running\n"},
		{EXIT_SIGTERM, "interrupted: ",
		 "next: run the same command again to go on: it takes up what it finds running\n"},
		{99, "failed: ", ""},
	};
	struct fixture *f = *state;

	f->view.connected = f->view.is_headed = true;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_buf struct buf expected = BUF_INIT(4 * KIB);
		buf_printf(&expected, "%s1 of 2 applications at 3f2a91c after 5s (1 done)\n%s",
			   cases[i].first, cases[i].last);
		tell(f,
		     (struct note){.type = NOTE_END,
				   .code = cases[i].code,
				   .elapsed_ms = 5000,
				   .counts = {.total = 2,
					      .by_phase = {[PHASE_FAILED] = 1, [PHASE_DONE] = 1}}});
		assert_written(f, buf_cstr(&expected));
	}
	f->plan.skip = SKIP_NEVER;
	tell(f, (struct note){.type = NOTE_END, .code = EXIT_FAILED, .counts.total = 2});
	assert_written(f, "failed: 2 applications at 3f2a91c after 0s\n"
			  "then run the same command again\n");
}

/* ---- dry runs ---- */

static struct note preview(const char *name, enum preview action, struct cause cause)
{
	return (struct note){.type = NOTE_PREVIEW,
			     .stage = 1,
			     .name = str_of(name),
			     .names_width = sizeof "payments-api-test-1" - 1,
			     .preview = action,
			     .cause = cause,
			     .is_at_revision = true,
			     .is_compared = true};
}

static struct note differing(struct note note, const char *changed, const char *pruned, uint32_t n)
{
	note.changed = str_of(changed);
	note.pruned = str_of(pruned);
	note.out_of_sync_count = n;
	return note;
}

static void a_dry_run_is_a_table(void **state)
{
	struct fixture *f = *state;
	struct note other = preview("web-test-3", PREVIEW_WAIT,
				    (struct cause){CAUSE_REVISION, STR(OTHER), STR("")});

	f->plan.is_dry_run = true;
	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 6});
	buf_clear(&f->out);
	tell(f, differing(preview("web-test-1", PREVIEW_SYNC,
				  (struct cause){CAUSE_HEALTH, STR("OutOfSync"), STR("")}),
			  "Deployment web/web\nNamespace web", "", 4));
	tell(f, differing(preview("payments-api-test-1", PREVIEW_SYNC,
				  (struct cause){CAUSE_HEALTH, STR("OutOfSync"), STR("")}),
			  "Deployment web/web", "ConfigMap web/old", 2));
	tell(f, preview("web-test-2", PREVIEW_SKIP, (struct cause){.type = CAUSE_UNCHANGED}));
	other.is_compared = other.is_at_revision = false;
	tell(f, other);
	tell(f, preview("web-test-4", PREVIEW_ADOPT,
			(struct cause){CAUSE_ADOPTED, STR("ann"), STR("")}));
	tell(f, preview("web-test-5", PREVIEW_FAIL,
			(struct cause){CAUSE_SUPERSEDED, STR(OTHER), STR("")}));
	assert_written(f,
		       "APPLICATION          ACTION  WHY\n"
		       "web-test-1           sync    OutOfSync\n"
		       "  ~ Deployment web/web\n"
		       "  ~ Namespace web\n"
		       "  and 2 more\n"
		       "payments-api-test-1  sync    OutOfSync\n"
		       "  ~ Deployment web/web\n"
		       "  - ConfigMap web/old (only with --prune)\n"
		       "web-test-2           skip    synced and healthy already\n"
		       "web-test-3           wait    targetRevision is 0a1b2c3; objects: not known "
		       "before its targetRevision is 3f2a91c\n"
		       "web-test-4           adopt   following a sync of this revision that ann "
		       "started\n"
		       "web-test-5           fail    its targetRevision moved on to 0a1b2c3\n");
	tell(f, (struct note){.type = NOTE_END,
			      .text = STR("dry run: nothing was posted"),
			      .counts.total = 6});
	assert_written(
		f,
		"in the way:\n"
		"  web-test-5: its targetRevision moved on\n"
		"    next: if the new revision is the one you want, run this again with it\n"
		"dry run, nothing was posted: 6 applications at 3f2a91c: 2 to sync, 1 to follow, 1 "
		"to wait for, 1 to skip, 1 would fail\n");
}

static void what_a_stage_prunes_needs_no_flag(void **state)
{
	static const struct plan_stage stages[] = {{.text = STR("env=test"), .prune = true}};
	struct fixture *f = *state;

	f->plan.stages = stages;
	f->plan.is_dry_run = true;
	f->view.is_headed = f->view.has_table_head = true;
	tell(f, differing(preview("web", PREVIEW_SYNC, (struct cause){.type = CAUSE_TO_SYNC}), "",
			  "ConfigMap web/old", 1));
	assert_written(f, "web                  sync    needs a sync\n"
			  "  - ConfigMap web/old\n");
}

static void of_many_objects_the_first_are_named(void **state)
{
	struct fixture *f = *state;
	auto_buf struct buf names = BUF_INIT(64 * KIB);

	for (unsigned i = 0; i < VIEW_OBJECTS_MAX + 5; i++)
		buf_printf(&names, "%sSecret web/%u", i > 0 ? "\n" : "", i);
	f->plan.is_dry_run = true;
	f->view.is_headed = true;
	tell(f, differing(preview("web", PREVIEW_SYNC, (struct cause){.type = CAUSE_TO_SYNC}),
			  buf_cstr(&names), "ConfigMap web/old", VIEW_OBJECTS_MAX + 6));
	assert_true(str_find(buf_view(&f->out), STR("  ~ Secret web/19\n  and 6 more\n"), NULL));
}

static void a_plan_says_what_is_in_the_way_and_what_is_left_out(void **state)
{
	static const struct plan_stage stages[] = {
		{.text = STR("env=test"), .soak = {.for_ms = 3'600'000}},
		{.name = STR("live"),
		 .text = STR("env=prd"),
		 .gate = {.is_asked = true, .count = 1}},
	};
	struct fixture *f = *state;
	struct note lost = preview("web-prd-1", PREVIEW_WAIT,
				   (struct cause){CAUSE_CLUSTER, STR(""), STR("i/o timeout")});
	struct note refused = app(0, "web-prd-2", PHASE_REFUSED, CAUSE_HAS_AUTO_SYNC, "", "");

	f->plan.stages = stages;
	f->plan.stage_count = 2;
	f->plan.is_dry_run = f->plan.is_promotion = true;
	f->plan.hash = STR("5d41402abc4b2a76b9719d911017c592");
	f->view.is_headed = true;
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 2});
	for (uint32_t stage = 1; stage <= 2; stage++)
		tell(f, (struct note){.type = NOTE_PLAN_STAGE, .stage = stage, .counts.total = 1});
	tell(f,
	     (struct note){.type = NOTE_SHARED, .stage = 1, .name = STR("web-test-1"), .also = 2});
	tell(f, (struct note){.type = NOTE_UNSELECTED, .name = STR("web-dev-1")});
	tell(f, (struct note){.type = NOTE_UNSELECTED, .name = STR("web-dev-2")});
	assert_written(f, "  stage 1 of 2, env=test: 1 application\n"
			  "    soak  1h watched; who is not well starts it anew\n"
			  "  stage 2 of 2, live (env=prd): 1 application\n"
			  "    gate  approval by the owner\n"
			  "  web-test-1: also selected by stage 2, verified again there: owned by "
			  "stage 1\n");
	tell(f, refused);
	buf_clear(&f->out);
	lost.is_compared = false;
	tell(f, lost);
	buf_clear(&f->out);
	tell(f, (struct note){.type = NOTE_END,
			      .code = EXIT_USAGE,
			      .text = STR("dry run: nothing was posted"),
			      .counts = {.total = 2, .by_phase = {[PHASE_REFUSED] = 1}}});
	assert_written(f,
		       "selected by no stage, 2: web-dev-1, web-dev-2\n"
		       "in the way:\n"
		       "  web-prd-1: Argo CD cannot read its cluster\n"
		       "    next: see that Argo CD reaches the cluster and may read it: `argocd "
		       "cluster list` tells how it stands\n"
		       "  web-prd-2: auto-sync is on\n"
		       "    next: turn auto-sync off, or allow it with --allow-auto-sync: what it "
		       "starts is then followed\n"
		       "dry run, nothing was posted: 2 applications at 3f2a91c: 1 to wait for, 1 "
		       "refused\n"
		       "plan 5d41402abc4b: `tiphys show` and the gates of this promotion name the "
		       "same one\n");
}

static void each_stage_has_a_table_of_its_own(void **state)
{
	struct fixture *f = *state;

	f->plan.stages = three_stages;
	f->plan.stage_count = 3;
	f->plan.is_dry_run = true;
	f->view.is_headed = f->view.is_planned = true;
	for (uint32_t stage = 1; stage <= 2; stage++)
		tell(f, (struct note){.type = NOTE_PREVIEW,
				      .stage = stage,
				      .name = STR("web"),
				      .preview = PREVIEW_SYNC,
				      .is_compared = true,
				      .cause = {.type = CAUSE_TO_SYNC}});
	tell(f, (struct note){
			.type = NOTE_END, .counts.total = 2, .best_effort = BEST_EFFORT_DRY_RUN});
	assert_written(f,
		       "stage 1 of 3, env=test\n"
		       "APPLICATION  ACTION  WHY\n"
		       "web          sync    needs a sync\n"
		       "stage 2 of 3, env=stg\n"
		       "APPLICATION  ACTION  WHY\n"
		       "web          sync    needs a sync\n"
		       "dry run, nothing was posted: 2 applications at 3f2a91c: 2 to sync; best "
		       "effort: a dry run does not ask what ApplicationSets are still to make\n");
}

/* ---- colours, and what comes from outside ---- */

static void colours_come_only_when_asked_for(void **state)
{
	struct fixture *f = *state;

	f->view.use_color = true;
	tell(f, app(400, "web", PHASE_WAITING, CAUSE_PROOF, "", ""));
	tell(f, app(500, "web", PHASE_DONE, CAUSE_SYNCED, "", ""));
	assert_written(
		f, "   \x1b[2m0.4s\x1b[0m  web         \x1b[33mwaiting\x1b[0m    asking Argo CD "
		   "to compare it once more\n"
		   "   \x1b[2m0.5s\x1b[0m  web         \x1b[32mdone\x1b[0m\n");
	for (enum app_phase phase = 0; phase <= PHASE_REFUSED; phase++) {
		if (phase == PHASE_CONFIRMED)
			continue; /* has no line */
		f->view.use_color = true;
		tell(f, app(400, "web", phase, CAUSE_SYNC_FAILED, "", ""));
		assert_true(str_find(buf_view(&f->out), STR("\x1b["), NULL));
		buf_clear(&f->out);
		f->view.use_color = false;
		tell(f, app(400, "web", phase, CAUSE_SYNC_FAILED, "", ""));
		assert_false(str_find(buf_view(&f->out), STR("\x1b["), NULL));
		buf_clear(&f->out);
	}
}

/* Every note with hostile, huge texts in every field: whole clean lines of the promised size. */
static void no_text_from_outside_breaks_a_line(void **state)
{
	auto_buf struct buf evil = BUF_INIT(64 * KIB);
	struct fixture *f = *state;

	f->plan.is_dry_run = true;
	while (evil.n < 40 * KIB)
		buf_str(&evil, STR("\x1b]0;x\a\n::error::\r\xff\xe2\x80\xae\xc3\xa9 "));
	struct str text = buf_view(&evil);
	for (enum note_type type = 0; type <= NOTE_END; type++) {
		for (enum app_phase phase = 0; phase <= PHASE_REFUSED; phase++) {
			tell(f, (struct note){.type = type,
					      .phase = phase,
					      .name = text,
					      .destination = text,
					      .text = text,
					      .objects = text,
					      .who = text,
					      .reason = text,
					      .cause = {CAUSE_HOOK_FAILED, text, text},
					      .code = EXIT_FAILED,
					      .counts.total = 3});
			struct str rest = buf_view(&f->out);
			while (!str_empty(rest)) {
				bool is_valid;
				uint32_t c = utf8_next(&rest, &is_valid);
				assert_true(is_valid);
				assert_true(c == '\n' || (c >= ' ' && c != 0x7F && c != 0x202E));
			}
			buf_clear(&f->out);
		}
	}
}

/* ---- several Argo CDs ---- */

static void where_there_are_several_argo_cds_each_application_says_its_own(void **state)
{
	static const struct plan_stage stages[] = {
		{.text = STR("env=test")},
		{.name = STR("live"), .text = STR("env=prd"), .server = 1}};
	struct fixture *f = *state;
	struct note failed = app(4100, "web", PHASE_FAILED, CAUSE_STAYS_OUT_OF_SYNC,
				 "Deployment web", "");

	f->plan.servers[0].context = STR("main");
	f->plan.servers[1] = (struct plan_server){STR("prod"), STR("prod.corp"), STR("")};
	f->plan.more_servers = 1;
	f->plan.stages = stages;
	f->plan.stage_count = 2;
	connect(f);
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 2});
	assert_written(f, ""); /* the other one has not answered yet */
	tell(f, (struct note){.type = NOTE_CONNECTED, .server = 1, .text = STR("v3.3.0")});
	tell(f, (struct note){.type = NOTE_PLAN, .counts.total = 2});
	assert_written(f, "tiphys: platform at 3f2a91c, 2 stages: 2 applications on "
			  "https://argocd.example.com (v3.2.11), prod.corp (v3.3.0)\n");
	tell(f, (struct note){.type = NOTE_STAGE, .stage = 2, .elapsed_ms = 4000});
	assert_written(f, "   4.0s  stage 2 of 2, live on prod begins\n");
	failed.server = 1;
	failed.stage = 2;
	failed.code = EXIT_FAILED;
	tell(f, failed);
	assert_true(str_find(buf_view(&f->out), STR("   4.1s  prod/web    failed     "), NULL));
	assert_true(str_find(buf_view(&f->out), STR("`argocd app diff web --argocd-context prod`"),
			     NULL));
	/* the page of the Application is its own Argo CD's, whose address is not known */
	assert_false(str_find(buf_view(&f->out), STR("https://argocd.example.com/app"), NULL));
	buf_clear(&f->out);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_run_is_told_in_aligned_lines),
		TEST(the_first_line_says_what_is_done_and_where),
		TEST(columns_follow_the_longest_name),
		TEST(columns_leave_room_for_names_to_come),
		TEST(only_one_next_step_is_given_for_what_is_denied),
		TEST(a_phase_is_not_said_twice),
		TEST(what_was_unchanged_says_that_no_hooks_were_run),
		TEST(the_flag_that_let_one_pass_is_in_its_line),
		TEST(warnings_and_heartbeats),
		TEST(of_several_stages_each_is_told),
		TEST(of_one_stage_nothing_is_said),
		TEST(one_application_is_not_many),
		TEST(the_end_tells_synced_from_unchanged),
		TEST(a_failure_comes_with_its_cause_link_and_next_step),
		TEST(the_end_repeats_the_first_failures),
		TEST(refused_applications_are_listed_once_and_explained_by_kind),
		TEST(of_many_that_are_refused_the_first_are_named),
		TEST(too_many_are_not_mended_by_the_same_command),
		TEST(an_end_with_a_text_of_its_own),
		TEST(every_exit_code_has_an_end),
		TEST(a_dry_run_is_a_table),
		TEST(each_stage_has_a_table_of_its_own),
		TEST(what_a_stage_prunes_needs_no_flag),
		TEST(of_many_objects_the_first_are_named),
		TEST(a_plan_says_what_is_in_the_way_and_what_is_left_out),
		TEST(colours_come_only_when_asked_for),
		TEST(no_text_from_outside_breaks_a_line),
		TEST(where_there_are_several_argo_cds_each_application_says_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
