#include "argo/conditions.h"

#include "testing.h"

static const struct appset_condition UP_TO_DATE = {
	STR("ResourcesUpToDate"), STR("ApplicationSetUpToDate"), STR("all is well"), true};
static const struct appset_condition ERROR = {STR("ErrorOccurred"), STR("UpdateApplicationError"),
					      STR("no"), true};
static const struct appset_condition STEP_1 = {STR("RolloutProgressing"),
					       STR("ApplicationSetModified"), STR("step 1"), true};

static wall at(int64_t second)
{
	return (wall){second * 1000};
}

static void shows(const struct appset *set, const char *type, const char *state, int64_t second)
{
	assert_str(appset_condition_state(set, str_of(type)), state);
	for (uint32_t i = 0; i < set->conditions->n; i++)
		if (str_eq(set->conditions->v[i].type, str_of(type)))
			assert_int_equal(set->conditions->v[i].last_transition_at.ms,
					 second * 1000);
}

static void being_up_to_date_takes_the_error_back_and_the_other_way_round(void **state)
{
	struct appset *set = appset_new();

	assert_true(appset_set_condition(set, &UP_TO_DATE, true, (wall){1700}));
	shows(set, "ErrorOccurred", "False/ApplicationSetUpToDate", 1);
	shows(set, "ParametersGenerated", "True/ParametersGenerated", 1);
	shows(set, "ResourcesUpToDate", "True/ApplicationSetUpToDate", 1);
	assert_int_equal(set->conditions->n, 3);
	assert_str(set->conditions->v[0].type, "ErrorOccurred");

	assert_true(appset_set_condition(set, &ERROR, true, at(2)));
	shows(set, "ErrorOccurred", "True/UpdateApplicationError", 2);
	shows(set, "ParametersGenerated", "True/ParametersGenerated", 1);
	shows(set, "ResourcesUpToDate", "False/ErrorOccurred", 2);
	appset_drop(set);
}

static void what_says_the_same_is_no_change_and_keeps_its_stamp(void **state)
{
	struct appset *set = appset_new();

	assert_true(appset_set_condition(set, &UP_TO_DATE, true, at(1)));
	assert_false(appset_set_condition(set, &UP_TO_DATE, true, at(9)));
	shows(set, "ResourcesUpToDate", "True/ApplicationSetUpToDate", 1);
	appset_drop(set);
}

static void an_error_of_generating_is_told_of_the_parameters_too(void **state)
{
	struct appset *set = appset_new();

	appset_set_condition(set, &ERROR, false, at(1));
	shows(set, "ParametersGenerated", "False/ErrorOccurred", 1);
	appset_drop(set);
}

static void a_rollout_is_told_only_of_a_set_that_rolls(void **state)
{
	struct appset *set = appset_new();

	set->is_rolling = true;
	appset_set_condition(set, &UP_TO_DATE, true, at(1));
	assert_true(appset_set_condition(set, &STEP_1, true, at(2)));
	shows(set, "RolloutProgressing", "True/ApplicationSetModified", 2);
	assert_false(appset_set_condition(set, &UP_TO_DATE, true, at(3)));
	set->is_rolling = false;
	assert_true(appset_set_condition(set, &UP_TO_DATE, true, at(4)));
	assert_int_equal(set->conditions->n, 3);
	assert_false(appset_set_condition(set, &STEP_1, true, at(5)));
	shows(set, "RolloutProgressing", "", 0);
	appset_drop(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(being_up_to_date_takes_the_error_back_and_the_other_way_round),
		cmocka_unit_test(what_says_the_same_is_no_change_and_keeps_its_stamp),
		cmocka_unit_test(an_error_of_generating_is_told_of_the_parameters_too),
		cmocka_unit_test(a_rollout_is_told_only_of_a_set_that_rolls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
