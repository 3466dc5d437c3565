#include "cmd/target_json.h"

#include "base/json_write.h"
#include "cmd/version.h"
#include "wire/json.h"

enum { TOKEN_BYTES_MAX = 64 * 1024 };

static void write_secrets(struct json_write *w, const struct server *server)
{
	json_write_field_str(w, STR("token"), server->token);
	json_write_field_str(w, STR("keyPem"), server->key_pem);
	json_write_key(w, STR("headers"));
	json_write_array_begin(w);
	for (size_t i = 0; i < server->header_count; i++)
		json_write_str(w, server->headers[i]);
	json_write_array_end(w);
}

void target_to_json(const struct target *target, bool with_secrets, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);
	const struct server *server = &target->server;

	json_write_object_begin(&w);
	json_write_field_str(&w, STR("address"), server->address);
	json_write_field_str(&w, STR("rootPath"), server->root_path);
	json_write_field_bool(&w, STR("plaintext"), server->is_plaintext);
	json_write_field_bool(&w, STR("insecure"), server->is_insecure);
	json_write_field_str(&w, STR("caPem"), server->ca_pem);
	json_write_field_str(&w, STR("certPem"), with_secrets ? server->cert_pem : STR(""));
	json_write_field_str(&w, STR("context"), target->context);
	json_write_field_str(&w, STR("tokenPath"), target->token_path);
	json_write_field_str(&w, STR("configPath"), target->config_path);
	json_write_field_str(&w, STR("contextName"), target->context_name);
	json_write_field_bool(&w, STR("environment"), target->is_of_environment);
	if (with_secrets)
		write_secrets(&w, server);
	json_write_object_end(&w);
	json_write_finish(&w);
}

void targets_to_json(const struct target *targets, uint32_t count, bool with_secrets,
		     struct buf *out)
{
	for (uint32_t i = 0; i < count; i++) {
		buf_str(out, i == 0 ? STR("") : STR("\n"));
		target_to_json(&targets[i], with_secrets, out);
	}
}

static void read_headers(const struct json *list, struct target *target)
{
	size_t count = json_count(list);
	struct str *headers = arena_array(&target->arena, struct str, count);

	for (size_t i = 0; i < count; i++)
		headers[i] = arena_copy(&target->arena, json_text_of(json_at(list, i)));
	target->server.headers = headers;
	target->server.header_count = count;
}

int target_from_json(struct str text, struct target *ret, struct err *err)
{
	auto_json struct json *root = NULL;
	auto_buf struct buf token = BUF_INIT(TOKEN_BYTES_MAX);
	struct arena *arena = &ret->arena;

	*ret = (struct target){0};
	if (json_parse(text, &JSON_LIMIT, &root, err) < 0)
		return err_wrap(err, "a target");
	ret->server = (struct server){
		.address = arena_copy(arena, json_text(root, "address")),
		.root_path = arena_copy(arena, json_text(root, "rootPath")),
		.is_plaintext = json_flag(root, "plaintext"),
		.is_insecure = json_flag(root, "insecure"),
		.ca_pem = arena_copy(arena, json_text(root, "caPem")),
		.cert_pem = arena_copy(arena, json_text(root, "certPem")),
		.key_pem = arena_copy(arena, json_text(root, "keyPem")),
		.token = arena_copy(arena, json_text(root, "token")),
		.user_agent = arena_printf(arena, "tiphys/%s", tiphys_version),
	};
	read_headers(json_get(root, "headers"), ret);
	ret->context = arena_copy(arena, json_text(root, "context"));
	ret->token_path = arena_copy(arena, json_text(root, "tokenPath"));
	ret->config_path = arena_copy(arena, json_text(root, "configPath"));
	ret->context_name = arena_copy(arena, json_text(root, "contextName"));
	ret->is_of_environment = json_flag(root, "environment");
	if (str_empty(ret->server.token) && ret->is_of_environment)
		ret->server.token = arena_copy(arena, environment_read().auth_token);
	ret->found_token = ret->server.token;
	if (!http_server_is_valid(&ret->server))
		return err_set(err, E_SYNTAX, "a target without an address");
	if (str_empty(ret->server.token) && target_find_token(ret, &token))
		ret->server.token = ret->found_token;
	return 0;
}

int targets_from_json(struct str text, struct target *ret, uint32_t count, struct err *err)
{
	for (uint32_t i = 0; i < count; i++)
		ret[i] = (struct target){0};
	for (uint32_t i = 0; i < count; i++) {
		struct str line;
		if (!str_cut(&text, '\n', &line))
			return err_set(err, E_SYNTAX, "%u targets, and the plan has %u", i, count);
		if (target_from_json(line, &ret[i], err) < 0)
			return -1;
	}
	if (text.p)
		return err_set(err, E_SYNTAX, "more than the %u targets that the plan has", count);
	return 0;
}
