#include "cmd/plan_hash.h"

#include "testing.h"

static struct plan plan_of(struct str run, struct str who, uint32_t uid)
{
	static const struct plan_stage stages[] = {{.text = STR("env=test")}};

	return (struct plan){
		.run = run,
		.submitter = who,
		.submitter_uid = uid,
		.is_promotion = true,
		.app = STR("web"),
		.project = STR("platform"),
		.revision = STR("3333333333333333333333333333333333333333"),
		.stages = stages,
		.stage_count = 1,
		.concurrency = 20,
	};
}

static struct str hash_of(const struct plan *plan, struct arena *arena)
{
	struct str hash;
	struct err err;

	assert_works(plan_hash_make(plan, arena, &hash, &err), &err);
	return hash;
}

static void who_asks_and_under_which_id_is_not_what_is_asked(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan shown = plan_of(STR("a1"), STR(""), 0);
	struct plan submitted = plan_of(STR("b2"), STR("ann"), 1000);

	(void)state;
	shown.is_dry_run = true;
	assert_int_equal(hash_of(&shown, &arena).n, 64);
	assert_str_eq(hash_of(&shown, &arena), hash_of(&submitted, &arena));
}

static void whatever_else_is_asked_is_another_plan(void **state)
{
	auto_arena struct arena arena = {0};
	struct plan plan = plan_of(STR("a1"), STR("ann"), 1000), other;

	(void)state;
	other = plan;
	other.revision = STR("4444444444444444444444444444444444444444");
	assert_false(str_eq(hash_of(&plan, &arena), hash_of(&other, &arena)));
	other = plan;
	other.prune = true;
	assert_false(str_eq(hash_of(&plan, &arena), hash_of(&other, &arena)));
	other = plan;
	other.servers[0].address = STR("another.argocd");
	assert_false(str_eq(hash_of(&plan, &arena), hash_of(&other, &arena)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_and_under_which_id_is_not_what_is_asked),
		cmocka_unit_test(whatever_else_is_asked_is_another_plan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
