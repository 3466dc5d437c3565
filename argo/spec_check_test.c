#include "argo/spec_check.h"

#include "story.h"

static struct project project_of(const char *first, const char *second)
{
	struct project project = {.name = STR("demo"), .source_repos = pair_list_new(2)};

	project.source_repos->v[0].key = str_of(first);
	project.source_repos->v[1].key = str_of(second);
	return project;
}

static void a_project_permits_the_repositories_that_its_patterns_mean(void **state)
{
	static const struct {
		const char *first, *second, *url;
		bool is_permitted;
	} rows[] = {
		{"https://git/a", "https://git/b", "https://git/b", true},
		{"https://git/a", "https://git/b", "https://git/b-of-others", false},
		{"https://git/*", "x", "https://git/b", true},
		{"https://git/*", "x", "https://git/b/c", false},
		{"https://git/**", "x", "https://git/b/c", true},
		{"*", "x", "https://git/b/c", true},
		{"*", "!https://git/b", "https://git/b", false},
		{"*", "!https://git/b", "https://git/a", true},
		{"https://git/a", "!https://git/b", "https://git/c", true},
	};

	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct project project = project_of(rows[i].first, rows[i].second);
		assert_int_equal(project_permits_source(&project, str_of(rows[i].url)),
				 rows[i].is_permitted);
		pair_list_drop(project.source_repos);
	}
	assert_true(project_permits_source(&(struct project){.name = STR("p")}, STR("any")));
}

static void all_that_is_wrong_with_a_spec_is_told(void **state)
{
	struct str errors[SPEC_ERRORS_MAX];
	struct story story;

	story_begin(&story, NULL);
	struct app *app = story_made(&story, "web", STR("main"));
	assert_int_equal(spec_errors(story.argo, app, errors), 0);
	argo_apply_project(story.argo, project_of("https://git/a", "https://git/b"));
	app->spec.destination.server = STR("https://nowhere");
	assert_int_equal(spec_errors(story.argo, app, errors), 2);
	assert_str(errors[0], "application repo https://git/demo is not permitted in project "
			      "'demo'");
	assert_str(errors[1], "error getting cluster by server \"https://nowhere\": rpc error: "
			      "code = NotFound desc = cluster \"https://nowhere\" not found");
	app->spec.destination = (struct destination){0};
	assert_int_equal(spec_errors(story.argo, app, errors), 2);
	assert_str(errors[1], "Destination server missing from app spec");
	app->spec.destination.name = STR("moon");
	assert_int_equal(spec_errors(story.argo, app, errors), 2);
	assert_str(errors[1], "there are no clusters with this name: moon");
	app->spec.project = STR("none");
	assert_int_equal(spec_errors(story.argo, app, errors), 1);
	assert_str(errors[0], "Application referencing project none which does not exist");
	app_drop(app);
	story_end(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_project_permits_the_repositories_that_its_patterns_mean),
		cmocka_unit_test(all_that_is_wrong_with_a_spec_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
