#include "io/local_server.h"

#include "testing.h"

#include "base/check.h"
#include "model/exit_code.h"
#include "wire/json.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A client in the same thread: what it sends waits in the kernel until the loop turns. */

static char folder[] = "/tmp/local_server_test.XXXXXX";
static const char path[] = "socket";

static struct loop loop;
static struct local_server *server;
static struct local_peer *last;		    /* who came last */
static struct buf lines = {.max = 4 * MIB}; /* all that came, each with a '|' behind it */
static int opened, closed, drained, over;
static struct err err;

static void on_deadline(void *self)
{
	loop_stop(&loop);
}

static void no_interrupt(void *self, int code)
{
}

static void on_open(void *self, struct local_peer *peer)
{
	last = peer;
	opened++;
}

/* "echo X" is answered, "end" ends, "much N" is answered with N bytes in lines of 1000. */
static void on_line(void *self, struct local_peer *peer, struct str line)
{
	buf_str(&lines, line);
	buf_char(&lines, '|');
	if (str_starts(line, STR("echo ")))
		local_peer_send(peer, str_after(line, 5));
	if (str_eq(line, STR("end"))) {
		local_peer_send(peer, STR("bye"));
		local_peer_end(peer);
		local_peer_send(peer, STR("too late"));
	}
	if (str_starts(line, STR("much "))) {
		char text[999];
		uint64_t bytes;
		memset(text, 'x', sizeof text);
		assert_true(str_to_u64(str_after(line, 5), &bytes));
		for (uint64_t i = 0; i < bytes; i += 1000)
			local_peer_send(peer, str_make(text, sizeof text));
	}
}

static void on_drained(void *self, struct local_peer *peer)
{
	assert_int_equal(local_peer_backlog(peer), 0);
	drained++;
}

static void on_close(void *self, struct local_peer *peer)
{
	local_peer_send(peer, STR("nobody hears it"));
	closed++;
	if (last == peer)
		last = NULL;
}

static void on_closed(void *self)
{
	over++;
}

static void make_server(struct local_server_limits limits)
{
	last = NULL;
	opened = closed = drained = over = 0;
	buf_clear(&lines);
	server = local_server_new(&loop,
				  (struct local_server_handler){.on_open = on_open,
								.on_line = on_line,
								.on_drained = on_drained,
								.on_close = on_close,
								.on_closed = on_closed},
				  limits);
}

static void serve(struct local_server_limits limits)
{
	make_server(limits);
	assert_works(local_server_listen(server, path, NULL, &err), &err);
}

static int begin(void **state)
{
	loop_init(&loop,
		  (struct loop_handler){.on_deadline = on_deadline, .on_interrupt = no_interrupt});
	return 0;
}

static int end(void **state)
{
	local_server_free(server);
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

/* -1 with errno where nobody listens. */
static int try_connect(void)
{
	struct sockaddr_un at;
	assert_works(local_address(path, &at, &err), &err);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int connected(void)
{
	int fd = try_connect();
	assert_true(fd >= 0);
	turn();
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn();
}

/* Everything that can be read now; "(end)" where the connection ends. */
static struct str heard(int fd)
{
	static char bytes[4096];
	size_t n = 0;

	for (;;) {
		turn();
		ssize_t got = recv(fd, bytes + n, sizeof bytes - n, MSG_DONTWAIT);
		if (got < 0 && errno == EAGAIN)
			return str_make(bytes, n);
		if (got <= 0) {
			memcpy(bytes + n, "(end)", 5);
			return str_make(bytes, n + 5);
		}
		n += (size_t)got;
	}
}

static mode_t mode_of(const char *at)
{
	struct stat st;
	assert_int_equal(lstat(at, &st), 0);
	return st.st_mode & 07777;
}

/* ---- lines ---- */

static void a_line_comes_and_is_answered(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	assert_int_equal(opened, 1);
	say(fd, "echo 1\nec");
	say(fd, "ho 2\n");
	assert_str(heard(fd), "1\n2\n");
	assert_str(buf_view(&lines), "echo 1|echo 2|");
	assert_int_equal(closed, 0);
	close(fd);
	turn();
	assert_int_equal(closed, 1);
	assert_int_equal(opened, 1);
}

static void several_are_told_apart(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	int one = connected();
	local_peer_set_user(last, &one);
	struct local_peer *first = last;
	int two = connected();
	local_peer_set_user(last, &two);
	local_peer_send(last, STR("two"));
	local_peer_send(first, STR("one"));
	assert_str(heard(one), "one\n");
	assert_str(heard(two), "two\n");
	assert_ptr_equal(local_peer_user(first), &one);
	assert_ptr_equal(local_peer_user(last), &two);
	close(one);
	close(two);
}

static void what_was_asked_before_somebody_died_counts(void **state)
{
	enum { LINES = 12'000 };
	auto_buf struct buf text = BUF_INIT(MIB);

	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	say(fd, "much 3000\n");
	buf_clear(&lines);
	/* It dies with our bytes unread, so its end is broken, and with more lines unread by us
	 * than one reading takes. */
	for (int i = 0; i < LINES; i++)
		buf_str(&text, STR("pause\n"));
	buf_str(&text, STR("half"));
	assert_int_equal(send(fd, text.p, text.n, MSG_DONTWAIT), (ssize_t)text.n);
	close(fd);
	turn();
	assert_int_equal(lines.n, LINES * strlen("pause|"));
	assert_int_equal(closed, 1);
}

static void a_peer_is_ended_when_it_has_what_it_was_sent(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	say(fd, "end\necho 1\n");
	assert_str(heard(fd), "bye\n(end)");
	assert_str(buf_view(&lines), "end|");
	assert_int_equal(closed, 1);
	close(fd);
}

/* ---- limits ---- */

static void a_line_that_is_too_long_is_refused_in_words(void **state)
{
	serve((struct local_server_limits){
		.clients = 1, .line_bytes = 10, .backlog_bytes = 1000, .linger_ms = 1});
	int fd = connected();
	say(fd, "1234567890\n12345678901 and more");
	assert_str(heard(fd), "{\"v\":1,\"type\":\"answer\",\"id\":0,\"code\":2,"
			      "\"text\":\"a line that is too long\"}\n(end)");
	assert_str(buf_view(&lines), "1234567890|");
	assert_int_equal(closed, 1);
	close(fd);
}

static void one_too_many_is_turned_away_in_words(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	limits.clients = 2;
	serve(limits);
	int one = connected(), two = connected(), three = connected();
	assert_str(heard(three), "{\"v\":1,\"type\":\"answer\",\"id\":0,\"code\":75,"
				 "\"text\":\"too many commands at once: try again\"}\n(end)");
	assert_int_equal(opened, 2);
	close(three);
	close(one);
	turn();
	three = connected();
	assert_int_equal(opened, 3);
	say(three, "echo in\n");
	assert_str(heard(three), "in\n");
	close(two);
	close(three);
}

static void who_does_not_take_what_it_is_sent_is_cut(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	limits.backlog_bytes = 100'000;
	serve(limits);
	int fd = connected();
	say(fd, "much 100000\n");
	assert_int_equal(closed, 0);
	for (int i = 0; i < 100 && !closed; i++)
		say(fd, "much 100000\n");
	assert_int_equal(closed, 1);
	close(fd);
}

static void who_sends_much_learns_when_it_was_taken(void **state)
{
	static char bytes[1'000'000];
	size_t got = 0;

	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	say(fd, "much 2000000\n");
	assert_true(local_peer_backlog(last) > 0);
	assert_int_equal(drained, 0);
	while (got < 2'000'000) {
		ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
		assert_true(n > 0);
		got += (size_t)n;
		turn();
	}
	assert_int_equal(drained, 1);
	assert_int_equal(local_peer_backlog(last), 0);
	close(fd);
}

static void without_descriptors_the_client_is_turned_away(void **state)
{
	struct rlimit before, none;

	serve(LOCAL_SERVER_LIMITS);
	int fd = try_connect();
	check(getrlimit(RLIMIT_NOFILE, &before) == 0);
	/* All numbers below that of the last one are taken, and nobody gets a higher one. */
	none = before;
	none.rlim_cur = (rlim_t)fd;
	check(setrlimit(RLIMIT_NOFILE, &none) == 0);
	turn();
	check(setrlimit(RLIMIT_NOFILE, &before) == 0);
	assert_int_equal(opened, 0);
	assert_str(heard(fd), "{\"v\":1,\"type\":\"answer\",\"id\":0,\"code\":75,"
			      "\"text\":\"too many commands at once: try again\"}\n(end)");
	close(fd);
	fd = connected();
	assert_int_equal(opened, 1);
	close(fd);
}

/* ---- the socket ---- */

static void the_socket_is_its_owner_s_whatever_the_umask(void **state)
{
	mode_t mask = umask(0);
	serve(LOCAL_SERVER_LIMITS);
	umask(mask);
	assert_int_equal(mode_of(path), 0600);
}

static void the_socket_may_be_a_group_s(void **state)
{
	struct stat st;
	uint32_t group = getegid();
	mode_t mask = umask(077);

	make_server(LOCAL_SERVER_LIMITS);
	if (geteuid() == 0)
		group = 4242;
	assert_works(local_server_listen(server, path, &group, &err), &err);
	umask(mask);
	assert_int_equal(mode_of(path), 0660);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_gid, group);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	char much[300] = {0};

	memset(much, 'a', 200);
	make_server(LOCAL_SERVER_LIMITS);
	assert_fails(local_server_listen(server, much, NULL, &err), &err, E_LIMIT,
		     "the path of the socket has 200 bytes and the system allows 107: choose a "
		     "state directory with a shorter path (--state-dir)");
}

static void the_socket_of_a_dead_runner_is_taken_over(void **state)
{
	struct sockaddr_un at;
	assert_works(local_address(path, &at, &err), &err);
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(dead, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(dead, 1), 0);
	close(dead);
	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	say(fd, "echo 1\n");
	assert_str(heard(fd), "1\n");
	close(fd);
}

static void a_runner_that_lives_keeps_its_socket(void **state)
{
	struct local_server *second;

	serve(LOCAL_SERVER_LIMITS);
	second = local_server_new(&loop, (struct local_server_handler){.on_line = on_line},
				  LOCAL_SERVER_LIMITS);
	assert_fails(local_server_listen(second, path, NULL, &err), &err, E_CONFLICT,
		     "a runner listens there already");
	local_server_free(second);
	turn();
	int fd = connected();
	say(fd, "echo 1\n");
	assert_str(heard(fd), "1\n");
	close(fd);
}

static void what_is_no_socket_is_left_alone(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	check(write(fd, "precious", 8) == 8);
	close(fd);
	make_server(LOCAL_SERVER_LIMITS);
	assert_fails(local_server_listen(server, path, NULL, &err), &err, E_CONFLICT,
		     "something that is no socket is there: move it away");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_fails(local_server_listen(server, "none/socket", NULL, &err), &err, E_IO,
		     "make the socket: No such file or directory");
}

/* ---- the end ---- */

static void a_server_that_closes_says_so_when_all_have_left(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	local_peer_send(last, STR("the last word"));
	local_server_close(server);
	assert_int_equal(over, 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(try_connect(), -1);
	assert_int_equal(errno, ENOENT);
	loop_run(&loop); /* ends, since nothing is left */
	assert_int_equal(over, 1);
	assert_int_equal(closed, 1);
	assert_str(heard(fd), "the last word\n(end)");
	close(fd);
}

static void nobody_holds_up_the_end_by_not_reading(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	limits.linger_ms = 1;
	serve(limits);
	int fd = connected();
	say(fd, "much 2000000\n");
	local_server_close(server);
	loop_run(&loop);
	assert_int_equal(over, 1);
	assert_int_equal(closed, 1);
	close(fd);
}

static void each_who_is_to_leave_has_its_own_time(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	limits.linger_ms = 20;
	serve(limits);
	int one = connected();
	say(one, "much 2000000\n");
	struct local_peer *first = last;
	int two = connected();
	say(two, "much 2000000\n");
	local_peer_end(first);
	loop_set_deadline(&loop, instant_add(loop_now(&loop).mono, 5));
	loop_run(&loop);
	local_server_close(server);
	loop_run(&loop);
	assert_int_equal(closed, 2);
	assert_int_equal(over, 1);
	close(one);
	close(two);
}

static void who_leaves_by_itself_is_not_waited_for(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	limits.linger_ms = INT64_C(3'600'000);
	serve(limits);
	int fd = connected();
	say(fd, "much 2000000\n");
	local_server_close(server);
	turn();
	assert_int_equal(over, 0);
	close(fd);
	loop_run(&loop);
	assert_int_equal(over, 1);
}

static void without_clients_the_end_comes_from_the_loop_too(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	local_server_close(server);
	assert_int_equal(over, 0);
	loop_run(&loop);
	assert_int_equal(over, 1);
}

static void the_socket_of_a_successor_stays(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	assert_int_equal(unlink(path), 0);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	local_server_close(server);
	loop_run(&loop);
	assert_int_equal(access(path, F_OK), 0);
}

static void a_freed_server_calls_nobody(void **state)
{
	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	local_peer_send(last, STR("lost"));
	local_server_free(server);
	turn();
	assert_int_equal(closed, 0);
	assert_int_equal(over, 0);
	assert_int_equal(access(path, F_OK), -1);
	close(fd);
	make_server(LOCAL_SERVER_LIMITS); /* for end() */
}

/* ---- who it is ---- */

static void the_kernel_says_who_it_is(void **state)
{
	auto_arena struct arena arena = {0};
	struct person person;

	serve(LOCAL_SERVER_LIMITS);
	int fd = connected();
	local_peer_person(last, &arena, &person);
	assert_int_equal(person.uid, geteuid());
	assert_true(person.is_owner);
	assert_int_equal(local_peer_process(last), getpid());
	struct passwd *user = getpwuid(geteuid());
	if (user)
		assert_str(person.name, user->pw_name);
	close(fd);
}

/* Connects as another account, in a process that then waits to be ended. */
static pid_t connect_as(uid_t uid)
{
	int done[2];
	char byte = 0;

	check(pipe(done) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		bool is_other = setgid(uid) == 0 && setuid(uid) == 0;
		byte = is_other && try_connect() >= 0 ? 'y' : 'n';
		check(write(done[1], &byte, 1) == 1);
		pause();
		_exit(0);
	}
	check(read(done[0], &byte, 1) == 1);
	close(done[0]);
	close(done[1]);
	turn();
	if (byte == 'y')
		return pid;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

static void another_account_is_another_person(void **state)
{
	auto_arena struct arena arena = {0};
	struct person person;
	const struct passwd *nobody = getpwnam("nobody");

	serve(LOCAL_SERVER_LIMITS);
	if (geteuid() != 0 || !nobody) {
		print_message("skipped: needs root, and an account nobody\n");
		skip();
	}
	uid_t uid = nobody->pw_uid;
	check(chmod(folder, 0755) == 0);
	assert_int_equal(connect_as(uid), -1); /* the socket is 0600 */
	assert_int_equal(opened, 0);
	check(chmod(path, 0666) == 0);
	pid_t pid = connect_as(uid);
	assert_true(pid > 0);
	assert_int_equal(opened, 1);
	local_peer_person(last, &arena, &person);
	assert_int_equal(person.uid, uid);
	assert_str(person.name, "nobody");
	assert_false(person.is_owner);
	assert_int_equal(local_peer_process(last), pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	turn();
	assert_int_equal(closed, 1);
}

static void a_group_may_connect_and_others_may_not(void **state)
{
	uint32_t group = 4242;

	make_server(LOCAL_SERVER_LIMITS);
	assert_works(local_server_listen(server, path, geteuid() == 0 ? &group : NULL, &err), &err);
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
	check(chmod(folder, 0755) == 0);
	pid_t pid = connect_as(4242);
	assert_true(pid > 0);
	assert_int_equal(connect_as(4243), -1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void others_can_not_keep_the_owner_out(void **state)
{
	struct local_server_limits limits = LOCAL_SERVER_LIMITS;
	pid_t others[4];

	limits.clients = 4;
	serve(limits);
	if (geteuid() != 0) {
		print_message("skipped: needs root\n");
		skip();
	}
	check(chmod(folder, 0755) == 0);
	check(chmod(path, 0666) == 0);
	for (size_t i = 0; i < COUNTOF(others); i++) {
		others[i] = connect_as(4242);
		assert_true(others[i] > 0);
	}
	assert_int_equal(opened, 3);
	int fd = connected();
	assert_int_equal(opened, 4);
	for (size_t i = 0; i < COUNTOF(others); i++) {
		kill(others[i], SIGKILL);
		waitpid(others[i], NULL, 0);
	}
	close(fd);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(a_line_comes_and_is_answered),
		LOOP_TEST(several_are_told_apart),
		LOOP_TEST(what_was_asked_before_somebody_died_counts),
		LOOP_TEST(a_peer_is_ended_when_it_has_what_it_was_sent),
		LOOP_TEST(a_line_that_is_too_long_is_refused_in_words),
		LOOP_TEST(one_too_many_is_turned_away_in_words),
		LOOP_TEST(who_does_not_take_what_it_is_sent_is_cut),
		LOOP_TEST(who_sends_much_learns_when_it_was_taken),
		LOOP_TEST(without_descriptors_the_client_is_turned_away),
		LOOP_TEST(the_socket_is_its_owner_s_whatever_the_umask),
		LOOP_TEST(the_socket_may_be_a_group_s),
		LOOP_TEST(a_path_that_is_too_long_is_refused),
		LOOP_TEST(the_socket_of_a_dead_runner_is_taken_over),
		LOOP_TEST(a_runner_that_lives_keeps_its_socket),
		LOOP_TEST(what_is_no_socket_is_left_alone),
		LOOP_TEST(a_server_that_closes_says_so_when_all_have_left),
		LOOP_TEST(nobody_holds_up_the_end_by_not_reading),
		LOOP_TEST(each_who_is_to_leave_has_its_own_time),
		LOOP_TEST(who_leaves_by_itself_is_not_waited_for),
		LOOP_TEST(without_clients_the_end_comes_from_the_loop_too),
		LOOP_TEST(the_socket_of_a_successor_stays),
		LOOP_TEST(a_freed_server_calls_nobody),
		LOOP_TEST(the_kernel_says_who_it_is),
		LOOP_TEST(another_account_is_another_person),
		LOOP_TEST(a_group_may_connect_and_others_may_not),
		LOOP_TEST(others_can_not_keep_the_owner_out),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
