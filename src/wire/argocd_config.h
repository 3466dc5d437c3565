#pragma once
/*
 * argocd_config: the conventions of the `argocd` command: its configuration file, its server
 * addresses, and the flags in ARGOCD_OPTS. Whoever can run `argocd app list` can run tiphys without
 * more set-up.
 *
 * Only texts are read here. Which file is read, and whether its mode is private, is the edge's
 * concern; the order in which the places are tried is argocd_config_path.
 *
 * Errors never quote tokens, keys or certificates.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdbool.h>

/* One context of the file, with its server and its user. */
struct argocd_context {
	struct str name;
	struct str server;	     /* "host[:port][/path]", as it stands there */
	struct str root_path;	     /* grpc-web-root-path; may be empty */
	struct str authority;	     /* PEM; beside the system's own; may be empty */
	struct str certificate, key; /* PEM; of the client; both or none */
	struct str token;	     /* may be empty: not logged in */
	bool is_plaintext;
	bool is_insecure; /* the server's certificate is not checked */
	bool is_core;	  /* no API server: Kubernetes itself */
};

/*
 * The context of that name, or the current one if the name is empty. The file is YAML or JSON; keys
 * that are not known are left aside. Texts live in the arena.
 *
 * Error: E_SYNTAX with line and column; E_MISSING if there is no such context, server or user.
 */
[[nodiscard]] int argocd_config_read(struct str text, struct str name, struct arena *arena,
				     struct argocd_context *ret, struct err *err);

enum { ARGOCD_PORT = 443 };

struct argocd_address {
	struct str host; /* an IPv6 address without its brackets */
	unsigned port;	 /* ARGOCD_PORT if none is given, with TLS or without: so does `argocd` */
	struct str path; /* "/argo", without a slash at its end; may be empty */
};

/*
 * "host[:port][/path]"; "https://" in front is allowed. Error: E_USAGE. Texts are views into
 * `text`.
 */
[[nodiscard]] int argocd_address(struct str text, struct argocd_address *ret, struct err *err);

/* The places of the file, the first that is given: what the environment says (empty if not set). */
struct argocd_config_env {
	struct str argocd_config_dir; /* ARGOCD_CONFIG_DIR */
	struct str xdg_config_home;   /* XDG_CONFIG_HOME */
	struct str home;	      /* HOME */
	bool has_legacy_dir;	      /* there is a folder ~/.argocd */
};
struct str argocd_config_path(const struct argocd_config_env *env, struct arena *arena);

/*
 * ARGOCD_OPTS: words as in a shell (quotes and backslashes, nothing is expanded), which are flags:
 * "--flag", "--flag value" or "--flag=value". A flag without a value has "true".
 */
struct argocd_opt {
	struct str name; /* without "--" */
	struct str value;
};
struct argocd_opts VEC_OF(struct argocd_opt);

/* Appends to `opts`, in order; texts live in the arena. Error: E_USAGE. */
[[nodiscard]] int argocd_opts_read(struct str text, struct arena *arena, struct argocd_opts *opts,
				   struct err *err);
