#include "model/application.h"

#include "base/alloc.h"
#include "base/check.h"

#include "testing.h"

/* ---- keeping ---- */

#define COUNT_ONE(field) +1
enum { STRINGS = 0 APPLICATION_STRINGS(COUNT_ONE) };
#undef COUNT_ONE

/* Each string of the application is the i-th of the texts. */
static void set_strings(struct application *app, const char *const *texts)
{
	size_t i = 0;

#define SET(field) app->field = str_of(texts[i++]);
	APPLICATION_STRINGS(SET)
#undef SET
	assert_int_equal(i, STRINGS);
}

static void a_kept_application_lives_on_its_own(void **state)
{
	char *texts[STRINGS], *copies[STRINGS];
	struct application app = {.resource_version = 7,
				  .health = HEALTH_DEGRADED,
				  .out_of_sync_count = 3,
				  .shown = {.phase = OP_FAILED, .id = 9}};

	for (size_t i = 0; i < STRINGS; i++) {
		char text[] = "the text of field 00";
		text[sizeof text - 3] = (char)('0' + i / 10);
		text[sizeof text - 2] = (char)('0' + i % 10);
		texts[i] = mem_copy(str_of(text));
		copies[i] = mem_copy(str_of(text));
	}
	set_strings(&app, (const char *const *)texts);
	struct application *kept = application_keep(&app);
	for (size_t i = 0; i < STRINGS; i++)
		mem_free(texts[i]);

	size_t i = 0;
#define SAME(field) assert_str(kept->field, copies[i++]);
	APPLICATION_STRINGS(SAME)
#undef SAME
	assert_int_equal(kept->resource_version, 7);
	assert_int_equal(kept->health, HEALTH_DEGRADED);
	assert_int_equal(kept->out_of_sync_count, 3);
	assert_int_equal(kept->shown.phase, OP_FAILED);
	assert_int_equal(kept->shown.id, 9);
	application_drop(kept);
	for (i = 0; i < STRINGS; i++)
		mem_free(copies[i]);
}

/* A string that application_keep() forgets would point into an event that is gone. */
static void every_string_is_in_the_list(void **state)
{
	/* name, namespace, project, uid, owner, labels; repo_url, target_revision, destination,
	 * retry_json; sync_revision, health_message, error, out_of_sync_names, changed_objects,
	 * pruned_objects, unhealthy_name; and five of each of the two operations. If a size has
	 * changed: is a new string in the list? */
	assert_int_equal(STRINGS, 17 + 2 * 5);
	if (sizeof(void *) == 8) {
		assert_int_equal(sizeof(struct operation), 128);
		assert_int_equal(sizeof(struct application), 592);
	}
}

static void an_empty_application_can_be_kept(void **state)
{
	struct application *kept = application_keep(&(struct application){0});

	assert_true(str_empty(kept->name));
	assert_true(str_empty(kept->requested.trouble));
	application_drop(kept);
	assert_null(application_keep(NULL));
	application_drop(NULL);
}

/* ---- operations ---- */

static void an_operation_asked_for_or_running_is_in_progress(void **state)
{
	static const struct {
		enum op_phase requested, shown;
		bool in_progress;
		bool is_requested; /* the one that counts is the one asked for */
	} cases[] = {
		{OP_NONE, OP_NONE, false, false},
		{OP_NONE, OP_SUCCEEDED, false, false},
		{OP_NONE, OP_FAILED, false, false},
		{OP_NONE, OP_ERROR, false, false},
		{OP_NONE, OP_RUNNING, true, false},
		{OP_NONE, OP_TERMINATING, true, false},
		/* The one before has ended; ours is not taken up yet. */
		{OP_RUNNING, OP_NONE, true, true},
		{OP_RUNNING, OP_SUCCEEDED, true, true},
		{OP_RUNNING, OP_FAILED, true, true},
		/* Taken up: what is shown says more. */
		{OP_RUNNING, OP_RUNNING, true, false},
		{OP_RUNNING, OP_TERMINATING, true, false},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct application app = {.requested.phase = cases[i].requested,
					  .shown.phase = cases[i].shown};
		assert_int_equal(application_in_operation(&app), cases[i].in_progress);
		assert_ptr_equal(application_operation(&app),
				 cases[i].is_requested ? &app.requested : &app.shown);
	}
}

static void an_operation_is_over_in_one_of_three_ways(void **state)
{
	static const bool is_over[] = {
		[OP_NONE] = false,     [OP_RUNNING] = false, [OP_TERMINATING] = false,
		[OP_SUCCEEDED] = true, [OP_FAILED] = true,   [OP_ERROR] = true,
	};

	for (enum op_phase phase = 0; phase < COUNTOF(is_over); phase++)
		assert_int_equal(operation_is_over(&(struct operation){.phase = phase}),
				 is_over[phase]);
}

static void only_a_full_operation_runs_every_hook(void **state)
{
	assert_true(operation_is_full(&(struct operation){.phase = OP_SUCCEEDED}));
	assert_true(operation_is_full(&(struct operation){.is_automated = true}));
	assert_false(operation_is_full(&(struct operation){.is_dry_run = true}));
	assert_false(operation_is_full(&(struct operation){.is_partial = true}));
	assert_false(operation_is_full(&(struct operation){.is_apply = true}));
	assert_false(operation_is_full(&(struct operation){.has_manifests = true}));
	assert_false(operation_is_full(&(struct operation){.has_other_source = true}));
}

static void operations_are_told_apart_by_id_and_end(void **state)
{
	assert_true(operation_same(1, (wall){5}, 1, (wall){5}));
	assert_true(operation_same(0, (wall){0}, 0, (wall){0}));
	assert_false(operation_same(1, (wall){5}, 2, (wall){5}));
	assert_false(operation_same(1, (wall){5}, 1, (wall){6}));
}

/* ---- the screen ---- */

static void a_row_differs_by_what_it_shows(void **state)
{
	struct application app = {
		.target_revision = STR("r1"),
		.sync = SYNC_SYNCED,
		.health = HEALTH_HEALTHY,
		.requested.phase = OP_RUNNING,
		.shown = {.phase = OP_RUNNING, .started_at = {1}, .finished_at = {0}},
	};
	const struct app_row same = {
		.target_revision = STR("r1"),
		.sync = SYNC_SYNCED,
		.health = HEALTH_HEALTHY,
		.phase = OP_RUNNING,
		.started_at = {1},
		.is_requested = true,
	};
	struct app_row row = same;

	assert_false(app_row_differs(&row, &app));
	row.target_revision = STR("r2");
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.sync = SYNC_OUT_OF_SYNC;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.health = HEALTH_PROGRESSING;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.phase = OP_SUCCEEDED;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.started_at.ms = 2;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.finished_at.ms = 2;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.is_requested = false;
	assert_true(app_row_differs(&row, &app));
	row = same;
	row.is_deleting = true;
	assert_true(app_row_differs(&row, &app));
}

/* ---- names ---- */

static void names_are_argo_cds_own(void **state)
{
	assert_string_equal(health_name(HEALTH_HEALTHY), "Healthy");
	assert_string_equal(health_name(HEALTH_SUSPENDED), "Suspended");
	assert_string_equal(health_name(HEALTH_PROGRESSING), "Progressing");
	assert_string_equal(health_name(HEALTH_MISSING), "Missing");
	assert_string_equal(health_name(HEALTH_DEGRADED), "Degraded");
	assert_string_equal(health_name(HEALTH_UNKNOWN), "Unknown");
	assert_string_equal(sync_status_name(SYNC_UNKNOWN), "Unknown");
	assert_string_equal(sync_status_name(SYNC_SYNCED), "Synced");
	assert_string_equal(sync_status_name(SYNC_OUT_OF_SYNC), "OutOfSync");
	assert_string_equal(op_phase_name(OP_NONE), "none");
	assert_string_equal(op_phase_name(OP_RUNNING), "Running");
	assert_string_equal(op_phase_name(OP_TERMINATING), "Terminating");
	assert_string_equal(op_phase_name(OP_SUCCEEDED), "Succeeded");
	assert_string_equal(op_phase_name(OP_FAILED), "Failed");
	assert_string_equal(op_phase_name(OP_ERROR), "Error");
	assert_string_equal(source_kind_name(SOURCE_MULTI), "several sources");
	assert_string_equal(source_kind_name(SOURCE_CHART), "a Helm chart from a registry");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_application_lives_on_its_own),
		cmocka_unit_test(every_string_is_in_the_list),
		cmocka_unit_test(an_empty_application_can_be_kept),
		cmocka_unit_test(an_operation_asked_for_or_running_is_in_progress),
		cmocka_unit_test(an_operation_is_over_in_one_of_three_ways),
		cmocka_unit_test(only_a_full_operation_runs_every_hook),
		cmocka_unit_test(operations_are_told_apart_by_id_and_end),
		cmocka_unit_test(a_row_differs_by_what_it_shows),
		cmocka_unit_test(names_are_argo_cds_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
