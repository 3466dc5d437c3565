#include "wire/argocd.h"

#include "testing.h"

#include <string.h>

static struct http_request encoded(struct request request, struct arena *arena)
{
	struct http_request http;

	argocd_encode(&request, &http, arena);
	return http;
}

static void the_version_is_asked_without_credentials(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded(
		(struct request){.type = REQUEST_VERSION, .timeout_ms = 5000}, &arena);

	assert_string_equal(http.method, "GET");
	assert_str(http.target, "/api/version");
	assert_true(http.is_anonymous);
	assert_true(str_empty(http.body));
	assert_int_equal(http.timeout_ms, 5000);
	assert_int_equal(http.server_timeout_s, 0);
}

static void everything_else_is_asked_with_them(void **state)
{
	auto_arena struct arena arena = {0};

	for (unsigned type = REQUEST_VERSION + 1; type < REQUEST_TYPES; type++)
		assert_false(encoded((struct request){.type = (enum request_type)type}, &arena)
				     .is_anonymous);
}

static void the_list_is_projected(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded((struct request){.type = REQUEST_LIST,
							    .project = STR("platform"),
							    .selector = STR("app=web,env in (a)")},
					   &arena);

	assert_str(str_first(http.target, strlen("/api/v1/applications?projects=platform&selector="
						 "app%3Dweb%2Cenv%20in%20%28a%29&fields=items.")),
		   "/api/v1/applications?projects=platform&selector="
		   "app%3Dweb%2Cenv%20in%20%28a%29&fields=items.");
	assert_true(str_find(http.target, STR(",items.spec,"), NULL));
	assert_false(http.is_stream);
}

/* A projected List knows neither status.history nor the owner. */
static void histories_are_in_the_whole_list(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded((struct request){.type = REQUEST_HISTORY,
							    .project = STR("platform"),
							    .selector = STR("appName=web")},
					   &arena);

	assert_string_equal(http.method, "GET");
	assert_str(http.target, "/api/v1/applications?projects=platform&selector=appName%3Dweb");
}

static void labels_come_where_we_select_ourselves(void **state)
{
	auto_arena struct arena arena = {0};
	struct request list = {.type = REQUEST_LIST, .project = STR("p"), .has_labels = true};
	struct request watch = {.type = REQUEST_WATCH, .project = STR("p"), .has_labels = true};

	assert_true(str_ends(encoded(list, &arena).target, STR(",items.metadata.labels")));
	assert_true(str_ends(encoded(watch, &arena).target,
			     STR(",result.application.metadata.labels")));
}

static void what_an_owner_makes_is_asked_with_its_own_body(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request list = encoded(
		(struct request){.type = REQUEST_OWNERS, .project = STR("p&q")}, &arena);
	struct http_request made = encoded(
		(struct request){.type = REQUEST_GENERATE, .owner_json = STR("{}")}, &arena);

	assert_string_equal(list.method, "GET");
	assert_str(list.target, "/api/v1/applicationsets?projects=p%26q");
	assert_string_equal(made.method, "POST");
	assert_str(made.target, "/api/v1/applicationsets/generate");
	assert_str(made.body, "{}");
}

static void a_whole_project_has_no_selector(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded(
		(struct request){.type = REQUEST_WATCH, .project = STR("p"), .timeout_ms = 7},
		&arena);

	assert_true(str_starts(http.target,
			       STR("/api/v1/stream/applications?projects=p&fields=error,")));
	assert_true(http.is_stream);
	assert_int_equal(http.timeout_ms, 0);
}

static void the_watch_leaves_out_the_objects(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded((struct request){.type = REQUEST_WATCH}, &arena);

	assert_true(str_find(http.target, STR("metadata.resourceVersion"), NULL));
	assert_false(str_find(http.target, STR("status.resources"), NULL));
	assert_false(str_find(http.target, STR("syncResult.resources"), NULL));
	/* A name is kept if it is a beginning of a name asked for: "status" alone would be too. */
	assert_false(str_find(http.target, STR("status,"), NULL));
}

static void a_reading_names_project_and_namespace(void **state)
{
	auto_arena struct arena arena = {0};
	struct request request = {.type = REQUEST_GET,
				  .name = STR("web-test"),
				  .namespace = STR("argocd"),
				  .project = STR("plat form"),
				  .timeout_ms = 10000};
	struct http_request http = encoded(request, &arena);

	assert_str(http.target, "/api/v1/applications/web-test?project=plat%20form"
				"&appNamespace=argocd");
	assert_int_equal(http.server_timeout_s, 0);

	request.type = REQUEST_REFRESH;
	http = encoded(request, &arena);
	assert_str(http.target, "/api/v1/applications/web-test?project=plat%20form"
				"&appNamespace=argocd&refresh=normal");
	request.is_hard = true;
	http = encoded(request, &arena);
	assert_true(str_ends(http.target, STR("&refresh=hard")));
}

static void a_refresh_ends_on_the_server_before_it_ends_here(void **state)
{
	auto_arena struct arena arena = {0};
	struct request request = {.type = REQUEST_REFRESH, .name = STR("a"), .timeout_ms = 60000};

	assert_int_equal(encoded(request, &arena).server_timeout_s, 58);
	request.timeout_ms = 1500;
	assert_int_equal(encoded(request, &arena).server_timeout_s, 1);
	request.timeout_ms = 0;
	assert_int_equal(encoded(request, &arena).server_timeout_s, 0);
}

static void a_sync_says_everything_that_the_spec_could_change(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded(
		(struct request){
			.type = REQUEST_SYNC,
			.name = STR("web/../x"),
			.namespace = STR("argocd"),
			.project = STR("platform"),
			.revision = STR("0123456789012345678901234567890123456789"),
			.token = STR("v1/run/uid/1"),
			.prune = true,
		},
		&arena);

	assert_string_equal(http.method, "POST");
	assert_str(http.target, "/api/v1/applications/web%2F..%2Fx/sync");
	assert_str(http.body,
		   "{\"appNamespace\":\"argocd\",\"project\":\"platform\","
		   "\"revision\":\"0123456789012345678901234567890123456789\",\"prune\":true,"
		   "\"infos\":[{\"name\":\"tiphys\",\"value\":\"v1/run/uid/1\"}],"
		   "\"retryStrategy\":{\"limit\":0}}");
}

static void an_operation_is_terminated_by_its_applications_name_and_project(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded((struct request){.type = REQUEST_TERMINATE,
							    .name = STR("web/x"),
							    .namespace = STR("argocd"),
							    .project = STR("platform")},
					   &arena);

	assert_string_equal(http.method, "DELETE");
	assert_str(http.target,
		   "/api/v1/applications/web%2Fx/operation?project=platform&appNamespace=argocd");
	assert_str(http.body, "");
}

static void a_sync_keeps_the_applications_own_retries(void **state)
{
	auto_arena struct arena arena = {0};
	struct http_request http = encoded(
		(struct request){
			.type = REQUEST_SYNC,
			.name = STR("web"),
			.project = STR("a\"b"),
			.retry_json = STR("{\"limit\":2,\"refresh\":false}"),
		},
		&arena);

	assert_str(http.body, "{\"project\":\"a\\\"b\",\"revision\":\"\",\"prune\":false,"
			      "\"infos\":[{\"name\":\"tiphys\",\"value\":\"\"}],"
			      "\"retryStrategy\":{\"limit\":2,\"refresh\":false}}");
}

static void owners_and_projects_go_by_name(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(encoded((struct request){.type = REQUEST_OWNER,
					    .name = STR("fleet"),
					    .namespace = STR("argocd")},
			   &arena)
			   .target,
		   "/api/v1/applicationsets/fleet?appsetNamespace=argocd");
	assert_str(encoded((struct request){.type = REQUEST_PROJECT, .name = STR("a b")}, &arena)
			   .target,
		   "/api/v1/projects/a%20b");
	assert_str(encoded((struct request){.type = REQUEST_SETTINGS}, &arena).target,
		   "/api/v1/settings");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_is_asked_without_credentials),
		cmocka_unit_test(everything_else_is_asked_with_them),
		cmocka_unit_test(the_list_is_projected),
		cmocka_unit_test(histories_are_in_the_whole_list),
		cmocka_unit_test(labels_come_where_we_select_ourselves),
		cmocka_unit_test(what_an_owner_makes_is_asked_with_its_own_body),
		cmocka_unit_test(a_whole_project_has_no_selector),
		cmocka_unit_test(the_watch_leaves_out_the_objects),
		cmocka_unit_test(a_reading_names_project_and_namespace),
		cmocka_unit_test(a_refresh_ends_on_the_server_before_it_ends_here),
		cmocka_unit_test(a_sync_says_everything_that_the_spec_could_change),
		cmocka_unit_test(an_operation_is_terminated_by_its_applications_name_and_project),
		cmocka_unit_test(a_sync_keeps_the_applications_own_retries),
		cmocka_unit_test(owners_and_projects_go_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
