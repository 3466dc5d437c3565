#pragma once
/*
 * target: which Argo CD, and with what credentials: found as the argocd CLI finds them, so that who
 * can run `argocd app list` can run tiphys.
 *
 *   server, credentials    flag > ARGOCD_OPTS > ARGOCD_SERVER, ARGOCD_AUTH_TOKEN > context
 *   the other settings     flag > ARGOCD_OPTS > context
 *
 * The context is --argocd-context, or else the one of the configuration file that the server
 * belongs to, or else its current one. Here we differ from the CLI on one point: a context's
 * credentials are never sent to another server than its own, unless --argocd-context says so.
 *
 *	struct target target = {0};
 *	if (target_resolve(&flags, &environment, &target, err) < 0)
 *		...			err has what is wrong, target.next what to do about it
 *	...
 *	target_release(&target);
 */
#include "base/arena.h"
#include "cmd/options.h"
#include "io/http_client.h"

/* The flags that every command has that talks to an Argo CD. */
struct target_flags {
	struct str server, auth_token, auth_token_file, config, context;
	struct str server_crt, client_crt, client_crt_key, root_path;
	struct text_list headers;
	struct str port_forward_namespace;
	bool plaintext, insecure, core, grpc_web, port_forward;
};

extern const struct option target_options[];
enum { TARGET_OPTIONS = 16 };

/* What is read of the environment; p == NULL: not set. */
struct environment {
	struct str server, auth_token, opts, config_dir, xdg_config_home, home;
};

struct environment environment_read(void);

struct target {
	struct server server; /* its texts live in the arena */
	struct str context;   /* the context's name, or the server's address */
	struct str warning;   /* worth saying before anything is sent; empty: nothing */
	struct str next;      /* after a failure: the next step */

	/* Where the token came from, to look there again. */
	struct str token_path, config_path, context_name, found_token;
	bool is_of_environment; /* ARGOCD_AUTH_TOKEN */
	struct arena arena;
};

/* E_USAGE and others; all of them mean that nothing was sent. */
[[nodiscard]] int target_resolve(const struct target_flags *flags,
				 const struct environment *environment, struct target *ret,
				 struct err *err);
/* That context, and with nothing of the command's own target but where the configuration is: its
 * flags, server and token are of its own Argo CD. */
[[nodiscard]] int target_resolve_context(const struct target_flags *flags,
					 const struct environment *environment, struct str name,
					 struct target *ret, struct err *err);
void target_release(struct target *target);

/*
 * What a command does with its target: target_resolve(), with target_wipe(), our user agent, and
 * what is wrong or worth a warning said. EXIT_DONE, or the exit code. target_release() follows in
 * any case.
 */
int target_open(const struct target_flags *flags, struct target *ret);

/* The same by target_resolve_context(), but that nothing is said. */
[[nodiscard]] int target_open_context(const struct target_flags *flags, struct str name,
				      struct target *ret, struct err *err);

/* Where its API is asked: "argocd.corp:8443/root". */
struct str target_address(struct target *target);

/* True if the file that the token came from has another one by now. */
bool target_find_token(struct target *target, struct buf *ret);

/* What was given on the command line is overwritten there, where other users can read it. Call it
 * after the token was copied by target_resolve(). */
void target_wipe(const struct target_flags *flags);
