#include "cmd/command.h"

#include "testing.h"

#include "base/buf.h"
#include "base/check.h"
#include "io/file.h"
#include "model/exit_code.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The commands as a user meets them: arguments in; what is written and the exit code out. Nothing
 * is asked of a server here.
 */

#define SHA "0123456789abcdef0123456789abcdef01234567"

static char folder[] = "/tmp/command_test.XXXXXX";

struct ran {
	int code;
	struct buf out, err;
};

static int swap_output(int fd, const char *path)
{
	int saved = dup(fd), file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	check(file >= 0);
	check(dup2(file, fd) >= 0);
	close(file);
	return saved;
}

static void put_back(int fd, int saved)
{
	check(dup2(saved, fd) >= 0);
	close(saved);
}

static struct ran run_words(int argc, const char *const *argv)
{
	struct ran ran = {.out = BUF_INIT(MIB), .err = BUF_INIT(MIB)};
	const struct command *command = command_find(str_of(argv[0]));
	assert_non_null(command);
	int saved_out = swap_output(STDOUT_FILENO, "out");
	int saved_err = swap_output(STDERR_FILENO, "err");
	ran.code = command->run(command, &(struct invocation){
						 .argc = argc - 1,
						 .argv = (char **)(uintptr_t)argv + 1,
					 });
	put_back(STDOUT_FILENO, saved_out);
	put_back(STDERR_FILENO, saved_err);
	struct err err = {0};
	assert_works(file_read("out", &ran.out, &err), &err);
	assert_works(file_read("err", &ran.err, &err), &err);
	return ran;
}

#define run_command(...)                                                                           \
	run_words((int)COUNTOF(((const char *const[]){__VA_ARGS__})),                              \
		  (const char *const[]){__VA_ARGS__})

static void release(struct ran *ran)
{
	buf_release(&ran->out);
	buf_release(&ran->err);
}

/* Exit 2, nothing on stdout, and exactly this on stderr. */
#define assert_usage(text, ...)                                                                    \
	do {                                                                                       \
		struct ran ran_ = run_command(__VA_ARGS__);                                        \
		assert_int_equal(ran_.code, EXIT_USAGE);                                           \
		assert_str(buf_view(&ran_.out), "");                                               \
		assert_str(buf_view(&ran_.err), text);                                             \
		release(&ran_);                                                                    \
	} while (0)

static int clean_environment(void **state)
{
	unsetenv("ARGOCD_SERVER");
	unsetenv("ARGOCD_AUTH_TOKEN");
	unsetenv("ARGOCD_OPTS");
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	setenv("ARGOCD_CONFIG_DIR", folder, 1);
	return 0;
}

static int remove_folder(void **state)
{
	unlink("out");
	unlink("err");
	return rmdir(folder);
}

static void a_command_is_found_by_its_name(void **state)
{
	struct err err = {0};
	assert_ptr_equal(command_find(STR("sync")), &command_sync);
	assert_null(command_find(STR("snyc")));
	assert_fails(command_unknown(STR("snyc"), &err), &err, E_USAGE,
		     "unknown command 'snyc'; did you mean 'sync'?");
	assert_fails(command_unknown(STR("sim pusj"), &err), &err, E_USAGE,
		     "unknown command 'sim pusj'; did you mean 'sim push'?");
	assert_fails(command_unknown(STR("frobnicate"), &err), &err, E_USAGE,
		     "unknown command 'frobnicate'");
}

static void every_command_has_what_its_help_needs(void **state)
{
	for (size_t i = 0; i < command_count; i++) {
		assert_non_null(commands[i]->summary);
		assert_non_null(commands[i]->description);
		assert_non_null(commands[i]->examples[1].line);
		for (const struct exit_row *row = commands[i]->exit_codes; row->code >= 0; row++)
			assert_non_null(row->meaning);
	}
}

static void help_is_given_whatever_else_is_wrong(void **state)
{
	struct ran ran = run_command("sync", "--nonsense", "-h");
	assert_int_equal(ran.code, EXIT_DONE);
	assert_true(str_starts(buf_view(&ran.out), STR("Usage: tiphys sync FLAGS\n")));
	assert_str(buf_view(&ran.err), "");
	release(&ran);
}

static void the_version_is_one_line(void **state)
{
	struct ran ran = run_command("version");
	assert_int_equal(ran.code, EXIT_DONE);
	assert_true(str_starts(buf_view(&ran.out), STR("tiphys ")));
	release(&ran);
	assert_usage("tiphys: unexpected argument 'x'\n"
		     "  `tiphys version --help` shows the flags and two examples\n",
		     "version", "x");
}

static void what_is_required_is_asked_for(void **state)
{
	assert_usage("tiphys: --project=NAME is missing\n"
		     "  `tiphys sync --help` shows the flags and two examples\n",
		     "sync", "--revision=" SHA);
	assert_usage("tiphys: --revision=SHA is missing\n"
		     "  `tiphys sync --help` shows the flags and two examples\n",
		     "sync", "--project=p");
	assert_usage("tiphys: --project is empty\n"
		     "  `tiphys sync --help` shows the flags and two examples\n",
		     "sync", "--project=", "--revision=" SHA);
}

static void only_a_full_sha_is_taken(void **state)
{
	static const char *const others[] = {"--revision=main", "--revision=0123456",
					     "--revision=v1.2.3", "--revision=1.*"};
	for (size_t i = 0; i < COUNTOF(others); i++) {
		struct ran ran = run_command("sync", "--project=p", others[i], "--all");
		assert_int_equal(ran.code, EXIT_USAGE);
		assert_true(str_starts(buf_view(&ran.err), STR("tiphys: --revision: ")));
		release(&ran);
	}
}

static void the_selector_is_checked_before_anything_is_asked(void **state)
{
	assert_usage("tiphys: --selector: column 5: expected a key or '!', found ','\n"
		     "  a=b,,c\n"
		     "      ^\n"
		     "  labels are selected as in kubectl: --selector='appName=dummy,env in (test, "
		     "stg)'\n",
		     "sync", "--project=p", "--revision=" SHA, "-l", "a=b,,c");
	assert_usage("tiphys: --all and --selector exclude each other\n"
		     "  give the one that is meant\n",
		     "sync", "--project=p", "--revision=" SHA, "-la=b", "--all");
	assert_usage(
		"tiphys: it is not said which applications: --selector is missing\n"
		"  give --selector='appName=dummy,env=test', or --all for every application of "
		"the project\n",
		"sync", "--project=p", "--revision=" SHA);
	assert_usage("tiphys: --then: column 5: expected a key or '!', found ','\n"
		     "  a=b,,c\n"
		     "      ^\n"
		     "  labels are selected as in kubectl: --selector='appName=dummy,env in (test, "
		     "stg)'\n",
		     "sync", "--project=p", "--revision=" SHA, "-la=b", "--then", "a=c", "--then",
		     "a=b,,c");
	assert_usage("tiphys: --expect has 1 number, and there are 2 stages\n"
		     "  as in --selector=env=test --then env=prd --expect=2,8\n",
		     "sync", "--project=p", "--revision=" SHA, "-la=b", "--then=a=c", "--expect=3");
	struct ran ran = run_command("sync", "--project=p", "--revision=" SHA, "--selector= ");
	assert_int_equal(ran.code, EXIT_USAGE);
	assert_true(str_find(buf_view(&ran.err), STR("or --all for every application"), NULL));
	release(&ran);
}

static void without_a_server_nothing_is_started(void **state)
{
	struct ran ran = run_command("sync", "--project=p", "--revision=" SHA, "--all");
	assert_int_equal(ran.code, EXIT_USAGE);
	assert_true(str_starts(buf_view(&ran.err),
			       STR("tiphys: it is not known which Argo CD is meant\n")));
	release(&ran);
}

static void completion_wants_a_shell(void **state)
{
	assert_usage("tiphys: 'csh' is none of bash, zsh, fish\n"
		     "  `tiphys completion --help` shows the flags and two examples\n",
		     "completion", "csh");
	assert_usage("tiphys: the name of a shell is missing\n"
		     "  it is one of bash, zsh, fish: tiphys completion bash\n",
		     "completion");
}

static void help_knows_the_commands(void **state)
{
	struct ran ran = run_command("help");
	assert_true(str_find(buf_view(&ran.out), STR("\n  sync "), NULL));
	release(&ran);
	ran = run_command("help", "sync");
	assert_true(str_starts(buf_view(&ran.out), STR("Usage: tiphys sync FLAGS\n")));
	release(&ran);
	ran = run_command("help", "sim", "push");
	assert_true(str_starts(buf_view(&ran.out), STR("Usage: tiphys sim push FLAGS\n")));
	release(&ran);
	ran = run_command("help", "--man", "sync");
	assert_true(str_starts(buf_view(&ran.out), STR("tiphys-sync(1) ")));
	release(&ran);
	assert_usage("tiphys: unknown command 'synk'; did you mean 'sync'?\n"
		     "  `tiphys help` lists the commands\n",
		     "help", "synk");
}

static void verbs_of_a_command_are_told_apart(void **state)
{
	assert_usage("tiphys: unknown verb 'ordr'; did you mean 'order'?\n"
		     "  `tiphys audit --help` lists the verbs\n",
		     "audit", "ordr", "-p", "platform");
	assert_usage("tiphys: unknown verb 'what'\n"
		     "  `tiphys sim --help` lists the verbs\n",
		     "sim", "what");
	assert_usage("tiphys: it is not said what to look into\n"
		     "  tiphys audit order -p PROJECT --order 'env=test > env=prd'\n",
		     "audit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_found_by_its_name),
		cmocka_unit_test(every_command_has_what_its_help_needs),
		cmocka_unit_test(help_is_given_whatever_else_is_wrong),
		cmocka_unit_test(the_version_is_one_line),
		cmocka_unit_test(what_is_required_is_asked_for),
		cmocka_unit_test(only_a_full_sha_is_taken),
		cmocka_unit_test(the_selector_is_checked_before_anything_is_asked),
		cmocka_unit_test(without_a_server_nothing_is_started),
		cmocka_unit_test(completion_wants_a_shell),
		cmocka_unit_test(help_knows_the_commands),
		cmocka_unit_test(verbs_of_a_command_are_told_apart),
	};

	return cmocka_run_group_tests(tests, clean_environment, remove_folder);
}
