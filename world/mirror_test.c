/*
 * Each Application in the fixtures, which a real Argo CD 3.2.11 wrote, is built in the model's
 * structs, and read from them twice: by the bytes that argo/face and src/wire make of them, and by
 * the mirror.
 */
#include "world/mirror.h"

#include "app_fixture.h"
#include "argo/face/app_json.h"
#include "argo/face/appset_json.h"
#include "argo/face/list_json.h"
#include "argo/face/target.h"
#include "testing.h"
#include "wire/application_json.h"
#include "wire/argocd.h"

/* ---- by bytes ---- */

/* The fields that the product asks for. */
static struct fields fields_of(enum request_type type, bool has_labels, struct arena *arena)
{
	struct request request = {.type = type, .project = STR("p"), .has_labels = has_labels};
	struct http_request http;
	struct target target;
	struct fields fields;

	argocd_encode(&request, &http, arena);
	assert_true(target_parse(http.target, arena, &target));
	assert_true(fields_parse(target_get(&target, STR("fields")), arena, &fields));
	return fields;
}

static struct json *parse(const struct buf *text)
{
	struct json *root;
	struct err err;

	assert_works(json_parse(buf_view(text), &JSON_LIMIT, &root, &err), &err);
	return root;
}

/* A frame of the watch, as argo/face/frames has it; or an answer to a GET. */
static struct json *json_of(const struct app *app, enum mirror_kind kind, struct arena *arena)
{
	auto_buf struct buf whole = BUF_INIT(4 * MIB), frame = BUF_INIT(4 * MIB);
	struct json_write w = JSON_WRITE(&whole);

	if (kind == MIRROR_WHOLE) {
		app_json_write(&w, app, APP_JSON_WHOLE);
		return parse(&whole);
	}
	json_write_object_begin(&w);
	json_write_key(&w, STR("result"));
	json_write_object_begin(&w);
	json_write_key(&w, STR("application"));
	app_json_write(&w, app, APP_JSON_WHOLE);
	json_write_object_end(&w);
	json_write_object_end(&w);
	struct fields fields = fields_of(REQUEST_WATCH, kind == MIRROR_FRAME_WITH_LABELS, arena);
	auto_json struct json *root = parse(&whole);
	fields_project(&fields, root, &frame);
	return parse(&frame);
}

/* ---- the same ---- */

static void assert_same_operation(const struct operation *a, const struct operation *b)
{
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->id == 0, b->id == 0);
	assert_int_equal(a->started_at.ms, b->started_at.ms);
	assert_int_equal(a->finished_at.ms, b->finished_at.ms);
	assert_int_equal(a->retry_count, b->retry_count);
	assert_int_equal(a->is_dry_run, b->is_dry_run);
	assert_int_equal(a->is_partial, b->is_partial);
	assert_int_equal(a->is_apply, b->is_apply);
	assert_int_equal(a->has_manifests, b->has_manifests);
	assert_int_equal(a->has_other_source, b->has_other_source);
	assert_int_equal(a->is_automated, b->is_automated);
	assert_int_equal(a->is_hook_trouble, b->is_hook_trouble);
}

static void assert_same(const struct application *a, const struct application *b)
{
#define SAME(string) assert_str_eq(a->string, b->string);
	APPLICATION_STRINGS(SAME)
#undef SAME
	assert_int_equal(a->resource_version, b->resource_version);
	assert_int_equal(a->is_deleting, b->is_deleting);
	assert_int_equal(a->has_refresh, b->has_refresh);
	assert_int_equal(a->is_paused, b->is_paused);
	assert_int_equal(a->source_kind, b->source_kind);
	assert_int_equal(a->has_auto_sync, b->has_auto_sync);
	assert_int_equal(a->auto_sync_prunes, b->auto_sync_prunes);
	assert_int_equal(a->is_compared, b->is_compared);
	assert_int_equal(a->sync, b->sync);
	assert_int_equal(a->health, b->health);
	assert_int_equal(a->reconciled_at.ms, b->reconciled_at.ms);
	assert_int_equal(a->has_resources, b->has_resources);
	assert_int_equal(a->out_of_sync_count, b->out_of_sync_count);
	assert_int_equal(a->prune_count, b->prune_count);
	assert_int_equal(a->out_of_sync_id, b->out_of_sync_id);
	assert_same_operation(&a->requested, &b->requested);
	assert_same_operation(&a->shown, &b->shown);
}

static void assert_same_row(const struct app_row *a, const struct app_row *b)
{
	assert_str_eq(a->name, b->name);
	assert_str_eq(a->namespace, b->namespace);
	assert_str_eq(a->project, b->project);
	assert_str_eq(a->target_revision, b->target_revision);
	assert_str_eq(a->labels, b->labels);
	assert_int_equal(a->sync, b->sync);
	assert_int_equal(a->health, b->health);
	assert_int_equal(a->phase, b->phase);
	assert_int_equal(a->started_at.ms, b->started_at.ms);
	assert_int_equal(a->finished_at.ms, b->finished_at.ms);
	assert_int_equal(a->is_requested, b->is_requested);
	assert_int_equal(a->is_deleting, b->is_deleting);
}

/* ---- Applications ---- */

static struct app *app_of(const char *name)
{
	auto_buf struct buf text = BUF_INIT(4 * MIB);
	auto_json struct json *object = fixture_json(name, &text);

	assert_non_null(object);
	return fixture_app(object);
}

static void check_application(const struct app *app, enum mirror_kind kind)
{
	auto_arena struct arena arena = {0};
	auto_json struct json *root = json_of(app, kind, &arena);
	bool is_whole = kind == MIRROR_WHOLE;
	const struct json *object = is_whole ? root : json_get(root, "result", "application");
	struct application read, mirrored = mirror_application(app, kind, &arena);
	struct err err;

	assert_works(application_from_json(object, is_whole, &arena, &read, &err), &err);
	if (is_whole) {
		application_objects_from_json(object, &arena, &read);
		mirror_objects(app, &arena, &mirrored);
	}
	assert_same(&read, &mirrored);
}

static void check_fixture(const char *name)
{
	struct app *app = app_of(name);

	print_message("%s\n", name);
	check_application(app, MIRROR_WHOLE);
	check_application(app, MIRROR_FRAME);
	check_application(app, MIRROR_FRAME_WITH_LABELS);
	app_drop(app);
}

static void every_application_of_the_fixtures_is_read_the_same_by_bytes_and_by_structs(void **state)
{
	assert_true(fixtures_each_app(check_fixture) >= 25);
	fixture_release();
}

static void check_row(const char *name)
{
	struct app *app = app_of(name);

	for (int has_labels = 0; has_labels < 2; has_labels++) {
		auto_arena struct arena arena = {0};
		auto_buf struct buf text = BUF_INIT(4 * MIB);
		const struct app *apps[] = {app};
		struct fields fields = fields_of(REQUEST_LIST, has_labels, &arena);
		struct app_row read, mirrored = mirror_row(app, has_labels, &arena);
		struct err err;

		list_json_write(&text, apps, 1, 1, &fields, true);
		auto_json struct json *list = parse(&text);
		assert_works(
			app_row_from_json(json_at(json_get(list, "items"), 0), &arena, &read, &err),
			&err);
		assert_same_row(&read, &mirrored);
	}
	app_drop(app);
}

static void every_row_of_a_list_is_read_the_same(void **state)
{
	assert_true(fixtures_each_app(check_row) >= 25);
	fixture_release();
}

/* ---- which operation it is ---- */

static void other_revision(struct op_request *request)
{
	request->revisions.revision = STR("0000000000000000000000000000000000000000");
}

static void other_revision_of_a_refreshing_retry(struct op_request *request)
{
	other_revision(request);
	request->retry.refresh = true;
}

static void refreshing_retry(struct op_request *request)
{
	request->retry.refresh = true;
}

static void other_user(struct op_request *request)
{
	request->username = STR("somebody else");
}

static void automated(struct op_request *request)
{
	request->is_automated = true;
}

static void dry_run(struct op_request *request)
{
	request->dry_run = true;
}

static void pruning(struct op_request *request)
{
	request->prune = true;
}

static void more_retries(struct op_request *request)
{
	request->retry.limit = 17;
}

static void without_a_strategy(struct op_request *request)
{
	request->strategy = STRATEGY_NONE;
}

static void with_manifests(struct op_request *request)
{
	request->manifests_json = STR("[\"{}\"]");
}

static void the_same(struct op_request *request)
{
	(void)request;
}

struct ids {
	uint64_t read, mirrored;
};

static struct ids ids_with(void (*change)(struct op_request *request))
{
	auto_arena struct arena arena = {0};
	struct app *app = app_of("app-done.http");
	struct application read, mirrored;
	struct err err;

	change(&app->status.operation.operation);
	auto_json struct json *root = json_of(app, MIRROR_WHOLE, &arena);
	assert_works(application_from_json(root, true, &arena, &read, &err), &err);
	mirrored = mirror_application(app, MIRROR_WHOLE, &arena);
	app_drop(app);
	return (struct ids){read.shown.id, mirrored.shown.id};
}

static void ids_of_operations_are_equal_where_those_of_bytes_are(void **state)
{
	void (*const changes[])(struct op_request *) = {
		the_same,
		other_revision,
		other_revision_of_a_refreshing_retry,
		refreshing_retry,
		other_user,
		automated,
		dry_run,
		pruning,
		more_retries,
		without_a_strategy,
		with_manifests,
		the_same,
	};
	struct ids ids[COUNTOF(changes)];

	for (size_t i = 0; i < COUNTOF(changes); i++)
		ids[i] = ids_with(changes[i]);
	for (size_t i = 0; i < COUNTOF(changes); i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal(ids[i].read == ids[k].read,
					 ids[i].mirrored == ids[k].mirrored);
	fixture_release();
}

/* As it is read by bytes, and by structs. */
static void assert_shown_revision(enum op_phase phase, const char *asked, const char *found,
				  const char *expected)
{
	auto_arena struct arena arena = {0};
	struct app *app = app_of("app-done.http");
	struct op_state *state = &app->status.operation;
	struct application read;
	struct err err;

	state->phase = phase;
	state->operation.revisions.revision = str_of(asked);
	state->result_revisions.revision = str_of(found);
	auto_json struct json *root = json_of(app, MIRROR_WHOLE, &arena);
	assert_works(application_from_json(root, true, &arena, &read, &err), &err);
	assert_str(read.shown.revision, expected);
	assert_str(mirror_application(app, MIRROR_WHOLE, &arena).shown.revision, expected);
	app_drop(app);
}

static void the_revision_of_an_operation_is_read_the_same(void **state)
{
	static const char one[] = "1111111111111111111111111111111111111111";
	static const char two[] = "2222222222222222222222222222222222222222";

	assert_shown_revision(OP_SUCCEEDED, one, one, one);
	assert_shown_revision(OP_SUCCEEDED, "main", one, one);
	assert_shown_revision(OP_SUCCEEDED, two, one, "");
	assert_shown_revision(OP_RUNNING, two, one, two);
	assert_shown_revision(OP_RUNNING, "main", one, one);
	fixture_release();
}

/* ---- ApplicationSets ---- */

static void an_applicationset_is_read_the_same(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf text = BUF_INIT(4 * MIB);
	struct json_write w = JSON_WRITE(&text);
	struct appset *set = appset_new();
	struct owner_row read;
	struct err err;

	set->name = STR("web");
	set->namespace = STR("argocd");
	set->is_rolling = true;
	set->template.labels = pairs_of(STR("appName=web,cluster={{name}},{{key}}=a,env=test"));
	set->template.spec.project = STR("platform");
	set->template.spec.sources.has_source = true;
	set->template.spec.sources.source.repo_url = STR("https://git.example/web.git");
	set->template.spec.sources.source.target_revision = STR("{{revision}}");
	appset_json_write(&w, set);
	auto_json struct json *object = parse(&text);
	assert_works(owner_from_json(object, &arena, &read, &err), &err);
	struct owner_row mirrored = mirror_owner(set, STR("7"), &arena);
	assert_str_eq(read.name, mirrored.name);
	assert_str_eq(read.target_revision, mirrored.target_revision);
	assert_str_eq(read.labels, mirrored.labels);
	assert_int_equal(read.is_rolling, mirrored.is_rolling);
	assert_str(mirrored.json, "7");
	appset_drop(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_application_of_the_fixtures_is_read_the_same_by_bytes_and_by_structs),
		cmocka_unit_test(every_row_of_a_list_is_read_the_same),
		cmocka_unit_test(ids_of_operations_are_equal_where_those_of_bytes_are),
		cmocka_unit_test(the_revision_of_an_operation_is_read_the_same),
		cmocka_unit_test(an_applicationset_is_read_the_same),
	};

	json_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
