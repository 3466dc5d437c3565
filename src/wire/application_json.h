#pragma once
/*
 * application_json: an Application as Argo CD writes it becomes what the model knows of it.
 *
 * Texts of the result are views into the JSON value or live in the arena: both must outlive it.
 * Texts for people (messages, errors) are one line without control characters and of bounded
 * length; names and revisions are exactly what Argo CD says.
 */
#include "base/arena.h"
#include "base/err.h"
#include "model/application.h"
#include "model/request.h"
#include "wire/json.h"

/*
 * `has_resources`: the object is whole (a GET's, a refresh's, a sync's), not a frame of the watch.
 * Error: E_PROTOCOL if it lacks what each Application has: name, uid, resourceVersion, spec.
 */
[[nodiscard]] int application_from_json(const struct json *object, bool has_resources,
					struct arena *arena, struct application *ret_app,
					struct err *err);

/* The names of the objects that differ: changed_objects and pruned_objects. */
void application_objects_from_json(const struct json *object, struct arena *arena,
				   struct application *app);

/*
 * The name, and what else is there, of an Application that was deleted: its spec is of no
 * interest.
 */
[[nodiscard]] int application_gone_from_json(const struct json *object, struct application *ret_app,
					     struct err *err);

/*
 * Labels as one text, "env=test,tier=web", in no particular order. Of a template: what is made only
 * with the parameters becomes "*", a value or the key of any further labels.
 */
struct str labels_from_json(const struct json *labels, bool is_template, struct arena *arena);

/* What parts of an object say, for those who read other parts. A stamp that is none is 0. */
wall wall_from_json(const struct json *value);
/* The member `revision`, or those of several sources in a row: "a,b". */
struct str revision_from_json(const struct json *value, struct arena *arena);
/* Of the member `initiatedBy`: the user's name, or "auto-sync". */
struct str initiator_from_json(const struct json *value);
/* The name of an Application's controlling ApplicationSet, or empty. */
struct str owner_of_json(const struct json *object);

/* An ApplicationSet; its `json` asks for the Applications that it makes. */
[[nodiscard]] int owner_from_json(const struct json *object, struct arena *arena,
				  struct owner_row *ret_row, struct err *err);

/* A row of the List, projected or whole. */
[[nodiscard]] int app_row_from_json(const struct json *item, struct arena *arena,
				    struct app_row *ret_row, struct err *err);
