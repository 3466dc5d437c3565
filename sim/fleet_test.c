#include "sim/fleet.h"

#include "base/check.h"
#include "testing.h"
#include "wire/json.h"

static void the_built_in_fleet_is_read_and_made(void **state)
{
	auto_arena struct arena arena = {0};
	struct argo_config config = argo_config_default();
	struct argo *argo = argo_new(&config, 1, (wall){1'000'000'000'000});
	struct err err = {0};
	struct fleet fleet;
	struct str revision;

	assert_works(fleet_parse(str_of(fleet_built_in), &arena, &fleet, &err), &err);
	assert_str(fleet_project(&fleet), "platform");
	assert_int_equal(fleet.hook_ms, 10'000);
	assert_works(fleet_make(&fleet, argo, &revision, &err), &err);
	assert_int_equal(revision.n, 40);
	assert_non_null(store_appset(argo_store(argo), STR("platform")));
	assert_non_null(store_cluster(argo_store(argo), STR("prd-us")));
	assert_non_null(store_project(argo_store(argo), STR("platform")));
	argo_free(argo);
}

static void what_is_wrong_has_a_line_and_a_column(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"- a\n", "line 1, column 1: a map is wanted, not a list"},
		{"clusterz: []\n", "line 1, column 1: unknown key 'clusterz'"},
		{"durations: {hook: soon}\n",
		 "line 1, column 19: hook is a time, like 500ms, 20s or 2m"},
		{"replicas: 9\n", "line 1, column 11: replicas is a number from 1 to 8"},
		{"content:\n  hook: maybe\n", "line 2, column 9: hook is true or false"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_arena struct arena arena = {0};
		struct err err = {0};
		struct fleet fleet;
		assert_fails(fleet_parse(str_of(cases[i].text), &arena, &fleet, &err), &err,
			     E_SYNTAX, cases[i].words);
	}
}

static void what_cannot_be_made_has_a_line_and_a_column(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"projects: [p]\nclusters:\n- {name: a, lables: {}}\n",
		 "line 3, column 13: unknown key 'lables'"},
		{"clusters:\n- {labels: {}}\n", "line 2, column 3: a cluster has a name"},
		{"applicationSets:\n- {name: a}\n",
		 "line 2, column 3: components are missing: a list of names"},
		{"applicationSets:\n- metadata: {name: a}\n  spec: {generators: [{list: {}}]}\n",
		 "line 2, column 3: spec.generators[0].list.elements: it is missing"},
		{"accounts:\n- {name: a, rights: all}\n",
		 "line 2, column 3: rights are admin, tiphys, generator, norollout or readonly"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		auto_arena struct arena arena = {0};
		struct argo_config config = argo_config_default();
		struct argo *argo = argo_new(&config, 1, (wall){1'000'000'000'000});
		struct err err = {0};
		struct fleet fleet;
		struct str revision;
		assert_works(fleet_parse(str_of(cases[i].text), &arena, &fleet, &err), &err);
		assert_fails(fleet_make(&fleet, argo, &revision, &err), &err, E_SYNTAX,
			     cases[i].words);
		argo_free(argo);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_built_in_fleet_is_read_and_made),
		cmocka_unit_test(what_is_wrong_has_a_line_and_a_column),
		cmocka_unit_test(what_cannot_be_made_has_a_line_and_a_column),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
