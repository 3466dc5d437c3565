#pragma once
/*
 * tool_json: what a source says to Helm, Kustomize and their like, as the model keeps it: one text,
 * {"helm":{…}}, with the keys in the order of Argo CD's structs and without what they leave out
 * when it is empty. Equal settings have equal texts.
 */
#include "argo/face/reading.h"

/* Of a source: its members helm, kustomize, directory and plugin. Empty: it has none. */
struct str tool_json_read(struct reading *r, const struct at *source);
