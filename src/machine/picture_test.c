#include "machine/picture.h"

#include "run_story.h"
#include "testing.h"

struct scene {
	struct story *story;
	uint32_t test, stg;
	struct arena arena;
	struct overview overview;
};

static int set_up(void **state)
{
	struct scene *scene = test_calloc(1, sizeof *scene);

	scene->story = story_new();
	story_promotion(scene->story, 2);
	scene->test = toy_add_in(&scene->story->toy, "web-test", "env=test");
	scene->stg = toy_add_in(&scene->story->toy, "web-stg", "env=stg");
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	arena_release(&scene->arena);
	story_free(scene->story);
	test_free(scene);
	return 0;
}

static const struct why *see(struct scene *scene)
{
	struct story *story = scene->story;
	struct now now = {.mono = {story->toy.now_ms}, .turn = story->turns};

	picture_make(&story->run, &now, &scene->arena, &scene->overview);
	assert_true(scene->overview.why_count > 0);
	return &scene->overview.whys[0];
}

/* Goes on for so long, and looks. */
static const struct why *look(struct scene *scene, int64_t ms)
{
	struct toy *toy = &scene->story->toy;

	toy_go_on_until(toy, toy->now_ms - 1'000 + ms);
	return see(scene);
}

static void at_a_gate_it_is_people_who_are_waited_for(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[1].gate.is_asked = true;
	story_begin(scene->story);
	const struct why *why = look(scene, 600'000);
	assert_int_equal(why->type, WHY_GATE);
	assert_int_equal(why->stage, 1);
	assert_int_equal(scene->overview.stages[1].state, STAGE_AT_GATE);
	assert_false(str_empty(scene->overview.stages[1].nonce));
	assert_int_equal(scene->overview.stages[0].counts.by_phase[PHASE_DONE], 1);
}

static void an_application_at_work_says_what_it_waits_for(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].operation_ms = 100'000;
	story_begin(scene->story);
	const struct why *why = look(scene, 20'000);
	assert_int_equal(why->type, WHY_APP);
	assert_str_eq(why->app, STR("web-test"));
	assert_int_equal(why->cause.type, CAUSE_OPERATION);
	assert_int_equal(scene->overview.stages[0].state, STAGE_AT_WORK);
	assert_int_equal(scene->overview.stages[1].state, STAGE_TO_COME);
}

static void a_pause_comes_first_and_then_what_runs(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].operation_ms = 100'000;
	story_begin(scene->story);
	look(scene, 20'000);
	assert_int_equal(story_say(scene->story, "owner", INSTRUCTION_PAUSE), EXIT_DONE);
	const struct why *why = look(scene, 1'000);
	assert_int_equal(why->type, WHY_PAUSED);
	assert_str_eq(why->who, STR("owner"));
	assert_str_eq(why->text, STR("because"));
	assert_int_equal(scene->overview.whys[1].type, WHY_APP);
}

static void what_has_no_news_for_a_minute_is_stuck(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].operation_ms = 300'000;
	story_begin(scene->story);
	const struct why *why = look(scene, 40'000);
	assert_int_equal(why->type, WHY_APP);
	assert_false(why->is_stuck);
	why = look(scene, 80'000);
	assert_true(why->is_stuck);
	assert_in_range(why->still_ms, 60'000, 120'000);
}

static void who_is_stuck_comes_before_who_goes_on(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;
	uint32_t other = toy_add_in(toy, "web-test-2", "env=test");

	/* In this order they are seen, and are told of where none is stuck. */
	toy->apps.v[scene->test].operation_ms = 20'000;
	toy->apps.v[scene->test].settle_ms = 300'000;
	toy->apps.v[other].is_window_closed = true;
	story_begin(scene->story);
	const struct why *why = look(scene, 40'000);
	assert_str_eq(why->app, STR("web-test-2"));
	assert_int_equal(why->cause.type, CAUSE_WINDOW);
	assert_true(why->is_stuck);
	assert_str_eq(scene->overview.whys[1].app, STR("web-test"));
	assert_false(scene->overview.whys[1].is_stuck);
}

static void who_waits_for_a_slot_is_not_the_one_that_is_stuck(void **state)
{
	struct scene *scene = *state;
	uint32_t other = toy_add_in(&scene->story->toy, "web-test-2", "env=test");

	scene->story->stages[0].concurrency = 1;
	scene->story->toy.apps.v[scene->test].operation_ms = 300'000;
	scene->story->toy.apps.v[other].operation_ms = 300'000;
	story_begin(scene->story);
	const struct why *why = look(scene, 200'000);
	assert_int_equal(why->cause.type, CAUSE_OPERATION);
	assert_true(why->is_stuck);
	assert_int_equal(scene->overview.whys[1].cause.type, CAUSE_SLOT);
	assert_false(scene->overview.whys[1].is_stuck);
}

static void a_controller_that_is_down_is_named(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].is_controller_down = true;
	story_begin(scene->story);
	const struct why *why = look(scene, 60'000);
	assert_int_equal(why->type, WHY_APP);
	assert_int_equal(why->cause.type, CAUSE_CONTROLLER);
	assert_true(why->is_stuck);
}

static void who_is_ill_comes_before_people_who_are_asked(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[1].gate.is_asked = true;
	toy_later(&scene->story->toy, 60'000, scene->test, toy_degrade);
	story_begin(scene->story);
	const struct why *why = look(scene, 200'000);
	assert_int_equal(why->type, WHY_UNWELL);
	assert_str_eq(why->app, STR("web-test"));
	assert_int_equal(scene->overview.whys[1].type, WHY_GATE);
	assert_int_equal(scene->overview.why_count, 2);
}

static void a_soak_that_was_broken_says_so(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[0].soak.for_ms = 600'000;
	toy_later(&scene->story->toy, 60'000, scene->test, toy_degrade);
	toy_later(&scene->story->toy, 150'000, scene->test, toy_heal);
	story_begin(scene->story);
	assert_int_equal(look(scene, 300'000)->type, WHY_SOAK);
	assert_int_equal(scene->overview.stages[0].breaches, 1);
	assert_str_eq(scene->overview.stages[0].broken_by, STR("web-test"));
	story_restart(scene->story);
	see(scene);
	assert_int_equal(scene->overview.stages[0].breaches, 1);
}

static void who_keeps_a_soak_from_ending_is_named(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[0].soak.for_ms = 60'000;
	toy_later(&scene->story->toy, 50'000, scene->test, toy_progress);
	story_begin(scene->story);
	/* As long as some of it is left, it is not what is waited for. */
	assert_int_equal(look(scene, 55'000)->type, WHY_SOAK);
	const struct why *why = look(scene, 200'000);
	assert_int_equal(why->type, WHY_UNWELL);
	assert_int_equal(why->cause.type, CAUSE_HEALTH);
	assert_str_eq(why->app, STR("web-test"));
}

static void who_only_rolls_in_a_stage_before_is_not_what_is_waited_for(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	toy->apps.v[scene->stg].operation_ms = 300'000;
	story_begin(scene->story);
	look(scene, 60'000);
	assert_int_equal(scene->overview.stages[1].state, STAGE_AT_WORK);
	toy_progress(toy, scene->test);
	const struct why *why = look(scene, 30'000);
	assert_str_eq(why->app, STR("web-stg"));
	assert_int_equal(scene->overview.why_count, 1);
}

static void who_looks_sees_how_it_is_now(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	scene->story->stages[0].gate.is_asked = true;
	story_begin(scene->story);
	look(scene, 100'000);
	uint32_t lists = toy->requests[REQUEST_LIST];
	toy_deliver(toy, (struct event){.type = EV_LOOK});
	assert_int_equal(toy->requests[REQUEST_LIST], lists + 1);
}

static void one_that_is_terminated_says_what_it_still_ends(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	toy->apps.v[scene->test].operation_ms = 300'000;
	toy->apps.v[scene->test].terminates_never = true;
	story_begin(scene->story);
	look(scene, 20'000);
	struct instruction terminate = {.type = INSTRUCTION_TERMINATE,
					.who = {.name = STR("owner"), .is_owner = true},
					.reason = STR("it hangs"),
					.with_operations = true};
	assert_int_equal(story_instruct(scene->story, terminate), EXIT_DONE);
	const struct why *why = look(scene, 1'000);
	assert_int_equal(why->type, WHY_ENDING);
	assert_str_eq(why->who, STR("owner"));
	assert_str_eq(why->text, STR("it hangs"));
	assert_int_equal(scene->overview.whys[1].type, WHY_APP);
	assert_str_eq(scene->overview.whys[1].app, STR("web-test"));
}

static void a_soak_says_how_much_is_left(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[0].soak.for_ms = 600'000;
	story_begin(scene->story);
	const struct why *why = look(scene, 300'000);
	assert_int_equal(why->type, WHY_SOAK);
	assert_in_range(why->left_ms, 300'000, 350'000);
	assert_int_equal(scene->overview.stages[0].state, STAGE_SOAKING);
}

static void who_is_ill_in_the_soak_is_named(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[0].soak.for_ms = 600'000;
	toy_later(&scene->story->toy, 60'000, scene->test, toy_degrade);
	story_begin(scene->story);
	const struct why *why = look(scene, 200'000);
	assert_int_equal(why->type, WHY_UNWELL);
	assert_str_eq(why->app, STR("web-test"));
	assert_int_equal(scene->overview.whys[1].type, WHY_SOAK);
}

static void a_server_that_is_away_is_the_first_reason(void **state)
{
	struct scene *scene = *state;

	scene->story->stages[1].gate.is_asked = true;
	toy_fail_all(&scene->story->toy, (struct toy_fault){.outcome = OUTCOME_UNREACHABLE,
							    .message = STR(""),
							    .from_ms = 300'000});
	story_begin(scene->story);
	const struct why *why = look(scene, 600'000);
	assert_int_equal(why->type, WHY_SERVER);
	assert_int_equal(why->cause.type, CAUSE_SERVER);
	assert_str(why->cause.message, "server unreachable");
	/* People are asked all the same. */
	assert_int_equal(scene->overview.whys[1].type, WHY_GATE);
	assert_int_equal(scene->overview.why_count, 2);
}

static void credentials_that_are_not_accepted_are_told_from_a_server_that_is_away(void **state)
{
	struct scene *scene = *state;

	toy_fail_all(&scene->story->toy,
		     (struct toy_fault){.outcome = OUTCOME_UNAUTHENTICATED, .from_ms = 30'000});
	scene->story->toy.apps.v[scene->test].operation_ms = 100'000;
	story_begin(scene->story);
	const struct why *why = look(scene, 60'000);
	assert_int_equal(why->type, WHY_SERVER);
	assert_int_equal(why->cause.type, CAUSE_CREDENTIALS);
}

static void a_watch_that_cannot_be_had_is_followed_by_a_look_at_the_fleet(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	scene->story->stages[0].gate.is_asked = true;
	story_begin(scene->story);
	assert_int_equal(look(scene, 100'000)->type, WHY_GATE);
	uint32_t lists = toy->requests[REQUEST_LIST];
	toy_fail_all(toy,
		     (struct toy_fault){.outcome = OUTCOME_UNREACHABLE, .from_ms = toy->now_ms});
	toy_cut_watch(toy, APP_NONE);
	assert_int_equal(look(scene, 3'000)->type, WHY_SERVER);
	assert_true(toy->requests[REQUEST_LIST] > lists);
}

static void a_stranger_holds_it(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].operation_ms = 30'000;
	toy_later(&scene->story->toy, 10'000, scene->stg, toy_sync_by_stranger);
	story_begin(scene->story);
	const struct why *why = look(scene, 600'000);
	assert_int_equal(why->type, WHY_HELD);
	assert_str_eq(why->app, STR("web-stg"));
	assert_false(str_empty(why->who));
	/* Of what Argo CD does not show, or no more, nobody is named. */
	toy_sync_old_by_stranger(&scene->story->toy, scene->stg);
	why = look(scene, 30'000);
	assert_int_equal(why->type, WHY_HELD);
	assert_true(str_empty(why->who));
	story_restart(scene->story);
	why = see(scene);
	assert_int_equal(why->type, WHY_HELD);
	assert_true(str_empty(why->who));
}

static void what_has_failed_keeps_its_cause_over_a_restart(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].ends_as = OP_FAILED;
	story_begin(scene->story);
	look(scene, 600'000);
	struct cause before = scene->overview.apps[0].cause;
	before.subject = arena_copy(&scene->arena, before.subject);
	before.message = arena_copy(&scene->arena, before.message);
	assert_int_equal(before.type, CAUSE_SYNC_FAILED);
	story_restart(scene->story);
	const struct why *why = see(scene);
	assert_int_equal(why->type, WHY_OVER);
	assert_int_equal(why->code, EXIT_FAILED);
	assert_str_eq(why->app, STR("web-test"));
	assert_true(cause_same(&before, &why->cause));
	assert_true(cause_same(&before, &scene->overview.apps[0].cause));
	assert_int_equal(scene->overview.apps[0].phase, PHASE_FAILED);
	assert_int_equal(scene->overview.apps[1].phase, PHASE_LEFT);
}

static void who_has_failed_and_is_skipped_then_is_told_so(void **state)
{
	struct scene *scene = *state;
	uint32_t other = toy_add_in(&scene->story->toy, "web-test-2", "env=test");

	scene->story->toy.apps.v[scene->test].ends_as = OP_FAILED;
	scene->story->toy.apps.v[other].operation_ms = 300'000;
	story_begin(scene->story);
	look(scene, 60'000);
	assert_int_equal(scene->overview.apps[0].phase, PHASE_FAILED);
	struct instruction skip = {.type = INSTRUCTION_SKIP,
				   .who = {.name = STR("owner"), .is_owner = true},
				   .app = STR("web-test")};
	assert_int_equal(story_instruct(scene->story, skip), EXIT_DONE);
	see(scene);
	assert_true(scene->overview.apps[0].is_skipped);
	assert_int_equal(scene->overview.whys[1].type, WHY_APP);
	assert_str_eq(scene->overview.whys[1].app, STR("web-test-2"));
	assert_int_equal(scene->overview.why_count, 2);
}

static void skip_web_test(struct scene *scene)
{
	struct instruction skip = {.type = INSTRUCTION_SKIP,
				   .who = {.name = STR("owner"), .is_owner = true},
				   .app = STR("web-test")};

	scene->story->toy.apps.v[scene->test].is_excused = true;
	assert_int_equal(story_instruct(scene->story, skip), EXIT_DONE);
	see(scene);
	assert_int_equal(scene->overview.apps[0].phase, PHASE_LEFT);
}

static void what_a_skipped_one_runs_is_told(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].operation_ms = 300'000;
	story_begin(scene->story);
	look(scene, 60'000);
	skip_web_test(scene);
	assert_str_eq(scene->story->answer.text,
		      STR("web-test is skipped: nobody waits for it; its operation in Argo CD goes "
			  "on, if it has not ended"));
	assert_int_equal(scene->overview.apps[0].cause.type, CAUSE_OPERATION);
	/* Nobody has seen it end. */
	story_restart(scene->story);
	see(scene);
	assert_int_equal(scene->overview.apps[0].cause.type, CAUSE_OPERATION);
}

static void a_skipped_one_whose_operation_was_seen_to_end_runs_nothing(void **state)
{
	struct scene *scene = *state;

	scene->story->toy.apps.v[scene->test].settle_ms = 300'000;
	story_begin(scene->story);
	look(scene, 60'000);
	skip_web_test(scene);
	assert_int_not_equal(scene->overview.apps[0].cause.type, CAUSE_OPERATION);
}

static void who_has_failed_is_named_while_others_are_followed(void **state)
{
	struct scene *scene = *state;
	uint32_t other = toy_add_in(&scene->story->toy, "web-test-2", "env=test");

	scene->story->toy.apps.v[scene->test].operation_ms = 300'000;
	scene->story->toy.apps.v[other].ends_as = OP_FAILED;
	story_begin(scene->story);
	const struct why *why = look(scene, 120'000);
	assert_int_equal(why->type, WHY_FAILED);
	assert_str_eq(why->app, STR("web-test-2"));
	assert_int_equal(why->cause.type, CAUSE_SYNC_FAILED);
	assert_int_equal(scene->overview.whys[1].type, WHY_APP);
	assert_str_eq(scene->overview.whys[1].app, STR("web-test"));
}

static void who_waited_for_a_slot_is_not_why_the_stage_took_too_long(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;
	uint32_t other = toy_add_in(toy, "web-test-2", "env=test");

	/* The first one comes late to its turn, and so waits for the second one. */
	toy->apps.v[scene->test].operation_ms = 20'000;
	toy_sync_old_by_stranger(toy, scene->test);
	toy->apps.v[other].operation_ms = 300'000;
	scene->story->stages[0].concurrency = 1;
	scene->story->stages[0].timeout_ms = 100'000;
	story_begin(scene->story);
	assert_str_eq(look(scene, 60'000)->app, STR("web-test-2"));
	assert_int_equal(scene->overview.apps[0].cause.type, CAUSE_SLOT);
	const struct why *why = look(scene, 400'000);
	assert_int_equal(why->type, WHY_OVER);
	assert_str_eq(why->app, STR("web-test-2"));
	assert_int_equal(why->cause.type, CAUSE_STAGE_TIMEOUT);
	assert_int_equal(scene->overview.apps[0].cause.type, CAUSE_STAGE_TIMEOUT);
}

static void a_controller_that_answers_others_is_not_down(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;
	uint32_t other = toy_add_in(toy, "web-test-2", "env=test");

	toy->apps.v[scene->test].is_controller_down = true;
	toy->apps.v[other].operation_ms = 40'000; /* it is refreshed after that */
	toy->apps.v[other].is_compared_late = true;
	story_begin(scene->story);
	look(scene, 60'000);
	assert_str_eq(scene->overview.apps[2].name, STR("web-test-2"));
	assert_int_equal(scene->overview.apps[2].phase, PHASE_DONE);
	assert_int_not_equal(scene->overview.apps[0].cause.type, CAUSE_CONTROLLER);
}

static void what_is_amiss_with_one_says_more_than_a_controller_that_is_down(void **state)
{
	struct scene *scene = *state;
	struct toy_app *it = &scene->story->toy.apps.v[scene->test];

	it->is_controller_down = true;
	it->now.error = STR("cannot render");
	story_begin(scene->story);
	const struct why *why = look(scene, 40'000);
	assert_int_equal(why->type, WHY_APP);
	assert_int_equal(why->cause.type, CAUSE_COMPARE_ERROR);
}

static void who_is_done_is_named_if_his_controller_goes_down(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	scene->story->stages[0].soak.for_ms = 60'000;
	toy_later(toy, 40'000, scene->test, toy_stop_controller);
	story_begin(scene->story);
	const struct why *why = look(scene, 120'000);
	assert_int_equal(scene->overview.stages[0].state, STAGE_AT_BARRIER);
	assert_int_equal(why->type, WHY_APP);
	assert_str_eq(why->app, STR("web-test"));
	assert_int_equal(why->cause.type, CAUSE_CONTROLLER);
}

static void at_the_end_all_is_done(void **state)
{
	struct scene *scene = *state;

	story_begin(scene->story);
	assert_int_equal(look(scene, 1'200'000)->type, WHY_OVER);
	assert_int_equal(scene->overview.code, EXIT_DONE);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(scene->overview.stages[i].state, STAGE_DONE);
		assert_int_equal(scene->overview.apps[i].phase, PHASE_CONFIRMED);
	}
}

static void posts_that_were_not_answered_are_told_apart(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	toy_fail(toy, (struct toy_fault){.type = REQUEST_SYNC,
					 .app = scene->test,
					 .outcome = OUTCOME_TIMEOUT,
					 .times = 1,
					 .is_done_anyway = true});
	toy_fail(toy, (struct toy_fault){.type = REQUEST_SYNC,
					 .app = scene->stg,
					 .outcome = OUTCOME_CUT,
					 .times = 1});
	story_begin(scene->story);
	look(scene, 600'000);
	/* The one was found by its token; the other was not. */
	assert_true(scene->overview.is_over);
	assert_int_equal(scene->overview.post_count, 1);
	assert_str(scene->overview.apps[scene->overview.posts[0].app].name, "web-stg");
	assert_int_equal(scene->overview.posts[0].attempt, 1);
	assert_int_equal(scene->overview.posts[0].repeat, REPEAT_POSSIBLY_TWICE);
}

static void what_became_of_a_repeat_that_was_not_answered_at_the_end_is_not_known(void **state)
{
	struct scene *scene = *state;
	struct toy *toy = &scene->story->toy;

	toy_fail(toy, (struct toy_fault){.type = REQUEST_SYNC,
					 .app = scene->test,
					 .outcome = OUTCOME_CUT,
					 .times = 1});
	toy->net_ms = 100;
	story_begin(scene->story);
	do
		look(scene, 1'010);
	while (scene->story->run.facts.members.n == 0 ||
	       scene->story->run.facts.members.v[0].posts < 2);
	assert_int_equal(scene->story->run.facts.members.v[0].post, POST_OPEN);
	assert_int_equal(story_say(scene->story, "owner", INSTRUCTION_TERMINATE), EXIT_DONE);
	see(scene);
	assert_true(scene->overview.is_over);
	assert_int_equal(scene->overview.posts[0].attempt, 1);
	assert_int_equal(scene->overview.posts[0].repeat, REPEAT_POSSIBLY_TWICE);
	assert_true(str_find(toy->last_warning, STR("possibly asked for twice"), NULL));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(at_a_gate_it_is_people_who_are_waited_for),
		TEST(an_application_at_work_says_what_it_waits_for),
		TEST(a_pause_comes_first_and_then_what_runs),
		TEST(what_has_no_news_for_a_minute_is_stuck),
		TEST(who_is_stuck_comes_before_who_goes_on),
		TEST(who_waits_for_a_slot_is_not_the_one_that_is_stuck),
		TEST(a_controller_that_is_down_is_named),
		TEST(who_is_ill_comes_before_people_who_are_asked),
		TEST(a_soak_that_was_broken_says_so),
		TEST(who_keeps_a_soak_from_ending_is_named),
		TEST(who_only_rolls_in_a_stage_before_is_not_what_is_waited_for),
		TEST(who_looks_sees_how_it_is_now),
		TEST(one_that_is_terminated_says_what_it_still_ends),
		TEST(a_soak_says_how_much_is_left),
		TEST(who_is_ill_in_the_soak_is_named),
		TEST(a_server_that_is_away_is_the_first_reason),
		TEST(credentials_that_are_not_accepted_are_told_from_a_server_that_is_away),
		TEST(a_watch_that_cannot_be_had_is_followed_by_a_look_at_the_fleet),
		TEST(a_stranger_holds_it),
		TEST(what_has_failed_keeps_its_cause_over_a_restart),
		TEST(who_has_failed_and_is_skipped_then_is_told_so),
		TEST(what_a_skipped_one_runs_is_told),
		TEST(a_skipped_one_whose_operation_was_seen_to_end_runs_nothing),
		TEST(who_has_failed_is_named_while_others_are_followed),
		TEST(who_waited_for_a_slot_is_not_why_the_stage_took_too_long),
		TEST(a_controller_that_answers_others_is_not_down),
		TEST(what_is_amiss_with_one_says_more_than_a_controller_that_is_down),
		TEST(who_is_done_is_named_if_his_controller_goes_down),
		TEST(at_the_end_all_is_done),
		TEST(posts_that_were_not_answered_are_told_apart),
		TEST(what_became_of_a_repeat_that_was_not_answered_at_the_end_is_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
