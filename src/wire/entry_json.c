#include "wire/entry_json.h"

#include "base/check.h"
#include "base/json_write.h"
#include "wire/json.h"

#include <stdio.h>

/* In the order of their keys, which is that of the bytes written. */
enum field {
	FIELD_ACCEPTED,
	FIELD_ALL,
	FIELD_APP,
	FIELD_AT,
	FIELD_ATTEMPT,
	FIELD_CAUSE,
	FIELD_CODE,
	FIELD_COMPARED_AT,
	FIELD_CONTEXT,
	FIELD_FINISHED_AT,
	FIELD_MESSAGE,
	FIELD_NAME,
	FIELD_NAMESPACE,
	FIELD_NONCE,
	FIELD_OPERATION,
	FIELD_REASON,
	FIELD_RUNNING,
	FIELD_SKIPPED,
	FIELD_SOAKED_MS,
	FIELD_STAGE,
	FIELD_SUBJECT,
	FIELD_TYPE,
	FIELD_UID,
	FIELD_VERSION,
	FIELD_WHO,
	FIELD_WHO_UID,
};
enum { FIELDS = FIELD_WHO_UID + 1 };
static_assert(FIELDS <= 32);

static const char *const keys[FIELDS] = {
	[FIELD_ACCEPTED] = "accepted",
	[FIELD_ALL] = "all",
	[FIELD_APP] = "app",
	[FIELD_AT] = "at",
	[FIELD_ATTEMPT] = "attempt",
	[FIELD_CAUSE] = "cause",
	[FIELD_CODE] = "code",
	[FIELD_COMPARED_AT] = "compared_at",
	[FIELD_CONTEXT] = "context",
	[FIELD_FINISHED_AT] = "finished_at",
	[FIELD_MESSAGE] = "message",
	[FIELD_NAME] = "name",
	[FIELD_NAMESPACE] = "namespace",
	[FIELD_NONCE] = "nonce",
	[FIELD_OPERATION] = "operation",
	[FIELD_REASON] = "reason",
	[FIELD_RUNNING] = "running",
	[FIELD_SKIPPED] = "skipped",
	[FIELD_SOAKED_MS] = "soaked_ms",
	[FIELD_STAGE] = "stage",
	[FIELD_SUBJECT] = "subject",
	[FIELD_TYPE] = "type",
	[FIELD_UID] = "uid",
	[FIELD_VERSION] = "v",
	[FIELD_WHO] = "who",
	[FIELD_WHO_UID] = "who_uid",
};

#define F(name) (UINT32_C(1) << FIELD_##name)
#define BY_WHOM (F(AT) | F(REASON) | F(WHO) | F(WHO_UID))

/* What each type has, besides its name and the version. */
static const uint32_t fields_of[ENTRY_TYPES] = {
	[ENTRY_MEMBER] = F(APP) | F(STAGE) | F(CONTEXT) | F(NAMESPACE) | F(NAME) | F(UID),
	[ENTRY_READ] = F(APP) | F(UID) | F(OPERATION) | F(FINISHED_AT) | F(RUNNING),
	[ENTRY_POST] = F(APP) | F(ATTEMPT),
	[ENTRY_ACCEPTED] = F(APP),
	[ENTRY_REJECTED] = F(APP),
	[ENTRY_ADOPTED] = F(APP) | F(OPERATION),
	[ENTRY_DONE] = F(APP) | F(OPERATION) | F(FINISHED_AT) | F(SKIPPED),
	[ENTRY_REOPENED] = F(APP),
	[ENTRY_CONFIRMED] = F(APP) | F(COMPARED_AT),
	[ENTRY_ENDED] = F(APP) | F(CODE) | F(CAUSE) | F(SUBJECT) | F(MESSAGE),
	[ENTRY_STOPPED] = F(APP),
	[ENTRY_BARRIER] = F(STAGE) | F(ALL),
	[ENTRY_PASSED] = F(STAGE),
	[ENTRY_STAGE] = F(STAGE) | F(AT),
	[ENTRY_STRANGER] = F(APP) | F(OPERATION) | F(ACCEPTED),
	[ENTRY_UNSEEN] = F(APP),
	[ENTRY_SEEN] = F(APP) | F(ATTEMPT),
	[ENTRY_GATE] = F(AT) | F(NONCE) | F(STAGE),
	[ENTRY_APPROVED] = F(NONCE) | F(STAGE) | BY_WHOM,
	[ENTRY_DECLINED] = F(NONCE) | F(STAGE) | BY_WHOM,
	[ENTRY_SOAKED] = F(AT) | F(SOAKED_MS) | F(STAGE),
	[ENTRY_BREACH] = F(APP) | F(AT) | F(CAUSE) | F(SOAKED_MS) | F(STAGE),
	[ENTRY_HELD] = F(APP) | F(AT),
	[ENTRY_PAUSED] = BY_WHOM,
	[ENTRY_RESUMED] = BY_WHOM,
	[ENTRY_TERMINATED] = BY_WHOM,
	[ENTRY_TERMINATED_ALL] = BY_WHOM,
	[ENTRY_RETRIED] = BY_WHOM,
	[ENTRY_SKIPPED] = F(APP) | BY_WHOM,
	[ENTRY_OVER] = F(AT) | F(CODE) | F(MESSAGE),
};

static void write_hex(struct json_write *w, uint64_t value)
{
	char text[17];

	snprintf(text, sizeof(text), "%016llx", (unsigned long long)value);
	json_write_str(w, str_of(text));
}

static void write_field(struct json_write *w, enum field field, const struct entry *entry)
{
	switch (field) {
	case FIELD_ACCEPTED:
		json_write_bool(w, entry->is_accepted);
		return;
	case FIELD_ALL:
		json_write_bool(w, entry->is_all);
		return;
	case FIELD_APP:
		json_write_uint(w, entry->app);
		return;
	case FIELD_AT:
		json_write_int(w, entry->at.ms);
		return;
	case FIELD_ATTEMPT:
		json_write_uint(w, entry->attempt);
		return;
	case FIELD_CAUSE:
		json_write_str(w, str_of(cause_name(entry->cause)));
		return;
	case FIELD_CODE:
		json_write_int(w, entry->code);
		return;
	case FIELD_COMPARED_AT:
		json_write_int(w, entry->compared_at.ms);
		return;
	case FIELD_CONTEXT:
		json_write_str(w, entry->context);
		return;
	case FIELD_FINISHED_AT:
		json_write_int(w, entry->finished_at.ms);
		return;
	case FIELD_MESSAGE:
		json_write_str(w, entry->message);
		return;
	case FIELD_NAME:
		json_write_str(w, entry->name);
		return;
	case FIELD_NAMESPACE:
		json_write_str(w, entry->namespace);
		return;
	case FIELD_NONCE:
		json_write_str(w, entry->nonce);
		return;
	case FIELD_OPERATION:
		write_hex(w, entry->operation);
		return;
	case FIELD_REASON:
		json_write_str(w, entry->reason);
		return;
	case FIELD_RUNNING:
		json_write_bool(w, entry->is_running);
		return;
	case FIELD_SKIPPED:
		json_write_bool(w, entry->is_skipped);
		return;
	case FIELD_SOAKED_MS:
		json_write_int(w, entry->soaked_ms);
		return;
	case FIELD_STAGE:
		json_write_uint(w, entry->stage);
		return;
	case FIELD_SUBJECT:
		json_write_str(w, entry->subject);
		return;
	case FIELD_TYPE:
		json_write_str(w, str_of(entry_name(entry->type)));
		return;
	case FIELD_UID:
		json_write_str(w, entry->uid);
		return;
	case FIELD_VERSION:
		json_write_int(w, ENTRY_JSON_VERSION);
		return;
	case FIELD_WHO:
		json_write_str(w, entry->who);
		return;
	case FIELD_WHO_UID:
		json_write_uint(w, entry->uid_of_who);
		return;
	}
}

void entry_to_json(const struct entry *entry, struct buf *out)
{
	check((unsigned)entry->type < ENTRY_TYPES);
	uint32_t fields = fields_of[entry->type] | F(TYPE) | F(VERSION);
	struct json_write w = JSON_WRITE(out);

	json_write_object_begin(&w);
	for (uint32_t i = 0; i < FIELDS; i++)
		if (fields & (UINT32_C(1) << i)) {
			json_write_key(&w, str_of(keys[i]));
			write_field(&w, (enum field)i, entry);
		}
	json_write_object_end(&w);
	json_write_finish(&w);
}

/* 0 for what is no hex: then the bytes are not those that would be written. */
static uint64_t hex_of(struct str text)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return 0;
	}
	return value;
}

/* A member of the wrong kind or out of bounds reads as something else, which entry_from_json finds.
 */
static void read_field(const struct json *value, enum field field, struct arena *arena,
		       struct entry *entry)
{
	switch (field) {
	case FIELD_ACCEPTED:
		entry->is_accepted = json_flag_of(value);
		return;
	case FIELD_ALL:
		entry->is_all = json_flag_of(value);
		return;
	case FIELD_APP:
		entry->app = (uint32_t)json_int_of(value);
		return;
	case FIELD_AT:
		entry->at.ms = json_int_of(value);
		return;
	case FIELD_ATTEMPT:
		entry->attempt = (uint32_t)json_int_of(value);
		return;
	case FIELD_CAUSE:
		entry->cause = cause_named(json_text_of(value));
		return;
	case FIELD_CODE:
		entry->code = (int)json_int_of(value);
		return;
	case FIELD_COMPARED_AT:
		entry->compared_at.ms = json_int_of(value);
		return;
	case FIELD_CONTEXT:
		entry->context = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_FINISHED_AT:
		entry->finished_at.ms = json_int_of(value);
		return;
	case FIELD_MESSAGE:
		entry->message = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_NAME:
		entry->name = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_NAMESPACE:
		entry->namespace = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_NONCE:
		entry->nonce = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_OPERATION:
		entry->operation = hex_of(json_text_of(value));
		return;
	case FIELD_REASON:
		entry->reason = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_RUNNING:
		entry->is_running = json_flag_of(value);
		return;
	case FIELD_SKIPPED:
		entry->is_skipped = json_flag_of(value);
		return;
	case FIELD_SOAKED_MS:
		entry->soaked_ms = json_int_of(value);
		return;
	case FIELD_STAGE:
		entry->stage = (uint32_t)json_int_of(value);
		return;
	case FIELD_SUBJECT:
		entry->subject = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_TYPE:
	case FIELD_VERSION:
		return;
	case FIELD_UID:
		entry->uid = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_WHO:
		entry->who = arena_copy(arena, json_text_of(value));
		return;
	case FIELD_WHO_UID:
		entry->uid_of_who = (uint32_t)json_int_of(value);
		return;
	}
}

static int fail_newer(struct err *err, const char *what, struct str name)
{
	return err_set(err, E_CONFLICT,
		       "written by a newer tiphys: this one knows no %s '" STR_FMT
		       "'; use a tiphys at least as new as the one that wrote it",
		       what, STR_ARG(name));
}

static int read_type(const struct json *root, enum entry_type *ret_type, struct err *err)
{
	struct str name = json_text(root, "type");

	if (str_empty(name))
		return err_set(err, E_SYNTAX, "an entry without a type");
	for (uint32_t i = 0; i < ENTRY_TYPES; i++)
		if (str_eq(name, str_of(entry_name((enum entry_type)i)))) {
			*ret_type = (enum entry_type)i;
			return 0;
		}
	return fail_newer(err, "entry", name);
}

static int read_version(const struct json *root, struct err *err)
{
	int64_t version = json_int(root, "v");

	if (version > ENTRY_JSON_VERSION)
		return err_set(err, E_CONFLICT,
			       "written by a newer tiphys: its version is %lld, this tiphys knows "
			       "%d; use a tiphys at least as new as the one that wrote it",
			       (long long)version, ENTRY_JSON_VERSION);
	if (version != ENTRY_JSON_VERSION)
		return err_set(err, E_SYNTAX, "an entry without a version");
	return 0;
}

static int read_fields(const struct json *root, struct arena *arena, struct entry *entry,
		       struct err *err)
{
	for (uint32_t i = 0; i < FIELDS; i++) {
		if (!(fields_of[entry->type] & (UINT32_C(1) << i)))
			continue;
		const struct json *value = json_get(root, keys[i]);
		if (!value)
			return err_set(err, E_SYNTAX, "an entry '%s' without '%s'",
				       entry_name(entry->type), keys[i]);
		read_field(value, (enum field)i, arena, entry);
		if (i == FIELD_CAUSE && entry->cause == CAUSE_COUNT)
			return fail_newer(err, "cause", json_text_of(value));
	}
	return 0;
}

int entry_from_json(struct str bytes, struct arena *arena, struct entry *ret_entry, struct err *err)
{
	static const struct json_limit limit = {.bytes = ENTRY_JSON_BYTES_MAX, .depth = 1};
	auto_json struct json *root = NULL;
	auto_buf struct buf again = BUF_INIT(ENTRY_JSON_BYTES_MAX);
	struct entry entry = {0};

	if (json_parse(bytes, &limit, &root, err) < 0 || read_version(root, err) < 0 ||
	    read_type(root, &entry.type, err) < 0 || read_fields(root, arena, &entry, err) < 0)
		return -1;
	/* One question for all that can be wrong with kinds, bounds, order, blanks and members too
	 * many: is it what this entry would be written as? */
	entry_to_json(&entry, &again);
	if (!str_eq(buf_view(&again), bytes))
		return err_set(err, E_SYNTAX, "not what an entry '%s' is written as",
			       entry_name(entry.type));
	*ret_entry = entry;
	return 0;
}
