#include "wire/plan_json.h"

#include "base/check.h"
#include "testing.h"
#include "wire/json.h"

#include <string.h>

static const struct approver approvers[] = {{.is_group = true, .name = STR("sre")},
					    {.name = STR("ann \"the\" cat\n\x7fé")}};

static const struct plan_stage stages[] = {
	{
		.text = STR("env=test,a"),
		.expect = 4,
		.name = STR("test"),
		.gate = {.is_asked = true,
			 .approvers = approvers,
			 .approver_count = 2,
			 .count = 2,
			 .not_submitter = true,
			 .timeout_ms = 259'200'000},
		.soak = {.for_ms = INT64_MAX, .on_breach = BREACH_STOP},
		.concurrency = 5,
		.prune = true,
		.timeout_ms = 2'700'000,
	},
	{.text = STR("a,env in (prd)"), .soak.on_breach = BREACH_EXTEND},
	{.text = STR("a"), .expect = UINT32_MAX},
};

/* Every field is something that it isn't in a zeroed plan. */
static struct plan full_plan(void)
{
	return (struct plan){
		.run = STR("r1"),
		.servers = {{.context = STR("prod"),
			     .address = STR("argocd.corp:8443/root"),
			     .selector = STR("a")}},
		.project = STR("platform"),
		.revision = STR("4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a"),
		.stages = stages,
		.stage_count = COUNTOF(stages),
		.concurrency = 20,
		.is_promotion = true,
		.app = STR("web"),
		.submitter = STR("ann"),
		.submitter_uid = 1000,
		.hash = STR("is not in its own bytes"),
		.skip = SKIP_HOOKED,
		.is_dry_run = true,
		.prune = true,
		.keep_going = true,
		.accept_suspended = true,
		.allow_out_of_sync = true,
		.allow_auto_sync = true,
		.accept_foreign = true,
		.revision_timeout_ms = 1,
		.operation_timeout_ms = 2,
		.health_timeout_ms = 3,
		.server_timeout_ms = 4,
	};
}

static const char full_text[] =
	"{\"acceptForeign\":true,\"acceptSuspended\":true,\"address\":\"argocd.corp:8443/root\","
	"\"allowAutoSync\":true,\"allowOutOfSync\":true,\"app\":\"web\",\"concurrency\":20,"
	"\"context\":\"prod\",\"dryRun\":true,\"healthTimeoutMs\":3,\"keepGoing\":true,"
	"\"operationTimeoutMs\":2,\"project\":\"platform\",\"promotion\":true,\"prune\":true,"
	"\"revision\":\"4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a\",\"revisionTimeoutMs\":1,"
	"\"run\":\"r1\",\"serverTimeoutMs\":4,\"skip\":\"hooked\",\"stages\":["
	"{\"concurrency\":5,\"expect\":4,\"gate\":{\"approvers\":[{\"group\":true,\"name\":"
	"\"sre\"},{\"group\":false,\"name\":\"ann \\\"the\\\" cat\\n\x7fé\"}],\"asked\":true,"
	"\"count\":2,\"notSubmitter\":true,\"timeoutMs\":259200000},\"name\":\"test\","
	"\"prune\":true,\"selector\":\"env=test,a\",\"soak\":{\"forMs\":9223372036854775807,"
	"\"onBreach\":\"stop\"},\"timeoutMs\":2700000},"
	"{\"concurrency\":0,\"expect\":0,\"gate\":{\"approvers\":[],\"asked\":false,\"count\":0,"
	"\"notSubmitter\":false,\"timeoutMs\":0},\"name\":\"\",\"prune\":false,"
	"\"selector\":\"a,env in (prd)\",\"soak\":{\"forMs\":0,\"onBreach\":\"extend\"},"
	"\"timeoutMs\":0},"
	"{\"concurrency\":0,\"expect\":4294967295,\"gate\":{\"approvers\":[],\"asked\":false,"
	"\"count\":0,\"notSubmitter\":false,\"timeoutMs\":0},\"name\":\"\",\"prune\":false,"
	"\"selector\":\"a\",\"soak\":{\"forMs\":0,\"onBreach\":\"restart\"},\"timeoutMs\":0}],"
	"\"submitter\":\"ann\",\"submitterUid\":1000,\"v\":1}";

static struct plan read_plan(const char *text, struct arena *arena)
{
	struct plan plan = {0};
	struct err err = {0};

	assert_works(plan_from_json(str_of(text), arena, &plan, &err), &err);
	return plan;
}

/* The full text with one part exchanged for another. */
static struct str changed(const char *from, const char *to, struct arena *arena)
{
	struct str text = str_of(full_text);
	size_t at;

	assert_true(str_find(text, str_of(from), &at));
	struct str behind = str_after(text, at + strlen(from));
	return arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(str_first(text, at)), to,
			    STR_ARG(behind));
}

static void assert_refused(struct str text, enum err_code code, const char *words)
{
	auto_arena struct arena arena = {0};
	struct plan plan = {.stage_count = 7};
	struct err err = {0};

	assert_fails(plan_from_json(text, &arena, &plan, &err), &err, code, words);
	assert_int_equal(plan.stage_count, 7);
}

static void assert_change_refused(const char *from, const char *to, const char *words)
{
	auto_arena struct arena arena = {0};

	assert_refused(changed(from, to, &arena), E_SYNTAX, words);
}

/* ---- */

static void a_plan_has_one_text(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	auto_buf struct buf canonical = BUF_INIT(MIB);
	auto_json struct json *root = NULL;
	struct plan plan = full_plan();
	struct err err = {0};

	assert_works(plan_to_json(&plan, &text, &err), &err);
	assert_str(buf_view(&text), full_text);
	/* keys are sorted and nothing is between them, as another writer would have it */
	assert_works(json_parse(buf_view(&text), &JSON_LIMIT, &root, &err), &err);
	json_canonical(root, &canonical);
	assert_str_eq(buf_view(&canonical), buf_view(&text));
}

static void what_follows_from_the_rest_is_not_in_it(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan plan = full_plan();
	struct err err = {0};

	plan.hash = STR("another");
	plan.servers[0].selector = STR("");
	assert_works(plan_to_json(&plan, &text, &err), &err);
	assert_str(buf_view(&text), full_text);
}

static void what_was_written_is_read_as_it_was(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan plan = read_plan(full_text, &arena);
	const struct plan_stage *test = &plan.stages[0];

	assert_str(plan.run, "r1");
	assert_str(plan.servers[0].context, "prod");
	assert_str(plan.servers[0].address, "argocd.corp:8443/root");
	assert_str(plan.project, "platform");
	assert_int_equal(plan.revision.n, 40);
	assert_int_equal(plan.concurrency, 20);
	assert_true(plan.is_promotion);
	assert_str(plan.app, "web");
	assert_str(plan.submitter, "ann");
	assert_int_equal(plan.submitter_uid, 1000);
	assert_str(plan.hash, "");
	assert_int_equal(plan.skip, SKIP_HOOKED);
	assert_true(plan.is_dry_run);
	assert_true(plan.prune);
	assert_true(plan.keep_going);
	assert_true(plan.accept_suspended);
	assert_true(plan.allow_out_of_sync);
	assert_true(plan.allow_auto_sync);
	assert_true(plan.accept_foreign);
	assert_int_equal(plan.revision_timeout_ms, 1);
	assert_int_equal(plan.operation_timeout_ms, 2);
	assert_int_equal(plan.health_timeout_ms, 3);
	assert_int_equal(plan.server_timeout_ms, 4);
	assert_int_equal(plan.stage_count, 3);
	assert_str(test->name, "test");
	assert_int_equal(test->expect, 4);
	assert_int_equal(test->concurrency, 5);
	assert_true(test->prune);
	assert_int_equal(test->timeout_ms, 2'700'000);
	assert_int_equal(test->soak.for_ms, INT64_MAX);
	assert_int_equal(test->soak.on_breach, BREACH_STOP);
	assert_true(test->gate.is_asked);
	assert_int_equal(test->gate.count, 2);
	assert_true(test->gate.not_submitter);
	assert_int_equal(test->gate.timeout_ms, 259'200'000);
	assert_int_equal(test->gate.approver_count, 2);
	assert_true(test->gate.approvers[0].is_group);
	assert_str(test->gate.approvers[0].name, "sre");
	assert_false(test->gate.approvers[1].is_group);
	assert_str_eq(test->gate.approvers[1].name, approvers[1].name);
	assert_null(plan.stages[1].gate.approvers);
	assert_int_equal(plan.stages[2].expect, UINT32_MAX);
}

static void one_field_that_differs_gives_another_text(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan plan = full_plan();
	struct plan_stage others[COUNTOF(stages)];
	struct err err = {0};

	memcpy(others, stages, sizeof(stages));
	plan.stages = others;
	others[1].gate.not_submitter = true;
	assert_works(plan_to_json(&plan, &text, &err), &err);
	assert_false(str_eq(buf_view(&text), str_of(full_text)));
}

static void selectors_are_parsed_and_the_servers_made_again(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan plan = read_plan(full_text, &arena);
	uint32_t all;

	assert_int_equal(plan_stage_of(&plan, 0, STR("env=prd,a=1"), &all), 1);
	assert_int_equal(plan_stage_of(&plan, 0, STR("env=test,a=1"), &all), 0);
	assert_str(plan.servers[0].selector, "a");
}

/* ---- several Argo CDs ---- */

static struct plan plan_of_two(struct plan_stage *others)
{
	struct plan plan = full_plan();

	memcpy(others, stages, sizeof(stages));
	others[1].server = 1;
	plan.stages = others;
	plan.servers[1] = (struct plan_server){.context = STR("other"), .address = STR("b")};
	plan.more_servers = 1;
	return plan;
}

static void several_servers_are_in_it_and_each_stage_says_its_own(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(MIB), again = BUF_INIT(MIB);
	struct plan_stage others[COUNTOF(stages)];
	struct plan plan = plan_of_two(others), read;
	struct err err = {0};
	uint32_t all;

	assert_works(plan_to_json(&plan, &text, &err), &err);
	assert_true(str_find(buf_view(&text),
			     STR("\"servers\":[{\"address\":\"b\",\"context\":"
				 "\"other\"}]"),
			     NULL));
	assert_true(str_find(buf_view(&text), STR("\"server\":1"), NULL));
	assert_true(str_ends(buf_view(&text), STR("\"v\":2}")));
	read = read_plan(buf_cstr(&text), &arena);
	assert_int_equal(read.more_servers, 1);
	assert_str(read.servers[0].context, "prod");
	assert_str(read.servers[1].context, "other");
	assert_str(read.servers[1].address, "b");
	assert_int_equal(read.stages[0].server, 0);
	assert_int_equal(read.stages[1].server, 1);
	assert_works(plan_to_json(&read, &again, &err), &err);
	assert_str_eq(buf_view(&again), buf_view(&text));
	/* each selects by what its own stages require */
	assert_str(read.servers[0].selector, "a");
	assert_str(read.servers[1].selector, "a,env in (prd)");
	assert_int_equal(plan_stage_of(&read, 1, STR("env=prd,a=1"), &all), 1);
	assert_int_equal(plan_stage_of(&read, 0, STR("env=prd,a=1"), &all), 2);
}

static void a_plan_of_one_server_is_written_as_ever(void **state)
{
	assert_change_refused("\"v\":1", "\"v\":2", "a plan lacks its 'servers'");
	assert_change_refused("\"skip\"", "\"servers\":[],\"skip\"", "a plan has no 'servers'");
}

static void a_stage_is_on_one_of_the_plans_servers(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan_stage others[COUNTOF(stages)];
	struct plan plan = plan_of_two(others);
	struct err err = {0};

	others[2].server = 2;
	assert_works(plan_to_json(&plan, &text, &err), &err);
	assert_refused(buf_view(&text), E_SYNTAX, "stage 3 has a 'server' that there is not");
}

static void a_whole_project_has_no_selector(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan_stage stage = {.expect = 0};
	struct plan plan = {.stages = &stage, .stage_count = 1}, again;
	struct err err = {0};

	assert_works(plan_to_json(&plan, &text, &err), &err);
	again = read_plan(buf_cstr(&text), &arena);
	assert_null(again.stages[0].selector);
	assert_str(again.servers[0].selector, "");
}

static void a_newer_version_says_so_whatever_else_is_in_it(void **state)
{
	auto_arena struct arena arena = {0};

	assert_refused(changed("\"v\":1", "\"v\":3", &arena), E_CONFLICT,
		       "written by a newer tiphys: it has version 3, and this one reads 2");
	assert_refused(STR("{\"future\":[],\"v\":99}"), E_CONFLICT,
		       "written by a newer tiphys: it has version 99, and this one reads 2");
	assert_refused(STR("{}"), E_SYNTAX, "no plan: its version is missing");
	assert_refused(STR("{\"v\":\"1\"}"), E_SYNTAX, "no plan: its version is missing");
	assert_refused(STR("{\"v\":0}"), E_SYNTAX, "no plan: its version is missing");
	assert_refused(STR("[1]"), E_SYNTAX, "no plan: its version is missing");
}

static void exactly_its_keys_are_in_it(void **state)
{
	assert_change_refused("\"v\":1", "\"v\":1,\"w\":1", "a plan has no 'w'");
	assert_change_refused("\"app\":\"web\",", "", "a plan lacks its 'app'");
	assert_change_refused("\"app\":\"web\",", "\"app\":null,", "a plan lacks its 'app'");
	assert_change_refused("\"expect\":4,", "", "stage 1: a stage lacks its 'expect'");
	assert_change_refused("\"expect\":4294967295,", "\"expect\":1,\"soka\":1,",
			      "stage 3: a stage has no 'soka'");
	assert_change_refused("\"count\":2,", "", "stage 1: a gate lacks its 'count'");
	assert_change_refused("\"group\":true,", "", "stage 1: an approver lacks its 'group'");
	assert_change_refused(",\"onBreach\":\"extend\"", "",
			      "stage 2: a soak lacks its 'onBreach'");
	assert_refused(STR("{\"v\":1,\"v\":1}"), E_SYNTAX,
		       "line 1, column 10: duplicate object key");
}

static void each_value_is_of_its_kind(void **state)
{
	assert_change_refused("\"web\"", "7", "'app' must be a text");
	assert_change_refused("\"acceptForeign\":true", "\"acceptForeign\":1",
			      "'acceptForeign' must be true or false");
	assert_change_refused("\"concurrency\":20", "\"concurrency\":-1",
			      "'concurrency' must be a number that fits");
	assert_change_refused("\"expect\":4294967295", "\"expect\":4294967296",
			      "stage 3: 'expect' must be a number that fits");
	assert_change_refused("\"expect\":4,", "\"expect\":\"4\",",
			      "stage 1: 'expect' must be a number that fits");
	assert_change_refused("\"hooked\"", "\"hook\"", "'skip' must be one of its names");
	assert_change_refused("\"stop\"", "\"ignore\"",
			      "stage 1: 'onBreach' must be one of its names");
	assert_change_refused("\"selector\":\"a\"", "\"selector\":\"a in\"",
			      "stage 3: 'selector': column 5: expected '(', found the end");
	assert_change_refused("\"selector\":\"a\"", "\"selector\":\" \"",
			      "stage 3: 'selector': an empty selector would select everything; use "
			      "--all");
	assert_change_refused("\"approvers\":[]", "\"approvers\":{}",
			      "stage 2: 'approvers' must be a list");
	assert_change_refused("\"approvers\":[]", "\"approvers\":[7]",
			      "stage 2: an approver must be a map");
	assert_refused(STR("{\"v\":1"), E_SYNTAX, "line 1, column 6: '}' expected");
}

static void a_plan_has_stages_and_not_too_many(void **state)
{
	auto_arena struct arena arena = {0};
	struct str text = str_of(full_text), before, behind;
	size_t from, to;

	assert_true(str_find(text, STR("[{\"concurrency\""), &from));
	assert_true(str_find(text, STR(",\"submitter\""), &to));
	before = str_first(text, from);
	behind = str_after(text, to);
	assert_refused(arena_printf(&arena, STR_FMT "[]" STR_FMT, STR_ARG(before), STR_ARG(behind)),
		       E_SYNTAX, "'stages' must be a list of at least one stage, and not too many");
	assert_refused(arena_printf(&arena,
				    STR_FMT "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]" STR_FMT,
				    STR_ARG(before), STR_ARG(behind)),
		       E_SYNTAX, "'stages' must be a list of at least one stage, and not too many");
	assert_refused(
		arena_printf(&arena, STR_FMT "[0]" STR_FMT, STR_ARG(before), STR_ARG(behind)),
		E_SYNTAX, "stage 1: a stage must be a map");
}

static void the_same_said_otherwise_is_no_plan(void **state)
{
	const char *words = "no plan as tiphys writes it: the text is not canonical";

	assert_change_refused("\"v\":1", "\"v\": 1", words);
	assert_change_refused("\"concurrency\":20", "\"concurrency\":20.0", words);
	assert_change_refused("\"web\"", "\"\\u0077eb\"", words);
	assert_change_refused("{\"forMs\":0,\"onBreach\":\"extend\"}",
			      "{\"onBreach\":\"extend\",\"forMs\":0}", words);
}

static void what_json_cannot_say_is_not_written(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan plan = full_plan();
	struct err err = {0};

	plan.project = STR("caf\xe9");
	assert_fails(plan_to_json(&plan, &text, &err), &err, E_USAGE,
		     "the project of the plan is not UTF-8");
	assert_int_equal(text.n, 0);
}

static void a_plan_that_does_not_fit_is_not_written_in_part(void **state)
{
	auto_buf struct buf small = BUF_INIT(sizeof(full_text) - 2), text = BUF_INIT(4 * MIB);
	auto_arena struct arena arena = {0};
	struct plan plan = full_plan();
	struct err err = {0};

	assert_fails(plan_to_json(&plan, &small, &err), &err, E_LIMIT,
		     "the plan has too many bytes");
	assert_int_equal(small.n, 0);
	char *name = arena_alloc(&arena, PLAN_JSON_BYTES_MAX);
	memset(name, 'x', PLAN_JSON_BYTES_MAX);
	plan.app = str_make(name, PLAN_JSON_BYTES_MAX);
	assert_fails(plan_to_json(&plan, &text, &err), &err, E_LIMIT,
		     "the plan has too many bytes");
	assert_int_equal(text.n, 0);
	assert_refused(arena_printf(&arena, "[\"" STR_FMT "\"]", STR_ARG(plan.app)), E_LIMIT,
		       "1048580 bytes of JSON, more than 1048576");
}

static void a_plan_without_stages_is_our_own_fault(void **state)
{
	auto_buf struct buf text = BUF_INIT(MIB);
	struct plan plan = {.stages = NULL};
	struct err err = {0};

	assert_dies("plan->stage_count > 0", (void)!plan_to_json(&plan, &text, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_has_one_text),
		cmocka_unit_test(what_follows_from_the_rest_is_not_in_it),
		cmocka_unit_test(what_was_written_is_read_as_it_was),
		cmocka_unit_test(one_field_that_differs_gives_another_text),
		cmocka_unit_test(selectors_are_parsed_and_the_servers_made_again),
		cmocka_unit_test(several_servers_are_in_it_and_each_stage_says_its_own),
		cmocka_unit_test(a_plan_of_one_server_is_written_as_ever),
		cmocka_unit_test(a_stage_is_on_one_of_the_plans_servers),
		cmocka_unit_test(a_whole_project_has_no_selector),
		cmocka_unit_test(a_newer_version_says_so_whatever_else_is_in_it),
		cmocka_unit_test(exactly_its_keys_are_in_it),
		cmocka_unit_test(each_value_is_of_its_kind),
		cmocka_unit_test(a_plan_has_stages_and_not_too_many),
		cmocka_unit_test(the_same_said_otherwise_is_no_plan),
		cmocka_unit_test(what_json_cannot_say_is_not_written),
		cmocka_unit_test(a_plan_that_does_not_fit_is_not_written_in_part),
		cmocka_unit_test(a_plan_without_stages_is_our_own_fault),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
