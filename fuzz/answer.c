#include "answer.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "wire/argocd.h"
#include "wire/json.h"

/* What an answer became, as far as it must not depend on the portions. */
struct outline {
	unsigned replies;
	enum outcome outcome;
	size_t rows, watched, lost;
	uint64_t hash; /* of the message and of every application */
};

static void add(struct outline *outline, uint64_t value)
{
	outline->hash = (outline->hash ^ value) * UINT64_C(0x100000001b3);
}

static void add_text(struct outline *outline, struct str text)
{
	add(outline, str_hash(text));
}

static void check_words(struct str words, size_t bytes_max)
{
	check(words.n <= bytes_max);
	check(utf8_valid(words));
	for (size_t i = 0; i < words.n; i++)
		check((unsigned char)words.p[i] >= 0x20 && words.p[i] != 0x7f);
}

static void check_operation(struct outline *outline, const struct operation *op)
{
	enum { WORDS_BYTES_MAX = 2000 };

	check((op->phase == OP_NONE) == (op->id == 0));
	check_words(op->message, WORDS_BYTES_MAX);
	check_words(op->trouble, WORDS_BYTES_MAX);
	add(outline, op->id);
	add(outline, (uint64_t)op->phase);
	add(outline, operation_is_full(op));
	add_text(outline, op->revision);
	add_text(outline, op->token);
	add_text(outline, op->trouble);
}

static void check_application(struct outline *outline, const struct application *app)
{
	struct application *kept = application_keep(app);

	check(!str_empty(kept->name));
	check((kept->out_of_sync_count == 0) == (kept->out_of_sync_id == 0));
	check(kept->prune_count <= kept->out_of_sync_count);
	check(kept->requested.phase == OP_NONE || kept->requested.phase == OP_RUNNING);
	check_operation(outline, &kept->shown);
	check_operation(outline, &kept->requested);
	add_text(outline, kept->name);
	add_text(outline, kept->retry_json);
	add_text(outline, kept->out_of_sync_names);
	add(outline, kept->out_of_sync_id);
	add(outline, kept->is_compared);
	application_drop(kept);
}

static void check_history(struct outline *outline, const struct app_history *history)
{
	check(!str_empty(history->name));
	check(!history->is_cut || history->count > 0);
	add_text(outline, history->name);
	add_text(outline, history->owner);
	for (uint32_t i = 0; i < history->count; i++) {
		add_text(outline, history->deployments[i].revision);
		add(outline, (uint64_t)history->deployments[i].started_at.ms);
		add(outline, (uint64_t)history->deployments[i].ended_at.ms);
	}
}

static void take_watched(void *self, enum event_type type, const struct application *app)
{
	struct outline *outline = self;

	check(outline->replies == 0);
	check(type == EV_WATCHED || type == EV_WATCH_LOST);
	outline->watched += type == EV_WATCHED;
	outline->lost += type == EV_WATCH_LOST;
	check_application(outline, app);
}

static void take_reply(void *self, const struct reply *reply)
{
	struct outline *outline = self;

	outline->replies++;
	outline->outcome = reply->outcome;
	outline->rows = reply->row_count;
	check_words(reply->message, ARGOCD_MESSAGE_BYTES);
	check(reply->outcome == OUTCOME_OK || !str_empty(reply->message));
	add_text(outline, reply->message);
	for (size_t i = 0; i < reply->row_count; i++)
		add_text(outline, reply->rows[i].name);
	for (size_t i = 0; i < reply->history_count; i++)
		check_history(outline, &reply->histories[i]);
	if (reply->application)
		check_application(outline, reply->application);
}

static struct outline read_in(enum request_type type, const struct http_end *end, struct str bytes,
			      size_t portion)
{
	struct request request = {.type = type, .name = STR("web"), .project = STR("p")};
	struct outline outline = {0};
	struct argocd_sink sink = {.self = &outline, .watched = take_watched, .reply = take_reply};
	struct argocd_reader *reader = argocd_reader_new(&request);

	while (bytes.n > 0) {
		struct str now = str_first(bytes, MIN(bytes.n, portion));
		argocd_reader_feed(reader, now, &sink);
		bytes = str_after(bytes, now.n);
	}
	argocd_reader_end(reader, end, &sink);
	argocd_reader_free(reader);
	check(outline.replies == 1);
	return outline;
}

/* '0' is the plain 200, so that a corpus file may begin with it. */
static struct http_end end_of(uint8_t choice)
{
	static const int statuses[] = {200, 200, 200, 400, 401, 403, 404, 500, 504, 307};
	struct http_end end = {.status = 200, .location = STR("https://h/api/version?x=y")};
	unsigned number = (unsigned)choice - '0';

	if (number < COUNTOF(statuses))
		end.status = statuses[number];
	else
		end.failure = (enum http_failure)(choice % (HTTP_WRONG_SCHEME + 1));
	return end;
}

void fuzz_answer(enum request_type type, const uint8_t *data, size_t n)
{
	static bool is_ready;

	if (!is_ready)
		json_init(7);
	is_ready = true;
	if (n < 2)
		return;
	struct http_end end = end_of(data[0]);
	struct str bytes = str_make((const char *)data + 2, n - 2);
	struct outline whole = read_in(type, &end, bytes, bytes.n + 1);
	struct outline parts = read_in(type, &end, bytes, (size_t)data[1] % 61 + 1);
	check(whole.outcome == parts.outcome);
	check(whole.rows == parts.rows);
	check(whole.watched == parts.watched);
	check(whole.lost == parts.lost);
	check(whole.hash == parts.hash);
}
