#pragma once
/*
 * gate: may this person answer at this gate? Pure: a rule, what was said so far, a person.
 *
 * Without approvers it is the owner of the state directory who may. The owner may do everything
 * else, too, but is no approver where others are named.
 *
 * No test of its own: steering_test.c tells its stories.
 */
#include "base/arena.h"
#include "machine/facts.h"
#include "model/instruction.h"

/* True if they may; else the answer's code and text say why not. An approval by one who has
 * approved already is EXIT_DONE: it changes nothing. */
bool gate_admits(const struct plan *plan, uint32_t stage, const struct gate_facts *gate,
		 const struct person *person, bool is_approval, struct arena *arena,
		 struct instruction_answer *ret_answer);
