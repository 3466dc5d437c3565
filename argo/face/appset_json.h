#pragma once
/*
 * appset_json: an ApplicationSet as Argo CD 3.2.11 writes it. What was read can be written and read
 * again: `generate` is given what GET answered.
 */
#include "argo/appset_object.h"
#include "base/json_write.h"

void appset_json_write(struct json_write *w, const struct appset *set);
