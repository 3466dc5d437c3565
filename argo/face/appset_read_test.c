#include "argo/face/appset_read.h"

#include "app_fixture.h"
#include "argo/face/appset_json.h"
#include "base/arena.h"
#include "base/check.h"
#include "testing.h"

#include <stdio.h>

static struct arena texts;

static struct str intern(void *self, struct str text)
{
	return arena_copy(&texts, text);
}

/* The spec that a real Argo CD wrote is read, and written again. */
static void check_spec(const char *fixture)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB), out = BUF_INIT(1 * MIB);
	auto_json struct json *object = fixture_json(fixture, &text);
	struct json_write w = JSON_WRITE(&out);
	struct err err = {0};
	struct reading r = {.intern = intern, .err = &err};
	struct appset *set = NULL;
	size_t from, to;

	assert_works(appset_read(&r, object, &set), &err);
	appset_json_write(&w, set);
	assert_true(str_find(buf_view(&text), STR("\"spec\":"), &from));
	assert_true(str_find(buf_view(&text), STR(",\"status\":{\"conditions\""), &to));
	struct str spec = str_after(str_first(buf_view(&text), to), from);
	if (!str_find(buf_view(&out), spec, NULL))
		fail_msg("%s:\nexpected " STR_FMT "\nin " STR_FMT, fixture, STR_ARG(spec),
			 STR_ARG(buf_view(&out)));
	appset_drop(set);
	arena_release(&texts);
}

static void an_applicationset_is_read_and_written_as_argo_cd_writes_it(void **state)
{
	check_spec("owner.http");
	check_spec("owner-rolling.http");
}

static void errors_name_the_path(void **state)
{
	static const struct {
		const char *generators, *words;
	} cases[] = {
		{"[]", "spec: generators are missing"},
		{"[{\"scmProvider\":{}}]",
		 "spec.generators[0]: it is none of clusters, list, git, matrix, merge"},
		{"[{\"list\":{}}]", "spec.generators[0].list.elements: it is missing"},
		{"[{\"list\":{\"elements\":[{\"a\":{\"b\":1}}]}}]",
		 "spec.generators[0].list.elements[0]: 'a' is no plain value"},
		{"[{\"matrix\":{\"generators\":[{\"clusters\":{}}]}}]",
		 "spec.generators[0].matrix.generators: a matrix has two generators, not 1"},
		{"[{\"git\":{\"repoURL\":\"r\"}}]",
		 "spec.generators[0].git: directories or files are missing"},
		{"[{\"clusters\":{\"selector\":{\"matchExpressions\":[{\"key\":\"a\","
		 "\"operator\":\"Near\"}]}}}]",
		 "spec.generators[0].clusters.selector.matchExpressions[0]: operator is In, NotIn, "
		 "Exists or DoesNotExist"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_buf struct buf text = BUF_INIT(64 * KIB);
		auto_json struct json *object = NULL;
		struct err err = {0};
		struct reading r = {.intern = intern, .err = &err};
		struct appset *set = NULL;
		buf_printf(
			&text,
			"{\"metadata\":{\"name\":\"a\"},\"spec\":{\"generators\":%s,\"template\":"
			"{\"metadata\":{\"name\":\"x\"},\"spec\":{\"source\":"
			"{\"repoURL\":\"r\"}}}}}",
			cases[i].generators);
		assert_works(json_parse(buf_view(&text), &JSON_LIMIT, &object, &err), &err);
		assert_fails(appset_read(&r, object, &set), &err, E_SYNTAX, cases[i].words);
		assert_null(set);
	}
	arena_release(&texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_applicationset_is_read_and_written_as_argo_cd_writes_it),
		cmocka_unit_test(errors_name_the_path),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
