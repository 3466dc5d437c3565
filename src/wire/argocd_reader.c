#include "wire/argocd.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/vec.h"
#include "wire/application_json.h"
#include "wire/argocd_outcome.h"
#include "wire/history_json.h"
#include "wire/splitter.h"

#include <string.h>

/* Of a List and a watch, what is kept to see what it was if it was no such thing. */
#define HEAD_BYTES_MAX (64 * KIB)
enum { STREAM_HEAD_BYTES = 64 };
enum { ROWS_MAX = 200'000 };

struct argocd_reader {
	enum request_type type;
	uint32_t id, app;
	struct arena arena; /* for as long as the reader */
	struct str name;    /* of whom the request is about; its own, as the target is */
	struct str target;
	bool wants_objects;
	struct buf body; /* the answer; of a List or a watch, its beginning */

	/* LIST, OWNERS, HISTORY */
	struct list_splitter list;
	VEC(struct app_row) rows;
	VEC(struct owner_row) owners;	   /* OWNERS */
	VEC(struct app_history) histories; /* HISTORY */
	bool is_list_bad;
	struct err list_err;

	/* WATCH */
	struct frame_splitter frames;
	const struct argocd_sink *sink; /* during a call */
	uint64_t bad_frames;
	bool is_stream; /* as the first good frame shows: how it began is of no interest then */
	bool has_stream_error;
	struct verdict stream_error;
};

static bool is_list(enum request_type type)
{
	return type == REQUEST_LIST || type == REQUEST_OWNERS || type == REQUEST_HISTORY;
}

static struct str text_copy(struct str text)
{
	return str_make(mem_copy(text), text.n);
}

static void text_free(struct str text)
{
	mem_free((char *)(uintptr_t)text.p);
}

struct argocd_reader *argocd_reader_new(const struct request *request)
{
	struct argocd_reader *reader = mem_zalloc(sizeof(*reader));
	bool is_split = is_list(request->type) || request->type == REQUEST_WATCH;
	struct http_request http;

	reader->type = request->type;
	reader->id = request->id;
	reader->app = request->app;
	reader->wants_objects = request->wants_objects;
	/* Not in the arena: a chunk of it for each request that waits would be much. */
	auto_arena struct arena arena = {0};
	argocd_encode(request, &http, &arena);
	reader->name = text_copy(request->name);
	reader->target = text_copy(http.target);
	reader->body = BUF_INIT(is_split ? HEAD_BYTES_MAX : ARGOCD_ANSWER_BYTES_MAX);
	list_splitter_init(&reader->list, ARGOCD_ELEMENT_BYTES_MAX);
	frame_splitter_init(&reader->frames, ARGOCD_ELEMENT_BYTES_MAX);
	return reader;
}

void argocd_reader_free(struct argocd_reader *reader)
{
	if (!reader)
		return;
	text_free(reader->name);
	text_free(reader->target);
	buf_release(&reader->body);
	list_splitter_release(&reader->list);
	frame_splitter_release(&reader->frames);
	vec_release(&reader->rows);
	vec_release(&reader->owners);
	vec_release(&reader->histories);
	arena_release(&reader->arena);
	mem_free(reader);
}

/* ---- bytes ---- */

static int keep_row(struct argocd_reader *reader, const struct json *item, struct err *err)
{
	struct app_row row;

	if (reader->rows.n >= ROWS_MAX)
		return err_set(err, E_LIMIT, "more than %d Applications", ROWS_MAX);
	if (app_row_from_json(item, &reader->arena, &row, err) < 0)
		return err_wrap(err, "element %zu", reader->rows.n + 1);
	row.name = arena_copy(&reader->arena, row.name);
	row.namespace = arena_copy(&reader->arena, row.namespace);
	row.project = arena_copy(&reader->arena, row.project);
	row.target_revision = arena_copy(&reader->arena, row.target_revision);
	vec_push(&reader->rows, row);
	return 0;
}

static int keep_owner(struct argocd_reader *reader, const struct json *item, struct err *err)
{
	struct owner_row row;

	if (owner_from_json(item, &reader->arena, &row, err) < 0)
		return err_wrap(err, "element %zu", reader->owners.n + 1);
	vec_push(&reader->owners, row);
	return 0;
}

/* Of the whole Application only this is kept, so memory grows with the histories. */
static int keep_history(struct argocd_reader *reader, const struct json *item, struct err *err)
{
	struct app_history history;

	if (reader->histories.n >= ROWS_MAX)
		return err_set(err, E_LIMIT, "more than %d Applications", ROWS_MAX);
	if (history_from_json(item, &reader->arena, &history, err) < 0)
		return err_wrap(err, "element %zu", reader->histories.n + 1);
	vec_push(&reader->histories, history);
	return 0;
}

/* One of the three has elements. */
static int take_element(void *self, struct str element, struct err *err)
{
	struct argocd_reader *reader = self;
	auto_json struct json *item = NULL;
	size_t kept = reader->rows.n + reader->owners.n + reader->histories.n;

	if (json_parse(element, &JSON_LIMIT, &item, err) < 0)
		return err_wrap(err, "element %zu", kept + 1);
	if (reader->type == REQUEST_OWNERS)
		return keep_owner(reader, item, err);
	if (reader->type == REQUEST_HISTORY)
		return keep_history(reader, item, err);
	return keep_row(reader, item, err);
}

static int take_watched(struct argocd_reader *reader, const struct json *result, struct err *err)
{
	const struct json *object = json_get(result, "application");
	struct str type = json_text(result, "type");
	auto_arena struct arena arena = {0};
	struct application app;

	if (str_eq(type, STR("DELETED"))) {
		if (application_gone_from_json(object, &app, err) < 0)
			return -1;
		reader->sink->watched(reader->sink->self, EV_WATCH_LOST, &app);
	} else if (str_eq(type, STR("ADDED")) || str_eq(type, STR("MODIFIED"))) {
		if (application_from_json(object, false, &arena, &app, err) < 0)
			return -1;
		reader->sink->watched(reader->sink->self, EV_WATCHED, &app);
	}
	return 0;
}

/* A watch may last for days: of its beginning no more is kept than says that there was one. */
static void be_stream(struct argocd_reader *reader)
{
	char beginning[STREAM_HEAD_BYTES];
	size_t n = MIN(reader->body.n, sizeof beginning);

	if (reader->is_stream)
		return;
	reader->is_stream = true;
	if (n > 0)
		memcpy(beginning, buf_view(&reader->body).p, n);
	buf_release(&reader->body);
	buf_str(&reader->body, str_make(beginning, n));
}

/* A watch is a hint: a frame that cannot be read is lost, the periodic List will tell. */
static int take_frame(void *self, struct str frame, struct err *err)
{
	struct argocd_reader *reader = self;
	auto_json struct json *root = NULL;
	int answer = json_parse(frame, &JSON_LIMIT, &root, err);

	if (answer == 0 && json_get(root, "error")) {
		reader->has_stream_error = true;
		reader->stream_error = argocd_stream_outcome(root, &reader->arena);
	} else if (answer == 0 && json_get(root, "result")) {
		answer = take_watched(reader, json_get(root, "result"), err);
	} else {
		answer = -1;
	}
	if (answer < 0)
		reader->bad_frames++;
	else if (!reader->has_stream_error)
		be_stream(reader);
	return answer;
}

/* As much of it as fits. */
static void keep_head(struct buf *head, struct str bytes)
{
	buf_str(head, str_first(bytes, MIN(bytes.n, head->max - head->n)));
}

void argocd_reader_feed(struct argocd_reader *reader, struct str bytes,
			const struct argocd_sink *sink)
{
	switch (reader->type) {
	case REQUEST_LIST:
	case REQUEST_OWNERS:
	case REQUEST_HISTORY:
		keep_head(&reader->body, bytes);
		if (!reader->is_list_bad && list_splitter_feed(&reader->list, bytes, take_element,
							       reader, &reader->list_err) < 0)
			reader->is_list_bad = true;
		return;
	case REQUEST_WATCH:
		if (!reader->is_stream)
			keep_head(&reader->body, bytes);
		reader->sink = sink;
		frame_splitter_feed(&reader->frames, bytes, take_frame, reader);
		reader->sink = NULL;
		return;
	case REQUEST_VERSION:
	case REQUEST_SETTINGS:
	case REQUEST_GET:
	case REQUEST_REFRESH:
	case REQUEST_SYNC:
	case REQUEST_OWNER:
	case REQUEST_GENERATE:
	case REQUEST_PROJECT:
	case REQUEST_TERMINATE:
		buf_str(&reader->body, bytes);
		return;
	}
}

/* ---- the reply ---- */

/* One answer on its way to a reply: what it points at lives until the sink has had it. */
struct answer {
	struct argocd_reader *reader;
	struct json *root;
	struct application app;
	struct reply reply;
};

static void spoil(struct answer *answer, struct str why)
{
	struct argocd_reader *reader = answer->reader;
	struct verdict bad = argocd_bad_answer(buf_view(&reader->body), why, &reader->arena);

	answer->reply.outcome = bad.outcome;
	answer->reply.message = bad.message;
}

/* {"Version":"v3.2.11+…"}: anybody may answer on a port, and the next request carries a token. */
static void read_version(struct answer *answer)
{
	struct str version = json_text(answer->root, "Version");
	bool is_version = version.n >= 2 && version.p[0] == 'v' && version.p[1] >= '0' &&
			  version.p[1] <= '9';

	if (is_version)
		answer->reply.version = version;
	else
		spoil(answer, STR("it answers, but not like an Argo CD"));
}

static void read_settings(struct answer *answer)
{
	answer->reply.namespace = json_text(answer->root, "controllerNamespace");
	answer->reply.url = json_text(answer->root, "url");
}

static void read_list(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;

	if (!reader->is_list_bad && list_splitter_end(&reader->list, &reader->list_err) == 0) {
		answer->reply.rows = reader->rows.v;
		answer->reply.row_count = reader->rows.n;
		answer->reply.owners = reader->owners.v;
		answer->reply.owner_count = reader->owners.n;
		answer->reply.histories = reader->histories.v;
		answer->reply.history_count = reader->histories.n;
	} else {
		spoil(answer, arena_printf(&reader->arena, "the list is broken: %s",
					   reader->list_err.text));
	}
}

/* A watch that ends has told all it had; only what was no watch at all is bad. */
static void read_watch(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;

	if (reader->has_stream_error) {
		answer->reply.outcome = reader->stream_error.outcome;
		answer->reply.message = reader->stream_error.message;
	} else if (reader->frames.strange > 0) {
		spoil(answer, STR("the answer is not a stream of events"));
	} else if (reader->bad_frames + reader->frames.dropped > 0) {
		spoil(answer, STR("some events of the watch could not be read"));
	}
}

static void read_application(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;
	struct err err;

	if (application_from_json(answer->root, true, &reader->arena, &answer->app, &err) < 0)
		spoil(answer, arena_printf(&reader->arena, "the answer is %s", err.text));
	else if (!str_eq(answer->app.name, reader->name))
		spoil(answer, STR("the answer is about another Application"));
	else
		answer->reply.application = &answer->app;
	if (answer->reply.application && reader->wants_objects)
		application_objects_from_json(answer->root, &reader->arena, &answer->app);
}

static void read_owner(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;
	struct err err;

	if (!str_eq(json_text(answer->root, "metadata", "name"), reader->name)) {
		spoil(answer, STR("the answer is not the ApplicationSet that was asked for"));
		return;
	}
	if (keep_owner(reader, answer->root, &err) < 0) {
		spoil(answer, arena_printf(&reader->arena, "the answer is %s", err.text));
		return;
	}
	answer->reply.owners = reader->owners.v;
	answer->reply.owner_count = reader->owners.n;
}

static void read_generated(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;
	const struct json *applications = json_get(answer->root, "applications");
	struct err err;

	for (size_t i = 0; i < json_count(applications); i++) {
		if (keep_row(reader, json_at(applications, i), &err) == 0)
			continue;
		spoil(answer, arena_printf(&reader->arena, "the answer is broken: %s", err.text));
		return;
	}
	answer->reply.rows = reader->rows.v;
	answer->reply.row_count = reader->rows.n;
}

static void read_project(struct answer *answer)
{
	if (!str_eq(json_text(answer->root, "metadata", "name"), answer->reader->name))
		spoil(answer, STR("the answer is not the project that was asked for"));
}

static void read_answer(struct answer *answer)
{
	switch (answer->reader->type) {
	case REQUEST_VERSION:
		read_version(answer);
		return;
	case REQUEST_SETTINGS:
		read_settings(answer);
		return;
	case REQUEST_LIST:
	case REQUEST_OWNERS:
	case REQUEST_HISTORY:
		read_list(answer);
		return;
	case REQUEST_WATCH:
		read_watch(answer);
		return;
	case REQUEST_GET:
	case REQUEST_REFRESH:
	case REQUEST_SYNC:
		read_application(answer);
		return;
	case REQUEST_OWNER:
		read_owner(answer);
		return;
	case REQUEST_GENERATE:
		read_generated(answer);
		return;
	case REQUEST_TERMINATE: /* "{}" */
		return;
	case REQUEST_PROJECT:
		read_project(answer);
		return;
	}
}

static bool is_one_object(enum request_type type)
{
	return !is_list(type) && type != REQUEST_WATCH;
}

/* A 200 whose body is still to be judged. */
static void read_body(struct answer *answer)
{
	struct argocd_reader *reader = answer->reader;
	struct str body = buf_view(&reader->body);
	struct err err;

	if (is_one_object(reader->type) && buf_overflowed(&reader->body))
		spoil(answer, STR("the answer is too large"));
	else if (is_one_object(reader->type) &&
		 json_parse(body, &JSON_LIMIT, &answer->root, &err) < 0)
		spoil(answer, arena_printf(&reader->arena, "the answer is broken: %s", err.text));
	else
		read_answer(answer);
}

void argocd_reader_end(struct argocd_reader *reader, const struct http_end *end,
		       const struct argocd_sink *sink)
{
	struct answer answer = {
		.reader = reader,
		.reply = {.id = reader->id, .type = reader->type, .app = reader->app},
	};

	if (reader->type == REQUEST_WATCH) {
		reader->sink = sink;
		frame_splitter_end(&reader->frames, end->failure == HTTP_OK, take_frame, reader);
		reader->sink = NULL;
	}
	struct verdict verdict = argocd_outcome(reader->target, end, buf_view(&reader->body),
						&reader->arena);
	answer.reply.outcome = verdict.outcome;
	answer.reply.message = verdict.message;
	if (verdict.outcome == OUTCOME_OK)
		read_body(&answer);
	sink->reply(sink->self, &answer.reply);
	json_free(answer.root);
}
