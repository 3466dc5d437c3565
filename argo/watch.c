/*
 * Watches: what is there, at the client's own pace; only then what changes, through a buffer that
 * drops what does not fit.
 */
#include "argo/server_inside.h"
#include "base/alloc.h"

#include <string.h>

void watch_free(struct watch *watch)
{
	for (size_t i = watch->burst_taken; i < watch->burst.n; i++)
		app_drop(watch->burst.v[i].app);
	for (size_t i = watch->taken; i < watch->buffer.n; i++)
		app_drop(watch->buffer.v[i].app);
	vec_release(&watch->burst);
	vec_release(&watch->buffer);
	selector_release(&watch->selector);
	call_free(watch->call);
	mem_free(watch);
}

struct watch *watch_of(struct server *server, uint64_t id)
{
	vec_each(watch, &server->watches) {
		if ((*watch)->id == id)
			return *watch;
	}
	return NULL;
}

void watch_remove(struct server *server, uint64_t id)
{
	for (size_t i = 0; i < server->watches.n; i++) {
		if (server->watches.v[i]->id != id)
			continue;
		watch_free(server->watches.v[i]);
		vec_remove(&server->watches, i);
		return;
	}
}

static bool is_permitted(const struct watch *watch, const struct app *app)
{
	const struct api_request *request = &watch->call->request;

	if (!call_wants_project(watch->call, app->spec.project))
		return false;
	if (request->has_resource_version && app->version < request->resource_version)
		return false;
	if (!str_empty(request->name) && !str_eq(request->name, app->name))
		return false;
	return !watch->has_selector || app_matches(app, &watch->selector);
}

static void list_all(struct server *server, struct watch *watch, enum change_type type)
{
	struct informer *informer = server->replicas[watch->call->request.replica].informer;
	struct app_names names = {0};

	informer_app_names(informer, &names);
	vec_each(name, &names) {
		const struct app *app = informer_app(informer, *name);
		if (is_permitted(watch, app))
			vec_push(&watch->burst, (struct frame){type, app_keep(app)});
	}
	vec_release(&names);
}

void watch_begin(struct server *server, struct call *call)
{
	const struct api_request *request = &call->request;
	struct watch *watch;
	struct selector selector;
	bool has_selector;

	if (!call_parse_selector(server, call, "error parsing labels with selectors", &selector,
				 &has_selector))
		return;
	watch = mem_zalloc(sizeof(*watch));
	watch->id = call->id;
	watch->call = call;
	watch->selector = selector;
	watch->has_selector = has_selector;
	watch->is_reading = true;
	watch->began_at = server->argo->now;
	for (size_t i = 0; i < server->calls.n; i++) {
		if (server->calls.v[i] == call) {
			vec_remove(&server->calls, i);
			break;
		}
	}
	vec_push(&server->watches, watch);
	bool is_replayed = request->has_resource_version &&
			   !has_quirk(server->argo, QUIRK_NO_REPLAY);
	if (!request->has_resource_version || !str_empty(request->name) || is_replayed)
		list_all(server, watch, is_replayed ? CHANGE_MODIFIED : CHANGE_ADDED);
	watch->is_subscribed = watch->burst.n == 0 ||
			       !has_quirk(server->argo, QUIRK_LOST_EVENT_GAP);
}

static void buffer_add(struct watch *watch, enum change_type type, const struct app *app)
{
	if (watch->to_lose > 0) {
		watch->to_lose--;
		return;
	}
	if (watch->buffer.n - watch->taken >= WATCH_BUFFER)
		return;
	if (watch->taken > WATCH_BUFFER) {
		watch->buffer.n -= watch->taken;
		memmove(watch->buffer.v, watch->buffer.v + watch->taken,
			watch->buffer.n * sizeof(watch->buffer.v[0]));
		watch->taken = 0;
	}
	vec_push(&watch->buffer, (struct frame){type, app_keep(app)});
}

/* The server buffers what happens and looks whom it concerns when it sends: all events count
 * against the buffer, but that makes no difference to who reads in time. */
void watch_tell(struct server *server, uint32_t replica, const struct change *change)
{
	bool is_silent = has_quirk(server->argo, QUIRK_LEAVES_IN_SILENCE);

	vec_each(at, &server->watches) {
		struct watch *watch = *at;
		if (watch->call->request.replica != replica || !watch->is_subscribed)
			continue;
		bool leaves = !is_silent && change->before != NULL &&
			      is_permitted(watch, change->before) &&
			      !is_permitted(watch, change->app);
		if (leaves)
			buffer_add(watch, CHANGE_DELETED, change->app);
		else if (is_permitted(watch, change->app))
			buffer_add(watch, change->type, change->app);
		else if (!watch->is_reading)
			buffer_add(watch, CHANGE_MODIFIED, change->app);
	}
}

/* The next frame of this watch. A frame of an Application that does not belong is passed over. */
static bool take(struct watch *watch, struct frame *ret_frame)
{
	if (!watch->is_reading)
		return false;
	if (watch->burst_taken < watch->burst.n) {
		*ret_frame = watch->burst.v[watch->burst_taken++];
		/* The subscription begins when the last one has gone out. */
		if (watch->burst_taken == watch->burst.n)
			watch->is_subscribed = true;
		return true;
	}
	while (watch->taken < watch->buffer.n) {
		*ret_frame = watch->buffer.v[watch->taken++];
		if (watch->taken == watch->buffer.n) {
			vec_clear(&watch->buffer);
			watch->taken = 0;
		}
		if (ret_frame->type == CHANGE_DELETED || is_permitted(watch, ret_frame->app))
			return true;
		app_drop(ret_frame->app);
	}
	return false;
}

bool watch_next(struct server *server, struct api_answer *ret_answer)
{
	struct frame frame;

	for (size_t i = 0; i < server->watches.n; i++) {
		size_t at = (server->next_watch + i) % server->watches.n;
		struct watch *watch = server->watches.v[at];
		if (take(watch, &frame)) {
			server->next_watch = at;
			*ret_answer = (struct api_answer){.id = watch->id,
							  .refusal = {.status = 200},
							  .change = frame.type,
							  .app = frame.app};
			return true;
		}
	}
	return false;
}

void watch_cut(struct server *server, uint32_t replica)
{
	for (size_t i = server->watches.n; i-- > 0;) {
		struct watch *watch = server->watches.v[i];
		if (watch->call->request.replica != replica)
			continue;
		vec_push(&server->ready,
			 (struct ready){.answer = {.id = watch->id, .is_end = true}});
		watch_free(watch);
		vec_remove(&server->watches, i);
	}
}

void server_lose(struct server *server, uint32_t replica, uint32_t count)
{
	vec_each(watch, &server->watches) {
		if ((*watch)->call->request.replica == replica)
			(*watch)->to_lose += count;
	}
}
