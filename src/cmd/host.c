#include "cmd/host.h"

#include "base/alloc.h"
#include "base/check.h"
#include "cmd/overlap.h"
#include "cmd/plan_hash.h"
#include "cmd/run_id.h"
#include "cmd/target_json.h"
#include "engine/engine.h"
#include "io/argocd_client.h"
#include "io/boot.h"
#include "io/random.h"
#include "machine/picture.h"
#include "view/overview_words.h"
#include "wire/entry_json.h"
#include "wire/plan_json.h"

enum { PLAN_BYTES_MAX = 4 * 1024 * 1024 };

/* The way to one Argo CD with one set of credentials: shared by all runs that have the same. */
struct road {
	struct road *prev, *next;
	struct http_client *http;
	struct str target; /* as target_to_json() has it, with its secrets */
	struct arena arena;
	size_t runs; /* that go by it */
};

/* A run's way to one of its Argo CDs. */
struct way {
	struct hosted *hosted;
	struct argocd_client *client; /* NULL: it has asked for nothing yet */
	struct road *road;	      /* NULL with it */
};

struct hosted {
	struct hosted *prev, *next;
	struct host *host;
	struct arena arena; /* plan and header */
	struct plan plan;
	wall submitted_at;
	int64_t before_ms; /* under way for so long before this process had it */
	/* One for each of the plan's Argo CDs. */
	struct target *targets;
	struct way *ways;
	uint32_t way_count;
	struct engine *engine;
	uint64_t unsaved; /* EV_SAVED is owed up to here; 0: nothing is */
	bool is_over;
	bool is_closed; /* in the journal */
	bool is_ended;	/* on_end is owed */
	int code;
};

struct host {
	struct loop *loop;
	struct journal *journal;
	struct host_handler handler;
	struct str boot_id;
	struct arena arena;
	struct hosted *first;
	struct road *first_road;
	struct buf body; /* of one entry */
	bool is_dirty;	 /* something was collected */
	bool is_dead;
};

/* ---- the journal fails ---- */

static void fail(struct host *host, const struct err *err)
{
	if (host->is_dead)
		return;
	host->is_dead = true;
	host->handler.on_failure(host->handler.self, err);
}

/* ---- one run ---- */

static void deliver(struct hosted *hosted, struct event ev)
{
	if (hosted->host->is_dead)
		return;
	ev.now = loop_now(hosted->host->loop);
	engine_event(hosted->engine, &ev);
}

static uint32_t server_of(const struct way *way)
{
	return (uint32_t)(way - way->hosted->ways);
}

static void on_event(void *self, const struct event *ev)
{
	const struct way *way = self;
	struct event from = *ev;

	from.server = server_of(way);
	deliver(way->hosted, from);
}

static bool find_token(void *self, struct buf *ret)
{
	const struct way *way = self;
	return target_find_token(&way->hosted->targets[server_of(way)], ret);
}

/* ---- the ways to the Argo CDs ---- */

static struct road *road_new(struct host *host, const struct server *server, struct str target)
{
	struct road *road = mem_zalloc(sizeof *road);

	road->http = http_client_new(host->loop, server);
	road->target = arena_copy(&road->arena, target);
	road->next = host->first_road;
	if (host->first_road)
		host->first_road->prev = road;
	host->first_road = road;
	return road;
}

/* Whoever has another token has another road: nobody acts by somebody else's right. */
static struct road *find_road(struct host *host, const struct target *target)
{
	auto_buf struct buf text = BUF_INIT(PLAN_BYTES_MAX);

	target_to_json(target, true, &text);
	check(!buf_overflowed(&text));
	for (struct road *road = host->first_road; road; road = road->next)
		if (str_eq(road->target, buf_view(&text)))
			return road;
	return road_new(host, &target->server, buf_view(&text));
}

static void leave_road(struct host *host, struct road *road)
{
	if (!road || --road->runs > 0)
		return;
	if (road->prev)
		road->prev->next = road->next;
	else
		host->first_road = road->next;
	if (road->next)
		road->next->prev = road->prev;
	http_client_free(road->http);
	arena_release(&road->arena);
	mem_free(road);
}

/* Opened when something is asked for by it. */
static struct argocd_client *client_of(struct way *way)
{
	struct host *host = way->hosted->host;

	if (way->client)
		return way->client;
	way->road = find_road(host, &way->hosted->targets[server_of(way)]);
	way->road->runs++;
	way->client = argocd_client_share(host->loop, way->road->http,
					  (struct argocd_handler){
						  .self = way,
						  .on_event = on_event,
						  .find_token = find_token,
					  });
	return way->client;
}

/* ---- its ports ---- */

static void port_save(void *self, const struct entry *entries, size_t count, uint64_t saved)
{
	struct hosted *hosted = self;
	struct host *host = hosted->host;
	struct now now = loop_now(host->loop);
	struct err err;

	if (count > 0 && hosted->is_closed) {
		if (journal_reopen_run(host->journal, hosted->plan.run, &err) < 0) {
			fail(host, &err);
			return;
		}
		hosted->is_closed = false;
	}
	for (size_t i = 0; i < count; i++) {
		buf_clear(&host->body);
		entry_to_json(&entries[i], &host->body);
		struct journal_event event = {
			.wall = now.wall,
			.mono = now.mono,
			.boot_id = host->boot_id,
			.body = buf_view(&host->body),
		};
		if (journal_add(host->journal, hosted->plan.run, &event, &err) < 0) {
			fail(host, &err);
			return;
		}
	}
	hosted->unsaved = saved;
	host->is_dirty = true;
}

static void port_request(void *self, const struct request *request)
{
	struct hosted *hosted = self;
	struct request sent = *request;
	struct sha256 head;
	struct err err;

	if (hosted->host->is_dead)
		return;
	auto_arena struct arena arena = {0};
	if (request->type == REQUEST_SYNC &&
	    journal_head(hosted->host->journal, hosted->plan.run, &head, &err) == 0)
		sent.chain = arena_printf(&arena, "%s", sha256_hex(&head).s);
	argocd_client_request(client_of(&hosted->ways[sent.server]), &sent);
}

/* False: it has none of them. */
static bool warn(struct hosted *hosted, const struct note *plan, const struct overlap *others,
		 struct hosted *other)
{
	auto_arena struct arena arena = {0};
	struct note warning = {
		.type = NOTE_WARNING, .now = plan->now, .elapsed_ms = plan->elapsed_ms};

	if (!overlap_warning(others, engine_run(other->engine), &arena, &warning.text))
		return false;
	hosted->host->handler.on_note(hosted->host->handler.self, hosted, &warning);
	return true;
}

/* Its applications are known now: who follows it, or one that has some of the same, is told. */
static void tell_overlaps(struct hosted *hosted, const struct note *plan)
{
	struct overlap own = {0};

	overlap_add_run(&own, engine_run(hosted->engine));
	for (struct hosted *other = hosted->host->first; other; other = other->next) {
		struct overlap theirs = {0};
		if (other == hosted || other->is_over || !warn(hosted, plan, &own, other))
			continue;
		overlap_add_run(&theirs, engine_run(other->engine));
		warn(other, plan, &theirs, hosted);
		overlap_release(&theirs);
	}
	overlap_release(&own);
}

/* The run knows how long this process has had it. */
static void port_note(void *self, const struct note *note)
{
	struct hosted *hosted = self;
	struct note told = *note;

	told.elapsed_ms += hosted->before_ms;
	hosted->host->handler.on_note(hosted->host->handler.self, hosted, &told);
	if (note->type == NOTE_PLAN)
		tell_overlaps(hosted, &told);
}

static void port_answer(void *self, const struct instruction_answer *answer)
{
	struct hosted *hosted = self;
	hosted->host->handler.on_answer(hosted->host->handler.self, answer);
}

static void port_exit(void *self, int code)
{
	struct hosted *hosted = self;

	hosted->is_over = hosted->is_ended = true;
	hosted->code = code;
}

static struct ports ports_of(struct hosted *hosted)
{
	return (struct ports){
		.self = hosted,
		.save = port_save,
		.request = port_request,
		.note = port_note,
		.answer = port_answer,
		.exit = port_exit,
	};
}

static void unhost(struct hosted *hosted)
{
	struct host *host = hosted->host;

	for (uint32_t i = 0; i < hosted->way_count; i++) {
		argocd_client_free(hosted->ways[i].client);
		leave_road(host, hosted->ways[i].road);
		target_release(&hosted->targets[i]);
	}
	engine_free(hosted->engine);
	if (hosted->prev)
		hosted->prev->next = hosted->next;
	else if (host->first == hosted)
		host->first = hosted->next;
	if (hosted->next)
		hosted->next->prev = hosted->prev;
	arena_release(&hosted->arena);
	mem_free(hosted);
}

static struct hosted *hosted_new(struct host *host)
{
	struct hosted *hosted = mem_zalloc(sizeof *hosted);

	hosted->host = host;
	hosted->next = host->first;
	if (host->first)
		host->first->prev = hosted;
	host->first = hosted;
	return hosted;
}

/* The plan is complete. */
static void make_engine(struct hosted *hosted)
{
	hosted->engine = engine_new(&hosted->plan, random_u64(), ports_of(hosted));
}

/* ---- what the journal has of a run ---- */

/* Of a plan that was read. */
static int read_targets(struct str text, struct hosted *hosted, struct err *err)
{
	uint32_t count = plan_server_count(&hosted->plan);

	hosted->targets = arena_array(&hosted->arena, struct target, count);
	hosted->ways = arena_array(&hosted->arena, struct way, count);
	hosted->way_count = count;
	for (uint32_t i = 0; i < count; i++)
		hosted->ways[i].hosted = hosted;
	return targets_from_json(text, hosted->targets, count, err);
}

/* The plan, and in a line of its own each target without its secrets: what was decided at the
 * beginning. */
static int split_plan(struct str stored, struct hosted *hosted, struct err *err)
{
	struct str rest = stored, plan;

	if (!str_cut(&rest, '\n', &plan))
		return err_set(err, E_SYNTAX, "a plan without its targets");
	if (plan_from_json(plan, &hosted->arena, &hosted->plan, err) < 0)
		return -1;
	return read_targets(rest, hosted, err);
}

struct reading {
	struct arena arena;
	VEC(struct entry) entries;
	VEC(struct record) records;
};

static int read_event(void *self, const struct journal_event *event, struct err *err)
{
	struct reading *reading = self;
	struct entry entry;

	if (entry_from_json(event->body, &reading->arena, &entry, err) < 0)
		return err_wrap(err, "event %llu", (unsigned long long)event->seq);
	vec_push(&reading->entries, entry);
	vec_push(&reading->records, (struct record){event->wall, entry});
	return 0;
}

static void reading_release(struct reading *reading)
{
	vec_release(&reading->entries);
	vec_release(&reading->records);
	arena_release(&reading->arena);
}

static int load(struct host *host, const struct journal_run *run, struct hosted **ret,
		struct err *err)
{
	struct reading reading = {0};
	struct hosted *hosted = hosted_new(host);

	if (split_plan(run->plan, hosted, err) < 0 ||
	    plan_hash_make(&hosted->plan, &hosted->arena, &hosted->plan.hash, err) < 0 ||
	    journal_each_event(host->journal, run->id, read_event, &reading, err) < 0) {
		err_wrap(err, "run " STR_FMT, STR_ARG(run->id));
		reading_release(&reading);
		unhost(hosted);
		return -1;
	}
	hosted->submitted_at = run->submitted_at;
	hosted->before_ms = MAX(wall_since(loop_now(host->loop).wall, run->submitted_at),
				INT64_C(0));
	make_engine(hosted);
	engine_restore(hosted->engine, reading.entries.v, reading.entries.n);
	hosted->is_over = engine_run(hosted->engine)->facts.is_over;
	hosted->code = engine_run(hosted->engine)->facts.end_code;
	hosted->is_closed = run->is_over;
	reading_release(&reading);
	*ret = hosted;
	return 0;
}

static struct hosted *find_hosted(struct host *host, struct str id)
{
	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next)
		if (str_eq(hosted->plan.run, id))
			return hosted;
	return NULL;
}

/* ---- all of them ---- */

struct host *host_new(struct loop *loop, struct journal *journal, struct host_handler handler)
{
	struct host *host = mem_zalloc(sizeof *host);

	host->loop = loop;
	host->journal = journal;
	host->handler = handler;
	host->body = BUF_INIT(ENTRY_JSON_BYTES_MAX);
	host->boot_id = boot_id(&host->arena);
	return host;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	while (host->first)
		unhost(host->first);
	buf_release(&host->body);
	arena_release(&host->arena);
	mem_free(host);
}

instant host_deadline(const struct host *host)
{
	instant first = INSTANT_NEVER;

	for (const struct hosted *hosted = host->first; hosted; hosted = hosted->next)
		if (!hosted->is_over)
			first = instant_min(first, engine_deadline(hosted->engine));
	return first;
}

static int resume_one(void *self, const struct journal_run *run, struct err *err)
{
	struct host *host = self;
	struct hosted *hosted;

	if (run->is_over)
		return 0;
	if (load(host, run, &hosted, err) < 0)
		return -1;
	/* The end was saved, and that it is over was not. */
	if (hosted->is_over)
		return journal_end_run(host->journal, run->id, err);
	return 0;
}

int host_resume(struct host *host, struct err *err)
{
	if (journal_each_run(host->journal, resume_one, host, err) < 0 ||
	    journal_commit(host->journal, err) < 0)
		return -1;
	for (struct hosted *hosted = host->first, *next; hosted; hosted = next) {
		next = hosted->next;
		if (hosted->is_over)
			unhost(hosted);
		else
			deliver(hosted, (struct event){.type = EV_START});
	}
	return 0;
}

/* What was decided is durable from here on, and leaves. */
static void release_saved(struct host *host)
{
	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next) {
		uint64_t saved = hosted->unsaved;
		hosted->unsaved = 0;
		if (saved > 0)
			engine_event(hosted->engine,
				     &(struct event){.type = EV_SAVED, .saved = saved});
	}
}

/* Their ends are saved; and who was only read for somebody to look at it is not kept. */
static void end_those_over(struct host *host)
{
	for (struct hosted *hosted = host->first, *next; hosted; hosted = next) {
		struct err err;
		next = hosted->next;
		if (!hosted->is_over)
			continue;
		if (hosted->is_ended) {
			host->handler.on_end(host->handler.self, hosted, hosted->code);
			if (journal_end_run(host->journal, hosted->plan.run, &err) < 0)
				fail(host, &err);
			host->is_dirty = true;
		}
		unhost(hosted);
	}
}

void host_turn_end(struct host *host)
{
	struct err err;

	do {
		host->is_dirty = false;
		if (host->is_dead)
			return;
		if (journal_commit(host->journal, &err) < 0) {
			fail(host, &err);
			return;
		}
		release_saved(host);
		end_those_over(host);
	} while (host->is_dirty);
}

void host_tick(struct host *host)
{
	instant now = loop_now(host->loop).mono;

	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next)
		if (!hosted->is_over && instant_cmp(engine_deadline(hosted->engine), now) <= 0)
			deliver(hosted, (struct event){.type = EV_TICK});
}

void host_overlaps(struct host *host, const struct overlap *own,
		   void (*say)(void *self, struct str sentence), void *self)
{
	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next) {
		auto_arena struct arena arena = {0};
		struct str sentence;
		if (!hosted->is_over &&
		    overlap_warning(own, engine_run(hosted->engine), &arena, &sentence))
			say(self, sentence);
	}
}

size_t host_active(const struct host *host)
{
	size_t n = 0;

	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next)
		n += !hosted->is_over;
	return n;
}

/* ---- beginning one ---- */

static struct hosted *find_rival(struct host *host, const struct hosted *own)
{
	for (struct hosted *other = host->first; other; other = other->next)
		if (other != own && !other->is_over &&
		    str_eq(other->plan.project, own->plan.project) &&
		    str_eq(other->plan.app, own->plan.app))
			return other;
	return NULL;
}

static int begin(struct host *host, struct hosted *hosted, const struct person *person,
		 struct err *err)
{
	auto_buf struct buf stored = BUF_INIT(PLAN_BYTES_MAX);
	struct plan *plan = &hosted->plan;

	plan->run = run_id_make(&hosted->arena);
	plan->submitter = arena_copy(&hosted->arena, person->name);
	plan->submitter_uid = person->uid;
	plan->is_promotion = true;
	if (plan_hash_make(plan, &hosted->arena, &plan->hash, err) < 0 ||
	    plan_to_json(plan, &stored, err) < 0)
		return -1;
	buf_char(&stored, '\n');
	targets_to_json(hosted->targets, hosted->way_count, false, &stored);
	if (buf_overflowed(&stored))
		return err_set(err, E_LIMIT, "the plan is longer than %d bytes", PLAN_BYTES_MAX);
	hosted->submitted_at = loop_now(host->loop).wall;
	struct journal_run run = {
		.id = plan->run,
		.project = plan->project,
		.app = plan->app,
		.revision = plan->revision,
		.plan = buf_view(&stored),
		.submitted_at = hosted->submitted_at,
		.submitter = plan->submitter,
		.submitter_uid = plan->submitter_uid,
	};
	/* Durable before anybody hears of it. */
	return journal_begin_run(host->journal, &run, err) < 0 ? -1
							       : journal_commit(host->journal, err);
}

int host_submit(struct host *host, struct str plan, struct str targets, const struct person *person,
		struct hosted **ret, struct hosted **ret_other, struct err *err)
{
	struct hosted *hosted = hosted_new(host);

	*ret_other = NULL;
	if (plan_from_json(plan, &hosted->arena, &hosted->plan, err) < 0 ||
	    read_targets(targets, hosted, err) < 0) {
		unhost(hosted);
		return -1;
	}
	struct hosted *rival = find_rival(host, hosted);
	if (rival) {
		if (!str_eq(rival->plan.revision, hosted->plan.revision))
			*ret_other = rival;
		err_set(err, E_CONFLICT,
			"promotion " STR_FMT " of " STR_FMT " is under way, at revision " STR_FMT,
			STR_ARG(rival->plan.run), STR_ARG(hosted->plan.app),
			STR_ARG(rival->plan.revision));
	}
	if (rival || begin(host, hosted, person, err) < 0) {
		unhost(hosted);
		return -1;
	}
	host->is_dirty = true;
	make_engine(hosted);
	deliver(hosted, (struct event){.type = EV_START});
	*ret = hosted;
	return 0;
}

/* ---- finding one ---- */

struct search {
	struct str name, id; /* of the one that was found */
	size_t found;
	bool is_exact;
	bool is_app;	 /* by its application */
	bool is_at_work; /* and it is under way */
	struct arena arena;
};

/* By an empty name all are. */
static bool is_meant(struct str name, const struct journal_run *run)
{
	return str_starts(run->id, name) || str_eq(run->app, name);
}

/* Among those of one application the one at work is meant, or else the newest; they come in the
 * order of their beginning. */
static int search_one(void *self, const struct journal_run *run, struct err *err)
{
	struct search *search = self;
	bool is_exact = str_eq(run->id, search->name);
	bool is_app = str_eq(run->app, search->name);

	(void)err;
	if (search->is_exact || !is_meant(search->name, run))
		return 0;
	if (is_app && !is_exact && search->is_at_work && run->is_over)
		return 0;
	search->is_at_work = is_app && !run->is_over;
	search->is_exact = is_exact;
	search->is_app = is_app && !is_exact;
	search->found = is_exact || is_app ? 1 : search->found + 1;
	search->id = arena_copy(&search->arena, run->id);
	return 0;
}

struct loading {
	struct host *host;
	struct str id;
	struct hosted *hosted;
};

static int load_one(void *self, const struct journal_run *run, struct err *err)
{
	struct loading *loading = self;

	if (!str_eq(run->id, loading->id))
		return 0;
	return load(loading->host, run, &loading->hosted, err);
}

static int find_only(struct host *host, struct hosted **ret, struct err *err)
{
	struct hosted *found = NULL;

	for (struct hosted *hosted = host->first; hosted; hosted = hosted->next) {
		if (hosted->is_over)
			continue;
		if (found)
			return err_set(err, E_CONFLICT, "there are several promotions: name one");
		found = hosted;
	}
	if (!found)
		return err_set(err, E_MISSING, "no promotion is under way");
	*ret = found;
	return 0;
}

/* Refused at its start, it began nothing that anybody would mean. */
static bool is_refused(struct hosted *hosted)
{
	auto_arena struct arena arena = {0};
	struct overview overview;

	hosted_picture(hosted, &arena, &overview);
	return overview_is_refused(&overview);
}

/* The newest that is meant and has begun something, or else the newest. */
static int load_newest(void *self, const struct journal_run *run, struct err *err)
{
	struct loading *loading = self;
	struct hosted *found = find_hosted(loading->host, run->id);

	if (!str_empty(loading->id) && !str_eq(run->app, loading->id))
		return 0;
	if (!found && load(loading->host, run, &found, err) < 0)
		return -1;
	bool is_enough = !is_refused(found);
	if (is_enough || !loading->hosted)
		loading->hosted = found;
	return is_enough;
}

static int find_newest(struct host *host, struct str app, struct hosted **ret, struct err *err)
{
	struct loading newest = {.host = host, .id = app};
	int result = journal_each_run_back(host->journal, load_newest, &newest, err);

	*ret = newest.hosted;
	return result < 0 ? -1 : 0;
}

int host_find_to_look(struct host *host, struct str name, struct hosted **ret, struct err *err)
{
	int result = host_find(host, name, ret, err);

	if (result == 0 || !str_empty(name) || err->code != E_MISSING)
		return result;
	if (find_newest(host, STR(""), ret, err) < 0)
		return -1;
	return *ret ? 0 : result;
}

static int refuse_search(const struct search *search, struct err *err)
{
	if (search->found == 0)
		return err_set(err, E_MISSING, "there is no promotion '" STR_FMT "'",
			       STR_ARG(search->name));
	return err_set(err, E_CONFLICT, "more than one promotion begins with '" STR_FMT "'",
		       STR_ARG(search->name));
}

int host_find(struct host *host, struct str name, struct hosted **ret, struct err *err)
{
	struct search search = {.name = name};

	if (str_empty(name))
		return find_only(host, ret, err);
	if (journal_each_run(host->journal, search_one, &search, err) < 0)
		return -1;
	struct loading loading = {.host = host, .id = search.id};
	int result = search.found == 1 ? 0 : refuse_search(&search, err);
	if (result == 0 && search.is_app && !search.is_at_work)
		result = find_newest(host, name, &loading.hosted, err);
	else if (result == 0)
		loading.hosted = find_hosted(host, search.id);
	if (result == 0 && !loading.hosted)
		result = journal_each_run(host->journal, load_one, &loading, err);
	arena_release(&search.arena);
	*ret = loading.hosted;
	return result;
}

struct each {
	struct host *host;
	const struct host_reader *reader;
	bool with_over;
	struct str name; /* of those that are meant; empty: all */
};

static int each_one(void *self, const struct journal_run *run, struct err *err)
{
	struct each *each = self;
	const struct host_reader *reader = each->reader;

	if (run->is_over && !each->with_over)
		return 0;
	if (!is_meant(each->name, run))
		return 0;
	struct hosted *hosted = find_hosted(each->host, run->id);
	if (hosted)
		return reader->on_run(reader->self, hosted, err);
	if (load(each->host, run, &hosted, err) < 0) {
		if (!run->is_over)
			return -1;
		reader->on_unread(reader->self, err);
		err_clear(err);
		return 0;
	}
	int result = reader->on_run(reader->self, hosted, err);
	unhost(hosted);
	return result;
}

int host_each(struct host *host, bool with_over, const struct host_reader *reader, struct err *err)
{
	struct each each = {host, reader, with_over, STR("")};

	return journal_each_run(host->journal, each_one, &each, err);
}

int host_each_back(struct host *host, struct str name, const struct host_reader *reader,
		   struct err *err)
{
	struct each each = {host, reader, true, name};

	return journal_each_run_back(host->journal, each_one, &each, err);
}

/* Somebody has begun another one meanwhile: two of one application are never at work. */
static bool is_retry_in_the_way(struct host *host, struct hosted *hosted,
				const struct instruction *instruction)
{
	auto_arena struct arena arena = {0};

	if (!hosted->is_over || instruction->type != INSTRUCTION_RETRY)
		return false;
	const struct hosted *rival = find_rival(host, hosted);
	if (!rival)
		return false;
	struct instruction_answer answer = {
		.id = instruction->id,
		.code = EXIT_CONFLICT,
		.text = arena_printf(&arena,
				     "promotion " STR_FMT " of " STR_FMT
				     " is under way: wait for its end, or terminate it",
				     STR_ARG(rival->plan.run), STR_ARG(rival->plan.app)),
	};
	host->handler.on_answer(host->handler.self, &answer);
	return true;
}

void host_instruct(struct host *host, struct hosted *hosted, const struct instruction *instruction)
{
	if (is_retry_in_the_way(host, hosted, instruction))
		return;
	deliver(hosted, (struct event){.type = EV_INSTRUCTION, .instruction = instruction});
	/* One that was over goes on, if that was a retry. */
	hosted->is_over = engine_run(hosted->engine)->facts.is_over;
	host->is_dirty = true;
}

void hosted_look(struct hosted *hosted)
{
	deliver(hosted, (struct event){.type = EV_LOOK});
}

/* ---- looking at one ---- */

const struct plan *hosted_plan(const struct hosted *hosted)
{
	return &hosted->plan;
}

bool hosted_is_over(const struct hosted *hosted)
{
	return hosted->is_over;
}

void hosted_picture(struct hosted *hosted, struct arena *arena, struct overview *ret)
{
	struct now now = loop_now(hosted->host->loop);

	picture_make(engine_run(hosted->engine), &now, arena, ret);
	ret->submitted_at = hosted->submitted_at;
}

int hosted_records(struct host *host, struct hosted *hosted, struct arena *arena,
		   struct record **ret, size_t *ret_count, struct err *err)
{
	struct reading reading = {0};
	int result = journal_each_event(host->journal, hosted->plan.run, read_event, &reading, err);

	if (result == 0) {
		*ret = arena_array(arena, struct record, reading.records.n);
		*ret_count = reading.records.n;
		for (size_t i = 0; i < reading.records.n; i++)
			(*ret)[i] = (struct record){reading.records.v[i].at,
						    entry_copy(arena, &reading.records.v[i].entry)};
	}
	reading_release(&reading);
	return result;
}
