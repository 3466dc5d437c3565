#include "io/journal_chain.h"

#include "base/check.h"

enum { PARTS_MAX = 24 };

/* Parts to be hashed; numbers need a place to stand in meanwhile. */
struct parts {
	struct str v[PARTS_MAX];
	unsigned char numbers[PARTS_MAX][8];
	size_t n;
};

static void add_bytes(struct parts *parts, struct str bytes)
{
	check(parts->n < PARTS_MAX);
	parts->v[parts->n++] = bytes;
}

static void add_number(struct parts *parts, uint64_t number)
{
	check(parts->n < PARTS_MAX);
	unsigned char *bytes = parts->numbers[parts->n];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (56 - 8 * i));
	add_bytes(parts, str_make((const char *)bytes, 8));
}

static void add_text(struct parts *parts, struct str text)
{
	add_number(parts, text.n);
	add_bytes(parts, text);
}

struct sha256 journal_origin(const struct journal_run *run)
{
	struct parts parts = {0};

	add_bytes(&parts, STR("tiphys-run-1"));
	add_text(&parts, run->id);
	add_text(&parts, run->project);
	add_text(&parts, run->app);
	add_text(&parts, run->revision);
	add_text(&parts, run->plan);
	add_number(&parts, (uint64_t)run->submitted_at.ms);
	add_text(&parts, run->submitter);
	add_number(&parts, run->submitter_uid);
	return sha256_of(parts.v, parts.n);
}

struct sha256 journal_link(const struct sha256 *prev, const struct journal_event *event)
{
	struct parts parts = {0};

	add_bytes(&parts, STR("tiphys-event-1"));
	add_bytes(&parts, sha256_view(prev));
	add_number(&parts, event->seq);
	add_number(&parts, event->epoch);
	add_number(&parts, (uint64_t)event->wall.ms);
	add_number(&parts, (uint64_t)event->mono.ms);
	add_text(&parts, event->boot_id);
	add_text(&parts, event->body);
	return sha256_of(parts.v, parts.n);
}

struct sha256 journal_seal(const struct sha256 *origin, const struct journal_run *run)
{
	struct parts parts = {0};

	add_bytes(&parts, STR("tiphys-seal-1"));
	add_bytes(&parts, sha256_view(origin));
	add_number(&parts, run->count);
	add_number(&parts, run->is_over);
	add_bytes(&parts, sha256_view(&run->head));
	return sha256_of(parts.v, parts.n);
}
