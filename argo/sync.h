#pragma once
/*
 * sync: one step of an operation: from what was done so far, as the operation's results have it,
 * what to do next. Nothing else is remembered, so that an operation goes on after a restart.
 *
 * A step applies the objects of one phase and wave, or finds that it has to wait, or that all is
 * over. Waves after one another are two seconds apart at least, and that time holds a processor.
 *
 * No test of its own: the stories of argo_test.c and operation_test.c are about it.
 */
#include "argo/cluster.h"
#include "argo/object.h"
#include "argo/repo.h"

enum { WAVE_DELAY_MS = 2000 };

/* Changes phase, message and results of the state. Answers how long it took. */
int64_t sync_step(struct argo *argo, const struct app *app, struct op_state *state,
		  const struct manifest *manifest);
/* Ends what runs, and the operation with it. */
void sync_terminate(struct argo *argo, const struct app *app, struct op_state *state);
