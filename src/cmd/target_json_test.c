#include "cmd/target_json.h"

#include "testing.h"
#include "wire/json.h"

static const struct str headers[] = {STR("X-Team: platform")};

static struct target target_make(void)
{
	return (struct target){
		.server = {.address = STR("argocd.corp:8443"),
			   .root_path = STR("/argo"),
			   .token = STR("s3cret"),
			   .key_pem = STR("k3y"),
			   .headers = headers,
			   .header_count = 1,
			   .is_insecure = true},
		.context = STR("prod"),
		.context_name = STR("prod"),
	};
}

static void on_its_way_to_the_runner_it_has_its_secrets(void **state)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	struct target target = target_make(), back;
	struct err err;

	target_to_json(&target, true, &text);
	assert_works(target_from_json(buf_view(&text), &back, &err), &err);
	assert_str_eq(back.server.address, target.server.address);
	assert_str_eq(back.server.root_path, target.server.root_path);
	assert_str_eq(back.server.token, target.server.token);
	assert_str_eq(back.server.key_pem, target.server.key_pem);
	assert_int_equal(back.server.header_count, 1);
	assert_str_eq(back.server.headers[0], headers[0]);
	assert_true(back.server.is_insecure);
	assert_false(back.server.is_plaintext);
	assert_str_eq(back.context, target.context);
	target_release(&back);
}

static void in_the_journal_it_has_none(void **state)
{
	auto_buf struct buf text = BUF_INIT(4 * KIB);
	struct target target = target_make(), back;
	struct err err;

	target_to_json(&target, false, &text);
	assert_false(str_find(buf_view(&text), STR("s3cret"), NULL));
	assert_false(str_find(buf_view(&text), STR("k3y"), NULL));
	assert_false(str_find(buf_view(&text), STR("X-Team"), NULL));
	assert_works(target_from_json(buf_view(&text), &back, &err), &err);
	assert_true(str_empty(back.server.token));
	assert_str_eq(back.server.address, target.server.address);
	target_release(&back);
}

static void what_is_no_target_is_refused(void **state)
{
	struct target back;
	struct err err;

	assert_int_equal(target_from_json(STR("{"), &back, &err), -1);
	target_release(&back);
	assert_int_equal(target_from_json(STR("{}"), &back, &err), -1);
	assert_int_equal(err.code, E_SYNTAX);
	target_release(&back);
}

static int start(void **state)
{
	json_init(1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_its_way_to_the_runner_it_has_its_secrets),
		cmocka_unit_test(in_the_journal_it_has_none),
		cmocka_unit_test(what_is_no_target_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
