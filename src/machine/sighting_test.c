#include "machine/sighting.h"

#include "testing.h"

#include <string.h>

/* What was seen, told in readings: each is sent in one turn and answered in a later one. */
struct scene {
	struct sighting sighting;
	uint64_t turn;
	uint64_t version;
};

static struct now now_of(const struct scene *scene)
{
	return (struct now){.mono = {(int64_t)scene->turn * 10}, .turn = scene->turn};
}

static struct application version(uint64_t resource_version)
{
	return (struct application){
		.name = STR("web"),
		.uid = STR("uid-1"),
		.resource_version = resource_version,
		.has_resources = true,
	};
}

static void send(struct scene *scene, enum request_type type)
{
	scene->turn++;
	scene->sighting.asked = (uint32_t)scene->turn;
	scene->sighting.asked_type = type;
	scene->sighting.asked_turn = scene->turn;
	scene->sighting.asked_clean_turn = scene->sighting.clean_turn;
	scene->sighting.asked_at = now_of(scene).mono;
}

static void answer(struct scene *scene, const struct application *app)
{
	scene->turn++;
	struct now now = now_of(scene);
	sighting_answered(&scene->sighting, app, scene->sighting.asked_type == REQUEST_REFRESH,
			  &now);
}

/* A reading that shows a refresh annotation, or none. */
static uint64_t reads(struct scene *scene, enum request_type type, bool has_refresh)
{
	struct application app = version(++scene->version);
	app.has_refresh = has_refresh;
	send(scene, type);
	uint64_t sent = scene->turn;
	answer(scene, &app);
	return sent;
}

static void watched(struct scene *scene, const struct application *app, bool is_merged)
{
	scene->turn++;
	struct now now = now_of(scene);
	assert_int_equal(sighting_merge(&scene->sighting, app, false, &now), is_merged);
}

static void versions_never_go_backwards(void **state)
{
	struct scene scene = {0};
	struct application app = version(5);

	watched(&scene, &app, true);
	assert_int_equal(scene.sighting.app->resource_version, 5);
	assert_int_equal(scene.sighting.read_turn, 0); /* not read live yet */
	app.resource_version = 4;
	watched(&scene, &app, false);
	app.resource_version = 6;
	watched(&scene, &app, true);
	assert_int_equal(scene.sighting.app->resource_version, 6);
	sighting_release(&scene.sighting);
}

static void the_same_version_is_better_read_than_watched(void **state)
{
	struct scene scene = {0};
	struct application app = version(5);

	app.has_resources = false;
	watched(&scene, &app, true);
	assert_false(scene.sighting.is_live);
	app.has_resources = true;
	send(&scene, REQUEST_GET);
	answer(&scene, &app);
	assert_true(scene.sighting.is_live);
	assert_true(scene.sighting.app->has_resources);
	app.has_resources = false;
	watched(&scene, &app, false);
	assert_true(scene.sighting.is_live);
	assert_true(scene.sighting.app->has_resources);
	sighting_release(&scene.sighting);
}

static void a_newer_version_of_the_watch_is_not_live(void **state)
{
	struct scene scene = {0};
	struct application app = version(5);

	send(&scene, REQUEST_GET);
	answer(&scene, &app);
	app.resource_version = 6;
	watched(&scene, &app, true);
	assert_false(scene.sighting.is_live);
	/* A reading that was overtaken does not make it live. */
	send(&scene, REQUEST_GET);
	app.resource_version = 5;
	answer(&scene, &app);
	assert_false(scene.sighting.is_live);
	assert_int_equal(scene.sighting.app->resource_version, 6);
	sighting_release(&scene.sighting);
}

static void a_text_that_is_kept_outlives_whose_it_was_and_is_cut(void **state)
{
	struct scene scene = {0};
	struct str *field = &scene.sighting.no_message;
	char text[1000] = "permission denied";

	sighting_keep_text(field, str_of(text));
	memset(text, 'x', sizeof text);
	assert_str(*field, "permission denied");
	sighting_keep_text(field, str_make(text, sizeof text));
	assert_int_equal(field->n, 299);
	sighting_keep_text(field, STR(""));
	assert_true(str_empty(*field));
	sighting_keep_text(&scene.sighting.post_message, STR("window"));
	sighting_release(&scene.sighting);
}

static void another_uid_is_believed_only_when_it_is_read_live(void **state)
{
	struct scene scene = {0};
	struct application app = version(50), again = version(7);

	again.uid = STR("uid-2");
	watched(&scene, &app, true);
	watched(&scene, &again, false);
	assert_str(scene.sighting.app->uid, "uid-1");
	send(&scene, REQUEST_GET);
	answer(&scene, &again);
	assert_str(scene.sighting.app->uid, "uid-2");
	assert_int_equal(scene.sighting.app->resource_version, 7);
	sighting_release(&scene.sighting);
}

static void a_reading_without_an_object_says_that_it_is_gone(void **state)
{
	struct scene scene = {0};
	struct application app = version(5);

	watched(&scene, &app, true);
	scene.sighting.is_doubted = true;
	send(&scene, REQUEST_GET);
	answer(&scene, NULL);
	assert_true(scene.sighting.is_gone);
	assert_false(scene.sighting.is_doubted);
	assert_int_equal(scene.sighting.asked, 0);
	sighting_release(&scene.sighting);
}

static void a_reading_without_the_annotation_is_clean_since_it_was_sent(void **state)
{
	struct scene scene = {0};
	uint64_t sent = reads(&scene, REQUEST_GET, false);

	assert_int_equal(scene.sighting.live_turn, sent);
	assert_int_equal(scene.sighting.clean_turn, sent);
	assert_int_equal(scene.sighting.served_turn, 0);
	sighting_release(&scene.sighting);
}

static void a_refresh_after_a_clean_reading_is_served_since_that_reading(void **state)
{
	struct scene scene = {0};
	uint64_t clean = reads(&scene, REQUEST_GET, false);

	reads(&scene, REQUEST_REFRESH, false);
	assert_int_equal(scene.sighting.served_turn, clean);
	sighting_release(&scene.sighting);
}

static void a_strangers_annotation_costs_a_second_refresh(void **state)
{
	struct scene scene = {0};

	reads(&scene, REQUEST_GET, true);
	assert_int_equal(scene.sighting.clean_turn, 0);
	/*
	 * Ours changed nothing: the compare that took the annotation away may be older than our
	 * asking.
	 */
	uint64_t first = reads(&scene, REQUEST_REFRESH, false);
	assert_int_equal(scene.sighting.served_turn, 0);
	assert_int_equal(scene.sighting.clean_turn, first);
	reads(&scene, REQUEST_REFRESH, false);
	assert_int_equal(scene.sighting.served_turn, first);
	sighting_release(&scene.sighting);
}

static void a_clean_reading_that_was_answered_after_the_refresh_left_proves_nothing(void **state)
{
	struct scene scene = {0};
	struct application app = version(1);

	/* The watch's clean version is not a reading. */
	watched(&scene, &app, true);
	reads(&scene, REQUEST_REFRESH, false);
	assert_int_equal(scene.sighting.served_turn, 0);
	sighting_release(&scene.sighting);
}

static void a_proof_begins_with_a_reading_that_was_sent_late_enough(void **state)
{
	struct scene scene = {0};
	struct application app = version(1);

	/* The watch's is no first reading. */
	watched(&scene, &app, true);
	send(&scene, REQUEST_GET);
	scene.sighting.asked_at.ms -= LIVE_CACHE_LAG_MS_MAX; /* it was long on its way */
	answer(&scene, &app);
	instant first = scene.sighting.first_live_at;
	assert_int_equal(first.ms, now_of(&scene).mono.ms);
	assert_int_equal(scene.sighting.proof_turn, 0);
	app = version(2);
	send(&scene, REQUEST_REFRESH);
	scene.sighting.asked_at = instant_add(first, LIVE_CACHE_LAG_MS_MAX - 1);
	answer(&scene, &app);
	assert_int_equal(scene.sighting.proof_turn, 0);
	app = version(3);
	send(&scene, REQUEST_GET);
	scene.sighting.asked_at = instant_add(first, LIVE_CACHE_LAG_MS_MAX);
	uint64_t sent = scene.turn;
	answer(&scene, &app);
	assert_int_equal(scene.sighting.proof_turn, sent);
	/* And not with a later one. */
	app = version(4);
	send(&scene, REQUEST_GET);
	scene.sighting.asked_at = instant_add(first, LIVE_CACHE_LAG_MS_MAX * 2);
	answer(&scene, &app);
	assert_int_equal(scene.sighting.proof_turn, sent);
	assert_int_equal(scene.sighting.first_live_at.ms, first.ms);
	sighting_release(&scene.sighting);
}

static void once_served_it_stays_served(void **state)
{
	struct scene scene = {0};
	uint64_t clean = reads(&scene, REQUEST_GET, false);

	reads(&scene, REQUEST_REFRESH, false);
	reads(&scene, REQUEST_GET, true);
	struct application app = version(100);
	app.has_refresh = true;
	watched(&scene, &app, true);
	assert_int_equal(scene.sighting.served_turn, clean);
	sighting_release(&scene.sighting);
}

static void a_refresh_that_was_answered_is_remembered_by_when_it_was_sent(void **state)
{
	struct scene scene = {0};

	reads(&scene, REQUEST_GET, false);
	assert_int_equal(scene.sighting.refreshed_at.ms, 0);
	uint64_t sent = reads(&scene, REQUEST_REFRESH, false);
	assert_int_equal(scene.sighting.refreshed_at.ms, sent * 10);
	sighting_release(&scene.sighting);
}

/* ---- drift that lasts ---- */

static void sees_drift(struct scene *scene, enum request_type type, int64_t compared_s,
		       uint64_t set)
{
	struct application app = version(++scene->version);

	app.sync = SYNC_OUT_OF_SYNC;
	app.shown = (struct operation){.phase = OP_SUCCEEDED, .id = 9, .finished_at = {100'000}};
	app.reconciled_at = (wall){compared_s * 1000};
	app.out_of_sync_id = set;
	send(scene, type);
	answer(scene, &app);
}

static void drift_lasts_if_a_second_compare_that_was_served_shows_the_same_objects(void **state)
{
	struct scene scene = {0};

	sees_drift(&scene, REQUEST_GET, 110, 77);
	assert_false(scene.sighting.is_drift_lasting);
	sees_drift(&scene, REQUEST_REFRESH, 111, 77); /* clean since, but not served since */
	assert_false(scene.sighting.is_drift_lasting);
	sees_drift(&scene, REQUEST_REFRESH, 112, 77);
	assert_true(scene.sighting.is_drift_lasting);
	sees_drift(&scene, REQUEST_GET, 112, 77);
	assert_true(scene.sighting.is_drift_lasting);
	sighting_release(&scene.sighting);
}

static void the_same_compare_twice_is_not_two(void **state)
{
	struct scene scene = {0};

	for (int i = 0; i < 5; i++)
		sees_drift(&scene, REQUEST_REFRESH, 110, 77);
	assert_false(scene.sighting.is_drift_lasting);
	sighting_release(&scene.sighting);
}

static void drift_in_other_objects_starts_again(void **state)
{
	struct scene scene = {0};

	sees_drift(&scene, REQUEST_REFRESH, 110, 77);
	sees_drift(&scene, REQUEST_REFRESH, 111, 78);
	assert_false(scene.sighting.is_drift_lasting);
	sees_drift(&scene, REQUEST_REFRESH, 112, 78);
	sees_drift(&scene, REQUEST_REFRESH, 113, 78);
	assert_true(scene.sighting.is_drift_lasting);
	/* Synced once, and it was none. */
	reads(&scene, REQUEST_GET, false);
	assert_false(scene.sighting.is_drift_lasting);
	sighting_release(&scene.sighting);
}

static void drift_before_the_end_of_the_operation_does_not_count(void **state)
{
	struct scene scene = {0};

	for (int64_t s = 90; s <= 100; s++)
		sees_drift(&scene, REQUEST_REFRESH, s, 77);
	assert_false(scene.sighting.is_drift_lasting);
	assert_int_equal(scene.sighting.drift_id, 0);
	sighting_release(&scene.sighting);
}

static void drift_while_an_operation_runs_does_not_count(void **state)
{
	struct scene scene = {0};
	struct application app = version(1);

	app.sync = SYNC_OUT_OF_SYNC;
	app.out_of_sync_id = 77;
	app.reconciled_at = (wall){110'000};
	app.shown = (struct operation){.phase = OP_RUNNING, .id = 9};
	send(&scene, REQUEST_REFRESH);
	answer(&scene, &app);
	assert_int_equal(scene.sighting.drift_id, 0);
	sighting_release(&scene.sighting);
}

/* ---- clocks ---- */

static void a_clock_starts_anew_for_another_kind_or_key(void **state)
{
	struct clock clock = {0};

	clock_keep(&clock, 1, 7, (instant){100});
	clock_keep(&clock, 1, 7, (instant){200});
	assert_int_equal(clock_since(&clock, 1, 7, (instant){300}).ms, 100);
	assert_int_equal(clock_since(&clock, 1, 8, (instant){300}).ms, 300);
	assert_int_equal(clock_since(&clock, 2, 7, (instant){300}).ms, 300);
	clock_keep(&clock, 2, 7, (instant){400});
	assert_int_equal(clock_since(&clock, 2, 7, (instant){500}).ms, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_never_go_backwards),
		cmocka_unit_test(the_same_version_is_better_read_than_watched),
		cmocka_unit_test(a_newer_version_of_the_watch_is_not_live),
		cmocka_unit_test(a_text_that_is_kept_outlives_whose_it_was_and_is_cut),
		cmocka_unit_test(another_uid_is_believed_only_when_it_is_read_live),
		cmocka_unit_test(a_reading_without_an_object_says_that_it_is_gone),
		cmocka_unit_test(a_reading_without_the_annotation_is_clean_since_it_was_sent),
		cmocka_unit_test(a_refresh_after_a_clean_reading_is_served_since_that_reading),
		cmocka_unit_test(a_strangers_annotation_costs_a_second_refresh),
		cmocka_unit_test(
			a_clean_reading_that_was_answered_after_the_refresh_left_proves_nothing),
		cmocka_unit_test(a_proof_begins_with_a_reading_that_was_sent_late_enough),
		cmocka_unit_test(once_served_it_stays_served),
		cmocka_unit_test(a_refresh_that_was_answered_is_remembered_by_when_it_was_sent),
		cmocka_unit_test(
			drift_lasts_if_a_second_compare_that_was_served_shows_the_same_objects),
		cmocka_unit_test(the_same_compare_twice_is_not_two),
		cmocka_unit_test(drift_in_other_objects_starts_again),
		cmocka_unit_test(drift_before_the_end_of_the_operation_does_not_count),
		cmocka_unit_test(a_clock_starts_anew_for_another_kind_or_key),
		cmocka_unit_test(drift_while_an_operation_runs_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
