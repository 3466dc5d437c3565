#include "model/request.h"

#include "base/check.h"
#include "model/exit_code.h"

const char *request_type_name(enum request_type type)
{
	static const char *const names[] = {
		[REQUEST_VERSION] = "version",
		[REQUEST_SETTINGS] = "settings",
		[REQUEST_LIST] = "list",
		[REQUEST_WATCH] = "watch",
		[REQUEST_GET] = "get",
		[REQUEST_REFRESH] = "refresh",
		[REQUEST_SYNC] = "sync",
		[REQUEST_OWNER] = "owner",
		[REQUEST_OWNERS] = "owners",
		[REQUEST_GENERATE] = "generate",
		[REQUEST_PROJECT] = "project",
		[REQUEST_HISTORY] = "history",
		[REQUEST_TERMINATE] = "terminate",
	};
	static_assert(COUNTOF(names) == REQUEST_TYPES);
	return names[type];
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_UNREACHABLE] = "server unreachable",
		[OUTCOME_NO_HOST] = "host name not found",
		[OUTCOME_CUT] = "connection cut",
		[OUTCOME_TIMEOUT] = "no answer in time",
		[OUTCOME_BAD_ANSWER] = "not an answer of Argo CD's",
		[OUTCOME_SERVER_ERROR] = "server error",
		[OUTCOME_BAD_CERTIFICATE] = "certificate not trusted",
		[OUTCOME_WRONG_SCHEME] = "wrong scheme",
		[OUTCOME_REDIRECT] = "redirected",
		[OUTCOME_UNAUTHENTICATED] = "not logged in",
		[OUTCOME_DENIED] = "permission denied",
		[OUTCOME_WINDOW] = "sync window closed",
		[OUTCOME_NOT_FOUND] = "not found",
		[OUTCOME_BUSY] = "another operation is in progress",
		[OUTCOME_NO_REPO] = "repo-server not reached",
		[OUTCOME_MOVED] = "auto-sync follows another revision",
		[OUTCOME_DELETING] = "being deleted",
		[OUTCOME_INVALID] = "refused",
	};
	static_assert(COUNTOF(names) == OUTCOMES);
	return names[outcome];
}

struct str outcome_words(enum outcome outcome, struct str message, struct arena *arena)
{
	struct str name = str_of(outcome_name(outcome));

	if (str_empty(message))
		return name;
	if (str_starts(message, name))
		return arena_copy(arena, message);
	return arena_printf(arena, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(message));
}

bool outcome_is_passing(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_HOST:
	case OUTCOME_CUT:
	case OUTCOME_TIMEOUT:
	case OUTCOME_BAD_ANSWER:
	case OUTCOME_SERVER_ERROR:
	case OUTCOME_NO_REPO:
		return true;
	case OUTCOME_OK:
	case OUTCOME_BAD_CERTIFICATE:
	case OUTCOME_WRONG_SCHEME:
	case OUTCOME_REDIRECT:
	case OUTCOME_UNAUTHENTICATED:
	case OUTCOME_DENIED:
	case OUTCOME_WINDOW:
	case OUTCOME_NOT_FOUND:
	case OUTCOME_BUSY:
	case OUTCOME_MOVED:
	case OUTCOME_DELETING:
	case OUTCOME_INVALID:
		return false;
	}
	return false;
}

int outcome_exit_code(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_BAD_CERTIFICATE:
	case OUTCOME_WRONG_SCHEME:
	case OUTCOME_REDIRECT:
	case OUTCOME_INVALID:
	case OUTCOME_NOT_FOUND:
		return EXIT_USAGE;
	case OUTCOME_UNAUTHENTICATED:
	case OUTCOME_DENIED:
		return EXIT_DENIED;
	case OUTCOME_OK:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_NO_HOST:
	case OUTCOME_CUT:
	case OUTCOME_TIMEOUT:
	case OUTCOME_BAD_ANSWER:
	case OUTCOME_SERVER_ERROR:
	case OUTCOME_WINDOW:
	case OUTCOME_BUSY:
	case OUTCOME_NO_REPO:
	case OUTCOME_MOVED:
	case OUTCOME_DELETING:
		return EXIT_TRY_AGAIN;
	}
	return EXIT_TRY_AGAIN;
}
