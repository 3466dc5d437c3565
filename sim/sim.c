#include "sim/sim.h"

#include "argo/face/face.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/vec.h"
#include "io/http_server.h"

/* Which request of the server's is which exchange of the face's. */
struct pairing {
	uint64_t face_id;
	struct http_exchange *exchange;
	bool has_begun;
};

struct sim {
	struct loop *loop;
	struct argo *argo;
	struct face *face;
	struct http_server *server;
	VEC(struct pairing) pairings;
	/* The model's clock goes on with the monotonic one: nobody turns it back. */
	struct now started;
	struct str revision;
	uint32_t replicas;
};

/* So long the fleet has been there when the simulator begins. */
enum { HISTORY_MS = 15 * 60 * 1000 };

/* A client that is behind by more does not read, as to the real server's flow control. */
enum { BACKLOG_BYTES = 64 * 1024 };

static const char api_token[] = "sim.tiphys.token";

static wall sim_now(struct sim *sim)
{
	struct now now = loop_now(sim->loop);

	return wall_add(sim->started.wall, instant_since(now.mono, sim->started.mono));
}

/* ---- answers ---- */

static struct pairing *find(struct sim *sim, uint64_t face_id)
{
	vec_each(pairing, &sim->pairings)
		if (pairing->face_id == face_id)
			return pairing;
	return NULL;
}

static void unpair(struct sim *sim, const struct pairing *pairing)
{
	vec_remove(&sim->pairings, (size_t)(pairing - sim->pairings.v));
}

static void send_stream(struct sim *sim, struct pairing *pairing, const struct face_chunk *chunk)
{
	struct http_exchange *exchange = pairing->exchange;

	if (chunk->has_head && !pairing->has_begun) {
		http_exchange_begin(exchange, chunk->status, chunk->content_type);
		pairing->has_begun = true;
	}
	if (!http_exchange_write(exchange, chunk->bytes)) {
		face_cancel(sim->face, chunk->exchange);
		unpair(sim, pairing);
		return;
	}
	if (http_exchange_backlog(exchange) > BACKLOG_BYTES)
		face_set_reading(sim->face, chunk->exchange, false);
	if (!chunk->is_end)
		return;
	unpair(sim, pairing);
	http_exchange_end(exchange);
}

static void send_chunk(struct sim *sim, const struct face_chunk *chunk)
{
	struct pairing *pairing = find(sim, chunk->exchange);

	if (!pairing)
		return;
	struct http_exchange *exchange = pairing->exchange;
	if (chunk->is_cut) {
		unpair(sim, pairing);
		http_exchange_cut(exchange);
	} else if (chunk->is_stream) {
		send_stream(sim, pairing, chunk);
	} else {
		check(chunk->has_head);
		check(chunk->is_end);
		unpair(sim, pairing);
		http_exchange_answer(exchange, chunk->status, chunk->content_type,
				     face_take_bytes(sim->face));
	}
}

static void set_deadline(struct sim *sim)
{
	instant deadline = INSTANT_NEVER;
	struct now now = loop_now(sim->loop);
	wall present = sim_now(sim), at;

	if (argo_deadline(sim->argo, &at))
		deadline = instant_add(now.mono, wall_since(at, present));
	if (face_deadline(sim->face, &at))
		deadline = instant_min(deadline, instant_add(now.mono, wall_since(at, present)));
	loop_set_deadline(sim->loop, deadline);
}

/* Lets happen what is due, and sends what came of it. */
static void pump(struct sim *sim)
{
	struct face_chunk chunk;
	wall now = sim_now(sim);

	argo_advance(sim->argo, now);
	face_advance(sim->face, now);
	while (face_next(sim->face, &chunk))
		send_chunk(sim, &chunk);
	set_deadline(sim);
}

void sim_on_deadline(struct sim *sim)
{
	pump(sim);
}

/* ---- requests ---- */

static struct str header(void *self, const char *name)
{
	return http_exchange_header(self, name);
}

/* As a load balancer spreads connections: in turn, over those that are up. */
static uint32_t replica_of(struct sim *sim, const struct http_exchange *exchange)
{
	struct str wanted = http_exchange_header(exchange, "X-Tiphys-Sim-Replica");
	uint64_t replica;

	if (str_to_u64(wanted, &replica) && replica < sim->replicas)
		return (uint32_t)replica;
	replica = http_exchange_connection(exchange) % sim->replicas;
	for (uint32_t i = 0; i < sim->replicas; i++) {
		uint32_t next = (uint32_t)((replica + i) % sim->replicas);
		if (argo_is_up(sim->argo, COMPONENT_SERVER, next))
			return next;
	}
	return (uint32_t)replica;
}

static void on_request(void *self, struct http_exchange *exchange)
{
	struct sim *sim = self;
	struct face_request request = {
		.method = http_exchange_method(exchange),
		.target = http_exchange_target(exchange),
		.body = http_exchange_body(exchange),
		.header = header,
		.self = exchange,
		.replica = replica_of(sim, exchange),
		.is_trusted = http_exchange_is_local(exchange),
	};

	wall now = sim_now(sim);
	argo_advance(sim->argo, now);
	uint64_t id = face_begin(sim->face, &request, now);
	http_exchange_set_user(exchange, id);
	vec_push(&sim->pairings, (struct pairing){.face_id = id, .exchange = exchange});
	pump(sim);
}

static void on_gone(void *self, struct http_exchange *exchange)
{
	struct sim *sim = self;
	uint64_t id = http_exchange_user(exchange);
	struct pairing *pairing = find(sim, id);

	if (pairing)
		unpair(sim, pairing);
	face_cancel(sim->face, id);
}

static void on_drained(void *self, struct http_exchange *exchange)
{
	struct sim *sim = self;

	face_set_reading(sim->face, http_exchange_user(exchange), true);
	pump(sim);
}

/* ---- beginning and end ---- */

static struct argo *make_argo(struct sim *sim, const struct sim_options *options)
{
	struct argo_config config = argo_config_default();

	config.replicas = sim->replicas;
	config.speed = options->speed;
	config.quirks = options->quirks;
	config.has_progressive_syncs = options->fleet->has_progressive_syncs;
	return argo_new(&config, options->seed, wall_add(sim->started.wall, -HISTORY_MS));
}

/* Everybody's first sync, as somebody would have asked for it. */
static void sync_all(struct sim *sim)
{
	struct store *store = argo_store(sim->argo);
	struct app_names names = {0};

	store_app_names(store, &names);
	vec_each(name, &names) {
		const struct app *app = store_app(store, *name);
		struct op_request request = {
			.is_set = true,
			.username = STR("admin"),
			.revisions = {.revision = sim->revision},
			.sources = app->spec.sources,
		};
		if (app->spec.sources.has_source)
			argo_patch_operation(sim->argo, *name, &request);
	}
	vec_release(&names);
}

/* The fleet has been there for a while: its Applications are made, compared and synced. */
static void live_through_history(struct sim *sim, bool is_bulk)
{
	wall born = wall_add(sim->started.wall, -HISTORY_MS);

	argo_advance(sim->argo, wall_add(born, HISTORY_MS / 3));
	if (!is_bulk)
		sync_all(sim);
	argo_advance(sim->argo, sim->started.wall);
}

static int begin(struct sim *sim, const struct sim_options *options, struct err *err)
{
	auto_buf struct buf control = BUF_INIT(4 * KIB);

	if (!yaml_get(options->fleet->root, STR("accounts")))
		argo_add_account(sim->argo, STR("tiphys"), STR("tiphys-sim"), str_of(api_token),
				 RIGHTS_ADMIN, false);
	if (fleet_make(options->fleet, sim->argo, &sim->revision, err) < 0)
		return err_wrap(err, "the fleet");
	live_through_history(sim, options->fleet->bulk > 0);
	fleet_delay_renders(options->fleet, sim->argo, options->speed);
	if (http_server_listen(sim->server, options->listen, err) < 0)
		return -1;
	if (str_empty(options->control))
		return 0;
	buf_printf(&control, "unix:" STR_FMT, STR_ARG(options->control));
	return http_server_listen(sim->server, buf_view(&control), err);
}

struct sim *sim_new(struct loop *loop, const struct sim_options *options, struct err *err)
{
	struct sim *sim = mem_zalloc(sizeof(*sim));

	sim->loop = loop;
	sim->started = loop_now(loop);
	sim->replicas = options->replicas ? options->replicas : options->fleet->replicas;
	sim->argo = make_argo(sim, options);
	sim->face = face_new(sim->argo, &(struct face_config){
						.control_token = options->token,
						.content = fleet_content(options->fleet),
					});
	sim->server = http_server_new(loop,
				      (struct http_server_handler){
					      .self = sim,
					      .on_request = on_request,
					      .on_gone = on_gone,
					      .on_drained = on_drained,
				      },
				      HTTP_SERVER_LIMITS);
	if (begin(sim, options, err) < 0) {
		sim_free(sim);
		return NULL;
	}
	pump(sim);
	return sim;
}

void sim_free(struct sim *sim)
{
	http_server_free(sim->server);
	face_free(sim->face);
	argo_free(sim->argo);
	vec_release(&sim->pairings);
	mem_free(sim);
}

struct str sim_address(const struct sim *sim)
{
	return http_server_address(sim->server);
}

struct str sim_revision(const struct sim *sim)
{
	return sim->revision;
}

struct str sim_api_token(const struct sim *sim)
{
	(void)sim;
	return str_of(api_token);
}
