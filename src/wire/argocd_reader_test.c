#include "wire/argocd.h"

#include "base/alloc.h"
#include "testing.h"
#include "wire/json.h"

#include <stdio.h>

#include <string.h>

enum { MESSAGE_BYTES = 400, VERSION_BYTES = 100 };

/* What the sink was given, in a form that outlives the call. */
struct story {
	unsigned replies;
	struct reply reply;
	char message[MESSAGE_BYTES];
	char version[VERSION_BYTES], namespace[VERSION_BYTES], url[VERSION_BYTES];
	char target_revision[VERSION_BYTES];
	bool is_rolling;
	char labels[VERSION_BYTES], json[4096];
	struct application *app;
	struct app_row first_row;
	struct buf watched; /* "web-test@12 " or "-web-test " for each event */
};

static void copy(char *to, size_t size, struct str text)
{
	snprintf(to, size, STR_FMT, STR_ARG(text));
}

static void take_reply(void *self, const struct reply *reply)
{
	struct story *story = self;

	story->replies++;
	story->reply = *reply;
	copy(story->message, sizeof(story->message), reply->message);
	copy(story->version, sizeof(story->version), reply->version);
	copy(story->namespace, sizeof(story->namespace), reply->namespace);
	copy(story->url, sizeof(story->url), reply->url);
	if (reply->owner_count > 0) {
		const struct owner_row *owner = &reply->owners[0];
		story->is_rolling = owner->is_rolling;
		copy(story->target_revision, sizeof(story->target_revision),
		     owner->target_revision);
		copy(story->labels, sizeof(story->labels), owner->labels);
		copy(story->json, sizeof(story->json), owner->json);
	}
	story->app = application_keep(reply->application);
	if (reply->row_count > 0)
		story->first_row = reply->rows[0];
}

static void take_watched(void *self, enum event_type type, const struct application *app)
{
	struct story *story = self;

	if (type == EV_WATCH_LOST)
		buf_printf(&story->watched, "-" STR_FMT " ", STR_ARG(app->name));
	else
		buf_printf(&story->watched, STR_FMT "@%llu ", STR_ARG(app->name),
			   (unsigned long long)app->resource_version);
}

static void forget(struct story *story)
{
	application_drop(story->app);
	buf_release(&story->watched);
	*story = (struct story){.watched = BUF_INIT(64 * KIB)};
}

/* The answer to a request about "web-test", fed in portions of this size. */
static void read_in(struct story *story, size_t portion, enum request_type type,
		    struct http_end end, const char *body)
{
	struct request request = {
		.id = 7, .type = type, .app = 3, .name = STR("web-test"), .project = STR("p")};
	struct argocd_sink sink = {.self = story, .watched = take_watched, .reply = take_reply};
	struct argocd_reader *reader = argocd_reader_new(&request);

	forget(story);
	for (struct str rest = str_of(body); rest.n > 0;) {
		struct str now = str_first(rest, portion < rest.n ? portion : rest.n);
		argocd_reader_feed(reader, now, &sink);
		rest = str_after(rest, now.n);
	}
	assert_int_equal(story->replies, 0);
	argocd_reader_end(reader, &end, &sink);
	argocd_reader_free(reader);
	assert_int_equal(story->replies, 1);
	assert_int_equal(story->reply.id, 7);
	assert_int_equal(story->reply.app, 3);
	assert_int_equal(story->reply.type, type);
	assert_true(strlen(story->message) <= ARGOCD_MESSAGE_BYTES);
}

static void read_ok(struct story *story, enum request_type type, const char *body)
{
	read_in(story, 11, type, (struct http_end){.status = 200}, body);
}

static void assert_outcome(const struct story *story, enum outcome outcome, const char *message)
{
	assert_string_equal(outcome_name(story->reply.outcome), outcome_name(outcome));
	assert_string_equal(story->message, message);
}

static int begin(void **state)
{
	*state = mem_zalloc(sizeof(struct story));
	return 0;
}

static int end(void **state)
{
	forget(*state);
	mem_free(*state);
	return 0;
}

#define APP_JSON(name, version)                                                                    \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"argocd\",\"uid\":\"u\","             \
	"\"resourceVersion\":\"" version "\"},\"spec\":{\"project\":\"p\",\"source\":{"            \
	"\"repoURL\":\"r\",\"targetRevision\":\"R\"}},\"status\":{\"health\":{\"status\":"         \
	"\"Healthy\"},\"sync\":{\"status\":\"Synced\",\"revision\":\"R\"}}}"

static void an_argocd_says_its_version(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_VERSION, "{\"Version\":\"v3.2.11+abc\"}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_string_equal(story->version, "v3.2.11+abc");
}

static void others_answer_but_not_like_one(void **state)
{
	static const char *const answers[] = {"{}", "{\"Version\":3}", "{\"Version\":\"very new\"}",
					      "{\"version\":\"v1\"}", "{\"Version\":\"v\"}"};
	struct story *story = *state;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		read_ok(story, REQUEST_VERSION, answers[i]);
		assert_outcome(story, OUTCOME_BAD_ANSWER, "it answers, but not like an Argo CD");
		assert_string_equal(story->version, "");
	}
	read_ok(story, REQUEST_VERSION, "<!doctype HTML>\n<title>Log in</title>");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "HTTP 200 with an HTML page (an ingress or a login page?)");
	read_ok(story, REQUEST_VERSION, "");
	assert_outcome(story, OUTCOME_BAD_ANSWER, "HTTP 200 with nothing");
}

static void the_settings_name_the_namespace_and_the_page(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_SETTINGS,
		"{\"url\":\"https://argocd.example.com\",\"controllerNamespace\":\"argocd\"}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_string_equal(story->namespace, "argocd");
	assert_string_equal(story->url, "https://argocd.example.com");
	read_ok(story, REQUEST_SETTINGS, "{}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_string_equal(story->namespace, "");
}

static void a_reading_is_an_application(void **state)
{
	struct story *story = *state;
	enum request_type types[] = {REQUEST_GET, REQUEST_REFRESH, REQUEST_SYNC};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		read_ok(story, types[i], APP_JSON("web-test", "12"));
		assert_outcome(story, OUTCOME_OK, "");
		assert_str(story->app->name, "web-test");
		assert_int_equal(story->app->resource_version, 12);
		assert_true(story->app->has_resources);
	}
}

static void a_reading_that_is_not_what_was_asked_for_is_bad(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_GET, APP_JSON("web-prd", "12"));
	assert_outcome(story, OUTCOME_BAD_ANSWER, "the answer is about another Application");
	assert_null(story->app);
	read_ok(story, REQUEST_GET, "{\"metadata\":{}}");
	assert_outcome(story, OUTCOME_BAD_ANSWER, "the answer is an Application without a name");
	read_ok(story, REQUEST_GET, "{\"metadata\":{\"name\":\"web-test\"");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the answer is broken: line 1, column 30: '}' expected");
}

static void a_list_becomes_rows(void **state)
{
	struct story *story = *state;

	for (size_t portion = 1; portion < 600; portion += 37) {
		read_in(story, portion, REQUEST_LIST, (struct http_end){.status = 200},
			"{\"items\":[" APP_JSON("web-test", "1") "," APP_JSON(
				"web-prd", "2") "],\"metadata\":{\"resourceVersion\":\"2\"}}");
		assert_outcome(story, OUTCOME_OK, "");
		assert_int_equal(story->reply.row_count, 2);
		assert_int_equal(story->first_row.sync, SYNC_SYNCED);
	}
}

static void a_whole_list_becomes_histories(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_HISTORY,
		"{\"items\":[" APP_JSON("web-test", "5") "," APP_JSON("web-prd", "7") "]}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.history_count, 2);
	assert_int_equal(story->reply.row_count, 0);
	read_ok(story, REQUEST_HISTORY, "{\"items\":[" APP_JSON("web-test", "5") ",{}]}");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the list is broken: element 2: an Application without a name");
}

static void nothing_found_is_a_list_without_rows(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_LIST, "{\"items\":null,\"metadata\":{}}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.row_count, 0);
}

static void half_a_list_is_none(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_LIST, "{\"items\":[" APP_JSON("web-test", "1") ",");
	assert_int_equal(story->reply.outcome, OUTCOME_BAD_ANSWER);
	assert_int_equal(story->reply.row_count, 0);
	read_ok(story, REQUEST_LIST, "{\"items\":[{\"spec\":{}}]}");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the list is broken: element 1: an Application without a name");
	read_ok(story, REQUEST_LIST, "<html>Log in");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "HTTP 200 with an HTML page (an ingress or a login page?)");
	read_in(story, 5, REQUEST_LIST, (struct http_end){.failure = HTTP_CUT, .status = 200},
		"{\"items\":null}");
	assert_outcome(story, OUTCOME_CUT, "connection cut");
}

static void an_element_that_is_no_json_breaks_the_list(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_LIST, "{\"items\":[{\"metadata\" \"name\"}]}");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the list is broken: element 1: line 1, column 18: ':' expected");
}

static void an_answer_without_end_is_not_kept(void **state)
{
	auto_buf struct buf spaces = BUF_INIT(8 * MIB);
	struct request request = {.type = REQUEST_GET, .name = STR("web-test")};
	struct story *story = *state;
	struct argocd_sink sink = {.self = story, .watched = take_watched, .reply = take_reply};
	struct argocd_reader *reader = argocd_reader_new(&request);

	while (spaces.n < spaces.max)
		buf_append(&spaces, "{       ", 8);
	for (size_t n = 0; n <= ARGOCD_ANSWER_BYTES_MAX; n += spaces.n)
		argocd_reader_feed(reader, buf_view(&spaces), &sink);
	argocd_reader_end(reader, &(struct http_end){.status = 200}, &sink);
	argocd_reader_free(reader);
	assert_outcome(story, OUTCOME_BAD_ANSWER, "the answer is too large");
}

static void an_error_is_read_whatever_was_asked(void **state)
{
	struct story *story = *state;

	for (unsigned type = 0; type < REQUEST_TYPES; type++) {
		read_in(story, 9, (enum request_type)type, (struct http_end){.status = 403},
			"{\"error\":\"permission denied\",\"code\":7,"
			"\"message\":\"permission denied\"}");
		assert_outcome(story, OUTCOME_DENIED, "permission denied");
		assert_null(story->app);
	}
}

#define FRAME(type, app) "data: {\"result\":{\"type\":\"" type "\",\"application\":" app "}} \n\n\n"

static void a_watch_tells_as_it_comes(void **state)
{
	struct story *story = *state;

	for (size_t portion = 1; portion < 700; portion += 41) {
		read_in(story, portion, REQUEST_WATCH, (struct http_end){.status = 200},
			FRAME("ADDED", APP_JSON("web-test", "1")) ":\n" FRAME(
				"MODIFIED",
				APP_JSON("web-test",
					 "5")) ":\n" FRAME("DELETED",
							   "{\"metadata\":{\"name\":\"web-prd\"}}")
				FRAME("BOOKMARK", "{}"));
		assert_outcome(story, OUTCOME_OK, "");
		assert_str(buf_view(&story->watched), "web-test@1 web-test@5 -web-prd ");
	}
}

static void a_frame_that_cannot_be_read_does_not_end_the_watch(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_WATCH,
		"data: {\"result\":{\"type\"}}\n" FRAME("ADDED", "{}") FRAME("DELETED", "{}")
			FRAME("ADDED", APP_JSON("web-test", "1")));
	assert_str(buf_view(&story->watched), "web-test@1 ");
	assert_outcome(story, OUTCOME_BAD_ANSWER, "some events of the watch could not be read");
}

static void a_watch_that_ends_with_an_error_says_which(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_WATCH,
		FRAME("ADDED",
		      APP_JSON("web-test",
			       "1")) "data: {\"error\":{\"grpc_code\":14,"
				     "\"http_code\":503,\"message\":\"transport is closing\"}} ");
	assert_str(buf_view(&story->watched), "web-test@1 ");
	assert_outcome(story, OUTCOME_SERVER_ERROR, "transport is closing");
	read_ok(story, REQUEST_WATCH,
		"{\"error\":{\"grpc_code\":16,\"http_code\":401,\"message\":\"expired\"}}");
	assert_outcome(story, OUTCOME_UNAUTHENTICATED, "expired");
}

static void a_watch_that_is_cut_loses_at_most_a_frame(void **state)
{
	struct story *story = *state;

	read_in(story, 50, REQUEST_WATCH, (struct http_end){.failure = HTTP_CUT, .status = 200},
		FRAME("ADDED", APP_JSON("web-test", "1")) "data: {\"result\":{\"type\":\"MOD");
	assert_str(buf_view(&story->watched), "web-test@1 ");
	assert_outcome(story, OUTCOME_CUT, "connection cut");
}

static void a_login_page_is_no_watch(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_WATCH, "<html>\n<body>Log in</body>\n</html>\n");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "HTTP 200 with an HTML page (an ingress or a login page?)");
}

static void an_owner_tells_its_strategy_and_revision(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_OWNER,
		"{\"metadata\":{\"name\":\"web-test\"},\"spec\":{\"strategy\":{\"type\":"
		"\"RollingSync\"},\"template\":{\"spec\":{\"source\":{\"targetRevision\":"
		"\"{{.sha}}\"}}}}}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_true(story->is_rolling);
	assert_string_equal(story->target_revision, "{{.sha}}");
	read_ok(story, REQUEST_OWNER,
		"{\"metadata\":{\"name\":\"web-test\"},\"spec\":{\"strategy\":{},\"template\":{"
		"\"spec\":{\"sources\":[{\"targetRevision\":\"R\"}]}}}}");
	assert_false(story->is_rolling);
	assert_string_equal(story->target_revision, "R");
	read_ok(story, REQUEST_OWNER, "{\"items\":[]}");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the answer is not the ApplicationSet that was asked for");
}

static void the_owners_of_a_project_come_as_a_list(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_OWNERS,
		"{\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"web\",\"namespace\":"
		"\"argocd\"},\"spec\":{\"generators\":[{\"list\":{\"template\":{\"metadata\":{},"
		"\"spec\":{}}}}],"
		"\"template\":{\"metadata\":{\"labels\":{\"env\":\"{{.env}}\"}},\"spec\":{}}}},"
		"{\"metadata\":{\"name\":\"api\"},\"spec\":{}}]}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.owner_count, 2);
	assert_string_equal(story->labels, "env=*");
	assert_string_equal(
		story->json,
		"{\"applicationSet\":{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":"
		"\"ApplicationSet\",\"metadata\":{\"name\":\"web\",\"namespace\":\"argocd\","
		"\"annotations\":{\"argocd.argoproj.io/application-set-refresh\":\"true\"}},"
		"\"spec\":{"
		"\"generators\":[{\"list\":{\"template\":{\"metadata\":{},\"spec\":{}}}}],"
		"\"template\":{\"metadata\":{\"labels\":{\"env\":\"{{.env}}\"}},\"spec\":{}}}}}");
	read_ok(story, REQUEST_OWNERS, "{\"items\":null}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.owner_count, 0);
}

static void what_may_change_a_templates_labels_leaves_them_open(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_OWNER,
		"{\"metadata\":{\"name\":\"web-test\"},\"spec\":{"
		"\"templatePatch\":\"metadata: {}\","
		"\"template\":{\"metadata\":{\"labels\":{\"env\":\"test\"}}}}}");
	assert_string_equal(story->labels, "*=*");
	read_ok(story, REQUEST_OWNER,
		"{\"metadata\":{\"name\":\"web-test\"},\"spec\":{\"generators\":[{\"list\":{"
		"\"template\":{\"metadata\":{\"labels\":{\"env\":\"prd\"}}}}}],"
		"\"template\":{\"metadata\":{\"labels\":{\"env\":\"test\"}}}}}");
	assert_string_equal(story->labels, "*=*");
	read_ok(story, REQUEST_OWNER,
		"{\"metadata\":{\"name\":\"web-test\"},\"spec\":{"
		"\"template\":{\"metadata\":{\"labels\":{\"{{.key}}\":\"test\"}}}}}");
	assert_string_equal(story->labels, "*=*");
}

static void what_is_generated_has_names_and_labels(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_GENERATE,
		"{\"applications\":[{\"metadata\":{\"name\":\"web-stg\",\"labels\":{"
		"\"env\":\"stg\"}},"
		"\"spec\":{\"project\":\"p\"},\"status\":{}}]}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.row_count, 1);
	read_ok(story, REQUEST_GENERATE, "{}");
	assert_outcome(story, OUTCOME_OK, "");
	assert_int_equal(story->reply.row_count, 0);
	read_ok(story, REQUEST_GENERATE, "{\"applications\":[{}]}");
	assert_outcome(story, OUTCOME_BAD_ANSWER,
		       "the answer is broken: element 1: an Application without a name");
}

static void a_project_is_there_or_not(void **state)
{
	struct story *story = *state;

	read_ok(story, REQUEST_PROJECT, "{\"metadata\":{\"name\":\"web-test\"}}");
	assert_outcome(story, OUTCOME_OK, "");
	read_ok(story, REQUEST_PROJECT, "{}");
	assert_int_equal(story->reply.outcome, OUTCOME_BAD_ANSWER);
}

static void a_request_that_is_given_up_has_no_reply(void **state)
{
	struct request request = {.type = REQUEST_LIST};
	struct argocd_sink sink = {0};
	struct argocd_reader *reader = argocd_reader_new(&request);

	argocd_reader_feed(reader, STR("{\"items\":[{\"metadata\""), &sink);
	argocd_reader_free(reader);
	argocd_reader_free(NULL);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(an_argocd_says_its_version),
		STORY(others_answer_but_not_like_one),
		STORY(the_settings_name_the_namespace_and_the_page),
		STORY(a_reading_is_an_application),
		STORY(a_reading_that_is_not_what_was_asked_for_is_bad),
		STORY(a_list_becomes_rows),
		STORY(a_whole_list_becomes_histories),
		STORY(nothing_found_is_a_list_without_rows),
		STORY(half_a_list_is_none),
		STORY(an_element_that_is_no_json_breaks_the_list),
		STORY(an_answer_without_end_is_not_kept),
		STORY(an_error_is_read_whatever_was_asked),
		STORY(a_watch_tells_as_it_comes),
		STORY(a_frame_that_cannot_be_read_does_not_end_the_watch),
		STORY(a_watch_that_ends_with_an_error_says_which),
		STORY(a_watch_that_is_cut_loses_at_most_a_frame),
		STORY(a_login_page_is_no_watch),
		STORY(an_owner_tells_its_strategy_and_revision),
		STORY(the_owners_of_a_project_come_as_a_list),
		STORY(what_may_change_a_templates_labels_leaves_them_open),
		STORY(what_is_generated_has_names_and_labels),
		STORY(a_project_is_there_or_not),
		STORY(a_request_that_is_given_up_has_no_reply),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
