#include "io/local_client.h"

#include "testing.h"

#include "base/check.h"
#include "io/local_server.h"
#include "model/exit_code.h"
#include "wire/instruction_json.h"
#include "wire/json.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The runner is a plain socket in the same thread, so it hears what was sent after a turn of the
 * loop; where local_client_ask() has the thread, it is another process.
 */

static char folder[] = "/tmp/local_client_test.XXXXXX";
static const char path[] = "socket";

static struct loop loop;
static struct local_client *client;
static struct buf lines = {.max = 4 * MIB}; /* all that came, each with a '|' behind it */
static struct err end_err, err;
static int ended;
static bool frees_at_line;

static void no_deadline(void *self)
{
}

static void no_interrupt(void *self, int code)
{
}

static void on_line(void *self, struct str line)
{
	buf_str(&lines, line);
	buf_char(&lines, '|');
	if (frees_at_line)
		local_client_free(client);
}

static void on_end(void *self, const struct err *why)
{
	ended++;
	end_err = *why;
}

static int begin(void **state)
{
	loop_init(&loop,
		  (struct loop_handler){.on_deadline = no_deadline, .on_interrupt = no_interrupt});
	buf_clear(&lines);
	ended = 0;
	frees_at_line = false;
	return 0;
}

static int end(void **state)
{
	loop_release(&loop);
	unlink(path);
	return 0;
}

static int make_folder(void **state)
{
	json_init(7);
	check(mkdtemp(folder));
	check(chdir(folder) == 0);
	return 0;
}

static int remove_folder(void **state)
{
	buf_release(&lines);
	return rmdir(folder);
}

static void turn(void)
{
	for (int i = 0; i < 5; i++)
		uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static int listener(int backlog)
{
	struct sockaddr_un at;
	assert_works(local_address(path, &at, &err), &err);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
	check(listen(fd, backlog) == 0);
	return fd;
}

static int try_connect(void)
{
	struct local_client_handler handler = {.on_line = on_line, .on_end = on_end};
	return local_client_connect(&loop, path, handler, &client, &err);
}

/* The runner's end of a connection, `client` being the other one. */
static int connected(void)
{
	int fd = listener(1);
	assert_works(try_connect(), &err);
	int runner = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	check(runner >= 0);
	close(fd);
	return runner;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn();
}

static void lines_go_and_come(void **state)
{
	char bytes[100];

	int runner = connected();
	local_client_send(client, STR("one"));
	local_client_send(client, STR("two"));
	turn();
	assert_int_equal(recv(runner, bytes, sizeof bytes, MSG_DONTWAIT), 8);
	assert_memory_equal(bytes, "one\ntwo\n", 8);
	say(runner, "1\n2\n");
	assert_str(buf_view(&lines), "1|2|");
	assert_int_equal(ended, 0);
	close(runner);
	turn();
	assert_int_equal(ended, 1);
	assert_string_equal(end_err.text, "the runner closed the connection");
	assert_int_equal(end_err.code, E_IO);
	local_client_send(client, STR("nobody hears it"));
	turn();
	assert_int_equal(ended, 1);
	local_client_free(client);
}

static void a_client_may_be_freed_where_a_line_comes(void **state)
{
	int runner = connected();
	frees_at_line = true;
	say(runner, "1\n2\n");
	assert_str(buf_view(&lines), "1|");
	assert_int_equal(ended, 0);
	close(runner);
}

static void what_the_runner_said_before_it_refused_is_heard(void **state)
{
	enum { LINES = 12'000 };
	auto_buf struct buf text = BUF_INIT(MIB);

	int runner = connected();
	for (int i = 0; i < LINES; i++)
		buf_str(&text, STR("news \n"));
	assert_int_equal(send(runner, text.p, text.n, MSG_DONTWAIT), (ssize_t)text.n);
	close(runner);
	local_client_send(client, STR("too late"));
	turn();
	assert_int_equal(lines.n, LINES * strlen("news |"));
	assert_int_equal(ended, 1);
	local_client_free(client);
}

static void a_line_without_end_is_the_end(void **state)
{
	static char much[64 * 1024];

	int runner = connected();
	memset(much, 'a', sizeof much);
	for (size_t n = 0; n <= LOCAL_LINE_BYTES_MAX && !ended; n += sizeof much) {
		check(send(runner, much, sizeof much, MSG_DONTWAIT) == sizeof much);
		turn();
	}
	assert_int_equal(ended, 1);
	assert_int_equal(end_err.code, E_PROTOCOL);
	assert_string_equal(end_err.text, "the runner sent a line that is too long");
	local_client_free(client);
	close(runner);
}

static void without_a_runner_it_is_missing(void **state)
{
	assert_fails(try_connect(), &err, E_MISSING, "no runner listens there");
	close(listener(1)); /* what a dead one leaves */
	assert_fails(try_connect(), &err, E_MISSING, "no runner listens there");
}

static void a_runner_that_takes_nobody_is_not_waited_for(void **state)
{
	struct local_client *first, *second;

	int fd = listener(0);
	assert_works(try_connect(), &err);
	first = client;
	/* How many may wait is the system's to say: one, or one more. */
	int result = try_connect();
	second = client;
	if (result == 0) {
		result = try_connect();
		local_client_free(second);
	}
	assert_fails(result, &err, E_IO, "the runner has too much to do: try again");
	local_client_free(first);
	close(fd);
}

static void somebody_else_s_runner_is_denied(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (geteuid() != 0 || !nobody) {
		print_message("skipped: needs root, and an account nobody\n");
		skip();
	}
	int fd = listener(1);
	check(chmod(path, 0600) == 0);
	check(chmod(folder, 0755) == 0);
	check(seteuid(nobody->pw_uid) == 0);
	int result = try_connect();
	check(seteuid(0) == 0);
	assert_fails(result, &err, E_DENIED,
		     "the runner is not yours: ask as its account, or as a member of the group "
		     "that its socket is for");
	close(fd);
}

/* ---- both ends ---- */

static void take_command(void *self, struct local_peer *peer, struct str line)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf answer = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	struct instruction instruction;
	struct str run;

	assert_works(instruction_from_json(line, &arena, &run, &instruction, &err), &err);
	local_peer_person(peer, &arena, &instruction.who);
	struct str text = arena_printf(&arena, "%s of " STR_FMT ": " STR_FMT "%s",
				       instruction_name(instruction.type), STR_ARG(run),
				       STR_ARG(instruction.reason),
				       instruction.who.uid == geteuid() ? ", says its owner" : "");
	answer_to_json(&(struct instruction_answer){.id = instruction.id, .text = text}, &answer);
	local_peer_send(peer, buf_view(&answer));
}

static void a_command_reaches_the_runner_and_its_answer_comes_back(void **state)
{
	auto_arena struct arena arena = {0};
	auto_buf struct buf line = BUF_INIT(INSTRUCTION_FRAME_BYTES_MAX);
	struct instruction instruction = {
		.id = 7, .type = INSTRUCTION_PAUSE, .reason = STR("lunch")};
	struct instruction_answer answer;

	struct local_server *server = local_server_new(
		&loop, (struct local_server_handler){.on_line = take_command}, LOCAL_SERVER_LIMITS);
	assert_works(local_server_listen(server, path, NULL, &err), &err);
	assert_works(try_connect(), &err);
	instruction_to_json(STR("r-1"), &instruction, &line);
	local_client_send(client, buf_view(&line));
	turn();
	assert_true(lines.n > 0);
	struct str got = str_first(buf_view(&lines), lines.n - 1);
	assert_works(answer_from_json(got, &arena, &answer, &err), &err);
	assert_int_equal(answer.id, 7);
	assert_str(answer.text, "pause of r-1: lunch, says its owner");
	local_client_free(client);
	local_server_free(server);
}

/* ---- one question, one answer ---- */

static bool take_answer(void *self, struct str line)
{
	buf_str(&lines, line);
	buf_char(&lines, '|');
	return str_starts(line, STR("answer "));
}

static int ask(int64_t timeout_ms, int *ret_signal_code)
{
	struct local_question question = {
		.path = path,
		.line = STR("question"),
		.timeout_ms = timeout_ms,
		.is_answer = take_answer,
	};
	buf_clear(&lines);
	return local_client_ask(&question, ret_signal_code, &err);
}

/* Another process takes one connection and a whole question, says this, and ends. */
static pid_t runner_that_says(const char *text)
{
	int fd = listener(1);
	pid_t pid = fork();
	if (pid == 0) {
		char bytes[9];
		int peer = accept(fd, NULL, NULL);
		bool is_heard = recv(peer, bytes, 9, MSG_WAITALL) == 9 &&
				memcmp(bytes, "question\n", 9) == 0;
		is_heard = is_heard && send(peer, text, strlen(text), 0) >= 0;
		_exit(is_heard ? 0 : 1);
	}
	close(fd);
	return pid;
}

static void assert_heard(pid_t pid)
{
	int status;
	check(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	unlink(path);
}

static void a_question_has_its_answer(void **state)
{
	int signal_code = 7;

	pid_t pid = runner_that_says("news\nanswer 1\nanswer 2\n");
	assert_works(ask(60'000, &signal_code), &err);
	assert_str(buf_view(&lines), "news|answer 1|");
	assert_int_equal(signal_code, 0);
	assert_heard(pid);
}

static void a_runner_that_dies_before_it_answers_leaves_a_doubt(void **state)
{
	int signal_code;

	pid_t pid = runner_that_says("news\nanswer");
	assert_fails(ask(60'000, &signal_code), &err, E_IO,
		     "the runner closed the connection before it answered; whether it was done is "
		     "not known: look before you ask again");
	assert_heard(pid);
	assert_fails(ask(60'000, &signal_code), &err, E_MISSING, "no runner listens there");
	assert_int_equal(signal_code, 0);
}

static void a_runner_that_is_silent_is_not_waited_for_longer(void **state)
{
	int signal_code;

	int fd = listener(1);
	assert_fails(ask(1, &signal_code), &err, E_IO,
		     "no answer within 1ms; whether it was done is not known: look before you "
		     "ask again");
	assert_int_equal(signal_code, 0);
	close(fd);
	unlink(path);
}

static void a_signal_ends_the_waiting(void **state)
{
	int signal_code, status;

	/* The runner: when it has the question, whoever asked is waiting. */
	int fd = listener(1);
	pid_t asker = getpid(), pid = fork();
	if (pid == 0) {
		char bytes[9];
		int peer = accept(fd, NULL, NULL);
		if (recv(peer, bytes, 9, MSG_WAITALL) == 9)
			kill(asker, SIGTERM);
		_exit(recv(peer, bytes, 1, 0) == 0 ? 0 : 1);
	}
	close(fd);
	assert_fails(ask(60'000, &signal_code), &err, E_IO,
		     "interrupted before the answer; whether it was done is not known: look before "
		     "you ask again");
	assert_int_equal(signal_code, EXIT_SIGTERM);
	check(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
	unlink(path);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(lines_go_and_come),
		LOOP_TEST(a_client_may_be_freed_where_a_line_comes),
		LOOP_TEST(what_the_runner_said_before_it_refused_is_heard),
		LOOP_TEST(a_line_without_end_is_the_end),
		LOOP_TEST(without_a_runner_it_is_missing),
		LOOP_TEST(a_runner_that_takes_nobody_is_not_waited_for),
		LOOP_TEST(somebody_else_s_runner_is_denied),
		LOOP_TEST(a_command_reaches_the_runner_and_its_answer_comes_back),
		cmocka_unit_test(a_question_has_its_answer),
		cmocka_unit_test(a_runner_that_dies_before_it_answers_leaves_a_doubt),
		cmocka_unit_test(a_runner_that_is_silent_is_not_waited_for_longer),
		cmocka_unit_test(a_signal_ends_the_waiting),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
