#include "toy.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "testing.h"

#include <stdio.h>

enum { SPINS_MAX = 50 };
/* The wall clock when the run starts; it has a fraction of a second, as it should. */
#define WALL_START INT64_C(1'795'000'000'400)

enum toy_event_type { TOY_ACTION, TOY_HANDLE, TOY_ANSWER, TOY_FRAME };

struct toy_event {
	enum toy_event_type type;
	int64_t at_ms;
	uint64_t seq;
	uint32_t app;
	void (*action)(struct toy *, uint32_t);
	struct request request;
	struct reply reply;
	struct application *version; /* ANSWER, FRAME; owned */
	bool is_lost;		     /* FRAME: DELETED */
	uint32_t life;		     /* of the run that asked */
	bool is_polling;	     /* HANDLE: a refresh that waits for its compare, */
	int64_t since_ms;	     /* since then */
};

static void see_truth(struct toy *toy);
static void compare_start(struct toy *toy, uint32_t app);
static void compare_want(struct toy *toy, uint32_t app, bool is_full);

static const struct plan_stage *toy_stages_all(void)
{
	static const char *const texts[] = {"env=test", "env=stg", "env=prd", "env in (test, prd)"};
	static struct selector selectors[COUNTOF(texts)];
	static struct plan_stage stages[COUNTOF(texts)];

	for (size_t i = 0; i < COUNTOF(texts) && !stages[i].selector; i++) {
		struct err err;
		assert_works(selector_parse(str_of(texts[i]), &selectors[i], &err), &err);
		stages[i] = (struct plan_stage){.text = str_of(texts[i]),
						.selector = &selectors[i]};
	}
	return stages;
}

void toy_stages(struct plan *plan, uint32_t count)
{
	plan->stages = toy_stages_all();
	plan->stage_count = count;
	if (count > 1)
		plan->servers[0].selector = STR("");
}

void toy_stages_on(struct plan *plan, struct plan_stage *stages, const uint32_t *servers)
{
	for (uint32_t i = 0; i < plan->stage_count; i++) {
		stages[i].server = servers[i];
		plan->more_servers = MAX(plan->more_servers, servers[i]);
	}
	plan->servers[1] = (struct plan_server){.context = STR("other")};
}

struct plan toy_plan(void)
{
	return (struct plan){
		.stages = toy_stages_all(),
		.stage_count = 1,
		.run = STR("run-1"),
		.servers = {{.context = STR("main"), .selector = STR("env=test")}},
		.project = STR("platform"),
		.revision = NEW,
		.concurrency = CONCURRENCY_DEFAULT,
		.revision_timeout_ms = 300'000,
		.operation_timeout_ms = 600'000,
		.health_timeout_ms = 300'000,
		.server_timeout_ms = 120'000,
	};
}

void toy_init(struct toy *toy, const struct plan *plan, uint64_t seed)
{
	*toy = (struct toy){
		.plan = plan,
		.net_ms = 5,
		.watch_lag_ms = 20,
		.home = STR("argocd"),
		.owner_says = STR("{{revision}}"),
		.owner_labels = STR("env=*"),
		.hangs_after_ms = 3'600'000,
		.may_post_below = STAGES_MAX,
		.life = 1,
		.handled_life = 1,
	};
	for (uint32_t i = 0; i < STAGES_MAX; i++)
		toy->begun_ms[i] = toy->barrier_ms[i] = toy->passed_ms[i] = -1;
	prng_seed(&toy->prng, seed);
	/* A machine's instants are never 0. */
	toy->now_ms = 1'000;
}

static void event_drop(struct toy_event *event)
{
	application_drop(event->version);
	mem_free(event);
}

void toy_release(struct toy *toy)
{
	vec_each(event, &toy->events)
		event_drop(*event);
	vec_release(&toy->events);
	vec_release(&toy->apps);
	vec_release(&toy->faults);
	arena_release(&toy->arena);
}

static int64_t spread(struct toy *toy, int64_t ms)
{
	return ms > 0 ? (int64_t)prng_below(&toy->prng, (uint64_t)ms) : 0;
}

static wall stamp(const struct toy *toy, const struct toy_app *it)
{
	int64_t ms = WALL_START + toy->now_ms + toy->clock_ms[it->server];
	return (wall){ms - ms % 1000};
}

static struct toy_event *push(struct toy *toy, int64_t in_ms, struct toy_event event)
{
	struct toy_event *kept = mem_zalloc(sizeof *kept);
	*kept = event;
	kept->at_ms = toy->now_ms + in_ms;
	kept->seq = toy->next_seq++;
	kept->life = toy->handled_life;
	vec_push(&toy->events, kept);
	return kept;
}

void toy_later(struct toy *toy, int64_t ms, uint32_t app, void (*action)(struct toy *, uint32_t))
{
	push(toy, ms, (struct toy_event){.type = TOY_ACTION, .app = app, .action = action});
}

void toy_fail(struct toy *toy, struct toy_fault fault)
{
	if (fault.times == 0)
		fault.times = UINT32_MAX;
	if (fault.until_ms == 0)
		fault.until_ms = INT64_MAX;
	vec_push(&toy->faults, fault);
}

void toy_fail_all(struct toy *toy, struct toy_fault fault)
{
	fault.app = APP_NONE;
	for (int type = 0; type < REQUEST_TYPES; type++) {
		fault.type = (enum request_type)type;
		toy_fail(toy, fault);
	}
}

/* ---- the objects ---- */

/* The server's part of the selecting. */
static bool is_selected(const struct request *request, const struct application *app)
{
	struct selector selector = {0};
	struct err err;

	if (str_empty(request->selector))
		return true;
	assert_works(selector_parse(request->selector, &selector, &err), &err);
	bool is_in = selector_selects(&selector, app->labels);
	selector_release(&selector);
	return is_in;
}

static void frame(struct toy *toy, uint32_t app, bool is_lost, int64_t later_ms)
{
	const struct toy_watch *watch = &toy->watches[toy->apps.v[app].server];

	if (!watch->id || toy->is_watch_dead)
		return;
	if (!is_selected(&watch->request, &toy->apps.v[app].now))
		return;
	if (prng_chance(&toy->prng, toy->watch_lost_of_100, 100))
		return;
	push(toy, toy->watch_lag_ms + spread(toy, toy->watch_spread_ms) + later_ms,
	     (struct toy_event){.type = TOY_FRAME,
				.app = app,
				.is_lost = is_lost,
				.version = application_keep(&toy->apps.v[app].now),
				.request.id = watch->id});
	if (prng_chance(&toy->prng, toy->watch_stale_of_100, 100))
		push(toy, 500 + spread(toy, 5'000),
		     (struct toy_event){.type = TOY_FRAME,
					.app = app,
					.version = application_keep(&toy->apps.v[app].now),
					.request.id = watch->id});
}

/* The object was written: a new version, which the watch will show. */
static void written(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	it->now.resource_version++;
	it->now.is_compared = str_eq(it->compared_target, it->now.target_revision);
	see_truth(toy);
	if (it->is_there)
		frame(toy, app, false, 0);
}

static struct operation operation_make(struct toy *toy, struct toy_app *it, struct str revision,
				       struct str token)
{
	it->operations++;
	return (struct operation){
		.phase = OP_RUNNING,
		.id = it->operations *
		      2, /* and + 1 once it runs: its start is part of what it is */
		.revision = revision,
		.token = arena_copy(&toy->arena, token),
		.initiator = str_empty(token) ? STR("alice") : STR("tiphys"),
	};
}

uint32_t toy_add(struct toy *toy, const char *name, struct str revision)
{
	struct toy_app it = {
		.is_there = true,
		.births = 1,
		.deployed = revision,
		.compared_target = revision,
		.start_ms = 200,
		.operation_ms = 4'000,
		.settle_ms = 3'000,
		.compare_ms = 300,
		.rendered = revision,
		.ends_as = OP_SUCCEEDED,
		.true_until_ms = -1,
	};
	int64_t long_ago = WALL_START - WALL_START % 1000 - 3'600'000;
	it.operations = 1;
	it.now = (struct application){
		.name = arena_printf(&toy->arena, "%s", name),
		.namespace = STR("argocd"),
		.project = STR("platform"),
		.uid = arena_printf(&toy->arena, "uid-%s-1", name),
		.owner = STR("fleet"),
		.labels = STR("env=test"),
		.resource_version = 1000,
		.source_kind = SOURCE_GIT,
		.repo_url = STR("https://git.example/deploy"),
		.target_revision = revision,
		.destination = arena_printf(&toy->arena, "cluster-%s", name),
		.is_compared = true,
		.sync = SYNC_SYNCED,
		.sync_revision = revision,
		.has_resources = true,
		.reconciled_at = {long_ago + 60'000},
		.shown =
			{
				.phase = OP_SUCCEEDED,
				.id = 3,
				.revision = revision,
				.initiator = STR("alice"),
				.started_at = {long_ago - 10'000},
				.finished_at = {long_ago},
			},
	};
	vec_push(&toy->apps, it);
	return (uint32_t)toy->apps.n - 1;
}

uint32_t toy_add_moved(struct toy *toy, const char *name)
{
	uint32_t app = toy_add(toy, name, OLD);
	struct toy_app *it = &vec_at(&toy->apps, app);
	it->now.target_revision = it->now.sync_revision = it->compared_target = NEW;
	it->now.sync = SYNC_OUT_OF_SYNC;
	it->now.out_of_sync_count = 1;
	it->now.out_of_sync_id = 77;
	it->now.out_of_sync_names = STR("Deployment web");
	return app;
}

void toy_label(struct toy *toy, uint32_t app, const char *labels)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	uint32_t all;
	it->now.labels = arena_printf(&toy->arena, "%s", labels);
	it->stage = plan_stage_of(toy->plan, it->server, it->now.labels, &all);
}

uint32_t toy_add_in(struct toy *toy, const char *name, const char *labels)
{
	uint32_t app = toy_add_moved(toy, name);
	toy_label(toy, app, labels);
	return app;
}

void toy_put_there(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &toy->apps.v[app];

	it->server = 1;
	it->now.uid = arena_printf(&toy->arena, STR_FMT "-there", STR_ARG(it->now.uid));
	it->now.reconciled_at.ms += toy->clock_ms[1];
	it->now.shown.started_at.ms += toy->clock_ms[1];
	it->now.shown.finished_at.ms += toy->clock_ms[1];
}

uint32_t toy_add_there(struct toy *toy, const char *name, const char *labels)
{
	uint32_t app = toy_add_moved(toy, name);

	toy_put_there(toy, app);
	toy_label(toy, app, labels);
	return app;
}

/* ---- the truth ---- */

/* The toy's own: what checks must not be wrong with what it checks. */
static bool runs_hooks(const struct operation *op)
{
	return !op->is_dry_run && !op->is_partial && !op->is_apply && !op->has_manifests &&
	       !op->has_other_source;
}

static bool is_basis(const struct toy_app *it)
{
	const struct operation *shown = &it->now.shown;
	bool is_good = shown->phase == OP_SUCCEEDED && runs_hooks(shown);
	bool is_done = is_good && str_eq(shown->revision, NEW);
	bool is_as_before = shown->id == it->first_operation;
	bool may_pass = shown->phase == OP_NONE || (is_good && !str_eq(shown->revision, NEW));
	return is_done || (is_as_before && may_pass);
}

static bool is_truly_done(const struct toy_app *it)
{
	return it->is_there && !it->now.is_deleting && str_eq(it->now.target_revision, NEW) &&
	       str_eq(it->deployed, NEW) && !it->is_drifted && !it->needs_prune &&
	       it->health == HEALTH_HEALTHY && !it->is_rolling_unseen &&
	       !application_in_operation(&it->now) && is_basis(it);
}

static void see_truth(struct toy *toy)
{
	vec_each(it, &toy->apps)
		if (is_truly_done(it))
			it->true_until_ms = toy->now_ms;
}

/* ---- the controller ---- */

static void compare_end(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	const struct application *found = &it->compare_found;

	it->is_comparing = false;
	it->now.sync = found->sync;
	it->now.sync_revision = found->sync_revision;
	it->now.health = found->health;
	it->now.out_of_sync_count = found->out_of_sync_count;
	it->now.prune_count = found->prune_count;
	it->now.out_of_sync_id = found->out_of_sync_id;
	it->now.out_of_sync_names = found->out_of_sync_names;
	it->compared_target = found->target_revision;
	if (it->compare_is_full)
		it->now.reconciled_at = found->reconciled_at;
	if (it->compare_saw_refresh)
		it->now.has_refresh = false;
	written(toy, app);
	if (it->is_compare_owed)
		compare_start(toy, app);
}

/* It looks now, and what it sees is written when it ends. */
static void compare_start(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	bool is_off = !str_eq(it->deployed, it->now.target_revision) || it->is_drifted ||
		      it->needs_prune;

	if (it->is_controller_down || it->is_comparing || !it->is_there)
		return;
	it->is_compare_owed = false;
	it->is_comparing = true;
	it->compare_is_full = it->owed_is_full || it->now.has_refresh;
	it->owed_is_full = false;
	it->compare_saw_refresh = it->now.has_refresh;
	it->compare_found = (struct application){
		.target_revision = it->now.target_revision,
		.sync = is_off ? SYNC_OUT_OF_SYNC : SYNC_SYNCED,
		.sync_revision = it->now.target_revision,
		.health = it->health,
		.reconciled_at = stamp(toy, it),
		.out_of_sync_count = is_off,
		.prune_count = it->needs_prune && !it->is_drifted,
		.out_of_sync_id = is_off ? 77 + it->is_drifted : 0,
		.out_of_sync_names = is_off ? STR("Deployment web") : STR(""),
	};
	bool is_rendered = str_eq(it->rendered, it->now.target_revision);
	it->rendered = it->now.target_revision;
	toy_later(toy, it->compare_ms + (is_rendered ? 0 : it->render_ms), app, compare_end);
}

static void compare_want(struct toy *toy, uint32_t app, bool is_full)
{
	struct toy_app *it = &vec_at(&toy->apps, app);

	it->owed_is_full = it->owed_is_full || is_full;
	it->is_compare_owed = true;
	compare_start(toy, app);
}

static void health_becomes(struct toy *toy, uint32_t app, enum health health)
{
	struct toy_app *it = &vec_at(&toy->apps, app);

	see_truth(toy);
	it->health = health;
	it->is_rolling_unseen = false;
	see_truth(toy);
	compare_want(toy, app, false);
}

static void settle(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	if (toy->now_ms >= it->settles_at_ms)
		health_becomes(toy, app, it->settles_as);
}

/* What was applied shows only after a while, but before the operation ends. */
static void roll_out(struct toy *toy, uint32_t app)
{
	if (vec_at(&toy->apps, app).is_rolling_unseen)
		health_becomes(toy, app, HEALTH_PROGRESSING);
}

static void apply(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	const struct operation *shown = &it->now.shown;

	if (shown->is_dry_run)
		return;
	see_truth(toy);
	it->deployed = shown->revision;
	it->is_drifted = it->is_drifted && shown->is_partial;
	it->is_rolling_unseen = true;
	compare_want(toy, app, false);
	toy_later(toy, it->operation_ms / 2, app, roll_out);
}

static void operation_end(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	struct operation *shown = &it->now.shown;

	/* Or it is another one that runs by now. */
	if (shown->phase != OP_RUNNING || !it->is_there || toy->now_ms < it->ends_at_ms)
		return;
	shown->phase = str_empty(shown->token) ? OP_SUCCEEDED : it->ends_as;
	shown->finished_at = stamp(toy, it);
	if (shown->phase != OP_SUCCEEDED) {
		shown->trouble = it->trouble;
		shown->is_hook_trouble = !str_empty(it->trouble);
		shown->message = STR("one or more synchronization tasks completed unsuccessfully");
	}
	it->now.requested = (struct operation){0};
	if (!shown->is_dry_run) {
		it->settles_at_ms = toy->now_ms + it->settle_ms;
		toy_later(toy, it->settle_ms, app, settle);
	}
	written(toy, app);
	if (!it->is_compared_late)
		compare_want(toy, app, true);
}

/* Its hooks are deleted, and it has failed. */
static void terminated(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);

	if (it->now.shown.phase != OP_TERMINATING || !it->is_there)
		return;
	it->now.shown.phase = OP_FAILED;
	it->now.shown.finished_at = stamp(toy, it);
	it->now.shown.message = STR("Operation terminated");
	it->now.requested = (struct operation){0};
	written(toy, app);
	compare_want(toy, app, true);
}

static void operation_start(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);

	if (it->is_controller_down || it->now.requested.phase == OP_NONE || !it->is_there ||
	    it->now.shown.phase == OP_RUNNING)
		return;
	it->now.shown = it->now.requested;
	it->now.shown.id++;
	it->now.shown.started_at = stamp(toy, it);
	/* A stranger that does not wait for the stage's turn. */
	bool is_ahead = it->is_seen && str_empty(it->now.shown.token) && it->stage > 0 &&
			str_eq(it->now.shown.revision, NEW) && it->stage != STAGE_NONE &&
			toy->barrier_ms[it->stage - 1] < 0;
	if (is_ahead) {
		it->ahead_id = it->now.shown.id;
		it->ahead_ms = toy->now_ms;
	}
	written(toy, app);
	apply(toy, app);
	it->ends_at_ms = toy->now_ms + it->operation_ms;
	toy_later(toy, it->operation_ms, app, operation_end);
}

static void operation_request(struct toy *toy, uint32_t app, struct operation operation)
{
	struct toy_app *it = &vec_at(&toy->apps, app);

	if (it->now.requested.phase != OP_NONE || !it->is_there)
		return;
	see_truth(toy);
	it->now.requested = operation;
	it->now.shown = (struct operation){0};
	written(toy, app);
	toy_later(toy, it->start_ms, app, operation_start);
}

/* ---- actions ---- */

static void move_to(struct toy *toy, uint32_t app, struct str revision)
{
	see_truth(toy);
	vec_at(&toy->apps, app).now.target_revision = revision;
	written(toy, app);
	compare_want(toy, app, true);
}

void toy_move_to_new(struct toy *toy, uint32_t app)
{
	move_to(toy, app, NEW);
}

void toy_move_to_other(struct toy *toy, uint32_t app)
{
	move_to(toy, app, OTHER);
}

static void sync_by_stranger(struct toy *toy, uint32_t app, struct str revision, bool is_partial)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	if (it->now.requested.phase != OP_NONE || !it->is_there)
		return;
	struct operation operation = operation_make(toy, it, revision, STR(""));
	operation.is_partial = is_partial;
	operation_request(toy, app, operation);
}

void toy_sync_by_stranger(struct toy *toy, uint32_t app)
{
	sync_by_stranger(toy, app, NEW, false);
}

void toy_sync_old_by_stranger(struct toy *toy, uint32_t app)
{
	sync_by_stranger(toy, app, OLD, false);
}

void toy_sync_partly_by_stranger(struct toy *toy, uint32_t app)
{
	sync_by_stranger(toy, app, NEW, true);
}

void toy_refresh_by_stranger(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	if (it->now.has_refresh || !it->is_there)
		return;
	it->now.has_refresh = true;
	written(toy, app);
	compare_want(toy, app, true);
}

void toy_drift(struct toy *toy, uint32_t app)
{
	see_truth(toy);
	vec_at(&toy->apps, app).is_drifted = true;
	compare_want(toy, app, false);
}

void toy_degrade(struct toy *toy, uint32_t app)
{
	health_becomes(toy, app, HEALTH_DEGRADED);
}

void toy_progress(struct toy *toy, uint32_t app)
{
	health_becomes(toy, app, HEALTH_PROGRESSING);
}

void toy_heal(struct toy *toy, uint32_t app)
{
	health_becomes(toy, app, HEALTH_HEALTHY);
}

void toy_delete(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	see_truth(toy);
	it->is_there = false;
	it->now.resource_version++;
	frame(toy, app, true, 0);
}

void toy_recreate(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	toy_delete(toy, app);
	it->is_there = true;
	it->now.uid = arena_printf(&toy->arena, "uid-" STR_FMT "-%u", STR_ARG(it->now.name),
				   ++it->births);
	/* The operation is cut short; what it applied shows at once. */
	roll_out(toy, app);
	it->now.requested = it->now.shown = (struct operation){0};
	written(toy, app);
}

void toy_appear(struct toy *toy, uint32_t app)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	it->is_there = true;
	written(toy, app);
	compare_want(toy, app, true);
}

void toy_touch(struct toy *toy, uint32_t app)
{
	written(toy, app);
}

void toy_unlabel(struct toy *toy, uint32_t app)
{
	vec_at(&toy->apps, app).now.labels = STR("env=none");
	written(toy, app);
}

void toy_open_window(struct toy *toy, uint32_t app)
{
	vec_at(&toy->apps, app).is_window_closed = false;
}

void toy_stop_controller(struct toy *toy, uint32_t app)
{
	vec_at(&toy->apps, app).is_controller_down = true;
}

void toy_start_controller(struct toy *toy, uint32_t app)
{
	vec_at(&toy->apps, app).is_controller_down = false;
	operation_start(toy, app);
	compare_want(toy, app, true);
}

static void answer(struct toy *toy, const struct request *request, struct reply reply,
		   const struct application *version);

void toy_cut_watch(struct toy *toy, uint32_t app)
{
	(void)app;
	struct toy_watch *watch = &toy->watches[0];

	if (!watch->id)
		return;
	struct request request = {.id = watch->id, .type = REQUEST_WATCH, .app = APP_NONE};
	watch->id = 0;
	answer(toy, &request, (struct reply){.outcome = OUTCOME_CUT}, NULL);
}

void toy_interrupt(struct toy *toy, uint32_t app)
{
	(void)app;
	toy_deliver(toy, (struct event){.type = EV_INTERRUPT, .code = 130});
}

/* ---- the API server ---- */

static void note_trace(struct toy *toy, struct str words)
{
	toy->trace = (toy->trace ^ str_hash(words)) * UINT64_C(0x100000001b3);
	if (toy->is_trace_printed)
		print_message("[%8.3f] " STR_FMT "\n", (double)toy->now_ms / 1000, STR_ARG(words));
}

static void answer(struct toy *toy, const struct request *request, struct reply reply,
		   const struct application *version)
{
	reply.id = request->id;
	reply.type = request->type;
	push(toy, toy->net_ms + spread(toy, toy->net_spread_ms),
	     (struct toy_event){.type = TOY_ANSWER,
				.request = *request,
				.reply = reply,
				.version = application_keep(version)});
}

static void answer_late(struct toy *toy, const struct request *request,
			const struct toy_fault *fault)
{
	enum outcome outcome = fault->outcome;
	struct reply reply = {.id = request->id,
			      .type = request->type,
			      .outcome = outcome,
			      .message = fault->message.p ? fault->message
							  : STR("as the test wants it")};
	int64_t ms = outcome == OUTCOME_TIMEOUT && request->timeout_ms > 0 ? request->timeout_ms
									   : toy->net_ms;
	push(toy, ms, (struct toy_event){.type = TOY_ANSWER, .request = *request, .reply = reply});
}

static struct toy_fault *fault_of(struct toy *toy, const struct request *request)
{
	vec_each(fault, &toy->faults)
		if (fault->type == request->type && fault->times > 0 &&
		    (fault->app == APP_NONE ? fault->server == request->server
					    : fault->app == request->app) &&
		    toy->now_ms >= fault->from_ms && toy->now_ms < fault->until_ms) {
			fault->times--;
			return fault;
		}
	return NULL;
}

static uint32_t own_running(const struct toy *toy)
{
	uint32_t running = 0;
	vec_each(it, &toy->apps) {
		bool is_own = application_in_operation(&it->now) &&
			      !str_empty(application_operation(&it->now)->token);
		/* One that timed out is given up, and its slot with it. */
		bool is_given_up = it->told_as == PHASE_FAILED;
		running += it->is_there && !is_given_up && (is_own || it->is_post_open);
	}
	return running;
}

static enum outcome handle_sync(struct toy *toy, const struct request *request)
{
	struct toy_app *it = &vec_at(&toy->apps, request->app);

	if (!it->is_there)
		return OUTCOME_NOT_FOUND;
	if (it->now.is_deleting)
		return OUTCOME_DELETING;
	if (it->is_window_closed)
		return OUTCOME_WINDOW;
	if (it->now.has_auto_sync && !str_eq(it->now.target_revision, request->revision))
		return OUTCOME_MOVED;
	if (it->now.requested.phase != OP_NONE)
		return OUTCOME_BUSY;
	operation_request(toy, request->app,
			  operation_make(toy, it, request->revision, request->token));
	it->posts_accepted++;
	return OUTCOME_OK;
}

/* As Argo CD does: what has not begun can't be terminated; the end comes a moment later. */
static enum outcome handle_terminate(struct toy *toy, const struct request *request)
{
	struct toy_app *it = &vec_at(&toy->apps, request->app);
	bool has_begun = it->now.requested.phase != OP_NONE && !operation_is_over(&it->now.shown) &&
			 it->now.shown.phase != OP_NONE;

	if (!it->is_there)
		return OUTCOME_NOT_FOUND;
	if (!has_begun)
		return OUTCOME_INVALID;
	it->now.shown.phase = OP_TERMINATING;
	written(toy, request->app);
	if (!it->terminates_never)
		toy_later(toy, 300, request->app, terminated);
	return OUTCOME_OK;
}

static void handle_list(struct toy *toy, const struct request *request)
{
	struct reply reply = {.outcome = OUTCOME_OK};
	struct app_row *rows = arena_array(&toy->arena, struct app_row, toy->apps.n + 1);

	vec_each(it, &toy->apps)
		if (it->is_there && it->server == request->server && is_selected(request, &it->now))
			rows[reply.row_count++] = (struct app_row){
				.name = it->now.name,
				.namespace = it->now.namespace,
				.labels = request->has_labels ? it->now.labels : STR(""),
				.project = it->now.project,
				.target_revision = it->now.target_revision,
				.sync = it->now.sync,
				.health = it->now.health,
				.phase = it->now.shown.phase,
				.started_at = it->now.shown.started_at,
				.finished_at = it->now.shown.finished_at,
				.is_requested = it->now.requested.phase != OP_NONE,
				.is_deleting = it->now.is_deleting,
			};
	reply.rows = rows;
	answer(toy, request, reply, NULL);
}

static bool has_owner(const struct owner_row *rows, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].name, name))
			return true;
	return false;
}

static struct owner_row owner_row(const struct toy *toy, struct str name)
{
	return (struct owner_row){
		.name = name,
		.is_rolling = toy->owner_is_rolling,
		.target_revision = toy->owner_says,
		.labels = toy->owner_labels,
		.json = name,
	};
}

/* The ApplicationSets of all that is there: one by name, or the List. */
static void handle_owners(struct toy *toy, const struct request *request)
{
	struct owner_row *rows = arena_array(&toy->arena, struct owner_row, toy->apps.n + 1);
	struct reply reply = {.outcome = OUTCOME_OK, .owners = rows};

	if (request->type == REQUEST_OWNER)
		rows[reply.owner_count++] = owner_row(toy, request->name);
	vec_each(it, &toy->apps) {
		bool is_listed = request->type == REQUEST_OWNERS && !toy->are_owners_hidden &&
				 it->server == request->server &&
				 (it->is_there || it->is_generated) && !str_empty(it->now.owner);
		if (is_listed && !has_owner(rows, reply.owner_count, it->now.owner))
			rows[reply.owner_count++] = owner_row(toy, it->now.owner);
	}
	answer(toy, request, reply, NULL);
}

static void handle_generate(struct toy *toy, const struct request *request)
{
	struct app_row *rows = arena_array(&toy->arena, struct app_row, toy->apps.n + 1);
	struct reply reply = {.outcome = OUTCOME_OK, .rows = rows};

	assert_str_eq(request->owner_json, request->name);
	vec_each(it, &toy->apps)
		if (it->server == request->server && (it->is_there || it->is_generated) &&
		    str_eq(it->now.owner, request->name))
			rows[reply.row_count++] = (struct app_row){
				.name = it->now.name,
				.namespace = it->now.namespace,
				.project = it->now.project,
				.labels = it->now.labels,
			};
	answer(toy, request, reply, NULL);
}

/* A refresh waits until no annotation stands; it looks again every little while. */
static void handle_refresh(struct toy *toy, const struct request *request, int64_t since_ms)
{
	struct toy_app *it = &vec_at(&toy->apps, request->app);

	if (!it->is_there)
		answer(toy, request, (struct reply){.outcome = OUTCOME_NOT_FOUND}, NULL);
	else if (!it->now.has_refresh)
		answer(toy, request, (struct reply){.outcome = OUTCOME_OK}, &it->now);
	else if (toy->now_ms - since_ms >= request->timeout_ms)
		answer(toy, request, (struct reply){.outcome = OUTCOME_TIMEOUT}, NULL);
	else
		push(toy, 20,
		     (struct toy_event){.type = TOY_HANDLE,
					.request = *request,
					.is_polling = true,
					.since_ms = since_ms});
}

static void handle(struct toy *toy, const struct request *request)
{
	struct toy_app *it = request->app == APP_NONE ? NULL : &vec_at(&toy->apps, request->app);
	struct toy_fault *fault = fault_of(toy, request);

	if (fault && fault->is_done_anyway && request->type == REQUEST_SYNC)
		handle_sync(toy, request);
	if (fault) {
		answer_late(toy, request, fault);
		return;
	}
	struct reply reply = {.outcome = OUTCOME_OK};
	switch (request->type) {
	case REQUEST_VERSION:
		reply.version = STR("v3.6.1");
		answer(toy, request, reply, NULL);
		return;
	case REQUEST_SETTINGS:
		reply.namespace = toy->home;
		reply.url = STR("https://argocd.example");
		answer(toy, request, reply, NULL);
		return;
	case REQUEST_LIST:
		handle_list(toy, request);
		return;
	case REQUEST_WATCH:
		toy->watches[request->server] = (struct toy_watch){request->id, *request};
		for (uint32_t app = 0; app < toy->apps.n; app++)
			if (toy->apps.v[app].is_there && toy->apps.v[app].server == request->server)
				frame(toy, app, false, app);
		return;
	case REQUEST_GET:
		reply.outcome = it->is_there ? OUTCOME_OK : OUTCOME_NOT_FOUND;
		answer(toy, request, reply, it->is_there ? &it->now : NULL);
		return;
	case REQUEST_REFRESH:
		if (it->is_there && (!it->now.has_refresh || request->is_hard)) {
			it->now.has_refresh = true;
			if (request->is_hard)
				it->rendered = STR("");
			written(toy, request->app);
			if (it->overlooks == 0 || request->is_hard)
				compare_want(toy, request->app, true);
			else
				it->overlooks--;
		}
		handle_refresh(toy, request, toy->now_ms);
		return;
	case REQUEST_SYNC:
		reply.outcome = handle_sync(toy, request);
		answer(toy, request, reply, reply.outcome == OUTCOME_OK ? &it->now : NULL);
		return;
	case REQUEST_TERMINATE:
		reply.outcome = handle_terminate(toy, request);
		answer(toy, request, reply, NULL);
		return;
	case REQUEST_OWNER:
	case REQUEST_OWNERS:
		handle_owners(toy, request);
		return;
	case REQUEST_GENERATE:
		handle_generate(toy, request);
		return;
	case REQUEST_PROJECT:
	case REQUEST_HISTORY: /* the past, which is no run's business */
		answer(toy, request, reply, NULL);
		return;
	}
}

/* ---- the run's side ---- */

static struct request request_keep(struct toy *toy, const struct request *request)
{
	struct request kept = *request;
	kept.name = arena_copy(&toy->arena, request->name);
	kept.namespace = arena_copy(&toy->arena, request->namespace);
	kept.project = arena_copy(&toy->arena, request->project);
	kept.selector = arena_copy(&toy->arena, request->selector);
	kept.revision = arena_copy(&toy->arena, request->revision);
	kept.token = arena_copy(&toy->arena, request->token);
	kept.retry_json = arena_copy(&toy->arena, request->retry_json);
	kept.owner_json = arena_copy(&toy->arena, request->owner_json);
	return kept;
}

/* The run's index of an application is the order in which it saw them; ours is by name. */
static uint32_t app_named(const struct toy *toy, uint32_t server, struct str name)
{
	for (uint32_t app = 0; app < toy->apps.n; app++)
		if (toy->apps.v[app].server == server && str_eq(toy->apps.v[app].now.name, name))
			return app;
	return APP_NONE;
}

static bool is_lenient(const struct toy *toy)
{
	return toy->plan->allow_out_of_sync || toy->plan->accept_suspended;
}

/* Truly done since its stage's barrier began. */
static bool is_proven(const struct toy *toy, const struct toy_app *it)
{
	return toy->barrier_ms[it->stage] >= 0 && it->true_until_ms >= toy->barrier_ms[it->stage];
}

/* The promise. */
static void check_order(const struct toy *toy, const struct toy_app *posted)
{
	if (toy->begun_ms[posted->stage] < 0)
		fail_msg("posted " STR_FMT ", whose stage was not told to have begun",
			 STR_ARG(posted->now.name));
	if (posted->stage >= toy->may_post_below)
		fail_msg("posted " STR_FMT " after a stranger was told of",
			 STR_ARG(posted->now.name));
	vec_each(it, &toy->apps) {
		if (!it->is_there || it->stage >= posted->stage || !it->is_known || it->is_excused)
			continue;
		/* A promotion waits for it. */
		bool is_late = !toy->plan->is_promotion && it->known_ms > toy->passed_ms[it->stage];
		if (is_late && it->known_ms < toy->now_ms - toy->saving_ms_max)
			fail_msg("posted " STR_FMT ", though " STR_FMT " came too late",
				 STR_ARG(posted->now.name), STR_ARG(it->now.name));
		if (!is_late && !is_lenient(toy) && !is_proven(toy, it))
			fail_msg("posted " STR_FMT ", but " STR_FMT
				 " of an earlier stage was not truly done after its barrier began",
				 STR_ARG(posted->now.name), STR_ARG(it->now.name));
	}
}

/* Somebody's operation at NEW that came before its turn is shown, and it is not of the last second
 * before the barrier, which Argo CD's stamps cannot tell apart. */
static bool shows_stranger(const struct toy *toy, const struct toy_app *it)
{
	return it->ahead_id != 0 && it->now.shown.id == it->ahead_id &&
	       toy->barrier_ms[it->stage - 1] - it->ahead_ms > 1'000 &&
	       !plan_follows_strangers(toy->plan);
}

static void check_post(struct toy *toy, struct toy_app *it, const struct request *request)
{
	assert_false(toy->plan->is_dry_run);
	check_order(toy, it);
	if (shows_stranger(toy, it) && it->live_version == it->now.resource_version)
		fail_msg("posted " STR_FMT ", which shows a stranger's operation before its turn",
			 STR_ARG(it->now.name));
	assert_str_eq(request->revision, NEW);
	assert_false(it->is_post_open);
	if (it->live_shows_operation)
		fail_msg("posted while the newest live reading of " STR_FMT
			 " showed an operation in progress",
			 STR_ARG(it->now.name));
	assert_true(it->live_version > 0); /* never without a live reading */
	it->is_post_open = true;
	uint32_t running = own_running(toy);
	toy->running_max = MAX(toy->running_max, running);
	if (running > toy->plan->concurrency)
		fail_msg("%u operations of ours at a time, more than %u", running,
			 toy->plan->concurrency);
}

void toy_request(struct toy *toy, const struct request *request)
{
	struct request kept = request_keep(toy, request);
	char words[300];

	assert_false(toy->is_over);
	snprintf(words, sizeof words, "-> %s " STR_FMT, request_type_name(request->type),
		 STR_ARG(request->name));
	note_trace(toy, str_of(words));
	toy->requests[request->type]++;
	if (request->type != REQUEST_WATCH)
		toy->in_flight++;
	toy->in_flight_max = MAX(toy->in_flight_max, toy->in_flight);
	assert_str_eq(request->project, toy->plan->project);
	if (request->app != APP_NONE) {
		uint32_t app = app_named(toy, request->server, request->name);
		struct toy_app *it = &vec_at(&toy->apps, app);
		it->index = request->app;
		it->requests[request->type]++;
		if (request->type == REQUEST_SYNC)
			check_post(toy, it, &kept);
		if (toy->plan->is_dry_run)
			assert_int_not_equal(request->type, REQUEST_REFRESH);
		kept.app = app;
	}
	push(toy, toy->net_ms + spread(toy, toy->net_spread_ms),
	     (struct toy_event){.type = TOY_HANDLE, .request = kept});
}

static void note_stage(struct toy *toy, const struct note *note)
{
	if (note->type == NOTE_STAGE) {
		assert_int_equal(note->stage, ++toy->begun);
		toy->begun_ms[note->stage - 1] = toy->now_ms;
		if (note->stage > 1)
			assert_int_not_equal(toy->passed_ms[note->stage - 2], -1);
	}
	if (note->type == NOTE_BARRIER) {
		toy->barriers++;
		toy->barrier_ms[note->stage - 1] = toy->now_ms;
	}
	if (note->type == NOTE_PASSED)
		toy->passed_ms[note->stage - 1] = toy->now_ms;
}

void toy_note(struct toy *toy, const struct note *note)
{
	auto_buf struct buf words = BUF_INIT(4096);
	auto_buf struct buf sentence = BUF_INIT(4096);

	assert_false(toy->is_over);
	if (note->type == NOTE_APP || note->type == NOTE_PREVIEW)
		cause_say(&note->cause, &sentence);
	buf_printf(&words, "%d " STR_FMT " %s: " STR_FMT STR_FMT, (int)note->type,
		   STR_ARG(note->name), note->type == NOTE_APP ? app_phase_name(note->phase) : "",
		   STR_ARG(buf_view(&sentence)), STR_ARG(note->text));
	note_trace(toy, buf_view(&words));
	if (note->type == NOTE_PLAN)
		toy->plan_note = *note;
	if (note->type == NOTE_PLAN_STAGE)
		toy->stage_notes[note->stage - 1] = *note;
	toy->shared += note->type == NOTE_SHARED;
	toy->unselected += note->type == NOTE_UNSELECTED;
	if (note->type == NOTE_WARNING) {
		toy->warnings++;
		toy->last_warning = arena_copy(&toy->arena, note->text);
		if (str_find(note->text, STR("began before its stage did"), NULL) &&
		    !plan_follows_strangers(toy->plan))
			toy->may_post_below = toy->plan->keep_going ? toy->begun : 0;
	}
	note_stage(toy, note);
	if (note->type == NOTE_PREVIEW)
		toy->previews++;
	if (note->type == NOTE_SOAK && toy->soaks++ == 0)
		toy->first_soak_ms = toy->now_ms;
	toy->breaches += note->type == NOTE_BREACH;
	toy->said += note->type == NOTE_SAID;
	if (note->type == NOTE_GATE) {
		toy->gate_note = *note;
		toy->gate_note.nonce = arena_copy(&toy->arena, note->nonce);
	}
	if (note->type == NOTE_HEARTBEAT) {
		toy->last_heartbeat = *note;
		toy->last_heartbeat.name = arena_copy(&toy->arena, note->name);
	}
	if (note->type == NOTE_END) {
		toy->end_note = *note;
		toy->end_note.text = arena_copy(&toy->arena, note->text);
	}
	if (note->type != NOTE_APP && note->type != NOTE_PREVIEW)
		return;
	struct toy_app *it = &vec_at(&toy->apps, app_named(toy, note->server, note->name));
	it->told = (struct cause){note->cause.type, arena_copy(&toy->arena, note->cause.subject),
				  arena_copy(&toy->arena, note->cause.message)};
	it->told_as = note->phase;
	it->is_told_skipped = note->is_skipped;
	if (note->type == NOTE_APP && note->phase == PHASE_DONE && !is_lenient(toy) &&
	    it->true_until_ms < it->seen_ms)
		fail_msg("told as done, but " STR_FMT " never was since it was first read",
			 STR_ARG(it->now.name));
	toy->preview = note->preview;
	toy->preview_is_compared = note->is_compared;
}

void toy_exit(struct toy *toy, int code)
{
	assert_false(toy->is_over);
	toy->is_over = true;
	toy->code = code;
	toy->over_ms = toy->now_ms;
	if (code != 0 || toy->plan->is_dry_run)
		return;
	see_truth(toy);
	assert_int_equal(toy->end_note.stage, toy->plan->stage_count);
	vec_each(it, &toy->apps) {
		if (!it->is_there || !it->is_seen || it->seen_ms >= toy->end_note.now.mono.ms)
			continue;
		if (!is_lenient(toy) && !is_proven(toy, it))
			fail_msg("exit 0, but " STR_FMT " was not truly done after the barrier",
				 STR_ARG(it->now.name));
		if (shows_stranger(toy, it))
			fail_msg("exit 0, but a stranger synced " STR_FMT " before its turn",
				 STR_ARG(it->now.name));
	}
}

void toy_deliver(struct toy *toy, struct event ev)
{
	ev.now.mono = (instant){toy->now_ms};
	ev.now.wall = (wall){WALL_START + toy->now_ms};
	toy->driver.event(toy->driver.self, &ev);
}

/* The run's first reading of an application: a live one, the watch is but a hint. */
static void see_first(struct toy *toy, uint32_t app, const struct application *version)
{
	struct toy_app *it = &vec_at(&toy->apps, app);
	if (it->is_seen)
		return;
	it->is_seen = true;
	it->seen_ms = toy->now_ms;
	it->first_operation = version->shown.id;
}

/* The run hears of it, and of labels that a stage selects. */
static void hear(struct toy *toy, uint32_t server, struct str name, struct str labels)
{
	struct toy_app *it = &vec_at(&toy->apps, app_named(toy, server, name));
	uint32_t all;
	bool is_ours = toy->plan->stage_count == 1 ||
		       plan_stage_of(toy->plan, server, labels, &all) != STAGE_NONE;
	if (it->is_known || !is_ours)
		return;
	it->is_known = true;
	it->known_ms = toy->now_ms;
}

static void deliver_answer(struct toy *toy, struct toy_event *event)
{
	struct reply *reply = &event->reply;

	for (size_t i = 0; i < reply->row_count; i++)
		if (reply->type == REQUEST_LIST)
			hear(toy, event->request.server, reply->rows[i].name,
			     reply->rows[i].labels);

	if (event->request.type != REQUEST_WATCH)
		toy->in_flight--;
	if (event->request.app != APP_NONE) {
		struct toy_app *it = &vec_at(&toy->apps, event->request.app);
		bool is_live = (reply->type == REQUEST_GET || reply->type == REQUEST_REFRESH) &&
			       event->version;
		if (reply->type == REQUEST_SYNC)
			it->is_post_open = false;
		if (is_live)
			see_first(toy, event->request.app, event->version);
		if (is_live && event->version->resource_version >= it->live_version) {
			it->live_version = event->version->resource_version;
			it->live_shows_operation = application_in_operation(event->version);
		}
	}
	reply->application = event->version;
	reply->app = event->request.app == APP_NONE ? APP_NONE
						    : toy->apps.v[event->request.app].index;
	toy_deliver(
		toy,
		(struct event){.type = EV_REPLY, .server = event->request.server, .reply = reply});
}

static void happen(struct toy *toy, struct toy_event *event)
{
	switch (event->type) {
	case TOY_ACTION:
		see_truth(toy);
		event->action(toy, event->app);
		see_truth(toy);
		return;
	case TOY_HANDLE:
		toy->handled_life = event->life;
		if (event->is_polling)
			handle_refresh(toy, &event->request, event->since_ms);
		else
			handle(toy, &event->request);
		toy->handled_life = toy->life;
		return;
	case TOY_ANSWER:
		if (!toy->is_over && event->life == toy->life)
			deliver_answer(toy, event);
		return;
	case TOY_FRAME: {
		uint32_t server = toy->apps.v[event->app].server;
		const struct toy_watch *watch = &toy->watches[server];
		if (toy->is_over || event->life != toy->life || event->request.id != watch->id)
			return;
		/* The projected watch has no objects. */
		event->version->has_resources = false;
		event->version->out_of_sync_count = event->version->prune_count = 0;
		event->version->out_of_sync_id = 0;
		event->version->out_of_sync_names = event->version->unhealthy_name = STR("");
		if (!event->is_lost)
			hear(toy, server, event->version->name, event->version->labels);
		if (!watch->request.has_labels)
			event->version->labels = STR("");
		toy_deliver(toy, (struct event){.type = event->is_lost ? EV_WATCH_LOST : EV_WATCHED,
						.server = server,
						.watched = event->version});
		return;
	}
	}
}

static size_t next_event(const struct toy *toy)
{
	size_t next = 0;
	for (size_t i = 1; i < toy->events.n; i++) {
		const struct toy_event *a = toy->events.v[i], *b = toy->events.v[next];
		if (a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->seq < b->seq))
			next = i;
	}
	return next;
}

void toy_kill(struct toy *toy)
{
	toy->handled_life = ++toy->life;
	toy->in_flight = 0;
	toy->watches[0].id = toy->watches[1].id = 0;
	toy->is_over = false;
	vec_each(it, &toy->apps)
		it->is_post_open = false;
}

void toy_start(struct toy *toy)
{
	see_truth(toy);
	toy_deliver(toy, (struct event){.type = EV_START});
}

void toy_go_on_until(struct toy *toy, int64_t ms)
{
	uint32_t spins = 0;
	int64_t until = ms + 1'000; /* virtual time starts at 1 s */

	while (!toy->is_over) {
		instant deadline = toy->driver.deadline(toy->driver.self);
		size_t next = toy->events.n > 0 ? next_event(toy) : 0;
		int64_t event_ms = toy->events.n > 0 ? toy->events.v[next]->at_ms : INT64_MAX;
		int64_t tick_ms = MAX(deadline.ms, toy->now_ms);
		int64_t then = MIN(event_ms, tick_ms);
		/* While nothing is on its way, only a deadline can go on. */
		if (instant_is_never(deadline) && toy->in_flight == 0 && toy->saving == 0)
			fail_msg("it hangs at %lld ms: no deadline, and nothing asked",
				 (long long)toy->now_ms);
		if (then > until) {
			toy->now_ms = until;
			return;
		}
		spins = then > toy->now_ms ? 0 : spins + (tick_ms <= event_ms);
		if (spins > SPINS_MAX)
			fail_msg("it spins at %lld ms: the deadline stands still",
				 (long long)toy->now_ms);
		toy->now_ms = then;
		see_truth(toy);
		if (tick_ms <= event_ms) {
			toy_deliver(toy, (struct event){.type = EV_TICK});
			continue;
		}
		struct toy_event *event = toy->events.v[next];
		vec_remove(&toy->events, next);
		happen(toy, event);
		event_drop(event);
	}
}

int toy_run(struct toy *toy)
{
	toy_start(toy);
	toy_go_on_until(toy, toy->hangs_after_ms);
	if (!toy->is_over)
		fail_msg("it has not ended after %lld s", (long long)(toy->hangs_after_ms / 1000));
	return toy->code;
}

uint32_t toy_count(const struct toy *toy, uint32_t app, enum request_type type)
{
	return toy->apps.v[app].requests[type];
}
