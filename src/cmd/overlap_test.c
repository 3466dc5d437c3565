#include "cmd/overlap.h"

#include "testing.h"

static const struct plan_stage stages[] = {{.text = STR("env=test")}};

static struct plan plan_of(struct str run, struct str app, struct str address)
{
	return (struct plan){
		.run = run,
		.app = app,
		.servers = {{.address = address}},
		.stages = stages,
		.stage_count = 1,
	};
}

static void add(struct run *run, struct str name)
{
	run_apply(&run->facts, &(struct entry){.type = ENTRY_MEMBER,
					       .app = (uint32_t)run->facts.members.n,
					       .namespace = STR("argocd"),
					       .name = name});
}

static void who_is_in_both_is_named_with_the_other_one(void **state)
{
	struct plan plan = plan_of(STR("r2"), STR("web"), STR("argocd.corp"));
	auto_arena struct arena arena = {0};
	struct overlap own = {0};
	struct str text;
	struct run run;

	(void)state;
	run_init(&run, &plan, 1);
	add(&run, STR("a"));
	add(&run, STR("b"));
	overlap_add(&own, STR("argocd.corp"), STR("argocd"), STR("b"));
	overlap_add(&own, STR("argocd.corp"), STR("argocd"), STR("c"));
	assert_true(overlap_warning(&own, &run, &arena, &text));
	assert_true(
		str_starts(text, STR("promotion r2 of web is under way and has some of the same "
				     "applications: b; ")));
	overlap_release(&own);
	run_release(&run);
}

static void the_same_name_on_another_argo_cd_is_another_application(void **state)
{
	struct plan plan = plan_of(STR("r2"), STR("web"), STR("argocd.corp"));
	auto_arena struct arena arena = {0};
	struct overlap own = {0};
	struct str text;
	struct run run;

	(void)state;
	run_init(&run, &plan, 1);
	add(&run, STR("a"));
	overlap_add(&own, STR("prod-argocd.corp"), STR("argocd"), STR("a"));
	assert_false(overlap_warning(&own, &run, &arena, &text));
	overlap_release(&own);
	run_release(&run);
}

static void of_many_the_first_are_named(void **state)
{
	struct plan plan = plan_of(STR("r2"), STR("web"), STR("argocd.corp"));
	auto_arena struct arena arena = {0};
	struct overlap own = {0};
	struct str text;
	struct run run;

	(void)state;
	run_init(&run, &plan, 1);
	for (unsigned i = 0; i < 8; i++)
		add(&run, arena_printf(&arena, "web-%u", i));
	overlap_add_run(&own, &run);
	assert_true(overlap_warning(&own, &run, &arena, &text));
	assert_true(str_find(text, STR(": web-0, web-1, web-2, web-3, web-4 and 3 more; "), NULL));
	overlap_release(&own);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_in_both_is_named_with_the_other_one),
		cmocka_unit_test(the_same_name_on_another_argo_cd_is_another_application),
		cmocka_unit_test(of_many_the_first_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
