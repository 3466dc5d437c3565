#pragma once
/*
 * agenda: what will happen when, in the model's own time.
 *
 *	agenda_add(agenda, wall_add(now, 250), (struct task){.run = compare_ends, .self = ctrl});
 *	...
 *	while (agenda_take(agenda, now, &at, &task))
 *		task.run(task.self, task.number, task.epoch);
 *
 * Tasks of the same millisecond come in the order in which they were added, so a seed and its steps
 * give the same story each time. Nothing can be taken back: who may change his mind puts a number
 * into `epoch` and compares it when the time has come.
 */
#include "base/when.h"

#include <stdbool.h>
#include <stdint.h>

struct task {
	void (*run)(void *self, uint64_t number, uint64_t epoch);
	void *self;
	uint64_t number, epoch;
};

struct agenda;

struct agenda *agenda_new(void);
void agenda_free(struct agenda *agenda);

void agenda_add(struct agenda *agenda, wall at, struct task task);
/* The next task that is due by `now`, and its time. */
bool agenda_take(struct agenda *agenda, wall now, wall *ret_at, struct task *ret_task);
bool agenda_due(const struct agenda *agenda, wall *ret_at);
