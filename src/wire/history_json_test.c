#include "wire/history_json.h"

#include "base/check.h"
#include "testing.h"

static struct app_history read_text(const char *text, struct arena *arena)
{
	auto_json struct json *root = NULL;
	struct app_history history = {0};
	struct err err = {0};

	assert_works(json_parse(str_of(text), &JSON_LIMIT, &root, &err), &err);
	assert_works(history_from_json(root, arena, &history, &err), &err);
	return history;
}

static void assert_stamp(wall at, const char *expected)
{
	assert_string_equal(wall_format(at).s, expected);
}

static void an_application_remembers_what_it_deployed(void **state)
{
	auto_arena struct arena arena = {0};
	struct app_history history = read_text(
		"{\"metadata\":{\"name\":\"web-prd\",\"namespace\":\"argocd\",\"labels\":{\"env\":"
		"\"prd\"},\"creationTimestamp\":\"2026-11-01T08:00:00Z\",\"ownerReferences\":[{"
		"\"kind\":\"ApplicationSet\",\"name\":\"web\",\"controller\":true}]},\"spec\":{"
		"\"source\":{\"repoURL\":\"r\"}},\"status\":{\"history\":[{\"id\":0,\"revision\":"
		"\"aaa\",\"deployStartedAt\":\"2026-11-02T10:00:00Z\",\"deployedAt\":"
		"\"2026-11-02T10:01:00Z\",\"initiatedBy\":{\"username\":\"ann\"}},{\"id\":1,"
		"\"revision\":\"bbb\",\"deployedAt\":\"2026-11-03T10:01:00Z\",\"initiatedBy\":{"
		"\"automated\":true}}]}}",
		&arena);

	assert_str(history.name, "web-prd");
	assert_str(history.namespace, "argocd");
	assert_str(history.owner, "web");
	assert_str(history.labels, "env=prd");
	assert_stamp(history.created_at, "2026-11-01T08:00:00Z");
	assert_false(history.is_cut || history.keeps_none || history.is_hydrated);
	assert_int_equal(history.count, 2);
	assert_str(history.deployments[0].revision, "aaa");
	assert_str(history.deployments[0].initiator, "ann");
	assert_stamp(history.deployments[0].started_at, "2026-11-02T10:00:00Z");
	assert_stamp(history.deployments[0].ended_at, "2026-11-02T10:01:00Z");
	assert_str(history.deployments[1].initiator, "auto-sync");
	assert_int_equal(history.deployments[1].started_at.ms, 0);
}

static void several_sources_are_one_revision(void **state)
{
	auto_arena struct arena arena = {0};
	struct app_history history = read_text(
		"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"sources\":[{},{}]},"
		"\"status\":{\"history\":[{\"id\":0,\"revisions\":[\"aaa\",\"1.2\"]}]}}",
		&arena);

	assert_str(history.deployments[0].revision, "aaa,1.2");
}

/* Argo CD numbers them from 0 for as long as the Application lives. */
static void a_history_that_begins_later_has_lost_some(void **state)
{
	auto_arena struct arena arena = {0};
	struct app_history history = read_text(
		"{\"metadata\":{\"name\":\"a\"},\"spec\":{},\"status\":{\"history\":["
		"{\"id\":7,\"revision\":\"a\"}]}}",
		&arena);

	assert_true(history.is_cut);
}

static void none_may_be_kept_and_none_may_be_there(void **state)
{
	auto_arena struct arena arena = {0};
	struct app_history none = read_text(
		"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"revisionHistoryLimit\":0}}", &arena);
	struct app_history new = read_text("{\"metadata\":{\"name\":\"a\"},\"spec\":{}}", &arena);

	assert_true(none.keeps_none);
	assert_false(new.keeps_none || new.is_cut);
	assert_int_equal(new.count, 0);
	assert_true(str_empty(new.owner));
}

static void a_hydrated_one_is_told_apart(void **state)
{
	auto_arena struct arena arena = {0};

	assert_true(read_text("{\"metadata\":{\"name\":\"a\"},\"spec\":{\"sourceHydrator\":{}}}",
			      &arena)
			    .is_hydrated);
}

static void without_a_name_or_a_spec_it_is_none(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{"{\"spec\":{}}", "an Application without a name"},
		{"{\"metadata\":{\"name\":\"a\"}}", "an Application without a spec"},
	};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		auto_json struct json *root = NULL;
		struct app_history history;
		struct err err = {0};
		assert_works(json_parse(str_of(rows[i].text), &JSON_LIMIT, &root, &err), &err);
		assert_fails(history_from_json(root, &arena, &history, &err), &err, E_PROTOCOL,
			     rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_application_remembers_what_it_deployed),
		cmocka_unit_test(several_sources_are_one_revision),
		cmocka_unit_test(a_history_that_begins_later_has_lost_some),
		cmocka_unit_test(none_may_be_kept_and_none_may_be_there),
		cmocka_unit_test(a_hydrated_one_is_told_apart),
		cmocka_unit_test(without_a_name_or_a_spec_it_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
