#include "argo/template.h"

#include "testing.h"

static const struct template_language PLAIN = {0}, GO = {.is_go = true},
				      GO_STRICT = {.is_go = true, .missing_key_is_error = true};

static struct params cluster(struct arena *arena)
{
	struct params params = {0};

	params_set(arena, &params, STR("name"), STR("prod-eu"));
	params_set(arena, &params, STR("server"), STR("https://10.0.0.1"));
	params_set(arena, &params, STR("metadata.labels.env"), STR("prod"));
	params_set(arena, &params, STR("metadata.labels.example.com/tier"), STR("gold"));
	params_set(arena, &params, STR("values.revision"), STR("v1"));
	params_set(arena, &params, STR("path.segments.0"), STR("apps"));
	params_set(arena, &params, STR("path.segments.1"), STR("web"));
	return params;
}

static void renders(struct template_language language, const char *text, const char *expected)
{
	auto_arena struct arena arena = {0};
	struct params params = cluster(&arena);
	struct str out = {0}, error = {0};

	if (!template_render(language, str_of(text), &params, &arena, &out, &error))
		fail_msg("%s: " STR_FMT, text, STR_ARG(error));
	assert_str(out, expected);
}

static void fails(struct template_language language, const char *text, const char *expected)
{
	auto_arena struct arena arena = {0};
	struct params params = cluster(&arena);
	struct str out = {0}, error = {0};

	assert_false(template_render(language, str_of(text), &params, &arena, &out, &error));
	assert_str(error, expected);
}

static void the_plain_language_knows_names_and_labels_and_values(void **state)
{
	renders(PLAIN, "web-{{name}}", "web-prod-eu");
	renders(PLAIN, "{{ metadata.labels.env }}/{{values.revision}}", "prod/v1");
	renders(PLAIN, "no braces", "no braces");
}

static void what_the_plain_language_does_not_know_stays(void **state)
{
	renders(PLAIN, "{{name}}-{{ zone }}", "prod-eu-{{ zone }}");
	renders(PLAIN, "{{}}", "{{}}");
	renders(PLAIN, "{{.name}}", "{{.name}}");
	/* Without an end on the same line it is no template at all. */
	renders(PLAIN, "{{name", "{{name");
	renders(PLAIN, "{{name\n}}", "{{name\n}}");
}

static void a_plain_template_that_is_left_open_is_an_error(void **state)
{
	fails(PLAIN, "{{name}}-{{zone",
	      "invalid template: Cannot find end tag=\"}}\" in the template=\"{{name}}-{{zone\" "
	      "starting from \"zone\"");
}

static void the_go_language_knows_paths_and_index(void **state)
{
	renders(GO, "web-{{.name}}", "web-prod-eu");
	renders(GO, "{{ .metadata.labels.env }}-{{.values.revision}}", "prod-v1");
	renders(GO, "{{index .metadata.labels \"env\"}}", "prod");
	renders(GO, "{{ index .metadata.labels \"example.com/tier\" }}", "gold");
	renders(GO, "{{index .metadata \"labels\" `env`}}", "prod");
	renders(GO, "a {{- /* why */ -}} b{{\"}}\"}}", "ab}}");
}

static void a_key_that_is_not_there_is_no_value_unless_it_must_be(void **state)
{
	renders(GO, "{{.zone}}", "<no value>");
	renders(GO, "{{.metadata.annotations.a}}", "<no value>");
	fails(GO_STRICT, "--> {{.zone}} <--",
	      "failed to execute go template --> {{.zone}} <--: template: :1:6: executing \"\" at "
	      "<.zone>: map has no entry for key \"zone\"");
	fails(GO_STRICT, "\n{{.metadata.labels.zone}}",
	      "failed to execute go template \n{{.metadata.labels.zone}}: template: "
	      ":2:11: executing "
	      "\"\" at <.metadata.labels.zone>: map has no entry for key \"zone\"");
	/* `index` does not ask missingkey. */
	renders(GO_STRICT, "[{{index .metadata.labels \"zone\"}}]", "[]");
	fails(GO, "{{ index .metadata.annotations \"a\" }}",
	      "failed to execute go template {{ index .metadata.annotations \"a\" }}: "
	      "template: :1:3: "
	      "executing \"\" at <index .metadata.annotations \"a\">: error calling "
	      "index: index of "
	      "untyped nil");
}

static void a_field_of_a_text_is_an_error_in_any_case(void **state)
{
	fails(GO, "{{.name.first}}",
	      "failed to execute go template {{.name.first}}: template: :1:7: executing \"\" at "
	      "<.name.first>: can't evaluate field first in type interface {}");
	fails(GO_STRICT, "{{.metadata.labels.env.x}}",
	      "failed to execute go template {{.metadata.labels.env.x}}: template: "
	      ":1:11: executing "
	      "\"\" at <.metadata.labels.env.x>: can't evaluate field x in type string");
}

static void index_evaluates_its_path_first(void **state)
{
	fails(GO_STRICT, "{{ index .metadata.annotations \"a\" }}",
	      "failed to execute go template {{ index .metadata.annotations \"a\" }}: template: "
	      ":1:18: executing \"\" at <.metadata.annotations>: map has no entry for key "
	      "\"annotations\"");
	fails(GO, "{{index .path.segments 7}}",
	      "failed to execute go template {{index .path.segments 7}}: template: :1:2: executing "
	      "\"\" at <index .path.segments 7>: error calling index: index out of range: 7");
	renders(GO, "{{index .path.segments 1}}{{index . \"name\"}}", "webprod-eu");
	renders(GO_STRICT, "{{index . \"zone\"}}", "<no value>");
}

static void what_the_model_does_not_know_is_an_error_that_names_it(void **state)
{
	fails(GO, "{{ .name | upper }}",
	      "failed to execute go template {{ .name | upper }}: template: :1:3: "
	      "executing \"\" at "
	      "<.name | upper>: an expression that this model does not know");
	fails(GO, "{{if .name}}x{{end}}",
	      "failed to execute go template {{if .name}}x{{end}}: template: :1:2: "
	      "executing \"\" at "
	      "<if .name>: an expression that this model does not know");
	fails(GO, "{{.metadata}}",
	      "failed to execute go template {{.metadata}}: template: :1:2: executing \"\" at "
	      "<.metadata>: an expression that this model does not know");
	fails(GO, "{{ }}",
	      "failed to parse template {{ }}: template: :1: missing value for command");
	fails(GO, "{{.name", "failed to parse template {{.name: template: :1: unclosed action");
}

static void a_name_is_made_fit_for_kubernetes(void **state)
{
	auto_arena struct arena arena = {0};

	assert_str(template_normalize(STR("Prod_EU.1"), &arena), "prod-eu.1");
	assert_str(template_normalize(STR("-a b-"), &arena), "a-b");
	assert_str(template_normalize(STR("__"), &arena), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plain_language_knows_names_and_labels_and_values),
		cmocka_unit_test(what_the_plain_language_does_not_know_stays),
		cmocka_unit_test(a_plain_template_that_is_left_open_is_an_error),
		cmocka_unit_test(the_go_language_knows_paths_and_index),
		cmocka_unit_test(a_key_that_is_not_there_is_no_value_unless_it_must_be),
		cmocka_unit_test(a_field_of_a_text_is_an_error_in_any_case),
		cmocka_unit_test(index_evaluates_its_path_first),
		cmocka_unit_test(what_the_model_does_not_know_is_an_error_that_names_it),
		cmocka_unit_test(a_name_is_made_fit_for_kubernetes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
