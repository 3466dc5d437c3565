#pragma once
/*
 * steering: what becomes of an instruction: an entry and an answer, or a refusal that says why and
 * what to do. Nothing is changed but by the entry, so an answer can't be ahead of the journal.
 *
 * approve, reject   one opening of one gate, by its nonce, and of the plan that was looked at
 * pause, resume     the run; resume also ends a hold, and approves nothing
 * terminate         nothing new is issued. The run is over, and what runs in Argo CD goes on; or
 *                   its operations are to end, too, and it is over when they have (ending.h)
 * skip              one that is not done: nobody waits for it any more
 * retry             a run that is over, and not well: who failed or was left out is tried again
 *
 * All but the first line are the owner's.
 */
#include "machine/facts.h"
#include "model/effect.h"
#include "model/instruction.h"

/* The gate that people are asked at now: the stage behind it, or STAGE_NONE. */
uint32_t steering_gate(const struct plan *plan, const struct run_facts *facts);

/* True if an entry was written: it is in `out`, and so is the answer in any case. */
bool steering_take(const struct plan *plan, const struct run_facts *facts,
		   const struct instruction *instruction, const struct now *now, struct out *out);
