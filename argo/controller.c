#include "argo/controller.h"

#include "argo/inside.h"
#include "base/alloc.h"

enum { RESYNC_MS = 120 * 1000, JITTER_MS = 60 * 1000 };

struct queue {
	VEC(uint32_t) items;
	size_t head;
	uint32_t busy;
};

struct written {
	uint64_t id;
	const struct app *app;
	struct work *work;
	void (*then)(struct controller *ctrl, struct work *work);
};

struct controller {
	struct argo *argo;
	struct informer *informer;
	bool is_up;
	uint64_t epoch;
	wall started_at;
	struct map by_name;
	VEC(struct work *) work;
	struct queue refreshes, operations;
	VEC(struct written) writes; /* whose answers are on their way */
	uint64_t last_write;
};

/* ---- queues ---- */

static void queue_add(struct queue *queue, struct queue_mark *mark, uint32_t number)
{
	if (mark->is_waiting)
		return;
	if (mark->is_busy) {
		mark->is_again = true;
		return;
	}
	mark->is_waiting = true;
	vec_push(&queue->items, number);
}

static bool queue_take(struct queue *queue, uint32_t processors, uint32_t *ret_number)
{
	if (queue->busy >= processors || queue->head == queue->items.n)
		return false;
	*ret_number = queue->items.v[queue->head++];
	if (queue->head == queue->items.n) {
		vec_clear(&queue->items);
		queue->head = 0;
	}
	queue->busy++;
	return true;
}

static void mark_taken(struct queue_mark *mark)
{
	*mark = (struct queue_mark){.is_busy = true};
}

static void mark_done(struct queue *queue, struct queue_mark *mark, uint32_t number)
{
	bool is_again = mark->is_again;

	*mark = (struct queue_mark){0};
	queue->busy--;
	if (is_again)
		queue_add(queue, mark, number);
}

/* ---- work ---- */

static struct work *work_of(struct controller *ctrl, struct str name)
{
	uint32_t number;

	if (map_get(&ctrl->by_name, name, &number))
		return ctrl->work.v[number];
	struct work *work = mem_zalloc(sizeof(*work));
	work->name = name;
	work->requested = LEVEL_NONE;
	map_put(&ctrl->by_name, name, (uint32_t)ctrl->work.n);
	vec_push(&ctrl->work, work);
	return work;
}

struct work *controller_work(struct controller *ctrl, uint64_t number)
{
	return vec_at(&ctrl->work, number);
}

uint64_t controller_number(struct controller *ctrl, const struct work *work)
{
	uint32_t number = 0;

	(void)map_get(&ctrl->by_name, work->name, &number);
	return number;
}

struct argo *controller_argo(struct controller *ctrl)
{
	return ctrl->argo;
}

uint64_t controller_epoch(const struct controller *ctrl)
{
	return ctrl->epoch;
}

struct informer *controller_informer(struct controller *ctrl)
{
	return ctrl->informer;
}

bool controller_is_up(const struct controller *ctrl)
{
	return ctrl->is_up;
}

static void queue_refresh(struct controller *ctrl, struct work *work)
{
	queue_add(&ctrl->refreshes, &work->in_refresh, (uint32_t)controller_number(ctrl, work));
}

void controller_queue_operation(struct controller *ctrl, struct work *work)
{
	queue_add(&ctrl->operations, &work->in_operation, (uint32_t)controller_number(ctrl, work));
}

/* A number carries the level beside the Application. */
enum { LEVELS = 8 };

static void requested_later(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;

	if (ctrl->epoch == epoch && ctrl->is_up)
		controller_request(ctrl, controller_work(ctrl, number / LEVELS),
				   (enum level)(number % LEVELS) - 1, 0);
}

void controller_request(struct controller *ctrl, struct work *work, enum level level,
			int64_t after_ms)
{
	if (!ctrl->is_up)
		return;
	if (after_ms > 0) {
		argo_later(ctrl->argo, after_ms, requested_later, ctrl,
			   controller_number(ctrl, work) * LEVELS + (uint64_t)(level + 1),
			   ctrl->epoch);
		return;
	}
	work->requested = MAX(work->requested, level);
	queue_refresh(ctrl, work);
}

/* ---- writing ---- */

static void forget_writes(struct controller *ctrl)
{
	vec_each(written, &ctrl->writes)
		app_drop(written->app);
	vec_clear(&ctrl->writes);
}

static struct written take_written(struct controller *ctrl, uint64_t id)
{
	size_t at = 0;

	while (vec_at(&ctrl->writes, at).id != id)
		at++;
	struct written written = ctrl->writes.v[at];
	vec_remove(&ctrl->writes, at);
	return written;
}

static void answer_arrives(void *self, uint64_t id, uint64_t epoch)
{
	struct controller *ctrl = self;

	if (epoch != ctrl->epoch)
		return;
	struct written written = take_written(ctrl, id);
	const struct app *shown = informer_app(ctrl->informer, written.app->name);
	if (shown != NULL &&
	    (shown->version < written.app->version || has_quirk(ctrl->argo, QUIRK_WRITE_BACK)))
		informer_write_back(ctrl->informer, written.app);
	app_drop(written.app);
	written.then(ctrl, written.work);
}

bool controller_write(struct controller *ctrl, struct work *work, struct app *next,
		      void (*then)(struct controller *ctrl, struct work *work))
{
	struct store *store = ctrl->argo->store;
	const struct app *before = store_app(store, work->name);
	uint64_t version = before == NULL ? 0 : before->version;

	(void)store_write_app(store, next, 0, ctrl->argo->now);
	const struct app *after = store_app(store, work->name);
	if (after == NULL || after->version == version)
		return false;
	vec_push(&ctrl->writes, (struct written){++ctrl->last_write, app_keep(after), work, then});
	argo_later(ctrl->argo, ctrl->argo->config.answer_lag_ms, answer_arrives, ctrl,
		   ctrl->last_write, ctrl->epoch);
	return true;
}

void refresh_is_done(struct controller *ctrl, struct work *work)
{
	mark_done(&ctrl->refreshes, &work->in_refresh, (uint32_t)controller_number(ctrl, work));
	controller_queue_operation(ctrl, work);
}

void operation_is_done(struct controller *ctrl, struct work *work)
{
	mark_done(&ctrl->operations, &work->in_operation, (uint32_t)controller_number(ctrl, work));
}

/* ---- the periodic compare ---- */

static bool may_process(const struct argo *argo, const struct app *app)
{
	return !app->is_paused || !has_quirk(argo, QUIRK_PAUSED_IGNORES_ALL);
}

static void plan_resync(struct controller *ctrl, struct work *work);

static void resync(void *self, uint64_t number, uint64_t epoch)
{
	struct controller *ctrl = self;
	struct work *work = controller_work(ctrl, number);
	const struct app *app = informer_app(ctrl->informer, work->name);

	if (ctrl->epoch != epoch || !ctrl->is_up)
		return;
	work->has_timer = false;
	if (app == NULL)
		return;
	plan_resync(ctrl, work);
	if (!may_process(ctrl->argo, app))
		return;
	controller_request(ctrl, work, LEVEL_NONE, argo_some_ms(ctrl->argo, 0, JITTER_MS));
	controller_queue_operation(ctrl, work);
}

/* The informer tells of everything again each 120 s. Each compare is put off by up to a minute;
 * what operates is looked at at once. */
static void plan_resync(struct controller *ctrl, struct work *work)
{
	struct argo *argo = ctrl->argo;

	if (work->has_timer)
		return;
	work->has_timer = true;
	int64_t since_tick = (argo->now.ms - ctrl->started_at.ms) % RESYNC_MS;
	argo_later(argo, RESYNC_MS - since_tick, resync, ctrl, controller_number(ctrl, work),
		   ctrl->epoch);
}

/* ---- events ---- */

static bool is_automated(const struct app *app)
{
	return app->spec.automated.is_set && !app->spec.automated.is_disabled;
}

static void app_changed(struct controller *ctrl, const struct change *change)
{
	struct work *work = work_of(ctrl, change->name);

	if (!may_process(ctrl->argo, change->app))
		return;
	bool is_enabled = change->before != NULL && !is_automated(change->before) &&
			  is_automated(change->app);
	controller_request(ctrl, work, is_enabled ? LEVEL_LATEST : LEVEL_NONE, 0);
	if (change->type != CHANGE_DELETED)
		plan_resync(ctrl, work);
}

void controller_object_changed(struct argo *argo, struct str name)
{
	struct controller *ctrl = argo->controller;
	const struct app *app;

	if (ctrl == NULL || !ctrl->is_up)
		return;
	app = informer_app(ctrl->informer, name);
	if (app != NULL && may_process(argo, app))
		controller_request(ctrl, work_of(ctrl, name), LEVEL_RECENT, 0);
}

bool controller_due(const struct controller *ctrl, wall *ret_at)
{
	return informer_due(ctrl->informer, ret_at);
}

void controller_advance(struct controller *ctrl)
{
	struct argo *argo = ctrl->argo;
	struct change change;
	uint32_t number;

	while (informer_next(ctrl->informer, argo->now, &change)) {
		if (ctrl->is_up && change.kind == STORE_APP)
			app_changed(ctrl, &change);
	}
	while (queue_take(&ctrl->refreshes, argo->config.status_processors, &number)) {
		mark_taken(&ctrl->work.v[number]->in_refresh);
		refresh_begin(ctrl, ctrl->work.v[number]);
	}
	while (queue_take(&ctrl->operations, argo->config.operation_processors, &number)) {
		mark_taken(&ctrl->work.v[number]->in_operation);
		operation_begin(ctrl, ctrl->work.v[number]);
	}
}

/* ---- start and stop ---- */

static void read_all(struct controller *ctrl)
{
	struct app_names names = {0};

	informer_relist(ctrl->informer);
	ctrl->started_at = ctrl->argo->now;
	informer_app_names(ctrl->informer, &names);
	vec_each(name, &names) {
		const struct app *app = informer_app(ctrl->informer, *name);
		struct work *work = work_of(ctrl, *name);
		if (may_process(ctrl->argo, app))
			queue_refresh(ctrl, work);
		plan_resync(ctrl, work);
	}
	vec_release(&names);
}

struct controller *controller_new(struct argo *argo)
{
	struct controller *ctrl = mem_zalloc(sizeof(*ctrl));

	ctrl->argo = argo;
	ctrl->is_up = true;
	ctrl->by_name = MAP_INIT(prng_next(&argo->prng));
	ctrl->informer = informer_new(argo->store, argo->config.controller_lag_ms);
	read_all(ctrl);
	return ctrl;
}

static void forget(struct controller *ctrl)
{
	vec_each(each, &ctrl->work) {
		struct work *work = *each;
		refresh_forget(work);
		operation_forget(work);
		*work = (struct work){.name = work->name, .requested = LEVEL_NONE};
	}
	forget_writes(ctrl);
	vec_clear(&ctrl->refreshes.items);
	vec_clear(&ctrl->operations.items);
	ctrl->refreshes.head = ctrl->operations.head = 0;
	ctrl->refreshes.busy = ctrl->operations.busy = 0;
}

void controller_set_up(struct controller *ctrl, bool is_up)
{
	if (ctrl->is_up == is_up)
		return;
	ctrl->is_up = is_up;
	ctrl->epoch++;
	forget(ctrl);
	if (is_up)
		read_all(ctrl);
}

void controller_free(struct controller *ctrl)
{
	if (ctrl == NULL)
		return;
	forget(ctrl);
	vec_each(work, &ctrl->work)
		mem_free(*work);
	informer_free(ctrl->informer);
	vec_release(&ctrl->writes);
	vec_release(&ctrl->work);
	vec_release(&ctrl->refreshes.items);
	vec_release(&ctrl->operations.items);
	map_release(&ctrl->by_name);
	mem_free(ctrl);
}
