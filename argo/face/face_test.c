#include "argo/face/face.h"

#include "base/check.h"
#include "testing.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* A model with one Application, and its face. The clock is ours. */
struct stage {
	struct argo *argo;
	struct face *face;
	wall now;
};

static const char *headers[4][2];

static struct str header(void *self, const char *name)
{
	for (size_t i = 0; i < COUNTOF(headers); i++)
		if (headers[i][0] && str_eq_nocase(str_of(headers[i][0]), str_of(name)))
			return str_of(headers[i][1]);
	return STR("");
}

static void begin(struct stage *stage)
{
	struct argo_config config = argo_config_default();

	memset(headers, 0, sizeof headers);
	stage->now = (wall){1'700'000'000'000};
	stage->argo = argo_new(&config, 1, stage->now);
	stage->face = face_new(stage->argo, &(struct face_config){
						    .control_token = STR("secret"),
						    .content = content_default(),
					    });
	argo_add_account(stage->argo, STR("tiphys"), STR("word"), STR("a.b.c"), RIGHTS_ADMIN,
			 false);
	argo_apply_project(stage->argo, (struct project){.name = STR("p")});
}

static void end(struct stage *stage)
{
	face_free(stage->face);
	argo_free(stage->argo);
}

static uint64_t ask(struct stage *stage, const char *method, const char *target, const char *body)
{
	struct face_request request = {
		.method = str_of(method),
		.target = str_of(target),
		.body = str_of(body),
		.header = header,
	};

	return face_begin(stage->face, &request, stage->now);
}

static void advance(struct stage *stage, int64_t ms)
{
	stage->now = wall_add(stage->now, ms);
	argo_advance(stage->argo, stage->now);
	face_advance(stage->face, stage->now);
}

/* The one chunk that is there, whole. */
static struct face_chunk only_chunk(struct stage *stage)
{
	static char text[64 * 1024];
	struct face_chunk chunk, none;

	advance(stage, 0);
	assert_true(face_next(stage->face, &chunk));
	assert_true(chunk.bytes.n < sizeof text);
	memcpy(text, chunk.bytes.p, chunk.bytes.n);
	chunk.bytes.p = text;
	assert_false(face_next(stage->face, &none));
	return chunk;
}

static void apply(struct stage *stage, const char *name)
{
	char body[512];

	headers[3][0] = "X-Tiphys-Sim-Control";
	headers[3][1] = "secret";
	snprintf(body, sizeof body,
		 "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"env\":\"test\"}},\"spec\":{"
		 "\"project\":\"p\",\"source\":{\"repoURL\":\"r\",\"path\":\"x\"},\"destination\":{"
		 "\"server\":\"https://kubernetes.default.svc\"}}}",
		 name);
	ask(stage, "POST", "/sim/v1/applications", body);
	assert_int_equal(only_chunk(stage).status, 200);
	headers[3][0] = NULL;
}

static void an_answer_has_a_head_and_an_end(void **state)
{
	struct stage stage;

	begin(&stage);
	uint64_t id = ask(&stage, "GET", "/api/version", "");
	struct face_chunk chunk = only_chunk(&stage);
	assert_int_equal(chunk.exchange, id);
	assert_true(chunk.has_head);
	assert_true(chunk.is_end);
	assert_int_equal(chunk.status, 200);
	assert_str(chunk.content_type, "application/json");
	assert_str(chunk.bytes, "{\"Version\":\"v3.2.11\"}");
	assert_int_equal(face_request_count(stage.face), 1);
	end(&stage);
}

static void who_has_no_token_is_told_so(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage, "GET", "/api/v1/applications", "");
	struct face_chunk chunk = only_chunk(&stage);
	assert_int_equal(chunk.status, 401);
	assert_str(chunk.bytes, "{\"error\":\"no session information\",\"code\":16,"
				"\"message\":\"no session information\"}");
	end(&stage);
}

static void a_watch_is_silent_before_its_first_event_and_lives_after_it(void **state)
{
	struct stage stage;
	struct face_chunk chunk;
	wall at;

	begin(&stage);
	headers[0][0] = "Authorization";
	headers[0][1] = "Bearer a.b.c";
	headers[1][0] = "Accept";
	headers[1][1] = "text/event-stream";
	uint64_t id = ask(&stage, "GET",
			  "/api/v1/stream/applications?fields=result.application.metadata.name",
			  "");
	advance(&stage, 60'000);
	assert_false(face_next(stage.face, &chunk));
	assert_false(face_deadline(stage.face, &at));
	face_cancel(stage.face, id);

	apply(&stage, "web");
	advance(&stage, 10'000);
	id = ask(&stage, "GET",
		 "/api/v1/stream/applications?fields=result.application.metadata.name", "");
	advance(&stage, 0);
	assert_true(face_next(stage.face, &chunk));
	assert_true(chunk.has_head);
	assert_str(chunk.content_type, "text/event-stream");
	assert_str(chunk.bytes,
		   "data: {\"result\":{\"application\":{\"metadata\":{\"name\":\"web\"}}}} \n\n\n");
	assert_true(face_deadline(stage.face, &at));
	assert_int_equal(wall_since(at, stage.now), 15'000);
	advance(&stage, 15'000);
	assert_true(face_next(stage.face, &chunk));
	assert_false(chunk.has_head);
	assert_str(chunk.bytes, ":\n");
	face_cancel(stage.face, id);
	advance(&stage, 15'000);
	assert_false(face_next(stage.face, &chunk));
	end(&stage);
}

static void a_watch_whose_client_does_not_read_loses_what_changes_meanwhile(void **state)
{
	struct stage stage;
	struct face_chunk chunk;

	begin(&stage);
	apply(&stage, "a");
	apply(&stage, "b");
	advance(&stage, 10'000);
	headers[0][0] = "Authorization";
	headers[0][1] = "Bearer a.b.c";
	uint64_t id = ask(&stage, "GET",
			  "/api/v1/stream/applications?fields=result.application.metadata.name",
			  "");
	advance(&stage, 0);
	assert_true(face_next(stage.face, &chunk));
	assert_str(chunk.bytes, "{\"result\":{\"application\":{\"metadata\":{\"name\":\"a\"}}}}\n");
	face_set_reading(stage.face, id, false);
	assert_false(face_next(stage.face, &chunk));
	/* The burst stands at b, and nobody has subscribed yet. */
	apply(&stage, "c");
	advance(&stage, 10'000);
	face_set_reading(stage.face, id, true);
	assert_true(face_next(stage.face, &chunk));
	assert_str(chunk.bytes, "{\"result\":{\"application\":{\"metadata\":{\"name\":\"b\"}}}}\n");
	assert_false(face_next(stage.face, &chunk));
	apply(&stage, "d");
	advance(&stage, 100);
	assert_true(face_next(stage.face, &chunk));
	assert_str(chunk.bytes, "{\"result\":{\"application\":{\"metadata\":{\"name\":\"d\"}}}}\n");
	face_cancel(stage.face, id);
	end(&stage);
}

static void a_server_that_is_down_cuts(void **state)
{
	struct stage stage;

	begin(&stage);
	argo_stop(stage.argo, COMPONENT_SERVER, 0);
	ask(&stage, "GET", "/api/version", "");
	struct face_chunk chunk = only_chunk(&stage);
	assert_true(chunk.is_cut);
	assert_false(chunk.has_head);
	argo_start(stage.argo, COMPONENT_SERVER, 0);
	end(&stage);
}

static void control_is_not_there_for_who_lacks_its_token(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage, "GET", "/sim/v1/components", "");
	assert_int_equal(only_chunk(&stage).status, 404);
	headers[0][0] = "X-Tiphys-Sim-Control";
	headers[0][1] = "wrong";
	ask(&stage, "GET", "/sim/v1/components", "");
	assert_int_equal(only_chunk(&stage).status, 404);
	headers[0][1] = "secret";
	ask(&stage, "GET", "/sim/v1/components", "");
	assert_int_equal(only_chunk(&stage).status, 200);
	ask(&stage, "POST", "/sim/v1/hold", "{\"what\":\"door\",\"token\":\"a\"}");
	struct face_chunk chunk = only_chunk(&stage);
	assert_int_equal(chunk.status, 400);
	assert_str(chunk.bytes,
		   "{\"error\":\"what: unknown 'door'\",\"code\":3,\"message\":\"what: unknown "
		   "'door'\"}");
	end(&stage);
}

static void an_object_is_applied_patched_and_read_again(void **state)
{
	struct stage stage;

	begin(&stage);
	apply(&stage, "web");
	headers[0][0] = "X-Tiphys-Sim-Control";
	headers[0][1] = "secret";
	ask(&stage, "PATCH", "/sim/v1/applications/web",
	    "{\"metadata\":{\"labels\":{\"env\":null,\"a\":\"b\"}}}");
	assert_int_equal(only_chunk(&stage).status, 200);
	ask(&stage, "GET", "/sim/v1/applications/web", "");
	struct face_chunk chunk = only_chunk(&stage);
	assert_true(str_find(chunk.bytes, STR("\"labels\":{\"a\":\"b\"}"), NULL));
	ask(&stage, "PATCH", "/sim/v1/applications/web",
	    "{\"status\":{\"health\":{\"status\":\"Degraded\"}}}");
	assert_int_equal(only_chunk(&stage).status, 200);
	ask(&stage, "GET", "/sim/v1/applications/web", "");
	chunk = only_chunk(&stage);
	assert_true(str_find(chunk.bytes, STR("\"health\":{\"status\":\"Degraded\""), NULL));
	ask(&stage, "PATCH", "/sim/v1/applications/web", "{\"status\":{\"history\":[]}}");
	assert_int_equal(only_chunk(&stage).status, 400);
	ask(&stage, "GET", "/sim/v1/applications/none", "");
	assert_int_equal(only_chunk(&stage).status, 404);
	end(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_a_head_and_an_end),
		cmocka_unit_test(who_has_no_token_is_told_so),
		cmocka_unit_test(a_watch_is_silent_before_its_first_event_and_lives_after_it),
		cmocka_unit_test(a_watch_whose_client_does_not_read_loses_what_changes_meanwhile),
		cmocka_unit_test(a_server_that_is_down_cuts),
		cmocka_unit_test(control_is_not_there_for_who_lacks_its_token),
		cmocka_unit_test(an_object_is_applied_patched_and_read_again),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
