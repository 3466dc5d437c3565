/*
 * Each Application in the fixtures, which a real Argo CD 3.2.11 wrote, is built in the model's
 * structs and written again: what comes out is what the real one wrote, key by key and in its
 * order.
 */
#include "argo/face/app_json.h"

#include "app_fixture.h"
#include "argo/face/go_json.h"
#include "testing.h"

#include <stdio.h>
#include <string.h>

/* What the model does not know. */
static bool is_unknown(struct str rest)
{
	return str_starts(rest, STR(",\"images\":[")) || str_starts(rest, STR("\"images\":["));
}

/* Copies the text without "images":[…], with the comma that led to it. */
static void without_images(struct str text, struct buf *out)
{
	while (!str_empty(text)) {
		size_t end;
		if (!is_unknown(text)) {
			buf_char(out, text.p[0]);
			text = str_after(text, 1);
			continue;
		}
		assert_true(str_find_char(text, ']', &end));
		text = str_after(text, end + 1);
	}
}

/* Where the first difference is, with a little of what leads to it. */
static void assert_same(const char *name, struct str actual, struct str expected)
{
	size_t at = 0;

	if (str_eq(actual, expected))
		return;
	while (at < actual.n && at < expected.n && actual.p[at] == expected.p[at])
		at++;
	size_t from = at > 60 ? at - 60 : 0;
	fail_msg("%s:\nexpected …%.140s\n     got …%.140s", name, expected.p + from,
		 actual.p + from);
}

static void check_fixture(const char *name)
{
	auto_buf struct buf text = BUF_INIT(4 * MIB), expected = BUF_INIT(4 * MIB);
	auto_buf struct buf written = BUF_INIT(4 * MIB), escaped = BUF_INIT(4 * MIB);
	auto_json struct json *object = fixture_json(name, &text);
	struct json_write w = JSON_WRITE(&written);

	assert_non_null(object);
	struct app *app = fixture_app(object);
	app_json_write(&w, app, APP_JSON_WHOLE);
	json_write_finish(&w);
	go_json_escape(buf_view(&written), &escaped);
	without_images(str_trim(buf_view(&text)), &expected);
	assert_same(name, buf_view(&escaped), buf_view(&expected));
	app_drop(app);
}

static void every_application_of_the_fixtures_is_written_as_argo_cd_wrote_it(void **state)
{
	assert_true(fixtures_each_app(check_fixture) >= 25);
	fixture_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_application_of_the_fixtures_is_written_as_argo_cd_wrote_it),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
