/*
 * What a real Argo CD answered, recorded by tests/fixtures/record: every fixture is read here, and
 * says what it was recorded for.
 */
#include "wire/argocd.h"

#include "base/vec.h"
#include "testing.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

/* ---- fixtures ---- */

static const char VERSION[] = "argocd-3.2.11";

/* One file: what was asked and what came. */
struct fixture {
	struct str request;
	struct http_end end;
	struct str body;
};

static FILE *open_fixture(const char *name)
{
	/* From the build folder, from src/, from the root. */
	static const char *const roots[] = {"../../", "../", ""};

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		char path[200];
		snprintf(path, sizeof(path), "%stests/fixtures/%s/%s.http", roots[i], VERSION,
			 name);
		FILE *file = fopen(path, "r");
		if (file)
			return file;
	}
	fail_msg("no fixture %s", name);
	return NULL;
}

static struct str read_file(const char *name, struct arena *arena)
{
	auto_buf struct buf text = BUF_INIT(1 * MIB);
	FILE *file = open_fixture(name);
	char chunk[4096];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_append(&text, chunk, n);
	fclose(file);
	assert_false(buf_overflowed(&text));
	return arena_copy(arena, buf_view(&text));
}

static struct fixture load(const char *name, struct arena *arena)
{
	struct str rest = read_file(name, arena), line, status;
	struct fixture fixture = {0};
	uint64_t code;

	assert_true(str_cut(&rest, '\n', &fixture.request));
	assert_true(str_cut(&rest, '\n', &line));
	assert_true(str_cut(&line, ' ', &status));
	assert_true(str_to_u64(status, &code));
	fixture.end.status = (int)code;
	fixture.end.content_type = line;
	assert_true(str_cut(&rest, '\n', &fixture.end.location));
	fixture.body = rest;
	return fixture;
}

/* ---- reading them ---- */

struct seen {
	enum event_type type;
	struct application *app;
};

/* Everything that a fixture became; what it points at lives in the arena, or is owned. */
struct answer {
	struct arena arena;
	struct reply reply;
	struct application *app;
	VEC(struct app_row) rows;
	struct owner_row owner;	    /* the first one */
	struct deployment deployed; /* the first one that is found in a history */
	size_t deployments;	    /* in all histories */
	VEC(struct seen) watched;
};

static void take_watched(void *self, enum event_type type, const struct application *app)
{
	struct answer *answer = self;

	vec_push(&answer->watched, (struct seen){type, application_keep(app)});
}

static void take_reply(void *self, const struct reply *reply)
{
	struct answer *answer = self;
	struct arena *arena = &answer->arena;

	answer->reply = *reply;
	answer->reply.message = arena_copy(arena, reply->message);
	if (reply->owner_count > 0) {
		answer->owner = reply->owners[0];
		answer->owner.target_revision = arena_copy(arena, reply->owners[0].target_revision);
		answer->owner.labels = arena_copy(arena, reply->owners[0].labels);
	}
	answer->reply.version = arena_copy(arena, reply->version);
	answer->reply.namespace = arena_copy(arena, reply->namespace);
	answer->reply.url = arena_copy(arena, reply->url);
	answer->app = application_keep(reply->application);
	for (size_t i = 0; i < reply->history_count; i++) {
		const struct app_history *history = &reply->histories[i];
		if (answer->deployments == 0 && history->count > 0) {
			answer->deployed = history->deployments[0];
			answer->deployed.revision = arena_copy(arena, answer->deployed.revision);
			answer->deployed.initiator = arena_copy(arena, answer->deployed.initiator);
		}
		answer->deployments += history->count;
	}
	for (size_t i = 0; i < reply->row_count; i++) {
		struct app_row row = reply->rows[i];
		row.name = arena_copy(arena, row.name);
		row.project = arena_copy(arena, row.project);
		row.target_revision = arena_copy(arena, row.target_revision);
		vec_push(&answer->rows, row);
	}
}

static void forget(struct answer *answer)
{
	application_drop(answer->app);
	vec_each(seen, &answer->watched)
		application_drop(seen->app);
	vec_release(&answer->watched);
	vec_release(&answer->rows);
	arena_release(&answer->arena);
	*answer = (struct answer){0};
}

/* All requests were about this fleet. */
static struct request about(enum request_type type, const char *name)
{
	return (struct request){
		.type = type,
		.name = str_of(name),
		.namespace = STR("argocd"),
		.project = STR("demo"),
	};
}

static void read_in(struct answer *answer, size_t portion, const struct request *request,
		    const struct fixture *fixture)
{
	struct argocd_sink sink = {.self = answer, .watched = take_watched, .reply = take_reply};
	struct argocd_reader *reader = argocd_reader_new(request);

	for (struct str rest = fixture->body; rest.n > 0;) {
		struct str now = str_first(rest, portion < rest.n ? portion : rest.n);
		argocd_reader_feed(reader, now, &sink);
		rest = str_after(rest, now.n);
	}
	argocd_reader_end(reader, &fixture->end, &sink);
	argocd_reader_free(reader);
}

/* Reads a fixture as the answer to a request; the request is the one that it was recorded with. */
static void read_fixture(struct answer *answer, const char *name, struct request request)
{
	auto_arena struct arena arena = {0};
	struct fixture fixture = load(name, &arena);
	struct http_request http;

	argocd_encode(&request, &http, &arena);
	assert_str_eq(fixture.request,
		      arena_printf(&arena, "%s " STR_FMT, http.method, STR_ARG(http.target)));
	forget(answer);
	read_in(answer, 97, &request, &fixture);
}

static struct application *read_app(struct answer *answer, const char *fixture, const char *name)
{
	read_fixture(answer, fixture, about(REQUEST_GET, name));
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_str(answer->app->name, name);
	assert_str(answer->app->namespace, "argocd");
	assert_str(answer->app->project, "demo");
	assert_true(answer->app->has_resources);
	return answer->app;
}

static void assert_outcome(struct answer *answer, const char *fixture, struct request request,
			   enum outcome outcome, const char *message)
{
	read_fixture(answer, fixture, request);
	assert_string_equal(outcome_name(answer->reply.outcome), outcome_name(outcome));
	assert_str(answer->reply.message, message);
	assert_null(answer->app);
}

static int begin(void **state)
{
	static struct answer answer;

	*state = &answer;
	return 0;
}

static int end(void **state)
{
	forget(*state);
	return 0;
}

/* ---- the server ---- */

static void the_server_is_an_argocd(void **state)
{
	struct answer *answer = *state;

	read_fixture(answer, "version", about(REQUEST_VERSION, ""));
	assert_str(answer->reply.version, "v3.2.11");
	read_fixture(answer, "settings", about(REQUEST_SETTINGS, ""));
	assert_str(answer->reply.namespace, "argocd");
	read_fixture(answer, "project", about(REQUEST_PROJECT, "demo"));
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_outcome(answer, "project-missing", about(REQUEST_PROJECT, "nowhere"),
		       OUTCOME_NOT_FOUND, "appprojects.argoproj.io \"nowhere\" not found");
}

static void a_port_with_tls_redirects_plain_http_to_itself(void **state)
{
	assert_outcome(*state, "tls-wanted", about(REQUEST_VERSION, ""), OUTCOME_WRONG_SCHEME,
		       "the server wants TLS and redirects to https://127.0.0.1:8443: connect "
		       "without --plaintext, to that address");
}

static void a_path_that_is_not_argocds_is_not_an_absent_application(void **state)
{
	auto_arena struct arena arena = {0};
	struct fixture fixture = load("path-unknown", &arena);
	struct request request = about(REQUEST_GET, "web");
	struct answer *answer = *state;

	read_in(answer, 10, &request, &fixture);
	assert_int_equal(answer->reply.outcome, OUTCOME_BAD_ANSWER);
	assert_str(answer->reply.message, "HTTP 404 with \"404 page not found\"");
}

static void without_a_good_token_nothing_is_told(void **state)
{
	assert_outcome(*state, "denied-without-token", about(REQUEST_PROJECT, "x"),
		       OUTCOME_UNAUTHENTICATED, "no session information");
	assert_outcome(*state, "expired", about(REQUEST_PROJECT, "demo"), OUTCOME_UNAUTHENTICATED,
		       "invalid session: token has invalid claims: token is expired");
}

static void owners_tell_their_strategy(void **state)
{
	struct answer *answer = *state;

	read_fixture(answer, "owner", about(REQUEST_OWNER, "demo-fleet"));
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_false(answer->owner.is_rolling);
	assert_int_equal(answer->owner.target_revision.n, 40);
	read_fixture(answer, "owner-rolling", about(REQUEST_OWNER, "demo-rolling"));
	assert_true(answer->owner.is_rolling);
	assert_outcome(answer, "owner-missing", about(REQUEST_OWNER, "demo-none"),
		       OUTCOME_NOT_FOUND,
		       "error getting ApplicationSet: applicationset.argoproj.io \"demo-none\" not "
		       "found");
	read_fixture(answer, "owner-denied", about(REQUEST_OWNER, "demo-fleet"));
	assert_int_equal(answer->reply.outcome, OUTCOME_DENIED);
}

/* ---- one operation ---- */

static void a_new_one_was_never_looked_at(void **state)
{
	struct application *app = read_app(*state, "app-new", "demo-new");

	assert_true(app->is_paused);
	assert_false(app->is_compared);
	assert_int_equal(app->sync, SYNC_UNKNOWN);
	assert_int_equal(app->health, HEALTH_UNKNOWN);
	assert_int_equal(app->source_kind, SOURCE_GIT);
	assert_int_equal(app->target_revision.n, 40);
	assert_str(app->repo_url, "file:///srv/git/demo");
	assert_str(app->destination, "https://127.0.0.11:16443/demo-test-1");
	assert_str(app->owner, "");
	assert_false(application_in_operation(app));
}

static void an_accepted_sync_answers_with_the_operation(void **state)
{
	struct answer *answer = *state;

	read_fixture(answer, "sync-accepted", about(REQUEST_SYNC, "demo-new"));
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_int_equal(answer->app->requested.phase, OP_RUNNING);
	assert_str(answer->app->requested.token, "v1/run/uid/1");
	assert_str(answer->app->requested.initiator, "tiphys");
	assert_true(operation_is_full(&answer->app->requested));
	assert_str_eq(answer->app->requested.revision, answer->app->target_revision);
	assert_int_equal(answer->app->shown.phase, OP_NONE);

	uint64_t id = answer->app->requested.id;
	struct application *app = read_app(answer, "app-requested", "demo-new");
	assert_true(app->requested.id == id);
}

static void it_is_out_of_sync_before(void **state)
{
	struct application *app = read_app(*state, "app-out-of-sync", "demo-web");

	assert_true(app->is_compared);
	assert_int_equal(app->sync, SYNC_OUT_OF_SYNC);
	assert_str_eq(app->sync_revision, app->target_revision);
	assert_int_equal(app->health, HEALTH_MISSING);
	assert_int_equal(app->out_of_sync_count, 2);
	assert_int_equal(app->prune_count, 0);
	assert_str(app->out_of_sync_names, "ConfigMap demo-web, Deployment demo-web");
	assert_true(app->reconciled_at.ms > 0);
}

static void it_is_synced_and_progressing_while_the_operation_runs(void **state)
{
	struct application *app = read_app(*state, "app-progressing", "demo-web");

	assert_int_equal(app->shown.phase, OP_RUNNING);
	assert_int_equal(app->sync, SYNC_SYNCED);
	assert_int_equal(app->health, HEALTH_PROGRESSING);
	assert_str(app->unhealthy_name, "Deployment demo-web");
	assert_true(str_starts(app->health_message, STR("Waiting for rollout to finish: 0 ")));
}

static void it_is_synced_and_healthy_while_the_hook_still_runs(void **state)
{
	struct application *app = read_app(*state, "app-hook-running", "demo-web");

	assert_int_equal(app->sync, SYNC_SYNCED);
	assert_int_equal(app->health, HEALTH_HEALTHY);
	assert_true(app->is_compared);
	assert_true(application_in_operation(app));
	assert_int_equal(app->shown.phase, OP_RUNNING);
	assert_true(app->shown.is_hook_trouble);
	assert_true(str_starts(app->shown.trouble, STR("Job demo-web-")));
	assert_true(str_ends(app->shown.trouble, STR(": running")));
	assert_true(
		str_starts(app->shown.message, STR("waiting for completion of hook batch/Job")));
	assert_str(app->shown.token, "v1/run/uid/1");
	assert_int_equal(app->out_of_sync_count, 0);
}

static void it_is_done_when_a_refresh_came_after(void **state)
{
	struct answer *answer = *state;

	read_fixture(answer, "refresh", about(REQUEST_REFRESH, "demo-web"));
	struct application *app = answer->app;
	assert_false(application_in_operation(app));
	assert_int_equal(app->shown.phase, OP_SUCCEEDED);
	assert_true(operation_is_full(&app->shown));
	assert_str_eq(app->shown.revision, app->target_revision);
	assert_str_eq(app->sync_revision, app->target_revision);
	assert_true(app->reconciled_at.ms > app->shown.finished_at.ms);
	assert_true(app->is_compared);
	assert_str(app->shown.trouble, "");
	assert_str(app->error, "");
	assert_false(app->has_refresh);

	uint64_t id = app->shown.id, version = app->resource_version;
	app = read_app(answer, "app-done", "demo-web");
	assert_true(app->shown.id == id);
	assert_true(app->resource_version >= version);
	app = read_app(answer, "app-hook-running", "demo-web");
	assert_true(app->shown.id == id);
}

static void a_refresh_that_nobody_serves_leaves_its_annotation(void **state)
{
	struct answer *answer = *state;

	/* In one of several words: who gives up first is a race on the server. */
	read_fixture(answer, "refresh-late", about(REQUEST_REFRESH, "demo-new"));
	assert_int_equal(answer->reply.outcome, OUTCOME_TIMEOUT);
	assert_true(read_app(answer, "app-refresh-asked", "demo-new")->has_refresh);
}

/* ---- what goes wrong ---- */

static void a_hook_that_failed_leaves_it_synced_and_healthy(void **state)
{
	struct application *app = read_app(*state, "app-hook-failed", "demo-hook");

	assert_int_equal(app->shown.phase, OP_FAILED);
	assert_int_equal(app->sync, SYNC_SYNCED);
	assert_int_equal(app->health, HEALTH_HEALTHY);
	assert_true(app->shown.is_hook_trouble);
	assert_true(
		str_ends(app->shown.trouble, STR(": Job has reached the specified backoff limit")));
	assert_str(app->shown.token, "");
}

static void an_operation_that_waits_for_its_retry_runs_and_has_finished(void **state)
{
	struct application *app = read_app(*state, "app-retry-waiting", "demo-retry");

	assert_int_equal(app->shown.phase, OP_RUNNING);
	assert_true(app->shown.finished_at.ms > 0);
	assert_int_equal(app->shown.retry_count, 1);
	assert_true(app->shown.is_hook_trouble);
	assert_str(app->retry_json, "{\"backoff\":{\"duration\":\"10m\",\"factor\":2,"
				    "\"maxDuration\":\"1h\"},\"limit\":3,\"refresh\":false}");
}

static void an_object_that_cannot_be_applied_is_named(void **state)
{
	struct application *app = read_app(*state, "app-sync-failed", "demo-broken");

	assert_int_equal(app->shown.phase, OP_FAILED);
	assert_false(app->shown.is_hook_trouble);
	assert_true(str_starts(app->shown.trouble,
			       STR("Service broken: Service \"broken\" is invalid")));
	assert_str(app->out_of_sync_names, "Service broken");
	assert_str(app->unhealthy_name, "Service broken");
}

static void what_cannot_be_rendered_keeps_its_revision_and_says_why(void **state)
{
	struct application *app = read_app(*state, "app-cannot-render", "demo-render");

	assert_true(str_starts(app->error, STR("ComparisonError: Failed to load target state: ")));
	assert_true(str_ends(app->error, STR("no, says helm")));
	assert_false(str_find(app->error, STR("rpc error"), NULL));
	assert_int_equal(app->sync, SYNC_UNKNOWN);
	/* The trap: compared, at the revision, Healthy. */
	assert_true(app->is_compared);
	assert_str_eq(app->sync_revision, app->target_revision);
	assert_int_equal(app->health, HEALTH_HEALTHY);
}

static void a_deployment_that_does_not_come_up_is_named(void **state)
{
	struct application *app = read_app(*state, "app-degraded", "demo-degraded");

	assert_int_equal(app->health, HEALTH_DEGRADED);
	assert_str(app->unhealthy_name, "Deployment demo-degraded");
	assert_str(app->health_message,
		   "Deployment \"demo-degraded\" exceeded its progress deadline");
	assert_int_equal(app->shown.phase, OP_SUCCEEDED);
	assert_str(app->shown.trouble, "");
}

static void a_suspended_one_is_no_degraded_one(void **state)
{
	struct application *app = read_app(*state, "app-suspended", "demo-suspended");

	assert_int_equal(app->health, HEALTH_SUSPENDED);
	assert_str(app->unhealthy_name, "Deployment paused");
	assert_str(app->health_message, "Deployment is paused");
}

/* ---- operations that are not whole ---- */

static void each_operation_that_is_not_whole_is_known_by_its_mark(void **state)
{
	static const struct {
		const char *fixture, *name;
		bool is_partial, is_dry_run, has_manifests, is_apply;
	} cases[] = {
		{"app-partial", "demo-partial", .is_partial = true},
		{"app-dry-run", "demo-dry", .is_dry_run = true},
		{"app-local", "demo-local", .has_manifests = true},
		{"app-rolled-back", "demo-pruned", .is_apply = true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct application *app = read_app(*state, cases[i].fixture, cases[i].name);
		assert_int_equal(app->shown.phase, OP_SUCCEEDED);
		assert_int_equal(app->shown.is_partial, cases[i].is_partial);
		assert_int_equal(app->shown.is_dry_run, cases[i].is_dry_run);
		assert_int_equal(app->shown.has_manifests, cases[i].has_manifests);
		assert_int_equal(app->shown.is_apply, cases[i].is_apply);
		assert_false(app->shown.has_other_source);
		assert_false(operation_is_full(&app->shown));
	}
}

static void local_manifests_have_no_revision(void **state)
{
	struct application *app = read_app(*state, "app-local", "demo-local");

	assert_str(app->shown.revision, "");
	/* And they are what is compared: Synced, though Git says otherwise. */
	assert_int_equal(app->sync, SYNC_SYNCED);
	assert_str_eq(app->sync_revision, app->target_revision);
}

static void the_controllers_own_operation_is_automated(void **state)
{
	struct application *app = read_app(*state, "app-auto-sync", "demo-auto");

	assert_true(app->has_auto_sync);
	assert_true(app->auto_sync_prunes);
	assert_true(app->shown.is_automated);
	assert_str(app->shown.initiator, "auto-sync");
	assert_true(operation_is_full(&app->shown));
}

static void what_only_pruning_would_end_is_counted(void **state)
{
	struct application *app = read_app(*state, "app-to-prune", "demo-pruned");

	assert_int_equal(app->sync, SYNC_OUT_OF_SYNC);
	assert_int_equal(app->out_of_sync_count, 1);
	assert_int_equal(app->prune_count, 1);
	assert_str(app->out_of_sync_names, "ConfigMap pruned-extra");
}

/* ---- kinds ---- */

static void every_kind_of_source_is_known(void **state)
{
	struct application *app = read_app(*state, "app-multi-source", "demo-multi");
	assert_int_equal(app->source_kind, SOURCE_MULTI);
	assert_true(app->is_compared);
	assert_false(app->shown.has_other_source);
	assert_int_equal(app->sync_revision.n, 81);
	assert_str_eq(app->sync_revision, app->shown.revision);

	app = read_app(*state, "app-chart", "demo-chart");
	assert_int_equal(app->source_kind, SOURCE_CHART);
	assert_str(app->target_revision, "1.2.3");
	assert_str(app->error, "InvalidSpecError: application repo https://charts.example.com is "
			       "not permitted in project 'demo'");
	assert_int_equal(app->reconciled_at.ms, 0);

	app = read_app(*state, "app-hydrator", "demo-hydrator");
	assert_int_equal(app->source_kind, SOURCE_HYDRATOR);
	assert_int_equal(app->target_revision.n, 40);
}

static void one_that_is_owned_names_its_applicationset(void **state)
{
	assert_str(read_app(*state, "app-owned", "demo-web-test-1")->owner, "demo-fleet");
}

static void one_that_is_being_deleted_says_so(void **state)
{
	assert_true(read_app(*state, "app-deleting", "demo-gone")->is_deleting);
	assert_outcome(*state, "sync-deleting", about(REQUEST_SYNC, "demo-gone"), OUTCOME_DELETING,
		       "application is deleting");
}

/* ---- refusals ---- */

static void every_no_of_argocds_has_its_outcome(void **state)
{
	struct request refused = about(REQUEST_SYNC, "demo-refused");

	assert_outcome(*state, "app-missing", about(REQUEST_GET, "demo-none"), OUTCOME_NOT_FOUND,
		       "applications.argoproj.io \"demo-none\" not found");
	assert_outcome(*state, "sync-busy", about(REQUEST_SYNC, "demo-new"), OUTCOME_BUSY,
		       "another operation is already in progress");
	assert_outcome(*state, "sync-window", refused, OUTCOME_WINDOW,
		       "cannot sync: blocked by sync window");
	assert_outcome(*state, "sync-unresolved", refused, OUTCOME_INVALID,
		       "error resolving repo revision: unable to resolve 'no-such-branch' to a "
		       "commit SHA");
	assert_outcome(*state, "sync-content-type", refused, OUTCOME_INVALID,
		       "HTTP 415 with \"Invalid content type\", not an answer of Argo CD's");
	read_fixture(*state, "sync-denied", refused);
	assert_int_equal(((struct answer *)*state)->reply.outcome, OUTCOME_DENIED);
	read_fixture(*state, "sync-moved", about(REQUEST_SYNC, "demo-auto"));
	assert_int_equal(((struct answer *)*state)->reply.outcome, OUTCOME_MOVED);
}

static void another_project_hides_an_application(void **state)
{
	struct request request = about(REQUEST_GET, "demo-refused");

	request.project = STR("default");
	assert_outcome(*state, "app-other-project", request, OUTCOME_NOT_FOUND,
		       "applications.argoproj.io \"demo-refused\" not found");
	request.project = STR("");
	read_fixture(*state, "app-denied", request);
	assert_int_equal(((struct answer *)*state)->reply.outcome, OUTCOME_UNAUTHENTICATED);
}

/* ---- lists and watches ---- */

static struct request selected(enum request_type type, const char *selector)
{
	struct request request = about(type, "");

	request.selector = str_of(selector);
	return request;
}

static void assert_rows(const struct answer *answer)
{
	static const struct app_row expected[] = {
		{.sync = SYNC_SYNCED, .health = HEALTH_HEALTHY, .phase = OP_SUCCEEDED},
		{.sync = SYNC_OUT_OF_SYNC, .health = HEALTH_HEALTHY},
		{.sync = SYNC_OUT_OF_SYNC, .health = HEALTH_HEALTHY, .is_deleting = true},
		{.sync = SYNC_UNKNOWN, .health = HEALTH_UNKNOWN, .is_requested = true},
	};
	unsigned found = 0;

	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_int_equal(answer->rows.n, 4);
	vec_each(row, &answer->rows) {
		/* demo-list-a, b, c, d, in any order. */
		unsigned i = (unsigned)(row->name.p[row->name.n - 1] - 'a');
		assert_true(str_starts(row->name, STR("demo-list-")));
		assert_str(row->project, "demo");
		assert_int_equal(row->target_revision.n, 40);
		assert_int_equal(row->sync, expected[i].sync);
		assert_int_equal(row->health, expected[i].health);
		assert_int_equal(row->phase, expected[i].phase);
		assert_int_equal(row->is_deleting, expected[i].is_deleting);
		assert_int_equal(row->is_requested, expected[i].is_requested);
		assert_int_equal(row->started_at.ms > 0, expected[i].phase != OP_NONE);
		assert_int_equal(row->finished_at.ms > 0, expected[i].phase != OP_NONE);
		found |= 1u << i;
	}
	assert_int_equal(found, 15);
}

static void a_list_tells_enough_to_see_that_something_changed(void **state)
{
	read_fixture(*state, "list", selected(REQUEST_LIST, "case=demo,listed=yes"));
	assert_rows(*state);
}

static void a_server_that_does_not_project_tells_the_same(void **state)
{
	auto_arena struct arena arena = {0};
	struct fixture fixture = load("list-whole", &arena);
	struct request request = about(REQUEST_LIST, "");

	for (size_t portion = 1; portion < 2000; portion += 499) {
		forget(*state);
		read_in(*state, portion, &request, &fixture);
		assert_rows(*state);
	}
}

/* Of four Applications one was ever synced. */
static void the_whole_list_has_the_histories(void **state)
{
	auto_arena struct arena arena = {0};
	struct answer *answer = *state;
	struct fixture fixture = load("list-whole", &arena);
	struct request request = about(REQUEST_HISTORY, "");

	for (size_t portion = 1; portion < 2000; portion += 499) {
		forget(answer);
		read_in(answer, portion, &request, &fixture);
		assert_int_equal(answer->reply.outcome, OUTCOME_OK);
		assert_int_equal(answer->reply.history_count, 4);
		assert_int_equal(answer->deployments, 1);
		assert_int_equal(answer->deployed.revision.n, 40);
		assert_str(answer->deployed.initiator, "tiphys");
		assert_true(answer->deployed.started_at.ms > 0);
		assert_true(wall_cmp(answer->deployed.started_at, answer->deployed.ended_at) <= 0);
	}
}

static void a_list_without_matches_is_empty(void **state)
{
	struct answer *answer = *state;

	read_fixture(answer, "list-empty", selected(REQUEST_LIST, "listed=no"));
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_int_equal(answer->reply.row_count, 0);
}

static void selectors_and_tokens_are_refused_to_lists_and_watches_alike(void **state)
{
	const char *expired = "invalid session: token has invalid claims: token is expired";

	assert_outcome(*state, "list-selector", selected(REQUEST_LIST, "a=b,,"), OUTCOME_INVALID,
		       "error parsing the selector: found ',', expected: identifier after ','");
	assert_outcome(*state, "watch-selector", selected(REQUEST_WATCH, "a=b,,"), OUTCOME_INVALID,
		       "error parsing labels with selectors: found ',', expected: identifier "
		       "after ','");
	assert_outcome(*state, "list-expired", selected(REQUEST_LIST, "a=b"),
		       OUTCOME_UNAUTHENTICATED, expired);
	assert_outcome(*state, "watch-expired", selected(REQUEST_WATCH, "a=b"),
		       OUTCOME_UNAUTHENTICATED, expired);
}

/* Two Applications; one is synced, the other one deleted. */
static void assert_watched(const struct answer *answer)
{
	uint64_t version = 0;
	bool was_requested = false, was_asked = false;
	const struct application *last = NULL;
	unsigned lost = 0;

	assert_true(answer->watched.n >= 5);
	assert_int_equal(answer->watched.v[0].type, EV_WATCHED);
	vec_each(seen, &answer->watched) {
		const struct application *app = seen->app;
		if (str_eq(app->name, STR("demo-watch-b"))) {
			lost += seen->type == EV_WATCH_LOST;
			continue;
		}
		assert_str(app->name, "demo-watch-a");
		assert_int_equal(seen->type, EV_WATCHED);
		assert_false(app->has_resources);
		assert_true(app->is_compared);
		assert_true(app->resource_version > version);
		version = app->resource_version;
		was_requested |= app->requested.phase == OP_RUNNING;
		was_asked |= app->has_refresh;
		last = app;
	}
	assert_true(was_requested);
	assert_true(was_asked);
	assert_int_equal(last->shown.phase, OP_SUCCEEDED);
	assert_str_eq(last->shown.revision, last->target_revision);
	assert_int_equal(last->sync, SYNC_SYNCED);
	assert_int_equal(lost, 1);
}

static void a_watch_follows_an_operation_and_a_deletion(void **state)
{
	auto_arena struct arena arena = {0};
	struct fixture fixture = load("watch", &arena);
	struct request request = selected(REQUEST_WATCH, "case=demo,watched=yes");
	struct answer *answer = *state;

	read_fixture(answer, "watch", request);
	assert_int_equal(answer->reply.outcome, OUTCOME_OK);
	assert_watched(answer);
	for (size_t portion = 1; portion < 3000; portion += 977) {
		forget(answer);
		read_in(answer, portion, &request, &fixture);
		assert_watched(answer);
	}
	read_fixture(answer, "watch-lines", request);
	assert_watched(answer);
}

static void a_frame_shows_the_same_operation_as_a_reading(void **state)
{
	auto_arena struct arena arena = {0};
	struct fixture fixture = load("watch", &arena);
	struct request request = selected(REQUEST_WATCH, "case=demo,watched=yes");
	struct answer *answer = *state;
	uint64_t id = 0;

	read_in(answer, 1000, &request, &fixture);
	vec_each(seen, &answer->watched) {
		if (seen->app->shown.phase == OP_NONE)
			continue;
		assert_true(id == 0 || id == seen->app->shown.id);
		id = seen->app->shown.id;
	}
	assert_true(id != 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(the_server_is_an_argocd),
		STORY(a_port_with_tls_redirects_plain_http_to_itself),
		STORY(a_path_that_is_not_argocds_is_not_an_absent_application),
		STORY(without_a_good_token_nothing_is_told),
		STORY(owners_tell_their_strategy),
		STORY(a_new_one_was_never_looked_at),
		STORY(an_accepted_sync_answers_with_the_operation),
		STORY(it_is_out_of_sync_before),
		STORY(it_is_synced_and_progressing_while_the_operation_runs),
		STORY(it_is_synced_and_healthy_while_the_hook_still_runs),
		STORY(it_is_done_when_a_refresh_came_after),
		STORY(a_refresh_that_nobody_serves_leaves_its_annotation),
		STORY(a_hook_that_failed_leaves_it_synced_and_healthy),
		STORY(an_operation_that_waits_for_its_retry_runs_and_has_finished),
		STORY(an_object_that_cannot_be_applied_is_named),
		STORY(what_cannot_be_rendered_keeps_its_revision_and_says_why),
		STORY(a_deployment_that_does_not_come_up_is_named),
		STORY(a_suspended_one_is_no_degraded_one),
		STORY(each_operation_that_is_not_whole_is_known_by_its_mark),
		STORY(local_manifests_have_no_revision),
		STORY(the_controllers_own_operation_is_automated),
		STORY(what_only_pruning_would_end_is_counted),
		STORY(every_kind_of_source_is_known),
		STORY(one_that_is_owned_names_its_applicationset),
		STORY(one_that_is_being_deleted_says_so),
		STORY(every_no_of_argocds_has_its_outcome),
		STORY(another_project_hides_an_application),
		STORY(a_list_tells_enough_to_see_that_something_changed),
		STORY(a_server_that_does_not_project_tells_the_same),
		STORY(the_whole_list_has_the_histories),
		STORY(a_list_without_matches_is_empty),
		STORY(selectors_and_tokens_are_refused_to_lists_and_watches_alike),
		STORY(a_watch_follows_an_operation_and_a_deletion),
		STORY(a_frame_shows_the_same_operation_as_a_reading),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
