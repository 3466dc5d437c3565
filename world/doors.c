#include "world/doors.h"

void doors_init(struct doors *doors, uint64_t seed)
{
	*doors = (struct doors){.of = MAP_INIT(seed)};
}

void doors_release(struct doors *doors)
{
	map_release(&doors->of);
}

static bool is_behind(struct doors *doors, const struct plan *plan, uint32_t door, struct str name,
		      struct str labels)
{
	uint32_t own;

	if (map_get(&doors->of, name, &own))
		return own == door;
	for (uint32_t stage = 0; stage < plan->stage_count; stage++) {
		if (!plan_selects(plan, stage, labels))
			continue;
		own = plan->stages[stage].server;
		map_put(&doors->of, name, own);
		return own == door;
	}
	return true; /* nobody's, so far: no run takes it up */
}

/* As another clock stamps it; 0 is none. */
static wall stamp(wall at, int64_t ahead_ms)
{
	return at.ms == 0 ? at : wall_add(at, ahead_ms);
}

static void stamp_operation(struct operation *operation, int64_t ahead_ms)
{
	operation->started_at = stamp(operation->started_at, ahead_ms);
	operation->finished_at = stamp(operation->finished_at, ahead_ms);
}

static const struct application *stamped(const struct application *app, int64_t ahead_ms,
					 struct arena *arena)
{
	struct application *copy = arena_new(arena, struct application);

	*copy = *app;
	copy->reconciled_at = stamp(app->reconciled_at, ahead_ms);
	stamp_operation(&copy->requested, ahead_ms);
	stamp_operation(&copy->shown, ahead_ms);
	return copy;
}

/* Of a List, or of what an ApplicationSet makes. */
static void pass_rows(struct doors *doors, const struct plan *plan, uint32_t door,
		      struct reply *reply, struct arena *arena)
{
	struct app_row *rows = arena_array(arena, struct app_row, reply->row_count);
	size_t n = 0;

	for (size_t i = 0; i < reply->row_count; i++) {
		const struct app_row *row = &reply->rows[i];
		if (!is_behind(doors, plan, door, row->name, row->labels))
			continue;
		rows[n] = *row;
		rows[n].started_at = stamp(row->started_at, doors->ahead_ms[door]);
		rows[n++].finished_at = stamp(row->finished_at, doors->ahead_ms[door]);
	}
	reply->rows = rows;
	reply->row_count = n;
}

bool doors_pass(struct doors *doors, const struct plan *plan, const struct event *ev,
		struct arena *arena, struct event *ret)
{
	uint32_t door = ev->server;

	*ret = *ev;
	if (plan->more_servers == 0)
		return true;
	if (ev->type == EV_WATCHED || ev->type == EV_WATCH_LOST) {
		ret->watched = stamped(ev->watched, doors->ahead_ms[door], arena);
		return is_behind(doors, plan, door, ev->watched->name, ev->watched->labels);
	}
	if (ev->type != EV_REPLY)
		return true;
	struct reply *reply = arena_new(arena, struct reply);
	*reply = *ev->reply;
	pass_rows(doors, plan, door, reply, arena);
	if (reply->application)
		reply->application = stamped(reply->application, doors->ahead_ms[door], arena);
	ret->reply = reply;
	return true;
}
