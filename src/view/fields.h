#pragma once
/*
 * fields: what objects of JSON have in common, whatever they tell of: view/json.h has the contract.
 */
#include "base/json_write.h"
#include "model/note.h"

/* Empty ones are left out, long ones cut. */
void field(struct json_write *w, const char *key, struct str value);

/* As RFC 3339 in UTC; none if it is 0. */
void field_time(struct json_write *w, const char *key, wall at);

/* cause, subject, message, text */
void field_cause(struct json_write *w, const struct cause *cause);

void field_counts(struct json_write *w, const struct counts *counts);
