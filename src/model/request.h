#pragma once
/*
 * request, reply: what a machine asks of Argo CD's API server and how that came out.
 *
 * The machine emits a `struct request`; wire/ turns it into HTTP, io/ carries it, wire/ turns the
 * answer into exactly one `struct reply` with the same id. A watch is the exception: it answers
 * with any number of EV_WATCHED events first, and its one reply says that it has ended.
 * Everything is borrowed for the call.
 */
#include "base/arena.h"
#include "model/application.h"
#include "model/history.h"

enum request_type {
	/* is this an Argo CD at all? Sent without credentials, before any other */
	REQUEST_VERSION,
	REQUEST_SETTINGS,  /* which namespace is Argo CD's own, where is its UI */
	REQUEST_LIST,	   /* the projected List: names and a coarse screen */
	REQUEST_WATCH,	   /* one for each run: a hint, never a proof */
	REQUEST_GET,	   /* a live reading */
	REQUEST_REFRESH,   /* GET ?refresh=normal: answered when the controller has compared */
	REQUEST_SYNC,	   /* it changes something, */
	REQUEST_TERMINATE, /* and so does this: the operation that runs is to end */
	REQUEST_OWNER,	   /* an ApplicationSet by name: its strategy, its targetRevision */
	REQUEST_OWNERS,	   /* the project's ApplicationSets, as far as they may be read */
	REQUEST_GENERATE,  /* which Applications an ApplicationSet makes; it changes nothing */
	REQUEST_PROJECT,   /* does the project exist? */
	REQUEST_HISTORY,   /* the whole List, of which each Application's history is kept */
};
enum { REQUEST_TYPES = REQUEST_HISTORY + 1 };

/* "get", "sync", … */
const char *request_type_name(enum request_type type);

/* `id` of requests that belong to no application. */
#define APP_NONE UINT32_MAX

struct request {
	uint32_t id;
	enum request_type type;
	uint32_t server;      /* of the plan's: where it goes */
	uint32_t app;	      /* the member it is about, or APP_NONE; comes back in the reply */
	struct str name;      /* the Application's, the ApplicationSet's or the project's name */
	struct str namespace; /* the Application's namespace */
	struct str project;   /* always sent: only so is an absent Application a 404 */
	struct str selector;  /* LIST, WATCH, HISTORY: empty for the whole project */
	bool has_labels;      /* LIST, WATCH: with the labels */
	struct str revision;  /* SYNC: a full SHA */
	struct str chain;     /* SYNC: the journal's head, which goes along; empty: there is none */
	struct str token;     /* SYNC: goes into `infos` under the name "tiphys" */
	struct str retry_json; /* SYNC: the Application's own retry strategy, or empty for none */
	bool prune;	       /* SYNC */
	bool is_hard;	       /* REFRESH: rendered anew; see observer.h */
	bool wants_objects;    /* GET: with the names of all objects that differ */
	struct str owner_json; /* GENERATE: as an owner_row has it */
	int64_t timeout_ms;    /* 0: no end (the watch) */
};

/* What an ApplicationSet says. */
struct owner_row {
	struct str name;
	bool is_rolling;	    /* strategy.type is RollingSync */
	struct str target_revision; /* as its template says it, "{{...}}" included */
	struct str labels;	    /* of what it makes: selector_may_select() */
	struct str json;	    /* itself, for GENERATE */
};

/* How a request came out; the machine decides by this alone, the message is for people. */
enum outcome {
	OUTCOME_OK,
	/* Not sent, or sent and the outcome unknown: */
	OUTCOME_UNREACHABLE, /* no connection: nothing was sent */
	OUTCOME_NO_HOST,     /* the host name is not known */
	/* the connection broke before the answer was whole: outcome unknown */
	OUTCOME_CUT,
	OUTCOME_TIMEOUT,      /* no answer in time: outcome unknown */
	OUTCOME_BAD_ANSWER,   /* HTML, truncated, not JSON, too large: outcome unknown */
	OUTCOME_SERVER_ERROR, /* 5xx: outcome unknown */
	/* Configuration: */
	OUTCOME_BAD_CERTIFICATE,
	OUTCOME_WRONG_SCHEME, /* plain HTTP to a TLS port or the other way round */
	OUTCOME_REDIRECT,
	/* Argo CD's own no: */
	OUTCOME_UNAUTHENTICATED, /* 401 */
	OUTCOME_DENIED,		 /* 403 "permission denied" */
	OUTCOME_WINDOW,		 /* 403: blocked by a sync window */
	OUTCOME_NOT_FOUND,	 /* 404 */
	OUTCOME_BUSY,		 /* 400: another operation is in progress */
	OUTCOME_NO_REPO,	 /* 400: its repo-server can't be asked what the revision is */
	OUTCOME_MOVED,		 /* 400: auto-sync follows another revision */
	OUTCOME_DELETING,	 /* 400: the Application is being deleted */
	OUTCOME_INVALID,	 /* any other 4xx */
};
enum { OUTCOMES = OUTCOME_INVALID + 1 };

const char *outcome_name(enum outcome outcome);

/* For people: the name and what came with it, which may say the name itself. */
struct str outcome_words(enum outcome outcome, struct str message, struct arena *arena);

/* True for what may go away by itself: asked again after a pause. */
bool outcome_is_passing(enum outcome outcome);

/* How a command ends that goes no further with this outcome; model/exit_code.h. */
int outcome_exit_code(enum outcome outcome);

struct reply {
	uint32_t id;
	enum request_type type;
	uint32_t app;
	enum outcome outcome;
	/* the server's words or the transport's, for people; one line, no secrets */
	struct str message;

	/* What a reply with OUTCOME_OK carries, by type: */
	const struct application *application; /* GET, REFRESH, SYNC */
	const struct app_row *rows;	       /* LIST; GENERATE: name, namespace, labels */
	size_t row_count;
	const struct owner_row *owners; /* OWNERS; OWNER: one */
	size_t owner_count;
	const struct app_history *histories; /* HISTORY */
	size_t history_count;
	struct str version;   /* VERSION */
	struct str namespace; /* SETTINGS: controllerNamespace; empty if the server does not say */
	struct str url;	      /* SETTINGS: the UI's address; may be empty */
};
