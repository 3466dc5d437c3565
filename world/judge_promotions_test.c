#include "world/judge.h"

#include "testing.h"

/* The one of tests/support. */
#include <story.h>

#include <stdio.h>

enum { SECOND = 1'000, MINUTE = 60 * SECOND };

/* Test and production, an Application each; alice has begun a promotion of them. Nobody steers Argo
 * CD: what the promotion would say, send and save is said to the judge. */
struct court {
	struct story story;
	struct judge *judge;
	struct selector selectors[2];
	struct plan_stage stages[2];
	struct plan plan;
	struct order order;
	size_t run;
	uint32_t requests;
	uint64_t saved;
	char said[1024]; /* the last breach */
};

static const struct str sre[] = {STR("sre")};
static const struct approver approvers[] = {{.is_group = true, .name = STR("sre")}};
static const struct person alice = {
	.uid = 1, .name = STR("alice"), .groups = sre, .group_count = 1};
static const struct person bob = {.uid = 2, .name = STR("bob"), .groups = sre, .group_count = 1};
static const struct person eve = {.uid = 3, .name = STR("eve")};
static const struct person owner = {.uid = 4, .name = STR("owner"), .is_owner = true};

static void on_breach(void *self, enum property property, struct str what)
{
	struct court *court = self;

	(void)snprintf(court->said, sizeof court->said, "%s: " STR_FMT, property_name(property),
		       STR_ARG(what));
}

static void pass(struct court *court, int64_t ms)
{
	story_wait(&court->story, ms);
	argo_advance(court->story.argo, court->story.now);
	judge_follow(court->judge, court->story.now);
}

static void make_app(struct court *court, const char *name, const char *labels, struct str revision)
{
	struct app *app = story_made(&court->story, name, revision);

	pair_list_drop(app->labels);
	app->labels = pairs_of(str_of(labels));
	argo_apply_app(court->story.argo, app);
}

static void add_app(struct court *court, const char *name, const char *labels, struct str revision)
{
	make_app(court, name, labels, revision);
	story_until(&court->story, name, is_compared);
	argo_patch_operation(court->story.argo, str_of(name),
			     &(struct op_request){.revisions.revision = revision});
	story_until(&court->story, name, is_settled);
}

static void save(struct court *court, struct entry entry)
{
	judge_handed(court->judge, court->run, 1);
	judge_saved(court->judge, court->run, &entry, court->story.now);
	judge_heard(court->judge, court->run,
		    &(struct event){.type = EV_SAVED, .saved = ++court->saved}, court->story.now);
}

/* All is at the revision: nobody has to sync anything to be done. */
static void open_court(struct court *court)
{
	struct err err;

	*court = (struct court){0};
	story_begin(&court->story, NULL);
	struct str revision = story_push(&court->story, "one");
	assert_int_equal(selector_parse(STR("env=test"), &court->selectors[0], &err), 0);
	assert_int_equal(selector_parse(STR("env=prd"), &court->selectors[1], &err), 0);
	for (int i = 0; i < 2; i++)
		court->stages[i] = (struct plan_stage){.selector = &court->selectors[i]};
	court->stages[1].gate = (struct gate_rule){
		.is_asked = true, .approvers = approvers, .approver_count = 1, .count = 1};
	add_app(court, "test-1", "env=test", revision);
	add_app(court, "prd-1", "env=prd", revision);
	court->judge = judge_new(court->story.argo,
				 &(struct judge_config){.on_breach = on_breach, .self = court},
				 court->story.now);
	court->plan = (struct plan){
		.run = STR("run"),
		.project = STR("demo"),
		.revision = revision,
		.stages = court->stages,
		.stage_count = 2,
		.concurrency = 3,
		.is_promotion = true,
		.submitter_uid = alice.uid,
		.hash = STR("hash"),
	};
	court->order = (struct order){
		.revision = revision, .stages = court->stages, .stage_count = 2};
	court->run = judge_begin(court->judge, &court->plan, &court->order, court->story.now);
	pass(court, 10 * MINUTE);
	save(court, (struct entry){.type = ENTRY_MEMBER, .app = 0, .name = STR("test-1")});
	save(court, (struct entry){.type = ENTRY_MEMBER, .app = 1, .name = STR("prd-1")});
	save(court, (struct entry){.type = ENTRY_STAGE, .stage = 0});
}

static void close_court(struct court *court)
{
	judge_free(court->judge);
	for (int i = 0; i < 2; i++)
		selector_release(&court->selectors[i]);
	story_end(&court->story);
}

static uint32_t breaches(const struct court *court)
{
	uint32_t n = 0;

	for (int i = 0; i < PROPERTY_COUNT; i++)
		n += judge_breaches(court->judge, (enum property)i);
	return n;
}

/* So many so far, and this is what was said of the last; it is forgotten. */
#define assert_breach(court, n, words)                                                             \
	do {                                                                                       \
		assert_string_equal((court)->said, words);                                         \
		assert_int_equal(breaches(court), n);                                              \
		(court)->said[0] = '\0';                                                           \
	} while (0)

#define assert_no_breach(court) assert_breach(court, 0, "")

static void begin_production(struct court *court)
{
	save(court, (struct entry){.type = ENTRY_STAGE, .stage = 1});
	judge_told(court->judge, court->run, &(struct note){.type = NOTE_STAGE, .stage = 2},
		   STR(""), court->story.now);
}

static void open_gate(struct court *court)
{
	save(court,
	     (struct entry){.type = ENTRY_GATE, .app = APP_NONE, .stage = 1, .nonce = STR("one")});
}

/* Somebody says so, and it is saved as an approval of the gate that is open. */
static void approve(struct court *court, const struct person *who, const char *nonce,
		    const char *hash)
{
	judge_said(court->judge, court->run,
		   &(struct instruction){.type = INSTRUCTION_APPROVE,
					 .who = *who,
					 .nonce = str_of(nonce),
					 .plan_hash = str_of(hash)});
	save(court, (struct entry){.type = ENTRY_APPROVED,
				   .app = APP_NONE,
				   .stage = 1,
				   .nonce = STR("one"),
				   .uid_of_who = who->uid});
}

static void instruct(struct court *court, enum instruction_type type)
{
	judge_said(court->judge, court->run,
		   &(struct instruction){.id = 7, .type = type, .who = owner});
}

static void answer(struct court *court, int code)
{
	judge_answered(court->judge, court->run,
		       &(struct instruction_answer){.id = 7, .code = code}, court->story.now);
}

static void list(struct court *court)
{
	judge_sent(court->judge, court->run,
		   &(struct request){.id = ++court->requests, .type = REQUEST_LIST},
		   court->story.now);
	judge_heard(
		court->judge, court->run,
		&(struct event){.type = EV_REPLY, .reply = &(struct reply){.id = court->requests}},
		court->story.now);
}

static void read_it(struct court *court, const char *name)
{
	struct application seen = {.is_compared = true, .sync_revision = court->plan.revision};
	uint32_t id = ++court->requests;

	judge_sent(court->judge, court->run,
		   &(struct request){.id = id, .type = REQUEST_GET, .name = str_of(name)},
		   court->story.now);
	judge_heard(court->judge, court->run,
		    &(struct event){.type = EV_REPLY,
				    .reply = &(struct reply){.id = id, .application = &seen}},
		    court->story.now);
}

static void send_sync(struct court *court, const char *name)
{
	read_it(court, name);
	judge_sent(court->judge, court->run,
		   &(struct request){.id = ++court->requests,
				     .type = REQUEST_SYNC,
				     .name = str_of(name),
				     .revision = court->plan.revision},
		   court->story.now);
}

/* ---- S2 ---- */

#define NO_APPROVAL "S2: stage 2 is at work, and of 1 approvals of its gate the journal holds 0"

static void a_stage_needs_its_approval(void **state)
{
	struct court court;

	open_court(&court);
	open_gate(&court);
	begin_production(&court);
	assert_breach(&court, 1, NO_APPROVAL);
	close_court(&court);
}

static void who_may_approves_this_gate_of_this_plan(void **state)
{
	static const struct {
		const struct person *who;
		const char *nonce, *hash, *said;
	} cases[] = {
		{&bob, "one", "hash", ""},
		{&bob, "another", "hash", NO_APPROVAL},
		{&bob, "one", "another", NO_APPROVAL},
		{&eve, "one", "hash", NO_APPROVAL},
		{&owner, "one", "hash", NO_APPROVAL},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct court court;
		open_court(&court);
		open_gate(&court);
		approve(&court, cases[i].who, cases[i].nonce, cases[i].hash);
		begin_production(&court);
		assert_breach(&court, cases[i].said[0] != '\0', cases[i].said);
		close_court(&court);
	}
}

static void two_are_two_people(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].gate.count = 2;
	open_gate(&court);
	approve(&court, &bob, "one", "hash");
	approve(&court, &bob, "one", "hash");
	begin_production(&court);
	assert_breach(&court, 1,
		      "S2: stage 2 is at work, and of 2 approvals of its gate the journal holds 1");
	approve(&court, &alice, "one", "hash");
	judge_told(court.judge, court.run, &(struct note){.type = NOTE_STAGE, .stage = 2}, STR(""),
		   court.story.now);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void who_began_it_is_nobody_where_that_is_said(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].gate.not_submitter = true;
	open_gate(&court);
	approve(&court, &alice, "one", "hash");
	begin_production(&court);
	assert_breach(&court, 1, NO_APPROVAL);
	close_court(&court);
}

/* ---- S13 ---- */

/* Somebody syncs production just before a kill; whether it had been read by then is written or not.
 * The Lists of the next process show it, and production begins. */
static void sync_ahead_and_fall(struct court *court, bool is_reading_written)
{
	struct app_row row = {.name = STR("prd-1")};

	open_court(court);
	court->stages[1].gate = (struct gate_rule){0};
	read_it(court, "prd-1");
	if (is_reading_written)
		save(court, (struct entry){.type = ENTRY_READ, .app = 1});
	argo_patch_operation(
		court->story.argo, row.name,
		&(struct op_request){.is_set = true, .revisions.revision = court->plan.revision});
	pass(court, 2'000);
	judge_fell(court->judge, court->run);
	judge_heard(court->judge, court->run, &(struct event){.type = EV_START}, court->story.now);
	court->requests = 0;
	court->saved = 0;
	pass(court, 20'000);
	for (int i = 0; i < 2; i++) {
		judge_sent(court->judge, court->run,
			   &(struct request){.id = ++court->requests, .type = REQUEST_LIST},
			   court->story.now);
		judge_heard(court->judge, court->run,
			    &(struct event){.type = EV_REPLY,
					    .reply = &(struct reply){.id = court->requests,
								     .rows = &row,
								     .row_count = 1}},
			    court->story.now);
	}
	begin_production(court);
	send_sync(court, "prd-1");
}

static void who_was_read_before_a_kill_is_a_strangers_after_it(void **state)
{
	struct court court;

	sync_ahead_and_fall(&court, true);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S13), 1);
	close_court(&court);
}

static void what_was_read_and_not_written_is_read_as_if_for_the_first_time(void **state)
{
	struct court court;

	sync_ahead_and_fall(&court, false);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S13), 0);
	close_court(&court);
}

/* ---- S3 ---- */

static void open_soaking(struct court *court)
{
	open_court(court);
	court->stages[1].gate = (struct gate_rule){0};
	court->stages[0].soak.for_ms = MINUTE;
	save(court, (struct entry){.type = ENTRY_SOAKED, .app = APP_NONE});
}

static void write_soaked(struct court *court, enum entry_type type, int64_t ms)
{
	save(court, (struct entry){.type = type, .app = APP_NONE, .soaked_ms = ms});
}

static void watch(struct court *court, int64_t ms)
{
	for (int64_t gone = 0; gone < ms; gone += 10 * SECOND) {
		list(court);
		pass(court, 10 * SECOND);
	}
	list(court);
}

static void hear_of_a_newcomer(struct court *court)
{
	make_app(court, "late-1", "env=test", court->plan.revision);
	judge_heard(court->judge, court->run,
		    &(struct event){.type = EV_WATCHED,
				    .watched = &(struct application){.name = STR("late-1")}},
		    court->story.now);
}

/* Another one of the first stage, that nobody has synced; the watch tells of it, and that much
 * later the beginning of the soak is durable. */
static void begin_soak_with_a_newcomer(struct court *court, int64_t after_ms)
{
	open_court(court);
	court->stages[0].soak.for_ms = MINUTE;
	hear_of_a_newcomer(court);
	pass(court, after_ms);
	save(court, (struct entry){.type = ENTRY_SOAKED, .app = APP_NONE});
}

static void no_soak_begins_while_one_that_is_known_was_never_done(void **state)
{
	struct court court;

	begin_soak_with_a_newcomer(&court, 200);
	assert_breach(&court, 1, "S3: the soak of stage 1 begins, and late-1 was never done");
	close_court(&court);
}

static void who_comes_between_that_decision_and_its_save_was_not_known(void **state)
{
	struct court court;

	begin_soak_with_a_newcomer(&court, 20);
	assert_no_breach(&court);
	close_court(&court);
}

static void a_soak_is_over_when_it_was_watched_for_so_long(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, MINUTE);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	begin_production(&court);
	assert_no_breach(&court);
	close_court(&court);
}

static void no_stage_begins_before_the_soak_is_over(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, MINUTE);
	write_soaked(&court, ENTRY_SOAKED, MINUTE - 1);
	begin_production(&court);
	assert_breach(&court, 1, "S3: stage 2 is at work, and the soak of stage 1 is not over");
	close_court(&court);
}

static void a_soak_is_not_shorter_than_it_is_said_to_be(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, 50 * SECOND);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	assert_breach(&court, 1, "S3: the soak of stage 1 is over after 50s");
	close_court(&court);
}

static void what_nobody_watched_is_no_soak(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, 10 * SECOND);
	pass(&court, 51 * SECOND);
	list(&court);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	assert_breach(&court, 1,
		      "S3: the soak of stage 1 is over, and it was watched for 10s only");
	close_court(&court);
}

static void nobody_watches_while_it_is_down(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, 30 * SECOND);
	judge_fell(court.judge, court.run);
	court.saved = 0;
	pass(&court, 30 * SECOND);
	list(&court);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	assert_breach(&court, 1,
		      "S3: the soak of stage 1 is over, and it was watched for 30s only");
	close_court(&court);
}

static void what_is_broken_begins_anew(void **state)
{
	struct court court;

	open_soaking(&court);
	watch(&court, 30 * SECOND);
	write_soaked(&court, ENTRY_BREACH, 0);
	watch(&court, 30 * SECOND);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	assert_breach(&court, 1, "S3: the soak of stage 1 is over after 30s");
	close_court(&court);
}

static void or_goes_on_where_the_file_says_so(void **state)
{
	struct court court;

	open_soaking(&court);
	court.stages[0].soak.on_breach = BREACH_EXTEND;
	watch(&court, 30 * SECOND);
	write_soaked(&court, ENTRY_BREACH, 30 * SECOND);
	watch(&court, 30 * SECOND);
	write_soaked(&court, ENTRY_SOAKED, MINUTE);
	assert_no_breach(&court);
	close_court(&court);
}

static void who_is_seen_to_be_ill_breaks_it(void **state)
{
	for (int is_extending = 0; is_extending <= 1; is_extending++) {
		struct court court;
		open_soaking(&court);
		if (is_extending)
			court.stages[0].soak.on_breach = BREACH_EXTEND;
		argo_set_live_health(court.story.argo, STR("test-1"), HEALTH_DEGRADED);
		pass(&court, SECOND);
		watch(&court, 100 * SECOND);
		write_soaked(&court, ENTRY_SOAKED, MINUTE);
		assert_breach(&court, 1 - is_extending,
			      is_extending ? ""
					   : "S3: the soak of stage 1 is over, and it was watched "
					     "for 0s only");
		close_court(&court);
	}
}

/* ---- S1, S7, S8 ---- */

static void write_post(struct court *court, uint32_t app, uint32_t attempt)
{
	save(court, (struct entry){.type = ENTRY_POST, .app = app, .attempt = attempt});
}

static void what_is_paused_asks_for_nothing(void **state)
{
	struct court court;

	open_court(&court);
	save(&court, (struct entry){.type = ENTRY_PAUSED});
	write_post(&court, 0, 1);
	send_sync(&court, "test-1");
	assert_breach(&court, 1, "S7: test-1 is asked for, and it is paused");
	close_court(&court);
}

static void until_it_is_resumed(void **state)
{
	struct court court;

	open_court(&court);
	save(&court, (struct entry){.type = ENTRY_PAUSED});
	save(&court, (struct entry){.type = ENTRY_RESUMED});
	write_post(&court, 0, 1);
	send_sync(&court, "test-1");
	assert_no_breach(&court);
	close_court(&court);
}

static void a_stage_begins_on_what_was_read_after_that(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].gate = (struct gate_rule){0};
	judge_told(court.judge, court.run, &(struct note){.type = NOTE_BARRIER, .stage = 1},
		   STR(""), court.story.now);
	pass(&court, SECOND);
	save(&court, (struct entry){.type = ENTRY_RESUMED});
	begin_production(&court);
	assert_breach(&court, 1,
		      "S7: stage 2 begins on what was read once more before somebody resumed");
	judge_told(court.judge, court.run, &(struct note){.type = NOTE_BARRIER, .stage = 1},
		   STR(""), court.story.now);
	judge_told(court.judge, court.run, &(struct note){.type = NOTE_STAGE, .stage = 2}, STR(""),
		   court.story.now);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void what_is_terminated_asks_for_nothing(void **state)
{
	struct court court;

	open_court(&court);
	save(&court, (struct entry){.type = ENTRY_TERMINATED});
	write_post(&court, 0, 1);
	send_sync(&court, "test-1");
	assert_breach(&court, 1, "S8: test-1 is asked for, and somebody has said no");
	close_court(&court);
}

static void who_is_reopened_holds_those_after_it(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].gate = (struct gate_rule){0};
	begin_production(&court);
	save(&court, (struct entry){.type = ENTRY_REOPENED, .app = 0});
	write_post(&court, 1, 1);
	send_sync(&court, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 is reopened");
	close_court(&court);
}

/* It has heard of one more of test so long before a sync of production leaves. */
static void sync_after_a_newcomer(struct court *court, int64_t after_ms)
{
	open_court(court);
	court->stages[1].gate = (struct gate_rule){0};
	begin_production(court);
	hear_of_a_newcomer(court);
	pass(court, after_ms);
	write_post(court, 1, 1);
	send_sync(court, "prd-1");
}

static void who_comes_while_a_decision_is_saved_does_not_hold_it(void **state)
{
	struct court court;

	sync_after_a_newcomer(&court, 20);
	assert_no_breach(&court);
	close_court(&court);
	sync_after_a_newcomer(&court, 200);
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and late-1 of stage 1 is not done");
	close_court(&court);
}

static void who_was_done_before_the_barrier_alone_holds_them_too(void **state)
{
	struct court court;

	open_court(&court);
	court.stages[1].gate = (struct gate_rule){0};
	argo_set_live_health(court.story.argo, STR("test-1"), HEALTH_DEGRADED);
	pass(&court, SECOND);
	judge_told(court.judge, court.run, &(struct note){.type = NOTE_BARRIER, .stage = 1},
		   STR(""), court.story.now);
	begin_production(&court);
	write_post(&court, 1, 1);
	send_sync(&court, "prd-1");
	assert_breach(&court, 1,
		      "S1: prd-1 of stage 2 is to be synced, and test-1 of stage 1 was done no "
		      "more when the barrier began");
	close_court(&court);
}

/* ---- C1 ---- */

static void who_is_relabelled_into_a_stage_may_have_been_done_before(void **state)
{
	struct court court;

	open_court(&court);
	add_app(&court, "other-1", "env=none", court.plan.revision);
	pass(&court, SECOND);
	make_app(&court, "other-1", "env=test", court.plan.revision);
	pass(&court, SECOND);
	judge_told(court.judge, court.run,
		   &(struct note){.type = NOTE_APP, .name = STR("other-1"), .phase = PHASE_DONE},
		   STR(""), court.story.now);
	assert_int_equal(judge_breaches(court.judge, PROPERTY_C1), 0);
	close_court(&court);
}

/* ---- S6 ---- */

/* What it has asked for is answered, and done. */
static void sync_by_itself(struct court *court, const char *name)
{
	struct op_request request = {.is_set = true,
				     .revisions.revision = court->plan.revision,
				     .infos = pair_list_new(1)};

	judge_heard(
		court->judge, court->run,
		&(struct event){.type = EV_REPLY, .reply = &(struct reply){.id = court->requests}},
		court->story.now);
	request.infos->v[0] = (struct pair){STR("tiphys"), STR("v1/run/uid/1")};
	argo_patch_operation(court->story.argo, str_of(name), &request);
	judge_follow(court->judge, court->story.now);
	op_request_drop(&request);
	story_until(&court->story, name, is_settled);
	judge_follow(court->judge, court->story.now);
}

static void what_its_own_operation_has_done_is_asked_for_again_by_a_retry_alone(void **state)
{
	struct court court;

	open_court(&court);
	write_post(&court, 0, 1);
	send_sync(&court, "test-1");
	sync_by_itself(&court, "test-1");
	save(&court, (struct entry){.type = ENTRY_ENDED, .app = 0});
	save(&court, (struct entry){.type = ENTRY_RETRIED});
	write_post(&court, 0, 2);
	send_sync(&court, "test-1");
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S6), 0);
	sync_by_itself(&court, "test-1");
	write_post(&court, 0, 3);
	send_sync(&court, "test-1");
	assert_int_equal(judge_breaches(court.judge, PROPERTY_S6), 1);
	close_court(&court);
}

/* ---- S14 ---- */

static void send_post(struct court *court, uint32_t attempt)
{
	char token[64];

	(void)snprintf(token, sizeof token, "v1/run/uid/%u", attempt);
	write_post(court, 0, attempt);
	read_it(court, "test-1");
	judge_sent(court->judge, court->run,
		   &(struct request){.id = ++court->requests,
				     .type = REQUEST_SYNC,
				     .name = STR("test-1"),
				     .revision = court->plan.revision,
				     .token = str_of(token)},
		   court->story.now);
}

/* The first POST was cut off by a kill and not seen, and made once more; then the run decides on
 * its end, and the second one is answered before that or after. */
static void end_as_a_post_is_answered(struct court *court, bool is_deaf, enum repeat told)
{
	struct overview_app app = {.name = STR("test-1")};
	struct overview_post post = {.attempt = 1, .repeat = told};
	struct overview overview = {.apps = &app, .app_count = 1, .posts = &post, .post_count = 1};

	open_court(court);
	send_post(court, 1);
	judge_fell(court->judge, court->run);
	court->saved = court->requests = 0;
	judge_heard(court->judge, court->run, &(struct event){.type = EV_START}, court->story.now);
	read_it(court, "test-1");
	save(court, (struct entry){.type = ENTRY_UNSEEN, .app = 0});
	send_post(court, 2);
	judge_deafen(court->judge, court->run, is_deaf);
	judge_heard(
		court->judge, court->run,
		&(struct event){.type = EV_REPLY, .reply = &(struct reply){.id = court->requests}},
		court->story.now);
	judge_pictured(court->judge, court->run, &overview, court->story.now);
}

static void a_post_whose_repeat_came_to_be_may_have_gone_out_twice(void **state)
{
	/* Also if its answer came too late to be heard. */
	for (int is_deaf = 0; is_deaf < 2; is_deaf++) {
		struct court court;
		end_as_a_post_is_answered(&court, is_deaf, REPEAT_ONCE);
		assert_breach(&court, 1,
			      "S14: test-1: POST 1 is said to have gone out once, and what it has "
			      "seen says otherwise");
		close_court(&court);
		end_as_a_post_is_answered(&court, is_deaf, REPEAT_POSSIBLY_TWICE);
		assert_no_breach(&court);
		close_court(&court);
	}
}

/* ---- S10 ---- */

static void what_is_asked_for_is_written_down_before(void **state)
{
	struct court court;

	open_court(&court);
	send_sync(&court, "test-1");
	assert_breach(&court, 1, "S10: test-1 is asked for, and the journal does not say so");
	close_court(&court);
}

static void what_is_accepted_is_written_down_before(void **state)
{
	struct court court;

	open_court(&court);
	instruct(&court, INSTRUCTION_PAUSE);
	answer(&court, EXIT_DONE);
	assert_breach(&court, 1,
		      "S10: 'pause' by owner is accepted, and the journal does not say so");
	save(&court, (struct entry){.type = ENTRY_PAUSED});
	answer(&court, EXIT_DONE);
	assert_breach(&court, 1, "");
	close_court(&court);
}

static void what_is_refused_need_not_be(void **state)
{
	struct court court;

	open_court(&court);
	instruct(&court, INSTRUCTION_TERMINATE);
	answer(&court, EXIT_CONFLICT);
	assert_no_breach(&court);
	close_court(&court);
}

static void nothing_is_written_down_twice(void **state)
{
	struct court court;

	open_court(&court);
	write_post(&court, 0, 1);
	judge_fell(court.judge, court.run);
	court.saved = 0;
	write_post(&court, 0, 1);
	assert_breach(&court, 1, "S10: test-1: POST 1 is written down, and 1 were before");
	open_gate(&court);
	open_gate(&court);
	assert_breach(&court, 2, "S10: the gate of stage 2 is opened twice");
	save(&court, (struct entry){.type = ENTRY_STAGE, .stage = 0});
	assert_breach(&court, 3, "S10: stage 1 begins, and 1 have begun: it was forgotten");
	close_court(&court);
}

static void an_end_is_written_down_before(void **state)
{
	struct court court;

	open_court(&court);
	judge_ended(court.judge, court.run, EXIT_FAILED, court.story.now);
	assert_breach(&court, 1, "S10: it ends 1, and the journal does not say so");
	close_court(&court);
}

/* ---- L2 ---- */

static void an_approval_is_followed_by_readings(void **state)
{
	struct court court;

	open_court(&court);
	open_gate(&court);
	approve(&court, &bob, "one", "hash");
	pass(&court, 2 * SECOND);
	assert_no_breach(&court);
	pass(&court, SECOND);
	assert_breach(&court, 1, "L2: its gate was passed 2s ago, and nothing is read once more");
	close_court(&court);
}

static void unless_something_else_has_come_between(void **state)
{
	struct court court;

	open_court(&court);
	open_gate(&court);
	save(&court, (struct entry){.type = ENTRY_REOPENED, .app = 0});
	approve(&court, &bob, "one", "hash");
	pass(&court, MINUTE);
	assert_no_breach(&court);
	close_court(&court);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage_needs_its_approval),
		cmocka_unit_test(who_may_approves_this_gate_of_this_plan),
		cmocka_unit_test(two_are_two_people),
		cmocka_unit_test(who_began_it_is_nobody_where_that_is_said),
		cmocka_unit_test(who_was_read_before_a_kill_is_a_strangers_after_it),
		cmocka_unit_test(what_was_read_and_not_written_is_read_as_if_for_the_first_time),
		cmocka_unit_test(no_soak_begins_while_one_that_is_known_was_never_done),
		cmocka_unit_test(who_comes_between_that_decision_and_its_save_was_not_known),
		cmocka_unit_test(a_soak_is_over_when_it_was_watched_for_so_long),
		cmocka_unit_test(no_stage_begins_before_the_soak_is_over),
		cmocka_unit_test(a_soak_is_not_shorter_than_it_is_said_to_be),
		cmocka_unit_test(what_nobody_watched_is_no_soak),
		cmocka_unit_test(nobody_watches_while_it_is_down),
		cmocka_unit_test(what_is_broken_begins_anew),
		cmocka_unit_test(or_goes_on_where_the_file_says_so),
		cmocka_unit_test(who_is_seen_to_be_ill_breaks_it),
		cmocka_unit_test(what_is_paused_asks_for_nothing),
		cmocka_unit_test(until_it_is_resumed),
		cmocka_unit_test(a_stage_begins_on_what_was_read_after_that),
		cmocka_unit_test(what_is_terminated_asks_for_nothing),
		cmocka_unit_test(who_is_reopened_holds_those_after_it),
		cmocka_unit_test(who_was_done_before_the_barrier_alone_holds_them_too),
		cmocka_unit_test(who_comes_while_a_decision_is_saved_does_not_hold_it),
		cmocka_unit_test(
			what_its_own_operation_has_done_is_asked_for_again_by_a_retry_alone),
		cmocka_unit_test(who_is_relabelled_into_a_stage_may_have_been_done_before),
		cmocka_unit_test(a_post_whose_repeat_came_to_be_may_have_gone_out_twice),
		cmocka_unit_test(what_is_asked_for_is_written_down_before),
		cmocka_unit_test(what_is_accepted_is_written_down_before),
		cmocka_unit_test(what_is_refused_need_not_be),
		cmocka_unit_test(nothing_is_written_down_twice),
		cmocka_unit_test(an_end_is_written_down_before),
		cmocka_unit_test(an_approval_is_followed_by_readings),
		cmocka_unit_test(unless_something_else_has_come_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
