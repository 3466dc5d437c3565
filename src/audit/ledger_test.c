#include "audit/ledger.h"

#include "base/check.h"
#include "model/selector.h"
#include "testing.h"

/* Two stages, one Application each, of one ApplicationSet; and one of a namespace of its own. */
static const struct deployment deployments[] = {
	{STR("R1"), {10'000}, {12'000}, STR("ann")},
	{STR("R2"), {20'000}, {22'000}, STR("ann")},
	{STR("R1"), {30'000}, {32'000}, STR("ann")},
};
static const struct app_history apps[] = {
	{.name = STR("web-test"),
	 .namespace = STR("argocd"),
	 .owner = STR("web"),
	 .labels = STR("env=test"),
	 .deployments = deployments,
	 .count = 3},
	{.name = STR("web-prd"),
	 .namespace = STR("argocd"),
	 .owner = STR("web"),
	 .labels = STR("env=prd"),
	 .deployments = deployments,
	 .count = 1},
	{.name = STR("web-prd"),
	 .namespace = STR("other"),
	 .owner = STR("web"),
	 .labels = STR("env=prd"),
	 .deployments = deployments,
	 .count = 1},
};

static void make(struct ledger *ledger, struct selector selectors[2])
{
	struct err err;
	assert_works(selector_parse(STR("env=test"), &selectors[0], &err), &err);
	assert_works(selector_parse(STR("env=prd"), &selectors[1], &err), &err);
	struct plan_stage stages[] = {{.selector = &selectors[0]}, {.selector = &selectors[1]}};
	struct order_plan plan = {.stages = stages, .stage_count = 2};

	ledger_make(ledger, &plan, apps, COUNTOF(apps), 7);
}

static void unmake(struct ledger *ledger, struct selector selectors[2])
{
	ledger_release(ledger);
	selector_release(&selectors[0]);
	selector_release(&selectors[1]);
}

static void a_release_has_one_arrival_of_each(void **state)
{
	struct selector selectors[2] = {0};
	struct ledger ledger;

	make(&ledger, selectors);
	assert_int_equal(ledger.releases.n, 2);
	assert_str(ledger.releases.v[0].revision, "R1");
	assert_int_equal(ledger.releases.v[0].arrivals.n, 2);
	assert_int_equal(ledger.releases.v[0].arrivals.v[0].deployment, 0);
	assert_int_equal(ledger.releases.v[0].began_at.ms, 10'000);
	assert_int_equal(ledger.releases.v[1].arrivals.n, 1);
	/* R1, R2, R1 of web-test; R1 of web-prd. */
	assert_int_equal(ledger.lines.n, 4);
	assert_int_equal(ledger.lines.v[2], 0);
	assert_int_equal(ledger.lines.v[1], 1);
	assert_int_equal(ledger.lines.v[ledger.first_line_of.v[1]], 0);
	unmake(&ledger, selectors);
}

static void applicationsets_of_one_name_in_two_namespaces_are_two(void **state)
{
	struct selector selectors[2] = {0};
	struct ledger ledger;

	make(&ledger, selectors);
	assert_int_equal(ledger.groups.n, 2);
	assert_int_equal(ledger.groups.v[0].stages, 2);
	assert_int_equal(ledger.groups.v[1].stages, 1);
	assert_int_equal(ledger.groups.v[1].first_stage, 1);
	assert_int_equal(ledger.report.lone_groups, 1);
	unmake(&ledger, selectors);
}

static void without_a_start_the_end_stands_for_it(void **state)
{
	struct deployment deployment = {.ended_at = {5'000}};

	assert_int_equal(deployment_began_at(&deployment).ms, 5'000);
	deployment.started_at = (wall){3'000};
	assert_int_equal(deployment_began_at(&deployment).ms, 3'000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_has_one_arrival_of_each),
		cmocka_unit_test(applicationsets_of_one_name_in_two_namespaces_are_two),
		cmocka_unit_test(without_a_start_the_end_stands_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
