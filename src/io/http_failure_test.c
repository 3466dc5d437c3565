#include "io/http_failure.h"

#include "testing.h"

static void what_was_sent_tells_cut_from_unreachable(void **state)
{
	assert_int_equal(http_failure_of(CURLE_COULDNT_CONNECT, false, true, STR("")),
			 HTTP_UNREACHABLE);
	assert_int_equal(http_failure_of(CURLE_OPERATION_TIMEDOUT, false, false, STR("")),
			 HTTP_UNREACHABLE);
	assert_int_equal(http_failure_of(CURLE_OPERATION_TIMEDOUT, true, false, STR("")),
			 HTTP_TIMEOUT);
	assert_int_equal(http_failure_of(CURLE_RECV_ERROR, true, false, STR("")), HTTP_CUT);
	assert_int_equal(http_failure_of(CURLE_PARTIAL_FILE, true, false, STR("")), HTTP_CUT);
	/* A proxy that refuses CONNECT. */
	assert_int_equal(http_failure_of(CURLE_RECV_ERROR, false, false, STR("")),
			 HTTP_UNREACHABLE);
}

static void a_certificate_that_somebody_refuses_is_named(void **state)
{
	assert_int_equal(http_failure_of(CURLE_PEER_FAILED_VERIFICATION, false, false, STR("")),
			 HTTP_BAD_CERTIFICATE);
	/* The server refuses ours, in TLS 1.3 only after the handshake. */
	assert_int_equal(
		http_failure_of(
			CURLE_RECV_ERROR, true, false,
			STR("error:0A00045C:SSL routines::tlsv13 alert certificate required")),
		HTTP_BAD_CERTIFICATE);
}

static void the_other_scheme_is_recognised(void **state)
{
	assert_int_equal(http_failure_of(CURLE_SSL_CONNECT_ERROR, false, false,
					 STR("error:0A00010B:SSL routines::wrong version number")),
			 HTTP_WRONG_SCHEME);
	assert_int_equal(http_failure_of(CURLE_UNSUPPORTED_PROTOCOL, true, true,
					 STR("Received HTTP/0.9 when not allowed")),
			 HTTP_WRONG_SCHEME);
	assert_int_equal(http_failure_of(CURLE_UNSUPPORTED_PROTOCOL, true, false,
					 STR("Received HTTP/0.9 when not allowed")),
			 HTTP_CUT);
	assert_int_equal(http_failure_of(CURLE_SSL_CONNECT_ERROR, false, false,
					 STR("Connection reset by peer")),
			 HTTP_UNREACHABLE);
}

static void no_name_no_host(void **state)
{
	assert_int_equal(http_failure_of(CURLE_COULDNT_RESOLVE_HOST, false, false, STR("")),
			 HTTP_NO_HOST);
	assert_int_equal(http_failure_of(CURLE_COULDNT_RESOLVE_PROXY, false, false, STR("")),
			 HTTP_NO_HOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sent_tells_cut_from_unreachable),
		cmocka_unit_test(a_certificate_that_somebody_refuses_is_named),
		cmocka_unit_test(the_other_scheme_is_recognised),
		cmocka_unit_test(no_name_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
