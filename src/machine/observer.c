#include "machine/observer.h"

#include "base/check.h"
#include "base/mutant.h"

enum {
	SCREEN_EVERY_MS = 15'000,
	/* A row is younger than a version only if the List was asked for this much after it. */
	SCREEN_LAG_MS = 1'000,
	READ_TIMEOUT_MS = 30'000,
	REFRESH_TIMEOUT_MS = 7'000, /* the server gives up two seconds before */
	RENDER_MS_MAX = 60'000,	    /* then Argo CD gives it up */
	HARD_REFRESH_TIMEOUT_MS = RENDER_MS_MAX,
	/* Taken for overlooked: one that was sent so much later was answered; or so much time. */
	OVERTAKEN_MS = 1'000,
	OVERLOOKED_MS = 15'000,
	/* From an answer to the next refresh: the controller's cache is its own again. */
	HEELS_MS = 400,
	LIST_TIMEOUT_MS = 60'000,
	BACKOFF_FIRST_MS = 500,
	BACKOFF_MAX_MS = 5'000,
	WATCH_BACKOFF_MAX_MS = 15'000,
	/* A watch that lasted this long was a good one: the next starts soon. */
	WATCH_GOOD_MS = 30'000,
};

static int64_t backoff_ms(uint32_t failures, int64_t max_ms)
{
	int64_t ms = BACKOFF_FIRST_MS;
	for (uint32_t i = 1; i < failures && ms < max_ms; i++)
		ms *= 2;
	return ms < max_ms ? ms : max_ms;
}

void observer_init(struct observer *observer, const struct plan *plan, uint64_t seed)
{
	*observer = (struct observer){
		.plan = plan, .by_key = MAP_INIT(seed), .unselected = MAP_INIT(seed)};
	for (uint32_t i = 0; i < plan_server_count(plan); i++)
		vec_push(&observer->servers,
			 (struct seen_server){.watch_at = INSTANT_NEVER, .list_at = INSTANT_NEVER});
}

void observer_release(struct observer *observer)
{
	vec_each(server, &observer->servers)
		fifo_release(&server->queued);
	vec_release(&observer->servers);
	vec_each(sighting, &observer->apps)
		sighting_release(sighting);
	vec_release(&observer->apps);
	vec_release(&observer->dirty);
	heap_release(&observer->wakes);
	map_release(&observer->by_key);
	map_release(&observer->unselected);
}

struct str observer_words(const struct observer *observer, uint32_t server, enum outcome outcome,
			  struct str message, struct arena *arena)
{
	struct str words = outcome_words(outcome, message, arena);

	if (observer->plan->more_servers == 0)
		return words;
	return arena_printf(arena, STR_FMT ": " STR_FMT,
			    STR_ARG(observer->plan->servers[server].context), STR_ARG(words));
}

uint32_t observer_server(const struct observer *observer, uint32_t app)
{
	return observer->plan->stages[observer->apps.v[app].stage].server;
}

static struct seen_server *server_of(struct observer *observer, uint32_t app)
{
	return &vec_at(&observer->servers, observer_server(observer, app));
}

const struct seen_server *observer_seen(const struct observer *observer, uint32_t app)
{
	return &observer->servers.v[observer_server(observer, app)];
}

void observer_mark(struct observer *observer, uint32_t app)
{
	struct sighting *sighting = &vec_at(&observer->apps, app);
	if (sighting->is_dirty)
		return;
	sighting->is_dirty = true;
	vec_push(&observer->dirty, app);
}

void observer_wake(struct observer *observer, uint32_t app, instant at)
{
	vec_at(&observer->apps, app).wake = at;
	if (instant_is_never(at))
		heap_remove(&observer->wakes, app);
	else
		heap_put(&observer->wakes, app, at.ms);
}

void observer_wake_by(struct observer *observer, uint32_t app, instant at)
{
	if (instant_cmp(at, vec_at(&observer->apps, app).wake) < 0)
		observer_wake(observer, app, at);
}

static void wake_up(struct observer *observer, instant now)
{
	const struct heap_item *first;

	while ((first = heap_first(&observer->wakes)) && first->key <= now.ms) {
		uint32_t app = first->id;
		observer_wake(observer, app, INSTANT_NEVER);
		observer_mark(observer, app);
	}
}

static struct str key_of(struct buf *buf, uint32_t server, struct str namespace, struct str name)
{
	buf_printf(buf, "%u/", server);
	buf_str(buf, namespace);
	buf_char(buf, '/');
	buf_str(buf, name);
	return buf_view(buf);
}

uint32_t observer_find(const struct observer *observer, uint32_t server, struct str namespace,
		       struct str name)
{
	auto_buf struct buf key = BUF_INIT(4096);
	uint32_t app = APP_NONE;
	map_get(&observer->by_key, key_of(&key, server, namespace, name), &app);
	return app;
}

static uint32_t add(struct observer *observer, struct str namespace, struct str name,
		    uint32_t stage, uint32_t selected_by)
{
	auto_buf struct buf key = BUF_INIT(4096);
	uint32_t app = (uint32_t)observer->apps.n;
	map_put(&observer->by_key,
		key_of(&key, observer->plan->stages[stage].server, namespace, name), app);
	struct str own = vec_last(&observer->by_key.entries).key, server;
	str_cut(&own, '/', &server);
	struct sighting sighting = {
		.namespace = str_first(own, namespace.n),
		.name = str_after(own, namespace.n + 1),
		.stage = stage,
		.selected_by = selected_by,
		.wake = INSTANT_NEVER,
	};
	vec_push(&observer->apps, sighting);
	observer_mark(observer, app);
	return app;
}

/* APP_NONE: no stage selects it, and it was not here before. With one stage the server selects. */
static uint32_t find_or_add(struct observer *observer, uint32_t server, struct str namespace,
			    struct str name, struct str labels)
{
	uint32_t app = observer_find(observer, server, namespace, name);
	uint32_t stage = 0, selected_by = 1;

	if (app != APP_NONE) {
		struct sighting *sighting = &vec_at(&observer->apps, app);
		if (sighting->is_awaited)
			observer_mark(observer, app);
		sighting->is_awaited = false;
		if (sighting->selected_by == 0)
			plan_stage_of(observer->plan, server, labels, &sighting->selected_by);
		return app;
	}
	if (observer->plan->stage_count > 1)
		stage = plan_stage_of(observer->plan, server, labels, &selected_by);
	if (stage == STAGE_NONE || (MUTANT(LIST_ONCE) && observer->servers.v[server].is_list_known))
		return APP_NONE;
	return add(observer, namespace, name, stage, selected_by);
}

void observer_expect(struct observer *observer, uint32_t server, struct str namespace,
		     struct str name, struct str labels)
{
	uint32_t selected_by, stage = plan_stage_of(observer->plan, server, labels, &selected_by);

	if (stage == STAGE_NONE || observer_find(observer, server, namespace, name) != APP_NONE)
		return;
	uint32_t app = add(observer, namespace, name, stage, selected_by);
	observer->apps.v[app].is_awaited = true;
}

void observer_restore(struct observer *observer, struct str namespace, struct str name,
		      uint32_t stage, bool is_awaited)
{
	uint32_t app = add(observer, namespace, name, stage, 0);
	observer->apps.v[app].is_awaited = is_awaited;
}

/* ---- seeing ---- */

/* Something between us and Argo CD answers in its place. */
static bool is_misconfigured(enum outcome outcome)
{
	return outcome == OUTCOME_BAD_CERTIFICATE || outcome == OUTCOME_WRONG_SCHEME ||
	       outcome == OUTCOME_REDIRECT;
}

/* True if the outcome says that the server could not be talked to, rather than what it said. */
static bool is_trouble(const struct reply *reply)
{
	if (reply->outcome == OUTCOME_UNAUTHENTICATED || is_misconfigured(reply->outcome))
		return true;
	if (reply->outcome == OUTCOME_NO_REPO)
		return false; /* it has answered */
	if (reply->type == REQUEST_REFRESH &&
	    (reply->outcome == OUTCOME_TIMEOUT || reply->outcome == OUTCOME_SERVER_ERROR))
		return false; /* the controller is slow; the server waited for it */
	return outcome_is_passing(reply->outcome);
}

static void see_trouble(struct seen_server *server, const struct reply *reply, instant now)
{
	struct trouble *trouble = &server->trouble;

	if (reply->type == REQUEST_WATCH || reply->type == REQUEST_GENERATE)
		return; /* cut now and then; at the repositories' mercy. The others tell */
	if (!is_trouble(reply)) {
		trouble->is_on = false;
		return;
	}
	/* To be told no is another trouble than not to be answered: it has patience of its own. */
	bool was_login = trouble->outcome == OUTCOME_UNAUTHENTICATED;
	bool is_login = reply->outcome == OUTCOME_UNAUTHENTICATED;
	if (!trouble->is_on || was_login != is_login)
		trouble->since = now;
	/* A promotion asks for nothing else while it is on, and one answer may be all that was
	 * lost. */
	if (!trouble->is_on && instant_cmp(server->list_at, INSTANT_NEVER) < 0)
		server->list_at = instant_min(server->list_at,
					      instant_add(now, backoff_ms(1, BACKOFF_MAX_MS)));
	trouble->is_on = true;
	trouble->outcome = reply->outcome;
	str_keep(reply->message, trouble->message, sizeof trouble->message);
}

/* Only a live reading settles a doubt. */
static void see_doubt(struct observer *observer, uint32_t app)
{
	observer->apps.v[app].is_doubted = true;
	observer_mark(observer, app);
}

/* It may be gone, or have left the selection; or the List is wrong. */
static void see_missing(struct observer *observer, uint32_t app)
{
	if (MUTANT(MISSING_IS_GONE))
		observer->apps.v[app].is_gone = true;
	see_doubt(observer, app);
}

/* Only who plans wants to know. */
static void see_unselected(struct observer *observer, uint32_t server, const struct app_row *row)
{
	auto_buf struct buf key = BUF_INIT(4096);

	if (observer->plan->is_dry_run)
		map_put(&observer->unselected, key_of(&key, server, row->namespace, row->name),
			server);
}

static void see_rows(struct observer *observer, uint32_t server, const struct reply *reply)
{
	instant fresh = instant_add(observer->servers.v[server].list_sent_at, -SCREEN_LAG_MS);

	for (uint32_t app = 0; app < observer->apps.n; app++) {
		struct sighting *sighting = &observer->apps.v[app];
		if (observer_server(observer, app) != server)
			continue;
		/* Until its row is seen. */
		sighting->is_missed = sighting->app && instant_cmp(sighting->merged_at, fresh) < 0;
	}
	for (size_t i = 0; i < reply->row_count; i++) {
		const struct app_row *row = &reply->rows[i];
		uint32_t app = find_or_add(observer, server, row->namespace, row->name,
					   row->labels);
		if (app == APP_NONE) {
			see_unselected(observer, server, row);
			continue;
		}
		struct sighting *sighting = &vec_at(&observer->apps, app);
		if (sighting->is_missed && app_row_differs(row, sighting->app))
			see_doubt(observer, app);
		sighting->is_missed = false;
	}
	for (uint32_t app = 0; app < observer->apps.n; app++) {
		struct sighting *sighting = &observer->apps.v[app];
		/* That it is not in there any more may be known. */
		bool is_known = sighting->has_left && sighting->is_resting;
		if (sighting->is_missed && !is_known && observer_server(observer, app) == server)
			see_missing(observer, app);
	}
}

static void see_list(struct observer *observer, uint32_t number, const struct reply *reply,
		     const struct now *now)
{
	struct seen_server *server = &vec_at(&observer->servers, number);

	server->is_listing = false;
	if (reply->outcome != OUTCOME_OK) {
		server->list_failures++;
		server->list_at = instant_add(now->mono,
					      backoff_ms(server->list_failures, BACKOFF_MAX_MS));
		return;
	}
	server->list_failures = 0;
	server->list_at = instant_add(now->mono, SCREEN_EVERY_MS);
	server->list_seen_at = server->list_sent_at;
	see_rows(observer, number, reply);
	server->is_list_known = true;
}

/* After a reading that failed, the next one waits a little. */
static void see_failed_reading(struct sighting *sighting, const struct reply *reply,
			       const struct now *now)
{
	sighting->asked = 0;
	sighting->failures++;
	sighting->ask_again_at = instant_add(now->mono,
					     backoff_ms(sighting->failures, BACKOFF_MAX_MS));
	bool is_from_server = reply->outcome > OUTCOME_UNAUTHENTICATED;
	sighting->no = is_from_server ? reply->outcome : OUTCOME_OK;
	bool is_failing = is_trouble(reply);
	if (is_failing && !sighting->is_failing)
		sighting->failing_since = now->mono;
	sighting->is_failing = is_failing;
	sighting_keep_text(&sighting->no_message, reply->message);
	if (MUTANT(REFRESH_TIMEOUT_SERVES) && reply->type == REQUEST_REFRESH)
		sighting->served_turn = MAX(sighting->served_turn, sighting->asked_clean_turn);
}

/* A refresh was not answered in time: Argo CD is slow, or has overlooked it. */
static void see_unanswered(const struct seen_server *server, struct sighting *sighting, instant now)
{
	instant since = sighting->unanswered_since;

	/* To wait on is no burden; to be told no at once, again and again, would be one. */
	if (instant_since(now, sighting->asked_at) >= BACKOFF_MAX_MS)
		sighting->ask_again_at = now;
	/* The first compare with a spec renders it; asked hard, it would do so twice. */
	if (sighting->app && !sighting->app->is_compared)
		sighting->is_overlooked = instant_since(now, since) >= RENDER_MS_MAX;
	else
		sighting->is_overlooked = instant_since(now, since) >= OVERLOOKED_MS ||
					  instant_since(server->refresh_served_at, since) >=
						  OVERTAKEN_MS;
}

/* A long one ends when the judgement is due again: it must not keep the end of a run waiting. */
static int64_t reading_timeout_ms(const struct sighting *sighting, enum request_type type,
				  instant now)
{
	if (type != REQUEST_REFRESH)
		return READ_TIMEOUT_MS;
	if (!sighting->is_overlooked)
		return REFRESH_TIMEOUT_MS;
	instant end = instant_min(sighting->wake, instant_add(now, HARD_REFRESH_TIMEOUT_MS));
	return MAX(instant_since(end, now), (int64_t)REFRESH_TIMEOUT_MS);
}

static void see_reading(struct observer *observer, const struct reply *reply, const struct now *now)
{
	struct sighting *sighting = &vec_at(&observer->apps, reply->app);
	struct seen_server *server = server_of(observer, reply->app);

	if (sighting->asked != reply->id)
		return;
	if (reply->outcome == OUTCOME_OK)
		sighting_answered(sighting, reply->application, reply->type == REQUEST_REFRESH,
				  now);
	else if (reply->outcome == OUTCOME_NOT_FOUND)
		sighting_answered(sighting, NULL, false, now);
	else
		see_failed_reading(sighting, reply, now);
	if (reply->type == REQUEST_REFRESH && reply->outcome == OUTCOME_OK)
		server->refresh_served_at = sighting->refreshed_at;
	if (reply->type == REQUEST_REFRESH &&
	    (reply->outcome == OUTCOME_TIMEOUT || reply->outcome == OUTCOME_SERVER_ERROR))
		see_unanswered(server, sighting, now->mono);
	observer_mark(observer, reply->app);
}

static int64_t post_pause_ms(const struct sighting *sighting, enum outcome outcome)
{
	if (outcome == OUTCOME_WINDOW)
		return 30'000;
	/* What is in the way is seen by the next reading; if it is not, that takes a while. */
	if ((outcome == OUTCOME_BUSY || outcome == OUTCOME_MOVED) && sighting->post_failures == 1)
		return 0;
	return backoff_ms(sighting->post_failures, 30'000);
}

static void see_posted(struct observer *observer, const struct reply *reply, const struct now *now)
{
	struct sighting *sighting = &vec_at(&observer->apps, reply->app);

	if (sighting->post_id != reply->id)
		return;
	sighting->post_id = 0;
	/* Whatever was known before the POST is no ground for another one. */
	sighting->is_live = MUTANT(LOST_POST_FORGOTTEN) && sighting->is_live;
	if (reply->outcome != sighting->post_outcome)
		sighting->post_failures = 0;
	sighting->has_post_reply = true;
	sighting->post_outcome = reply->outcome;
	sighting->post_reply_turn = now->turn;
	sighting_keep_text(&sighting->post_message, reply->message);
	if (reply->outcome == OUTCOME_OK) {
		sighting->post_failures = 0;
		if (reply->application)
			sighting_merge(sighting, reply->application, false, now);
	} else {
		sighting->post_failures++;
		sighting->post_again_at = instant_add(now->mono,
						      post_pause_ms(sighting, reply->outcome));
	}
	observer_mark(observer, reply->app);
}

static void list_now(struct seen_server *server, instant now)
{
	if (!server->is_listing && server->list_failures == 0)
		server->list_at = instant_min(server->list_at, now);
}

/* A watch that can't be had may be the first to know that the server is away: the List tells. */
static void see_watch_end(struct seen_server *server, const struct reply *reply,
			  const struct now *now)
{
	bool was_good = instant_since(now->mono, server->watch_sent_at) >= WATCH_GOOD_MS;
	server->is_watching = false;
	server->watch_failures = was_good ? 1 : server->watch_failures + 1;
	server->watch_at = instant_add(now->mono,
				       backoff_ms(server->watch_failures, WATCH_BACKOFF_MAX_MS));
	if (is_trouble(reply) && reply->outcome != OUTCOME_CUT)
		list_now(server, now->mono);
}

static void see_reply(struct observer *observer, uint32_t number, const struct reply *reply,
		      const struct now *now)
{
	struct seen_server *server = &vec_at(&observer->servers, number);

	check(server->in_flight > 0);
	server->in_flight--;
	see_trouble(server, reply, now->mono);
	switch (reply->type) {
	case REQUEST_LIST:
		see_list(observer, number, reply, now);
		return;
	case REQUEST_WATCH:
		see_watch_end(server, reply, now);
		return;
	case REQUEST_GET:
	case REQUEST_REFRESH:
		see_reading(observer, reply, now);
		return;
	case REQUEST_SYNC:
		see_posted(observer, reply, now);
		return;
	case REQUEST_VERSION:
	case REQUEST_SETTINGS:
	case REQUEST_OWNER:
	case REQUEST_OWNERS:
	case REQUEST_GENERATE:
	case REQUEST_PROJECT:
	case REQUEST_TERMINATE:
		return; /* the run's */
	case REQUEST_HISTORY:
		break; /* no run asks for it */
	}
}

void observer_see(struct observer *observer, const struct event *ev)
{
	switch (ev->type) {
	case EV_REPLY:
		see_reply(observer, ev->server, ev->reply, &ev->now);
		return;
	case EV_WATCHED: {
		const struct application *app = ev->watched;
		uint32_t i = find_or_add(observer, ev->server, app->namespace, app->name,
					 app->labels);
		if (i == APP_NONE)
			return;
		struct sighting *sighting = &vec_at(&observer->apps, i);
		bool is_live = MUTANT(NO_LIVE); /* it is a hint */
		if (sighting_merge(sighting, app, is_live, &ev->now))
			observer_mark(observer, i);
		else if (!str_eq(sighting->app->uid, app->uid))
			see_doubt(observer, i); /* created again, or an old frame: a GET tells */
		return;
	}
	case EV_WATCH_LOST: {
		uint32_t i = observer_find(observer, ev->server, ev->watched->namespace,
					   ev->watched->name);
		if (i == APP_NONE)
			return;
		see_doubt(observer, i);
		return;
	}
	case EV_START:
	case EV_TICK:
	case EV_SAVED:
	case EV_INSTRUCTION:
	case EV_LOOK:
	case EV_INTERRUPT:
		break;
	}
	wake_up(observer, ev->now.mono);
}

/* ---- asking ---- */

uint32_t observer_send(struct observer *observer, struct request request, const struct now *now,
		       struct out *out)
{
	(void)now;
	request.id = ++observer->last_request;
	request.project = observer->plan->project;
	vec_at(&observer->servers, request.server).in_flight++;
	vec_push(&out->effects, (struct effect){.type = FX_REQUEST, .request = request});
	return request.id;
}

void observer_offer_room(struct observer *observer)
{
	/* Who has lost interest meanwhile asks for nothing: so as many as there is room for. */
	uint32_t next;
	vec_each(server, &observer->servers) {
		for (uint32_t room = server->in_flight;
		     room < REQUESTS_IN_FLIGHT_MAX && fifo_take(&server->queued, &next); room++) {
			observer->apps.v[next].is_queued = false;
			observer_mark(observer, next);
		}
	}
}

bool observer_has_room(struct observer *observer, uint32_t app)
{
	struct sighting *sighting = &vec_at(&observer->apps, app);
	struct seen_server *server = server_of(observer, app);

	if (server->in_flight < REQUESTS_IN_FLIGHT_MAX)
		return true;
	if (!sighting->is_queued) {
		sighting->is_queued = true;
		fifo_push(&server->queued, app);
	}
	return false;
}

/* Too soon after the answer to the last one; it wakes when it isn't. */
static bool is_on_heels(struct observer *observer, uint32_t app, instant now)
{
	const struct sighting *sighting = &vec_at(&observer->apps, app);
	instant free = instant_add(sighting->refresh_answered_at, HEELS_MS);

	if (sighting->refresh_answered_at.ms == 0 || instant_cmp(now, free) >= 0)
		return false;
	observer_wake_by(observer, app, free);
	return true;
}

void observer_ask(struct observer *observer, uint32_t app, enum request_type type,
		  const struct now *now, struct out *out)
{
	struct sighting *sighting = &vec_at(&observer->apps, app);

	if (sighting->asked || sighting->is_queued)
		return;
	if (sighting->failures > 0 && instant_cmp(now->mono, sighting->ask_again_at) < 0) {
		if (!MUTANT(NO_WAKE))
			observer_wake_by(observer, app, sighting->ask_again_at);
		return;
	}
	if (type == REQUEST_REFRESH && is_on_heels(observer, app, now->mono))
		return;
	if (!observer_has_room(observer, app))
		return;
	if (type == REQUEST_REFRESH && sighting->unanswered_since.ms == 0)
		sighting->unanswered_since = now->mono;
	struct request request = {
		.type = type,
		.server = observer_server(observer, app),
		.app = app,
		.name = sighting->name,
		.namespace = sighting->namespace,
		.is_hard = type == REQUEST_REFRESH && sighting->is_overlooked,
		.wants_objects = observer->plan->is_dry_run,
		.timeout_ms = reading_timeout_ms(sighting, type, now->mono),
	};
	sighting->asked = observer_send(observer, request, now, out);
	sighting->asked_type = type;
	sighting->asked_turn = now->turn;
	sighting->asked_clean_turn = sighting->clean_turn;
	sighting->asked_at = now->mono;
}

void observer_begin(struct observer *observer, uint32_t server, const struct now *now)
{
	struct seen_server *seen = &vec_at(&observer->servers, server);

	seen->list_at = seen->watch_at = now->mono;
	seen->is_watch_wanted = !observer->plan->is_dry_run;
}

instant observer_listed_at(const struct observer *observer, uint32_t servers)
{
	instant oldest = INSTANT_NEVER;

	for (uint32_t i = 0; i < observer->servers.n; i++)
		if (servers >> i & 1)
			oldest = instant_min(oldest, observer->servers.v[i].list_seen_at);
	return oldest;
}

instant observer_list_asked_at(const struct observer *observer, uint32_t servers)
{
	instant newest = {0};

	for (uint32_t i = 0; i < observer->servers.n; i++)
		if (servers >> i & 1 &&
		    instant_cmp(observer->servers.v[i].list_sent_at, newest) > 0)
			newest = observer->servers.v[i].list_sent_at;
	return newest;
}

void observer_list_now(struct observer *observer, instant now)
{
	vec_each(server, &observer->servers)
		list_now(server, now);
}

void observer_list_since(struct observer *observer, instant now)
{
	observer->list_wanted_at = now;
}

static void keep_server(struct observer *observer, uint32_t number, const struct now *now,
			struct out *out)
{
	struct seen_server *server = &vec_at(&observer->servers, number);
	struct request request = {
		.server = number,
		.app = APP_NONE,
		.selector = observer->plan->servers[number].selector,
		.has_labels = observer->plan->stage_count > 1,
	};

	bool is_wanted = server->list_failures == 0 &&
			 instant_cmp(server->list_sent_at, observer->list_wanted_at) < 0;
	bool is_due = is_wanted || instant_cmp(now->mono, server->list_at) >= 0;
	if (!server->is_listing && is_due) {
		request.type = REQUEST_LIST;
		request.timeout_ms = LIST_TIMEOUT_MS;
		server->is_listing = true;
		server->list_at = INSTANT_NEVER;
		server->list_sent_at = now->mono;
		observer_send(observer, request, now, out);
	}
	if (server->is_watch_wanted && !server->is_watching &&
	    instant_cmp(now->mono, server->watch_at) >= 0) {
		request.type = REQUEST_WATCH;
		request.timeout_ms = 0;
		server->is_watching = true;
		server->watch_sent_at = now->mono;
		server->watch_at = INSTANT_NEVER;
		observer_send(observer, request, now, out);
	}
}

int64_t observer_silent_ms(const struct observer *observer, uint32_t app, const struct now *now)
{
	instant since = observer->apps.v[app].unanswered_since;
	bool is_served = instant_cmp(observer_seen(observer, app)->refresh_served_at, since) >= 0;
	int64_t silent_ms = instant_since(now->mono, since);

	return since.ms == 0 || is_served || silent_ms < OVERLOOKED_MS ? 0 : silent_ms;
}

void observer_keep(struct observer *observer, const struct now *now, struct out *out)
{
	for (uint32_t i = 0; i < observer->servers.n; i++)
		keep_server(observer, i, now, out);
}

instant observer_deadline(const struct observer *observer)
{
	const struct heap_item *wake = heap_first(&observer->wakes);
	instant first = wake ? (instant){wake->key} : INSTANT_NEVER;

	vec_each(server, &observer->servers) {
		first = instant_min(first, server->list_at);
		if (server->is_watch_wanted)
			first = instant_min(first, server->watch_at);
	}
	return first;
}
