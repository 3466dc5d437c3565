#include "wire/argocd_outcome.h"

#include "testing.h"
#include "wire/argocd.h"

#include <string.h>

static struct verdict judged(int status, const char *body, struct arena *arena)
{
	struct http_end end = {.status = status};

	return argocd_outcome(STR("/api/v1/applications/web?project=p"), &end, str_of(body), arena);
}

/* An error as Argo CD's gateway writes it. */
static enum outcome refused(int status, int code, const char *message)
{
	auto_arena struct arena arena = {0};
	struct str body = arena_printf(&arena, "{\"error\":\"%s\",\"code\":%d,\"message\":\"%s\"}",
				       message, code, message);
	struct verdict verdict = judged(status, body.p, &arena);

	assert_false(str_empty(verdict.message));
	return verdict.outcome;
}

static void assert_judged(int status, const char *body, enum outcome outcome, const char *message)
{
	auto_arena struct arena arena = {0};
	struct verdict verdict = judged(status, body, &arena);

	assert_string_equal(outcome_name(verdict.outcome), outcome_name(outcome));
	assert_str(verdict.message, message);
}

static void argocds_own_no_is_told_by_its_code_and_words(void **state)
{
	assert_int_equal(refused(401, 16, "no session information"), OUTCOME_UNAUTHENTICATED);
	assert_int_equal(refused(403, 7, "permission denied"), OUTCOME_DENIED);
	assert_int_equal(refused(403, 7, "cannot sync: blocked by sync window"), OUTCOME_WINDOW);
	assert_int_equal(refused(403, 7, "cannot sync: invalid sync window: x"), OUTCOME_WINDOW);
	assert_int_equal(refused(404, 5, "applications.argoproj.io 'x' not found"),
			 OUTCOME_NOT_FOUND);
	assert_int_equal(refused(400, 9, "another operation is already in progress"), OUTCOME_BUSY);
	assert_int_equal(refused(400, 9, "Cannot sync to a: auto-sync currently set to b"),
			 OUTCOME_MOVED);
	assert_int_equal(refused(400, 9, "application is deleting"), OUTCOME_DELETING);
	assert_int_equal(refused(400, 3, "app is not allowed in project p"), OUTCOME_INVALID);
	assert_int_equal(refused(409, 6, "already exists"), OUTCOME_INVALID);
}

static void what_may_pass_is_a_server_error_or_a_timeout(void **state)
{
	assert_int_equal(refused(400, 9,
				 "error resolving repo revision: rpc error: code = Unavailable "
				 "desc = connection refused"),
			 OUTCOME_NO_REPO);
	assert_int_equal(refused(400, 9,
				 "error resolving repo revision: rpc error: code = Unknown desc = "
				 "unable to resolve 'x' to a commit SHA"),
			 OUTCOME_INVALID);
	assert_int_equal(refused(400, 9, "the signature keys say no"), OUTCOME_INVALID);
	assert_int_equal(refused(409, 10, "the object has been modified"), OUTCOME_SERVER_ERROR);
	assert_int_equal(refused(429, 8, "too many requests"), OUTCOME_SERVER_ERROR);
	assert_int_equal(refused(500, 13, "runtime error"), OUTCOME_SERVER_ERROR);
	assert_int_equal(refused(503, 14, "etcd leader changed"), OUTCOME_SERVER_ERROR);
	assert_int_equal(refused(504, 4, "context deadline exceeded"), OUTCOME_TIMEOUT);
	assert_int_equal(refused(500, 2, "application refresh deadline exceeded"), OUTCOME_TIMEOUT);
	assert_int_equal(refused(408, 1, "context canceled"), OUTCOME_TIMEOUT);
	assert_int_equal(refused(408, 1, "stream terminated by RST_STREAM with error code: CANCEL"),
			 OUTCOME_TIMEOUT);
}

static void a_selector_that_cannot_be_parsed_stays_so_though_it_is_a_500(void **state)
{
	assert_int_equal(refused(500, 2, "error parsing the selector: found ','"), OUTCOME_INVALID);
	assert_int_equal(refused(500, 2, "error parsing labels with selectors: x"),
			 OUTCOME_INVALID);
}

static void an_error_of_a_watch_comes_as_an_event(void **state)
{
	assert_judged(
		401,
		"data: {\"error\":{\"grpc_code\":16,\"http_code\":401,"
		"\"message\":\"no session information\",\"http_status\":\"Unauthorized\"}} \n\n",
		OUTCOME_UNAUTHENTICATED, "no session information");
}

static void somebody_in_between_is_not_argocd(void **state)
{
	assert_judged(404, "404 page not found\n", OUTCOME_BAD_ANSWER,
		      "HTTP 404 with \"404 page not found\"");
	assert_judged(403, "<!DOCTYPE html><html>blocked</html>", OUTCOME_BAD_ANSWER,
		      "HTTP 403 with an HTML page (an ingress or a login page?)");
	assert_judged(404, "{\"message\":\"no Route matched\"}", OUTCOME_BAD_ANSWER,
		      "HTTP 404 with \"{\"message\":\"no Route matched\"}\"");
	assert_judged(502, "<html>\n<head>", OUTCOME_SERVER_ERROR,
		      "HTTP 502 with an HTML page (an ingress or a login page?), not an answer of "
		      "Argo CD's");
	assert_judged(504, "", OUTCOME_TIMEOUT,
		      "HTTP 504 with nothing, not an answer of Argo CD's");
	assert_judged(429, "slow down", OUTCOME_SERVER_ERROR,
		      "HTTP 429 with \"slow down\", not an answer of Argo CD's");
	assert_judged(401, "Authorization Required", OUTCOME_UNAUTHENTICATED,
		      "HTTP 401 with \"Authorization Required\", not an answer of Argo CD's");
	assert_judged(415, "Invalid content type\n", OUTCOME_INVALID,
		      "HTTP 415 with \"Invalid content type\", not an answer of Argo CD's");
	assert_judged(204, "", OUTCOME_BAD_ANSWER, "HTTP 204 with nothing");
	assert_judged(0, "", OUTCOME_BAD_ANSWER, "HTTP 0 with nothing");
}

static void kubernetes_is_not_argocd(void **state)
{
	assert_judged(403, "{\"kind\":\"Status\",\"message\":\"forbidden: no\",\"code\":403}",
		      OUTCOME_BAD_ANSWER,
		      "HTTP 403 with \"{\"kind\":\"Status\",\"message\":\"forbidden: no\","
		      "\"code\":403}\"");
}

static void what_is_compressed_and_does_not_say_so_is_not_shown(void **state)
{
	assert_judged(404, "\x1f\x8b\x08\x01 210Q(HLOU", OUTCOME_BAD_ANSWER,
		      "HTTP 404 with compressed bytes");
}

static void plain_http_to_a_port_with_tls_is_the_wrong_scheme(void **state)
{
	const char *words = "the server wants TLS: connect without --plaintext";

	assert_judged(400, "Client sent an HTTP request to an HTTPS server.\n",
		      OUTCOME_WRONG_SCHEME, words);
	assert_judged(400,
		      "<html><head><title>400 The plain HTTP request was sent to HTTPS port"
		      "</title></head></html>",
		      OUTCOME_WRONG_SCHEME, words);
	assert_judged(400,
		      "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
		      OUTCOME_WRONG_SCHEME, words);
}

static struct verdict redirected(const char *location, struct arena *arena)
{
	struct http_end end = {.status = 307, .location = str_of(location)};

	return argocd_outcome(STR("/api/v1/applications/web?project=p"), &end, STR(""), arena);
}

static void an_event_that_says_nothing_is_still_an_error(void **state)
{
	auto_arena struct arena arena = {0};
	auto_json struct json *frame = NULL;
	struct err err;

	assert_works(json_parse(STR("{\"error\":{}}"), &JSON_LIMIT, &frame, &err), &err);
	struct verdict verdict = argocd_stream_outcome(frame, &arena);
	assert_int_equal(verdict.outcome, OUTCOME_SERVER_ERROR);
	assert_str(verdict.message, "the stream ended with an error");
}

static void a_redirect_is_named_and_its_query_is_not(void **state)
{
	auto_arena struct arena arena = {0};
	struct verdict verdict = redirected("https://login.example.com/auth?state=secret", &arena);

	assert_int_equal(verdict.outcome, OUTCOME_REDIRECT);
	assert_str(verdict.message,
		   "redirected to https://login.example.com, which is not followed "
		   "(a login page, or another address)");
	verdict = redirected("/login?return_url=x", &arena);
	assert_int_equal(verdict.outcome, OUTCOME_REDIRECT);
	assert_str(verdict.message, "redirected to /login, which is not followed (a login page, or "
				    "another address)");
	verdict = redirected("/login#token=secret", &arena);
	assert_false(str_find(verdict.message, STR("secret"), NULL));
	verdict = redirected("", &arena);
	assert_str(verdict.message, "HTTP 307, a redirect to nowhere");
}

static void a_redirect_to_the_same_with_tls_is_the_wrong_scheme(void **state)
{
	auto_arena struct arena arena = {0};
	struct verdict verdict = redirected(
		"https://argocd.example.com/root/api/v1/applications/web?project=p", &arena);

	assert_int_equal(verdict.outcome, OUTCOME_WRONG_SCHEME);
	assert_str(verdict.message,
		   "the server wants TLS and redirects to https://argocd.example.com: connect "
		   "without --plaintext, to that address");
	assert_int_equal(
		redirected("http://argocd.example.com/api/v1/applications/web", &arena).outcome,
		OUTCOME_REDIRECT);
}

static void the_transports_end_goes_before_what_had_come(void **state)
{
	static const struct {
		enum http_failure failure;
		enum outcome outcome;
	} cases[] = {
		{HTTP_UNREACHABLE, OUTCOME_UNREACHABLE},
		{HTTP_NO_HOST, OUTCOME_NO_HOST},
		{HTTP_CUT, OUTCOME_CUT},
		{HTTP_TIMEOUT, OUTCOME_TIMEOUT},
		{HTTP_TOO_LARGE, OUTCOME_BAD_ANSWER},
		{HTTP_BAD_CERTIFICATE, OUTCOME_BAD_CERTIFICATE},
		{HTTP_WRONG_SCHEME, OUTCOME_WRONG_SCHEME},
	};
	auto_arena struct arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_end end = {.failure = cases[i].failure, .status = 200};
		struct verdict verdict = argocd_outcome(STR("/"), &end, STR("{}"), &arena);
		assert_int_equal(verdict.outcome, cases[i].outcome);
		assert_false(str_empty(verdict.message));
		end.message = STR("in its\nown words");
		assert_str(argocd_outcome(STR("/"), &end, STR("{}"), &arena).message,
			   "in its own words");
	}
}

static void there_is_always_a_message(void **state)
{
	assert_judged(403, "{\"code\":7,\"error\":\"the old way\"}", OUTCOME_DENIED, "the old way");
	assert_judged(503, "{\"error\":{\"grpc_code\":14,\"message\":\"\"}}", OUTCOME_SERVER_ERROR,
		      "server error");
	assert_judged(403, "{\"code\":7,\"message\":\"\\n\"}", OUTCOME_DENIED, "permission denied");
}

static void a_message_is_short_and_holds_no_token(void **state)
{
	auto_arena struct arena arena = {0};
	struct str body = arena_printf(&arena,
				       "{\"code\":16,\"message\":\"invalid session: token "
				       "eyJhbGciOiJIUzI1NiJ9.e30.c2ln is expired %0400d\"}",
				       0);
	struct verdict verdict = judged(401, body.p, &arena);

	assert_true(
		str_starts(verdict.message, STR("invalid session: token [hidden] is expired 0")));
	assert_true(verdict.message.n <= ARGOCD_MESSAGE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argocds_own_no_is_told_by_its_code_and_words),
		cmocka_unit_test(what_may_pass_is_a_server_error_or_a_timeout),
		cmocka_unit_test(a_selector_that_cannot_be_parsed_stays_so_though_it_is_a_500),
		cmocka_unit_test(an_error_of_a_watch_comes_as_an_event),
		cmocka_unit_test(somebody_in_between_is_not_argocd),
		cmocka_unit_test(kubernetes_is_not_argocd),
		cmocka_unit_test(what_is_compressed_and_does_not_say_so_is_not_shown),
		cmocka_unit_test(plain_http_to_a_port_with_tls_is_the_wrong_scheme),
		cmocka_unit_test(an_event_that_says_nothing_is_still_an_error),
		cmocka_unit_test(a_redirect_is_named_and_its_query_is_not),
		cmocka_unit_test(a_redirect_to_the_same_with_tls_is_the_wrong_scheme),
		cmocka_unit_test(the_transports_end_goes_before_what_had_come),
		cmocka_unit_test(there_is_always_a_message),
		cmocka_unit_test(a_message_is_short_and_holds_no_token),
	};

	json_init(7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
