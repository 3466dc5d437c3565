#include "io/argocd_client.h"

#include "testing.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * An Argo CD of four answers, in a child process: its version to everybody, the settings only to
 * who has the token "new", a watch of two frames, and nothing at all to a List.
 */

static pid_t server_pid;
static char address[64];

static void say(int fd, const char *head, const char *body)
{
	char text[2048];
	int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nConnection: close\r\n\r\n%s", head,
			 body);
	check(write(fd, text, (size_t)n) == n);
}

static void answer(int fd)
{
	char request[8192];
	ssize_t n = read(fd, request, sizeof request - 1);
	if (n <= 0)
		return;
	request[n] = '\0';
	if (strstr(request, " /api/version"))
		say(fd, "200 OK\r\nContent-Type: application/json", "{\"Version\":\"v9\"}");
	else if (strstr(request, " /api/v1/stream/"))
		say(fd, "200 OK\r\nContent-Type: text/event-stream",
		    "data: {\"result\":{\"type\":\"ADDED\",\"application\":{\"metadata\":"
		    "{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\","
		    "\"resourceVersion\":\"7\"},\"spec\":{}}}}\n\n"
		    "data: {\"result\":{\"type\":\"DELETED\",\"application\":{\"metadata\":"
		    "{\"name\":\"a\"}}}}\n\n");
	else if (strstr(request, " /api/v1/applications"))
		check(read(fd, request, sizeof request) <= 0); /* until we hang up */
	else if (strstr(request, "Bearer new"))
		say(fd, "200 OK\r\nContent-Type: application/json", "{\"url\":\"https://ui\"}");
	else
		say(fd, "401 Unauthorized\r\nContent-Type: application/json",
		    "{\"error\":\"no session\",\"code\":16,\"message\":\"no session\"}");
}

static int start_server(void **state)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof in;
	check(bind(listener, (struct sockaddr *)&in, size) == 0);
	check(listen(listener, 16) == 0);
	check(getsockname(listener, (struct sockaddr *)&in, &size) == 0);
	snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(in.sin_port));
	server_pid = fork();
	while (server_pid == 0) {
		int fd = accept(listener, NULL, NULL);
		if (fork() == 0) {
			answer(fd);
			_exit(0);
		}
		close(fd);
	}
	close(listener);
	return 0;
}

static int stop_server(void **state)
{
	kill(server_pid, SIGKILL);
	return waitpid(server_pid, NULL, 0) == server_pid ? 0 : -1;
}

struct seen {
	struct loop loop;
	struct argocd_client *client;
	enum outcome outcomes[4];
	int replies, watched, lost, token_searches;
	bool asks_again; /* after a 401, from inside the event */
};

static void ask(struct seen *seen, uint32_t id, enum request_type type)
{
	argocd_client_request(seen->client,
			      &(struct request){.id = id,
						.type = type,
						.app = APP_NONE,
						.project = STR("p"),
						.timeout_ms = type == REQUEST_WATCH ? 0 : 5'000});
}

static void on_event(void *self, const struct event *ev)
{
	struct seen *seen = self;
	assert_true(ev->now.mono.ms > 0);
	if (ev->type == EV_WATCHED) {
		seen->watched++;
		assert_str(ev->watched->name, "a");
		return;
	}
	if (ev->type == EV_WATCH_LOST) {
		seen->lost++;
		return;
	}
	assert_int_equal(ev->type, EV_REPLY);
	seen->outcomes[seen->replies++] = ev->reply->outcome;
	if (seen->asks_again && ev->reply->outcome == OUTCOME_UNAUTHENTICATED)
		ask(seen, 2, REQUEST_SETTINGS);
	else
		loop_stop(&seen->loop);
}

static bool find_token(void *self, struct buf *ret)
{
	struct seen *seen = self;
	seen->token_searches++;
	buf_str(ret, STR("new"));
	return true;
}

static void never(void *self)
{
	fail();
}

static void never_interrupted(void *self, int code)
{
	fail();
}

static void open_client(struct seen *seen)
{
	struct server server = {
		.address = str_of(address),
		.token = STR("old"),
		.user_agent = STR("tiphys/0"),
		.is_plaintext = true,
	};
	*seen = (struct seen){0};
	loop_init(&seen->loop,
		  (struct loop_handler){.on_deadline = never, .on_interrupt = never_interrupted});
	seen->client = argocd_client_new(&seen->loop, &server,
					 (struct argocd_handler){.self = seen,
								 .on_event = on_event,
								 .find_token = find_token});
}

static void close_client(struct seen *seen)
{
	argocd_client_free(seen->client);
	loop_release(&seen->loop);
}

static void an_answer_becomes_an_event(void **state)
{
	struct seen seen;
	open_client(&seen);
	ask(&seen, 1, REQUEST_VERSION);
	assert_int_equal(seen.replies, 0);
	loop_run(&seen.loop);
	assert_int_equal(seen.replies, 1);
	assert_int_equal(seen.outcomes[0], OUTCOME_OK);
	close_client(&seen);
}

static void after_a_401_the_next_request_has_the_new_token(void **state)
{
	struct seen seen;
	open_client(&seen);
	seen.asks_again = true;
	ask(&seen, 1, REQUEST_SETTINGS);
	loop_run(&seen.loop);
	assert_int_equal(seen.replies, 2);
	assert_int_equal(seen.outcomes[0], OUTCOME_UNAUTHENTICATED);
	assert_int_equal(seen.outcomes[1], OUTCOME_OK);
	assert_int_equal(seen.token_searches, 1);
	close_client(&seen);
}

static void a_watch_is_many_events_and_one_reply(void **state)
{
	struct seen seen;
	open_client(&seen);
	ask(&seen, 1, REQUEST_WATCH);
	loop_run(&seen.loop);
	assert_int_equal(seen.watched, 1);
	assert_int_equal(seen.lost, 1);
	assert_int_equal(seen.replies, 1);
	close_client(&seen);
}

static void what_is_under_way_ends_with_the_client(void **state)
{
	struct seen seen;
	open_client(&seen);
	ask(&seen, 1, REQUEST_LIST);
	ask(&seen, 2, REQUEST_LIST);
	ask(&seen, 3, REQUEST_VERSION);
	loop_run(&seen.loop);
	assert_int_equal(seen.replies, 1);
	close_client(&seen);
	assert_int_equal(seen.replies, 1);
}

static void who_leaves_a_shared_http_client_takes_along_only_its_own(void **state)
{
	struct server server = {
		.address = str_of(address),
		.token = STR("new"),
		.user_agent = STR("tiphys/0"),
		.is_plaintext = true,
	};
	struct seen seen = {0};
	struct argocd_handler handler = {
		.self = &seen,
		.on_event = on_event,
		.find_token = find_token,
	};
	loop_init(&seen.loop,
		  (struct loop_handler){.on_deadline = never, .on_interrupt = never_interrupted});
	struct http_client *http = http_client_new(&seen.loop, &server);
	struct argocd_client *leaver = argocd_client_share(&seen.loop, http, handler);
	seen.client = leaver;
	ask(&seen, 1, REQUEST_LIST);
	ask(&seen, 2, REQUEST_VERSION);
	seen.client = argocd_client_share(&seen.loop, http, handler);
	ask(&seen, 3, REQUEST_SETTINGS);
	argocd_client_free(leaver);
	loop_run(&seen.loop);
	assert_int_equal(seen.replies, 1);
	assert_int_equal(seen.outcomes[0], OUTCOME_OK);
	argocd_client_free(seen.client);
	http_client_free(http);
	loop_release(&seen.loop);
	assert_int_equal(seen.replies, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_becomes_an_event),
		cmocka_unit_test(after_a_401_the_next_request_has_the_new_token),
		cmocka_unit_test(a_watch_is_many_events_and_one_reply),
		cmocka_unit_test(what_is_under_way_ends_with_the_client),
		cmocka_unit_test(who_leaves_a_shared_http_client_takes_along_only_its_own),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
