#include "wire/plan_json.h"

#include <stddef.h>

#include "base/check.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "wire/json.h"

/*
 * Each struct is a table of its fields, by which it is written as well as read. A field that was
 * forgotten would be lost without a sound, so tests/promotion holds the tables to model/plan.h.
 */

enum field_type {
	FIELD_TEXT,
	FIELD_FLAG,
	FIELD_NUMBER, /* uint32_t */
	FIELD_MS,     /* int64_t, not negative */
	FIELD_SKIP,
	FIELD_BREACH,
	FIELD_SELECTOR, /* a stage's text, with what is parsed from it */
	FIELD_GATE,
	FIELD_SOAK,
	FIELD_APPROVERS, /* a gate's, with their count */
	FIELD_STAGES,	 /* a plan's, with their count */
	FIELD_SERVER,	 /* a stage's */
	FIELD_SERVERS,	 /* a plan's further Argo CDs, with their count */
	FIELD_VERSION,
};

struct field {
	const char *key;
	enum field_type type;
	size_t at;
};

/* The version of the text that a field came with: 1 has one Argo CD, 2 may have several. */
static int since(const struct field *field)
{
	return field->type == FIELD_SERVER || field->type == FIELD_SERVERS ? 2 : 1;
}

struct fields {
	const struct field *v;
	size_t n;
};

#define FIELDS(table) ((struct fields){(table), COUNTOF(table)})

static const struct field plan_fields[] = {
	{"acceptForeign", FIELD_FLAG, offsetof(struct plan, accept_foreign)},
	{"acceptSuspended", FIELD_FLAG, offsetof(struct plan, accept_suspended)},
	{"address", FIELD_TEXT, offsetof(struct plan, servers[0].address)},
	{"allowAutoSync", FIELD_FLAG, offsetof(struct plan, allow_auto_sync)},
	{"allowOutOfSync", FIELD_FLAG, offsetof(struct plan, allow_out_of_sync)},
	{"app", FIELD_TEXT, offsetof(struct plan, app)},
	{"concurrency", FIELD_NUMBER, offsetof(struct plan, concurrency)},
	{"context", FIELD_TEXT, offsetof(struct plan, servers[0].context)},
	{"dryRun", FIELD_FLAG, offsetof(struct plan, is_dry_run)},
	{"healthTimeoutMs", FIELD_MS, offsetof(struct plan, health_timeout_ms)},
	{"keepGoing", FIELD_FLAG, offsetof(struct plan, keep_going)},
	{"operationTimeoutMs", FIELD_MS, offsetof(struct plan, operation_timeout_ms)},
	{"project", FIELD_TEXT, offsetof(struct plan, project)},
	{"promotion", FIELD_FLAG, offsetof(struct plan, is_promotion)},
	{"prune", FIELD_FLAG, offsetof(struct plan, prune)},
	{"revision", FIELD_TEXT, offsetof(struct plan, revision)},
	{"revisionTimeoutMs", FIELD_MS, offsetof(struct plan, revision_timeout_ms)},
	{"run", FIELD_TEXT, offsetof(struct plan, run)},
	{"serverTimeoutMs", FIELD_MS, offsetof(struct plan, server_timeout_ms)},
	{"servers", FIELD_SERVERS, offsetof(struct plan, more_servers)},
	{"skip", FIELD_SKIP, offsetof(struct plan, skip)},
	{"stages", FIELD_STAGES, 0},
	{"submitter", FIELD_TEXT, offsetof(struct plan, submitter)},
	{"submitterUid", FIELD_NUMBER, offsetof(struct plan, submitter_uid)},
	{"v", FIELD_VERSION, 0},
};

static const struct field stage_fields[] = {
	{"concurrency", FIELD_NUMBER, offsetof(struct plan_stage, concurrency)},
	{"expect", FIELD_NUMBER, offsetof(struct plan_stage, expect)},
	{"gate", FIELD_GATE, offsetof(struct plan_stage, gate)},
	{"name", FIELD_TEXT, offsetof(struct plan_stage, name)},
	{"prune", FIELD_FLAG, offsetof(struct plan_stage, prune)},
	{"selector", FIELD_SELECTOR, 0},
	{"server", FIELD_SERVER, offsetof(struct plan_stage, server)},
	{"soak", FIELD_SOAK, offsetof(struct plan_stage, soak)},
	{"timeoutMs", FIELD_MS, offsetof(struct plan_stage, timeout_ms)},
};

static const struct field server_fields[] = {
	{"address", FIELD_TEXT, offsetof(struct plan_server, address)},
	{"context", FIELD_TEXT, offsetof(struct plan_server, context)},
};

static const struct field gate_fields[] = {
	{"approvers", FIELD_APPROVERS, 0},
	{"asked", FIELD_FLAG, offsetof(struct gate_rule, is_asked)},
	{"count", FIELD_NUMBER, offsetof(struct gate_rule, count)},
	{"notSubmitter", FIELD_FLAG, offsetof(struct gate_rule, not_submitter)},
	{"timeoutMs", FIELD_MS, offsetof(struct gate_rule, timeout_ms)},
};

static const struct field approver_fields[] = {
	{"group", FIELD_FLAG, offsetof(struct approver, is_group)},
	{"name", FIELD_TEXT, offsetof(struct approver, name)},
};

static const struct field soak_fields[] = {
	{"forMs", FIELD_MS, offsetof(struct soak_rule, for_ms)},
	{"onBreach", FIELD_BREACH, offsetof(struct soak_rule, on_breach)},
};

/* ---- writing ---- */

struct writing {
	struct json_write json;
	struct err *err;
	int version;
};

/* The oldest one that can say all of it: so what an older tiphys wrote is written so again. */
static int version_of(const struct plan *plan)
{
	return plan->more_servers > 0 ? 2 : 1;
}

static int write_fields(struct writing *writing, struct fields fields, const void *object);

static int write_text(struct writing *writing, const char *key, struct str text)
{
	if (!utf8_valid(text))
		return err_set(writing->err, E_USAGE, "the %s of the plan is not UTF-8", key);
	json_write_str(&writing->json, text);
	return 0;
}

static int write_approvers(struct writing *writing, const struct gate_rule *gate)
{
	json_write_array_begin(&writing->json);
	for (uint32_t i = 0; i < gate->approver_count; i++)
		if (write_fields(writing, FIELDS(approver_fields), &gate->approvers[i]) < 0)
			return -1;
	json_write_array_end(&writing->json);
	return 0;
}

static int write_stages(struct writing *writing, const struct plan *plan)
{
	json_write_array_begin(&writing->json);
	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (write_fields(writing, FIELDS(stage_fields), &plan->stages[i]) < 0)
			return -1;
	json_write_array_end(&writing->json);
	return 0;
}

static int write_servers(struct writing *writing, const struct plan *plan)
{
	json_write_array_begin(&writing->json);
	for (uint32_t i = 1; i <= plan->more_servers; i++)
		if (write_fields(writing, FIELDS(server_fields), &plan->servers[i]) < 0)
			return -1;
	json_write_array_end(&writing->json);
	return 0;
}

static int write_field(struct writing *writing, const struct field *field, const void *object)
{
	const void *at = (const char *)object + field->at;
	struct json_write *json = &writing->json;

	switch (field->type) {
	case FIELD_TEXT:
		return write_text(writing, field->key, *(const struct str *)at);
	case FIELD_FLAG:
		json_write_bool(json, *(const bool *)at);
		return 0;
	case FIELD_NUMBER:
	case FIELD_SERVER:
		json_write_uint(json, *(const uint32_t *)at);
		return 0;
	case FIELD_MS:
		check(*(const int64_t *)at >= 0);
		json_write_int(json, *(const int64_t *)at);
		return 0;
	case FIELD_SKIP:
		json_write_str(json, str_of(skip_policy_names[*(const enum skip_policy *)at]));
		return 0;
	case FIELD_BREACH:
		json_write_str(json, str_of(breach_policy_names[*(const enum breach_policy *)at]));
		return 0;
	case FIELD_SELECTOR:
		return write_text(writing, field->key, ((const struct plan_stage *)object)->text);
	case FIELD_GATE:
		return write_fields(writing, FIELDS(gate_fields), at);
	case FIELD_SOAK:
		return write_fields(writing, FIELDS(soak_fields), at);
	case FIELD_APPROVERS:
		return write_approvers(writing, object);
	case FIELD_STAGES:
		return write_stages(writing, object);
	case FIELD_SERVERS:
		return write_servers(writing, object);
	case FIELD_VERSION:
		json_write_int(json, writing->version);
		return 0;
	}
	check_failed(__FILE__, __LINE__, "a field of no type");
}

static int write_fields(struct writing *writing, struct fields fields, const void *object)
{
	json_write_object_begin(&writing->json);
	for (size_t i = 0; i < fields.n; i++) {
		if (since(&fields.v[i]) > writing->version)
			continue;
		json_write_key(&writing->json, str_of(fields.v[i].key));
		if (write_field(writing, &fields.v[i], object) < 0)
			return -1;
	}
	json_write_object_end(&writing->json);
	return 0;
}

int plan_to_json(const struct plan *plan, struct buf *out, struct err *err)
{
	auto_buf struct buf text = BUF_INIT(PLAN_JSON_BYTES_MAX);
	struct writing writing = {
		.json = JSON_WRITE(&text), .err = err, .version = version_of(plan)};

	check(plan->stage_count > 0);
	check(plan->stage_count <= STAGES_MAX);
	check(plan->more_servers < SERVERS_MAX);
	check(!buf_overflowed(out));
	if (write_fields(&writing, FIELDS(plan_fields), plan) < 0)
		return -1;
	json_write_finish(&writing.json);
	if (buf_overflowed(&text) || text.n > out->max - out->n)
		return err_set(err, E_LIMIT, "the plan has too many bytes");
	buf_str(out, buf_view(&text));
	return 0;
}

/* ---- reading ---- */

struct plan_reading {
	struct arena *arena;
	struct err *err;
	int version;
};

static int read_fields(struct plan_reading *reading, struct fields fields, const struct json *value,
		       const char *what, void *object);

static int wrong(struct plan_reading *reading, const char *key, const char *wanted)
{
	return err_set(reading->err, E_SYNTAX, "'%s' must be %s", key, wanted);
}

static int read_text(struct plan_reading *reading, const char *key, const struct json *value,
		     struct str *ret)
{
	if (json_kind(value) != JSON_KIND_TEXT)
		return wrong(reading, key, "a text");
	*ret = arena_copy(reading->arena, json_text_of(value));
	return 0;
}

static int read_number(struct plan_reading *reading, const char *key, const struct json *value,
		       int64_t most, int64_t *ret)
{
	int64_t number = json_int_of(value);

	/* A fraction reads as 0 here, and is found when the text is compared at the end. */
	if (json_kind(value) != JSON_KIND_NUMBER || number < 0 || number > most)
		return wrong(reading, key, "a number that fits");
	*ret = number;
	return 0;
}

static int read_name(struct plan_reading *reading, const char *key, const struct json *value,
		     const char *const *names, size_t count, size_t *ret)
{
	struct str text = json_text_of(value);

	for (size_t i = 0; i < count; i++) {
		if (!str_eq(text, str_of(names[i])))
			continue;
		*ret = i;
		return 0;
	}
	return wrong(reading, key, "one of its names");
}

static int read_selector(struct plan_reading *reading, const char *key, const struct json *value,
			 struct plan_stage *stage)
{
	if (read_text(reading, key, value, &stage->text) < 0)
		return -1;
	if (str_empty(stage->text))
		return 0;
	struct err inner;
	if (selector_parse_in(reading->arena, stage->text, &stage->selector, &inner) < 0)
		return err_set(reading->err, E_SYNTAX, "'%s': %s", key, inner.text);
	return 0;
}

static int read_approvers(struct plan_reading *reading, const char *key, const struct json *list,
			  struct gate_rule *gate)
{
	size_t count = json_count(list);

	if (json_kind(list) != JSON_KIND_LIST)
		return wrong(reading, key, "a list");
	struct approver *approvers = arena_array(reading->arena, struct approver, count);
	for (size_t i = 0; i < count; i++)
		if (read_fields(reading, FIELDS(approver_fields), json_at(list, i), "an approver",
				&approvers[i]) < 0)
			return -1;
	gate->approvers = count > 0 ? approvers : NULL;
	gate->approver_count = (uint32_t)count;
	return 0;
}

static int read_stages(struct plan_reading *reading, const char *key, const struct json *list,
		       struct plan *plan)
{
	size_t count = json_count(list);

	if (json_kind(list) != JSON_KIND_LIST || count == 0 || count > STAGES_MAX)
		return wrong(reading, key, "a list of at least one stage, and not too many");
	struct plan_stage *stages = arena_array(reading->arena, struct plan_stage, count);
	for (size_t i = 0; i < count; i++)
		if (read_fields(reading, FIELDS(stage_fields), json_at(list, i), "a stage",
				&stages[i]) < 0)
			return err_wrap(reading->err, "stage %zu", i + 1);
	plan->stages = stages;
	plan->stage_count = (uint32_t)count;
	return 0;
}

static int read_servers(struct plan_reading *reading, const char *key, const struct json *list,
			struct plan *plan)
{
	size_t count = json_count(list);

	if (json_kind(list) != JSON_KIND_LIST || count >= SERVERS_MAX)
		return wrong(reading, key, "a list, and not too long");
	for (size_t i = 0; i < count; i++)
		if (read_fields(reading, FIELDS(server_fields), json_at(list, i), "a server",
				&plan->servers[1 + i]) < 0)
			return -1;
	plan->more_servers = (uint32_t)count;
	return 0;
}

static int read_field(struct plan_reading *reading, const struct field *field,
		      const struct json *value, void *object)
{
	void *at = (char *)object + field->at;
	const char *key = field->key;
	int64_t number = 0;
	size_t name = 0;

	switch (field->type) {
	case FIELD_TEXT:
		return read_text(reading, key, value, at);
	case FIELD_FLAG:
		if (json_kind(value) != JSON_KIND_BOOL)
			return wrong(reading, key, "true or false");
		*(bool *)at = json_flag_of(value);
		return 0;
	case FIELD_NUMBER:
	case FIELD_SERVER:
		if (read_number(reading, key, value, UINT32_MAX, &number) < 0)
			return -1;
		*(uint32_t *)at = (uint32_t)number;
		return 0;
	case FIELD_MS:
		return read_number(reading, key, value, INT64_MAX, at);
	case FIELD_SKIP:
		if (read_name(reading, key, value, skip_policy_names, SKIP_NEVER + 1, &name) < 0)
			return -1;
		*(enum skip_policy *)at = (enum skip_policy)name;
		return 0;
	case FIELD_BREACH:
		if (read_name(reading, key, value, breach_policy_names,
			      COUNTOF(breach_policy_names), &name) < 0)
			return -1;
		*(enum breach_policy *)at = (enum breach_policy)name;
		return 0;
	case FIELD_SELECTOR:
		return read_selector(reading, key, value, object);
	case FIELD_GATE:
		return read_fields(reading, FIELDS(gate_fields), value, "a gate", at);
	case FIELD_SOAK:
		return read_fields(reading, FIELDS(soak_fields), value, "a soak", at);
	case FIELD_APPROVERS:
		return read_approvers(reading, key, value, object);
	case FIELD_STAGES:
		return read_stages(reading, key, value, object);
	case FIELD_SERVERS:
		return read_servers(reading, key, value, object);
	case FIELD_VERSION:
		return 0; /* looked at before anything else */
	}
	check_failed(__FILE__, __LINE__, "a field of no type");
}

static bool has_field(struct fields fields, struct str key, int version)
{
	for (size_t i = 0; i < fields.n; i++)
		if (since(&fields.v[i]) <= version && str_eq(key, str_of(fields.v[i].key)))
			return true;
	return false;
}

/* Exactly these keys, no other. */
static int read_fields(struct plan_reading *reading, struct fields fields, const struct json *value,
		       const char *what, void *object)
{
	struct json_cursor cursor = {0};

	if (json_kind(value) != JSON_KIND_MAP)
		return err_set(reading->err, E_SYNTAX, "%s must be a map", what);
	while (json_next(value, &cursor))
		if (!has_field(fields, cursor.key, reading->version))
			return err_set(reading->err, E_SYNTAX, "%s has no '" STR_FMT "'", what,
				       STR_ARG(cursor.key));
	for (size_t i = 0; i < fields.n; i++) {
		if (since(&fields.v[i]) > reading->version)
			continue;
		const char *const path[] = {fields.v[i].key, NULL};
		const struct json *member = json_get_path(value, path);
		if (!member)
			return err_set(reading->err, E_SYNTAX, "%s lacks its '%s'", what,
				       fields.v[i].key);
		if (read_field(reading, &fields.v[i], member, object) < 0)
			return -1;
	}
	return 0;
}

/* Before the keys: a newer version has others. */
static int check_version(const struct json *root, int *ret, struct err *err)
{
	const struct json *value = json_get(root, "v");
	int64_t version = json_int_of(value);

	if (json_kind(value) != JSON_KIND_NUMBER || version < 1)
		return err_set(err, E_SYNTAX, "no plan: its version is missing");
	if (version > PLAN_VERSION)
		return err_set(err, E_CONFLICT,
			       "written by a newer tiphys: it has version %lld, and this one reads "
			       "%d",
			       (long long)version, PLAN_VERSION);
	*ret = (int)version;
	return 0;
}

static int check_servers(const struct plan *plan, struct err *err)
{
	for (uint32_t i = 0; i < plan->stage_count; i++)
		if (plan->stages[i].server > plan->more_servers)
			return err_set(err, E_SYNTAX, "stage %u has a 'server' that there is not",
				       i + 1);
	return 0;
}

static int read_plan(const struct json *root, struct arena *arena, struct plan *plan,
		     struct err *err)
{
	struct plan_reading reading = {.arena = arena, .err = err};

	if (check_version(root, &reading.version, err) < 0 ||
	    read_fields(&reading, FIELDS(plan_fields), root, "a plan", plan) < 0 ||
	    check_servers(plan, err) < 0)
		return -1;
	plan_set_selectors(plan, arena);
	return 0;
}

/* What was read, written again, is the text: else its hash would not be the plan's. */
static int check_text(const struct plan *plan, struct str text, struct err *err)
{
	auto_buf struct buf again = BUF_INIT(PLAN_JSON_BYTES_MAX);

	if (plan_to_json(plan, &again, err) < 0)
		return -1;
	if (str_eq(buf_view(&again), text))
		return 0;
	return err_set(err, E_SYNTAX, "no plan as tiphys writes it: the text is not canonical");
}

int plan_from_json(struct str text, struct arena *arena, struct plan *ret_plan, struct err *err)
{
	struct json_limit limit = {.bytes = PLAN_JSON_BYTES_MAX, .depth = 10};
	auto_json struct json *root = NULL;
	struct plan plan = {0};

	if (json_parse(text, &limit, &root, err) < 0 || read_plan(root, arena, &plan, err) < 0 ||
	    check_text(&plan, text, err) < 0)
		return -1;
	*ret_plan = plan;
	return 0;
}
