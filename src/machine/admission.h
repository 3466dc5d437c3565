#pragma once
/*
 * admission: who belongs to a run, before it works: what was seen becomes a member, each is read
 * once, its ApplicationSet is asked for, and then it is told who may not be in the plan; or, of a
 * dry run, what would be done to each. Whoever appears later is taken in, too.
 *
 *	admission_take_in(&group, &facts, &now, out)	in each turn
 *	if (admission_read(&group, &facts, &now, out))	until all is known
 *		admission_refuse(...)			and, of a dry run, admission_preview(...)
 *
 * No test of its own: run_test.c tells its stories through run.h.
 */
#include "machine/group.h"

/* Takes in what was seen and is no member yet. */
void admission_take_in(struct group *group, const struct run_facts *facts, const struct now *now,
		       struct out *out);
/*
 * Reads on; true once every member was seen, its ApplicationSet is known (or denied), and so is
 * which members there will be. With several stages, and in a dry run, seen means read live.
 */
bool admission_read(struct group *group, const struct run_facts *facts, const struct now *now,
		    struct out *out);
/* Tells every member that may not be in the plan; how many. `ret_code`: the exit code, if any. */
uint32_t admission_refuse(struct group *group, const struct run_facts *facts, const struct now *now,
			  struct out *out, int *ret_code);
/* Tells what would be done to each member that is not refused; the exit code that this gives. */
int admission_preview(struct group *group, const struct run_facts *facts, const struct now *now,
		      struct out *out);

/* The first reading of one is written down when it has come: true. */
bool admission_take_reading(struct group *group, const struct run_facts *facts, uint32_t app,
			    struct out *out);
/* Why it may not be in the plan; CAUSE_COUNT: it may. */
struct cause admission_refusal(struct group *group, uint32_t app);
