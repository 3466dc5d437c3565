#include "wire/source_json.h"

#include "testing.h"

/* JSON with ' for ". */
static struct json *parsed(const char *text)
{
	auto_buf struct buf buf = BUF_INIT(64 * KIB);
	struct json *root = NULL;
	struct err err;

	for (; *text; text++)
		buf_char(&buf, *text == '\'' ? '"' : *text);
	assert_works(json_parse(buf_view(&buf), &JSON_LIMIT, &root, &err), &err);
	return root;
}

static bool compared(const char *spec_text, const char *compared_to_text)
{
	auto_json struct json *spec = parsed(spec_text), *compared_to = parsed(compared_to_text);

	return source_is_compared(spec, compared_to);
}

static bool other(const char *spec_text, const char *sync_text)
{
	auto_json struct json *spec = parsed(spec_text), *sync = parsed(sync_text);

	return source_is_other(spec, sync);
}

static void a_compare_of_the_same_source_counts(void **state)
{
	assert_true(compared("{'source':{'repoURL':'r','path':'p','targetRevision':'1'},"
			     "'destination':{'server':'s','namespace':'n'},'project':'x'}",
			     "{'source':{'repoURL':'r','path':'p','targetRevision':'1'},"
			     "'destination':{'server':'s','namespace':'n'}}"));
}

static void a_compare_of_anything_else_does_not(void **state)
{
	const char *spec = "{'source':{'repoURL':'r','targetRevision':'2','helm':{'values':'a'}},"
			   "'destination':{'name':'s'}}";

	assert_false(compared(spec, "{}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','targetRevision':'1','helm':{"
				    "'values':'a'}},'destination':{'name':'s'}}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','targetRevision':'2','helm':{"
				    "'values':'b'}},'destination':{'name':'s'}}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','targetRevision':'2','helm':{"
				    "'values':'a'}},'destination':{'name':'t'}}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','targetRevision':'2','helm':{"
				    "'values':'a'}},'destination':{'name':'s'},"
				    "'ignoreDifferences':[{'kind':'Deployment'}]}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','targetRevision':'2','helm':{"
				    "'values':'a','version':'v3'}},'destination':{'name':'s'}}"));
	assert_false(compared("{}", "{'source':{'repoURL':''},'destination':{}}"));
}

static void what_is_empty_is_as_good_as_absent(void **state)
{
	assert_true(compared("{'source':{'repoURL':'r','path':'','chart':null,'directory':"
			     "{'recurse':false,'jsonnet':{}},'helm':{'valueFiles':[],"
			     "'parameters':[{'name':'a','value':''}]}},'destination':{},"
			     "'ignoreDifferences':[]}",
			     "{'source':{'repoURL':'r','helm':{'parameters':[{'name':'a'}]}},"
			     "'destination':{'server':''},'sources':null}"));
}

static void but_not_in_what_argocd_passes_on(void **state)
{
	assert_false(compared("{'source':{'repoURL':'r','helm':{'valuesObject':{'on':false}}}}",
			      "{'source':{'repoURL':'r','helm':{'valuesObject':{}}}}"));
	assert_false(compared("{'source':{'repoURL':'r','helm':{'valuesObject':{}}}}",
			      "{'source':{'repoURL':'r','helm':{'valuesObject':{'n':0}}}}"));
	/* A null deletes in the merge patch by which the status is written: it never arrives. */
	assert_true(compared("{'source':{'repoURL':'r','helm':{'valuesObject':{'x':null}}}}",
			     "{'source':{'repoURL':'r','helm':{'valuesObject':{}}}}"));
	assert_false(compared("{'source':{'repoURL':'r','kustomize':{'commonLabels':{'a':''}}}}",
			      "{'source':{'repoURL':'r','kustomize':{}}}"));
	assert_false(compared("{'source':{'repoURL':'r','helm':{'valuesObject':{'n':1}}}}",
			      "{'source':{'repoURL':'r','helm':{'valuesObject':{'n':'1'}}}}"));
}

static void several_sources_are_compared_in_order(void **state)
{
	const char *spec = "{'source':{'repoURL':'ignored'},'sources':[{'repoURL':'a'},"
			   "{'repoURL':'b','ref':'x'}],'destination':{}}";

	assert_true(compared(spec, "{'source':{'repoURL':''},'sources':[{'repoURL':'a'},"
				   "{'repoURL':'b','ref':'x'}],'destination':{}}"));
	assert_false(compared(spec, "{'sources':[{'repoURL':'b','ref':'x'},{'repoURL':'a'}]}"));
	assert_false(compared(spec, "{'sources':[{'repoURL':'a'}]}"));
	assert_false(compared("{'source':{'repoURL':'a'}}",
			      "{'source':{'repoURL':'a'},'sources':[{'repoURL':'a'}]}"));
}

static void the_hydrator_syncs_a_branch_of_its_own(void **state)
{
	const char *spec = "{'sourceHydrator':{'drySource':{'repoURL':'r','targetRevision':'R',"
			   "'path':'dry'},'syncSource':{'targetBranch':'env/test','path':'wet'}}}";

	assert_true(compared(spec, "{'source':{'repoURL':'r','path':'wet',"
				   "'targetRevision':'env/test'}}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','path':'wet',"
				    "'targetRevision':'env/prd'}}"));
	assert_false(compared(spec, "{'source':{'repoURL':'r','path':'dry',"
				    "'targetRevision':'env/test'}}"));
}

static void each_kind_is_known_by_its_field(void **state)
{
	static const struct {
		const char *spec;
		enum source_kind kind;
		const char *target;
	} cases[] = {
		{"{}", SOURCE_NONE, ""},
		{"{'source':{'repoURL':''}}", SOURCE_NONE, ""},
		{"{'source':{'repoURL':'r','targetRevision':'1'},'sources':[]}", SOURCE_GIT, "1"},
		{"{'source':{'repoURL':'r'}}", SOURCE_GIT, "HEAD"},
		{"{'source':{'repoURL':'r','chart':'c'}}", SOURCE_CHART, ""},
		{"{'source':{'repoURL':'r'},'sources':[{'repoURL':'a','targetRevision':'2'}]}",
		 SOURCE_MULTI, "2"},
		{"{'sources':[{}],'sourceHydrator':{'drySource':{'targetRevision':'3'}}}",
		 SOURCE_HYDRATOR, "3"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_json struct json *spec = parsed(cases[i].spec);
		assert_int_equal(source_kind_of(spec), cases[i].kind);
		assert_str(source_target_revision(spec), cases[i].target);
	}
}

static void an_operation_with_the_specs_source_at_another_revision_is_the_same(void **state)
{
	const char *spec = "{'source':{'repoURL':'r','path':'p','targetRevision':'1'}}";

	assert_false(other(spec, "{}"));
	assert_false(other(spec, "{'revision':'9'}"));
	assert_false(other(spec, "{'source':{'repoURL':''},'sources':[]}"));
	assert_false(other(spec, "{'source':{'repoURL':'r','path':'p','targetRevision':'2'}}"));
	assert_true(other(spec, "{'source':{'repoURL':'r','path':'q','targetRevision':'1'}}"));
	assert_true(other(spec, "{'source':{'repoURL':'r','path':'p','helm':{'values':"
				"'targetRevision'}}}"));
	assert_true(other(spec, "{'sources':[{'repoURL':'r','path':'p'}]}"));
}

static void only_the_targetrevision_of_the_source_itself_is_left_aside(void **state)
{
	assert_true(other("{'source':{'repoURL':'r','plugin':{'targetRevision':'1'}}}",
			  "{'source':{'repoURL':'r','plugin':{'targetRevision':'2'}}}"));
}

static void an_operation_on_several_sources_is_compared_one_by_one(void **state)
{
	const char *spec = "{'sources':[{'repoURL':'a','targetRevision':'1'},{'repoURL':'b'}]}";

	assert_false(other(spec, "{'sources':[{'repoURL':'a','targetRevision':'2'},"
				 "{'repoURL':'b'}]}"));
	assert_true(other(spec, "{'sources':[{'repoURL':'a'}]}"));
	assert_true(other(spec, "{'source':{'repoURL':'a'}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compare_of_the_same_source_counts),
		cmocka_unit_test(a_compare_of_anything_else_does_not),
		cmocka_unit_test(what_is_empty_is_as_good_as_absent),
		cmocka_unit_test(but_not_in_what_argocd_passes_on),
		cmocka_unit_test(several_sources_are_compared_in_order),
		cmocka_unit_test(the_hydrator_syncs_a_branch_of_its_own),
		cmocka_unit_test(each_kind_is_known_by_its_field),
		cmocka_unit_test(
			an_operation_with_the_specs_source_at_another_revision_is_the_same),
		cmocka_unit_test(only_the_targetrevision_of_the_source_itself_is_left_aside),
		cmocka_unit_test(an_operation_on_several_sources_is_compared_one_by_one),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
