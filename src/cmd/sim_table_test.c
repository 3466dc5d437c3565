#include "cmd/sim_table.h"

#include "testing.h"

static void columns_are_as_wide_as_they_must_be(void **state)
{
	auto_json struct json *root = NULL;
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct err err = {0};

	assert_works(
		json_parse(
			STR("{\"items\":[{\"metadata\":{\"name\":\"web-test-eu-west-1\"},"
			    "\"spec\":{\"source\":{\"targetRevision\":\"0123456789\"}},"
			    "\"status\":{\"sync\":{\"status\":\"Synced\","
			    "\"revision\":\"0123456789\"},"
			    "\"history\":[{\"revision\":\"old\"},{\"revision\":\"abcdef01\"}],"
			    "\"health\":{\"status\":\"Healthy\"},"
			    "\"operationState\":{\"phase\":\"Succeeded\",\"message\":\"done\"}}},"
			    "{\"metadata\":{\"name\":\"api\"},\"operation\":{}}]}"),
			&JSON_LIMIT, &root, &err),
		&err);
	sim_table_write(json_get(root, "items"), &out);
	assert_str(buf_view(&out),
		   "APPLICATION         WANTED   DEPLOYED  SYNC    HEALTH   OPERATION  MESSAGE\n"
		   "web-test-eu-west-1  0123456  abcdef0   Synced  Healthy  Succeeded  done\n"
		   "api                 -        -         -       -        requested\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_they_must_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
