#include "wire/promotion_write.h"

#include "base/check.h"
#include "testing.h"
#include "wire/promotion_yaml.h"

static const struct str names[] = {STR("web-1"), STR("web-2"), STR("web-3"), STR("web-4"),
				   STR("web-5"), STR("web-6"), STR("web-7")};

static void a_draft_is_a_file_that_says_what_to_check(void **state)
{
	const struct draft_stage stages[] = {
		{.value = STR("test"),
		 .selector = STR("appName=web,env=test"),
		 .is_known = true,
		 .apps = names,
		 .app_count = 7},
		{.value = STR("blue"),
		 .selector = STR("appName=web,env=blue"),
		 .soaks = true,
		 .apps = names,
		 .app_count = 1},
		{.value = STR("prd1"),
		 .selector = STR("appName=web,env=prd1"),
		 .is_known = true,
		 .asks = true,
		 .apps = names,
		 .app_count = 2},
		{.value = STR("prd2"),
		 .selector = STR("appName=web,env=prd2"),
		 .is_known = true,
		 .is_level = true,
		 .apps = names,
		 .app_count = 2},
	};
	const struct draft draft = {
		.app = STR("web"),
		.project = STR("platform"),
		.key = STR("env"),
		.stages = stages,
		.stage_count = COUNTOF(stages),
		.unselected = names,
		.unselected_count = 1,
	};
	auto_buf struct buf out = BUF_INIT(64 * KIB);

	promotion_write(&draft, &out);
	assert_str(
		buf_view(&out),
		"# A first promotion file, made by `tiphys init` from the labels that the fleet "
		"has now.\n"
		"# It is a guess: check the order of the stages, and what is asked and watched "
		"before\n"
		"# production. All keys are in docs/promotion-file.md.\n"
		"app: web\n"
		"project: platform\n"
		"promotions:\n"
		"  # 7 Applications today: web-1, web-2, web-3, web-4, web-5 and 2 more\n"
		"  - name: test\n"
		"    selector: appName=web,env=test\n"
		"  # 1 Application today: web-1\n"
		"  # CHECK: 'blue' is no word that says how far along it is. Is this its place?\n"
		"  - name: blue\n"
		"    selector: appName=web,env=blue\n"
		"    # Watches all that is done for so long before the next stage. As long as it "
		"takes for\n"
		"    # trouble to show; to have it, take away the '#'.\n"
		"    #soak: 30m\n"
		"  # 2 Applications today: web-1, web-2\n"
		"  - name: prd1\n"
		"    selector: appName=web,env=prd1\n"
		"    # Somebody has to approve before this stage is synced. Without it a revision "
		"that the\n"
		"    # stages before are well with goes on by itself.\n"
		"    manualJudgement: true\n"
		"  # 2 Applications today: web-1, web-2\n"
		"  # CHECK: by its name it is as far along as the stage before. One stage can have "
		"both:\n"
		"  # env in (prd1,prd2)\n"
		"  - name: prd2\n"
		"    selector: appName=web,env=prd2\n"
		"# CHECK: no stage selects 1 Application of it: without the label env is\n"
		"#   web-1\n");
}

/* Reads it as `tiphys promote` does. */
static void assert_reads_back(const struct draft *draft, struct str text)
{
	auto_arena struct arena arena = {0};
	struct promotion promotion;
	struct err err = {0};

	assert_works(promotion_from_yaml(text, STR(""), &arena, &promotion, &err), &err);
	assert_str_eq(promotion.app, draft->app);
	assert_str_eq(promotion.project, draft->project);
	assert_int_equal(promotion.stage_count, draft->stage_count);
	for (uint32_t i = 0; i < draft->stage_count; i++) {
		assert_str_eq(promotion.stages[i].name, draft->stages[i].value);
		assert_str_eq(promotion.stages[i].text, draft->stages[i].selector);
		assert_int_equal(promotion.stages[i].gate.is_asked, draft->stages[i].asks);
		assert_int_equal(promotion.stages[i].soak.for_ms, 0);
	}
}

static void what_is_written_is_read_whatever_it_is_called(void **state)
{
	static const char *const words[] = {"web", "on",   "no", "1.0", "1.10", "0777",
					    "1e3", "true", "n",	 "007", "null", "0x1f"};

	for (size_t i = 0; i < COUNTOF(words); i++) {
		auto_arena struct arena arena = {0};
		auto_buf struct buf out = BUF_INIT(64 * KIB);
		struct str word = str_of(words[i]);
		const struct draft_stage stages[] = {
			{.value = word,
			 .selector = arena_printf(&arena, "!x,app=%s,env=%s", words[i], words[i]),
			 .soaks = true,
			 .apps = &word,
			 .app_count = 1},
			{.value = STR("prd"),
			 .selector = STR("env in (prd, dr),tier>2"),
			 .asks = true,
			 .is_level = true,
			 .apps = &word,
			 .app_count = 1},
		};
		const struct draft draft = {.app = word,
					    .project = word,
					    .key = STR("env"),
					    .stages = stages,
					    .stage_count = COUNTOF(stages)};
		promotion_write(&draft, &out);
		assert_reads_back(&draft, buf_view(&out));
		/* The soak that is suggested needs no more than that the '#' goes. */
		auto_buf struct buf soaked = BUF_INIT(64 * KIB);
		struct promotion promotion;
		struct err err = {0};
		size_t at;
		assert_true(str_find(buf_view(&out), STR("#soak: "), &at));
		buf_str(&soaked, str_first(buf_view(&out), at));
		buf_str(&soaked, str_after(buf_view(&out), at + 1));
		assert_works(
			promotion_from_yaml(buf_view(&soaked), STR(""), &arena, &promotion, &err),
			&err);
		assert_int_equal(promotion.stages[0].soak.for_ms, 30 * 60 * 1000);
	}
}

static void no_name_ends_a_comment(void **state)
{
	static const struct str hostile = STR("x\n- selector: env=evil\n#");
	const struct draft_stage stage = {
		.value = STR("prd"), .selector = STR("env=prd"), .apps = &hostile, .app_count = 1};
	const struct draft draft = {.app = STR("web"),
				    .project = STR("platform"),
				    .key = hostile,
				    .stages = &stage,
				    .stage_count = 1,
				    .unselected = &hostile,
				    .unselected_count = 1};
	auto_buf struct buf out = BUF_INIT(64 * KIB);

	promotion_write(&draft, &out);
	assert_reads_back(&draft, buf_view(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_a_file_that_says_what_to_check),
		cmocka_unit_test(what_is_written_is_read_whatever_it_is_called),
		cmocka_unit_test(no_name_ends_a_comment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
