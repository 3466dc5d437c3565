#include "io/http_failure.h"

#include "base/check.h"

static bool says_any(struct str message, const struct str *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_find(message, words[i], NULL))
			return true;
	return false;
}

/* The first bytes were no TLS record at all. */
static bool says_no_tls(struct str message)
{
	static const struct str words[] = {
		STR("wrong version number"), STR("packet length too long"), STR("http request"),
		STR("unknown protocol"),     STR("record layer failure"),
	};
	return says_any(message, words, COUNTOF(words));
}

/* The server wants a certificate of ours, or another one. */
static bool says_certificate(struct str message)
{
	static const struct str words[] = {
		STR("alert certificate"),	  STR("alert bad certificate"),
		STR("alert unknown ca"),	  STR("alert unsupported certificate"),
		STR("certificate verify failed"), STR("alert no certificate"),
	};
	return says_any(message, words, COUNTOF(words));
}

enum http_failure http_failure_of(CURLcode code, bool was_sent, bool is_plaintext,
				  struct str message)
{
	check(code != CURLE_OK);
	/* libcurl's enum grows with its versions, so this is no switch. */
	if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
		return HTTP_NO_HOST;
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
	    code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
	    code == CURLE_SSL_INVALIDCERTSTATUS || says_certificate(message))
		return HTTP_BAD_CERTIFICATE;
	if (code == CURLE_SSL_CONNECT_ERROR && says_no_tls(message))
		return HTTP_WRONG_SCHEME;
	/* "Received HTTP/0.9": the answer does not begin like HTTP at all. */
	if (is_plaintext &&
	    (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY))
		return HTTP_WRONG_SCHEME;
	if (!was_sent)
		return HTTP_UNREACHABLE;
	return code == CURLE_OPERATION_TIMEDOUT ? HTTP_TIMEOUT : HTTP_CUT;
}
