#include "wire/argocd_config.h"

#include "base/buf.h"
#include "testing.h"

/* "-----BEGIN x" and "-----BEGIN y" in base64. */
#define PEM_X "LS0tLS1CRUdJTiB4"
#define PEM_Y "LS0tLS1CRUdJTiB5"

static const char CONFIG[] = "contexts:\n"
			     "- name: prod\n"
			     "  server: argocd.example.com\n"
			     "  user: prod\n"
			     "- name: local\n"
			     "  server: localhost:8080\n"
			     "  user: local\n"
			     "- name: lost\n"
			     "  server: nowhere\n"
			     "  user: prod\n"
			     "- name: nobody\n"
			     "  server: localhost:8080\n"
			     "  user: nobody\n"
			     "- name: kubernetes\n"
			     "  server: kubernetes\n"
			     "  user: kubernetes\n"
			     "current-context: prod\n"
			     "prompts-enabled: false\n"
			     "servers:\n"
			     "- server: argocd.example.com\n"
			     "  grpc-web: true\n"
			     "  grpc-web-root-path: /argo\n"
			     "  certificate-authority-data: " PEM_X "\n"
			     "  client-certificate-data: " PEM_Y "\n"
			     "  client-certificate-key-data: " PEM_X "\n"
			     "- server: localhost:8080\n"
			     "  plain-text: true\n"
			     "  insecure: true\n"
			     "  grpc-web-root-path: \"\"\n"
			     "- core: true\n"
			     "  server: kubernetes\n"
			     "users:\n"
			     "- auth-token: secret.of.prod\n"
			     "  name: prod\n"
			     "  refresh-token: another\n"
			     "- name: local\n"
			     "- name: kubernetes\n";

static struct argocd_context chosen(const char *name, struct arena *arena)
{
	struct argocd_context context = {0};
	struct err err;

	assert_works(argocd_config_read(str_of(CONFIG), str_of(name), arena, &context, &err), &err);
	return context;
}

static void assert_refused(const char *text, const char *name, enum err_code code,
			   const char *words)
{
	auto_arena struct arena arena = {0};
	struct argocd_context context;
	struct err err;

	assert_fails(argocd_config_read(str_of(text), str_of(name), &arena, &context, &err), &err,
		     code, words);
}

static void the_current_context_is_joined_with_its_server_and_user(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_context context = chosen("", &arena);

	assert_str(context.name, "prod");
	assert_str(context.server, "argocd.example.com");
	assert_str(context.root_path, "/argo");
	assert_str(context.authority, "-----BEGIN x");
	assert_str(context.certificate, "-----BEGIN y");
	assert_str(context.key, "-----BEGIN x");
	assert_str(context.token, "secret.of.prod");
	assert_false(context.is_plaintext);
	assert_false(context.is_insecure);
	assert_false(context.is_core);
}

static void another_one_can_be_chosen(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_context context = chosen("local", &arena);

	assert_str(context.name, "local");
	assert_str(context.server, "localhost:8080");
	assert_str(context.token, "");
	assert_true(context.is_plaintext);
	assert_true(context.is_insecure);
	assert_true(chosen("kubernetes", &arena).is_core);
}

static void the_file_may_be_json(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_context context;
	struct err err;

	assert_works(argocd_config_read(STR("{\"current-context\":\"a\",\"contexts\":[{\"name\":"
					    "\"a\",\"server\":\"s\",\"user\":\"u\"}],\"servers\":["
					    "{\"server\":\"s\",\"insecure\":true}],\"users\":[{"
					    "\"name\":\"u\",\"auth-token\":\"t\"}]}"),
					STR(""), &arena, &context, &err),
		     &err);
	assert_true(context.is_insecure);
	assert_str(context.token, "t");
}

static void names_that_look_like_numbers_are_names(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_context context;
	struct err err;

	assert_works(argocd_config_read(STR("contexts: [{name: 1, server: 10, user: on}]\n"
					    "servers: [{server: 10}]\nusers: [{name: on}]\n"),
					STR("1"), &arena, &context, &err),
		     &err);
	assert_str(context.server, "10");
}

static void what_is_missing_is_named_with_the_next_step(void **state)
{
	assert_refused(CONFIG, "stage", E_MISSING,
		       "there is no context 'stage'; choose one with --argocd-context (there are: "
		       "prod, local, lost, nobody, kubernetes)");
	assert_refused(
		CONFIG, "lost", E_MISSING,
		"line 8, column 3: the context's server 'nowhere' is not in the list 'servers'");
	assert_refused(CONFIG, "nobody", E_MISSING,
		       "line 11, column 3: the context's user 'nobody' is not in the list 'users'");
	assert_refused("", "", E_MISSING,
		       "no context is current; log in with `argocd login`, or choose one with "
		       "--argocd-context");
	assert_refused(
		"contexts: null\n", "x", E_MISSING,
		"there is no context 'x'; choose one with --argocd-context (there are: none)");
}

#define ABOUT_S "contexts: [{name: a, server: s, user: u}]\nusers: [{name: u}]\n"

static void mistakes_have_a_place_and_never_quote_a_secret(void **state)
{
	assert_refused("- a\n", "", E_SYNTAX,
		       "line 1, column 1: a configuration must be a map, not a list");
	assert_refused("contexts: x\n", "a", E_SYNTAX,
		       "line 1, column 11: 'contexts' must be a list, not a text");
	assert_refused("contexts: [x]\n", "a", E_SYNTAX,
		       "line 1, column 12: 'contexts' must be a list of maps, not of a text");
	assert_refused("current-context: [secret]\n", "", E_SYNTAX,
		       "line 1, column 18: 'current-context' must be a text, not a list");
	assert_refused(ABOUT_S "servers:\n- server: s\n  insecure: \"true\"\n", "a", E_SYNTAX,
		       "line 5, column 13: 'insecure' must be true or false, not a text");
	assert_refused(ABOUT_S "servers:\n- server: s\n  certificate-authority-data: secret!\n",
		       "a", E_SYNTAX,
		       "line 5, column 31: 'certificate-authority-data' must be base64");
	assert_refused(
		ABOUT_S "servers:\n- server: s\n  certificate-authority-data: c2Vj\n", "a",
		E_SYNTAX,
		"line 5, column 31: 'certificate-authority-data' must be a PEM file in base64");
	assert_refused(
		ABOUT_S "servers:\n- server: s\n  client-certificate-data: " PEM_X "\n", "a",
		E_SYNTAX,
		"line 4, column 3: 'client-certificate-data' and 'client-certificate-key-data' "
		"go together");
	assert_refused("users:\n- auth-token: 'secret\n", "", E_SYNTAX,
		       "line 3, column 1: found unexpected end of stream");
}

static void an_address_is_host_port_and_path(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
		const char *path;
	} cases[] = {
		{"argocd.example.com", "argocd.example.com", 443, ""},
		{"localhost:8080", "localhost", 8080, ""},
		{"h:80/argo/cd//", "h", 80, "/argo/cd"},
		{"h/", "h", 443, ""},
		{"https://h/x", "h", 443, "/x"},
		{"[::1]:8080", "::1", 8080, ""},
		{"[::1]", "::1", 443, ""},
	};
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct argocd_address address;
		assert_works(argocd_address(str_of(cases[i].text), &address, &err), &err);
		assert_str(address.host, cases[i].host);
		assert_int_equal(address.port, cases[i].port);
		assert_str(address.path, cases[i].path);
	}
}

static void what_is_no_address_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "the server '': no host"},
		{":80", "the server ':80': no host"},
		{"h:", "the server 'h:': '' is no port"},
		{"h:0", "the server 'h:0': '0' is no port"},
		{"h:99999", "the server 'h:99999': '99999' is no port"},
		{"::1", "the server '::1': no host"},
		{"[::1", "the server '[::1': a [ without its ]"},
		{"[::1]8", "the server '[::1]8': only a port may follow ]"},
		{"a b", "the server 'a b': it must be host[:port][/path]"},
		{"h/?x", "the server 'h/?x': it must be host[:port][/path]"},
		{"http://h",
		 "the server 'http://h': give it without http://, and --plaintext if it "
		 "speaks no TLS"},
	};
	struct argocd_address address;
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(argocd_address(str_of(cases[i].text), &address, &err), &err, E_USAGE,
			     cases[i].words);
}

static void the_file_is_looked_for_where_argocd_does(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_config_env env = {.argocd_config_dir = STR("/c"),
					.xdg_config_home = STR("/x"),
					.home = STR("/h"),
					.has_legacy_dir = true};

	assert_str(argocd_config_path(&env, &arena), "/c/config");
	env.argocd_config_dir = STR("");
	assert_str(argocd_config_path(&env, &arena), "/h/.argocd/config");
	env.has_legacy_dir = false;
	assert_str(argocd_config_path(&env, &arena), "/x/argocd/config");
	env.xdg_config_home = STR("");
	assert_str(argocd_config_path(&env, &arena), "/h/.config/argocd/config");
}

/* "name=value " for each flag. */
static struct str flags(const char *text, struct buf *out, struct arena *arena)
{
	struct argocd_opts opts = {0};
	struct err err;

	buf_clear(out);
	assert_works(argocd_opts_read(str_of(text), arena, &opts, &err), &err);
	vec_each(opt, &opts)
		buf_printf(out, STR_FMT "=" STR_FMT " ", STR_ARG(opt->name), STR_ARG(opt->value));
	vec_release(&opts);
	return buf_view(out);
}

static void flags_in_the_environment_have_values_or_are_true(void **state)
{
	auto_buf struct buf out = BUF_INIT(1 * KIB);
	auto_arena struct arena arena = {0};

	assert_str(flags("", &out, &arena), "");
	assert_str(flags("--grpc-web --server h:80 --insecure", &out, &arena),
		   "grpc-web=true server=h:80 insecure=true ");
	assert_str(flags("--header='X-A: 1=2' --plaintext=false", &out, &arena),
		   "header=X-A: 1=2 plaintext=false ");
}

static void what_is_no_flag_is_refused(void **state)
{
	auto_arena struct arena arena = {0};
	struct argocd_opts opts = {0};
	struct err err;

	assert_fails(argocd_opts_read(STR("app list"), &arena, &opts, &err), &err, E_USAGE,
		     "ARGOCD_OPTS: word 1 must be a flag that begins with --");
	assert_fails(argocd_opts_read(STR("--a b c"), &arena, &opts, &err), &err, E_USAGE,
		     "ARGOCD_OPTS: word 3 must be a flag that begins with --");
	assert_fails(argocd_opts_read(STR("--a=b c"), &arena, &opts, &err), &err, E_USAGE,
		     "ARGOCD_OPTS: word 2 must be a flag that begins with --");
	assert_fails(argocd_opts_read(STR("--a --=b"), &arena, &opts, &err), &err, E_USAGE,
		     "ARGOCD_OPTS: word 2 must be a flag that begins with --");
	assert_fails(argocd_opts_read(STR("--a 'b"), &arena, &opts, &err), &err, E_USAGE,
		     "ARGOCD_OPTS: a ' without its end");
	vec_release(&opts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_current_context_is_joined_with_its_server_and_user),
		cmocka_unit_test(another_one_can_be_chosen),
		cmocka_unit_test(the_file_may_be_json),
		cmocka_unit_test(names_that_look_like_numbers_are_names),
		cmocka_unit_test(what_is_missing_is_named_with_the_next_step),
		cmocka_unit_test(mistakes_have_a_place_and_never_quote_a_secret),
		cmocka_unit_test(an_address_is_host_port_and_path),
		cmocka_unit_test(what_is_no_address_is_refused_with_a_reason),
		cmocka_unit_test(the_file_is_looked_for_where_argocd_does),
		cmocka_unit_test(flags_in_the_environment_have_values_or_are_true),
		cmocka_unit_test(what_is_no_flag_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
