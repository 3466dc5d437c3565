#include "wire/argocd_outcome.h"

#include "base/check.h"
#include "wire/argocd.h"
#include "wire/plain.h"

enum {
	ERROR_DEPTH_MAX = 50,
	SNIPPET_BYTES_MAX = 120,
};

/* Of gRPC. */
enum {
	CODE_CANCELLED = 1,
	CODE_DEADLINE_EXCEEDED = 4,
	CODE_NOT_FOUND = 5,
	CODE_PERMISSION_DENIED = 7,
	CODE_RESOURCE_EXHAUSTED = 8,
	CODE_FAILED_PRECONDITION = 9,
	CODE_ABORTED = 10,
	CODE_UNAUTHENTICATED = 16,
	CODES = 17,
};

static struct str clean(struct str text, struct arena *arena)
{
	return plain_text(text, ARGOCD_MESSAGE_BYTES, arena);
}

static struct verdict verdict(enum outcome outcome, struct str message, struct arena *arena)
{
	struct str words = clean(message, arena);

	return (struct verdict){outcome, str_empty(words) ? str_of(outcome_name(outcome)) : words};
}

static bool says(struct str text, const char *words)
{
	return str_find(text, str_of(words), NULL);
}

static bool says_nocase(struct str text, const char *words)
{
	struct str wanted = str_of(words);

	for (; text.n >= wanted.n; text = str_after(text, 1)) {
		if (str_eq_nocase(str_first(text, wanted.n), wanted))
			return true;
	}
	return false;
}

/* ---- the transport's end ---- */

static enum outcome outcome_of_failure(enum http_failure failure)
{
	switch (failure) {
	case HTTP_OK:
		return OUTCOME_OK;
	case HTTP_UNREACHABLE:
		return OUTCOME_UNREACHABLE;
	case HTTP_NO_HOST:
		return OUTCOME_NO_HOST;
	case HTTP_CUT:
		return OUTCOME_CUT;
	case HTTP_TIMEOUT:
		return OUTCOME_TIMEOUT;
	case HTTP_TOO_LARGE:
		return OUTCOME_BAD_ANSWER;
	case HTTP_BAD_CERTIFICATE:
		return OUTCOME_BAD_CERTIFICATE;
	case HTTP_WRONG_SCHEME:
		return OUTCOME_WRONG_SCHEME;
	}
	return OUTCOME_BAD_ANSWER;
}

static struct verdict judge_failure(const struct http_end *end, struct arena *arena)
{
	enum outcome outcome = outcome_of_failure(end->failure);
	struct str words = end->message;

	if (str_empty(words))
		words = end->failure == HTTP_TOO_LARGE ? STR("the answer is too large")
						       : str_of(outcome_name(outcome));
	return verdict(outcome, words, arena);
}

/* ---- redirects ---- */

/* Without its query and fragment, which may hold a token. */
static struct str without_query(struct str url)
{
	size_t at;

	if (str_find_char(url, '?', &at))
		url = str_first(url, at);
	if (str_find_char(url, '#', &at))
		url = str_first(url, at);
	return url;
}

/* "https://host[:port]" of a URL; of a mere path it is empty. */
static struct str server_of(struct str url)
{
	size_t scheme, path;

	if (!str_find(url, STR("://"), &scheme))
		return (struct str){0};
	struct str rest = str_after(url, scheme + 3);
	size_t n = str_find_char(rest, '/', &path) ? path : rest.n;
	return str_first(url, scheme + 3 + n);
}

static struct verdict judge_redirect(struct str target, const struct http_end *end,
				     struct arena *arena)
{
	struct str location = without_query(end->location);
	struct str server = server_of(location);
	bool is_https = str_starts(location, STR("https://"));

	if (str_empty(location))
		return verdict(OUTCOME_REDIRECT,
			       arena_printf(arena, "HTTP %d, a redirect to nowhere", end->status),
			       arena);
	/* To the same place with another scheme: so does Argo CD itself, and so do ingresses. */
	if (is_https && str_ends(location, without_query(target)))
		return verdict(OUTCOME_WRONG_SCHEME,
			       arena_printf(arena,
					    "the server wants TLS and redirects to " STR_FMT
					    ": connect without --plaintext, to that address",
					    STR_ARG(server)),
			       arena);
	return verdict(OUTCOME_REDIRECT,
		       arena_printf(arena,
				    "redirected to " STR_FMT
				    ", which is not followed (a login page, or another address)",
				    STR_ARG(str_empty(server) ? location : server)),
		       arena);
}

/* ---- Argo CD's own errors ---- */

struct argocd_error {
	int64_t code; /* of gRPC */
	struct str message;
};

/* Others have a "code" too, as Kubernetes' API server has: theirs are HTTP's. */
static bool is_grpc_code(const struct json *value)
{
	int64_t code = json_int_of(value);

	return json_kind(value) == JSON_KIND_NUMBER && code > 0 && code < CODES;
}

/* True if the JSON is an error as Argo CD writes them; texts are views into it. */
static bool read_error(const struct json *body, struct argocd_error *ret)
{
	const struct json *stream = json_get(body, "error");

	if (json_kind(stream) == JSON_KIND_MAP && is_grpc_code(json_get(stream, "grpc_code"))) {
		*ret = (struct argocd_error){json_int(stream, "grpc_code"),
					     json_text(stream, "message")};
		return true;
	}
	if (!is_grpc_code(json_get(body, "code")))
		return false;
	*ret = (struct argocd_error){json_int(body, "code"), json_text(body, "message")};
	if (str_empty(ret->message))
		ret->message = json_text(body, "error");
	return !str_empty(ret->message);
}

/* 400: the server looked at the request and said no; the reason is in the words. */
static enum outcome outcome_of_precondition(struct str message)
{
	/* The repository server could not be asked, or could not ask: not the revision's fault. */
	static const char *const passing[] = {"Unavailable",	   "DeadlineExceeded",
					      "deadline exceeded", "connection refused",
					      "connection reset",  "i/o timeout"};

	if (says(message, "another operation is already in progress"))
		return OUTCOME_BUSY;
	if (says(message, "auto-sync currently set to"))
		return OUTCOME_MOVED;
	if (says(message, "application is deleting"))
		return OUTCOME_DELETING;
	if (!says(message, "error resolving repo revision") && !says(message, "repo server client"))
		return OUTCOME_INVALID;
	for (size_t i = 0; i < COUNTOF(passing); i++) {
		if (says(message, passing[i]))
			return OUTCOME_NO_REPO;
	}
	return OUTCOME_INVALID;
}

static bool is_late(struct str message)
{
	return says(message, "application refresh deadline exceeded") ||
	       says(message, "context deadline exceeded");
}

/* 500: one of them stays so however often it is asked. */
static enum outcome outcome_of_server_error(struct str message)
{
	if (says(message, "error parsing the selector") ||
	    says(message, "error parsing labels with selectors"))
		return OUTCOME_INVALID;
	return is_late(message) ? OUTCOME_TIMEOUT : OUTCOME_SERVER_ERROR;
}

static enum outcome outcome_of_error(int status, const struct argocd_error *error)
{
	switch (error->code) {
	case CODE_UNAUTHENTICATED:
		return OUTCOME_UNAUTHENTICATED;
	case CODE_PERMISSION_DENIED:
		return says(error->message, "sync window") ? OUTCOME_WINDOW : OUTCOME_DENIED;
	case CODE_NOT_FOUND:
		return OUTCOME_NOT_FOUND;
	case CODE_FAILED_PRECONDITION:
		return outcome_of_precondition(error->message);
	case CODE_DEADLINE_EXCEEDED:
	case CODE_CANCELLED:
		return OUTCOME_TIMEOUT;
	case CODE_ABORTED:
	case CODE_RESOURCE_EXHAUSTED:
		return OUTCOME_SERVER_ERROR;
	default:
		break;
	}
	return status >= 500 ? outcome_of_server_error(error->message) : OUTCOME_INVALID;
}

/* ---- everything else ---- */

static bool is_html(struct str body)
{
	struct str start = str_trim(body);

	return !str_empty(start) && start.p[0] == '<' &&
	       (says_nocase(start, "<html") || says_nocase(start, "<!doctype"));
}

/* What a server says that got plain HTTP where it wanted TLS: Go's, nginx's, Apache's. */
static bool is_plain_to_tls(struct str body)
{
	return says(body, "Client sent an HTTP request to an HTTPS server") ||
	       says(body, "plain HTTP request was sent to HTTPS port") ||
	       says(body, "speaking plain HTTP to an SSL-enabled server port");
}

static struct str describe(struct str body, struct arena *arena)
{
	if (is_html(body))
		return STR("an HTML page (an ingress or a login page?)");
	/* Argo CD's own "404 page not found" comes like this, with no header that says so. */
	if (str_starts(body, STR("\x1f\x8b")))
		return STR("compressed bytes");
	struct str words = plain_text(body, SNIPPET_BYTES_MAX, arena);
	if (str_empty(words))
		return STR("nothing");
	return arena_printf(arena, "\"" STR_FMT "\"", STR_ARG(words));
}

/* A failed watch answers with one event: "data: {...}". */
static struct str without_framing(struct str body)
{
	struct str mark = STR("data:");

	body = str_trim(body);
	return str_starts(body, mark) ? str_trim(str_after(body, mark.n)) : body;
}

struct verdict argocd_bad_answer(struct str body, struct str why, struct arena *arena)
{
	struct str start = without_framing(body);

	if (!str_empty(start) && start.p[0] == '{')
		return verdict(OUTCOME_BAD_ANSWER, why, arena);
	return verdict(
		OUTCOME_BAD_ANSWER,
		arena_printf(arena, "HTTP 200 with " STR_FMT, STR_ARG(describe(body, arena))),
		arena);
}

/* Somebody in between, by the status alone. */
static enum outcome outcome_of_status(int status, struct str body)
{
	if (status == 400 && is_plain_to_tls(body))
		return OUTCOME_WRONG_SCHEME;
	if (status == 401)
		return OUTCOME_UNAUTHENTICATED;
	if (status == 415)
		return OUTCOME_INVALID;
	if (status == 408 || status == 504)
		return OUTCOME_TIMEOUT;
	if (status == 429 || status >= 500)
		return OUTCOME_SERVER_ERROR;
	return OUTCOME_BAD_ANSWER;
}

static struct verdict judge_stranger(int status, struct str body, struct arena *arena)
{
	enum outcome outcome = outcome_of_status(status, body);

	if (outcome == OUTCOME_WRONG_SCHEME)
		return verdict(outcome, STR("the server wants TLS: connect without --plaintext"),
			       arena);
	/* Of a bad answer the outcome's name says the rest. */
	return verdict(
		outcome,
		arena_printf(arena, "HTTP %d with " STR_FMT "%s", status,
			     STR_ARG(describe(body, arena)),
			     outcome == OUTCOME_BAD_ANSWER ? "" : ", not an answer of Argo CD's"),
		arena);
}

struct verdict argocd_error_outcome(int status, int64_t code, struct str message,
				    struct arena *arena)
{
	struct argocd_error error = {.code = code, .message = message};

	return verdict(outcome_of_error(status, &error), message, arena);
}

static struct verdict judge_error(int status, struct str body, struct arena *arena)
{
	struct json_limit limit = {.bytes = body.n, .depth = ERROR_DEPTH_MAX};
	auto_json struct json *root = NULL;
	struct argocd_error error;
	struct err ignored;

	if (json_parse(without_framing(body), &limit, &root, &ignored) < 0 ||
	    !read_error(root, &error))
		return judge_stranger(status, body, arena);
	return argocd_error_outcome(status, error.code, error.message, arena);
}

struct verdict argocd_outcome(struct str target, const struct http_end *end, struct str body,
			      struct arena *arena)
{
	if (end->failure != HTTP_OK)
		return judge_failure(end, arena);
	if (end->status == 200)
		return (struct verdict){.outcome = OUTCOME_OK};
	if (end->status >= 300 && end->status < 400)
		return judge_redirect(target, end, arena);
	return judge_error(end->status, body, arena);
}

struct verdict argocd_stream_outcome(const struct json *frame, struct arena *arena)
{
	struct argocd_error error;

	if (!read_error(frame, &error))
		return verdict(OUTCOME_SERVER_ERROR, STR("the stream ended with an error"), arena);
	int64_t status = json_int(frame, "error", "http_code");
	return argocd_error_outcome(status >= 400 && status < 500 ? 400 : 500, error.code,
				    error.message, arena);
}
