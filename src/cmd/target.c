#include "cmd/target.h"

#include "base/check.h"
#include "cmd/header_list.h"
#include "cmd/say.h"
#include "cmd/version.h"
#include "io/file.h"
#include "model/exit_code.h"
#include "wire/argocd_config.h"
#include "wire/yaml.h"

#include <stdlib.h>
#include <string.h>

enum {
	CONFIG_BYTES_MAX = 1024 * 1024,
	PEM_BYTES_MAX = 1024 * 1024,
	TOKEN_BYTES_MAX = 64 * 1024,
};

#define IN(field, T) OPTION_IN(struct target_flags, field, T)

const struct option target_options[] = {
	{"server", 0, OPTION_TEXT, IN(server, struct str), .value = "HOST[:PORT]",
	 .help = "the Argo CD server (also ARGOCD_SERVER)"},
	{"auth-token-file", 0, OPTION_TEXT, IN(auth_token_file, struct str), .value = "FILE",
	 .help = "where the token is; it is read again when the server no longer accepts it"},
	{"auth-token", 0, OPTION_TEXT, IN(auth_token, struct str), .value = "TOKEN",
	 .help = "the token itself; other users can see it, so better a file or ARGOCD_AUTH_TOKEN"},
	{"argocd-context", 0, OPTION_TEXT, IN(context, struct str), .value = "NAME",
	 .help = "which context of the argocd command's configuration"},
	{"config", 0, OPTION_TEXT, IN(config, struct str), .value = "FILE",
	 .help = "the argocd command's configuration file (default: where it keeps it)"},
	{"plaintext", 0, OPTION_FLAG, IN(plaintext, bool), .help = "without TLS"},
	{"insecure", 0, OPTION_FLAG, IN(insecure, bool),
	 .help = "do not verify the server's certificate"},
	{"server-crt", 0, OPTION_TEXT, IN(server_crt, struct str), .value = "FILE",
	 .help = "a certificate (PEM) to trust beside the system's"},
	{"client-crt", 0, OPTION_TEXT, IN(client_crt, struct str), .value = "FILE",
	 .help = "our own certificate (PEM), if the server wants one"},
	{"client-crt-key", 0, OPTION_TEXT, IN(client_crt_key, struct str), .value = "FILE",
	 .help = "the key to it (PEM)"},
	{"header", 'H', OPTION_LIST, IN(headers, struct text_list), .value = "'NAME: VALUE'",
	 .help = "a header for every request; may be repeated"},
	{"grpc-web-root-path", 0, OPTION_TEXT, IN(root_path, struct str), .value = "PATH",
	 .help = "the path under which the server is reached"},
	{"grpc-web", 0, OPTION_FLAG, IN(grpc_web, bool), .help = "changes nothing here",
	 .is_ignored = true},
	{"core", 0, OPTION_FLAG, IN(core, bool), .help = "not supported yet", .is_ignored = true},
	{"port-forward", 0, OPTION_FLAG, IN(port_forward, bool), .help = "not supported yet",
	 .is_ignored = true},
	{"port-forward-namespace", 0, OPTION_TEXT, IN(port_forward_namespace, struct str),
	 .value = "NAME", .help = "not supported yet", .is_ignored = true},
};
static_assert(COUNTOF(target_options) == TARGET_OPTIONS);

static struct str environment_get(const char *name)
{
	/* Empty is as good as unset, as for the argocd CLI. */
	const char *value = getenv(name);
	return value && *value ? str_of(value) : (struct str){0};
}

struct environment environment_read(void)
{
	return (struct environment){
		.server = environment_get("ARGOCD_SERVER"),
		.auth_token = environment_get("ARGOCD_AUTH_TOKEN"),
		.opts = environment_get("ARGOCD_OPTS"),
		.config_dir = environment_get("ARGOCD_CONFIG_DIR"),
		.xdg_config_home = environment_get("XDG_CONFIG_HOME"),
		.home = environment_get("HOME"),
	};
}

/* What is being put together. `flags` are those of the command line and of ARGOCD_OPTS in one. */
struct resolving {
	struct target_flags flags;
	const struct environment *environment;
	struct target *target;
	struct arena *arena;	 /* the target's */
	const char *config_path; /* NULL: nowhere */
	struct str config;	 /* the file's text; p == NULL: there is none */
	struct argocd_context context;
	bool has_context;
	struct argocd_address address;
};

/* A failure with its next step. Returns -1. */
static int fail(struct target *target, struct str next)
{
	target->next = next;
	return -1;
}

/* ---- flags and ARGOCD_OPTS ---- */

static void *field_of(struct target_flags *flags, const struct option *option)
{
	return (char *)flags + option->offset;
}

/* The argocd command passes over what it does not know there, and so do we: much is its own. */
static int take_opt(struct target_flags *opts, struct str name, struct str value, struct err *err)
{
	for (size_t i = 0; i < TARGET_OPTIONS; i++) {
		const struct option *option = &target_options[i];
		if (!str_eq(name, str_of(option->name)))
			continue;
		if (option->type == OPTION_FLAG)
			*(bool *)field_of(opts, option) = str_eq(value, STR("true"));
		else
			return option_set(option, value, field_of(opts, option), err);
	}
	return 0;
}

static int read_opts(struct str text, struct arena *arena, struct target_flags *opts,
		     struct err *err)
{
	struct argocd_opts list = {0};
	int result = argocd_opts_read(text, arena, &list, err);
	for (size_t i = 0; i < list.n && result == 0; i++) {
		result = take_opt(opts, list.v[i].name, list.v[i].value, err);
		if (result < 0)
			err_wrap(err, "ARGOCD_OPTS");
	}
	vec_release(&list);
	return result;
}

/* What the command line does not say is taken from ARGOCD_OPTS. Lists stay their owners'. */
static struct target_flags merge(const struct target_flags *flags, struct target_flags *opts)
{
	struct target_flags merged = *flags;
	if (flags->auth_token.p || flags->auth_token_file.p)
		opts->auth_token = opts->auth_token_file = (struct str){0};
	for (size_t i = 0; i < TARGET_OPTIONS; i++) {
		const struct option *option = &target_options[i];
		void *ours = field_of(&merged, option);
		const void *theirs = field_of(opts, option);
		if (option->type == OPTION_FLAG)
			*(bool *)ours |= *(const bool *)theirs;
		else if (option->type == OPTION_TEXT && !((struct str *)ours)->p)
			*(struct str *)ours = *(const struct str *)theirs;
		else if (option->type == OPTION_LIST && ((struct text_list *)ours)->n == 0)
			*(struct text_list *)ours = *(const struct text_list *)theirs;
	}
	return merged;
}

static int refuse_unsupported(const struct resolving *r, struct err *err)
{
	if (r->flags.core) {
		err_set(err, E_USAGE, "core contexts are not supported yet");
		return fail(r->target, STR("leave --core out, and name an Argo CD server with "
					   "--server=HOST"));
	}
	if (r->flags.port_forward || r->flags.port_forward_namespace.p) {
		err_set(err, E_USAGE, "--port-forward is not supported yet");
		return fail(r->target, STR("run `kubectl port-forward svc/argocd-server -n argocd "
					   "8080:443` and give --server=localhost:8080"));
	}
	if (r->flags.auth_token.p && r->flags.auth_token_file.p) {
		err_set(err, E_USAGE, "--auth-token and --auth-token-file exclude each other");
		return fail(r->target, STR("give the one that is meant"));
	}
	if (!r->flags.client_crt.p != !r->flags.client_crt_key.p) {
		err_set(err, E_USAGE, "--client-crt and --client-crt-key belong together");
		return fail(r->target, STR("give both or none"));
	}
	return 0;
}

/* ---- the configuration file ---- */

static const char *default_config_path(const struct environment *environment, struct arena *arena)
{
	struct argocd_config_env env = {
		.argocd_config_dir = environment->config_dir,
		.xdg_config_home = environment->xdg_config_home,
		.home = environment->home,
		.has_legacy_dir = environment->home.p &&
				  file_exists(arena_printf(arena, STR_FMT "/.argocd",
							   STR_ARG(environment->home))
						      .p),
	};
	if (!env.argocd_config_dir.p && !env.xdg_config_home.p && !env.home.p)
		return NULL;
	return arena_copy(arena, argocd_config_path(&env, arena)).p;
}

static int read_config(const char *path, struct arena *arena, struct str *ret, struct err *err)
{
	auto_buf struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	if (file_read_secret(path, &text, err) < 0)
		return err_wrap(err, "%s", path);
	*ret = arena_copy(arena, buf_view(&text));
	return 0;
}

static int load_config(struct resolving *r, struct err *err)
{
	const struct str named = r->flags.config;
	r->config_path = named.p ? arena_copy(r->arena, named).p
				 : default_config_path(r->environment, r->arena);
	if (!r->config_path || (!named.p && !file_exists(r->config_path)))
		return 0;
	if (read_config(r->config_path, r->arena, &r->config, err) < 0)
		return fail(r->target,
			    STR("or name another configuration of the argocd command with "
				"--config=FILE"));
	return 0;
}

/* ---- server and context ---- */

/* An empty name is the current context. */
static int take_context(struct resolving *r, struct str name, struct err *err)
{
	if (!r->config.p) {
		err_set(err, E_MISSING,
			"there is no configuration of the argocd command with a context '" STR_FMT
			"'",
			STR_ARG(name));
		return fail(r->target, STR("log in with `argocd login HOST`, or name the file with "
					   "--config=FILE"));
	}
	if (argocd_config_read(r->config, name, r->arena, &r->context, err) < 0) {
		err_wrap(err, "%s", r->config_path);
		return fail(r->target,
			    STR("repair the file, have `argocd login HOST` write it anew, "
				"or name another one with --config=FILE"));
	}
	if (r->context.is_core) {
		err_set(err, E_USAGE, "context '" STR_FMT "': core contexts are not supported yet",
			STR_ARG(r->context.name));
		return fail(r->target,
			    STR("choose a context of an Argo CD server with "
				"--argocd-context=NAME, or name a server with --server=HOST"));
	}
	r->has_context = true;
	return 0;
}

static bool is_same_server(const struct argocd_address *a, const struct argocd_address *b)
{
	return str_eq_nocase(a->host, b->host) && a->port == b->port && str_eq(a->path, b->path);
}

/* Takes the context of this name (empty: the current one) if it is one of our server. */
static bool take_if_same_server(struct resolving *r, struct str name)
{
	struct argocd_context context;
	struct argocd_address address;
	struct err err = {0};
	if (argocd_config_read(r->config, name, r->arena, &context, &err) < 0 || context.is_core ||
	    argocd_address(context.server, &address, &err) < 0 ||
	    !is_same_server(&address, &r->address))
		return false;
	r->context = context;
	r->has_context = true;
	return true;
}

/*
 * A server was named, but no context: what the configuration says of this server, the current
 * context first. What is wrong with other contexts is of no concern then.
 */
static int take_context_of_server(struct resolving *r, const struct yaml *root)
{
	if (take_if_same_server(r, STR("")))
		return 0;
	const struct yaml *contexts = yaml_get(root, STR("contexts"));
	for (size_t i = 0; contexts && contexts->kind == YAML_LIST && i < contexts->count; i++) {
		struct str name = yaml_text(yaml_get(contexts->items[i], STR("name")));
		if (!str_empty(name) && take_if_same_server(r, name))
			return 0;
	}
	return 0;
}

static int take_implied_context(struct resolving *r, bool has_server, struct err *err)
{
	const struct yaml *root;
	if (!r->config.p)
		return 0;
	if (yaml_parse(r->config, &YAML_LIMIT, r->arena, &root, err) < 0) {
		err_wrap(err, "%s", r->config_path);
		return fail(r->target,
			    STR("repair the file, have `argocd login HOST` write it anew, "
				"or name another one with --config=FILE"));
	}
	if (has_server)
		return take_context_of_server(r, root);
	if (str_empty(yaml_text(yaml_get(root, STR("current-context")))))
		return 0;
	return take_context(r, STR(""), err);
}

static int fail_without_server(struct resolving *r, struct err *err)
{
	err_set(err, E_USAGE, "it is not known which Argo CD is meant");
	return fail(
		r->target,
		arena_printf(r->arena,
			     "name it with --server=HOST[:PORT], or with ARGOCD_SERVER, or log in "
			     "with `argocd login HOST`,\nwhich writes it into %s",
			     r->config_path ? r->config_path : "its configuration"));
}

static int parse_server(struct resolving *r, struct str text, struct err *err)
{
	if (argocd_address(str_trim(text), &r->address, err) < 0)
		return fail(r->target,
			    STR("write it as --server=argocd.example.com, or with a port as "
				"--server=argocd.example.com:443"));
	return 0;
}

static int find_server(struct resolving *r, struct err *err)
{
	struct str text = r->flags.server.p ? r->flags.server : r->environment->server;
	if (text.p && parse_server(r, text, err) < 0)
		return -1;
	if (r->flags.context.p ? take_context(r, r->flags.context, err) < 0
			       : take_implied_context(r, text.p, err) < 0)
		return -1;
	if (!text.p && r->has_context && parse_server(r, r->context.server, err) < 0)
		return -1;
	if (!text.p && !r->has_context)
		return fail_without_server(r, err);
	return 0;
}

static struct str trim_slashes(struct str s)
{
	while (str_starts(s, STR("/")))
		s = str_after(s, 1);
	while (str_ends(s, STR("/")))
		s = str_first(s, s.n - 1);
	return s;
}

static void set_address(struct resolving *r)
{
	struct server *server = &r->target->server;
	const struct argocd_address *address = &r->address;
	server->is_plaintext = r->flags.plaintext || (r->has_context && r->context.is_plaintext);
	server->is_insecure = r->flags.insecure || (r->has_context && r->context.is_insecure);

	bool is_v6 = str_find_char(address->host, ':', NULL);
	server->address = arena_printf(r->arena, "%s" STR_FMT "%s", is_v6 ? "[" : "",
				       STR_ARG(address->host), is_v6 ? "]" : "");
	if (address->port != ARGOCD_PORT || server->is_plaintext)
		server->address = arena_printf(r->arena, STR_FMT ":%u", STR_ARG(server->address),
					       address->port);

	struct str root = r->flags.root_path.p ? r->flags.root_path
			  : r->has_context     ? r->context.root_path
					       : STR("");
	root = trim_slashes(root);
	server->root_path = arena_printf(r->arena, STR_FMT "%s" STR_FMT, STR_ARG(address->path),
					 str_empty(root) ? "" : "/", STR_ARG(root));
	r->target->context = r->has_context ? r->context.name : server->address;
}

/* ---- certificates, headers, the token ---- */

/* `what` it is: "CERTIFICATE", "PRIVATE KEY". */
static int read_pem(struct resolving *r, const char *flag, struct str path, const char *what,
		    struct str *ret, struct err *err)
{
	if (!path.p)
		return 0;
	auto_buf struct buf pem = BUF_INIT(PEM_BYTES_MAX);
	int result = file_read(arena_copy(r->arena, path).p, &pem, err);
	struct str mark = arena_printf(r->arena, "%s-----", what);
	if (result == 0 && !str_find(buf_view(&pem), mark, NULL))
		result = err_set(err, E_USAGE, "it holds no %s", what);
	if (result < 0) {
		err_wrap(err, "%s '" STR_FMT "'", flag, STR_ARG(path));
		return fail(r->target,
			    arena_printf(r->arena,
					 "a PEM file with one has a line -----BEGIN %s-----",
					 what));
	}
	*ret = arena_copy(r->arena, buf_view(&pem));
	return 0;
}

static int set_certificates(struct resolving *r, struct err *err)
{
	struct server *server = &r->target->server;
	if (r->has_context) {
		server->ca_pem = r->context.authority;
		server->cert_pem = r->context.certificate;
		server->key_pem = r->context.key;
	}
	const struct target_flags *flags = &r->flags;
	if (read_pem(r, "--server-crt", flags->server_crt, "CERTIFICATE", &server->ca_pem, err) <
		    0 ||
	    read_pem(r, "--client-crt", flags->client_crt, "CERTIFICATE", &server->cert_pem, err) <
		    0)
		return -1;
	return read_pem(r, "--client-crt-key", flags->client_crt_key, "PRIVATE KEY",
			&server->key_pem, err);
}

static int set_headers(struct resolving *r, struct err *err)
{
	struct text_list list = {0};
	int result = 0;
	for (size_t i = 0; i < r->flags.headers.n && result == 0; i++)
		result = header_list_parse(r->flags.headers.v[i], r->arena, &list, err);
	if (result == 0) {
		struct str *headers = arena_array(r->arena, struct str, list.n);
		for (size_t i = 0; i < list.n; i++)
			headers[i] = arena_copy(r->arena, list.v[i]);
		r->target->server.headers = headers;
		r->target->server.header_count = list.n;
	} else {
		err_wrap(err, "--header");
		fail(r->target, STR("write it as --header='Name: value'"));
	}
	vec_release(&list);
	return result;
}

/* It goes into a header as it is, so it has to be one word. */
static int check_token(struct str token, struct err *err)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] > '~')
			return err_set(err, E_USAGE,
				       "it is not a token: it has characters that none "
				       "has");
	return 0;
}

static int read_token_file(const char *path, struct buf *ret, struct err *err)
{
	if (file_read(path, ret, err) < 0)
		return -1;
	struct str token = str_trim(buf_view(ret));
	if (str_empty(token))
		return err_set(err, E_USAGE, "it is empty");
	if (check_token(token, err) < 0)
		return -1;
	buf_consume(ret, (size_t)(token.p - ret->p));
	buf_truncate(ret, token.n);
	return 0;
}

static int take_token_file(struct resolving *r, struct err *err)
{
	struct target *target = r->target;
	auto_buf struct buf token = BUF_INIT(TOKEN_BYTES_MAX);
	target->token_path = arena_copy(r->arena, r->flags.auth_token_file);
	if (read_token_file(target->token_path.p, &token, err) < 0) {
		err_wrap(err, "--auth-token-file '" STR_FMT "'", STR_ARG(target->token_path));
		return fail(target,
			    STR("the file holds the token and nothing else; `argocd account "
				"generate-token` prints one"));
	}
	target->server.token = arena_copy(r->arena, buf_view(&token));
	return 0;
}

static int set_token(struct resolving *r, struct err *err)
{
	struct target *target = r->target;
	if (r->flags.auth_token_file.p)
		return take_token_file(r, err);
	struct str token = r->flags.auth_token.p ? r->flags.auth_token : r->environment->auth_token;
	const char *where = r->flags.auth_token.p ? "--auth-token" : "ARGOCD_AUTH_TOKEN";
	if (!token.p && r->has_context) {
		token = r->context.token;
		where = r->config_path;
		target->config_path = str_of(r->config_path);
		target->context_name = r->context.name;
	}
	target->is_of_environment = token.p && token.p == r->environment->auth_token.p;
	token = str_trim(token);
	if (check_token(token, err) < 0) {
		err_wrap(err, "%s", where);
		return fail(target,
			    STR("copy it again, as one word; `argocd account generate-token` "
				"prints one"));
	}
	target->server.token = arena_copy(r->arena, token);
	return 0;
}

static void set_warning(struct resolving *r, const struct target_flags *flags)
{
	struct target *target = r->target;
	if (flags->auth_token.p)
		target->warning = STR(
			"other users of this machine can see a token in --auth-token; "
			"use --auth-token-file or ARGOCD_AUTH_TOKEN");
	else if (str_empty(target->server.token) && !r->has_context && r->config.p)
		target->warning = arena_printf(r->arena,
					       "%s has no credentials for " STR_FMT
					       "; to use those of one of its contexts "
					       "there, name it with --argocd-context",
					       r->config_path, STR_ARG(target->server.address));
	else if (str_empty(target->server.token))
		target->warning = STR("there are no credentials; give some with --auth-token-file, "
				      "with ARGOCD_AUTH_TOKEN or by `argocd login`");
}

/* ---- all of it ---- */

struct str target_address(struct target *target)
{
	return arena_printf(&target->arena, STR_FMT STR_FMT, STR_ARG(target->server.address),
			    STR_ARG(target->server.root_path));
}

static int resolve(struct resolving *r, struct err *err)
{
	if (refuse_unsupported(r, err) < 0 || load_config(r, err) < 0 || find_server(r, err) < 0)
		return -1;
	set_address(r);
	if (!http_server_is_valid(&r->target->server)) {
		err_set(err, E_USAGE, "no URL can be made of the server '" STR_FMT "'",
			STR_ARG(target_address(r->target)));
		return fail(r->target,
			    STR("write it as --server=argocd.example.com, and a path under "
				"which it is reached as --grpc-web-root-path=/argo-cd"));
	}
	if (set_certificates(r, err) < 0 || set_headers(r, err) < 0 || set_token(r, err) < 0)
		return -1;
	r->target->found_token = r->target->server.token;
	return 0;
}

/* What all ways to a target have in common: the flags of the command line and of ARGOCD_OPTS. */
static int resolve_with(const struct target_flags *flags, const struct environment *environment,
			const struct str *context, struct target *ret, struct err *err)
{
	*ret = (struct target){0};
	struct resolving r = {.environment = environment, .target = ret, .arena = &ret->arena};
	struct target_flags opts = {0};
	int result = read_opts(environment->opts, &ret->arena, &opts, err);
	if (result < 0) {
		fail(ret, STR("it holds flags of the argocd command, quoted as for a shell"));
	} else {
		r.flags = merge(flags, &opts);
		if (context)
			r.flags = (struct target_flags){.config = r.flags.config,
							.context = *context};
		result = resolve(&r, err);
	}
	if (result == 0)
		set_warning(&r, flags);
	vec_release(&opts.headers);
	return result;
}

int target_resolve_context(const struct target_flags *flags, const struct environment *environment,
			   struct str name, struct target *ret, struct err *err)
{
	struct environment bare = *environment;

	bare.server = bare.auth_token = (struct str){0};
	return resolve_with(flags, &bare, &name, ret, err);
}

int target_resolve(const struct target_flags *flags, const struct environment *environment,
		   struct target *ret, struct err *err)
{
	return resolve_with(flags, environment, NULL, ret, err);
}

void target_release(struct target *target)
{
	arena_release(&target->arena);
	*target = (struct target){0};
}

bool target_find_token(struct target *target, struct buf *ret)
{
	struct err err = {0};
	auto_arena struct arena arena = {0};
	if (!str_empty(target->token_path)) {
		if (read_token_file(target->token_path.p, ret, &err) < 0)
			return false;
	} else if (!str_empty(target->config_path)) {
		struct argocd_context context;
		struct str text;
		if (read_config(target->config_path.p, &arena, &text, &err) < 0 ||
		    argocd_config_read(text, target->context_name, &arena, &context, &err) < 0 ||
		    check_token(context.token, &err) < 0)
			return false;
		buf_str(ret, context.token);
	} else {
		return false;
	}
	if (str_empty(buf_view(ret)) || str_eq(buf_view(ret), target->found_token))
		return false;
	target->found_token = arena_copy(&target->arena, buf_view(ret));
	return true;
}

static void wipe(struct str secret)
{
	if (secret.p)
		memset((char *)(uintptr_t)secret.p, 'x', secret.n);
}

void target_wipe(const struct target_flags *flags)
{
	wipe(flags->auth_token);
	for (size_t i = 0; i < flags->headers.n; i++)
		wipe(flags->headers.v[i]);
}

static struct str user_agent(struct target *target)
{
	return arena_printf(&target->arena, "tiphys/%s", tiphys_version);
}

int target_open(const struct target_flags *flags, struct target *ret)
{
	struct environment environment = environment_read();
	struct err err = {0};

	*ret = (struct target){0};
	if (target_resolve(flags, &environment, ret, &err) < 0) {
		say_error(&err, STR_FMT, STR_ARG(ret->next));
		return exit_code_of(&err);
	}
	target_wipe(flags);
	if (!str_empty(ret->warning))
		say_warning(STR_FMT, STR_ARG(ret->warning));
	ret->server.user_agent = user_agent(ret);
	return EXIT_DONE;
}

int target_open_context(const struct target_flags *flags, struct str name, struct target *ret,
			struct err *err)
{
	struct environment environment = environment_read();

	if (target_resolve_context(flags, &environment, name, ret, err) < 0)
		return -1;
	ret->server.user_agent = user_agent(ret);
	return 0;
}
