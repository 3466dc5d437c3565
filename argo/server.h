#pragma once
/*
 * server: argocd-server's API, as structs: what it does with a request, and what it refuses with
 * which code and words. argo/face gives it HTTP and JSON; world/ calls it directly.
 *
 *	uint64_t id = server_begin(server, &request, now);
 *	...
 *	struct api_answer answer;
 *	while (server_next(server, &answer))      answers and frames that are ready, in order
 *		...
 *
 * Lists and watches read the replica's informer; GET, and what a SYNC rests on, are live. Most
 * requests are answered in the same call to argo_advance(); a refresh, when the replica's informer
 * has seen a version newer than the annotation's and without it. A watch has a buffer of 1000
 * events: who does not take them loses the newer ones, in silence.
 */
#include "argo/store.h"

enum api_verb {
	API_VERSION,
	API_SETTINGS,
	API_SESSION_CREATE,
	API_SESSION_DELETE,
	API_USERINFO,
	API_APPS_LIST,
	API_APPS_WATCH,
	API_APP_GET, /* and refresh */
	API_APP_SYNC,
	API_APP_TERMINATE,
	API_APP_ROLLBACK,
	API_APP_DELETE,
	API_APP_MANIFESTS,
	API_APP_RESOURCE_TREE,
	API_APP_MANAGED_RESOURCES,
	API_APP_SYNC_WINDOWS,
	API_CLUSTERS_LIST,
	API_PROJECT_GET,
	API_APPSETS_LIST,
	API_APPSET_GET,
	API_APPSET_GENERATE,
};

/* grpc-gateway's pairs of HTTP status and grpc code. */
struct api_refusal {
	int status;	    /* 200: it is none; 0: the connection is cut, or refused */
	int code;	    /* grpc */
	struct str message; /* interned */
};

struct api_request {
	enum api_verb verb;
	uint32_t replica;
	struct str token; /* a JWT-like text; empty: none */
	struct str name, namespace, app_namespace;
	struct str *projects; /* project and projects, merged */
	uint32_t project_count;
	struct str selector;
	struct str repo;
	enum refresh refresh;
	int64_t deadline_ms;	   /* Grpc-Timeout; 0: none */
	uint64_t resource_version; /* WATCH */
	bool has_resource_version;

	struct op_request sync; /* SYNC, ROLLBACK: dry_run, prune; revisions as asked for */
	struct str sync_revision;
	struct str *sync_revisions;
	int64_t *source_positions;
	uint32_t sync_revision_count, source_position_count;
	int64_t rollback_id;
	bool keeps_objects; /* DELETE: cascade=false */

	struct str username, password; /* SESSION_CREATE */
	struct appset *appset;	       /* GENERATE */
	struct str revision;	       /* MANIFESTS */
};

struct api_answer {
	uint64_t id;
	struct api_refusal refusal;
	bool is_end; /* of a watch: no more frames; always true for others */

	/* What it carries, by verb; borrowed until the next call of server_next(). */
	const struct app *app;	 /* GET, SYNC, ROLLBACK, WATCH */
	enum change_type change; /* WATCH */
	const struct app **apps; /* LIST, GENERATE */
	size_t app_count;
	const struct appset **appsets; /* APPSETS_LIST, APPSET_GET */
	size_t appset_count;
	const struct cluster **clusters;
	size_t cluster_count;
	const struct project *project;
	uint64_t version; /* LIST: metadata.resourceVersion */
	struct str token; /* SESSION_CREATE */
	struct str username;
	struct str *manifests; /* MANIFESTS: one JSON object each */
	size_t manifest_count;
	struct str manifests_revision;
};

struct server;

uint64_t server_begin(struct server *server, const struct api_request *request, wall now);
bool server_next(struct server *server, struct api_answer *ret_answer);
/* Whether the client of a watch takes what it is sent; a new one does. While it does not, its
 * frames wait: the first burst, and then as many events as its buffer holds. */
void server_set_reading(struct server *server, uint64_t id, bool is_reading);
/* The client went away. A refresh that was asked for stays asked for. */
void server_cancel(struct server *server, uint64_t id);
