#pragma once
/*
 * server_inside: what the files of argocd-server share, and what the model does with it: a replica
 * is an informer, and the calls and watches that were sent to it.
 */
#include "argo/account.h"
#include "argo/inside.h"
#include "argo/repo.h"
#include "argo/server.h"

enum { REPLICAS_MAX = 8, WATCH_BUFFER = 1000 };

/* A request under way. Its texts are interned, its lists are its own. */
struct call {
	uint64_t id;
	struct api_request request;
	struct account account; /* of whoever asks; a copy */
	bool is_known, is_cancelled, is_waiting;
	uint64_t min_version; /* a refresh is over with a version after this one */
	struct revisions revisions;
	struct render *render;
	const struct app *accepted; /* with the operation that was asked for; not answered yet */
};

struct frame {
	enum change_type type;
	const struct app *app;
};

struct watch {
	uint64_t id;
	struct call *call; /* what was asked for */
	struct selector selector;
	bool has_selector;
	VEC(struct frame) burst;
	size_t burst_taken;
	bool is_subscribed, is_reading, is_over;
	VEC(struct frame) buffer; /* at most WATCH_BUFFER that were not taken */
	size_t taken;
	wall began_at;
	uint32_t to_lose;
};

struct ready {
	struct api_answer answer;
	struct call *call; /* freed with the answer; or NULL */
	/* what the answer points to, and gives back */
	const struct app *app;
	const struct app **apps;
	size_t app_count;
	const struct appset **appsets;
	const struct cluster **clusters;
	struct str *manifests;
};

struct replica {
	struct informer *informer;
	bool is_up;
};

struct server {
	struct argo *argo;
	struct replica replicas[REPLICAS_MAX];
	struct accounts accounts;
	uint64_t last_id;
	VEC(struct call *) calls;
	VEC(struct watch *) watches;
	VEC(struct ready) ready;
	size_t ready_taken;
	struct ready last; /* what was handed out and is borrowed still */
	size_t next_watch;
	uint64_t sessions;
};

struct server *server_new(struct argo *argo);
void server_free(struct server *server);
void server_advance(struct server *server);
bool server_due(const struct server *server, wall *ret_at);
void server_set_up(struct server *server, uint32_t replica, bool is_up);
void server_set_lag(struct server *server, uint32_t replica, int64_t ms);
void server_lose(struct server *server, uint32_t replica, uint32_t count);
void server_add_account(struct server *server, const struct account *account);

/* ---- between its files ---- */

/* The end of a call; the answer takes over what it points to. */
void call_answer(struct server *server, struct call *call, struct ready ready);
void call_refuse(struct server *server, struct call *call, int code, struct str message);
/* The call's own Application, if it may be had: else the call is refused already. */
const struct app *call_app(struct server *server, struct call *call, enum account_right right);
bool call_may(struct server *server, struct call *call, enum account_right right,
	      struct str project, struct str name);
/* "permission denied: applications, sync, …"; refuses and answers false. */
bool call_parse_selector(struct server *server, struct call *call, const char *what,
			 struct selector *ret_selector, bool *ret_has_selector);
bool call_wants_project(const struct call *call, struct str project);

/* Files of their own. */
void call_list(struct server *server, struct call *call);
void call_sync(struct server *server, struct call *call);
void call_rollback(struct server *server, struct call *call);
void call_terminate(struct server *server, struct call *call);
void call_manifests(struct server *server, struct call *call);
void call_other(struct server *server, struct call *call);

void watch_begin(struct server *server, struct call *call);
void watch_tell(struct server *server, uint32_t replica, const struct change *change);
bool watch_next(struct server *server, struct api_answer *ret_answer);
void watch_cut(struct server *server, uint32_t replica);
struct watch *watch_of(struct server *server, uint64_t id);
void watch_remove(struct server *server, uint64_t id);
void watch_free(struct watch *watch);
void call_free(struct call *call);
