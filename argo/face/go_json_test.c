#include "argo/face/go_json.h"

#include "testing.h"

static void what_html_would_stumble_over_is_escaped(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);

	assert_true(go_json_wants_escapes(STR("{\"a\":\"<b> & c\"}")));
	go_json_escape(STR("{\"a\":\"<b> & c\"}"), &out);
	assert_str(buf_view(&out), "{\"a\":\"\\u003cb\\u003e \\u0026 c\"}");
	assert_false(go_json_wants_escapes(STR("{\"a\":\"b\"}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_html_would_stumble_over_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
