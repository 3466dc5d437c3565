#include "view/fields.h"

#include "testing.h"

static void what_is_empty_is_left_out(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct json_write w = JSON_WRITE(&out);

	json_write_object_begin(&w);
	field(&w, "who", STR(""));
	field_time(&w, "at", (wall){0});
	field(&w, "why", STR("a\nb"));
	field_time(&w, "since", (wall){1795442531000});
	json_write_object_end(&w);
	json_write_finish(&w);
	assert_str(buf_view(&out), "{\"why\":\"a\\nb\",\"since\":\"2026-11-23T14:02:11Z\"}");
}

static void a_cause_has_its_name_its_parts_and_its_sentence(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct json_write w = JSON_WRITE(&out);

	json_write_object_begin(&w);
	field_cause(&w, &(struct cause){CAUSE_HOOK_FAILED, STR("Job smoke"), STR("503")});
	json_write_object_end(&w);
	json_write_finish(&w);
	assert_str(buf_view(&out), "{\"cause\":\"hook-failed\",\"subject\":\"Job smoke\","
				   "\"message\":\"503\",\"text\":\"Job smoke failed: 503\"}");
}

static void counts_name_every_phase(void **state)
{
	auto_buf struct buf out = BUF_INIT(4 * KIB);
	struct json_write w = JSON_WRITE(&out);

	json_write_object_begin(&w);
	field_counts(&w, &(struct counts){.total = 3, .by_phase[PHASE_DONE] = 3, .skipped = 1});
	json_write_object_end(&w);
	json_write_finish(&w);
	assert_str(buf_view(&out),
		   "{\"counts\":{\"total\":3,\"waiting\":0,\"syncing\":0,\"settling\":0,\"done\":3,"
		   "\"confirmed\":0,\"failed\":0,\"left\":0,\"refused\":0,\"skipped\":1}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_empty_is_left_out),
		cmocka_unit_test(a_cause_has_its_name_its_parts_and_its_sentence),
		cmocka_unit_test(counts_name_every_phase),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
