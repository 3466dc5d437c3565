#include "argo/face/app_read.h"

#include "base/check.h"
#include "testing.h"

static struct arena texts;

static struct str intern(void *self, struct str text)
{
	return arena_copy(&texts, text);
}

static struct json *parsed(const char *text)
{
	struct json *object = NULL;
	struct err err = {0};

	assert_works(json_parse(str_of(text), &JSON_LIMIT, &object, &err), &err);
	return object;
}

static void errors_name_the_path(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"{}", "metadata.name: it is missing"},
		{"{\"metadata\":{\"name\":\"a\"}}", "spec: it is missing"},
		{"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"source\":{\"path\":\"b\"}}}",
		 "spec.source.repoURL: it is missing"},
		{"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"sources\":[{\"repoURL\":\"r\"},"
		 "{\"repoURL\":5}]}}",
		 "spec.sources[1].repoURL: a text is wanted, not a number"},
		{"{\"metadata\":{\"name\":\"a\",\"labels\":{\"stage\":1}},\"spec\":{\"x\":1}}",
		 "metadata.labels: the value of 'stage' is a number, not a text"},
		{"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"syncPolicy\":{\"automated\":"
		 "{\"prune\":\"yes\"}}}}",
		 "spec.syncPolicy.automated.prune: a boolean is wanted, not a text"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_json struct json *object = parsed(cases[i].text);
		struct err err = {0};
		struct reading r = {.intern = intern, .err = &err};
		struct app *app = NULL;
		assert_fails(app_read(&r, object, &app), &err, E_SYNTAX, cases[i].words);
		assert_null(app);
	}
	arena_release(&texts);
}

static void a_sync_is_read_with_all_that_it_may_say(void **state)
{
	auto_arena struct arena arena = {0};
	auto_json struct json *body = parsed(
		"{\"project\":\"p\",\"revisions\":[\"a\",\"b\"],\"sourcePositions\":[1,2],"
		"\"prune\":true,\"dryRun\":true,\"strategy\":{\"apply\":{\"force\":true}},"
		"\"resources\":[{\"kind\":\"Service\",\"name\":\"web\"}],"
		"\"infos\":[{\"name\":\"tiphys\",\"value\":\"v1/x\"}],"
		"\"retryStrategy\":{\"limit\":3,\"backoff\":{\"duration\":\"5s\",\"factor\":2}},"
		"\"syncOptions\":{\"items\":[\"A=b\"]},\"nobody\":\"knows this\"}");
	struct err err = {0};
	struct reading r = {.intern = intern, .err = &err};
	struct api_request request = {0};

	assert_works(sync_read(&r, body, &arena, &request), &err);
	assert_int_equal(request.project_count, 1);
	assert_int_equal(request.sync_revision_count, 2);
	assert_int_equal(request.source_positions[1], 2);
	assert_true(request.sync.prune);
	assert_true(request.sync.dry_run);
	assert_true(request.sync.force);
	assert_int_equal(request.sync.strategy, STRATEGY_APPLY);
	assert_str(request.sync.resources->v[0].kind, "Service");
	assert_str(request.sync.infos->v[0].value, "v1/x");
	assert_int_equal(request.sync.retry.limit, 3);
	assert_str(request.sync.sync_options_json, "[\"A=b\"]");
	pair_list_drop(request.sync.infos);
	op_resource_list_drop(request.sync.resources);
	arena_release(&texts);
}

static void an_integer_is_a_number_and_no_text(void **state)
{
	auto_arena struct arena arena = {0};
	auto_json struct json *body = parsed("{\"retryStrategy\":{\"limit\":\"3\"}}");
	struct err err = {0};
	struct reading r = {.intern = intern, .err = &err};
	struct api_request request = {0};

	assert_fails(sync_read(&r, body, &arena, &request), &err, E_SYNTAX,
		     "retryStrategy.limit: a number is wanted, not a text");
	arena_release(&texts);
}

static void a_projects_windows_are_always_open_or_have_their_times(void **state)
{
	auto_json struct json *good = parsed(
		"{\"metadata\":{\"name\":\"p\"},\"spec\":{\"syncWindows\":["
		"{\"kind\":\"deny\",\"schedule\":\"* * * * *\",\"applications\":[\"web-*\"]},"
		"{\"kind\":\"allow\",\"from\":\"2026-11-23T21:47:27Z\",\"manualSync\":true}]}}");
	auto_json struct json *bad = parsed(
		"{\"metadata\":{\"name\":\"p\"},\"spec\":{\"syncWindows\":["
		"{\"kind\":\"deny\",\"schedule\":\"0 8 * * *\"}]}}");
	struct err err = {0};
	struct reading r = {.intern = intern, .err = &err};
	struct project project;

	assert_works(project_read(&r, good, &project), &err);
	assert_int_equal(project.windows->n, 2);
	assert_true(project.windows->v[0].is_deny);
	assert_str(project.windows->v[0].applications, "web-*");
	assert_true(project.windows->v[1].manual_sync);
	window_list_drop(project.windows);
	assert_fails(
		project_read(&r, bad, &project), &err, E_SYNTAX,
		"spec.syncWindows[0]: schedule is '* * * * *' here; for anything else give from "
		"and until");
	arena_release(&texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_the_path),
		cmocka_unit_test(a_sync_is_read_with_all_that_it_may_say),
		cmocka_unit_test(an_integer_is_a_number_and_no_text),
		cmocka_unit_test(a_projects_windows_are_always_open_or_have_their_times),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
