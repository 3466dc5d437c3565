#pragma once
/*
 * app_json: an Application as Argo CD 3.2.11 writes it: the same keys in the same order, and absent
 * where its structs leave out what is empty. What the model does not know is not there:
 * `metadata.managedFields`, images.
 *
 * Keys of `helm`, `kustomize` and their like come in the order in which the model keeps them.
 */
#include "argo/object.h"
#include "base/json_write.h"

/* A List does not fill in the health of each resource; GET, watch and the answer to a sync do. */
enum app_json_kind { APP_JSON_WHOLE, APP_JSON_LISTED };

void app_json_write(struct json_write *w, const struct app *app, enum app_json_kind kind);

/* ---- its parts, for whoever shows some of them ---- */

void app_json_spec(struct json_write *w, const struct app_spec *spec);
void app_json_sync(struct json_write *w, const struct op_request *operation);
void app_json_sync_result(struct json_write *w, const struct op_state *state);
void app_json_health(struct json_write *w, const struct app_status *status);
void app_json_resources(struct json_write *w, const struct resource_list *list,
			enum app_json_kind kind);
void app_json_annotations(struct json_write *w, const struct app *app);

/* {"a":"b"}, in the order of keys. */
void app_json_pairs(struct json_write *w, const struct pair_list *pairs);
/* "2026-11-23T21:47:27Z"; null if it is 0. */
void app_json_time(struct json_write *w, wall at);
bool app_has_annotations(const struct app *app);

/* "Healthy" and so on, as Argo CD spells them. */
const char *app_json_phase(enum op_phase phase);
