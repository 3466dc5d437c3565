#include "model/cause.h"

#include "base/check.h"

static const struct {
	const char *name, *sentence;
} causes[] = {
#define CAUSE(name, json, sentence) [CAUSE_##name] = {json, sentence},
#include "model/cause.def"
#undef CAUSE
};
static_assert(COUNTOF(causes) == CAUSE_COUNT);

const char *cause_name(enum cause_type type)
{
	return causes[type].name;
}

enum cause_type cause_named(struct str name)
{
	enum cause_type type = 0;

	while (type < CAUSE_COUNT && !str_eq(name, str_of(causes[type].name)))
		type++;
	return type;
}

/* Appends `text` with {s} and {m} replaced; false if one of those was empty. */
static bool say_part(struct str text, const struct cause *cause, struct buf *out)
{
	bool is_full = true;
	while (text.n > 0) {
		struct str value = {0};
		bool is_slot = text.n >= 3 && text.p[0] == '{' && text.p[2] == '}';
		if (!is_slot) {
			buf_append(out, text.p, 1);
			text = (struct str){text.p + 1, text.n - 1};
			continue;
		}
		value = text.p[1] == 's' ? cause->subject : cause->message;
		is_full = is_full && value.n > 0;
		buf_str(out, value);
		text = (struct str){text.p + 3, text.n - 3};
	}
	return is_full;
}

void cause_say(const struct cause *cause, struct buf *out)
{
	struct str rest = str_of(causes[cause->type].sentence);
	while (rest.n > 0) {
		size_t open = 0;
		while (open < rest.n && rest.p[open] != '[')
			open++;
		say_part((struct str){rest.p, open}, cause, out);
		if (open == rest.n)
			return;
		size_t close = open;
		while (rest.p[close] != ']')
			close++;
		size_t before = out->n;
		if (!say_part((struct str){rest.p + open + 1, close - open - 1}, cause, out))
			buf_truncate(out, before);
		rest = (struct str){rest.p + close + 1, rest.n - close - 1};
	}
}

bool cause_same(const struct cause *a, const struct cause *b)
{
	return a->type == b->type && str_eq(a->subject, b->subject) &&
	       str_eq(a->message, b->message);
}

bool cause_passes(enum cause_type type)
{
	switch ((int)type) {
	case CAUSE_READING:
	case CAUSE_COMPARE:
	case CAUSE_PROOF:
	case CAUSE_SLOT:
	case CAUSE_POSTING:
	case CAUSE_OPERATION:
	case CAUSE_ADOPTED:
	case CAUSE_AUTO_SYNC:
	case CAUSE_HEALTH:
	case CAUSE_OUT_OF_SYNC:
	case CAUSE_BARRIER:
	case CAUSE_REREAD:
	case CAUSE_STAGE:
	case CAUSE_TO_SYNC:
		return true;
	default:
		return false;
	}
}
