#include "wire/argocd_config.h"

#include "base/check.h"
#include "wire/base64.h"
#include "wire/shell_words.h"
#include "wire/yaml.h"

/* ---- the file ---- */

/*
 * A member that is a text, copied nowhere: the tree lives in the caller's arena. Absent is
 * empty.
 */
static int read_text(const struct yaml *map, const char *key, struct str *ret, struct err *err)
{
	const struct yaml *value = yaml_get(map, str_of(key));

	if (value && (value->kind == YAML_LIST || value->kind == YAML_MAP))
		return yaml_err(value, err, "'%s' must be a text, not %s", key,
				yaml_kind_name(value));
	*ret = yaml_text(value);
	return 0;
}

static int read_flag(const struct yaml *map, const char *key, bool *ret, struct err *err)
{
	const struct yaml *value = yaml_get(map, str_of(key));
	bool is_null = !value || value->kind == YAML_NULL;

	if (!is_null && value->kind != YAML_BOOL)
		return yaml_err(value, err, "'%s' must be true or false, not %s", key,
				yaml_kind_name(value));
	*ret = !is_null && value->flag;
	return 0;
}

static int read_pem(const struct yaml *map, const char *key, struct arena *arena, struct str *ret,
		    struct err *err)
{
	const struct yaml *value = yaml_get(map, str_of(key));
	struct str text, pem;

	if (read_text(map, key, &text, err) < 0)
		return -1;
	if (str_empty(text)) {
		*ret = text;
		return 0;
	}
	if (!base64_decode(text, arena, &pem))
		return yaml_err(value, err, "'%s' must be base64", key);
	if (!str_find(pem, STR("-----BEGIN "), NULL))
		return yaml_err(value, err, "'%s' must be a PEM file in base64", key);
	*ret = pem;
	return 0;
}

/*
 * Finds the map in the list root[lists] whose member `key` is this text; `what` it is, for
 * errors.
 */
static int find_named(const struct yaml *root, const char *list_name, const char *key,
		      struct str name, const struct yaml **ret, struct err *err)
{
	const struct yaml *list = yaml_get(root, str_of(list_name));

	if (list && list->kind != YAML_LIST && list->kind != YAML_NULL)
		return yaml_err(list, err, "'%s' must be a list, not %s", list_name,
				yaml_kind_name(list));
	for (size_t i = 0; list && i < list->count; i++) {
		const struct yaml *item = list->items[i];
		struct str found;
		if (item->kind != YAML_MAP)
			return yaml_err(item, err, "'%s' must be a list of maps, not of %s",
					list_name, yaml_kind_name(item));
		if (read_text(item, key, &found, err) < 0)
			return -1;
		if (str_eq(found, name)) {
			*ret = item;
			return 0;
		}
	}
	*ret = NULL;
	return 0;
}

/* "a, b and c" would be nicer, and longer. */
static struct str context_names(const struct yaml *root, struct arena *arena)
{
	const struct yaml *list = yaml_get(root, STR("contexts"));
	struct str names = STR("");

	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
		struct str name = yaml_text(yaml_get(list->items[i], STR("name")));
		names = i == 0 ? name
			       : arena_printf(arena, STR_FMT ", " STR_FMT, STR_ARG(names),
					      STR_ARG(name));
	}
	return str_empty(names) ? STR("none") : names;
}

static int find_context(const struct yaml *root, struct str name, struct arena *arena,
			const struct yaml **ret, struct err *err)
{
	if (str_empty(name) && read_text(root, "current-context", &name, err) < 0)
		return -1;
	if (str_empty(name))
		return err_set(
			err, E_MISSING,
			"no context is current; log in with `argocd login`, or choose one with "
			"--argocd-context");
	if (find_named(root, "contexts", "name", name, ret, err) < 0)
		return -1;
	if (*ret)
		return 0;
	struct str names = context_names(root, arena);
	return err_set(err, E_MISSING,
		       "there is no context '" STR_FMT "'; choose one with --argocd-context (there "
		       "are: " STR_FMT ")",
		       STR_ARG(name), STR_ARG(names));
}

/* What a context refers to by name. */
static int find_part(const struct yaml *root, const struct yaml *context, const char *part,
		     const char *list_name, const char *key, const struct yaml **ret,
		     struct err *err)
{
	struct str name;

	if (read_text(context, part, &name, err) < 0 ||
	    find_named(root, list_name, key, name, ret, err) < 0)
		return -1;
	if (*ret)
		return 0;
	return err_at(err, E_MISSING, context->line, context->column,
		      "the context's %s '" STR_FMT "' is not in the list '%s'", part, STR_ARG(name),
		      list_name);
}

static int read_server(const struct yaml *server, struct arena *arena, struct argocd_context *ret,
		       struct err *err)
{
	if (read_text(server, "server", &ret->server, err) < 0 ||
	    read_text(server, "grpc-web-root-path", &ret->root_path, err) < 0 ||
	    read_flag(server, "plain-text", &ret->is_plaintext, err) < 0 ||
	    read_flag(server, "insecure", &ret->is_insecure, err) < 0 ||
	    read_flag(server, "core", &ret->is_core, err) < 0 ||
	    read_pem(server, "certificate-authority-data", arena, &ret->authority, err) < 0 ||
	    read_pem(server, "client-certificate-data", arena, &ret->certificate, err) < 0 ||
	    read_pem(server, "client-certificate-key-data", arena, &ret->key, err) < 0)
		return -1;
	if (str_empty(ret->certificate) != str_empty(ret->key))
		return yaml_err(server, err,
				"'client-certificate-data' and 'client-certificate-key-data' go "
				"together");
	return 0;
}

int argocd_config_read(struct str text, struct str name, struct arena *arena,
		       struct argocd_context *ret, struct err *err)
{
	struct argocd_context found = {0};
	const struct yaml *root, *context, *server, *user;

	if (yaml_parse(text, &YAML_LIMIT, arena, &root, err) < 0)
		return -1;
	if (root->kind != YAML_MAP && root->kind != YAML_NULL)
		return yaml_err(root, err, "a configuration must be a map, not %s",
				yaml_kind_name(root));
	if (find_context(root, name, arena, &context, err) < 0 ||
	    find_part(root, context, "server", "servers", "server", &server, err) < 0 ||
	    find_part(root, context, "user", "users", "name", &user, err) < 0 ||
	    read_text(context, "name", &found.name, err) < 0 ||
	    read_server(server, arena, &found, err) < 0 ||
	    read_text(user, "auth-token", &found.token, err) < 0)
		return -1;
	*ret = found;
	return 0;
}

/* ---- addresses ---- */

static int read_port(struct str text, unsigned *ret, struct err *err)
{
	uint64_t port;

	if (!str_to_u64(text, &port) || port == 0 || port > 65535)
		return err_set(err, E_USAGE, "'" STR_FMT "' is no port", STR_ARG(text));
	*ret = (unsigned)port;
	return 0;
}

/* Cuts "host" or "[host]" off the front; what is left is empty or begins with ':'. */
static int cut_host(struct str *rest, struct str *ret_host, struct err *err)
{
	bool has_brackets = str_starts(*rest, STR("["));
	size_t end, behind;

	if (has_brackets) {
		if (!str_find_char(*rest, ']', &end))
			return err_set(err, E_USAGE, "a [ without its ]");
		*ret_host = str_after(str_first(*rest, end), 1);
		behind = end + 1;
	} else {
		behind = str_find_char(*rest, ':', &end) ? end : rest->n;
		*ret_host = str_first(*rest, behind);
	}
	*rest = str_after(*rest, behind);
	if (str_empty(*ret_host))
		return err_set(err, E_USAGE, "no host");
	if (!str_empty(*rest) && rest->p[0] != ':')
		return err_set(err, E_USAGE, "only a port may follow ]");
	return 0;
}

static bool has_strange_characters(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c <= ' ' || c == 0x7f || c == '?' || c == '#' || c == '@' || c == '\\')
			return true;
	}
	return false;
}

static int read_address(struct str text, struct argocd_address *ret, struct err *err)
{
	struct argocd_address address = {.port = ARGOCD_PORT};
	size_t slash;

	if (str_starts(text, STR("http://")))
		return err_set(err, E_USAGE,
			       "give it without http://, and --plaintext if it speaks no TLS");
	if (str_starts(text, STR("https://")))
		text = str_after(text, STR("https://").n);
	if (has_strange_characters(text))
		return err_set(err, E_USAGE, "it must be host[:port][/path]");
	if (str_find_char(text, '/', &slash)) {
		address.path = str_after(text, slash);
		text = str_first(text, slash);
	}
	while (str_ends(address.path, STR("/")))
		address.path = str_first(address.path, address.path.n - 1);
	if (cut_host(&text, &address.host, err) < 0)
		return -1;
	if (!str_empty(text) && read_port(str_after(text, 1), &address.port, err) < 0)
		return -1;
	*ret = address;
	return 0;
}

int argocd_address(struct str text, struct argocd_address *ret, struct err *err)
{
	if (read_address(text, ret, err) < 0)
		return err_wrap(err, "the server '" STR_FMT "'", STR_ARG(text));
	return 0;
}

/* ---- places ---- */

struct str argocd_config_path(const struct argocd_config_env *env, struct arena *arena)
{
	struct str base;

	if (!str_empty(env->argocd_config_dir))
		return arena_printf(arena, STR_FMT "/config", STR_ARG(env->argocd_config_dir));
	if (env->has_legacy_dir)
		return arena_printf(arena, STR_FMT "/.argocd/config", STR_ARG(env->home));
	if (!str_empty(env->xdg_config_home))
		base = env->xdg_config_home;
	else
		base = arena_printf(arena, STR_FMT "/.config", STR_ARG(env->home));
	return arena_printf(arena, STR_FMT "/argocd/config", STR_ARG(base));
}

/* ---- ARGOCD_OPTS ---- */

static struct argocd_opt opt_of(struct str word)
{
	struct argocd_opt opt = {.name = str_after(word, 2), .value = STR("true")};
	size_t equals;

	if (str_find_char(opt.name, '=', &equals)) {
		opt.value = str_after(opt.name, equals + 1);
		opt.name = str_first(opt.name, equals);
	}
	return opt;
}

static bool is_flag(struct str word)
{
	return str_starts(word, STR("--"));
}

static int read_opts(const struct shell_words *words, struct argocd_opts *opts, struct err *err)
{
	bool may_have_value = false;

	for (size_t i = 0; i < words->n; i++) {
		struct str word = words->v[i];
		if (is_flag(word) && !str_empty(opt_of(word).name)) {
			vec_push(opts, opt_of(word));
			may_have_value = !str_find_char(word, '=', NULL);
		} else if (!is_flag(word) && may_have_value) {
			vec_last(opts).value = word;
			may_have_value = false;
		} else {
			return err_set(err, E_USAGE, "word %zu must be a flag that begins with --",
				       i + 1);
		}
	}
	return 0;
}

int argocd_opts_read(struct str text, struct arena *arena, struct argocd_opts *opts,
		     struct err *err)
{
	struct shell_words words = {0};
	int answer = shell_words_split(text, arena, &words, err);

	if (answer == 0)
		answer = read_opts(&words, opts, err);
	vec_release(&words);
	return answer < 0 ? err_wrap(err, "ARGOCD_OPTS") : 0;
}
