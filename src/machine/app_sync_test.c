#include "machine/app_sync.h"

#include "testing.h"
#include "toy.h"

/*
 * One application at one instant: what is known of it, and what is to be done about it. At first
 * it is at R, OutOfSync, read live, with nothing in its way.
 */
struct scene {
	struct plan plan;
	struct circumstances at;
	struct member member;
	struct application app;
	struct sighting sighting;
	struct now now;
	struct arena arena;
};

enum { START_MS = 1'000'000 };

static wall second(int64_t s)
{
	return (wall){s * 1000};
}

static void scene_init(struct scene *scene)
{
	*scene = (struct scene){
		.plan = toy_plan(),
		.at = {.started = {START_MS}},
		.member = {.name = STR("web"),
			   .uid = STR("uid-1"),
			   .is_read = true,
			   .first_operation = 1,
			   .first_finished_at = second(100)},
		.app = {.name = STR("web"),
			.uid = STR("uid-1"),
			.owner = STR("fleet"),
			.source_kind = SOURCE_GIT,
			.target_revision = NEW,
			.is_compared = true,
			.sync = SYNC_OUT_OF_SYNC,
			.sync_revision = NEW,
			.has_resources = true,
			.out_of_sync_count = 1,
			.out_of_sync_id = 7,
			.out_of_sync_names = STR("Deployment web"),
			.reconciled_at = second(110),
			.shown = {.phase = OP_SUCCEEDED,
				  .id = 1,
				  .revision = OLD,
				  .finished_at = second(100)}},
		.sighting = {.is_live = true, .read_turn = 5, .read_at = {START_MS - 10}},
		.now = {.mono = {START_MS}, .turn = 50},
	};
}

static struct judgement judge(struct scene *scene)
{
	scene->at.plan = &scene->plan;
	scene->sighting.app = &scene->app;
	struct judgement judgement = app_judge(&scene->at, &scene->member, &scene->sighting,
					       &scene->now, &scene->arena);
	/* As the group does. */
	if (judgement.wait.kind)
		clock_keep(&scene->sighting.wait, judgement.wait.kind, judgement.wait.key,
			   scene->now.mono);
	else if (!judgement.is_quiet)
		scene->sighting.wait = (struct clock){0};
	if (judgement.grace.kind)
		clock_keep(&scene->sighting.grace, judgement.grace.kind, judgement.grace.key,
			   scene->now.mono);
	else if (!judgement.is_quiet)
		scene->sighting.grace = (struct clock){0};
	return judgement;
}

static void after(struct scene *scene, int64_t ms)
{
	scene->now.mono.ms += ms;
	scene->now.turn++;
}

static const char *const types[] = {
	[JUDGE_WAIT] = "wait",	       [JUDGE_LOOK] = "look",	    [JUDGE_REFRESH] = "refresh",
	[JUDGE_POST] = "post",	       [JUDGE_ACCEPT] = "accept",   [JUDGE_REJECT] = "reject",
	[JUDGE_UNSEEN] = "unseen",     [JUDGE_ADOPT] = "adopt",	    [JUDGE_DONE] = "done",
	[JUDGE_REOPEN] = "reopen",     [JUDGE_CONFIRM] = "confirm", [JUDGE_FAIL] = "fail",
	[JUDGE_STRANGER] = "stranger",
};

static struct judgement assert_judged(struct scene *scene, enum judgement_type type,
				      enum cause_type cause)
{
	struct judgement judgement = judge(scene);
	assert_string_equal(types[judgement.type], types[type]);
	assert_string_equal(cause_name(judgement.cause.type), cause_name(cause));
	return judgement;
}

static void assert_failed(struct scene *scene, enum cause_type cause, int code)
{
	struct judgement judgement = assert_judged(scene, JUDGE_FAIL, cause);
	assert_int_equal(judgement.code, code);
	assert_int_equal(judgement.phase, PHASE_FAILED);
}

/* The same words, but from the watch: a failure has to be read live first. */
static void assert_failed_once_live(struct scene *scene, enum cause_type cause, int code)
{
	scene->sighting.is_live = false;
	struct judgement look = judge(scene);
	assert_string_equal(types[look.type], types[JUDGE_LOOK]);
	assert_true(look.is_quiet);
	scene->sighting.is_live = true;
	assert_failed(scene, cause, code);
}

#define SCENE(name)                                                                                \
	struct scene name;                                                                         \
	scene_init(&name)
#define END(name) arena_release(&(name).arena)

/* ---- not at R ---- */

static void the_revision_is_waited_for_and_the_wait_says_who_decides(void **state)
{
	SCENE(s);
	s.app.target_revision = OLD;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION);
	assert_str(wait.cause.message, "");
	assert_int_equal(wait.wake.ms, START_MS + s.plan.revision_timeout_ms);
	s.at.owner_says = OLD;
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION);
	assert_true(str_find(wait.cause.message, STR("ApplicationSet 'fleet'"), NULL));
	s.app.owner = STR("");
	assert_str(assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION).cause.message, "");
	after(&s, s.plan.revision_timeout_ms - 1);
	assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION);
	after(&s, 1);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void one_that_joined_late_has_the_whole_time(void **state)
{
	SCENE(s);
	s.app.target_revision = OLD;
	after(&s, s.plan.revision_timeout_ms);
	s.sighting.read_at = s.now.mono;
	assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION);
	END(s);
}

static void one_that_was_at_r_is_superseded(void **state)
{
	SCENE(s);
	s.app.target_revision = OTHER;
	s.sighting.was_at_revision = true;
	assert_failed_once_live(&s, CAUSE_SUPERSEDED, EXIT_SUPERSEDED);
	s.sighting.was_at_revision = false;
	s.member.posts = 1;
	assert_failed(&s, CAUSE_SUPERSEDED, EXIT_SUPERSEDED);
	s.member.posts = 0;
	s.member.adopted = 3;
	assert_failed(&s, CAUSE_SUPERSEDED, EXIT_SUPERSEDED);
	END(s);
}

static void one_that_tracks_a_branch_can_never_come_to_r(void **state)
{
	SCENE(s);
	s.app.target_revision = STR("main");
	assert_failed_once_live(&s, CAUSE_NEVER, EXIT_USAGE);
	s.app.target_revision = STR("");
	assert_str(judge(&s).cause.subject, "HEAD");
	s.at.is_anything_accepted = true;
	assert_failed(&s, CAUSE_NEVER, EXIT_FAILED);
	END(s);
}

/* ---- who is it? ---- */

static void one_that_is_gone_or_another_fails(void **state)
{
	SCENE(s);
	s.app.is_deleting = true;
	assert_failed_once_live(&s, CAUSE_DELETED, EXIT_FAILED);
	s.app.uid = STR("uid-2");
	assert_failed(&s, CAUSE_RECREATED, EXIT_FAILED);
	s.sighting.is_gone = true;
	assert_failed(&s, CAUSE_DELETED, EXIT_FAILED);
	END(s);
}

/* ---- a POST is wanted ---- */

static void one_that_is_out_of_sync_is_posted(void **state)
{
	SCENE(s);
	s.plan.concurrency = 4;
	struct judgement post = assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	assert_str(post.cause.subject, "4");
	END(s);
}

static void one_that_is_synced_but_not_healthy_is_posted(void **state)
{
	SCENE(s);
	s.app.sync = SYNC_SYNCED;
	s.app.health = HEALTH_DEGRADED;
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	END(s);
}

static void a_failed_operation_of_somebody_else_is_posted_over(void **state)
{
	SCENE(s);
	s.app.shown.phase = OP_FAILED;
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	s.app.shown.token = STR("v1/run-0/uid-1/1");
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	END(s);
}

static void before_a_post_a_leftover_error_is_asked_about(void **state)
{
	SCENE(s);
	s.app.shown.phase = OP_FAILED; /* so a basis is missing, whatever the compare says */
	s.app.error = STR("ComparisonError: repo-server");
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE_ERROR);
	after(&s, 1'000);
	s.sighting.refreshed_at = s.now.mono;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE_ERROR);
	assert_false(instant_is_never(wait.wake));
	s.app.error = STR("");
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	END(s);
}

static void an_error_that_stands_after_grace_and_another_refresh_fails(void **state)
{
	SCENE(s);
	s.app.error = STR("ComparisonError: no such path");
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE_ERROR);
	s.sighting.refreshed_at = s.now.mono;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE_ERROR);
	s.now.mono = wait.wake;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE_ERROR);
	s.sighting.refreshed_at = s.now.mono;
	assert_failed_once_live(&s, CAUSE_CANNOT_RENDER, EXIT_FAILED);
	END(s);
}

static void a_cluster_that_cannot_be_read_is_no_error_of_the_commit(void **state)
{
	SCENE(s);
	s.app.error = STR("ComparisonError: Failed to load target state: failed to get cluster "
			  "version for cluster \"https://prd-1\": dial tcp: i/o timeout");
	assert_judged(&s, JUDGE_REFRESH, CAUSE_CLUSTER);
	s.app.error = STR("ComparisonError: Failed to load live state: failed to get cluster info "
			  "for \"https://prd-1\": dial tcp: i/o timeout");
	assert_judged(&s, JUDGE_REFRESH, CAUSE_CLUSTER);
	s.sighting.refreshed_at = s.now.mono;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_CLUSTER);
	s.now.mono = wait.wake;
	s.sighting.refreshed_at = s.now.mono;
	assert_failed_once_live(&s, CAUSE_CLUSTER_LOST, EXIT_FAILED);
	END(s);
}

static void an_error_about_which_nobody_answers_is_a_timeout(void **state)
{
	SCENE(s);
	s.app.error = STR("ComparisonError: no such path");
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE_ERROR);
	after(&s, s.plan.health_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void one_that_argo_cd_ignores_is_not_posted(void **state)
{
	SCENE(s);
	s.app.is_paused = true;
	assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	after(&s, s.plan.operation_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	/* Nor is it asked for a compare that would never come. */
	s.sighting.wait = (struct clock){0};
	s.app.sync = SYNC_SYNCED;
	s.app.is_compared = false;
	assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	END(s);
}

static void auto_sync_gets_its_chance_once(void **state)
{
	SCENE(s);
	s.app.has_auto_sync = true;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_AUTO_SYNC);
	s.now.mono = wait.wake;
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	/* It waits for a slot, for a reading: the patience is not asked for again. */
	after(&s, 5'000);
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	s.member.posts = 1;
	s.sighting.wait = (struct clock){0};
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	END(s);
}

static void a_basis_that_was_lost_twice_is_not_posted_a_third_time(void **state)
{
	SCENE(s);
	s.member.posts = s.member.accepted = REPOSTS_MAX;
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	s.member.posts = s.member.accepted = REPOSTS_MAX + 1;
	s.app.shown.id = 9;
	s.app.shown.is_partial = true;
	s.app.shown.initiator = STR("bob");
	assert_failed_once_live(&s, CAUSE_REGRESSED, EXIT_FAILED);
	assert_str(judge(&s).cause.subject, "bob");
	END(s);
}

/* ---- our POST ---- */

static void posted(struct scene *s)
{
	s->member.post = POST_OPEN;
	s->member.posts = 2;
	s->sighting.has_post_reply = true;
	s->sighting.post_reply_turn = 40;
	s->sighting.post_failures = 1;
	s->sighting.live_turn = 39;
}

static void while_a_post_is_on_its_way_it_is_waited_for(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.has_post_reply = false;
	s.sighting.post_id = 9;
	assert_judged(&s, JUDGE_WAIT, CAUSE_POSTING);
	END(s);
}

static void a_refusal_is_written_down_before_its_application_is_given_up(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.post_outcome = OUTCOME_BUSY;
	s.app.is_deleting = true;
	assert_judged(&s, JUDGE_REJECT, CAUSE_POSTING);
	END(s);
}

static void each_outcome_of_a_post_has_its_answer(void **state)
{
	static const struct {
		enum outcome outcome;
		enum judgement_type type;
		enum cause_type cause;
	} rows[] = {
		{OUTCOME_OK, JUDGE_ACCEPT, CAUSE_POSTING},
		{OUTCOME_UNREACHABLE, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_NO_HOST, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_CUT, JUDGE_LOOK, CAUSE_POSTING},
		{OUTCOME_TIMEOUT, JUDGE_LOOK, CAUSE_POSTING},
		{OUTCOME_BAD_ANSWER, JUDGE_LOOK, CAUSE_POSTING},
		{OUTCOME_SERVER_ERROR, JUDGE_LOOK, CAUSE_POSTING},
		{OUTCOME_BAD_CERTIFICATE, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_WRONG_SCHEME, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_REDIRECT, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_UNAUTHENTICATED, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_DENIED, JUDGE_FAIL, CAUSE_DENIED},
		{OUTCOME_WINDOW, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_NOT_FOUND, JUDGE_FAIL, CAUSE_DELETED},
		{OUTCOME_BUSY, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_NO_REPO, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_MOVED, JUDGE_REJECT, CAUSE_POSTING},
		{OUTCOME_DELETING, JUDGE_FAIL, CAUSE_DELETED},
		{OUTCOME_INVALID, JUDGE_REJECT, CAUSE_POSTING},
	};
	static_assert(COUNTOF(rows) == OUTCOMES);

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		SCENE(s);
		posted(&s);
		s.sighting.post_outcome = rows[i].outcome;
		assert_judged(&s, rows[i].type, rows[i].cause);
		END(s);
	}
}

static void a_denial_ends_as_4_or_as_1(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.post_outcome = OUTCOME_DENIED;
	assert_failed(&s, CAUSE_DENIED, EXIT_DENIED);
	s.at.is_anything_accepted = true;
	assert_failed(&s, CAUSE_DENIED, EXIT_FAILED);
	END(s);
}

static void a_refusal_that_comes_three_times_is_believed(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.post_outcome = OUTCOME_INVALID;
	s.sighting.post_failures = 2;
	assert_judged(&s, JUDGE_REJECT, CAUSE_POSTING);
	s.sighting.post_failures = 3;
	assert_failed(&s, CAUSE_REJECTED, EXIT_FAILED);
	END(s);
}

static void an_unknown_outcome_is_settled_by_a_reading_that_was_asked_for_after_it(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.post_outcome = OUTCOME_TIMEOUT;
	assert_judged(&s, JUDGE_LOOK, CAUSE_POSTING);
	s.sighting.live_turn = 40;
	assert_judged(&s, JUDGE_UNSEEN, CAUSE_POSTING);
	s.sighting.is_live = false; /* the watch brought something newer */
	assert_judged(&s, JUDGE_LOOK, CAUSE_POSTING);
	s.sighting.is_post_seen = true; /* whatever is shown now: machine/heed.h */
	assert_judged(&s, JUDGE_ACCEPT, CAUSE_POSTING);
	END(s);
}

static void after_a_restart_an_open_post_is_looked_for(void **state)
{
	SCENE(s);
	posted(&s);
	s.sighting.has_post_reply = false;
	s.sighting.post_reply_turn = 0;
	s.sighting.is_live = false;
	assert_judged(&s, JUDGE_LOOK, CAUSE_POSTING);
	s.sighting.is_live = true;
	assert_judged(&s, JUDGE_UNSEEN, CAUSE_POSTING);
	END(s);
}

static void after_a_rejection_the_next_post_waits_but_not_for_ever(void **state)
{
	SCENE(s);
	posted(&s);
	s.member.post = POST_REJECTED;
	s.sighting.post_outcome = OUTCOME_WINDOW;
	s.sighting.post_again_at = instant_add(s.now.mono, 30'000);
	struct judgement hold = assert_judged(&s, JUDGE_WAIT, CAUSE_WINDOW);
	assert_int_equal(hold.wake.ms, START_MS + 30'000);
	after(&s, 30'000);
	assert_judged(&s, JUDGE_POST, CAUSE_WINDOW);
	/* The POST and its rejection do not start the wait anew, and are no news. */
	s.member.post = POST_OPEN;
	s.sighting.post_id = 7;
	assert_true(assert_judged(&s, JUDGE_WAIT, CAUSE_POSTING).is_quiet);
	s.sighting.post_id = 0;
	assert_judged(&s, JUDGE_REJECT, CAUSE_POSTING);
	s.member.post = POST_REJECTED;
	s.now.mono.ms = START_MS + s.plan.operation_timeout_ms;
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

/* ---- an operation in progress ---- */

static struct operation running(struct str revision, struct str token)
{
	return (struct operation){.phase = OP_RUNNING,
				  .id = 5,
				  .revision = revision,
				  .token = token,
				  .initiator = STR("alice")};
}

static void an_operation_of_ours_is_followed(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(NEW, STR("v1/run-1/uid-1/1"));
	s.app.shown.trouble = STR("Job smoke: 1/3");
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_str(wait.cause.message, "Job smoke: 1/3");
	assert_int_equal(wait.phase, PHASE_SYNCING);
	s.app.shown.finished_at = second(120);
	s.app.shown.message = STR("no connection");
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_true(str_find(wait.cause.message, STR("tries again: no connection"), NULL));
	after(&s, s.plan.operation_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void an_operation_of_ours_keeps_its_slot_when_the_spec_changes(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(NEW, STR("v1/run-1/uid-1/1"));
	s.app.shown.has_other_source = s.app.requested.has_other_source = true;
	s.app.shown.message = STR("hook smoke");
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_int_equal(wait.phase, PHASE_SYNCING);
	assert_str(wait.cause.message,
		   "its spec has changed since, so it is synced once more after this: hook smoke");
	END(s);
}

static void a_full_operation_at_r_is_adopted_once_it_is_read_live(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(NEW, STR(""));
	s.sighting.is_live = false;
	assert_int_equal(judge(&s).type, JUDGE_LOOK);
	s.sighting.is_live = true;
	struct judgement adopt = assert_judged(&s, JUDGE_ADOPT, CAUSE_ADOPTED);
	assert_str(adopt.cause.subject, "alice");
	s.member.adopted = 5;
	assert_judged(&s, JUDGE_WAIT, CAUSE_ADOPTED);
	/* One of another run at the same revision is as good, and one that says no revision. */
	s.member.adopted = 0;
	s.app.requested.token = s.app.shown.token = STR("v1/run-2/uid-1/1");
	assert_judged(&s, JUDGE_ADOPT, CAUSE_ADOPTED);
	s.app.requested.revision = s.app.shown.revision = STR("");
	assert_judged(&s, JUDGE_ADOPT, CAUSE_ADOPTED);
	/* One that has not begun is waited for: what it is called changes when it does. */
	s.app.shown = (struct operation){0};
	assert_judged(&s, JUDGE_WAIT, CAUSE_ADOPTED);
	END(s);
}

static void an_operation_that_does_not_begin_is_brought_to_mind(void **state)
{
	SCENE(s);
	s.app.requested = running(NEW, STR("v1/run-1/uid-1/1"));
	s.member.post = POST_ACCEPTED;
	s.member.posts = s.member.accepted = 1;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_int_equal(wait.wake.ms, START_MS + 15'000);
	after(&s, 15'000);
	assert_judged(&s, JUDGE_REFRESH, CAUSE_OPERATION);
	s.sighting.refreshed_at = s.now.mono;
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_int_equal(wait.wake.ms, s.now.mono.ms + 20'000);
	/* Once it runs there is nothing to be brought to mind; nor where Argo CD would not look. */
	after(&s, 20'000);
	assert_judged(&s, JUDGE_REFRESH, CAUSE_OPERATION);
	s.app.is_paused = true;
	assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	s.app.is_paused = false;
	s.app.shown = s.app.requested;
	after(&s, 40'000);
	assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	END(s);
}

static void one_that_is_not_full_or_not_at_r_is_waited_for(void **state)
{
	for (int i = 0; i < 6; i++) {
		SCENE(s);
		struct operation op = running(NEW, STR(""));
		op.is_partial = i == 0;
		op.is_dry_run = i == 1;
		op.is_apply = i == 2;
		op.has_manifests = i == 3;
		op.has_other_source = i == 4;
		if (i == 5)
			op.revision = OLD;
		s.app.requested = s.app.shown = op;
		assert_judged(&s, JUDGE_WAIT, CAUSE_FOREIGN);
		after(&s, s.plan.operation_timeout_ms);
		assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
		END(s);
	}
}

static void another_runs_operation_at_another_revision_is_a_conflict(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(OTHER, STR("v1/run-2/uid-1/1"));
	assert_failed_once_live(&s, CAUSE_OTHER_RUN, EXIT_CONFLICT);
	assert_str(judge(&s).cause.subject, "run-2");
	/* At R and partial it is only in the way. */
	s.app.requested = s.app.shown = running(NEW, STR("v1/run-2/uid-1/1"));
	s.app.shown.is_partial = true;
	assert_judged(&s, JUDGE_WAIT, CAUSE_FOREIGN);
	END(s);
}

static void an_operation_that_has_ended_and_still_stands_is_wedged(void **state)
{
	SCENE(s);
	s.app.requested = running(NEW, STR("v1/run-1/uid-1/1"));
	s.app.shown.phase = OP_SUCCEEDED;
	s.app.shown.finished_at = (wall){0};
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	s.now.mono = wait.wake;
	assert_failed_once_live(&s, CAUSE_WEDGED, EXIT_FAILED);
	END(s);
}

static void an_operation_that_is_asked_for_beside_an_earlier_one_is_not_wedged(void **state)
{
	SCENE(s);
	s.app.requested = running(NEW, STR("v1/run-1/uid-1/1"));
	assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	after(&s, 300'000);
	assert_judged(&s, JUDGE_REFRESH, CAUSE_OPERATION);
	END(s);
}

static void one_that_is_being_terminated_is_not_told_as_tried_again(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(NEW, STR("v1/run-1/uid-1/1"));
	s.app.shown.phase = OP_TERMINATING;
	s.app.shown.finished_at = second(120);
	s.app.shown.message = STR("operation is terminating");
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_OPERATION);
	assert_str(wait.cause.message, "operation is terminating");
	END(s);
}

static void a_partial_operation_is_not_ours_whatever_token_it_bears(void **state)
{
	SCENE(s);
	s.app.requested = s.app.shown = running(NEW, STR("v1/run-1/uid-1/1"));
	s.app.shown.is_partial = s.app.requested.is_partial = true;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_FOREIGN);
	assert_str(wait.cause.subject, "alice");
	s.app.shown.initiator = STR("");
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_FOREIGN);
	assert_str(wait.cause.subject, "somebody");
	END(s);
}

/* ---- after the operation ---- */

static void operated(struct scene *s)
{
	s->member.posts = s->member.accepted = 1;
	s->member.post = POST_ACCEPTED;
	s->app.shown = (struct operation){.phase = OP_SUCCEEDED,
					  .id = 2,
					  .revision = NEW,
					  .token = STR("v1/run-1/uid-1/1"),
					  .finished_at = second(200)};
	s->app.reconciled_at = second(201);
	s->app.sync = SYNC_SYNCED;
	s->app.out_of_sync_count = 0;
	s->app.out_of_sync_id = 0;
}

static void a_failed_operation_that_was_followed_is_a_failure(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.shown.phase = OP_FAILED;
	s.app.shown.message = STR("one or more tasks failed");
	assert_failed_once_live(&s, CAUSE_SYNC_FAILED, EXIT_FAILED);
	assert_str(judge(&s).cause.message, "one or more tasks failed");
	s.app.shown.trouble = STR("Job smoke: BackoffLimitExceeded");
	s.app.shown.is_hook_trouble = true;
	assert_failed(&s, CAUSE_HOOK_FAILED, EXIT_FAILED);
	assert_str(judge(&s).cause.subject, "Job smoke");
	assert_str(judge(&s).cause.message, "BackoffLimitExceeded");
	s.app.shown.token = STR("");
	s.member.adopted = 2;
	assert_failed(&s, CAUSE_HOOK_FAILED, EXIT_FAILED);
	END(s);
}

static void a_compare_of_the_same_second_is_not_fresh(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.reconciled_at = second(200);
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	assert_in_range(wait.wake.ms - s.now.mono.ms, 1'000, 2'000);
	s.now.mono = wait.wake;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE);
	s.sighting.refreshed_at = s.now.mono;
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	assert_true(wait.wake.ms > s.now.mono.ms);
	END(s);
}

static void a_compare_that_is_never_fresh_is_asked_for_in_measure(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.reconciled_at = second(200);
	uint32_t refreshes = 0;
	struct judgement judgement = judge(&s);
	while (judgement.type != JUDGE_FAIL) {
		if (judgement.type == JUDGE_REFRESH) {
			refreshes++;
			s.sighting.refreshed_at = s.now.mono;
			after(&s, 100);
		} else {
			s.now.mono = judgement.wake;
		}
		judgement = judge(&s);
	}
	assert_int_equal(judgement.code, EXIT_TIMEOUT);
	assert_in_range(refreshes, 5, 25);
	END(s);
}

static void one_that_was_not_compared_with_its_spec_is_nudged(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.is_compared = false;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	s.now.mono = wait.wake;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_COMPARE);
	s.sighting.refreshed_at = s.now.mono;
	wait = assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	assert_true(wait.wake.ms - s.now.mono.ms >= 10'000);
	after(&s, s.plan.health_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void degraded_is_believed_after_some_grace(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.health = HEALTH_DEGRADED;
	s.app.unhealthy_name = STR("Deployment web");
	s.app.health_message = STR("0 of 3 ready");
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_HEALTH);
	assert_str(wait.cause.subject, "Degraded: Deployment web");
	s.now.mono = wait.wake;
	assert_failed_once_live(&s, CAUSE_DEGRADED, EXIT_FAILED);
	assert_str(judge(&s).cause.message, "Deployment web: 0 of 3 ready");
	END(s);
}

static void degraded_for_a_moment_starts_the_grace_anew(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.health = HEALTH_DEGRADED;
	assert_judged(&s, JUDGE_WAIT, CAUSE_HEALTH);
	after(&s, 20'000);
	s.app.health = HEALTH_PROGRESSING;
	assert_judged(&s, JUDGE_WAIT, CAUSE_HEALTH);
	after(&s, 1'000);
	s.app.health = HEALTH_DEGRADED;
	assert_judged(&s, JUDGE_WAIT, CAUSE_HEALTH);
	after(&s, 20'000);
	assert_judged(&s, JUDGE_WAIT, CAUSE_HEALTH);
	END(s);
}

static void suspended_is_a_wait_that_says_what_to_do(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.health = HEALTH_SUSPENDED;
	assert_judged(&s, JUDGE_WAIT, CAUSE_SUSPENDED);
	after(&s, s.plan.health_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	s.plan.accept_suspended = true;
	struct judgement done = assert_judged(&s, JUDGE_DONE, CAUSE_SYNCED);
	assert_str(done.cause.message, "Suspended counts as healthy (--accept-suspended)");
	END(s);
}

static void drift_after_the_operation_is_compared_again_and_then_named(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.sync = SYNC_OUT_OF_SYNC;
	s.app.out_of_sync_count = s.app.prune_count = 1;
	s.app.out_of_sync_id = 7;
	s.app.has_resources = false; /* a frame of the watch */
	s.sighting.is_live = false;
	assert_int_equal(judge(&s).type, JUDGE_LOOK);
	s.app.has_resources = s.sighting.is_live = true;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_OUT_OF_SYNC);
	s.sighting.refreshed_at = s.now.mono;
	assert_judged(&s, JUDGE_WAIT, CAUSE_OUT_OF_SYNC);
	s.sighting.is_drift_lasting = true;
	assert_failed(&s, CAUSE_NEEDS_PRUNE, EXIT_FAILED);
	s.plan.prune = true;
	assert_failed(&s, CAUSE_STAYS_OUT_OF_SYNC, EXIT_FAILED);
	s.plan.prune = false;
	s.app.prune_count = 0;
	assert_failed(&s, CAUSE_STAYS_OUT_OF_SYNC, EXIT_FAILED);
	s.plan.allow_out_of_sync = true;
	assert_judged(&s, JUDGE_DONE, CAUSE_SYNCED);
	END(s);
}

static void done_is_said_of_a_live_version_only(void **state)
{
	SCENE(s);
	operated(&s);
	s.sighting.is_live = false;
	struct judgement look = judge(&s);
	assert_int_equal(look.type, JUDGE_LOOK);
	assert_true(look.is_quiet);
	s.sighting.is_live = true;
	struct judgement done = assert_judged(&s, JUDGE_DONE, CAUSE_SYNCED);
	assert_int_equal(done.phase, PHASE_DONE);
	END(s);
}

static void drift_of_which_pruning_would_end_only_a_part_is_no_matter_of_pruning(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.sync = SYNC_OUT_OF_SYNC;
	s.app.out_of_sync_count = 2;
	s.app.prune_count = 1;
	s.sighting.is_drift_lasting = true;
	assert_failed(&s, CAUSE_STAYS_OUT_OF_SYNC, EXIT_FAILED);
	END(s);
}

static void drift_that_no_second_compare_shows_is_a_timeout(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.sync = SYNC_OUT_OF_SYNC;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_OUT_OF_SYNC);
	after(&s, s.plan.health_timeout_ms);
	assert_failed(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void one_that_argo_cd_ignores_after_the_operation_is_not_asked_again(void **state)
{
	SCENE(s);
	operated(&s);
	s.app.is_paused = true;
	assert_judged(&s, JUDGE_DONE, CAUSE_SYNCED); /* nothing is left to be asked */
	s.app.is_compared = false;
	assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	s.app.reconciled_at = s.app.shown.finished_at;
	assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	s.app.error = STR("repository not found");
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	assert_int_equal(wait.phase, PHASE_SETTLING);
	END(s);
}

/* ---- unchanged ---- */

static void synced(struct scene *s)
{
	s->app.sync = SYNC_SYNCED;
	s->app.out_of_sync_count = 0;
	s->app.out_of_sync_id = 0;
	s->app.shown.revision = NEW;
}

static void what_is_unchanged_is_proved_by_a_clean_reading_and_a_refresh(void **state)
{
	SCENE(s);
	synced(&s);
	s.sighting.clean_turn = 5;
	/* Argo CD's cache may be behind the first reading yet. */
	s.sighting.first_live_at = s.now.mono;
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_PROOF);
	assert_int_equal(instant_since(wait.wake, s.now.mono), LIVE_CACHE_LAG_MS_MAX);
	after(&s, LIVE_CACHE_LAG_MS_MAX);
	assert_judged(&s, JUDGE_LOOK, CAUSE_PROOF);
	s.app.has_refresh = true; /* a stranger's: our refresh comes first then */
	assert_judged(&s, JUDGE_REFRESH, CAUSE_PROOF);
	s.app.has_refresh = false;
	s.sighting.clean_turn = s.sighting.proof_turn = 6;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_PROOF);
	s.sighting.served_turn = 5;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_PROOF);
	s.sighting.served_turn = 6;
	assert_judged(&s, JUDGE_DONE, CAUSE_UNCHANGED);
	END(s);
}

static void a_proof_that_nobody_gives_is_a_timeout(void **state)
{
	SCENE(s);
	synced(&s);
	assert_judged(&s, JUDGE_LOOK, CAUSE_PROOF);
	after(&s, s.plan.health_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void of_one_that_argo_cd_ignores_no_proof_is_asked(void **state)
{
	SCENE(s);
	synced(&s);
	s.app.is_paused = true;
	assert_judged(&s, JUDGE_WAIT, CAUSE_PAUSED);
	after(&s, s.plan.operation_timeout_ms);
	assert_failed_once_live(&s, CAUSE_TIMED_OUT, EXIT_TIMEOUT);
	END(s);
}

static void a_wait_that_ended_long_ago_does_not_count_in_a_new_one(void **state)
{
	SCENE(s);
	s.app.is_compared = false;
	assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	s.app.is_compared = true;
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	after(&s, s.plan.health_timeout_ms); /* its turn does not come for long */
	assert_judged(&s, JUDGE_POST, CAUSE_SLOT);
	s.app.is_compared = false; /* the spec is edited, say */
	assert_judged(&s, JUDGE_WAIT, CAUSE_COMPARE);
	END(s);
}

/* ---- done ---- */

static void done(struct scene *s)
{
	operated(s);
	s->member.is_done = true;
	s->member.done_operation = 2;
	s->member.done_finished_at = second(200);
	s->sighting.done_turn = 45;
}

static void before_the_barrier_it_waits_in_silence(void **state)
{
	SCENE(s);
	done(&s);
	struct judgement wait = assert_judged(&s, JUDGE_WAIT, CAUSE_BARRIER);
	assert_true(wait.is_quiet);
	s.app.health = HEALTH_DEGRADED; /* the barrier will see */
	assert_judged(&s, JUDGE_WAIT, CAUSE_BARRIER);
	END(s);
}

static void at_the_barrier_it_is_read_again_since_the_last_was_done(void **state)
{
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.at.barrier_turn = 48;
	s.sighting.clean_turn = s.sighting.served_turn = 46;
	assert_judged(&s, JUDGE_LOOK, CAUSE_REREAD);
	s.sighting.clean_turn = 49;
	assert_judged(&s, JUDGE_REFRESH, CAUSE_REREAD);
	s.sighting.served_turn = 49;
	s.sighting.is_live = false;
	assert_judged(&s, JUDGE_LOOK, CAUSE_REREAD);
	s.sighting.is_live = true;
	assert_judged(&s, JUDGE_CONFIRM, CAUSE_SYNCED);
	s.app.health = HEALTH_PROGRESSING;
	assert_judged(&s, JUDGE_REOPEN, CAUSE_REREAD);
	END(s);
}

static void who_took_the_basis_away_before_the_barrier_is_named(void **state)
{
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.at.barrier_turn = 48;
	s.sighting.clean_turn = s.sighting.served_turn = 49;
	s.app.shown = running(NEW, STR(""));
	s.app.shown.phase = OP_SUCCEEDED;
	s.app.shown.finished_at = second(210);
	s.app.shown.is_partial = true;
	s.app.reconciled_at = second(211);
	struct judgement reopen = assert_judged(&s, JUDGE_REOPEN, CAUSE_REGRESSED);
	assert_str(reopen.cause.subject, "alice");
	assert_false(reopen.is_quiet);
	/* One that is as good as ours is no loss. */
	s.app.shown.is_partial = false;
	assert_true(assert_judged(&s, JUDGE_REOPEN, CAUSE_REREAD).is_quiet);
	END(s);
}

static void one_that_was_done_after_the_barrier_is_read_again_after_that(void **state)
{
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.at.barrier_turn = 40;
	s.sighting.clean_turn = s.sighting.served_turn = 44;
	assert_judged(&s, JUDGE_LOOK, CAUSE_REREAD);
	END(s);
}

static void after_a_restart_nothing_counts_as_served(void **state)
{
	/* The barrier is on record; its turn and that of "done" were the old process's. */
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.sighting.done_turn = 0;
	s.sighting.read_turn = 3;
	assert_judged(&s, JUDGE_LOOK, CAUSE_REREAD);
	END(s);
}

static void a_re_read_that_nobody_answers_is_a_timeout_that_is_told(void **state)
{
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.at.barrier_turn = 48;
	assert_judged(&s, JUDGE_LOOK, CAUSE_REREAD);
	after(&s, s.plan.health_timeout_ms);
	struct judgement failed = assert_judged(&s, JUDGE_FAIL, CAUSE_TIMED_OUT);
	assert_false(failed.is_quiet);
	END(s);
}

static void one_that_comes_and_goes_at_the_barrier_fails_in_the_end(void **state)
{
	SCENE(s);
	done(&s);
	s.at.is_barrier = true;
	s.at.barrier_turn = 48;
	s.sighting.clean_turn = s.sighting.served_turn = 49;
	s.app.health = HEALTH_PROGRESSING;
	s.member.reopened = REOPENS_MAX - 1;
	assert_judged(&s, JUDGE_REOPEN, CAUSE_REREAD);
	s.member.reopened = REOPENS_MAX;
	struct judgement failed = assert_judged(&s, JUDGE_FAIL, CAUSE_REGRESSED);
	assert_str(failed.cause.subject, "itself, again and again");
	END(s);
}

static void in_a_promotion_one_that_is_watched_comes_and_goes_only_so_often(void **state)
{
	SCENE(s);
	done(&s);
	s.plan.is_promotion = true;
	s.app.sync = SYNC_OUT_OF_SYNC;
	s.member.reopened = REOPENS_MAX - 1;
	assert_judged(&s, JUDGE_REOPEN, CAUSE_REREAD);
	s.member.reopened = REOPENS_MAX;
	struct judgement failed = assert_judged(&s, JUDGE_FAIL, CAUSE_REGRESSED);
	assert_str(failed.cause.subject, "itself, again and again");
	END(s);
}

static void in_a_promotion_one_that_is_watched_is_ill_only_of_its_health(void **state)
{
	static const struct {
		enum health health;
		bool is_operated, is_ill;
	} rows[] = {
		{HEALTH_HEALTHY, false, false},	   {HEALTH_PROGRESSING, false, false},
		{HEALTH_SUSPENDED, false, false},  {HEALTH_DEGRADED, false, true},
		{HEALTH_PROGRESSING, true, false}, {HEALTH_DEGRADED, true, true},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		SCENE(s);
		done(&s);
		s.plan.is_promotion = true;
		s.app.health = rows[i].health;
		if (rows[i].is_operated)
			s.app.shown = running(NEW, STR(""));
		judge(&s);
		after(&s, 60'000);
		assert_int_equal(judge(&s).wellness == UNWELL, rows[i].is_ill);
		END(s);
	}
}

static void after_a_restart_what_was_done_has_been_at_r(void **state)
{
	/* What was seen is forgotten; that it was done is on record. */
	SCENE(s);
	s.app.target_revision = OTHER;
	assert_judged(&s, JUDGE_WAIT, CAUSE_REVISION);
	s.member.is_done = true;
	assert_failed_once_live(&s, CAUSE_SUPERSEDED, EXIT_SUPERSEDED);
	END(s);
}

/* ---- before its stage ---- */

static struct judgement judge_early(struct scene *scene)
{
	scene->at.plan = &scene->plan;
	scene->at.after = STR("stage 1 (env=test)");
	scene->sighting.app = &scene->app;
	return app_judge_early(&scene->at, &scene->member, &scene->sighting, &scene->now,
			       &scene->arena);
}

static void assert_early(struct scene *scene, enum judgement_type type, enum cause_type cause)
{
	struct judgement judgement = judge_early(scene);
	assert_string_equal(types[judgement.type], types[type]);
	assert_string_equal(cause_name(judgement.cause.type), cause_name(cause));
}

static struct operation strangers(enum op_phase phase)
{
	return (struct operation){.phase = phase,
				  .id = 2,
				  .revision = NEW,
				  .initiator = STR("alice"),
				  .started_at = second(200),
				  .finished_at = second(phase == OP_RUNNING ? 0 : 210)};
}

static void before_its_stage_it_waits_whatever_it_shows(void **state)
{
	SCENE(s);
	s.at.after = STR("stage 1 (env=test)");
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	s.app.target_revision = OLD;
	after(&s, s.plan.revision_timeout_ms);
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	assert_true(instant_is_never(judge_early(&s).wake));
	s.app.target_revision = NEW;
	s.app.shown = strangers(OP_RUNNING);
	s.app.shown.revision = OLD;
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	END(s);
}

static void what_can_never_be_done_does_not_wait_for_its_stage(void **state)
{
	SCENE(s);
	s.sighting.was_at_revision = true;
	s.app.target_revision = OTHER;
	assert_early(&s, JUDGE_FAIL, CAUSE_SUPERSEDED);
	s.sighting.is_live = false;
	assert_early(&s, JUDGE_LOOK, CAUSE_SUPERSEDED);
	s.sighting.is_live = true;
	s.app.target_revision = STR("main");
	assert_early(&s, JUDGE_FAIL, CAUSE_NEVER);
	s.app.is_deleting = true;
	assert_early(&s, JUDGE_FAIL, CAUSE_DELETED);
	s.sighting.is_gone = true;
	assert_early(&s, JUDGE_FAIL, CAUSE_DELETED);
	END(s);
}

static void a_stranger_is_told_of_once_it_is_read_live(void **state)
{
	SCENE(s);
	s.app.shown = strangers(OP_RUNNING);
	s.sighting.is_live = false;
	assert_early(&s, JUDGE_LOOK, CAUSE_AHEAD);
	s.sighting.is_live = true;
	assert_early(&s, JUDGE_STRANGER, CAUSE_AHEAD);
	assert_str(judge_early(&s).cause.subject, "alice");
	/* Then it is followed, and at its end that is a failure. */
	s.member.stranger = 2;
	assert_early(&s, JUDGE_WAIT, CAUSE_ADOPTED);
	s.app.shown = strangers(OP_SUCCEEDED);
	assert_early(&s, JUDGE_FAIL, CAUSE_AHEAD);
	assert_int_equal(judge_early(&s).code, EXIT_FAILED);
	s.plan.accept_foreign = true;
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	END(s);
}

static void what_the_first_reading_showed_is_no_stranger(void **state)
{
	SCENE(s);
	s.app.shown = strangers(OP_SUCCEEDED);
	s.member.first_operation = 2;
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	s.member.first_operation = 1;
	s.app.shown.token = STR("v1/run-1/uid-1/1"); /* ours */
	assert_early(&s, JUDGE_WAIT, CAUSE_STAGE);
	END(s);
}

static void in_its_stage_a_stranger_is_one_that_began_before_the_stage_before_was_done(void **state)
{
	SCENE(s);
	s.app.shown = strangers(OP_RUNNING);
	s.at.passed_at = second(201);
	assert_judged(&s, JUDGE_STRANGER, CAUSE_AHEAD);
	s.at.passed_at = second(200);
	assert_judged(&s, JUDGE_ADOPT, CAUSE_ADOPTED);
	END(s);
}

/* ---- before anything is posted ---- */

static void who_may_not_be_in_the_plan_is_told_why(void **state)
{
	static const struct {
		enum source_kind kind;
		bool is_refused;
	} kinds[] = {
		{SOURCE_NONE, true},  {SOURCE_GIT, false},     {SOURCE_CHART, true},
		{SOURCE_MULTI, true}, {SOURCE_HYDRATOR, true},
	};
	SCENE(s);
	const struct str home = STR("argocd");
	s.app.namespace = home;
	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		s.app.source_kind = kinds[i].kind;
		assert_int_equal(app_refusal(&s.plan, &s.app, home, false).type,
				 kinds[i].is_refused ? CAUSE_UNSUPPORTED : CAUSE_COUNT);
	}
	s.app.source_kind = SOURCE_GIT;
	assert_int_equal(app_refusal(&s.plan, &s.app, STR("gitops"), false).type,
			 CAUSE_OTHER_NAMESPACE);
	assert_int_equal(app_refusal(&s.plan, &s.app, home, true).type, CAUSE_ROLLING_SYNC);
	s.app.target_revision = STR("v1.2");
	assert_int_equal(app_refusal(&s.plan, &s.app, home, false).type, CAUSE_NEVER);
	s.app.target_revision = STR("");
	assert_str(app_refusal(&s.plan, &s.app, home, false).subject, "HEAD");
	s.app.target_revision = OLD;
	s.app.has_auto_sync = true;
	assert_int_equal(app_refusal(&s.plan, &s.app, home, false).type, CAUSE_HAS_AUTO_SYNC);
	s.plan.allow_auto_sync = true;
	assert_int_equal(app_refusal(&s.plan, &s.app, home, false).type, CAUSE_COUNT);
	assert_int_equal(app_refusal(&s.plan, &s.app, home, true).type, CAUSE_ROLLING_SYNC);
	END(s);
}

static enum preview preview(struct scene *s)
{
	struct cause cause;
	s->at.plan = &s->plan;
	s->sighting.app = &s->app;
	return app_preview(&s->at, &s->member, &s->sighting, &s->now, &s->arena, &cause);
}

static void a_sync_that_only_the_flags_want_says_so(void **state)
{
	struct cause cause;
	SCENE(s);

	synced(&s);
	s.plan.skip = SKIP_NEVER;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	assert_int_equal(app_preview(&s.at, &s.member, &s.sighting, &s.now, &s.arena, &cause),
			 PREVIEW_SYNC);
	assert_str(cause.subject, "--skip=never");
	END(s);
}

static void assert_wanted(struct scene *s, const char *why)
{
	struct cause cause;

	assert_int_equal(preview(s), PREVIEW_SYNC);
	assert_int_equal(app_preview(&s->at, &s->member, &s->sighting, &s->now, &s->arena, &cause),
			 PREVIEW_SYNC);
	assert_str(cause.subject, why);
}

static void a_preview_says_why_a_sync_is_wanted(void **state)
{
	SCENE(s);
	assert_wanted(&s, "OutOfSync");
	synced(&s);
	s.app.health = HEALTH_DEGRADED;
	assert_wanted(&s, "Synced, but Degraded");
	s.app.shown.has_manifests = true;
	assert_wanted(&s, "its last operation synced local manifests");
	s.app.shown.has_manifests = false;
	s.app.shown.is_apply = true;
	assert_wanted(&s, "its last operation was partial or ran no hooks");
	s.app.shown.is_apply = false;
	s.app.shown.phase = OP_FAILED;
	assert_wanted(&s, "its last operation ended as Failed");
	s.app.shown.phase = OP_SUCCEEDED;
	s.app.shown.revision = OLD;
	s.plan.skip = SKIP_HOOKED;
	assert_wanted(&s, "its last operation was not a sync of this revision");
	s.app.shown.phase = OP_NONE;
	assert_wanted(&s, "no operation yet");
	END(s);
}

static void a_preview_of_what_runs_or_is_proved_or_is_not_read_live_says_so(void **state)
{
	SCENE(s);
	s.app.shown = running(NEW, STR(""));
	assert_int_equal(preview(&s), PREVIEW_ADOPT);
	s.app.shown = running(OLD, STR("v1/run-2/uid-1/1"));
	s.sighting.is_live = false;
	assert_int_equal(preview(&s), PREVIEW_WAIT);
	END(s);
	scene_init(&s);
	synced(&s);
	s.sighting.first_live_at = s.now.mono; /* nobody waits for a proof */
	assert_int_equal(preview(&s), PREVIEW_SKIP);
	s.sighting.clean_turn = s.sighting.served_turn = s.sighting.proof_turn = 6;
	assert_int_equal(preview(&s), PREVIEW_SKIP);
	END(s);
}

static void a_preview_says_what_a_run_would_do(void **state)
{
	SCENE(s);
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.shown.phase = OP_FAILED;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.shown.phase = OP_NONE;
	s.app.shown.id = 0;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.requested = running(NEW, STR(""));
	assert_int_equal(preview(&s), PREVIEW_ADOPT);
	s.app.requested = running(OLD, STR(""));
	assert_int_equal(preview(&s), PREVIEW_WAIT);
	s.app.requested = running(OLD, STR("v1/run-2/uid-1/1"));
	assert_int_equal(preview(&s), PREVIEW_FAIL);
	END(s);
	scene_init(&s);
	synced(&s);
	assert_int_equal(preview(&s), PREVIEW_SKIP);
	s.plan.skip = SKIP_NEVER;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.shown.has_manifests = true;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.shown.has_manifests = false;
	s.app.shown.is_partial = true;
	assert_int_equal(preview(&s), PREVIEW_SYNC);
	s.app.target_revision = OLD;
	assert_int_equal(preview(&s), PREVIEW_WAIT);
	END(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_revision_is_waited_for_and_the_wait_says_who_decides),
		cmocka_unit_test(one_that_joined_late_has_the_whole_time),
		cmocka_unit_test(one_that_was_at_r_is_superseded),
		cmocka_unit_test(one_that_tracks_a_branch_can_never_come_to_r),
		cmocka_unit_test(one_that_is_gone_or_another_fails),
		cmocka_unit_test(one_that_is_out_of_sync_is_posted),
		cmocka_unit_test(one_that_is_synced_but_not_healthy_is_posted),
		cmocka_unit_test(a_failed_operation_of_somebody_else_is_posted_over),
		cmocka_unit_test(before_a_post_a_leftover_error_is_asked_about),
		cmocka_unit_test(an_error_that_stands_after_grace_and_another_refresh_fails),
		cmocka_unit_test(a_cluster_that_cannot_be_read_is_no_error_of_the_commit),
		cmocka_unit_test(an_error_about_which_nobody_answers_is_a_timeout),
		cmocka_unit_test(one_that_argo_cd_ignores_is_not_posted),
		cmocka_unit_test(auto_sync_gets_its_chance_once),
		cmocka_unit_test(a_basis_that_was_lost_twice_is_not_posted_a_third_time),
		cmocka_unit_test(while_a_post_is_on_its_way_it_is_waited_for),
		cmocka_unit_test(a_refusal_is_written_down_before_its_application_is_given_up),
		cmocka_unit_test(each_outcome_of_a_post_has_its_answer),
		cmocka_unit_test(a_denial_ends_as_4_or_as_1),
		cmocka_unit_test(a_refusal_that_comes_three_times_is_believed),
		cmocka_unit_test(
			an_unknown_outcome_is_settled_by_a_reading_that_was_asked_for_after_it),
		cmocka_unit_test(after_a_restart_an_open_post_is_looked_for),
		cmocka_unit_test(after_a_rejection_the_next_post_waits_but_not_for_ever),
		cmocka_unit_test(an_operation_of_ours_is_followed),
		cmocka_unit_test(an_operation_of_ours_keeps_its_slot_when_the_spec_changes),
		cmocka_unit_test(a_full_operation_at_r_is_adopted_once_it_is_read_live),
		cmocka_unit_test(an_operation_that_does_not_begin_is_brought_to_mind),
		cmocka_unit_test(one_that_is_not_full_or_not_at_r_is_waited_for),
		cmocka_unit_test(another_runs_operation_at_another_revision_is_a_conflict),
		cmocka_unit_test(an_operation_that_has_ended_and_still_stands_is_wedged),
		cmocka_unit_test(
			an_operation_that_is_asked_for_beside_an_earlier_one_is_not_wedged),
		cmocka_unit_test(a_failed_operation_that_was_followed_is_a_failure),
		cmocka_unit_test(a_compare_of_the_same_second_is_not_fresh),
		cmocka_unit_test(a_compare_that_is_never_fresh_is_asked_for_in_measure),
		cmocka_unit_test(one_that_was_not_compared_with_its_spec_is_nudged),
		cmocka_unit_test(degraded_is_believed_after_some_grace),
		cmocka_unit_test(degraded_for_a_moment_starts_the_grace_anew),
		cmocka_unit_test(suspended_is_a_wait_that_says_what_to_do),
		cmocka_unit_test(drift_after_the_operation_is_compared_again_and_then_named),
		cmocka_unit_test(done_is_said_of_a_live_version_only),
		cmocka_unit_test(what_is_unchanged_is_proved_by_a_clean_reading_and_a_refresh),
		cmocka_unit_test(a_proof_that_nobody_gives_is_a_timeout),
		cmocka_unit_test(a_wait_that_ended_long_ago_does_not_count_in_a_new_one),
		cmocka_unit_test(before_the_barrier_it_waits_in_silence),
		cmocka_unit_test(at_the_barrier_it_is_read_again_since_the_last_was_done),
		cmocka_unit_test(who_took_the_basis_away_before_the_barrier_is_named),
		cmocka_unit_test(one_that_was_done_after_the_barrier_is_read_again_after_that),
		cmocka_unit_test(after_a_restart_nothing_counts_as_served),
		cmocka_unit_test(a_re_read_that_nobody_answers_is_a_timeout_that_is_told),
		cmocka_unit_test(before_its_stage_it_waits_whatever_it_shows),
		cmocka_unit_test(what_can_never_be_done_does_not_wait_for_its_stage),
		cmocka_unit_test(a_stranger_is_told_of_once_it_is_read_live),
		cmocka_unit_test(what_the_first_reading_showed_is_no_stranger),
		cmocka_unit_test(
			in_its_stage_a_stranger_is_one_that_began_before_the_stage_before_was_done),
		cmocka_unit_test(who_may_not_be_in_the_plan_is_told_why),
		cmocka_unit_test(a_sync_that_only_the_flags_want_says_so),
		cmocka_unit_test(a_preview_says_what_a_run_would_do),
		cmocka_unit_test(one_that_is_being_terminated_is_not_told_as_tried_again),
		cmocka_unit_test(a_partial_operation_is_not_ours_whatever_token_it_bears),
		cmocka_unit_test(
			drift_of_which_pruning_would_end_only_a_part_is_no_matter_of_pruning),
		cmocka_unit_test(drift_that_no_second_compare_shows_is_a_timeout),
		cmocka_unit_test(one_that_argo_cd_ignores_after_the_operation_is_not_asked_again),
		cmocka_unit_test(of_one_that_argo_cd_ignores_no_proof_is_asked),
		cmocka_unit_test(one_that_comes_and_goes_at_the_barrier_fails_in_the_end),
		cmocka_unit_test(in_a_promotion_one_that_is_watched_comes_and_goes_only_so_often),
		cmocka_unit_test(in_a_promotion_one_that_is_watched_is_ill_only_of_its_health),
		cmocka_unit_test(after_a_restart_what_was_done_has_been_at_r),
		cmocka_unit_test(a_preview_says_why_a_sync_is_wanted),
		cmocka_unit_test(a_preview_of_what_runs_or_is_proved_or_is_not_read_live_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
