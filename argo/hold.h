#pragma once
/*
 * hold: whom the tokens of steer.h concern, and who stands at a hold: renders, pods that start,
 * hooks.
 *
 *	if (hold_stands(holds, STEER_HOOK, app, (struct task){.run = hook_goes_on, ...}))
 *		return;                     held: the task runs when it is released
 *
 * What is held notices a release within the tenth of a second in which the testbed's shell looks.
 */
#include "argo/agenda.h"
#include "argo/object.h"
#include "argo/steer.h"

struct holds;

struct holds *holds_new(struct agenda *agenda);
void holds_free(struct holds *holds);

void hold_add(struct holds *holds, enum steer_what what, struct str token);
void hold_release(struct holds *holds, enum steer_what what, struct str token, wall now);
bool hold_reached(const struct holds *holds, enum steer_what what, struct str token);

/* True if it is held; then the task is run after the release. */
bool hold_stands(struct holds *holds, enum steer_what what, const struct app *app,
		 struct task task);

void hold_set_delay(struct holds *holds, struct str token, int64_t ms);
int64_t hold_delay(const struct holds *holds, const struct app *app);

void hold_set_failure(struct holds *holds, enum steer_what what, struct str token, struct str text,
		      bool fails);
bool hold_fails(const struct holds *holds, enum steer_what what, const struct app *app,
		struct str *ret_text);

/* The token means this Application. */
bool hold_means(struct str token, const struct app *app);
