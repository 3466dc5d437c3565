#include "argo/face/api_route.h"

#include "base/check.h"
#include "testing.h"

/* A request with at most three headers. */
struct sent {
	const char *headers[3][2];
};

static struct str header(void *self, const char *name)
{
	const struct sent *sent = self;

	for (size_t i = 0; i < COUNTOF(sent->headers); i++)
		if (sent->headers[i][0] && str_eq_nocase(str_of(sent->headers[i][0]), str_of(name)))
			return str_of(sent->headers[i][1]);
	return STR("");
}

struct asked {
	struct argo *argo;
	struct arena arena;
	struct api_call call;
};

static void ask(struct asked *asked, const char *method, const char *target_text, const char *body,
		struct sent sent)
{
	struct argo_config config = argo_config_default();
	struct target target;

	*asked = (struct asked){.argo = argo_new(&config, 1, (wall){0})};
	assert_true(target_parse(str_of(target_text), &asked->arena, &target));
	struct face_request request = {
		.method = str_of(method),
		.target = str_of(target_text),
		.body = str_of(body),
		.header = header,
		.self = &sent,
	};
	api_route_read(asked->argo, &request, &target, &asked->arena, &asked->call);
}

static void forget(struct asked *asked)
{
	struct api_request *request = &asked->call.request;

	pair_list_drop(request->sync.infos);
	op_resource_list_drop(request->sync.resources);
	if (request->appset)
		appset_drop(request->appset);
	arena_release(&asked->arena);
	argo_free(asked->argo);
}

static const struct sent json_body = {.headers = {{"Content-Type", "application/json"}}};

static void unknown_paths_and_methods_are_plain_text(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *text;
	} cases[] = {
		{"GET", "/login", 404, "404 page not found\n"},
		{"GET", "/argo/api/version", 404, "404 page not found\n"},
		{"GET", "/api/v1/nothing", 404, "Not Found\n"},
		{"GET", "/api/v1/applications/a/b/c/d/e/f/g", 404, "Not Found\n"},
		{"PUT", "/api/version", 405, "Method Not Allowed\n"},
		{"GET", "/api/v1/applications/a/sync", 405, "Method Not Allowed\n"},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct asked asked;
		ask(&asked, cases[i].method, cases[i].target, "", json_body);
		assert_int_equal(asked.call.plain.status, cases[i].status);
		assert_string_equal(asked.call.plain.text, cases[i].text);
		forget(&asked);
	}
}

static void what_is_not_a_get_has_an_exact_content_type(void **state)
{
	static const struct {
		const char *method, *type;
		int status;
	} cases[] = {
		{"POST", "application/json", 0},
		{"POST", "Application/JSON", 0},
		{"POST", "application/json; charset=utf-8", 415},
		{"POST", "", 415},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct asked asked;
		struct sent sent = {.headers = {{"Content-Type", cases[i].type}}};
		ask(&asked, cases[i].method, "/api/v1/applications/a/sync", "", sent);
		assert_int_equal(asked.call.plain.status, cases[i].status);
		forget(&asked);
	}
}

static void a_list_is_asked_for_by_many_words(void **state)
{
	struct asked asked;

	ask(&asked, "GET",
	    "/api/v1/applications?project=a&projects=b&selector=env%3Dtest&fields=items.spec"
	    "&nobody=knows",
	    "", (struct sent){.headers = {{"authorization", "Bearer a.b.c"}}});
	assert_int_equal(asked.call.request.verb, API_APPS_LIST);
	assert_int_equal(asked.call.request.project_count, 2);
	assert_str(asked.call.request.projects[1], "b");
	assert_str(asked.call.request.selector, "env=test");
	assert_str(asked.call.request.token, "a.b.c");
	assert_true(asked.call.fields.is_set);
	forget(&asked);
}

static void a_refresh_is_normal_unless_it_is_hard(void **state)
{
	static const struct {
		const char *target;
		enum refresh refresh;
	} cases[] = {
		{"/api/v1/applications/a", REFRESH_NONE},
		{"/api/v1/applications/a?refresh=normal", REFRESH_NORMAL},
		{"/api/v1/applications/a?refresh=whatever", REFRESH_NORMAL},
		{"/api/v1/applications/a?refresh=hard", REFRESH_HARD},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct asked asked;
		ask(&asked, "GET", cases[i].target, "",
		    (struct sent){.headers = {{"Grpc-Timeout", "5S"},
					      {"Cookie", "a=b; argocd.token=x.y.z"}}});
		assert_int_equal(asked.call.request.refresh, cases[i].refresh);
		assert_int_equal(asked.call.request.deadline_ms, 5000);
		assert_str(asked.call.request.token, "x.y.z");
		assert_str(asked.call.request.name, "a");
		forget(&asked);
	}
}

static void a_body_that_cannot_be_read_is_refused_by_its_path(void **state)
{
	struct asked asked;

	ask(&asked, "POST", "/api/v1/applications/a/sync", "{\"revision\":5}", json_body);
	assert_int_equal(asked.call.refusal.status, 400);
	assert_int_equal(asked.call.refusal.code, 3);
	assert_str(asked.call.refusal.message, "revision: a text is wanted, not a number");
	forget(&asked);
	ask(&asked, "POST", "/api/v1/applications/a/sync", "{", json_body);
	assert_int_equal(asked.call.refusal.status, 400);
	forget(&asked);
	ask(&asked, "POST", "/api/v1/applications/a/sync", "[]", json_body);
	assert_int_equal(asked.call.refusal.status, 400);
	assert_str(asked.call.refusal.message, "an object is wanted");
	forget(&asked);
	ask(&asked, "POST", "/api/v1/applicationsets/generate", "{}", json_body);
	assert_str(asked.call.refusal.message, "metadata.name: it is missing");
	forget(&asked);
}

static void a_deletion_takes_the_objects_along_unless_it_is_told_otherwise(void **state)
{
	static const struct {
		const char *target;
		bool keeps_objects;
		int status;
	} cases[] = {
		{"/api/v1/applications/a", false, 0},
		{"/api/v1/applications/a?cascade=true", false, 0},
		{"/api/v1/applications/a?cascade=false", true, 0},
		{"/api/v1/applications/a?cascade=0", true, 0},
		{"/api/v1/applications/a?cascade=maybe", false, 400},
	};

	for (size_t i = 0; i < COUNTOF(cases); i++) {
		struct asked asked;
		ask(&asked, "DELETE", cases[i].target, "", json_body);
		assert_int_equal(asked.call.refusal.status, cases[i].status);
		assert_int_equal(asked.call.request.keeps_objects, cases[i].keeps_objects);
		forget(&asked);
	}
}

static void deadlines_have_units(void **state)
{
	assert_int_equal(api_route_timeout(STR("5S")), 5000);
	assert_int_equal(api_route_timeout(STR("100m")), 100);
	assert_int_equal(api_route_timeout(STR("2M")), 120'000);
	assert_int_equal(api_route_timeout(STR("1H")), 3600'000);
	assert_int_equal(api_route_timeout(STR("7n")), 1);
	assert_int_equal(api_route_timeout(STR("")), 0);
	assert_int_equal(api_route_timeout(STR("S")), 0);
	assert_int_equal(api_route_timeout(STR("-1S")), 0);
	assert_int_equal(api_route_timeout(STR("123456789S")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_paths_and_methods_are_plain_text),
		cmocka_unit_test(what_is_not_a_get_has_an_exact_content_type),
		cmocka_unit_test(a_list_is_asked_for_by_many_words),
		cmocka_unit_test(a_refresh_is_normal_unless_it_is_hard),
		cmocka_unit_test(a_body_that_cannot_be_read_is_refused_by_its_path),
		cmocka_unit_test(a_deletion_takes_the_objects_along_unless_it_is_told_otherwise),
		cmocka_unit_test(deadlines_have_units),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
