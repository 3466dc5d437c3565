#include "world/world.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/heap.h"
#include "engine/engine.h"
#include "view/lines.h"
#include "world/network.h"

/* Something that somebody does at its time. */
struct action {
	void (*call)(void *self, struct world *world);
	void *self;
};

/* One `tiphys sync`. */
struct product {
	struct world *world;
	char name[16]; /* "tiphys", the second one "tiphys 2" */
	const struct plan *plan;
	const struct order *order;
	struct engine *engine;
	struct view_lines lines;
	bool is_over;
	int code;
};

struct world {
	struct world_config config;
	uint64_t seed;
	struct argo *argo;
	struct network *network;
	struct timeline timeline;
	int64_t now_ms, origin_ms;
	/* By its number, which counts up: of the same millisecond, in the order of asking. */
	VEC(struct action) actions;
	struct heap due;
	VEC(struct product *) products;
	VEC(const struct order *) orders;
	uint32_t breaches;
};

static const wall beginning = {1'767'225'600'000}; /* 2026-01-01T00:00:00Z */

/* The product's monotonic clock is a second ahead of the world's: nothing is 0. */
enum { MONOTONIC_AHEAD_MS = 1'000 };

static struct now now_of(const struct world *world)
{
	return (struct now){
		.mono = {MONOTONIC_AHEAD_MS + world->now_ms},
		.wall = wall_add(world_wall(world), world->config.clock_ahead_ms),
	};
}

static void deliver(struct product *product, struct event ev)
{
	if (product->is_over)
		return;
	ev.now = now_of(product->world);
	engine_event(product->engine, &ev);
}

/* ---- the promise ---- */

static void find_breach(struct world *world, const struct order *order, struct str app)
{
	auto_arena struct arena arena = {0};
	struct str breach = order_check(order, world->argo, app, &arena);

	if (str_empty(breach))
		return;
	world->breaches++;
	world_tell(world, TOLD_ORDER, "BREACH", breach);
}

static void on_asked(void *self, const struct app *app)
{
	struct world *world = self;
	struct str revision = app->operation.revisions.revision;

	if (str_empty(revision))
		revision = app->spec.sources.source.target_revision;
	vec_each(order, &world->orders)
		if (str_eq((*order)->revision, revision))
			find_breach(world, *order, app->name);
}

void world_watch_order(struct world *world, const struct order *order)
{
	vec_push(&world->orders, order);
}

void world_check_jobs(struct world *world)
{
	vec_each(order, &world->orders) {
		auto_arena struct arena arena = {0};
		bool is_broken;
		struct str text = order_check_jobs(*order, world->argo, &arena, &is_broken);
		world->breaches += is_broken;
		world_tell(world, TOLD_ORDER, "jobs", text);
	}
}

uint32_t world_breaches(const struct world *world)
{
	return world->breaches;
}

/* ---- the product's ports ---- */

static void on_event(void *self, const struct event *ev)
{
	deliver(self, *ev);
}

static void port_request(void *self, const struct request *request)
{
	struct product *product = self;
	struct world *world = product->world;

	if (request->type == REQUEST_SYNC)
		find_breach(world, product->order, request->name);
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
	struct str lines, line;

	view_lines_note(&product->lines, note, &out);
	for (lines = buf_view(&out); str_cut(&lines, '\n', &line);)
		if (!str_empty(str_trim(line)))
			world_tell(product->world, TOLD_TIPHYS, product->name,
				   without_elapsed(line));
}

static void end_product(struct product *product, int code)
{
	product->is_over = true;
	product->code = code;
	network_forget(product->world->network, product);
}

static void port_exit(void *self, int code)
{
	struct product *product = self;
	struct world *world = product->world;
	auto_arena struct arena arena = {0};

	end_product(product, code);
	world_tell(world, TOLD_TIPHYS, product->name, arena_printf(&arena, "exit %d", code));
	if (code != 0 || product->plan->is_dry_run)
		return;
	struct str breach = order_check_end(product->order, world->argo, &arena);
	if (str_empty(breach))
		return;
	world->breaches++;
	world_tell(world, TOLD_ORDER, "BREACH", breach);
}

/* ---- runs ---- */

void world_sync(struct world *world, const struct plan *plan, const struct order *order)
{
	struct product *product = mem_zalloc(sizeof *product);
	struct buf name = BUF_INIT(sizeof product->name);

	product->world = world;
	product->plan = plan;
	product->order = order;
	buf_str(&name, STR("tiphys"));
	if (world->products.n > 0)
		buf_printf(&name, " %zu", world->products.n + 1);
	for (size_t i = 0; i < name.n && i + 1 < sizeof product->name; i++)
		product->name[i] = name.p[i];
	buf_release(&name);
	view_lines_init(&product->lines, plan, false);
	product->engine = engine_new(plan, world->seed,
				     (struct ports){
					     .self = product,
					     .request = port_request,
					     .note = port_note,
					     .exit = port_exit,
				     });
	vec_push(&world->products, product);
	deliver(product, (struct event){.type = EV_START});
}

void world_interrupt(struct world *world, size_t run)
{
	deliver(vec_at(&world->products, run), (struct event){.type = EV_INTERRUPT, .code = 130});
}

void world_kill(struct world *world, size_t run)
{
	struct product *product = vec_at(&world->products, run);

	if (!product->is_over)
		end_product(product, 137);
}

void world_cut(struct world *world)
{
	network_cut(world->network, world->now_ms);
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
	return product->is_over ? product->code : -1;
}

/* ---- time ---- */

/* The model goes on, what it did is told, and what it sent is on its way. */
static void follow(struct world *world)
{
	argo_advance(world->argo, world_wall(world));
	timeline_follow(&world->timeline, world_wall(world));
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
		if (!(*product)->is_over)
			next = instant_min(next, engine_deadline((*product)->engine));
	return instant_is_never(next) ? INT64_MAX : next.ms - MONOTONIC_AHEAD_MS;
}

static int64_t next_action_ms(const struct world *world)
{
	const struct heap_item *first = heap_first(&world->due);
	return first ? first->key : INT64_MAX;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_ms(const struct world *world)
{
	int64_t next = earlier(next_action_ms(world), network_deadline(world->network));
	wall due;

	if (argo_deadline(world->argo, &due))
		next = earlier(next, wall_since(due, beginning));
	next = earlier(next, next_product_ms(world));
	return next > world->now_ms ? next : world->now_ms;
}

static void act(struct world *world)
{
	uint32_t number = heap_first(&world->due)->id;
	struct action action = world->actions.v[number];

	heap_remove(&world->due, number);
	action.call(action.self, world);
}

static void tick(struct world *world)
{
	for (size_t i = 0; i < world->products.n; i++) {
		struct product *product = world->products.v[i];
		if (!product->is_over &&
		    instant_cmp(engine_deadline(product->engine), now_of(world).mono) <= 0)
			deliver(product, (struct event){.type = EV_TICK});
	}
}

/* One thing of what is due now. */
static void step(struct world *world, int64_t at_ms)
{
	world->now_ms = at_ms;
	timeline_at(&world->timeline, at_ms - world->origin_ms);
	follow(world);
	if (next_action_ms(world) <= at_ms)
		act(world);
	else if (network_deadline(world->network) <= at_ms)
		network_step(world->network, at_ms);
	else
		tick(world);
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
		if (!(*product)->is_over)
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
	world->seed = seed;
	world->argo = argo_new(&config->argo, seed, beginning);
	world->network = network_new(world->argo, beginning, config->one_way_ms);
	argo_add_account(world->argo, STR("tiphys"), STR(""), STR(NETWORK_TOKEN), RIGHTS_GENERATOR,
			 false);
	timeline_init(&world->timeline, world->argo);
	world->timeline.on_asked = on_asked;
	world->timeline.self = world;
	return world;
}

void world_free(struct world *world)
{
	vec_each(product, &world->products) {
		engine_free((*product)->engine);
		view_lines_release(&(*product)->lines);
		mem_free(*product);
	}
	vec_release(&world->products);
	vec_release(&world->actions);
	heap_release(&world->due);
	vec_release(&world->orders);
	network_free(world->network);
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
