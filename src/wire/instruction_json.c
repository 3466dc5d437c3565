#include "wire/instruction_json.h"

#include "base/check.h"
#include "base/json_write.h"
#include "base/utf8.h"
#include "wire/json.h"
#include "wire/plain.h"

/* What a frame may hold besides "v", "type" and "id". */
enum field {
	FIELD_RUN,
	FIELD_REASON,
	FIELD_NONCE,
	FIELD_PLAN,
	FIELD_APP,
	FIELD_OPERATIONS,
	FIELD_CODE,
	FIELD_TEXT,
};
enum { FIELDS = FIELD_TEXT + 1 };

static const struct {
	const char *key;
	enum json_kind kind;
	size_t bytes_max; /* of a text */
} fields[] = {
	[FIELD_RUN] = {"run", JSON_KIND_TEXT, INSTRUCTION_RUN_BYTES_MAX},
	[FIELD_REASON] = {"reason", JSON_KIND_TEXT, INSTRUCTION_REASON_BYTES_MAX},
	[FIELD_NONCE] = {"nonce", JSON_KIND_TEXT, INSTRUCTION_NONCE_BYTES_MAX},
	[FIELD_PLAN] = {"plan", JSON_KIND_TEXT, INSTRUCTION_PLAN_BYTES_MAX},
	[FIELD_APP] = {"app", JSON_KIND_TEXT, INSTRUCTION_APP_BYTES_MAX},
	[FIELD_OPERATIONS] = {"operations", JSON_KIND_BOOL, 0},
	[FIELD_CODE] = {"code", JSON_KIND_NUMBER, 0},
	[FIELD_TEXT] = {"text", JSON_KIND_TEXT, INSTRUCTION_ANSWER_BYTES_MAX},
};
static_assert(COUNTOF(fields) == FIELDS);

#define BIT(field) (1U << (field))

enum {
	ALWAYS = BIT(FIELD_RUN),
	GATE = BIT(FIELD_NONCE) | BIT(FIELD_PLAN),
	ANSWER_FIELDS = BIT(FIELD_CODE) | BIT(FIELD_TEXT),
};

/* The fields without which an instruction of this type means nothing. */
static unsigned fields_needed(enum instruction_type type)
{
	switch (type) {
	case INSTRUCTION_APPROVE:
	case INSTRUCTION_REJECT:
		return ALWAYS | GATE;
	case INSTRUCTION_SKIP:
		return ALWAYS | BIT(FIELD_APP);
	case INSTRUCTION_PAUSE:
	case INSTRUCTION_RESUME:
	case INSTRUCTION_TERMINATE:
	case INSTRUCTION_RETRY:
		return ALWAYS;
	}
	check_failed(__FILE__, __LINE__, "a instruction type");
}

static unsigned fields_allowed(enum instruction_type type)
{
	return fields_needed(type) | BIT(FIELD_REASON) |
	       (type == INSTRUCTION_TERMINATE ? BIT(FIELD_OPERATIONS) : 0);
}

/* A terminal acts on the control characters of C0 and C1; these others turn or hide its text. */
static bool is_shown_as_it_is(uint32_t c)
{
	bool is_control = c < 0x20 || (c >= 0x7f && c < 0xa0);
	bool is_direction = c == 0x061c || c == 0x200e || c == 0x200f ||
			    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
	bool is_break = c == 0x2028 || c == 0x2029;

	return !is_control && !is_direction && !is_break;
}

static int check_text(enum err_code code, const char *what, struct str text, size_t bytes_max,
		      struct err *err)
{
	struct str rest = text;

	if (text.n > bytes_max)
		return err_set(err, code == E_USAGE ? E_USAGE : E_LIMIT,
			       "%s has %zu bytes, and %zu is the most: make it shorter", what,
			       text.n, bytes_max);
	while (!str_empty(rest)) {
		bool is_valid;
		uint32_t c = utf8_next(&rest, &is_valid);
		if (!is_valid)
			return err_set(err, code, "%s is not UTF-8", what);
		if (!is_shown_as_it_is(c))
			return err_set(err, code,
				       "%s has the character U+%04X, which a terminal does not "
				       "show: write it as one line of plain text",
				       what, (unsigned)c);
	}
	return 0;
}

int instruction_check_text(const char *what, struct str text, size_t bytes_max, struct err *err)
{
	return check_text(E_USAGE, what, text, bytes_max, err);
}

/* ---- writing ---- */

static void write_text(struct json_write *w, enum field field, struct str text)
{
	struct err err;

	check(check_text(E_SYNTAX, fields[field].key, text, fields[field].bytes_max, &err) == 0);
	json_write_field_str(w, str_of(fields[field].key), text);
}

static void begin_frame(struct json_write *w, const char *type)
{
	json_write_object_begin(w);
	json_write_field_int(w, STR("v"), INSTRUCTION_VERSION);
	json_write_field_str(w, STR("type"), str_of(type));
}

void instruction_to_json(struct str run, const struct instruction *instruction, struct buf *out)
{
	struct json_write w = JSON_WRITE(out);
	unsigned needed = fields_needed(instruction->type);

	check(!str_empty(run));
	check(instruction->id > 0);
	check(instruction->id <= INT64_MAX);
	begin_frame(&w, instruction_name(instruction->type));
	write_text(&w, FIELD_RUN, run);
	json_write_field_int(&w, STR("id"), (int64_t)instruction->id);
	if (!str_empty(instruction->reason))
		write_text(&w, FIELD_REASON, instruction->reason);
	if (needed & BIT(FIELD_NONCE)) {
		check(!str_empty(instruction->nonce));
		check(!str_empty(instruction->plan_hash));
		write_text(&w, FIELD_NONCE, instruction->nonce);
		write_text(&w, FIELD_PLAN, instruction->plan_hash);
	}
	if (needed & BIT(FIELD_APP)) {
		check(!str_empty(instruction->app));
		write_text(&w, FIELD_APP, instruction->app);
	}
	if (instruction->with_operations) {
		check(instruction->type == INSTRUCTION_TERMINATE);
		json_write_field_bool(&w, str_of(fields[FIELD_OPERATIONS].key), true);
	}
	json_write_object_end(&w);
	json_write_finish(&w);
}

/* The text without what check_text() refuses, and no longer than it may be. */
static struct str made_fit(struct str text, struct arena *arena)
{
	struct str rest = plain_text(text, INSTRUCTION_ANSWER_BYTES_MAX, arena);
	struct buf fit = BUF_INIT(INSTRUCTION_ANSWER_BYTES_MAX);

	while (!str_empty(rest)) {
		uint32_t c = utf8_next(&rest, NULL);
		if (is_shown_as_it_is(c))
			utf8_append(&fit, c);
	}
	struct str kept = arena_copy(arena, buf_view(&fit));
	buf_release(&fit);
	return kept;
}

void answer_to_json(const struct instruction_answer *answer, struct buf *out)
{
	auto_arena struct arena arena = {0};
	struct json_write w = JSON_WRITE(out);

	check(answer->id <= INT64_MAX);
	check(answer->code >= 0);
	check(answer->code <= UINT8_MAX);
	begin_frame(&w, "answer");
	json_write_field_int(&w, STR("id"), (int64_t)answer->id);
	json_write_field_int(&w, STR("code"), answer->code);
	write_text(&w, FIELD_TEXT, made_fit(answer->text, &arena));
	json_write_object_end(&w);
	json_write_finish(&w);
}

/* ---- reading ---- */

static int parse(struct str line, struct json **ret_root, struct err *err)
{
	/* Ours are flat; a newer one may nest, and must still be told by its version. */
	struct json_limit limit = {.bytes = INSTRUCTION_FRAME_BYTES_MAX, .depth = 16};

	if (json_parse(line, &limit, ret_root, err) < 0)
		return err_wrap(err, "not a frame");
	return 0;
}

static int whole_number(const struct json *value, const char *key, int64_t min, int64_t max,
			int64_t *ret, struct err *err)
{
	int64_t number = json_int_of(value);
	/* What is no number, or no whole one, reads as 0. */
	bool is_number = number != 0 || json_number_is_zero(value);

	if (!is_number || number < min || number > max)
		return err_set(err, E_SYNTAX, "%s is not a whole number from %lld on", key,
			       (long long)min);
	*ret = number;
	return 0;
}

static int check_version(const struct json *root, struct err *err)
{
	int64_t version;

	if (whole_number(json_get(root, "v"), "v", 1, INT64_MAX, &version, err) < 0)
		return -1;
	if (version != INSTRUCTION_VERSION)
		return err_set(err, E_CONFLICT,
			       "a frame of version %lld, and this tiphys knows %d: use the same "
			       "tiphys as the runner, or restart the runner with this one",
			       (long long)version, INSTRUCTION_VERSION);
	return 0;
}

static bool find_field(struct str key, enum field *ret_field)
{
	for (unsigned field = 0; field < FIELDS; field++) {
		if (str_eq(key, str_of(fields[field].key))) {
			*ret_field = (enum field)field;
			return true;
		}
	}
	return false;
}

static int check_field(enum field field, const struct json *value, struct err *err)
{
	const char *key = fields[field].key;

	if (json_kind(value) != fields[field].kind)
		return err_set(err, E_SYNTAX, "%s is of the wrong kind", key);
	if (fields[field].kind != JSON_KIND_TEXT)
		return 0;
	return check_text(E_SYNTAX, key, json_text_of(value), fields[field].bytes_max, err);
}

/* Every member is one of `allowed`, of the right kind, and none of `needed` is lacking. */
static int check_fields(const struct json *root, const char *type, unsigned needed,
			unsigned allowed, struct err *err)
{
	struct json_cursor at = {0};
	enum field field;

	while (json_next(root, &at)) {
		if (str_eq(at.key, STR("v")) || str_eq(at.key, STR("type")) ||
		    str_eq(at.key, STR("id")))
			continue;
		if (!find_field(at.key, &field) || !(allowed & BIT(field)))
			return err_set(err, E_SYNTAX, "%s has a key that it does not know", type);
		if (check_field(field, at.value, err) < 0)
			return -1;
	}
	for (unsigned i = 0; i < FIELDS; i++) {
		const struct json *value = json_get_path(root, JSON_PATH(fields[i].key));
		bool is_empty = fields[i].kind == JSON_KIND_TEXT && i != FIELD_TEXT &&
				str_empty(json_text_of(value));
		if ((needed & BIT(i)) && (!value || is_empty))
			return err_set(err, E_SYNTAX, "%s lacks its %s", type, fields[i].key);
	}
	return 0;
}

static bool find_type(struct str name, enum instruction_type *ret_type)
{
	for (int i = 0; i < INSTRUCTION_TYPES; i++) {
		enum instruction_type type = (enum instruction_type)i;
		if (str_eq(name, str_of(instruction_name(type)))) {
			*ret_type = type;
			return true;
		}
	}
	return false;
}

int instruction_from_json(struct str line, struct arena *arena, struct str *ret_run,
			  struct instruction *ret_instruction, struct err *err)
{
	auto_json struct json *root = NULL;
	enum instruction_type type;
	int64_t id;

	if (parse(line, &root, err) < 0 || check_version(root, err) < 0)
		return -1;
	if (!find_type(json_text(root, "type"), &type))
		return err_set(err, E_SYNTAX, "its type is not a instruction");
	if (check_fields(root, instruction_name(type), fields_needed(type), fields_allowed(type),
			 err) < 0 ||
	    whole_number(json_get(root, "id"), "id", 1, INT64_MAX, &id, err) < 0)
		return -1;
	*ret_run = arena_copy(arena, json_text(root, "run"));
	*ret_instruction = (struct instruction){
		.id = (uint64_t)id,
		.type = type,
		.reason = arena_copy(arena, json_text(root, "reason")),
		.nonce = arena_copy(arena, json_text(root, "nonce")),
		.plan_hash = arena_copy(arena, json_text(root, "plan")),
		.app = arena_copy(arena, json_text(root, "app")),
		.with_operations = json_flag(root, "operations"),
	};
	return 0;
}

int answer_from_json(struct str line, struct arena *arena, struct instruction_answer *ret_answer,
		     struct err *err)
{
	auto_json struct json *root = NULL;
	int64_t id, code;

	if (parse(line, &root, err) < 0 || check_version(root, err) < 0)
		return -1;
	if (!str_eq(json_text(root, "type"), STR("answer")))
		return err_set(err, E_SYNTAX, "its type is not answer");
	if (check_fields(root, "answer", ANSWER_FIELDS, ANSWER_FIELDS, err) < 0 ||
	    whole_number(json_get(root, "id"), "id", 0, INT64_MAX, &id, err) < 0 ||
	    whole_number(json_get(root, "code"), "code", 0, UINT8_MAX, &code, err) < 0)
		return -1;
	*ret_answer = (struct instruction_answer){
		.id = (uint64_t)id,
		.code = (int)code,
		.text = arena_copy(arena, json_text(root, "text")),
	};
	return 0;
}
