#pragma once
/*
 * mirror: what the product would read of the model's objects, without the bytes between: exactly
 * what src/wire makes of the JSON that argo/face writes of them.
 *
 * One thing is other than there: the ids of operations are made of the structs, so they are other
 * numbers, equal where those are equal.
 *
 * Texts are the model's own or live in the arena. What the model keeps as JSON (the options of
 * tools, ignoreDifferences) has one form only there, so it is compared as text.
 */
#include "argo/appset_object.h"
#include "argo/object.h"
#include "base/arena.h"
#include "model/request.h"

/* What of an Application is shown: the product asks a watch for less, and for labels only where it
 * selects by them. */
enum mirror_kind {
	MIRROR_WHOLE,
	MIRROR_FRAME,
	MIRROR_FRAME_WITH_LABELS,
};

struct application mirror_application(const struct app *app, enum mirror_kind kind,
				      struct arena *arena);
/* The names of the objects that differ, where they are asked for. */
void mirror_objects(const struct app *app, struct arena *arena, struct application *ret);
/* Of one that was deleted. */
struct application mirror_gone(const struct app *app);
struct app_row mirror_row(const struct app *app, bool has_labels, struct arena *arena);

/* `handle` stands for the JSON by which the product asks what the set generates. */
struct owner_row mirror_owner(const struct appset *set, struct str handle, struct arena *arena);
