#include "world/world.h"

#include "base/alloc.h"
#include "base/check.h"
#include "machine/picture.h"
#include "model/exit_code.h"
#include "world/world_inside.h"

static const wall beginning = {1'767'225'600'000}; /* 2026-01-01T00:00:00Z */

/* The product's monotonic clock is a second ahead of the world's: nothing is 0. */
enum { MONOTONIC_AHEAD_MS = 1'000 };

static struct now now_of(const struct world *world)
{
	return (struct now){
		.mono = {MONOTONIC_AHEAD_MS + world->now_ms},
		.wall = wall_add(world_wall(world), world->clock_ahead_ms),
	};
}

/* No macro: what is compared is costly to ask for. */
static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void end_product(struct product *product, int code)
{
	product->is_over = true;
	product->code = code;
	product->world->tally.over_at_ms = world_now_ms(product->world);
	network_forget(product->world->network, product);
}

/* What is over hears no more, but what is saved and said of a promotion. */
static bool is_heard(const struct product *product, enum event_type type)
{
	bool is_late = product->plan->is_promotion &&
		       (type == EV_SAVED || type == EV_INSTRUCTION || type == EV_START);

	return product->engine && (!product->is_over || is_late);
}

void world_deliver(struct product *product, struct event ev)
{
	struct world *world = product->world;

	if (!is_heard(product, ev.type))
		return;
	ev.now = now_of(world);
	judge_deafen(world->judge, product->trial, engine_run(product->engine)->phase == RUN_OVER);
	judge_heard(world->judge, product->trial, &ev, world_wall(world));
	engine_event(product->engine, &ev);
	if (product->is_dying)
		world_drop(product); /* whose turn did not come to its end */
	else if (!judge_turned(world->judge, product->trial, engine_deadline(product->engine),
			       world_wall(world)))
		end_product(product, EXIT_INTERNAL);
}

/* ---- the promise ---- */

static void on_breach(void *self, enum property property, struct str what)
{
	auto_arena struct arena arena = {0};

	world_tell(self, TOLD_ORDER, "BREACH",
		   arena_printf(&arena, "%s: " STR_FMT, property_name(property), STR_ARG(what)));
}

void world_watch_order(struct world *world, const struct order *order)
{
	vec_push(&world->orders, order);
	judge_watch(world->judge, order, world_wall(world));
}

void world_tell_jobs(struct world *world)
{
	vec_each(order, &world->orders) {
		auto_arena struct arena arena = {0};
		world_tell(world, TOLD_ORDER, "jobs", order_tell_jobs(*order, world->argo, &arena));
	}
}

void world_heal(struct world *world)
{
	judge_heal(world->judge, world_wall(world));
}

uint32_t world_breaches_of(const struct world *world, enum property property)
{
	return judge_breaches(world->judge, property);
}

uint32_t world_breaches(const struct world *world)
{
	uint32_t n = 0;

	for (int i = 0; i < PROPERTY_COUNT; i++)
		n += judge_breaches(world->judge, (enum property)i);
	return n;
}

/* ---- the product's ports ---- */

static void on_event(void *self, const struct event *ev)
{
	struct product *product = self;
	auto_arena struct arena arena = {0};
	struct event passed;

	if (doors_pass(&product->world->doors, product->plan, ev, &arena, &passed))
		world_deliver(product, passed);
}

static void count_sync(struct product *product)
{
	struct world_tally *tally = &product->world->tally;

	tally->syncs++;
	if (product->stage + 1 == product->plan->stage_count)
		tally->last_group_at_ms = earlier(tally->last_group_at_ms,
						  world_now_ms(product->world));
}

static void port_request(void *self, const struct request *request)
{
	struct product *product = self;
	struct world *world = product->world;

	if (world->on_request)
		world->on_request(world->hearer, request);
	if (request->type == REQUEST_SYNC)
		count_sync(product);
	judge_sent(world->judge, product->trial, request, world_wall(world));
	network_send(world->network, request,
		     (struct hearer){.self = product, .on_event = on_event}, world->now_ms);
}

/* The timeline has times of its own: without the run's "  12.9s  ". */
static struct str without_elapsed(struct str line)
{
	struct str rest = str_trim(line), elapsed;

	if (!str_starts(line, STR(" ")) || !str_cut(&rest, ' ', &elapsed) ||
	    !str_ends(elapsed, STR("s")) || elapsed.p[0] < '0' || elapsed.p[0] > '9')
		return str_trim(line);
	return str_trim(rest);
}

static void port_note(void *self, const struct note *note)
{
	struct product *product = self;
	auto_buf struct buf out = BUF_INIT(VIEW_LINES_BYTES_MAX);
	auto_buf struct buf said = BUF_INIT(VIEW_LINES_BYTES_MAX + VIEW_JSON_BYTES_MAX);
	wall now = world_wall(product->world);
	struct str lines, line;

	if (note->type == NOTE_STAGE) {
		product->stage = note->stage - 1;
		product->world->tally.groups++;
	}
	if (note->type == NOTE_RESTARTED && note->stage > 0)
		product->stage = note->stage - 1;
	if (!timeline_is_heard(&product->world->timeline, TOLD_TIPHYS)) {
		judge_told(product->world->judge, product->trial, note, STR(""), now);
		return;
	}
	view_lines_note(&product->lines, note, &out);
	buf_str(&said, buf_view(&out));
	view_json_note(&product->json, note, &said);
	judge_told(product->world->judge, product->trial, note, buf_view(&said), now);
	for (lines = buf_view(&out); str_cut(&lines, '\n', &line);)
		if (!str_empty(str_trim(line)))
			world_tell(product->world, TOLD_TIPHYS, product->name,
				   without_elapsed(line));
}

/* What `show` would say of it now. */
static void show_judge(struct product *product)
{
	auto_arena struct arena arena = {0};
	struct now now = now_of(product->world);
	struct overview overview;

	picture_make(engine_run(product->engine), &now, &arena, &overview);
	judge_pictured(product->world->judge, product->trial, &overview,
		       world_wall(product->world));
}

static void port_exit(void *self, int code)
{
	struct product *product = self;
	struct world *world = product->world;
	auto_arena struct arena arena = {0};

	product->has_exited = true;
	if (product->is_over)
		return; /* it was told before */
	end_product(product, code);
	world_tell(world, TOLD_TIPHYS, product->name, arena_printf(&arena, "exit %d", code));
	show_judge(product);
	judge_ended(world->judge, product->trial, code, world_wall(world));
}

/* ---- runs ---- */

static struct product *begin_product(struct world *world, const struct plan *plan,
				     const struct order *order)
{
	struct product *product = mem_zalloc(sizeof *product);
	struct buf name = BUF_INIT(sizeof product->name);

	product->world = world;
	product->plan = plan;
	product->trial = judge_begin(world->judge, plan, order, world_wall(world));
	buf_str(&name, STR("tiphys"));
	if (world->products.n > 0)
		buf_printf(&name, " %zu", world->products.n + 1);
	for (size_t i = 0; i < name.n && i + 1 < sizeof product->name; i++)
		product->name[i] = name.p[i];
	buf_release(&name);
	view_lines_init(&product->lines, plan, false);
	view_json_init(&product->json, plan);
	vec_push(&world->products, product);
	return product;
}

void world_start(struct product *product)
{
	bool has_journal = product->plan->is_promotion;
	uint64_t seed = product->world->seed + UINT64_C(1'000'003) * product->lives++;
	int code;

	product->engine = engine_new(product->plan, seed,
				     (struct ports){
					     .self = product,
					     .save = has_journal ? world_port_save : NULL,
					     .request = port_request,
					     .note = port_note,
					     .answer = has_journal ? world_port_answer : NULL,
					     .exit = port_exit,
				     });
	if (product->journal.durable > 0)
		engine_restore(product->engine, product->journal.entries.v,
			       product->journal.durable);
	if (world_journal_is_over(product, &code))
		port_exit(product, code);
	else
		world_deliver(product, (struct event){.type = EV_START});
}

void world_sync(struct world *world, const struct plan *plan, const struct order *order)
{
	world_start(begin_product(world, plan, order));
}

void world_promote(struct world *world, const struct plan *plan, const struct order *order)
{
	check(plan->is_promotion);
	world_start(begin_product(world, plan, order));
}

static void signal(struct world *world, size_t run, int code)
{
	struct product *product = vec_at(&world->products, run);

	if (product->is_over)
		return;
	world_deliver(product, (struct event){.type = EV_INTERRUPT, .code = code});
	judge_interrupted(world->judge, product->is_over ? product->code : -1, code);
}

void world_interrupt(struct world *world, size_t run)
{
	signal(world, run, EXIT_SIGINT);
}

void world_terminate(struct world *world, size_t run)
{
	signal(world, run, EXIT_SIGTERM);
}

void world_kill(struct world *world, size_t run)
{
	struct product *product = vec_at(&world->products, run);

	if (product->plan->is_promotion) {
		if (product->engine)
			world_drop(product);
		return;
	}
	if (product->is_over)
		return;
	judge_killed(world->judge, product->trial);
	end_product(product, 137);
}

void world_cut(struct world *world)
{
	network_cut(world->network, world->now_ms);
}

struct weather *world_weather(struct world *world)
{
	return network_weather(world->network);
}

void world_shut(struct world *world, uint32_t server, bool is_shut)
{
	network_shut(world->network, server, is_shut, world->now_ms);
}

void world_set_clock_there(struct world *world, int64_t ahead_ms)
{
	world->doors.ahead_ms[1] = ahead_ms;
}

void world_jump(struct world *world, int64_t ms)
{
	world->clock_ahead_ms += ms;
}

void world_hear_requests(struct world *world,
			 void (*on_request)(void *self, const struct request *request), void *self)
{
	world->on_request = on_request;
	world->hearer = self;
}

struct world_tally world_tally(const struct world *world)
{
	struct world_tally tally = world->tally;

	tally.posts = judge_posts(world->judge);
	return tally;
}

uint64_t world_requests(const struct world *world)
{
	return network_sent(world->network);
}

size_t world_run_count(const struct world *world)
{
	return world->products.n;
}

int world_code(const struct world *world, size_t run)
{
	const struct product *product = vec_at(&world->products, run);

	if (!product->is_over && !product->engine)
		return 137;
	return product->is_over ? product->code : -1;
}

/* ---- time ---- */

/* The model goes on, what it did is told, and what it sent is on its way. */
static void follow(struct world *world)
{
	argo_advance(world->argo, world_wall(world));
	timeline_follow(&world->timeline, world_wall(world));
	judge_follow(world->judge, world_wall(world));
	network_collect(world->network, world->now_ms);
}

void world_at(struct world *world, int64_t at_ms, void (*action)(void *self, struct world *world),
	      void *self)
{
	int64_t at = world->origin_ms + at_ms;

	heap_put(&world->due, (uint32_t)world->actions.n, at > world->now_ms ? at : world->now_ms);
	vec_push(&world->actions, (struct action){action, self});
}

static int64_t next_product_ms(const struct world *world)
{
	instant next = INSTANT_NEVER;

	vec_each(product, &world->products)
		if (!(*product)->is_over && (*product)->engine)
			next = instant_min(next, engine_deadline((*product)->engine));
	return instant_is_never(next) ? INT64_MAX : next.ms - MONOTONIC_AHEAD_MS;
}

static int64_t next_action_ms(const struct world *world)
{
	const struct heap_item *first = heap_first(&world->due);
	return first ? first->key : INT64_MAX;
}

static int64_t next_ms(const struct world *world)
{
	int64_t next = earlier(next_action_ms(world), network_deadline(world->network));
	wall due;

	/* In silence nobody looks at the model before somebody does something. */
	if (!world->timeline.is_silent && argo_deadline(world->argo, &due))
		next = earlier(next, wall_since(due, beginning));
	next = earlier(next, next_product_ms(world));
	next = earlier(next, world_journal_deadline(world));
	return next > world->now_ms ? next : world->now_ms;
}

static void act(struct world *world)
{
	uint32_t number = heap_first(&world->due)->id;
	struct action action = world->actions.v[number];

	heap_remove(&world->due, number);
	action.call(action.self, world);
}

/* Those whose time has come, or all; false: nobody's has. */
static bool tick(struct world *world, bool are_all)
{
	bool has_ticked = false;

	for (size_t i = 0; i < world->products.n; i++) {
		struct product *product = world->products.v[i];
		if (!product->is_over && product->engine &&
		    (are_all ||
		     instant_cmp(engine_deadline(product->engine), now_of(world).mono) <= 0)) {
			world_deliver(product, (struct event){.type = EV_TICK});
			has_ticked = true;
		}
	}
	return has_ticked;
}

/* One thing of what is due now. */
static void step(struct world *world, int64_t at_ms)
{
	world->now_ms = at_ms;
	timeline_at(&world->timeline, at_ms - world->origin_ms);
	follow(world);
	if (next_action_ms(world) <= at_ms)
		act(world);
	else if (world_journal_step(world))
		;
	else if (network_deadline(world->network) <= at_ms)
		network_step(world->network, at_ms);
	else if (!tick(world, false))
		return; /* it was the model's affair alone */
	if (world->config.has_needless_ticks)
		(void)tick(world, true);
	follow(world);
}

void world_run_until(struct world *world, int64_t at_ms)
{
	int64_t end = at_ms + world->origin_ms;

	for (int64_t next = next_ms(world); next <= end; next = next_ms(world))
		step(world, next);
	world->now_ms = end;
	timeline_at(&world->timeline, at_ms);
	follow(world);
}

static bool is_all_over(const struct world *world)
{
	vec_each(product, &world->products)
		if ((*product)->engine &&
		    (!(*product)->is_over || (*product)->journal.batches.n > 0))
			return false;
	return !heap_first(&world->due);
}

bool world_run_out(struct world *world, int64_t at_ms)
{
	while (!is_all_over(world)) {
		int64_t next = next_ms(world);
		if (next > at_ms + world->origin_ms)
			return false;
		step(world, next);
	}
	return true;
}

/* ---- the whole ---- */

struct world *world_new(const struct world_config *config, uint64_t seed)
{
	struct world *world = mem_zalloc(sizeof *world);

	world->config = *config;
	world->tally.last_group_at_ms = INT64_MAX;
	world->seed = seed;
	prng_seed(&world->prng, seed);
	doors_init(&world->doors, seed);
	world->argo = argo_new(&config->argo, seed, beginning);
	world->network = network_new(world->argo, beginning, config->one_way_ms,
				     config->speaks_bytes);
	argo_add_account(world->argo, STR("tiphys"), STR(""), STR(NETWORK_TOKEN), RIGHTS_GENERATOR,
			 false);
	timeline_init(&world->timeline, world->argo);
	world->judge = judge_new(
		world->argo,
		&(struct judge_config){.known_after_ms = config->known_after_ms,
				       .end_within_ms = config->end_within_ms,
				       .cache_lag_ms = config->argo.live_cache_lag_ms,
				       .on_breach = on_breach,
				       .self = world},
		beginning);
	judge_keep_secret(world->judge, STR(NETWORK_TOKEN));
	return world;
}

void world_free(struct world *world)
{
	vec_each(product, &world->products) {
		engine_free((*product)->engine);
		memory_journal_release(&(*product)->journal);
		view_lines_release(&(*product)->lines);
		view_json_release(&(*product)->json);
		mem_free(*product);
	}
	vec_release(&world->products);
	vec_release(&world->askers);
	vec_release(&world->actions);
	heap_release(&world->due);
	vec_release(&world->orders);
	network_free(world->network);
	doors_release(&world->doors);
	judge_free(world->judge);
	timeline_release(&world->timeline);
	argo_free(world->argo);
	mem_free(world);
}

struct argo *world_argo(struct world *world)
{
	return world->argo;
}

struct timeline *world_timeline(struct world *world)
{
	return &world->timeline;
}

int64_t world_now_ms(const struct world *world)
{
	return world->now_ms - world->origin_ms;
}

wall world_wall(const struct world *world)
{
	return wall_add(beginning, world->now_ms);
}

void world_set_origin(struct world *world)
{
	world->origin_ms = world->now_ms;
	timeline_at(&world->timeline, 0);
}

void world_tell(struct world *world, enum told told, const char *who, struct str what)
{
	timeline_tell(&world->timeline, told, who, what);
}

struct str world_text(const struct world *world)
{
	return buf_view(&world->timeline.text);
}
