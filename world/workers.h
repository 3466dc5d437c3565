#pragma once
/*
 * workers: processes that play seeds side by side, each of which may crash or hang without taking
 * the others with it; and what they share with who waits for them.
 *
 *	struct shared *shared = workers_share(n * sizeof *shared);
 *	for (uint32_t i = 0; i < n; i++)
 *		if (workers_start()) {
 *			play(i, &shared[i]);
 *			workers_end();
 *		}
 *	workers_wait();
 *
 * What the system denies ends the program with exit code 70, and says so.
 *
 * No test of its own: it is what tiphys-world and tiphys-mutants do.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, and there until the program ends. */
void *workers_share(size_t bytes);
/* True in a new process, which ends with workers_end(). */
bool workers_start(void);
_Noreturn void workers_end(void);
/* Until all that this process has started have ended, well or not. */
void workers_wait(void);

/* This process dies if it does not call again within so long. */
void workers_keep_alive(uint32_t seconds);
/* What this process says of how it dies is of no interest. */
void workers_mute(void);
/* Since some time or other. */
double workers_seconds(void);
