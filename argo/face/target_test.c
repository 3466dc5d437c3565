#include "argo/face/target.h"

#include "testing.h"

static void a_target_is_a_path_in_segments_and_a_query(void **state)
{
	auto_arena struct arena arena = {0};
	struct target target;

	assert_true(
		target_parse(STR("/api/v1/applications/a%2Fb?selector=env%3Dtest+x&empty&p=1&p=2"),
			     &arena, &target));
	assert_int_equal(target.segment_count, 4);
	assert_str(target.segments[3], "a/b");
	assert_str(target_get(&target, STR("selector")), "env=test x");
	assert_true(target_has(&target, STR("empty")));
	assert_str(target_get(&target, STR("p")), "1");
	assert_str(target_get(&target, STR("nothing")), "");
	assert_int_equal(target.query_count, 4);
}

static void a_pattern_matches_whole_segments(void **state)
{
	auto_arena struct arena arena = {0};
	struct target target;
	struct str names[2] = {0};

	assert_true(target_parse(STR("/api/v1/applications/web/sync"), &arena, &target));
	assert_true(target_matches(&target, "/api/v1/applications/{}/sync", names, 2));
	assert_str(names[0], "web");
	assert_false(target_matches(&target, "/api/v1/applications/{}", names, 2));
	assert_false(target_matches(&target, "/api/v1/applications", names, 2));
	assert_true(target_parse(STR("/api/v1/applications//sync"), &arena, &target));
	assert_false(target_matches(&target, "/api/v1/applications/{}/sync", names, 2));
	assert_true(target_parse(STR("/a/b/c/d/e/f/g/h/i/j"), &arena, &target));
	assert_false(target_matches(&target, "/a/b/c/d/e/f/g/h", names, 2));
}

static void what_is_no_target_is_refused(void **state)
{
	auto_arena struct arena arena = {0};
	struct target target;

	assert_false(target_parse(STR(""), &arena, &target));
	assert_false(target_parse(STR("http://host/"), &arena, &target));
	assert_false(target_parse(STR("/a%2"), &arena, &target));
	assert_false(target_parse(STR("/a?b=%zz"), &arena, &target));
	assert_true(target_parse(STR("/"), &arena, &target));
	assert_true(target_parse(STR("/?"), &arena, &target));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_a_path_in_segments_and_a_query),
		cmocka_unit_test(a_pattern_matches_whole_segments),
		cmocka_unit_test(what_is_no_target_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
