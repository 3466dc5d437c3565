#include "engine/engine.h"

#include "base/map.h"
#include "chaos.h"
#include "machine/run.h"
#include "testing.h"
#include "toy.h"

#include <stdlib.h>

enum { APPS_MAX = 64, CHAOS_STORIES = 1'000 };

/* An engine on a toy of Argo CD, with a disk that takes its time. */
struct bench {
	struct plan plan;
	struct toy toy;
	struct engine *engine;
	int64_t save_ms; /* how long the disk takes; 0: it is done inside save() */
	int64_t save_spread_ms;
	bool is_held; /* the disk takes everything and finishes nothing */

	VEC(struct entry) written; /* what was handed over; strings are copied */
	struct arena arena;
	VEC(uint64_t) writing; /* how much is saved when each of the writes is over, in order */
	size_t finished;       /* of them */
	uint64_t saved;

	uint32_t posts_saved[APPS_MAX], posts_sent[APPS_MAX];
	uint32_t last_request;
	uint64_t last_turn;
	uint32_t effects;
};

static void write_end(struct toy *toy, uint32_t app)
{
	struct bench *bench = toy->driver.self;
	(void)app;
	uint64_t saved = vec_at(&bench->writing, bench->finished++);
	for (uint64_t i = bench->saved; i < saved; i++)
		if (bench->written.v[i].type == ENTRY_POST)
			bench->posts_saved[bench->written.v[i].app]++;
	bench->saved = saved;
	if (bench->save_ms > 0)
		bench->toy.saving--;
	engine_event(bench->engine, &(struct event){.type = EV_SAVED, .saved = saved});
}

static void port_save(void *self, const struct entry *entries, size_t count, uint64_t saved)
{
	struct bench *bench = self;
	for (size_t i = 0; i < count; i++) {
		struct entry entry = entry_copy(&bench->arena, &entries[i]);
		vec_push(&bench->written, entry);
	}
	assert_int_equal(bench->written.n, saved);
	vec_push(&bench->writing, saved);
	if (bench->is_held)
		return;
	if (bench->save_ms == 0) {
		write_end(&bench->toy, APP_NONE);
		return;
	}
	/* Later, but never before an earlier one: write_end() takes them in order. */
	int64_t spread = bench->save_spread_ms;
	bench->toy.saving++;
	toy_later(
		&bench->toy,
		bench->save_ms +
			(spread > 0 ? (int64_t)prng_below(&bench->toy.prng, (uint64_t)spread) : 0),
		APP_NONE, write_end);
}

static void port_request(void *self, const struct request *request)
{
	struct bench *bench = self;
	bench->effects++;
	assert_true(request->id > bench->last_request);
	bench->last_request = request->id;
	if (request->type == REQUEST_SYNC) {
		uint32_t posted = ++bench->posts_sent[request->app];
		if (posted > bench->posts_saved[request->app] && bench->save_ms >= 0)
			fail_msg("a POST left before its entry was saved");
	}
	toy_request(&bench->toy, request);
}

static void port_note(void *self, const struct note *note)
{
	struct bench *bench = self;
	bench->effects++;
	assert_true(note->now.turn >= bench->last_turn);
	bench->last_turn = note->now.turn;
	toy_note(&bench->toy, note);
}

static void port_exit(void *self, int code)
{
	struct bench *bench = self;
	/* All that was decided before is on disk. */
	assert_true(bench->save_ms < 0 || bench->saved == bench->written.n);
	toy_exit(&bench->toy, code);
}

static void bench_event(void *self, const struct event *ev)
{
	struct bench *bench = self;
	engine_event(bench->engine, ev);
}

static instant bench_deadline(void *self)
{
	struct bench *bench = self;
	return engine_deadline(bench->engine);
}

/* save_ms < 0: without a journal. */
static struct bench *bench_new(int64_t save_ms)
{
	struct bench *bench = test_calloc(1, sizeof *bench);
	bench->plan = toy_plan();
	bench->save_ms = save_ms;
	toy_init(&bench->toy, &bench->plan, 1);
	bench->toy.driver = (struct toy_driver){bench, bench_event, bench_deadline};
	return bench;
}

static void bench_begin(struct bench *bench)
{
	struct ports ports = {
		.self = bench,
		.save = bench->save_ms >= 0 ? port_save : NULL,
		.request = port_request,
		.note = port_note,
		.exit = port_exit,
	};
	bench->engine = engine_new(&bench->plan, 7, ports);
}

static int bench_run(struct bench *bench)
{
	bench_begin(bench);
	return toy_run(&bench->toy);
}

static void bench_free(struct bench *bench)
{
	engine_free(bench->engine);
	toy_release(&bench->toy);
	vec_release(&bench->written);
	vec_release(&bench->writing);
	arena_release(&bench->arena);
	test_free(bench);
}

static void without_a_journal_effects_leave_at_once(void **state)
{
	struct bench *bench = bench_new(-1);
	uint32_t web = toy_add_moved(&bench->toy, "web");

	assert_int_equal(bench_run(bench), 0);
	assert_int_equal(toy_count(&bench->toy, web, REQUEST_SYNC), 1);
	assert_true(instant_is_never(engine_deadline(bench->engine)));
	bench_free(bench);
}

static void a_disk_that_is_done_inside_save_is_no_trouble(void **state)
{
	struct bench *bench = bench_new(0);
	uint32_t web = toy_add_moved(&bench->toy, "web");

	assert_int_equal(bench_run(bench), 0);
	assert_int_equal(toy_count(&bench->toy, web, REQUEST_SYNC), 1);
	assert_true(bench->written.n >= 6);
	bench_free(bench);
}

static void a_post_leaves_only_after_its_entry_is_saved(void **state)
{
	struct bench *bench = bench_new(400);
	for (int i = 0; i < 3; i++)
		toy_add_moved(&bench->toy, (const char *[]){"web", "api", "job"}[i]);

	assert_int_equal(bench_run(bench), 0);
	for (uint32_t app = 0; app < 3; app++) {
		assert_int_equal(bench->posts_saved[app], 1);
		assert_int_equal(bench->posts_sent[app], 1);
	}
	bench_free(bench);
}

static void while_the_disk_is_stuck_nothing_leaves_and_then_all_in_order(void **state)
{
	struct bench *bench = bench_new(0);
	toy_add_moved(&bench->toy, "web");
	toy_add_moved(&bench->toy, "api");

	bench->is_held = true;
	bench_begin(bench);
	toy_start(&bench->toy);
	toy_go_on_until(&bench->toy, 5'000);
	/* The first entries are the members; what was decided after them waits with them. */
	assert_true(bench->writing.n >= 1);
	assert_int_equal(bench->toy.plan_note.counts.total, 0);
	uint32_t before = bench->effects;
	toy_deliver(&bench->toy, (struct event){.type = EV_TICK});
	toy_deliver(&bench->toy, (struct event){.type = EV_TICK});
	assert_int_equal(bench->effects, before);
	/* One write of several is over. */
	write_end(&bench->toy, APP_NONE);
	bench->is_held = false;
	while (bench->finished < bench->writing.n)
		write_end(&bench->toy, APP_NONE);
	assert_true(bench->effects > before);
	toy_go_on_until(&bench->toy, 600'000);
	assert_int_equal(bench->toy.code, 0);
	assert_true(bench->toy.is_over);
	bench_free(bench);
}

static void an_engine_may_be_freed_while_effects_wait(void **state)
{
	struct bench *bench = bench_new(0);
	toy_add_moved(&bench->toy, "web");

	bench->is_held = true;
	bench_begin(bench);
	toy_start(&bench->toy);
	toy_go_on_until(&bench->toy, 5'000);
	bench_free(bench);
	engine_free(NULL);
}

static void after_the_exit_nothing_follows(void **state)
{
	struct bench *bench = bench_new(0);
	toy_add_moved(&bench->toy, "web");

	assert_int_equal(bench_run(bench), 0);
	uint32_t effects = bench->effects;
	engine_event(bench->engine, &(struct event){.type = EV_TICK, .now.mono = {9'999'999}});
	engine_event(bench->engine,
		     &(struct event){.type = EV_INTERRUPT, .now.mono = {9'999'999}, .code = 130});
	assert_int_equal(bench->effects, effects);
	bench_free(bench);
}

static void more_than_was_handed_over_cannot_be_saved(void **state)
{
	struct bench *bench = bench_new(0);
	bench_begin(bench);
	assert_dies("engine->handed",
		    engine_event(bench->engine, &(struct event){.type = EV_SAVED, .saved = 1}));
	bench_free(bench);
}

static void request_that_answers_at_once(void *self, const struct request *request)
{
	struct engine **engine = self;
	struct reply reply = {.id = request->id, .type = request->type, .app = request->app};
	engine_event(*engine, &(struct event){.type = EV_REPLY, .reply = &reply});
}

static void an_answer_from_inside_a_port_is_a_mistake(void **state)
{
	struct plan plan = toy_plan();
	struct engine *engine = NULL;
	engine = engine_new(
		&plan, 1, (struct ports){.self = &engine, .request = request_that_answers_at_once});
	assert_dies("is_releasing", engine_event(engine, &(struct event){.type = EV_START}));
	engine_free(engine);
}

/* ---- replay ---- */

static void the_entries_tell_the_whole_story(void **state)
{
	struct bench *bench = bench_new(50);
	struct run_facts facts = {0};
	uint32_t web = toy_add_moved(&bench->toy, "web");
	uint32_t api = toy_add(&bench->toy, "api", NEW);
	uint32_t job = toy_add_moved(&bench->toy, "job");

	bench->plan.concurrency = 1;
	bench->toy.apps.v[job].ends_as = OP_FAILED;
	assert_int_equal(bench_run(bench), 1);
	vec_each(entry, &bench->written)
		run_apply(&facts, entry);
	assert_int_equal(facts.members.n, 3);
	assert_int_equal(facts.accepted, 2);
	assert_true(facts.is_stopped);
	assert_false(facts.stages[0].is_barrier);
	struct member *members[3];
	vec_each(member, &facts.members) {
		if (str_eq(member->name, STR("web")))
			members[web] = member;
		if (str_eq(member->name, STR("api")))
			members[api] = member;
		if (str_eq(member->name, STR("job")))
			members[job] = member;
	}
	assert_str(members[web]->uid, "uid-web-1");
	assert_true(members[web]->is_done);
	assert_int_equal(members[web]->posts, 1);
	assert_true(members[api]->is_done);
	assert_true(members[api]->is_skipped);
	assert_int_equal(members[api]->posts, 0);
	assert_true(members[job]->is_ended);
	assert_int_equal(members[job]->code, 1);
	facts_release(&facts);
	bench_free(bench);
}

/* ---- chaos ---- */

static uint64_t chaos_seed;

static uint64_t chaos_story(uint64_t seed, bool is_trace_printed)
{
	struct bench *bench = bench_new(0);
	chaos_seed = seed;
	prng_seed(&bench->toy.prng, seed);
	bench->toy.is_trace_printed = is_trace_printed;
	chaos_make(&bench->toy, &bench->plan);
	bench->save_ms = (int64_t)prng_below(&bench->toy.prng, 50);
	bench->save_spread_ms = (int64_t)prng_below(&bench->toy.prng, 1'000);
	bench->toy.saving_ms_max = bench->save_ms + bench->save_spread_ms;
	bench_run(bench);
	chaos_check(&bench->toy);
	uint64_t trace = bench->toy.trace;
	bench_free(bench);
	chaos_seed = 0;
	return trace;
}

static int tell_the_seed(void **state)
{
	if (chaos_seed != 0)
		print_error("TIPHYS_SEED=%llu shows it\n", (unsigned long long)chaos_seed);
	return 0;
}

static void stories_of_chaos_with_a_slow_disk_keep_the_promise_and_end(void **state)
{
	uint64_t seed, stories = CHAOS_STORIES;

	if (str_to_u64(str_of(getenv("TIPHYS_SEED")), &seed)) {
		chaos_story(seed, true);
		return;
	}
	(void)str_to_u64(str_of(getenv("TIPHYS_STORIES")), &stories);
	for (uint64_t i = 1; i <= stories; i++)
		chaos_story(i, false);
}

static void the_same_seed_tells_the_same_story(void **state)
{
	for (uint64_t i = 1; i <= 50; i++)
		assert_int_equal(chaos_story(i, false), chaos_story(i, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_journal_effects_leave_at_once),
		cmocka_unit_test(a_disk_that_is_done_inside_save_is_no_trouble),
		cmocka_unit_test(a_post_leaves_only_after_its_entry_is_saved),
		cmocka_unit_test(while_the_disk_is_stuck_nothing_leaves_and_then_all_in_order),
		cmocka_unit_test(an_engine_may_be_freed_while_effects_wait),
		cmocka_unit_test(after_the_exit_nothing_follows),
		cmocka_unit_test(more_than_was_handed_over_cannot_be_saved),
		cmocka_unit_test(an_answer_from_inside_a_port_is_a_mistake),
		cmocka_unit_test(the_entries_tell_the_whole_story),
		cmocka_unit_test_teardown(
			stories_of_chaos_with_a_slow_disk_keep_the_promise_and_end, tell_the_seed),
		cmocka_unit_test_teardown(the_same_seed_tells_the_same_story, tell_the_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
