#include "argo/server.h"

#include "story.h"

static const struct str WEB = STR("web");

#define WITHOUT(name)                                                                              \
	static void without_##name(struct argo_config *config)                                     \
	{                                                                                          \
		config->quirks.is_off[QUIRK_##name] = true;                                        \
	}
WITHOUT(LOST_EVENT_GAP)
WITHOUT(LEAVES_IN_SILENCE)
WITHOUT(NO_REPLAY)
WITHOUT(DENIED_FOR_ABSENT)
WITHOUT(SELECTOR_ERROR_IS_500)
WITHOUT(BUSY_IS_400)
WITHOUT(MULTI_REVISION_IGNORED)
WITHOUT(TERMINATE_BEFORE_START)
WITHOUT(REFRESH_OUTLIVES_CLIENT)
WITHOUT(POST_OUTLIVES_CLIENT)

static void with_two_replicas(struct argo_config *config)
{
	config->replicas = 2;
	config->replica_lag_ms[0] = 0;
	config->replica_lag_ms[1] = 5000;
}

static void with_two_that_do_not_lag(struct argo_config *config)
{
	with_two_replicas(config);
	config->quirks.is_off[QUIRK_LIST_LAGS] = true;
}

static const struct api_refusal *refused(struct story *story, struct api_request request)
{
	return &story_ask(story, request)->refusal;
}

static void assert_refused(const struct api_refusal *refusal, int status, int code,
			   const char *message)
{
	assert_int_equal(refusal->status, status);
	assert_int_equal(refusal->code, code);
	assert_str(refusal->message, message);
}

/* Three Applications that nothing happens to. */
static void three(struct story *story, void (*change)(struct argo_config *config))
{
	story_begin(story, change);
	struct str one = story_push(story, "one");
	story_app(story, "web", one);
	story_app(story, "api", one);
	story_app(story, "db", one);
	argo_stop(story->argo, COMPONENT_CONTROLLER, 0);
	story_wait(story, 1000);
}

static void relabel(struct story *story, const char *name, const char *labels)
{
	struct app *app = story_edit(story, name);

	pair_list_drop(app->labels);
	app->labels = pairs_of(story_text(story, labels));
	argo_apply_app(story->argo, app);
	story_wait(story, 100);
}

/* The next frame of this watch; false: none is ready. */
static bool next_frame(struct story *story, uint64_t id)
{
	while (server_next(argo_server(story->argo), &story->answer)) {
		if (story->answer.id == id)
			return true;
	}
	return false;
}

static size_t frames(struct story *story, uint64_t id)
{
	size_t n = 0;

	while (next_frame(story, id))
		n++;
	return n;
}

/* ---- reading ---- */

static void a_list_is_sorted_and_filtered(void **state)
{
	struct story story;

	three(&story, NULL);
	const struct api_answer *answer = story_ask(&story,
						    (struct api_request){.verb = API_APPS_LIST});
	assert_int_equal(answer->app_count, 3);
	assert_str(answer->apps[0]->name, "api");
	assert_str(answer->apps[2]->name, "web");
	assert_int_equal(answer->version, store_version(argo_store(story.argo)));
	relabel(&story, "db", "env=prd");
	answer = story_ask(&story, (struct api_request){.verb = API_APPS_LIST,
							.selector = STR("env in (prd)")});
	assert_int_equal(answer->app_count, 1);
	struct str other = STR("other");
	answer = story_ask(&story, (struct api_request){.verb = API_APPS_LIST,
							.projects = &other,
							.project_count = 1});
	assert_int_equal(answer->app_count, 0);
	story_end(&story);
}

static void a_bad_selector_is_500(void **state)
{
	struct story story;
	struct api_request request = {.verb = API_APPS_LIST, .selector = STR("a=b,,c")};

	three(&story, NULL);
	const struct api_refusal *refusal = refused(&story, request);
	assert_int_equal(refusal->status, 500);
	assert_int_equal(refusal->code, 2);
	assert_str(refusal->message,
		   "error parsing the selector: found ',', expected: identifier after ','");
	request.selector = STR("env in (test,,");
	assert_str(refused(&story, request)->message,
		   "error parsing the selector: unable to parse requirement: found '', expected: "
		   "',', or identifier");
	story_end(&story);

	three(&story, without_SELECTOR_ERROR_IS_500);
	assert_int_equal(refused(&story, request)->status, 400);
	story_end(&story);
}

static void lists_of_two_replicas_go_back_in_time(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? with_two_that_do_not_lag : with_two_replicas);
		story_wait(&story, 10 * 1000);
		relabel(&story, "db", "env=prd");
		struct api_request request = {.verb = API_APPS_LIST, .selector = STR("env=prd")};
		assert_int_equal(story_ask(&story, request)->app_count, 1);
		request.replica = 1;
		assert_int_equal(story_ask(&story, request)->app_count, is_off);
		story_end(&story);
	}
}

static void who_may_not_is_told_so(void **state)
{
	struct story story;
	struct str project = STR("demo");

	story_begin(&story, NULL);
	struct str one = story_push(&story, "one");
	story_app(&story, "web", one);
	argo_add_account(story.argo, STR("readonly"), STR(""), STR("r.r.r"), RIGHTS_READ_ONLY,
			 false);
	argo_add_account(story.argo, STR("old"), STR(""), STR("o.o.o"), RIGHTS_ADMIN, true);
	struct api_request request = {.verb = API_APP_GET, .name = WEB, .token = STR("x.y.z")};
	assert_refused(refused(&story, request), 401, 16,
		       "invalid session: token is malformed: could not base64 decode header: "
		       "illegal base64 data at input byte 0");
	request.token = STR("eyJh$GciOiJIUzI1NiJ9.y.z");
	assert_true(str_ends(refused(&story, request)->message, STR("at input byte 4")));
	request.token = STR("eyJhbGciOiJIUzI1NiJ9.y.z");
	assert_refused(refused(&story, request), 401, 16,
		       "invalid session: token signature is invalid: signature is invalid");
	request.token = STR("o.o.o");
	assert_refused(refused(&story, request), 401, 16,
		       "invalid session: token has invalid claims: token is expired");
	request.token = STR("r.r.r");
	assert_int_equal(refused(&story, request)->status, 200);
	request.verb = API_APP_SYNC;
	request.projects = &project;
	request.project_count = 1;
	const struct api_refusal *refusal = refused(&story, request);
	assert_int_equal(refusal->status, 403);
	assert_true(str_starts(
		refusal->message,
		STR("permission denied: applications, sync, demo/web, sub: readonly, iat: ")));
	story_end(&story);
}

static void an_absent_application_is_403_without_its_project(void **state)
{
	struct story story;
	struct str project = STR("demo");
	struct api_request request = {.verb = API_APP_GET, .name = STR("none")};

	three(&story, NULL);
	assert_refused(refused(&story, request), 403, 7, "permission denied");
	request.projects = &project;
	request.project_count = 1;
	assert_refused(refused(&story, request), 404, 5,
		       "applications.argoproj.io \"none\" not found");
	project = STR("other");
	request.name = WEB;
	assert_int_equal(refused(&story, request)->status, 404);
	story_end(&story);

	three(&story, without_DENIED_FOR_ABSENT);
	assert_int_equal(
		refused(&story, (struct api_request){.verb = API_APP_GET, .name = STR("none")})
			->status,
		404);
	story_end(&story);
}

static void a_login_gives_a_token(void **state)
{
	struct story story;

	three(&story, NULL);
	struct api_request login = {
		.verb = API_SESSION_CREATE, .username = STR("admin"), .password = STR("secret")};
	struct str token = story_ask(&story, login)->token;
	struct api_request request = {.verb = API_USERINFO, .token = token};
	assert_str(story_ask(&story, request)->username, "admin");
	login.password = STR("guess");
	assert_refused(refused(&story, login), 401, 16, "Invalid username or password");
	story_end(&story);
}

/* ---- refreshes ---- */

static void a_refresh_is_answered_by_a_newer_version_without_it(void **state)
{
	struct story story;

	story_begin(&story, NULL);
	story_settled(&story, "web", story_push(&story, "one"));
	story_wait(&story, 3000);
	uint64_t before = story_now(&story, "web")->version;
	const struct api_answer *answer = story_ask(
		&story,
		(struct api_request){.verb = API_APP_GET, .name = WEB, .refresh = REFRESH_NORMAL});
	assert_true(answer->app->version > before);
	assert_int_equal(answer->app->refresh, REFRESH_NONE);
	assert_true(answer->app->status.reconciled_at.ms > story.now.ms - 2000);
	story_end(&story);
}

static void a_refresh_has_an_end_of_its_own(void **state)
{
	struct story story;

	three(&story, NULL);
	struct api_request request = {
		.verb = API_APP_GET, .name = WEB, .refresh = REFRESH_NORMAL, .deadline_ms = 2000};
	assert_refused(refused(&story, request), 504, 4, "context deadline exceeded");
	assert_int_equal(story_now(&story, "web")->refresh, REFRESH_NORMAL);
	story_end(&story);
}

static void a_refresh_stays_asked_for_when_its_client_leaves(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_REFRESH_OUTLIVES_CLIENT : NULL);
		uint64_t id = story_send(&story, (struct api_request){.verb = API_APP_GET,
								      .name = WEB,
								      .refresh = REFRESH_HARD});
		story_wait(&story, 100);
		server_cancel(argo_server(story.argo), id);
		assert_int_equal(story_now(&story, "web")->refresh,
				 is_off ? REFRESH_NONE : REFRESH_HARD);
		story_end(&story);

		three(&story, is_off ? without_REFRESH_OUTLIVES_CLIENT : NULL);
		assert_int_equal(refused(&story, (struct api_request){.verb = API_APP_GET,
								      .name = WEB,
								      .refresh = REFRESH_HARD,
								      .deadline_ms = 1000})
					 ->status,
				 504);
		assert_int_equal(story_now(&story, "web")->refresh,
				 is_off ? REFRESH_NONE : REFRESH_HARD);
		story_end(&story);
	}
}

/* ---- syncs ---- */

static void a_busy_application_is_refused(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_BUSY_IS_400 : NULL);
		struct api_request request = {.verb = API_APP_SYNC, .name = WEB};
		assert_int_equal(refused(&story, request)->status, 200);
		assert_refused(refused(&story, request), is_off ? 409 : 400, is_off ? 10 : 9,
			       "another operation is already in progress");
		story_end(&story);
	}
}

static void what_has_not_begun_is_not_terminated(void **state)
{
	struct story story;
	struct api_request terminate = {.verb = API_APP_TERMINATE, .name = WEB};

	three(&story, NULL);
	refused(&story, (struct api_request){.verb = API_APP_SYNC, .name = WEB});
	assert_refused(refused(&story, terminate), 400, 3,
		       "Unable to terminate operation. No operation is in progress");
	story_end(&story);

	three(&story, without_TERMINATE_BEFORE_START);
	refused(&story, (struct api_request){.verb = API_APP_SYNC, .name = WEB});
	assert_int_equal(refused(&story, terminate)->status, 200);
	assert_false(story_now(&story, "web")->operation.is_set);
	story_end(&story);
}

static void a_sync_is_done_though_its_client_leaves(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_POST_OUTLIVES_CLIENT : NULL);
		uint64_t id = story_send(&story,
					 (struct api_request){.verb = API_APP_SYNC, .name = WEB});
		server_cancel(argo_server(story.argo), id);
		story_wait(&story, 1000);
		assert_int_equal(story_now(&story, "web")->operation.is_set, !is_off);
		story_end(&story);

		/* Written, and not answered yet. */
		three(&story, is_off ? without_POST_OUTLIVES_CLIENT : NULL);
		id = story_send(&story, (struct api_request){.verb = API_APP_SYNC, .name = WEB});
		while (!story_now(&story, "web")->operation.is_set)
			story_wait(&story, 1);
		server_cancel(argo_server(story.argo), id);
		assert_int_equal(story_now(&story, "web")->operation.is_set, !is_off);
		story_end(&story);
	}
}

static void who_syncs_by_itself_goes_nowhere_else(void **state)
{
	struct story story;

	three(&story, NULL);
	struct app *app = story_edit(&story, "web");
	app->spec.automated.is_set = true;
	app->spec.sources.source.target_revision = STR("main");
	argo_apply_app(story.argo, app);
	struct api_request request = {
		.verb = API_APP_SYNC, .name = WEB, .sync_revision = STR("other")};
	assert_refused(refused(&story, request), 400, 9,
		       "Cannot sync to other: auto-sync currently set to main");
	request.sync_revision = STR("main");
	assert_int_equal(refused(&story, request)->status, 200);
	story_end(&story);
}

static void a_branch_that_is_not_there_is_400(void **state)
{
	struct story story;

	three(&story, NULL);
	assert_refused(refused(&story, (struct api_request){.verb = API_APP_SYNC,
							    .name = WEB,
							    .sync_revision = STR("no-branch")}),
		       400, 9,
		       "error resolving repo revision: rpc error: code = Unknown desc = unable to "
		       "resolve 'no-branch' to a commit SHA");
	argo_stop(story.argo, COMPONENT_REPO_SERVER, 0);
	const struct api_refusal *refusal = refused(
		&story, (struct api_request){
				.verb = API_APP_SYNC, .name = WEB, .sync_revision = STR("main")});
	assert_int_equal(refusal->status, 400);
	assert_true(str_find(refusal->message, STR("code = Unavailable"), NULL));
	story_end(&story);
}

/* An Application of two sources of the same repository. */
static void two_sources(struct story *story, void (*change)(struct argo_config *config))
{
	three(story, change);
	struct app *app = story_edit(story, "web");
	struct source one = app->spec.sources.source;
	sources_drop(&app->spec.sources);
	app->spec.sources.sources = source_list_new(2);
	app->spec.sources.sources->v[0] = app->spec.sources.sources->v[1] = one;
	argo_apply_app(story->argo, app);
}

static void the_revision_of_several_sources_is_ignored(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		two_sources(&story, is_off ? without_MULTI_REVISION_IGNORED : NULL);
		struct str two = story_push(&story, "two");
		struct api_request request = {
			.verb = API_APP_SYNC, .name = WEB, .sync_revision = two};
		const struct api_answer *answer = story_ask(&story, request);
		assert_int_equal(answer->refusal.status, 200);
		assert_int_equal(str_eq(answer->app->operation.revisions.v[0], two), is_off);
		story_end(&story);
	}
}

static void positions_say_which_source_is_meant(void **state)
{
	struct story story;
	int64_t positions[] = {2, 3};

	two_sources(&story, NULL);
	struct str two = story_push(&story, "two");
	struct api_request request = {.verb = API_APP_SYNC,
				      .name = WEB,
				      .sync_revisions = &two,
				      .sync_revision_count = 1,
				      .source_positions = positions,
				      .source_position_count = 2};
	assert_int_equal(refused(&story, request)->code, 2);
	positions[1] = 1;
	assert_refused(refused(&story, request), 500, 13,
		       "runtime error: index out of range [1] with length 1");
	request.source_position_count = 1;
	const struct api_answer *answer = story_ask(&story, request);
	assert_int_equal(answer->refusal.status, 200);
	assert_str_eq(answer->app->operation.revisions.v[1], two);
	story_end(&story);
}

/* ---- watches ---- */

static void a_change_during_the_first_burst_is_never_told(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_LOST_EVENT_GAP : NULL);
		uint64_t id = story_send(&story, (struct api_request){.verb = API_APPS_WATCH});
		story_wait(&story, 10);
		assert_true(next_frame(&story, id));
		assert_str(story.answer.app->name, "api");
		server_set_reading(argo_server(story.argo), id, false);
		assert_false(next_frame(&story, id));
		relabel(&story, "api", "env=prd");
		server_set_reading(argo_server(story.argo), id, true);
		assert_int_equal(frames(&story, id), is_off ? 3 : 2);
		relabel(&story, "api", "env=stg");
		assert_int_equal(frames(&story, id), 1);
		story_end(&story);
	}
}

static void who_leaves_the_selector_sends_nothing(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_LEAVES_IN_SILENCE : NULL);
		uint64_t id = story_send(&story, (struct api_request){.verb = API_APPS_WATCH,
								      .selector = STR("env=test")});
		story_wait(&story, 10);
		assert_int_equal(frames(&story, id), 3);
		relabel(&story, "web", "env=prd");
		assert_int_equal(next_frame(&story, id), is_off);
		if (is_off)
			assert_int_equal(story.answer.change, CHANGE_DELETED);
		story_end(&story);
	}
}

static void a_resource_version_replays_nothing(void **state)
{
	struct story story;

	for (int is_off = 0; is_off < 2; is_off++) {
		three(&story, is_off ? without_NO_REPLAY : NULL);
		uint64_t version = store_version(argo_store(story.argo));
		relabel(&story, "web", "env=prd");
		uint64_t id = story_send(&story,
					 (struct api_request){.verb = API_APPS_WATCH,
							      .resource_version = version + 1,
							      .has_resource_version = true});
		story_wait(&story, 10);
		assert_int_equal(frames(&story, id), is_off);
		relabel(&story, "web", "env=stg");
		assert_int_equal(frames(&story, id), 1);
		story_end(&story);
	}
}

static void a_watch_that_nobody_reads_loses_what_is_newest(void **state)
{
	struct story story;

	three(&story, NULL);
	uint64_t id = story_send(&story, (struct api_request){.verb = API_APPS_WATCH});
	story_wait(&story, 10);
	assert_int_equal(frames(&story, id), 3);
	server_set_reading(argo_server(story.argo), id, false);
	for (int i = 0; i < 600; i++) {
		relabel(&story, "web", "env=prd");
		relabel(&story, "web", "env=stg");
	}
	server_set_reading(argo_server(story.argo), id, true);
	assert_int_equal(frames(&story, id), 1000);
	story_end(&story);
}

static void events_can_be_lost(void **state)
{
	struct story story;

	three(&story, NULL);
	uint64_t id = story_send(&story, (struct api_request){.verb = API_APPS_WATCH});
	story_wait(&story, 10);
	frames(&story, id);
	argo_lose_events(story.argo, COMPONENT_SERVER, 0, 1);
	relabel(&story, "web", "env=prd");
	assert_int_equal(frames(&story, id), 0);
	relabel(&story, "web", "env=stg");
	assert_int_equal(frames(&story, id), 1);
	story_end(&story);
}

static void a_server_that_stops_cuts_its_streams(void **state)
{
	struct story story;

	three(&story, NULL);
	uint64_t id = story_send(&story, (struct api_request){.verb = API_APPS_WATCH});
	story_wait(&story, 10);
	frames(&story, id);
	argo_stop(story.argo, COMPONENT_SERVER, 0);
	assert_true(next_frame(&story, id));
	assert_true(story.answer.is_end);
	assert_int_equal(story.answer.refusal.status, 0);
	struct api_request request = {.verb = API_APPS_LIST};
	assert_int_equal(story_ask(&story, request)->refusal.status, 0);
	argo_start(story.argo, COMPONENT_SERVER, 0);
	assert_int_equal(story_ask(&story, request)->app_count, 3);
	story_end(&story);
}

static void manifests_are_what_a_revision_renders_to(void **state)
{
	struct story story;

	three(&story, NULL);
	struct str two = story_push(&story, "two");
	const struct api_answer *answer = story_ask(
		&story, (struct api_request){
				.verb = API_APP_MANIFESTS, .name = WEB, .revision = STR("main")});
	assert_str_eq(answer->manifests_revision, two);
	assert_int_equal(answer->manifest_count, 3);
	assert_true(str_find(answer->manifests[0], STR("\"content\":\"two\""), NULL));
	story_end(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_sorted_and_filtered),
		cmocka_unit_test(a_bad_selector_is_500),
		cmocka_unit_test(lists_of_two_replicas_go_back_in_time),
		cmocka_unit_test(who_may_not_is_told_so),
		cmocka_unit_test(an_absent_application_is_403_without_its_project),
		cmocka_unit_test(a_login_gives_a_token),
		cmocka_unit_test(a_refresh_is_answered_by_a_newer_version_without_it),
		cmocka_unit_test(a_refresh_has_an_end_of_its_own),
		cmocka_unit_test(a_refresh_stays_asked_for_when_its_client_leaves),
		cmocka_unit_test(a_busy_application_is_refused),
		cmocka_unit_test(what_has_not_begun_is_not_terminated),
		cmocka_unit_test(a_sync_is_done_though_its_client_leaves),
		cmocka_unit_test(who_syncs_by_itself_goes_nowhere_else),
		cmocka_unit_test(a_branch_that_is_not_there_is_400),
		cmocka_unit_test(the_revision_of_several_sources_is_ignored),
		cmocka_unit_test(positions_say_which_source_is_meant),
		cmocka_unit_test(a_change_during_the_first_burst_is_never_told),
		cmocka_unit_test(who_leaves_the_selector_sends_nothing),
		cmocka_unit_test(a_resource_version_replays_nothing),
		cmocka_unit_test(a_watch_that_nobody_reads_loses_what_is_newest),
		cmocka_unit_test(events_can_be_lost),
		cmocka_unit_test(a_server_that_stops_cuts_its_streams),
		cmocka_unit_test(manifests_are_what_a_revision_renders_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
