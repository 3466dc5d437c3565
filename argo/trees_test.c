#include "argo/trees.h"

#include "argo/inside.h"
#include "base/check.h"
#include "testing.h"

#define REPO "https://git.example.com/fleet"

static void a_git_generator_makes_one_for_each_file_of_the_commit(void **state)
{
	struct argo_config config = argo_config_default();
	struct argo *argo = argo_new(&config, 1, (wall){1'700'000'000'000});
	struct content content = content_default();
	struct appset *set = appset_new();
	const struct app **apps;
	struct str error;

	struct str old = argo_push(argo, STR(REPO), STR("main"), &content);
	struct str sha = argo_push(argo, STR(REPO), STR("main"), &content);
	argo_put_file(argo, STR(REPO), old, STR("fleet/gone.json"), pairs_of(STR("name=gone")));
	argo_put_file(argo, STR(REPO), sha, STR("fleet/b.yaml"), pairs_of(STR("name=b")));
	argo_put_file(argo, STR(REPO), sha, STR("fleet/a.json"), pairs_of(STR("name=a")));
	argo_put_file(argo, STR(REPO), sha, STR("README"), NULL);
	set->name = STR("set");
	set->go_template = true;
	set->generators = generator_list_new(1);
	set->generators->v[0] = (struct generator){
		.type = GENERATOR_GIT,
		.git_repo_url = STR(REPO),
		.git_revision = STR("main"),
		.git_is_files = true,
		.git_paths = pairs_of(STR("fleet/*=")),
	};
	set->template.name = STR("{{.name}}");
	size_t n = appsets_generate(argo->appsets, set, &apps, &error);
	assert_int_equal(n, 2);
	assert_str(apps[0]->name, "a");
	assert_str(apps[1]->name, "b");
	appset_drop(set);
	argo_free(argo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_git_generator_makes_one_for_each_file_of_the_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
