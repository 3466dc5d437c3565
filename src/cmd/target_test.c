#include "cmd/target.h"

#include "testing.h"

#include "base/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The configuration that most tests start from. */
static const char config[] = "current-context: main\n"
			     "contexts:\n"
			     "- {name: main, server: argo.example.com, user: main}\n"
			     "- {name: other, server: 'other:8443', user: other}\n"
			     "- {name: core, server: kubernetes, user: core}\n"
			     "servers:\n"
			     "- {server: argo.example.com, grpc-web-root-path: /argo/}\n"
			     "- {server: 'other:8443', plain-text: true, insecure: true}\n"
			     "- {server: kubernetes, core: true}\n"
			     "users:\n"
			     "- {name: main, auth-token: main.token}\n"
			     "- {name: other, auth-token: other.token}\n"
			     "- {name: core}\n";

static char folder[] = "/tmp/target_test.XXXXXX";

static void write_file(const char *path, const char *text, mode_t mode)
{
	unlink(path);
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	check(fd >= 0);
	check(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	check(fchmod(fd, mode) == 0);
	close(fd);
}

static int make_folder(void **state)
{
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	write_file("config", config, 0600);
	write_file("token", "file.token\n", 0644);
	write_file("cert.pem", "-----BEGIN CERTIFICATE-----\n", 0644);
	check(mkdir("home", 0700) == 0);
	return 0;
}

static int remove_folder(void **state)
{
	unlink("config");
	unlink("token");
	unlink("cert.pem");
	rmdir("home");
	return rmdir(folder);
}

/* What a test varies; each is released with the target. */
struct given {
	struct target_flags flags;
	struct environment environment;
	struct target target;
	struct err err;
};

static struct given with_config(void)
{
	return (struct given){.environment = {.config_dir = str_of(folder)}};
}

static void resolve(struct given *given)
{
	assert_works(
		target_resolve(&given->flags, &given->environment, &given->target, &given->err),
		&given->err);
}

static void expect(struct given given, const char *address, const char *root_path,
		   const char *token)
{
	resolve(&given);
	assert_str(given.target.server.address, address);
	assert_str(given.target.server.root_path, root_path);
	assert_str(given.target.server.token, token);
	target_release(&given.target);
}

static void expect_refused(struct given given, const char *message, const char *next)
{
	int result = target_resolve(&given.flags, &given.environment, &given.target, &given.err);
	assert_int_equal(result, -1);
	if (!str_find(str_of(given.err.text), str_of(message), NULL))
		fail_msg("no \"%s\" in: %s", message, given.err.text);
	if (!str_find(given.target.next, str_of(next), NULL))
		fail_msg("no \"%s\" in: " STR_FMT, next, STR_ARG(given.target.next));
	target_release(&given.target);
}

static void the_current_context_is_where_it_is_not_said_otherwise(void **state)
{
	struct given given = with_config();
	resolve(&given);
	assert_str(given.target.context, "main");
	assert_str(given.target.warning, "");
	target_release(&given.target);
	expect(with_config(), "argo.example.com", "/argo", "main.token");
}

static void a_context_can_be_chosen(void **state)
{
	struct given given = with_config();
	given.flags.context = STR("other");
	resolve(&given);
	assert_str(given.target.server.address, "other:8443");
	assert_str(given.target.server.token, "other.token");
	assert_true(given.target.server.is_plaintext);
	assert_true(given.target.server.is_insecure);
	target_release(&given.target);
}

/* Another Argo CD's: what is meant for the command's own is not sent there. */
static void a_context_that_a_stage_names_takes_nothing_of_the_commands_own(void **state)
{
	struct given given = {0};
	struct target found;

	given.environment.opts = STR("--config=config --insecure --server=stranger");
	given.environment.server = STR("stranger");
	given.environment.auth_token = STR("env.token");
	given.flags.server = STR("another");
	given.flags.auth_token = STR("flag.token");
	given.flags.plaintext = true;
	given.flags.root_path = STR("/root");
	assert_works(target_resolve_context(&given.flags, &given.environment, STR("main"), &found,
					    &given.err),
		     &given.err);
	assert_str(found.server.address, "argo.example.com");
	assert_str(found.server.root_path, "/argo");
	assert_str(found.server.token, "main.token");
	assert_str(found.context, "main");
	assert_false(found.is_of_environment);
	assert_false(found.server.is_plaintext);
	assert_false(found.server.is_insecure);
	target_release(&found);
	assert_true(target_resolve_context(&given.flags, &given.environment, STR("nowhere"), &found,
					   &given.err) < 0);
	assert_true(str_find(str_of(given.err.text), STR("there is no context 'nowhere'"), NULL));
	target_release(&found);
}

static void a_flag_beats_opts_and_opts_beat_the_environment(void **state)
{
	struct given given = {0};
	given.environment.server = STR("env");
	given.environment.auth_token = STR("env.token");
	expect(given, "env", "", "env.token");
	given.environment.opts = STR(
		"--server opts --auth-token=opts.token --grpc-web --logformat text");
	expect(given, "opts", "", "opts.token");
	given.flags.server = STR("flag");
	given.flags.auth_token = STR("flag.token");
	expect(given, "flag", "", "flag.token");
	given.flags.auth_token = (struct str){0};
	given.flags.auth_token_file = STR("token");
	expect(given, "flag", "", "file.token");
}

static void the_other_settings_come_from_opts_too(void **state)
{
	struct given given = {0};
	given.environment.opts = STR(
		"--server=s:80/path --plaintext --grpc-web-root-path 'a b' --header 'A: 1,B: 2'");
	given.flags.root_path = STR("/root/");
	resolve(&given);
	assert_str(given.target.server.address, "s:80");
	assert_str(given.target.server.root_path, "/path/root");
	assert_true(given.target.server.is_plaintext);
	assert_int_equal(given.target.server.header_count, 2);
	assert_str(given.target.server.headers[1], "B: 2");
	target_release(&given.target);
}

static void a_server_of_the_configuration_brings_its_credentials(void **state)
{
	struct given given = with_config();
	given.flags.server = STR("other:8443");
	expect(given, "other:8443", "", "other.token");
	given.flags.server = STR("https://ARGO.example.com:443");
	expect(given, "ARGO.example.com", "/argo", "main.token");
}

static void credentials_are_not_sent_to_another_server(void **state)
{
	struct given given = with_config();
	given.flags.server = STR("stranger");
	resolve(&given);
	assert_str(given.target.server.token, "");
	assert_true(str_find(given.target.warning, STR("has no credentials for stranger"), NULL));
	target_release(&given.target);

	/* Unless somebody says so: a port-forward to the same Argo CD. */
	given.flags.context = STR("main");
	expect(given, "stranger", "/argo", "main.token");
}

static void an_address_is_written_as_in_a_url(void **state)
{
	struct given given = {.environment.auth_token = STR("t")};
	given.flags.server = STR("[::1]:8080");
	expect(given, "[::1]:8080", "", "t");
	given.flags.server = STR("host/");
	expect(given, "host", "", "t");
	given.flags.plaintext = true;
	expect(given, "host:443", "", "t");
	given.flags.root_path = STR("a b");
	expect_refused(given, "no URL can be made of the server 'host:443/a b'",
		       "--grpc-web-root-path=/argo-cd");
	given.flags.server = STR("user@host");
	expect_refused(given, "user@host", "--server=argocd.example.com");
}

static void without_a_server_the_three_ways_to_give_one_are_told(void **state)
{
	struct given given = {.environment.home = STR("home")};
	expect_refused(given, "it is not known which Argo CD is meant",
		       "--server=HOST[:PORT], or with ARGOCD_SERVER, or log in with `argocd login "
		       "HOST`,\nwhich writes it into home/.config/argocd/config");
	given.environment.xdg_config_home = STR("xdg");
	expect_refused(given, "", "xdg/argocd/config");
}

static void core_is_refused(void **state)
{
	struct given given = with_config();
	given.flags.context = STR("core");
	expect_refused(given, "context 'core': core contexts are not supported yet",
		       "--server=HOST");
	given = with_config();
	given.flags.core = true;
	expect_refused(given, "core contexts are not supported yet", "--server=HOST");
	given = with_config();
	given.environment.opts = STR("--port-forward");
	expect_refused(given, "--port-forward is not supported yet", "kubectl port-forward");
}

static void what_is_wrong_with_a_configuration_is_told(void **state)
{
	struct given given = {.flags.config = STR("none")};
	expect_refused(given, "none: No such file", "--config=FILE");
	write_file("config", config, 0644);
	expect_refused(with_config(), "its mode is 0644", "--config=FILE");
	write_file("config", "contexts: [\n", 0600);
	expect_refused(with_config(), "config: line ", "repair the file");
	write_file("config", config, 0600);
	given = with_config();
	given.flags.context = STR("nope");
	expect_refused(given, "there is no context 'nope'", "");
	given = (struct given){.flags.context = STR("nope"), .flags.server = STR("s")};
	expect_refused(given, "there is no configuration of the argocd command", "argocd login");
	given = (struct given){.environment.opts = STR("--server 'x")};
	expect_refused(given, "ARGOCD_OPTS", "quoted as for a shell");
}

static void certificates_are_read(void **state)
{
	struct given given = with_config();
	given.flags.server_crt = STR("cert.pem");
	resolve(&given);
	assert_str(given.target.server.ca_pem, "-----BEGIN CERTIFICATE-----\n");
	target_release(&given.target);
	given.flags.client_crt = STR("cert.pem");
	expect_refused(given, "--client-crt and --client-crt-key belong together", "both");
	given.flags.client_crt_key = STR("token");
	expect_refused(given, "--client-crt-key 'token': it holds no PRIVATE KEY", "BEGIN");
	given.flags.client_crt_key = STR("cert.pem");
	expect_refused(given, "--client-crt-key 'cert.pem': it holds no PRIVATE KEY", "BEGIN");
	given.flags.client_crt_key = STR("none");
	expect_refused(given, "--client-crt-key 'none': No such file", "");
	given.flags.server_crt = STR("token");
	expect_refused(given, "--server-crt 'token': it holds no CERTIFICATE",
		       "-----BEGIN CERTIFICATE-----");
}

static void a_token_is_one_word(void **state)
{
	struct given given = {.flags.server = STR("s"), .flags.auth_token = STR(" t\n")};
	resolve(&given);
	assert_str(given.target.server.token, "t");
	assert_true(str_find(given.target.warning, STR("--auth-token-file"), NULL));
	target_release(&given.target);
	given.flags.auth_token = STR("a\r\nB: c");
	expect_refused(given, "--auth-token: it is not a token", "generate-token");
	given.flags.auth_token_file = STR("token");
	expect_refused(given, "exclude each other", "");
	given.flags.auth_token = (struct str){0};
	given.flags.auth_token_file = STR("none");
	expect_refused(given, "--auth-token-file 'none': No such file", "");
}

static void expect_found(struct target *target, const char *token)
{
	auto_buf struct buf found = BUF_INIT(KIB);
	assert_int_equal(target_find_token(target, &found), *token != '\0');
	if (*token)
		assert_str(buf_view(&found), token);
}

static void a_new_token_is_found_where_the_old_one_was(void **state)
{
	struct given given = {.flags.server = STR("s"), .flags.auth_token_file = STR("token")};
	resolve(&given);
	expect_found(&given.target, "");
	write_file("token", "new.token", 0600);
	expect_found(&given.target, "new.token");
	expect_found(&given.target, "");
	unlink("token");
	expect_found(&given.target, "");
	write_file("token", "file.token\n", 0644);
	expect_found(&given.target, "file.token");
	target_release(&given.target);

	given = with_config();
	resolve(&given);
	expect_found(&given.target, "");
	write_file("config",
		   "contexts: [{name: main, server: s, user: u}]\nservers: [{server: s}]\n"
		   "users: [{name: u, auth-token: renewed}]\n",
		   0600);
	expect_found(&given.target, "renewed");
	write_file("config", config, 0600);
	target_release(&given.target);

	given = (struct given){.flags.server = STR("s"), .environment.auth_token = STR("t")};
	resolve(&given);
	expect_found(&given.target, "");
	target_release(&given.target);
}

static void secrets_are_wiped_from_the_command_line(void **state)
{
	char token[] = "a.b.c", header[] = "X: secret";
	struct target_flags flags = {.auth_token = str_of(token)};
	vec_push(&flags.headers, str_of(header));
	target_wipe(&flags);
	assert_string_equal(token, "xxxxx");
	assert_string_equal(header, "xxxxxxxxx");
	vec_release(&flags.headers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_current_context_is_where_it_is_not_said_otherwise),
		cmocka_unit_test(a_context_can_be_chosen),
		cmocka_unit_test(a_context_that_a_stage_names_takes_nothing_of_the_commands_own),
		cmocka_unit_test(a_flag_beats_opts_and_opts_beat_the_environment),
		cmocka_unit_test(the_other_settings_come_from_opts_too),
		cmocka_unit_test(a_server_of_the_configuration_brings_its_credentials),
		cmocka_unit_test(credentials_are_not_sent_to_another_server),
		cmocka_unit_test(an_address_is_written_as_in_a_url),
		cmocka_unit_test(without_a_server_the_three_ways_to_give_one_are_told),
		cmocka_unit_test(core_is_refused),
		cmocka_unit_test(what_is_wrong_with_a_configuration_is_told),
		cmocka_unit_test(certificates_are_read),
		cmocka_unit_test(a_token_is_one_word),
		cmocka_unit_test(a_new_token_is_found_where_the_old_one_was),
		cmocka_unit_test(secrets_are_wiped_from_the_command_line),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
