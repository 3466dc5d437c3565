#include "wire/wish_json.h"

#include "testing.h"
#include "wire/json.h"

static void a_wish_comes_back_as_it_was(void **state)
{
	for (enum wish_type type = 0; type <= WISH_OVERLAPS; type++) {
		auto_buf struct buf line = BUF_INIT(4 * KIB);
		auto_arena struct arena arena = {0};
		struct wish wish = {.type = type,
				    .run = STR("k3x9"),
				    .plan = STR("{\"v\":1}"),
				    .target = STR("{}"),
				    .apps = STR("argocd.corp argocd/web\n"),
				    .has_color = true,
				    .leaves = true,
				    .is_all = type % 2 == 0,
				    .limit = UINT32_MAX};
		struct wish back;
		struct err err;

		wish_to_json(&wish, &line);
		assert_true(wish_is_one(buf_view(&line)));
		assert_works(wish_from_json(buf_view(&line), &arena, &back, &err), &err);
		assert_int_equal(back.type, type);
		assert_str_eq(back.run, wish.run);
		assert_str_eq(back.plan, wish.plan);
		assert_str_eq(back.target, wish.target);
		assert_str_eq(back.apps, wish.apps);
		assert_int_equal(back.is_json, false);
		assert_int_equal(back.has_color, true);
		assert_int_equal(back.is_quiet, false);
		assert_int_equal(back.leaves, true);
		assert_int_equal(back.is_all, wish.is_all);
		assert_int_equal(back.limit, UINT32_MAX);
	}
}

static void what_is_told_comes_back_as_it_was(void **state)
{
	for (enum told_type type = 0; type <= TOLD_LEFT; type++) {
		auto_buf struct buf line = BUF_INIT(4 * KIB);
		auto_arena struct arena arena = {0};
		struct told told = {.type = type,
				    .text = STR("web-prd: done\n"),
				    .run = STR("k3x9"),
				    .nonce = STR("n"),
				    .plan_hash = STR("9f"),
				    .is_data = true,
				    .code = 75};
		struct told back;
		struct err err;

		told_to_json(&told, &line);
		assert_false(wish_is_one(buf_view(&line)));
		assert_works(told_from_json(buf_view(&line), &arena, &back, &err), &err);
		assert_int_equal(back.type, type);
		assert_str_eq(back.text, told.text);
		assert_str_eq(back.run, told.run);
		assert_str_eq(back.nonce, told.nonce);
		assert_str_eq(back.plan_hash, told.plan_hash);
		assert_int_equal(back.is_data, true);
		assert_int_equal(back.code, 75);
	}
}

static void assert_refused(const char *line, enum err_code code)
{
	auto_arena struct arena arena = {0};
	struct err err = {0};
	struct told told;

	assert_int_equal(told_from_json(str_of(line), &arena, &told, &err), -1);
	assert_int_equal(err.code, code);
}

#define REST "\"text\":\"\",\"run\":\"\",\"nonce\":\"\",\"plan\":\"\",\"data\":true"

static void what_another_tiphys_says_is_no_frame(void **state)
{
	assert_refused("{\"v\":2,\"type\":\"end\"," REST ",\"code\":0}", E_CONFLICT);
	assert_refused("{\"v\":1,\"type\":\"song\"," REST ",\"code\":0}", E_CONFLICT);
	assert_refused("{\"v\":1,\"type\":\"end\"," REST ",\"code\":0,\"more\":1}", E_SYNTAX);
	assert_refused("{\"v\":1,\"type\":\"end\",\"code\":0}", E_SYNTAX);
	assert_refused("{\"v\":1,\"type\":\"end\"," REST ",\"code\":256}", E_SYNTAX);
	assert_refused("{\"v\":1,\"type\":\"end\",", E_SYNTAX);
	assert_refused("", E_SYNTAX);
}

static int start(void **state)
{
	json_init(1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wish_comes_back_as_it_was),
		cmocka_unit_test(what_is_told_comes_back_as_it_was),
		cmocka_unit_test(what_another_tiphys_says_is_no_frame),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
