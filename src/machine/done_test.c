#include "machine/done.h"

#include "testing.h"
#include "toy.h"

/*
 * The run's first reading showed operation 1, which had ended at second 100; now operation 2 is
 * shown, ended at second 200, and a compare of second 210 says that all is well.
 */
struct scene {
	struct plan plan;
	struct member member;
	struct application app;
	struct sighting sighting;
};

enum { FIRST = 1, SECOND = 2 };

static wall second(int64_t s)
{
	return (wall){s * 1000};
}

static struct scene operated(void)
{
	return (struct scene){
		.plan = toy_plan(),
		.member = {.is_read = true,
			   .first_operation = FIRST,
			   .first_finished_at = second(100)},
		.app = {.name = STR("web"),
			.target_revision = NEW,
			.is_compared = true,
			.sync = SYNC_SYNCED,
			.sync_revision = NEW,
			.health = HEALTH_HEALTHY,
			.has_resources = true,
			.reconciled_at = second(210),
			.shown = {.phase = OP_SUCCEEDED,
				  .id = SECOND,
				  .revision = NEW,
				  .started_at = second(190),
				  .finished_at = second(200)}},
		.sighting = {.is_live = true, .read_turn = 5, .live_turn = 20},
	};
}

/* The operation of the first reading is still the one shown, and a refresh was served since, not on
 * the heels of it. */
static struct scene unchanged(void)
{
	struct scene scene = operated();
	scene.app.shown.id = FIRST;
	scene.app.shown.finished_at = second(100);
	scene.sighting.served_turn = scene.sighting.proof_turn = 6;
	return scene;
}

static enum done_gap gap(struct scene *scene)
{
	scene->sighting.app = &scene->app;
	return done_gap(&scene->plan, &scene->member, &scene->sighting);
}

static void what_was_operated_since_the_first_reading_is_done(void **state)
{
	struct scene scene = operated();
	assert_int_equal(gap(&scene), GAP_NONE);
	assert_int_equal(done_basis(&scene.plan, &scene.member, &scene.app), BASIS_OPERATED);
}

static void what_is_unchanged_and_was_compared_again_is_done(void **state)
{
	struct scene scene = unchanged();
	assert_int_equal(gap(&scene), GAP_NONE);
	assert_int_equal(done_basis(&scene.plan, &scene.member, &scene.app), BASIS_UNCHANGED);
}

/*
 * Each line takes one word of done(app, R) away, and says which gap that is for an operated and
 * for an unchanged application.
 */
static void without_any_single_word_it_is_not_done(void **state)
{
	static const struct {
		const char *word;
		enum done_gap operated, unchanged;
	} words[] = {
		{"an operation asked for", GAP_BUSY, GAP_BUSY},
		{"an operation running", GAP_BUSY, GAP_BUSY},
		{"an operation being terminated", GAP_BUSY, GAP_BUSY},
		{"being deleted", GAP_BUSY, GAP_BUSY},
		{"failed", GAP_BASIS, GAP_BASIS},
		{"in error", GAP_BASIS, GAP_BASIS},
		{"terminated", GAP_BASIS, GAP_BASIS},
		{"partial", GAP_BASIS, GAP_BASIS},
		{"a dry run", GAP_BASIS, GAP_BASIS},
		{"apply", GAP_BASIS, GAP_BASIS},
		{"local manifests", GAP_BASIS, GAP_BASIS},
		{"another source", GAP_BASIS, GAP_BASIS},
		{"without a revision", GAP_BASIS, GAP_BASIS},
		{"a comparison error", GAP_ERROR, GAP_ERROR},
		{"compared in the second of the end", GAP_STALE, GAP_STALE},
		{"compared before the end", GAP_STALE, GAP_STALE},
		{"compared with another spec", GAP_COMPARE, GAP_COMPARE},
		{"compared at another revision", GAP_COMPARE, GAP_COMPARE},
		{"sync unknown", GAP_COMPARE, GAP_COMPARE},
		{"out of sync", GAP_OUT_OF_SYNC, GAP_OUT_OF_SYNC},
		{"progressing", GAP_HEALTH, GAP_HEALTH},
		{"suspended", GAP_HEALTH, GAP_HEALTH},
		{"missing", GAP_HEALTH, GAP_HEALTH},
		{"degraded", GAP_HEALTH, GAP_HEALTH},
		{"health unknown", GAP_HEALTH, GAP_HEALTH},
		{"no refresh served", GAP_NONE, GAP_SERVED},
	};

	for (size_t i = 0; i < COUNTOF(words); i++) {
		struct scene scenes[] = {operated(), unchanged()};
		for (size_t k = 0; k < COUNTOF(scenes); k++) {
			struct scene *scene = &scenes[k];
			struct application *app = &scene->app;
			const wall end = app->shown.finished_at;
			switch (i) {
			case 0:
				app->requested.phase = OP_RUNNING;
				break;
			case 1:
				app->shown.phase = OP_RUNNING;
				break;
			case 2:
				app->shown.phase = OP_TERMINATING;
				break;
			case 3:
				app->is_deleting = true;
				break;
			case 4:
				app->shown.phase = OP_FAILED;
				break;
			case 5:
				app->shown.phase = OP_ERROR;
				break;
			case 6:
				app->shown.phase = OP_FAILED;
				app->shown.message = STR("Operation terminated");
				break;
			case 7:
				app->shown.is_partial = true;
				break;
			case 8:
				app->shown.is_dry_run = true;
				break;
			case 9:
				app->shown.is_apply = true;
				break;
			case 10:
				app->shown.has_manifests = true;
				break;
			case 11:
				app->shown.has_other_source = true;
				break;
			case 12:
				app->shown.revision = STR("");
				break;
			case 13:
				app->error = STR("ComparisonError: no such path");
				break;
			case 14:
				app->reconciled_at = end;
				break;
			case 15:
				app->reconciled_at = wall_add(end, -1000);
				break;
			case 16:
				app->is_compared = false;
				break;
			case 17:
				app->sync_revision = OLD;
				break;
			case 18:
				app->sync = SYNC_UNKNOWN;
				break;
			case 19:
				app->sync = SYNC_OUT_OF_SYNC;
				break;
			case 20:
				app->health = HEALTH_PROGRESSING;
				break;
			case 21:
				app->health = HEALTH_SUSPENDED;
				break;
			case 22:
				app->health = HEALTH_MISSING;
				break;
			case 23:
				app->health = HEALTH_DEGRADED;
				break;
			case 24:
				app->health = HEALTH_UNKNOWN;
				break;
			case 25:
				scene->sighting.served_turn = 4;
				break;
			default:
				fail();
			}
			enum done_gap expected = k == 0 ? words[i].operated : words[i].unchanged;
			if (gap(scene) != expected)
				fail_msg("%s, %s: gap %d, not %d",
					 k == 0 ? "operated" : "unchanged", words[i].word,
					 gap(scene), expected);
		}
	}
}

static void an_operation_at_another_revision_is_no_basis_once_it_is_new(void **state)
{
	struct scene scene = operated();
	scene.app.shown.revision = OLD;
	assert_int_equal(gap(&scene), GAP_BASIS);
}

static void an_old_operation_at_another_revision_may_pass_for_unchanged(void **state)
{
	/* Synced at R and Healthy, and only a commit that changed nothing lies between. */
	struct scene scene = unchanged();
	scene.app.shown.revision = OLD;
	assert_int_equal(gap(&scene), GAP_NONE);
	scene.app.shown.has_manifests = true; /* then what is compared is not Git */
	assert_int_equal(gap(&scene), GAP_BASIS);
}

static void one_that_is_not_full_may_hide_a_hook_of_r_that_failed(void **state)
{
	/* R was synced and its hook failed; then somebody made a dry run at another revision. */
	struct scene dry = unchanged(), partial = unchanged();
	dry.app.shown.revision = partial.app.shown.revision = OLD;
	dry.app.shown.is_dry_run = true;
	partial.app.shown.is_partial = true;
	assert_int_equal(gap(&dry), GAP_BASIS);
	assert_int_equal(gap(&partial), GAP_BASIS);
}

static void a_hook_that_failed_at_the_old_revision_is_no_basis_at_the_new_one(void **state)
{
	/* R changes only the hook: Synced, Healthy, and the hook of R never ran. */
	struct scene scene = unchanged();
	scene.app.shown.revision = OLD;
	scene.app.shown.phase = OP_FAILED;
	assert_int_equal(gap(&scene), GAP_BASIS);
}

static void a_refresh_on_the_heels_of_the_first_reading_does_not_prove_unchanged(void **state)
{
	/* By a cache that lags it may show what was before the run. */
	struct scene scene = unchanged();
	scene.sighting.proof_turn = 0;
	assert_int_equal(gap(&scene), GAP_SERVED);
	scene.sighting.proof_turn = 7; /* and that refresh was served since turn 6 */
	assert_int_equal(gap(&scene), GAP_SERVED);
	scene.sighting.served_turn = 7;
	assert_int_equal(gap(&scene), GAP_NONE);
}

static void no_operation_at_all_may_pass_for_unchanged(void **state)
{
	struct scene scene = unchanged();
	scene.member.first_operation = 0;
	scene.member.first_finished_at = (wall){0};
	scene.app.shown = (struct operation){0};
	assert_int_equal(gap(&scene), GAP_NONE);
	scene.sighting.served_turn = 0;
	assert_int_equal(gap(&scene), GAP_SERVED);
	scene.plan.skip = SKIP_HOOKED;
	assert_int_equal(gap(&scene), GAP_BASIS);
}

static void an_operation_that_vanished_is_no_basis(void **state)
{
	struct scene scene = unchanged();
	scene.app.shown = (struct operation){0};
	assert_int_equal(gap(&scene), GAP_BASIS);
}

static void one_that_ran_at_the_first_reading_is_an_operated_basis(void **state)
{
	struct scene scene = unchanged();
	scene.member.first_is_running = true;
	scene.member.first_finished_at = (wall){0};
	scene.sighting.served_turn = 0;
	assert_int_equal(gap(&scene), GAP_NONE);
	assert_int_equal(done_basis(&scene.plan, &scene.member, &scene.app), BASIS_OPERATED);
	/* It waited for a retry then, and has ended in the very second of the failed attempt. */
	scene.member.first_finished_at = second(100);
	assert_int_equal(done_basis(&scene.plan, &scene.member, &scene.app), BASIS_OPERATED);
}

static void the_policy_decides_what_may_pass_without_an_operation(void **state)
{
	struct scene hooked = unchanged(), synced = unchanged();
	synced.app.shown.revision = OLD;

	hooked.plan.skip = synced.plan.skip = SKIP_SYNCED;
	assert_int_equal(gap(&hooked), GAP_NONE);
	assert_int_equal(gap(&synced), GAP_NONE);
	hooked.plan.skip = synced.plan.skip = SKIP_HOOKED;
	assert_int_equal(gap(&hooked), GAP_NONE);
	assert_int_equal(gap(&synced), GAP_BASIS);
	hooked.plan.skip = synced.plan.skip = SKIP_NEVER;
	assert_int_equal(gap(&hooked), GAP_BASIS);
	assert_int_equal(gap(&synced), GAP_BASIS);
	/* Never: an operation since the first reading is not passed over, it counts. */
	struct scene own = operated();
	own.plan.skip = SKIP_NEVER;
	assert_int_equal(gap(&own), GAP_NONE);
}

static void suspended_is_healthy_only_where_it_is_accepted(void **state)
{
	struct scene scene = operated();
	scene.app.health = HEALTH_SUSPENDED;
	scene.plan.accept_suspended = true;
	assert_int_equal(gap(&scene), GAP_NONE);
	scene.app.health = HEALTH_PROGRESSING;
	assert_int_equal(gap(&scene), GAP_HEALTH);
}

static void drift_is_allowed_only_when_it_lasts_and_after_an_operation(void **state)
{
	struct scene scene = operated();
	scene.app.sync = SYNC_OUT_OF_SYNC;
	scene.plan.allow_out_of_sync = true;
	assert_int_equal(gap(&scene), GAP_OUT_OF_SYNC);
	scene.sighting.is_drift_lasting = true;
	assert_int_equal(gap(&scene), GAP_NONE);
	scene.plan.allow_out_of_sync = false;
	assert_int_equal(gap(&scene), GAP_OUT_OF_SYNC);

	struct scene before = unchanged();
	before.app.sync = SYNC_OUT_OF_SYNC;
	before.plan.allow_out_of_sync = true;
	before.sighting.is_drift_lasting = true;
	assert_int_equal(gap(&before), GAP_OUT_OF_SYNC);
}

static void an_error_is_seen_though_no_compare_will_ever_be_fresh(void **state)
{
	/* Argo CD writes an InvalidSpecError without a new reconciledAt. */
	struct scene scene = operated();
	scene.app.reconciled_at = second(150);
	scene.app.error = STR("InvalidSpecError: no such cluster");
	assert_int_equal(gap(&scene), GAP_ERROR);
}

/* ---- the barrier's re-read ---- */

static struct scene was_done(void)
{
	struct scene scene = operated();
	scene.member.is_done = true;
	scene.member.done_operation = SECOND;
	scene.member.done_finished_at = second(200);
	scene.sighting.served_turn = 30;
	return scene;
}

static enum reread reread(struct scene *scene, uint64_t since)
{
	scene->sighting.app = &scene->app;
	return done_reread(&scene->plan, &scene->member, &scene->sighting, since);
}

static void a_re_read_holds_once_a_refresh_was_served_since(void **state)
{
	struct scene scene = was_done();
	assert_int_equal(reread(&scene, 30), REREAD_HOLDS);
	assert_int_equal(reread(&scene, 31), REREAD_OWED);
}

static void a_version_that_the_watch_brought_proves_nothing(void **state)
{
	struct scene scene = was_done();
	scene.sighting.is_live = false;
	assert_int_equal(reread(&scene, 30), REREAD_OWED);
}

static void a_re_read_fails_if_it_is_not_done_any_more(void **state)
{
	struct scene scene = was_done();
	scene.app.health = HEALTH_DEGRADED;
	assert_int_equal(reread(&scene, 30), REREAD_FAILED);
}

static void a_re_read_fails_if_another_operation_is_shown(void **state)
{
	struct scene scene = was_done();
	scene.app.shown.id = 3;
	assert_int_equal(reread(&scene, 30), REREAD_FAILED);
	scene.app.shown.id = SECOND;
	scene.app.shown.finished_at = second(205);
	assert_int_equal(reread(&scene, 30), REREAD_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_operated_since_the_first_reading_is_done),
		cmocka_unit_test(what_is_unchanged_and_was_compared_again_is_done),
		cmocka_unit_test(without_any_single_word_it_is_not_done),
		cmocka_unit_test(an_operation_at_another_revision_is_no_basis_once_it_is_new),
		cmocka_unit_test(an_old_operation_at_another_revision_may_pass_for_unchanged),
		cmocka_unit_test(one_that_is_not_full_may_hide_a_hook_of_r_that_failed),
		cmocka_unit_test(a_hook_that_failed_at_the_old_revision_is_no_basis_at_the_new_one),
		cmocka_unit_test(
			a_refresh_on_the_heels_of_the_first_reading_does_not_prove_unchanged),
		cmocka_unit_test(no_operation_at_all_may_pass_for_unchanged),
		cmocka_unit_test(an_operation_that_vanished_is_no_basis),
		cmocka_unit_test(one_that_ran_at_the_first_reading_is_an_operated_basis),
		cmocka_unit_test(the_policy_decides_what_may_pass_without_an_operation),
		cmocka_unit_test(suspended_is_healthy_only_where_it_is_accepted),
		cmocka_unit_test(drift_is_allowed_only_when_it_lasts_and_after_an_operation),
		cmocka_unit_test(an_error_is_seen_though_no_compare_will_ever_be_fresh),
		cmocka_unit_test(a_re_read_holds_once_a_refresh_was_served_since),
		cmocka_unit_test(a_version_that_the_watch_brought_proves_nothing),
		cmocka_unit_test(a_re_read_fails_if_it_is_not_done_any_more),
		cmocka_unit_test(a_re_read_fails_if_another_operation_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
