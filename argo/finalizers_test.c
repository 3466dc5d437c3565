#include "argo/finalizers.h"

#include "argo/argo.h"
#include "testing.h"

static const struct str OWN = STR(FINALIZER_RESOURCES);

static void argo_cds_own_is_known_with_its_way_behind_it(void **state)
{
	assert_true(finalizers_have(STR("[\"a\",\"" FINALIZER_RESOURCES "\"]"), OWN));
	assert_true(finalizers_have(STR("[\"" FINALIZER_RESOURCES "/background\"]"), OWN));
	assert_false(finalizers_have(STR("[\"" FINALIZER_RESOURCES "x\",\"a\"]"), OWN));
	assert_false(finalizers_have(STR(""), OWN));
}

static void what_is_taken_away_leaves_the_others(void **state)
{
	struct argo_config config = argo_config_default();
	struct argo *argo = argo_new(&config, 1, (wall){1000});

	assert_str(finalizers_without(argo, STR("[\"a\",\"" FINALIZER_RESOURCES "\",\"b\"]"), OWN),
		   "[\"a\",\"b\"]");
	assert_str(finalizers_without(argo, STR("[\"" FINALIZER_RESOURCES "\"]"), OWN), "");
	argo_free(argo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argo_cds_own_is_known_with_its_way_behind_it),
		cmocka_unit_test(what_is_taken_away_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
