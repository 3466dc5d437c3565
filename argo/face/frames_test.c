#include "argo/face/frames.h"

#include "app_fixture.h"
#include "testing.h"

#include <stdio.h>

static struct fields parsed(const char *text, struct arena *arena)
{
	struct fields fields;

	assert_true(fields_parse(str_of(text), arena, &fields));
	return fields;
}

/* An Application of a fixture, at a later version and with another phase. */
static struct app *app_of(const char *fixture)
{
	auto_buf struct buf text = BUF_INIT(4 * MIB);
	auto_json struct json *object = fixture_json(fixture, &text);

	return fixture_app(object);
}

static void a_frame_is_a_line_or_an_event(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	struct fields fields = parsed("result.type,result.application.metadata.name", &arena);
	struct app *app = app_of("app-new.http");
	struct frames lines, events;

	frames_init(&lines, &fields, false);
	frames_init(&events, &fields, true);
	assert_true(frames_write(&lines, CHANGE_ADDED, app, &out));
	assert_str(buf_view(&out),
		   "{\"result\":{\"application\":{\"metadata\":{\"name\":\"demo-new\"}},"
		   "\"type\":\"ADDED\"}}\n");
	buf_clear(&out);
	assert_true(frames_write(&events, CHANGE_ADDED, app, &out));
	assert_str(buf_view(&out),
		   "data: {\"result\":{\"application\":{\"metadata\":{\"name\":\"demo-new\"}},"
		   "\"type\":\"ADDED\"}} \n\n\n");
	frames_release(&lines);
	frames_release(&events);
	app_drop(app);
	fixture_release();
}

static void the_same_frame_of_a_name_is_not_sent_twice(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB);
	struct fields fields = parsed("result.type,result.application.status.health", &arena);
	struct app *one = app_of("app-new.http"), *other = app_of("app-done.http");
	struct frames frames;

	frames_init(&frames, &fields, false);
	assert_true(frames_write(&frames, CHANGE_MODIFIED, one, &out));
	assert_true(frames_write(&frames, CHANGE_MODIFIED, other, &out));
	one->version++;
	size_t before = out.n;
	assert_false(frames_write(&frames, CHANGE_MODIFIED, one, &out));
	assert_int_equal(out.n, before);
	one->status.has_health = true;
	assert_true(frames_write(&frames, CHANGE_MODIFIED, one, &out));
	one->status.has_health = false;
	assert_true(frames_write(&frames, CHANGE_MODIFIED, one, &out));
	frames_release(&frames);
	app_drop(one);
	app_drop(other);
	fixture_release();
}

static void an_error_ends_a_stream_in_its_own_form(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf out = BUF_INIT(4 * MIB), text = BUF_INIT(1 * MIB);
	struct fields fields = parsed("error,result.type", &arena), none = parsed("", &arena);
	struct api_refusal refusal = {
		.status = 401,
		.code = 16,
		.message = STR("invalid session: token has invalid claims: token is expired"),
	};
	struct frames frames;

	frames_init(&frames, &fields, true);
	frames_write_error(&frames, &refusal, &out);
	assert_str(buf_view(&out),
		   "data: {\"error\":{\"grpc_code\":16,\"http_code\":401,\"http_status\":"
		   "\"Unauthorized\",\"message\":\"invalid session: token has invalid claims: "
		   "token is expired\"}} \n\n\n");
	frames_release(&frames);
	buf_clear(&out);
	frames_init(&frames, &none, false);
	frames_write_error(&frames, &refusal, &out);
	assert_false(str_ends(buf_view(&out), STR("\n")));
	frames_release(&frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_a_line_or_an_event),
		cmocka_unit_test(the_same_frame_of_a_name_is_not_sent_twice),
		cmocka_unit_test(an_error_ends_a_stream_in_its_own_form),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
