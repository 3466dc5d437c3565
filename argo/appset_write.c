#include "argo/appset_write.h"

#include "argo/finalizers.h"
#include "argo/generate.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

/* What argocd-notifications keeps on an Application. */
#define ANNOTATION_NOTIFIED "notified.notifications.argoproj.io"
#define IN_CLUSTER "https://kubernetes.default.svc"

static struct str say(struct argo *argo, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct str say(struct argo *argo, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return argo_intern(argo, str_of(text));
}

/* ---- what it becomes ---- */

static const struct str *find(const struct pair_list *list, struct str key)
{
	for (uint32_t i = 0; list && i < list->n; i++)
		if (str_eq(list->v[i].key, key))
			return &list->v[i].value;
	return NULL;
}

/* The generated ones, and of the live ones those that are to stay; all of them with the quirk off.
 * */
static struct pair_list *with_preserved(const struct pair_list *live, struct pair_list *generated,
					const struct pair_list *preserved, bool keeps_all,
					const char *always)
{
	struct pair_list *list = pair_list_keep(generated);

	for (uint32_t i = 0; live && i < live->n; i++) {
		const struct pair *pair = &live->v[i];
		bool is_named = find(preserved, pair->key) || str_eq(pair->key, str_of(always));

		/* What is preserved by name wins over the template; what a naive reader expects
		 * to stay doesn't. */
		if (is_named || (keeps_all && !find(generated, pair->key)))
			list = pair_list_set(list, pair->key, &pair->value);
	}
	return list;
}

static struct str finalizers_of(struct argo *argo, struct str live, struct str generated,
				bool keeps_all)
{
	auto_buf struct buf list = BUF_INIT(64 * KIB);
	struct str item, rest = generated;
	const char *comma = "[";

	while (finalizers_next(&rest, &item)) {
		buf_printf(&list, "%s" STR_FMT, comma, STR_ARG(item));
		comma = ",";
	}
	for (rest = live; finalizers_next(&rest, &item);) {
		bool is_hook = str_starts(str_after(item, 1), STR(FINALIZER_POST_DELETE));

		if ((is_hook || keeps_all) && !str_find(generated, item, NULL)) {
			buf_printf(&list, "%s" STR_FMT, comma, STR_ARG(item));
			comma = ",";
		}
	}
	if (str_empty(buf_view(&list)))
		return (struct str){0};
	buf_char(&list, ']');
	return argo_intern(argo, buf_view(&list));
}

static void take_spec(struct app_spec *to, const struct app_spec *from)
{
	source_list_keep(from->sources.sources);
	source_list_drop(to->sources.sources);
	*to = *from;
	if (str_empty(to->project))
		to->project = STR("default");
}

static struct app *become(struct argo *argo, const struct appset *set, const struct app *seen,
			  const struct app *generated)
{
	struct app *next = app_copy(seen);
	bool keeps_all = argo_config_of(argo)->quirks.is_off[QUIRK_ANNOTATIONS_TAKEN_AWAY];

	take_spec(&next->spec, &generated->spec);
	pair_list_drop(next->labels);
	next->labels = with_preserved(seen->labels, generated->labels, set->preserved_labels,
				      keeps_all, "");
	pair_list_drop(next->annotations);
	next->annotations = with_preserved(seen->annotations, generated->annotations,
					   set->preserved_annotations, keeps_all,
					   ANNOTATION_NOTIFIED);
	if (next->refresh == REFRESH_NONE)
		next->refresh = generated->refresh;
	if (!keeps_all && !find(set->preserved_annotations, STR(ANNOTATION_SKIP_RECONCILE)))
		next->is_paused = false;
	next->is_paused = next->is_paused || generated->is_paused;
	next->finalizers_json = finalizers_of(argo, seen->finalizers_json,
					      generated->finalizers_json, keeps_all);
	next->owner = set->name;
	next->owner_uid = set->uid;
	if (generated->operation.is_set) {
		pair_list_keep(generated->operation.infos);
		pair_list_drop(next->operation.infos);
		next->operation = generated->operation;
	}
	return next;
}

/* ---- the difference ---- */

/* As far as this controller fills operations in: one that still stands is not written again. */
static bool operations_equal(const struct op_request *a, const struct op_request *b)
{
	return a->is_set == b->is_set && str_eq(a->username, b->username) &&
	       a->is_automated == b->is_automated && pair_lists_equal(a->infos, b->infos) &&
	       a->prune == b->prune && revisions_equal(&a->revisions, &b->revisions) &&
	       str_eq(a->sync_options_json, b->sync_options_json) &&
	       a->retry.limit == b->retry.limit && str_eq(a->retry.duration, b->retry.duration) &&
	       str_eq(a->retry.max_duration, b->retry.max_duration);
}

static bool is_same(const struct app *a, const struct app *b)
{
	return app_spec_equal(&a->spec, &b->spec) && pair_lists_equal(a->labels, b->labels) &&
	       pair_lists_equal(a->annotations, b->annotations) && a->refresh == b->refresh &&
	       a->is_paused == b->is_paused && str_eq(a->finalizers_json, b->finalizers_json) &&
	       str_eq(a->owner, b->owner) && str_eq(a->owner_uid, b->owner_uid) &&
	       operations_equal(&a->operation, &b->operation);
}

static struct pair_list *patch_pairs(struct pair_list *live, const struct pair_list *from,
				     const struct pair_list *to)
{
	for (uint32_t i = 0; from && i < from->n; i++)
		if (!find(to, from->v[i].key))
			live = pair_list_set(live, from->v[i].key, NULL);
	for (uint32_t i = 0; to && i < to->n; i++) {
		const struct str *old = find(from, to->v[i].key);

		if (!old || !str_eq(*old, to->v[i].value))
			live = pair_list_set(live, to->v[i].key, &to->v[i].value);
	}
	return live;
}

/* Field by field, as a merge patch of the JSON goes; lists go as a whole. */
static void patch_spec(struct app_spec *live, const struct app_spec *from,
		       const struct app_spec *to)
{
	struct app_spec next = *to, whole = *to;

	/* What did not differ stays as it is alive. */
	if (str_eq(from->project, to->project))
		next.project = live->project;
	if (sources_equal(&from->sources, &to->sources))
		next.sources = live->sources;
	if (str_eq(from->destination.server, to->destination.server))
		next.destination.server = live->destination.server;
	if (str_eq(from->destination.name, to->destination.name))
		next.destination.name = live->destination.name;
	if (str_eq(from->destination.namespace, to->destination.namespace))
		next.destination.namespace = live->destination.namespace;
	if (str_eq(from->ignore_differences_json, to->ignore_differences_json))
		next.ignore_differences_json = live->ignore_differences_json;
	if (str_eq(from->sync_options_json, to->sync_options_json))
		next.sync_options_json = live->sync_options_json;
	if (from->history_limit == to->history_limit)
		next.history_limit = live->history_limit;
	if (from->has_hydrator == to->has_hydrator)
		next.has_hydrator = live->has_hydrator;
	/* These two by asking whether they alone would make a difference. */
	whole.automated = from->automated;
	if (app_spec_equal(&whole, to))
		next.automated = live->automated;
	whole = *to;
	whole.retry = from->retry;
	if (app_spec_equal(&whole, to))
		next.retry = live->retry;
	source_list_keep(next.sources.sources);
	source_list_drop(live->sources.sources);
	*live = next;
}

static struct app *patched(const struct app *live, const struct app *from, const struct app *to)
{
	struct app *next = app_copy(live);

	patch_spec(&next->spec, &from->spec, &to->spec);
	next->labels = patch_pairs(next->labels, from->labels, to->labels);
	next->annotations = patch_pairs(next->annotations, from->annotations, to->annotations);
	if (from->refresh != to->refresh)
		next->refresh = to->refresh;
	if (from->is_paused != to->is_paused)
		next->is_paused = to->is_paused;
	if (!str_eq(from->finalizers_json, to->finalizers_json))
		next->finalizers_json = to->finalizers_json;
	if (!str_eq(from->owner_uid, to->owner_uid) || !str_eq(from->owner, to->owner)) {
		next->owner = to->owner;
		next->owner_uid = to->owner_uid;
	}
	if (!operations_equal(&from->operation, &to->operation)) {
		pair_list_keep(to->operation.infos);
		pair_list_drop(next->operation.infos);
		next->operation = to->operation;
	}
	return next;
}

/* ---- writing ---- */

static enum appset_wrote create(struct argo *argo, const struct appset *set,
				const struct app *generated, wall now, struct str *ret_error)
{
	struct app *empty, *next;

	if (store_app(argo_store(argo), generated->name)) {
		*ret_error = say(argo, "applications.argoproj.io \"" STR_FMT "\" already exists",
				 STR_ARG(generated->name));
		return WROTE_FAILED;
	}
	empty = app_new();
	empty->name = generated->name;
	empty->namespace = generated->namespace;
	next = become(argo, set, empty, generated);
	app_drop(empty);
	store_write_app(argo_store(argo), next, 0, now);
	return WROTE_CREATED;
}

enum appset_wrote appset_write_app(struct argo *argo, const struct appset *set,
				   const struct app *seen, const struct app *generated, wall now,
				   struct str *ret_error)
{
	const struct app *live = store_app(argo_store(argo), generated->name);
	struct app *next;

	if (!seen)
		return create(argo, set, generated, now, ret_error);
	if (!str_empty(seen->owner) && !str_eq(seen->owner, set->name)) {
		*ret_error = say(argo,
				 "error while wrapping using MutateFn: Object " STR_FMT "/" STR_FMT
				 " is already owned by another ApplicationSet controller " STR_FMT,
				 STR_ARG(seen->namespace), STR_ARG(seen->name),
				 STR_ARG(seen->owner));
		return WROTE_FAILED;
	}
	next = become(argo, set, seen, generated);
	if (is_same(seen, next)) {
		app_drop(next);
		return WROTE_NOTHING;
	}
	if (!live) {
		app_drop(next);
		*ret_error = say(argo, "applications.argoproj.io \"" STR_FMT "\" not found",
				 STR_ARG(generated->name));
		return WROTE_FAILED;
	}
	store_write_app(argo_store(argo), patched(live, seen, next), 0, now);
	app_drop(next);
	return WROTE_UPDATED;
}

struct str appset_destination_error(struct argo *argo, const struct destination *destination)
{
	const struct store *store = argo_store(argo);
	struct str server = destination->server, name = destination->name;
	const struct cluster *cluster;

	if (!str_empty(name) && !str_empty(server))
		return say(
			argo,
			"application destination can't have both name and server defined: " STR_FMT
			" " STR_FMT,
			STR_ARG(name), STR_ARG(server));
	if (str_eq(server, STR(IN_CLUSTER)) || str_eq(name, STR("in-cluster")))
		return (struct str){0};
	if (!str_empty(server)) {
		cluster = store_cluster(store, server);
		if (cluster && str_eq(cluster->server, server))
			return (struct str){0};
		return say(argo,
			   "error getting cluster by server \"" STR_FMT
			   "\": rpc error: code = NotFound desc = cluster \"" STR_FMT
			   "\" not found",
			   STR_ARG(server), STR_ARG(server));
	}
	if (str_empty(name))
		return STR("Destination server missing from app spec");
	cluster = store_cluster(store, name);
	if (cluster && str_eq(cluster->name, name))
		return (struct str){0};
	return say(argo, "there are no clusters with this name: " STR_FMT, STR_ARG(name));
}

void appset_delete_app(struct argo *argo, struct str name, wall now)
{
	struct store *store = argo_store(argo);
	const struct app *live = store_app(store, name);

	if (!live)
		return;
	if (finalizers_have(live->finalizers_json, STR(FINALIZER_RESOURCES)) &&
	    !str_empty(appset_destination_error(argo, &live->spec.destination))) {
		struct app *next = app_copy(live);

		next->finalizers_json = finalizers_without(argo, live->finalizers_json,
							   STR(FINALIZER_RESOURCES));
		store_write_app(store, next, 0, now);
	}
	store_delete_app(store, name, now);
}

/* ---- which changes count ---- */

bool appset_app_change_counts(const struct app *before, const struct app *after,
			      bool has_progressive_syncs)
{
	const struct app_status *a = &before->status, *b = &after->status;

	if (!app_spec_equal(&before->spec, &after->spec) ||
	    !pair_lists_equal(before->annotations, after->annotations) ||
	    before->refresh != after->refresh || before->is_paused != after->is_paused ||
	    !pair_lists_equal(before->labels, after->labels) ||
	    !str_eq(before->finalizers_json, after->finalizers_json))
		return true;
	if (!has_progressive_syncs)
		return false;
	if (a->has_health != b->has_health || a->health != b->health ||
	    a->has_sync != b->has_sync || a->sync != b->sync)
		return true;
	/* The first operation of all has nothing to differ from, and does not count. */
	return a->operation.phase != OP_NONE && b->operation.phase != OP_NONE &&
	       (a->operation.phase != b->operation.phase ||
		wall_cmp(a->operation.started_at, b->operation.started_at) != 0);
}

bool appset_change_counts(const struct appset *before, const struct appset *after,
			  bool has_progressive_syncs)
{
	if (has_progressive_syncs && !rollout_status_lists_equal(before->rollout, after->rollout))
		return true;
	if (!appset_spec_equal(before, after) || !pair_lists_equal(before->labels, after->labels) ||
	    wall_cmp(before->deleting_at, after->deleting_at) != 0)
		return true;
	if (before->wants_refresh == after->wants_refresh)
		return !pair_lists_equal(before->annotations, after->annotations);
	/* Its removal does not count, and hides what changed beside it. */
	return after->wants_refresh;
}
