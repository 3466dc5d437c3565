#include "world/judge.h"

/* The one of tests/support. */
#include <story.h>

#include <stdio.h>

#define TOKEN "v1/run/uid/1"

/* Two Applications in stage 1, one in stage 2; a run is to bring them to R2. */
struct court {
	struct story story;
	struct judge *judge;
	struct selector first, second;
	struct plan_stage stages[2];
	struct plan plan;
	struct order order;
	struct str r1, r2;
	size_t run;
	uint32_t last_request;
	bool is_careless;	 /* it does not read before it asks */
	struct application seen; /* what a reading shows */
	char said[1024];	 /* the last breach */
};

static void on_breach(void *self, enum property property, struct str what)
{
	struct court *court = self;

	(void)snprintf(court->said, sizeof court->said, "%s: " STR_FMT, property_name(property),
		       STR_ARG(what));
}

static void add_app(struct court *court, const char *name, const char *labels, struct str revision)
{
	struct app *app = story_made(&court->story, name, revision);

	pair_list_drop(app->labels);
	app->labels = pairs_of(str_of(labels));
	argo_apply_app(court->story.argo, app);
}

static void follow(struct court *court)
{
	argo_advance(court->story.argo, court->story.now);
	judge_follow(court->judge, court->story.now);
}

static void pass(struct court *court, int64_t ms)
{
	story_wait(&court->story, ms);
	follow(court);
}

/* As if nobody were there to press the button: an operation of the run's. */
static void sync_as(struct court *court, const char *name, struct op_request request)
{
	request.infos = pair_list_new(1);
	request.infos->v[0] = (struct pair){STR("tiphys"), STR(TOKEN)};
	argo_patch_operation(court->story.argo, str_of(name), &request);
	follow(court);
	op_request_drop(&request);
}

static void sync_it(struct court *court, const char *name, struct str revision)
{
	sync_as(court, name, (struct op_request){.revisions.revision = revision});
}

static void sync_well(struct court *court, const char *name, struct str revision)
{
	sync_it(court, name, revision);
	story_until(&court->story, name, is_settled);
	follow(court);
}

static void open_court(struct court *court)
{
	struct err err;

	*court = (struct court){.r1 = {0}};
	story_begin(&court->story, NULL);
	court->story.content.hook_ms = 2'000;
	court->r1 = story_push(&court->story, "one");
	add_app(court, "test-1", "env=test", court->r1);
	add_app(court, "test-2", "env=test", court->r1);
	add_app(court, "prd-1", "env=prd", court->r1);
	assert_int_equal(selector_parse(STR("env=test"), &court->first, &err), 0);
	assert_int_equal(selector_parse(STR("env=prd"), &court->second, &err), 0);
	court->stages[0] = (struct plan_stage){.selector = &court->first};
	court->stages[1] = (struct plan_stage){.selector = &court->second};
	court->judge = judge_new(court->story.argo,
				 &(struct judge_config){.on_breach = on_breach, .self = court},
				 court->story.now);
	story_until(&court->story, "prd-1", is_compared);
	static const char *const names[] = {"test-1", "test-2", "prd-1"};
	for (size_t i = 0; i < COUNTOF(names); i++) {
		argo_patch_operation(court->story.argo, str_of(names[i]),
				     &(struct op_request){.revisions.revision = court->r1});
		story_until(&court->story, names[i], is_settled);
	}
	pass(court, 10 * 60'000);
}

/* They follow a new commit, and a run of it begins. */
static void begin_run(struct court *court, const char *text)
{
	court->r2 = story_push(&court->story, text);
	story_move(&court->story, "test-1", court->r2);
	story_move(&court->story, "test-2", court->r2);
	story_move(&court->story, "prd-1", court->r2);
	court->plan = (struct plan){
		.run = STR("run"),
		.project = STR("demo"),
		.revision = court->r2,
		.stages = court->stages,
		.stage_count = 2,
		.concurrency = 3,
		.revision_timeout_ms = 60'000,
	};
	court->order = (struct order){
		.revision = court->r2, .stages = court->stages, .stage_count = 2};
	court->run = judge_begin(court->judge, &court->plan, &court->order, court->story.now);
	pass(court, 1'000);
}

static void open_case(struct court *court)
{
	open_court(court);
	begin_run(court, "two");
}

static void close_court(struct court *court)
{
	judge_free(court->judge);
	selector_release(&court->first);
	selector_release(&court->second);
	story_end(&court->story);
}

static uint32_t breaches(const struct court *court)
{
	uint32_t n = 0;

	for (int i = 0; i < PROPERTY_COUNT; i++)
		n += judge_breaches(court->judge, (enum property)i);
	return n;
}

/* Just this one, and it is forgotten. */
#define assert_breach(court, n, words)                                                             \
	do {                                                                                       \
		assert_string_equal((court)->said, words);                                         \
		assert_int_equal(breaches(court), n);                                              \
		(court)->said[0] = '\0';                                                           \
	} while (0)

#define assert_no_breach(court) assert_breach(court, 0, "")

static void send_one(struct court *court, enum request_type type, const char *name)
{
	judge_sent(court->judge, court->run,
		   &(struct request){.id = ++court->last_request,
				     .type = type,
				     .name = str_of(name),
				     .revision = court->r2},
		   court->story.now);
}

static void answer(struct court *court, uint32_t id, enum outcome outcome)
{
	judge_heard(court->judge, court->run,
		    &(struct event){.type = EV_REPLY,
				    .reply = &(struct reply){.id = id,
							     .outcome = outcome,
							     .application = &court->seen}},
		    court->story.now);
}

/* A live reading: it shows what is there. */
static void read_it(struct court *court, enum request_type type, const char *name)
{
	const struct app *app = store_app(argo_store(court->story.argo), str_of(name));

	court->seen = (struct application){0};
	if (app)
		court->seen.shown = (struct operation){
			.phase = app->status.operation.phase,
			.id = (uint64_t)app->status.operation.started_at.ms,
			.finished_at = app->status.operation.finished_at,
		};
	court->seen.is_compared = true;
	court->seen.sync_revision = court->r2;
	court->seen.reconciled_at = court->story.now;
	send_one(court, type, name);
	answer(court, court->last_request, OUTCOME_OK);
}

/* Who asks for a sync has read it just before. */
static void send_it(struct court *court, enum request_type type, const char *name)
{
	if (type == REQUEST_SYNC && !court->is_careless)
		read_it(court, REQUEST_GET, name);
	send_one(court, type, name);
}

static void ask(struct court *court, enum request_type type, const char *name, enum outcome outcome)
{
	send_it(court, type, name);
	answer(court, court->last_request, outcome);
}

/* ---- S1 ---- */

static void a_later_stage_before_the_earlier_one_is_a_breach(void **state)
{
	struct court court;

	open_case(&court);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_no_breach(&court);
	sync_well(&court, "test-1", court.r2);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-2 of stage 1 is not done");
	sync_well(&court, "test-2", court.r2);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void what_is_healthy_while_its_hook_runs_is_not_done(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	sync_it(&court, "test-2", court.r2);
	pass(&court, 2'500);
	assert_int_equal(argo_live_health(court.story.argo, STR("test-2")), HEALTH_HEALTHY);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-2 of stage 1 is not done");
	close_court(&court);
}

static void a_hook_that_failed_is_not_done(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	argo_fail(court.story.argo, STEER_HOOK, STR("test-2"), STR("no"));
	sync_it(&court, "test-2", court.r2);
	story_until(&court.story, "test-2", is_over);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-2 of stage 1 is not done");
	close_court(&court);
}

static void they_need_not_be_done_at_the_moment_of_asking(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	argo_drift(court.story.argo, STR("test-1"));
	pass(&court, 1'000);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_no_breach(&court);
	close_court(&court);
}

static void one_that_went_before_another_came_is_a_breach(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	argo_set_live_health(court.story.argo, STR("test-1"), HEALTH_DEGRADED);
	sync_well(&court, "test-2", court.r2);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 was done no "
		      "more when test-2 first was");
	argo_set_live_health(court.story.argo, STR("test-1"), HEALTH_HEALTHY);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void a_moment_within_a_millisecond_is_an_instant(void **state)
{
	struct court court;

	open_court(&court);
	court.story.content.has_hook = false;
	begin_run(&court, "two");
	sync_well(&court, "test-1", court.r2);
	argo_hold(court.story.argo, STEER_POD, STR("test-2"));
	sync_it(&court, "test-2", court.r2);
	pass(&court, 1'000);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-2 of stage 1 is not done");
	argo_set_live_health(court.story.argo, STR("test-2"), HEALTH_HEALTHY);
	argo_set_live_health(court.story.argo, STR("test-2"), HEALTH_DEGRADED);
	pass(&court, 1'000);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void what_a_commit_does_not_change_needs_no_job(void **state)
{
	struct court court;

	open_court(&court);
	begin_run(&court, "one");
	assert_true(!str_eq(court.r1, court.r2));
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_no_breach(&court);
	close_court(&court);
}

static void what_was_done_before_the_run_was_not_done_in_it(void **state)
{
	struct court court;

	open_court(&court);
	argo_drift(court.story.argo, STR("test-1"));
	begin_run(&court, "one");
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 is not done");
	close_court(&court);
}

/* All of test are done, and then there is one more. */
static void open_with_a_newcomer(struct court *court)
{
	open_case(court);
	sync_well(court, "test-1", court->r2);
	sync_well(court, "test-2", court->r2);
	add_app(court, "test-3", "env=test", court->r2);
}

static void a_newcomer_is_asked_about_when_it_can_be_known(void **state)
{
	struct court court;

	open_with_a_newcomer(&court);
	pass(&court, 5'000);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_no_breach(&court);
	pass(&court, 60'000);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-3 of stage 1 is not done");
	close_court(&court);
}

static void one_that_lists_do_not_tell_of_can_not_be_known(void **state)
{
	struct court court;

	open_with_a_newcomer(&court);
	pass(&court, 60'000);
	ask(&court, REQUEST_LIST, "", OUTCOME_OK);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_no_breach(&court);
	pass(&court, 60'000);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-3 of stage 1 is not done");
	close_court(&court);
}

static void label(struct court *court, const char *name, const char *labels)
{
	struct app *app = story_edit(&court->story, name);

	pair_list_drop(app->labels);
	app->labels = pairs_of(str_of(labels));
	argo_apply_app(court->story.argo, app);
	follow(court);
}

static void one_that_moves_stays_unless_it_moves_at_once(void **state)
{
	struct court court;

	open_case(&court);
	label(&court, "test-1", "env=prd");
	sync_well(&court, "test-2", court.r2);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_BUSY);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_no_breach(&court);
	pass(&court, 60'000);
	label(&court, "test-2", "env=no");
	argo_drift(court.story.argo, STR("test-2"));
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_no_breach(&court);
	close_court(&court);

	open_case(&court);
	pass(&court, 60'000);
	label(&court, "test-1", "env=no");
	sync_well(&court, "test-2", court.r2);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 is not done");
	close_court(&court);
}

static void one_that_is_gone_for_long_is_missed(void **state)
{
	struct court court;

	open_case(&court);
	argo_delete_app(court.story.argo, STR("test-1"));
	sync_well(&court, "test-2", court.r2);
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_BUSY);
	assert_no_breach(&court); /* it went before anybody could see it */
	close_court(&court);

	open_case(&court);
	pass(&court, 120'000);
	argo_delete_app(court.story.argo, STR("test-1"));
	sync_well(&court, "test-2", court.r2);
	send_it(&court, REQUEST_SYNC, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 is not done");
	close_court(&court);
}

static void who_is_left_out_is_not_asked_about(void **state)
{
	struct court court;
	struct str left_out = STR("test-2");

	open_court(&court);
	court.r2 = story_push(&court.story, "two");
	struct order order = {.revision = court.r2,
			      .stages = court.stages,
			      .stage_count = 2,
			      .left_out = &left_out,
			      .left_out_count = 1};
	judge_watch(court.judge, &order, court.story.now);
	sync_well(&court, "prd-1", court.r1);
	assert_no_breach(&court); /* at another revision */
	story_move(&court.story, "test-1", court.r2);
	story_move(&court.story, "prd-1", court.r2);
	sync_well(&court, "test-1", court.r2);
	sync_it(&court, "prd-1", court.r2);
	assert_no_breach(&court);
	close_court(&court);
}

static void whoever_is_watched_is_held_to_the_order(void **state)
{
	struct court court;

	open_case(&court);
	judge_watch(court.judge, &court.order, court.story.now);
	argo_patch_operation(court.story.argo, STR("prd-1"),
			     &(struct op_request){.revisions.revision = court.r2});
	follow(&court);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 is not done");
	close_court(&court);
}

/* ---- S4 ---- */

static void an_operation_at_another_revision_is_a_breach(void **state)
{
	struct court court;

	open_case(&court);
	sync_it(&court, "test-1", court.r1);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S4), 1);
	story_until(&court.story, "test-1", is_over);
	follow(&court);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S4), 2);
	close_court(&court);
}

static void an_operation_that_is_not_full_is_a_breach(void **state)
{
	struct court court;

	open_case(&court);
	sync_as(&court, "test-1",
		(struct op_request){.revisions.revision = court.r2, .dry_run = true});
	assert_breach(&court, 1, "S4: test-1: the run's operation is not full");
	story_until(&court.story, "test-1", is_over);
	sync_as(&court, "test-2",
		(struct op_request){.revisions.revision = court.r2, .strategy = STRATEGY_APPLY});
	assert_breach(&court, 2, "S4: test-2: the run's operation is not full");
	close_court(&court);
}

/* ---- S6 ---- */

static void what_its_own_operation_has_done_is_not_asked_for_again(void **state)
{
	struct court court;

	open_case(&court);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	sync_well(&court, "test-1", court.r2);
	argo_drift(court.story.argo, STR("test-1"));
	pass(&court, 1'000);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_no_breach(&court);
	sync_well(&court, "test-1", court.r2);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S6: test-1 is asked for again, and its own operation has made it done");
	close_court(&court);
}

static void after_an_unknown_outcome_it_has_to_look(void **state)
{
	struct court court;

	open_case(&court);
	send_it(&court, REQUEST_GET, "test-1");
	uint32_t before = court.last_request;
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_CUT);
	ask(&court, REQUEST_GET, "test-1", OUTCOME_OK);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_TIMEOUT);
	assert_no_breach(&court);
	court.is_careless = true;
	answer(&court, before, OUTCOME_OK); /* that was asked too early */
	ask(&court, REQUEST_GET, "test-1", OUTCOME_TIMEOUT);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S6: test-1 is asked for again, and nobody has looked what became of the "
		      "last time");
	close_court(&court);
}

static void three_times_are_enough(void **state)
{
	struct court court;

	open_case(&court);
	for (int i = 0; i < 3; i++)
		ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_BUSY);
	assert_no_breach(&court);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_breach(&court, 1, "S6: test-1 was asked for 4 times");
	close_court(&court);
}

static void two_at_a_time_are_too_many(void **state)
{
	struct court court;

	open_case(&court);
	send_it(&court, REQUEST_SYNC, "test-1");
	send_it(&court, REQUEST_SYNC, "test-1");
	assert_breach(&court, 1, "S6: test-1 is asked for again, and the answer is still to come");
	close_court(&court);
}

/* ---- S9 ---- */

static void more_at_a_time_than_the_plan_says_is_a_breach(void **state)
{
	struct court court;

	open_case(&court);
	court.plan.concurrency = 1;
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	sync_it(&court, "test-1", court.r2);
	ask(&court, REQUEST_SYNC, "test-2", OUTCOME_BUSY);
	assert_breach(&court, 1, "S9: 2 Applications are synced at a time, of 1");
	story_until(&court.story, "test-1", is_over);
	follow(&court);
	ask(&court, REQUEST_SYNC, "test-2", OUTCOME_OK);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void what_it_gave_up_aloud_is_off_the_count(void **state)
{
	struct court court;
	struct note failed = {.type = NOTE_APP, .name = STR("test-1"), .phase = PHASE_FAILED};

	open_case(&court);
	court.plan.concurrency = 1;
	court.plan.keep_going = true;
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	sync_it(&court, "test-1", court.r2);
	judge_told(court.judge, court.run, &failed, STR("test-1 has failed"), court.story.now);
	ask(&court, REQUEST_SYNC, "test-2", OUTCOME_OK);
	assert_no_breach(&court);
	close_court(&court);
}

/* ---- S8, S13 ---- */

static void tell(struct court *court, const struct note *note)
{
	judge_told(court->judge, court->run, note, STR("something"), court->story.now);
}

static void tell_app(struct court *court, const char *name, enum app_phase phase)
{
	tell(court, &(struct note){.type = NOTE_APP, .name = str_of(name), .phase = phase});
}

static void after_a_failure_nothing_is_asked_for(void **state)
{
	struct court court;

	open_case(&court);
	tell_app(&court, "test-1", PHASE_FAILED);
	ask(&court, REQUEST_SYNC, "test-2", OUTCOME_OK);
	assert_breach(&court, 1,
		      "S8: test-2 is asked for, and the run has said that it has failed");
	close_court(&court);
}

/* A List that shows one Application. */
static void list_it(struct court *court, const char *name)
{
	struct app_row row = {.name = str_of(name)};

	send_it(court, REQUEST_LIST, "");
	judge_heard(court->judge, court->run,
		    &(struct event){.type = EV_REPLY,
				    .reply = &(struct reply){.id = court->last_request,
							     .type = REQUEST_LIST,
							     .rows = &row,
							     .row_count = 1}},
		    court->story.now);
}

static void ask_as_stranger(struct court *court, const char *name, struct str revision)
{
	argo_patch_operation(court->story.argo, str_of(name),
			     &(struct op_request){.is_set = true, .revisions.revision = revision});
	follow(court);
}

/* Somebody syncs production while the first stage is at work; two Lists show one Application, and
 * production is asked for. */
static void sync_ahead(struct court *court, const char *listed)
{
	open_case(court);
	tell(court, &(struct note){.type = NOTE_STAGE, .stage = 1});
	read_it(court, REQUEST_GET, "prd-1");
	ask_as_stranger(court, "prd-1", court->r2);
	sync_well(court, "test-1", court->r2);
	sync_well(court, "test-2", court->r2);
	pass(court, 20'000);
	list_it(court, listed);
	list_it(court, listed);
	tell(court, &(struct note){.type = NOTE_STAGE, .stage = 2});
	ask(court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
}

static void somebody_who_syncs_ahead_ends_what_comes_later(void **state)
{
	struct court court;

	sync_ahead(&court, "prd-1");
	assert_breach(&court, 1,
		      "S13: prd-1 of stage 2 is asked for, and somebody had synced prd-1 while "
		      "stage 1 was at work");
	close_court(&court);
}

static void of_whom_no_list_shows_nobody_knows(void **state)
{
	struct court court;

	sync_ahead(&court, "test-1");
	assert_no_breach(&court);
	close_court(&court);
}

static void what_is_written_over_before_it_begins_is_no_sync(void **state)
{
	struct court court;

	open_case(&court);
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 1});
	read_it(&court, REQUEST_GET, "prd-1");
	argo_stop(court.story.argo, COMPONENT_CONTROLLER, 0);
	ask_as_stranger(&court, "prd-1", court.r2);
	ask_as_stranger(&court, "prd-1", court.r1);
	argo_start(court.story.argo, COMPONENT_CONTROLLER, 0);
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	pass(&court, 20'000);
	list_it(&court, "prd-1");
	list_it(&court, "prd-1");
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 2});
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_no_breach(&court);
	close_court(&court);
}

static void what_was_asked_for_before_the_reading_and_begins_after_it_is_a_sync(void **state)
{
	struct court court;

	open_case(&court);
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 1});
	argo_stop(court.story.argo, COMPONENT_CONTROLLER, 0);
	ask_as_stranger(&court, "prd-1", court.r2);
	read_it(&court, REQUEST_GET, "prd-1");
	argo_start(court.story.argo, COMPONENT_CONTROLLER, 0);
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	pass(&court, 20'000);
	list_it(&court, "prd-1");
	list_it(&court, "prd-1");
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 2});
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S13), 1);
	close_court(&court);
}

static void what_no_list_has_shown_yet_is_nobodys_fault(void **state)
{
	struct court court;

	open_case(&court);
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 1});
	read_it(&court, REQUEST_GET, "prd-1");
	ask_as_stranger(&court, "prd-1", court.r2);
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	tell(&court, &(struct note){.type = NOTE_STAGE, .stage = 2});
	ask(&court, REQUEST_SYNC, "prd-1", OUTCOME_OK);
	assert_no_breach(&court);
	close_court(&court);
}

/* ---- C1, C2 ---- */

static void who_is_said_to_be_done_has_to_have_been(void **state)
{
	struct court court;

	open_case(&court);
	read_it(&court, REQUEST_GET, "test-1");
	tell_app(&court, "test-1", PHASE_CONFIRMED);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_C1), 1);
	close_court(&court);
}

static void who_is_said_to_be_deleted_has_to_be(void **state)
{
	struct court court;
	struct note note = {.type = NOTE_APP,
			    .name = STR("test-1"),
			    .phase = PHASE_FAILED,
			    .cause = {.type = CAUSE_DELETED}};

	open_case(&court);
	tell(&court, &note);
	assert_breach(&court, 1, "C1: test-1 is said to be deleted, and never was");
	argo_delete_app(court.story.argo, STR("test-1"));
	pass(&court, 10'000);
	tell(&court, &note);
	assert_breach(&court, 1, "");
	close_court(&court);
}

/* Read before and after it was refreshed, as the promise wants it. */
static void prove_it(struct court *court, const char *name)
{
	read_it(court, REQUEST_GET, name);
	read_it(court, REQUEST_REFRESH, name);
}

static void done_and_done_still_rest_on_readings(void **state)
{
	struct court court;

	open_case(&court);
	read_it(&court, REQUEST_GET, "test-1");
	sync_well(&court, "test-1", court.r2);
	read_it(&court, REQUEST_GET, "test-1");
	tell_app(&court, "test-1", PHASE_DONE);
	assert_no_breach(&court);
	tell(&court, &(struct note){.type = NOTE_BARRIER});
	tell_app(&court, "test-1", PHASE_CONFIRMED);
	assert_breach(&court, 1,
		      "C2: test-1 is said to be done still, and no refresh was served since all "
		      "were done");
	prove_it(&court, "test-1");
	tell_app(&court, "test-1", PHASE_CONFIRMED);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void another_operation_is_not_done_still(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	read_it(&court, REQUEST_GET, "test-1");
	tell_app(&court, "test-1", PHASE_DONE);
	tell(&court, &(struct note){.type = NOTE_BARRIER});
	prove_it(&court, "test-1");
	pass(&court, 2'000);
	sync_well(&court, "test-1", court.r2);
	read_it(&court, REQUEST_GET, "test-1");
	tell_app(&court, "test-1", PHASE_CONFIRMED);
	assert_breach(&court, 1,
		      "C2: test-1 is said to be done still, and another operation is shown");
	close_court(&court);
}

static void an_operation_that_runs_is_not_done(void **state)
{
	struct court court;

	open_case(&court);
	sync_it(&court, "test-1", court.r2);
	pass(&court, 500);
	read_it(&court, REQUEST_GET, "test-1");
	tell_app(&court, "test-1", PHASE_DONE);
	assert_true(judge_breaches(court.judge, PROPERTY_C2) > 0);
	close_court(&court);
}

static void who_has_not_read_must_not_ask(void **state)
{
	struct court court;

	open_case(&court);
	court.is_careless = true;
	read_it(&court, REQUEST_GET, "test-1");
	pass(&court, 12'000);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_OK);
	assert_breach(&court, 1, "C2: test-1 is asked for, and was not read for 12s");
	close_court(&court);
}

/* ---- S11, S12 ---- */

static void to_end_well_all_have_to_be_done(void **state)
{
	struct court court;

	open_case(&court);
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	judge_ended(court.judge, court.run, 0, court.story.now);
	assert_breach(&court, 1, "S11: it ends 0, and prd-1 of stage 2 is not done");
	close_court(&court);

	open_case(&court);
	judge_ended(court.judge, court.run, 1, court.story.now);
	assert_no_breach(&court);
	close_court(&court);
}

static void a_stage_that_an_earlier_one_selects_too_is_not_empty(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].selector = &court.first;
	begin_run(&court, "two");
	sync_well(&court, "test-1", court.r2);
	sync_well(&court, "test-2", court.r2);
	judge_ended(court.judge, court.run, 0, court.story.now);
	assert_no_breach(&court);
	close_court(&court);
}

static void nothing_selected_does_not_end_well(void **state)
{
	struct court court;

	open_case(&court);
	struct plan plan = court.plan;
	plan.project = STR("other");
	size_t run = judge_begin(court.judge, &plan, &court.order, court.story.now);
	judge_ended(court.judge, run, 0, court.story.now);
	assert_breach(&court, 1, "S11: it ends 0, and a stage selects nothing");
	plan.is_dry_run = true;
	run = judge_begin(court.judge, &plan, &court.order, court.story.now);
	judge_ended(court.judge, run, 0, court.story.now);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void a_secret_is_heard_wherever_it_is_said(void **state)
{
	struct court court;
	struct note note = {.type = NOTE_WARNING};

	open_case(&court);
	judge_keep_secret(court.judge, STR("xyzzy"));
	judge_told(court.judge, court.run, &note, STR("token xyzzy is refused"), court.story.now);
	assert_breach(&court, 1, "S12: a secret is in what it tells");
	send_it(&court, REQUEST_GET, "xyzzy");
	assert_breach(&court, 2, "S12: a secret is in a request");
	sync_as(&court, "test-1",
		(struct op_request){.username = STR("xyzzy"), .revisions.revision = court.r2});
	assert_breach(&court, 3, "S12: a secret is in an operation");
	close_court(&court);
}

/* ---- L1, L3, L4 ---- */

static void in_a_healed_world_it_has_to_end(void **state)
{
	struct court court;

	open_case(&court);
	pass(&court, 5 * 3'600'000);
	assert_no_breach(&court);
	judge_heal(court.judge, court.story.now);
	pass(&court, 31 * 60'000);
	assert_no_breach(&court); /* half an hour, and its own minute */
	pass(&court, 1);
	assert_breach(&court, 1, "L1: all faults have been over for 31m, and it has not ended");
	close_court(&court);
}

static void who_is_started_anew_has_all_that_time(void **state)
{
	struct court court;

	open_case(&court);
	judge_heal(court.judge, court.story.now);
	pass(&court, 30 * 60'000);
	judge_heard(court.judge, court.run, &(struct event){.type = EV_START}, court.story.now);
	pass(&court, 31 * 60'000);
	assert_no_breach(&court);
	pass(&court, 1);
	assert_breach(&court, 1, "L1: all faults have been over for 31m, and it has not ended");
	pass(&court, 60'000);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void who_waits_waits_for_something(void **state)
{
	struct court court;

	open_case(&court);
	assert_true(judge_turned(court.judge, court.run, (instant){5}, court.story.now));
	send_it(&court, REQUEST_WATCH, "");
	assert_true(judge_turned(court.judge, court.run, INSTANT_NEVER, court.story.now));
	assert_no_breach(&court);
	answer(&court, court.last_request, OUTCOME_CUT);
	assert_true(judge_turned(court.judge, court.run, INSTANT_NEVER, court.story.now));
	assert_breach(&court, 1, "L3: it has not ended, and awaits nothing");
	close_court(&court);
}

static void who_asks_for_the_present_for_ever_is_stopped(void **state)
{
	struct court court;
	bool goes_on = true;

	open_case(&court);
	for (int i = 0; i < 20'000 && goes_on; i++) {
		judge_heard(court.judge, court.run,
			    &(struct event){.type = EV_TICK, .now.mono = {5}}, court.story.now);
		goes_on = judge_turned(court.judge, court.run, (instant){5}, court.story.now);
	}
	assert_false(goes_on);
	assert_breach(&court, 1, "L3: it asks for the present time, again and again");
	close_court(&court);
}

static void a_tick_before_its_time_asks_for_nothing(void **state)
{
	struct court court;
	struct event tick = {.type = EV_TICK, .now.mono = {5}};

	open_case(&court);
	assert_true(judge_turned(court.judge, court.run, (instant){5}, court.story.now));
	judge_heard(court.judge, court.run, &tick, court.story.now);
	ask(&court, REQUEST_SYNC, "test-1", OUTCOME_BUSY);
	assert_true(judge_turned(court.judge, court.run, (instant){6}, court.story.now));
	assert_no_breach(&court);
	court.is_careless = true;
	judge_heard(court.judge, court.run, &tick, court.story.now);
	send_it(&court, REQUEST_GET, "test-1");
	assert_no_breach(&court);
	send_it(&court, REQUEST_SYNC, "test-1");
	assert_breach(&court, 1,
		      "L3: test-1 is asked for at a tick before its time: that was due before");
	close_court(&court);
}

static void an_interrupt_ends_a_run(void **state)
{
	struct court court;

	open_case(&court);
	judge_interrupted(court.judge, 130, 130);
	assert_no_breach(&court);
	judge_interrupted(court.judge, 0, 143);
	assert_breach(&court, 1, "L4: it was interrupted, and ends 0 instead of 143");
	judge_interrupted(court.judge, -1, 130);
	assert_breach(&court, 2, "L4: it was interrupted, and goes on");
	close_court(&court);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_later_stage_before_the_earlier_one_is_a_breach),
		cmocka_unit_test(what_is_healthy_while_its_hook_runs_is_not_done),
		cmocka_unit_test(a_hook_that_failed_is_not_done),
		cmocka_unit_test(they_need_not_be_done_at_the_moment_of_asking),
		cmocka_unit_test(one_that_went_before_another_came_is_a_breach),
		cmocka_unit_test(a_moment_within_a_millisecond_is_an_instant),
		cmocka_unit_test(what_a_commit_does_not_change_needs_no_job),
		cmocka_unit_test(what_was_done_before_the_run_was_not_done_in_it),
		cmocka_unit_test(a_newcomer_is_asked_about_when_it_can_be_known),
		cmocka_unit_test(one_that_lists_do_not_tell_of_can_not_be_known),
		cmocka_unit_test(one_that_moves_stays_unless_it_moves_at_once),
		cmocka_unit_test(one_that_is_gone_for_long_is_missed),
		cmocka_unit_test(who_is_left_out_is_not_asked_about),
		cmocka_unit_test(whoever_is_watched_is_held_to_the_order),
		cmocka_unit_test(an_operation_at_another_revision_is_a_breach),
		cmocka_unit_test(an_operation_that_is_not_full_is_a_breach),
		cmocka_unit_test(what_its_own_operation_has_done_is_not_asked_for_again),
		cmocka_unit_test(after_an_unknown_outcome_it_has_to_look),
		cmocka_unit_test(three_times_are_enough),
		cmocka_unit_test(two_at_a_time_are_too_many),
		cmocka_unit_test(more_at_a_time_than_the_plan_says_is_a_breach),
		cmocka_unit_test(what_it_gave_up_aloud_is_off_the_count),
		cmocka_unit_test(after_a_failure_nothing_is_asked_for),
		cmocka_unit_test(somebody_who_syncs_ahead_ends_what_comes_later),
		cmocka_unit_test(of_whom_no_list_shows_nobody_knows),
		cmocka_unit_test(what_is_written_over_before_it_begins_is_no_sync),
		cmocka_unit_test(
			what_was_asked_for_before_the_reading_and_begins_after_it_is_a_sync),
		cmocka_unit_test(what_no_list_has_shown_yet_is_nobodys_fault),
		cmocka_unit_test(who_is_said_to_be_done_has_to_have_been),
		cmocka_unit_test(who_is_said_to_be_deleted_has_to_be),
		cmocka_unit_test(done_and_done_still_rest_on_readings),
		cmocka_unit_test(another_operation_is_not_done_still),
		cmocka_unit_test(an_operation_that_runs_is_not_done),
		cmocka_unit_test(who_has_not_read_must_not_ask),
		cmocka_unit_test(to_end_well_all_have_to_be_done),
		cmocka_unit_test(a_stage_that_an_earlier_one_selects_too_is_not_empty),
		cmocka_unit_test(nothing_selected_does_not_end_well),
		cmocka_unit_test(a_secret_is_heard_wherever_it_is_said),
		cmocka_unit_test(in_a_healed_world_it_has_to_end),
		cmocka_unit_test(who_is_started_anew_has_all_that_time),
		cmocka_unit_test(who_waits_waits_for_something),
		cmocka_unit_test(who_asks_for_the_present_for_ever_is_stopped),
		cmocka_unit_test(a_tick_before_its_time_asks_for_nothing),
		cmocka_unit_test(an_interrupt_ends_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
