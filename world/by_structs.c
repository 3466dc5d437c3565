#include "world/by_structs.h"

#include "argo/face/app_read.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/map.h"
#include "wire/argocd_outcome.h"
#include "world/mirror.h"

struct by_structs {
	struct argo *argo;
	struct str token;
	struct api_answer answer; /* what next() has found */
	/* Those that were shown, each version once: their handles are their numbers. */
	VEC(const struct appset *) shown;
};

/* What was last sent of an Application in a watch. */
struct sent {
	enum change_type change;
	uint64_t version;
};

struct letter {
	uint32_t id, app; /* the request's */
	enum request_type type;
	bool has_labels, wants_objects;
	struct api_request request; /* its texts are the model's */
	struct str project;
	/* WATCH: by name */
	struct map names;
	VEC(struct sent) sent;
};

/* One event of a watch, or the reply. */
struct told {
	struct arena arena;
	bool is_event;
	enum event_type type; /* is_event */
	struct application app;
	struct reply reply;
};

/* ---- there ---- */

static struct str intern(void *self, struct str text)
{
	return argo_intern(self, text);
}

static struct retry retry_of(struct argo *argo, struct str text)
{
	auto_json struct json *json = NULL;
	struct err err = {0};
	struct reading r = {.intern = intern, .self = argo, .err = &err};

	if (str_empty(text))
		return (struct retry){.is_set = true};
	check(json_parse(text, &JSON_LIMIT, &json, &err) == 0);
	return app_read_retry(&r, (struct at){.value = json});
}

static void ask_for_sync(struct argo *argo, const struct request *request, struct api_request *ret)
{
	struct pair_list *infos = pair_list_new(1);

	infos->v[0] = (struct pair){STR("tiphys"), argo_intern(argo, request->token)};
	ret->sync_revision = argo_intern(argo, request->revision);
	ret->sync = (struct op_request){
		.is_set = true,
		.prune = request->prune,
		.infos = infos,
		.retry = retry_of(argo, request->retry_json),
	};
}

/* What the JSON of an ApplicationSet asks for, with the annotation that has the generators look
 * anew. */
static struct appset *set_to_generate(const struct by_structs *way, struct str handle)
{
	uint64_t number;

	check(str_to_u64(handle, &number));
	const struct appset *shown = vec_at(&way->shown, number);
	struct appset *set = appset_copy(shown);
	set->wants_refresh = true;
	return set;
}

static enum api_verb verb_of(enum request_type type)
{
	switch (type) {
	case REQUEST_VERSION:
		return API_VERSION;
	case REQUEST_SETTINGS:
		return API_SETTINGS;
	case REQUEST_LIST:
	case REQUEST_HISTORY:
		return API_APPS_LIST;
	case REQUEST_WATCH:
		return API_APPS_WATCH;
	case REQUEST_GET:
	case REQUEST_REFRESH:
		return API_APP_GET;
	case REQUEST_SYNC:
		return API_APP_SYNC;
	case REQUEST_TERMINATE:
		return API_APP_TERMINATE;
	case REQUEST_OWNER:
		return API_APPSET_GET;
	case REQUEST_OWNERS:
		return API_APPSETS_LIST;
	case REQUEST_GENERATE:
		return API_APPSET_GENERATE;
	case REQUEST_PROJECT:
		return API_PROJECT_GET;
	}
	check_failed(__FILE__, __LINE__, "a request has a verb");
}

/* Of its names those that this kind of request carries. */
static void address(struct argo *argo, const struct request *request, struct letter *letter)
{
	struct api_request *to = &letter->request;
	enum request_type type = request->type;
	bool is_about_app = type == REQUEST_GET || type == REQUEST_REFRESH ||
			    type == REQUEST_SYNC || type == REQUEST_TERMINATE;
	bool selects = type == REQUEST_LIST || type == REQUEST_WATCH;

	if (is_about_app || type == REQUEST_OWNER || type == REQUEST_PROJECT)
		to->name = argo_intern(argo, request->name);
	if (is_about_app)
		to->app_namespace = argo_intern(argo, request->namespace);
	if (selects)
		to->selector = argo_intern(argo, request->selector);
	letter->project = argo_intern(argo, request->project);
	to->projects = &letter->project;
	to->project_count = (is_about_app || selects || type == REQUEST_OWNERS) &&
			    !str_empty(request->project);
}

static void *write(void *self, const struct request *request)
{
	struct by_structs *way = self;
	struct letter *letter = mem_zalloc(sizeof *letter);
	struct api_request *to = &letter->request;

	check(request->type != REQUEST_HISTORY);
	letter->id = request->id;
	letter->app = request->app;
	letter->type = request->type;
	letter->has_labels = request->has_labels;
	letter->wants_objects = request->wants_objects;
	to->verb = verb_of(request->type);
	address(way->argo, request, letter);
	if (request->type != REQUEST_VERSION)
		to->token = way->token;
	to->deadline_ms = argocd_server_timeout_s(request) * 1000;
	if (request->type == REQUEST_REFRESH)
		to->refresh = request->is_hard ? REFRESH_HARD : REFRESH_NORMAL;
	if (request->type == REQUEST_SYNC)
		ask_for_sync(way->argo, request, to);
	if (request->type == REQUEST_GENERATE)
		to->appset = set_to_generate(way, request->owner_json);
	return letter;
}

static void tear(void *self)
{
	struct letter *letter = self;

	pair_list_drop(letter->request.sync.infos);
	appset_drop(letter->request.appset);
	map_release(&letter->names);
	vec_release(&letter->sent);
	mem_free(letter);
}

static uint64_t hand_over(void *self, void *one, uint32_t replica, wall now)
{
	struct by_structs *way = self;
	struct letter *letter = one;

	letter->request.replica = replica;
	return server_begin(argo_server(way->argo), &letter->request, now);
}

static void hang_up(void *self, uint64_t number)
{
	struct by_structs *way = self;
	server_cancel(argo_server(way->argo), number);
}

/* ---- what a watch says ---- */

/* What is equal to the last one of the same name is not sent again; a version is one text. */
static bool is_news(struct letter *letter, const struct api_answer *answer)
{
	struct sent sent = {answer->change, answer->app->version};
	uint32_t index;

	if (!map_get(&letter->names, answer->app->name, &index)) {
		map_put(&letter->names, answer->app->name, (uint32_t)letter->sent.n);
		vec_push(&letter->sent, sent);
		return true;
	}
	struct sent *last = &letter->sent.v[index];
	bool is_other = last->change != sent.change || last->version != sent.version;
	*last = sent;
	return is_other;
}

static void tell_event(const struct letter *letter, const struct api_answer *answer,
		       struct told *told)
{
	enum mirror_kind kind = letter->has_labels ? MIRROR_FRAME_WITH_LABELS : MIRROR_FRAME;
	bool is_lost = answer->change == CHANGE_DELETED;

	told->is_event = true;
	told->type = is_lost ? EV_WATCH_LOST : EV_WATCHED;
	told->app = is_lost ? mirror_gone(answer->app)
			    : mirror_application(answer->app, kind, &told->arena);
}

/* ---- what is replied ---- */

static void tell_rows(const struct api_answer *answer, bool has_labels, struct told *told)
{
	struct app_row *rows = arena_array(&told->arena, struct app_row, answer->app_count);

	for (size_t i = 0; i < answer->app_count; i++)
		rows[i] = mirror_row(answer->apps[i], has_labels, &told->arena);
	told->reply.rows = rows;
	told->reply.row_count = answer->app_count;
}

static size_t number_of(struct by_structs *way, const struct appset *set)
{
	for (size_t i = 0; i < way->shown.n; i++)
		if (way->shown.v[i]->version == set->version)
			return i;
	vec_push(&way->shown, appset_keep(set));
	return way->shown.n - 1;
}

static void tell_owners(struct by_structs *way, struct told *told)
{
	const struct api_answer *answer = &way->answer;
	struct owner_row *rows = arena_array(&told->arena, struct owner_row, answer->appset_count);

	for (size_t i = 0; i < answer->appset_count; i++) {
		const struct appset *set = answer->appsets[i];
		struct str handle = arena_printf(&told->arena, "%zu", number_of(way, set));
		rows[i] = mirror_owner(set, handle, &told->arena);
	}
	told->reply.owners = rows;
	told->reply.owner_count = answer->appset_count;
}

static void tell_reply(struct by_structs *way, const struct letter *letter, struct told *told)
{
	const struct api_answer *answer = &way->answer;
	struct reply *reply = &told->reply;

	switch (letter->type) {
	case REQUEST_VERSION:
		reply->version = STR(ARGO_VERSION);
		return;
	case REQUEST_SETTINGS:
		reply->namespace = STR("argocd");
		return;
	case REQUEST_LIST:
		tell_rows(answer, letter->has_labels, told);
		return;
	case REQUEST_GENERATE:
		tell_rows(answer, true, told);
		return;
	case REQUEST_GET:
	case REQUEST_REFRESH:
	case REQUEST_SYNC:
		told->app = mirror_application(answer->app, MIRROR_WHOLE, &told->arena);
		if (letter->wants_objects)
			mirror_objects(answer->app, &told->arena, &told->app);
		reply->application = &told->app;
		return;
	case REQUEST_OWNER:
	case REQUEST_OWNERS:
		tell_owners(way, told);
		return;
	case REQUEST_PROJECT:
	case REQUEST_TERMINATE:
	case REQUEST_WATCH:
	case REQUEST_HISTORY:
		return;
	}
}

static struct reply reply_to(const struct letter *letter, struct verdict verdict)
{
	return (struct reply){
		.id = letter->id,
		.type = letter->type,
		.app = letter->app,
		.outcome = verdict.outcome,
		.message = verdict.message,
	};
}

static void tell(struct by_structs *way, const struct letter *letter, struct told *told)
{
	const struct api_refusal *refusal = &way->answer.refusal;
	struct verdict verdict = {.outcome = OUTCOME_OK};

	if (refusal->status != 200)
		verdict = argocd_error_outcome(refusal->status, refusal->code, refusal->message,
					       &told->arena);
	told->reply = reply_to(letter, verdict);
	if (refusal->status == 200)
		tell_reply(way, letter, told);
}

/* ---- back ---- */

static bool next(void *self, wall now, uint64_t *ret_number)
{
	struct by_structs *way = self;

	(void)now;
	if (!server_next(argo_server(way->argo), &way->answer))
		return false;
	*ret_number = way->answer.id;
	return true;
}

/* Status 0: the server went away. */
static bool take(void *self, void *one, struct piece *ret_piece)
{
	struct by_structs *way = self;
	struct letter *letter = one;
	const struct api_answer *answer = &way->answer;
	bool is_event = answer->app && letter->type == REQUEST_WATCH;

	if (answer->refusal.status == 0) {
		*ret_piece = (struct piece){.is_end = true, .failure = HTTP_CUT};
		return true;
	}
	if (is_event && !is_news(letter, answer))
		return false;
	struct told *told = mem_zalloc(sizeof *told);
	if (is_event)
		tell_event(letter, answer, told);
	else
		tell(way, letter, told);
	*ret_piece = (struct piece){.content = told, .is_end = !is_event};
	return true;
}

static void read(void *self, void *letter, const struct piece *piece,
		 const struct argocd_sink *sink)
{
	const struct told *told = piece->content;

	(void)self;
	if (piece->failure != HTTP_OK || piece->status) {
		auto_arena struct arena arena = {0};
		struct http_end end = {.failure = piece->failure,
				       .status = piece->status,
				       .message = piece->message};
		struct reply reply = reply_to(letter,
					      argocd_outcome(STR(""), &end, STR(""), &arena));
		sink->reply(sink->self, &reply);
	} else if (told->is_event) {
		sink->watched(sink->self, told->type, &told->app);
	} else {
		sink->reply(sink->self, &told->reply);
	}
}

static void drop(void *one)
{
	struct told *told = one;

	if (told)
		arena_release(&told->arena);
	mem_free(told);
}

/* ---- the whole ---- */

static bool deadline(const void *self, wall *ret_at)
{
	(void)self;
	(void)ret_at;
	return false;
}

static void by_structs_end(void *self)
{
	struct by_structs *way = self;

	vec_each(set, &way->shown)
		appset_drop(*set);
	vec_release(&way->shown);
	mem_free(way);
}

struct way by_structs_new(struct argo *argo, struct str token)
{
	struct by_structs *way = mem_zalloc(sizeof *way);

	way->argo = argo;
	way->token = argo_intern(argo, token);
	return (struct way){
		.self = way,
		.write = write,
		.tear = tear,
		.hand_over = hand_over,
		.hang_up = hang_up,
		.next = next,
		.take = take,
		.read = read,
		.drop = drop,
		.deadline = deadline,
		.end = by_structs_end,
	};
}
