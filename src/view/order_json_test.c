#include "view/order_json.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "testing.h"

#define SHA "3f2a91c04d5e6f708192a3b4c5d6e7f801234567"

static const struct plan_stage stages[] = {{.text = STR("env=test")}, {.text = STR("env=prd")}};
static const struct order_plan plan = {
	.project = STR("platform"), .stages = stages, .stage_count = 2, .by = STR("app")};
static const struct deployment deployed = {STR(SHA), {1795442531000}, {1795442540000}, STR("ann")};
static const struct app_history production = {.name = STR("web-prd"), .deployments = &deployed};
static const struct app_history test = {.name = STR("web-test")};

static struct order_json begin(struct buf *out)
{
	*out = BUF_INIT(ORDER_JSON_BYTES_MAX);
	return (struct order_json){.plan = &plan, .now = {1795442600000}};
}

#define assert_written(out, expected)                                                              \
	do {                                                                                       \
		assert_str(buf_view((out)), (expected));                                           \
		buf_clear((out));                                                                  \
	} while (0)

static void an_audit_is_lines_of_json(void **state)
{
	auto_buf struct buf out = {0};
	struct order_json json = begin(&out);
	struct order_finding finding = {.verdict = ORDER_BROKEN,
					.later = 1,
					.ahead = &production,
					.behind = &test,
					.deployed = &deployed,
					.ended_at = {1795442534000},
					.more = 2};
	struct order_release release = {STR("web"),   STR(SHA), {1795442531000},
					ORDER_BROKEN, &finding, 1};

	order_json_begin(&json, STR("argocd.corp"), STR("v3.2.11"), &out);
	assert_written(
		&out,
		"{\"v\":1,\"seq\":1,\"time\":\"2026-11-23T14:03:20Z\",\"type\":\"connected\","
		"\"project\":\"platform\",\"order\":[\"env=test\",\"env=prd\"],\"by\":\"app\","
		"\"address\":\"argocd.corp\",\"version\":\"v3.2.11\"}\n");
	order_json_release(&json, &release, &out);
	assert_written(
		&out,
		"{\"v\":1,\"seq\":2,\"time\":\"2026-11-23T14:03:20Z\",\"type\":\"release\","
		"\"group\":\"web\",\"revision\":\"" SHA "\",\"beganAt\":\"2026-11-23T14:02:11Z\","
		"\"verdict\":\"out-of-order\",\"findings\":[{\"verdict\":\"out-of-order\","
		"\"later\":\"env=prd\",\"earlier\":\"env=test\",\"ahead\":\"web-prd\","
		"\"startedAt\":\"2026-11-23T14:02:11Z\",\"by\":\"ann\",\"behind\":\"web-test\","
		"\"endedAt\":\"2026-11-23T14:02:14Z\",\"aheadByMs\":3000,\"more\":2,\"text\":"
		"\"web-prd (env=prd) began at 2026-11-23T14:02:11Z, by ann, 3s before web-test "
		"(env=test) had it; so with 2 more of env=prd\"}]}\n");
}

static void what_is_unknown_says_why(void **state)
{
	auto_buf struct buf out = {0};
	struct order_json json = begin(&out);
	struct order_finding finding = {.verdict = ORDER_UNKNOWN,
					.doubt = DOUBT_NEW,
					.later = 1,
					.ahead = &production,
					.deployed = &deployed};
	struct order_release release = {STR("web"), STR(SHA), {0}, ORDER_UNKNOWN, &finding, 1};

	order_json_release(&json, &release, &out);
	assert_true(str_find(buf_view(&out),
			     STR("\"verdict\":\"unknown\",\"doubt\":\"earlier-stage-is-newer\","),
			     NULL));
	assert_false(str_find(buf_view(&out), STR("\"behind\""), NULL));
	assert_false(str_find(buf_view(&out), STR("aheadByMs"), NULL));
}

static void the_end_has_the_counts(void **state)
{
	auto_buf struct buf out = {0};
	struct order_json json = begin(&out);
	struct order_report report = {.release_count = 3,
				      .by_verdict = {1, 0, 1, 1},
				      .broken = {[1] = {1}},
				      .apps = 9,
				      .unstaged = 2,
				      .cut = 4,
				      .groups = 2};

	order_json_end(&json, &report, EXIT_FAILED, STR(""), &out);
	assert_written(
		&out,
		"{\"v\":1,\"seq\":1,\"time\":\"2026-11-23T14:03:20Z\",\"type\":\"end\",\"code\":1,"
		"\"result\":\"out-of-order\",\"releases\":3,\"inOrder\":1,\"sameSecond\":0,"
		"\"unknown\":1,\"outOfOrder\":1,\"atFirstStage\":0,\"older\":0,\"applications\":9,"
		"\"groups\":2,\"broken\":[{\"later\":\"env=prd\",\"earlier\":\"env=test\","
		"\"releases\":1}],\"notJudged\":{\"unstaged\":2,\"ungrouped\":0,\"hydrated\":0,"
		"\"withoutHistory\":0,\"groupsOfOneStage\":0},\"historiesCut\":4}\n");
}

static void an_end_without_a_report_says_why(void **state)
{
	auto_buf struct buf out = {0};
	struct order_json json = begin(&out);

	order_json_end(&json, NULL, EXIT_TRY_AGAIN, STR("server unreachable"), &out);
	assert_written(&out,
		       "{\"v\":1,\"seq\":1,\"time\":\"2026-11-23T14:03:20Z\",\"type\":\"end\","
		       "\"code\":75,\"result\":\"try-again\",\"text\":\"server unreachable\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_audit_is_lines_of_json),
		cmocka_unit_test(what_is_unknown_says_why),
		cmocka_unit_test(the_end_has_the_counts),
		cmocka_unit_test(an_end_without_a_report_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
