#include "argo/face/list_json.h"

#include "app_fixture.h"
#include "base/check.h"
#include "testing.h"

#include <stdio.h>

enum { APPS = 4 };

/* A List of the real one, whole, with all that its items are. */
struct listed {
	struct buf text;
	struct json *root;
	const struct app *apps[APPS];
};

static void read_list(struct listed *listed)
{
	*listed = (struct listed){.text = BUF_INIT(4 * MIB)};
	listed->root = fixture_json("list-whole.http", &listed->text);
	const struct json *items = json_get(listed->root, "items");
	assert_int_equal(json_count(items), APPS);
	for (size_t i = 0; i < APPS; i++)
		listed->apps[i] = fixture_app(json_at(items, i));
}

static void release_list(struct listed *listed)
{
	for (size_t i = 0; i < APPS; i++)
		app_drop(listed->apps[i]);
	json_free(listed->root);
	buf_release(&listed->text);
	fixture_release();
}

static struct fields parsed(const char *text, struct arena *arena)
{
	struct fields fields;

	assert_true(fields_parse(str_of(text), arena, &fields));
	return fields;
}

/* What the recorder asked for. */
static const char recorded[] =
	"items.metadata.name,items.metadata.namespace,items.metadata.deletionTimestamp,items.spec,"
	"items.operation.sync,items.status.sync.status,items.status.health,"
	"items.status.operationState.phase,items.status.operationState.startedAt,"
	"items.status.operationState.finishedAt";

static void a_whole_list_is_as_argo_cd_writes_it(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	struct fields fields = parsed("", &arena);
	struct listed listed;

	read_list(&listed);
	list_json_write(&out, listed.apps, APPS, 74572, &fields, true);
	assert_str_eq(buf_view(&out), str_trim(buf_view(&listed.text)));
	release_list(&listed);
}

static void a_projected_list_is_as_argo_cd_writes_it(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB), text = BUF_INIT(4 * MIB);
	auto_json struct json *expected = fixture_json("list.http", &text);
	struct fields fields = parsed(recorded, &arena);
	struct listed listed;

	read_list(&listed);
	list_json_write(&out, listed.apps, APPS, 74572, &fields, true);
	assert_str_eq(buf_view(&out), str_trim(buf_view(&text)));
	assert_non_null(expected);
	release_list(&listed);
}

static void fields_that_a_list_does_not_know_are_left_out_in_silence(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	struct fields fields = parsed(
		"items.metadata.uid,items.metadata.name,items.status.reconciledAt,"
		"items.status.sync,metadata.resourceVersion",
		&arena);
	struct listed listed;

	read_list(&listed);
	list_json_write(&out, listed.apps, 1, 7, &fields, true);
	assert_str(buf_view(&out), "{\"items\":[{\"metadata\":{\"name\":\"demo-list-a\"}}],"
				   "\"metadata\":{\"resourceVersion\":\"7\"}}");
	release_list(&listed);
}

static void no_items_are_null(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	struct fields none = parsed("", &arena), some = parsed("items.spec", &arena);

	list_json_write(&out, NULL, 0, 5, &none, true);
	assert_str(buf_view(&out), "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":null}");
	buf_clear(&out);
	list_json_write(&out, NULL, 0, 5, &some, true);
	assert_str(buf_view(&out), "{\"items\":null,\"metadata\":{\"resourceVersion\":\"5\"}}");
	buf_clear(&out);
	list_json_write(&out, NULL, 0, 5, &some, false);
	assert_str(buf_view(&out), "{\"items\":[],\"metadata\":{\"resourceVersion\":\"5\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_list_is_as_argo_cd_writes_it),
		cmocka_unit_test(a_projected_list_is_as_argo_cd_writes_it),
		cmocka_unit_test(fields_that_a_list_does_not_know_are_left_out_in_silence),
		cmocka_unit_test(no_items_are_null),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
