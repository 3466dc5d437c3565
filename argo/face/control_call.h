#pragma once
/* control_call: one request below /sim/v1 while it is worked on; what control.c, control_git.c and
 * control_objects.c share. */
#include "argo/argo.h"
#include "argo/face/reading.h"
#include "argo/face/target.h"
#include "base/json_write.h"

struct control_call {
	struct argo *argo;
	struct str method;
	const struct target *target;
	const struct json *body; /* NULL: there is none */
	struct reading *r;
	const struct content *content; /* what a push is made of unless it says so */
	struct json_write *w;	       /* the answer; nothing written: {} */
	int status;
};

/* Answers an error: {"error": …}. */
void control_refuse(struct control_call *call, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A key that is none of these (the list ends with NULL) is an error. */
void control_check_keys(struct control_call *call, const struct at *at, const char *const *keys);

/* /sim/v1/applications and its like; false: the path is none of them. */
bool control_objects(struct control_call *call);

/* The body, and a text in it that must be there. */
struct at control_body(const struct control_call *call);
struct str control_text(struct control_call *call, const char *key);
/* From 0 to `max`. */
uint32_t control_small(struct control_call *call, struct at at, int64_t max);

/* Git. */
void control_push(struct control_call *call);
void control_tag(struct control_call *call);
void control_revision(struct control_call *call);
