#include "wire/application_json.h"

#include "base/alloc.h"
#include "testing.h"

/* A story's Application and what it was read from. */
struct read {
	struct arena arena;
	struct json *root;
	struct application app;
};

/* JSON with ' for ". */
static struct json *parsed(struct str text, struct arena *arena)
{
	struct str copy = arena_copy(arena, text);
	char *at = (char *)(uintptr_t)copy.p;
	struct json *root = NULL;
	struct err err;

	for (size_t i = 0; i < copy.n; i++)
		at[i] = at[i] == '\'' ? '"' : at[i];
	assert_works(json_parse(copy, &JSON_LIMIT, &root, &err), &err);
	return root;
}

#define SOURCE "'source':{'repoURL':'r','path':'p','targetRevision':'R'}"

/* An Application with this spec (after the source) and this status, and more at the top. */
static struct application *read_app(struct read *read, const char *spec, const char *status,
				    const char *more)
{
	struct str text = arena_printf(
		&read->arena,
		"{'metadata':{'name':'web-test','namespace':'argocd','uid':'u-1',"
		"'resourceVersion':'1234'},'spec':{" SOURCE "%s},'status':{%s}%s}",
		spec, status, more);
	struct err err;

	json_free(read->root);
	read->root = parsed(text, &read->arena);
	assert_works(application_from_json(read->root, true, &read->arena, &read->app, &err), &err);
	return &read->app;
}

static int begin(void **state)
{
	*state = mem_zalloc(sizeof(struct read));
	return 0;
}

static int end(void **state)
{
	struct read *read = *state;

	json_free(read->root);
	arena_release(&read->arena);
	mem_free(read);
	return 0;
}

static void a_new_application_has_said_nothing_yet(void **state)
{
	struct application *app = read_app(*state, ",'destination':{'server':'https://c'}", "", "");

	assert_str(app->name, "web-test");
	assert_str(app->namespace, "argocd");
	assert_str(app->project, "default");
	assert_str(app->uid, "u-1");
	assert_int_equal(app->resource_version, 1234);
	assert_int_equal(app->source_kind, SOURCE_GIT);
	assert_str(app->repo_url, "r");
	assert_str(app->target_revision, "R");
	assert_str(app->destination, "https://c");
	assert_str(app->owner, "");
	assert_str(app->retry_json, "");
	assert_false(app->has_auto_sync);
	assert_false(app->is_compared);
	assert_int_equal(app->sync, SYNC_UNKNOWN);
	assert_int_equal(app->health, HEALTH_UNKNOWN);
	assert_int_equal(app->reconciled_at.ms, 0);
	assert_int_equal(app->shown.phase, OP_NONE);
	assert_int_equal(app->shown.id, 0);
	assert_int_equal(app->requested.phase, OP_NONE);
	assert_true(app->has_resources);
	assert_int_equal(app->out_of_sync_id, 0);
}

static void a_healthy_one_was_compared_at_its_revision(void **state)
{
	struct application *app = read_app(
		*state, ",'destination':{'name':'c1','namespace':'n'},'project':'platform'",
		"'sync':{'status':'Synced','revision':'R','comparedTo':{" SOURCE
		",'destination':{'name':'c1','namespace':'n'}}},'health':{'status':'Healthy'},"
		"'reconciledAt':'2026-11-23T22:00:01Z'",
		"");

	assert_true(app->is_compared);
	assert_int_equal(app->sync, SYNC_SYNCED);
	assert_str(app->sync_revision, "R");
	assert_int_equal(app->health, HEALTH_HEALTHY);
	assert_int_equal(app->reconciled_at.ms, INT64_C(1795471201000));
	assert_str(app->project, "platform");
	assert_str(app->destination, "c1/n");
	assert_str(app->error, "");
}

static void the_metadata_tells_who_owns_it_and_what_is_asked_of_it(void **state)
{
	struct read *read = *state;
	struct err err;

	read->root = parsed(
		STR("{'metadata':{'name':'a','uid':'u','resourceVersion':'9','deletionTimestamp':"
		    "'2026-11-23T22:00:01Z',"
		    "'ownerReferences':[{'kind':'ApplicationSet','name':'no'},"
		    "{'kind':'Other','name':'no','controller':true},{'kind':'ApplicationSet',"
		    "'name':'fleet','controller':true}],'annotations':{"
		    "'argocd.argoproj.io/refresh':'normal',"
		    "'argocd.argoproj.io/skip-reconcile':'True'}},'spec':{'source':{}}}"),
		&read->arena);
	assert_works(application_from_json(read->root, false, &read->arena, &read->app, &err),
		     &err);
	assert_str(read->app.owner, "fleet");
	assert_true(read->app.is_deleting);
	assert_true(read->app.has_refresh);
	assert_true(read->app.is_paused);
	assert_false(read->app.has_resources);
	assert_int_equal(read->app.source_kind, SOURCE_NONE);
}

static void auto_sync_is_on_unless_it_says_that_it_is_not(void **state)
{
	assert_true(read_app(*state, ",'syncPolicy':{'automated':{}}", "", "")->has_auto_sync);
	assert_true(read_app(*state, ",'syncPolicy':{'automated':{'enabled':true}}", "", "")
			    ->has_auto_sync);
	assert_true(read_app(*state, ",'syncPolicy':{'automated':{'prune':true}}", "", "")
			    ->auto_sync_prunes);
	struct application *app = read_app(
		*state, ",'syncPolicy':{'automated':{'enabled':false,'prune':true}}", "", "");
	assert_false(app->has_auto_sync);
	assert_false(app->auto_sync_prunes);
	assert_false(read_app(*state, ",'syncPolicy':{}", "", "")->has_auto_sync);
}

static void retries_never_forget_the_revision(void **state)
{
	assert_str(read_app(*state,
			    ",'syncPolicy':{'retry':{'refresh':true,'limit':3,'backoff':{"
			    "'maxDuration':'1m','duration':'5s','factor':2}}}",
			    "", "")
			   ->retry_json,
		   "{\"backoff\":{\"duration\":\"5s\",\"factor\":2,\"maxDuration\":\"1m\"},"
		   "\"limit\":3,\"refresh\":false}");
}

#define OURS                                                                                       \
	"{'sync':{'revision':'R'," SOURCE ",'prune':true},'initiatedBy':{'username':'ci'},"        \
	"'info':[{'name':'x','value':'y'},{'name':'tiphys','value':'v1/run/u-1/1'}],"              \
	"'retry':{'limit':1}}"

static void a_requested_operation_runs(void **state)
{
	struct application *app = read_app(*state, "", "", ",'operation':" OURS);

	assert_int_equal(app->requested.phase, OP_RUNNING);
	assert_str(app->requested.revision, "R");
	assert_str(app->requested.token, "v1/run/u-1/1");
	assert_str(app->requested.initiator, "ci");
	assert_true(app->requested.id != 0);
	assert_true(operation_is_full(&app->requested));
	assert_true(application_in_operation(app));
}

#define RUNNING(resources, known)                                                                  \
	"'operationState':{'phase':'Running','operation':" OURS                                    \
	",'message':'waiting','startedAt':'2026-11-23T22:00:00Z','syncResult':{'revision':'R2',"   \
	"'resources':[" resources "]}},'resources':[" known "]"

static void an_operation_waits_for_its_hook(void **state)
{
	struct application *app = read_app(
		*state, "",
		RUNNING("{'kind':'ConfigMap','name':'c','status':'Synced','hookPhase':'Running'},"
			"{'kind':'Job','name':'smoke','hookType':'PostSync','hookPhase':'Running',"
			"'message':'job.batch/smoke created'}",
			""),
		"");

	assert_int_equal(app->shown.phase, OP_RUNNING);
	assert_str(app->shown.revision, "R2");
	assert_str(app->shown.message, "waiting");
	assert_str(app->shown.trouble, "Job smoke: running");
	assert_int_equal(app->shown.started_at.ms, INT64_C(1795471200000));
	assert_int_equal(app->shown.finished_at.ms, 0);
}

static void or_for_an_object_to_become_healthy(void **state)
{
	struct application *app = read_app(
		*state, "",
		RUNNING("{'kind':'Deployment','name':'a','status':'Synced','hookPhase':'Running'},"
			"{'kind':'Deployment','name':'b','status':'Synced','hookPhase':'Running',"
			"'message':'deployment.apps/b created'}",
			"{'kind':'Deployment','name':'a','health':{'status':'Healthy'}},"
			"{'kind':'Deployment','name':'b','health':{'status':'Progressing',"
			"'message':'0 of 1 available'}}"),
		"");

	assert_str(app->shown.trouble, "Deployment b: 0 of 1 available");
}

#define SHA_1 "1111111111111111111111111111111111111111"
#define SHA_2 "2222222222222222222222222222222222222222"
#define OVER_ANOTHER(phase, asked)                                                                 \
	"'operationState':{'phase':'" phase "','operation':{'sync':{'revision':'" asked            \
	"'}},'startedAt':'2026-11-23T22:00:00Z','syncResult':{'revision':'" SHA_1 "'}}"

static void the_result_of_the_operation_before_says_nothing_of_one_that_goes_on(void **state)
{
	struct application *app = read_app(*state, "", OVER_ANOTHER("Running", SHA_2), "");
	assert_str(app->shown.revision, SHA_2);
}

static void what_a_branch_was_resolved_to_is_in_the_result(void **state)
{
	struct application *app = read_app(*state, "", OVER_ANOTHER("Running", "main"), "");
	assert_str(app->shown.revision, SHA_1);
}

static void when_it_is_over_the_result_is_its_own(void **state)
{
	struct application *app = read_app(*state, "", OVER_ANOTHER("Succeeded", SHA_1), "");
	assert_str(app->shown.revision, SHA_1);
	app = read_app(*state, "", OVER_ANOTHER("Succeeded", "main"), "");
	assert_str(app->shown.revision, SHA_1);
	app = read_app(*state, "", OVER_ANOTHER("Succeeded", ""), "");
	assert_str(app->shown.revision, SHA_1);
}

static void one_that_is_over_and_says_two_shas_is_at_neither(void **state)
{
	struct application *app = read_app(*state, "", OVER_ANOTHER("Succeeded", SHA_2), "");
	assert_str(app->shown.revision, "");
	app = read_app(*state, "", OVER_ANOTHER("Failed", SHA_2), "");
	assert_str(app->shown.revision, "");
}

#define ENDED(phase, resources)                                                                    \
	"'operationState':{'phase':'" phase "','operation':" OURS                                  \
	",'startedAt':'2026-11-23T22:00:00Z','finishedAt':'2026-11-23T22:00:09Z','retryCount':2,"  \
	"'message':'one\\nor more','syncResult':{'revision':'R',"                                  \
	"'resources':[" resources "]}}"

static void the_trouble_is_the_hook_that_failed(void **state)
{
	struct application *app = read_app(
		*state, "",
		ENDED("Failed",
		      "{'kind':'Pod','name':'a','status':'SyncFailed','message':'no'},"
		      "{'kind':'Job','name':'old','hookType':'PreSync','hookPhase':'Succeeded'},"
		      "{'kind':'Job','name':'smoke','hookType':'PostSync','hookPhase':'Failed',"
		      "'message':'BackoffLimit\\u001b[0m exceeded'}"),
		"");

	assert_int_equal(app->shown.phase, OP_FAILED);
	assert_str(app->shown.trouble, "Job smoke: BackoffLimit [0m exceeded");
	assert_str(app->shown.message, "one or more");
	assert_int_equal(app->shown.retry_count, 2);
	assert_int_equal(app->shown.finished_at.ms - app->shown.started_at.ms, 9000);
}

static void else_the_object_that_could_not_be_applied(void **state)
{
	struct application *app = read_app(
		*state, "",
		ENDED("Failed", "{'kind':'Deployment','name':'web','status':'Synced','hookPhase':"
				"'Failed','message':'unwell'},{'kind':'Service','name':'web',"
				"'status':'SyncFailed','hookPhase':'Failed','message':'denied'}"),
		"");

	assert_str(app->shown.trouble, "Service web: denied");
}

static void a_success_has_no_trouble(void **state)
{
	struct application *app = read_app(
		*state, "",
		ENDED("Succeeded", "{'kind':'Deployment','name':'web','status':'Synced',"
				   "'hookPhase':'Running','message':'configured'}"),
		"");

	assert_str(app->shown.trouble, "");
	assert_true(operation_is_over(&app->shown));
}

/* The operation shown, asked for with this `sync`, at the second given. */
static struct operation shown(void **state, const char *sync, const char *second, const char *more)
{
	struct read *read = *state;
	struct str status = arena_printf(
		&read->arena,
		"'operationState':{'phase':'Succeeded','operation':{'sync':{%s},'info':[]%s},"
		"'startedAt':'2026-11-23T22:00:%sZ'}",
		sync, more, second);

	return read_app(read, "", status.p, "")->shown;
}

static void only_a_full_operation_is_full(void **state)
{
	struct operation op = shown(state, "'revision':'R'", "00", "");

	assert_true(operation_is_full(&op));
	assert_str(op.revision, "R");
	op = shown(state, "'syncStrategy':{'hook':{}},'resources':[],'manifests':null", "00", "");
	assert_true(operation_is_full(&op));
	assert_true(shown(state, "'dryRun':true", "00", "").is_dry_run);
	assert_true(shown(state, "'resources':[{'kind':'Job','name':'x'}]", "00", "").is_partial);
	assert_true(shown(state, "'manifests':['{}']", "00", "").has_manifests);
	assert_true(shown(state, "'syncStrategy':{'apply':{}}", "00", "").is_apply);
	assert_true(shown(state, "'source':{'repoURL':'other'}", "00", "").has_other_source);
	assert_false(
		shown(state, "'source':{'repoURL':'r','path':'p','targetRevision':'old'}", "00", "")
			.has_other_source);
}

static void an_operation_is_the_same_one_as_long_as_it_was_started_and_asked_so(void **state)
{
	uint64_t id = shown(state, "'revision':'R','prune':true", "00", "").id;

	assert_true(id != 0);
	assert_true(id == shown(state, "'prune':true,'revision':'R'", "00", "").id);
	assert_true(id != shown(state, "'revision':'R','prune':true", "01", "").id);
	assert_true(id != shown(state, "'revision':'S','prune':true", "00", "").id);
	assert_true(id != shown(state, "'revision':'R','prune':true", "00",
				",'initiatedBy':{'username':'x'}")
				  .id);
}

static void a_retry_that_forgets_its_revision_is_the_same_operation(void **state)
{
	const char *retry = ",'retry':{'refresh':true,'limit':2}";

	assert_true(shown(state, "'revision':'R','prune':true", "00", retry).id ==
		    shown(state, "'prune':true", "00", retry).id);
	assert_true(shown(state, "'revisions':['R','S']", "00", retry).id ==
		    shown(state, "", "00", retry).id);
}

static void the_initiator_is_a_user_or_the_controller(void **state)
{
	struct operation op = shown(state, "", "00", ",'initiatedBy':{'automated':true}");

	assert_str(op.initiator, "auto-sync");
	assert_true(op.is_automated);
	op = shown(state, "", "00", ",'initiatedBy':{'username':'ann'}");
	assert_str(op.initiator, "ann");
	assert_false(op.is_automated);
	op = shown(state, "", "00",
		   ",'initiatedBy':{'automated':true,'username':'applicationset-controller'}");
	assert_str(op.initiator, "applicationset-controller");
	assert_true(op.is_automated);
	assert_str(shown(state, "", "00", "").initiator, "");
}

static void revisions_of_several_sources_stand_in_a_row(void **state)
{
	assert_str(shown(state, "'revisions':['a','b','c']", "00", "").revision, "a,b,c");
	assert_str(read_app(*state, "", "'sync':{'revision':'','revisions':['x','y']}", "")
			   ->sync_revision,
		   "x,y");
}

static void a_phase_that_nobody_knows_is_not_over(void **state)
{
	struct application *app = read_app(
		*state, "", "'operationState':{'phase':'Pondering','operation':{}}", "");

	assert_int_equal(app->shown.phase, OP_RUNNING);
	assert_int_equal(read_app(*state, "", "'operationState':{}", "")->shown.phase, OP_NONE);
}

/*
 * An Application with these objects, NULL at the end. Each is its kind, name and sync status, and
 * then more of its JSON.
 */
static struct application *with_objects(void **state, const char *status,
					const char *const *objects)
{
	struct read *read = *state;
	struct arena *arena = &read->arena;
	struct str list = STR("");

	for (size_t i = 0; objects[i]; i++) {
		struct str more = str_of(objects[i]), kind, name, sync;
		assert_true(str_cut(&more, ' ', &kind));
		assert_true(str_cut(&more, ' ', &name));
		assert_true(str_cut(&more, ' ', &sync));
		list = arena_printf(arena,
				    STR_FMT "%s{'group':'g','namespace':'n','kind':'" STR_FMT
					    "','name':'" STR_FMT "','status':'" STR_FMT "'" STR_FMT
					    "}",
				    STR_ARG(list), i > 0 ? "," : "", STR_ARG(kind), STR_ARG(name),
				    STR_ARG(sync), STR_ARG(more));
	}
	struct str all = arena_printf(arena, "%s'resources':[" STR_FMT "]", status, STR_ARG(list));
	return read_app(read, "", all.p, "");
}

#define OBJECTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void the_objects_out_of_sync_are_counted_and_named(void **state)
{
	struct application *app = with_objects(
		state, "",
		OBJECTS("Deployment web OutOfSync", "Service web Synced",
			"Job x OutOfSync ,'requiresPruning':true", "Job hook  ,'hook':true"));

	assert_int_equal(app->out_of_sync_count, 2);
	assert_int_equal(app->prune_count, 1);
	assert_str(app->out_of_sync_names, "Deployment web, Job x");
	assert_true(app->out_of_sync_id != 0);
}

static void each_object_out_of_sync_is_named_where_that_is_asked_for(void **state)
{
	struct read *read = *state;
	struct application *app = read_app(
		read, "",
		"'resources':[{'kind':'Deployment','namespace':'n','name':'web','status':"
		"'OutOfSync'},{'kind':'Service','namespace':'n','name':'web','status':'Synced'},"
		"{'kind':'Job','namespace':'n','name':'x','status':'OutOfSync','requiresPruning':"
		"true},{'kind':'Namespace','name':'n','status':'OutOfSync'}]",
		"");

	assert_str(app->changed_objects, "");
	application_objects_from_json(read->root, &read->arena, app);
	assert_str(app->changed_objects, "Deployment n/web\nNamespace n");
	assert_str(app->pruned_objects, "Job n/x");
}

static void the_same_objects_in_another_order_are_the_same_set(void **state)
{
	const char *a = "Deployment web OutOfSync", *b = "Service web OutOfSync";
	uint64_t id = with_objects(state, "", OBJECTS(a, b))->out_of_sync_id;

	assert_true(id == with_objects(state, "", OBJECTS(b, a))->out_of_sync_id);
	assert_true(id !=
		    with_objects(state, "", OBJECTS(a, "Service web2 OutOfSync"))->out_of_sync_id);
	assert_true(id != with_objects(state, "", OBJECTS(a))->out_of_sync_id);
}

static void of_many_objects_the_first_are_named(void **state)
{
	struct application *app = with_objects(state, "",
					       OBJECTS("A 1 OutOfSync", "A 2 OutOfSync",
						       "A 3 OutOfSync", "A 4 OutOfSync",
						       "A 5 OutOfSync"));

	assert_str(app->out_of_sync_names, "A 1, A 2, A 3, 2 more");
}

#define UNWELL(status) ",'health':{'status':'" status "'}"

static void the_object_that_is_as_unwell_as_the_whole_explains_it(void **state)
{
	struct application *app = with_objects(
		state, "'health':{'status':'Degraded','message':'old'},",
		OBJECTS("Job x Synced " UNWELL("Missing"),
			"Deployment web Synced ,'health':{'status':'Degraded',"
			"'message':'exceeded\\n its deadline'}",
			"ConfigMap c Synced"));

	assert_int_equal(app->health, HEALTH_DEGRADED);
	assert_str(app->unhealthy_name, "Deployment web");
	assert_str(app->health_message, "exceeded its deadline");
}

static void else_the_worst_one_does(void **state)
{
	struct application *app = with_objects(state,
					       "'health':{'status':'Progressing','message':'why'},",
					       OBJECTS("Job x Synced " UNWELL("Suspended"),
						       "Deployment web Synced " UNWELL("Missing")));

	assert_str(app->unhealthy_name, "Deployment web");
	assert_str(app->health_message, "why");
}

static void a_healthy_one_has_nothing_to_explain(void **state)
{
	struct application *app = with_objects(state, "'health':{'status':'Healthy'},",
					       OBJECTS("Job x Synced " UNWELL("Suspended")));

	assert_str(app->unhealthy_name, "");
}

static void conditions_that_are_errors_are_told_and_warnings_are_not(void **state)
{
	assert_str(read_app(*state, "",
			    "'conditions':[{'type':'OrphanedResourceWarning','message':'w'},"
			    "{'type':'ComparisonError','message':'Failed to load target state: rpc "
			    "error: code = Unknown desc = no such path'}]",
			    "")
			   ->error,
		   "ComparisonError: Failed to load target state: no such path");
	assert_str(read_app(*state, "", "'conditions':[{'type':'SyncError','message':'w'}]", "")
			   ->error,
		   "");
	assert_true(str_starts(
		read_app(*state, "", "'conditions':[{'type':'InvalidSpecError'}]", "")->error,
		STR("InvalidSpecError")));
}

static void what_lacks_what_all_have_is_no_application(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"{}", "an Application without a name"},
		{"{'metadata':{'name':'a'}}", "an Application without a uid"},
		{"{'metadata':{'name':'a','uid':'u'}}", "an Application without a resourceVersion"},
		{"{'metadata':{'name':'a','uid':'u','resourceVersion':7}}",
		 "an Application without a resourceVersion"},
		{"{'metadata':{'name':'a','uid':'u','resourceVersion':'7'},'spec':[]}",
		 "an Application without a spec"},
	};
	struct read *read = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_json struct json *root = parsed(str_of(cases[i].text), &read->arena);
		assert_fails(application_from_json(root, true, &read->arena, &read->app, &err),
			     &err, E_PROTOCOL, cases[i].error);
	}
}

static void fields_of_the_wrong_type_are_as_good_as_absent(void **state)
{
	struct application *app = read_app(
		*state, ",'syncPolicy':7,'destination':[],'ignoreDifferences':{}",
		"'sync':[],'health':'Healthy','conditions':{'type':'ComparisonError'},'resources':"
		"[7,null,'x',[]],'operationState':{'phase':'Failed','operation':[],'syncResult':"
		"{'resources':[1,{}]},'startedAt':5},'reconciledAt':'yesterday'",
		",'operation':'now'");

	assert_int_equal(app->health, HEALTH_UNKNOWN);
	assert_int_equal(app->shown.phase, OP_FAILED);
	assert_int_equal(app->requested.phase, OP_RUNNING);
	assert_int_equal(app->out_of_sync_count, 0);
	assert_int_equal(app->reconciled_at.ms, 0);
}

static void a_row_says_what_the_whole_says(void **state)
{
	struct read *read = *state;
	struct application *app = read_app(
		read, ",'project':'p'",
		"'sync':{'status':'OutOfSync'},'health':{'status':'Progressing'}," ENDED("Running",
											 ""),
		",'operation':" OURS);
	struct app_row row;
	struct err err;

	assert_works(app_row_from_json(read->root, &read->arena, &row, &err), &err);
	assert_str(row.name, "web-test");
	assert_str(row.project, "p");
	assert_true(row.is_requested);
	assert_false(app_row_differs(&row, app));
	row.health = HEALTH_DEGRADED;
	assert_true(app_row_differs(&row, app));
}

static void a_row_needs_a_name_and_a_spec(void **state)
{
	struct read *read = *state;
	auto_json struct json *nameless = parsed(STR("{'spec':{}}"), &read->arena);
	auto_json struct json *empty = parsed(
		STR("{'metadata':{'name':'a','deletionTimestamp':null}}"), &read->arena);
	struct app_row row;
	struct err err;

	assert_fails(app_row_from_json(nameless, &read->arena, &row, &err), &err, E_PROTOCOL,
		     "an Application without a name");
	assert_fails(app_row_from_json(empty, &read->arena, &row, &err), &err, E_PROTOCOL,
		     "an Application without a spec");
}

static void one_that_is_gone_has_a_name_still(void **state)
{
	struct read *read = *state;
	auto_json struct json *root = parsed(
		STR("{'metadata':{'name':'a','namespace':'n','uid':'u'}}"), &read->arena);
	auto_json struct json *nothing = parsed(STR("{}"), &read->arena);
	struct err err;

	assert_works(application_gone_from_json(root, &read->app, &err), &err);
	assert_str(read->app.name, "a");
	assert_str(read->app.namespace, "n");
	assert_str(read->app.uid, "u");
	assert_int_equal(read->app.resource_version, 0);
	assert_true(application_gone_from_json(nothing, &read->app, &err) < 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(a_new_application_has_said_nothing_yet),
		STORY(a_healthy_one_was_compared_at_its_revision),
		STORY(the_metadata_tells_who_owns_it_and_what_is_asked_of_it),
		STORY(auto_sync_is_on_unless_it_says_that_it_is_not),
		STORY(retries_never_forget_the_revision),
		STORY(a_requested_operation_runs),
		STORY(an_operation_waits_for_its_hook),
		STORY(or_for_an_object_to_become_healthy),
		STORY(the_result_of_the_operation_before_says_nothing_of_one_that_goes_on),
		STORY(what_a_branch_was_resolved_to_is_in_the_result),
		STORY(when_it_is_over_the_result_is_its_own),
		STORY(one_that_is_over_and_says_two_shas_is_at_neither),
		STORY(the_trouble_is_the_hook_that_failed),
		STORY(else_the_object_that_could_not_be_applied),
		STORY(a_success_has_no_trouble),
		STORY(only_a_full_operation_is_full),
		STORY(an_operation_is_the_same_one_as_long_as_it_was_started_and_asked_so),
		STORY(a_retry_that_forgets_its_revision_is_the_same_operation),
		STORY(the_initiator_is_a_user_or_the_controller),
		STORY(revisions_of_several_sources_stand_in_a_row),
		STORY(a_phase_that_nobody_knows_is_not_over),
		STORY(the_objects_out_of_sync_are_counted_and_named),
		STORY(each_object_out_of_sync_is_named_where_that_is_asked_for),
		STORY(the_same_objects_in_another_order_are_the_same_set),
		STORY(of_many_objects_the_first_are_named),
		STORY(the_object_that_is_as_unwell_as_the_whole_explains_it),
		STORY(else_the_worst_one_does),
		STORY(a_healthy_one_has_nothing_to_explain),
		STORY(conditions_that_are_errors_are_told_and_warnings_are_not),
		STORY(what_lacks_what_all_have_is_no_application),
		STORY(fields_of_the_wrong_type_are_as_good_as_absent),
		STORY(a_row_says_what_the_whole_says),
		STORY(a_row_needs_a_name_and_a_spec),
		STORY(one_that_is_gone_has_a_name_still),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
