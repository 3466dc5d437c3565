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

static void those_of_a_run_are_one_a_line(void **state)
{
	static const char lines[] = "{\"address\":\"a\",\"context\":\"one\"}\n"
				    "{\"address\":\"b\",\"context\":\"two\"}";
	auto_buf struct buf text = BUF_INIT(8 * KIB);
	struct target targets[3];
	struct err err;

	assert_works(targets_from_json(str_of(lines), targets, 2, &err), &err);
	assert_str(targets[0].server.address, "a");
	assert_str(targets[1].context, "two");
	targets_to_json(targets, 2, false, &text);
	assert_int_equal(str_find_char(buf_view(&text), '\n', NULL), 1);
	target_release(&targets[0]);
	target_release(&targets[1]);
	assert_works(targets_from_json(buf_view(&text), targets, 2, &err), &err);
	assert_str(targets[1].server.address, "b");
	target_release(&targets[0]);
	target_release(&targets[1]);
	for (uint32_t count = 1; count <= 3; count += 2) {
		assert_fails(targets_from_json(str_of(lines), targets, count, &err), &err, E_SYNTAX,
			     count == 1 ? "more than the 1 targets that the plan has"
					: "2 targets, and the plan has 3");
		for (uint32_t i = 0; i < count; i++)
			target_release(&targets[i]);
	}
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
		cmocka_unit_test(those_of_a_run_are_one_a_line),
		cmocka_unit_test(what_is_no_target_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
